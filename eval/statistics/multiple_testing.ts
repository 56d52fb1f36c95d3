/**
 * Adjusted p-values of a family of tests: Holm (1979) and Benjamini and Hochberg (1995).
 *
 * Contract: an adjusted p-value is the smallest error rate at which its test would be called; compare it with the level as it is.
 * Holm keeps the chance of any wrong claim in the family below the level, whatever the tests have to do with each other;
 * Benjamini and Hochberg keeps the expected share of wrong claims below it, for independent or positively dependent tests.
 * Order is kept; tests without a p-value (`null`) stay null and do not count in the family.
 *
 * @module
 */

/** How a family of p-values is adjusted. */
export type Adjustment = "holm" | "benjamini-hochberg";

/**
 * Adjusts a family of p-values.
 *
 * @example Three tests, one of them undefined
 * ```ts
 * import { adjustPValues } from "whetstone/eval/statistics/multiple_testing.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(adjustPValues([0.25, null, 0.0625]), [0.25, null, 0.125]);
 * ```
 *
 * @param pValues p-values in [0, 1], or null, [M].
 * @param method see {@linkcode Adjustment}.
 * @returns adjusted p-values in the same order, [M].
 * @throws {RangeError} if a p-value is outside [0, 1].
 */
export function adjustPValues(
  pValues: readonly (number | null)[],
  method: Adjustment = "holm",
): (number | null)[] {
  const family: { p: number; index: number }[] = [];
  pValues.forEach((p, index) => {
    if (p === null) return;
    if (!(p >= 0 && p <= 1)) throw new RangeError(`Cannot adjust p-values: entry ${index} must be in [0, 1], got ${p}`);
    family.push({ p, index });
  });
  family.sort((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = pValues.map(() => null);
  const count = family.length;
  if (method === "holm") {
    let running = 0;
    family.forEach(({ p, index }, rank) => {
      running = Math.max(running, Math.min(1, (count - rank) * p));
      adjusted[index] = running;
    });
    return adjusted;
  }
  let running = 1;
  for (const [rank, { p, index }] of [...family.entries()].reverse()) {
    running = Math.min(running, count / (rank + 1) * p);
    adjusted[index] = running;
  }
  return adjusted;
}
