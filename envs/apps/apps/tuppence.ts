/**
 * tuppence: the wallet. Transfers, money requests ("asks"), pots and remarks.
 *
 * Choices: one signs in with the phone number, unlike in all other apps; no API adds anything up. Amounts are integer cents in rows.
 * Omitted: bank cards, bonds, cheers, standing orders, alerts.
 *
 * @module
 */
import { badArgument, conflict, notFound, notYours, paymentRefused } from "../errors.ts";
import { anyText, choice, date, email, money, optional, rowId, text, withDefault } from "../params.ts";
import { api, type App, type Call, type RowOf, table } from "../schema.ts";
import { accountApis, amountOf, memberTable, newestFirst, ownMember, ownRow } from "./_common.ts";

const plainMember = memberTable("tuppence");

/** Accounts, with their balance. */
export const wallet = table("tuppence.member", { ...plainMember.columns, balance: "cents" }, { ownedBy: ["owner"] });

/** Money sent. */
export const transfer = table("tuppence.transfer", {
  from: "text",
  to: "text",
  amount: "cents",
  memo: "text",
  visibility: "text",
  at: "text",
}, { ownedBy: ["from", "to"] });

/** Money asked for: `from` asks, `to` would pay. */
export const ask = table("tuppence.ask", {
  from: "text",
  to: "text",
  amount: "cents",
  memo: "text",
  state: "text",
  reminded_at: "optional_text",
  at: "text",
}, { ownedBy: ["from", "to"] });

/** Savings pots. */
export const pot = table("tuppence.pot", { owner: "text", name: "text", goal: "cents", saved: "cents" }, {
  ownedBy: ["owner"],
});

/** Remarks under transfers. */
export const remark = table("tuppence.remark", { from: "text", transfer_id: "integer", text: "text", at: "text" }, {
  ownedBy: ["from"],
  references: { transfer_id: "tuppence.transfer" },
});

const TRANSFER_SHAPE = {
  transfer_id: "integer",
  from: "e-mail",
  to: "e-mail",
  amount: "money",
  memo: "text",
  visibility: "public|private",
  at: "datetime",
} as const;
const ASK_SHAPE = {
  ask_id: "integer",
  from: "e-mail",
  to: "e-mail",
  amount: "money",
  memo: "text",
  state: "open|accepted|refused|withdrawn",
  at: "datetime",
} as const;
const POT_SHAPE = { pot_id: "integer", name: "text", goal: "money", saved: "money" } as const;
const REMARK_SHAPE = { remark_id: "integer", from: "e-mail", text: "text", at: "datetime" } as const;
const ASK_STATES = ["open", "accepted", "refused", "withdrawn"] as const;

type Transfer = RowOf<typeof transfer.columns>;
type Ask = RowOf<typeof ask.columns>;

function transferView({ id, from, to, amount, memo, visibility, at }: Transfer) {
  return { transfer_id: id, from, to, amount: amountOf(amount), memo, visibility, at };
}

function askView({ id, from, to, amount, memo, state, at }: Ask) {
  return { ask_id: id, from, to, amount: amountOf(amount), memo, state, at };
}

function potView({ id, name, goal, saved }: RowOf<typeof pot.columns>) {
  return { pot_id: id, name, goal: amountOf(goal), saved: amountOf(saved) };
}

/** Another member by e-mail. */
function otherMember(call: Call, email: string) {
  const [member] = call.world.rows(wallet, email);
  if (member === undefined) throw notFound("member", "email", email);
  if (email === call.member) throw badArgument("to", "it is your own account", "e-mail of another member");
  return member;
}

/** Moves money and writes the transfer. */
function pay(call: Call, to: string, cents: number, memo: string): number {
  const payer = ownMember(call, wallet);
  const payee = otherMember(call, to);
  if (payer.balance < cents) throw paymentRefused("balance too low");
  call.world.update(wallet, payer.id, { balance: payer.balance - cents });
  call.world.update(wallet, payee.id, { balance: payee.balance + cents });
  const values = { from: call.member, to, amount: cents, memo, visibility: "private", at: call.at };
  return call.world.insert(transfer, values).id;
}

function seenTransfer(call: Call, id: number, verb: string): Transfer {
  const row = call.world.get(transfer, id);
  if (row === undefined) throw notFound("transfer", "id", id);
  if (row.from !== call.member && row.to !== call.member) throw notYours("transfer", verb);
  return row;
}

function sentTransfer(call: Call, id: number, verb: string): Transfer {
  const row = seenTransfer(call, id, verb);
  if (row.from !== call.member) throw notYours("transfer", verb);
  return row;
}

/** An open ask in which the caller has the given part. */
function openAsk(call: Call, id: number, part: "from" | "to", verb: string): Ask {
  const row = call.world.get(ask, id);
  if (row === undefined) throw notFound("ask", "id", id);
  if (row[part] !== call.member) throw notYours("ask", verb);
  if (row.state !== "open") throw conflict(`${verb} ask ${id}`, `it is ${row.state}`);
  return row;
}

