import assert from "node:assert/strict";
import { batchWeights, LossInputError, NORMALISATIONS } from "../../../train/losses/batch_weights.ts";

/** Two rows of group a with 3 and 1 loss tokens, an empty one, and one row of group b with 4. */
const ROWS = [
  { group: "a", tokens: 3 },
  { group: "b", tokens: 4 },
  { group: "a", tokens: 1 },
  { group: "a", tokens: 0 },
];

Deno.test("batchWeights() gives the weights and the denominator of each normalisation when groups and rows are ragged", () => {
  const expected = {
    sequence: [[1 / 3, 1 / 4, 1, 0], 3],
    "group-sequence": [[1 / 6, 1 / 4, 1 / 2, 0], 2],
    token: [[1, 1, 1, 0], 8],
    "group-token": [[1 / 4, 1 / 4, 1 / 4, 0], 2],
    constant: [[1, 1, 1, 0], 30],
  } as const;
  for (const normalisation of NORMALISATIONS) {
    const { weights_B, denominator } = batchWeights(ROWS, normalisation, { constantTokens: 10 });
    assert.deepEqual([weights_B, denominator], expected[normalisation], normalisation);
  }
});

Deno.test("batchWeights() makes the loss of equal terms that term for every mean", () => {
  for (const normalisation of NORMALISATIONS.filter((name) => name !== "constant")) {
    const { weights_B, denominator } = batchWeights(ROWS, normalisation);
    const numerator = ROWS.reduce((sum, { tokens }, b) => sum + tokens * 5 * weights_B[b]!, 0);
    assert.ok(Math.abs(numerator / denominator - 5) < 1e-12, normalisation);
  }
});

Deno.test("batchWeights() throws LossInputError when there is no token or no constant", () => {
  assert.throws(() => batchWeights([{ group: 0, tokens: 0 }], "token"), LossInputError);
  assert.throws(() => batchWeights(ROWS, "constant"), /needs constantTokens, a number above 0, got undefined/);
  assert.throws(() => batchWeights(ROWS, "constant", { constantTokens: 0 }), LossInputError);
});
