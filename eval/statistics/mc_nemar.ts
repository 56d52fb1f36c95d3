/**
 * Exact McNemar test of two arms with yes/no outcomes on the same pairs (McNemar 1947; mid-p: Fagerland, Lydersen and Laake 2013).
 *
 * Contract: only discordant pairs count; under the null hypothesis each goes to either arm with chance 1/2, so p is a two-sided
 * binomial tail. The mid-p form takes half the probability of the observed count away; it is less timid and not guaranteed.
 * The test treats pairs as independent: siblings of one scenario make it too bold, and `signFlipTest` over scenarios is the one
 * to decide by.
 *
 * @module
 */
import { binomialCdf, binomialPmf } from "./_distributions.ts";

/** Options of {@linkcode mcNemarTest}. */
export interface McNemarOptions {
  /**
   * Form of the p-value.
   *
   * @default {"exact"}
   */
  form?: "exact" | "mid-p";
}

/**
 * Two-sided McNemar test from the discordant pairs.
 *
 * @example Seven pairs only the left arm solved, one only the right
 * ```ts
 * import { mcNemarTest } from "whetstone/eval/statistics/mc_nemar.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(mcNemarTest(7, 1), 2 * (1 + 8) / 2 ** 8);
 * ```
 *
 * @param leftOnly pairs that only the left arm solved.
 * @param rightOnly pairs that only the right arm solved.
 * @param options see {@linkcode McNemarOptions}.
 * @returns p-value; 1 without discordant pairs.
 * @throws {RangeError} if a count is not an integer of 0 or more.
 */
export function mcNemarTest(leftOnly: number, rightOnly: number, options: McNemarOptions = {}): number {
  const { form = "exact" } = options;
  for (const [name, value] of [["leftOnly", leftOnly], ["rightOnly", rightOnly]] as const) {
    if (!(Number.isInteger(value) && value >= 0)) {
      throw new RangeError(`Cannot run McNemar's test: ${name} must be an integer of 0 or more, got ${value}`);
    }
  }
  const pairs = leftOnly + rightOnly;
  if (pairs === 0) return 1;
  const fewer = Math.min(leftOnly, rightOnly);
  const { tail, point } = halfBinomial(fewer, pairs);
  return Math.min(1, form === "mid-p" ? 2 * tail - point : 2 * tail);
}

/** P(X <= k) and P(X = k) of n fair coins: by counting where the counts fit a double, exact to the last bit for small n. */
function halfBinomial(k: number, n: number): { tail: number; point: number } {
  if (n > 1000) return { tail: binomialCdf(k, n, 0.5), point: binomialPmf(k, n, 0.5) };
  let ways = 1;
  let sum = 1;
  for (let j = 1; j <= k; j++) {
    ways = ways * (n - j + 1) / j;
    sum += ways;
  }
  return { tail: sum / 2 ** n, point: ways / 2 ** n };
}
