/**
 * What the shop writes about purchases: letters, and invoices as files. Worlds and calls use the same words.
 *
 * Contract: the text follows from what was bought and paid; it names no ids and its lines are sorted, so that equal purchases give
 * equal letters.
 *
 * @module
 */
import { centsText } from "../_common.ts";
import type { Purchase, PurchaseLine } from "./tables.ts";

/** Words of a letter. */
export interface ShopLetter {
  readonly subject: string;
  readonly body: string;
}

/** What a receipt needs of a purchase. */
export type ReceiptPurchase = Pick<
  Purchase,
  "at" | "receiver" | "address" | "card_number" | "voucher" | "goods" | "discount" | "delivery_fee" | "total"
>;

/** What a receipt needs of a line. */
export type ReceiptLine = Pick<PurchaseLine, "product" | "seller" | "qty" | "unit_price">;

/** Lines by product, so that the order in which things were put into the basket does not matter. */
function byProduct(lines: readonly ReceiptLine[]): ReceiptLine[] {
  return [...lines].sort((a, b) => (a.product < b.product ? -1 : a.product > b.product ? 1 : a.qty - b.qty));
}

/** Table of lines and sums, one thing a line. */
function account({ goods, discount, delivery_fee, voucher, total }: ReceiptPurchase, lines: readonly ReceiptLine[]) {
  return [
    ...byProduct(lines).map(({ product, qty, unit_price, seller }) =>
      `${qty} x ${product} (${seller}): ${centsText(unit_price * qty)}`
    ),
    `Goods: ${centsText(goods)}`,
    ...(discount > 0 ? [`Voucher ${voucher}: -${centsText(discount)}`] : []),
    `Delivery: ${centsText(delivery_fee)}`,
    `Total: ${centsText(total)}`,
  ];
}

/** Letter that confirms a purchase. */
export function receiptLetter(purchase: ReceiptPurchase, lines: readonly ReceiptLine[]): ShopLetter {
  const { at, card_number, receiver, address, total } = purchase;
  return {
    subject: `Your marlo order of ${at.slice(0, 10)}: ${centsText(total)}`,
    body: [
      "Thank you for your order.",
      ...account(purchase, lines),
      ...(card_number === "" ? [] : [`Paid by card ending in ${card_number.slice(-4)}`]),
      `To: ${receiver}, ${address}`,
    ].join("\n"),
  };
}

/** Letter that confirms a cancellation. */
export function cancelLetter(lines: readonly ReceiptLine[], refund: number): ShopLetter {
  return {
    subject: `Cancelled at marlo: ${centsText(refund)} comes back`,
    body: [
      "We have cancelled:",
      ...byProduct(lines).map(({ product, qty, seller }) => `${qty} x ${product} (${seller})`),
      `Refund: ${centsText(refund)}`,
    ].join("\n"),
  };
}

/** Letter that confirms that something will be sent back. */
export function returnLetter({ product, qty, seller }: ReceiptLine, reason: string, refund: number): ShopLetter {
  return {
    subject: `Return to ${seller}: ${product}`,
    body: [
      `Please send back ${qty} x ${product} within 14 days.`,
      `Reason: ${reason}`,
      `Refund once it has arrived: ${centsText(refund)}`,
    ].join("\n"),
  };
}

/** Text of an invoice. */
export function invoiceText(buyer: string, purchase: ReceiptPurchase, lines: readonly ReceiptLine[]): string {
  return [
    "INVOICE marlo",
    `Date: ${purchase.at.slice(0, 10)}`,
    `Buyer: ${buyer}`,
    `Delivered to: ${purchase.receiver}, ${purchase.address}`,
    ...account(purchase, lines),
  ].join("\n");
}
