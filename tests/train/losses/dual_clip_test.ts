/**
 * The dual clip: where it acts, its slopes against differences, and the graph against the float64 function.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { openDevice } from "../../../agents/model/device.ts";
import { GraphBuilder } from "../../../agents/model/graph.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";
import { gradients } from "../../../train/autodiff/gradients.ts";
import type { TrainExample } from "../../../train/example.ts";
import { lossFeeds } from "../../../train/losses/loss_feeds.ts";
import { addLoss, lossGraphName } from "../../../train/losses/loss_graph.ts";
import { lossSpec } from "../../../train/losses/loss_table.ts";
import { policyLoss } from "../../../train/losses/policy_loss.ts";
import { sequenceLoss } from "../../../train/losses/sequence_loss.ts";

const plain = lossSpec("grpo");
const dual = lossSpec("grpo", { dualClip: 3 });
const token = (ratio: number, advantage: number) => ({
  logprob: Math.log(ratio),
  weight: 1,
  advantage,
  oldLogprob: 0,
});
const close = (a: number, b: number, tolerance = 1e-12) => Math.abs(a - b) <= tolerance * (1 + Math.abs(b));

Deno.test("sequenceLoss() caps a token at c A where the ratio is large and the advantage negative, and nowhere else", () => {
  // s, A -> loss without and with c = 3, slope with it.
  const cases: [number, number, number, number, number][] = [
    [5, -2, 10, 6, 0], // -s A = 10 is more than -c A = 6
    [2.9, -2, 5.8, 5.8, 5.8],
    [0.5, -2, 1.6, 1.6, 0], // the usual clip, at 0.8
    [5, 2, -2.4, -2.4, 0],
    [1, 2, -2, -2, -2],
    [5, 0, 0, 0, 0],
  ];
  for (const [ratio, advantage, without, capped, slope] of cases) {
    const [before] = sequenceLoss(plain, [token(ratio, advantage)]);
    const [after] = sequenceLoss(dual, [token(ratio, advantage)]);
    const what = `s = ${ratio}, A = ${advantage}`;
    assert.ok(close(before!.loss, without) && close(after!.loss, capped) && close(after!.slope, slope), what);
    assert.equal(after!.clipped, advantage !== 0 && slope === 0, what);
  }
});

Deno.test("sequenceLoss() with a dual clip has the slope of its loss away from the bounds, for ratios of tokens and of sequences", () => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const bounds = [0.8, 1.2, 3].map(Math.log);
  for (const name of ["grpo", "gspo"] as const) {
    const spec = lossSpec(name, { clipLow: 0.2, clipHigh: 0.2, dualClip: 3 });
    fc.assert(fc.property(number(-1, 2), number(-1, 2), number(-3, 3), (first, second, advantage) => {
      const ratios = name === "gspo" ? [(first + second) / 2] : [first, second];
      fc.pre(ratios.every((ratio) => bounds.every((bound) => Math.abs(bound - ratio) > 1e-3)));
      const terms = (x: number) =>
        sequenceLoss(spec, [x, second].map((logprob) => ({ logprob, weight: 0.5, advantage, oldLogprob: 0 })));
      const loss = (x: number) => terms(x).reduce((sum, term) => sum + term.loss, 0);
      const difference = (loss(first + 1e-5) - loss(first - 1e-5)) / 2e-5;
      assert.ok(close(terms(first)[0]!.slope, difference, 1e-5), name);
    }));
  }
});

for (const name of ["dapo", "gspo"] as const) {
  Deno.test(`addLoss() and its gradient agree with policyLoss() when ${name} has a dual clip`, async () => {
    const spec = { ...lossSpec(name, { clipLow: 0.2, clipHigh: 0.28, dualClip: 1.5 }), denominator: 12 };
    assert.notEqual(lossGraphName(spec), lossGraphName(lossSpec(name)));
    const random = keyedRandom("dual-clip-test");
    const rows = [0, 1, 2, 3, 4, 5].map((b) => ({
      group: b,
      spans: [[0, 2]] as const,
      advantage: b % 2 === 0 ? -1 - random.uniform() : random.normal(),
      logprobs: [0, 0].map(() => -random.uniform()),
      oldLogprobs: [0, 0].map(() => -1 - random.uniform()),
    }));
    const expected = policyLoss(rows, spec, "token");
    assert.notEqual(expected.loss, policyLoss(rows, lossSpec(name, { clipLow: 0.2, clipHigh: 0.28 }), "token").loss);
    const device = await openDevice("cpu");
    const graph = new GraphBuilder("loss");
    const logprobs = graph.input("logprobs", "float32", ["M"]);
    const loss = addLoss(graph, spec, logprobs);
    graph.output("loss", loss);
    for (const grad of gradients(graph, loss, [logprobs])) graph.output("grad", grad);
    const session = await device.session(graph.serialize());
    const sequences = rows.map((row) => ({
      wanted: [0, 1],
      example: {
        ids: [1, 1],
        weights: [1, 1],
        advantages: [row.advantage, row.advantage],
        oldLogprobs: row.oldLogprobs,
      } satisfies TrainExample,
    }));
    const { inverse_temperature: _, ...feeds } = lossFeeds(device, spec, sequences);
    const flat = Float32Array.from(rows.flatMap((row) => row.logprobs));
    const results = await session.run({ ...feeds, logprobs: device.float(flat, [12]) });
    assert.ok(close(Number(results["loss"]!.data[0]), expected.loss, 1e-5));
    expected.gradLogprobs.flat().forEach((slope, i) =>
      assert.ok(close(Number(results["grad"]!.data[i]), slope, 1e-5), `slope ${i}`)
    );
    await session.release();
  });
}
