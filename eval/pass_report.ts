/**
 * What sampled answers amount to: Pass@1, pass@k and maj@k of each arm on each split, what graders said, and paired differences.
 *
 * Contract: everything is read from the record's final evaluations (phase `eval/<split>`). Pass@1 is the mean over tasks of the mean over a
 * task's samples, pass@k the unbiased estimate from the n samples of each (task, training seed), maj@k the chance that the commonest answer
 * of k samples is right, with answers as the first grader read them. Intervals (95 %) and tests take the scenario as the unit that was
 * drawn: the family of a seeded problem, the problem itself of a data file. Differences pair the same task, training seed and sample.
 * Choices: k is 1 and the powers of two up to the smallest number of samples. A rollout lost to an environment fault has no verdict; it
 * is left out and counted.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { GRADER } from "../envs/math/grader/verify.ts";
import { type Query, rowObjects, sqlText, sqlTexts, textOf } from "./query_rows.ts";
import { compareArms, type Comparison } from "./statistics/compare_arms.ts";
import type { ComparisonRow } from "./statistics/pair_rows.ts";
import { sampleMetric, type SampleRow } from "./statistics/sample_metrics.ts";
import {
  cellKey,
  renderText,
  type TableCell,
  type TableModel,
  type TableModelRow,
  tableModelsJson,
} from "./table_model.ts";

/** An arm: runs that differ in their seed only. */
export interface PassArm {
  /** As it is shown. */
  readonly name: string;
  /** Its runs. */
  readonly runs: readonly string[];
}

/** Options of {@linkcode passReport}. */
export interface PassReportOptions {
  /** Arms in the order of the table. */
  readonly arms: readonly PassArm[];
  /** Splits in the order of the table. */
  readonly splits: readonly string[];
  /** Label of tasks (e.g. `domain`) by which Pass@1 is shown in a second table; none if left out. */
  readonly groupBy?: string;
  /** Arm that the others are compared with. @default the first */
  readonly reference?: string;
}

/** Tables for people and for programs. */
export interface PassReport {
  /** For people. */
  readonly text: string;
  /** For programs: every figure with its interval and query. */
  readonly json: Json;
  /** The tables themselves. */
  readonly tables: readonly TableModel[];
}

/** A scored sample of a final evaluation. */
export interface PassRow {
  /** Name of the arm. */
  readonly arm: string;
  /** Split. */
  readonly split: string;
  /** Training seed. */
  readonly seed: number;
  /** Scenario of the task. */
  readonly scenario: string;
  /** Task. */
  readonly task: string;
  /** Sample of the task, from 0. */
  readonly sample: number;
  /** null after an environment fault. */
  readonly success: boolean | null;
  /** Generated tokens. */
  readonly tokens: number;
  /** Answer as the first grader read it; null without one. */
  readonly answer: string | null;
  /** What the first grader said; null without one. */
  readonly verdict: string | null;
  /** Label that is grouped by; empty without one. */
  readonly group: string;
}

const PERCENT = 100;

/** Label of a task in SQL, where `t` is its row. */
function labelSql(name: string): string {
  return `coalesce(json_extract_string(t.labels, ${sqlText(`$."${name}"`)}), '—')`;
}

