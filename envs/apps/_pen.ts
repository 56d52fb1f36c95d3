/**
 * What worlds are written with: rows at once, or events that wait to be written in order of time.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import type { Row } from "./scenario.ts";
import type { Columns, Table, Values } from "./schema.ts";

/** Collects rows; events wait until they can be written in order of time. */
export class Pen {
  /** Rows by table; ids count from 1. */
  readonly tables = new Map<Table, Row[]>();
  readonly #events: { readonly at: string; readonly write: () => void }[] = [];

  /** Writes a row. @returns its id. */
  add<C extends Columns>(spec: Table<C>, values: Values<C>, madeAt: string): number {
    const rows = this.tables.get(spec) ?? [];
    this.tables.set(spec, rows);
    const id = rows.length + 1;
    rows.push({ ...(values as Readonly<Record<string, Json>>), id, made_at: madeAt });
    return id;
  }

  /** Puts off writing until all events are known. */
  at(at: string, write: () => void): void {
    this.#events.push({ at, write });
  }

  /** Writes what waits. */
  writeEvents(): void {
    // The sort is stable: events of the same second stay in the order of their making.
    this.#events.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    for (const event of this.#events) event.write();
  }
}
