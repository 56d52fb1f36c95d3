/**
 * Argument types of APIs: how a JSON value is checked, converted and described.
 *
 * Contract: `parse` returns undefined for a value that breaks the rule and never throws; `type` is what the documentation shows,
 * `schema` the same as JSON Schema (what outside validators check; `parse` may be stricter).
 * Choices: no conversions between types (`"5"` is not an integer), since silent ones hide an agent's errors; money is a decimal
 * with at most 2 places outside and integer cents inside.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { isDate } from "./calendar.ts";

/** A JSON Schema (draft 2020-12), as far as arguments and results need it. */
export type JsonSchema = { readonly [key: string]: Json };

/** One argument of an API. */
export interface Param<T> {
  /** Type as documented, e.g. `integer from 1 to 20` or `"in"|"out"`. */
  readonly type: string;
  readonly schema: JsonSchema;
  readonly about: string;
  readonly required: boolean;
  /** Value when the argument is left out or null; undefined where a required one would be. */
  readonly fallback: T | undefined;
  /** Checked and converted value, or undefined if the rule is broken. */
  parse(value: Json): T | undefined;
}

/** Arguments by name. */
export type Params = Readonly<Record<string, Param<unknown>>>;

/** Checked arguments of a parameter list. */
export type Args<P extends Params> = { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never };

/** Largest amount of money in one call, cents. */
const MOST_CENTS = 1e9;
/** First and last day that an open period means. */
export const FIRST_DAY = "1900-01-01";
/** See {@linkcode FIRST_DAY}. */
export const LAST_DAY = "2999-12-31";

const DATE_PATTERN = "^\\d{4}-\\d{2}-\\d{2}$";
const TIME_PATTERN = "^([01]\\d|2[0-3]):[0-5]\\d$";

function param<T>(type: string, schema: JsonSchema, about: string, parse: (value: Json) => T | undefined): Param<T> {
  return { type, schema, about, required: true, fallback: undefined, parse };
}

/** The same argument, but one may leave it out. */
export function optional<T>(inner: Param<T>): Param<T | undefined> {
  return { ...inner, required: false, fallback: undefined };
}

/** The same argument with a value for when it is left out. */
export function withDefault<T extends Json>(inner: Param<T>, fallback: T): Param<T> {
  const shown = JSON.stringify(fallback);
  return {
    ...inner,
    required: false,
    fallback,
    type: `${inner.type}, default ${shown}`,
    schema: { ...inner.schema, default: fallback },
  };
}

/** Text of at least one character that is not a space. */
export function text(about: string): Param<string> {
  return param(
    "text",
    { type: "string", minLength: 1 },
    about,
    (value) => typeof value === "string" && value.trim() !== "" ? value : undefined,
  );
}

/** Text that may be empty. */
export function anyText(about: string): Param<string> {
  return param(
    "text, may be empty",
    { type: "string" },
    about,
    (value) => typeof value === "string" ? value : undefined,
  );
}

const isEmail = (value: Json): value is string => typeof value === "string" && /^[^@\s]+@[^@\s]+$/.test(value);

/** E-mail address. */
export function email(about: string): Param<string> {
  return param("e-mail", { type: "string", format: "email" }, about, (value) => isEmail(value) ? value : undefined);
}

function listOf<T>(
  type: string,
  item: JsonSchema,
  about: string,
  least: number,
  isItem: (value: Json) => boolean,
): Param<readonly T[]> {
  const schema = { type: "array", items: item, minItems: least, uniqueItems: true };
  return param(least > 0 ? `list of ${type}s, not empty` : `list of ${type}s`, schema, about, (value) => {
    if (!Array.isArray(value) || value.length < least || !value.every(isItem)) return undefined;
    return new Set(value).size === value.length ? value as unknown as readonly T[] : undefined;
  });
}

/** One or more different e-mail addresses. */
export function emails(about: string, least: 0 | 1 = 1): Param<readonly string[]> {
  return listOf("e-mail", { type: "string", format: "email" }, about, least, isEmail);
}

/** Different texts. */
export function texts(about: string, least: 0 | 1 = 0): Param<readonly string[]> {
  return listOf(
    "text",
    { type: "string", minLength: 1 },
    about,
    least,
    (value) => typeof value === "string" && value.trim() !== "",
  );
}

/** Different ids of rows. */
export function rowIds(about: string, least: 0 | 1 = 1): Param<readonly number[]> {
  return listOf(
    "integer",
    { type: "integer", minimum: 1 },
    about,
    least,
    (value) => typeof value === "number" && Number.isInteger(value) && value >= 1,
  );
}

/** Whole number in [low, high]. */
export function integer(about: string, low: number, high: number): Param<number> {
  const unbounded = high === Number.MAX_SAFE_INTEGER;
  const type = unbounded ? `integer from ${low}` : `integer from ${low} to ${high}`;
  const schema = { type: "integer", minimum: low, ...(unbounded ? {} : { maximum: high }) };
  return param(
    type,
    schema,
    about,
    (value) =>
      typeof value === "number" && Number.isInteger(value) && value >= low && value <= high ? value : undefined,
  );
}

/** Number in [low, high]. */
export function decimal(about: string, low: number, high: number): Param<number> {
  return param(
    `number from ${low} to ${high}`,
    { type: "number", minimum: low, maximum: high },
    about,
    (value) => typeof value === "number" && value >= low && value <= high ? value : undefined,
  );
}

/** Id of a row. */
export function rowId(about: string): Param<number> {
  return integer(about, 1, Number.MAX_SAFE_INTEGER);
}

