/**
 * The journal beside a record: committed rows that are not yet in the DuckDB file, safe on disk the moment they are acknowledged.
 *
 * A transaction over the tables of an episode costs DuckDB some milliseconds however small it is; appending a few kilobytes to a file
 * and syncing it costs a fraction. So small commits go here first and are moved into the tables many at a time.
 *
 * Contract: a frame is the magic `WHJ1`, the length and the CRC-32 of the payload (32 bits each, little-endian), and the payload, JSON
 * in UTF-8. The first frame names the record and its schema version; each further one holds the rows of one commit, whole or, if it was
 * torn by a crash, not at all. A torn frame can only be the last: one that is followed by a sound frame is damage and an error.
 * Choices: columns rather than row objects, half as long; NaN, infinities and -0 as text, dates as milliseconds.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { dirname } from "node:path";
import { z } from "zod";
import { type AnyRow, planOf, RowBatch } from "./_row_batch.ts";
import { canonicalJson, type Json } from "./canonical.ts";
import { RecordCorruptError, recordError } from "./record_errors.ts";
import { type Row, SCHEMA_VERSION, TABLE_NAMES, type TableName } from "./schema.ts";
import type { ColumnType } from "./table_declaration.ts";

const MAGIC = new TextEncoder().encode("WHJ1");
/** Bytes before the payload: magic, length, checksum. */
const FRAME_HEAD = 12;

const headSchema = z.object({ journal: z.literal(1), schema: z.int(), record: z.string() });
const batchSchema = z.array(z.tuple([z.enum(TABLE_NAMES as [TableName, ...TableName[]]), z.array(z.array(z.json()))]));

/** Path of a record's journal. */
export function journalPath(canonical: string): string {
  return `${canonical}.journal`;
}

/** JSON leaves out what is not finite and the sign of zero; these go as text. */
function packNumber(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? "-0" : String(value);
}

