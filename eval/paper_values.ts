/**
 * Published results of SAGE (arXiv 2512.17102; ACL 2026 long paper 2026.acl-long.69) for the arms that this harness reproduces.
 *
 * Contract: reference columns, never targets. All of them are for Qwen2.5-32B-Instruct with Python skills on AppWorld; each is
 * the mean of three evaluation runs of one trained model. What the paper does not report, or what could not be read, is null.
 * Each value says where it stands and how far it is to be trusted: `paper` (abstract, body or tables of the paper itself) or
 * `secondary` (close readings of the ACL version; details may slip).
 *
 * @module
 */
import type { Metric } from "./metrics.ts";
import type { SageArm } from "./scales.ts";

/** Split that the paper evaluates on. */
export type SageSplit = "test_normal" | "test_challenge";

/** How far a published value is to be trusted. */
export type Confidence = "paper" | "secondary";

/** A published value. */
export interface PaperValue {
  /** In the metric's unit (percent, interactions, tokens, fraction). */
  readonly value: number;
  /** Published ±: standard deviation over the three evaluation runs, ddof 0; null where unknown. Always `secondary`. */
  readonly spread: number | null;
  /** Where it stands. */
  readonly source: string;
  /** How far to trust it. */
  readonly confidence: Confidence;
}

/** Splits in the order of the paper's columns. */
export const SAGE_SPLITS: readonly SageSplit[] = ["test_normal", "test_challenge"];

const MAIN = "arXiv 2512.17102, main table";
const CONTROL = "2026.acl-long.69, SFT + GRPO control";
const USE = "arXiv 2512.17102, skill use figure";

function paper(value: number, spread: number | null = null, source: string = MAIN): PaperValue {
  return { value, spread, source, confidence: "paper" };
}

function secondary(value: number, spread: number): PaperValue {
  return { value, spread, source: CONTROL, confidence: "secondary" };
}

/** Published value of each metric; a metric that is not there was not published. */
export type PaperRow = Readonly<Partial<Record<Metric, PaperValue>>>;

/** Published values by split and arm. */
export const PAPER_SAGE: Readonly<Record<SageSplit, Readonly<Record<SageArm, PaperRow>>>> = {
  test_normal: {
    "SFT": {
      tgc: paper(55.2, 1.5),
      sgc: paper(41.7, 1.7),
      steps: paper(11.4, 0.5),
      tokens: paper(1340, 65),
      skillUse: paper(0.63, null, USE),
      successWhenUsed: paper(0.51, null, USE),
    },
    "SFT + GRPO": {
      tgc: secondary(66.1, 1.3),
      sgc: secondary(51.2, 0.8),
      steps: secondary(12.8, 0.1),
      tokens: secondary(1284, 18),
    },
    "SAGE": {
      tgc: paper(72.0, 1.5),
      sgc: paper(60.7, 1.5),
      steps: paper(12.1, 0.2),
      tokens: paper(1475, 127),
      skillUse: paper(0.88, null, USE),
      successWhenUsed: paper(0.72, null, USE),
    },
  },
  test_challenge: {
    "SFT": { tgc: paper(37.2), sgc: paper(20.9), steps: paper(16.2) },
    "SFT + GRPO": {},
    "SAGE": { tgc: paper(50.1), sgc: paper(32.4), steps: paper(17.3) },
  },
};

/**
 * Published value of a cell.
 *
 * @example SGC of SAGE on the normal test split
 * ```ts
 * import { paperValue } from "whetstone/eval/paper_values.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(paperValue("test_normal", "SAGE", "sgc")?.value, 60.7);
 * assert.equal(paperValue("test_challenge", "SFT + GRPO", "sgc"), null);
 * ```
 *
 * @param split split by name; another split than the paper's has no values.
 * @returns null where nothing is known.
 */
export function paperValue(split: string, arm: SageArm, metric: Metric): PaperValue | null {
  const known = SAGE_SPLITS.find((name) => name === split);
  return known === undefined ? null : PAPER_SAGE[known][arm][metric] ?? null;
}

/**
 * Published difference of two arms, from their rounded means; null where either is unknown.
 *
 * @param left arm that is subtracted from.
 * @param right arm that is subtracted.
 */
export function paperDifference(split: string, left: SageArm, right: SageArm, metric: Metric): PaperValue | null {
  const a = paperValue(split, left, metric);
  const b = paperValue(split, right, metric);
  if (a === null || b === null) return null;
  const confidence = a.confidence === "paper" && b.confidence === "paper" ? "paper" : "secondary";
  const source = a.source === b.source ? a.source : `${a.source}; ${b.source}`;
  // Both have at most two decimals; the rounding only removes binary dust.
  return { value: Math.round((a.value - b.value) * 100) / 100, spread: null, source, confidence };
}
