/**
 * Honest intervals for evaluation metrics: cluster bootstrap over scenarios (Efron and Tibshirani 1993, percentile interval) and
 * paired differences with the sign-flip test of `statistics/sign_flip.ts`.
 *
 * Contract: the cluster is the scenario, because its sibling tasks, its evaluation runs and its training seeds share one
 * procedure. One resample draws C scenarios with replacement and recomputes the metric with everything that belongs to them;
 * seeds and evaluation runs are averaged inside. The scenarios of a resample depend only on (key, C, number of the resample), so
 * two arms on the same scenarios see the same resamples: that is what makes the difference *paired*.
 * Choices: 2,000 resamples; quantiles by linear interpolation; a resample in which the metric is undefined is left out.
 * The interval therefore speaks about other scenarios of this kind, not about other training seeds.
 * Omitted: BCa and studentised intervals. With few scenarios, or with all scenarios alike, percentile intervals are too narrow:
 * read them with the permutation p-value.
 *
 * @module
 */
import { type KeyedRandom, keyedRandom } from "../data/keyed_random.ts";
import { type MetricCells, metricValue } from "./metrics.ts";
import { type Interval, quantile } from "./statistics/interval.ts";
import { signFlipTest } from "./statistics/sign_flip.ts";

/** Resamples if nothing else is asked for. */
export const DEFAULT_RESAMPLES = 2000;
/** Relative size below which a sum of terms that should cancel counts as 0. */
const DUST = 1e-12;

/** A metric with its interval. */
export interface Estimate {
  /** The metric on the scenarios as they are; null where it is undefined. */
  readonly value: number | null;
  /** Percentile interval; null with fewer than two scenarios, or where the metric is undefined. */
  readonly interval: Interval | null;
  /** Scenarios behind it. */
  readonly scenarios: number;
  /** Evaluation runs behind it (training seeds × passes). */
  readonly runs: number;
}

/** A paired difference `left - right` with its interval and test. */
export interface Difference extends Estimate {
  /** Two-sided sign-flip p-value; null where the difference is undefined. */
  readonly p: number | null;
  /** Whether all sign vectors were enumerated. */
  readonly exact: boolean;
  /** Whether the interval excludes 0. */
  readonly resolved: boolean;
  /** Scenarios that only one arm has; they are left out. */
  readonly unpaired: number;
}

/** Options of the bootstrap. */
export interface BootstrapOptions {
  /**
   * Number of resamples.
   *
   * @default {2000}
   */
  resamples?: number;
  /**
   * Share of resamples inside the interval.
   *
   * @default {0.95}
   */
  level?: number;
  /**
   * Seed of the resamples; the same seed gives the same scenarios.
   *
   * @default {0}
   */
  seed?: number;
}

/** How often each scenario was drawn in each resample. */
export interface Resamples {
  /** Counts, [B][C]; each row sums to C. */
  readonly weights_B_C: readonly Uint16Array[];
}

/**
 * Draws resamples of `clusters` scenarios.
 *
 * @param clusters C, the number of scenarios, 1 or more.
 * @param options see {@linkcode BootstrapOptions}.
 * @throws {RangeError} if `clusters` or `resamples` is not a positive integer.
 */
export function drawResamples(clusters: number, options: BootstrapOptions = {}): Resamples {
  const { resamples = DEFAULT_RESAMPLES, seed = 0 } = options;
  for (const [name, value] of [["clusters", clusters], ["resamples", resamples]] as const) {
    if (!(Number.isInteger(value) && value > 0)) {
      throw new RangeError(`Cannot draw resamples: ${name} must be a positive integer, got ${value}`);
    }
  }
  const random = keyedRandom("bootstrap", seed, clusters);
  const weights_B_C: Uint16Array[] = [];
  for (let b = 0; b < resamples; b++) {
    const weights_C = new Uint16Array(clusters);
    for (let draw = 0; draw < clusters; draw++) {
      const c = uniformIndex(random, clusters);
      weights_C[c] = (weights_C[c] ?? 0) + 1;
    }
    weights_B_C.push(weights_C);
  }
  return { weights_B_C };
}

/** Index below `count` from one 32-bit number: its bias, count / 2^32, is far below what resampling can show. */
function uniformIndex(random: KeyedRandom, count: number): number {
  return Math.floor(random.uint32() / 4294967296 * count);
}

// Metrics and arms of a table share their resamples; drawing them is most of the work.
const drawn = new Map<string, Resamples>();
const MEMO_LIMIT = 16;

function sharedResamples(clusters: number, options: BootstrapOptions): Resamples {
  const { resamples = DEFAULT_RESAMPLES, seed = 0 } = options;
  const key = `${clusters}/${resamples}/${seed}`;
  const known = drawn.get(key);
  if (known !== undefined) return known;
  if (drawn.size >= MEMO_LIMIT) drawn.clear();
  const fresh = drawResamples(clusters, options);
  drawn.set(key, fresh);
  return fresh;
}

/** Percentile interval of what a statistic gives on resamples. */
function percentileInterval(
  clusters: number,
  statistic: (weights_C: ArrayLike<number>) => number | null,
  options: BootstrapOptions,
): Interval | null {
  const { level = 0.95 } = options;
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`Cannot compute an interval: level must be in (0, 1), got ${level}`);
  }
  if (clusters < 2) return null;
  const values: number[] = [];
  for (const weights_C of sharedResamples(clusters, options).weights_B_C) {
    const value = statistic(weights_C);
    if (value !== null) values.push(value);
  }
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  return { low: quantile(values, (1 - level) / 2), high: quantile(values, (1 + level) / 2) };
}

