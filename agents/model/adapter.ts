/**
 * Low-rank adapters (LoRA, arXiv 2106.09685): which projections have one, and its parameters.
 *
 * Contract: a projection y = x · w becomes y = x · w + (alpha / rank) (x · A) · B with A [in, rank] normal and B [rank, out] zero at
 * the start, so that a fresh adapter changes nothing. Names are the projection's with `.lora_a` and `.lora_b`.
 *
 * @module
 */
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
