import assert from "node:assert/strict";
import fc from "fast-check";
import { type ChainPosition, chainReward, type RewardKind, TERM_NAMES } from "../../train/rewards.ts";

/** r1, r2, u, task without code, then R1, R2 for skillIntegrated, outcome, chain. */
const VECTORS: [number, number, number, 0 | 1 | 2, [number, number], [number, number], [number, number]][] = [
  [1, 1, 1, 0, [2, 2], [1, 1], [2, 2]],
  [1, 1, 0, 0, [1, 1], [1, 1], [2, 2]],
  [1, 0, 1, 0, [1, 0], [1, 0], [1, 0]],
  [0.8, 1, 1, 0, [0.8, 2], [0.8, 1], [0.8, 1]],
  [1, 0.5, 1, 0, [1, 0.5], [1, 0.5], [1, 0.5]],
  [0.4, 0.6, 1, 0, [0.4, 0.6], [0.4, 0.6], [0.4, 0.6]],
  [0.7, 1, 0, 1, [-1, 1], [-1, 1], [-1, 1]],
  [1, 0.7, 0, 2, [1, -1], [1, -1], [1, -1]],
];
const KINDS: RewardKind[] = ["skillIntegrated", "outcome", "chain"];

Deno.test("chainReward() gives the published values when K is 2", () => {
  for (const [r1, r2, u, noCode, ...expected] of VECTORS) {
    const chain: ChainPosition[] = [
      { outcome: r1, noCode: noCode === 1, usedFrom: [] },
      { outcome: r2, noCode: noCode === 2, usedFrom: u === 1 ? [0] : [] },
    ];
    KINDS.forEach((kind, i) => {
      assert.deepEqual(chainReward(chain, { kind }).map(({ total }) => total), expected[i], `${kind} ${[r1, r2, u]}`);
    });
  }
});

Deno.test("chainReward() gives both bonuses to the middle task when K is 3", () => {
  const rewards = chainReward([
    { outcome: 1, noCode: false, usedFrom: [] },
    { outcome: 1, noCode: false, usedFrom: [0] },
    { outcome: 1, noCode: false, usedFrom: [1] },
  ]);
  assert.deepEqual(rewards.map(({ total }) => total), [2, 3, 2]);
});

Deno.test("chainReward() subtracts the penalty from the outcome when it is additive", () => {
  const chain = [{ outcome: 0.25, noCode: true, usedFrom: [] }];
  assert.equal(chainReward(chain, { penaltyMode: "additive" })[0]?.total, -0.75);
});

Deno.test("chainReward() totals are the sum of the named terms for any chain", () => {
  const position = fc.record({
    outcome: fc.constantFrom(0, 0.5, 1),
    noCode: fc.boolean(),
    usedFrom: fc.array(fc.integer({ min: 0, max: 3 })),
  });
  fc.assert(fc.property(fc.array(position, { maxLength: 4 }), fc.constantFrom(...KINDS), (chain, kind) => {
    for (const reward of chainReward(chain, { kind })) {
      assert.equal(reward.total, TERM_NAMES.reduce((sum, term) => sum + reward[term], 0));
      assert.ok(reward.total <= 3);
    }
  }));
});
