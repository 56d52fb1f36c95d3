/**
 * Folders in the Hugging Face layout: opening one, loading its weights, and writing a model as one.
 *
 * Contract: weights are read block by block straight into the tensors that the model keeps, so the peak is the float32 weights and
 * one block (on WebGPU, one tensor). A tensor that is missing, has another shape, or is not expected is a {@linkcode HfFolderError}
 * that names it, before any weight is read. What is saved is loaded by Python's transformers with the same logits. A folder appears
 * whole or not at all: it is written beside its place and renamed.
 * Choices: `rotary_emb.inv_freq`, which old checkpoints hold, is not read, because the configuration says the same; a head stored
 * beside a tied embedding must be equal to it.
 *
 * @module
 */
import { type CheckpointTensor, checkpointTensors } from "./checkpoint_layout.ts";
import { type ModelConfig, parameterList } from "./config.ts";
import type { Device, DeviceTensor } from "./device.ts";
import { type HfGeneration, parseHfConfig, parseHfGeneration } from "./hf_config.ts";
import { jsonObject } from "./_json_fields.ts";
import { hfConfigOf, savedFamily } from "./hf_config_writer.ts";
import { HfFolderError } from "./hf_error.ts";
import { Model, readFloats } from "./model.ts";
import { BLOCK_NUMBERS, INDEX_FILE, openSafetensors, readJson, type SafetensorsReader } from "./safetensors.ts";
import { type SafetensorsType, tensorBytes, writeSafetensors, type WrittenTensor } from "./safetensors.ts";

export { HfFolderError } from "./hf_error.ts";

/** A checkpoint folder whose configuration has been read. */
export interface HfFolder {
  /** The folder. */
  readonly path: string;
  /** The model that it describes. */
  readonly config: ModelConfig;
  /** config.json as it was. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** Ends of sequence and sampling defaults: of generation_config.json, where a field is missing there of config.json. */
  readonly generation: HfGeneration;
}

/**
 * Reads a folder's configuration; its weights stay on disk.
 *
 * @throws {HfFolderError} if there is no folder, config.json is missing, or the architecture or an option of it is not supported.
 */
export async function openHfFolder(path: string): Promise<HfFolder> {
  const kind = await Deno.stat(path).catch((cause: unknown) => {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw cause;
  });
  if (!kind?.isDirectory) {
    throw new HfFolderError({
      what: "open",
      file: path,
      rule: "be a folder with config.json and *.safetensors",
      found: kind === undefined ? "no such folder" : "a file",
      suggestion: "give the folder of a checkpoint",
    });
  }
  const file = `${path}/config.json`;
  const raw = jsonObject(await readJson(file), file);
  const config = parseHfConfig(raw, file);
  const own = await readGeneration(`${path}/generation_config.json`);
  const generation = parseHfGeneration(
    { ...own, eos_token_id: own["eos_token_id"] ?? raw["eos_token_id"] },
    `${path}/generation_config.json`,
  );
  return { path, config, raw, generation };
}

