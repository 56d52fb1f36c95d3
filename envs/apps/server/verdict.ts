/**
 * Evaluations as the environment-server protocol shows them, and the two shares of tasks and scenarios that are solved.
 *
 * Contract: task goal completion is the share of tasks with all tests passed, scenario goal completion that of scenarios all of whose
 * tasks are; both in percent with one decimal. A task that was not played counts as failed.
 *
 * @module
 */
import type { Evaluation } from "../../contract.ts";

/** A test as the protocol shows it. */
export interface ShownTest {
  readonly requirement: string;
  readonly label: string;
  readonly trace?: string;
}

/** An evaluation as the protocol shows it. */
export interface ShownVerdict {
  readonly success: boolean;
  readonly difficulty: number;
  readonly num_tests: number;
  readonly passes: readonly ShownTest[];
  readonly failures: readonly ShownTest[];
}

/** Shares of what is solved, percent. */
export interface Completion {
  readonly task_goal_completion: number;
  readonly scenario_goal_completion: number;
}

/** An evaluation in the protocol's words. */
export function verdictOf(evaluation: Evaluation, difficulty: number): ShownVerdict {
  const { success, total, tests } = evaluation;
  return {
    success,
    difficulty,
    num_tests: total,
    passes: tests.filter((test) => test.passed).map(({ requirement, label }) => ({ requirement, label })),
    failures: tests.filter((test) => !test.passed).map(({ requirement, label, trace = "" }) => ({
      requirement,
      trace,
      label,
    })),
  };
}

/**
 * Shares of tasks and scenarios that are solved.
 *
 * @example Two of three tasks, of two scenarios one
 * ```ts
 * import { completionOf } from "whetstone/envs/apps/server/verdict.ts";
 * import assert from "node:assert/strict";
 *
 * const solved = new Map([["a_1", true], ["a_2", false], ["b_1", true]]);
 * assert.deepEqual(completionOf(solved), { task_goal_completion: 66.7, scenario_goal_completion: 50 });
 * ```
 *
 * @param solved whether each task, by id, is solved.
 */
export function completionOf(solved: ReadonlyMap<string, boolean>): Completion {
  const scenarios = new Map<string, boolean>();
  for (const [id, ok] of solved) {
    const scenario = id.slice(0, id.lastIndexOf("_"));
    scenarios.set(scenario, (scenarios.get(scenario) ?? true) && ok);
  }
  const percent = (values: readonly boolean[]) =>
    values.length === 0 ? 0 : Math.round(1000 * values.filter(Boolean).length / values.length) / 10;
  return {
    task_goal_completion: percent([...solved.values()]),
    scenario_goal_completion: percent([...scenarios.values()]),
  };
}

/** An evaluation for people: the totals, then each requirement, with the reason where it does not hold. */
export function verdictText(evaluation: Evaluation): string {
  const { success, passed, total, score, tests } = evaluation;
  const lines = tests.flatMap((test) => [
    `  ${test.passed ? "passed" : "FAILED"}  ${test.requirement}`,
    ...(test.passed || test.trace === undefined ? [] : [`          ${test.trace}`]),
  ]);
  const head = `${success ? "Solved" : "Not solved"}: ${passed} of ${total} requirements hold, score ${
    Number(score.toFixed(3))
  }`;
  return `${head}\n${lines.join("\n")}\n`;
}
