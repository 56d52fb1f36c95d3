/**
 * Top-k, top-p and min-p: cuts a distribution at a threshold, without sorting it, and draws from what is left.
 *
 * Contract: the order and the rules are those of Hugging Face's logits warpers. `topK` keeps probabilities at least as large as the
 * k-th largest. Of what it leaves, renormalised, `topP` drops a token if it and all less probable ones sum to at most 1 - topP. Of
 * what that leaves, `minP` drops a token less probable than minP times the most probable one. The most probable token is always kept.
 * Choice: among tokens that tie exactly with the last one kept, all are kept, where the warper for topP keeps some in the order of its
 * sort; a cut is therefore one number, which training can apply again.
 * The borders are found digit by digit (a radix selection over the bits of the numbers, whose order is that of non-negative floats):
 * at most three passes over the vocabulary for each of topK and topP, and no memory beyond 2048 counters.
 *
 * @module
 */
import type { Sampling } from "../policy.ts";
import type { DrawnToken } from "./draw_token.ts";

/** Shifts and widths of the three digits of a float's 32 bits, from the highest on. */
const DIGITS = [{ shift: 21, bits: 11 }, { shift: 10, bits: 11 }, { shift: 0, bits: 10 }] as const;
const BUCKETS = 2048;

/** A drawn token and the cut that it was drawn under. */
export interface TruncatedToken extends DrawnToken {
  /** Log of its probability before truncation, nats. */
  readonly fullLogprob: number;
  /** Log-probability before truncation midway between the smallest kept and the largest dropped; -Infinity if none was dropped. */
  readonly threshold: number;
}

/** Whether any token may be dropped. Greedy choice is never truncated. */
export function truncates(sampling: Sampling): boolean {
  const { temperature, topK = 0, topP = 1, minP = 0 } = sampling;
  return temperature > 0 && (topK > 0 || topP < 1 || minP > 0);
}

/** @throws {RangeError} if a field of a sampling is out of its range. */
export function checkSampling(sampling: Sampling): void {
  const { temperature, topK = 0, topP = 1, minP = 0 } = sampling;
  if (!(temperature >= 0 && Number.isFinite(temperature))) {
    throw new RangeError(`Cannot sample: temperature must be a number of at least 0, got ${temperature}`);
  }
  if (!(Number.isInteger(topK) && topK >= 0)) {
    throw new RangeError(`Cannot sample: topK must be an integer of at least 0 (0 keeps all tokens), got ${topK}`);
  }
  if (!(topP > 0 && topP <= 1)) {
    throw new RangeError(`Cannot sample: topP must be above 0 and at most 1 (1 keeps all tokens), got ${topP}`);
  }
  if (!(minP >= 0 && minP <= 1)) {
    throw new RangeError(`Cannot sample: minP must be from 0 to 1 (0 keeps all tokens), got ${minP}`);
  }
}

/**
 * Draws under one sampling's truncation; keeps its scratch memory from draw to draw.
 *
 * @example The two most probable of four tokens are kept
 * ```ts
 * import { Truncation } from "whetstone/agents/model/truncation.ts";
 * import assert from "node:assert/strict";
 *
 * const truncation = new Truncation({ temperature: 1, topK: 2 });
 * const token = truncation.draw(Float32Array.of(0.125, 0.25, 0.125, 0.5), 0, 4, 0.9);
 * assert.equal(token.id, 3);
 * assert.ok(Math.abs(token.logprob - Math.log(2 / 3)) < 1e-12);
 * assert.equal(token.fullLogprob, Math.log(0.5));
 * assert.equal(token.threshold, (Math.log(0.25) + Math.log(0.125)) / 2);
 * ```
 */
export class Truncation {
  readonly #topK: number;
  readonly #topP: number;
  readonly #minP: number;
  readonly #counts = new Uint32Array(BUCKETS);
  readonly #sums = new Float64Array(BUCKETS);
  /** One float seen as bits, to turn a selected pattern of bits into a number. */
  readonly #float = new Float32Array(1);
  readonly #floatBits = new Uint32Array(this.#float.buffer);