function movePotMoney(call: Call, id: number, cents: number) {
  const row = ownRow(call, pot, id, "pot", "change");
  const member = ownMember(call, wallet);
  if (cents > member.balance) throw paymentRefused("balance too low");
  if (-cents > row.saved) throw paymentRefused("too little in the pot");
  call.world.update(wallet, member.id, { balance: member.balance - cents });
  call.world.update(pot, id, { saved: row.saved + cents });
}

function asksOf(call: Call, part: "from" | "to", state: string | undefined) {
  return call.world.rows(ask, call.member)
    .filter((row) => row[part] === call.member && (state === undefined || row.state === state))
    .map(askView);
}

const transferApis = [
  api("get_balance", {
    about: "Own balance.",
    params: {},
    returns: { balance: "money" },
    handler: (call) => ({ balance: amountOf(ownMember(call, wallet).balance) }),
  }),
  api("send_money", {
    about: "Send money to a member.",
    params: {
      to: email("e-mail of the receiver"),
      amount: money("how much"),
      memo: withDefault(anyText("what for"), ""),
    },
    returns: { note: "text", transfer_id: "integer" },
    handler: (call, { to, amount, memo }) => ({ note: "Money sent.", transfer_id: pay(call, to, amount, memo) }),
  }),
  api("list_transfers", {
    about: "Money transfers sent and received, newest first, optionally of one direction or period.",
    params: {
      direction: optional(choice("sent or received", ["sent", "received"])),
      since: withDefault(date("first day"), "1900-01-01"),
      until: withDefault(date("last day, included"), "2999-12-31"),
    },
    returns: [TRANSFER_SHAPE],
    paged: true,
    handler: ({ world, member }, { direction, since, until }) =>
      newestFirst(
        world.rows(transfer, member).filter((row) => {
          const day = row.at.slice(0, 10);
          const wanted = direction === undefined || row[direction === "sent" ? "from" : "to"] === member;
          return wanted && since <= day && day <= until;
        }),
      ).map(transferView),
  }),
  api("get_transfer", {
    about: "One money transfer.",
    params: { transfer_id: rowId("id of the transfer") },
    returns: TRANSFER_SHAPE,
    handler: (call, { transfer_id }) => transferView(seenTransfer(call, transfer_id, "read")),
  }),
  api("edit_memo", {
    about: "Change the memo of a transfer that one sent.",
    params: { transfer_id: rowId("id of the transfer"), memo: anyText("new memo") },
    returns: { note: "text", transfer_id: "integer" },
    handler(call, { transfer_id, memo }) {
      sentTransfer(call, transfer_id, "change");
      call.world.update(transfer, transfer_id, { memo });
      return { note: "Memo changed.", transfer_id };
    },
  }),
  api("set_visibility", {
    about: "Make a transfer that one sent public or private.",
    params: {
      transfer_id: rowId("id of the transfer"),
      visibility: choice("who sees it", ["public", "private"]),
    },
    returns: { note: "text", transfer_id: "integer" },
    handler(call, { transfer_id, visibility }) {
      sentTransfer(call, transfer_id, "change");
      call.world.update(transfer, transfer_id, { visibility });
      return { note: `Transfer is ${visibility}.`, transfer_id };
    },
  }),
];

const askApis = [
  api("ask_money", {
    about: "Ask a member for money.",
    params: {
      to: email("e-mail of the member who should pay"),
      amount: money("how much"),
      memo: withDefault(anyText("what for"), ""),
    },
    returns: { note: "text", ask_id: "integer" },
    handler(call, { to, amount, memo }) {
      otherMember(call, to);
      const values = { from: call.member, to, amount, memo, state: "open", reminded_at: null, at: call.at };
      return { note: "Money asked for.", ask_id: call.world.insert(ask, values).id };
    },
  }),
  api("list_asks_in", {
    about: "Asks for money that others sent to me, optionally in one state.",
    params: { state: optional(choice("only in this state", ASK_STATES)) },
    returns: [ASK_SHAPE],
    paged: true,
    handler: (call, { state }) => asksOf(call, "to", state),
  }),
  api("list_asks_out", {
    about: "Asks for money that I sent to others, optionally in one state.",
    params: { state: optional(choice("only in this state", ASK_STATES)) },
    returns: [ASK_SHAPE],
    paged: true,
    handler: (call, { state }) => asksOf(call, "from", state),
  }),
  api("accept_ask", {
    about: "Accept an ask and pay it.",
    params: { ask_id: rowId("id of the ask") },
    returns: { note: "text", transfer_id: "integer" },
    handler(call, { ask_id }) {
      const row = openAsk(call, ask_id, "to", "accept");
      const transferId = pay(call, row.from, row.amount, row.memo);
      call.world.update(ask, ask_id, { state: "accepted" });
      return { note: "Ask accepted and paid.", transfer_id: transferId };
    },
  }),
  api("refuse_ask", {
    about: "Refuse an ask.",
    params: { ask_id: rowId("id of the ask") },
    returns: { note: "text", ask_id: "integer" },
    handler(call, { ask_id }) {
      openAsk(call, ask_id, "to", "refuse");
      call.world.update(ask, ask_id, { state: "refused" });
      return { note: "Ask refused.", ask_id };
    },
  }),
  api("withdraw_ask", {
    about: "Withdraw an ask that one sent.",
    params: { ask_id: rowId("id of the ask") },
    returns: { note: "text", ask_id: "integer" },
    handler(call, { ask_id }) {
      openAsk(call, ask_id, "from", "withdraw");
      call.world.update(ask, ask_id, { state: "withdrawn" });
      return { note: "Ask withdrawn.", ask_id };
    },
  }),
  api("remind_ask", {
    about: "Remind the member of an ask that one sent.",
    params: { ask_id: rowId("id of the ask") },
    returns: { note: "text", ask_id: "integer" },
    handler(call, { ask_id }) {
      openAsk(call, ask_id, "from", "remind");
      call.world.update(ask, ask_id, { reminded_at: call.at });
      return { note: "Reminder sent.", ask_id };
    },
  }),
];

