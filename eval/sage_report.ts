/**
 * The report of SAGE's miniature reproduction: the table, and everything needed to judge and recompute it, read from the record.
 *
 * Contract: a function of what the database holds, so that `whet reproduce sage` and `whet table sage` print the same. Runs belong
 * together when they descend from warm starts of one configuration; seeds of one arm are averaged.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import type { EvaluationRow } from "./metrics.ts";
import { NothingToReportError } from "./nothing_to_report.ts";
import type { Query } from "./query_rows.ts";
import { SAGE_ARMS, type SageArm } from "./scales.ts";
import {
  type ArmEvaluation,
  type ArmRuns,
  cellSql,
  evaluationRowsSql,
  type SageTable,
  sageTable,
  sageTableJson,
  sageTableModels,
} from "./sage_table.ts";
import { renderTables } from "./table_formats.ts";
import { type TableFormat, type TableModel, tableModelsJson } from "./table_model.ts";

export type { Query } from "./query_rows.ts";
export { NothingToReportError } from "./nothing_to_report.ts";

/** Options of {@linkcode sageReport}. */
export interface SageReportOptions {
  /** Database file, as the user would name it. */
  readonly database: string;
  /**
   * Configuration hash of the warm start whose family of runs is shown.
   *
   * @default {the family that was started last}
   */
  readonly warmStart?: string;
  /**
   * How the table is rendered; what is needed to judge it follows in `text` and `markdown` only.
   *
   * @default {"text"}
   */
  readonly format?: TableFormat;
}

/** A report. */
export interface SageReport {
  /** In the format that was asked for. */
  readonly text: string;
  /** Everything, for programs. */
  readonly json: Json;
  /** Figures. */
  readonly table: SageTable;
  /** Figures as they are shown, each with its query. */
  readonly models: readonly TableModel[];
}

interface RunRow {
  readonly runId: string;
  readonly arm: SageArm;
  readonly seed: number;
  readonly hash: string;
  readonly config: Record<string, Record<string, Json>>;
  readonly device: string;
}

function isArm(text: Json | undefined): text is SageArm {
  return SAGE_ARMS.some((arm) => arm === text);
}

/** Arm of the warm start, and the environment that the table is about: other recipes may train elsewhere in the same record. */
const WARM_START: SageArm = "SFT";
const SAGE_ENVIRONMENT = "apps";

async function familyRuns(query: Query, options: SageReportOptions): Promise<RunRow[]> {
  const { database, warmStart } = options;
  const wanted = warmStart === undefined ? "" : `AND config_hash = '${warmStart.replaceAll("'", "''")}'`;
  const newest = await query(
    `SELECT config_hash FROM run WHERE recipe = 'sft' AND arm = '${WARM_START}' AND environment = '${SAGE_ENVIRONMENT}' ${wanted} ORDER BY started_at DESC, run_id LIMIT 1`,
  );
  const hash = newest.rows[0]?.[0];
  if (typeof hash !== "string") {
    const what = warmStart === undefined ? "no warm start" : `no warm start with configuration ${warmStart}`;
    throw new NothingToReportError(
      `Cannot report on ${database}: it holds ${what}; expected runs made by: whet reproduce sage`,
    );
  }
  const runs = await query(
    `SELECT r.run_id, r.arm, r.seed, r.config_hash, CAST(r.config AS VARCHAR) AS config, r.device,
       json_extract_string(r.versions, '$.device') AS device_name
     FROM run r LEFT JOIN run p ON r.parent_run_id = p.run_id
     WHERE (r.recipe = 'sft' AND r.config_hash = '${hash}') OR p.config_hash = '${hash}'
     ORDER BY r.seed, r.run_id`,
  );
  return runs.rows.flatMap(([runId, arm, seed, configHash, config, device, deviceName]) =>
    isArm(arm)
      ? [{
        runId: String(runId),
        arm,
        seed: Number(seed),
        hash: String(configHash),
        config: JSON.parse(String(config)) as RunRow["config"],
        device: `${device} (${deviceName})`,
      }]
      : []
  );
}

