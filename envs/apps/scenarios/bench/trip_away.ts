/**
 * Getting mail ready for a trip: letters of the inbox snoozed and the away note turned on, with the days from the request or from a note.
 *
 * Hurdles: starred letters outside the inbox, letters that are snoozed already, an outdated plan, alarms that are off or ring once.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  cycle,
  listOf,
  phrase,
  type Reject,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  today,
  type Write,
} from "./_kit.ts";
import {
  emailsOf,
  hourAgo,
  inboxOf,
  isFreshTitle,
  type Mail,
  mailCall,
  mailTies,
  partedBy,
  pastTime,
  receive,
  SMALL_LETTERS,
  writeNote,
} from "./_mail_kit.ts";
import { theTies } from "./_phone.ts";
import { allPages, contactsWith, noteBody, signIn } from "./_toolbox.ts";

type StarPub = { readonly since: string; readonly until: string; readonly back: string; readonly text: string };
type NotePub = { readonly title: string; readonly tie: string; readonly text: string; readonly hour: string };

const AWAY = [
  "I am travelling and will answer when I am back.",
  "Away for a few days, without mail. Please be patient.",
  "I am by the sea and read nothing. Until soon!",
] as const;
const HOURS = ["07:00", "08:30", "18:00"] as const;

function snoozes(letters: readonly Mail[], until: string): Write[] {
  return letters.map((one) => ({ app: "quillpost", api: "snooze", args: { letter_id: one.id, until } }));
}

function awayOn(text: string, from_day: string, until_day: string): Write {
  return { app: "quillpost", api: "set_away_note", args: { on: true, text, from_day, until_day } };
}

function drawStarred(ctx: SetupContext): BenchDraw<StarPub> | Reject {
  const since = addDays(today(ctx), ctx.random.int(2, 12));
  const until = addDays(since, ctx.random.int(4, 12));
  const back = addDays(until, ctx.random.int(1, 2));
  const inbox = ctx.random.shuffle(inboxOf(ctx).filter(({ starred }) => !starred));
  for (const one of inbox.slice(0, 9)) mailCall(ctx, "star", { letter_id: one.id });
  for (const one of inbox.slice(9, 12)) {
    mailCall(ctx, "star", { letter_id: one.id });
    mailCall(ctx, "archive", { letter_id: one.id });
  }
  const hidden = inbox[12];
  if (hidden === undefined) return reject("too few letters");
  mailCall(ctx, "star", { letter_id: hidden.id });
  mailCall(ctx, "snooze", { letter_id: hidden.id, until: `${addDays(back, 20)}T08:00:00` });
  const letters = inboxOf(ctx).filter(({ starred }) => starred);
  const text = cycle(ctx, AWAY);
  const [from, to, again] = [sayDate(since), sayDate(until), sayDate(back)];
  const instruction = phrase(ctx, [
    `I am away from ${from} to ${to}, both days included. Turn my away note on for these days with the text "${text}" and snooze every starred letter that lies in my inbox until ${again}, 8:00. Letters that are snoozed already stay as they are.`,
    `Please prepare my mail for a trip: away note from ${from} until ${to} saying "${text}", and all starred letters of the inbox out of sight until eight in the morning of ${again}. What is snoozed now keeps its time.`,
    `From ${from} through ${to} my mail should answer "${text}" by itself. Starred letters in the inbox I want to see again on ${again} at 8:00, so snooze them until then; do not touch letters that are snoozed.`,
  ]);
  return {
    instruction,
    pub: { since, until, back, text },
    said: { since: from, until: to, back: again },
    writes: [...snoozes(letters, `${back}T08:00:00`), awayOn(text, since, until)],
  };
}

interface Plan {
  readonly title: string;
  readonly leave: string;
  readonly back: string;
}

/** A plan in a note, and the plan that it replaced in another. */
function plantPlan(ctx: SetupContext): Plan | undefined {
  const place = ctx.random.pick([
    "Lake Orrel",
    "Port Selwick",
    "the Windmoor Hills",
    "Castle Brayne",
    "the Glass Caves",
  ]);
  const title = cycle(ctx, [`Trip to ${place}`, `${place}: plan`, `Off to ${place}`]);
  if (!isFreshTitle(ctx, title)) return undefined;
  const leave = addDays(today(ctx), ctx.random.int(3, 12));
  const back = addDays(leave, ctx.random.int(5, 12));
  const lines = (from: string, to: string) =>
    ["Tickets are in the blue folder.", `Leave: ${from}`, `Back: ${to}`, "Water the plants before we go."].join("\n");
  writeNote(ctx, `${title} (first idea)`, lines(addDays(leave, -2), addDays(back, 5)), pastTime(ctx, 40));
  writeNote(ctx, title, lines(leave, back), pastTime(ctx, 3));
  return { title, leave, back };
}

