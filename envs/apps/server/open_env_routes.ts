/**
 * Addresses of the OpenEnv protocol (`open_env.ts`) on a server.
 *
 * Contract: HTTP episodes are kept by `episode_id` until the server ends; without one there is a single episode, which each reset
 * replaces, so that clients that never close do not fill the server. A session of `/ws` ends with its socket.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { bodyText } from "./body_text.ts";
import { answerMessage, OpenEnvEpisode, type OpenEnvOptions, openEnvSchemas } from "./open_env.ts";
import { BodyError, WorldError } from "./protocol.ts";
import type { Capacity } from "./world_table.ts";

/** Options of {@linkcode mountOpenEnv}. */
export interface MountOpenEnvOptions extends OpenEnvOptions {
  /** Places that episodes and sessions take. */
  readonly capacity: Capacity;
}

/** Episode of requests that name none. */
const ONLY_EPISODE = "http";

/**
 * Adds the addresses to a server.
 *
 * @param app the server.
 * @param options see {@linkcode MountOpenEnvOptions}.
 * @returns a way to close all episodes.
 */
export function mountOpenEnv(app: Hono, options: MountOpenEnvOptions): { close(): Promise<void> } {
  const { capacity, source } = options;
  const make = () => new OpenEnvEpisode(options);
  const episodes = new Episodes(make, capacity);
  app.get("/health", (context) => context.json({ status: "healthy" }));
  app.get("/schema", (context) => context.json(openEnvSchemas()));
  app.get("/metadata", (context) =>
    context.json({
      name: "apps",
      description: "Tasks of a person with a phone, a wallet, notes and more, done by code that calls their APIs.",
      version: source.version,
    }));
  app.get("/state", (context) => context.json(episodes.get(context.req.query("episode_id")).state()));
  app.post("/reset", async (context) => context.json(await episodes.reset(bodyOf(await bodyText(context.req.raw)))));
  app.post("/step", async (context) => {
    const { action, episode_id: id } = bodyOf(await bodyText(context.req.raw));
    if (action === undefined) {
      throw new BodyError([{ loc: ["body", "action"], msg: "Field required", type: "missing" }]);
    }
    return context.json(await episodes.get(typeof id === "string" ? id : undefined).step(action));
  });
  app.get("/ws", (context) => openSocket(context, capacity, make));

  return episodes;
}

function bodyOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new BodyError([{ loc: ["body"], msg: "Expected a JSON object", type: "json_invalid" }]);
}

/** Episodes that are driven over HTTP, by their ids. */
class Episodes {
  readonly #byId = new Map<string, OpenEnvEpisode>();
  readonly #make: () => OpenEnvEpisode;
  readonly #capacity: Capacity;
  #last: string | undefined;

  constructor(make: () => OpenEnvEpisode, capacity: Capacity) {
    this.#make = make;
    this.#capacity = capacity;
  }

  get(id = this.#last): OpenEnvEpisode {
    const found = id === undefined ? undefined : this.#byId.get(id);
    if (found === undefined) {
      throw new WorldError(id === undefined ? "There is no episode: reset first." : `There is no episode ${id}.`);
    }
    return found;
  }

  async reset(data: Readonly<Record<string, unknown>>): Promise<unknown> {
    const given = data["episode_id"];
    const id = typeof given === "string" && given !== "" ? given : ONLY_EPISODE;
    const known = this.#byId.get(id);
    if (known === undefined && !this.#capacity.take() && !this.#evict()) {
      throw new WorldError(`All ${this.#capacity.most} worlds of this server are open; close one first.`);
    }
    const episode = known ?? this.#make();
    try {
      const result = await episode.reset({ ...data, episode_id: id });
      this.#byId.set(id, episode);
      this.#last = id;
      return result;
    } catch (error) {
      if (known === undefined) this.#capacity.give();
      throw error;
    }
  }

  /** Takes the place of the oldest episode that is over. */
  #evict(): boolean {
    const over = [...this.#byId].find(([, episode]) => episode.state().done);
    if (over === undefined) return false;
    this.#byId.delete(over[0]);
    void over[1].close();
    return true;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byId.values()].map((episode) => episode.close()));
    this.#byId.clear();
  }
}

/** Serves one session over a WebSocket. */
function openSocket(context: Context, capacity: Capacity, make: () => OpenEnvEpisode): Response {
  if (context.req.header("upgrade")?.toLowerCase() !== "websocket") {
    return context.json({ detail: "Open a WebSocket here." }, 426);
  }
  const { socket, response } = Deno.upgradeWebSocket(context.req.raw);
  if (!capacity.take()) {
    const data = {
      message: `All ${capacity.most} sessions of this server are open.`,
      code: "CAPACITY_REACHED",
      active_sessions: capacity.used,
      max_sessions: capacity.most,
    };
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "error", data }));
      socket.close();
    };
    return response;
  }
  const episode = make();
  let last: Promise<void> = Promise.resolve();
  socket.onmessage = ({ data }) => {
    last = last.then(async () => {
      const answer = await answerMessage(episode, typeof data === "string" ? data : "");
      if (socket.readyState !== WebSocket.OPEN) return;
      if (answer === undefined) socket.close(1000);
      else socket.send(answer);
    });
  };
  socket.onclose = () => {
    capacity.give();
    void episode.close();
  };
  return response;
}
