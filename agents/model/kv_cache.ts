/**
 * Keys and values of many slots in host memory, in the layout that the decoding graph reads.
 *
 * Contract: per layer, keys and values are [slots, K, S, d], S being the capacity: a multiple of 32 that follows
 * the longest slot, because reading the cache is most of a step's time when many slots are busy. Places at and beyond a slot's length
 * are masked; what they hold never matters, and capacity does not change results. A slot's share is contiguous, so views of one slot
 * or of the first R slots are taken without copying. Memory is got in powers of two of the capacity; within it, content moves in place.
 *
 * @module
 */
import type { ModelConfig } from "./config.ts";
import { MASKED_SCORE } from "./decoder.ts";
import type { Device, DeviceTensor } from "./device.ts";

/**
 * New keys and values as the decoding graph returns them, wherever they are: per layer N = R·C rows of K·d numbers, or for a cache in
 * host memory all in one.
 */
export interface KeyValues {
  /** Keys per layer, each [N, K·d]. */
  readonly keys_L: readonly DeviceTensor[];
  /** Values per layer, each [N, K·d]. */
  readonly values_L: readonly DeviceTensor[];
  /** [N, L·2·K·d]: of each layer its keys, then its values; the lists are empty then. */
  readonly made?: DeviceTensor;
}

/** Where one row of new keys and values goes. */
export interface CacheWrite {
  /** Row among the new ones. */
  readonly row: number;
  /** Slot that gets it. */
  readonly slot: number;
  /** Place within the slot; room must have been reserved. */
  readonly place: number;
}

/** Keys and values of many slots, in the memory that graphs run from. */
export interface SlotCache {
  /** S: places per slot at present. */
  readonly capacity: number;
  /** Number of tokens in a slot. */
  length(slot: number): number;
  /** Empties a slot. */
  clear(slot: number): void;
  /** Makes room for `extra` more tokens in every slot of a list; gives room back when the longest slot is much shorter. */
  reserve(slots: readonly number[], extra: number): void;
  /** Writes new keys and values and counts their places as filled; the places of a slot follow its length in order. */
  write(made: KeyValues, writes: readonly CacheWrite[]): void;
  /** Moves a slot's content to an empty slot. */
  move(from: number, to: number): void;
  /** Cache inputs of the decoding graph for `rows` slots from `first` on. @param grouped see {@linkcode KvCache.feeds}. */
  feeds(first: number, rows: number, grouped?: boolean): Record<string, DeviceTensor>;
  /** Frees device memory. */
  release(): void;
}

/** Capacity of a cache whose longest slot holds `longest` tokens: `capacity` as it is, or what it should become, a multiple of `step`. */
export function capacityFor(longest: number, capacity: number, step: number): number {
  const wanted = Math.ceil(Math.max(1, longest) / step) * step;
  return wanted > capacity || wanted <= capacity - SHRINK_BY ? wanted : capacity;
}

const CAPACITY_STEP = 32;
/** Capacity shrinks only by at least this much, so that it does not go back and forth. */
const SHRINK_BY = 256;
/** Least places per slot that memory is got for. */
const LEAST_ROOM = 128;

/** Host-owned cache. */
export class KvCache implements SlotCache {
  readonly #config: ModelConfig;
  readonly #device: Device;
  readonly #slots: number;
  readonly #lengths: number[];
  #capacity = 0;
  /** Places per slot that there is memory for. */
  #room = 0;
  #keys_L: Float32Array[] = [];
  #values_L: Float32Array[] = [];
  #mask = new Float32Array();

  /** An empty cache. @param slots number of slots. */
  constructor(device: Device, config: ModelConfig, slots: number) {
    this.#device = device;
    this.#config = config;
    this.#slots = slots;
    this.#lengths = Array(slots).fill(0);
    this.#resize(CAPACITY_STEP);
  }

  /** S: places per slot at present. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Number of tokens in a slot. */
  length(slot: number): number {
    return this.#lengths[slot] ?? 0;
  }

  /** Empties a slot. */
  clear(slot: number): void {
    this.#lengths[slot] = 0;
    this.#mask.fill(MASKED_SCORE, slot * this.#capacity, (slot + 1) * this.#capacity);
  }

