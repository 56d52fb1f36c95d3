import assert from "node:assert/strict";
import { generateWorld } from "../../envs/apps/generate.ts";
import { MUTATIONS } from "../../envs/apps/gates/mutations.ts";
import { appsGatesReport, appsStatsReport } from "../../eval/apps_report.ts";

interface Stats {
  readonly world: { readonly hash: string; readonly people: number };
  readonly apis: { readonly apis: number; readonly methods: Readonly<Record<string, number>> };
  readonly splits: readonly { readonly split: string; readonly tasks: number; readonly calls: number }[];
}

Deno.test("appsStatsReport() tells the world's hash, its APIs, and what reference solutions do by split", async () => {
  const { text, json } = await appsStatsReport({ profile: "tiny" });
  const { world, apis, splits } = json as unknown as Stats;
  assert.equal(world.hash, generateWorld(1, { profile: "tiny" }).hash);
  assert.ok(text.startsWith(`World ${world.hash} (tiny): ${world.people} people`));
  // handset, tuppence, foldnote, guide and principal.
  assert.equal(apis.apis, 46 + 60 + 37 + 4 + 6);
  assert.equal(Object.values(apis.methods).reduce((sum, count) => sum + count, 0), apis.apis);
  const all = splits.find(({ split }) => split === "all");
  assert.equal(all?.tasks, splits.filter(({ split }) => split !== "all").reduce((sum, { tasks }) => sum + tasks, 0));
  assert.ok(all !== undefined && all.tasks > 0 && all.calls > 10);
  assert.match(text, /\(51\.8\)/, "published figures stand beside ours");
});

Deno.test("appsGatesReport() counts what became of each mutation, and stops when aborted", async () => {
  const { text, json } = await appsGatesReport({ profile: "tiny" });
  const report = json as unknown as { survivors: number; tasks: { mutations: { fate: string }[] }[] };
  assert.equal(report.survivors, 0);
  for (const { name } of MUTATIONS) assert.match(text, new RegExp(`^${name} +\\d+ +0 +\\d+ `, "m"));
  const outcomes = report.tasks.flatMap(({ mutations }) => mutations);
  assert.equal(outcomes.length % MUTATIONS.length, 0);
  const reason = new Error("enough");
  await assert.rejects(appsGatesReport({ profile: "tiny", signal: AbortSignal.abort(reason) }), reason);
});
