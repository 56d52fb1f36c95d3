/**
 * Arms and scales of ARISE's tables: the paper's comparison, its baselines and its ablations, each as a configuration.
 *
 * Contract: every arm starts from the same warm start and plays the same number of problems and rollouts per step; an arm is what differs from `ARISE`, or from plain
 * `GRPO`. `smoke` takes minutes on two cores, `nano` hours, `ci` seconds (its numbers mean nothing).
 * Source: arXiv 2603.16060; sizes, learning rates and the length of the warm-up are our choice for `nano`, which is taught the three behaviours that the
 * paper's instruction-tuned models bring along.
 *
 * @module
 */
import { FIRST_EXTRA_VARIANT } from "../envs/math/environment.ts";
import {
  type AriseRunConfig,
  ariseRunConfigSchema,
  type ChainGrpoConfig,
  chainGrpoConfigSchema,
  type EvaluationConfig,
  parseConfig,
  type SftConfig,
  sftConfigSchema,
  type TfidfRunConfig,
  tfidfRunConfigSchema,
} from "../train/config.ts";
import type { Scale, ScaleBase } from "./scales.ts";
import { trainingConfigs } from "./training_scales.ts";

/** Arms of the main table, in its order; `smoke` runs the first, second and fourth. */
export const ARISE_ARMS = [
  "SFT",
  "GRPO",
  "DAPO",
  "ARISE",
  "ARISE + DAPO",
  "random selection",
  "keyword selection",
  "TF-IDF manager",
] as const;
/** Name of an arm. */
export type AriseArm = typeof ARISE_ARMS[number];

