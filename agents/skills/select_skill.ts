/**
 * Choice among skills by the policy's own log-probabilities: softmax with temperature, confidence gate, exploration.
 *
 *     p_k = exp(s_k / σ) / Σ_j exp(s_j / σ)                                  (arXiv 2603.16060, equation 10)
 *     max_k p_k < δ: no skill;   else with probability ε: k uniform;   else k ~ p, or the k of the largest p
 *
 * Contract: a pure function of (scores, options, generator). The gate reads p alone, so that it is the same for all rollouts of a problem. Ties of the
 * largest p go to the earlier candidate.
 * Choices: with `nullScore` "no skill" takes part in the softmax, which the published form leaves open.
 *
 * @module
 */
import type { KeyedRandom } from "../../data/keyed_random.ts";

/** Options of {@linkcode selectSkill}. */
export interface SelectSkillOptions {
  /** σ. @default {1} */
  sigma?: number;
  /** δ; 0 is no gate. @default {0.35} */
  delta?: number;
  /** ε; 0 at evaluation. @default {0} */
  epsilon?: number;
  /** Whether the choice is drawn from p or is its largest. @default {"sample"} */
  mode?: "sample" | "argmax";
  /** Score of "no skill", which then takes part in the softmax. @default none */
  nullScore?: number;
}

/** A choice, with everything that its gradient and its rows need. */
export interface SkillChoice {
  /** p of each candidate, [C]. */
  readonly probabilities: readonly number[];
  /** p of "no skill"; 0 where it takes no part. */
  readonly nullProbability: number;
  /** Chosen candidate; null for none. */
  readonly chosen: number | null;
  /** The gate was closed. */
  readonly gated: boolean;
  /** The choice was uniform. */
  readonly explored: boolean;
  /** Chance of this choice under the behaviour, exploration included; 1 for a closed gate. */
  readonly behaviourProbability: number;
}

/** Scores cannot be chosen from. */
export class SkillScoreError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "SkillScoreError";
}

/** softmax(scores / σ), [C]. */
export function selectionProbabilities(scores: readonly number[], sigma: number): number[] {
  const highest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp((score - highest) / sigma));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * Chooses a skill, or none.
 *
 * @example A clear lead passes the gate, near-equal scores do not
 * ```ts
 * import { keyedRandom } from "whetstone/data/keyed_random.ts";
 * import { selectSkill } from "whetstone/agents/skills/select_skill.ts";
 * import assert from "node:assert/strict";
 *
 * const choose = (scores: number[]) => selectSkill(scores, keyedRandom("example"), { mode: "argmax" }).chosen;
 * assert.equal(choose([-3, -1, -3]), 1);
 * assert.equal(choose([-1, -1, -1]), null);
 * ```
 *
 * @param scores s_k: mean log-probability of each candidate's tokens given the problem, nats, [C].
 * @param random generator keyed by the rollout; at most two draws are taken.
 * @param options see {@linkcode SelectSkillOptions}.
 * @throws {SkillScoreError} if a score is not finite or an option is out of range.
 */
export function selectSkill(
  scores: readonly number[],
  random: KeyedRandom,
  options: SelectSkillOptions = {},
): SkillChoice {
  const { sigma = 1, delta = 0.35, epsilon = 0, mode = "sample", nullScore } = options;
  if (!(sigma > 0)) throw new SkillScoreError(`Cannot choose a skill: sigma must be above 0, got ${sigma}`);
  if (!(epsilon >= 0 && epsilon <= 1)) {
    throw new SkillScoreError(`Cannot choose a skill: epsilon must be from 0 to 1, got ${epsilon}`);
  }
  const bad = scores.findIndex((score) => !Number.isFinite(score));
  if (bad >= 0) throw new SkillScoreError(`Cannot choose a skill: score ${bad} must be finite, got ${scores[bad]}`);
  const none = { chosen: null, explored: false, behaviourProbability: 1 };
  if (scores.length === 0) return { ...none, probabilities: [], nullProbability: 0, gated: false };
  const all = selectionProbabilities(nullScore === undefined ? scores : [...scores, nullScore], sigma);
  const probabilities = all.slice(0, scores.length);
  const nullProbability = nullScore === undefined ? 0 : all.at(-1) ?? 0;
  if (Math.max(...probabilities) < delta) return { ...none, probabilities, nullProbability, gated: true };
  const best = all.indexOf(Math.max(...all));
  const explored = epsilon > 0 && random.uniform() < epsilon;
  const place = explored
    ? random.int(0, scores.length - 1)
    : mode === "argmax"
    ? best
    : drawPlace(all, random.uniform());
  const own = mode === "argmax" ? (place === best ? 1 : 0) : all[place] ?? 0;
  const uniform = place < scores.length ? 1 / scores.length : 0;
  return {
    probabilities,
    nullProbability,
    chosen: place < scores.length ? place : null,
    gated: false,
    explored,
    behaviourProbability: (1 - epsilon) * own + epsilon * uniform,
  };
}

/** Place in which a uniform number falls; the last place with a chance takes what rounding leaves over. */
function drawPlace(probabilities: readonly number[], uniform: number): number {
  let sum = 0;
  for (const [place, probability] of probabilities.entries()) {
    sum += probability;
    if (uniform < sum) return place;
  }
  return probabilities.findLastIndex((probability) => probability > 0);
}

/**
 * Coefficient of each candidate's score in Σ_i A_i ∇ log μ(z_i): ∂ log μ(z) / ∂ s_k = (1[z = k] - p_k) / σ  (equation 7, section 1.8).
 *
 * @param probabilities p of each candidate, [C].
 * @param choices chosen candidate (null for "no skill" where it takes part) and advantage of each rollout that chose; gated and reserved rollouts, whose choice was
 * none of the policy's, are left out by the caller.
 * @returns [C]; their sum is 0 where "no skill" takes no part.
 */
export function managerCoefficients(
  probabilities: readonly number[],
  choices: readonly { readonly chosen: number | null; readonly advantage: number }[],
  sigma: number,
): number[] {
  const sum = choices.reduce((total, { advantage }) => total + advantage, 0);
  const own = probabilities.map(() => 0);
  for (const { chosen, advantage } of choices) if (chosen !== null) own[chosen] = (own[chosen] ?? 0) + advantage;
  return probabilities.map((probability, k) => ((own[k] ?? 0) - sum * probability) / sigma);
}
