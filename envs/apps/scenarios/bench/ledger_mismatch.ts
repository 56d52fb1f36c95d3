/**
 * Bills and settlements of a circle against the transfers of the wallet: payments that never came, totals that are wrong, records that
 * are there twice.
 *
 * Hurdles: a transfer of the same amount from somebody else, two real payments of one amount on one day, records a day before the
 * period, bills that somebody else paid.
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
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import {
  addBillOn,
  amount,
  billsIn,
  circlesOf,
  dayFrom,
  holderOf,
  holders,
  momentOn,
  partsOf,
  sendOn,
  settleOn,
  smallCents,
} from "./_money_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

type MissingPub = { readonly circle: string; readonly since: string; readonly memo: string };
type AmountPub = { readonly circle: string; readonly since: string; readonly remark: string };
type DoublePub = { readonly circle: string; readonly since: string };

/** Memo of settlements that say to have gone through the wallet. */
const VIA = "wallet";

/** Settlements of a circle with that memo from a day on. */
function records(ctx: SetupContext, circleId: number, since: string): Row[] {
  return ctx.rowsWhere("commonpot.settlement", "circle_id", circleId)
    .filter((row) => row["memo"] === VIA && textOf(row, "on") >= since);
}

/** Transfers of the user that a settlement may stand for. */
function transfersFor(ctx: SetupContext, row: Row): Row[] {
  return ctx.rows("tuppence.transfer", ctx.user.email).filter((one) =>
    one["from"] === row["from"] && one["to"] === row["to"] && one["amount"] === row["amount"] &&
    textOf(one, "at").slice(0, 10) === row["on"]
  );
}

function drawMissing(ctx: SetupContext): BenchDraw<MissingPub> | Reject {
  const [circle] = circlesOf(ctx, 4, 9);
  if (circle === undefined) return reject("no circle of four to nine");
  const me = ctx.user.email;
  const others = ctx.random.shuffle(circle.members.filter((email) => email !== me));
  const since = daysAgo(ctx, ctx.random.int(20, 40));
  const plan = [
    "came",
    "missing",
    "asked",
    "missing",
    "came",
    "missing",
    "asked",
    "early",
    "elsewhere",
    "missing",
    "came",
  ] as const;
  plan.forEach((fate, i) => {
    const from = others[i % others.length] ?? "";
    const day = i === 1 ? since : fate === "early" ? addDays(since, -1) : dayFrom(ctx, since, daysAgo(ctx, 2));
    const cents = smallCents(ctx, 5, 20) + i;
    settleOn(ctx, { by: from, from, to: me, cents, day, memo: VIA, circle: circle.id });
    if (fate === "came") sendOn(ctx, holderOf(ctx, from), ctx.user, day, cents, "commonpot");
    if (fate === "elsewhere") {
      sendOn(ctx, holderOf(ctx, others[(i + 1) % others.length] ?? ""), ctx.user, day, cents, "commonpot");
    }
    if (fate === "asked") {
      const at = momentOn(ctx, addDays(day, -3));
      ctx.as(ctx.user, at)("tuppence", "ask_money", { to: from, amount: cents / 100, memo: "my part back" });
    }
  });
  const memo = cycle(ctx, ["still open", "did not arrive", "please send again"]);
  const writes: Write[] = [];
  const asked = ctx.rows("tuppence.ask", me).filter((row) => row["from"] === me && row["state"] === "open");
  for (const row of records(ctx, circle.id, since)) {
    if (row["to"] !== me || transfersFor(ctx, row).length > 0) continue;
    writes.push({ app: "commonpot", api: "remove_settlement", args: { settlement_id: row.id } });
    const open = asked.filter((ask) => ask["to"] === row["from"] && ask["amount"] === row["amount"]);
    const [ask] = open;
    if (open.length > 1) return reject("two asks for one amount");
    const args = { to: textOf(row, "from"), amount: amount(numberOf(row, "amount")), memo };
    writes.push(
      ask === undefined
        ? { app: "tuppence", api: "ask_money", args }
        : { app: "tuppence", api: "remind_ask", args: { ask_id: ask.id } },
    );
  }
  const [day, { name }] = [sayDate(since), circle];
  const instruction = phrase(ctx, [
    `In "${name}", some payments to me dated ${day} or later with the memo "${VIA}" never arrived: there is no transfer of that amount from that person on that day. Remove these records and ask each person for the amount in tuppence, memo "${memo}"; if my ask to them for exactly that amount is still open, just send a reminder.`,
    `Check what people of the circle "${name}" say they paid me since ${day} under the memo "${VIA}". Without a transfer from them of the same amount on the same day, delete the record and ask for the money with the memo "${memo}", or remind them where I have an open ask for that very sum.`,
    `Please compare the settlements to me in "${name}" from ${day} on that carry the memo "${VIA}" with my wallet. Where that person sent no such amount that day, the settlement goes, and the person gets an ask with memo "${memo}", or a reminder in case one for the same amount is open.`,
  ]);
  return { instruction, pub: { circle: name, since, memo }, said: { since: day }, writes };
}

