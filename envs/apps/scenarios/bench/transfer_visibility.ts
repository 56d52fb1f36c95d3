/**
 * Who sees the transfers that the user sent: by the people they went to, by period, or by a word of the memo.
 *
 * Hurdles: transfers that somebody cheered stay as they are; the first and last day of the period count; a memo that only resembles the
 * word.
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
import { dayFrom, holders, inPeriod, outside, sendOn, smallCents } from "./_money_kit.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type TiePub = { readonly tie: string };
type PeriodPub = { readonly since: string; readonly until: string };
type WordPub = { readonly word: string; readonly visibility: string };

const MEMOS = ["lunch", "taxi", "museum", "brunch", "paint", "ferry", "books"] as const;

function sent(ctx: SetupContext): Row[] {
  return ctx.rows("tuppence.transfer", ctx.user.email).filter((row) => row["from"] === ctx.user.email);
}

function send(ctx: SetupContext, to: Principal, day: string, visibility: string, memo?: string): number {
  return sendOn(ctx, ctx.user, to, day, smallCents(ctx, 2, 11), memo ?? ctx.random.pick(MEMOS), visibility);
}

function changes(rows: readonly Row[], visibility: string) {
  return rows.map((row) => ({
    app: "tuppence",
    api: "set_visibility",
    args: { transfer_id: row.id, visibility },
  }));
}

function drawTie(ctx: SetupContext): BenchDraw<TiePub> | Reject {
  const [tie] = tiesWith(ctx, 3, 9);
  if (tie === undefined) return reject("no tie with three to nine account holders");
  const people = tiedHolders(ctx, tie);
  const since = daysAgo(ctx, 90);
  const day = () => dayFrom(ctx, since, daysAgo(ctx, 1));
  for (const person of ctx.random.sample(people, 5)) send(ctx, person, day(), "public");
  for (const person of outside(ctx, tie).slice(0, 3)) send(ctx, person, day(), "public");
  const [friend] = ctx.random.shuffle(people);
  if (friend === undefined) return reject("nobody of the tie");
  ctx.as(friend)("tuppence", "add_cheer", { transfer_id: send(ctx, friend, day(), "public") });
  const emails = new Set(people.map(({ email }) => email));
  const open = sent(ctx).filter((row) => emails.has(textOf(row, "to")) && row["visibility"] === "public");
  const quiet = open.filter((row) => ctx.rowsWhere("tuppence.cheer", "transfer_id", row.id).length === 0);
  if (quiet.length < 4 || quiet.length === open.length) return reject("too few transfers");
  const who = sayTies(tie);
  const instruction = phrase(ctx, [
    `Make all public transfers that I sent to ${who} private, except those that somebody has cheered.`,
    `What I pay ${who} is nobody's business. Set each of my public transfers to them in tuppence to private, unless it has a cheer.`,
    `Please hide my payments to ${who}: everything public that I sent them becomes private, only transfers with at least one cheer stay public.`,
  ]);
  return { instruction, pub: { tie }, writes: changes(quiet, "private") };
}

function drawPeriod(ctx: SetupContext): BenchDraw<PeriodPub> | Reject {
  const since = daysAgo(ctx, ctx.random.int(80, 160));
  const until = addDays(since, ctx.random.int(28, 45));
  const people = ctx.random.sample(holders(ctx), 9).map(({ person }) => person).flatMap((person) => [person, person]);
  const days = [since, until, addDays(since, -1), addDays(until, 1)];
  people.forEach((person, i) =>
    send(ctx, person, days[i] ?? dayFrom(ctx, since, until), i === 8 ? "private" : "public")
  );
  const wanted = sent(ctx).filter((row) => row["visibility"] === "public" && inPeriod(row, since, until));
  if (wanted.length < 5) return reject("too few transfers");
  const [from, to] = [sayDate(since), sayDate(until)];
  const instruction = phrase(ctx, [
    `Make every transfer that I sent from ${from} to ${to} private.`,
    `All the money I have sent between ${from} and ${to}, both days included, should be visible to nobody else: set the public transfers to private.`,
    `Please switch my outgoing tuppence transfers of the time from ${from} up to and including ${to} to private where they are public.`,
  ]);
  return {
    instruction,
    pub: { since, until },
    said: { since: from, until: to },
    writes: changes(wanted, "private"),
  };
}

function drawWord(ctx: SetupContext): BenchDraw<WordPub> | Reject {
  const word = ctx.random.pick(["pizza", "taxi", "concert", "garden", "cinema", "train", "camping"]);
  const visibility = cycle(ctx, ["private", "public", "private"]);
  const other = visibility === "private" ? "public" : "private";
  const people = ctx.random.sample(holders(ctx), 9).map(({ person }) => person);
  const memos = [
    word,
    `${word} again`,
    `half of the ${word}`,
    `the ${word} and drinks`,
    `${word} on Friday`,
    `our ${word}`,
    `last ${word} of the year`,
  ];
  const shuffled = ctx.random.shuffle(memos);
  people.forEach((person, i) => {
    const day = daysAgo(ctx, ctx.random.int(2, 200));
    send(ctx, person, day, i === 8 ? visibility : other, shuffled[i] ?? `no ${word.slice(0, 3)} this time`);
  });
  const wanted = sent(ctx).filter((row) =>
    new RegExp(`\\b${word}\\b`, "i").test(textOf(row, "memo")) && row["visibility"] !== visibility
  );
  const near = sent(ctx).some((row) =>
    textOf(row, "memo").toLowerCase().includes(word) && !new RegExp(`\\b${word}\\b`, "i").test(textOf(row, "memo"))
  );
  if (wanted.length < 5 || near) return reject("too few transfers, or a memo that may be meant or not");
  const instruction = phrase(ctx, [
    `Set every transfer that I sent with the word "${word}" in the memo to ${visibility}.`,
    `In tuppence, whatever I sent for ${word} (the memo says so) should be ${visibility}. Change those transfers.`,
    `Please go through all the transfers I have sent and make them ${visibility} if their memo contains "${word}".`,
  ]);
  return { instruction, pub: { word, visibility }, writes: changes(wanted, visibility) };
}

function solveVisibilityTie(apis: Apis, pub: TiePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "tuppence");
  const emails = contactsWith(apis, phone, pub.tie).map((person) => person.email);
  const rows = allPages(apis.tuppence.list_transfers, { token, direction: "sent" });
  for (const { transfer_id, to, visibility } of rows) {
    if (visibility !== "public" || !emails.includes(to)) continue;
    if (allPages(apis.tuppence.list_cheers, { token, transfer_id }).length > 0) continue;
    apis.tuppence.set_visibility({ token, transfer_id, visibility: "private" });
  }
}

function solveVisibilityPeriod(apis: Apis, pub: PeriodPub) {
  const token = signIn(apis, "tuppence");
  const { since, until } = pub;
  for (const row of allPages(apis.tuppence.list_transfers, { token, direction: "sent", since, until })) {
    if (row.visibility === "private") continue;
    apis.tuppence.set_visibility({ token, transfer_id: row.transfer_id, visibility: "private" });
  }
}

function solveVisibilityWord(apis: Apis, pub: WordPub) {
  const token = signIn(apis, "tuppence");
  const { word, visibility } = pub;
  for (const row of allPages(apis.tuppence.list_transfers, { token, direction: "sent" })) {
    if (row.visibility === visibility || !row.memo.toLowerCase().includes(word)) continue;
    apis.tuppence.set_visibility({ token, transfer_id: row.transfer_id, visibility });
  }
}

const FAMILY = { split: "test_normal", axis: {} } as const;

/** Scenarios of this generator. */
export const transferVisibility: readonly Scenario[] = [
  bench<TiePub, Record<string, never>>({
    ...FAMILY,
    family: "transfer_visibility/tie",
    difficulty: 2,
    apps: ["handset", "tuppence"],
    draw: drawTie,
    solve: solveVisibilityTie,
  }),
  bench<PeriodPub, Record<string, never>>({
    ...FAMILY,
    family: "transfer_visibility/period",
    difficulty: 1,
    apps: ["tuppence"],
    draw: drawPeriod,
    solve: solveVisibilityPeriod,
  }),
  bench<WordPub, Record<string, never>>({
    ...FAMILY,
    family: "transfer_visibility/memo_word",
    difficulty: 1,
    apps: ["tuppence"],
    draw: drawWord,
    solve: solveVisibilityWord,
  }),
];
