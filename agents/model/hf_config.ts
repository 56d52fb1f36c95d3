/**
 * config.json and generation_config.json of a published checkpoint as a model's configuration.
 *
 * Contract: both spellings are read, rope_theta with rope_scaling (transformers 4) and rope_parameters (transformers 5), `type` as
 * well as `rope_type`, and what a file leaves out has the value that transformers gives it for that family. Whatever would change
 * the results and cannot be computed here is a {@linkcode HfFolderError} that names the field. Where rope_scaling and rope_parameters
 * are both there, the former wins, and original_max_position_embeddings beside the rotary fields wins over the one within: so does
 * transformers. Choices: a window at least as long as the context is none; layers of which only some have a window are refused.
 * Omitted: quantised checkpoints, mixtures of experts, dynamic NTK scaling, other families.
 *
 * @module
 */
import { z } from "zod";
import { nearestWord } from "../../data/parse_input.ts";
import { MODEL_FAMILIES, type ModelConfig, modelConfigSchema, type ModelFamily, type RopeScaling } from "./config.ts";
import { Fields, type Raw } from "./_json_fields.ts";

/** Sampling defaults and ends of sequence that a checkpoint states. */
export interface HfGeneration {
  /** Ids that end a sequence; empty if none is stated. */
  readonly eosIds: readonly number[];
  /** Temperature, if stated. */
  readonly temperature?: number;
  /** Tokens among which is drawn, if stated. */
  readonly topK?: number;
  /** Share of probability among which is drawn, if stated. */
  readonly topP?: number;
}

function familyOf(fields: Fields): ModelFamily {
  const found = fields.get("model_type");
  const family = MODEL_FAMILIES.find((name) => name === found);
  const supported = MODEL_FAMILIES.join(", ");
  if (family === undefined) {
    const near = typeof found === "string" ? nearestWord(found, MODEL_FAMILIES) : undefined;
    const hint = near === undefined ? "use a checkpoint of one of these families" : `the nearest is ${near}`;
    fields.fail("model_type", `be one of ${supported}`, found, hint);
  }
  const list = z.array(z.string()).safeParse(fields.get("architectures"));
  const other = list.success ? list.data.find((name) => !name.endsWith("ForCausalLM")) : undefined;
  if (other !== undefined) {
    fields.fail(
      "architectures",
      "name a language model (…ForCausalLM)",
      other,
      "use a checkpoint with a language head",
    );
  }
  return family;
}

/** Refuses what would change results and is not computed here. */
function refuseOthers(fields: Fields, family: ModelFamily): void {
  const act = fields.get("hidden_act") ?? "silu";
  if (act !== "silu" && act !== "swish") fields.fail("hidden_act", 'be "silu"', act, "other activations are not built");
  const quantised = fields.get("quantization_config");
  if (quantised !== undefined) {
    fields.fail("quantization_config", "be absent", quantised, "use the checkpoint in F32, F16 or BF16");
  }
  if (fields.get("num_experts") !== undefined || fields.get("num_local_experts") !== undefined) {
    fields.fail("num_experts", "be absent", fields.get("num_experts"), "use a dense checkpoint");
  }
  const partial = fields.number("partial_rotary_factor") ?? 1;
  if (family !== "phi3" && partial !== 1) {
    fields.fail("partial_rotary_factor", `be 1 for ${family}`, partial, "only phi3 rotates a part of each head");
  }
}

const QWEN_KEY_VALUE_HEADS = 32;
const QWEN3_HEAD_SIZE = 128;
const DEFAULT_CONTEXT = { llama: 2048, qwen2: 32768, qwen3: 32768, phi3: 4096 } as const;
const PHI3_ORIGINAL_CONTEXT = 4096;

/**
 * A model's configuration from config.json.
 *
 * @example A small Qwen2
 * ```ts
 * import { parseHfConfig } from "whetstone/agents/model/hf_config.ts";
 * import assert from "node:assert/strict";
 *
 * const config = parseHfConfig({
 *   model_type: "qwen2",
 *   vocab_size: 96,
 *   hidden_size: 32,
 *   intermediate_size: 48,
 *   num_hidden_layers: 2,
 *   num_attention_heads: 4,
 *   num_key_value_heads: 2,
 *   rope_theta: 1e6,
 * }, "config.json");
 * assert.equal(config.attentionBias, "qkv");
 * assert.equal(config.headSize, 8);
 * ```
 *
 * @param raw content of config.json. @param file its name, for messages.
 * @throws {HfFolderError} if the architecture or one of its options is not supported, or a field is missing or malformed.
 */
