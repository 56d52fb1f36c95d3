/**
 * tuppence: transfers between members. No API adds anything up.
 *
 * @module
 */
import { anyText, choice, email, flag, money, optional, path, rowId, withDefault } from "../../params.ts";
import { api, type Call, list } from "../../schema.ts";
import { amountOf, centsText, inPeriod, memberOf, newestFirst, PERIOD } from "../_common.ts";
import { saveStored } from "../effects/files.ts";
import { bondedWith } from "./bonds.ts";
import {
  CARD_EFFECTS,
  partyTransfer,
  pay,
  sentTransfer,
  type Transfer,
  VISIBILITIES,
  visibleTransfer,
} from "./_money.ts";
import { transfer, wallet } from "./tables.ts";

const TRANSFER_SHAPE = {
  transfer_id: "integer",
  from: "e-mail",
  to: "e-mail",
  amount: "money",
  memo: "text",
  visibility: "public|private",
  funding: "balance|card",
  at: "datetime",
} as const;
/** What others see of a public transfer: not how it was paid. */
const FEED_SHAPE = {
  transfer_id: "integer",
  from: "e-mail",
  to: "e-mail",
  amount: "money",
  memo: "text",
  at: "datetime",
} as const;

function feedView({ id, from, to, amount, memo, at }: Transfer) {
  return { transfer_id: id, from, to, amount: amountOf(amount), memo, at };
}

function transferView(row: Transfer) {
  const { transfer_id, from, to, amount, memo, at } = feedView(row);
  return { transfer_id, from, to, amount, memo, visibility: row.visibility, funding: row.funding, at };
}

const ORDERS = { amount: (row: Transfer) => row.amount, at: (row: Transfer) => row.at };
const searchText = (row: Transfer) => `${row.memo} ${row.from} ${row.to}`;

/** Public transfers of the members whom the caller is linked with. */
function feedOf(call: Call): Transfer[] {
  const seen = new Map<number, Transfer>();
  for (const other of bondedWith(call, call.member)) {
    for (const row of call.world.rows(transfer, other)) if (row.visibility === "public") seen.set(row.id, row);
  }
  return [...seen.values()];
}

function receiptText(call: Call, row: Transfer): string {
  const nameOf = (owner: string) => memberOf(call, wallet, owner).name;
  return [
    "tuppence receipt",
    `Transfer: ${row.id}`,
    `Date: ${row.at.slice(0, 10)}`,
    `From: ${nameOf(row.from)} <${row.from}>`,
    `To: ${nameOf(row.to)} <${row.to}>`,
    `Amount: ${centsText(row.amount)}`,
    `Memo: ${row.memo}`,
  ].join("\n");
}

/** The group of transfers. */
export const transferApis = [
  api("send_money", {
    about: "Send money to a member from the balance, or from a bank card.",
    params: {
      to: email("e-mail of the receiver"),
      amount: money("how much"),
      memo: withDefault(anyText("what for"), ""),
      visibility: withDefault(choice("who sees it", VISIBILITIES), "private"),
      card_id: optional(rowId("card that pays instead of the balance")),
    },
    returns: { note: "text", transfer_id: "integer" },
    effects: CARD_EFFECTS,
    handler: (call, { to, amount, memo, visibility, card_id }) => ({
      note: "Money sent.",
      transfer_id: pay(call, { to, cents: amount, memo, visibility, cardId: card_id }),
    }),
  }),
  list("list_transfers", {
    about: "Money transfers sent and received, newest first, optionally of one direction or period.",
    params: { direction: optional(choice("sent or received", ["sent", "received"])), ...PERIOD },
    returns: [TRANSFER_SHAPE],
    rows: ({ world, member }, { direction, since, until }) =>
      newestFirst(
        world.rows(transfer, member).filter((row) =>
          (direction === undefined || row[direction === "sent" ? "from" : "to"] === member) &&
          inPeriod(row.at, since, until)
        ),
      ),
    view: transferView,
    search: searchText,
    orders: ORDERS,
  }),
  list("list_transfers_with", {
    about: "Money transfers between oneself and one other member, newest first.",
    params: { email: email("e-mail of the other member"), ...PERIOD },
    returns: [TRANSFER_SHAPE],
    rows: ({ world, member }, { email, since, until }) =>
      newestFirst(
        world.rows(transfer, member).filter((row) =>
          (row.from === email || row.to === email) && inPeriod(row.at, since, until)
        ),
      ),
    view: transferView,
    orders: ORDERS,
  }),
  api("get_transfer", {
    about: "One money transfer.",
    params: { transfer_id: rowId("id of the transfer") },
    returns: TRANSFER_SHAPE,
    handler: (call, { transfer_id }) => transferView(visibleTransfer(call, transfer_id, "read")),
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
      visibility: choice("who sees it", VISIBILITIES),
    },
    returns: { note: "text", transfer_id: "integer" },
    handler(call, { transfer_id, visibility }) {
      sentTransfer(call, transfer_id, "change");
      call.world.update(transfer, transfer_id, { visibility });
      return { note: `Transfer is ${visibility}.`, transfer_id };
    },
  }),
  list("list_feed", {
    about: "Public transfers of members whom one is linked with, newest first.",
    params: PERIOD,
    returns: [FEED_SHAPE],
    rows: (call, { since, until }) => newestFirst(feedOf(call).filter((row) => inPeriod(row.at, since, until))),
    view: feedView,
    search: searchText,
    orders: ORDERS,
  }),
  api("download_receipt", {
    about: "Save the receipt of a transfer as a file.",
    params: {
      transfer_id: rowId("id of the transfer"),
      path: optional(path("where to save it; /inbox/transfer_<id>.txt if left out")),
      replace: withDefault(flag("whether a file that is there is overwritten"), false),
    },
    returns: { note: "text", path: "path" },
    files: true,
    effects: ["stowbox.file", "stowbox.folder"],
    method: "POST",
    handler(call, { transfer_id, path = `/inbox/transfer_${transfer_id}.txt`, replace }) {
      saveStored(call, path, receiptText(call, partyTransfer(call, transfer_id, "save")), replace);
      return { note: "Receipt saved.", path };
    },
  }),
];
