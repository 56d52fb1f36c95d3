/**
 * Aligned tables as plain text and as Markdown.
 *
 * Contract: every line of a text table has the same width in terminal cells; wide characters count two cells, combining marks
 * none. Control characters (line breaks, escape sequences in data) are shown as spaces, so that a value can neither break the
 * layout nor drive the terminal. Markdown escapes `|`.
 * Choices: numbers are aligned by the caller's choice of side, not by guessing. Omitted: wrapping and colours.
 *
 * @module
 */

/** One column. */
export interface TableColumn {
  /** Heading. */
  readonly heading: string;
  /**
   * Side on which cells line up.
   *
   * @default {"left"}
   */
  readonly align?: "left" | "right";
}

/** Rows under columns. A row with fewer cells than columns is filled up with empty ones. */
export interface Table {
  /** Columns from left to right. */
  readonly columns: readonly TableColumn[];
  /** Cells, row by row. */
  readonly rows: readonly (readonly string[])[];
}

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });
const WIDE = new RegExp(
  "^(?:[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff00-\\uff60\\uffe0-\\uffe6" +
    "\\u{1f300}-\\u{1faff}\\u{20000}-\\u{3fffd}]|\\p{Emoji_Presentation})",
  "u",
);
const WIDTHLESS = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * Width of a text in terminal cells.
 *
 * @example Wide and combining characters
 * ```ts
 * import { displayWidth } from "whetstone/eval/text_table.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(displayWidth("e\u0301té"), 3);
 * assert.equal(displayWidth("漢字"), 4);
 * ```
 */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text)) width += WIDTHLESS.test(segment) ? 0 : WIDE.test(segment) ? 2 : 1;
  return width;
}

/** Text with control characters as spaces. */
export function printable(text: string): string {
  return text.replace(CONTROL, " ");
}

/** The longest beginning of a text that fits into `width` cells, with `…` where something was cut off. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let cut = "";
  let used = 0;
  for (const { segment } of GRAPHEMES.segment(text)) {
    const cells = displayWidth(segment);
    if (used + cells > width - 1) break;
    cut += segment;
    used += cells;
  }
  return width > 0 ? `${cut}…` : "";
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const fill = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "right" ? fill + text : text + fill;
}

/** Cells of all rows, headings first, filled up to the number of columns. */
function cellsOf(table: Table, show: (text: string) => string): string[][] {
  const lines = [table.columns.map((column) => column.heading), ...table.rows];
  return lines.map((line) => table.columns.map((_, index) => show(line[index] ?? "")));
}

/**
 * A table as plain text: headings, a rule, rows; columns two spaces apart.
 *
 * @example Two columns
 * ```ts
 * import { textTable } from "whetstone/eval/text_table.ts";
 * import assert from "node:assert/strict";
 *
 * const table = { columns: [{ heading: "arm" }, { heading: "TGC", align: "right" as const }], rows: [["SAGE", "7.5"]] };
 * assert.equal(textTable(table), "arm   TGC\n----  ---\nSAGE  7.5\n");
 * ```
 *
 * @returns lines that end in a line break; spaces at the end of a line are left out.
 */
export function textTable(table: Table): string {
  const lines = cellsOf(table, printable);
  const widths = table.columns.map((_, index) => Math.max(...lines.map((line) => displayWidth(line[index] ?? ""))));
  const render = (line: readonly string[]) =>
    line.map((cell, index) => pad(cell, widths[index] ?? 0, table.columns[index]?.align ?? "left")).join("  ")
      .trimEnd();
  const [head = [], ...body] = lines;
  return [render(head), widths.map((width) => "-".repeat(width)).join("  "), ...body.map(render)].join("\n") + "\n";
}

/**
 * A table as GitHub-flavoured Markdown.
 *
 * @returns lines that end in a line break.
 */
export function markdownTable(table: Table): string {
  const lines = cellsOf(table, (text) => printable(text).replaceAll("\\", "\\\\").replaceAll("|", "\\|"));
  const [head = [], ...body] = lines.map((line) => `| ${line.join(" | ")} |`);
  const rule = `| ${table.columns.map((column) => (column.align === "right" ? "--:" : ":--")).join(" | ")} |`;
  return [head, rule, ...body].join("\n") + "\n";
}
