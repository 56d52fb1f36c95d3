/**
 * Measurements of the engine's bench on the nano shapes: training step, decoding, GRPO step.
 *
 * Contract: both sides start from the same weights, get the same ids and do the same work, which is checked: losses of the first
 * steps, greedy tokens, and for GRPO the loss and the gradient norm on the rival's own completions. Repeats take turns: ours, the
 * rival with one thread, the rival with all; the rival's faster thread count is what is compared.
 *
 * @module
 */
import { type ModelConfig, nanoConfig } from "../agents/model/config.ts";
import type { Device } from "../agents/model/device.ts";
import { GraphBuilder } from "../agents/model/graph.ts";
import { LocalPolicy } from "../agents/model/local_policy.ts";
import { createModel, type Model, modelFromValues } from "../agents/model/model.ts";
import { matMul } from "../agents/model/ops.ts";
import { keyedRandom } from "../data/keyed_random.ts";
import type { OptimizerSpec, TrainExample } from "../train/example.ts";
import { batchAdvantages } from "../train/group_advantage.ts";
import { type GradedSequence, lossBatch } from "../train/losses/loss_batch.ts";
import { OnnxTrainer } from "../train/onnx_trainer.ts";
import { decodingOperations, type EngineFigure, figureOf, spreadOf, trainingOperations } from "./engine_figures.ts";
import { numberOf, type Rivals, rowsOf } from "./engine_rival.ts";

/** What every measurement needs. */
export interface BenchContext {
  /** Where ours runs. */
  readonly device: Device;
  /** Rivals, if there are any. */
  readonly rivals: Rivals | undefined;
  /** Threads that the rivals may use. */
  readonly threads: number;
  /** Empty folder for weights. */
  readonly folder: string;
  /** Timed repeats of each measurement. */
  readonly repeats: number;
}

/** A nano shape of the bench. */
export interface BenchShape {
  /** Size in words, e.g. `1M`. */
  readonly name: string;
  /** Shape. */
  readonly config: ModelConfig;
}

const VOCABULARY = 1280;
/** 1.0 and 3.0 million parameters. */
export const BENCH_SHAPES: readonly BenchShape[] = [
  { name: "1M", config: nanoConfig(VOCABULARY, { width: 128, headSize: 32, hidden: 320, contextTokens: 1024 }) },
  { name: "3M", config: nanoConfig(VOCABULARY, { width: 256, headSize: 64, hidden: 512, contextTokens: 1024 }) },
];

/** Batch of the training rows. */
export const TRAIN_ROWS = 16;
/** Tokens of a row that predict one. */
export const TRAIN_TOKENS = 128;
/** Update of every measurement. */
export const BENCH_OPTIMIZER: OptimizerSpec = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradNorm: 1,
};
/** Untimed runs before the first repeat: sessions are compiled, buffers grow, the rival's kernels are chosen. */
const WARM_UP = 3;
/** Rows, inner size and columns of the product that is the limit: a feed-forward layer over a large batch. */
const PRODUCT = [4096, 512, 512] as const;
/** Products per repeat, so that a repeat takes about as long as a training step. */
const PRODUCTS = 4;
const PROMPT_TOKENS = 64;
const DECODE_TOKENS = 128;
const GROUPS = 2;
const GROUP = 8;
const GRPO_TOKENS = 32;
/** Relative difference up to which two losses in float32 count as equal. */
const LOSS_TOLERANCE = 1e-3;

/** Seconds of a piece of work. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function randomRows(purpose: string, rows: number, tokens: number): number[][] {
  const random = keyedRandom("bench engine", purpose);
  return Array.from({ length: rows }, () => Array.from({ length: tokens }, () => random.int(0, VOCABULARY - 2)));
}

function close(a: number, b: number, scale = Math.max(Math.abs(a), Math.abs(b))): boolean {
  return Math.abs(a - b) <= LOSS_TOLERANCE * scale;
}

/** A rival that is asked with one thread and with all of them. */
class Rival {
  readonly #rivals: Rivals;
  readonly #key: string;
  readonly #counts: readonly number[];
  readonly #seconds: Map<number, number[]>;

  constructor(rivals: Rivals, key: string, threads: number) {
    this.#rivals = rivals;
    this.#key = key;
    this.#counts = threads === 1 ? [1] : [1, threads];
    this.#seconds = new Map(this.#counts.map((count) => [count, []]));
  }

  /** One run with all threads, not counted. */
  async once(fields: Readonly<Record<string, unknown>> = {}) {
    return await this.#rivals.call({ op: "run", key: this.#key, threads: this.#counts.at(-1), ...fields });
  }

