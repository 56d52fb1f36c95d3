/**
 * Alarms: verb (turn on, turn off, remove, shift to a time) × filter (label, day of the week).
 *
 * @module
 */
import type { Reject, Row, Scenario, SetupContext, Split } from "../../scenario.ts";
import { define, type Draw } from "./_define.ts";
import { act, keep, pages, signIn } from "./_idioms.ts";
import { choose, idIn, listOf, needsPages, reject, textOf } from "./_setup.ts";

type Verb = "on" | "off" | "remove" | "shift";
type Filter = "label" | "day";

const FAMILIES: readonly (readonly [Verb, Filter, Split])[] = [
  ["on", "label", "train"],
  ["on", "day", "train"],
  ["off", "day", "train"],
  ["remove", "label", "train"],
  ["shift", "day", "train"],
  ["shift", "label", "train"],
  ["off", "label", "train"],
  ["remove", "day", "test_normal"],
];

const LABELS = ["gym", "medicine", "school run", "stretching", "water plants", "market", "choir", "laundry"] as const;
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const CODE: Readonly<Record<Verb, { readonly api: string; readonly state?: string; readonly args: string }>> = {
  on: { api: "turn_alarm_on", state: "!x.on", args: "alarm_id: x.alarm_id" },
  off: { api: "turn_alarm_off", state: "x.on", args: "alarm_id: x.alarm_id" },
  remove: { api: "remove_alarm", args: "alarm_id: x.alarm_id" },
  shift: { api: "edit_alarm", args: "alarm_id: x.alarm_id, time" },
};

const FILTER: Readonly<Record<Filter, { readonly keep: string; readonly name: string }>> = {
  label: { keep: "x.label === label", name: "with_label" },
  day: { keep: "x.days.includes(day)", name: "on_day" },
};

function phrases(verb: Verb, which: string, time: string): readonly string[] {
  if (verb === "on") return [`Turn on all alarms ${which}.`, `Switch on all the alarms ${which} in my phone.`];
  if (verb === "off") return [`Turn off all alarms ${which}.`, `Switch off all the alarms ${which} in my phone.`];
  if (verb === "remove") return [`Remove all alarms ${which}.`, `Delete all the alarms ${which} in my phone.`];
  return [`Shift all alarms ${which} to ${time}.`, `Set all the alarms ${which} in my phone to ${time}.`];
}

function plant(ctx: SetupContext): void {
  const client = ctx.as();
  const labels = ctx.random.sample(LABELS, 3);
  for (let i = 0; i < 9; i++) {
    const time = `${String(ctx.random.int(5, 22)).padStart(2, "0")}:${ctx.random.pick(["00", "10", "20", "45"])}`;
    const days = DAYS.filter(() => ctx.random.int(0, 2) === 0);
    const label = labels[i % 3] ?? "gym";
    const id = idIn(client("handset", "add_alarm", { time, label, days }), "alarm_id");
    if (ctx.random.int(0, 1) === 0) client("handset", "turn_alarm_off", { alarm_id: id });
  }
}

function draw(ctx: SetupContext, verb: Verb, filter: Filter): Draw | Reject {
  plant(ctx);
  const listed = ctx.rows("handset.alarm", ctx.user.email);
  const time = `0${ctx.random.int(5, 9)}:${ctx.random.pick(["05", "15", "35", "55"])}`;
  const inState = (row: Row) => (verb !== "on" || row["on"] === false) && (verb !== "off" || row["on"] === true);
  const keeps = (row: Row, value: string | undefined) =>
    value !== undefined && (filter === "label" ? textOf(row, "label") === value : listOf(row, "days").includes(value));
  const value = choose<string>(ctx, filter === "label" ? LABELS : DAYS, (candidate) => {
    const wanted = (row: Row) => keeps(row, candidate) && inState(row);
    return listed.filter(wanted).length >= 2 && needsPages(listed, wanted);
  });
  if (value === undefined) return reject("no value of the filter keeps a few alarms");
  const which = filter === "label"
    ? ctx.random.pick([`labelled "${value}"`, `with the label "${value}"`])
    : `that ring on ${value}`;
  return {
    instruction: ctx.random.pick(phrases(verb, which, time)),
    args: verb === "shift" ? [value, time] : [value],
    writes: listed.filter((row) => keeps(row, value) && inState(row)).map((row) => ({
      app: "handset",
      api: CODE[verb].api,
      args: { alarm_id: row.id, ...(verb === "shift" ? { time } : {}) },
    })),
  };
}

/** Scenarios of this generator. */
export const alarms: readonly Scenario[] = FAMILIES.map(([verb, filter, split]) => {
  const { api, state, args } = CODE[verb];
  return define({
    family: `alarms/${verb}/${filter}`,
    split,
    difficulty: 2,
    name: `${verb === "on" || verb === "off" ? `turn_${verb}` : verb}_alarms_${FILTER[filter].name}`,
    params: [filter, ...(verb === "shift" ? ["time"] : [])],
    lines: [
      ...signIn("handset"),
      pages("handset", "alarms"),
      keep("alarms", state === undefined ? FILTER[filter].keep : `${FILTER[filter].keep} && ${state}`),
      act("handset", api, args),
    ],
    lookups: { handset: `list alarms ${api.split("_")[0]}` },
    draw: (ctx) => draw(ctx, verb, filter),
  });
});
