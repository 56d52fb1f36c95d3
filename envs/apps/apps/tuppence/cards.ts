/**
 * tuppence: bank cards, and money between them and the balance.
 *
 * @module
 */
import { conflict, notFound, notYours, paymentRefused } from "../../errors.ts";
import { choice, money, month, optional, rowId, text } from "../../params.ts";
import { api, list, type RowOf } from "../../schema.ts";
import { amountOf, centsText, inPeriod, needChange, newestFirst, ownMember, ownRow, PERIOD } from "../_common.ts";
import { checkCard, creditCard } from "../effects/bank.ts";
import { sendAppLetter } from "../effects/letters.ts";
import { CARD_EFFECTS, chargeCard } from "./_money.ts";
import { bankMove, payCard, wallet } from "./tables.ts";

const CARD_SHAPE = { card_id: "integer", label: "text", ending: "text", expires: "month" } as const;
const MOVE_SHAPE = { move_id: "integer", direction: "in|out", card: "text", amount: "money", at: "datetime" } as const;

function cardView({ id, label, number, expires }: RowOf<typeof payCard.columns>) {
  return { card_id: id, label, ending: number.slice(-4), expires };
}

function moveView({ id, direction, card, amount, at }: RowOf<typeof bankMove.columns>) {
  return { move_id: id, direction, card, amount: amountOf(amount), at };
}

/** The group of cards. */
export const cardApis = [
  list("list_cards", {
    about: "Bank cards that the own wallet can use.",
    params: {},
    returns: [CARD_SHAPE],
    rows: ({ world, member }) => world.rows(payCard, member),
    view: cardView,
    orders: { label: (row) => row.label, expires: (row) => row.expires },
  }),
  api("get_card", {
    about: "One bank card with its whole number.",
    params: { card_id: rowId("id of the card") },
    returns: { ...CARD_SHAPE, number: "text" },
    handler(call, { card_id }) {
      const row = ownRow(call, payCard, card_id, "card", "read");
      return { ...cardView(row), number: row.number };
    },
  }),
  api("add_card", {
    about: "Add a bank card to the wallet; the bank checks it.",
    params: {
      label: text("what to call the card"),
      number: text("whole number"),
      expires: month("last month in which it works"),
      check_code: text("check code on the card"),
    },
    returns: { note: "text", card_id: "integer" },
    handler(call, { label, number, expires, check_code }) {
      if (call.world.rows(payCard, call.member).some((row) => row.number === number)) {
        throw conflict("add the card", "it is in the wallet");
      }
      checkCard(call.world, { number, expires, check_code });
      const values = { owner: call.member, label, number, expires, check_code };
      return { note: "Card added.", card_id: call.world.insert(payCard, values).id };
    },
  }),
  api("edit_card", {
    about: "Change the label, expiry or check code of a bank card.",
    params: {
      card_id: rowId("id of the card"),
      label: optional(text("new label")),
      expires: optional(month("new last month")),
      check_code: optional(text("new check code")),
    },
    returns: { note: "text", card_id: "integer" },
    handler(call, { card_id, label, expires, check_code }) {
      const row = ownRow(call, payCard, card_id, "card", "change");
      needChange({ label, expires, check_code });
      const changed = {
        label: label ?? row.label,
        expires: expires ?? row.expires,
        check_code: check_code ?? row.check_code,
      };
      if (expires !== undefined || check_code !== undefined) checkCard(call.world, { ...changed, number: row.number });
      call.world.update(payCard, card_id, changed);
      return { note: "Card changed.", card_id };
    },
  }),
  api("remove_card", {
    about: "Take a bank card out of the wallet.",
    params: { card_id: rowId("id of the card") },
    returns: { note: "text" },
    handler(call, { card_id }) {
      ownRow(call, payCard, card_id, "card", "remove");
      call.world.remove(payCard, card_id);
      return { note: "Card removed." };
    },
  }),
];

/** The group of the bank. */
export const bankApis = [
  api("get_balance", {
    about: "Own balance.",
    params: {},
    returns: { balance: "money" },
    handler: (call) => ({ balance: amountOf(ownMember(call, wallet).balance) }),
  }),
  api("top_up", {
    about: "Move money from a bank card to the balance.",
    params: { card_id: rowId("id of the card"), amount: money("how much") },
    returns: { note: "text", move_id: "integer" },
    effects: CARD_EFFECTS,
    handler(call, { card_id, amount }) {
      const card = chargeCard(call, card_id, amount, "top-up of your balance");
      const member = ownMember(call, wallet);
      call.world.update(wallet, member.id, { balance: member.balance + amount });
      const values = { owner: call.member, direction: "in", card: card.number.slice(-4), amount, at: call.at };
      return { note: "Balance topped up.", move_id: call.world.insert(bankMove, values).id };
    },
  }),
  api("cash_out", {
    about: "Move money from the balance to a bank card.",
    params: { card_id: rowId("id of the card"), amount: money("how much") },
    returns: { note: "text", move_id: "integer" },
    effects: CARD_EFFECTS,
    handler(call, { card_id, amount }) {
      const card = ownRow(call, payCard, card_id, "card", "use");
      const member = ownMember(call, wallet);
      if (member.balance < amount) throw paymentRefused("balance too low");
      call.world.update(wallet, member.id, { balance: member.balance - amount });
      creditCard(call.world, card.number, amount);
      const ending = card.number.slice(-4);
      const body = `${centsText(amount)} are on their way to your card ending in ${ending}.`;
      sendAppLetter(call.world, "tuppence", call.member, `Cash-out of ${centsText(amount)}`, body);
      const values = { owner: call.member, direction: "out", card: ending, amount, at: call.at };
      return { note: "Money is on its way to the card.", move_id: call.world.insert(bankMove, values).id };
    },
  }),
  list("list_bank_moves", {
    about: "Money moved between bank cards and the balance, newest first, optionally of one direction or period.",
    params: {
      direction: optional(choice("in: to the balance, out: to a card", ["in", "out"])),
      ...PERIOD,
    },
    returns: [MOVE_SHAPE],
    rows: ({ world, member }, { direction, since, until }) =>
      newestFirst(
        world.rows(bankMove, member).filter((row) =>
          (direction === undefined || row.direction === direction) && inPeriod(row.at, since, until)
        ),
      ),
    view: moveView,
    orders: { amount: (row) => row.amount, at: (row) => row.at },
  }),
  api("get_bank_move", {
    about: "One move of money between a bank card and the balance.",
    params: { move_id: rowId("id of the move") },
    returns: MOVE_SHAPE,
    handler(call, { move_id }) {
      const row = call.world.get(bankMove, move_id);
      if (row === undefined) throw notFound("bank move", "id", move_id);
      if (row.owner !== call.member) throw notYours("bank move", "read");
      return moveView(row);
    },
  }),
];