  /** One repeat: a run with each thread count. */
  async repeat(fields: Readonly<Record<string, unknown>> = {}): Promise<void> {
    for (const threads of this.#counts) {
      const answer = await this.#rivals.call({ op: "run", key: this.#key, threads, ...fields });
      this.#seconds.get(threads)?.push(numberOf(answer, "seconds"));
    }
  }

  /** Seconds of each repeat with the thread count whose median is smaller. */
  best(): { readonly threads: number; readonly seconds: readonly number[] } {
    const all = [...this.#seconds].map(([threads, seconds]) => ({ threads, seconds }));
    const [first] = all.sort((a, b) => spreadOf(a.seconds).median - spreadOf(b.seconds).median);
    return first ?? { threads: 1, seconds: [] };
  }

  async close(): Promise<void> {
    await this.#rivals.call({ op: "close", key: this.#key });
  }
}

async function openRival(
  context: BenchContext,
  key: string,
  spec: Readonly<Record<string, unknown>>,
): Promise<Rival | undefined> {
  const { rivals, threads } = context;
  if (rivals === undefined) return undefined;
  await rivals.call({ op: "open", key, optimizer: BENCH_OPTIMIZER, ...spec });
  return new Rival(rivals, key, threads);
}

async function productOf(device: Device): Promise<() => Promise<number>> {
  const [rows, inner, columns] = PRODUCT;
  const graph = new GraphBuilder("product");
  const a = graph.input("a", "float32", [rows, inner]);
  const b = graph.input("b", "float32", [inner, columns]);
  graph.output("c", matMul(graph, a, b));
  const session = await device.session(graph.serialize());
  const feeds = {
    a: device.float(new Float32Array(rows * inner).fill(0.5), [rows, inner]),
    b: device.float(new Float32Array(inner * columns).fill(0.5), [inner, columns]),
  };
  return async () => {
    const seconds = await secondsOf(async () => {
      for (let i = 0; i < PRODUCTS; i++) (await session.run(feeds))["c"]?.dispose();
    });
    return PRODUCTS * 2 * rows * inner * columns / seconds / 1e9;
  };
}

/** Training step against PyTorch eager and against the matrix product's rate. */
export async function trainFigures(context: BenchContext, shape: BenchShape): Promise<EngineFigure[]> {
  const { device, folder, repeats } = context;
  const { name, config } = shape;
  const model = await createModel(device, config, 1);
  const weights = `${folder}/train_${name}.safetensors`;
  await model.save(weights);
  const ids = randomRows("train", TRAIN_ROWS, TRAIN_TOKENS + 1);
  const count = TRAIN_ROWS * TRAIN_TOKENS;
  const batch: TrainExample[] = ids.map((row) => ({ ids: row, weights: row.map((_, t) => (t === 0 ? 0 : 1 / count)) }));
  const trainer = new OnnxTrainer(model);
  const rival = await openRival(context, `train ${name}`, { what: "train", config, weights, ids });
  const product = await productOf(device);
  const update = () => trainer.update(batch, { kind: "nll" }, BENCH_OPTIMIZER);
  let largest = 0;
  for (let i = 0; i < WARM_UP; i++) {
    const { loss } = await update();
    if (rival !== undefined) {
      const theirs = numberOf(await rival.once(), "loss");
      largest = Math.max(largest, Math.abs(loss - theirs) / theirs);
    }
    await product();
  }
  const [rates, shares, limits]: [number[], number[], number[]] = [[], [], []];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const limit = await product();
    const seconds = await secondsOf(update);
    await rival?.repeat();
    limits.push(limit);
    rates.push(count / seconds);
    shares.push(count * trainingOperations(config, TRAIN_TOKENS) / seconds / 1e9);
  }
  const best = rival?.best();
  await rival?.close();
  await model.release();
  const what = `training step, ${name} parameters, batch ${TRAIN_ROWS} x ${TRAIN_TOKENS}`;
  return [
    figureOf({
      id: `train-${name}-torch`,
      what,
      unit: "tokens/s",
      ours: rates,
      rival: best && {
        name: `PyTorch eager, ${best.threads} threads`,
        values: best.seconds.map((seconds) => count / seconds),
      },
      bar: { direction: "at least", value: 1.2 },
      equal: largest <= LOSS_TOLERANCE,
      note: rival === undefined
        ? ""
        : `losses of the first ${WARM_UP} steps differ by at most ${largest.toExponential(1)} of their value`,
    }),
    figureOf({
      id: `train-${name}-product`,
      what,
      unit: "GFLOP/s",
      ours: shares,
      rival: { name: `ONNX Runtime's matrix product ${PRODUCT.join(" x ")}`, values: limits },
      bar: { direction: "at least", value: 0.7 },
    }),
  ];
}