async function armEvaluations(query: Query, runs: readonly RunRow[]): Promise<ArmEvaluation[]> {
  const result = await query(evaluationRowsSql(runs.map((run) => run.runId)));
  const evaluations = new Map<string, { arm: SageArm; split: string; rows: EvaluationRow[]; faults: number }>();
  for (const row of result.rows) {
    const value = (name: string) => row[result.columns.findIndex((column) => column.name === name)];
    const arm = value("arm");
    if (!isArm(arm)) continue;
    const split = String(value("split"));
    const key = `${arm}/${split}`;
    const evaluation = evaluations.get(key) ?? { arm, split, rows: [], faults: 0 };
    evaluations.set(key, evaluation);
    if (value("success") === null) {
      evaluation.faults++;
      continue;
    }
    evaluation.rows.push({
      seed: Number(value("seed")),
      evalRun: Number(value("sample")),
      scenario: String(value("scenario")),
      taskId: String(value("task_id")),
      position: Number(value("position")) - 1, // counted from 1 in the record
      success: value("success") === true,
      steps: Number(value("steps")),
      generatedTokens: Number(value("generated_tokens")),
      skillsOffered: Number(value("skills_offered")),
      usedSkill: value("used_skill") === true,
    });
  }
  const order = new Map(SAGE_ARMS.map((arm, index) => [arm, index]));
  return [...evaluations.values()].sort((a, b) => (order.get(a.arm) ?? 0) - (order.get(b.arm) ?? 0));
}

function sizes(runs: readonly RunRow[]): string {
  const train = (recipe: string) => runs.find((run) => run.config.train?.recipe === recipe)?.config.train;
  const sft = train("sft");
  const sage = train("sage");
  const warm = `${sft?.updates} SFT updates of ${sft?.batchSize} demonstrations`;
  if (sage === undefined) return warm;
  const rollouts = Number(sage.groupsPerStep) * Number(sage.groupSize) * Number(sage.chainLength);
  return `${warm}, then ${sage.steps} steps of ${rollouts} rollouts in each RL arm`;
}

/**
 * Builds the report of one family of runs.
 *
 * @param query runs SQL on the record.
 * @param options see {@linkcode SageReportOptions}.
 * @throws {NothingToReportError} if there are no runs.
 */
export async function sageReport(query: Query, options: SageReportOptions): Promise<SageReport> {
  const { database, format = "text" } = options;
  const workspace = database.slice(0, database.lastIndexOf("/"));
  const runs = await familyRuns(query, options);
  const table = sageTable(await armEvaluations(query, runs));
  const seeds = new Set(runs.map((run) => run.seed));
  const hashes = SAGE_ARMS.flatMap((arm) => {
    const run = runs.find((candidate) => candidate.arm === arm);
    return run === undefined ? [] : [`${arm} ${run.hash}`];
  });
  const armRuns: ArmRuns = Object.fromEntries(
    SAGE_ARMS.flatMap((arm) => {
      const ids = runs.filter((run) => run.arm === arm).map((run) => run.runId);
      return ids.length === 0 ? [] : [[arm, ids]];
    }),
  );
  const models = sageTableModels(table, armRuns);
  const sageRuns = runs.filter((run) => run.arm === "SAGE").map((run) => run.runId);
  const environment = runs[0]?.config.train?.environment as Record<string, Json> | undefined;
  const runsPerSeed = runs[0]?.config.evaluation?.runs;
  const cell = sageRuns.length === 0 ? undefined : cellSql({ runId: sageRuns, split: "test_normal", metric: "tgc" });
  const simulated = [
    "simulated   the whole world: apps, people and tasks are Whetstone's own (not AppWorld); the policy is a small transformer trained",
    "            from scratch on demonstrations (not a 32B model). Paper values stand beside ours for orientation, not as targets.",
  ];
  const rendered = renderTables(models, format);
  const text = format !== "text" && format !== "markdown" ? rendered : [
    rendered.trimEnd(),
    "",
    ...simulated,
    `scale       ${sizes(runs)}; ${seeds.size} training seed${
      seeds.size === 1 ? "" : "s"
    }, ${runsPerSeed} evaluation run${runsPerSeed === 1 ? "" : "s"}`,
    `device      ${runs[0]?.device}`,
    `world       ${environment?.id}, seed ${environment?.seed}, hash ${environment?.hash}`,
    `config      ${hashes.join(" · ")}`,
    `database    ${database}`,
    ...(cell === undefined ? [] : [
      `one cell    npx -y deno@2.9.6 task whet sql --workspace ${workspace} "${cell}"`,
      "            (SAGE, test_normal, TGC)",
    ]),
    "",
  ].join("\n");
  const json: Json = {
    table: sageTableJson(table),
    tables: tableModelsJson(models),
    scale: sizes(runs),
    device: runs[0]?.device,
    environment,
    config_hashes: Object.fromEntries(runs.map((run) => [run.arm, run.hash])),
    runs: runs.map(({ runId, arm, seed }) => ({ run_id: runId, arm, seed })),
    database,
    cell_sql: cell,
  };
  return { text, json, table, models };
}
