/**
 * Rows of a data file, each checked by a schema: JSONL, JSON (an array, or objects one after the other), Parquet, CSV, TSV; text also
 * compressed as `.gz` or `.zst`.
 *
 * Contract: rows come in the order of the file and memory does not grow with it (Parquet and JSON arrays come through DuckDB). Values are what the file has: CSV gives
 * text only, JSON keeps digits (see `exact_json.ts`), lists stay lists. A row that does not fit is never dropped in silence: either reading
 * ends with {@linkcode BadRowsError}, or the row is in {@linkcode DatasetReading.bad}. Empty lines are no rows but count as lines.
 * Choices: the format follows from the file's name alone. In Parquet, NaN is a missing value (null), and types that JSON lacks come as text.
 *
 * @module
 */
import type { z } from "zod";
import { type DatasetFormat, datasetRecords } from "./_dataset_records.ts";
import { DelimitedParser } from "./_delimited_text.ts";
import { type BadRow, BadRowsError, DatasetFileError } from "./dataset_errors.ts";
import { ExactNumber, type NumberMode, parseExactJson } from "./exact_json.ts";

export type { DatasetFormat };
export { type BadRow, BadRowsError, badRowText, DatasetFileError } from "./dataset_errors.ts";

/** Options of {@linkcode readDataset}. */
export interface ReadDatasetOptions {
  /**
   * How the file is laid out.
   *
   * @default by the end of its name: .jsonl, .ndjson, .json, .parquet, .csv, .tsv; .gz and .zst after it are passed over
   */
  format?: DatasetFormat;
  /**
   * `fail`: reading ends with an error that lists the first bad rows. `report`: bad rows are collected and reading goes on.
   *
   * @default {"fail"}
   */
  onBadRow?: "fail" | "report";
  /**
   * How many bad rows the error of `fail` looks for before it is thrown.
   *
   * @default {10}
   */
  listed?: number;
  /**
   * How JSON numbers come, see `exact_json.ts`.
   *
   * @default {"number"}
   */
  numbers?: NumberMode;
  /**
   * Most rows to read, good or bad; the rest of the file is not looked at.
   *
   * @default {Infinity}
   */
  limit?: number;
}

/** A row that fits. */
export interface DatasetRow<T> {
  /** What {@linkcode DatasetRow.number} counts. */
  readonly unit: "line" | "row";
  /** Where it begins, from 1. */
  readonly number: number;
  /** Its place among the rows, from 1; bad rows count, empty lines do not. */
  readonly place: number;
  /** The row as the schema gives it. */
  readonly value: T;
}

/** A file that is being read: iterate over it once. */
export interface DatasetReading<T> extends AsyncIterable<DatasetRow<T>> {
  /** Bad rows so far; with `onBadRow: "report"` complete when the iteration is. */
  readonly bad: readonly BadRow[];
}

/** A raw row on its way to the schema, or what is wrong with it. */
type RawRow =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly field: string; readonly found: string; readonly expected: string };

const FORMATS: Readonly<Record<string, DatasetFormat>> = {
  jsonl: "jsonl",
  ndjson: "jsonl",
  json: "json",
  parquet: "parquet",
  csv: "csv",
  tsv: "tsv",
};

/** Most characters of a value in a message. */
const SHOWN = 60;

/**
 * Format that a file's name stands for.
 *
 * @throws {DatasetFileError} if it stands for none.
 */
export function datasetFormat(path: string): DatasetFormat {
  const ending = /\.([a-z]+)(?:\.(?:gz|zst))?$/i.exec(path)?.[1]?.toLowerCase() ?? "";
  const format = FORMATS[ending];
  if (format !== undefined) return format;
  throw new DatasetFileError(
    `Cannot read ${path}: its name must end in ${Object.keys(FORMATS).map((end) => `.${end}`).join(", ")}` +
      ` (text also with .gz or .zst after it)`,
  );
}

/** A value for messages. */
export function shownValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value instanceof ExactNumber) return value.text;
  const text = typeof value === "bigint"
    ? String(value)
    : JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? String(part) : part)) ?? typeof value;
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function valueAt(row: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    row,
  );
}

