/**
 * Renders the declarations of tables and views: as DDL for DuckDB, as a Markdown page and as text for people.
 *
 * Contract: pure functions of {@linkcode TABLES} and {@linkcode VIEWS}, so that page, file and types cannot drift apart.
 *
 * @module
 */
import { contentHash } from "./canonical.ts";
import { editDistance } from "./edit_distance.ts";
import { declarationOf, SCHEMA_VERSION, TABLE_NAMES, type TableName } from "./schema.ts";
import { packedType, storedName, unpackedColumns } from "./table_declaration.ts";
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
  const declaration = declarationOf(table);
  const columns = Object.entries(declaration.columns).map(([name, column]) => {
    const isPacked = packedType(column) !== undefined;
    const type = isPacked ? "VARCHAR" : column.type;
    const compression = isPacked || column.long === true ? " USING COMPRESSION zstd" : "";
    return `"${name}" ${type}${column.nullable === true ? "" : " NOT NULL"}${compression}`;
  });
  return `CREATE TABLE IF NOT EXISTS "${storedName(table, declaration)}" (${columns.join(", ")})`;
}

/** Views under the names of tables whose rows are packed. */
function renderUnpacked(): string[] {
  return TABLE_NAMES.flatMap((table) => {
    const declaration = declarationOf(table);
    const stored = storedName(table, declaration);
    if (stored === table) return [];
    return [`CREATE OR REPLACE VIEW "${table}" AS SELECT ${unpackedColumns(declaration)} FROM "${stored}"`];
  });
}

/** Statements that make all tables of an empty file. */
export function renderTables(): string[] {
  return TABLE_NAMES.map(renderTable);
}

/** Statements that make all views, replacing older ones. */
export function renderViews(): string[] {
  const views = viewEntries().map(([name, { parameters, sql }]) =>
    parameters === undefined
      ? `CREATE OR REPLACE VIEW "${name}" AS${sql}`
      : `CREATE OR REPLACE MACRO "${name}"(${parameters}) AS TABLE${sql}`
  );
  return [...renderUnpacked(), ...views];
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

/**
 * The schema page as plain text, for terminals.
 *
 * @param names tables and views to show; all if empty.
 * @throws {RangeError} if there is no such table or view; the message names the most similar one.
 */
export function renderSchemaText(names: readonly string[] = []): string {
  const views = new Map(viewEntries());
  const known = [...TABLE_NAMES, ...views.keys()];
  for (const name of names) {
    if (known.includes(name)) continue;
    const nearest = known.toSorted((a, b) => editDistance(a, name) - editDistance(b, name))[0];
    throw new RangeError(`Cannot show ${name}: there is no such table or view; did you mean ${nearest}?`);
  }
  const parts: string[] = [];
  for (const table of TABLE_NAMES) {
    if (names.length > 0 && !names.includes(table)) continue;
    const { about, example, columns } = declarationOf(table);
    const width = Math.max(...Object.keys(columns).map((name) => name.length));
    const lines = Object.entries(columns).map(([name, column]) => {
      const marks = [...(column.key === true ? ["key"] : []), ...(column.volatile === true ? ["volatile"] : [])];
      const kind = [`${column.type}${column.nullable === true ? "?" : ""}`, ...marks].join(" ");
      return `  ${name.padEnd(width)}  ${kind.padEnd(16)}  ${column.about}`;
    });
    parts.push([`table ${table}`, `  ${about}`, ...lines, `  example: ${example}`].join("\n"));
  }
  for (const [name, { title, about, unit, example, parameters }] of views) {
    if (names.length > 0 && !names.includes(name)) continue;
    const head = parameters === undefined ? `view ${name}` : `macro ${name}(${parameters})`;
    parts.push([`${head}: ${title}`, `  ${about}`, `  units: ${unit}`, `  example: ${example}`].join("\n"));
  }
  return `${parts.join("\n\n")}\n`;
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
    const call = view.parameters === undefined ? [] : ["", `Call: \`${name}(${view.parameters})\`.`];
    lines.push(
      `### ${name}`,
      "",
      `${view.title}. ${view.about}`,
      ...call,
      "",
      `Units: ${view.unit}.`,
      "",
      "```sql",
      `${view.example};`,
      "```",
      "",
    );
  }
  return `${lines.join("\n").trimEnd()}\n`;
}
