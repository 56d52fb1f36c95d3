/**
 * How far runs are: planned and finished units, newest figures, and whether a run is going on.
 *
 * Contract: one row per run, from tables that grow with steps and not with tokens, except for the mean over evaluation rollouts.
 * Choices: a record does not say which of its runs a process works on; while one writes, unfinished runs count as running, and if there are
 * none, the run that was started last (it is being evaluated).
 *
 * @module
 */
import { integerOf, numberOf, type QueryRow, textOf } from "../query_rows.ts";

/** State of a run. */
export type RunState = "running" | "unfinished" | "done";

/** One run as the first page and its own page begin. */
export interface RunOverview {
  /** Id. */
  readonly run: string;
  /** Arm. */
  readonly arm: string;
  /** Recipe. */
  readonly recipe: string;
  /** Training seed. */
  readonly seed: number;
  /** Environment. */
  readonly environment: string;
  /** Execution provider. */
  readonly device: string;
  /** Run that it starts from; empty: none. */
  readonly parent: string;
  /** When it was started, UTC. */
  readonly startedAt: string;
  /** Finished units. */
  readonly units: number;
  /** Finished units of training. */
  readonly trained: number;
  /** Planned units of training; null if the configuration does not say. */
  readonly planned: number | null;
  /** Unit that was finished last; empty: none. */
  readonly lastUnit: string;
  /** Time that its units took, ms. */
  readonly wallMs: number | null;
  /** Newest mean reward of an update, in units of reward. */
  readonly reward: number | null;
  /** Newest success rate of an update, in [0, 1]. */
  readonly success: number | null;
  /** Share of solved evaluation rollouts, in [0, 1]. */
  readonly evaluated: number | null;
}

/** Units of training begin so. */
const TRAINING_UNIT = "(starts_with(unit, 'sft/') OR starts_with(unit, 'rl/'))";

function option(name: string): string {
  return `try_cast(json_extract_string(config, '$.train.${name}') AS INTEGER)`;
}

/**
 * SQL of the overviews.
 *
 * @param condition on columns of `run`, e.g. `run_id = 'a'`.
 * @param limit most runs, those that were started last.
 */
export function runOverviewSql(condition: string, limit: number): string {
  return `WITH chosen AS (
    SELECT * FROM run WHERE ${condition} ORDER BY started_at DESC, run_id LIMIT ${limit}
  ), units AS (
    SELECT run_id, count(*) AS units, count(*) FILTER (${TRAINING_UNIT}) AS trained, arg_max(unit, seq) AS last_unit, sum(wall_ms) AS wall_ms
    FROM unit SEMI JOIN chosen USING (run_id) GROUP BY run_id
  ), newest AS (
    SELECT run_id, arg_max(mean_reward, step) AS reward, arg_max(success_rate, step) AS success
    FROM update_step SEMI JOIN chosen USING (run_id) GROUP BY run_id
  ), evaluated AS (
    SELECT run_id, avg(success::INTEGER) AS evaluated
    FROM rollout SEMI JOIN chosen USING (run_id) WHERE phase >= 'eval/' AND phase < 'eval0' GROUP BY run_id
  )
  SELECT run_id, arm, recipe, seed, environment, device, parent_run_id, strftime(started_at, '%Y-%m-%d %H:%M') AS started,
    coalesce(units, 0) AS units, coalesce(trained, 0) AS trained, last_unit, wall_ms, reward, success, evaluated,
    CASE WHEN recipe = 'sft' THEN ceil(${option("updates")} / ${option("checkpointEvery")})::INTEGER ELSE ${
    option("steps")
  } END AS planned
  FROM chosen LEFT JOIN units USING (run_id) LEFT JOIN newest USING (run_id) LEFT JOIN evaluated USING (run_id)
  ORDER BY started_at DESC, run_id`;
}

/** A row of {@linkcode runOverviewSql}. */
export function runOverview(row: QueryRow): RunOverview {
  return {
    run: textOf(row, "run_id"),
    arm: textOf(row, "arm"),
    recipe: textOf(row, "recipe"),
    seed: integerOf(row, "seed"),
    environment: textOf(row, "environment"),
    device: textOf(row, "device"),
    parent: textOf(row, "parent_run_id"),
    startedAt: textOf(row, "started"),
    units: integerOf(row, "units"),
    trained: integerOf(row, "trained"),
    planned: numberOf(row, "planned"),
    lastUnit: textOf(row, "last_unit"),
    wallMs: numberOf(row, "wall_ms"),
    reward: numberOf(row, "reward"),
    success: numberOf(row, "success"),
    evaluated: numberOf(row, "evaluated"),
  };
}

/** State of a run, given whether its record is being written and whether it is the one that was started last. */
export function runState(run: RunOverview, isLive: boolean, isNewest: boolean): RunState {
  const isUnfinished = run.planned !== null && run.trained < run.planned;
  if (isLive && (isUnfinished || isNewest)) return "running";
  return isUnfinished ? "unfinished" : "done";
}
