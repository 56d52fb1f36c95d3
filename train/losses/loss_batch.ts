/**
 * From graded sequences to what the trainer eats under a named loss: examples with weights, and the loss with its denominator.
 *
 * Contract: weights and denominator come from all sequences, and only then are those left out that cannot move the policy (advantage 0 and no
 * penalty), so that leaving them out saves time and changes nothing. The advantages are the caller's, so that the ones that are
 * recorded are the ones that are trained on.
 * Choices: a sequence whose tokens are all masked counts nowhere (see batchWeights).
 *
 * @module
 */
import type { PolicyLossSpec, TrainExample } from "../example.ts";
import { batchWeights } from "./batch_weights.ts";
import { type LossName, type LossOptions, lossParts, lossSpec } from "./loss_table.ts";

/** A sampled sequence with its advantage. */
export interface GradedSequence {
  /** Group for the normalisations that count groups. */
  readonly group: number | string;
  /** Advantage of every token that the policy made; unused by `sft`, where it is 1. */
  readonly advantage: number;
  /** Token ids, shape [T]. */
  readonly ids: readonly number[];
  /** Whether the policy made the token, shape [T]; the others get no loss. */
  readonly generated: readonly boolean[];
  /** Log-probabilities at sampling time, nats, shape [T]. */
  readonly logprobs: readonly number[];
  /** Thresholds of truncated sampling, nats, shape [T]; see {@linkcode TrainExample.thresholds}. */
  readonly thresholds?: readonly number[];
  /** Log-probabilities under the reference at the same temperature, nats, shape [T]; needed with a penalty. */
  readonly referenceLogprobs?: readonly number[];
}

/** What an update is called with. */
export interface LossBatch {
  /** Examples that can move the policy; none if every advantage is 0 and there is no penalty. */
  readonly examples: TrainExample[];
  /** Which sequence each example is, from 0. */
  readonly indices: number[];
  /** The loss with its denominator. */
  readonly loss: PolicyLossSpec;
}

/**
 * The batch of an update under a named loss.
 *
 * @example A mean over three tokens, of which the two with an advantage are trained
 * ```ts
 * import { lossBatch } from "whetstone/train/losses/loss_batch.ts";
 * import assert from "node:assert/strict";
 *
 * const common = { group: 0, ids: [5, 6, 7], generated: [false, true, true], logprobs: [0, -1, -2] };
 * const { examples, loss } = lossBatch("dapo", [
 *   { ...common, advantage: 1 },
 *   { ...common, advantage: 0, generated: [false, true, false] },
 * ]);
 * assert.deepEqual(examples.map(({ weights }) => weights), [[0, 1, 1]]);
 * assert.equal(loss.denominator, 3);
 * ```
 *
 * @param sequences all sequences of the update, those with advantage 0 included.
 * @param options changes to the loss; `temperature` must be the one that the sequences were sampled at.
 * @throws {LossInputError} if no sequence has a token that the policy made, or `constantTokens` is missing.
 */
export function lossBatch(
  name: LossName,
  sequences: readonly GradedSequence[],
  options: LossOptions = {},
): LossBatch {
  const { normalisation, constantTokens, advantage: estimator } = lossParts(name, options);
  const { weights_B, denominator } = batchWeights(
    sequences.map(({ group, generated }) => ({ group, tokens: generated.filter(Boolean).length })),
    normalisation,
    constantTokens === undefined ? {} : { constantTokens },
  );
  const loss = lossSpec(name, options);
  const indices: number[] = [];
  const examples = sequences.flatMap((sequence, b): TrainExample[] => {
    const { ids, generated, logprobs, thresholds, referenceLogprobs } = sequence;
    const advantage = estimator === "one" ? 1 : sequence.advantage;
    const weight = weights_B[b] ?? 0;
    if (weight === 0 || (advantage === 0 && loss.kl === undefined)) return [];
    indices.push(b);
    return [{
      ids,
      weights: generated.map((own) => (own ? weight : 0)),
      advantages: generated.map((own) => (own ? advantage : 0)),
      oldLogprobs: logprobs,
      ...(thresholds === undefined ? {} : { thresholds }),
      ...(referenceLogprobs === undefined ? {} : { referenceLogprobs }),
      samplingTemperature: loss.temperature,
    }];
  });
  return { examples, indices, loss: { ...loss, denominator } };
}
