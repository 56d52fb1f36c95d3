/**
 * The comparison behind every claim "this arm is better": two arms, paired and clustered.
 *
 * Contract: a pair is one task under the same training seed and the same sample index in both arms; the difference is the mean of
 * `left - right` over the pairs. Its interval clusters by scenario; p is a sign-flip test over scenarios; McNemar's exact test is
 * given beside it where all outcomes are 0 or 1. *Resolved* means: p is at most 1 - level, and the interval, where there is one,
 * excludes 0. Rows that have no partner are never dropped silently: they are listed. A repeated row, a task in two scenarios or a
 * value that is not finite is an error. Order of rows does not matter; swapping the arms mirrors everything.
 * The claim is about other scenarios under these training seeds. `bySeed` shows how much the seeds differ, and `overSeeds` widens
 * the claim to other seeds too: two-way random effects of scenario and seed (balanced case of Cochran 1951; degrees of freedom
 * after Satterthwaite 1946), with V = (MS_scenario + MS_seed - MS_rest) / (scenarios × seeds), at least as large as either alone.
 * Omitted: metrics that are ratios of two sums; for those see `pairedDifference` of `eval/bootstrap.ts`.
 *
 * @module
 */
import { clusterMean, studentInterval } from "./cluster_mean.ts";
import { crossedVariance } from "./crossed_variance.ts";
import type { Interval } from "./interval.ts";
import { mcNemarTest } from "./mc_nemar.ts";
import { type ComparisonRow, type Pair, pairRows, type UnpairedRow } from "./pair_rows.ts";
import { clusterBootstrap } from "./paired_bootstrap.ts";
import { signFlipTest } from "./sign_flip.ts";

/** Options of {@linkcode compareArms}. */
export interface CompareOptions {
  /**
   * Share of repetitions in which the interval should hold the true difference.
   *
   * @default {0.95}
   */
  level?: number;
  /**
   * Kind of interval: cluster-robust t, or the cluster bootstrap.
   *
   * @default {"t"}
   */
  interval?: "t" | "percentile" | "bca";
  /**
   * What differences are multiplied by; 100 gives points.
   *
   * @default {1}
   */
  scale?: number;
  /**
   * Key of draws and resamples.
   *
   * @default {0}
   */
  seed?: number;
}

/** Discordant pairs and McNemar's test of them. */
export interface Discordance {
  /** Pairs that only the left arm solved. */
  readonly leftOnly: number;
  /** Pairs that only the right arm solved. */
  readonly rightOnly: number;
  /** Pairs that both solved. */
  readonly both: number;
  /** Pairs that neither solved. */
  readonly neither: number;
  /** Exact two-sided p-value; it takes pairs as independent, see `mcNemarTest`. */
  readonly p: number;
}

/** The difference as a claim about other scenarios and other training seeds. */
export interface OverSeeds {
  /** Standard error, scaled. */
  readonly standardError: number;
  /** Satterthwaite degrees of freedom. */
  readonly df: number;
  /** Interval, scaled. */
  readonly interval: Interval;
  /** Two-sided p-value by Student's t. */
  readonly p: number;
}

/** A comparison of two arms. */
export interface Comparison {
  /** Arm from which the other is subtracted. */
  readonly left: string;
  /** Arm that is subtracted. */
  readonly right: string;
  /** Mean of `left` over the pairs, scaled; null without pairs. */
  readonly leftMean: number | null;
  /** Mean of `right` over the pairs, scaled; null without pairs. */
  readonly rightMean: number | null;
  /** Mean of the paired differences, scaled; null without pairs. */
  readonly difference: number | null;
  /** Cluster-robust standard error, scaled; null with fewer than two scenarios. */
  readonly standardError: number | null;
  /** Interval, scaled; null with fewer than two scenarios, or where they all show the same difference. */
  readonly interval: Interval | null;
  /** Two-sided sign-flip p-value over scenarios; null without pairs. */
  readonly p: number | null;
  /** All sign vectors were enumerated. */
  readonly exact: boolean;
  /** Whether the data decide which arm is better, see the module. */
  readonly resolved: boolean;
  /** Discordant pairs and McNemar's test; null unless all paired outcomes are 0 or 1. */
  readonly discordance: Discordance | null;
  /** Difference per training seed, scaled, by seed. */
  readonly bySeed: readonly { readonly seed: number; readonly difference: number; readonly pairs: number }[];
  /** The claim widened to other seeds; null with fewer than two seeds or scenarios, or without spread. */
  readonly overSeeds: OverSeeds | null;
  /** Number of pairs. */
  readonly pairs: number;
  /** Scenarios with a pair. */
  readonly clusters: number;
  /** Rows of either arm without a partner, by arm, scenario, task, seed, sample. */
  readonly unpaired: readonly UnpairedRow[];
}

