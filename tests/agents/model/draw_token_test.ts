/**
 * Drawing tokens: boundaries of the cumulative sum, and frequencies.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { bestToken, drawToken } from "../../../agents/model/draw_token.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";

const quarters = Float32Array.of(9, 0.25, 0, 0.5, 0.25, 9);

Deno.test("drawToken() takes the token whose interval holds the number when the row is inside a larger array", () => {
  const draw = (uniform: number) => drawToken(quarters, 1, 4, uniform).id;
  assert.deepEqual([0, 0.2499, 0.25, 0.7499, 0.75, 0.9999].map(draw), [0, 0, 2, 2, 3, 3]);
  assert.equal(drawToken(quarters, 1, 4, 0.3).logprob, Math.log(0.5));
});

Deno.test("drawToken() takes the last possible token when rounding leaves the sum short", () => {
  assert.equal(drawToken(Float32Array.of(0.5, 0.4, 0), 0, 3, 0.95).id, 1);
});

Deno.test("drawToken() never takes a token of probability 0", () => {
  const weights = fc.array(fc.constantFrom(0, 0.125, 0.25), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(
      weights.filter((list) => list.some((w) => w > 0)),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (list, u) => {
        assert.ok((list[drawToken(Float32Array.from(list), 0, list.length, u).id] ?? 0) > 0);
      },
    ),
  );
});

Deno.test("drawToken() meets the probabilities when numbers are uniform", () => {
  const counts = [0, 0, 0, 0];
  const random = keyedRandom("draw-token-test");
  for (let i = 0; i < 4000; i++) counts[drawToken(quarters, 1, 4, random.uniform()).id]!++;
  // Standard deviations are below 32; the bound is four of them.
  for (const [id, expected] of [1000, 0, 2000, 1000].entries()) assert.ok(Math.abs(counts[id]! - expected) < 128);
});

Deno.test("bestToken() takes the lowest id when probabilities tie", () => {
  assert.equal(bestToken(Float32Array.of(0.2, 0.4, 0.4), 0, 3).id, 1);
});
