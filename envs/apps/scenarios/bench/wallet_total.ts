/**
 * How much was sent to, received from, or both with, people of a tie in a period.
 *
 * Hurdles: only people whom one is linked with in the wallet count, and transfers with a cheer (or an own remark) do not; transfers on
 * the first and last day of the period count, those a day outside do not.
 *
 * @module
 */
import {
  addDays,
  amountOf,
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
  sayTies,
  type Scenario,
  type SetupContext,
  textOf,
  tiedHolders,
  tiesWith,
} from "./_kit.ts";
import { dayFrom, inPeriod, linked, outside, sendOn, setLink, smallCents } from "./_money_kit.ts";
import { allPages, contactsWith, signIn, sumMoney } from "./_toolbox.ts";

type Pub = { readonly tie: string; readonly since: string; readonly until: string };
type Axis = { readonly direction: "sent" | "received" | "net" };

const MEMOS = ["lunch", "taxi", "tickets", "groceries", "petrol", "museum", "picnic", "books"] as const;

/** Transfers inside and just outside the period, with people who count and people who do not. */
function plant(ctx: SetupContext, { tie, since, until }: Pub, direction: Axis["direction"]): boolean {
  const people = ctx.random.shuffle(tiedHolders(ctx, tie));
  const [stranger] = outside(ctx, tie);
  const [first, second, unlinked] = people;
  if (first === undefined || second === undefined || unlinked === undefined || stranger === undefined) return false;
  for (const person of people.slice(0, 2)) setLink(ctx, person, true);
  setLink(ctx, unlinked, false);
  setLink(ctx, stranger, true);
  const mine = direction !== "received";
  const move = (other: typeof first, day: string, way = mine) =>
    way
      ? sendOn(ctx, ctx.user, other, day, smallCents(ctx), ctx.random.pick(MEMOS))
      : sendOn(ctx, other, ctx.user, day, smallCents(ctx), ctx.random.pick(MEMOS));
  move(first, since);
  move(second, until);
  move(first, addDays(since, -1));
  move(second, addDays(until, 1));
  for (const other of [first, second, unlinked, stranger]) move(other, dayFrom(ctx, since, until));
  move(second, dayFrom(ctx, since, until), !mine);
  for (const other of people.filter((person) => person !== unlinked)) {
    const way = direction === "net" ? ctx.random.uniform() < 0.5 : mine;
    for (let i = ctx.random.int(3, 6); i > 0; i--) move(other, dayFrom(ctx, since, until), way);
  }
  const marked = move(second, dayFrom(ctx, since, until));
  if (direction === "received") {
    ctx.as()("tuppence", "add_remark", { transfer_id: marked, text: "Got it." });
  } else ctx.as(second)("tuppence", "add_cheer", { transfer_id: marked });
  return true;
}

function counts(ctx: SetupContext, pub: Pub, direction: Axis["direction"]): (row: Row) => boolean {
  const friends = linked(ctx);
  const people = new Set(tiedHolders(ctx, pub.tie).map(({ email }) => email).filter((email) => friends.has(email)));
  const me = ctx.user.email;
  return (row) => {
    const sent = row["from"] === me;
    if (direction !== "net" && sent !== (direction === "sent")) return false;
    if (!people.has(textOf(row, sent ? "to" : "from")) || !inPeriod(row, pub.since, pub.until)) return false;
    return direction === "received"
      ? !ctx.rowsWhere("tuppence.remark", "transfer_id", row.id).some((mark) => mark["from"] === me)
      : ctx.rowsWhere("tuppence.cheer", "transfer_id", row.id).length === 0;
  };
}

