/**
 * Settings of ARISE, with the defaults of its newer manuscript and the options for everything that it leaves open.
 *
 * Contract: every field can be left out, so that a configuration names what differs; what a field that is optional means then stands in its comment, and is left out of
 * configurations too, so that runs from before it existed keep their hashes. Two words are no fields, but stand for values of fields: a preset (`arise_presets.ts`), and a
 * file of seeds, whose documents become `seeds`. Which grader decides is an option of the environment (`checker`), as it is for every recipe. A field without effect
 * is an error. Source: arXiv 2603.16060, tables 5 to 8; fields without a number there are our choice and say so.
 *
 * @module
 */
import { z } from "zod";
import { skillDocumentSchema } from "../agents/skills/skill_document.ts";
import { type ArisePreset, withPreset } from "./arise_presets.ts";

/** Fields of ARISE beside those that every group-based recipe has. */
export const ariseFields = {
  /** N_w: steps in which no skill is shown and rewards are binary. The paper: 500 of 2000. */
  warmupSteps: z.int().min(0).default(500),
  /** Whether skills are concluded from successes; without it the library keeps its seeds. */
  conclude: z.boolean().default(true),
  /** Whether skills are chosen and shown at all; without it the recipe is its own baseline. */
  useSkills: z.boolean().default(true),

  /** σ of the softmax over scores. */
  sigma: z.number().positive().default(1),
  /** ε: chance of a uniform choice in training. */
  epsExplore: z.number().min(0).max(1).default(0.1),
  /** δ of the confidence gate; 0 is no gate. */
  delta: z.number().min(0).max(1).default(0.35),
  /** Tokens of a document that are scored. */
  maxSkillTokens: z.int().min(1).default(128),
  /** `rollout`: each rollout chooses; `query`: one choice for the whole group; `split`: one choice, shared by those that are not reserved. Ours, see `unaidedPerGroup`. */
  selectionScope: z.enum(["rollout", "query", "split"]).default("rollout"),
  /** Rollouts of a group that get no skill; ours, because without them a group would be all aided or all unaided. Unused with `query`. */
  unaidedPerGroup: z.int().min(0).default(4),
  /** How a skill is chosen in training and in evaluation. */
  selectionMode: z.strictObject({
    train: z.enum(["sample", "argmax"]).default("sample"),
    eval: z.enum(["sample", "argmax"]).default("argmax"),
  }).prefault({}),
  /** What documents are scored by. */
  scoreMode: z.enum(["logprob", "random", "keyword"]).default("logprob"),
  /** Which tokens of a document count. */
  scoreTokens: z.enum(["all", "valuesOnly"]).default("all"),
  /** Subtract the score that a document has for an empty problem. */
  scoreCentering: z.boolean().default(false),
  /** Candidates that are scored, by utility; all if left out. */
  candidateTopK: z.int().min(1).optional(),
  /** Score of "no skill", which then takes part in the softmax. */
  nullScore: z.number().optional(),
  /** Weight of the gradient through the choice (equation 7: 1). */
  selectionLossWeight: z.number().min(0).default(1),
  /** Varies the manager's draws alone, and leaves those of rollouts as they are; 0 if left out. */
  rngSeed: z.int().min(0).optional(),

  cacheCapacity: z.int().min(1).default(10),
  reservoirCapacity: z.int().min(0).default(100),
  emaBeta: z.number().min(0).lt(1).default(0.9),
  deletePercentile: z.number().min(0).max(1).default(0.1),
  /** Which entries are deleted: below the true percentile, or by the published rule, which is one place off. */
  deleteRule: z.enum(["percentile", "reference"]).default("percentile"),
  /** What happens to a new document whose name is taken. */
  onDuplicate: z.enum(["reject", "replaceIfBetter", "version"]).default("reject"),
  /** Mean reward of all users of a skill in a group, or the first user's. */
  updateReward: z.enum(["meanOverUsers", "single"]).default("meanOverUsers"),
  /** The five operations after each problem of a step, in their order, or once for the whole step. */
  maintenance: z.enum(["perQuery", "batch"]).default("perQuery"),
  /** Seeds of the cache: the project's own five or twenty-four, documents of one's own (at most `cacheCapacity`), or none. */
  seeds: z.union([z.enum(["five", "twentyFour", "none"]), z.array(skillDocumentSchema).min(1)]).default("five"),

  tracesInPrompt: z.int().min(1).default(2),
  traceClipChars: z.int().min(1).default(400),
  traceClip: z.enum(["head", "headTail"]).default("head"),
  traceChoice: z.enum(["listOrder", "shortestCorrect"]).default("listOrder"),
  documentCap: z.int().min(1).default(350),
  extractor: z.enum(["braceScanner", "regex"]).default("braceScanner"),
  fallback: z.enum(["fixedName", "hashedName", "none"]).default("fixedName"),
  summaryTemperature: z.number().min(0).default(0.7),
  summaryTopP: z.number().positive().max(1).default(0.95),
  summaryMaxTokens: z.int().min(1).default(192),
  /** With the weights that made the rollouts, or after the update. */
  concludeWhen: z.enum(["beforeUpdate", "afterUpdate"]).default("beforeUpdate"),
  /** Further rollouts without a skill, for the quality of a new skill only. */
  extraUnaided: z.int().min(0).default(0),
  /** Where no rollout of a group is right, conclude from the reference solution. */
  goldTraceWhenAllWrong: z.boolean().default(false),
  /** Whether a new skill is tried on its problem once; true if left out. Without it no quality R_s is known. */
  verify: z.boolean().optional(),
  /** Whether a new skill starts with its quality R_s, or with 0. */
  useQuality: z.boolean().default(true),
  /** R_s by level. */
  rsLevels: z.tuple([z.number(), z.number(), z.number(), z.number()]).default([-1, 0, 0.5, 1]),
  /** Whether the verification joins its group with R_s as its reward. */
  rsInAdvantage: z.boolean().default(false),

  /** r_skill of a right answer with a skill; 0 is the binary reward. */
  skillBonus: z.number().min(0).default(1),
  /** Loss that the update is based on: `dapo` has dynamic sampling and a mean over tokens, `grpo` neither. */
  baseOptimizer: z.enum(["dapo", "grpo"]).default("dapo"),
  clipLow: z.number().positive().default(0.2),
  clipHigh: z.number().positive().default(0.2),
  /** c: a token's term is at least c A where A is negative; no such bound if left out. Acts where a step makes several updates. Published scripts: 3 or 10. */
  dualClip: z.number().gt(1).optional(),
  /** Times that a step's rollouts are trained on; 1 if left out. */
  ppoEpochs: z.int().min(1).optional(),
  /** Updates that each time is split into, whole groups each; 1 if left out. */
  miniBatches: z.int().min(1).optional(),
  /** Draw groups without variance again; only with `dapo`. */
  dynamicSampling: z.boolean().default(true),
  /** Most rounds of drawing in a step. */
  maxRounds: z.int().min(1).default(10),
  /** What dynamic sampling looks at: right or wrong, or the total reward. */
  filterMetric: z.enum(["accuracy", "totalReward"]).default("accuracy"),
} as const;

