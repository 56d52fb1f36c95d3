/**
 * What the trainer eats: token sequences with a coefficient per token.
 *
 * Contract: a token with weight 0 gives no loss and no gradient, whatever its other fields hold. Weights carry the whole
 * normalisation (1/|o|, 1/G, …), so that any split into micro-batches sums to the same gradient.
 *
 * @module
 */

/** One sequence of a batch. Entry `t` of every list belongs to token `ids[t]`; entry 0 is never predicted and has weight 0. */
export interface TrainExample {
  /** Token ids, [T]. */
  readonly ids: readonly number[];
  /** Coefficient of the token's loss term, [T]; 0 masks the token. */
  readonly weights: readonly number[];
  /** Advantage A_t, [T]; used by the policy-gradient losses only. */
  readonly advantages?: readonly number[];
  /** Log-probability at sampling time, nats, [T]; used by the policy-gradient losses only. */
  readonly oldLogprobs?: readonly number[];
  /** Log-probability under the frozen reference policy, nats, [T]; used by a loss with a KL penalty only. */
  readonly referenceLogprobs?: readonly number[];
  /**
   * Where the sampler truncated its distribution (top-k, top-p, min-p): log-probability at the sampling temperature, before truncation,
   * below which tokens were dropped, nats, [T]; -Infinity where none was. The log-probability that is trained is then renormalised over
   * the tokens at or above it, the token itself always among them.
   */
  readonly thresholds?: readonly number[];
  /**
   * Temperature that `oldLogprobs` belong to. Where it is stated, an update with a loss at another temperature is refused, because
   * its ratios would compare two different distributions.
   */
  readonly samplingTemperature?: number;
}

/**
 * What is summed over tokens: `logprob` A log p, without a ratio; `clip` PPO's smaller of s A and clip(s) A; `weight` CISPO's
 * clip(s) A log p, whose factor clip(s) is held constant, so that every token keeps a gradient.
 */
export type PolicyForm = "logprob" | "clip" | "weight";
/** Ratio of a token, or the geometric mean of the ratios of all loss tokens of a sequence (GSPO). */
export type RatioLevel = "token" | "sequence";
/**
 * Estimates of KL(p || q) from a sample of p, d = log p - log q (Schulman, "Approximating KL divergence", 2020): k1 = d;
 * k2 = d² / 2; k3 = exp(-d) - 1 + d.
 */
export type KlEstimator = "k1" | "k2" | "k3";

/** Penalty on the distance from a reference policy, added to each token's term with the same coefficient. */
export interface KlPenalty {
  /** Which estimate. */
  readonly estimator: KlEstimator;
  /** beta. */
  readonly coefficient: number;
}

/** Any policy-gradient loss: the parts that `train/losses/loss_table.ts` has names for. */
export interface PolicyLossSpec {
  /** Tells it from the other losses. */
  readonly kind: "policy";
  /** What is summed. */
  readonly form: PolicyForm;
  /** Which ratio; unused by `logprob`. */
  readonly ratio: RatioLevel;
  /** The ratio's lowest value is 1 - clipLow; unused by `logprob`. */
  readonly clipLow: number;
  /** The ratio's highest value is 1 + clipHigh; unused by `logprob`. */
  readonly clipHigh: number;
  /** c, above 1: where A is negative a token's term is at least c A, however large its ratio; form `clip` only. @default {Infinity} */
  readonly dualClip?: number;
  /** Temperature of all log-probabilities. */
  readonly temperature: number;
  /** Penalty on the distance from the reference; none if left out. */
  readonly kl?: KlPenalty;
  /**
   * Divides all weights, so that an update reports numerator and denominator of its loss apart.
   *
   * @default {1}
   */
  readonly denominator?: number;
}

/** Which loss an update minimises. */
export type LossSpec =
  /** Sum of -w_t log p_t. */
  | { readonly kind: "nll" }
  /** Sum of -w_t min(s_t A_t, clip(s_t, 1 - clipLow, 1 + clipHigh) A_t), s_t = p_t / p_old_t at `temperature`. */
  | { readonly kind: "clip"; readonly clipLow: number; readonly clipHigh: number; readonly temperature: number }
  /** Any of the losses with names, at `temperature`. */
  | PolicyLossSpec;

