/**
 * What must not change an update: how a batch is split and ordered, which id fills padding, whether that id is also a real token.
 *
 * Adam with a huge ε and a rate as huge steps by the gradient itself, so the change of the weights shows it.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { initialWeights, type ModelConfig, nanoConfig } from "../../agents/model/config.ts";
import { openDevice } from "../../agents/model/device.ts";
import { type Model, modelFromValues, placeParameters } from "../../agents/model/model.ts";
import type { LossSpec, OptimizerSpec, TrainExample } from "../../train/example.ts";
import { lossSpec } from "../../train/losses/loss_table.ts";
import { OnnxTrainer } from "../../train/onnx_trainer.ts";

const V = 11;
const CONFIG: ModelConfig = {
  ...nanoConfig(V, { width: 8, layers: 2, heads: 4, keyValueHeads: 2, headSize: 4, hidden: 7, contextTokens: 64 }),
  attentionBias: "qkv",
  queryKeyNorm: true,
};
const HUGE = 1e8;
const PLAIN: OptimizerSpec = {
  learningRate: HUGE,
  beta1: 0,
  beta2: 0,
  epsilon: HUGE,
  weightDecay: 0,
  maxGradNorm: 1e9,
};
const LOSSES: readonly LossSpec[] = [
  { kind: "nll" },
  lossSpec("grpo", { clipLow: 0.2, clipHigh: 0.28, temperature: 0.8 }),
  lossSpec("gspo", { clipLow: 0.2, clipHigh: 0.28, temperature: 0.8 }),
];
const device = await openDevice("cpu");
const full = modelFromValues(device, CONFIG, initialWeights(CONFIG, 1));
const lora = modelFromValues(device, CONFIG, initialWeights(CONFIG, 1))
  .withAdapter({ rank: 2, alpha: 3, targets: ["query", "value", "up"] }, 1);
const START = new Map([[full, await full.trainableValues()], [lora, await lora.trainableValues()]]);
for (const values of START.values()) {
  // B must not be zero, or else A has no gradient.
  for (const [name, list] of values) if (name.endsWith("lora_b")) list.fill(0.1);
}

/** The gradient of a batch, all parameters one after the other, from fresh weights. */
async function gradient(
  model: Model,
  batch: readonly TrainExample[],
  loss: LossSpec,
  options: { readonly microBatchTokens?: number; readonly start?: ReadonlyMap<string, Float32Array> } = {},
): Promise<Map<string, number[]>> {
  const { microBatchTokens = 4096, start = START.get(model)! } = options;
  const copies = new Map([...start].map(([name, values]) => [name, values.slice()]));
  model.replaceWeights(placeParameters(device, model.trainable(), copies));
  await new OnnxTrainer(model, { microBatchTokens }).update(batch, loss, PLAIN);
  const after = await model.trainableValues();
  return new Map([...start].map(([name, values]) => [name, [...values].map((w, i) => w - after.get(name)![i]!)]));
}

function assertSame(found: ReadonlyMap<string, readonly number[]>, expected: ReadonlyMap<string, readonly number[]>) {
  let largest = 0;
  for (const [name, wanted] of expected) {
    for (const [i, value] of found.get(name)!.entries()) {
      largest = Math.max(largest, Math.abs(wanted[i]!));
      // Weights of about 1 are rounded to 6e-8 when they are stored.
      assert.ok(Math.abs(value - wanted[i]!) < 2e-6, `${name}[${i}] is ${value}, expected ${wanted[i]}`);
    }
  }
  assert.ok(largest > 1e-3, `the gradient must not vanish, its largest entry is ${largest}`);
}

/** Sequences in which 0, the id that padding has, is as frequent as any other, at the end too. */
const example: fc.Arbitrary<TrainExample> = fc.integer({ min: 2, max: 40 }).chain((length) => {
  const list = (from: number, to: number) => {
    return fc.array(fc.double({ min: from, max: to, noNaN: true }), { minLength: length, maxLength: length });
  };
  return fc.record({
    ids: fc.array(fc.nat(V - 1), { minLength: length, maxLength: length }),
    weights: list(0.01, 0.1).map((weights) => weights.map((w, t) => (t === 0 || w < 0.03 && t > 1 ? 0 : w))),
    advantages: list(0.2, 1),
    oldLogprobs: list(-2.5, -2.3),
  });
});

