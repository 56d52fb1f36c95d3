/**
 * The trainer on native CPU: gradients of the whole model, splits, padding, files and errors.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { initialWeights, type ModelConfig, nanoConfig, parameterList } from "../../agents/model/config.ts";
import { sequenceGraph } from "../../agents/model/decoder.ts";
import { openDevice } from "../../agents/model/device.ts";
import { LocalPolicy } from "../../agents/model/local_policy.ts";
import { createModel, loadModel, type Model, modelFromValues } from "../../agents/model/model.ts";
import { SequencePacker } from "../../agents/model/sequence_batch.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import type { LossSpec, TrainExample } from "../../train/example.ts";
import { gradientGraph } from "../../train/gradient_graph.ts";
import { tokenLoss } from "../../train/losses/token_loss.ts";
import { NonFiniteGradientError, OnnxTrainer } from "../../train/onnx_trainer.ts";
import { TrainBatchError } from "../../train/train_rows.ts";
import { ADAMW as SPEC } from "./_adamw.ts";

const device = await openDevice("cpu");
const CONFIG = nanoConfig(13, {
  width: 8,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headSize: 4,
  hidden: 7,
  contextTokens: 40,
});
const CLIP: LossSpec = { kind: "clip", clipLow: 0.2, clipHigh: 0.28, temperature: 0.7 };
const TOKENIZER = { vocabularySize: 13, specials: {}, encode: () => [], decode: () => "" };

function examples(count: number, name = "examples"): TrainExample[] {
  const random = keyedRandom("trainer-test", name);
  return Array.from({ length: count }, () => {
    const ids = Array.from({ length: random.int(2, 30) }, () => random.int(0, 12));
    const place = random.int(1, ids.length - 1);
    return {
      ids,
      weights: ids.map((_, t) => (t === 0 || t !== place && random.uniform() < 0.5 ? 0 : random.uniform())),
      advantages: ids.map(() => random.normal()),
      oldLogprobs: ids.map(() => -2.5 - random.uniform() * 0.3),
    };
  });
}

/** Weights large enough that every part of the model matters. */
function lively(config: ModelConfig = CONFIG): Model {
  const weights = initialWeights(config, 3);
  for (const { name, decays } of parameterList(config)) {
    if (decays) { for (const [i, w] of weights.get(name)!.entries()) weights.get(name)![i] = w * 1.5; }
  }
  return modelFromValues(device, config, weights);
}

async function values(model: Model): Promise<number[]> {
  return [...(await model.values()).values()].flatMap((list) => [...list]);
}

function farthest(a: readonly number[], b: readonly number[]): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

