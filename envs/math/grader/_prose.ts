/**
 * Tells an answer from a sentence.
 *
 * Contract: a text looks like an answer if, without LaTeX commands and math words, it has no words; or if it is a number
 * with at most three words behind it (a unit); or if it is at most three words without a digit. Everything else with words is prose.
 *
 * @module
 */
import { trimMarks } from "./_trim.ts";

/** Words that belong to mathematics, so that they do not make a sentence. */
const MATH_WORDS = new Set(
  ("sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log lg exp sqrt cbrt root pi inf infty infinity min max mod gcd " +
    "lcm det deg abs floor ceil and or in base binom choose frac cup cap union intersect theta alpha beta gamma phi sigma omega")
    .split(" "),
);

/** Words that only sentences have; they never stand in a unit or in a short text answer. */
const SENTENCE_WORDS = new Set(
  ("is are was were be been has have had there this that these those we you i he she they it its if then when because since so " +
    "therefore thus hence let suppose assume get gives give find found makes make can could should would will must does do did " +
    "quit sorry think guess where which who what how why not cannot only but my your")
    .split(" "),
);

/** Longest text that is looked at for words; a longer one is left to the parser. */
const LIMIT = 4000;

/** Words of a text that are neither LaTeX commands nor mathematics; one letter is a symbol. */
function words(text: string): string[] {
  const plain = text.slice(0, LIMIT).replace(/\\begin\{[a-zA-Z*]{0,20}\}|\\end\{[a-zA-Z*]{0,20}\}/g, " ")
    .replace(/\\[a-zA-Z]+/g, " ");
  return (plain.match(/[a-zA-Z][a-zA-Z'’-]*[a-zA-Z]/g) ?? []).filter((word) => !MATH_WORDS.has(word.toLowerCase()));
}

/**
 * Whether a text is more than an answer.
 *
 * @param text without a label.
 */
export function isProse(text: string): boolean {
  return !looksLikeAnswer(text);
}

/**
 * Whether a text may be an answer; see the module comment.
 *
 * @example A number with its unit is one, a sentence is none
 * ```ts
 * import { looksLikeAnswer } from "whetstone/envs/math/grader/_prose.ts";
 * import assert from "node:assert/strict";
 *
 * assert.ok(looksLikeAnswer("12 square meters"));
 * assert.ok(!looksLikeAnswer("There are 12"));
 * ```
 */
export function looksLikeAnswer(text: string): boolean {
  const trimmed = trimMarks(text.trim(), "", ".!");
  if (!/[\p{L}\p{N}]|\\[a-zA-Z{]|[∞∅½¼¾√π]/u.test(trimmed)) return false;
  const found = words(trimmed);
  // Products of variables such as "xy" or "abc" are no words.
  const long = found.filter((word) => word.length > 3 || SENTENCE_WORDS.has(word.toLowerCase()));
  if (found.some((word) => SENTENCE_WORDS.has(word.toLowerCase()))) return false;
  if (long.length === 0 && found.length <= 3) return true;
  if (found.length > 3) return false;
  const first = trimmed.slice(0, LIMIT).search(/(?<![\\a-zA-Z])[a-zA-Z][a-zA-Z'’-]*[a-zA-Z]/);
  const before = trimmed.slice(0, first);
  const after = trimmed.slice(first);
  if (!/\d/.test(trimmed)) return true;
  // Words behind a number are its unit; words before a number make a sentence, unless LaTeX wraps them as text.
  return /\d/.test(before) &&
    (!/\d/.test(after.replace(/[\^_]\{?-?\d\}?/g, "")) || /\\(?:text|mathrm|mbox)/.test(trimmed));
}