function isPlain(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function pack(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return null;
  if (type === "DOUBLE") return packNumber(value as number);
  if (type === "FLOAT[]") {
    const list = value as readonly number[];
    return list.every(isPlain) ? list : list.map(packNumber);
  }
  // As it will be stored, so that a value without a canonical form fails before anything is written.
  if (type === "JSON") return canonicalJson(value as Json);
  return type === "TIMESTAMP" ? (value as Date).getTime() : value;
}

function unpack(value: Json, type: ColumnType): unknown {
  if (value === null) return null;
  if (type === "DOUBLE") return Number(value);
  if (type === "FLOAT[]") return (value as readonly Json[]).map(Number);
  if (type === "JSON") return JSON.parse(String(value));
  return type === "TIMESTAMP" ? new Date(Number(value)) : value;
}

/** Payload of batches that belong to one commit. */
export function packBatches(batches: readonly RowBatch[]): string {
  return JSON.stringify(
    batches.flatMap(({ tables }) =>
      [...tables.values()].filter(({ rows }) => rows.length > 0).map(({ table, rows, plan: { columns } }) => [
        table,
        columns.map(({ name, type }) => rows.map((row) => pack(row[name], type))),
      ])
    ),
  );
}

/** The rows of a payload. */
export function unpackBatch(payload: string): RowBatch {
  const batch = new RowBatch();
  for (const [table, values] of batchSchema.parse(JSON.parse(payload))) {
    const { columns } = planOf(table);
    const rows: AnyRow[] = (values[0] ?? []).map((_, i) =>
      Object.fromEntries(columns.map(({ name, type }, c) => [name, unpack(values[c]?.[i] ?? null, type)]))
    );
    batch.add(table, rows as unknown as Row<TableName>[]);
  }
  return batch;
}

function frameOf(payload: string): Uint8Array {
  const body = new TextEncoder().encode(payload);
  const frame = new Uint8Array(FRAME_HEAD + body.length);
  const view = new DataView(frame.buffer);
  frame.set(MAGIC);
  view.setUint32(4, body.length, true);
  view.setUint32(8, crc32(body), true);
  frame.set(body, FRAME_HEAD);
  return frame;
}

/** Payload bytes of the frame at an offset; undefined if there is no sound one. */
function frameAt(bytes: Uint8Array, offset: number): Uint8Array | undefined {
  if (offset + FRAME_HEAD > bytes.length || MAGIC.some((byte, i) => bytes[offset + i] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, FRAME_HEAD);
  const start = offset + FRAME_HEAD;
  const length = view.getUint32(4, true);
  if (start + length > bytes.length) return undefined;
  const body = bytes.subarray(start, start + length);
  return crc32(body) === view.getUint32(8, true) ? body : undefined;
}

/** Payloads of a journal's sound frames. @throws {RecordCorruptError} if a damaged frame comes before a sound one. */
export function readFrames(bytes: Uint8Array, path: string): string[] {
  const payloads: string[] = [];
  let offset = 0;
  for (let body = frameAt(bytes, offset); body !== undefined; body = frameAt(bytes, offset)) {
    payloads.push(new TextDecoder().decode(body));
    offset += FRAME_HEAD + body.length;
  }
  for (let later = offset + 1; later + FRAME_HEAD <= bytes.length; later++) {
    later = bytes.indexOf(MAGIC[0] ?? 0, later);
    if (later < 0) break;
    if (frameAt(bytes, later) !== undefined) {
      throw new RecordCorruptError(
        `Cannot read the journal ${path}: it is damaged at byte ${offset}, and commit ${payloads.length} and perhaps others are unreadable; ` +
          "restore it from a copy, or move it away to go on without the commits in it",
      );
    }
  }
  return payloads;
}

/** Whether a record has a journal with something in it. */
export async function hasJournal(canonical: string): Promise<boolean> {
  try {
    return (await Deno.stat(journalPath(canonical))).size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw recordError(canonical, error, "open");
  }
}

/** What a process that ended without closing left behind. */
export interface LeftJournal {
  /** Id of the record that it belongs to. */
  readonly recordId: string;
  /** Payloads in the order of their commits. */
  readonly payloads: readonly string[];
}

/**
 * Reads what a process that ended without closing left behind; undefined: nothing. To be called before the record is migrated.
 *
 * @param canonical record file, without links.
 * @throws {RecordCorruptError} if the journal is damaged, or of another schema version.
 */
export async function readJournal(canonical: string): Promise<LeftJournal | undefined> {
  const path = journalPath(canonical);
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw recordError(canonical, error, "open");
  }
  const [first, ...payloads] = readFrames(bytes, path);
  if (first === undefined) return undefined;
  const head = headSchema.parse(JSON.parse(first));
  if (head.schema !== SCHEMA_VERSION) {
    throw new RecordCorruptError(
      `Cannot open the record ${canonical}: the journal ${path} has schema version ${head.schema}, and this program writes ` +
        `${SCHEMA_VERSION}; open the record once with the program that was stopped`,
    );
  }
  return { recordId: head.record, payloads };
}

/** A journal that is written. One call at a time. */
export class Journal {
  readonly #canonical: string;
  readonly #recordId: string;
  #file: Deno.FsFile | undefined;
  /** End of the last sound frame, bytes. */
  #end = 0;

  /**
   * @param canonical record file, without links.
   * @param recordId id of the record.
   */
  constructor(canonical: string, recordId: string) {
    this.#canonical = canonical;
    this.#recordId = recordId;
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return this.#end;
  }

  /** Appends one commit; on disk when it returns, and not in the journal if it throws. */
  async append(payload: string): Promise<void> {
    const path = journalPath(this.#canonical);
    try {
      if (this.#file === undefined) {
        this.#file = await Deno.open(path, { create: true, truncate: true, write: true });
        this.#end = 0;
        // The file's name must be as durable as its content.
        using folder = await Deno.open(dirname(path));
        await folder.sync();
      }
      const head = JSON.stringify({ journal: 1, schema: SCHEMA_VERSION, record: this.#recordId });
      const frames = this.#end === 0 ? [frameOf(head), frameOf(payload)] : [frameOf(payload)];
      let end = this.#end;
      // A frame that failed to be written may lie behind the end: the next one overwrites it.
      this.#file.seekSync(end, Deno.SeekMode.Start);
      for (const frame of frames) {
        // Into the system's cache, which takes less time than a way to another thread and back.
        for (let written = 0; written < frame.length;) written += this.#file.writeSync(frame.subarray(written));
        end += frame.length;
      }
      await this.#file.syncData();
      this.#end = end;
    } catch (error) {
      // What was written of it must not be taken for a commit later; if that fails too, the next frame overwrites it.
      await this.#file?.truncate(this.#end).catch(() => undefined);
      throw recordError(this.#canonical, error, "write");
    }
  }

  /** Empties it, once everything in it is in the tables. */
  async clear(): Promise<void> {
    if (this.#end === 0) return;
    await this.#file?.truncate(0);
    this.#end = 0;
  }

  /** Closes it, and removes the file if nothing is in it. */
  async close(): Promise<void> {
    this.#file?.close();
    this.#file = undefined;
    if (this.#end > 0) return;
    await Deno.remove(journalPath(this.#canonical)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