const potApis = [
  api("list_pots", {
    about: "Savings pots.",
    params: {},
    returns: [POT_SHAPE],
    paged: true,
    handler: ({ world, member }) => world.rows(pot, member).map(potView),
  }),
  api("get_pot", {
    about: "One savings pot.",
    params: { pot_id: rowId("id of the pot") },
    returns: POT_SHAPE,
    handler: (call, { pot_id }) => potView(ownRow(call, pot, pot_id, "pot", "read")),
  }),
  api("add_pot", {
    about: "Add an empty savings pot.",
    params: { name: text("name"), goal: money("how much to save") },
    returns: { note: "text", pot_id: "integer" },
    handler: ({ world, member }, { name, goal }) => ({
      note: "Pot added.",
      pot_id: world.insert(pot, { owner: member, name, goal, saved: 0 }).id,
    }),
  }),
  api("remove_pot", {
    about: "Remove a savings pot; what it holds goes back to the balance.",
    params: { pot_id: rowId("id of the pot") },
    returns: { note: "text" },
    handler(call, { pot_id }) {
      const { saved } = ownRow(call, pot, pot_id, "pot", "remove");
      if (saved > 0) movePotMoney(call, pot_id, -saved);
      call.world.remove(pot, pot_id);
      return { note: "Pot removed." };
    },
  }),
  api("move_into_pot", {
    about: "Move money from the balance into a pot.",
    params: { pot_id: rowId("id of the pot"), amount: money("how much") },
    returns: { note: "text", pot_id: "integer" },
    handler(call, { pot_id, amount }) {
      movePotMoney(call, pot_id, amount);
      return { note: "Money moved into the pot.", pot_id };
    },
  }),
  api("move_out_of_pot", {
    about: "Move money from a pot back to the balance.",
    params: { pot_id: rowId("id of the pot"), amount: money("how much") },
    returns: { note: "text", pot_id: "integer" },
    handler(call, { pot_id, amount }) {
      movePotMoney(call, pot_id, -amount);
      return { note: "Money moved out of the pot.", pot_id };
    },
  }),
];

const remarkApis = [
  api("list_remarks", {
    about: "Remarks under a transfer.",
    params: { transfer_id: rowId("id of the transfer") },
    returns: [REMARK_SHAPE],
    paged: true,
    handler(call, { transfer_id }) {
      const { from, to } = seenTransfer(call, transfer_id, "read");
      const remarks = [...call.world.rows(remark, from), ...call.world.rows(remark, to)];
      return remarks.filter((row) => row.transfer_id === transfer_id).sort((a, b) => a.id - b.id)
        .map(({ id, from, text, at }) => ({ remark_id: id, from, text, at }));
    },
  }),
  api("add_remark", {
    about: "Write a remark under a transfer.",
    params: { transfer_id: rowId("id of the transfer"), text: text("what to say") },
    returns: { note: "text", remark_id: "integer" },
    handler(call, { transfer_id, text }) {
      seenTransfer(call, transfer_id, "remark on");
      const { id } = call.world.insert(remark, { from: call.member, transfer_id, text, at: call.at });
      return { note: "Remark added.", remark_id: id };
    },
  }),
];

/** The wallet. */
export const tuppence: App = {
  name: "tuppence",
  about: "Wallet: transfers, asks for money, savings pots. Sign in with the phone number.",
  tables: [wallet, transfer, ask, pot, remark],
  apis: [...accountApis("tuppence", plainMember, "number"), ...transferApis, ...askApis, ...potApis, ...remarkApis],
};
