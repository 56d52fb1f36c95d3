/**
 * SAGE's main table: evaluation rollouts of three arms in, figures with intervals beside the paper's values out.
 *
 * Contract: {@linkcode sageTable} is a pure function of its rows and options. Cells are ours with a 95 % cluster-bootstrap interval over
 * scenarios; the last lines of a split compare SAGE with SFT + GRPO, paired by scenario, with a sign-flip p-value. A difference is
 * *resolved* if its interval excludes 0; nothing else is concluded from it. What is unknown or undefined is shown as `—`.
 * The rows and every single cell also come from SQL (`sage_sql.ts`), with the definitions of `metrics.ts`; rollouts hit by an
 * environment fault have no verdict, are left out of every cell and counted.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import {
  type BootstrapOptions,
  clusterEstimate,
  type Difference,
  type Estimate,
  pairedDifference,
} from "./bootstrap.ts";
import {
  type EvaluationRow,
  type Metric,
  metricCells,
  METRICS,
  type PaperMean,
  paperMean,
  runValues,
} from "./metrics.ts";
import { paperDifference, type PaperValue, paperValue, SAGE_SPLITS } from "./paper_values.ts";
import { SAGE_ARMS, type SageArm } from "./scales.ts";
import { cellSql, differenceSql, scenarioSumsSql } from "./sage_sql.ts";
import {
  cellKey,
  type PaperFigure,
  renderMarkdown,
  renderText,
  type TableCell,
  type TableModel,
} from "./table_model.ts";

export { type CellQuery, cellSql, evaluationRowsSql } from "./sage_sql.ts";

/** Columns of the table, in order. */
export const TABLE_METRICS: readonly Metric[] = ["tgc", "sgc", "steps", "tokens", "skillUse"];
/** The two arms that are compared: first minus second. */
export const COMPARED_ARMS: readonly [SageArm, SageArm] = ["SAGE", "SFT + GRPO"];

/** Evaluation of one arm on one split. */
export interface ArmEvaluation {
  /** Arm of the table. */
  readonly arm: SageArm;
  /** Split that it was evaluated on. */
  readonly split: string;
  /** Scored rollouts of all training seeds and evaluation runs. */
  readonly rows: readonly EvaluationRow[];
  /**
   * Rollouts lost to environment faults.
   *
   * @default {0}
   */
  readonly faults?: number;
}

/** One cell. */
export interface SageCell {
  /** Value, interval, number of scenarios and runs. */
  readonly ours: Estimate;
  /** Value of each evaluation run, by seed and pass; null where undefined. */
  readonly runs: readonly (number | null)[];
  /** The same in the paper's convention (runs rounded to one decimal, ± with ddof 0); null where no run has a value. */
  readonly paperConvention: PaperMean | null;
  /** Published value. */
  readonly paper: PaperValue | null;
}

/** One line of a split: an arm. */
export interface SageRow {
  /** Arm of the table. */
  readonly arm: SageArm;
  /** Scored rollouts of all its runs. */
  readonly rollouts: number;
  /** Rollouts lost to environment faults. */
  readonly faults: number;
  /** Cells by metric. */
  readonly cells: Readonly<Partial<Record<Metric, SageCell>>>;
}

/** Comparison of two arms in one metric. */
export interface SageComparison {
  /** What is compared. */
  readonly metric: Metric;
  /** First arm minus second, with interval and test. */
  readonly ours: Difference;
  /** Difference of the published values. */
  readonly paper: PaperValue | null;
}

/** One split. */
export interface SageSplitResult {
  /** Name of the split. */
  readonly split: string;
  /** Arms in the order of the paper. */
  readonly rows: readonly SageRow[];
  /** {@linkcode COMPARED_ARMS}, one entry per metric; empty while one of the arms has no rows. */
  readonly differences: readonly SageComparison[];
}

/** The whole table. */
export interface SageTable {
  /** Splits in the order of the paper. */
  readonly splits: readonly SageSplitResult[];
}

