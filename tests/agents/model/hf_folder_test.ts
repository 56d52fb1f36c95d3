/**
 * Checkpoint folders: saving what was loaded, and what is refused.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type ModelConfig, nanoConfig } from "../../../agents/model/config.ts";
import { sequenceGraph } from "../../../agents/model/decoder.ts";
import { openDevice } from "../../../agents/model/device.ts";
import { HfFolderError, loadHfModel, openHfFolder, saveHfModel } from "../../../agents/model/hf_folder.ts";
import { LocalPolicy } from "../../../agents/model/local_policy.ts";
import { createModel } from "../../../agents/model/model.ts";
import { openSafetensors, writeSafetensors } from "../../../agents/model/safetensors.ts";
import { FAMILIES, FIXTURES, load, TOKENIZER, worstDifference } from "./_checkpoints.ts";

const cpu = await openDevice("cpu");

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const STORED = { llama: "F32", llama3: "BF16", qwen2: "F16", qwen3: "F32", phi3: "BF16" } as const;

for (const family of FAMILIES) {
  Deno.test(`saveHfModel() writes what loadHfModel() reads back bit for bit when the model is ${family}`, () =>
    inFolder(async (folder) => {
      const model = await load(cpu, family);
      const options = { dtype: STORED[family], copyFrom: `${FIXTURES}/${family}` };
      await saveHfModel(model, `${folder}/one`, options);
      await saveHfModel(model, `${folder}/many`, { ...options, maxShardBytes: 9000 });
      const files = [...Deno.readDirSync(`${folder}/many`)].map((entry) => entry.name);
      assert.ok(files.filter((name) => /^model-\d{5}-of-\d{5}\.safetensors$/.test(name)).length > 3);
      using own = await openSafetensors(`${folder}/many`);
      using theirs = await openSafetensors(`${FIXTURES}/${family}`);
      assert.deepEqual([...own.entries.keys()].sort(), [...theirs.entries.keys()].sort());
      for (const name of own.entries.keys()) assert.deepEqual(await own.tensor(name), await theirs.tensor(name), name);
      for (const kind of ["one", "many"]) {
        const opened = await openHfFolder(`${folder}/${kind}`);
        assert.deepEqual(opened.config, model.config);
        assert.deepEqual(opened.generation, (await openHfFolder(`${FIXTURES}/${family}`)).generation);
        const back = await loadHfModel(cpu, opened);
        assert.equal(await back.fingerprint(), await model.fingerprint());
        await back.release();
      }
      await model.release();
    }));
}

const NANO = { width: 32, layers: 1, heads: 4, keyValueHeads: 2, headSize: 8, hidden: 48, contextTokens: 64 } as const;

Deno.test("saveHfModel() writes a Llama with the same log-probabilities when nano does not embed previous tokens", () =>
  inFolder(async (folder) => {
    const model = await createModel(cpu, nanoConfig(96, { ...NANO, embedsPrevious: false }), 7);
    await saveHfModel(model, `${folder}/out`);
    const opened = await openHfFolder(`${folder}/out`);
    assert.equal(opened.config.family, "llama");
    const ids = [[1, 50, 3, 95, 0, 7]];
    const back = new LocalPolicy(await loadHfModel(cpu, opened), TOKENIZER);
    const [own, theirs] = [await new LocalPolicy(model, TOKENIZER).score(ids), await back.score(ids)];
    assert.ok(worstDifference(own[0]!, theirs[0]!) < 1e-6);
  }));

Deno.test("saveHfModel() leaves nothing behind when the model or the place does not fit", () =>
  inFolder(async (folder) => {
    const nano = await createModel(cpu, nanoConfig(96, NANO), 7);
    await assert.rejects(saveHfModel(nano, `${folder}/out`), /embedsPrevious must be false.*no counterpart/);
    const model = await load(cpu, "llama");
    await Deno.mkdir(`${folder}/full`);
    await Deno.writeTextFile(`${folder}/full/notes.txt`, "mine");
    await assert.rejects(saveHfModel(model, `${folder}/full`), /not exist yet, or be an empty folder, got notes\.txt/);
    const adapted = model.withAdapter({ rank: 2, alpha: 4, targets: ["query"] }, 1);
    await assert.rejects(saveHfModel(adapted, `${folder}/out`), /without an adapter.*mergeAdapter/);
    assert.deepEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), ["full"]);
  }));

/** A copy of a one-file fixture with its tensors or its configuration changed. */
async function altered(
  folder: string,
  change: {
    readonly drop?: string;
    readonly add?: Readonly<Record<string, readonly number[]>>;
    readonly config?: Readonly<Record<string, unknown>>;
  },
): Promise<string> {
  const raw = JSON.parse(await Deno.readTextFile(`${FIXTURES}/qwen2/config.json`));
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify({ ...raw, ...change.config }));
  using reader = await openSafetensors(`${FIXTURES}/qwen2`);
  const kept = await Promise.all(
    [...reader.entries].filter(([name]) => name !== change.drop).map(async ([name, { shape }]) => {
      return { name, shape, values: await reader.tensor(name) };
    }),
  );
  const added = Object.entries(change.add ?? {}).map(([name, shape]) => {
    return { name, shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
  });
  const all = [...kept, ...added].map(({ name, shape, values }) => {
    const pieces = async function* () {
      yield await Promise.resolve(values);
    };
    return { name, shape, type: "F32" as const, values: pieces };
  });
  await writeSafetensors(`${folder}/model.safetensors`, all);
  return folder;
}

