import assert from "node:assert/strict";
import { QueryError } from "../../../data/record_errors.ts";
import { readRecord } from "../../../eval/viewer/record_session.ts";
import { inWorkspace } from "./_viewer_fixture.ts";

Deno.test("viewer's SQL box reads and does nothing else", async () => {
  await inWorkspace(async (asker, workspace) => {
    const ask = (sql: string, status: number) => asker.page(`/sql?q=${encodeURIComponent(sql)}`, status);
    assert.match(await ask("SELECT 41 + 1 AS answer", 200), /42/);
    for (
      const sql of [
        "DELETE FROM run",
        "DROP TABLE run",
        "CREATE TABLE x (a INTEGER)",
        "SELECT 1; SELECT 2",
        "ATTACH '/tmp/x.duckdb'",
        "COPY run TO '/tmp/run.csv'",
        "SET threads = 1",
        "INSTALL httpfs",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM range(60000)",
        `SELECT '${"x".repeat(21_000)}'`,
      ]
    ) assert.match(await ask(sql, 400), /Cannot/, sql.slice(0, 60));
    assert.match(await ask("SELEC 1", 400), /syntax error/);
    assert.match(await ask("SELECT count(*) FROM run", 200), /<td[^>]*>\s*2\s*<\/td>/);
    const names = [...Deno.readDirSync(workspace)].map(({ name }) => name);
    assert.deepEqual(names, ["whet.duckdb"]);
  });
});

Deno.test("viewer's downloads are the rows of the statement, exactly", async () => {
  await inWorkspace(async (asker) => {
    const sql = encodeURIComponent(
      "SELECT step, success_rate FROM update_step WHERE run_id LIKE 'sage%' ORDER BY step",
    );
    const csv = await asker.raw(`/sql.csv?q=${sql}`);
    assert.equal(csv.headers.get("content-disposition"), 'attachment; filename="result.csv"');
    assert.equal(await csv.text(), "step,success_rate\r\n0,0.25\r\n1,0.5\r\n");
    assert.deepEqual(JSON.parse(await asker.page(`/sql.json?q=${sql}`)), [
      { step: 0, success_rate: 0.25 },
      { step: 1, success_rate: 0.5 },
    ]);
    assert.match(await asker.page("/sql.json?q=DROP%20TABLE%20run", 400), /ReadOnlyError/);
  });
});

Deno.test("readRecord() ends a statement that takes too long or gives too much, and the next one works", async () => {
  await inWorkspace(async (_, workspace) => {
    const path = `${workspace}/whet.duckdb`;
    await assert.rejects(
      readRecord(
        path,
        ({ query }) => query("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"),
        {
          timeoutMs: 20,
        },
      ),
      (error) => error instanceof QueryError && /longer than 0.02 s/.test(error.message),
    );
    await assert.rejects(
      readRecord(path, ({ query }) => query("SELECT * FROM range(11)"), { maxRows: 10 }),
      (error) => error instanceof QueryError && /more than 10 rows/.test(error.message),
    );
    const result = await readRecord(path, ({ query }) => query("SELECT count(*) FROM run"));
    assert.deepEqual(result.rows, [[2]]);
  });
});
