/**
 * One request to the hub: redirects, retries and messages.
 *
 * Contract: answers 429 and 5xx, and connections that break, are tried again after a growing wait, or after what `Retry-After` says;
 * other answers are not. The access token goes to the hub's own origin alone, never to the storage that it redirects to.
 *
 * @module
 */
import { retryAfterMs } from "../retry_after.ts";

/** A model could not be fetched. */
export class HubError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "HubError";
  /** HTTP status, where the server answered. */
  readonly status: number | undefined;

  /** @param status HTTP status, where the server answered. */
  constructor(message: string, options: { readonly status?: number | undefined; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.status = options.status;
  }
}

/** A moment of trouble on the way; the request is worth another try. */
export class PassingTrouble extends Error {
  /** Stable name. */
  override readonly name = "PassingTrouble";
  /** What the server wants waited, milliseconds. */
  readonly waitMs: number | undefined;

  /** @param waitMs what the server wants waited, milliseconds. */
  constructor(message: string, waitMs?: number, cause?: unknown) {
    super(message, { cause });
    this.waitMs = waitMs;
  }
}

/** How to reach a hub. */
export interface HubAccess {
  /** Repository, `owner/name`. */
  readonly repo: string;
  /** Origin of the hub. */
  readonly endpoint: string;
  /** Access token. */
  readonly token: string | undefined;
  /** Aborts everything. */
  readonly signal: AbortSignal | undefined;
  /** Most tries in a row without progress. */
  readonly tries: number;
  /** Waits; replaced in tests. */
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

const MOST_REDIRECTS = 5;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** A server may not ask for a longer wait than this; a longer one ends the download, which can be resumed later. */
const LONGEST_ASKED_WAIT_MS = 300_000;

/** Runs `attempt` until it succeeds, throws something else than {@linkcode PassingTrouble}, or fails too often in a row. */
export async function withRetries<T>(
  access: HubAccess,
  what: string,
  attempt: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  let failures = 0;
  let reached = progress();
  for (;;) {
    access.signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      access.signal?.throwIfAborted();
      if (!(error instanceof PassingTrouble)) throw error;
      if (progress() > reached) failures = 0;
      reached = progress();
      failures++;
      const wait = error.waitMs ?? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
      if (failures >= access.tries || wait > LONGEST_ASKED_WAIT_MS) {
        throw new HubError(
          `Cannot fetch ${what} of ${access.repo}: ${error.message}, ${failures} tries in a row; ` +
            "run the same command again to go on where it stopped",
          { cause: error },
        );
      }
      await access.wait(wait, access.signal);
    }
  }
}

/** A GET that follows redirects; the body of the answer is the caller's to read or cancel. */
export async function get(
  access: HubAccess,
  what: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  signal: AbortSignal | undefined = access.signal,
): Promise<Response> {
  const origin = new URL(access.endpoint).origin;
  let url = new URL(path, `${access.endpoint.replace(/\/+$/, "")}/`);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const own: Record<string, string> = access.token !== undefined && url.origin === origin
      ? { authorization: `Bearer ${access.token}` }
      : {};
    let response: Response;
    try {
      response = await fetch(url, {
        headers: { "accept-encoding": "identity", ...headers, ...own },
        redirect: "manual",
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied) {
        const hosts = new Set([new URL(access.endpoint).host, url.host]);
        throw new HubError(
          `Cannot fetch ${what} of ${access.repo}: no permission to reach ${url.host}; ` +
            `run deno with --allow-net=${[...hosts].join(",")} beside its other permissions ` +
            "(a hub may send large files from another host, which is named then)",
          { cause: error },
        );
      }
      access.signal?.throwIfAborted();
      throw new PassingTrouble(`no answer from ${url.host} (${messageOf(error)})`, undefined, error);
    }
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      url = new URL(location, url);
      continue;
    }
    if (response.ok || response.status === 416) return response;
    throw await refusal(access, what, response);
  }
  throw new HubError(
    `Cannot fetch ${what} of ${access.repo}: more than ${MOST_REDIRECTS} redirects, the last to ${url}`,
  );
}

async function refusal(access: HubAccess, what: string, response: Response): Promise<Error> {
  const { status } = response;
  const said = response.headers.get("x-error-message") ?? "";
  await response.body?.cancel();
  const detail = said === "" ? "" : ` (${said})`;
  if (status === 429 || status >= 500) {
    return new PassingTrouble(`status ${status}${detail}`, retryAfterMs(response.headers.get("retry-after")));
  }
  const page = `${access.endpoint}/${access.repo}`;
  const advice = status === 401 && access.token === undefined
    ? "there is no such repository, or it is private or gated: give an access token (environment variable HF_TOKEN)"
    : status === 401
    ? "the access token is not valid, or there is no such repository"
    : status === 403
    ? `it is gated: accept its terms at ${page} with the account of the access token`
    : status === 404
    ? "there is no such repository, revision or file: check the spelling"
    : "the server refuses it";
  return new HubError(`Cannot fetch ${what} of ${access.repo}: status ${status}${detail}; ${advice}`, { status });
}

/** Message of something thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
