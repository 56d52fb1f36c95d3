import assert from "node:assert/strict";
import { Recorder } from "../../data/recorder.ts";
import { RecordCorruptError, recordError, RecordFullError } from "../../data/record_errors.ts";
import { runSql } from "../../data/sql.ts";
import { inFolder, turnRow } from "./_record_fixture.ts";

const CHILD = new URL("./_full_disk_child.ts", import.meta.url).pathname;

/** Runs the child with files limited to 2 MiB, as on a full disk: what does not fit fails to be written. */
async function fillDisk(path: string, rows: number): Promise<string[]> {
  const limited = `ulimit -f 4096; trap '' XFSZ; exec "$0" "$@"`;
  const { stdout, success } = await new Deno.Command("sh", {
    args: ["-c", limited, Deno.execPath(), "run", "-A", "--no-check", CHILD, path, String(rows)],
    stdout: "piped",
    stderr: "inherit",
  }).output();
  assert.ok(success);
  return new TextDecoder().decode(stdout).trim().split("\n");
}

Deno.test({
  name: "Recorder.commit() throws RecordFullError on a full disk and loses nothing that it acknowledged",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder(async (folder) => {
      // Small units go through the journal, large ones straight into the tables.
      for (const rows of [4, 4200]) {
        const path = `${folder}/${rows}.duckdb`;
        if (rows > 1000) {
          const recorder = await Recorder.open(path);
          recorder.insert("turn", [turnRow()]);
          await recorder.commit("r", "first");
          await recorder.close();
        }
        const lines = await fillDisk(path, rows);
        const acknowledged = lines.filter((line) => line.startsWith("rl/"));
        const failures = lines.filter((line) => /^(full|again): /.test(line));
        assert.equal(failures.length, 2);
        for (const line of failures) {
          assert.match(line, /RecordFullError .*no room on its disk.*nothing that was committed is lost/);
        }
        const before = rows > 1000 ? ["first"] : [];
        if (rows < 1000) assert.ok(acknowledged.length > 100);
        // With room again, everything is there, and the record can be written.
        const recorder = await Recorder.open(path);
        assert.deepEqual(recorder.units("r").map(({ unit }) => unit), [...before, ...acknowledged]);
        assert.deepEqual((await recorder.query("SELECT count(*) FROM turn")).rows, [
          [acknowledged.length * rows + before.length],
        ]);
        await recorder.commit("r", "after");
        await recorder.close();
      }
    });
  },
});

Deno.test("Recorder.open() leaves a truncated file and its journal as they are", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const recorder = await Recorder.open(path);
    recorder.insert("turn", Array.from({ length: 3000 }, (_, turn) => turnRow({ turn })));
    await recorder.commit("r", "a");
    await recorder.close();
    const whole = await Deno.readFile(path);
    const half = whole.slice(0, whole.length / 2);
    await Deno.writeFile(path, half);
    await assert.rejects(Recorder.open(path), RecordCorruptError);
    await assert.rejects(runSql(path, "SELECT count(*) FROM turn"), RecordCorruptError);
    assert.deepEqual(await Deno.readFile(path), half);
  });
});

Deno.test("recordError() knows a full disk by the words of Linux, macOS and DuckDB", () => {
  const words = [
    "No space left on device (os error 28)",
    'IO Error: Could not write file "r.duckdb.wal": No space left on device',
    "File too large (os error 27)",
    "Disk quota exceeded (os error 122)",
  ];
  for (const text of words) {
    assert.ok(recordError("r.duckdb", new Error(text), "write") instanceof RecordFullError, text);
  }
});
