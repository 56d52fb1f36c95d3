/**
 * Open asks for money: verb (accept or refuse those that came in, remind of or withdraw those that went out) × filter (tie, person,
 * amount limit).
 *
 * @module
 */
import type { Principal, Reject, Row, Scenario, SetupContext, Split } from "../../scenario.ts";
import { define, type Draw } from "./_define.ts";
import { act, keep, pages, people, signIn, WHO, type Who } from "./_idioms.ts";
import {
  addNamesake,
  balanceOf,
  choose,
  drawAmount,
  groupsOf,
  holdersIn,
  keysOf,
  needsPages,
  numberOf,
  outsiders,
  peoplePhrase,
  range,
  reject,
  textOf,
} from "./_setup.ts";

type Verb = "accept" | "refuse" | "remind" | "withdraw";
type Filter = Who | "limit";

const FAMILIES: readonly (readonly [Verb, Filter, Split])[] = [
  ["accept", "tie", "train"],
  ["accept", "limit", "train"],
  ["refuse", "person", "train"],
  ["refuse", "limit", "train"],
  ["refuse", "tie", "train"],
  ["remind", "tie", "train"],
  ["remind", "limit", "train"],
  ["withdraw", "limit", "train"],
  ["accept", "person", "test_normal"],
  ["withdraw", "tie", "test_normal"],
];

const MEMOS = [
  "lunch",
  "taxi",
  "cinema",
  "groceries",
  "birthday cake",
  "parking",
  "museum",
  "petrol",
  "concert",
] as const;

const PHRASES: Readonly<Record<Verb, readonly string[]>> = {
  accept: ["Accept every open ask for money that I got", "In tuppence, accept all open asks that I received"],
  refuse: ["Refuse every open ask for money that I got", "In tuppence, refuse all open asks that I received"],
  remind: [
    "Send a reminder for every open ask for money that I sent",
    "In tuppence, remind about all open asks that I made",
  ],
  withdraw: ["Withdraw every open ask for money that I sent", "In tuppence, withdraw all open asks that I made"],
};

function comesIn(verb: Verb): boolean {
  return verb === "accept" || verb === "refuse";
}

/** Writes one open ask per person; later ones lie deeper in the list. */
function plant(ctx: SetupContext, verb: Verb, others: readonly Principal[]): void {
  for (const person of others) {
    const values = { amount: drawAmount(ctx, 2, 18), memo: ctx.random.pick(MEMOS) };
    if (comesIn(verb)) ctx.as(person)("tuppence", "ask_money", { to: ctx.user.email, ...values });
    else ctx.as()("tuppence", "ask_money", { to: person.email, ...values });
  }
}

function draw(ctx: SetupContext, verb: Verb, filter: Filter): Draw | Reject {
  const other = comesIn(verb) ? "from" : "to";
  const mine = comesIn(verb) ? "to" : "from";
  const group = filter === "limit"
    ? undefined
    : choose(ctx, groupsOf(ctx, filter, false), (candidate) => holdersIn(ctx, candidate).length > 0);
  if (filter !== "limit" && group === undefined) return reject("nobody with an account");
  const inside = group === undefined ? new Set<string>() : keysOf(group, "email");
  const holders = group === undefined ? [] : holdersIn(ctx, group);
  plant(ctx, verb, ctx.random.sample(holders, 1));
  plant(ctx, verb, outsiders(ctx, group).slice(0, 6));
  plant(ctx, verb, ctx.random.sample(holders, 3));
  if (group !== undefined && filter === "person") addNamesake(ctx, group.value);
  const listed = ctx.rows("tuppence.ask", ctx.user.email)
    .filter((row) => row["state"] === "open" && row[mine] === ctx.user.email);
  const limit = choose(ctx, range(5, 15), () => true) ?? 9;
  const wanted = (row: Row) =>
    group === undefined ? numberOf(row, "amount") <= limit * 100 : inside.has(textOf(row, other));
  const rows = listed.filter(wanted);
  if (rows.length < 2 || !needsPages(listed, wanted)) return reject("the first page shows all");
  const sum = rows.reduce((cents, row) => cents + numberOf(row, "amount"), 0);
  if (verb === "accept" && sum > balanceOf(ctx)) return reject("not enough money to accept");
  const phrase = group === undefined
    ? `of at most ${limit}`
    : `${other} ${peoplePhrase(filter === "tie" ? "tie" : "person", group.value)}`;
  const instruction = `${ctx.random.pick(PHRASES[verb])} ${phrase}.`;
  return {
    instruction,
    args: [group?.value ?? limit],
    writes: rows.map((row) => ({ app: "tuppence", api: `${verb}_ask`, args: { ask_id: row.id } })),
  };
}

/** Scenarios of this generator. */
export const asks: readonly Scenario[] = FAMILIES.map(([verb, filter, split]) => {
  const list = comesIn(verb) ? "asks_in" : "asks_out";
  const other = comesIn(verb) ? "from" : "to";
  return define({
    family: `asks/${verb}/${filter}`,
    split,
    difficulty: 2,
    name: `${verb}_asks_${filter === "limit" ? "up_to_limit" : `${other}_${filter}`}`,
    params: [filter === "limit" ? "limit" : WHO[filter].param],
    lines: [
      ...signIn(...(filter === "limit" ? [] : ["handset"]), "tuppence"),
      ...(filter === "limit" ? [] : people(filter, "email")),
      pages("tuppence", list, 'state: "open"'),
      keep("asks", filter === "limit" ? "x.amount <= limit" : `people.includes(x.${other})`),
      act("tuppence", `${verb}_ask`, "ask_id: x.ask_id"),
    ],
    lookups: {
      ...(filter === "limit" ? {} : { handset: "list contacts" }),
      tuppence: `list ${list.replace("_", " ")} ${verb}`,
    },
    draw: (ctx) => draw(ctx, verb, filter),
  });
});
