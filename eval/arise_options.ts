/**
 * Options of ARISE's arms as people give them, `KEY=VALUE`: every field of the configuration, and the words that stand for several fields or for something outside of it.
 *
 *     preset           a published version by name: the values in which it differs (train/arise_presets.ts)
 *     seedsPath        a file of skill documents, which become `seeds`
 *     checker          grader that scores come from, of all arms and evaluations: an option of the environment
 *     answerFormatLine whether a published checkpoint is told how to write its answer, in all arms alike
 *     evalSkills       false evaluates without the library; evalGreedy evaluates one greedy sample a task
 *
 * Contract: a value wins over the scale and over a preset; what makes an arm what it is wins over everything. What concerns problems, rollouts and updates goes to every arm, so that the
 * arms go on differing in skills alone. Everything ends up in the configurations of runs as values, so that equal settings are one run; a value that is its field's meaning when left out
 * is left out. Unknown names are errors with a suggestion.
 *
 * @module
 */
import { z } from "zod";
import { readDocuments } from "../agents/skills/read_documents.ts";
import { type Checker, CHECKERS } from "../envs/math/environment.ts";
import { parseEnvironmentOptions } from "../envs/registry.ts";
import { ariseFields } from "../train/arise_config.ts";
import { ARISE_PRESETS, withPreset } from "../train/arise_presets.ts";
import { ariseRunConfigSchema, ConfigError, parseConfig } from "../train/config.ts";

const {
  recipe: _r,
  environment: _e,
  device: _d,
  parent: _p,
  agent: _a,
  policy: _c,
  lora: _l,
  promptStyle: _s,
  ...fields
} = ariseRunConfigSchema.shape;

/** Everything that can be said. */
export const ariseOptionsSchema = z.strictObject({
  preset: z.enum(ARISE_PRESETS),
  seedsPath: z.string().min(1),
  checker: z.enum(CHECKERS),
  answerFormatLine: z.boolean(),
  evalSkills: z.boolean(),
  evalGreedy: z.boolean(),
  ...fields,
}).partial();

/** What a field that is left out means, where its schema does not say so; these values are never written into a configuration. */
const MEANT = {
  checker: "symbolic",
  answerFormatLine: true,
  evalSkills: true,
  evalGreedy: false,
  verify: true,
  rngSeed: 0,
  ppoEpochs: 1,
  miniBatches: 1,
  overlongPrompt: "reject",
  selectionMode: { train: "sample", eval: "argmax" },
} as const satisfies z.input<typeof ariseOptionsSchema>;

/** Fields of ARISE that plain GRPO has too. */
const OF_UPDATES = ["ppoEpochs", "miniBatches"] as const;
const OF_THE_LOSS = ["clipLow", "clipHigh", "dualClip"] as const;
const OF_EVALUATIONS = ["maxTurns", "maxTurnTokens", "promptTokens", "overlongPrompt"] as const;

/** Values of options by name. */
export type Values = Readonly<Record<string, unknown>>;

/** Options by what they change. */
export interface AriseOptions {
  /** All arms. */
  readonly common: Values;
  /** Arms that select, use and write skills. */
  readonly skills: Values;
  /** Plain GRPO and DAPO: what of `skills` they have too. */
  readonly plain: { readonly update: Values; readonly loss: Values };
  /** All evaluations. */
  readonly evaluation: Values;
  /** Whether arms with skills are evaluated with them. */
  readonly evalSkills: boolean;
  /** Whether checkpoints are told how to answer. */
  readonly answerFormatLine: boolean;
  /** Options of the environment. */
  readonly environment: { readonly checker?: Checker };
}

function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

/**
 * Options from their values.
 *
 * @example A file of seeds is a list of documents from here on; what all arms share goes to all
 * ```ts
 * import { ariseOptions } from "whetstone/eval/arise_options.ts";
 * import assert from "node:assert/strict";
 *
 * const { common, skills, environment } = ariseOptions({ preset: "v1", delta: 0.5, groupSize: 4, checker: "minervaString", verify: true });
 * assert.deepEqual(common, { groupSize: 4 });
 * assert.deepEqual(skills, { baseOptimizer: "grpo", useQuality: false, seeds: "twentyFour", cacheCapacity: 24, delta: 0.5 });
 * assert.deepEqual(environment, { checker: "minervaString" });
 * ```
 *
 * @throws {ConfigError} naming each option, what was found and what was expected.
 */
