/**
 * What a learning curve can show, and the SQL that gives its points' rows.
 *
 * Contract: figures of rollouts come one row per (configuration, seed, series, step, cluster, task), so that the band can resample
 * clusters; figures of updates one row per (configuration, seed, step) of one phase. Rollouts hit by an environment fault are left out.
 * Two kinds of rollouts: `curve/<split>` are evaluations during training, `step` being the number of updates done; `rl` are the
 * training rollouts of the update `step`. Pass@1 is the mean over tasks of the mean over the samples of a task.
 *
 * @module
 */
import { sqlTexts } from "../query_rows.ts";

/** Where a figure comes from. */
export type CurveSource = "evaluation" | "training" | "update";

/** A figure that has a value at every step. */
export interface CurveMetricInfo {
  /** Title of the axis, with the unit. */
  readonly axis: string;
  /** Title of the plot. */
  readonly title: string;
  /** Rollouts of evaluations, training rollouts, or updates. */
  readonly source: CurveSource;
  /** SQL of the figure: of a rollout (`r`), its credit (`a`), or an update (`u`); null where it is not defined. */
  readonly sql: string;
  /**
   * Phase of the updates.
   *
   * @default {"rl"}
   */
  readonly phase?: string;
  /**
   * Table or view with a row for each update of reinforcement learning, where the figure is not one of `update_step`.
   *
   * @default {"update_step"}
   */
  readonly from?: string;
  /** Ends of the axis that no value can exceed, in the unit of the axis. */
  readonly limits?: readonly [number, number];
  /** What the value is multiplied by to get the axis' unit. */
  readonly scale: number;
}

const PERCENT = { scale: 100, limits: [0, 100] } as const;
const USED = "CASE WHEN r.success IS NOT NULL AND len(r.skills_offered) > 0 THEN r.used_skill::INTEGER END";

/** Whether a rollout was free to have a skill chosen for it. */
const FREE =
  "EXISTS (SELECT 1 FROM selection s WHERE s.run_id = r.run_id AND s.phase = r.phase AND s.step = r.step AND s.grp = r.grp AND " +
  "s.sample = r.sample AND s.position = r.position AND s.turn = -1 AND NOT s.reserved)";

/** Every figure by the name that commands use. */
export const CURVE_METRICS = {
  pass1: {
    axis: "Pass@1 (%)",
    title: "Pass@1 on held-out tasks during training",
    source: "evaluation",
    sql: "r.success::INTEGER",
    ...PERCENT,
  },
  score: {
    axis: "mean score (0 to 1)",
    title: "Score on held-out tasks during training",
    source: "evaluation",
    sql: "r.score",
    scale: 1,
    limits: [0, 1],
  },
  success: {
    axis: "training tasks solved (%)",
    title: "Training tasks solved by update",
    source: "training",
    sql: "r.success::INTEGER",
    ...PERCENT,
  },
  reward: { axis: "mean reward", title: "Reward by update", source: "training", sql: "a.reward", scale: 1 },
  tokens: {
    axis: "generated tokens per task",
    title: "Generated tokens by update",
    source: "training",
    sql: "CASE WHEN r.success IS NOT NULL THEN r.generated_tokens END",
    scale: 1,
  },
  steps: {
    axis: "interactions per task",
    title: "Interactions by update",
    source: "training",
    sql: "CASE WHEN r.success IS NOT NULL THEN r.steps END",
    scale: 1,
  },
  skills: {
    axis: "tasks that used a skill (% of those with a library)",
    title: "Skill use by update",
    source: "training",
    sql: USED,
    ...PERCENT,
  },
  utilisation: {
    axis: "free rollouts with a skill (%)",
    title: "Skill utilisation by update",
    source: "training",
    sql: `CASE WHEN r.success IS NOT NULL AND ${FREE} THEN r.used_skill::INTEGER END`,
    ...PERCENT,
  },
  utility: {
    axis: "mean utility of the cache",
    title: "Utility of the skill library by update",
    source: "update",
    from: "library_state",
    sql: "u.cache_utility",
    scale: 1,
  },
  gate: {
    axis: "choices with a closed gate (%)",
    title: "Confidence gate by update",
    source: "update",
    from: "selection_by_step",
    sql: "u.gated_share",
    ...PERCENT,
  },
  entropy: {
    axis: "entropy of the choice (nats)",
    title: "Sharpness of skill choices by update",
    source: "update",
    from: "selection_by_step",
    sql: "u.entropy",
    scale: 1,
  },
  loss: {
    axis: "loss per unit of weight",
    title: "Loss of reinforcement learning by update",
    source: "update",
    sql: "u.loss / nullif(u.weight_sum, 0)",
    scale: 1,
  },
  sft: {
    axis: "cross-entropy (nats per token)",
    title: "Loss of the warm start by update",
    source: "update",
    sql: "u.loss / nullif(u.weight_sum, 0)",
    phase: "sft",
    scale: 1,
  },
  grad: { axis: "gradient norm", title: "Gradient norm by update", source: "update", sql: "u.grad_norm", scale: 1 },
  kl: {
    axis: "KL(old, new), k3 estimate (nats)",
    title: "Change of the policy by update",
    source: "update",
    sql: "u.kl_k3",
    scale: 1,
  },
  zero: {
    axis: "groups without a gradient (%)",
    title: "Groups of equal rewards by update",
    source: "update",
    sql: "u.zero_variance_groups / nullif(u.groups, 0)",
    ...PERCENT,
  },
} as const satisfies Readonly<Record<string, CurveMetricInfo>>;

