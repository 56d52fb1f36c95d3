/**
 * Graphs of the decoder: whole sequences for training and scoring, and cached decoding.
 *
 * Contract: weights are graph inputs named `w.<parameter>`, so one set of tensors serves every graph. In the whole-sequence form
 * rows are padded at their end only; causality then keeps padding from reaching any real token, whatever the padding holds. The
 * decoding form reads a cache that the caller owns and returns only the new keys and values (copying the cache through the graph
 * costs more than the arithmetic; see the design notes).
 * Formulas: pre-norm Llama block (arXiv 2302.13971); queries are scaled by 1/sqrt(d) through their rotary tables, at no cost.
 *
 * @module
 */
import { causalAttention, embed, type HeadLayout, linear, linearTransposed, type Rotary, rotary } from "./blocks.ts";
import { joinQueryHeads, rmsNorm, splitKeyHeads, splitQueryHeads, swiGlu, takeRows, tokenLogprob } from "./blocks.ts";
import { type ModelConfig, parameterList } from "./config.ts";
import { type Dim, GraphBuilder, GraphError, type Value } from "./graph.ts";
import { add, concat, matMul, mul, softmax } from "./ops.ts";

/** Added to the score of a key that a query may not see; finite, so that a row without any key stays free of NaN. */
export const MASKED_SCORE = -1e9;

/** Parameters of the decoder as graph inputs. */
export class DecoderWeights {
  readonly #values: ReadonlyMap<string, Value>;

  /** Declares one input per parameter on the graph. */
  constructor(graph: GraphBuilder, config: ModelConfig) {
    this.#values = new Map(
      parameterList(config).map(({ name, shape }) => [name, graph.input(`w.${name}`, "float32", shape)]),
    );
  }

  /** Value of a parameter. @throws {GraphError} if there is none of that name. */
  get(name: string): Value {
    const value = this.#values.get(name);
    if (value === undefined) throw new GraphError(`Cannot find parameter ${name}: the model has none of that name`);
    return value;
  }

  /** All parameters, in the order of the parameter list. */
  entries(): [string, Value][] {
    return [...this.#values];
  }
}

/** How heads share keys in a model. */
export function headLayout(config: ModelConfig): HeadLayout {
  return {
    keyValueHeads: config.keyValueHeads,
    groups: config.heads / config.keyValueHeads,
    headSize: config.headSize,
  };
}

/** Rotary tables of queries and keys at `positions` (int64, [1] or [B, T]). */
function rotaries(graph: GraphBuilder, config: ModelConfig, positions: Value): { query: Rotary; key: Rotary } {
  const { contextTokens: P, headSize: d, ropeTheta } = config;
  const angles = Float64Array.from(
    { length: P * d / 2 },
    (_, i) => Math.floor(i / (d / 2)) * ropeTheta ** (-2 * (i % (d / 2)) / d),
  );
  const tables = (heads: number, scale: number): Rotary => ({
    positions,
    heads,
    cos: graph.float(Float32Array.from(angles, (angle) => scale * Math.cos(angle)), [P, d / 2]),
    sin: graph.float(Float32Array.from(angles, (angle) => scale * Math.sin(angle)), [P, d / 2]),
    negativeSin: graph.float(Float32Array.from(angles, (angle) => -scale * Math.sin(angle)), [P, d / 2]),
  });
  return { query: tables(config.heads, 1 / Math.sqrt(d)), key: tables(config.keyValueHeads, 1) };
}

type Attend = (layer: number, q: Value, k: Value, v: Value) => Value;

