/**
 * Alarms set up from a plan in notes: the lines of a week plan, the coming week of a training plan (of which a partner hears), the
 * times of medicines (of which the old ones go on a checklist).
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  idIn,
  phrase,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
  today,
  weekdayOf,
  type Write,
} from "./_kit.ts";
import { isFreshTitle, pastTime, textable, writeChecklist, writeNote } from "./_phone.ts";
import { allPages, contactNamed, dayPlus, isoDate, signIn } from "./_toolbox.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const SEASONS = ["spring term", "new job", "May", "the garden months", "the renovation", "exam time"] as const;
const TASKS = [
  "swim lesson",
  "violin",
  "market stall",
  "water the tomatoes",
  "night shift",
  "team breakfast",
  "laundry room",
  "Italian course",
  "pick up Juno",
  "dance class",
  "compost run",
  "library duty",
  "bread dough",
  "physio",
  "chess evening",
  "bins to the gate",
  "open the hall",
  "radio show",
  "water the hedge",
  "phone the landlord",
  "school run",
  "recorder trio",
  "sharpen the scythe",
  "recycling yard",
  "feed the sourdough",
  "sauna evening",
  "milk round",
  "tyre pressure",
  "post office",
  "wind the clock",
  "sign language",
  "allotment gate",
] as const;
/** Lines of a week plan, and how many of them have an alarm already. */
const [PLANNED, KNOWN] = [26, 11] as const;
/** Blocks of a training plan, and weeks in each; this week is the first of the block after three. */
const [BLOCKS, WEEKS] = [6, 3] as const;
const SESSIONS = ["intervals", "easy run", "hills", "long run", "mobility", "strides", "tempo", "core"] as const;
const SPORTS = ["half marathon", "relay", "mountain run", "town run", "club race"] as const;
const MEDICINES = [
  "Amoril",
  "Beltane drops",
  "Corvex",
  "Dulcora",
  "Esprin gel",
  "Farolin",
  "Gentiva",
  "Hexatol",
  "Ilmerin",
  "Jolaxin",
  "Kelpos",
  "Lorimed",
  "Mirtan",
  "Novasol",
  "Ostrel",
  "Pelagin",
  "Quinar",
  "Rosalin",
] as const;
const RETURNS = ["Back to the chemist", "To hand in", "Leftover packs", "No longer needed"] as const;
const CABINETS = ["Medicine list", "Tablets and drops", "From the pharmacy", "What I have to take"] as const;

function someTime(ctx: SetupContext): string {
  return `${String(ctx.random.int(5, 22)).padStart(2, "0")}:${ctx.random.pick(["00", "10", "15", "30", "40", "45"])}`;
}

function addAlarm(ctx: SetupContext, time: string, label: string, days: readonly string[], on: boolean): number {
  const id = idIn(ctx.as()("handset", "add_alarm", { time, label, days: [...days] }), "alarm_id");
  if (!on) ctx.as()("handset", "turn_alarm_off", { alarm_id: id });
  return id;
}

function act(api: string, args: Write["args"]): Write {
  return { app: "handset", api, args };
}

/** A note with a title, and one of the same title and other content in the archive. @returns id of the first. */
function writeTwice(ctx: SetupContext, title: string, body: string, oldBody: string): number {
  const old = writeNote(ctx, title, oldBody, pastTime(ctx, 50));
  ctx.as()("foldnote", "archive_note", { note_id: old, on: true });
  return writeNote(ctx, title, body, pastTime(ctx, 6));
}

function alarmsOf(ctx: SetupContext) {
  return ctx.rows("handset.alarm", ctx.user.email);
}

