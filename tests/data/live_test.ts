import assert from "node:assert/strict";
import { liveFile, queryLive, serveLive } from "../../data/live.ts";
import { QueryError, ReadOnlyError, RecordLockedError } from "../../data/record_errors.ts";
import { Recorder } from "../../data/recorder.ts";
import { rowHash } from "../../data/row_hash.ts";
import { runSql } from "../../data/sql.ts";
import { Child, identity, inFolder, rolloutRow } from "./_record_fixture.ts";

interface Address {
  url: string;
  token: string;
  pid: number;
}

async function addressOf(path: string): Promise<Address> {
  return JSON.parse(await Deno.readTextFile(await liveFile(path)));
}

function ask(address: Address, body: string, token = address.token): Promise<Response> {
  return fetch(address.url, { method: "POST", headers: { authorization: `Bearer ${token}` }, body });
}

Deno.test("runSql() answers from another process while one writes, with committed rows only", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const child = new Child("_writer_child.ts", [path, "hold-live", "3"]);
    while (await child.line() !== "ready");
    const sql = "SELECT count(*) AS n, max(step) AS last FROM rollout";
    assert.deepEqual(await runSql(path, sql), {
      columns: [{ name: "n", type: "BIGINT" }, { name: "last", type: "INTEGER" }],
      rows: [[6, 2]],
    });
    await assert.rejects(runSql(path, "SELECT nothing"), QueryError);
    await assert.rejects(runSql(path, "DROP TABLE run"), ReadOnlyError);
    const live = await rowHash(path);
    const { mode } = await Deno.stat(await liveFile(path));
    assert.equal((mode ?? 0) & 0o777, 0o600);
    assert.equal((await addressOf(path)).pid, child.pid);
    assert.equal((await child.end()).code, 0);
    // Now the same query goes to the file, and the live file is gone.
    await assert.rejects(Deno.stat(await liveFile(path)), Deno.errors.NotFound);
    assert.deepEqual((await runSql(path, sql)).rows, [[6, 2]]);
    assert.deepEqual(await rowHash(path), live);
  });
});

Deno.test("runSql() answers in the writing process too", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const recorder = await Recorder.open(path);
    recorder.insert("rollout", [rolloutRow()]);
    await recorder.flush();
    assert.deepEqual((await runSql(path, "SELECT count(*) FROM rollout")).rows, [[1]]);
    await assert.rejects(runSql(path, "DELETE FROM rollout"), ReadOnlyError);
    await recorder.close();
    const results = await Promise.all([1, 2, 3].map((n) => runSql(path, `SELECT count(*) + ${n} FROM rollout`)));
    assert.deepEqual(results.map(({ rows }) => rows[0]?.[0]), [2, 3, 4]);
  });
});

Deno.test("runSql() throws RecordLockedError when the writer serves no queries", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const child = new Child("_writer_child.ts", [path, "hold"]);
    while (await child.line() !== "ready");
    await assert.rejects(runSql(path, "SELECT 1"), RecordLockedError);
    // A live file of a process that died, whose port is now closed.
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    await Deno.writeTextFile(
      await liveFile(path),
      JSON.stringify({ url: `http://127.0.0.1:${port}/`, token: "t", pid: 1 }),
    );
    await assert.rejects(runSql(path, "SELECT 1"), RecordLockedError);
    await Deno.writeTextFile(await liveFile(path), "{ torn");
    await assert.rejects(runSql(path, "SELECT 1"), RecordLockedError);
    await child.end();
  });
});

Deno.test("a live file left by a killed process is ignored by readers and overwritten by the next writer", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const child = new Child("_writer_child.ts", [path, "hold-live", "1"]);
    while (await child.line() !== "ready");
    await child.kill();
    const stale = await addressOf(path);
    assert.deepEqual((await runSql(path, "SELECT count(*) FROM rollout")).rows, [[2]]);
    assert.equal(await queryLive(path, "SELECT 1"), undefined);
    const recorder = await Recorder.open(path);
    const live = await serveLive(recorder);
    assert.notEqual((await addressOf(path)).token, stale.token);
    assert.deepEqual((await queryLive(path, "SELECT 1 AS one"))?.rows, [[1]]);
    await live.close();
    await recorder.close();
  });
});

Deno.test("queryLive() takes another program on the port for no answer", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    await (await Recorder.open(path)).close();
    for (
      const answer of [
        () => new Response("hello"),
        () => Response.json({ rows: 1 }),
        () => new Response("no", { status: 401 }),
      ]
    ) {
      const other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
      const address = { url: `http://127.0.0.1:${other.addr.port}/`, token: "t", pid: 1 };
      await Deno.writeTextFile(await liveFile(path), JSON.stringify(address));
      assert.equal(await queryLive(path, "SELECT 1"), undefined);
      await other.shutdown();
    }
  });
});

