import assert from "node:assert/strict";
import * as runtime from "onnxruntime-node";
import { nanoConfig } from "../../../agents/model/config.ts";
import { openDevice } from "../../../agents/model/device.ts";
import { loadHfModel, openHfFolder } from "../../../agents/model/hf_folder.ts";
import { LocalPolicy } from "../../../agents/model/local_policy.ts";
import { createModel } from "../../../agents/model/model.ts";
import { exportOnnx, OnnxExportError } from "../../../agents/model/onnx_export.ts";
import type { Tokenizer } from "../../../agents/policy.ts";

const CHECKPOINTS = "tests/fixtures/checkpoints";
const FAMILIES = ["llama", "llama3", "qwen2", "qwen3", "phi3"];
/** float32 against the float64 of the golden files, at logits of about 4. */
const TOLERANCE = 1e-4;

const { InferenceSession, Tensor } = "InferenceSession" in runtime
  ? runtime
  : (runtime as { default: typeof runtime }).default;
const device = await openDevice("cpu");

interface GoldenSequence {
  readonly ids: readonly number[];
  readonly logits: readonly (readonly number[])[];
}

async function goldenOf(family: string): Promise<readonly GoldenSequence[]> {
  return JSON.parse(await Deno.readTextFile(`${CHECKPOINTS}/${family}/golden.json`)).sequences;
}

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

type OpenSession = Awaited<ReturnType<typeof InferenceSession.create>>;
type Run = Awaited<ReturnType<OpenSession["run"]>>;

function int64(rows: readonly (readonly number[])[]) {
  return new Tensor("int64", BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]!.length]);
}

/** An exported model as a program that knows nothing of the project would use it. */
class Exported {
  private constructor(
    readonly session: OpenSession,
    readonly keyValueHeads: number,
    readonly headSize: number,
  ) {}

  static async open(folder: string): Promise<Exported> {
    const config = JSON.parse(await Deno.readTextFile(`${folder}/config.json`));
    const session = await InferenceSession.create(`${folder}/onnx/model.onnx`);
    const headSize = config.head_dim ?? config.hidden_size / config.num_attention_heads;
    return new Exported(session, config.num_key_value_heads, headSize);
  }

  /** One step; `mask` covers the past too. */
  async step(ids: readonly (readonly number[])[], mask: readonly (readonly number[])[], before?: Run): Promise<Run> {
    const positions = mask.map((row, r) => {
      let seen = 0;
      return row.map((one) => Math.max(0, (seen += one) - 1)).slice(row.length - ids[r]!.length);
    });
    const feeds: Record<string, InstanceType<typeof Tensor>> = {
      input_ids: int64(ids),
      attention_mask: int64(mask),
      position_ids: int64(positions),
    };
    for (const name of this.session.inputNames.filter((name) => name.startsWith("past_key_values."))) {
      const empty = new Tensor("float32", new Float32Array(), [ids.length, this.keyValueHeads, 0, this.headSize]);
      feeds[name] = (before?.[name.replace("past_key_values", "present")] as typeof empty | undefined) ?? empty;
    }
    return await this.session.run(feeds);
  }
}

/** Largest difference of the logits of one row's places to golden ones. */
function distance(run: Run, row: number, place: number, golden: readonly number[]): number {
  const { data, dims } = run["logits"]!;
  const [, S = 0, V = 0] = dims;
  const at = (row * S + place) * V;
  return Math.max(...golden.map((value, v) => Math.abs(value - (data as Float32Array)[at + v]!)));
}

