/**
 * Normalisations of a loss over a ragged batch, as one numerator weight per row and one denominator.
 *
 * Contract: loss = (sum over rows i and loss tokens t of w_i l_it) / D. Weights and D come from the whole batch, once; any part of the
 * batch then adds its share to the same numerator, so that micro-batches, gradient accumulation and padding cannot change the result.
 * With |o_i| loss tokens in row i, n_g rows in group g, N rows and M groups:
 *
 *     sequence:        w = 1 / |o_i|                   D = N              mean over rows of their means (GRPO)
 *     group-sequence:  w = 1 / (n_g |o_i|)             D = M              mean over groups, which counts small groups fully (SAGE)
 *     token:           w = 1                           D = sum |o_i|      mean over tokens of the batch (DAPO as implemented)
 *     group-token:     w = 1 / sum of |o_j| in g       D = M              mean over groups of token means (DAPO as written)
 *     constant:        w = 1                           D = N L            L a fixed number of tokens (Dr. GRPO)
 *
 * Choices: a row without loss tokens counts nowhere, neither in N nor in n_g.
 *
 * @module
 */

/** Names of the normalisations. */
export const NORMALISATIONS = ["sequence", "group-sequence", "token", "group-token", "constant"] as const;
/** What a loss is a mean over. */
export type Normalisation = typeof NORMALISATIONS[number];

/** Options of {@linkcode batchWeights}. */
export interface BatchWeightsOptions {
  /** L of the `constant` normalisation, tokens; needed by it and unused by the others. */
  constantTokens?: number;
}

/** What must be known of a row. */
export interface WeightedRow {
  /** Group that the row belongs to. */
  readonly group: number | string;
  /** |o|: number of loss tokens. */
  readonly tokens: number;
}

/** A normalisation of one batch. */
export interface BatchWeights {
  /** Weight of each row's token terms in the numerator, shape [B]; 0 for a row without loss tokens. */
  readonly weights_B: number[];
  /** D. */
  readonly denominator: number;
}

/** A loss cannot be computed from what was given. */
export class LossInputError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "LossInputError";
}

/**
 * Weights of a batch.
 *
 * @example One row of three tokens and one of a single token
 * ```ts
 * import { batchWeights } from "whetstone/train/losses/batch_weights.ts";
 * import assert from "node:assert/strict";
 *
 * const rows = [{ group: 0, tokens: 3 }, { group: 0, tokens: 1 }];
 * assert.deepEqual(batchWeights(rows, "sequence"), { weights_B: [1 / 3, 1], denominator: 2 });
 * assert.deepEqual(batchWeights(rows, "token"), { weights_B: [1, 1], denominator: 4 });
 * ```
 *
 * @throws {LossInputError} if no row has a loss token, or `constant` lacks a positive `constantTokens`.
 */
export function batchWeights(
  rows_B: readonly WeightedRow[],
  normalisation: Normalisation,
  options: BatchWeightsOptions = {},
): BatchWeights {
  const { constantTokens } = options;
  const counted = rows_B.filter(({ tokens }) => tokens > 0);
  if (counted.length === 0) {
    throw new LossInputError(
      `Cannot normalise a loss: some row must have a loss token, got ${rows_B.length} rows without`,
    );
  }
  const groups = Map.groupBy(counted, ({ group }) => group);
  const tokensOf = (rows: readonly WeightedRow[]) => rows.reduce((sum, { tokens }) => sum + tokens, 0);
  const weights_B = rows_B.map(({ group, tokens }) => {
    if (tokens === 0) return 0;
    const own = groups.get(group) ?? [];
    if (normalisation === "sequence") return 1 / tokens;
    if (normalisation === "group-sequence") return 1 / (own.length * tokens);
    if (normalisation === "group-token") return 1 / tokensOf(own);
    return 1;
  });
  if (normalisation === "sequence") return { weights_B, denominator: counted.length };
  if (normalisation === "token") return { weights_B, denominator: tokensOf(counted) };
  if (normalisation !== "constant") return { weights_B, denominator: groups.size };
  if (!(constantTokens !== undefined && constantTokens > 0)) {
    throw new LossInputError(
      `Cannot normalise a loss: constant needs constantTokens, a number above 0, got ${constantTokens}`,
    );
  }
  return { weights_B, denominator: counted.length * constantTokens };
}
