/**
 * The declarations that everything about an app is made from: tables, and APIs with their arguments, documentation and handler.
 *
 * Contract: one source of truth. Argument checks, the compact signature line, the documentation page, the schemas of
 * `api_formats.ts` and the list of allowed names all come from the declaration, so they cannot drift apart. Handlers are synchronous
 * and pure: they see the world of the call and nothing else.
 * Lists ({@linkcode list}) apply, in this order: the handler's own filters, then the ranking by `q` or the default order, then the
 * page, then `order`; so with both `q` and `order` the order holds within the page only.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { badArgument } from "./errors.ts";
import { anyText, type Args, choice, integer, optional, type Param, type Params, text, withDefault } from "./params.ts";
import { rank } from "./search.ts";
import { type Shape, shapeLine } from "./shapes.ts";
import type { World } from "./world.ts";

export type { Shape } from "./shapes.ts";

/** What a column can hold, by the name of its type. `cents` is integer money. */
export interface ColumnTypes {
  text: string;
  optional_text: string | null;
  integer: number;
  optional_integer: number | null;
  cents: number;
  decimal: number;
  flag: boolean;
  text_list: readonly string[];
  integer_list: readonly number[];
  /** Any JSON, such as a product's specifications. */
  json: Json;
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
  /** Columns that rows can be found by quickly; they may change. */
  readonly indexes: readonly string[];
  /** Columns that do not count when end states are compared, such as when a row was last edited. */
  readonly uncompared: readonly string[];
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
  /**
   * Columns that {@linkcode World.rowsWhere} is asked for.
   *
   * @default {[]}
   */
  indexes?: readonly (keyof C & string)[];
  /**
   * Columns that are bookkeeping and do not count when end states are compared.
   *
   * @default {[]}
   */
  uncompared?: readonly (keyof C & string)[];
}

/** Declares a table; `name` is `app.table`. */
export function table<const C extends Columns>(name: string, columns: C, options: TableOptions<C> = {}): Table<C> {
  const { ownedBy = [], references = {}, indexes = [], uncompared = [] } = options;
  return { name, columns, ownedBy, references, indexes, uncompared };
}

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
  /** E-mail of the file store's account whose `stow_token` was given; the member where the API touches no files. */
  readonly stow: string;
  /** Frozen date and time. */
  readonly at: string;
  readonly session: CallSession;
}

/** HTTP-like method. */
export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** How a list can be searched and ordered. */
export interface ListFeatures {
  readonly searchable: boolean;
  /** Fields that `order` takes. */
  readonly orders: readonly string[];
}

/** An API as the dispatcher sees it. */
export interface Api {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly method: Method;
  /** Whether a token is needed. */
  readonly auth: boolean;
  /** Whether a token of the file store is needed too. */
  readonly files: boolean;
  /** Only for lists in pages. */
  readonly list: ListFeatures | undefined;
  /** All arguments in the order of the documentation: token, required, optional, token of the file store, query, paging, order. */
  readonly params: Params;
  readonly returns: Shape;
  /** Tables of other apps that a call may write, by name. */
  readonly effects: readonly string[];
  handler(call: Call, args: Readonly<Record<string, unknown>>): Json;
}

/** What declarations of both kinds of API have. */
interface DeclarationBase<P extends Params> {
  readonly about: string;
  /** Arguments beside tokens, `page`, `size`, `q` and `order`. */
  readonly params: P;
  readonly returns: Shape;
  /**
   * Whether a token is needed.
   *
   * @default {true}
   */
  readonly auth?: boolean;
  /**
   * Whether a token of the file store is needed too (`stow_token`).
   *
   * @default {false}
   */
  readonly files?: boolean;
  /**
   * Tables of other apps that a call may write, by name.
   *
   * @default {[]}
   */
  readonly effects?: readonly string[];
  /**
   * HTTP-like method.
   *
   * @default {by the first word of the name}
   */
  readonly method?: Method;
}

/** Declaration of an API. */
export interface ApiDeclaration<P extends Params> extends DeclarationBase<P> {
  handler(call: Call, args: Args<P>): Json;
}

