/**
 * Where graphs run: one ONNX Runtime execution provider, behind the few calls that the engine needs.
 *
 * Contract: {@linkcode openDevice} gives a working device or throws {@linkcode ProviderError}. `auto` takes WebGPU where a
 * hardware adapter exists (never a software one such as llvmpipe), else native CPU, else WebAssembly. Native CPU runs are equal
 * bit for bit from run to run: each thread runs one session at a time, execution is sequential, thread counts are fixed. Packages load
 * when first needed.
 * Omitted: CUDA and other native providers; several adapters.
 *
 * @module
 */
import type { InferenceSession, Tensor, TensorConstructor, TensorFactory } from "onnxruntime-web";
import process from "node:process";
import { availableParallelism } from "node:os";
import { GraphBuilder } from "./graph.ts";
import { Lanes } from "./lanes.ts";
import { type Traffic, TrafficCounter } from "./traffic.ts";

/** A tensor of ONNX Runtime, in host or device memory. */
export type DeviceTensor = Tensor;
/** Execution provider. */
export type ProviderKind = "webgpu" | "cpu" | "wasm";
/** Tensors by the names of a graph's inputs or outputs. */
export type Tensors = Readonly<Record<string, DeviceTensor>>;

/** Options of {@linkcode Device.session}. */
export interface SessionOptions {
  /**
   * Names of outputs that stay in device memory on WebGPU; elsewhere all outputs are in host memory.
   *
   * @default {[]}
   */
  keepOnDevice?: readonly string[];
  /** Write a profile of each node to files that begin with this prefix; native CPU only. @default {undefined} */
  profilePrefix?: string;
  /**
   * Whether the runtime lays all of a run's tensors out in one block by the shapes of the run before; native CPU only. Off, runs of large
   * models take less memory.
   *
   * @default {true}
   */
  memoryPattern?: boolean;
  /** Threads that a run may use; native CPU only. @default the device's */
  threads?: number;
}

/** A loaded graph. */
export interface Session {
  /** Runs the graph once; feeds are not consumed. */
  run(feeds: Tensors): Promise<Record<string, DeviceTensor>>;
  /** Frees the graph. */
  release(): Promise<void>;
}

/** One execution provider, ready to load graphs. */
export interface Device {
  /** Execution provider. */
  readonly kind: ProviderKind;
  /** For people and rows, e.g. "2 threads" or the adapter's description. */
  readonly name: string;
  /** Versions of the packages in use. */
  readonly versions: Readonly<Record<string, string>>;
  /** Whether graphs can compute in float16 without being converted to float32 behind the scenes. */
  has(feature: "float16"): boolean;
  /** Loads a graph. */
  session(bytes: Uint8Array, options?: SessionOptions): Promise<Session>;
  /** Tensor over host memory, which is not copied. */
  float(values: Float32Array, shape: readonly number[]): DeviceTensor;
  /** float32 tensor in the memory that graphs run from: a copy in a GPU buffer on WebGPU, `float` elsewhere. */
  place(values: Float32Array, shape: readonly number[]): DeviceTensor;
  /** int32 tensor over host memory. */
  int32(values: Int32Array, shape: readonly number[]): DeviceTensor;
  /** int64 tensor over host memory. */
  int64(values: BigInt64Array, shape: readonly number[]): DeviceTensor;
  /** What crossed between host and device memory since the device was opened; nothing ever, where graphs run from host memory. */
  traffic(): Traffic;
  /** The GPU that graphs run on, for work between runs; WebGPU only. */
  readonly gpu?: GpuMemory;
  /** Threads beside this one for shares of a batch; native CPU only. */
  readonly lanes?: Lanes;
}

/** A GPU and its tensors. */
export interface GpuMemory {
  /** The runtime's own device: work put into its queue is done in order with the runs. */
  readonly device: GPUDevice;
  /** float32 tensor over the front of a buffer, which stays the caller's. */
  wrap(buffer: GPUBuffer, shape: readonly number[]): DeviceTensor;
  /** A new buffer that holds the given numbers, counted as an upload under a name. @param usage flags of the buffer. */
  upload(name: string, values: Uint32Array, usage: number): GPUBuffer;
}

/** An execution provider cannot be had. */
export class ProviderError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ProviderError";
}

interface Runtime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: TensorConstructor;
  readonly env: { readonly versions: Readonly<Record<string, string | undefined>> };
}

const SOFTWARE_ADAPTER = /llvmpipe|lavapipe|swiftshader|softpipe|software|basic render|warp/i;

/** Whether an adapter's description names a software renderer. */
export function isSoftwareAdapter(description: string): boolean {
  return SOFTWARE_ADAPTER.test(description);
}