/** Name of a comparison as it is printed. */
export const COMPARISON_LABEL = "SAGE − (SFT + GRPO)";

function orderOfSplit(split: string): number {
  const index = SAGE_SPLITS.findIndex((name) => name === split);
  return index < 0 ? SAGE_SPLITS.length : index;
}

/**
 * Builds the table.
 *
 * @example One arm, one task
 * ```ts
 * import { sageTable } from "whetstone/eval/sage_table.ts";
 * import assert from "node:assert/strict";
 *
 * const row = {
 *   seed: 1, evalRun: 0, scenario: "a", taskId: "a_1", position: 1, success: true, steps: 2, generatedTokens: 90,
 *   skillsOffered: 0, usedSkill: false,
 * };
 * const table = sageTable([{ arm: "SAGE", split: "test_normal", rows: [row] }]);
 * assert.equal(table.splits[0]?.rows[0]?.cells.tgc?.ours.value, 100);
 * assert.equal(table.splits[0]?.rows[0]?.cells.tgc?.paper?.value, 72);
 * ```
 *
 * @param evaluations each arm and split at most once; arms without an entry are left out.
 * @param options see {@linkcode BootstrapOptions}.
 * @throws {EvaluationRowError} if rows contradict each other; {RangeError} if an arm is there twice in a split.
 */
export function sageTable(evaluations: readonly ArmEvaluation[], options: BootstrapOptions = {}): SageTable {
  const splits = [...new Set(evaluations.map((evaluation) => evaluation.split))]
    .sort((a, b) => orderOfSplit(a) - orderOfSplit(b) || (a < b ? -1 : 1));
  return {
    splits: splits.map((split) => {
      const ofArm = new Map<SageArm, ArmEvaluation>();
      for (const evaluation of evaluations) {
        if (evaluation.split !== split) continue;
        if (ofArm.has(evaluation.arm)) {
          throw new RangeError(`Cannot build the table: arm ${evaluation.arm} is there twice in split ${split}`);
        }
        ofArm.set(evaluation.arm, evaluation);
      }
      return {
        split,
        rows: SAGE_ARMS.flatMap((arm) => {
          const evaluation = ofArm.get(arm);
          return evaluation === undefined ? [] : [sageRow(evaluation, options)];
        }),
        differences: compare(ofArm, split, options),
      };
    }),
  };
}

function sageRow(evaluation: ArmEvaluation, options: BootstrapOptions): SageRow {
  const { arm, split, rows, faults = 0 } = evaluation;
  const cells: Partial<Record<Metric, SageCell>> = {};
  for (const metric of TABLE_METRICS) {
    const parts = metricCells(rows, metric);
    const runs = runValues(parts);
    cells[metric] = {
      ours: clusterEstimate(parts, options),
      runs,
      paperConvention: paperMean(runs.filter((value) => value !== null), {
        roundRunsTo: METRICS[metric].unit === "fraction" ? 2 : 1,
      }),
      paper: paperValue(split, arm, metric),
    };
  }
  return { arm, rollouts: rows.length, faults, cells };
}

function compare(
  ofArm: ReadonlyMap<SageArm, ArmEvaluation>,
  split: string,
  options: BootstrapOptions,
): SageComparison[] {
  const [leftArm, rightArm] = COMPARED_ARMS;
  const left = ofArm.get(leftArm);
  const right = ofArm.get(rightArm);
  if (left === undefined || right === undefined) return [];
  return TABLE_METRICS.map((metric) => ({
    metric,
    ours: pairedDifference(metricCells(left.rows, metric), metricCells(right.rows, metric), options),
    paper: paperDifference(split, leftArm, rightArm, metric),
  }));
}

const UNKNOWN = "—";

