/**
 * Width of a text in a sans-serif face, without a canvas.
 *
 * Contract: a pure function of text, size and weight. The advance widths are Helvetica's (Adobe Core 14 AFM), which Arial and
 * Liberation Sans share; DejaVu Sans, the usual fallback on Linux, is about a sixth wider, so all widths get a margin and a label
 * never runs into its neighbour. Characters outside the table count as an em if they are wide, else as a digit.
 * Omitted: kerning, ligatures.
 *
 * @module
 */
import { displayWidth } from "../text_table.ts";

/** Advance widths of the printable ASCII characters from space on, thousandths of an em. */
const ASCII = (
  "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 " +
  "1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 " +
  "333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
).split(" ").map(Number);

const OTHER: ReadonlyMap<string, number> = new Map([["−", 584], ["–", 556], ["—", 1000], ["…", 1000], ["±", 584], [
  "·",
  278,
]]);

const DIGIT = 556;
const EM = 1000;
/** Room for faces wider than Helvetica. */
const MARGIN = 1.17;
/** Bold faces are wider by about so much. */
const BOLD = 1.12;

/** Options of {@linkcode textWidth}. */
export interface TextWidthOptions {
  /**
   * Whether the text is bold.
   *
   * @default {false}
   */
  bold?: boolean;
}

/**
 * Width of a text in pixels.
 *
 * @example Wider letters, wider text
 * ```ts
 * import { textWidth } from "whetstone/eval/plots/text_width.ts";
 * import assert from "node:assert/strict";
 *
 * assert.ok(textWidth("WWW", 10) > textWidth("iii", 10));
 * assert.equal(textWidth("00", 10), 2 * textWidth("0", 10));
 * ```
 *
 * @param text one line.
 * @param size font size, px.
 * @param options see {@linkcode TextWidthOptions}.
 */
export function textWidth(text: string, size: number, options: TextWidthOptions = {}): number {
  const { bold = false } = options;
  let units = 0;
  for (const character of text) {
    const ascii = ASCII[(character.codePointAt(0) ?? 0) - 32];
    units += ascii ?? OTHER.get(character) ?? [0, DIGIT, EM][displayWidth(character)] ?? EM;
  }
  return units / EM * size * MARGIN * (bold ? BOLD : 1);
}

/**
 * Breaks a text into lines at spaces so that each is at most `width` wide; a longer word stands alone.
 *
 * @param text any text; runs of white space count as one space.
 * @param width px.
 * @param size font size, px.
 */
export function wrapText(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, size) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** The longest beginning of a text that is at most `width` wide, with `…` where something was cut off. */
export function clipText(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  let cut = "";
  for (const character of text) {
    if (textWidth(`${cut}${character}…`, size) > width) break;
    cut += character;
  }
  return `${cut}…`;
}
