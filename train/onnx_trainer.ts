/**
 * Trains a model by AdamW on graphs that ONNX Runtime executes: forward, loss and gradients in one graph, the update in another.
 *
 * Contract: see {@linkcode Trainer}. Micro-batches add to the same gradient, so how a batch is split changes results by rounding only.
 * An update whose gradient is not finite throws and leaves weights and moments as they were. Tokens after the last one with a
 * weight are not run. Of a model with an adapter only the adapter has gradients, moments and updates, and a saved file holds nothing else
 * but the fingerprint of the weights under it.
 * Omitted: mixed precision; several devices.
 *
 * @module
 */
import { adapterList, type AdapterSpec } from "../agents/model/adapter.ts";
import { sequenceGraph, type SequenceGraphOptions } from "../agents/model/decoder.ts";
import type { DeviceTensor, Session } from "../agents/model/device.ts";
import type { GraphBuilder, Value } from "../agents/model/graph.ts";
import { adapterOf, configOf, type Model, ModelFileError, modelTensors, readFloats } from "../agents/model/model.ts";
import { placeParameters, tensorsUnder, weightsOf } from "../agents/model/model.ts";
import { add, mul, reduce, reshape, unary } from "../agents/model/ops.ts";
import { groupByLength, SequencePacker, tokensToRun } from "../agents/model/sequence_batch.ts";
import { type FileTensor, readTensorFile, type TensorFile, writeTensorFile } from "../agents/model/tensor_file.ts";
import { canonicalJson, type Json } from "../data/canonical.ts";
import { gradients } from "./autodiff/gradients.ts";
import type { LossPart, LossSpec, OptimizerSpec, Trainer, TrainExample, UpdateStats } from "./example.ts";
import { lossDenominator, lossFeeds, type LossSequence, lossTemperature, lossTokens } from "./losses/loss_feeds.ts";
import { isTruncated, neededLists, thresholdFeeds } from "./losses/loss_feeds.ts";
import { addLoss, lossGraphName, type LossShape } from "./losses/loss_graph.ts";
import { addSequence } from "./losses/sequence_loss.ts";
import { effectiveSampleSize, emptyLossSums, type LossSums } from "./losses/token_loss.ts";
import { adamWGraph, adamWScalars } from "./optimizer/adamw.ts";

/** Options of {@linkcode OnnxTrainer}. */
export interface OnnxTrainerOptions {
  /**
   * Most tokens of one micro-batch, padding included; a longer sequence is a micro-batch of its own.
   *
   * @default {4096}
   */
  microBatchTokens?: number;
  /**
   * Gradient checkpointing: keep only what passes between blocks and compute the rest again for the gradient. Takes about a third more
   * time and, for long sequences, a fraction of the memory.
   *
   * @default {false}
   */
  recompute?: boolean;
}

/** A batch cannot be trained on. */
export class TrainBatchError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "TrainBatchError";
}

/** The gradient of an update is not finite; nothing was changed. */
export class NonFiniteGradientError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "NonFiniteGradientError";
}

/** A row of a batch with the places that have a weight. */
interface Row extends LossSequence {
  readonly ids: readonly number[];
  /** Place in the batch. */
  readonly index: number;
}

/** Options of {@linkcode gradientGraph}. */
export interface GradientGraphOptions extends SequenceGraphOptions {
  /** Compute the values inside each block again for its gradient instead of keeping them. @default {false} */
  recompute?: boolean;
}

/** What each block reads from the one before, and what the last norm reads. */
function blockInputs(graph: GraphBuilder): Value[] {
  return graph.tape.flatMap(({ op, inputs: [x, weight] }) => {
    const starts = op === "RmsNorm" && /^w\.(blocks\.\d+\.attention_norm|final_norm)$/.test(weight?.name ?? "");
    return starts && x !== undefined ? [x] : [];
  });
}

/**
 * Forward, loss and accumulated gradients as one graph.
 *
 * Inputs: those of the whole-sequence graph, of the loss, and `g.<p>`, the gradients so far. Outputs: `next.g.<p>`, `loss`, `logprobs` [M],
 * and for a loss with a name `entropy` [M], nats. With an adapter, p are its parameters only.
 */