/**
 * Opens an execution provider.
 *
 * @example The native CPU provider adds two numbers
 * ```ts
 * import { openDevice } from "whetstone/agents/model/device.ts";
 * import { GraphBuilder } from "whetstone/agents/model/graph.ts";
 * import assert from "node:assert/strict";
 *
 * const device = await openDevice("cpu");
 * const graph = new GraphBuilder("sum");
 * const a = graph.input("a", "float32", [1]);
 * graph.output("b", graph.node("Add", [a, a], [a]));
 * const session = await device.session(graph.serialize());
 * const { b } = await session.run({ a: device.float(Float32Array.of(2), [1]) });
 * assert.equal(b?.data[0], 4);
 * await session.release();
 * ```
 *
 * @param choice a provider, or `auto`.
 * @throws {ProviderError} if the forced provider, or with `auto` every provider, cannot be had.
 */
export async function openDevice(choice: ProviderKind | "auto" = "auto"): Promise<Device> {
  if (choice === "webgpu") return await openWebGpu({ software: true });
  if (choice === "cpu") return await openCpu();
  if (choice === "wasm") return await openWasm();
  const failures: Error[] = [];
  for (const open of [() => openWebGpu({ software: false }), openCpu, openWasm]) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      failures.push(error);
    }
  }
  throw new ProviderError(`Cannot open any provider: ${failures.map((error) => error.message).join("; ")}`, {
    cause: new AggregateError(failures),
  });
}

async function load<T>(provider: string, importer: () => Promise<T>): Promise<T> {
  try {
    return await importer();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProviderError(`Cannot load the ${provider} provider: ${reason}`, { cause: error });
  }
}

async function openCpu(): Promise<Device> {
  const threads = availableParallelism();
  return { ...await openThreads(threads), lanes: new Lanes(threads) };
}

/** Native CPU on one thread, for a lane (lanes.ts). @throws {ProviderError} if it cannot be had. */
export function openLaneDevice(): Promise<Device> {
  return openThreads(1);
}

async function openThreads(threads: number): Promise<Device> {
  // onnxruntime-node re-exports onnxruntime-common by a property copy that TypeScript sees but some loaders put under `default`.
  const module: unknown = await load("cpu", () => import("onnxruntime-node"));
  return makeDevice("cpu", `${threads} threads`, runtimeOf(module, "cpu"), (options) => ({
    executionProviders: ["cpu"],
    intraOpNumThreads: options.threads ?? threads,
    interOpNumThreads: 1,
    // Spinning gains 7 % on an idle machine and loses three quarters on a busy one (11.5k, 10.5k and 2.5k tok/s were measured).
    extra: { session: { intra_op: { allow_spinning: "0" } } },
    executionMode: "sequential",
    enableMemPattern: options.memoryPattern ?? true,
    enableProfiling: options.profilePrefix !== undefined,
    ...(options.profilePrefix === undefined ? {} : { profileFilePrefix: options.profilePrefix }),
  }));
}

async function openWasm(): Promise<Device> {
  const module = await load("wasm", async () => {
    const web = await import("onnxruntime-web");
    web.env.wasm.numThreads = 1;
    return web;
  });
  return makeDevice("wasm", "1 thread", runtimeOf(module, "wasm"), () => ({ executionProviders: ["wasm"] }));
}

