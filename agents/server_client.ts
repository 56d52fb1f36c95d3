/**
 * Requests to a model server: JSON over HTTP with limits, retries and a count of what was used.
 *
 * Contract: at most `concurrency` requests are under way. A request is tried again when the server is busy (408, 425, 429, 5xx), when
 * the connection breaks, stalls or ends in the middle of an answer, and when an answer cannot be read; any other refusal (4xx) is final,
 * since the same request would be refused again. A server that says when to come back (Retry-After) is obeyed by all waiting requests.
 * Choices: waits double from one second to a minute, shortened by up to a half so that many clients do not come back at once.
 * Omitted: streams of tokens; whole answers are enough where nobody watches.
 *
 * @module
 */
import { retryAfterMs } from "./retry_after.ts";
import { keyedRandom } from "../data/keyed_random.ts";

/** A server cannot be used, or refused a request. */
export class ServerError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ServerError";
}

/** Trouble that may pass. */
class PassingTrouble extends Error {
  override readonly name = "PassingTrouble";
  constructor(message: string, readonly waitMs?: number, cause?: unknown) {
    super(message, { cause });
  }
}

/** Options of {@linkcode ServerClient}. */
export interface ServerClientOptions {
  /** Bearer token. @default none */
  readonly apiKey?: string | undefined;
  /** Most requests at the same time. @default {16} */
  readonly concurrency?: number | undefined;
  /** Most requests that are begun in a minute. @default no limit */
  readonly requestsPerMinute?: number | undefined;
  /** Most tries of a request. @default {6} */
  readonly tries?: number | undefined;
  /** A request that takes longer is given up and tried again, milliseconds. @default {600_000} */
  readonly timeoutMs?: number | undefined;
  /** Waits between tries. @default a timer */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** What has been used so far. */
export interface ServerUsage {
  /** Requests for completions that were answered. */
  readonly requests: number;
  /** Tries beyond the first. */
  readonly retries: number;
  /** Tokens of prompts, as the server counts them. */
  readonly promptTokens: number;
  /** Tokens of completions, as the server counts them. */
  readonly completionTokens: number;
}

const LONGEST_WAIT_MS = 60_000;
const LONGEST_PAUSE_MS = 600_000;
const BUSY = new Set([408, 425, 429]);

/** A timer that an abort ends. */
function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(id);
      reject(signal?.reason);
    };
    const id = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

