/**
 * A decoder's weights on a device, shared by everything that decodes with them or trains them, with or without an adapter.
 *
 * Contract: {@linkcode Model.replaceWeights} is seen at once by every user of the model. A model with an adapter shares the tensors
 * of the model that it was made from; only its adapter is trained, and a shared tensor is freed by its last user. A file is in
 * safetensors form (8-byte little-endian header length, JSON header, raw little-endian float32), its metadata holding the
 * configuration; that of a model with an adapter holds the adapter and the fingerprint of the weights under it.
 * Omitted: other element types than float32; sharded files; several adapters on one model.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { holdTensors, letGoTensors } from "./_tensor_uses.ts";
import { AdapterError, adapterList, type AdapterSpec, adapterSpecSchema } from "./adapter.ts";
import { initialAdapter, mergedMatrix } from "./adapter.ts";
import { initialWeights, type ModelConfig, modelConfigSchema, parameterList, type ParameterSpec } from "./config.ts";
import type { Device, DeviceTensor, Session, SessionOptions, Tensors } from "./device.ts";
import type { GraphBuilder } from "./graph.ts";
import { readTensorFile, type TensorFile, writeTensorFile } from "./tensor_file.ts";
import { type StoredBytes, WeightedGraph } from "./weighted_graph.ts";

/** A model file does not hold what the model needs. */
export class ModelFileError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ModelFileError";
}

/** An adapter on a device. */
export interface ModelAdapter {
  /** Its shape. */
  readonly spec: AdapterSpec;
  /** Its weights by parameter name, in the order of the adapter's parameter list. */
  readonly weights: ReadonlyMap<string, DeviceTensor>;
}

/** Weights on a device. */
export class Model {
  /** Where the weights are and graphs run. */
  readonly device: Device;
  /** Shape of the model. */
  readonly config: ModelConfig;
  #weights: ReadonlyMap<string, DeviceTensor>;
  #adapter: ModelAdapter | undefined;
  #weightsFingerprint: string | undefined;
  #fingerprint: string | undefined;
  readonly #sessions = new Map<string, Promise<Session>>();
  /** Sessions whose graphs hold the present weights, and the graphs, which outlive them. */
  readonly #constantSessions = new Map<string, Promise<Session>>();
  readonly #constantGraphs = new Map<string, WeightedGraph>();
  /** Sessions that hold weights of the past. */
  #stale: Promise<Session>[] = [];

  /** Use {@linkcode createModel} or {@linkcode loadModel}. */
  constructor(
    device: Device,
    config: ModelConfig,
    weights: ReadonlyMap<string, DeviceTensor>,
    adapter?: ModelAdapter,
  ) {
    this.device = device;
    this.config = config;
    this.#weights = weights;
    this.#adapter = adapter;
  }

  /** Current weights by parameter name, in the order of the parameter list; those under the adapter where there is one. */
  get weights(): ReadonlyMap<string, DeviceTensor> {
    return this.#weights;
  }

  /** The adapter, whose shape stays the same for the model's life. */
  get adapter(): ModelAdapter | undefined {
    return this.#adapter;
  }

  /** Parameters that training changes: the adapter's where there is one, else all. */
  trainable(): ParameterSpec[] {
    return this.#adapter === undefined ? parameterList(this.config) : adapterList(this.config, this.#adapter.spec);
  }

  /** Current values of {@linkcode Model.trainable}, by name. */
  get trainableWeights(): ReadonlyMap<string, DeviceTensor> {
    return this.#adapter?.weights ?? this.#weights;
  }

