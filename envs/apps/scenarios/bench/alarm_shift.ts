/**
 * Alarms shifted by some minutes: those of a weekday, those with a word in the label before a time of day, and those that are on,
 * over midnight.
 *
 * @module
 */
import {
  type Apis,
  bench,
  idIn,
  listOf,
  phrase,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { allPages, clockTime, minutesOf, signIn } from "./_toolbox.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const DAY_NAMES: Readonly<Record<string, string>> = {
  mon: "Mondays",
  tue: "Tuesdays",
  wed: "Wednesdays",
  thu: "Thursdays",
  fri: "Fridays",
  sat: "Saturdays",
  sun: "Sundays",
};
const WORDS = ["medicine", "practice", "feed", "check", "stretch", "call"] as const;
const REST = [
  "morning",
  "before lunch",
  "the cat",
  "upstairs",
  "short",
  "long",
  "on the hour",
  "again",
  "by the door",
] as const;
const PLANTED = 100;

function sayShift(shift: number): string {
  const minutes = Math.abs(shift);
  const hours = Math.floor(minutes / 60);
  const parts = [
    ...(hours === 0 ? [] : [`${hours} hour${hours === 1 ? "" : "s"}`]),
    ...(minutes % 60 === 0 ? [] : [`${minutes % 60} minutes`]),
  ];
  return `${parts.join(" and ")} ${shift > 0 ? "later" : "earlier"}`;
}

/** Adds alarms of all kinds, about half of them on. */
function plant(ctx: SetupContext, earliest: number, latest: number): readonly Row[] {
  const client = ctx.as();
  for (let i = 0; i < PLANTED; i++) {
    const time = clockTime(ctx.random.int(earliest / 5, latest / 5) * 5);
    const days = i % 9 === 8 ? [] : DAYS.filter(() => ctx.random.int(0, 2) === 0);
    const label = `${WORDS[i % WORDS.length] ?? "call"} ${ctx.random.pick(REST)}`;
    const id = idIn(client("handset", "add_alarm", { time, label, days }), "alarm_id");
    if (ctx.random.int(0, 1) === 0) client("handset", "turn_alarm_off", { alarm_id: id });
  }
  return ctx.rows("handset.alarm", ctx.user.email);
}

/** Whether shifting stays within the day. */
function staysInDay(row: Row, shift: number): boolean {
  const time = minutesOf(textOf(row, "time")) + shift;
  return time >= 0 && time < 1440;
}

function edits(rows: readonly Row[], shift: number) {
  return rows.map((row) => ({
    app: "handset",
    api: "edit_alarm",
    args: { alarm_id: row.id, time: clockTime(minutesOf(textOf(row, "time")) + shift) },
  }));
}

function drawWeekday(ctx: SetupContext) {
  const shift = ctx.random.pick([-50, -40, -35, -25, 20, 25, 35, 40, 55]);
  const listed = plant(ctx, 6 * 60, 22 * 60);
  const day = ctx.random.pick(DAYS);
  const rows = listed.filter((row) => listOf(row, "days").includes(day));
  if (rows.length < 8 || rows.length > 60 || !rows.every((row) => staysInDay(row, shift))) {
    return reject("too few or too many alarms on that day, or one that would pass midnight");
  }
  const [name, by] = [DAY_NAMES[day] ?? day, sayShift(shift)];
  return {
    instruction: phrase(ctx, [
      `Move every alarm that rings on ${name} so that it goes off ${by}, no matter whether it is on or off and whether it rings on other days as well.`,
      `My ${name} have changed: set all alarms that include that day of the week ${by}. Those that are switched off at the moment need it too, and their days stay as they are.`,
      `Please shift all my alarms that repeat on ${name}, on or off, so that they ring ${by}.`,
    ]),
    pub: { day, shift },
    said: { day: name, shift: by },
    writes: edits(rows, shift),
  };
}

function solveWeekday(apis: Apis, pub: { day: string; shift: number }) {
  const token = signIn(apis, "handset");
  for (const { alarm_id, time, days } of allPages(apis.handset.list_alarms, { token })) {
    if (!days.includes(pub.day)) continue;
    apis.handset.edit_alarm({ token, alarm_id, time: clockTime(minutesOf(time) + pub.shift) });
  }
}

