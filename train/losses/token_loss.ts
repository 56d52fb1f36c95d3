/**
 * Losses per token as plain functions of log-probabilities: the reference of the graph losses, and the source of an update's numbers.
 *
 * Formulas: nll: -w log p. clip: -w min(s A, clip(s, 1 - low, 1 + high) A) with s = p / p_old (PPO, arXiv 1707.06347; separate
 * bounds as in DAPO, arXiv 2503.14476). KL estimates k1 = -log s and k3 = s - 1 - log s (Schulman, "Approximating KL divergence", 2020).
 * Choices: on the tie of both terms the unclipped one carries the gradient. Omitted: normalisation, which the weights carry.
 *
 * @module
 */
import type { LossSpec } from "../example.ts";

/** One token's inputs. */
export interface LossToken {
  /** log p now, nats, at the loss's temperature. */
  readonly logprob: number;
  /** Coefficient of the token's term. */
  readonly weight: number;
  /** A; unused by nll. */
  readonly advantage: number;
  /** log p at sampling time, nats; unused by nll. */
  readonly oldLogprob: number;
}

/** One token's loss. */
export interface LossTerm {
  /** Weighted loss. */
  readonly loss: number;
  /** d loss / d log p. */
  readonly slope: number;
  /** Whether the clipped term was the smaller one, so that no gradient flows. */
  readonly clipped: boolean;
  /** s; 1 for nll. */
  readonly ratio: number;
}

/**
 * Loss of one token.
 *
 * @example A ratio above the bound with a positive advantage gives no gradient
 * ```ts
 * import { tokenLoss } from "whetstone/train/losses/token_loss.ts";
 * import assert from "node:assert/strict";
 *
 * const spec = { kind: "clip", clipLow: 0.2, clipHigh: 0.2, temperature: 1 } as const;
 * const term = tokenLoss(spec, { logprob: Math.log(1.5), weight: 1, advantage: 2, oldLogprob: 0 });
 * assert.equal(term.slope, 0);
 * assert.ok(Math.abs(term.loss + 2.4) < 1e-12);
 * ```
 */
export function tokenLoss(spec: LossSpec, token: LossToken): LossTerm {
  const { logprob, weight, advantage, oldLogprob } = token;
  if (spec.kind === "nll") return { loss: -weight * logprob, slope: -weight, clipped: false, ratio: 1 };
  const ratio = Math.exp(logprob - oldLogprob);
  const bounded = Math.min(Math.max(ratio, 1 - spec.clipLow), 1 + spec.clipHigh);
  const clipped = bounded * advantage < ratio * advantage;
  const loss = -weight * Math.min(ratio * advantage, bounded * advantage);
  return { loss, slope: clipped ? 0 : -weight * ratio * advantage, clipped, ratio };
}

/** Sums over loss tokens, from which the means of an update are made. */
export interface LossSums {
  /** Sum of weighted losses. */
  loss: number;
  /** Sum of weights. */
  weight: number;
  /** Number of tokens. */
  tokens: number;
  /** Number of clipped tokens. */
  clipped: number;
  /** Sum of -log s, nats. */
  k1: number;
  /** Sum of s - 1 - log s, nats. */
  k3: number;
  /** Largest |s - 1|. */
  maxRatioError: number;
}

/** Sums of nothing. */
export function emptyLossSums(): LossSums {
  return { loss: 0, weight: 0, tokens: 0, clipped: 0, k1: 0, k3: 0, maxRatioError: 0 };
}

/** Adds one token to the sums. */
export function addToken(sums: LossSums, spec: LossSpec, token: LossToken): void {
  const { loss, clipped, ratio } = tokenLoss(spec, token);
  sums.loss += loss;
  sums.weight += token.weight;
  sums.tokens++;
  if (spec.kind === "nll") return;
  const logRatio = token.logprob - token.oldLogprob;
  if (clipped) sums.clipped++;
  sums.k1 -= logRatio;
  sums.k3 += ratio - 1 - logRatio;
  sums.maxRatioError = Math.max(sums.maxRatioError, Math.abs(ratio - 1));
}
