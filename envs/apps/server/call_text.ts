/**
 * One API call written as text, as people and call-only agents write it.
 *
 * Contract: `app.api`, `app.api page=0 q="two words"`, `app.api(page=0)`, `app.api({page: 0})`, `app.api {"page": 0}`, and as JSON
 * `{"app", "api", "args"}` or `{"name": "app__api", "arguments"}`; a leading `apis.` and a trailing `;` do no harm. Nothing is run:
 * values are literals only.
 * Choices: a value without quotes that is no number, `true`, `false` or `null` is text up to the next space or comma, so dates, times
 * and e-mails need no quotes. Python's `True`, `False` and `None` are understood.
 *
 * @module
 */
import { type AnyNode, parseExpressionAt } from "acorn";
import type { Json } from "../../../data/canonical.ts";

/** A call that was read. */
export interface CallText {
  readonly app: string;
  readonly api: string;
  readonly args: Readonly<Record<string, Json>>;
}

/** A text is no call. */
export class CallTextError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "CallTextError";
}

const MAX_CHARACTERS = 1_000_000;
const FORM = 'write app.api key=value …, app.api({key: value}) or {"app": …, "api": …, "args": {…}}';
const WORDS: Readonly<Record<string, Json>> = {
  true: true,
  false: false,
  null: null,
  True: true,
  False: false,
  None: null,
};

function unreadable(what: string): CallTextError {
  return new CallTextError(`Cannot read the call: ${what}; ${FORM}`);
}

/** Value of a literal in a syntax tree. */
function literal(node: AnyNode): Json {
  switch (node.type) {
    case "Literal":
      if (node.value === null || ["string", "number", "boolean"].includes(typeof node.value)) return node.value as Json;
      break;
    case "Identifier":
      if (Object.hasOwn(WORDS, node.name)) return WORDS[node.name] ?? null;
      throw unreadable(`${node.name} is no value; texts in lists and objects need quotes`);
    case "UnaryExpression": {
      const value = literal(node.argument);
      if (typeof value === "number" && node.operator === "-") return -value;
      break;
    }
    case "TemplateLiteral":
      if (node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? "";
      break;
    case "ArrayExpression":
      return node.elements.map((element) => (element === null ? null : literal(element)));
    case "ObjectExpression":
      return Object.fromEntries(node.properties.map((property): [string, Json] => {
        if (property.type !== "Property" || property.computed || property.kind !== "init") {
          throw unreadable("an object may hold names and values only");
        }
        const { key } = property;
        const name = key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : undefined;
        if (name === undefined || name === "__proto__") throw unreadable("an object has a name that is not allowed");
        return [name, literal(property.value)];
      }));
  }
  throw unreadable("a value must be text, a number, true, false, null, a list or an object");
}

/** Literal that starts at a place, and where it ends. */
function literalAt(text: string, start: number): { readonly value: Json; readonly end: number } {
  try {
    const node = parseExpressionAt(text, start, { ecmaVersion: "latest" });
    return { value: literal(node), end: node.end };
  } catch (error) {
    if (error instanceof CallTextError) throw error;
    // Nesting deep enough to exhaust the parser's stack ends here too.
    throw unreadable(`the value at character ${start + 1} does not end as it should`);
  }
}

/** End of the quoted text that starts at a place. */
function quotedEnd(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === quote) return at + 1;
  }
  throw unreadable(`the quote at character ${start + 1} is never closed`);
}