export function parseHfConfig(raw: Raw, file: string): ModelConfig {
  const fields = new Fields(raw, file);
  const family = familyOf(fields);
  refuseOthers(fields, family);
  const width = fields.needed("hidden_size");
  const heads = fields.needed("num_attention_heads");
  const contextTokens = fields.count("max_position_embeddings") ?? DEFAULT_CONTEXT[family];
  const headSize = headSizeOf(fields, family, width, heads);
  const rope = ropeOf(fields, family, contextTokens);
  const rotarySize = Math.trunc(headSize * rope.partial);
  if (rotarySize % 2 !== 0) fields.fail("partial_rotary_factor", "rotate an even part of each head", rope.partial);
  const { scaling } = rope;
  if (scaling?.kind === "longrope") {
    for (const [field, list] of [["short_factor", scaling.shortFactor], ["long_factor", scaling.longFactor]] as const) {
      if (list.length === rotarySize / 2) continue;
      fields.fail(`rope_scaling.${field}`, `have ${rotarySize / 2} entries`, list.length);
    }
  }
  const bias = biasesOf(fields, family);
  const window = windowOf(fields, family, contextTokens);
  const config = modelConfigSchema.safeParse({
    vocabularySize: fields.needed("vocab_size"),
    width,
    layers: fields.needed("num_hidden_layers"),
    heads,
    keyValueHeads: keyValueHeadsOf(fields, family, heads),
    headSize,
    hidden: fields.needed("intermediate_size"),
    ropeTheta: rope.theta,
    normEpsilon: fields.positive("rms_norm_eps") ?? (family === "phi3" ? 1e-5 : 1e-6),
    tiedHead: fields.flag("tie_word_embeddings", false),
    embedsPrevious: false,
    contextTokens,
    family,
    ...bias,
    ...(family === "qwen3" ? { queryKeyNorm: true } : {}),
    ...(rotarySize === headSize ? {} : { rotarySize }),
    ...(scaling === undefined ? {} : { ropeScaling: scaling }),
    ...(window === undefined ? {} : { slidingWindow: window }),
  });
  if (config.success) return config.data;
  const [issue] = config.error.issues;
  return fields.fail(`(${issue?.path.join(".")})`, `fit: ${issue?.message}`, "a configuration that does not");
}

function headSizeOf(fields: Fields, family: ModelFamily, width: number, heads: number): number {
  const stated = fields.count("head_dim") ??
    (family === "qwen3" && !("head_dim" in fields.raw) ? QWEN3_HEAD_SIZE : undefined);
  if (stated === undefined && width % heads !== 0) {
    fields.fail("hidden_size", `be a multiple of num_attention_heads (${heads}) where head_dim is not stated`, width);
  }
  const size = stated ?? width / heads;
  if (size % 2 !== 0) fields.fail("head_dim", "be even", size);
  return size;
}

function keyValueHeadsOf(fields: Fields, family: ModelFamily, heads: number): number {
  const qwen = family === "qwen2" || family === "qwen3";
  const usual = qwen && !("num_key_value_heads" in fields.raw) && heads % QWEN_KEY_VALUE_HEADS === 0;
  const count = fields.count("num_key_value_heads") ?? (usual ? QWEN_KEY_VALUE_HEADS : heads);
  if (heads % count !== 0) fields.fail("num_key_value_heads", `divide num_attention_heads (${heads})`, count);
  return count;
}

function biasesOf(fields: Fields, family: ModelFamily): Partial<ModelConfig> {
  if (family === "qwen2") return { attentionBias: "qkv" };
  if (family === "phi3") return {};
  const feedBias = family === "llama" && fields.flag("mlp_bias", false);
  return {
    ...(fields.flag("attention_bias", false) ? { attentionBias: "all" } : {}),
    ...(feedBias ? { feedBias } : {}),
  };
}

function windowOf(fields: Fields, family: ModelFamily, contextTokens: number): number | undefined {
  if (family === "llama") return undefined;
  if (family !== "phi3" && !fields.flag("use_sliding_window", false)) return undefined;
  const window = fields.count("sliding_window");
  if (window === undefined || window >= contextTokens) return undefined;
  if (family === "phi3") return window;
  const layers = fields.needed("num_hidden_layers");
  const kinds = z.array(z.string()).safeParse(fields.get("layer_types"));
  const full = kinds.success
    ? kinds.data.filter((kind) => kind !== "sliding_attention").length
    : Math.min(layers, fields.number("max_window_layers") ?? 28);
  if (full === layers) return undefined;
  if (full === 0) return window;
  const field = kinds.success ? "layer_types" : "max_window_layers";
  return fields.fail(
    field,
    "give all layers a window or none",
    fields.get(field),
    `limit max_position_embeddings to sliding_window (${window}), where both are the same`,
  );
}

