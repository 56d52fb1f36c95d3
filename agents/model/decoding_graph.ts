/**
 * Graphs of cached decoding and of scoring after a shared prefix: a few new tokens per row on top of keys and values that the caller owns.
 *
 * Contract: weights are graph inputs, as in the whole-sequence form. The cache is only read, and only the new keys and values are
 * returned, because copying the cache through the graph costs more than the arithmetic (see the design notes).
 *
 * @module
 */
import type { AdapterSpec } from "./adapter.ts";
import { type HeadLayout, joinQueryHeads, splitKeyHeads, splitQueryHeads, tokenLogprob } from "./blocks.ts";
import type { ModelConfig } from "./config.ts";
import { blocks, causalMask, DecoderWeights, flatten, head, headLayout, longRowsInput } from "./decoder.ts";
import { windowMask } from "./decoder.ts";
import { type Dim, GraphBuilder, type Value } from "./graph.ts";
import { add, concat, gather, matMul, mul, multiplyRows, reshape, softmax } from "./ops.ts";
import { float32, type Precision } from "./precision.ts";

/** Options of {@linkcode decodingGraph}. */
export interface DecodingGraphOptions {
  /**
   * Element type of the projections' products; the cache, and attention on it, are float32 in both.
   *
   * @default {"float32"}
   */
  precision?: Precision;
  /**
   * Whether the cache is in host memory: keys are then [R, K, S, d] like values, and new keys and values are one output `made`
   * [R·C, L·2·K·d], for each layer its keys, then its values, because every tensor that leaves the runtime costs time.
   *
   * @default {false}
   */
  host?: boolean;
}

/**
 * Decoding form: C new tokens per row on top of a cache of S places.
 *
 * Inputs besides the weights: `ids` and `previous` int32 [R, C]; `positions` int64 [R, C]; `last` int32 [M], the flat places r·C + c of tokens
 * whose successors are wanted; `cache_mask` [R, 1, 1, S], 0 at filled places, a large negative number elsewhere; `inverse_temperature`;
 * for some models `long_rows` int64 [R, 1] (see longRowsInput);
 * per layer `key_cache.<l>` [R, K, d, S] (columns; see `host`) and `value_cache.<l>` [R, K, S, d].
 * Outputs: `probabilities` [M, V] after temperature; per layer `key.<l>` [R, C, K·d], rotated, and `value.<l>` [R, C, K·d] (see `host`).
 *
 * @param chunk C. With `chunk` > 1 a token also sees the earlier ones of its chunk; padding goes to the chunk's end.
 */
export function decodingGraph(
  config: ModelConfig,
  chunk: number,
  adapter?: AdapterSpec,
  options: DecodingGraphOptions = {},
): GraphBuilder {
  const { host = false } = options;
  const graph = new GraphBuilder(`decode_${chunk}`);
  const layout = headLayout(config);
  const { keyValueHeads: K, headSize: d, groups: G } = layout;
  const weights = new DecoderWeights(graph, config, adapter, options.precision);
  const made: Value[] = [];
  const ids = graph.input("ids", "int32", ["R", chunk]);
  const previous = graph.input("previous", "int32", ["R", chunk]);
  const positions = graph.input("positions", "int64", ["R", chunk]);
  const last = graph.input("last", "int32", ["M"]);
  const filled = graph.input("cache_mask", "float32", ["R", 1, 1, "S"]);
  const cacheMask = windowMask(graph, config, filled, positions);
  const longRows = longRowsInput(graph, config, "R");
  const inverseTemperature = graph.input("inverse_temperature", "float32", []);
  const selfMask = graph.float(causalMask(chunk, G, config.slidingWindow), [G * chunk, chunk]);
  const hidden = blocks(graph, config, weights, { ids, previous, positions, longRows }, (layer, lowQ, lowK, lowV) => {
    const [q, k, v] = [float32(graph, lowQ), float32(graph, lowK), float32(graph, lowV)];
    const keyCache = keyCacheInput(graph, layer, "R", layout, host);
    const valueCache = graph.input(`value_cache.${layer}`, "float32", ["R", K, "S", d]);
    if (host) made.push(k, v);
    else {
      graph.output(`key.${layer}`, k);
      graph.output(`value.${layer}`, v);
    }
    const cache = { keyCache, valueCache, cacheMask, selfMask, host };
    if (chunk === 1) return oneTokenAttention(graph, { q, k, v }, cache, layout);
    return cachedAttention(graph, { q, k, v }, cache, layout, chunk);
  });
  if (host) graph.output("made", concat(graph, made, 2, made.length * K * d));
  const flat = flatten(graph, hidden, "N");
  const chosen = graph.node("Gather", [flat, last], [{ type: "float32", shape: ["M", config.width] }], {
    attributes: { axis: { int: 0 } },
  });
  const logits = head(graph, config, weights, chosen);
  graph.output("probabilities", softmax(graph, mul(graph, logits, inverseTemperature)));
  return graph;
}

