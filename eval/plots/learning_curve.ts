/**
 * Learning curves: a figure by step, one line per arm and split, with a band.
 *
 * Contract: {@linkcode learningCurve} is a pure function of rows and options; {@linkcode curvePoints} are its numbers. A point is the
 * mean over training seeds of the seed's value: over its tasks (each the mean of its samples) in evaluations, over its rollouts in
 * training. Bands of rollout figures are 95 % cluster-bootstrap intervals over scenarios (evaluations) or task groups (training),
 * see `bootstrap.ts`; those of update figures reach from the lowest to the highest seed, and with one seed there is none.
 * Choices: lines are labelled at their ends and have no legend. Omitted: smoothing.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { type BootstrapOptions, clusterEstimate } from "../bootstrap.ts";
import type { MetricCells } from "../metrics.ts";
import { integerOf, numberOf, type QueryRow, textOf } from "../query_rows.ts";
import { type CurveMetric, curveMetric, type CurveMetricInfo, curveSql, type RunFilter } from "./curve_metrics.ts";
import { axisScale, countOf, NothingToPlotError, type Plot, spreadLabels, titleBlock } from "./plot.ts";
import type { Interval } from "../statistics/interval.ts";
import { armLabels, type ConfiguredArm, configuredArm } from "./arm_labels.ts";
import { clipText } from "./text_width.ts";
import { FONT_SIZE, PLOT_WIDTH, SERIES_COLOURS, seriesColour, seriesDash } from "./theme.ts";

/** Options of {@linkcode learningCurve}. */
export interface LearningCurveOptions extends RunFilter, BootstrapOptions {
  /**
   * Title of the plot.
   *
   * @default {the metric's}
   */
  title?: string;
  /**
   * Height of the plot's area, px; more where labels need it.
   *
   * @default {300}
   */
  height?: number;
  /**
   * Steps that the axis reaches over, so that several plots have the same one.
   *
   * @default {those of the points}
   */
  steps?: readonly number[];
}

/** One point of one line. */
export interface CurvePoint {
  /** Arm and its configuration. */
  readonly arm: ConfiguredArm;
  /** Split of an evaluation; `training` or the phase of an update otherwise. */
  readonly series: string;
  /** Updates done (evaluations) or number of the update, from 0. */
  readonly step: number;
  /** Value in the axis' unit. */
  readonly value: number;
  /** Band; null where there is none. */
  readonly band: Interval | null;
  /** Training seeds behind it. */
  readonly seeds: number;
  /** Clusters behind it: scenarios, or task groups. */
  readonly clusters: number;
  /** Tasks behind it (evaluations). */
  readonly tasks: number;
  /** Rollouts behind it. */
  readonly samples: number;
}

/** What one task gave at one point in one training seed. */
interface Sample {
  readonly seed: number;
  readonly cluster: string;
  readonly task: string;
  readonly samples: number;
  readonly value: number;
}

function cellsOf(samples: readonly Sample[], info: CurveMetricInfo): MetricCells {
  const scenarios_C = [...new Set(samples.map(({ cluster }) => cluster))].sort();
  const column = new Map(scenarios_C.map((cluster, index) => [cluster, index]));
  const runs = [...Map.groupBy(samples, ({ seed }) => seed)].sort(([a], [b]) => a - b).map(([seed, own]) => {
    const numerator_C = scenarios_C.map(() => 0);
    const denominator_C = scenarios_C.map(() => 0);
    for (const { cluster, samples, value } of own) {
      const c = column.get(cluster) ?? 0;
      const weight = info.source === "evaluation" ? 1 : samples;
      numerator_C[c] = (numerator_C[c] ?? 0) + weight * value;
      denominator_C[c] = (denominator_C[c] ?? 0) + weight;
    }
    return { seed, evalRun: 0, numerator_C, denominator_C };
  });
  return { scenarios_C, runs, scale: info.scale };
}

function samplesOf(rows: readonly QueryRow[]): Sample[] {
  return rows.flatMap((row): Sample[] => {
    const value = numberOf(row, "value");
    return value === null ? [] : [{
      seed: integerOf(row, "seed"),
      cluster: textOf(row, "cluster"),
      task: textOf(row, "task"),
      samples: integerOf(row, "samples"),
      value,
    }];
  });
}

/**
 * Sums by seed and cluster of the rows of one point, for intervals and paired differences.
 *
 * @param rows rows of `curveSql` of one arm, series and step.
 * @param metric figure of rollouts; figures of updates have no clusters.
 */
export function curveCells(rows: readonly QueryRow[], metric: CurveMetric): MetricCells {
  return cellsOf(samplesOf(rows), curveMetric(metric));
}