interface Rope {
  readonly theta: number;
  readonly partial: number;
  readonly scaling: RopeScaling | undefined;
}

const DEFAULT_THETA = 10000;
const ROPE_KINDS = ["default", "linear", "llama3", "yarn", "longrope"] as const;

function ropeOf(fields: Fields, family: ModelFamily, contextTokens: number): Rope {
  const outer = fields.object("rope_scaling") ?? fields.object("rope_parameters") ?? new Fields({}, "");
  const nested = ["full_attention", "sliding_attention"].find((key) => outer.get(key) !== undefined);
  if (nested !== undefined) {
    outer.fail(
      nested,
      "be absent",
      outer.get(nested),
      "rotary fields of their own for each kind of layer are not built",
    );
  }
  const theta = outer.positive("rope_theta") ?? fields.positive("rope_theta") ?? DEFAULT_THETA;
  const partial = family === "phi3"
    ? outer.positive("partial_rotary_factor") ?? fields.positive("partial_rotary_factor") ?? 1
    : 1;
  const stated = outer.get("rope_type") ?? outer.get("type") ?? "default";
  // The names that Phi-3's first configurations gave to longrope.
  const type = family === "phi3" && (stated === "su" || stated === "yarn") ? "longrope" : stated;
  const kind = ROPE_KINDS.find((name) => name === type);
  if (kind === undefined) return outer.fail("rope_type", `be one of ${ROPE_KINDS.join(", ")}`, stated);
  const original = fields.count("original_max_position_embeddings") ??
    outer.count("original_max_position_embeddings") ?? (family === "phi3" ? PHI3_ORIGINAL_CONTEXT : contextTokens);
  if (kind === "default") return { theta, partial, scaling: undefined };
  return { theta, partial, scaling: scalingOf(outer, kind, original, contextTokens) };
}

function scalingOf(
  rope: Fields,
  kind: Exclude<typeof ROPE_KINDS[number], "default">,
  originalContext: number,
  contextTokens: number,
): RopeScaling {
  const needed = (field: string) => rope.positive(field) ?? rope.fail(field, `be stated for ${kind}`, undefined);
  if (kind === "linear") return { kind, factor: needed("factor") };
  if (kind === "llama3") {
    return {
      kind,
      factor: needed("factor"),
      lowFreqFactor: needed("low_freq_factor"),
      highFreqFactor: needed("high_freq_factor"),
      originalContext,
    };
  }
  const factor = rope.positive("factor") ?? contextTokens / originalContext;
  const stated = rope.positive("attention_factor");
  if (kind === "longrope") {
    return {
      kind,
      shortFactor: rope.numbers("short_factor"),
      longFactor: rope.numbers("long_factor"),
      originalContext,
      // Stated even where it follows from the context, so that a shorter context does not change it.
      attentionFactor: stated ?? (factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalContext))),
    };
  }
  if (!rope.flag("truncate", true)) rope.fail("truncate", "be true or absent", false);
  const scale = (m: number) => (factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1);
  const [top, bottom] = [rope.number("mscale") ?? 0, rope.number("mscale_all_dim") ?? 0];
  return {
    kind,
    factor,
    betaFast: rope.number("beta_fast") || 32,
    betaSlow: rope.number("beta_slow") || 1,
    originalContext,
    attentionFactor: stated ?? (top !== 0 && bottom !== 0 ? scale(top) / scale(bottom) : scale(1)),
  };
}

/**
 * Ends of sequence and sampling defaults.
 *
 * @param raw content of generation_config.json, if there is one, else of config.json. @param file its name, for messages.
 * @throws {HfFolderError} if a field is malformed.
 */
export function parseHfGeneration(raw: Raw, file: string): HfGeneration {
  const fields = new Fields(raw, file);
  const eos = fields.get("eos_token_id");
  const ids = z.array(z.int().nonnegative()).safeParse(typeof eos === "number" ? [eos] : eos ?? []);
  if (!ids.success) return fields.fail("eos_token_id", "be an id or a list of ids", eos);
  const [temperature, topK, topP] = ["temperature", "top_k", "top_p"].map((field) => fields.number(field));
  return {
    eosIds: ids.data,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topK === undefined ? {} : { topK }),
    ...(topP === undefined ? {} : { topP }),
  };
}