  /** Makes room for `extra` more tokens in every slot of a list; gives room back when the longest slot is much shorter. */
  reserve(slots: readonly number[], extra: number): void {
    const longest = Math.max(1, ...this.#lengths, ...slots.map((slot) => this.length(slot) + extra));
    const wanted = capacityFor(longest, this.#capacity, CAPACITY_STEP);
    if (wanted !== this.#capacity) this.#resize(wanted);
  }

  #resize(capacity: number): void {
    const { keyValueHeads: K, headSize: d } = this.#config;
    const old = this.#capacity;
    if (capacity > old) this.#makeRoom(capacity, old);
    this.#capacity = capacity;
    this.#mask = new Float32Array(this.#slots * capacity).fill(MASKED_SCORE);
    for (const [slot, length] of this.#lengths.entries()) {
      this.#mask.fill(0, slot * capacity, slot * capacity + length);
    }
    // In this order no part is written over before it is moved.
    const slots = [...this.#lengths.keys()];
    if (capacity > old) slots.reverse();
    for (const slot of slots) {
      const length = this.length(slot);
      if (length === 0) continue;
      for (const buffer of [...this.#keys_L, ...this.#values_L]) {
        moveParts(buffer, slot * K, K, old * d, capacity * d, length * d);
      }
    }
    if (capacity < old) this.#makeRoom(capacity, capacity);
  }

  /** Gets other memory if there is too little for a capacity, or far too much; what `used` places per slot take is kept. */
  #makeRoom(capacity: number, used: number): void {
    const { layers, keyValueHeads: K, headSize: d } = this.#config;
    const room = Math.max(LEAST_ROOM, 2 ** Math.ceil(Math.log2(capacity)));
    if (room <= this.#room && room > this.#room / 4) return;
    this.#room = room;
    const size = this.#slots * K * d;
    const moved = (buffers: readonly Float32Array[]) => {
      return Array.from({ length: layers }, (_, layer) => {
        const buffer = new Float32Array(size * room);
        buffer.set(buffers[layer]?.subarray(0, size * used) ?? []);
        return buffer;
      });
    };
    [this.#keys_L, this.#values_L] = [moved(this.#keys_L), moved(this.#values_L)];
  }

  /** Writes new keys and values, which must be in host memory and in one tensor. */
  write({ made }: KeyValues, writes: readonly CacheWrite[]): void {
    const data = made?.data;
    if (!(data instanceof Float32Array)) {
      throw new TypeError("Cannot cache keys and values: they must be in host memory");
    }
    for (const { row, slot, place } of writes) {
      this.#put(data, row, slot, place);
      this.#mask[slot * this.#capacity + place] = 0;
      this.#lengths[slot] = place + 1;
    }
  }

  #put(data: Float32Array, row: number, slot: number, place: number): void {
    const { layers, keyValueHeads: K, headSize: d } = this.#config;
    let from = row * layers * 2 * K * d;
    for (let layer = 0; layer < layers; layer++) {
      for (const buffer of [this.#keys_L[layer], this.#values_L[layer]]) {
        for (let head = 0; head < K; head++) {
          const to = ((slot * K + head) * this.#capacity + place) * d;
          for (let i = 0; buffer !== undefined && i < d; i++) buffer[to + i] = data[from++] ?? 0;
        }
      }
    }
  }

  /** Moves a slot's content to an empty slot. */
  move(from: number, to: number): void {
    const { keyValueHeads: K, headSize: d } = this.#config;
    const size = K * d * this.#capacity;
    for (const buffer of [...this.#keys_L, ...this.#values_L]) {
      buffer.copyWithin(to * size, from * size, (from + 1) * size);
    }
    this.#mask.copyWithin(to * this.#capacity, from * this.#capacity, (from + 1) * this.#capacity);
    this.#lengths[to] = this.length(from);
    this.clear(from);
  }

  /**
   * Cache inputs of the decoding graph for `rows` slots from `first` on.
   *
   * @param grouped whether they have an axis for the queries that share keys: [R, K, 1, S, d] and a mask [R, 1, 1, 1, S].
   */
  feeds(first: number, rows: number, grouped = false): Record<string, DeviceTensor> {
    const { layers, keyValueHeads: K, headSize: d } = this.#config;
    // An empty slot's share is all masked, and a narrow one saves time.
    const S = rows === 1 && this.length(first) === 0 ? CAPACITY_STEP : this.#capacity;
    const shape = grouped ? [rows, K, 1, S, d] : [rows, K, S, d];
    const view = (buffer: Float32Array | undefined, width: number) => {
      const start = first * width * this.#capacity;
      return buffer?.subarray(start, start + rows * width * S) ?? new Float32Array();
    };
    const feeds: Record<string, DeviceTensor> = {
      cache_mask: this.#device.float(view(this.#mask, 1), grouped ? [rows, 1, 1, 1, S] : [rows, 1, 1, S]),
    };
    for (let layer = 0; layer < layers; layer++) {
      feeds[`key_cache.${layer}`] = this.#device.float(view(this.#keys_L[layer], K * d), shape);
      feeds[`value_cache.${layer}`] = this.#device.float(view(this.#values_L[layer], K * d), shape);
    }
    return feeds;
  }

  /** Nothing: host memory is the collector's. */
  release(): void {}
}

/** Cache inputs of the decoding graph for rows that begin sequences, without any cache: a few places, all hidden. */
export function emptyCacheFeeds(device: Device, config: ModelConfig, rows: number): Record<string, DeviceTensor> {
  const { layers, keyValueHeads: K, headSize: d } = config;
  const mask = new Float32Array(rows * CAPACITY_STEP).fill(MASKED_SCORE);
  const nothing = device.float(new Float32Array(rows * K * CAPACITY_STEP * d), [rows, K, CAPACITY_STEP, d]);
  const feeds: Record<string, DeviceTensor> = { cache_mask: device.float(mask, [rows, 1, 1, CAPACITY_STEP]) };
  for (let layer = 0; layer < layers; layer++) {
    feeds[`key_cache.${layer}`] = nothing;
    feeds[`value_cache.${layer}`] = nothing;
  }
  return feeds;
}

/** Moves the first `length` numbers of `count` parts of a buffer, from part `first` on, where parts of `old` numbers become ones of `size`. */
function moveParts(
  buffer: Float32Array,
  first: number,
  count: number,
  old: number,
  size: number,
  length: number,
): void {
  for (let i = 0; i < count; i++) {
    const part = size > old ? first + count - 1 - i : first + i;
    buffer.copyWithin(part * size, part * old, part * old + length);
  }
}
