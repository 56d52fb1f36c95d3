/**
 * Versions of verdicts: scoring a run again adds rows and changes none.
 *
 * @module
 */
import { sqlString } from "./_sql_text.ts";
import type { Recorder } from "./recorder.ts";
import { runSql } from "./sql.ts";

/**
 * Version under which a run's answers are scored next: 1 is given when a rollout is played, so the first time again is 2. All graders of
 * one scoring share it.
 *
 * @param source record file, or the recorder that has it open (committed rows count).
 * @param runId run to be scored.
 */
export async function nextVerdictVersion(source: string | Recorder, runId: string): Promise<number> {
  const sql = `SELECT greatest(1, coalesce(max(version), 1)) + 1 FROM verdict WHERE run_id = ${sqlString(runId)}`;
  const { rows } = await (typeof source === "string" ? runSql(source, sql) : source.query(sql));
  return Number(rows[0]?.[0]);
}
