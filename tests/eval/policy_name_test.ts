import assert from "node:assert/strict";
import { parseScript, ScriptFileError } from "../../agents/script_file.ts";
import { LoraOptionError, parseLora } from "../../eval/lora_option.ts";
import { parsePolicyName, PolicyNameError } from "../../eval/policy_name.ts";

const folders = ["base", "base+v2", "adapters/a", "models/Qwen"];
const parse = (text: string) => parsePolicyName(text, { isFolder: (path) => folders.includes(path) });

Deno.test("parsePolicyName() tells the kinds of policies apart", () => {
  assert.deepEqual(parse("reference"), { kind: "reference" });
  assert.deepEqual(parse("nano"), { kind: "nano" });
  assert.deepEqual(parse("grpo-0123456789-s1"), { kind: "run", run: "grpo-0123456789-s1" });
  assert.deepEqual(parse("models/Qwen"), { kind: "checkpoint", folder: "models/Qwen" });
  assert.deepEqual(parse("base+adapters/a"), { kind: "checkpoint", folder: "base", adapter: "adapters/a" });
  // A folder may have a plus in its name.
  assert.deepEqual(parse("base+v2"), { kind: "checkpoint", folder: "base+v2" });
  assert.deepEqual(parse("base+v2+adapters/a"), { kind: "checkpoint", folder: "base+v2", adapter: "adapters/a" });
  assert.deepEqual(parse("transformers:models/x"), { kind: "transformers", folder: "models/x" });
  assert.deepEqual(parse("scripted:a.jsonl"), { kind: "scripted", file: "a.jsonl" });
});

Deno.test("parsePolicyName() gives one address to all spellings of a server", () => {
  const url = "http://127.0.0.1:8000/v1";
  for (const path of ["", "/", "/v1", "/v1/", "/v1/completions", "/v1/chat/completions"]) {
    assert.deepEqual(parse(`openai:http://127.0.0.1:8000${path}#a/b#c`), { kind: "server", url, model: "a/b#c" });
  }
  assert.deepEqual(parse("openai:https://host/own/api#m"), { kind: "server", url: "https://host/own/api", model: "m" });
});

Deno.test("parsePolicyName() says what is wrong with a name, and what to write", () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(() => parse(text), (error: Error) => error instanceof PolicyNameError && message.test(error.message));
  refused("", /write RUN, reference, nano/);
  refused("opnai:http://x#m", /did you mean openai:\?/);
  refused("http://127.0.0.1:1#m", /openai:http/);
  refused("openai:http://127.0.0.1:8000", /names no model/);
  refused("openai:127.0.0.1#m", /not an http address/);
  refused("models/nothing", /there is no such folder/);
  refused("base+nothing", /no folder "nothing" with adapter weights/);
  refused("scripted:", /nothing follows/);
});

Deno.test("parseLora() reads rank, alpha and targets, in the names of both worlds and in the order of the model", () => {
  assert.deepEqual(parseLora("8"), {
    rank: 8,
    alpha: 16,
    targets: ["query", "key", "value", "attention_out", "gate", "up", "down"],
  });
  assert.deepEqual(parseLora("4:1.5:v_proj,query"), { rank: 4, alpha: 1.5, targets: ["query", "value"] });
  assert.deepEqual(parseLora("4::attention,down").targets, ["query", "key", "value", "attention_out", "down"]);
  for (
    const [word, message] of [["", /rank/], ["0", /rank/], ["8:-1", /alpha/], ["8:x", /alpha/], [
      "8:8:quary",
      /did you mean query/,
    ], [
      "8:8:all:1",
      /three parts/,
    ]] as const
  ) {
    assert.throws(
      () => parseLora(word),
      (error: Error) => error instanceof LoraOptionError && message.test(error.message),
    );
  }
});

Deno.test("parseScript() answers prompts, tasks and all others, turn by turn, and refuses what it does not cover", () => {
  const lines = [
    '{"prompt":"a","turns":["1","2"]}',
    "",
    '{"task":"t","turns":["3"]}',
  ];
  const promptsOf = (task: string) => (task === "t" ? ["prompt of t"] : []);
  const ask = (text: string, prompt: string, turn = 0) =>
    parseScript(text, "s.jsonl", { promptsOf })({ prompt, observations: Array(turn).fill(""), key: [] });
  const text = lines.join("\n");
  assert.deepEqual([0, 1, 2].map((turn) => ask(text, "a", turn)), ["1", "2", ""]);
  assert.equal(ask(text, "prompt of t"), "3");
  assert.throws(() => ask(text, "b"), /no line is for the prompt "b"/);
  assert.equal(ask(`${text}\n{"turns":["?"]}`, "b"), "?");
  for (
    const [line, message] of [["{", /line 1: it must be JSON/], ['{"turn":["x"]}', /turns/], [
      '{"task":"u","turns":["x"]}',
      /no task "u"/,
    ], [
      '{"task":"t","prompt":"a","turns":["x"]}',
      /got both/,
    ]] as const
  ) {
    assert.throws(
      () => ask(line, "a"),
      (error: Error) => error instanceof ScriptFileError && message.test(error.message),
    );
  }
});
