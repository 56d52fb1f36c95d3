import assert from "node:assert/strict";
import { completionOf, verdictOf, verdictText } from "../../../../envs/apps/server/verdict.ts";

const evaluation = {
  score: 0.5,
  success: false,
  passed: 1,
  total: 2,
  tests: [
    { requirement: "First", passed: true, label: "no_op_pass" as const },
    { requirement: "Second", passed: false, label: "no_op_fail" as const, trace: "because" },
  ],
};

Deno.test("verdictOf() parts tests that hold from those that do not", () => {
  assert.deepEqual(verdictOf(evaluation, 2), {
    success: false,
    difficulty: 2,
    num_tests: 2,
    passes: [{ requirement: "First", label: "no_op_pass" }],
    failures: [{ requirement: "Second", trace: "because", label: "no_op_fail" }],
  });
});

Deno.test("verdictText() gives the totals and each reason", () => {
  assert.equal(
    verdictText(evaluation),
    "Not solved: 1 of 2 requirements hold, score 0.5\n  passed  First\n  FAILED  Second\n          because\n",
  );
});

Deno.test("completionOf() counts a scenario only if all its tasks are solved", () => {
  const solved = new Map([["a_1", true], ["a_2", true], ["a_3", false], ["b_1", true], ["b_2", true], ["b_3", true]]);
  // 5 of 6 tasks, 1 of 2 scenarios.
  assert.deepEqual(completionOf(solved), { task_goal_completion: 83.3, scenario_goal_completion: 50 });
  assert.deepEqual(completionOf(new Map()), { task_goal_completion: 0, scenario_goal_completion: 0 });
});
