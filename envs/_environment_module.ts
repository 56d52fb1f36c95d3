/**
 * Loads a module of someone else's that makes an environment, and checks what it made.
 *
 * Contract: every way in which this can go wrong is an {@linkcode EnvironmentModuleError} that names the registering file, the
 * environment, the module and the field, what was found and what was expected.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { inputProblems, nearestWord } from "../data/parse_input.ts";
import type { Environment } from "./contract.ts";

/** A registered module cannot be loaded, or what it makes is no environment. */
export class EnvironmentModuleError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "EnvironmentModuleError";
}

/** What to load. */
export interface EnvironmentModuleRequest {
  /** Name under which it is registered. */
  readonly id: string;
  /** Module as the registering file has it. */
  readonly specifier: string;
  /** The registering file; relative specifiers start at its folder. */
  readonly file: string;
  /** What its `createEnvironment` is called with. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Most exports that a message names. */
const SHOWN_NAMES = 8;

const isFunction = z.custom((value) => typeof value === "function", "expected a function");
const environmentSchema = z.looseObject({
  id: z.string(),
  version: z.string().min(1),
  hash: z.string().min(1),
  actions: z.enum(["code", "text"]),
  splits: z.array(z.string().min(1)).min(1),
  tasks: isFunction,
  task: isFunction,
  open: isFunction,
});

/** Loads the module and makes the environment. @throws {EnvironmentModuleError} see the module's contract. */
export async function loadEnvironmentModule(request: EnvironmentModuleRequest): Promise<Environment> {
  const { id, specifier, file, options } = request;
  const fail = (problem: string, cause?: unknown): never => {
    throw new EnvironmentModuleError(
      `Cannot make environment ${id} from ${specifier} (${file}, environments.${id}.module): ${problem}`,
      cause === undefined ? {} : { cause },
    );
  };
  const reason = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  const address = specifier.startsWith(".") ? pathToFileURL(resolve(dirname(file), specifier)).href : specifier;
  if (address.startsWith("file:") && !(await isFile(address))) fail(`there is no file ${new URL(address).pathname}`);
  let loaded: Record<string, unknown>;
  try {
    loaded = await import(address);
  } catch (error) {
    return fail(`the module does not load: ${reason(error)}`, error);
  }
  const { createEnvironment } = loaded;
  if (typeof createEnvironment !== "function") {
    const names = Object.keys(loaded);
    const functions = names.filter((name) => typeof loaded[name] === "function");
    const meant = nearestWord("createEnvironment", functions) ?? (functions.length === 1 ? functions[0] : undefined);
    const found = createEnvironment === undefined
      ? `found ${
        names.length === 0
          ? "no exports"
          : `only ${names.slice(0, SHOWN_NAMES).join(", ")}${names.length > SHOWN_NAMES ? ", …" : ""}`
      }`
      : `found ${typeof createEnvironment}`;
    fail(
      `export createEnvironment: expected a function, ${found}${
        meant === undefined ? "" : `; export ${meant} under that name?`
      }`,
    );
  }
  let made: unknown;
  try {
    made = await (createEnvironment as (options: unknown) => unknown)(options);
  } catch (error) {
    return fail(`createEnvironment() failed: ${reason(error)}`, error);
  }
  const parsed = environmentSchema.safeParse(made);
  if (!parsed.success) {
    return fail(
      `createEnvironment() returned something else than an Environment: ${
        inputProblems(environmentSchema, made, parsed.error).join("; ")
      }`,
    );
  }
  if (parsed.data.id !== id) {
    fail(`id: expected ${id}, the name under which it is registered, found ${parsed.data.id}`);
  }
  return made as Environment;
}

async function isFile(address: string): Promise<boolean> {
  try {
    return (await Deno.stat(new URL(address))).isFile;
  } catch {
    return false;
  }
}
