/**
 * tuppence: standing orders, and alerts.
 *
 * @module
 */
import { badArgument } from "../../errors.ts";
import { anyText, choice, date, email, flag, money, optional, rowId, withDefault } from "../../params.ts";
import { api, list, type RowOf } from "../../schema.ts";
import { alertApis as alertGroup } from "../_alerts.ts";
import { amountOf, INTERVALS, needAhead, ownRow } from "../_common.ts";
import { otherMember } from "./_money.ts";
import { alert, standingOrder } from "./tables.ts";

const ORDER_SHAPE = {
  order_id: "integer",
  to: "e-mail",
  amount: "money",
  memo: "text",
  every: "week|month|quarter|year",
  next_on: "date",
  active: "flag",
} as const;
const NOTED = { note: "text", order_id: "integer" } as const;

function orderView({ id, to, amount, memo, every, next_on, active }: RowOf<typeof standingOrder.columns>) {
  return { order_id: id, to, amount: amountOf(amount), memo, every, next_on, active };
}

/** The group of standing orders. */
export const standingApis = [
  list("list_standing_orders", {
    about: "Own standing orders, optionally only those that are active or not.",
    params: { active: optional(flag("only those that are active, or not")) },
    returns: [ORDER_SHAPE],
    rows: ({ world, member }, { active }) =>
      world.rows(standingOrder, member).filter((row) => active === undefined || row.active === active),
    view: orderView,
    search: (row) => `${row.memo} ${row.to}`,
    orders: { amount: (row) => row.amount, next_on: (row) => row.next_on },
  }),
  api("get_standing_order", {
    about: "One standing order.",
    params: { order_id: rowId("id of the standing order") },
    returns: ORDER_SHAPE,
    handler: (call, { order_id }) => orderView(ownRow(call, standingOrder, order_id, "standing order", "read")),
  }),
  api("add_standing_order", {
    about: "Send a member money again and again.",
    params: {
      to: email("e-mail of the receiver"),
      amount: money("how much each time"),
      every: choice("how often", INTERVALS),
      next_on: date("first day, not before today"),
      memo: withDefault(anyText("what for"), ""),
    },
    returns: NOTED,
    handler(call, { to, amount, every, next_on, memo }) {
      otherMember(call, to);
      needAhead(call, "next_on", next_on);
      const values = { owner: call.member, to, amount, memo, every, next_on, active: true };
      return { note: "Standing order added.", order_id: call.world.insert(standingOrder, values).id };
    },
  }),
  api("edit_standing_order", {
    about: "Change a standing order, or switch it off and on.",
    params: {
      order_id: rowId("id of the standing order"),
      to: optional(email("e-mail of the new receiver")),
      amount: optional(money("new amount")),
      every: optional(choice("how often", INTERVALS)),
      next_on: optional(date("next day, not before today")),
      memo: optional(anyText("new memo")),
      active: optional(flag("whether it is carried out")),
    },
    returns: NOTED,
    handler(call, { order_id, to, amount, every, next_on, memo, active }) {
      const row = ownRow(call, standingOrder, order_id, "standing order", "change");
      if ([to, amount, every, next_on, memo, active].every((value) => value === undefined)) {
        throw badArgument("amount", "there is nothing to change", "to, amount, every, next_on, memo, active");
      }
      if (to !== undefined) otherMember(call, to);
      if (next_on !== undefined) needAhead(call, "next_on", next_on);
      call.world.update(standingOrder, order_id, {
        to: to ?? row.to,
        amount: amount ?? row.amount,
        every: every ?? row.every,
        next_on: next_on ?? row.next_on,
        memo: memo ?? row.memo,
        active: active ?? row.active,
      });
      return { note: "Standing order changed.", order_id };
    },
  }),
  api("remove_standing_order", {
    about: "Remove a standing order for good.",
    params: { order_id: rowId("id of the standing order") },
    returns: { note: "text" },
    handler(call, { order_id }) {
      ownRow(call, standingOrder, order_id, "standing order", "remove");
      call.world.remove(standingOrder, order_id);
      return { note: "Standing order removed." };
    },
  }),
];

/** The group of alerts. */
export const alertApis = alertGroup(alert, "What the wallet tells of");
