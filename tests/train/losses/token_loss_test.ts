/**
 * Reference losses: hand-made values, slopes, and agreement of the graph form.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { openDevice } from "../../../agents/model/device.ts";
import { GraphBuilder } from "../../../agents/model/graph.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";
import { gradients } from "../../../train/autodiff/gradients.ts";
import { addLoss } from "../../../train/losses/loss_graph.ts";
import { addToken, emptyLossSums, type LossSums, type LossToken, tokenLoss } from "../../../train/losses/token_loss.ts";

const CLIP = { kind: "clip", clipLow: 0.2, clipHigh: 0.3, temperature: 1 } as const;
const token = (ratio: number, advantage: number, weight = 1) => {
  return { logprob: Math.log(ratio), weight, advantage, oldLogprob: 0 };
};
const put = (sums: LossSums, one: LossToken) => addToken(sums, CLIP, one, tokenLoss(CLIP, one));
const close = (a: number, b: number) => Math.abs(a - b) < 1e-12;

Deno.test("tokenLoss() is -w log p with slope -w when the kind is nll", () => {
  const term = tokenLoss({ kind: "nll" }, { logprob: -2, weight: 0.5, advantage: NaN, oldLogprob: NaN });
  assert.deepEqual(term, { loss: 1, slope: -0.5, clipped: false, ratio: 1 });
});

Deno.test("tokenLoss() clips on the side that would gain more when the kind is clip", () => {
  // s, A -> loss, slope = d loss / d log p = -s A where not clipped.
  const cases: [number, number, number, number][] = [
    [1, 2, -2, -2],
    [1.5, 2, -2.6, 0], // clipped to 1.3
    [1.5, -2, 3, 3], // a larger loss is never clipped away
    [0.5, 2, -1, -1],
    [0.5, -2, 1.6, 0], // clipped to 0.8
  ];
  for (const [ratio, advantage, loss, slope] of cases) {
    const term = tokenLoss(CLIP, token(ratio, advantage));
    assert.ok(close(term.loss, loss) && close(term.slope, slope), `s = ${ratio}, A = ${advantage}`);
    assert.equal(term.clipped, slope === 0);
  }
});

Deno.test("tokenLoss() has the slope of its loss away from the bounds", () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  fc.assert(fc.property(number(-1, 1), number(-3, 3), number(0, 2), (logprob, advantage, weight) => {
    const bounds = [Math.log(0.8), Math.log(1.3)];
    fc.pre(bounds.every((bound) => Math.abs(bound - logprob) > 1e-3));
    const at = (x: number) => tokenLoss(CLIP, { logprob: x, weight, advantage, oldLogprob: 0 });
    const difference = (at(logprob + 1e-5).loss - at(logprob - 1e-5).loss) / 2e-5;
    assert.ok(Math.abs(difference - at(logprob).slope) < 1e-6);
  }));
});

Deno.test("addToken() gathers zeros for ratio numbers when policy and sampler agree, and k3 is never negative", () => {
  const sums = emptyLossSums();
  for (const advantage of [1, -1, 0]) put(sums, token(1, advantage, 0.5));
  assert.deepEqual(sums, { ...emptyLossSums(), weight: 1.5, tokens: 3, ratio: 3, squaredRatio: 3 });
  fc.assert(fc.property(fc.double({ min: 0.1, max: 10, noNaN: true }), (ratio) => {
    const one = emptyLossSums();
    put(one, token(ratio, 1));
    assert.ok(one.k3 >= -1e-15);
    assert.ok(close(one.k1, -Math.log(ratio)));
  }));
});

for (const kind of ["nll", "clip"] as const) {
  Deno.test(`addLoss() and its gradient agree with tokenLoss() when the kind is ${kind}`, async () => {
    const spec = kind === "nll" ? { kind } : CLIP;
    const graph = new GraphBuilder("loss");
    const logprobs = graph.input("logprobs", "float32", ["M"]);
    const loss = addLoss(graph, { kind }, logprobs);
    graph.output("loss", loss);
    for (const grad of gradients(graph, loss, [logprobs])) graph.output("grad", grad);
    const random = keyedRandom("loss-test");
    const tokens = Array.from({ length: 50 }, () => ({
      logprob: -3 * random.uniform(),
      weight: random.uniform() - 0.3,
      advantage: random.normal(),
      oldLogprob: -3 * random.uniform(),
    })).map((one, i) => (i % 3 === 0 ? { ...one, oldLogprob: one.logprob } : one));
    const device = await openDevice("cpu");
    const session = await device.session(graph.serialize());
    const vector = (f: (one: typeof tokens[number]) => number) => device.float(Float32Array.from(tokens, f), [50]);
    const results = await session.run({
      logprobs: vector((one) => one.logprob),
      weights: vector((one) => one.weight),
      ...(kind === "nll" ? {} : {
        advantages: vector((one) => one.advantage),
        old_logprobs: vector((one) => one.oldLogprob),
        lowest: device.float(Float32Array.of(1 - CLIP.clipLow), []),
        highest: device.float(Float32Array.of(1 + CLIP.clipHigh), []),
      }),
    });
    const terms = tokens.map((one) => tokenLoss(spec, one));
    const total = terms.reduce((sum, { loss }) => sum + loss, 0);
    assert.ok(Math.abs(Number(results["loss"]!.data[0]) - total) < 1e-5 * (1 + Math.abs(total)));
    for (const [i, { slope }] of terms.entries()) {
      assert.ok(
        Math.abs(Number(results["grad"]!.data[i]) - slope) < 1e-5 * (1 + Math.abs(slope)),
        `slope of token ${i}`,
      );
    }
    await session.release();
  });
}
