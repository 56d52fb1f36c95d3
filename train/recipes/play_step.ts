/**
 * The rollouts of one step: drawn, played and credited, and where the configuration asks for it drawn again.
 *
 * Contract of dynamic sampling (DAPO, arXiv 2503.14476, equation 11): groups whose rewards are equal at every position give way to others,
 * until there are `groupsPerStep` useful ones or `maxRounds` rounds were played; the first round counts, and none draws more than
 * `groupsPerStep` groups. Everything is keyed by step and number of the group, so that a step played again after a kill is the same.
 * Choices: a group that is not trained on, because its rewards are equal or enough others came before it, is recorded with advantage 0.
 *
 * @module
 */
import type { Environment, Task } from "../../envs/contract.ts";
import { agentById } from "../../agents/agent.ts";
import type { Policy, Sampling } from "../../agents/policy.ts";
import { type Chain, type ChainRequest, rollOutChains } from "../../agents/rollout.ts";
import { sameScenario } from "../../agents/skills/retrieve.ts";
import type { ChainGrpoConfig } from "../config.ts";
import { dynamicSampling, type RewardGroup } from "../losses/dynamic_sampling.ts";
import type { CreditedChain } from "../run_log.ts";
import { creditChains, type CreditedChains } from "./credit_chains.ts";
import { drawChains, drawMoreChains } from "./draw_chains.ts";

/** What a step is played with. */
export interface PlayContext {
  /** Where tasks are played. */
  readonly environment: Environment;
  /** Who plays. */
  readonly policy: Policy;
  /** Tasks that chains are drawn from. */
  readonly tasks: readonly Task[];
  /** Training seed. */
  readonly seed: number;
  /** Stops between tokens. */
  readonly signal?: AbortSignal;
  /** Share of the rollouts that have ended, of those drawn so far. */
  readonly onShare?: (share: number) => void;
}

/** The rollouts of one step. */
export interface PlayedStep extends CreditedChains {
  /** Chains to train on: all of them without dynamic sampling. */
  readonly trained: readonly CreditedChain[];
  /** What dynamic sampling did; undefined without it. */
  readonly draws?: StepDraws;
}

/** What dynamic sampling did in one step. */
export interface StepDraws {
  /** Rounds played. */
  readonly rounds: number;
  /** Groups drawn, over all rounds. */
  readonly drawn: number;
  /** Groups trained on. */
  readonly kept: number;
}

/** How the configuration samples. */
export function samplingOf(config: Pick<ChainGrpoConfig, "temperature" | "topK" | "topP" | "minP">): Sampling {
  const { temperature, topK, topP, minP } = config;
  return {
    temperature,
    ...(topK === undefined ? {} : { topK }),
    ...(topP === undefined ? {} : { topP }),
    ...(minP === undefined ? {} : { minP }),
  };
}

/** Draws, plays and credits the chains of a step. */
export async function playStep(config: ChainGrpoConfig, step: number, context: PlayContext): Promise<PlayedStep> {
  const { environment, policy, tasks, seed, signal, onShare } = context;
  const play = (requests: readonly ChainRequest[], before: number) =>
    rollOutChains(requests, {
      environment,
      policy,
      agent: agentById(config.agent, config),
      retriever: sameScenario,
      sampling: samplingOf(config),
      maxTurns: config.maxTurns,
      maxTurnTokens: config.maxTurnTokens,
      promptTokens: config.promptTokens,
      overlongPrompt: config.overlongPrompt,
      phase: "rl",
      step,
      seed,
      ...(signal === undefined ? {} : { signal }),
      onProgress: ({ ended, total }) => onShare?.((before + ended) / (before + total)),
    });
  const played: Chain[] = await play(drawChains(config, tasks, seed, step), 0);
  let credited = creditChains(config, played);
  if (config.dynamicSampling === undefined) return { ...credited, trained: credited.chains };
  const wanted = config.groupsPerStep;
  for (let rounds = 1, drawn = wanted;; rounds++) {
    const { keep, draw } = dynamicSampling(rewardGroups(credited.chains), wanted, { maxGroups: drawn + wanted });
    if (draw === 0 || rounds === config.dynamicSampling.maxRounds) {
      const kept = new Set(keep);
      const chains = credited.chains.map((one) => (kept.has(one.chain.request.group) ? one : withoutAdvantage(one)));
      const trained = chains.filter(({ chain }) => kept.has(chain.request.group));
      return { ...credited, chains, trained, draws: { rounds, drawn, kept: kept.size } };
    }
    const rolloutsBefore = played.reduce((sum, { rollouts }) => sum + rollouts.length, 0);
    played.push(
      ...await play(drawMoreChains(config, tasks, seed, step, { first: drawn, count: draw }), rolloutsBefore),
    );
    drawn += draw;
    credited = creditChains(config, played);
  }
}

/** Rewards of each task group: at the first position where they differ, if there is one. */
function rewardGroups(chains: readonly CreditedChain[]): RewardGroup[] {
  return [...Map.groupBy(chains, ({ chain }) => chain.request.group)].map(([group, members]) => {
    const sound = members.filter(({ credits }) => credits.every((credit) => credit !== undefined));
    const positions = Math.max(0, ...sound.map(({ credits }) => credits.length));
    const rewards_K_G = Array.from({ length: positions }, (_, k) => {
      return sound.flatMap(({ credits }) => credits[k]?.reward.total ?? []);
    });
    const differing = rewards_K_G.find((rewards_G) => rewards_G.some((reward) => reward !== rewards_G[0]));
    return { group, rewards_G: differing ?? rewards_K_G[0] ?? [] };
  });
}

function withoutAdvantage({ chain, credits }: CreditedChain): CreditedChain {
  return { chain, credits: credits.map((credit) => (credit === undefined ? undefined : { ...credit, advantage: 0 })) };
}
