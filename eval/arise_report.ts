/**
 * ARISE's tables: Pass@1 by split and domain with paired differences, what skills did, what they cost, and the published figures.
 *
 * Contract: everything is read from the record, and the queries of the cells are what made them. Utilisation is the share of rollouts that were shown a skill,
 * of those that were free to have one: reserved rollouts do not count. Token overhead counts all tokens of training, read and written, against those of the arm that is
 * compared with. Published figures are of other models on other problems and marked as what they are.
 *
 * @module
 */
import { figure, SKILL_FIGURES, type SkillFigure, UTILISATION_NOTE } from "./arise_figures.ts";
import { ARISE_PAPER_BENCHMARKS, ARISE_PAPER_MODELS, arisePaperValue } from "./arise_paper_values.ts";
import { SKILL_QUALITY_LEVELS } from "../train/arise_rewards.ts";
import type { PaperValue } from "./paper_values.ts";
import { type PassArm, type PassReport, passReport, tablesReport } from "./pass_report.ts";
import { type Query, sqlText, sqlTexts } from "./query_rows.ts";
import { cellKey, type TableCell, type TableModel } from "./table_model.ts";

/** Options of {@linkcode ariseReport}. */
export interface AriseReportOptions {
  /** Arms in the order of the table. */
  readonly arms: readonly PassArm[];
  /** Splits in the order of the table. */
  readonly splits: readonly string[];
  /** Arm that others are compared with. */
  readonly reference: string;
  /** Label of tasks by which Pass@1 is shown. @default {"domain"} */
  readonly groupBy?: string;
  /** Whether the published main table is shown. @default {true} */
  readonly published?: boolean;
}

/** Use of skills in training and in evaluation, by arm. */
async function skillTable(query: Query, { arms, splits }: AriseReportOptions): Promise<TableModel> {
  const evaluated = splits.map((split): SkillFigure => ({
    column: { key: cellKey(`use-${split}`), title: `used, ${split}`, unit: "%", align: "right" },
    sql: (runs) =>
      `SELECT 100 * avg(used_skill::INTEGER) FROM rollout WHERE run_id IN (${sqlTexts(runs)}) AND phase = ${
        sqlText(`eval/${split}`)
      }`,
    decimals: 1,
  }));
  const columns = [...Object.values(SKILL_FIGURES), ...evaluated];
  const rows = [];
  for (const { name, runs } of arms) {
    const cells: TableCell[] = [{ text: name }];
    for (const { sql, decimals, paper } of columns) cells.push(await figure(query, sql(runs), decimals, paper?.(name)));
    // Arms without a library have nothing to show here.
    if (cells.slice(1).some(({ value }) => value !== null && value !== 0)) rows.push({ key: cellKey(name), cells });
  }
  return {
    key: "skills",
    title: "Skills",
    columns: [{ key: "arm", title: "arm" }, ...columns.map(({ column }) => column)],
    rows,
    notes: [
      ...(rows.some(({ cells }) => cells.some(({ paper }) => paper !== undefined)) ? [UTILISATION_NOTE] : []),
      ...(arms.some(({ name }) => name === "TF-IDF manager")
        ? [
          "The cache utility of the TF-IDF manager is the mean success rate of its entries, each of which begins with 0.5.",
        ]
        : []),
    ],
  };
}

/** Evaluation without skills beside the one with them, by arm and split. */
async function plainTable(query: Query, { arms, splits }: AriseReportOptions): Promise<TableModel> {
  const pass = (runs: readonly string[], phase: string) =>
    "SELECT 100 * avg(mean) FROM (SELECT avg(success::INTEGER) AS mean FROM rollout " +
    `WHERE run_id IN (${sqlTexts(runs)}) AND phase = ${
      sqlText(phase)
    } AND success IS NOT NULL GROUP BY run_id, task_id)`;
  const rows = [];
  for (const { name, runs } of arms) {
    for (const split of splits) {
      const without = await figure(query, pass(runs, `plain/${split}`), 1);
      if (without.value === null) continue;
      const cells = [{ text: name }, { text: split }, await figure(query, pass(runs, `eval/${split}`), 1), without];
      rows.push({ key: cellKey(`${name}-${split}`), cells });
    }
  }
  return {
    key: "without-skills",
    title: "Pass@1 of the same weights with and without their library, %",
    columns: [
      { key: "arm", title: "arm" },
      { key: "split", title: "split" },
      { key: "with", title: "with", unit: "%", align: "right" },
      { key: "without", title: "without", unit: "%", align: "right" },
    ],
    rows,
    notes: [],
  };
}

const COMPONENTS = ["solve", "select", "conclude", "verify"] as const;

