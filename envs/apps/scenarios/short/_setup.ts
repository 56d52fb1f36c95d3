/**
 * What the `setup` of scenarios is written with: typed views of rows, draws of people and values, and the test that a list is long
 * enough for its pages to matter.
 *
 * Contract: nothing here reads a solution's program; everything comes from rows. A draw that finds nothing returns undefined and
 * the scenario rejects the attempt.
 *
 * @module
 */
import type { Json } from "../../../../data/canonical.ts";
import type { Principal, Reject, Row, SetupContext } from "../../scenario.ts";
import type { Aggregate, Who } from "./_idioms.ts";

/** Size of a page where the caller names none. */
export const PAGE = 5;

/** Ties whose plural is formed with an s. */
export const TIES = ["cousin", "colleague", "friend", "neighbour", "housemate"] as const;

/** Text column of a row; empty for null. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : "";
}

/** Number column of a row. */
export function numberOf(row: Row, column: string): number {
  return Number(row[column]);
}

/** List column of a row. */
export function listOf(row: Row, column: string): readonly string[] {
  const value = row[column];
  return Array.isArray(value) ? value.map(String) : [];
}

/** Id in the result of a write. */
export function idIn(result: Json, field: string): number {
  return Number((result as Readonly<Record<string, Json>>)[field]);
}

/** Rejection of an attempt. */
export function reject(why: string): Reject {
  return { reject: why };
}

/** Contacts of the user, in order of id. */
export function contactsOf(ctx: SetupContext): readonly Row[] {
  return ctx.rows("handset.contact", ctx.user.email);
}

/** Account holder with an e-mail. */
export function principalOf(ctx: SetupContext, email: string): Principal | undefined {
  return ctx.principals.find((principal) => principal.email === email);
}

/** Balance of the user in cents. */
export function balanceOf(ctx: SetupContext): number {
  const [member] = ctx.rows("tuppence.member", ctx.user.email);
  return member === undefined ? 0 : numberOf(member, "balance");
}

/** A value that a slot of the instruction can take, with the rows that it keeps. */
export interface Slot {
  readonly value: string;
  /** How the instruction says it. */
  readonly phrase: string;
  keeps(row: Row): boolean;
}

/** Third of all values that a value belongs to. */
function thirdOf(value: string | number): number {
  if (typeof value === "number") return Math.round(value) % 3;
  const tie = TIES.findIndex((known) => known === value);
  return (tie >= 0 ? tie : [...value].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)) % 3;
}

/**
 * One of the values that fit. Each of the three siblings draws from its own third of all values, so that they differ in the words;
 * further variants draw from all.
 *
 * @returns undefined if none fits.
 */
export function choose<T extends string | number | { readonly value: string }>(
  ctx: SetupContext,
  values: readonly T[],
  fits: (value: T) => boolean,
): T | undefined {
  const own = (value: T) => thirdOf(typeof value === "object" ? value.value : value) === ctx.variant % 3;
  const fitting = values.filter((value) => (ctx.variant > 3 || own(value)) && fits(value));
  return fitting.length === 0 ? undefined : ctx.random.pick(fitting);
}

/** Whole numbers from low to high. */
export function range(low: number, high: number, step = 1): number[] {
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step);
}

/** One slot for each month in which some row lies, in order of time. */
export function monthSlots(listed: readonly Row[]): Slot[] {
  const months = [...new Set(listed.map((row) => textOf(row, "at").slice(0, 7)))].sort();
  return months.map((value) => ({ value, phrase: `in ${value}`, keeps: (row) => textOf(row, "at").startsWith(value) }));
}

/** People that a task may be about: what to call them and who they are. */
export interface Group {
  /** Tie or full name. */
  readonly value: string;
  readonly members: readonly Row[];
}

/**
 * Groups of the user's contacts: one per tie, or one per person with an e-mail whose full name is
 * unique and who is not on the first page.
 *
 * @param accounts whether all members must have accounts.
 */
export function groupsOf(ctx: SetupContext, who: Who, accounts: boolean): Group[] {
  const contacts = contactsOf(ctx);
  const usable = ({ members }: Group) =>
    members.length > 0 &&
    (!accounts || members.every((row) => principalOf(ctx, textOf(row, "email")) !== undefined));
  if (who === "tie") {
    return TIES.map((tie) => ({ value: tie, members: contacts.filter((row) => listOf(row, "ties").includes(tie)) }))
      .filter(usable).filter(({ members }) => members.length >= 2);
  }
  return contacts.slice(PAGE).filter((row) => textOf(row, "email") !== "").map((row) => ({
    value: textOf(row, "name"),
    members: [row],
  }))
    .filter(({ value }) => contacts.filter((row) => textOf(row, "name") === value).length === 1).filter(usable);
}

