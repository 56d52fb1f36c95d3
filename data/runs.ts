/**
 * Runs of a record: listed, shown and removed.
 *
 * Contract: a run is removed with all its rows in one transaction, and only when told so twice: `yes` must be set, and no other run of
 * the record may start from its weights. Tasks stay, since other runs share them; so do files of weights, whose names are returned.
 *
 * @module
 */
import { maintain, recordExists } from "./_maintenance.ts";
import { sqlName, sqlString } from "./_sql_text.ts";
import type { Json } from "./canonical.ts";
import { formatTable } from "./format_result.ts";
import type { QueryResult } from "./read_only_query.ts";
import { RecordOpenError } from "./record_errors.ts";
import { declarationOf, TABLE_NAMES, type TableName } from "./schema.ts";
import { runSql } from "./sql.ts";
import { storedName } from "./table_declaration.ts";

/** A run that was asked for is not in the record. */
export class UnknownRunError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "UnknownRunError";
}

/** A run is not removed: it was not confirmed, or another run needs it. */
export class RunRemovalError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "RunRemovalError";
}

/** Every run, in the order in which they were started: one row each, with its units, rollouts and last unit. */
export async function listRuns(path: string): Promise<QueryResult> {
  return await runSql(
    path,
    `WITH units AS (SELECT run_id, count(*) AS units, arg_max(unit, seq) AS last_unit FROM unit GROUP BY run_id),
     rollouts AS (SELECT run_id, count(*) AS rollouts FROM rollout GROUP BY run_id)
     SELECT run_id, arm, recipe, seed, environment, device, started_at, coalesce(units, 0) AS units, last_unit,
       coalesce(rollouts, 0) AS rollouts
     FROM run LEFT JOIN units USING (run_id) LEFT JOIN rollouts USING (run_id) ORDER BY started_at, run_id`,
  );
}

/** What is known of one run. */
export interface RunSummary {
  /** Its row of `run`, by column. */
  readonly run: Readonly<Record<string, Json>>;
  /** Rows by table, tables without any left out. */
  readonly rows: Readonly<Record<string, number>>;
  /** Rollouts by phase with mean score and success. */
  readonly phases: QueryResult;
  /** Finished units in order. */
  readonly units: QueryResult;
}

const RUN_TABLES: readonly TableName[] = TABLE_NAMES.filter((name) => "run_id" in declarationOf(name).columns);

async function similarRuns(path: string, runId: string): Promise<string> {
  const { rows } = await runSql(
    path,
    `SELECT run_id FROM run ORDER BY starts_with(run_id, ${sqlString(runId)}) DESC, levenshtein(run_id, ${
      sqlString(runId)
    }), run_id LIMIT 3`,
  );
  return rows.length === 0 ? "the record holds no runs" : `did you mean ${rows.map(([id]) => String(id)).join(", ")}?`;
}

/**
 * One run with its figures.
 *
 * @throws {UnknownRunError} if the record has no such run; the message names similar ones.
 */
export async function showRun(path: string, runId: string): Promise<RunSummary> {
  const where = `WHERE run_id = ${sqlString(runId)}`;
  const run = await runSql(path, `SELECT * FROM run ${where}`);
  const [row] = run.rows;
  if (row === undefined) {
    throw new UnknownRunError(`Cannot show run ${runId}: it is not in ${path}; ${await similarRuns(path, runId)}`);
  }
  const counts = await runSql(
    path,
    RUN_TABLES.map((table) => `SELECT '${table}' AS name, count(*) AS rows FROM ${sqlName(table)} ${where}`).join(
      " UNION ALL ",
    ),
  );
  return {
    run: Object.fromEntries(run.columns.map(({ name }, i) => [name, row[i] ?? null])),
    rows: Object.fromEntries(counts.rows.flatMap(([name, n]) => (n === 0 ? [] : [[String(name), Number(n)]]))),
    phases: await runSql(
      path,
      `SELECT phase, count(DISTINCT step) AS steps, count(*) AS rollouts, count(*) FILTER (success IS NULL) AS faults,
         avg(score) AS mean_score, avg(success::INTEGER) AS success_rate
       FROM rollout ${where} GROUP BY phase ORDER BY phase`,
    ),
    units: await runSql(path, `SELECT unit, checkpoint, wall_ms FROM unit ${where} ORDER BY seq`),
  };
}

/** A run's summary as text for people. */
export function formatRun(summary: RunSummary): string {
  const facts = Object.entries(summary.run).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `${name.padEnd(17)}${text}`;
  });
  const counts = Object.entries(summary.rows).map(([name, rows]) => `${name} ${rows}`).join(", ");
  const parts = [facts.join("\n"), `Rows: ${counts}`];
  if (summary.phases.rows.length > 0) parts.push(formatTable(summary.phases).trimEnd());
  if (summary.units.rows.length > 0) parts.push(formatTable(summary.units).trimEnd());
  return `${parts.join("\n\n")}\n`;
}

/** Options of {@linkcode removeRun}. */
export interface RemoveRunOptions {
  /**
   * Whether the removal is confirmed; without, nothing is removed and the error says what would be.
   *
   * @default {false}
   */
  yes?: boolean;
}

/** What was removed. */
export interface RemovedRun {
  /** Rows by table, tables without any left out. */
  readonly rows: Readonly<Record<string, number>>;
  /** Files of weights that the run's units named; they are left where they are. */
  readonly checkpoints: readonly string[];
}

/**
 * Removes a run with all its rows.
 *
 * @param path record file.
 * @param runId run.
 * @param options see {@linkcode RemoveRunOptions}.
 * @throws {UnknownRunError} if there is no such run.
 * @throws {RunRemovalError} if it is not confirmed, or another run starts from its weights.
 * @throws {RecordLockedError} if somebody else has the file open.
 */
export async function removeRun(path: string, runId: string, options: RemoveRunOptions = {}): Promise<RemovedRun> {
  const { yes = false } = options;
  if (!await recordExists(path)) throw new RecordOpenError(`Cannot remove run ${runId}: there is no record ${path}`);
  const { rows } = await showRun(path, runId);
  const children = await runSql(
    path,
    `SELECT run_id FROM run WHERE parent_run_id = ${sqlString(runId)} ORDER BY run_id`,
  );
  if (children.rows.length > 0) {
    const names = children.rows.map(([id]) => String(id)).join(", ");
    throw new RunRemovalError(`Cannot remove run ${runId}: ${names} start from its weights; remove those first`);
  }
  if (!yes) {
    const counts = Object.entries(rows).map(([table, count]) => `${table} ${count}`).join(", ");
    throw new RunRemovalError(
      `Cannot remove run ${runId} unconfirmed: its rows would be gone for good (${counts}); repeat with --yes`,
    );
  }
  const files = await runSql(
    path,
    `SELECT DISTINCT checkpoint FROM unit WHERE run_id = ${sqlString(runId)} AND checkpoint IS NOT NULL ORDER BY 1`,
  );
  await maintain(path, async (connection) => {
    for (const table of RUN_TABLES) {
      const stored = storedName(table, declarationOf(table));
      await connection.run(`DELETE FROM ${sqlName(stored)} WHERE run_id = $1`, [runId]);
    }
  });
  return { rows, checkpoints: files.rows.map(([file]) => String(file)) };
}
