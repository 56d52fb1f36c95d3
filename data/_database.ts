/**
 * Opens DuckDB files: one holder at a time, without access to anything else on the machine.
 *
 * Contract: inside this process a file is held by one {@linkcode holdForWriting} or {@linkcode withReader} at a time. That matters because DuckDB's lock is a POSIX
 * lock: it belongs to the process, so a second open succeeds, and closing any handle of the file (even one that only read it) drops the
 * lock for all. For the same reason nothing in a process that records may open the file by other means.
 * Choices: `enable_external_access` off and the configuration locked for every connection, so that no statement reads or writes other
 * files, loads extensions or changes settings.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { sqlList, sqlName, sqlString } from "./_sql_text.ts";
import { isLockFailure, recordError, RecordLockedError, RecordOpenError } from "./record_errors.ts";

/** Oldest DuckDB that opens a new file. Its compression makes a record a fifth smaller than that of 1.0, DuckDB's own choice; older files stay as they are. */
const STORAGE_VERSION = "v1.4.0";

/**
 * Block of a new file, bytes: a segment of a column takes whole blocks or shares one, so large blocks leave much of a small file empty.
 * A real record of 4.7 MB has 7.9 MB with DuckDB's own 256 KiB, and 5.6 MB with 16 KiB, in which its texts no longer find their likes.
 */
const BLOCK_BYTES = 32_768;

/** The same for a file that a statement attaches. */
export const NEW_FILE_OPTIONS = `BLOCK_SIZE ${BLOCK_BYTES}, STORAGE_VERSION '${STORAGE_VERSION}'`;

/** Pause between two tries to get a lock, ms. */
const LOCK_RETRY_MS = 25;

/** A database that this process has open for writing. */
export interface OpenDatabase {
  /** A new connection; the caller closes it. */
  connect(): Promise<DuckDBConnection>;
}

/** Who holds a file in this process. */
interface Holder {
  /** Resolves when the hold ends. */
  readonly ended: Promise<void>;
  /** The writer's database; undefined if the holder is a reader. */
  readonly database: Promise<OpenDatabase> | undefined;
}

const holders = new Map<string, Holder>();

