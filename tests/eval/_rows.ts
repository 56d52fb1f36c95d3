/**
 * Evaluation rows for tests of `eval/`.
 *
 * @module
 */
import fc from "fast-check";
import type { EvaluationRow } from "../../eval/metrics.ts";

/** A row with defaults that a test overrides where it cares. */
export function row(fields: Partial<EvaluationRow> & { scenario: string; position: number }): EvaluationRow {
  return {
    seed: 1,
    evalRun: 0,
    taskId: `${fields.scenario}_${fields.position}`,
    success: false,
    steps: 3,
    generatedTokens: 100,
    skillsOffered: 0,
    usedSkill: false,
    ...fields,
  };
}

/** Three siblings with the given outcomes. */
export function scenario(
  name: string,
  outcomes: readonly boolean[],
  fields: Partial<EvaluationRow> = {},
): EvaluationRow[] {
  return outcomes.map((success, index) => row({ ...fields, scenario: name, position: index + 1, success }));
}

/** Complete evaluations: some scenarios × runs × three tasks, with free outcomes and figures. */
export const evaluations: fc.Arbitrary<EvaluationRow[]> = fc.record({
  scenarios: fc.integer({ min: 2, max: 6 }),
  seeds: fc.integer({ min: 1, max: 2 }),
  runs: fc.integer({ min: 1, max: 2 }),
  draws: fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9 }), fc.nat(500), fc.nat(2), fc.boolean()), {
    minLength: 72,
    maxLength: 72,
  }),
}).map(({ scenarios, seeds, runs, draws }) => {
  const rows: EvaluationRow[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    for (let evalRun = 0; evalRun < runs; evalRun++) {
      for (let s = 0; s < scenarios; s++) {
        for (let position = 1; position <= 3; position++) {
          const [success, steps, generatedTokens, skillsOffered, use] = draws[rows.length]!;
          rows.push(row({
            seed,
            evalRun,
            scenario: `s${s}`,
            position,
            success,
            steps,
            generatedTokens,
            skillsOffered,
            usedSkill: use && skillsOffered > 0,
          }));
        }
      }
    }
  }
  return rows;
});
