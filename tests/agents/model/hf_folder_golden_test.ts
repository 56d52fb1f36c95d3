/**
 * Logits, log-probabilities and decoding of each family's checkpoint: against PyTorch on every provider, and against each other.
 *
 * WebGPU is skipped where there is no adapter, unless WHET_REQUIRE_WEBGPU=1 asks for a failure.
 *
 * @module
 */
import assert from "node:assert/strict";
import { nanoConfig } from "../../../agents/model/config.ts";
import { sequenceGraph } from "../../../agents/model/decoder.ts";
import { openDevice } from "../../../agents/model/device.ts";
import { LocalPolicy } from "../../../agents/model/local_policy.ts";
import { createModel, type Model, readFloats } from "../../../agents/model/model.ts";
import { SequencePacker } from "../../../agents/model/sequence_batch.ts";
import { FAMILIES, load, open, readGolden, TOKENIZER, worstDifference } from "./_checkpoints.ts";

/** Logits that predict every token but the first of all sequences, in one padded batch. */
async function batchLogits(model: Model, sequences: readonly number[][]): Promise<Float32Array> {
  const { graph } = sequenceGraph(model.config, "logits");
  const logits = graph.tape.findLast(({ op }) => op === "TokenLogprob")?.inputs[0];
  graph.output("logits", logits!);
  const session = await model.device.session(graph.serialize());
  const rows = sequences.map((ids) => ({ ids, wanted: ids.slice(1).map((_, t) => t + 1) }));
  const results = await session.run({
    ...model.feeds(),
    ...new SequencePacker(model.device, model.config).pack(rows, 32),
    inverse_temperature: model.device.float(Float32Array.of(1), []),
  });
  const values = await readFloats(results["logits"]!);
  await session.release();
  return values;
}

// Golden numbers are float64 of weights as stored; logits go up to about 8. Software WebGPU and WASM were within 6e-6 too.
const TOLERANCES = { cpu: 1e-5, wasm: 1e-5, webgpu: 2e-5 } as const;

const cpu = await openDevice("cpu");
for (const kind of ["cpu", "wasm", "webgpu"] as const) {
  const device = kind === "cpu" ? cpu : await open(kind);
  for (const family of FAMILIES) {
    Deno.test({
      name:
        `loadHfModel() gives PyTorch's logits and log-probabilities when the folder is ${family} and the provider ${kind}`,
      ignore: device === undefined,
      // The GPU device is held for the life of the process.
      sanitizeResources: false,
      sanitizeOps: false,
      async fn() {
        if (device === undefined) return;
        const { sequences } = readGolden(family);
        const model = await load(device, family);
        const ids = sequences.map((sequence) => sequence.ids);
        const scores = await new LocalPolicy(model, TOKENIZER).score(ids);
        const logprobs = scores.flatMap((list) => list.slice(1));
        const tolerance = TOLERANCES[kind];
        assert.ok(worstDifference(logprobs, sequences.flatMap((sequence) => sequence.logprobs)) <= tolerance);
        const logits = await batchLogits(model, ids);
        const expected = sequences.flatMap((sequence) => sequence.logits.slice(0, -1).flat());
        assert.ok(worstDifference([...logits], expected) <= tolerance);
        await model.release();
      },
    });
  }
}

/** Tokens of a greedy conversation of two turns, with the log-probabilities that the policy drew with. */
async function converse(model: Model, prompt: readonly number[], observation: readonly number[], slots: number) {
  const [ids, drawn] = [[...prompt], new Map<number, number>()];
  let turns = 0;
  const onTurn = (turn: { readonly ids: readonly number[]; readonly logprobs: readonly number[] }) => {
    for (const [i, id] of turn.ids.entries()) {
      drawn.set(ids.length, turn.logprobs[i]!);
      ids.push(id);
    }
    if (++turns === 2) return Promise.resolve(null);
    ids.push(...observation);
    return Promise.resolve(observation);
  };
  const policy = new LocalPolicy(model, TOKENIZER, { slots });
  const options = { sampling: { temperature: 1 }, maxTurnTokens: 4, stopIds: [] };
  await policy.converse([{ key: ["golden", prompt.length], promptIds: prompt, onTurn }], options);
  const [scores] = await policy.score([ids]);
  return { ids, differences: [...drawn].map(([t, logprob]) => Math.abs(logprob - scores![t]!)) };
}

for (const family of FAMILIES) {
  Deno.test(`LocalPolicy draws with the log-probabilities that score() gives when the model is ${family}`, async () => {
    const model = await load(cpu, family);
    for (const sequence of readGolden(family).sequences) {
      // Phi-3's first prompt is beyond the original context of 16 tokens; its second conversation must end there.
      const prompt = sequence.ids.slice(0, family === "phi3" && sequence.ids.length > 16 ? 18 : 4);
      const { ids, differences } = await converse(model, prompt, [5, 6, 7], 2);
      assert.equal(ids.length, prompt.length + 11);
      assert.ok(Math.max(...differences) < 1e-5, `${Math.max(...differences)}`);
    }
    await model.release();
  });
}

Deno.test("LocalPolicy ends a conversation at the original context when it begins short and longrope has two sets of factors", async () => {
  const model = await load(cpu, "phi3");
  const { ids, differences } = await converse(model, [1, 2, 3, 4, 5, 6, 7], [5, 6, 7], 1);
  assert.equal(ids.length, 16);
  assert.ok(Math.max(...differences) < 1e-5);
  await model.release();
});

Deno.test("LocalPolicy draws with the log-probabilities that score() gives when tokens see a window only", async () => {
  const shape = { width: 32, layers: 2, heads: 4, keyValueHeads: 2, headSize: 8, hidden: 48, contextTokens: 64 };
  const config = nanoConfig(96, {
    ...shape,
    embedsPrevious: false,
    family: "qwen3",
    queryKeyNorm: true,
    slidingWindow: 5,
  });
  const model = await createModel(cpu, config, 3);
  const { differences } = await converse(model, Array.from({ length: 19 }, (_, i) => i * 5), [5, 6, 7], 2);
  assert.ok(Math.max(...differences) < 1e-5, `${Math.max(...differences)}`);
  const wide = await createModel(cpu, nanoConfig(96, { ...config, slidingWindow: undefined }), 3);
  const long = [Array.from({ length: 20 }, (_, i) => i)];
  const [own, all] = [
    await new LocalPolicy(model, TOKENIZER).score(long),
    await new LocalPolicy(wide, TOKENIZER).score(long),
  ];
  assert.ok(worstDifference(own[0]!.slice(0, 6), all[0]!.slice(0, 6)) < 1e-6);
  assert.ok(Math.abs(own[0]![12]! - all[0]![12]!) > 1e-3);
});
