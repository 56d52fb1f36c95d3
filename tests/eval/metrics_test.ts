import fc from "fast-check";
import assert from "node:assert/strict";
import {
  EvaluationRowError,
  libraryMetrics,
  type Metric,
  metricCells,
  METRICS,
  metricValue,
  paperMean,
  roundTo,
  runValues,
} from "../../eval/metrics.ts";
import { evaluations, row, scenario } from "./_rows.ts";

const METRIC_NAMES = Object.keys(METRICS) as Metric[];

Deno.test("metricValue() counts solved tasks for TGC and fully solved scenarios for SGC", () => {
  const rows = [...scenario("a", [true, true, true]), ...scenario("b", [true, true, false])];
  assert.equal(metricValue(metricCells(rows, "tgc")), 100 * 5 / 6);
  assert.equal(metricValue(metricCells(rows, "sgc")), 50);
});

Deno.test("metricValue() averages steps and tokens over rollouts", () => {
  const rows = [2, 3, 7].map((steps, index) =>
    row({ scenario: "a", position: index + 1, steps, generatedTokens: 100 * steps })
  );
  assert.equal(metricValue(metricCells(rows, "steps")), 4);
  assert.equal(metricValue(metricCells(rows, "tokens")), 400);
});

Deno.test("metricValue() divides skill use by the rollouts that had a library only", () => {
  const rows = [
    row({ scenario: "a", position: 1 }),
    row({ scenario: "a", position: 2, skillsOffered: 1, usedSkill: true, success: true }),
    row({ scenario: "a", position: 3, skillsOffered: 2 }),
    row({ scenario: "b", position: 1, skillsOffered: 1, usedSkill: true }),
  ];
  assert.equal(metricValue(metricCells(rows, "skillUse")), 2 / 3);
  assert.equal(metricValue(metricCells(rows, "successWhenUsed")), 1 / 2);
});

Deno.test("metricValue() is null where no rollout had a library or nothing was evaluated", () => {
  assert.equal(metricValue(metricCells(scenario("a", [true, true, true]), "skillUse")), null);
  assert.equal(metricValue(metricCells([], "tgc")), null);
});

Deno.test("metricValue() is the mean of the runs' values, not of all rollouts", () => {
  // Run 0 has three tasks, run 1 only one: 2/3 and 1 average to 5/6, the pooled share is 3/4.
  const rows = [...scenario("a", [true, true, false]), row({ scenario: "a", position: 1, evalRun: 1, success: true })];
  assert.deepEqual(runValues(metricCells(rows, "tgc")), [100 * 2 / 3, 100]);
  assert.equal(metricValue(metricCells(rows, "tgc")), (100 * 2 / 3 + 100) / 2);
});

Deno.test("metricCells() leaves a scenario with a missing task out of SGC", () => {
  const rows = [...scenario("a", [true, true]), ...scenario("b", [true, true, true])];
  const cells = metricCells(rows, "sgc");
  assert.deepEqual(cells.runs[0]?.denominator_C, [0, 1]);
  assert.equal(metricValue(cells), 100);
});

Deno.test("metricCells() throws when a rollout is there twice, has a negative count, or a scenario has too many tasks", () => {
  const twice = [row({ scenario: "a", position: 1 }), row({ scenario: "a", position: 1 })];
  assert.throws(() => metricCells(twice, "tgc"), {
    name: "EvaluationRowError",
    message: /a_1 is there twice in seed 1/,
  });
  assert.throws(() => metricCells([row({ scenario: "a", position: 1, steps: -1 })], "tgc"), EvaluationRowError);
  assert.throws(() => metricCells(scenario("a", [true, true, true, true]), "sgc"), /must have 3 tasks in a run, got 4/);
});

Deno.test("metricValue() does not depend on the order of rows", () => {
  fc.assert(
    fc.property(
      evaluations.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
      ([rows, shuffled]) => {
        for (const metric of METRIC_NAMES) assert.deepEqual(metricCells(shuffled, metric), metricCells(rows, metric));
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("SGC is never above TGC", () => {
  fc.assert(
    fc.property(evaluations, (rows) => {
      const sgc = metricValue(metricCells(rows, "sgc")) ?? 0;
      assert.ok(sgc <= (metricValue(metricCells(rows, "tgc")) ?? 0) + 1e-9);
    }),
    { numRuns: 100 },
  );
});

Deno.test("paperMean() decodes the published values of the paper's runs", () => {
  const ofScenarios = (...counts: number[]) => paperMean(counts.map((solved) => 100 * solved / 56));
  // SGC of GRPO, prompt only, SFT, SAGE on 56 scenarios, as the published mean ± spread.
  assert.deepEqual(ofScenarios(25, 29, 33), { runs: [44.6, 51.8, 58.9], mean: 51.8, spread: 5.8 });
  assert.deepEqual(ofScenarios(10, 11, 12), { runs: [17.9, 19.6, 21.4], mean: 19.6, spread: 1.4 });
  assert.deepEqual(ofScenarios(22, 24, 24), { runs: [39.3, 42.9, 42.9], mean: 41.7, spread: 1.7 });
  assert.deepEqual(ofScenarios(33, 34, 35), { runs: [58.9, 60.7, 62.5], mean: 60.7, spread: 1.5 });
});

Deno.test("paperMean() can leave runs unrounded, use ddof 1, and has no spread where it is undefined", () => {
  assert.deepEqual(paperMean([1, 2], { roundRunsTo: null, ddof: 1 }), {
    runs: [1, 2],
    mean: 1.5,
    spread: Math.SQRT1_2,
  });
  assert.deepEqual(paperMean([1], { ddof: 1 }), { runs: [1], mean: 1, spread: null });
  assert.equal(paperMean([]), null);
});

Deno.test("roundTo() rounds halves away from zero in spite of binary fractions", () => {
  assert.deepEqual([roundTo(0.15, 1), roundTo(1.005, 2), roundTo(-0.25, 1), roundTo(-0.01, 1)], [0.2, 1.01, -0.3, 0]);
});

Deno.test("libraryMetrics() counts each function of a run and scenario once and averages over runs", () => {
  const skill = { seed: 1, evalRun: 0, scenario: "a", name: "pay", used: false };
  const rows = [skill, { ...skill, used: true }, { ...skill, scenario: "b" }, { ...skill, evalRun: 1 }];
  assert.deepEqual(libraryMetrics(rows, 2), { librarySize: 1.5, usedSkills: 0.5 });
  assert.deepEqual(libraryMetrics([], 3), { librarySize: 0, usedSkills: 0 });
  assert.throws(() => libraryMetrics(rows, 1), /runCount must be at least 2, got 1/);
});
