/**
 * Following up on one's own open asks: reminding of old ones, withdrawing those that were paid anyway, lowering those paid in part.
 *
 * Hurdles: an ask exactly as old as the limit, one that a reminder went out for already; a payment of another amount, or from before
 * the ask; a part payment that came from somebody else.
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
  idIn,
  numberOf,
  phrase,
  type Principal,
  type Reject,
  reject,
  type Row,
  sayDate,
  sayTies,
  type Scenario,
  type SetupContext,
  textOf,
  tiedHolders,
  tiesWith,
} from "./_kit.ts";
import { amount, holders, momentOn, outside, sendOn, smallCents } from "./_money_kit.ts";
import { allPages, contactsWith, signIn, sumMoney } from "./_toolbox.ts";

type RemindPub = { readonly since: string; readonly unlessReminded: string };
type RepaidPub = { readonly remark: string };
type LowerPub = { readonly tie: string };

const MEMOS = [
  "canoe weekend",
  "theatre",
  "pan set",
  "moving van",
  "tent",
  "oil change",
  "present",
  "brunch",
  "paint",
] as const;

function openAsks(ctx: SetupContext): Row[] {
  return ctx.rows("tuppence.ask", ctx.user.email).filter((row) =>
    row["from"] === ctx.user.email && row["state"] === "open"
  );
}

function askOn(ctx: SetupContext, to: Pick<Principal, "email">, day: string, cents: number, memo: string): number {
  const args = { to: to.email, amount: cents / 100, memo };
  return idIn(ctx.as(ctx.user, momentOn(ctx, day))("tuppence", "ask_money", args), "ask_id");
}

/** Transfers that the user got from somebody. */
function got(ctx: SetupContext, from: string): Row[] {
  return ctx.rows("tuppence.transfer", ctx.user.email).filter((row) => row["from"] === from);
}

function drawRemind(ctx: SetupContext): BenchDraw<RemindPub> | Reject {
  const people = ctx.random.sample(holders(ctx), 14).map(({ person }) => person);
  const until = daysAgo(ctx, cycle(ctx, [30, 45, 60]) + ctx.random.int(0, 5));
  const reminded = daysAgo(ctx, ctx.random.int(7, 14));
  const days = [
    until,
    addDays(until, 1),
    addDays(until, -1),
    addDays(until, -8),
    addDays(until, -20),
    addDays(until, 9),
  ];
  const ids = people.map((person, i) =>
    askOn(ctx, person, days[i] ?? addDays(until, -ctx.random.int(2, 40)), smallCents(ctx), ctx.random.pick(MEMOS))
  );
  const remind = (id: number | undefined, day: string) =>
    id === undefined ? undefined : ctx.as(ctx.user, momentOn(ctx, day))("tuppence", "remind_ask", { ask_id: id });
  remind(ids[3], reminded);
  remind(ids[4], addDays(reminded, -1));
  remind(ids[6], addDays(reminded, 2));
  const rows = openAsks(ctx);
  const wanted = rows.filter((row) =>
    textOf(row, "at").slice(0, 10) <= until &&
    (row["reminded_at"] === null || textOf(row, "reminded_at").slice(0, 10) < reminded)
  );
  if (wanted.length < 4 || rows.length - wanted.length < 3) return reject("too few asks");
  const [old, recent] = [sayDate(until), sayDate(reminded)];
  const instruction = phrase(ctx, [
    `Remind everybody who has not answered an ask for money that I sent on ${old} or before, except where I have sent a reminder on or after ${recent}.`,
    `Who still ignores what I asked for in tuppence up to and including ${old}? Send each of those open asks a reminder, but skip the ones I already reminded of since ${recent}.`,
    `Please send reminders for my open asks from ${old} or earlier. Leave out an ask if its last reminder went out on ${recent} or later.`,
  ]);
  return {
    instruction,
    pub: { since: until, unlessReminded: reminded },
    said: { since: old, unlessReminded: recent },
    writes: wanted.map((row) => ({ app: "tuppence", api: "remind_ask", args: { ask_id: row.id } })),
  };
}