export function ariseOptions(values: unknown = {}): AriseOptions {
  const where = "the options of arise";
  const checked: Values = parseConfig(ariseOptionsSchema, values, where);
  // Checking fills in defaults, which are the scale's to choose.
  const named = Object.keys(values as object);
  const given = withPreset(pick(checked, named)) as Values;
  if (given["seedsPath"] !== undefined) {
    throw new ConfigError(`Cannot use the configuration in ${where}: seedsPath: expected to be read first; give seeds`);
  }
  const meant = new Map<string, unknown>(Object.entries(MEANT));
  const kept = Object.fromEntries(Object.entries(given).filter(([name, value]) => meant.get(name) !== value));
  const { checker, answerFormatLine = true, evalSkills = true, evalGreedy = false, ...rest } = kept as z.output<
    typeof ariseOptionsSchema
  >;
  const own = new Set(Object.keys(ariseFields));
  const skills = pick(rest, [...own]);
  return {
    common: Object.fromEntries(Object.entries(rest).filter(([name]) => !own.has(name))),
    skills,
    plain: { update: pick(skills, OF_UPDATES), loss: pick(skills, OF_THE_LOSS) },
    evaluation: { ...pick(rest, OF_EVALUATIONS), ...(evalGreedy ? { temperature: 0, runs: 1, topP: undefined } : {}) },
    evalSkills,
    answerFormatLine,
    environment: checker === undefined ? {} : { checker },
  };
}

/**
 * Options from words `KEY=VALUE`; values are JSON, or words as they are. A file of seeds is read here.
 *
 * @throws {InputError} if a word is none of that form; {ConfigError} as {@linkcode ariseOptions}; {DocumentFileError} if the file of seeds cannot be used.
 */
export async function readAriseOptions(words: readonly string[]): Promise<AriseOptions> {
  const { seedsPath, ...values } = parseEnvironmentOptions(words, "ARISE option");
  if (seedsPath === undefined) return ariseOptions(values);
  if (values["seeds"] !== undefined) {
    throw new ConfigError(
      "Cannot use the configuration in the options of arise: seeds: expected to be left out beside seedsPath",
    );
  }
  // Its own kind is checked with the others.
  ariseOptions({ ...values });
  const path = String(seedsPath);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "there is no such file" : String(cause);
    throw new ConfigError(
      `Cannot use the configuration in the options of arise: seedsPath: expected a JSON list of documents, or a file with one document a line, found ${path}: ${why}`,
      { cause },
    );
  }
  const cap = values["documentCap"];
  return ariseOptions({ ...values, seeds: readDocuments(text, path, typeof cap === "number" ? { cap } : {}) });
}

/** What a value must be, in few words. */
function kindOf(schema: unknown): string {
  const { enum: words, type, minimum, maximum, exclusiveMinimum, exclusiveMaximum, anyOf, oneOf } = schema as {
    readonly [key: string]: unknown;
  };
  const members = (anyOf ?? oneOf) as readonly unknown[] | undefined;
  if (members !== undefined) return members.map(kindOf).join(", or ");
  if (Array.isArray(words)) return words.join(", ");
  if (type === "boolean") return "true, false";
  if (type !== "number" && type !== "integer") {
    return type === "array" ? "a JSON list" : type === "object" ? "JSON" : "text";
  }
  const bound = (word: string, value: unknown) =>
    typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? ` ${word} ${value}` : "";
  return `${type}${bound("from", minimum)}${bound("above", exclusiveMinimum)}${bound("to", maximum)}${
    bound("below", exclusiveMaximum)
  }`;
}

/** Every option with its default and what it may be, a line each. */
export function ariseOptionsListing(): string {
  const { properties = {} } = z.toJSONSchema(ariseOptionsSchema, { io: "input" });
  const meant: Values = MEANT;
  return Object.entries(properties).map(([name, schema]) => {
    const value = meant[name] ?? (schema as { readonly default?: unknown }).default;
    const shown = value === undefined ? "" : ` = ${typeof value === "string" ? value : JSON.stringify(value)}`;
    return `${name}${shown} (${kindOf(schema)})`;
  }).join("\n") + "\n";
}
