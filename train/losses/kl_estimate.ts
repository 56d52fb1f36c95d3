/**
 * Estimates of KL(p || q) from one token sampled from p, and their slopes.
 *
 * With d = log p - log q: k1 = d, unbiased and of high variance; k2 = d² / 2, biased and never negative; k3 = exp(-d) - 1 + d, unbiased
 * and never negative (Schulman, "Approximating KL divergence", 2020; k3 is the penalty of GRPO, arXiv 2402.03300, equation 4).
 * Choices: as a penalty each is differentiated as written, with log q constant. What that pulls towards differs: with x ~ p, the expected
 * gradient of k1 is zero (its slope is 1 whatever d is), that of k2 is the gradient of KL(p || q), that of k3 the gradient of KL(q || p).
 *
 * @module
 */
import type { KlEstimator } from "../example.ts";

/** An estimate, nats, and its derivative by log p. */
export interface KlEstimate {
  /** The estimate, nats. */
  readonly value: number;
  /** d value / d log p. */
  readonly slope: number;
}

/**
 * Estimate of KL(p || q) at one token.
 *
 * @example Equal probabilities have distance 0
 * ```ts
 * import { klEstimate } from "whetstone/train/losses/kl_estimate.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(klEstimate("k2", 0), { value: 0, slope: 0 });
 * ```
 *
 * @param difference d = log p - log q, nats.
 */
export function klEstimate(estimator: KlEstimator, difference: number): KlEstimate {
  if (estimator === "k1") return { value: difference, slope: 1 };
  if (estimator === "k2") return { value: difference * difference / 2, slope: difference };
  // expm1 keeps the digits that exp(-d) - 1 loses near 0, where policies usually are.
  const excess = Math.expm1(-difference);
  return { value: excess + difference, slope: -excess };
}