function drawWeek(ctx: SetupContext) {
  const title = `Week plan for ${ctx.random.pick(SEASONS)}`;
  if (!isFreshTitle(ctx, title)) return reject("the title is taken");
  const taken = alarmsOf(ctx).map((row) => textOf(row, "label"));
  const labels = ctx.random.sample(TASKS.filter((task) => !taken.some((label) => label.includes(task))), PLANNED);
  if (labels.length < PLANNED) return reject("too many tasks have an alarm");
  const plan = labels.map((label) => {
    const days = DAYS.filter(() => ctx.random.int(0, 2) === 0);
    return { label, time: someTime(ctx), days: days.length === 0 ? [ctx.random.pick(DAYS)] : days };
  });
  const say = (days: readonly string[]) => days.map((day) => day[0]?.toUpperCase() + day.slice(1)).join("/");
  const lines = plan.map(({ label, time, days }) => `${say(days)} ${time} ${label}`);
  const body = ["starts at once", ...lines.slice(0, 8), "rest of it:", ...lines.slice(8)].join("\n");
  const noteId = writeTwice(
    ctx,
    title,
    body,
    lines.map((line) => line.replace(/\d\d:\d\d/, () => someTime(ctx))).join("\n"),
  );
  const writes = plan.flatMap(({ label, time, days }, i): Write[] => {
    if (i >= KNOWN) return [act("add_alarm", { time, label, days })];
    // Some are wrong, on or off, some are right and on, some are right but off.
    const right = i >= KNOWN - 4;
    const on = i % 2 === 0;
    const id = addAlarm(
      ctx,
      right ? time : someTime(ctx),
      label,
      right ? days : ["sun", ...days.slice(0, 1)].filter((day, n, all) => all.indexOf(day) === n),
      on,
    );
    return [
      ...(right ? [] : [act("edit_alarm", { alarm_id: id, time, days })]),
      ...(on ? [] : [act("turn_alarm_on", { alarm_id: id })]),
    ];
  });
  for (const [i, label] of labels.slice(0, 5).entries()) {
    addAlarm(ctx, someTime(ctx), `${label} (old)`, ["mon"], i % 2 === 1);
  }
  addAlarm(ctx, someTime(ctx), `${labels[6]} (old) in winter`, ["tue"], true);
  const removals = alarmsOf(ctx).filter((row) => textOf(row, "label").endsWith("(old)"));
  return {
    instruction: phrase(ctx, [
      `Set up alarms from my note "${title}" (the one that is not archived): each line with days and a time becomes an alarm labelled with the rest of the line. If there already is one with exactly this label, give it the time and days of the plan and make sure it is on, instead of adding another. Remove the alarms whose label ends in "(old)", and pin the note.`,
      `My unarchived note "${title}" has lines of days, time and what for. I want one alarm for each, with what for as its label. Where an alarm of that very label exists, change its time and days if needed and switch it on; otherwise add it. Delete every alarm with "(old)" at the end of its label. The note should be pinned.`,
      `Please bring my alarms in line with the note "${title}", not the archived one. For every line of days, time and purpose there should be an alarm, switched on, with the purpose as label; reuse alarms that already have exactly this label. Delete the alarms with a label that ends in "(old)", and pin that note.`,
    ]),
    pub: { title },
    writes: [
      ...writes,
      ...removals.map(({ id }) => act("remove_alarm", { alarm_id: id })),
      { app: "foldnote", api: "pin_note", args: { note_id: noteId, on: true } },
    ],
  };
}

function solveWeek(apis: Apis, pub: { title: string }) {
  const token = signIn(apis, "handset");
  const notesToken = signIn(apis, "foldnote");
  const note = allPages(apis.foldnote.list_notes, { token: notesToken, archived: false })
    .find((x) => x.title === pub.title);
  const { body } = apis.foldnote.get_note({ token: notesToken, note_id: note.note_id });
  apis.foldnote.pin_note({ token: notesToken, note_id: note.note_id, on: true });
  const alarms = allPages(apis.handset.list_alarms, { token });
  for (const { alarm_id, label } of alarms) {
    if (label.endsWith("(old)")) apis.handset.remove_alarm({ token, alarm_id });
  }
  for (const line of body.split("\n")) {
    const found = /^([A-Za-z\/]+) (\d\d:\d\d) (.+)$/.exec(line);
    if (found === null) continue;
    const [, names, time, label] = found;
    const days = String(names).toLowerCase().split("/");
    const alarm = alarms.find((x) => x.label === label);
    if (alarm === undefined) {
      apis.handset.add_alarm({ token, time, label, days });
      continue;
    }
    const { alarm_id } = alarm;
    if (alarm.time !== time || alarm.days.join() !== days.join()) {
      apis.handset.edit_alarm({ token, alarm_id, time, days });
    }
    if (!alarm.on) apis.handset.turn_alarm_on({ token, alarm_id });
  }
}