for (const tiedHead of [true, false]) {
  for (const loss of [{ kind: "nll" }, CLIP] as const) {
    Deno.test(`gradientGraph() agrees with finite differences of the whole model when the loss is ${loss.kind} and tiedHead ${tiedHead}`, async () => {
      const config = { ...CONFIG, tiedHead };
      const model = lively(config);
      const batch = examples(3, "whole").map((example) => {
        return { ...example, wanted: example.weights.flatMap((weight, t) => (weight === 0 ? [] : [t])) };
      });
      const places = batch.flatMap((example) => example.wanted.map((t) => ({ example, t })));
      const M = places.length;
      const inputs = new SequencePacker(device, config).pack(batch, 32);
      const vector = (f: (place: typeof places[number]) => number) => device.float(Float32Array.from(places, f), [M]);
      const scalar = (value: number) => device.float(Float32Array.of(value), []);
      const shared = { ...inputs, inverse_temperature: scalar(loss.kind === "clip" ? 1 / loss.temperature : 1) };
      const session = await device.session(gradientGraph(config, loss).serialize());
      const { graph, logprobs_M } = sequenceGraph(config);
      graph.output("logprobs", logprobs_M);
      const forward = await device.session(graph.serialize());
      const zeros = Object.fromEntries(
        parameterList(config).map(({ name, shape }) => {
          return [`g.${name}`, device.float(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)];
        }),
      );
      const results = await session.run({
        ...model.feeds(),
        ...zeros,
        ...shared,
        weights: vector(({ example, t }) => example.weights[t]!),
        ...(loss.kind === "nll" ? {} : {
          advantages: vector(({ example, t }) => example.advantages![t]!),
          old_logprobs: vector(({ example, t }) => example.oldLogprobs![t]!),
          lowest: scalar(1 - loss.clipLow),
          highest: scalar(1 + loss.clipHigh),
        }),
      });
      /** Loss of the reference implementation on the log-probabilities of the forward graph. */
      const lossNow = async () => {
        const { logprobs } = await forward.run({ ...model.feeds(), ...shared });
        return places.reduce((sum, { example, t }, m) => {
          const token = {
            logprob: Number(logprobs!.data[m]),
            weight: example.weights[t]!,
            advantage: example.advantages![t]!,
            oldLogprob: example.oldLogprobs![t]!,
          };
          return sum + tokenLoss(loss, token).loss;
        }, 0);
      };
      assert.ok(Math.abs(Number(results["loss"]!.data[0]) - await lossNow()) < 1e-4);
      // Along the gradient of one parameter the loss must rise by the gradient's norm times the step.
      for (const { name } of parameterList(config)) {
        const grad = results[`next.g.${name}`]!.data as Float32Array;
        const norm = Math.hypot(...grad);
        assert.ok(norm > 1e-4, `${name} must matter, its gradient has norm ${norm}`);
        const weights = model.weights.get(name)!.data as Float32Array;
        const kept = weights.slice();
        const at = async (step: number) => {
          for (let i = 0; i < weights.length; i++) weights[i] = kept[i]! + step * grad[i]! / norm;
          const result = await lossNow();
          weights.set(kept);
          return result;
        };
        // Fourth order, so that a step large against float32 rounding stays exact enough.
        const h = 4e-3;
        const rise = (8 * (await at(h) - await at(-h)) - (await at(2 * h) - await at(-2 * h))) / (12 * h);
        assert.ok(Math.abs(rise - norm) < 0.02 * norm + 2e-3, `${name}: rise ${rise}, norm ${norm}`);
      }
      await session.release();
      await forward.release();
      await model.release();
    });
  }
}

Deno.test("OnnxTrainer.update() makes the same step however the batch is split and ordered", async () => {
  const batch = examples(9);
  const results: { weights: number[]; loss: number; gradNorm: number }[] = [];
  for (const [microBatchTokens, order] of [[4096, 1], [64, 1], [1, 1], [100, -1]] as const) {
    const model = lively();
    const trainer = new OnnxTrainer(model, { microBatchTokens });
    const { loss, gradNorm } = await trainer.update(order === 1 ? batch : batch.toReversed(), CLIP, SPEC);
    results.push({ weights: await values(model), loss, gradNorm });
  }
  for (const { weights, loss, gradNorm } of results.slice(1)) {
    assert.ok(Math.abs(loss - results[0]!.loss) < 1e-5);
    assert.ok(Math.abs(gradNorm / results[0]!.gradNorm - 1) < 1e-5);
    // One step of Adam divides by |g|, which magnifies rounding where g is near 0; the rate bounds a step by 0.01.
    assert.ok(farthest(weights, results[0]!.weights) < 2e-4);
  }
});

Deno.test("OnnxTrainer.update() gives the same bits when it is run again", async () => {
  const run = async () => {
    const model = await createModel(device, nanoConfig(64, { layers: 2 }), 1);
    const trainer = new OnnxTrainer(model);
    const batch = examples(40).map((example) => ({ ...example, ids: example.ids.map((id) => id % 3) }));
    await trainer.update(batch, { kind: "nll" }, SPEC);
    await trainer.update(batch, CLIP, SPEC);
    return await model.fingerprint();
  };
  assert.equal(await run(), await run());
});

