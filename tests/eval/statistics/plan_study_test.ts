import fc from "fast-check";
import assert from "node:assert/strict";
import { type KeyedRandom, keyedRandom } from "../../../data/keyed_random.ts";
import { clusterMean, studentInterval } from "../../../eval/statistics/cluster_mean.ts";
import { crossedVariance } from "../../../eval/statistics/crossed_variance.ts";
import type { ComparisonRow } from "../../../eval/statistics/pair_rows.ts";
import { pilotVariance, type VarianceComponents } from "../../../eval/statistics/pilot_variance.ts";
import { pairedDiscordance, type PlanRow, planStudy } from "../../../eval/statistics/plan_study.ts";
import { close } from "./_golden.ts";

interface Difference {
  scenario: string;
  task: string;
  seed: number;
  value: number;
}

/** Paired differences drawn from the planner's model. */
function drawStudy(
  random: KeyedRandom,
  effect: number,
  parts: VarianceComponents,
  size: { scenarios: number; siblings: number; seeds: number },
): Difference[] {
  const draw = (variance: number) => Math.sqrt(variance) * random.normal();
  const seedShifts = Array.from({ length: size.seeds }, () => draw(parts.seed));
  const study: Difference[] = [];
  for (let c = 0; c < size.scenarios; c++) {
    const scenario = draw(parts.scenario);
    const chains = seedShifts.map(() => draw(parts.scenarioSeed));
    for (let m = 0; m < size.siblings; m++) {
      const task = draw(parts.task);
      seedShifts.forEach((shift, seed) => {
        const value = effect + shift + scenario + (chains[seed] ?? 0) + task + draw(parts.rest);
        study.push({ scenario: `s${c}`, task: `s${c}_${m}`, seed, value });
      });
    }
  }
  return study;
}

/** Share of simulated studies of a plan's size whose t interval excludes 0 on the side of the effect. */
function simulatedPower(
  row: PlanRow,
  siblings: number,
  effect: number,
  parts: VarianceComponents,
  studies: number,
): number {
  let seen = 0;
  for (let index = 0; index < studies; index++) {
    const size = { scenarios: row.scenarios!, siblings, seeds: row.seeds };
    const study = drawStudy(keyedRandom("power", index, size.scenarios, size.seeds), effect, parts, size);
    const values = study.map((entry) => entry.value);
    const scenarios = study.map((entry) => entry.scenario);
    const mean = clusterMean(values, scenarios);
    const crossed = parts.seed === 0
      ? null
      : crossedVariance(values, scenarios, study.map((entry) => String(entry.seed)));
    const { interval } = crossed === null
      ? { interval: mean.interval! }
      : studentInterval(mean.mean!, Math.sqrt(crossed.variance), crossed.df, 0.95);
    if (Math.sign(effect) * (effect > 0 ? interval.low : interval.high) > 0) seen++;
  }
  return seen / studies;
}

const PILOT: VarianceComponents = { seed: 0, scenario: 0.03, scenarioSeed: 0.03, task: 0.1, rest: 0.09 };

for (
  const { name, options, studies } of [
    { name: "one seed", options: { effect: 15, variance: PILOT, seeds: [1] }, studies: 1500 },
    { name: "a loss, three seeds", options: { effect: -12, variance: PILOT, seeds: [3], siblings: 2 }, studies: 1000 },
    {
      name: "few scenarios, power 0.9",
      options: { effect: 40, power: 0.9, variance: PILOT, seeds: [2] },
      studies: 3000,
    },
    {
      name: "training seeds that differ",
      options: { effect: 20, variance: { ...PILOT, seed: 0.02 }, seeds: [8] },
      studies: 1500,
    },
    { name: "many seeds", options: { effect: 18, variance: { ...PILOT, seed: 0.02 }, seeds: [12] }, studies: 1200 },
  ]
) {
  Deno.test(`planStudy() asks for as much as simulated studies need: ${name}`, () => {
    const plan = planStudy(options);
    const [row] = plan.rows;
    const power = simulatedPower(row!, plan.siblings, options.effect / 100, plan.variance, studies);
    assert.ok(row!.power! >= plan.power && Math.abs(power - row!.power!) < 0.03, `${power} is not ${row!.power}`);
  });
}

