import assert from "node:assert/strict";
import { readProblems } from "../../../../envs/math/datasets/read_problems.ts";
import {
  addDataset,
  datasetPath,
  listDatasets,
  openDataset,
  streamDataset,
} from "../../../../envs/math/datasets/registry.ts";
import { fixture, withFolder, writeLines } from "./_files.ts";

const LAYOUT_FIXTURES = ["gsm8k", "math", "math500", "aime", "olympiadbench", "omni-math", "svamp"];

Deno.test("addDataset() keeps every problem, so that openDataset() gives what the file gave", async () => {
  await withFolder(async (workspace) => {
    for (const name of LAYOUT_FIXTURES) {
      const path = fixture(`${name}.jsonl`);
      const { entry, added } = await addDataset({ workspace, path });
      assert.deepEqual([entry.name, entry.layout, entry.source, added], [name, name, `${name}.jsonl`, true]);
      assert.deepEqual(await openDataset(workspace, name), await readProblems(path));
    }
    const listed = await listDatasets(workspace);
    assert.deepEqual(listed.map(({ name }) => name), LAYOUT_FIXTURES.toSorted());
    const left = (await Array.fromAsync(Deno.readDir(`${workspace}/data`))).map(({ name }) => name).toSorted();
    assert.deepEqual(left, [...LAYOUT_FIXTURES.map((name) => `${name}.parquet`), "datasets.json"].toSorted());
  });
});

Deno.test("addDataset() does nothing new with the same content, and refuses another one under the same name", async () => {
  await withFolder(async (workspace) => {
    const first = await addDataset({ workspace, path: fixture("math.jsonl"), name: "mine" });
    const before = await Deno.readTextFile(`${workspace}/data/datasets.json`);
    const again = await addDataset({ workspace, path: fixture("math.jsonl"), name: "mine" });
    assert.deepEqual(again, { entry: first.entry, added: false });
    await assert.rejects(
      addDataset({ workspace, path: fixture("aime.jsonl"), name: "mine" }),
      /that name has another content \(3 rows of math\.jsonl.*this one has 2 rows.*choose another name, e\.g\. mine-2/,
    );
    assert.equal(await Deno.readTextFile(`${workspace}/data/datasets.json`), before);
    assert.equal((await openDataset(workspace, "mine")).problems.length, 3);
  });
});

Deno.test("addDataset() writes nothing if a row does not fit", async () => {
  await withFolder(async (workspace) => {
    const path = await writeLines(workspace, "a.jsonl", [{ question: "q", answer: "#### 1" }, { question: "q" }]);
    await assert.rejects(addDataset({ workspace, path }), /line 2, field answer: found nothing/);
    assert.deepEqual(await listDatasets(workspace), []);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(`${workspace}/data`)), []);
  });
});

Deno.test("addDataset() remembers named columns, and keeps labels with quotes", async () => {
  await withFolder(async (workspace) => {
    const path = await writeLines(workspace, "a.jsonl", [{ q: "1?", a: "1", s: `it's "odd", {x=1}\\` }]);
    const fields = { statement: "q", answer: "a", subject: "s" };
    const { entry } = await addDataset({ workspace, path, name: "odd", fields });
    assert.deepEqual(entry.fields, fields);
    assert.equal((await openDataset(workspace, "odd")).problems[0]?.labels.subject, `it's "odd", {x=1}\\`);
  });
});

Deno.test("openDataset() opens files, too, and names the nearest set for an unknown name", async () => {
  await withFolder(async (workspace) => {
    await assert.rejects(openDataset(workspace, "gsm8k"), /\(none was added yet\); a file is named with its ending/);
    await addDataset({ workspace, path: fixture("svamp.jsonl") });
    await addDataset({ workspace, path: fixture("gsm8k.jsonl"), name: "gsm8k-train" });
    await assert.rejects(openDataset(workspace, "gsm8k"), /did you mean gsm8k-train\? All: gsm8k-train, svamp/);
    await assert.rejects(openDataset(workspace, "swamp"), /did you mean svamp\?/);
    assert.equal((await openDataset(workspace, fixture("amc.jsonl"))).name, "amc");
    const reading = await streamDataset(workspace, "svamp", { limit: 1 });
    assert.deepEqual((await Array.fromAsync(reading)).map(({ id }) => id), ["svamp/x-1"]);
  });
});

Deno.test("openDataset() refuses a set that was changed behind the list's back", async () => {
  await withFolder(async (workspace) => {
    await addDataset({ workspace, path: fixture("svamp.jsonl"), name: "a" });
    await addDataset({ workspace, path: fixture("amc.jsonl"), name: "b" });
    await Deno.copyFile(datasetPath(workspace, "b"), datasetPath(workspace, "a"));
    await assert.rejects(openDataset(workspace, "a"), /was changed after it was added .*; add svamp\.jsonl again/);
    await addDataset({ workspace, path: fixture("svamp.jsonl"), name: "a" });
    assert.equal((await openDataset(workspace, "a")).problems.length, 2);
  });
});

Deno.test("listDatasets() says what is wrong with a damaged list", async () => {
  await withFolder(async (workspace) => {
    await Deno.mkdir(`${workspace}/data`);
    const cases = [["{", /it is not JSON/], ['{"version":2,"datasets":[]}', /version: /], [
      '{"version":1,"datasets":[{"name":"a","extra":1}]}',
      /datasets\.0/,
    ]] as const;
    for (const [text, pattern] of cases) {
      await Deno.writeTextFile(`${workspace}/data/datasets.json`, text);
      await assert.rejects(listDatasets(workspace), pattern);
    }
  });
});
