/**
 * A policy that decodes with weights of this process: continuous batching over a fixed number of slots.
 *
 * Contract: see {@linkcode Policy}. Conversations take free slots in their order; each step gives every busy slot one token; a turn
 * that ends is handed to its conversation at once, one conversation after the other, in slot order. Nothing depends on time. On
 * native CPU a conversation's tokens and log-probabilities are the same bits whatever other conversations are in the call.
 * Choices: when the context is full the turn ends with `context` and the conversation with it, whatever `onTurn` returns; if an
 * appended observation leaves no room for a token, that is told by an empty turn. Omitted: top-k and top-p (log-probabilities
 * would not be those of the trained distribution); several prompts per prefill run.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import type { Conversation, ConverseOptions, Policy, Tokenizer, Turn } from "../policy.ts";
import { bestToken, type DrawnToken, drawToken } from "./draw_token.ts";
import { sequenceGraph } from "./decoder.ts";
import { type Model, readFloats } from "./model.ts";
import { groupByLength, SequencePacker } from "./sequence_batch.ts";
import { SlotDecoder } from "./slot_decoder.ts";

/** Options of {@linkcode LocalPolicy}. */
export interface LocalPolicyOptions {
  /** Conversations that are decoded at the same time. @default {64} */
  slots?: number;
  /** Name for rows. @default {"local"} */
  id?: string;
}

/** Tokens do not fit the model. */
export class PolicyInputError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "PolicyInputError";
}

/** A conversation in its slot. */
interface Seat {
  readonly conversation: Conversation;
  /** Tokens so far, prompt and observations included. */
  tokens: number;
  /** Number of the turn. */
  turn: number;
  ids: number[];
  logprobs: number[];
  /** Ids whose keys and values are not in the cache yet. */
  pending: readonly number[];
}

/** Most tokens of one scoring run. */
const SCORE_TOKENS = 4096;
/** Steps between two progress calls. */
const PROGRESS_STEPS = 16;

/**
 * Policy over a {@linkcode Model}.
 *
 * @example One greedy turn
 * ```ts
 * import { nanoConfig } from "whetstone/agents/model/config.ts";
 * import { openDevice } from "whetstone/agents/model/device.ts";
 * import { LocalPolicy } from "whetstone/agents/model/local_policy.ts";
 * import { createModel } from "whetstone/agents/model/model.ts";
 * import assert from "node:assert/strict";
 *
 * const model = await createModel(await openDevice("cpu"), nanoConfig(16, { layers: 1 }), 1);
 * const tokenizer = { vocabularySize: 16, specials: {}, encode: () => [], decode: () => "" };
 * const policy = new LocalPolicy(model, tokenizer, { slots: 2 });
 * const turns: number[] = [];
 * await policy.converse([{ key: ["example"], promptIds: [1, 2], onTurn: (turn) => {
 *   turns.push(turn.ids.length);
 *   return Promise.resolve(null);
 * } }], { sampling: { temperature: 0 }, maxTurnTokens: 3, stopIds: [] });
 * assert.deepEqual(turns, [3]);
 * ```
 */
export class LocalPolicy implements Policy {
  /** Name for rows. */
  readonly id: string;
  /** Text to ids and back; not used in decoding. */
  readonly tokenizer: Tokenizer;
  readonly #model: Model;
  readonly #slots: number;
  readonly #packer: SequencePacker;

  /** A policy over a model that others may train. @throws {RangeError} if `slots` is not a positive integer, or the tokenizer has more ids than the model. */
  constructor(model: Model, tokenizer: Tokenizer, options: LocalPolicyOptions = {}) {
    const { slots = 64, id = "local" } = options;
    if (!(Number.isInteger(slots) && slots > 0)) {
      throw new RangeError(`Cannot make a policy: slots must be a positive integer, got ${slots}`);
    }
    if (tokenizer.vocabularySize > model.config.vocabularySize) {
      const most = model.config.vocabularySize;
      throw new RangeError(
        `Cannot make a policy: the model has ${most} ids, the tokenizer ${tokenizer.vocabularySize}`,
      );
    }
    this.id = id;
    this.tokenizer = tokenizer;
    this.#model = model;
    this.#slots = slots;
    this.#packer = new SequencePacker(model.device, model.config);
  }