/** Samples of the final evaluations of arms on splits. */
export async function passRows(query: Query, { arms, splits, groupBy }: PassReportOptions): Promise<PassRow[]> {
  const runs = arms.flatMap((arm) => arm.runs);
  const armOf = new Map(arms.flatMap((arm) => arm.runs.map((run) => [run, arm.name])));
  const label = groupBy === undefined ? "''" : labelSql(groupBy);
  const result = await query(
    `SELECT r.run_id, substr(r.phase, 6) AS split, run.seed, r.scenario, r.task_id, r.sample, r.success,
       r.generated_tokens, v.answer, v.verdict, ${label} AS label
     FROM rollout r JOIN run USING (run_id)
     LEFT JOIN task t ON t.environment_hash = run.environment_hash AND t.task_id = r.task_id
     LEFT JOIN verdict v ON v.run_id = r.run_id AND v.phase = r.phase AND v.step = r.step AND v.grp = r.grp
       AND v.sample = r.sample AND v.position = r.position AND v.version = 1 AND v.grader = ${sqlText(GRADER)}
     WHERE r.run_id IN (${sqlTexts(runs)}) AND r.phase IN (${sqlTexts(splits.map((split) => `eval/${split}`))})
     ORDER BY ALL`,
  );
  return rowObjects(result).map((row) => ({
    arm: armOf.get(textOf(row, "run_id")) ?? "",
    split: textOf(row, "split"),
    seed: Number(row["seed"]),
    scenario: textOf(row, "scenario"),
    task: textOf(row, "task_id"),
    sample: Number(row["sample"]),
    success: typeof row["success"] === "boolean" ? row["success"] : null,
    tokens: Number(row["generated_tokens"]),
    answer: typeof row["answer"] === "string" ? row["answer"] : null,
    verdict: typeof row["verdict"] === "string" ? row["verdict"] : null,
    group: textOf(row, "label"),
  }));
}

/** Samples as Pass@k counts them; those lost to faults are left out. */
export function samplesOf(rows: readonly PassRow[]): SampleRow[] {
  return rows.flatMap((row) =>
    row.success === null
      ? []
      : [{ problem: `${row.task} ${row.seed}`, scenario: row.scenario, correct: row.success, answer: row.answer }]
  );
}

/** SQL of Pass@1 or pass@k in percent, over the tasks of one arm and split. */
export function passSql(arm: PassArm, split: string, k: number): string {
  const chosen = `run_id IN (${sqlTexts(arm.runs)}) AND phase = ${sqlText(`eval/${split}`)} AND success IS NOT NULL`;
  // The product of no factors is 1, where no sample is right; DuckDB makes it null.
  return `SELECT 100 * avg(CASE WHEN n - c < ${k} THEN 1 ELSE 1 - coalesce(list_product(list_transform(` +
    `range(n - c + 1, n + 1), lambda x: 1 - ${k} / x)), 1) END) FROM (SELECT count(*) AS n, count(*) FILTER (success) AS c FROM rollout ` +
    `WHERE ${chosen} GROUP BY run_id, task_id) WHERE n >= ${k}`;
}

/** Cell of a share with its interval, in percent. */
export function percentCell(
  { mean, interval }: { readonly mean: number | null; readonly interval: { low: number; high: number } | null },
  query?: string,
): TableCell {
  if (mean === null) return { text: "—", value: null };
  const scaled = interval === null ? null : { low: interval.low * PERCENT, high: interval.high * PERCENT };
  const value = mean * PERCENT;
  const range = scaled === null ? "" : ` [${scaled.low.toFixed(1)}, ${scaled.high.toFixed(1)}]`;
  return { text: `${value.toFixed(1)}${range}`, value, interval: scaled, ...(query === undefined ? {} : { query }) };
}

/** 1 and the powers of two up to n. */
function sizesUpTo(n: number): number[] {
  const sizes: number[] = [];
  for (let k = 1; k <= n; k *= 2) sizes.push(k);
  return sizes;
}

