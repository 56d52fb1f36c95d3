/**
 * Statements that bring a record of schema version 1 to version 2.
 *
 * Contract: frozen. Later versions start from what these make, so the tables stand here as they were, not as `schema.ts` has them.
 * A list of apps becomes the label `apps`; columns that version 1 had no figures for are null. A table whose columns changed is made
 * anew, since a column added by ALTER TABLE would stand last.
 *
 * @module
 */

/** Statements in order, for one transaction; views are made anew afterwards. */
export const MIGRATION_1_TO_2: readonly string[] = [
  `CREATE TABLE verdict (
    run_id VARCHAR NOT NULL, phase VARCHAR NOT NULL, step INTEGER NOT NULL, grp INTEGER NOT NULL,
    sample INTEGER NOT NULL, position INTEGER NOT NULL, grader VARCHAR NOT NULL, version INTEGER NOT NULL,
    verdict VARCHAR NOT NULL, gold VARCHAR, answer VARCHAR, detail VARCHAR NOT NULL, score DOUBLE,
    versions JSON NOT NULL
  )`,
  `CREATE TABLE selection (
    run_id VARCHAR NOT NULL, phase VARCHAR NOT NULL, step INTEGER NOT NULL, grp INTEGER NOT NULL,
    sample INTEGER NOT NULL, position INTEGER NOT NULL, turn INTEGER NOT NULL, selector VARCHAR NOT NULL,
    rank INTEGER NOT NULL, name VARCHAR NOT NULL, version INTEGER NOT NULL, score DOUBLE, probability DOUBLE,
    chosen BOOLEAN NOT NULL
  )`,
  `CREATE TABLE checkpoint (
    run_id VARCHAR NOT NULL, unit VARCHAR NOT NULL, path VARCHAR NOT NULL, sha256 VARCHAR NOT NULL,
    bytes DOUBLE NOT NULL
  )`,
  `CREATE TABLE machine (
    run_id VARCHAR NOT NULL, session VARCHAR NOT NULL, os VARCHAR NOT NULL, arch VARCHAR NOT NULL, cpu VARCHAR NOT NULL,
    cores INTEGER NOT NULL, memory_mib DOUBLE NOT NULL, gpu VARCHAR, versions JSON NOT NULL
  )`,
  "ALTER TABLE task RENAME TO task_v1",
  `CREATE TABLE task (
    environment_hash VARCHAR NOT NULL, task_id VARCHAR NOT NULL, scenario VARCHAR NOT NULL, variant INTEGER NOT NULL,
    split VARCHAR NOT NULL, difficulty INTEGER NOT NULL, instruction VARCHAR NOT NULL, labels JSON NOT NULL,
    context VARCHAR
  )`,
  `INSERT INTO task SELECT environment_hash, task_id, scenario, variant, split, difficulty, instruction,
    json_object('apps', apps), NULL FROM task_v1`,
  "DROP TABLE task_v1",
  "ALTER TABLE skill_event RENAME TO skill_event_v1",
  `CREATE TABLE skill_event (
    run_id VARCHAR NOT NULL, phase VARCHAR NOT NULL, step INTEGER NOT NULL, grp INTEGER NOT NULL,
    sample INTEGER NOT NULL, position INTEGER NOT NULL, seq INTEGER NOT NULL, turn INTEGER NOT NULL,
    kind VARCHAR NOT NULL, name VARCHAR NOT NULL, version INTEGER NOT NULL, detail VARCHAR NOT NULL, token_start INTEGER,
    token_end INTEGER
  )`,
  `INSERT INTO skill_event SELECT *, NULL, NULL FROM skill_event_v1`,
  "DROP TABLE skill_event_v1",
  "ALTER TABLE update_step RENAME TO update_step_v1",
  `CREATE TABLE update_step (
    run_id VARCHAR NOT NULL, phase VARCHAR NOT NULL, step INTEGER NOT NULL, loss DOUBLE, weight_sum DOUBLE,
    loss_tokens INTEGER, tokens INTEGER, grad_norm DOUBLE, clip_share DOUBLE, kl_k1 DOUBLE, kl_k3 DOUBLE,
    max_ratio_error DOUBLE, ess DOUBLE, learning_rate DOUBLE NOT NULL, mean_reward DOUBLE, success_rate DOUBLE,
    groups INTEGER, zero_variance_groups INTEGER, wall_ms DOUBLE
  )`,
  `INSERT INTO update_step SELECT * EXCLUDE (learning_rate, mean_reward, success_rate, groups, zero_variance_groups, wall_ms), NULL, learning_rate,
    mean_reward, success_rate, groups, zero_variance_groups, wall_ms FROM update_step_v1`,
  "DROP TABLE update_step_v1",
];
