/**
 * The apps behind the protocol of OpenEnv, so that its clients and trainers can drive them.
 *
 * Contract: follows the simulation mode of OpenEnv's `openenv-core` 0.2 (`/reset`, `/step`, `/state`, `/health`, `/schema`, `/metadata`
 * and messages of type `reset`, `step`, `state` and `close` on `/ws`, answered by `observation`, `state` and `error`). An action is
 * `{"code": …}`; `reward` is null until the episode is done, which is when the task is finished or the step cap is reached, and the
 * score of the end state then. `reset` takes `task_id`, or `split` and `seed`, which pick a task; `language` and `max_steps` too.
 * Choices: over HTTP that server makes a new environment for each request, so that a step never follows a reset; ours keeps episodes
 * by `episode_id` (the last one, if none is named). A session of `/ws` is one episode at a time, as there.
 * Omitted: the tool protocol (`/mcp`), task lists, and the web page.
 *
 * @module
 */
import { z } from "zod";
import type { Json } from "../../../data/canonical.ts";
import { DEFAULT_MAX_STEPS } from "../environment.ts";
import { BodyError, checked, type Language, LANGUAGES, WorldError } from "./protocol.ts";
import { SerialQueue } from "./serial_queue.ts";
import { type OpenLanguage, ServedWorld, type TaskSource } from "./served_world.ts";

/** What a step takes. */
export const actionSchema = z.strictObject({
  code: z.string().describe("code, or one API call where the language is calls"),
  metadata: z.record(z.string(), z.unknown()).default({}),
});

/** What a reset takes; other fields are ignored. */
const resetSchema = z.object({
  seed: z.int().min(0).nullish(),
  episode_id: z.string().min(1).max(255).nullish(),
  task_id: z.string().max(100).nullish(),
  split: z.string().max(100).nullish(),
  language: z.enum(LANGUAGES).nullish(),
  max_steps: z.int().min(1).max(1000).nullish(),
});

const briefSchema = z.object({
  task_id: z.string(),
  instruction: z.string(),
  supervisor: z.object({ first_name: z.string(), last_name: z.string(), email: z.string(), phone_number: z.string() }),
  datetime: z.string(),
});
const observationSchema = z.object({
  text: z.string().describe("what to show the agent: the task after a reset, the output after a step"),
  ok: z.boolean().describe("whether the code ran without an error"),
  task: briefSchema.nullable().describe("the task, after a reset"),
});
const stateSchema = z.object({
  episode_id: z.string().nullable(),
  step_count: z.int().min(0),
  task_id: z.string().nullable(),
  language: z.enum(LANGUAGES).nullable(),
  done: z.boolean(),
});

/** JSON schemas of action, observation and state, as `/schema` gives them. */
export function openEnvSchemas(): Json {
  return {
    action: z.toJSONSchema(actionSchema, { io: "input" }) as Json,
    observation: z.toJSONSchema(observationSchema) as Json,
    state: z.toJSONSchema(stateSchema) as Json,
  };
}

/** Answer to a reset or a step. */
export interface OpenEnvResult {
  readonly observation: z.infer<typeof observationSchema>;
  readonly reward: number | null;
  readonly done: boolean;
  readonly metadata?: { readonly [key: string]: Json };
}

/** State of an episode. */
export type OpenEnvState = z.infer<typeof stateSchema>;

/** Options of {@linkcode OpenEnvEpisode}. */
export interface OpenEnvOptions {
  /** The environment. */
  readonly source: TaskSource;
  /** Language, where the reset names none. */
  readonly language: Language;
  /** Makes sandboxes. */
  readonly openLanguage?: OpenLanguage;
}

/** A session: no task, or one that is being attempted. */
export class OpenEnvEpisode {
  readonly #options: OpenEnvOptions;
  readonly #queue = new SerialQueue();
  #world: ServedWorld | undefined;
  #language: Language | undefined;
  #maxSteps = DEFAULT_MAX_STEPS;
  #done = false;
  #resets = 0;
  #id: string | undefined;

  /** A session without a task; see {@linkcode OpenEnvOptions}. */
  constructor(options: OpenEnvOptions) {
    this.#options = options;
  }

