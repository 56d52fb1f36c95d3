/**
 * How messages become token ids: one special token opens a message by its role, `<|end|>` closes it.
 *
 *     <|user|> prompt <|end|> <|assistant|> code block <|end|> <|observation|> output <|end|> <|assistant|> …
 *
 * Contract: ids are only ever appended. `promptIds` ends with the opened assistant message, so the policy continues it; a
 * generated turn holds its own `<|end|>` if it stopped by itself; `observationIds` closes a turn that was cut off first.
 *
 * @module
 */
import type { Policy, Tokenizer } from "./policy.ts";

/** How a policy's messages become token ids; ids are only ever appended. */
export interface Chat {
  /** Ids that end an assistant's turn. */
  readonly stopIds: readonly number[];
  /** Ids up to and with the opened assistant message. */
  promptIds(prompt: string): number[];
  /** How many ids of `promptIds(prompt)` come before character `end` of the prompt; an id across it counts as before. */
  idsBefore(prompt: string, end: number): number;
  /** Ids of an assistant turn that a teacher wrote, its stop token included. */
  turnIds(completion: string): number[];
  /** Ids between two assistant turns; `closed` says whether the turn before ended with a stop token. */
  observationIds(observation: string, options: { readonly closed: boolean }): number[];
  /** Text of generated ids, special tokens left out. */
  text(ids: readonly number[]): string;
}

/**
 * The chat format that a policy speaks: its own, or {@linkcode ChatFormat} over its tokenizer.
 *
 * @throws {RangeError} if it has none of its own and its tokenizer lacks one of {@linkcode CHAT_SPECIALS}.
 */
export function chatOf(policy: Policy): Chat {
  return policy.chat ?? new ChatFormat(policy.tokenizer);
}

/** Special tokens of the format, in id order. */
export const CHAT_SPECIALS = ["<|pad|>", "<|user|>", "<|assistant|>", "<|observation|>", "<|end|>"] as const;

/** Renders messages as ids. */
export class ChatFormat implements Chat {
  readonly #tokenizer: Tokenizer;

  /** @throws {RangeError} if the tokenizer lacks one of {@linkcode CHAT_SPECIALS}. */
  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    for (const special of CHAT_SPECIALS) this.#special(special);
  }

  #special(text: typeof CHAT_SPECIALS[number]): number {
    const id = this.#tokenizer.specials[text];
    if (id === undefined) throw new RangeError(`Cannot use the tokenizer for chat: it has no special token ${text}`);
    return id;
  }

  /** Id of `<|end|>`, the stop token of a turn. */
  get endId(): number {
    return this.#special("<|end|>");
  }

  /** Only `<|end|>`. */
  get stopIds(): readonly number[] {
    return [this.endId];
  }

  /** Ids before character `end` of the prompt, the special token that opens the message included. */
  idsBefore(prompt: string, end: number): number {
    return 1 + this.#tokenizer.encode(prompt.slice(0, end)).length;
  }

  /** Ids up to and with the opened assistant message. */
  promptIds(prompt: string): number[] {
    return [
      this.#special("<|user|>"),
      ...this.#tokenizer.encode(prompt),
      this.endId,
      this.#special("<|assistant|>"),
    ];
  }

  /** Ids of an assistant turn that a teacher wrote. */
  turnIds(completion: string): number[] {
    return [...this.#tokenizer.encode(completion), this.endId];
  }

  /** Ids between two assistant turns; `closed` says whether the turn before ended with `<|end|>`. */
  observationIds(observation: string, options: { readonly closed: boolean }): number[] {
    return [
      ...(options.closed ? [] : [this.endId]),
      this.#special("<|observation|>"),
      ...this.#tokenizer.encode(observation),
      this.endId,
      this.#special("<|assistant|>"),
    ];
  }

  /** Text of generated ids. */
  text(ids: readonly number[]): string {
    return this.#tokenizer.decode(ids);
  }
}
