/**
 * Reads one answer, LaTeX or plain text, into an {@linkcode Expression}.
 *
 * Contract: any string gives an expression, a {@linkcode ParseError} or a FuelExhausted, never anything else; there is no
 * fallback that picks a number out of a formula that cannot be read. The text is one answer, already free of `$…$`, `\boxed`,
 * units and prose.
 *
 * Choices:
 * - Only words, or one letter in `\text`, make a text; known number words are numbers; "all real numbers" is R.
 * - A run of two or three letters is a product of variables unless it is a common word; a longer run is one name.
 * - `2\frac{1}{3}` and `2 1/3` are mixed numbers if the fraction is proper; `1,234` is a number outside brackets.
 * - A degree sign says nothing about the number before it; a percent sign that is left divides by 100.
 * - `2516_8` is a number in a base; `x_1` a name. `i` is the imaginary unit and `e` Euler's number wherever they stand alone.
 * - `|` closes an open bar wherever a factor could also begin; a set `{x | …}` over the reals is its condition.
 * - `1/2x` is (1/2)x. `f^{-1}` of a trigonometric function is its inverse.
 *
 * Not read, with an error: integrals, sums with limits, arrows, unknown commands, two numbers side by side, cases with conditions.
 *
 * @module
 */
import type { Expression } from "./expression.ts";
import type { Fuel } from "./fuel.ts";
import { lex, type Token } from "./_lex.ts";
import { ParseError } from "./_parse_error.ts";
import { Parser } from "./_parser.ts";
import { integer } from "./rational.ts";
import { NUMBER_WORDS } from "./_symbols.ts";

export { ParseError } from "./_parse_error.ts";

const REAL_NUMBERS = /^(all |the )*(real numbers|reals)$/;
const BASED = /^([0-9A-Fa-f]{1,400})_(?:\{(\d{1,2})\}|(\d{1,2}))$/;

/** Words in lower case, single spaces, no brackets, quotes or stops around them. */
function normaliseText(text: string): string {
  return text.toLowerCase().replace(/[()[\]{}.,;:!?"'`*_\\-]+/g, " ").replace(/\s+/g, " ").trim();
}

/** A text answer, or null if the tokens say more than words. */
function asText(tokens: readonly Token[], fuel: Fuel): Expression | null {
  let words = 0;
  let letters = 0;
  for (const token of tokens) {
    fuel.spend(1);
    if (token.type === "word") words++;
    else if (token.type === "symbol") letters++;
    else if (token.type === "op" && (token.text === "in" || token.text === "mod")) letters++;
    else if (!(token.type === "end" || (token.type === "op" && /^[()'.!-]$/.test(token.text)))) return null;
  }
  if (words === 0) return null;
  // One name with a sign or factorial is algebra.
  if (words === 1 && letters === 0 && tokens.some((token) => token.type === "op" && token.text === "!")) return null;
  const text = normaliseText(tokens.map((token) => token.text).join(" "));
  if (text === "") return null;
  const value = NUMBER_WORDS.get(text);
  if (value !== undefined) return { kind: "number", value: integer(value) };
  if (REAL_NUMBERS.test(text)) return { kind: "constant", name: "R" };
  return { kind: "text", text };
}

/**
 * What an answer says.
 *
 * @example LaTeX and plain text give the same tree
 * ```ts
 * import { Fuel } from "whetstone/envs/math/grader/fuel.ts";
 * import { parseAnswer } from "whetstone/envs/math/grader/parse.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseAnswer("\\sqrt{2} \\cdot \\pi", new Fuel()), parseAnswer("sqrt(2) * pi", new Fuel()));
 * ```
 *
 * @param text one answer without delimiters, units and prose.
 * @param fuel pays a step for each character and each node.
 * @throws {ParseError} if the text is no answer that can be read.
 * @throws {FuelExhausted} if it is too long for the budget.
 */
export function parseAnswer(text: string, fuel: Fuel): Expression {
  fuel.spend(1 + text.length);
  const trimmed = trimEnds(text);
  if (trimmed === "") throw new ParseError("Cannot read the answer: it is empty");
  const based = BASED.exec(trimmed);
  const base = Number(based?.[2] ?? based?.[3] ?? 0);
  const digits = (based?.[1] ?? "").toUpperCase();
  if (base >= 2 && base <= 36 && /\d/.test(digits) && [...digits].every((digit) => Number.parseInt(digit, 36) < base)) {
    return { kind: "based", digits: digits.replace(/^0+(?=.)/, ""), base };
  }
  const tokens = lex(trimmed, fuel);
  if (tokens.length === 1) throw new ParseError("Cannot read the answer: it has only spaces and commands of looks");
  const [only] = tokens;
  if (tokens.length === 2 && only?.number !== undefined) return only.number;
  return asText(tokens, fuel) ?? new Parser(tokens, fuel).parse();
}

/** Without spaces around it and without a full stop, comma or colon behind it. */
function trimEnds(text: string): string {
  let end = text.length;
  while (end > 0 && /[\s.,;:]/.test(text.charAt(end - 1)) && !text.endsWith("...", end)) end--;
  return text.slice(0, end).trim();
}
