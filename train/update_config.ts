/**
 * Fields of a GRPO configuration that say how its policy is sampled and updated, beyond the recipe's own loss.
 *
 * Contract: all of them are optional and none has a default in the configuration, so that a run that names none keeps its hash; left out,
 * each means what the recipe did before it existed. A field that would be without effect is an error, not a silent nothing.
 *
 * @module
 */
import { z } from "zod";
import { NORMALISATIONS } from "./losses/batch_weights.ts";
import { LOSSES, RECIPE_LOSSES, type RecipeLoss } from "./losses/loss_table.ts";
import { SCHEDULE_KINDS } from "./optimizer/schedule.ts";

/** Clip range of the recipe's own loss, both sides. */
export const DEFAULT_CLIP_EPS = 0.2;

/** Changes to the parts of the named loss; see `LossOptions` of train/losses/loss_table.ts. */
export const lossOptionsSchema = z.strictObject({
  /** How rewards become advantages. */
  advantage: z.enum(["reward", "mean", "leave-one-out", "mean-std"]).optional(),
  /** The ratio's lowest value is 1 - clipLow. */
  clipLow: z.number().min(0).optional(),
  /** The ratio's highest value is 1 + clipHigh. */
  clipHigh: z.number().min(0).optional(),
  /** A token's term is at least so many times its advantage where that is negative; acts where a step makes several updates. */
  dualClip: z.number().gt(1).optional(),
  normalisation: z.enum(NORMALISATIONS).optional(),
  /** L of the `constant` normalisation; where the loss fixes none, the most tokens that an episode can have. */
  constantTokens: z.number().positive().optional(),
  /** Penalty on the distance from the parent run's weights, which are kept in memory beside the trained ones. */
  kl: z.strictObject({ estimator: z.enum(["k1", "k2", "k3"]), coefficient: z.number().positive() }).optional(),
  /** Divisor of the variance: G or G - 1. */
  deviation: z.enum(["population", "sample"]).optional(),
  /** Added to the standard deviation. */
  epsilon: z.number().positive().optional(),
});

/** The fields, to be spread into a configuration's schema. */
export const updateFields = {
  /** A loss by name, in place of the recipe's own. */
  loss: z.enum(RECIPE_LOSSES).optional(),
  lossOptions: lossOptionsSchema.optional(),
  /** Draws other groups in place of those whose rewards are all equal; a round draws at most `groupsPerStep`, the first one included. */
  dynamicSampling: z.strictObject({ maxRounds: z.int().min(2) }).optional(),
  /** Truncates the distribution that rollouts are drawn from, and with it the one that is trained. */
  topP: z.number().gt(0).max(1).optional(),
  topK: z.int().min(1).optional(),
  minP: z.number().min(0).max(1).optional(),
  /** Times that a step's rollouts are gone through; 1 if left out. */
  ppoEpochs: z.int().min(1).optional(),
  /** Updates that each time is split into; 1 if left out. */
  miniBatches: z.int().min(1).optional(),
  /** How the learning rate goes on from step to step; constant if left out. */
  schedule: z.strictObject({
    kind: z.enum(SCHEDULE_KINDS),
    /** Steps of linear warm-up; none if left out. */
    warmup: z.int().min(0).optional(),
    /** The last rate as a share of the highest; 0 if left out. */
    floor: z.number().min(0).max(1).optional(),
  }).optional(),
};

/** The parts of a configuration that must agree with each other. */
interface CheckedFields {
  readonly loss?: RecipeLoss | undefined;
  readonly lossOptions?: z.infer<typeof lossOptionsSchema> | undefined;
  readonly stdNormalise: boolean;
  readonly leaveOneOut: boolean;
  readonly clipEps: number;
}

/** Adds a problem for each field that would be without effect. */
export function checkUpdateFields(fields: CheckedFields, context: z.RefinementCtx): void {
  const { loss, lossOptions } = fields;
  const fail = (path: readonly string[], message: string) =>
    context.addIssue({ code: "custom", path: [...path], message });
  if (loss === undefined) {
    if (lossOptions !== undefined) fail(["lossOptions"], "expected only beside loss, whose parts it changes");
    return;
  }
  const own = (name: string) => `expected to be left out beside loss, which has ${name} of its own in lossOptions`;
  if (fields.stdNormalise) fail(["stdNormalise"], own("an advantage"));
  if (fields.leaveOneOut) fail(["leaveOneOut"], own("an advantage"));
  if (fields.clipEps !== DEFAULT_CLIP_EPS) fail(["clipEps"], own("clipLow and clipHigh"));
  const { form } = LOSSES[loss];
  for (const name of ["clipLow", "clipHigh"] as const) {
    if (form === "logprob" && lossOptions?.[name] !== undefined) {
      fail(["lossOptions", name], `expected to be left out with ${loss}, which has no ratio to clip`);
    }
  }
  if (form !== "clip" && lossOptions?.dualClip !== undefined) {
    fail(["lossOptions", "dualClip"], `expected only with a clipped loss, not with ${loss}`);
  }
  const { normalisation = LOSSES[loss].normalisation, advantage = LOSSES[loss].advantage } = lossOptions ?? {};
  if (normalisation !== "constant" && lossOptions?.constantTokens !== undefined) {
    fail(["lossOptions", "constantTokens"], `expected only with the constant normalisation, not with ${normalisation}`);
  }
  for (const name of ["deviation", "epsilon"] as const) {
    if (advantage !== "mean-std" && lossOptions?.[name] !== undefined) {
      fail(["lossOptions", name], `expected only with the mean-std advantage, not with ${advantage}`);
    }
  }
}
