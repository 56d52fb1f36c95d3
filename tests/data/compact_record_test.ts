import assert from "node:assert/strict";
import { compactRecord } from "../../data/compact_record.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import { RecordLockedError, RecordOpenError } from "../../data/record_errors.ts";
import { Recorder } from "../../data/recorder.ts";
import { rowHash } from "../../data/row_hash.ts";
import { removeRun } from "../../data/runs.ts";
import { runSql } from "../../data/sql.ts";
import { inFolder, runRow, turnRow } from "./_record_fixture.ts";

/** Turns of a run that hardly compress. */
async function writeRun(path: string, run: string): Promise<void> {
  const recorder = await Recorder.open(path);
  recorder.insert("run", [runRow({ run_id: run })]);
  for (let step = 0; step < 4; step++) {
    const random = keyedRandom(1, run, step);
    const list = () => Array.from({ length: 50 }, () => Math.floor(random.uniform() * 50_000));
    recorder.insert(
      "turn",
      Array.from({ length: 200 }, (_, turn) => turnRow({ run_id: run, step, turn, context_ids: list() })),
    );
    await recorder.commit(run, `rl/${step}`);
    await recorder.query("SELECT count(*) FROM turn");
  }
  await recorder.close();
}

Deno.test("compactRecord() gives back the room of removed rows and keeps the others", async () => {
  await inFolder(async (folder) => {
    const [path, alone] = [`${folder}/r.duckdb`, `${folder}/alone.duckdb`];
    for (const run of ["a", "b", "c"]) await writeRun(path, run);
    await writeRun(alone, "b");
    for (const run of ["a", "c"]) await removeRun(path, run, { yes: true });
    // What a killed compaction left behind is in nobody's way.
    await Deno.writeTextFile(`${path}.compact`, "half");
    const { before, after } = await compactRecord(path);
    assert.ok(after < before);
    assert.equal((await Deno.stat(path)).size, after);
    assert.ok(after <= 1.1 * (await Deno.stat(alone)).size);
    assert.deepEqual(await rowHash(path), await rowHash(alone));
    assert.ok((await compactRecord(path)).after <= after);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["alone.duckdb", "r.duckdb"]);
  });
});

Deno.test("Recorder.close() leaves little room unused, however many sessions wrote the file", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    for (const run of ["a", "b", "c", "d", "e"]) await writeRun(path, run);
    const { rows } = await runSql(path, "SELECT block_size * used_blocks FROM pragma_database_size()");
    const { size } = await Deno.stat(path);
    assert.ok(size - Number(rows[0]?.[0]) <= Math.max(2 ** 17, 0.05 * size));
    assert.deepEqual((await runSql(path, "SELECT count(*) FROM turn")).rows, [[4000]]);
  });
});

Deno.test("compactRecord() refuses a record that is missing or open", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    await assert.rejects(compactRecord(path), RecordOpenError);
    const recorder = await Recorder.open(path);
    await assert.rejects(compactRecord(path), RecordLockedError);
    await recorder.close();
  });
});