Deno.test("OnnxTrainer.update() ignores tokens after the last weight, and fields of tokens without one", async () => {
  const batch = examples(4);
  const noisy = batch.map((example, i): TrainExample => {
    const masked = (list: readonly number[]) => list.map((value, t) => (example.weights[t] === 0 ? NaN : value));
    return {
      ids: [...example.ids, ...Array(i).fill(5)],
      weights: [...example.weights, ...Array(i).fill(0)],
      advantages: masked(example.advantages ?? []),
      oldLogprobs: masked(example.oldLogprobs ?? []),
    };
  });
  const steps = [];
  for (const list of [batch, noisy]) {
    const model = lively();
    steps.push([await new OnnxTrainer(model).update(list, CLIP, SPEC), await model.fingerprint()]);
  }
  assert.deepEqual(steps[1], steps[0]);
});

Deno.test("the whole-sequence graph gives the same bits when only the content of padding differs", async () => {
  const model = lively();
  const session = await device.session(gradientGraph(CONFIG, { kind: "nll" }).serialize());
  const rows = [{ ids: [1, 2, 3, 4, 5], wanted: [2, 4] }, { ids: [3, 1], wanted: [1] }];
  const outputs = [];
  for (const padding of [0, 12, 7]) {
    const inputs = new SequencePacker(device, CONFIG).pack(rows, 16);
    const ids = inputs["ids"]!.data as Int32Array;
    for (let b = 0; b < 2; b++) ids.fill(padding, b * 16 + rows[b]!.wanted.at(-1)!, (b + 1) * 16);
    const results = await session.run({
      ...model.feeds(),
      ...Object.fromEntries([...model.weights].map(([name, { dims, size }]) => {
        return [`g.${name}`, device.float(new Float32Array(size), dims)];
      })),
      ...inputs,
      inverse_temperature: device.float(Float32Array.of(1), []),
      weights: device.float(Float32Array.of(1, 2, 3), [3]),
    });
    outputs.push(
      Object.entries(results).map(([name, { data }]) => [name, [...data as Float32Array].map((x) => x + 0)]),
    );
  }
  assert.deepEqual(outputs[1], outputs[0]);
  assert.deepEqual(outputs[2], outputs[0]);
  await session.release();
});

Deno.test("OnnxTrainer.update() reports a ratio of 1 when the old log-probabilities are the policy's own", async () => {
  const model = lively();
  const batch = examples(5).map(({ ids, advantages }) => ({
    ids,
    weights: ids.map((_, t) => (t === 0 ? 0 : 0.1)),
    advantages: advantages ?? [],
  }));
  const scores = await new LocalPolicy(model, TOKENIZER).score(batch.map(({ ids }) => ids));
  const spec: LossSpec = { kind: "clip", clipLow: 0.2, clipHigh: 0.2, temperature: 1 };
  const stats = await new OnnxTrainer(model).update(
    batch.map((example, i) => ({ ...example, oldLogprobs: scores[i]! })),
    spec,
    SPEC,
  );
  assert.ok(stats.maxRatioError < 1e-5, `largest ratio error ${stats.maxRatioError}`);
  assert.equal(stats.clipShare, 0);
  assert.ok(Math.abs(stats.klK1) < 1e-5 && Math.abs(stats.klK3) < 1e-9);
  assert.equal(stats.tokens, batch.reduce((sum, { ids }) => sum + ids.length - 1, 0));
  assert.equal(stats.lossTokens, stats.tokens);
  assert.ok(Math.abs(stats.weightSum - 0.1 * stats.tokens) < 1e-9);
});

Deno.test("OnnxTrainer.update() learns a batch by heart in sixty steps", async () => {
  const model = await createModel(device, CONFIG, 1);
  const trainer = new OnnxTrainer(model);
  const batch = [{ ids: [1, 5, 2, 9, 4], weights: [0, 0.25, 0.25, 0.25, 0.25] }];
  let last = Infinity;
  for (let step = 0; step < 60; step++) {
    last = (await trainer.update(batch, { kind: "nll" }, { ...SPEC, weightDecay: 0 })).loss;
  }
  assert.ok(last < 0.1, `loss after 60 steps is ${last}`);
  assert.equal(trainer.updates, 60);
});

