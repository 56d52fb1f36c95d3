/**
 * What draws of the benchmark's families are written with: views of rows, sayings of values, fair choices.
 *
 * Contract: nothing here reads a solution's program; everything comes from rows.
 *
 * @module
 */
import { addDays } from "../../calendar.ts";
import type { Principal, Row, SetupContext } from "../../scenario.ts";
import { contactsOf, listOf, numberOf, principalOf, textOf } from "../short/_setup.ts";

export { contactsOf, idIn, listOf, newestFirst, numberOf, principalOf, reject, textOf } from "../short/_setup.ts";
export { addDays, addMinutes, dayNumber, sayDate, sayMonth, weekdayOf } from "../../calendar.ts";
export { amountOf, centsText } from "../../apps/_common.ts";
export { firstName } from "../../world/context.ts";
export { bench, type BenchDraw, type Write } from "./_program.ts";
export type { Apis, Client, Principal, Reject, Row, Scenario, SetupContext } from "../../scenario.ts";

/** `[a, b, c]` as `a, b and c`. */
export function sayList(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** Cents as `12.50` or `12`. */
export function sayMoney(cents: number): string {
  return cents % 100 === 0 ? String(cents / 100) : (cents / 100).toFixed(2);
}

/** Plural of a tie: `my friends`, but `my book club`. */
export function sayTies(tie: string): string {
  return /club|choir|group/.test(tie) ? `people of my ${tie}` : `my ${tie}s`;
}

/** One of several phrasings; siblings get different ones where there are enough. */
export function phrase(ctx: SetupContext, phrasings: readonly string[]): string {
  return phrasings[(ctx.variant - 1 + ctx.random.int(0, 1) * 3) % phrasings.length] ?? "";
}

/** Contacts of the user with a tie. */
export function tied(ctx: SetupContext, tie: string): Row[] {
  return contactsOf(ctx).filter((row) => listOf(row, "ties").includes(tie));
}

/** Contacts of the user with a tie who have accounts. */
export function tiedHolders(ctx: SetupContext, tie: string): Principal[] {
  return tied(ctx, tie).map((row) => principalOf(ctx, textOf(row, "email")))
    .filter((person): person is Principal => person !== undefined && person.email !== ctx.user.email);
}

/** Ties of the user that so many contacts with accounts have, in random order. */
export function tiesWith(ctx: SetupContext, least: number, most: number): string[] {
  const ties = [...new Set(contactsOf(ctx).flatMap((row) => listOf(row, "ties")))].sort();
  return ctx.random.shuffle(ties.filter((tie) => {
    const count = tiedHolders(ctx, tie).length;
    return count >= least && count <= most;
  }));
}

/** The one row with the largest value; undefined where two share it or there is none. */
export function uniqueMax(rows: readonly Row[], valueOf: (row: Row) => number): Row | undefined {
  const sorted = [...rows].sort((a, b) => valueOf(b) - valueOf(a));
  const [first, second] = sorted;
  if (first === undefined) return undefined;
  return second !== undefined && valueOf(first) === valueOf(second) ? undefined : first;
}

/** The one row with the smallest value; undefined where two share it or there is none. */
export function uniqueMin(rows: readonly Row[], valueOf: (row: Row) => number): Row | undefined {
  return uniqueMax(rows, (row) => -valueOf(row));
}

/** The first value (in random order) that keeps between `least` and `most` rows and not all of them. */
export function pickFilter<T>(
  ctx: SetupContext,
  values: readonly T[],
  rows: readonly Row[],
  keeps: (row: Row, value: T) => boolean,
  least = 2,
  most = Number.POSITIVE_INFINITY,
): T | undefined {
  return ctx.random.shuffle(values).find((value) => {
    const count = rows.filter((row) => keeps(row, value)).length;
    return count >= least && count <= most && count < rows.length;
  });
}

/** Siblings take turns: variant 1 gets the first value, 2 the second, and so on round. */
export function cycle<T>(ctx: SetupContext, values: readonly T[]): T {
  const value = values[(ctx.variant - 1) % values.length];
  if (value === undefined) throw new RangeError("Cannot choose from no values");
  return value;
}

/** Today of the instance. */
export function today(ctx: SetupContext): string {
  return ctx.at.slice(0, 10);
}

/** A day some days before today of the instance. */
export function daysAgo(ctx: SetupContext, days: number): string {
  return addDays(ctx.at, -days);
}

/** Sum of a number column. */
export function sumOf(rows: readonly Row[], column: string): number {
  return rows.reduce((sum, row) => sum + numberOf(row, column), 0);
}
