/**
 * A chat for base models that were trained on plain text and know no roles: messages follow each other with an empty line between them.
 *
 * Contract: see {@linkcode Chat}. A turn ends with the end-of-text token; one that was cut off is closed by it. Special tokens in texts
 * are not recognised.
 *
 * @module
 */
import type { Chat } from "./chat_format.ts";
import type { Tokenizer } from "./policy.ts";

const BREAK = "\n\n";

/** What a {@linkcode plainChat} begins and ends texts with. */
export interface PlainChatOptions {
  /** Ids that begin every text. @default {[]} */
  readonly openingIds?: readonly number[];
  /** Ids that end a text, the one to write first; at least one. */
  readonly eosIds: readonly number[];
}

/**
 * Chat without roles.
 *
 * @example Ids of a prompt
 * ```ts
 * import { plainChat } from "whetstone/agents/plain_chat.ts";
 * import assert from "node:assert/strict";
 *
 * const bytes = { vocabularySize: 258, specials: {}, encode: (t: string) => [...new TextEncoder().encode(t)], decode: () => "" };
 * const chat = plainChat(bytes, { openingIds: [256], eosIds: [257] });
 * assert.deepEqual(chat.promptIds("Hi"), [256, 72, 105, 10, 10]);
 * assert.deepEqual(chat.turnIds("ok"), [111, 107, 257]);
 * ```
 *
 * @throws {RangeError} if there is no id that ends a text.
 */
export function plainChat(tokenizer: Tokenizer, options: PlainChatOptions): Chat {
  const { openingIds = [], eosIds } = options;
  const [eosId] = eosIds;
  if (eosId === undefined) {
    throw new RangeError("Cannot make a chat: eosIds must hold an id that ends a text, got none");
  }
  return {
    stopIds: eosIds,
    promptIds: (prompt) => [...openingIds, ...tokenizer.encode(`${prompt}${BREAK}`)],
    idsBefore: (prompt, end) => openingIds.length + tokenizer.encode(prompt.slice(0, end)).length,
    turnIds: (completion) => [...tokenizer.encode(completion), eosId],
    observationIds: (observation, { closed }) => [
      ...(closed ? [] : [eosId]),
      ...tokenizer.encode(`${BREAK}${observation}${BREAK}`),
    ],
    text: (ids) => tokenizer.decode(ids),
  };
}
