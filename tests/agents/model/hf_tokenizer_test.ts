import assert from "node:assert/strict";
import fc from "fast-check";
import { type HfTokenizer, loadHfTokenizer } from "../../../agents/model/hf_tokenizer.ts";
import { TokenizerFormatError } from "../../../agents/model/tokenizer.ts";

const FOLDER = "tests/fixtures/tokenizers";
const NAMES = ["llama3", "qwen2", "qwen3", "llama2", "phi3", "metaspace"];

interface Golden {
  readonly size: number;
  readonly decodes: readonly { readonly ids: readonly number[]; readonly text: string }[];
  readonly cases: readonly {
    readonly text: string;
    readonly special: readonly number[];
    readonly plain: readonly number[];
    readonly decoded: string;
  }[];
}

const goldens = JSON.parse(await Deno.readTextFile(`${FOLDER}/golden.json`)) as Readonly<Record<string, Golden>>;

function check(tokenizer: HfTokenizer, golden: Golden): void {
  assert.equal(tokenizer.vocabularySize, golden.size);
  for (const { text, special, plain, decoded } of golden.cases) {
    assert.deepEqual(tokenizer.encodeSpecial(text), special, `special: ${JSON.stringify(text)}`);
    assert.deepEqual(tokenizer.encode(text), plain, `plain: ${JSON.stringify(text)}`);
    assert.equal(tokenizer.decode(plain), decoded, `decoded: ${JSON.stringify(text)}`);
  }
  for (const { ids, text } of golden.decodes) assert.equal(tokenizer.decode(ids), text, `ids ${ids}`);
}

/** A golden file of a tokenizer that is another one with some fields replaced. */
interface Variant extends Golden {
  readonly base: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly added: readonly unknown[];
}

const variants = JSON.parse(await Deno.readTextFile(`${FOLDER}/variants.json`)) as Readonly<Record<string, Variant>>;

