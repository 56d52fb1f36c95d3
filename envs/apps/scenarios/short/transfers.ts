/**
 * Questions about transfers: aggregate (total, count, largest) × direction (sent, received) × filter (tie, person, month).
 *
 * @module
 */
import type { Principal, Reject, Row, Scenario, SetupContext, Split } from "../../scenario.ts";
import { define, type Draw } from "./_define.ts";
import { type Aggregate, aggregate, keep, pages, people, signIn, WHO, type Who } from "./_idioms.ts";
import {
  addNamesake,
  choose,
  drawAmount,
  fairAggregate,
  groupsOf,
  holdersIn,
  keysOf,
  monthSlots,
  newestFirst,
  outsiders,
  peoplePhrase,
  reject,
  type Slot,
  textOf,
} from "./_setup.ts";

type Direction = "sent" | "received";
type Filter = Who | "month";

const FAMILIES: readonly (readonly [Aggregate, Direction, Filter, Split])[] = [
  ["total", "sent", "tie", "train"],
  ["total", "sent", "month", "train"],
  ["total", "received", "month", "train"],
  ["total", "received", "person", "train"],
  ["count", "received", "tie", "train"],
  ["count", "received", "month", "train"],
  ["count", "sent", "month", "train"],
  ["count", "sent", "person", "train"],
  ["largest", "sent", "tie", "train"],
  ["largest", "sent", "person", "train"],
  ["largest", "received", "tie", "train"],
  ["largest", "received", "month", "train"],
  ["largest", "received", "person", "test_normal"],
  ["count", "received", "person", "dev"],
  ["total", "received", "tie", "test_normal"],
  ["total", "sent", "person", "test_normal"],
  ["count", "sent", "tie", "test_normal"],
  ["largest", "sent", "month", "test_normal"],
];

const MEMOS = ["lunch", "taxi", "cinema", "groceries", "cake", "parking", "museum", "petrol", "concert"] as const;

const WANTED: Readonly<Record<Aggregate, readonly string[]>> = {
  total: ["what is the total amount", "how much money in total is it"],
  count: ["how many transfers are there", "what is the number of transfers"],
  largest: ["what is the largest single amount", "how much is the biggest single transfer"],
};

/** Values that a filter of transfers can take for this user; people among whose transfers some are planted come first. */
export function transferSlots(ctx: SetupContext, filter: Filter, direction: Direction): Slot[] {
  if (filter === "month") return monthSlots(transfersOf(ctx, direction));
  const other = direction === "sent" ? "to" : "from";
  const group = choose(ctx, groupsOf(ctx, filter, false), (candidate) => holdersIn(ctx, candidate).length > 0);
  if (group === undefined) return [];
  plant(ctx, direction, ctx.random.sample(holdersIn(ctx, group), 2));
  plant(ctx, direction, ctx.random.sample(holdersIn(ctx, group), 1));
  plant(ctx, direction === "sent" ? "received" : "sent", ctx.random.sample(holdersIn(ctx, group), 1));
  plant(ctx, direction, outsiders(ctx, group).slice(0, 5));
  if (filter === "person") addNamesake(ctx, group.value);
  const emails = keysOf(group, "email");
  const phrase = `${other} ${peoplePhrase(filter, group.value)}`;
  return [{ value: group.value, phrase, keeps: (row) => emails.has(textOf(row, other)) }];
}

/** Transfers of the user in one direction, as a list API gives them. */
export function transfersOf(ctx: SetupContext, direction: Direction): Row[] {
  const end = direction === "sent" ? "from" : "to";
  return newestFirst(ctx.rows("tuppence.transfer", ctx.user.email)).filter((row) => row[end] === ctx.user.email);
}

/** Writes one small transfer per person. */
function plant(ctx: SetupContext, direction: Direction, others: readonly Principal[]): void {
  for (const person of others) {
    const values = { amount: drawAmount(ctx, 2, 19), memo: ctx.random.pick(MEMOS) };
    if (direction === "sent") ctx.as()("tuppence", "send_money", { to: person.email, ...values });
    else ctx.as(person)("tuppence", "send_money", { to: ctx.user.email, ...values });
  }
}

/** Condition of a filter of transfers, as source text. */
function transferCondition(filter: Filter, direction: Direction): string {
  return filter === "month" ? "x.at.startsWith(month)" : `people.includes(x.${direction === "sent" ? "to" : "from"})`;
}

/** Lines that gather the rows that a filter of transfers keeps. */
export function transferLines(filter: Filter, direction: Direction): string[] {
  return [
    ...signIn(...(filter === "month" ? [] : ["handset"]), "tuppence"),
    ...(filter === "month" ? [] : people(filter, "email")),
    pages("tuppence", "transfers", `direction: "${direction}"`),
    keep("transfers", transferCondition(filter, direction)),
  ];
}

/** Word of a filter in the name of a procedure. */
export function transferFilterName(filter: Filter, direction: Direction): string {
  return filter === "month" ? "in_month" : `${direction === "sent" ? "to" : "from"}_${filter}`;
}

function draw(ctx: SetupContext, kind: Aggregate, direction: Direction, filter: Filter): Draw | Reject {
  const slots = transferSlots(ctx, filter, direction);
  const listed = transfersOf(ctx, direction);
  const answers = slots.map(({ keeps }) => fairAggregate(kind, listed, keeps, "amount", 100));
  const slot = choose(ctx, slots, (candidate) => answers[slots.indexOf(candidate)] !== undefined);
  const answer = slot === undefined ? undefined : answers[slots.indexOf(slot)];
  if (slot === undefined || answer === undefined) return reject("no value of the filter gives a fair answer");
  const wanted = ctx.random.pick(WANTED[kind]);
  const instruction = ctx.random.pick([
    `Look at the money I have ${direction} ${slot.phrase} in tuppence: ${wanted}?`,
    `Of all transfers that I ${direction} ${slot.phrase}, ${wanted}?`,
    `About the tuppence transfers ${direction} ${slot.phrase}: ${wanted}?`,
  ]);
  return { instruction, args: [slot.value], answer };
}

/** Scenarios of this generator. */
export const transfers: readonly Scenario[] = FAMILIES.map(([kind, direction, filter, split]) =>
  define({
    family: `transfers/${kind}/${direction}/${filter}`,
    split,
    difficulty: filter === "month" ? 1 : 2,
    name: `${kind}_${direction}_${transferFilterName(filter, direction)}`,
    params: [filter === "month" ? "month" : WHO[filter].param],
    lines: [...transferLines(filter, direction), `return ${aggregate(kind, "x.amount")};`],
    lookups: { ...(filter === "month" ? {} : { handset: "list contacts" }), tuppence: "list transfers" },
    draw: (ctx) => draw(ctx, kind, direction, filter),
  })
);
