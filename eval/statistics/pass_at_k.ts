/**
 * pass@k and pass^k of one problem from n samples, unbiased.
 *
 * Formulas: pass@k, the chance that at least one of k samples is right, is 1 - C(n - c, k)/C(n, k) (Chen et al. 2021, arXiv
 * 2107.03374); pass^k, the chance that all k are, is C(c, k)/C(n, k) (Yao et al. 2024, arXiv 2406.12045); c of n samples are right.
 * Both are computed as products of ratios below 1, so that nothing overflows.
 *
 * @module
 */

function checkSamples(what: string, n: number, correct: number, k: number): void {
  const integers = Number.isInteger(n) && Number.isInteger(correct) && Number.isInteger(k);
  if (!(integers && correct >= 0 && correct <= n && k >= 1 && k <= n)) {
    throw new RangeError(
      `Cannot compute ${what}: need integers 0 <= correct <= n and 1 <= k <= n, got n = ${n}, correct = ${correct}, k = ${k}`,
    );
  }
}

/** C(part, k) / C(n, k): the chance that all of k samples lie in a part of the n. */
function allInside(n: number, part: number, k: number): number {
  if (k > part) return 0;
  // The shorter of the two equal products.
  const outside = n - part;
  let product = 1;
  if (k <= outside) { for (let i = 0; i < k; i++) product *= (part - i) / (n - i); }
  else for (let i = 0; i < outside; i++) product *= (n - k - i) / (n - i);
  return product;
}

/**
 * Chance that at least one of k samples is right.
 *
 * @example One of four is right
 * ```ts
 * import { passAtK } from "whetstone/eval/statistics/pass_at_k.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(passAtK(4, 1, 2), 0.5);
 * ```
 *
 * @param n samples of the problem.
 * @param correct those that are right.
 * @param k samples allowed, 1 to n.
 * @throws {RangeError} if the numbers make no sense, k above n included: fewer samples cannot tell.
 */
export function passAtK(n: number, correct: number, k: number): number {
  checkSamples("pass@k", n, correct, k);
  return 1 - allInside(n, n - correct, k);
}

/**
 * Chance that all of k samples are right.
 *
 * @param n samples of the problem.
 * @param correct those that are right.
 * @param k samples required, 1 to n.
 * @throws {RangeError} if the numbers make no sense.
 */
export function passHatK(n: number, correct: number, k: number): number {
  checkSamples("pass^k", n, correct, k);
  return allInside(n, correct, k);
}
