/**
 * Moves rows from memory into tables: validated and without duplicate keys in a batch, as data chunks through DuckDB's appender.
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
  FLOAT,
  INTEGER,
  LIST,
  listValue,
  TIMESTAMP,
  VARCHAR,
} from "@duckdb/node-api";
import { canonicalJson, type Json } from "./canonical.ts";
import { InvalidRowError } from "./record_errors.ts";
import { declarationOf, type Row, rowSchema, TABLE_NAMES, type TableName } from "./schema.ts";
import { type ColumnType, keyColumns, rowChecker, stableColumns } from "./table_declaration.ts";

/** What a commit did, in rows of all tables. */
export interface CommitResult {
  /** Rows that were not there, the unit's own row included. */
  readonly inserted: number;
  /** Rows whose key was there already; what was there is kept. */
  readonly ignored: number;
  /** Of the ignored: rows that differed from what was there in a column that is not volatile. */
  readonly conflicting: number;
}

/** Most rows of a data chunk: DuckDB's vector size. */
const CHUNK_ROWS = 2048;

/** Key columns, from the first, by which the file is asked whether it may hold a row already. */
const PREFIX_COLUMNS = 4;

type AnyRow = Readonly<Record<string, unknown>>;

/** What the writer needs to know of a table again and again. */
interface TablePlan {
  readonly accepts: (row: AnyRow) => boolean;
  /** First key columns, {@linkcode PREFIX_COLUMNS} at most. */
  readonly prefix: readonly string[];
  /** The other key columns. */
  readonly rest: readonly string[];
  /** Columns in order, with their types. */
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
}

const plans = new Map<TableName, TablePlan>();

function planOf(table: TableName): TablePlan {
  let plan = plans.get(table);
  if (plan === undefined) {
    const declaration = declarationOf(table);
    const keys = keyColumns(declaration);
    plan = {
      accepts: rowChecker(declaration),
      prefix: keys.slice(0, PREFIX_COLUMNS),
      rest: keys.slice(PREFIX_COLUMNS),
      columns: Object.entries(declaration.columns).map(([name, { type }]) => ({ name, type })),
    };
    plans.set(table, plan);
  }
  return plan;
}

function joinKey(row: AnyRow, columns: readonly string[]): string {
  let key = "";
  for (const column of columns) key += `${String(row[column])}\u0001`;
  return key;
}

/** Text by which two rows are compared, volatile columns left out. */
function stableText(table: TableName, row: AnyRow): string {
  return stableColumns(declarationOf(table)).map((name) => {
    const value = row[name] ?? null;
    if (value instanceof Date) return String(value.getTime());
    return typeof value === "number" ? String(value) : canonicalJson(value as Json);
  }).join("\u0001");
}

/** Rows that agree in the first key columns; they mostly come one after the other. */
interface RowGroup {
  readonly prefix: string;
  readonly first: AnyRow;
  /** Rows by their other key columns. */
  readonly byRest: Map<string, AnyRow>;
}

/** Rows of one table in a batch. */
class TableRows {
  readonly rows: AnyRow[] = [];
  readonly groups = new Map<string, RowGroup>();
  readonly plan: TablePlan;
  #last: RowGroup | undefined;
  ignored = 0;
  conflicting = 0;

  constructor(readonly table: TableName) {
    this.plan = planOf(table);
  }

  add(row: AnyRow): void {
    const { byRest } = this.#groupOf(row);
    const rest = joinKey(row, this.plan.rest);
    const before = byRest.get(rest);
    if (before === undefined) {
      byRest.set(rest, row);
      this.rows.push(row);
      return;
    }
    this.ignored++;
    if (stableText(this.table, before) !== stableText(this.table, row)) this.conflicting++;
  }

  #groupOf(row: AnyRow): RowGroup {
    const { prefix: columns } = this.plan;
    const last = this.#last;
    if (last !== undefined && columns.every((name) => last.first[name] === row[name])) return last;
    const prefix = joinKey(row, columns);
    let group = this.groups.get(prefix);
    if (group === undefined) {
      group = { prefix, first: row, byRest: new Map() };
      this.groups.set(prefix, group);
    }
    this.#last = group;
    return group;
  }
}

/** Valid rows of any tables, in order, the first of each key. */
export class RowBatch {
  /** Rows by table. */
  readonly tables = new Map<TableName, TableRows>();

  /** Adds all rows or, if one is invalid, none. @throws {InvalidRowError} */
  add<T extends TableName>(table: T, rows: readonly Row<T>[]): void {
    const { accepts } = planOf(table);
    const bad = rows.findIndex((row) => !accepts(row as AnyRow));
    if (bad >= 0) {
      const issues = rowSchema(table).safeParse(rows[bad]).error?.issues ?? [];
      const problems = issues.map((issue) => `${issue.path.join(".") || "(row)"}: ${issue.message}`);
      throw new InvalidRowError(`Cannot record row ${bad} of table ${table}: ${problems.join("; ")}`);
    }
    const target = this.#of(table);
    for (const row of rows) target.add(row as AnyRow);
  }

  /** Adds the rows of another batch after those of this one. */
  append(other: RowBatch): void {
    for (const [table, { rows, ignored, conflicting }] of other.tables) {
      const target = this.#of(table);
      for (const row of rows) target.add(row);
      target.ignored += ignored;
      target.conflicting += conflicting;
    }
  }

