/**
 * Tables of marlo, the shop.
 *
 * Choices: a purchase keeps the address and the end of the card's number as they were when it was placed, a line the product's title,
 * seller and price, so that later changes do not rewrite history. A parcel has its number from being shipped on, so that new lines
 * can be compared by content. A return is the `return_state` of its line.
 *
 * @module
 */
import { type RowOf, table } from "../../schema.ts";
import { MEMBER_COLUMNS, payCardTable } from "../_member.ts";

/** Accounts; `credit` comes from gift codes. */
export const marloMember = table("marlo.member", {
  ...MEMBER_COLUMNS,
  default_card: "optional_integer",
  default_address: "optional_integer",
  credit: "cents",
}, { ownedBy: ["owner"], references: { default_card: "marlo.pay_card", default_address: "marlo.ship_address" } });

/** Bank cards that members pay with. */
export const payCard = payCardTable("marlo");

/** Addresses that parcels go to. */
export const shipAddress = table("marlo.ship_address", {
  owner: "text",
  label: "text",
  receiver: "text",
  street: "text",
  town: "text",
}, { ownedBy: ["owner"] });

/** Sellers; they belong to nobody. */
export const seller = table("marlo.seller", {
  name: "text",
  town: "text",
  about: "text",
  stars: "decimal",
  ships_in_days: "integer",
}, { indexes: ["name"] });

/** Products; `was` is what it cost before a price cut, equal to the price without one. */
export const product = table("marlo.product", {
  title: "text",
  kind: "text",
  price: "cents",
  was: "cents",
  stock: "integer",
  stars: "decimal",
  specs: "json",
  seller: "text",
  seller_id: "integer",
  refillable: "flag",
}, { indexes: ["kind", "seller_id"], references: { seller_id: "marlo.seller" } });

/** Reviews; `useful_by` are the members who found one useful, counted in `useful_count`. */
export const review = table("marlo.review", {
  owner: "text",
  product_id: "integer",
  stars: "integer",
  text: "text",
  useful_count: "integer",
  useful_by: "text_list",
  at: "text",
}, { ownedBy: ["owner"], indexes: ["product_id"], references: { product_id: "marlo.product" } });

/** Questions and, with the question as parent, answers. */
export const question = table("marlo.question", {
  owner: "text",
  product_id: "integer",
  text: "text",
  parent_id: "optional_integer",
  at: "text",
}, {
  ownedBy: ["owner"],
  indexes: ["product_id", "parent_id"],
  references: { product_id: "marlo.product", parent_id: "marlo.question" },
});

/** Lines of the basket, of what is saved for later, and of wish lists; `list` is basket, later or a wish list's name. */
export const listLine = table("marlo.list_line", {
  owner: "text",
  list: "text",
  product_id: "integer",
  qty: "integer",
  note: "text",
}, { ownedBy: ["owner"], references: { product_id: "marlo.product" } });

/** States of a purchase: `placed` until something is shipped, `delivered` once everything is there. */
export const PURCHASE_STATES = ["placed", "shipped", "delivered", "cancelled"] as const;

/** Purchases. `paid` and `credit_paid` add up to the total: what card and credit gave. */
export const purchase = table("marlo.purchase", {
  owner: "text",
  at: "text",
  receiver: "text",
  address: "text",
  card_number: "text",
  voucher: "text",
  goods: "cents",
  discount: "cents",
  delivery_fee: "cents",
  total: "cents",
  paid: "cents",
  credit_paid: "cents",
  refunded: "cents",
  gift_note: "text",
  state: "text",
}, { ownedBy: ["owner"] });

/** States of a parcel. */
export const PARCEL_STATES = ["preparing", "shipped", "delivered", "cancelled"] as const;
/** States of a return; `none` where nothing is sent back. */
export const RETURN_STATES = ["none", "open", "refunded", "refused"] as const;

/** Lines of purchases. */
export const purchaseLine = table("marlo.purchase_line", {
  owner: "text",
  purchase_id: "integer",
  product_id: "integer",
  product: "text",
  seller: "text",
  qty: "integer",
  unit_price: "cents",
  parcel_no: "text",
  parcel_state: "text",
  eta: "text",
  delivered_on: "optional_text",
  return_state: "text",
  return_reason: "text",
  return_on: "optional_text",
  refund: "cents",
}, {
  ownedBy: ["owner"],
  indexes: ["purchase_id", "product_id", "parcel_no"],
  references: { purchase_id: "marlo.purchase", product_id: "marlo.product" },
});

/**
 * Vouchers; `value` is a percentage or, for gifts, cents. A gift code without an owner works for whoever has it.
 * `used_by` is the member who used it.
 */
export const voucher = table("marlo.voucher", {
  owner: "text",
  code: "text",
  kind: "text",
  value: "integer",
  min_total: "cents",
  valid_until: "text",
  used_at: "optional_text",
  used_by: "text",
}, { ownedBy: ["owner"], indexes: ["code"] });

/** Plans by which a product comes again and again. */
export const refillPlan = table("marlo.refill_plan", {
  owner: "text",
  product_id: "integer",
  qty: "integer",
  every_days: "integer",
  next_on: "text",
  paused: "flag",
  card_id: "integer",
  address_id: "integer",
}, {
  ownedBy: ["owner"],
  references: { product_id: "marlo.product", card_id: "marlo.pay_card", address_id: "marlo.ship_address" },
});

/** All of them. */
export const MARLO_TABLES = [
  marloMember,
  payCard,
  shipAddress,
  seller,
  product,
  review,
  question,
  listLine,
  purchase,
  purchaseLine,
  voucher,
  refillPlan,
] as const;

/** A product. */
export type Product = RowOf<typeof product.columns>;
/** A purchase. */
export type Purchase = RowOf<typeof purchase.columns>;
/** A line of a purchase. */
export type PurchaseLine = RowOf<typeof purchaseLine.columns>;
/** A line of a list. */
export type ListLine = RowOf<typeof listLine.columns>;
/** A voucher. */
export type Voucher = RowOf<typeof voucher.columns>;

/** Name of the basket among lists. */
export const BASKET = "basket";
/** Name of the list of things saved for later. */
export const LATER = "later";
