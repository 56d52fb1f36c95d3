/**
 * Going through the open asks that came in: by who asks, by how much, or by the bill that the ask is for.
 *
 * Hurdles: asks at the very limit count; people with two ties; asks for a bill with another amount than one's part, and asks for a part
 * that was paid back already.
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
  pickFilter,
  type Reject,
  reject,
  type Row,
  sayTies,
  type Scenario,
  type SetupContext,
  textOf,
  tiedHolders,
  tiesWith,
  type Write,
} from "./_kit.ts";
import {
  addBillOn,
  billsIn,
  circlesOf,
  dayFrom,
  holderOf,
  holders,
  momentOn,
  outside,
  partsOf,
  settleOn,
  smallCents,
  walletCents,
} from "./_money_kit.ts";
import type { Json } from "../../../../data/canonical.ts";
import { allPages, signIn } from "./_toolbox.ts";

type TiePub = { readonly tie: string };
type AmountPub = { readonly limit: number };
type BillPub = { readonly circle: string };

const MEMOS = ["lunch", "taxi", "cinema", "cake", "parking", "museum", "petrol", "concert", "paint", "picnic"] as const;

function openAsks(ctx: SetupContext): Row[] {
  return ctx.rows("tuppence.ask", ctx.user.email).filter((row) =>
    row["to"] === ctx.user.email && row["state"] === "open"
  );
}

function askFrom(ctx: SetupContext, email: string, cents: number, memo: string): void {
  const at = momentOn(ctx, daysAgo(ctx, ctx.random.int(1, 20)));
  ctx.as({ email }, at)("tuppence", "ask_money", { to: ctx.user.email, amount: cents / 100, memo });
}

function answerAsks(rows: readonly Row[], accepts: (row: Row) => boolean): Write[] {
  return rows.map((row) => ({
    app: "tuppence",
    api: accepts(row) ? "accept_ask" : "refuse_ask",
    args: { ask_id: row.id },
  }));
}

function affordable(ctx: SetupContext, rows: readonly Row[]): boolean {
  return rows.reduce((sum, row) => sum + numberOf(row, "amount"), 0) <= walletCents(ctx);
}

function drawByTie(ctx: SetupContext): BenchDraw<TiePub> | Reject {
  const [tie] = tiesWith(ctx, 3, 9);
  if (tie === undefined) return reject("no tie with three to nine account holders");
  const people = tiedHolders(ctx, tie);
  for (const { email } of ctx.random.sample(people, 8)) {
    askFrom(ctx, email, smallCents(ctx, 3, 15), ctx.random.pick(MEMOS));
  }
  for (const { email } of outside(ctx, tie).slice(0, 9)) askFrom(ctx, email, smallCents(ctx), ctx.random.pick(MEMOS));
  const rows = openAsks(ctx);
  const emails = new Set(people.map(({ email }) => email));
  const accepts = (row: Row) => emails.has(textOf(row, "from"));
  const kept = rows.filter(accepts);
  if (kept.length < 3 || kept.length === rows.length || rows.length < 8) return reject("too few asks");
  if (!affordable(ctx, kept)) return reject("not enough money");
  const who = sayTies(tie);
  const instruction = phrase(ctx, [
    `Pay everyone among ${who} who has an open ask for money with me in tuppence, and refuse the open asks of everybody else.`,
    `Please clear my open asks in tuppence: accept those from ${who}, refuse all the others.`,
    `I got asked for money a lot. Accept what ${who} ask of me in tuppence and turn down every other open ask.`,
  ]);
  return { instruction, pub: { tie }, writes: answerAsks(rows, accepts) };
}

function drawByAmount(ctx: SetupContext): BenchDraw<AmountPub> | Reject {
  const people = ctx.random.sample(holders(ctx), 14).map(({ person }) => person);
  const target = cycle(ctx, [12, 15, 18]) + ctx.random.int(0, 2);
  people.forEach(({ email }, i) =>
    askFrom(
      ctx,
      email,
      i === 0 ? target * 100 : i === 1 ? target * 100 + 50 : smallCents(ctx, 4, 40),
      ctx.random.pick(MEMOS),
    )
  );
  const rows = openAsks(ctx);
  const limit = pickFilter(ctx, [target], rows, (row, value) => numberOf(row, "amount") <= value * 100, 3);
  if (limit === undefined || rows.length < 8) return reject("the limit does not part the asks");
  const accepts = (row: Row) => numberOf(row, "amount") <= limit * 100;
  if (!affordable(ctx, rows.filter(accepts))) return reject("not enough money");
  const instruction = phrase(ctx, [
    `Accept all open asks for money that I got in tuppence if they are for at most ${limit}, and refuse those for more.`,
    `Small debts first: in tuppence pay every open ask of up to ${limit} that came in. Anything above that you refuse.`,
    `Go through the open asks that people sent me in tuppence. Up to and including ${limit} accept them, otherwise refuse.`,
  ]);
  return { instruction, pub: { limit }, writes: answerAsks(rows, accepts) };
}

/** Bill of the circle that an ask is for: the one with its memo as title that the asker paid and the user has a part in. */
function billOf(ctx: SetupContext, ask: Row, bills: readonly Row[]): Row[] {
  return bills.filter((row) =>
    row["title"] === ask["memo"] && row["paid_by"] === ask["from"] && partsOf(ctx, row.id).has(ctx.user.email)
  );
}

