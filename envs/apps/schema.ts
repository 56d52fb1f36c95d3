/**
 * The declarations that everything about an app is made from: tables, and APIs with their arguments, documentation and handler.
 *
 * Contract: one source of truth. Argument checks, the compact signature line, the documentation page and the list of allowed
 * names all come from the declaration, so they cannot drift apart. Handlers are synchronous and pure: they see the world of the
 * call and nothing else.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { badArgument } from "./errors.ts";
import { type Args, integer, type Param, type Params, text, withDefault } from "./params.ts";
import type { World } from "./world.ts";

/** What a column can hold, by the name of its type. `cents` is integer money. */
export interface ColumnTypes {
  text: string;
  optional_text: string | null;
  integer: number;
  cents: number;
  decimal: number;
  flag: boolean;
  text_list: readonly string[];
}

/** Columns by name. */
export type Columns = Readonly<Record<string, keyof ColumnTypes>>;

/** Values of a row's columns. */
export type Values<C extends Columns> = { readonly [K in keyof C]: ColumnTypes[C[K]] };

/** A row: its columns, its id (counted per table) and when it was made. */
export type RowOf<C extends Columns> = Values<C> & { readonly id: number; readonly made_at: string };

/** A table. */
export interface Table<C extends Columns = Columns> {
  /** `app.table`. */
  readonly name: string;
  readonly columns: C;
  /** Columns with an owner's e-mail: a row belongs to each of them. They never change. */
  readonly ownedBy: readonly string[];
  /** Columns with an id of another table, by the name of that table. */
  readonly references: Readonly<Record<string, string>>;
}

/** Options of {@linkcode table}. */
export interface TableOptions<C extends Columns> {
  /**
   * Columns with an owner's e-mail.
   *
   * @default {[]}
   */
  ownedBy?: readonly (keyof C & string)[];
  /**
   * Columns with an id of another table.
   *
   * @default {{}}
   */
  references?: Readonly<Record<string, string>>;
}

/** Declares a table; `name` is `app.table`. */
export function table<const C extends Columns>(name: string, columns: C, options: TableOptions<C> = {}): Table<C> {
  const { ownedBy = [], references = {} } = options;
  return { name, columns, ownedBy, references };
}

/** Shape of a result: an object, a list of objects, or a list of texts; each field with the name of its type. */
export type Shape = Readonly<Record<string, string>> | readonly [Readonly<Record<string, string>>] | readonly [string];

/** Sign-in and task state that a handler may touch. */
export interface CallSession {
  /** New token for an account of an app. */
  issueToken(app: string, email: string): string;
  /** Makes a token worthless. */
  voidToken(token: string): void;
  /** Records the end of the task; a second call replaces the first. */
  finish(answer: null | number | string, outcome: string): void;
  readonly instruction: string;
  readonly catalogue: Catalogue;
}

/** What a handler sees. */
export interface Call {
  readonly world: World;
  /** E-mail of the signed-in account; in APIs without a token, of the task's user. */
  readonly member: string;
  /** Frozen date and time. */
  readonly at: string;
  readonly session: CallSession;
}

/** HTTP-like method. */
export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** An API as the dispatcher sees it. */
export interface Api {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly method: Method;
  /** Whether a token is needed. */
  readonly auth: boolean;
  /** All arguments in the order of the documentation: token, required, optional, paging. */
  readonly params: Params;
  readonly returns: Shape;
  handler(call: Call, args: Readonly<Record<string, unknown>>): Json;
}

/** Declaration of an API. */
export interface ApiDeclaration<P extends Params> {
  readonly about: string;
  /** Arguments beside `token`, `page` and `size`. */
  readonly params: P;
  readonly returns: Shape;
  /**
   * Whether a token is needed.
   *
   * @default {true}
   */
  readonly auth?: boolean;
  /**
   * Whether the list comes in pages; the handler returns all rows in order, and the page is cut here.
   *
   * @default {false}
   */
  readonly paged?: boolean;
  handler(call: Call, args: Args<P>): Json;
}

/** An app. */
export interface App {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly tables: readonly Table[];
  readonly apis: readonly Api[];
}

/** All apps, by name. */
export type Catalogue = ReadonlyMap<string, App>;

