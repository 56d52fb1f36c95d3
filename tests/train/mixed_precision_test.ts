/**
 * Mixed precision against float32: losses, gradients and whole trajectories, on every provider.
 *
 * Native CPU and WebAssembly run float16 graphs by conversions around float32 kernels, so that they see the rounding of values but not
 * that of sums; WebGPU adds up in float16, hence its wider tolerance. It is skipped where there is no adapter with float16, unless
 * WHET_REQUIRE_WEBGPU=1 asks for a failure.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { AdapterSpec } from "../../agents/model/adapter.ts";
import { initialWeights, type ModelConfig, nanoConfig } from "../../agents/model/config.ts";
import { type Device, openDevice, ProviderError, type ProviderKind } from "../../agents/model/device.ts";
import { createModel, type Model, modelFromValues } from "../../agents/model/model.ts";
import { LONGEST_HALF_SUM, type Precision } from "../../agents/model/precision.ts";
import { SequencePacker } from "../../agents/model/sequence_batch.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import type { OptimizerSpec, TrainExample } from "../../train/example.ts";
import { gradientGraph } from "../../train/gradient_graph.ts";
import { FIRST_LOSS_SCALE, GROWTH_UPDATES, LossScale } from "../../train/loss_scale.ts";
import { lossSpec } from "../../train/losses/loss_table.ts";
import { NonFiniteGradientError, OnnxTrainer } from "../../train/onnx_trainer.ts";

const cpu = await openDevice("cpu");
const CONFIG = nanoConfig(29, {
  width: 24,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headSize: 8,
  hidden: 40,
  contextTokens: 64,
});
const SPEC: OptimizerSpec = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-4,
  weightDecay: 0.1,
  maxGradNorm: 0.5,
};
const ADAPTER: AdapterSpec = { rank: 2, alpha: 3, targets: ["query", "up", "down"] };

const random = keyedRandom("mixed-precision-test");
const BATCH: readonly TrainExample[] = [7, 23, 18].map((length) => ({
  ids: Array.from({ length }, () => random.int(0, 28)),
  weights: Array.from({ length }, (_, t) => (t === 0 ? 0 : 0.05 * random.uniform())),
  advantages: Array.from({ length }, () => random.normal()),
  oldLogprobs: Array.from({ length }, () => -3.4 + 0.2 * random.uniform()),
}));

/** Loss and gradients of all trainable parameters of a model, summed over BATCH's tokens with one weight for all. */
async function gradientsOf(model: Model, precision: Precision, weight: number, scale: number) {
  const { device, config, adapter } = model;
  const rows = BATCH.map(({ ids }) => ({ ids, wanted: ids.map((_, t) => t).slice(1) }));
  const M = rows.reduce((sum, { wanted }) => sum + wanted.length, 0);
  const session = await device.session(
    gradientGraph(config, { kind: "nll" }, adapter?.spec, { precision }).serialize(),
  );
  const zeros = model.trainable().map(({ name, shape }) => {
    return [`g.${name}`, device.float(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)] as const;
  });
  const results = await session.run({
    ...model.feeds(),
    ...Object.fromEntries(zeros),
    ...new SequencePacker(device, config).pack(rows, 32),
    inverse_temperature: device.float(Float32Array.of(1), []),
    weights: device.float(new Float32Array(M).fill(weight), [M]),
    ...(precision === "mixed" ? { loss_scale: device.float(Float32Array.of(scale), []) } : {}),
  });
  await session.release();
  return {
    loss: Number(results["loss"]!.data[0]),
    grads: model.trainable().map(({ name }) => ({
      name,
      grad: results[`next.g.${name}`]!.data as Float32Array,
    })),
  };
}

/** Largest distance of a gradient from the other's, as a share of the other's norm. */
function worstError(found: Awaited<ReturnType<typeof gradientsOf>>, exact: typeof found): number {
  return Math.max(...exact.grads.map(({ grad }, i) => {
    const other = found.grads[i]!.grad;
    const norm = Math.hypot(...grad);
    return norm === 0 ? Math.hypot(...other) : Math.hypot(...grad.map((value, j) => value - other[j]!)) / norm;
  }));
}

async function open(kind: ProviderKind): Promise<Device | undefined> {
  if (kind === "cpu") return cpu;
  try {
    const device = await openDevice(kind);
    if (kind !== "webgpu" || device.has("float16")) return device;
    throw new ProviderError("Cannot test mixed precision: the adapter has no float16");
  } catch (error) {
    if (kind === "webgpu" && error instanceof ProviderError && Deno.env.get("WHET_REQUIRE_WEBGPU") !== "1") {
      return undefined;
    }
    throw error;
  }
}