  /** All weights under the input names that every graph of the model uses. */
  feeds(): Tensors {
    return { ...inputsOf(this.#weights), ...this.adapterFeeds() };
  }

  /** The adapter's weights under their input names; none without an adapter. */
  adapterFeeds(): Tensors {
    return inputsOf(this.#adapter?.weights ?? new Map());
  }

  /** Puts new weights in place of all present trainable ones, which are freed. */
  replaceWeights(weights: ReadonlyMap<string, DeviceTensor>): void {
    const old = this.trainableWeights;
    if (this.#adapter === undefined) this.#weights = weights;
    else this.#adapter = { spec: this.#adapter.spec, weights };
    this.changedInPlace();
    letGoTensors(old.values());
  }

  /** Forgets what was derived from weights of the past, after their numbers in host memory were written over. */
  changedInPlace(): void {
    this.#fingerprint = undefined;
    if (this.#adapter !== undefined) return;
    this.#weightsFingerprint = undefined;
    this.#stale.push(...this.#constantSessions.values());
    this.#constantSessions.clear();
  }

  /**
   * A model that shares these weights and has a fresh adapter, which changes nothing until it is trained.
   *
   * @param seed names the adapter's initial weights.
   * @throws {AdapterError} if there is an adapter already.
   */
  withAdapter(spec: AdapterSpec, seed: number): Model {
    return this.withAdapterValues(spec, initialAdapter(this.config, adapterSpecSchema.parse(spec), seed));
  }

  /**
   * A model that shares these weights and has the given adapter.
   *
   * @param values the adapter's weights in host memory, by name.
   * @throws {AdapterError} if there is an adapter already.
   * @throws {ModelFileError} if a weight is missing or has the wrong size.
   */
  withAdapterValues(spec: AdapterSpec, values: ReadonlyMap<string, Float32Array>): Model {
    if (this.#adapter !== undefined) {
      throw new AdapterError("Cannot add an adapter: a model must have at most one; merge the present one first");
    }
    const checked = adapterSpecSchema.parse(spec);
    const weights = placeParameters(this.device, adapterList(this.config, checked), values);
    holdTensors(this.#weights.values());
    return new Model(this.device, this.config, this.#weights, { spec: checked, weights });
  }

  /**
   * A model without an adapter that computes what this one does: each adapted matrix becomes w + alpha / rank · A · B; all other
   * tensors are shared.
   *
   * @throws {AdapterError} if there is no adapter.
   */
  async mergeAdapter(): Promise<Model> {
    const adapter = this.#adapter;
    if (adapter === undefined) throw new AdapterError("Cannot merge: the model must have an adapter, it has none");
    const { rank, alpha } = adapter.spec;
    const merged = new Map<string, DeviceTensor>();
    for (const [name, tensor] of this.#weights) {
      const [a, b] = [adapter.weights.get(`${name}.lora_a`), adapter.weights.get(`${name}.lora_b`)];
      if (a === undefined || b === undefined) {
        holdTensors([tensor]);
        merged.set(name, tensor);
        continue;
      }
      const [weight, down, up] = [await readFloats(tensor), await readFloats(a), await readFloats(b)];
      const values = mergedMatrix({ weight, down, up, rank, scale: alpha / rank });
      merged.set(name, this.device.place(values, tensor.dims));
    }
    return new Model(this.device, this.config, merged);
  }

  /** Weights in host memory, by parameter name; those under the adapter where there is one. */
  async values(): Promise<Map<string, Float32Array>> {
    return await hostValues(this.#weights);
  }

  /** Values of {@linkcode Model.trainable} in host memory, by name. */
  async trainableValues(): Promise<Map<string, Float32Array>> {
    return await hostValues(this.trainableWeights);
  }

  /** First 16 hexadecimal digits of the SHA-256 of configuration, weights and adapter. */
  async fingerprint(): Promise<string> {
    const adapter = this.#adapter;
    if (adapter === undefined) return await this.weightsFingerprint();
    this.#fingerprint ??= await hashOf(
      `${await this.weightsFingerprint()} ${JSON.stringify(adapter.spec)}`,
      adapter.weights,
    );
    return this.#fingerprint;
  }

  /** The fingerprint of the same model without its adapter. */
  async weightsFingerprint(): Promise<string> {
    this.#weightsFingerprint ??= await hashOf(JSON.stringify(this.config), this.#weights);
    return this.#weightsFingerprint;
  }

  /** The session of a graph, made once per key; keys need not name the adapter, whose shape is the model's own. */
  session(key: string, build: () => GraphBuilder, options: SessionOptions = {}): Promise<Session> {
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = this.device.session(build().serialize(), options);
      this.#sessions.set(key, session);
    }
    return session;
  }

  /**
   * The session of a graph whose weights are constants of it, so that the runtime arranges matrices for products once and not in
   * every run; an adapter's weights stay inputs. Made once per key and set of weights, which must be in host memory.
   */
  async constantSession(key: string, build: () => GraphBuilder, options: SessionOptions = {}): Promise<Session> {
    for (const session of this.#stale.splice(0)) await (await session).release();
    let session = this.#constantSessions.get(key);
    if (session === undefined) {
      const graph = this.#constantGraphs.get(key) ?? new WeightedGraph(build());
      this.#constantGraphs.set(key, graph);
      session = this.device.session(graph.bytes(storedWeights(this.#weights)), options);
      this.#constantSessions.set(key, session);
    }
    return await session;
  }

  /** Frees sessions, and weights that no other model shares; the model is not usable afterwards. */
  async release(): Promise<void> {
    this.device.lanes?.forget(this);
    const sessions = [...this.#sessions.values(), ...this.#constantSessions.values(), ...this.#stale];
    for (const session of sessions) await (await session).release();
    this.#sessions.clear();
    this.#constantSessions.clear();
    this.#stale = [];
    letGoTensors(this.#weights.values());
    letGoTensors(this.#adapter?.weights.values() ?? []);
  }

  /** Writes configuration and trainable weights to a file, atomically. */
  async save(path: string): Promise<void> {
    await writeTensorFile(path, await modelTensors(this));
  }
}

function inputsOf(weights: ReadonlyMap<string, DeviceTensor>): Tensors {
  return Object.fromEntries([...weights].map(([name, tensor]) => [`w.${name}`, tensor]));
}

async function hostValues(tensors: ReadonlyMap<string, DeviceTensor>): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const [name, tensor] of tensors) values.set(name, await readFloats(tensor));
  return values;
}

/** Weights in host memory as constants of a graph, by the names of its inputs. */
function storedWeights(weights: ReadonlyMap<string, DeviceTensor>): StoredBytes {
  return new Map([...weights].map(([name, { data, type }]) => {
    if (!(data instanceof Float32Array && data.buffer instanceof ArrayBuffer)) {
      throw new TypeError(`Cannot store weights: ${name} must be float32 in host memory, it holds ${type}`);
    }
    return [`w.${name}`, { bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }];
  }));
}

/** First 16 hexadecimal digits of the SHA-256 of a text and tensors, which are read one after the other. */
async function hashOf(text: string, tensors: ReadonlyMap<string, DeviceTensor>): Promise<string> {
  const hash = createHash("sha256").update(text);
  for (const tensor of tensors.values()) {
    const values = await readFloats(tensor);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest("hex").slice(0, 16);
}

/** float32 content of a tensor, wherever it lives. */
export async function readFloats(tensor: DeviceTensor): Promise<Float32Array> {
  const data = await tensor.getData();
  if (!(data instanceof Float32Array)) throw new TypeError(`Cannot read floats: the tensor holds ${tensor.type}`);
  return data;
}

/**
 * A model with fresh weights.
 *
 * @example The same seed gives the same weights
 * ```ts
 * import { nanoConfig } from "whetstone/agents/model/config.ts";
 * import { openDevice } from "whetstone/agents/model/device.ts";
 * import { createModel } from "whetstone/agents/model/model.ts";
 * import assert from "node:assert/strict";
 *
 * const device = await openDevice("cpu");
 * const config = nanoConfig(16, { layers: 1 });
 * const [a, b] = [await createModel(device, config, 1), await createModel(device, config, 1)];
 * assert.equal(await a.fingerprint(), await b.fingerprint());
 * ```
 *
 * @param seed names the initial weights.
 */
export function createModel(device: Device, config: ModelConfig, seed: number): Promise<Model> {
  return Promise.resolve(modelFromValues(device, config, initialWeights(config, seed)));
}

/** A model with given weights in host memory. @throws {ModelFileError} if one is missing or has the wrong size. */
export function modelFromValues(
  device: Device,
  config: ModelConfig,
  values: ReadonlyMap<string, Float32Array>,
): Model {
  return new Model(device, config, weightTensors(device, config, values));
}

/** Weights in host memory as tensors on the device. @throws {ModelFileError} if one is missing or has the wrong size. */
export function weightTensors(
  device: Device,
  config: ModelConfig,
  values: ReadonlyMap<string, Float32Array>,
): Map<string, DeviceTensor> {
  return placeParameters(device, parameterList(config), values);
}

/** Listed parameters in host memory as tensors on the device. @throws {ModelFileError} if one is missing or has the wrong size. */
export function placeParameters(
  device: Device,
  parameters: readonly ParameterSpec[],
  values: ReadonlyMap<string, Float32Array>,
): Map<string, DeviceTensor> {
  const tensors = new Map<string, DeviceTensor>();
  for (const { name, shape } of parameters) {
    const size = shape.reduce((a, b) => a * b, 1);
    const value = values.get(name);
    if (value?.length !== size) {
      throw new ModelFileError(
        `Cannot use weights: parameter ${name} must have ${size} numbers, got ${value?.length ?? "none"}`,
      );
    }
    tensors.set(name, device.place(value, shape));
  }
  return tensors;
}

/**
 * A model from a file that {@linkcode Model.save} or a trainer wrote.
 *
 * @throws {ModelFileError} if it holds no such model, or an adapter only (see {@linkcode loadAdapter}).
 */
export async function loadModel(device: Device, path: string): Promise<Model> {
  const file = await readTensorFile(path);
  if (file.metadata["adapter"] !== undefined) {
    throw new ModelFileError(
      `Cannot load a model from ${path}: it must hold all weights, it holds an adapter; load the model that it was trained on first`,
    );
  }
  return modelFromValues(device, configOf(file, path), weightsOf(file));
}

/**
 * A model that shares another's weights, with the adapter of a file that {@linkcode Model.save} or a trainer wrote.
 *
 * @throws {ModelFileError} if the file holds no adapter, or one that was trained on other weights.
 */
export async function loadAdapter(model: Model, path: string): Promise<Model> {
  const file = await readTensorFile(path);
  const spec = await adapterOf(file, path, model);
  return model.withAdapterValues(spec, weightsOf(file));
}

/** Shape of the adapter in a file. @throws {ModelFileError} if there is none, or it belongs to other weights than the model's. */
export async function adapterOf(file: TensorFile, path: string, model: Model): Promise<AdapterSpec> {
  const { adapter, base } = file.metadata;
  if (adapter === undefined) throw new ModelFileError(`Cannot load an adapter from ${path}: it holds none`);
  const expected = await model.weightsFingerprint();
  if (base !== expected) {
    throw new ModelFileError(
      `Cannot load the adapter of ${path}: it must have been trained on the model's weights, ${expected}, got ${base}`,
    );
  }
  return adapterSpecSchema.parse(JSON.parse(adapter));
}

/** Configuration and trainable weights of a model as the content of a file. */
export async function modelTensors(model: Model): Promise<TensorFile> {
  const values = await model.trainableValues();
  const adapter = model.adapter === undefined
    ? {}
    : { adapter: JSON.stringify(model.adapter.spec), base: await model.weightsFingerprint() };
  return {
    metadata: { config: JSON.stringify(model.config), ...adapter },
    tensors: new Map(
      model.trainable().map(({ name, shape }) => {
        return [`weight.${name}`, { shape, values: values.get(name) ?? new Float32Array() }];
      }),
    ),
  };
}

/** Configuration in a file. @throws {ModelFileError} if there is none. */
export function configOf(file: TensorFile, path: string): ModelConfig {
  const text = file.metadata["config"];
  if (text === undefined) throw new ModelFileError(`Cannot load a model from ${path}: it holds no configuration`);
  return modelConfigSchema.parse(JSON.parse(text));
}

/** Weights in a file, by parameter name. */
export function weightsOf(file: TensorFile): Map<string, Float32Array> {
  return tensorsUnder(file, "weight.");
}

/** Tensors of a file whose names begin with a prefix, by the rest of their names. */
export function tensorsUnder(file: TensorFile, prefix: string): Map<string, Float32Array> {
  return new Map(
    [...file.tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { values }]) => [name.slice(prefix.length), values]),
  );
}
