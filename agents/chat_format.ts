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
import type { Tokenizer } from "./policy.ts";

/** Special tokens of the format, in id order. */
export const CHAT_SPECIALS = ["<|pad|>", "<|user|>", "<|assistant|>", "<|observation|>", "<|end|>"] as const;

/** Renders messages as ids. */
export class ChatFormat {
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