/** A model as Llama is: its previous-token embedding is there and costs its time, but holds zeros. */
async function llamaLike(context: BenchContext, shape: BenchShape): Promise<{ model: Model; weights: string }> {
  const { device, folder } = context;
  const start = await createModel(device, shape.config, 1);
  const values = await start.values();
  values.get("previous_embedding")?.fill(0);
  const model = modelFromValues(device, shape.config, new Map([...values].map(([key, value]) => [key, value.slice()])));
  const weights = `${folder}/llama_${shape.name}.safetensors`;
  await model.save(weights);
  await start.release();
  return { model, weights };
}

/** The same model without the previous-token embedding, whose gradient the rival does not have. */
async function withoutPrevious(model: Model): Promise<Model> {
  const values = [...await model.values()].map(([key, value]): [string, Float32Array] => [key, value.slice()]);
  return modelFromValues(model.device, { ...model.config, embedsPrevious: false }, new Map(values));
}

const TOKENIZER = { vocabularySize: VOCABULARY, specials: {}, encode: () => [], decode: () => "" };

/** Decoding against Hugging Face generate, greedy, at several batch sizes. */
export async function decodeFigures(
  context: BenchContext,
  shape: BenchShape,
  batches: readonly { readonly rows: number; readonly bar: number }[],
): Promise<EngineFigure[]> {
  const { name, config } = shape;
  const { model, weights } = await llamaLike(context, shape);
  const figures: EngineFigure[] = [];
  const product = await productOf(context.device);
  const key = `generate ${name}`;
  const opened = await openRival(context, key, { what: "generate", config, weights });
  for (const { rows, bar } of batches) {
    const prompts = randomRows("decode", rows, PROMPT_TOKENS);
    const policy = new LocalPolicy(model, TOKENIZER, { slots: rows });
    const decode = async (): Promise<number[][]> => {
      const turns: number[][] = prompts.map(() => []);
      await policy.converse(
        prompts.map((promptIds, b) => ({
          key: ["bench engine", b],
          promptIds,
          onTurn: ({ ids }) => {
            turns[b] = [...ids];
            return Promise.resolve(null);
          },
        })),
        { sampling: { temperature: 0 }, maxTurnTokens: DECODE_TOKENS, stopIds: [] },
      );
      return turns;
    };
    const fields = { ids: prompts, newTokens: DECODE_TOKENS };
    const rival = opened && context.rivals && new Rival(context.rivals, key, context.threads);
    const ours = await decode();
    const theirs = rival === undefined ? [] : rowsOf(await rival.once(fields), "ids");
    // Greedy paths part where two tokens are equally likely up to rounding; the first token has no path behind it.
    const same = theirs.reduce((sum, row, b) => sum + row.filter((id, t) => ours[b]?.[t] === id).length, 0);
    const firstSame = theirs.filter((row, b) => ours[b]?.[0] === row[0]).length;
    const [rates, limits]: [number[], number[]] = [[], []];
    // Operations of the products alone per token that is drawn, the prompt's share included.
    const operations = decodingOperations(config) * (PROMPT_TOKENS + DECODE_TOKENS) / DECODE_TOKENS;
    for (let repeat = 0; repeat < context.repeats; repeat++) {
      limits.push(1e9 * await product() / operations);
      rates.push(rows * DECODE_TOKENS / (await secondsOf(decode)));
      await rival?.repeat(fields);
    }
    const limit = `the products alone would allow ${Math.round(spreadOf(limits).median)} tokens/s at the rate of ${
      PRODUCT.join(" x ")
    }`;
    const best = rival?.best();
    figures.push(figureOf({
      id: `decode-${name}-${rows}`,
      what: `decoding, ${name} parameters, batch ${rows}, ${PROMPT_TOKENS} + ${DECODE_TOKENS} tokens`,
      unit: "tokens/s",
      ours: rates,
      rival: best && {
        name: `Hugging Face generate, ${best.threads} threads`,
        values: best.seconds.map((seconds) => rows * DECODE_TOKENS / seconds),
      },
      bar: { direction: "at least", value: bar },
      equal: firstSame >= 0.95 * theirs.length,
      note: rival === undefined
        ? limit
        : `${(100 * same / (rows * DECODE_TOKENS)).toFixed(1)} % of the greedy tokens equal; ${limit}`,
    }));
  }
  await opened?.close();
  await model.release();
  return figures;
}

