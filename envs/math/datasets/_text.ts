/**
 * Text of data files on its way to a {@linkcode Problem}: numbers, delimiters, boxes.
 *
 * @module
 */
import { ExactNumber } from "../../../data/exact_json.ts";

/** A value that one text stands for. */
export type Scalar = string | number | bigint | ExactNumber;

/** Whether a value is text or a number. */
export function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "bigint" ||
    value instanceof ExactNumber;
}

/** Longest run of zeros that an exponent may stand for. */
const MAX_ZEROS = 60;

/**
 * A JSON number as an answer: no exponent, no zeros that say nothing (`27.0` is `27`, `1.5e3` is `1500`, `-0.0` is `0`).
 *
 * A text that is no such number, or whose exponent is beyond 60, stays as it is.
 */
export function plainNumber(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > MAX_ZEROS) return text;
  const digits = "0".repeat(Math.max(0, -shift)) + whole + fraction + "0".repeat(Math.max(0, shift));
  const point = Math.max(0, -shift) + whole.length + shift;
  const before = digits.slice(0, point).replace(/^0+(?=\d)/, "") || "0";
  const after = digits.slice(point).replace(/0+$/, "");
  const value = after === "" ? before : `${before}.${after}`;
  return value === "0" ? value : sign + value;
}

/** An answer without the signs around and between formulas (`$`, `\(`, `\[`) and without the full stop of a sentence. */
export function withoutDelimiters(text: string): string {
  return text.replaceAll(/(?<!\\)((?:\\\\)*)\$/g, "$1").trim()
    .replace(/^\\\(([^]*)\\\)$|^\\\[([^]*)\\\]$/, (_all, round?: string, square?: string) => round ?? square ?? "")
    .replace(/(?<=[^.])\.$/, "").trim();
}

/**
 * Content of the last `\boxed{…}`, `\fbox{…}` or `\framebox{…}` of a solution.
 *
 * `\boxed 7` boxes what follows up to a space, a dollar sign or the end. @returns undefined if there is none, or none that ends.
 */
export function lastBoxed(text: string): string | undefined {
  let content: string | undefined;
  for (const match of text.matchAll(/\\(?:boxed|fbox|framebox)(?![A-Za-z])\s*/g)) {
    const from = match.index + match[0].length;
    content = (text[from] === "{" ? braced(text, from) : /^[^\s$]+/.exec(text.slice(from, from + 80))?.[0]) ?? content;
  }
  return content;
}

/** Content of the braces that open at `from`; an escaped brace counts as text. */
function braced(text: string, from: number): string | undefined {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const sign = text[at];
    if (sign === "\\") at++;
    else if (sign === "{") depth++;
    else if (sign === "}" && --depth === 0) return text.slice(from + 1, at);
  }
  return undefined;
}
