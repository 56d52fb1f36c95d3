/**
 * When two answers are the same: normalised texts are equal.
 *
 * Contract: null and blank are "null"; a text loses outer spaces, one pair of surrounding quotes, upper case and runs of spaces;
 * English number words up to ninety-nine become digits; a numeric text becomes an integer if it is one, else it is rounded to 2
 * places. Nothing else is forgiven: no commas are split, no currency or unit is dropped ("$12" is not "12").
 * Choices: exact binary ties round half to even, as Python does, which the convention was taken from.
 *
 * @module
 */

const SMALL = [
  ..."zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split(" "),
  ..."seventeen eighteen nineteen".split(" "),
];
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

function numberWord(text: string): string | undefined {
  const small = SMALL.indexOf(text);
  if (small >= 0) return String(small);
  const [first = "", second, ...rest] = text.split(/[ -]/);
  const tens = TENS.indexOf(first);
  if (tens < 0 || rest.length > 0) return undefined;
  if (second === undefined) return String((tens + 2) * 10);
  const unit = SMALL.indexOf(second);
  return unit >= 1 && unit <= 9 ? String((tens + 2) * 10 + unit) : undefined;
}

function numeric(text: string): string | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  if (Number.isInteger(value)) return String(value === 0 ? 0 : value);
  // Only odd eighths lie exactly between two hundredths; their hundredfold is exact, too.
  const isTie = Math.abs(value * 8) % 2 === 1;
  const below = Math.floor(Math.abs(value) * 100);
  const rounded = isTie ? Math.sign(value) * (below + below % 2) / 100 : Number(value.toFixed(2));
  return String(rounded === 0 ? 0 : rounded);
}

/**
 * Normal form of an answer.
 *
 * @example What is forgiven
 * ```ts
 * import { normaliseAnswer } from "whetstone/envs/apps/normalise_answer.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(normaliseAnswer(' "42.50" '), normaliseAnswer(42.5));
 * assert.notEqual(normaliseAnswer("$12"), normaliseAnswer(12));
 * ```
 */
export function normaliseAnswer(answer: null | number | string): string {
  if (answer === null) return "null";
  let text = String(answer).trim();
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  if (quoted?.[2] !== undefined) text = quoted[2].trim();
  text = text.toLowerCase().replace(/\s+/g, " ");
  if (text === "") return "null";
  return numeric(text) ?? numberWord(text) ?? text;
}

/**
 * Normal form of an answer that is a list separated by commas, in any order; repeated items count.
 *
 * @example The order does not matter
 * ```ts
 * import { normaliseList } from "whetstone/envs/apps/normalise_answer.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(normaliseList("Ben Falk, ada Birk"), normaliseList("Ada Birk,Ben Falk"));
 * ```
 */
export function normaliseList(answer: null | number | string): string {
  const items = String(answer ?? "").split(",").map((item) => normaliseAnswer(item)).filter((item) => item !== "null");
  return items.length === 0 ? "null" : items.sort().join(" | ");
}
