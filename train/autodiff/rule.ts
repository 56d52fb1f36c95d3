/**
 * What a gradient rule is, and the helper that undoes broadcasting.
 *
 * @module
 */
import type { Dim, GraphBuilder, TapeEntry, Value } from "../../agents/model/graph.ts";
import { reduce, reshape } from "../../agents/model/ops.ts";
import { float32 } from "../../agents/model/precision.ts";

/**
 * Gradient of one operation: adds nodes that map the gradient of the result to the gradients of the inputs.
 *
 * @param grads gradients of the outputs, in order; `undefined` where nothing flows back.
 * @param needs whether the gradient of each input is wanted.
 * @returns gradients of the inputs, in order; `undefined` where it is not wanted or always zero.
 */
export type GradientRule = (
  graph: GraphBuilder,
  entry: TapeEntry,
  grads: readonly (Value | undefined)[],
  needs: readonly boolean[],
) => readonly (Value | undefined)[];

/** A gradient was asked for that cannot be made. */
export class AutodiffError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "AutodiffError";
}

/** Element `index` of a list that the operator's definition guarantees. @throws {AutodiffError} if it is not there. */
export function part(list: readonly (Value | undefined)[], index: number, what: string): Value {
  const value = list[index];
  if (value === undefined) throw new AutodiffError(`Cannot differentiate: ${what} ${index} is missing`);
  return value;
}

/** Inner value of a composite. @throws {AutodiffError} if the composite did not save it. */
export function saved(entry: TapeEntry, name: string): Value {
  const value = entry.saved[name];
  if (value === undefined) throw new AutodiffError(`Cannot differentiate ${entry.op}: it saved no value ${name}`);
  return value;
}

/** Integer attribute of an entry. @throws {AutodiffError} if it has none of that name. */
export function intAttribute(entry: TapeEntry, name: string): number {
  const attribute = entry.attributes[name];
  if (attribute === undefined || !("int" in attribute)) {
    throw new AutodiffError(`Cannot differentiate ${entry.op}: it has no integer attribute ${name}`);
  }
  return attribute.int;
}

/** Real attribute of an entry. @throws {AutodiffError} if it has none of that name. */
export function floatAttribute(entry: TapeEntry, name: string): number {
  const attribute = entry.attributes[name];
  if (attribute === undefined || !("float" in attribute)) {
    throw new AutodiffError(`Cannot differentiate ${entry.op}: it has no real attribute ${name}`);
  }
  return attribute.float;
}

/** Sums a gradient, in float32, over the axes along which an operand of shape `shape` was broadcast. */
export function unbroadcast(graph: GraphBuilder, grad: Value, shape: readonly Dim[]): Value {
  const extra = grad.shape.length - shape.length;
  const axes = grad.shape.flatMap((dim, i) => {
    const own = i < extra ? 1 : shape[i - extra];
    return own === 1 && dim !== 1 ? [i] : [];
  });
  const summed = axes.length === 0 ? grad : reduce(graph, "ReduceSum", float32(graph, grad), axes);
  if (extra === 0) return summed;
  // Only leading ones are dropped, so each kept dimension is either known or the single unknown one.
  const spec = shape.map((dim) => (typeof dim === "number" ? dim : -1));
  if (spec.filter((dim) => dim === -1).length > 1) {
    throw new AutodiffError(`Cannot undo broadcasting to [${shape}]: at most one dimension may be unknown`);
  }
  return reshape(graph, summed, spec, shape);
}
