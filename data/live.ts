/**
 * Lets other processes read a record while one writes it: DuckDB locks the file, so the writer answers their queries over loopback HTTP.
 *
 * Contract: the server listens on 127.0.0.1 only, on a port that the system picks. Its address and a random token stand in
 * `<record>.live.json` beside the file, readable by its owner only and removed on close; who cannot read that file cannot query. A
 * statement is a single SELECT or EXPLAIN in a transaction that cannot write ({@linkcode readOnlyQuery}), and the database has no
 * access to other files, extensions or settings (`_database.ts`), so read_csv, glob, COPY, ATTACH, INSTALL and SET fail as well.
 * A live file whose process has died answers nothing and counts for nothing.
 * Choices: one request, one connection; a result is limited in rows and a statement in time, because they use the writer's threads
 * and memory.
 *
 * Protocol: POST with `authorization: Bearer <token>` and `{"sql": "…"}`; the answer is a QueryResult (200) or
 * `{"error": {"name", "message"}}` (400 for the statement's fault, 401 without the token).
 *
 * @module
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { canonicalPath } from "./_database.ts";
import { type QueryResult, readOnlyQuery } from "./read_only_query.ts";
import { QueryError, ReadOnlyError, RecordCorruptError } from "./record_errors.ts";
import type { Recorder } from "./recorder.ts";

/** Options of {@linkcode serveLive}. */
export interface ServeLiveOptions {
  /**
   * Most rows of a result.
   *
   * @default {100000}
   */
  maxRows?: number;
  /**
   * Longest time that a statement may take, ms.
   *
   * @default {60000}
   */
  timeoutMs?: number;
}

/** A running live server. */
export interface LiveServer {
  /** Its address. */
  readonly url: string;
  /** File with address and token. */
  readonly file: string;
  /** Waits for requests under way, stops and removes the file. Call it before closing the recorder. */
  close(): Promise<void>;
}

/** Pause between two looks at the time that a statement takes, ms. */
const WATCH_MS = 100;

const addressSchema = z.object({ url: z.string(), token: z.string(), pid: z.int() });
const requestSchema = z.strictObject({ sql: z.string() });
const answerSchema = z.union([
  z.object({ columns: z.array(z.object({ name: z.string(), type: z.string() })), rows: z.array(z.array(z.json())) }),
  z.object({ error: z.object({ name: z.string(), message: z.string() }) }),
]);

/** Path of a record's live file, beside the file itself where `path` is a link. */
export async function liveFile(path: string): Promise<string> {
  return `${await canonicalPath(path)}.live.json`;
}

function failure(status: number, name: string, message: string): Response {
  return Response.json({ error: { name, message } }, { status });
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [new TextEncoder().encode(a), new TextEncoder().encode(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Serves read-only queries on a recorder's committed rows until closed. The server does not keep the process alive.
 *
 * @param recorder recorder of this process.
 * @param options see {@linkcode ServeLiveOptions}.
 */
export async function serveLive(recorder: Recorder, options: ServeLiveOptions = {}): Promise<LiveServer> {
  const { maxRows = 100_000, timeoutMs = 60_000 } = options;
  const token = randomBytes(32).toString("hex");
  const file = await liveFile(recorder.path);

  async function answer(request: Request): Promise<Response> {
    if (!sameText(request.headers.get("authorization") ?? "", `Bearer ${token}`)) {
      return failure(401, "Unauthorized", "Cannot answer: the token is missing or wrong");
    }
    const body = requestSchema.safeParse(await request.json().catch(() => undefined));
    if (request.method !== "POST" || !body.success) {
      return failure(400, "QueryError", 'Cannot answer: send POST with a body like {"sql": "SELECT 1"}');
    }
    const connection = await recorder.connect();
    let timedOut = false;
    const started = performance.now();
    const watch = setInterval(() => {
      if (performance.now() - started < timeoutMs) return;
      timedOut = true;
      // Again and again: an interrupt between two steps of the query is lost.
      connection.interrupt();
    }, Math.min(timeoutMs, WATCH_MS));
    try {
      return Response.json(await readOnlyQuery(connection, recorder.path, body.data.sql, { maxRows }));
    } catch (error) {
      if (timedOut) return failure(400, "QueryError", `Cannot give the result: it took longer than ${timeoutMs} ms`);
      return error instanceof Error ? failure(400, error.name, error.message) : failure(500, "Error", String(error));
    } finally {
      clearInterval(watch);
      connection.closeSync();
    }
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  server.unref();
  const url = `http://127.0.0.1:${server.addr.port}/`;
  // Written aside and renamed: a reader sees a whole file, and the mode holds even where an older file had another one.
  const draft = `${file}.${Deno.pid}`;
  await Deno.writeTextFile(draft, JSON.stringify({ url, token, pid: Deno.pid }), { mode: 0o600 });
  await Deno.rename(draft, file);
  return {
    url,
    file,
    async close() {
      await Deno.remove(file).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
      await server.shutdown();
    },
  };
}

/** Error of a live server, as the class that it had there. */
function errorOf(name: string, message: string): Error {
  if (name === "ReadOnlyError") return new ReadOnlyError(message);
  if (name === "RecordCorruptError") return new RecordCorruptError(message);
  return new QueryError(message);
}

/**
 * Asks the process that writes a record.
 *
 * @returns undefined if no live server answers: no live file, or one left behind by a process that died.
 * @throws {ReadOnlyError} @throws {QueryError} as the server reports.
 */
export async function queryLive(path: string, sql: string): Promise<QueryResult | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(await liveFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  let response: Response;
  try {
    const address = addressSchema.parse(JSON.parse(text));
    response = await fetch(address.url, {
      method: "POST",
      headers: { authorization: `Bearer ${address.token}`, "content-type": "application/json" },
      body: JSON.stringify({ sql }),
    });
  } catch {
    // Nobody listens, or the file is not whole: its process is gone.
    return undefined;
  }
  // Another program may have got the port of a process that died.
  if (response.status === 401) {
    await response.body?.cancel();
    return undefined;
  }
  const answer = answerSchema.safeParse(await response.json().catch(() => undefined));
  if (!answer.success) return undefined;
  if ("error" in answer.data) throw errorOf(answer.data.error.name, answer.data.error.message);
  return answer.data;
}
