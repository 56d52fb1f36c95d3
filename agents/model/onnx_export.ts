/**
 * Writes a model as a folder that transformers.js and other users of ONNX Runtime load.
 *
 * Contract: `config.json`, `generation_config.json`, the tokenizer's files, and `onnx/model.onnx` with the inputs and outputs of
 * causal_lm_graph.ts, weights in float32. Weights larger than a limit lie beside it as `onnx/model.onnx_data`, `_data_1`, …, which
 * `config.json` says to transformers.js. Logits are those of the project's own graphs. A folder appears whole or not at all.
 * Omitted: other element types; quantization.
 *
 * @module
 */
import { causalLmGraph } from "./causal_lm_graph.ts";
import { parameterList } from "./config.ts";
import type { StoredTensor } from "./graph.ts";
import { hfConfigOf } from "./hf_config_writer.ts";
import { type Model, readFloats } from "./model.ts";

/** A model cannot be exported. */
export class OnnxExportError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "OnnxExportError";
}

/** Options of {@linkcode exportOnnx}. */
export interface ExportOnnxOptions {
  /** Folder of the checkpoint that the model came from; its tokenizer, chat template and generation defaults are copied. @default none */
  copyFrom?: string;
  /** Weights of more bytes than this lie in files of their own. @default {268_435_456} */
  maxInlineBytes?: number;
  /** Most bytes of such a file; browsers hold 2 GiB in one buffer. A single larger tensor has a file of its own. @default {2_000_000_000} */
  maxFileBytes?: number;
}

const COPIED_FILES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template.jinja",
  "generation_config.json",
];

/** Tensors in files begin at multiples of this, so that a runtime can map them into memory. */
const ALIGNMENT = 4096;

/**
 * Exports a model.
 *
 * @example A model of an untrained decoder
 * ```ts
 * import { nanoConfig } from "whetstone/agents/model/config.ts";
 * import { openDevice } from "whetstone/agents/model/device.ts";
 * import { createModel } from "whetstone/agents/model/model.ts";
 * import { exportOnnx } from "whetstone/agents/model/onnx_export.ts";
 * import assert from "node:assert/strict";
 *
 * const config = nanoConfig(16, { layers: 1, embedsPrevious: false });
 * const model = await createModel(await openDevice("cpu"), config, 1);
 * const folder = await Deno.makeTempDir();
 * await exportOnnx(model, `${folder}/exported`);
 * assert.ok((await Deno.stat(`${folder}/exported/onnx/model.onnx`)).size > 0);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @param model without an adapter.
 * @param folder does not exist yet, or is empty.
 * @param options see {@linkcode ExportOnnxOptions}.
 * @throws {OnnxExportError} if the model has an adapter, or the folder holds something.
 * @throws {GraphError} if the model embeds the token before (`nano`'s default).
 */
export async function exportOnnx(model: Model, folder: string, options: ExportOnnxOptions = {}): Promise<void> {
  const { copyFrom, maxInlineBytes = 1 << 28, maxFileBytes = 2e9 } = options;
  if (model.adapter !== undefined) {
    throw new OnnxExportError(
      `Cannot export to ${folder}: the model must have no adapter, but has one; merge it first (mergeAdapter)`,
    );
  }
  const graph = causalLmGraph(model.config);
  await refuseFull(folder);
  const partial = `${folder.replace(/\/+$/, "")}.partial`;
  await Deno.remove(partial, { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(`${partial}/onnx`, { recursive: true });
  const bytes = parameterList(model.config).reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
  const inline = bytes <= maxInlineBytes;
  const stored = inline ? await inlineWeights(model) : await writeWeights(model, `${partial}/onnx`, maxFileBytes);
  await Deno.writeFile(`${partial}/onnx/model.onnx`, graph.serialize(stored));
  const files = new Set([...stored.values()].flatMap((tensor) => ("file" in tensor ? [tensor.file] : []))).size;
  await writeConfig(model, partial, copyFrom, files);
  for (const name of copyFrom === undefined ? [] : COPIED_FILES) {
    if (await exists(`${copyFrom}/${name}`)) await Deno.copyFile(`${copyFrom}/${name}`, `${partial}/${name}`);
  }
  await Deno.rename(partial, folder);
}

async function inlineWeights(model: Model): Promise<Map<string, StoredTensor>> {
  const stored = new Map<string, StoredTensor>();
  for (const [name, tensor] of model.weights) {
    stored.set(`w.${name}`, { bytes: bytesOf(await readFloats(tensor)).slice() });
  }
  return stored;
}

/** Writes weights one by one; no more than one is in memory besides the model. */
async function writeWeights(model: Model, folder: string, maxFileBytes: number): Promise<Map<string, StoredTensor>> {
  const stored = new Map<string, StoredTensor>();
  let out: Deno.FsFile | undefined;
  let files = 0;
  let offset = 0;
  let file = "";
  try {
    for (const [name, tensor] of model.weights) {
      const bytes = bytesOf(await readFloats(tensor));
      let start = Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
      if (out === undefined || (start > 0 && start + bytes.length > maxFileBytes)) {
        out?.close();
        file = `model.onnx_data${files === 0 ? "" : `_${files}`}`;
        out = await Deno.open(`${folder}/${file}`, { write: true, createNew: true });
        files++;
        start = 0;
      }
      await out.seek(start, Deno.SeekMode.Start);
      for (let written = 0; written < bytes.length;) written += await out.write(bytes.subarray(written));
      offset = start + bytes.length;
      stored.set(`w.${name}`, { file, offset: start, length: bytes.length });
    }
  } finally {
    out?.close();
  }
  return stored;
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

async function writeConfig(model: Model, folder: string, copyFrom: string | undefined, files: number): Promise<void> {
  const from = copyFrom === undefined ? {} : await readObject(`${copyFrom}/config.json`);
  const config = { ...hfConfigOf(model.config, { dtype: "F32", from }), use_cache: true };
  const hint = files === 0 ? {} : { "transformers.js_config": { use_external_data_format: { "model.onnx": files } } };
  await writeJson(`${folder}/config.json`, { ...config, ...hint });
  const ids = ["bos_token_id", "eos_token_id", "pad_token_id"].filter((name) => (from[name] ?? null) !== null);
  await writeJson(`${folder}/generation_config.json`, Object.fromEntries(ids.map((name) => [name, from[name]])));
}

async function readObject(path: string): Promise<Record<string, unknown>> {
  if (!await exists(path)) return {};
  const value: unknown = JSON.parse(await Deno.readTextFile(path));
  return typeof value === "object" && value !== null ? { ...value } : {};
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function refuseFull(folder: string): Promise<void> {
  if (!await exists(folder)) return;
  for await (const { name } of Deno.readDir(folder)) {
    throw new OnnxExportError(
      `Cannot export to ${folder}: it must not exist yet, or be empty, but holds ${name}; give another folder`,
    );
  }
}