function drawByBill(ctx: SetupContext): BenchDraw<BillPub> | Reject {
  const [circle] = circlesOf(ctx, 3, 8);
  if (circle === undefined) return reject("no circle of three to eight");
  const others = ctx.random.shuffle(circle.members.filter((email) => email !== ctx.user.email));
  const titles = ctx.random.shuffle([
    "Tent pegs",
    "Cable car",
    "Rain covers",
    "Farm shop",
    "Fondue set",
    "Map and compass",
    "Boat key",
    "Ski wax",
    "Deck chairs",
    "Lantern oil",
  ]);
  const since = daysAgo(ctx, 60);
  const plan = ["right", "right", "right", "wrong", "paid", "paid", "unasked", "right", "wrong", "right"] as const;
  plan.forEach((fate, i) => {
    const by = others[i % others.length] ?? "";
    const title = titles[i] ?? "";
    const day = dayFrom(ctx, since, daysAgo(ctx, 30));
    const bill = addBillOn(ctx, { circle: circle.id, by, title, cents: smallCents(ctx, 12, 60), day, category: "fun" });
    const part = partsOf(ctx, bill).get(ctx.user.email) ?? 0;
    if (fate === "paid") {
      const paid = { by: ctx.user.email, from: ctx.user.email, to: by, cents: part, day: addDays(day, 4), memo: title };
      settleOn(ctx, { ...paid, circle: circle.id });
    }
    if (fate !== "unasked") askFrom(ctx, by, fate === "wrong" ? part + ctx.random.pick([100, 250, -100]) : part, title);
  });
  for (const email of ctx.random.sample(others, 2)) askFrom(ctx, email, smallCents(ctx), ctx.random.pick(MEMOS));
  const bills = billsIn(ctx, circle.id);
  const settled = ctx.rowsWhere("commonpot.settlement", "circle_id", circle.id);
  const writes: Write[] = [];
  const accepted: Row[] = [];
  const memos = new Set<string>();
  for (const ask of openAsks(ctx)) {
    const found = billOf(ctx, ask, bills);
    const [bill] = found;
    if (bill === undefined) continue;
    const memo = textOf(ask, "memo");
    if (found.length > 1 || memos.has(memo)) return reject("two bills or asks of one title");
    memos.add(memo);
    const to = textOf(ask, "from");
    const paid = settled.some((row) => row["from"] === ctx.user.email && row["to"] === to && row["memo"] === memo);
    const right = partsOf(ctx, bill.id).get(ctx.user.email) === numberOf(ask, "amount");
    if (paid || !right) {
      writes.push({ app: "tuppence", api: "refuse_ask", args: { ask_id: ask.id } });
      continue;
    }
    accepted.push(ask);
    const args: Record<string, Json> = { circle_id: circle.id, to, amount: numberOf(ask, "amount") / 100, memo };
    writes.push({ app: "tuppence", api: "accept_ask", args: { ask_id: ask.id } });
    writes.push({ app: "commonpot", api: "add_settlement", args });
  }
  if (!affordable(ctx, accepted) || accepted.length < 3) return reject("not enough money or asks");
  if (others.some((email) => holderOf(ctx, email).name === ctx.user.name)) return reject("a namesake");
  const { name } = circle;
  const instruction = phrase(ctx, [
    `Some open asks in tuppence are for bills of our circle "${name}": the memo is the title of a bill that the asker paid. Accept those that are exactly my part, and record each in the circle with the title as memo. Refuse those with another amount, and those whose part I have already settled under that memo. Leave other asks alone.`,
    `Check my incoming open asks against the bills of "${name}" in commonpot, by memo and payer. If the amount is my part and I have not settled it under that memo, accept it and record the settlement in the circle with that memo; otherwise refuse. Asks that fit no bill stay as they are.`,
    `People from "${name}" ask me for their bills in tuppence, with the bill's title as memo. Pay the ones that equal my part of a bill they paid and note each payment in the circle, same memo. Wrong amounts and parts already settled under that memo are to be refused; do not touch the rest.`,
  ]);
  return { instruction, pub: { circle: name }, writes };
}

