/**
 * Purchases: quotes, orders, cancelling, parcels, addresses and invoices.
 *
 * Choices: lists show the first line of a purchase; its page shows all. Refunds go to the card as far as it has paid, the rest to
 * the credit; the delivery fee comes back when nothing is left of a purchase.
 *
 * @module
 */
import { conflict, notFound } from "../../errors.ts";
import {
  anyText,
  choice,
  date,
  FIRST_DAY,
  flag,
  integer,
  LAST_DAY,
  optional,
  path,
  rowId,
  rowIds,
  text,
  withDefault,
} from "../../params.ts";
import { type Api, api, type Call, list } from "../../schema.ts";
import { amountOf, inPeriod, memberOf, newestFirst, ownMember, ownRow } from "../_common.ts";
import { creditCard } from "../effects/bank.ts";
import { saveStored } from "../effects/files.ts";
import { sendAppLetter } from "../effects/letters.ts";
import { basketLines, checkOut, linesOf, MOST_QTY, PAYMENT_EFFECTS, productOf, quoteLines } from "./_shop.ts";
import { paidByLine } from "./prices.ts";
import { cancelLetter, invoiceText } from "./receipts.ts";
import {
  listLine,
  marloMember,
  PARCEL_STATES,
  product,
  type Purchase,
  purchase,
  PURCHASE_STATES,
  type PurchaseLine,
  purchaseLine,
  RETURN_STATES,
  shipAddress,
} from "./tables.ts";

const NOTE_PURCHASE = { note: "text", purchase_id: "integer" } as const;

const PURCHASE_SHAPE = {
  purchase_id: "integer",
  product: "text",
  seller: "text",
  qty: "integer",
  total: "money",
  state: PURCHASE_STATES.join("|"),
  at: "datetime",
  line_count: "integer",
} as const;

const LINE_SHAPE = {
  line_id: "integer",
  product_id: "integer",
  product: "text",
  seller: "text",
  qty: "integer",
  unit_price: "money",
  parcel_no: "text",
  parcel_state: PARCEL_STATES.join("|"),
  eta: "date",
  delivered_on: "date|null",
  return_state: RETURN_STATES.join("|"),
  refund: "money",
} as const;

/** A purchase with its lines in order. */
interface Whole {
  readonly bought: Purchase;
  readonly lines: readonly PurchaseLine[];
}

/** The member's purchases with their lines, newest first. */
function wholePurchases({ world, member }: Call): Whole[] {
  const byPurchase = new Map<number, PurchaseLine[]>();
  for (const line of world.rows(purchaseLine, member)) {
    const lines = byPurchase.get(line.purchase_id);
    if (lines === undefined) byPurchase.set(line.purchase_id, [line]);
    else lines.push(line);
  }
  return newestFirst(world.rows(purchase, member)).map((bought) => ({
    bought,
    lines: byPurchase.get(bought.id) ?? [],
  }));
}

function purchaseView({ bought: { id, total, state, at }, lines }: Whole) {
  const [first] = lines;
  return {
    purchase_id: id,
    product: first?.product ?? "",
    seller: first?.seller ?? "",
    qty: first?.qty ?? 0,
    total: amountOf(total),
    state,
    at,
    line_count: lines.length,
  };
}

function lineView(line: PurchaseLine) {
  const { id, product_id, product, seller, qty, unit_price, parcel_no, parcel_state, eta, delivered_on } = line;
  return {
    line_id: id,
    product_id,
    product,
    seller,
    qty,
    unit_price: amountOf(unit_price),
    parcel_no,
    parcel_state,
    eta,
    delivered_on,
    return_state: line.return_state,
    refund: amountOf(line.refund),
  };
}

/** What each line of a purchase came to, by id of the line. */
export function paidById({ discount }: Purchase, lines: readonly PurchaseLine[]): ReadonlyMap<number, number> {
  const paid = paidByLine(lines, discount);
  return new Map(lines.map(({ id }, i) => [id, paid[i] ?? 0]));
}

/** State of a purchase by those of its lines. */
function stateOf(lines: readonly PurchaseLine[]): string {
  const kept = lines.filter((line) => line.parcel_state !== "cancelled");
  if (kept.length === 0) return "cancelled";
  if (kept.every((line) => line.parcel_state === "delivered")) return "delivered";
  return kept.some((line) => line.parcel_state !== "preparing") ? "shipped" : "placed";
}

