/**
 * A server without sockets for tests: real tasks, outputs in a map, and requests by path.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Json } from "../../../../data/canonical.ts";
import type { Task } from "../../../../envs/contract.ts";
import { oracleActions } from "../../../../envs/conformance.ts";
import { AppsEnvironment } from "../../../../envs/apps/environment.ts";
import type { Scenario } from "../../../../envs/apps/scenario.ts";
import { type AppsServer, type AppsServerOptions, createAppsServer } from "../../../../envs/apps/server/apps_server.ts";
import type { TextFiles } from "../../../../envs/apps/server/output_store.ts";

/** Add an alarm: one write, in words that a person can follow. */
const addAlarm: Scenario = {
  family: "doors/add_alarm",
  split: "dev",
  difficulty: 2,
  apps: ["handset"],
  setup({ random }) {
    const time = `0${random.int(5, 9)}:${random.int(10, 59)}`;
    const code = [
      'const login = apis.principal.my_logins().find(({ app }) => app === "handset");',
      "const { token } = apis.handset.log_in({ user: login.user, password: login.password });",
      `apis.handset.add_alarm({ token, time: "${time}", label: "up" });`,
      "apis.principal.finish_task();",
    ];
    return {
      instruction: `Wake me at ${time}, label "up".`,
      answer: null,
      intend: (client) => void client("handset", "add_alarm", { time, label: "up" }),
      solution: { kind: "actions", actions: [code.join("\n")] },
    };
  },
};

/** Made once: worlds are forked, never changed. */
export const environment = await AppsEnvironment.create({ profile: "tiny", scenarios: [addAlarm], cache: null });

/** The three siblings. */
export const tasks: readonly Task[] = environment.tasks("dev");

export function taskAt(index: number): Task {
  const task = tasks[index];
  assert.ok(task !== undefined);
  return task;
}

/** Code that solves a task. */
export async function solutionOf(task: Task): Promise<string> {
  const episode = await environment.open(task);
  const solution = episode.solution();
  episode.close();
  assert.ok(solution !== undefined);
  return oracleActions(solution).join("\n");
}

/** Files in a map. */
export function mapFiles(): TextFiles & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    write: (path, text) => Promise.resolve(void texts.set(path, text)),
    read: (path) => Promise.resolve(texts.get(path)),
  };
}

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** A server with ways to ask it. */
export interface TestServer {
  readonly server: AppsServer;
  readonly files: ReturnType<typeof mapFiles>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: Json, headers?: Record<string, string>): Promise<Answer>;
  /** Output of a request that must succeed. */
  output(path: string, body?: Json): Promise<Json>;
}

export function testServer(options: Partial<AppsServerOptions> = {}): TestServer {
  const files = mapFiles();
  const server = createAppsServer({ source: environment, files, ...options });
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await server.fetch(new Request(`http://127.0.0.1:8000${path}`, init));
    return { status: response.status, body: await response.json() as Json };
  };
  const post = (path: string, body?: Json, headers: Record<string, string> = {}) =>
    ask(path, { method: "POST", headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return {
    server,
    files,
    get: (path, headers = {}) => ask(path, { headers }),
    post,
    async output(path, body) {
      const answer = await post(path, body);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return (answer.body as { output: Json }).output;
    },
  };
}
