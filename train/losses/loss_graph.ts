/**
 * The losses of train/losses/sequence_loss.ts as graph nodes, to be differentiated.
 *
 * @module
 */
import type { GraphBuilder, Value } from "../../agents/model/graph.ts";
import { add, binary, clip, matMul, mul, reshape, sub, sumAll, transpose, unary } from "../../agents/model/ops.ts";
import type { KlEstimator, PolicyForm, RatioLevel } from "../example.ts";

/** What decides the nodes of a loss; its numbers are inputs of the graph. */
export type LossShape = { readonly kind: "nll" } | { readonly kind: "clip" } | PolicyLossShape;

/** What decides the nodes of a loss with a name. */
export interface PolicyLossShape {
  /** Tells it from the other losses. */
  readonly kind: "policy";
  /** What is summed. */
  readonly form: PolicyForm;
  /** Which ratio. */
  readonly ratio: RatioLevel;
  /** Which penalty, if any. */
  readonly kl?: { readonly estimator: KlEstimator };
  /** Dual clip; its value is an input. */
  readonly dualClip?: number;
}

/** Whether the loss has a dual clip, and so the input `lowest_terms`. */
export function hasDualClip(shape: LossShape): boolean {
  return shape.kind === "policy" && shape.form === "clip" && shape.dualClip !== undefined;
}

/** Name of a loss's graph: equal for two losses if and only if they have the same nodes. */
export function lossGraphName(shape: LossShape): string {
  if (shape.kind !== "policy") return shape.kind;
  const ratio = shape.form === "logprob" ? "none" : shape.ratio;
  return `policy_${shape.form}_${ratio}_${shape.kl?.estimator ?? "none"}${hasDualClip(shape) ? "_dual" : ""}`;
}

/** Whether the loss has one ratio for a whole sequence, and so the inputs `member` and `inverse_lengths`. */
export function hasSequenceRatio(shape: LossShape): boolean {
  return shape.kind === "policy" && shape.form !== "logprob" && shape.ratio === "sequence";
}

/**
 * Adds a loss over M tokens of R sequences. Inputs declared: `weights` [M], for all but nll `advantages` [M], and where there is a ratio
 * `old_logprobs` [M] and the scalars `lowest` = 1 - clipLow and `highest` = 1 + clipHigh; for a sequence ratio also `member` [M, R], 1
 * where the token is in the sequence, else 0, and `inverse_lengths` [R, 1]; with a dual clip
 * `lowest_terms` [M], c A where A is negative, else a number below all terms; with a penalty `reference_logprobs` [M] and the scalar
 * `kl_coefficient`.
 *
 * @param logprobs_M log-probabilities at the loss's temperature, nats.
 * @returns the weighted sum, a scalar.
 */
export function addLoss(graph: GraphBuilder, shape: LossShape, logprobs_M: Value): Value {
  const weights = graph.input("weights", "float32", ["M"]);
  if (shape.kind === "nll") return unary(graph, "Neg", sumAll(graph, mul(graph, weights, logprobs_M)));
  const advantages = graph.input("advantages", "float32", ["M"]);
  if (shape.kind === "clip") return clippedLoss(graph, shape, weights, advantages, tokenRatio(graph, logprobs_M));
  const loss = shape.form === "logprob"
    ? unary(graph, "Neg", sumAll(graph, mul(graph, weights, mul(graph, advantages, logprobs_M))))
    : ratioLoss(graph, shape, weights, advantages, logprobs_M);
  if (shape.kl === undefined) return loss;
  const reference = graph.input("reference_logprobs", "float32", ["M"]);
  const coefficient = graph.input("kl_coefficient", "float32", []);
  const distance = klNodes(graph, shape.kl.estimator, sub(graph, logprobs_M, reference));
  return add(graph, loss, mul(graph, coefficient, sumAll(graph, mul(graph, weights, distance))));
}

function tokenRatio(graph: GraphBuilder, logprobs_M: Value): Value {
  const old = graph.input("old_logprobs", "float32", ["M"]);
  return unary(graph, "Exp", sub(graph, logprobs_M, old));
}

function sequenceRatio(graph: GraphBuilder, logprobs_M: Value): Value {
  const old = graph.input("old_logprobs", "float32", ["M"]);
  const member = graph.input("member", "float32", ["M", "R"]);
  const inverseLengths = graph.input("inverse_lengths", "float32", ["R", 1]);
  const difference = reshape(graph, sub(graph, logprobs_M, old), [-1, 1], ["M", 1]);
  const sums = matMul(graph, transpose(graph, member, [1, 0]), difference);
  const ratios = unary(graph, "Exp", mul(graph, sums, inverseLengths));
  return reshape(graph, matMul(graph, member, ratios), [-1], ["M"]);
}

function boundedRatio(graph: GraphBuilder, ratio: Value): Value {
  const [lowest, highest] = [graph.input("lowest", "float32", []), graph.input("highest", "float32", [])];
  return clip(graph, ratio, lowest, highest);
}

function clippedLoss(graph: GraphBuilder, shape: LossShape, weights: Value, advantages: Value, ratio: Value): Value {
  const free = mul(graph, ratio, advantages);
  const bounded = mul(graph, boundedRatio(graph, ratio), advantages);
  const smaller = binary(graph, "Min", free, bounded);
  const terms = hasDualClip(shape)
    ? binary(graph, "Max", smaller, graph.input("lowest_terms", "float32", ["M"]))
    : smaller;
  return unary(graph, "Neg", sumAll(graph, mul(graph, weights, terms)));
}

function ratioLoss(
  graph: GraphBuilder,
  shape: PolicyLossShape,
  weights: Value,
  advantages: Value,
  logprobs_M: Value,
): Value {
  const makeRatio = shape.ratio === "sequence" ? sequenceRatio : tokenRatio;
  if (shape.form === "clip") return clippedLoss(graph, shape, weights, advantages, makeRatio(graph, logprobs_M));
  // A composite that names no operands is a constant to differentiation: the stop-gradient of CISPO.
  const [factor] = graph.composite("Constant", [], () => {
    return { outputs: [boundedRatio(graph, makeRatio(graph, logprobs_M))] };
  });
  if (factor === undefined) return logprobs_M;
  const coefficients = mul(graph, weights, mul(graph, advantages, factor));
  return unary(graph, "Neg", sumAll(graph, mul(graph, coefficients, logprobs_M)));
}

/** KL estimate of each token from d = log p - log p_ref. */
function klNodes(graph: GraphBuilder, estimator: KlEstimator, difference: Value): Value {
  if (estimator === "k1") return difference;
  if (estimator === "k2") return mul(graph, mul(graph, difference, difference), graph.float([0.5]));
  const inverse = unary(graph, "Exp", unary(graph, "Neg", difference));
  return add(graph, sub(graph, inverse, graph.float([1])), difference);
}
