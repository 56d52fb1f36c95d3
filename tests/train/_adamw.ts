/**
 * The update that tests of training make.
 *
 * @module
 */
import type { OptimizerSpec } from "../../train/example.ts";

/** Settings under which a few steps change every weight visibly. */
export const ADAMW: OptimizerSpec = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  maxGradNorm: 1,
};
