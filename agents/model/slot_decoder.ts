/**
 * Cached decoding of many sequences in lockstep: one token for every slot per run, or a run of tokens for one slot.
 *
 * Contract: a slot's probabilities depend on its own tokens and on how they were split between {@linkcode SlotDecoder.append} calls
 * and steps, not on other slots. Runs of tokens are cut into canonical pieces of at most 64, so that equal prefixes give equal bits;
 * pieces that begin a sequence are remembered and copied when another slot begins alike.
 *
 * @module
 */
import { contentHash } from "../../data/canonical.ts";
import { decodingGraph } from "./decoding_graph.ts";
import type { DeviceTensor, Session, Tensors } from "./device.ts";
import { type KeyValues, KvCache } from "./kv_cache.ts";
import { type Model, readFloats } from "./model.ts";

/** A piece that begins a sequence, as it was computed. */
interface Piece extends KeyValues {
  /** Probabilities of the token after the piece, [V]. */
  readonly probabilities: Float32Array;
}

const PIECE_TOKENS = 64;
const SHORT_PIECE_TOKENS = 16;
/** Fewest rows of a lockstep run; below this, fewer rows save nothing. */
const LEAST_ROWS = 8;
/** Most pieces remembered; a piece of `nano` takes about 0.2 MiB. */
const REMEMBERED_PIECES = 512;

/** Lockstep decoder of one call; make a new one after the weights have changed. */
export class SlotDecoder {
  readonly #model: Model;
  readonly #cache: KvCache;
  readonly #slots: number;
  readonly #inverseTemperature: DeviceTensor;
  readonly #feeds: Tensors;
  readonly #pieces = new Map<string, Piece>();
  /** Last token of each slot. */
  readonly #last: (number | undefined)[];

  /** All slots are empty at first. @param temperature divides the logits before the softmax. */
  constructor(model: Model, slots: number, temperature: number) {
    this.#model = model;
    this.#slots = slots;
    this.#cache = new KvCache(model.device, model.config, slots);
    this.#inverseTemperature = model.device.float(Float32Array.of(1 / temperature), []);
    this.#feeds = model.feeds();
    this.#last = Array(slots).fill(undefined);
  }

  /** Tokens whose keys and values a slot holds. */
  length(slot: number): number {
    return this.#cache.length(slot);
  }

  /** Empties a slot. */
  clear(slot: number): void {
    this.#cache.clear(slot);
    this.#last[slot] = undefined;
  }

  /** Moves a slot's content to an empty slot. */
  move(from: number, to: number): void {
    this.#cache.move(from, to);
    this.#last[to] = this.#last[from];
    this.#last[from] = undefined;
  }

