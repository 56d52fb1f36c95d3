/**
 * Runs as files: one Parquet file a table and a manifest, and back again.
 *
 * Contract: a folder holds `manifest.json` (format, schema version, runs, and for each table its file, rows and SHA-256) and
 * `<table>.parquet`, compressed with zstd, rows in the order of their keys, so that equal rows give equal files. The manifest is written
 * last: a folder without one is no export. Importing checks every file before it writes a row, ignores rows that are there (the first
 * wins, as everywhere in a record) and is one transaction, so doing it twice changes nothing.
 * Choices: an export of another schema version is refused with what to do: import it with its program, and let this one migrate the record.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { maintain, recordExists, runCondition } from "./_maintenance.ts";
import type { CommitResult } from "./_row_batch.ts";
import { sqlName, sqlString } from "./_sql_text.ts";
import { lockedFor, RecordCorruptError, RecordOpenError, RecordVersionError } from "./record_errors.ts";
import { UnknownRunError } from "./runs.ts";
import { declarationOf, SCHEMA_VERSION, TABLE_NAMES, type TableName } from "./schema.ts";
import { runSql } from "./sql.ts";
import { keyColumns, packedColumns, stableColumns, storedName } from "./table_declaration.ts";

/** Name of the manifest in its folder. */
export const MANIFEST_FILE = "manifest.json";

const manifestSchema = z.strictObject({
  format: z.literal("whetstone-record"),
  schemaVersion: z.int(),
  runs: z.array(z.string()),
  tables: z.record(
    z.string(),
    z.strictObject({ file: z.string().regex(/^[a-z_]+\.parquet$/), rows: z.int(), sha256: z.string() }),
  ),
});

/** What an export holds. */
export type ExportManifest = z.infer<typeof manifestSchema>;

/** Options of {@linkcode exportRuns}. */
export interface ExportRunsOptions {
  /**
   * Runs to export, with the tasks of their environments; undefined: all rows.
   *
   * @default {undefined}
   */
  runIds?: readonly string[];
}

/** Tables that hold what happened; `meta` describes the file. */
const EXPORTED: readonly TableName[] = TABLE_NAMES.filter((name) => name !== "meta");

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part);
  return hash.digest("hex");
}

/**
 * Writes runs as Parquet files.
 *
 * @param path record file.
 * @param folder folder for the files; made if there is none, and must hold no export.
 * @param options see {@linkcode ExportRunsOptions}.
 * @throws {UnknownRunError} if a run is not in the record.
 * @throws {RecordOpenError} if there is no record, or the folder already holds an export.
 * @throws {RecordLockedError} if somebody has the record open for writing.
 */
export async function exportRuns(
  path: string,
  folder: string,
  options: ExportRunsOptions = {},
): Promise<ExportManifest> {
  const { runIds } = options;
  if (!await recordExists(path)) throw new RecordOpenError(`Cannot export ${path}: there is no such record`);
  const known = (await runSql(path, "SELECT run_id FROM run ORDER BY run_id")).rows.map(([id]) => String(id));
  const unknown = (runIds ?? []).find((id) => !known.includes(id));
  if (unknown !== undefined) {
    throw new UnknownRunError(
      `Cannot export run ${unknown}: it is not in ${path}; it holds ${known.join(", ") || "none"}`,
    );
  }
  await Deno.mkdir(folder, { recursive: true });
  const place = await Deno.realPath(folder);
  const manifestPath = join(place, MANIFEST_FILE);
  if (await Deno.stat(manifestPath).then(() => true, () => false)) {
    throw new RecordOpenError(`Cannot export to ${folder}: it holds an export already; choose another folder`);
  }
  const tables: ExportManifest["tables"] = {};
  const rows = await maintain(path, async (connection) => {
    const counts = new Map<TableName, number>();
    for (const table of EXPORTED) {
      const order = keyColumns(declarationOf(table)).map(sqlName).join(", ");
      const where = runIds === undefined ? "" : ` WHERE ${runCondition(table, runIds)}`;
      const result = await connection.run(
        `COPY (SELECT * FROM ${sqlName(table)}${where} ORDER BY ${order}) TO ${
          sqlString(join(place, `${table}.parquet`))
        } (FORMAT parquet, COMPRESSION zstd)`,
      );
      counts.set(table, result.rowsChanged);
    }
    return counts;
  }, { folders: [place] }).catch((error) => {
    throw lockedFor(
      `export runs of ${path}`,
      error,
      "wait until it ends, or read what is there with SQL, which that process answers",
    );
  });
  for (const table of EXPORTED) {
    const file = `${table}.parquet`;
    tables[table] = { file, rows: rows.get(table) ?? 0, sha256: await hashFile(join(place, file)) };
  }
  const manifest: ExportManifest = {
    format: "whetstone-record",
    schemaVersion: SCHEMA_VERSION,
    runs: [...new Set(runIds ?? known)].sort(),
    tables,
  };
  await Deno.writeTextFile(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function readManifest(folder: string): Promise<ExportManifest> {
  const path = join(folder, MANIFEST_FILE);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new RecordOpenError(`Cannot import ${folder}: it holds no ${MANIFEST_FILE}; name the folder of an export`, {
      cause: error,
    });
  }
  const version = z.object({ schemaVersion: z.int() }).safeParse(parsed(text, path)).data?.schemaVersion;
  if (version !== undefined && version !== SCHEMA_VERSION) {
    const newer = version > SCHEMA_VERSION;
    throw new RecordVersionError(
      `Cannot import ${folder}: its schema version is ${version} and this program's is ${SCHEMA_VERSION}; ` +
        (newer
          ? "use the newer program"
          : "import it into a record with the program that made it, and open that record with this one"),
    );
  }
  const manifest = manifestSchema.safeParse(parsed(text, path));
  if (manifest.success) return manifest.data;
  throw new RecordCorruptError(
    `Cannot import ${folder}: ${MANIFEST_FILE} is not whole: ${z.prettifyError(manifest.error)}`,
  );
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RecordCorruptError(`Cannot read ${path}: it is no JSON`, { cause: error });
  }
}

