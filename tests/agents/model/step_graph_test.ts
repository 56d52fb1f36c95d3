/**
 * The graph of a step with few operators: it computes what the general one does.
 *
 * @module
 */
import assert from "node:assert/strict";
import { initialWeights, type ModelConfig, nanoConfig } from "../../../agents/model/config.ts";
import { decodingGraph } from "../../../agents/model/decoding_graph.ts";
import { openDevice } from "../../../agents/model/device.ts";
import { modelFromValues } from "../../../agents/model/model.ts";
import { hasStepGraph, stepGraph } from "../../../agents/model/step_graph.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";

const SIZES = { width: 24, layers: 3, heads: 4, keyValueHeads: 2, headSize: 6, hidden: 20, contextTokens: 64 };
const CONFIGS: readonly (readonly [string, ModelConfig])[] = [
  ["as nano is", nanoConfig(31, SIZES)],
  ["with an untied head and no previous token", nanoConfig(31, { ...SIZES, tiedHead: false, embedsPrevious: false })],
  ["with biases", nanoConfig(31, { ...SIZES, attentionBias: "all", feedBias: true })],
  ["with a key head per query head", nanoConfig(31, { ...SIZES, keyValueHeads: 4 })],
  ["with one key head", nanoConfig(31, { ...SIZES, keyValueHeads: 1 })],
];
const [R, S] = [5, 32];

for (const [what, config] of CONFIGS) {
  Deno.test(`stepGraph() gives decodingGraph()'s probabilities, keys and values up to rounding when the model is ${what}`, async () => {
    assert.ok(hasStepGraph(config));
    const device = await openDevice("cpu");
    const { keyValueHeads: K, headSize: d, layers } = config;
    const random = keyedRandom("step-graph-test", what);
    const weights = initialWeights(config, 3);
    for (const values of weights.values()) for (const i of values.keys()) values[i]! += 0.2 * random.normal();
    const model = modelFromValues(device, config, weights);
    const ids = Int32Array.from({ length: R }, () => random.int(0, 30));
    const lengths = Array.from({ length: R }, () => random.int(0, S));
    const mask = Float32Array.from({ length: R * S }, (_, i) => (i % S < lengths[Math.floor(i / S)]! ? 0 : -1e9));
    const caches = Object.fromEntries(
      Array.from({ length: layers }, (_, layer) => [`key_cache.${layer}`, `value_cache.${layer}`]).flat().map((
        name,
      ) => [
        name,
        Float32Array.from({ length: R * K * S * d }, () => random.normal()),
      ]),
    );
    const cacheFeeds = (shape: readonly number[]) => {
      return Object.fromEntries(Object.entries(caches).map(([name, data]) => [name, device.float(data, shape)]));
    };
    const common = {
      ...model.feeds(),
      positions: device.int64(BigInt64Array.from(lengths, BigInt), [R, 1]),
      inverse_temperature: device.float(Float32Array.of(1 / 0.7), []),
    };
    const general = await device.session(decodingGraph(config, 1, undefined, { host: true }).serialize());
    const expected = await general.run({
      ...common,
      ...cacheFeeds([R, K, S, d]),
      ids: device.int32(ids, [R, 1]),
      previous: device.int32(ids.toReversed(), [R, 1]),
      last: device.int32(Int32Array.from({ length: R }, (_, r) => r), [R]),
      cache_mask: device.float(mask, [R, 1, 1, S]),
    });
    const few = await device.session(stepGraph(config).serialize());
    const found = await few.run({
      ...common,
      ...cacheFeeds([R, K, 1, S, d]),
      ids: device.int32(ids, [R]),
      ...(config.embedsPrevious ? { previous: device.int32(ids.toReversed(), [R]) } : {}),
      cut: device.int64(BigInt64Array.of(BigInt(S), 1n), [2]),
      cache_mask: device.float(mask, [R, 1, 1, 1, S]),
    });
    for (const name of ["probabilities", "made"]) {
      const [a, b] = [expected[name]!.data as Float32Array, found[name]!.data as Float32Array];
      assert.equal(a.length, b.length);
      assert.ok(a.length > 0 && new Set(a).size > 10);
      const worst = Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
      assert.ok(worst < 2e-5, `${name} is off by ${worst}`);
    }
    for (const session of [general, few]) await session.release();
    await model.release();
  });
}

Deno.test("hasStepGraph() refuses models that the graph leaves something out of", () => {
  for (const more of [{ queryKeyNorm: true }, { slidingWindow: 8 }, { family: "llama" as const }]) {
    assert.ok(!hasStepGraph(nanoConfig(31, { ...SIZES, ...more })));
  }
});
