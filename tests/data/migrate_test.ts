import assert from "node:assert/strict";
import { Recorder } from "../../data/recorder.ts";
import { declarationOf, SCHEMA_VERSION, TABLE_NAMES } from "../../data/schema.ts";
import { runSql } from "../../data/sql.ts";
import { VIEWS } from "../../data/views.ts";
import { identity, inFolder } from "./_record_fixture.ts";

const V1 = new URL("../fixtures/record/v1.duckdb", import.meta.url).pathname;

/** Rows of the file of version 1, by table. */
const V1_ROWS = {
  run: 2,
  task: 2,
  unit: 2,
  chain: 1,
  rollout: 4,
  environment_fault: 1,
  turn: 3,
  api_call: 1,
  skill: 1,
  skill_event: 3,
  reward_term: 4,
  advantage: 2,
  update_step: 2,
};

Deno.test("Recorder.open() brings a file of version 1 to this version with all its rows", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/old.duckdb`;
    await Deno.copyFile(V1, path);
    const recorder = await Recorder.open(path);
    for (const [table, count] of Object.entries(V1_ROWS)) {
      assert.deepEqual((await recorder.query(`SELECT count(*) FROM "${table}"`)).rows, [[count]], table);
    }
    for (const table of TABLE_NAMES) {
      const { rows } = await recorder.query(
        `SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '${table}' ORDER BY column_index`,
      );
      const declared = Object.entries(declarationOf(table).columns);
      assert.deepEqual(rows, declared.map(([name, { type }]) => [name, type]), table);
    }
    assert.deepEqual((await recorder.query("SELECT labels, context FROM task ORDER BY task_id")).rows, [
      ['{"apps":["mail","phone"]}', null],
      ['{"apps":[]}', null],
    ]);
    assert.deepEqual(
      (await recorder.query("SELECT kind, turn, token_start, token_end FROM skill_event ORDER BY position, seq")).rows,
      [["saved", 0, null, null], ["shown", -1, null, null], ["invoked", 0, null, null]],
    );
    assert.deepEqual(
      (await recorder.query(
        "SELECT phase, loss, weight_sum, ess, learning_rate, groups FROM update_step ORDER BY phase",
      ))
        .rows,
      [["rl", null, null, null, 0.001, 2], ["sft", 3, 2, null, 0.001, null]],
    );
    assert.deepEqual(
      (await recorder.query("SELECT context_ids, generated_ids, logprobs FROM turn ORDER BY position, turn")).rows,
      [[[1, 2], [3], [-0.5]], [[4], [5, 6], [-0.25, -0.75]], [[1, 2], [3], [-0.5]]],
    );
    for (const view of Object.values(VIEWS)) await recorder.query(view.example);
    assert.deepEqual((await recorder.query("SELECT rollouts, faults, tgc FROM metrics_by_run")).rows, [[2, 1, 1]]);
    assert.equal(recorder.lastUnit("r", "rl/")?.checkpoint, "0.bin");
    // What is there still counts as there.
    recorder.insert("advantage", [{ ...identity(), reward: 1, baseline: 0.5, advantage: 0.5 }]);
    assert.deepEqual(await recorder.commit("r", "rl/0"), { inserted: 0, ignored: 1, conflicting: 0 });
    await recorder.close();
    const { rows } = await runSql(path, "SELECT value FROM meta WHERE name = 'schema_version'");
    assert.deepEqual(rows, [[String(SCHEMA_VERSION)]]);
  });
});
