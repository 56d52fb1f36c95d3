/**
 * Environments by name: those that come with Whetstone, and those that a `whet.json` registers.
 *
 * Contract: `whet.json` is `{ "environments": { NAME: { "module": …, "options": {…} } } }`; a module is a path from the file's folder
 * (`./environments/x/environment.ts`), a `file:` address or `npm:` with an exact version, and exports
 * `createEnvironment({ seed, ...options })`. Whatever is wrong there is one of two named errors that say which file, which
 * field, what was found and what was expected. No module is loaded before its environment is asked for.
 * Choices: the file is read at each call, since it is small and may have been changed by `whet env new`.
 * Omitted: isolation. A module is code of the user's own and runs with the permissions of the command.
 *
 * @module
 */
import { z } from "zod";
import { InputError, nearestWord, parseInput } from "../data/parse_input.ts";
import type { Environment } from "./contract.ts";
import type { Problem } from "./math/problem.ts";
import { loadEnvironmentModule } from "./_environment_module.ts";
import { ENVIRONMENT_ID } from "./define_environment.ts";

export { EnvironmentModuleError } from "./_environment_module.ts";

/** Options of an environment by name; each environment checks its own. */
export type EnvironmentOptions = Readonly<Record<string, unknown>>;

/** Where environments are registered. */
export interface RegistryOptions {
  /**
   * File that registers environments. The default one need not exist.
   *
   * @default {"whet.json"}
   */
  config?: string;
}

/** Options of {@linkcode createEnvironment}. */
export interface CreateEnvironmentOptions extends RegistryOptions {
  /**
   * Seed of the environment's worlds.
   *
   * @default {1}
   */
  seed?: number;
  /**
   * The environment's own options, such as `{ mode: "tool" }`; they go before those of `whet.json`.
   *
   * @default {{}}
   */
  options?: EnvironmentOptions;
}

/** A registered environment, not loaded. */
export interface RegisteredEnvironment {
  /** Name to make it by. */
  readonly id: string;
  /** Module that makes it, as `whet.json` has it; null for those that come with Whetstone. */
  readonly module: string | null;
}

/** File that is looked for in the working directory. */
export const DEFAULT_CONFIG = "whet.json";

type Factory = (seed: number, options: EnvironmentOptions) => Promise<Environment>;

/** Options of `apps`; see AppsOptions in apps/environment.ts. */
const appsOptions = z.strictObject({
  profile: z.enum(["tiny", "mid", "full"]).optional(),
  suite: z.enum(["benchmark", "short"]).optional(),
  language: z.enum(["javascript", "python"]).optional(),
  docs: z.enum(["lookup", "inline"]).optional(),
  prompt: z.enum(["compact", "full"]).optional(),
  maxSteps: z.int().min(1).optional(),
  cache: z.string().nullable().optional(),
});

const level = z.int().min(1);
const count = z.int().min(1).optional();
/** Options of `math`. */
const mathOptions = z.strictObject({
  /** One level, or the first and the last. */
  levels: z.union([level, z.tuple([level, level])]).transform((value): readonly [number, number] =>
    typeof value === "number" ? [value, value] : value
  ).optional(),
  /** Problems of each family in each split. */
  perFamily: z.strictObject({ train: count, dev: count, test_id: count, test_ood: count }).optional(),
  /** Problem sets instead of the families, each a split: files, or names of sets that were added to the workspace. */
  data: z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat()).optional(),
  /** Layout of the files, where it is not to be found out. */
  layout: z.string().optional(),
  /** Columns of fields, for files in no known layout. */
  fields: z.record(z.string(), z.string()).optional(),
  /** Workspace that names of sets are looked up in. */
  workspace: z.string().default("results/workspace"),
  /** Grader that scores come from; symbolic if left out. */
  checker: z.enum(["symbolic", "minervaString"]).optional(),
});

