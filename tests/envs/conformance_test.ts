import assert from "node:assert/strict";
import { AppsEnvironment } from "../../envs/apps/environment.ts";
import type { Scenario } from "../../envs/apps/scenario.ts";
import { checkConformance } from "../../envs/conformance.ts";
import { fakeSandbox } from "./apps/_fixtures.ts";
import { addAlarm, samples } from "./apps/_sample_scenarios.ts";

const make = (scenarios: readonly Scenario[]) => () => AppsEnvironment.create({ scenarios, sandbox: fakeSandbox });

function changed(family: string, change: { body?: string; intend?: () => void; answer?: number }): Scenario {
  return {
    ...addAlarm,
    family,
    setup(context) {
      const instance = addAlarm.setup(context);
      if ("reject" in instance) return instance;
      const { body = instance.solution.body, ...rest } = change;
      return { ...instance, ...rest, solution: { ...instance.solution, body } };
    },
  };
}

Deno.test("checkConformance() passes a sound environment and reports the same twice", async () => {
  const done: number[] = [];
  const report = await checkConformance(make(samples), { onTask: (n) => done.push(n) });
  assert.deepEqual(report.problems, []);
  assert.equal(report.passed, true, JSON.stringify(report.tasks));
  assert.equal(report.tasks.length, 6);
  assert.ok(
    report.tasks.every(({ oracleScore, noOpScore, oracleCalls }) =>
      oracleScore === 1 && noOpScore === 0 && oracleCalls >= 3
    ),
  );
  assert.deepEqual(done, [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(await checkConformance(make(samples)), report);
});

Deno.test("checkConformance() finds a reference solution that does not solve its task", async () => {
  const report = await checkConformance(make([changed("sample/wrong_body", { body: "apis.guide.list_apps();" })]), {
    splits: ["dev"],
  });
  assert.equal(report.passed, false);
  assert.deepEqual(
    new Set(report.tasks.flatMap((task) => task.problems.map(({ check }) => check))),
    new Set(["oracle"]),
  );
});

Deno.test("checkConformance() finds environments that are not the same twice", async () => {
  let seed = 1;
  const report = await checkConformance(() =>
    AppsEnvironment.create({ seed: seed++, scenarios: samples, sandbox: fakeSandbox })
  );
  assert.equal(report.passed, false);
  assert.ok(report.problems.some(({ check }) => check === "determinism"));
  assert.ok(report.tasks.every((task) => task.problems.some(({ check }) => check === "determinism")));
});

Deno.test("checkConformance() finds an environment without tasks", async () => {
  const report = await checkConformance(make([]));
  assert.equal(report.passed, false);
});
