/**
 * Which tensors a published checkpoint holds for a model, and which parameters each of them is.
 *
 * Contract: checkpoints store linear maps as [out, in]; ours are [in, out], so matrices of blocks are transposed on the way, one
 * stretch of output rows after the other. Phi-3 stores queries, keys and values in one matrix, and gate and up in another; these are
 * parts of one checkpoint tensor here. Names are those of transformers' *ForCausalLM classes.
 *
 * @module
 */
import { type ModelConfig, type ModelFamily, parameterList } from "./config.ts";

/** A parameter within a checkpoint's tensor. */
export interface CheckpointPart {
  /** Parameter name, as in {@linkcode parameterList}. */
  readonly parameter: string;
  /** Rows of the checkpoint's tensor that are this parameter's; 1 for a tensor of rank 1. */
  readonly rows: number;
}

/** A tensor of a checkpoint. */
export interface CheckpointTensor {
  /** Name in the checkpoint. */
  readonly name: string;
  /** Shape in the checkpoint. */
  readonly shape: readonly number[];
  /** Whether its parameters are stored the other way round. */
  readonly transposed: boolean;
  /** Parameters that it holds, in the order of its rows. */
  readonly parts: readonly CheckpointPart[];
}

const BLOCK_NAMES: Readonly<Record<string, string>> = {
  attention_norm: "input_layernorm",
  query: "self_attn.q_proj",
  key: "self_attn.k_proj",
  value: "self_attn.v_proj",
  query_norm: "self_attn.q_norm",
  key_norm: "self_attn.k_norm",
  attention_out: "self_attn.o_proj",
  feed_norm: "post_attention_layernorm",
  gate: "mlp.gate_proj",
  up: "mlp.up_proj",
  down: "mlp.down_proj",
};
/** Parameters of a block that Phi-3 keeps in one tensor. */
const FUSED: Readonly<Record<string, string>> = {
  query: "self_attn.qkv_proj",
  key: "self_attn.qkv_proj",
  value: "self_attn.qkv_proj",
  gate: "mlp.gate_up_proj",
  up: "mlp.gate_up_proj",
};

/** Name of the checkpoint's tensor that holds a parameter. */
function checkpointName(parameter: string, family: ModelFamily): string {
  if (parameter === "embedding") return "model.embed_tokens.weight";
  if (parameter === "final_norm") return "model.norm.weight";
  if (parameter === "head") return "lm_head.weight";
  const [, layer = "", full = ""] = parameter.split(".");
  const bias = full.endsWith("_bias");
  const own = bias ? full.slice(0, -"_bias".length) : full;
  const name = (family === "phi3" ? FUSED[own] : undefined) ?? BLOCK_NAMES[own];
  if (name === undefined) throw new RangeError(`Cannot name parameter ${parameter}: no published family has it`);
  return `model.layers.${layer}.${name}.${bias ? "bias" : "weight"}`;
}

/**
 * Tensors of a checkpoint of a model, in the order of the model's parameters.
 *
 * @example Two of a small Llama
 * ```ts
 * import { checkpointTensors } from "whetstone/agents/model/checkpoint_layout.ts";
 * import { nanoConfig } from "whetstone/agents/model/config.ts";
 * import assert from "node:assert/strict";
 *
 * const config = nanoConfig(16, { layers: 1, embedsPrevious: false });
 * const gate = checkpointTensors(config, "llama").find(({ name }) => name.includes("gate"));
 * assert.deepEqual(gate, {
 *   name: "model.layers.0.mlp.gate_proj.weight",
 *   shape: [320, 160],
 *   transposed: true,
 *   parts: [{ parameter: "blocks.0.gate", rows: 320 }],
 * });
 * ```
 *
 * @throws {RangeError} if the model has a parameter that no published family has.
 */
export function checkpointTensors(config: ModelConfig, family: ModelFamily): CheckpointTensor[] {
  const tensors = new Map<string, CheckpointTensor>();
  for (const { name: parameter, shape } of parameterList(config)) {
    const name = checkpointName(parameter, family);
    const transposed = shape.length === 2 && parameter.startsWith("blocks.");
    const [rows = 1, columns] = transposed ? shape.toReversed() : shape.length === 2 ? shape : [1, shape[0]];
    const known = tensors.get(name);
    const parts = [...known?.parts ?? [], { parameter, rows: shape.length === 2 ? rows : 1 }];
    const all = (known?.shape[0] ?? 0) + (shape.length === 2 ? rows : columns ?? 0);
    const own = shape.length === 2 ? [all, columns ?? 0] : [all];
    tensors.set(name, { name, shape: own, transposed, parts });
  }
  return [...tensors.values()];
}
