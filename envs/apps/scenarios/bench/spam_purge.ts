/**
 * Unwanted things removed from the phone: texts of unknown numbers with a phrase, voice clips with a phrase, calls of unknown numbers.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  contactsOf,
  daysAgo,
  newestFirst,
  phrase,
  type Principal,
  principalOf,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { pastTime, receiveText, sendTextTo, strangers } from "./_phone.ts";
import { allPages, signIn } from "./_toolbox.ts";

const PHRASES = [
  "solar roof offer",
  "coin course",
  "free mattress",
  "gold voucher",
  "phone lottery",
  "miracle tea",
  "window survey",
  "card upgrade",
] as const;
const FRAMES = [
  "Last day for the PHRASE, reply now",
  "You are chosen: PHRASE waits for you",
  "Do not miss the PHRASE, it ends tonight",
  "About your PHRASE: call us back",
  "PHRASE, only for you",
] as const;
const STRANGE_AREAS = ["611", "644", "672", "689"] as const;

function spam(ctx: SetupContext, words: string): string {
  return ctx.random.pick(FRAMES).replace("PHRASE", words);
}

/** Account holders among the contacts, in random order. */
function friends(ctx: SetupContext): Principal[] {
  return ctx.random.shuffle(contactsOf(ctx)).map((row) => principalOf(ctx, textOf(row, "email")))
    .filter((person): person is Principal => person !== undefined && person.email !== ctx.user.email);
}

function isKnown(ctx: SetupContext): (row: Row) => boolean {
  const numbers = new Set(contactsOf(ctx).map((row) => textOf(row, "number")));
  return (row) => numbers.has(textOf(row, "number"));
}

function drawTexts(ctx: SetupContext) {
  const words = ctx.random.pick(PHRASES);
  const senders = strangers(ctx).slice(0, 6);
  const [friend, other] = friends(ctx);
  if (senders.length < 4 || friend === undefined || other === undefined) return reject("too few strangers");
  for (let i = 0; i < 16; i++) {
    const from = senders[i % senders.length] ?? friend;
    receiveText(ctx, from, i % 5 === 4 ? "Sorry, wrong number" : spam(ctx, words), pastTime(ctx, 1 + i * 5));
  }
  receiveText(ctx, friend, `Did you also get this "${words}" nonsense?`, pastTime(ctx, 3));
  receiveText(ctx, other, `What is a ${words}?`, pastTime(ctx, 22));
  sendTextTo(ctx, other, `No ${words} for me, thanks`, pastTime(ctx, 21));
  const known = isKnown(ctx);
  const rows = newestFirst(ctx.rows("handset.text", ctx.user.email)).filter((row) =>
    row["direction"] === "in" && row["hidden"] === false && textOf(row, "text").includes(words) && !known(row)
  );
  return {
    instruction: phrase(ctx, [
      `Delete all texts with "${words}" in them that I got from numbers which are not in my contacts.`,
      `Some numbers I do not know keep writing about "${words}". Please delete their texts with these words from my phone, but nothing that my contacts wrote or I did myself.`,
      `Clean up my phone: every received text that contains "${words}" and comes from a number I have no contact for should go.`,
    ]),
    pub: { words },
    writes: rows.map((row) => ({ app: "handset", api: "hide_text", args: { text_id: row.id } })),
  };
}

function solveTexts(apis: Apis, pub: { words: string }) {
  const token = signIn(apis, "handset");
  const known = allPages(apis.handset.list_contacts, { token }).map((x) => x.number);
  const texts = allPages(apis.handset.list_texts, { token, direction: "in" });
  for (const { text_id, from, text } of texts) {
    if (text.includes(pub.words) && !known.includes(from)) apis.handset.hide_text({ token, text_id });
  }
}

function drawClips(ctx: SetupContext) {
  const words = ctx.random.pick(PHRASES);
  const day = daysAgo(ctx, ctx.random.int(40, 70));
  const senders = [...strangers(ctx).slice(0, 5), ...friends(ctx).slice(0, 2)];
  const [first] = senders;
  if (first === undefined || senders.length < 6) return reject("too few strangers");
  const say = (from: Principal, transcript: string, at: string) =>
    ctx.as(from, at)("handset", "send_voice_clip", { number: ctx.user.number, transcript });
  say(first, spam(ctx, words), `${day}T00:20:00`);
  say(first, spam(ctx, words), `${addDays(day, -1)}T23:30:00`);
  for (let i = 0; i < 18; i++) {
    const from = senders[i % senders.length] ?? first;
    const wrong = ctx.random.pick(PHRASES.filter((one) => one !== words));
    say(from, spam(ctx, i % 3 === 2 ? wrong : words), pastTime(ctx, 1 + i * 2));
  }
  const mine = { number: first.number, transcript: `Stop calling me about the ${words}` };
  ctx.as(ctx.user, pastTime(ctx, 2))("handset", "send_voice_clip", mine);
  const clips = ctx.rows("handset.voice_copy", ctx.user.email).flatMap((copy) => {
    const clip = ctx.row("handset.voice_clip", Number(copy["clip_id"]));
    return clip === undefined ? [] : [{ copy, clip }];
  });
  const rows = clips.filter(({ copy, clip }) =>
    copy["direction"] === "in" && textOf(clip, "transcript").includes(words) && textOf(clip, "at").slice(0, 10) >= day
  );
  return {
    instruction: phrase(ctx, [
      `Delete every voice clip I have received since ${sayDate(day)} in which somebody says "${words}".`,
      `I am sick of hearing "${words}". Remove all voice clips with these words that reached me on ${
        sayDate(day)
      } or later; older ones and my own may stay.`,
      `Please go through the voice clips I got from ${
        sayDate(day)
      } on and delete those whose transcript contains "${words}".`,
    ]),
    pub: { words, day },
    said: { day: sayDate(day) },
    writes: rows.map(({ copy }) => ({ app: "handset", api: "hide_voice_clip", args: { clip_id: copy.id } })),
  };
}