  /** Number of rows that a lockstep run over the first `slots` slots takes. */
  rowsFor(slots: number): number {
    let rows = LEAST_ROWS;
    while (rows < slots) rows *= 2;
    return Math.min(rows, this.#slots);
  }

  /**
   * Appends one token to each slot of a list.
   *
   * @param tokens_R token of each of the first `tokens_R.length` slots; `undefined` leaves a slot as it is.
   * @returns probabilities of each slot's next token, [R, V]; rows of slots left out mean nothing.
   */
  async step(tokens_R: readonly (number | undefined)[]): Promise<Float32Array> {
    const R = tokens_R.length;
    const active = tokens_R.flatMap((token, slot) => (token === undefined ? [] : [slot]));
    this.#cache.reserve(active, 1);
    const session = await this.#session(1);
    const results = await session.run({
      ...this.#feeds,
      ...this.#cache.feeds(0, R),
      ids: this.#model.device.int32(Int32Array.from(tokens_R, (token) => token ?? 0), [R, 1]),
      previous: this.#model.device.int32(Int32Array.from(tokens_R, (token, r) => this.#last[r] ?? token ?? 0), [R, 1]),
      positions: this.#model.device.int64(BigInt64Array.from(tokens_R, (_, slot) => BigInt(this.length(slot))), [R, 1]),
      last: this.#model.device.int32(Int32Array.from(tokens_R, (_, slot) => slot), [R]),
      inverse_temperature: this.#inverseTemperature,
    });
    const { probabilities, keys_L, values_L } = await this.#read(results);
    for (let layer = 0; layer < keys_L.length; layer++) {
      const [keys, values] = [keys_L[layer], values_L[layer]];
      if (keys === undefined || values === undefined) continue;
      for (const slot of active) this.#cache.append(slot, layer, keys, values, slot, this.length(slot));
    }
    for (const slot of active) {
      this.#cache.advance(slot, 1);
      this.#last[slot] = tokens_R[slot];
    }
    return probabilities;
  }

  /**
   * Appends a run of tokens to one slot.
   *
   * @param ids at least one token.
   * @returns probabilities of the token after them, [V].
   */
  async append(slot: number, ids: readonly number[]): Promise<Float32Array> {
    let probabilities: Float32Array = new Float32Array();
    let key: string | undefined = this.length(slot) === 0 ? "" : undefined;
    for (let start = 0; start < ids.length; start += PIECE_TOKENS) {
      const piece = ids.slice(start, start + PIECE_TOKENS);
      key = key === undefined ? undefined : contentHash(`${key}|${piece}`, 32);
      const known = key === undefined ? undefined : this.#pieces.get(key);
      const made = known ?? await this.#run(slot, piece);
      this.#write(slot, made);
      this.#last[slot] = piece.at(-1);
      if (key !== undefined) this.#remember(key, made);
      probabilities = made.probabilities;
    }
    return probabilities;
  }

  #remember(key: string, piece: Piece): void {
    // Taking it out and putting it back makes the map's order the order of use.
    this.#pieces.delete(key);
    this.#pieces.set(key, piece);
    const [oldest] = this.#pieces.keys();
    if (this.#pieces.size > REMEMBERED_PIECES && oldest !== undefined) this.#pieces.delete(oldest);
  }

  #write(slot: number, piece: KeyValues): void {
    this.#cache.reserve([slot], piece.tokens);
    const length = this.length(slot);
    for (let layer = 0; layer < piece.keys_L.length; layer++) {
      const [keys, values] = [piece.keys_L[layer], piece.values_L[layer]];
      if (keys === undefined || values === undefined) continue;
      for (let t = 0; t < piece.tokens; t++) this.#cache.append(slot, layer, keys, values, t, length + t);
    }
    this.#cache.advance(slot, piece.tokens);
  }

  async #run(slot: number, piece: readonly number[]): Promise<Piece> {
    const chunk = piece.length <= SHORT_PIECE_TOKENS ? SHORT_PIECE_TOKENS : PIECE_TOKENS;
    const { device, config } = this.#model;
    const length = this.length(slot);
    const session = await this.#session(chunk);
    const positions = Array.from({ length: chunk }, (_, t) => Math.min(length + t, config.contextTokens - 1));
    const results = await session.run({
      ...this.#feeds,
      ...this.#cache.feeds(slot, 1),
      ids: device.int32(Int32Array.from({ length: chunk }, (_, t) => piece[t] ?? 0), [1, chunk]),
      previous: device.int32(
        Int32Array.from({ length: chunk }, (_, t) => piece[t - 1] ?? this.#last[slot] ?? piece[0] ?? 0),
        [1, chunk],
      ),
      positions: device.int64(BigInt64Array.from(positions, BigInt), [1, chunk]),
      last: device.int32(Int32Array.of(piece.length - 1), [1]),
      inverse_temperature: this.#inverseTemperature,
    });
    return { tokens: piece.length, ...await this.#read(results) };
  }

  #session(chunk: number): Promise<Session> {
    return this.#model.session(`decode ${chunk}`, () => decodingGraph(this.#model.config, chunk));
  }

  async #read(results: Tensors) {
    const layers = [...Array(this.#model.config.layers).keys()];
    const take = async (name: string): Promise<Float32Array> => {
      const tensor = results[name];
      return tensor === undefined ? new Float32Array() : await readFloats(tensor);
    };
    return {
      probabilities: await take("probabilities"),
      keys_L: await Promise.all(layers.map((layer) => take(`key.${layer}`))),
      values_L: await Promise.all(layers.map((layer) => take(`value.${layer}`))),
    };
  }
}