/** Cancels lines that are being prepared: stock, refund and letter. */
function cancelLines(call: Call, bought: Purchase, cancelled: readonly PurchaseLine[]): void {
  const { world, member } = call;
  const paid = paidById(bought, linesOf(call, bought.id));
  let refund = 0;
  for (const line of cancelled) {
    const back = paid.get(line.id) ?? 0;
    refund += back;
    world.update(purchaseLine, line.id, { parcel_state: "cancelled", refund: back });
    world.update(product, line.product_id, { stock: productOf(call, line.product_id).stock + line.qty });
  }
  const state = stateOf(linesOf(call, bought.id));
  if (state === "cancelled") refund += bought.delivery_fee;
  const toCard = Math.min(refund, Math.max(0, bought.paid - bought.refunded));
  if (toCard > 0) creditCard(world, bought.card_number, toCard);
  if (refund > toCard) {
    const account = ownMember(call, marloMember);
    world.update(marloMember, account.id, { credit: account.credit + refund - toCard });
  }
  world.update(purchase, bought.id, { state, refunded: bought.refunded + refund });
  const { subject, body } = cancelLetter(cancelled, refund);
  sendAppLetter(world, "marlo", member, subject, body);
}

const QUOTE_SHAPE = { goods: "money", discount: "money", delivery_fee: "money", total: "money" } as const;
const LINE_IDS = optional(rowIds("ids of basket lines, all if left out"));
const VOUCHER = optional(text("code of a voucher"));
const CARD_ID = optional(rowId("id of the card that pays, the default card if left out"));
const ADDRESS_ID = optional(rowId("id of the address, the default address if left out"));

