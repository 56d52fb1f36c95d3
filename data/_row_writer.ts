/**
 * Moves batches from memory into the tables of a file, as data chunks through DuckDB's appender.
 *
 * Contract: keys stay unique without an index. Which groups of keys (the first four key columns) the file holds is asked when a run
 * first comes up; the keys of a held group are asked when a batch adds to it. Only a batch that really repeats a key takes the way
 * over a temporary table and an anti-join.
 *
 * @module
 */
import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  ENUM,
  FLOAT,
  INTEGER,
  LIST,
  listValue,
  TIMESTAMP,
  VARCHAR,
} from "@duckdb/node-api";
import { packList } from "./_packed_lists.ts";
import {
  type AnyRow,
  type CommitResult,
  joinKey,
  type RowBatch,
  type RowGroup,
  type TablePlan,
  type TableRows,
} from "./_row_batch.ts";
import { canonicalJson, type Json } from "./canonical.ts";
import { declarationOf, TABLE_NAMES } from "./schema.ts";
import { type ColumnType, keyColumns, stableColumns, unpackedColumns } from "./table_declaration.ts";

/** Most rows of a data chunk: DuckDB's vector size. */
const CHUNK_ROWS = 2048;

/** Fewest rows for which it pays to look for the texts of a column, and most texts of a column that count as few. */
const ENUM_ROWS = 512;
const ENUM_TEXTS = 255;

/** Most keys that are remembered; beyond, those of the group used longest ago are forgotten and asked for again when needed. */
const REMEMBERED_KEYS = 200_000;

const duckTypes: Readonly<Record<ColumnType, DuckDBType>> = {
  VARCHAR,
  INTEGER,
  DOUBLE,
  BOOLEAN,
  JSON: VARCHAR,
  TIMESTAMP,
  "VARCHAR[]": LIST(VARCHAR),
  "INTEGER[]": LIST(INTEGER),
  "FLOAT[]": LIST(FLOAT),
};

/** Values of one column for a data chunk. */
function duckColumn(rows: readonly AnyRow[], { name, type, packed }: TablePlan["columns"][number]): DuckDBValue[] {
  if (packed !== undefined) {
    return rows.map((row) => {
      const list = row[name] ?? null;
      // Checked before: what is there is a list.
      return list === null ? null : packList(packed, list as readonly number[]);
    });
  }
  if (type === "JSON") {
    return rows.map((row) => (row[name] === undefined || row[name] === null ? null : canonicalJson(row[name] as Json)));
  }
  return rows.map((row) => {
    const value = row[name] ?? null;
    if (value instanceof Date) return new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n);
    return Array.isArray(value) ? listValue(value as DuckDBValue[]) : value as DuckDBValue;
  });
}

/**
 * Type of a column in data chunks; DuckDB casts it to that of the table. A text takes a call of native code, a value of an ENUM takes
 * none, and in most columns the same few texts come again and again.
 */
function chunkType(rows: readonly AnyRow[], { name, type, packed }: TablePlan["columns"][number]): DuckDBType {
  if (packed !== undefined) return VARCHAR;
  if (type !== "VARCHAR" || rows.length < ENUM_ROWS) return duckTypes[type];
  const texts = new Set<string>();
  let last: unknown;
  for (const row of rows) {
    const value = row[name];
    if (value === last || value === null || value === undefined) continue;
    texts.add(value as string);
    // The name of an ENUM's value ends at a NUL.
    if (texts.size > ENUM_TEXTS || (value as string).includes("\0")) return VARCHAR;
    last = value;
  }
  return texts.size === 0 ? VARCHAR : ENUM([...texts]);
}

/** Rows of all tables of some batches, in the order in which they are written. */
function tablesOf(batches: readonly RowBatch[]): TableRows[] {
  const all = batches.flatMap((batch) => [...batch.tables.values()]).filter(({ rows }) => rows.length > 0);
  // Always the same order of tables: two runs that record alike write alike.
  return all.sort((a, b) => TABLE_NAMES.indexOf(a.table) - TABLE_NAMES.indexOf(b.table));
}

/** What the batches dropped among themselves. */
function droppedBy(batches: readonly RowBatch[]): { ignored: number; conflicting: number } {
  const total = { ignored: 0, conflicting: 0 };
  for (const { tables } of batches) {
    for (const { ignored, conflicting } of tables.values()) {
      total.ignored += ignored;
      total.conflicting += conflicting;
    }
  }
  return total;
}

