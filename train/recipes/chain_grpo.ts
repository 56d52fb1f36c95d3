/**
 * GRPO over chains of similar tasks: SAGE (arXiv 2512.17102, 1.6) with K = 2 and a library, plain GRPO with K = 1 and none.
 *
 *     J = mean_pairs mean_i sum_k (1/|o_i^k|) sum_t min[ s_it^k A_i^k, clip(s_it^k, 1-eps, 1+eps) A_i^k ]
 *     A_i^k = R_i^k - mean_j R_j^k            (same pair, same position k, G chains)
 *
 * Contract: one step = draw scenarios, roll out G chains for each, reward, advantage, one strictly on-policy update, one committed
 * unit with its checkpoint. No division by the standard deviation, no KL, the K terms are summed without 1/K; prompt, skill text
 * and observations are masked. A pure function of (configuration, seed, parent weights).
 * Choices: scenarios are dealt from a shuffled deck; a chain hit by an environment fault leaves its group; rollouts whose advantage is 0
 * give no gradient and are not run through the model again.
 * Omitted: PPO epochs, KL, similarity-based chains.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import type { Environment, Task } from "../../envs/contract.ts";
import { agentById } from "../../agents/agent.ts";
import type { Policy } from "../../agents/policy.ts";
import { type Chain, type ChainRequest, rollOutChains, rolloutTokens } from "../../agents/rollout.ts";
import { sameScenario } from "../../agents/skills/retrieve.ts";
import { Checkpoints } from "../checkpoints.ts";
import type { ChainGrpoConfig } from "../config.ts";
import type { Trainer, TrainExample } from "../example.ts";
import { groupAdvantage } from "../group_advantage.ts";
import { chainReward } from "../rewards.ts";
import type { CreditedChain, RecipeProgress, RolloutCredit, RunLog } from "../run_log.ts";

/** What the recipe works on. */
export interface ChainGrpoContext {
  readonly environment: Environment;
  readonly policy: Policy;
  /** Trains the weights that `policy` samples from. */
  readonly trainer: Trainer;
  readonly seed: number;
  readonly run: string;
  readonly checkpointFolder: string;
  readonly log: RunLog;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RecipeProgress) => void;
  /** Called where the configuration's `curve` wants a point, with the number of updates done; must be harmless to call again. */
  readonly onCurvePoint?: (updates: number) => Promise<void>;
}

/**
 * Chains of one step: `groupsPerStep` scenarios, K of the three siblings of each in random order, G chains of each.
 *
 * Steps deal from one shuffled deck of scenarios after the other, so that all scenarios have had their turn before one comes back.
 */
export function drawChains(
  config: Pick<ChainGrpoConfig, "groupsPerStep" | "groupSize" | "chainLength">,
  tasks: readonly Task[],
  seed: number,
  step: number,
): ChainRequest[] {
  const byScenario = Map.groupBy(tasks, (task) => task.scenario);
  const scenarios = [...byScenario.keys()].sort();
  const requests: ChainRequest[] = [];
  const drawn = Array.from({ length: config.groupsPerStep }, (_, group) => {
    const turn = step * config.groupsPerStep + group;
    const deck = keyedRandom(seed, "scenarios", Math.floor(turn / scenarios.length)).shuffle(scenarios);
    return deck[turn % scenarios.length] ?? "";
  });
  drawn.forEach((scenario, group) => {
    const siblings = byScenario.get(scenario) ?? [];
    const chosen = keyedRandom(seed, "siblings", step, group).sample(siblings, config.chainLength);
    for (let sample = 0; sample < config.groupSize; sample++) requests.push({ group, sample, tasks: chosen });
  });
  return requests;
}

