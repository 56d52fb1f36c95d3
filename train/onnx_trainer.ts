/**
 * Trains a model by AdamW on graphs that ONNX Runtime executes: forward, loss and gradients in one graph, the update in another.
 *
 * Contract: see {@linkcode Trainer}. Micro-batches add to the same gradient, so how a batch is split changes results by rounding only.
 * An update whose gradient is not finite throws and leaves weights and moments as they were; with mixed precision its gradient is first
 * made again with ever smaller loss scales (loss_scale.ts). Tokens after the last one with a
 * weight are not run. Of a model with an adapter only the adapter has gradients, moments and updates, and a saved file holds nothing else
 * but the fingerprint of the weights under it.
 * Omitted: several devices.
 *
 * @module
 */
import type { DeviceTensor } from "../agents/model/device.ts";
import { adapterOf, configOf, type Model, ModelFileError, modelTensors } from "../agents/model/model.ts";
import { placeParameters, tensorsUnder, weightsOf } from "../agents/model/model.ts";
import { parameterList } from "../agents/model/config.ts";
import type { Precision } from "../agents/model/precision.ts";
import { groupByLength, SequencePacker, tokensToRun } from "../agents/model/sequence_batch.ts";
import { type FileTensor, readTensorFile, type TensorFile, writeTensorFile } from "../agents/model/tensor_file.ts";
import { canonicalJson, type Json } from "../data/canonical.ts";
import { ACTIVATION_LIMIT_BYTES, activationBytes, type MicroBatchShape } from "./activation_memory.ts";
import type { LossPart, LossSpec, OptimizerSpec, Trainer, TrainExample, UpdateStats } from "./example.ts";
import { gradientGraph } from "./gradient_graph.ts";
import { type GradientResults, type Gradients, GradientSums, type GradientWork } from "./gradient_sums.ts";
import { LossScale } from "./loss_scale.ts";
import { isTruncated, lossDenominator, lossFeeds, lossTemperature, lossTokens } from "./losses/loss_feeds.ts";
import { thresholdFeeds } from "./losses/loss_feeds.ts";
import { lossGraphName } from "./losses/loss_graph.ts";
import { addSequence } from "./losses/sequence_loss.ts";
import { effectiveSampleSize, emptyLossSums, type LossSums } from "./losses/token_loss.ts";
import { type WeightUpdater, weightUpdater } from "./optimizer/weight_updater.ts";
import { TrainBatchError, type TrainRow, trainRows } from "./train_rows.ts";

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
   * time and, for long sequences, a fraction of the memory. `auto` does so for micro-batches above `activationLimitBytes`.
   *
   * @default {"auto"}
   */
  recompute?: "auto" | "on" | "off" | undefined;
  /**
   * Most bytes that a micro-batch's values may take, by the estimate of {@linkcode activationBytes}, before they are computed again.
   *
   * @default {2 * 2 ** 30}
   */
  activationLimitBytes?: number;
  /**
   * Element type of products and activations (agents/model/precision.ts). `auto` is mixed where the device computes in float16 itself, else
   * float32; `mixed` elsewhere gives its numbers, by conversions, but saves no time.
   *
   * @default {"float32"}
   */
  precision?: Precision | "auto" | undefined;
}

/** Bytes of weights above which a session's plan of its memory costs more memory than it saves. */
const LARGE_WEIGHTS_BYTES = 256 * 2 ** 20;

