/**
 * Words of the environment-server protocol: what requests hold and what they are answered with.
 *
 * Contract: the protocol is the one that AppWorld's open environment server speaks, so that a client of that server works with ours.
 * A success is `200 {"output": …}`, an error of a world `400 {"detail": text}`, an error of a body `422 {"detail": [{loc, msg, type}]}`
 * and a fault of the environment `500 {"detail": text}`. Fields that are not known are ignored, as that server does.
 * Choices: bodies may name a `world_id`, so that one process serves many worlds; without one there is a single world, as in that
 * server. `/initialize` takes `language` too. Options of it that have no meaning here are accepted and ignored.
 *
 * @module
 */
import { z } from "zod";

/** Languages that an agent may act in. */
export const LANGUAGES = ["javascript", "python", "calls"] as const;
/** See {@linkcode LANGUAGES}. */
export type Language = typeof LANGUAGES[number];

/** Error of the asked world; answered with 400. */
export class WorldError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "WorldError";
}

/** World of a request that names none. */
export const ONLY_WORLD = "";

const worldId = z.string().max(100).default(ONLY_WORLD);
const taskId = z.string().min(1).max(100);
const experimentName = z.string().min(1).max(200).nullish();
const aboutTask = { task_id: taskId, world_id: worldId };

/** Body of each request, by path. */
export const BODIES = {
  initialize: z.object({
    ...aboutTask,
    experiment_name: experimentName,
    language: z.enum(["js", ...LANGUAGES]).transform((word): Language => (word === "js" ? "javascript" : word))
      .optional(),
    max_interactions: z.int().min(1).max(1_000_000).default(1000),
    max_api_calls_per_interaction: z.int().min(1).max(1_000_000).default(1000),
    raise_on_failure: z.boolean().default(true),
    random_seed: z.int().min(0).nullish(),
    timeout_seconds: z.number().min(1).max(100).nullish(),
  }),
  execute: z.object({ ...aboutTask, code: z.string() }),
  batch_execute: z.object({ ...aboutTask, codes: z.array(z.string()).max(1000) }),
  task: z.object(aboutTask),
  evaluate: z.object({ ...aboutTask, report: z.boolean().default(false), experiment_name: experimentName }),
  evaluate_all: z.object({
    task_ids: z.array(taskId).min(1).max(10_000),
    experiment_name: z.string().min(1).max(200),
    include_details: z.boolean().default(true),
  }),
  save_state: z.object({ ...aboutTask, state_id: z.string().min(1).max(100).nullish() }),
  load_state: z.object({ ...aboutTask, state_id: z.string().min(1).max(100) }),
  close_all: z.object({ world_id: z.string().max(100).optional() }),
} as const;

/** Who asks, as the protocol puts it. */
export interface Supervisor {
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
  readonly phone_number: string;
}

/** A task as `/initialize` and `/tasks` show it. */
export interface Brief {
  readonly task_id: string;
  readonly instruction: string;
  readonly supervisor: Supervisor;
  readonly datetime: string;
}

/** An error of one field, as 422 lists them. */
export interface FieldError {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** Fields of a body that are wrong; answered with 422. */
export class BodyError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "BodyError";

  /**
   * Lists what is wrong.
   *
   * @param fields each wrong field, with its place from `body`.
   */
  constructor(readonly fields: readonly FieldError[]) {
    super(fields.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; "));
  }
}

/**
 * Checks the text of a request's body.
 *
 * @example A missing field
 * ```ts
 * import { BODIES, BodyError, readBody } from "whetstone/envs/apps/server/protocol.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(readBody(BODIES.execute, '{"task_id": "a_1", "code": "print(1)"}').code, "print(1)");
 * assert.throws(() => readBody(BODIES.execute, '{"task_id": "a_1"}'), BodyError);
 * ```
 *
 * @param schema one of {@linkcode BODIES}.
 * @param text the body; nothing stands for an empty object.
 * @throws {BodyError} if it is not JSON, or a field is missing or wrong.
 */
export function readBody<T>(schema: z.ZodType<T>, text: string): T {
  let value: unknown;
  try {
    value = text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    const msg = `JSON decode error: ${error instanceof Error ? error.message : error}`;
    throw new BodyError([{ loc: ["body"], msg, type: "json_invalid" }]);
  }
  return checked(schema, value, ["body"]);
}

/**
 * Checks a value from outside.
 *
 * @param schema what it should be.
 * @param value what was sent.
 * @param place where it stands, for the errors.
 * @throws {BodyError} if it is something else.
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown, place: readonly (string | number)[]): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BodyError(parsed.error.issues.map(({ code, path, message }) => ({
    loc: [...place, ...path.map((part) => (typeof part === "number" ? part : String(part)))],
    msg: message,
    type: code,
  })));
}
