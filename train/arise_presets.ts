/**
 * The two versions of ARISE that were published, each as the values of the fields in which they differ.
 *
 * Contract: a preset is a name for values, not a setting: what is recorded is the values, so that a run is the same run whichever way it was asked for. Values that are named
 * beside a preset win over it.
 * Source: `v2`, the newer manuscript, whose rules are all known; `v1`, arXiv 2603.16060 as it first appeared, from published accounts of it. Choices: v1's 24 seeds are
 * ours, since theirs are not published, and its cache holds them all.
 *
 * @module
 */
import type { z } from "zod";
import type { ariseFields } from "./arise_config.ts";

/** Names of the versions. */
export const ARISE_PRESETS = ["v1", "v2"] as const;
/** Name of a version. */
export type ArisePreset = typeof ARISE_PRESETS[number];

type Changes = Partial<z.input<z.ZodObject<typeof ariseFields>>>;

/** What each version fixes where the other does otherwise. */
export const ARISE_PRESET_VALUES = {
  // GRPO as its base, utilities that start at 0, no rollout that verifies a new skill.
  v1: { baseOptimizer: "grpo", useQuality: false, verify: false, seeds: "twentyFour", cacheCapacity: 24 },
  v2: { baseOptimizer: "dapo", useQuality: true, seeds: "five", cacheCapacity: 10 },
} as const satisfies Readonly<Record<ArisePreset, Changes>>;

/**
 * Changes with a preset's values under them.
 *
 * @example The first version, but with a cache of ten
 * ```ts
 * import { withPreset } from "whetstone/train/arise_presets.ts";
 * import assert from "node:assert/strict";
 *
 * const { baseOptimizer, cacheCapacity } = withPreset({ preset: "v1", cacheCapacity: 10 });
 * assert.deepEqual([baseOptimizer, cacheCapacity], ["grpo", 10]);
 * ```
 */
export function withPreset<T extends object>(
  changes: T & { readonly preset?: ArisePreset | undefined },
): Changes & Omit<T, "preset"> {
  const { preset, ...rest } = changes;
  return { ...(preset === undefined ? {} : ARISE_PRESET_VALUES[preset]), ...rest };
}
