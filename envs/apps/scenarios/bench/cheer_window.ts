/**
 * Cheering the public transfers that people of a tie sent in a period.
 *
 * Hurdles: some are cheered already, which a second cheer refuses; people of the tie also receive transfers that others sent; transfers
 * a day before and after the period; public transfers of people without the tie.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  daysAgo,
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
import { dayFrom, inPeriod, linked, outside, sendOn, setLink, smallCents } from "./_money_kit.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type Pub = { readonly tie: string; readonly since: string; readonly until: string };
type Axis = { readonly who: "friends" | "colleagues" | "club" };

const MEMOS = [
  "kayak tour",
  "night market",
  "new lamp",
  "birthday cake",
  "team lunch",
  "song books",
  "ferry",
  "garden hose",
];

/** What the feed shows of a period: public transfers in which somebody takes part whom the user is linked with. */
function feed(ctx: SetupContext, since: string, until: string): Row[] {
  const found = new Map<number, Row>();
  for (const email of linked(ctx)) {
    for (const row of ctx.rows("tuppence.transfer", email)) {
      if (row["visibility"] === "public" && inPeriod(row, since, until)) found.set(row.id, row);
    }
  }
  return [...found.values()];
}

function isCheered(ctx: SetupContext, row: Row): boolean {
  return ctx.rowsWhere("tuppence.cheer", "transfer_id", row.id).some((mark) => mark["from"] === ctx.user.email);
}

function cheerNow(ctx: SetupContext, transferId: number, day: string): void {
  ctx.as(ctx.user, `${day}T22:30:00`)("tuppence", "add_cheer", { transfer_id: transferId });
}

function plant(ctx: SetupContext, people: readonly Principal[], tie: string, since: string, until: string): boolean {
  const strangers = outside(ctx, tie);
  const [one, two, three] = people;
  const [other, another] = strangers;
  if (one === undefined || two === undefined || three === undefined || other === undefined || another === undefined) {
    return false;
  }
  for (const person of [one, two, three, other]) setLink(ctx, person, true);
  const send = (from: Principal, to: Principal, day: string, visibility = "public") =>
    sendOn(ctx, from, to, day, smallCents(ctx), ctx.random.pick(MEMOS), visibility);
  const between = () => dayFrom(ctx, since, until);
  send(one, other, since);
  send(two, one, until);
  send(three, another, between());
  send(one, another, between());
  send(two, other, between());
  for (const day of [addDays(since, -1), addDays(until, 1)]) send(three, other, day);
  const audience = [other, another, ...strangers.slice(2, 6)];
  for (let i = ctx.random.int(24, 32); i > 0; i--) {
    send(ctx.random.pick(people), ctx.random.pick(audience), between());
  }
  for (let i = ctx.random.int(5, 8); i > 0; i--) send(ctx.random.pick(audience), ctx.random.pick(people), between());
  send(three, two, between(), "private");
  const day = between();
  cheerNow(ctx, send(two, another, day), day);
  cheerNow(ctx, send(one, three, since), since);
  return true;
}

function draw(ctx: SetupContext, { who }: Axis): BenchDraw<Pub> | Reject {
  const tie = who === "friends" ? "friend" : who === "colleagues" ? "colleague" : tiesWith(ctx, 3, 12)
    .find((name) => /club|choir|group/.test(name));
  if (tie === undefined) return reject("no club");
  const people = ctx.random.shuffle(tiedHolders(ctx, tie));
  const since = daysAgo(ctx, ctx.random.int(14, 45));
  const until = addDays(since, ctx.random.int(6, 12));
  if (!plant(ctx, people, tie, since, until)) return reject("too few people");
  const emails = new Set(people.map(({ email }) => email));
  const wanted = feed(ctx, since, until).filter((row) => emails.has(textOf(row, "from")));
  const fresh = wanted.filter((row) => !isCheered(ctx, row));
  if (fresh.length < 4 || fresh.length === wanted.length) return reject("too few transfers to cheer");
  const [from, to, whom] = [sayDate(since), sayDate(until), sayTies(tie)];
  const instruction = phrase(ctx, [
    `Cheer every transfer in my tuppence feed that ${whom} sent from ${from} to ${to}, unless I have cheered it already.`,
    `I want to be nice to ${whom}: give a cheer to each payment in my tuppence feed that one of them made between ${from} and ${to}, both days included, if it has none from me yet.`,
    `Please go through my tuppence feed from ${from} up to and including ${to} and cheer what ${whom} have sent. Some of it has my cheer already.`,
  ]);
  return {
    instruction,
    pub: { tie, since, until },
    said: { since: from, until: to },
    writes: fresh.map((row) => ({ app: "tuppence", api: "add_cheer", args: { transfer_id: row.id } })),
  };
}

function solveCheerWindow(apis: Apis, pub: Pub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "tuppence");
  const me = apis.principal.who_am_i().email;
  const emails = contactsWith(apis, phone, pub.tie).map((person) => person.email);
  const feed = allPages(apis.tuppence.list_feed, { token, since: pub.since, until: pub.until });
  for (const row of feed.filter((x) => emails.includes(x.from))) {
    const { transfer_id } = row;
    const cheers = allPages(apis.tuppence.list_cheers, { token, transfer_id });
    if (cheers.some((x) => x.from === me)) continue;
    apis.tuppence.add_cheer({ token, transfer_id });
  }
}

/** Scenarios of this generator. */
export const cheerWindow: readonly Scenario[] = (["friends", "colleagues", "club"] as const).map((who) =>
  bench<Pub, Axis>({
    family: `cheer_window/${who}`,
    split: "dev",
    difficulty: 2,
    apps: ["handset", "tuppence"],
    axis: { who },
    draw: (ctx) => draw(ctx, { who }),
    solve: solveCheerWindow,
  })
);
