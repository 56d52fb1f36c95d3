/**
 * AdamW as a graph against the float64 reference, over a trajectory.
 *
 * @module
 */
import assert from "node:assert/strict";
import { openDevice } from "../../../agents/model/device.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";
import type { OptimizerSpec } from "../../../train/example.ts";
import { adamWGraph, adamWReference, adamWScalars, type AdamWState } from "../../../train/optimizer/adamw.ts";

const PARAMETERS = [
  { name: "matrix", shape: [7, 8], decays: true },
  { name: "norm", shape: [7], decays: false },
] as const;
const SPEC: OptimizerSpec = {
  learningRate: 0.05,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  maxGradNorm: 1,
};

Deno.test("adamWGraph() follows adamWReference() over ten updates when some gradients are clipped and some are not", async () => {
  const device = await openDevice("cpu");
  const session = await device.session(adamWGraph(PARAMETERS).serialize());
  const random = keyedRandom("adamw-test");
  const zeros = (size: number) => Array<number>(size).fill(0);
  const states = new Map<string, AdamWState>();
  for (const { name, shape } of PARAMETERS) {
    const size = shape.reduce((a, b) => a * b, 1);
    states.set(name, { w: zeros(size).map(() => random.normal()), m: zeros(size), v: zeros(size) });
  }
  const tensors = new Map(PARAMETERS.flatMap(({ name, shape }) => {
    return (["w", "m", "v"] as const).map((part) => {
      return [`${part}.${name}`, device.float(Float32Array.from(states.get(name)![part]), shape)] as const;
    });
  }));
  for (let step = 1; step <= 10; step++) {
    const scale = step % 2 === 0 ? 0.01 : 1;
    const grads = new Map(PARAMETERS.map(({ name }) => [name, states.get(name)!.w.map(() => scale * random.normal())]));
    const gradNorm = Math.hypot(...[...grads.values()].flat());
    assert.equal(gradNorm > SPEC.maxGradNorm, step % 2 === 1);
    const results = await session.run({
      ...Object.fromEntries(tensors),
      ...Object.fromEntries(
        PARAMETERS.map(({ name, shape }) => [`g.${name}`, device.float(Float32Array.from(grads.get(name)!), shape)]),
      ),
      ...Object.fromEntries(
        Object.entries(adamWScalars(SPEC, step)).map((
          [name, value],
        ) => [name, device.float(Float32Array.of(value), [])]),
      ),
    });
    assert.ok(Math.abs(Number(results["grad_norm"]!.data[0]) / gradNorm - 1) < 1e-6);
    for (const { name, decays } of PARAMETERS) {
      const spec = decays ? SPEC : { ...SPEC, weightDecay: 0 };
      const next = adamWReference(states.get(name)!, grads.get(name)!, spec, { step, gradNorm });
      states.set(name, next);
      for (const part of ["w", "m", "v"] as const) {
        const tensor = results[`next.${part}.${name}`]!;
        tensors.set(`${part}.${name}`, tensor);
        for (const [i, value] of (tensor.data as Float32Array).entries()) {
          const expected = next[part][i]!;
          assert.ok(
            Math.abs(value - expected) < 2e-6 * (1 + Math.abs(expected)),
            `${part}.${name}[${i}] at step ${step}`,
          );
        }
      }
    }
  }
  await session.release();
});

Deno.test("adamWReference() decays weights without a gradient by the rate times the decay", () => {
  const { w, m, v } = adamWReference({ w: [2], m: [0], v: [0] }, [0], SPEC, { step: 1, gradNorm: 0 });
  // 2 · (1 - 0.05 · 0.1) = 1.99; the step is 0 / (0 + ε) = 0.
  assert.ok(Math.abs(w[0]! - 1.99) < 1e-12);
  assert.deepEqual([m, v], [[0], [0]]);
});