export function gradientGraph(
  config: Model["config"],
  shape: LossShape,
  adapter?: AdapterSpec,
  options: GradientGraphOptions = {},
): GraphBuilder {
  const { graph, weights, logprobs_M } = sequenceGraph(config, `gradient_${lossGraphName(shape)}`, adapter, options);
  const checkpoints = options.recompute === true ? blockInputs(graph) : [];
  const all_M_V = graph.tape.findLast(({ op }) => op === "TokenLogprob")?.saved["logprobs"];
  const loss = addLoss(graph, shape, logprobs_M);
  const own = adapter === undefined ? undefined : new Set(adapterList(config, adapter).map(({ name }) => name));
  const entries = weights.entries().filter(([name]) => own?.has(name) ?? true);
  const grads = gradients(graph, loss, entries.map(([, value]) => value), { checkpoints });
  for (const [i, [name, value]] of entries.entries()) {
    const before = graph.input(`g.${name}`, "float32", value.shape);
    const grad = grads[i];
    if (grad === undefined) continue;
    const own = grads.filter((other) => other === grad).length === 1;
    graph.output(`next.g.${name}`, own ? graph.addToProduct(before, grad) : add(graph, before, grad));
  }
  graph.output("loss", loss);
  graph.output("logprobs", logprobs_M);
  // The graphs of nll and clip stay as they always were, so that runs of old repeat bit for bit.
  if (shape.kind === "policy" && all_M_V !== undefined) {
    const sum = reduce(graph, "ReduceSum", mul(graph, unary(graph, "Exp", all_M_V), all_M_V), [-1]);
    graph.output("entropy", unary(graph, "Neg", reshape(graph, sum, [-1], ["M"])));
  }
  return graph;
}

/**
 * AdamW trainer of one model.
 *
 * @example One step on one sequence lowers its loss
 * ```ts
 * import { nanoConfig } from "whetstone/agents/model/config.ts";
 * import { openDevice } from "whetstone/agents/model/device.ts";
 * import { createModel } from "whetstone/agents/model/model.ts";
 * import { OnnxTrainer } from "whetstone/train/onnx_trainer.ts";
 * import assert from "node:assert/strict";
 *
 * const model = await createModel(await openDevice("cpu"), nanoConfig(16, { layers: 1 }), 1);
 * const trainer = new OnnxTrainer(model);
 * const batch = [{ ids: [1, 2, 3], weights: [0, 0.5, 0.5] }];
 * const spec = { learningRate: 0.01, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 };
 * const first = await trainer.update(batch, { kind: "nll" }, spec);
 * const second = await trainer.update(batch, { kind: "nll" }, spec);
 * assert.ok(second.loss < first.loss);
 * ```
 */
export class OnnxTrainer implements Trainer {
  readonly #model: Model;
  readonly #packer: SequencePacker;
  readonly #microBatchTokens: number;
  readonly #recompute: boolean;
  #updates = 0;
  #moments:
    | { readonly m: ReadonlyMap<string, DeviceTensor>; readonly v: ReadonlyMap<string, DeviceTensor> }
    | undefined;
  #zeros: ReadonlyMap<string, DeviceTensor> | undefined;

  /** A trainer that has made no update yet. @throws {RangeError} if `microBatchTokens` is not a positive integer. */
  constructor(model: Model, options: OnnxTrainerOptions = {}) {
    const { microBatchTokens = 4096, recompute = false } = options;
    if (!(Number.isInteger(microBatchTokens) && microBatchTokens > 0)) {
      throw new RangeError(
        `Cannot make a trainer: microBatchTokens must be a positive integer, got ${microBatchTokens}`,
      );
    }
    this.#model = model;
    this.#packer = new SequencePacker(model.device, model.config);
    this.#microBatchTokens = microBatchTokens;
    this.#recompute = recompute;
  }

  /** Number of updates made. */
  get updates(): number {
    return this.#updates;
  }

