import assert from "node:assert/strict";
import { initialWeights, nanoConfig } from "../../../agents/model/config.ts";
import { decodingGraph } from "../../../agents/model/decoding_graph.ts";
import { openDevice } from "../../../agents/model/device.ts";
import { modelFromValues } from "../../../agents/model/model.ts";
import type { Precision } from "../../../agents/model/precision.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";

const [V, K, d, S, R] = [23, 2, 6, 5, 3];

for (const chunk of [1, 4]) {
  Deno.test(`decodingGraph() with mixed precision gives float32's probabilities, keys and values but for rounding when it takes ${chunk} tokens`, async () => {
    const device = await openDevice("cpu");
    const sizes = { width: 12, layers: 2, heads: 4, keyValueHeads: K, headSize: d, hidden: 20, contextTokens: 32 };
    const config = nanoConfig(V, sizes);
    const model = modelFromValues(device, config, initialWeights(config, 3));
    const random = keyedRandom("decoding-precision-test", chunk);
    const ids = Int32Array.from({ length: R * chunk }, () => random.int(0, V - 1));
    const normal = (...shape: number[]) => {
      return device.float(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()), shape);
    };
    const feeds = {
      ...model.feeds(),
      ids: device.int32(ids, [R, chunk]),
      previous: device.int32(ids.toReversed(), [R, chunk]),
      positions: device.int64(BigInt64Array.from(ids, (_, i) => BigInt(S + i % chunk)), [R, chunk]),
      last: device.int32(Int32Array.from({ length: R }, (_, r) => (r + 1) * chunk - 1), [R]),
      cache_mask: device.float(new Float32Array(R * S), [R, 1, 1, S]),
      inverse_temperature: device.float(Float32Array.of(1), []),
      ...Object.fromEntries([0, 1].flatMap((layer) => [
        [`key_cache.${layer}`, normal(R, K, d, S)],
        [`value_cache.${layer}`, normal(R, K, S, d)],
      ])),
    };
    const run = async (precision: Precision) => {
      const session = await device.session(decodingGraph(config, chunk, undefined, { precision }).serialize());
      const results = await session.run(feeds);
      await session.release();
      return results;
    };
    const [exact, mixed] = [await run("float32"), await run("mixed")];
    let worst = 0;
    for (const [name, { data }] of Object.entries(exact)) {
      const other = mixed[name]!.data;
      for (const [i, value] of (data as Float32Array).entries()) {
        worst = Math.max(worst, Math.abs(Number(other[i]) - value) / (1 + Math.abs(value)));
      }
    }
    assert.ok(worst > 0 && worst < 5e-3, `a result is off by ${worst}`);
    await model.release();
  });
}
