/**
 * The bank behind cards: debits and credits that apps cause. Not an API.
 *
 * @module
 */
import { paymentRefused } from "../../errors.ts";
import type { World } from "../../world.ts";
import { bankCard } from "../registry/tables.ts";

/** What a payer knows of a card. */
export interface CardDetails {
  readonly number: string;
  /** `YYYY-MM`. */
  readonly expires: string;
  readonly check_code: string;
}

/** Row of the bank for a card. @throws {AgentError} 402 if there is none, it expired, or the check code is wrong. */
function usableCard(world: World, { number, expires, check_code }: CardDetails) {
  const [row] = world.rowsWhere(bankCard, "number", number);
  if (row === undefined) throw paymentRefused("no such card");
  if (row.expires !== expires || expires < world.at.slice(0, 7)) throw paymentRefused("card expired");
  if (row.check_code !== check_code) throw paymentRefused("wrong check code");
  return row;
}

/** Checks a card without charging it. @throws {AgentError} 402. */
export function checkCard(world: World, card: CardDetails): void {
  usableCard(world, card);
}

/** Takes money from a card. @throws {AgentError} 402 if the bank refuses. */
export function debitCard(world: World, card: CardDetails, cents: number): void {
  const row = usableCard(world, card);
  if (row.balance < cents) throw paymentRefused("balance too low");
  world.update(bankCard, row.id, { balance: row.balance - cents });
}

/** Gives money back to a card; an expired one still takes it. */
export function creditCard(world: World, number: string, cents: number): void {
  const [row] = world.rowsWhere(bankCard, "number", number);
  if (row !== undefined) world.update(bankCard, row.id, { balance: row.balance + cents });
}
