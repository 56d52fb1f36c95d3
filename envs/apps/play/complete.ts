/**
 * What Tab completes at the prompt: commands, apps, APIs and names of arguments.
 *
 * @module
 */
import type { Catalogue } from "../schema.ts";
import { COMMANDS } from "./commands.ts";

/** Words that may stand in place of the last part of a line. */
export interface Completion {
  readonly words: readonly string[];
  /** The part that they replace; each word begins with it. */
  readonly part: string;
}

function starting(words: Iterable<string>, part: string): Completion {
  return { words: [...words].filter((word) => word.startsWith(part)), part };
}

/** Apps, or the APIs of the app that is typed. */
function names(catalogue: Catalogue, part: string, end: string): Completion {
  const dot = part.indexOf(".");
  const apps = [...catalogue.values()];
  if (dot < 0) return starting(apps.map(({ name }) => `${name}${end}`), part);
  const app = catalogue.get(part.slice(0, dot));
  return starting((app?.apis ?? []).map(({ name }) => `${app?.name}.${name}`), part);
}

/** Names of arguments that are not there yet. */
function argumentNames(catalogue: Catalogue, app: string, api: string, rest: string): Completion {
  const params = catalogue.get(app)?.apis.find(({ name }) => name === api)?.params ?? {};
  const part = /\w*$/.exec(rest)?.[0] ?? "";
  const before = rest.slice(0, rest.length - part.length);
  // A value is being typed, not a name.
  if (!/(^|[\s,({])$/.test(before) || (before.match(/"/g) ?? []).length % 2 === 1) return { words: [], part };
  const mark = before.includes("{") ? ": " : "=";
  const given = new Set([...before.matchAll(/(\w+)\s*[=:]/g)].map(([, name]) => name));
  return starting(Object.keys(params).filter((name) => !given.has(name)).map((name) => `${name}${mark}`), part);
}

/**
 * Completes a line.
 *
 * @example An API of an app
 * ```ts
 * import { CATALOGUE } from "whetstone/envs/apps/catalogue.ts";
 * import { complete } from "whetstone/envs/apps/play/complete.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(complete(CATALOGUE, "guide.list_ap"), { words: ["guide.list_apps", "guide.list_apis"], part: "guide.list_ap" });
 * ```
 *
 * @param catalogue the apps.
 * @param line what is typed so far.
 */
export function complete(catalogue: Catalogue, line: string): Completion {
  const start = line.trimStart();
  const [, command, argument] = /^(docs|login|logout|help)\s+(\S*)$/.exec(start) ?? [];
  if (command === "docs") return names(catalogue, argument ?? "", "");
  if (command === "help") return starting(COMMANDS.map(({ name }) => name), argument ?? "");
  if (command !== undefined) {
    const apps = [...catalogue.values()].filter(({ apis }) => apis.some(({ name }) => name === "log_in"));
    return starting(apps.map(({ name }) => name), argument ?? "");
  }
  const [, app, api, rest] = /^(?:apis\.)?(\w+)\.(\w+)([\s({].*)$/s.exec(start) ?? [];
  if (app !== undefined && api !== undefined) return argumentNames(catalogue, app, api, rest ?? "");
  if (/\s/.test(start)) return { words: [], part: "" };
  const commands = starting(COMMANDS.map(({ name }) => name).filter((name) => name !== "call"), start);
  const calls = names(catalogue, start, ".");
  return { words: start.includes(".") ? calls.words : [...commands.words, ...calls.words], part: start };
}
