/**
 * Building blocks of a decoder as composites: linear map, RMSNorm, SwiGLU, rotary embedding, causal attention, row selection, log-probability.
 *
 * Contract: each block records one entry on the graph's tape together with the inner values that its gradient needs (`saved`);
 * the gradient rules live with the trainer. All attention products are plain batched MatMul with small transposes, because that
 * form runs on every provider and never transposes a [T, T] matrix.
 * Formulas: RMSNorm arXiv 1910.07467; SwiGLU arXiv 2002.05202; rotary embedding arXiv 2104.09864; grouped queries arXiv 2305.13245.
 *
 * @module
 */
import type { Dim, GraphBuilder, Value } from "./graph.ts";
import { add, asType, binary, cast, compare, concat, gather, logSoftmax, matMul, mul, reshape, rotate } from "./ops.ts";
import { softmax, split, sub, transpose, unary } from "./ops.ts";
import { float32, product } from "./precision.ts";

function one(values: readonly Value[]): Value {
  const [value] = values;
  if (value === undefined) throw new RangeError("Cannot take the result of a composite: it has none");
  return value;
}

/** x · w: [..., K] by [K, M]. */
export function linear(graph: GraphBuilder, x: Value, w: Value): Value {
  return one(graph.composite("Linear", [x, w], () => ({ outputs: [product(graph, x, w)] })));
}

/** x · eᵀ: [N, D] by [V, D]; the head that shares the embedding table. */
export function linearTransposed(graph: GraphBuilder, x: Value, e: Value): Value {
  return one(
    graph.composite("LinearTransposed", [x, e], () => ({ outputs: [product(graph, x, e, { transposeB: true })] })),
  );
}

/**
 * Rows of the embedding table: [V, D] at int32 ids [B, T] gives [B, T, D].
 *
 * @param oneThread whether the graph only runs on a single thread, which lets its gradient be summed faster.
 */
export function embed(graph: GraphBuilder, table: Value, ids: Value, oneThread = false): Value {
  const attributes = { one_thread: { int: Number(oneThread) } };
  return one(graph.composite("Embed", [table, ids], () => ({ outputs: [gather(graph, table, ids)] }), attributes));
}

/** Options of {@linkcode rmsNorm}. */
export interface RmsNormOptions {
  /** Added to the mean square. */
  readonly epsilon: number;
}

/** x / sqrt(mean(x²) + ε) · w over the last axis: [B, T, D] and [D]. */
export function rmsNorm(graph: GraphBuilder, x: Value, w: Value, options: RmsNormOptions): Value {
  const attributes = { axis: { int: -1 }, epsilon: { float: options.epsilon } };
  // The operator's second result, the inverse deviation, is wrong on WebGPU (onnxruntime-web 1.30), so nothing here asks for it.
  return one(
    graph.composite("RmsNorm", [x, w], () => ({
      outputs: [graph.node("SimplifiedLayerNormalization", [x, w], [x], { attributes })],
    }), attributes),
  );
}

/** RMSNorm of each head of [B, T, heads · d] with one weight [d] for all heads (Qwen3's norm of queries and keys). */
export function headNorm(graph: GraphBuilder, x: Value, w: Value, options: RmsNormOptions): Value {
  const [B = "B", T = "T", width = 0] = x.shape;
  const size = Number(w.shape[0]);
  const heads = Number(width) / size;
  const split = reshape(graph, x, [0, 0, heads, size], [B, T, heads, size]);
  const normed = asType(graph, rmsNorm(graph, float32(graph, split), w, options), x.type);
  return reshape(graph, normed, [0, 0, Number(width)], [B, T, width]);
}

/** silu(gate) · up, element by element. */
export function swiGlu(graph: GraphBuilder, gate: Value, up: Value): Value {
  return one(graph.composite("SwiGlu", [gate, up], () => {
    const sigmoid = unary(graph, "Sigmoid", gate);
    const silu = mul(graph, gate, sigmoid);
    return { outputs: [mul(graph, silu, up)], saved: { sigmoid, silu } };
  }));
}

/** Tables of the rotary embedding and the heads they are for. */
export interface Rotary {
  /** int64 positions, [1] or [B, T]. */
  readonly positions: Value;
  /** [P, d/2]. */
  readonly cos: Value;
  /** [P, d/2]. */
  readonly sin: Value;
  /** -sin, for the gradient, which rotates back. */
  readonly negativeSin: Value;
  /** Number of heads in the last axis. */
  readonly heads: number;
  /** Leading numbers of each head that are rotated; the tables are then [P, size/2]. @default the whole head */
  readonly size?: number | undefined;
}

