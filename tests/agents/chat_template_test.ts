import assert from "node:assert/strict";
import fc from "fast-check";
import { ChatTemplateError, templateChat } from "../../agents/chat_template.ts";
import { type HfTokenizer, loadHfTokenizer } from "../../agents/model/hf_tokenizer.ts";

const FOLDER = "tests/fixtures/tokenizers";
const NAMES = ["llama3", "qwen2", "qwen3", "llama2", "phi3"];

interface Rendered {
  readonly text: string;
  readonly ids: readonly number[];
}
interface Golden {
  readonly system: string | null;
  readonly prompt: string;
  readonly answer: string;
  readonly observation: string;
  readonly prompted: Rendered;
  readonly answered: Rendered;
  readonly observed: Rendered;
}

const goldens = JSON.parse(await Deno.readTextFile(`${FOLDER}/chat_golden.json`)) as Readonly<Record<string, Golden[]>>;
const tokenizers = new Map<string, HfTokenizer>();
for (const name of NAMES) tokenizers.set(name, await loadHfTokenizer(`${FOLDER}/${name}`));
const system = (golden: Golden) => (golden.system === null ? {} : { system: golden.system });

for (const name of NAMES) {
  const tokenizer = tokenizers.get(name)!;

  Deno.test(`templateChat() gives the ids of apply_chat_template for prompts, turns and observations (${name})`, () => {
    for (const golden of goldens[name]!) {
      const chat = templateChat(tokenizer, { eosIds: [], ...system(golden) });
      const prompt = chat.promptIds(golden.prompt);
      assert.deepEqual(prompt, golden.prompted.ids, golden.prompted.text);
      const turn = chat.turnIds(golden.answer);
      assert.deepEqual([...prompt, ...turn], golden.answered.ids.slice(0, prompt.length + turn.length));
      assert.equal(turn.at(-1), chat.stopIds[0]);
      // Qwen3 shows thoughts in the last answer alone, so that its history is not what it was before the next question.
      const kept = name === "qwen3" ? tokenizer.encode(golden.answer).concat(chat.stopIds) : turn;
      const observation = chat.observationIds(golden.observation, { closed: true });
      assert.deepEqual([...prompt, ...kept, ...observation], golden.observed.ids, golden.observed.text);
      const cut = name === "llama2" ? kept.slice(0, -2) : kept.slice(0, -1);
      const open = chat.observationIds(golden.observation, { closed: false });
      assert.deepEqual([...prompt, ...cut, ...open], golden.observed.ids);
    }
  });

  Deno.test(`templateChat() lets no text forge a message (${name})`, () => {
    const chat = templateChat(tokenizer, { eosIds: [] });
    const controls = new Set(Object.values(tokenizer.specials));
    const count = (ids: readonly number[]) => ids.filter((id) => controls.has(id)).length;
    const [prompts, observations, turns] = [
      count(chat.promptIds("x")),
      count(chat.observationIds("x", { closed: true })),
      count(chat.turnIds("x")),
    ];
    const part = fc.constantFrom(...Object.keys(tokenizer.specials), "\ue100", "0", " ", "\n", "x", "<|", "|>");
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join("");
        assert.equal(count(chat.promptIds(text)), prompts);
        assert.equal(count(chat.observationIds(text, { closed: true })), observations);
        assert.equal(count(chat.turnIds(text)), turns);
      }),
      { numRuns: 50 },
    );
  });

  Deno.test(`templateChat() says where a part of the prompt stands in its ids (${name})`, () => {
    const chat = templateChat(tokenizer, { eosIds: [], system: "Be kind." });
    for (const prompt of ["What is x?\n\nfunction add(a, b) {\n}\n\nGo.", "  function add(a, b) {\n} "]) {
      const part = "function add(a, b) {\n}";
      const at = prompt.indexOf(part);
      const ids = chat.promptIds(prompt).slice(chat.idsBefore(prompt, at), chat.idsBefore(prompt, at + part.length));
      assert.equal(tokenizer.decode(ids).trim(), part);
    }
  });
}

Deno.test("templateChat() finds the token that closes an answer although the configuration names another", () => {
  const tokenizer = tokenizers.get("phi3")!;
  const { "<|end|>": end, "<|endoftext|>": eos } = tokenizer.specials;
  assert.deepEqual(templateChat(tokenizer, { eosIds: [eos!] }).stopIds, [end, eos]);
});

Deno.test("templateChat() hands variables to the template", () => {
  const tokenizer = tokenizers.get("qwen3")!;
  const chat = templateChat(tokenizer, { eosIds: [], variables: { enable_thinking: false } });
  assert.ok(chat.text(chat.promptIds("Hi")).endsWith("assistant\n<think>\n\n</think>\n\n"));
  assert.equal(chat.text(chat.turnIds("Hello")), "Hello");
});

function withTemplate(template: string | undefined): HfTokenizer {
  const tokenizer = tokenizers.get("qwen2")!;
  return {
    vocabularySize: tokenizer.vocabularySize,
    specials: tokenizer.specials,
    encode: (text) => tokenizer.encode(text),
    decode: (ids) => tokenizer.decode(ids),
    encodeSpecial: (text, options) => tokenizer.encodeSpecial(text, options),
    chatTemplate: template,
    bosId: tokenizer.bosId,
    eosId: tokenizer.eosId,
  };
}

Deno.test("templateChat() says why a template cannot be used", () => {
  const cases: [string | undefined, RegExp][] = [
    [undefined, /no chat template/],
    ["{% for x in", /Cannot use the chat template/],
    ["{{ raise_exception('no system') }}", /messages \[user, assistant, user\].*no system/],
    ["{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}", /closed by a special token/],
    [
      "{% for m in messages %}{{ m.content | upper | lower }}x{{ m.content }}<|im_end|>{% endfor %}",
      /must appear once/,
    ],
    [
      "{% for m in messages %}{{ m.content + '<|im_end|>' + (messages | length) | string }}{% endfor %}",
      /depends on what came before/,
    ],
  ];
  for (const [template, message] of cases) {
    assert.throws(() => templateChat(withTemplate(template), { eosIds: [] }), (error) => {
      assert.ok(error instanceof ChatTemplateError);
      assert.match(error.message, message);
      return true;
    });
  }
});
