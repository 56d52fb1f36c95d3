/**
 * Shape of a decoder and the list of its parameters, and the embedded default `nano`.
 *
 * Contract: `parameterList` fixes names, order and shapes; linear maps are stored [in, out], so that y = x · w. The initial
 * weights are a function of (config, seed): normal with standard deviation 0.8/sqrt(D), residual projections scaled by 1/sqrt(2L)
 * as in GPT-2, norm weights 1. GPT-2's own deviation, 0.02, is about 0.8/sqrt(D) at its widths; at a width of 100 it is four times
 * smaller, and a copying task was then not learned at all in the steps in which it is learned now.
 * Fields that only published checkpoints need are optional, and a configuration without them means what it always meant.
 *
 * @module
 */
import { z } from "zod";
import { keyedRandom } from "../../data/keyed_random.ts";

/** Published families whose folders can be read and written. */
export const MODEL_FAMILIES = ["llama", "qwen2", "qwen3", "phi3"] as const;
/** Name of a published family. */
export type ModelFamily = typeof MODEL_FAMILIES[number];

/** How rotary frequencies are changed for long contexts; the names are those of published configurations. */
export type RopeScaling =
  /** All frequencies divided by `factor`. */
  | { readonly kind: "linear"; readonly factor: number }
  /** Low frequencies divided by `factor`, high ones kept, a smooth change between (Llama 3.1). */
  | {
    readonly kind: "llama3";
    readonly factor: number;
    readonly lowFreqFactor: number;
    readonly highFreqFactor: number;
    readonly originalContext: number;
  }
  /** NTK-by-parts with a scale of the attention (YaRN, arXiv 2309.00071). */
  | {
    readonly kind: "yarn";
    readonly factor: number;
    readonly betaFast: number;
    readonly betaSlow: number;
    readonly originalContext: number;
    /** Factor of cos and sin; 0.1 ln(factor) + 1 if left out. */
    readonly attentionFactor?: number;
  }
  /** Own divisors of each frequency for short and long sequences (LongRoPE, arXiv 2402.13753); [rotarySize / 2] each. */
  | {
    readonly kind: "longrope";
    readonly shortFactor: readonly number[];
    readonly longFactor: readonly number[];
    readonly originalContext: number;
    /** Factor of cos and sin; sqrt(1 + ln(context / original) / ln(original)) if left out. */
    readonly attentionFactor?: number;
  };

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
  /** Published family; left out for `nano`. */
  readonly family?: ModelFamily | undefined;
  /** Which attention projections have a bias: those of queries, keys and values, or the output's too. @default {"none"} */
  readonly attentionBias?: "none" | "qkv" | "all" | undefined;
  /** Whether the feed-forward projections have a bias. @default {false} */
  readonly feedBias?: boolean | undefined;
  /** Whether each head of queries and keys is normed before it is rotated (Qwen3). @default {false} */
  readonly queryKeyNorm?: boolean | undefined;
  /** Leading numbers of each head that are rotated; even. @default the head's width */
  readonly rotarySize?: number | undefined;
  /** Change of the rotary frequencies. @default none */
  readonly ropeScaling?: RopeScaling | undefined;
  /** A token sees itself and the `slidingWindow - 1` before it. @default all before it */
  readonly slidingWindow?: number | undefined;
}

const ropeScalingSchema: z.ZodType<RopeScaling> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("linear"), factor: z.number().positive() }),
  z.strictObject({
    kind: z.literal("llama3"),
    factor: z.number().positive(),
    lowFreqFactor: z.number().positive(),
    highFreqFactor: z.number().positive(),
    originalContext: z.int().positive(),
  }),
  z.strictObject({
    kind: z.literal("yarn"),
    factor: z.number().positive(),
    betaFast: z.number().positive(),
    betaSlow: z.number().positive(),
    originalContext: z.int().positive(),
    attentionFactor: z.number().positive().exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("longrope"),
    shortFactor: z.array(z.number().positive()),
    longFactor: z.array(z.number().positive()),
    originalContext: z.int().positive(),
    attentionFactor: z.number().positive().exactOptional(),
  }),
]);

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
  family: z.enum(MODEL_FAMILIES).optional(),
  attentionBias: z.enum(["none", "qkv", "all"]).optional(),
  feedBias: z.boolean().optional(),
  queryKeyNorm: z.boolean().optional(),
  rotarySize: z.int().positive().multipleOf(2).optional(),
  ropeScaling: ropeScalingSchema.optional(),
  slidingWindow: z.int().positive().optional(),
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
  /** Standard deviation at the start: 0 for a bias; `undefined` for a norm, which starts at 1. */
  readonly deviation: number | undefined;
  /** Whether weight decay applies: matrices yes, norms and biases no. */
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
  const norm = (name: string, size = D): ParameterSpec => ({
    name,
    shape: [size],
    deviation: undefined,
    decays: false,
  });
  const bias = (has: boolean, name: string, size: number): ParameterSpec[] => {
    return has ? [{ name, shape: [size], deviation: 0, decays: false }] : [];
  };
  const { attentionBias = "none", feedBias = false, queryKeyNorm = false } = config;
  const residual = 1 / Math.sqrt(2 * L);
  const blocks = Array.from({ length: L }, (_, i) => [
    norm(`blocks.${i}.attention_norm`),
    matrix(`blocks.${i}.query`, D, H * d),
    ...bias(attentionBias !== "none", `blocks.${i}.query_bias`, H * d),
    matrix(`blocks.${i}.key`, D, K * d),
    ...bias(attentionBias !== "none", `blocks.${i}.key_bias`, K * d),
    matrix(`blocks.${i}.value`, D, K * d),
    ...bias(attentionBias !== "none", `blocks.${i}.value_bias`, K * d),
    ...(queryKeyNorm ? [norm(`blocks.${i}.query_norm`, d), norm(`blocks.${i}.key_norm`, d)] : []),
    matrix(`blocks.${i}.attention_out`, H * d, D, residual),
    ...bias(attentionBias === "all", `blocks.${i}.attention_out_bias`, D),
    norm(`blocks.${i}.feed_norm`),
    matrix(`blocks.${i}.gate`, D, F),
    ...bias(feedBias, `blocks.${i}.gate_bias`, F),
    matrix(`blocks.${i}.up`, D, F),
    ...bias(feedBias, `blocks.${i}.up_bias`, F),
    matrix(`blocks.${i}.down`, F, D, residual),
    ...bias(feedBias, `blocks.${i}.down_bias`, D),
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