/** Arguments written `key=value`, separated by spaces or commas. */
function namedArguments(text: string): Record<string, Json> {
  const args: Record<string, Json> = {};
  const separator = /[\s,]*/y;
  const name = /([A-Za-z_]\w*)\s*=\s*/y;
  const word = /[^\s,]*/y;
  for (let at = 0;;) {
    separator.lastIndex = at;
    separator.exec(text);
    at = separator.lastIndex;
    if (at >= text.length) return args;
    name.lastIndex = at;
    const key = name.exec(text)?.[1];
    if (key === undefined) throw unreadable(`expected key=value at ${JSON.stringify(text.slice(at, at + 20))}`);
    if (Object.hasOwn(args, key) || key === "__proto__") throw unreadable(`${key} is given twice or not allowed`);
    at = name.lastIndex;
    const first = text[at] ?? "";
    if (first === '"' || first === "'") {
      const end = quotedEnd(text, at);
      args[key] = literalAt(text.slice(at, end), 0).value;
      at = end;
    } else if (first === "[" || first === "{") {
      const { value, end } = literalAt(text, at);
      args[key] = value;
      at = end;
    } else {
      word.lastIndex = at;
      const found = word.exec(text)?.[0] ?? "";
      at += found.length;
      if (found === "") throw unreadable(`${key} has no value`);
      args[key] = Object.hasOwn(WORDS, found)
        ? WORDS[found] ?? null
        : /^-?(0|[1-9]\d*)(\.\d+)?$/.test(found)
        ? Number(found)
        : found;
    }
  }
}

function objectOf(value: unknown, what: string): Readonly<Record<string, Json>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw unreadable(`${what} must be one object with named arguments`);
  }
  return value as Readonly<Record<string, Json>>;
}

/** A call as JSON. */
function jsonCall(text: string): CallText {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(`it is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const call = objectOf(value, "the call");
  if (typeof call["app"] === "string" && typeof call["api"] === "string") {
    return { app: call["app"], api: call["api"], args: objectOf(call["args"] ?? call["arguments"] ?? {}, "args") };
  }
  const [, app, api] = typeof call["name"] === "string" ? /^(\w+?)(?:__|\.)(\w+)$/.exec(call["name"]) ?? [] : [];
  if (app === undefined || api === undefined) throw unreadable("it names no app and API");
  const given = call["arguments"] ?? call["args"] ?? {};
  return { app, api, args: objectOf(typeof given === "string" ? jsonOf(given) : given, "arguments") };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable("arguments is no JSON");
  }
}

/**
 * Reads a call.
 *
 * @example Words, an object, JSON
 * ```ts
 * import { parseCallText } from "whetstone/envs/apps/server/call_text.ts";
 * import assert from "node:assert/strict";
 *
 * const call = { app: "handset", api: "find_contacts", args: { q: "two words", page: 0 } };
 * assert.deepEqual(parseCallText('handset.find_contacts q="two words" page=0'), call);
 * assert.deepEqual(parseCallText('apis.handset.find_contacts({q: "two words", page: 0});'), call);
 * assert.deepEqual(parseCallText('{"app": "handset", "api": "find_contacts", "args": {"q": "two words", "page": 0}}'), call);
 * ```
 *
 * @throws {CallTextError} if it is none.
 */
export function parseCallText(text: string): CallText {
  const trimmed = text.trim().replace(/;$/, "").trim();
  if (trimmed.length > MAX_CHARACTERS) throw unreadable(`it has more than ${MAX_CHARACTERS} characters`);
  if (trimmed.startsWith("{")) return jsonCall(trimmed);
  const found = /^(?:apis\.)?([a-z]\w*)\.([a-z]\w*)\s*/.exec(trimmed);
  const [all = "", app, api] = found ?? [];
  if (app === undefined || api === undefined) throw unreadable("it does not begin with app.api");
  let rest = trimmed.slice(all.length);
  if (rest.startsWith("(")) {
    if (!rest.endsWith(")")) throw unreadable("the bracket is never closed");
    rest = rest.slice(1, -1).trim();
  } else if (rest !== "" && !/\s$/.test(all) && !rest.startsWith("{")) {
    throw unreadable(`nothing may follow ${app}.${api} without a space`);
  }
  if (!rest.startsWith("{")) return { app, api, args: namedArguments(rest) };
  const { value, end } = literalAt(rest, 0);
  if (rest.slice(end).replace(",", "").trim() !== "") {
    throw unreadable("one object with named arguments is all it takes");
  }
  return { app, api, args: objectOf(value, "what the brackets hold") };
}
