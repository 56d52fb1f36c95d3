import assert from "node:assert/strict";
import { initialWeights, nanoConfig } from "../../agents/model/config.ts";
import { openDevice } from "../../agents/model/device.ts";
import { modelFromValues } from "../../agents/model/model.ts";
import { ACTIVATION_LIMIT_BYTES, activationBytes } from "../../train/activation_memory.ts";
import { OnnxTrainer, type OnnxTrainerOptions } from "../../train/onnx_trainer.ts";

Deno.test("activationBytes() is what the rules read when the shape is small enough to count by hand", () => {
  const sizes = { width: 4, layers: 1, heads: 2, keyValueHeads: 1, headSize: 2, hidden: 6, contextTokens: 64 };
  const config = nanoConfig(10, sizes);
  // Per token: 2 · 4 residual and 2 · 4 normed numbers; queries, mixture and joined 3 · 4; keys and values 2 · 2; shares 2 · 8; 4 · 6.
  const floats = 2 * 8 * (8 + 8 + 12 + 4 + 16 + 24) + 2 * 8 * 2 * 2 * 8 + 5 * (3 * 10 + 4);
  const shape = { rows: 2, tokens: 8, lossTokens: 5 };
  assert.equal(activationBytes(config, shape), 4 * floats);
  const half = 2 * 16 * (8 + 12 + 4 + 16 + 24);
  assert.equal(activationBytes(config, shape, "mixed"), 4 * floats - half);
});

Deno.test("activationBytes() of the embedded model's largest micro-batch is below the limit, of a long row of a published one above", () => {
  const shape = { rows: 2, tokens: 2048, lossTokens: 4096 };
  assert.ok(activationBytes(nanoConfig(1024), shape) < ACTIVATION_LIMIT_BYTES);
  const large = { width: 896, layers: 24, heads: 14, keyValueHeads: 2, headSize: 64, hidden: 4864 };
  assert.ok(activationBytes(nanoConfig(151_936, large), shape) > ACTIVATION_LIMIT_BYTES);
});

Deno.test("OnnxTrainer.update() recomputes of its own accord exactly when the estimate is above the limit", async () => {
  const device = await openDevice("cpu");
  const config = nanoConfig(13, {
    width: 8,
    layers: 3,
    heads: 4,
    keyValueHeads: 2,
    headSize: 6,
    hidden: 7,
    contextTokens: 64,
  });
  const batch = [{ ids: [1, 2, 3, 4, 5], weights: [0, 0.2, 0.2, 0.2, 0.2] }];
  const spec = { learningRate: 0.01, beta1: 0.9, beta2: 0.95, epsilon: 1e-4, weightDecay: 0.1, maxGradNorm: 0.5 };
  const bytes = activationBytes(config, { rows: 1, tokens: 16, lossTokens: 4 });
  const keysOf = async (options: OnnxTrainerOptions): Promise<string[]> => {
    const model = modelFromValues(device, config, initialWeights(config, 1));
    const keys: string[] = [];
    const session = model.session.bind(model);
    model.session = (key, build, options) => {
      keys.push(key);
      return session(key, build, options);
    };
    await new OnnxTrainer(model, options).update(batch, { kind: "nll" }, spec);
    await model.release();
    return keys;
  };
  const [kept, again] = [["gradient nll", "gradient norm"], ["gradient nll recomputed", "gradient norm"]];
  assert.deepEqual(await keysOf({}), kept);
  assert.deepEqual(await keysOf({ activationLimitBytes: bytes }), kept);
  assert.deepEqual(await keysOf({ activationLimitBytes: bytes - 1 }), again);
  assert.deepEqual(await keysOf({ recompute: "on" }), again);
  assert.deepEqual(await keysOf({ recompute: "off", activationLimitBytes: 0 }), kept);
});
