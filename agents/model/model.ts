/**
 * A decoder's weights on a device, shared by everything that decodes with them or trains them.
 *
 * Contract: {@linkcode Model.replaceWeights} is seen at once by every user of the model. A file is in safetensors form (8-byte
 * little-endian header length, JSON header, raw little-endian float32), its metadata holding the configuration.
 * Omitted: other element types than float32; sharded files.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { initialWeights, type ModelConfig, modelConfigSchema, parameterList } from "./config.ts";
import type { Device, DeviceTensor, Session, SessionOptions, Tensors } from "./device.ts";
import type { GraphBuilder } from "./graph.ts";
import { readTensorFile, type TensorFile, writeTensorFile } from "./tensor_file.ts";

/** A model file does not hold what the model needs. */
export class ModelFileError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ModelFileError";
}

/** Weights on a device. */
export class Model {
  /** Where the weights are and graphs run. */
  readonly device: Device;
  /** Shape of the model. */
  readonly config: ModelConfig;
  #weights: ReadonlyMap<string, DeviceTensor>;
  #fingerprint: string | undefined;
  readonly #sessions = new Map<string, Promise<Session>>();

  /** Use {@linkcode createModel} or {@linkcode loadModel}. */
  constructor(device: Device, config: ModelConfig, weights: ReadonlyMap<string, DeviceTensor>) {
    this.device = device;
    this.config = config;
    this.#weights = weights;
  }

  /** Current weights by parameter name, in the order of the parameter list. */
  get weights(): ReadonlyMap<string, DeviceTensor> {
    return this.#weights;
  }

  /** Weights under the input names that every graph of the model uses. */
  feeds(): Tensors {
    return Object.fromEntries([...this.#weights].map(([name, tensor]) => [`w.${name}`, tensor]));
  }

  /** Puts new weights in place of all present ones, which are freed. */
  replaceWeights(weights: ReadonlyMap<string, DeviceTensor>): void {
    const old = this.#weights;
    this.#weights = weights;
    this.#fingerprint = undefined;
    for (const tensor of old.values()) tensor.dispose();
  }

  /** Weights in host memory, by parameter name. */
  async values(): Promise<Map<string, Float32Array>> {
    const values = new Map<string, Float32Array>();
    for (const [name, tensor] of this.#weights) values.set(name, await readFloats(tensor));
    return values;
  }

  /** First 16 hexadecimal digits of the SHA-256 of configuration and weights. */
  async fingerprint(): Promise<string> {
    if (this.#fingerprint === undefined) {
      const hash = createHash("sha256").update(JSON.stringify(this.config));
      for (const values of (await this.values()).values()) {
        hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      }
      this.#fingerprint = hash.digest("hex").slice(0, 16);
    }
    return this.#fingerprint;
  }

  /** The session of a graph, made once per key. */
  session(key: string, build: () => GraphBuilder, options: SessionOptions = {}): Promise<Session> {
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = this.device.session(build().serialize(), options);
      this.#sessions.set(key, session);
    }
    return session;
  }

  /** Frees sessions and weights; the model is not usable afterwards. */
  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
    for (const tensor of this.#weights.values()) tensor.dispose();
  }

  /** Writes configuration and weights to a file, atomically. */
  async save(path: string): Promise<void> {
    await writeTensorFile(path, await modelTensors(this));
  }
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
  const tensors = new Map<string, DeviceTensor>();
  for (const { name, shape } of parameterList(config)) {
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

/** A model from a file that {@linkcode Model.save} or a trainer wrote. @throws {ModelFileError} if it holds no such model. */
export async function loadModel(device: Device, path: string): Promise<Model> {
  const file = await readTensorFile(path);
  return modelFromValues(device, configOf(file, path), weightsOf(file));
}

/** Configuration and weights of a model as the content of a file. */
export async function modelTensors(model: Model): Promise<TensorFile> {
  const values = await model.values();
  return {
    metadata: { config: JSON.stringify(model.config) },
    tensors: new Map(
      parameterList(model.config).map(({ name, shape }) => {
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
