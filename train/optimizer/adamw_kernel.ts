/**
 * AdamW over tensors in host memory in one pass, as a WebAssembly function of four numbers at a time.
 *
 * Contract: gives the bits of `adamWGraph`, whose operations it makes in the same order in float32. The graph reads and writes
 * every intermediate result, which for a few million numbers takes three times as long. Moments are in the kernel's memory; weights
 * and gradients are copied in and out, one tensor after the other.
 * Choice: the module is written down by its instructions, since it is a few dozen of them.
 *
 * @module
 */

const [I32, F32, V128] = [0x7F, 0x7D, 0x7B];
/** Bytes of a vector. */
const VECTOR = 16;
const PAGE = 65536;

/** Unsigned LEB128. */
function number(value: number): number[] {
  return value < 0x80 ? [value] : [value & 0x7F | 0x80, ...number(value >>> 7)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...number(content.length), ...content];
}

function named(text: string): number[] {
  return [...number(text.length), ...new TextEncoder().encode(text)];
}

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const simd = (code: number) => [0xFD, ...number(code)];
const [LOAD, STORE, SPLAT] = [[...simd(0x00), 4, 0], [...simd(0x0B), 4, 0], simd(0x13)];
const [SQRT, ADD, SUB, MUL, DIV] = [simd(0xE3), simd(0xE4), simd(0xE5), simd(0xE6), simd(0xE7)];
const I32_ADD = [0x6A];

/** Parameters: addresses of g, h, m, v, w and the end of g, then β₁, its share, β₂, its share, ε, rate, keep. */
const [G, H, M, V, W, END] = [0, 1, 2, 3, 4, 5];
const SCALARS = 7;
/** The scalars as vectors. */
const [BETA1, SHARE1, BETA2, SHARE2, EPSILON, RATE, KEEP] = [13, 14, 15, 16, 17, 18, 19];
const [X, NEXT_M, NEXT_V] = [20, 21, 22];
const VECTORS = SCALARS + 3;

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const splats = Array.from({ length: SCALARS }, (_, i) => [...get(6 + i), ...SPLAT, ...set(BETA1 + i)]).flat();
  const load = (address: number) => [...get(address), ...LOAD];
  const store = (address: number, value: readonly number[]) => [...get(address), ...value, ...STORE];
  const body = [
    ...load(G),
    ...load(H),
    ...ADD,
    ...set(X),
    // m ← β₁ m + share₁ x
    ...[...load(M), ...get(BETA1), ...MUL, ...get(X), ...get(SHARE1), ...MUL, ...ADD, ...set(NEXT_M)],
    ...store(M, get(NEXT_M)),
    // v ← β₂ v + share₂ x²
    ...[
      ...load(V),
      ...get(BETA2),
      ...MUL,
      ...get(X),
      ...get(X),
      ...MUL,
      ...get(SHARE2),
      ...MUL,
      ...ADD,
      ...set(NEXT_V),
    ],
    ...store(V, get(NEXT_V)),
    // w ← keep w - rate m / (sqrt(v) + ε)
    ...store(W, [
      ...[...load(W), ...get(KEEP), ...MUL],
      ...[...get(NEXT_M), ...get(NEXT_V), ...SQRT, ...get(EPSILON), ...ADD, ...DIV, ...get(RATE), ...MUL],
      ...SUB,
    ]),
    ...[G, H, M, V, W].flatMap((address) => [...get(address), 0x41, VECTOR, ...I32_ADD, ...set(address)]),
  ];
  const code = [
    // One group of locals, all vectors.
    ...[1, ...number(VECTORS), V128],
    ...splats,
    // loop … while g < end
    ...[0x03, 0x40, ...body, ...get(G), ...get(END), 0x49, 0x0D, 0x00, 0x0B],
    0x0B,
  ];
  const type = [1, 0x60, ...number(6 + SCALARS), ...Array(6).fill(I32), ...Array(SCALARS).fill(F32), 0];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6D, 1, 0, 0, 0],
    ...section(1, type),
    ...section(2, [1, ...named("host"), ...named("memory"), 0x02, 0x00, 0x01]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...named("adamw"), 0x00, 0x00]),
    ...section(10, [1, ...number(code.length), ...code]),
  ]);
}

