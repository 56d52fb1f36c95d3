/**
 * ONNX operators as typed functions with shape inference; the vocabulary in which the model and its gradients are written.
 *
 * Contract: each function adds one node (rarely two) and returns its result. Shapes follow the ONNX operator of the same name.
 * Omitted: operators that neither the decoder nor its gradient uses.
 *
 * @module
 */
import { broadcastShape, DATA_TYPE, type Dim, type ElementType, type GraphBuilder } from "./graph.ts";
import { GraphError, type Value } from "./graph.ts";

/** Element-wise operators of one tensor. */
export type Unary = "Exp" | "Log" | "Neg" | "Sqrt" | "Reciprocal" | "Sigmoid" | "Abs";
/** Element-wise operators of two tensors. */
export type Binary = "Add" | "Sub" | "Mul" | "Div" | "Min" | "Max";
/** Element-wise comparisons. */
export type Comparison = "Less" | "LessOrEqual" | "Greater" | "GreaterOrEqual" | "Equal";

/** Axis counted from the front. */
function frontAxis(value: Value, axis: number): number {
  const front = axis < 0 ? axis + value.shape.length : axis;
  if (!(Number.isInteger(front) && front >= 0 && front < value.shape.length)) {
    throw new GraphError(`Cannot use axis ${axis} of ${value.name}: its shape is [${value.shape}]`);
  }
  return front;
}

/** Element-wise function of one tensor. */
export function unary(graph: GraphBuilder, op: Unary, x: Value): Value {
  return graph.node(op, [x], [x]);
}

/** Element-wise function of two tensors, with broadcasting. */
export function binary(graph: GraphBuilder, op: Binary, a: Value, b: Value): Value {
  return graph.node(op, [a, b], [{ type: a.type, shape: broadcastShape(a.shape, b.shape) }]);
}

/** a + b. */
export function add(graph: GraphBuilder, a: Value, b: Value): Value {
  return binary(graph, "Add", a, b);
}

/** a - b. */
export function sub(graph: GraphBuilder, a: Value, b: Value): Value {
  return binary(graph, "Sub", a, b);
}

/** a · b, element by element. */
export function mul(graph: GraphBuilder, a: Value, b: Value): Value {
  return binary(graph, "Mul", a, b);
}

/** a / b, element by element. */
export function div(graph: GraphBuilder, a: Value, b: Value): Value {
  return binary(graph, "Div", a, b);
}

/** Element-wise comparison, with broadcasting. */
export function compare(graph: GraphBuilder, op: Comparison, a: Value, b: Value): Value {
  return graph.node(op, [a, b], [{ type: "bool", shape: broadcastShape(a.shape, b.shape) }]);
}

/** `a` where the condition holds, else `b`. */
export function where(graph: GraphBuilder, condition: Value, a: Value, b: Value): Value {
  const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
  return graph.node("Where", [condition, a, b], [{ type: a.type, shape }]);
}

/** x limited to [low, high], both scalars. */
export function clip(graph: GraphBuilder, x: Value, low: Value, high: Value): Value {
  return graph.node("Clip", [x, low, high], [x]);
}

/** x in another element type. */
export function cast(graph: GraphBuilder, x: Value, type: ElementType): Value {
  return graph.node("Cast", [x], [{ type, shape: x.shape }], { attributes: { to: { int: DATA_TYPE[type] } } });
}

/** x in an element type; itself where it has it. */
export function asType(graph: GraphBuilder, x: Value, type: ElementType): Value {
  return x.type === type ? x : cast(graph, x, type);
}

/** x · factor, in the type of x. */
export function scale(graph: GraphBuilder, x: Value, factor: number): Value {
  return mul(graph, x, asType(graph, graph.float([factor]), x.type));
}

/** Matrix product over the last two axes, the others broadcast. @throws {GraphError} if the inner dimensions differ. */
export function matMul(graph: GraphBuilder, a: Value, b: Value): Value {
  const [rows, inner] = a.shape.slice(-2);
  const [inner2, columns] = b.shape.slice(-2);
  if (rows === undefined || columns === undefined || inner !== inner2) {
    throw new GraphError(`Cannot multiply [${a.shape}] by [${b.shape}]: inner dimensions must be equal`);
  }
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  return graph.node("MatMul", [a, b], [{ type: a.type, shape }]);
}

/**
 * factor · a · bᵀ over the last two axes, the others broadcast: [..., M, K] by [..., N, K]. On native CPU, products of a single row
 * read b as it lies; with b as columns they took up to 2.4 times as long.
 *
 * @throws {GraphError} if the inner dimensions differ.
 */
export function multiplyRows(graph: GraphBuilder, a: Value, b: Value, factor = 1): Value {
  const [rows, inner] = a.shape.slice(-2);
  const [columns, inner2] = b.shape.slice(-2);
  if (rows === undefined || columns === undefined || inner !== inner2) {
    throw new GraphError(`Cannot multiply [${a.shape}] by rows of [${b.shape}]: inner dimensions must be equal`);
  }
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  return graph.node("FusedMatMul", [a, b], [{ type: a.type, shape }], {
    domain: "com.microsoft",
    attributes: { transB: { int: 1 }, alpha: { float: factor } },
  });
}

/** Options of {@linkcode gemm}. */
export interface GemmOptions {
  /** Use the transpose of `a`. @default {false} */
  transposeA?: boolean;
  /** Use the transpose of `b`. @default {false} */
  transposeB?: boolean;
}

