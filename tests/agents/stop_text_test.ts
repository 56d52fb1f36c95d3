/**
 * Stop texts across token boundaries.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { trainBpe } from "../../agents/model/tokenizer.ts";
import { StopTexts } from "../../agents/stop_text.ts";

const TOKENIZER = trainBpe(["abracadabra répété stop here, stopping éé"], {
  vocabularySize: 300,
  specials: ["<|end|>"],
});

/** Index of the id after which the whole text first contains a stop text. */
function expected(ids: readonly number[], texts: readonly string[]): number {
  return ids.findIndex((_, i) => texts.some((text) => TOKENIZER.decode(ids.slice(0, i + 1)).includes(text)));
}

Deno.test("StopTexts.find() finds a stop text with the first token after which the turn's text contains it", () => {
  const letters = fc.string({
    unit: fc.constantFrom("a", "b", "r", "s", "t", "o", "p", "é", " ", "\n", "😀"),
    maxLength: 80,
  });
  const stop = fc.string({ unit: fc.constantFrom("a", "b", "s", "t", "é", " ", "😀"), minLength: 1, maxLength: 4 });
  fc.assert(fc.property(letters, fc.array(stop, { minLength: 1, maxLength: 3 }), fc.boolean(), (text, texts, cut) => {
    const words = TOKENIZER.encode(text);
    // Special tokens have no text and may stand anywhere; single bytes cut characters apart.
    const ids = cut ? words.flatMap((id, i) => (i % 3 === 0 ? [id, TOKENIZER.specials["<|end|>"]!] : [id])) : words;
    const stops = new StopTexts(TOKENIZER, texts);
    const found = ids.findIndex((_, i) => stops.find(ids.slice(0, i + 1)) !== undefined);
    assert.equal(found, expected(ids, texts));
  }));
});

Deno.test("StopTexts.find() names the stop text that ends first when several are there", () => {
  const ids = TOKENIZER.encode("abra stop");
  assert.equal(new StopTexts(TOKENIZER, ["stop", "bra", "abra st"]).find(ids), "bra");
  assert.equal(new StopTexts(TOKENIZER, []).find(ids), undefined);
  assert.equal(new StopTexts(TOKENIZER, ["stop"]).find([]), undefined);
});

Deno.test("StopTexts throws a RangeError when a stop text is empty", () => {
  assert.throws(() => new StopTexts(TOKENIZER, [""]), /must not hold an empty text/);
});
