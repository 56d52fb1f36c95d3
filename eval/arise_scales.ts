/**
 * Arms and scales of ARISE's tables: the paper's comparison, its baselines and its ablations, each as a configuration.
 *
 * Contract: every arm starts from the same warm start and plays the same number of problems and rollouts per step; an arm is what differs from `ARISE`, or from plain
 * `GRPO`. `smoke` takes minutes on two cores, `nano` hours, `ci` seconds (its numbers mean nothing). Options change all arms alike; see `arise_options.ts`.
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
  ConfigError,
  type EvaluationConfig,
  evaluationConfigSchema,
  parseConfig,
  type SftConfig,
  sftConfigSchema,
  type TfidfRunConfig,
  tfidfRunConfigSchema,
} from "../train/config.ts";
import type { AdapterSpec } from "../agents/model/adapter.ts";
import { type AriseOptions, ariseOptions } from "./arise_options.ts";
import { type CheckpointConfigs, checkpointConfigs } from "./checkpoint_scales.ts";
import type { Scale, ScaleBase } from "./scales.ts";
import type { PublishedStart } from "./start_point.ts";
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
    steps: 40,
    warmupSteps: 8,
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

/** Arms from a starting point, the same whether it is a warm start or a published checkpoint. */
export interface AriseArmConfigs {
  /** An arm from `parent`; undefined for the starting point itself. */
  readonly arm: (
    arm: AriseArm | AriseAblation,
    parent: string | null,
  ) => ChainGrpoConfig | AriseRunConfig | TfidfRunConfig | undefined;
  /** Evaluation of an arm. */
  readonly evaluation: (arm: AriseArm | AriseAblation) => EvaluationConfig;
}

/** What `whet reproduce arise` runs. */
export interface AriseConfigs extends AriseArmConfigs {
  /** Warm start of all arms. */
  readonly sft: SftConfig;
}

/** What all arms share beside their parent, what those with skills share, and how they are evaluated. */
interface ArmParts {
  readonly common: Readonly<Record<string, unknown>>;
  readonly skills: Readonly<Record<string, unknown>>;
  readonly evaluation: EvaluationConfig;
  readonly where: string;
  readonly options: AriseOptions;
}

function armConfigs({ skills, where, options, ...parts }: ArmParts): AriseArmConfigs {
  const common = { ...parts.common, ...options.common };
  const evaluation = parseConfig(evaluationConfigSchema, { ...parts.evaluation, ...options.evaluation }, where);
  const arise = (changes: Readonly<Record<string, unknown>>, parent: string | null) =>
    parseConfig(ariseRunConfigSchema, {
      recipe: "arise",
      agent: "arise",
      ...common,
      parent,
      ...skills,
      baseOptimizer: "grpo",
      ...options.skills,
      ...changes,
    }, where);
  const plain = (loss: "grpo" | "dapo", parent: string | null) =>
    parseConfig(chainGrpoConfigSchema, {
      recipe: "grpo",
      agent: "solver",
      ...common,
      ...options.plain.update,
      parent,
      chainLength: 1,
      rewardKind: "outcome",
      loss,
      // As in ARISE, so that the arms differ in skills alone.
      lossOptions: {
        deviation: "sample",
        epsilon: 1e-6,
        clipLow: 0.2,
        clipHigh: 0.2,
        ...options.plain.loss,
        ...(loss === "dapo" ? { clipHigh: 0.28 } : {}),
      },
      ...(loss === "dapo" ? { dynamicSampling: { maxRounds: 10 } } : {}),
    }, where);
  return {
    arm: (arm, parent) => {
      if (arm === "SFT") return undefined;
      if (arm === "GRPO" || arm === "DAPO") return plain(arm === "GRPO" ? "grpo" : "dapo", parent);
      if (arm === "TF-IDF manager") {
        return parseConfig(tfidfRunConfigSchema, { recipe: "tfidf", agent: "arise", ...common, parent }, where);
      }
      if (arm === "ARISE") return arise({}, parent);
      if (arm === "ARISE + DAPO") return arise({ baseOptimizer: "dapo", clipHigh: 0.28 }, parent);
      return arise(ARISE_ABLATIONS[arm], parent);
    },
    evaluation: (arm) => ({
      ...evaluation,
      agent: arm === "SFT" || arm === "GRPO" || arm === "DAPO" || !options.evalSkills ? "solver" : "arise",
    }),
  };
}

