/**
 * The tokenizer of policies whose tokens are not known: bytes, and the special tokens of the embedded chat format.
 *
 * Contract: any text goes there and back unchanged. Its ids stand in records where a policy's own are not told; they are never sent.
 *
 * @module
 */
import { CHAT_SPECIALS } from "./chat_format.ts";
import { type BpeTokenizer, SPLIT_PATTERN, trainBpe } from "./model/tokenizer.ts";

/**
 * Makes the tokenizer.
 *
 * @example A text and back
 * ```ts
 * import { standInTokenizer } from "whetstone/agents/stand_in_tokenizer.ts";
 * import assert from "node:assert/strict";
 *
 * const tokenizer = standInTokenizer();
 * assert.equal(tokenizer.decode(tokenizer.encode("naïve 🙂")), "naïve 🙂");
 * ```
 */
export function standInTokenizer(): BpeTokenizer {
  return trainBpe([], {
    vocabularySize: 256 + CHAT_SPECIALS.length,
    specials: [...CHAT_SPECIALS],
    pattern: SPLIT_PATTERN,
  });
}
