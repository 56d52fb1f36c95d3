/**
 * Shape of a decoder and the list of its parameters, and the embedded default `nano`.
 *
 * Contract: `parameterList` fixes names, order and shapes; linear maps are stored [in, out], so that y = x · w. The initial
 * weights are a function of (config, seed): normal with standard deviation 0.8/sqrt(D), residual projections scaled by 1/sqrt(2L)
 * as in GPT-2, norm weights 1. GPT-2's own deviation, 0.02, is about 0.8/sqrt(D) at its widths; at a width of 100 it is four times
 * smaller, and a copying task was then not learned at all in the steps in which it is learned now.
 * Omitted: biases, norms of queries and keys, rotary variants beyond the plain one.
 *
 * @module
 */
import { z } from "zod";
import { keyedRandom } from "../../data/keyed_random.ts";

/** A Llama-shaped decoder. */
export interface ModelConfig {
  /** V: number of token ids. */
  readonly vocabularySize: number;
  /** D: width of the residual stream. */
  readonly width: number;
  /** L: number of blocks. */
  readonly layers: number;
  /** H: query heads. */
  readonly heads: number;
  /** K: key and value heads; divides H. */
  readonly keyValueHeads: number;
  /** d: width of a head; even. */
  readonly headSize: number;
  /** F: inner width of the feed-forward part. */
  readonly hidden: number;
  /** Base of the rotary frequencies. */
  readonly ropeTheta: number;
  /** ε of RMSNorm. */
  readonly normEpsilon: number;
  /** Whether the output head is the embedding table. */
  readonly tiedHead: boolean;
  /**
   * Whether a second table embeds the token before, added to the token's own embedding. A token that knows its predecessor can be
   * found and copied by a single attention layer; without it, copying takes two layers that must be learned together, which takes
   * several times as many steps. Published checkpoints have no such table.
   */
  readonly embedsPrevious: boolean;
  /** Longest sequence in tokens. */
  readonly contextTokens: number;
}

/** Accepts what {@linkcode ModelConfig} describes. */
export const modelConfigSchema: z.ZodType<ModelConfig> = z.strictObject({
  vocabularySize: z.int().positive(),
  width: z.int().positive(),
  layers: z.int().positive(),
  heads: z.int().positive(),
  keyValueHeads: z.int().positive(),
  headSize: z.int().positive().multipleOf(2),
  hidden: z.int().positive(),
  ropeTheta: z.number().positive(),
  normEpsilon: z.number().positive(),
  tiedHead: z.boolean(),
  embedsPrevious: z.boolean(),
  contextTokens: z.int().positive(),
}).refine((config) => config.heads % config.keyValueHeads === 0, {
  error: "heads must be a multiple of keyValueHeads",
  path: ["keyValueHeads"],
});

/**
 * The embedded default model, trained from scratch in minutes on two CPU cores.
 *
 * @example About a million parameters
 * ```ts
 * import { nanoConfig, parameterCount } from "whetstone/agents/model/config.ts";
 * import assert from "node:assert/strict";
 *
 * const count = parameterCount(nanoConfig(1024));
 * assert.ok(count > 1e6 && count < 3e6);
 * ```
 *
 * @param vocabularySize number of token ids.
 * @param overrides fields to change.
 * @throws {z.ZodError} if the fields do not fit together.
 */
export function nanoConfig(
  vocabularySize: number,
  overrides: Partial<Omit<ModelConfig, "vocabularySize">> = {},
): ModelConfig {
  return modelConfigSchema.parse({
    vocabularySize,
    width: 160,
    layers: 4,
    heads: 4,
    keyValueHeads: 2,
    headSize: 40,
    hidden: 320,
    ropeTheta: 10000,
    normEpsilon: 1e-5,
    tiedHead: true,
    embedsPrevious: true,
    contextTokens: 2048,
    ...overrides,
  });
}

/** One parameter tensor. */
export interface ParameterSpec {
  /** Name, as in files and graph inputs. */
  readonly name: string;
  /** Shape; matrices are [in, out]. */
  readonly shape: readonly number[];
  /** Standard deviation at the start; `undefined` for a norm, which starts at 1. */
  readonly deviation: number | undefined;
  /** Whether weight decay applies: matrices yes, norms no. */
  readonly decays: boolean;
}

/** Standard deviation of the initial weights times sqrt(D). */
export const INITIAL_SPREAD = 0.8;

/** Parameters of a decoder, in the order of every list, file and hash. */
export function parameterList(config: ModelConfig): ParameterSpec[] {
  const { vocabularySize: V, width: D, layers: L, heads: H, keyValueHeads: K, headSize: d, hidden: F } = config;
  const matrix = (name: string, rows: number, columns: number, scale = 1): ParameterSpec => ({
    name,
    shape: [rows, columns],
    deviation: scale * INITIAL_SPREAD / Math.sqrt(D),
    decays: true,
  });
  const norm = (name: string): ParameterSpec => ({ name, shape: [D], deviation: undefined, decays: false });
  const residual = 1 / Math.sqrt(2 * L);
  const blocks = Array.from({ length: L }, (_, i) => [
    norm(`blocks.${i}.attention_norm`),
    matrix(`blocks.${i}.query`, D, H * d),
    matrix(`blocks.${i}.key`, D, K * d),
    matrix(`blocks.${i}.value`, D, K * d),
    matrix(`blocks.${i}.attention_out`, H * d, D, residual),
    norm(`blocks.${i}.feed_norm`),
    matrix(`blocks.${i}.gate`, D, F),
    matrix(`blocks.${i}.up`, D, F),
    matrix(`blocks.${i}.down`, F, D, residual),
  ]).flat();
  const head = config.tiedHead ? [] : [matrix("head", V, D)];
  const previous = config.embedsPrevious ? [matrix("previous_embedding", V, D)] : [];
  return [matrix("embedding", V, D), ...previous, ...blocks, norm("final_norm"), ...head];
}

/** Number of trainable numbers. */
export function parameterCount(config: ModelConfig): number {
  return parameterList(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** Weights at the start, by name; a function of its arguments. */
export function initialWeights(config: ModelConfig, seed: number): Map<string, Float32Array> {
  return new Map(
    parameterList(config).map(({ name, shape, deviation }) => {
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
      if (deviation === undefined) return [name, values.fill(1)];
      const random = keyedRandom("initial-weights", seed, name);
      for (let i = 0; i < values.length; i++) values[i] = random.normal() * deviation;
      return [name, values];
    }),
  );
}