/** Purchases. */
export const purchaseApis: readonly Api[] = [
  api("quote_basket", {
    about: "What the basket would cost with delivery, optionally with a voucher or only for some lines.",
    params: { voucher: VOUCHER, line_ids: LINE_IDS },
    returns: QUOTE_SHAPE,
    handler(call, { voucher, line_ids }) {
      const { quote } = quoteLines(call, basketLines(call, line_ids), voucher);
      return {
        goods: amountOf(quote.goods),
        discount: amountOf(quote.discount),
        delivery_fee: amountOf(quote.deliveryFee),
        total: amountOf(quote.total),
      };
    },
  }),
  api("place_order", {
    about: "Buy what is in the basket, or only some of its lines, with a card; a receipt comes by letter.",
    params: {
      line_ids: LINE_IDS,
      card_id: CARD_ID,
      address_id: ADDRESS_ID,
      voucher: VOUCHER,
      use_credit: withDefault(flag("whether the credit pays first"), false),
      gift_note: withDefault(anyText("words on a card that comes along"), ""),
    },
    returns: NOTE_PURCHASE,
    effects: PAYMENT_EFFECTS,
    handler(call, { line_ids, card_id, address_id, voucher, use_credit, gift_note }) {
      const lines = basketLines(call, line_ids);
      if (lines.length === 0) throw conflict("order", "the basket is empty");
      const purchase_id = checkOut(call, {
        lines,
        cardId: card_id,
        addressId: address_id,
        voucher,
        useCredit: use_credit,
        giftNote: gift_note,
      });
      for (const { id } of lines) call.world.remove(listLine, id);
      return { note: "Order placed.", purchase_id };
    },
  }),
  list("list_purchases", {
    about: "Purchases with their first product, newest first, optionally in one state or from some days.",
    params: {
      state: optional(choice("only in this state", PURCHASE_STATES)),
      from_day: withDefault(date("first day"), FIRST_DAY),
      until_day: withDefault(date("last day"), LAST_DAY),
    },
    returns: [PURCHASE_SHAPE],
    rows: (call, { state, from_day, until_day }) =>
      wholePurchases(call).filter(({ bought }) =>
        (state === undefined || bought.state === state) && inPeriod(bought.at, from_day, until_day)
      ),
    view: purchaseView,
    search: ({ bought, lines }) =>
      `${lines.map((line) => `${line.product} ${line.seller}`).join(" ")} ${bought.gift_note}`,
    orders: { at: ({ bought }) => bought.at, total: ({ bought }) => bought.total },
  }),
  api("get_purchase", {
    about: "One purchase with all its lines, what was paid, and where it goes.",
    params: { purchase_id: rowId("id of the purchase") },
    returns: {
      ...PURCHASE_SHAPE,
      gift_note: "text",
      address: "text",
      receiver: "text",
      card_last_four: "text",
      voucher: "text",
      goods: "money",
      discount: "money",
      delivery_fee: "money",
      credit_used: "money",
      refunded: "money",
      lines: [LINE_SHAPE],
    },
    handler(call, { purchase_id }) {
      const bought = ownRow(call, purchase, purchase_id, "purchase", "read");
      const lines = linesOf(call, purchase_id);
      const { gift_note, address, receiver, voucher } = bought;
      return {
        ...purchaseView({ bought, lines }),
        gift_note,
        address,
        receiver,
        card_last_four: bought.card_number.slice(-4),
        voucher,
        goods: amountOf(bought.goods),
        discount: amountOf(bought.discount),
        delivery_fee: amountOf(bought.delivery_fee),
        credit_used: amountOf(bought.credit_paid),
        refunded: amountOf(bought.refunded),
        lines: lines.map(lineView),
      };
    },
  }),
  api("cancel_purchase", {
    about: "Cancel a purchase of which nothing has been shipped; the money comes back.",
    params: { purchase_id: rowId("id of the purchase") },
    returns: NOTE_PURCHASE,
    effects: PAYMENT_EFFECTS,
    handler(call, { purchase_id }) {
      const bought = ownRow(call, purchase, purchase_id, "purchase", "cancel");
      if (bought.state !== "placed") throw conflict(`cancel purchase ${purchase_id}`, `it is ${bought.state}`);
      cancelLines(call, bought, linesOf(call, purchase_id).filter((line) => line.parcel_state === "preparing"));
      return { note: "Purchase cancelled.", purchase_id };
    },
  }),
  api("cancel_line", {
    about: "Cancel one line of a purchase that has not been shipped; its money comes back.",
    params: { line_id: rowId("id of the line") },
    returns: { note: "text", line_id: "integer" },
    effects: PAYMENT_EFFECTS,
    handler(call, { line_id }) {
      const line = ownRow(call, purchaseLine, line_id, "purchase line", "cancel");
      if (line.parcel_state !== "preparing") throw conflict(`cancel line ${line_id}`, `it is ${line.parcel_state}`);
      cancelLines(call, ownRow(call, purchase, line.purchase_id, "purchase", "cancel"), [line]);
      return { note: "Line cancelled.", line_id };
    },
  }),
  api("track_parcel", {
    about: "Where a parcel is and what is in it.",
    params: { parcel_no: text("number of the parcel") },
    returns: {
      parcel_no: "text",
      purchase_id: "integer",
      seller: "text",
      state: "text",
      eta: "date",
      delivered_on: "date|null",
      products: ["text"],
    },
    handler({ world, member }, { parcel_no }) {
      const lines = world.rowsWhere(purchaseLine, "parcel_no", parcel_no).filter((row) => row.owner === member);
      const [first] = lines;
      if (first === undefined) throw notFound("parcel", "number", parcel_no);
      const { purchase_id, seller, parcel_state: state, eta, delivered_on } = first;
      return { parcel_no, purchase_id, seller, state, eta, delivered_on, products: lines.map((row) => row.product) };
    },
  }),
  api("change_delivery_address", {
    about: "Send a purchase of which nothing has been shipped to another of the own addresses.",
    params: { purchase_id: rowId("id of the purchase"), address_id: rowId("id of the address") },
    returns: NOTE_PURCHASE,
    handler(call, { purchase_id, address_id }) {
      const { state } = ownRow(call, purchase, purchase_id, "purchase", "change");
      const { receiver, street, town } = ownRow(call, shipAddress, address_id, "address", "use");
      if (state !== "placed") throw conflict(`redirect purchase ${purchase_id}`, `it is ${state}`);
      call.world.update(purchase, purchase_id, { receiver, address: `${street}, ${town}` });
      return { note: "Address changed.", purchase_id };
    },
  }),
  api("buy_again", {
    about: "Buy the product of an earlier purchase line again at today's price; a receipt comes by letter.",
    params: {
      line_id: rowId("id of the earlier line"),
      qty: optional(integer("how many, as before if left out", 1, MOST_QTY)),
      card_id: CARD_ID,
      address_id: ADDRESS_ID,
    },
    returns: NOTE_PURCHASE,
    effects: PAYMENT_EFFECTS,
    handler(call, { line_id, qty, card_id, address_id }) {
      const line = ownRow(call, purchaseLine, line_id, "purchase line", "repeat");
      const purchase_id = checkOut(call, {
        lines: [{ product_id: line.product_id, qty: qty ?? line.qty }],
        cardId: card_id,
        addressId: address_id,
        voucher: undefined,
        useCredit: false,
        giftNote: "",
      });
      return { note: "Order placed.", purchase_id };
    },
  }),
  api("download_invoice", {
    about: "Save the invoice of a purchase as a file.",
    params: {
      purchase_id: rowId("id of the purchase"),
      path: optional(path("where to, /inbox/invoice-<id>.txt if left out")),
      replace: withDefault(flag("whether a file that is there is overwritten"), false),
    },
    returns: { note: "text", file_id: "integer" },
    files: true,
    effects: ["stowbox.folder", "stowbox.file"],
    handler(call, { purchase_id, path: target, replace }) {
      const bought = ownRow(call, purchase, purchase_id, "purchase", "read");
      if (bought.state === "cancelled") {
        throw conflict(`save the invoice of purchase ${purchase_id}`, "it was cancelled");
      }
      const buyer = memberOf(call, marloMember, bought.owner).name;
      const words = invoiceText(buyer, bought, linesOf(call, purchase_id));
      const file_id = saveStored(call, target ?? `/inbox/invoice-${purchase_id}.txt`, words, replace);
      return { note: "Invoice saved.", file_id };
    },
  }),
];
