/**
 * Low-rank adapters: merging on every provider and for every projection, what a training step touches, gradients, files.
 *
 * WebGPU is skipped where there is no adapter, unless WHET_REQUIRE_WEBGPU=1 asks for a failure.
 *
 * @module
 */
import assert from "node:assert/strict";
import { adapterList, type AdapterSpec, type Projection, PROJECTIONS } from "../../agents/model/adapter.ts";
import { initialWeights, type ModelConfig, nanoConfig, parameterList } from "../../agents/model/config.ts";
import { sequenceGraph } from "../../agents/model/decoder.ts";
import { type Device, openDevice, ProviderError, type ProviderKind } from "../../agents/model/device.ts";
import { LocalPolicy } from "../../agents/model/local_policy.ts";
import { loadAdapter, loadModel, type Model, modelFromValues, readFloats } from "../../agents/model/model.ts";
import { SequencePacker } from "../../agents/model/sequence_batch.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import type { LossSpec, TrainExample } from "../../train/example.ts";
import { gradientGraph } from "../../train/gradient_graph.ts";
import { OnnxTrainer } from "../../train/onnx_trainer.ts";
import { assertWholeModelGradients } from "./_finite_differences.ts";
import { ADAMW as OPTIMIZER } from "./_adamw.ts";

const CONFIG: ModelConfig = {
  ...nanoConfig(17, {
    width: 8,
    layers: 2,
    heads: 4,
    keyValueHeads: 2,
    headSize: 6,
    hidden: 10,
    contextTokens: 40,
    embedsPrevious: false,
  }),
  attentionBias: "qkv",
};
const SPEC: AdapterSpec = { rank: 3, alpha: 5, targets: [...PROJECTIONS] };
const NLL: LossSpec = { kind: "nll" };
const TOKENIZER = { vocabularySize: 17, specials: {}, encode: () => [], decode: () => "" };

/** A model in which every parameter matters, biases included. */
function lively(device: Device, seed = 3): Model {
  const weights = initialWeights(CONFIG, seed);
  const random = keyedRandom("lora-test", seed);
  for (const { name, decays } of parameterList(CONFIG)) {
    const values = weights.get(name)!;
    for (let i = 0; i < values.length; i++) values[i] = decays ? values[i]! * 1.5 : values[i]! + 0.3 * random.normal();
  }
  return modelFromValues(device, CONFIG, weights);
}

/** With an adapter that is as large as the weights; that of all projections but `only` is zero. */
function adapted(base: Model, only?: Projection): Model {
  const random = keyedRandom("lora-test", "adapter");
  const values = new Map<string, Float32Array>();
  for (const { name, shape: [rows = 0, columns = 0] } of adapterList(CONFIG, SPEC)) {
    const size = only === undefined || name.includes(`.${only}.`) ? 0.4 : 0;
    values.set(name, Float32Array.from({ length: rows * columns }, () => size * random.normal()));
  }
  return base.withAdapterValues(SPEC, values);
}

function examples(count: number, name = "examples"): TrainExample[] {
  const random = keyedRandom("lora-test", name);
  return Array.from({ length: count }, () => {
    const ids = Array.from({ length: random.int(2, 20) }, () => random.int(0, 16));
    return { ids, weights: ids.map((_, t) => (t === 0 ? 0 : random.uniform())) };
  });
}

const ROWS = examples(3, "rows").map(({ ids }) => ({ ids, wanted: ids.map((_, t) => t).slice(1) }));

/** Log-probabilities of a few sequences by the whole-sequence graph, whose session `owner` may have made already. */
async function logprobs(model: Model, owner = model): Promise<number[]> {
  const session = await owner.session("test", () => {
    const { graph, logprobs_M } = sequenceGraph(model.config, "test", model.adapter?.spec);
    graph.output("logprobs", logprobs_M);
    return graph;
  });
  const results = await session.run({
    ...model.feeds(),
    ...new SequencePacker(model.device, model.config).pack(ROWS, 32),
    inverse_temperature: model.device.float(Float32Array.of(1), []),
  });
  return [...await readFloats(results["logprobs"]!)];
}