Deno.test("OnnxTrainer.load() goes on as if never stopped when it restores what save() wrote", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/checkpoint.safetensors`;
    const [first, second] = [await createModel(device, CONFIG, 1), await createModel(device, CONFIG, 2)];
    const trainer = new OnnxTrainer(first);
    await trainer.update(examples(3, "a"), { kind: "nll" }, SPEC);
    await trainer.save(path);
    const restored = new OnnxTrainer(second);
    await restored.load(path);
    assert.equal(restored.updates, 1);
    assert.equal(await second.fingerprint(), await first.fingerprint());
    assert.equal(await (await loadModel(device, path)).fingerprint(), await first.fingerprint());
    await trainer.update(examples(3, "b"), CLIP, SPEC);
    await restored.update(examples(3, "b"), CLIP, SPEC);
    assert.equal(await second.fingerprint(), await first.fingerprint());
    const other = new OnnxTrainer(await createModel(device, { ...CONFIG, ropeTheta: 500 }, 1));
    await assert.rejects(other.load(path), /its configuration must be the model's/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("OnnxTrainer.update() throws TrainBatchError when an example does not fit", async () => {
  const trainer = new OnnxTrainer(await createModel(device, CONFIG, 1));
  const good = { ids: [1, 2], weights: [0, 1] };
  const cases: [TrainExample, LossSpec, RegExp][] = [
    [{ ids: [1, 2], weights: [0] }, { kind: "nll" }, /weights must have 2 entries, got 1/],
    [{ ids: [1, 13], weights: [0, 1] }, { kind: "nll" }, /ids must be integers from 0 to 12, got 13/],
    [{ ids: [1, 2], weights: [1, 1] }, { kind: "nll" }, /weight of the first token must be 0/],
    [{ ids: Array(41).fill(1), weights: Array(41).fill(0) }, { kind: "nll" }, /at most 40 entries, got 41/],
    [{ ids: [1, 2], weights: [0, NaN] }, { kind: "nll" }, /weights must be finite at token 1/],
    [good, CLIP, /advantages must be finite at token 1, got undefined/],
  ];
  for (const [example, loss, message] of cases) {
    await assert.rejects(trainer.update([example], loss, SPEC), (error) => {
      return error instanceof TrainBatchError && message.test(error.message);
    });
  }
  await assert.rejects(
    trainer.update([{ ids: [1, 2], weights: [0, 0] }], { kind: "nll" }, SPEC),
    /some token must have a weight/,
  );
});

Deno.test("OnnxTrainer.update() throws and changes nothing when the gradient is not finite", async () => {
  const model = await createModel(device, CONFIG, 1);
  const trainer = new OnnxTrainer(model);
  const before = await model.fingerprint();
  // exp(-2.6 + 1000) overflows float32, and an infinite ratio has no gradient.
  const batch = [{ ids: [1, 2], weights: [0, 1], advantages: [0, -1], oldLogprobs: [0, -1000] }];
  await assert.rejects(trainer.update(batch, CLIP, SPEC), NonFiniteGradientError);
  assert.equal(trainer.updates, 0);
  assert.equal(await model.fingerprint(), before);
});

Deno.test("SequencePacker places each wanted token when rows differ in length", () => {
  const row = fc.array(fc.nat(12), { minLength: 2, maxLength: 9 }).chain((ids) => {
    return fc.subarray(ids.map((_, t) => t).slice(1), { minLength: 1 }).map((wanted) => ({ ids, wanted }));
  });
  fc.assert(fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), (rows) => {
    const packed = new SequencePacker(device, CONFIG).pack(rows, 16);
    const [ids, places, targets] = ["ids", "rows", "targets"].map((name) => packed[name]!.data as Int32Array);
    const inverse = packed["inverse"]!.data as Int32Array;
    let m = 0;
    for (const [b, { ids: own, wanted }] of rows.entries()) {
      for (const t of wanted) {
        assert.equal(places![m], b * 16 + t - 1);
        assert.equal(inverse[places![m]!], m);
        assert.equal(ids![places![m]!], own[t - 1]);
        assert.equal(targets![m], own[t]);
        m++;
      }
    }
    assert.equal(inverse.filter((place) => place === m).length, ids!.length - m);
  }));
});
