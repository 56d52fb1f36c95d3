/**
 * Renders the declarations of tables and views: as DDL for DuckDB and as a Markdown page for people.
 *
 * Contract: pure functions of {@linkcode TABLES} and {@linkcode VIEWS}, so that page, file and types cannot drift apart.
 *
 * @module
 */
import { contentHash } from "./canonical.ts";
import { declarationOf, SCHEMA_VERSION, TABLE_NAMES, type TableName } from "./schema.ts";
import { type ViewDeclaration, VIEWS } from "./views.ts";

/**
 * `CREATE TABLE` statement of one table.
 *
 * @example
 * ```ts
 * import { renderTable } from "whetstone/data/render_schema.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(renderTable("meta"), 'CREATE TABLE IF NOT EXISTS "meta" ("name" VARCHAR NOT NULL, "value" VARCHAR NOT NULL)');
 * ```
 */
export function renderTable(table: TableName): string {
  const columns = Object.entries(declarationOf(table).columns).map(([name, column]) =>
    `"${name}" ${column.type}${column.nullable === true ? "" : " NOT NULL"}`
  );
  return `CREATE TABLE IF NOT EXISTS "${table}" (${columns.join(", ")})`;
}

/** Statements that make all tables of an empty file. */
export function renderTables(): string[] {
  return TABLE_NAMES.map(renderTable);
}

/** Statements that make all views, replacing older ones. */
export function renderViews(): string[] {
  return viewEntries().map(([name, view]) => `CREATE OR REPLACE VIEW "${name}" AS${view.sql}`);
}

/** Tables and views as one SQL text, a statement a line. */
export function renderDdl(): string {
  return [...renderTables(), ...renderViews()].map((statement) => `${statement};\n`).join("");
}

/** Hash of the views' SQL: a file with another one gets its views made anew. */
export function viewsHash(): string {
  return contentHash(renderViews().join("\n"));
}

function viewEntries(): [string, ViewDeclaration][] {
  return Object.entries(VIEWS);
}

/** A text inside a Markdown table's cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** The schema page, in Markdown. */
export function renderSchemaPage(): string {
  const lines = [
    "# Schema of the record",
    "",
    `Schema version ${SCHEMA_VERSION}. Key columns identify a row; volatile columns differ between two equal runs and are left`,
    "out of the row hash. Fractions are in [0, 1]. This page is rendered from `data/schema.ts` and `data/views.ts`.",
    "",
    "## Tables",
    "",
  ];
  for (const table of TABLE_NAMES) {
    const { about, example, columns } = declarationOf(table);
    lines.push(`### ${table}`, "", about, "", "| column | type | | meaning |", "|---|---|---|---|");
    for (const [name, column] of Object.entries(columns)) {
      const marks = [
        ...(column.key === true ? ["key"] : []),
        ...(column.nullable === true ? ["nullable"] : []),
        ...(column.volatile === true ? ["volatile"] : []),
      ];
      lines.push(`| ${name} | ${column.type} | ${marks.join(", ")} | ${cell(column.about)} |`);
    }
    lines.push("", "```sql", `${example};`, "```", "");
  }
  lines.push("## Views", "");
  for (const [name, view] of viewEntries()) {
    lines.push(`### ${name}`, "", view.about, "", "```sql", `${view.example};`, "```", "");
  }
  return `${lines.join("\n").trimEnd()}\n`;
}