function splitTable(split: string, rows: readonly PassRow[], options: PassReportOptions): TableModel {
  const counts = [...Map.groupBy(rows, (row) => `${row.arm} ${row.seed} ${row.task}`).values()].map((group) =>
    group.length
  );
  const sizes = sizesUpTo(counts.length === 0 ? 1 : Math.min(...counts));
  const largest = sizes.at(-1) ?? 1;
  const withAnswers = rows.some((row) => row.answer !== null) && largest > 1;
  const verdicts = rows.some((row) => row.verdict !== null);
  const columns = [
    { key: "arm", title: "arm" },
    { key: "tasks", title: "tasks", align: "right" as const },
    ...sizes.map((k) => ({
      key: `pass-${k}`,
      title: `${k === 1 ? "Pass" : "pass"}@${k}`,
      unit: "%",
      align: "right" as const,
    })),
    ...(withAnswers ? [{ key: "maj", title: `maj@${largest}`, unit: "%", align: "right" as const }] : []),
    { key: "tokens", title: "tokens", unit: "tokens", align: "right" as const },
    ...(verdicts ? [{ key: "unparsed", title: "unparsed", unit: "%", align: "right" as const }] : []),
  ];
  const notes: string[] = [];
  const tableRows = options.arms.flatMap((arm): TableModelRow[] => {
    const mine = rows.filter((row) => row.arm === arm.name);
    if (mine.length === 0) return [];
    const scored = mine.filter((row) => row.success !== null);
    if (scored.length < mine.length) {
      notes.push(`${arm.name}, ${split}: ${mine.length - scored.length} rollouts were lost to environment faults.`);
    }
    const samples = samplesOf(mine);
    const chosen = `run_id IN (${sqlTexts(arm.runs)}) AND phase = ${sqlText(`eval/${split}`)}`;
    const tokens = scored.reduce((sum, row) => sum + row.tokens, 0) / Math.max(1, scored.length);
    const unparsed = scored.filter((row) => row.verdict === "unparsed").length / Math.max(1, scored.length);
    return [{
      key: cellKey(arm.name),
      cells: [
        { text: arm.name },
        {
          text: String(new Set(scored.map((row) => row.task)).size),
          value: new Set(scored.map((row) => row.task)).size,
          query: `SELECT count(DISTINCT task_id) FROM rollout WHERE ${chosen} AND success IS NOT NULL`,
        },
        ...sizes.map((k) =>
          percentCell(sampleMetric(samples, k === 1 ? "pass@1" : "pass@k", k), passSql(arm, split, k))
        ),
        ...(withAnswers ? [percentCell(sampleMetric(samples, "maj@k", largest))] : []),
        {
          text: tokens.toFixed(0),
          value: tokens,
          query: `SELECT avg(generated_tokens) FROM rollout WHERE ${chosen} AND success IS NOT NULL`,
        },
        ...(verdicts
          ? [{
            text: (unparsed * PERCENT).toFixed(1),
            value: unparsed * PERCENT,
            // A rollout whose context was full before it could answer is scored without a verdict.
            query:
              "SELECT 100 * avg(coalesce((verdict = 'unparsed')::INTEGER, 0)) FROM rollout LEFT JOIN (SELECT * FROM " +
              `verdict WHERE version = 1 AND grader = ${
                sqlText(GRADER)
              }) AS read USING (run_id, phase, step, grp, sample, ` +
              `position) WHERE ${chosen} AND success IS NOT NULL`,
          }]
          : []),
      ],
    }];
  });
  return { key: cellKey(split), title: split, columns, rows: tableRows, notes };
}

/** Samples as comparisons take them. */
export function comparisonRows(rows: readonly PassRow[]): ComparisonRow[] {
  return rows.flatMap(({ arm, scenario, task, seed, sample, success }) =>
    success === null ? [] : [{ arm, scenario, task, seed, sample, value: success }]
  );
}

function comparisonText(comparison: Comparison): string {
  const { difference, interval, p, resolved, pairs, clusters } = comparison;
  if (difference === null) return "no pairs";
  const sign = (value: number) => `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(1)}`;
  const range = interval === null ? "" : ` [${sign(interval.low)}, ${sign(interval.high)}]`;
  const test = p === null ? "" : `, p = ${p < 0.001 ? "< 0.001" : p.toFixed(3)}`.replace("= <", "<");
  return `${sign(difference)}${range}${test}, ${pairs} pairs, ${clusters} scenarios, ${resolved ? "" : "not "}resolved`;
}

