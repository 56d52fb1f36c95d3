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
import { AGENT_IDS, PROMPT_STYLES } from "../agents/agent.ts";
import { ARISE_BEHAVIOURS } from "../agents/arise_demonstration.ts";
import { adapterSpecSchema } from "../agents/model/adapter.ts";
import { OVERLONG_PROMPTS } from "../agents/prompt_limit.ts";
import { ariseFields, checkAriseFields, managerSettingsSchema } from "./arise_config.ts";
import { checkUpdateFields, DEFAULT_CLIP_EPS, updateFields } from "./update_config.ts";

/** Group size G of the paper (5.2). */
export const PAPER_GROUP_SIZE = 8;
/** Chain length K of the paper's main experiments (1.2). */
export const PAPER_CHAIN_LENGTH = 2;

const optimizer = {
  /** Element type of products and activations in updates, float32 if left out; where the device has no float16 of its own, mixed saves no time. */
  precision: z.enum(["float32", "mixed"]).optional(),
  /** Computes the values inside blocks again for their gradients; if left out, where keeping them would take too much memory. */
  recompute: z.enum(["on", "off"]).optional(),
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
  /** Most tokens of a prompt; the context if left out. */
  promptTokens: z.int().min(1).optional(),
  /** What happens to a longer prompt: it is not played, or its question is cut; `reject` if left out. */
  overlongPrompt: z.enum(OVERLONG_PROMPTS).optional(),
};

/** Published checkpoint that a run starts from. */
export const startCheckpointSchema = z.strictObject({
  /** Its folder, as it was named. */
  folder: z.string(),
  /** Folder of adapter weights that are merged into it first. */
  adapter: z.string().optional(),
  /** Hash of its content. */
  weights: z.string(),
});

/** What only runs from published checkpoints have; left out elsewhere, so that hashes stay what they were. */
const checkpointFields = {
  /** Where the weights, the tokenizer and the chat template come from; the embedded model if left out. */
  policy: startCheckpointSchema.optional(),
  /** Trains an adapter of this shape and leaves the weights under it as they are; all weights are trained if left out. */
  lora: adapterSpecSchema.optional(),
  /** How prompts are written; compact if left out. */
  promptStyle: z.enum(PROMPT_STYLES).optional(),
};

/** SFT warm start of the embedded policy, or of a published checkpoint, whose shape is then the one that is recorded. */
export const sftConfigSchema = z.strictObject({
  recipe: z.literal("sft"),
  environment: environmentSchema,
  device: deviceSchema,
  vocabularySize: z.int().min(1).default(1024),
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
  /**
   * Behaviours that a policy with text skills is taught, dealt to the variants of a scenario in turn; all formats of the environment if left
   * out.
   */
  behaviours: z.array(z.enum(ARISE_BEHAVIOURS)).min(1).optional(),
  /** Updates; the demonstrations are gone through in a new order each epoch. */
  updates: z.int().min(1),
  /** Demonstrations in an update. */
  batchSize: z.int().min(1),
  /** Updates of linear warm-up; the rate then falls as a cosine to a tenth. */
  warmup: z.int().min(0),
  /** Updates between two checkpoints. */
  checkpointEvery: z.int().min(1),
  ...checkpointFields,
  ...optimizer,
});

/** Chains of tasks with group-relative advantages: SAGE with K = 2 and a library, plain GRPO with K = 1 and none. */
export const chainGrpoConfigSchema = z.strictObject({
  recipe: z.enum(["grpo", "sage"]),
  environment: environmentSchema,
  device: deviceSchema,
  /** Run whose final weights this one starts from; null where it starts from a published checkpoint. */
  parent: z.string().nullable(),
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
  clipEps: z.number().positive().default(DEFAULT_CLIP_EPS),
  temperature: z.number().positive().default(1),
  /**
   * Extra instances of the train scenarios to draw tasks from, first and last variant; the benchmark's own tasks if left out. Where tasks
   * are few, a policy learns them by heart.
   */
  variants: z.tuple([z.int().min(1), z.int().min(1)]).optional(),
  /** Evaluates on the test splits before the first update, after every so many and after the last; none if left out. */
  curve: z.strictObject({ everySteps: z.int().min(1), runs: z.int().min(1) }).optional(),
  ...limits,
  ...checkpointFields,
  ...optimizer,
  ...updateFields,
}).superRefine(checkUpdateFields);