/** What each ablation changes in `ARISE`. */
export const ARISE_ABLATIONS = {
  "binary reward": { skillBonus: 0 },
  "random selection": { scoreMode: "random", selectionLossWeight: 0 },
  "keyword selection": { scoreMode: "keyword", selectionLossWeight: 0 },
  "no new skills": { conclude: false },
  "no gate": { delta: 0 },
  "no warm-up": { warmupSteps: 0 },
  "no reservoir": { reservoirCapacity: 0 },
  "no R_s": { useQuality: false },
  "no manager gradient": { selectionLossWeight: 0 },
  "choice per query": { selectionScope: "query" },
  "one skill a group": { selectionScope: "split" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, unknown>>>>;
/** Name of an ablation. */
export type AriseAblation = keyof typeof ARISE_ABLATIONS;

/** Arms that a scale runs unless others are asked for. */
export const SCALE_ARMS: Readonly<Record<Scale, readonly AriseArm[]>> = {
  smoke: ["SFT", "GRPO", "ARISE"],
  nano: ARISE_ARMS,
  ci: ["SFT", "GRPO", "ARISE"],
};

interface AriseSizes {
  /** Updates of the warm start. */
  readonly updates: number;
  readonly steps: number;
  readonly warmupSteps: number;
  readonly groupsPerStep: number;
  readonly groupSize: number;
  readonly unaidedPerGroup: number;
  readonly curveEvery: number;
  readonly runs: number;
  /** σ, calibrated on the train split so that the gate is open for some problems and closed for others. */
  readonly sigma: number;
  readonly summaryMaxTokens: number;
}

const SIZES: Readonly<Record<Scale, AriseSizes>> = {
  smoke: {
    updates: 3200,
    steps: 60,
    warmupSteps: 10,
    groupsPerStep: 32,
    groupSize: 8,
    unaidedPerGroup: 4,
    curveEvery: 20,
    runs: 4,
    sigma: 0.15,
    summaryMaxTokens: 128,
  },
  nano: {
    updates: 12_000,
    steps: 300,
    warmupSteps: 75,
    groupsPerStep: 64,
    groupSize: 8,
    unaidedPerGroup: 4,
    curveEvery: 50,
    runs: 8,
    sigma: 0.15,
    summaryMaxTokens: 160,
  },
  ci: {
    updates: 6,
    steps: 3,
    warmupSteps: 1,
    groupsPerStep: 2,
    groupSize: 4,
    unaidedPerGroup: 2,
    curveEvery: 2,
    runs: 2,
    sigma: 1,
    summaryMaxTokens: 24,
  },
};

/** How often each behaviour is demonstrated: of four demonstrations two solve plainly, one solves with a skill, one concludes one. */
const BEHAVIOURS = ["plain", "aided", "plain", "conclude"] as const;

/** What `whet reproduce arise` runs. */
export interface AriseConfigs {
  /** Warm start of all arms. */
  readonly sft: SftConfig;
  /** An arm, from the warm start `parent`; undefined for the warm start itself. */
  readonly arm: (
    arm: AriseArm | AriseAblation,
    parent: string,
  ) => ChainGrpoConfig | AriseRunConfig | TfidfRunConfig | undefined;
  /** Evaluation of an arm. */
  readonly evaluation: (arm: AriseArm | AriseAblation) => EvaluationConfig;
}

/** Configurations of a scale. */
export function ariseConfigs(scale: Scale, base: ScaleBase): AriseConfigs {
  const text = trainingConfigs(scale, "text", base);
  const { updates, runs, curveEvery, sigma, unaidedPerGroup, warmupSteps, summaryMaxTokens, ...sizes } = SIZES[scale];
  const where = `scale ${scale} of arise`;
  const sft = parseConfig(sftConfigSchema, { ...text.sft, updates, behaviours: BEHAVIOURS }, where);
  const { learningRate, maxTurnTokens, temperature } = text.grpo("");
  const common = (parent: string) => ({
    ...base,
    parent,
    ...sizes,
    // None of those that the warm start was shown.
    variants: [FIRST_EXTRA_VARIANT + sft.variants, FIRST_EXTRA_VARIANT + 2 * sft.variants - 1],
    learningRate,
    temperature,
    curve: { everySteps: curveEvery, runs: 1 },
    maxTurns: 1,
    maxTurnTokens,
  });
  const arise = (changes: Readonly<Record<string, unknown>>, parent: string) =>
    parseConfig(ariseRunConfigSchema, {
      recipe: "arise",
      agent: "arise",
      ...common(parent),
      sigma,
      unaidedPerGroup,
      warmupSteps,
      summaryMaxTokens,
      baseOptimizer: "grpo",
      ...changes,
    }, where);
  const plain = (loss: "grpo" | "dapo", parent: string) =>
    parseConfig(chainGrpoConfigSchema, {
      recipe: "grpo",
      agent: "solver",
      ...common(parent),
      chainLength: 1,
      rewardKind: "outcome",
      loss,
      // As in ARISE, so that the arms differ in skills alone.
      lossOptions: { deviation: "sample", epsilon: 1e-6, clipLow: 0.2, clipHigh: loss === "dapo" ? 0.28 : 0.2 },
      ...(loss === "dapo" ? { dynamicSampling: { maxRounds: 10 } } : {}),
    }, where);
  return {
    sft,
    arm: (arm, parent) => {
      if (arm === "SFT") return undefined;
      if (arm === "GRPO" || arm === "DAPO") return plain(arm === "GRPO" ? "grpo" : "dapo", parent);
      if (arm === "TF-IDF manager") {
        const tfidf = { recipe: "tfidf", agent: "arise", ...common(parent) };
        return parseConfig(tfidfRunConfigSchema, tfidf, where);
      }
      if (arm === "ARISE") return arise({}, parent);
      if (arm === "ARISE + DAPO") return arise({ baseOptimizer: "dapo", clipHigh: 0.28 }, parent);
      return arise(ARISE_ABLATIONS[arm], parent);
    },
    evaluation: (arm) => ({
      ...text.evaluation,
      agent: arm === "SFT" || arm === "GRPO" || arm === "DAPO" ? "solver" : "arise",
      runs,
    }),
  };
}
