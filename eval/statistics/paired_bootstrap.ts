/**
 * Cluster bootstrap of a mean (of paired differences, as a rule): percentile and BCa intervals (Efron and Tibshirani 1993, chapter 14).
 *
 * Contract: one resample draws C clusters with replacement and takes the mean over all their values; draws are keyed by (seed, C),
 * so two statistics on the same clusters see the same resamples. BCa corrects for bias (share of resamples below the estimate,
 * ties counted half) and for skewness (jackknife over clusters).
 * Choices: 2,000 resamples; quantiles by linear interpolation; no interval (`null`) with fewer than two clusters or where no
 * resample differs from the others. With few clusters every bootstrap interval is too narrow; the t interval of
 * `clusterMean` is the safer one there.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import { normalCdf, normalQuantile } from "./_distributions.ts";
import { checkFinite, checkLevel, type Interval, quantile, StatisticsError } from "./interval.ts";

/** Options of {@linkcode clusterBootstrap}. */
export interface ClusterBootstrapOptions {
  /**
   * Kind of interval.
   *
   * @default {"bca"}
   */
  kind?: "percentile" | "bca";
  /**
   * Share of repetitions in which the interval should hold the true value.
   *
   * @default {0.95}
   */
  level?: number;
  /**
   * Number of resamples.
   *
   * @default {2000}
   */
  resamples?: number;
  /**
   * Key of the draws.
   *
   * @default {0}
   */
  seed?: number;
}

/**
 * Interval of a mean by resampling clusters.
 *
 * @example Ten scenarios, half of them gain
 * ```ts
 * import { clusterBootstrap } from "whetstone/eval/statistics/paired_bootstrap.ts";
 * import assert from "node:assert/strict";
 *
 * const names = [..."abcdefghij"];
 * const interval = clusterBootstrap(names.map((_, index) => index % 2), names, { kind: "percentile" });
 * assert.ok(interval !== null && interval.low <= 0.3 && interval.high >= 0.7);
 * ```
 *
 * @param values_N finite numbers, [N].
 * @param clusters_N the cluster of each value, [N].
 * @param options see {@linkcode ClusterBootstrapOptions}.
 * @throws {StatisticsError} if the lists differ in length or a value is not finite; {RangeError} if an option makes no sense.
 */
export function clusterBootstrap(
  values_N: readonly number[],
  clusters_N: readonly string[],
  options: ClusterBootstrapOptions = {},
): Interval | null {
  const { kind = "bca", level = 0.95, resamples = 2000, seed = 0 } = options;
  checkLevel(level);
  checkFinite("a bootstrap interval", values_N);
  if (!(Number.isInteger(resamples) && resamples > 0)) {
    throw new RangeError(`Cannot resample: resamples must be a positive integer, got ${resamples}`);
  }
  if (values_N.length !== clusters_N.length) {
    throw new StatisticsError(
      `Cannot resample: each value needs a cluster, got ${values_N.length} values and ${clusters_N.length} clusters`,
    );
  }
  const sums = new Map<string, { sum: number; size: number }>();
  values_N.forEach((value, index) => {
    const cluster = clusters_N[index] ?? "";
    const known = sums.get(cluster) ?? { sum: 0, size: 0 };
    known.sum += value;
    known.size++;
    sums.set(cluster, known);
  });
  const clusters = sums.size;
  if (clusters < 2) return null;
  // By name, so that the order of the rows does not matter.
  const groups = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  const total = groups.reduce((all, group) => ({ sum: all.sum + group.sum, size: all.size + group.size }), {
    sum: 0,
    size: 0,
  });
  const random = keyedRandom("cluster-bootstrap", seed, clusters);
  const means = new Float64Array(resamples);
  for (let b = 0; b < resamples; b++) {
    let sum = 0;
    let size = 0;
    for (let draw = 0; draw < clusters; draw++) {
      const group = groups[Math.floor(random.uint32() / 4294967296 * clusters)];
      sum += group?.sum ?? 0;
      size += group?.size ?? 0;
    }
    means[b] = sum / size;
  }
  means.sort();
  if (means[0] === means[resamples - 1]) return null;
  if (kind === "percentile") return { low: quantile(means, (1 - level) / 2), high: quantile(means, (1 + level) / 2) };
  const jackknife = groups.map((group) => (total.sum - group.sum) / (total.size - group.size));
  return bcaInterval(total.sum / total.size, means, jackknife, { level });
}

/**
 * BCa interval from an estimate, its resampled values and its delete-one-cluster values.
 *
 * @param estimate the statistic on the data as they are.
 * @param sorted its values on the resamples, ascending.
 * @param jackknife_C its value without each cluster, [C].
 * @param options `level`, see {@linkcode ClusterBootstrapOptions}.
 * @returns the percentile interval at adjusted shares; null where all resamples lie on one side of the estimate.
 */
export function bcaInterval(
  estimate: number,
  sorted: ArrayLike<number>,
  jackknife_C: readonly number[],
  options: Pick<ClusterBootstrapOptions, "level"> = {},
): Interval | null {
  const { level = 0.95 } = options;
  checkLevel(level);
  let below = 0;
  // The same mean summed in another order differs in the last bit and must count as a tie.
  const dust = 1e-13 * Math.max(Math.abs(estimate), Math.abs(sorted[0] ?? 0), Math.abs(sorted[sorted.length - 1] ?? 0));
  for (let b = 0; b < sorted.length; b++) {
    const gap = (sorted[b] ?? NaN) - estimate;
    below += gap < -dust ? 1 : gap <= dust ? 0.5 : 0;
  }
  const share = below / sorted.length;
  if (!(share > 0 && share < 1)) return null;
  const bias = normalQuantile(share);
  const middle = jackknife_C.reduce((sum, value) => sum + value, 0) / jackknife_C.length;
  let squares = 0;
  let cubes = 0;
  for (const value of jackknife_C) {
    squares += (middle - value) ** 2;
    cubes += (middle - value) ** 3;
  }
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
  const adjusted = (tail: number) => {
    const z = bias + normalQuantile(tail);
    return normalCdf(bias + z / (1 - acceleration * z));
  };
  return { low: quantile(sorted, adjusted((1 - level) / 2)), high: quantile(sorted, adjusted((1 + level) / 2)) };
}
