import fc from "fast-check";
import assert from "node:assert/strict";
import { keyedRandom } from "../../data/keyed_random.ts";
import { clusterEstimate, drawResamples, pairedDifference } from "../../eval/bootstrap.ts";
import { type EvaluationRow, type Metric, type MetricCells, metricCells } from "../../eval/metrics.ts";
import { quantile } from "../../eval/statistics/interval.ts";
import { signFlipTest } from "../../eval/statistics/sign_flip.ts";
import { evaluations, row, scenario } from "./_rows.ts";

/** Cells of one run with one number per scenario. */
function cellsOf(
  numerator_C: readonly number[],
  denominator_C: readonly number[] = numerator_C.map(() => 1),
): MetricCells {
  const scenarios_C = numerator_C.map((_, index) => String(index).padStart(3, "0"));
  return { scenarios_C, runs: [{ seed: 1, evalRun: 0, numerator_C, denominator_C }], scale: 1 };
}

/** Resampled rows, spelled out: the drawn scenarios' rows are copied under new names and the metric is recomputed from them. */
function spelledOutInterval(arms: readonly (readonly EvaluationRow[])[], metric: Metric, resamples: number) {
  const scenarios = [...new Set(arms.flat().map((entry) => entry.scenario))].sort();
  const values: number[] = [];
  for (const weights_C of drawResamples(scenarios.length, { resamples }).weights_B_C) {
    const [left, right] = arms.map((rows) => {
      const copies = scenarios.flatMap((name, c) =>
        Array.from({ length: weights_C[c] ?? 0 }, (_, copy) =>
          rows.filter((entry) => entry.scenario === name)
            .map((entry) => ({ ...entry, scenario: `${name}#${copy}`, taskId: `${entry.taskId}#${copy}` }))).flat()
      );
      return naiveValue(copies, metric);
    });
    if (left !== undefined) values.push(right === undefined ? left : left - right);
  }
  values.sort((a, b) => a - b);
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

/** TGC, SGC or steps straight from their definitions. */
function naiveValue(rows: readonly EvaluationRow[], metric: Metric): number {
  const perRun = [...Map.groupBy(rows, (entry) => `${entry.seed}/${entry.evalRun}`).values()].map((run) => {
    if (metric === "tgc") return 100 * run.filter((entry) => entry.success).length / run.length;
    if (metric === "steps") return run.reduce((sum, entry) => sum + entry.steps, 0) / run.length;
    const groups = [...Map.groupBy(run, (entry) => entry.scenario).values()];
    return 100 * groups.filter((group) => group.every((entry) => entry.success)).length / groups.length;
  });
  return perRun.reduce((sum, value) => sum + value, 0) / perRun.length;
}

function close(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

Deno.test("quantile() interpolates between order statistics", () => {
  assert.equal(quantile([1, 2, 4], 0.5), 2);
  assert.equal(quantile([1, 2, 4], 0.75), 3);
  assert.equal(quantile([5], 0.9), 5);
  assert.throws(() => quantile([], 0.5), RangeError);
});

Deno.test("drawResamples() draws C scenarios in each resample, the same ones for the same seed", () => {
  const { weights_B_C } = drawResamples(7, { resamples: 50, seed: 3 });
  assert.equal(weights_B_C.length, 50);
  for (const weights_C of weights_B_C) assert.equal(weights_C.reduce((sum, weight) => sum + weight, 0), 7);
  assert.deepEqual(drawResamples(7, { resamples: 50, seed: 3 }).weights_B_C, weights_B_C);
  assert.notDeepEqual(drawResamples(7, { resamples: 50, seed: 4 }).weights_B_C, weights_B_C);
  assert.throws(() => drawResamples(0), /clusters must be a positive integer, got 0/);
});

Deno.test("clusterEstimate() and pairedDifference() equal a bootstrap over copied rows", () => {
  const rows = (offset: number) =>
    ["a", "b", "c", "d", "e"].flatMap((name, s) =>
      [0, 1].flatMap((evalRun) =>
        scenario(name, [0, 1, 2].map((t) => (s * 5 + t * 3 + evalRun + offset) % 4 !== 0), {
          evalRun,
          steps: 2 + (s + offset) % 4,
        })
      )
    );
  for (const metric of ["tgc", "sgc", "steps"] as const) {
    const [left, right] = [rows(0), rows(1)];
    const estimate = clusterEstimate(metricCells(left, metric), { resamples: 300 });
    const single = spelledOutInterval([left], metric, 300);
    close(estimate.value ?? undefined, naiveValue(left, metric));
    close(estimate.interval?.low, single.low);
    close(estimate.interval?.high, single.high);
    const difference = pairedDifference(metricCells(left, metric), metricCells(right, metric), { resamples: 300 });
    const paired = spelledOutInterval([left, right], metric, 300);
    close(difference.value ?? undefined, naiveValue(left, metric) - naiveValue(right, metric));
    close(difference.interval?.low, paired.low);
    close(difference.interval?.high, paired.high);
  }
});

Deno.test("clusterEstimate() covers the true mean about as often as it says", () => {
  const DATASETS = 400;
  const truths = { normal: 0, bernoulli: 0.6 };
  for (const [kind, truth] of Object.entries(truths)) {
    let covered = 0;
    for (let dataset = 0; dataset < DATASETS; dataset++) {
      const random = keyedRandom("coverage", kind, dataset);
      const values_C = Array.from(
        { length: 40 },
        () => (kind === "normal" ? random.normal() : random.uniform() < truth ? 1 : 0),
      );
      const { interval } = clusterEstimate(cellsOf(values_C), { resamples: 400 });
      if (interval !== null && interval.low <= truth && truth <= interval.high) covered++;
    }
    // Percentile intervals of 40 scenarios cover a little less than 95 %; the sampling error of the share is 1.2 points.
    assert.ok(covered / DATASETS > 0.90 && covered / DATASETS < 0.985, `${kind}: ${covered / DATASETS}`);
  }
});

Deno.test("clusterEstimate() is as wide as scenarios differ, whatever number of siblings agree", () => {
  const alternating = cellsOf(Array.from({ length: 50 }, (_, c) => c % 2));
  const tripled = cellsOf(Array.from({ length: 50 }, (_, c) => 3 * (c % 2)), Array.from({ length: 50 }, () => 3));
  assert.deepEqual(clusterEstimate(tripled).interval, clusterEstimate(alternating).interval);
  const { interval } = clusterEstimate(alternating);
  // Normal approximation: 0.5 ± 1.96 × 0.5 / sqrt(50) = 0.36 .. 0.64.
  assert.ok(interval !== null && Math.abs(interval.low - 0.36) < 0.03 && Math.abs(interval.high - 0.64) < 0.03);
});

Deno.test("clusterEstimate() has no interval with one scenario and no value without rows", () => {
  assert.deepEqual(clusterEstimate(cellsOf([1])), { value: 1, interval: null, scenarios: 1, runs: 1 });
  assert.deepEqual(clusterEstimate(metricCells([], "tgc")), { value: null, interval: null, scenarios: 0, runs: 0 });
});

Deno.test("pairedDifference() is unchanged when both arms shift by the same amount", () => {
  const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(values, values, fc.integer({ min: -50, max: 50 }), (left, right, shift) => {
      const plain = pairedDifference(cellsOf(left), cellsOf(right), { resamples: 100 });
      const move = (list: readonly number[]) => cellsOf(list.map((value) => value + shift));
      const shifted = pairedDifference(move(left), move(right), { resamples: 100 });
      close(shifted.value ?? undefined, plain.value ?? NaN);
      close(shifted.interval?.low, plain.interval?.low ?? NaN);
      close(shifted.interval?.high, plain.interval?.high ?? NaN);
      assert.equal(shifted.p, plain.p);
    }),
    { numRuns: 40 },
  );
});

Deno.test("pairedDifference() of swapped arms is mirrored, and of an arm with itself is zero", () => {
  fc.assert(
    fc.property(evaluations, fc.constantFrom<Metric>("tgc", "sgc", "steps", "skillUse"), (rows, metric) => {
      const cells = metricCells(rows, metric);
      const flipped = metricCells(
        rows.map((entry) => ({ ...entry, success: !entry.success, steps: 10 - entry.steps })),
        metric,
      );
      const forth = pairedDifference(cells, flipped, { resamples: 50 });
      const back = pairedDifference(flipped, cells, { resamples: 50 });
      if (forth.value !== null) close(back.value ?? undefined, -forth.value);
      if (forth.interval !== null) close(back.interval?.low, -forth.interval.high);
      assert.equal(back.p, forth.p);
      const self = pairedDifference(cells, cells, { resamples: 50 });
      if (self.value !== null) {
        assert.deepEqual([self.value, self.interval, self.p, self.resolved], [0, { low: 0, high: 0 }, 1, false]);
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("pairedDifference() does not depend on the order of rows", () => {
  fc.assert(
    fc.property(evaluations, fc.nat(), (rows, seed) => {
      const other = rows.map((entry, index) => ({ ...entry, success: (index * 7 + seed) % 3 === 0 }));
      const mixed = keyedRandom("order", seed);
      const a = pairedDifference(metricCells(rows, "tgc"), metricCells(other, "tgc"), { resamples: 40 });
      const b = pairedDifference(metricCells(mixed.shuffle(rows), "tgc"), metricCells(mixed.shuffle(other), "tgc"), {
        resamples: 40,
      });
      assert.deepEqual(a, b);
    }),
    { numRuns: 40 },
  );
});

Deno.test("pairedDifference() is narrower than unpaired arms when scenarios differ more than arms do", () => {
  const left = Array.from({ length: 30 }, (_, c) => c);
  const right = left.map((value, c) => value - 1 - (c % 2));
  const paired = pairedDifference(cellsOf(left), cellsOf(right));
  const alone = clusterEstimate(cellsOf(left));
  assert.equal(paired.value, 1.5);
  assert.ok(paired.resolved && paired.p !== null && paired.p < 0.001);
  const width = (
    interval: { low: number; high: number } | null,
  ) => (interval === null ? NaN : interval.high - interval.low);
  assert.ok(width(paired.interval) < width(alone.interval) / 10);
});

Deno.test("pairedDifference() uses the scenarios that both arms have and counts the others", () => {
  const left = [...scenario("a", [true, true, true]), ...scenario("b", [true, false, false])];
  const right = [...scenario("b", [false, false, false]), ...scenario("c", [true, true, true])];
  const difference = pairedDifference(metricCells(left, "tgc"), metricCells(right, "tgc"));
  assert.equal(difference.scenarios, 1);
  assert.equal(difference.unpaired, 2);
  close(difference.value ?? undefined, 100 / 3);
  assert.equal(difference.resolved, false);
});

Deno.test("pairedDifference() is undefined where one arm has no library", () => {
  const left = [
    row({ scenario: "a", position: 2, skillsOffered: 1, usedSkill: true }),
    row({ scenario: "b", position: 2 }),
  ];
  const right = [row({ scenario: "a", position: 2 }), row({ scenario: "b", position: 2 })];
  const difference = pairedDifference(metricCells(left, "skillUse"), metricCells(right, "skillUse"));
  assert.deepEqual([difference.value, difference.interval, difference.p, difference.resolved], [
    null,
    null,
    null,
    false,
  ]);
});

Deno.test("signFlipTest() enumerates all sign vectors of few scenarios", () => {
  // |±1 ±2 ±3| >= 4: +1+0.. by hand: sums are ±6, ±4, ±2, 0 (twice each for ±.. ); |sum| >= 4 in 4 of 8 vectors.
  assert.deepEqual(signFlipTest([-1, 2, 3]), { p: 4 / 8, exact: true });
  assert.deepEqual(signFlipTest([1, 2, 3]), { p: 2 / 8, exact: true });
  // Zeros change no sum, ties count as reached, binary dust is no difference.
  assert.deepEqual(signFlipTest([0, 1, 0, 1]), { p: 2 / 4, exact: true });
  assert.deepEqual(signFlipTest([0.1 + 0.2, -0.3]), { p: 1, exact: true });
  assert.deepEqual(signFlipTest([]), { p: 1, exact: true });
});

Deno.test("signFlipTest() draws keyed sign vectors of many scenarios and comes near the exact answer", () => {
  const scores_C = [3, -1, 2, 2, -2, 1, 1, 4, -1, 2, 1, -3, 2, 1, 1, 2];
  const { p, exact } = signFlipTest(scores_C, { exactUpTo: 14 });
  assert.equal(exact, false);
  assert.deepEqual(signFlipTest(scores_C, { exactUpTo: 14 }), { p, exact });
  const observed = Math.abs(scores_C.reduce((sum, score) => sum + score, 0));
  let reached = 0;
  for (let vector = 0; vector < 2 ** 16; vector++) {
    const sum = scores_C.reduce((total, score, c) => total + ((vector >> c) & 1 ? -score : score), 0);
    if (Math.abs(sum) >= observed) reached++;
  }
  assert.ok(Math.abs(p - reached / 2 ** 16) < 0.012, `${p} against ${reached / 2 ** 16}`);
});

Deno.test("signFlipTest() gives small p-values as often as it should under the null", () => {
  let small = 0;
  for (let dataset = 0; dataset < 1000; dataset++) {
    const random = keyedRandom("null", dataset);
    if (signFlipTest(Array.from({ length: 8 }, () => random.normal())).p <= 0.1) small++;
  }
  // 25 of 256 vectors are at most 0.1; an even number of them by symmetry: 24/256 = 9.4 %, standard error 0.9 points.
  assert.ok(small > 65 && small < 125, String(small));
});
