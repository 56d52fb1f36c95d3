/**
 * Dynamic sampling (DAPO, arXiv 2503.14476, equation 11): groups whose rewards are all equal are dropped, and others drawn in their place.
 *
 * Contract: pure; says what to keep and how many groups to draw, and leaves the drawing to the recipe. Groups are kept in their order, so
 * that what is kept does not depend on how many workers played them.
 * Choices: the paper drops groups that are all right or all wrong, we drop any equal rewards, since none of them gives a gradient; the share
 * of useful groups is estimated as (kept + 1) / (seen + 2), so that a first draw without a useful group asks for a finite number.
 *
 * @module
 */

/** Rewards of one group. */
export interface RewardGroup {
  /** Identity of the group. */
  readonly group: number | string;
  /** Rewards of its samples, shape [G]; none at all if every sample failed for reasons that are not the policy's. */
  readonly rewards_G: readonly number[];
}

/** Options of {@linkcode dynamicSampling}. */
export interface DynamicSamplingOptions {
  /**
   * Most groups to draw in all, those already drawn included; when it is reached, what was kept has to do.
   *
   * @default {Infinity}
   */
  maxGroups?: number;
}

/** What to do next. */
export interface DynamicSampling {
  /** Groups to train on, at most as many as wanted. */
  readonly keep: (number | string)[];
  /** Groups without a gradient. */
  readonly drop: (number | string)[];
  /** Useful groups beyond the wanted number. */
  readonly surplus: (number | string)[];
  /** Useful groups that are still missing. */
  readonly missing: number;
  /** Groups to draw now; 0 if nothing is missing or the limit is reached. */
  readonly draw: number;
}

/**
 * Decides which groups to keep and how many more to draw.
 *
 * @example One of two groups is useful, two are wanted
 * ```ts
 * import { dynamicSampling } from "whetstone/train/losses/dynamic_sampling.ts";
 * import assert from "node:assert/strict";
 *
 * const drawn = [{ group: "a", rewards_G: [1, 0] }, { group: "b", rewards_G: [1, 1] }];
 * assert.deepEqual(dynamicSampling(drawn, 2), { keep: ["a"], drop: ["b"], surplus: [], missing: 1, draw: 2 });
 * ```
 *
 * @param groups all groups drawn so far for this update, in the order in which they were drawn.
 * @param wanted useful groups in an update.
 * @throws {RangeError} if `wanted` is not a positive integer or a reward is not finite.
 */
export function dynamicSampling(
  groups: readonly RewardGroup[],
  wanted: number,
  options: DynamicSamplingOptions = {},
): DynamicSampling {
  const { maxGroups = Infinity } = options;
  if (!(Number.isInteger(wanted) && wanted > 0)) {
    throw new RangeError(`Cannot sample groups: wanted must be a positive integer, got ${wanted}`);
  }
  const useful: (number | string)[] = [];
  const drop: (number | string)[] = [];
  for (const { group, rewards_G } of groups) {
    const bad = rewards_G.find((reward) => !Number.isFinite(reward));
    if (bad !== undefined) throw new RangeError(`Cannot sample groups: rewards of ${group} must be finite, got ${bad}`);
    if (rewards_G.every((reward) => reward === rewards_G[0])) drop.push(group);
    else useful.push(group);
  }
  const missing = Math.max(0, wanted - useful.length);
  const share = (useful.length + 1) / (groups.length + 2);
  const draw = Math.max(0, Math.min(Math.ceil(missing / share), maxGroups - groups.length));
  return { keep: useful.slice(0, wanted), drop, surplus: useful.slice(wanted), missing, draw };
}