  /** Longest sequence, prompt and everything after it, in tokens. */
  get contextTokens(): number {
    return this.#model.config.contextTokens;
  }

  /**
   * Runs conversations to their ends.
   *
   * @throws {PolicyInputError} if a prompt is empty, or an id is not the model's.
   * @throws {RangeError} if the temperature or `maxTurnTokens` is out of range.
   * @throws the signal's reason when aborted.
   */
  async converse(conversations: readonly Conversation[], options: ConverseOptions): Promise<void> {
    await new ConverseRun(this.#model, this.#slots, conversations, options).run();
  }

  /** See {@linkcode Policy.score}. @throws {PolicyInputError} if a sequence is too long or an id is not the model's. */
  async score(sequences: readonly (readonly number[])[]): Promise<number[][]> {
    const scores = sequences.map((ids) => ids.map(() => 0));
    for (const ids of sequences) checkIds(ids, this.#model);
    const scored = sequences.flatMap((ids, index) => {
      return ids.length < 2 ? [] : [{ ids, index, wanted: Array.from({ length: ids.length - 1 }, (_, t) => t + 1) }];
    });
    const session = await this.#model.session("score", () => {
      const { graph, logprobs_M } = sequenceGraph(this.#model.config, "score");
      graph.output("logprobs", logprobs_M);
      return graph;
    });
    for (const { rows, tokens } of groupByLength(scored, SCORE_TOKENS)) {
      const group = rows.flatMap((row) => scored[row] ?? []);
      const { logprobs } = await session.run({
        ...this.#model.feeds(),
        ...this.#packer.pack(group, tokens),
        inverse_temperature: this.#model.device.float(Float32Array.of(1), []),
      });
      if (logprobs === undefined) throw new PolicyInputError("Cannot score: the graph gave no log-probabilities");
      const values = await readFloats(logprobs);
      let m = 0;
      for (const { index, wanted } of group) {
        const score = scores[index];
        for (const t of wanted) {
          if (score !== undefined) score[t] = values[m] ?? NaN;
          m++;
        }
      }
    }
    return scores;
  }
}

function checkIds(ids: readonly number[], model: Model): void {
  const { vocabularySize, contextTokens } = model.config;
  const bad = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabularySize));
  if (bad !== undefined) {
    throw new PolicyInputError(`Cannot use tokens: ids must be integers from 0 to ${vocabularySize - 1}, got ${bad}`);
  }
  if (ids.length > contextTokens) {
    throw new PolicyInputError(`Cannot use tokens: the context holds ${contextTokens}, got ${ids.length}`);
  }
}

/** One call of {@linkcode LocalPolicy.converse}. */
class ConverseRun {
  readonly #model: Model;
  readonly #decoder: SlotDecoder;
  readonly #queue: Conversation[];
  readonly #options: ConverseOptions;
  readonly #stops: ReadonlySet<number>;
  readonly #seats: (Seat | undefined)[];
  #tokens = 0;
  #ended = 0;

  constructor(model: Model, slots: number, conversations: readonly Conversation[], options: ConverseOptions) {
    const { sampling: { temperature }, maxTurnTokens } = options;
    if (!(temperature >= 0 && Number.isFinite(temperature))) {
      throw new RangeError(`Cannot sample: temperature must be a number of at least 0, got ${temperature}`);
    }
    if (!(Number.isInteger(maxTurnTokens) && maxTurnTokens > 0)) {
      throw new RangeError(`Cannot sample: maxTurnTokens must be a positive integer, got ${maxTurnTokens}`);
    }
    for (const { promptIds } of conversations) {
      if (promptIds.length === 0) throw new PolicyInputError("Cannot converse: a prompt must have a token, got none");
      checkIds(promptIds.slice(0, model.config.contextTokens), model);
    }
    this.#model = model;
    this.#options = options;
    this.#stops = new Set(options.stopIds);
    this.#decoder = new SlotDecoder(model, slots, temperature === 0 ? 1 : temperature);
    this.#queue = [...conversations];
    this.#seats = Array(slots).fill(undefined);
  }

