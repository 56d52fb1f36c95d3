/**
 * What a table of the record is: one declaration from which its DDL, its row type and its row validator follow.
 *
 * Contract: columns stand in the order of the table; key columns come first and their order is the order of rows. A nullable
 * column may be left out of a row. Volatile columns hold what differs between two equal runs (times, versions) and take no part in
 * {@linkcode rowHash} or in the comparison of rows.
 * Choices: NaN and infinities are stored as they are, because a diverged run is a result; the key is kept unique by the recorder,
 * not by an index (see `recorder.ts`).
 * Omitted: foreign keys.
 *
 * @module
 */
import { z } from "zod";
import { MAX_PACKED_ID, type PackedType, packSql, unpackSql } from "./_packed_lists.ts";
import { sqlName } from "./_sql_text.ts";
import type { Json } from "./canonical.ts";

/** TypeScript type of a value by its column's DuckDB type. */
export interface ColumnValues {
  /** Text. */
  VARCHAR: string;
  /** Whole number of 32 bits. */
  INTEGER: number;
  /** Number of 64 bits. */
  DOUBLE: number;
  /** True or false. */
  BOOLEAN: boolean;
  /** A value other than null, stored as canonical JSON text. */
  JSON: Json;
  /** Point in time, stored in UTC to the ms. */
  TIMESTAMP: Date;
  /** Texts. */
  "VARCHAR[]": readonly string[];
  /** Whole numbers of 32 bits. */
  "INTEGER[]": readonly number[];
  /** Stored with 32 bits. */
  "FLOAT[]": readonly number[];
}

/** DuckDB type of a column. */
export type ColumnType = keyof ColumnValues;

/** One column. */
export interface ColumnDeclaration {
  /** DuckDB type. */
  readonly type: ColumnType;
  /** Meaning, and unit where there is one. */
  readonly about: string;
  /** Part of the key. */
  readonly key?: true;
  /** May be null; `about` says when. */
  readonly nullable?: true;
  /** Differs between two equal runs. */
  readonly volatile?: true;
  /** The only texts that a VARCHAR column takes. */
  readonly values?: readonly string[];
  /** A list of token ids or of figures of tokens, stored as text (`_packed_lists.ts`); ids go from 0 to {@linkcode MAX_PACKED_ID}. */
  readonly packed?: true;
  /** Long texts with much in common: stored with zstd, where DuckDB itself would choose a code for short ones. */
  readonly long?: true;
}

/** One table. */
export interface TableDeclaration {
  /** What one row is. */
  readonly about: string;
  /** A query that shows what the table is for. */
  readonly example: string;
  /** Its very rows differ between two equal runs: it takes no part in the row hash. */
  readonly volatile?: true;
  /** Columns in order, key columns first. */
  readonly columns: Readonly<Record<string, ColumnDeclaration>>;
}

/** Columns that a row may leave out or set to null. */
type NullableNames<C extends TableDeclaration["columns"]> = {
  [K in keyof C]: C[K] extends { nullable: true } ? K : never;
}[keyof C];

/** Value of a column: one of its texts where they are listed, else whatever its type holds. */
type ValueOf<C extends ColumnDeclaration> = C extends { values: readonly (infer V)[] } ? V : ColumnValues[C["type"]];

/** Row of a table as a plain object. */
export type RowOf<D extends TableDeclaration> =
  & { readonly [K in Exclude<keyof D["columns"], NullableNames<D["columns"]>>]: ValueOf<D["columns"][K]> }
  & { readonly [K in NullableNames<D["columns"]>]?: ValueOf<D["columns"][K]> | null };

function isInt32(value: unknown): boolean {
  return typeof value === "number" && (value | 0) === value;
}

