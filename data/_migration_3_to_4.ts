/**
 * Statements that bring a record of schema version 3 to version 4.
 *
 * Contract: frozen, as `_migration_1_to_2.ts` says. Turns get log-probabilities before truncation, thresholds and those of the trainer,
 * updates the figures of named losses; all of them are null in what is there. Tables are made anew, since columns added by ALTER TABLE would
 * stand last.
 *
 * @module
 */

/** Statements in order, for one transaction; views are made anew afterwards. */
export const MIGRATION_3_TO_4: readonly string[] = [
  "ALTER TABLE turn_packed RENAME TO turn_packed_v3",
  `CREATE TABLE turn_packed (
    run_id VARCHAR NOT NULL, phase VARCHAR NOT NULL, step INTEGER NOT NULL, grp INTEGER NOT NULL,
    sample INTEGER NOT NULL, position INTEGER NOT NULL, turn INTEGER NOT NULL,
    context_ids VARCHAR NOT NULL USING COMPRESSION zstd, generated_ids VARCHAR NOT NULL USING COMPRESSION zstd,
    logprobs VARCHAR NOT NULL USING COMPRESSION zstd, full_logprobs VARCHAR USING COMPRESSION zstd,
    thresholds VARCHAR USING COMPRESSION zstd, train_logprobs VARCHAR USING COMPRESSION zstd, finish VARCHAR NOT NULL,
    code VARCHAR USING COMPRESSION zstd, observation VARCHAR NOT NULL USING COMPRESSION zstd, ok BOOLEAN NOT NULL
  )`,
  `INSERT INTO turn_packed SELECT run_id, phase, step, grp, sample, position, turn, context_ids, generated_ids, logprobs,
    NULL, NULL, NULL, finish, code, observation, ok FROM turn_packed_v3`,
  "DROP TABLE turn_packed_v3",
  "ALTER TABLE update_step RENAME TO update_step_v3",
  `CREATE TABLE update_step (
    run_id VARCHAR NOT NULL, phase VARCHAR NOT NULL, step INTEGER NOT NULL, loss DOUBLE, weight_sum DOUBLE,
    numerator DOUBLE, denominator DOUBLE, loss_tokens INTEGER, tokens INTEGER, grad_norm DOUBLE, clip_share DOUBLE,
    kl_k1 DOUBLE, kl_k2 DOUBLE, kl_k3 DOUBLE, max_ratio_error DOUBLE, ess DOUBLE, entropy DOUBLE, reference_kl DOUBLE,
    temperature DOUBLE, learning_rate DOUBLE NOT NULL, mean_reward DOUBLE, success_rate DOUBLE, groups INTEGER,
    zero_variance_groups INTEGER, draw_rounds INTEGER, groups_drawn INTEGER, groups_kept INTEGER, wall_ms DOUBLE
  )`,
  `INSERT INTO update_step SELECT run_id, phase, step, loss, weight_sum, NULL, NULL, loss_tokens, tokens, grad_norm,
    clip_share, kl_k1, NULL, kl_k3, max_ratio_error, ess, NULL, NULL, NULL, learning_rate, mean_reward, success_rate, groups,
    zero_variance_groups, NULL, NULL, NULL, wall_ms FROM update_step_v3`,
  "DROP TABLE update_step_v3",
  `CREATE TABLE update_part (
    run_id VARCHAR NOT NULL, phase VARCHAR NOT NULL, step INTEGER NOT NULL, epoch INTEGER NOT NULL,
    mini_batch INTEGER NOT NULL, loss DOUBLE NOT NULL, numerator DOUBLE NOT NULL, denominator DOUBLE NOT NULL,
    loss_tokens INTEGER NOT NULL, tokens INTEGER NOT NULL, grad_norm DOUBLE NOT NULL, clip_share DOUBLE NOT NULL,
    kl_k1 DOUBLE NOT NULL, kl_k2 DOUBLE NOT NULL, kl_k3 DOUBLE NOT NULL, max_ratio_error DOUBLE NOT NULL,
    ess DOUBLE NOT NULL, entropy DOUBLE, reference_kl DOUBLE
  )`,
];