/** Value and band of the samples of one point. */
function estimate(samples: readonly Sample[], info: CurveMetricInfo, options: BootstrapOptions) {
  if (info.source !== "update") {
    const { value, interval } = clusterEstimate(cellsOf(samples, info), options);
    return { value, band: interval };
  }
  const values = samples.map(({ value }) => value * info.scale);
  const value = values.reduce((sum, item) => sum + item, 0) / values.length;
  return { value, band: values.length > 1 ? { low: Math.min(...values), high: Math.max(...values) } : null };
}

/**
 * Points of the lines, by arm, series and step.
 *
 * @param rows rows of {@linkcode curveSql}, any order.
 * @param metric what they hold.
 * @param options see {@linkcode BootstrapOptions}.
 */
export function curvePoints(
  rows: readonly QueryRow[],
  metric: CurveMetric,
  options: BootstrapOptions = {},
): CurvePoint[] {
  const info = curveMetric(metric);
  const groups = Map.groupBy(
    rows,
    (row) => JSON.stringify([textOf(row, "arm"), textOf(row, "config_hash"), textOf(row, "series"), row.step ?? null]),
  );
  const points = [...groups.values()].flatMap((group): CurvePoint[] => {
    const samples = samplesOf(group);
    const [first] = group;
    const { value, band } = samples.length === 0 ? { value: null, band: null } : estimate(samples, info, options);
    if (first === undefined || value === null) return [];
    return [{
      arm: configuredArm(first),
      series: textOf(first, "series"),
      step: integerOf(first, "step"),
      value,
      band,
      seeds: new Set(samples.map(({ seed }) => seed)).size,
      clusters: new Set(samples.map(({ cluster }) => cluster)).size,
      tasks: new Set(samples.map(({ task }) => task)).size,
      samples: samples.reduce((sum, sample) => sum + sample.samples, 0),
    }];
  });
  const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return points.sort((a, b) =>
    text(a.arm.arm, b.arm.arm) || text(a.arm.configHash, b.arm.configHash) || text(a.series, b.series) ||
    a.step - b.step
  );
}

/** `from 3 to 5 tasks`, or `5 tasks` where all are equal. */
function span(values: readonly number[], noun: string): string {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low === high ? countOf(high, noun) : `${low} to ${countOf(high, noun)}`;
}

function captionOf(points: readonly CurvePoint[], info: CurveMetricInfo): string {
  const seeds = span(points.map((point) => point.seeds), "training seed");
  if (info.source === "update") {
    const banded = points.some(({ band }) => band !== null);
    return `${seeds}.${banded ? " Band: lowest to highest seed." : ""}`;
  }
  const clusters = span(
    points.map((point) => point.clusters),
    info.source === "evaluation" ? "scenario" : "task group",
  );
  const rollouts = span(points.map((point) => point.samples), "rollout");
  const tasks = info.source === "evaluation" ? `${span(points.map((point) => point.tasks), "task")} in ` : "";
  const over = info.source === "evaluation" ? "scenarios" : "task groups of the step";
  return `A point: ${rollouts} of ${tasks}${clusters}, ${seeds}. Band: 95 % cluster bootstrap over ${over}.`;
}

const HEIGHT = 300;
const LABEL_GAP = 15;
const LABEL_WIDTH = 190;

/**
 * Learning curves of the rows.
 *
 * @example Two evaluations of one task
 * ```ts
 * import { learningCurve } from "whetstone/eval/plots/learning_curve.ts";
 * import assert from "node:assert/strict";
 *
 * const row = { arm: "GRPO", config_hash: "0", seed: 1, series: "test", cluster: "a", task: "a_1", samples: 4 };
 * const plot = learningCurve([{ ...row, step: 0, value: 0.25 }, { ...row, step: 8, value: 0.5 }], "pass1");
 * assert.deepEqual(plot.data.points?.map(({ step, value }) => [step, value]), [[0, 25], [8, 50]]);
 * ```
 *
 * @param rows rows of {@linkcode curveSql}.
 * @param metric what they hold.
 * @param options see {@linkcode LearningCurveOptions}; `runs` should be those of the query.
 * @throws {NothingToPlotError} if no row has a value.
 */
