import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { MIGRATION_1_TO_2 } from "../../data/_migration_1_to_2.ts";
import { MIGRATION_2_TO_3 } from "../../data/_migration_2_to_3.ts";
import { unpackSql } from "../../data/_packed_lists.ts";
import { Recorder } from "../../data/recorder.ts";
import { declarationOf, SCHEMA_VERSION, TABLE_NAMES } from "../../data/schema.ts";
import { runSql } from "../../data/sql.ts";
import { VIEWS } from "../../data/views.ts";
import { identity, inFolder, turnRow } from "./_record_fixture.ts";

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

/** Brings a copy of the file of version 1 to version 3 by the statements of the time, with the view that version had. */
async function makeVersion3(path: string): Promise<void> {
  await Deno.copyFile(V1, path);
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  // Not all of its columns: what matters is that a view names the table that is made anew.
  const view = `CREATE VIEW turn AS SELECT run_id, turn, ${
    unpackSql("FLOAT[]", "logprobs")
  } AS logprobs FROM turn_packed`;
  await connection.run([...MIGRATION_1_TO_2, ...MIGRATION_2_TO_3, view].join(";\n"));
  await connection.run("DELETE FROM meta; INSERT INTO meta VALUES ('schema_version', '3'), ('record_id', 'kept')");
  connection.closeSync();
  instance.closeSync();
}

Deno.test("Recorder.open() brings a file of version 3 to this version, though a view stands on the table that changes", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/v3.duckdb`;
    await makeVersion3(path);
    const recorder = await Recorder.open(path);
    assert.deepEqual(
      (await recorder.query(
        "SELECT logprobs, full_logprobs, thresholds, train_logprobs, ok FROM turn ORDER BY position, turn",
      )).rows,
      [[-0.5], [-0.25, -0.75], [-0.5]].map((logprobs) => [logprobs, null, null, null, true]),
    );
    assert.deepEqual(
      (await recorder.query(
        "SELECT phase, loss, numerator, entropy, learning_rate, groups_kept FROM update_step ORDER BY phase",
      ))
        .rows,
      [["rl", null, null, null, 0.001, null], ["sft", 3, null, null, 0.001, null]],
    );
    assert.deepEqual((await recorder.query("SELECT value FROM meta WHERE name = 'record_id'")).rows, [["kept"]]);
    recorder.insert("turn", [turnRow({
      step: 7,
      generated_ids: [5, 6],
      logprobs: [-0.25, -0.75],
      full_logprobs: [-0.5, -1],
      thresholds: [-3.5, -Infinity],
      train_logprobs: [-0.25, -0.75],
    })]);
    await recorder.commit("r", "rl/7");
    await recorder.close();
    const again = await Recorder.open(path);
    assert.deepEqual(
      (await again.query("SELECT full_logprobs, thresholds, train_logprobs FROM turn WHERE step = 7")).rows,
      [[[-0.5, -1], [-3.5, "-Infinity"], [-0.25, -0.75]]],
    );
    await again.close();
  });
});