function drawTraining(ctx: SetupContext) {
  const sport = ctx.random.pick(SPORTS);
  const words = `Training ${sport}`;
  if (!isFreshTitle(ctx, words)) return reject("the title is taken");
  const prefix = ctx.random.pick(["Training", "Run", "Coach"]);
  const [partner] = textable(ctx);
  if (partner === undefined) return reject("nobody to text");
  const partnerName = textOf(partner, "name");
  const monday = addDays(today(ctx), -weekdayOf(today(ctx)));
  const week = (offset: number) => {
    const days = [...DAYS, ctx.random.pick(DAYS), ctx.random.pick(DAYS)].filter((_, i) => i % 7 !== (offset + 3) % 7);
    const sessions = days.map((day) => ({ day, time: someTime(ctx), name: ctx.random.pick(SESSIONS) }));
    const lines = sessions.map(({ day, time, name }) => `${day[0]?.toUpperCase()}${day.slice(1)} ${time} ${name}`);
    return { sessions, text: [`Week of ${sayDate(addDays(monday, offset * 7))}`, ...lines].join("\n") };
  };
  const past = BLOCKS / 2 * WEEKS;
  const weeks = Array.from({ length: BLOCKS * WEEKS }, (_, i) => week(i - past));
  const coming = weeks[past + 1];
  if (
    coming === undefined || new Set(coming.sessions.map((one) => JSON.stringify(one))).size < coming.sessions.length
  ) {
    return reject("two equal sessions");
  }
  // Notes of some weeks each, not in order.
  const over: Write[] = [];
  for (const part of ctx.random.shuffle(Array.from({ length: BLOCKS }, (_, i) => i))) {
    const body = weeks.slice(part * WEEKS, part * WEEKS + WEEKS).map(({ text }) => text).join("\n\n");
    const note_id = writeNote(ctx, `${words}, block ${part + 1}`, body, pastTime(ctx, 50 - part));
    if (part < BLOCKS / 2) over.push({ app: "foldnote", api: "archive_note", args: { note_id, on: true } });
  }
  const removals: Write[] = [];
  for (let i = 0; i < 15; i++) {
    const label = i % 5 === 4
      ? `${ctx.random.pick(SESSIONS)} with ${prefix}`
      : `${prefix}: ${ctx.random.pick(SESSIONS)}`;
    const id = addAlarm(ctx, someTime(ctx), label, [ctx.random.pick(DAYS)], i % 3 !== 0);
    if (label.startsWith(`${prefix}: `)) removals.push(act("remove_alarm", { alarm_id: id }));
  }
  const start = `${prefix}: `;
  return {
    instruction: phrase(ctx, [
      `Replace my training alarms, that is all whose label begins with "${prefix}: ", by those for the coming week, the one that starts next Monday. The sessions are in my notes with "${words}" in the title; make each a weekly alarm on its day, labelled "${prefix}: " and the session. Send ${partnerName} each session's line as a text of its own, and archive those notes whose weeks all lie behind us.`,
      `Next week's sessions are somewhere in the notes called "${words}, …". Remove every alarm with a label that starts with "${prefix}: " and add one per session of the week beginning next Monday, on that weekday and at that time, labelled "${prefix}: " plus its name. ${partnerName} gets one text per session, the line as it stands. Notes of which every week is over go to the archive.`,
      `From my notes with "${words}" in the title, take the week that begins on the next Monday and set an alarm for each session: its weekday, its time, and "${prefix}: " followed by the session as label. Delete the old alarms that start with "${prefix}: " first. Then text ${partnerName} the lines of these sessions, one by one, and archive the notes with nothing but past weeks.`,
    ]),
    pub: { words, start, partner: partnerName },
    said: { start: start.trim() },
    writes: [
      ...removals,
      ...coming.sessions.map(({ day, time, name }) =>
        act("add_alarm", { time, label: `${start}${name}`, days: [day] })
      ),
      ...coming.text.split("\n").slice(1).map((text) => act("send_text", { number: textOf(partner, "number"), text })),
      ...over,
    ],
  };
}

