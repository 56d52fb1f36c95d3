/**
 * What purchases cost: delivery, vouchers, refunds.
 *
 * Contract: all amounts are cents. Delivery is free from 60.00 of goods on, counted before any discount. A voucher works once, until
 * its last day, from its least amount of goods on; one voucher a purchase. What a line comes to is its price less its part of the
 * discount; the parts add up to the discount.
 *
 * @module
 */
import type { Voucher } from "./tables.ts";
import { centsText } from "../_common.ts";

/** Delivery of a purchase below {@linkcode FREE_DELIVERY_FROM}. */
export const DELIVERY_FEE = 490;
/** Goods from which on delivery is free. */
export const FREE_DELIVERY_FROM = 6000;
/** Days after delivery in which a line can be sent back. */
export const RETURN_DAYS = 30;

/** A quantity of something at a price. */
export interface PricedLine {
  readonly unit_price: number;
  readonly qty: number;
}

/** What a purchase would cost. */
export interface Quote {
  readonly goods: number;
  readonly discount: number;
  readonly deliveryFee: number;
  readonly total: number;
}

/** Delivery for goods of so many cents. */
export function deliveryFee(goods: number): number {
  return goods >= FREE_DELIVERY_FROM || goods === 0 ? 0 : DELIVERY_FEE;
}

/** What a voucher takes off; whether it may be used is {@linkcode voucherProblem}'s. */
function discountOf({ kind, value }: Pick<Voucher, "kind" | "value">, goods: number): number {
  return kind === "percent" ? Math.round(goods * value / 100) : Math.min(value, goods);
}

/** Why a voucher cannot be used for goods on a day; undefined if it can. */
export function voucherProblem(
  { used_at, valid_until, min_total }: Pick<Voucher, "used_at" | "valid_until" | "min_total">,
  goods: number,
  day: string,
): string | undefined {
  if (used_at !== null) return "it has been used";
  if (valid_until < day) return "it is out of date";
  if (goods < min_total) return `it needs goods of ${centsText(min_total)} at least`;
  return undefined;
}

/** Cost of lines. */
export function quoteOf(lines: readonly PricedLine[], voucher?: Pick<Voucher, "kind" | "value">): Quote {
  const goods = lines.reduce((sum, line) => sum + line.unit_price * line.qty, 0);
  const discount = voucher === undefined ? 0 : discountOf(voucher, goods);
  const fee = deliveryFee(goods);
  return { goods, discount, deliveryFee: fee, total: goods - discount + fee };
}

/**
 * What each line of a purchase really came to: the discount is shared by price, cents left over go to the first lines.
 *
 * @example A discount of 1.00 over three lines
 * ```ts
 * import { paidByLine } from "whetstone/envs/apps/apps/marlo/prices.ts";
 * import assert from "node:assert/strict";
 *
 * const line = { unit_price: 1000, qty: 1 };
 * assert.deepEqual(paidByLine([line, line, line], 100), [966, 967, 967]);
 * ```
 *
 * @param lines [L]
 * @param discount of all of them together.
 * @returns cents by line, [L]
 */
export function paidByLine(lines: readonly PricedLine[], discount: number): number[] {
  const prices = lines.map(({ unit_price, qty }) => unit_price * qty);
  const goods = prices.reduce((sum, price) => sum + price, 0);
  const parts = prices.map((price) => (goods === 0 ? 0 : Math.floor(discount * price / goods)));
  let left = discount - parts.reduce((sum, part) => sum + part, 0);
  return prices.map((price, i) => {
    const part = (parts[i] ?? 0) + (left > 0 ? 1 : 0);
    if (left > 0) left--;
    return price - part;
  });
}
