/**
 * A whole environment from little: tasks by split, and either a check of one answer or a game of several turns.
 *
 * Contract: tasks are checked when the environment is defined (fields, unique ids); they are JSON, frozen, sorted by id, and the hash
 * covers the version and all of them, so a change to the rules needs a new version. Three kinds of failure stay apart: what the
 * author got wrong (code that throws, a reply of the wrong shape) is an {@linkcode EnvFault} with its cause and is never scored; what
 * the agent got wrong is an observation, or an {@linkcode ActionError} that becomes one; and what the caller got wrong (a step after
 * the end or after `close()`) is an {@linkcode EpisodeUseError}.
 * Choices: evaluations are lists of named requirements, of which the score follows by the contract's rule; `start()` may be left
 * out and may be called again. Omitted: library functions (`preload`), which only environments that run code have.
 *
 * @module
 */
import { z } from "zod";
import { canonicalJson, contentHash, type Json } from "../data/canonical.ts";
import { InputError, inputProblems, nearestWord } from "../data/parse_input.ts";
import { DefinedEpisode, type EpisodeRules } from "./_defined_episode.ts";
import type { Environment, Solution, Task, TasksOptions, Test, Verdict } from "./contract.ts";

export { ActionError, EpisodeUseError } from "./_defined_episode.ts";

/** A task as its author writes it. What is left out takes the contract's simplest value. */
export interface TaskDefinition<Data> {
  /** Unique within the environment, the same for ever. */
  readonly id: string;
  /** What the user asks for. */
  readonly instruction: string;
  /** What the rules need and the agent does not see, such as the answer; JSON. */
  readonly data: Data;
  /**
   * What siblings have in common.
   *
   * @default the task's own id
   */
  readonly scenario?: string;
  /**
   * Place among the siblings, from 1; variants above 3 serve demonstrations only.
   *
   * @default {1}
   */
  readonly variant?: number;
  /**
   * From 1, easy, upwards.
   *
   * @default {1}
   */
  readonly difficulty?: number;
  /** See {@linkcode Task.context}. */
  readonly context?: string;
  /** See {@linkcode Task.labels}. */
  readonly labels?: Readonly<Record<string, Json>>;
}

/** One requirement of an evaluation. */
export interface Requirement {
  /** What is required, in a few words. */
  readonly requirement: string;
  /** Whether it is met. */
  readonly passed: boolean;
  /**
   * Whether an agent that does nothing passes it; failing such a one makes the score 0.
   *
   * @default {"no_op_fail"}
   */
  readonly label?: Test["label"];
  /** Why it failed, for people. */
  readonly trace?: string;
}

/** Requirements, and what graders said besides. */
export interface Grade {
  /** What the score is made of; at least one. */
  readonly requirements: readonly Requirement[];
  /** See {@linkcode Verdict}. */
  readonly verdicts?: readonly Verdict[];
}

/** What an author's evaluation may return: one requirement as a boolean, several as a list, or these with verdicts. */
export type Grading = boolean | readonly Requirement[] | Grade;

/** What a step shows. */
export interface Reply {
  /** Text shown to the agent. */
  readonly observation: string;
  /**
   * The action ended the episode.
   *
   * @default {false}
   */
  readonly done?: boolean;
  /**
   * Whether the action could be done.
   *
   * @default {true}
   */
  readonly ok?: boolean;
}

/** One attempt at a task; made anew for each episode, so its state may live in variables. */
export interface Play {
  /** First observation beyond the task itself. */
  start?(): string | Promise<string>;
  /** Does one action. @throws {ActionError} to say that the agent's action cannot be done. */
  step(action: string): Reply | Promise<Reply>;
  /** Scores the state as it stands; changes nothing. */
  evaluate(): Grading | Promise<Grading>;
  /** Reference solution: the actions from the start, the last of which ends the episode. */
  solution?(): readonly string[] | Solution | undefined;
  /** Releases what the attempt holds. */
  close?(): void;
}

/** What all definitions have. */
export interface DefinitionBase<Data> {
  /** Lower-case letters, digits and hyphens. */
  readonly id: string;
  /** To be changed with the rules: rows of different versions are not compared. */
  readonly version: string;
  /** Tasks by split: a list, or a function that makes one. */
  readonly splits: Readonly<Record<string, Iterable<TaskDefinition<Data>> | (() => Iterable<TaskDefinition<Data>>)>>;
}

/** An environment of several turns. */
export interface PlayedDefinition<Data> extends DefinitionBase<Data> {
  /** Starts an attempt at a task. */
  play(task: TaskDefinition<Data>): Play | Promise<Play>;
  /**
   * What actions are; see {@linkcode Environment.actions}.
   *
   * @default {"text"}
   */
  readonly actions?: Environment["actions"];
  /**
   * Most steps of an episode.
   *
   * @default {50}
   */
  readonly maxSteps?: number;
}