for (const [title, model] of [["all parameters are", full], ["an adapter is", lora]] as const) {
  for (const loss of LOSSES) {
    const name = loss.kind === "policy" ? `${loss.form} by ${loss.ratio}` : loss.kind;
    Deno.test(`OnnxTrainer.update() has the same gradient for any split and order when ${title} trained and the loss is ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(example, { minLength: 1, maxLength: 6 }),
          fc.integer({ min: 1, max: 200 }),
          fc.infiniteStream(fc.nat()),
          async (batch, microBatchTokens, keys) => {
            const whole = await gradient(model, batch, loss);
            const order = batch.map((item) => ({ item, key: Number(keys.next().value) }));
            const mixed = order.toSorted((a, b) => a.key - b.key).map(({ item }) => item);
            assertSame(await gradient(model, mixed, loss, { microBatchTokens }), whole);
          },
        ),
        { numRuns: 12, seed: 7 },
      );
    });
  }
}

/** Ids 0 and 5 in each other's place. */
function swap(id: number): number {
  return id === 0 ? 5 : id === 5 ? 0 : id;
}

function swapRows(values: readonly number[] | Float32Array): number[] {
  const width = values.length / V;
  return Array.from({ length: values.length }, (_, i) => values[swap(Math.floor(i / width)) * width + i % width]!);
}

Deno.test("OnnxTrainer.update() does not care which id fills padding, nor whether that id ends sequences", async () => {
  // Short sequences that end with 0, an end-of-text token that is also padding, beside a long one that has it inside.
  const batch: TrainExample[] = [[3, 1, 0], [2, 0, 0, 4, 0], Array.from({ length: 30 }, (_, t) => t % V)].map((
    ids,
  ) => ({
    ids,
    weights: ids.map((_, t) => (t === 0 ? 0 : 0.1)),
  }));
  const tables = (name: string) => name.endsWith("embedding");
  const swapped = new Map(
    [...START.get(full)!].map(([name, values]) => {
      return [name, tables(name) ? Float32Array.from(swapRows(values)) : values];
    }),
  );
  const found = await gradient(full, batch, { kind: "nll" });
  // The same model under other names of its tokens: what was 0, and padding, is 5 now, and padding is a plain word.
  const renamed = batch.map(({ ids, weights }) => ({ ids: ids.map(swap), weights }));
  const other = await gradient(full, renamed, { kind: "nll" }, { start: swapped });
  const back = new Map([...other].map(([name, values]) => [name, tables(name) ? swapRows(values) : values]));
  assertSame(back, found);
  // And each sequence alone, where nothing is filled up to another's length.
  const sums = new Map<string, number[]>();
  for (const item of batch) {
    for (const [name, values] of await gradient(full, [item], { kind: "nll" })) {
      const sum = sums.get(name) ?? values.map(() => 0);
      sums.set(name, sum.map((total, i) => total + values[i]!));
    }
  }
  assertSame(sums, found);
});

Deno.test("OnnxTrainer.update() scales a gradient above the limit down to it, and leaves one below alone", async () => {
  const batch = [{ ids: [1, 2, 3], weights: [0, 1, 1] }];
  const plain = await gradient(full, batch, { kind: "nll" });
  const norm = Math.hypot(...[...plain.values()].flat());
  for (const share of [0.25, 2]) {
    full.replaceWeights(placeParameters(device, full.trainable(), START.get(full)!));
    const spec = { ...PLAIN, maxGradNorm: share * norm };
    const { gradNorm } = await new OnnxTrainer(full).update(batch, { kind: "nll" }, spec);
    assert.ok(Math.abs(gradNorm / norm - 1) < 1e-4, `${gradNorm}, ${norm}`);
    const after = await full.trainableValues();
    const moved = Math.hypot(
      ...[...START.get(full)!].flatMap(([name, values]) => [...values].map((w, i) => w - after.get(name)![i]!)),
    );
    assert.ok(
      Math.abs(moved / norm - Math.min(1, share)) < 1e-3,
      `moved by ${moved} of ${norm} at a limit of ${share}`,
    );
  }
});
