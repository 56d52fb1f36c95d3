/**
 * What a policy is: a source of tokens with log-probabilities that can hold many conversations at once.
 *
 * Contract: token-in/token-out. A conversation's ids are stored and extended, never re-tokenized; every sampled token comes with
 * its log-probability under the distribution it was drawn from (after temperature and truncation). Token `j` of turn `t` of a
 * conversation is drawn with the generator keyed by `[...key, t, j]`, so that batching, slot order and restarts do not change it.
 *
 * @module
 */
import type { KeyPart } from "../data/keyed_random.ts";
import type { Chat } from "./chat_format.ts";

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

/**
 * How tokens are drawn: logits are divided by the temperature, then the distribution is cut by `topK`, what is left by `topP`, what is
 * left by `minP`, and what is left is renormalised. That is the order of Hugging Face's logits processors. Tokens that are exactly
 * as probable as the least probable token kept are kept too, so that a cut is always a threshold on the probability.
 */
export interface Sampling {
  /**
   * Divides logits; 0 is greedy: the most probable token, the lowest id on a tie; log-probabilities are then those of temperature 1
   * without truncation.
   */
  readonly temperature: number;
  /** Keeps the `topK` most probable tokens; an integer. @default {0}, which keeps all */
  readonly topK?: number;
  /** Keeps the fewest most probable tokens whose probabilities sum to at least this; above 0, at most 1. @default {1}, which keeps all */
  readonly topP?: number;
  /** Keeps tokens at least this fraction as probable as the most probable one; from 0 to 1. @default {0}, which keeps all */
  readonly minP?: number;
}

/** What the policy produced in one turn. */
export interface Turn {
  /** Generated ids, the stop token or the tokens of a stop text included if there were any; [T]. */
  readonly ids: readonly number[];
  /**
   * Log-probability in nats of each generated id under the distribution that it was drawn from, after temperature and truncation; [T],
   * or empty where the policy does not know them, as that of a server that does not tell. Such a turn cannot be trained on.
   */
  readonly logprobs: readonly number[];
  /**
   * Log-probability in nats of each generated id after temperature and before truncation; [T]. Absent where nothing was truncated
   * because no truncation was asked for: `logprobs` are then these.
   */
  readonly fullLogprobs?: readonly number[];
  /**
   * Per generated id the log-probability (nats, after temperature, before truncation) that separates the tokens kept by truncation
   * from those dropped: midway between the smallest kept and the largest dropped, -Infinity where none of probability above 0 was
   * dropped; [T]. Present whenever `fullLogprobs` is.
   */
  readonly thresholds?: readonly number[];
  /** `stop`: a stop token or a stop text; `length`: the turn's limit; `context`: the context is full. */
  readonly finish: "stop" | "length" | "context";
  /** The stop text that ended the turn, if one did; what follows it in the turn's text is of the last token. */
  readonly stopText?: string;
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
  /**
   * Texts that end a turn: it ends with the first token after which the decoded text of the turn's ids (special tokens left out)
   * contains one of them, wherever token boundaries are. All ids up to that token belong to the turn. @default {[]}
   */
  readonly stopTexts?: readonly string[];
  /** Stops between tokens when aborted, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called now and then with the generated tokens and ended conversations so far. */
  readonly onProgress?: (progress: { readonly tokens: number; readonly ended: number }) => void;
}

/** Options of {@linkcode Policy.score}. */
export interface ScoreOptions {
  /** Divides logits; above 0. @default {1} */
  readonly temperature?: number;
}

/** A source of tokens. */
export interface Policy {
  /** Name for rows. */
  readonly id: string;
  readonly tokenizer: Tokenizer;
  /** Longest sequence, prompt and everything after it, in tokens. */
  readonly contextTokens: number;
  /** The chat format that the policy speaks, where it has one of its own; `chatOf` gives the format of any policy. */
  readonly chat?: Chat;
  /** Runs conversations to their ends. Deterministic in their keys and ids, on one device. */
  converse(conversations: readonly Conversation[], options: ConverseOptions): Promise<void>;
  /**
   * Log-probability (nats) of each token of each sequence given those before it; the first entry of each is 0.
   *
   * @returns one list per sequence, [T].
   */
  score(sequences: readonly (readonly number[])[], options?: ScoreOptions): Promise<number[][]>;
}
