/**
 * Counts of what decoding ran and what it could reuse.
 *
 * @module
 */

/** Counts of one or more calls. */
export interface DecodeStats {
  /** Tokens of prompts and observations that were run through the model, padding not counted. */
  readonly prefillTokens: number;
  /** Tokens of prompts whose keys and values were taken from another sequence that began alike. */
  readonly reusedTokens: number;
  /** Lockstep runs of one token per row. */
  readonly steps: number;
  /** Rows of all lockstep runs together. */
  readonly rows: number;
  /** Rows among them that belonged to a conversation. */
  readonly busyRows: number;
}

/** Nothing run. */
export const NO_STATS: DecodeStats = { prefillTokens: 0, reusedTokens: 0, steps: 0, rows: 0, busyRows: 0 };

/**
 * Counts of two calls together.
 *
 * @example
 * ```ts
 * import { addStats, NO_STATS } from "whetstone/agents/model/decode_stats.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(addStats({ ...NO_STATS, steps: 2 }, { ...NO_STATS, steps: 3 }).steps, 5);
 * ```
 */
export function addStats(a: DecodeStats, b: DecodeStats): DecodeStats {
  return {
    prefillTokens: a.prefillTokens + b.prefillTokens,
    reusedTokens: a.reusedTokens + b.reusedTokens,
    steps: a.steps + b.steps,
    rows: a.rows + b.rows,
    busyRows: a.busyRows + b.busyRows,
  };
}
