/**
 * A table as data: what its cells say, the raw figures behind them, the published figure beside them, and the SQL that recomputes them.
 *
 * Contract: builders of tables make models, renderers turn models into formats; no figure is computed here. Text and Markdown show each
 * cell's words; CSV and JSON are exact (raw values, intervals, queries). Every cell has an address, `<table>/<row>/<column>`, under which
 * its query is found ({@linkcode findCell}). LaTeX and HTML live in `table_markup.ts`.
 * Omitted: merged cells, footers per column.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { editDistance } from "../data/edit_distance.ts";
import { formatCsv } from "../data/format_result.ts";
import type { Interval } from "./statistics/interval.ts";
import { markdownTable, type Table, textTable } from "./text_table.ts";

/** A published figure beside ours. */
export interface PaperFigure {
  /** As it is shown; `—` where nothing was published. */
  readonly text: string;
  /** In the column's unit; null where nothing was published. */
  readonly value: number | null;
  /** Where it stands; null where nothing was published. */
  readonly source: string | null;
}

/** One cell. */
export interface TableCell {
  /** As it is shown, without the published figure. */
  readonly text: string;
  /** Exact value in the column's unit; null where it is undefined; left out in cells of words. */
  readonly value?: number | null;
  /** Interval of the value; null where there is none. */
  readonly interval?: Interval | null;
  /** Published figure that is shown behind ours. */
  readonly paper?: PaperFigure;
  /** Where the cell itself comes from, if it is a published figure. */
  readonly source?: string;
  /** One SQL statement, on one line, that recomputes the value from the record. */
  readonly query?: string;
  /** Whether a difference's interval excludes 0. */
  readonly resolved?: boolean;
}

/** One column. */
export interface TableModelColumn {
  /** Short name in addresses: lower-case letters, digits, hyphens. */
  readonly key: string;
  /** Heading. */
  readonly title: string;
  /** Unit of the values. */
  readonly unit?: string;
  /**
   * Side on which cells line up.
   *
   * @default {"left"}
   */
  readonly align?: "left" | "right";
}

/** One row. */
export interface TableModelRow {
  /** Short name in addresses, like a column's. */
  readonly key: string;
  /** Cells from left to right; missing ones are empty. */
  readonly cells: readonly TableCell[];
}

/** A table. */
export interface TableModel {
  /** Short name in addresses, like a column's; no two tables of a document share one. */
  readonly key: string;
  /** Title. */
  readonly title: string;
  /** Columns from left to right; a table without any shows only its notes. */
  readonly columns: readonly TableModelColumn[];
  /** Rows from top to bottom. */
  readonly rows: readonly TableModelRow[];
  /** What a reader must know; several tables say the same note once. */
  readonly notes: readonly string[];
}

/** Formats that a table can be printed in. */
export const TABLE_FORMATS = ["text", "markdown", "csv", "json", "latex", "html"] as const;
/** Name of a format. */
export type TableFormat = typeof TABLE_FORMATS[number];

/** No cell has the address that was asked for. */
export class UnknownCellError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "UnknownCellError";
}

/**
 * Short name for addresses.
 *
 * @example
 * ```ts
 * import { cellKey } from "whetstone/eval/table_model.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(cellKey("SFT + GRPO"), "sft-grpo");
 * assert.equal(cellKey("test_normal"), "test-normal");
 * ```
 */
export function cellKey(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");
}

/** A cell's words: ours, then the published figure. */
export function cellText(cell: TableCell | undefined): string {
  if (cell === undefined) return "";
  return cell.paper === undefined ? cell.text : `${cell.text} (paper ${cell.paper.text})`;
}

/** Notes of all tables, each once, in order. */
export function sharedNotes(models: readonly TableModel[]): string[] {
  return [...new Set(models.flatMap((model) => model.notes))];
}

/** Tables that show more than notes. */
export function shownTables(models: readonly TableModel[]): TableModel[] {
  return models.filter(({ columns }) => columns.length > 0);
}

function plainTable(model: TableModel): Table {
  return {
    columns: model.columns.map(({ title, align = "left" }) => ({ heading: title, align })),
    rows: model.rows.map(({ cells }) => model.columns.map((_, index) => cellText(cells[index]))),
  };
}

/**
 * Tables as plain text: title, table, and the notes of all at the end.
 *
 * @returns text that ends in a line break.
 */
export function renderText(models: readonly TableModel[]): string {
  const parts = shownTables(models).map((model) => `${model.title}\n\n${textTable(plainTable(model))}`);
  return [...parts, sharedNotes(models).map((note) => `${note}\n`).join("")].join("\n");
}

/**
 * Tables as GitHub-flavoured Markdown.
 *
 * @returns text that ends in a line break.
 */
export function renderMarkdown(models: readonly TableModel[]): string {
  const parts = shownTables(models).map((model) => `### ${model.title}\n\n${markdownTable(plainTable(model))}`);
  const notes = sharedNotes(models).map((note) => `- ${note.replaceAll("*", "\\*")}\n`).join("");
  return [...parts, notes].join("\n");
}

