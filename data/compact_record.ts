/**
 * Makes a record's file as small as its rows allow.
 *
 * Contract: rows and views stay as they are. Closing a recorder does the same to files with up to 32 MiB in use of which more than a twentieth is
 * free or whose turns lie in pieces; this does it to any file, at any time, and brings one of an older layout to this program's.
 *
 * @module
 */
import { compactFile } from "./_compaction.ts";
import { canonicalPath, holdForWriting, openDatabase } from "./_database.ts";
import { recordExists } from "./_maintenance.ts";
import { recordError, RecordOpenError } from "./record_errors.ts";
import { Recorder } from "./recorder.ts";

/** What a compaction did. */
export interface Compaction {
  /** Size of the file before, bytes. */
  readonly before: number;
  /** Size of the file after, bytes. */
  readonly after: number;
}

/**
 * Compacts a record that nobody else has open.
 *
 * @param path record file.
 * @throws {RecordOpenError} if there is no record.
 * @throws {RecordLockedError} if somebody has the record open.
 * @throws {RecordFullError} if there is no room for the file once more; it stays as it is.
 */
export async function compactRecord(path: string): Promise<Compaction> {
  if (!await recordExists(path)) throw new RecordOpenError(`Cannot compact ${path}: there is no such record`);
  const file = await canonicalPath(path);
  const before = (await Deno.stat(file)).size;
  await (await Recorder.open(path)).close();
  const { database, release } = await holdForWriting(
    path,
    (canonical) => openDatabase(canonical, path, { lockTimeoutMs: 2000 }),
  );
  database.closeSync();
  try {
    await compactFile(file, path);
  } catch (error) {
    throw recordError(path, error, "write");
  } finally {
    release();
  }
  return { before, after: (await Deno.stat(file)).size };
}
