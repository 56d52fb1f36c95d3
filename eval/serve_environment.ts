/**
 * `whet env serve`: the environment server (`envs/apps/server/apps_server.ts`) on a port.
 *
 * Contract: listens until the signal is aborted, then closes all worlds, keeping the outputs of those that belong to an experiment.
 *
 * @module
 */
import { AppsEnvironment } from "../envs/apps/environment.ts";
import { createEnvironment, type CreateEnvironmentOptions } from "../envs/registry.ts";
import { createAppsServer } from "../envs/apps/server/apps_server.ts";
import { OUTPUTS_FOLDER, textFiles } from "../envs/apps/server/output_store.ts";
import type { Language } from "../envs/apps/server/protocol.ts";

/**
 * The apps by the registry, with options as the command line has them.
 *
 * @param options see {@linkcode CreateEnvironmentOptions}.
 * @throws {InputError} if an option is not one of the environment's.
 */
export async function openApps(options: CreateEnvironmentOptions): Promise<AppsEnvironment> {
  const environment = await createEnvironment("apps", options);
  if (environment instanceof AppsEnvironment) return environment;
  throw new TypeError("apps is another environment than expected");
}

/** Options of {@linkcode serveApps}. */
export interface ServeAppsOptions {
  /** Port; 0 is any free one. */
  readonly port: number;
  /** Address to listen on. */
  readonly hostname: string;
  /** Secret that requests need; none if left out. */
  readonly token?: string;
  /** Language of worlds that name none. */
  readonly language: Language;
  /** The environment; see {@linkcode openApps}. */
  readonly environment: AppsEnvironment;
  /**
   * Folder of the outputs of experiments.
   *
   * @default {"results/apps-server"}
   */
  readonly outputs?: string;
  /** Ends the server. */
  readonly signal: AbortSignal;
  /** Gets the address once the server listens. */
  readonly onListening: (url: string) => void;
}

/** The wanted port cannot be listened on. */
export class ServerPortError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "ServerPortError";
}

/**
 * Serves the apps until the signal is aborted.
 *
 * @param options see {@linkcode ServeAppsOptions}.
 * @throws {ServerPortError} if the port is taken or may not be used.
 */
export async function serveApps(options: ServeAppsOptions): Promise<void> {
  const { port, hostname, token, language, environment, outputs = OUTPUTS_FOLDER, signal, onListening } = options;
  if (signal.aborted) return;
  const server = createAppsServer({
    source: environment,
    files: textFiles(outputs),
    language,
    hostname,
    ...(token === undefined ? {} : { token }),
  });
  let listener: Deno.HttpServer<Deno.NetAddr>;
  try {
    listener = Deno.serve({ hostname, port, signal, onListen: () => {} }, (request) => server.fetch(request));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ServerPortError(`Cannot listen on ${hostname}:${port}: ${why}; give another --port`, { cause });
  }
  const name = hostname.includes(":") ? `[${hostname}]` : hostname;
  onListening(`http://${name}:${listener.addr.port}`);
  await listener.finished;
  await server.close();
}