Deno.test("planStudy() of assumed outcomes is right about simulated yes/no outcomes", () => {
  // Arms with 50 and 65 %; correlation 0.5; siblings and seeds unrelated, so that outcomes can be drawn pair by pair.
  const [baseline, effect] = [0.5, 0.15];
  const { rows } = planStudy({
    effect: 15,
    siblings: 1,
    seeds: [1],
    correlations: { arms: 0.5, siblings: 0, repeats: 0 },
  });
  const tasks = rows[0]!.tasks!;
  const discordance = pairedDiscordance(baseline + effect, baseline, 0.5);
  const gain = (discordance + effect) / 2;
  const STUDIES = 2000;
  let seen = 0;
  for (let index = 0; index < STUDIES; index++) {
    const random = keyedRandom("binary power", index);
    const values = Array.from({ length: tasks }, () => {
      const u = random.uniform();
      return u < gain ? 1 : u < discordance ? -1 : 0;
    });
    const { interval } = clusterMean(values, values.map((_, task) => String(task)));
    if ((interval?.low ?? 0) > 0) seen++;
  }
  assert.ok(Math.abs(seen / STUDIES - 0.8) < 0.03, String(seen / STUDIES));
});

Deno.test("planStudy() without clusters is Connor's sample size", () => {
  // (z_0.975 + z_0.8)² (discordance - effect²) / effect², a few more for Student's t.
  const { rows, discordance } = planStudy({
    effect: 5,
    siblings: 1,
    seeds: [1],
    correlations: { siblings: 0, repeats: 0 },
  });
  close(discordance, 0.55 + 0.5 - 2 * (0.275 + 0.5 * Math.sqrt(0.55 * 0.45 * 0.25)), 1e-12);
  const size = (1.959964 + 0.841621) ** 2 * (discordance! - 0.0025) / 0.0025;
  assert.ok(rows[0]!.tasks! >= size && rows[0]!.tasks! <= size + 4, `${rows[0]!.tasks} against ${size}`);
});

Deno.test("planStudy() asks for more for smaller effects and higher power, and its detectable effect is the asked one", () => {
  const effect = fc.integer({ min: 2, max: 20 });
  fc.assert(
    fc.property(effect, fc.constantFrom(0.7, 0.8, 0.9), fc.constantFrom(1, 2, 5), (points, power, seedCount) => {
      const of = (options: { effect: number; power: number }) => planStudy({ ...options, seeds: [seedCount] }).rows[0]!;
      const plain = of({ effect: points, power });
      assert.ok(of({ effect: points / 2, power }).scenarios! > plain.scenarios!);
      assert.ok(of({ effect: points, power: power + 0.05 }).scenarios! >= plain.scenarios!);
      assert.ok(plain.detectable! <= points + 1e-9);
    }),
    { numRuns: 20 },
  );
});

Deno.test("planStudy() says what existing tasks can show, and what no number of tasks can", () => {
  const { available, rows, claim } = planStudy({
    effect: 5,
    tasks: 300,
    seeds: [1, 2, 20],
    correlations: { seeds: 0.01 },
  });
  assert.equal(claim, "scenarios and seeds");
  assert.deepEqual(rows.map((row) => row.scenarios === null), [true, true, false]);
  assert.deepEqual(available.map((row) => row.tasks), [300, 300, 300]);
  assert.equal(available[0]?.detectable, null, "one seed says nothing about other seeds");
  const again = planStudy({ effect: available[2]!.detectable!, seeds: [20], correlations: { seeds: 0.01 } });
  assert.ok(Math.abs(again.rows[0]!.tasks! - 300) <= 3);
  assert.equal(
    planStudy({ effect: 5, seeds: [1], correlations: { seeds: 0.01 }, claim: "scenarios" }).rows[0]!.scenarios !== null,
    true,
  );
});

