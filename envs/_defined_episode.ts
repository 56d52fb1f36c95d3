/**
 * Episodes of defined environments: the boundary between an author's code and the harness.
 *
 * Contract: whatever the author's code throws or returns wrongly leaves here as an {@linkcode EnvFault} that names the environment,
 * the task and the function, with its cause; an {@linkcode ActionError} becomes an observation.
 *
 * @module
 */
import { z } from "zod";
import { inputProblems } from "../data/parse_input.ts";
import { EnvFault, type Episode, type Evaluation, type Solution, type StepResult, type Task } from "./contract.ts";
import { VERDICT_KINDS } from "./contract.ts";
import type { Grading, Play, TaskDefinition } from "./define_environment.ts";

/** Thrown by an author's code: the agent's action cannot be read or done. The message is shown to the agent. */
export class ActionError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ActionError";
}

/** An episode was used in a way that single-use episodes do not allow: a mistake of the caller. */
export class EpisodeUseError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "EpisodeUseError";
}

/** What an episode is played by. */
export interface EpisodeRules<Data> {
  /** Most steps. */
  readonly maxSteps: number;
  /** Starts an attempt. */
  play(task: TaskDefinition<Data>): Play | Promise<Play>;
}

const isFunction = z.custom((value) => typeof value === "function", "expected a function");
const playSchema = z.looseObject({
  start: isFunction.optional(),
  step: isFunction,
  evaluate: isFunction,
  solution: isFunction.optional(),
  close: isFunction.optional(),
});
const replySchema = z.strictObject({
  observation: z.string(),
  done: z.boolean().optional(),
  ok: z.boolean().optional(),
});
const requirementsSchema = z.array(z.strictObject({
  requirement: z.string().min(1),
  passed: z.boolean(),
  label: z.enum(["no_op_fail", "no_op_pass"]).optional(),
  trace: z.string().optional(),
})).min(1);
const gradeSchema = z.strictObject({
  requirements: requirementsSchema,
  verdicts: z.array(z.strictObject({
    grader: z.string().min(1),
    verdict: z.enum(VERDICT_KINDS),
    gold: z.string().nullable(),
    answer: z.string().nullable(),
    detail: z.string(),
  })).optional(),
});
const actionsSchema = z.array(z.string()).min(1);

/** An evaluation from what the author's code returned, by the contract's rule for scores. */
function evaluationOf(grade: z.infer<typeof gradeSchema>): Evaluation {
  const tests = grade.requirements.map(({ requirement, passed, label = "no_op_fail", trace }) => ({
    requirement,
    passed,
    label,
    ...(trace === undefined ? {} : { trace }),
  }));
  const earned = tests.filter(({ label }) => label === "no_op_fail");
  const kept = tests.every(({ label, passed }) => label === "no_op_fail" || passed);
  const passed = tests.filter((test) => test.passed).length;
  const share = earned.length === 0 ? 1 : earned.filter((test) => test.passed).length / earned.length;
  return {
    score: kept ? share : 0,
    success: passed === tests.length,
    passed,
    total: tests.length,
    tests,
    ...(grade.verdicts === undefined ? {} : { verdicts: grade.verdicts }),
  };
}

/** An episode of a defined environment. */
export class DefinedEpisode<Data> implements Episode {
  readonly task: Task;
  readonly #environment: string;
  readonly #play: Play;
  readonly #maxSteps: number;
  #started: string | undefined;
  #steps = 0;
  #state: "open" | "done" | "closed" = "open";
  #busy = false;

  private constructor(environment: string, task: Task, play: Play, maxSteps: number) {
    this.#environment = environment;
    this.task = task;
    this.#play = play;
    this.#maxSteps = maxSteps;
  }

  /** Starts an attempt. @throws {EnvFault} if the author's `play` fails or returns something else than a {@linkcode Play}. */
  static async open<Data>(
    environment: string,
    task: Task,
    definition: TaskDefinition<Data>,
    rules: EpisodeRules<Data>,
  ): Promise<DefinedEpisode<Data>> {
    const where = `${environment}, task ${task.id}`;
    const play = await guarded(where, "play", () => rules.play(definition));
    expect(playSchema, play, where, "play");
    return new DefinedEpisode<Data>(environment, task, play, rules.maxSteps);
  }

