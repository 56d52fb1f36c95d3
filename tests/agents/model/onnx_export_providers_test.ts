/**
 * An exported graph on the providers that a browser has, against golden logits.
 *
 * WebGPU is skipped where there is no adapter, unless WHET_REQUIRE_WEBGPU=1 asks for a failure.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Device, openDevice, ProviderError, type ProviderKind } from "../../../agents/model/device.ts";
import { loadHfModel, openHfFolder } from "../../../agents/model/hf_folder.ts";
import { readFloats } from "../../../agents/model/model.ts";
import { exportOnnx } from "../../../agents/model/onnx_export.ts";

const CHECKPOINT = "tests/fixtures/checkpoints/qwen3";

async function providerOrNone(kind: ProviderKind): Promise<Device | undefined> {
  try {
    return await openDevice(kind);
  } catch (error) {
    if (error instanceof ProviderError && Deno.env.get("WHET_REQUIRE_WEBGPU") !== "1") return undefined;
    throw error;
  }
}

/** Wider than on the CPU: GPUs sum in another order. */
const PROVIDER_TOLERANCE = { wasm: 1e-4, webgpu: 1e-3 } as const;

for (const kind of ["wasm", "webgpu"] as const) {
  const other = await providerOrNone(kind);
  Deno.test({
    name: `exportOnnx() writes a graph that gives the same logits on ${kind}`,
    ignore: other === undefined,
    fn: async () => {
      const [golden] = JSON.parse(await Deno.readTextFile(`${CHECKPOINT}/golden.json`)).sequences;
      const { ids, logits } = golden as { ids: readonly number[]; logits: readonly (readonly number[])[] };
      const model = await loadHfModel(await openDevice("cpu"), await openHfFolder(CHECKPOINT));
      const { keyValueHeads, headSize, layers } = model.config;
      const folder = await Deno.makeTempDir();
      try {
        await exportOnnx(model, `${folder}/out`);
        const session = await other!.session(await Deno.readFile(`${folder}/out/onnx/model.onnx`));
        const row = (values: readonly number[]) => other!.int64(BigInt64Array.from(values, BigInt), [1, values.length]);
        const empty = () => other!.float(new Float32Array(), [1, keyValueHeads, 0, headSize]);
        const past = Array.from({ length: layers }, (_, layer) => [
          [`past_key_values.${layer}.key`, empty()],
          [`past_key_values.${layer}.value`, empty()],
        ]).flat();
        const run = await session.run({
          input_ids: row(ids),
          attention_mask: row(ids.map(() => 1)),
          position_ids: row(ids.map((_, t) => t)),
          ...Object.fromEntries(past),
        });
        const own = await readFloats(run["logits"]!);
        const error = Math.max(...logits.flat().map((value, i) => Math.abs(value - own[i]!)));
        assert.ok(error < PROVIDER_TOLERANCE[kind], `off by ${error}`);
        await session.release();
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
      await model.release();
    },
  });
}
