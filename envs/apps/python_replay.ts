/**
 * Calls of a reference solution as a Python program: what an agent that knew the outcome would run.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";

/** Words that cannot be names of arguments in Python and are such names here. */
const KEYWORDS = new Set(["from", "in", "is", "as", "not", "with", "for", "if", "class", "def", "global", "return"]);

/** Name of an argument in Python: keywords get an underscore, which the sandbox takes off again. */
export function pythonName(name: string): string {
  return KEYWORDS.has(name) ? `${name}_` : name;
}

/** A JSON value as a Python literal. */
export function pythonLiteral(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  // JSON's texts are Python's too: its escapes are a part of Python's.
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => pythonLiteral(item)).join(", ")}]`;
  const entries = Object.entries(value as Readonly<Record<string, Json | undefined>>);
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}: ${pythonLiteral(inner ?? null)}`).join(", ")}}`;
}

/**
 * Python source of a list of calls. Calls are made as they were made; tokens repeat, since they depend on the sign-ins before.
 *
 * @example One call
 * ```ts
 * import { pythonReplay } from "whetstone/envs/apps/python_replay.ts";
 * import assert from "node:assert/strict";
 *
 * const source = pythonReplay([{ app: "handset", api: "list_contacts", args: { page: 0, tie: "friend" } }]);
 * assert.equal(source, 'apis.handset.list_contacts(page=0, tie="friend")');
 * ```
 */
export function pythonReplay(
  calls: readonly { readonly app: string; readonly api: string; readonly args: Readonly<Record<string, Json>> }[],
): string {
  return calls.map(({ app, api, args }) => {
    const named = Object.entries(args).map(([name, value]) => `${pythonName(name)}=${pythonLiteral(value)}`);
    return `apis.${app}.${api}(${named.join(", ")})`;
  }).join("\n");
}
