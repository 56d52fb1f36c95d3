/**
 * Writes a new environment that works as it is: `whet env new NAME`.
 *
 * Contract: `environments/NAME/` gets the three files of `envs/template/` under the new name, and `whet.json` an entry for it. Nothing
 * that is there is overwritten: an existing folder or entry is an error that says what to do. All or nothing: files are written aside
 * and moved into place.
 *
 * @module
 */
import { join } from "node:path";
import { ENVIRONMENT_ID } from "./define_environment.ts";
import { BUILT_IN_ENVIRONMENT_IDS, DEFAULT_CONFIG, readWhetConfig } from "./registry.ts";

/** Folder of users' environments. */
export const ENVIRONMENTS_FOLDER = "environments";
/** Longest name, characters: lines of the template stay within the line width. */
export const LONGEST_NAME = 40;

/** Name in the template that the new one takes the place of. */
const TEMPLATE_NAME = "my-environment";
/** Files of the template with the names that they get; tests in the template's own folder would be taken for tests of this tree. */
const TEMPLATE_FILES = [
  { from: "environment.ts", to: "environment.ts" },
  { from: "environment_tests.ts", to: "environment_test.ts" },
  { from: "README.md", to: "README.md" },
] as const;

/** A new environment cannot be written. */
export class ScaffoldError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ScaffoldError";
}

/** What to write. */
export interface ScaffoldRequest {
  /** Lower-case letters, digits and hyphens. */
  readonly name: string;
  /**
   * Folder that gets `environments/` and `whet.json`.
   *
   * @default {"."}
   */
  readonly folder?: string;
}

/** What was written. */
export interface Scaffold {
  /** Files of the environment, as paths that begin with the folder of the request. */
  readonly files: readonly string[];
  /** The registering file. */
  readonly config: string;
}

/** A name made from one that is not allowed. */
function allowedName(name: string): string {
  const made = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/^[-0-9]+/, "").slice(0, LONGEST_NAME)
    .replace(/-+$/, "");
  return made === "" ? TEMPLATE_NAME : made;
}

function checkName(name: string): void {
  const fail = (rule: string, suggestion: string): never => {
    throw new ScaffoldError(
      `Cannot write a new environment: name ${rule}, got ${JSON.stringify(name)}; for example ${suggestion}`,
    );
  };
  if (!ENVIRONMENT_ID.test(name)) {
    fail("must be lower-case letters, digits and single hyphens, and begin with a letter", allowedName(name));
  }
  if (name.length > LONGEST_NAME) fail(`must have at most ${LONGEST_NAME} characters`, allowedName(name));
  if (BUILT_IN_ENVIRONMENT_IDS.includes(name)) {
    fail("is that of an environment that comes with Whetstone", `my-${name}`);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Text of `whet.json` with one more environment. */
async function extendedConfig(path: string, name: string): Promise<string> {
  const there = await exists(path);
  // Checked first, so that a file with mistakes is neither extended nor rewritten.
  const environments = there ? readWhetConfig(path).environments : {};
  if (Object.hasOwn(environments, name)) {
    throw new ScaffoldError(
      `Cannot write a new environment: ${path} already registers ${name} (${environments[name]?.module}); ` +
        `take another name, or remove that entry`,
    );
  }
  const config = there ? JSON.parse(await Deno.readTextFile(path)) as Record<string, unknown> : {};
  const entry = { module: `./${ENVIRONMENTS_FOLDER}/${name}/environment.ts` };
  const before = (config.environments ?? {}) as Record<string, unknown>;
  return `${JSON.stringify({ ...config, environments: { ...before, [name]: entry } }, null, 2)}\n`;
}

/**
 * Writes a new environment and registers it.
 *
 * @example A working environment of one's own
 * ```ts
 * import { createEnvironment } from "whetstone/envs/registry.ts";
 * import { scaffoldEnvironment } from "whetstone/envs/scaffold.ts";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const { config } = await scaffoldEnvironment({ name: "pouring", folder });
 * assert.equal((await createEnvironment("pouring", { config })).id, "pouring");
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @param request see {@linkcode ScaffoldRequest}.
 * @throws {ScaffoldError} if the name is not allowed, or the folder or the entry is already there.
 * @throws {InputError} if there is a `whet.json` that cannot be used.
 */
export async function scaffoldEnvironment(request: ScaffoldRequest): Promise<Scaffold> {
  const { name, folder = "." } = request;
  checkName(name);
  const parent = join(folder, ENVIRONMENTS_FOLDER);
  const target = join(parent, name);
  const config = join(folder, DEFAULT_CONFIG);
  if (await exists(target)) {
    throw new ScaffoldError(
      `Cannot write a new environment: ${target} is already there and is never overwritten; take another name, such as ` +
        `${name.slice(0, LONGEST_NAME - 2)}-2, or remove the folder`,
    );
  }
  const configText = await extendedConfig(config, name);
  const madeParent = !await exists(parent);
  const aside = join(parent, `.${name}-${crypto.randomUUID()}`);
  try {
    await Deno.mkdir(aside, { recursive: true });
    for (const { from, to } of TEMPLATE_FILES) {
      const text = await Deno.readTextFile(new URL(`./template/${from}`, import.meta.url));
      await Deno.writeTextFile(join(aside, to), text.replaceAll(TEMPLATE_NAME, name));
    }
    // Beside the other files and not beside whet.json: the narrow permissions allow this folder and that one file.
    const configAside = `${aside}.json`;
    await Deno.writeTextFile(configAside, configText);
    await Deno.rename(aside, target);
    try {
      await Deno.rename(configAside, config);
    } catch (error) {
      await Deno.remove(target, { recursive: true });
      throw error;
    }
  } catch (error) {
    await Deno.remove(`${aside}.json`).catch(() => {});
    await Deno.remove(aside, { recursive: true }).catch(() => {});
    if (madeParent) await Deno.remove(parent).catch(() => {});
    throw error;
  }
  return { files: TEMPLATE_FILES.map(({ to }) => join(target, to)), config };
}