const QUERY = "model.layers.1.self_attn.q_proj.weight";
const BROKEN: Readonly<Record<string, readonly [Parameters<typeof altered>[1], RegExp]>> = {
  "lacks a tensor": [{ drop: QUERY }, /tensor model\.layers\.1\.self_attn\.q_proj\.weight of .*as \[32,32\]/],
  "lacks its untied head": [{ config: { tie_word_embeddings: false } }, /lm_head\.weight.*tie_word_embeddings: true/],
  "has a tensor of another shape": [
    { drop: QUERY, add: { [QUERY]: [16, 32] } },
    /q_proj\.weight must have shape \[32,32\], got \[16,32\]/,
  ],
  "has a tensor that the model has not": [
    { add: { "model.layers.0.self_attn.q_norm.weight": [8] } },
    /q_norm\.weight.*qwen2 model.*shape \[8\]/,
  ],
  "has fewer layers than it says": [
    { config: { num_hidden_layers: 3 } },
    /layers\.2\.input_layernorm\.weight and 11 more/,
  ],
  "has a second, different head though it is tied": [
    { add: { "lm_head.weight": [96, 32] } },
    /lm_head\.weight.*equal to model\.embed_tokens\.weight/,
  ],
};

for (const [what, [change, message]] of Object.entries(BROKEN)) {
  Deno.test(`loadHfModel() names the tensor when a folder ${what}`, () =>
    inFolder(async (folder) => {
      const opened = await openHfFolder(await altered(folder, change));
      await assert.rejects(loadHfModel(cpu, opened), (error: Error) => {
        assert.ok(error instanceof HfFolderError);
        assert.match(error.message, message);
        return true;
      });
    }));
}

Deno.test("loadHfModel() reads no rotary frequencies when an old checkpoint holds them", () =>
  inFolder(async (folder) => {
    const change = { add: { "model.layers.0.self_attn.rotary_emb.inv_freq": [4] } };
    const model = await loadHfModel(cpu, await openHfFolder(await altered(folder, change)));
    const original = await load(cpu, "qwen2");
    assert.equal(await model.fingerprint(), await original.fingerprint());
  }));

Deno.test("openHfFolder() says what is missing when there is no folder or no configuration", () =>
  inFolder(async (folder) => {
    await assert.rejects(openHfFolder(`${folder}/none`), /none: it must be a folder with config\.json.*no such folder/);
    await assert.rejects(openHfFolder(folder), /config\.json: it must exist, got no such file/);
    await Deno.writeTextFile(`${folder}/config.json`, "{");
    await assert.rejects(openHfFolder(folder), /config\.json: it must hold JSON/);
  }));

Deno.test("openHfFolder() takes ends of sequence from generation_config.json and else from config.json", () =>
  inFolder(async (folder) => {
    assert.deepEqual((await openHfFolder(`${FIXTURES}/llama3`)).generation, {
      eosIds: [2, 5],
      temperature: 0.6,
      topP: 0.9,
    });
    assert.deepEqual((await openHfFolder(await altered(folder, {}))).generation, { eosIds: [2] });
  }));

Deno.test("sequenceGraph() of nano has the same bytes with the options of published families at their defaults", () => {
  const bytes = (changes: Partial<ModelConfig>) =>
    sequenceGraph({ ...nanoConfig(97, { ...NANO, layers: 2 }), ...changes }).graph.serialize();
  const defaults = { attentionBias: "none", feedBias: false, queryKeyNorm: false } as const;
  assert.deepEqual(bytes(defaults), bytes({}));
  assert.notDeepEqual(bytes({ queryKeyNorm: true }), bytes({}));
});
