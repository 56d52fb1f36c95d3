/**
 * Means with intervals: independent values (Student's t) and values that come in clusters (cluster-robust standard error).
 *
 * Contract: a cluster is whatever shares luck: the sibling tasks, seeds and samples of one scenario. The mean weighs every value
 * alike. Its variance is CR1 (Liang and Zeger 1986 with the factor C/(C - 1)): C/(C - 1) × the sum over clusters of the squared
 * sum of deviations / N². The interval takes Student's t with C - 1 degrees of freedom. With one value per cluster this is the
 * plain t interval. Order of values and names of clusters do not matter.
 * Choices: without spread between clusters (everything solved, nothing differs) the standard error says nothing about what was
 * not seen, so there is no interval (`null`) instead of one of width 0; `wilsonInterval` over the clusters is a way out there.
 * A paired difference is the mean of the pairs' differences, see {@linkcode clusterMean}. Omitted: CR2 and CR3, which matter with
 * very unequal clusters.
 *
 * @module
 */
import { studentTCdf, studentTQuantile } from "./_distributions.ts";
import { checkFinite, checkLevel, type Interval, type IntervalOptions, StatisticsError } from "./interval.ts";

/** A mean and how well it is known. */
export interface ClusterMean {
  /** Mean over all values; null without values. */
  readonly mean: number | null;
  /** Its standard error; null with fewer than two clusters. */
  readonly standardError: number | null;
  /** Degrees of freedom of the interval: clusters - 1, at least 0. */
  readonly df: number;
  /** Interval of the mean; null with fewer than two clusters, or without spread between them. */
  readonly interval: Interval | null;
  /** Two-sided p-value of "the mean is 0" by Student's t; null where there is no interval. */
  readonly p: number | null;
  /** Number of values. */
  readonly count: number;
  /** Number of clusters. */
  readonly clusters: number;
}

/** Relative size below which the spread of values counts as rounding. */
const DUST = 1e-13;

/** Interval and p-value of a mean with a standard error on `df` degrees of freedom; null without spread. */
export function studentInterval(
  mean: number,
  standardError: number,
  df: number,
  level: number,
): { interval: Interval; p: number } {
  const half = studentTQuantile((1 + level) / 2, df) * standardError;
  return {
    interval: { low: mean - half, high: mean + half },
    p: 2 * studentTCdf(-Math.abs(mean) / standardError, df),
  };
}

/**
 * Mean of clustered values with its cluster-robust interval.
 *
 * @example Two siblings per scenario that always agree count as one
 * ```ts
 * import { clusterMean, tInterval } from "whetstone/eval/statistics/cluster_mean.ts";
 * import assert from "node:assert/strict";
 *
 * const clustered = clusterMean([1, 1, 0, 0, 1, 1], ["a", "a", "b", "b", "c", "c"]);
 * assert.equal(clustered.mean, 2 / 3);
 * assert.ok(Math.abs((clustered.standardError ?? 0) - (tInterval([1, 0, 1]).standardError ?? 0)) < 1e-15);
 * ```
 *
 * @param values_N any finite numbers, [N].
 * @param clusters_N the cluster of each value, [N].
 * @param options see {@linkcode IntervalOptions}.
 * @throws {StatisticsError} if the lists differ in length or a value is not finite; {RangeError} if the level makes no sense.
 */
export function clusterMean(
  values_N: readonly number[],
  clusters_N: readonly string[],
  options: IntervalOptions = {},
): ClusterMean {
  const { level = 0.95 } = options;
  checkLevel(level);
  checkFinite("a mean", values_N);
  if (values_N.length !== clusters_N.length) {
    throw new StatisticsError(
      `Cannot compute a mean: each value needs a cluster, got ${values_N.length} values and ${clusters_N.length} clusters`,
    );
  }
  const count = values_N.length;
  const sums = new Map<string, { sum: number; size: number; magnitude: number }>();
  values_N.forEach((value, index) => {
    const cluster = clusters_N[index] ?? "";
    const known = sums.get(cluster) ?? { sum: 0, size: 0, magnitude: 0 };
    known.sum += value;
    known.magnitude += Math.abs(value);
    known.size++;
    sums.set(cluster, known);
  });
  const clusters = sums.size;
  const df = Math.max(0, clusters - 1);
  if (count === 0) return { mean: null, standardError: null, df, interval: null, p: null, count, clusters };
  // Sorted, so that the last bit does not depend on the order of the rows.
  const groups = [...sums.values()].sort((a, b) => a.sum - b.sum || a.size - b.size);
  const mean = groups.reduce((total, group) => total + group.sum, 0) / count;
  if (clusters < 2) return { mean, standardError: null, df, interval: null, p: null, count, clusters };
  let squares = 0;
  for (const { sum, size, magnitude } of groups) {
    const deviation = sum - size * mean;
    if (Math.abs(deviation) > DUST * (magnitude + size * Math.abs(mean))) squares += deviation * deviation;
  }
  const standardError = Math.sqrt(clusters / (clusters - 1) * squares) / count;
  if (standardError === 0) return { mean, standardError, df, interval: null, p: null, count, clusters };
  return { mean, standardError, df, ...studentInterval(mean, standardError, df, level), count, clusters };
}

/**
 * Mean of independent values with Student's t interval: every value is its own cluster.
 *
 * @param values finite numbers.
 * @param options see {@linkcode IntervalOptions}.
 * @throws {StatisticsError} if a value is not finite; {RangeError} if the level makes no sense.
 */
export function tInterval(values: readonly number[], options: IntervalOptions = {}): ClusterMean {
  return clusterMean(values, values.map((_, index) => String(index)), options);
}

/**
 * Mean of paired differences `left - right` with its cluster-robust interval.
 *
 * @param left_N values of one arm, [N].
 * @param right_N values of the other arm on the same tasks, seeds and samples, [N].
 * @param clusters_N the cluster of each pair, [N].
 * @param options see {@linkcode IntervalOptions}.
 * @throws {StatisticsError} if the lists differ in length or a value is not finite; {RangeError} if the level makes no sense.
 */
export function clusterDifference(
  left_N: readonly number[],
  right_N: readonly number[],
  clusters_N: readonly string[],
  options: IntervalOptions = {},
): ClusterMean {
  if (left_N.length !== right_N.length) {
    throw new StatisticsError(
      `Cannot compute a paired difference: need equally many values, got ${left_N.length} and ${right_N.length}`,
    );
  }
  return clusterMean(left_N.map((value, index) => value - (right_N[index] ?? NaN)), clusters_N, options);
}
