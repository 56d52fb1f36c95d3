/**
 * Brings a file to this program's schema: makes it in an empty file, migrates an older one, refuses a newer or a foreign one.
 *
 * Contract: all in one transaction, so that a file is never between two versions.
 *
 * @module
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { MIGRATION_1_TO_2 } from "./_migration_1_to_2.ts";
import { MIGRATION_2_TO_3 } from "./_migration_2_to_3.ts";
import { MIGRATION_3_TO_4 } from "./_migration_3_to_4.ts";
import { MIGRATION_4_TO_5 } from "./_migration_4_to_5.ts";
import { readOnlyQuery } from "./read_only_query.ts";
import { QueryError, recordError, RecordOpenError, RecordVersionError } from "./record_errors.ts";
import { renderTables, renderViews, viewsHash } from "./render_schema.ts";
import { SCHEMA_VERSION } from "./schema.ts";

/** Statements that bring a file of version `key` to version `key + 1`. */
const MIGRATIONS: Readonly<Record<number, readonly string[]>> = {
  1: MIGRATION_1_TO_2,
  2: MIGRATION_2_TO_3,
  3: MIGRATION_3_TO_4,
  4: MIGRATION_4_TO_5,
};

interface Facts {
  /** Undefined in an empty file. */
  readonly version: number | undefined;
  readonly viewsHash: string | undefined;
  readonly recordId: string | undefined;
}

async function readFacts(connection: DuckDBConnection, path: string): Promise<Facts> {
  const tables = await readOnlyQuery(connection, path, "SELECT table_name FROM duckdb_tables() WHERE NOT internal");
  if (tables.rows.length === 0) return { version: undefined, viewsHash: undefined, recordId: undefined };
  const foreign = new RecordOpenError(
    `Cannot open the record ${path}: the file holds other tables and no schema version; choose another path`,
  );
  if (!tables.rows.some(([name]) => name === "meta")) throw foreign;
  let rows;
  try {
    ({ rows } = await readOnlyQuery(connection, path, "SELECT name, value FROM meta"));
  } catch (error) {
    // Damage must not be taken for another program's file.
    throw error instanceof QueryError ? foreign : error;
  }
  const facts = new Map(rows.map(([name, value]) => [String(name), String(value)]));
  const version = Number(facts.get("schema_version"));
  if (!Number.isInteger(version)) throw foreign;
  return { version, viewsHash: facts.get("views_hash"), recordId: facts.get("record_id") };
}

/** Refuses a file that this program cannot read; tells whether it has the tables and views of this program. @throws {RecordVersionError} if its schema is newer. @throws {RecordOpenError} if it is no record. */
export async function checkSchema(
  connection: DuckDBConnection,
  path: string,
): Promise<{ readonly isCurrent: boolean }> {
  const facts = await readFacts(connection, path);
  if (facts.version === undefined) throw new RecordOpenError(`Cannot read the record ${path}: the file is empty`);
  refuseNewer(facts.version, path);
  return { isCurrent: isCurrent(facts) };
}

function isCurrent(facts: Facts): boolean {
  return facts.version === SCHEMA_VERSION && facts.viewsHash === viewsHash() && facts.recordId !== undefined;
}

function refuseNewer(version: number, path: string): void {
  if (version <= SCHEMA_VERSION) return;
  throw new RecordVersionError(
    `Cannot open the record ${path}: its schema version is ${version} and this program knows up to ${SCHEMA_VERSION}; ` +
      "use the newer program, or choose another path",
  );
}

/** Makes or migrates tables and views, and gives the record's id. @throws typed errors of `record_errors.ts`. */
export async function prepareSchema(connection: DuckDBConnection, path: string): Promise<string> {
  try {
    const facts = await readFacts(connection, path);
    refuseNewer(facts.version ?? SCHEMA_VERSION, path);
    const { recordId = crypto.randomUUID() } = facts;
    if (isCurrent(facts)) return recordId;
    const statements = facts.version === undefined ? renderTables() : [];
    for (let version = facts.version ?? SCHEMA_VERSION; version < SCHEMA_VERSION; version++) {
      statements.push(...(MIGRATIONS[version] ?? []));
    }
    statements.push(
      ...renderViews(),
      "DELETE FROM meta",
      `INSERT INTO meta VALUES ('schema_version', '${SCHEMA_VERSION}'), ('views_hash', '${viewsHash()}'), ` +
        `('record_id', '${recordId}')`,
    );
    try {
      // One call: each has a price of some milliseconds.
      await connection.run(["BEGIN", ...statements, "COMMIT"].join(";\n"));
      return recordId;
    } catch (error) {
      await connection.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw recordError(path, error, "open");
  }
}