Deno.test("planStudy() refuses what makes no sense, naming the option", () => {
  assert.throws(() => planStudy({ effect: 0 }), /effect must be in points from -100 to 100 and not 0, got 0/);
  assert.throws(() => planStudy({ effect: 3, power: 80 }), /power must be a chance .* got 80/);
  assert.throws(() => planStudy({ effect: 60 }), /baseline \+ effect must be in points from 0 to 100, got 110/);
  assert.throws(() => planStudy({ effect: 3, seeds: [0] }), /seeds must be integers of 1 or more, got 0/);
  assert.throws(() => planStudy({ effect: 3, tasks: 4 }), /tasks must be at least two scenarios \(6\), got 4/);
  assert.throws(
    () => planStudy({ effect: 3, correlations: { siblings: 0.8, seeds: 0.4 } }),
    /siblings \+ correlations.seeds/,
  );
});

/** Rows of two arms with the given differences. */
function rowsOf(study: readonly Difference[]): ComparisonRow[] {
  return study.flatMap(({ scenario, task, seed, value }) => [
    { arm: "new", scenario, task, seed, sample: 0, value },
    { arm: "old", scenario, task, seed, sample: 0, value: 0 },
  ]);
}

Deno.test("pilotVariance() finds the parts that a study was drawn from, without bias, rows missing or not", () => {
  const parts: VarianceComponents = { seed: 0.5, scenario: 1, scenarioSeed: 0.7, task: 0.4, rest: 0.6 };
  const PILOTS = 60;
  for (const missing of [0, 0.2]) {
    const sums = { seed: 0, scenario: 0, scenarioSeed: 0, task: 0, rest: 0 };
    for (let index = 0; index < PILOTS; index++) {
      const random = keyedRandom("pilot", index);
      const study = drawStudy(random, 2, parts, { scenarios: 25, siblings: 3, seeds: 6 });
      const found = pilotVariance(rowsOf(study.filter(() => random.uniform() >= missing)), "new", "old");
      for (const name of ["seed", "scenario", "scenarioSeed", "task", "rest"] as const) {
        sums[name] += found[name] / PILOTS;
      }
    }
    // Of single pilots the seed part spreads by some 0.35 and the scenario part by 0.4: a tenth of that over 60 pilots.
    for (const name of ["seed", "scenario", "scenarioSeed", "task", "rest"] as const) {
      assert.ok(
        Math.abs(sums[name] - parts[name]) < (name === "seed" || name === "scenario" ? 0.15 : 0.06),
        `${name}: ${sums[name]}`,
      );
    }
  }
});

Deno.test("pilotVariance() says what a pilot cannot tell", () => {
  const study = drawStudy(keyedRandom("small pilot"), 0.1, PILOT, { scenarios: 30, siblings: 3, seeds: 1 });
  const single = pilotVariance(rowsOf(study), "new", "old");
  assert.match(single.notes.join("; "), /one seed: differences between seeds cannot be told/);
  assert.deepEqual([single.seed, single.rest, single.scenarios, single.tasks, single.siblings], [0, 0, 30, 90, 3]);
  const plan = (seedCount: number) => planStudy({ effect: 3, variance: single, seeds: [seedCount] }).rows[0]!.tasks;
  assert.equal(plan(5), plan(1), "seeds are not taken to replace tasks");
  const lonely = pilotVariance(
    rowsOf(drawStudy(keyedRandom("lonely"), 0.1, PILOT, { scenarios: 40, siblings: 1, seeds: 4 })),
    "new",
    "old",
  );
  assert.match(lonely.notes.join("; "), /one task per scenario/);
  assert.throws(() => pilotVariance(rowsOf(study.slice(0, 3)), "new", "old"), /share two or more scenarios, got 1/);
});