/**
 * Scoring form: C tokens per row after one prefix that all rows share, whose keys and values are a cache of S places.
 *
 * Inputs besides the weights: `ids` and `previous` int32 [R, C]; `positions` int64 [R, C]; `mask` [G·C, C] (see causalMask);
 * `cache_mask` [1, 1, 1, S]; `rows` and `targets` int32 [M], the flat places r·C + c whose next token is wanted, and that token;
 * `inverse_temperature`; per layer `key_cache.<l>` [1, K, d, S], or [1, K, S, d] of a cache in host memory, and `value_cache.<l>` [1, K, S, d].
 * Output: `logprobs` [M]. Models with other frequencies for long rows are not supported.
 *
 * @param chunk C; padding goes to the chunk's end.
 */
export function continuationGraph(
  config: ModelConfig,
  chunk: number,
  adapter?: AdapterSpec,
  options: Pick<DecodingGraphOptions, "host"> = {},
): GraphBuilder {
  const { host = false } = options;
  const graph = new GraphBuilder(`continue_${chunk}`);
  const layout = headLayout(config);
  const { keyValueHeads: K, headSize: d, groups: G } = layout;
  const weights = new DecoderWeights(graph, config, adapter);
  const ids = graph.input("ids", "int32", ["R", chunk]);
  const previous = graph.input("previous", "int32", ["R", chunk]);
  const positions = graph.input("positions", "int64", ["R", chunk]);
  const selfMask = graph.input("mask", "float32", [G * chunk, chunk]);
  const filled = graph.input("cache_mask", "float32", [1, 1, 1, "S"]);
  const rows = graph.input("rows", "int32", ["M"]);
  const targets = graph.input("targets", "int32", ["M"]);
  const inverseTemperature = graph.input("inverse_temperature", "float32", []);
  const cacheMask = windowMask(graph, config, filled, positions);
  const hidden = blocks(graph, config, weights, { ids, previous, positions, longRows: undefined }, (layer, q, k, v) => {
    const keyCache = keyCacheInput(graph, layer, 1, layout, host);
    const valueCache = graph.input(`value_cache.${layer}`, "float32", [1, K, "S", d]);
    return cachedAttention(graph, { q, k, v }, { keyCache, valueCache, cacheMask, selfMask, host }, layout, chunk);
  });
  const logits = head(graph, config, weights, gather(graph, flatten(graph, hidden, "N"), rows));
  graph.output("logprobs", tokenLogprob(graph, logits, targets, inverseTemperature));
  return graph;
}

/** What attention reads of the cache. */
interface Cache {
  readonly keyCache: Value;
  readonly valueCache: Value;
  readonly cacheMask: Value;
  /** Whether keys are rows. */
  readonly host: boolean;
}

