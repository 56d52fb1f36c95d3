/**
 * Tables of tuppence, the wallet. Amounts are integer cents.
 *
 * @module
 */
import { table } from "../../schema.ts";
import { alertTable } from "../_alerts.ts";
import { MEMBER_COLUMNS, payCardTable } from "../_member.ts";

/** Accounts, with their balance. */
export const wallet = table("tuppence.member", { ...MEMBER_COLUMNS, balance: "cents" }, { ownedBy: ["owner"] });

/** Bank cards that members pay with. */
export const payCard = payCardTable("tuppence");

/** Money sent; `funding` is `balance` or `card`. */
export const transfer = table("tuppence.transfer", {
  from: "text",
  to: "text",
  amount: "cents",
  memo: "text",
  visibility: "text",
  funding: "text",
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

/** Who is linked with whom; one row a pair. */
export const bond = table("tuppence.bond", { from: "text", to: "text", since: "text" }, { ownedBy: ["from", "to"] });

/** Cheers for transfers. */
export const cheer = table("tuppence.cheer", { from: "text", transfer_id: "integer", at: "text" }, {
  ownedBy: ["from"],
  indexes: ["transfer_id"],
  references: { transfer_id: "tuppence.transfer" },
});

/** Remarks under transfers. */
export const remark = table("tuppence.remark", { from: "text", transfer_id: "integer", text: "text", at: "text" }, {
  ownedBy: ["from"],
  indexes: ["transfer_id"],
  references: { transfer_id: "tuppence.transfer" },
});

/** Savings pots. */
export const pot = table("tuppence.pot", {
  owner: "text",
  name: "text",
  goal: "cents",
  saved: "cents",
  due_on: "optional_text",
}, { ownedBy: ["owner"] });

/** Money moved into (`in`) or out of (`out`) a pot; goes when the pot goes. */
export const potMove = table("tuppence.pot_move", {
  owner: "text",
  pot_id: "integer",
  direction: "text",
  amount: "cents",
  at: "text",
}, { ownedBy: ["owner"], indexes: ["pot_id"], references: { pot_id: "tuppence.pot" } });

/** Money that is sent again and again; orders that fall due are carried out outside of tasks. */
export const standingOrder = table("tuppence.standing_order", {
  owner: "text",
  to: "text",
  amount: "cents",
  memo: "text",
  every: "text",
  next_on: "text",
  active: "flag",
}, { ownedBy: ["owner"] });

/** Money moved from a bank card to the balance (`in`) or back (`out`); `card` is the end of its number. */
export const bankMove = table("tuppence.bank_move", {
  owner: "text",
  direction: "text",
  card: "text",
  amount: "cents",
  at: "text",
}, { ownedBy: ["owner"] });

/** What a member is told of. */
export const alert = alertTable("tuppence");

/** All of them. */
export const TUPPENCE_TABLES = [
  wallet,
  payCard,
  transfer,
  ask,
  bond,
  cheer,
  remark,
  pot,
  potMove,
  standingOrder,
  bankMove,
  alert,
] as const;
