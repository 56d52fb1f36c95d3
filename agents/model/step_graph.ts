/**
 * Graph of one decoding step of a small model on native CPU: one token per row, with as few operators as will do.
 *
 * Contract: computes what `decodingGraph` with one token does, up to rounding, from the cache in host memory. It is for graphs that hold
 * the weights: matrices that are applied to the same values are joined, which the runtime does once when it loads the graph. With a
 * million parameters an operator takes about as long to begin as to end, so that a step's time is the number of its operators.
 * Omitted: adapters, norms of queries and keys, other rotary frequencies than plain ones, windows; `decodingGraph` has them.
 *
 * @module
 */
import type { ModelConfig } from "./config.ts";
import { DecoderWeights, head, headLayout } from "./decoder.ts";
import { type Dim, GraphBuilder, type Value } from "./graph.ts";
import { add, concat, gather, matMul, mul, multiplyRows, reshape, rotate, softmax, split } from "./ops.ts";
import { hasPlainRope, plainRopeAngles } from "./rope.ts";

/** Whether {@linkcode stepGraph} can be made for a model without an adapter. */
export function hasStepGraph(config: ModelConfig): boolean {
  return hasPlainRope(config) && !config.queryKeyNorm && config.slidingWindow === undefined;
}

/**
 * The graph.
 *
 * Inputs besides the weights: `ids` int32 [R]; `previous` int32 [R] where the model embeds it; `positions` int64 [R, 1]; `cache_mask`
 * [R, 1, 1, 1, S], 0 at filled places, a large negative number elsewhere; `inverse_temperature`; `cut` int64 [2], the numbers S and 1;
 * per layer `key_cache.<l>` and `value_cache.<l>` [R, K, 1, S, d].
 * Outputs: `probabilities` [R, V] after temperature; `made` [R, L·2·K·d], for each layer its new keys, then its new values.
 */
