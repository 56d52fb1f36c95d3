/**
 * Configurations of runs, checked by zod: unknown keys are errors with a suggestion, defaults are filled in.
 *
 * Contract: a run is one checked configuration plus a seed. Its id is the recipe, a hash of the configuration and the seed, so
 * that a run is found again and never repeated; anything that changes numbers (environment hash, device kind, parent run) is
 * part of the configuration, and nothing else is.
 * Sources of defaults: arXiv 2512.17102 where the paper states a value (named in the field's comment), else our choice for `nano`.
 *
 * @module
 */
import { z } from "zod";
import { canonicalJson, contentHash, type Json } from "../data/canonical.ts";
import { inputProblems } from "../data/parse_input.ts";
import { AGENT_IDS } from "../agents/agent.ts";

/** Group size G of the paper (5.2). */
export const PAPER_GROUP_SIZE = 8;
/** Chain length K of the paper's main experiments (1.2). */
export const PAPER_CHAIN_LENGTH = 2;

const optimizer = {
  learningRate: z.number().positive(),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.95),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().min(0).default(0),
  /** Paper: 1 (5.2). */
  maxGradNorm: z.number().positive().default(1),
};

const environmentSchema = z.strictObject({
  id: z.string(),
  seed: z.int(),
  hash: z.string(),
  /** The environment's own options, where they were not the default ones. */
  options: z.record(z.string(), z.unknown()).optional(),
});

const deviceSchema = z.enum(["webgpu", "cpu", "wasm"]);

const limits = {
  /** Most turns of an episode; the paper's 40 is for 32B models. */
  maxTurns: z.int().min(1).default(5),
  maxTurnTokens: z.int().min(1).default(256),
};

/** SFT warm start of the embedded policy. */
export const sftConfigSchema = z.strictObject({
  recipe: z.literal("sft"),
  environment: environmentSchema,
  device: deviceSchema,
  vocabularySize: z.int().min(300).default(1024),
  width: z.int().min(8),
  layers: z.int().min(1),
  heads: z.int().min(1),
  keyValueHeads: z.int().min(1),
  hidden: z.int().min(8),
  contextTokens: z.int().min(64),
  /** First extra variant used for demonstrations; 1 to 3 are the benchmark's own. */
  firstVariant: z.int().min(4).default(4),
  /** Extra variants of each train scenario in each world. */
  variants: z.int().min(1),
  /**
   * Worlds that demonstrations come from: the environment's own and those of the seeds after it. Other people live there, so that names
   * have to be copied and cannot all be learned by heart.
   */
  worlds: z.int().min(1),
  /** Updates; the demonstrations are gone through in a new order each epoch. */
  updates: z.int().min(1),
  /** Demonstrations in an update. */
  batchSize: z.int().min(1),
  /** Updates of linear warm-up; the rate then falls as a cosine to a tenth. */
  warmup: z.int().min(0),
  /** Updates between two checkpoints. */
  checkpointEvery: z.int().min(1),
  ...optimizer,
});

/** Chains of tasks with group-relative advantages: SAGE with K = 2 and a library, plain GRPO with K = 1 and none. */
export const chainGrpoConfigSchema = z.strictObject({
  recipe: z.enum(["grpo", "sage"]),
  environment: environmentSchema,
  device: deviceSchema,
  /** Run whose final weights this one starts from. */
  parent: z.string(),
  agent: z.enum(AGENT_IDS),
  /** K. */
  chainLength: z.int().min(1).max(8),
  /** G. */
  groupSize: z.int().min(1).default(PAPER_GROUP_SIZE),
  /** Groups in a step, dealt from shuffled decks of the train scenarios. */
  groupsPerStep: z.int().min(1),
  steps: z.int().min(0),
  rewardKind: z.enum(["skillIntegrated", "outcome", "chain"]),
  noCodePenalty: z.number().max(0).default(-1),
  penaltyMode: z.enum(["override", "additive"]).default("override"),
  /** Divide by the group's standard deviation; the paper does not. */
  stdNormalise: z.boolean().default(false),
  leaveOneOut: z.boolean().default(false),
  clipEps: z.number().positive().default(0.2),
  temperature: z.number().positive().default(1),
  /**
   * Extra instances of the train scenarios to draw tasks from, first and last variant; the benchmark's own tasks if left out. Where tasks
   * are few, a policy learns them by heart.
   */
  variants: z.tuple([z.int().min(1), z.int().min(1)]).optional(),
  /** Evaluates on the test splits before the first update, after every so many and after the last; none if left out. */
  curve: z.strictObject({ everySteps: z.int().min(1), runs: z.int().min(1) }).optional(),
  ...limits,
  ...optimizer,
});