// Each loads its own code when it is asked for, so that listing names is quick.
const BUILT_IN: Readonly<Record<string, Factory>> = {
  apps: async (seed, options) => {
    const checked = parseInput(appsOptions, options, "options of environment apps");
    const { AppsEnvironment } = await import("./apps/environment.ts");
    const present = Object.entries(checked).filter(([, value]) => value !== undefined);
    return await AppsEnvironment.create({ seed, ...Object.fromEntries(present) });
  },
  "apps-bridge": async (_seed, options) => {
    const { BridgeEnvironment, bridgeOptionsSchema } = await import("./apps/bridge/environment.ts");
    return await BridgeEnvironment.create(
      parseInput(bridgeOptionsSchema, options, "options of environment apps-bridge"),
    );
  },
  math: async (seed, options) => {
    const checked = parseInput(mathOptions, options, "options of environment math");
    const { levels, perFamily = {}, data, layout, fields, workspace } = checked;
    const checker = checked.checker === undefined ? {} : { checker: checked.checker };
    const { createMathEnvironment, MathEnvironment } = await import("./math/environment.ts");
    if (data !== undefined) {
      const { openDataset } = await import("./math/datasets/registry.ts");
      const { parseFieldMapping } = await import("./math/datasets/detect_layout.ts");
      const sets = new Map<string, readonly Problem[]>();
      for (const nameOrPath of data) {
        const { name, problems } = await openDataset(workspace, nameOrPath, {
          ...(layout === undefined ? {} : { layout }),
          ...(fields === undefined
            ? {}
            : { fields: parseFieldMapping(Object.entries(fields).map(([field, column]) => `${field}=${column}`)) }),
        });
        if (sets.has(name)) throw new RangeError(`Cannot open ${nameOrPath}: another data set is called ${name} too`);
        sets.set(name, problems);
      }
      return MathEnvironment.fromProblems(sets, checker);
    }
    const counts = Object.entries(perFamily).filter((entry): entry is [string, number] => entry[1] !== undefined);
    return await createMathEnvironment({
      seed,
      ...checker,
      ...(levels === undefined ? {} : { levels }),
      ...(counts.length === 0 ? {} : { perFamily: Object.fromEntries(counts) }),
    });
  },
  compose: async (seed, options) => {
    const { composeOptionsSchema, createComposeEnvironment } = await import("./compose/environment.ts");
    const checked = parseInput(composeOptionsSchema, options, "options of environment compose");
    return createComposeEnvironment({ ...checked, seed });
  },
};

/** Names of the environments that come with Whetstone. */
export const BUILT_IN_ENVIRONMENT_IDS: readonly string[] = Object.keys(BUILT_IN);

/** There is no environment of that name. */
export class UnknownEnvironmentError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "UnknownEnvironmentError";
}

const MODULE_FORMS = "expected ./path/to/environment.ts (from the file's folder), file:… or npm:package@1.2.3";
const moduleSpecifier = z.string().regex(
  /^(\.{1,2}\/.+|file:.+|npm:(@[^/@]+\/)?[^/@]+@\d+\.\d+\.\d+[^/]*(\/.+)?)$/,
  MODULE_FORMS,
);

/** Options in `whet.json`; a seed there would never be used. */
const optionsSchema = z.record(
  z.string().refine((key) => key !== "seed", "expected another name: the seed comes from the command"),
  z.unknown(),
);

/** What `whet.json` holds. */
export const whetConfigSchema = z.strictObject({
  environments: z.record(
    z.string().regex(ENVIRONMENT_ID, "expected lower-case letters, digits and single hyphens").refine(
      (name) => !Object.hasOwn(BUILT_IN, name),
      "expected another name: an environment that comes with Whetstone has this one",
    ),
    z.strictObject({ module: moduleSpecifier, options: optionsSchema.optional() }),
  ).default({}),
});
/** See {@linkcode whetConfigSchema}. */
export type WhetConfig = z.infer<typeof whetConfigSchema>;

/**
 * Reads a `whet.json`.
 *
 * @param path the file; undefined for the default one, which need not exist.
 * @throws {InputError} if the file is not there although it was named, is not JSON, or holds something else than it may.
 */
