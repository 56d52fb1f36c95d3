/**
 * From logits to log-probabilities at a temperature, and from a loss's slopes back to logits, in float64.
 *
 * With z the logits and T the temperature: log p(v) = z_v / T - logsumexp(z / T); d log p(v) / d z_u = ([u = v] - p(u)) / T.
 * Sampling and training must use the same T: the ratio of one policy at two temperatures is not 1.
 * Omitted: top-p and top-k, which no sampler here uses.
 *
 * @module
 */

/** Log-probabilities of all tokens, nats, shape [V]. */
export function logSoftmax(logits_V: readonly number[], temperature: number): number[] {
  const scaled_V = logits_V.map((logit) => logit / temperature);
  const largest = scaled_V.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = largest + Math.log(scaled_V.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return scaled_V.map((value) => value - total);
}

/**
 * Log-probability of each token of a sequence.
 *
 * @example Two equal logits
 * ```ts
 * import { tokenLogprobs } from "whetstone/train/losses/temperature_softmax.ts";
 * import assert from "node:assert/strict";
 *
 * assert.ok(Math.abs((tokenLogprobs([[3, 3]], [1], 0.7)[0] ?? 0) - Math.log(0.5)) < 1e-15);
 * ```
 *
 * @param logits_T_V `logits_T_V[t]` predicts `ids_T[t]`.
 * @returns nats, shape [T].
 */
export function tokenLogprobs(
  logits_T_V: readonly (readonly number[])[],
  ids_T: readonly number[],
  temperature: number,
): number[] {
  return ids_T.map((id, t) => logSoftmax(logits_T_V[t] ?? [], temperature)[id] ?? NaN);
}

/**
 * d loss / d logits of each token.
 *
 * @param slopes_T d loss / d log p of each token; where it is 0 the logits are not read, so padding may hold anything.
 * @returns shape [T, V].
 */
export function logitGradients(
  logits_T_V: readonly (readonly number[])[],
  ids_T: readonly number[],
  temperature: number,
  slopes_T: readonly number[],
): number[][] {
  return logits_T_V.map((logits_V, t) => {
    const slope = slopes_T[t] ?? 0;
    if (slope === 0) return logits_V.map(() => 0);
    return logSoftmax(logits_V, temperature).map((logprob, v) => {
      return slope * (Number(v === ids_T[t]) - Math.exp(logprob)) / temperature;
    });
  });
}

/** Entropy of the next token, nats. */
export function tokenEntropy(logits_V: readonly number[], temperature: number): number {
  return -logSoftmax(logits_V, temperature).reduce((sum, logprob) => sum + Math.exp(logprob) * logprob, 0);
}
