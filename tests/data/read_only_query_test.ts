import assert from "node:assert/strict";
import { Recorder } from "../../data/recorder.ts";
import { inFolder } from "./_record_fixture.ts";

Deno.test("readOnlyQuery() gives JSON values for every kind of column", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    const cases: [string, unknown][] = [
      ["9007199254740991::BIGINT", 9007199254740991],
      ["9007199254740993::BIGINT", "9007199254740993"],
      ["sum(1)", 1],
      ["count(*)", 1],
      ["170141183460469231731687303715884105727::HUGEINT", "170141183460469231731687303715884105727"],
      ["0.25", 0.25],
      ["12345678901234567890.5::DECIMAL(38, 1)", "12345678901234567890.5"],
      ["'NaN'::DOUBLE", "NaN"],
      ["'-Infinity'::DOUBLE", "-Infinity"],
      ["NULL", null],
      ["[1, NULL, 3]", [1, null, 3]],
      ["[[1.5::FLOAT], []]", [[1.5], []]],
      ["{'a': 1, 'b': [{'c': 'x'}]}", { a: 1, b: [{ c: "x" }] }],
      ["MAP {'k': 1::BIGINT}", [["k", 1]]],
      ["TIMESTAMP '2026-01-02 03:04:05.5'", "2026-01-02 03:04:05.5"],
      ["DATE '2026-01-02'", "2026-01-02"],
      ["INTERVAL 2 DAY", "2 days"],
      ["true", true],
      ["'a'::BLOB", "a"],
    ];
    for (const [expression, expected] of cases) {
      assert.deepEqual((await recorder.query(`SELECT ${expression}`)).rows, [[expected]], expression);
    }
    await recorder.close();
  });
});

Deno.test("readOnlyQuery() keeps columns of equal names apart", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    const { columns, rows } = await recorder.query("SELECT 1 AS a, 'x' AS a");
    assert.deepEqual(columns, [{ name: "a", type: "INTEGER" }, { name: "a", type: "VARCHAR" }]);
    assert.deepEqual(rows, [[1, "x"]]);
    await recorder.close();
  });
});

Deno.test("readOnlyQuery() gives all rows of a result of many chunks", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    const { rows } = await recorder.query("SELECT range FROM range(200000) ORDER BY range DESC");
    assert.equal(rows.length, 200_000);
    assert.deepEqual([rows[0], rows.at(-1)], [[199_999], [0]]);
    await recorder.close();
  });
});
