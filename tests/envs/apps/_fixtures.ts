/**
 * A small stage for tests of the apps: one base world, people by number, and calls that unwrap replies.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Json } from "../../../data/canonical.ts";
import type { ApiCall } from "../../../envs/contract.ts";
import { apiNames, TABLES } from "../../../envs/apps/catalogue.ts";
import { generateWorld } from "../../../envs/apps/generate.ts";
import type { Principal, Row } from "../../../envs/apps/scenario.ts";
import { AppSession } from "../../../envs/apps/session.ts";
import type { BaseWorld, World } from "../../../envs/apps/world.ts";

export const AT = "2027-03-20T12:00:00";

/** Made once: base worlds are frozen. */
export const base: BaseWorld = generateWorld(1);

export const principals: readonly Principal[] = base.people.filter((person) => person.hasAccounts);

export function principal(index: number): Principal {
  const found = principals[index];
  assert.ok(found !== undefined);
  return found;
}

export function newSession(index = 0, world: World = base.open(AT)): AppSession {
  return new AppSession(world, principal(index), "Do something.");
}

/** Rows of a table by name, optionally those of an owner. */
export function rowsIn(world: World, name: string, owner?: string): readonly Row[] {
  const spec = TABLES.get(name);
  assert.ok(spec !== undefined, `there is no table ${name}`);
  return world.rows(spec, owner) as readonly unknown[] as readonly Row[];
}

/** Objects of a JSON list. */
export type Rows = Record<string, Json>[];

/** Body of a call that must succeed. */
export function ok(session: AppSession, app: string, api: string, args: Json = {}): Json {
  const { status, body } = session.call(app, api, args);
  assert.equal(status, 200, `${app}.${api} answered ${status} ${JSON.stringify(body)}`);
  assert.equal(session.fault, undefined);
  return body;
}

export function rowsOf(session: AppSession, app: string, api: string, args: Json = {}): Rows {
  return ok(session, app, api, args) as Rows;
}

/** Message of a call that must be refused. */
export function refused(session: AppSession, status: number, app: string, api: string, args: Json = {}): string {
  const reply = session.call(app, api, args);
  assert.equal(reply.status, status, JSON.stringify(reply.body));
  assert.equal(session.fault, undefined);
  return (reply.body as { message: string }).message;
}

/** Signs in with the stored password. */
export function signIn(session: AppSession, app: string): string {
  const login = rowsOf(session, "principal", "my_logins").find((row) => row["app"] === app);
  assert.ok(login !== undefined);
  const { user = null, password = null } = login;
  return (ok(session, app, "log_in", { user, password }) as { token: string }).token;
}

/** Runs agent code in this very realm; enough for tests of what lies around a sandbox. */
export function fakeSandbox(options: {
  readonly call: (app: string, api: string, args: Json) => { status: number; body: Json };
}) {
  const globals: Record<string, unknown> = {};
  const run = (code: string) => {
    const calls: ApiCall[] = [];
    const printed: string[] = [];
    const apis = Object.fromEntries(
      Object.entries(apiNames()).map(([app, names]) => [
        app,
        Object.fromEntries(names.map((api) => [api, (given: Json = {}) => {
          const args = JSON.parse(JSON.stringify(given)) as Json;
          const { status, body } = options.call(app, api, args);
          calls.push({ app, api, args, status });
          if (status !== 200) throw new Error(`Response status code is ${status}:\n${JSON.stringify(body)}`);
          return JSON.parse(JSON.stringify(body)) as Json;
        }])),
      ]),
    );
    const print = (value: unknown) => printed.push(typeof value === "string" ? value : JSON.stringify(value));
    try {
      new Function("apis", "print", "globals", code)(apis, print, globals);
    } catch (error) {
      return { observation: String(error), ok: false, calls, traces: [] };
    }
    return { observation: printed.join("\n") || "Execution successful.", ok: true, calls, traces: [] };
  };
  return Promise.resolve({ preload: (source: string) => run(source).ok, execute: run, dispose: () => {} });
}