  /**
   * One update from a batch.
   *
   * @throws {TrainBatchError} if an example does not fit the model or the loss, or no token has a weight.
   * @throws {NonFiniteGradientError} if the gradient is not finite; nothing has changed then.
   */
  async update(
    batch: readonly TrainExample[],
    loss: LossSpec,
    optimizer: OptimizerSpec,
    also: readonly LossPart[] = [],
  ): Promise<UpdateStats> {
    const main = await this.#gradients({ batch, loss }, this.#zeroTensors());
    if (main === undefined) {
      throw new TrainBatchError(
        `Cannot update: some token must have a weight other than 0, got ${batch.length} examples`,
      );
    }
    let { grads } = main;
    for (const part of also) grads = (await this.#gradients(part, grads))?.grads ?? grads;
    const gradNorm = await this.#step(grads, optimizer);
    const { rows, sums, logprobs } = main;
    const mean = (sum: number) => sum / sums.tokens;
    const denominator = lossDenominator(loss);
    const sampled = new Set(rows.map(({ example }) => example.samplingTemperature));
    const [samplingTemperature] = sampled.size === 1 ? sampled : [];
    return {
      loss: sums.loss,
      weightSum: sums.weight,
      lossTokens: sums.tokens,
      tokens: rows.reduce((sum, row) => sum + tokensToRun(row), 0),
      gradNorm,
      clipShare: mean(sums.clipped),
      klK1: mean(sums.k1),
      klK3: mean(sums.k3),
      maxRatioError: sums.maxRatioError,
      klK2: mean(sums.k2),
      ess: effectiveSampleSize(sums),
      numerator: sums.loss * denominator,
      denominator,
      temperature: lossTemperature(loss),
      ...(samplingTemperature === undefined ? {} : { samplingTemperature }),
      ...(loss.kind === "policy" ? { entropy: mean(sums.entropy), logprobs } : {}),
      ...(loss.kind === "policy" && loss.kl !== undefined ? { referenceKl: mean(sums.referenceKl) } : {}),
    };
  }

  /** Adds a batch's gradients to those so far, which are freed; undefined if no token has a weight, and nothing is freed then. */
  async #gradients({ batch, loss }: LossPart, before: ReadonlyMap<string, DeviceTensor>) {
    const rows = batch.flatMap((example, i) => this.#row(example, i, loss));
    if (rows.length === 0) return undefined;
    const sums = emptyLossSums();
    const logprobs: (readonly number[])[] = batch.map(() => []);
    const truncated = isTruncated(rows);
    const session = await this.#gradientSession(loss, truncated);
    let grads = before;
    for (const { rows: indices, tokens } of groupByLength(rows, this.#microBatchTokens)) {
      const group = indices.flatMap((index) => rows[index] ?? []);
      const feeds = {
        ...this.#packer.pack(group, tokens),
        ...lossFeeds(this.#model.device, loss, group),
        ...(truncated ? thresholdFeeds(this.#model.device, group) : {}),
      };
      const next = await this.#accumulate(session, group, feeds, loss, grads, { sums, logprobs });
      if (grads !== this.#zeros) disposeAll(grads);
      grads = next;
    }
    return { grads, rows, sums, logprobs };
  }

  /** Checks an example; an example without weights gives no row. */
  #row(example: TrainExample, index: number, loss: LossSpec): Row[] {
    const { ids, weights, thresholds, samplingTemperature } = example;
    const { vocabularySize, contextTokens } = this.#model.config;
    const fail = (rule: string, received: unknown): never => {
      throw new TrainBatchError(`Cannot train on example ${index}: ${rule}, got ${received}`);
    };
    if (weights.length !== ids.length) fail(`weights must have ${ids.length} entries`, weights.length);
    if (ids.length > contextTokens) fail(`ids must have at most ${contextTokens} entries`, ids.length);
    const bad = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabularySize));
    if (bad !== undefined) fail(`ids must be integers from 0 to ${vocabularySize - 1}`, bad);
    const wanted = weights.flatMap((weight, t) => (weight === 0 ? [] : [t]));
    if (wanted.length === 0) return [];
    if (wanted[0] === 0) fail("the weight of the first token must be 0, because nothing predicts it", weights[0]);
    for (const [name, list] of Object.entries(neededLists(example, loss))) {
      const wrong = wanted.find((t) => !Number.isFinite(list?.[t]));
      if (wrong !== undefined) fail(`${name} must be finite at token ${wrong}`, list?.[wrong]);
    }
    const wrong = thresholds === undefined ? undefined : wanted.find((t) => !((thresholds[t] ?? NaN) < Infinity));
    if (wrong !== undefined) {
      fail(`thresholds must be log-probabilities or -Infinity at token ${wrong}`, thresholds?.[wrong]);
    }
    if (loss.kind !== "nll" && samplingTemperature !== undefined && samplingTemperature !== loss.temperature) {
      fail(`samplingTemperature must be the loss's temperature ${loss.temperature}`, samplingTemperature);
    }
    return [{ ids, wanted, example, index }];
  }

  /** Runs one micro-batch; gives the gradients so far, adds to the sums and puts log-probabilities in the rows' places. */
  async #accumulate(
    session: Session,
    rows: readonly Row[],
    feeds: Readonly<Record<string, DeviceTensor>>,
    loss: LossSpec,
    grads: ReadonlyMap<string, DeviceTensor>,
    figures: { readonly sums: LossSums; readonly logprobs: (readonly number[])[] },
  ): Promise<Map<string, DeviceTensor>> {
    const { sums } = figures;
    const results = await session.run({ ...this.#model.feeds(), ...prefixed("g.", grads), ...feeds });
    const { logprobs, loss: graphLoss, entropy, ...next } = results;
    if (logprobs === undefined) throw new ModelFileError("Cannot train: the gradient graph gave no log-probabilities");
    const values = await readFloats(logprobs);
    let m = 0;
    for (const row of rows) {
      const end = m + row.wanted.length;
      figures.logprobs[row.index] = [...values.subarray(m, end)];
      addSequence(sums, loss, lossTokens(loss, row, values.subarray(m, end)));
      m = end;
    }
    if (entropy !== undefined) {
      for (const value of await readFloats(entropy)) sums.entropy += value;
      entropy.dispose();
    }
    logprobs.dispose();
    graphLoss?.dispose();
    return unprefixed("next.g.", next);
  }

  /** Applies AdamW; gives the gradient norm. */
  async #step(grads: ReadonlyMap<string, DeviceTensor>, optimizer: OptimizerSpec): Promise<number> {
    const { device } = this.#model;
    const parameters = this.#model.trainable();
    const session = await this.#model.session("adamw", () => adamWGraph(parameters), {
      keepOnDevice: parameters.flatMap(({ name }) => ["w", "m", "v"].map((part) => `next.${part}.${name}`)),
    });
    const zeros = this.#zeroTensors();
    const moments = this.#moments ?? { m: zeros, v: zeros };
    const scalars = Object.entries(adamWScalars(optimizer, this.#updates + 1)).map(([name, value]) => {
      return [name, device.float(Float32Array.of(value), [])] as const;
    });
    const results = await session.run({
      ...prefixed("w.", this.#model.trainableWeights),
      ...prefixed("g.", grads),
      ...prefixed("m.", moments.m),
      ...prefixed("v.", moments.v),
      ...Object.fromEntries(scalars),
    });
    disposeAll(grads);
    const { grad_norm: normTensor, ...next } = results;
    const gradNorm = normTensor === undefined ? NaN : (await readFloats(normTensor))[0] ?? NaN;
    normTensor?.dispose();
    if (!Number.isFinite(gradNorm)) {
      disposeAll(new Map(Object.entries(next)));
      throw new NonFiniteGradientError(`Cannot update: the gradient norm must be finite, got ${gradNorm}`);
    }
    this.#replaceMoments({ m: unprefixed("next.m.", next), v: unprefixed("next.v.", next) });
    this.#model.replaceWeights(unprefixed("next.w.", next));
    this.#updates++;
    return gradNorm;
  }

  #replaceMoments(moments: { m: ReadonlyMap<string, DeviceTensor>; v: ReadonlyMap<string, DeviceTensor> } | undefined) {
    if (this.#moments !== undefined) {
      disposeAll(this.#moments.m);
      disposeAll(this.#moments.v);
    }
    this.#moments = moments;
  }

  #gradientSession(loss: LossSpec, truncated: boolean): Promise<Session> {
    const { config, adapter } = this.#model;
    const recompute = this.#recompute;
    const name = `gradient ${lossGraphName(loss)}${truncated ? " truncated" : ""}${recompute ? " recomputed" : ""}`;
    return this.#model.session(name, () => gradientGraph(config, loss, adapter?.spec, { truncated, recompute }), {
      keepOnDevice: this.#model.trainable().map(({ name }) => `next.g.${name}`),
    });
  }

