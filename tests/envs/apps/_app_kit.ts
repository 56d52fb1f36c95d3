/**
 * Calls to one app for its tests; what comes back is checked against the shape that the app declares.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Json } from "../../../data/canonical.ts";
import type { Client } from "../../../envs/apps/scenario.ts";
import type { App } from "../../../envs/apps/schema.ts";
import { shapeProblem } from "../../../envs/apps/shapes.ts";
import { refusal } from "./_kit.ts";

/** A row as an API shows it. */
export type Row = Record<string, Json>;
/** Arguments of a call. */
export type Args = Readonly<Record<string, Json>>;

const FULL_PAGE = 20;

/** Calls of one person to one app. */
export interface AppCalls {
  /** A call that gives one object. */
  one(api: string, args?: Args): Row;
  /** A call that gives a list: one page of it. */
  rows(api: string, args?: Args): Row[];
  /** All pages of a list. */
  all(api: string, args?: Args): Row[];
  /** Fails unless the call is refused with a status and a message. */
  refused(status: number, message: RegExp, api: string, args?: Args): void;
}

/** Calls with a person's client to an app. */
export function appCalls(client: Client, app: App): AppCalls {
  const one = (api: string, args: Args = {}): Row => {
    const body = client(app.name, api, args);
    const spec = app.apis.find(({ name }) => name === api);
    assert.ok(spec !== undefined);
    assert.equal(shapeProblem(spec.returns, body), undefined, api);
    return body as Row;
  };
  const rows = (api: string, args: Args = {}) => one(api, args) as unknown as Row[];
  return {
    one,
    rows,
    all(api, args = {}) {
      const found: Row[] = [];
      for (let page = 0;; page++) {
        const more = rows(api, { ...args, page, size: FULL_PAGE });
        found.push(...more);
        if (more.length < FULL_PAGE) return found;
      }
    },
    refused(status, message, api, args = {}) {
      const found = refusal(() => client(app.name, api, args));
      assert.equal(found.status, status, `${api}: ${found.message}`);
      assert.match(found.message, message);
    },
  };
}
