/**
 * A policy that decodes with weights of this process: continuous batching over a fixed number of slots.
 *
 * Contract: see {@linkcode Policy}. Conversations take free slots in their order; each step gives every busy slot one token; a turn
 * that ends is handed to its conversation within a few steps, one conversation after the other, in slot order. Nothing depends on time.
 * On native CPU a conversation's tokens and log-probabilities are the same bits whatever other conversations are in the call, and
 * however many threads decode them.
 * Choices: when the context is full the turn ends with `context` and the conversation with it, whatever `onTurn` returns; if an
 * appended observation leaves no room for a token, that is told by an empty turn. A prompt that several conversations share is run
 * once by each lane that has one of them.
 *
 * @module
 */
import type { Conversation, ConverseOptions, Policy, ScoreOptions, Tokenizer } from "../policy.ts";
import type { Chat } from "../chat_format.ts";
import { ConverseRun } from "./converse_run.ts";
import type { Model } from "./model.ts";
import { scoreContinuations, scoreSequences } from "./score_sequences.ts";
import { SequencePacker } from "./sequence_batch.ts";
import { addStats, type DecodeStats, NO_STATS } from "./decode_stats.ts";

export { PolicyInputError } from "./converse_run.ts";

/** Options of {@linkcode LocalPolicy}. */
export interface LocalPolicyOptions {
  /** Conversations that are decoded at the same time. @default {64} */
  slots?: number;
  /** Name for rows. @default {"local"} */
  id?: string;
  /** The chat format that the model was trained to speak. @default {undefined}, that of the tokenizer's special tokens */
  chat?: Chat;
}

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
  /** Text to ids and back; decoding uses it for stop texts only. */
  readonly tokenizer: Tokenizer;
  /** The model's own chat format, if one was given. */
  readonly chat?: Chat;
  readonly #model: Model;
  readonly #slots: number;
  readonly #packer: SequencePacker;
  #stats: DecodeStats = NO_STATS;

  /** A policy over a model that others may train. @throws {RangeError} if `slots` is not a positive integer, or the tokenizer has more ids than the model. */
  constructor(model: Model, tokenizer: Tokenizer, options: LocalPolicyOptions = {}) {
    const { slots = 64, id = "local", chat } = options;
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
    if (chat !== undefined) this.chat = chat;
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
   * @throws {RangeError} if a sampling option or `maxTurnTokens` is out of range, or a stop text is empty.
   * @throws the signal's reason when aborted.
   */
  async converse(conversations: readonly Conversation[], options: ConverseOptions): Promise<void> {
    const run = new ConverseRun(this.#model, this.tokenizer, this.#slots, conversations, options);
    try {
      await run.run();
    } finally {
      this.#stats = addStats(this.#stats, run.stats);
    }
  }

  /** What all calls so far have run and reused, those that failed included. */
  get stats(): DecodeStats {
    return this.#stats;
  }

  /**
   * See {@linkcode Policy.score}.
   *
   * @throws {PolicyInputError} if a sequence is too long or an id is not the model's.
   * @throws {RangeError} if the temperature is not above 0.
   */
  async score(sequences: readonly (readonly number[])[], options: ScoreOptions = {}): Promise<number[][]> {
    return await scoreSequences(this.#model, this.#packer, sequences, options);
  }

  /**
   * Log-probability (nats) of each token of each continuation given the prefix and the tokens before it: what `score` gives for prefix
   * and continuation together, but the prefix is run once.
   *
   * @example A prefix with two continuations
   * ```ts
   * import { nanoConfig } from "whetstone/agents/model/config.ts";
   * import { openDevice } from "whetstone/agents/model/device.ts";
   * import { LocalPolicy } from "whetstone/agents/model/local_policy.ts";
   * import { createModel } from "whetstone/agents/model/model.ts";
   * import assert from "node:assert/strict";
   *
   * const model = await createModel(await openDevice("cpu"), nanoConfig(16, { layers: 1 }), 1);
   * const policy = new LocalPolicy(model, { vocabularySize: 16, specials: {}, encode: () => [], decode: () => "" });
   * const [first = []] = await policy.scoreContinuations([1, 2, 3], [[4, 5], [6]]);
   * const [whole = []] = await policy.score([[1, 2, 3, 4, 5]]);
   * assert.ok(Math.abs((first[1] ?? 0) - (whole[4] ?? 0)) < 1e-5);
   * ```
   *
   * @param prefixIds at least one token.
   * @returns one list per continuation, [T].
   * @throws {PolicyInputError} if the prefix is empty, prefix and continuation are too long, or an id is not the model's.
   * @throws {RangeError} if the temperature is not above 0.
   */
  async scoreContinuations(
    prefixIds: readonly number[],
    continuations: readonly (readonly number[])[],
    options: ScoreOptions = {},
  ): Promise<number[][]> {
    const { scores, stats } = await scoreContinuations(this.#model, this.#packer, prefixIds, continuations, options);
    this.#stats = addStats(this.#stats, stats);
    return scores;
  }
}