  /** See {@linkcode Episode.start}; called again it gives the same text. */
  start(): Promise<string> {
    return this.#exclusively("start", () => this.#begin());
  }

  /** See {@linkcode Episode.step}. @throws {EpisodeUseError} after the end of the episode. */
  step(action: string): Promise<StepResult> {
    return this.#exclusively("step", async () => {
      if (this.#state === "done") this.#refuse("step", "it has ended, and an episode is played once; open another one");
      await this.#begin();
      this.#steps++;
      let reply: z.infer<typeof replySchema>;
      try {
        reply = await this.#author("step", replySchema, () => this.#play.step(action));
      } catch (error) {
        if (!(error instanceof ActionError)) throw error;
        reply = { observation: error.message, ok: false };
      }
      const done = reply.done === true || this.#steps >= this.#maxSteps;
      if (done) this.#state = "done";
      return { observation: reply.observation, done, ok: reply.ok ?? true };
    });
  }

  /** See {@linkcode Episode.evaluate}. */
  evaluate(): Promise<Evaluation> {
    return this.#exclusively("evaluate", async () => {
      await this.#begin();
      const grading = await this.#grading();
      if (typeof grading === "boolean") {
        return evaluationOf({ requirements: [{ requirement: "solves the task", passed: grading }] });
      }
      const grade = Array.isArray(grading) ? { requirements: grading } : grading;
      return evaluationOf(expect(gradeSchema, grade, this.#where, "evaluate"));
    });
  }

  /** See {@linkcode Episode.solution}. */
  solution(): Solution | undefined {
    if (this.#state === "closed") this.#refuse("solution", "it is closed");
    let solution: readonly string[] | Solution | undefined;
    try {
      solution = this.#play.solution?.();
    } catch (error) {
      throw fault(this.#where, "solution", error);
    }
    if (solution === undefined || (typeof solution === "object" && "kind" in solution)) return solution;
    return { kind: "actions", actions: expect(actionsSchema, solution, this.#where, "solution") };
  }

  /** See {@linkcode Episode.close}; closing again does nothing. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    try {
      this.#play.close?.();
    } catch (error) {
      throw fault(this.#where, "close", error);
    }
  }

  get #where(): string {
    return `${this.#environment}, task ${this.task.id}`;
  }

  #refuse(method: string, reason: string): never {
    throw new EpisodeUseError(`Cannot call ${method}() on the episode of ${this.task.id}: ${reason}`);
  }

  /** Runs one call at a time: an author's code never meets a second one halfway. */
  async #exclusively<T>(method: string, use: () => Promise<T>): Promise<T> {
    if (this.#state === "closed") this.#refuse(method, "it is closed");
    if (this.#busy) this.#refuse(method, "another call has not ended yet; await it first");
    this.#busy = true;
    try {
      return await use();
    } finally {
      this.#busy = false;
    }
  }

  async #begin(): Promise<string> {
    this.#started ??= await this.#author("start", z.string(), () => this.#play.start?.() ?? "");
    return this.#started;
  }

  async #grading(): Promise<Grading> {
    try {
      return await this.#play.evaluate();
    } catch (error) {
      if (error instanceof ActionError) {
        return [{ requirement: "can be read", passed: false, trace: error.message }];
      }
      throw fault(this.#where, "evaluate", error);
    }
  }

  async #author<S extends z.ZodType>(method: string, schema: S, run: () => unknown): Promise<z.infer<S>> {
    return expect(schema, await guarded(this.#where, method, run), this.#where, method);
  }
}

function fault(where: string, method: string, error: unknown): Error {
  if (error instanceof EnvFault) return error;
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new EnvFault(`Environment ${where}: ${method}() failed: ${reason}`, { cause: error });
}

async function guarded<T>(where: string, method: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ActionError && method === "step") throw error;
    throw fault(where, method, error);
  }
}

function expect<S extends z.ZodType>(schema: S, value: unknown, where: string, method: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = inputProblems(schema, value, result.error).join("; ");
  throw new EnvFault(`Environment ${where}: ${method}() returned something else than it has to: ${problems}`);
}
