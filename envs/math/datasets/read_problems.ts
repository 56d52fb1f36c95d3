/**
 * Problems of a data file, whatever its layout.
 *
 * Contract: ids are `<name>/<the row's own id, or its number>` and unique; the same file gives the same problems and the same hash on every
 * machine. The hash covers what the problems say and not the name of the set, so that a renamed copy is known again.
 * Choices: the number of a row is its place among the rows from 1 (bad ones count), and not its line, so that CSV and Parquet copies give the same ids.
 * `labels.source` is the set's name where the row says nothing. Difficulty is 1 where the source says nothing.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { basename } from "node:path";
import { z } from "zod";
import { canonicalJson } from "../../../data/canonical.ts";
import {
  type BadRow,
  BadRowsError,
  DatasetFileError,
  type DatasetFormat,
  type DatasetRow,
  readDataset,
} from "../../../data/dataset_reader.ts";
import type { Problem } from "../problem.ts";
import { detectLayout, type FieldMapping, LayoutError, layoutNamed, mappedLayout } from "./detect_layout.ts";
import type { Layout, ProblemDraft } from "./layouts.ts";

/** Options of {@linkcode readProblems}. */
export interface ReadProblemsOptions {
  /**
   * Layout by name.
   *
   * @default told by the first row
   */
  layout?: string;
  /**
   * Columns of the fields of a problem, instead of a layout.
   *
   * @default {undefined}
   */
  fields?: FieldMapping;
  /**
   * Name of the set, with which ids begin.
   *
   * @default the file's name without its endings
   */
  name?: string;
  /**
   * Most rows to read.
   *
   * @default {Infinity}
   */
  limit?: number;
  /**
   * `fail`: reading ends with an error that lists bad rows. `report`: they are collected and reading goes on.
   *
   * @default {"fail"}
   */
  onBadRow?: "fail" | "report";
  /**
   * How the file is laid out.
   *
   * @default by the end of its name
   */
  format?: DatasetFormat;
}

/** Problems of a file that is being read: iterate over it once. */
export interface ProblemReading extends AsyncIterable<Problem> {
  /** Name of the set. */
  readonly name: string;
  /** Layout by name; `fields` if the columns were named. */
  readonly layout: string;
  /** Bad rows so far. */
  readonly bad: readonly BadRow[];
  /** Content hash of the problems so far, 16 hexadecimal digits. */
  hash(): string;
}

/** Problems of a file. */
export interface ProblemSet {
  /** Name of the set. */
  readonly name: string;
  /** Layout by name; `fields` if the columns were named. */
  readonly layout: string;
  /** Problems in the order of the file. */
  readonly problems: readonly Problem[];
  /** Rows that do not fit; empty unless they were to be reported. */
  readonly bad: readonly BadRow[];
  /** Content hash of the problems, 16 hexadecimal digits. */
  readonly hash: string;
}

/** Digits of a content hash. */
const HASH_DIGITS = 16;

/** What a set may be called: it becomes a part of ids and of file names. */
export const DATASET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The name of a set by its file: the file's name without endings, other characters as `-`. */
export function datasetName(path: string): string {
  const stem = basename(path).replace(/(?:\.(?:jsonl|ndjson|json|parquet|csv|tsv|gz|zst))+$/i, "");
  return stem.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, 64) || "data";
}

function checkedName(name: string): string {
  if (DATASET_NAME.test(name)) return name;
  throw new RangeError(
    `Cannot name a data set ${JSON.stringify(name)}: a name has letters, digits, dots, dashes and underscores, ` +
      `64 at most, and begins with a letter or digit`,
  );
}

/** First row of a file, as it is. */
async function firstRow(path: string, format: DatasetFormat | undefined): Promise<Record<string, unknown>> {
  const options = { limit: 1, numbers: "exact", ...(format === undefined ? {} : { format }) } as const;
  for await (const { value } of readDataset(path, z.record(z.string(), z.unknown()), options)) return value;
  throw new DatasetFileError(`Cannot read ${path}: it has no rows`);
}