/** Rotary embedding of [B, T, heads · d]. */
export function rotary(graph: GraphBuilder, x: Value, by: Rotary): Value {
  return one(graph.composite("Rotary", [x], () => ({
    outputs: [rotate(graph, x, by.positions, by.cos, by.sin, { heads: by.heads, size: by.size })],
    saved: { positions: by.positions, cos: by.cos, negativeSin: by.negativeSin },
  }), { heads: { int: by.heads }, ...(by.size === undefined ? {} : { size: { int: by.size } }) }));
}

/** How queries share keys. */
export interface HeadLayout {
  /** K: heads of keys and values. */
  readonly keyValueHeads: number;
  /** G: query heads per key head. */
  readonly groups: number;
  /** d: width of a head. */
  readonly headSize: number;
}

/** G · T, by name where T is unknown. */
function times(G: number, T: Dim): Dim {
  return typeof T === "number" ? G * T : `G${T}`;
}

/** [B, T, K·G·d] as [B, K, G·T, d]. */
export function splitQueryHeads(graph: GraphBuilder, x: Value, layout: HeadLayout): Value {
  const { keyValueHeads: K, groups: G, headSize: d } = layout;
  const [B = "B", T = "T"] = x.shape;
  const split = reshape(graph, x, [0, 0, K, G, d], [B, T, K, G, d]);
  const moved = transpose(graph, split, [0, 2, 3, 1, 4]);
  return reshape(graph, moved, [0, 0, -1, d], [B, K, times(G, T), d]);
}

/** [B, K, G·T, d] as [B, T, K·G·d]. */
export function joinQueryHeads(graph: GraphBuilder, x: Value, layout: HeadLayout): Value {
  const { keyValueHeads: K, groups: G, headSize: d } = layout;
  const [B = "B", , GT = "GT"] = x.shape;
  const T = typeof GT === "string" ? GT.slice(1) : GT / G;
  const split = reshape(graph, x, [0, 0, G, -1, d], [B, K, G, T, d]);
  const moved = transpose(graph, split, [0, 3, 1, 2, 4]);
  return reshape(graph, moved, [0, 0, K * G * d], [B, T, K * G * d]);
}

/** [B, T, K·d] as [B, K, T, d] (`rows`) or [B, K, d, T] (`columns`). */
export function splitKeyHeads(graph: GraphBuilder, x: Value, layout: HeadLayout, form: "rows" | "columns"): Value {
  const { keyValueHeads: K, headSize: d } = layout;
  const [B = "B", T = "T"] = x.shape;
  const split = reshape(graph, x, [0, 0, K, d], [B, T, K, d]);
  return transpose(graph, split, form === "rows" ? [0, 2, 1, 3] : [0, 2, 3, 1]);
}

/** Masks [G·T/2, T/2] and [G·T/2, T] of the earlier and of the later half of the queries, from that of all, [G·T, T]. */
function halfMasks(graph: GraphBuilder, mask: Value, groups: number, T: Dim): [Value, Value] {
  const parts = split(graph, mask, 0, 2 * groups);
  const rows = times(groups, typeof T === "number" ? T / 2 : `${T}/2`);
  const [earlier, later] = [0, 1].map((half) => concat(graph, parts.filter((_, i) => i % 2 === half), 0, rows));
  if (earlier === undefined || later === undefined) throw new RangeError("Cannot cut a mask: it has no rows");
  return [one(split(graph, earlier, 1, 2)), later];
}

/**
 * Causal attention of one segment per row.
 *
 * The earlier half of the queries looks at the earlier half of the keys only, so a quarter of the scores, all of them masked, is not made.
 *
 * @param q queries [B, T, K·G·d], already scaled and rotated; T is even.
 * @param k keys [B, T, K·d]. @param v values [B, T, K·d].
 * @param mask added to the scores, [G·T, T]: 0 where a query may look, a large negative number elsewhere.
 * @returns [B, T, K·G·d].
 */
