import assert from "node:assert/strict";
import { LOSS_NAMES, lossFormulas, lossParts, lossSpec, namedLoss } from "../../../train/losses/loss_table.ts";
import { lossGraphName } from "../../../train/losses/loss_graph.ts";
import { policyLoss, spanPlaces } from "../../../train/losses/policy_loss.ts";

Deno.test("lossFormulas() lists every loss with a formula and a source", () => {
  const listed = lossFormulas();
  assert.deepEqual(listed.map(({ name }) => name), [...LOSS_NAMES]);
  for (const { name, title, formula, source } of listed) {
    assert.ok(title !== "" && formula.startsWith("L = ") && source !== "", name);
  }
});

Deno.test("namedLoss() is what its formula says by hand for two rows of a group", () => {
  // A = +-0.5 before division, s = 1.5 and 1 on the rows' single tokens.
  const rows = [
    { group: 0, reward: 1, spans: [[0, 1]], logprobs: [Math.log(0.6)], oldLogprobs: [Math.log(0.4)] },
    { group: 0, reward: 0, spans: [[0, 1]], logprobs: [Math.log(0.5)], oldLogprobs: [Math.log(0.5)] },
  ] as const;
  const std = 0.5 + 1e-4;
  const [a, log6, log5] = [0.5 / std, Math.log(0.6), Math.log(0.5)];
  const expected = {
    sft: -(log6 + log5) / 2,
    reinforce: -log6 / 2,
    rloo: -(log6 - log5) / 2,
    grpo: -(1.2 * a - a) / 2,
    "dr-grpo": -(1.2 * 0.5 - 0.5) / 2 / 10,
    dapo: -(1.28 * a - a) / 2,
    gspo: -(1.0004 * a - a) / 2,
    cispo: -(1.5 * a * log6 - a * log5) / 2,
  };
  for (const name of LOSS_NAMES) {
    const { loss } = namedLoss(name, rows, name === "dr-grpo" ? { constantTokens: 10 } : {});
    assert.ok(Math.abs(loss - expected[name]) < 1e-12, `${name}: ${loss}, by hand ${expected[name]}`);
  }
});

Deno.test("namedLoss() asks for the constant that dr-grpo divides by", () => {
  const rows = [{ group: 0, reward: 1, spans: [[0, 1]], logprobs: [-1] }] as const;
  assert.throws(() => namedLoss("dr-grpo", rows), /needs constantTokens/);
  assert.equal(lossParts("rloo").constantTokens, 1);
});

Deno.test("lossGraphName() is shared by losses with the same nodes and by no others", () => {
  assert.equal(lossGraphName(lossSpec("grpo")), lossGraphName(lossSpec("dapo", { temperature: 0.5 })));
  assert.equal(lossGraphName(lossSpec("sft")), lossGraphName(lossSpec("rloo")));
  const kl = { estimator: "k3", coefficient: 0.1 } as const;
  const names = [lossSpec("sft"), lossSpec("grpo"), lossSpec("gspo"), lossSpec("cispo"), lossSpec("grpo", { kl })]
    .map(lossGraphName);
  assert.equal(new Set([...names, "nll", "clip"]).size, 7);
});

Deno.test("policyLoss() names the row, the token and the list when a value is missing or not finite", () => {
  const row = { group: 0, spans: [[1, 3]], logprobs: [0, -1, -2], oldLogprobs: [0, -1, NaN], advantage: 1 } as const;
  assert.throws(
    () => policyLoss([row], lossSpec("grpo"), "token"),
    /oldLogprobs of row 0 must be finite at token 2, got NaN/,
  );
  const kl = { estimator: "k1", coefficient: 1 } as const;
  const plain = { group: 0, spans: [[1, 3]], logprobs: [0, -1, -2], advantage: 1 } as const;
  assert.throws(
    () => policyLoss([plain], lossSpec("grpo", { kl }), "token"),
    /referenceLogprobs of row 0 must be finite/,
  );
  assert.throws(
    () => policyLoss([{ ...plain, spans: [[1, 9]] }], lossSpec("grpo"), "token"),
    /logprobs of row 0.*token 3/,
  );
});

Deno.test("spanPlaces() lists places in order and refuses spans that overlap or run backwards", () => {
  assert.deepEqual(spanPlaces([[1, 3], [3, 4], [6, 6]]), [1, 2, 3]);
  for (const spans of [[[2, 1]], [[0, 3], [2, 4]], [[-1, 2]], [[0.5, 2]]] as const) {
    assert.throws(() => spanPlaces(spans), /spans must be ranges of integers in order/);
  }
});
