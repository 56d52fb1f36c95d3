/**
 * AdamW (arXiv 1711.05101, algorithm 2, with the learning rate as the schedule) with global-norm clipping: as a graph, and as
 * the plain reference that tests compare it with.
 *
 * Contract: one call is one update. g ← g · min(1, max/(‖g‖ + 1e-6)); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
 * w ← w(1 - ηλ) - η · m/(1-β₁ᵗ) / (sqrt(v/(1-β₂ᵗ)) + ε), t counted from 1. Choices: the 1e-6 and the place of ε follow PyTorch;
 * parameters that do not decay (norms) have λ = 0. Omitted: AMSGrad, per-group rates.
 *
 * @module
 */
import { type Dim, GraphBuilder, type Value } from "../../agents/model/graph.ts";
import { add, binary, div, mul, sub, unary } from "../../agents/model/ops.ts";
import type { OptimizerSpec } from "../example.ts";

/** Added to the gradient norm before dividing by it. */
export const CLIP_EPSILON = 1e-6;

/** A tensor that is optimised. */
export interface OptimizedParameter {
  /** Name, as in the graph's inputs. */
  readonly name: string;
  /** Shape. */
  readonly shape: readonly Dim[];
  /** Whether weight decay applies. */
  readonly decays: boolean;
}

/** Scalar inputs of {@linkcode adamWGraph} for one update. */
export function adamWScalars(spec: OptimizerSpec, step: number): Record<string, number> {
  const { learningRate, beta1, beta2, epsilon, weightDecay, maxGradNorm } = spec;
  // m̂ / (sqrt(v̂) + ε) with both corrections outside: c · m / (sqrt(v) + ε · sqrt(1-β₂ᵗ)).
  const root2 = Math.sqrt(1 - beta2 ** step);
  return {
    rate: learningRate * root2 / (1 - beta1 ** step),
    keep: 1 - learningRate * weightDecay,
    beta1,
    rest1: 1 - beta1,
    beta2,
    rest2: 1 - beta2,
    epsilon: epsilon * root2,
    max_norm: maxGradNorm,
  };
}

/** Gradients of parameters, inputs of a graph, and their global norm. */
function normOf(graph: GraphBuilder, parameters: readonly OptimizedParameter[], sumOfTwo: boolean) {
  const grads = parameters.map(({ name, shape }) => {
    const grad = graph.input(`g.${name}`, "float32", shape);
    return sumOfTwo ? add(graph, grad, graph.input(`h.${name}`, "float32", shape)) : grad;
  });
  const squares = grads.map((grad) =>
    graph.node("ReduceSumSquare", [grad], [{ type: "float32", shape: [] }], { attributes: { keepdims: { int: 0 } } })
  );
  return { grads, norm: unary(graph, "Sqrt", squares.reduce((sum, square) => add(graph, sum, square))) };
}

/** The global norm alone: inputs `g.<p>`, `h.<p>` if the gradient is a sum of two, g + h; output `grad_norm`. */
export function gradientNormGraph(
  parameters: readonly OptimizedParameter[],
  options: { readonly sumOfTwo?: boolean } = {},
): GraphBuilder {
  const graph = new GraphBuilder("gradient_norm");
  graph.output("grad_norm", normOf(graph, parameters, options.sumOfTwo ?? false).norm);
  return graph;
}

/**
 * One update of all parameters as a graph.
 *
 * Inputs: `w.<p>`, `g.<p>`, `m.<p>`, `v.<p>` per parameter, and the scalars of {@linkcode adamWScalars}; `h.<p>` if the gradient is a
 * sum of two, g + h.
 * Outputs: `next.w.<p>`, `next.m.<p>`, `next.v.<p>`, and `grad_norm`, the global norm before clipping.
 */
export function adamWGraph(
  parameters: readonly OptimizedParameter[],
  options: { readonly sumOfTwo?: boolean } = {},
): GraphBuilder {
  const { sumOfTwo = false } = options;
  const graph = new GraphBuilder("adamw");
  const scalars = new Map<string, Value>();
  const scalar = (name: string): Value => {
    const value = scalars.get(name) ?? graph.input(name, "float32", []);
    scalars.set(name, value);
    return value;
  };
  const { grads, norm } = normOf(graph, parameters, sumOfTwo);
  graph.output("grad_norm", norm);
  const room = div(graph, scalar("max_norm"), add(graph, norm, graph.float([CLIP_EPSILON])));
  const scale = binary(graph, "Min", room, graph.float([1]));
  // Whatever is one number is multiplied before it meets a tensor: each pass over the tensors counts.
  const [share1, share2] = [
    mul(graph, scalar("rest1"), scale),
    mul(graph, scalar("rest2"), mul(graph, scale, scale)),
  ];
  for (const [i, { name, shape, decays }] of parameters.entries()) {
    const g = grads[i];
    if (g === undefined) continue;
    const w = graph.input(`w.${name}`, "float32", shape);
    const m = graph.input(`m.${name}`, "float32", shape);
    const v = graph.input(`v.${name}`, "float32", shape);
    const nextM = add(graph, mul(graph, m, scalar("beta1")), mul(graph, g, share1));
    const nextV = add(graph, mul(graph, v, scalar("beta2")), mul(graph, mul(graph, g, g), share2));
    const root = add(graph, unary(graph, "Sqrt", nextV), scalar("epsilon"));
    const step = mul(graph, div(graph, nextM, root), scalar("rate"));
    const kept = decays ? mul(graph, w, scalar("keep")) : w;
    graph.output(`next.w.${name}`, sub(graph, kept, step));
    graph.output(`next.m.${name}`, nextM);
    graph.output(`next.v.${name}`, nextV);
  }
  return graph;
}

/** Weights and moments of one tensor in float64. */
export interface AdamWState {
  /** Weights. */
  readonly w: number[];
  /** Mean of gradients, biased towards 0. */
  readonly m: number[];
  /** Mean of squared gradients, biased towards 0. */
  readonly v: number[];
}

/**
 * One update of one tensor in float64: the reference of {@linkcode adamWGraph}.
 *
 * @example The first step moves by the learning rate
 * ```ts
 * import { adamWReference } from "whetstone/train/optimizer/adamw.ts";
 * import assert from "node:assert/strict";
 *
 * const spec = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 0, weightDecay: 0, maxGradNorm: 100 };
 * const { w } = adamWReference({ w: [1], m: [0], v: [0] }, [5], spec, { step: 1, gradNorm: 5 });
 * assert.ok(Math.abs((w[0] ?? 0) - 0.9) < 1e-12);
 * ```
 *
 * @param at number of the update, from 1, and the global gradient norm.
 */
export function adamWReference(
  state: AdamWState,
  grad: readonly number[],
  spec: OptimizerSpec,
  at: { readonly step: number; readonly gradNorm: number },
): AdamWState {
  const { learningRate, beta1, beta2, epsilon, weightDecay, maxGradNorm } = spec;
  const scale = Math.min(1, maxGradNorm / (at.gradNorm + CLIP_EPSILON));
  const next: AdamWState = { w: [], m: [], v: [] };
  for (const [i, w] of state.w.entries()) {
    const g = (grad[i] ?? 0) * scale;
    const m = beta1 * (state.m[i] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (state.v[i] ?? 0) + (1 - beta2) * g * g;
    const [mHat, vHat] = [m / (1 - beta1 ** at.step), v / (1 - beta2 ** at.step)];
    next.m.push(m);
    next.v.push(v);
    next.w.push(w * (1 - learningRate * weightDecay) - learningRate * mHat / (Math.sqrt(vHat) + epsilon));
  }
  return next;
}