/** What a refusal says, in one line. */
function refusalText(text: string): string {
  let said: unknown;
  try {
    const body: unknown = JSON.parse(text);
    const error = typeof body === "object" && body !== null && "error" in body ? body.error : body;
    said = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  } catch {
    said = text;
  }
  const line = (typeof said === "string" ? said : JSON.stringify(said) ?? "").replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** Talks to one server. */
export class ServerClient {
  readonly #options: ServerClientOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #begun = 0;
  #usage: ServerUsage = { requests: 0, retries: 0, promptTokens: 0, completionTokens: 0 };
  /** Ends when the server may be asked again. */
  #pause: Promise<void> = Promise.resolve();
  /** Ends when the rate allows the next request. */
  #slot: Promise<void> = Promise.resolve();

  /**
   * @param url address that paths are appended to, such as `http://127.0.0.1:8000/v1`.
   * @throws {RangeError} if a limit is not a positive number.
   */
  constructor(readonly url: string, options: ServerClientOptions = {}) {
    for (const name of ["concurrency", "requestsPerMinute", "tries", "timeoutMs"] as const) {
      const value = options[name];
      if (value !== undefined && !(value > 0)) {
        throw new RangeError(`Cannot use a server: ${name} must be a positive number, got ${value}`);
      }
    }
    this.#options = options;
  }

  /** Most requests at the same time. */
  get concurrency(): number {
    return this.#options.concurrency ?? 16;
  }

  /** What has been used so far. */
  get usage(): ServerUsage {
    return this.#usage;
  }

  /**
   * Posts JSON and reads JSON.
   *
   * @param path after the client's address, or a whole address.
   * @param read makes the result of the answer; what it throws is trouble that may pass.
   * @throws {ServerError} if the server refuses, or trouble does not pass; the signal's reason when aborted.
   */
  async post<T>(path: string, body: unknown, read: (answer: unknown) => T, signal?: AbortSignal): Promise<T> {
    return await this.#limited(() => this.#tried("POST", path, body, read, signal), signal);
  }

  /** Gets JSON; see {@linkcode ServerClient.post}. */
  async get<T>(path: string, read: (answer: unknown) => T, signal?: AbortSignal): Promise<T> {
    return await this.#limited(() => this.#tried("GET", path, undefined, read, signal), signal);
  }

  async #limited<T>(use: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.#running >= this.concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      signal?.throwIfAborted();
      return await use();
    } finally {
      // The place goes to the next one waiting, or is free.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #tried<T>(
    method: string,
    path: string,
    body: unknown,
    read: (answer: unknown) => T,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { tries = 6, wait = timer } = this.#options;
    const number = this.#begun++;
    for (let attempt = 1;; attempt++) {
      await this.#mayBegin(signal);
      try {
        const answer = await this.#once(method, path, body, signal);
        const result = readAnswer(answer, read);
        // Questions about the server itself cost nothing.
        if (method === "POST" && path.startsWith("/")) this.#count(answer);
        return result;
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof PassingTrouble)) throw error;
        if (attempt >= tries) {
          throw new ServerError(
            `Cannot get an answer from ${
              this.#address(path)
            } in ${tries} tries: ${error.message}; check that the server runs and is not overloaded`,
            { cause: error },
          );
        }
        this.#usage = { ...this.#usage, retries: this.#usage.retries + 1 };
        const jitter = 1 - keyedRandom("retry", number, attempt).uniform() / 2;
        const backoff = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (attempt - 1)) * jitter;
        if (error.waitMs === undefined) await wait(backoff, signal);
        else this.#pause = Promise.all([this.#pause, wait(error.waitMs, signal)]).then(() => {}, () => {});
      }
    }
  }

  /** Waits for the end of a pause that the server asked for, and for the rate. */
  async #mayBegin(signal: AbortSignal | undefined): Promise<void> {
    await this.#pause;
    const { requestsPerMinute, wait = timer } = this.#options;
    if (requestsPerMinute !== undefined) {
      const slot = this.#slot;
      // An abort is thrown below; the next request of another call must not meet it here.
      this.#slot = slot.then(() => wait(60_000 / requestsPerMinute, signal)).catch(() => {});
      await slot;
    }
    signal?.throwIfAborted();
  }

  #address(path: string): string {
    return /^https?:/.test(path) ? path : `${this.url}${path}`;
  }

  async #once(method: string, path: string, body: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    const { apiKey, timeoutMs = 600_000 } = this.#options;
    const address = this.#address(path);
    const stall = new AbortController();
    const id = setTimeout(() => stall.abort(), timeoutMs);
    try {
      const response = await fetch(address, {
        method,
        headers: {
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? stall.signal : AbortSignal.any([signal, stall.signal]),
      });
      const text = await response.text();
      if (response.ok) return JSON.parse(text);
      const said = `${response.status} ${refusalText(text)}`;
      if (BUSY.has(response.status) || response.status >= 500) {
        const asked = retryAfterMs(response.headers.get("retry-after"));
        throw new PassingTrouble(said, asked === undefined ? undefined : Math.min(LONGEST_PAUSE_MS, asked));
      }
      const hint = response.status === 401 || response.status === 403
        ? "; set WHET_API_KEY or OPENAI_API_KEY to a key of the server"
        : "";
      throw new ServerError(`Cannot get an answer from ${address}: it refused with ${said}${hint}`);
    } catch (error) {
      if (error instanceof ServerError || error instanceof PassingTrouble) throw error;
      signal?.throwIfAborted();
      if (error instanceof Deno.errors.NotCapable) throw notAllowed(address, error);
      if (stall.signal.aborted) throw new PassingTrouble(`no answer came in ${timeoutMs / 1000} s`, undefined, error);
      throw new PassingTrouble(error instanceof Error ? error.message : String(error), undefined, error);
    } finally {
      clearTimeout(id);
    }
  }

  #count(answer: unknown): void {
    const usage = typeof answer === "object" && answer !== null && "usage" in answer ? answer.usage : undefined;
    const number = (name: string) => {
      const value = typeof usage === "object" && usage !== null ? (usage as Record<string, unknown>)[name] : undefined;
      return typeof value === "number" ? value : 0;
    };
    this.#usage = {
      requests: this.#usage.requests + 1,
      retries: this.#usage.retries,
      promptTokens: this.#usage.promptTokens + number("prompt_tokens"),
      completionTokens: this.#usage.completionTokens + number("completion_tokens"),
    };
  }
}

function readAnswer<T>(answer: unknown, read: (answer: unknown) => T): T {
  try {
    return read(answer);
  } catch (error) {
    if (error instanceof ServerError) throw error;
    throw new PassingTrouble(error instanceof Error ? error.message : String(error), undefined, error);
  }
}

/** The error for a server that the process may not reach, with the command that allows it. */
function notAllowed(address: string, cause: unknown): ServerError {
  const { host } = new URL(address);
  return new ServerError(
    `Cannot reach ${host}: the permissions of deno.json allow 127.0.0.1 only; to allow it, run: ` +
      `deno run -P --quiet --allow-net=127.0.0.1,${host} cli.ts …`,
    { cause },
  );
}