/** Unseen letters of a tie, with others that are seen, filed or from somebody else; those that are to be snoozed. */
function plantUnseen(ctx: SetupContext, tie: string): Mail[] {
  const { inside, outside } = partedBy(ctx, tie);
  const small = ctx.random.shuffle(SMALL_LETTERS);
  const plant = (from: string | undefined) => {
    const [subject, body] = small.pop() ?? ["", ""];
    return receive(ctx, { from: from ?? "", subject, body, at: hourAgo(ctx, ctx.random.int(2, 40)) });
  };
  for (let i = 0; i < 9; i++) plant(inside[i % inside.length]?.email);
  mailCall(ctx, "mark_seen", { letter_id: plant(inside[0]?.email).id });
  mailCall(ctx, "archive", { letter_id: plant(inside[1]?.email).id });
  mailCall(ctx, "snooze", { letter_id: plant(inside[2]?.email).id, until: `${addDays(today(ctx), 50)}T09:00:00` });
  for (const { email } of outside.slice(0, 3)) plant(email);
  const emails = emailsOf(ctx, tie);
  return inboxOf(ctx).filter((one) => !one.seen && emails.has(one.from));
}

function drawNote(ctx: SetupContext): BenchDraw<NotePub> | Reject {
  if (ctx.rows("quillpost.away_note", ctx.user.email).some((row) => row["on"] === true)) return reject("a note is on");
  const [tie] = mailTies(ctx, 3, 12);
  const plan = plantPlan(ctx);
  if (tie === undefined || plan === undefined) return reject("no tie, or the note is there");
  const letters = plantUnseen(ctx, tie);
  const { title, leave, back } = plan;
  const text = cycle(ctx, AWAY);
  const hour = ctx.random.pick(HOURS);
  const who = theTies(tie);
  const instruction = phrase(ctx, [
    `My note "${title}" says when I leave and come back. Set my away note for these days, both included, with the text "${text}" Then snooze the unseen letters from ${who} in my inbox until ${hour} on the day I am back; what is snoozed already keeps its time.`,
    `Please get my mail ready for the trip in the note "${title}": the away note answers "${text}" from the day of leaving up to and including the day I am back, and unseen inbox letters from ${who} are snoozed until that last day, ${hour}. Leave snoozed letters alone.`,
    `Take the dates from the note "${title}". From Leave to Back (inclusive) the away note should say "${text}"; the unseen letters of ${who} that lie in the inbox come back on the Back day at ${hour}. Letters that are out of sight now stay so.`,
  ]);
  return {
    instruction,
    pub: { title, tie, text, hour },
    writes: [...snoozes(letters, `${back}T${hour}:00`), awayOn(text, leave, back)],
  };
}

