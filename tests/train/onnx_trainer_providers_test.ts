/**
 * One suite for every execution provider: a training step and a decode, compared with native CPU.
 *
 * WebGPU is skipped where there is no adapter, unless WHET_REQUIRE_WEBGPU=1 asks for a failure.
 *
 * @module
 */
import assert from "node:assert/strict";
import { nanoConfig } from "../../agents/model/config.ts";
import { type Device, openDevice, ProviderError, type ProviderKind } from "../../agents/model/device.ts";
import { LocalPolicy } from "../../agents/model/local_policy.ts";
import { createModel } from "../../agents/model/model.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import type { OptimizerSpec, TrainExample } from "../../train/example.ts";
import { lossSpec } from "../../train/losses/loss_table.ts";
import { OnnxTrainer } from "../../train/onnx_trainer.ts";

const CONFIG = nanoConfig(29, {
  width: 24,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headSize: 8,
  hidden: 40,
  contextTokens: 200,
});
const TOKENIZER = { vocabularySize: 29, specials: {}, encode: () => [], decode: () => "" };
// Epsilon is large against rounding, or else Adam's division would magnify it where gradients are near 0.
const SPEC: OptimizerSpec = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-4,
  weightDecay: 0.1,
  maxGradNorm: 0.5,
};

const random = keyedRandom("providers-test");
const BATCH: readonly TrainExample[] = [7, 23, 18].map((length) => ({
  ids: Array.from({ length }, () => random.int(0, 28)),
  weights: Array.from({ length }, (_, t) => (t === 0 || t % 3 === 1 ? 0 : random.uniform())),
  advantages: Array.from({ length }, () => random.normal()),
  oldLogprobs: Array.from({ length }, () => -3.4 + 0.2 * random.uniform()),
  referenceLogprobs: Array.from({ length }, () => -3.4 + 0.2 * random.uniform()),
}));

interface Outcome {
  readonly losses: readonly number[];
  readonly gradNorms: readonly number[];
  readonly entropies: readonly number[];
  readonly weights: readonly number[];
  readonly ids: readonly (readonly number[])[];
  readonly logprobs: readonly number[];
  readonly scores: readonly number[];
}

/** Four updates, then greedy decoding of two conversations of two turns with the new weights. */
async function exercise(device: Device): Promise<Outcome> {
  const model = await createModel(device, CONFIG, 5);
  const trainer = new OnnxTrainer(model, { microBatchTokens: 48 });
  const first = await trainer.update(BATCH, { kind: "nll" }, SPEC);
  const second = await trainer.update(BATCH, { kind: "clip", clipLow: 0.2, clipHigh: 0.28, temperature: 0.8 }, SPEC);
  const kl = { estimator: "k3", coefficient: 0.1 } as const;
  const wide = { clipLow: 0.2, clipHigh: 0.28, temperature: 0.8 };
  const third = await trainer.update(BATCH, lossSpec("gspo", { ...wide, kl }), SPEC);
  const fourth = await trainer.update(BATCH, lossSpec("cispo", wide), SPEC);
  const weights = [...(await model.values()).values()].flatMap((values) => [...values]);
  const policy = new LocalPolicy(model, TOKENIZER, { slots: 2 });
  const [ids, logprobs]: [number[][], number[]] = [[], []];
  const all = [0, 1].map((index) => {
    const own = [1, 2, 3 + index];
    ids.push(own);
    let turns = 0;
    return {
      key: [index],
      promptIds: [...own],
      onTurn(turn: { ids: readonly number[]; logprobs: readonly number[] }) {
        own.push(...turn.ids);
        logprobs.push(...turn.logprobs);
        if (++turns === 2) return Promise.resolve(null);
        own.push(9, 8);
        return Promise.resolve([9, 8]);
      },
    };
  });
  await policy.converse(all, { sampling: { temperature: 0 }, maxTurnTokens: 4, stopIds: [] });
  const scores = (await policy.score(ids)).flat();
  await model.release();
  return {
    losses: [first, second, third, fourth].map(({ loss }) => loss),
    gradNorms: [first, second, third, fourth].map(({ gradNorm }) => gradNorm),
    entropies: [third, fourth].map(({ entropy }) => entropy ?? NaN),
    weights,
    ids,
    logprobs,
    scores,
  };
}

let onCpu: Promise<Outcome> | undefined;

function assertNear(found: readonly number[], expected: readonly number[], tolerance: number, what: string): void {
  assert.equal(found.length, expected.length, what);
  for (const [i, value] of found.entries()) {
    const error = Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!));
    assert.ok(error <= tolerance, `${what}[${i}] is ${value}, on CPU ${expected[i]}`);
  }
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
  Deno.test({
    name: `OnnxTrainer and LocalPolicy agree with native CPU when the provider is ${kind}`,
    ignore: device === undefined,
    // The GPU device is held for the life of the process.
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      if (device === undefined) return;
      onCpu ??= openDevice("cpu").then(exercise);
      const [expected, found] = [await onCpu, await exercise(device)];
      assertNear(found.losses, expected.losses, 1e-5, "loss");
      assertNear(found.gradNorms, expected.gradNorms, 1e-4, "gradient norm");
      assertNear(found.entropies, expected.entropies, 1e-5, "entropy");
      assertNear(found.weights, expected.weights, 1e-4, "weight");
      assert.deepEqual(found.ids, expected.ids);
      assertNear(found.logprobs, expected.logprobs, 1e-4, "log-probability");
      assertNear(found.scores, expected.scores, 1e-4, "score");
    },
  });
}
