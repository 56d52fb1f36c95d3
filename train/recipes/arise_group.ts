/**
 * The groups of an ARISE step: which skill each rollout gets, what each rollout earns, and what that teaches both levels of the policy.
 *
 *     A_i = (R_i - mean R) / (std R + 1e-6), std unbiased                                          (arXiv 2603.16060, equation 8)
 *     ∇J = E[ Σ_i A_i (∇ log μ(z_i | x, C) + ∇ log π(y_i | x, z_i)) ]                                (equation 7)
 *     ∇ log μ(z) = (1/σ) Σ_k (1[z = k] - p_k) ∇ s_k                                                 (section 1.8)
 *
 * Contract: pure functions. Rollouts that got no skill because they were reserved, or because the gate was closed, teach the worker only: neither was a choice
 * of the policy. Where a choice may be uniform, the behaviour is b = (1 - ε) p + ε / C, and ∇ log b(z) = ((1 - ε) p_z / b_z) ∇ log p_z.
 * Choices: the mean of the manager's terms is taken over rollouts, as if a choice were one more response of the worker, times `selectionLossWeight`.
 *
 * @module
 */
import type { ManagerChoice, ScoredDocument, ScoredTask, SkillManager } from "../../agents/skill_manager.ts";
import { managerCoefficients } from "../../agents/skills/select_skill.ts";
import type { Chain, ChainRequest } from "../../agents/rollout.ts";
import { trajectoryReward } from "../arise_rewards.ts";
import type { AriseSettings } from "../arise_config.ts";
import type { PolicyLossSpec, TrainExample } from "../example.ts";
import { groupAdvantage } from "../group_advantage.ts";
import type { ChainReward } from "../rewards.ts";
import type { RolloutCredit } from "../run_log.ts";

/** Added to the standard deviation (equation 8, code). */
const ARISE_EPSILON = 1e-6;

/** One problem of a step with its rollouts. */
export interface AriseGroup {
  /** Number within the step. */
  readonly group: number;
  /** Scores of the candidates; undefined where none was asked. */
  readonly scored: ScoredTask | undefined;
  /** Choice of each rollout; undefined where it was reserved or none was made, [G]. */
  readonly choices: readonly (ManagerChoice | undefined)[];
  /** Rollouts, one task each, [G]. */
  readonly chains: readonly Chain[];
  /** Credit of each; undefined after an environment fault, [G]. */
  readonly credits: readonly (RolloutCredit | undefined)[];
}

/** Requests of one group with the choices that they carry. */
export interface GroupRequests {
  /** One per rollout. */
  readonly requests: ChainRequest[];
  /** Choice behind each. */
  readonly choices: (ManagerChoice | undefined)[];
}

/** Chooses for every rollout of a group. */
export function groupRequests(
  config: Pick<AriseSettings, "selectionScope" | "unaidedPerGroup" | "selectionMode" | "epsExplore">,
  size: number,
  group: number,
  scored: ScoredTask | undefined,
  task: ChainRequest["tasks"][number],
  manager: SkillManager,
  key: readonly (string | number)[],
): GroupRequests {
  const { selectionScope, unaidedPerGroup, selectionMode, epsExplore } = config;
  const how = { mode: selectionMode.train, epsilon: epsExplore };
  const reserved = selectionScope === "query" ? 0 : Math.min(size, unaidedPerGroup);
  const shared = scored === undefined || selectionScope === "rollout"
    ? undefined
    : manager.choose(scored, [...key, group], how);
  const choices = Array.from({ length: size }, (_, sample) => {
    if (scored === undefined || sample < reserved) return undefined;
    return shared ?? manager.choose(scored, [...key, group, sample], how);
  });
  const requests = choices.map((choice, sample): ChainRequest => {
    const selection = scored === undefined ? undefined : choice?.selection ?? manager.reserve(scored);
    return { group, sample, tasks: [task], ...(selection === undefined ? {} : { selection }) };
  });
  return { requests, choices };
}

/** Whether a rollout was right, and with a skill; undefined after an environment fault. */
export function outcomeOf(chain: Chain): { readonly aided: boolean; readonly right: boolean } | undefined {
  const [rollout] = chain.rollouts;
  if (rollout?.evaluation === undefined) return undefined;
  return { aided: rollout.skillsUsed.length > 0, right: rollout.evaluation.success };
}

/** Whether no rollout of a group was right, and some rollout could have been. */
export function allWrong(chains: readonly Chain[]): boolean {
  const outcomes = chains.flatMap((chain) => outcomeOf(chain) ?? []);
  return outcomes.length > 0 && outcomes.every(({ right }) => !right);
}

/** Rewards and advantages of a group. @param bonus r_skill; 0 in the warm-up. */
export function creditGroup(chains: readonly Chain[], bonus: number): (RolloutCredit | undefined)[] {
  const rewards = chains.map((chain) => {
    const seen = outcomeOf(chain);
    if (seen === undefined) return undefined;
    const { task: outcome, skill: usage, total } = trajectoryReward(seen, bonus);
    return { outcome, generation: 0, usage, chain: 0, penalty: 0, total };
  });
  return creditRewards(rewards);
}

