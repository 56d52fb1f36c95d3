import assert from "node:assert/strict";
import { openDevice } from "../../agents/model/device.ts";
import { loadHfModel, openHfFolder } from "../../agents/model/hf_folder.ts";
import { LocalPolicy } from "../../agents/model/local_policy.ts";
import { exportOnnx } from "../../agents/model/onnx_export.ts";
import type { Policy, Sampling, Turn } from "../../agents/policy.ts";
import { embedTexts, openTransformersPolicy, TransformersError } from "../../agents/transformers_policy.ts";
import { standInTokenizer } from "../../agents/stand_in_tokenizer.ts";
import { writeCheckpoint } from "../eval/_checkpoint.ts";

const QWEN2 = new URL("../fixtures/checkpoints/qwen2", import.meta.url).pathname;

/** Two turns of two conversations. */
async function turns(policy: Policy, sampling: Sampling): Promise<Turn[]> {
  const found: Turn[] = [];
  const conversations = [[4, 92, 38], [9, 31, 5, 7]].map((promptIds, i) => {
    let turn = 0;
    return {
      key: ["t", i],
      promptIds,
      onTurn: (one: Turn) => {
        found[2 * i + turn] = one;
        return Promise.resolve(++turn === 1 ? [11, 12] : null);
      },
    };
  });
  await policy.converse(conversations, { sampling, maxTurnTokens: 6, stopIds: [3] });
  return found;
}

Deno.test("openTransformersPolicy() draws the tokens and log-probabilities of the local policy on the same weights", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const model = await loadHfModel(await openDevice("cpu"), await openHfFolder(QWEN2));
    await exportOnnx(model, `${folder}/tiny`, { copyFrom: QWEN2 });
    const tokenizer = { ...standInTokenizer(), vocabularySize: 96, encode: () => [], decode: () => "" };
    const [ours, theirs] = [
      new LocalPolicy(model, tokenizer),
      await openTransformersPolicy(`${folder}/tiny`, { tokenizer }),
    ];
    assert.equal(theirs.contextTokens, ours.contextTokens);
    for (const sampling of [{ temperature: 0 }, { temperature: 0.7 }, { temperature: 1, topP: 0.8, topK: 20 }]) {
      const [expected, found] = [await turns(ours, sampling), await turns(theirs, sampling)];
      assert.deepEqual(
        found.map(({ ids, finish }) => ({ ids, finish })),
        expected.map(({ ids, finish }) => ({ ids, finish })),
      );
      for (const [i, turn] of expected.entries()) {
        for (const name of ["logprobs", "fullLogprobs", "thresholds"] as const) {
          turn[name]?.forEach((value, t) => assert.ok(Math.abs(value - (found[i]?.[name]?.[t] ?? NaN)) < 1e-4, name));
        }
      }
    }
    const sequences = [[4, 92, 38, 77], [5], [9, 31]];
    const [expected, found] = [await ours.score(sequences), await theirs.score(sequences)];
    expected.forEach((scores, i) =>
      scores.forEach((score, t) => assert.ok(Math.abs(score - (found[i]?.[t] ?? NaN)) < 1e-4))
    );
    await model.release();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openTransformersPolicy() says what a folder must hold when it cannot be loaded", async () => {
  const tokenizer = standInTokenizer();
  await assert.rejects(openTransformersPolicy("/nowhere", { tokenizer }), TransformersError);
  await assert.rejects(
    openTransformersPolicy(QWEN2, { tokenizer }),
    /onnx\/model\.onnx, as whet model export --onnx writes/,
  );
});

Deno.test("embedTexts() gives each text one vector of length 1, the same for the same text in any batch", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeCheckpoint(`${folder}/base`);
    const model = await loadHfModel(await openDevice("cpu"), await openHfFolder(`${folder}/base`));
    await exportOnnx(model, `${folder}/onnx`, { copyFrom: `${folder}/base` });
    await model.release();
    const texts = ["hello there", "two primes", "hello there", "ä"];
    const vectors = await embedTexts(`${folder}/onnx`, texts, { batch: 3 });
    assert.equal(vectors.length, 4);
    const cosine = (a: Float32Array = Float32Array.of(), b: Float32Array = Float32Array.of()) =>
      a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
    for (const vector of vectors) assert.ok(Math.abs(cosine(vector, vector) - 1) < 1e-5);
    assert.ok(Math.abs(cosine(vectors[0], vectors[2]) - 1) < 1e-5);
    assert.ok(cosine(vectors[0], vectors[1]) < 0.9999);
    await assert.rejects(embedTexts(`${folder}/base`, ["x"]), TransformersError);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
