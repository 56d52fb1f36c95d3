/**
 * SQL of SAGE's table: the rows that it is made from, and for every cell one statement that recomputes it from the record.
 *
 * Contract: every statement stands on one line and gives the table's figure by itself, with the definitions of `metrics.ts`; rollouts hit
 * by an environment fault have no verdict and are left out. Intervals and p-values come from resampling and have no SQL; their cells
 * give the sums by scenario that the resampling starts from.
 *
 * @module
 */
import type { Metric } from "./metrics.ts";
import { sqlText, sqlTexts } from "./query_rows.ts";

function idList(runIds: readonly string[]): string {
  if (runIds.length === 0) {
    throw new RangeError("Cannot write the query: runIds must hold at least one run id, got none");
  }
  return sqlTexts(runIds);
}

/**
 * SQL that fetches the rows of the table: one line per evaluation rollout of the given runs; `success` is null after a fault.
 *
 * @param runIds ids of runs.
 * @throws {RangeError} if there are none.
 */
export function evaluationRowsSql(runIds: readonly string[]): string {
  return [
    "SELECT run.arm, run.seed, substr(rollout.phase, 6) AS split, rollout.sample, rollout.scenario, rollout.task_id,",
    "rollout.position, rollout.success, rollout.steps, rollout.generated_tokens, len(rollout.skills_offered) AS skills_offered,",
    "rollout.used_skill FROM rollout JOIN run USING (run_id)",
    `WHERE run_id IN (${idList(runIds)}) AND starts_with(rollout.phase, 'eval/')`,
    "ORDER BY run.arm, split, run.seed, rollout.sample, rollout.task_id",
  ].join(" ");
}

/** Which cell {@linkcode cellSql} recomputes. */
export interface CellQuery {
  /** The arm's run, or its runs of several training seeds. */
  readonly runId: string | readonly string[];
  /** Split of the cell. */
  readonly split: string;
  /** Column of the cell. */
  readonly metric: Metric;
}

/** SQL value of a metric over the scored rollouts of one evaluation run. */
const METRIC_SQL: Readonly<Record<Exclude<Metric, "sgc">, string>> = {
  tgc: "100 * avg(success::INTEGER)",
  steps: "avg(steps)",
  tokens: "avg(generated_tokens)",
  skillUse: "avg(used_skill::INTEGER) FILTER (len(skills_offered) > 0)",
  successWhenUsed: "avg(success::INTEGER) FILTER (used_skill)",
};

/** Rollouts of a cell that have a verdict. */
function scoredRollouts(runIds: readonly string[], split: string): string {
  return `FROM rollout WHERE run_id IN (${idList(runIds)}) AND phase = ${
    sqlText(`eval/${split}`)
  } AND success IS NOT NULL`;
}

/** Name of a metric as a column. */
function columnName(metric: Metric): string {
  return metric === "skillUse" ? "skill_use" : metric === "successWhenUsed" ? "success_when_used" : metric;
}

/** Mean over evaluation runs of the run's value. */
function meanSql(metric: Metric, scored: string): string {
  const perRun = metric === "sgc"
    ? "SELECT 100 * avg(solved::INTEGER) AS value FROM (SELECT run_id, sample, scenario, bool_and(success) AS solved " +
      `${scored} GROUP BY run_id, sample, scenario HAVING count(*) = 3) GROUP BY run_id, sample`
    : `SELECT ${METRIC_SQL[metric]} AS value ${scored} GROUP BY run_id, sample`;
  return `SELECT avg(value) AS ${columnName(metric)} FROM (${perRun})`;
}

/**
 * One SQL statement, on one line, that recomputes one cell from the record: the mean over evaluation runs of the run's value.
 *
 * @example Task goal completion of one run
 * ```ts
 * import { cellSql } from "whetstone/eval/sage_sql.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   cellSql({ runId: "sage-1", split: "test_normal", metric: "tgc" }),
 *   "SELECT avg(value) AS tgc FROM (SELECT 100 * avg(success::INTEGER) AS value FROM rollout WHERE run_id IN ('sage-1') " +
 *     "AND phase = 'eval/test_normal' AND success IS NOT NULL GROUP BY run_id, sample)",
 * );
 * ```
 *
 * @throws {RangeError} if there is no run id.
 */
export function cellSql(query: CellQuery): string {
  const { runId, split, metric } = query;
  return meanSql(metric, scoredRollouts(typeof runId === "string" ? [runId] : runId, split));
}

/** Which comparison a query recomputes. */
export interface ComparisonQuery {
  /** Runs of the arm that is subtracted from. */
  readonly left: readonly string[];
  /** Runs of the arm that is subtracted. */
  readonly right: readonly string[];
  /** Split of the comparison. */
  readonly split: string;
  /** What is compared. */
  readonly metric: Metric;
  /**
   * Whether each arm has scenarios that the other lacks; they are left out then.
   *
   * @default {false}
   */
  readonly unpaired?: boolean;
}

/**
 * One SQL statement, on one line, that recomputes a difference of two arms over the scenarios that both have.
 *
 * @throws {RangeError} if an arm has no run id.
 */
export function differenceSql(query: ComparisonQuery): string {
  const { left, right, split, metric, unpaired = false } = query;
  const side = (own: readonly string[], other: readonly string[]) => {
    const scored = scoredRollouts(own, split);
    return meanSql(
      metric,
      unpaired ? `${scored} AND scenario IN (SELECT scenario ${scoredRollouts(other, split)})` : scored,
    );
  };
  return `SELECT (${side(left, right)}) - (${side(right, left)}) AS ${columnName(metric)}_difference`;
}

/** What a scenario's rollouts of one evaluation run add above and below the line of a metric. */
const SUMS_SQL: Readonly<Record<Metric, readonly [string, string]>> = {
  tgc: ["sum(success::INTEGER)", "count(*)"],
  sgc: ["(bool_and(success) AND count(*) = 3)::INTEGER", "(count(*) = 3)::INTEGER"],
  steps: ["sum(steps)", "count(*)"],
  tokens: ["sum(generated_tokens)", "count(*)"],
  skillUse: [
    "count(*) FILTER (used_skill AND len(skills_offered) > 0)",
    "count(*) FILTER (len(skills_offered) > 0)",
  ],
  successWhenUsed: ["count(*) FILTER (success AND used_skill)", "count(*) FILTER (used_skill)"],
};

/**
 * SQL of the sums that intervals and p-values of a metric are computed from: one row per scenario and evaluation run.
 *
 * @throws {RangeError} if there is no run id.
 */
export function scenarioSumsSql(query: CellQuery): string {
  const { runId, split, metric } = query;
  const [above, below] = SUMS_SQL[metric];
  return `SELECT scenario, run_id, sample, ${above} AS above, ${below} AS below ` +
    `${scoredRollouts(typeof runId === "string" ? [runId] : runId, split)} GROUP BY ALL ORDER BY ALL`;
}