function number(value: number | null | undefined, metric: Metric, signed = false): string {
  if (value === null || value === undefined) return UNKNOWN;
  const text = Math.abs(value).toFixed(METRICS[metric].decimals);
  // A value that rounds to zero has no sign.
  const sign = Number(text) === 0 ? "" : value < 0 ? "−" : signed ? "+" : "";
  return sign + text;
}

function withInterval(estimate: Estimate, metric: Metric, signed = false): string {
  if (estimate.value === null) return UNKNOWN;
  const { interval } = estimate;
  const range = interval === null
    ? "[—]"
    : `[${number(interval.low, metric, signed)}, ${number(interval.high, metric, signed)}]`;
  return `${number(estimate.value, metric, signed)} ${range}`;
}

function published(value: PaperValue | null, metric: Metric, signed = false): string {
  return `${number(value?.value, metric, signed)}${value?.confidence === "secondary" ? "*" : ""}`;
}

function pValue(difference: Difference): string {
  if (difference.p === null) return UNKNOWN;
  return difference.p < 0.001 ? "< 0.001" : difference.p.toFixed(3);
}

function verdict(difference: Difference): string {
  if (difference.interval === null) return UNKNOWN;
  return difference.resolved ? "resolved" : "not resolved";
}

/** Runs of each arm, which the queries of its cells read. */
export type ArmRuns = Readonly<Partial<Record<SageArm, readonly string[]>>>;

/** Options of {@linkcode renderSageTable}. */
export interface RenderOptions {
  /**
   * Plain text for terminals, or Markdown.
   *
   * @default {"text"}
   */
  format?: "text" | "markdown";
}

/**
 * Renders the table: per split the arms, then the paired difference of SAGE and SFT + GRPO.
 *
 * @param table see {@linkcode sageTable}.
 * @param options see {@linkcode RenderOptions}.
 * @returns text that ends in a line break.
 */
export function renderSageTable(table: SageTable, options: RenderOptions = {}): string {
  const { format = "text" } = options;
  return (format === "markdown" ? renderMarkdown : renderText)(sageTableModels(table));
}

/**
 * The table as models, for every format: per split the arms, then the paired difference of SAGE and SFT + GRPO.
 *
 * @param table see {@linkcode sageTable}.
 * @param runs runs of each arm; the cells of an arm without an entry have no query.
 */
export function sageTableModels(table: SageTable, runs: ArmRuns = {}): TableModel[] {
  const notes = tableNotes(table);
  const models = table.splits.flatMap((split) => [
    armModel(split, runs, notes),
    ...(split.differences.length > 0 ? [differenceModel(split, runs, notes)] : []),
  ]);
  // Notes hang on tables; without a split they hang on one of nothing.
  return models.length > 0 ? models : [{ key: "sage", title: "SAGE", columns: [], rows: [], notes }];
}

function tableNotes(table: SageTable): string[] {
  const secondary = table.splits.some((split) =>
    split.rows.some((row) => TABLE_METRICS.some((metric) => row.cells[metric]?.paper?.confidence === "secondary"))
  );
  return [
    "Cells: ours [95 % interval] (paper). Intervals: cluster bootstrap over scenarios; p: two-sided sign-flip test over scenarios.",
    "resolved: the interval excludes 0. Intervals speak about other scenarios of this world, not about other training seeds.",
    "The paper's values are for Qwen2.5-32B-Instruct on AppWorld with Python skills; they are for reference, not a target.",
    ...(table.splits.some(hasFlatInterval)
      ? [
        "An interval without width means that all scenarios gave the same figure; it says nothing about scenarios not seen.",
      ]
      : []),
    ...(secondary ? ["* from a secondary reading of the ACL version of the paper."] : []),
  ];
}