  async run(): Promise<void> {
    const { signal, onProgress } = this.#options;
    for (let step = 1;; step++) {
      signal?.throwIfAborted();
      await this.#fill();
      if (this.#seats.every((seat) => seat === undefined)) break;
      await this.#step();
      if (step % PROGRESS_STEPS === 0) onProgress?.({ tokens: this.#tokens, ended: this.#ended });
    }
    onProgress?.({ tokens: this.#tokens, ended: this.#ended });
  }

  /** Seats waiting conversations in free slots, and takes in all runs of pending tokens, until one token per seat is pending. */
  async #fill(): Promise<void> {
    for (let slot = 0; slot < this.#seats.length; slot++) {
      while (true) {
        this.#options.signal?.throwIfAborted();
        const seat = this.#seats[slot] ?? this.#seatNext(slot);
        if (seat === undefined) break;
        if (seat.tokens >= this.#model.config.contextTokens) await this.#endTurn(slot, seat, "context");
        else if (seat.pending.length > 1 || seat.turn === 0 && seat.ids.length === 0) {
          const pending = seat.pending;
          seat.pending = [];
          const probabilities = await this.#decoder.append(slot, pending);
          await this.#take(slot, seat, probabilities, 0);
        } else break;
      }
    }
  }

  #seatNext(slot: number): Seat | undefined {
    const conversation = this.#queue.shift();
    if (conversation === undefined) return undefined;
    this.#decoder.clear(slot);
    const { promptIds } = conversation;
    const seat: Seat = { conversation, tokens: promptIds.length, turn: 0, ids: [], logprobs: [], pending: promptIds };
    this.#seats[slot] = seat;
    return seat;
  }

  /** One token for every seat. */
  async #step(): Promise<void> {
    this.#compact();
    const busy = this.#seats.findLastIndex((seat) => seat !== undefined) + 1;
    const rows = this.#decoder.rowsFor(busy);
    const seats = this.#seats.slice(0, rows);
    const probabilities = await this.#decoder.step(seats.map((seat) => seat?.pending[0]));
    for (const [slot, seat] of seats.entries()) {
      if (seat === undefined) continue;
      seat.pending = [];
      await this.#take(slot, seat, probabilities, slot * this.#model.config.vocabularySize);
    }
  }

  /** Moves the last seats into free slots when that makes a run need fewer rows. */
  #compact(): void {
    const count = this.#seats.filter((seat) => seat !== undefined).length;
    const rows = this.#decoder.rowsFor(count);
    for (let slot = this.#seats.length - 1; slot >= rows; slot--) {
      const seat = this.#seats[slot];
      if (seat === undefined) continue;
      const free = this.#seats.indexOf(undefined);
      this.#decoder.move(slot, free);
      this.#seats[free] = seat;
      this.#seats[slot] = undefined;
    }
  }

  /** Draws the next token of a seat, and ends the turn where it ends. */
  async #take(slot: number, seat: Seat, probabilities: Float32Array, start: number): Promise<void> {
    const { id, logprob } = this.#draw(seat, probabilities, start);
    seat.ids.push(id);
    seat.logprobs.push(logprob);
    seat.pending = [id];
    seat.tokens++;
    this.#tokens++;
    if (this.#stops.has(id)) await this.#endTurn(slot, seat, "stop");
    else if (seat.tokens >= this.#model.config.contextTokens) await this.#endTurn(slot, seat, "context");
    else if (seat.ids.length >= this.#options.maxTurnTokens) await this.#endTurn(slot, seat, "length");
  }

  #draw(seat: Seat, probabilities: Float32Array, start: number): DrawnToken {
    const { vocabularySize } = this.#model.config;
    if (this.#options.sampling.temperature === 0) return bestToken(probabilities, start, vocabularySize);
    const random = keyedRandom(...seat.conversation.key, seat.turn, seat.ids.length);
    return drawToken(probabilities, start, vocabularySize, random.uniform());
  }

  async #endTurn(slot: number, seat: Seat, finish: Turn["finish"]): Promise<void> {
    const appended = await seat.conversation.onTurn({ ids: seat.ids, logprobs: seat.logprobs, finish });
    if (appended === null || finish === "context") {
      this.#seats[slot] = undefined;
      this.#decoder.clear(slot);
      this.#ended++;
      return;
    }
    const room = Math.max(0, this.#model.config.contextTokens - seat.tokens);
    checkIds(appended.slice(0, room), this.#model);
    seat.pending = [...seat.pending, ...appended];
    seat.tokens += appended.length;
    seat.turn++;
    seat.ids = [];
    seat.logprobs = [];
  }
}
