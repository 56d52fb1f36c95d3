/**
 * What must hold for every named loss: no result may depend on micro-batches, padding, order or the values of masked tokens.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { batchAdvantages } from "../../../train/group_advantage.ts";
import { batchWeights, type Normalisation, NORMALISATIONS } from "../../../train/losses/batch_weights.ts";
import {
  LOSS_NAMES,
  LOSSES,
  type LossName,
  lossSpec,
  namedLoss,
  type RewardedRow,
} from "../../../train/losses/loss_table.ts";
import { countRows, policyLoss } from "../../../train/losses/policy_loss.ts";
import { tokenLogprobs } from "../../../train/losses/temperature_softmax.ts";

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** A row of up to seven tokens whose loss tokens are two spans, either of which may be empty. */
const row = fc.integer({ min: 1, max: 7 }).chain((tokens) =>
  fc.record({
    group: fc.integer({ min: 0, max: 2 }),
    reward: fc.constantFrom(-1, 0, 0.5, 1, 2),
    logprobs: fc.array(number(-4, -0.01), { minLength: tokens, maxLength: tokens }),
    shifts: fc.array(number(-0.5, 0.5), { minLength: 2 * tokens, maxLength: 2 * tokens }),
    cuts: fc.array(fc.integer({ min: 0, max: tokens }), { minLength: 4, maxLength: 4 }),
  }).map(({ group, reward, logprobs, shifts, cuts }): RewardedRow => {
    const [a, b, c, d] = cuts.toSorted((x, y) => x - y) as [number, number, number, number];
    return {
      group,
      reward,
      logprobs,
      oldLogprobs: logprobs.map((value, t) => value + shifts[t]!),
      referenceLogprobs: logprobs.map((value, t) => value + shifts[tokens + t]!),
      spans: [[a, b], [c, d]],
    };
  })
);
const filled = (rows: readonly RewardedRow[]) => countRows(rows).some(({ tokens }) => tokens > 0);
const batch = fc.array(row, { minLength: 1, maxLength: 7 }).filter(filled);
const options = fc.record({
  normalisation: fc.constantFrom<Normalisation>(...NORMALISATIONS),
  constantTokens: fc.constant(8),
  kl: fc.record({ estimator: fc.constantFrom("k1" as const, "k2" as const, "k3" as const), coefficient: number(0, 1) }),
});
const name = fc.constantFrom<LossName>(...LOSS_NAMES);

function assertNear(found: readonly number[], expected: readonly number[], tolerance = 1e-12): void {
  assert.equal(found.length, expected.length);
  for (const [i, value] of found.entries()) {
    assert.ok(Math.abs(value - expected[i]!) <= tolerance * (1 + Math.abs(expected[i]!)), `${value} != ${expected[i]}`);
  }
}

Deno.test("policyLoss() gives the same gradient and numerator however the batch is split into micro-batches", () => {
  fc.assert(
    fc.property(
      name,
      batch,
      options,
      fc.array(fc.nat(3), { minLength: 7, maxLength: 7 }),
      (loss, rows, parts, places) => {
        const whole = namedLoss(loss, rows, parts);
        const advantages = batchAdvantages(
          LOSSES[loss].advantage,
          rows.map(({ group }) => group),
          rows.map(({ reward }) => reward),
        );
        const weights = batchWeights(countRows(rows), parts.normalisation, parts);
        const gradient: number[][] = [];
        let numerator = 0;
        for (const indices of Map.groupBy(rows.keys(), (b) => places[b]!).values()) {
          const part = policyLoss(
            indices.map((b) => ({ ...rows[b]!, advantage: advantages[b]! })),
            lossSpec(loss, parts),
            parts.normalisation,
            { weights: { ...weights, weights_B: indices.map((b) => weights.weights_B[b]!) } },
          );
          numerator += part.numerator;
          indices.forEach((b, i) => gradient[b] = part.gradLogprobs[i]!);
        }
        assert.deepEqual(gradient, whole.gradLogprobs);
        assertNear([numerator, numerator / weights.denominator], [whole.numerator, whole.loss]);
      },
    ),
  );
});

Deno.test("namedLoss() does not read what padding and masked tokens hold", () => {
  const hostile = fc.constantFrom(NaN, Infinity, -Infinity, 0, 1e308);
  fc.assert(fc.property(name, batch, options, fc.nat(3), hostile, (loss, rows, parts, padding, poison) => {
    const clean = namedLoss(loss, rows, parts);
    const poisoned = rows.map((row): RewardedRow => {
      const inside = (t: number) => row.spans.some(([start, end]) => t >= start && t < end);
      const fill = (list: readonly number[]) => [
        ...list.map((value, t) => (inside(t) ? value : poison)),
        ...Array<number>(padding).fill(poison),
      ];
      return {
        ...row,
        logprobs: fill(row.logprobs),
        oldLogprobs: fill(row.oldLogprobs!),
        referenceLogprobs: fill(row.referenceLogprobs!),
      };
    });
    const { gradLogprobs, ...figures } = namedLoss(loss, poisoned, parts);
    const { gradLogprobs: expected, ...expectedFigures } = clean;
    assert.deepEqual(figures, expectedFigures);
    assert.deepEqual(gradLogprobs, expected.map((slopes) => [...slopes, ...Array<number>(padding).fill(0)]));
  }));
});