/** Whether an arm did equally in all scenarios, so that resampling them shows nothing. */
function hasFlatInterval(split: SageSplitResult): boolean {
  return split.rows.some((row) =>
    TABLE_METRICS.some((metric) => {
      const interval = row.cells[metric]?.ours.interval;
      return interval !== null && interval !== undefined && interval.low === interval.high;
    })
  );
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

function splitHeading(split: SageSplitResult): string {
  const estimates = split.rows.flatMap((row) => (row.cells.tgc === undefined ? [] : [row.cells.tgc.ours]));
  const scenarios = Math.max(0, ...estimates.map((estimate) => estimate.scenarios));
  const runs = Math.max(0, ...estimates.map((estimate) => estimate.runs));
  const faults = split.rows.reduce((sum, row) => sum + row.faults, 0);
  const lost = faults === 0 ? "" : `, ${count(faults, "rollout")} lost to environment faults`;
  return `${split.split}: ${count(scenarios, "scenario")}, ${count(runs, "evaluation run")} per arm${lost}`;
}

function paperFigure(value: PaperValue | null, metric: Metric): PaperFigure {
  return { text: published(value, metric), value: value?.value ?? null, source: value?.source ?? null };
}

function armModel(split: SageSplitResult, runs: ArmRuns, notes: readonly string[]): TableModel {
  return {
    key: cellKey(split.split),
    title: splitHeading(split),
    columns: [
      { key: "arm", title: "arm" },
      ...TABLE_METRICS.map((metric) => ({
        key: cellKey(METRICS[metric].label),
        title: METRICS[metric].label,
        unit: METRICS[metric].unit,
      })),
    ],
    rows: split.rows.map((row) => {
      const runId = runs[row.arm];
      const cells = TABLE_METRICS.map((metric): TableCell => {
        const cell = row.cells[metric];
        if (cell === undefined) return { text: UNKNOWN };
        return {
          text: withInterval(cell.ours, metric),
          value: cell.ours.value,
          interval: cell.ours.interval,
          paper: paperFigure(cell.paper, metric),
          ...(runId === undefined ? {} : { query: cellSql({ runId, split: split.split, metric }) }),
        };
      });
      return { key: cellKey(row.arm), cells: [{ text: row.arm }, ...cells] };
    }),
    notes,
  };
}

function differenceModel(split: SageSplitResult, runs: ArmRuns, notes: readonly string[]): TableModel {
  const scenarios = split.differences[0]?.ours.scenarios ?? 0;
  const [left, right] = COMPARED_ARMS.map((arm) => runs[arm]);
  return {
    key: `${cellKey(split.split)}-difference`,
    title: `${COMPARISON_LABEL} on ${split.split}, paired over ${count(scenarios, "scenario")}`,
    columns: [
      { key: "metric", title: "metric" },
      { key: "difference", title: "difference" },
      { key: "p", title: "p", align: "right" },
      { key: "resolved", title: "from zero" },
      { key: "paper", title: "paper", align: "right" },
    ],
    rows: split.differences.map(({ metric, ours, paper }) => {
      const known = left !== undefined && right !== undefined;
      const query = known
        ? { query: differenceSql({ left, right, split: split.split, metric, unpaired: ours.unpaired > 0 }) }
        : {};
      const sums = known ? { query: scenarioSumsSql({ runId: [...left, ...right], split: split.split, metric }) } : {};
      return {
        key: cellKey(METRICS[metric].label),
        cells: [
          { text: METRICS[metric].label },
          {
            text: withInterval(ours, metric, true),
            value: ours.value,
            interval: ours.interval,
            ...(ours.interval === null ? {} : { resolved: ours.resolved }),
            ...query,
          },
          { text: pValue(ours), value: ours.p, ...sums },
          { text: verdict(ours) },
          {
            text: published(paper, metric, true),
            ...(paper === null ? {} : { value: paper.value, source: paper.source }),
          },
        ],
      };
    }),
    notes,
  };
}

/** The table as JSON, units as in `METRICS`. */
export function sageTableJson(table: SageTable): Json {
  // Everything in it is plain data; the round trip drops undefined fields and gives the type.
  return JSON.parse(JSON.stringify(table)) as Json;
}
