/**
 * The benchmark as a whole: every gate on every task, the published shape, and the path that agents take.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AppsEnvironment, SPLITS } from "../../../../../envs/apps/environment.ts";
import { checkBenchmark } from "../../../../../envs/apps/gates/check_benchmark.ts";
import { NEAR, PUBLISHED, WANTED_SCENARIOS, WANTED_SPLITS } from "../../../../../envs/apps/gates/published.ts";
import { benchmarkScenarios } from "../../../../../envs/apps/scenarios/bench/mod.ts";
import { PROFILES } from "../../../../../envs/apps/world/profiles.ts";
import { baseWorld } from "../../_kit.ts";

const report = await checkBenchmark(baseWorld("full"), PROFILES.full, benchmarkScenarios);

Deno.test("checkBenchmark() finds nothing wrong with any of the 750 tasks", () => {
  const problems = report.tasks.flatMap(({ family, variant, problems }) =>
    problems.map((problem) => `${family} ${variant}: ${problem}`)
  );
  assert.deepEqual([...report.problems.map(({ where, problem }) => `${where}: ${problem}`), ...problems], []);
  assert.equal(report.tasks.length, 750);
  assert.equal(report.passed, true);
});

Deno.test("every task notices at least five mutations of its reference solution, and fewer than 1 % survive", () => {
  const outcomes = report.tasks.flatMap(({ mutations }) => mutations);
  const different = outcomes.filter(({ fate }) => fate !== "equivalent");
  const survived = outcomes.filter(({ fate }) => fate === "survived");
  assert.ok(survived.length < 0.01 * different.length, `${survived.length} of ${different.length}`);
  for (const { family, variant, mutations } of report.tasks) {
    const killed = mutations.filter(({ fate }) => fate === "killed").length;
    assert.ok(killed >= 5, `${family} ${variant}: ${killed}`);
  }
});

Deno.test("splits have the wanted scenarios of each level, from 85 generators", () => {
  for (const [split, levels] of Object.entries(WANTED_SCENARIOS)) {
    const own = benchmarkScenarios.filter((scenario) => scenario.split === split);
    assert.equal(own.length, WANTED_SPLITS[split], split);
    const found = [1, 2, 3].map((level) => own.filter(({ difficulty }) => difficulty === level).length);
    assert.deepEqual(found, [...levels], split);
  }
  assert.equal(new Set(benchmarkScenarios.map(({ family }) => family.split("/")[0])).size, 85);
});

Deno.test("reference solutions do about as much as published ones", () => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  for (const [split, published] of Object.entries(PUBLISHED)) {
    const own = report.tasks.filter((task) => split === "all" || task.split === split).map(({ statistics }) =>
      statistics
    );
    const found = {
      calls: mean(own.map(({ calls }) => calls)),
      uniqueApis: mean(own.map(({ uniqueApis }) => uniqueApis)),
      apps: mean(own.map(({ apps }) => apps.length)),
      lines: mean(own.map(({ lines }) => lines)),
      tests: mean(own.map(({ tests }) => tests)),
    };
    for (const name of ["calls", "uniqueApis", "apps", "lines", "tests"] as const) {
      const wanted = published[name];
      if (wanted === undefined) continue;
      const departure = Math.abs(found[name] / wanted - 1);
      assert.ok(departure <= NEAR, `${split} ${name}: ${found[name].toFixed(2)}, published ${wanted}`);
    }
  }
});

Deno.test("reference solutions solve every task in the sandbox, as agents' code runs", async () => {
  const environment = await AppsEnvironment.create({ cache: null });
  const failed: string[] = [];
  for (const task of SPLITS.flatMap((split) => environment.tasks(split))) {
    const episode = await environment.open(task);
    const solution = episode.solution();
    assert.equal(solution?.kind, "actions");
    for (const action of solution?.kind === "actions" ? solution.actions : []) {
      const { observation, done } = await episode.step(action);
      if (!done) failed.push(`${task.id} ${JSON.stringify(task.labels)}: ${observation.slice(0, 200)}`);
    }
    if (!(await episode.evaluate()).success) failed.push(`${task.id} ${JSON.stringify(task.labels)}`);
    episode.close();
  }
  assert.deepEqual(failed, []);
});
