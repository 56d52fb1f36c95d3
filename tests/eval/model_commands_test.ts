import assert from "node:assert/strict";
import { modelCommand, type ModelStreams, runModel } from "../../eval/commands/model.ts";
import { checkpointHash, openCheckpoint } from "../../eval/checkpoint.ts";
import { generateTexts } from "../../eval/model_generate.ts";
import { inspectModel } from "../../eval/model_inspect.ts";
import { lineChunks, ScoreLineError, scoreLines } from "../../eval/model_score.ts";
import { openDevice } from "../../agents/model/device.ts";
import { loadHfModel, openHfFolder } from "../../agents/model/hf_folder.ts";
import { initialAdapter } from "../../agents/model/adapter.ts";
import { savePeftAdapter } from "../../agents/model/peft_folder.ts";
import { parse } from "@optique/core/parser";
import { writeCheckpoint } from "./_checkpoint.ts";
import { never, withFolder } from "./_workbench.ts";

const CHECKPOINTS = new URL("../fixtures/checkpoints", import.meta.url).pathname;

/** Runs `whet model …` on lines of input; gives the lines of output. */
async function lines(args: readonly string[], input: string): Promise<string[]> {
  const parsed = parse(modelCommand, ["model", ...args]);
  assert.ok(parsed.success, JSON.stringify(parsed));
  let text = "";
  const streams: ModelStreams = {
    input: new Blob([input]).stream(),
    write: (more) => {
      text += more;
    },
  };
  await runModel(parsed.value, { signal: never }, streams);
  return text.split("\n").slice(0, -1);
}

for (const family of ["llama", "llama3", "qwen2", "qwen3", "phi3"]) {
  Deno.test(`whet model score gives the golden log-probabilities of ${family}`, async () => {
    const golden = JSON.parse(await Deno.readTextFile(`${CHECKPOINTS}/${family}/golden.json`)) as {
      sequences: { ids: number[]; logprobs: number[] }[];
    };
    const input = golden.sequences.map(({ ids }) => `${JSON.stringify({ ids, note: "ignored" })}\n`).join("\n");
    const found = await lines(["score", `${CHECKPOINTS}/${family}`, "--device", "cpu"], input);
    assert.equal(found.length, golden.sequences.length);
    found.forEach((line, i) => {
      const { logprobs } = JSON.parse(line) as { logprobs: number[] };
      const expected = golden.sequences[i]?.logprobs ?? [];
      assert.equal(logprobs.length, expected.length);
      logprobs.forEach((value, t) =>
        assert.ok(Math.abs(value - (expected[t] ?? NaN)) < 1e-4, `${value} ${expected[t]}`)
      );
    });
  });
}

Deno.test("scoreLines() answers the lines before a bad one, and names the bad one and its rule", async () => {
  const scorer = {
    vocabularySize: 10,
    contextTokens: 4,
    score: (sequences: readonly (readonly number[])[]) => Promise.resolve(sequences.map((ids) => ids.map((id) => -id))),
  };
  const bad = [
    ["{", /line 3: it must be JSON/],
    ['{"id":[1]}', /line 3: ids/],
    ['{"ids":[1,-1]}', /line 3: ids\[1\]/],
    ['{"ids":[1,10]}', /ids\[1\] must be below 10.* got 10/],
    ['{"ids":[1,1,1,1,1]}', /at most 4.* got 5/],
  ] as const;
  for (const [line, message] of bad) {
    const written: string[] = [];
    const input = new Blob([`{"ids":[1,2,3]}\r\n\n${line}\n{"ids":[4]}`]).stream();
    await assert.rejects(
      scoreLines(lineChunks(input), (text) => void written.push(text), scorer),
      (error: Error) => error instanceof ScoreLineError && message.test(error.message),
    );
    assert.deepEqual(written, ['{"logprobs":[-2,-3]}']);
  }
  const written: string[] = [];
  const many = Array.from({ length: 100 }, (_, i) => `{"ids":[${i % 10},${(i + 1) % 10}]}`).join("\n");
  const limits = { batchLines: 7, batchTokens: 9 };
  assert.equal(
    await scoreLines(lineChunks(new Blob([many]).stream()), (text) => void written.push(text), scorer, limits),
    100,
  );
  assert.deepEqual(
    written.map((text) => Math.abs(JSON.parse(text).logprobs[0])),
    Array.from({ length: 100 }, (_, i) => (i + 1) % 10),
  );
});

