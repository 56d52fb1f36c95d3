/**
 * Names of arms in plots: the arm, and its configuration where two configurations bear the same name.
 *
 * Contract: configurations are never merged into one line because they are called the same.
 *
 * @module
 */
import { type QueryRow, textOf } from "../query_rows.ts";

/** An arm under one configuration; its training seeds belong together. */
export interface ConfiguredArm {
  /** Name. */
  readonly arm: string;
  /** Hash of the configuration. */
  readonly configHash: string;
}

/** Arm of a row with the columns `arm` and `config_hash`. */
export function configuredArm(row: QueryRow): ConfiguredArm {
  return { arm: textOf(row, "arm"), configHash: textOf(row, "config_hash") };
}

/** Digits of a hash that are shown. */
const SHOWN_DIGITS = 6;

/**
 * Function that names arms.
 *
 * @example
 * ```ts
 * import { armLabels } from "whetstone/eval/plots/arm_labels.ts";
 * import assert from "node:assert/strict";
 *
 * const arms = [{ arm: "SFT", configHash: "aa11" }, { arm: "SAGE", configHash: "bb22" }, { arm: "SAGE", configHash: "cc33" }];
 * assert.deepEqual(arms.map(armLabels(arms)), ["SFT", "SAGE (bb22)", "SAGE (cc33)"]);
 * ```
 *
 * @param arms all arms that are shown, with repetitions.
 */
export function armLabels(arms: readonly ConfiguredArm[]): (arm: ConfiguredArm) => string {
  const hashes = new Map<string, Set<string>>();
  for (const { arm, configHash } of arms) {
    const known = hashes.get(arm) ?? new Set<string>();
    hashes.set(arm, known.add(configHash));
  }
  return ({ arm, configHash }) =>
    (hashes.get(arm)?.size ?? 1) > 1 ? `${arm} (${configHash.slice(0, SHOWN_DIGITS)})` : arm;
}