/**
 * Configurations of a scale, for the embedded policy.
 *
 * @param options what differs from the scale.
 * @throws {ConfigError} if options do not fit each other.
 */
export function ariseConfigs(scale: Scale, base: ScaleBase, options: AriseOptions = ariseOptions()): AriseConfigs {
  if (!options.answerFormatLine) {
    throw new ConfigError(
      "Cannot use the configuration in the options of arise: answerFormatLine: expected true without a published checkpoint, whose prompts alone have such a line",
    );
  }
  const text = trainingConfigs(scale, "text", base);
  const { updates, runs, curveEvery, sigma, unaidedPerGroup, warmupSteps, summaryMaxTokens, ...sizes } = SIZES[scale];
  const where = `scale ${scale} of arise`;
  const sft = parseConfig(sftConfigSchema, { ...text.sft, updates, behaviours: BEHAVIOURS }, where);
  const { maxTurnTokens, temperature } = text.grpo("");
  return {
    sft,
    ...armConfigs({
      common: {
        ...base,
        ...sizes,
        // None of those that the warm start was shown.
        variants: [FIRST_EXTRA_VARIANT + sft.variants, FIRST_EXTRA_VARIANT + 2 * sft.variants - 1],
        // Lower than without division by the deviation, which gives rare successes more weight.
        learningRate: 2e-4,
        temperature,
        curve: { everySteps: curveEvery, runs: 1 },
        maxTurns: 1,
        maxTurnTokens,
      },
      skills: { sigma, unaidedPerGroup, warmupSteps, summaryMaxTokens },
      evaluation: { ...text.evaluation, runs },
      where,
      options,
    }),
  };
}

/** Sizes for a published checkpoint, which needs no warm start; everything else is as the paper's newer manuscript has it. */
const CHECKPOINT_SIZES = {
  smoke: { steps: 40, warmupSteps: 10, groupsPerStep: 8, curveEvery: 20, tasks: 32, tokens: 512, unaidedPerGroup: 4 },
  nano: {
    steps: 400,
    warmupSteps: 100,
    groupsPerStep: 32,
    curveEvery: 50,
    tasks: 256,
    tokens: 1024,
    unaidedPerGroup: 4,
  },
  ci: { steps: 2, warmupSteps: 1, groupsPerStep: 1, curveEvery: 2, tasks: 2, tokens: 8, unaidedPerGroup: 1 },
} as const satisfies Record<Scale, unknown>;

/** Rollout temperature and top-p of the paper (table 5). */
const PAPER_SAMPLING = { temperature: 0.7, topP: 0.95 };

/**
 * Configurations of a scale, for a published checkpoint.
 *
 * @param lora adapter to train; all weights are trained if left out.
 * @param options what differs from the scale.
 * @throws {ConfigError} if options do not fit each other.
 */
export function ariseCheckpointConfigs(
  scale: Scale,
  base: ScaleBase,
  published: PublishedStart,
  lora?: AdapterSpec,
  options: AriseOptions = ariseOptions(),
): AriseArmConfigs & Pick<CheckpointConfigs, "frozen"> {
  const { steps, warmupSteps, groupsPerStep, curveEvery, tasks, tokens, unaidedPerGroup } = CHECKPOINT_SIZES[scale];
  const { frozen, evaluation, grpo } = checkpointConfigs(scale, "text", base, published, {
    ...(lora === undefined ? {} : { lora }),
    ...(options.answerFormatLine ? {} : { promptStyle: "bare" }),
    steps,
    maxTurnTokens: tokens,
  });
  const { policy, promptStyle, learningRate, groupSize, maxTurns } = grpo(null);
  return {
    frozen,
    ...armConfigs({
      common: {
        ...base,
        policy,
        ...(lora === undefined ? {} : { lora }),
        promptStyle,
        learningRate,
        groupSize,
        groupsPerStep,
        steps,
        ...PAPER_SAMPLING,
        curve: { everySteps: curveEvery, runs: 1 },
        maxTurns,
        maxTurnTokens: tokens,
      },
      skills: { warmupSteps, unaidedPerGroup, ...(scale === "ci" ? { summaryMaxTokens: 8 } : {}) },
      evaluation: { ...evaluation, ...PAPER_SAMPLING, scenarios: tasks },
      where: `scale ${scale} of arise`,
      options,
    }),
  };
}
