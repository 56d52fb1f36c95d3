/**
 * Rows of a query as objects, with the few conversions that readers of the record need, and SQL literals.
 *
 * Contract: a column that the query does not give is an error that names it, so that a changed query cannot be read as nulls.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import type { QueryResult } from "../data/read_only_query.ts";

/** Runs a query on the record, through whichever door is open. */
export type Query = (sql: string) => Promise<QueryResult>;

/** One row by column name. */
export type QueryRow = Readonly<Record<string, Json>>;

/** A query's rows lack a column that its reader needs, or hold a value of another type. */
export class QueryRowError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "QueryRowError";
}

/** Rows as objects; of columns with equal names the last one counts. */
export function rowObjects(result: QueryResult): QueryRow[] {
  return result.rows.map((row) => Object.fromEntries(result.columns.map(({ name }, i) => [name, row[i] ?? null])));
}

function cell(row: QueryRow, column: string): Json {
  const value = row[column];
  if (value === undefined) {
    throw new QueryRowError(
      `Cannot read column ${column}: the rows have only ${Object.keys(row).join(", ") || "no columns"}`,
    );
  }
  return value;
}

/** Text of a column; null is the empty text. */
export function textOf(row: QueryRow, column: string): string {
  const value = cell(row, column);
  return value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * Number of a column; null where the record holds none.
 *
 * @throws {QueryRowError} if it holds something else than a finite number.
 */
export function numberOf(row: QueryRow, column: string): number | null {
  const value = cell(row, column);
  if (value === null) return null;
  const number = typeof value === "boolean" ? Number(value) : typeof value === "number" ? value : NaN;
  if (Number.isFinite(number)) return number;
  // DuckDB gives NaN and infinities as text: they are no figure that could be drawn.
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return null;
  throw new QueryRowError(`Cannot read column ${column}: expected a number, got ${JSON.stringify(value)}`);
}

/**
 * Integer of a column that is never null.
 *
 * @throws {QueryRowError} if it is no integer.
 */
export function integerOf(row: QueryRow, column: string): number {
  const value = numberOf(row, column);
  if (value === null || !Number.isInteger(value)) {
    throw new QueryRowError(`Cannot read column ${column}: expected an integer, got ${JSON.stringify(row[column])}`);
  }
  return value;
}

/** Text as an SQL string literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Texts as the inside of an SQL list: `'a', 'b'`. */
export function sqlTexts(texts: readonly string[]): string {
  return texts.map(sqlText).join(", ");
}
