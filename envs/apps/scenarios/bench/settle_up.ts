/**
 * Getting even in commonpot with money from the wallet: with a whole circle, or with one person; each payment is recorded.
 *
 * Hurdles: a balance that is too low until a card tops it up, an open ask that already asks for the very amount, payments that were
 * made but never recorded next to one that was.
 *
 * @module
 */
import { settlingPayments } from "../../apps/commonpot/_ledger.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  daysAgo,
  idIn,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import {
  addBillOn,
  amount,
  circleCents,
  circlesOf,
  type CircleView,
  dayFrom,
  holders,
  inPeriod,
  momentOn,
  partsOf,
  sendOn,
  settleOn,
  smallCents,
  walletCents,
} from "./_money_kit.ts";
import { allPages, contactNamed, signIn, sumMoney } from "./_toolbox.ts";

type CirclePub = { readonly circle: string; readonly memo: string; readonly card: string };
type PersonPub = { readonly name: string; readonly memo: string; readonly final: string; readonly since: string };

/** What the user owes in a circle, by the fewest payments. */
function debts(ctx: SetupContext, circle: CircleView): { readonly to: string; readonly cents: number }[] {
  return settlingPayments(circleCents(ctx, circle)).filter(({ from }) => from === ctx.user.email);
}

/** A card of the user that the bank accepts for so much, whose label no other card has. */
function goodCard(ctx: SetupContext, cents: number): Row | undefined {
  const cards = ctx.rows("tuppence.pay_card", ctx.user.email);
  return cards.find((card) => {
    const [account] = ctx.rowsWhere("registry.bank_card", "number", textOf(card, "number"));
    return account !== undefined && numberOf(account, "balance") >= cents &&
      textOf(card, "expires") >= ctx.at.slice(0, 7) &&
      cards.filter((other) => other["label"] === card["label"]).length === 1;
  });
}

function drawCircle(ctx: SetupContext): BenchDraw<CirclePub> | Reject {
  const [circle] = circlesOf(ctx, 5, 10);
  if (circle === undefined) return reject("no circle of five to ten");
  const others = ctx.random.shuffle(circle.members.filter((email) => email !== ctx.user.email));
  const titles = ctx.random.shuffle([
    "Cabin deposit",
    "Van rental",
    "Boat berth",
    "Festival passes",
    "Ski hire",
    "Ferry for all",
    "Museum night",
  ]);
  others.slice(0, 7).forEach((by, i) => {
    const day = daysAgo(ctx, ctx.random.int(4, 25));
    const cents = ctx.random.int(50, 90) * 100 + ctx.random.pick([10, 35, 60]);
    const shares = new Map([[by, 1000], [ctx.user.email, cents - 1000]]);
    addBillOn(ctx, { circle: circle.id, by, title: titles[i] ?? "", cents, day, category: "travel", shares });
  });
  const owed = debts(ctx, circle);
  const total = owed.reduce((sum, { cents }) => sum + cents, 0);
  const [first, second] = owed;
  if (first === undefined || second === undefined) return reject("fewer than two people to pay");
  // Savings leave too little in the wallet, so that the card is needed.
  const spare = walletCents(ctx) - Math.floor(total / 200) * 100;
  if (spare > 0) {
    const [pot] = ctx.rows("tuppence.pot", ctx.user.email);
    if (pot === undefined) return reject("no pot");
    ctx.as(ctx.user, momentOn(ctx, daysAgo(ctx, 2)))("tuppence", "move_into_pot", {
      pot_id: pot.id,
      amount: spare / 100,
    });
  }
  const missing = total - walletCents(ctx);
  const card = missing > 0 ? goodCard(ctx, missing) : undefined;
  if (card === undefined) return reject("no card for what is missing");
  const ask = (from: string, cents: number) => {
    const memo = ctx.random.pick(["trip", "the weekend", "my costs"]);
    const args = { to: ctx.user.email, amount: amount(cents), memo };
    return ctx.as({ email: from }, momentOn(ctx, daysAgo(ctx, ctx.random.int(1, 3))))("tuppence", "ask_money", args);
  };
  const asking = holders(ctx).map(({ person }) => person.email).filter((email) => !circle.members.includes(email));
  if (asking.length === 0) return reject("nobody else to ask for money");
  for (let i = 0; i < 36; i++) ask(ctx.random.pick(asking), smallCents(ctx));
  const askId = idIn(ask(first.to, first.cents), "ask_id");
  ask(second.to, second.cents + ctx.random.pick([100, 550, -200]));
  const open = ctx.rows("tuppence.ask", ctx.user.email).filter((row) =>
    row["to"] === ctx.user.email && row["state"] === "open" &&
    owed.some(({ to, cents }) => to === row["from"] && cents === row["amount"])
  );
  if (open.length !== 1) return reject("another ask is for the very amount");
  const memo = `even in ${circle.name}`;
  const { name } = circle;
  const label = textOf(card, "label");
  const instruction = phrase(ctx, [
    `Settle what I owe in the circle "${name}": pay from my wallet what commonpot suggests, with the memo "${memo}", and record each payment in the circle under that memo. Where somebody's open ask is for exactly that amount, accept it instead of sending. First top up just what is missing in one go from my "${label}".`,
    `I want to be even in "${name}". Make the payments that commonpot suggests for me in tuppence (memo "${memo}"; if the person already asks for exactly the amount, accept the ask) and record every one in the circle with that memo. My balance is short, so load the exact gap once from the "${label}" before.`,
    `Please pay my suggested settlements of the circle "${name}" through tuppence. Use the memo "${memo}" for transfers and for the records in the circle; an open ask of exactly the sum is accepted rather than paid twice. Beforehand move precisely the missing money, all at once, from my "${label}".`,
  ]);
  return {
    instruction,
    pub: { circle: name, memo, card: label },
    writes: (client) => {
      client("tuppence", "top_up", { card_id: card.id, amount: amount(missing) });
      for (const { to, cents } of owed) {
        if (to === first.to) client("tuppence", "accept_ask", { ask_id: askId });
        else client("tuppence", "send_money", { to, amount: amount(cents), memo });
        client("commonpot", "add_settlement", { circle_id: circle.id, to, amount: amount(cents), memo });
      }
    },
  };
}

