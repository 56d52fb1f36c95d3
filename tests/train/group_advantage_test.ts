import assert from "node:assert/strict";
import fc from "fast-check";
import { batchAdvantages, groupAdvantage, NonFiniteRewardError } from "../../train/group_advantage.ts";

Deno.test("groupAdvantage() subtracts the group's mean and nothing else by default", () => {
  assert.deepEqual(groupAdvantage([2, 1, 0, 1]), [1, 0, -1, 0]);
  assert.deepEqual(groupAdvantage([2, 2, 0.5, -1]), [1.125, 1.125, -0.375, -1.875]);
});

Deno.test("groupAdvantage() gives exact zeros when all rewards are equal or the group is one", () => {
  assert.deepEqual(groupAdvantage([0.1, 0.1, 0.1], { normalize: true }), [0, 0, 0]);
  assert.deepEqual(groupAdvantage([0.3], { leaveOneOut: true }), [0]);
});

Deno.test("groupAdvantage() measures against the mean of the others when leaveOneOut is set", () => {
  const [first] = groupAdvantage([1, 0, 0], { leaveOneOut: true });
  assert.ok(Math.abs((first ?? 0) - 1) < 1e-12);
});

Deno.test("groupAdvantage() sums to zero and does not depend on a shift of the rewards", () => {
  const rewards = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 16 });
  fc.assert(fc.property(rewards, (group) => {
    const advantages = groupAdvantage(group);
    assert.ok(Math.abs(advantages.reduce((sum, value) => sum + value, 0)) < 1e-9);
    groupAdvantage(group.map((reward) => reward + 1)).forEach((value, i) => {
      assert.ok(Math.abs(value - (advantages[i] ?? 0)) < 1e-9);
    });
  }));
});

Deno.test("groupAdvantage() names the bad reward when one is not finite", () => {
  assert.throws(() => groupAdvantage([0, NaN]), NonFiniteRewardError);
});

Deno.test("groupAdvantage() divides by the deviation and adds the epsilon that it is told", () => {
  // Population: sqrt(1/4); sample of two: sqrt(1/2).
  const near = (found: number[], size: number) =>
    found.every((value, i) => Math.abs(value - (i === 0 ? size : -size)) < 1e-12);
  assert.ok(near(groupAdvantage([1, 0], { normalize: true, epsilon: 0 }), 1));
  assert.ok(near(groupAdvantage([1, 0], { normalize: true, epsilon: 0, deviation: "sample" }), Math.SQRT1_2));
});

Deno.test("batchAdvantages() keeps ragged and interleaved groups apart", () => {
  const groups = ["a", "b", "a", "c", "b", "b"];
  const rewards = [1, 0, 0, 7, 3, 0];
  assert.deepEqual(batchAdvantages("mean", groups, rewards), [0.5, -1, -0.5, 0, 2, -1]);
  assert.deepEqual(batchAdvantages("leave-one-out", groups, rewards), [1, -1.5, -1, 0, 3, -1.5]);
  assert.deepEqual(batchAdvantages("reward", groups, rewards), rewards);
  assert.deepEqual(batchAdvantages("one", groups, rewards), [1, 1, 1, 1, 1, 1]);
  assert.throws(() => batchAdvantages("one", ["a"], [NaN]), NonFiniteRewardError);
});
