/**
 * What the groups of tuppence share: other members, payments, alerts, and which transfers one may see.
 *
 * @module
 */
import { badArgument, notFound, notYours, paymentRefused } from "../../errors.ts";
import type { Call, RowOf } from "../../schema.ts";
import { addAlert } from "../_alerts.ts";
import { centsText, memberByEmail, ownMember, ownRow } from "../_common.ts";
import { debitCard } from "../effects/bank.ts";
import { LETTER_EFFECTS, sendAppLetter } from "../effects/letters.ts";
import { alert, payCard, transfer, wallet } from "./tables.ts";

/** A transfer. */
export type Transfer = RowOf<typeof transfer.columns>;

/** Tables that a payment by card writes. */
export const CARD_EFFECTS = ["registry.bank_card", ...LETTER_EFFECTS] as const;

/** Who sees a transfer. */
export const VISIBILITIES = ["public", "private"] as const;

/** Another member by e-mail. @throws {AgentError} 404 if there is none, 422 if it is the caller. */
export function otherMember(call: Call, email: string, argument = "to") {
  const member = memberByEmail(call, wallet, email);
  if (email === call.member) throw badArgument(argument, "it is your own account", "e-mail of another member");
  return member;
}

/** Tells another member of something. */
export function tell(call: Call, owner: string, kind: string, text: string): void {
  addAlert(call, alert, owner, kind, text);
}

/** Charges a card of the caller and sends the receipt. @throws {AgentError} 402, 403 or 404. */
export function chargeCard(call: Call, cardId: number, cents: number, what: string): RowOf<typeof payCard.columns> {
  const card = ownRow(call, payCard, cardId, "card", "use");
  debitCard(call.world, card, cents);
  const ending = card.number.slice(-4);
  const body = `${centsText(cents)} were taken from your card ending in ${ending}: ${what}.`;
  sendAppLetter(call.world, "tuppence", call.member, `Receipt for ${centsText(cents)}`, body);
  return card;
}

/** What is paid, to whom, and from where. */
export interface Payment {
  readonly to: string;
  readonly cents: number;
  readonly memo: string;
  readonly visibility?: string;
  /** Card that pays; the balance if left out. */
  readonly cardId?: number | undefined;
}

/** Moves money, writes the transfer and tells the receiver. @returns id of the transfer. */
export function pay(call: Call, { to, cents, memo, visibility = "private", cardId }: Payment): number {
  const payee = otherMember(call, to);
  const payer = ownMember(call, wallet);
  if (cardId === undefined) {
    if (payer.balance < cents) throw paymentRefused("balance too low");
    call.world.update(wallet, payer.id, { balance: payer.balance - cents });
  } else {
    chargeCard(call, cardId, cents, `sent to ${payee.name}`);
  }
  call.world.update(wallet, payee.id, { balance: payee.balance + cents });
  tell(call, to, "transfer", `${payer.name} sent you ${centsText(cents)}`);
  const funding = cardId === undefined ? "balance" : "card";
  return call.world.insert(transfer, { from: call.member, to, amount: cents, memo, visibility, funding, at: call.at })
    .id;
}

/** A transfer that the caller sent or got. @throws {AgentError} 403 or 404. */
export function partyTransfer(call: Call, id: number, verb: string): Transfer {
  const row = call.world.get(transfer, id);
  if (row === undefined) throw notFound("transfer", "id", id);
  if (row.from !== call.member && row.to !== call.member) throw notYours("transfer", verb);
  return row;
}

/** A transfer that the caller sent. @throws {AgentError} 403 or 404. */
export function sentTransfer(call: Call, id: number, verb: string): Transfer {
  const row = partyTransfer(call, id, verb);
  if (row.from !== call.member) throw notYours("transfer", verb);
  return row;
}

/** A transfer that the caller may see: an own one, or a public one. @throws {AgentError} 403 or 404. */
export function visibleTransfer(call: Call, id: number, verb: string): Transfer {
  const row = call.world.get(transfer, id);
  if (row === undefined) throw notFound("transfer", "id", id);
  const mine = row.from === call.member || row.to === call.member;
  if (!mine && row.visibility !== "public") throw notYours("transfer", verb);
  return row;
}
