/**
 * Reads one number: integers with any thousands separator, decimals, scientific notation, repeating decimals.
 *
 * @module
 */
import type { NumberExpression } from "./expression.ts";
import type { Fuel } from "./fuel.ts";
import { ParseError } from "./_parse_error.ts";
import { rational } from "./rational.ts";

/** Largest power of ten in scientific notation. */
const EXPONENT_LIMIT = 10_000;
/** Most digits of a number. */
const DIGIT_LIMIT = 50_000;

const TYPESET_GROUPS = /\d{1,3}(?:(?:\{,\}|,\\!|\\,|\\!|\\;|~)\s{0,3}\d{3})+(?!\d)/y;
const SPACE_GROUPS = /\d{1,3}(?: \d{3})+(?![\d.])/y;
const COMMA_GROUPS = /[1-9]\d{0,2}(?:,\d{3})+(?!\d|,\s{0,2}\d)/y;
const DIGITS = /\d+/y;
const FRACTION = /\.(\d+)/y;
const REPEATING = /(?:\.(\d*))?(?:\\(?:overline|bar|dot)\s?(?:\{(\d{1,200})\}|(\d))|\((\d{1,200})\))/y;
const EXPONENT = /[eE]([+-]?\d{1,9})(?![A-Za-z\d])/y;

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/**
 * The number at a place of a text.
 *
 * @param grouping whether commas and spaces may separate thousands here.
 * @returns null if no number starts there.
 */
export function readNumber(
  text: string,
  start: number,
  grouping: boolean,
  fuel: Fuel,
): { readonly end: number; readonly text: string; readonly number: NumberExpression } | null {
  let at = start;
  let pieces: string[] | undefined;
  const grouped = match(TYPESET_GROUPS, text, at) ??
    (grouping ? match(COMMA_GROUPS, text, at) ?? match(SPACE_GROUPS, text, at) : null);
  const whole = grouped ?? match(DIGITS, text, at);
  if (whole !== null) {
    at += whole[0].length;
    if (grouped !== null && /^[\d,]+$/.test(whole[0])) pieces = whole[0].split(",");
  }
  const integerDigits = whole === null ? "" : whole[0].replace(/\D/g, "");
  const repeating = match(REPEATING, text, at);
  // "0.5(3)" is a product, "0.(3)" and "0.\overline{3}" repeat.
  if (repeating?.[1] !== undefined && (repeating[4] === undefined || repeating[1] === "")) {
    const block = repeating[2] ?? repeating[3] ?? repeating[4] ?? "0";
    const fixed = repeating[1];
    fuel.spend(block.length + fixed.length);
    const nines = 10n ** BigInt(block.length) - 1n;
    const shift = 10n ** BigInt(fixed.length);
    const n = BigInt(`0${integerDigits}${fixed}`) * nines + BigInt(block);
    return {
      end: at + repeating[0].length,
      text: text.slice(start, at + repeating[0].length),
      number: { kind: "number", value: rational(n, nines * shift, fuel) },
    };
  }
  const fraction = match(FRACTION, text, at);
  let decimals = "";
  let decimal = false;
  if (fraction !== null) {
    decimals = fraction[1] ?? "";
    at += fraction[0].length;
    decimal = true;
  } else if (whole !== null && text[at] === "." && text[at + 1] !== ".") {
    // "3." is 3.
    at++;
  } else if (whole === null) return null;
  let exponent = 0;
  const scientific = match(EXPONENT, text, at);
  if (scientific !== null) {
    exponent = Number(scientific[1]);
    at += scientific[0].length;
    decimal = true;
  }
  if (Math.abs(exponent) > EXPONENT_LIMIT) {
    throw new ParseError(`Cannot read the answer: ten to the power ${exponent} is out of range`);
  }
  const digits = `${integerDigits}${decimals}`;
  if (digits.length > DIGIT_LIMIT) {
    throw new ParseError(`Cannot read the answer: a number has more than ${DIGIT_LIMIT} digits`);
  }
  fuel.spend(digits.length + Math.ceil((digits.length / 200) ** 2));
  // "0.333..." is an abbreviated decimal.
  if (decimal && text.startsWith("...", at)) at += 3;
  else if (decimal && /^\\[lc]?dots(?![a-z])/.test(text.slice(at, at + 8))) at += text.slice(at).indexOf("dots") + 4;
  const places = decimals.length - exponent;
  const n = BigInt(digits);
  const value = places > 0 ? rational(n, 10n ** BigInt(places), fuel) : { n: n * 10n ** BigInt(-places), d: 1n };
  const significant = Math.max(1, digits.replace(/^0+/, "").length);
  return {
    end: at,
    text: text.slice(start, at),
    number: {
      kind: "number",
      value,
      ...(decimal ? { decimal: { places, significant } } : {}),
      ...(pieces !== undefined && !decimal ? { pieces } : {}),
    },
  };
}
