/**
 * Examples of a batch, checked, as the rows that are trained on.
 *
 * @module
 */
import type { ModelConfig } from "../agents/model/config.ts";
import type { LossSpec, TrainExample } from "./example.ts";
import { type LossSequence, neededLists } from "./losses/loss_feeds.ts";

/** A batch cannot be trained on. */
export class TrainBatchError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "TrainBatchError";
}

/** A row of a batch with the places that have a weight. */
export interface TrainRow extends LossSequence {
  /** Token ids, [T]. */
  readonly ids: readonly number[];
  /** Place in the batch. */
  readonly index: number;
}

/**
 * Checks an example.
 *
 * @param index its place in the batch.
 * @returns the row; none for an example without weights.
 * @throws {TrainBatchError} if the example does not fit the model or the loss.
 */
export function trainRows(config: ModelConfig, example: TrainExample, index: number, loss: LossSpec): TrainRow[] {
  const { ids, weights, thresholds, samplingTemperature } = example;
  const { vocabularySize, contextTokens } = config;
  const fail = (rule: string, received: unknown): never => {
    throw new TrainBatchError(`Cannot train on example ${index}: ${rule}, got ${received}`);
  };
  if (weights.length !== ids.length) fail(`weights must have ${ids.length} entries`, weights.length);
  if (ids.length > contextTokens) fail(`ids must have at most ${contextTokens} entries`, ids.length);
  const bad = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabularySize));
  if (bad !== undefined) fail(`ids must be integers from 0 to ${vocabularySize - 1}`, bad);
  const wanted = weights.flatMap((weight, t) => (weight === 0 ? [] : [t]));
  if (wanted.length === 0) return [];
  if (wanted[0] === 0) fail("the weight of the first token must be 0, because nothing predicts it", weights[0]);
  for (const [name, list] of Object.entries(neededLists(example, loss))) {
    const wrong = wanted.find((t) => !Number.isFinite(list?.[t]));
    if (wrong !== undefined) fail(`${name} must be finite at token ${wrong}`, list?.[wrong]);
  }
  const wrong = thresholds === undefined ? undefined : wanted.find((t) => !((thresholds[t] ?? NaN) < Infinity));
  if (wrong !== undefined) {
    fail(`thresholds must be log-probabilities or -Infinity at token ${wrong}`, thresholds?.[wrong]);
  }
  if (loss.kind !== "nll" && samplingTemperature !== undefined && samplingTemperature !== loss.temperature) {
    fail(`samplingTemperature must be the loss's temperature ${loss.temperature}`, samplingTemperature);
  }
  return [{ ids, wanted, example, index }];
}
