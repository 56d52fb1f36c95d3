/**
 * Records of a data file, in the order of the file.
 *
 * Contract: memory does not grow with the file; a record is JSON text (JSONL, JSON, Parquet) or a line of text (CSV), with its number.
 * Choices: DuckDB streams Parquet and JSON arrays as JSON texts; text with lines is read as such (see `_text_lines.ts`), so that line
 * numbers are exact and values are never guessed at. An element of an array may be 16 MiB long. A path is taken literally: `*` and `[` are
 * no patterns.
 *
 * @module
 */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { textLines } from "./_text_lines.ts";
import { DatasetFileError } from "./dataset_errors.ts";

/** How a file is laid out. */
export type DatasetFormat = "jsonl" | "json" | "parquet" | "csv" | "tsv";

/** Records that follow each other in a file. */
export interface RecordBatch {
  /** Number of the first record, from 1. */
  readonly first: number;
  /** Records as text. */
  readonly texts: readonly string[];
}

/** Longest element of a JSON array, in bytes. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** Threads of DuckDB; more than one gather rows ahead of the reader, which costs memory. */
const THREADS = "1";

/** Text as a literal of SQL. */
function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Name as an identifier of SQL. */
function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Path as a literal that DuckDB does not expand. */
function sqlPath(path: string): string {
  return sqlText(path.replaceAll(/[[*?]/g, (sign) => `[${sign}]`));
}

/** DuckDB with an empty database in memory, which loads no extensions from elsewhere and leaves no files behind. */
async function memoryDatabase(): Promise<DuckDBInstance> {
  return await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    temp_directory: "",
    threads: THREADS,
  });
}

/** What a floating column of a Parquet file is read as; undefined for other columns. NaN is how other programs write a missing number, and floats keep their digits. */
function repaired(name: string, type: string): string | undefined {
  const column = sqlName(name);
  const value = type === "FLOAT" ? `CAST(CAST(${column} AS VARCHAR) AS DOUBLE)` : column;
  return type === "FLOAT" || type === "DOUBLE"
    ? `CASE WHEN isnan(${column}) THEN NULL ELSE ${value} END AS ${column}`
    : undefined;
}

async function parquetQuery(connection: DuckDBConnection, path: string): Promise<string> {
  const source = `read_parquet(${sqlPath(path)}, hive_partitioning=false)`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
  const repairs = described.getRows().flatMap(([name, type]) => repaired(String(name), String(type)) ?? []);
  const columns = repairs.length === 0 ? "*" : `* REPLACE (${repairs.join(", ")})`;
  return `SELECT CAST(to_json(t) AS VARCHAR) FROM (SELECT ${columns} FROM ${source}) t`;
}

async function queryOf(connection: DuckDBConnection, path: string, format: "json" | "parquet"): Promise<string> {
  if (format === "parquet") return await parquetQuery(connection, path);
  return `SELECT json FROM read_json_objects(${sqlPath(path)}, format='auto', hive_partitioning=false, ` +
    `maximum_object_size=${MAX_RECORD_BYTES})`;
}

/** What DuckDB says, without the lines of settings that follow it and without data. */
function briefly(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const lines = message.split("\n").filter((line) =>
    line.trim() !== "" && !/^(Original Line|Possible|\*|LINE \d|\s|\^)/i.test(line)
  );
  return lines.slice(0, 2).join(": ").slice(0, 300);
}

/**
 * Streams the records of a file.
 *
 * @param path file; it must exist.
 * @param format how it is laid out.
 * @throws {DatasetFileError} if it cannot be read.
 */
export async function* datasetRecords(path: string, format: DatasetFormat): AsyncGenerator<RecordBatch> {
  if (format === "json" || format === "parquet") yield* queriedRecords(path, format);
  else yield* textLines(path);
}

async function* queriedRecords(path: string, format: "json" | "parquet"): AsyncGenerator<RecordBatch> {
  const instance = await memoryDatabase();
  try {
    const connection = await instance.connect();
    try {
      let first = 1;
      const reading = async <T>(step: () => Promise<T>): Promise<T> => {
        try {
          return await step();
        } catch (cause) {
          throw new DatasetFileError(
            `Cannot read ${path} as ${format}: ${briefly(cause)}; name the right format if it is another one`,
            { cause },
          );
        }
      };
      const result = await reading(async () => await connection.stream(await queryOf(connection, path, format)));
      for (;;) {
        const chunk = await reading(() => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield { first, texts: chunk.getColumnValues(0).map(String) };
        first += chunk.rowCount;
      }
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