/** A cell with its place. */
export interface AddressedCell {
  /** `<table>/<row>/<column>`. */
  readonly address: string;
  /** Its table. */
  readonly table: TableModel;
  /** Its row. */
  readonly row: TableModelRow;
  /** Its column. */
  readonly column: TableModelColumn;
  /** The cell. */
  readonly cell: TableCell;
}

/** All cells, table by table and row by row. */
export function addressedCells(models: readonly TableModel[]): AddressedCell[] {
  return models.flatMap((table) =>
    table.rows.flatMap((row) =>
      table.columns.flatMap((column, index) => {
        const cell = row.cells[index];
        return cell === undefined
          ? []
          : [{ address: `${table.key}/${row.key}/${column.key}`, table, row, column, cell }];
      })
    )
  );
}

/** Cells that hold a figure, which is what programs read. */
function figures(models: readonly TableModel[]): AddressedCell[] {
  return addressedCells(models).filter(({ cell }) => cell.value !== undefined || cell.query !== undefined);
}

/**
 * Figures as CSV (RFC 4180), one line per cell: address, titles, raw value, interval, published value, source, query.
 *
 * Published figures that are cells of their own stand in the column `paper` like those behind ours.
 */
export function renderCsv(models: readonly TableModel[]): string {
  const names = [
    ["table", "VARCHAR"],
    ["row", "VARCHAR"],
    ["column", "VARCHAR"],
    ["unit", "VARCHAR"],
    ["value", "DOUBLE"],
    ["low", "DOUBLE"],
    ["high", "DOUBLE"],
    ["resolved", "BOOLEAN"],
    ["paper", "DOUBLE"],
    ["source", "VARCHAR"],
    ["query", "VARCHAR"],
  ] as const;
  return formatCsv({
    columns: names.map(([name, type]) => ({ name, type })),
    rows: figures(models).map(({ table, row, column, cell }) => [
      table.key,
      row.key,
      column.key,
      column.unit ?? null,
      cell.source === undefined ? cell.value ?? null : null,
      cell.interval?.low ?? null,
      cell.interval?.high ?? null,
      cell.resolved ?? null,
      cell.source === undefined ? cell.paper?.value ?? null : cell.value ?? null,
      cell.source ?? cell.paper?.source ?? null,
      cell.query ?? null,
    ]),
  });
}

/** Tables as JSON values, exact; cells by column key. */
export function tableModelsJson(models: readonly TableModel[]): Json {
  return models.map((model) => ({
    key: model.key,
    title: model.title,
    columns: model.columns.map(({ key, title, unit = null }) => ({ key, title, unit })),
    rows: model.rows.map(({ key, cells }) => ({
      key,
      cells: Object.fromEntries(
        model.columns.flatMap((column, index) => {
          const cell = cells[index];
          return cell === undefined ? [] : [[column.key, cellJson(cell)]];
        }),
      ),
    })),
    notes: [...model.notes],
  }));
}

function cellJson(cell: TableCell): Json {
  const { text, value, interval, paper, source, query, resolved } = cell;
  return {
    text,
    ...(value === undefined ? {} : { value }),
    ...(interval === undefined
      ? {}
      : { interval: interval === null ? null : { low: interval.low, high: interval.high } }),
    ...(paper === undefined ? {} : { paper: { text: paper.text, value: paper.value, source: paper.source } }),
    ...(source === undefined ? {} : { source }),
    ...(resolved === undefined ? {} : { resolved }),
    ...(query === undefined ? {} : { query }),
  };
}

/** Tables as JSON text, indented, with a line break at the end. */
export function renderJson(models: readonly TableModel[]): string {
  return `${JSON.stringify(tableModelsJson(models), null, 2)}\n`;
}

/**
 * The cell with an address; case, and signs between letters, do not matter.
 *
 * @param models tables to look in.
 * @param address `<table>/<row>/<column>`.
 * @throws {UnknownCellError} if there is none; the message names the nearest.
 */
export function findCell(models: readonly TableModel[], address: string): AddressedCell {
  const wanted = address.split("/").map(cellKey).join("/");
  const cells = figures(models);
  const found = cells.find((cell) => cell.address === wanted);
  if (found !== undefined) return found;
  const nearest = cells.map((cell) => ({ cell, distance: editDistance(cell.address, wanted) }))
    .sort((a, b) => a.distance - b.distance)[0];
  throw new UnknownCellError(
    `Cannot find cell ${address}: expected <table>/<row>/<column>` +
      (nearest === undefined
        ? "; no cell holds a figure"
        : `; the nearest is ${nearest.cell.address}; --queries lists all`),
  );
}

/**
 * Addresses and queries of all cells that have one: `address`, a tab, the statement, one a line.
 *
 * @param models tables.
 */
export function renderQueries(models: readonly TableModel[]): string {
  return figures(models)
    .flatMap(({ address, cell }) => (cell.query === undefined ? [] : [`${address}\t${cell.query}\n`]))
    .join("");
}
