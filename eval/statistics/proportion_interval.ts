/**
 * Intervals of a proportion of independent trials: Wilson's score interval (Wilson 1927) and the exact one of Clopper and Pearson
 * (1934).
 *
 * Contract: both stay inside [0, 1] and keep a width at 0 and n successes, where the normal interval collapses. Wilson's covers
 * its level on average, Clopper and Pearson's never covers less than its level and is wider for it.
 * Choices: no continuity correction. Omitted: trials that share a cluster; for those see `cluster_mean.ts`.
 *
 * @module
 */
import { normalQuantile } from "./_distributions.ts";
import { betaQuantile } from "./_special.ts";
import { checkLevel, type Interval, type IntervalOptions } from "./interval.ts";

function checkTrials(successes: number, n: number): void {
  if (!(Number.isInteger(successes) && Number.isInteger(n) && n > 0 && successes >= 0 && successes <= n)) {
    throw new RangeError(
      `Cannot compute an interval of a proportion: need integers 0 <= successes <= n and n >= 1, got ${successes} of ${n}`,
    );
  }
}

/**
 * Wilson's score interval.
 *
 * @example No success in ten trials still leaves 28 % possible
 * ```ts
 * import { wilsonInterval } from "whetstone/eval/statistics/proportion_interval.ts";
 * import assert from "node:assert/strict";
 *
 * const { low, high } = wilsonInterval(0, 10);
 * assert.equal(low, 0);
 * assert.equal(high.toFixed(3), "0.278");
 * ```
 *
 * @param successes trials that succeeded.
 * @param n trials, 1 or more.
 * @param options see {@linkcode IntervalOptions}.
 * @returns fractions in [0, 1].
 * @throws {RangeError} if the counts or the level make no sense.
 */
export function wilsonInterval(successes: number, n: number, options: IntervalOptions = {}): Interval {
  const { level = 0.95 } = options;
  checkLevel(level);
  checkTrials(successes, n);
  const z = -normalQuantile((1 - level) / 2);
  const square = z * z;
  const middle = successes + square / 2;
  const half = z * Math.sqrt(successes * (n - successes) / n + square / 4);
  // The ends at 0 and n successes are exact; the formula leaves binary dust there.
  return {
    low: successes === 0 ? 0 : (middle - half) / (n + square),
    high: successes === n ? 1 : (middle + half) / (n + square),
  };
}

/**
 * Exact interval of Clopper and Pearson: the chances of success under which neither tail of the binomial is below (1 - level)/2.
 *
 * @example Three of three
 * ```ts
 * import { clopperPearsonInterval } from "whetstone/eval/statistics/proportion_interval.ts";
 * import assert from "node:assert/strict";
 *
 * const { low, high } = clopperPearsonInterval(3, 3);
 * assert.ok(Math.abs(low - Math.cbrt(0.025)) < 1e-12);
 * assert.equal(high, 1);
 * ```
 *
 * @param successes trials that succeeded.
 * @param n trials, 1 or more.
 * @param options see {@linkcode IntervalOptions}.
 * @returns fractions in [0, 1].
 * @throws {RangeError} if the counts or the level make no sense.
 */
export function clopperPearsonInterval(successes: number, n: number, options: IntervalOptions = {}): Interval {
  const { level = 0.95 } = options;
  checkLevel(level);
  checkTrials(successes, n);
  const tail = (1 - level) / 2;
  // The upper end mirrors the lower one of the failures, so that its distance to 1 keeps its digits.
  const lowerEnd = (count: number) => (count === 0 ? 0 : betaQuantile(tail, count, n - count + 1));
  return { low: lowerEnd(successes), high: 1 - lowerEnd(n - successes) };
}