export function stepGraph(config: ModelConfig): GraphBuilder {
  const graph = new GraphBuilder("step");
  const { keyValueHeads: K, headSize: d, groups: G } = headLayout(config);
  const { layers, normEpsilon } = config;
  const H = K * G;
  const weights = new DecoderWeights(graph, config);
  const ids = graph.input("ids", "int32", ["R"]);
  const positions = graph.input("positions", "int64", ["R", 1]);
  const mask = graph.input("cache_mask", "float32", ["R", 1, 1, 1, "S"]);
  const cut = graph.input("cut", "int64", [2]);
  const inverseTemperature = graph.input("inverse_temperature", "float32", []);
  const angles = plainRopeAngles(config);
  const cos = graph.float(Float32Array.from(angles, Math.cos), [config.contextTokens, d / 2]);
  const sin = graph.float(Float32Array.from(angles, Math.sin), [config.contextTokens, d / 2]);
  const norm = { domain: "com.microsoft", attributes: { epsilon: { float: normEpsilon } } };
  /** x + y, and its norm. */
  const addAndNorm = (x: Value, y: Value, weight: Value): readonly [Value, Value] => {
    const results = graph.nodes("SkipSimplifiedLayerNormalization", [x, y, weight], [x, x, x, x], norm);
    const [normed, , , sum] = results;
    if (normed === undefined || sum === undefined) throw new RangeError("Cannot add and norm: a result is missing");
    return [sum, normed];
  };
  /** Columns of several matrices, or biases, side by side. */
  const joined = (layer: number, names: readonly string[]): Value => {
    const parts = names.map((name) => weights.get(`blocks.${layer}.${name}`));
    const width = parts.reduce((sum, { shape }) => sum + Number(shape.at(-1)), 0);
    return concat(graph, parts, -1, width);
  };
  const project = (x: Value, layer: number, names: readonly string[]): Value => {
    const w = names.length === 1 ? weights.get(`blocks.${layer}.${names[0]}`) : joined(layer, names);
    const y = matMul(graph, x, w);
    const biases = names.map((name) => `${name}_bias`);
    return weights.has(`blocks.${layer}.${biases[0]}`) ? add(graph, y, joined(layer, biases)) : y;
  };
  const seen = (x: Value, shape: readonly Dim[]) => {
    return reshape(graph, x, shape.map((dim) => (typeof dim === "number" ? dim : -1)), shape);
  };
  const own = gather(graph, weights.get("embedding"), ids);
  const previous = config.embedsPrevious ? graph.input("previous", "int32", ["R"]) : undefined;
  let x = own;
  if (previous !== undefined) x = add(graph, own, gather(graph, weights.get("previous_embedding"), previous));
  let normed = graph.node("SimplifiedLayerNormalization", [x, weights.get("blocks.0.attention_norm")], [x], {
    attributes: { axis: { int: -1 }, epsilon: { float: normEpsilon } },
  });
  const made: Value[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const joint = project(normed, layer, ["query", "key", "value"]);
    const [raw, v] = parts(graph, joint, [(H + K) * d, K * d]);
    const turned = rotate(graph, seen(raw, ["R", 1, (H + K) * d]), positions, cos, sin, { heads: H + K });
    const [q, k] = parts(graph, turned, [H * d, K * d]);
    made.push(seen(k, ["R", K * d]), v);
    const keyCache = graph.input(`key_cache.${layer}`, "float32", ["R", K, 1, "S", d]);
    const valueCache = graph.input(`value_cache.${layer}`, "float32", ["R", K, 1, "S", d]);
    const queries = seen(q, ["R", K, G, 1, d]);
    const values = seen(v, ["R", K, 1, 1, d]);
    const scale = 1 / Math.sqrt(d);
    const before = add(graph, multiplyRows(graph, queries, keyCache, scale), mask);
    const now = multiplyRows(graph, queries, seen(k, ["R", K, 1, 1, d]), scale);
    const shares = softmax(graph, concat(graph, [before, now], 4, "S+1"));
    const [sharesBefore, shareNow] = graph.nodes("Split", [shares, cut], [before, now], {
      attributes: { axis: { int: 4 } },
    });
    if (sharesBefore === undefined || shareNow === undefined) throw new RangeError("Cannot attend: no shares");
    const mixed = add(graph, matMul(graph, sharesBefore, valueCache), mul(graph, shareNow, values));
    const attended = project(seen(mixed, ["R", H * d]), layer, ["attention_out"]);
    const [sum, inner] = addAndNorm(x, attended, weights.get(`blocks.${layer}.feed_norm`));
    const [gate, up] = split(graph, project(inner, layer, ["gate", "up"]), -1, 2);
    if (gate === undefined || up === undefined) throw new RangeError("Cannot feed forward: a part is missing");
    // With alpha = 1 this operator is x · sigmoid(x).
    const silu = graph.node("QuickGelu", [gate], [gate], {
      domain: "com.microsoft",
      attributes: { alpha: { float: 1 } },
    });
    const fed = project(mul(graph, silu, up), layer, ["down"]);
    const next = layer + 1 < layers ? `blocks.${layer + 1}.attention_norm` : "final_norm";
    [x, normed] = addAndNorm(sum, fed, weights.get(next));
  }
  graph.output("made", concat(graph, made, 1, made.length * K * d));
  graph.output("probabilities", softmax(graph, mul(graph, head(graph, config, weights, normed), inverseTemperature)));
  return graph;
}

/** A value cut in two along its last axis. */
function parts(graph: GraphBuilder, value: Value, sizes: readonly number[]): readonly [Value, Value] {
  const shapes = sizes.map((size) => ({ type: value.type, shape: value.shape.with(-1, size) }));
  const [a, b] = graph.nodes("Split", [value, graph.int(sizes)], shapes, { attributes: { axis: { int: -1 } } });
  if (a === undefined || b === undefined) throw new RangeError("Cannot cut a value in two: a part is missing");
  return [a, b];
}