/** Name of a figure. */
export type CurveMetric = keyof typeof CURVE_METRICS;

/** What a metric is, without its literal types. */
export function curveMetric(metric: CurveMetric): CurveMetricInfo {
  return CURVE_METRICS[metric];
}

/** Which runs a query reads. */
export interface RunFilter {
  /**
   * Run ids.
   *
   * @default {all}
   */
  readonly runs?: readonly string[];
}

/** SQL condition of a filter, beginning with AND; empty without one. */
export function runCondition(filter: RunFilter): string {
  const { runs } = filter;
  if (runs === undefined) return "";
  // An empty list is a filter that nothing passes; SQL has no empty list.
  return runs.length === 0 ? " AND false" : ` AND run.run_id IN (${sqlTexts(runs)})`;
}

/**
 * SQL of the rows of a learning curve, one statement on one line.
 *
 * @param metric what is shown.
 * @param filter which runs.
 */
export function curveSql(metric: CurveMetric, filter: RunFilter = {}): string {
  const { source, sql, phase = "rl", from } = curveMetric(metric);
  const who = "SELECT run.arm, run.config_hash, run.seed";
  if (source === "update" && from !== undefined) {
    return `${who}, 'rl' AS series, u.step, 'run' AS cluster, 'run' AS task, 1 AS samples, ${sql} AS value ` +
      `FROM ${from} u JOIN run USING (run_id) WHERE (${sql}) IS NOT NULL${runCondition(filter)} ORDER BY ALL`;
  }
  if (source === "update") {
    return `${who}, u.phase AS series, u.step, 'run' AS cluster, 'run' AS task, 1 AS samples, ${sql} AS value ` +
      `FROM update_step u JOIN run USING (run_id) WHERE u.phase = '${phase}' AND (${sql}) IS NOT NULL${
        runCondition(filter)
      } ORDER BY ALL`;
  }
  const evaluation = source === "evaluation";
  const columns = evaluation
    ? "substr(r.phase, 7) AS series, r.step, r.scenario AS cluster, r.task_id AS task"
    : "'training' AS series, r.step, concat(run.seed, '/', r.grp) AS cluster, concat(r.grp) AS task";
  const credit = sql.startsWith("a.") ? " JOIN advantage a USING (run_id, phase, step, grp, sample, position)" : "";
  return `${who}, ${columns}, count(${sql}) AS samples, avg(${sql}) AS value ` +
    `FROM rollout r JOIN run USING (run_id)${credit} ` +
    `WHERE ${evaluation ? "starts_with(r.phase, 'curve/')" : "r.phase = 'rl'"}${runCondition(filter)} ` +
    "GROUP BY ALL HAVING samples > 0 ORDER BY ALL";
}