/** Whether some of these contacts are not on the first page of the list. */
export function beyondFirstPage(ctx: SetupContext, members: readonly Row[]): boolean {
  return contactsOf(ctx).slice(PAGE).some((row) => members.some((member) => member.id === row.id));
}

/** E-mails or numbers of a group. */
export function keysOf(group: Group, field: "email" | "number"): ReadonlySet<string> {
  return new Set(group.members.map((row) => textOf(row, field)).filter((key) => key !== ""));
}

/** Members of a group who have accounts, the user left out. */
export function holdersIn(ctx: SetupContext, group: Group): Principal[] {
  return group.members.map((row) => principalOf(ctx, textOf(row, "email")))
    .filter((person): person is Principal => person !== undefined && person.email !== ctx.user.email);
}

/** Account holders among the user's contacts who are not of a group, in random order. */
export function outsiders(ctx: SetupContext, group: Group | undefined): Principal[] {
  const inside = group === undefined ? new Set<string>() : keysOf(group, "email");
  return ctx.random.shuffle(contactsOf(ctx).map((row) => textOf(row, "email")).filter((email) => !inside.has(email)))
    .map((email) => principalOf(ctx, email))
    .filter((person): person is Principal => person !== undefined && person.email !== ctx.user.email);
}

/** How a task calls the people: `my friends`, or the name. */
export function peoplePhrase(who: Who, value: string): string {
  return who === "tie" ? `my ${value}s` : value;
}

/** Adds a contact with the same first name as a person, as a distractor. */
export function addNamesake(ctx: SetupContext, name: string): void {
  const first = name.split(" ")[0] ?? name;
  const surname = ctx.random.pick(["Ashgrove", "Bellwether", "Corvane", "Dunmarrow", "Elderstone"]);
  if (contactsOf(ctx).some((row) => textOf(row, "name") === `${first} ${surname}`)) return;
  const area = ctx.user.number.slice(0, Math.max(0, ctx.user.number.indexOf("555")));
  const number = `${area}555-0${ctx.random.int(100, 199)}`;
  ctx.as()("handset", "add_contact", {
    name: `${first} ${surname}`,
    email: `${first}.${surname}@elsewhere.test`.toLowerCase(),
    number,
  });
}

/** Rows as a list API gives them: newest first, equal times by id descending. */
export function newestFirst(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) =>
    textOf(a, "at") < textOf(b, "at") ? 1 : textOf(a, "at") > textOf(b, "at") ? -1 : b.id - a.id
  );
}

/** Whether some wanted row is missed by those who read the first page of a list only, and some row is not wanted. */
export function needsPages(listed: readonly Row[], wanted: (row: Row) => boolean): boolean {
  return listed.slice(PAGE).some(wanted) && !listed.every(wanted);
}

/** Aggregate of a number column, in the column's unit. */
function aggregateOf(kind: Aggregate, rows: readonly Row[], column: string): number {
  const values = rows.map((row) => numberOf(row, column));
  if (kind === "count") return values.length;
  if (kind === "largest") return values.reduce((most, value) => Math.max(most, value), 0);
  return values.reduce((sum, value) => sum + value, 0);
}

/**
 * Answer of an aggregate task, if the list makes it a fair one: several rows count, some do not, and the first page misleads.
 *
 * @param unit how much of the column's unit is one of the answer's: 100 for money.
 */
export function fairAggregate(
  kind: Aggregate,
  listed: readonly Row[],
  wanted: (row: Row) => boolean,
  column: string,
  unit: number,
): number | undefined {
  const rows = listed.filter(wanted);
  const answer = aggregateOf(kind, rows, column);
  const misled = aggregateOf(kind, listed.slice(0, PAGE).filter(wanted), column);
  if (rows.length < 2 || answer === 0 || answer === misled || !needsPages(listed, wanted)) return undefined;
  // The largest of all rows would be right without the filter.
  if (kind === "largest" && answer === aggregateOf(kind, listed, column)) return undefined;
  return kind === "count" ? answer : answer / unit;
}

/** Amount between two whole numbers, sometimes with a half, so that it is written the same in text and in code. */
export function drawAmount(ctx: SetupContext, low: number, high: number): number {
  return ctx.random.int(low, high) + (ctx.random.int(0, 2) === 0 ? 0.5 : 0);
}