export function causalAttention(
  graph: GraphBuilder,
  q: Value,
  k: Value,
  v: Value,
  mask: Value,
  layout: HeadLayout,
): Value {
  return one(graph.composite("CausalAttention", [q, k, v], () => {
    const keys = splitKeyHeads(graph, k, layout, "columns");
    const values = splitKeyHeads(graph, v, layout, "rows");
    const masks = halfMasks(graph, mask, layout.groups, q.shape[1] ?? "T");
    const saved: Record<string, Value> = {};
    const parts = split(graph, q, 1, 2).map((half, i) => {
      const queries = splitQueryHeads(graph, half, layout);
      const scores = matMul(graph, queries, i === 0 ? one(split(graph, keys, 3, 2)) : keys);
      const exact = softmax(graph, add(graph, float32(graph, scores), i === 0 ? masks[0] : masks[1]));
      const sum = matMul(graph, exact, float32(graph, i === 0 ? one(split(graph, values, 2, 2)) : values));
      const [shares, mixed] = [asType(graph, exact, q.type), asType(graph, sum, q.type)];
      Object.assign(saved, { [`queries${i}`]: queries, [`shares${i}`]: shares, [`mixed${i}`]: mixed });
      return joinQueryHeads(graph, mixed, layout);
    });
    return { outputs: [concat(graph, parts, 1, q.shape[1] ?? "T")], saved };
  }, {
    keyValueHeads: { int: layout.keyValueHeads },
    groups: { int: layout.groups },
    headSize: { int: layout.headSize },
  }));
}

/**
 * Rows of a matrix: [N, D] at int32 `rows` [M] gives [M, D].
 *
 * @param inverse int32 [N]: for each row of the matrix its place in `rows`, or M where it is not taken; `rows` are all different.
 */
export function takeRows(graph: GraphBuilder, x: Value, rows: Value, inverse: Value): Value {
  return one(
    graph.composite("TakeRows", [x], () => ({ outputs: [gather(graph, x, rows)], saved: { inverse } })),
  );
}

/**
 * log softmax(logits / temperature) at the targets; with thresholds, of the distribution that is left when every other token whose
 * log-probability is below its row's threshold is dropped. Which tokens are dropped is a constant to the gradient.
 *
 * @param logits [M, V]. @param targets int32 [M]. @param inverseTemperature scalar; undefined where the logits are divided already.
 * @param thresholds [M], nats, after temperature; what a sampler truncated is kept out by its threshold, -Infinity keeps all.
 * @returns [M], nats.
 */
export function tokenLogprob(
  graph: GraphBuilder,
  logits: Value,
  targets: Value,
  inverseTemperature: Value | undefined,
  thresholds?: Value,
): Value {
  return one(graph.composite("TokenLogprob", [logits], () => {
    const divided = inverseTemperature === undefined ? logits : mul(graph, logits, inverseTemperature);
    const all = logSoftmax(graph, divided);
    const [M = "M", V] = logits.shape;
    const column = reshape(graph, targets, [-1, 1], [M, 1]);
    const logprobs = thresholds === undefined ? all : keptLogprobs(graph, all, column, thresholds, Number(V));
    const taken = graph.node("GatherElements", [logprobs, cast(graph, column, "int64")], [
      { type: "float32", shape: [M, 1] },
    ], { attributes: { axis: { int: 1 } } });
    const more = inverseTemperature === undefined ? {} : { inverseTemperature };
    return { outputs: [reshape(graph, taken, [-1], [M])], saved: { logprobs, column, ...more } };
  }));
}

/** Log-probability of a dropped token: its exponential is 0, and it stays finite, so that 0 times it is 0. */
const DROPPED_LOGPROB = -1e9;

/** Renormalised log-probabilities [M, V] of the tokens at or above their row's threshold, the target among them; others are dropped. */
function keptLogprobs(graph: GraphBuilder, all: Value, column: Value, thresholds: Value, V: number): Value {
  const [M = "M"] = all.shape;
  const lowest = reshape(graph, thresholds, [-1, 1], [M, 1]);
  const iota = graph.int32([...Array(V).keys()], [1, V]);
  const isTarget = cast(graph, compare(graph, "Equal", column, iota), "float32");
  const isAbove = cast(graph, compare(graph, "GreaterOrEqual", all, lowest), "float32");
  const dropped = sub(graph, binary(graph, "Max", isTarget, isAbove), graph.float([1]));
  return logSoftmax(graph, add(graph, all, mul(graph, dropped, graph.float([-DROPPED_LOGPROB]))));
}
