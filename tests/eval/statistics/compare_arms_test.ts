import fc from "fast-check";
import assert from "node:assert/strict";
import { keyedRandom } from "../../../data/keyed_random.ts";
import { clusterMean } from "../../../eval/statistics/cluster_mean.ts";
import { compareArms } from "../../../eval/statistics/compare_arms.ts";
import { allPairs, compareGrid } from "../../../eval/statistics/compare_grid.ts";
import { crossedVariance } from "../../../eval/statistics/crossed_variance.ts";
import type { ComparisonRow } from "../../../eval/statistics/pair_rows.ts";
import { close } from "./_golden.ts";

/** A study of two arms with free outcomes: scenarios of two tasks, two seeds, some rows missing. */
const study: fc.Arbitrary<ComparisonRow[]> = fc.array(fc.tuple(fc.boolean(), fc.nat(9)), {
  minLength: 48,
  maxLength: 48,
})
  .map((draws) =>
    draws.flatMap(([value, missing], index) => {
      const arm = index % 2 === 0 ? "new" : "old";
      const place = Math.floor(index / 2);
      const scenario = `s${place % 6}`;
      const task = `${scenario}_${Math.floor(place / 6) % 2}`;
      return missing === 0 ? [] : [{ arm, scenario, task, seed: Math.floor(place / 12), sample: 0, value }];
    })
  );

Deno.test("compareArms() gives difference, interval, p and discordance of a study counted by hand", () => {
  // Per scenario and task: outcome of new, outcome of old.
  const outcomes: [string, boolean, boolean][][] = [
    [["a1", true, false], ["a2", true, true]],
    [["b1", true, false], ["b2", false, false]],
    [["c1", true, true], ["c2", false, true]],
    [["d1", true, false], ["d2", true, false]],
  ];
  const rows = outcomes.flatMap((tasks, s) =>
    tasks.flatMap(([task, fresh, old]) => [
      { arm: "new", scenario: `s${s}`, task, seed: 1, sample: 0, value: fresh },
      { arm: "old", scenario: `s${s}`, task, seed: 1, sample: 0, value: old },
    ])
  );
  const result = compareArms(rows, "new", "old", { scale: 100 });
  assert.equal(result.difference, 100 * 3 / 8);
  assert.equal(result.leftMean, 75);
  assert.equal(result.rightMean, 37.5);
  // Scenario sums 1, 1, -1, 2 reach 3: each way 5 once and 3 three times, 8 of 16 sign vectors.
  assert.equal(result.p, 8 / 16);
  assert.equal(result.exact, true);
  // Deviations of the sums from 0.75: 0.25, 0.25, -1.75, 1.25; variance 4/3 × 4.75 / 64.
  close(result.standardError, 100 * Math.sqrt(4 / 3 * 4.75 / 64), 1e-12);
  assert.deepEqual(result.discordance, { leftOnly: 4, rightOnly: 1, both: 2, neither: 1, p: 2 * 6 / 32 });
  assert.deepEqual(result.bySeed, [{ seed: 1, difference: 37.5, pairs: 8 }]);
  assert.equal(result.overSeeds, null);
  assert.deepEqual([result.pairs, result.clusters, result.resolved], [8, 4, false]);
});

Deno.test("compareArms() lists every row without a partner and pairs only equal seeds and samples", () => {
  const row = (arm: string, task: string, seed: number, sample: number) => ({
    arm,
    scenario: "s",
    task,
    seed,
    sample,
    value: 1,
  });
  const rows = [
    row("new", "t", 1, 0),
    row("old", "t", 1, 0),
    row("new", "t", 2, 0),
    row("old", "t", 1, 1),
    row("other", "x", 1, 0),
  ];
  const { pairs, unpaired } = compareArms(rows, "new", "old");
  assert.equal(pairs, 1);
  assert.deepEqual(unpaired, [
    { arm: "new", scenario: "s", task: "t", seed: 2, sample: 0 },
    { arm: "old", scenario: "s", task: "t", seed: 1, sample: 1 },
  ]);
  const nothing = compareArms(rows, "new", "missing");
  assert.deepEqual([nothing.pairs, nothing.difference, nothing.p, nothing.resolved, nothing.unpaired.length], [
    0,
    null,
    null,
    false,
    2,
  ]);
});

Deno.test("compareArms() of swapped arms is mirrored, in any order of the rows", () => {
  fc.assert(
    fc.property(study, fc.nat(), fc.constantFrom("t" as const, "percentile" as const), (rows, key, interval) => {
      const forth = compareArms(rows, "new", "old", { interval });
      assert.deepEqual(compareArms(keyedRandom("rows", key).shuffle(rows), "new", "old", { interval }), forth);
      const back = compareArms(rows, "old", "new", { interval });
      assert.deepEqual([back.p, back.resolved, back.pairs], [forth.p, forth.resolved, forth.pairs]);
      close(back.difference, -(forth.difference ?? 0), 1e-12, 1e-15);
      if (forth.interval !== null) close(back.interval?.low, -forth.interval.high, 1e-9, 1e-12);
      assert.deepEqual(back.discordance?.leftOnly, forth.discordance?.rightOnly);
      const used = rows.length - forth.unpaired.length;
      assert.equal(used, 2 * forth.pairs, "every row is in a pair or listed");
    }),
    { numRuns: 40 },
  );
});

