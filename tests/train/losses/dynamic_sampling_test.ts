import assert from "node:assert/strict";
import fc from "fast-check";
import { dynamicSampling } from "../../../train/losses/dynamic_sampling.ts";

Deno.test("dynamicSampling() drops groups with equal rewards, of one sample and of none, and keeps the others in order", () => {
  const drawn = [
    { group: 1, rewards_G: [0, 0, 0] },
    { group: 2, rewards_G: [0, 1, 0] },
    { group: 3, rewards_G: [0.5] },
    { group: 4, rewards_G: [] },
    { group: 5, rewards_G: [1, 0.5] },
    { group: 6, rewards_G: [2, 1] },
  ];
  assert.deepEqual(dynamicSampling(drawn, 2), { keep: [2, 5], drop: [1, 3, 4], surplus: [6], missing: 0, draw: 0 });
  // Two are missing; (3 + 1) / (6 + 2) of all groups are useful.
  assert.deepEqual(dynamicSampling(drawn, 5), { keep: [2, 5, 6], drop: [1, 3, 4], surplus: [], missing: 2, draw: 4 });
});

Deno.test("dynamicSampling() asks for no more groups than the limit leaves", () => {
  const drawn = [{ group: 0, rewards_G: [1, 1] }, { group: 1, rewards_G: [0, 0] }];
  assert.equal(dynamicSampling(drawn, 4).draw, 16);
  assert.equal(dynamicSampling(drawn, 4, { maxGroups: 5 }).draw, 3);
  assert.equal(dynamicSampling(drawn, 4, { maxGroups: 1 }).draw, 0);
});

Deno.test("dynamicSampling() puts every group in one list and ends when it is followed", () => {
  const group = fc.array(fc.constantFrom(0, 1), { maxLength: 4 });
  fc.assert(fc.property(fc.array(group, { maxLength: 30 }), fc.integer({ min: 1, max: 8 }), (rewards, wanted) => {
    const drawn = rewards.map((rewards_G, i) => ({ group: i, rewards_G }));
    const { keep, drop, surplus, missing, draw } = dynamicSampling(drawn, wanted);
    assert.deepEqual([...keep, ...surplus, ...drop].sort((a, b) => Number(a) - Number(b)), drawn.map((_, i) => i));
    assert.equal(keep.length + missing, wanted);
    assert.ok(draw >= missing && Number.isFinite(draw) && (draw > 0) === (missing > 0));
  }));
});

Deno.test("dynamicSampling() throws RangeError when a reward is not finite or nothing is wanted", () => {
  assert.throws(
    () => dynamicSampling([{ group: "q", rewards_G: [0, NaN] }], 1),
    /rewards of q must be finite, got NaN/,
  );
  assert.throws(() => dynamicSampling([], 0), /wanted must be a positive integer, got 0/);
});
