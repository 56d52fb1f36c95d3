/**
 * Changes of standing orders: higher amounts, another receiver that a text names, or switching them off.
 *
 * Hurdles: orders that are switched off already, orders with another rhythm, an older text that names somebody else.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  daysAgo,
  numberOf,
  phrase,
  type Principal,
  type Reject,
  reject,
  type Row,
  sayMoney,
  sayTies,
  type Scenario,
  type SetupContext,
  textOf,
  tiedHolders,
  tiesWith,
} from "./_kit.ts";
import { holders, momentOn, smallCents } from "./_money_kit.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type AmountPub = { readonly every: string; readonly more: number; readonly below: number };
type RecipientPub = { readonly name: string };
type StopPub = { readonly tie: string };

const MEMOS = [
  "pottery kiln",
  "boat shed",
  "bee hives",
  "hay",
  "chess club",
  "stall rent",
  "bike cellar",
  "ladder share",
] as const;

function orders(ctx: SetupContext): Row[] {
  return [...ctx.rows("tuppence.standing_order", ctx.user.email)];
}

function addOrder(ctx: SetupContext, to: Pick<Principal, "email">, cents: number, every: string, active = true): void {
  const args = {
    to: to.email,
    amount: cents / 100,
    every,
    next_on: addDays(ctx.at, ctx.random.int(3, 40)),
    memo: ctx.random.pick(MEMOS),
  };
  const made = ctx.as()("tuppence", "add_standing_order", args) as { readonly order_id: number };
  if (!active) ctx.as()("tuppence", "edit_standing_order", { order_id: made.order_id, active: false });
}

function drawAmount(ctx: SetupContext): BenchDraw<AmountPub> | Reject {
  const known = ctx.random.sample(holders(ctx), 22).map(({ person }) => person);
  const people = [...known, ...ctx.random.sample(known, 8)];
  const every = cycle(ctx, ["month", "week", "month"]);
  const below = ctx.random.int(20, 30);
  const other = every === "month" ? "week" : "month";
  people.forEach((person, i) => {
    const cents = i === 0 ? below * 100 : i === 1 ? below * 100 - 50 : smallCents(ctx, 5, 18);
    addOrder(ctx, person, cents, i % 5 === 4 ? other : every, i % 9 !== 3);
  });
  const more = ctx.random.int(1, 4) + 0.5;
  const wanted = orders(ctx).filter((row) =>
    row["every"] === every && row["active"] === true && numberOf(row, "amount") < below * 100
  );
  if (people.length < 14 || wanted.length < 3) return reject("too few standing orders");
  const said = { more: sayMoney(more * 100) };
  const instruction = phrase(ctx, [
    `Raise each of my active standing orders that goes out every ${every} and is below ${below} by ${said.more}.`,
    `Everything gets dearer: add ${said.more} to every active standing order of mine that is paid once a ${every} and comes to less than ${below}.`,
    `Please increase my standing orders in tuppence by ${said.more} each, but only the active ones that run every ${every} with an amount under ${below}.`,
  ]);
  return {
    instruction,
    pub: { every, more, below },
    said,
    writes: wanted.map((row) => ({
      app: "tuppence",
      api: "edit_standing_order",
      args: { order_id: row.id, amount: (numberOf(row, "amount") + more * 100) / 100 },
    })),
  };
}

/** Texts that name a new receiver; the full name follows `to `. */
const TEXTS = [
  "Hi, I am giving up my account. Please send your regular payments to {name} from now on.",
  "About the standing orders: could you pay them to {name} instead of me from next time?",
  "Change of plan with the regular money: it should go to {name}, not to me. Thanks!",
] as const;

/** Texts about nothing, by which those that count are not on the first pages. */
const SMALL_TALK = [
  "See you on Sunday?",
  "The soup was great.",
  "I left a jar at your door.",
  "Did you find the key?",
  "The kettle is on.",
  "Tram is late again.",
  "Saw your cousin at the market.",
  "Good night!",
] as const;

function drawRecipient(ctx: SetupContext): BenchDraw<RecipientPub> | Reject {
  const [old, fresh, former] = ctx.random.sample(holders(ctx), 3).map(({ person }) => person);
  if (old === undefined || fresh === undefined || former === undefined) return reject("too few people");
  const others = holders(ctx).map(({ person }) => person).filter((person) => person.email !== old.email);
  for (let i = 0; i < 16; i++) addOrder(ctx, old, smallCents(ctx, 5, 40), ctx.random.pick(["month", "week"]));
  addOrder(ctx, old, smallCents(ctx, 5, 40), "month", false);
  addOrder(ctx, fresh, smallCents(ctx, 5, 40), "month");
  addOrder(ctx, former, smallCents(ctx, 5, 40), "month");
  for (const person of ctx.random.sample(others, 12)) addOrder(ctx, person, smallCents(ctx, 5, 40), "month");
  const [first = "", second = ""] = ctx.random.shuffle(TEXTS);
  const text = (template: string, day: number, name: string) =>
    ctx.as(old, momentOn(ctx, daysAgo(ctx, day)))("handset", "send_text", {
      number: ctx.user.number,
      text: template.replace("{name}", name),
    });
  const blocked = ctx.rows("handset.blocked_number", ctx.user.email).some((row) => row["number"] === old.number);
  if (blocked) return reject("the number is blocked");
  text(first, ctx.random.int(20, 30), former.name);
  text("Sorry, forget my last message about the money for a moment, I will tell you.", 15, "");
  text(second, ctx.random.int(4, 9), fresh.name);
  for (let i = ctx.random.int(42, 52); i > 0; i--) text(ctx.random.pick(SMALL_TALK), ctx.random.int(1, 3), "");
  const wanted = orders(ctx).filter((row) => row["to"] === old.email && row["active"] === true);
  const { name } = old;
  const instruction = phrase(ctx, [
    `${name} texted me who should get my regular payments instead. Change my active standing orders to ${name} accordingly; what counts is the latest message about it.`,
    `My standing orders to ${name} should go to somebody else from now on, the name is in the texts from ${name} (the newest one that says so). Redirect the active ones.`,
    `Please look up in my texts with ${name} to whom the regular money should go now, going by the last word on it, and make that person the receiver of every active standing order that ${name} gets.`,
  ]);
  return {
    instruction,
    pub: { name },
    writes: wanted.map((row) => ({
      app: "tuppence",
      api: "edit_standing_order",
      args: { order_id: row.id, to: fresh.email },
    })),
  };
}