function drawRepaid(ctx: SetupContext): BenchDraw<RepaidPub> | Reject {
  const people = ctx.random.sample(holders(ctx), 11).map(({ person }) => person);
  if (people.length < 8) return reject("too few people");
  people.forEach((person, i) => {
    const day = daysAgo(ctx, ctx.random.int(10, 25));
    const cents = smallCents(ctx, 6, 24) + i;
    if (i === 4) sendOn(ctx, person, ctx.user, addDays(day, -2), cents, "for you");
    askOn(ctx, person, day, cents, ctx.random.pick(MEMOS));
    if (i < 4 || i > 7) {
      sendOn(
        ctx,
        person,
        ctx.user,
        addDays(day, ctx.random.int(1, 6)),
        cents,
        ctx.random.pick(["here you go", "paid", ""]),
      );
    }
    if (i === 5) sendOn(ctx, person, ctx.user, addDays(day, 2), cents + 50, "almost");
    if (i === 6) sendOn(ctx, people[7] ?? person, ctx.user, addDays(day, 3), cents, "hello");
  });
  const writes = [];
  const remark = ctx.random.pick(["That settles it.", "All square now.", "Received, thanks."]);
  const used = new Set<number>();
  for (const ask of openAsks(ctx)) {
    const paid = got(ctx, textOf(ask, "to")).filter((row) =>
      row["amount"] === ask["amount"] && textOf(row, "at") > textOf(ask, "at")
    );
    const [transfer] = paid;
    if (transfer === undefined) continue;
    if (paid.length > 1 || used.has(transfer.id)) return reject("two payments or asks of one amount");
    used.add(transfer.id);
    writes.push({ app: "tuppence", api: "withdraw_ask", args: { ask_id: ask.id } });
    writes.push({ app: "tuppence", api: "add_remark", args: { transfer_id: transfer.id, text: remark } });
  }
  if (used.size < 3) return reject("too few asks were paid");
  const instruction = phrase(ctx, [
    `Some people sent me what I had asked for without accepting the ask. Withdraw each open ask of mine whose exact amount came in from that person after I asked, and leave the remark "${remark}" under that transfer.`,
    `Clean up my open asks in tuppence: if the person has transferred precisely that amount to me since the ask, take the ask back and write "${remark}" as a remark under the transfer.`,
    `Please find my open asks that are really paid, meaning a transfer of the same amount from the same person later than the ask. Withdraw those and comment the transfers with "${remark}".`,
  ]);
  return { instruction, pub: { remark }, writes };
}

function drawLower(ctx: SetupContext): BenchDraw<LowerPub> | Reject {
  const [tie] = tiesWith(ctx, 3, 12);
  const people = tie === undefined ? [] : ctx.random.sample(tiedHolders(ctx, tie), 8);
  const [stranger] = tie === undefined ? [] : outside(ctx, tie);
  if (tie === undefined || people.length < 3 || stranger === undefined) return reject("too few people");
  const memos = ctx.random.shuffle(MEMOS);
  [...people, stranger].forEach((person, i) => {
    const day = daysAgo(ctx, ctx.random.int(12, 30));
    const memo = memos[i] ?? "";
    askOn(ctx, person, day, ctx.random.int(30, 48) * 100, memo);
    sendOn(ctx, person, ctx.user, addDays(day, -1), smallCents(ctx, 3, 6), memo);
    if (i === 1) sendOn(ctx, person, ctx.user, addDays(day, 2), smallCents(ctx, 3, 6), "other thing");
    for (let n = ctx.random.int(1, 2); n > 0; n--) {
      sendOn(ctx, person, ctx.user, addDays(day, ctx.random.int(1, 8)), smallCents(ctx, 3, 9), memo);
    }
  });
  const emails = new Set(tiedHolders(ctx, tie).map(({ email }) => email));
  const writes = [];
  for (const ask of openAsks(ctx)) {
    if (!emails.has(textOf(ask, "to"))) continue;
    const parts = got(ctx, textOf(ask, "to")).filter((row) =>
      row["memo"] === ask["memo"] && textOf(row, "at") > textOf(ask, "at")
    );
    const left = parts.reduce((cents, row) => cents - numberOf(row, "amount"), numberOf(ask, "amount"));
    if (parts.length === 0) continue;
    if (left <= 0) return reject("an ask is paid in full");
    writes.push({ app: "tuppence", api: "edit_ask", args: { ask_id: ask.id, amount: amount(left) } });
  }
  if (writes.length < 3) return reject("too few asks were paid in part");
  const who = sayTies(tie);
  const instruction = phrase(ctx, [
    `Lower my open asks to ${who} by what they have sent me for them since: transfers after the ask with the same memo count as part payments.`,
    `When one of ${who} has paid part of an open ask of mine (a transfer made after it with the very same memo), bring the ask down to what is still missing.`,
    `Please correct my open asks to ${who} in tuppence. Subtract all transfers that came from that person after the ask under the ask's memo.`,
  ]);
  return { instruction, pub: { tie }, writes };
}