export function learningCurve(
  rows: readonly QueryRow[],
  metric: CurveMetric,
  options: LearningCurveOptions = {},
): Plot {
  const info = curveMetric(metric);
  const { title = info.title, height: least = HEIGHT, steps = [] } = options;
  const points = curvePoints(rows, metric, options);
  if (points.length === 0) throw new NothingToPlotError(nothing(metric, info));
  const nameOf = armLabels(points.map(({ arm }) => arm));
  const arms = [...new Set(points.map(({ arm }) => nameOf(arm)))];
  const serieses = [...new Set(points.map(({ series }) => series))];
  // A line is named by what tells it from the others.
  const lineName = (point: CurvePoint) =>
    serieses.length === 1
      ? (arms.length === 1 && info.source === "evaluation" ? point.series : nameOf(point.arm))
      : arms.length === 1
      ? point.series
      : `${nameOf(point.arm)}, ${point.series}`;
  const lines = [...new Set(points.map(lineName))];
  const byArm = arms.length > 1;
  const style = lines.map((line) => {
    const point = points.find((candidate) => lineName(candidate) === line);
    const arm = point === undefined ? 0 : arms.indexOf(nameOf(point.arm));
    const series = point === undefined ? 0 : serieses.indexOf(point.series);
    // Where colours begin again, dashes go on.
    const [colour, dash] = byArm ? [arm, series] : [series, 0];
    return { colour: seriesColour(colour), dash: seriesDash(dash + Math.floor(colour / SERIES_COLOURS.length)) };
  });

  const height = Math.max(least, lines.length * LABEL_GAP);
  const reached = [...steps, ...points.map(({ step }) => step)];
  const x = axisScale(reached, { integers: true, ticks: 8 });
  const lastStep = Math.max(...reached);
  const y = axisScale(
    points.flatMap(({ value, band }) => (band === null ? [value] : [value, band.low, band.high])),
    info.limits === undefined ? {} : { limits: info.limits },
  );
  const ends = lines.map((line) => points.filter((point) => lineName(point) === line).at(-1));
  const unit = (y.domain[1] - y.domain[0]) / height;
  const places = spreadLabels(ends.map((end) => end?.value ?? y.domain[0]), LABEL_GAP * unit, y.domain);

  const xDomain: readonly [number, number] = [x.domain[0], Math.max(lastStep, x.domain[0] + 1)];
  const xScale: Json = { domain: xDomain, nice: false };
  const yScale: Json = { domain: y.domain, nice: false, zero: false };
  const colour: Json = {
    field: "line",
    type: "nominal",
    scale: { domain: lines, range: style.map((s) => s.colour) },
    legend: null,
  };
  const dash: Json = {
    field: "line",
    type: "nominal",
    scale: { domain: lines, range: style.map((s) => s.dash) },
    legend: null,
  };
  const xEncoding: Json = {
    field: "step",
    type: "quantitative",
    title: info.source === "evaluation" ? "updates done" : "update",
    scale: xScale,
    axis: { values: x.ticks.filter((tick) => tick <= xDomain[1]), format: "d", grid: false },
  };
  const yEncoding: Json = {
    field: "value",
    type: "quantitative",
    title: info.axis,
    scale: yScale,
    axis: { values: y.ticks, ...(y.domain[1] - y.domain[0] < 0.001 ? { format: "~g" } : {}) },
  };
  const crowded = points.length > 40 * lines.length;
  const spec = {
    title: titleBlock(title, captionOf(points, info)),
    width: PLOT_WIDTH,
    height,
    layer: [
      {
        data: { name: "bands" },
        mark: { type: "area", opacity: 0.16 },
        encoding: {
          x: xEncoding,
          y: { ...yEncoding, field: "low" },
          y2: { field: "high" },
          color: colour,
        },
      },
      {
        data: { name: "points" },
        mark: { type: "line", strokeWidth: 2 },
        encoding: { x: xEncoding, y: yEncoding, color: colour, strokeDash: dash },
      },
      ...(crowded ? [] : [{
        data: { name: "points" },
        mark: { type: "point", filled: true, size: 22, opacity: 1 },
        encoding: { x: xEncoding, y: yEncoding, color: colour },
      }]),
      {
        data: { name: "labels" },
        mark: { type: "text", align: "left", baseline: "middle", dx: 10, clip: false },
        encoding: {
          x: xEncoding,
          y: yEncoding,
          text: { field: "label", type: "nominal" },
          color: colour,
        },
      },
    ],
  };
  const extent = y.domain[1] - y.domain[0];
  const shown = (value: number) =>
    extent < 0.01 ? String(Number(value.toPrecision(3))) : value.toFixed(info.scale === 100 ? 1 : extent >= 10 ? 0 : 2);
  return {
    title,
    caption: captionOf(points, info),
    sql: curveSql(metric, options),
    spec,
    data: {
      bands: points.flatMap((point) =>
        point.band === null
          ? []
          : [{ line: lineName(point), step: point.step, low: point.band.low, high: point.band.high }]
      ),
      points: points.map((point) => ({ line: lineName(point), step: point.step, value: point.value })),
      labels: lines.map((line, index) => {
        const end = ends[index];
        return {
          line,
          step: xDomain[1],
          value: places[index] ?? 0,
          label: `${clipText(line, LABEL_WIDTH, FONT_SIZE)} ${shown(end?.value ?? 0)}`,
        };
      }),
    },
  };
}

function nothing(metric: CurveMetric, info: CurveMetricInfo): string {
  const wanted = info.source === "evaluation"
    ? "evaluations during training (phase curve/…)"
    : info.source === "training"
    ? "rollouts of training (phase rl)"
    : "updates";
  return `Cannot draw the learning curve of ${metric}: the record holds no ${wanted} with a value; ` +
    'try another metric, or see what there is with: whet sql "SELECT arm, phase, count(*) FROM rollout JOIN run USING (run_id) GROUP BY ALL"';
}
