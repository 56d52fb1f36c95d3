/**
 * Applies AdamW to a model's trainable weights: as a graph where they are in device memory or many, else by the kernel.
 *
 * Contract: a gradient whose norm is not finite changes nothing. Both ways give the same bits on native CPU.
 *
 * @module
 */
import type { DeviceTensor } from "../../agents/model/device.ts";
import { arrayOf } from "../../agents/model/lane_channel.ts";
import { type Model, placeParameters, readFloats } from "../../agents/model/model.ts";
import type { OptimizerSpec } from "../example.ts";
import { adamWGraph, adamWScalars, CLIP_EPSILON, gradientNormGraph } from "./adamw.ts";
import { AdamWKernel, type AdamWKernelScalars } from "./adamw_kernel.ts";

/** Gradients by parameter name; where there are two, their sum is meant. */
export type GradientSum = readonly (ReadonlyMap<string, DeviceTensor>)[];

/** First and second moments by parameter name, in host memory. */
export interface Moments {
  /** Means of gradients. */
  readonly m: ReadonlyMap<string, Float32Array>;
  /** Means of squared gradients. */
  readonly v: ReadonlyMap<string, Float32Array>;
}

/** AdamW over one model. */
export interface WeightUpdater {
  /**
   * Makes update number `number`, from 1, unless the gradient's norm is not finite.
   *
   * @returns the norm before clipping.
   */
  update(sum: GradientSum, spec: OptimizerSpec, number: number): Promise<number>;
  /** Present moments; undefined before the first update. */
  moments(): Promise<Moments | undefined>;
  /** Puts moments in place of the present ones; undefined makes them 0. */
  restore(moments: Moments | undefined): void;
}

/** Most trainable numbers that the kernel takes. */
const KERNEL_NUMBERS = 2 ** 24;

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** What suits a model. @param options see {@linkcode GraphUpdater}. */
export function weightUpdater(model: Model, options: { readonly memoryPattern: boolean }): WeightUpdater {
  const numbers = model.trainable().reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (model.device.kind === "cpu" && numbers <= KERNEL_NUMBERS) return new KernelUpdater(model);
  return new GraphUpdater(model, options);
}

/** Updates by {@linkcode AdamWKernel}; only the norm is a graph's. */
export class KernelUpdater implements WeightUpdater {
  readonly #model: Model;
  #kernel: AdamWKernel | undefined;

  /** Moments of 0. */
  constructor(model: Model) {
    this.#model = model;
  }

