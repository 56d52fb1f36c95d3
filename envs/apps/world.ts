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
  readonly sex: "f" | "m";
  readonly street: string;
  readonly town: string;
  readonly birthday: string;
  /** Whether the person has accounts in all apps; only such people are users of tasks. */
  readonly hasAccounts: boolean;
}

/** Ids by a column's value. */
type Index = ReadonlyMap<unknown, readonly number[]>;

/** Rows of one table as they were generated; the id of the row at index i is i + 1. Indexes are made when first asked for. */
class BaseTable {
  readonly rows: readonly Row[];
  readonly #indexes = new Map<string, Index>();

  constructor(rows: readonly Row[]) {
    this.rows = rows;
  }

  /** Ids of rows that have one of the values in one of the columns. */
  ids(columns: readonly string[], value: unknown): readonly number[] {
    const key = columns.join(",");
    let index = this.#indexes.get(key);
    if (index === undefined) {
      const made = new Map<unknown, number[]>();
      for (const row of this.rows) {
        for (const found of new Set(columns.map((column) => row[column]))) {
          const ids = made.get(found);
          if (ids === undefined) made.set(found, [row.id]);
          else ids.push(row.id);
        }
      }
      index = made;
      this.#indexes.set(key, index);
    }
    return index.get(value) ?? NO_IDS;
  }
}

const NO_IDS: readonly number[] = [];
const NO_TABLE = new BaseTable([]);

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
   * @param tables rows by name of table; ids must count from 1.
   * @param hash content hash, where it is known already.
   */
  constructor(seed: number, people: readonly Person[], tables: ReadonlyMap<string, readonly Row[]>, hash?: string) {
    this.seed = seed;
    this.people = people;
    const built = new Map<string, BaseTable>();
    for (const [name, rows] of tables) {
      for (const row of rows) freezeRow(row);
      built.set(name, new BaseTable(rows));
    }
    this.#tables = built;
    this.hash = hash ?? hashOf(people, tables);
  }

  /** Rows of a table, by name. */
  table(name: string): BaseTable {
    return this.#tables.get(name) ?? NO_TABLE;
  }

  /** Names of all tables. */
  get tableNames(): readonly string[] {
    return [...this.#tables.keys()];
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
  /** Ids that got a value in an indexed column in this layer, by column and value; they may have lost it again. */
  readonly gained: Map<string, Map<unknown, number[]>>;
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
  #at: string;
  readonly #parent: World | undefined;
  readonly #layers = new Map<string, Layer>();
  #frozen = false;

  /** Use {@linkcode BaseWorld.open} and {@linkcode World.fork}. */
  constructor(base: BaseWorld, parent: World | undefined, at: string) {
    this.base = base;
    this.#parent = parent;
    this.#at = at;
  }

  /** Frozen date and time, ISO without zone. */
  get at(): string {
    return this.#at;
  }

  /** Does something at another date and time: history that a task's setup needs. */
  during<T>(at: string, act: () => T): T {
    const now = this.#at;
    this.#at = at;
    try {
      return act();
    } finally {
      this.#at = now;
    }
  }

  /** A world that starts in this one's state; this one can no longer be written. */
  fork(): World {
    this.#frozen = true;
    return new World(this.base, this, this.#at);
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
    return this.#rows(spec, owner) as readonly unknown[] as readonly RowOf<C>[];
  }

  #rows(spec: Table, owner: string | undefined): readonly Row[] {
    const { name, ownedBy } = spec;
    const layers = this.#layersOf(name);
    const base = this.base.table(name);
    if (layers.length === 0 && owner === undefined) return base.rows;
    const found: Row[] = [];
    if (owner === undefined) {
      for (const { id } of base.rows) this.#collect(found, name, id);
      for (const layer of layers) for (const id of layer.added) this.#collect(found, name, id);
      return found;
    }
    for (const id of base.ids(ownedBy, owner)) this.#collect(found, name, id);
    for (const layer of layers) {
      for (const id of layer.addedByOwner.get(owner) ?? NO_IDS) this.#collect(found, name, id);
    }
    return found;
  }

  /**
   * Rows with a value in an indexed column, by id ascending.
   *
   * @throws {RangeError} if the column is not among the table's indexes.
   */
  rowsWhere<C extends Columns, K extends keyof C & string>(
    spec: Table<C>,
    column: K,
    value: Values<C>[K],
  ): readonly RowOf<C>[] {
    if (!spec.indexes.includes(column) && !spec.ownedBy.includes(column)) {
      throw new RangeError(`Cannot look up ${spec.name}: ${column} is no index`);
    }
    const ids = new Set(this.base.table(spec.name).ids([column], value));
    for (const layer of this.#layersOf(spec.name)) {
      for (const id of layer.gained.get(column)?.get(value) ?? NO_IDS) ids.add(id);
    }
    const found: Row[] = [];
    for (const id of [...ids].sort((a, b) => a - b)) {
      const row = this.#find(spec.name, id);
      if (row !== undefined && row[column] === value) found.push(row);
    }
    return found as readonly unknown[] as readonly RowOf<C>[];
  }

  /** Adds a row made now. @returns the row. */
  insert<C extends Columns>(spec: Table<C>, values: Values<C>): RowOf<C> {
    const layer = this.#layer(spec);
    const row = freezeRow({ ...values, id: layer.nextId++, made_at: this.#at } as unknown as Row);
    layer.rows.set(row.id, row);
    layer.added.push(row.id);
    for (const owner of ownersOf(spec, row)) {
      const ids = layer.addedByOwner.get(owner);
      if (ids === undefined) layer.addedByOwner.set(owner, [row.id]);
      else ids.push(row.id);
    }
    gain(layer, row, [...spec.indexes, ...spec.ownedBy]);
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
    const layer = this.#layer(spec);
    const after = freezeRow({ ...before, ...patch } as unknown as Row);
    layer.rows.set(id, after);
    gain(layer, after, spec.indexes.filter((column) => after[column] !== before[column]));
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

  #collect(into: Row[], name: string, id: number): void {
    const row = this.#find(name, id);
    if (row !== undefined) into.push(row);
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
    const layer: Layer = { spec, rows: new Map(), added: [], addedByOwner: new Map(), gained: new Map(), nextId };
    this.#layers.set(spec.name, layer);
    return layer;
  }
}

function freezeRow(row: Row): Row {
  for (const value of Object.values(row)) if (typeof value === "object" && value !== null) freezeDeeply(value);
  return Object.freeze(row);
}

function freezeDeeply(value: Json): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) if (inner !== undefined) freezeDeeply(inner);
}

/** Notes that a row has values in indexed columns. */
function gain(layer: Layer, row: Row, columns: readonly string[]): void {
  for (const column of columns) {
    const byValue = layer.gained.get(column) ?? new Map<unknown, number[]>();
    layer.gained.set(column, byValue);
    const ids = byValue.get(row[column]);
    if (ids === undefined) byValue.set(row[column], [row.id]);
    else ids.push(row.id);
  }
}

function hashOf(people: readonly Person[], tables: ReadonlyMap<string, readonly Row[]>): string {
  const hashes = [canonicalJson(people as unknown as Json)];
  for (const [name, rows] of tables) hashes.push(`${name}:${contentHash(canonicalJson(rows), 64)}`);
  return contentHash(hashes.sort().join("\n"));
}

function ownersOf(spec: Table, row: Row): Set<string> {
  return new Set(spec.ownedBy.map((column) => String(row[column])));
}
