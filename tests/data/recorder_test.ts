import assert from "node:assert/strict";
import fc from "fast-check";
import { DuckDBInstance } from "@duckdb/node-api";
import {
  InvalidRowError,
  QueryError,
  ReadOnlyError,
  RecordCorruptError,
  RecordLockedError,
  RecordOpenError,
  RecordVersionError,
} from "../../data/record_errors.ts";
import { Recorder } from "../../data/recorder.ts";
import { rowHash } from "../../data/row_hash.ts";
import type { Row } from "../../data/schema.ts";
import { runSql } from "../../data/sql.ts";
import { Child, identity, inFolder, rolloutRow, runRow, turnRow } from "./_record_fixture.ts";

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("Recorder.commit() makes rows and unit visible together, also after reopening", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const first = await Recorder.open(path);
    first.insert("run", [runRow()]);
    first.insert("turn", [turnRow(), turnRow({ turn: 1, code: null })]);
    assert.deepEqual((await first.query("SELECT count(*) FROM turn")).rows, [[0]]);
    assert.equal(first.hasUnit("r", "rl/0"), false);
    assert.deepEqual(await first.commit("r", "rl/0", { checkpoint: "0.bin" }), {
      inserted: 4,
      ignored: 0,
      conflicting: 0,
    });
    assert.equal(first.hasUnit("r", "rl/0"), true);
    assert.deepEqual(await first.commit("r", "eval/dev"), { inserted: 1, ignored: 0, conflicting: 0 });
    await first.close();

    const again = await Recorder.open(path);
    assert.deepEqual((await again.query("SELECT turn, context_ids, logprobs, code FROM turn ORDER BY turn")).rows, [
      [0, [1, 2], [-0.5], "f()"],
      [1, [1, 2], [-0.5], null],
    ]);
    assert.deepEqual((await again.query("SELECT config, started_at, parent_run_id FROM run")).rows, [
      ['{"chainLength":2}', "2026-01-02 03:04:05", null],
    ]);
    assert.deepEqual(again.units("r"), [
      { unit: "rl/0", checkpoint: "0.bin", seq: 0 },
      { unit: "eval/dev", checkpoint: null, seq: 1 },
    ]);
    assert.equal(again.lastUnit("r")?.unit, "eval/dev");
    assert.equal(again.lastUnit("r", "rl/")?.checkpoint, "0.bin");
    assert.equal(again.lastUnit("r", "sft/"), undefined);
    assert.equal(again.lastUnit("other"), undefined);
    await again.close();
  });
});

Deno.test("Recorder.commit() ignores rows whose key is there and counts those that differ", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    recorder.insert("rollout", [rolloutRow({ wall_ms: 1 })]);
    await recorder.commit("r", "a");
    // Another duration is no difference, another score is one.
    recorder.insert("rollout", [rolloutRow({ wall_ms: 2 }), rolloutRow({ position: 2 })]);
    assert.deepEqual(await recorder.commit("r", "b"), { inserted: 2, ignored: 1, conflicting: 0 });
    recorder.insert("rollout", [rolloutRow({ score: 0.5 })]);
    assert.deepEqual(await recorder.flush(), { inserted: 0, ignored: 1, conflicting: 1 });
    recorder.insert("rollout", [
      rolloutRow({ step: 7 }),
      rolloutRow({ step: 7 }),
      rolloutRow({ step: 7, score: null }),
    ]);
    assert.deepEqual(await recorder.flush(), { inserted: 1, ignored: 2, conflicting: 1 });
    assert.deepEqual(
      (await recorder.query("SELECT step, position, score, wall_ms FROM rollout ORDER BY step, position")).rows,
      [[0, 1, 1, 1], [0, 2, 1, null], [7, 1, 1, null]],
    );
    await recorder.close();
  });
});

Deno.test("Recorder.commit() of a unit that is there keeps the unit as it was", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    await recorder.commit("r", "a", { checkpoint: "first.bin" });
    await recorder.commit("r", "a", { checkpoint: "second.bin" });
    assert.deepEqual(recorder.units("r"), [{ unit: "a", checkpoint: "first.bin", seq: 0 }]);
    assert.deepEqual((await recorder.query("SELECT checkpoint FROM unit")).rows, [["first.bin"]]);
    await recorder.close();
  });
});

