import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { MAX_PACKED_ID, type PackedType, packList, packSql, unpackSql } from "../../data/_packed_lists.ts";
import { Recorder } from "../../data/recorder.ts";
import { InvalidRowError } from "../../data/record_errors.ts";
import { runSql } from "../../data/sql.ts";
import { inFolder, turnRow } from "./_record_fixture.ts";

/** Gives texts to DuckDB and back what they mean there, each list as text: the JSON of a list has no NaN. */
async function inDuckDB(select: string, texts: readonly string[]): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const values: unknown[] = [];
    const statement = await connection.prepare(select);
    for (const text of texts) {
      statement.bindVarchar(1, text);
      values.push((await (await statement.run()).getRows())[0]?.[0]);
    }
    return values;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const ids = fc.array(fc.oneof(fc.nat(3000), fc.integer({ min: 55_000, max: 56_000 }), fc.nat(MAX_PACKED_ID)));
const floats = fc.array(fc.oneof(fc.float(), fc.float({ min: -20, max: 0 }), fc.constantFrom(0, -0, -5.960466e-7)));

for (const [type, lists] of [["INTEGER[]", ids], ["FLOAT[]", floats]] as [PackedType, fc.Arbitrary<number[]>][]) {
  Deno.test(`unpackSql() gives back what packList() packed, ${type}`, async () => {
    const samples = [[], [0], ...fc.sample(lists, { numRuns: 150, seed: 1 })];
    const unpacked = await inDuckDB(
      `SELECT (${unpackSql(type, "t")})::VARCHAR FROM (SELECT $1::VARCHAR AS t)`,
      samples.map((list) => packList(type, list)),
    );
    const asDuckDB = await inDuckDB(
      `SELECT CASE WHEN $1 = '' THEN [] ELSE string_split($1, ' ') END::${type}::VARCHAR`,
      samples.map((list) => list.map((value) => Object.is(value, -0) ? "-0.0" : String(value)).join(" ")),
    );
    assert.deepEqual(unpacked, asDuckDB);
  });

  Deno.test(`packSql() packs what unpackSql() gives back, ${type}`, async () => {
    const samples = [[], [0], ...fc.sample(lists, { numRuns: 50, seed: 2 })];
    const list = `(SELECT ${unpackSql(type, "t")} FROM (SELECT $1::VARCHAR AS t))`;
    const again = unpackSql(type, "p");
    const same = await inDuckDB(
      `SELECT (SELECT (${again})::VARCHAR FROM (SELECT ${
        packSql(type, "l")
      } AS p)) = l::VARCHAR FROM (SELECT ${list} AS l)`,
      samples.map((values) => packList(type, values)),
    );
    assert.ok(same.every((value) => value === true));
  });
}

Deno.test("Recorder.insert() refuses ids that have no character", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/r.duckdb`;
    const recorder = await Recorder.open(path);
    for (const id of [-1, MAX_PACKED_ID + 1, 1.5]) {
      assert.throws(() => recorder.insert("turn", [turnRow({ context_ids: [id] })]), InvalidRowError);
    }
    recorder.insert("turn", [turnRow({ context_ids: [0, 55_263, 55_264, MAX_PACKED_ID] })]);
    await recorder.flush();
    await recorder.close();
    assert.deepEqual((await runSql(path, "SELECT context_ids FROM turn")).rows, [[[0, 55_263, 55_264, MAX_PACKED_ID]]]);
  });
});
