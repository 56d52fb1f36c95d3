/**
 * The table of an ablation: one row per cell of the grid, and the paired difference of each to the reference cell, over the whole grid.
 *
 * Contract: everything comes from the record, with the definitions of `metrics.ts`. Intervals are 95 % cluster bootstraps over scenarios;
 * differences in TGC pair the same task, training seed and evaluation pass, cluster by scenario, and are adjusted by Holm's method over
 * all comparisons of a split, so that a large grid does not find something by looking often. Cells whose runs are missing are shown
 * empty. The reference is the paper's setting (chains of two, skill-integrated reward) if the grid has it, else the first cell.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { clusterEstimate } from "./bootstrap.ts";
import { evaluationRow } from "./plots/ablation_bars.ts";
import { finalEvaluationsSql } from "./evaluation_model.ts";
import { type EvaluationRow, type Metric, metricCells, METRICS } from "./metrics.ts";
import { type Query, rowObjects, sqlTexts, textOf } from "./query_rows.ts";
import { cellSql } from "./sage_sql.ts";
import { compareGrid } from "./statistics/compare_grid.ts";
import {
  cellKey,
  renderText,
  type TableCell,
  type TableModel,
  type TableModelRow,
  tableModelsJson,
} from "./table_model.ts";

/** A cell and the configuration of its runs. */
export interface ReportedCell {
  /** As it is shown. */
  readonly name: string;
  /** K. */
  readonly chainLength: number;
  /** What is rewarded. */
  readonly reward: string;
  /** Hash of its configuration. */
  readonly configHash: string;
}

/** Options of {@linkcode ablationReport}. */
export interface AblationReportOptions {
  /** Cells in the order of the table. */
  readonly cells: readonly ReportedCell[];
  /** Training seeds that are compared. */
  readonly seeds: readonly number[];
  /** Splits in the order of the tables. */
  readonly splits: readonly string[];
}

/** Tables for people and for programs. */
export interface AblationReport {
  /** For people. */
  readonly text: string;
  /** For programs: every figure with its interval and query. */
  readonly json: Json;
  /** The tables themselves. */
  readonly tables: readonly TableModel[];
}

const SHOWN: readonly Metric[] = ["tgc", "sgc", "steps", "tokens", "skillUse"];
const REFERENCE = { chainLength: 2, reward: "skill" };

interface CellRuns {
  readonly cell: ReportedCell;
  readonly runs: readonly string[];
}

async function runsOf(query: Query, { cells, seeds }: AblationReportOptions): Promise<CellRuns[]> {
  const rows = rowObjects(
    await query(
      `SELECT config_hash, run_id FROM run WHERE config_hash IN (${sqlTexts(cells.map((cell) => cell.configHash))}) ` +
        `AND seed IN (${seeds.join(", ")}) ORDER BY seed`,
    ),
  );
  return cells.map((cell) => ({
    cell,
    runs: rows.filter((row) => textOf(row, "config_hash") === cell.configHash).map((row) => textOf(row, "run_id")),
  }));
}

function figure(rows: readonly EvaluationRow[], metric: Metric, runs: readonly string[], split: string): TableCell {
  if (rows.length === 0) return { text: "—", value: null };
  const { value, interval } = clusterEstimate(metricCells(rows, metric));
  if (value === null) return { text: "—", value: null };
  const { decimals } = METRICS[metric];
  const range = interval === null ? "" : ` [${interval.low.toFixed(decimals)}, ${interval.high.toFixed(decimals)}]`;
  return {
    text: `${value.toFixed(decimals)}${range}`,
    value,
    interval,
    query: cellSql({ runId: runs, split, metric }),
  };
}

function splitTable(
  split: string,
  cells: readonly CellRuns[],
  rowsOf: ReadonlyMap<string, readonly EvaluationRow[]>,
): TableModel {
  const of = ({ runs }: CellRuns) => runs.flatMap((run) => rowsOf.get(`${run} ${split}`) ?? []);
  const present = cells.filter((cell) => of(cell).length > 0);
  const reference =
    present.find(({ cell }) => cell.chainLength === REFERENCE.chainLength && cell.reward === REFERENCE.reward) ??
      present[0];
  // Cells of one configuration have the same rows; each configuration is compared once.
  const distinct = [...new Map(present.map((cell) => [cell.cell.configHash, cell])).values()];
  const outcomes = distinct.flatMap((cell) =>
    of(cell).map(({ scenario, taskId, seed, evalRun, success }) => ({
      arm: cell.cell.configHash,
      scenario,
      task: taskId,
      seed,
      sample: evalRun,
      value: success,
    }))
  );
  const base = reference?.cell.configHash ?? "";
  const pairs = distinct.filter(({ cell }) => cell.configHash !== base).map(({ cell }) =>
    [cell.configHash, base] as const
  );
  const comparisons = new Map(compareGrid(outcomes, pairs, { scale: 100 }).map((found) => [found.left, found]));
  const difference = ({ cell }: CellRuns): TableCell => {
    const found = comparisons.get(cell.configHash);
    if (found === undefined || found.difference === null) return { text: cell.configHash === base ? "reference" : "—" };
    const sign = (value: number) => `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(1)}`;
    const range = found.interval === null ? "" : ` [${sign(found.interval.low)}, ${sign(found.interval.high)}]`;
    const p = found.adjustedP === null ? "" : `, p = ${found.adjustedP.toFixed(3)}`;
    const { difference: value, interval, resolved } = found;
    return { text: `${sign(value)}${range}${p}${resolved ? "" : ", not resolved"}`, value, interval, resolved };
  };
  return {
    key: cellKey(split),
    title: split,
    columns: [
      { key: "cell", title: "cell" },
      { key: "seeds", title: "seeds", align: "right" },
      ...SHOWN.map((metric) => ({
        key: cellKey(METRICS[metric].label),
        title: METRICS[metric].label,
        unit: METRICS[metric].unit,
        align: "right" as const,
      })),
      { key: "difference", title: `TGC − (${reference?.cell.name ?? "—"})`, unit: "percent" },
    ],
    rows: cells.map((cell): TableModelRow => ({
      key: cellKey(cell.cell.name),
      cells: [
        { text: cell.cell.name },
        { text: String(cell.runs.length), value: cell.runs.length },
        ...SHOWN.map((metric) => figure(of(cell), metric, cell.runs, split)),
        difference(cell),
      ],
    })),
    notes: [
      "95 % cluster bootstrap over scenarios; differences are paired by task, seed and pass, p by sign flips over scenarios, adjusted " +
      "by Holm's method over the grid.",
    ],
  };
}

/**
 * Builds the tables, one per split.
 *
 * @param query runs SQL on the record.
 * @param options see {@linkcode AblationReportOptions}.
 */
export async function ablationReport(query: Query, options: AblationReportOptions): Promise<AblationReport> {
  const cells = await runsOf(query, options);
  const rowsOf = new Map<string, EvaluationRow[]>();
  for (const row of rowObjects(await query(finalEvaluationsSql([...new Set(cells.flatMap((cell) => cell.runs))])))) {
    const key = `${textOf(row, "run_id")} ${textOf(row, "split")}`;
    const list = rowsOf.get(key) ?? [];
    rowsOf.set(key, list);
    list.push(...[evaluationRow(row) ?? []].flat());
  }
  const tables = options.splits.map((split) => splitTable(split, cells, rowsOf));
  return { text: renderText(tables), json: tableModelsJson(tables), tables };
}
