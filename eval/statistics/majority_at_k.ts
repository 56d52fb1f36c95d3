/**
 * maj@k of one problem: the chance that the most frequent answer among k of its n samples is right, over all subsets of size k.
 *
 * Contract: samples judged right are one class whatever their text (they all equal the reference); wrong samples vote by their
 * answer; a sample without an answer (`null`) uses up its place and votes for nothing; where nothing is voted for, the result is
 * wrong. A tie counts as 1/t among its t classes, which is what "first of the tied answers to appear" gives on average over the
 * orders of the samples; `ties: "wrong"` counts it 0.
 * Exact by counting subsets per size of the winning class (binomial coefficients multiplied class by class, k³ × classes steps)
 * for up to 1,000 samples and {@linkcode EXACT_STEPS} steps; beyond, the mean over keyed random subsets, and `exact` says so.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";

/** Steps up to which subsets are counted. */
export const EXACT_STEPS = 20_000_000;
/** Binomial coefficients of more samples overflow. */
const EXACT_SAMPLES = 1000;

/** One judged sample. */
export interface JudgedSample {
  /** What was answered, in a form in which equal answers are equal text; null if there was none. */
  readonly answer: string | null;
  /** Whether it is right. */
  readonly correct: boolean;
}

/** Options of {@linkcode majorityAtK}. */
export interface MajorityOptions {
  /**
   * What a tie between the right class and others counts.
   *
   * @default {"share"}
   */
  ties?: "share" | "wrong";
  /**
   * Largest number of steps for which subsets are counted; 0 forces drawing.
   *
   * @default {20000000}
   */
  exactSteps?: number;
  /**
   * Random subsets where they are not counted.
   *
   * @default {10000}
   */
  draws?: number;
  /**
   * Key of the draws.
   *
   * @default {0}
   */
  seed?: number;
}

/** A majority score and how it was found. */
export interface Majority {
  /** In [0, 1]. */
  readonly value: number;
  /** All subsets were counted. */
  readonly exact: boolean;
}

/** Class sizes: the right class, the wrong ones, and samples that vote for nothing. */
interface Classes {
  readonly right: number;
  readonly wrong: readonly number[];
  readonly silent: number;
}

function classesOf(samples: readonly JudgedSample[]): Classes {
  let right = 0;
  let silent = 0;
  const wrong = new Map<string, number>();
  for (const { answer, correct } of samples) {
    if (correct) right++;
    else if (answer === null) silent++;
    else wrong.set(answer, (wrong.get(answer) ?? 0) + 1);
  }
  // Sorted, so that the last bit does not depend on the order of the samples.
  return { right, wrong: [...wrong.values()].sort((a, b) => a - b), silent };
}

/** C(n, 0), …, C(n, n) as far as `limit`. */
function chooseRow(n: number, limit: number): number[] {
  const row = [1];
  for (let k = 1; k <= Math.min(n, limit); k++) row.push((row[k - 1] ?? 0) * (n - k + 1) / k);
  return row;
}

/** Counts subsets by the votes v of the right class and the number of wrong classes that reach v too. */
function countedMajority({ right, wrong, silent }: Classes, n: number, k: number, tieShare: (t: number) => number) {
  const rows = wrong.map((size) => chooseRow(size, k));
  const silentRow = chooseRow(silent, k);
  const rightRow = chooseRow(right, k);
  let favourable = 0;
  for (let v = 1; v <= Math.min(right, k); v++) {
    const rest = k - v;
    const maxTies = Math.floor(rest / v);
    const width = maxTies + 1;
    // ways[s * width + t]: ways to take s samples from the classes so far, t of which gave exactly v.
    let ways = new Float64Array((rest + 1) * width);
    for (let s = 0; s <= Math.min(rest, silent); s++) ways[s * width] = silentRow[s] ?? 0;
    for (const row of rows) {
      const next = new Float64Array(ways.length);
      for (let s = 0; s <= rest; s++) {
        for (let t = 0; t <= maxTies; t++) {
          const known = ways[s * width + t] ?? 0;
          if (known === 0) continue;
          for (let a = 0; a <= Math.min(v, row.length - 1, rest - s); a++) {
            const index = (s + a) * width + (a === v ? t + 1 : t);
            next[index] = (next[index] ?? 0) + known * (row[a] ?? 0);
          }
        }
      }
      ways = next;
    }
    for (let t = 0; t <= maxTies; t++) {
      favourable += (rightRow[v] ?? 0) * (ways[rest * width + t] ?? 0) * tieShare(t);
    }
  }
  return Math.min(1, favourable / (chooseRow(n, k)[k] ?? 1));
}

/**
 * Chance that the majority of k samples is right.
 *
 * @example Two of three agree on the right answer
 * ```ts
 * import { majorityAtK } from "whetstone/eval/statistics/majority_at_k.ts";
 * import assert from "node:assert/strict";
 *
 * const samples = [{ answer: "4", correct: true }, { answer: "4", correct: true }, { answer: "5", correct: false }];
 * assert.equal(majorityAtK(samples, 3).value, 1);
 * assert.equal(majorityAtK(samples, 1).value, 2 / 3);
 * ```
 *
 * @param samples judged samples of one problem, any order.
 * @param k size of the vote, 1 to the number of samples.
 * @param options see {@linkcode MajorityOptions}.
 * @throws {RangeError} if k or the number of draws makes no sense.
 */
export function majorityAtK(samples: readonly JudgedSample[], k: number, options: MajorityOptions = {}): Majority {
  const { ties = "share", exactSteps = EXACT_STEPS, draws = 10_000, seed = 0 } = options;
  const n = samples.length;
  if (!(Number.isInteger(k) && k >= 1 && k <= n)) {
    throw new RangeError(`Cannot compute maj@k: k must be an integer from 1 to the ${n} samples, got ${k}`);
  }
  if (!(Number.isInteger(draws) && draws > 0)) {
    throw new RangeError(`Cannot compute maj@k: draws must be a positive integer, got ${draws}`);
  }
  const tieShare = (others: number) => (others === 0 ? 1 : ties === "share" ? 1 / (others + 1) : 0);
  const classes = classesOf(samples);
  if (n <= EXACT_SAMPLES && k ** 3 * (classes.wrong.length + 1) <= exactSteps) {
    return { value: countedMajority(classes, n, k, tieShare), exact: true };
  }
  // Class of each sample: 0 right, -1 silent, else a wrong class.
  const class_N = [
    ...Array.from({ length: classes.right }, () => 0),
    ...Array.from({ length: classes.silent }, () => -1),
    ...classes.wrong.flatMap((size, index) => Array.from({ length: size }, () => index + 1)),
  ];
  const random = keyedRandom("majority", seed, n, k);
  let sum = 0;
  for (let draw = 0; draw < draws; draw++) {
    const votes = new Uint32Array(classes.wrong.length + 1);
    // A partial Fisher-Yates shuffle: what earlier draws left behind is as good a start as any other order.
    for (let i = 0; i < k; i++) {
      const j = random.int(i, n - 1);
      const chosen = class_N[j] ?? -1;
      class_N[j] = class_N[i] ?? -1;
      class_N[i] = chosen;
      if (chosen >= 0) votes[chosen] = (votes[chosen] ?? 0) + 1;
    }
    const right = votes[0] ?? 0;
    if (right === 0) continue;
    let others = 0;
    let beaten = false;
    for (let index = 1; index < votes.length; index++) {
      if ((votes[index] ?? 0) > right) beaten = true;
      else if (votes[index] === right) others++;
    }
    if (!beaten) sum += tieShare(others);
  }
  return { value: sum / draws, exact: false };
}
