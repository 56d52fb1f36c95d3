/**
 * Worlds as values: a frozen base, and copy-on-write layers over it.
 *
 * Contract: forking costs nothing but an object and freezes what was forked, so that a fork's parent can never change under it.
 * The topmost layer is the diff to its parent. Ids are counted per table and continue through the layers. No clock (each world has
 * one frozen date and time), no randomness, no state outside the object: thousands of worlds may be open side by side.
 * Choices: a row belongs to the e-mails in its owner columns, which never change, so layers need no index but the ids that they
 * added per owner.
 *
 * @module
 */
import { canonicalJson, contentHash, type Json } from "../../data/canonical.ts";
import type { Columns, RowOf, Table, Values } from "./schema.ts";
import type { Principal, Row } from "./scenario.ts";

/** A person, with or without accounts. */
export interface Person extends Principal {
  readonly street: string;
  readonly town: string;
  readonly birthday: string;
  /** Number and month of expiry of the bank card; empty without accounts. */
  readonly card: string;
  readonly cardExpiry: string;
  /** Whether the person has accounts in all apps. */
  readonly hasAccounts: boolean;
}

/** Rows of one table as they were generated; the id of the row at index i is i + 1. */
interface BaseTable {
  readonly rows: readonly Row[];
  readonly ids: readonly number[];
  readonly idsByOwner: ReadonlyMap<string, readonly number[]>;
}

const NO_TABLE: BaseTable = { rows: [], ids: [], idsByOwner: new Map() };

/** A generated world that never changes. */
export class BaseWorld {
  readonly seed: number;
  readonly people: readonly Person[];
  /** Content hash of all rows and people. */
  readonly hash: string;
  readonly #tables: ReadonlyMap<string, BaseTable>;

  /**
   * @param seed seed that the world was made from.
   * @param people everybody.
   * @param tables rows by table; ids must count from 1.
   */
  constructor(seed: number, people: readonly Person[], tables: ReadonlyMap<Table, readonly Row[]>) {
    this.seed = seed;
    this.people = people;
    const built = new Map<string, BaseTable>();
    const hashes: string[] = [canonicalJson(people as unknown as Json)];
    for (const [spec, rows] of tables) {
      const idsByOwner = new Map<string, number[]>();
      for (const row of rows) {
        freezeRow(row);
        for (const owner of ownersOf(spec, row)) {
          const ids = idsByOwner.get(owner);
          if (ids === undefined) idsByOwner.set(owner, [row.id]);
          else ids.push(row.id);
        }
      }
      built.set(spec.name, { rows, ids: rows.map((row) => row.id), idsByOwner });
      hashes.push(`${spec.name}:${contentHash(canonicalJson(rows), 64)}`);
    }
    this.#tables = built;
    this.hash = contentHash(hashes.sort().join("\n"));
  }

  /** Rows of a table, by name. */
  table(name: string): BaseTable {
    return this.#tables.get(name) ?? NO_TABLE;
  }

  /** A world over this base at a date and time. */
  open(at: string): World {
    return new World(this, undefined, at);
  }
}

/** Changes to one table. */
interface Layer {
  readonly spec: Table;
  /** New state of each touched row; null once removed. */
  readonly rows: Map<number, Row | null>;
  readonly added: number[];
  readonly addedByOwner: Map<string, number[]>;
  nextId: number;
}

/** One row's change; undefined where it did not exist. */
export interface RowChange {
  readonly id: number;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

/** Changes of a world against its parent, by table; tables without a change are left out. */
export type Diff = ReadonlyMap<string, readonly RowChange[]>;

/** A write to a world that has been forked. */
export class FrozenWorldError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "FrozenWorldError";
}

/** A world: rows that can be read and written, as long as nobody has forked it. */
export class World {
  readonly base: BaseWorld;
  /** Frozen date and time, ISO without zone. */
  readonly at: string;
  readonly #parent: World | undefined;
  readonly #layers = new Map<string, Layer>();
  #frozen = false;

  /** Use {@linkcode BaseWorld.open} and {@linkcode World.fork}. */
  constructor(base: BaseWorld, parent: World | undefined, at: string) {
    this.base = base;
    this.#parent = parent;
    this.at = at;
  }

  /** A world that starts in this one's state; this one can no longer be written. */
  fork(): World {
    this.#frozen = true;
    return new World(this.base, this, this.at);
  }

  /** Row by id. */
  get<C extends Columns>(spec: Table<C>, id: number): RowOf<C> | undefined {
    return this.#find(spec.name, id) as RowOf<C> | undefined;
  }

