/**
 * The losses with names: which advantage, ratio, clip and normalisation each one stands for, its formula and its source.
 *
 * Contract: a name is a set of parts of {@linkcode policyLoss} and nothing else; every part can be changed by an option.
 * Notation: s = p / p_old of a token, A the advantage, |o| a row's loss tokens, G the rows of a group, r rewards, lo = 1 - clipLow,
 * hi = 1 + clipHigh. Losses are minimised, hence the minus signs.
 * Choices: no loss has a KL penalty unless asked for one, because on policy most recipes leave it out (GRPO's paper uses k3 with 0.04);
 * where a paper gives no clip range, ours is marked in its field. Losses that differ in their sampling only (DAPO's dynamic sampling) are
 * completed by train/losses/dynamic_sampling.ts; DAPO's length penalty is a reward, not a loss, and left out.
 *
 * @module
 */
import type { KlPenalty, PolicyForm, PolicyLossSpec, RatioLevel } from "../example.ts";
import { type AdvantageEstimator, batchAdvantages, type GroupAdvantageOptions } from "../group_advantage.ts";
import type { Normalisation } from "./batch_weights.ts";
import { type LossResult, type LossRow, policyLoss } from "./policy_loss.ts";

/** Names of the losses. */
export const LOSS_NAMES = ["sft", "reinforce", "rloo", "grpo", "dr-grpo", "dapo", "gspo", "cispo"] as const;
/** Name of a loss. */
export type LossName = typeof LOSS_NAMES[number];
/** Losses that a policy can be updated with from its own samples; imitation is a recipe of its own. */
export const RECIPE_LOSSES = LOSS_NAMES.filter((name) => name !== "sft");
/** Name of such a loss. */
export type RecipeLoss = typeof RECIPE_LOSSES[number];

/** Parts of a loss. */
export interface NamedLoss {
  /** Full name. */
  readonly title: string;
  /** How rewards become advantages. */
  readonly advantage: AdvantageEstimator;
  /** What is summed over tokens. */
  readonly form: PolicyForm;
  /** Ratio of a token or of a sequence. */
  readonly ratio: RatioLevel;
  /** Lower clip range. */
  readonly clipLow: number;
  /** Upper clip range. */
  readonly clipHigh: number;
  /** What the loss is a mean over. */
  readonly normalisation: Normalisation;
  /** L of the `constant` normalisation, tokens, where the source fixes it. */
  readonly constantTokens?: number;
  /** The loss as text. */
  readonly formula: string;
  /** Where it comes from, with the number of the formula where the source numbers it. */
  readonly source: string;
}

/** PPO's and GRPO's clip range, both sides. */
const PPO_CLIP = { clipLow: 0.2, clipHigh: 0.2 };
/** Losses without a ratio have nothing to clip. */
const NO_CLIP = { clipLow: 0, clipHigh: 0 };

/** Parts of each loss by its name. */
export const LOSSES: Readonly<Record<LossName, NamedLoss>> = {
  sft: {
    title: "Supervised fine-tuning",
    advantage: "one",
    form: "logprob",
    ratio: "token",
    ...NO_CLIP,
    normalisation: "token",
    formula: "L = -(1 / sum_i |o_i|) sum_i sum_t log p(o_it)",
    source: "maximum likelihood",
  },
  reinforce: {
    title: "REINFORCE",
    advantage: "reward",
    form: "logprob",
    ratio: "token",
    ...NO_CLIP,
    normalisation: "token",
    formula: "L = -(1 / sum_i |o_i|) sum_i sum_t r_i log p(o_it)",
    source: "Williams 1992, Machine Learning 8, without a baseline; the mean over tokens is our choice",
  },
  rloo: {
    title: "REINFORCE leave-one-out",
    advantage: "leave-one-out",
    form: "logprob",
    ratio: "token",
    ...NO_CLIP,
    // The paper's log-probability is that of the whole completion, a sum over its tokens.
    normalisation: "constant",
    constantTokens: 1,
    formula: "L = -(1 / N) sum_i A_i sum_t log p(o_it),  A_i = r_i - (1 / (G - 1)) sum_(j != i) r_j",
    source: "arXiv 2402.14740, section on RLOO",
  },
  grpo: {
    title: "Group relative policy optimization",
    advantage: "mean-std",
    form: "clip",
    ratio: "token",
    ...PPO_CLIP,
    normalisation: "sequence",
    formula:
      "L = -(1 / N) sum_i (1 / |o_i|) sum_t min[s_it A_i, clip(s_it, lo, hi) A_i],  A_i = (r_i - mean r) / std r",
    source: "arXiv 2402.03300, equation 3; its penalty is k3 with coefficient 0.04, equation 4",
  },
  "dr-grpo": {
    title: "GRPO done right",
    advantage: "mean",
    form: "clip",
    ratio: "token",
    ...PPO_CLIP,
    normalisation: "constant",
    formula: "L = -(1 / (N L)) sum_i sum_t min[s_it A_i, clip(s_it, lo, hi) A_i],  A_i = r_i - mean r;  L constant",
    source: "arXiv 2503.20783, section 3",
  },
  dapo: {
    title: "Decoupled clip and dynamic sampling policy optimization",
    advantage: "mean-std",
    form: "clip",
    ratio: "token",
    clipLow: 0.2,
    clipHigh: 0.28,
    normalisation: "token",
    formula:
      "L = -(1 / sum_i |o_i|) sum_i sum_t min[s_it A_i, clip(s_it, lo, hi) A_i],  groups with equal rewards drawn again",
    source: "arXiv 2503.14476, equations 8 and 9",
  },
  gspo: {
    title: "Group sequence policy optimization",
    advantage: "mean-std",
    form: "clip",
    ratio: "sequence",
    clipLow: 3e-4,
    clipHigh: 4e-4,
    normalisation: "sequence",
    formula:
      "L = -(1 / N) sum_i min[s_i A_i, clip(s_i, lo, hi) A_i],  s_i = exp((1 / |o_i|) sum_t log(p(o_it) / p_old(o_it)))",
    source: "arXiv 2507.18071, equations 5 and 7; clip range of section 5.1",
  },
  cispo: {
    title: "Clipped importance-sampling weight policy optimization",
    advantage: "mean-std",
    form: "weight",
    ratio: "token",
    // No lower bound, as in the paper; the paper tunes the upper one and gives no value, 5 in all is our choice.
    clipLow: 1,
    clipHigh: 4,
    normalisation: "token",
    formula: "L = -(1 / sum_i |o_i|) sum_i sum_t sg[clip(s_it, lo, hi)] A_i log p(o_it),  sg: held constant",
    source: "arXiv 2506.13585, equations 4 and 5",
  },
};