let compiled: WebAssembly.Module | undefined;

/** Numbers of one update. */
export interface AdamWKernelScalars {
  /** β₁, β₂. */
  readonly betas: readonly [number, number];
  /** What g and g² are multiplied by before they are added to the moments. */
  readonly shares: readonly [number, number];
  /** Added to sqrt(v). */
  readonly epsilon: number;
  /** Multiplies m / (sqrt(v) + ε). */
  readonly rate: number;
  /** Multiplies weights that decay. */
  readonly keep: number;
}

/** A tensor to update. */
export interface AdamWKernelTensor {
  /** Weights; they stay as they are. */
  readonly w: Float32Array;
  /** Gradient. */
  readonly g: Float32Array;
  /** Added to the gradient, where there are two. */
  readonly h?: Float32Array | undefined;
}

/** Moments of a list of tensors, and their updates. */
export class AdamWKernel {
  readonly #memory: WebAssembly.Memory;
  readonly #run: (...numbers: number[]) => void;
  /** Address of each tensor's first moment; the second follows it. */
  readonly #places: readonly number[];
  readonly #sizes: readonly number[];
  /** Addresses of a gradient, what is added to it, and weights. */
  readonly #scratch: readonly [number, number, number];

  /** Moments of 0. @param sizes numbers of each tensor. */
  constructor(sizes: readonly number[]) {
    const room = (size: number) => Math.ceil(4 * size / VECTOR) * VECTOR;
    let end = 0;
    const take = (bytes: number) => {
      end += bytes;
      return end - bytes;
    };
    const most = Math.max(0, ...sizes.map(room));
    this.#sizes = sizes;
    this.#scratch = [take(most), take(most), take(most)];
    this.#places = sizes.map((size) => take(2 * room(size)));
    this.#memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(end / PAGE)) });
    compiled ??= new WebAssembly.Module(moduleBytes());
    const { adamw } = new WebAssembly.Instance(compiled, { host: { memory: this.#memory } }).exports;
    if (typeof adamw !== "function") throw new TypeError("Cannot make the AdamW kernel: its module has no function");
    this.#run = (...numbers) => adamw(...numbers);
  }

  /** First and second moment of a tensor, views that the next update changes. */
  moments(index: number): readonly [Float32Array, Float32Array] {
    const [place = 0, size = 0] = [this.#places[index], this.#sizes[index]];
    return [this.#view(place, size), this.#view(place + this.#room(size), size)];
  }

  /** New weights of a tensor; its moments are updated. @param decays whether weights are multiplied by `keep`. */
  update(index: number, { w, g, h }: AdamWKernelTensor, scalars: AdamWKernelScalars, decays: boolean): Float32Array {
    const [size = 0, place = 0] = [this.#sizes[index], this.#places[index]];
    if (size === 0) return new Float32Array();
    const [atG, atH, atW] = this.#scratch;
    this.#view(atG, size).set(g);
    const other = this.#view(atH, size);
    if (h === undefined) other.fill(0);
    else other.set(h);
    const weights = this.#view(atW, size);
    weights.set(w);
    const { betas: [beta1, beta2], shares: [share1, share2], epsilon, rate, keep } = scalars;
    const room = this.#room(size);
    const addresses = [atG, atH, place, place + room, atW, atG + room];
    this.#run(...addresses, beta1, share1, beta2, share2, epsilon, rate, decays ? keep : 1);
    return weights.slice();
  }

  #room(size: number): number {
    return Math.ceil(4 * size / VECTOR) * VECTOR;
  }

  #view(address: number, size: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, size);
  }
}