  /** See {@linkcode WeightUpdater.update}. */
  async update([grads, others]: GradientSum, spec: OptimizerSpec, number: number): Promise<number> {
    const parameters = this.#model.trainable();
    const sumOfTwo = others !== undefined;
    const key = sumOfTwo ? "gradient norm of two" : "gradient norm";
    const session = await this.#model.session(key, () => gradientNormGraph(parameters, { sumOfTwo }));
    const { grad_norm: tensor } = await session.run({
      ...prefixed("g.", grads ?? new Map()),
      ...prefixed("h.", others ?? new Map()),
    });
    const gradNorm = tensor === undefined ? NaN : (await readFloats(tensor))[0] ?? NaN;
    if (!Number.isFinite(gradNorm)) return gradNorm;
    const kernel = this.#kernel ??= this.#make();
    const scalars = kernelScalars(spec, number, gradNorm);
    const next = new Map<string, Float32Array>();
    for (const [i, { name, decays }] of parameters.entries()) {
      const [w, g, h] = [this.#model.trainableWeights, grads, others].map((tensors) => tensors?.get(name)?.data);
      const given = {
        w: arrayOf(w, Float32Array),
        g: arrayOf(g, Float32Array),
        h: h === undefined ? undefined : arrayOf(h, Float32Array),
      };
      next.set(name, kernel.update(i, given, scalars, decays));
    }
    this.#model.replaceWeights(placeParameters(this.#model.device, parameters, next));
    return gradNorm;
  }

  /** See {@linkcode WeightUpdater.moments}. */
  moments(): Promise<Moments | undefined> {
    const kernel = this.#kernel;
    if (kernel === undefined) return Promise.resolve(undefined);
    const list = (which: 0 | 1) => {
      return new Map(this.#model.trainable().map(({ name }, i) => [name, kernel.moments(i)[which].slice()]));
    };
    return Promise.resolve({ m: list(0), v: list(1) });
  }

  /** See {@linkcode WeightUpdater.restore}. */
  restore(moments: Moments | undefined): void {
    this.#kernel = undefined;
    if (moments === undefined) return;
    this.#kernel = this.#make();
    for (const [i, { name }] of this.#model.trainable().entries()) {
      const [m, v] = this.#kernel.moments(i);
      m.set(moments.m.get(name) ?? []);
      v.set(moments.v.get(name) ?? []);
    }
  }

  #make(): AdamWKernel {
    return new AdamWKernel(this.#model.trainable().map(({ shape }) => sizeOf(shape)));
  }
}

/** The scalars of an update as the graph computes them, each rounded to float32. */
function kernelScalars(spec: OptimizerSpec, number: number, gradNorm: number): AdamWKernelScalars {
  const f = Math.fround;
  const { rate = 0, keep = 1, beta1 = 0, rest1 = 1, beta2 = 0, rest2 = 1, epsilon = 0, max_norm: most = 1 } =
    adamWScalars(spec, number);
  const scale = Math.min(f(f(most) / f(gradNorm + f(CLIP_EPSILON))), 1);
  return {
    betas: [f(beta1), f(beta2)],
    shares: [f(f(rest1) * scale), f(f(rest2) * f(scale * scale))],
    epsilon: f(epsilon),
    rate: f(rate),
    keep: f(keep),
  };
}

/** Moments on the device. */
interface PlacedMoments {
  readonly m: ReadonlyMap<string, DeviceTensor>;
  readonly v: ReadonlyMap<string, DeviceTensor>;
}

/** Updates by {@linkcode adamWGraph}. */
export class GraphUpdater implements WeightUpdater {
  readonly #model: Model;
  readonly #memoryPattern: boolean;
  #moments: PlacedMoments | undefined;

  /** Moments of 0. @param options see `SessionOptions.memoryPattern`. */
  constructor(model: Model, options: { readonly memoryPattern: boolean }) {
    this.#model = model;
    this.#memoryPattern = options.memoryPattern;
  }

  /** See {@linkcode WeightUpdater.update}. */
  async update([grads, others]: GradientSum, spec: OptimizerSpec, number: number): Promise<number> {
    const { device } = this.#model;
    const parameters = this.#model.trainable();
    const sumOfTwo = others !== undefined;
    const build = () => adamWGraph(parameters, { sumOfTwo });
    const session = await this.#model.session(sumOfTwo ? "adamw of two" : "adamw", build, {
      keepOnDevice: parameters.flatMap(({ name }) => ["w", "m", "v"].map((part) => `next.${part}.${name}`)),
      memoryPattern: this.#memoryPattern,
    });
    const moments = this.#moments ??= this.#placed(undefined);
    const scalars = Object.entries(adamWScalars(spec, number)).map(([name, value]) => {
      return [name, device.float(Float32Array.of(value), [])] as const;
    });
    const results = await session.run({
      ...prefixed("w.", this.#model.trainableWeights),
      ...prefixed("g.", grads ?? new Map()),
      ...prefixed("h.", others ?? new Map()),
      ...prefixed("m.", moments.m),
      ...prefixed("v.", moments.v),
      ...Object.fromEntries(scalars),
    });
    const { grad_norm: normTensor, ...next } = results;
    const gradNorm = normTensor === undefined ? NaN : (await readFloats(normTensor))[0] ?? NaN;
    normTensor?.dispose();
    if (!Number.isFinite(gradNorm)) {
      for (const tensor of Object.values(next)) tensor.dispose();
      return gradNorm;
    }
    this.#replace({ m: unprefixed("next.m.", next), v: unprefixed("next.v.", next) });
    this.#model.replaceWeights(unprefixed("next.w.", next));
    return gradNorm;
  }

  /** See {@linkcode WeightUpdater.moments}. */
  async moments(): Promise<Moments | undefined> {
    if (this.#moments === undefined) return undefined;
    const read = async (tensors: ReadonlyMap<string, DeviceTensor>) => {
      const values = new Map<string, Float32Array>();
      for (const [name, tensor] of tensors) values.set(name, await readFloats(tensor));
      return values;
    };
    return { m: await read(this.#moments.m), v: await read(this.#moments.v) };
  }

  /** See {@linkcode WeightUpdater.restore}. */
  restore(moments: Moments | undefined): void {
    this.#replace(moments === undefined ? undefined : this.#placed(moments));
  }

  #placed(moments: Moments | undefined): PlacedMoments {
    const parameters = this.#model.trainable();
    const zeros = () => new Map(parameters.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]));
    const place = (values: ReadonlyMap<string, Float32Array>) => {
      return placeParameters(this.#model.device, parameters, values);
    };
    return { m: place(moments?.m ?? zeros()), v: place(moments?.v ?? zeros()) };
  }

  #replace(moments: PlacedMoments | undefined): void {
    for (const tensors of [this.#moments?.m, this.#moments?.v]) {
      for (const tensor of tensors?.values() ?? []) tensor.dispose();
    }
    this.#moments = moments;
  }
}

function prefixed(prefix: string, tensors: ReadonlyMap<string, DeviceTensor>): Record<string, DeviceTensor> {
  return Object.fromEntries([...tensors].map(([name, tensor]) => [`${prefix}${name}`, tensor]));
}

/** Tensors whose names begin with a prefix, by the rest of their names. */
function unprefixed(prefix: string, tensors: Readonly<Record<string, DeviceTensor>>): Map<string, DeviceTensor> {
  return new Map(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}