function drawStop(ctx: SetupContext): BenchDraw<StopPub> | Reject {
  const [tie] = tiesWith(ctx, 4, 12);
  if (tie === undefined) return reject("no tie with account holders");
  const people = ctx.random.shuffle(tiedHolders(ctx, tie));
  const emails = new Set(people.map(({ email }) => email));
  for (const [i, person] of [...people, ...people, ...people, ...people].slice(0, 26).entries()) {
    addOrder(ctx, person, smallCents(ctx, 5, 40), ctx.random.pick(["month", "week"]), i % 10 !== 9);
  }
  const strangers = holders(ctx).map(({ person }) => person).filter(({ email }) => !emails.has(email));
  for (const person of ctx.random.sample(strangers, 11)) addOrder(ctx, person, smallCents(ctx, 5, 40), "week");
  const rows = orders(ctx);
  const wanted = rows.filter((row) => emails.has(textOf(row, "to")) && row["active"] === true);
  if (wanted.length < 3 || wanted.length === rows.length) return reject("too few standing orders");
  const who = sayTies(tie);
  const instruction = phrase(ctx, [
    `Switch off all my active standing orders to ${who}, but do not delete them.`,
    `I do not want to pay ${who} regularly any more. Deactivate every standing order of mine that goes to one of them; keep the entries.`,
    `Please stop each standing order in tuppence that sends money to ${who} without removing it, so that I can switch it on again.`,
  ]);
  return {
    instruction,
    pub: { tie },
    writes: wanted.map((row) => ({
      app: "tuppence",
      api: "edit_standing_order",
      args: { order_id: row.id, active: false },
    })),
  };
}

function solveStandingAmount(apis: Apis, pub: AmountPub) {
  const token = signIn(apis, "tuppence");
  for (const order of allPages(apis.tuppence.list_standing_orders, { token, active: true })) {
    if (order.every !== pub.every || order.amount >= pub.below) continue;
    const amount = Math.round((order.amount + pub.more) * 100) / 100;
    apis.tuppence.edit_standing_order({ token, order_id: order.order_id, amount });
  }
}

function solveStandingRecipient(apis: Apis, pub: RecipientPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "tuppence");
  const contacts = allPages(apis.handset.list_contacts, { token: phone });
  const old = contacts.find((person) => person.name === pub.name);
  const texts = allPages(apis.handset.list_texts, { token: phone, number: old.number, direction: "in" });
  texts.sort((a, b) => (a.at < b.at ? 1 : -1));
  // The newest text that speaks of regular money and names a contact.
  const named = texts.filter((x) => /regular|standing order/.test(x.text))
    .map((x) => contacts.find((person) => person.name !== pub.name && x.text.includes(person.name)))
    .filter((person) => person !== undefined);
  for (const order of allPages(apis.tuppence.list_standing_orders, { token, active: true })) {
    if (order.to === old.email) {
      apis.tuppence.edit_standing_order({ token, order_id: order.order_id, to: named[0].email });
    }
  }
}

function solveStandingStop(apis: Apis, pub: StopPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "tuppence");
  const emails = contactsWith(apis, phone, pub.tie).map((person) => person.email);
  const orders = allPages(apis.tuppence.list_standing_orders, { token, active: true });
  for (const order of orders.filter((x) => emails.includes(x.to))) {
    apis.tuppence.edit_standing_order({ token, order_id: order.order_id, active: false });
  }
}

const FAMILY = { split: "dev", axis: {} } as const;

/** Scenarios of this generator. */
export const standingChange: readonly Scenario[] = [
  bench<AmountPub, Record<string, never>>({
    ...FAMILY,
    family: "standing_change/amount",
    difficulty: 1,
    apps: ["tuppence"],
    draw: drawAmount,
    solve: solveStandingAmount,
  }),
  bench<RecipientPub, Record<string, never>>({
    ...FAMILY,
    family: "standing_change/recipient",
    difficulty: 2,
    apps: ["handset", "tuppence"],
    draw: drawRecipient,
    solve: solveStandingRecipient,
  }),
  bench<StopPub, Record<string, never>>({
    ...FAMILY,
    family: "standing_change/stop",
    difficulty: 1,
    apps: ["handset", "tuppence"],
    draw: drawStop,
    solve: solveStandingStop,
  }),
];