/** The blocks from token ids to the normed hidden states [B, T, D]; `attend` supplies the attention. */
function blocks(
  graph: GraphBuilder,
  config: ModelConfig,
  weights: DecoderWeights,
  tokens: { readonly ids: Value; readonly previous: Value; readonly positions: Value },
  attend: Attend,
): Value {
  const { ids, previous, positions } = tokens;
  const by = rotaries(graph, config, positions);
  const norm = { epsilon: config.normEpsilon };
  const own = embed(graph, weights.get("embedding"), ids);
  let x = config.embedsPrevious ? add(graph, own, embed(graph, weights.get("previous_embedding"), previous)) : own;
  for (let layer = 0; layer < config.layers; layer++) {
    const weight = (name: string) => weights.get(`blocks.${layer}.${name}`);
    const a = rmsNorm(graph, x, weight("attention_norm"), norm);
    const q = rotary(graph, linear(graph, a, weight("query")), by.query);
    const k = rotary(graph, linear(graph, a, weight("key")), by.key);
    const v = linear(graph, a, weight("value"));
    x = add(graph, x, linear(graph, attend(layer, q, k, v), weight("attention_out")));
    const b = rmsNorm(graph, x, weight("feed_norm"), norm);
    const inner = swiGlu(graph, linear(graph, b, weight("gate")), linear(graph, b, weight("up")));
    x = add(graph, x, linear(graph, inner, weight("down")));
  }
  return rmsNorm(graph, x, weights.get("final_norm"), norm);
}

function head(graph: GraphBuilder, config: ModelConfig, weights: DecoderWeights, hidden_M_D: Value): Value {
  return linearTransposed(graph, hidden_M_D, weights.get(config.tiedHead ? "embedding" : "head"));
}

/** [B, T, D] as [N, D]. */
function flatten(graph: GraphBuilder, x: Value, rows: Dim): Value {
  const width = x.shape[2] ?? 0;
  return graph.node("Reshape", [x, graph.int([-1, Number(width)])], [{ type: x.type, shape: [rows, width] }]);
}

/** The whole-sequence form, up to the log-probabilities of chosen tokens. */
export interface SequenceGraph {
  /** The graph, to be extended or serialised. */
  readonly graph: GraphBuilder;
  /** Its weight inputs. */
  readonly weights: DecoderWeights;
  /** log p of each target, nats, [M]. */
  readonly logprobs_M: Value;
}

/**
 * Whole-sequence form. Inputs besides the weights: `ids` int32 [B, T]; `previous` int32 [B, T], the id before each (the first token's is its own); `mask` [G·T, T] (see {@linkcode causalMask}); `rows` int32
 * [M], flat places b·T + t of the hidden states whose next token is wanted; `inverse` int32 [B·T], the place of each in `rows`, or
 * M; `targets` int32 [M]; `inverse_temperature`, a scalar.
 */
export function sequenceGraph(config: ModelConfig, name = "sequence"): SequenceGraph {
  const graph = new GraphBuilder(name);
  const layout = headLayout(config);
  const weights = new DecoderWeights(graph, config);
  const ids = graph.input("ids", "int32", ["B", "T"]);
  const previous = graph.input("previous", "int32", ["B", "T"]);
  const mask = graph.input("mask", "float32", ["GT", "T"]);
  const rows = graph.input("rows", "int32", ["M"]);
  const inverse = graph.input("inverse", "int32", ["N"]);
  const targets = graph.input("targets", "int32", ["M"]);
  const inverseTemperature = graph.input("inverse_temperature", "float32", []);
  const hidden = blocks(graph, config, weights, { ids, previous, positions: graph.int([0]) }, (_, q, k, v) => {
    return causalAttention(graph, q, k, v, mask, layout);
  });
  const chosen = takeRows(graph, flatten(graph, hidden, "N"), rows, inverse);
  const logits = head(graph, config, weights, chosen);
  return { graph, weights, logprobs_M: tokenLogprob(graph, logits, targets, inverseTemperature) };
}

/** Causal mask [G·T, T] of {@linkcode sequenceGraph}: 0 at and below the diagonal, {@linkcode MASKED_SCORE} above. */
export function causalMask(tokens: number, groups: number): Float32Array {
  const mask = new Float32Array(groups * tokens * tokens);
  for (let row = 0; row < groups * tokens; row++) {
    mask.fill(MASKED_SCORE, row * tokens + (row % tokens) + 1, (row + 1) * tokens);
  }
  return mask;
}