  #of(table: TableName): TableRows {
    let rows = this.tables.get(table);
    if (rows === undefined) {
      rows = new TableRows(table);
      this.tables.set(table, rows);
    }
    return rows;
  }
}

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
function duckColumn(rows: readonly AnyRow[], name: string, type: ColumnType): DuckDBValue[] {
  if (type === "JSON") {
    return rows.map((row) => (row[name] === undefined || row[name] === null ? null : canonicalJson(row[name] as Json)));
  }
  return rows.map((row) => {
    const value = row[name] ?? null;
    if (value instanceof Date) return new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n);
    return Array.isArray(value) ? listValue(value as DuckDBValue[]) : value as DuckDBValue;
  });
}

/** Writes batches through one connection. */
export class RowWriter {
  readonly #connection: DuckDBConnection;
  /** Prefixes that the file holds, by table and first key column; asked for when a table and value first come up. */
  readonly #prefixes = new Map<string, Set<string>>();

  /** @param connection connection that nobody else uses. */
  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** Writes batches in one transaction; nothing of them is there if it throws. */
  async write(batches: readonly RowBatch[]): Promise<CommitResult> {
    const all = batches.flatMap((batch) => [...batch.tables.values()]).filter(({ rows }) => rows.length > 0);
    const total = { inserted: 0, ignored: 0, conflicting: 0 };
    for (const { tables } of batches) {
      for (const { ignored, conflicting } of tables.values()) {
        total.ignored += ignored;
        total.conflicting += conflicting;
      }
    }
    if (all.length === 0) return total;
    // Always the same order of tables: two runs that record alike write alike.
    all.sort((a, b) => TABLE_NAMES.indexOf(a.table) - TABLE_NAMES.indexOf(b.table));
    const known = new Map<TableRows, boolean>();
    for (const rows of all) known.set(rows, await this.#mayHold(rows));
    await this.#connection.run("BEGIN");
    try {
      for (const rows of all) {
        if (known.get(rows) === true) {
          const { inserted, conflicting } = await this.#insertMissing(rows);
          total.inserted += inserted;
          total.ignored += rows.rows.length - inserted;
          total.conflicting += conflicting;
        } else {
          await this.#append(rows, null, rows.table);
          total.inserted += rows.rows.length;
        }
      }
      await this.#connection.run("COMMIT");
    } catch (error) {
      // A commit that failed has ended its transaction; what it threw is the error to report.
      await this.#connection.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
    for (const rows of all) this.#remember(rows);
    return total;
  }

  /** Whether the file may already hold a row of the batch. */
  async #mayHold({ table, groups, plan: { prefix: columns } }: TableRows): Promise<boolean> {
    const [firstColumn = ""] = columns;
    let found = false;
    for (const { prefix, first } of groups.values()) {
      const value = String(first[firstColumn]);
      const held = this.#prefixes.get(`${table}\u0001${value}`) ?? await this.#loadPrefixes(table, columns, value);
      found ||= held.has(prefix);
    }
    return found;
  }

  async #loadPrefixes(table: TableName, columns: readonly string[], first: string): Promise<Set<string>> {
    const [firstColumn = ""] = columns;
    const list = columns.map((name) => `"${name}"`).join(", ");
    const result = await this.#connection.run(`SELECT DISTINCT ${list} FROM "${table}" WHERE "${firstColumn}" = $1`, [
      first,
    ]);
    const held = new Set((await result.getRowObjects()).map((row) => joinKey(row, columns)));
    this.#prefixes.set(`${table}\u0001${first}`, held);
    return held;
  }

  #remember({ table, groups, plan: { prefix: [firstColumn = ""] } }: TableRows): void {
    for (const { prefix, first } of groups.values()) {
      this.#prefixes.get(`${table}\u0001${String(first[firstColumn])}`)?.add(prefix);
    }
  }

  async #insertMissing(rows: TableRows): Promise<{ inserted: number; conflicting: number }> {
    const { table } = rows;
    const declaration = declarationOf(table);
    const keys = keyColumns(declaration);
    const match = keys.map((name) => `held."${name}" = staged."${name}"`).join(" AND ");
    const others = stableColumns(declaration).filter((name) => !keys.includes(name));
    await this.#connection.run(`CREATE OR REPLACE TEMP TABLE staged AS FROM "${table}" LIMIT 0`);
    await this.#append(rows, "temp", "staged");
    let conflicting = 0;
    if (others.length > 0) {
      const differs = others.map((name) => `held."${name}" IS DISTINCT FROM staged."${name}"`).join(" OR ");
      const count = await this.#connection.run(
        `SELECT count(*) FROM staged JOIN "${table}" held ON ${match} WHERE ${differs}`,
      );
      conflicting = Number((await count.getRows())[0]?.[0] ?? 0);
    }
    const insert = await this.#connection.run(
      `INSERT INTO "${table}" SELECT staged.* FROM staged WHERE NOT EXISTS (SELECT 1 FROM "${table}" held WHERE ${match})`,
    );
    const inserted = insert.rowsChanged;
    await this.#connection.run("DROP TABLE staged");
    return { inserted, conflicting };
  }

  async #append({ rows, plan: { columns } }: TableRows, catalog: string | null, target: string): Promise<void> {
    const types = columns.map(({ type }) => duckTypes[type]);
    const appender = await this.#connection.createAppender(target, catalog === null ? null : "main", catalog);
    try {
      for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
        const part = rows.slice(start, start + CHUNK_ROWS);
        const chunk = DuckDBDataChunk.create(types, part.length);
        chunk.setColumns(columns.map(({ name, type }) => duckColumn(part, name, type)));
        appender.appendDataChunk(chunk);
      }
    } finally {
      // Closing flushes, and throws what the flush throws.
      appender.closeSync();
    }
  }
}