  /** Zeros in the shape of every trainable parameter, kept for the trainer's life. */
  #zeroTensors(): ReadonlyMap<string, DeviceTensor> {
    const { device } = this.#model;
    this.#zeros ??= new Map(
      this.#model.trainable().map(({ name, shape }) => {
        return [name, device.place(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)];
      }),
    );
    return this.#zeros;
  }

  /** Writes trainable weights, moments and the number of updates to one file, atomically. */
  async save(path: string): Promise<void> {
    const { metadata, tensors } = await modelTensors(this.#model);
    const all = new Map<string, FileTensor>(tensors);
    for (const part of ["m", "v"] as const) {
      for (const { name, shape } of this.#model.trainable()) {
        const tensor = this.#moments?.[part].get(name);
        if (tensor !== undefined) all.set(`${part}.${name}`, { shape, values: await readFloats(tensor) });
      }
    }
    await writeTensorFile(path, { metadata: { ...metadata, updates: String(this.#updates) }, tensors: all });
  }

  /**
   * Restores a file that {@linkcode OnnxTrainer.save} wrote.
   *
   * @throws {ModelFileError} if it is for another configuration, for another adapter, or for an adapter on other weights.
   */
  async load(path: string): Promise<void> {
    const { device } = this.#model;
    const file = await readTensorFile(path);
    await this.#checkShape(file, path);
    const updates = Number(file.metadata["updates"]);
    if (!Number.isInteger(updates)) {
      throw new ModelFileError(`Cannot load ${path}: updates must be an integer, got ${file.metadata["updates"]}`);
    }
    const place = (values: ReadonlyMap<string, Float32Array>) => {
      return placeParameters(device, this.#model.trainable(), values);
    };
    const weights = place(weightsOf(file));
    const [m, v] = [tensorsUnder(file, "m."), tensorsUnder(file, "v.")];
    this.#replaceMoments(m.size === 0 ? undefined : { m: place(m), v: place(v) });
    this.#model.replaceWeights(weights);
    this.#updates = updates;
  }

  async #checkShape(file: TensorFile, path: string): Promise<void> {
    const { config, adapter } = this.#model;
    const theirs = configOf(file, path);
    if (!sameJson({ ...theirs }, { ...config })) {
      throw new ModelFileError(
        `Cannot load ${path}: its configuration must be the model's, got ${JSON.stringify(theirs)}`,
      );
    }
    const saved = file.metadata["adapter"];
    if (adapter === undefined) {
      if (saved !== undefined) {
        throw new ModelFileError(`Cannot load ${path}: the model has no adapter, the file holds that of ${saved}`);
      }
      return;
    }
    const spec = await adapterOf(file, path, this.#model);
    if (!sameJson({ ...spec }, { ...adapter.spec })) {
      throw new ModelFileError(
        `Cannot load ${path}: its adapter must be ${JSON.stringify(adapter.spec)}, got ${JSON.stringify(spec)}`,
      );
    }
  }
}

function sameJson(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b);
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

function disposeAll(tensors: ReadonlyMap<string, DeviceTensor>): void {
  for (const tensor of tensors.values()) tensor.dispose();
}
