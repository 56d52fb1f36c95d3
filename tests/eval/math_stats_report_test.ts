import assert from "node:assert/strict";
import type { Family } from "../../envs/math/families/family.ts";
import { addDataset } from "../../envs/math/datasets/registry.ts";
import { familyTable, mathStatsReport } from "../../eval/math_stats_report.ts";

const FIXTURES = new URL("../fixtures/math/", import.meta.url).pathname;
const LAYOUTS = [
  "gsm8k",
  "math",
  "math500",
  "aime",
  "amc",
  "olympiadbench",
  "minerva",
  "svamp",
  "deepscaler",
  "omni-math",
];

function family(id: string, facts: Partial<Family>): Family {
  return {
    id,
    title: id,
    domain: "algebra",
    method: "chain",
    split: "train",
    levels: 3,
    knobs: [],
    generate: () => assert.fail("a table needs no problems"),
    ...facts,
  };
}

Deno.test("familyTable() shows a row per family, by domain and name", () => {
  const { text, json } = familyTable([
    family("zoo", {}),
    family("bag", { domain: "geometry" }),
    family("ant", { split: "ood", near: true, levels: 5 }),
  ]);
  assert.equal(
    text,
    "domain    family  method  split      levels\n" +
      "--------  ------  ------  ---------  ------\n" +
      "algebra   ant     chain   ood, near       5\n" +
      "algebra   zoo     chain   train           3\n" +
      "geometry  bag     chain   train           3\n",
  );
  assert.equal(Array.isArray(json) && json.length, 3);
});

Deno.test("mathStatsReport() verifies every reference answer of the fixtures in all layouts", async () => {
  const { json } = await mathStatsReport({ data: LAYOUTS.map((name) => `${FIXTURES}${name}.jsonl`) });
  const { sets } = json as unknown as {
    sets: { name: string; rows: number; verified: number; unverified: unknown[] }[];
  };
  assert.deepEqual(sets.map(({ name }) => name), LAYOUTS);
  assert.deepEqual(sets.flatMap(({ unverified }) => unverified), []);
  assert.ok(sets.every(({ rows, verified }) => rows >= 2 && verified === rows));
});

Deno.test("mathStatsReport() takes registered names and files, and tells two of one name apart", async () => {
  const workspace = await Deno.makeTempDir();
  try {
    const path = `${FIXTURES}svamp.jsonl`;
    await addDataset({ workspace, path, name: "mine" });
    const { json, text } = await mathStatsReport({ data: ["mine", path, path], workspace });
    const report = json as unknown as { sets: { name: string }[]; duplicates: { ids: string[] }[] };
    assert.deepEqual(report.sets.map(({ name }) => name), ["mine", "svamp", "svamp-2"]);
    assert.deepEqual(report.duplicates[0]?.ids, ["mine/x-1", "svamp/x-1", "svamp-2/x-1"]);
    assert.doesNotMatch(text, /^number theory +gcd +/m);
  } finally {
    await Deno.remove(workspace, { recursive: true });
  }
});
