/**
 * Sign-flip permutation test of paired differences.
 *
 * Contract: under "the two arms are exchangeable within every cluster" each cluster's summed difference is as likely to have the
 * other sign; p is the share of sign vectors whose |sum| reaches the observed one. All vectors are enumerated for up to
 * {@linkcode EXACT_CLUSTERS} scores other than 0 (zeros change no sum), else keyed draws are made and p = (b + 1)/(m + 1), which
 * is never 0 (Phipson and Smyth 2010). Order does not matter; sums that differ only by rounding count as ties.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import { checkFinite } from "./interval.ts";

/** Up to so many scores other than 0, all sign vectors are enumerated. */
export const EXACT_CLUSTERS = 16;
/** Sign vectors drawn where there are too many to enumerate. */
export const PERMUTATION_DRAWS = 10_000;

/** Relative size below which a sum of terms that should cancel counts as 0. */
const DUST = 1e-12;

/** A p-value and how it was found. */
export interface SignFlip {
  /** Two-sided. */
  readonly p: number;
  /** All sign vectors were enumerated. */
  readonly exact: boolean;
}

/** Options of {@linkcode signFlipTest}. */
export interface SignFlipOptions {
  /**
   * Key of the draws.
   *
   * @default {0}
   */
  seed?: number;
  /**
   * Sign vectors to draw where there are too many to enumerate.
   *
   * @default {10000}
   */
  draws?: number;
  /**
   * Scores other than 0 up to which all sign vectors are enumerated, at most 24.
   *
   * @default {16}
   */
  exactUpTo?: number;
}

/**
 * Two-sided sign-flip permutation test of "the scores are symmetric around 0".
 *
 * @example Three scenarios that all gain: 2 of 8 sign vectors reach the sum
 * ```ts
 * import { signFlipTest } from "whetstone/eval/statistics/sign_flip.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(signFlipTest([1, 1, 1]), { p: 0.25, exact: true });
 * ```
 *
 * @param scores_C summed difference per cluster, [C].
 * @param options see {@linkcode SignFlipOptions}.
 * @throws {StatisticsError} if a score is not finite; {RangeError} if an option makes no sense.
 */
export function signFlipTest(scores_C: readonly number[], options: SignFlipOptions = {}): SignFlip {
  const { seed = 0, draws = PERMUTATION_DRAWS, exactUpTo = EXACT_CLUSTERS } = options;
  checkFinite("a sign-flip test", scores_C);
  if (!(Number.isInteger(draws) && draws > 0)) {
    throw new RangeError(`Cannot run a sign-flip test: draws must be a positive integer, got ${draws}`);
  }
  if (!(exactUpTo >= 0 && exactUpTo <= 24)) {
    throw new RangeError(`Cannot run a sign-flip test: exactUpTo must be in [0, 24], got ${exactUpTo}`);
  }
  const size = scores_C.reduce((sum, score) => sum + Math.abs(score), 0);
  const dust = size * DUST;
  const scores = scores_C.filter((score) => Math.abs(score) > dust).sort((a, b) => a - b);
  const reach = Math.abs(scores.reduce((sum, score) => sum + score, 0)) - dust;
  if (scores.length <= exactUpTo) {
    const vectors = 2 ** scores.length;
    let reached = 0;
    for (let vector = 0; vector < vectors; vector++) {
      let sum = 0;
      for (let c = 0; c < scores.length; c++) sum += (vector >>> c) & 1 ? -(scores[c] ?? 0) : scores[c] ?? 0;
      if (Math.abs(sum) >= reach) reached++;
    }
    return { p: reached / vectors, exact: true };
  }
  const random = keyedRandom("sign-flip", seed, scores.length);
  let reached = 1;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    let bits = 0;
    for (let c = 0; c < scores.length; c++) {
      if (c % 32 === 0) bits = random.uint32();
      sum += (bits >>> (c % 32)) & 1 ? -(scores[c] ?? 0) : scores[c] ?? 0;
    }
    if (Math.abs(sum) >= reach) reached++;
  }
  return { p: reached / (draws + 1), exact: false };
}
