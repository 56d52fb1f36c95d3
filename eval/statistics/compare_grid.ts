/**
 * Comparisons of several pairs of arms with their p-values adjusted as one family.
 *
 * Contract: the family is what is passed in, comparisons without a p-value not counted; *resolved* is decided by the adjusted p.
 * Intervals stay those of the single comparisons and do not hold jointly.
 *
 * @module
 */
import { compareArms, type CompareOptions, type Comparison } from "./compare_arms.ts";
import { type Adjustment, adjustPValues } from "./multiple_testing.ts";
import type { ComparisonRow } from "./pair_rows.ts";

/** Options of {@linkcode compareGrid}. */
export interface CompareGridOptions extends CompareOptions {
  /**
   * How p-values are adjusted.
   *
   * @default {"holm"}
   */
  adjustment?: Adjustment;
}

/** A comparison as a member of a family. */
export interface GridComparison extends Comparison {
  /** Adjusted p-value; null where there is none. */
  readonly adjustedP: number | null;
  /** Whether the data decide which arm is better after adjustment. */
  readonly resolved: boolean;
}

/** All pairs of a list of arms, in its order: each earlier arm on the left. */
export function allPairs(arms: readonly string[]): (readonly [string, string])[] {
  return arms.flatMap((left, index) => arms.slice(index + 1).map((right) => [left, right] as const));
}

/**
 * Compares pairs of arms as one family.
 *
 * @example Three arms against each other
 * ```ts
 * import { allPairs, compareGrid } from "whetstone/eval/statistics/compare_grid.ts";
 * import assert from "node:assert/strict";
 *
 * const rows = ["full", "none", "half"].flatMap((arm, a) =>
 *   [..."abcdefghij"].map((task, t) => ({ arm, scenario: task, task, seed: 1, sample: 0, value: a === 0 || t % 5 === 0 })));
 * const grid = compareGrid(rows, allPairs(["full", "none", "half"]));
 * assert.deepEqual(grid.map(({ p, adjustedP, resolved }) => [p, adjustedP, resolved]), [
 *   [2 / 2 ** 8, 6 / 2 ** 8, true],
 *   [2 / 2 ** 8, 6 / 2 ** 8, true],
 *   [1, 1, false],
 * ]);
 * ```
 *
 * @param rows outcomes of all arms, any order.
 * @param pairs arms to compare, `[left, right]`.
 * @param options see {@linkcode CompareGridOptions}.
 * @throws {StatisticsError} if the rows contradict each other; {RangeError} if an option makes no sense.
 */
export function compareGrid(
  rows: readonly ComparisonRow[],
  pairs: readonly (readonly [left: string, right: string])[],
  options: CompareGridOptions = {},
): GridComparison[] {
  const { adjustment = "holm", ...compare } = options;
  const { level = 0.95 } = compare;
  const single = pairs.map(([left, right]) => compareArms(rows, left, right, compare));
  const adjusted = adjustPValues(single.map((comparison) => comparison.p), adjustment);
  return single.map((comparison, index) => {
    const adjustedP = adjusted[index] ?? null;
    const small = adjustedP !== null && adjustedP <= (1 - level) * (1 + 1e-12);
    return { ...comparison, adjustedP, resolved: comparison.resolved && small };
  });
}