/**
 * Decoding form: C new tokens per row on top of a cache of S places.
 *
 * Inputs besides the weights: `ids` and `previous` int32 [R, C]; `positions` int64 [R, C]; `last` int32 [R], the flat place r·C + c of the token
 * whose successor is wanted; `cache_mask` [R, 1, 1, S], 0 at filled places, {@linkcode MASKED_SCORE} elsewhere; `inverse_temperature`;
 * per layer `key_cache.<l>` [R, K, d, S] (columns, as the score product wants them) and `value_cache.<l>` [R, K, S, d].
 * Outputs: `probabilities` [R, V] after temperature; per layer `key.<l>` [R, C, K·d], rotated, and `value.<l>` [R, C, K·d].
 *
 * @param chunk C. With `chunk` > 1 a token also sees the earlier ones of its chunk; padding goes to the chunk's end.
 */
export function decodingGraph(config: ModelConfig, chunk: number): GraphBuilder {
  const graph = new GraphBuilder(`decode_${chunk}`);
  const layout = headLayout(config);
  const { keyValueHeads: K, headSize: d, groups: G } = layout;
  const weights = new DecoderWeights(graph, config);
  const ids = graph.input("ids", "int32", ["R", chunk]);
  const previous = graph.input("previous", "int32", ["R", chunk]);
  const positions = graph.input("positions", "int64", ["R", chunk]);
  const last = graph.input("last", "int32", ["R"]);
  const cacheMask = graph.input("cache_mask", "float32", ["R", 1, 1, "S"]);
  const inverseTemperature = graph.input("inverse_temperature", "float32", []);
  const selfMask = graph.float(causalMask(chunk, G), [G * chunk, chunk]);
  const hidden = blocks(graph, config, weights, { ids, previous, positions }, (layer, q, k, v) => {
    const keyCache = graph.input(`key_cache.${layer}`, "float32", ["R", K, d, "S"]);
    const valueCache = graph.input(`value_cache.${layer}`, "float32", ["R", K, "S", d]);
    graph.output(`key.${layer}`, k);
    graph.output(`value.${layer}`, v);
    const queries = splitQueryHeads(graph, q, layout);
    const before = add(graph, matMul(graph, queries, keyCache), cacheMask);
    const own = matMul(graph, queries, splitKeyHeads(graph, k, layout, "columns"));
    const now = chunk === 1 ? own : add(graph, own, selfMask);
    const shares = softmax(graph, concat(graph, [before, now], 3, "S+C"));
    const [sharesBefore, sharesNow] = [
      slice(graph, shares, 0, -chunk, "S"),
      slice(graph, shares, -chunk, Number.MAX_SAFE_INTEGER, chunk),
    ];
    const mixed = add(
      graph,
      matMul(graph, sharesBefore, valueCache),
      matMul(graph, sharesNow, splitKeyHeads(graph, v, layout, "rows")),
    );
    return joinQueryHeads(graph, mixed, layout);
  });
  const flat = flatten(graph, hidden, "N");
  const chosen = graph.node("Gather", [flat, last], [{ type: "float32", shape: ["R", config.width] }], {
    attributes: { axis: { int: 0 } },
  });
  const logits = head(graph, config, weights, chosen);
  graph.output("probabilities", softmax(graph, mul(graph, logits, inverseTemperature)));
  return graph;
}

/** Part of the last axis of a tensor of rank 4. */
function slice(graph: GraphBuilder, x: Value, start: number, end: number, dim: Dim): Value {
  const shape = [...x.shape.slice(0, 3), dim];
  return graph.node("Slice", [x, graph.int([start]), graph.int([end]), graph.int([3])], [{ type: x.type, shape }]);
}