async function readGeneration(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    await Deno.stat(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
  return jsonObject(await readJson(file), file);
}

/** The head, which a tied checkpoint may hold a second time. */
const HEAD = "lm_head.weight";

/**
 * Checks names and shapes of a folder's tensors against its configuration.
 *
 * @throws {HfFolderError} that names the tensors that are missing, have another shape, or are not expected.
 */
function checkTensors(folder: HfFolder, tensors: readonly CheckpointTensor[], reader: SafetensorsReader): void {
  const { path: file, config } = folder;
  const wanted = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const missing = tensors.filter(({ name }) => !reader.entries.has(name));
  const [first] = missing;
  if (first !== undefined) {
    const others = missing.length === 1 ? "" : ` and ${missing.length - 1} more`;
    throw new HfFolderError({
      what: "load tensor",
      file,
      field: `${first.name}${others}`,
      rule: `be there, as [${first.shape}]`,
      found: `${reader.entries.size} other tensors`,
      suggestion: first.name === HEAD
        ? "if the head is the embedding, config.json must say tie_word_embeddings: true"
        : "check that the download is complete and that config.json belongs to it",
    });
  }
  for (const [name, { shape }] of reader.entries) {
    const expected = wanted.get(name);
    if (expected === undefined) {
      if (name.endsWith("rotary_emb.inv_freq") || (config.tiedHead && name === HEAD)) continue;
      throw new HfFolderError({
        what: "load tensor",
        file,
        field: name,
        rule: `be one that a ${savedFamily(config)} model of this configuration has`,
        found: `it with shape [${shape}]`,
        suggestion: "loading without it would change the results; check that config.json belongs to the weights",
      });
    }
    if (shape.length !== expected.shape.length || shape.some((size, i) => size !== expected.shape[i])) {
      const rule = `have shape [${expected.shape}]`;
      const suggestion = "check that config.json belongs to the weights";
      throw new HfFolderError({ what: "load tensor", file, field: name, rule, found: `[${shape}]`, suggestion });
    }
  }
}

/**
 * A folder's model on a device.
 *
 * @throws {HfFolderError} if a tensor is missing, not expected, or has another shape or an element type that cannot be read.
 */
export async function loadHfModel(device: Device, folder: HfFolder): Promise<Model> {
  const { config, path } = folder;
  using reader = await openSafetensors(path);
  const tensors = checkpointTensors(config, savedFamily(config));
  checkTensors(folder, tensors, reader);
  const shapes = new Map(parameterList(config).map(({ name, shape }) => [name, shape]));
  const weights = new Map<string, DeviceTensor>();
  for (const tensor of tensors) {
    let row = 0;
    for (const { parameter, rows } of tensor.parts) {
      const shape = shapes.get(parameter) ?? [];
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
      await readPart(reader, tensor, row, rows, values);
      weights.set(parameter, device.place(values, shape));
      row += rows;
    }
  }
  const embedding = weights.get("embedding");
  if (config.tiedHead && embedding !== undefined && reader.entries.has(HEAD)) {
    await checkTied(reader, await readFloats(embedding), path);
  }
  // In the order of the parameter list, which files and hashes follow.
  const ordered = new Map<string, DeviceTensor>();
  for (const name of shapes.keys()) {
    const tensor = weights.get(name);
    if (tensor !== undefined) ordered.set(name, tensor);
  }
  return new Model(device, config, ordered);
}

async function readPart(
  reader: SafetensorsReader,
  tensor: CheckpointTensor,
  first: number,
  rows: number,
  target: Float32Array,
): Promise<void> {
  const columns = target.length / rows;
  for await (const { row, values } of reader.rows(tensor.name, first, rows)) {
    const start = row - first;
    if (!tensor.transposed) {
      target.set(values, start * columns);
      continue;
    }
    const count = values.length / columns;
    for (let i = 0; i < columns; i++) {
      for (let r = 0; r < count; r++) target[i * rows + start + r] = values[r * columns + i] ?? 0;
    }
  }
}

async function checkTied(reader: SafetensorsReader, embedding: Float32Array, file: string): Promise<void> {
  const columns = embedding.length / (reader.entries.get(HEAD)?.shape[0] ?? 1);
  for await (const { row, values } of reader.rows(HEAD)) {
    const own = embedding.subarray(row * columns, row * columns + values.length);
    if (values.every((value, i) => value === own[i])) continue;
    const suggestion = "state tie_word_embeddings: false in config.json";
    const rule = "be equal to model.embed_tokens.weight, because config.json says that they are tied";
    throw new HfFolderError({ what: "load tensor", file, field: HEAD, rule, found: "other numbers", suggestion });
  }
}

/** Options of {@linkcode saveHfModel}. */
export interface SaveHfOptions {
  /** Element type of the weights in the files. @default {"F32"} */
  dtype?: SafetensorsType;
  /** Folder whose tokenizer, chat template and generation defaults are copied, and whose special ids are stated. @default none */
  copyFrom?: string;
  /** Most bytes of one file of weights; a single larger tensor has a file of its own. @default {5e9} */
  maxShardBytes?: number;
}

/** Files that are copied as they are, where they exist. */
const COPIED_FILES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "tokenizer.model",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.json",
  "merges.txt",
  "chat_template.jinja",
  "chat_template.json",
  "generation_config.json",
];

/**
 * Writes a model as a folder that Python's transformers loads.
 *
 * @param path a folder that does not exist yet, or is empty.
 * @throws {HfFolderError} if the folder holds something, the model has an adapter, or no published family computes what it computes
 * (a `nano` model that embeds previous tokens).
 */