Deno.test("namedLoss() does not depend on the order of rows, nor on the names of groups", () => {
  fc.assert(fc.property(name, batch, options, (loss, rows, parts) => {
    const forward = namedLoss(loss, rows, parts);
    const backward = namedLoss(loss, rows.map((row) => ({ ...row, group: `q${row.group}` })).reverse(), parts);
    assertNear([backward.loss, backward.denominator], [forward.loss, forward.denominator], 1e-11);
    assertNear(backward.gradLogprobs.reverse().flat(), forward.gradLogprobs.flat(), 1e-11);
  }));
});

Deno.test("namedLoss() trains the last token of a row when the padding id is its end-of-turn id", () => {
  const [end, logits_V] = [2, [0.3, -0.2, 1]];
  const rowOf = (ids: readonly number[], padding: number): RewardedRow => {
    const padded = [...ids, ...Array<number>(padding).fill(end)];
    const logprobs = tokenLogprobs(padded.map(() => logits_V), padded, 1);
    return { group: 0, reward: ids.length, logprobs, referenceLogprobs: logprobs, spans: [[1, ids.length]] };
  };
  for (const loss of LOSS_NAMES) {
    const parts = { constantTokens: 8 };
    const tight = namedLoss(loss, [rowOf([0, 1, end], 0), rowOf([0, end], 0)], parts);
    const padded = namedLoss(loss, [rowOf([0, 1, end], 2), rowOf([0, end], 3)], parts);
    assert.deepEqual([padded.loss, padded.denominator, padded.tokens], [tight.loss, tight.denominator, 3], loss);
    assert.ok(padded.gradLogprobs[0]![2] !== 0 && padded.gradLogprobs[1]![1] !== 0, `${loss}: no gradient at the end`);
    assert.deepEqual(padded.gradLogprobs[1]!.slice(2), [0, 0, 0]);
  }
});

Deno.test("namedLoss() is exactly zero when all rewards of each group are equal and the loss has a baseline", () => {
  const baselined = LOSS_NAMES.filter((loss) => !["one", "reward"].includes(LOSSES[loss].advantage));
  assert.equal(baselined.length, 6);
  fc.assert(fc.property(fc.constantFrom(...baselined), batch, number(-3, 3), (loss, rows, base) => {
    const equal = rows.map((row) => ({ ...row, reward: base + 0.1 * Number(row.group) }));
    const { loss: value, gradLogprobs } = namedLoss(loss, equal, { constantTokens: 8 });
    assert.ok(Math.abs(value) === 0 && gradLogprobs.flat().every((slope) => Math.abs(slope) === 0));
  }));
});

Deno.test("namedLoss() has the gradient of policy gradient for every clipped loss when the ratio is 1", () => {
  fc.assert(fc.property(batch, options, (rows, { normalisation, constantTokens }) => {
    const onPolicy = rows.map(({ oldLogprobs: _, ...row }) => row);
    const parts = { normalisation, constantTokens, advantage: "mean" as const };
    const plain = namedLoss("reinforce", onPolicy, parts);
    for (const loss of ["grpo", "dr-grpo", "dapo", "gspo", "cispo"] as const) {
      const found = namedLoss(loss, onPolicy, parts);
      assertNear(found.gradLogprobs.flat(), plain.gradLogprobs.flat(), 1e-12);
      assert.deepEqual([found.maxRatioError, found.clipShare, found.klK1 + 0, found.klK2, found.klK3], [0, 0, 0, 0, 0]);
      assertNear([found.ess], [found.tokens]);
    }
  }));
});

Deno.test("namedLoss() has the slope of its loss by finite differences, the factor of cispo held constant", () => {
  fc.assert(fc.property(name, batch, options, fc.nat(6), fc.nat(6), (loss, rows, parts, b, t) => {
    const chosen = rows[b % rows.length]!;
    const place = t % chosen.logprobs.length;
    const moved = (by: number) =>
      rows.map((
        row,
      ) => (row === chosen ? { ...row, logprobs: row.logprobs.with(place, row.logprobs[place]! + by) } : row));
    // Bounds wide enough that no ratio is at one of them; clipping itself is what the golden vectors are for.
    const wide = { ...parts, clipLow: 1, clipHigh: 100 };
    const { gradLogprobs } = namedLoss(loss, rows, wide);
    let slope = (namedLoss(loss, moved(1e-5), wide).loss - namedLoss(loss, moved(-1e-5), wide).loss) / 2e-5;
    if (loss === "cispo") {
      // d(s A log p) = s A + s A log p, of which only the first part is the gradient.
      const free = namedLoss(loss, rows, { ...wide, kl: { estimator: "k1", coefficient: 0 } }).gradLogprobs;
      slope -= free[rows.indexOf(chosen)]![place]! * chosen.logprobs[place]!;
    }
    const found = gradLogprobs[rows.indexOf(chosen)]![place]!;
    assert.ok(Math.abs(found - slope) < 1e-6 * (1 + Math.abs(slope)), `${found} by hand, ${slope} by differences`);
  }));
});
