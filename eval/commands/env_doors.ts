/**
 * `whet env play` and `whet env serve`: the apps for a person, and for programs.
 *
 * @module
 */
import { object } from "@optique/core/constructs";
import { commandLine, message } from "@optique/core/message";
import { optional, withDefault } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { argument, command, constant, option } from "@optique/core/primitives";
import { choice, integer, string } from "@optique/core/valueparser";
import { API_FORMATS } from "../../envs/apps/api_format_names.ts";
import { printed, say, usageError } from "../terminal.ts";
import {
  type CommandContext,
  environmentOptions,
  environmentSource,
  given,
  json,
  prose,
  worldSeed,
} from "./_shared.ts";
import { inputLines } from "./_input_lines.ts";

const apps = argument(choice(["apps"], { metavar: "ENV", suggest: "nearest" }), {
  description: message`Environment.`,
});

/** `whet env play` */
export const playCommand = command(
  "play",
  object({
    command: constant("env play"),
    id: apps,
    task: optional(
      argument(string({ metavar: "TASK" }), {
        description: message`Task by id; if left out, one to choose, or the first where nobody can.`,
      }),
    ),
    split: withDefault(
      option("--split", string({ metavar: "SPLIT" }), { description: message`Split to choose from.` }),
      "dev",
    ),
    worldSeed,
    environmentOptions,
    json,
  }),
  {
    brief: message`Solve a task yourself in the terminal.`,
    description:
      prose`Show a task and read calls such as handset.now, with Tab completion of apps, APIs and arguments, a documentation,
      and a sign-in that fills in tokens. At the end each requirement is listed with whether it holds, and why not. Where standard
      input is no terminal, its lines are read.`,
    footer: message`Example: ${commandLine("whet env play apps")}`,
  },
);

/** `whet env serve` */
export const serveCommand = command(
  "serve",
  object({
    command: constant("env serve"),
    id: apps,
    port: withDefault(
      option("--port", integer({ metavar: "N", min: 0, max: 65535 }), {
        description: message`Port to listen on; 0 is any free one.`,
      }),
      8000,
    ),
    hostname: withDefault(
      option("--host", string({ metavar: "HOST" }), { description: message`Address to listen on.` }),
      "127.0.0.1",
    ),
    token: optional(
      option("--token", string({ metavar: "SECRET" }), {
        description: message`Secret that requests need, as authorization: Bearer SECRET; none if left out.`,
      }),
    ),
    language: withDefault(
      option("--language", choice(["javascript", "python", "calls"], { metavar: "LANGUAGE", suggest: "nearest" }), {
        description: message`What agents write, where a request does not say; calls is one API call a step.`,
      }),
      "javascript" as const,
    ),
    worldSeed,
    environmentOptions,
    json,
  }),
  {
    brief: message`Serve an environment to programs over HTTP.`,
    description:
      prose`Answer the environment-server protocol that AppWorld's clients speak (initialize, execute, evaluate and more) and that of
      OpenEnv (reset, step, state, and a WebSocket at /ws). Outputs of experiments are kept in results/apps-server.
      Ctrl-C ends it.`,
    footer: message`Example: ${commandLine("whet env serve apps --port 8000")}`,
  },
);

/** Runs `whet env play`. */
export async function runPlay(
  { task, split, worldSeed: seed, environmentOptions, json }: InferValue<typeof playCommand>,
  { signal }: CommandContext,
): Promise<number> {
  const { playApps } = await import("../play_apps.ts");
  const { openApps } = await import("../serve_environment.ts");
  const session = await playApps({
    ...given({ task }),
    split,
    environment: await openApps({ seed, ...await environmentSource(environmentOptions, undefined) }),
    interactive: Deno.stdin.isTerminal() && Deno.stderr.isTerminal(),
    lines: inputLines,
    show: json ? (text) => say(text.replace(/\n$/, "")) : printed,
    signal,
  });
  return json ? printed(session.json) : 0;
}

/** Runs `whet env serve`. */
export async function runServe(
  { port, hostname, token, language, worldSeed: seed, environmentOptions, json }: InferValue<typeof serveCommand>,
  { signal }: CommandContext,
): Promise<number> {
  const { openApps, serveApps } = await import("../serve_environment.ts");
  const { isLoopback } = await import("../../envs/apps/server/access.ts");
  if (!isLoopback(hostname) && token === undefined) {
    say(`Other machines can reach ${hostname}, and no --token keeps them out.`);
  }
  await serveApps({
    port,
    hostname,
    language,
    environment: await openApps({ seed, ...await environmentSource(environmentOptions, undefined) }),
    ...given({ token }),
    signal,
    onListening: (url) => {
      if (json) printed({ url });
      say(`Serving apps on ${url}\nCtrl-C ends it.`);
    },
  });
  return 0;
}

/** `whet env docs` */
export const docsCommand = command(
  "docs",
  object({
    command: constant("env docs"),
    id: apps,
    format: withDefault(
      option("--format", choice(API_FORMATS, { metavar: "FORMAT" }), {
        description: message`Form to print.`,
      }),
      "brief",
    ),
    only: optional(
      option("--app", string({ metavar: "APP" }), {
        description: message`Only the APIs of this app; all if left out.`,
      }),
    ),
  }),
  {
    brief: message`Print the APIs of an environment for people and programs.`,
    description:
      prose`Print the APIs of apps as one line each, as pages, as an OpenAPI document, as tools for function calling or the Model
      Context Protocol, or as a typed client in TypeScript or Python. All come from the declarations that calls are checked by.`,
    footer: message`Example: ${commandLine("whet env docs apps --format openapi")}`,
  },
);

/** Runs `whet env docs`. */
export async function runDocs({ format, only }: InferValue<typeof docsCommand>): Promise<number> {
  const { CATALOGUE } = await import("../../envs/apps/catalogue.ts");
  const { formatApis } = await import("../../envs/apps/api_formats.ts");
  const { APPS_VERSION } = await import("../../envs/apps/environment.ts");
  const { nearestWord } = await import("../../data/parse_input.ts");
  if (only === undefined) return printed(formatApis(CATALOGUE, format, APPS_VERSION));
  const app = CATALOGUE.get(only);
  if (app === undefined) {
    const names = [...CATALOGUE.keys()];
    const near = nearestWord(only, names);
    const hint = near === undefined ? "" : `; did you mean ${near}?`;
    return usageError(`--app: expected one of ${names.join(", ")}, got ${only}${hint}`);
  }
  return printed(formatApis(new Map([[app.name, app]]), format, APPS_VERSION));
}
