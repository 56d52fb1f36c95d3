/**
 * Argument types of APIs: how a JSON value is checked, converted and described.
 *
 * Contract: `parse` returns undefined for a value that breaks the rule and never throws; `type` is what the documentation shows.
 * Choices: no conversions between types (`"5"` is not an integer), since silent ones hide an agent's errors; money is a decimal
 * with at most 2 places outside and integer cents inside.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { isDate } from "./calendar.ts";

/** One argument of an API. */
export interface Param<T> {
  /** Type as documented, e.g. `integer from 1 to 20` or `"in"|"out"`. */
  readonly type: string;
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

function param<T>(type: string, about: string, parse: (value: Json) => T | undefined): Param<T> {
  return { type, about, required: true, fallback: undefined, parse };
}

/** The same argument, but one may leave it out. */
export function optional<T>(inner: Param<T>): Param<T | undefined> {
  return { ...inner, required: false, fallback: undefined };
}

/** The same argument with a value for when it is left out. */
export function withDefault<T>(inner: Param<T>, fallback: T): Param<T> {
  return { ...inner, required: false, fallback, type: `${inner.type}, default ${JSON.stringify(fallback)}` };
}

/** Text of at least one character that is not a space. */
export function text(about: string): Param<string> {
  return param("text", about, (value) => typeof value === "string" && value.trim() !== "" ? value : undefined);
}

/** Text that may be empty. */
export function anyText(about: string): Param<string> {
  return param("text, may be empty", about, (value) => typeof value === "string" ? value : undefined);
}

/** E-mail address. */
export function email(about: string): Param<string> {
  return param(
    "e-mail",
    about,
    (value) => typeof value === "string" && /^[^@\s]+@[^@\s]+$/.test(value) ? value : undefined,
  );
}

/** Whole number in [low, high]. */
export function integer(about: string, low: number, high: number): Param<number> {
  const type = high === Number.MAX_SAFE_INTEGER ? `integer from ${low}` : `integer from ${low} to ${high}`;
  return param(
    type,
    about,
    (value) =>
      typeof value === "number" && Number.isInteger(value) && value >= low && value <= high ? value : undefined,
  );
}

/** Id of a row. */
export function rowId(about: string): Param<number> {
  return integer(about, 1, Number.MAX_SAFE_INTEGER);
}

/** Amount of money above 0; parsed to integer cents. */
export function money(about: string): Param<number> {
  return param("amount above 0 with at most 2 decimals", about, (value) => {
    if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
    const cents = Math.round(value * 100);
    // 12.35 * 100 is 1234.9999…: a tolerance far below a cent lets binary fractions through.
    return cents > 0 && cents <= 1e9 && Math.abs(value * 100 - cents) < 1e-6 ? cents : undefined;
  });
}

/** true or false. */
export function flag(about: string): Param<boolean> {
  return param("true|false", about, (value) => typeof value === "boolean" ? value : undefined);
}

/** One of a few texts. */
export function choice<const T extends string>(about: string, values: readonly T[]): Param<T> {
  const type = values.map((value) => JSON.stringify(value)).join("|");
  return param(type, about, (value) => values.find((allowed) => allowed === value));
}

/** Date `YYYY-MM-DD` that exists. */
export function date(about: string): Param<string> {
  return param(
    "date YYYY-MM-DD",
    about,
    (value) => typeof value === "string" && isDate(value) ? value : undefined,
  );
}

/** Time of day `HH:MM`. */
export function time(about: string): Param<string> {
  return param(
    "time HH:MM",
    about,
    (value) => typeof value === "string" && /^([01]\d|2[0-3]):[0-5]\d$/.test(value) ? value : undefined,
  );
}

/** Days of the week in order. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Different days of the week; sorted when parsed. */
export function weekdays(about: string): Param<readonly string[]> {
  return param(`list of ${WEEKDAYS.map((day) => `"${day}"`).join("|")}`, about, (value) => {
    if (!Array.isArray(value)) return undefined;
    const days = WEEKDAYS.filter((day) => value.includes(day));
    return days.length === value.length ? days : undefined;
  });
}

/** Answer of a task: null, a number or a text. */
export function answer(about: string): Param<null | number | string> {
  return param(
    "null|number|text",
    about,
    (value) =>
      value === null || typeof value === "string" || (typeof value === "number" && Number.isFinite(value))
        ? value
        : undefined,
  );
}
