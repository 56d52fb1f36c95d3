/**
 * From played chains to rewards and advantages.
 *
 * Contract: rewards of the rollouts at one position of one group's chains are compared with each other and with nothing else; a chain hit by
 * an environment fault leaves its group. The advantages are the recipe's own or those of the loss that the configuration names.
 *
 * @module
 */
import type { Chain } from "../../agents/rollout.ts";
import type { ChainGrpoConfig } from "../config.ts";
import { type AdvantageEstimator, batchAdvantages, groupAdvantage } from "../group_advantage.ts";
import { LOSSES } from "../losses/loss_table.ts";
import { chainReward } from "../rewards.ts";
import type { CreditedChain, RolloutCredit } from "../run_log.ts";

type CreditConfig = Pick<
  ChainGrpoConfig,
  | "rewardKind"
  | "noCodePenalty"
  | "penaltyMode"
  | "stdNormalise"
  | "leaveOneOut"
  | "chainLength"
  | "loss"
  | "lossOptions"
>;

/** Chains with the credit of each rollout. */
export interface CreditedChains {
  /** In the order in which they were given. */
  readonly chains: CreditedChain[];
  /** Groups: chains on the same tasks, counted once for each position. */
  readonly groups: number;
  /** Those whose rewards are all equal, which tell good from bad no more than none. */
  readonly zeroVarianceGroups: number;
}

/** Advantages of one group, [G], and what was subtracted from each reward. */
function advantagesOf(config: CreditConfig, rewards_G: readonly number[]): { advantage: number; baseline: number }[] {
  const mean = rewards_G.reduce((sum, reward) => sum + reward, 0) / rewards_G.length;
  const { loss, lossOptions, stdNormalise, leaveOneOut } = config;
  if (loss === undefined) {
    return groupAdvantage(rewards_G, { normalize: stdNormalise, leaveOneOut }).map((advantage) => {
      return { advantage, baseline: mean };
    });
  }
  const { deviation, epsilon, advantage: estimator = LOSSES[loss].advantage } = lossOptions ?? {};
  const advantages_G = batchAdvantages(estimator, rewards_G.map(() => 0), rewards_G, {
    ...(deviation === undefined ? {} : { deviation }),
    ...(epsilon === undefined ? {} : { epsilon }),
  });
  return advantages_G.map((advantage, i) => {
    return { advantage, baseline: baselineOf(estimator, rewards_G[i] ?? 0, advantage, mean) };
  });
}

function baselineOf(estimator: AdvantageEstimator, reward: number, advantage: number, mean: number): number {
  if (estimator === "leave-one-out") return reward - advantage;
  return estimator === "reward" ? 0 : mean;
}

/** Rewards of each chain and the advantage of each rollout in its group. */
export function creditChains(config: CreditConfig, chains: readonly Chain[]): CreditedChains {
  const credits = new Map<Chain, (RolloutCredit | undefined)[]>();
  for (const chain of chains) credits.set(chain, chain.rollouts.map(() => undefined));
  let groups = 0;
  let zeroVarianceGroups = 0;
  for (const group of Map.groupBy(chains, (chain) => chain.request.group).values()) {
    const sound = group.filter((chain) => chain.rollouts.every((rollout) => rollout.evaluation !== undefined));
    const rewards = sound.map((chain) =>
      chainReward(
        chain.rollouts.map((rollout, k) => ({
          outcome: rollout.evaluation?.score ?? 0,
          noCode: rollout.finish === "no_code",
          usedFrom: usedPositions(chain, k),
        })),
        { kind: config.rewardKind, noCodePenalty: config.noCodePenalty, penaltyMode: config.penaltyMode },
      )
    );
    for (let k = 0; k < config.chainLength && sound.length > 0; k++) {
      const totals = rewards.map((positions) => positions[k]?.total ?? 0);
      const advantages = advantagesOf(config, totals);
      groups++;
      if (totals.every((total) => total === totals[0])) zeroVarianceGroups++;
      sound.forEach((chain, i) => {
        const reward = rewards[i]?.[k];
        const own = advantages[i];
        const slots = credits.get(chain);
        if (reward !== undefined && own !== undefined && slots !== undefined) slots[k] = { reward, ...own };
      });
    }
  }
  return {
    chains: chains.map((chain) => ({ chain, credits: credits.get(chain) ?? [] })),
    groups,
    zeroVarianceGroups,
  };
}

/** Positions (from 0) whose skills the rollout at position `k` used. */
function usedPositions(chain: Chain, k: number): number[] {
  const used = chain.rollouts[k]?.skillsUsed ?? [];
  const positions = new Set<number>();
  for (const name of used) {
    // The newest earlier version is the one that was offered.
    for (let j = k - 1; j >= 0; j--) {
      if (chain.rollouts[j]?.skillsSaved.some((skill) => skill.name === name)) {
        positions.add(j);
        break;
      }
    }
  }
  return [...positions].sort((a, b) => a - b);
}