function drawLabel(ctx: SetupContext) {
  const shift = ctx.random.pick([-75, -45, -20, 15, 25, 45, 70]);
  const before = ctx.random.pick(["11:00", "12:00", "13:00", "14:00", "15:00"]);
  const word = ctx.random.pick(WORDS);
  const client = ctx.as();
  // Extra ones with the word, one of which rings at the very time that no longer counts.
  for (let i = 0; i < 45; i++) {
    const time = i === 0 ? before : clockTime(ctx.random.int(19, 275) * 5);
    client("handset", "add_alarm", {
      time,
      label: `${ctx.random.pick(REST)} ${word}`,
      days: DAYS.filter((_, d) => d % 3 === i % 3),
    });
  }
  const listed = plant(ctx, 90, 22 * 60);
  const named = listed.filter((row) => textOf(row, "label").includes(word));
  const rows = named.filter((row) => textOf(row, "time") < before);
  const loose = listed.filter((row) => textOf(row, "label").toLowerCase().includes(word));
  if (rows.length < 6 || rows.length === named.length || loose.length > named.length) {
    return reject("the word is no fair filter");
  }
  if (!rows.every((row) => staysInDay(row, shift))) return reject("an alarm would pass midnight");
  const by = sayShift(shift);
  return {
    instruction: phrase(ctx, [
      `All alarms with "${word}" in the label that ring before ${before} should ring ${by} from now on. Leave those at ${before} or after it alone.`,
      `Set my alarms whose label contains "${word}" ${by}, but only the ones that go off before ${before}; whether they are on does not matter.`,
      `I need the "${word}" alarms of the first part of the day, that is all with this word in the label and a time before ${before}, ${by}. The others stay.`,
    ]),
    pub: { word, before, shift },
    said: { shift: by },
    writes: edits(rows, shift),
  };
}

function solveLabel(apis: Apis, pub: { word: string; before: string; shift: number }) {
  const token = signIn(apis, "handset");
  const alarms = allPages(apis.handset.list_alarms, { token })
    .filter((x) => x.label.includes(pub.word) && x.time < pub.before);
  for (const { alarm_id, time } of alarms) {
    apis.handset.edit_alarm({ token, alarm_id, time: clockTime(minutesOf(time) + pub.shift) });
  }
}

function drawOn(ctx: SetupContext) {
  const shift = ctx.random.pick([-390, -330, -270, -210, 200, 250, 310, 370]);
  const [from, to] = ctx.random.pick([["22:00", "06:00"], ["22:30", "06:30"], ["23:00", "05:30"]] as const);
  const rows = plant(ctx, 0, 1435).filter((row) => row["on"] === true);
  const moved = rows.map((row) => {
    const time = minutesOf(textOf(row, "time")) + shift;
    const turn = time < 0 ? -1 : time >= 1440 ? 1 : 0;
    const days = listOf(row, "days").map((day) => DAYS[(DAYS.findIndex((one) => one === day) + turn + 7) % 7] ?? day);
    return { id: row.id, time: clockTime(time), turn, days: DAYS.filter((day) => days.includes(day)) };
  });
  const quiet = moved.filter(({ time }) => time >= from || time < to);
  const overMidnight = moved.filter(({ turn, days }) => turn !== 0 && days.length > 0 && days.length < 7);
  if (moved.some(({ time }) => time === from || time === to)) return reject("an alarm at the edge of the night");
  if (overMidnight.length < 2 || quiet.length < 2 || quiet.length > moved.length - 4) {
    return reject("midnight does not matter");
  }
  const by = sayShift(shift);
  return {
    instruction: phrase(ctx, [
      `I fly to another time zone. Set every alarm that is on ${by}; where that takes one over midnight, its days of the week have to move along. Then switch off those of them that now ring between ${from} and ${to}.`,
      `Please put all alarms that are switched on ${by}. If one ends up on another day because of midnight, change its days accordingly. Any of these that would then ring at night, from ${from} to ${to}, should be turned off.`,
      `Shift only the alarms that are on, so that they ring ${by}, with their weekdays moved too when they pass midnight. Afterwards turn off the shifted ones that go off after ${from} in the evening or before ${to} in the morning.`,
    ]),
    pub: { shift, from, to },
    said: { shift: by },
    writes: [
      ...moved.map(({ id, time, days }) => ({ app: "handset", api: "edit_alarm", args: { alarm_id: id, time, days } })),
      ...quiet.map(({ id }) => ({ app: "handset", api: "turn_alarm_off", args: { alarm_id: id } })),
    ],
  };
}

function solveOn(apis: Apis, pub: { shift: number; from: string; to: string }) {
  const token = signIn(apis, "handset");
  const week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
  for (const alarm of allPages(apis.handset.list_alarms, { token })) {
    if (!alarm.on) continue;
    const { alarm_id } = alarm;
    const shifted = minutesOf(alarm.time) + pub.shift;
    const turn = Math.floor(shifted / 1440);
    const time = clockTime(shifted);
    const days = alarm.days.map((day: string) => week[(week.indexOf(day) + turn + 7) % 7]);
    apis.handset.edit_alarm({ token, alarm_id, time, days });
    if (time >= pub.from || time < pub.to) apis.handset.turn_alarm_off({ token, alarm_id });
  }
}

/** Scenarios of this generator. */
export const alarmShift: readonly Scenario[] = [
  bench({
    family: "alarm_shift/weekday",
    split: "train",
    difficulty: 1,
    apps: ["handset"],
    axis: {},
    draw: drawWeekday,
    solve: solveWeekday,
  }),
  bench({
    family: "alarm_shift/label",
    split: "train",
    difficulty: 1,
    apps: ["handset"],
    axis: {},
    draw: drawLabel,
    solve: solveLabel,
  }),
  bench({
    family: "alarm_shift/on",
    split: "train",
    difficulty: 1,
    apps: ["handset"],
    axis: {},
    draw: drawOn,
    solve: solveOn,
  }),
];