function solveTraining(apis: Apis, pub: { words: string; start: string; partner: string }) {
  const token = signIn(apis, "handset");
  const notesToken = signIn(apis, "foldnote");
  const today = apis.handset.now({ token }).at.slice(0, 10);
  const weeks: { monday: string; lines: string[] }[] = [];
  for (const { note_id, title } of allPages(apis.foldnote.list_notes, { token: notesToken })) {
    if (!title.includes(pub.words)) continue;
    const own = apis.foldnote.get_note({ token: notesToken, note_id }).body.split("\n\n").map((part: string) => {
      const [heading, ...lines] = part.split("\n");
      return { monday: isoDate(String(heading).replace("Week of ", "")), lines };
    });
    weeks.push(...own);
    if (own.every(({ monday }: { monday: string }) => dayPlus(monday, 6) < today)) {
      apis.foldnote.archive_note({ token: notesToken, note_id, on: true });
    }
  }
  weeks.sort((a, b) => (a.monday < b.monday ? -1 : 1));
  const coming = weeks.find((x) => x.monday > today);
  for (const { alarm_id, label } of allPages(apis.handset.list_alarms, { token })) {
    if (label.startsWith(pub.start)) apis.handset.remove_alarm({ token, alarm_id });
  }
  const { number } = contactNamed(apis, token, pub.partner);
  for (const line of coming?.lines ?? []) {
    apis.handset.send_text({ token, number, text: line });
    const [day, time, ...name] = line.split(" ");
    const label = `${pub.start}${name.join(" ")}`;
    apis.handset.add_alarm({ token, time, label, days: [String(day).toLowerCase()] });
  }
}

