/**
 * Draws a token from probabilities by inverting their cumulative sum.
 *
 * @module
 */
import type { Sampling } from "../policy.ts";
import { truncates, Truncation } from "./truncation.ts";

/** A drawn token. */
export interface DrawnToken {
  /** Token id. */
  readonly id: number;
  /** Log of its probability, nats. */
  readonly logprob: number;
  /** Where there is truncation, log of its probability before it, nats. */
  readonly fullLogprob?: number;
  /** Where there is truncation, the log-probability that separates kept tokens from dropped ones. */
  readonly threshold?: number;
}

/**
 * The token at which the cumulative sum of `count` probabilities from `start` first exceeds `uniform`.
 *
 * @example Half and half
 * ```ts
 * import { drawToken } from "whetstone/agents/model/draw_token.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(drawToken(Float32Array.of(0.5, 0.5), 0, 2, 0.7), { id: 1, logprob: Math.log(0.5) });
 * ```
 *
 * @param uniform in [0, 1). Where rounding leaves the sum below it, the last token with a probability above 0 is taken.
 */
export function drawToken(probabilities: Float32Array, start: number, count: number, uniform: number): DrawnToken {
  let sum = 0;
  let last = 0;
  for (let id = 0; id < count; id++) {
    const probability = probabilities[start + id] ?? 0;
    if (probability <= 0) continue;
    sum += probability;
    last = id;
    if (sum > uniform) break;
  }
  return { id: last, logprob: Math.log(probabilities[start + last] ?? 0) };
}

/** The most probable token; the lowest id on a tie. */
export function bestToken(probabilities: Float32Array, start: number, count: number): DrawnToken {
  let [best, most] = [0, probabilities[start] ?? 0];
  for (let id = 1; id < count; id++) {
    const probability = probabilities[start + id] ?? 0;
    if (probability > most) [best, most] = [id, probability];
  }
  return { id: best, logprob: Math.log(most) };
}

/** Draws as a sampling asks. */
export class TokenDrawer {
  readonly #greedy: boolean;
  readonly #truncation: Truncation | undefined;

  /** A drawer for one sampling. @throws {RangeError} if a field of it is out of its range. */
  constructor(sampling: Sampling) {
    this.#greedy = sampling.temperature === 0;
    this.#truncation = truncates(sampling) ? new Truncation(sampling) : undefined;
  }

  /** A token of `count` probabilities from `start` on. @param uniform in [0, 1); greedy drawing does not read it. */
  draw(probabilities: Float32Array, start: number, count: number, uniform: number): DrawnToken {
    if (this.#greedy) return bestToken(probabilities, start, count);
    return this.#truncation?.draw(probabilities, start, count, uniform) ??
      drawToken(probabilities, start, count, uniform);
  }
}
