/**
 * The losses of train/losses/token_loss.ts as graph nodes, to be differentiated.
 *
 * @module
 */
import type { GraphBuilder, Value } from "../../agents/model/graph.ts";
import { binary, clip, mul, sub, sumAll, unary } from "../../agents/model/ops.ts";
import type { LossSpec } from "../example.ts";

/**
 * Adds a loss over M tokens. Inputs declared: `weights` [M]; for `clip` also `advantages` [M], `old_logprobs` [M], and the scalars
 * `lowest` = 1 - clipLow and `highest` = 1 + clipHigh.
 *
 * @param logprobs_M log-probabilities at the loss's temperature, nats.
 * @returns the weighted sum, a scalar.
 */
export function addLoss(graph: GraphBuilder, kind: LossSpec["kind"], logprobs_M: Value): Value {
  const weights = graph.input("weights", "float32", ["M"]);
  if (kind === "nll") return unary(graph, "Neg", sumAll(graph, mul(graph, weights, logprobs_M)));
  const advantages = graph.input("advantages", "float32", ["M"]);
  const old = graph.input("old_logprobs", "float32", ["M"]);
  const [lowest, highest] = [graph.input("lowest", "float32", []), graph.input("highest", "float32", [])];
  const ratio = unary(graph, "Exp", sub(graph, logprobs_M, old));
  const free = mul(graph, ratio, advantages);
  const bounded = mul(graph, clip(graph, ratio, lowest, highest), advantages);
  return unary(graph, "Neg", sumAll(graph, mul(graph, weights, binary(graph, "Min", free, bounded))));
}
