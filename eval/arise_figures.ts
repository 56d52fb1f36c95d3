/**
 * What skills did in training, each as one figure of an arm: its SQL, and the published figure where there is one.
 *
 * Contract: everything is read from the record. Utilisation is the share of rollouts that were shown a skill, of those that were free to have one: reserved rollouts do
 * not count, nor does the warm-up.
 *
 * @module
 */
import { arisePaperUtilisation } from "./arise_paper_values.ts";
import type { PaperValue } from "./paper_values.ts";
import { type Query, sqlTexts } from "./query_rows.ts";
import type { PaperFigure, TableCell, TableModelColumn } from "./table_model.ts";

/** Said under a table with published figures. */
export const UTILISATION_NOTE = "* published figure from a third party's reading (secondary).";

/** Rollouts of training that were free to have a skill, with their flags. */
function freeRollouts(runs: readonly string[]): string {
  return "FROM rollout JOIN (SELECT DISTINCT run_id, phase, step, grp, sample, position, selector, gated, reserved FROM selection WHERE turn = -1) " +
    `AS choice USING (run_id, phase, step, grp, sample, position) WHERE run_id IN (${
      sqlTexts(runs)
    }) AND phase = 'rl' AND NOT reserved`;
}

function paperFigure(value: PaperValue | null, scale: number): PaperFigure | undefined {
  if (value === null) return undefined;
  return { text: `${(value.value * scale).toFixed(0)}*`, value: value.value * scale, source: value.source };
}

/** A figure of an arm. */
export interface SkillFigure {
  /** Its column. */
  readonly column: TableModelColumn;
  /** One statement that gives it for an arm's runs. */
  readonly sql: (runs: readonly string[]) => string;
  /** Places behind the point. */
  readonly decimals: number;
  /** What was published of an arm. */
  readonly paper?: (arm: string) => PaperFigure | undefined;
}

/** Figures of training, in the order of the table. */
export const SKILL_FIGURES: Readonly<
  Record<"utilisation" | "gate" | "lift" | "utility" | "concluded" | "refused", SkillFigure>
> = {
  utilisation: {
    column: { key: "train-use", title: "utilisation", unit: "%", align: "right" },
    sql: (runs) => `SELECT 100 * avg(used_skill::INTEGER) ${freeRollouts(runs)}`,
    decimals: 1,
    paper: (arm) => paperFigure(arisePaperUtilisation(arm), 100),
  },
  gate: {
    column: { key: "gate", title: "gate closed", unit: "%", align: "right" },
    // Rival rules of choice know no confidence.
    sql: (runs) => `SELECT 100 * avg(gated::INTEGER) FILTER (selector = 'manager') ${freeRollouts(runs)}`,
    decimals: 1,
  },
  lift: {
    column: { key: "lift", title: "aided − unaided", unit: "points", align: "right" },
    // Both in the same groups of training, so that the problems are the same.
    sql: (runs) =>
      "SELECT 100 * avg(aided - unaided) FROM (SELECT avg(success::INTEGER) FILTER (used_skill) AS aided, " +
      `avg(success::INTEGER) FILTER (NOT used_skill) AS unaided FROM rollout WHERE run_id IN (${
        sqlTexts(runs)
      }) AND phase = 'rl' ` +
      "GROUP BY run_id, step, grp)",
    decimals: 1,
  },
  utility: {
    column: { key: "utility", title: "cache utility", align: "right" },
    sql: (runs) =>
      "SELECT avg(cache_utility) FROM library_state WHERE (run_id, step) IN (SELECT run_id, max(step) FROM library_state " +
      `WHERE run_id IN (${sqlTexts(runs)}) GROUP BY run_id)`,
    decimals: 2,
  },
  concluded: {
    column: { key: "concluded", title: "concluded", align: "right" },
    sql: (runs) =>
      `SELECT CASE WHEN count(*) > 0 THEN count(*) FILTER (name IS NOT NULL) END FROM conclusion WHERE run_id IN (${
        sqlTexts(runs)
      })`,
    decimals: 0,
  },
  refused: {
    column: { key: "refused", title: "refused", unit: "%", align: "right" },
    sql: (runs) =>
      `SELECT 100 * avg((refused IS NOT NULL)::INTEGER) FROM conclusion WHERE run_id IN (${sqlTexts(runs)})`,
    decimals: 1,
  },
};

/** Runs the statement of a figure; an arm without any has an empty cell. */
export async function figure(query: Query, sql: string, decimals: number, paper?: PaperFigure): Promise<TableCell> {
  const { rows: [row] } = await query(sql);
  const value = row?.[0] === null || row?.[0] === undefined ? null : Number(row[0]);
  const text = value === null ? "—" : value.toFixed(decimals);
  return { text, value, query: sql, ...(paper === undefined ? {} : { paper }) };
}
