/**
 * Low-rank adapters (LoRA, arXiv 2106.09685): which projections have one, its parameters, and the weights of a merged model.
 *
 * Contract: a projection y = x · w becomes y = x · w + (alpha / rank) (x · A) · B with A [in, rank] normal and B [rank, out] zero at
 * the start, so that a fresh adapter changes nothing. Names are the projection's with `.lora_a` and `.lora_b`.
 * Choices: every block has the same targets and one rank; the deviation of A is that of the initial weights, 0.8/sqrt(in) (the
 * paper leaves it open). Omitted: dropout, adapters of the embedding, DoRA.
 *
 * @module
 */
import { z } from "zod";
import { keyedRandom } from "../../data/keyed_random.ts";
import { INITIAL_SPREAD, type ModelConfig, parameterList, type ParameterSpec } from "./config.ts";

/** Projections of a block. */
export const PROJECTIONS = ["query", "key", "value", "attention_out", "gate", "up", "down"] as const;
/** Name of a projection. */
export type Projection = typeof PROJECTIONS[number];

/** Shape of an adapter. */
export interface AdapterSpec {
  /** r: inner width. */
  readonly rank: number;
  /** The adapter's share is scaled by alpha / rank. */
  readonly alpha: number;
  /** Projections that have one, in every block. */
  readonly targets: readonly Projection[];
}

/** An adapter cannot be added, merged, read or written. */
export class AdapterError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "AdapterError";
}

/** Accepts what {@linkcode AdapterSpec} describes: a positive rank and alpha, and targets that are all different. */
export const adapterSpecSchema: z.ZodType<AdapterSpec> = z.strictObject({
  rank: z.int().positive(),
  alpha: z.number().positive(),
  targets: z.array(z.enum(PROJECTIONS)).min(1).refine((targets) => new Set(targets).size === targets.length, {
    error: "targets must all be different",
  }),
});

/** Parameters of an adapter, in the order of the model's parameter list. */
export function adapterList(config: ModelConfig, spec: AdapterSpec): ParameterSpec[] {
  const targets: ReadonlySet<string> = new Set(spec.targets);
  return parameterList(config).flatMap(({ name, shape: [rows = 0, columns = 0] }): ParameterSpec[] => {
    if (!name.startsWith("blocks.") || !targets.has(name.slice(name.lastIndexOf(".") + 1))) return [];
    return [
      { name: `${name}.lora_a`, shape: [rows, spec.rank], deviation: INITIAL_SPREAD / Math.sqrt(rows), decays: true },
      { name: `${name}.lora_b`, shape: [spec.rank, columns], deviation: 0, decays: true },
    ];
  });
}

/** An adapter's weights at the start, by name; a function of its arguments. */
export function initialAdapter(config: ModelConfig, spec: AdapterSpec, seed: number): Map<string, Float32Array> {
  return new Map(
    adapterList(config, spec).map(({ name, shape: [rows = 0, columns = 0], deviation = 0 }) => {
      const values = new Float32Array(rows * columns);
      if (deviation === 0) return [name, values];
      const random = keyedRandom("initial-adapter", seed, name);
      for (let i = 0; i < values.length; i++) values[i] = random.normal() * deviation;
      return [name, values];
    }),
  );
}

/** A projection's weight and its adapter, row-major, in host memory. */
export interface AdaptedMatrix {
  /** w: [in, out]. */
  readonly weight: Float32Array;
  /** A: [in, rank]. */
  readonly down: Float32Array;
  /** B: [rank, out]. */
  readonly up: Float32Array;
  /** Inner width. */
  readonly rank: number;
  /** alpha / rank. */
  readonly scale: number;
}

/**
 * w + scale A · B: the one matrix that does what a projection and its adapter do together.
 *
 * Sums run in float64 and are rounded once, so that merging adds no error of its own to that of float32.
 *
 * @example An adapter of rank 1
 * ```ts
 * import { mergedMatrix } from "whetstone/agents/model/adapter.ts";
 * import assert from "node:assert/strict";
 *
 * const [weight, down, up] = [Float32Array.of(1, 0, 0, 1), Float32Array.of(2, 3), Float32Array.of(1, 10)];
 * assert.deepEqual([...mergedMatrix({ weight, down, up, rank: 1, scale: 0.5 })], [2, 10, 1.5, 16]);
 * ```
 *
 * @returns [in, out].
 */
export function mergedMatrix(matrix: AdaptedMatrix): Float32Array<ArrayBuffer> {
  const { weight, down, up, rank, scale } = matrix;
  const [rows, columns] = [down.length / rank, up.length / rank];
  const merged = new Float32Array(weight.length);
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    sums.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = scale * (down[i * rank + r] ?? 0);
      if (factor === 0) continue;
      for (let j = 0; j < columns; j++) sums[j] = (sums[j] ?? 0) + factor * (up[r * columns + j] ?? 0);
    }
    for (let j = 0; j < columns; j++) merged[i * columns + j] = (weight[i * columns + j] ?? 0) + (sums[j] ?? 0);
  }
  return merged;
}
