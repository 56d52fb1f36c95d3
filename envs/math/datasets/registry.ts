/**
 * Data sets that a workspace knows by name: checked once, kept as Parquet with the columns of a problem, read again by name.
 *
 * Contract: `<workspace>/data/<name>.parquet` has a row per problem (columns `id`, `statement`, `answer`, `tolerance`, `solution`, `difficulty`,
 * `scenario`, `labels`), and `<workspace>/data/datasets.json` says where it came from and what its content hash is. Both are written beside
 * their place and renamed, so that a kill leaves the old or the new one. A set that was changed behind the list's back is not read.
 * Choices: only a file without a single bad row is added. The same content under the same name is added once; a name never changes its content,
 * since rows of earlier runs refer to it. Omitted: removal, and a lock: two programs that add at the same moment may lose one entry.
 *
 * @module
 */
import { basename, join } from "node:path";
import { z } from "zod";
import { DatasetFileError } from "../../../data/dataset_reader.ts";
import { removeIfThere, writeProblems } from "./_write_problems.ts";
import { type FieldMapping, MAPPED_FIELDS, nearest } from "./detect_layout.ts";
import {
  DATASET_NAME,
  datasetName,
  openProblems,
  type ProblemReading,
  type ProblemSet,
  readProblems,
  type ReadProblemsOptions,
} from "./read_problems.ts";

/** The list of data sets cannot be used as asked: an unknown name, a name that is taken, a damaged list. */
export class DatasetRegistryError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "DatasetRegistryError";
}

const entrySchema = z.strictObject({
  name: z.string().regex(DATASET_NAME),
  layout: z.string(),
  fields: z.partialRecord(z.enum(MAPPED_FIELDS), z.string()).optional(),
  source: z.string(),
  rows: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{16}$/),
});

const listSchema = z.strictObject({ version: z.literal(1), datasets: z.array(entrySchema) });

/** One entry of the list. */
export interface DatasetEntry {
  /** Name, which is also the file's. */
  readonly name: string;
  /** Layout of the file that it was made from; `fields` if columns were named. */
  readonly layout: string;
  /** Columns that were named, by field. */
  readonly fields?: FieldMapping;
  /** Name of the file that it was made from, without its folder. */
  readonly source: string;
  /** Problems. */
  readonly rows: number;
  /** Content hash, 16 hexadecimal digits. */
  readonly hash: string;
}

/** What {@linkcode addDataset} takes. */
export interface AddDatasetRequest {
  /** Folder of the workspace; its `data` folder is made if it is not there. */
  readonly workspace: string;
  /** File to read. */
  readonly path: string;
  /**
   * Name to add it under.
   *
   * @default the file's name without its endings
   */
  readonly name?: string;
  /**
   * Layout by name.
   *
   * @default told by the first row
   */
  readonly layout?: string;
  /**
   * Columns of the fields of a problem, instead of a layout.
   *
   * @default {undefined}
   */
  readonly fields?: FieldMapping;
}

/** What {@linkcode addDataset} did. */
export interface AddedDataset {
  /** The entry, new or old. */
  readonly entry: DatasetEntry;
  /** Whether it was not there before. */
  readonly added: boolean;
}

function listPath(workspace: string): string {
  return join(workspace, "data", "datasets.json");
}

/** File of a registered data set. */
export function datasetPath(workspace: string, name: string): string {
  return join(workspace, "data", `${name}.parquet`);
}

/**
 * Data sets of a workspace, in the order of their names; none if nothing was added yet.
 *
 * @throws {DatasetRegistryError} if the list is damaged.
 */
export async function listDatasets(workspace: string): Promise<readonly DatasetEntry[]> {
  const path = listPath(workspace);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const damaged = (reason: string, cause: unknown) =>
    new DatasetRegistryError(
      `Cannot read ${path}: ${reason}; restore the file, or move it away and add the data again`,
      {
        cause,
      },
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged("it is not JSON", error);
  }
  const result = listSchema.safeParse(value);
  if (result.success) return result.data.datasets as readonly DatasetEntry[];
  const [issue] = result.error.issues;
  throw damaged(`${issue?.path.map(String).join(".") || "the list"}: ${issue?.message}`, result.error);
}

