/**
 * Hash of a record's rows: equal for a run that was killed and resumed and for one that was not.
 *
 * Contract: covers every row of every table in the order of its key, volatile tables and columns left out; the order in which rows were
 * written plays no part. Two records of equal hash answer every query on columns that are not volatile alike.
 * Choices: each value counts as its length and its DuckDB text, so that no two rows run together; hashes of rows are hashed by
 * leading key columns first and then together, which keeps the text in memory small; all tables in one statement, hence in one snapshot.
 *
 * @module
 */
import { contentHash } from "./canonical.ts";
import type { Recorder } from "./recorder.ts";
import { declarationOf, TABLE_NAMES, type TableName } from "./schema.ts";
import { runSql } from "./sql.ts";
import { keyColumns, stableColumns } from "./table_declaration.ts";

/** Options of {@linkcode rowHash}. */
export interface RowHashOptions {
  /**
   * Only rows of these runs, and the tasks of their environments; undefined: all rows.
   *
   * @default {undefined}
   */
  runIds?: readonly string[];
}

/** Hashes of a record's rows. */
export interface RowHash {
  /** Hash over all tables, 16 hexadecimal digits. */
  readonly total: string;
  /** Hash of each table, 16 hexadecimal digits; of an empty one too. */
  readonly tables: Readonly<Record<string, string>>;
}

/** Digits of a hash. */
const DIGITS = 16;

function runFilter(table: TableName, runIds: readonly string[] | undefined): string {
  if (runIds === undefined) return "true";
  const list = `(${runIds.map((id) => `'${id.replaceAll("'", "''")}'`).join(", ")})`;
  const columns = declarationOf(table).columns;
  if (runIds.length === 0) return "false";
  if ("run_id" in columns) return `run_id IN ${list}`;
  if ("environment_hash" in columns) {
    return `environment_hash IN (SELECT environment_hash FROM run WHERE run_id IN ${list})`;
  }
  return "false";
}

/** Text of a value in SQL, with its length before it; lists of text as JSON, whose quotes leave no doubt. */
function valueText(name: string, type: string): string {
  const text = type === "VARCHAR[]" ? `to_json("${name}")::VARCHAR` : `"${name}"::VARCHAR`;
  return `coalesce(strlen(${text}) || ':' || ${text}, '-')`;
}

function tableQuery(table: TableName, runIds: readonly string[] | undefined): string {
  const declaration = declarationOf(table);
  const keys = keyColumns(declaration).map((name) => `"${name}"`);
  const group = keys.slice(0, 4);
  const rest = keys.slice(4);
  const texts = stableColumns(declaration).map((name) => valueText(name, declaration.columns[name]?.type ?? "VARCHAR"));
  return `SELECT '${table}' AS name, (
    SELECT sha256(coalesce(string_agg(part, '' ORDER BY ${group.join(", ")}), '')) FROM (
      SELECT ${group.join(", ")}, sha256(string_agg(sha256(concat_ws('|', ${texts.join(", ")})), ''${
    rest.length > 0 ? ` ORDER BY ${rest.join(", ")}` : ""
  })) AS part FROM "${table}" WHERE ${runFilter(table, runIds)} GROUP BY ${group.join(", ")}
    )) AS hash`;
}

/**
 * Hash of a record's rows.
 *
 * @param source record file, or the recorder that has it open (committed rows count).
 * @param options see {@linkcode RowHashOptions}.
 * @throws as {@linkcode runSql} does.
 */
export async function rowHash(source: string | Recorder, options: RowHashOptions = {}): Promise<RowHash> {
  const { runIds } = options;
  // `meta` describes the program rather than what happened.
  const names = TABLE_NAMES.filter((name) => name !== "meta" && declarationOf(name).volatile !== true);
  const sql = names.map((name) => tableQuery(name, runIds)).join(" UNION ALL ");
  const { rows } = await (typeof source === "string" ? runSql(source, sql) : source.query(sql));
  const byName = new Map(rows.map(([name, hash]) => [String(name), contentHash(String(hash), DIGITS)]));
  const tables = Object.fromEntries(names.map((name) => [name, byName.get(name) ?? ""]));
  return { total: contentHash(names.map((name) => `${name}=${tables[name] ?? ""}`).join("\n"), DIGITS), tables };
}