/** An environment in which the first action is the answer. */
export interface CheckedDefinition<Data> extends DefinitionBase<Data> {
  /** Grades an answer. @throws {ActionError} to say that it cannot be read, which fails the task. */
  check(task: TaskDefinition<Data>, answer: string): Grading | Promise<Grading>;
  /** Reference answer. */
  answer?(task: TaskDefinition<Data>): string;
}

/** A definition of an environment cannot be used. */
export class DefinitionError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "DefinitionError";
}

/** Steps of an episode, if the definition says nothing. */
export const DEFAULT_MAX_STEPS = 50;

/** What an id may be; it appears in file names and on the command line. */
export const ENVIRONMENT_ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const nonEmpty = z.string().min(1);
const taskSchema = z.strictObject({
  id: nonEmpty,
  instruction: nonEmpty,
  data: z.unknown(),
  scenario: nonEmpty.optional(),
  variant: z.int().min(1).optional(),
  difficulty: z.number().min(1).optional(),
  context: z.string().optional(),
  labels: z.record(z.string(), z.unknown()).optional(),
});
const definitionSchema = z.strictObject({
  id: z.string().regex(ENVIRONMENT_ID, "expected lower-case letters, digits and single hyphens"),
  version: nonEmpty,
  splits: z.record(z.string().min(1), z.unknown()),
  play: z.custom((value) => typeof value === "function", "expected a function").optional(),
  check: z.custom((value) => typeof value === "function", "expected a function").optional(),
  answer: z.custom((value) => typeof value === "function", "expected a function").optional(),
  actions: z.enum(["code", "text"]).optional(),
  maxSteps: z.int().min(1).optional(),
});

