/**
 * Keys and values of many slots in GPU memory, in the layout that the decoding graph reads; the counterpart of `KvCache`.
 *
 * Contract: as `KvCache`. New keys and values, which the graph leaves in GPU memory, are written into the cache by a compute shader on
 * the runtime's own device; the graph reads the cache's buffers themselves. Only lists of places go up. A run over the first slots
 * copies nothing; a run over one later slot reads a copy of that slot's share, made on the GPU.
 *
 * @module
 */
import type { ModelConfig } from "./config.ts";
import { MASKED_SCORE } from "./decoder.ts";
import type { Device, DeviceTensor, GpuMemory } from "./device.ts";
import { type CacheWrite, capacityFor, type KeyValues, type SlotCache } from "./kv_cache.ts";

/** Capacity is a multiple of this. */
const CAPACITY_STEP = 128;

/** Threads of a workgroup. */
const THREADS = 64;
/** Most workgroups in one dimension that every device allows. */
const MOST_GROUPS = 65535;

/**
 * Element i of part r of a copy: `target[a(r) + i·p] = source[b(r) + i·q]`. `jobs` holds per part its first places in source and
 * target; `shape` the number of elements of a part, p, q and the number of parts.
 */
const SHADER = /* wgsl */ `
@group(0) @binding(0) var<storage, read> source: array<f32>;
@group(0) @binding(1) var<storage, read_write> destination: array<f32>;
@group(0) @binding(2) var<storage, read> jobs: array<vec2<u32>>;
@group(0) @binding(3) var<uniform> shape: vec4<u32>;

@compute @workgroup_size(${THREADS})
fn copy(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let at = id.x + id.y * groups.x * ${THREADS}u;
  let part = at / shape.x;
  if (part >= shape.w) { return; }
  let i = at % shape.x;
  let job = jobs[part];
  destination[job.y + i * shape.y] = source[job.x + i * shape.z];
}
`;

/** Parts of one copy. */
interface CopyShape {
  /** Numbers per part. */
  readonly count: number;
  /** Distance of neighbours in the target. */
  readonly to: number;
  /** Distance of neighbours in the source. */
  readonly from: number;
}

/** Cache in GPU memory. */
export class GpuKvCache implements SlotCache {
  readonly #device: Device;
  readonly #gpu: GpuMemory;
  readonly #config: ModelConfig;
  readonly #slots: number;
  readonly #lengths: number[];
  readonly #pipeline: GPUComputePipeline;
  #capacity = 0;
  #keys_L: GPUBuffer[] = [];
  #values_L: GPUBuffer[] = [];
  /** Copies of one slot's share, for runs over a later slot; made when first needed. */
  #share_L: GPUBuffer[] = [];
  #mask = new Float32Array();

  /** An empty cache. @param slots number of slots. */
  constructor(device: Device, gpu: GpuMemory, config: ModelConfig, slots: number) {
    this.#device = device;
    this.#gpu = gpu;
    this.#config = config;
    this.#slots = slots;
    this.#lengths = Array(slots).fill(0);
    const module = gpu.device.createShaderModule({ code: SHADER });
    this.#pipeline = gpu.device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "copy" } });
    this.#resize(capacityFor(1, 0, CAPACITY_STEP));
  }

  /** S: places per slot at present. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Number of tokens in a slot. */
  length(slot: number): number {
    return this.#lengths[slot] ?? 0;
  }

  /** Empties a slot. */
  clear(slot: number): void {
    this.#lengths[slot] = 0;
    this.#mask.fill(MASKED_SCORE, slot * this.#capacity, (slot + 1) * this.#capacity);
  }