export async function saveHfModel(model: Model, path: string, options: SaveHfOptions = {}): Promise<void> {
  const { dtype = "F32", copyFrom, maxShardBytes = 5e9 } = options;
  if (model.adapter !== undefined) {
    throw new HfFolderError({
      what: "save a checkpoint to",
      file: path,
      rule: "be that of a model without an adapter",
      found: "one with an adapter",
      suggestion: "merge the adapter first (mergeAdapter), or save it alone (savePeftAdapter)",
    });
  }
  const from = copyFrom === undefined ? undefined : `${copyFrom}/config.json`;
  const raw = from === undefined || !await exists(from) ? undefined : jsonObject(await readJson(from), from);
  const config = hfConfigOf(model.config, { dtype, from: raw });
  await refuseFull(path);
  const folder = `${path.replace(/\/+$/, "")}.partial`;
  await Deno.remove(folder, { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/config.json`, `${JSON.stringify(config, null, 2)}\n`);
  for (const name of copyFrom === undefined ? [] : COPIED_FILES) {
    if (await exists(`${copyFrom}/${name}`)) await Deno.copyFile(`${copyFrom}/${name}`, `${folder}/${name}`);
  }
  await writeShards(folder, writtenTensors(model, dtype), maxShardBytes);
  await Deno.rename(folder, path);
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

async function refuseFull(path: string): Promise<void> {
  if (!await exists(path)) return;
  const found: string[] = [];
  if ((await Deno.stat(path)).isDirectory) { for await (const entry of Deno.readDir(path)) found.push(entry.name); }
  else found.push("a file");
  if (found.length === 0) return;
  throw new HfFolderError({
    what: "save a checkpoint to",
    file: path,
    rule: "not exist yet, or be an empty folder",
    found: found.sort().slice(0, 5).join(", "),
    suggestion: "give another folder, or remove this one first",
  });
}

function writtenTensors(model: Model, type: SafetensorsType): WrittenTensor[] {
  return checkpointTensors(model.config, savedFamily(model.config)).map((tensor) => ({
    name: tensor.name,
    type,
    shape: tensor.shape,
    values: () => checkpointValues(model, tensor),
  }));
}

/** Content of a checkpoint's tensor, block by block. */
async function* checkpointValues(model: Model, tensor: CheckpointTensor): AsyncGenerator<Float32Array> {
  for (const { parameter, rows } of tensor.parts) {
    const weight = model.weights.get(parameter);
    if (weight === undefined) throw new RangeError(`Cannot save: the model has no parameter ${parameter}`);
    const values = await readFloats(weight);
    const columns = values.length / rows;
    const step = Math.max(1, Math.floor(BLOCK_NUMBERS / columns));
    for (let row = 0; row < rows; row += step) {
      const count = Math.min(step, rows - row);
      if (!tensor.transposed) {
        yield values.subarray(row * columns, (row + count) * columns);
        continue;
      }
      const block = new Float32Array(count * columns);
      for (let i = 0; i < columns; i++) {
        for (let r = 0; r < count; r++) block[r * columns + i] = values[i * rows + row + r] ?? 0;
      }
      yield block;
    }
  }
}

async function writeShards(folder: string, tensors: readonly WrittenTensor[], most: number): Promise<void> {
  const shards: WrittenTensor[][] = [];
  let filled = Infinity;
  for (const tensor of tensors) {
    const bytes = tensorBytes(tensor);
    if (filled + bytes > most) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)?.push(tensor);
    filled += bytes;
  }
  const number = (i: number) => String(i).padStart(5, "0");
  const nameOf = (i: number) => {
    return shards.length === 1 ? "model.safetensors" : `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
  };
  const weightMap: Record<string, string> = {};
  for (const [i, shard] of shards.entries()) {
    await writeSafetensors(`${folder}/${nameOf(i)}`, shard);
    for (const { name } of shard) weightMap[name] = nameOf(i);
  }
  if (shards.length === 1) return;
  const total = tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  const index = { metadata: { total_size: total }, weight_map: weightMap };
  await Deno.writeTextFile(`${folder}/${INDEX_FILE}`, `${JSON.stringify(index, null, 2)}\n`);
}