/** What the recipes with a library of documents share. */
const documentRunFields = {
  environment: environmentSchema,
  device: deviceSchema,
  /** Run whose final weights this one starts from; null where it starts from a published checkpoint. */
  parent: z.string().nullable(),
  agent: z.literal("arise"),
  /** Problems in a step. */
  groupsPerStep: z.int().min(1),
  steps: z.int().min(0),
  /** Paper: 0.7 with top-p 0.95 (table 5), for instruction-tuned models. */
  temperature: z.number().positive().default(1),
  topP: updateFields.topP,
  schedule: updateFields.schedule,
  /** See the same field of GRPO. */
  variants: z.tuple([z.int().min(1), z.int().min(1)]).optional(),
  /** See the same field of GRPO. */
  curve: z.strictObject({ everySteps: z.int().min(1), runs: z.int().min(1) }).optional(),
  ...limits,
  ...checkpointFields,
  ...optimizer,
};

/** One policy that selects, uses and writes skills (train/recipes/arise.ts). */
export const ariseRunConfigSchema = z.strictObject({
  recipe: z.literal("arise"),
  /** G; with one rollout there is nothing to compare with. */
  groupSize: z.int().min(2).default(PAPER_GROUP_SIZE),
  ...documentRunFields,
  ...ariseFields,
}).superRefine(checkAriseFields);

/** The simplified variant that circulates under ARISE's name (train/recipes/tfidf_skills.ts); its numbers are those of a published summary. */
export const tfidfRunConfigSchema = z.strictObject({
  recipe: z.literal("tfidf"),
  /** G. */
  groupSize: z.int().min(1).default(PAPER_GROUP_SIZE),
  ...documentRunFields,
  /** Most entries of the library. */
  capacity: z.int().min(1).default(1000),
  /** Entries that a rollout is shown. */
  shown: z.int().min(1).default(3),
  /** Most characters of an entry. */
  characters: z.int().min(1).default(200),
  /** Success rate of a new entry. */
  successStart: z.number().min(0).max(1).default(0.5),
  /** Rate of its moving mean. */
  successRate: z.number().gt(0).max(1).default(0.1),
  /** Reward of a right answer. */
  correctWeight: z.number().min(0).default(0.7),
  /** Most that a short answer is rewarded with. */
  lengthWeight: z.number().min(0).default(0.3),
  /** Which answers are rewarded for being short. */
  lengthFor: z.enum(["all", "right"]).default("all"),
});

/** How a trained policy is evaluated. */
export const evaluationConfigSchema = z.strictObject({
  agent: z.enum(AGENT_IDS),
  /** Paper: three evaluation runs of one model (3.8). */
  runs: z.int().min(1).default(3),
  /** Unknown in the paper. */
  temperature: z.number().min(0),
  /** Truncation of the distribution that is sampled; none where left out. */
  topP: z.number().gt(0).max(1).optional(),
  topK: z.int().min(1).optional(),
  minP: z.number().min(0).max(1).optional(),
  retrieval: z.enum(["sameScenario", "queryNgram", "queryEmbedding", "skillEmbedding"]).default("sameScenario"),
  /** Folder of the embedding model, and the hash of its content; needed by the two retrievers by embedding. */
  embedding: z.strictObject({ folder: z.string(), weights: z.string() }).optional(),
  /** How prompts are written; compact if left out. */
  promptStyle: z.enum(PROMPT_STYLES).optional(),
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
  /** Folder of the tokenizer that a server's tokens are read with; text alone is exchanged if left out. */
  tokenizer: z.string().optional(),
  /** Skill documents that are chosen from, by the hash of their contents, and how; none if left out. */
  library: z.strictObject({ hash: z.string(), manager: managerSettingsSchema }).optional(),
});

/** Checked configuration of an SFT run. */
export type SftConfig = z.infer<typeof sftConfigSchema>;
/** Checked configuration of a GRPO or SAGE run. */
export type ChainGrpoConfig = z.infer<typeof chainGrpoConfigSchema>;
/** Checked configuration of an ARISE run. */
export type AriseRunConfig = z.infer<typeof ariseRunConfigSchema>;
/** Checked configuration of a run of the TF-IDF manager. */
export type TfidfRunConfig = z.infer<typeof tfidfRunConfigSchema>;
/** Checked configuration of a frozen policy. */
export type FrozenConfig = z.infer<typeof frozenConfigSchema>;
/** Checked configuration of an evaluation. */
export type EvaluationConfig = z.infer<typeof evaluationConfigSchema>;

/** A run's configuration: how it was trained and how it is evaluated. */
export const runConfigSchema = z.strictObject({
  train: z.discriminatedUnion("recipe", [
    sftConfigSchema,
    chainGrpoConfigSchema,
    ariseRunConfigSchema,
    tfidfRunConfigSchema,
    frozenConfigSchema,
  ]),
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
