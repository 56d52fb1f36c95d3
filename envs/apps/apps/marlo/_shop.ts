/**
 * What the groups of marlo's APIs share: look-ups that refuse, views of products, and the checkout.
 *
 * Contract: the checkout checks everything before it writes anything, since a call that is refused must change nothing.
 *
 * @module
 */
import { LETTER_EFFECTS } from "../effects/letters.ts";
import { addDays } from "../../calendar.ts";
import { conflict, notFound } from "../../errors.ts";
import type { Call, RowOf } from "../../schema.ts";
import { amountOf, ownMember, ownRow } from "../_common.ts";
import { checkCard, debitCard } from "../effects/bank.ts";
import { sendAppLetter } from "../effects/letters.ts";
import { type Quote, quoteOf, voucherProblem } from "./prices.ts";
import { receiptLetter } from "./receipts.ts";
import {
  BASKET,
  type ListLine,
  listLine,
  marloMember,
  payCard,
  type Product,
  product,
  purchase,
  type PurchaseLine,
  purchaseLine,
  seller,
  shipAddress,
  type Voucher,
  voucher,
} from "./tables.ts";

/** Most of one product in a line. */
export const MOST_QTY = 99;
/** Days that a parcel is on its way once its seller has shipped it. */
const TRANSIT_DAYS = 2;

/** Tables of other apps that a payment or its undoing writes. */
export const PAYMENT_EFFECTS: readonly string[] = ["registry.bank_card", ...LETTER_EFFECTS];

/** Shape of a product in lists. */
export const PRODUCT_SHAPE = {
  product_id: "integer",
  title: "text",
  kind: "text",
  price: "money",
  stock: "integer",
  stars: "number",
} as const;

/** A product in lists. */
export function productView({ id, title, kind, price, stock, stars }: Product) {
  return { product_id: id, title, kind, price: amountOf(price), stock, stars };
}

/** Text of a product that is searched. */
export function productText({ title, kind, seller }: Product): string {
  return `${title} ${kind} ${seller}`;
}

/** Fields that products are ordered by. */
export const PRODUCT_ORDERS: Readonly<Record<string, (row: Product) => string | number>> = {
  price: (row) => row.price,
  stars: (row) => row.stars,
  stock: (row) => row.stock,
  title: (row) => row.title,
};

/** Product by id. @throws {AgentError} 404. */
export function productOf(call: Call, id: number): Product {
  const row = call.world.get(product, id);
  if (row === undefined) throw notFound("product", "id", id);
  return row;
}

/** Lines of a purchase in order. */
export function linesOf(call: Call, purchaseId: number): readonly PurchaseLine[] {
  return call.world.rowsWhere(purchaseLine, "purchase_id", purchaseId);
}

/** Rows of the member's basket. */
export function basketOf(call: Call): readonly ListLine[] {
  return call.world.rows(listLine, call.member).filter((row) => row.list === BASKET);
}

/** Lines of the basket: all of them, or those named. @throws {AgentError} 404 or 403 for an id, 409 if it is not in the basket. */
export function basketLines(call: Call, ids: readonly number[] | undefined): readonly ListLine[] {
  if (ids === undefined) return basketOf(call);
  return ids.map((id) => {
    const row = ownRow(call, listLine, id, "basket line", "use");
    if (row.list !== BASKET) throw conflict(`use line ${id}`, "it is not in the basket");
    return row;
  });
}

/** Voucher that the member may use. @throws {AgentError} 404. */
export function voucherOf(call: Call, code: string): Voucher {
  const row = call.world.rowsWhere(voucher, "code", code)
    .find(({ owner }) => owner === call.member || owner === "");
  if (row === undefined) throw notFound("voucher", "code", code);
  return row;
}

