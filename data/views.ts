/**
 * Views of the record: the figures that tables, plots and reports show, as SQL kept next to the tables.
 *
 * Contract: fractions are in [0, 1]. Rollouts hit by an environment fault are left out of every mean and counted in `faults`.
 * Definitions: TGC (task goal completion) = share of rollouts that pass all tests; SGC (scenario goal completion) = share of
 * scenarios whose rollouts at all positions do, per evaluation sample; both as in the AppWorld benchmark. Skill use = rollouts that
 * called an offered skill / rollouts that were offered at least one.
 * Choices: a scenario with a fault is left out of SGC; figures of a run are means over its samples, `_std` is the sample standard
 * deviation over them.
 *
 * @module
 */
import { DOCUMENT_VIEWS } from "./document_views.ts";
import { QUESTION_VIEWS } from "./question_views.ts";

/** One view. */
export interface ViewDeclaration {
  /** What it shows, as a heading. */
  readonly title: string;
  /** What one row is. */
  readonly about: string;
  /** Units of its figures. */
  readonly unit: string;
  /** Parameters of a macro, called like a function in FROM; left out: a plain view. */
  readonly parameters?: string;
  /** A query that shows what the view is for. */
  readonly example: string;
  /** The SELECT behind it. */
  readonly sql: string;
}

/** Means that rollouts of any phase share; faults are null there and drop out. */
const ROLLOUT_MEANS = `
    avg(score) AS mean_score,
    avg(steps) FILTER (success IS NOT NULL) AS mean_steps,
    avg(generated_tokens) FILTER (success IS NOT NULL) AS mean_generated_tokens,
    avg(prompt_tokens + generated_tokens + observation_tokens) FILTER (success IS NOT NULL) AS mean_tokens,
    avg(used_skill::INTEGER) FILTER (success IS NOT NULL AND len(skills_offered) > 0) AS skill_use_rate,
    avg(no_code::INTEGER) FILTER (success IS NOT NULL) AS no_code_rate`;