/** Rules between fields. */
export function checkAriseFields(
  fields: Pick<
    AriseSettings,
    "rsInAdvantage" | "concludeWhen" | "rsLevels" | "verify" | "extraUnaided" | "seeds" | "cacheCapacity"
  >,
  context: z.RefinementCtx,
): void {
  const { rsInAdvantage, concludeWhen, rsLevels, verify = true, extraUnaided, seeds, cacheCapacity } = fields;
  const fail = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
  if (rsInAdvantage && concludeWhen !== "beforeUpdate") {
    fail(
      "rsInAdvantage",
      "expected false unless concludeWhen is beforeUpdate; later there is no update to take part in",
    );
  }
  if (!verify && rsInAdvantage) fail("rsInAdvantage", "expected false without verify, from which R_s comes");
  if (!verify && extraUnaided > 0) fail("extraUnaided", "expected 0 without verify: they are for R_s only");
  if (typeof seeds !== "string" && seeds.length > cacheCapacity) {
    fail("seeds", `expected at most cacheCapacity (${cacheCapacity}) documents, got ${seeds.length}`);
  }
  if (rsLevels.some((value, i) => i > 0 && value <= (rsLevels[i - 1] ?? -Infinity))) {
    fail("rsLevels", `expected four values that rise strictly, got ${rsLevels}`);
  }
}

const settings = z.strictObject(ariseFields).superRefine(checkAriseFields);

/** What decides how a policy chooses from a library that is given; other fields are dropped. */
export const managerSettingsSchema = z.object(ariseFields).pick({
  sigma: true,
  delta: true,
  maxSkillTokens: true,
  selectionMode: true,
  scoreMode: true,
  scoreTokens: true,
  scoreCentering: true,
  candidateTopK: true,
  nullScore: true,
  documentCap: true,
});
/** Checked settings of a manager. */
export type ManagerSettings = z.infer<typeof managerSettingsSchema>;

/** Checked settings. */
export type AriseSettings = z.infer<typeof settings>;

/**
 * Settings with their defaults.
 *
 * @example What the manuscript fixes
 * ```ts
 * import { ariseDefaults } from "whetstone/train/arise_config.ts";
 * import assert from "node:assert/strict";
 *
 * const { sigma, delta, epsExplore, cacheCapacity, reservoirCapacity } = ariseDefaults();
 * assert.deepEqual([sigma, delta, epsExplore, cacheCapacity, reservoirCapacity], [1, 0.35, 0.1, 10, 100]);
 * ```
 *
 * @param changes fields that differ, and a preset under them.
 * @throws {z.ZodError} if a change is not allowed.
 */
export function ariseDefaults(
  changes: z.input<typeof settings> & { readonly preset?: ArisePreset | undefined } = {},
): AriseSettings {
  return settings.parse(withPreset(changes));
}