/** Where a value is not JSON, with what is there; undefined if it is JSON throughout. */
function notJson(value: unknown, path: string): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${path}: ${value} is not JSON`;
  if (Array.isArray(value)) {
    return value.map((item, index) => notJson(item, `${path}[${index}]`)).find((problem) => problem !== undefined);
  }
  if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    return Object.entries(value).map(([key, item]) => notJson(item, `${path}.${key}`))
      .find((problem) => problem !== undefined);
  }
  const kind = typeof value === "object" ? value.constructor?.name ?? "an object" : typeof value;
  return `${path}: ${kind} is not JSON (use null where there is nothing)`;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}

/** A task that is known to be well formed, in the author's form and in the contract's. */
interface PreparedTask<Data> {
  readonly definition: TaskDefinition<Data>;
  readonly task: Task;
}

function prepare<Data>(id: string, split: string, index: number, given: unknown): PreparedTask<Data> {
  const at = `splits.${split}[${index}]`;
  const fail = (problems: readonly string[]): never => {
    const named = typeof given === "object" && given !== null && "id" in given ? ` (task ${given.id})` : "";
    throw new DefinitionError(`Cannot define environment ${id}: ${at}${named}: ${problems.join("; ")}`);
  };
  const parsed = taskSchema.safeParse(given);
  if (!parsed.success) return fail(inputProblems(taskSchema, given, parsed.error));
  const problem = notJson(parsed.data.data, "data") ??
    (parsed.data.labels === undefined ? undefined : notJson(parsed.data.labels, "labels"));
  if (problem !== undefined) return fail([problem]);
  const definition = deepFreeze(structuredClone(parsed.data)) as TaskDefinition<Data>;
  const { id: taskId, instruction, scenario = taskId, variant = 1, difficulty = 1, context, labels } = definition;
  const task = {
    id: taskId,
    scenario,
    variant,
    split,
    difficulty,
    instruction,
    ...(context === undefined ? {} : { context }),
    ...(labels === undefined ? {} : { labels }),
  };
  return { definition, task: Object.freeze(task) };
}

/** The tasks of one split, sorted by id. */
function prepareSplit<Data>(id: string, split: string, source: unknown): PreparedTask<Data>[] {
  let listed: unknown;
  try {
    listed = typeof source === "function" ? source() : source;
    if (typeof listed !== "object" || listed === null || !(Symbol.iterator in listed)) {
      throw new InputError(`expected a list of tasks or a function that makes one, found ${typeof listed}`);
    }
    listed = [...listed as Iterable<unknown>];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DefinitionError(`Cannot define environment ${id}: splits.${split}: ${reason}`, { cause: error });
  }
  return (listed as unknown[]).map((given, index) => prepare<Data>(id, split, index, given))
    .sort((a, b) => (a.task.id < b.task.id ? -1 : 1));
}

function isPlayed<Data>(
  definition: PlayedDefinition<Data> | CheckedDefinition<Data>,
): definition is PlayedDefinition<Data> {
  return "play" in definition && definition.play !== undefined;
}

/** Rules of a definition in one form. */
function rulesOf<Data>(definition: PlayedDefinition<Data> | CheckedDefinition<Data>): EpisodeRules<Data> {
  if (isPlayed(definition)) {
    const { maxSteps = DEFAULT_MAX_STEPS } = definition;
    return { maxSteps, play: (task) => definition.play(task) };
  }
  return {
    maxSteps: 1,
    play: (task) => {
      let answer: string | undefined;
      return {
        step: (action) => {
          answer = action;
          return { observation: "", done: true };
        },
        evaluate: () =>
          answer === undefined
            ? [{ requirement: "gives an answer", passed: false, trace: "there was no answer" }]
            : definition.check(task, answer),
        solution: () => (definition.answer === undefined ? undefined : [definition.answer(task)]),
      };
    },
  };
}

/**
 * Makes an environment from its tasks and its rules.
 *
 * @example Sums, answered in one action
 * ```ts
 * import { defineEnvironment } from "whetstone/envs/define_environment.ts";
 * import assert from "node:assert/strict";
 *
 * const sums = defineEnvironment({
 *   id: "sums",
 *   version: "1",
 *   splits: { test: [{ id: "sum-1", instruction: "How much is 2 + 3?", data: 5 }] },
 *   check: (task, answer) => Number(answer) === task.data,
 *   answer: (task) => String(task.data),
 * });
 * const episode = await sums.open(sums.task("sum-1"));
 * await episode.step("5");
 * assert.equal((await episode.evaluate()).score, 1);
 * ```
 *
 * @param definition see {@linkcode PlayedDefinition} and {@linkcode CheckedDefinition}.
 * @throws {DefinitionError} naming the field that is wrong, the value found and what was expected.
 */
export function defineEnvironment<Data>(
  definition: PlayedDefinition<Data> | CheckedDefinition<Data>,
): Environment {
  const { id, version } = definition;
  const fail = (problem: string): never => {
    throw new DefinitionError(`Cannot define environment ${id}: ${problem}`);
  };
  const parsed = definitionSchema.safeParse(definition);
  if (!parsed.success) return fail(inputProblems(definitionSchema, definition, parsed.error).join("; "));
  if (isPlayed(definition) === (parsed.data.check !== undefined)) {
    return fail("exactly one of play (several turns) and check (one answer) has to be there");
  }
  const bySplit = new Map<string, readonly PreparedTask<Data>[]>();
  const byId = new Map<string, PreparedTask<Data>>();
  for (const [split, source] of Object.entries(definition.splits)) {
    const prepared = prepareSplit<Data>(id, split, source);
    if (prepared.length === 0) fail(`splits.${split}: there are no tasks`);
    for (const one of prepared) {
      const twin = byId.get(one.task.id);
      if (twin !== undefined) fail(`task id ${one.task.id} is used twice, in ${twin.task.split} and in ${split}`);
      byId.set(one.task.id, one);
    }
    bySplit.set(split, prepared);
  }
  const splits = Object.freeze([...bySplit.keys()]);
  if (splits.length === 0) fail("splits: there are none");
  const tasks = Object.fromEntries([...bySplit].map(([split, list]) => [split, list.map((one) => one.definition)]));
  const hash = contentHash(canonicalJson({ id, version, tasks: tasks as unknown as Json }));
  const rules = rulesOf(definition);
  const find = (taskId: string): PreparedTask<Data> => {
    const found = byId.get(taskId);
    if (found !== undefined) return found;
    throw new RangeError(`Cannot find a task: environment ${id} has none with id ${taskId}`);
  };
  return Object.freeze({
    id,
    version,
    hash,
    actions: isPlayed(definition) ? definition.actions ?? "text" : "text",
    splits,
    tasks(split: string, options: TasksOptions = {}): readonly Task[] {
      const [first, last] = options.variants ?? [1, 3];
      const list = bySplit.get(split);
      if (list === undefined) {
        const nearest = nearestWord(split, splits);
        const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
        throw new RangeError(
          `Cannot list tasks of ${id}: split must be one of ${splits.join(", ")}, got ${split}${hint}`,
        );
      }
      return list.map((one) => one.task).filter(({ variant }) => variant >= first && variant <= last);
    },
    task: (taskId: string) => find(taskId).task,
    open: async (task: Task) => {
      const { definition, task: own } = find(task.id);
      return await DefinedEpisode.open(id, own, definition, rules);
    },
  });
}