/**
 * Reads an export into a record.
 *
 * @param path record file; made if there is none.
 * @param folder folder that {@linkcode exportRuns} wrote.
 * @returns rows written, rows that were there, and of these the ones that differ in a column that is not volatile.
 * @throws {RecordOpenError} if the folder holds no export.
 * @throws {RecordCorruptError} if a file is missing or is not what the manifest says; nothing is written.
 * @throws {RecordVersionError} if it has another schema version.
 * @throws {RecordLockedError} if somebody has the record open.
 */
export async function importRuns(path: string, folder: string): Promise<CommitResult> {
  const manifest = await readManifest(folder);
  const place = await Deno.realPath(folder);
  for (const [table, { file, sha256 }] of Object.entries(manifest.tables)) {
    const found = await hashFile(join(place, file)).catch((error: unknown) => String(error));
    if (found !== sha256 || !EXPORTED.some((name) => name === table)) {
      throw new RecordCorruptError(
        `Cannot import ${folder}: ${file} is not the file of the manifest (SHA-256 ${sha256}, found ${found}); copy the folder again`,
      );
    }
  }
  return await maintain(path, async (connection) => {
    const total = { inserted: 0, ignored: 0, conflicting: 0 };
    for (const table of EXPORTED) {
      const entry = manifest.tables[table];
      if (entry === undefined || entry.rows === 0) continue;
      const declaration = declarationOf(table);
      const keys = keyColumns(declaration);
      const stored = sqlName(storedName(table, declaration));
      const columns = Object.keys(declaration.columns).map(sqlName).join(", ");
      const match = keys.map((name) => `held.${sqlName(name)} = read.${sqlName(name)}`).join(" AND ");
      const source = `read_parquet(${sqlString(join(place, entry.file))}) read`;
      const differs = stableColumns(declaration).filter((name) => !keys.includes(name))
        .map((name) => `held.${sqlName(name)} IS DISTINCT FROM read.${sqlName(name)}`).join(" OR ");
      if (differs !== "") {
        const count = await connection.run(
          `SELECT count(*) FROM ${source} JOIN ${sqlName(table)} held ON ${match} WHERE ${differs}`,
        );
        total.conflicting += Number((await count.getRows())[0]?.[0] ?? 0);
      }
      const inserted = await connection.run(
        `INSERT INTO ${stored} (${columns}) SELECT ${packedColumns(declaration)} FROM ${source} ` +
          `WHERE NOT EXISTS (SELECT 1 FROM ${stored} held WHERE ${match})`,
      );
      total.inserted += inserted.rowsChanged;
      total.ignored += entry.rows - inserted.rowsChanged;
    }
    return total;
  }, { folders: [place] }).catch((error) => {
    throw lockedFor(`import ${folder} into ${path}`, error, "wait until it ends, or import into another record");
  });
}
