/**
 * Memory and speed of a model of half a billion parameters, and what crosses between host and GPU in a training step.
 *
 * Contract: the checkpoint is a Hugging Face folder in BF16 with random weights, written here. Peak memory is the largest resident
 * set that the system has seen of this process, Deno and ONNX Runtime included, so the measurement must come before any other that needs
 * as much. The shape is that of Qwen2.5-0.5B (its config.json): 24 layers of width 896, 14 heads sharing 2, vocabulary 151 936.
 *
 * @module
 */
import process from "node:process";
import { openDevice, ProviderError } from "../agents/model/device.ts";
import { loadHfModel, openHfFolder } from "../agents/model/hf_folder.ts";
import { LocalPolicy } from "../agents/model/local_policy.ts";
import { createModel, type Model } from "../agents/model/model.ts";
import { parameterCount, parameterList } from "../agents/model/config.ts";
import { writeSafetensors, type WrittenTensor } from "../agents/model/safetensors.ts";
import { type Traffic, trafficBytes, trafficSince } from "../agents/model/traffic.ts";
import { keyedRandom } from "../data/keyed_random.ts";
import { OnnxTrainer } from "../train/onnx_trainer.ts";
import { BENCH_OPTIMIZER, type BenchContext, type BenchShape, secondsOf } from "./engine_bench_rows.ts";
import { type EngineFigure, figureOf } from "./engine_figures.ts";

const SHAPE = {
  architectures: ["Qwen2ForCausalLM"],
  model_type: "qwen2",
  vocab_size: 151936,
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-6,
  rope_theta: 1e6,
  tie_word_embeddings: true,
  hidden_act: "silu",
  bos_token_id: 151643,
  eos_token_id: 151645,
  torch_dtype: "bfloat16",
};
/** Random numbers that every tensor is filled with in turn. */
const BLOCK = 1 << 18;
const DEVIATION = 0.02;
const DECODED = 16;
const LORA_TOKENS = 128;

function tensorsOf(): WrittenTensor[] {
  const { vocab_size: V, hidden_size: D, intermediate_size: F, num_attention_heads: H, num_key_value_heads: K } = SHAPE;
  const head = D / H;
  const random = keyedRandom("bench engine", "large");
  const block = Float32Array.from({ length: BLOCK }, () => random.normal() * DEVIATION);
  const ones = new Float32Array(D).fill(1);
  const tensor = (name: string, ...shape: number[]): WrittenTensor => {
    const count = shape.reduce((a, b) => a * b, 1);
    return {
      name,
      type: "BF16",
      shape,
      values: async function* () {
        if (name.includes("norm")) yield ones;
        else for (let left = count; left > 0; left -= BLOCK) yield block.subarray(0, Math.min(left, BLOCK));
      },
    };
  };
  const layers = Array.from({ length: SHAPE.num_hidden_layers }, (_, i) => `model.layers.${i}`);
  return [
    tensor("model.embed_tokens.weight", V, D),
    ...layers.flatMap((layer) => [
      tensor(`${layer}.input_layernorm.weight`, D),
      tensor(`${layer}.self_attn.q_proj.weight`, H * head, D),
      tensor(`${layer}.self_attn.q_proj.bias`, H * head),
      tensor(`${layer}.self_attn.k_proj.weight`, K * head, D),
      tensor(`${layer}.self_attn.k_proj.bias`, K * head),
      tensor(`${layer}.self_attn.v_proj.weight`, K * head, D),
      tensor(`${layer}.self_attn.v_proj.bias`, K * head),
      tensor(`${layer}.self_attn.o_proj.weight`, D, H * head),
      tensor(`${layer}.post_attention_layernorm.weight`, D),
      tensor(`${layer}.mlp.gate_proj.weight`, F, D),
      tensor(`${layer}.mlp.up_proj.weight`, F, D),
      tensor(`${layer}.mlp.down_proj.weight`, D, F),
    ]),
    tensor("model.norm.weight", D),
  ];
}

