/**
 * SQL on a record for readers: opens the file if nobody writes it, else asks the process that does.
 *
 * Contract: one statement that only reads (see `read_only_query.ts`); values come back as JSON values.
 *
 * @module
 */
import { checkSchema } from "./_migrate.ts";
import { withReader } from "./_database.ts";
import { queryLive } from "./live.ts";
import { type QueryResult, readOnlyQuery } from "./read_only_query.ts";
import { RecordLockedError } from "./record_errors.ts";

/** Tries: the writer may end between the look at the file and the question, or start in between. */
const TRIES = 3;

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
 * const result = await runSql(`${folder}/record.duckdb`, "SELECT value FROM meta WHERE name = 'schema_version'");
 * assert.deepEqual(result, { columns: [{ name: "value", type: "VARCHAR" }], rows: [["1"]] });
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @param path record file.
 * @param sql one SELECT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN.
 * @throws {ReadOnlyError} if the statement would do more than read.
 * @throws {QueryError} if it fails.
 * @throws {RecordLockedError} if another process holds the file and answers no queries.
 * @throws {RecordCorruptError} @throws {RecordVersionError} @throws {RecordOpenError} if the file cannot be read.
 */
export async function runSql(path: string, sql: string): Promise<QueryResult> {
  let locked: unknown;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      return await withReader(path, async (connection) => {
        await checkSchema(connection, path);
        return await readOnlyQuery(connection, path, sql);
      });
    } catch (error) {
      if (!(error instanceof RecordLockedError)) throw error;
      locked = error;
    }
    const answer = await queryLive(path, sql);
    if (answer !== undefined) return answer;
  }
  throw locked;
}
