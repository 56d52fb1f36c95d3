import assert from "node:assert/strict";
import fc from "fast-check";
import { Recorder } from "../../data/recorder.ts";
import { renderDdl, renderSchemaPage, renderSchemaText } from "../../data/render_schema.ts";
import { declarationOf, rowSchema, TABLE_NAMES } from "../../data/schema.ts";
import { keyColumns, rowChecker, stableColumns, storedName } from "../../data/table_declaration.ts";
import { VIEWS } from "../../data/views.ts";
import { eventRow, inFolder, rolloutRow, runRow, turnRow } from "./_record_fixture.ts";

Deno.test("TABLES have keys first, and no column that is key and nullable or volatile", () => {
  for (const table of TABLE_NAMES) {
    const declaration = declarationOf(table);
    const names = Object.keys(declaration.columns);
    const keys = keyColumns(declaration);
    assert.ok(keys.length > 0, table);
    assert.deepEqual(names.slice(0, keys.length), keys, table);
    for (const key of keys) {
      assert.ok(stableColumns(declaration).includes(key) && declaration.columns[key]?.nullable !== true);
    }
  }
});

Deno.test("TABLES say when a nullable column is null", () => {
  for (const table of TABLE_NAMES) {
    for (const [name, column] of Object.entries(declarationOf(table).columns)) {
      if (column.nullable === true) assert.match(column.about, /null/, `${table}.${name}`);
    }
  }
});

Deno.test("renderTables() gives DuckDB the declared columns, types and nullability", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    for (const table of TABLE_NAMES) {
      const { rows } = await recorder.query(
        `SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '${table}' ORDER BY column_index`,
      );
      const declared = Object.entries(declarationOf(table).columns);
      assert.deepEqual(rows, declared.map(([name, { type }]) => [name, type]));
      const stored = storedName(table, declarationOf(table));
      const nullable = await recorder.query(
        `SELECT is_nullable FROM duckdb_columns() WHERE table_name = '${stored}' ORDER BY column_index`,
      );
      assert.deepEqual(nullable.rows, declared.map(([, { nullable }]) => [nullable === true]));
    }
    await recorder.close();
  });
});

Deno.test("every example query of tables and views runs", async () => {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    recorder.insert("run", [runRow()]);
    recorder.insert("rollout", [rolloutRow(), rolloutRow({ phase: "eval/dev" })]);
    recorder.insert("turn", [turnRow()]);
    await recorder.commit("r", "rl/0");
    for (const table of TABLE_NAMES) await recorder.query(declarationOf(table).example);
    for (const view of Object.values(VIEWS)) await recorder.query(view.example);
    await recorder.close();
  });
});

Deno.test("rowSchema() accepts rows without nullable columns and names what is wrong", () => {
  const schema = rowSchema("turn");
  assert.equal(schema.safeParse(turnRow()).success, true);
  const { code: _, ...withoutCode } = turnRow();
  assert.equal(schema.safeParse(withoutCode).success, true);
  const wrong = schema.safeParse({ ...turnRow(), generated_ids: [1.5], finnish: "stop" });
  const text = JSON.stringify(wrong.error?.issues);
  assert.match(text, /whole numbers/);
  assert.match(text, /finnish/);
});

Deno.test("rowChecker() and rowSchema() give the same verdict", () => {
  const value = fc.oneof(
    fc.constantFrom(null, undefined, true, 0, 1.5, Number.NaN, 2 ** 31, "text", new Date(0), new Date(Number.NaN)),
    fc.array(fc.oneof(fc.integer(), fc.double(), fc.string()), { maxLength: 3 }),
    fc.object({ maxDepth: 1 }),
  );
  const samples = { run: runRow(), rollout: rolloutRow(), turn: turnRow() } as const;
  const table = fc.constantFrom("run" as const, "rollout" as const, "turn" as const);
  fc.assert(
    fc.property(table, fc.nat(), value, fc.boolean(), (name, index, replacement, extra) => {
      const columns = Object.keys(declarationOf(name).columns);
      const row: Record<string, unknown> = { ...samples[name], [columns[index % columns.length] ?? ""]: replacement };
      if (extra) row["surplus"] = 1;
      assert.equal(rowChecker(declarationOf(name))(row), rowSchema(name).safeParse(row).success);
    }),
    { numRuns: 300 },
  );
});

Deno.test("renderSchemaPage() lists every table, column and view", () => {
  const page = renderSchemaPage();
  for (const table of TABLE_NAMES) {
    assert.ok(page.includes(`### ${table}\n`));
    for (const name of Object.keys(declarationOf(table).columns)) {
      assert.ok(page.includes(`| ${name} |`), `${table}.${name}`);
    }
  }
  for (const view of Object.keys(VIEWS)) assert.ok(page.includes(`### ${view}\n`));
  assert.equal(renderDdl().match(/CREATE TABLE/g)?.length, TABLE_NAMES.length);
});

Deno.test("renderSchemaText() shows all or some tables and views, and names the nearest for a wrong name", () => {
  const all = renderSchemaText();
  for (const table of TABLE_NAMES) assert.ok(all.includes(`table ${table}\n`), table);
  for (const [name, { unit, example }] of Object.entries(VIEWS)) {
    assert.match(all, new RegExp(`^(view ${name}:|macro ${name}\\()`, "m"));
    assert.ok(all.includes(unit) && all.includes(example), name);
  }
  const some = renderSchemaText(["turn", "token"]);
  assert.deepEqual(some.match(/^\w+ \w+/gm), ["table turn", "view token"]);
  assert.throws(() => renderSchemaText(["tokn"]), /did you mean token\?/);
});

Deno.test("rowSchema() takes only the listed kinds of events and verdicts", () => {
  const event = eventRow({ kind: "credited" });
  assert.equal(rowSchema("skill_event").safeParse(event).success, true);
  const wrong = rowSchema("skill_event").safeParse({ ...event, kind: "ignored" });
  assert.match(JSON.stringify(wrong.error?.issues), /expected one of proposed, validated/);
  assert.equal(rowChecker(declarationOf("skill_event"))({ ...event, kind: "ignored" }), false);
});
