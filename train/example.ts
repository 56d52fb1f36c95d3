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
  /** Advantage A_t, [T]; used by the policy-gradient loss only. */
  readonly advantages?: readonly number[];
  /** Log-probability at sampling time, nats, [T]; used by the policy-gradient loss only. */
  readonly oldLogprobs?: readonly number[];
}

/** Which loss an update minimises. */
export type LossSpec =
  /** Sum of -w_t log p_t. */
  | { readonly kind: "nll" }
  /** Sum of -w_t min(s_t A_t, clip(s_t, 1 - clipLow, 1 + clipHigh) A_t), s_t = p_t / p_old_t at `temperature`. */
  | { readonly kind: "clip"; readonly clipLow: number; readonly clipHigh: number; readonly temperature: number };

/** AdamW (arXiv 1711.05101) settings of one update. */
export interface OptimizerSpec {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
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
}

/** A policy's weights, being trained. */
export interface Trainer {
  /** Number of updates made. */
  readonly updates: number;
  /** One update from a batch, split into micro-batches as the trainer likes. */
  update(batch: readonly TrainExample[], loss: LossSpec, optimizer: OptimizerSpec): Promise<UpdateStats>;
  /** Writes weights and optimizer state to one file, atomically (temporary name, then rename). */
  save(path: string): Promise<void>;
  /** Restores what {@linkcode Trainer.save} wrote; weights shared with the policy change at once. */
  load(path: string): Promise<void>;
}