/** Writes a file so that it is there as a whole or not at all. */
async function writeWhole(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${Deno.pid}.tmp`;
  try {
    await write(temporary);
    await Deno.rename(temporary, path);
  } finally {
    await removeIfThere(temporary);
  }
}

async function writeList(workspace: string, entries: readonly DatasetEntry[]): Promise<void> {
  const datasets = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const text = JSON.stringify({ version: 1, datasets }, null, 2);
  await writeWhole(listPath(workspace), (temporary) => Deno.writeTextFile(temporary, `${text}\n`));
}

/**
 * Adds a data file to a workspace under a name.
 *
 * @example Added, listed and opened by name
 * ```ts
 * import { addDataset, listDatasets, openDataset } from "whetstone/envs/math/datasets/registry.ts";
 * import assert from "node:assert/strict";
 *
 * const workspace = await Deno.makeTempDir();
 * const path = `${workspace}/mine.csv`;
 * await Deno.writeTextFile(path, "question,final\nWhat is 2 + 2?,4\n");
 * await addDataset({ workspace, path, name: "sums", fields: { statement: "question", answer: "final" } });
 * assert.deepEqual((await listDatasets(workspace)).map(({ name, rows }) => [name, rows]), [["sums", 1]]);
 * assert.equal((await openDataset(workspace, "sums")).problems[0]?.answer, "4");
 * await Deno.remove(workspace, { recursive: true });
 * ```
 *
 * @param request see {@linkcode AddDatasetRequest}.
 * @throws {BadRowsError} if a row does not fit. {LayoutError} if the layout cannot be told. {DatasetFileError} if the file cannot be read.
 *   {DatasetRegistryError} if the name has another content already.
 */
export async function addDataset(request: AddDatasetRequest): Promise<AddedDataset> {
  const { workspace, path, layout, fields, name = datasetName(path) } = request;
  const entries = await listDatasets(workspace);
  const reading = await openProblems(path, {
    name,
    ...(layout === undefined ? {} : { layout }),
    ...(fields === undefined ? {} : { fields }),
  });
  await Deno.mkdir(join(workspace, "data"), { recursive: true });
  const target = datasetPath(workspace, name);
  const old = entries.find((entry) => entry.name === name);
  const temporary = `${target}.${Deno.pid}.tmp`;
  try {
    const rows = await writeProblems(reading, temporary);
    const hash = reading.hash();
    if (rows === 0) throw new DatasetFileError(`Cannot add ${path}: it has no rows`);
    if (old !== undefined && old.hash !== hash) {
      throw new DatasetRegistryError(
        `Cannot add ${path} as ${name}: that name has another content (${old.rows} rows of ${old.source}, hash ${old.hash}; ` +
          `this one has ${rows} rows, hash ${hash}); choose another name, e.g. ${freeName(name, entries)}`,
      );
    }
    // Of a set that is there already, the file is still written: it may have been lost or damaged.
    await Deno.rename(temporary, target);
    if (old !== undefined) return { entry: old, added: false };
    const entry: DatasetEntry = {
      name,
      layout: reading.layout,
      ...(fields === undefined ? {} : { fields }),
      source: basename(path),
      rows,
      hash,
    };
    await writeList(workspace, [...entries, entry]);
    return { entry, added: true };
  } finally {
    await removeIfThere(temporary);
  }
}

function freeName(name: string, entries: readonly DatasetEntry[]): string {
  for (let number = 2;; number++) {
    const candidate = `${name}-${number}`;
    if (!entries.some((entry) => entry.name === candidate)) return candidate;
  }
}

/** Whether a text can only be a path. */
function looksLikePath(text: string): boolean {
  return /[/\\]/.test(text) || /\.(?:jsonl|ndjson|json|parquet|csv|tsv)(?:\.(?:gz|zst))?$/i.test(text);
}

/** Where a set's rows are, and how to read them. */
interface Located {
  readonly path: string;
  readonly options: ReadProblemsOptions;
  /** Entry, if the name is registered. */
  readonly entry: DatasetEntry | undefined;
}

async function locate(workspace: string, nameOrPath: string, options: ReadProblemsOptions): Promise<Located> {
  const entries = await listDatasets(workspace);
  const entry = entries.find(({ name }) => name === nameOrPath);
  if (entry !== undefined) {
    const { limit, onBadRow } = options;
    return {
      path: datasetPath(workspace, entry.name),
      options: {
        name: entry.name,
        layout: "problems",
        ...(limit === undefined ? {} : { limit }),
        ...(onBadRow === undefined ? {} : { onBadRow }),
      },
      entry,
    };
  }
  if (looksLikePath(nameOrPath)) return { path: nameOrPath, options, entry: undefined };
  const names = entries.map(({ name }) => name);
  const close = nearest(nameOrPath, names);
  const known = close === undefined ? "none was added yet" : `did you mean ${close}? All: ${names.join(", ")}`;
  throw new DatasetRegistryError(
    `Cannot open the data set ${JSON.stringify(nameOrPath)}: no data set of ${workspace} has that name (${known}); ` +
      `a file is named with its ending, e.g. ${nameOrPath}.jsonl`,
  );
}

/**
 * Opens a data set of a workspace by name, or a file, for reading problem by problem.
 *
 * @param workspace folder of the workspace.
 * @param nameOrPath registered name, or a file (told by a slash or a known ending).
 * @param options for a file; of them `limit` and `onBadRow` hold for a registered name too.
 * @throws as {@linkcode openDataset}; that the content is still what was added is not checked.
 */
export async function streamDataset(
  workspace: string,
  nameOrPath: string,
  options: ReadProblemsOptions = {},
): Promise<ProblemReading> {
  const located = await locate(workspace, nameOrPath, options);
  return await openProblems(located.path, located.options);
}

/**
 * Reads a data set of a workspace by name, or a file.
 *
 * @param workspace folder of the workspace.
 * @param nameOrPath registered name, or a file (told by a slash or a known ending).
 * @param options for a file; of them `limit` and `onBadRow` hold for a registered name too.
 * @throws {DatasetRegistryError} if the name is unknown, naming the nearest one, or the content is not what was added.
 *   Otherwise as {@linkcode readProblems}.
 */
export async function openDataset(
  workspace: string,
  nameOrPath: string,
  options: ReadProblemsOptions = {},
): Promise<ProblemSet> {
  const { path, options: reading, entry } = await locate(workspace, nameOrPath, options);
  const set = await readProblems(path, reading);
  if (entry === undefined) return set;
  if (options.limit === undefined && set.hash !== entry.hash) {
    throw new DatasetRegistryError(
      `Cannot open the data set ${entry.name}: ${path} was changed after it was added (hash ${set.hash}, not ${entry.hash}); ` +
        `add ${entry.source} again`,
    );
  }
  return { ...set, layout: entry.layout };
}
