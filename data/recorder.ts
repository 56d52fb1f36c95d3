/**
 * The single writer of a record: rows are buffered and become durable together with the unit of work that they belong to.
 *
 * Contract: {@linkcode Recorder.commit} writes everything buffered and the unit's row at once or not at all; what it acknowledged
 * survives `kill -9` and a power cut, and what was not committed leaves no trace. A row whose key is already there is ignored, so writing twice is harmless. Rows
 * of a unit that is there are never written again: a resumed run asks {@linkcode Recorder.hasUnit} first.
 *
 * Choices: keys are kept unique here and not by an index, which halved the bulk rate (190 against 400 thousand rows a second). Small
 * commits go to a journal beside the file, `<record>.journal`, which is moved into the tables now and then, before a statement is run
 * and on closing; large ones go straight into the tables. After a crash the next who opens or reads the record takes the journal over, so a
 * plain DuckDB sees all of a record that was closed, and of one that was not, what had been moved. Statements of
 * {@linkcode Recorder.query} see all committed rows and no others.
 * Omitted: changing or deleting rows.
 *
 * @module
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { compactFile, needsCompaction } from "./_compaction.ts";
import { holdForWriting, type OpenDatabase, openDatabase } from "./_database.ts";
import { prepareSchema } from "./_migrate.ts";
import { readJournal } from "./_journal.ts";
import { JournaledWriter } from "./_journaled_writer.ts";
import { type CommitResult, RowBatch } from "./_row_batch.ts";
import { type QueryResult, readOnlyQuery } from "./read_only_query.ts";
import type { Row, TableName } from "./schema.ts";

/** Options of {@linkcode Recorder.open}. */
export interface RecorderOptions {
  /**
   * How long to wait while another process holds the file, ms; readers hold it for the time of a query.
   *
   * @default {2000}
   */
  lockTimeoutMs?: number;
}

/** Options of {@linkcode Recorder.commit}. */
export interface CommitOptions {
  /** File with the weights at the unit's end. */
  checkpoint?: string;
  /** Duration of the unit, ms. */
  wallMs?: number;
}

/** A finished unit of work. */
export interface UnitRecord {
  /** Its name, e.g. `rl/12`. */
  readonly unit: string;
  /** File with the weights at its end; null if it changed none. */
  readonly checkpoint: string | null;
  /** Order of commit within the run, from 0. */
  readonly seq: number;
}

export type { CommitResult };