/** What is to be written, and what of it the file may hold already. */
export interface CheckedRows {
  /** Rows by table, in the order of writing. */
  readonly all: readonly TableRows[];
  /** Of these: tables with a key that is there already. */
  readonly repeated: ReadonlySet<TableRows>;
  /** What the batches dropped among themselves. */
  readonly dropped: { readonly ignored: number; readonly conflicting: number };
}

/** Writes batches through one connection. */
export class RowWriter {
  readonly #connection: DuckDBConnection;
  /** Groups of keys that are held, by table and first key column; asked for when a table and value first come up. */
  readonly #prefixes = new Map<string, Set<string>>();
  /** Keys of held groups by table and prefix, the group used last at the end. */
  readonly #keys = new Map<string, Set<string>>();
  #keyCount = 0;

  /** @param connection connection that nobody else uses. */
  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /**
   * Finds out which rows repeat a key.
   *
   * @param batches rows that belong together.
   * @param settle called before the file is asked: brings what was accepted but is not yet there into the file.
   */
  async check(batches: readonly RowBatch[], settle: () => Promise<void>): Promise<CheckedRows> {
    const all = tablesOf(batches);
    const repeated = new Set<TableRows>();
    for (const rows of all) {
      for (const group of rows.groups.values()) {
        if (await this.#repeats(rows, group, settle)) repeated.add(rows);
      }
    }
    return { all, repeated, dropped: droppedBy(batches) };
  }

  /** Notes that rows are in the tables: which groups are held is kept, their keys are asked for when a group comes up again. */
  rememberWritten(all: readonly TableRows[]): void {
    for (const { table, groups, plan: { prefix: [firstColumn = ""] } } of all) {
      for (const { prefix, first } of groups.values()) {
        this.#prefixes.get(`${table}\u0001${String(first[firstColumn])}`)?.add(prefix);
        const name = `${table}\u0001${prefix}`;
        this.#keyCount -= this.#keys.get(name)?.size ?? 0;
        this.#keys.delete(name);
      }
    }
  }

  /** Notes that rows are accepted, though perhaps not yet in the tables: their keys count as held from here on. */
  remember(all: readonly TableRows[]): void {
    for (const { table, groups, plan: { prefix: [firstColumn = ""] } } of all) {
      for (const { prefix, first, byRest } of groups.values()) {
        const held = this.#prefixes.get(`${table}\u0001${String(first[firstColumn])}`);
        if (held === undefined) continue;
        const name = `${table}\u0001${prefix}`;
        const keys = this.#keys.get(name);
        if (keys !== undefined) this.#addKeys(name, keys, byRest.keys());
        // Without a set of its own, a group that is held is asked for when it comes up again.
        else if (!held.has(prefix)) this.#addKeys(name, new Set(), byRest.keys());
        held.add(prefix);
      }
    }
  }

  /** Writes rows that were checked, in one transaction; nothing of them is there if it throws. */
  async write({ all, repeated, dropped }: CheckedRows): Promise<CommitResult> {
    const total = { inserted: 0, ...dropped };
    if (all.length === 0) return total;
    await this.#transact(async () => {
      for (const rows of all) {
        if (repeated.has(rows)) {
          const { inserted, conflicting } = await this.#insertMissing(rows);
          total.inserted += inserted;
          total.ignored += rows.rows.length - inserted;
          total.conflicting += conflicting;
        } else {
          await this.#append(rows, null, rows.plan.stored);
          total.inserted += rows.rows.length;
        }
      }
    });
    return total;
  }

  async #transact(work: () => Promise<void>): Promise<void> {
    await this.#connection.run("BEGIN");
    try {
      await work();
      await this.#connection.run("COMMIT");
    } catch (error) {
      // A commit that failed has ended its transaction; what it threw is the error to report.
      await this.#connection.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
  }

  /** Writes accepted rows, none of which is there, in one transaction. */
  async append(batches: readonly RowBatch[]): Promise<void> {
    // One appender a table: each has a price.
    const byTable = Map.groupBy(tablesOf(batches), ({ table }) => table);
    await this.#transact(async () => {
      for (const [first, ...others] of byTable.values()) {
        if (first === undefined) continue;
        const rows = others.length === 0 ? first.rows : [first, ...others].flatMap((part) => part.rows);
        await this.#append({ rows, plan: first.plan }, null, first.plan.stored);
      }
    });
  }

  async #repeats(rows: TableRows, group: RowGroup, settle: () => Promise<void>): Promise<boolean> {
    const { table, plan: { prefix: columns } } = rows;
    const { prefix, first, byRest } = group;
    const [firstColumn = ""] = columns;
    const value = String(first[firstColumn]);
    let held = this.#prefixes.get(`${table}\u0001${value}`);
    if (held === undefined) {
      await settle();
      held = await this.#loadPrefixes(table, columns, value);
    }
    if (!held.has(prefix)) return false;
    const name = `${table}\u0001${prefix}`;
    let keys = this.#keys.get(name);
    if (keys === undefined) {
      await settle();
      keys = await this.#loadKeys(rows, first);
      this.#addKeys(name, keys, []);
    }
    for (const key of byRest.keys()) if (keys.has(key)) return true;
    return false;
  }

  #addKeys(name: string, keys: Set<string>, added: Iterable<string>): void {
    if (this.#keys.delete(name)) this.#keyCount -= keys.size;
    for (const key of added) keys.add(key);
    this.#keys.set(name, keys);
    this.#keyCount += keys.size;
    for (const [oldest, { size }] of this.#keys) {
      if (this.#keyCount <= REMEMBERED_KEYS || oldest === name) break;
      this.#keys.delete(oldest);
      this.#keyCount -= size;
    }
  }

  async #loadPrefixes(table: string, columns: readonly string[], first: string): Promise<Set<string>> {
    const [firstColumn = ""] = columns;
    const list = columns.map((name) => `"${name}"`).join(", ");
    const result = await this.#connection.run(`SELECT DISTINCT ${list} FROM "${table}" WHERE "${firstColumn}" = $1`, [
      first,
    ]);
    const held = new Set((await result.getRowObjects()).map((row) => joinKey(row, columns)));
    this.#prefixes.set(`${table}\u0001${first}`, held);
    return held;
  }

  async #loadKeys({ table, plan: { prefix, rest } }: TableRows, first: AnyRow): Promise<Set<string>> {
    if (rest.length === 0) return new Set([""]);
    const list = rest.map((name) => `"${name}"`).join(", ");
    const match = prefix.map((name, i) => `"${name}" = $${i + 1}`).join(" AND ");
    const values = prefix.map((name) => first[name] as DuckDBValue);
    const result = await this.#connection.run(`SELECT ${list} FROM "${table}" WHERE ${match}`, values);
    return new Set((await result.getRowObjects()).map((row) => joinKey(row, rest)));
  }

  async #insertMissing(rows: TableRows): Promise<{ inserted: number; conflicting: number }> {
    const { table, plan: { stored } } = rows;
    const declaration = declarationOf(table);
    const keys = keyColumns(declaration);
    const match = keys.map((name) => `held."${name}" = staged."${name}"`).join(" AND ");
    const others = stableColumns(declaration).filter((name) => !keys.includes(name));
    await this.#connection.run(`CREATE OR REPLACE TEMP TABLE staged AS FROM "${stored}" LIMIT 0`);
    await this.#append(rows, "temp", "staged");
    let conflicting = 0;
    if (others.length > 0) {
      const differs = others.map((name) => `held."${name}" IS DISTINCT FROM staged."${name}"`).join(" OR ");
      const count = await this.#connection.run(
        // Packed texts may differ where what they mean does not.
        `SELECT count(*) FROM (SELECT ${
          unpackedColumns(declaration)
        } FROM staged) staged JOIN "${table}" held ON ${match} WHERE ${differs}`,
      );
      conflicting = Number((await count.getRows())[0]?.[0] ?? 0);
    }
    const insert = await this.#connection.run(
      `INSERT INTO "${stored}" SELECT staged.* FROM staged WHERE NOT EXISTS (SELECT 1 FROM "${stored}" held WHERE ${match})`,
    );
    const inserted = insert.rowsChanged;
    await this.#connection.run("DROP TABLE staged");
    return { inserted, conflicting };
  }

  async #append(
    { rows, plan: { columns } }: Pick<TableRows, "rows" | "plan">,
    catalog: string | null,
    target: string,
  ): Promise<void> {
    const types = columns.map((column) => chunkType(rows, column));
    const appender = await this.#connection.createAppender(target, catalog === null ? null : "main", catalog);
    try {
      for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
        const part = rows.slice(start, start + CHUNK_ROWS);
        const chunk = DuckDBDataChunk.create(types, part.length);
        chunk.setColumns(columns.map((column) => duckColumn(part, column)));
        appender.appendDataChunk(chunk);
      }
    } finally {
      // Closing flushes, and throws what the flush throws.
      appender.closeSync();
    }
  }
}
