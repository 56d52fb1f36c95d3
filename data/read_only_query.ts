/**
 * Runs one statement that only reads, and turns its rows into JSON values.
 *
 * Contract: the statement is a single SELECT (DESCRIBE, SHOW, SUMMARIZE, FROM and VALUES are that to DuckDB) or EXPLAIN, checked by
 * DuckDB's own parser, and it runs in a transaction that DuckDB keeps from writing, so that EXPLAIN ANALYZE of a write fails too.
 * Choices: BIGINT and wider become numbers while exact, else text; decimals likewise; NaN and infinities, timestamps and the other types
 * without a JSON form become text; lists become arrays, structs objects, maps lists of pairs.
 * Omitted: several statements in one text, parameters. The driver drops a byte order mark at the start of a text when it reads it.
 *
 * @module
 */
import {
  DuckDBArrayValue,
  type DuckDBConnection,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  type DuckDBPreparedStatement,
  DuckDBStructValue,
  DuckDBUnionValue,
  type DuckDBValue,
  StatementType,
} from "@duckdb/node-api";
import type { Json } from "./canonical.ts";
import { QueryError, ReadOnlyError, recordError } from "./record_errors.ts";

/** A result's column. */
export interface QueryColumn {
  /** Name as the statement gives it; names may be equal. */
  readonly name: string;
  /** DuckDB type, e.g. `INTEGER[]`. */
  readonly type: string;
}

/** Rows of a statement. */
export interface QueryResult {
  /** Columns in order. */
  readonly columns: readonly QueryColumn[];
  /** One list per row, in the order of `columns`. */
  readonly rows: readonly (readonly Json[])[];
}

/** Options of {@linkcode readOnlyQuery}. */
export interface ReadOnlyQueryOptions {
  /**
   * Most rows; more are an error, so that a writing process is not kept busy.
   *
   * @default {Infinity}
   */
  maxRows?: number;
}

/** Most digits of a decimal that a double holds exactly. */
const EXACT_DIGITS = 15;

/** JSON form of a DuckDB value. */
export function jsonValue(value: DuckDBValue): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(jsonValue);
  if (value instanceof DuckDBDecimalValue) return value.width <= EXACT_DIGITS ? value.toDouble() : String(value);
  if (value instanceof DuckDBUnionValue) return jsonValue(value.value);
  if (value instanceof DuckDBMapValue) {
    return value.entries.map((entry) => [jsonValue(entry.key), jsonValue(entry.value)]);
  }
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, jsonValue(item)]));
  }
  return String(value);
}

async function prepareReading(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) {
    throw new ReadOnlyError(`Cannot run ${statements.count} statements: give one SELECT or EXPLAIN`);
  }
  const statement = await statements.prepare(0);
  const type = statement.statementType;
  if (type === StatementType.SELECT || type === StatementType.EXPLAIN) return statement;
  statement.destroySync();
  throw new ReadOnlyError(
    `Cannot run a ${StatementType[type]} statement: only SELECT, DESCRIBE, SHOW, SUMMARIZE and EXPLAIN are read-only`,
  );
}

/**
 * Runs a statement that only reads.
 *
 * @param connection connection that nobody else uses meanwhile and that is in no transaction.
 * @param path file, for messages.
 * @param sql one statement.
 * @param options see {@linkcode ReadOnlyQueryOptions}.
 * @throws {ReadOnlyError} if the statement would do more, or is not one.
 * @throws {QueryError} if it fails or gives more than `maxRows` rows.
 * @throws {RecordCorruptError} if damage shows.
 */
export async function readOnlyQuery(
  connection: DuckDBConnection,
  path: string,
  sql: string,
  options: ReadOnlyQueryOptions = {},
): Promise<QueryResult> {
  const { maxRows = Infinity } = options;
  try {
    await connection.run("BEGIN TRANSACTION READ ONLY");
    try {
      const statement = await prepareReading(connection, sql);
      try {
        const result = await statement.stream();
        const columns = result.columnNames().map((name, i) => ({ name, type: String(result.columnType(i)) }));
        const rows: Json[][] = [];
        for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0;) {
          rows.push(...chunk.getRows().map((row) => row.map(jsonValue)));
          if (rows.length > maxRows) {
            throw new QueryError(`Cannot give the result: more than ${maxRows} rows; add a LIMIT or aggregate`);
          }
          chunk = await result.fetchChunk();
        }
        return { columns, rows };
      } finally {
        statement.destroySync();
      }
    } finally {
      await connection.run("ROLLBACK").catch(() => undefined);
    }
  } catch (error) {
    throw recordError(path, error, "query");
  }
}