function drawPerson(ctx: SetupContext): BenchDraw<PersonPub> | Reject {
  const shared = circlesOf(ctx, 2);
  const [found] = ctx.random.shuffle(holders(ctx)).flatMap(({ person }) => {
    const circle = shared.find(({ members }) => members.includes(person.email));
    return circle === undefined ? [] : [{ person, circle }];
  });
  if (found === undefined) return reject("nobody to be even with");
  const { person, circle } = found;
  const [me, them] = [ctx.user.email, person.email];
  const since = daysAgo(ctx, ctx.random.int(15, 24));
  for (const title of ["Tent and poles", "Rail passes", "Workshop fee", "Canoe hire", "Concert hall"]) {
    const cents = ctx.random.int(70, 110) * 100;
    const shares = new Map([[them, 500], [me, cents - 500]]);
    addBillOn(ctx, { circle: circle.id, by: them, title, cents, day: addDays(since, -4), category: "fun", shares });
  }
  const memo = ctx.random.pick(["on account", "part payment", "for the pot"]);
  const final = ctx.random.pick(["all even", "last bit", "that is it"]);
  const pay = (day: string, cents: number, label = memo) => sendOn(ctx, ctx.user, person, day, cents, label);
  // Different sums, so that day and amount tell payments apart.
  const sums = ctx.random.shuffle(Array.from({ length: 28 }, (_, i) => 300 + i * 50 + ctx.random.pick([0, 20, 25])));
  const days = sums.map((_, i) => addDays(since, Math.floor(i * 13 / sums.length)));
  days.forEach((day, i) => pay(day, sums[i] ?? 1000));
  pay(addDays(since, -1), smallCents(ctx, 3, 9));
  pay(addDays(since, 4), smallCents(ctx, 3, 9), "lunch");
  const record = (i: number, day = days[i] ?? since) =>
    settleOn(ctx, { by: me, from: me, to: them, cents: sums[i] ?? 0, day, memo });
  for (const i of [1, 4, 5, 9, 14, 17]) record(i);
  // The same amount on another day is not the same payment.
  record(2, addDays(since, -2));
  for (const cents of [1250, 2000, 975, 1800, 640, 1120, 1525]) {
    const at = momentOn(ctx, dayFrom(ctx, since, daysAgo(ctx, 1)));
    ctx.as(person, at)("tuppence", "ask_money", { to: me, amount: cents / 100, memo: "commonpot" });
  }
  const transfers = ctx.rows("tuppence.transfer", me).filter((row) =>
    row["from"] === me && row["to"] === them && row["memo"] === memo && inPeriod(row, since, ctx.at)
  );
  const known = ctx.rows("commonpot.settlement", me).filter((row) => row["from"] === me && row["to"] === them);
  const missing = transfers.filter((row) =>
    !known.some((one) => one["amount"] === row["amount"] && one["on"] === textOf(row, "at").slice(0, 10))
  );
  let owed = -missing.reduce((sum, row) => sum + numberOf(row, "amount"), 0);
  for (const [id, part] of userBills(ctx, me)) {
    const bill = ctx.row("commonpot.bill", id);
    if (bill?.["removed"] === false && bill["paid_by"] === them) owed += part;
  }
  for (const bill of ctx.rowsWhere("commonpot.bill", "paid_by", me)) {
    if (bill["removed"] === false) owed -= partsOf(ctx, bill.id).get(them) ?? 0;
  }
  for (const row of ctx.rows("commonpot.settlement", me)) {
    if (row["from"] === me && row["to"] === them) owed -= numberOf(row, "amount");
    if (row["from"] === them && row["to"] === me) owed += numberOf(row, "amount");
  }
  if (missing.length < 2 || owed <= 0 || owed > walletCents(ctx)) return reject("nothing is left to pay, or too much");
  const asks = ctx.rows("tuppence.ask", me).filter((row) => row["from"] === them && row["state"] === "open");
  const { name } = person;
  const day = sayDate(since);
  const instruction = phrase(ctx, [
    `Make me even with ${name} in commonpot. I have sent transfers with the memo "${memo}" since ${day}, some not yet recorded there: record those first, on their own day, same memo, no circle. Then send what I still owe overall with the memo "${final}", record that as well, and refuse any open asks from ${name}.`,
    `Get the accounts with ${name} straight. From ${day} on I paid in tuppence under "${memo}"; record each such payment missing in commonpot (its day, same memo, outside any circle). Pay the rest of my overall debt with memo "${final}", record it likewise, and turn down the open asks ${name} sent me.`,
    `Please settle up with ${name}: payments of mine with memo "${memo}" since ${day} that commonpot does not know (same day and amount) get recorded under that memo without a circle. What I owe after that is sent and recorded with memo "${final}"; open asks by ${name} are then refused.`,
  ]);
  return {
    instruction,
    pub: { name, memo, final, since },
    said: { since: day },
    writes: (client) => {
      for (const row of missing) {
        const on = textOf(row, "at").slice(0, 10);
        client("commonpot", "add_settlement", { to: them, amount: amount(numberOf(row, "amount")), on, memo });
      }
      client("tuppence", "send_money", { to: them, amount: amount(owed), memo: final });
      client("commonpot", "add_settlement", { to: them, amount: amount(owed), memo: final });
      for (const row of asks) client("tuppence", "refuse_ask", { ask_id: row.id });
    },
  };
}

