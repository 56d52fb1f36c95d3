/**
 * Graph of cached decoding: a few new tokens per row on top of keys and values that the caller owns.
 *
 * Contract: weights are graph inputs, as in the whole-sequence form. The cache is only read, and only the new keys and values are
 * returned, because copying the cache through the graph costs more than the arithmetic (see the design notes).
 *
 * @module
 */
import type { AdapterSpec } from "./adapter.ts";
import { joinQueryHeads, splitKeyHeads, splitQueryHeads } from "./blocks.ts";
import type { ModelConfig } from "./config.ts";
import { blocks, causalMask, DecoderWeights, flatten, head, headLayout } from "./decoder.ts";
import { type Dim, GraphBuilder, type Value } from "./graph.ts";
import { add, concat, matMul, mul, softmax } from "./ops.ts";

/**
 * Decoding form: C new tokens per row on top of a cache of S places.
 *
 * Inputs besides the weights: `ids` and `previous` int32 [R, C]; `positions` int64 [R, C]; `last` int32 [R], the flat place r·C + c of the token
 * whose successor is wanted; `cache_mask` [R, 1, 1, S], 0 at filled places, a large negative number elsewhere; `inverse_temperature`;
 * per layer `key_cache.<l>` [R, K, d, S] (columns, as the score product wants them) and `value_cache.<l>` [R, K, S, d].
 * Outputs: `probabilities` [R, V] after temperature; per layer `key.<l>` [R, C, K·d], rotated, and `value.<l>` [R, C, K·d].
 *
 * @param chunk C. With `chunk` > 1 a token also sees the earlier ones of its chunk; padding goes to the chunk's end.
 */
export function decodingGraph(config: ModelConfig, chunk: number, adapter?: AdapterSpec): GraphBuilder {
  const graph = new GraphBuilder(`decode_${chunk}`);
  const layout = headLayout(config);
  const { keyValueHeads: K, headSize: d, groups: G } = layout;
  const weights = new DecoderWeights(graph, config, adapter);
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
