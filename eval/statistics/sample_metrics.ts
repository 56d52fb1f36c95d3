/**
 * Metrics over problems with several samples each: Pass@1, pass@k, pass^k and maj@k, with cluster-robust intervals.
 *
 * Contract: each problem gives one number (unbiased from its n samples), problems weigh alike, and the interval treats the
 * problems of one cluster (scenario; the problem itself if no other is named) as sharing their luck. Pass@1 is the mean of the n
 * samples. Problems with fewer than k samples cannot tell pass@k: they are left out of that k and counted in `skipped`.
 *
 * @module
 */
import { type ClusterMean, clusterMean } from "./cluster_mean.ts";
import { type IntervalOptions, StatisticsError } from "./interval.ts";
import { type JudgedSample, majorityAtK, type MajorityOptions } from "./majority_at_k.ts";
import { passAtK, passHatK } from "./pass_at_k.ts";

/** Name of a multi-sample metric. */
export type SampleMetric = "pass@1" | "pass@k" | "pass^k" | "maj@k";

/** One judged sample of one problem. */
export interface SampleRow extends JudgedSample {
  /** Problem id. */
  readonly problem: string;
  /** Scenario of the problem; the problem itself where left out. */
  readonly scenario?: string;
}

/** A metric averaged over problems. */
export interface SampleEstimate extends ClusterMean {
  /** Which metric. */
  readonly metric: SampleMetric;
  /** Its k. */
  readonly k: number;
  /** Problems left out because they have fewer than k samples, in order of their names. */
  readonly skipped: readonly string[];
  /** Whether every problem's value is exact rather than drawn. */
  readonly exact: boolean;
}

/** Options of {@linkcode sampleMetric}. */
export interface SampleMetricOptions extends IntervalOptions, MajorityOptions {}

/**
 * One metric over problems.
 *
 * @example Two problems with two samples each
 * ```ts
 * import { sampleMetric } from "whetstone/eval/statistics/sample_metrics.ts";
 * import assert from "node:assert/strict";
 *
 * const rows = [["a", true], ["a", false], ["b", false], ["b", false]] as const;
 * const samples = rows.map(([problem, correct]) => ({ problem, correct, answer: correct ? "4" : "5" }));
 * assert.equal(sampleMetric(samples, "pass@1").mean, 0.25);
 * assert.equal(sampleMetric(samples, "pass@k", 2).mean, 0.5);
 * ```
 *
 * @param rows samples of all problems, any order.
 * @param metric which metric.
 * @param k samples looked at; ignored by pass@1.
 * @param options see {@linkcode SampleMetricOptions}.
 * @throws {StatisticsError} if a problem is in two scenarios; {RangeError} if k is not a positive integer.
 */
export function sampleMetric(
  rows: readonly SampleRow[],
  metric: SampleMetric,
  k: number = 1,
  options: SampleMetricOptions = {},
): SampleEstimate {
  const size = metric === "pass@1" ? 1 : k;
  if (!(Number.isInteger(size) && size >= 1)) {
    throw new RangeError(`Cannot compute ${metric}: k must be a positive integer, got ${k}`);
  }
  const problems = [...Map.groupBy(rows, (row) => row.problem)].sort(([a], [b]) => (a < b ? -1 : 1));
  const values: number[] = [];
  const clusters: string[] = [];
  const skipped: string[] = [];
  let exact = true;
  for (const [problem, samples] of problems) {
    const scenarios = new Set(samples.map((sample) => sample.scenario ?? problem));
    if (scenarios.size > 1) {
      throw new StatisticsError(
        `Cannot compute ${metric}: problem ${problem} must be in one scenario, got ${[...scenarios].join(" and ")}`,
      );
    }
    const n = samples.length;
    if (n < size) {
      skipped.push(problem);
      continue;
    }
    const correct = samples.filter((sample) => sample.correct).length;
    if (metric === "maj@k") {
      const majority = majorityAtK(samples, size, options);
      exact &&= majority.exact;
      values.push(majority.value);
    } else {values.push(
        metric === "pass@1" ? correct / n : (metric === "pass@k" ? passAtK : passHatK)(n, correct, size),
      );}
    clusters.push([...scenarios][0] ?? problem);
  }
  return { ...clusterMean(values, clusters, options), metric, k: size, skipped, exact };
}