async function openWebGpu(options: { readonly software: boolean }): Promise<Device> {
  if (typeof navigator === "undefined" || navigator.gpu === undefined) {
    throw new ProviderError("Cannot open the webgpu provider: navigator.gpu does not exist here");
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw new ProviderError("Cannot open the webgpu provider: no adapter was found");
  const { description, device, vendor, isFallbackAdapter } = adapter.info;
  const name = [description, device, vendor].find((text) => text !== "") ?? "unnamed adapter";
  if (!options.software && (isFallbackAdapter || isSoftwareAdapter([description, device, vendor].join(" ")))) {
    throw new ProviderError(`Cannot open the webgpu provider: only a software adapter was found (${name})`);
  }
  const module = await load("webgpu", async () => {
    const web = await import("onnxruntime-web/webgpu");
    // Deno has no worker that this package's thread pool could use.
    web.env.wasm.numThreads = 1;
    return web;
  });
  const counter = new TrafficCounter();
  const opened = makeDevice("webgpu", name, runtimeOf(module, "webgpu"), ({ keepOnDevice = [] }) => ({
    executionProviders: ["webgpu"],
    preferredOutputLocation: Object.fromEntries(keepOnDevice.map((output) => [output, "gpu-buffer"])),
  }), counter);
  await holdGpu(opened);
  const gpu: unknown = await module.env.webgpu.device;
  if (!(gpu instanceof GPUDevice)) {
    throw new ProviderError("Cannot open the webgpu provider: the runtime has no GPU device");
  }
  return {
    ...opened,
    has: () => gpu.features.has("shader-f16"),
    place: (values, shape) => placeInGpu(gpu, module.Tensor, values, shape, counter),
    gpu: {
      device: gpu,
      wrap: (buffer, shape) => module.Tensor.fromGpuBuffer(buffer, { dataType: "float32", dims: shape }),
      upload(name, values, usage) {
        counter.up(name, values.byteLength);
        return filledBuffer(gpu, new Uint8Array(values.buffer, values.byteOffset, values.byteLength), usage);
      },
    },
  };
}

function placeInGpu(
  gpu: GPUDevice,
  tensors: TensorConstructor & TensorFactory,
  values: Float32Array,
  shape: readonly number[],
  counter: TrafficCounter,
): DeviceTensor {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const buffer = filledBuffer(gpu, bytes, usage);
  counter.up("place", values.byteLength);
  const size = 4 * values.length;
  return tensors.fromGpuBuffer(buffer, {
    dataType: "float32",
    dims: shape,
    download: () => {
      counter.down("place", size);
      return readGpu(gpu, buffer, size);
    },
    dispose: () => buffer.destroy(),
  });
}

function filledBuffer(gpu: GPUDevice, bytes: Uint8Array, usage: number): GPUBuffer {
  // The runtime wants multiples of 16 bytes.
  const size = Math.max(16, Math.ceil(bytes.length / 16) * 16);
  const buffer = gpu.createBuffer({ size, usage, mappedAtCreation: true });
  new Uint8Array(buffer.getMappedRange()).set(bytes);
  buffer.unmap();
  return buffer;
}

async function readGpu(gpu: GPUDevice, buffer: GPUBuffer, size: number): Promise<Float32Array> {
  const staging = gpu.createBuffer({ size: buffer.size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  try {
    const commands = gpu.createCommandEncoder();
    commands.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
    gpu.queue.submit([commands.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    return new Float32Array(staging.getMappedRange().slice(0, size));
  } finally {
    staging.destroy();
  }
}

/**
 * Opens a session that is never released: the runtime gives its GPU device back with its last session, and buffers made before
 * would belong to another device than sessions made after.
 */
async function holdGpu(opened: Device): Promise<void> {
  const graph = new GraphBuilder("hold");
  const x = graph.input("x", "float32", [1]);
  graph.output("y", graph.node("Neg", [x], [x]));
  try {
    const { y } = await (await opened.session(graph.serialize())).run({ x: opened.float(Float32Array.of(1), [1]) });
    if (y?.data[0] !== -1) throw new ProviderError(`a trial run gave ${y?.data[0]}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProviderError(`Cannot open the webgpu provider on ${opened.name}: ${reason}`, { cause: error });
  }
}

function isRuntime(module: unknown): module is Runtime {
  return typeof module === "object" && module !== null && "InferenceSession" in module && "Tensor" in module;
}

function runtimeOf(module: unknown, provider: ProviderKind): Runtime {
  if (isRuntime(module)) return module;
  const inner = typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
  if (isRuntime(inner)) return inner;
  throw new ProviderError(`Cannot load the ${provider} provider: its package has no InferenceSession`);
}

function makeDevice(
  kind: ProviderKind,
  name: string,
  runtime: Runtime,
  sessionOptions: (options: SessionOptions) => InferenceSession.SessionOptions,
  counter?: TrafficCounter,
): Device {
  const versions: Record<string, string> = { deno: Deno.version.deno, node: process.versions.node };
  for (const [part, version] of Object.entries(runtime.env.versions)) {
    if (version !== undefined) versions[`onnxruntime-${part}`] = version;
  }
  return {
    kind,
    name,
    versions,
    has: () => false,
    async session(bytes, options = {}) {
      const session = await runtime.InferenceSession.create(bytes, {
        graphOptimizationLevel: "all",
        logSeverityLevel: 3,
        ...sessionOptions(options),
      });
      return {
        run: async (feeds) => {
          counter?.feeds(feeds);
          const results = { ...await session.run(feeds) };
          counter?.results(results);
          return results;
        },
        release: () => session.release(),
      };
    },
    float: (values, shape) => new runtime.Tensor("float32", values, shape),
    place: (values, shape) => new runtime.Tensor("float32", values, shape),
    int32: (values, shape) => new runtime.Tensor("int32", values, shape),
    int64: (values, shape) => new runtime.Tensor("int64", values, shape),
    traffic: () => counter?.traffic() ?? new TrafficCounter().traffic(),
  };
}