/** How a trained policy is evaluated. */
export const evaluationConfigSchema = z.strictObject({
  agent: z.enum(AGENT_IDS),
  /** Paper: three evaluation runs of one model (3.8). */
  runs: z.int().min(1).default(3),
  /** Unknown in the paper. */
  temperature: z.number().min(0),
  retrieval: z.enum(["sameScenario", "queryNgram"]).default("sameScenario"),
  /** What is played with one library: the siblings of a scenario, or each task alone; siblings if left out. */
  chains: z.enum(["scenario", "task"]).optional(),
  /** Chains of a unit of work, so that a long evaluation loses little when it is stopped; a whole split if left out. */
  unitChains: z.int().min(1).optional(),
  /** Only the first scenarios of each split (so many tasks evenly spaced, where each is played alone), for trials; all when left out. */
  scenarios: z.int().min(1).optional(),
  ...limits,
});

/** A policy that is evaluated and not trained. */
export const frozenConfigSchema = z.strictObject({
  recipe: z.literal("frozen"),
  environment: environmentSchema,
  device: deviceSchema,
  /** Run whose last weights are evaluated, or the name of a policy without weights. */
  policy: z.string(),
  /** Content hash of the weights; null without weights. */
  weights: z.string().nullable(),
});

/** Checked configuration of an SFT run. */
export type SftConfig = z.infer<typeof sftConfigSchema>;
/** Checked configuration of a GRPO or SAGE run. */
export type ChainGrpoConfig = z.infer<typeof chainGrpoConfigSchema>;
/** Checked configuration of a frozen policy. */
export type FrozenConfig = z.infer<typeof frozenConfigSchema>;
/** Checked configuration of an evaluation. */
export type EvaluationConfig = z.infer<typeof evaluationConfigSchema>;

/** A run's configuration: how it was trained and how it is evaluated. */
export const runConfigSchema = z.strictObject({
  train: z.discriminatedUnion("recipe", [sftConfigSchema, chainGrpoConfigSchema, frozenConfigSchema]),
  evaluation: evaluationConfigSchema,
});
/** See {@linkcode runConfigSchema}. */
export type RunConfig = z.infer<typeof runConfigSchema>;

/** A configuration is not valid. */
export class ConfigError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ConfigError";
}

/**
 * Checks a configuration from outside.
 *
 * @param schema what it must look like.
 * @param value what was given.
 * @param where file or command-line option that it came from.
 * @throws {ConfigError} naming the place, each field, what was found and what was expected.
 */
export function parseConfig<S extends z.ZodType>(schema: S, value: unknown, where: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ConfigError(
    `Cannot use the configuration in ${where}: ${inputProblems(schema, value, result.error).join("; ")}`,
  );
}

/**
 * Id of a run: recipe, hash of its configuration, seed.
 *
 * @param config checked configuration.
 * @param seed training seed.
 */
export function runId(config: RunConfig, seed: number): string {
  return `${config.train.recipe}-${configHash(config)}-s${seed}`;
}

/** Hash of a run's configuration, 10 hexadecimal digits. */
export function configHash(config: RunConfig): string {
  return contentHash(canonicalJson(config as unknown as Json), 10);
}