function isNumber(value: unknown): boolean {
  return typeof value === "number";
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isListOf(isItem: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(isItem);
}

/** What a value of each type must be, and how a message says so. */
const CHECKS: Readonly<Record<ColumnType, { readonly holds: (value: unknown) => boolean; readonly expected: string }>> =
  {
    VARCHAR: { holds: isText, expected: "a text" },
    INTEGER: { holds: isInt32, expected: "a whole number of 32 bits" },
    DOUBLE: { holds: isNumber, expected: "a number" },
    BOOLEAN: { holds: (value) => typeof value === "boolean", expected: "true or false" },
    JSON: {
      holds: (value) => value !== undefined && value !== null && typeof value !== "function",
      expected: "a JSON value other than null",
    },
    TIMESTAMP: { holds: (value) => value instanceof Date && !Number.isNaN(value.getTime()), expected: "a valid Date" },
    "VARCHAR[]": { holds: isListOf(isText), expected: "a list of texts" },
    "INTEGER[]": { holds: isListOf(isInt32), expected: "a list of whole numbers of 32 bits" },
    "FLOAT[]": { holds: isListOf(isNumber), expected: "a list of numbers" },
  };

function isId(value: unknown): boolean {
  return isInt32(value) && (value as number) >= 0 && (value as number) <= MAX_PACKED_ID;
}

const ID_LIST = { holds: isListOf(isId), expected: `a list of whole numbers from 0 to ${MAX_PACKED_ID}` };

/** What a column's values must be. */
function checkOf({ type, values, packed }: ColumnDeclaration): {
  readonly holds: (value: unknown) => boolean;
  readonly expected: string;
} {
  if (packed === true && type === "INTEGER[]") return ID_LIST;
  if (values === undefined) return CHECKS[type];
  const allowed = new Set<unknown>(values);
  return { holds: (value) => allowed.has(value), expected: `one of ${values.join(", ")}` };
}

/** Validator of a table's rows for rows from outside; unknown columns are errors. */
export function rowValidator<D extends TableDeclaration>(declaration: D): z.ZodType<RowOf<D>> {
  const shape: Record<string, z.ZodType> = {};
  for (const [name, column] of Object.entries(declaration.columns)) {
    const { holds, expected } = checkOf(column);
    const validator = z.custom(holds, `expected ${expected}`);
    shape[name] = column.nullable === true ? validator.nullish() : validator;
  }
  return z.strictObject(shape) as unknown as z.ZodType<RowOf<D>>;
}

/**
 * A quick yes or no with the verdict of {@linkcode rowValidator}, for the recorder: zod takes most of the time of a bulk write.
 *
 * @returns whether the value is a valid row; for the reason of a no, ask the validator.
 */
export function rowChecker(declaration: TableDeclaration): (row: Readonly<Record<string, unknown>>) => boolean {
  const columns = Object.entries(declaration.columns).map(([name, column]) => ({
    name,
    nullable: column.nullable === true,
    holds: checkOf(column).holds,
  }));
  const names = new Set(columns.map(({ name }) => name));
  return (row) => {
    if (row === null || typeof row !== "object") return false;
    for (const { name, nullable, holds } of columns) {
      const value = row[name];
      if (value === null || value === undefined ? !nullable : !holds(value)) return false;
    }
    for (const name in row) if (!names.has(name)) return false;
    return true;
  };
}

/** Names of a table's key columns, in order. */
export function keyColumns(declaration: TableDeclaration): string[] {
  return Object.entries(declaration.columns).flatMap(([name, column]) => (column.key === true ? [name] : []));
}

/** Names of the columns that two equal runs have in common, in order. */
export function stableColumns(declaration: TableDeclaration): string[] {
  return Object.entries(declaration.columns).flatMap(([name, column]) => (column.volatile === true ? [] : [name]));
}

/** Type whose values a column packs; undefined: it stores them as they are. */
export function packedType({ type, packed }: ColumnDeclaration): PackedType | undefined {
  return packed === true && (type === "INTEGER[]" || type === "FLOAT[]") ? type : undefined;
}

/** Table that holds the rows: the one declared or, where columns are packed, one under another name, behind a view. */
export function storedName(table: string, { columns }: TableDeclaration): string {
  return Object.values(columns).some((column) => packedType(column) !== undefined) ? `${table}_packed` : table;
}

/** SQL that reads the declared columns, in order, from the table that holds the rows. */
export function unpackedColumns({ columns }: TableDeclaration): string {
  return Object.entries(columns).map(([name, column]) => {
    const type = packedType(column);
    return type === undefined ? sqlName(name) : `${unpackSql(type, sqlName(name))} AS ${sqlName(name)}`;
  }).join(", ");
}

/** SQL that gives the stored columns, in order, from rows with the declared ones. */
export function packedColumns({ columns }: TableDeclaration): string {
  return Object.entries(columns).map(([name, column]) => {
    const type = packedType(column);
    return type === undefined ? sqlName(name) : `${packSql(type, sqlName(name))} AS ${sqlName(name)}`;
  }).join(", ");
}
