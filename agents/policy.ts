/**
 * What a policy is: a source of tokens with log-probabilities that can hold many conversations at once.
 *
 * Contract: token-in/token-out. A conversation's ids are stored and extended, never re-tokenized; every sampled token comes with
 * its log-probability under the distribution it was drawn from (after temperature). Token `j` of turn `t` of a conversation is
 * drawn with the generator keyed by `[...key, t, j]`, so that batching, slot order and restarts do not change it.
 *
 * @module
 */
import type { KeyPart } from "../data/keyed_random.ts";

/** Text to ids and back. */
export interface Tokenizer {
  /** Number of ids, special tokens included. */
  readonly vocabularySize: number;
  /** Special tokens by their text, e.g. `<|end|>`. */
  readonly specials: Readonly<Record<string, number>>;
  /** Ids of a text; special tokens in the text are not recognised (they are encoded as plain characters). */
  encode(text: string): number[];
  /** Text of ids; special tokens are left out. */
  decode(ids: readonly number[]): string;
}

/** How tokens are drawn. */
export interface Sampling {
  /** Divides logits; 0 is greedy (log-probabilities are then those of temperature 1). */
  readonly temperature: number;
}

/** What the policy produced in one turn. */
export interface Turn {
  /** Generated ids, the stop token included if there was one; [T]. */
  readonly ids: readonly number[];
  /** Log-probability of each generated id in nats; [T]. */
  readonly logprobs: readonly number[];
  /** `stop`: a stop token; `length`: the turn's limit; `context`: the context is full. */
  readonly finish: "stop" | "length" | "context";
}

/** One conversation; the policy drives it by calling `onTurn` after each turn. */
export interface Conversation {
  /** Identity, for the random generator. */
  readonly key: readonly KeyPart[];
  /** Ids before the first generated token. */
  readonly promptIds: readonly number[];
  /** Gets a finished turn; returns the ids to append before the next turn (the observation), or null to end. */
  onTurn(turn: Turn): Promise<readonly number[] | null>;
}

/** Options of {@linkcode Policy.converse}. */
export interface ConverseOptions {
  readonly sampling: Sampling;
  /** Most tokens in one turn, the stop token included. */
  readonly maxTurnTokens: number;
  /** Ids that end a turn. */
  readonly stopIds: readonly number[];
  /** Stops between tokens when aborted, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called now and then with the generated tokens and ended conversations so far. */
  readonly onProgress?: (progress: { readonly tokens: number; readonly ended: number }) => void;
}

/** A source of tokens. */
export interface Policy {
  /** Name for rows. */
  readonly id: string;
  readonly tokenizer: Tokenizer;
  /** Longest sequence, prompt and everything after it, in tokens. */
  readonly contextTokens: number;
  /** Runs conversations to their ends. Deterministic in their keys and ids, on one device. */
  converse(conversations: readonly Conversation[], options: ConverseOptions): Promise<void>;
  /**
   * Log-probability (temperature 1) of each token of each sequence given those before it; the first entry of each is 0.
   *
   * @returns one list per sequence, [T].
   */
  score(sequences: readonly (readonly number[])[]): Promise<number[][]>;
}
