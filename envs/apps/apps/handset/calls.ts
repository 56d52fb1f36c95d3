/**
 * The call log of handset.
 *
 * @module
 */
import { choice, date, FIRST_DAY, flag, LAST_DAY, optional, rowId, text, withDefault } from "../../params.ts";
import { type Api, api, list, type RowOf } from "../../schema.ts";
import { inPeriod, newestFirst, ownRow } from "../_common.ts";
import { callEntry } from "./tables.ts";
import { DIRECTIONS } from "./texts.ts";

const SHAPE = {
  call_id: "integer",
  number: "text",
  direction: "in|out",
  seconds: "integer",
  missed: "flag",
  at: "datetime",
} as const;

function view({ id, number, direction, seconds, missed, at }: RowOf<typeof callEntry.columns>) {
  return { call_id: id, number, direction, seconds, missed, at };
}

/** Their APIs. */
export const callApis: readonly Api[] = [
  list("list_calls", {
    about: "Phone calls, newest first, optionally in one direction, with one number or of some days.",
    params: {
      direction: optional(choice("received or made", DIRECTIONS)),
      number: optional(text("only calls with this number")),
      missed: optional(flag("only missed calls, or only others")),
      since: withDefault(date("first day"), FIRST_DAY),
      until: withDefault(date("last day"), LAST_DAY),
    },
    returns: [SHAPE],
    rows: ({ world, member }, { direction, number, missed, since, until }) =>
      newestFirst(
        world.rows(callEntry, member)
          .filter((row) => direction === undefined || row.direction === direction)
          .filter((row) => number === undefined || row.number === number)
          .filter((row) => missed === undefined || row.missed === missed)
          .filter(({ at }) => inPeriod(at, since, until)),
      ),
    view,
    orders: { at: ({ at }) => at, seconds: ({ seconds }) => seconds },
  }),
  api("get_call", {
    about: "One phone call.",
    params: { call_id: rowId("id of the call") },
    returns: SHAPE,
    handler: (call, { call_id }) => view(ownRow(call, callEntry, call_id, "call", "read")),
  }),
  api("remove_call", {
    about: "Remove a phone call from the log.",
    params: { call_id: rowId("id of the call") },
    returns: { note: "text" },
    handler(call, { call_id }) {
      ownRow(call, callEntry, call_id, "call", "remove");
      call.world.remove(callEntry, call_id);
      return { note: "Call removed." };
    },
  }),
];
