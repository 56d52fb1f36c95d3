/**
 * From training examples to the inputs of a loss graph and to the tokens of the float64 functions, so that both see the same numbers.
 *
 * @module
 */
import type { Device, DeviceTensor } from "../../agents/model/device.ts";
import type { LossSpec, PolicyLossSpec, TrainExample } from "../example.ts";
import { hasDualClip, hasSequenceRatio } from "./loss_graph.ts";
import type { SequenceToken } from "./sequence_loss.ts";
import { lowestTerm } from "./token_loss.ts";

/** An example with the places of its loss tokens. */
export interface LossSequence {
  /** The example. */
  readonly example: TrainExample;
  /** Increasing places whose weight is not 0. */
  readonly wanted: readonly number[];
}

/** A loss that compares with the policy that sampled. */
export type RatioLoss =
  | Extract<LossSpec, { readonly kind: "clip" }>
  | PolicyLossSpec & { readonly form: "clip" | "weight" };

/** Whether the loss has a ratio, and so needs old log-probabilities. */
export function hasRatio(loss: LossSpec): loss is RatioLoss {
  return loss.kind === "clip" || (loss.kind === "policy" && loss.form !== "logprob");
}

/** Temperature of a loss's log-probabilities; 1 for nll. */
export function lossTemperature(loss: LossSpec): number {
  return loss.kind === "nll" ? 1 : loss.temperature;
}

/** What a loss divides all weights by. */
export function lossDenominator(loss: LossSpec): number {
  return loss.kind === "policy" ? loss.denominator ?? 1 : 1;
}

/** Stands for minus infinity in what a graph is fed: a provider need not know infinities. */
const LOWEST_FED = -3e38;

/** Whether an update must truncate the distribution of some loss token. */
export function isTruncated(rows: readonly LossSequence[]): boolean {
  return rows.some(({ example: { thresholds }, wanted }) =>
    wanted.some((t) => (thresholds?.[t] ?? -Infinity) > -Infinity)
  );
}

/** Input `thresholds` [M] of a graph over truncated distributions; rows without thresholds keep all tokens. */
export function thresholdFeeds(device: Device, rows: readonly LossSequence[]): Record<string, DeviceTensor> {
  const thresholds_M = rows.flatMap(({ example: { thresholds }, wanted }) =>
    wanted.map((t) => Math.max(LOWEST_FED, thresholds?.[t] ?? -Infinity))
  );
  return { thresholds: device.float(Float32Array.from(thresholds_M), [thresholds_M.length]) };
}

/** Lists of an example that a loss reads, by name; each must be finite at the loss tokens. */
export function neededLists(
  example: TrainExample,
  loss: LossSpec,
): Readonly<Record<string, readonly number[] | undefined>> {
  const { weights, advantages, oldLogprobs, referenceLogprobs } = example;
  // Without a ratio old log-probabilities only feed the statistics, and may be left out.
  const readsOld = hasRatio(loss) || (loss.kind === "policy" && oldLogprobs !== undefined);
  return {
    weights,
    ...(loss.kind === "nll" ? {} : { advantages }),
    ...(readsOld ? { oldLogprobs } : {}),
    ...(loss.kind === "policy" && loss.kl !== undefined ? { referenceLogprobs } : {}),
  };
}

/**
 * Inputs of a loss graph besides the log-probabilities, `inverse_temperature` included; see `addLoss`.
 *
 * @param rows sequences of a micro-batch; their loss tokens follow each other, M in all.
 */
export function lossFeeds(
  device: Device,
  loss: LossSpec,
  rows: readonly LossSequence[],
): Record<string, DeviceTensor> {
  const places = rows.flatMap(({ example, wanted }) => wanted.map((t) => ({ example, t })));
  const M = places.length;
  const denominator = lossDenominator(loss);
  const vector = (f: (example: TrainExample, t: number) => number | undefined) => {
    return device.float(Float32Array.from(places, ({ example, t }) => f(example, t) ?? 0), [M]);
  };
  const scalar = (value: number) => device.float(Float32Array.of(value), []);
  return {
    inverse_temperature: scalar(1 / lossTemperature(loss)),
    weights: vector((example, t) => (example.weights[t] ?? 0) / denominator),
    ...(loss.kind === "nll" ? {} : { advantages: vector((example, t) => example.advantages?.[t]) }),
    ...(hasRatio(loss)
      ? {
        old_logprobs: vector((example, t) => example.oldLogprobs?.[t]),
        lowest: scalar(1 - loss.clipLow),
        highest: scalar(1 + loss.clipHigh),
      }
      : {}),
    ...(loss.kind === "policy" && hasDualClip(loss)
      ? {
        lowest_terms: vector((example, t) =>
          Math.max(LOWEST_FED, lowestTerm(example.advantages?.[t] ?? 0, loss.dualClip))
        ),
      }
      : {}),
    ...(hasSequenceRatio(loss) ? membership(device, rows, M) : {}),
    ...(loss.kind === "policy" && loss.kl !== undefined
      ? {
        reference_logprobs: vector((example, t) => example.referenceLogprobs?.[t]),
        kl_coefficient: scalar(loss.kl.coefficient),
      }
      : {}),
  };
}

/** Which loss token is in which row, and one over the number of a row's loss tokens. */
function membership(device: Device, rows: readonly LossSequence[], M: number): Record<string, DeviceTensor> {
  const R = rows.length;
  const member_M_R = new Float32Array(M * R);
  let m = 0;
  for (const [r, { wanted }] of rows.entries()) {
    for (let i = 0; i < wanted.length; i++) member_M_R[m++ * R + r] = 1;
  }
  return {
    member: device.float(member_M_R, [M, R]),
    inverse_lengths: device.float(Float32Array.from(rows, ({ wanted }) => 1 / wanted.length), [R, 1]),
  };
}

/**
 * Loss tokens of one sequence for the float64 functions.
 *
 * @param logprobs log-probabilities of the loss tokens, nats, in the order of `wanted`.
 */
export function lossTokens(
  loss: LossSpec,
  { example, wanted }: LossSequence,
  logprobs: ArrayLike<number>,
): SequenceToken[] {
  const { weights, advantages, oldLogprobs, referenceLogprobs } = example;
  const denominator = lossDenominator(loss);
  return wanted.map((t, i) => {
    const logprob = logprobs[i] ?? NaN;
    return {
      logprob,
      weight: (weights[t] ?? 0) / denominator,
      advantage: advantages?.[t] ?? 0,
      oldLogprob: loss.kind === "policy" && oldLogprobs === undefined ? logprob : oldLogprobs?.[t] ?? 0,
      referenceLogprob: referenceLogprobs?.[t] ?? 0,
    };
  });
}