async function layoutOf(path: string, options: ReadProblemsOptions): Promise<Layout> {
  const { layout, fields, format } = options;
  if (layout !== undefined && fields !== undefined) {
    throw new LayoutError(`Cannot read ${path}: both a layout (${layout}) and fields were named; leave one out`);
  }
  if (layout !== undefined) return layoutNamed(layout);
  const row = await firstRow(path, format);
  try {
    return fields === undefined ? detectLayout(row) : mappedLayout(fields, row);
  } catch (error) {
    if (error instanceof LayoutError) throw new LayoutError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Labels that are known. */
function knownLabels(labels: ProblemDraft["labels"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
  );
}

function problemOf(draft: ProblemDraft, name: string, place: number): Problem {
  const id = `${name}/${draft.own ?? place}`;
  return {
    id,
    statement: draft.statement,
    answer: draft.answer,
    ...(draft.tolerance === undefined ? {} : { tolerance: draft.tolerance }),
    ...(draft.solution === undefined ? {} : { solution: draft.solution }),
    difficulty: draft.difficulty ?? 1,
    scenario: id,
    labels: { source: name, ...knownLabels(draft.labels) },
  };
}

/** Adds a problem to a hash, free of the set's name. */
function addToHash(hash: Hash, problem: Problem, name: string): void {
  const { id, scenario: _scenario, labels, ...rest } = problem;
  const { source, ...others } = labels;
  const own = id.slice(name.length + 1);
  const named = source === undefined || source === name ? others : labels;
  hash.update(`${canonicalJson({ ...rest, own, labels: named })}\n`);
}

/**
 * Opens a data file for reading problem by problem; memory does not grow with it but for the ids that rows bring along.
 *
 * @param path file: JSONL, JSON, Parquet, CSV or TSV.
 * @param options see {@linkcode ReadProblemsOptions}.
 * @throws {LayoutError} if the layout cannot be told. {DatasetFileError} if the file cannot be read. {RangeError} if the name is none.
 *   The iteration throws {@linkcode BadRowsError} if rows do not fit or two have the same id, and `onBadRow` is `fail`.
 */
export async function openProblems(path: string, options: ReadProblemsOptions = {}): Promise<ProblemReading> {
  const { onBadRow = "fail", limit = Infinity, format } = options;
  const name = checkedName(options.name ?? datasetName(path));
  const layout = await layoutOf(path, options);
  const hash = createHash("sha256");
  const reading = readDataset(path, layout.schema, {
    numbers: "exact",
    onBadRow,
    limit,
    ...(format === undefined ? {} : { format }),
  });
  const ids = new OwnIds(path);
  const misnamed: BadRow[] = [];
  async function* problems(): AsyncGenerator<Problem> {
    for await (const row of reading) {
      const fault = ids.take(row);
      if (fault !== undefined) {
        misnamed.push(fault);
        if (onBadRow === "fail") throw new BadRowsError(path, [fault], false);
        continue;
      }
      const problem = problemOf(row.value, name, row.place);
      addToHash(hash, problem, name);
      yield problem;
    }
  }
  const iterator = problems();
  return {
    name,
    layout: layout.name,
    get bad() {
      return [...reading.bad, ...misnamed].toSorted((a, b) => a.number - b.number);
    },
    hash: () => hash.copy().digest("hex").slice(0, HASH_DIGITS),
    [Symbol.asyncIterator]: () => iterator,
  };
}

/** Ids that rows bring along: either all rows do, each its own, or none does. */
class OwnIds {
  readonly #file: string;
  readonly #seen = new Map<string, number>();
  /** First row, and whether it brought an id. */
  #first: { readonly number: number; readonly named: boolean } | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Notes a row's id. @returns what is wrong with it, if something is. */
  take({ unit, number, value: { own } }: DatasetRow<ProblemDraft>): BadRow | undefined {
    const fault = (found: string, expected: string): BadRow => ({
      file: this.#file,
      unit,
      number,
      field: "id",
      found,
      expected,
    });
    this.#first ??= { number, named: own !== undefined };
    if ((own !== undefined) !== this.#first.named) {
      const expected = this.#first.named ? "an id" : "none";
      return fault(own ?? "nothing", `${expected}, as in ${unit} ${this.#first.number}: all rows have one or none has`);
    }
    if (own === undefined) return undefined;
    const before = this.#seen.get(own);
    if (before !== undefined) return fault(`${own}, as in ${unit} ${before}`, "an id of its own");
    this.#seen.set(own, number);
    return undefined;
  }
}

/**
 * Reads all problems of a data file.
 *
 * @example A CSV file of one's own
 * ```ts
 * import { readProblems } from "whetstone/envs/math/datasets/read_problems.ts";
 * import assert from "node:assert/strict";
 *
 * const file = await Deno.makeTempFile({ suffix: ".csv" });
 * await Deno.writeTextFile(file, 'question,final\n"What is 1 + 1, if not 3?",2\n');
 * const fields = { statement: "question", answer: "final" };
 * const { problems } = await readProblems(file, { name: "sums", fields });
 * assert.equal(problems[0]?.id, "sums/1");
 * assert.equal(problems[0]?.answer, "2");
 * await Deno.remove(file);
 * ```
 *
 * @param path file: JSONL, JSON, Parquet, CSV or TSV.
 * @param options see {@linkcode ReadProblemsOptions}.
 * @throws as {@linkcode openProblems} and its iteration.
 */
export async function readProblems(path: string, options: ReadProblemsOptions = {}): Promise<ProblemSet> {
  const reading = await openProblems(path, options);
  const problems = await Array.fromAsync(reading);
  return { name: reading.name, layout: reading.layout, problems, bad: reading.bad, hash: reading.hash() };
}
