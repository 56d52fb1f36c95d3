/**
 * Verdicts and reports of environment servers, in the spellings that their versions use.
 *
 * Contract: `task_goal_completion`, `scenario_goal_completion` and `failures` may also be spelt `tgc`, `sgc` and `fails`. What is
 * something else is an {@linkcode EnvFault}.
 *
 * @module
 */
import { z } from "zod";
import { EnvFault, type Evaluation, type Test } from "../../contract.ts";

const testSchema = z.object({
  requirement: z.string(),
  label: z.string().nullish(),
  trace: z.string().nullish(),
});

const verdictSchema = z.object({
  success: z.boolean(),
  difficulty: z.number().nullish(),
  num_tests: z.number().nullish(),
  passes: z.array(testSchema).default([]),
  failures: z.array(testSchema).optional(),
  fails: z.array(testSchema).optional(),
}).transform(({ failures, fails, num_tests, difficulty, ...rest }) => {
  const failed = failures ?? fails ?? [];
  return {
    ...rest,
    difficulty: difficulty ?? undefined,
    failures: failed,
    total: num_tests ?? rest.passes.length + failed.length,
  };
});
/** A verdict on one task. */
export type BridgeVerdict = z.infer<typeof verdictSchema>;

const share = z.number().optional();
const reportSchema = z.object({
  aggregate: z.object({ task_goal_completion: share, scenario_goal_completion: share, tgc: share, sgc: share }),
  individual: z.record(z.string(), verdictSchema).default({}),
}).transform(({ aggregate, individual }) => ({
  taskGoalCompletion: aggregate.task_goal_completion ?? aggregate.tgc,
  scenarioGoalCompletion: aggregate.scenario_goal_completion ?? aggregate.sgc,
  individual,
}));
/** Verdicts on many tasks; the shares are in percent. */
export type BridgeReport = z.infer<typeof reportSchema>;

function read<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new EnvFault(`Cannot read the server's ${what}: ${issue?.path.join(".")}: ${issue?.message}`);
}

/** Reads a verdict. @throws {EnvFault} if it is none. */
export function readVerdict(value: unknown): BridgeVerdict {
  return read(verdictSchema, value, "verdict");
}

/** Reads a report. @throws {EnvFault} if it is none. */
export function readReport(value: unknown): BridgeReport {
  return read(reportSchema, value, "report");
}

/**
 * A verdict as an evaluation, without the texts of its requirements.
 *
 * The texts belong to the user's server and may not be passed on, so requirements are only numbered. The score is the passed share of
 * the tests that doing nothing fails, and 0 if one fails that doing nothing passes. Where the server does not say which are which, it
 * is 1 or 0, since a share of all tests would pay for doing nothing.
 */
export function evaluationOf({ success, passes, failures, total }: BridgeVerdict): Evaluation {
  const all = [
    ...passes.map((test) => ({ ...test, passed: true })),
    ...failures.map((test) => ({ ...test, passed: false })),
  ];
  const tests = all.map(({ label, passed }, i): Test => ({
    requirement: `requirement ${i + 1} of the server`,
    passed,
    label: label === "no_op_pass" ? "no_op_pass" : "no_op_fail",
  }));
  const hard = tests.filter((test) => test.label === "no_op_fail");
  const broken = tests.some((test) => test.label === "no_op_pass" && !test.passed);
  const known = hard.length > 0 && all.every(({ label }) => label === "no_op_pass" || label === "no_op_fail");
  const share = broken ? 0 : hard.filter((test) => test.passed).length / hard.length;
  return { score: known ? share : success ? 1 : 0, success, passed: passes.length, total, tests };
}
