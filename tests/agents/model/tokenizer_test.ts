import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BpeTokenizer,
  CODE_SPLIT_PATTERN,
  SPLIT_PATTERN,
  TokenizerFormatError,
  trainBpe,
} from "../../../agents/model/tokenizer.ts";
import { learnMerges, PAIR_BASE, pretokens, replacePair, type WordCount } from "../../../agents/model/_bpe.ts";
import { BYTE_CHARACTERS } from "../../../agents/model/_byte_alphabet.ts";

const TEXTS = [
  "const token = apis.handset.log_in({ user: me.email, password });\nfor (let page = 0; ; page++) {\n  print(page);\n}\n",
  "const total = rows.reduce((sum, row) => sum + row.amount, 0);\nprint(total, total);\n",
  "Grüße, 東京! 42 + 17 = 59",
];
const SPECIALS = ["<|system|>", "<|end|>"];
const tokenizer = trainBpe(TEXTS, { vocabularySize: 320, specials: SPECIALS });

const split = (text: string) => [...pretokens(text, new RegExp(SPLIT_PATTERN, "gu"))];

Deno.test("SPLIT_PATTERN cuts words, digits, punctuation, newlines with indent and white space", () => {
  assert.deepEqual(split("let my_var = 12;"), ["let", " my_var", " =", " ", "1", "2", ";"]);
  assert.deepEqual(split("a  b"), ["a", " ", " b"]);
  assert.deepEqual(split("{\n\n  x\n}"), ["{", "\n\n  ", "x", "\n", "}"]);
  assert.deepEqual(split("x \t\n"), ["x", " \t", "\n"]);
  assert.deepEqual(split('f("é…")'), ["f", '("', "é", '…")']);
});

const splitCode = (text: string) => [...pretokens(text, new RegExp(CODE_SPLIT_PATTERN, "gu"))];

Deno.test("CODE_SPLIT_PATTERN keeps words that punctuation joins together, and cuts prose, digits, quotes and lines", () => {
  assert.deepEqual(splitCode('const page = apis.x.list({ page: 0, q: "a" });\nprint(page.length === 2);'), [
    "const page = apis.x.list({ page:",
    " ",
    "0",
    ",",
    " q:",
    ' "',
    "a",
    '"',
    " });",
    "\n",
    "print(page.length ===",
    " ",
    "2",
    ");",
  ]);
  assert.deepEqual(splitCode("Tell my friends now."), ["Tell", " my", " friends", " now", "."]);
  assert.deepEqual(splitCode("accept_ask(ask_id)"), ["accept", "_ask", "(", "ask", "_id", ")"]);
});

Deno.test("CODE_SPLIT_PATTERN loses nothing and does not backtrack on long runs", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => assert.equal(splitCode(text).join(""), text)));
  for (const run of ["a" + "!".repeat(20_000), "a" + " .".repeat(20_000), "const ".repeat(5000)]) {
    assert.equal(splitCode(run).join(""), run);
  }
});

Deno.test("pretokens() loses nothing", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => assert.equal(split(text).join(""), text)));
});

Deno.test("BpeTokenizer decodes what it encoded for any Unicode string", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
    assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
  }));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..." \t\n\rab_1.;é<|end|>\uFEFF\u00a0"), maxLength: 60 }), (text) => {
      assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
    }),
  );
});

Deno.test("BpeTokenizer encodes the text of a special token as plain characters", () => {
  const ids = tokenizer.encode("a<|end|>");
  assert.ok(!ids.some((id) => Object.values(tokenizer.specials).includes(id)));
  assert.equal(tokenizer.decode(ids), "a<|end|>");
});

Deno.test("BpeTokenizer leaves specials and unknown ids out when it decodes", () => {
  const end = tokenizer.specials["<|end|>"]!;
  assert.equal(end, tokenizer.vocabularySize - 1);
  assert.equal(tokenizer.decode([end, ...tokenizer.encode("token"), 99999, end]), "token");
});