/** The gradient of an update is not finite; nothing was changed. */
export class NonFiniteGradientError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "NonFiniteGradientError";
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
  readonly #recompute: "auto" | "on" | "off";
  readonly #activationLimitBytes: number;
  readonly #precision: Precision;
  readonly #scale = new LossScale();
  #updates = 0;
  readonly #updater: WeightUpdater;
  readonly #sums: GradientSums;

  /** A trainer that has made no update yet. @throws {RangeError} if `microBatchTokens` is not a positive integer. */
  constructor(model: Model, options: OnnxTrainerOptions = {}) {
    const { microBatchTokens = 4096, recompute = "auto", precision = "float32" } = options;
    const { activationLimitBytes = ACTIVATION_LIMIT_BYTES } = options;
    if (!(Number.isInteger(microBatchTokens) && microBatchTokens > 0)) {
      throw new RangeError(
        `Cannot make a trainer: microBatchTokens must be a positive integer, got ${microBatchTokens}`,
      );
    }
    this.#model = model;
    this.#packer = new SequencePacker(model.device, model.config);
    this.#sums = new GradientSums(model);
    this.#updater = weightUpdater(model, { memoryPattern: this.#plansMemory() });
    this.#microBatchTokens = microBatchTokens;
    this.#recompute = recompute;
    this.#activationLimitBytes = activationLimitBytes;
    const auto = model.device.has("float16") ? "mixed" : "float32";
    this.#precision = precision === "auto" ? auto : precision;
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
    const mixed = this.#precision === "mixed";
    const scaleBefore = this.#scale.toText();
    let rescalings = 0;
    let made = await this.#attempt({ batch, loss }, optimizer, also);
    // A smaller scale helps where only the gradient is not finite.
    while (mixed && !Number.isFinite(made.gradNorm) && Number.isFinite(made.sums.loss) && this.#scale.lower()) {
      rescalings++;
      made = await this.#attempt({ batch, loss }, optimizer, also);
    }
    const { rows, sums, logprobs, gradNorm } = made;
    if (!Number.isFinite(gradNorm)) {
      this.#scale.restore(scaleBefore);
      throw new NonFiniteGradientError(`Cannot update: the gradient norm must be finite, got ${gradNorm}`);
    }
    const lossScale = this.#scale.value;
    this.#scale.held();
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
      ...(mixed ? { lossScale, rescalings } : {}),
      ...(loss.kind === "policy" ? { entropy: mean(sums.entropy), logprobs } : {}),
      ...(loss.kind === "policy" && loss.kl !== undefined ? { referenceKl: mean(sums.referenceKl) } : {}),
    };
  }

  /** Gradients of a batch and of what goes with it, and the step where they are finite; the norm says whether they are. */
  async #attempt({ batch, loss }: LossPart, optimizer: OptimizerSpec, also: readonly LossPart[]) {
    this.#sums.clear();
    const main = await this.#gradients({ batch, loss });
    if (main === undefined) {
      throw new TrainBatchError(
        `Cannot update: some token must have a weight other than 0, got ${batch.length} examples`,
      );
    }
    for (const part of also) await this.#gradients(part);
    return { ...main, gradNorm: await this.#sums.take((sums) => this.#step(sums, optimizer)) };
  }

  /** Adds a batch's gradients to those so far; undefined if no token has a weight. */
  async #gradients({ batch, loss }: LossPart) {
    const rows = batch.flatMap((example, i) => trainRows(this.#model.config, example, i, loss));
    if (rows.length === 0) return undefined;
    const sums = emptyLossSums();
    const logprobs: (readonly number[])[] = batch.map(() => []);
    const truncated = isTruncated(rows);
    const [first = [], second = []] = this.#sums.shares(rows.map(tokensToRun)).map((places) => {
      const share = places.flatMap((place) => rows[place] ?? []);
      return groupByLength(share, this.#microBatchTokens).map(({ rows: indices, tokens }) => {
        const group = indices.flatMap((index) => share[index] ?? []);
        return { group, work: this.#work(group, tokens, loss, truncated) };
      });
    });
    for (let i = 0; i < Math.max(first.length, second.length); i++) {
      const [mine, theirs] = await this.#sums.add(first[i]?.work(), second[i]?.work());
      for (const [part, results] of [[first[i], mine], [second[i], theirs]] as const) {
        if (part !== undefined && results !== undefined) this.#note(part.group, results, loss, { sums, logprobs });
      }
    }
    return { rows, sums, logprobs };
  }

  /** Applies AdamW where the gradient norm is finite; gives the norm. */
  async #step(sum: readonly Gradients[], optimizer: OptimizerSpec): Promise<number> {
    const gradNorm = await this.#updater.update(sum, optimizer, this.#updates + 1);
    if (Number.isFinite(gradNorm)) this.#updates++;
    return gradNorm;
  }

  /** A micro-batch, packed when it is asked for. */
  #work(group: readonly TrainRow[], tokens: number, loss: LossSpec, truncated: boolean): () => GradientWork {
    return () => ({
      ...this.#graph(loss, truncated, {
        rows: group.length,
        tokens,
        lossTokens: group.reduce((sum, { wanted }) => sum + wanted.length, 0),
      }),
      feeds: {
        ...this.#packer.pack(group, tokens),
        ...lossFeeds(this.#model.device, loss, group),
        ...(truncated ? thresholdFeeds(this.#model.device, group) : {}),
        ...(this.#precision === "mixed" ? this.#scaleFeed() : {}),
      },
    });
  }

  #scaleFeed(): Record<string, DeviceTensor> {
    return { loss_scale: this.#model.device.float(Float32Array.of(this.#scale.value), []) };
  }

  /** Adds a micro-batch's figures to the sums and puts log-probabilities in the rows' places. */
  #note(
    rows: readonly TrainRow[],
    { logprobs, entropy }: GradientResults,
    loss: LossSpec,
    figures: { readonly sums: LossSums; readonly logprobs: (readonly number[])[] },
  ): void {
    const { sums } = figures;
    let m = 0;
    for (const row of rows) {
      const end = m + row.wanted.length;
      figures.logprobs[row.index] = [...logprobs.subarray(m, end)];
      addSequence(sums, loss, lossTokens(loss, row, logprobs.subarray(m, end)));
      m = end;
    }
    for (const value of entropy ?? []) sums.entropy += value;
  }

  #graph(loss: LossSpec, truncated: boolean, shape: MicroBatchShape): Omit<GradientWork, "feeds"> {
    const { config, adapter } = this.#model;
    const precision = this.#precision;
    const recompute = this.#recompute === "auto"
      ? activationBytes(config, shape, precision) > this.#activationLimitBytes
      : this.#recompute === "on";
    const forms = [
      truncated ? " truncated" : "",
      recompute ? " recomputed" : "",
      precision === "mixed" ? " mixed" : "",
    ];
    const build = (oneThread: boolean) => {
      return gradientGraph(config, loss, adapter?.spec, { truncated, recompute, precision, oneThread });
    };
    return {
      key: `gradient ${lossGraphName(loss)}${forms.join("")}`,
      build,
      options: {
        keepOnDevice: this.#model.trainable().map(({ name }) => `next.g.${name}`),
        memoryPattern: this.#plansMemory(),
      },
    };
  }

  /** Of half a billion parameters an adapter's second update took 966 MiB beside the weights with a plan, 580 MiB without. */
  #plansMemory(): boolean {
    const numbers = parameterList(this.#model.config).reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    );
    return 4 * numbers <= LARGE_WEIGHTS_BYTES;
  }

  /** Writes trainable weights, moments and the number of updates to one file, atomically. */
  async save(path: string): Promise<void> {
    const { metadata, tensors } = await modelTensors(this.#model);
    const all = new Map<string, FileTensor>(tensors);
    const moments = await this.#updater.moments();
    for (const part of ["m", "v"] as const) {
      for (const { name, shape } of this.#model.trainable()) {
        const values = moments?.[part].get(name);
        if (values !== undefined) all.set(`${part}.${name}`, { shape, values });
      }
    }
    const scale = this.#precision === "mixed" ? { lossScale: this.#scale.toText() } : {};
    await writeTensorFile(path, { metadata: { ...metadata, updates: String(this.#updates), ...scale }, tensors: all });
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
    const { lossScale } = file.metadata;
    if (this.#precision === "mixed" && lossScale !== undefined) this.#scale.restore(lossScale);
    const weights = placeParameters(device, this.#model.trainable(), weightsOf(file));
    const [m, v] = [tensorsUnder(file, "m."), tensorsUnder(file, "v.")];
    this.#updater.restore(m.size === 0 ? undefined : { m, v });
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