  /** Makes room for `extra` more tokens in every slot of a list; gives room back when the longest slot is much shorter. */
  reserve(slots: readonly number[], extra: number): void {
    const longest = Math.max(1, ...this.#lengths, ...slots.map((slot) => this.length(slot) + extra));
    const wanted = capacityFor(longest, this.#capacity, CAPACITY_STEP);
    if (wanted !== this.#capacity) this.#resize(wanted);
  }

  #resize(capacity: number): void {
    const { layers, keyValueHeads: K, headSize: d } = this.#config;
    const [old, oldKeys_L, oldValues_L] = [this.#capacity, this.#keys_L, this.#values_L];
    const buffers = (places: number) => {
      return Array.from({ length: layers }, () => this.#buffer(4 * places * K * d * capacity));
    };
    this.#capacity = capacity;
    this.#keys_L = buffers(this.#slots);
    this.#values_L = buffers(this.#slots);
    for (const share of this.#share_L) share.destroy();
    this.#share_L = [];
    this.#mask = new Float32Array(this.#slots * capacity).fill(MASKED_SCORE);
    for (const [slot, length] of this.#lengths.entries()) {
      this.#mask.fill(0, slot * capacity, slot * capacity + length);
    }
    if (this.#lengths.some((length) => length > 0)) {
      const kept = Math.min(old, capacity);
      const keyRows = Array.from({ length: this.#slots * K * d }, (_, row) => [row * old, row * capacity] as const);
      const heads = Array.from({ length: this.#slots * K }, (_, head) => {
        return [head * old * d, head * capacity * d] as const;
      });
      this.#copy(oldKeys_L, this.#keys_L, keyRows, { count: kept, to: 1, from: 1 });
      this.#copy(oldValues_L, this.#values_L, heads, { count: kept * d, to: 1, from: 1 });
    }
    for (const buffer of [...oldKeys_L, ...oldValues_L]) buffer.destroy();
  }

  /** Writes new keys and values, which must be in GPU memory. */
  write(made: KeyValues, writes: readonly CacheWrite[]): void {
    const { keyValueHeads: K, headSize: d } = this.#config;
    const S = this.#capacity;
    const keyJobs = writes.map(({ row, slot, place }) => [row * K * d, slot * K * d * S + place] as const);
    const valueJobs = writes.flatMap(({ row, slot, place }) => {
      return Array.from({ length: K }, (_, head) => {
        return [(row * K + head) * d, ((slot * K + head) * S + place) * d] as const;
      });
    });
    const buffers = (tensors: readonly DeviceTensor[]) => tensors.map((tensor) => tensor.gpuBuffer);
    this.#copy(buffers(made.keys_L), this.#keys_L, keyJobs, { count: K * d, to: S, from: 1 });
    this.#copy(buffers(made.values_L), this.#values_L, valueJobs, { count: d, to: 1, from: 1 });
    for (const { slot, place } of writes) {
      this.#mask[slot * S + place] = 0;
      this.#lengths[slot] = place + 1;
    }
  }

  /** Moves a slot's content to an empty slot. */
  move(from: number, to: number): void {
    const { keyValueHeads: K, headSize: d } = this.#config;
    const size = 4 * K * d * this.#capacity;
    const shares = this.#shares();
    const commands = this.#gpu.device.createCommandEncoder();
    // A buffer cannot be copied onto itself, hence the way over the copies of one slot's share.
    for (const [i, buffer] of [...this.#keys_L, ...this.#values_L].entries()) {
      const share = shares[i];
      if (share === undefined) continue;
      commands.copyBufferToBuffer(buffer, from * size, share, 0, size);
      commands.copyBufferToBuffer(share, 0, buffer, to * size, size);
    }
    this.#gpu.device.queue.submit([commands.finish()]);
    this.#mask.copyWithin(to * this.#capacity, from * this.#capacity, (from + 1) * this.#capacity);
    this.#lengths[to] = this.length(from);
    this.clear(from);
  }

  /** Cache inputs of the decoding graph for `rows` slots from `first` on. @throws {RangeError} if `first` is not 0 and `rows` not 1. */
  feeds(first: number, rows: number): Record<string, DeviceTensor> {
    if (first !== 0 && rows !== 1) {
      throw new RangeError(`Cannot read the cache: rows must be 1 from a slot other than 0 on, got ${rows}`);
    }
    const { layers, keyValueHeads: K, headSize: d } = this.#config;
    const S = this.#capacity;
    const own = first === 0 ? [...this.#keys_L, ...this.#values_L] : this.#shareOf(first);
    const mask = this.#mask.slice(first * S, (first + rows) * S);
    const feeds: Record<string, DeviceTensor> = { cache_mask: this.#device.float(mask, [rows, 1, 1, S]) };
    for (let layer = 0; layer < layers; layer++) {
      const [keys, values] = [own[layer], own[layers + layer]];
      if (keys === undefined || values === undefined) continue;
      feeds[`key_cache.${layer}`] = this.#gpu.wrap(keys, [rows, K, d, S]);
      feeds[`value_cache.${layer}`] = this.#gpu.wrap(values, [rows, K, S, d]);
    }
    return feeds;
  }

  /** Frees all buffers. */
  release(): void {
    for (const buffer of [...this.#keys_L, ...this.#values_L, ...this.#share_L]) buffer.destroy();
  }

  #shareOf(slot: number): GPUBuffer[] {
    const { keyValueHeads: K, headSize: d } = this.#config;
    const size = 4 * K * d * this.#capacity;
    const shares = this.#shares();
    // What an empty slot holds is masked, so that nothing needs to be copied.
    if (this.length(slot) === 0) return shares;
    const commands = this.#gpu.device.createCommandEncoder();
    for (const [i, buffer] of [...this.#keys_L, ...this.#values_L].entries()) {
      const share = shares[i];
      if (share !== undefined) commands.copyBufferToBuffer(buffer, slot * size, share, 0, size);
    }
    this.#gpu.device.queue.submit([commands.finish()]);
    return shares;
  }

  #shares(): GPUBuffer[] {
    const { layers, keyValueHeads: K, headSize: d } = this.#config;
    if (this.#share_L.length === 0) {
      this.#share_L = Array.from({ length: 2 * layers }, () => this.#buffer(4 * K * d * this.#capacity));
    }
    return this.#share_L;
  }

  #buffer(size: number): GPUBuffer {
    return this.#gpu.device.createBuffer({
      size: Math.ceil(size / 16) * 16,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
  }

  /** The same copy of each layer's source into its target. @param jobs first places in source and target of each part. */
  #copy(
    sources: readonly GPUBuffer[],
    targets: readonly GPUBuffer[],
    jobs: readonly (readonly [number, number])[],
    shape: CopyShape,
  ): void {
    if (jobs.length === 0) return;
    const { device } = this.#gpu;
    const places = this.#gpu.upload("places", Uint32Array.from(jobs.flat()), GPUBufferUsage.STORAGE);
    const numbers = Uint32Array.of(shape.count, shape.to, shape.from, jobs.length);
    const sizes = this.#gpu.upload("places", numbers, GPUBufferUsage.UNIFORM);
    const commands = device.createCommandEncoder();
    const pass = commands.beginComputePass();
    pass.setPipeline(this.#pipeline);
    const groups = Math.ceil(jobs.length * shape.count / THREADS);
    for (const [layer, source] of sources.entries()) {
      const target = targets[layer];
      if (target === undefined) continue;
      pass.setBindGroup(
        0,
        device.createBindGroup({
          layout: this.#pipeline.getBindGroupLayout(0),
          entries: [source, target, places, sizes].map((buffer, binding) => ({ binding, resource: { buffer } })),
        }),
      );
      pass.dispatchWorkgroups(Math.min(groups, MOST_GROUPS), Math.ceil(groups / MOST_GROUPS));
    }
    pass.end();
    device.queue.submit([commands.finish()]);
    // Destroyed buffers live on until the submitted work is done.
    for (const buffer of [places, sizes]) buffer.destroy();
  }
}
