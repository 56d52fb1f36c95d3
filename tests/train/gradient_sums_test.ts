/**
 * Two sums of gradients: on two threads or one after the other the numbers are the same bits, and near those of one sum.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { nanoConfig, parameterList } from "../../agents/model/config.ts";
import { type Device, openDevice, openLaneDevice } from "../../agents/model/device.ts";
import { Lanes, type LaneWork } from "../../agents/model/lanes.ts";
import { createModel, type Model, modelFromValues } from "../../agents/model/model.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import type { LossSpec, TrainExample, UpdateStats } from "../../train/example.ts";
import { GradientSums } from "../../train/gradient_sums.ts";
import { NonFiniteGradientError, OnnxTrainer, type OnnxTrainerOptions } from "../../train/onnx_trainer.ts";
import { ADAMW as SPEC } from "./_adamw.ts";

/** One thread and no lanes; two threads; and more threads than sums. */
const alone = await openLaneDevice();
const cpu = await openDevice("cpu");
const LANED: readonly Device[] = [{ ...cpu, lanes: new Lanes(2) }, { ...cpu, lanes: new Lanes(4) }];
const CONFIG = nanoConfig(48, { layers: 2, width: 32, headSize: 8, hidden: 48, contextTokens: 128 });
const CLIP: LossSpec = { kind: "clip", clipLow: 0.2, clipHigh: 0.28, temperature: 0.7 };

/** Lanes that tell how often they worked. */
class CountedLanes extends Lanes {
  works = 0;

  override together<T, R>(model: Model, work: LaneWork<T, R>) {
    this.works++;
    return super.together(model, work);
  }
}

function examples(count: number, name: string): TrainExample[] {
  const random = keyedRandom("gradient-sums-test", name);
  return Array.from({ length: count }, () => {
    const ids = Array.from({ length: random.int(4, 100) }, () => random.int(0, 47));
    return {
      ids,
      weights: ids.map((_, t) => (t === 0 ? 0 : random.uniform())),
      advantages: ids.map(() => random.normal()),
      oldLogprobs: ids.map(() => -3.8 - random.uniform() * 0.2),
    };
  });
}

/** Three updates; what they gave and where they led. */
async function trained(device: Device, adapt: (model: Model) => Model, options: OnnxTrainerOptions) {
  const model = adapt(await createModel(device, CONFIG, 1));
  const trainer = new OnnxTrainer(model, options);
  const stats: UpdateStats[] = [];
  for (let step = 0; step < 3; step++) {
    const also = [{ batch: examples(5, `also ${step}`), loss: { kind: "nll" } as const }];
    stats.push(await trainer.update(examples(9, `main ${step}`), CLIP, SPEC, also));
  }
  return { stats, values: await model.trainableValues() };
}

const CASES: readonly (readonly [string, (model: Model) => Model, OnnxTrainerOptions])[] = [
  ["all weights are trained in one micro-batch each", (model) => model, {}],
  ["there are many micro-batches", (model) => model, { microBatchTokens: 130 }],
  ["an adapter is trained", (model) => model.withAdapter({ rank: 4, alpha: 8, targets: ["query", "down"] }, 2), {}],
  ["values are computed again", (model) => model, { recompute: "on" }],
  ["products are float16", (model) => model, { precision: "mixed" }],
];

for (const [what, adapt, options] of CASES) {
  Deno.test(`OnnxTrainer gives the same bits with and without lanes when ${what}`, async () => {
    const expected = await trained(alone, adapt, options);
    for (const device of LANED) {
      const counted = new CountedLanes(device.lanes!.threads);
      assert.deepEqual(await trained({ ...device, lanes: counted }, adapt, options), expected);
      // At least a micro-batch and the handing over of the sum in each of three updates.
      assert.ok(counted.works >= 6, `lanes worked ${counted.works} times`);
    }
  });
}

Deno.test("OnnxTrainer leaves weights as they are, and trains on, when a gradient in a lane is not finite", async () => {
  const [device] = LANED;
  const [bad, good] = [await createModel(device!, CONFIG, 1), await createModel(alone, CONFIG, 1)];
  const trainer = new OnnxTrainer(bad);
  const batch = examples(8, "bad");
  const { ids, weights } = batch[0]!;
  // Any share may get the row: the loss of all is what is not finite.
  const broken = batch.map((example) => ({ ...example, ids, weights: weights.map((weight) => weight * 3e38) }));
  const before = await bad.fingerprint();
  await assert.rejects(trainer.update(broken, { kind: "nll" }, SPEC), NonFiniteGradientError);
  assert.equal(await bad.fingerprint(), before);
  await trainer.update(batch, CLIP, SPEC);
  await new OnnxTrainer(good).update(batch, CLIP, SPEC);
  assert.equal(await bad.fingerprint(), await good.fingerprint());
});

Deno.test("GradientSums.shares() puts each row into one share, and about as many tokens into both, when lengths are any", async () => {
  const sums = new GradientSums(await createModel(alone, CONFIG, 1));
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 60 }), (tokens) => {
    const shares = sums.shares(tokens);
    assert.deepEqual(shares.flat().sort((a, b) => a - b), [...tokens.keys()]);
    const total = tokens.reduce((a, b) => a + b, 0);
    assert.equal(shares.length, tokens.length < 2 || total < 64 ? 1 : 2);
    if (shares.length === 1) return;
    const [a = 0, b = 0] = shares.map((share) => share.reduce((sum, i) => sum + tokens[i]!, 0));
    // Within each pair the longer row goes to the share that got the shorter one before.
    assert.ok(Math.abs(a - b) <= Math.max(...tokens), `${a} and ${b} tokens`);
  }));
});

Deno.test("GradientSums.shares() makes one share where a model is large", () => {
  const config = nanoConfig(20_000, { layers: 1, width: 1024, headSize: 256, hidden: 16, contextTokens: 32 });
  const zeros = parameterList(config).map(({ name, shape }) => {
    return [name, new Float32Array(shape.reduce((a, b) => a * b, 1))] as const;
  });
  const sums = new GradientSums(modelFromValues(alone, config, new Map(zeros)));
  assert.deepEqual(sums.shares([100, 100]), [[0, 1]]);
});
