import assert from "node:assert/strict";
import { skillQuality, trajectoryReward } from "../../train/arise_rewards.ts";
import { groupAdvantage } from "../../train/group_advantage.ts";

Deno.test("trajectoryReward() adds the bonus only to right answers with a skill", () => {
  assert.deepEqual(trajectoryReward({ aided: true, right: true }), { task: 1, skill: 1, total: 2 });
  assert.deepEqual(trajectoryReward({ aided: true, right: false }), { task: 0, skill: 0, total: 0 });
  assert.deepEqual(trajectoryReward({ aided: true, right: true }, 0), { task: 1, skill: 0, total: 1 });
});

Deno.test("skillQuality() tells the four levels apart", () => {
  const levels = [[true, false], [false, false], [true, true], [false, true]] as const;
  assert.deepEqual(levels.map(([unaided, verified]) => skillQuality(unaided, verified)), [
    { level: "R1", value: -1 },
    { level: "R2", value: 0 },
    { level: "R3", value: 0.5 },
    { level: "R4", value: 1 },
  ]);
});

Deno.test("skillQuality() refuses values that do not rise", () => {
  assert.throws(() => skillQuality(true, true, [0, 0, 1, 2]), /rise strictly, got 0,0,1,2/);
});

Deno.test("groupAdvantage() with the unbiased deviation gives the published check values", () => {
  const advantages = (rewards: number[]) =>
    groupAdvantage(rewards, { normalize: true, deviation: "sample", epsilon: 1e-6 }).map((a) => Number(a.toFixed(4)));
  assert.deepEqual(advantages([1, 1, 0, 0, 0, 0, 0, 0]).slice(0, 3), [1.6202, 1.6202, -0.5401]);
  assert.deepEqual(advantages([2, 1, 0, 0, 0, 0, 0, 0]).slice(0, 3), [2.1841, 0.84, -0.504]);
  assert.deepEqual(advantages([2, 2, 1, 1, 0, 0, 0, 0]).slice(1, 5), [1.4102, 0.282, 0.282, -0.8461]);
  assert.deepEqual(advantages([2, 2, 2, 2, 1, 1, 1, 1]).slice(3, 5), [0.9354, -0.9354]);
});
