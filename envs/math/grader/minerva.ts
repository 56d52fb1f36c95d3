/**
 * The second grader: the normalised-string checker known from Minerva (Lewkowycz et al. 2022, appendix D) as the DAPO-style math
 * reward uses it. It shares no code with the exact grader, so that where the two disagree a person can look.
 *
 * Contract: verdicts are those of the original, its faults included (see the table in the tests); it exists to show how far
 * grading alone moves a score, and to reproduce papers that were graded with it. The answer is sought in the last 300 characters:
 * the last `Answer: …` line, else the last balanced `\boxed{…}`, else the last line that is not empty; both sides are
 * normalised and compared as strings. No answer at all (`[INVALID]`) leads to a second try on the whole text.
 * Choices: where the original says +1 or -1, this says `correct` or `incorrect`; no answer at all is `unparsed`.
 * Omitted: nothing known. It does no arithmetic: 0.5 is not 1/2.
 *
 * @module
 */
import type { Verification } from "./verification.ts";

/** Name and version of this grader, kept in rows. */
export const MINERVA_GRADER = "minerva/1";

/** Characters at the end of a completion in which the answer is sought. */
const TAIL = 300;
const INVALID = "[INVALID]";

/** Literal replacements, in this order. */
const SUBSTITUTIONS: readonly (readonly [string, string])[] = [
  ["an ", ""],
  ["a ", ""],
  [".$", "$"],
  ["\\$", ""],
  ["\\ ", ""],
  [" ", ""],
  ["mbox", "text"],
  [",\\text{and}", ","],
  ["\\text{and}", ","],
  ["\\text{m}", "\\text{}"],
];

/** Units and filler that are deleted, in this order; spaces are gone by then, which is why some can never be seen. */
const REMOVED: readonly string[] = [
  "square",
  "ways",
  "integers",
  "dollars",
  "mph",
  "inches",
  "hours",
  "km",
  "units",
  "\\ldots",
  "sue",
  "points",
  "feet",
  "minutes",
  "digits",
  "cents",
  "degrees",
  "cm",
  "gm",
  "pounds",
  "meters",
  "meals",
  "edges",
  "students",
  "childrentickets",
  "multiples",
  "\\text{s}",
  "\\text{.}",
  "\\text{\ns}",
  "\\text{}^2",
  "\\text{}^3",
  "\\text{\n}",
  "\\text{}",
  "\\mathrm{th}",
  "^\\circ",
  "^{\\circ}",
  "\\;",
  ",\\!",
  "{,}",
  '"',
  "\\dots",
];

/** Replaces `command{…}` by its content up to the first closing brace, everywhere. */
function unwrap(text: string, command: string): string {
  const parts: string[] = [];
  let at = 0;
  while (true) {
    const open = text.indexOf(`${command}{`, at);
    const close = open < 0 ? -1 : text.indexOf("}", open + command.length + 1);
    if (close < 0) return parts.join("") + text.slice(at);
    parts.push(text.slice(at, open), text.slice(open + command.length + 1, close));
    at = close + 1;
  }
}

/** Replaces the first `\boxed{` and the last `}` behind it, as a greedy pattern does. */
function unwrapBoxed(text: string): string {
  const open = text.indexOf("\\boxed{");
  const close = text.lastIndexOf("}");
  if (open < 0 || close < open + 7) return text;
  return text.slice(0, open) + text.slice(open + 7, close) + text.slice(close + 1);
}

/** Keeps what stands between the first two dollar signs, if there are two. */
function betweenDollars(text: string): string {
  const open = text.indexOf("$");
  const close = open < 0 ? -1 : text.indexOf("$", open + 1);
  return close < 0 ? text : text.slice(open, close + 1);
}

/**
 * The normal form in which answers are compared.
 *
 * @example A unit and a short fraction
 * ```ts
 * import { normaliseMinerva } from "whetstone/envs/math/grader/minerva.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(normaliseMinerva("12 \\text{ cm}"), "12");
 * assert.equal(normaliseMinerva("x = $\\frac12$"), "\\frac{1}{2}");
 * ```
 */
export function normaliseMinerva(answer: string): string {
  let text = answer.slice(answer.lastIndexOf("=") + 1);
  for (const [from, to] of SUBSTITUTIONS) text = text.replaceAll(from, () => to);
  for (const token of REMOVED) text = text.replaceAll(token, "");
  text = betweenDollars(text);
  for (const command of ["\\text", "\\textbf", "\\overline"]) text = unwrap(text, command);
  text = unwrapBoxed(text);
  text = text.replace(/(frac)([^{])(.)/g, "$1{$2}{$3}").replace(/(sqrt)([^{])/g, "$1{$2}").replaceAll("$", "");
  const digits = text.replaceAll(",", "");
  return (/^\d+$/.test(digits) ? digits : text).trim();
}

/** Content of the last `\boxed{…}` whose braces balance. */
function lastBoxed(text: string): string | undefined {
  const start = text.lastIndexOf("\\boxed{");
  if (start < 0) return undefined;
  let depth = 0;
  for (let i = start + 6; i < text.length; i++) {
    if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return text.slice(start + 7, i);
  }
  return undefined;
}

function rawAnswer(text: string): string {
  const labelled = [...text.matchAll(/answer\s*:[^\S\n]*([^\n]+)/gi)].at(-1)?.[1];
  if (labelled !== undefined) return labelled;
  const boxed = lastBoxed(text);
  if (boxed !== undefined) return boxed;
  return text.split("\n").findLast((line) => line.trim() !== "")?.trim() ?? INVALID;
}

/**
 * Judges a completion by normalised strings.
 *
 * @example It does no arithmetic
 * ```ts
 * import { verifyMinerva } from "whetstone/envs/math/grader/minerva.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(verifyMinerva("\\frac12", "Answer: $\\frac{1}{2}$").verdict, "correct");
 * assert.equal(verifyMinerva("\\frac12", "Answer: 0.5").verdict, "incorrect");
 * ```
 *
 * @param gold reference answer.
 * @param completion the whole completion.
 * @returns `correct`, `incorrect`, or `unparsed` if the completion is blank; `steps` is 0, nothing is counted.
 */
export function verifyMinerva(gold: string, completion: string): Verification {
  let extracted = rawAnswer(completion.slice(-TAIL));
  let answer = normaliseMinerva(extracted);
  if (answer === INVALID) {
    extracted = rawAnswer(completion);
    answer = normaliseMinerva(extracted);
  }
  const reference = normaliseMinerva(gold);
  const base = { gold: reference, method: "text", steps: 0 };
  if (answer === INVALID) {
    return { ...base, verdict: "unparsed", answer: null, extracted: null, detail: "the completion has no answer" };
  }
  const equal = answer === reference;
  return {
    ...base,
    verdict: equal ? "correct" : "incorrect",
    answer,
    extracted,
    detail: equal ? "equal as normalised strings" : "normalised strings differ",
  };
}
