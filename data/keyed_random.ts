/**
 * Counter-based random numbers keyed by identity: Philox4x32-10 (Salmon et al., SC 2011, doi 10.1145/2063384.2063405).
 *
 * Contract: the same key gives the same stream on every machine, whatever else was drawn before; two different keys give
 * unrelated streams. A key is a list of strings and integers that names the thing drawn for (seed, purpose, task, sample, turn).
 * Choices: the key list is hashed to the 64-bit Philox key and the upper half of its counter with four FNV-1a-like lanes.
 * Omitted: cryptographic strength.
 *
 * @module
 */

/** Part of a key: text, or an integer. */
export type KeyPart = string | number;

const MULTIPLIER_0 = 0xD2511F53;
const MULTIPLIER_1 = 0xCD9E8D57;
const WEYL_0 = 0x9E3779B9;
const WEYL_1 = 0xBB67AE85;
const ROUNDS = 10;

/**
 * High 32 bits of the product of two unsigned 32-bit integers, from four products of 16-bit halves.
 *
 * Plain numbers hold every sum exactly, being below 2^53; BigInt took twenty times as long.
 */
function multiplyHigh(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xFFFF, a >>> 16, b & 0xFFFF, b >>> 16];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xFFFF);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/**
 * One Philox4x32-10 block.
 *
 * @example Known answer of the Random123 distribution
 * ```ts
 * import { philox4x32 } from "whetstone/data/keyed_random.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(philox4x32([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
 * ```
 *
 * @param counter four unsigned 32-bit integers.
 * @param key two unsigned 32-bit integers.
 * @returns four unsigned 32-bit integers.
 */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const next0 = (multiplyHigh(MULTIPLIER_1, c2) ^ c1 ^ k0) >>> 0;
    const next2 = (multiplyHigh(MULTIPLIER_0, c0) ^ c3 ^ k1) >>> 0;
    c1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c3 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    c0 = next0;
    c2 = next2;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** Four 32-bit hashes of a key list; a type tag and a separator keep `["1"]`, `[1]` and `["a", "b"]`, `["ab"]` apart. */
function hashKey(parts: readonly KeyPart[]): [number, number, number, number] {
  const lanes: [number, number, number, number] = [0x811C9DC5, 0x9DC5811C, 0x01000193, 0x5BD1E995];
  const text = parts.map((part) => (typeof part === "number" ? `#${part}` : `$${part}`)).join("\u0001");
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    lanes[0] = Math.imul(lanes[0] ^ code, 0x01000193);
    lanes[1] = Math.imul(lanes[1] ^ code, 0x85EBCA6B);
    lanes[2] = Math.imul(lanes[2] ^ (code + i), 0xC2B2AE35);
    lanes[3] = Math.imul(lanes[3] ^ code, 0x27D4EB2F) + lanes[0];
  }
  return philox4x32([lanes[0] >>> 0, lanes[1] >>> 0, lanes[2] >>> 0, lanes[3] >>> 0], [text.length, 0x57484554]);
}

/** A stream of random numbers that belongs to one key. */
export class KeyedRandom {
  readonly #hash: readonly [number, number, number, number];
  #block: readonly number[] = [];
  #used = 4;
  #counter = 0;

  /** @param key identity of the thing that the numbers are for. */
  constructor(key: readonly KeyPart[]) {
    this.#hash = hashKey(key);
  }

  /** Next unsigned 32-bit integer. */
  uint32(): number {
    if (this.#used === 4) {
      this.#block = philox4x32([this.#counter, 0, this.#hash[2], this.#hash[3]], [this.#hash[0], this.#hash[1]]);
      this.#counter++;
      this.#used = 0;
    }
    return this.#block[this.#used++] ?? 0;
  }

  /** Uniform number in [0, 1) with 53 random bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** Uniform integer in [low, high], both ends included. */
  int(low: number, high: number): number {
    if (!(Number.isInteger(low) && Number.isInteger(high) && low <= high)) {
      throw new RangeError(`Cannot draw an integer: need integers low <= high, got ${low} and ${high}`);
    }
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** Standard normal number (Box-Muller, one of the pair). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** One element of a list that is not empty. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("Cannot pick from an empty list");
    return items[this.int(0, items.length - 1)] as T;
  }

  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
    }
    return copy;
  }

  /** `count` different elements, in random order; all of them if there are fewer. */
  sample<T>(items: readonly T[], count: number): T[] {
    return this.shuffle(items).slice(0, count);
  }
}

/**
 * The stream of a key.
 *
 * @example Equal keys, equal numbers
 * ```ts
 * import { keyedRandom } from "whetstone/data/keyed_random.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(keyedRandom("sampling", 7).uniform(), keyedRandom("sampling", 7).uniform());
 * ```
 *
 * @param key identity of the thing that the numbers are for.
 */
export function keyedRandom(...key: KeyPart[]): KeyedRandom {
  return new KeyedRandom(key);
}
