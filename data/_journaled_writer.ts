/**
 * Makes commits durable: small ones through the journal, large ones and those that repeat keys straight into the tables.
 *
 * Contract: a commit that was acknowledged is in the journal or in the tables, both synced. {@linkcode JournaledWriter.settle} moves
 * what is in the journal into the tables in one transaction and only then empties it; a crash in between leaves rows in both, and since
 * a key that is there is ignored, doing it again changes nothing. Keys of rows in the journal count as held.
 *
 * @module
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { Journal, journalPath, type LeftJournal, packBatches, unpackBatch } from "./_journal.ts";
import { type CommitResult, RowBatch } from "./_row_batch.ts";
import { RowWriter } from "./_row_writer.ts";
import { RecordCorruptError, recordError } from "./record_errors.ts";

/** A commit of more rows goes straight into the tables, where its size outweighs the price of a transaction. */
const JOURNAL_ROWS = 4096;
/** The journal is moved into the tables when it holds so many rows or bytes; both are moments of work. */
const SETTLE_ROWS = 20_000;
const SETTLE_BYTES = 32 * 2 ** 20;

/** Writes commits through one connection and one journal. One call at a time. */
export class JournaledWriter {
  readonly #path: string;
  readonly #writer: RowWriter;
  readonly #journal: Journal;
  #waiting: RowBatch[] = [];
  #waitingRows = 0;

  private constructor(path: string, writer: RowWriter, journal: Journal) {
    this.#path = path;
    this.#writer = writer;
    this.#journal = journal;
  }

  /**
   * Takes over a file, and first brings what a killed process left in the journal into the tables.
   *
   * @param connection connection that nobody else uses.
   * @param place the file as given and without links, its id, and the journal that was found beside it.
   * @throws {RecordCorruptError} if the journal belongs to another record.
   */
  static async open(
    connection: DuckDBConnection,
    place: {
      readonly path: string;
      readonly canonical: string;
      readonly recordId: string;
      readonly left: LeftJournal | undefined;
    },
  ): Promise<JournaledWriter> {
    const { path, canonical, recordId, left } = place;
    const writer = new RowWriter(connection);
    const journal = new Journal(canonical, recordId);
    if (left !== undefined) {
      if (left.recordId !== recordId) {
        throw new RecordCorruptError(
          `Cannot open the record ${path}: the journal ${journalPath(canonical)} belongs to another record ` +
            `(${left.recordId}, this is ${recordId}); put it beside its own file, or move it away`,
        );
      }
      const batch = new RowBatch();
      for (const payload of left.payloads) batch.append(unpackBatch(payload));
      const checked = await writer.check([batch], () => Promise.resolve());
      try {
        await writer.write(checked);
      } catch (error) {
        throw recordError(path, error, "write");
      }
      writer.rememberWritten(checked.all);
    }
    // Emptied by being removed; the first commit makes it anew.
    await journal.close();
    return new JournaledWriter(path, writer, journal);
  }

  /** Whether something is in the journal that is not in the tables. */
  get isBehind(): boolean {
    return this.#waiting.length > 0;
  }

  /** Writes batches as one commit; nothing of them is there if it throws. */
  async write(batches: readonly RowBatch[]): Promise<CommitResult> {
    try {
      const checked = await this.#writer.check(batches, () => this.settle());
      const rows = batches.reduce((sum, batch) => sum + batch.size, 0);
      if (rows === 0) return { inserted: 0, ...checked.dropped };
      if (checked.repeated.size > 0 || rows > JOURNAL_ROWS) {
        await this.settle();
        const result = await this.#writer.write(checked);
        this.#writer.rememberWritten(checked.all);
        return result;
      }
      if (this.#waitingRows > SETTLE_ROWS || this.#journal.bytes > SETTLE_BYTES) await this.settle();
      await this.#journal.append(packBatches(batches));
      this.#writer.remember(checked.all);
      this.#waiting.push(...batches);
      this.#waitingRows += rows;
      return { inserted: rows, ...checked.dropped };
    } catch (error) {
      throw recordError(this.#path, error, "write");
    }
  }

  /** Moves everything that is in the journal into the tables. If it throws, everything is still in the journal. */
  async settle(): Promise<void> {
    if (this.#waiting.length === 0) return;
    try {
      await this.#writer.append(this.#waiting);
      this.#waiting = [];
      this.#waitingRows = 0;
      await this.#journal.clear();
    } catch (error) {
      throw recordError(this.#path, error, "write");
    }
  }

  /** Settles, and closes the journal; it stays where settling fails, to be taken over by the next who opens the file. */
  async close(): Promise<void> {
    try {
      await this.settle();
    } finally {
      await this.#journal.close();
    }
  }
}