  /** Starts an episode. @throws {BodyError} on wrong fields; {WorldError} if there is no such task or split. */
  reset(data: unknown): Promise<OpenEnvResult> {
    return this.#queue.run(() => {
      const given = checked(resetSchema, data ?? {}, ["body"]);
      const { source, language, openLanguage } = this.#options;
      const maxSteps = given.max_steps ?? DEFAULT_MAX_STEPS;
      const chosen = given.language ?? language;
      const world = ServedWorld.open(source, this.#taskId(given), {
        language: chosen,
        maxInteractions: maxSteps,
        ...(openLanguage === undefined ? {} : { openLanguage }),
      });
      this.#world?.close();
      this.#world = world;
      this.#language = chosen;
      this.#maxSteps = maxSteps;
      this.#done = false;
      this.#id = given.episode_id ?? `${world.brief.task_id}-${++this.#resets}`;
      const { brief } = world;
      const { supervisor: { first_name, last_name, email } } = brief;
      const text = `${first_name} ${last_name} (${email}), ${brief.datetime}\n${brief.instruction}`;
      return { observation: { text, ok: true, task: { ...brief } }, reward: null, done: false };
    });
  }

  /** Acts. @throws {BodyError} on a wrong action; {WorldError} if there is no episode, or it is over; {EnvFault}. */
  step(action: unknown): Promise<OpenEnvResult> {
    return this.#queue.run(async () => {
      const { code } = checked(actionSchema, action, ["body", "action"]);
      const world = this.#world;
      if (world === undefined) throw new WorldError("There is no episode: reset first.");
      if (this.#done) throw new WorldError("The episode is over: reset to start another.");
      const text = await world.execute(code);
      this.#done = world.completed || world.interactions >= this.#maxSteps;
      const observation = { text, ok: world.ok, task: null };
      if (!this.#done) return { observation, reward: null, done: false };
      const { score, success, passed, total, tests } = world.evaluate();
      const metadata = { success, passed, total, tests: tests.map((test): Json => ({ ...test })) };
      return { observation, reward: score, done: true, metadata };
    });
  }

  /** How the episode stands. */
  state(): OpenEnvState {
    return {
      episode_id: this.#id ?? null,
      step_count: this.#world?.interactions ?? 0,
      task_id: this.#world?.brief.task_id ?? null,
      language: this.#language ?? null,
      done: this.#done,
    };
  }

  /** Frees what the episode holds. */
  close(): Promise<void> {
    return this.#queue.run(() => {
      this.#world?.close();
      this.#world = undefined;
    });
  }

  #taskId({ task_id: id, split, seed }: z.infer<typeof resetSchema>): string {
    if (id !== undefined && id !== null) return id;
    const { source } = this.#options;
    const chosen = split ?? "train";
    if (!source.splits.includes(chosen)) {
      throw new WorldError(`There is no split ${chosen}; there are ${source.splits.join(", ")}.`);
    }
    const tasks = source.tasks(chosen);
    const task = tasks[(seed ?? 0) % Math.max(1, tasks.length)];
    if (task === undefined) throw new WorldError(`Split ${chosen} has no tasks.`);
    return task.id;
  }
}

/** An error as `/ws` sends it. */
function errorMessage(code: string, message: string, more: { readonly [key: string]: Json } = {}): string {
  return JSON.stringify({ type: "error", data: { message, code, ...more } });
}

const messageSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("reset"), data: z.record(z.string(), z.unknown()).default({}) }),
  z.strictObject({ type: z.literal("step"), data: z.record(z.string(), z.unknown()) }),
  z.strictObject({ type: z.literal("state") }),
  z.strictObject({ type: z.literal("close") }),
]);

/**
 * Answers one message of `/ws`; never throws.
 *
 * @param episode the session.
 * @param text the message.
 * @returns the answer; undefined if the session is to be closed.
 */
export async function answerMessage(episode: OpenEnvEpisode, text: string): Promise<string | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return errorMessage("INVALID_JSON", `Invalid JSON: ${error instanceof Error ? error.message : error}`);
  }
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : "";
  if (!["reset", "step", "state", "close"].includes(String(type))) {
    return errorMessage("UNKNOWN_TYPE", `Unknown message type: ${String(type)}`);
  }
  try {
    const message = checked(messageSchema, value, ["message"]);
    switch (message.type) {
      case "reset":
        return JSON.stringify({ type: "observation", data: await episode.reset(message.data) });
      case "step":
        return JSON.stringify({ type: "observation", data: await episode.step(message.data) });
      case "state":
        return JSON.stringify({ type: "state", data: episode.state() });
      case "close":
        return undefined;
    }
  } catch (error) {
    if (error instanceof BodyError) {
      return errorMessage("VALIDATION_ERROR", "Invalid message", {
        errors: error.fields.map((field) => ({ ...field })),
      });
    }
    return errorMessage("EXECUTION_ERROR", error instanceof Error ? error.message : String(error));
  }
}