/** What a zod issue asks for; a custom issue's message is the expectation itself. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return issue.expected;
  if (issue.code === "invalid_union") {
    const parts = issue.errors.flatMap((issues) => issues.slice(0, 1).map(expectation));
    if (parts.length > 0) return [...new Set(parts)].join(" or ");
  }
  if (issue.code === "invalid_value") return issue.values.map((value) => shownValue(value)).join(" or ");
  if (issue.code === "unrecognized_keys") return `no field ${issue.keys.join(", ")}`;
  return issue.message;
}

async function* jsonRows(
  path: string,
  format: DatasetFormat,
  mode: NumberMode,
): AsyncGenerator<readonly RawRow[]> {
  for await (const { first, texts } of datasetRecords(path, format)) {
    const rows: RawRow[] = [];
    for (const [index, text] of texts.entries()) {
      if (text.trim() === "") continue;
      const number = first + index;
      try {
        rows.push({ number, value: parseExactJson(text, mode) });
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        rows.push({ number, field: "", found: shownValue(text), expected: `JSON (${error.message.slice(0, SHOWN)})` });
      }
    }
    yield rows;
  }
}

async function* delimitedRows(path: string, format: "csv" | "tsv"): AsyncGenerator<readonly RawRow[]> {
  const parser = new DelimitedParser(format === "csv" ? "," : "\t");
  let names: readonly string[] | undefined;
  const take = (record: ReturnType<DelimitedParser["push"]>): RawRow | undefined => {
    if (record === undefined) return undefined;
    if (record.kind === "broken") {
      return { number: record.line, field: "", found: record.found, expected: record.expected };
    }
    const { line: number, fields } = record;
    if (names === undefined) {
      names = fields.map((name) => name.trim());
      const twice = names.find((name, index) => names?.indexOf(name) !== index);
      if (twice !== undefined) {
        throw new DatasetFileError(`Cannot read ${path}: two columns are named ${JSON.stringify(twice)}; rename one`);
      }
      return undefined;
    }
    if (fields.length !== names.length) {
      return {
        number,
        field: "",
        found: `${fields.length} ${fields.length === 1 ? "field" : "fields"}`,
        expected: `${names.length}, as in line 1`,
      };
    }
    return { number, value: Object.fromEntries(names.map((name, index) => [name, fields[index]])) };
  };
  for await (const { first, texts } of datasetRecords(path, format)) {
    yield texts.flatMap((text, index) => take(parser.push(text, first + index)) ?? []);
  }
  const last = take(parser.end());
  if (last !== undefined) yield [last];
}

/**
 * Reads a data file row by row.
 *
 * @example Two good rows, and one that is reported
 * ```ts
 * import { badRowText, readDataset } from "whetstone/data/dataset_reader.ts";
 * import { z } from "zod";
 * import assert from "node:assert/strict";
 *
 * const file = await Deno.makeTempFile({ suffix: ".jsonl" });
 * await Deno.writeTextFile(file, '{"a": 1}\n{"a": "x"}\n\n{"a": 2.0}\n');
 * const reading = readDataset(file, z.object({ a: z.number() }), { onBadRow: "report" });
 * const rows = await Array.fromAsync(reading);
 * assert.deepEqual(rows.map(({ number, value }) => [number, value.a]), [[1, 1], [4, 2]]);
 * assert.deepEqual(reading.bad.map(badRowText), [`${file}, line 2, field a: found "x", expected number`]);
 * await Deno.remove(file);
 * ```
 *
 * @param path file.
 * @param schema what a row must be, and what becomes of it.
 * @param options see {@linkcode ReadDatasetOptions}.
 * @returns the rows, to be iterated over once. The iteration throws {@linkcode DatasetFileError} if the file cannot be read, and
 *   {@linkcode BadRowsError} if rows do not fit and `onBadRow` is `fail`.
 */
export function readDataset<T>(
  path: string,
  schema: z.ZodType<T>,
  options: ReadDatasetOptions = {},
): DatasetReading<T> {
  const { onBadRow = "fail", listed = 10, numbers = "number", limit = Infinity } = options;
  const bad: BadRow[] = [];
  async function* rows(): AsyncGenerator<DatasetRow<T>> {
    const format = options.format ?? datasetFormat(path);
    const unit = format === "json" || format === "parquet" ? "row" : "line";
    await checkFile(path);
    let seen = 0;
    let badRows = 0;
    const failed = () => onBadRow === "fail" && badRows > 0;
    const batches = format === "csv" || format === "tsv"
      ? delimitedRows(path, format)
      : jsonRows(path, format, numbers);
    for await (const batch of batches) {
      for (const raw of batch) {
        if (seen++ >= limit) {
          if (failed()) throw new BadRowsError(path, bad, true);
          return;
        }
        const { number } = raw;
        if (!("value" in raw)) {
          bad.push({ file: path, unit, number, field: raw.field, found: raw.found, expected: raw.expected });
        } else {
          const result = schema.safeParse(raw.value);
          if (result.success) {
            // What comes after a bad row would be thrown away by the caller.
            if (!failed()) yield { unit, number, place: seen, value: result.data };
            continue;
          }
          for (const issue of result.error.issues) {
            const found = shownValue(valueAt(raw.value, issue.path));
            const field = issue.path.map(String).join(".");
            bad.push({ file: path, unit, number, field, found, expected: expectation(issue) });
          }
        }
        badRows++;
        if (onBadRow === "fail" && badRows >= listed) throw new BadRowsError(path, bad, false);
      }
    }
    if (failed()) throw new BadRowsError(path, bad, true);
  }
  const iterator = rows();
  return { bad, [Symbol.asyncIterator]: () => iterator };
}

async function checkFile(path: string): Promise<void> {
  try {
    if ((await Deno.stat(path)).isFile) return;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new DatasetFileError(`Cannot read ${path}: there is no such file`, { cause });
  }
  throw new DatasetFileError(`Cannot read ${path}: it is no file; name one of the files in it`);
}