  /**
   * Rows of a table by id ascending.
   *
   * @param owner e-mail; only rows that belong to it.
   */
  rows<C extends Columns>(spec: Table<C>, owner?: string): readonly RowOf<C>[] {
    return this.rowsByName(spec.name, owner) as readonly unknown[] as readonly RowOf<C>[];
  }

  /** {@linkcode World.rows} by the name of the table. */
  rowsByName(name: string, owner?: string): readonly Row[] {
    const layers = this.#layersOf(name);
    const base = this.base.table(name);
    if (layers.length === 0 && owner === undefined) return base.rows;
    const baseIds = owner === undefined ? base.ids : base.idsByOwner.get(owner) ?? [];
    const found: Row[] = [];
    const collect = (ids: readonly number[]) => {
      for (const id of ids) {
        const row = this.#find(name, id);
        if (row !== undefined) found.push(row);
      }
    };
    collect(baseIds);
    for (const layer of layers) collect(owner === undefined ? layer.added : layer.addedByOwner.get(owner) ?? []);
    return found;
  }

  /** Adds a row made now. @returns the row. */
  insert<C extends Columns>(spec: Table<C>, values: Values<C>): RowOf<C> {
    const layer = this.#layer(spec);
    const row = freezeRow({ ...values, id: layer.nextId++, made_at: this.at } as unknown as Row);
    layer.rows.set(row.id, row);
    layer.added.push(row.id);
    for (const owner of ownersOf(spec, row)) {
      const ids = layer.addedByOwner.get(owner);
      if (ids === undefined) layer.addedByOwner.set(owner, [row.id]);
      else ids.push(row.id);
    }
    return row as unknown as RowOf<C>;
  }

  /** Changes columns of a row; owner columns must not be among them. */
  update<C extends Columns>(spec: Table<C>, id: number, patch: Partial<Values<C>>): void {
    const before = this.#find(spec.name, id);
    if (before === undefined) throw new RangeError(`Cannot update ${spec.name}: there is no row ${id}`);
    const owned = spec.ownedBy.find((column) => Object.hasOwn(patch, column));
    if (owned !== undefined) {
      throw new RangeError(`Cannot update ${spec.name}: the owner column ${owned} never changes`);
    }
    this.#layer(spec).rows.set(id, freezeRow({ ...before, ...patch } as unknown as Row));
  }

  /** Removes a row. */
  remove(spec: Table, id: number): void {
    if (this.#find(spec.name, id) === undefined) throw new RangeError(`Cannot remove from ${spec.name}: no row ${id}`);
    this.#layer(spec).rows.set(id, null);
  }

  /** Changes against the world that this one was forked from (or the base). */
  diff(): Diff {
    const diff = new Map<string, readonly RowChange[]>();
    for (const [name, layer] of this.#layers) {
      const changes: RowChange[] = [];
      for (const [id, row] of layer.rows) {
        const before = this.before(name, id);
        const after = row ?? undefined;
        if (before === undefined && after === undefined) continue;
        changes.push({ id, before, after });
      }
      if (changes.length > 0) diff.set(name, changes);
    }
    return diff;
  }

  /** Row of the world that this one was forked from. */
  before(name: string, id: number): Row | undefined {
    return this.#parent === undefined ? this.base.table(name).rows[id - 1] : this.#parent.#find(name, id);
  }

  /** Row by name of the table and id. */
  row(name: string, id: number): Row | undefined {
    return this.#find(name, id);
  }

  /** Layers of a table through all worlds below, oldest first. */
  #layersOf(name: string): Layer[] {
    const layers = this.#parent === undefined ? [] : this.#parent.#layersOf(name);
    const own = this.#layers.get(name);
    if (own !== undefined) layers.push(own);
    return layers;
  }

  #find(name: string, id: number): Row | undefined {
    const row = this.#layers.get(name)?.rows.get(id);
    if (row !== undefined) return row === null ? undefined : row;
    return this.before(name, id);
  }

  #layer(spec: Table): Layer {
    if (this.#frozen) throw new FrozenWorldError(`Cannot write ${spec.name}: this world has been forked`);
    const existing = this.#layers.get(spec.name);
    if (existing !== undefined) return existing;
    const nextId = this.#layersOf(spec.name).at(-1)?.nextId ?? this.base.table(spec.name).rows.length + 1;
    const layer: Layer = { spec, rows: new Map(), added: [], addedByOwner: new Map(), nextId };
    this.#layers.set(spec.name, layer);
    return layer;
  }
}

function freezeRow(row: Row): Row {
  for (const value of Object.values(row)) if (Array.isArray(value)) Object.freeze(value);
  return Object.freeze(row);
}

function ownersOf(spec: Table, row: Row): Set<string> {
  return new Set(spec.ownedBy.map((column) => String(row[column])));
}
