/**
 * Speed of the engine against the limit of the same machine in the same run: ONNX Runtime's own matrix product.
 *
 * Run: `deno run -P=test tests/bench/engine.ts`. Repeats are interleaved (limit, train, decode, limit, …); medians are printed with
 * their spread. A training token costs 6 floating-point operations per weight of a matrix (forward 2, backward 4) and, in attention,
 * 12 T D per layer; padding is not counted, so the ratio is what useful work reaches of the limit.
 *
 * @module
 */
import { type ModelConfig, nanoConfig, parameterList } from "../../agents/model/config.ts";
import { type Device, openDevice } from "../../agents/model/device.ts";
import { GraphBuilder } from "../../agents/model/graph.ts";
import { LocalPolicy } from "../../agents/model/local_policy.ts";
import { createModel } from "../../agents/model/model.ts";
import { matMul } from "../../agents/model/ops.ts";
import { trainBpe } from "../../agents/model/tokenizer.ts";
import type { Conversation } from "../../agents/policy.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import { OnnxTrainer } from "../../train/onnx_trainer.ts";

const REPEATS = 7;
const SEQUENCE = 200;
const BATCH = 8;
const SLOTS = 64;
const TURN = 100;
/** Rows, inner size and columns of the product: the shape of a feed-forward layer over a large batch. */
const PRODUCT = [4096, 512, 512] as const;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Median with the smallest and the largest value. */
function spread(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  const text = (value: number | undefined) => (value ?? NaN).toFixed(digits);
  return `${text(sorted[sorted.length >> 1])} (${text(sorted[0])} to ${text(sorted.at(-1))})`;
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
  return async () => 2 * rows * inner * columns / (await timed(() => session.run(feeds))) / 1e9;
}

function operationsPerToken(config: ModelConfig): number {
  const weights = parameterList(config).filter(({ shape, name }) => shape.length === 2 && !name.includes("embed"))
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  const head = config.vocabularySize * config.width;
  return 6 * (weights + head) + 12 * config.layers * SEQUENCE * config.heads * config.headSize;
}

const device = await openDevice("cpu");
const config = nanoConfig(1280, { width: 128, headSize: 32, hidden: 320, contextTokens: 1024 });
const model = await createModel(device, config, 1);
const trainer = new OnnxTrainer(model);
const tokenizer = trainBpe(["a b"], { vocabularySize: 300, specials: ["<|end|>"] });
const policy = new LocalPolicy(model, tokenizer, { slots: SLOTS });
const random = keyedRandom("bench");
const batch = Array.from({ length: BATCH }, () => ({
  ids: Array.from({ length: SEQUENCE }, () => random.int(0, 1279)),
  weights: Array.from({ length: SEQUENCE }, (_, t) => (t === 0 ? 0 : 1 / (BATCH * SEQUENCE))),
}));
const optimizer = { learningRate: 0, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 };
const conversations: Conversation[] = Array.from({ length: SLOTS }, (_, i) => ({
  key: ["bench", i],
  promptIds: Array.from({ length: SEQUENCE }, () => random.int(0, 255)),
  onTurn: () => Promise.resolve(null),
}));

const product = await productOf(device);
const train = async () => {
  const seconds = await timed(() => trainer.update(batch, { kind: "nll" }, optimizer));
  return BATCH * SEQUENCE / seconds;
};
const decode = async () => {
  const options = { sampling: { temperature: 1 }, maxTurnTokens: TURN, stopIds: [] };
  return SLOTS * TURN / (await timed(() => policy.converse(conversations, options)));
};

// Warm-up: sessions are compiled at their first run.
for (const work of [product, train, decode]) await work();
const rates: { product: number[]; train: number[]; decode: number[]; ratio: number[] } = {
  product: [],
  train: [],
  decode: [],
  ratio: [],
};
for (let repeat = 0; repeat < REPEATS; repeat++) {
  const limit = await product();
  const tokens = await train();
  rates.product.push(limit);
  rates.train.push(tokens);
  rates.decode.push(await decode());
  rates.ratio.push(tokens * operationsPerToken(config) / 1e9 / limit);
}
console.log(`device                    ${device.name}`);
console.log(`matrix product            ${spread(rates.product, 0)} GFLOP/s at ${PRODUCT.join(" x ")}`);
console.log(`training, ${BATCH} x ${SEQUENCE} tokens  ${spread(rates.train, 0)} tokens/s`);
console.log(`training / limit          ${spread(rates.ratio, 2)} of the matrix product's rate`);
console.log(
  `decoding, ${SLOTS} rows        ${spread(rates.decode, 0)} tokens/s (prompts of ${SEQUENCE} tokens included)`,
);
