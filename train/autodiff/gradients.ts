/**
 * Reverse-mode differentiation of a graph: adds the nodes that compute the gradients of a scalar.
 *
 * Contract: walks the tape once from its end; every entry on a path from a wanted value to the loss must have a rule. Gradients
 * that meet are added in tape order, so the graph, and with it the rounding, is a function of the forward graph alone.
 * Values named as checkpoints cut the forward graph into stretches whose inner values are not kept but computed again, each from the
 * checkpoint before it, when the walk comes to it (arXiv 1604.06174).
 * Omitted: second derivatives (the added nodes are on the tape, but composites' rules are not differentiable themselves).
 *
 * @module
 */
import type { GraphBuilder, Value } from "../../agents/model/graph.ts";
import { add } from "../../agents/model/ops.ts";
import { Recomputation } from "./recomputation.ts";
import { BLOCK_RULES } from "./block_rules.ts";
import { PRIMITIVE_RULES } from "./primitive_rules.ts";
import { AutodiffError } from "./rule.ts";

/** Options of {@linkcode gradients}. */
export interface GradientsOptions {
  /**
   * Values, in the order of the tape, of which each depends on the one before; what lies between two of them is computed again.
   *
   * @default {[]}
   */
  checkpoints?: readonly Value[];
}

function isFloat({ type }: Value): boolean {
  return type === "float32" || type === "float16";
}

/**
 * Gradients of a scalar.
 *
 * @example d(x²)/dx = 2x
 * ```ts
 * import { GraphBuilder } from "whetstone/agents/model/graph.ts";
 * import { mul, sumAll } from "whetstone/agents/model/ops.ts";
 * import { gradients } from "whetstone/train/autodiff/gradients.ts";
 * import assert from "node:assert/strict";
 *
 * const graph = new GraphBuilder("square");
 * const x = graph.input("x", "float32", [3]);
 * const [dx] = gradients(graph, sumAll(graph, mul(graph, x, x)), [x]);
 * assert.deepEqual(dx?.shape, [3]);
 * ```
 *
 * @param loss a scalar of the graph.
 * @param wanted values whose gradients are asked for.
 * @returns one gradient per wanted value, in its shape.
 * @throws {AutodiffError} if the loss is no scalar, does not depend on a wanted value, or needs an operator without a rule.
 */
export function gradients(
  graph: GraphBuilder,
  loss: Value,
  wanted: readonly Value[],
  options: GradientsOptions = {},
): Value[] {
  const { checkpoints = [] } = options;
  if (loss.shape.length !== 0) {
    throw new AutodiffError(`Cannot differentiate: the loss has shape [${loss.shape}], not []`);
  }
  const tape = [...graph.tape];
  const depends = new Set(wanted.map((value) => value.name));
  for (const { inputs, outputs } of tape) {
    if (inputs.some((value) => depends.has(value.name))) {
      for (const value of outputs) depends.add(value.name);
    }
  }
  const recomputation = new Recomputation(graph, tape, checkpoints);
  const byName = new Map<string, Value>([[loss.name, graph.float([1])]]);
  for (const entry of tape.toReversed()) {
    const grads = entry.outputs.map((value) => byName.get(value.name));
    const needs = entry.inputs.map((value) => isFloat(value) && depends.has(value.name));
    if (!needs.includes(true) || grads.every((value) => value === undefined)) continue;
    const rule = BLOCK_RULES[entry.op] ?? PRIMITIVE_RULES[entry.op];
    if (rule === undefined) throw new AutodiffError(`Cannot differentiate ${entry.op}: there is no rule for it`);
    const inputGrads = rule(graph, recomputation.entry(entry, grads), grads, needs);
    for (const [i, input] of entry.inputs.entries()) {
      const grad = inputGrads[i];
      if (!needs[i] || grad === undefined) continue;
      const known = byName.get(input.name);
      // A value that is also another gradient must stay what it is.
      const own = !grads.includes(grad) && inputGrads.filter((other) => other === grad).length === 1;
      byName.set(
        input.name,
        known === undefined ? grad : own ? graph.addToProduct(known, grad) : add(graph, known, grad),
      );
    }
  }
  return wanted.map((value) => {
    const grad = byName.get(value.name);
    if (grad === undefined) throw new AutodiffError(`Cannot differentiate: the loss does not depend on ${value.name}`);
    return grad;
  });
}
