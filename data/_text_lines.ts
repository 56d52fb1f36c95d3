/**
 * Lines of a text file, plain or compressed (`.gz`, `.zst`), with their numbers.
 *
 * Contract: memory does not grow with the file. A line ends with LF, or CR LF, which may be mixed; empty lines count; a byte order mark is
 * no text. What is not UTF-8 is an error that names the line.
 * Choices: not DuckDB's `read_csv` with one column, which this was first: it loses what follows a lone CR, and its line numbers go wrong
 * where line ends are mixed. Omitted: other encodings.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { DatasetFileError } from "./dataset_errors.ts";

/** Longest line in bytes; a file without line ends must not fill the memory. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Bytes that are read at a time. */
const CHUNK_BYTES = 1024 * 1024;

const LINE_FEED = 10;

/** Lines that follow each other. */
export interface LineBatch {
  /** Number of the first line, from 1. */
  readonly first: number;
  /** Lines without their ends. */
  readonly texts: readonly string[];
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const unpack = /\.gz$/i.test(path) ? createGunzip() : /\.zst$/i.test(path) ? createZstdDecompress() : undefined;
  try {
    if (unpack === undefined) {
      for await (const chunk of source) yield chunk as Uint8Array;
      return;
    }
    source.on("error", (error) => unpack.destroy(error));
    source.pipe(unpack);
    for await (const chunk of unpack) yield chunk as Uint8Array;
  } finally {
    source.destroy();
    unpack?.destroy();
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Lines before the one that is not UTF-8. */
function linesBeforeFault(bytes: Uint8Array): number {
  let lines = 0;
  for (let from = 0; from < bytes.length; lines++) {
    const end = bytes.indexOf(LINE_FEED, from);
    if (decoded(bytes.subarray(from, end < 0 ? undefined : end)) === undefined || end < 0) break;
    from = end + 1;
  }
  return lines;
}

function linesOf(bytes: Uint8Array, path: string, first: number): string[] {
  const text = decoded(bytes);
  if (text === undefined) {
    throw new DatasetFileError(
      `Cannot read ${path}: line ${first + linesBeforeFault(bytes)} is not UTF-8; convert the file to UTF-8`,
    );
  }
  const lines = (first === 1 && text.startsWith("\uFEFF") ? text.slice(1) : text).split("\n");
  return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

/**
 * Reads a text file.
 *
 * @param path file; its ending tells whether it is compressed.
 * @throws {DatasetFileError} if it is not UTF-8, a line is longer than 64 MiB, or the compression is damaged.
 */
export async function* textLines(path: string): AsyncGenerator<LineBatch> {
  let first = 1;
  let parts: Uint8Array[] = [];
  let pending = 0;
  try {
    for await (const chunk of bytesOf(path)) {
      const end = chunk.lastIndexOf(LINE_FEED);
      if (end < 0) {
        parts.push(chunk);
        pending += chunk.length;
        if (pending > MAX_LINE_BYTES) {
          throw new DatasetFileError(`Cannot read ${path}: line ${first} is longer than ${MAX_LINE_BYTES} bytes`);
        }
        continue;
      }
      const texts = linesOf(joined([...parts, chunk.subarray(0, end)]), path, first);
      yield { first, texts };
      first += texts.length;
      parts = [chunk.slice(end + 1)];
      pending = chunk.length - end - 1;
    }
  } catch (cause) {
    if (!isCompressionFault(cause)) throw cause;
    throw new DatasetFileError(
      `Cannot read ${path}: it is damaged, or not compressed as its name says (${cause.code})`,
      {
        cause,
      },
    );
  }
  const rest = joined(parts);
  if (rest.length > 0) yield { first, texts: linesOf(rest, path, first) };
}

function isCompressionFault(cause: unknown): cause is Error & { readonly code: string } {
  return cause instanceof Error && "code" in cause && /^(?:Z_|ZSTD_|ERR_ZLIB)/.test(String(cause.code));
}
