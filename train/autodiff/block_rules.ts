/**
 * Gradient rules of the decoder's composites (agents/model/blocks.ts).
 *
 * Choices, each measured on CPU where time is spent: weight gradients are one Gemm with a transposed left side over all tokens;
 * the embedding gradient is a scatter-add into a zero table; attention uses rowsum(dO ∘ O) = rowsum(dP ∘ P) (FlashAttention,
 * arXiv 2205.14135, appendix B), which replaces two passes over [T, T] by one over [T, d], and forms the gradients of keys and
 * values transposed, so that no [T, T] matrix is ever transposed. Where operands are float16, sums over tokens are float32 products
 * (agents/model/precision.ts), so that gradients of weights are float32 whatever the operands are.
 *
 * @module
 */
import { type HeadLayout, joinQueryHeads, splitKeyHeads } from "../../agents/model/blocks.ts";
import { splitQueryHeads } from "../../agents/model/blocks.ts";
import type { Dim, GraphBuilder, TapeEntry, Value } from "../../agents/model/graph.ts";
import { add, asType, cast, concat, gather, gemm, matMul, mul, reduce, reshape } from "../../agents/model/ops.ts";
import { reshapeLike, rotate, split, sub, transpose, unary } from "../../agents/model/ops.ts";
import { float32, product } from "../../agents/model/precision.ts";
import { AutodiffError, floatAttribute, type GradientRule, intAttribute, part, saved } from "./rule.ts";

/** [..., K] as [N, K]. */
function asMatrix(graph: GraphBuilder, x: Value): Value {
  if (x.shape.length === 2) return x;
  const width = Number(x.shape.at(-1));
  return reshape(graph, x, [-1, width], ["N", width]);
}

/** aᵀ · b, a sum over tokens, in float32. */
function sumOverTokens(graph: GraphBuilder, a: Value, b: Value): Value {
  return gemm(graph, float32(graph, a), float32(graph, b), { transposeA: true });
}

const linearRule: GradientRule = (graph, entry, grads, needs) => {
  const [grad, x, w] = [part(grads, 0, "gradient"), part(entry.inputs, 0, "input"), part(entry.inputs, 1, "input")];
  const dx = () => {
    const flat = product(graph, asMatrix(graph, grad), w, { transposeB: true });
    return x.shape.length === 2 ? flat : reshapeLike(graph, flat, x);
  };
  return [
    needs[0] ? dx() : undefined,
    needs[1] ? sumOverTokens(graph, asMatrix(graph, x), asMatrix(graph, grad)) : undefined,
  ];
};

const linearTransposedRule: GradientRule = (graph, entry, grads, needs) => {
  const [grad, x, e] = [part(grads, 0, "gradient"), part(entry.inputs, 0, "input"), part(entry.inputs, 1, "input")];
  return [
    // A sum over the vocabulary.
    needs[0] ? asType(graph, gemm(graph, float32(graph, grad), float32(graph, e)), x.type) : undefined,
    needs[1] ? sumOverTokens(graph, grad, x) : undefined,
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
  // On CPU this adds in parallel without care for equal rows, and loses terms; on one thread it adds in order, eight times as fast.
  if (intAttribute(entry, "one_thread") === 1) {
    const attributes = { reduction: { text: "add" } };
    return [graph.node("ScatterND", [zeros, column, rows], [table], { attributes }), undefined];
  }
  const places = graph.node("Expand", [column, graph.int([1, width])], [{ type: "int64", shape: ["N", width] }]);
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

/** Earlier half along an axis. */
function earlier(graph: GraphBuilder, x: Value, axis: number): Value {
  return part(split(graph, x, axis, 2), 0, "half");
}

const causalAttentionRule: GradientRule = (graph, entry, grads) => {
  const grad = part(grads, 0, "gradient");
  const [k, v] = [part(entry.inputs, 1, "input"), part(entry.inputs, 2, "input")];
  const layout = layoutOf(entry);
  const T = k.shape[1] ?? "T";
  const keys = float32(graph, splitKeyHeads(graph, k, layout, "rows"));
  const values = splitKeyHeads(graph, v, layout, "columns");
  const halves = split(graph, grad, 1, 2).map((half, i) => {
    const [queries, shares, mixed] = ["queries", "shares", "mixed"].map((name) => saved(entry, `${name}${i}`));
    const dMixed = splitQueryHeads(graph, half, layout);
    const exact = float32(graph, dMixed);
    const delta = reduce(graph, "ReduceSum", mul(graph, exact, float32(graph, part([mixed], 0, "result"))), [-1]);
    const dShares = float32(graph, matMul(graph, dMixed, i === 0 ? earlier(graph, values, 3) : values));
    const sharesNow = float32(graph, part([shares], 0, "result"));
    const dScores = mul(graph, sub(graph, dShares, delta), sharesNow);
    const dQueries = matMul(graph, dScores, i === 0 ? earlier(graph, keys, 2) : keys);
    return {
      dQueries: joinQueryHeads(graph, asType(graph, dQueries, k.type), layout),
      dKeys: matMul(graph, float32(graph, transpose(graph, part([queries], 0, "result"), [0, 1, 3, 2])), dScores),
      dValues: matMul(graph, transpose(graph, exact, [0, 1, 3, 2]), sharesNow),
    };
  });
  const [first, second] = halves;
  if (first === undefined || second === undefined) {
    throw new AutodiffError("Cannot differentiate attention: no queries");
  }
  // The earlier half of the queries has looked at the earlier half of the keys only.
  const both = (few: Value, all: Value): Value => {
    const [head, tail] = split(graph, all, 3, 2);
    const sum = concat(graph, [add(graph, part([head], 0, "half"), few), part([tail], 0, "half")], 3, T);
    return joinKeyHeads(graph, asType(graph, sum, k.type), T, layout);
  };
  return [
    concat(graph, [first.dQueries, second.dQueries], 1, T),
    both(first.dKeys, second.dKeys),
    both(first.dValues, second.dValues),
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
  const inverseTemperature = entry.saved["inverseTemperature"];
  const share = inverseTemperature === undefined ? grad : mul(graph, grad, inverseTemperature);
  const column = reshape(graph, share, [-1, 1], [M, 1]);
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