function solveClips(apis: Apis, pub: { words: string; day: string }) {
  const token = signIn(apis, "handset");
  const clips = allPages(apis.handset.list_voice_clips, { token, direction: "in" });
  for (const { clip_id, at } of clips) {
    if (at.slice(0, 10) < pub.day) continue;
    const { transcript } = apis.handset.get_voice_clip({ token, clip_id });
    if (transcript.includes(pub.words)) apis.handset.hide_voice_clip({ token, clip_id });
  }
}

function drawCalls(ctx: SetupContext) {
  const day = daysAgo(ctx, ctx.random.int(100, 200));
  const calls = newestFirst(ctx.rows("handset.call_entry", ctx.user.email));
  const known = isKnown(ctx);
  const numbers = STRANGE_AREAS.map((area) => `${area}-555-0${ctx.random.int(100, 199)}`);
  // Nobody unknown can call through an API: some calls are given to unknown numbers, among them ones made and earlier ones.
  const since = calls.filter((row) => textOf(row, "at").slice(0, 10) >= day && known(row));
  const before = calls.filter((row) => textOf(row, "at").slice(0, 10) < day && known(row));
  ctx.random.sample(since, 14).forEach((row, i) =>
    ctx.patch("handset.call_entry", row.id, { number: numbers[i % numbers.length] ?? "" })
  );
  ctx.random.sample(before, 3).forEach((row) => ctx.patch("handset.call_entry", row.id, { number: numbers[0] ?? "" }));
  const [edge, eve] = [since.at(-1), before[0]];
  if (edge === undefined || eve === undefined) return reject("no calls around that day");
  ctx.patch("handset.call_entry", edge.id, { number: numbers[1] ?? "", direction: "in", at: `${day}T07:05:00` });
  ctx.patch("handset.call_entry", eve.id, {
    number: numbers[1] ?? "",
    direction: "in",
    at: `${addDays(day, -1)}T23:05:00`,
  });
  const listed = newestFirst(ctx.rows("handset.call_entry", ctx.user.email));
  const unknown = listed.filter((row) => !known(row) && textOf(row, "at").slice(0, 10) >= day);
  const rows = unknown.filter((row) => row["direction"] === "in");
  if (rows.length < 8 || rows.length === unknown.length) return reject("too few calls of unknown numbers");
  return {
    instruction: phrase(ctx, [
      `Remove from my call log all calls since ${
        sayDate(day)
      } that came from numbers which are not in my contacts. Calls I made myself stay.`,
      `Please clear my call log of calls I got from unknown numbers (no contact of mine) on ${
        sayDate(day)
      } or later. Whatever I dialled myself should remain.`,
      `My call log is full of unknown callers. Delete the incoming calls from ${
        sayDate(day)
      } on whose number belongs to none of my contacts.`,
    ]),
    pub: { day },
    said: { day: sayDate(day) },
    writes: rows.map((row) => ({ app: "handset", api: "remove_call", args: { call_id: row.id } })),
  };
}

function solveCalls(apis: Apis, pub: { day: string }) {
  const token = signIn(apis, "handset");
  const known = allPages(apis.handset.list_contacts, { token }).map((x) => x.number);
  const calls = allPages(apis.handset.list_calls, { token, direction: "in" });
  for (const { call_id, number, at } of calls) {
    if (at.slice(0, 10) >= pub.day && !known.includes(number)) apis.handset.remove_call({ token, call_id });
  }
}

/** Scenarios of this generator. */
export const spamPurge: readonly Scenario[] = [
  bench({
    family: "spam_purge/texts",
    split: "test_normal",
    difficulty: 1,
    apps: ["handset"],
    axis: {},
    draw: drawTexts,
    solve: solveTexts,
  }),
  bench({
    family: "spam_purge/voice",
    split: "test_normal",
    difficulty: 1,
    apps: ["handset"],
    axis: {},
    draw: drawClips,
    solve: solveClips,
  }),
  bench({
    family: "spam_purge/calls",
    split: "test_normal",
    difficulty: 1,
    apps: ["handset"],
    axis: {},
    draw: drawCalls,
    solve: solveCalls,
  }),
];
