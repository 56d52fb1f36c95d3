/**
 * Graph of a decoder as other runtimes expect it of a published model: token ids, a mask and past keys and values in, logits and all
 * keys and values out.
 *
 * Contract: names and shapes are those of the usual exports of decoders (Optimum, transformers.js). Inputs: `input_ids` int64
 * [B, S]; `attention_mask` int64 [B, P + S], 0 at padding, on whichever side; `position_ids` int64 [B, S];
 * `past_key_values.<l>.key` and `.value` [B, K, P, d], P may be 0. Outputs: `logits` [B, S, V]; `present.<l>.key` and `.value`
 * [B, K, P + S, d], keys rotated. Weights are inputs named as in the project's other graphs, to be stored by the caller.
 * LongRoPE: a row takes the frequencies for long sequences once its mask shows more than the original context; keys that are
 * already cached keep theirs, as with every runtime that hands the cache back as it is.
 * Omitted: models that embed the token before (`nano`'s default), because no cache holds that token.
 *
 * @module
 */
import { joinQueryHeads, splitKeyHeads, splitQueryHeads } from "./blocks.ts";
import type { ModelConfig } from "./config.ts";
import { blocks, DecoderWeights, flatten, head, headLayout, MASKED_SCORE } from "./decoder.ts";
import { type Dim, GraphBuilder, GraphError, type Value } from "./graph.ts";
import { add, cast, compare, concat, matMul, mul, reshape, softmax, sub, transpose } from "./ops.ts";
import { hasLongRope } from "./rope.ts";

const [B, S, P, T] = ["batch_size", "sequence_length", "past_sequence_length", "total_sequence_length"] as const;

/**
 * Graph of a decoder with the usual inputs and outputs.
 *
 * @example Its inputs
 * ```ts
 * import { causalLmGraph } from "whetstone/agents/model/causal_lm_graph.ts";
 * import { nanoConfig } from "whetstone/agents/model/config.ts";
 * import assert from "node:assert/strict";
 *
 * const graph = causalLmGraph(nanoConfig(16, { layers: 1, embedsPrevious: false }));
 * assert.deepEqual(graph.inputNames.filter((name) => !name.startsWith("w.")), [
 *   "input_ids",
 *   "attention_mask",
 *   "position_ids",
 *   "past_key_values.0.key",
 *   "past_key_values.0.value",
 * ]);
 * ```
 *
 * @throws {GraphError} if the model embeds the token before.
 */
export function causalLmGraph(config: ModelConfig): GraphBuilder {
  if (config.embedsPrevious) {
    throw new GraphError(
      "Cannot make a graph with the usual inputs: the model embeds the token before (embedsPrevious), which is in no cache; " +
        "train it with embedsPrevious: false",
    );
  }
  const graph = new GraphBuilder("causal_lm");
  const layout = headLayout(config);
  const { keyValueHeads: K, headSize: d } = layout;
  const weights = new DecoderWeights(graph, config);
  const ids = graph.input("input_ids", "int64", [B, S]);
  const mask = graph.input("attention_mask", "int64", [B, T]);
  const positions = graph.input("position_ids", "int64", [B, S]);
  const hiddenFrom = hiddenScores(graph, config, ids, mask);
  const longRows = hasLongRope(config) ? longRowsOf(graph, config, mask) : undefined;
  const tokens = { ids, previous: ids, positions, longRows };
  const hidden = blocks(graph, config, weights, tokens, (layer, q, k, v) => {
    const [pastKey, pastValue] = ["key", "value"].map((name) => {
      return graph.input(`past_key_values.${layer}.${name}`, "float32", [B, K, P, d]);
    });
    if (pastKey === undefined || pastValue === undefined) throw new GraphError("Cannot declare the cache of a layer");
    const keys = concat(graph, [pastKey, splitKeyHeads(graph, k, layout, "rows")], 2, T);
    const values = concat(graph, [pastValue, splitKeyHeads(graph, v, layout, "rows")], 2, T);
    graph.output(`present.${layer}.key`, keys);
    graph.output(`present.${layer}.value`, values);
    const queries = splitQueryHeads(graph, q, layout);
    const scores = matMul(graph, queries, transpose(graph, keys, [0, 1, 3, 2]));
    const shares = softmax(graph, { ...add(graph, scores, hiddenFrom), shape: scores.shape });
    return joinQueryHeads(graph, matMul(graph, shares, values), layout);
  });
  const logits = head(graph, config, weights, flatten(graph, hidden, "N"));
  const shape = concat(graph, [shapeOf(graph, ids), graph.int([config.vocabularySize])], 0, 3);
  graph.output(
    "logits",
    graph.node("Reshape", [logits, shape], [{ type: "float32", shape: [B, S, config.vocabularySize] }]),
  );
  return graph;
}

function shapeOf(graph: GraphBuilder, x: Value): Value {
  return graph.node("Shape", [x], [{ type: "int64", shape: [x.shape.length] }]);
}

function sizeOf(graph: GraphBuilder, x: Value, axis: number): Value {
  const size = graph.node("Shape", [x], [{ type: "int64", shape: [1] }], {
    attributes: { start: { int: axis }, end: { int: axis + 1 } },
  });
  return reshape(graph, size, [], []);
}

function range(graph: GraphBuilder, from: Value, to: Value, dim: Dim): Value {
  return graph.node("Range", [from, to, graph.int([1], [])], [{ type: "int64", shape: [dim] }]);
}

/** What is added to scores [B, K, G·S, P + S]: [B, 1, G·S, P + S], 0 where a query may look, else a large negative number. */
function hiddenScores(graph: GraphBuilder, config: ModelConfig, ids: Value, mask: Value): Value {
  const { groups } = headLayout(config);
  const [total, now] = [sizeOf(graph, mask, 1), sizeOf(graph, ids, 1)];
  const zero = graph.int([0], []);
  const keyPlaces = range(graph, zero, total, T);
  const queryPlaces = reshape(graph, range(graph, sub(graph, total, now), total, S), [-1, 1], [S, 1]);
  const age = sub(graph, queryPlaces, keyPlaces);
  let hidden = cast(graph, compare(graph, "Less", age, zero), "float32");
  if (config.slidingWindow !== undefined) {
    const old = compare(graph, "GreaterOrEqual", age, graph.int([config.slidingWindow], []));
    hidden = add(graph, hidden, cast(graph, old, "float32"));
  }
  const padding = cast(
    graph,
    compare(graph, "Equal", reshape(graph, mask, [0, 1, 1, -1], [B, 1, 1, T]), zero),
    "float32",
  );
  const scores = mul(graph, add(graph, hidden, padding), graph.float([MASKED_SCORE]));
  const copies = Array.from({ length: groups }, () => scores);
  return groups === 1 ? { ...scores, shape: [B, 1, `G${S}`, T] } : concat(graph, copies, 2, `G${S}`);
}

/** int64 [B, 1]: 1 for rows whose mask shows more tokens than the original context of LongRoPE. */
function longRowsOf(graph: GraphBuilder, config: ModelConfig, mask: Value): Value {
  const { ropeScaling } = config;
  if (ropeScaling?.kind !== "longrope") throw new GraphError("Cannot tell long rows: the model has no LongRoPE");
  const tokens = graph.node("ReduceSum", [mask, graph.int([1])], [{ type: "int64", shape: [B, 1] }], {
    attributes: { keepdims: { int: 1 } },
  });
  return cast(graph, compare(graph, "Greater", tokens, graph.int([ropeScaling.originalContext])), "int64");
}