function drawFull(ctx: SetupContext): BenchDraw<NotePub> | Reject {
  if (ctx.rows("quillpost.away_note", ctx.user.email).some((row) => row["on"] === true)) return reject("a note is on");
  const [tie] = mailTies(ctx, 3, 12);
  const plan = plantPlan(ctx);
  if (tie === undefined || plan === undefined) return reject("no tie, or the note is there");
  const letters = plantUnseen(ctx, tie);
  const { title, leave, back } = plan;
  const text = cycle(ctx, AWAY);
  const hour = ctx.random.pick(HOURS);
  const repeating = ctx.rows("handset.alarm", ctx.user.email).filter((row) =>
    row["on"] === true && listOf(row, "days").length > 0
  );
  if (repeating.length < 3) return reject("too few alarms");
  const who = theTies(tie);
  const instruction = phrase(ctx, [
    `I am off as my note "${title}" says. Away note from Leave to Back (both included): "${text}" Snooze unseen letters from ${who} in the inbox until ${hour} of the Back day, except what is snoozed, and switch off every alarm that repeats on some day of the week.`,
    `For the trip in the note "${title}": turn my away note on with "${text}" from the day I leave to the day I am back, snooze what ${who} sent to my inbox and I have not seen until the day back at ${hour} (already snoozed letters stay), and turn all my repeating alarms off.`,
    `Please make phone and mail quiet for the days in my note "${title}", Leave and Back included: away note "${text}", inbox letters from ${who} that are unseen snoozed until Back, ${hour}, repeating alarms off. One-time alarms and snoozed letters remain.`,
  ]);
  const alarms = repeating.map((row): Write => ({
    app: "handset",
    api: "turn_alarm_off",
    args: { alarm_id: row.id },
  }));
  return {
    instruction,
    pub: { title, tie, text, hour },
    writes: [...snoozes(letters, `${back}T${hour}:00`), awayOn(text, leave, back), ...alarms],
  };
}

function solveTripStarred(apis: Apis, pub: StarPub) {
  const token = signIn(apis, "quillpost");
  const letters = allPages(apis.quillpost.find_letters, { token, folder: "inbox" });
  for (const { letter_id, starred } of letters) {
    if (starred) apis.quillpost.snooze({ token, letter_id, until: `${pub.back}T08:00:00` });
  }
  apis.quillpost.set_away_note({ token, on: true, text: pub.text, from_day: pub.since, until_day: pub.until });
}

function solveTripOfNote(apis: Apis, pub: NotePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const body = noteBody(apis, signIn(apis, "foldnote"), pub.title);
  const leave = /Leave: (\S+)/.exec(body)?.[1];
  const back = /Back: (\S+)/.exec(body)?.[1];
  const emails = contactsWith(apis, phone, pub.tie).map((x) => x.email);
  const letters = allPages(apis.quillpost.find_letters, { token, folder: "inbox" });
  for (const { letter_id, from, seen } of letters) {
    if (!seen && emails.includes(from)) apis.quillpost.snooze({ token, letter_id, until: `${back}T${pub.hour}:00` });
  }
  apis.quillpost.set_away_note({ token, on: true, text: pub.text, from_day: leave, until_day: back });
}

function solveTripQuiet(apis: Apis, pub: NotePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "quillpost");
  const body = noteBody(apis, signIn(apis, "foldnote"), pub.title);
  const leave = /Leave: (\S+)/.exec(body)?.[1];
  const back = /Back: (\S+)/.exec(body)?.[1];
  const emails = contactsWith(apis, phone, pub.tie).map((x) => x.email);
  const letters = allPages(apis.quillpost.find_letters, { token, folder: "inbox" });
  for (const { letter_id, from, seen } of letters) {
    if (!seen && emails.includes(from)) apis.quillpost.snooze({ token, letter_id, until: `${back}T${pub.hour}:00` });
  }
  apis.quillpost.set_away_note({ token, on: true, text: pub.text, from_day: leave, until_day: back });
  for (const { alarm_id, days, on } of allPages(apis.handset.list_alarms, { token: phone })) {
    if (on && days.length > 0) apis.handset.turn_alarm_off({ token: phone, alarm_id });
  }
}

/** Scenarios of this generator. */
export const tripAway: readonly Scenario[] = [
  bench<StarPub, Record<string, never>>({
    family: "trip_away/starred",
    split: "test_challenge",
    difficulty: 1,
    apps: ["quillpost"],
    axis: {},
    draw: drawStarred,
    solve: solveTripStarred,
  }),
  bench<NotePub, Record<string, never>>({
    family: "trip_away/note",
    split: "test_challenge",
    difficulty: 2,
    apps: ["foldnote", "handset", "quillpost"],
    axis: {},
    draw: drawNote,
    solve: solveTripOfNote,
  }),
  bench<NotePub, Record<string, never>>({
    family: "trip_away/quiet",
    split: "test_challenge",
    difficulty: 3,
    apps: ["foldnote", "handset", "quillpost"],
    axis: {},
    draw: drawFull,
    solve: solveTripQuiet,
  }),
];
