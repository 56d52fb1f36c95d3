/**
 * Two ways to apply AdamW: the kernel gives the graph's bits.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { nanoConfig, parameterList } from "../../agents/model/config.ts";
import { type Device, type DeviceTensor, openDevice } from "../../agents/model/device.ts";
import { createModel, type Model, modelFromValues } from "../../agents/model/model.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import { AdamWKernel } from "../../train/optimizer/adamw_kernel.ts";
import { adamWReference } from "../../train/optimizer/adamw.ts";
import {
  GraphUpdater,
  KernelUpdater,
  type WeightUpdater,
  weightUpdater,
} from "../../train/optimizer/weight_updater.ts";
import { ADAMW as SPEC } from "./_adamw.ts";

const device: Device = await openDevice("cpu");
// Sizes that are no multiples of four numbers, and a vector of a single one.
const CONFIG = nanoConfig(13, { layers: 2, width: 6, heads: 3, keyValueHeads: 1, headSize: 2, hidden: 7 });

function gradients(model: Model, name: string, size: number): Map<string, DeviceTensor> {
  const random = keyedRandom("weight-updater-test", name);
  return new Map(
    model.trainable().map(({ name, shape }) => {
      const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => size * random.normal());
      return [name, device.float(values, shape)];
    }),
  );
}

const both = async (adapt: (model: Model) => Model = (model) => model) => {
  const [a, b] = [adapt(await createModel(device, CONFIG, 2)), adapt(await createModel(device, CONFIG, 2))];
  return [[a, new KernelUpdater(a)], [b, new GraphUpdater(b, { memoryPattern: true })]] as const;
};

async function stateOf(model: Model, updater: WeightUpdater) {
  return { weights: await model.trainableValues(), moments: await updater.moments() };
}

Deno.test("KernelUpdater gives GraphUpdater's bits when gradients are clipped or not, and one sum or two", async () => {
  for (const adapt of [(m: Model) => m, (m: Model) => m.withAdapter({ rank: 3, alpha: 6, targets: ["query"] }, 1)]) {
    const pairs = await both(adapt);
    for (const [step, size] of [1e-3, 3, 0.1, 1e-20, 40].entries()) {
      const norms: number[] = [];
      for (const [model, updater] of pairs) {
        const sum = [gradients(model, `g ${step}`, size), gradients(model, `h ${step}`, size)];
        norms.push(await updater.update(step % 2 === 0 ? sum : sum.slice(1), SPEC, step + 1));
      }
      assert.equal(norms[0], norms[1]);
      const [kernel, graph] = await Promise.all(pairs.map(([model, updater]) => stateOf(model, updater)));
      assert.deepEqual(kernel, graph);
    }
  }
});

Deno.test("KernelUpdater and GraphUpdater leave everything as it is when the gradient is not finite", async () => {
  for (const [model, updater] of await both()) {
    await updater.update([gradients(model, "first", 1)], SPEC, 1);
    const before = await stateOf(model, updater);
    const bad = gradients(model, "second", 1);
    const { data, dims } = bad.get("blocks.1.down")!;
    bad.set("blocks.1.down", device.float((data as Float32Array).map((x, i) => (i === 3 ? NaN : x)), dims));
    assert.ok(Number.isNaN(await updater.update([bad], SPEC, 2)));
    assert.deepEqual(await stateOf(model, updater), before);
  }
});

Deno.test("KernelUpdater and GraphUpdater go on from moments of the other when these are restored", async () => {
  const [[a, kernel], [b, graph]] = await both();
  for (const [model, updater] of [[a, kernel], [b, graph]] as const) {
    await updater.update([gradients(model, "first", 1)], SPEC, 1);
  }
  const [fromKernel, fromGraph] = [await kernel.moments(), await graph.moments()];
  kernel.restore(fromGraph);
  graph.restore(fromKernel);
  for (const [model, updater] of [[a, kernel], [b, graph]] as const) {
    await updater.update([gradients(model, "second", 1)], SPEC, 2);
  }
  assert.deepEqual(await stateOf(a, kernel), await stateOf(b, graph));
  kernel.restore(undefined);
  assert.equal(await kernel.moments(), undefined);
});

Deno.test("AdamWKernel follows the float64 reference when sizes and numbers are any", () => {
  const moderate = fc.float({ min: -10, max: 10, noNaN: true });
  const tensor = fc.integer({ min: 1, max: 23 }).chain((size) =>
    fc.record({
      w: fc.array(moderate, { minLength: size, maxLength: size }),
      g: fc.array(moderate, { minLength: size, maxLength: size }),
      h: fc.option(fc.array(moderate, { minLength: size, maxLength: size }), { nil: undefined }),
    })
  );
  fc.assert(fc.property(fc.array(tensor, { minLength: 1, maxLength: 4 }), fc.boolean(), (tensors, decays) => {
    const kernel = new AdamWKernel(tensors.map(({ w }) => w.length));
    const spec = { ...SPEC, epsilon: 1e-3, weightDecay: decays ? 0.1 : 0, maxGradNorm: 1e9 };
    let states = tensors.map(({ w }) => ({ w, m: w.map(() => 0), v: w.map(() => 0) }));
    let weights: Float32Array[] = tensors.map(({ w }) => Float32Array.from(w));
    for (const step of [1, 2]) {
      const root2 = Math.sqrt(1 - spec.beta2 ** step);
      const scalars = {
        betas: [spec.beta1, spec.beta2] as const,
        shares: [1 - spec.beta1, 1 - spec.beta2] as const,
        epsilon: spec.epsilon * root2,
        rate: spec.learningRate * root2 / (1 - spec.beta1 ** step),
        keep: 1 - spec.learningRate * 0.1,
      };
      weights = tensors.map(({ g, h }, i) => {
        const given = { w: weights[i]!, g: Float32Array.from(g), h: h === undefined ? h : Float32Array.from(h) };
        return kernel.update(i, given, scalars, decays);
      });
      states = states.map((state, i) => {
        const { g, h } = tensors[i]!;
        return adamWReference(state, g.map((x, k) => x + (h?.[k] ?? 0)), spec, { step, gradNorm: 0 });
      });
    }
    for (const [i, { w, m, v }] of states.entries()) {
      const [foundM, foundV] = kernel.moments(i);
      for (const [expected, found] of [[w, weights[i]!], [m, foundM], [v, foundV]] as const) {
        assert.equal(found.length, expected.length);
        for (const [k, x] of expected.entries()) assert.ok(Math.abs(found[k]! - x) <= 1e-4 * (1 + Math.abs(x)));
      }
    }
  }));
});

Deno.test("weightUpdater() takes the kernel where weights are few and in host memory", async () => {
  const options = { memoryPattern: true };
  const small = await createModel(device, CONFIG, 1);
  assert.ok(weightUpdater(small, options) instanceof KernelUpdater);
  const wasm = await createModel(await openDevice("wasm"), CONFIG, 1);
  assert.ok(weightUpdater(wasm, options) instanceof GraphUpdater);
  const config = nanoConfig(20_000, { layers: 1, width: 1024, headSize: 256, hidden: 16, contextTokens: 32 });
  const zeros = parameterList(config).map(({ name, shape }) => {
    return [name, new Float32Array(shape.reduce((a, b) => a * b, 1))] as const;
  });
  const large = modelFromValues(device, config, new Map(zeros));
  assert.ok(weightUpdater(large, options) instanceof GraphUpdater);
  const adapted = large.withAdapter({ rank: 2, alpha: 2, targets: ["query"] }, 1);
  assert.ok(weightUpdater(adapted, options) instanceof KernelUpdater);
});
