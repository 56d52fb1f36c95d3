import assert from "node:assert/strict";
import { Recorder } from "../../data/recorder.ts";
import { type RowHash, rowHash } from "../../data/row_hash.ts";
import type { Row } from "../../data/schema.ts";
import { identity, inFolder, rolloutRow, runRow, turnRow } from "./_record_fixture.ts";

type Fill = (recorder: Recorder) => Promise<void>;

async function hashOf(fill: Fill, options: { runIds?: readonly string[] } = {}): Promise<RowHash> {
  let hash: RowHash | undefined;
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    await fill(recorder);
    hash = await rowHash(recorder, options);
    await recorder.close();
  });
  assert.ok(hash !== undefined);
  return hash;
}

const rollouts = Array.from({ length: 6 }, (_, i) => rolloutRow({ step: i >> 1, position: 1 + (i & 1), score: i / 7 }));

Deno.test("rowHash() does not depend on the order of writing, the cuts between commits or volatile columns", async () => {
  const forwards = await hashOf(async (recorder) => {
    recorder.insert("run", [runRow()]);
    recorder.insert("rollout", rollouts);
    await recorder.commit("r", "a", { wallMs: 1 });
    await recorder.commit("r", "b");
  });
  const backwards = await hashOf(async (recorder) => {
    recorder.insert("rollout", rollouts.slice(3).reverse().map((row) => ({ ...row, wall_ms: 7 })));
    await recorder.commit("r", "b");
    recorder.insert("run", [runRow({ started_at: new Date(0), versions: { deno: "3" } })]);
    recorder.insert("rollout", rollouts.slice(0, 4).reverse());
    await recorder.commit("r", "a", { wallMs: 2 });
  });
  assert.deepEqual(backwards, forwards);
});

Deno.test("rowHash() of a file equals that of its recorder", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    recorder.insert("rollout", rollouts);
    await recorder.commit("r", "a");
    const hash = await rowHash(recorder);
    await recorder.close();
    assert.deepEqual(await rowHash(`${folder}/r.duckdb`), hash);
  });
});

Deno.test("rowHash() changes with any row and any stable column, in its table only", async () => {
  const base = await hashOf(async (recorder) => {
    recorder.insert("turn", [turnRow()]);
    await recorder.flush();
  });
  const changes: Partial<Row<"turn">>[] = [
    { turn: 1 },
    { step: 1 },
    { context_ids: [1, 3] },
    { context_ids: [1], generated_ids: [2, 3] },
    { context_ids: [] },
    { logprobs: [-0.5000001] },
    { code: null },
    { code: "" },
    { observation: " " },
    { ok: false },
    { code: "f()1:s", finish: "top" },
  ];
  const totals = new Set([base.total]);
  for (const change of changes) {
    const { total, tables } = await hashOf(async (recorder) => {
      recorder.insert("turn", [turnRow(change)]);
      await recorder.flush();
    });
    totals.add(total);
    for (const table of Object.keys(tables)) {
      assert.equal(tables[table] === base.tables[table], table !== "turn", table);
    }
  }
  assert.equal(totals.size, changes.length + 1);
});

Deno.test("rowHash() tells lists of texts apart that look alike", async () => {
  const lists = [["a, b"], ["a", "b"], ["a", "b", ""], [], [""], ['"a", "b"'], ["NULL"]];
  const totals = new Set<string>();
  for (const list of lists) {
    const { total } = await hashOf(async (recorder) => {
      recorder.insert("rollout", [rolloutRow({ skills_offered: list })]);
      await recorder.flush();
    });
    totals.add(total);
  }
  assert.equal(totals.size, lists.length);
});

Deno.test("rowHash() of chosen runs leaves the others and their tasks out", async () => {
  const task = {
    task_id: "a_1",
    scenario: "a",
    variant: 1,
    split: "dev",
    difficulty: 1,
    instruction: "do",
    labels: { apps: ["x"] },
  };
  const mine: Fill = async (recorder) => {
    recorder.insert("run", [runRow({ run_id: "it's mine" })]);
    recorder.insert("task", [{ ...task, environment_hash: "e0" }]);
    recorder.insert("advantage", [{ ...identity({ run_id: "it's mine" }), reward: 1, baseline: 0.5, advantage: 0.5 }]);
    await recorder.commit("it's mine", "a");
  };
  const alone = await hashOf(mine);
  const both: Fill = async (recorder) => {
    recorder.insert("run", [runRow({ run_id: "other", environment_hash: "e1" })]);
    recorder.insert("task", [{ ...task, environment_hash: "e1" }]);
    recorder.insert("rollout", [rolloutRow({ run_id: "other" })]);
    await recorder.commit("other", "a");
    await mine(recorder);
  };
  assert.deepEqual(await hashOf(both, { runIds: ["it's mine"] }), alone);
  assert.notEqual((await hashOf(both)).total, alone.total);
  const none = await hashOf(both, { runIds: [] });
  assert.deepEqual(none, await hashOf(() => Promise.resolve()));
});
