/**
 * Rows on their way into a record: validated, and the first of each key.
 *
 * @module
 */
import type { PackedType } from "./_packed_lists.ts";
import { canonicalJson, type Json } from "./canonical.ts";
import { InvalidRowError } from "./record_errors.ts";
import { declarationOf, type Row, rowSchema, type TableName } from "./schema.ts";
import { type ColumnType, keyColumns, packedType, rowChecker, stableColumns, storedName } from "./table_declaration.ts";

/** What a commit did, in rows of all tables. */
export interface CommitResult {
  /** Rows that were not there, the unit's own row included. */
  readonly inserted: number;
  /** Rows whose key was there already; what was there is kept. */
  readonly ignored: number;
  /** Of the ignored: rows that differed from what was there in a column that is not volatile. */
  readonly conflicting: number;
}

/** Key columns, from the first, by which the file is asked whether it may hold a row already. */
const PREFIX_COLUMNS = 4;

/** A row of any table. */
export type AnyRow = Readonly<Record<string, unknown>>;

/** What the writer needs to know of a table again and again. */
export interface TablePlan {
  /** Whether a row is valid. */
  readonly accepts: (row: AnyRow) => boolean;
  /** First key columns, {@linkcode PREFIX_COLUMNS} at most. */
  readonly prefix: readonly string[];
  /** The other key columns. */
  readonly rest: readonly string[];
  /** Columns in order, with their types and, where they are packed, the type that is. */
  readonly columns: readonly {
    readonly name: string;
    readonly type: ColumnType;
    readonly packed: PackedType | undefined;
  }[];
  /** Table that holds the rows. */
  readonly stored: string;
}

const plans = new Map<TableName, TablePlan>();

/** What the writer needs to know of a table, worked out once. */
export function planOf(table: TableName): TablePlan {
  let plan = plans.get(table);
  if (plan === undefined) {
    const declaration = declarationOf(table);
    const keys = keyColumns(declaration);
    plan = {
      accepts: rowChecker(declaration),
      prefix: keys.slice(0, PREFIX_COLUMNS),
      rest: keys.slice(PREFIX_COLUMNS),
      columns: Object.entries(declaration.columns).map(([name, column]) => ({
        name,
        type: column.type,
        packed: packedType(column),
      })),
      stored: storedName(table, declaration),
    };
    plans.set(table, plan);
  }
  return plan;
}

/** Text of some key columns. */
export function joinKey(row: AnyRow, columns: readonly string[]): string {
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
export interface RowGroup {
  /** Text of the first key columns. */
  readonly prefix: string;
  /** A row of the group. */
  readonly first: AnyRow;
  /** Rows by their other key columns. */
  readonly byRest: Map<string, AnyRow>;
}

/** Rows of one table in a batch. */
export class TableRows {
  /** Rows in the order of their arrival, the first of each key. */
  readonly rows: AnyRow[] = [];
  /** The same by their first key columns. */
  readonly groups = new Map<string, RowGroup>();
  /** What is known of the table. */
  readonly plan: TablePlan;
  /** Rows whose key had come before. */
  ignored = 0;
  /** Of these: rows that differ from the first in a column that is not volatile. */
  conflicting = 0;
  #last: RowGroup | undefined;

  /** @param table table that the rows are for. */
  constructor(readonly table: TableName) {
    this.plan = planOf(table);
  }

  /** Adds a row, which must be valid. */
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

  /** Number of rows of all tables. */
  get size(): number {
    return this.tables.values().reduce((sum, { rows }) => sum + rows.length, 0);
  }

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