const RICH: ModelConfig = {
  ...CONFIG,
  family: "qwen3",
  tiedHead: false,
  attentionBias: "qkv",
  queryKeyNorm: true,
  layers: 1,
  hidden: LONGEST_HALF_SUM + 8,
};

for (const [kind, tolerance] of [["cpu", 5e-3], ["wasm", 5e-3], ["webgpu", 4e-2]] as const) {
  const device = await open(kind);
  const cases: [string, ModelConfig, AdapterSpec | undefined][] = [
    ["all parameters are trained", CONFIG, undefined],
    ["sums are cut, with biases and norms of heads", RICH, undefined],
    ["an adapter is trained", CONFIG, ADAPTER],
  ];
  // Shaders of a software adapter take seconds to compile, so that one case stands for all.
  for (const [title, config, adapter] of kind === "webgpu" ? cases.slice(1, 2) : cases) {
    Deno.test({
      name: `gradientGraph() with mixed precision agrees with float32 when ${title} and the provider is ${kind}`,
      ignore: device === undefined,
      // The GPU device is held for the life of the process.
      sanitizeResources: false,
      sanitizeOps: false,
      async fn() {
        if (device === undefined) return;
        const make = (device: Device) => {
          const base = modelFromValues(device, config, initialWeights(config, 5));
          return adapter === undefined ? base : base.withAdapter(adapter, 1);
        };
        const [model, exactModel] = [make(device), make(cpu)];
        const exact = await gradientsOf(exactModel, "float32", 1 / 45, 1);
        const found = await gradientsOf(model, "mixed", 1 / 45, FIRST_LOSS_SCALE);
        assert.ok(Math.abs(found.loss / exact.loss - 1) < 2e-3, `loss ${found.loss}, in float32 ${exact.loss}`);
        const error = worstError(found, exact);
        assert.ok(error < tolerance, `a gradient is off by ${error}`);
        assert.ok(error > 1e-6, "nothing was rounded, so that nothing was float16");
        await model.release();
        await exactModel.release();
      },
    });
  }
}

Deno.test("gradientGraph() keeps small gradients when the loss is scaled, and loses them when it is not", async () => {
  const model = await createModel(cpu, CONFIG, 5);
  const exact = await gradientsOf(model, "float32", 1e-7, 1);
  assert.ok(worstError(await gradientsOf(model, "mixed", 1e-7, FIRST_LOSS_SCALE), exact) < 0.02);
  assert.ok(worstError(await gradientsOf(model, "mixed", 1e-7, 1), exact) > 0.5);
  await model.release();
});

Deno.test("gradientGraph() in float32 is what it is without mixed precision: nothing is converted to or from a float", () => {
  const plain = gradientGraph(CONFIG, { kind: "nll" });
  assert.deepEqual(
    gradientGraph(CONFIG, { kind: "nll" }, undefined, { precision: "float32" }).serialize(),
    plain.serialize(),
  );
  const casts = plain.tape.filter(({ op }) => op === "Cast").flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
  assert.ok(casts.every(({ type }) => !type.startsWith("float")));
  assert.ok(!plain.inputNames.includes("loss_scale"));
});

/** Sequences of a pattern, a separator and the pattern again, of which only the repetition has weights. */
function copyBatch(step: number): TrainExample[] {
  const draw = keyedRandom("mixed-precision-copy", step);
  return Array.from({ length: 8 }, () => {
    const pattern = Array.from({ length: 5 }, () => draw.int(1, 15));
    return { ids: [...pattern, 0, ...pattern], weights: [...Array(6).fill(0), ...Array(5).fill(1 / 40)] };
  });
}

Deno.test("OnnxTrainer learns to copy with mixed precision as it does in float32", async () => {
  const config = nanoConfig(16, {
    width: 32,
    layers: 2,
    heads: 2,
    keyValueHeads: 2,
    headSize: 16,
    hidden: 64,
    contextTokens: 16,
  });
  const curves = [];
  for (const precision of ["float32", "mixed"] as const) {
    const model = await createModel(cpu, config, 3);
    const trainer = new OnnxTrainer(model, { precision });
    const losses: number[] = [];
    for (let step = 0; step < 150; step++) {
      losses.push((await trainer.update(copyBatch(step), { kind: "nll" }, SPEC)).loss);
    }
    curves.push(losses);
    await model.release();
  }
  const [exact, mixed] = [curves[0]!, curves[1]!];
  assert.ok(Math.abs(mixed[0]! / exact[0]! - 1) < 1e-3);
  for (const [step, loss] of exact.slice(0, 20).entries()) assert.ok(Math.abs(mixed[step]! / loss - 1) < 0.02);
  const tail = (losses: readonly number[]) => losses.slice(-10).reduce((sum, loss) => sum + loss / 10, 0);
  assert.ok(tail(exact) < 0.1 * exact[0]!, `float32 must learn, it ends at ${tail(exact)} from ${exact[0]}`);
  assert.ok(Math.abs(tail(mixed) - tail(exact)) < 0.1, `mixed ends at ${tail(mixed)}, float32 at ${tail(exact)}`);
});

