/**
 * What tests of training and evaluation commands share: a silent progress display, workspaces for the time of a test, rows of queries.
 *
 * @module
 */
import { rowHash } from "../../data/row_hash.ts";
import { runSql } from "../../data/sql.ts";
import { Progress } from "../../eval/progress.ts";
import { databasePath } from "../../eval/training_bench.ts";

/** A display that shows nothing. */
export function silent(): Progress {
  return new Progress({ mode: "silent", write: () => {} });
}

/** A signal that is never aborted. */
export const never: AbortSignal = new AbortController().signal;

/** A folder for the time of a test. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Hashes of a workspace's tables. */
export async function hashOf(workspace: string): Promise<Record<string, string>> {
  return { ...(await rowHash(databasePath(workspace))).tables };
}

/** Rows of a workspace's record. */
export async function rowsOf(workspace: string, sql: string): Promise<unknown[][]> {
  const { rows } = await runSql(databasePath(workspace), sql);
  return rows.map((row) => [...row]);
}

/** First column of the rows. */
export async function columnOf(workspace: string, sql: string): Promise<unknown[]> {
  return (await rowsOf(workspace, sql)).map(([value]) => value);
}
