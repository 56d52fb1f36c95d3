/**
 * Estimate of the memory that a micro-batch's forward values take until their gradients are made.
 *
 * Contract: counts what the gradient rules of train/autodiff/block_rules.ts read, and at the head and in the attention of one block what
 * exists at the same time, as if every query looked at every key; it is a pure function of shapes, so that a choice made by it is the same on every machine.
 * Omitted: weights, gradients of weights, and what the runtime keeps for itself.
 *
 * @module
 */
import type { ModelConfig } from "../agents/model/config.ts";
import type { Precision } from "../agents/model/precision.ts";

/** Bytes of forward values above which the trainer computes them again instead of keeping them. */
export const ACTIVATION_LIMIT_BYTES = 2 * 2 ** 30;

/** Size of a micro-batch. */
export interface MicroBatchShape {
  /** B. */
  readonly rows: number;
  /** T, padding included. */
  readonly tokens: number;
  /** M: tokens with a loss. */
  readonly lossTokens: number;
}

/**
 * Bytes of the values that are kept, all blocks and the head.
 *
 * @example A longer row takes more than its share, because attention is quadratic
 * ```ts
 * import { nanoConfig } from "whetstone/agents/model/config.ts";
 * import { activationBytes } from "whetstone/train/activation_memory.ts";
 * import assert from "node:assert/strict";
 *
 * const config = nanoConfig(1024);
 * const bytes = (tokens: number) => activationBytes(config, { rows: 1, tokens, lossTokens: tokens });
 * assert.ok(bytes(2048) > 2 * bytes(1024));
 * ```
 */
export function activationBytes(
  config: ModelConfig,
  { rows, tokens, lossTokens }: MicroBatchShape,
  precision: Precision = "float32",
): number {
  const { width, layers, heads, keyValueHeads, headSize, hidden, vocabularySize } = config;
  const [queryWidth, keyWidth] = [heads * headSize, keyValueHeads * headSize];
  const size = precision === "mixed" ? 2 : 4;
  // Both residuals and their norms; queries, what attention mixes and its joined form, keys, values, shares; four values of the feed-forward.
  const residual = 2 * 4 * width + 2 * size * width;
  const norms = config.queryKeyNorm ? queryWidth + keyWidth : 0;
  const attention = 3 * queryWidth + 2 * keyWidth + norms + heads * tokens;
  const perToken = residual + size * (attention + 4 * hidden);
  const scores = 2 * 4 * heads * tokens;
  return rows * tokens * (layers * perToken + scores) + lossTokens * 4 * (3 * vocabularySize + width);
}
