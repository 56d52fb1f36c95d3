/**
 * PEFT folders: adapters that peft wrote, with its log-probabilities, and adapters written here.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type AdapterSpec, PROJECTIONS } from "../../../agents/model/adapter.ts";
import { openDevice } from "../../../agents/model/device.ts";
import { sequenceGraph } from "../../../agents/model/decoder.ts";
import type { Model } from "../../../agents/model/model.ts";
import { loadPeftAdapter, PeftFolderError, savePeftAdapter } from "../../../agents/model/peft_folder.ts";
import { openSafetensors } from "../../../agents/model/safetensors.ts";
import { SequencePacker } from "../../../agents/model/sequence_batch.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";
import { FAMILIES, type Family, fixture, golden, tinyCheckpoint } from "../../train/_tiny_checkpoint.ts";

const device = await openDevice("cpu");

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Log-probabilities of all tokens but the first of each sequence. */
async function logprobs(model: Model, sequences: readonly (readonly number[])[]): Promise<number[]> {
  const rows = sequences.map((ids) => ({ ids, wanted: ids.map((_, t) => t).slice(1) }));
  const { graph, logprobs_M } = sequenceGraph(model.config, "test", model.adapter?.spec);
  graph.output("logprobs", logprobs_M);
  const session = await device.session(graph.serialize());
  const results = await session.run({
    ...model.feeds(),
    ...new SequencePacker(device, model.config).pack(rows, 32),
    inverse_temperature: device.float(Float32Array.of(1), []),
  });
  await session.release();
  return [...results["logprobs"]!.data as Float32Array];
}

function assertNear(found: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(found.length, expected.length);
  for (const [i, value] of found.entries()) {
    assert.ok(Math.abs(value - expected[i]!) <= tolerance, `entry ${i} is ${value}, expected ${expected[i]}`);
  }
}

/** With an adapter in which every number matters. */
function adapted(base: Model, spec: AdapterSpec): Model {
  const random = keyedRandom("peft-test");
  const fresh = base.withAdapter(spec, 1);
  return base.withAdapterValues(
    spec,
    new Map(
      fresh.trainable().map(({ name, shape: [rows = 0, columns = 0] }) => {
        return [name, Float32Array.from({ length: rows * columns }, () => 0.3 * random.normal())];
      }),
    ),
  );
}

const SPECS: Readonly<Record<string, AdapterSpec>> = {
  // Attention and feed-forward part alike.
  llama: { rank: 4, alpha: 6, targets: ["query", "key", "value", "attention_out", "gate", "up", "down"] },
  // The widest rank, 3, and its scale 3 / sqrt(3), which is alpha / rank for alpha = 3 sqrt(3).
  qwen2: { rank: 3, alpha: 5.19615242271, targets: ["query", "value", "down"] },
  // Fused projections share A, so every part has the fused adapter's rank.
  phi3: { rank: 3, alpha: 4, targets: ["query", "key", "value", "attention_out", "gate", "up", "down"] },
};

for (const family of ["llama", "qwen2", "phi3"] as const) {
  Deno.test(`loadPeftAdapter() gives peft's log-probabilities when the family is ${family}`, async () => {
    const base = await tinyCheckpoint(device, family);
    const { sequences } = await golden(`peft_${family}`);
    const model = await loadPeftAdapter(device, base, fixture(`peft_${family}`));
    assert.deepEqual(model.adapter?.spec, SPECS[family]);
    const ids = sequences.map((row) => row.ids);
    const expected = sequences.flatMap((row) => row.logprobs);
    assertNear(await logprobs(model, ids), expected, 2e-5);
    assertNear(await logprobs(await model.mergeAdapter(), ids), expected, 2e-5);
    const without = await logprobs(base, ids);
    assert.ok(without.some((value, i) => Math.abs(value - expected[i]!) > 0.5), "the adapter must matter");
  });
}

for (const family of FAMILIES) {
  for (const targets of [[...PROJECTIONS], ["query", "value"] as const]) {
    Deno.test(`savePeftAdapter() writes what loadPeftAdapter() reads bit for bit when the family is ${family} and the targets are ${targets}`, async () => {
      await inFolder(async (folder) => {
        const base = await tinyCheckpoint(device, family);
        const model = adapted(base, { rank: 3, alpha: 5, targets });
        await savePeftAdapter(model, `${folder}/adapter`, { baseModel: "someone/model" });
        const again = await loadPeftAdapter(device, base, `${folder}/adapter`);
        assert.deepEqual(again.adapter?.spec, model.adapter?.spec);
        assert.equal(await again.fingerprint(), await model.fingerprint());
      });
    });
  }
}