Deno.test("Recorder.commit() gives the same rows however they are cut, repeated and interrupted by reopening", async () => {
  const key = fc.record({
    step: fc.nat({ max: 2 }),
    grp: fc.nat({ max: 1 }),
    sample: fc.nat({ max: 1 }),
    position: fc.nat({ max: 2 }),
  });
  const plan = fc.array(fc.record({ rows: fc.array(key, { maxLength: 6 }), reopen: fc.boolean() }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(plan, async (commits) => {
      await inFolder(async (folder) => {
        const path = `${folder}/r.duckdb`;
        let recorder = await Recorder.open(path);
        const expected = new Set<string>();
        for (const [i, { rows, reopen }] of commits.entries()) {
          // What a row holds follows from its key, as in a run.
          recorder.insert(
            "advantage",
            rows.map((row) => ({ ...identity(row), reward: row.step, baseline: row.grp, advantage: row.sample })),
          );
          const { inserted, ignored, conflicting } = await recorder.commit("r", `u${i}`);
          const before = expected.size;
          for (const row of rows) expected.add(JSON.stringify(row));
          assert.deepEqual({ inserted, ignored, conflicting }, {
            inserted: 1 + expected.size - before,
            ignored: rows.length - (expected.size - before),
            conflicting: 0,
          });
          if (reopen) {
            await recorder.close();
            recorder = await Recorder.open(path);
          }
        }
        const { rows } = await recorder.query("SELECT step, grp, sample, position FROM advantage");
        const found = rows.map(([step, grp, sample, position]) => JSON.stringify({ step, grp, sample, position }));
        assert.deepEqual(found.sort(), [...expected].sort());
        await recorder.close();
      });
    }),
    { numRuns: 8 },
  );
});

Deno.test("Recorder.commit() keeps units apart when several are under way", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    const commits = Array.from({ length: 20 }, (_, step) => {
      recorder.insert("rollout", [rolloutRow({ step })]);
      return recorder.commit("r", `rl/${step}`);
    });
    const queries = Array.from(
      { length: 20 },
      () => recorder.query("SELECT (SELECT count(*) FROM rollout), (SELECT count(*) FROM unit)"),
    );
    await Promise.all(commits);
    for (const { rows: [row] } of await Promise.all(queries)) assert.equal(row?.[0], row?.[1]);
    assert.deepEqual(
      recorder.units("r").map(({ unit, seq }) => [unit, seq]),
      Array.from({ length: 20 }, (_, i) => [`rl/${i}`, i]),
    );
    await recorder.close();
  });
});

Deno.test("Recorder.insert() stores awkward values as they are", async () => {
  await inFolder(async (folder) => {
    const texts = [
      "",
      "\u0000",
      "a\u0000b",
      "\u0001|'\"\\\n\r\t",
      "日本語 😀 e\u0301",
      "x".repeat(100_000),
      "NULL",
    ];
    const numbers = [0, 1 / 3, -1e-300, 1.7976931348623157e308, 2 ** 53 + 2];
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    recorder.insert("turn", texts.map((observation, turn) => turnRow({ turn, observation })));
    recorder.insert(
      "advantage",
      numbers.map((reward, step) => ({ ...identity({ step }), reward, baseline: Number.NaN, advantage: -Infinity })),
    );
    recorder.insert(
      "api_call",
      texts.map((text, n) => ({
        ...identity(),
        turn: 0,
        n,
        app: "a",
        api: "b",
        args: { [text]: [text, null] },
        status: 200,
      })),
    );
    recorder.insert("rollout", [rolloutRow({ skills_offered: texts.slice(0, 5), tests: null })]);
    await recorder.flush();
    assert.deepEqual(
      (await recorder.query("SELECT observation FROM turn ORDER BY turn")).rows,
      texts.map((text) => [text]),
    );
    assert.deepEqual(
      (await recorder.query("SELECT reward FROM advantage ORDER BY step")).rows,
      numbers.map((number) => [number]),
    );
    assert.deepEqual((await recorder.query("SELECT DISTINCT baseline, advantage FROM advantage")).rows, [[
      "NaN",
      "-Infinity",
    ]]);
    const { rows } = await recorder.query("SELECT args FROM api_call ORDER BY n");
    assert.deepEqual(rows.map(([args]) => JSON.parse(String(args))), texts.map((text) => ({ [text]: [text, null] })));
    assert.deepEqual((await recorder.query("SELECT skills_offered, tests FROM rollout")).rows, [[
      texts.slice(0, 5),
      null,
    ]]);
    await recorder.close();
  });
});

