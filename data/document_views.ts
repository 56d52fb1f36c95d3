/**
 * Views of libraries of skill documents: how choices sharpen, whether utility tells lift, which skills carry over, what the gate costs.
 *
 * Contract: as in `views.ts`. Choices of training are those of rollouts that were free to have a skill; a choice among candidates is counted once per rollout.
 * Choices: a skill's lift is the success of rollouts with it minus that of the rollouts without any in the same groups (training), or of the same tasks played
 * without skills (evaluation); it is an observation, not an effect of an experiment.
 *
 * @module
 */
import type { ViewDeclaration } from "./views.ts";

const IDENTITY = "run_id, phase, step, grp, sample, position";

/** Views of libraries of documents. */
export const DOCUMENT_VIEWS = {
  selection_by_step: {
    title: "Sharpness of skill choices by step",
    about:
      "One training step: entropy and largest probability of the choice among candidates, share of closed gates, of uniform choices and of rollouts that were shown a skill.",
    unit: "`entropy` in nats (ln of the number of candidates if all are alike); shares in [0, 1]",
    example:
      "SELECT step, choices, entropy, largest_probability, gated_share FROM selection_by_step ORDER BY run_id, step",
    sql: `
  WITH by_choice AS (
    SELECT ${IDENTITY}, count(*) AS candidates, -sum(probability * ln(greatest(probability, 1e-300))) AS entropy,
      max(probability) AS largest, bool_or(gated) AS gated, bool_or(explored) AS explored, bool_or(chosen) AS aided
    FROM selection WHERE probability IS NOT NULL AND NOT coalesce(reserved, false) AND phase = 'rl' GROUP BY ALL
  )
  SELECT arm, seed, run_id, step, count(*) AS choices, avg(candidates) AS candidates, avg(entropy) AS entropy,
    avg(largest) AS largest_probability, avg(gated::INTEGER) AS gated_share, avg(explored::INTEGER) AS explored_share,
    avg(aided::INTEGER) AS aided_share
  FROM by_choice JOIN run USING (run_id) GROUP BY ALL`,
  },
  skill_lift: {
    title: "Utility and lift of skill documents",
    about:
      "One skill of one run in training: its last utility, its uses, and the success of rollouts with it against those without any skill in the same groups.",
    unit: "`aided`, `unaided` and `lift` in [0, 1]; `utility` in units of reward",
    example:
      "SELECT arm, corr(utility, lift) AS correlation, count(*) AS skills FROM skill_lift WHERE uses >= 8 GROUP BY arm",
    sql: `
  WITH played AS (
    SELECT run_id, step, grp, success::INTEGER AS solved, skills_used[1] AS name
    FROM rollout WHERE phase = 'rl' AND success IS NOT NULL
  ), without AS (
    SELECT run_id, step, grp, avg(solved) AS unaided FROM played WHERE name IS NULL GROUP BY ALL
  ), by_skill AS (
    SELECT run_id, name, count(*) AS uses, avg(solved) AS aided, avg(unaided) AS unaided
    FROM played JOIN without USING (run_id, step, grp) WHERE name IS NOT NULL GROUP BY ALL
  ), utility AS (
    SELECT run_id, name, arg_max(utility_after, (step, seq)) FILTER (utility_after IS NOT NULL) AS utility
    FROM library_change GROUP BY ALL
  )
  SELECT arm, seed, by_skill.*, aided - unaided AS lift, utility
  FROM by_skill JOIN run USING (run_id) LEFT JOIN utility USING (run_id, name)`,
  },
  skill_transfer: {
    title: "Skill documents on each split",
    about:
      "One skill of one run on one evaluated split: how often it was shown, the success with it, and that of the same tasks played without skills (null: they were not).",
    unit: "`aided`, `plain` and `lift` in [0, 1]",
    example: "SELECT split, name, uses, aided, plain, lift FROM skill_transfer ORDER BY split, lift DESC",
    sql: `
  WITH aided AS (
    SELECT run_id, substr(phase, 6) AS split, task_id, skills_used[1] AS name, success::INTEGER AS solved
    FROM rollout WHERE starts_with(phase, 'eval/') AND success IS NOT NULL AND len(skills_used) > 0
  ), plain AS (
    SELECT run_id, substr(phase, 7) AS split, task_id, avg(success::INTEGER) AS solved
    FROM rollout WHERE starts_with(phase, 'plain/') AND success IS NOT NULL GROUP BY ALL
  )
  SELECT arm, seed, aided.run_id, aided.split, aided.name, count(*) AS uses, avg(aided.solved) AS aided,
    avg(plain.solved) AS plain, avg(aided.solved - plain.solved) AS lift
  FROM aided JOIN run USING (run_id) LEFT JOIN plain USING (run_id, split, task_id)
  GROUP BY arm, seed, aided.run_id, aided.split, aided.name`,
  },
  gate_cost: {
    title: "What the confidence gate costs",
    about:
      "One run on one split: success of evaluation rollouts with an open and with a closed gate, and of the same tasks played without skills (null: they were not).",
    unit: "success in [0, 1]",
    example: "SELECT arm, split, gate, rollouts, success, plain FROM gate_cost ORDER BY ALL",
    sql: `
  WITH choice AS (
    SELECT DISTINCT ${IDENTITY}, gated FROM selection WHERE gated IS NOT NULL AND starts_with(phase, 'eval/')
  ), plain AS (
    SELECT run_id, substr(phase, 7) AS split, task_id, avg(success::INTEGER) AS solved
    FROM rollout WHERE starts_with(phase, 'plain/') AND success IS NOT NULL GROUP BY ALL
  )
  SELECT arm, seed, r.run_id, substr(r.phase, 6) AS split, CASE WHEN choice.gated THEN 'closed' ELSE 'open' END AS gate,
    count(*) AS rollouts, avg(r.success::INTEGER) AS success, avg(plain.solved) AS plain
  FROM rollout r JOIN choice USING (${IDENTITY}) JOIN run ON run.run_id = r.run_id
    LEFT JOIN plain ON plain.run_id = r.run_id AND plain.split = substr(r.phase, 6) AND plain.task_id = r.task_id
  WHERE r.success IS NOT NULL GROUP BY arm, seed, r.run_id, r.phase, choice.gated`,
  },
} as const satisfies Readonly<Record<string, ViewDeclaration>>;
