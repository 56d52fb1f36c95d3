/**
 * Statements that bring a record of schema version 2 to version 3.
 *
 * Contract: frozen, as `_migration_1_to_2.ts` says. Turns move to `turn_packed`, their lists as texts; `turn` becomes a view.
 *
 * @module
 */

/** Text of a list of ids: one character each. */
function ids(list: string): string {
  return `array_to_string(list_transform(${list}, lambda x: chr((x + CASE WHEN x < 55264 THEN 32 ELSE 2080 END)::INTEGER)), '')`;
}

/** Statements in order, for one transaction; views are made anew afterwards. */
export const MIGRATION_2_TO_3: readonly string[] = [
  `CREATE TABLE turn_packed (
    run_id VARCHAR NOT NULL, phase VARCHAR NOT NULL, step INTEGER NOT NULL, grp INTEGER NOT NULL,
    sample INTEGER NOT NULL, position INTEGER NOT NULL, turn INTEGER NOT NULL,
    context_ids VARCHAR NOT NULL USING COMPRESSION zstd, generated_ids VARCHAR NOT NULL USING COMPRESSION zstd,
    logprobs VARCHAR NOT NULL USING COMPRESSION zstd, finish VARCHAR NOT NULL, code VARCHAR USING COMPRESSION zstd,
    observation VARCHAR NOT NULL USING COMPRESSION zstd, ok BOOLEAN NOT NULL
  )`,
  `INSERT INTO turn_packed SELECT run_id, phase, step, grp, sample, position, turn, ${ids("context_ids")},
    ${ids("generated_ids")}, replace(logprobs::VARCHAR, ' ', ''), finish, code, observation, ok FROM turn`,
  "DROP TABLE turn",
];