/** Largest page. */
export const MAX_PAGE_SIZE = 20;
const DEFAULT_PAGE_SIZE = 5;
const TOKEN = { token: text("token of log_in") };
const PAGING = {
  page: withDefault(integer("page, from 0", 0, Number.MAX_SAFE_INTEGER), 0),
  size: withDefault(integer("rows in a page", 1, MAX_PAGE_SIZE), DEFAULT_PAGE_SIZE),
};

function methodOf(name: string): Method {
  if (/^(remove|hide)_/.test(name)) return "DELETE";
  if (/^(edit|set|mark|turn|tick|untick|pin|archive|append)_/.test(name)) return "PATCH";
  if (/^(list|get|find|read|search|my|who|current)_|^now$/.test(name)) return "GET";
  return "POST";
}

/**
 * Declares an API.
 *
 * @param name in snake_case, unique in its app.
 * @param declaration see {@linkcode ApiDeclaration}.
 */
export function api<const P extends Params>(name: string, declaration: ApiDeclaration<P>): Api {
  const { about, params, returns, auth = true, paged = false } = declaration;
  const named = Object.entries<Param<unknown>>(params);
  const ordered: Params = {
    ...(auth ? TOKEN : {}),
    ...Object.fromEntries(named.filter(([, param]) => param.required)),
    ...Object.fromEntries(named.filter(([, param]) => !param.required)),
    ...(paged ? PAGING : {}),
  };
  return {
    name,
    about,
    method: methodOf(name),
    auth,
    params: ordered,
    returns,
    handler(call, args) {
      // The dispatcher has checked the arguments against these very params, which is what the type says.
      const result = declaration.handler(call, args as Args<P>);
      if (!paged || !Array.isArray(result)) return result;
      const page = Number(args["page"]);
      const size = Number(args["size"]);
      return result.slice(page * size, (page + 1) * size);
    },
  };
}

/** Names of the arguments, as an error lists them. */
export function allowedArguments(spec: Api): string {
  const names = Object.keys(spec.params);
  return names.length === 0 ? "none" : names.join(", ");
}

/** Throws 422 if an argument's name is not one of the API's. */
export function checkArgumentNames(spec: Api, args: Readonly<Record<string, Json | undefined>>): void {
  for (const name of Object.keys(args)) {
    if (!Object.hasOwn(spec.params, name)) {
      throw badArgument(name, "there is no such argument", allowedArguments(spec));
    }
  }
}

/**
 * Checks and converts arguments.
 *
 * @throws {AgentError} 422 on a missing or wrong argument.
 */
export function checkArguments(
  spec: Api,
  args: Readonly<Record<string, Json | undefined>>,
): Readonly<Record<string, unknown>> {
  const checked: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(spec.params)) {
    const value = args[name];
    if (value === undefined || (value === null && !param.required)) {
      if (param.required) throw badArgument(name, "it is missing", param.type);
      checked[name] = param.fallback;
      continue;
    }
    const parsed = param.parse(value);
    if (parsed === undefined) throw badArgument(name, `got ${JSON.stringify(value).slice(0, 60)}`, param.type);
    checked[name] = parsed;
  }
  return checked;
}

function shapeText(shape: Shape): string {
  if (Array.isArray(shape)) {
    const item: unknown = shape[0];
    return typeof item === "string" ? `[${item}]` : `[{${Object.keys(item as object).join(", ")}}]`;
  }
  return `{${Object.keys(shape).join(", ")}}`;
}

function argumentsText(spec: Api): string {
  const names = Object.entries(spec.params).map(([name, param]) => (param.required ? name : `${name}?`));
  return names.length === 0 ? "()" : `({${names.join(", ")}})`;
}

/**
 * Compact one-line signature, e.g. `handset.now({token}) -> {at}`.
 *
 * @param app name of the app, or nothing for a line without it.
 */
export function signature(spec: Api, app?: string): string {
  return `${app === undefined ? "" : `${app}.`}${spec.name}${argumentsText(spec)} -> ${shapeText(spec.returns)}`;
}

/** Documentation page of an API. */
export function documentation(spec: Api, app: string): Json {
  return {
    app,
    api: spec.name,
    method: spec.method,
    about: spec.about,
    params: Object.entries(spec.params).map(([name, { type, required, about }]) => ({ name, type, required, about })),
    returns: spec.returns,
  };
}
