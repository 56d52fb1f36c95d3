/**
 * Rewards of hierarchical skill use, and the quality of a new skill (arXiv 2603.16060).
 *
 *     R = r_task + r_skill,  r_task = 1 if right,  r_skill = bonus if right and a skill was used      (table 8)
 *     R_s = r1 (harmful) < r2 (neutral) < r3 (redundant) < r4 (critical), from (some unaided rollout right, verification right)
 *
 * Contract: pure functions. In the warm-up r_skill is 0 for all. The four levels must rise strictly; only their order is the manuscript's,
 * the values are those of its code.
 *
 * @module
 */

/** Values of R_s by level, lowest first. */
export const SKILL_QUALITY_VALUES = [-1, 0, 0.5, 1] as const;
/** Names of the levels of R_s, lowest first. */
export const SKILL_QUALITY_LEVELS = ["R1", "R2", "R3", "R4"] as const;
/** See {@linkcode SKILL_QUALITY_LEVELS}. */
export type SkillQualityLevel = typeof SKILL_QUALITY_LEVELS[number];

/** Values of the levels do not rise. */
export class SkillQualityError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "SkillQualityError";
}

/** Terms of one trajectory's reward. */
export interface TrajectoryReward {
  /** r_task: 1 if right, else 0. */
  readonly task: number;
  /** r_skill. */
  readonly skill: number;
  /** R. */
  readonly total: number;
}

/**
 * Reward of one trajectory.
 *
 * @example The four cases
 * ```ts
 * import { trajectoryReward } from "whetstone/train/arise_rewards.ts";
 * import assert from "node:assert/strict";
 *
 * const totals = [[false, false], [true, false], [false, true], [true, true]] as const;
 * assert.deepEqual(totals.map(([aided, right]) => trajectoryReward({ aided, right }).total), [0, 0, 1, 2]);
 * ```
 *
 * @param bonus r_skill of a right answer with a skill; 0 is the binary reward and the warm-up.
 */
export function trajectoryReward(
  { aided, right }: { readonly aided: boolean; readonly right: boolean },
  bonus = 1,
): TrajectoryReward {
  const task = right ? 1 : 0;
  const skill = right && aided ? bonus : 0;
  return { task, skill, total: task + skill };
}

/** Level and value of a new skill. */
export interface SkillQuality {
  /** Level. */
  readonly level: SkillQualityLevel;
  /** Its value, the first utility of the skill. */
  readonly value: number;
}

/**
 * R_s: what a new skill adds to what the policy could do without it.
 *
 * @param unaidedRight whether some rollout without a skill was right.
 * @param verifiedRight whether the rollout with the new skill was right.
 * @param values values of the four levels.
 * @throws {SkillQualityError} if the values do not rise strictly.
 */
export function skillQuality(
  unaidedRight: boolean,
  verifiedRight: boolean,
  values: readonly [number, number, number, number] = SKILL_QUALITY_VALUES,
): SkillQuality {
  const [r1, r2, r3, r4] = values;
  if (!(r1 < r2 && r2 < r3 && r3 < r4)) {
    throw new SkillQualityError(`Cannot grade a skill: its four values must rise strictly, got ${values}`);
  }
  if (verifiedRight) return unaidedRight ? { level: "R3", value: r3 } : { level: "R4", value: r4 };
  return unaidedRight ? { level: "R1", value: r1 } : { level: "R2", value: r2 };
}
