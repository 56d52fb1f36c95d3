/**
 * Gradient rules of the decoder's composites (agents/model/blocks.ts).
 *
 * Choices, each measured on CPU where time is spent: weight gradients are one Gemm with a transposed left side over all tokens;
 * the embedding gradient is a scatter-add into a zero table; attention uses rowsum(dO ∘ O) = rowsum(dP ∘ P) (FlashAttention,
 * arXiv 2205.14135, appendix B), which replaces two passes over [T, T] by one over [T, d], and forms the gradients of keys and
 * values transposed, so that no [T, T] matrix is ever transposed.
 *
 * @module
 */
import { type HeadLayout, joinQueryHeads, splitKeyHeads } from "../../agents/model/blocks.ts";
import { splitQueryHeads } from "../../agents/model/blocks.ts";
import type { Dim, GraphBuilder, TapeEntry, Value } from "../../agents/model/graph.ts";
import { add, cast, concat, gather, gemm, matMul, mul, reduce, reshape } from "../../agents/model/ops.ts";
import { reshapeLike, rotate, sub, transpose, unary } from "../../agents/model/ops.ts";
import { floatAttribute, type GradientRule, intAttribute, part, saved } from "./rule.ts";

/** [..., K] as [N, K]. */
function asMatrix(graph: GraphBuilder, x: Value): Value {
  if (x.shape.length === 2) return x;
  const width = Number(x.shape.at(-1));
  return reshape(graph, x, [-1, width], ["N", width]);
}

const linearRule: GradientRule = (graph, entry, grads, needs) => {
  const [grad, x, w] = [part(grads, 0, "gradient"), part(entry.inputs, 0, "input"), part(entry.inputs, 1, "input")];
  const dx = () => {
    const flat = gemm(graph, asMatrix(graph, grad), w, { transposeB: true });
    return x.shape.length === 2 ? flat : reshapeLike(graph, flat, x);
  };
  return [
    needs[0] ? dx() : undefined,
    needs[1] ? gemm(graph, asMatrix(graph, x), asMatrix(graph, grad), { transposeA: true }) : undefined,
  ];
};

const linearTransposedRule: GradientRule = (graph, entry, grads, needs) => {
  const [grad, x, e] = [part(grads, 0, "gradient"), part(entry.inputs, 0, "input"), part(entry.inputs, 1, "input")];
  return [
    needs[0] ? gemm(graph, grad, e) : undefined,
    needs[1] ? gemm(graph, grad, x, { transposeA: true }) : undefined,
  ];
};

const embedRule: GradientRule = (graph, entry, grads) => {
  const [grad, table, ids] = [
    part(grads, 0, "gradient"),
    part(entry.inputs, 0, "input"),
    part(entry.inputs, 1, "input"),
  ];
  const rows = asMatrix(graph, grad);
  const width = Number(rows.shape[1]);
  const zeros = mul(graph, table, graph.float([0]));
  const column = reshape(graph, cast(graph, ids, "int64"), [-1, 1], ["N", 1]);
  const places = graph.node("Expand", [column, graph.int([1, width])], [{ type: "int64", shape: ["N", width] }]);
  // ScatterND with addition would be eight times faster, but on CPU it adds in parallel without care for equal rows and loses terms.
  const summed = graph.node("ScatterElements", [zeros, places, rows], [table], {
    attributes: { axis: { int: 0 }, reduction: { text: "add" } },
  });
  return [summed, undefined];
};

const rmsNormRule: GradientRule = (graph, entry, grads, needs) => {
  const [grad, x, w] = [part(grads, 0, "gradient"), part(entry.inputs, 0, "input"), part(entry.inputs, 1, "input")];
  const width = Number(w.shape[0]);
  const last = graph.int([-1]);
  const squares = graph.node("ReduceSumSquare", [x, last], [{ type: x.type, shape: [...x.shape.slice(0, -1), 1] }], {
    attributes: { keepdims: { int: 1 } },
  });
  const meanSquare = mul(graph, squares, graph.float([1 / width]));
  const deviation = unary(graph, "Sqrt", add(graph, meanSquare, graph.float([floatAttribute(entry, "epsilon")])));
  const inverse = unary(graph, "Reciprocal", deviation);
  const product = mul(graph, grad, x);
  // Sums over tokens and over the width as products with a vector: each reads its matrix once and writes next to nothing.
  const perToken = asMatrix(graph, inverse);
  const dw = needs[1]
    ? reshape(graph, gemm(graph, perToken, asMatrix(graph, product), { transposeA: true }), [width], [width])
    : undefined;
  if (!needs[0]) return [undefined, dw];
  // dx = (g w - x mean(g w x) / r²) / r, r the root of the mean square
  const weight = reshape(graph, mul(graph, w, graph.float([1 / width])), [width, 1], [width, 1]);
  const share = mul(graph, matMul(graph, product, weight), mul(graph, inverse, inverse));
  return [mul(graph, sub(graph, mul(graph, grad, w), mul(graph, x, share)), inverse), dw];
};