function farthest(a: readonly number[], b: readonly number[]): number {
  assert.equal(a.length, b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

async function open(kind: ProviderKind): Promise<Device | undefined> {
  try {
    return await openDevice(kind);
  } catch (error) {
    if (kind === "webgpu" && error instanceof ProviderError && Deno.env.get("WHET_REQUIRE_WEBGPU") !== "1") {
      return undefined;
    }
    throw error;
  }
}

for (const kind of ["cpu", "wasm", "webgpu"] as const) {
  const device = await open(kind);
  // The GPU device is held for the life of the process.
  const options = { ignore: device === undefined, sanitizeResources: false, sanitizeOps: false };

  Deno.test({
    ...options,
    name:
      `Model.mergeAdapter() computes what the adapter does, within 1e-5, for every projection when the provider is ${kind}`,
    async fn() {
      if (device === undefined) return;
      const base = lively(device);
      const before = await logprobs(base);
      const owner = adapted(base);
      for (const only of [undefined, ...PROJECTIONS]) {
        const model = adapted(base, only);
        const merged = await model.mergeAdapter();
        const [apart, together] = [await logprobs(model, owner), await logprobs(merged, base)];
        assert.ok(farthest(apart, together) < 1e-5, `${only}: ${farthest(apart, together)}`);
        assert.ok(farthest(apart, before) > 1e-3, `${only} must matter`);
        await model.release();
        await merged.release();
      }
      await owner.release();
      // The base is still whole after models that shared its tensors have gone.
      assert.deepEqual(await logprobs(base), before);
      await base.release();
    },
  });

  Deno.test({
    ...options,
    name: `OnnxTrainer.update() moves the adapter and leaves every other bit alone when the provider is ${kind}`,
    async fn() {
      if (device === undefined) return;
      const base = lively(device);
      const model = base.withAdapter(SPEC, 1);
      assert.deepEqual(await logprobs(model), await logprobs(base));
      const [kept, started] = [await base.values(), await model.trainableValues()];
      const trainer = new OnnxTrainer(model, { microBatchTokens: 32 });
      const losses = [];
      for (let step = 0; step < 4; step++) {
        losses.push((await trainer.update(examples(4), NLL, { ...OPTIMIZER, learningRate: 0.03 })).loss);
      }
      assert.ok(losses[3]! < losses[0]!, `losses ${losses}`);
      assert.deepEqual(await model.values(), kept);
      for (const [name, values] of await model.trainableValues()) assert.notDeepEqual(values, started.get(name), name);
      assert.deepEqual([...model.trainableWeights.keys()], model.trainable().map(({ name }) => name));
      await model.release();
      await base.release();
    },
  });

  Deno.test({
    ...options,
    name: `LocalPolicy samples and scores with the adapter when the provider is ${kind}`,
    async fn() {
      if (device === undefined) return;
      const base = lively(device);
      const model = adapted(base);
      const policy = new LocalPolicy(model, TOKENIZER, { slots: 2 });
      const ids = [1, 2, 3];
      const sampled: number[] = [];
      await policy.converse([{
        key: ["lora"],
        promptIds: [...ids],
        onTurn(turn) {
          ids.push(...turn.ids);
          sampled.push(...turn.logprobs);
          return Promise.resolve(null);
        },
      }], { sampling: { temperature: 1 }, maxTurnTokens: 12, stopIds: [] });
      const [scores, other] = [
        (await policy.score([ids]))[0]!,
        (await new LocalPolicy(base, TOKENIZER).score([ids]))[0]!,
      ];
      assert.ok(farthest(sampled, scores.slice(3)) < 1e-4, `${farthest(sampled, scores.slice(3))}`);
      assert.ok(farthest(scores, other) > 0.1, "the adapter must matter");
      await model.release();
      await base.release();
    },
  });
}

const cpu = await openDevice("cpu");

Deno.test("gradientGraph() has gradients of the adapter only, and they agree with finite differences", async () => {
  const model = adapted(lively(cpu));
  const graph = gradientGraph(CONFIG, NLL, SPEC);
  const names = model.trainable().map(({ name }) => name);
  assert.deepEqual(graph.inputNames.filter((name) => name.startsWith("g.")), names.map((name) => `g.${name}`));
  assert.deepEqual(graph.outputNames, [...names.map((name) => `next.g.${name}`), "loss", "logprobs"]);
  await assertWholeModelGradients(model, ROWS.map(({ ids }) => ids));
  await model.release();
});

Deno.test("Model.fingerprint() covers the adapter, and weightsFingerprint() does not", async () => {
  const base = lively(cpu);
  const [one, same, other] = [base.withAdapter(SPEC, 1), base.withAdapter(SPEC, 1), base.withAdapter(SPEC, 2)];
  const wider = base.withAdapter({ ...SPEC, alpha: 6 }, 1);
  assert.equal(await one.fingerprint(), await same.fingerprint());
  const all = await Promise.all([base, one, other, wider].map((model) => model.fingerprint()));
  assert.equal(new Set(all).size, 4);
  const under = await Promise.all([base, one, other, wider].map((model) => model.weightsFingerprint()));
  assert.deepEqual(new Set(under), new Set([all[0]]));
});

Deno.test("Model.withAdapter() keeps its weights when the model it came from is trained or released", async () => {
  const base = lively(cpu);
  const model = adapted(base);
  const before = await logprobs(model);
  await new OnnxTrainer(base).update(examples(2), NLL, OPTIMIZER);
  assert.deepEqual(await logprobs(model), before);
  await base.release();
  assert.deepEqual(await logprobs(model), before);
});

Deno.test("Model.withAdapter() and mergeAdapter() throw when there is one already, or none", async () => {
  const base = lively(cpu);
  assert.throws(() => base.withAdapter(SPEC, 1).withAdapter(SPEC, 2), /at most one; merge the present one first/);
  await assert.rejects(base.mergeAdapter(), /the model must have an adapter/);
  assert.throws(() => base.withAdapter({ ...SPEC, rank: 0 }, 1), /rank/);
  assert.throws(() => base.withAdapter({ ...SPEC, targets: ["up", "up"] }, 1), /targets must all be different/);
  assert.throws(
    () => base.withAdapterValues(SPEC, new Map()),
    /blocks\.0\.query\.lora_a must have 24 numbers, got none/,
  );
});

Deno.test("OnnxTrainer.load() goes on as if never stopped when only an adapter was saved, and refuses other weights", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/checkpoint.safetensors`;
    const first = lively(cpu).withAdapter(SPEC, 1);
    const trainer = new OnnxTrainer(first);
    await trainer.update(examples(3, "a"), NLL, OPTIMIZER);
    await trainer.save(path);
    const numbers = first.trainable().reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    const { size } = await Deno.stat(path);
    assert.ok(size > 12 * numbers && size < 12 * numbers + 12_000, `${size} bytes for ${numbers} numbers`);
    const second = lively(cpu).withAdapter(SPEC, 9);
    const restored = new OnnxTrainer(second);
    await restored.load(path);
    assert.equal(await second.fingerprint(), await first.fingerprint());
    assert.equal(await (await loadAdapter(lively(cpu), path)).fingerprint(), await first.fingerprint());
    await trainer.update(examples(3, "b"), NLL, OPTIMIZER);
    await restored.update(examples(3, "b"), NLL, OPTIMIZER);
    assert.equal(await second.fingerprint(), await first.fingerprint());
    const elsewhere = new OnnxTrainer(lively(cpu, 4).withAdapter(SPEC, 1));
    await assert.rejects(elsewhere.load(path), /must have been trained on the model's weights/);
    const narrow = new OnnxTrainer(lively(cpu).withAdapter({ ...SPEC, rank: 2 }, 1));
    await assert.rejects(narrow.load(path), /its adapter must be .*"rank":2.* got .*"rank":3/);
    await assert.rejects(new OnnxTrainer(lively(cpu)).load(path), /the model has no adapter/);
    await assert.rejects(loadModel(cpu, path), /it holds an adapter/);
    const full = `${directory}/full.safetensors`;
    await lively(cpu).save(full);
    await assert.rejects(loadAdapter(lively(cpu), full), /it holds none/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