const PURCHASES = [
  "Hut booking",
  "Ice skates",
  "Sound desk",
  "Bus charter",
  "Lake permits",
  "Fire bowl",
  "Projector",
  "Kayak hire",
  "Sand bags",
  "Race numbers",
];

function drawAmount(ctx: SetupContext): BenchDraw<AmountPub> | Reject {
  const [circle] = circlesOf(ctx, 4, 9);
  if (circle === undefined) return reject("no circle of four to nine");
  const me = ctx.user.email;
  const others = ctx.random.shuffle(circle.members.filter((email) => email !== me));
  const sellers = holders(ctx).map(({ person }) => person).filter(({ email }) => !circle.members.includes(email));
  if (sellers.length < 2) return reject("nobody to buy from");
  const since = daysAgo(ctx, ctx.random.int(25, 45));
  const titles = ctx.random.shuffle(PURCHASES);
  const plan = ["right", "equal", "uneven", "equal", "uneven", "early", "other", "uneven", "right", "equal"] as const;
  plan.forEach((fate, i) => {
    const day = i === 1 ? since : fate === "early" ? addDays(since, -1) : dayFrom(ctx, since, daysAgo(ctx, 2));
    const cents = ctx.random.int(12, 24) * 100;
    const off = fate === "right" ? 0 : ctx.random.pick([-130, 240, 315]);
    const [one = "", two = ""] = [others[i % others.length], others[(i + 1) % others.length]];
    const shares = new Map([[one, 250], [two, 420], [me, cents - 670]]);
    const by = fate === "other" ? one : me;
    const title = titles[i] ?? "";
    const plain = { circle: circle.id, by, title, cents, day, category: "fun" };
    addBillOn(ctx, fate === "uneven" ? { ...plain, shares } : plain);
    sendOn(ctx, ctx.user, ctx.random.pick(sellers), day, cents + off, title);
  });
  const sent = ctx.rows("tuppence.transfer", me).filter((row) => row["from"] === me);
  const remark = cycle(ctx, ["Total corrected.", "Amount fixed, see my wallet.", "Now as I really paid."]);
  const writes: Write[] = [];
  for (const bill of billsIn(ctx, circle.id)) {
    if (bill["paid_by"] !== me || textOf(bill, "on") < since) continue;
    const found = sent.filter((row) => row["memo"] === bill["title"] && textOf(row, "at").slice(0, 10) === bill["on"]);
    const [transfer] = found;
    if (transfer === undefined || transfer["amount"] === bill["total"]) continue;
    if (found.length > 1) return reject("two transfers for one bill");
    const paid = numberOf(transfer, "amount");
    const parts = partsOf(ctx, bill.id);
    const values = [...parts.values()];
    const equal = Math.max(...values) - Math.min(...values) < values.length;
    const mine = (parts.get(me) ?? 0) + paid - numberOf(bill, "total");
    if (!equal && mine <= 0) return reject("the difference is more than the user's part");
    const shares = Object.fromEntries([...parts, [me, mine] as const].map(([who, cents]) => [who, amount(cents)]));
    const args = { bill_id: bill.id, total: amount(paid) };
    writes.push(
      equal
        ? { app: "commonpot", api: "edit_bill", args }
        : { app: "commonpot", api: "set_shares", args: { ...args, shares } },
      { app: "commonpot", api: "add_remark", args: { bill_id: bill.id, text: remark } },
    );
  }
  const [day, { name }] = [sayDate(since), circle];
  const instruction = phrase(ctx, [
    `My bills in "${name}" since ${day} may have wrong totals: what I really paid is the transfer I sent that day with the bill's title as memo. Correct each total that differs. Equally split bills stay equal; in the others the difference is mine. Leave the remark "${remark}" under every bill you corrected.`,
    `Compare the bills I paid in the circle "${name}" from ${day} on with my wallet (same day, title as memo). Where the amounts differ, the transfer is right: fix the total, keeping equal splits equal and putting the difference on my own share elsewhere, and add the remark "${remark}" to the bill.`,
    `Please check bills paid by me in "${name}", dated ${day} or later, against my transfers of that day whose memo is the title. If a total is off, set it to the transferred sum. Equal shares remain equal, otherwise only my part changes. Comment each fixed bill with "${remark}".`,
  ]);
  return { instruction, pub: { circle: name, since, remark }, said: { since: day }, writes };
}