Deno.test("BpeTokenizer merges by rank whatever the length of the word", () => {
  const long = "ab".repeat(5000);
  const repeated = trainBpe([long], { vocabularySize: 262, specials: [] });
  assert.equal(repeated.decode(repeated.encode(long)), long);
  // ab, abab, (abab)^2, ... six merges: 2^6 bytes per id.
  assert.equal(repeated.encode(long).length, Math.floor(10000 / 64) + repeated.encode("ab".repeat(5000 % 32)).length);
});

Deno.test("BpeTokenizer.fromJson() restores what toJson() wrote", () => {
  const read = BpeTokenizer.fromJson(JSON.parse(JSON.stringify(tokenizer.toJson())));
  assert.deepEqual(read.toJson(), tokenizer.toJson());
  assert.deepEqual(read.specials, tokenizer.specials);
  for (const text of [...TEXTS, "print(other_token)"]) assert.deepEqual(read.encode(text), tokenizer.encode(text));
});

Deno.test("BpeTokenizer.fromJson() reads the GPT-2 form: merges as strings, a bare ByteLevel, specials in the vocabulary", () => {
  const vocab: Record<string, number> = { "<|endoftext|>": 256, "Ġt": 257, "Ġto": 258 };
  BYTE_CHARACTERS.forEach((character, id) => vocab[character] = id);
  const read = BpeTokenizer.fromJson({
    version: "1.0",
    added_tokens: [{ id: 256, content: "<|endoftext|>", special: true }],
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false },
    model: { vocab, merges: ["Ġ t", "Ġt o"] },
  });
  assert.deepEqual(read.encode("to to"), [..."to"].map((c) => c.charCodeAt(0)).concat([258]));
  assert.equal(read.vocabularySize, 259);
  assert.equal(read.decode([256, 258]), " to");
});

Deno.test("BpeTokenizer.fromJson() refuses other tokenizers and broken merges", () => {
  assert.throws(() => BpeTokenizer.fromJson({ model: { type: "WordPiece" } }), TokenizerFormatError);
  const json = tokenizer.toJson();
  const broken = { ...json, model: { ...json.model, merges: [["zz", "qq"]] } };
  assert.throws(() => BpeTokenizer.fromJson(broken), /zz qq/);
});

Deno.test("trainBpe() takes the smaller pair among equally frequent ones and stops below minCount", () => {
  const pairs = trainBpe(["ab cd ab cd"], { vocabularySize: 1000, specials: [] }).toJson().model.merges;
  // Counts: ab 2, cd 2, " c" 2, " a" 1; the space (32) is the smallest id.
  assert.deepEqual(pairs, [["Ġ", "c"], ["a", "b"], ["Ġc", "d"]]);
  assert.deepEqual(trainBpe(["xyz"], { vocabularySize: 1000, specials: [] }).vocabularySize, 256);
});

Deno.test("trainBpe() refuses a vocabulary without room for bytes and specials", () => {
  assert.throws(() => trainBpe(["a"], { vocabularySize: 256, specials: ["<|end|>"] }), RangeError);
  assert.throws(() => trainBpe(["a"], { vocabularySize: 300, specials: ["<|end|>", "<|end|>"] }), RangeError);
});

/** The definition: count every pair anew before each merge. */
function slowMerges(words: { ids: number[]; count: number }[], limit: number): number[][] {
  const merges: number[][] = [];
  while (merges.length < limit) {
    const counts = new Map<number, number>();
    for (const { ids, count } of words) {
      for (let i = 1; i < ids.length; i++) {
        const key = ids[i - 1]! * PAIR_BASE + ids[i]!;
        counts.set(key, (counts.get(key) ?? 0) + count);
      }
    }
    const [best] = [...counts].filter(([, count]) => count >= 2).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    if (best === undefined) break;
    const id = 256 + merges.length;
    merges.push([Math.floor(best[0] / PAIR_BASE), best[0] % PAIR_BASE, id]);
    for (const word of words) word.ids = replacePair(word.ids, best[0], id);
  }
  return merges;
}

Deno.test("learnMerges() gives the merges of counting anew each time", () => {
  const word = fc.record({
    ids: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 }),
    count: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(fc.property(fc.array(word, { maxLength: 8 }), (words) => {
    const copy = () => words.map(({ ids, count }): WordCount => ({ ids: [...ids], count }));
    assert.deepEqual(learnMerges(copy(), 12, 2), slowMerges(copy(), 12));
  }));
});
