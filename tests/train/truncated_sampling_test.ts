/**
 * Training on truncated distributions: what the sampler dropped stays dropped in the log-probability that is trained.
 *
 * @module
 */
import assert from "node:assert/strict";
import { initialWeights, nanoConfig } from "../../agents/model/config.ts";
import { type Device, openDevice, ProviderError, type ProviderKind } from "../../agents/model/device.ts";
import { LocalPolicy } from "../../agents/model/local_policy.ts";
import { modelFromValues } from "../../agents/model/model.ts";
import type { OptimizerSpec, PolicyLossSpec, TrainExample } from "../../train/example.ts";
import { keptLogSoftmax, logitGradients, tokenLogprobs } from "../../train/losses/temperature_softmax.ts";
import { OnnxTrainer } from "../../train/onnx_trainer.ts";
import { TrainBatchError } from "../../train/train_rows.ts";

const V = 13;
const CONFIG = nanoConfig(V, {
  width: 8,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headSize: 4,
  hidden: 7,
  contextTokens: 40,
});
const OPTIMIZER: OptimizerSpec = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-4,
  weightDecay: 0,
  maxGradNorm: 1,
};
const LOSS: PolicyLossSpec = {
  kind: "policy",
  form: "clip",
  ratio: "token",
  clipLow: 0.2,
  clipHigh: 0.2,
  temperature: 0.7,
};
const TOKENIZER = { vocabularySize: V, specials: {}, encode: () => [], decode: () => "" };
const device = await openDevice("cpu");

function lively(on: Device = device) {
  const weights = initialWeights(CONFIG, 3);
  for (const values of weights.values()) for (const [i, w] of values.entries()) values[i] = w * 1.5;
  return modelFromValues(on, CONFIG, weights);
}

/** Log-probabilities at temperature 1, which are logits as good as any: `[t]` predicts `ids[t]`; the first are zeros. */
async function logitsOf(policy: LocalPolicy, ids: readonly number[]): Promise<number[][]> {
  const asked = ids.flatMap((_, t) => t === 0 ? [] : Array.from({ length: V }, (_, v) => [...ids.slice(0, t), v]));
  const scores = await policy.score(asked);
  return ids.map((_, t) => Array.from({ length: V }, (_, v) => (t === 0 ? 0 : scores[(t - 1) * V + v]!.at(-1)!)));
}

/** Midway between the least probable kept and the most probable dropped token of a top-k cut. */
function topKThreshold(logits_V: readonly number[], k: number): number {
  const sorted = keptLogSoftmax(logits_V, LOSS.temperature, -Infinity, 0).toSorted((a, b) => b - a);
  return (sorted[k - 1]! + sorted[k]!) / 2;
}

const ids = [1, 5, 2, 9, 4, 7, 0, 3];
const generated = [false, false, true, true, true, false, true, true];

async function open(kind: ProviderKind): Promise<Device | undefined> {
  if (kind === "cpu") return device;
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
  const on = await open(kind);
  Deno.test({
    name:
      `OnnxTrainer.update() trains the renormalised log-probabilities of the float64 functions when examples have thresholds, on ${kind}`,
    ignore: on === undefined,
    // The GPU device is held for the life of the process.
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      if (on === undefined) return;

      const logits = await logitsOf(new LocalPolicy(lively(), TOKENIZER), ids);
      // The fourth token's distribution is whole.
      const thresholds = logits.map((logits_V, t) => (t === 4 ? -Infinity : topKThreshold(logits_V, 4)));
      const expected = tokenLogprobs(logits, ids, LOSS.temperature, thresholds);
      const example: TrainExample = {
        ids,
        weights: generated.map((own) => (own ? 0.2 : 0)),
        advantages: ids.map((_, t) => (t % 2 === 0 ? 1 : -0.5)),
        oldLogprobs: expected,
        thresholds,
        samplingTemperature: LOSS.temperature,
      };
      // A second sequence without thresholds shares the update.
      const { thresholds: _, ...whole } = { ...example, oldLogprobs: tokenLogprobs(logits, ids, LOSS.temperature) };
      const stats = await new OnnxTrainer(lively(on)).update([example, whole], LOSS, OPTIMIZER);
      assert.ok(stats.maxRatioError <= 1e-5, `the largest ratio error on policy is ${stats.maxRatioError}`);
      const places = ids.keys().filter((t) => generated[t]).toArray();
      for (const [i, t] of places.entries()) {
        assert.ok(Math.abs(stats.logprobs![0]![i]! - expected[t]!) <= 1e-5, `token ${t}`);
        assert.ok(
          Math.abs(stats.logprobs![1]![i]! - whole.oldLogprobs[t]!) <= 1e-5,
          `token ${t} of the whole sequence`,
        );
      }
      const entropies = places.flatMap((t) =>
        [thresholds[t]!, -Infinity].map((threshold) =>
          -keptLogSoftmax(logits[t]!, LOSS.temperature, threshold, ids[t]!).reduce(
            (sum, logprob) => sum + (logprob === -Infinity ? 0 : Math.exp(logprob) * logprob),
            0,
          )
        )
      );
      const entropy = entropies.reduce((sum, value) => sum + value, 0) / entropies.length;
      assert.ok(Math.abs(stats.entropy! - entropy) <= 1e-5);
      // The dropped tokens' share of the renormalisation is what the whole distribution would have got wrong.
      assert.ok(places.some((t) => expected[t]! - whole.oldLogprobs[t]! > 0.05));
    },
  });
}

Deno.test("OnnxTrainer.update() without thresholds below any token is the update without thresholds", async () => {
  const example = { ids, weights: generated.map((own) => (own ? 0.2 : 0)), advantages: ids.map(() => 1) };
  const oldLogprobs = (await new LocalPolicy(lively(), TOKENIZER).score([ids]))[0]!;
  const all = { ...example, oldLogprobs, thresholds: ids.map(() => -Infinity) };
  const [a, b] = [lively(), lively()];
  await new OnnxTrainer(a).update([all], LOSS, OPTIMIZER);
  await new OnnxTrainer(b).update([{ ...example, oldLogprobs }], LOSS, OPTIMIZER);
  assert.equal(await a.fingerprint(), await b.fingerprint());
});

Deno.test("OnnxTrainer.update() refuses a threshold that is no log-probability", async () => {
  const bad = { ids, weights: generated.map(Number), advantages: ids.map(() => 1), oldLogprobs: ids.map(() => -1) };
  await assert.rejects(
    () => new OnnxTrainer(lively()).update([{ ...bad, thresholds: [0, 0, NaN] }], LOSS, OPTIMIZER),
    (error) => error instanceof TrainBatchError && error.message.includes("thresholds"),
  );
});

Deno.test("logitGradients() agrees with difference quotients of tokenLogprobs() when tokens are dropped", () => {
  const logits = [0.3, -1, 2, 0.5, -2.5];
  // Keeps tokens 0, 2 and 3, and the target 4, which lies below.
  for (const id of [2, 4]) {
    const [grad] = logitGradients([logits], [id], 0.8, [1.5], [-3]);
    for (const [v, value] of logits.entries()) {
      const at = (logit: number) => 1.5 * tokenLogprobs([logits.with(v, logit)], [id], 0.8, [-3])[0]!;
      const quotient = (at(value + 1e-6) - at(value - 1e-6)) / 2e-6;
      assert.ok(Math.abs(grad![v]! - quotient) < 1e-8, `d/dz_${v} of token ${id}: ${grad![v]}, not ${quotient}`);
    }
  }
});