/**
 * The single writer of a record file.
 *
 * @example A committed unit is there after reopening
 * ```ts
 * import { Recorder } from "whetstone/data/recorder.ts";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const first = await Recorder.open(`${folder}/record.duckdb`);
 * first.insert("update_step", [{ run_id: "r", phase: "sft", step: 0, learning_rate: 1e-3, loss: 2.5, weight_sum: 1 }]);
 * await first.commit("r", "sft/0", { checkpoint: "0.bin" });
 * await first.close();
 * const again = await Recorder.open(`${folder}/record.duckdb`);
 * assert.equal(again.hasUnit("r", "sft/0"), true);
 * assert.deepEqual((await again.query("SELECT step, loss FROM update_step")).rows, [[0, 2.5]]);
 * await again.close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class Recorder {
  /** File, as it was given. */
  readonly path: string;
  readonly #record: OpenRecord;
  readonly #writer: JournaledWriter;
  readonly #units: UnitsByRun;
  readonly #release: () => void;
  #batch = new RowBatch();
  #writes: Promise<unknown> = Promise.resolve();
  #reads: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(path: string, record: OpenRecord, release: () => void) {
    this.path = path;
    this.#record = record;
    this.#writer = record.writer;
    record.beforeReading = () => this.#settle();
    this.#units = record.units;
    this.#release = release;
  }

  /**
   * Opens a record for writing; makes it if there is none.
   *
   * @param path file in an existing folder.
   * @param options see {@linkcode RecorderOptions}.
   * @throws {RecordLockedError} if another process, or another recorder of this one, holds the file.
   * @throws {RecordCorruptError} if it is damaged or no DuckDB file.
   * @throws {RecordVersionError} if a newer program wrote it.
   * @throws {RecordOpenError} if it cannot be opened for another reason.
   */
  static async open(path: string, options: RecorderOptions = {}): Promise<Recorder> {
    const { lockTimeoutMs = 2000 } = options;
    const { database, release } = await holdForWriting(path, (canonical) => openRecord(canonical, path, lockTimeoutMs));
    return new Recorder(path, database, release);
  }

  /**
   * Buffers rows; nothing is written before {@linkcode Recorder.commit}. The row objects belong to the recorder from here on.
   *
   * @throws {InvalidRowError} naming table, row and column, before any of the rows is buffered.
   */
  insert<T extends TableName>(table: T, rows: readonly Row<T>[]): void {
    this.#assertOpen("insert rows");
    this.#batch.add(table, rows);
  }

  /**
   * Writes everything buffered together with the unit's row, in one transaction. If it fails, the rows stay buffered.
   *
   * @param runId run that the unit belongs to.
   * @param unit name of the finished work, e.g. `rl/12`; a name that is there already is kept as it is.
   * @param options see {@linkcode CommitOptions}.
   */
  async commit(runId: string, unit: string, options: CommitOptions = {}): Promise<CommitResult> {
    const { checkpoint = null, wallMs = null } = options;
    this.#assertOpen(`commit unit ${unit}`);
    const batch = this.#takeBatch();
    return await this.#enqueueWrite(async () => {
      const units = this.#units.get(runId) ?? new Map<string, UnitRecord>();
      const seq = units.size;
      const isNew = !this.hasUnit(runId, unit);
      const unitBatch = new RowBatch();
      if (isNew) unitBatch.add("unit", [{ run_id: runId, unit, checkpoint, seq, wall_ms: wallMs }]);
      const result = await this.#write(batch, unitBatch);
      if (isNew) this.#units.set(runId, units.set(unit, { unit, checkpoint, seq }));
      return result;
    });
  }

  /** Writes everything buffered without a unit, in one transaction. */
  async flush(): Promise<CommitResult> {
    this.#assertOpen("flush");
    const batch = this.#takeBatch();
    return await this.#enqueueWrite(() => this.#write(batch, new RowBatch()));
  }

  /** Whether a unit was committed, in this process or before. */
  hasUnit(runId: string, unit: string): boolean {
    return this.#units.get(runId)?.has(unit) ?? false;
  }

  /** Units of a run in the order of their commits. */
  units(runId: string): readonly UnitRecord[] {
    return [...this.#units.get(runId)?.values() ?? []];
  }

  /** The unit committed last, of those whose names start with `prefix`. */
  lastUnit(runId: string, prefix = ""): UnitRecord | undefined {
    return this.units(runId).findLast((record) => record.unit.startsWith(prefix));
  }

  /** Forgets what is buffered. */
  discard(): void {
    this.#batch = new RowBatch();
  }

  /**
   * Runs one statement that only reads, on committed rows.
   *
   * @throws {ReadOnlyError} if it would do more.
   * @throws {QueryError} if it fails.
   */
  async query(sql: string): Promise<QueryResult> {
    this.#assertOpen("run a query");
    await this.#settle();
    const run = this.#reads.then(() => readOnlyQuery(this.#record.reading, this.path, sql));
    this.#reads = run.catch(() => undefined);
    return await run;
  }

  /** A connection of its own for a reader in this process; the caller closes it. */
  async connect(): Promise<DuckDBConnection> {
    this.#assertOpen("connect");
    return await this.#record.connect();
  }

  /**
   * Waits for commits and queries under way, then closes the file. Rows that were not committed are dropped. Closing twice is harmless.
   *
   * @throws {RecordFullError} if there is no room to bring the journal into the tables: it stays, and the next opening does it.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled([this.#writes, this.#reads]);
    this.discard();
    try {
      await this.#writer.close();
    } finally {
      const isLoose = await this.#record.isLoose();
      this.#record.close();
      // A file that could not be made smaller, for want of room or because somebody else opened it, is whole all the same.
      if (isLoose) await compactFile(this.#record.canonical, this.path).catch(() => undefined);
      this.#release();
    }
  }

  /** Brings committed rows from the journal into the tables, where statements see them. */
  async #settle(): Promise<void> {
    if (this.#writer.isBehind) await this.#enqueueWrite(() => this.#writer.settle());
  }

  #assertOpen(action: string): void {
    if (this.#closed) throw new TypeError(`Cannot ${action}: the recorder of ${this.path} is closed`);
  }

  #takeBatch(): RowBatch {
    const batch = this.#batch;
    this.#batch = new RowBatch();
    return batch;
  }

  /** One write at a time: a connection has one transaction. */
  async #enqueueWrite<T>(write: () => Promise<T>): Promise<T> {
    const run = this.#writes.then(write);
    this.#writes = run.catch(() => undefined);
    return await run;
  }

  async #write(batch: RowBatch, unitBatch: RowBatch): Promise<CommitResult> {
    try {
      return await this.#writer.write([batch, unitBatch]);
    } catch (error) {
      // Rows buffered since the commit began come after those that it could not write.
      batch.append(this.#batch);
      this.#batch = batch;
      throw error;
    }
  }
}