function drawMedicine(ctx: SetupContext) {
  const title = ctx.random.pick(CABINETS);
  const returns = ctx.random.pick(RETURNS);
  if (!isFreshTitle(ctx, title) || !isFreshTitle(ctx, returns)) return reject("the title is taken");
  const names = ctx.random.shuffle(MEDICINES);
  const times = ["06:30", "07:00", "08:00", "12:00", "13:30", "16:00", "18:00", "19:30", "21:00", "22:00"];
  // The first six have ended, the last of them yesterday; the seventh ends today.
  const ends = (i: number) =>
    addDays(today(ctx), i < 5 ? -ctx.random.int(2, 40) : i === 5 ? -1 : i === 6 ? 0 : ctx.random.int(1, 30));
  const plan = names.map((name, i) => ({
    name,
    end: ends(i),
    times: ctx.random.sample(times, ctx.random.int(1, 3)).sort(),
    ended: i < 6,
  }));
  const line = ({ name, end, times }: (typeof plan)[number]) => `${name}: ${times.join(", ")} until ${sayDate(end)}`;
  const mixed = ctx.random.shuffle(plan);
  writeTwice(
    ctx,
    title,
    mixed.map(line).join("\n"),
    mixed.slice(0, 6).map((one) => line({ ...one, times: ["09:05"] })).join("\n"),
  );
  const leftovers = [{ text: "broken thermometer", done: false }, { text: names[1] ?? "", done: true }];
  const { noteId } = writeChecklist(ctx, returns, leftovers, pastTime(ctx, 5));
  const writes: Write[] = [];
  plan.forEach(({ name, times, ended }, i) => {
    if (ended && i !== 1) writes.push({ app: "foldnote", api: "add_item", args: { note_id: noteId, text: name } });
    times.forEach((time, n) => {
      const label = `take ${name}`;
      if (ended) {
        const on = n === 0 || ctx.random.int(0, 1) === 0;
        const id = addAlarm(ctx, time, label, DAYS, on);
        if (on) writes.push(act("turn_alarm_off", { alarm_id: id }));
      } else if (n === 0 && i < 11) {
        // Is there already: on, or off.
        const id = addAlarm(ctx, time, label, DAYS, i % 2 === 0);
        if (i % 2 === 1) writes.push(act("turn_alarm_on", { alarm_id: id }));
      } else {
        writes.push(act("add_alarm", { time, label, days: [...DAYS] }));
      }
    });
  });
  addAlarm(ctx, "10:00", `ask about ${names[0]}`, ["mon"], true);
  return {
    instruction: phrase(ctx, [
      `My note "${title}" (not the archived one) says which medicines I take when and until which day, that day included. See that each time of those still running has a daily alarm that is on, labelled "take" and the name, without making a second one. Switch off the alarms labelled like that for medicines that have ended, and put their names on the checklist "${returns}" unless they are there.`,
      `Please set my medicine alarms from the unarchived note "${title}": for what I still have to take, today included, a daily alarm at each time, with the label "take" and the medicine. Alarms that exist already need only be on. For what is over, turn the alarms of that label off and see that the name is on the checklist of my note "${returns}", once.`,
      `Check my alarms against "${title}" in my notes, leaving out the archive. Everything still to be taken, until and including its last day, needs an alarm on all days at each of its times, called "take" plus the name; use those that are there. Turn off "take" alarms of medicines past their last day, and add the names still missing on the checklist "${returns}".`,
    ]),
    pub: { title, returns },
    writes,
  };
}

function solveMedicine(apis: Apis, pub: { title: string; returns: string }) {
  const token = signIn(apis, "handset");
  const notesToken = signIn(apis, "foldnote");
  const today = apis.handset.now({ token }).at.slice(0, 10);
  const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  const notes = allPages(apis.foldnote.list_notes, { token: notesToken, archived: false });
  const note = notes.find((x) => x.title === pub.title);
  const { body } = apis.foldnote.get_note({ token: notesToken, note_id: note.note_id });
  const { note_id } = notes.find((x) => x.title === pub.returns);
  const noted = allPages(apis.foldnote.list_items, { token: notesToken, note_id }).map((x) => x.text);
  const alarms = allPages(apis.handset.list_alarms, { token });
  for (const line of body.split("\n")) {
    const [, name, times, end] = /^(.+): (.+) until (.+)$/.exec(line) ?? [];
    const label = `take ${name}`;
    const own = alarms.filter((x) => x.label === label);
    if (isoDate(String(end)) < today) {
      for (const { alarm_id, on } of own) if (on) apis.handset.turn_alarm_off({ token, alarm_id });
      if (!noted.includes(name)) apis.foldnote.add_item({ token: notesToken, note_id, text: name });
      continue;
    }
    for (const time of String(times).split(", ")) {
      const alarm = own.find((x) => x.time === time);
      if (alarm === undefined) apis.handset.add_alarm({ token, time, label, days });
      else if (!alarm.on) apis.handset.turn_alarm_on({ token, alarm_id: alarm.alarm_id });
    }
  }
}

const FAMILY = { split: "test_normal", difficulty: 3, apps: ["handset", "foldnote"], axis: {} } as const;

/** Scenarios of this generator. */
export const alarmPlan: readonly Scenario[] = [
  bench({ ...FAMILY, family: "alarm_plan/weekdays", draw: drawWeek, solve: solveWeek }),
  bench({ ...FAMILY, family: "alarm_plan/training", draw: drawTraining, solve: solveTraining }),
  bench({ ...FAMILY, family: "alarm_plan/medicine", draw: drawMedicine, solve: solveMedicine }),
];
