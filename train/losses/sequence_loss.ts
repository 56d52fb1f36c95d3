/**
 * Loss terms of the tokens of one sequence, for every loss: what the graphs of train/losses/loss_graph.ts compute, in float64.
 *
 * With d_t = log p_t - log p_old_t over the n loss tokens of the sequence, s_t = exp(d_t), or for ratio `sequence`
 * s_t = exp(mean d) (GSPO, arXiv 2507.18071, equation 7), and bounds lo = 1 - clipLow, hi = 1 + clipHigh:
 *
 *     logprob: -w_t A_t log p_t
 *     clip:    -w_t min(s_t A_t, clip(s_t, lo, hi) A_t)      (arXiv 1707.06347, equation 7)
 *              -w_t max(min(…), c A_t) with a dual clip c where A_t < 0      (arXiv 1912.09729, equation 5)
 *     weight:  -w_t sg[clip(s_t, lo, hi)] A_t log p_t        (CISPO, arXiv 2506.13585, equations 4 and 5; sg: held constant)
 *     and with a penalty: + w_t beta k(log p_t - log p_ref_t)
 *
 * Choices: a sequence is one row of a batch, so a micro-batch never cuts a sequence ratio; ratios in the statistics are those of tokens,
 * whatever the loss uses, because they are there to show that sampler and trainer agree. Omitted: normalisation, which the weights carry.
 *
 * @module
 */
import type { LossSpec, PolicyLossSpec } from "../example.ts";
import { klEstimate } from "./kl_estimate.ts";
import { addToken, clippedTerm, type LossSums, type LossTerm, type LossToken, tokenLoss } from "./token_loss.ts";

/** A token of a sequence. */
export interface SequenceToken extends LossToken {
  /** log p under the reference, nats; used by a loss with a KL penalty only. */
  readonly referenceLogprob?: number;
}

/** A token's loss with the distance from the reference. */
export interface SequenceTerm extends LossTerm {
  /** KL estimate against the reference, nats; 0 without a penalty. */
  readonly referenceKl: number;
}

/** A token's term without the penalty; the slope is d loss / d log p, or d loss / d log s for a clipped sequence ratio. */
function formTerm(spec: PolicyLossSpec, token: SequenceToken, ratio: number): LossTerm {
  const { logprob, weight, advantage } = token;
  if (spec.form === "clip") return clippedTerm(ratio, token, spec);
  if (spec.form === "logprob") {
    return { loss: -weight * advantage * logprob, slope: -weight * advantage, clipped: false, ratio };
  }
  const bounded = Math.min(Math.max(ratio, 1 - spec.clipLow), 1 + spec.clipHigh);
  const slope = -weight * bounded * advantage;
  return { loss: slope * logprob, slope, clipped: bounded !== ratio, ratio };
}

function policyTerms(spec: PolicyLossSpec, tokens: readonly SequenceToken[]): SequenceTerm[] {
  const differences = tokens.map(({ logprob, oldLogprob }) => logprob - oldLogprob);
  const mean = differences.reduce((sum, difference) => sum + difference, 0) / tokens.length;
  const perSequence = spec.ratio === "sequence";
  const terms = tokens.map((token, t) => formTerm(spec, token, Math.exp(perSequence ? mean : differences[t] ?? 0)));
  // Each token moves the ratio of its whole sequence by 1/n of its own change, and with it the terms of all tokens.
  const shared = perSequence && spec.form === "clip"
    ? terms.reduce((sum, { slope }) => sum + slope, 0) / tokens.length
    : undefined;
  const { kl } = spec;
  return tokens.map(({ weight, logprob, referenceLogprob }, t) => {
    const { loss = NaN, slope = NaN, clipped = false, ratio = NaN } = terms[t] ?? {};
    const distance = kl === undefined
      ? { value: 0, slope: 0 }
      : klEstimate(kl.estimator, logprob - (referenceLogprob ?? NaN));
    const beta = kl?.coefficient ?? 0;
    return {
      loss: loss + weight * beta * distance.value,
      slope: (shared ?? slope) + weight * beta * distance.slope,
      clipped,
      ratio,
      referenceKl: distance.value,
    };
  });
}

/**
 * Loss terms of all loss tokens of one sequence.
 *
 * @example GSPO gives every token of a sequence the same slope
 * ```ts
 * import { sequenceLoss } from "whetstone/train/losses/sequence_loss.ts";
 * import assert from "node:assert/strict";
 *
 * const spec = { kind: "policy", form: "clip", ratio: "sequence", clipLow: 0.2, clipHigh: 0.2, temperature: 1 } as const;
 * const token = { weight: 0.5, advantage: 2, oldLogprob: -1 };
 * const terms = sequenceLoss(spec, [{ ...token, logprob: -0.9 }, { ...token, logprob: -1.1 }]);
 * assert.deepEqual(terms.map(({ slope }) => slope), [-1, -1]);
 * ```
 *
 * @param tokens loss tokens of one sequence, in order; weights are those of the loss itself, not of its numerator.
 */
export function sequenceLoss(spec: LossSpec, tokens: readonly SequenceToken[]): SequenceTerm[] {
  if (spec.kind === "policy") return policyTerms(spec, tokens);
  return tokens.map((token) => ({ ...tokenLoss(spec, token), referenceKl: 0 }));
}

/** Adds all loss tokens of one sequence to the sums; gives their terms. */
export function addSequence(sums: LossSums, spec: LossSpec, tokens: readonly SequenceToken[]): SequenceTerm[] {
  const terms = sequenceLoss(spec, tokens);
  for (const [t, token] of tokens.entries()) {
    const term = terms[t];
    if (term === undefined) continue;
    addToken(sums, spec, token, term);
    sums.referenceKl += term.referenceKl;
  }
  return terms;
}
