/**
 * One API call as a line of Python, for servers that run Python and agents that only call.
 *
 * @module
 */
import type { CallText } from "../server/call_text.ts";

/**
 * Code that makes a call and prints its result; `json` is a module that such servers have loaded.
 *
 * @example Arguments travel as JSON, so nothing in them is code
 * ```ts
 * import { pythonCall } from "whetstone/envs/apps/bridge/python_call.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   pythonCall({ app: "handset", api: "list_contacts", args: { page: 0 } }),
 *   'print(apis.handset.list_contacts(**json.loads("{\\"page\\":0}")))',
 * );
 * ```
 *
 * @throws {TypeError} if the name of app or API is none that code may hold.
 */
export function pythonCall({ app, api, args }: CallText): string {
  for (const name of [app, api]) {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      throw new TypeError(`${JSON.stringify(name)} cannot be the name of an app or API`);
    }
  }
  // JSON writes texts in a way that Python reads alike.
  return `print(apis.${app}.${api}(**json.loads(${JSON.stringify(JSON.stringify(args))})))`;
}
