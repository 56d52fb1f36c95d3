/**
 * One call of a local policy's `converse`: conversations in slots, the turns they take, and where turns end.
 *
 * Contract: see {@linkcode LocalPolicy}. Slots are filled in the order of conversations; each step draws one token for every busy
 * slot. Where lanes share the slots they take a few steps before turns that ended among them are handed to their conversations. The
 * number of rows of a step follows the number of busy slots.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import type { Conversation, ConverseOptions, Tokenizer, Turn } from "../policy.ts";
import { StopTexts } from "../stop_text.ts";
import type { DrawnToken } from "./draw_token.ts";
import { LanedDecoder } from "./laned_decoder.ts";
import type { Model } from "./model.ts";
import { ropeLimit } from "./rope.ts";
import type { DecodeStats } from "./decode_stats.ts";
import { checkSampling, truncates } from "./truncation.ts";

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
  readonly #decoder: LanedDecoder;
  readonly #queue: Conversation[];
  readonly #options: ConverseOptions;
  readonly #stops: ReadonlySet<number>;
  readonly #stopTexts: StopTexts;
  readonly #truncated: boolean;
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
    this.#truncated = truncates(sampling);
    // Slots that no conversation will take would only cost memory.
    const taken = Math.max(1, Math.min(slots, conversations.length));
    // Only a policy that never has neighbours may decode as if there were none.
    this.#decoder = new LanedDecoder(model, taken, sampling, slots === 1);
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
      await this.#decoder.release();
    }
  }

  async #converse(): Promise<void> {
    const { signal, onProgress } = this.#options;
    const every = Math.ceil(PROGRESS_STEPS / this.#decoder.stepsAtOnce);
    for (let step = 1;; step++) {
      signal?.throwIfAborted();
      await this.#fill();
      if (this.#seats.every((seat) => seat === undefined)) break;
      await this.#step();
      if (step % every === 0) onProgress?.({ tokens: this.#tokens, ended: this.#ended });
    }
    onProgress?.({ tokens: this.#tokens, ended: this.#ended });
  }

  /** Seats waiting conversations in free slots, and takes in all runs of pending tokens, until one token per seat is pending. */
  async #fill(): Promise<void> {
    while (true) {
      this.#options.signal?.throwIfAborted();
      const runs: { readonly slot: number; readonly seat: Seat }[] = [];
      const perLane = Array<number>(this.#decoder.lanes).fill(0);
      for (let slot = 0; slot < this.#seats.length; slot++) {
        const lane = this.#decoder.laneOf(slot);
        if ((perLane[lane] ?? 0) >= this.#decoder.runsAtOnce) continue;
        const seat = await this.#waiting(slot);
        if (seat === undefined) continue;
        perLane[lane] = (perLane[lane] ?? 0) + 1;
        runs.push({ slot, seat });
      }
      if (runs.length === 0) break;
      const tokens = await this.#decoder.append(
        runs.map(({ slot, seat }) => ({ slot, ids: seat.pending, uniform: this.#uniform(seat) })),
      );
      for (const [i, { slot, seat }] of runs.entries()) await this.#take(slot, seat, tokens[i]);
    }
  }

  /** The seat of a slot if a run of tokens is pending there; a free slot is seated first, and conversations without room end. */
  async #waiting(slot: number): Promise<Seat | undefined> {
    while (true) {
      const seat = this.#seats[slot] ?? this.#seatNext(slot);
      if (seat === undefined) return undefined;
      if (seat.tokens >= seat.limit) await this.#endTurn(slot, seat, "context");
      else return seat.pending.length > 1 || seat.turn === 0 && seat.ids.length === 0 ? seat : undefined;
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

  /** A few tokens for every seat, or one. */
  async #step(): Promise<void> {
    this.#compact();
    // Only here is known what a stop text needs, so that no step may follow the token that completes one.
    const most = this.#stopTexts.any ? 1 : this.#decoder.stepsAtOnce;
    const lists = await this.#decoder.steps(
      this.#seats.map((seat) => {
        const token = seat?.pending[0];
        return seat === undefined || token === undefined ? undefined : { token, uniforms: this.#uniforms(seat, most) };
      }),
      this.#options.stopIds,
    );
    for (const [slot, seat] of [...this.#seats].entries()) {
      if (seat === undefined) continue;
      for (const token of lists[slot] ?? []) await this.#take(slot, seat, token);
    }
  }

  /** Numbers for the next tokens of a seat, as many as its turn has room for, and at most `most`. */
  #uniforms(seat: Seat, most: number): number[] {
    const room = Math.min(this.#options.maxTurnTokens - seat.ids.length, seat.limit - seat.tokens);
    return Array.from({ length: Math.max(1, Math.min(most, room)) }, (_, i) => this.#uniform(seat, i));
  }

  /** Moves the last seats of each lane into free slots when that makes its run need fewer rows. */
  #compact(): void {
    for (let lane = 0; lane < this.#decoder.lanes; lane++) {
      const first = this.#decoder.firstSlot(lane);
      const end = Math.min(this.#seats.length, this.#decoder.firstSlot(lane + 1));
      const seats = this.#seats.slice(first, end);
      const rows = this.#decoder.rowsFor(seats.filter((seat) => seat !== undefined).length);
      for (let slot = end - 1; slot >= first + rows; slot--) {
        const seat = this.#seats[slot];
        if (seat === undefined) continue;
        const free = this.#seats.indexOf(undefined, first);
        this.#decoder.move(slot, free);
        this.#seats[free] = seat;
        this.#seats[slot] = undefined;
      }
    }
  }

  /** Takes the next token of a seat, and ends the turn where it ends. */
  async #take(slot: number, seat: Seat, token: DrawnToken | undefined): Promise<void> {
    if (token === undefined) throw new RangeError(`Cannot converse: slot ${slot} got no token`);
    const { id, logprob, fullLogprob, threshold } = token;
    seat.ids.push(id);
    seat.logprobs.push(logprob);
    if (fullLogprob !== undefined && threshold !== undefined) {
      seat.fullLogprobs.push(fullLogprob);
      seat.thresholds.push(threshold);
    }
    seat.pending = [id];
    seat.tokens++;
    this.#tokens++;
    const stopText = this.#stopTexts.find(seat.ids);
    if (this.#stops.has(id) || stopText !== undefined) await this.#endTurn(slot, seat, "stop", stopText);
    else if (seat.tokens >= seat.limit) await this.#endTurn(slot, seat, "context");
    else if (seat.ids.length >= this.#options.maxTurnTokens) await this.#endTurn(slot, seat, "length");
  }

  /** Number that the `ahead`-th next token of a seat is drawn with; a greedy choice needs none. */
  #uniform({ conversation, turn, ids }: Seat, ahead = 0): number {
    if (this.#options.sampling.temperature === 0) return 0;
    return keyedRandom(...conversation.key, turn, ids.length + ahead).uniform();
  }

  async #endTurn(slot: number, seat: Seat, finish: Turn["finish"], stopText?: string): Promise<void> {
    const { ids, logprobs, fullLogprobs, thresholds } = seat;
    const appended = await seat.conversation.onTurn({
      ids,
      logprobs,
      ...(this.#truncated ? { fullLogprobs, thresholds } : {}),
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
