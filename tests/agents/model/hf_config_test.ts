/**
 * config.json in its spellings, its defaults, and what is refused.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ModelConfig } from "../../../agents/model/config.ts";
import { nanoConfig } from "../../../agents/model/config.ts";
import { parseHfConfig, parseHfGeneration } from "../../../agents/model/hf_config.ts";
import { hfConfigOf } from "../../../agents/model/hf_config_writer.ts";
import { HfFolderError } from "../../../agents/model/hf_error.ts";

const BASE = {
  model_type: "llama",
  vocab_size: 96,
  hidden_size: 64,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  max_position_embeddings: 128,
};
const FACTORS = { short_factor: [1, 1, 1, 1, 1, 1], long_factor: [2, 2, 2, 2, 2, 2] };

function parse(fields: Record<string, unknown>): ModelConfig {
  return parseHfConfig({ ...BASE, ...fields }, "config.json");
}

const LLAMA3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4 };

Deno.test("parseHfConfig() gives the same configuration when a file has the old or the new spelling", () => {
  const cases = [
    [{ rope_theta: 5e5 }, { rope_parameters: { rope_theta: 5e5, rope_type: "default" } }],
    [
      { rope_theta: 5e5, rope_scaling: { type: "llama3", ...LLAMA3, original_max_position_embeddings: 64 } },
      { rope_parameters: { rope_type: "llama3", rope_theta: 5e5, ...LLAMA3, original_max_position_embeddings: 64 } },
    ],
    [
      { original_max_position_embeddings: 64, rope_scaling: { rope_type: "llama3", ...LLAMA3 } },
      { rope_parameters: { rope_type: "llama3", ...LLAMA3, original_max_position_embeddings: 64 } },
    ],
    [
      {
        model_type: "phi3",
        partial_rotary_factor: 0.75,
        original_max_position_embeddings: 32,
        rope_scaling: { type: "su", ...FACTORS },
      },
      {
        model_type: "phi3",
        original_max_position_embeddings: 32,
        rope_parameters: { rope_type: "longrope", partial_rotary_factor: 0.75, rope_theta: 10000, ...FACTORS },
      },
    ],
    [
      { model_type: "qwen2", rope_scaling: { type: "yarn", factor: 4, original_max_position_embeddings: 32 } },
      {
        model_type: "qwen2",
        rope_parameters: { rope_type: "yarn", factor: 4, original_max_position_embeddings: 32, beta_fast: 32 },
      },
    ],
  ] as const;
  for (const [old, recent] of cases) assert.deepEqual(parse(old), parse(recent));
});

Deno.test("parseHfConfig() fills in what transformers does when fields are absent or null", () => {
  const { keyValueHeads, headSize, normEpsilon, ropeTheta, tiedHead, embedsPrevious } = parse({ head_dim: null });
  assert.deepEqual(
    { keyValueHeads, headSize, normEpsilon, ropeTheta, tiedHead, embedsPrevious },
    { keyValueHeads: 4, headSize: 16, normEpsilon: 1e-6, ropeTheta: 10000, tiedHead: false, embedsPrevious: false },
  );
  assert.equal(parse({ model_type: "qwen3" }).headSize, 128);
  assert.equal(parse({ model_type: "phi3" }).normEpsilon, 1e-5);
  assert.equal(parse({ model_type: "qwen2", num_attention_heads: 64, hidden_size: 128 }).keyValueHeads, 32);
  assert.equal(parse({ attention_bias: true, mlp_bias: true }).attentionBias, "all");
  assert.equal(parse({ attention_bias: true, mlp_bias: true }).feedBias, true);
  assert.equal(parse({ model_type: "qwen3", attention_bias: true }).queryKeyNorm, true);
});

Deno.test("parseHfConfig() keeps a window only when it is in use and shorter than the context", () => {
  const qwen = { model_type: "qwen2", sliding_window: 32, max_window_layers: 0 };
  assert.equal(parse(qwen).slidingWindow, undefined);
  assert.equal(parse({ ...qwen, use_sliding_window: true }).slidingWindow, 32);
  assert.equal(parse({ ...qwen, use_sliding_window: true, sliding_window: 128 }).slidingWindow, undefined);
  assert.equal(parse({ ...qwen, use_sliding_window: true, max_window_layers: 2 }).slidingWindow, undefined);
  assert.equal(parse({ model_type: "phi3", sliding_window: 47 }).slidingWindow, 47);
  const some = ["full_attention", "sliding_attention"];
  assert.throws(() => parse({ ...qwen, use_sliding_window: true, layer_types: some }), /layer_types/);
});

const REFUSED: Readonly<Record<string, readonly [Record<string, unknown>, RegExp]>> = {
  "an unknown architecture": [
    { model_type: "mamba" },
    /model_type of config\.json.* llama, qwen2, qwen3, phi3, got "mamba"/,
  ],
  "an architecture with a near name": [{ model_type: "qwen" }, /the nearest is qwen2/],
  "a model without a language head": [{ architectures: ["LlamaForTokenClassification"] }, /architectures.*ForCausalLM/],
  "another activation": [{ hidden_act: "gelu" }, /hidden_act.*"silu", got "gelu"/],
  "quantised weights": [{ quantization_config: { bits: 4 } }, /quantization_config.*F32, F16 or BF16/],
  "dynamic scaling": [{ rope_scaling: { type: "dynamic", factor: 2 } }, /rope_scaling\.rope_type.*got "dynamic"/],
  "a scaling without its factor": [{ rope_scaling: { type: "linear" } }, /rope_scaling\.factor.*stated for linear/],
  "rotary fields for each kind of layer": [
    { rope_parameters: { full_attention: { rope_theta: 1 } } },
    /rope_parameters\.full_attention/,
  ],
  "too few factors": [
    { model_type: "phi3", rope_scaling: { type: "longrope", short_factor: [1], long_factor: [1] } },
    /short_factor.*8 entries, got 1/,
  ],
  "a partly rotated Llama": [{ partial_rotary_factor: 0.5 }, /partial_rotary_factor.*only phi3/],
  "heads that do not share keys evenly": [{ num_key_value_heads: 3 }, /num_key_value_heads.*divide.*got 3/],
  "a missing size": [{ hidden_size: null }, /hidden_size.*stated, got nothing/],
  "a size that is no count": [{ num_hidden_layers: "two" }, /num_hidden_layers.*number, got "two"/],
  "a flag that is none": [{ tie_word_embeddings: 1 }, /tie_word_embeddings.*true or false, got 1/],
};

for (const [what, [fields, message]] of Object.entries(REFUSED)) {
  Deno.test(`parseHfConfig() names the field when a file has ${what}`, () => {
    assert.throws(() => parse(fields), (error: Error) => {
      assert.ok(error instanceof HfFolderError);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("parseHfGeneration() reads ends of sequence when they are one id, a list, or absent", () => {
  const read = (raw: Record<string, unknown>) => parseHfGeneration(raw, "generation_config.json");
  assert.deepEqual(read({ eos_token_id: 2 }), { eosIds: [2] });
  assert.deepEqual(read({ eos_token_id: [2, 5], temperature: 0.6, top_k: 20, top_p: null }), {
    eosIds: [2, 5],
    temperature: 0.6,
    topK: 20,
  });
  assert.deepEqual(read({}), { eosIds: [] });
  assert.throws(() => read({ eos_token_id: "</s>" }), /eos_token_id/);
});

const SMALL = {
  width: 32,
  heads: 4,
  keyValueHeads: 2,
  headSize: 8,
  hidden: 48,
  contextTokens: 64,
  embedsPrevious: false,
};
const LONG = { kind: "longrope", shortFactor: [1, 2, 3], longFactor: [4, 5, 6], originalContext: 16 } as const;
const YARN = { kind: "yarn", factor: 4, betaFast: 16, betaSlow: 2, originalContext: 16, attentionFactor: 1.2 } as const;

Deno.test("hfConfigOf() is read back as the same configuration when a family has the model's options", () => {
  const configs: Partial<ModelConfig>[] = [
    { family: "llama", attentionBias: "all", feedBias: true, ropeScaling: { kind: "linear", factor: 2 } },
    { family: "llama", headSize: 12, tiedHead: false },
    { family: "qwen2", attentionBias: "qkv", slidingWindow: 9 },
    { family: "qwen3", queryKeyNorm: true, ropeScaling: YARN },
    { family: "phi3", rotarySize: 6, ropeScaling: { ...LONG, attentionFactor: 1.5 }, slidingWindow: 20 },
    { family: "phi3", rotarySize: 6, ropeScaling: { ...LONG, attentionFactor: Math.sqrt(1.5) } },
    { family: "llama", headSize: 6, ropeScaling: { ...LONG, attentionFactor: 1.5 } },
  ];
  for (const fields of configs) {
    const config = nanoConfig(96, { ...SMALL, ...fields });
    assert.deepEqual(parseHfConfig(hfConfigOf(config, { dtype: "F32" }), "config.json"), config);
  }
  const plain = nanoConfig(96, SMALL);
  const { family, ...rest } = parseHfConfig(hfConfigOf(plain, { dtype: "F32" }), "config.json");
  assert.deepEqual([family, rest], ["llama", plain]);
});

Deno.test("hfConfigOf() says why when no published family computes what the model computes", () => {
  const save = (fields: Partial<ModelConfig>) => hfConfigOf(nanoConfig(96, { ...SMALL, ...fields }), { dtype: "F32" });
  assert.throws(
    () => save({ embedsPrevious: true }),
    /embedsPrevious must be false, got true; the table of previous tokens/,
  );
  assert.throws(() => save({ family: "llama", attentionBias: "qkv" }), /attentionBias must be none or all, got qkv/);
  assert.throws(() => save({ family: "phi3", ropeScaling: YARN }), /ropeScaling must be longrope or absent, got yarn/);
  assert.throws(() => save({ family: "llama", slidingWindow: 3 }), /slidingWindow must be absent, got 3/);
  assert.throws(() => save({ queryKeyNorm: true, rotarySize: 4 }), /rotarySize must be headSize/);
});
