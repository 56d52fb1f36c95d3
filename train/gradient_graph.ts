/**
 * Forward, loss and accumulated gradients of a model as one graph.
 *
 * Contract: gradients of parameters are float32 and are added to those so far, so that micro-batches may follow each other. With mixed
 * precision (agents/model/precision.ts) the loss is multiplied by a scale before it is differentiated, which keeps small gradients within
 * float16's range, and each gradient of a parameter is divided by it in float32; a scale that is a power of 2 changes no digit.
 *
 * @module
 */
import { adapterList, type AdapterSpec } from "../agents/model/adapter.ts";
import type { ModelConfig } from "../agents/model/config.ts";
import { sequenceGraph, type SequenceGraphOptions } from "../agents/model/decoder.ts";
import type { GraphBuilder, Value } from "../agents/model/graph.ts";
import { add, mul, reduce, reshape, unary } from "../agents/model/ops.ts";
import { gradients } from "./autodiff/gradients.ts";
import { addLoss, lossGraphName, type LossShape } from "./losses/loss_graph.ts";

/** Options of {@linkcode gradientGraph}. */
export interface GradientGraphOptions extends SequenceGraphOptions {
  /** Compute the values inside each block again for its gradient instead of keeping them. @default {false} */
  recompute?: boolean;
}

/** What each block reads from the one before, and what the last norm reads. */
function blockInputs(graph: GraphBuilder): Value[] {
  return graph.tape.flatMap(({ op, inputs: [x, weight] }) => {
    const starts = op === "RmsNorm" && /^w\.(blocks\.\d+\.attention_norm|final_norm)$/.test(weight?.name ?? "");
    return starts && x !== undefined ? [x] : [];
  });
}

/**
 * The graph.
 *
 * Inputs: those of the whole-sequence graph, of the loss, `g.<p>`, the gradients so far, and with mixed precision the scalar `loss_scale`.
 * Outputs: `next.g.<p>`, `loss`, `logprobs` [M], and for a loss with a name `entropy` [M], nats. With an adapter, p are its parameters only.
 *
 * @example The gradient of a nano model
 * ```ts
 * import { nanoConfig } from "whetstone/agents/model/config.ts";
 * import { gradientGraph } from "whetstone/train/gradient_graph.ts";
 * import assert from "node:assert/strict";
 *
 * const graph = gradientGraph(nanoConfig(16, { layers: 1 }), { kind: "nll" });
 * assert.ok(graph.outputNames.includes("next.g.embedding"));
 * ```
 */
export function gradientGraph(
  config: ModelConfig,
  shape: LossShape,
  adapter?: AdapterSpec,
  options: GradientGraphOptions = {},
): GraphBuilder {
  const { recompute = false, precision = "float32" } = options;
  const { graph, weights, logprobs_M } = sequenceGraph(config, `gradient_${lossGraphName(shape)}`, adapter, options);
  const checkpoints = recompute ? blockInputs(graph) : [];
  const all_M_V = graph.tape.findLast(({ op }) => op === "TokenLogprob")?.saved["logprobs"];
  const loss = addLoss(graph, shape, logprobs_M);
  const own = adapter === undefined ? undefined : new Set(adapterList(config, adapter).map(({ name }) => name));
  const entries = weights.entries().filter(([name]) => own?.has(name) ?? true);
  const scale = precision === "mixed" ? graph.input("loss_scale", "float32", []) : undefined;
  const scaled = scale === undefined ? loss : mul(graph, loss, scale);
  const grads = gradients(graph, scaled, entries.map(([, value]) => value), { checkpoints });
  const inverse = scale === undefined ? undefined : unary(graph, "Reciprocal", scale);
  for (const [i, [name, value]] of entries.entries()) {
    const before = graph.input(`g.${name}`, "float32", value.shape);
    const grad = grads[i];
    if (grad === undefined) continue;
    const only = inverse === undefined && grads.filter((other) => other === grad).length === 1;
    const share = inverse === undefined ? grad : mul(graph, grad, inverse);
    graph.output(`next.g.${name}`, only ? graph.addToProduct(before, share) : add(graph, before, share));
  }
  graph.output("loss", loss);
  graph.output("logprobs", logprobs_M);
  // The graphs of nll and clip stay as they always were, so that runs of old repeat bit for bit.
  if (shape.kind === "policy" && all_M_V !== undefined) {
    const sum = reduce(graph, "ReduceSum", mul(graph, unary(graph, "Exp", all_M_V), all_M_V), [-1]);
    graph.output("entropy", unary(graph, "Neg", reshape(graph, sum, [-1], ["M"])));
  }
  return graph;
}