/** Cached keys of a layer, as columns or as rows. */
function keyCacheInput(graph: GraphBuilder, layer: number, rows: Dim, layout: HeadLayout, host: boolean): Value {
  const { keyValueHeads: K, headSize: d } = layout;
  return graph.input(`key_cache.${layer}`, "float32", host ? [rows, K, "S", d] : [rows, K, d, "S"]);
}

/** Scores of queries [..., M, d] for cached keys, [..., d, S] or in host memory [..., S, d]. */
function cachedScores(graph: GraphBuilder, queries: Value, keys: Value, host: boolean): Value {
  return host ? multiplyRows(graph, queries, keys) : matMul(graph, queries, keys);
}

/** Attention of new tokens to cached ones and to each other: q [R, C, H·d], k and v [R, C, K·d] give [R, C, H·d]. */
function cachedAttention(
  graph: GraphBuilder,
  { q, k, v }: { readonly q: Value; readonly k: Value; readonly v: Value },
  cache: Cache & { readonly selfMask: Value },
  layout: HeadLayout,
  chunk: number,
): Value {
  const queries = splitQueryHeads(graph, q, layout);
  const before = add(graph, cachedScores(graph, queries, cache.keyCache, cache.host), cache.cacheMask);
  const own = matMul(graph, queries, splitKeyHeads(graph, k, layout, "columns"));
  const shares = softmax(graph, concat(graph, [before, add(graph, own, cache.selfMask)], 3, "S+C"));
  const [sharesBefore, sharesNow] = [
    slice(graph, shares, 0, -chunk, "S"),
    slice(graph, shares, -chunk, Number.MAX_SAFE_INTEGER, chunk),
  ];
  const mixed = add(
    graph,
    matMul(graph, sharesBefore, cache.valueCache),
    matMul(graph, sharesNow, splitKeyHeads(graph, v, layout, "rows")),
  );
  return joinQueryHeads(graph, mixed, layout);
}

/**
 * Attention of one new token per row: as {@linkcode cachedAttention}, but every query head is a product of its own, of a vector and a
 * matrix. Such products read the cache as it is; ones of more rows, as those of grouped heads would be, first copy it into panels,
 * which took two thirds more time.
 */
function oneTokenAttention(
  graph: GraphBuilder,
  { q, k, v }: { readonly q: Value; readonly k: Value; readonly v: Value },
  cache: Cache,
  { keyValueHeads: K, groups: G, headSize: d }: HeadLayout,
): Value {
  const queries = reshape(graph, q, [0, K, G, 1, d], ["R", K, G, 1, d]);
  const keys = unsqueeze(graph, cache.keyCache, 2);
  const values = unsqueeze(graph, cache.valueCache, 2);
  const before = add(graph, cachedScores(graph, queries, keys, cache.host), unsqueeze(graph, cache.cacheMask, 3));
  const own = matMul(graph, queries, reshape(graph, k, [0, K, 1, d, 1], ["R", K, 1, d, 1]));
  const shares = softmax(graph, concat(graph, [before, own], 4, "S+1"));
  const mixed = add(
    graph,
    matMul(graph, slice(graph, shares, 0, -1, "S"), values),
    mul(
      graph,
      slice(graph, shares, -1, Number.MAX_SAFE_INTEGER, 1),
      reshape(graph, v, [0, K, 1, 1, d], ["R", K, 1, 1, d]),
    ),
  );
  return reshape(graph, mixed, [0, 1, K * G * d], ["R", 1, K * G * d]);
}

/** One more axis of length 1. */
function unsqueeze(graph: GraphBuilder, x: Value, axis: number): Value {
  return graph.node("Unsqueeze", [x, graph.int([axis])], [{ type: x.type, shape: x.shape.toSpliced(axis, 0, 1) }]);
}

/** Part of the last axis of a tensor. */
function slice(graph: GraphBuilder, x: Value, start: number, end: number, dim: Dim): Value {
  const shape = [...x.shape.slice(0, -1), dim];
  return graph.node("Slice", [x, graph.int([start]), graph.int([end]), graph.int([-1])], [{ type: x.type, shape }]);
}
