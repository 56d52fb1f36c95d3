/**
 * Learning curves as a table: the figure before training, at the last evaluation, and how much it rose, per arm and split.
 *
 * Contract: a pure function of the rows that the curve is drawn from. Values have 95 % cluster-bootstrap intervals over scenarios; the rise
 * is the last evaluation minus the first, paired by scenario, with a sign-flip p-value, and is *resolved* if its interval excludes 0.
 * Steps between are in the plot. With several training seeds, only steps that all of them have reached are compared.
 *
 * @module
 */
import { type BootstrapOptions, clusterEstimate, type Estimate, pairedDifference } from "./bootstrap.ts";
import { armLabels, configuredArm } from "./plots/arm_labels.ts";
import { CURVE_METRICS, curveMetric, runCondition, type RunFilter } from "./plots/curve_metrics.ts";
import { curveCells } from "./plots/learning_curve.ts";
import { countOf } from "./plots/plot.ts";
import { integerOf, numberOf, type QueryRow, sqlText, textOf } from "./query_rows.ts";
import { cellKey, type TableCell, type TableModel } from "./table_model.ts";

/** Figures of evaluations during training. */
export type EvaluationCurveMetric = "pass1" | "score";

/** Options of {@linkcode curveModel}. */
export interface CurveModelOptions extends RunFilter, BootstrapOptions {
  /**
   * Begins the table's address.
   *
   * @default {"curve"}
   */
  readonly key?: string;
}

/** One line of a curve. */
interface Line {
  readonly arm: string;
  readonly configHash: string;
  readonly series: string;
}

/** SQL of one point: mean over training seeds of the mean over tasks of the mean over samples. */
function pointSql(metric: EvaluationCurveMetric, line: Line, step: number, filter: RunFilter): string {
  const { sql, scale } = curveMetric(metric);
  const tasks = `SELECT r.run_id, r.task_id, avg(${sql}) AS value FROM rollout r JOIN run USING (run_id) ` +
    `WHERE run.arm = ${sqlText(line.arm)} AND run.config_hash = ${sqlText(line.configHash)} ` +
    `AND r.phase = ${sqlText(`curve/${line.series}`)} AND r.step = ${step} AND r.success IS NOT NULL${
      runCondition(filter)
    } ` +
    "GROUP BY r.run_id, r.task_id";
  return `SELECT avg(value) AS ${metric} FROM (SELECT ${scale} * avg(value) AS value FROM (${tasks}) GROUP BY run_id)`;
}

function withInterval({ value, interval }: Estimate, decimals: number, signed = false): string {
  if (value === null) return "—";
  const shown = (figure: number) => {
    const text = Math.abs(figure).toFixed(decimals);
    return `${Number(text) === 0 ? "" : figure < 0 ? "−" : signed ? "+" : ""}${text}`;
  };
  return `${shown(value)} ${interval === null ? "[—]" : `[${shown(interval.low)}, ${shown(interval.high)}]`}`;
}

/** Steps at which as many training seeds were evaluated as anywhere, ascending. */
function commonSteps(rows: readonly QueryRow[]): number[] {
  const seeds = new Map<number, Set<number>>();
  for (const row of rows) {
    const step = integerOf(row, "step");
    const known = seeds.get(step) ?? new Set<number>();
    seeds.set(step, known.add(integerOf(row, "seed")));
  }
  const most = Math.max(0, ...[...seeds.values()].map(({ size }) => size));
  return [...seeds].filter(([, own]) => own.size === most).map(([step]) => step).sort((a, b) => a - b);
}

/**
 * Table of the curves.
 *
 * @param rows rows of `curveSql` of an evaluation metric.
 * @param metric what they hold.
 * @param options see {@linkcode CurveModelOptions}; `runs` should be those of the query.
 * @returns null if there are no rows with a value.
 */
export function curveModel(
  rows: readonly QueryRow[],
  metric: EvaluationCurveMetric,
  options: CurveModelOptions = {},
): TableModel | null {
  const { key = "curve" } = options;
  const valued = rows.filter((row) => numberOf(row, "value") !== null);
  if (valued.length === 0) return null;
  const { axis, scale } = CURVE_METRICS[metric];
  const decimals = scale === 100 ? 1 : 3;
  const nameOf = armLabels(valued.map(configuredArm));
  const groups = Map.groupBy(
    valued,
    (row) => JSON.stringify([textOf(row, "arm"), textOf(row, "config_hash"), textOf(row, "series")]),
  );
  const lines = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => {
    const [row = {}] = own;
    const line: Line = { ...configuredArm(row), series: textOf(row, "series") };
    const steps = commonSteps(own);
    const [first = 0] = steps;
    const last = steps.at(-1) ?? first;
    const cells = (step: number) =>
      curveCells(own.filter((candidate) => integerOf(candidate, "step") === step), metric);
    const at = (step: number): TableCell => {
      const estimate = clusterEstimate(cells(step), options);
      return {
        text: withInterval(estimate, decimals),
        value: estimate.value,
        interval: estimate.interval,
        query: pointSql(metric, line, step, options),
      };
    };
    const rise = pairedDifference(cells(last), cells(first), options);
    const lastRows = own.filter((candidate) => integerOf(candidate, "step") === last);
    const samples = lastRows.reduce((sum, candidate) => sum + integerOf(candidate, "samples"), 0);
    const tasks = new Set(lastRows.map((candidate) => textOf(candidate, "task"))).size;
    const seeds = new Set(lastRows.map((candidate) => integerOf(candidate, "seed"))).size;
    return {
      key: cellKey(`${nameOf(line)}-${line.series}`),
      cells: [
        { text: nameOf(line) },
        { text: line.series },
        at(first),
        at(last),
        {
          text: withInterval(rise, decimals, true),
          value: rise.value,
          interval: rise.interval,
          ...(rise.interval === null ? {} : { resolved: rise.resolved }),
          query: `SELECT (${pointSql(metric, line, last, options)}) - (${
            pointSql(metric, line, first, options)
          }) AS rise`,
        },
        { text: rise.p === null ? "—" : rise.p < 0.001 ? "< 0.001" : rise.p.toFixed(3), value: rise.p },
        { text: rise.interval === null ? "—" : rise.resolved ? "resolved" : "not resolved" },
        { text: `${first} to ${last}` },
        { text: `${countOf(tasks, "task")}, ${countOf(samples, "rollout")}, ${countOf(seeds, "seed")}` },
      ],
    };
  });
  return {
    key: cellKey(`${key}-${metric}`),
    title: `${axis} during training`,
    columns: [
      { key: "arm", title: "arm" },
      { key: "split", title: "split" },
      { key: "first", title: "first", unit: axis, align: "right" },
      { key: "last", title: "last", unit: axis, align: "right" },
      { key: "rise", title: "rise", unit: axis, align: "right" },
      { key: "p", title: "p", align: "right" },
      { key: "resolved", title: "from zero" },
      { key: "updates", title: "updates" },
      { key: "n", title: "n at the last" },
    ],
    rows: lines,
    notes: [
      "Cells: mean over training seeds of the mean over tasks of the mean over a task's samples [95 % interval, cluster bootstrap over scenarios].",
      "rise: last minus first, paired by scenario; p: two-sided sign-flip test; resolved: the interval excludes 0.",
    ],
  };
}