for (const [name, variant] of Object.entries(variants)) {
  Deno.test(`loadHfTokenizer() follows Python's tokenizers in other arrangements (${name})`, async () => {
    const base = JSON.parse(await Deno.readTextFile(`${FOLDER}/${variant.base}/tokenizer.json`));
    const model = { ...base.model, ...(variant.fields["model"] as Record<string, unknown> | undefined) };
    const added_tokens = [...base.added_tokens, ...variant.added];
    const folder = await Deno.makeTempDir();
    try {
      const text = JSON.stringify({ ...base, ...variant.fields, model, added_tokens });
      await Deno.writeTextFile(`${folder}/tokenizer.json`, text);
      check(await loadHfTokenizer(folder), variant);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

for (const name of NAMES) {
  const tokenizer = await loadHfTokenizer(`${FOLDER}/${name}`);
  const golden = goldens[name]!;

  Deno.test(`loadHfTokenizer() gives the ids and texts of Python's tokenizers (${name})`, () =>
    check(tokenizer, golden));

  Deno.test(`HfTokenizer never writes a control token for plain text (${name})`, () => {
    const controls = new Set(Object.values(tokenizer.specials));
    const parts = fc.constantFrom(
      ...Object.keys(tokenizer.specials),
      " ",
      "\n",
      "a",
      "<|",
      "|>",
      "<s",
      ">",
      "é",
      "\u2581",
    );
    fc.assert(fc.property(fc.array(parts).map((list) => list.join("")), (text) => {
      assert.ok(tokenizer.encode(text).every((id) => !controls.has(id)));
      const range = [{ start: 0, end: text.length }];
      assert.deepEqual(tokenizer.encodeSpecial(text, { plain: range }), tokenizer.encode(text));
    }));
  });
}

for (const name of ["llama3", "qwen2", "qwen3"]) {
  const tokenizer = await loadHfTokenizer(`${FOLDER}/${name}`);
  Deno.test(`HfTokenizer of bytes gives every text back (${name})`, () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.array(
        fc.constantFrom(
          " ",
          "  ",
          "\n",
          "\r\n",
          "\t",
          "1",
          "23",
          "'s",
          "x",
          "Ünï",
          "\ufeff",
          "\u0085",
          "<|im_end|>",
          "😀",
        ),
      )
        .map((parts) => parts.join("")),
    );
    fc.assert(fc.property(text, (text) => {
      const expected = name === "llama3" ? text : text.normalize("NFC");
      assert.equal(tokenizer.decode(tokenizer.encode(text)), expected);
    }));
  });
}

Deno.test("loadHfTokenizer() reads tokens that begin and end a text, and the template wherever it is", async () => {
  const [llama3, qwen2, qwen3, llama2, metaspace] = await Promise.all(
    ["llama3", "qwen2", "qwen3", "llama2", "metaspace"].map((name) => loadHfTokenizer(`${FOLDER}/${name}`)),
  );
  assert.equal(llama3!.bosId, llama3!.specials["<|begin_of_text|>"]);
  assert.equal(llama3!.eosId, llama3!.specials["<|eot_id|>"]);
  assert.deepEqual([qwen2!.bosId, qwen2!.eosId], [undefined, qwen2!.specials["<|im_end|>"]]);
  assert.match(qwen2!.chatTemplate!, /You answer briefly/);
  assert.equal(qwen3!.chatTemplate, await Deno.readTextFile(`${FOLDER}/qwen3/chat_template.jinja`));
  assert.match(llama2!.chatTemplate!, /Roles must alternate/);
  assert.equal(metaspace!.chatTemplate, undefined);
  assert.deepEqual(Object.keys(qwen3!.specials), ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]);
});

Deno.test("HfTokenizer puts a space before a word at the beginning and, by family, after a special token, never after text", async () => {
  const metaspace = await loadHfTokenizer(`${FOLDER}/metaspace`);
  const [first, special, text] = [undefined, "special", "text"].map((follows) => {
    return metaspace.encodeSpecial("the", follows === undefined ? {} : { follows: follows as "special" | "text" });
  });
  assert.notDeepEqual(first, special);
  assert.deepEqual(special, text);
  const phi3 = await loadHfTokenizer(`${FOLDER}/phi3`);
  assert.deepEqual(phi3.encodeSpecial("the", { follows: "special" }), phi3.encode("the"));
  assert.notDeepEqual(phi3.encodeSpecial("the", { follows: "text" }), phi3.encode("the"));
  assert.deepEqual(phi3.encodeSpecial(" the", { follows: "text" }), phi3.encode("the"));
});

async function broken(files: Readonly<Record<string, string>>): Promise<Error> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
    await loadHfTokenizer(folder);
  } catch (error) {
    assert.ok(error instanceof TokenizerFormatError);
    return error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  throw new Error("it was read");
}

Deno.test("loadHfTokenizer() names the file and the field that it cannot read", async () => {
  const good = JSON.parse(await Deno.readTextFile(`${FOLDER}/qwen2/tokenizer.json`));
  assert.match((await broken({})).message, /tokenizer\.json: there is no such file/);
  assert.match((await broken({ "tokenizer.json": "{" })).message, /tokenizer\.json: it is not JSON/);
  const unigram = JSON.stringify({ ...good, model: { type: "Unigram", vocab: [] } });
  assert.match((await broken({ "tokenizer.json": unigram })).message, /tokenizer\.json[^]*model\.type/);
  const split = JSON.stringify({
    ...good,
    pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithNext", invert: false },
  });
  assert.match((await broken({ "tokenizer.json": split })).message, /tokenizer\.json[^]*pre_tokenizer/);
  const files = { "tokenizer.json": JSON.stringify(good), "tokenizer_config.json": '{"bos_token": 3}' };
  assert.match((await broken(files)).message, /tokenizer_config\.json[^]*bos_token/);
});
