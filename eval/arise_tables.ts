/**
 * ARISE's tables from the record alone, by the names that `whet table` knows.
 *
 * Contract: the arms are the runs that share the warm start of the newest ARISE run. `arise` compares with GRPO, `arise-ablation` the ablations
 * with ARISE, and needs both; `arise-rs` shows every arm that concluded skills.
 *
 * @module
 */
import { ariseAblationTable } from "./arise_ablation.ts";
import { ariseReport, skillQualityTable } from "./arise_report.ts";
import { ARISE_ABLATIONS, ARISE_ARMS } from "./arise_scales.ts";
import { NothingToReportError } from "./nothing_to_report.ts";
import { type Query, sqlTexts } from "./query_rows.ts";
import { recordedAriseArms } from "./reproduce_arise.ts";
import type { TableModel } from "./table_model.ts";

/** Names of ARISE's tables. */
export const ARISE_TABLES = ["arise", "arise-ablation", "arise-rs"] as const;
/** Name of a table. */
export type AriseTable = typeof ARISE_TABLES[number];

/** Splits that runs were finally evaluated on, in the order of their names. */
async function evaluatedSplits(query: Query, runs: readonly string[]): Promise<string[]> {
  const { rows } = await query(
    `SELECT DISTINCT substr(phase, 6) AS split FROM rollout WHERE starts_with(phase, 'eval/') AND run_id IN (${
      sqlTexts(runs)
    }) ORDER BY split`,
  );
  return rows.map(([split]) => String(split));
}

/**
 * Builds a table.
 *
 * @param database database file, as the user would name it.
 * @throws {NothingToReportError} if the record holds no ARISE run, or none that the table needs.
 */
export async function ariseTables(query: Query, table: AriseTable, database: string): Promise<TableModel[]> {
  const arms = await recordedAriseArms(query);
  const missing = (what: string) =>
    new NothingToReportError(
      `Cannot make the table ${table} of ${database}: it holds no ${what}; run whet reproduce arise or whet ablate arise first`,
    );
  const reference = table === "arise" ? "GRPO" : "ARISE";
  if (table === "arise-rs") {
    const model = await skillQualityTable(query, arms);
    if (model.rows.length === 0) throw missing("concluded skills");
    return [model];
  }
  if (!arms.some(({ name }) => name === reference)) throw missing(`runs of ${reference}`);
  const splits = await evaluatedSplits(query, arms.flatMap(({ runs }) => runs));
  if (splits.length === 0) throw missing("final evaluations");
  if (table === "arise-ablation") {
    const order = [reference, ...Object.keys(ARISE_ABLATIONS)];
    const shown = order.flatMap((name) => arms.find((arm) => arm.name === name) ?? []);
    if (shown.length < 2) throw missing("ablations");
    return [await ariseAblationTable(query, { arms: shown, splits, reference })];
  }
  // Ablations have a table of their own.
  const shown = arms.filter(({ name }) =>
    !Object.hasOwn(ARISE_ABLATIONS, name) || ARISE_ARMS.some((arm) => arm === name)
  );
  const report = await ariseReport(query, { arms: shown, splits, reference });
  return [...report.tables];
}
