/**
 * Losses per token as plain functions of log-probabilities: the reference of the graph losses, and the source of an update's numbers.
 *
 * Formulas: nll: -w log p. clip: -w min(s A, clip(s, 1 - low, 1 + high) A) with s = p / p_old (PPO, arXiv 1707.06347; separate
 * bounds as in DAPO, arXiv 2503.14476); with a dual clip c, the minimum is not below c A where A < 0 (arXiv 1912.09729, equation 5). KL estimates k1 = -log s and k3 = s - 1 - log s (Schulman, "Approximating KL divergence", 2020).
 * Choices: on the tie of both terms the unclipped one carries the gradient. Omitted: normalisation, which the weights carry.
 *
 * @module
 */
import type { LossSpec } from "../example.ts";

/** Losses that are a sum over single tokens without a reference; the others are in train/losses/sequence_loss.ts. */
export type TokenLossSpec = Exclude<LossSpec, { readonly kind: "policy" }>;

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
export function tokenLoss(spec: TokenLossSpec, token: LossToken): LossTerm {
  const { logprob, weight, oldLogprob } = token;
  if (spec.kind === "nll") return { loss: -weight * logprob, slope: -weight, clipped: false, ratio: 1 };
  return clippedTerm(Math.exp(logprob - oldLogprob), token, spec);
}

/** Lowest value of a token's term under a dual clip c: c A where A is negative, else none. */
export function lowestTerm(advantage: number, dualClip = Infinity): number {
  return advantage < 0 ? dualClip * advantage : -Infinity;
}

/** Clipped term of a token whose ratio is known; the slope is d loss / d log s. */
export function clippedTerm(
  ratio: number,
  { weight, advantage }: Pick<LossToken, "weight" | "advantage">,
  { clipLow, clipHigh, dualClip }: {
    readonly clipLow: number;
    readonly clipHigh: number;
    readonly dualClip?: number;
  },
): LossTerm {
  const bounded = Math.min(Math.max(ratio, 1 - clipLow), 1 + clipHigh);
  const least = lowestTerm(advantage, dualClip);
  const term = Math.min(ratio * advantage, bounded * advantage);
  const clipped = bounded * advantage < ratio * advantage || term < least;
  const loss = -weight * Math.max(term, least);
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
  /** Sum of (log s)² / 2, nats. */
  k2: number;
  /** Sum of s - 1 - log s, nats. */
  k3: number;
  /** Largest |s - 1|. */
  maxRatioError: number;
  /** Sum of s. */
  ratio: number;
  /** Sum of s². */
  squaredRatio: number;
  /** Sum of KL estimates against the reference, nats. */
  referenceKl: number;
  /** Sum of entropies, nats. */
  entropy: number;
}

/** Sums of nothing. */
export function emptyLossSums(): LossSums {
  return {
    loss: 0,
    weight: 0,
    tokens: 0,
    clipped: 0,
    k1: 0,
    k2: 0,
    k3: 0,
    maxRatioError: 0,
    ratio: 0,
    squaredRatio: 0,
    referenceKl: 0,
    entropy: 0,
  };
}

/** Adds one token, whose loss is known, to the sums. */
export function addToken(sums: LossSums, spec: LossSpec, token: LossToken, { loss, clipped }: LossTerm): void {
  sums.loss += loss;
  sums.weight += token.weight;
  sums.tokens++;
  const logRatio = spec.kind === "nll" ? 0 : token.logprob - token.oldLogprob;
  const ratio = Math.exp(logRatio);
  sums.ratio += ratio;
  sums.squaredRatio += ratio * ratio;
  if (spec.kind === "nll") return;
  if (clipped) sums.clipped++;
  sums.k1 -= logRatio;
  sums.k2 += logRatio * logRatio / 2;
  sums.k3 += ratio - 1 - logRatio;
  sums.maxRatioError = Math.max(sums.maxRatioError, Math.abs(ratio - 1));
}

/** Effective sample size of the ratios, (sum s)² / sum s², in tokens. */
export function effectiveSampleSize({ ratio, squaredRatio }: Pick<LossSums, "ratio" | "squaredRatio">): number {
  return squaredRatio === 0 ? 0 : ratio * ratio / squaredRatio;
}