function solveAskTriageByTie(apis: Apis, pub: TiePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "tuppence");
  const contacts = allPages(apis.handset.list_contacts, { token: phone });
  const emails = contacts.filter((person) => person.ties.includes(pub.tie)).map((person) => person.email);
  // All asks first: they leave the list of open ones as they are answered.
  const asks = allPages(apis.tuppence.list_asks_in, { token, state: "open" });
  for (const ask of asks) {
    if (emails.includes(ask.from)) apis.tuppence.accept_ask({ token, ask_id: ask.ask_id });
    else apis.tuppence.refuse_ask({ token, ask_id: ask.ask_id });
  }
}

function solveAskTriageByAmount(apis: Apis, pub: AmountPub) {
  const token = signIn(apis, "tuppence");
  const asks = allPages(apis.tuppence.list_asks_in, { token, state: "open" });
  for (const ask of asks) {
    if (ask.amount <= pub.limit) apis.tuppence.accept_ask({ token, ask_id: ask.ask_id });
    else apis.tuppence.refuse_ask({ token, ask_id: ask.ask_id });
  }
}

function solveAskTriageByBill(apis: Apis, pub: BillPub) {
  const token = signIn(apis, "tuppence");
  const shared = signIn(apis, "commonpot");
  const me = apis.principal.who_am_i().email;
  const circle = allPages(apis.commonpot.list_circles, { token: shared }).find((x) => x.name === pub.circle);
  const inCircle = { token: shared, circle_id: circle.circle_id };
  const bills = allPages(apis.commonpot.list_bills, inCircle);
  const settlements = allPages(apis.commonpot.list_settlements, inCircle);
  for (const ask of allPages(apis.tuppence.list_asks_in, { token, state: "open" })) {
    for (const bill of bills.filter((x) => x.title === ask.memo && x.paid_by === ask.from)) {
      const shares = allPages(apis.commonpot.list_shares, { token: shared, bill_id: bill.bill_id });
      const mine = shares.find((x) => x.email === me);
      if (mine === undefined) continue;
      const paid = settlements.some((x) => x.from === me && x.to === ask.from && x.memo === ask.memo);
      if (paid || mine.owed !== ask.amount) {
        apis.tuppence.refuse_ask({ token, ask_id: ask.ask_id });
        continue;
      }
      apis.tuppence.accept_ask({ token, ask_id: ask.ask_id });
      apis.commonpot.add_settlement({ ...inCircle, to: ask.from, amount: ask.amount, memo: ask.memo });
    }
  }
}

/** Scenarios of this generator. */
export const askTriage: readonly Scenario[] = [
  bench<TiePub, Record<string, never>>({
    family: "ask_triage/tie",
    split: "train",
    difficulty: 2,
    apps: ["handset", "tuppence"],
    axis: {},
    draw: drawByTie,
    solve: solveAskTriageByTie,
  }),
  bench<AmountPub, Record<string, never>>({
    family: "ask_triage/amount",
    split: "train",
    difficulty: 1,
    apps: ["tuppence"],
    axis: {},
    draw: drawByAmount,
    solve: solveAskTriageByAmount,
  }),
  bench<BillPub, Record<string, never>>({
    family: "ask_triage/bill",
    split: "train",
    difficulty: 3,
    apps: ["commonpot", "tuppence"],
    axis: {},
    draw: drawByBill,
    solve: solveAskTriageByBill,
  }),
];
