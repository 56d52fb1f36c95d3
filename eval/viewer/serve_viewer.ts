/**
 * Serves the viewer on this machine, for the person who started it.
 *
 * Contract: listens on 127.0.0.1 only, until the signal is aborted; the address that is handed over holds a token that is new with each
 * start (`access.ts`). The record is only read, also while a run is writing it.
 *
 * @module
 */
import { accessKeys } from "./access.ts";
import { createViewer, type Viewer } from "./viewer_app.ts";

/** Port that is tried first: one that is the same at every start makes a tab of the last time find the server again. */
export const DEFAULT_VIEWER_PORT = 4318;

/** Options of {@linkcode serveViewer}. */
export interface ServeViewerOptions {
  /** Folder with the record and the checkpoints. */
  readonly workspace: string;
  /**
   * Port; 0 is any free one.
   *
   * @default {4318, or any free one if that is taken}
   */
  readonly port?: number;
  /** Ends the server. */
  readonly signal: AbortSignal;
  /** Gets the address to open, token included, once the server listens. */
  readonly onListening: (url: string) => void;
}

/** The wanted port cannot be listened on. */
export class ViewerPortError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ViewerPortError";
}

/**
 * Serves the viewer until the signal is aborted.
 *
 * @example Who has no token sees nothing
 * ```ts
 * import { serveViewer } from "whetstone/eval/viewer/serve_viewer.ts";
 * import assert from "node:assert/strict";
 *
 * const stop = new AbortController();
 * const { promise: listening, resolve: onListening } = Promise.withResolvers<string>();
 * const server = serveViewer({ workspace: "results/workspace", port: 0, signal: stop.signal, onListening });
 * const { origin } = new URL(await listening);
 * const response = await fetch(origin);
 * assert.equal(response.status, 401);
 * await response.body?.cancel();
 * stop.abort();
 * await server;
 * ```
 *
 * @param options see {@linkcode ServeViewerOptions}.
 * @throws {ViewerPortError} if the port is taken or may not be used.
 */
export async function serveViewer(options: ServeViewerOptions): Promise<void> {
  const { workspace, port: wanted, signal, onListening } = options;
  if (signal.aborted) return;
  const keys = accessKeys();
  for (const port of wanted === undefined ? [DEFAULT_VIEWER_PORT, 0] : [wanted]) {
    const viewer = Promise.withResolvers<Viewer>();
    let server: Deno.HttpServer<Deno.NetAddr>;
    try {
      server = Deno.serve(
        { hostname: "127.0.0.1", port, signal, onListen: () => {} },
        async (request) => (await viewer.promise).fetch(request),
      );
    } catch (cause) {
      if (wanted === undefined && port !== 0) continue;
      throw new ViewerPortError(
        `Cannot listen on 127.0.0.1:${port}: ${
          cause instanceof Error ? cause.message : cause
        }; give another --port, or none`,
        { cause },
      );
    }
    // Known only now where the system picked it; hosts and cookies are checked against it.
    viewer.resolve(createViewer({ workspace, port: server.addr.port, keys }));
    onListening(`http://127.0.0.1:${server.addr.port}/?token=${keys.token}`);
    await server.finished;
    return;
  }
}
