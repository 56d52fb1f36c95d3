/**
 * What worlds are written with: rows at once, or events that wait to be written in order of time.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import type { Row } from "./scenario.ts";
import type { Columns, RowOf, Table, Values } from "./schema.ts";

/** Collects rows; events wait until they can be written in order of time. */
export class Pen {
  /** Rows by table; ids count from 1. */
  readonly tables = new Map<Table, Row[]>();
  #events: { readonly at: string; readonly write: () => void }[] = [];

  /** Writes a row. @returns its id. */
  add<C extends Columns>(spec: Table<C>, values: Values<C>, madeAt: string): number {
    const rows = this.#rowsOf(spec);
    const id = rows.length + 1;
    rows.push({ ...(values as Readonly<Record<string, Json>>), id, made_at: madeAt });
    return id;
  }

  /** Changes a row that was written. */
  change<C extends Columns>(spec: Table<C>, id: number, patch: Partial<Values<C>>): void {
    const rows = this.#rowsOf(spec);
    const row = rows[id - 1];
    if (row === undefined) throw new RangeError(`Cannot change ${spec.name}: there is no row ${id}`);
    rows[id - 1] = { ...row, ...(patch as Readonly<Record<string, Json>>) };
  }

  /** Rows of a table so far. */
  rows<C extends Columns>(spec: Table<C>): readonly RowOf<C>[] {
    return this.#rowsOf(spec) as readonly unknown[] as readonly RowOf<C>[];
  }

  /** Puts off writing until {@linkcode Pen.writeEvents}. */
  at(at: string, write: () => void): void {
    this.#events.push({ at, write });
  }

  /** Writes what waits, in order of time; called after each writer, so that later writers see its rows. */
  writeEvents(): void {
    const events = this.#events;
    this.#events = [];
    // The sort is stable: events of the same second stay in the order of their making.
    events.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    for (const event of events) event.write();
  }

  #rowsOf(spec: Table): Row[] {
    const rows = this.tables.get(spec) ?? [];
    this.tables.set(spec, rows);
    return rows;
  }
}
