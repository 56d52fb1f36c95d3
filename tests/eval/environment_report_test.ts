import assert from "node:assert/strict";
import type { ConformanceReport, TaskConformance } from "../../envs/conformance.ts";
import {
  checkEnvironmentReport,
  conformanceText,
  listEnvironments,
  newEnvironmentReport,
} from "../../eval/environment_report.ts";

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

Deno.test("newEnvironmentReport() writes an environment that the other reports know by its file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const written = await newEnvironmentReport({ name: "coins", folder });
    assert.equal(written.ok, true);
    assert.match(written.text, /^Registered coins in .*whet\.json$/m);
    assert.match(written.text, /^ {2}npx -y deno@2\.9\.6 task whet env check coins$/m);
    const config = `${folder}/whet.json`;
    const checked = await checkEnvironmentReport("coins", { config, split: "test" });
    assert.match(checked.text, /^test +6 +6\/6 +6\/6 +0\.0 +6\/6$/m);
    assert.equal(checked.ok, true);
    assert.match((await listEnvironments({ config })).text, /^coins +1 +[0-9a-f]{12} +test +2 +6$/m);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("listEnvironments() lists an environment that cannot be loaded with the reason, beside the others", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const config = `${folder}/whet.json`;
    await Deno.writeTextFile(config, JSON.stringify({ environments: { lost: { module: "./lost.ts" } } }));
    const { text, json, ok } = await listEnvironments({ config });
    assert.equal(ok, false);
    assert.match(text, /^apps /m);
    assert.match(text, /^Cannot make environment lost from \.\/lost\.ts \(.*\): there is no file .*lost\.ts$/m);
    assert.match(JSON.stringify(json), /"id":"lost","module":"\.\/lost\.ts","splits":\[\],"error":"Cannot/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("checkEnvironmentReport() makes the environment with the options given", async () => {
  const options = { mode: "tool", depths: [2], testScenarios: 1 };
  const { json } = await checkEnvironmentReport("compose", { split: "test_pairs", options, seed: 2 });
  assert.equal((json as unknown as ConformanceReport).tasks.length, 9);
  await assert.rejects(
    checkEnvironmentReport("compose", { options: { mod: "tool" } }),
    /mod: unknown key; did you mean mode\?/,
  );
});