/** Changes to the parts of a named loss. */
export interface LossOptions extends Pick<GroupAdvantageOptions, "deviation" | "epsilon"> {
  /** How rewards become advantages. @default the loss's own */
  advantage?: AdvantageEstimator;
  /** Lower clip range. @default the loss's own */
  clipLow?: number;
  /** Upper clip range. @default the loss's own */
  clipHigh?: number;
  /** c, above 1: a token's term is at least c A where A is negative (dual clip, arXiv 1912.09729); needs the form `clip`. @default {Infinity} */
  dualClip?: number;
  /** What the loss is a mean over. @default the loss's own */
  normalisation?: Normalisation;
  /** L of the `constant` normalisation, tokens; Dr. GRPO needs one, usually the longest generation. @default the loss's own */
  constantTokens?: number;
  /** Penalty on the distance from a reference. @default none */
  kl?: KlPenalty;
  /**
   * Temperature of all log-probabilities.
   *
   * @default {1}
   */
  temperature?: number;
}

/** The parts of a named loss after changes. */
export function lossParts(name: LossName, options: LossOptions = {}): Omit<NamedLoss, "title" | "formula" | "source"> {
  const { advantage, form, ratio, clipLow, clipHigh, normalisation } = LOSSES[name];
  const constantTokens = options.constantTokens ?? LOSSES[name].constantTokens;
  return {
    ...(constantTokens === undefined ? {} : { constantTokens }),
    form,
    ratio,
    advantage: options.advantage ?? advantage,
    clipLow: options.clipLow ?? clipLow,
    clipHigh: options.clipHigh ?? clipHigh,
    normalisation: options.normalisation ?? normalisation,
  };
}

/**
 * What the trainer needs of a named loss; advantages and weights come with the examples.
 *
 * @example The trainer's form of DAPO
 * ```ts
 * import { lossSpec } from "whetstone/train/losses/loss_table.ts";
 * import assert from "node:assert/strict";
 *
 * const { form, clipLow, clipHigh } = lossSpec("dapo", { temperature: 0.9 });
 * assert.deepEqual([form, clipLow, clipHigh], ["clip", 0.2, 0.28]);
 * ```
 */
export function lossSpec(name: LossName, options: LossOptions = {}): PolicyLossSpec {
  const { form, ratio, clipLow, clipHigh } = lossParts(name, options);
  const { temperature = 1, kl, dualClip } = options;
  return {
    kind: "policy",
    form,
    ratio,
    clipLow,
    clipHigh,
    temperature,
    ...(dualClip === undefined ? {} : { dualClip }),
    ...(kl === undefined ? {} : { kl }),
  };
}

/** A row whose advantage is still to be made from its reward. */
export interface RewardedRow extends Omit<LossRow, "advantage"> {
  /** Reward of the row; unused by `sft`. */
  readonly reward: number;
}

/**
 * A named loss on a whole batch.
 *
 * @example A group whose rewards are equal gives neither loss nor gradient
 * ```ts
 * import { namedLoss } from "whetstone/train/losses/loss_table.ts";
 * import assert from "node:assert/strict";
 *
 * const row = { group: "q", spans: [[0, 2]], logprobs: [-1, -2], oldLogprobs: [-1.1, -2], reward: 1 } as const;
 * const { loss, gradLogprobs } = namedLoss("grpo", [row, row]);
 * assert.ok(loss === 0 && gradLogprobs.flat().every((slope) => slope === 0));
 * ```
 *
 * @param rows_B the rows of the batch, shape [B].
 * @throws {LossInputError} if a value of a loss token is missing or not finite, no row has a loss token, or `constantTokens` is missing.
 * @throws {NonFiniteRewardError} if a reward is NaN or infinite.
 */
export function namedLoss(name: LossName, rows_B: readonly RewardedRow[], options: LossOptions = {}): LossResult {
  const { advantage, normalisation, constantTokens } = lossParts(name, options);
  const advantages_B = batchAdvantages(
    advantage,
    rows_B.map(({ group }) => group),
    rows_B.map(({ reward }) => reward),
    options,
  );
  const rows = rows_B.map((row, b) => ({ ...row, advantage: advantages_B[b] ?? 0 }));
  return policyLoss(
    rows,
    lossSpec(name, options),
    normalisation,
    constantTokens === undefined ? {} : { constantTokens },
  );
}

/** Name, title, formula and source of every loss, for documentation. */
export function lossFormulas(): { name: LossName; title: string; formula: string; source: string }[] {
  return LOSS_NAMES.map((name) => {
    const { title, formula, source } = LOSSES[name];
    return { name, title, formula, source };
  });
}
