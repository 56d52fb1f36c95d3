/**
 * Trimming of given characters in linear time; a pattern such as `/[. ]+$/` takes quadratic time on hostile text.
 *
 * @module
 */

/**
 * Removes characters from both ends.
 *
 * @example Marks of emphasis and a full stop
 * ```ts
 * import { trimMarks } from "whetstone/envs/math/grader/_trim.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(trimMarks("**73**.", "*", "*."), "73");
 * ```
 *
 * @param start characters that go at the start.
 * @param end characters that go at the end.
 */
export function trimMarks(text: string, start: string, end: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && start.includes(text.charAt(from))) from++;
  while (to > from && end.includes(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}