Deno.test("serveLive() answers nobody without the token and no malformed request", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    const live = await serveLive(recorder);
    const address = await addressOf(recorder.path);
    const cases: [Promise<Response>, number][] = [
      [ask(address, '{"sql":"SELECT 1"}'), 200],
      [ask(address, '{"sql":"SELECT 1"}', "wrong"), 401],
      [ask(address, '{"sql":"SELECT 1"}', address.token.slice(1)), 401],
      [fetch(address.url, { method: "POST", body: '{"sql":"SELECT 1"}' }), 401],
      [ask(address, "not json"), 400],
      [ask(address, '{"sql":1}'), 400],
      [ask(address, '{"sql":"SELECT 1","more":2}'), 400],
      [ask(address, '{"sql":"nonsense"}'), 400],
    ];
    for (const [request, status] of cases) {
      const response = await request;
      await response.text();
      assert.equal(response.status, status);
    }
    await live.close();
    await recorder.close();
  });
});

Deno.test("serveLive() refuses whatever would write, or reach beyond the record", async () => {
  await inFolder(async (folder) => {
    const secret = `${folder}/secret.csv`;
    await Deno.writeTextFile(secret, "a,b\n1,2\n");
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    recorder.insert("rollout", [rolloutRow()]);
    await recorder.flush();
    const live = await serveLive(recorder);
    const refused = [
      "INSERT INTO meta VALUES ('a', 'b')",
      "UPDATE meta SET value = 'x'",
      "DELETE FROM rollout",
      "CREATE TABLE t AS SELECT 1",
      "CREATE TEMP TABLE t AS SELECT 1",
      "DROP VIEW metrics_by_run",
      "EXPLAIN ANALYZE DELETE FROM rollout",
      `COPY rollout TO '${folder}/out.csv'`,
      `COPY meta FROM '${secret}'`,
      `EXPLAIN ANALYZE COPY rollout TO '${folder}/out.csv'`,
      `EXPORT DATABASE '${folder}/export'`,
      `ATTACH '${folder}/other.duckdb'`,
      "INSTALL httpfs",
      "LOAD httpfs",
      "SET threads = 1",
      "PRAGMA threads = 1",
      "CALL pragma_version()",
      "CHECKPOINT",
      "VACUUM",
      "BEGIN",
      "COMMIT",
      "ROLLBACK; DELETE FROM rollout",
      "SELECT 1; DELETE FROM rollout",
      "PREPARE p AS DELETE FROM rollout",
      `SELECT * FROM '${secret}'`,
      `SELECT * FROM read_csv('${secret}')`,
      `SELECT * FROM read_text('${secret}')`,
      `SELECT * FROM read_blob('${secret}')`,
      `SELECT * FROM glob('${folder}/*')`,
      `SELECT * FROM sniff_csv('${secret}')`,
      `SELECT * FROM read_parquet('https://127.0.0.1/x.parquet')`,
      `SELECT * FROM query('SELECT * FROM read_text(''${secret}'')')`,
      "",
      "-- nothing",
    ];
    for (const sql of refused) {
      await assert.rejects(queryLive(recorder.path, sql), (error) => {
        assert.ok(error instanceof ReadOnlyError || error instanceof QueryError, sql);
        return true;
      }, sql);
    }
    const read = [
      "SELECT count(*) FROM rollout",
      "WITH x AS (SELECT 1) FROM x",
      "DESCRIBE rollout",
      "SHOW TABLES",
      "SUMMARIZE rollout",
      "EXPLAIN SELECT 1",
      "EXPLAIN ANALYZE SELECT count(*) FROM rollout",
      "VALUES (1)",
      "-- a comment\nSELECT 1;",
    ];
    for (const sql of read) assert.notEqual((await queryLive(recorder.path, sql))?.rows.length, 0, sql);
    assert.deepEqual((await recorder.query("SELECT count(*) FROM rollout")).rows, [[1]]);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["r.duckdb", "r.duckdb.journal", "r.duckdb.live.json", "r.duckdb.wal", "secret.csv"]);
    await live.close();
    await recorder.close();
  });
});

Deno.test("serveLive() limits rows and time", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    const rows = await serveLive(recorder, { maxRows: 10 });
    assert.equal((await queryLive(recorder.path, "SELECT * FROM range(10)"))?.rows.length, 10);
    await assert.rejects(queryLive(recorder.path, "SELECT * FROM range(11)"), /more than 10 rows/);
    await rows.close();
    const time = await serveLive(recorder, { timeoutMs: 1 });
    const endless = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3";
    await assert.rejects(queryLive(recorder.path, endless), /longer than 1 ms/);
    await time.close();
    await recorder.close();
  });
});

Deno.test("serveLive() sees a commit whole, never half of one", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    const live = await serveLive(recorder);
    const answers: (readonly unknown[] | undefined)[] = [];
    for (let step = 0; step < 10; step++) {
      recorder.insert("rollout", [rolloutRow({ step }), rolloutRow({ step, position: 2 })]);
      recorder.insert(
        "advantage",
        [1, 2].map((position) => ({ ...identity({ step, position }), reward: 1, baseline: 1, advantage: 0 })),
      );
      const commit = recorder.commit("r", `rl/${step}`);
      const sql =
        "SELECT (SELECT count(*) FROM rollout), (SELECT count(*) FROM advantage), (SELECT count(*) FROM unit)";
      answers.push((await queryLive(recorder.path, sql))?.rows[0]);
      await commit;
    }
    for (const [rollouts, advantages, units] of answers as [number, number, number][]) {
      assert.equal(rollouts, advantages);
      assert.equal(rollouts, 2 * units);
    }
    await live.close();
    await recorder.close();
  });
});
