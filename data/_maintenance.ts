/**
 * Statements beyond appending: removing a run, writing and reading Parquet.
 *
 * Contract: the file is brought up to date and settled first, and nobody else has it meanwhile; the connection reaches the folders that
 * it is given and nothing else on the machine. All work is one transaction.
 *
 * @module
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { canonicalPath, holdForWriting, openDatabase } from "./_database.ts";
import { recordError } from "./record_errors.ts";
import { Recorder } from "./recorder.ts";
import { declarationOf, type TableName } from "./schema.ts";
import { sqlList } from "./_sql_text.ts";

/** Options of {@linkcode maintain}. */
export interface MaintainOptions {
  /**
   * Folders that statements may read and write, without links.
   *
   * @default {[]}
   */
  folders?: readonly string[];
}

/**
 * Runs work on a record that nobody else has open.
 *
 * @param path record file; made if there is none.
 * @param work gets a connection inside a transaction, which is committed if it returns and undone if it throws.
 * @param options see {@linkcode MaintainOptions}.
 * @throws typed errors of `record_errors.ts`, and what `work` throws.
 */
export async function maintain<T>(
  path: string,
  work: (connection: DuckDBConnection) => Promise<T>,
  options: MaintainOptions = {},
): Promise<T> {
  const { folders = [] } = options;
  await (await Recorder.open(path)).close();
  const { database, release } = await holdForWriting(
    path,
    (canonical) => openDatabase(canonical, path, { lockTimeoutMs: 2000, folders }),
  );
  try {
    const connection = await database.connect();
    try {
      await connection.run("BEGIN");
      try {
        const result = await work(connection);
        await connection.run("COMMIT");
        return result;
      } catch (error) {
        await connection.run("ROLLBACK").catch(() => undefined);
        throw recordError(path, error, "write");
      }
    } finally {
      connection.closeSync();
    }
  } finally {
    database.closeSync();
    release();
  }
}

/** Rows of some runs: a condition on a table's columns. Tables without runs give those of the runs' environments, or none. */
export function runCondition(table: TableName, runIds: readonly string[]): string {
  const { columns } = declarationOf(table);
  const list = sqlList(runIds);
  if ("run_id" in columns) return `list_contains(${list}, run_id)`;
  if ("environment_hash" in columns) {
    return `environment_hash IN (SELECT environment_hash FROM run WHERE list_contains(${list}, run_id))`;
  }
  return "false";
}

/** Whether a file exists, for commands that must not make one. */
export async function recordExists(path: string): Promise<boolean> {
  return await Deno.stat(await canonicalPath(path)).then(() => true, () => false);
}
