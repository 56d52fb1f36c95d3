import assert from "node:assert/strict";
import fc from "fast-check";
import { managerCoefficients, selectionProbabilities, selectSkill } from "../../../agents/skills/select_skill.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";

const close = (a: number, b: number, tolerance = 1e-12) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);

Deno.test("selectionProbabilities() is the softmax of the scores over sigma", () => {
  const [a = 0, b = 0] = selectionProbabilities([-1, -3], 2);
  close(a / b, Math.E);
  close(a + b, 1);
  close(selectionProbabilities([-1000, -1001], 1)[0] ?? 0, 1 / (1 + Math.exp(-1)));
});

Deno.test("selectSkill() with the default gate needs the lead that the number of candidates asks for", () => {
  // ln(9 · 0.35 / 0.65) = 1.578 nats over nine equal others; 0.77 over four, 0.48 over three, 0.07 over two.
  for (const [others, lead] of [[9, 1.578], [4, 0.767], [3, 0.480], [2, 0.0741]] as const) {
    const passes = (by: number) => {
      const scores = [by, ...Array<number>(others).fill(0)];
      return !selectSkill(scores, keyedRandom("gate"), { mode: "argmax" }).gated;
    };
    assert.ok(passes(lead + 0.005) && !passes(lead - 0.005), `${others} others`);
  }
  assert.equal(selectSkill([0, 0], keyedRandom("gate"), { mode: "argmax" }).gated, false);
});

Deno.test("selectSkill() behind a closed gate chooses none and never explores", () => {
  const choice = selectSkill([0, 0, 0, 0], keyedRandom("closed"), { epsilon: 1 });
  assert.deepEqual(
    [choice.chosen, choice.gated, choice.explored, choice.behaviourProbability],
    [null, true, false, 1],
  );
});

Deno.test("selectSkill() draws as often as its probabilities and its exploration say", () => {
  const scores = [0, -1, -0.5];
  const draws = 20_000;
  const counts = [0, 0, 0];
  let stated: readonly number[] = [];
  for (let i = 0; i < draws; i++) {
    const choice = selectSkill(scores, keyedRandom("draws", i), { delta: 0, epsilon: 0.3 });
    stated = choice.probabilities;
    const { chosen } = choice;
    assert.ok(chosen !== null);
    counts[chosen] = (counts[chosen] ?? 0) + 1;
    close(choice.behaviourProbability, 0.7 * (choice.probabilities[chosen] ?? 0) + 0.1);
  }
  // Four standard deviations of a share are at most 0.0142.
  counts.forEach((count, k) => close(count / draws, 0.7 * (stated[k] ?? 0) + 0.1, 0.0142));
});

Deno.test("selectSkill() takes the earlier candidate of equal ones, and nobody where there is nobody", () => {
  assert.equal(selectSkill([-1, -1], keyedRandom("tie"), { mode: "argmax" }).chosen, 0);
  assert.deepEqual(selectSkill([], keyedRandom("none")).chosen, null);
});

Deno.test("selectSkill() lets no skill compete where it has a score", () => {
  const choice = selectSkill([-2, -2], keyedRandom("null"), { mode: "argmax", delta: 0, nullScore: -1 });
  assert.equal(choice.chosen, null);
  assert.equal(choice.gated, false);
  close(choice.nullProbability, 1 / (1 + 2 * Math.exp(-1)));
});

Deno.test("selectSkill() refuses scores and options that mean nothing", () => {
  assert.throws(() => selectSkill([0, NaN], keyedRandom("bad")), /score 1 must be finite, got NaN/);
  assert.throws(() => selectSkill([0], keyedRandom("bad"), { sigma: 0 }), /sigma must be above 0, got 0/);
  assert.throws(() => selectSkill([0], keyedRandom("bad"), { epsilon: 2 }), /epsilon must be from 0 to 1, got 2/);
});

Deno.test("managerCoefficients() is the slope of the weighted log-probabilities of the choices", () => {
  const scores = fc.array(fc.double({ min: -4, max: 0, noNaN: true }), { minLength: 2, maxLength: 6 });
  const advantages = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(scores, advantages, fc.double({ min: 0.2, max: 3, noNaN: true }), (scores, advantages, sigma) => {
      const choices = advantages.map((advantage, i) => ({ chosen: i % scores.length, advantage }));
      const objective = (at: readonly number[]) => {
        const p = selectionProbabilities(at, sigma);
        return choices.reduce((sum, { chosen, advantage }) => sum + advantage * Math.log(p[chosen] ?? 0), 0);
      };
      const slopes = managerCoefficients(selectionProbabilities(scores, sigma), choices, sigma);
      const step = 1e-5;
      scores.forEach((_, k) => {
        const moved = (by: number) => objective(scores.map((score, j) => (j === k ? score + by : score)));
        close(slopes[k] ?? 0, (moved(step) - moved(-step)) / (2 * step), 1e-5);
      });
      close(slopes.reduce((sum, slope) => sum + slope, 0), 0, 1e-9);
    }),
  );
});