function solveAskRemind(apis: Apis, pub: RemindPub) {
  const token = signIn(apis, "tuppence");
  for (const ask of allPages(apis.tuppence.list_asks_out, { token, state: "open", until: pub.since })) {
    const { reminded_at } = apis.tuppence.get_ask({ token, ask_id: ask.ask_id });
    if (reminded_at !== null && reminded_at.slice(0, 10) >= pub.unlessReminded) continue;
    apis.tuppence.remind_ask({ token, ask_id: ask.ask_id });
  }
}

function solveAskRepaid(apis: Apis, pub: RepaidPub) {
  const token = signIn(apis, "tuppence");
  for (const ask of allPages(apis.tuppence.list_asks_out, { token, state: "open" })) {
    const rows = allPages(apis.tuppence.list_transfers_with, { token, email: ask.to, since: ask.at.slice(0, 10) });
    const paid = rows.find((x) => x.from === ask.to && x.amount === ask.amount && x.at > ask.at);
    if (paid === undefined) continue;
    apis.tuppence.withdraw_ask({ token, ask_id: ask.ask_id });
    apis.tuppence.add_remark({ token, transfer_id: paid.transfer_id, text: pub.remark });
  }
}

function solveAskLower(apis: Apis, pub: LowerPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "tuppence");
  const emails = contactsWith(apis, phone, pub.tie).map((person) => person.email);
  for (const ask of allPages(apis.tuppence.list_asks_out, { token, state: "open" })) {
    if (!emails.includes(ask.to)) continue;
    const rows = allPages(apis.tuppence.list_transfers_with, { token, email: ask.to });
    const parts = rows.filter((x) => x.from === ask.to && x.memo === ask.memo && x.at > ask.at);
    if (parts.length === 0) continue;
    const amount = sumMoney([ask.amount, ...parts.map((x) => -x.amount)]);
    apis.tuppence.edit_ask({ token, ask_id: ask.ask_id, amount });
  }
}

const FAMILY = { split: "test_normal", axis: {} } as const;

/** Scenarios of this generator. */
export const askFollowup: readonly Scenario[] = [
  bench<RemindPub, Record<string, never>>({
    ...FAMILY,
    family: "ask_followup/remind",
    difficulty: 1,
    apps: ["tuppence"],
    draw: drawRemind,
    solve: solveAskRemind,
  }),
  bench<RepaidPub, Record<string, never>>({
    ...FAMILY,
    family: "ask_followup/repaid",
    difficulty: 2,
    apps: ["tuppence"],
    draw: drawRepaid,
    solve: solveAskRepaid,
  }),
  bench<LowerPub, Record<string, never>>({
    ...FAMILY,
    family: "ask_followup/lower",
    difficulty: 2,
    apps: ["handset", "tuppence"],
    draw: drawLower,
    solve: solveAskLower,
  }),
];
