/**
 * Scales of training that starts from a published checkpoint: an evaluation of the checkpoint as it is, a warm start where one is asked
 * for, and reinforcement learning.
 *
 * Contract: `smoke` is a trial of tens of minutes for a model of half a billion parameters on a GPU, `nano` a real run, `ci` checks the
 * machinery on a tiny checkpoint. Prompts say in words how to answer (style `instruct`) unless told otherwise.
 * Choices, all ours: learning rates of 1e-6 (all weights) and 2e-5 (adapter) for reinforcement learning, ten times that for a warm
 * start; the usual range for checkpoints of this size, and far below that of the embedded model, which starts from nothing.
 *
 * @module
 */
import type { AgentId, PromptStyle } from "../agents/agent.ts";
import type { AdapterSpec } from "../agents/model/adapter.ts";
import type { Environment } from "../envs/contract.ts";
import {
  type ChainGrpoConfig,
  chainGrpoConfigSchema,
  type EvaluationConfig,
  evaluationConfigSchema,
  type FrozenConfig,
  frozenConfigSchema,
  parseConfig,
  type SftConfig,
  sftConfigSchema,
} from "../train/config.ts";
import type { Scale, ScaleBase } from "./scales.ts";
import type { PublishedStart } from "./start_point.ts";

/** What may be set beside the scale. */
export interface CheckpointTrainingOptions {
  /** Adapter to train; all weights are trained if left out. */
  readonly lora?: AdapterSpec | undefined;
  /** Agent; `solver` where the environment takes text, else `codeact`, if left out. */
  readonly agent?: AgentId | undefined;
  /** How prompts are written. @default {"instruct"} */
  readonly promptStyle?: PromptStyle | undefined;
  /** Steps of reinforcement learning. @default the scale's */
  readonly steps?: number | undefined;
  /** Learning rate of reinforcement learning. @default 1e-6, or 2e-5 for an adapter */
  readonly learningRate?: number | undefined;
  /** Most tokens of a turn. @default the scale's */
  readonly maxTurnTokens?: number | undefined;
}

/** What a training command runs from a checkpoint. */
export interface CheckpointConfigs {
  /** The checkpoint as it is. */
  readonly frozen: FrozenConfig;
  /** Warm start on worked solutions. */
  readonly sft: SftConfig;
  /** Reinforcement learning, from the checkpoint itself or a warm start of it. */
  readonly grpo: (parent: string | null) => ChainGrpoConfig;
  /** Evaluation of all. */
  readonly evaluation: EvaluationConfig;
}

const SIZES = {
  smoke: {
    updates: 100,
    batchSize: 8,
    steps: 20,
    groupsPerStep: 8,
    groupSize: 8,
    curveEvery: 10,
    tasks: 32,
    tokens: 256,
  },
  nano: {
    updates: 400,
    batchSize: 16,
    steps: 200,
    groupsPerStep: 16,
    groupSize: 8,
    curveEvery: 25,
    tasks: 128,
    tokens: 512,
  },
  ci: { updates: 2, batchSize: 2, steps: 2, groupsPerStep: 1, groupSize: 2, curveEvery: 2, tasks: 2, tokens: 8 },
} as const satisfies Record<Scale, unknown>;

/** Turns of an episode where actions are code; an answer in text has one. */
const CODE_TURNS = 10;

/** Configurations of a scale. @throws {ConfigError} if an option is out of its range. */
export function checkpointConfigs(
  scale: Scale,
  actions: Environment["actions"],
  base: ScaleBase,
  { recorded, config }: PublishedStart,
  options: CheckpointTrainingOptions = {},
): CheckpointConfigs {
  const { lora, promptStyle = "instruct" } = options;
  const size = SIZES[scale];
  const { learningRate = lora === undefined ? 1e-6 : 2e-5, steps = size.steps, maxTurnTokens = size.tokens } = options;
  const agent = options.agent ?? (actions === "text" ? "solver" : "codeact");
  const where = "the command line";
  const shared = { policy: recorded, promptStyle, ...(lora === undefined ? {} : { lora }) };
  const limits = { maxTurns: actions === "text" ? 1 : CODE_TURNS, maxTurnTokens };
  const { vocabularySize, width, layers, heads, keyValueHeads, hidden, contextTokens } = config;
  return {
    frozen: parseConfig(frozenConfigSchema, {
      recipe: "frozen",
      ...base,
      policy: recorded.adapter === undefined ? recorded.folder : `${recorded.folder}+${recorded.adapter}`,
      weights: recorded.weights,
    }, where),
    sft: parseConfig(sftConfigSchema, {
      recipe: "sft",
      ...base,
      ...shared,
      ...{ vocabularySize, width, layers, heads, keyValueHeads, hidden, contextTokens },
      variants: Math.max(1, Math.ceil(size.updates * size.batchSize / 100)),
      worlds: 1,
      updates: size.updates,
      batchSize: size.batchSize,
      warmup: Math.ceil(size.updates / 20),
      checkpointEvery: Math.max(1, size.updates / 4),
      learningRate: 10 * learningRate,
    }, where),
    grpo: (parent) =>
      parseConfig(chainGrpoConfigSchema, {
        recipe: "grpo",
        ...base,
        ...shared,
        parent,
        agent,
        chainLength: 1,
        groupSize: size.groupSize,
        groupsPerStep: size.groupsPerStep,
        steps,
        rewardKind: "outcome",
        learningRate,
        temperature: 1,
        curve: { everySteps: size.curveEvery, runs: 1 },
        ...limits,
      }, where),
    evaluation: parseConfig(evaluationConfigSchema, {
      agent,
      promptStyle,
      chains: "task",
      runs: 1,
      temperature: 1,
      scenarios: size.tasks,
      ...limits,
    }, where),
  };
}
