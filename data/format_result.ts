/**
 * Query results as text: an aligned table for people, JSON lines and CSV for programs.
 *
 * Contract: JSON lines and CSV are exact; the table rounds numbers to six significant digits and shortens long cells.
 *
 * @module
 */
import { canonicalJson, type Json } from "./canonical.ts";
import type { QueryResult } from "./read_only_query.ts";

/** Options of {@linkcode formatTable}. */
export interface FormatTableOptions {
  /**
   * Longest cell, in characters; a longer one ends in `…`.
   *
   * @default {60}
   */
  maxCellChars?: number;
}

function tableCell(value: Json, maxCellChars: number): string {
  if (value === null) return "NULL";
  const text = typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(6)))
    : typeof value === "string"
    ? value
    : canonicalJson(value);
  const line = [...text.replaceAll(/\s/g, " ")];
  return line.length <= maxCellChars ? line.join("") : `${line.slice(0, maxCellChars - 1).join("")}…`;
}

/**
 * A result as an aligned table; numbers stand on the right.
 *
 * @example
 * ```ts
 * import { formatTable } from "whetstone/data/format_result.ts";
 * import assert from "node:assert/strict";
 *
 * const result = { columns: [{ name: "arm", type: "VARCHAR" }, { name: "tgc", type: "DOUBLE" }], rows: [["sage", 0.5], ["grpo", 0.25]] };
 * assert.equal(formatTable(result), "arm    tgc\n----  ----\nsage   0.5\ngrpo  0.25\n");
 * ```
 */
export function formatTable(result: QueryResult, options: FormatTableOptions = {}): string {
  const { maxCellChars = 60 } = options;
  const cells = result.rows.map((row) => row.map((value) => tableCell(value, maxCellChars)));
  const names = result.columns.map(({ name }) => name);
  const widths = names.map((name, i) =>
    cells.reduce((width, row) => Math.max(width, [...row[i] ?? ""].length), [...name].length)
  );
  const numeric = names.map((_, i) =>
    result.rows.length > 0 && result.rows.every((row) => row[i] === null || typeof row[i] === "number")
  );
  const line = (texts: readonly string[]) =>
    texts.map((text, i) => {
      const padding = " ".repeat(Math.max(0, (widths[i] ?? 0) - [...text].length));
      return numeric[i] === true ? padding + text : text + padding;
    }).join("  ").trimEnd();
  return [line(names), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].map((text) => `${text}\n`)
    .join("");
}

/** A result as JSON lines: one object per row. Of columns with equal names, the last one counts. */
export function formatJsonLines(result: QueryResult): string {
  return result.rows.map((row) => {
    const entries = result.columns.map(({ name }, i) => [name, row[i] ?? null] as const);
    return `${JSON.stringify(Object.fromEntries(entries))}\n`;
  }).join("");
}

function csvCell(value: Json): string {
  if (value === null) return "";
  const text = typeof value === "string" ? value : canonicalJson(value);
  // An empty text is quoted, which keeps it apart from null.
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A result as CSV (RFC 4180) with a header line; null is empty, lists and structs are JSON. */
export function formatCsv(result: QueryResult): string {
  const lines = [result.columns.map(({ name }) => csvCell(name)), ...result.rows.map((row) => row.map(csvCell))];
  return lines.map((cells) => `${cells.join(",")}\r\n`).join("");
}
