/**
 * The conformance kit of tests/fixtures/conformance as typed values.
 *
 * @module
 */
import type { KlPenalty, OptimizerSpec } from "../../../train/example.ts";
import type { Normalisation } from "../../../train/losses/batch_weights.ts";
import type { LossName, LossOptions, RewardedRow } from "../../../train/losses/loss_table.ts";
import { spanPlaces } from "../../../train/losses/policy_loss.ts";
import { tokenLogprobs } from "../../../train/losses/temperature_softmax.ts";

/** An entry of batches.json. */
export interface KitBatch {
  readonly id: string;
  readonly temperature: number;
  readonly groups: readonly number[];
  readonly rewards: readonly number[];
  readonly spans: readonly (readonly (readonly [number, number])[])[];
  readonly ids: readonly (readonly number[])[];
  readonly logits: readonly (readonly (readonly number[])[])[];
  /** Only where the distribution is truncated; null drops no token. */
  readonly thresholds?: readonly (readonly (number | null)[])[];
  readonly oldLogprobs: readonly (readonly number[])[];
  readonly referenceLogprobs: readonly (readonly number[])[];
  readonly logprobs: readonly number[];
  readonly entropies: readonly number[];
  readonly tokenRatios: readonly number[];
  readonly sequenceRatios: readonly (number | null)[];
}

/** An entry of losses.json. */
export interface KitCase {
  readonly id: string;
  readonly batch: string;
  readonly loss: LossName;
  readonly normalisation: Normalisation;
  readonly constantTokens?: number;
  readonly clipLow: number;
  readonly clipHigh: number;
  readonly kl?: KlPenalty;
  readonly deviation?: "population" | "sample";
  readonly epsilon?: number;
  readonly expected: {
    readonly advantages: readonly number[];
    readonly numerator: number;
    readonly denominator: number;
    readonly loss: number;
    readonly clipShare: number;
    readonly klK1: number;
    readonly klK2: number;
    readonly klK3: number;
    readonly ess: number;
    readonly referenceKl: number;
    readonly gradLogprobs: readonly number[];
    readonly gradLogits: readonly (readonly number[])[];
  };
}

interface KitTensor {
  readonly w: readonly number[];
  readonly m: readonly number[];
  readonly v: readonly number[];
}

/** An entry of adamw.json. */
export interface KitTrajectory {
  readonly id: string;
  readonly optimizer: OptimizerSpec;
  readonly decays: Readonly<Record<string, boolean>>;
  readonly start: Readonly<Record<string, readonly number[]>>;
  readonly steps: readonly {
    readonly grads: Readonly<Record<string, readonly number[]>>;
    readonly gradNorm: number;
    readonly tensors: Readonly<Record<string, KitTensor>>;
  }[];
}

const FOLDER = new URL("../../fixtures/conformance/", import.meta.url);
const read = <T>(name: string): T => JSON.parse(Deno.readTextFileSync(new URL(name, FOLDER)));

/** Batches by their ids. */
export const KIT_BATCHES: ReadonlyMap<string, KitBatch> = new Map(
  read<KitBatch[]>("batches.json").map((batch) => [batch.id, batch]),
);
/** All loss cases. */
export const KIT_CASES: readonly KitCase[] = read("losses.json");
/** All AdamW trajectories. */
export const KIT_TRAJECTORIES: readonly KitTrajectory[] = read("adamw.json");

/** The batch of a case. */
export function batchOf(one: KitCase): KitBatch {
  return KIT_BATCHES.get(one.batch)!;
}

/** Thresholds of a row; -Infinity where no token is dropped. */
export function thresholdsOf(batch: KitBatch, b: number): number[] {
  return batch.ids[b]!.map((_, t) => batch.thresholds?.[b]?.[t] ?? -Infinity);
}

/** Rows of a batch, with log-probabilities from its logits. */
export function rowsOf(batch: KitBatch): RewardedRow[] {
  return batch.groups.map((group, b) => ({
    group,
    reward: batch.rewards[b]!,
    spans: batch.spans[b]!,
    logprobs: tokenLogprobs(batch.logits[b]!, batch.ids[b]!, batch.temperature, thresholdsOf(batch, b)),
    oldLogprobs: batch.oldLogprobs[b]!,
    referenceLogprobs: batch.referenceLogprobs[b]!,
  }));
}

/** A value for each loss token, in the order of the kit. */
export function atLossTokens<T>(batch: KitBatch, rows_B_T: readonly (readonly T[])[]): T[] {
  return batch.spans.flatMap((spans, b) => spanPlaces(spans).map((t) => rows_B_T[b]![t]!));
}

/** Options that turn a named loss into the case's. */
export function optionsOf(one: KitCase): LossOptions {
  const { normalisation, clipLow, clipHigh, constantTokens, kl, deviation, epsilon } = one;
  return {
    normalisation,
    clipLow,
    clipHigh,
    temperature: batchOf(one).temperature,
    ...(constantTokens === undefined ? {} : { constantTokens }),
    ...(kl === undefined ? {} : { kl }),
    ...(deviation === undefined ? {} : { deviation }),
    ...(epsilon === undefined ? {} : { epsilon }),
  };
}