/** Largest resident set of this process so far, bytes. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

async function decodeRate(model: Model): Promise<number> {
  const vocabularySize = model.config.vocabularySize;
  const tokenizer = { vocabularySize, specials: {}, encode: () => [], decode: () => "" };
  const policy = new LocalPolicy(model, tokenizer, { slots: 1 });
  const run = () =>
    policy.converse([{ key: ["bench engine"], promptIds: [1, 2, 3, 4], onTurn: () => Promise.resolve(null) }], {
      sampling: { temperature: 0 },
      maxTurnTokens: DECODED,
      stopIds: [],
    });
  await run();
  return DECODED / await secondsOf(run);
}

/** Peak memory of loading half a billion parameters, then decoding and a LoRA step with them. */
export async function largeFigures(context: BenchContext): Promise<EngineFigure[]> {
  const path = `${context.folder}/large`;
  await Deno.mkdir(path);
  await Deno.writeTextFile(`${path}/config.json`, JSON.stringify(SHAPE));
  await writeSafetensors(`${path}/model.safetensors`, tensorsOf());
  const base = peakBytes();
  const folder = await openHfFolder(path);
  let loaded: Model | undefined;
  const seconds = await secondsOf(async () => {
    loaded = await loadHfModel(context.device, folder);
  });
  if (loaded === undefined) throw new RangeError("Cannot measure a model: it was not loaded");
  const model = loaded;
  const weights = 4 * parameterCount(model.config);
  const loadPeak = peakBytes();
  const mib = (bytes: number) => bytes / 2 ** 20;
  const rate = await decodeRate(model);
  const decodePeak = peakBytes();
  const adapted = model.withAdapter({ rank: 8, alpha: 16, targets: ["query", "key", "value", "attention_out"] }, 1);
  const ids = Array.from({ length: LORA_TOKENS + 1 }, (_, t) => (t * 7919) % model.config.vocabularySize);
  const batch = [{ ids, weights: ids.map((_, t) => (t === 0 ? 0 : 1 / LORA_TOKENS)) }];
  const trainer = new OnnxTrainer(adapted);
  const losses: number[] = [];
  const update = async () => {
    losses.push((await trainer.update(batch, { kind: "nll" }, BENCH_OPTIMIZER)).loss);
  };
  await update();
  const step = await secondsOf(update);
  const loraPeak = peakBytes();
  await adapted.release();
  await model.release();
  await Deno.remove(path, { recursive: true });
  const what = `${(parameterCount(folder.config) / 1e9).toFixed(2)} B parameters`;
  const peaks = [`decoding ${mib(decodePeak).toFixed(0)} MiB`, `LoRA ${mib(loraPeak).toFixed(0)} MiB`].join(", ");
  return [
    figureOf({
      id: "load-0.5B-memory",
      what: `${what}, peak memory of loading`,
      unit: "MiB",
      ours: [mib(loadPeak)],
      rival: { name: "the float32 weights", values: [mib(weights)] },
      bar: { direction: "at most", value: 1.6 },
      note: `from BF16 in ${seconds.toFixed(1)} s; ${mib(base).toFixed(0)} MiB before; peaks after it: ${peaks}`,
    }),
    figureOf({ id: "decode-0.5B", what: `${what}, decoding, batch 1`, unit: "tokens/s", ours: [rate] }),
    figureOf({
      id: "lora-0.5B",
      what: `${what}, LoRA step, rank 8, 1 x ${LORA_TOKENS} tokens`,
      unit: "tokens/s",
      ours: [LORA_TOKENS / step],
      note: `loss ${losses.map((loss) => loss.toFixed(3)).join(", then ")}`,
    }),
  ];
}

/** Names of what crossed with their bytes, largest first. */
function namesOf(counts: Traffic["up"]): string {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b.bytes - a.bytes);
  return sorted.map(([name, { bytes }]) => `${name} ${bytes} B`).join(", ") || "nothing";
}

/**
 * What crosses between host and GPU in a training step; no weight, gradient, moment or activation may.
 *
 * @returns the figure, or why there is none, as a sentence.
 */
export async function trafficFigure(shape: BenchShape): Promise<EngineFigure | string> {
  let device;
  try {
    device = await openDevice("webgpu");
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return `No WebGPU step: ${error.message}.`;
  }
  const model = await createModel(device, shape.config, 1);
  const trainer = new OnnxTrainer(model);
  const ids = Array.from({ length: 33 }, (_, t) => (t * 7919) % shape.config.vocabularySize);
  const batch = Array.from({ length: 2 }, () => ({ ids, weights: ids.map((_, t) => (t === 0 ? 0 : 1 / 64)) }));
  // The first step places zeros for the moments.
  await trainer.update(batch, { kind: "nll" }, BENCH_OPTIMIZER);
  const before = device.traffic();
  await trainer.update(batch, { kind: "nll" }, BENCH_OPTIMIZER);
  const { up, down } = trafficSince(before, device.traffic());
  const parameters = parameterList(shape.config).map(({ name }) => name);
  const state = new Set(
    parameters.flatMap((name) => ["w", "g", "m", "v"].flatMap((p) => [`${p}.${name}`, `next.${p}.${name}`])),
  );
  const kept = (counts: Traffic["up"]) =>
    Object.entries(counts).filter(([name]) => name === "place" || state.has(name));
  const bytes = trafficBytes(Object.fromEntries([...kept(up), ...kept(down)]));
  await model.release();
  return {
    id: `webgpu-${shape.name}-traffic`,
    what: `WebGPU training step, ${shape.name} parameters: weights, gradients and moments that leave the GPU`,
    unit: "bytes",
    ours: { median: bytes, low: bytes, high: bytes },
    rival: null,
    ratio: null,
    bar: { direction: "at most", value: 0 },
    met: bytes === 0,
    note: `${device.name}; to the GPU: ${namesOf(up)}; from it: ${namesOf(down)}`,
  };
}