function drawDouble(ctx: SetupContext): BenchDraw<DoublePub> | Reject {
  const [circle] = circlesOf(ctx, 3, 9);
  if (circle === undefined) return reject("no circle of three to nine");
  const me = ctx.user.email;
  const others = ctx.random.shuffle(circle.members.filter((email) => email !== me));
  const since = daysAgo(ctx, ctx.random.int(20, 45));
  // Transfers and records of each payment.
  const plan = [[1, 2], [1, 1], [2, 2], [1, 3], [1, 2], [1, 1], [2, 3], [1, 2], [1, 1]] as const;
  const payments = [...plan, [1, 2] as const].map(([sent, noted], i) => {
    const to = others[i % others.length] ?? "";
    const day = i === 0 ? since : i === plan.length ? addDays(since, -1) : dayFrom(ctx, since, daysAgo(ctx, 2));
    const cents = smallCents(ctx, 3, 9) + i;
    for (let n = 0; n < sent; n++) sendOn(ctx, ctx.user, holderOf(ctx, to), day, cents, "commonpot");
    return { by: me, from: me, to, cents, day, memo: VIA, circle: circle.id, noted };
  });
  for (let n = 0; n < 3; n++) {
    for (const { noted, ...record } of payments) {
      if (n < noted) settleOn(ctx, n === 0 ? record : { ...record, by: record.to });
    }
  }
  const seen = new Map<string, number>();
  const writes: Write[] = [];
  for (const row of records(ctx, circle.id, since)) {
    if (row["from"] !== me) continue;
    const key = `${row["to"]} ${row["amount"]} ${row["on"]}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    const real = transfersFor(ctx, row).length;
    if (real === 0) return reject("a record without a transfer");
    if (count > real) writes.push({ app: "commonpot", api: "remove_settlement", args: { settlement_id: row.id } });
  }
  const [day, { name }] = [sayDate(since), circle];
  const instruction = phrase(ctx, [
    `Some of my payments in "${name}" with the memo "${VIA}" were recorded more than once. For those dated ${day} or later, remove records until there are as many as transfers I really sent to that person with that amount on that day.`,
    `Clean up the settlements I paid in the circle "${name}" since ${day} under the memo "${VIA}": there must be exactly one per transfer from my wallet (same person, day and amount). Delete the surplus ones.`,
    `Please look for doubles among my own settlements in "${name}", memo "${VIA}", from ${day} on. Whatever exceeds the number of equal transfers, by person, amount and day, is to be removed.`,
  ]);
  return { instruction, pub: { circle: name, since }, said: { since: day }, writes };
}

function solveLedgerMissing(apis: Apis, pub: MissingPub) {
  const token = signIn(apis, "commonpot");
  const wallet = signIn(apis, "tuppence");
  const me = apis.principal.who_am_i().email;
  const circle_id = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle).circle_id;
  const asks = allPages(apis.tuppence.list_asks_out, { token: wallet, state: "open" });
  for (const row of allPages(apis.commonpot.list_settlements, { token, circle_id, since: pub.since })) {
    if (row.to !== me || row.memo !== "wallet") continue;
    const { from, amount, on } = row;
    const period = { token: wallet, email: from, since: on, until: on };
    const came = allPages(apis.tuppence.list_transfers_with, period);
    if (came.some((x) => x.from === from && x.amount === amount)) continue;
    apis.commonpot.remove_settlement({ token, settlement_id: row.settlement_id });
    const ask = asks.find((x) => x.to === from && x.amount === amount);
    if (ask === undefined) apis.tuppence.ask_money({ token: wallet, to: from, amount, memo: pub.memo });
    else apis.tuppence.remind_ask({ token: wallet, ask_id: ask.ask_id });
  }
}

function solveLedgerAmount(apis: Apis, pub: AmountPub) {
  const token = signIn(apis, "commonpot");
  const wallet = signIn(apis, "tuppence");
  const me = apis.principal.who_am_i().email;
  const { since } = pub;
  const circle_id = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle).circle_id;
  const sent = allPages(apis.tuppence.list_transfers, { token: wallet, direction: "sent", since });
  for (const bill of allPages(apis.commonpot.list_bills, { token, circle_id, since, paid_by: me })) {
    const transfer = sent.find((x) => x.memo === bill.title && x.at.slice(0, 10) === bill.on);
    if (transfer === undefined || transfer.amount === bill.total) continue;
    const { bill_id } = bill;
    const total = transfer.amount;
    const shares = allPages(apis.commonpot.list_shares, { token, bill_id });
    const cents = shares.map((x) => Math.round(x.owed * 100));
    // Equal parts differ by the cents of the remainder alone.
    if (Math.max(...cents) - Math.min(...cents) < cents.length) {
      apis.commonpot.edit_bill({ token, bill_id, total });
    } else {
      const byEmail: Record<string, number> = {};
      let mine = Math.round(total * 100);
      for (const { email, owed } of shares) {
        if (email === me) continue;
        byEmail[email] = owed;
        mine -= Math.round(owed * 100);
      }
      byEmail[me] = mine / 100;
      apis.commonpot.set_shares({ token, bill_id, total, shares: byEmail });
    }
    apis.commonpot.add_remark({ token, bill_id, text: pub.remark });
  }
}

function solveLedgerDouble(apis: Apis, pub: DoublePub) {
  const token = signIn(apis, "commonpot");
  const wallet = signIn(apis, "tuppence");
  const me = apis.principal.who_am_i().email;
  const circle_id = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle).circle_id;
  const seen: Record<string, number> = {};
  for (const row of allPages(apis.commonpot.list_settlements, { token, circle_id, since: pub.since })) {
    if (row.from !== me || row.memo !== "wallet") continue;
    const { to, amount, on } = row;
    const key = [to, amount, on].join(" ");
    seen[key] = (seen[key] ?? 0) + 1;
    const rows = allPages(apis.tuppence.list_transfers_with, { token: wallet, email: to, since: on, until: on });
    const real = rows.filter((x) => x.from === me && x.amount === amount).length;
    if ((seen[key] ?? 0) > real) apis.commonpot.remove_settlement({ token, settlement_id: row.settlement_id });
  }
}

const FAMILY = { split: "test_normal", apps: ["commonpot", "tuppence"], axis: {} } as const;

/** Scenarios of this generator. */
export const ledgerMismatch: readonly Scenario[] = [
  bench<MissingPub, Record<string, never>>({
    ...FAMILY,
    family: "ledger_mismatch/missing_payment",
    difficulty: 3,
    draw: drawMissing,
    solve: solveLedgerMissing,
  }),
  bench<AmountPub, Record<string, never>>({
    ...FAMILY,
    family: "ledger_mismatch/wrong_amount",
    difficulty: 3,
    draw: drawAmount,
    solve: solveLedgerAmount,
  }),
  bench<DoublePub, Record<string, never>>({
    ...FAMILY,
    family: "ledger_mismatch/double",
    difficulty: 2,
    draw: drawDouble,
    solve: solveLedgerDouble,
  }),
];