for (const family of FAMILIES) {
  Deno.test(`exportOnnx() keeps the logits of a checkpoint, padded on either side and step by step (${family})`, async () => {
    const golden = await goldenOf(family);
    const model = await loadHfModel(device, await openHfFolder(`${CHECKPOINTS}/${family}`));
    await withFolder(async (folder) => {
      await exportOnnx(model, `${folder}/out`, { copyFrom: `${CHECKPOINTS}/${family}` });
      const exported = await Exported.open(`${folder}/out`);
      const longest = Math.max(...golden.map(({ ids }) => ids.length));
      for (const side of ["left", "right"]) {
        const pad = (length: number, value: number) => Array.from({ length: longest - length }, () => value);
        const put = (row: readonly number[], padding: number[]) =>
          side === "left" ? [...padding, ...row] : [...row, ...padding];
        const ids = golden.map((one) => put(one.ids, pad(one.ids.length, 7)));
        const mask = golden.map((one) => put(one.ids.map(() => 1), pad(one.ids.length, 0)));
        const run = await exported.step(ids, mask);
        golden.forEach((one, row) => {
          const first = side === "left" ? longest - one.ids.length : 0;
          one.logits.forEach((logits, t) => {
            const error = distance(run, row, first + t, logits);
            assert.ok(error < TOLERANCE, `${side}, row ${row}, token ${t}: off by ${error}`);
          });
        });
      }
      // A prompt of all but three tokens, then one token at a time. LongRoPE keeps the keys of a prompt that was short, so there
      // only a row that is long from the start can be compared.
      const rows = family === "phi3" ? golden.filter(({ ids }) => ids.length > 20 || ids.length <= 16) : golden;
      for (const { ids, logits } of rows) {
        const split = ids.length - 3;
        let run = await exported.step([ids.slice(0, split)], [ids.slice(0, split).map(() => 1)]);
        for (let t = split; t < ids.length; t++) {
          run = await exported.step([[ids[t]!]], [ids.slice(0, t + 1).map(() => 1)], run);
          const error = distance(run, 0, 0, logits[t]!);
          assert.ok(error < TOLERANCE, `step ${t}: off by ${error}`);
        }
      }
      await exported.session.release();
    });
    await model.release();
  });
}

const noText: Tokenizer = { vocabularySize: 96, specials: {}, encode: () => [], decode: () => "" };

Deno.test("exportOnnx() writes logits whose log-probabilities are those of score()", async () => {
  const config = nanoConfig(96, {
    embedsPrevious: false,
    layers: 2,
    width: 32,
    heads: 4,
    keyValueHeads: 2,
    headSize: 8,
    hidden: 48,
  });
  const model = await createModel(device, config, 3);
  const ids = Array.from({ length: 24 }, (_, i) => (i * 37) % 96);
  const [scores] = await new LocalPolicy(model, noText).score([ids]);
  await withFolder(async (folder) => {
    await exportOnnx(model, `${folder}/out`);
    const exported = await Exported.open(`${folder}/out`);
    const run = await exported.step([ids], [ids.map(() => 1)]);
    const logits = run["logits"]!.data as Float32Array;
    ids.slice(1).forEach((id, t) => {
      const row = logits.subarray(t * 96, (t + 1) * 96);
      const logprob = row[id]! - Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
      assert.ok(Math.abs(logprob - scores![t + 1]!) < 1e-5);
    });
    await exported.session.release();
  });
  await model.release();
});

Deno.test("exportOnnx() puts large weights into files beside the graph, which give the same logits", async () => {
  const [golden] = await goldenOf("qwen2");
  const model = await loadHfModel(device, await openHfFolder(`${CHECKPOINTS}/qwen2`));
  await withFolder(async (folder) => {
    await exportOnnx(model, `${folder}/out`, { maxInlineBytes: 0, maxFileBytes: 30_000 });
    const names: string[] = [];
    for await (const { name } of Deno.readDir(`${folder}/out/onnx`)) names.push(name);
    const count = names.length - 1;
    assert.ok(count > 1 && names.includes("model.onnx_data") && names.includes(`model.onnx_data_${count - 1}`));
    const config = JSON.parse(await Deno.readTextFile(`${folder}/out/config.json`));
    assert.deepEqual(config["transformers.js_config"], { use_external_data_format: { "model.onnx": count } });
    const exported = await Exported.open(`${folder}/out`);
    const run = await exported.step([golden!.ids], [golden!.ids.map(() => 1)]);
    golden!.logits.forEach((logits, t) => assert.ok(distance(run, 0, t, logits) < TOLERANCE));
    await exported.session.release();
  });
  await model.release();
});