/** Advantages of a group's rewards; undefined ones take no part. */
export function creditRewards(rewards: readonly (ChainReward | undefined)[]): (RolloutCredit | undefined)[] {
  const totals = rewards.flatMap((reward) => reward?.total ?? []);
  const advantages = groupAdvantage(totals, { normalize: true, deviation: "sample", epsilon: ARISE_EPSILON });
  const baseline = totals.reduce((sum, total) => sum + total, 0) / Math.max(1, totals.length);
  let next = 0;
  return rewards.map((reward) => {
    if (reward === undefined) return undefined;
    return { reward, baseline, advantage: advantages[next++] ?? 0 };
  });
}

/** Names of the skills that a group's rollouts used, in the order of their first use, with the reward that UPDATE credits. */
export function skillRewards(
  { chains, credits }: Pick<AriseGroup, "chains" | "credits">,
  rule: AriseSettings["updateReward"],
): { readonly name: string; readonly reward: number }[] {
  const rewards = new Map<string, number[]>();
  chains.forEach((chain, i) => {
    const total = credits[i]?.reward.total;
    if (total === undefined) return;
    for (const name of chain.rollouts[0]?.skillsUsed ?? []) rewards.set(name, [...(rewards.get(name) ?? []), total]);
  });
  return [...rewards].map(([name, totals]) => ({
    name,
    reward: rule === "single" ? totals[0] ?? 0 : totals.reduce((sum, total) => sum + total, 0) / totals.length,
  }));
}

/** Loss of the manager's term: its examples carry weights and signs, and its ratio is 1. */
export const MANAGER_LOSS: PolicyLossSpec = {
  kind: "policy",
  form: "logprob",
  ratio: "token",
  clipLow: 0,
  clipHigh: 0,
  temperature: 1,
};

/**
 * Examples whose gradient under the `logprob` form is that of the manager's term, averaged over `rollouts` rollouts.
 *
 * Each candidate document is one sequence: the slope of the term in its score, over the tokens that the score is a mean of.
 *
 * @param rollouts rollouts of the whole update.
 */
export function managerExamples(
  groups: readonly Pick<AriseGroup, "scored" | "choices" | "credits">[],
  { sigma, epsExplore, selectionLossWeight, selectionMode }: Pick<
    AriseSettings,
    "sigma" | "epsExplore" | "selectionLossWeight" | "selectionMode"
  >,
  rollouts: number,
): TrainExample[] {
  return groups.flatMap(({ scored, choices, credits }) => {
    if (scored === undefined || scored.documents.length === 0 || selectionLossWeight === 0) return [];
    const made = choices.flatMap((made, i) => {
      const advantage = credits[i]?.advantage;
      if (made === undefined || made.choice.gated || advantage === undefined || advantage === 0) return [];
      const { chosen, probabilities, nullProbability, behaviourProbability } = made.choice;
      const own = chosen === null ? nullProbability : probabilities[chosen] ?? 0;
      const drawn = selectionMode.train === "sample" && behaviourProbability > 0;
      const share = drawn ? (1 - epsExplore) * own / behaviourProbability : 1;
      return [{ chosen, advantage: advantage * share, probabilities }];
    });
    const [first] = made;
    if (first === undefined) return [];
    const slopes = managerCoefficients(first.probabilities, made, sigma);
    const scale = selectionLossWeight / rollouts;
    return [
      ...scored.documents.flatMap((document, k) => documentExample(document, scale * (slopes[k] ?? 0))),
      ...scored.centers.flatMap((document, k) => documentExample(document, -scale * (slopes[k] ?? 0))),
    ];
  });
}

/** One document whose mean log-probability gets a slope. */
function documentExample({ ids, counts, logprobs }: ScoredDocument, slope: number): TrainExample[] {
  const tokens = counts.filter(Boolean).length;
  if (slope === 0 || tokens === 0) return [];
  return [{
    ids,
    weights: counts.map((counts) => (counts ? Math.abs(slope) / tokens : 0)),
    advantages: counts.map((counts) => (counts ? Math.sign(slope) : 0)),
    oldLogprobs: logprobs,
    samplingTemperature: 1,
  }];
}

/** Successful traces of a group in the order of its rollouts, or shortest first. */
export function successTraces(
  { chains, credits }: Pick<AriseGroup, "chains" | "credits">,
  order: AriseSettings["traceChoice"],
): string[] {
  const traces = chains.flatMap((chain, i) => {
    const positive = (credits[i]?.advantage ?? 0) > 0 && outcomeOf(chain)?.right === true;
    return positive ? [chain.rollouts[0]?.turns.map((turn) => turn.code ?? "").join("\n") ?? ""] : [];
  });
  return order === "listOrder" ? traces : traces.toSorted((a, b) => a.length - b.length);
}