/** Sequences of a group-relative update from prompts and completions. */
function graded(
  prompts: readonly (readonly number[])[],
  completions: readonly { readonly ids: readonly number[]; readonly logprobs: readonly number[] }[],
  advantages: readonly number[],
): GradedSequence[] {
  return completions.map(({ ids, logprobs }, b) => {
    const prompt = prompts[b] ?? [];
    return {
      group: Math.floor(b / GROUP),
      ids: [...prompt, ...ids],
      generated: [...prompt.map(() => false), ...ids.map(() => true)],
      logprobs: [...prompt.map(() => 0), ...logprobs],
      advantage: advantages[b] ?? 0,
    };
  });
}

/** A whole GRPO step, completions drawn and weights updated, against TRL's. */
export async function grpoFigure(context: BenchContext, shape: BenchShape): Promise<EngineFigure> {
  const { model, weights } = await llamaLike(context, shape);
  const trainer = new OnnxTrainer(model);
  const policy = new LocalPolicy(model, TOKENIZER, { slots: GROUPS * GROUP });
  const perGroup = randomRows("grpo", GROUPS, PROMPT_TOKENS);
  const prompts = perGroup.flatMap((prompt) => Array.from({ length: GROUP }, () => prompt));
  const update = async (sequences: readonly GradedSequence[], by = trainer) => {
    const { examples, loss } = lossBatch("grpo", sequences, { temperature: 1 });
    return await by.update(examples, loss, BENCH_OPTIMIZER);
  };
  let number = 0;
  const step = async () => {
    number++;
    const completions: { ids: readonly number[]; logprobs: readonly number[] }[] = prompts.map(() => ({
      ids: [],
      logprobs: [],
    }));
    await policy.converse(
      prompts.map((promptIds, b) => ({
        key: ["bench engine", number, b],
        promptIds,
        onTurn: ({ ids, logprobs }) => {
          completions[b] = { ids, logprobs };
          return Promise.resolve(null);
        },
      })),
      { sampling: { temperature: 1 }, maxTurnTokens: GRPO_TOKENS, stopIds: [] },
    );
    const rewards = completions.map(({ ids }) => ids.filter((id) => id % 2 === 1).length / ids.length);
    const groups = completions.map((_, b) => Math.floor(b / GROUP));
    await update(graded(prompts, completions, batchAdvantages("mean-std", groups, rewards)));
  };
  const rival = await openRival(context, "grpo", {
    what: "grpo",
    config: shape.config,
    weights,
    prompts: perGroup,
    group: GROUP,
    newTokens: GRPO_TOKENS,
    folder: context.folder,
  });
  let note = "";
  let equal = true;
  if (rival !== undefined) {
    const first = await rival.once({ details: true });
    const [theirPrompts, theirIds] = [rowsOf(first, "prompt_ids"), rowsOf(first, "completion_ids")];
    const advantages = rowsOf(first, "advantages").map(([value = 0]) => value);
    const scored = await policy.score(theirPrompts.map((prompt, b) => [...prompt, ...(theirIds[b] ?? [])]));
    const completions = theirIds.map((ids, b) => ({ ids, logprobs: (scored[b] ?? []).slice(-ids.length) }));
    const plain = await withoutPrevious(model);
    const { loss, gradNorm } = await update(graded(theirPrompts, completions, advantages), new OnnxTrainer(plain));
    await plain.release();
    const [theirLoss, theirNorm] = [numberOf(first, "loss"), numberOf(first, "gradNorm")];
    // On policy the loss is a mean of advantages, near 0: it is compared on their scale, which is 1. The norm is what tells.
    equal = close(loss, theirLoss, 1) && close(gradNorm, theirNorm);
    note = `on TRL's completions: loss ${loss.toFixed(6)} and ${theirLoss.toFixed(6)}, gradient norm ${
      gradNorm.toFixed(4)
    } and ${theirNorm.toFixed(4)}`;
  }
  const rates: number[] = [];
  for (let i = 1; i < WARM_UP; i++) {
    await step();
    await rival?.once();
  }
  for (let repeat = 0; repeat < context.repeats; repeat++) {
    rates.push(1 / await secondsOf(step));
    await rival?.repeat();
  }
  const best = rival?.best();
  await rival?.close();
  await model.release();
  return figureOf({
    id: `grpo-${shape.name}`,
    what: `GRPO step, ${shape.name} parameters, ${GROUPS * GROUP} rollouts of ${GRPO_TOKENS} tokens`,
    unit: "steps/s",
    ours: rates,
    rival: best && { name: `TRL's GRPOTrainer, ${best.threads} threads`, values: best.seconds.map((s) => 1 / s) },
    bar: { direction: "at least", value: 2 },
    equal,
    note,
  });
}
