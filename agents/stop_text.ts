/**
 * Finds stop texts in the decoded text of a turn while the turn grows token by token.
 *
 * Contract: a stop text is found with the first token after which the text of all ids so far contains it, wherever the boundaries of
 * tokens are. Only the end of the turn is decoded at each token; a find there is confirmed on the whole text.
 *
 * @module
 */
import type { Tokenizer } from "./policy.ts";

/** Characters of slack at the front of the decoded end, where a token may be decoded otherwise than within the whole text. */
const SLACK = 8;

/** Stop texts of a tokenizer's turns. */
export class StopTexts {
  readonly #tokenizer: Tokenizer;
  readonly #texts: readonly string[];
  readonly #longest: number;

  /** @throws {RangeError} if a stop text is empty. */
  constructor(tokenizer: Tokenizer, texts: readonly string[]) {
    if (texts.includes("")) throw new RangeError("Cannot stop at a text: stopTexts must not hold an empty text");
    this.#tokenizer = tokenizer;
    this.#texts = texts;
    this.#longest = Math.max(0, ...texts.map((text) => text.length));
  }

  /** Whether there is any stop text. */
  get any(): boolean {
    return this.#texts.length > 0;
  }

  /**
   * The stop text that a turn's text contains, the one that ends first, undefined if there is none.
   *
   * @example A stop text across two tokens
   * ```ts
   * import { StopTexts } from "whetstone/agents/stop_text.ts";
   * import assert from "node:assert/strict";
   *
   * const words = ["a", "an", "swer", "!"];
   * const tokenizer = {
   *   vocabularySize: 4,
   *   specials: {},
   *   encode: () => [],
   *   decode: (ids: readonly number[]) => ids.map((id) => words[id]).join(""),
   * };
   * const stops = new StopTexts(tokenizer, ["answer"]);
   * assert.equal(stops.find([0, 1]), undefined);
   * assert.equal(stops.find([0, 1, 2]), "answer");
   * ```
   *
   * @param ids the turn so far, [T]; without its last id it must hold none.
   */
  find(ids: readonly number[]): string | undefined {
    const last = ids.at(-1);
    if (this.#texts.length === 0 || last === undefined) return undefined;
    const wanted = this.#longest + this.#tokenizer.decode([last]).length + SLACK;
    let end = "";
    for (let count = 8 + this.#longest;; count *= 2) {
      end = this.#tokenizer.decode(ids.slice(-count));
      if (count >= ids.length || end.length >= wanted) break;
    }
    if (!this.#texts.some((text) => end.includes(text))) return undefined;
    const whole = this.#tokenizer.decode(ids);
    let found: { readonly text: string; readonly at: number } | undefined;
    for (const text of this.#texts) {
      const start = whole.indexOf(text);
      const at = start + text.length;
      if (start >= 0 && (found === undefined || at < found.at)) found = { text, at };
    }
    return found?.text;
  }
}
