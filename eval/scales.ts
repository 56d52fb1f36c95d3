/**
 * Scales of SAGE's miniature reproduction: the same arms and recipe, with more or less of everything.
 *
 * Contract: `smoke` fits in minutes on two cores, `nano` in hours, `ci` in seconds (it checks the machinery, its numbers mean nothing).
 * All arms of a scale roll out the same number of episodes per step, so that SAGE is compared at equal cost.
 * Source: arXiv 2512.17102 for G = 8, K = 2, three evaluation runs; sizes, learning rates and temperatures are our choice.
 *
 * @module
 */
import {
  type ChainGrpoConfig,
  chainGrpoConfigSchema,
  type EvaluationConfig,
  evaluationConfigSchema,
  parseConfig,
  type SftConfig,
  sftConfigSchema,
} from "../train/config.ts";

/** Names of the scales. */
export const SCALES = ["smoke", "nano", "ci"] as const;
/** Name of a scale. */
export type Scale = typeof SCALES[number];

/** Sizes that differ between scales. */
interface ScaleSizes {
  readonly width: number;
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly layers: number;
  readonly vocabularySize: number;
  readonly variants: number;
  readonly worlds: number;
  readonly updates: number;
  readonly batchSize: number;
  readonly warmup: number;
  readonly checkpointEvery: number;
  readonly steps: number;
  /** Groups of a SAGE step; plain GRPO has twice as many, since its chains are half as long. */
  readonly groupsPerStep: number;
  readonly groupSize: number;
  readonly runs: number;
  readonly scenarios?: number;
  readonly maxTurns: number;
  readonly maxTurnTokens: number;
}

const SMOKE: ScaleSizes = {
  width: 128,
  hidden: 320,
  heads: 4,
  keyValueHeads: 2,
  layers: 4,
  vocabularySize: 1280,
  variants: 12,
  worlds: 3,
  updates: 2200,
  batchSize: 8,
  warmup: 40,
  checkpointEvery: 100,
  steps: 24,
  groupsPerStep: 8,
  groupSize: 8,
  runs: 3,
  maxTurns: 5,
  maxTurnTokens: 256,
};

const SIZES: Readonly<Record<Scale, ScaleSizes>> = {
  smoke: SMOKE,
  nano: { ...SMOKE, width: 160, steps: 200, groupsPerStep: 24 },
  ci: {
    width: 32,
    hidden: 64,
    heads: 2,
    keyValueHeads: 1,
    layers: 1,
    vocabularySize: 512,
    variants: 1,
    worlds: 1,
    updates: 6,
    batchSize: 8,
    warmup: 2,
    checkpointEvery: 2,
    steps: 2,
    groupsPerStep: 2,
    groupSize: 2,
    runs: 1,
    scenarios: 2,
    maxTurns: 3,
    maxTurnTokens: 32,
  },
};

/** What the miniature is played on: the scenarios of `apps` whose solutions are short, in the full world. */
export const MINIATURE_OPTIONS = { suite: "short" } as const;

/** Arms of the table, in order. */
export const SAGE_ARMS = ["SFT", "SFT + GRPO", "SAGE"] as const;
/** Name of an arm. */
export type SageArm = typeof SAGE_ARMS[number];

/** What every configuration of a reproduction shares. */
export interface ScaleBase {
  readonly environment: SftConfig["environment"];
  readonly device: "webgpu" | "cpu" | "wasm";
}

const CONTEXT_TOKENS = 1024;
const EVALUATION_TEMPERATURE = 0.3;
/** Above 1, because a small policy trained on few programs is sure of itself even where it is wrong. */
const ROLLOUT_TEMPERATURE = 1.2;

/** Warm start of a scale. */
export function sftConfig(scale: Scale, base: ScaleBase): SftConfig {
  const {
    width,
    hidden,
    heads,
    keyValueHeads,
    layers,
    vocabularySize,
    variants,
    worlds,
    updates,
    batchSize,
    warmup,
    checkpointEvery,
  } = SIZES[scale];
  return parseConfig(sftConfigSchema, {
    recipe: "sft",
    ...base,
    width,
    hidden,
    heads,
    keyValueHeads,
    layers,
    vocabularySize,
    contextTokens: CONTEXT_TOKENS,
    variants,
    worlds,
    updates,
    batchSize,
    warmup,
    checkpointEvery,
    learningRate: 4e-3,
    weightDecay: 0.01,
  }, `scale ${scale}`);
}

/** Reinforcement learning of an arm, from the warm start `parent`. */
export function rlConfig(scale: Scale, arm: "SFT + GRPO" | "SAGE", base: ScaleBase, parent: string): ChainGrpoConfig {
  const { steps, groupsPerStep, groupSize, maxTurns, maxTurnTokens } = SIZES[scale];
  const sage = arm === "SAGE";
  return parseConfig(chainGrpoConfigSchema, {
    recipe: sage ? "sage" : "grpo",
    ...base,
    parent,
    agent: sage ? "skill-library" : "codeact",
    chainLength: sage ? 2 : 1,
    groupSize,
    groupsPerStep: sage ? groupsPerStep : 2 * groupsPerStep,
    steps,
    rewardKind: sage ? "skillIntegrated" : "outcome",
    learningRate: 3e-4,
    temperature: ROLLOUT_TEMPERATURE,
    maxTurns,
    maxTurnTokens,
  }, `scale ${scale}`);
}

/** Evaluation of an arm; the SFT arm is the skill-library agent, as in the paper. */
export function evaluationConfig(scale: Scale, arm: SageArm): EvaluationConfig {
  const { runs, scenarios, maxTurns, maxTurnTokens } = SIZES[scale];
  return parseConfig(evaluationConfigSchema, {
    agent: arm === "SFT + GRPO" ? "codeact" : "skill-library",
    runs,
    temperature: EVALUATION_TEMPERATURE,
    maxTurns,
    maxTurnTokens,
    ...(scenarios === undefined ? {} : { scenarios }),
  }, `scale ${scale}`);
}
