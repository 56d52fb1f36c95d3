/**
 * Statements that bring a record of schema version 4 to version 5.
 *
 * Contract: frozen, as `_migration_1_to_2.ts` says. Selections get the flags of a manager, null in what is there; libraries of documents get
 * tables of their own.
 *
 * @module
 */

/** Statements in order, for one transaction; views are made anew afterwards. */
export const MIGRATION_4_TO_5: readonly string[] = [
  "ALTER TABLE selection ADD COLUMN gated BOOLEAN",
  "ALTER TABLE selection ADD COLUMN explored BOOLEAN",
  "ALTER TABLE selection ADD COLUMN reserved BOOLEAN",
  `CREATE TABLE conclusion_packed (
    run_id VARCHAR NOT NULL, step INTEGER NOT NULL, grp INTEGER NOT NULL, task_id VARCHAR NOT NULL, traces VARCHAR NOT NULL,
    prompt VARCHAR NOT NULL USING COMPRESSION zstd, prompt_ids VARCHAR NOT NULL USING COMPRESSION zstd,
    output VARCHAR NOT NULL USING COMPRESSION zstd, output_ids VARCHAR NOT NULL USING COMPRESSION zstd,
    refused VARCHAR, reason VARCHAR NOT NULL, fallback BOOLEAN NOT NULL, name VARCHAR, document JSON, unaided_right BOOLEAN,
    verified_right BOOLEAN, level VARCHAR, quality DOUBLE
  )`,
  `CREATE TABLE library_change (
    run_id VARCHAR NOT NULL, step INTEGER NOT NULL, seq INTEGER NOT NULL, grp INTEGER NOT NULL, operation VARCHAR NOT NULL,
    name VARCHAR NOT NULL, version INTEGER NOT NULL, tier VARCHAR, utility_before DOUBLE, utility_after DOUBLE,
    detail VARCHAR NOT NULL
  )`,
  `CREATE TABLE library_state (
    run_id VARCHAR NOT NULL, step INTEGER NOT NULL, cache_size INTEGER NOT NULL, reservoir_size INTEGER NOT NULL,
    cache_utility DOUBLE NOT NULL
  )`,
  `CREATE TABLE component_tokens (
    run_id VARCHAR NOT NULL, step INTEGER NOT NULL, component VARCHAR NOT NULL, sequences INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL, generated_tokens INTEGER NOT NULL
  )`,
];
