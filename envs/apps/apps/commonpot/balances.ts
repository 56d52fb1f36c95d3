/**
 * commonpot: balances and settlements. A positive balance is money that one gets back.
 *
 * @module
 */
import { badArgument, notFound, notYours } from "../../errors.ts";
import { anyText, date, email, money, optional, rowId, withDefault } from "../../params.ts";
import { api, type Call, list, type RowOf } from "../../schema.ts";
import { amountOf, centsText, inPeriod, memberByEmail, needChange, newestFirst, PERIOD } from "../_common.ts";
import { checkPeople, membersOf, nameOf, ownCircle, tell } from "./_access.ts";
import { circleBalances, pairBalances, settlingPayments } from "./_ledger.ts";
import { potMember, settlement } from "./tables.ts";

const BALANCE_SHAPE = { email: "e-mail", name: "text", balance: "money" } as const;
const SETTLEMENT_SHAPE = {
  settlement_id: "integer",
  circle_id: "integer|null",
  from: "e-mail",
  to: "e-mail",
  amount: "money",
  on: "date",
  memo: "text",
} as const;
const NOTED = { note: "text", settlement_id: "integer" } as const;

type Settlement = RowOf<typeof settlement.columns>;

/** Somebody's balance. */
interface Balance {
  readonly email: string;
  readonly name: string;
  readonly balance: number;
}

const BALANCE_LIST = {
  view: ({ email, name, balance }: Balance) => ({ email, name, balance: amountOf(balance) }),
  orders: { balance: (item: Balance) => item.balance, name: (item: Balance) => item.name },
};

/** The group of balances. */
export const balanceApis = [
  list("list_balances", {
    ...BALANCE_LIST,
    about: "Members with whom one is not even over all bills: positive if they owe me, negative if I owe them.",
    params: {},
    returns: [BALANCE_SHAPE],
    rows: (call) =>
      [...pairBalances(call.world, call.member)].filter(([, balance]) => balance !== 0)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([email, balance]) => ({ email, name: nameOf(call, email), balance })),
  }),
  api("get_balance_with", {
    about: "Balance with one member over all bills: positive if they owe me, negative if I owe them.",
    params: { email: email("e-mail of the member") },
    returns: { email: "e-mail", balance: "money" },
    handler(call, { email }) {
      memberByEmail(call, potMember, email);
      return { email, balance: amountOf(pairBalances(call.world, call.member).get(email) ?? 0) };
    },
  }),
  list("list_circle_balances", {
    ...BALANCE_LIST,
    about: "Balance of each member of a circle: positive if they get money back, negative if they owe it.",
    params: { circle_id: rowId("id of the circle") },
    returns: [BALANCE_SHAPE],
    rows(call, { circle_id }) {
      const balances = circleBalances(call.world, ownCircle(call, circle_id, "read").id);
      return membersOf(call, circle_id)
        .map(({ member }) => ({ email: member, name: nameOf(call, member), balance: balances.get(member) ?? 0 }));
    },
  }),
  list("suggest_settlements", {
    about: "Payments that would bring all balances of a circle to zero.",
    params: { circle_id: rowId("id of the circle") },
    returns: [{ from: "e-mail", to: "e-mail", amount: "money" }],
    rows: (call, { circle_id }) => settlingPayments(circleBalances(call.world, ownCircle(call, circle_id, "read").id)),
    view: ({ from, to, cents }) => ({ from, to, amount: amountOf(cents) }),
  }),
];

function settlementView({ id, circle_id, from, to, amount, on, memo }: Settlement) {
  return { settlement_id: id, circle_id, from, to, amount: amountOf(amount), on, memo };
}

function ownSettlement(call: Call, id: number, verb: string): Settlement {
  const row = call.world.get(settlement, id);
  if (row === undefined) throw notFound("settlement", "id", id);
  if (row.from !== call.member && row.to !== call.member) throw notYours("settlement", verb);
  return row;
}

/** The group of settlements. */
export const settlementApis = [
  list("list_settlements", {
    about: "Money paid back by or to oneself, or by anybody in a circle, newest first.",
    params: {
      circle_id: optional(rowId("settlements of this circle, those of others included")),
      email: optional(email("only with this member")),
      ...PERIOD,
    },
    returns: [SETTLEMENT_SHAPE],
    rows(call, { circle_id, email, since, until }) {
      const rows = circle_id === undefined
        ? call.world.rows(settlement, call.member)
        : call.world.rowsWhere(settlement, "circle_id", ownCircle(call, circle_id, "read").id);
      const kept = rows.filter((row) =>
        (email === undefined || row.from === email || row.to === email) && inPeriod(row.on, since, until)
      );
      return newestFirst(kept, (row) => row.on);
    },
    view: settlementView,
    orders: { amount: (row) => row.amount, on: (row) => row.on },
  }),
  api("get_settlement", {
    about: "One settlement that one paid or got.",
    params: { settlement_id: rowId("id of the settlement") },
    returns: SETTLEMENT_SHAPE,
    handler: (call, { settlement_id }) => settlementView(ownSettlement(call, settlement_id, "read")),
  }),
  api("add_settlement", {
    about: "Record that one paid somebody back, or was paid back; moves no money.",
    params: {
      to: email("e-mail of who got the money"),
      amount: money("how much"),
      circle_id: optional(rowId("circle whose balances it settles")),
      from: optional(email("e-mail of who paid; oneself if left out")),
      on: optional(date("day of the payment; today if left out")),
      memo: withDefault(anyText("what to remember"), ""),
    },
    returns: NOTED,
    handler(call, { to, amount, circle_id, from = call.member, on, memo }) {
      const circleId = circle_id === undefined ? null : ownCircle(call, circle_id, "settle in").id;
      if (from === to) throw badArgument("to", "it is who paid", "e-mail of another member");
      if (from !== call.member && to !== call.member) throw notYours("settlement", "record");
      checkPeople(call, circleId, [from], "from");
      checkPeople(call, circleId, [to], "to");
      const values = { circle_id: circleId, from, to, amount, on: on ?? call.at.slice(0, 10), memo };
      const { id } = call.world.insert(settlement, values);
      tell(call, [from, to], "settlement", `${nameOf(call, call.member)} recorded a payment of ${centsText(amount)}`);
      return { note: "Settlement recorded.", settlement_id: id };
    },
  }),
  api("edit_settlement", {
    about: "Change the amount, day or memo of a settlement.",
    params: {
      settlement_id: rowId("id of the settlement"),
      amount: optional(money("new amount")),
      on: optional(date("new day")),
      memo: optional(anyText("new memo")),
    },
    returns: NOTED,
    handler(call, { settlement_id, amount, on, memo }) {
      const row = ownSettlement(call, settlement_id, "change");
      needChange({ amount, on, memo });
      call.world.update(settlement, settlement_id, {
        amount: amount ?? row.amount,
        on: on ?? row.on,
        memo: memo ?? row.memo,
      });
      return { note: "Settlement changed.", settlement_id };
    },
  }),
  api("remove_settlement", {
    about: "Remove a settlement.",
    params: { settlement_id: rowId("id of the settlement") },
    returns: { note: "text" },
    handler(call, { settlement_id }) {
      ownSettlement(call, settlement_id, "remove");
      call.world.remove(settlement, settlement_id);
      return { note: "Settlement removed." };
    },
  }),
];