/** Cents of a decimal amount, or undefined where it has more than 2 places or is out of range. */
function centsOf(value: Json, least: number): number | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  const cents = Math.round(value * 100);
  // 12.35 * 100 is 1234.9999…: a tolerance far below a cent lets binary fractions through.
  return cents >= least && cents <= MOST_CENTS && Math.abs(value * 100 - cents) < 1e-6 ? cents : undefined;
}

/** Amount of money above 0; parsed to integer cents. */
export function money(about: string): Param<number> {
  const schema = { type: "number", exclusiveMinimum: 0, multipleOf: 0.01 };
  return param("amount above 0 with at most 2 decimals", schema, about, (value) => centsOf(value, 1));
}

/** Amount of money from 0, as lower or upper bound of a filter or a goal; parsed to integer cents. */
export function moneyFromZero(about: string): Param<number> {
  const schema = { type: "number", minimum: 0, multipleOf: 0.01 };
  return param("amount from 0 with at most 2 decimals", schema, about, (value) => centsOf(value, 0));
}

/** true or false. */
export function flag(about: string): Param<boolean> {
  return param(
    "true|false",
    { type: "boolean" },
    about,
    (value) => typeof value === "boolean" ? value : undefined,
  );
}

/** One of a few texts. */
export function choice<const T extends string>(about: string, values: readonly T[]): Param<T> {
  const type = values.map((value) => JSON.stringify(value)).join("|");
  return param(type, { type: "string", enum: values }, about, (value) => values.find((allowed) => allowed === value));
}

/** Date `YYYY-MM-DD` that exists. */
export function date(about: string): Param<string> {
  return param(
    "date YYYY-MM-DD",
    { type: "string", format: "date", pattern: DATE_PATTERN },
    about,
    (value) => typeof value === "string" && isDate(value) ? value : undefined,
  );
}

/** Date and time `YYYY-MM-DDTHH:MM:SS`; seconds may be left out and are 0 then. */
export function dateTimeText(about: string): Param<string> {
  return param(
    "date and time YYYY-MM-DDTHH:MM:SS",
    { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}T([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?$" },
    about,
    (value) => {
      if (typeof value !== "string") return undefined;
      const found = /^(\d{4}-\d{2}-\d{2})T((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?$/.exec(value);
      return found?.[1] !== undefined && isDate(found[1]) ? `${found[1]}T${found[2]}${found[3] ?? ":00"}` : undefined;
    },
  );
}

/** Month `YYYY-MM`, such as that of a card's expiry. */
export function month(about: string): Param<string> {
  return param(
    "month YYYY-MM",
    { type: "string", pattern: "^\\d{4}-(0[1-9]|1[0-2])$" },
    about,
    (value) => typeof value === "string" && /^\d{4}-(0[1-9]|1[0-2])$/.test(value) ? value : undefined,
  );
}

/** Time of day `HH:MM`. */
export function time(about: string): Param<string> {
  return param(
    "time HH:MM",
    { type: "string", pattern: TIME_PATTERN },
    about,
    (value) => typeof value === "string" && /^([01]\d|2[0-3]):[0-5]\d$/.test(value) ? value : undefined,
  );
}

/** Path in the file store: starts with a slash, no empty, `.` or `..` part, no slash at the end. */
export function path(about: string): Param<string> {
  return param(
    "path such as /inbox/plan.txt",
    { type: "string", pattern: "^(/[^/]+)+$|^/$" },
    about,
    (value) => {
      if (typeof value !== "string") return undefined;
      if (value === "/") return value;
      if (!/^(\/[^/]+)+$/.test(value)) return undefined;
      return value.split("/").some((part) => part === "." || part === ".." || part.trim() !== part) ? undefined : value;
    },
  );
}

/** Days of the week in order. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Different days of the week; sorted when parsed. */
export function weekdays(about: string): Param<readonly string[]> {
  const schema = { type: "array", items: { type: "string", enum: WEEKDAYS }, uniqueItems: true };
  return param(`list of ${WEEKDAYS.map((day) => `"${day}"`).join("|")}`, schema, about, (value) => {
    if (!Array.isArray(value)) return undefined;
    const days = WEEKDAYS.filter((day) => value.includes(day));
    return days.length === value.length ? days : undefined;
  });
}

/** Object whose keys are e-mails and whose values are amounts of money; values parsed to integer cents, keys sorted. */
export function moneyByEmail(about: string): Param<Readonly<Record<string, number>>> {
  const schema = { type: "object", minProperties: 1, additionalProperties: { type: "number", minimum: 0 } };
  return param('object of amounts by e-mail, such as {"a@b.test": 4.5}', schema, about, (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value as Readonly<Record<string, Json>>).sort(([a], [b]) => (a < b ? -1 : 1));
    const parsed = entries.map(([key, amount]) => [key, isEmail(key) ? centsOf(amount, 0) : undefined] as const);
    return parsed.length > 0 && parsed.every(([, cents]) => cents !== undefined)
      ? Object.fromEntries(parsed.map(([key, cents]) => [key, cents ?? 0]))
      : undefined;
  });
}

/** Answer of a task: null, a number or a text. */
export function answer(about: string): Param<null | number | string> {
  return param(
    "null|number|text",
    { type: ["null", "number", "string"] },
    about,
    (value) =>
      value === null || typeof value === "string" || (typeof value === "number" && Number.isFinite(value))
        ? value
        : undefined,
  );
}