const swiGluRule: GradientRule = (graph, entry, grads) => {
  const [grad, up] = [part(grads, 0, "gradient"), part(entry.inputs, 1, "input")];
  const [sigmoid, silu, product] = [saved(entry, "sigmoid"), saved(entry, "silu"), part(entry.outputs, 0, "output")];
  // up silu' = up σ + up silu (1 - σ) = y + σ (up - y), y = silu up
  const slope = add(graph, product, mul(graph, sigmoid, sub(graph, up, product)));
  return [mul(graph, grad, slope), mul(graph, grad, silu)];
};

const rotaryRule: GradientRule = (graph, entry, grads) => {
  const heads = intAttribute(entry, "heads");
  const size = entry.attributes["size"] === undefined ? undefined : intAttribute(entry, "size");
  const [positions, cos, sin] = [saved(entry, "positions"), saved(entry, "cos"), saved(entry, "negativeSin")];
  return [rotate(graph, part(grads, 0, "gradient"), positions, cos, sin, { heads, size })];
};

/** [B, K, d, T] as [B, T, K·d]. */
function joinKeyHeads(graph: GraphBuilder, x: Value, T: Dim, layout: HeadLayout): Value {
  const width = layout.keyValueHeads * layout.headSize;
  const moved = transpose(graph, x, [0, 3, 1, 2]);
  return reshape(graph, moved, [0, 0, width], [x.shape[0] ?? "B", T, width]);
}

function layoutOf(entry: TapeEntry): HeadLayout {
  return {
    keyValueHeads: intAttribute(entry, "keyValueHeads"),
    groups: intAttribute(entry, "groups"),
    headSize: intAttribute(entry, "headSize"),
  };
}

const causalAttentionRule: GradientRule = (graph, entry, grads) => {
  const grad = part(grads, 0, "gradient");
  const [k, v] = [part(entry.inputs, 1, "input"), part(entry.inputs, 2, "input")];
  const layout = layoutOf(entry);
  const [queries, shares, mixed] = [saved(entry, "queries"), saved(entry, "shares"), saved(entry, "mixed")];
  const T = k.shape[1] ?? "T";
  const dMixed = splitQueryHeads(graph, grad, layout);
  const delta = reduce(graph, "ReduceSum", mul(graph, dMixed, mixed), [-1]);
  const dShares = matMul(graph, dMixed, splitKeyHeads(graph, v, layout, "columns"));
  const dScores = mul(graph, sub(graph, dShares, delta), shares);
  const dQueries = matMul(graph, dScores, splitKeyHeads(graph, k, layout, "rows"));
  const dKeys = matMul(graph, transpose(graph, queries, [0, 1, 3, 2]), dScores);
  const dValues = matMul(graph, transpose(graph, dMixed, [0, 1, 3, 2]), shares);
  return [
    joinQueryHeads(graph, dQueries, layout),
    joinKeyHeads(graph, dKeys, T, layout),
    joinKeyHeads(graph, dValues, T, layout),
  ];
};

const takeRowsRule: GradientRule = (graph, entry, grads) => {
  const [grad, x] = [part(grads, 0, "gradient"), part(entry.inputs, 0, "input")];
  const width = Number(x.shape[1]);
  const none = graph.float(new Float32Array(width), [1, width]);
  return [gather(graph, concat(graph, [grad, none], 0, "M+1"), saved(entry, "inverse"))];
};

const tokenLogprobRule: GradientRule = (graph, entry, grads) => {
  const grad = part(grads, 0, "gradient");
  const logprobs = saved(entry, "logprobs");
  const [M = "M"] = logprobs.shape;
  const column = reshape(graph, mul(graph, grad, saved(entry, "inverseTemperature")), [-1, 1], [M, 1]);
  const others = mul(graph, unary(graph, "Exp", logprobs), unary(graph, "Neg", column));
  // One number per row is added where a matrix with a single one per row would cost three passes over [M, V].
  const places = cast(graph, saved(entry, "column"), "int64");
  return [graph.node("ScatterElements", [others, places, column], [others], {
    attributes: { axis: { int: 1 }, reduction: { text: "add" } },
  })];
};

/** Rules by composite name. */
export const BLOCK_RULES: Readonly<Record<string, GradientRule>> = {
  Linear: linearRule,
  LinearTransposed: linearTransposedRule,
  Embed: embedRule,
  RmsNorm: rmsNormRule,
  SwiGlu: swiGluRule,
  Rotary: rotaryRule,
  CausalAttention: causalAttentionRule,
  TakeRows: takeRowsRule,
  TokenLogprob: tokenLogprobRule,
};