Deno.test("OnnxTrainer.update() makes the gradient again with half the scale, and counts it, when it overflows", async () => {
  const large = BATCH.map((example) => ({ ...example, weights: example.weights.map((weight) => 100 * weight) }));
  const outcomes = [];
  for (const precision of ["float32", "mixed"] as const) {
    const model = await createModel(cpu, CONFIG, 5);
    const stats = await new OnnxTrainer(model, { precision }).update(large, { kind: "nll" }, SPEC);
    outcomes.push({ stats, weights: [...(await model.values()).values()].flatMap((values) => [...values]) });
    await model.release();
  }
  const [exact, mixed] = [outcomes[0]!, outcomes[1]!];
  assert.equal(exact.stats.lossScale, undefined);
  assert.ok(mixed.stats.rescalings! > 0);
  assert.equal(mixed.stats.lossScale, FIRST_LOSS_SCALE / 2 ** mixed.stats.rescalings!);
  assert.ok(Math.abs(mixed.stats.gradNorm / exact.stats.gradNorm - 1) < 2e-3);
  for (const [i, value] of exact.weights.entries()) assert.ok(Math.abs(mixed.weights[i]! - value) < 2e-3);
});

Deno.test("OnnxTrainer.update() throws and changes nothing when no scale makes the gradient finite", async () => {
  const model = await createModel(cpu, CONFIG, 5);
  const before = await model.fingerprint();
  const trainer = new OnnxTrainer(model, { precision: "mixed" });
  const endless = [{ ids: [1, 2, 3], weights: [0, 1e38, 1e38] }];
  await assert.rejects(trainer.update(endless, { kind: "nll" }, SPEC), NonFiniteGradientError);
  assert.equal(await model.fingerprint(), before);
  assert.equal(trainer.updates, 0);
  const { lossScale } = await trainer.update(BATCH, { kind: "nll" }, SPEC);
  assert.equal(lossScale, FIRST_LOSS_SCALE);
  await model.release();
});

Deno.test("OnnxTrainer.load() goes on bit for bit with the loss scale that was saved", async () => {
  const path = await Deno.makeTempFile();
  const loss = lossSpec("dapo", { temperature: 0.9 });
  const large = BATCH.map((example) => ({ ...example, weights: example.weights.map((weight) => 100 * weight) }));
  const make = async () => {
    const model = await createModel(cpu, CONFIG, 5);
    return { model, trainer: new OnnxTrainer(model, { precision: "mixed" }) };
  };
  const [first, second] = [await make(), await make()];
  await first.trainer.update(large, { kind: "nll" }, SPEC);
  await first.trainer.save(path);
  await second.trainer.load(path);
  const [kept, loaded] = [
    await first.trainer.update(BATCH, loss, SPEC),
    await second.trainer.update(BATCH, loss, SPEC),
  ];
  assert.deepEqual(loaded, kept);
  assert.ok(kept.lossScale! < FIRST_LOSS_SCALE);
  assert.equal(await second.model.fingerprint(), await first.model.fingerprint());
  await first.model.release();
  await second.model.release();
  await Deno.remove(path);
});

Deno.test("LossScale halves down to 1, doubles after enough finite gradients in a row, and survives as text", () => {
  const scale = new LossScale();
  for (let i = 1; i < GROWTH_UPDATES; i++) scale.held();
  assert.equal(scale.value, FIRST_LOSS_SCALE);
  const copy = new LossScale();
  copy.restore(scale.toText());
  for (const each of [scale, copy]) {
    each.held();
    assert.equal(each.value, 2 * FIRST_LOSS_SCALE);
    while (each.lower()) { /* to the end */ }
    assert.equal(each.value, 1);
  }
  assert.throws(() => scale.restore("3 0"), /power of 2 .* got 3 0/);
});

Deno.test("Device.has() says no to float16 when graphs run by conversions", () => {
  assert.equal(cpu.has("float16"), false);
});
