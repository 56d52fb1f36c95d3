/**
 * Wilcoxon's signed-rank test of paired differences (Wilcoxon 1945; ties as Pratt and Gibbons 1981 for the conditional test).
 *
 * Contract: differences of 0 are dropped, equal sizes share the mean rank. Up to {@linkcode EXACT_DIFFERENCES} differences the
 * distribution of the rank sum given those ranks is counted exactly, ties included; beyond, a normal approximation with the
 * variance of the mid-ranks is used, without continuity correction. Two-sided p = twice the smaller tail, at most 1.
 * The differences must be independent: pass one per scenario.
 *
 * @module
 */
import { normalCdf } from "./_distributions.ts";
import { checkFinite } from "./interval.ts";

/** Up to so many differences other than 0 the test is exact. */
export const EXACT_DIFFERENCES = 200;

/** Result of {@linkcode wilcoxonTest}. */
export interface Wilcoxon {
  /** Two-sided p-value; 1 where all differences are 0. */
  readonly p: number;
  /** Sum of the ranks of the positive differences. */
  readonly positiveRanks: number;
  /** Differences other than 0. */
  readonly count: number;
  /** The distribution was counted, not approximated. */
  readonly exact: boolean;
}

/**
 * Wilcoxon's signed-rank test.
 *
 * @example Three gains of different size: 2 of 8 sign vectors are as extreme
 * ```ts
 * import { wilcoxonTest } from "whetstone/eval/statistics/wilcoxon.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(wilcoxonTest([0.1, 0.4, 0.2]), { p: 0.25, positiveRanks: 6, count: 3, exact: true });
 * ```
 *
 * @param differences one per independent unit.
 * @throws {StatisticsError} if a difference is not finite.
 */
export function wilcoxonTest(differences: readonly number[]): Wilcoxon {
  checkFinite("Wilcoxon's test", differences);
  const sorted = differences.filter((value) => value !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  const count = sorted.length;
  // Twice the mid-ranks, so that they are integers.
  const doubled: number[] = [];
  for (let start = 0; start < count;) {
    let end = start;
    while (end < count && Math.abs(sorted[end] ?? 0) === Math.abs(sorted[start] ?? 0)) end++;
    for (let index = start; index < end; index++) doubled.push(start + 1 + end);
    start = end;
  }
  const positive = sorted.reduce((sum, value, index) => sum + (value > 0 ? doubled[index] ?? 0 : 0), 0);
  const positiveRanks = positive / 2;
  if (count === 0) return { p: 1, positiveRanks, count, exact: true };
  const total = count * (count + 1);
  if (count > EXACT_DIFFERENCES) {
    const variance = doubled.reduce((sum, rank) => sum + rank * rank, 0) / 4;
    const z = Math.abs(positive - total / 2) / Math.sqrt(variance);
    return { p: 2 * normalCdf(-z), positiveRanks, count, exact: false };
  }
  // probability_W[w]: chance that the doubled ranks of the positive differences sum to w.
  const probability_W = new Float64Array(total + 1);
  probability_W[0] = 1;
  let top = 0;
  for (const rank of doubled) {
    top += rank;
    for (let w = top; w >= 0; w--) {
      probability_W[w] = ((probability_W[w] ?? 0) + (w >= rank ? probability_W[w - rank] ?? 0 : 0)) / 2;
    }
  }
  // The distribution is symmetric: the smaller tail is the one below min(w, total - w).
  const end = Math.min(positive, total - positive);
  let tail = 0;
  for (let w = 0; w <= end; w++) tail += probability_W[w] ?? 0;
  return { p: Math.min(1, 2 * tail), positiveRanks, count, exact: true };
}
