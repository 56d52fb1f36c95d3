/**
 * Timers, blocked numbers and quiet hours of handset.
 *
 * @module
 */
import { dateTime, dayNumber } from "../../calendar.ts";
import { badArgument, conflict, notFound } from "../../errors.ts";
import { flag, integer, optional, rowId, text, time } from "../../params.ts";
import { type Api, api, list, type RowOf } from "../../schema.ts";
import { ownMember, ownRow } from "../_common.ts";
import { blockedNumber, handsetMember, timer } from "./tables.ts";

const MOST_TIMER_SECONDS = 86_400;

function isRunning({ stopped, ends_at }: RowOf<typeof timer.columns>, at: string): boolean {
  return !stopped && ends_at > at;
}

function secondsAfter(at: string, seconds: number): string {
  const [h = 0, m = 0, s = 0] = at.slice(11).split(":").map(Number);
  const end = dayNumber(at) * 86_400 + h * 3600 + m * 60 + s + seconds;
  return dateTime(Math.floor(end / 86_400), end % 86_400);
}

const timerApis: readonly Api[] = [
  list("list_timers", {
    about: "Timers, optionally only those that run or only others.",
    params: { running: optional(flag("whether they run")) },
    returns: [{ timer_id: "integer", label: "text", seconds: "integer", ends_at: "datetime", running: "flag" }],
    rows: ({ world, member, at }, { running }) =>
      world.rows(timer, member).filter((row) => running === undefined || isRunning(row, at) === running),
    view: (row, { at }) => {
      const { id, label, seconds, ends_at } = row;
      return { timer_id: id, label, seconds, ends_at, running: isRunning(row, at) };
    },
    orders: { ends_at: ({ ends_at }) => ends_at, seconds: ({ seconds }) => seconds },
  }),
  api("start_timer", {
    about: "Start a timer.",
    params: { label: text("what for"), seconds: integer("how long", 1, MOST_TIMER_SECONDS) },
    returns: { note: "text", timer_id: "integer" },
    handler({ world, member, at }, { label, seconds }) {
      const ends_at = secondsAfter(at, seconds);
      const { id } = world.insert(timer, { owner: member, label, seconds, ends_at, stopped: false });
      return { note: "Timer started.", timer_id: id };
    },
  }),
  api("stop_timer", {
    about: "Stop a timer that runs.",
    params: { timer_id: rowId("id of the timer") },
    returns: { note: "text", timer_id: "integer" },
    handler(call, { timer_id }) {
      const row = ownRow(call, timer, timer_id, "timer", "stop");
      if (!isRunning(row, call.at)) throw conflict(`stop timer ${timer_id}`, "it does not run");
      call.world.update(timer, timer_id, { stopped: true });
      return { note: "Timer stopped.", timer_id };
    },
  }),
];

const blockingApis: readonly Api[] = [
  list("list_blocked", {
    about: "Numbers that are blocked: their texts and clips are refused.",
    params: {},
    returns: [{ number: "text", blocked_at: "datetime" }],
    rows: ({ world, member }) => world.rows(blockedNumber, member),
    view: ({ number, made_at }) => ({ number, blocked_at: made_at }),
    orders: { number: ({ number }) => number },
  }),
  api("block_number", {
    about: "Block a number.",
    params: { number: text("phone number") },
    returns: { note: "text" },
    handler(call, { number }) {
      const { world, member } = call;
      if (ownMember(call, handsetMember).number === number) throw conflict(`block ${number}`, "it is your own number");
      if (world.rows(blockedNumber, member).some((row) => row.number === number)) {
        throw conflict(`block ${number}`, "it is already blocked");
      }
      world.insert(blockedNumber, { owner: member, number });
      return { note: "Number blocked." };
    },
  }),
  api("unblock_number", {
    about: "Unblock a number.",
    params: { number: text("phone number") },
    returns: { note: "text" },
    handler({ world, member }, { number }) {
      const row = world.rows(blockedNumber, member).find((blocked) => blocked.number === number);
      if (row === undefined) throw notFound("blocked number", "number", number);
      world.remove(blockedNumber, row.id);
      return { note: "Number unblocked." };
    },
  }),
];

const quietApis: readonly Api[] = [
  api("get_quiet_hours", {
    about: "Hours in which the phone stays quiet; null when there are none.",
    params: {},
    returns: { from: "time|null", to: "time|null" },
    handler(call) {
      const { quiet_from, quiet_to } = ownMember(call, handsetMember);
      return { from: quiet_from, to: quiet_to };
    },
  }),
  api("set_quiet_hours", {
    about: "Set the quiet hours, or drop them by naming no times.",
    params: { from: optional(time("when they begin")), to: optional(time("when they end")) },
    returns: { note: "text" },
    handler(call, { from, to }) {
      const rule = "both times or neither, and not the same";
      if ((from === undefined) !== (to === undefined)) {
        throw badArgument(from === undefined ? "from" : "to", "it is missing", rule);
      }
      if (from !== undefined && from === to) throw badArgument("to", "it equals from", rule);
      const { id } = ownMember(call, handsetMember);
      call.world.update(handsetMember, id, { quiet_from: from ?? null, quiet_to: to ?? null });
      return { note: from === undefined ? "Quiet hours dropped." : "Quiet hours set." };
    },
  }),
];

/** APIs of all three groups. */
export const settingApis: readonly Api[] = [...timerApis, ...blockingApis, ...quietApis];
