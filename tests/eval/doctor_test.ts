import assert from "node:assert/strict";
import type { Device, ProviderKind } from "../../agents/model/device.ts";
import { openDevice } from "../../agents/model/device.ts";
import { Recorder } from "../../data/recorder.ts";
import { databaseState, doctor, findProblems } from "../../eval/doctor.ts";
import {
  PROBE_TOLERANCE,
  probeDifference,
  type ProbeOutput,
  probeProviders,
  type ProviderState,
  runProbe,
} from "../../eval/provider_probe.ts";

const OUTPUT: ProbeOutput = { next_V: [-1, -2], turn_T: [-0.5, -0.25], ids_T: [1, 0] };
const HEALTHY = { path: "x", state: "absent", detail: "not there yet" } as const;

function works(provider: ProviderKind, maxDifference: number | null): ProviderState {
  const agrees = maxDifference === null ? null : maxDifference <= PROBE_TOLERANCE;
  return { provider, available: true, detail: "", maxDifference, agrees };
}

Deno.test("probeDifference() is the largest difference, and infinite where a value is missing or NaN", () => {
  assert.equal(probeDifference(OUTPUT, OUTPUT), 0);
  assert.equal(probeDifference(OUTPUT, { ...OUTPUT, next_V: [-1, -2.5] }), 0.5);
  assert.equal(probeDifference(OUTPUT, { ...OUTPUT, next_V: [-1] }), Infinity);
  assert.equal(probeDifference(OUTPUT, { ...OUTPUT, turn_T: [NaN, -0.25] }), Infinity);
});

Deno.test("probeDifference() compares greedy turns up to the token in which they part", () => {
  assert.equal(probeDifference(OUTPUT, { ...OUTPUT, ids_T: [1, 7], turn_T: [-0.5, -9] }), 0);
});

Deno.test("probeProviders() reports a provider that fails and compares the others with the first that works", async () => {
  const outputs: Partial<Record<ProviderKind, ProbeOutput>> = {
    wasm: OUTPUT,
    webgpu: { ...OUTPUT, next_V: [-1, -2.1] },
  };
  const states = await probeProviders({
    open: (kind) => {
      if (kind === "cpu") return Promise.reject(new Error("no library"));
      return Promise.resolve({ kind, name: `${kind} device` } as Device);
    },
    run: ({ kind }) => Promise.resolve(outputs[kind] ?? OUTPUT),
  });
  assert.deepEqual(states.map(({ provider, available, detail, agrees }) => [provider, available, detail, agrees]), [
    ["cpu", false, "no library", null],
    ["wasm", true, "wasm device", null],
    ["webgpu", true, "webgpu device", false],
  ]);
});

Deno.test("findProblems() names disagreement, a missing provider that was asked for, and a damaged database", () => {
  const missing: ProviderState = {
    provider: "webgpu",
    available: false,
    detail: "no adapter",
    maxDifference: null,
    agrees: null,
  };
  assert.deepEqual(findProblems([works("cpu", null), works("wasm", 1e-6), missing], HEALTHY, []), []);
  assert.match(
    findProblems([works("cpu", null), works("wasm", 0.01)], HEALTHY, []).join(),
    /wasm computes other logits than cpu/,
  );
  assert.match(
    findProblems([works("cpu", null), missing], HEALTHY, ["webgpu"]).join(),
    /asked for but does not work: no adapter/,
  );
  assert.match(findProblems([missing], HEALTHY, []).join(), /No execution provider works/);
  assert.deepEqual(findProblems([works("cpu", null)], { path: "x", state: "broken", detail: "damaged" }, []), [
    "damaged",
  ]);
});

Deno.test("databaseState() tells an absent file, a readable record, and a damaged file apart", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.equal((await databaseState(`${folder}/none/whet.duckdb`)).state, "absent");
    const recorder = await Recorder.open(`${folder}/whet.duckdb`);
    await recorder.close();
    const readable = await databaseState(`${folder}/whet.duckdb`);
    assert.equal(readable.state, "readable");
    assert.match(readable.detail, /^0 runs, 0 finished units of work, 0 rollouts, \d/);
    await Deno.writeFile(`${folder}/broken.duckdb`, new Uint8Array(8192).fill(7));
    assert.equal((await databaseState(`${folder}/broken.duckdb`)).state, "broken");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("runProbe() gives a normalised distribution, the same bits each time on the CPU", async () => {
  const device = await openDevice("cpu");
  const output = await runProbe(device);
  const mass = output.next_V.reduce((sum, logprob) => sum + Math.exp(logprob), 0);
  assert.ok(Math.abs(mass - 1) < 1e-5, String(mass));
  // The greedy turn's first token is the likeliest of the same distribution, computed by the other graph.
  const best = output.next_V.indexOf(Math.max(...output.next_V));
  assert.equal(output.ids_T[0], best);
  assert.ok(Math.abs((output.turn_T[0] ?? NaN) - (output.next_V[best] ?? NaN)) < 1e-5);
  assert.deepEqual(await runProbe(device), output);
});

Deno.test({
  name: "doctor() finds the CPU well and reports every provider",
  // WebGPU devices are never given back by the runtime.
  sanitizeResources: false,
  fn: async () => {
    const report = await doctor({ device: "cpu", workspace: "results/none" });
    assert.equal(report.ok, true, report.text);
    const json = report.json as unknown as {
      providers: ProviderState[];
      database: { state: string };
      versions: object;
    };
    assert.deepEqual(json.providers.map(({ provider }) => provider), ["cpu", "wasm", "webgpu"]);
    assert.equal(json.providers[0]?.available, true);
    assert.equal(json.database.state, "absent");
    assert.match(report.text, /All is well/);
  },
});
