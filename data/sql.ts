/**
 * SQL on a record for readers: opens the file if nobody writes it, else asks the process that does.
 *
 * Contract: one statement that only reads (see `read_only_query.ts`); values come back as JSON values. A file that a killed process
 * left with a journal, or that has older tables or views, is first brought up to date, as opening it for writing would do; an older one
 * that may not be written is read as it is.
 *
 * @module
 */
import { canonicalPath, isHeldForWriting, withAttached, withReader } from "./_database.ts";
import { hasJournal } from "./_journal.ts";
import { checkSchema } from "./_migrate.ts";
import { queryLive } from "./live.ts";
import { type QueryResult, readOnlyQuery } from "./read_only_query.ts";
import { lockedFor, QueryError, RecordFullError, RecordLockedError, RecordOpenError } from "./record_errors.ts";
import { Recorder } from "./recorder.ts";

/** Tries: the writer may end between the look at the file and the question, or start in between. */
const TRIES = 3;

/** Names that mean something else to DuckDB. */
const RESERVED_NAMES = ["record", "main", "memory", "system", "temp"];

/** Options of {@linkcode runSql}. */
export interface RunSqlOptions {
  /**
   * More records, by the name that the statement gives them: `{ other: "path" }` makes `other.rollout` and `other.metrics_by_run`.
   * None of the records may be written meanwhile, the first one included.
   *
   * @default {{}}
   */
  attach?: Readonly<Record<string, string>>;
}

/** Name of the record itself where others are attached; names without a record mean it. */
export const OWN_RECORD = "record";

/**
 * Runs a statement on a record, whether or not a run is writing it.
 *
 * @example
 * ```ts
 * import { Recorder } from "whetstone/data/recorder.ts";
 * import { runSql } from "whetstone/data/sql.ts";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const recorder = await Recorder.open(`${folder}/record.duckdb`);
 * await recorder.close();
 * const result = await runSql(`${folder}/record.duckdb`, "SELECT count(*) AS runs FROM run");
 * assert.deepEqual(result, { columns: [{ name: "runs", type: "BIGINT" }], rows: [[0]] });
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @param path record file.
 * @param sql one SELECT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN.
 * @param options see {@linkcode RunSqlOptions}.
 * @throws {ReadOnlyError} if the statement would do more than read.
 * @throws {QueryError} if it fails.
 * @throws {RecordLockedError} if another process holds the file and answers no queries.
 * @throws {RecordCorruptError} @throws {RecordVersionError} @throws {RecordOpenError} if the file cannot be read.
 */
export async function runSql(path: string, sql: string, options: RunSqlOptions = {}): Promise<QueryResult> {
  const { attach = {} } = options;
  if (Object.keys(attach).length > 0) return await runAttached(path, sql, attach);
  let locked: unknown;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      await takeOverJournal(path);
      let isOld = false;
      const result = await withReader(path, async (connection) => {
        isOld = !(await checkSchema(connection, path)).isCurrent && attempt === 0;
        return isOld ? undefined : await readOnlyQuery(connection, path, sql);
      });
      if (result !== undefined) return result;
      if (isOld) await bringUpToDate(path);
      continue;
    } catch (error) {
      if (!(error instanceof RecordLockedError)) throw error;
      locked = error;
    }
    const answer = await queryLive(path, sql);
    if (answer !== undefined) return answer;
  }
  throw locked;
}

async function runAttached(path: string, sql: string, attach: Readonly<Record<string, string>>): Promise<QueryResult> {
  const bad = Object.keys(attach).find((name) => !/^[a-z][a-z0-9_]*$/.test(name) || RESERVED_NAMES.includes(name));
  if (bad !== undefined) {
    throw new QueryError(
      `Cannot attach a record as "${bad}": a name is a lower-case letter with letters, digits and _ after it, and none of ` +
        RESERVED_NAMES.join(", "),
    );
  }
  try {
    return await readTogether(path, sql, attach);
  } catch (error) {
    throw lockedFor(
      `read ${[path, ...Object.values(attach)].join(" and ")} together`,
      error,
      "wait until it ends, or ask about each record by itself, which that process answers",
    );
  }
}

async function readTogether(path: string, sql: string, attach: Readonly<Record<string, string>>): Promise<QueryResult> {
  const records = [{ name: OWN_RECORD, path }, ...Object.entries(attach).map(([name, file]) => ({ name, path: file }))];
  const seen = new Map<string, string>();
  for (const { name, path: file } of records) {
    const canonical = await canonicalPath(file);
    const before = seen.get(canonical);
    if (before !== undefined) {
      throw new QueryError(`Cannot attach ${file} as ${name}: it is there as ${before} already; leave one of them out`);
    }
    seen.set(canonical, name);
    await takeOverJournal(file);
    const { isCurrent } = await withReader(file, (connection) => checkSchema(connection, file));
    if (!isCurrent) await bringUpToDate(file);
  }
  return await withAttached(records, (connection) => readOnlyQuery(connection, path, sql));
}

/** Rows in the journal of a process that was killed are committed, and must be seen. */
async function takeOverJournal(path: string): Promise<void> {
  const canonical = await canonicalPath(path);
  if (isHeldForWriting(canonical) || !(await hasJournal(canonical))) return;
  const recorder = await Recorder.open(path, { lockTimeoutMs: 0 });
  await recorder.close();
}

async function bringUpToDate(path: string): Promise<void> {
  try {
    const recorder = await Recorder.open(path, { lockTimeoutMs: 0 });
    await recorder.close();
  } catch (error) {
    if (![RecordLockedError, RecordOpenError, RecordFullError].some((type) => error instanceof type)) throw error;
  }
}