/** Path without links, of a file that need not exist. @throws {RecordOpenError} if its folder does not exist. */
export async function canonicalPath(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw recordError(path, error, "open");
  }
  try {
    return join(await Deno.realPath(dirname(path)), basename(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw recordError(path, error, "open");
    throw new RecordOpenError(`Cannot open the record ${path}: its folder does not exist; make it first`, {
      cause: error,
    });
  }
}

function hold(canonical: string, database: Promise<OpenDatabase> | undefined): () => void {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const holder = { ended, database };
  holders.set(canonical, holder);
  return () => {
    if (holders.get(canonical) === holder) holders.delete(canonical);
    resolve();
  };
}

/**
 * Opens a file for writing and holds it.
 *
 * @param path file, for messages.
 * @param open opens the file, given its path without links.
 * @returns the database, and what ends the hold after it was closed.
 * @throws {RecordLockedError} if this process has it open for writing, and whatever `open` throws.
 */
export async function holdForWriting<D extends OpenDatabase>(
  path: string,
  open: (canonical: string) => Promise<D>,
): Promise<{ readonly database: D; readonly release: () => void }> {
  const canonical = await canonicalPath(path);
  for (let holder = holders.get(canonical); holder !== undefined; holder = holders.get(canonical)) {
    if (holder.database !== undefined) {
      throw new RecordLockedError(
        `Cannot open the record ${path}: this process has it open; close that recorder first`,
      );
    }
    await holder.ended;
  }
  const opening = Promise.withResolvers<D>();
  // A reader may or may not wait for it.
  opening.promise.catch(() => undefined);
  const release = hold(canonical, opening.promise);
  try {
    const database = await open(canonical);
    opening.resolve(database);
    return { database, release };
  } catch (error) {
    release();
    opening.reject(error);
    throw error;
  }
}

/** Whether this process has a file open for writing. */
export function isHeldForWriting(canonical: string): boolean {
  return holders.get(canonical)?.database !== undefined;
}

/**
 * Reads a file through a connection of its own: on the database that this process writes, or on the file opened read-only.
 *
 * @throws {RecordLockedError} if another process holds the file, other typed errors of `record_errors.ts`, and what `read` throws.
 */
export async function withReader<T>(path: string, read: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const canonical = await canonicalPath(path);
  for (let holder = holders.get(canonical); holder !== undefined; holder = holders.get(canonical)) {
    const database = await holder.database?.catch(() => undefined);
    if (database !== undefined) return await readThrough(database, read);
    await holder.ended;
  }
  const release = hold(canonical, undefined);
  try {
    const instance = await openDatabase(canonical, path, { readOnly: true });
    try {
      return await readThrough(instance, read);
    } finally {
      instance.closeSync();
    }
  } finally {
    release();
  }
}

/** Waits until no other reader of this process has a file, and holds it. @throws {RecordLockedError} if this process writes it. */
async function holdForReading(path: string): Promise<{ readonly canonical: string; readonly release: () => void }> {
  const canonical = await canonicalPath(path);
  for (let holder = holders.get(canonical); holder !== undefined; holder = holders.get(canonical)) {
    if (holder.database !== undefined) {
      throw new RecordLockedError(
        `Cannot attach the record ${path}: this process writes it; close that recorder first, or ask about this record alone`,
      );
    }
    await holder.ended;
  }
  return { canonical, release: hold(canonical, undefined) };
}

/**
 * Reads several files through one connection.
 *
 * @param records path of each file by the name that statements give it; names without one mean the first.
 * @throws {RecordLockedError} if a process writes one of the files, other typed errors of `record_errors.ts`, and what `read` throws.
 */
export async function withAttached<T>(
  records: readonly { readonly name: string; readonly path: string }[],
  read: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const held: { name: string; path: string; canonical: string; release: () => void }[] = [];
  try {
    for (const { name, path } of records) held.push({ name, path, ...await holdForReading(path) });
    const files = held.flatMap(({ canonical }) => [canonical, `${canonical}.wal`]);
    const instance = await DuckDBInstance.create(":memory:");
    try {
      return await readThrough(instance, async (connection) => {
        await connection.run(`SET allowed_paths = ${sqlList(files)}`);
        await connection.run("SET enable_external_access = false");
        for (const { name, path, canonical } of held) {
          try {
            await connection.run(`ATTACH ${sqlString(canonical)} AS ${sqlName(name)} (READ_ONLY)`);
          } catch (error) {
            throw recordError(path, error, "open");
          }
        }
        const [first] = held;
        if (first !== undefined) await connection.run(`USE ${sqlName(first.name)}`);
        await connection.run("SET lock_configuration = true");
        return await read(connection);
      });
    } finally {
      instance.closeSync();
    }
  } finally {
    for (const { release } of held.reverse()) release();
  }
}

async function readThrough<T>(database: OpenDatabase, read: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const connection = await database.connect();
  try {
    return await read(connection);
  } finally {
    connection.closeSync();
  }
}

/** Lists of folders and files can only be set on an open database. */
async function restrictTo(
  instance: DuckDBInstance,
  folders: readonly string[],
  files: readonly string[],
): Promise<void> {
  await readThrough(instance, async (connection) => {
    await connection.run(`SET allowed_paths = ${sqlList(files)}`);
    await connection.run(`SET allowed_directories = ${sqlList(folders)}`);
    await connection.run("SET enable_external_access = false");
    await connection.run("SET lock_configuration = true");
  });
}

/** Options of {@linkcode openDatabase}. */
export interface OpenDatabaseOptions {
  /**
   * Share the file with other readers; it must exist.
   *
   * @default {false}
   */
  readOnly?: boolean;
  /**
   * How long to try while another process holds the file, ms.
   *
   * @default {0}
   */
  lockTimeoutMs?: number;
  /**
   * Folders, without links, that statements may read and write.
   *
   * @default {[]}
   */
  folders?: readonly string[];
  /**
   * Other files, without links, that statements may read and write.
   *
   * @default {[]}
   */
  files?: readonly string[];
}

/** Number of a file, which another one renamed over it has not; undefined if there is no file or no number. */
async function fileNumber(canonical: string): Promise<number | undefined> {
  return (await Deno.stat(canonical).catch(() => undefined))?.ino ?? undefined;
}

/**
 * Opens a file whose hold the caller has.
 *
 * @param canonical path without links: DuckDB itself follows them for the file, but denies access to the log beside it.
 * @param path file, for messages.
 * @param options see {@linkcode OpenDatabaseOptions}.
 * @throws typed errors of `record_errors.ts`.
 */
export async function openDatabase(
  canonical: string,
  path: string,
  options: OpenDatabaseOptions = {},
): Promise<DuckDBInstance> {
  const { readOnly = false, lockTimeoutMs = 0, folders = [], files = [] } = options;
  const isRestrictedLater = folders.length + files.length > 0;
  const configuration: Record<string, string> = {
    ...(isRestrictedLater ? {} : { enable_external_access: "false", lock_configuration: "true" }),
    ...(readOnly
      ? { access_mode: "READ_ONLY" }
      : { storage_compatibility_version: STORAGE_VERSION, default_block_size: String(BLOCK_BYTES) }),
  };
  for (let waitedMs = 0;; waitedMs += LOCK_RETRY_MS) {
    try {
      const before = await fileNumber(canonical);
      const instance = await DuckDBInstance.create(canonical, configuration);
      if (before === undefined || before === await fileNumber(canonical)) {
        if (isRestrictedLater) await restrictTo(instance, folders, files);
        return instance;
      }
      // Between the two looks a compaction put another file in its place: what was opened is nobody's file any more.
      instance.closeSync();
    } catch (error) {
      if (!isLockFailure(error) || waitedMs >= lockTimeoutMs) throw recordError(path, error, "open");
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
  }
}
