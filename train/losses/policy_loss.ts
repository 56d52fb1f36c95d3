/**
 * A policy-gradient loss over a ragged batch: value, accounting and gradient, in float64.
 *
 * Contract: pure; loss = numerator / denominator, both reported; masks are spans of places, never token values, so that a padding id that is
 * also the end-of-turn id needs no care, and what lies outside the spans is never read. Rows do not influence each other except through
 * the weights of the normalisation, which may be made once for a batch and used for any part of it.
 * Choices: a mean over no token is 0.
 *
 * @module
 */
import type { PolicyLossSpec } from "../example.ts";
import { type BatchWeights, batchWeights, type BatchWeightsOptions, LossInputError } from "./batch_weights.ts";
import type { Normalisation } from "./batch_weights.ts";
import { addSequence, type SequenceToken } from "./sequence_loss.ts";
import { effectiveSampleSize, emptyLossSums } from "./token_loss.ts";

/** A half-open range of places: the first one, and the one after the last. */
export type Span = readonly [start: number, end: number];

/** One sampled sequence. Lists may go on after the last span; what they hold there is never read. */
export interface LossRow {
  /** Group that the row was sampled in. */
  readonly group: number | string;
  /** Ranges of loss tokens, in order and apart: the policy's own tokens. */
  readonly spans: readonly Span[];
  /** log p now, nats, shape [T]. */
  readonly logprobs: readonly number[];
  /** log p at sampling time, nats, shape [T]; `logprobs` if left out, which makes every ratio 1. */
  readonly oldLogprobs?: readonly number[];
  /** log p under the reference, nats, shape [T]; needed by a loss with a KL penalty. */
  readonly referenceLogprobs?: readonly number[];
  /** Advantage of the row. */
  readonly advantage: number;
}

/** Options of {@linkcode policyLoss}. */
export interface PolicyLossOptions extends BatchWeightsOptions {
  /** Weights of these rows, made from the whole batch that they are a part of; made from these rows alone if left out. */
  weights?: BatchWeights;
}

/** What a loss is and where it leads. */
export interface LossResult {
  /** numerator / denominator. */
  readonly loss: number;
  /** Sum of the rows' weighted terms, penalties included. */
  readonly numerator: number;
  /** D of the normalisation. */
  readonly denominator: number;
  /** d loss / d log p, shape [B][T], as long as the row's lists; 0 outside the spans. */
  readonly gradLogprobs: number[][];
  /** Number of loss tokens. */
  readonly tokens: number;
  /** Share of loss tokens whose ratio was clipped (for `weight`: limited). */
  readonly clipShare: number;
  /** Mean over loss tokens of -log s, nats. */
  readonly klK1: number;
  /** Mean over loss tokens of (log s)² / 2, nats. */
  readonly klK2: number;
  /** Mean over loss tokens of s - 1 - log s, nats. */
  readonly klK3: number;
  /** Largest |s - 1| of a token. */
  readonly maxRatioError: number;
  /** Effective sample size of the token ratios, (sum s)² / sum s², in tokens. */
  readonly ess: number;
  /** Mean over loss tokens of the KL estimate against the reference, nats; 0 without a penalty. */
  readonly referenceKl: number;
}

/** Places of a row's loss tokens. @throws {LossInputError} if a span is not a range of integers after the one before. */
export function spanPlaces(spans: readonly Span[]): number[] {
  const places: number[] = [];
  let last = 0;
  for (const [start, end] of spans) {
    if (!(Number.isInteger(start) && Number.isInteger(end) && start >= last && end >= start)) {
      throw new LossInputError(
        `Cannot compute a loss: spans must be ranges of integers in order, got [${start}, ${end}) after ${last}`,
      );
    }
    for (let t = start; t < end; t++) places.push(t);
    last = end;
  }
  return places;
}

/** Number of loss tokens of each row, for {@linkcode batchWeights}. */
export function countRows(
  rows_B: readonly Pick<LossRow, "group" | "spans">[],
): { group: number | string; tokens: number }[] {
  return rows_B.map(({ group, spans }) => ({ group, tokens: spanPlaces(spans).length }));
}

/**
 * Loss of a batch, or of a part of one.
 *
 * @example REINFORCE on one row of two tokens after a prompt of one
 * ```ts
 * import { policyLoss } from "whetstone/train/losses/policy_loss.ts";
 * import assert from "node:assert/strict";
 *
 * const spec = { kind: "policy", form: "logprob", ratio: "token", clipLow: 0, clipHigh: 0, temperature: 1 } as const;
 * const row = { group: 0, spans: [[1, 3]], logprobs: [NaN, -1, -3], advantage: 2 } as const;
 * const { loss, numerator, denominator, gradLogprobs } = policyLoss([row], spec, "token");
 * assert.deepEqual([loss, numerator, denominator], [4, 8, 2]);
 * assert.deepEqual(gradLogprobs, [[0, -1, -1]]);
 * ```
 *
 * @param rows_B the rows, shape [B].
 * @param spec the loss; its `denominator` is unused, the normalisation gives it.
 * @throws {LossInputError} if a value of a loss token is missing or not finite, spans are out of order, or no row has a loss token.
 */
export function policyLoss(
  rows_B: readonly LossRow[],
  spec: PolicyLossSpec,
  normalisation: Normalisation,
  options: PolicyLossOptions = {},
): LossResult {
  const { weights_B, denominator } = options.weights ?? batchWeights(countRows(rows_B), normalisation, options);
  const sums = emptyLossSums();
  const gradLogprobs = rows_B.map((row, b) => {
    const places = spanPlaces(row.spans);
    // Terms of the numerator: dividing once, at the end, lets numerators of parts be added.
    const tokens = places.map((t) => lossToken(row, b, t, weights_B[b] ?? 0, spec));
    const gradient = row.logprobs.map(() => 0);
    for (const [i, { slope }] of addSequence(sums, spec, tokens).entries()) {
      gradient[places[i] ?? 0] = slope / denominator;
    }
    return gradient;
  });
  const mean = (sum: number) => (sums.tokens === 0 ? 0 : sum / sums.tokens);
  return {
    loss: sums.loss / denominator,
    numerator: sums.loss,
    denominator,
    gradLogprobs,
    tokens: sums.tokens,
    clipShare: mean(sums.clipped),
    klK1: mean(sums.k1),
    klK2: mean(sums.k2),
    klK3: mean(sums.k3),
    maxRatioError: sums.maxRatioError,
    ess: effectiveSampleSize(sums),
    referenceKl: mean(sums.referenceKl),
  };
}

function lossToken(row: LossRow, b: number, t: number, weight: number, spec: PolicyLossSpec): SequenceToken {
  const { logprobs, oldLogprobs = logprobs, referenceLogprobs, advantage } = row;
  const values = {
    logprobs: logprobs[t],
    oldLogprobs: oldLogprobs[t],
    advantage,
    ...(spec.kl === undefined ? {} : { referenceLogprobs: referenceLogprobs?.[t] }),
  };
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) {
      throw new LossInputError(`Cannot compute a loss: ${name} of row ${b} must be finite at token ${t}, got ${value}`);
    }
  }
  return {
    logprob: logprobs[t] ?? NaN,
    oldLogprob: oldLogprobs[t] ?? NaN,
    advantage,
    weight,
    ...(spec.kl === undefined ? {} : { referenceLogprob: referenceLogprobs?.[t] ?? NaN }),
  };
}
