/**
 * A model's configuration as a published family's config.json.
 *
 * Contract: what is written is read back as the same computation, by this project and by Python's transformers 4 and 5. The spelling
 * is that of transformers 4 (rope_theta, rope_scaling), because both read it. Ids of special tokens are stated even where they are
 * unknown (as null), because transformers would otherwise put ids there that a small vocabulary does not have.
 *
 * @module
 */
import type { ModelConfig, ModelFamily, RopeScaling } from "./config.ts";
import { HfFolderError } from "./hf_error.ts";
import { ropeFrequencies, rotarySize } from "./rope.ts";
import type { SafetensorsType } from "./safetensors.ts";

const CLASSES = {
  llama: "LlamaForCausalLM",
  qwen2: "Qwen2ForCausalLM",
  qwen3: "Qwen3ForCausalLM",
  phi3: "Phi3ForCausalLM",
} as const;
const TORCH_TYPES = { F32: "float32", F16: "float16", BF16: "bfloat16" } as const;

/** The family whose folder can hold a model: its own, or for a model without one the first whose options it has. */
export function savedFamily(config: ModelConfig): ModelFamily {
  if (config.family !== undefined) return config.family;
  if (config.queryKeyNorm) return "qwen3";
  if (config.attentionBias === "qkv") return "qwen2";
  const partial = rotarySize(config) !== config.headSize;
  return partial || config.ropeScaling?.kind === "longrope" ? "phi3" : "llama";
}

/** Checks that a family can hold a model. @throws {HfFolderError} if the family's class in transformers cannot compute what the model computes. */
function checkFits(config: ModelConfig, family: ModelFamily): void {
  const { attentionBias = "none", feedBias = false, queryKeyNorm = false, ropeScaling, slidingWindow } = config;
  const allow = (field: string, holds: boolean, rule: string, found: unknown, suggestion?: string) => {
    if (!holds) throw new HfFolderError({ what: `save as ${family}`, field, rule, found, suggestion });
  };
  allow(
    "embedsPrevious",
    !config.embedsPrevious,
    "be false",
    "true",
    "the table of previous tokens has no counterpart in any published architecture, and leaving it out would change every " +
      "result; train a model with embedsPrevious: false to publish it",
  );
  const biases = { llama: ["none", "all"], qwen2: ["qkv"], qwen3: ["none", "all"], phi3: ["none"] }[family];
  allow("attentionBias", biases.includes(attentionBias), `be ${biases.join(" or ")}`, attentionBias);
  allow("feedBias", !feedBias || family === "llama", "be false", feedBias);
  allow("queryKeyNorm", queryKeyNorm === (family === "qwen3"), `be ${family === "qwen3"}`, queryKeyNorm);
  allow("slidingWindow", slidingWindow === undefined || family !== "llama", "be absent", slidingWindow);
  if (family === "phi3") {
    const kind = ropeScaling?.kind ?? "longrope";
    allow("ropeScaling", kind === "longrope", "be longrope or absent", kind);
    const even = config.width / config.heads;
    allow("headSize", config.headSize === even, `be width / heads (${even})`, config.headSize);
    return;
  }
  const part = rotarySize(config);
  allow("rotarySize", part === config.headSize, `be headSize (${config.headSize})`, part);
}

function scalingFields(config: ModelConfig, scaling: RopeScaling, family: ModelFamily): Record<string, unknown> {
  const type = { rope_type: scaling.kind };
  if (scaling.kind === "linear") return { ...type, factor: scaling.factor };
  const original = { original_max_position_embeddings: scaling.originalContext };
  if (scaling.kind === "llama3") {
    const { factor, lowFreqFactor: low_freq_factor, highFreqFactor: high_freq_factor } = scaling;
    return { ...type, factor, low_freq_factor, high_freq_factor, ...original };
  }
  const attention_factor = ropeFrequencies(config).attentionFactor;
  if (scaling.kind === "yarn") {
    const { factor, betaFast: beta_fast, betaSlow: beta_slow } = scaling;
    return { ...type, factor, beta_fast, beta_slow, attention_factor, ...original };
  }
  const factors = { short_factor: scaling.shortFactor, long_factor: scaling.longFactor };
  if (family !== "phi3") return { ...type, ...factors, attention_factor, ...original };
  // transformers 4 accepts these three fields only, so the attention factor is stated only where it does not follow from the contexts.
  const { attentionFactor: _, ...plain } = scaling;
  const usual = ropeFrequencies({ ...config, ropeScaling: plain }).attentionFactor;
  return { type: scaling.kind, ...factors, ...(attention_factor === usual ? {} : { attention_factor }) };
}

/** The share of a head that transformers multiplies and truncates back to the same size. */
function partialFactor(size: number, headSize: number): number {
  let factor = size / headSize;
  while (Math.trunc(headSize * factor) < size) factor += Number.EPSILON;
  return factor;
}

/** What {@linkcode hfConfigOf} states besides the model's shape. */
export interface HfConfigExtras {
  /** Element type of the weights. */
  readonly dtype: SafetensorsType;
  /** Fields of the config.json of the checkpoint that the model came from; ids of special tokens are taken from it. */
  readonly from?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Content of config.json for a model.
 *
 * @throws {HfFolderError} if no published family computes what the model computes.
 */
export function hfConfigOf(config: ModelConfig, extras: HfConfigExtras): Record<string, unknown> {
  const { dtype, from = {} } = extras;
  const family = savedFamily(config);
  checkFits(config, family);
  const { ropeScaling, slidingWindow, headSize, width, heads } = config;
  const ids = ["bos_token_id", "eos_token_id", "pad_token_id"].map((name) => [name, from[name] ?? null]);
  const window = slidingWindow ?? null;
  const windows = {
    llama: {},
    phi3: { sliding_window: window },
    qwen2: {
      sliding_window: window,
      use_sliding_window: window !== null,
      max_window_layers: window === null ? config.layers : 0,
    },
  };
  return {
    architectures: [CLASSES[family]],
    model_type: family,
    vocab_size: config.vocabularySize,
    hidden_size: width,
    intermediate_size: config.hidden,
    num_hidden_layers: config.layers,
    num_attention_heads: heads,
    num_key_value_heads: config.keyValueHeads,
    ...(family === "qwen3" || headSize !== width / heads ? { head_dim: headSize } : {}),
    hidden_act: "silu",
    max_position_embeddings: config.contextTokens,
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeTheta,
    rope_scaling: ropeScaling === undefined ? null : scalingFields(config, ropeScaling, family),
    ...(family === "phi3" ? { partial_rotary_factor: partialFactor(rotarySize(config), headSize) } : {}),
    ...(ropeScaling?.kind === "longrope" ? { original_max_position_embeddings: ropeScaling.originalContext } : {}),
    ...(family === "llama" || family === "qwen3" ? { attention_bias: config.attentionBias === "all" } : {}),
    ...(family === "llama" ? { mlp_bias: config.feedBias ?? false } : {}),
    ...windows[family === "qwen3" ? "qwen2" : family],
    tie_word_embeddings: config.tiedHead,
    attention_dropout: 0,
    initializer_range: 0.02,
    use_cache: true,
    torch_dtype: TORCH_TYPES[dtype],
    ...Object.fromEntries(ids),
  };
}
