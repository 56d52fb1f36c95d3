/**
 * Checks of the conformance kit that go beyond reference solution, idleness and isolation.
 *
 * Contract: each check opens its own episodes, closes them, and gives the problems that it found, none if there is none.
 *
 * @module
 */
import type { ConformanceProblem } from "./conformance.ts";
import type { Environment, Episode, Evaluation, StepResult, Task } from "./contract.ts";

/** Episodes of one task that are open at once, to see that none is in another's way. */
const OPEN_AT_ONCE = 16;
/** Most reference actions that are left out in turn. */
const MOST_LEFT_OUT = 8;

/** A word that is no split and no task of any environment. */
const NOWHERE = "no-such-name-anywhere";

async function thrownBy(run: () => unknown): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What is wrong with an evaluation's numbers. */
export function evaluationProblems(evaluation: Evaluation, after: string): ConformanceProblem[] {
  const { score, success, passed, total, tests } = evaluation;
  const problem = (detail: string): ConformanceProblem[] => [{ check: "score", detail: `after ${after}: ${detail}` }];
  if (!(score >= 0 && score <= 1)) return problem(`the score is ${score}; it has to be in [0, 1]`);
  if (passed > total || passed !== tests.filter((test) => test.passed).length || total !== tests.length) {
    return problem(`passed ${passed} of ${total} does not count the ${tests.length} tests`);
  }
  return success !== (passed === total) ? problem(`success is ${success} with ${passed} of ${total} tests passed`) : [];
}

/**
 * Plays actions until one ends the episode.
 *
 * @returns results in order; fewer than actions if one of them ended the episode early.
 */
export async function playActions(episode: Episode, actions: readonly string[]): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const action of actions) {
    const result = await episode.step(action);
    results.push(result);
    if (result.done) break;
  }
  return results;
}

/** Whether an episode is played once: evaluated twice alike, over after its end, and unusable after it was closed. */
export async function singleUseProblems(
  environment: Environment,
  task: Task,
  actions: readonly string[],
): Promise<ConformanceProblem[]> {
  const problems: ConformanceProblem[] = [];
  const episode = await environment.open(task);
  let closed = false;
  try {
    await episode.start();
    const results = await playActions(episode, actions);
    if (results.at(-1)?.done !== true) {
      problems.push({
        check: "single_use",
        detail: "the last action of the reference solution does not end the episode",
      });
    } else if (results.length < actions.length) {
      const detail = `action ${results.length} of the reference solution ends the episode, there are ${actions.length}`;
      problems.push({ check: "single_use", detail });
    }
    const [first, second] = [await episode.evaluate(), await episode.evaluate()];
    problems.push(...evaluationProblems(first, "the reference solution"));
    if (JSON.stringify(first) !== JSON.stringify(second)) {
      problems.push({ check: "idempotence", detail: "a second evaluate() says something else than the first" });
    }
    if (results.at(-1)?.done === true) {
      let again: StepResult | undefined;
      const refused = await thrownBy(async () => again = await episode.step(""));
      if (refused === undefined && again?.done !== true) {
        problems.push({ check: "single_use", detail: "a step after the end is neither refused nor done again" });
      }
    }
    closed = true;
    episode.close();
    for (const [name, use] of [["step", () => episode.step("")], ["evaluate", () => episode.evaluate()]] as const) {
      if (await thrownBy(use) === undefined) {
        problems.push({ check: "closing", detail: `${name}() after close() is not refused` });
      }
    }
  } finally {
    if (!closed) episode.close();
  }
  return problems;
}

/** The next letter or digit, round and round, upper case kept. */
function nextCharacter(character: string): string {
  if (/\d/.test(character)) return String((Number(character) + 1) % 10);
  const first = /[a-z]/.test(character) ? 97 : 65;
  return String.fromCharCode(first + (character.charCodeAt(0) - first + 1) % 26);
}

/**
 * Texts that differ from one in its last word or number: in its last character, in its first, in all, or by the lack of the last.
 *
 * @example Neighbours of an answer
 * ```ts
 * import { mutatedTexts } from "whetstone/envs/_conformance_checks.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(mutatedTexts("2 + 3 = 5\nAnswer: 15."), ["16.", "25.", "26.", "1."].map((end) => `2 + 3 = 5\nAnswer: ${end}`));
 * ```
 */
