/**
 * What can go wrong with a record file, by name; each message names the file and says what to do.
 *
 * Contract: {@linkcode recordError} is the only place where a DuckDB failure gets its class; errors already typed pass unchanged.
 *
 * @module
 */

/** Another process, or another recorder of this process, holds the file. */
export class RecordLockedError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "RecordLockedError";
}

/** The file is damaged, or is no DuckDB file. */
export class RecordCorruptError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "RecordCorruptError";
}

/** The file was written by a newer program. */
export class RecordVersionError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "RecordVersionError";
}

/** There is no room to write: a full disk, a quota or a limit on the size of files. */
export class RecordFullError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "RecordFullError";
}

/** The file cannot be opened for another reason: no such folder, no permission, tables that are not ours. */
export class RecordOpenError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "RecordOpenError";
}

/** A row does not fit its table. */
export class InvalidRowError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "InvalidRowError";
}

/** A statement could not be run: wrong SQL, a missing table, too many rows, out of time. */
export class QueryError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "QueryError";
}

/** A statement would do more than read. */
export class ReadOnlyError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ReadOnlyError";
}

const typed = [
  RecordLockedError,
  RecordCorruptError,
  RecordVersionError,
  RecordFullError,
  RecordOpenError,
  InvalidRowError,
  QueryError,
  ReadOnlyError,
];

/** Whether a failure to open is a lock held elsewhere, which may go away. */
export function isLockFailure(cause: unknown): boolean {
  return cause instanceof RecordLockedError || /could not set lock/i.test(messageOf(cause));
}

/**
 * The same lock, said of something that needs the file for itself.
 *
 * @param what what could not be done, e.g. `export runs of run.duckdb`.
 * @param advice what to do instead.
 */
export function lockedFor(what: string, cause: unknown, advice: string): unknown {
  if (!(cause instanceof RecordLockedError)) return cause;
  const holder = /process \d+|this process/.exec(cause.message)?.[0] ?? "another process";
  return new RecordLockedError(
    `Cannot ${what}: ${holder} writes the record, and this needs the file to itself; ${advice}`,
    { cause },
  );
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * The typed error for a failure.
 *
 * @param path file that was worked on.
 * @param cause what DuckDB or the system threw.
 * @param during `open` or `query`: what an unclassified failure becomes; `write` leaves it as it is.
 */
export function recordError(path: string, cause: unknown, during: "open" | "query" | "write"): Error {
  if (cause instanceof Error && typed.some((type) => cause instanceof type)) return cause;
  const message = messageOf(cause);
  if (isLockFailure(cause)) {
    const holder = /PID (\d+)/.exec(message)?.[1];
    const who = holder === undefined ? "another process" : `process ${holder}`;
    return new RecordLockedError(
      `Cannot open the record ${path}: ${who} holds it, and DuckDB allows one process at a time; wait until it ends or stop it`,
      { cause },
    );
  }
  if (/no space left|disk full|file too large|quota exceeded/i.test(message)) {
    return new RecordFullError(
      `Cannot write the record ${path}: there is no room on its disk; free some and run the same command again, ` +
        `nothing that was committed is lost (${message})`,
      { cause },
    );
  }
  if (/newer version|higher version|version number/i.test(message)) {
    return new RecordVersionError(
      `Cannot open the record ${path}: it was written by a newer DuckDB; use the newer program, or export the file there (${message})`,
      { cause },
    );
  }
  if (/not a valid DuckDB|corrupt|checksum|could not read enough|replaying WAL|wal file|deserialize/i.test(message)) {
    return new RecordCorruptError(
      `Cannot read the record ${path}: the file is damaged or no record; move it and ${path}.wal away and run again, ` +
        `or restore a copy (${message})`,
      { cause },
    );
  }
  if (during === "open") return new RecordOpenError(`Cannot open the record ${path}: ${message}`, { cause });
  if (during === "write") return cause instanceof Error ? cause : new Error(message, { cause });
  return new QueryError(`Cannot run the statement: ${message.trim()}`, { cause });
}
