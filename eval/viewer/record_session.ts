/**
 * Several read-only queries on a record in one go, with limits: what a page of the viewer asks.
 *
 * Contract: the doors are those of `whet sql` (`data/sql.ts`): the file where nobody writes it, else the process that does; statements
 * that would do more than read are refused by the same check. One session opens the file once, which costs more than most of the queries
 * of a page, and lets go of it at its end, so that a run can start at any time.
 * Choices: queries of one session run one after the other; sessions of this process on a file likewise (`data/_database.ts`), so that a
 * statement without a limit would keep every page waiting: hence the time limit.
 *
 * @module
 */
import { canonicalPath, withReader } from "../../data/_database.ts";
import { hasJournal } from "../../data/_journal.ts";
import { queryLive } from "../../data/live.ts";
import { type QueryResult, readOnlyQuery } from "../../data/read_only_query.ts";
import { QueryError, RecordLockedError } from "../../data/record_errors.ts";
import { runSql } from "../../data/sql.ts";
import type { Query } from "../query_rows.ts";

/** Options of {@linkcode readRecord}. */
export interface ReadRecordOptions {
  /**
   * Longest time that the queries of the session may take together, ms.
   *
   * @default {20000}
   */
  timeoutMs?: number;
  /**
   * Most rows of a result; more are an error.
   *
   * @default {100000}
   */
  maxRows?: number;
}

/** One opening of a record. */
export interface RecordSession {
  /** Runs one statement that reads. */
  readonly query: Query;
  /** Whether another process is writing the record and answers. */
  readonly isLive: boolean;
}

/** Pause between two looks at the time that a statement takes, ms. */
const WATCH_MS = 50;

/** Tries: a writer may end between the look at the file and the question, or start in between. */
const TRIES = 3;

function tooLong(timeoutMs: number): QueryError {
  return new QueryError(
    `Cannot give the result: it took longer than ${
      timeoutMs / 1000
    } s; narrow it with WHERE, or use whet sql, which has no limit`,
  );
}

async function live(path: string, timeoutMs: number, maxRows: number): Promise<RecordSession | undefined> {
  if (await queryLive(path, "SELECT 1").catch(() => undefined) === undefined) return undefined;
  const until = performance.now() + timeoutMs;
  return {
    isLive: true,
    async query(sql) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(tooLong(timeoutMs)), Math.max(0, until - performance.now()));
      });
      try {
        const result = await Promise.race([queryLive(path, sql), late]);
        if (result === undefined) {
          throw new RecordLockedError(`Cannot read ${path}: the run that wrote it has just ended`);
        }
        if (result.rows.length > maxRows) throw tooMany(maxRows);
        return result;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function tooMany(maxRows: number): QueryError {
  return new QueryError(`Cannot give the result: more than ${maxRows} rows; add a LIMIT or aggregate`);
}

/**
 * Opens a record for reading, whether or not a run is writing it, and lets go of it afterwards.
 *
 * @example
 * ```ts
 * import { Recorder } from "whetstone/data/recorder.ts";
 * import { readRecord } from "whetstone/eval/viewer/record_session.ts";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * await (await Recorder.open(`${folder}/record.duckdb`)).close();
 * const runs = await readRecord(`${folder}/record.duckdb`, ({ query }) => query("SELECT count(*) FROM run"));
 * assert.deepEqual(runs.rows, [[0]]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @param path record file, which must exist.
 * @param read asks the queries; it may be called again if the writer ends meanwhile.
 * @param options see {@linkcode ReadRecordOptions}.
 * @throws {QueryError} if a statement fails or a limit is reached.
 * @throws {ReadOnlyError} if it would do more than read.
 * @throws {RecordLockedError} if another process holds the file and answers no queries, and other errors of `record_errors.ts`.
 */
export async function readRecord<T>(
  path: string,
  read: (session: RecordSession) => Promise<T>,
  options: ReadRecordOptions = {},
): Promise<T> {
  const { timeoutMs = 20_000, maxRows = 100_000 } = options;
  let locked: unknown;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      const session = await live(path, timeoutMs, maxRows);
      if (session !== undefined) return await read(session);
      await bringUpToDate(path, attempt > 0);
      return await readFile(path, read, timeoutMs, maxRows);
    } catch (error) {
      if (!(error instanceof RecordLockedError)) throw error;
      locked = error;
    }
  }
  throw locked;
}

/** Records that this process has brought up to date. */
const checked = new Set<string>();

/** Rows in the journal of a process that was killed are committed and must be seen; older tables and views are made anew. */
async function bringUpToDate(path: string, again: boolean): Promise<void> {
  const isLeft = await hasJournal(await canonicalPath(path));
  if (!again && !isLeft && checked.has(path)) return;
  try {
    await runSql(path, "SELECT 1");
  } catch (error) {
    // A folder that this process may not write to: the record is read as it is, unless that would leave rows out.
    if (!(error instanceof Deno.errors.NotCapable) || isLeft) throw error;
  }
  checked.add(path);
}

async function readFile<T>(
  path: string,
  read: (session: RecordSession) => Promise<T>,
  timeoutMs: number,
  maxRows: number,
): Promise<T> {
  return await withReader(path, async (connection) => {
    const started = performance.now();
    let timedOut = false;
    const watch = setInterval(() => {
      timedOut ||= performance.now() - started >= timeoutMs;
      // Again and again: an interrupt between two steps of the query is lost.
      if (timedOut) connection.interrupt();
    }, WATCH_MS);
    try {
      return await read({
        isLive: false,
        async query(sql): Promise<QueryResult> {
          if (timedOut) throw tooLong(timeoutMs);
          try {
            return await readOnlyQuery(connection, path, sql, { maxRows });
          } catch (error) {
            throw timedOut ? tooLong(timeoutMs) : error;
          }
        },
      });
    } finally {
      clearInterval(watch);
    }
  });
}