export function mutatedTexts(text: string): string[] {
  const [, before = "", word = "", after = ""] = /^([^]*?)([A-Za-z0-9]+)([^A-Za-z0-9]*)$/.exec(text) ?? [];
  if (word === "") return [];
  const first = nextCharacter(word.slice(0, 1)) + word.slice(1);
  const last = word.slice(0, -1) + nextCharacter(word.slice(-1));
  const all = [...word].map(nextCharacter).join("");
  return [...new Set([last, first, all, word.slice(0, -1)])].map((changed) => before + changed + after);
}

/** Whether the evaluation tells a reference solution from its neighbours: one of them at least must score less than 1. */
export async function mutationProblems(
  environment: Environment,
  task: Task,
  actions: readonly string[],
): Promise<ConformanceProblem[]> {
  const last = actions.at(-1) ?? "";
  const changed = mutatedTexts(last).map((mutated) => [...actions.slice(0, -1), mutated]);
  const shortened = actions.length < 2
    ? []
    : actions.slice(0, MOST_LEFT_OUT).map((_, out) => actions.filter((_, index) => index !== out));
  const neighbours = [...changed, ...shortened];
  for (const neighbour of neighbours) {
    const episode = await environment.open(task);
    try {
      await episode.start();
      await playActions(episode, neighbour);
      if ((await episode.evaluate()).score < 1) return [];
    } finally {
      episode.close();
    }
  }
  return neighbours.length === 0 ? [] : [{
    check: "mutation",
    detail: `all ${neighbours.length} changed reference solutions score 1 too, for example ${
      JSON.stringify(neighbours[0]?.at(-1)?.slice(-80))
    }`,
  }];
}

/** Whether unknown names are refused, and known ones lead to the same tasks. */
export async function lookupProblems(
  environment: Environment,
  splits: readonly string[],
): Promise<ConformanceProblem[]> {
  const problems: ConformanceProblem[] = [];
  const lookups = { split: () => environment.tasks(NOWHERE), "task id": () => environment.task(NOWHERE) };
  for (const [what, look] of Object.entries(lookups)) {
    const thrown = await thrownBy(look);
    if (!(thrown instanceof RangeError)) {
      const found = thrown instanceof Error ? thrown.name : thrown === undefined ? "nothing" : String(thrown);
      problems.push({ check: "lookup", detail: `an unknown ${what} has to throw a RangeError, it threw ${found}` });
    }
  }
  for (const split of splits) {
    const tasks = environment.tasks(split);
    const wrong = tasks.find((task, index) =>
      task.split !== split || task.id <= (tasks[index - 1]?.id ?? "") || environment.task(task.id).id !== task.id
    );
    if (wrong !== undefined) {
      const detail = `${wrong.id} in ${split}: tasks have to be sorted by id, unique, of this split, and found by id`;
      problems.push({ check: "lookup", detail });
    }
  }
  return problems;
}

/** Whether no task is in two splits, by id or by its words (what is known besides and the instruction). */
export function splitProblems(tasks: readonly Task[]): ConformanceProblem[] {
  const problems: ConformanceProblem[] = [];
  const keys = { id: (task: Task) => task.id, words: (task: Task) => `${task.context ?? ""}\n${task.instruction}` };
  for (const [what, keyOf] of Object.entries(keys)) {
    const owner = new Map<string, Task>();
    for (const task of tasks) {
      const twin = owner.get(keyOf(task)) ?? task;
      owner.set(keyOf(task), twin);
      if (twin.split === task.split) continue;
      const detail = `${twin.id} of ${twin.split} and ${task.id} of ${task.split} have the same ${what}`;
      problems.push({ check: "splits", detail });
    }
  }
  return problems;
}

/** Whether many episodes of a task can be open at once, all alike, and the next one after they were closed. */
export async function manyOpenProblems(environment: Environment, task: Task): Promise<ConformanceProblem[]> {
  const episodes: Episode[] = [];
  const first = new Set<string>();
  try {
    for (let count = 0; count < OPEN_AT_ONCE; count++) {
      const episode = await environment.open(task);
      episodes.push(episode);
      first.add(await episode.start());
    }
  } finally {
    for (const episode of episodes) episode.close();
  }
  const next = await environment.open(task);
  try {
    first.add(await next.start());
  } finally {
    next.close();
  }
  if (first.size === 1) return [];
  return [{ check: "isolation", detail: `${OPEN_AT_ONCE} episodes of ${task.id} open at once do not begin alike` }];
}