/** Product of two matrices, either of them transposed on the fly. */
export function gemm(graph: GraphBuilder, a: Value, b: Value, options: GemmOptions = {}): Value {
  const { transposeA = false, transposeB = false } = options;
  const [rows, innerA] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
  const [innerB, columns] = transposeB ? [b.shape[1], b.shape[0]] : b.shape;
  if (
    a.shape.length !== 2 || b.shape.length !== 2 || innerA !== innerB || rows === undefined || columns === undefined
  ) {
    throw new GraphError(`Cannot multiply matrices [${a.shape}] and [${b.shape}]: inner dimensions must be equal`);
  }
  return graph.node("Gemm", [a, b], [{ type: a.type, shape: [rows, columns] }], {
    attributes: { transA: { int: Number(transposeA) }, transB: { int: Number(transposeB) } },
  });
}

/**
 * x seen in another shape.
 *
 * @param spec ONNX's reshape targets: 0 keeps the dimension at that place, -1 is what is left.
 * @param shape the resulting shape, with names for unknown dimensions.
 */
export function reshape(graph: GraphBuilder, x: Value, spec: readonly number[], shape: readonly Dim[]): Value {
  return graph.node("Reshape", [x, graph.int(spec)], [{ type: x.type, shape }]);
}

/** x seen in the shape that another tensor has at run time. */
export function reshapeLike(graph: GraphBuilder, x: Value, like: Value): Value {
  const shape = graph.node("Shape", [like], [{ type: "int64", shape: [like.shape.length] }]);
  return graph.node("Reshape", [x, shape], [{ type: x.type, shape: like.shape }]);
}

/** x with its axes in another order. */
export function transpose(graph: GraphBuilder, x: Value, order: readonly number[]): Value {
  const shape = order.map((axis) => x.shape[frontAxis(x, axis)] ?? 1);
  return graph.node("Transpose", [x], [{ type: x.type, shape }], { attributes: { perm: { ints: order } } });
}

/** Rows of `table` at `indices`: shape [...indices, ...table without its first axis]. */
export function gather(graph: GraphBuilder, table: Value, indices: Value): Value {
  const shape = [...indices.shape, ...table.shape.slice(1)];
  return graph.node("Gather", [table, indices], [{ type: table.type, shape }], { attributes: { axis: { int: 0 } } });
}

/** Sum or mean over axes, which stay as 1. */
export function reduce(graph: GraphBuilder, op: "ReduceSum" | "ReduceMean", x: Value, axes: readonly number[]): Value {
  const front = axes.map((axis) => frontAxis(x, axis));
  const shape = x.shape.map((dim, i) => (front.includes(i) ? 1 : dim));
  return graph.node(op, [x, graph.int(front)], [{ type: x.type, shape }], { attributes: { keepdims: { int: 1 } } });
}

/** Sum of all elements, a scalar. */
export function sumAll(graph: GraphBuilder, x: Value): Value {
  return graph.node("ReduceSum", [x], [{ type: x.type, shape: [] }], { attributes: { keepdims: { int: 0 } } });
}

/** Softmax over the last axis. */
export function softmax(graph: GraphBuilder, x: Value): Value {
  return graph.node("Softmax", [x], [x], { attributes: { axis: { int: -1 } } });
}

/** Logarithm of the softmax over the last axis. */
export function logSoftmax(graph: GraphBuilder, x: Value): Value {
  return graph.node("LogSoftmax", [x], [x], { attributes: { axis: { int: -1 } } });
}

/** Tensors one after the other along an axis; `dim` is the resulting dimension. */
export function concat(graph: GraphBuilder, parts: readonly Value[], axis: number, dim: Dim): Value {
  const [first] = parts;
  if (first === undefined) throw new GraphError("Cannot concatenate an empty list");
  const front = frontAxis(first, axis);
  const shape = first.shape.map((old, i) => (i === front ? dim : old));
  return graph.node("Concat", parts, [{ type: first.type, shape }], { attributes: { axis: { int: front } } });
}

/** x cut along an axis into equal parts. */
export function split(graph: GraphBuilder, x: Value, axis: number, count: number): Value[] {
  const front = frontAxis(x, axis);
  const size = x.shape[front] ?? 1;
  const shape = x.shape.with(front, typeof size === "number" ? size / count : `${size}/${count}`);
  const results = Array.from({ length: count }, () => ({ type: x.type, shape }));
  return graph.nodes("Split", [x], results, { attributes: { axis: { int: front }, num_outputs: { int: count } } });
}

/** Options of {@linkcode rotate}. */
export interface RotateOptions {
  /** Number of heads that share the last axis. */
  readonly heads: number;
  /** Leading numbers of each head that are rotated. @default the whole head */
  readonly size?: number | undefined;
}

/**
 * Rotary position embedding (arXiv 2104.09864) of [B, T, heads · d] in the half-split form: the first half of each head is paired
 * with the second.
 *
 * @param positions int64, [1] (the position of the first token) or [B, T].
 * @param cos table [positions, d/2]. @param sin likewise.
 */
export function rotate(
  graph: GraphBuilder,
  x: Value,
  positions: Value,
  cos: Value,
  sin: Value,
  options: RotateOptions,
): Value {
  return graph.node("RotaryEmbedding", [x, positions, cos, sin], [x], {
    domain: "com.microsoft",
    attributes: {
      num_heads: { int: options.heads },
      ...(options.size === undefined ? {} : { rotary_embedding_dim: { int: options.size } }),
    },
  });
}
