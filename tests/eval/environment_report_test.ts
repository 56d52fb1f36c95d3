import assert from "node:assert/strict";
import type { ConformanceReport, TaskConformance } from "../../envs/conformance.ts";
import { checkEnvironmentReport, conformanceText, listEnvironments } from "../../eval/environment_report.ts";

const GOOD: TaskConformance = {
  task: "a_1",
  split: "dev",
  oracleScore: 1,
  noOpScore: 0.25,
  oracleCalls: 4,
  problems: [],
};

function report(tasks: readonly TaskConformance[]): ConformanceReport {
  const passed = tasks.every((task) => task.problems.length === 0);
  return { environment: "made-up", version: "1.0.0", hash: "abc", tasks, problems: [], passed };
}

Deno.test("conformanceText() shows one line per split and the verdict", () => {
  const text = conformanceText(report([GOOD, { ...GOOD, task: "a_2", oracleCalls: 5 }]));
  assert.match(text, /^dev +2 +2\/2 +2\/2 +4\.5 +2\/2$/m);
  assert.match(text, /made-up 1\.0\.0 \(hash abc\) keeps the contract of environments\n$/);
});

Deno.test("conformanceText() names problems, twenty at most, without line breaks of theirs", () => {
  const bad = { ...GOOD, oracleScore: 0.5, problems: [{ check: "oracle" as const, detail: "lost\nmail" }] };
  const text = conformanceText(report(Array.from({ length: 22 }, (_, index) => ({ ...bad, task: `t_${index}` }))));
  assert.match(text, /^t_0: oracle: lost mail$/m);
  assert.match(text, /^and 2 more; --json shows all$/m);
  assert.match(text, /does not keep \(22 problems\)/);
});

Deno.test("listEnvironments() counts scenarios and tasks of every split", async () => {
  const { text, json } = await listEnvironments();
  const environments = json as unknown as {
    id: string;
    splits: { split: string; scenarios: number; tasks: number }[];
  }[];
  const apps = environments.find(({ id }) => id === "apps");
  assert.ok(apps !== undefined && apps.splits.length >= 4);
  for (const { tasks, scenarios } of apps.splits) assert.equal(tasks, 3 * scenarios);
  assert.match(text, /^apps .*test_challenge/m);
});

Deno.test("checkEnvironmentReport() stops between tasks when aborted, and throws on an unknown split", async () => {
  const reason = new Error("enough");
  await assert.rejects(checkEnvironmentReport("apps", { split: "dev", signal: AbortSignal.abort(reason) }), reason);
  await assert.rejects(checkEnvironmentReport("apps", { split: "nowhere" }), RangeError);
});
