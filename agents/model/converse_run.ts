/**
 * One call of a local policy's `converse`: conversations in slots, the turns they take, and where turns end.
 *
 * Contract: see {@linkcode LocalPolicy}. Slots are filled in the order of conversations; each step draws one token for every busy
 * slot; a turn that ends is handed to its conversation at once. The number of rows of a step follows the number of busy slots.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import type { Conversation, ConverseOptions, Tokenizer, Turn } from "../policy.ts";
import { StopTexts } from "../stop_text.ts";
import { bestToken, type DrawnToken, drawToken } from "./draw_token.ts";
import type { Model } from "./model.ts";
import { ropeLimit } from "./rope.ts";
import type { DecodeStats } from "./decode_stats.ts";
import { SlotDecoder } from "./slot_decoder.ts";
import { checkSampling, truncates, Truncation } from "./truncation.ts";

/** Tokens do not fit the model. */
export class PolicyInputError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "PolicyInputError";
}

/** A conversation in its slot. */
interface Seat {
  /** Most tokens of the conversation, prompt included. */
  readonly limit: number;
  readonly conversation: Conversation;
  /** Tokens so far, prompt and observations included. */
  tokens: number;
  /** Number of the turn. */
  turn: number;
  ids: number[];
  logprobs: number[];
  /** Log-probabilities before truncation and thresholds, where there is truncation. */
  fullLogprobs: number[];
  thresholds: number[];
  /** Ids whose keys and values are not in the cache yet. */
  pending: readonly number[];
}

/** Steps between two progress calls. */
const PROGRESS_STEPS = 16;

/** @throws {PolicyInputError} if an id is not the model's or there are more than its context holds. */
export function checkIds(ids: readonly number[], model: Model): void {
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
export class ConverseRun {
  readonly #model: Model;
  readonly #decoder: SlotDecoder;
  readonly #queue: Conversation[];
  readonly #options: ConverseOptions;
  readonly #stops: ReadonlySet<number>;
  readonly #stopTexts: StopTexts;
  readonly #truncation: Truncation | undefined;
  readonly #seats: (Seat | undefined)[];
  #tokens = 0;
  #ended = 0;

  /**
   * @param slots most conversations at the same time.
   * @throws {RangeError} if a sampling option, `maxTurnTokens` or a stop text is out of range.
   * @throws {PolicyInputError} if a prompt is empty, or an id is not the model's.
   */
  constructor(
    model: Model,
    tokenizer: Tokenizer,
    slots: number,
    conversations: readonly Conversation[],
    options: ConverseOptions,
  ) {
    const { sampling, maxTurnTokens, stopTexts = [] } = options;
    checkSampling(sampling);
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
    this.#stopTexts = new StopTexts(tokenizer, stopTexts);
    this.#truncation = truncates(sampling) ? new Truncation(sampling) : undefined;
    // Slots that no conversation will take would only cost memory.
    const taken = Math.max(1, Math.min(slots, conversations.length));
    // Only a policy that never has neighbours may decode as if there were none.
    this.#decoder = new SlotDecoder(
      model,
      slots === 1 ? 1 : Math.max(2, taken),
      sampling.temperature === 0 ? 1 : sampling.temperature,
    );
    this.#queue = [...conversations];
    this.#seats = Array(taken).fill(undefined);
  }

  /** What was run and reused so far. */
  get stats(): DecodeStats {
    return this.#decoder.stats;
  }

  /** Runs all conversations to their ends. */
  async run(): Promise<void> {
    try {
      await this.#converse();
    } finally {
      this.#decoder.release();
    }
  }

  async #converse(): Promise<void> {
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
        if (seat.tokens >= seat.limit) await this.#endTurn(slot, seat, "context");
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
    const limit = ropeLimit(this.#model.config, promptIds.length);
    const start = { turn: 0, ids: [], logprobs: [], fullLogprobs: [], thresholds: [], pending: promptIds };
    const seat: Seat = { conversation, limit, tokens: promptIds.length, ...start };
    this.#seats[slot] = seat;
    return seat;
  }

  /** One token for every seat. */
  async #step(): Promise<void> {
    this.#compact();
    const busy = this.#seats.findLastIndex((seat) => seat !== undefined) + 1;
    const rows = this.#decoder.rowsFor(busy);
    const seats = Array.from({ length: rows }, (_, slot) => this.#seats[slot]);
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
    const id = this.#draw(seat, probabilities, start);
    seat.pending = [id];
    seat.tokens++;
    this.#tokens++;
    const stopText = this.#stopTexts.find(seat.ids);
    if (this.#stops.has(id) || stopText !== undefined) await this.#endTurn(slot, seat, "stop", stopText);
    else if (seat.tokens >= seat.limit) await this.#endTurn(slot, seat, "context");
    else if (seat.ids.length >= this.#options.maxTurnTokens) await this.#endTurn(slot, seat, "length");
  }

  /** Draws a token and notes its log-probabilities. */
  #draw(seat: Seat, probabilities: Float32Array, start: number): number {
    const { vocabularySize } = this.#model.config;
    if (this.#options.sampling.temperature === 0) {
      return note(seat, bestToken(probabilities, start, vocabularySize));
    }
    const uniform = keyedRandom(...seat.conversation.key, seat.turn, seat.ids.length).uniform();
    if (this.#truncation === undefined) return note(seat, drawToken(probabilities, start, vocabularySize, uniform));
    const token = this.#truncation.draw(probabilities, start, vocabularySize, uniform);
    seat.fullLogprobs.push(token.fullLogprob);
    seat.thresholds.push(token.threshold);
    return note(seat, token);
  }

  async #endTurn(slot: number, seat: Seat, finish: Turn["finish"], stopText?: string): Promise<void> {
    const { ids, logprobs, fullLogprobs, thresholds } = seat;
    const appended = await seat.conversation.onTurn({
      ids,
      logprobs,
      ...(this.#truncation === undefined ? {} : { fullLogprobs, thresholds }),
      finish,
      ...(stopText === undefined ? {} : { stopText }),
    });
    if (appended === null || finish === "context") {
      this.#seats[slot] = undefined;
      this.#decoder.clear(slot);
      this.#ended++;
      return;
    }
    const room = Math.max(0, seat.limit - seat.tokens);
    checkIds(appended.slice(0, room), this.#model);
    seat.pending = [...seat.pending, ...appended];
    seat.tokens += appended.length;
    seat.turn++;
    seat.ids = [];
    seat.logprobs = [];
    seat.fullLogprobs = [];
    seat.thresholds = [];
  }
}

function note(seat: Seat, { id, logprob }: DrawnToken): number {
  seat.ids.push(id);
  seat.logprobs.push(logprob);
  return id;
}