const PHRASES: Readonly<Record<Axis["direction"], readonly ((who: string, when: string) => string)[]>> = {
  sent: [
    (who, when) =>
      `How much money have I sent to ${who} ${when}? Only count those I am linked with in tuppence, and leave out transfers that got a cheer.`,
    (who, when) =>
      `I want to know what ${who} cost me ${when}. Add up what I sent to those of them I am linked with in tuppence, without the transfers somebody cheered.`,
    (who, when) =>
      `Please add up my tuppence transfers to ${who} ${when}, but only to people I am linked with there. Transfers with a cheer do not count.`,
  ],
  received: [
    (who, when) =>
      `How much money did I get from ${who} ${when}? Only count those I am linked with in tuppence, and leave out transfers under which I wrote a remark.`,
    (who, when) =>
      `What did ${who} send me ${when} in total? I mean the ones I am linked with in tuppence; skip transfers that I have left a remark under.`,
    (who, when) =>
      `Please add up what came in from ${who} ${when}, only from people I am linked with in tuppence. Where I left a remark, the transfer does not count.`,
  ],
  net: [
    (who, when) =>
      `Taking what I got from ${who} ${when} and subtracting what I sent them, where do I stand? Only those I am linked with in tuppence, and no transfers that got a cheer.`,
    (who, when) =>
      `What is the difference, received minus sent, between me and ${who} ${when}? Count only people I am linked with in tuppence and ignore transfers somebody cheered.`,
    (who, when) =>
      `Please work out received minus sent with ${who} ${when}, among those I am linked with in tuppence. Transfers with a cheer stay out of it.`,
  ],
};

function draw(ctx: SetupContext, { direction }: Axis): BenchDraw<Pub> | Reject {
  const [tie] = tiesWith(ctx, 4, 12);
  if (tie === undefined) return reject("no tie with four to twelve account holders");
  const since = daysAgo(ctx, ctx.random.int(170, 230) + cycle(ctx, [0, 7, 14]));
  const pub = { tie, since, until: addDays(since, ctx.random.int(85, 140)) };
  if (!plant(ctx, pub, direction)) return reject("too few people");
  const rows = ctx.rows("tuppence.transfer", ctx.user.email);
  const wanted = rows.filter(counts(ctx, pub, direction));
  const cents = wanted.reduce(
    (sum, row) => sum + (direction === "net" && row["from"] === ctx.user.email ? -1 : 1) * numberOf(row, "amount"),
    0,
  );
  if (wanted.length < 4 || cents === 0) return reject("too little to add up");
  const [since_, until_] = [sayDate(pub.since), sayDate(pub.until)];
  return {
    instruction: phrase(ctx, PHRASES[direction].map((say) => say(sayTies(tie), `from ${since_} to ${until_}`))),
    pub,
    said: { since: since_, until: until_ },
    answer: amountOf(cents),
  };
}

function solveWalletTotal(apis: Apis, pub: Pub, axis: Axis) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "tuppence");
  const me = apis.principal.who_am_i().email;
  const linkedEmails = allPages(apis.tuppence.list_bonds, { token }).map((bond) => bond.email);
  const people = contactsWith(apis, phone, pub.tie).filter((person) => linkedEmails.includes(person.email));
  const amounts = [];
  for (const person of people) {
    const { email } = person;
    const rows = allPages(apis.tuppence.list_transfers_with, { token, email, since: pub.since, until: pub.until });
    for (const row of rows) {
      const sent = row.from === me;
      if (axis.direction !== "net" && sent !== (axis.direction === "sent")) continue;
      const marks = axis.direction === "received"
        ? allPages(apis.tuppence.list_remarks, { token, transfer_id: row.transfer_id }).filter((x) => x.from === me)
        : allPages(apis.tuppence.list_cheers, { token, transfer_id: row.transfer_id });
      if (marks.length > 0) continue;
      amounts.push(axis.direction === "net" && sent ? -row.amount : row.amount);
    }
  }
  return sumMoney(amounts);
}

/** Scenarios of this generator. */
export const walletTotal: readonly Scenario[] = (["sent", "received", "net"] as const).map((direction) =>
  bench<Pub, Axis>({
    family: `wallet_total/${direction}`,
    split: "train",
    difficulty: 2,
    apps: ["handset", "tuppence"],
    axis: { direction },
    draw: (ctx) => draw(ctx, { direction }),
    solve: solveWalletTotal,
  })
);
