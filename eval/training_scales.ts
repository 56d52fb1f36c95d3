/**
 * Scales of `whet train`: warm start, reinforcement learning and evaluation in one environment, with more or less of everything.
 *
 * Contract: `smoke` takes minutes on two cores, `nano` hours, `ci` seconds (it checks the machinery, its numbers mean nothing). Where an
 * environment takes code, the sizes are those of the SAGE reproduction; where it takes text, those below.
 * Choices: the learning curve is drawn with fewer samples per task than the last evaluation. The rollout temperature is 1, as is the
 * temperature of evaluation, since Pass@1 as the mean of samples is then what training raises.
 *
 * @module
 */
import type { Environment } from "../envs/contract.ts";
import { FIRST_EXTRA_VARIANT } from "../envs/math/environment.ts";
import {
  type ChainGrpoConfig,
  chainGrpoConfigSchema,
  type EvaluationConfig,
  evaluationConfigSchema,
  parseConfig,
  type SftConfig,
  sftConfigSchema,
} from "../train/config.ts";
import type { updateFields } from "../train/update_config.ts";
import { evaluationConfig, rlConfig, type Scale, type ScaleBase, sftConfig } from "./scales.ts";

/** Arms of a training command: the warm start, and what reinforcement learning makes of it. */
export const TRAIN_ARMS = ["SFT", "SFT + GRPO"] as const;

interface TextSizes {
  readonly width: number;
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly layers: number;
  readonly vocabularySize: number;
  readonly variants: number;
  readonly updates: number;
  readonly batchSize: number;
  readonly warmup: number;
  readonly checkpointEvery: number;
  readonly steps: number;
  readonly groupsPerStep: number;
  readonly groupSize: number;
  readonly curveEvery: number;
  readonly runs: number;
  readonly tasks?: number;
  readonly maxTurnTokens: number;
}

const SMOKE: TextSizes = {
  width: 128,
  hidden: 320,
  heads: 4,
  keyValueHeads: 2,
  layers: 4,
  vocabularySize: 768,
  variants: 1000,
  updates: 4800,
  batchSize: 16,
  warmup: 40,
  checkpointEvery: 200,
  steps: 150,
  groupsPerStep: 48,
  groupSize: 8,
  curveEvery: 30,
  runs: 16,
  maxTurnTokens: 128,
};

const TEXT_SIZES: Readonly<Record<Scale, TextSizes>> = {
  smoke: SMOKE,
  nano: {
    ...SMOKE,
    width: 192,
    hidden: 512,
    variants: 2000,
    updates: 12_000,
    steps: 400,
    groupsPerStep: 64,
    curveEvery: 50,
  },
  ci: {
    width: 32,
    hidden: 64,
    heads: 2,
    keyValueHeads: 1,
    layers: 1,
    vocabularySize: 400,
    variants: 2,
    updates: 6,
    batchSize: 8,
    warmup: 2,
    checkpointEvery: 3,
    steps: 2,
    groupsPerStep: 2,
    groupSize: 2,
    curveEvery: 1,
    runs: 2,
    tasks: 6,
    maxTurnTokens: 24,
  },
};

const CONTEXT_TOKENS = 512;

/** What a training command runs. */
export interface TrainingConfigs {
  /** Warm start. */
  readonly sft: SftConfig;
  /** Reinforcement learning from the warm start `parent`. */
  readonly grpo: (parent: string) => ChainGrpoConfig;
  /** Evaluation of both. */
  readonly evaluation: EvaluationConfig;
}

/** Changes to how a policy is sampled and updated. */
export type UpdateChanges = Partial<Pick<ChainGrpoConfig, keyof typeof updateFields | "precision" | "recompute">>;

/**
 * A configuration of reinforcement learning with changes.
 *
 * @throws {ConfigError} naming each field that does not fit the others, and its rule.
 */
export function changedConfig(config: ChainGrpoConfig, changes: UpdateChanges): ChainGrpoConfig {
  if (Object.keys(changes).length === 0) return config;
  return parseConfig(chainGrpoConfigSchema, { ...config, ...changes }, "the options");
}

/** Configurations of a scale. */
export function trainingConfigs(scale: Scale, actions: Environment["actions"], base: ScaleBase): TrainingConfigs {
  if (actions === "code") {
    return {
      sft: sftConfig(scale, base),
      grpo: (parent) => rlConfig(scale, "SFT + GRPO", base, parent),
      evaluation: evaluationConfig(scale, "SFT + GRPO"),
    };
  }
  const {
    steps,
    groupsPerStep,
    groupSize,
    curveEvery,
    runs,
    tasks,
    maxTurnTokens,
    ...model
  } = TEXT_SIZES[scale];
  const where = `scale ${scale}`;
  return {
    sft: parseConfig(sftConfigSchema, {
      recipe: "sft",
      ...base,
      ...model,
      contextTokens: CONTEXT_TOKENS,
      firstVariant: FIRST_EXTRA_VARIANT,
      worlds: 1,
      learningRate: 4e-3,
      weightDecay: 0.01,
    }, where),
    grpo: (parent) =>
      parseConfig(chainGrpoConfigSchema, {
        recipe: "grpo",
        ...base,
        parent,
        agent: "solver",
        chainLength: 1,
        groupSize,
        groupsPerStep,
        steps,
        // None of those that the warm start was shown.
        variants: [FIRST_EXTRA_VARIANT + model.variants, FIRST_EXTRA_VARIANT + 2 * model.variants - 1],
        rewardKind: "outcome",
        learningRate: 6e-4,
        temperature: 1,
        curve: { everySteps: curveEvery, runs: 1 },
        maxTurns: 1,
        maxTurnTokens,
      }, where),
    evaluation: parseConfig(evaluationConfigSchema, {
      agent: "solver",
      chains: "task",
      runs,
      temperature: 1,
      maxTurns: 1,
      maxTurnTokens,
      ...(tasks === undefined ? {} : { scenarios: tasks }),
    }, where),
  };
}