/** Cost of lines with a voucher. @throws {AgentError} 404 or 409 for the voucher. */
export function quoteLines(
  call: Call,
  lines: readonly { readonly product_id: number; readonly qty: number }[],
  code: string | undefined,
): { readonly quote: Quote; readonly used: Voucher | undefined } {
  const priced = lines.map(({ product_id, qty }) => ({ unit_price: productOf(call, product_id).price, qty }));
  const used = code === undefined ? undefined : voucherOf(call, code);
  const quote = quoteOf(priced, used);
  const problem = used === undefined ? undefined : voucherProblem(used, quote.goods, call.at.slice(0, 10));
  if (problem !== undefined) throw conflict(`use voucher ${code}`, problem);
  return { quote, used };
}

/** What is bought, and how it is paid and delivered. */
export interface Checkout {
  readonly lines: readonly { readonly product_id: number; readonly qty: number }[];
  readonly cardId: number | undefined;
  readonly addressId: number | undefined;
  readonly voucher: string | undefined;
  readonly useCredit: boolean;
  readonly giftNote: string;
}

function cardFor(call: Call, id: number | undefined) {
  const cardId = id ?? ownMember(call, marloMember).default_card ?? undefined;
  if (cardId === undefined) throw conflict("order", "no card is named and there is no default card");
  return ownRow(call, payCard, cardId, "card", "use");
}

function addressFor(call: Call, id: number | undefined) {
  const addressId = id ?? ownMember(call, marloMember).default_address ?? undefined;
  if (addressId === undefined) throw conflict("order", "no address is named and there is no default address");
  return ownRow(call, shipAddress, addressId, "address", "use");
}

/** When something ordered now will arrive. */
function etaOf(call: Call, { seller_id }: Product): string {
  const days = call.world.get(seller, seller_id)?.ships_in_days ?? 1;
  return addDays(call.at, days + TRANSIT_DAYS);
}

/** Buys: charges card and credit, takes stock, writes the purchase and sends the receipt. @returns id of the purchase. */
export function checkOut(
  call: Call,
  { lines, cardId, addressId, voucher: code, useCredit, giftNote }: Checkout,
): number {
  const { world, member, at } = call;
  const products = lines.map(({ product_id, qty }) => {
    const row = productOf(call, product_id);
    if (row.stock < qty) throw conflict(`order product ${product_id}`, `only ${row.stock} in stock`);
    return { row, qty };
  });
  const { quote, used } = quoteLines(call, lines, code);
  const address = addressFor(call, addressId);
  const account = ownMember(call, marloMember);
  const creditPaid = useCredit ? Math.min(account.credit, quote.total) : 0;
  const paid = quote.total - creditPaid;
  const card = paid > 0 ? cardFor(call, cardId) : undefined;
  if (card !== undefined) debitCard(world, card, paid);
  if (creditPaid > 0) world.update(marloMember, account.id, { credit: account.credit - creditPaid });
  if (used !== undefined) world.update(voucher, used.id, { used_at: at, used_by: member });
  const bought = world.insert(purchase, {
    owner: member,
    at,
    receiver: address.receiver,
    address: `${address.street}, ${address.town}`,
    card_number: card?.number ?? "",
    voucher: used?.code ?? "",
    goods: quote.goods,
    discount: quote.discount,
    delivery_fee: quote.deliveryFee,
    total: quote.total,
    paid,
    credit_paid: creditPaid,
    refunded: 0,
    gift_note: giftNote,
    state: "placed",
  });
  const placed = products.map(({ row, qty }) => {
    world.update(product, row.id, { stock: row.stock - qty });
    return world.insert(purchaseLine, {
      owner: member,
      purchase_id: bought.id,
      product_id: row.id,
      product: row.title,
      seller: row.seller,
      qty,
      unit_price: row.price,
      parcel_no: "",
      parcel_state: "preparing",
      eta: etaOf(call, row),
      delivered_on: null,
      return_state: "none",
      return_reason: "",
      return_on: null,
      refund: 0,
    });
  });
  const { subject, body } = receiptLetter(bought, placed);
  sendAppLetter(world, "marlo", member, subject, body);
  return bought.id;
}

/** Checks a card with the bank. @throws {AgentError} 402. */
export function checkPayCard(
  call: Call,
  card: Pick<RowOf<typeof payCard.columns>, "number" | "expires" | "check_code">,
): void {
  checkCard(call.world, card);
}