Deno.test("Recorder.insert() handles more rows than a data chunk holds", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    const rows = Array.from(
      { length: 4097 },
      (_, sample) => ({ ...identity({ sample }), term: "outcome", value: sample }),
    );
    recorder.insert("reward_term", rows);
    assert.equal((await recorder.flush()).inserted, 4097);
    recorder.insert("reward_term", rows);
    assert.equal((await recorder.flush()).ignored, 4097);
    assert.deepEqual((await recorder.query("SELECT count(*), sum(value) FROM reward_term")).rows, [[
      4097,
      4096 * 4097 / 2,
    ]]);
    await recorder.close();
  });
});

Deno.test("Recorder.insert() refuses all rows when one is invalid, and says which and why", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    const bad = { ...rolloutRow({ position: 2 }), steps: 1.5 } as Row<"rollout">;
    assert.throws(() => recorder.insert("rollout", [rolloutRow(), bad]), (error) => {
      assert.ok(error instanceof InvalidRowError);
      assert.match(error.message, /row 1 of table rollout: steps: expected a whole number/);
      return true;
    });
    const unknown = { ...rolloutRow(), positon: 3 } as Row<"rollout">;
    assert.throws(() => recorder.insert("rollout", [unknown]), /positon/);
    assert.equal((await recorder.flush()).inserted, 0);
    await recorder.close();
  });
});

Deno.test("Recorder.discard() and Recorder.close() drop what was not committed", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const recorder = await Recorder.open(path);
    recorder.insert("rollout", [rolloutRow()]);
    recorder.discard();
    await recorder.commit("r", "a");
    recorder.insert("rollout", [rolloutRow()]);
    await recorder.close();
    await recorder.close();
    assert.throws(() => recorder.insert("rollout", [rolloutRow()]), /closed/);
    await assert.rejects(recorder.commit("r", "b"), /closed/);
    assert.deepEqual((await runSql(path, "SELECT count(*) FROM rollout")).rows, [[0]]);
  });
});

Deno.test("Recorder.query() only reads", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    await assert.rejects(recorder.query("DELETE FROM run"), ReadOnlyError);
    await assert.rejects(recorder.query("SELECT nothing FROM run"), QueryError);
    // A failed statement leaves the connection usable.
    assert.deepEqual((await recorder.query("SELECT 1")).rows, [[1]]);
    await recorder.close();
  });
});

Deno.test("a killed process leaves what it committed and nothing else; the resumed run ends in the rows of an undisturbed one", async () => {
  await inFolder(async (folder) => {
    const [killed, calm] = [`${folder}/killed.duckdb`, `${folder}/calm.duckdb`];
    const child = new Child("_writer_child.ts", [killed, "kill", "5"]);
    const acknowledged: string[] = [];
    for (let line = await child.line(); line !== undefined; line = await child.line()) acknowledged.push(line);
    assert.equal((await child.end()).signal, "SIGKILL");
    assert.deepEqual(acknowledged, ["rl/0", "rl/1", "rl/2", "rl/3"]);
    const recorder = await Recorder.open(killed);
    const units = recorder.units("r").length;
    // The commit that was under way may have come through or not, but never in part.
    assert.ok(units === 4 || units === 5);
    assert.deepEqual((await recorder.query("SELECT count(*) FROM rollout")).rows, [[units * 2]]);
    assert.deepEqual((await recorder.query("SELECT count(*) FROM turn")).rows, [[units * 2]]);
    await recorder.close();
    for (const path of [killed, calm]) {
      const again = new Child("_writer_child.ts", [path, "hold", "6"]);
      assert.equal((await again.end()).code, 0);
    }
    assert.deepEqual(await rowHash(killed), await rowHash(calm));
    assert.equal((await runSql(killed, "SELECT count(*) FROM unit")).rows[0]?.[0], 6);
  });
});

