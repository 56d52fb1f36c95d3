/**
 * Rewards of a chain of tasks (arXiv 2512.17102, section 2; the form for K > 2 is ours, 2.7).
 *
 *     gen_k = 1[r^k = 1] 1[some j > k: r^j = 1 and task j uses a skill created at k]
 *     use_k = 1[r^k = 1] 1[task k uses a skill created at some j < k]
 *     R^k   = r^k + gen_k + use_k
 *
 * For K = 2 this is R^1 = r^1 + 1[r^1=1] 1[r^2=1] u and R^2 = r^2 + 1[r^2=1] u.
 *
 * Contract: one named term per part, so that rewards under other weights can be computed later; `total` is their sum. "Solved" is
 * r = 1 exactly. A task without code gets the penalty, which by default replaces everything else.
 *
 * @module
 */

/** Which bonus is added to the outcome. */
export type RewardKind = "skillIntegrated" | "outcome" | "chain";

/** What is known of one task of a chain. */
export interface ChainPosition {
  /** Outcome reward r^k in [0, 1]. */
  readonly outcome: number;
  /** A response held no code, which ended the episode. */
  readonly noCode: boolean;
  /** Positions (from 0) whose skills this task used. */
  readonly usedFrom: readonly number[];
}

/** Terms of a reward; `total` is the sum of the others. */
export interface ChainReward {
  readonly outcome: number;
  /** Skill generation bonus. */
  readonly generation: number;
  /** Skill usage bonus. */
  readonly usage: number;
  /** Bonus of a chain solved throughout (kind `chain`). */
  readonly chain: number;
  /** No-code penalty. */
  readonly penalty: number;
  readonly total: number;
}

/** Names of the terms, in the order in which they are recorded; the total is recorded with the advantage. */
export const TERM_NAMES = ["outcome", "generation", "usage", "chain", "penalty"] as const;

/** Options of {@linkcode chainReward}. */
export interface ChainRewardOptions {
  /**
   * Which bonus.
   *
   * @default {"skillIntegrated"}
   */
  kind?: RewardKind;
  /**
   * Penalty for a response without code.
   *
   * @default {-1}
   */
  noCodePenalty?: number;
  /**
   * Whether the penalty replaces the other terms or is added to the outcome; unknown in the paper.
   *
   * @default {"override"}
   */
  penaltyMode?: "override" | "additive";
}

/**
 * Reward of each task of a chain.
 *
 * @example Both solved, and the second used a skill of the first
 * ```ts
 * import { chainReward } from "whetstone/train/rewards.ts";
 * import assert from "node:assert/strict";
 *
 * const rewards = chainReward([{ outcome: 1, noCode: false, usedFrom: [] }, { outcome: 1, noCode: false, usedFrom: [0] }]);
 * assert.deepEqual(rewards.map((reward) => reward.total), [2, 2]);
 * ```
 *
 * @param positions_K tasks in order, shape [K].
 * @param options see {@linkcode ChainRewardOptions}.
 * @returns terms per task, shape [K], in units of reward.
 */
export function chainReward(positions_K: readonly ChainPosition[], options: ChainRewardOptions = {}): ChainReward[] {
  const { kind = "skillIntegrated", noCodePenalty = -1, penaltyMode = "override" } = options;
  const solved = positions_K.map((position) => position.outcome === 1 && !position.noCode);
  const allSolved = solved.every(Boolean);
  return positions_K.map((position, k) => {
    if (position.noCode) {
      const outcome = penaltyMode === "override" ? 0 : position.outcome;
      const terms = { outcome, generation: 0, usage: 0, chain: 0, penalty: noCodePenalty };
      return { ...terms, total: outcome + noCodePenalty };
    }
    const integrated = kind === "skillIntegrated" && solved[k] === true;
    const generates = positions_K.some((later, j) => j > k && solved[j] === true && later.usedFrom.includes(k));
    const uses = position.usedFrom.some((j) => j < k);
    const terms = {
      outcome: position.outcome,
      generation: integrated && generates ? 1 : 0,
      usage: integrated && uses ? 1 : 0,
      chain: kind === "chain" && allSolved ? 1 : 0,
      penalty: 0,
    };
    return { ...terms, total: terms.outcome + terms.generation + terms.usage + terms.chain };
  });
}
