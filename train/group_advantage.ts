/**
 * Group-relative advantage of GRPO (arXiv 2402.03300) as SAGE uses it (arXiv 2512.17102, 1.6): A_i = R_i - mean_j R_j.
 *
 * Contract: one group in, one advantage per sample out, order kept; equal rewards, or a group of one, give exact zeros.
 * Choices: population standard deviation; the epsilon is not in the papers. Omitted: length weights, which the examples carry.
 *
 * @module
 */

/** Added to a group's standard deviation so that nearly equal rewards divide safely; our choice. */
export const ADVANTAGE_EPSILON = 1e-4;

/** Options of {@linkcode groupAdvantage}. */
export interface GroupAdvantageOptions {
  /**
   * Divide by the group's standard deviation, as the GRPO paper does and SAGE does not.
   *
   * @default {false}
   */
  normalize?: boolean;
  /**
   * Multiply by G / (G - 1), which makes the baseline the mean of the others (RLOO, LOOP).
   *
   * @default {false}
   */
  leaveOneOut?: boolean;
  /**
   * Divisor of the variance: `population` G, `sample` G - 1 (as several libraries do).
   *
   * @default {"population"}
   */
  deviation?: "population" | "sample";
  /**
   * Added to the standard deviation.
   *
   * @default {1e-4}
   */
  epsilon?: number;
}

/** A reward of the group is NaN or infinite. */
export class NonFiniteRewardError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "NonFiniteRewardError";
}

/**
 * Advantage of each sample relative to its group.
 *
 * @example Four chains at the first position
 * ```ts
 * import { groupAdvantage } from "whetstone/train/group_advantage.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(groupAdvantage([2, 1, 0, 1]), [1, 0, -1, 0]);
 * ```
 *
 * @param rewards_G rewards of one group, shape [G], any finite scale.
 * @param options see {@linkcode GroupAdvantageOptions}.
 * @returns advantages, shape [G], in units of reward, or in standard deviations if normalised.
 * @throws {NonFiniteRewardError} if a reward is NaN or infinite.
 */
export function groupAdvantage(rewards_G: readonly number[], options: GroupAdvantageOptions = {}): number[] {
  const { normalize = false, leaveOneOut = false, deviation = "population", epsilon = ADVANTAGE_EPSILON } = options;
  const bad = rewards_G.findIndex((reward) => !Number.isFinite(reward));
  if (bad >= 0) {
    throw new NonFiniteRewardError(`Cannot compute advantages: reward ${bad} must be finite, got ${rewards_G[bad]}`);
  }
  // The mean of equal rewards may differ from them in the last bit (three times 0.1), hence no subtraction here.
  if (rewards_G.every((reward) => reward === rewards_G[0])) return rewards_G.map(() => 0);
  const size = rewards_G.length;
  const mean = rewards_G.reduce((sum, reward) => sum + reward, 0) / size;
  const factor = leaveOneOut ? size / (size - 1) : 1;
  const centred_G = rewards_G.map((reward) => factor * (reward - mean));
  if (!normalize) return centred_G;
  const variance = rewards_G.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) /
    (deviation === "sample" ? size - 1 : size);
  return centred_G.map((value) => value / (Math.sqrt(variance) + epsilon));
}

/**
 * How rewards become advantages: `one` A = 1 (imitation); `reward` the reward itself, without a baseline; `mean` minus the group's
 * mean; `leave-one-out` minus the mean of the others; `mean-std` minus the mean, divided by the group's standard deviation.
 */
export type AdvantageEstimator = "one" | "reward" | "mean" | "leave-one-out" | "mean-std";

/**
 * Advantages of a batch of several groups, given as a column of group ids, so that ragged groups cannot shift against each other.
 *
 * @example A group of two and a group of one
 * ```ts
 * import { batchAdvantages } from "whetstone/train/group_advantage.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(batchAdvantages("leave-one-out", ["a", "b", "a"], [1, 5, 0]), [1, 0, -1]);
 * ```
 *
 * @param groups_B group of each sample, shape [B]; samples of a group need not be neighbours.
 * @param rewards_B rewards, shape [B].
 * @param options of {@linkcode groupAdvantage}, for `mean-std`.
 * @returns advantages, shape [B].
 * @throws {NonFiniteRewardError} if a reward is NaN or infinite.
 */
export function batchAdvantages(
  estimator: AdvantageEstimator,
  groups_B: readonly (number | string)[],
  rewards_B: readonly number[],
  options: Pick<GroupAdvantageOptions, "deviation" | "epsilon"> = {},
): number[] {
  const bad = rewards_B.findIndex((reward) => !Number.isFinite(reward));
  if (bad >= 0) {
    throw new NonFiniteRewardError(`Cannot compute advantages: reward ${bad} must be finite, got ${rewards_B[bad]}`);
  }
  if (estimator === "one") return groups_B.map(() => 1);
  if (estimator === "reward") return [...rewards_B];
  const advantages_B = groups_B.map(() => 0);
  for (const members of Map.groupBy(groups_B.keys(), (i) => groups_B[i]).values()) {
    const advantages_G = groupAdvantage(members.map((i) => rewards_B[i] ?? 0), {
      ...options,
      normalize: estimator === "mean-std",
      leaveOneOut: estimator === "leave-one-out",
    });
    for (const [g, i] of members.entries()) advantages_B[i] = advantages_G[g] ?? 0;
  }
  return advantages_B;
}
