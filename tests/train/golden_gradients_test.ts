/**
 * Gradients and AdamW trajectories of every architecture family against PyTorch in float64 (tests/fixtures/checkpoints).
 *
 * Tolerances are shares of the largest entry of each parameter's gradient, because an entry is a sum of terms of about that size, each
 * with float32's rounding of 6e-8. The largest errors seen were 3.1e-6 on native CPU, 3.0e-6 on WASM and 2.7e-6 on WebGPU over llvmpipe;
 * the GPU's bound is wider, because drivers may contract products and approximate exp and the inverse root.
 * An AdamW step is the rate times g / |g| where a gradient is new, so an entry whose gradient is nearly zero shows that error enlarged by
 * (largest / own): its bound is the three steps' length times the enlarged tolerance, and never more than the steps themselves.
 *
 * WebGPU is skipped where there is no adapter, unless WHET_REQUIRE_WEBGPU=1 asks for a failure.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Device, openDevice, ProviderError, type ProviderKind } from "../../agents/model/device.ts";
import { SequencePacker } from "../../agents/model/sequence_batch.ts";
import { readFloats } from "../../agents/model/model.ts";
import type { OptimizerSpec } from "../../train/example.ts";
import { gradientGraph } from "../../train/gradient_graph.ts";
import { OnnxTrainer } from "../../train/onnx_trainer.ts";
import { FAMILIES, golden, goldenTensors, tinyCheckpoint } from "./_tiny_checkpoint.ts";

/** Largest error of a gradient's entry as a share of the parameter's largest one. */
const TOLERANCE: Readonly<Record<ProviderKind, number>> = { cpu: 1e-5, wasm: 1e-5, webgpu: 5e-5 };
/** Largest relative error of losses and norms, and of weights that have no small gradient. */
const ROUNDING = 2e-6;
const STEPS = 3;

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function assertNear(found: number, expected: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${what} is ${found}, in PyTorch ${expected}`);
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
  for (const family of FAMILIES) {
    Deno.test({
      ...options,
      name:
        `gradientGraph() gives PyTorch's gradient of every parameter when the family is ${family} and the provider ${kind}`,
      async fn() {
        if (device === undefined) return;
        const model = await tinyCheckpoint(device, family);
        const [{ sequences, adamw }, expected] = [await golden(family), await goldenTensors(family, "gradient.")];
        const rows = sequences.map(({ ids }) => ({ ids, wanted: ids.map((_, t) => t).slice(1) }));
        const M = rows.reduce((sum, { wanted }) => sum + wanted.length, 0);
        const session = await device.session(gradientGraph(model.config, { kind: "nll" }).serialize());
        const results = await session.run({
          ...model.feeds(),
          ...Object.fromEntries(
            model.trainable().map(({ name, shape }) => {
              return [`g.${name}`, device.place(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)];
            }),
          ),
          ...new SequencePacker(device, model.config).pack(rows, 32),
          inverse_temperature: device.float(Float32Array.of(1), []),
          weights: device.float(new Float32Array(M).fill(1 / M), [M]),
        });
        assertNear((await readFloats(results["loss"]!))[0]!, adamw.losses[0]!, ROUNDING * adamw.losses[0]!, "loss");
        assert.deepEqual([...expected.keys()].sort(), model.trainable().map(({ name }) => name).sort());
        for (const [name, wanted] of expected) {
          const found = await readFloats(results[`next.g.${name}`]!);
          assert.equal(found.length, wanted.length);
          const bound = TOLERANCE[kind] * largest(wanted);
          for (const [i, value] of found.entries()) assertNear(value, wanted[i]!, bound, `gradient of ${name}[${i}]`);
        }
        await session.release();
        await model.release();
      },
    });

    Deno.test({
      ...options,
      name:
        `OnnxTrainer.update() follows PyTorch's AdamW over three steps when the family is ${family} and the provider ${kind}`,
      async fn() {
        if (device === undefined) return;
        const model = await tinyCheckpoint(device, family);
        const { sequences, adamw } = await golden(family);
        const [expected, grads] = [await goldenTensors(family, "adamw."), await goldenTensors(family, "gradient.")];
        const M = sequences.reduce((sum, { logprobs }) => sum + logprobs.length, 0);
        const batch = sequences.map(({ ids }) => ({ ids, weights: ids.map((_, t) => (t === 0 ? 0 : 1 / M)) }));
        const spec: OptimizerSpec = { ...adamw, maxGradNorm: adamw.clipNorm };
        // A micro-batch of its own for each sequence, so that accumulation takes part.
        const trainer = new OnnxTrainer(model, { microBatchTokens: 16 });
        for (let step = 0; step < STEPS; step++) {
          const { loss, gradNorm } = await trainer.update(batch, { kind: "nll" }, spec);
          const [wantedLoss, wantedNorm] = [adamw.losses[step]!, adamw.gradientNorms[step]!];
          assertNear(loss, wantedLoss, ROUNDING * wantedLoss, `loss of step ${step}`);
          assertNear(gradNorm, wantedNorm, ROUNDING * wantedNorm, `gradient norm of step ${step}`);
        }
        const found = await model.values();
        for (const [name, wanted] of expected) {
          const grad = grads.get(name)!;
          const noise = TOLERANCE[kind] * largest(grad);
          for (const [i, value] of found.get(name)!.entries()) {
            const enlarged = grad[i] === 0 ? 0 : Math.min(1, noise / Math.abs(grad[i]!));
            const bound = ROUNDING * (1 + Math.abs(wanted[i]!)) + STEPS * spec.learningRate * enlarged;
            assertNear(value, wanted[i]!, bound, `${name}[${i}]`);
          }
        }
        await model.release();
      },
    });
  }
}