Deno.test("a process killed while the journal is moved into the tables loses no commit and doubles none", async () => {
  await inFolder(async (folder) => {
    for (const delayMs of ["0", "1", "4", "400"]) {
      const path = `${folder}/${delayMs}.duckdb`;
      const child = new Child("_writer_child.ts", [path, "kill-settle", "4", delayMs]);
      const acknowledged: string[] = [];
      for (let line = await child.line(); line !== undefined; line = await child.line()) acknowledged.push(line);
      assert.equal((await child.end()).signal, "SIGKILL");
      assert.deepEqual(acknowledged, ["rl/0", "rl/1", "rl/2"]);
      // A reader takes the journal over as a writer does.
      const { rows } = await runSql(path, "SELECT (SELECT count(*) FROM unit), (SELECT count(*) FROM turn)");
      assert.deepEqual(rows, [[3, 6]]);
      // Where all had been moved when the kill came, the journal was emptied, and there was nothing to take over.
      const left = await Deno.stat(`${path}.journal`).then(({ size }) => size, () => 0);
      assert.equal(left, 0);
    }
  });
});

Deno.test("a torn end of the journal is no commit, and damage before a sound commit is an error that loses nothing", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const journal = `${path}.journal`;
    const child = new Child("_writer_child.ts", [path, "kill", "4"]);
    while (await child.line() !== undefined);
    await child.end();
    const sound = await Deno.readFile(journal);
    const files = [path, `${path}.wal`];
    for (const file of files) await Deno.rename(file, `${file}.kept`);
    async function unitsWith(bytes: Uint8Array): Promise<unknown> {
      for (const file of files) await Deno.copyFile(`${file}.kept`, file);
      await Deno.writeFile(journal, bytes);
      return (await runSql(path, "SELECT count(*) FROM unit")).rows[0]?.[0];
    }
    const whole = Number(await unitsWith(sound));
    assert.ok(whole === 3 || whole === 4);
    assert.equal(await unitsWith(sound.subarray(0, sound.length - 1)), whole - 1);
    assert.equal(await unitsWith(new Uint8Array([...sound, ...sound.subarray(100, 150)])), whole);
    const flipped = sound.map((byte, i) => (i === 300 ? byte ^ 1 : byte));
    await assert.rejects(unitsWith(flipped), (error) => {
      assert.ok(error instanceof RecordCorruptError && error.message.includes(journal), String(error));
      return true;
    });
    assert.deepEqual(await Deno.readFile(journal), flipped);
    assert.equal(await unitsWith(sound), whole);
  });
});

Deno.test("Recorder.open() refuses the journal of another record and leaves it", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const child = new Child("_writer_child.ts", [path, "kill", "3"]);
    while (await child.line() !== undefined);
    await child.end();
    await Deno.rename(`${path}.journal`, `${folder}/other.duckdb.journal`);
    await assert.rejects(Recorder.open(`${folder}/other.duckdb`), /belongs to another record/);
    await assert.rejects(runSql(`${folder}/other.duckdb`, "SELECT 1"), RecordCorruptError);
    assert.equal(await exists(`${folder}/other.duckdb.journal`), true);
    // The record itself can be read without.
    await (await Recorder.open(path)).close();
  });
});

Deno.test("Recorder.commit() keeps rows apart that share a group and come in many commits", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    let recorder = await Recorder.open(path);
    for (let sample = 0; sample < 6; sample++) {
      if (sample === 3) {
        await recorder.close();
        recorder = await Recorder.open(path);
      }
      recorder.insert("rollout", [rolloutRow({ sample })]);
      // The sample before comes once more.
      if (sample > 0) recorder.insert("rollout", [rolloutRow({ sample: sample - 1, score: sample === 5 ? 0 : 1 })]);
      assert.deepEqual(await recorder.commit("r", `u${sample}`), {
        inserted: 2,
        ignored: sample > 0 ? 1 : 0,
        conflicting: sample === 5 ? 1 : 0,
      });
    }
    const { rows } = await recorder.query("SELECT sample, score FROM rollout ORDER BY sample");
    assert.deepEqual(rows, [0, 1, 2, 3, 4, 5].map((sample) => [sample, 1]));
    await recorder.close();
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["r.duckdb"]);
  });
});

