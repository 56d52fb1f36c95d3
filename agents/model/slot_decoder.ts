/**
 * Cached decoding of many sequences in lockstep: one token for every slot per run, or a run of tokens for one slot.
 *
 * Contract: a slot's probabilities depend on its own tokens and on how they were split between {@linkcode SlotDecoder.append} calls
 * and steps, not on other slots. On native CPU the steps of a small model run a graph that holds its weights, on one thread (other
 * slots are decoded in other lanes). Runs of tokens are cut into canonical pieces of at most 64, so that equal prefixes give equal
 * bits; pieces that begin a sequence are remembered and copied when another slot begins alike.
 *
 * @module
 */
import { contentHash } from "../../data/canonical.ts";
import { type ModelConfig, parameterList } from "./config.ts";
import { decodingGraph } from "./decoding_graph.ts";
import { type DecodeStats, NO_STATS } from "./decode_stats.ts";
import type { DeviceTensor, Session, SessionOptions, Tensors } from "./device.ts";
import { GpuKvCache } from "./gpu_kv_cache.ts";
import { isSmall } from "./lanes.ts";
import { emptyCacheFeeds, type KeyValues, KvCache, type SlotCache } from "./kv_cache.ts";
import { type Model, readFloats } from "./model.ts";
import { hasLongRope, isLongRow } from "./rope.ts";
import { hasStepGraph, stepGraph } from "./step_graph.ts";

/** A piece that begins a sequence, as it was computed. */
interface Piece extends KeyValues {
  /** Number of its tokens; the rows beyond are padding. */
  readonly tokens: number;
  /** Probabilities of the token after the piece, [V]. */
  readonly probabilities: Float32Array;
}

const PIECE_TOKENS = 64;
const SHORT_PIECE_TOKENS = 16;
/** Most pieces run together: more would take memory and save little. */
const PIECES_AT_ONCE = 8;
/**
 * Numbers of rows of a lockstep run whose weights are inputs; beyond them, multiples of the last. Native CPU multiplies matrices of
 * fewer than 6 rows by another kernel, whose sums differ in their last bits at some widths, so that even a single conversation runs in
 * 8 rows, unless it cannot have neighbours: a decoder that was made for one slot runs one row. Constants whose sizes are multiples of
 * {@linkcode EVEN_SIZE} gave the same bits for every number of rows that was tried, so that there are as many rows as slots where all weights are such.
 */
const ROW_CLASSES = [8, 12, 16, 24, 32, 48, 64] as const;
/** Most pieces remembered, and most bytes of their keys and values; a piece of `nano` takes about 0.2 MiB. */
const REMEMBERED = { pieces: 512, bytes: 2 ** 29 } as const;

/** Sizes of matrices that no kernel has to treat a remainder of. */
const EVEN_SIZE = 16;

/** Whether all sizes of all matrices are multiples of {@linkcode EVEN_SIZE}. */
function hasEvenSizes(config: ModelConfig): boolean {
  return parameterList(config).every(({ shape }) => shape.length < 2 || shape.every((size) => size % EVEN_SIZE === 0));
}

/** Lockstep decoder of one call; make a new one after the weights have changed. */
export class SlotDecoder {
  readonly #model: Model;
  readonly #cache: SlotCache;
  readonly #slots: number;
  readonly #inverseTemperature: DeviceTensor;
  readonly #feeds: Tensors;
  /** Whether a step has as many rows as slots. */
  readonly #exactRows: boolean;
  /** Whether pieces that begin sequences may run together without a change of bits. */
  readonly #together: boolean;
  /** Whether the cache is in host memory. */
  readonly #host: boolean;
  /** Threads of a run: one where lanes take shares, or could, since a step of few parameters is all waiting for each other else. */
  readonly #threads: Pick<SessionOptions, "threads">;
  /** Whether steps run the graph that is made for few operators. */
  readonly #fewOperators: boolean;
  /** Whether the graph of steps holds the weights. */
  readonly #constant: boolean;
  readonly #pieces = new Map<string, Piece>();
  readonly #remembered: number;
  #stats: DecodeStats = NO_STATS;
  /** Last token of each slot. */
  readonly #last: (number | undefined)[];
  /** Whether each slot's keys are rotated as those of a long sequence; settled by the tokens that it begins with. */
  readonly #long: boolean[];