/** Views of rollouts, runs and steps. */
const BASE_VIEWS = {
  eval_rollout: {
    title: "Evaluation rollouts",
    about: "One evaluation rollout, with its run's arm and seed.",
    unit: "as in `rollout`",
    example: "SELECT arm, scenario, avg(success::INTEGER) AS solved FROM eval_rollout GROUP BY ALL ORDER BY ALL",
    sql: `
  SELECT run.arm, run.recipe, run.seed, rollout.*
  FROM rollout JOIN run USING (run_id)
  WHERE starts_with(rollout.phase, 'eval/')`,
  },
  metrics_by_sample: {
    title: "TGC, SGC and means per run through a split",
    about: "One run through a split: TGC, SGC and means over rollouts.",
    unit: "rates in [0, 1]; steps in turns; tokens per rollout",
    example: "SELECT arm, seed, sample, tgc, sgc FROM metrics_by_sample WHERE split = 'test_normal' ORDER BY ALL",
    sql: `
  WITH by_rollout AS (
    SELECT run_id, arm, recipe, seed, phase, split, sample,
    count(*) AS rollouts,
    count(*) FILTER (success IS NULL) AS faults,
    avg(success::INTEGER) AS tgc,${ROLLOUT_MEANS}
    FROM eval_rollout GROUP BY ALL
  ), scenario_result AS (
    SELECT run_id, phase, split, sample, scenario, bool_and(success) AS solved, bool_or(success IS NULL) AS faulted
    FROM eval_rollout GROUP BY ALL
  ), by_scenario AS (
    SELECT run_id, phase, split, sample,
    count(*) AS scenarios,
    avg(solved::INTEGER) FILTER (NOT faulted) AS sgc
    FROM scenario_result GROUP BY ALL
  )
  SELECT run_id, arm, recipe, seed, phase, split, sample, rollouts, scenarios, faults, tgc, sgc,
    mean_score, mean_steps, mean_generated_tokens, mean_tokens, skill_use_rate, no_code_rate
  FROM by_rollout JOIN by_scenario USING (run_id, phase, split, sample)`,
  },
  metrics_by_run: {
    title: "TGC, SGC and means per run",
    about: "One run on one split: means over its evaluation samples.",
    unit: "rates in [0, 1]; steps in turns; tokens per rollout",
    example:
      "SELECT arm, avg(tgc) AS tgc, avg(sgc) AS sgc FROM metrics_by_run WHERE split = 'test_normal' GROUP BY arm ORDER BY arm",
    sql: `
  SELECT run_id, arm, recipe, seed, phase, split,
    count(*) AS samples,
    sum(rollouts) AS rollouts,
    max(scenarios) AS scenarios,
    sum(faults) AS faults,
    avg(tgc) AS tgc,
    stddev_samp(tgc) AS tgc_std,
    avg(sgc) AS sgc,
    stddev_samp(sgc) AS sgc_std,
    avg(mean_score) AS mean_score,
    avg(mean_steps) AS mean_steps,
    avg(mean_generated_tokens) AS mean_generated_tokens,
    avg(mean_tokens) AS mean_tokens,
    avg(skill_use_rate) AS skill_use_rate,
    avg(no_code_rate) AS no_code_rate
  FROM metrics_by_sample GROUP BY ALL`,
  },
  learning_curve: {
    title: "Training, step by step",
    about: "One training step: its update and the means over its rollouts; rollout columns are null in SFT.",
    unit: "rates in [0, 1]; rewards in units of reward; losses and KL in nats; tokens per rollout, `tokens` per update",
    example:
      "SELECT step, mean_reward, success_rate, skill_use_rate FROM learning_curve WHERE phase = 'rl' ORDER BY run_id, step",
    sql: `
  WITH by_rollout AS (
    SELECT run_id, phase, step,
    count(*) AS rollouts,
    count(*) FILTER (success IS NULL) AS faults,
    avg(reward) AS mean_reward,
    avg(success::INTEGER) AS success_rate,${ROLLOUT_MEANS}
    FROM rollout LEFT JOIN advantage USING (run_id, phase, step, grp, sample, position)
    WHERE NOT starts_with(phase, 'eval/') AND NOT starts_with(phase, 'curve/')
    GROUP BY ALL
  ), by_update AS (
    SELECT run_id, phase, step, loss / nullif(weight_sum, 0) AS mean_loss, grad_norm, kl_k3, learning_rate, tokens,
    zero_variance_groups / nullif(groups, 0) AS zero_variance_share
    FROM update_step
  )
  SELECT run_id, arm, phase, step, rollouts, faults, mean_reward, mean_score, success_rate, skill_use_rate, no_code_rate,
    mean_steps, mean_generated_tokens, mean_tokens, mean_loss, grad_norm, kl_k3, learning_rate, tokens, zero_variance_share
  FROM by_rollout FULL JOIN by_update USING (run_id, phase, step) JOIN run USING (run_id)`,
  },
  evaluation_curve: {
    title: "Evaluations on the way",
    about:
      "One evaluation on the way: a split after `step` updates, means over its samples; SGC as in `metrics_by_sample`.",
    unit: "rates in [0, 1]; steps in turns; tokens per rollout",
    example: "SELECT arm, step, tgc, sgc FROM evaluation_curve WHERE split = 'dev' ORDER BY arm, seed, step",
    sql: `
  WITH scored AS (
    SELECT arm, seed, rollout.* FROM rollout JOIN run USING (run_id) WHERE starts_with(phase, 'curve/')
  ), scenario_result AS (
    SELECT run_id, split, step, sample, scenario, bool_and(success) AS solved, bool_or(success IS NULL) AS faulted
    FROM scored GROUP BY ALL
  ), by_scenario AS (
    SELECT run_id, split, step, avg(solved::INTEGER) FILTER (NOT faulted) AS sgc FROM scenario_result GROUP BY ALL
  ), by_rollout AS (
    SELECT run_id, arm, seed, split, step,
    count(*) AS rollouts,
    count(*) FILTER (success IS NULL) AS faults,
    avg(success::INTEGER) AS tgc,${ROLLOUT_MEANS}
    FROM scored GROUP BY ALL
  )
  SELECT run_id, arm, seed, split, step, rollouts, faults, tgc, sgc, mean_score, mean_steps, mean_generated_tokens,
    mean_tokens, skill_use_rate, no_code_rate
  FROM by_rollout JOIN by_scenario USING (run_id, split, step)`,
  },
  skill_events_by_kind: {
    title: "Skill events by kind",
    about: "How often one kind of skill event happened in one step, in how many rollouts and to how many names.",
    unit: "counts",
    example: "SELECT arm, kind, sum(events) AS events FROM skill_events_by_kind GROUP BY ALL ORDER BY ALL",
    sql: `
  SELECT run_id, arm, phase, step, kind,
    count(*) AS events,
    count(DISTINCT (grp, sample, position)) AS rollouts,
    count(DISTINCT name) AS skills
  FROM skill_event JOIN run USING (run_id) GROUP BY ALL`,
  },
  zero_variance_groups: {
    title: "Groups of equal rewards",
    about: "One group whose rewards were all equal: it gave no gradient. Groups of one are among them.",
    unit: "`size` in rollouts; `reward` in units of reward",
    example: "SELECT run_id, step, count(*) AS groups FROM zero_variance_groups GROUP BY ALL ORDER BY ALL",
    sql: `
  SELECT run_id, phase, step, grp, position, count(*) AS size, any_value(reward) AS reward
  FROM advantage GROUP BY run_id, phase, step, grp, position
  HAVING min(reward) = max(reward)`,
  },
  token_sequence: {
    title: "Rollouts as sequences",
    about:
      "One rollout as one sequence: ids, whether each carries loss, and its log-probability when sampled (0 for context).",
    unit: "log-probabilities in nats",
    example:
      "SELECT phase, sum(len(ids)) AS tokens, sum(len(list_filter(loss_mask, lambda x: x))) AS loss_tokens FROM token_sequence GROUP BY phase",
    sql: `
  SELECT run_id, phase, step, grp, sample, position,
    flatten(list(list_concat(context_ids, generated_ids) ORDER BY turn)) AS ids,
    flatten(list(list_concat(
      list_resize([]::BOOLEAN[], len(context_ids), false),
      list_resize([]::BOOLEAN[], len(generated_ids), true)
    ) ORDER BY turn)) AS loss_mask,
    flatten(list(list_concat(list_resize([]::FLOAT[], len(context_ids), 0), logprobs) ORDER BY turn)) AS logprobs
  FROM turn GROUP BY run_id, phase, step, grp, sample, position`,
  },
  token: {
    title: "Rollouts, token by token",
    about: "One token of a rollout, `n` from 0 over all its turns; `logprob` (nats) is null where nothing was sampled.",
    unit: "`logprob` in nats",
    example: "SELECT n, turn, id, generated, logprob FROM token WHERE phase = 'rl' AND step = 0 ORDER BY ALL LIMIT 20",
    sql: `
  WITH placed AS (
    SELECT run_id, phase, step, grp, sample, position, turn, context_ids, generated_ids, logprobs,
    sum(len(context_ids) + len(generated_ids)) OVER (
      PARTITION BY run_id, phase, step, grp, sample, position ORDER BY turn
    ) - len(context_ids) - len(generated_ids) AS start
    FROM turn
  ), listed AS (
    SELECT run_id, phase, step, grp, sample, position, turn, start, len(context_ids) AS context, logprobs,
    list_concat(context_ids, generated_ids) AS ids
    FROM placed
  ), numbered AS (
    SELECT * EXCLUDE (ids), unnest(ids) AS id, generate_subscripts(ids, 1) AS place FROM listed
  )
  SELECT run_id, phase, step, grp, sample, position, (start + place - 1)::INTEGER AS n, turn, id,
    place > context AS generated,
    CASE WHEN place > context THEN logprobs[place - context] END AS logprob
  FROM numbered`,
  },
  observation: {
    title: "Observations",
    about:
      "What the environment answered to one turn; `tokens` is its length as the next turn's context, null after the last.",
    unit: "tokens",
    example:
      "SELECT run_id, ok, count(*) AS turns, avg(tokens) AS mean_tokens FROM observation GROUP BY ALL ORDER BY ALL",
    sql: `
  SELECT run_id, phase, step, grp, sample, position, turn, ok, observation,
    lead(length(context_ids)) OVER (PARTITION BY run_id, phase, step, grp, sample, position ORDER BY turn)::BIGINT AS tokens
  FROM turn_packed`,
  },
  config: {
    title: "Configurations",
    about: "One checked configuration, with how many runs and seeds it has.",
    unit: "counts",
    example: "SELECT arm, config_hash, runs, seeds FROM config ORDER BY arm",
    sql: `
  SELECT config_hash, arm, recipe, environment, any_value(config) AS config, count(*) AS runs, list(seed ORDER BY seed) AS seeds
  FROM run GROUP BY config_hash, arm, recipe, environment`,
  },
  verdict_latest: {
    title: "Newest verdicts",
    about: "The newest verdict of each grader on each rollout.",
    unit: "`score` in [0, 1]",
    example: "SELECT grader, verdict, count(*) AS rollouts FROM verdict_latest GROUP BY ALL ORDER BY ALL",
    sql: `
  SELECT v.run_id, v.phase, v.step, v.grp, v.sample, v.position, v.grader, v.version, v.verdict, v.gold, v.answer, v.detail, v.score
  FROM verdict v ANTI JOIN (SELECT * FROM verdict WHERE version > 1) n ON n.version > v.version AND n.run_id = v.run_id
    AND n.phase = v.phase AND n.step = v.step AND n.grp = v.grp AND n.sample = v.sample AND n.position = v.position
    AND n.grader = v.grader`,
  },
} as const satisfies Readonly<Record<string, ViewDeclaration>>;

/** Every view, in an order in which each uses only those before it. */
export const VIEWS = { ...BASE_VIEWS, ...QUESTION_VIEWS, ...DOCUMENT_VIEWS } as const satisfies Readonly<
  Record<string, ViewDeclaration>
>;

/** Name of a view. */
export type ViewName = keyof typeof VIEWS;