/** Units by run and name, in the order of their commits. */
type UnitsByRun = Map<string, Map<string, UnitRecord>>;

/** An open file with what a recorder needs of it. */
interface OpenRecord extends OpenDatabase {
  readonly writer: JournaledWriter;
  readonly canonical: string;
  /** Whether closing it should give back room. */
  isLoose(): Promise<boolean>;
  /** Called before a connection for reading is given out. */
  beforeReading: () => Promise<void>;
  readonly reading: DuckDBConnection;
  readonly units: UnitsByRun;
  close(): void;
}

async function openRecord(canonical: string, path: string, lockTimeoutMs: number): Promise<OpenRecord> {
  const instance = await openDatabase(canonical, path, { lockTimeoutMs });
  const connections: DuckDBConnection[] = [];
  const close = () => {
    // A connection left open would keep the file locked after its instance is closed.
    for (const connection of connections) connection.closeSync();
    instance.closeSync();
  };
  const connect = async () => {
    const connection = await instance.connect();
    connections.push(connection);
    return connection;
  };
  try {
    const writing = await connect();
    // Before anything is changed: a journal that cannot be read must find its file as it was.
    const left = await readJournal(canonical);
    const recordId = await prepareSchema(writing, path);
    const writer = await JournaledWriter.open(writing, { path, canonical, recordId, left });
    const reading = await connect();
    const units = await readUnits(reading, path);
    const record: OpenRecord = {
      writer,
      canonical,
      isLoose: () => needsCompaction(writing, canonical).catch(() => false),
      reading,
      units,
      beforeReading: () => Promise.resolve(),
      async connect() {
        await record.beforeReading();
        return await instance.connect();
      },
      close,
    };
    return record;
  } catch (error) {
    close();
    throw error;
  }
}

async function readUnits(connection: DuckDBConnection, path: string): Promise<UnitsByRun> {
  const units: UnitsByRun = new Map();
  const { rows } = await readOnlyQuery(
    connection,
    path,
    "SELECT run_id, unit, checkpoint, seq FROM unit ORDER BY run_id, seq",
  );
  for (const [runId, unit, checkpoint, seq] of rows) {
    const key = String(runId);
    const records = units.get(key) ?? new Map<string, UnitRecord>();
    const name = String(unit);
    records.set(name, { unit: name, checkpoint: checkpoint === null ? null : String(checkpoint), seq: Number(seq) });
    units.set(key, records);
  }
  return units;
}