/** AdamW (arXiv 1711.05101) settings of one update. */
export interface OptimizerSpec {
  /** Step size. */
  readonly learningRate: number;
  /** Decay of the mean of gradients. */
  readonly beta1: number;
  /** Decay of the mean of squared gradients. */
  readonly beta2: number;
  /** Added to the root of the second moment. */
  readonly epsilon: number;
  /** Decoupled decay of weights, times the learning rate. */
  readonly weightDecay: number;
  /** Largest global gradient norm; larger gradients are scaled down to it. */
  readonly maxGradNorm: number;
}

/** What one update did. */
export interface UpdateStats {
  /** Weighted loss, summed over tokens. */
  readonly loss: number;
  /** Sum of the weights: the denominator that makes `loss` a mean. */
  readonly weightSum: number;
  /** Tokens with a weight other than 0. */
  readonly lossTokens: number;
  /** Tokens run through the model, padding left out. */
  readonly tokens: number;
  /** Global gradient norm before clipping. */
  readonly gradNorm: number;
  /** Share of loss tokens whose ratio was clipped (0 for nll). */
  readonly clipShare: number;
  /** Mean over loss tokens of log p_old - log p (k1 estimate of KL(old || new)), nats; 0 for nll. */
  readonly klK1: number;
  /** Mean over loss tokens of s - 1 - log s (k3), nats; 0 for nll. */
  readonly klK3: number;
  /** Largest |s_t - 1|; 0 for nll. */
  readonly maxRatioError: number;
  /** Mean over loss tokens of (log s)² / 2 (k2), nats; 0 for nll. */
  readonly klK2: number;
  /** Effective sample size of the ratios, (sum s)² / sum s², in tokens: all loss tokens on policy and for nll. */
  readonly ess: number;
  /** The loss before division by the denominator. */
  readonly numerator: number;
  /** What the loss was divided by; 1 where the weights carry the whole normalisation. */
  readonly denominator: number;
  /** Temperature of the log-probabilities that were trained. */
  readonly temperature: number;
  /** Temperature of the old log-probabilities, where all examples state one. */
  readonly samplingTemperature?: number;
  /** Mean entropy of the policy at the loss tokens, nats, at the loss's temperature and after truncation; not known for nll and clip. */
  readonly entropy?: number;
  /** Mean over loss tokens of the KL estimate against the reference, nats; only with a KL penalty. */
  readonly referenceKl?: number;
  /** Factor of the loss in the gradient pass; only with mixed precision. */
  readonly lossScale?: number;
  /** Times that the gradient was made again with half the loss scale because it was not finite; only with mixed precision. */
  readonly rescalings?: number;
  /**
   * Log-probability of each loss token before the update, nats, in the order of the batch: [B][loss tokens], after the same temperature
   * and truncation as the old ones; an example without a loss token has an empty list.
   */
  readonly logprobs?: readonly (readonly number[])[];
}

/** A batch under a loss of its own, whose gradient is added to that of an update. */
export interface LossPart {
  /** Examples. */
  readonly batch: readonly TrainExample[];
  /** Their loss. */
  readonly loss: LossSpec;
}

/** A policy's weights, being trained. */
export interface Trainer {
  /** Number of updates made. */
  readonly updates: number;
  /**
   * One update from a batch, split into micro-batches as the trainer likes.
   *
   * @param also further batches whose gradients are added to it; the figures are of the first batch alone, the gradient norm of all.
   */
  update(
    batch: readonly TrainExample[],
    loss: LossSpec,
    optimizer: OptimizerSpec,
    also?: readonly LossPart[],
  ): Promise<UpdateStats>;
  /** Writes weights and optimizer state to one file, atomically (temporary name, then rename). */
  save(path: string): Promise<void>;
  /** Restores what {@linkcode Trainer.save} wrote; weights shared with the policy change at once. */
  load(path: string): Promise<void>;
}