Deno.test("Recorder.open() throws RecordLockedError while another process or recorder holds the file", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const child = new Child("_writer_child.ts", [path, "hold"]);
    while (await child.line() !== "ready");
    await assert.rejects(Recorder.open(path, { lockTimeoutMs: 0 }), (error) => {
      assert.ok(error instanceof RecordLockedError);
      assert.ok(error.message.includes(path) && error.message.includes(`process ${child.pid}`), error.message);
      return true;
    });
    // Waiting for the lock ends when the holder goes.
    const waiting = Recorder.open(path, { lockTimeoutMs: 60_000 });
    assert.equal((await child.end()).code, 0);
    const recorder = await waiting;
    await assert.rejects(Recorder.open(path), /this process has it open/);
    const link = `${folder}/link.duckdb`;
    await Deno.symlink(path, link);
    await assert.rejects(Recorder.open(link), RecordLockedError);
    await recorder.close();
    await (await Recorder.open(link)).close();
  });
});

Deno.test("Recorder.open() gives the file to one of two openers of the same process", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const results = await Promise.allSettled([Recorder.open(path), Recorder.open(path)]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    for (const result of results) if (result.status === "fulfilled") await result.value.close();
    await (await Recorder.open(path)).close();
  });
});

Deno.test("Recorder.open() throws RecordCorruptError on a damaged file, naming it", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    await (await Recorder.open(path)).close();
    const sound = await Deno.readFile(path);
    const damages: [string, Uint8Array<ArrayBuffer>][] = [
      ["text", new TextEncoder().encode("this is not a database\n".repeat(1000))],
      ["short", sound.slice(0, 6000)],
      ["flipped", sound.map((byte, i) => (i >= 4096 && i < 9000 ? byte ^ 0x55 : byte))],
    ];
    for (const [name, bytes] of damages) {
      const damaged = `${folder}/${name}.duckdb`;
      await Deno.writeFile(damaged, bytes);
      await assert.rejects(Recorder.open(damaged), (error) => {
        assert.ok(error instanceof RecordCorruptError, `${name}: ${error}`);
        assert.ok(error.message.includes(damaged));
        return true;
      });
      await assert.rejects(runSql(damaged, "SELECT 1"), RecordCorruptError);
      // The hold is given back.
      await Deno.remove(damaged);
      await (await Recorder.open(damaged)).close();
    }
  });
});

Deno.test("Recorder.open() refuses a newer schema, foreign tables and a missing folder", async () => {
  await inFolder(async (folder) => {
    async function make(name: string, statements: readonly string[]): Promise<string> {
      const instance = await DuckDBInstance.create(`${folder}/${name}`);
      const connection = await instance.connect();
      for (const statement of statements) await connection.run(statement);
      connection.closeSync();
      instance.closeSync();
      return `${folder}/${name}`;
    }
    const newer = `${folder}/newer.duckdb`;
    await (await Recorder.open(newer)).close();
    await make("newer.duckdb", ["UPDATE meta SET value = '999' WHERE name = 'schema_version'"]);
    await assert.rejects(Recorder.open(newer), (error) => {
      assert.ok(error instanceof RecordVersionError);
      assert.ok(error.message.includes(newer) && error.message.includes("999"));
      return true;
    });
    await assert.rejects(runSql(newer, "SELECT 1"), RecordVersionError);
    const foreign = await make("foreign.duckdb", ["CREATE TABLE other(a INTEGER)"]);
    await assert.rejects(Recorder.open(foreign), RecordOpenError);
    const alike = await make("alike.duckdb", ["CREATE TABLE meta(a INTEGER)"]);
    await assert.rejects(Recorder.open(alike), RecordOpenError);
    await assert.rejects(Recorder.open(`${folder}/missing/r.duckdb`), /folder does not exist/);
    await assert.rejects(runSql(`${folder}/none.duckdb`, "SELECT 1"), RecordOpenError);
  });
});

Deno.test("Recorder.open() makes views anew when the file has others", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    await (await Recorder.open(path)).close();
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run("CREATE OR REPLACE VIEW metrics_by_run AS SELECT 1 AS old");
    await connection.run("UPDATE meta SET value = 'old' WHERE name = 'views_hash'");
    connection.closeSync();
    instance.closeSync();
    const recorder = await Recorder.open(path);
    const { columns } = await recorder.query("SELECT * FROM metrics_by_run");
    assert.ok(columns.some(({ name }) => name === "sgc"));
    await recorder.close();
  });
});
