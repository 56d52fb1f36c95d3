/**
 * tuppence: asks for money. `from` asks, `to` would pay.
 *
 * @module
 */
import { conflict, notFound, notYours } from "../../errors.ts";
import { anyText, choice, email, money, optional, rowId, withDefault } from "../../params.ts";
import { api, type Call, list, type RowOf } from "../../schema.ts";
import { amountOf, centsText, inPeriod, needChange, ownMember, PERIOD } from "../_common.ts";
import { CARD_EFFECTS, otherMember, pay, tell } from "./_money.ts";
import { ask, wallet } from "./tables.ts";

const ASK_SHAPE = {
  ask_id: "integer",
  from: "e-mail",
  to: "e-mail",
  amount: "money",
  memo: "text",
  state: "open|accepted|refused|withdrawn",
  at: "datetime",
} as const;
const ASK_STATES = ["open", "accepted", "refused", "withdrawn"] as const;
const NOTED = { note: "text", ask_id: "integer" } as const;

type Ask = RowOf<typeof ask.columns>;

function askView({ id, from, to, amount, memo, state, at }: Ask) {
  return { ask_id: id, from, to, amount: amountOf(amount), memo, state, at };
}

/** An open ask in which the caller has the given part. */
function openAsk(call: Call, id: number, part: "from" | "to", verb: string): Ask {
  const row = call.world.get(ask, id);
  if (row === undefined) throw notFound("ask", "id", id);
  if (row[part] !== call.member) throw notYours("ask", verb);
  if (row.state !== "open") throw conflict(`${verb} ask ${id}`, `it is ${row.state}`);
  return row;
}

const FILTERS = {
  state: optional(choice("only in this state", ASK_STATES)),
  ...PERIOD,
};

function listAsks(name: string, about: string, part: "from" | "to") {
  return list(name, {
    about,
    params: FILTERS,
    returns: [ASK_SHAPE],
    rows: ({ world, member }, { state, since, until }) =>
      world.rows(ask, member).filter((row) =>
        row[part] === member && (state === undefined || row.state === state) && inPeriod(row.at, since, until)
      ),
    view: askView,
    search: (row) => `${row.memo} ${row.from} ${row.to}`,
    orders: { amount: (row) => row.amount, at: (row) => row.at },
  });
}

function nameOf(call: Call): string {
  return ownMember(call, wallet).name;
}

/** The group of asks. */
export const askApis = [
  api("ask_money", {
    about: "Ask a member for money.",
    params: {
      to: email("e-mail of the member who should pay"),
      amount: money("how much"),
      memo: withDefault(anyText("what for"), ""),
    },
    returns: NOTED,
    handler(call, { to, amount, memo }) {
      otherMember(call, to);
      const values = { from: call.member, to, amount, memo, state: "open", reminded_at: null, at: call.at };
      tell(call, to, "ask", `${nameOf(call)} asks you for ${centsText(amount)}`);
      return { note: "Money asked for.", ask_id: call.world.insert(ask, values).id };
    },
  }),
  listAsks("list_asks_in", "Asks for money that others sent to me, optionally in one state.", "to"),
  listAsks("list_asks_out", "Asks for money that I sent to others, optionally in one state.", "from"),
  api("get_ask", {
    about: "One ask for money, with the time of the last reminder.",
    params: { ask_id: rowId("id of the ask") },
    returns: { ...ASK_SHAPE, reminded_at: "datetime|null" },
    handler(call, { ask_id }) {
      const row = call.world.get(ask, ask_id);
      if (row === undefined) throw notFound("ask", "id", ask_id);
      if (row.from !== call.member && row.to !== call.member) throw notYours("ask", "read");
      return { ...askView(row), reminded_at: row.reminded_at };
    },
  }),
  api("accept_ask", {
    about: "Accept an ask and pay it from the balance, or from a bank card.",
    params: {
      ask_id: rowId("id of the ask"),
      card_id: optional(rowId("card that pays instead of the balance")),
    },
    returns: { note: "text", transfer_id: "integer" },
    effects: CARD_EFFECTS,
    handler(call, { ask_id, card_id }) {
      const row = openAsk(call, ask_id, "to", "accept");
      const transferId = pay(call, { to: row.from, cents: row.amount, memo: row.memo, cardId: card_id });
      call.world.update(ask, ask_id, { state: "accepted" });
      return { note: "Ask accepted and paid.", transfer_id: transferId };
    },
  }),
  api("refuse_ask", {
    about: "Refuse an ask.",
    params: { ask_id: rowId("id of the ask") },
    returns: NOTED,
    handler(call, { ask_id }) {
      const row = openAsk(call, ask_id, "to", "refuse");
      call.world.update(ask, ask_id, { state: "refused" });
      tell(call, row.from, "ask", `${nameOf(call)} refused to pay ${centsText(row.amount)}`);
      return { note: "Ask refused.", ask_id };
    },
  }),
  api("withdraw_ask", {
    about: "Withdraw an ask that one sent.",
    params: { ask_id: rowId("id of the ask") },
    returns: NOTED,
    handler(call, { ask_id }) {
      openAsk(call, ask_id, "from", "withdraw");
      call.world.update(ask, ask_id, { state: "withdrawn" });
      return { note: "Ask withdrawn.", ask_id };
    },
  }),
  api("remind_ask", {
    about: "Remind the member of an ask that one sent.",
    params: { ask_id: rowId("id of the ask") },
    returns: NOTED,
    handler(call, { ask_id }) {
      const row = openAsk(call, ask_id, "from", "remind");
      call.world.update(ask, ask_id, { reminded_at: call.at });
      tell(call, row.to, "reminder", `${nameOf(call)} reminds you of ${centsText(row.amount)}`);
      return { note: "Reminder sent.", ask_id };
    },
  }),
  api("edit_ask", {
    about: "Change the amount or memo of an open ask that one sent.",
    params: {
      ask_id: rowId("id of the ask"),
      amount: optional(money("new amount")),
      memo: optional(anyText("new memo")),
    },
    returns: NOTED,
    handler(call, { ask_id, amount, memo }) {
      const row = openAsk(call, ask_id, "from", "change");
      needChange({ amount, memo });
      call.world.update(ask, ask_id, { amount: amount ?? row.amount, memo: memo ?? row.memo });
      return { note: "Ask changed.", ask_id };
    },
  }),
];