  /** @throws {RangeError} if a field of the sampling is out of its range. */
  constructor(sampling: Sampling) {
    checkSampling(sampling);
    const { topK = 0, topP = 1, minP = 0 } = sampling;
    [this.#topK, this.#topP, this.#minP] = [topK, topP, minP];
  }

  /**
   * Smallest probability kept of `count` from `start` on; 0 keeps all.
   *
   * @param probabilities not negative, any positive sum.
   */
  cut(probabilities: Float32Array, start: number, count: number): number {
    const bits = new Uint32Array(probabilities.buffer, probabilities.byteOffset + 4 * start, count);
    let cut = 0;
    if (this.#topK > 0 && this.#topK < count) cut = this.#select(bits, probabilities, start, 0, this.#topK, Infinity);
    if (this.#topP < 1) {
      let mass = 0;
      for (let id = 0; id < count; id++) {
        const p = probabilities[start + id] ?? 0;
        if (p >= cut) mass += p;
      }
      cut = this.#select(bits, probabilities, start, cut, Infinity, this.#topP * mass);
    }
    if (this.#minP > 0) {
      let most = 0;
      for (let id = 0; id < count; id++) most = Math.max(most, probabilities[start + id] ?? 0);
      cut = Math.max(cut, this.#minP * most);
    }
    return cut;
  }

  /**
   * Draws by inverting the cumulative sum of the kept probabilities in the order of ids, as `drawToken` does for all.
   *
   * @param uniform in [0, 1).
   */
  draw(probabilities: Float32Array, start: number, count: number, uniform: number): TruncatedToken {
    const cut = this.cut(probabilities, start, count);
    let [kept, smallest, largestDropped] = [0, Infinity, 0];
    for (let id = 0; id < count; id++) {
      const p = probabilities[start + id] ?? 0;
      if (p >= cut && p > 0) {
        kept += p;
        if (p < smallest) smallest = p;
      } else if (p > largestDropped) largestDropped = p;
    }
    const goal = uniform * kept;
    let [sum, last] = [0, 0];
    for (let id = 0; id < count; id++) {
      const p = probabilities[start + id] ?? 0;
      if (!(p >= cut && p > 0)) continue;
      sum += p;
      last = id;
      if (sum > goal) break;
    }
    const p = probabilities[start + last] ?? 0;
    return {
      id: last,
      logprob: Math.log(p / kept),
      fullLogprob: Math.log(p),
      threshold: largestDropped > 0 ? (Math.log(smallest) + Math.log(largestDropped)) / 2 : -Infinity,
    };
  }

  /**
   * Largest number such that at least `count` of the numbers from `least` on are as large, or that those as large sum to `mass`,
   * whichever is reached first; `least` if neither is.
   */
  #select(
    bits: Uint32Array,
    numbers: Float32Array,
    start: number,
    least: number,
    count: number,
    mass: number,
  ): number {
    let [prefix, mask] = [0, 0];
    let [counted, summed] = [0, 0];
    for (const { shift, bits: width } of DIGITS) {
      const size = 1 << width;
      this.#counts.fill(0, 0, size);
      this.#sums.fill(0, 0, size);
      for (let id = 0; id < bits.length; id++) {
        const pattern = bits[id] ?? 0;
        if (((pattern ^ prefix) & mask) !== 0) continue;
        const number = numbers[start + id] ?? 0;
        if (number < least) continue;
        const digit = (pattern >>> shift) & (size - 1);
        this.#counts[digit] = (this.#counts[digit] ?? 0) + 1;
        this.#sums[digit] = (this.#sums[digit] ?? 0) + number;
      }
      let digit = size - 1;
      // The digit at which the border lies; rounding of the sums may leave it unreached, and then the lowest that occurs is taken.
      let lowest = -1;
      for (; digit >= 0; digit--) {
        const here = this.#counts[digit] ?? 0;
        if (here === 0) continue;
        lowest = digit;
        if (counted + here >= count || summed + (this.#sums[digit] ?? 0) >= mass) break;
        counted += here;
        summed += this.#sums[digit] ?? 0;
      }
      if (lowest < 0) return least;
      if (digit < 0) {
        counted -= this.#counts[lowest] ?? 0;
        summed -= this.#sums[lowest] ?? 0;
      }
      prefix |= lowest << shift;
      mask |= (size - 1) << shift;
    }
    this.#floatBits[0] = prefix;
    return this.#float[0] ?? least;
  }
}
