/**
 * Views that answer questions about rewards, skills and graders; {@linkcode VIEWS} of `views.ts` holds them with the others.
 *
 * Contract: as in `views.ts`: fractions in [0, 1], rollouts hit by an environment fault left out of every mean.
 * Choices: comparisons with and without a skill are made within one run, phase and task, and say nothing of why a skill was there;
 * they are observations, not effects of an experiment. A skill is known by its name and scenario, since every chain has a library of
 * its own.
 *
 * @module
 */
import type { ViewDeclaration } from "./views.ts";

const IDENTITY = "run_id, phase, step, grp, sample, position";

/** Views by question, each using tables and the views of `views.ts` only. */
export const QUESTION_VIEWS = {
  reward_terms_by_position: {
    title: "Reward terms by position in the chain",
    about: "One reward term at one position of the chain: its mean and how often it is not zero.",
    unit: "`mean_value` in units of reward, `nonzero_share` in [0, 1]",
    example:
      "SELECT arm, position, term, mean_value, nonzero_share FROM reward_terms_by_position WHERE phase = 'rl' ORDER BY ALL",
    sql: `
  WITH by_run AS (
    SELECT run_id, phase, position, term, count(*) AS rollouts, avg(value) AS mean_value, avg((value <> 0)::INTEGER) AS nonzero_share
    FROM reward_term GROUP BY run_id, phase, position, term
  )
  SELECT arm, seed, by_run.* FROM by_run JOIN run USING (run_id)`,
  },
  sgc_by_chain_length: {
    title: "SGC by chain length",
    about:
      "One arm on one split, by the length of the chains that its runs were trained on (null: not on chains) and of those evaluated; SGC is the share of evaluated chains solved at every position, chains with a fault left out.",
    unit: "`sgc` and `tgc` in [0, 1]; lengths in tasks",
    example: "SELECT arm, split, trained_length, length, sgc FROM sgc_by_chain_length ORDER BY ALL",
    sql: `
  WITH trained AS (
    SELECT run_id, max(length) AS trained_length FROM chain WHERE phase = 'rl' GROUP BY run_id
  ), evaluated AS (
    SELECT run_id, split, step, grp, sample, count(*) AS length, bool_and(success) AS solved,
      bool_or(success IS NULL) AS faulted, avg(success::INTEGER) AS tgc
    FROM rollout WHERE starts_with(phase, 'eval/') GROUP BY ALL
  ), by_run AS (
    SELECT run_id, split, length, count(*) AS chains, avg(solved::INTEGER) FILTER (NOT faulted) AS sgc, avg(tgc) AS tgc
    FROM evaluated GROUP BY ALL
  )
  SELECT arm, split, trained_length, length, count(*) AS runs, sum(chains)::BIGINT AS chains, avg(sgc) AS sgc, avg(tgc) AS tgc
  FROM by_run JOIN run USING (run_id) LEFT JOIN trained USING (run_id) GROUP BY ALL`,
  },
  saved_per_reuse: {
    title: "Tokens and steps saved per reused skill",
    about:
      "One skill that rollouts called, against rollouts of the same run, phase and task that called none: means over uses of (without minus with). Uses of tasks that were always played with a skill have nothing to be compared with and are left out.",
    unit: "`steps_saved` in turns, `tokens_saved` in generated tokens, both per use; negative: the skill cost more",
    example:
      "SELECT arm, scenario, name, uses, steps_saved, tokens_saved FROM saved_per_reuse ORDER BY tokens_saved DESC LIMIT 10",
    sql: `
  WITH baseline AS (
    SELECT run_id, phase, task_id, count(*) AS rollouts, avg(steps) AS steps, avg(generated_tokens) AS tokens
    FROM rollout WHERE success IS NOT NULL AND NOT used_skill GROUP BY run_id, phase, task_id
  ), used AS (
    SELECT run_id, phase, task_id, scenario, unnest(skills_used) AS name, steps, generated_tokens
    FROM rollout WHERE success IS NOT NULL AND used_skill
  ), by_task AS (
    SELECT run_id, phase, task_id, scenario, name, count(*) AS uses, sum(steps) AS steps, sum(generated_tokens) AS tokens
    FROM used GROUP BY ALL
  ), by_skill AS (
    SELECT run_id, phase, by_task.scenario, name, sum(uses)::BIGINT AS uses, sum(baseline.rollouts)::BIGINT AS compared_with,
      sum(baseline.steps * uses - by_task.steps) / sum(uses) AS steps_saved,
      sum(baseline.tokens * uses - by_task.tokens) / sum(uses) AS tokens_saved
    FROM by_task JOIN baseline USING (run_id, phase, task_id) GROUP BY ALL
  )
  SELECT arm, seed, by_skill.* FROM by_skill JOIN run USING (run_id)`,
  },
  skill_gain: {
    title: "Skills that raised success on later tasks, and by how much",
    about:
      "One skill on the tasks after the first of a chain: success where the prompt showed it minus success on the same tasks where it did not, weighted by the rollouts that saw it. Tasks always or never played with it are left out.",
    unit: "`success_with`, `success_without` and `gain` in [0, 1] (gain in [-1, 1]); counts in rollouts",
    example:
      "SELECT arm, scenario, name, rollouts_with, rollouts_without, gain FROM skill_gain WHERE rollouts_with >= 5 ORDER BY gain DESC LIMIT 10",
    sql: `
  WITH later AS (
    SELECT run_id, phase, task_id, scenario, success::INTEGER AS success, skills_offered
    FROM rollout WHERE success IS NOT NULL AND position > 1
  ), by_task AS (
    SELECT run_id, phase, task_id, count(*) AS n, sum(success) AS solved FROM later GROUP BY run_id, phase, task_id
  ), shown AS (
    SELECT run_id, phase, task_id, scenario, unnest(skills_offered) AS name, success FROM later WHERE len(skills_offered) > 0
  ), with_skill AS (
    SELECT run_id, phase, task_id, scenario, name, count(*) AS n, sum(success) AS solved FROM shown GROUP BY ALL
  ), by_skill AS (
    SELECT run_id, phase, w.scenario, name, sum(w.n)::BIGINT AS rollouts_with, sum(t.n - w.n)::BIGINT AS rollouts_without,
      sum(w.solved) / sum(w.n) AS success_with,
      sum(w.n * (t.solved - w.solved) / (t.n - w.n)) / sum(w.n) AS success_without
    FROM with_skill w JOIN by_task t USING (run_id, phase, task_id) WHERE t.n > w.n GROUP BY ALL
  )
  SELECT arm, seed, by_skill.*, success_with - success_without AS gain FROM by_skill JOIN run USING (run_id)`,
  },
  skill_survival: {
    title: "Skill survival and decay",
    about:
      "Skill versions `lag` tasks after they were saved: how many chains went on so long, and in how many of these the version was still in the library, was shown and was called. A version ends when a newer one overwrites it or it is evicted or deleted; it is still there for the task that does so.",
    unit: "`lag` in tasks; `alive_share`, `shown_share` and `used_share` in [0, 1], of all skills at that lag",
    example:
      "SELECT arm, lag, skills, alive_share, used_share FROM skill_survival WHERE phase = 'rl' ORDER BY arm, seed, lag",
    sql: `
  WITH removed AS (
    SELECT run_id, phase, step, grp, sample, name, version, min(position) AS removed_at
    FROM skill_event WHERE kind IN ('evicted', 'deleted') GROUP BY ALL
  ), lived AS (
    SELECT run_id, phase, step, grp, sample, name, version, position AS saved_at,
      lead(position) OVER (PARTITION BY run_id, phase, step, grp, sample, name ORDER BY version) AS replaced_at
    FROM skill
  ), ended AS (
    SELECT lived.*, least(replaced_at, removed_at) AS ended_at
    FROM lived LEFT JOIN removed USING (run_id, phase, step, grp, sample, name, version)
  ), at_lag AS (
    SELECT e.run_id, e.phase, r.position - e.saved_at AS lag,
      coalesce(e.ended_at >= r.position, true) AS alive,
      list_contains(r.skills_offered, e.name) AS shown,
      list_contains(r.skills_used, e.name) AS used
    FROM ended e JOIN rollout r USING (run_id, phase, step, grp, sample)
    WHERE r.position > e.saved_at
  ), by_run AS (
    SELECT run_id, phase, lag, count(*) AS skills, avg(alive::INTEGER) AS alive_share,
      avg((alive AND shown)::INTEGER) AS shown_share, avg((alive AND used)::INTEGER) AS used_share
    FROM at_lag GROUP BY ALL
  )
  SELECT arm, seed, by_run.* FROM by_run JOIN run USING (run_id)`,
  },
  retrieval_precision: {
    title: "Retrieval precision and wasted prompt tokens",
    about:
      "One run and phase: skills that prompts showed, how many of them were called, and the prompt tokens of those that were not. Tokens count where the event gives its span.",
    unit:
      "`precision` in [0, 1] (called / shown); `shown_tokens`, `wasted_tokens` in prompt tokens, all rollouts together",
    example:
      "SELECT arm, phase, shown, precision, wasted_tokens, wasted_tokens / rollouts AS per_rollout FROM retrieval_precision ORDER BY ALL",
    sql: `
  WITH by_rollout AS (
    SELECT run_id, phase, count(*) AS rollouts, count(*) FILTER (len(skills_offered) > 0) AS rollouts_with_skills,
      sum(len(skills_offered))::BIGINT AS shown, sum(len(skills_used))::BIGINT AS used
    FROM rollout WHERE success IS NOT NULL GROUP BY run_id, phase
  ), spans AS (
    SELECT ${IDENTITY}, name, token_end - token_start AS tokens
    FROM skill_event WHERE kind = 'shown' AND token_start IS NOT NULL
  ), by_span AS (
    SELECT s.run_id, s.phase, sum(tokens)::BIGINT AS shown_tokens,
      coalesce(sum(tokens) FILTER (NOT list_contains(r.skills_used, s.name)), 0)::BIGINT AS wasted_tokens
    FROM spans s JOIN rollout r USING (${IDENTITY}) WHERE r.success IS NOT NULL GROUP BY ALL
  )
  SELECT arm, seed, by_rollout.*, used / nullif(shown, 0) AS precision, shown_tokens, wasted_tokens
  FROM by_rollout JOIN run USING (run_id) LEFT JOIN by_span USING (run_id, phase)`,
  },
  unearned_reward: {
    title: "Rollouts that gained reward without using what they called",
    about:
      "One rollout that got a bonus for using a skill although none of the library functions called in its code ran to its end: the call stood in code that was not reached, or it failed.",
    unit: "`bonus` in units of reward",
    example:
      "SELECT arm, phase, count(*) AS rollouts, sum(bonus) AS bonus FROM unearned_reward GROUP BY ALL ORDER BY ALL",
    sql: `
  WITH bonus AS (
    SELECT ${IDENTITY}, value AS bonus FROM reward_term WHERE term = 'usage' AND value > 0
  ), returned AS (
    SELECT DISTINCT ${IDENTITY} FROM skill_event WHERE kind = 'returned'
  ), unearned AS (
    SELECT * FROM bonus ANTI JOIN returned USING (${IDENTITY})
  )
  SELECT arm, seed, unearned.*, task_id, success, skills_used AS called
  FROM unearned JOIN rollout USING (${IDENTITY}) JOIN run USING (run_id)`,
  },
  grader_disagreement: {
    title: "Answers on which graders differ",
    about:
      "One pair of graders whose newest verdicts on a rollout differ; `in_credit`: one calls the answer correct and the other not.",
    unit: "none; verdicts by name",
    example:
      "SELECT grader_a, verdict_a, grader_b, verdict_b, count(*) AS rollouts FROM grader_disagreement GROUP BY ALL ORDER BY rollouts DESC",
    sql: `
  SELECT ${IDENTITY}, a.grader AS grader_a, a.verdict AS verdict_a, a.answer AS answer_a,
    b.grader AS grader_b, b.verdict AS verdict_b, b.answer AS answer_b,
    (a.verdict = 'correct') <> (b.verdict = 'correct') AS in_credit
  FROM verdict_latest a JOIN verdict_latest b USING (${IDENTITY}) WHERE a.grader < b.grader AND a.verdict <> b.verdict`,
  },
  advantage_under: {
    title: "Advantages under other reward weights (offline)",
    about:
      "Macro: one rollout's reward and advantage as they would be with other weights of the reward terms, beside the recorded ones. `weights` maps terms to factors; a term left out keeps 1. Offline: the rollouts were played by a policy trained with the recorded rewards, so this says what the first update would have seen and not where training would have gone.",
    unit:
      "rewards and advantages in units of reward, centred on the group's mean; `normalised` in standard deviations (population, 0 in a group of equal rewards)",
    example:
      "SELECT step, corr(recorded_advantage, advantage) AS agreement FROM advantage_under(MAP {'usage': 0.0, 'generation': 0.0}) GROUP BY step ORDER BY step",
    parameters: "weights",
    sql: `
  WITH factor AS (
    SELECT term, coalesce(weights[term], 1) AS factor FROM (SELECT DISTINCT term FROM reward_term)
  ), reweighted AS MATERIALIZED (
    SELECT ${IDENTITY}, sum(value * factor) AS reward FROM reward_term JOIN factor USING (term) GROUP BY ${IDENTITY}
  ), by_group AS (
    SELECT run_id, phase, step, grp, position, avg(reward) AS baseline, stddev_pop(reward) AS spread,
      min(reward) = max(reward) AS equal
    FROM reweighted GROUP BY run_id, phase, step, grp, position
  ), grouped AS (
    SELECT * FROM reweighted JOIN by_group USING (run_id, phase, step, grp, position)
  )
  SELECT ${IDENTITY}, true AS offline, a.reward AS recorded_reward, a.advantage AS recorded_advantage, g.reward, g.baseline,
    CASE WHEN equal THEN 0 ELSE g.reward - g.baseline END AS advantage,
    CASE WHEN equal THEN 0 ELSE (g.reward - g.baseline) / spread END AS normalised
  FROM grouped g JOIN advantage a USING (${IDENTITY})`,
  },
} as const satisfies Readonly<Record<string, ViewDeclaration>>;
