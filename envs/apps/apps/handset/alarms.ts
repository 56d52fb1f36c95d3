/**
 * The alarms of handset.
 *
 * @module
 */
import { conflict } from "../../errors.ts";
import { choice, flag, optional, rowId, text, time, WEEKDAYS, weekdays, withDefault } from "../../params.ts";
import { type Api, api, type Call, list, type RowOf } from "../../schema.ts";
import { needChange, ownRow } from "../_common.ts";
import { alarm } from "./tables.ts";

const SHAPE = { alarm_id: "integer", time: "time", days: ["text"], label: "text", on: "flag" } as const;

function view({ id, time, days, label, on }: RowOf<typeof alarm.columns>) {
  return { alarm_id: id, time, days, label, on };
}

function turnAlarm(call: Call, id: number, on: boolean) {
  const word = on ? "on" : "off";
  const row = ownRow(call, alarm, id, "alarm", "change");
  if (row.on === on) throw conflict(`turn ${word} alarm ${id}`, `it is already ${word}`);
  call.world.update(alarm, id, { on });
  return { note: `Alarm turned ${word}.`, alarm_id: id };
}

/** Their APIs. */
export const alarmApis: readonly Api[] = [
  list("list_alarms", {
    about: "Alarms of the phone.",
    params: {
      on: optional(flag("only those that are on, or only those that are off")),
      day: optional(choice("only those that ring on this day", WEEKDAYS)),
    },
    returns: [SHAPE],
    rows: ({ world, member }, { on, day }) =>
      world.rows(alarm, member)
        .filter((row) => on === undefined || row.on === on)
        .filter((row) => day === undefined || row.days.includes(day)),
    view,
    orders: { time: (row) => row.time, label: (row) => row.label },
  }),
  api("get_alarm", {
    about: "One alarm.",
    params: { alarm_id: rowId("id of the alarm") },
    returns: SHAPE,
    handler: (call, { alarm_id }) => view(ownRow(call, alarm, alarm_id, "alarm", "read")),
  }),
  api("add_alarm", {
    about: "Add an alarm, turned on.",
    params: {
      time: time("when it rings"),
      label: text("what for"),
      days: withDefault(weekdays("days on which it repeats; none = once"), []),
    },
    returns: { note: "text", alarm_id: "integer" },
    handler({ world, member }, { time, label, days }) {
      const { id } = world.insert(alarm, { owner: member, time, days, label, on: true });
      return { note: "Alarm added.", alarm_id: id };
    },
  }),
  api("edit_alarm", {
    about: "Change time, label or days of an alarm.",
    params: {
      alarm_id: rowId("id of the alarm"),
      time: optional(time("new time")),
      label: optional(text("new label")),
      days: optional(weekdays("new days")),
    },
    returns: { note: "text", alarm_id: "integer" },
    handler(call, { alarm_id, time, label, days }) {
      ownRow(call, alarm, alarm_id, "alarm", "change");
      needChange({ time, label, days });
      call.world.update(alarm, alarm_id, {
        ...(time === undefined ? {} : { time }),
        ...(label === undefined ? {} : { label }),
        ...(days === undefined ? {} : { days }),
      });
      return { note: "Alarm changed.", alarm_id };
    },
  }),
  api("turn_alarm_on", {
    about: "Turn an alarm on.",
    params: { alarm_id: rowId("id of the alarm") },
    returns: { note: "text", alarm_id: "integer" },
    handler: (call, { alarm_id }) => turnAlarm(call, alarm_id, true),
  }),
  api("turn_alarm_off", {
    about: "Turn an alarm off.",
    params: { alarm_id: rowId("id of the alarm") },
    returns: { note: "text", alarm_id: "integer" },
    handler: (call, { alarm_id }) => turnAlarm(call, alarm_id, false),
  }),
  api("remove_alarm", {
    about: "Remove an alarm.",
    params: { alarm_id: rowId("id of the alarm") },
    returns: { note: "text" },
    handler(call, { alarm_id }) {
      ownRow(call, alarm, alarm_id, "alarm", "remove");
      call.world.remove(alarm, alarm_id);
      return { note: "Alarm removed." };
    },
  }),
];
