/**
 * The arithmetic of shared costs: equal parts, who owes how much, and the fewest payments that settle it.
 *
 * Contract: amounts are integer cents. A positive balance is money that one gets back. Bills that were removed do not count.
 *
 * @module
 */
import type { RowOf } from "../../schema.ts";
import type { World } from "../../world.ts";
import { bill, settlement, share } from "./tables.ts";

/** A bill. */
export type Bill = RowOf<typeof bill.columns>;

/**
 * Equal parts of a total; the remainder goes to the payer, or to the first person where the payer has no part.
 *
 * @example Ten shared by three
 * ```ts
 * import { equalParts } from "whetstone/envs/apps/apps/commonpot/_ledger.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...equalParts(1000, ["a@x.test", "b@x.test", "c@x.test"], "b@x.test").values()], [333, 334, 333]);
 * ```
 *
 * @param total cents.
 * @param people e-mails, not empty.
 * @param payer e-mail of who paid.
 * @returns cents by e-mail, in order of the e-mails.
 */
export function equalParts(total: number, people: readonly string[], payer: string): Map<string, number> {
  const sorted = [...people].sort();
  const part = Math.floor(total / sorted.length);
  const odd = sorted.includes(payer) ? payer : sorted[0];
  const rest = total - part * sorted.length;
  return new Map(sorted.map((person) => [person, person === odd ? part + rest : part]));
}

/** Balance of each person of a circle; who never owed or paid is not in it. */
export function circleBalances(world: World, circleId: number): Map<string, number> {
  const balances = new Map<string, number>();
  const add = (person: string, cents: number) => balances.set(person, (balances.get(person) ?? 0) + cents);
  for (const { id, removed, paid_by, total } of world.rowsWhere(bill, "circle_id", circleId)) {
    if (removed) continue;
    add(paid_by, total);
    for (const { member, owed } of world.rowsWhere(share, "bill_id", id)) add(member, -owed);
  }
  for (const { from, to, amount } of world.rowsWhere(settlement, "circle_id", circleId)) {
    add(from, amount);
    add(to, -amount);
  }
  return balances;
}

/** What others owe a person over everything (positive), or the person them (negative), by e-mail. */
export function pairBalances(world: World, person: string): Map<string, number> {
  const balances = new Map<string, number>();
  const add = (other: string, cents: number) => balances.set(other, (balances.get(other) ?? 0) + cents);
  for (const { bill_id, owed } of world.rows(share, person)) {
    const row = world.get(bill, bill_id);
    if (row !== undefined && !row.removed && row.paid_by !== person) add(row.paid_by, -owed);
  }
  for (const { id, removed } of world.rowsWhere(bill, "paid_by", person)) {
    if (removed) continue;
    for (const { member, owed } of world.rowsWhere(share, "bill_id", id)) if (member !== person) add(member, owed);
  }
  for (const { from, to, amount } of world.rows(settlement, person)) {
    if (from === person) add(to, amount);
    else add(from, -amount);
  }
  return balances;
}

/** One payment. */
export interface Payment {
  readonly from: string;
  readonly to: string;
  readonly cents: number;
}

/**
 * Payments that bring all balances to zero: who owes most pays who gets most, ties in order of e-mails.
 *
 * @example Two who owe one
 * ```ts
 * import { settlingPayments } from "whetstone/envs/apps/apps/commonpot/_ledger.ts";
 * import assert from "node:assert/strict";
 *
 * const balances = new Map([["a@x.test", 500], ["b@x.test", -200], ["c@x.test", -300]]);
 * assert.deepEqual(settlingPayments(balances), [
 *   { from: "c@x.test", to: "a@x.test", cents: 300 },
 *   { from: "b@x.test", to: "a@x.test", cents: 200 },
 * ]);
 * ```
 */
export function settlingPayments(balances: ReadonlyMap<string, number>): Payment[] {
  const left = new Map([...balances].filter(([, cents]) => cents !== 0).sort(([a], [b]) => (a < b ? -1 : 1)));
  const extreme = (sign: 1 | -1) => {
    let found: string | undefined;
    for (const [person, cents] of left) {
      if (cents * sign > 0 && (found === undefined || cents * sign > (left.get(found) ?? 0) * sign)) found = person;
    }
    return found;
  };
  const payments: Payment[] = [];
  for (;;) {
    const [from, to] = [extreme(-1), extreme(1)];
    if (from === undefined || to === undefined) return payments;
    const cents = Math.min(-(left.get(from) ?? 0), left.get(to) ?? 0);
    left.set(from, (left.get(from) ?? 0) + cents);
    left.set(to, (left.get(to) ?? 0) - cents);
    payments.push({ from, to, cents });
  }
}