/**
 * A metric with its cluster-bootstrap interval.
 *
 * @example Ten scenarios, half of them solved
 * ```ts
 * import { clusterEstimate } from "whetstone/eval/bootstrap.ts";
 * import assert from "node:assert/strict";
 *
 * const scenarios_C = [..."abcdefghij"];
 * const numerator_C = scenarios_C.map((_, index) => index % 2);
 * const cells = { scenarios_C, runs: [{ seed: 1, evalRun: 0, numerator_C, denominator_C: scenarios_C.map(() => 1) }], scale: 100 };
 * const estimate = clusterEstimate(cells);
 * assert.equal(estimate.value, 50);
 * assert.deepEqual(estimate.interval, { low: 20, high: 80 });
 * ```
 *
 * @param cells a metric of one arm, see `metricCells`.
 * @param options see {@linkcode BootstrapOptions}.
 */
export function clusterEstimate(cells: MetricCells, options: BootstrapOptions = {}): Estimate {
  const value = metricValue(cells);
  const clusters = cells.scenarios_C.length;
  const interval = value === null
    ? null
    : percentileInterval(clusters, (weights_C) => metricValue(cells, weights_C), options);
  return { value, interval, scenarios: clusters, runs: cells.runs.length };
}

/** The same cells with other scenarios in another order; scenarios that are not there are an error of the caller. */
function selectScenarios(cells: MetricCells, scenarios_C: readonly string[]): MetricCells {
  const column = new Map(cells.scenarios_C.map((scenario, index) => [scenario, index]));
  const columns = scenarios_C.map((scenario) => column.get(scenario) ?? -1);
  const runs = cells.runs.map((run) => ({
    ...run,
    numerator_C: columns.map((index) => run.numerator_C[index] ?? 0),
    denominator_C: columns.map((index) => run.denominator_C[index] ?? 0),
  }));
  return { scenarios_C, runs, scale: cells.scale };
}

/**
 * What each scenario adds to the difference of two metrics, [C]; the entries sum to the difference.
 *
 * With equal denominators this is the plain difference of the scenario's values over C. In general a ratio is made linear around
 * the mean of both arms (R0): score = mean over runs of scale × (numerator - R0 × denominator) / total denominator.
 */
function scenarioScores(left: MetricCells, right: MetricCells): number[] | null {
  const valueLeft = metricValue(left);
  const valueRight = metricValue(right);
  if (valueLeft === null || valueRight === null) return null;
  const middle = (valueLeft + valueRight) / 2;
  const scores_C = left.scenarios_C.map(() => 0);
  const sizes_C = left.scenarios_C.map(() => 0);
  for (const [cells, sign] of [[left, 1], [right, -1]] as const) {
    const defined = cells.runs.map((run) => ({ run, total: run.denominator_C.reduce((sum, value) => sum + value, 0) }))
      .filter(({ total }) => total > 0);
    for (const { run, total } of defined) {
      for (let c = 0; c < scores_C.length; c++) {
        const above = cells.scale * (run.numerator_C[c] ?? 0) / total / defined.length;
        const below = middle * (run.denominator_C[c] ?? 0) / total / defined.length;
        scores_C[c] = (scores_C[c] ?? 0) + sign * (above - below);
        sizes_C[c] = (sizes_C[c] ?? 0) + Math.abs(above) + Math.abs(below);
      }
    }
  }
  // What is left where everything cancels is binary dust, and a sign-flip test must see it as 0.
  return scores_C.map((score, c) => (Math.abs(score) <= DUST * (sizes_C[c] ?? 0) ? 0 : score));
}

/**
 * Paired difference `left - right` of one metric between two arms, on the scenarios that both have.
 *
 * @param left a metric of one arm.
 * @param right the same metric of the other arm.
 * @param options see {@linkcode BootstrapOptions}.
 */
export function pairedDifference(left: MetricCells, right: MetricCells, options: BootstrapOptions = {}): Difference {
  const inRight = new Set(right.scenarios_C);
  const scenarios_C = left.scenarios_C.filter((scenario) => inRight.has(scenario));
  const unpaired = left.scenarios_C.length + right.scenarios_C.length - 2 * scenarios_C.length;
  const a = selectScenarios(left, scenarios_C);
  const b = selectScenarios(right, scenarios_C);
  const difference = (weights_C?: ArrayLike<number>): number | null => {
    const valueLeft = metricValue(a, weights_C);
    const valueRight = metricValue(b, weights_C);
    return valueLeft === null || valueRight === null ? null : valueLeft - valueRight;
  };
  const value = difference();
  const scores_C = scenarioScores(a, b);
  const interval = value === null ? null : percentileInterval(scenarios_C.length, difference, options);
  const test = scores_C === null ? null : signFlipTest(scores_C, { seed: options.seed ?? 0 });
  return {
    value,
    interval,
    scenarios: scenarios_C.length,
    runs: Math.min(left.runs.length, right.runs.length),
    p: test?.p ?? null,
    exact: test?.exact ?? false,
    resolved: interval !== null && (interval.low > 0 || interval.high < 0),
    unpaired,
  };
}
