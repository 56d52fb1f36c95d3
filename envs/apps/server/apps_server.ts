/**
 * The environment server: the apps over HTTP, in the words of `protocol.ts`, and in those of OpenEnv (`open_env.ts`).
 *
 * Contract: a value that answers requests; it listens nowhere by itself. Ground truth never leaves it but as verdicts. One world is
 * served one request at a time, worlds do not wait for each other. Outputs of worlds that were opened for an experiment are kept when
 * they are saved, replaced or closed, and can be scored by name of the experiment afterwards.
 * Choices: `/close` forgets the world. `/close_all` closes all, or the one that the body names. `include_details=false` leaves the
 * individual verdicts out. Evaluation cannot fail for what an agent did, so `suppress_errors` has nothing to suppress.
 * Omitted: the HTML pages, permission for pages of other sites (CORS), and servers that forward to other servers.
 *
 * @module
 */
import { Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { Json } from "../../../data/canonical.ts";
import { EnvFault, type Evaluation } from "../../contract.ts";
import { accessGuard } from "./access.ts";
import { apiDocs } from "./api_docs.ts";
import { mountOpenEnv } from "./open_env_routes.ts";
import { checkExperiment, OutputStore, type TextFiles } from "./output_store.ts";
import { bodyText, BodyTooLargeError } from "./body_text.ts";
import { BODIES, BodyError, type Language, readBody, WorldError } from "./protocol.ts";
import {
  briefOf,
  type OpenLanguage,
  scoreOutputs,
  ServedWorld,
  type StoredOutputs,
  type TaskSource,
} from "./served_world.ts";
import { completionOf, type ShownVerdict, verdictOf, verdictText } from "./verdict.ts";
import { Capacity, WorldTable } from "./world_table.ts";

/** Options of {@linkcode createAppsServer}. */
export interface AppsServerOptions {
  /** The environment. */
  readonly source: TaskSource;
  /** Where outputs of experiments are kept. */
  readonly files: TextFiles;
  /**
   * Language of worlds that name none.
   *
   * @default {"javascript"}
   */
  readonly language?: Language;
  /**
   * Address that the server listens on.
   *
   * @default {"127.0.0.1"}
   */
  readonly hostname?: string;
  /**
   * Secret that requests need.
   *
   * @default none is needed
   */
  readonly token?: string;
  /**
   * Worlds and sessions open at a time.
   *
   * @default {256}
   */
  readonly mostWorlds?: number;
  /** Makes sandboxes; by language if left out. */
  readonly openLanguage?: OpenLanguage;
}

/** A server that listens nowhere yet. */
export interface AppsServer {
  /** Answers one request; a WebSocket too, if it comes from `Deno.serve`. */
  fetch(request: Request): Response | Promise<Response>;
  /** Closes all worlds, keeping the outputs of those that belong to an experiment. */
  close(): Promise<void>;
}

/**
 * Makes a server.
 *
 * @param options see {@linkcode AppsServerOptions}.
 */
export function createAppsServer(options: AppsServerOptions): AppsServer {
  const { source, files, language = "javascript", hostname = "127.0.0.1", token, mostWorlds = 256, openLanguage } =
    options;
  const ways = openLanguage === undefined ? {} : { openLanguage };
  const store = new OutputStore(files);
  const capacity = new Capacity(mostWorlds);
  const worlds = new WorldTable(store, capacity);
  const app = new Hono();

  app.use(accessGuard({ hostname, ...(token === undefined ? {} : { token }) }));
  app.onError((error, context) => context.json({ detail: detailOf(error) }, statusOf(error)));
  app.notFound((context) => context.json({ detail: "Not Found" }, 404));

  function post<T>(path: string, schema: z.ZodType<T>, work: (body: T) => Promise<unknown> | unknown) {
    app.post(path, async (context) => {
      const output = await work(readBody(schema, await bodyText(context.req.raw)));
      return context.json({ output: output ?? null });
    });
  }

  function verdict(taskId: string, evaluation: Evaluation): ShownVerdict {
    return verdictOf(evaluation, source.task(taskId).difficulty);
  }

  /** Outputs of a task in an experiment: of the open world if it is that one, else those that were kept. */
  async function storedOutputs(
    experiment: string,
    taskId: string,
    world_id: string,
  ): Promise<StoredOutputs | undefined> {
    checkExperiment(experiment);
    try {
      return await worlds.use(world_id, taskId, ({ world, experiment: own }) => {
        if (own !== experiment) throw new WorldError("Another experiment's world.");
        return world.outputs();
      });
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      return await store.load(experiment, taskId);
    }
  }

  app.get("/", (context) => context.json({ message: `Environment server of apps ${source.version}.` }));
  app.get("/tasks/:task", (context) => context.json({ output: briefOf(source, context.req.param("task")) }));
  app.get("/api_docs", (context) => context.json(apiDocs(source.catalogue)));

  post("/initialize", BODIES.initialize, async (body) => {
    const experiment = body.experiment_name ?? undefined;
    if (experiment !== undefined) checkExperiment(experiment);
    const seconds = body.timeout_seconds ?? undefined;
    const world = await worlds.replace(body.world_id, experiment, () =>
      ServedWorld.open(source, body.task_id, {
        language: body.language ?? language,
        maxInteractions: body.max_interactions,
        limits: {
          apiCalls: body.max_api_calls_per_interaction,
          ...(seconds === undefined ? {} : { timeoutSeconds: seconds, wallClockMs: seconds * 1000 }),
        },
        refusals: body.raise_on_failure ? "raise" : "return",
        ...(typeof body.random_seed === "number" ? { randomSeed: body.random_seed } : {}),
        ...ways,
      }));
    return world.brief;
  });
  post(
    "/execute",
    BODIES.execute,
    ({ world_id, task_id, code }) => worlds.use(world_id, task_id, ({ world }) => world.execute(code)),
  );
  post(
    "/batch_execute",
    BODIES.batch_execute,
    ({ world_id, task_id, codes }) => worlds.use(world_id, task_id, ({ world }) => world.batch(codes)),
  );
  post(
    "/task_completed",
    BODIES.task,
    ({ world_id, task_id }) => worlds.use(world_id, task_id, ({ world }) => world.completed),
  );
  post("/evaluate", BODIES.evaluate, async ({ world_id, task_id, report, experiment_name: experiment }) => {
    let evaluation: Evaluation;
    if (typeof experiment === "string") {
      const outputs = await storedOutputs(experiment, task_id, world_id);
      if (outputs === undefined) throw new WorldError(`Experiment ${experiment} has no outputs of task ${task_id}.`);
      evaluation = scoreOutputs(source, outputs);
    } else evaluation = await worlds.use(world_id, task_id, ({ world }) => world.evaluate());
    return report ? verdictText(evaluation) : verdict(task_id, evaluation);
  });
  post("/evaluate_all", BODIES.evaluate_all, async ({ task_ids, experiment_name: experiment, include_details }) => {
    checkExperiment(experiment);
    const individual: Record<string, ShownVerdict> = {};
    for (const id of new Set(task_ids)) {
      briefOf(source, id);
      const untouched = { finished: null, changes: [], interactions: 0, comparable: true } as const;
      const world = source.prepared(id).start.base.hash;
      const outputs = await store.load(experiment, id) ?? { format: 1, task_id: id, world, ...untouched };
      individual[id] = verdict(id, scoreOutputs(source, outputs));
    }
    const solved = new Map(Object.entries(individual).map(([id, { success }]) => [id, success]));
    return { aggregate: completionOf(solved), ...(include_details ? { individual } : {}) };
  });
  post("/save", BODIES.task, ({ world_id, task_id }) =>
    worlds.use(world_id, task_id, async ({ world, experiment }) => {
      if (experiment !== undefined) await store.save(experiment, world);
    }));
  post(
    "/save_logs",
    BODIES.task,
    ({ world_id, task_id }) =>
      worlds.use(world_id, task_id, async ({ world, experiment }) => {
        if (experiment !== undefined) await store.saveLog(experiment, world);
      }),
  );
  post(
    "/save_state",
    BODIES.save_state,
    ({ world_id, task_id, state_id }) =>
      worlds.use(world_id, task_id, ({ world }) => world.saveState(state_id ?? undefined)),
  );
  post(
    "/load_state",
    BODIES.load_state,
    ({ world_id, task_id, state_id }) => worlds.use(world_id, task_id, ({ world }) => world.loadState(state_id)),
  );
  post("/close", BODIES.task, ({ world_id, task_id }) => worlds.close(world_id, task_id));
  post("/close_all", BODIES.close_all, ({ world_id }) => worlds.closeAll(world_id));

  const openEnv = mountOpenEnv(app, { source, language, capacity, ...ways });

  return {
    fetch: (request) => app.fetch(request),
    async close() {
      await Promise.all([worlds.closeAll(), openEnv.close()]);
    },
  };
}

function statusOf(error: unknown): ContentfulStatusCode {
  if (error instanceof BodyTooLargeError) return 413;
  return error instanceof WorldError ? 400 : error instanceof BodyError ? 422 : 500;
}

function detailOf(error: unknown): Json {
  if (error instanceof BodyError) return error.fields.map((field) => ({ ...field }));
  if (error instanceof WorldError || error instanceof BodyTooLargeError) return error.message;
  const kind = error instanceof EnvFault ? "The environment failed" : "The server failed";
  return `${kind}: ${error instanceof Error ? error.message : String(error)}`;
}