/** The user's parts of bills, in cents by bill. */
function userBills(ctx: SetupContext, me: string): Map<number, number> {
  return new Map(ctx.rows("commonpot.share", me).map((row) => [numberOf(row, "bill_id"), numberOf(row, "owed")]));
}

function solveSettleCircle(apis: Apis, pub: CirclePub) {
  const shared = signIn(apis, "commonpot");
  const token = signIn(apis, "tuppence");
  const me = apis.principal.who_am_i().email;
  const circle = allPages(apis.commonpot.list_circles, { token: shared }).find((x) => x.name === pub.circle);
  const { circle_id } = circle;
  const mine = allPages(apis.commonpot.suggest_settlements, { token: shared, circle_id }).filter((x) => x.from === me);
  const missing = sumMoney([...mine.map((x) => x.amount), -apis.tuppence.get_balance({ token }).balance]);
  if (missing > 0) {
    const card = allPages(apis.tuppence.list_cards, { token }).find((x) => x.label === pub.card);
    apis.tuppence.top_up({ token, card_id: card.card_id, amount: missing });
  }
  const asks = allPages(apis.tuppence.list_asks_in, { token, state: "open" });
  for (const { to, amount } of mine) {
    const ask = asks.find((x) => x.from === to && x.amount === amount);
    if (ask === undefined) apis.tuppence.send_money({ token, to, amount, memo: pub.memo });
    else apis.tuppence.accept_ask({ token, ask_id: ask.ask_id });
    apis.commonpot.add_settlement({ token: shared, circle_id, to, amount, memo: pub.memo });
  }
}

function solveSettlePerson(apis: Apis, pub: PersonPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "tuppence");
  const shared = signIn(apis, "commonpot");
  const me = apis.principal.who_am_i().email;
  const { email } = contactNamed(apis, phone, pub.name);
  const sent = allPages(apis.tuppence.list_transfers_with, { token, email, since: pub.since })
    .filter((x) => x.from === me && x.memo === pub.memo);
  const known = allPages(apis.commonpot.list_settlements, { token: shared, email }).filter((x) => x.from === me);
  for (const { amount, at } of sent) {
    const on = at.slice(0, 10);
    if (known.some((x) => x.amount === amount && x.on === on)) continue;
    apis.commonpot.add_settlement({ token: shared, to: email, amount, on, memo: pub.memo });
  }
  const { balance } = apis.commonpot.get_balance_with({ token: shared, email });
  apis.tuppence.send_money({ token, to: email, amount: -balance, memo: pub.final });
  apis.commonpot.add_settlement({ token: shared, to: email, amount: -balance, memo: pub.final });
  for (const ask of allPages(apis.tuppence.list_asks_in, { token, state: "open" })) {
    if (ask.from === email) apis.tuppence.refuse_ask({ token, ask_id: ask.ask_id });
  }
}

const FAMILY = { split: "dev", difficulty: 3, axis: {} } as const;

/** Scenarios of this generator. */
export const settleUp: readonly Scenario[] = [
  bench<CirclePub, Record<string, never>>({
    ...FAMILY,
    family: "settle_up/circle",
    apps: ["commonpot", "tuppence"],
    draw: drawCircle,
    solve: solveSettleCircle,
  }),
  bench<PersonPub, Record<string, never>>({
    ...FAMILY,
    family: "settle_up/person",
    apps: ["commonpot", "handset", "tuppence"],
    draw: drawPerson,
    solve: solveSettlePerson,
  }),
];
