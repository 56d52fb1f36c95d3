/**
 * From logits to log-probabilities at a temperature, and from a loss's slopes back to logits, in float64.
 *
 * With z the logits and T the temperature: log p(v) = z_v / T - logsumexp(z / T); d log p(v) / d z_u = ([u = v] - p(u)) / T.
 * Sampling and training must use the same T: the ratio of one policy at two temperatures is not 1. The same holds of truncation (top-k,
 * top-p, min-p): with a threshold c, tokens of log p < c are dropped, except for the token itself, and p is renormalised over the rest,
 * whose gradients have the same form with the renormalised p.
 * Choices: which tokens are dropped counts as fixed, so that the gradient has no term for a token that crosses the threshold.
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
 * Log-probabilities after truncation, nats, shape [V]; -Infinity for dropped tokens.
 *
 * @example Of two likely tokens and an unlikely one, the unlikely one is dropped
 * ```ts
 * import { keptLogSoftmax } from "whetstone/train/losses/temperature_softmax.ts";
 * import assert from "node:assert/strict";
 *
 * const [first, , last] = keptLogSoftmax([0, 0, -5], 1, -3, 0);
 * assert.ok(Math.abs((first ?? 0) - Math.log(0.5)) < 1e-15);
 * assert.equal(last, -Infinity);
 * ```
 *
 * @param threshold log-probability before truncation below which tokens are dropped, nats; -Infinity drops none.
 * @param id token that is kept whatever its log-probability is.
 */
export function keptLogSoftmax(
  logits_V: readonly number[],
  temperature: number,
  threshold: number,
  id: number,
): number[] {
  const all_V = logSoftmax(logits_V, temperature);
  if (threshold === -Infinity) return all_V;
  return logSoftmax(all_V.map((logprob, v) => (v === id || logprob >= threshold ? logprob : -Infinity)), 1);
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
 * @param thresholds_T threshold of each token's distribution ({@linkcode keptLogSoftmax}); nothing is dropped if left out.
 * @returns nats, shape [T].
 */
export function tokenLogprobs(
  logits_T_V: readonly (readonly number[])[],
  ids_T: readonly number[],
  temperature: number,
  thresholds_T: readonly number[] = [],
): number[] {
  return ids_T.map((id, t) => {
    return keptLogSoftmax(logits_T_V[t] ?? [], temperature, thresholds_T[t] ?? -Infinity, id)[id] ?? NaN;
  });
}

/**
 * d loss / d logits of each token.
 *
 * @param slopes_T d loss / d log p of each token; where it is 0 the logits are not read, so padding may hold anything.
 * @param thresholds_T as in {@linkcode tokenLogprobs}.
 * @returns shape [T, V].
 */
export function logitGradients(
  logits_T_V: readonly (readonly number[])[],
  ids_T: readonly number[],
  temperature: number,
  slopes_T: readonly number[],
  thresholds_T: readonly number[] = [],
): number[][] {
  return logits_T_V.map((logits_V, t) => {
    const slope = slopes_T[t] ?? 0;
    if (slope === 0) return logits_V.map(() => 0);
    const id = ids_T[t] ?? -1;
    return keptLogSoftmax(logits_V, temperature, thresholds_T[t] ?? -Infinity, id).map((logprob, v) => {
      return slope * (Number(v === id) - Math.exp(logprob)) / temperature;
    });
  });
}

/**
 * Entropy of the next token, nats.
 *
 * @param threshold as in {@linkcode keptLogSoftmax}. @param id likewise.
 */
export function tokenEntropy(logits_V: readonly number[], temperature: number, threshold = -Infinity, id = -1): number {
  return -keptLogSoftmax(logits_V, temperature, threshold, id).reduce((sum, logprob) => {
    return logprob === -Infinity ? sum : sum + Math.exp(logprob) * logprob;
  }, 0);
}
