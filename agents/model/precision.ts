/**
 * Mixed precision: which values of a graph are float16, and products of float16 matrices.
 *
 * Contract: with `mixed`, matrices of products and the activations between them are float16. Weights, moments and gradients of weights stay
 * float32; so do the residual stream, norms, the softmax of attention, everything after the logits, and sums of gradients. With `float32`
 * every function here adds nothing, so that those graphs are byte for byte what they are without it.
 * Choices: on WebGPU a float16 product adds up in float16 (4096 ones give 2048), so a sum over a width is cut into parts of at most
 * {@linkcode LONGEST_HALF_SUM} terms, which are added in float32; sums over tokens, whose number has no bound, are float32 products.
 * Omitted: bfloat16, which no provider here has.
 *
 * @module
 */
import type { Dim, GraphBuilder, Value } from "./graph.ts";
import { add, asType, gemm, type GemmOptions, matMul } from "./ops.ts";

/** Element type of products and of what lies between them: all float32, or float16 where that is safe. */
export type Precision = "float32" | "mixed";

/** Most terms that a float16 product may add up. */
export const LONGEST_HALF_SUM = 1024;

/** A value in the element type that products of a precision take. */
export function operand(graph: GraphBuilder, x: Value, precision: Precision): Value {
  return precision === "mixed" ? asType(graph, x, "float16") : x;
}

/** A value in float32; itself where it is. */
export function float32(graph: GraphBuilder, x: Value): Value {
  return asType(graph, x, "float32");
}

/** x · w, or x · wᵀ, as a sum over a width: [..., K] by [K, M] or [M, K]; the result has the operands' type. */
export function product(graph: GraphBuilder, x: Value, w: Value, options: GemmOptions = {}): Value {
  const { transposeB = false } = options;
  const multiply = (x: Value, w: Value) => transposeB ? gemm(graph, x, w, options) : matMul(graph, x, w);
  const terms = Number(x.shape.at(-1));
  if (x.type !== "float16" || terms <= LONGEST_HALF_SUM) return multiply(x, w);
  const count = Math.ceil(terms / LONGEST_HALF_SUM);
  const cut = (value: Value, axis: number, i: number): Value => {
    const [from, to] = [Math.floor(i * terms / count), Math.floor((i + 1) * terms / count)];
    const shape: Dim[] = value.shape.with(axis, to - from);
    return graph.node("Slice", [value, graph.int([from]), graph.int([to]), graph.int([axis])], [
      { type: value.type, shape },
    ]);
  };
  const parts = Array.from({ length: count }, (_, i) => {
    return float32(graph, multiply(cut(x, x.shape.length - 1, i), cut(w, transposeB ? 1 : 0, i)));
  });
  return asType(graph, parts.reduce((sum, part) => add(graph, sum, part)), "float16");
}
