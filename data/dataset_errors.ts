/**
 * What can go wrong with a data file, by name; each message names the file and the place in it.
 *
 * @module
 */

/** One field of one row that does not fit. */
export interface BadRow {
  /** File, as it was given. */
  readonly file: string;
  /** What {@linkcode BadRow.number} counts: lines of a text file; rows of a Parquet file, elements of a JSON array. */
  readonly unit: "line" | "row";
  /** Where the row begins, from 1; the heading of a CSV file is line 1. */
  readonly number: number;
  /** Field, such as `final_answer.0`; empty if the row as a whole is wrong. */
  readonly field: string;
  /** What is there, shortened. */
  readonly found: string;
  /** What should be there. */
  readonly expected: string;
}

/**
 * A bad row in one line of text.
 *
 * @example A missing field
 * ```ts
 * import { badRowText } from "whetstone/data/dataset_errors.ts";
 * import assert from "node:assert/strict";
 *
 * const bad = { file: "a.jsonl", unit: "line", number: 3, field: "answer", found: "nothing", expected: "text" } as const;
 * assert.equal(badRowText(bad), "a.jsonl, line 3, field answer: found nothing, expected text");
 * ```
 */
export function badRowText(bad: BadRow): string {
  const field = bad.field === "" ? "" : `, field ${bad.field}`;
  return `${bad.file}, ${bad.unit} ${bad.number}${field}: found ${bad.found}, expected ${bad.expected}`;
}

/** A data file cannot be read at all: it is not there, damaged, or of an unknown format. */
export class DatasetFileError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "DatasetFileError";
}

/** Rows of a data file do not fit. */
export class BadRowsError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "BadRowsError";
  /** The rows that were found, at least one. */
  readonly bad: readonly BadRow[];

  /**
   * An error that lists bad rows.
   *
   * @param file file, as it was given.
   * @param bad what was found.
   * @param complete whether the file was read to its end.
   */
  constructor(file: string, bad: readonly BadRow[], complete: boolean) {
    const rows = new Set(bad.map(({ number }) => number)).size;
    const count = `${complete ? "" : "at least "}${rows} ${rows === 1 ? "row does" : "rows do"} not fit`;
    super(`Cannot read ${file}: ${count}\n${bad.map((one) => `  ${badRowText(one)}`).join("\n")}`);
    this.bad = bad;
  }
}