/** Declaration of a list in pages. */
export interface ListDeclaration<P extends Params, T extends object> extends DeclarationBase<P> {
  /** All items that pass the filters, in the default order, ties by id. */
  rows(call: Call, args: Args<P>): readonly T[];
  /** How an item is shown; called for the items of the page only. */
  view(item: T, call: Call): Json;
  /**
   * Text of an item that `q` is looked for in; makes the list searchable. Depends on the item alone.
   *
   * @default {no search}
   */
  readonly search?: (item: T) => string;
  /**
   * Fields that `order` takes, with the value of an item.
   *
   * @default {no orders}
   */
  readonly orders?: Readonly<Record<string, (item: T) => string | number>>;
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
/** Rows of a page where the caller names no number. */
export const DEFAULT_PAGE_SIZE = 5;
const TOKEN = { token: text("token of log_in") };
const STOW_TOKEN = { stow_token: text("token of stowbox.log_in") };
const PAGING = {
  page: withDefault(integer("page, from 0", 0, Number.MAX_SAFE_INTEGER), 0),
  size: withDefault(integer("rows in a page", 1, MAX_PAGE_SIZE), DEFAULT_PAGE_SIZE),
};
const SEARCH = { q: optional(anyText("words; best matches come first, all others follow")) };

function methodOf(name: string): Method {
  if (/^(remove|hide|clear|empty|purge|unshare|unfollow|unheart|unpin|untag|unblock|drop|leave)(_|$)/.test(name)) {
    return "DELETE";
  }
  if (
    /^(edit|set|mark|turn|tick|untick|pin|archive|unarchive|append|rename|move|star|unstar|pause|finish|reopen|assign|unassign|snooze|unsnooze|change|restore)(_|$)/
      .test(name)
  ) {
    return "PATCH";
  }
  if (/^(list|get|find|read|search|my|who|current|path|compare|quote|check|track|suggest)(_|$)|^now$/.test(name)) {
    return "GET";
  }
  return "POST";
}

function declared<P extends Params>(
  name: string,
  declaration: DeclarationBase<P>,
  more: Params,
): Omit<Api, "handler" | "list"> {
  const { about, params, returns, auth = true, files = false, effects = [], method = methodOf(name) } = declaration;
  const named = Object.entries<Param<unknown>>(params);
  const ordered: Params = {
    ...(auth ? TOKEN : {}),
    ...Object.fromEntries(named.filter(([, param]) => param.required)),
    ...Object.fromEntries(named.filter(([, param]) => !param.required)),
    ...(files ? STOW_TOKEN : {}),
    ...more,
  };
  return { name, about, method, auth, files, params: ordered, returns, effects };
}

/**
 * Declares an API.
 *
 * @param name in snake_case, unique in its app.
 * @param declaration see {@linkcode ApiDeclaration}.
 */
export function api<const P extends Params>(name: string, declaration: ApiDeclaration<P>): Api {
  return {
    ...declared(name, declaration, {}),
    list: undefined,
    // The dispatcher has checked the arguments against these very params, which is what the type says.
    handler: (call, args) => declaration.handler(call, args as Args<P>),
  };
}

/** Items by a field, descending if the order starts with a minus; ties stay in place. */
function sorted<T>(items: readonly T[], valueOf: (item: T) => string | number, descending: boolean): T[] {
  const sign = descending ? -1 : 1;
  return items.map((item, i) => ({ item, i, value: valueOf(item) }))
    .sort((a, b) => (a.value < b.value ? -sign : a.value > b.value ? sign : a.i - b.i))
    .map(({ item }) => item);
}

/**
 * Declares a list in pages.
 *
 * @param name in snake_case, unique in its app.
 * @param declaration see {@linkcode ListDeclaration}.
 */
export function list<const P extends Params, T extends object>(name: string, declaration: ListDeclaration<P, T>): Api {
  const { rows, view, search, orders = {} } = declaration;
  const fields = Object.keys(orders);
  const choices = fields.flatMap((field) => [`+${field}`, `-${field}`]);
  const more: Params = {
    ...(search === undefined ? {} : SEARCH),
    ...PAGING,
    ...(fields.length === 0 ? {} : { order: optional(choice("order: a field, ascending + or descending -", choices)) }),
  };
  return {
    ...declared(name, declaration, more),
    list: { searchable: search !== undefined, orders: fields },
    handler(call, args) {
      const items = rows(call, args as Args<P>);
      const page = Number(args["page"]);
      const size = Number(args["size"]);
      const q = typeof args["q"] === "string" && args["q"].trim() !== "" ? args["q"] : undefined;
      const order = typeof args["order"] === "string" ? args["order"] : undefined;
      const valueOf = order === undefined ? undefined : orders[order.slice(1)];
      const arrange = (some: readonly T[]) =>
        valueOf === undefined ? some : sorted(some, valueOf, order?.startsWith("-") === true);
      const cut = (some: readonly T[]) => some.slice(page * size, (page + 1) * size);
      const shown = q !== undefined && search !== undefined
        ? arrange(cut(rank(items, q, search)))
        : cut(arrange(items));
      return shown.map((item) => view(item, call));
    },
  };
}

/** Names of the arguments, as an error lists them. */
function allowedArguments(spec: Api): string {
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
  return `${app === undefined ? "" : `${app}.`}${spec.name}${argumentsText(spec)} -> ${shapeLine(spec.returns)}`;
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