function differenceTable(rows: readonly PassRow[], options: PassReportOptions): TableModel | undefined {
  const reference = options.arms.find(({ name }) => name === options.reference) ?? options.arms[0];
  const others = options.arms.filter((arm) => arm !== reference);
  if (reference === undefined || others.length === 0) return undefined;
  const tableRows = options.splits.flatMap((split) =>
    others.flatMap((arm): TableModelRow[] => {
      const ofSplit = comparisonRows(rows.filter((row) => row.split === split));
      if (![arm.name, reference.name].every((name) => ofSplit.some((row) => row.arm === name))) return [];
      const comparison = compareArms(ofSplit, arm.name, reference.name, { scale: PERCENT });
      return [{
        key: cellKey(`${arm.name}-${split}`),
        cells: [
          { text: `${arm.name} − ${reference.name}` },
          { text: split },
          {
            text: comparisonText(comparison),
            value: comparison.difference,
            interval: comparison.interval,
            resolved: comparison.resolved,
          },
        ],
      }];
    })
  );
  if (tableRows.length === 0) return undefined;
  return {
    key: "differences",
    title: "Paired differences in Pass@1, points",
    columns: [
      { key: "arms", title: "arms" },
      { key: "split", title: "split" },
      { key: "difference", title: "difference, 95 % interval and sign-flip test over scenarios" },
    ],
    rows: tableRows,
    notes: [],
  };
}

function groupTable(rows: readonly PassRow[], options: PassReportOptions): TableModel | undefined {
  if (options.groupBy === undefined) return undefined;
  const arms = options.arms.filter((arm) => rows.some((row) => row.arm === arm.name));
  const groups = [...Map.groupBy(rows, (row) => `${row.split}\n${row.group}`)].sort(([a], [b]) => (a < b ? -1 : 1));
  if (groups.length === 0) return undefined;
  return {
    key: "groups",
    title: `Pass@1 by ${options.groupBy}, %`,
    columns: [
      { key: "split", title: "split" },
      { key: "group", title: options.groupBy },
      { key: "tasks", title: "tasks", align: "right" },
      ...arms.map((arm) => ({ key: cellKey(arm.name), title: arm.name, unit: "%", align: "right" as const })),
    ],
    rows: groups.map(([key, mine]) => {
      const [split = "", group = ""] = key.split("\n");
      const tasks = new Set(mine.map((row) => row.task)).size;
      const ofGroup = (runs: readonly string[]) =>
        `FROM rollout r JOIN run USING (run_id) LEFT JOIN task t ON t.environment_hash = run.environment_hash AND ` +
        `t.task_id = r.task_id WHERE r.run_id IN (${sqlTexts(runs)}) AND r.phase = ${sqlText(`eval/${split}`)} AND ` +
        `${labelSql(options.groupBy ?? "")} = ${sqlText(group)}`;
      const meanSql = (runs: readonly string[]) =>
        `SELECT 100 * avg(mean) FROM (SELECT avg(success::INTEGER) AS mean ${ofGroup(runs)} AND success IS NOT NULL ` +
        `GROUP BY r.run_id, r.task_id)`;
      return {
        key: cellKey(`${split}-${group}`),
        cells: [
          { text: split },
          { text: group },
          {
            text: String(tasks),
            value: tasks,
            query: `SELECT count(DISTINCT r.task_id) ${ofGroup(arms.flatMap((arm) => arm.runs))}`,
          },
          ...arms.map((arm) =>
            percentCell(
              sampleMetric(samplesOf(mine.filter((row) => row.arm === arm.name)), "pass@1"),
              meanSql(arm.runs),
            )
          ),
        ],
      };
    }),
    notes: [],
  };
}

/** Tables as a report. */
export function tablesReport(tables: readonly TableModel[]): PassReport {
  return { text: renderText(tables), json: tableModelsJson(tables), tables };
}

/**
 * Builds the tables.
 *
 * @param query runs SQL on the record.
 * @param options see {@linkcode PassReportOptions}.
 */
export async function passReport(query: Query, options: PassReportOptions): Promise<PassReport> {
  const rows = await passRows(query, options);
  const tables = [
    ...options.splits.map((split) => splitTable(split, rows.filter((row) => row.split === split), options)),
    differenceTable(rows, options),
    groupTable(rows, options),
  ].filter((table) => table !== undefined && table.rows.length > 0) as TableModel[];
  return tablesReport(tables);
}