/**
 * Compares two arms on everything that both have run.
 *
 * @example Five scenarios, the left arm gains in all of them
 * ```ts
 * import { compareArms } from "whetstone/eval/statistics/compare_arms.ts";
 * import type { ComparisonRow } from "whetstone/eval/statistics/pair_rows.ts";
 * import assert from "node:assert/strict";
 *
 * const rows: ComparisonRow[] = [..."abcde"].flatMap((scenario) => [
 *   { arm: "new", scenario, task: `${scenario}_1`, seed: 1, sample: 0, value: true },
 *   { arm: "old", scenario, task: `${scenario}_1`, seed: 1, sample: 0, value: false },
 * ]);
 * const { difference, p, resolved, pairs } = compareArms(rows, "new", "old", { scale: 100 });
 * // Five scenarios cannot resolve anything at 5 %: even all of them gaining has p = 2/32.
 * assert.deepEqual({ difference, p, resolved, pairs }, { difference: 100, p: 0.0625, resolved: false, pairs: 5 });
 * ```
 *
 * @param rows outcomes of these arms, others may be among them; any order.
 * @param left arm from which the other is subtracted.
 * @param right arm that is subtracted.
 * @param options see {@linkcode CompareOptions}.
 * @throws {StatisticsError} if the rows contradict each other or both arms are the same; {RangeError} if an option makes no sense.
 */
export function compareArms(
  rows: readonly ComparisonRow[],
  left: string,
  right: string,
  options: CompareOptions = {},
): Comparison {
  const { level = 0.95, interval: kind = "t", scale = 1, seed = 0 } = options;
  if (!(Number.isFinite(scale) && scale > 0)) {
    throw new RangeError(`Cannot compare arms: scale must be above 0, got ${scale}`);
  }
  const { pairs, unpaired } = pairRows(rows, left, right);
  const differences = pairs.map((pair) => scale * (pair.left - pair.right));
  const scenarios = pairs.map((pair) => pair.scenario);
  const mean = clusterMean(differences, scenarios, { level });
  const sums = [...Map.groupBy(pairs.keys(), (index) => scenarios[index] ?? "").values()]
    .map((group) => group.reduce((sum, index) => sum + (differences[index] ?? 0), 0));
  const test = pairs.length === 0 ? null : signFlipTest(sums, { seed });
  const interval = kind === "t" ? mean.interval : clusterBootstrap(differences, scenarios, { kind, level, seed });
  // The level is compared with what floating point makes of 1 - 0.95.
  const small = test !== null && test.p <= (1 - level) * (1 + 1e-12);
  const average = (values: readonly number[]) =>
    values.length === 0 ? null : scale * values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    left,
    right,
    leftMean: average(pairs.map((pair) => pair.left)),
    rightMean: average(pairs.map((pair) => pair.right)),
    difference: mean.mean,
    standardError: mean.standardError,
    interval,
    p: test?.p ?? null,
    exact: test?.exact ?? false,
    resolved: small && (interval === null || interval.low > 0 || interval.high < 0),
    discordance: discordanceOf(pairs),
    bySeed: differencesBySeed(pairs, differences),
    overSeeds: overSeeds(pairs, differences, mean.mean, level),
    pairs: pairs.length,
    clusters: mean.clusters,
    unpaired,
  };
}

function discordanceOf(pairs: readonly Pair[]): Discordance | null {
  const binary = (value: number) => value === 0 || value === 1;
  if (pairs.length === 0 || !pairs.every((pair) => binary(pair.left) && binary(pair.right))) return null;
  const count = (left: number, right: number) =>
    pairs.filter((pair) => pair.left === left && pair.right === right).length;
  const [leftOnly, rightOnly] = [count(1, 0), count(0, 1)];
  return { leftOnly, rightOnly, both: count(1, 1), neither: count(0, 0), p: mcNemarTest(leftOnly, rightOnly) };
}

function differencesBySeed(pairs: readonly Pair[], differences: readonly number[]) {
  return [...Map.groupBy(pairs.keys(), (index) => pairs[index]?.seed ?? 0)]
    .map(([seed, group]) => ({
      seed,
      difference: group.reduce((sum, index) => sum + (differences[index] ?? 0), 0) / group.length,
      pairs: group.length,
    }))
    .sort((a, b) => a.seed - b.seed);
}

function overSeeds(
  pairs: readonly Pair[],
  differences: readonly number[],
  mean: number | null,
  level: number,
): OverSeeds | null {
  const variance = crossedVariance(
    differences,
    pairs.map((pair) => pair.scenario),
    pairs.map((pair) => String(pair.seed)),
  );
  if (variance === null || mean === null || variance.variance === 0) return null;
  const standardError = Math.sqrt(variance.variance);
  return { standardError, df: variance.df, ...studentInterval(mean, standardError, variance.df, level) };
}