export function readWhetConfig(path?: string): WhetConfig {
  const file = path ?? DEFAULT_CONFIG;
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    if (path === undefined) return { environments: {} };
    throw new InputError(`Cannot read ${file}: there is no such file`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`Cannot read ${file}: it is not JSON: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  return parseInput(whetConfigSchema, value, `configuration in ${file}`);
}

/**
 * All environments by name, in order; none is loaded.
 *
 * @throws {InputError} if the registering file cannot be used.
 */
export function registeredEnvironments(options: RegistryOptions = {}): RegisteredEnvironment[] {
  const external = Object.entries(readWhetConfig(options.config).environments);
  return [
    ...BUILT_IN_ENVIRONMENT_IDS.map((id) => ({ id, module: null })),
    ...external.map(([id, { module }]) => ({ id, module })).sort((a, b) => (a.id < b.id ? -1 : 1)),
  ];
}

/**
 * Names of all environments.
 *
 * @throws {InputError} if the registering file cannot be used.
 */
export function environmentIds(options: RegistryOptions = {}): string[] {
  return registeredEnvironments(options).map(({ id }) => id);
}

/**
 * Makes an environment.
 *
 * @example The apps, with the world of seed 1
 * ```ts
 * import { createEnvironment } from "whetstone/envs/registry.ts";
 * import assert from "node:assert/strict";
 *
 * const environment = await createEnvironment("apps", { seed: 1 });
 * assert.ok(environment.splits.includes("train"));
 * ```
 *
 * @param id its name.
 * @param options see {@linkcode CreateEnvironmentOptions}.
 * @throws {UnknownEnvironmentError} if there is none; names the closest one.
 * @throws {InputError} if its options or the registering file cannot be used.
 * @throws {EnvironmentModuleError} if a registered module cannot be loaded, or makes something else than an environment.
 */
export async function createEnvironment(id: string, options: CreateEnvironmentOptions = {}): Promise<Environment> {
  const { seed = 1, options: own = {}, config } = options;
  const factory = Object.hasOwn(BUILT_IN, id) ? BUILT_IN[id] : undefined;
  if (factory !== undefined) return await factory(seed, own);
  const { environments } = readWhetConfig(config);
  const entry = Object.hasOwn(environments, id) ? environments[id] : undefined;
  if (entry === undefined) {
    const known = environmentIds(options);
    const nearest = nearestWord(id, known);
    throw new UnknownEnvironmentError(
      `Cannot make environment: id must be one of ${known.join(", ")}, got ${id}` +
        (nearest === undefined
          ? `; to write one of your own: whet env new ${ENVIRONMENT_ID.test(id) ? id : "NAME"}`
          : `; did you mean ${nearest}?`),
    );
  }
  return await loadEnvironmentModule({
    id,
    specifier: entry.module,
    file: config ?? DEFAULT_CONFIG,
    options: { ...entry.options, ...own, seed },
  });
}

/**
 * Options from the command line: `key=value`, where a value is JSON if it can be read so, and text if not.
 *
 * @example Numbers, lists and words
 * ```ts
 * import { parseEnvironmentOptions } from "whetstone/envs/registry.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseEnvironmentOptions(["mode=tool", "depths=[1,2]", "shown=true"]), {
 *   mode: "tool",
 *   depths: [1, 2],
 *   shown: true,
 * });
 * ```
 *
 * @param pairs as written, in order.
 * @param what what they are options of, for messages.
 * @throws {InputError} if one has no `=`, or a key is given twice.
 */
export function parseEnvironmentOptions(
  pairs: readonly string[],
  what = "environment option",
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) throw new InputError(`Cannot read ${what} ${JSON.stringify(pair)}: expected key=value`);
    const [key, text] = [pair.slice(0, at), pair.slice(at + 1)];
    if (Object.hasOwn(options, key)) throw new InputError(`Cannot read ${what}s: ${key} is given twice`);
    let value: unknown = text;
    try {
      value = JSON.parse(text);
    } catch {
      // Words need no quotes on the command line.
    }
    Object.defineProperty(options, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return options;
}