for (const family of ["qwen2", "llama3"]) {
  Deno.test(`exportOnnx() writes a folder from which transformers.js draws the policy's own greedy tokens (${family})`, async () => {
    const model = await loadHfModel(device, await openHfFolder(`${CHECKPOINTS}/${family}`));
    const prompts = [[4, 92, 38, 77, 56, 11, 60], [9, 31, 5], [50]];
    const most = 12;
    const own: (readonly number[])[] = [];
    await new LocalPolicy(model, noText).converse(
      prompts.map((promptIds, i) => ({
        key: [i],
        promptIds,
        onTurn: ({ ids }) => {
          own[i] = ids;
          return Promise.resolve(null);
        },
      })),
      { sampling: { temperature: 0 }, maxTurnTokens: most, stopIds: [] },
    );
    await withFolder(async (folder) => {
      const external = family === "llama3" ? { maxInlineBytes: 0, maxFileBytes: 30_000 } : {};
      await exportOnnx(model, `${folder}/tiny`, { copyFrom: `${CHECKPOINTS}/${family}`, ...external });
      const { AutoModelForCausalLM, env, Tensor } = await import("@huggingface/transformers");
      Object.assign(env, { allowRemoteModels: false, localModelPath: `${folder}/`, useFSCache: false });
      const loaded = await AutoModelForCausalLM.from_pretrained("tiny", { dtype: "fp32", local_files_only: true });
      const tensor = (rows: number[][]) =>
        new Tensor("int64", BigInt64Array.from(rows.flat(), BigInt), [rows.length, 7]);
      const generated = await loaded.generate(
        {
          input_ids: tensor(prompts.map((ids) => [...Array(7 - ids.length).fill(0), ...ids])),
          attention_mask: tensor(prompts.map((ids) => [...Array(7 - ids.length).fill(0), ...ids.map(() => 1)])),
          max_new_tokens: most,
          do_sample: false,
          // The checkpoint's own defaults, which are exported too, would change the choice.
          repetition_penalty: 1,
          eos_token_id: null,
        } as unknown as Parameters<typeof loaded.generate>[0],
      );
      assert.ok(generated instanceof Tensor);
      const rows = (generated.tolist() as bigint[][]).map((row) => row.slice(7).map(Number));
      assert.deepEqual(rows, own);
      await loaded.dispose();
    });
    await model.release();
  });
}

Deno.test("exportOnnx() refuses what it cannot write as it is", async () => {
  const config = nanoConfig(16, { layers: 1, width: 8, heads: 1, keyValueHeads: 1, headSize: 8, hidden: 8 });
  await withFolder(async (folder) => {
    const nano = await createModel(device, config, 1);
    await assert.rejects(exportOnnx(nano, `${folder}/out`), /embeds the token before/);
    const plain = await createModel(device, { ...config, embedsPrevious: false }, 1);
    await exportOnnx(plain, `${folder}/out`);
    await assert.rejects(exportOnnx(plain, `${folder}/out`), (error) => {
      assert.ok(error instanceof OnnxExportError);
      assert.match(error.message, /must not exist yet, or be empty/);
      return true;
    });
    const adapted = plain.withAdapter({ rank: 2, alpha: 2, targets: ["query"] }, 1);
    await assert.rejects(exportOnnx(adapted, `${folder}/other`), /merge it first/);
    const left: string[] = [];
    for await (const { name } of Deno.readDir(folder)) left.push(name);
    assert.deepEqual(left, ["out"]);
  });
});