/** Rewards of each chain and the advantage of each rollout in its group. */
export function creditChains(
  config: Pick<
    ChainGrpoConfig,
    "rewardKind" | "noCodePenalty" | "penaltyMode" | "stdNormalise" | "leaveOneOut" | "chainLength"
  >,
  chains: readonly Chain[],
): { readonly chains: CreditedChain[]; readonly groups: number; readonly zeroVarianceGroups: number } {
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
      const advantages = groupAdvantage(totals, { normalize: config.stdNormalise, leaveOneOut: config.leaveOneOut });
      const baseline = totals.reduce((sum, total) => sum + total, 0) / totals.length;
      groups++;
      if (advantages.every((advantage) => advantage === 0)) zeroVarianceGroups++;
      sound.forEach((chain, i) => {
        const reward = rewards[i]?.[k];
        const slots = credits.get(chain);
        if (reward !== undefined && slots !== undefined) {
          slots[k] = { reward, baseline, advantage: advantages[i] ?? 0 };
        }
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

/** Training examples of a step: weight 1 / (pairs x G x |o|) on each generated token. */
export function chainExamples(chains: readonly CreditedChain[]): TrainExample[] {
  const sound = chains.filter(({ credits }) => credits.every((credit) => credit !== undefined));
  const sizes = new Map<number, number>();
  for (const { chain } of sound) sizes.set(chain.request.group, (sizes.get(chain.request.group) ?? 0) + 1);
  return sound.flatMap(({ chain, credits }) =>
    chain.rollouts.flatMap((rollout, k) => {
      const advantage = credits[k]?.advantage ?? 0;
      if (advantage === 0) return [];
      const { ids, generated, logprobs } = rolloutTokens(rollout);
      const length = generated.filter(Boolean).length;
      const weight = 1 / (sizes.size * (sizes.get(chain.request.group) ?? 1) * length);
      return [{
        ids,
        weights: generated.map((isGenerated) => (isGenerated ? weight : 0)),
        advantages: generated.map((isGenerated) => (isGenerated ? advantage : 0)),
        oldLogprobs: logprobs,
      }];
    })
  );
}

/** First of the extra instances that lengthen chains; demonstrations come from lower ones. */
const FIRST_CHAIN_VARIANT = 901;

/**
 * Tasks that chains are drawn from: the siblings of the benchmark, or the extra instances that the configuration names where there are any;
 * and further instances where a chain is longer than a scenario has siblings.
 */
export function trainTasks(
  environment: Environment,
  { chainLength, variants }: Pick<ChainGrpoConfig, "chainLength" | "variants">,
): readonly Task[] {
  const extra = variants === undefined ? [] : environment.tasks("train", { variants });
  const tasks = extra.length > 0 ? extra : environment.tasks("train");
  const siblings = Math.min(...Map.groupBy(tasks, (task) => task.scenario).values().map((group) => group.length));
  if (siblings >= chainLength) return tasks;
  const last = FIRST_CHAIN_VARIANT + chainLength - siblings - 1;
  return [...tasks, ...environment.tasks("train", { variants: [FIRST_CHAIN_VARIANT, last] })];
}

/** Runs the recipe, or what is left of it. The trainer must hold the parent's weights when nothing is done yet. */
export async function runChainGrpo(config: ChainGrpoConfig, context: ChainGrpoContext): Promise<void> {
  const { environment, policy, trainer, seed, log, signal, onProgress } = context;
  const checkpoints = new Checkpoints(context.checkpointFolder, context.run);
  const tasks = trainTasks(environment, config);
  const units = Array.from({ length: config.steps }, (_, step) => `rl/${step}`);
  for (let step = await checkpoints.resume(units, trainer, log); step < config.steps; step++) {
    signal?.throwIfAborted();
    // Before the step, so that a run killed between the last commit and this point makes it up.
    if (config.curve !== undefined && step % config.curve.everySteps === 0) await context.onCurvePoint?.(step);
    const played = await rollOutChains(drawChains(config, tasks, seed, step), {
      environment,
      policy,
      agent: agentById(config.agent),
      retriever: sameScenario,
      sampling: { temperature: config.temperature },
      maxTurns: config.maxTurns,
      maxTurnTokens: config.maxTurnTokens,
      phase: "rl",
      step,
      seed,
      ...(signal === undefined ? {} : { signal }),
      onProgress: ({ ended, total }) =>
        onProgress?.({ done: step + 0.8 * ended / total, total: config.steps, tokens: 0 }),
    });
    const { chains, groups, zeroVarianceGroups } = creditChains(config, played);
    const examples = chainExamples(chains);
    const loss = {
      kind: "clip",
      clipLow: config.clipEps,
      clipHigh: config.clipEps,
      temperature: config.temperature,
    } as const;
    const stats = examples.length > 0 ? await trainer.update(examples, loss, config) : undefined;
    const credits = chains.flatMap((chain) => chain.credits).filter((credit) => credit !== undefined);
    const evaluations = played.flatMap((chain) => chain.rollouts.flatMap((rollout) => rollout.evaluation ?? []));
    const meanReward = mean(credits.map((credit) => credit.reward.total));
    const successRate = mean(evaluations.map((evaluation) => (evaluation.success ? 1 : 0)));
    log.chains(chains);
    log.update({
      phase: "rl",
      step,
      learningRate: config.learningRate,
      stats,
      meanReward,
      successRate,
      groups,
      zeroVarianceGroups,
    });
    await checkpoints.commit(units[step] ?? "", trainer, log);
    onProgress?.({
      done: step + 1,
      total: config.steps,
      tokens: played.flatMap((chain) => chain.rollouts).reduce((sum, rollout) => sum + rolloutLength(rollout.turns), 0),
      reward: meanReward,
      success: successRate,
    });
  }
  if (config.curve !== undefined) await context.onCurvePoint?.(config.steps);
}

function rolloutLength(turns: readonly { readonly generatedIds: readonly number[] }[]): number {
  return turns.reduce((sum, turn) => sum + turn.generatedIds.length, 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
