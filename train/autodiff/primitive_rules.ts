/**
 * Gradient rules of single ONNX operators: those in which losses are written, and matrix products.
 *
 * Contract: rule names are operator names. Where a maximum or minimum ties, the first operand gets the whole gradient; a clipped
 * element at a bound counts as inside. Omitted: every operator that no loss uses.
 *
 * @module
 */
import type { GraphBuilder, Value } from "../../agents/model/graph.ts";
import { asType, cast, compare, mul, reduce, reshapeLike, sub, transpose, unary } from "../../agents/model/ops.ts";
import { binary, matMul } from "../../agents/model/ops.ts";
import { AutodiffError, type GradientRule, part, unbroadcast } from "./rule.ts";

function unaryRule(rule: (graph: GraphBuilder, grad: Value, x: Value, y: Value) => Value): GradientRule {
  return (graph, entry, grads) => [
    rule(graph, part(grads, 0, "gradient"), part(entry.inputs, 0, "input"), part(entry.outputs, 0, "output")),
  ];
}

type Side = (graph: GraphBuilder, grad: Value, a: Value, b: Value, y: Value) => Value;

function binaryRule(left: Side, right: Side): GradientRule {
  return (graph, entry, grads, needs) => {
    const [grad, y] = [part(grads, 0, "gradient"), part(entry.outputs, 0, "output")];
    const [a, b] = [part(entry.inputs, 0, "input"), part(entry.inputs, 1, "input")];
    return [
      needs[0] ? unbroadcast(graph, left(graph, grad, a, b, y), a.shape) : undefined,
      needs[1] ? unbroadcast(graph, right(graph, grad, a, b, y), b.shape) : undefined,
    ];
  };
}

/** Gradient where a comparison holds, 0 elsewhere. */
function whereTrue(graph: GraphBuilder, grad: Value, condition: Value): Value {
  return mul(graph, grad, cast(graph, condition, "float32"));
}

function swapLast(graph: GraphBuilder, x: Value): Value {
  const rank = x.shape.length;
  return transpose(graph, x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

const sumRule: GradientRule = (graph, entry, grads) => {
  const [grad, x] = [part(grads, 0, "gradient"), part(entry.inputs, 0, "input")];
  const shape = graph.node("Shape", [x], [{ type: "int64", shape: [x.shape.length] }]);
  return [graph.node("Expand", [grad, shape], [x])];
};

const meanRule: GradientRule = (graph, entry, grads, needs) => {
  const [x, y] = [part(entry.inputs, 0, "input"), part(entry.outputs, 0, "output")];
  let count = 1;
  for (const [i, dim] of x.shape.entries()) {
    if (y.shape[i] === dim) continue;
    if (typeof dim === "string") throw new AutodiffError(`Cannot differentiate a mean over unknown dimension ${dim}`);
    count *= dim;
  }
  const scaled = mul(graph, part(grads, 0, "gradient"), graph.float([1 / count]));
  return sumRule(graph, entry, [scaled], needs);
};

/** Rules by operator name. */
export const PRIMITIVE_RULES: Readonly<Record<string, GradientRule>> = {
  Exp: unaryRule((graph, grad, _x, y) => mul(graph, grad, y)),
  Log: unaryRule((graph, grad, x) => binary(graph, "Div", grad, x)),
  Neg: unaryRule((graph, grad) => unary(graph, "Neg", grad)),
  Sigmoid: unaryRule((graph, grad, _x, y) => mul(graph, grad, sub(graph, y, mul(graph, y, y)))),
  Sqrt: unaryRule((graph, grad, _x, y) => mul(graph, binary(graph, "Div", grad, y), graph.float([0.5]))),
  Reciprocal: unaryRule((graph, grad, _x, y) => unary(graph, "Neg", mul(graph, grad, mul(graph, y, y)))),
  Add: binaryRule((_graph, grad) => grad, (_graph, grad) => grad),
  Sub: binaryRule((_graph, grad) => grad, (graph, grad) => unary(graph, "Neg", grad)),
  Mul: binaryRule((graph, grad, _a, b) => mul(graph, grad, b), (graph, grad, a) => mul(graph, grad, a)),
  Div: binaryRule(
    (graph, grad, _a, b) => binary(graph, "Div", grad, b),
    (graph, grad, _a, b, y) => unary(graph, "Neg", binary(graph, "Div", mul(graph, grad, y), b)),
  ),
  Min: binaryRule(
    (graph, grad, a, b) => whereTrue(graph, grad, compare(graph, "LessOrEqual", a, b)),
    (graph, grad, a, b) => whereTrue(graph, grad, compare(graph, "Greater", a, b)),
  ),
  Max: binaryRule(
    (graph, grad, a, b) => whereTrue(graph, grad, compare(graph, "GreaterOrEqual", a, b)),
    (graph, grad, a, b) => whereTrue(graph, grad, compare(graph, "Less", a, b)),
  ),
  Clip: unaryRule((graph, grad, x, y) => whereTrue(graph, grad, compare(graph, "Equal", x, y))),
  Cast: (graph, entry, grads) => [asType(graph, part(grads, 0, "gradient"), part(entry.inputs, 0, "input").type)],
  ReduceSum: sumRule,
  ReduceMean: meanRule,
  Reshape: (graph, entry, grads) => [
    reshapeLike(graph, part(grads, 0, "gradient"), part(entry.inputs, 0, "input")),
    undefined,
  ],
  Transpose: (graph, entry, grads) => {
    const order = entry.attributes["perm"];
    if (order === undefined || !("ints" in order)) throw new AutodiffError("Cannot differentiate Transpose: no perm");
    const back = order.ints.map((_, i) => order.ints.indexOf(i));
    return [transpose(graph, part(grads, 0, "gradient"), back)];
  },
  MatMul: (graph, entry, grads, needs) => {
    const [grad, a, b] = [part(grads, 0, "gradient"), part(entry.inputs, 0, "input"), part(entry.inputs, 1, "input")];
    return [
      needs[0] ? unbroadcast(graph, matMul(graph, grad, swapLast(graph, b)), a.shape) : undefined,
      needs[1] ? unbroadcast(graph, matMul(graph, swapLast(graph, a), grad), b.shape) : undefined,
    ];
  },
  Softmax: unaryRule((graph, grad, _x, y) => {
    const total = reduce(graph, "ReduceSum", mul(graph, grad, y), [-1]);
    return mul(graph, y, sub(graph, grad, total));
  }),
  LogSoftmax: unaryRule((graph, grad, _x, y) => {
    const total = reduce(graph, "ReduceSum", grad, [-1]);
    return sub(graph, grad, mul(graph, unary(graph, "Exp", y), total));
  }),
};