Deno.test("compareArms() with an interval agrees with clusterMean() of the differences", () => {
  fc.assert(
    fc.property(study, (rows) => {
      const of = (arm: string) =>
        new Map(rows.filter((row) => row.arm === arm).map((row) => [`${row.task}/${row.seed}`, row] as const));
      const [fresh, old] = [of("new"), of("old")];
      const both = [...fresh].filter(([key]) => old.has(key));
      const expected = clusterMean(
        both.map(([key, row]) => Number(row.value) - Number(old.get(key)!.value)),
        both.map(([, row]) => row.scenario),
      );
      const actual = compareArms(rows, "new", "old");
      close(actual.difference, expected.mean ?? NaN, 1e-12, 1e-15);
      if (expected.interval !== null) close(actual.interval?.high, expected.interval.high, 1e-9, 1e-12);
    }),
    { numRuns: 40 },
  );
});

Deno.test("compareArms() calls a difference that is not there about as often as its level says", () => {
  const STUDIES = 600;
  let called = 0;
  for (let index = 0; index < STUDIES; index++) {
    const random = keyedRandom("no difference", index);
    const rows: ComparisonRow[] = [];
    for (let s = 0; s < 12; s++) {
      const difficulty = random.uniform();
      for (let t = 0; t < 3; t++) {
        for (const arm of ["new", "old"]) {
          rows.push({
            arm,
            scenario: `s${s}`,
            task: `s${s}_${t}`,
            seed: 1,
            sample: 0,
            value: random.uniform() < difficulty,
          });
        }
      }
    }
    if (compareArms(rows, "new", "old").resolved) called++;
  }
  // Both the test and the interval must agree, hence somewhat below 5 %; the sampling error is 0.9 points.
  assert.ok(called / STUDIES < 0.065 && called / STUDIES > 0.015, String(called / STUDIES));
});

Deno.test("crossedVariance() agrees with the mean squares of a table counted by hand", () => {
  // Scenarios × seeds: means of rows 2 and 4, of columns 2 and 4, grand mean 3; rest ±1.
  const values = [2, 2, 2, 6];
  const variance = crossedVariance(values, ["a", "a", "b", "b"], ["1", "2", "1", "2"]);
  // MS_scenario = 2 × (1 + 1) / 1 = 4, MS_seed = 4, MS_rest = (1 + 1 + 1 + 1) / 1 = 4.
  close(variance?.variance, (4 + 4 - 4) / 4, 1e-12);
  assert.equal(variance?.df, 1);
  assert.equal(crossedVariance([1, 2], ["a", "b"], ["1", "1"]), null);
});

Deno.test("compareArms().overSeeds covers the truth where training seeds differ, the interval over scenarios does not", () => {
  const STUDIES = 300;
  let [wide, narrow] = [0, 0];
  for (let index = 0; index < STUDIES; index++) {
    const random = keyedRandom("over seeds", index);
    const shifts = Array.from({ length: 6 }, () => random.normal());
    const rows: ComparisonRow[] = [];
    for (let s = 0; s < 15; s++) {
      const scenario = random.normal();
      shifts.forEach((shift, seed) => {
        const place = { scenario: `s${s}`, task: `t${s}`, seed, sample: 0 };
        rows.push({ arm: "new", ...place, value: scenario + shift + random.normal() }, {
          arm: "old",
          ...place,
          value: 0,
        });
      });
    }
    const { interval, overSeeds } = compareArms(rows, "new", "old");
    if (interval!.low <= 0 && 0 <= interval!.high) narrow++;
    if (overSeeds!.interval.low <= 0 && 0 <= overSeeds!.interval.high) wide++;
  }
  // The sampling error of the share is 1.3 points.
  assert.ok(wide / STUDIES > 0.915 && wide / STUDIES < 0.99, String(wide / STUDIES));
  assert.ok(narrow / STUDIES < 0.88, String(narrow / STUDIES));
});

Deno.test("compareArms() refuses rows that contradict each other", () => {
  const row = { arm: "new", scenario: "s", task: "t", seed: 1, sample: 0, value: 1 };
  const old = { ...row, arm: "old" };
  assert.throws(() => compareArms([row, row, old], "new", "old"), /task t, seed 1, sample 0 is there twice in new/);
  assert.throws(
    () => compareArms([row, { ...old, scenario: "z" }], "new", "old"),
    /task t must be in one scenario, got s and z/,
  );
  assert.throws(
    () => compareArms([row, { ...old, value: NaN }], "new", "old"),
    /value of t in old must be a finite number, got NaN/,
  );
  assert.throws(() => compareArms([row, old], "new", "new"), /need two different ones, got new twice/);
  assert.throws(() => compareArms([row, old], "new", "old", { scale: 0 }), /scale must be above 0, got 0/);
});

Deno.test("compareGrid() resolves by Holm's p over all pairs and keeps the single comparisons", () => {
  const arms = ["a", "b", "c", "d"];
  const rows = arms.flatMap((arm, a) =>
    Array.from(
      { length: 12 },
      (_, t) => ({ arm, scenario: `s${t}`, task: `t${t}`, seed: 1, sample: 0, value: (t * 5 + 3) % 12 < 3 * a }),
    )
  );
  const pairs = allPairs(arms);
  assert.equal(pairs.length, 6);
  const grid = compareGrid(rows, pairs);
  grid.forEach((comparison, index) => {
    const single = compareArms(rows, ...pairs[index]!);
    const { adjustedP, resolved, ...rest } = comparison;
    const { resolved: alone, ...expected } = single;
    assert.deepEqual(rest, expected);
    assert.ok((adjustedP ?? 0) >= (single.p ?? 1));
    assert.ok(!resolved || alone);
  });
  // a against d differ in 9 of 12 tasks: 2/2^9, six times that after Holm; a against b in 3: 2/2^3.
  assert.equal(grid[2]?.adjustedP, 6 * 2 / 2 ** 9);
  assert.equal(grid[2]?.resolved, true);
  assert.equal(grid[0]?.resolved, false);
});