  /** All slots are empty at first. @param slots 1 if there never are two, see above. @param temperature divides the logits before the softmax. */
  constructor(model: Model, slots: number, temperature: number) {
    this.#model = model;
    const { device, config } = model;
    this.#constant = device.kind === "cpu" && isSmall(config);
    this.#fewOperators = this.#constant && model.adapter === undefined && hasStepGraph(config);
    this.#threads = this.#constant ? { threads: 1 } : {};
    this.#exactRows = slots === 1 || this.#constant && model.adapter === undefined && hasEvenSizes(config);
    this.#together = this.#constant && hasEvenSizes(config) && !hasLongRope(config);
    this.#slots = this.#exactRows ? slots : Math.max(slots, ROW_CLASSES[0]);
    this.#host = device.gpu === undefined;
    this.#cache = device.gpu === undefined
      ? new KvCache(device, config, this.#slots)
      : new GpuKvCache(device, device.gpu, config, this.#slots);
    const pieceBytes = 4 *
      (PIECE_TOKENS * 2 * config.layers * config.keyValueHeads * config.headSize + config.vocabularySize);
    this.#remembered = Math.max(1, Math.min(REMEMBERED.pieces, Math.floor(REMEMBERED.bytes / pieceBytes)));
    this.#inverseTemperature = model.device.float(Float32Array.of(1 / temperature), []);
    this.#feeds = model.feeds();
    this.#last = Array(this.#slots).fill(undefined);
    this.#long = Array(this.#slots).fill(false);
  }

  /** What was run and reused so far. */
  get stats(): DecodeStats {
    return this.#stats;
  }

  /** Cache inputs of one slot, for other graphs that read it. */
  cacheFeeds(slot: number): Tensors {
    return this.#cache.feeds(slot, 1);
  }

  /** Frees device memory; the decoder is not usable afterwards. */
  release(): void {
    for (const piece of this.#pieces.values()) dispose(piece);
    this.#pieces.clear();
    this.#cache.release();
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
    this.#long[to] = this.#long[from] ?? false;
    this.#last[from] = undefined;
  }

  /** Number of rows that a lockstep run over the first `slots` slots takes. */
  rowsFor(slots: number): number {
    return this.#exactRows ? slots : Math.min(rowClass(slots), this.#slots);
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
    const results = this.#fewOperators ? await this.#runStepGraph(tokens_R) : await this.#runDecodingGraph(tokens_R);
    const made = this.#keyValues(results);
    this.#cache.write(made, active.map((slot) => ({ row: slot, slot, place: this.length(slot) })));
    dispose(made);
    for (const slot of active) this.#last[slot] = tokens_R[slot];
    const { steps, rows, busyRows } = this.#stats;
    this.#stats = { ...this.#stats, steps: steps + 1, rows: rows + R, busyRows: busyRows + active.length };
    return await probabilitiesOf(results);
  }

  async #runDecodingGraph(tokens_R: readonly (number | undefined)[]): Promise<Tensors> {
    const R = tokens_R.length;
    const { device } = this.#model;
    const session = await (this.#constant ? this.#constantSession() : this.#session(1));
    return await session.run({
      ...(this.#constant ? this.#model.adapterFeeds() : this.#feeds),
      ...this.#cache.feeds(0, R),
      ids: device.int32(Int32Array.from(tokens_R, (token) => token ?? 0), [R, 1]),
      previous: device.int32(this.#previous(tokens_R), [R, 1]),
      positions: this.#positions(R),
      last: device.int32(Int32Array.from(tokens_R, (_, slot) => slot), [R]),
      ...this.#longRows(0, R),
      inverse_temperature: this.#inverseTemperature,
    });
  }

  async #runStepGraph(tokens_R: readonly (number | undefined)[]): Promise<Tensors> {
    const R = tokens_R.length;
    const { device, config } = this.#model;
    const session = await this.#model.constantSession("step", () => stepGraph(config), this.#threads);
    return await session.run({
      ...this.#cache.feeds(0, R, true),
      ids: device.int32(Int32Array.from(tokens_R, (token) => token ?? 0), [R]),
      ...(config.embedsPrevious ? { previous: device.int32(this.#previous(tokens_R), [R]) } : {}),
      positions: this.#positions(R),
      cut: device.int64(BigInt64Array.of(BigInt(this.#cache.capacity), 1n), [2]),
      inverse_temperature: this.#inverseTemperature,
    });
  }

  #previous(tokens_R: readonly (number | undefined)[]): Int32Array {
    return Int32Array.from(tokens_R, (token, r) => this.#last[r] ?? token ?? 0);
  }

  #positions(rows: number): DeviceTensor {
    const positions = BigInt64Array.from({ length: rows }, (_, slot) => BigInt(this.length(slot)));
    return this.#model.device.int64(positions, [rows, 1]);
  }

  /**
   * Appends a run of tokens to one slot.
   *
   * @param ids at least one token.
   * @returns probabilities of the token after them, [V].
   */
  async append(slot: number, ids: readonly number[]): Promise<Float32Array> {
    return await this.#append(slot, ids, new Map());
  }

  /**
   * Appends runs of tokens to slots, one after the other; the pieces that begin sequences are run together where that changes no bit.
   *
   * @returns probabilities of the token after each run, [V].
   */
  async appendAll(
    runs: readonly { readonly slot: number; readonly ids: readonly number[] }[],
  ): Promise<Float32Array[]> {
    const made = this.#together ? await this.#runFirstPieces(runs) : new Map<string, Piece>();
    const probabilities: Float32Array[] = [];
    for (const { slot, ids } of runs) probabilities.push(await this.#append(slot, ids, made));
    return probabilities;
  }

  /** @param made pieces that were run for this call; one is new until it has been used. */
  async #append(slot: number, ids: readonly number[], made: Map<string, Piece>): Promise<Float32Array> {
    let probabilities: Float32Array = new Float32Array();
    const empty = this.length(slot) === 0;
    if (empty) this.#long[slot] = isLongRow(this.#model.config, ids.length);
    let key: string | undefined = !empty ? undefined : this.#firstKey(ids.length);
    for (let start = 0; start < ids.length; start += PIECE_TOKENS) {
      const tokens = ids.slice(start, start + PIECE_TOKENS);
      key = key === undefined ? undefined : contentHash(`${key}|${tokens}`, 32);
      const known = key === undefined ? undefined : this.#pieces.get(key);
      const piece = known ?? (key === undefined ? undefined : made.get(key)) ?? await this.#run(slot, tokens);
      this.#write(slot, piece);
      this.#last[slot] = tokens.at(-1);
      if (key === undefined) dispose(piece);
      else this.#remember(key, piece);
      probabilities = piece.probabilities;
      const { prefillTokens, reusedTokens } = this.#stats;
      this.#stats = known === undefined
        ? { ...this.#stats, prefillTokens: prefillTokens + tokens.length }
        : { ...this.#stats, reusedTokens: reusedTokens + tokens.length };
    }
    return probabilities;
  }

  /** What the keys of a sequence's pieces begin with. @param length tokens that the sequence begins with. */
  #firstKey(length: number): string {
    return isLongRow(this.#model.config, length) ? "long" : "";
  }

  /** Runs the first pieces of runs into empty slots that are not remembered, several at a time; by key. */
  async #runFirstPieces(runs: readonly { readonly slot: number; readonly ids: readonly number[] }[]) {
    const made = new Map<string, Piece>();
    const waiting = new Map<number, Map<string, readonly number[]>>();
    for (const { slot, ids } of runs) {
      const tokens = ids.slice(0, PIECE_TOKENS);
      const key = contentHash(`${this.#firstKey(ids.length)}|${tokens}`, 32);
      if (this.length(slot) > 0 || this.#pieces.has(key)) continue;
      const chunk = chunkOf(tokens);
      const group = waiting.get(chunk) ?? new Map<string, readonly number[]>();
      waiting.set(chunk, group.set(key, tokens));
    }
    for (const [chunk, group] of waiting) {
      const pieces = [...group];
      for (let start = 0; start < pieces.length; start += PIECES_AT_ONCE) {
        const together = pieces.slice(start, start + PIECES_AT_ONCE);
        const results = await this.#runBeginnings(together.map(([, tokens]) => tokens), chunk);
        for (const [i, [key]] of together.entries()) {
          const piece = results[i];
          if (piece !== undefined) made.set(key, piece);
        }
      }
    }
    return made;
  }

  /** Runs pieces that begin sequences, one per row. */
  async #runBeginnings(pieces: readonly (readonly number[])[], chunk: number): Promise<Piece[]> {
    const { device, config } = this.#model;
    const [R, V] = [pieces.length, config.vocabularySize];
    const session = await this.#session(chunk);
    const places = Array.from({ length: chunk }, (_, t) => BigInt(Math.min(t, config.contextTokens - 1)));
    const flat = (value: (tokens: readonly number[], t: number) => number) => {
      return Int32Array.from(pieces.flatMap((tokens) => Array.from({ length: chunk }, (_, t) => value(tokens, t))));
    };
    const results = await session.run({
      ...this.#feeds,
      ...emptyCacheFeeds(device, config, R),
      ids: device.int32(flat((tokens, t) => tokens[t] ?? 0), [R, chunk]),
      previous: device.int32(flat((tokens, t) => tokens[t - 1] ?? tokens[0] ?? 0), [R, chunk]),
      positions: device.int64(BigInt64Array.from(pieces.flatMap(() => places)), [R, chunk]),
      last: this.#lastPlaces(pieces.map(({ length }, r) => r * chunk + length - 1)),
      inverse_temperature: this.#inverseTemperature,
    });
    const [probabilities, made] = [await probabilitiesOf(results), await readFloats(resultOf(results, "made"))];
    const width = made.length / R;
    return pieces.map(({ length }, r) => ({
      tokens: length,
      probabilities: probabilities.slice(r * V, (r + 1) * V),
      keys_L: [],
      values_L: [],
      made: device.float(made.slice(r * width, (r + 1) * width), [1, chunk, width / chunk]),
    }));
  }

  #remember(key: string, piece: Piece): void {
    // Taking it out and putting it back makes the map's order the order of use.
    this.#pieces.delete(key);
    this.#pieces.set(key, piece);
    const [oldest] = this.#pieces;
    if (this.#pieces.size <= this.#remembered || oldest === undefined) return;
    this.#pieces.delete(oldest[0]);
    dispose(oldest[1]);
  }

  #write(slot: number, piece: Piece): void {
    this.#cache.reserve([slot], piece.tokens);
    const length = this.length(slot);
    this.#cache.write(piece, Array.from({ length: piece.tokens }, (_, t) => ({ row: t, slot, place: length + t })));
  }

  async #run(slot: number, piece: readonly number[]): Promise<Piece> {
    const chunk = chunkOf(piece);
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
      last: this.#lastPlaces([piece.length - 1]),
      ...this.#longRows(slot, 1),
      inverse_temperature: this.#inverseTemperature,
    });
    const probabilities = (await probabilitiesOf(results)).slice(0, config.vocabularySize);
    return { tokens: piece.length, probabilities, ...this.#keyValues(results) };
  }

  /**
   * Places whose successors are wanted, in as many rows where pieces may run together as where one runs alone: few rows are multiplied
   * by other kernels than many.
   */
  #lastPlaces(places: readonly number[]): DeviceTensor {
    const rows = this.#together ? PIECES_AT_ONCE : places.length;
    return this.#model.device.int32(Int32Array.from({ length: rows }, (_, i) => places[i] ?? 0), [rows]);
  }

  /** Input that says which of `rows` slots from `first` on are long, where the model asks for it. */
  #longRows(first: number, rows: number): Tensors {
    const { device, config } = this.#model;
    if (!hasLongRope(config)) return {};
    const flags = this.#long.slice(first, first + rows).map((long) => (long ? 1n : 0n));
    return { long_rows: device.int64(BigInt64Array.from(flags), [rows, 1]) };
  }

  #session(chunk: number): Promise<Session> {
    const { config, adapter } = this.#model;
    const keepOnDevice = [...Array(config.layers).keys()].flatMap((layer) => [`key.${layer}`, `value.${layer}`]);
    return this.#model.session(
      `decode ${chunk}`,
      () => decodingGraph(config, chunk, adapter?.spec, { host: this.#host }),
      {
        keepOnDevice: this.#host ? [] : keepOnDevice,
        ...this.#threads,
      },
    );
  }

  #constantSession(): Promise<Session> {
    const { config, adapter } = this.#model;
    return this.#model.constantSession(
      "decode 1",
      () => decodingGraph(config, 1, adapter?.spec, { host: true }),
      this.#threads,
    );
  }

  #keyValues(results: Tensors): KeyValues {
    if (this.#host) return { keys_L: [], values_L: [], made: resultOf(results, "made") };
    const of = (kind: "key" | "value") => {
      return Array.from({ length: this.#model.config.layers }, (_, layer) => resultOf(results, `${kind}.${layer}`));
    };
    return { keys_L: of("key"), values_L: of("value") };
  }
}

/** Tokens per row of the graph that runs a piece. */
function chunkOf(piece: readonly number[]): number {
  return piece.length <= SHORT_PIECE_TOKENS ? SHORT_PIECE_TOKENS : PIECE_TOKENS;
}

function rowClass(slots: number): number {
  const [most] = ROW_CLASSES.slice(-1);
  return ROW_CLASSES.find((rows) => rows >= slots) ?? Math.ceil(slots / (most ?? slots)) * (most ?? slots);
}

function resultOf(results: Tensors, name: string): DeviceTensor {
  const tensor = results[name];
  if (tensor === undefined) throw new RangeError(`Cannot decode: the graph gave no output ${name}`);
  return tensor;
}

function probabilitiesOf(results: Tensors): Promise<Float32Array> {
  return readFloats(resultOf(results, "probabilities"));
}

/** Frees what is in device memory; host memory is the collector's. */
function dispose({ keys_L, values_L }: KeyValues): void {
  for (const tensor of [...keys_L, ...values_L]) if (tensor.location === "gpu-buffer") tensor.dispose();
}