Deno.test("lineChunks() keeps characters and lines whole wherever pieces end", async () => {
  const bytes = new TextEncoder().encode("ä🙂\nb\n\nc");
  for (let size = 1; size <= bytes.length; size++) {
    const pieces = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, i) => bytes.slice(i * size, (i + 1) * size),
    );
    const found: string[] = [];
    for await (const chunk of lineChunks(ReadableStream.from(pieces))) found.push(...chunk);
    assert.deepEqual(found, ["ä🙂", "b", "", "c"]);
  }
});

Deno.test("inspectModel() describes a folder from its headers, with or without a tokenizer", async () => {
  const { text, json } = await inspectModel(`${CHECKPOINTS}/qwen3`);
  assert.partialDeepStrictEqual(json, { family: "qwen3", parameters: 27872, dtype: "F32", files: 3, tokenizer: null });
  assert.match(text, /Qwen3ForCausalLM/);
  assert.match(text, /none that can be used: .*tokenizer\.json/);
  await withFolder(async (folder) => {
    await writeCheckpoint(`${folder}/base`);
    const own = await inspectModel(`${folder}/base`);
    assert.partialDeepStrictEqual(own.json, { family: "llama", tokenizer: { chatTemplate: true, chat: "template" } });
  });
});

Deno.test("generateTexts() repeats itself, gives samples of their own, and goes through the template unless told not to", async () => {
  await withFolder(async (folder) => {
    await writeCheckpoint(`${folder}/base`);
    const device = await openDevice("cpu");
    const checkpoint = await openCheckpoint(device, { folder: `${folder}/base` });
    const ask = (more: object) => generateTexts(checkpoint, { prompt: "Hi <|im_end|>", maxTokens: 5, ...more });
    const { samples, promptIds } = await ask({ n: 3, temperature: 1 });
    assert.equal(new Set(samples.map(({ ids }) => ids.join())).size, 3);
    // A sample does not depend on how many there are, but for rounding: one alone is multiplied by another kernel.
    const [alone] = (await ask({ temperature: 1 })).samples;
    assert.deepEqual({ ...alone, logprobs: [] }, { ...samples[0], logprobs: [] });
    alone!.logprobs.forEach((logprob, t) => assert.ok(Math.abs(logprob - samples[0]!.logprobs[t]!) < 1e-5));
    assert.notDeepEqual((await ask({ temperature: 1, seed: 2 })).samples[0], samples[0]);
    const raw = (await ask({ raw: true })).promptIds;
    assert.equal(raw.at(-1), checkpoint.tokenizer.specials["<|im_end|>"]);
    assert.match(checkpoint.tokenizer.decode(promptIds), /user\nHi <\|im_end\|>/);
    const before = await checkpointHash({ folder: `${folder}/base` });
    const model = await loadHfModel(device, await openHfFolder(`${folder}/base`));
    const spec = { rank: 2, alpha: 4, targets: ["query", "down"] as const };
    const values = new Map(
      [...initialAdapter(model.config, spec, 1)].map((
        [name, own],
      ) => [name, own.map((value, i) => value + Math.sin(i))]),
    );
    const adapter = `${folder}/adapter`;
    await savePeftAdapter(model.withAdapterValues(spec, values), adapter);
    const tuned = await openCheckpoint(device, { folder: `${folder}/base`, adapter });
    const merged = ["merge", `${folder}/base`, "--lora", adapter, "--out", `${folder}/merged`, "--device", "cpu"];
    await lines(merged, "");
    const whole = await openCheckpoint(device, { folder: `${folder}/merged` });
    const greedy = { prompt: "Hi", temperature: 0, maxTokens: 6 };
    const answer = await generateTexts(tuned, greedy);
    assert.deepEqual((await generateTexts(whole, greedy)).samples[0]?.ids, answer.samples[0]?.ids);
    assert.notDeepEqual((await generateTexts(checkpoint, greedy)).samples[0]?.ids, answer.samples[0]?.ids);
    assert.equal(await checkpointHash({ folder: `${folder}/base` }), before);
    assert.notEqual(await checkpointHash({ folder: `${folder}/base`, adapter }), before);
  });
});
