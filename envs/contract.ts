/**
 * What an environment is: tasks in splits, and single-use episodes that run an agent's code and score the end state.
 *
 * Contract: everything is a pure function of (environment version, task id, actions). An environment's own fault is thrown as
 * {@linkcode EnvFault} and is never scored as the agent's failure; whatever agent code does wrong comes back as an observation.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { VERDICT_KINDS } from "../data/schema.ts";

/** One task. Siblings (tasks of one scenario) share a procedure; statistics treat the scenario as the unit that was drawn. */
export interface Task {
  /** Unique within the environment, the same for ever: rows refer to it. `<scenario>_<variant>` in `apps`. */
  readonly id: string;
  /** What siblings have in common; the task's own id where it has none. */
  readonly scenario: string;
  /** Place among the siblings, from 1. In `apps` 1 to 3 are the benchmark's, higher ones serve demonstrations only. */
  readonly variant: number;
  /** Split that the scenario belongs to. */
  readonly split: string;
  /** From 1, easy, upwards; the scale is the environment's own. */
  readonly difficulty: number;
  /** What the user asks for. */
  readonly instruction: string;
  /** One line that the agent must know besides, such as who asks and the date; put before the instruction. */
  readonly context?: string;
  /**
   * Language of actions, where they are code.
   *
   * @default {"javascript"}
   */
  readonly language?: "javascript" | "python";
  /** Facts to group results by, such as `{ domain: "algebra", method: "euclid" }`; kept in the task's row. */
  readonly labels?: Readonly<Record<string, Json>>;
}

/** One API call that agent code made. */
export interface ApiCall {
  readonly app: string;
  readonly api: string;
  /** Arguments as sent; passwords and tokens included, they are simulated. */
  readonly args: Json;
  /** HTTP-like status: 200, 401, 404, … */
  readonly status: number;
}

/** What happened to a library function inside one step (from instrumented calls, not from names in the text). */
export interface SkillTrace {
  readonly name: string;
  readonly kind: "entered" | "returned" | "failed";
  /** API calls made while inside the function (0 on "entered"). */
  readonly apiCalls: number;
}

/** Result of one action. */
export interface StepResult {
  /** Text shown to the agent. */
  readonly observation: string;
  /** The task has been finished by the agent, or a cap was reached. */
  readonly done: boolean;
  /**
   * Whether the action ran without an error.
   *
   * @default {true}
   */
  readonly ok?: boolean;
  /** Calls in order; left out where actions are not code. */
  readonly calls?: readonly ApiCall[];
  /** Library functions that were really entered; left out where actions are not code. */
  readonly traces?: readonly SkillTrace[];
}

/** One named requirement of the evaluation. */
export interface Test {
  readonly requirement: string;
  readonly passed: boolean;
  /** Whether an agent that does nothing passes it. */
  readonly label: "no_op_fail" | "no_op_pass";
  /** Why it failed, for people. */
  readonly trace?: string;
}

export { VERDICT_KINDS };
/** See {@linkcode VERDICT_KINDS}. */
export type VerdictKind = typeof VERDICT_KINDS[number];

/** What one grader said of an episode's answer. */
export interface Verdict {
  /** Grader and its version, e.g. `exact/1`. */
  readonly grader: string;
  readonly verdict: VerdictKind;
  /** Reference answer as the grader read it; null if it could not. */
  readonly gold: string | null;
  /** The agent's answer as the grader read it; null if there is none or it could not. */
  readonly answer: string | null;
  /** Reason, for people. */
  readonly detail: string;
}

/** Verdict on an episode's end state. */
export interface Evaluation {
  /** Reward in [0, 1]: passed share of the `no_op_fail` tests, 0 if any `no_op_pass` test fails. */
  readonly score: number;
  /** All tests passed. */
  readonly success: boolean;
  readonly passed: number;
  readonly total: number;
  readonly tests: readonly Test[];
  /** Of graders that tell more than passed and failed; the first is the one that `score` comes from. */
  readonly verdicts?: readonly Verdict[];
}

/** The method behind a solution as a text skill: what someone who knows it could tell a reader about any problem of its kind. */
export interface MethodSkill {
  /** Identity: a-z first, then a-z, 0-9 and underscores. */
  readonly skill_name: string;
  /** Kind of problems. */
  readonly problem_type: "algebra" | "geometry" | "combinatorics" | "number_theory" | "calculus" | "general";
  /** What makes it work. */
  readonly key_insight: string;
  /** Two or three steps. */
  readonly method: readonly string[];
  /** How to verify a result. */
  readonly check: string;
}

/** Reference solution as the actions to take in order, the last of which ends the episode. */
export interface ActionsSolution {
  readonly kind: "actions";
  readonly actions: readonly string[];
  /** Its method, where the environment can state it; demonstrations teach with it. */
  readonly skill?: MethodSkill;
}

/**
 * Reference solution as a named procedure, from which demonstrations in any agent's format are rendered.
 *
 * `body` is JavaScript, at most 15 lines, that uses `params` and `apis`; in a question task its last line is `return <expression>;`
 * and no other line returns; in an action task it returns nothing.
 */
export interface Procedure {
  /** Function name in snake_case, the same for all variants of a scenario. */
  readonly name: string;
  readonly params: readonly string[];
  readonly args: readonly (string | number | boolean)[];
  readonly body: string;
  /** Whether the return value is the answer to give to `finish_task`. */
  readonly answers: boolean;
  /** Queries for the documentation search that bring up the APIs that the body needs, one per app, in order of use. */
  readonly lookups: readonly { readonly app: string; readonly q: string }[];
}

/** Reference solution as code. */
export interface ProcedureSolution extends Procedure {
  readonly kind: "procedure";
}

/** Reference solution of a task. */
export type Solution = ProcedureSolution | ActionsSolution;

/** A single-use world in which one task is attempted. */
export interface Episode {
  readonly task: Task;
  /** First observation beyond the task itself; empty where there is none. */
  start(): Promise<string>;
  /**
   * Defines library functions before the first step (not an interaction, never changes the world); only where actions are code.
   *
   * @returns whether the source ran without an error; when it did not, nothing of it is defined.
   */
  preload?(source: string, names: readonly string[]): Promise<boolean>;
  /** Runs one action. @throws {EnvFault} if the environment itself fails. */
  step(action: string): Promise<StepResult>;
  /** Scores the state as it stands. */
  evaluate(): Promise<Evaluation>;
  /** Reference solution, where one exists. */
  solution(): Solution | undefined;
  /** Releases the world; further calls throw. */
  close(): void;
}

/** Options of {@linkcode Environment.tasks}. */
export interface TasksOptions {
  /**
   * Variants of each scenario, first and last included.
   *
   * @default {[1, 3]}
   */
  variants?: readonly [number, number];
}

/** A family of tasks. */
export interface Environment {
  readonly id: string;
  readonly version: string;
  /** Content hash of everything that tasks and worlds are made from. */
  readonly hash: string;
  /** What {@linkcode Episode.step} takes: JavaScript, or any text. */
  readonly actions: "code" | "text";
  readonly splits: readonly string[];
  /** Tasks of a split, sorted by id. @throws {RangeError} on an unknown split. */
  tasks(split: string, options?: TasksOptions): readonly Task[];
  /** Task by id. @throws {RangeError} if there is none. */
  task(id: string): Task;
  open(task: Task): Promise<Episode>;
}

/** The environment failed, not the agent; such an episode is dropped from training groups and counted. */
export class EnvFault extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "EnvFault";
}