/** Tokens of training by component, and against the reference arm. */
async function tokenTable(query: Query, { arms, reference }: AriseReportOptions): Promise<TableModel> {
  const played = (runs: readonly string[]) =>
    `SELECT sum(prompt_tokens + generated_tokens + observation_tokens) FROM rollout WHERE run_id IN (${
      sqlTexts(runs)
    }) AND phase IN ('rl', 'verify', 'baseline')`;
  const other = (runs: readonly string[]) =>
    `SELECT coalesce(sum(prompt_tokens + generated_tokens), 0) FROM component_tokens WHERE run_id IN (${
      sqlTexts(runs)
    }) AND component IN ('select', 'conclude')`;
  const total = (runs: readonly string[]) => `(${played(runs)}) + (${other(runs)})`;
  const base = arms.find(({ name }) => name === reference);
  const rows = [];
  for (const { name, runs } of arms) {
    const all = await figure(query, `SELECT ${total(runs)}`, 0);
    if (all.value === null) continue;
    const parts: TableCell[] = [];
    for (const component of COMPONENTS) {
      parts.push(
        await figure(
          query,
          `SELECT sum(prompt_tokens + generated_tokens) FROM component_tokens WHERE run_id IN (${
            sqlTexts(runs)
          }) AND component = ${sqlText(component)}`,
          0,
        ),
      );
    }
    const ratio = base === undefined
      ? { text: "—", value: null }
      : await figure(query, `SELECT (${total(runs)}) / (${total(base.runs)})`, 2);
    rows.push({ key: cellKey(name), cells: [{ text: name }, all, ...parts, ratio] });
  }
  return {
    key: "tokens",
    title: "Tokens of reinforcement learning, read and written",
    columns: [
      { key: "arm", title: "arm" },
      { key: "all", title: "all", unit: "tokens", align: "right" },
      ...COMPONENTS.map((component) => ({ key: component, title: component, unit: "tokens", align: "right" as const })),
      { key: "ratio", title: `times ${reference}`, align: "right" },
    ],
    rows,
    notes: [],
  };
}

/** The paper's main table. */
function publishedTable(): TableModel {
  const cellOf = (value: PaperValue | null): TableCell =>
    value === null
      ? { text: "—", value: null }
      : { text: value.value.toFixed(1), value: value.value, source: value.source };
  return {
    key: "published",
    title:
      "Published Pass@1 of models of 4 billion parameters, % (secondary: from a third party's reading of the first version)",
    columns: [
      { key: "model", title: "model" },
      { key: "method", title: "method" },
      ...ARISE_PAPER_BENCHMARKS.map((name) => ({
        key: cellKey(name),
        title: name,
        unit: "%",
        align: "right" as const,
      })),
    ],
    rows: ARISE_PAPER_MODELS.flatMap((model) =>
      (["GRPO", "ARISE"] as const).map((method) => ({
        key: cellKey(`${model}-${method}`),
        cells: [
          { text: model },
          { text: method },
          ...ARISE_PAPER_BENCHMARKS.map((benchmark) => cellOf(arisePaperValue(model, method, benchmark))),
        ],
      }))
    ),
    notes: [],
  };
}

/**
 * Distribution of R_s by stage of training: the warm-up, and three thirds of what follows.
 *
 * @param arms arms in the order of the table; those without conclusions are left out.
 */
export async function skillQualityTable(query: Query, arms: readonly PassArm[]): Promise<TableModel> {
  const staged = (runs: readonly string[]) =>
    "SELECT level, quality, name, CASE WHEN step < warmup THEN 0 ELSE 1 + floor(3 * (step - warmup) / greatest(1, steps - warmup)) END AS stage " +
    "FROM (SELECT c.*, (run.config->>'$.train.warmupSteps')::INTEGER AS warmup, (run.config->>'$.train.steps')::INTEGER AS steps " +
    `FROM conclusion c JOIN run USING (run_id) WHERE run_id IN (${sqlTexts(runs)}))`;
  const stages = ["warm-up", "first third", "second third", "last third"];
  const rows = [];
  for (const { name, runs } of arms) {
    for (const [stage, title] of stages.entries()) {
      const of = `FROM (${staged(runs)}) WHERE stage = ${stage}`;
      const count = await figure(query, `SELECT count(*) ${of} AND name IS NOT NULL`, 0);
      if (count.value === 0) continue;
      const cells: TableCell[] = [{ text: name }, { text: title }, count];
      for (const level of SKILL_QUALITY_LEVELS) {
        cells.push(
          await figure(query, `SELECT 100 * avg((level = ${sqlText(level)})::INTEGER) ${of} AND level IS NOT NULL`, 1),
        );
      }
      cells.push(await figure(query, `SELECT avg(quality) ${of}`, 2));
      rows.push({ key: cellKey(`${name}-${title}`), cells });
    }
  }
  return {
    key: "arise-rs",
    title: "Quality R_s of concluded skills by stage of training",
    columns: [
      { key: "arm", title: "arm" },
      { key: "stage", title: "stage" },
      { key: "skills", title: "skills", align: "right" },
      ...SKILL_QUALITY_LEVELS.map((level) => ({
        key: cellKey(level),
        title: level,
        unit: "%",
        align: "right" as const,
      })),
      { key: "mean", title: "mean", align: "right" },
    ],
    rows,
    notes: [
      "R1 harmful, R2 neutral, R3 redundant, R4 critical. In the warm-up every group has unaided successes, so that only R1 and R3 can occur.",
    ],
  };
}

/** What the warm start does for a policy that follows no instructions. */
const TAUGHT =
  "The embedded policy follows no instructions: its warm start taught it to solve plainly, to solve with a skill, and to conclude the skill of a method " +
  "from traces. What it concludes are therefore skills that it was taught; a published checkpoint (--policy DIR) needs no warm start.";

/**
 * Builds the tables.
 *
 * @param query runs SQL on the record.
 */
export async function ariseReport(query: Query, options: AriseReportOptions): Promise<PassReport> {
  const { arms, splits, reference, groupBy = "domain", published = true } = options;
  const pass = await passReport(query, { arms, splits, groupBy, reference });
  const skills = await skillTable(query, options);
  const taught = arms.some(({ name }) => name === "SFT") ? [TAUGHT] : [];
  const more = [
    { ...skills, notes: [...skills.notes, ...taught] },
    await plainTable(query, options),
    await skillQualityTable(query, arms),
    await tokenTable(query, options),
  ].filter(({ rows }) => rows.length > 0);
  const tables = [...pass.tables, ...more, ...(published ? [publishedTable()] : [])];
  return tablesReport(tables);
}
