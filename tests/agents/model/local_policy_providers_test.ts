/**
 * One decoding suite for every execution provider, compared with native CPU; and what leaves a GPU while it decodes.
 *
 * Caches grow and shrink, slots move, prompts are shared. WebGPU is skipped where there is no adapter, unless WHET_REQUIRE_WEBGPU=1
 * asks for a failure. Log-probabilities may differ by 1e-4: 24 numbers are summed in another order, in exponents of other rounding.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Device, openDevice, ProviderError, type ProviderKind } from "../../../agents/model/device.ts";
import { LocalPolicy } from "../../../agents/model/local_policy.ts";
import { trafficBytes, trafficSince } from "../../../agents/model/traffic.ts";
import { LETTERS, LIVELY_CONFIG, livelyModel, seenConversation, seenConversations } from "./_lively_model.ts";

const TOLERANCE = 1e-4;

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

/** Ids and log-probabilities of conversations in few slots, with truncation, and of greedy ones. */
async function exercise(device: Device) {
  const model = livelyModel(device);
  const policy = new LocalPolicy(model, LETTERS, { slots: 3 });
  const sampled = seenConversations(6);
  const options = { sampling: { temperature: 1, topP: 0.95 }, maxTurnTokens: 5, stopIds: [0] };
  await policy.converse(sampled.map(({ conversation }) => conversation), options);
  const greedy = [0, 1, 2].map((i) => seenConversation(i, i === 2 ? [9] : Array(120).fill(3), 2));
  const plain = { sampling: { temperature: 0 }, maxTurnTokens: 6, stopIds: [] };
  await policy.converse(greedy.map(({ conversation }) => conversation), plain);
  const turns = [...sampled, ...greedy].flatMap(({ turns }) => turns);
  const scores = await policy.scoreContinuations([1, 2, 3, 4, 5], [[6, 7], [8, 9, 10]]);
  const { stats } = policy;
  await model.release();
  return {
    ids: turns.map(({ ids }) => ids),
    logprobs: [...turns.flatMap(({ logprobs }) => logprobs), ...scores.flat()],
    thresholds: turns.flatMap(({ thresholds = [] }) => thresholds),
    stats,
  };
}

function assertNear(found: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(found.length, expected.length, what);
  for (const [i, value] of found.entries()) {
    const near = value === expected[i] || Math.abs(value - expected[i]!) <= TOLERANCE;
    assert.ok(near, `${what}[${i}] is ${value}, on CPU ${expected[i]}`);
  }
}

let onCpu: ReturnType<typeof exercise> | undefined;

for (const kind of ["cpu", "wasm", "webgpu"] as const) {
  const device = await open(kind);
  Deno.test({
    name: `LocalPolicy decodes as on native CPU when the provider is ${kind}`,
    ignore: device === undefined,
    // The GPU device is held for the life of the process.
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      if (device === undefined) return;
      onCpu ??= openDevice("cpu").then(exercise);
      const [expected, found] = [await onCpu, await exercise(device)];
      assert.deepEqual(found.ids, expected.ids);
      assertNear(found.logprobs, expected.logprobs, "log-probability");
      assertNear(found.thresholds, expected.thresholds, "threshold");
      // Rows without a conversation are a provider's own affair.
      assert.deepEqual({ ...found.stats, rows: 0 }, { ...expected.stats, rows: 0 });
    },
  });
  Deno.test({
    name: `Device.traffic() shows that only probabilities leave and only places come while ${kind} decodes`,
    ignore: device === undefined,
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      if (device === undefined) return;
      const model = livelyModel(device);
      const policy = new LocalPolicy(model, LETTERS, { slots: 4 });
      const before = device.traffic();
      const records = [0, 1, 2, 3].map((i) => seenConversation(i, Array(120).fill(3)));
      const options = { sampling: { temperature: 1 }, maxTurnTokens: 13, stopIds: [] };
      await policy.converse(records.map(({ conversation }) => conversation), options);
      const { up, down } = trafficSince(before, device.traffic());
      await model.release();
      if (kind !== "webgpu") return assert.deepEqual([up, down], [{}, {}]);
      // Two prefill runs of one row and twelve steps of eight rows; the cache grows on the way.
      const rows = 2 + 12 * 8;
      assert.deepEqual(down, { probabilities: { count: 14, bytes: rows * LIVELY_CONFIG.vocabularySize * 4 } });
      const inputs = ["cache_mask", "ids", "inverse_temperature", "last", "places", "positions", "previous"];
      assert.deepEqual(Object.keys(up).sort(), inputs);
      // The cache of one row alone is 64 kB; most of what goes up is the mask of its places.
      assert.ok(trafficBytes(up) / 14 < 10_000, `${trafficBytes(up)} bytes`);
    },
  });
}