Deno.test("savePeftAdapter() uses PEFT's names, shapes and fields, with fused projections in one adapter", async () => {
  await inFolder(async (folder) => {
    const base = await tinyCheckpoint(device, "phi3");
    await savePeftAdapter(adapted(base, { rank: 2, alpha: 3, targets: ["query", "value", "down"] }), folder);
    const config = JSON.parse(await Deno.readTextFile(`${folder}/adapter_config.json`));
    assert.deepEqual(config.target_modules, ["qkv_proj", "down_proj"]);
    assert.deepEqual([config.r, config.lora_alpha, config.peft_type, config.task_type], [2, 3, "LORA", "CAUSAL_LM"]);
    assert.deepEqual([config.rank_pattern, config.alpha_pattern], [{ qkv_proj: 4 }, { qkv_proj: 6 }]);
    using reader = await openSafetensors(`${folder}/adapter_model.safetensors`);
    const shapes = Object.fromEntries([...reader.entries].map(([name, { shape }]) => [name, shape]));
    // 2 query heads and 1 key head of width 16: 32 + 16 + 16 results.
    assert.deepEqual(shapes["base_model.model.model.layers.1.self_attn.qkv_proj.lora_A.weight"], [4, 32]);
    assert.deepEqual(shapes["base_model.model.model.layers.1.self_attn.qkv_proj.lora_B.weight"], [64, 4]);
    assert.deepEqual(shapes["base_model.model.model.layers.0.mlp.down_proj.lora_A.weight"], [2, 48]);
    assert.deepEqual(Object.keys(shapes).length, 8);
    await assert.rejects(savePeftAdapter(base, folder), /the model must have an adapter, it has none/);
  });
});

/** A copy of a family's PEFT fixture with other fields. */
async function changed(folder: string, family: Family, fields: Readonly<Record<string, unknown>>): Promise<string> {
  const config = JSON.parse(await Deno.readTextFile(fixture(`peft_${family}/adapter_config.json`)));
  await Deno.writeTextFile(`${folder}/adapter_config.json`, JSON.stringify({ ...config, ...fields }));
  await Deno.copyFile(fixture(`peft_${family}/adapter_model.safetensors`), `${folder}/adapter_model.safetensors`);
  return folder;
}

Deno.test("loadPeftAdapter() throws PeftFolderError naming the field or tensor when an adapter cannot be had", async () => {
  await inFolder(async (folder) => {
    const base = await tinyCheckpoint(device, "llama");
    const refuse = async (fields: Readonly<Record<string, unknown>>, message: RegExp) => {
      await assert.rejects(loadPeftAdapter(device, base, await changed(folder, "llama", fields)), (error) => {
        assert.ok(error instanceof PeftFolderError);
        assert.match(error.message, message);
        return true;
      });
    };
    await refuse({ use_dora: true }, /adapter_config\.json: use_dora is true/);
    await refuse({ modules_to_save: ["lm_head"] }, /modules_to_save is \["lm_head"\]/);
    await refuse({ bias: "all" }, /bias/);
    await refuse({ peft_type: "IA3" }, /peft_type/);
    await refuse({ r: undefined }, /at r/);
    await assert.rejects(
      loadPeftAdapter(device, base, `${folder}/nowhere`),
      /nowhere\/adapter_config\.json: it must be/,
    );
    await changed(folder, "llama", {});
    await Deno.writeTextFile(`${folder}/adapter_model.safetensors`, "short");
    await assert.rejects(loadPeftAdapter(device, base, folder), /Cannot read an adapter's weights/);
    const qwen = await tinyCheckpoint(device, "qwen3");
    await assert.rejects(
      loadPeftAdapter(device, qwen, fixture("peft_llama")),
      /layers\.0\.self_attn\.\w_proj\.lora_.\.weight of .*: its shape must be/,
    );
    await assert.rejects(
      loadPeftAdapter(device, base, fixture("peft_phi3")),
      /the model has adapters of self_attn\.q_proj, self_attn\.k_proj, .* only/,
    );
  });
});
