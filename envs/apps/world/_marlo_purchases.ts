/**
 * Purchases of one member over the history: what was bought, how far its parcels are, and what was reviewed and sent back.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import { addDays, dateTime, dayNumber } from "../calendar.ts";
import type { Pen } from "../_pen.ts";
import { paidByLine, quoteOf } from "../apps/marlo/prices.ts";
import { type Product, product, purchase, purchaseLine, review, seller, voucher } from "../apps/marlo/tables.ts";
import { GIFT_NOTES, PRODUCT_KINDS, RETURN_REASONS, REVIEWS, VOUCHER_WORDS } from "../pools/marlo.ts";
import type { Person } from "../world.ts";
import { WORLD_NOW, type WorldContext } from "./context.ts";

/** A member who buys. */
export interface Buyer {
  readonly person: Person;
  /** Among the principals. */
  readonly position: number;
  readonly cards: readonly { readonly id: number; readonly number: string; readonly everyday: boolean }[];
  readonly addresses: readonly { readonly id: number; readonly street: string; readonly town: string }[];
  readonly defaultCard: number | null;
  readonly homeAddress: number | null;
}

/** A purchase before it is written. */
interface Draft {
  readonly at: string;
  readonly items: readonly { readonly row: Product; readonly qty: number; readonly unitPrice: number }[];
  readonly giftNote: string;
}

const NOW_DAY = WORLD_NOW.slice(0, 10);
/** Share of lines that come from a member's favourite kinds and sellers, so that there is something to add up. */
const FAVOURED = 0.6;
const TRANSIT_DAYS = 2;

/** A star rating near a product's own, with words that suit it. */
export function drawOpinion(
  random: KeyedRandom,
  { stars }: Product,
): { readonly stars: 1 | 2 | 3 | 4 | 5; readonly text: string } {
  const near = Math.min(5, Math.max(1, Math.round(stars) + random.pick([-1, 0, 0, 0, 1])));
  const given = ([1, 2, 3, 4, 5] as const).find((value) => value === near) ?? 3;
  return { stars: given, text: random.pick(REVIEWS[given]) };
}

/** Goods that come to a total with the delivery fee that they cause. */
function goodsFor(total: number): number {
  const goods = total - quoteOf([{ unit_price: total, qty: 1 }]).deliveryFee;
  return Math.max(100, goods);
}

/**
 * Writes all purchases of a member, with reviews of what was delivered.
 *
 * @param reviewed ids of products that the member has reviewed already; grows.
 */
export function writePurchases(
  pen: Pen,
  context: WorldContext,
  buyer: Buyer,
  products: readonly Product[],
  reviewed: Set<number>,
): void {
  const random = context.random("marlo", "purchases", buyer.position);
  const draw = chooser(random, products);
  const drafts: Draft[] = [];
  const add = (at: string) => {
    const lines = random.pick([1, 1, 1, 1, 1, 1, 2, 2, 3, 4]);
    const rows = [...new Set(Array.from({ length: lines }, draw))];
    drafts.push({
      at,
      items: rows.map((row) => ({
        row,
        qty: random.pick([1, 1, 1, 1, 2, 2, 3]),
        // What was paid a while ago is not always today's price.
        unitPrice: random.uniform() < 0.75
          ? row.price
          : Math.round(row.price * random.pick([0.85, 0.9, 1.1]) / 10) * 10,
      })),
      giftNote: random.uniform() < 0.12 ? random.pick(GIFT_NOTES) : "",
    });
  };
  for (let i = context.count(random, 12, 48); i > 0; i--) {
    add(context.moment(random, 1, context.profile.historyDays - 20));
  }
  for (let i = context.count(random, 3, 8); i > 0; i--) add(context.moment(random, 1, 12));
  const self = context.society.principals[buyer.position];
  for (const { kind, payer, at, totalCents } of context.life.outings) {
    if (kind !== "gift" || payer !== self) continue;
    const unitPrice = goodsFor(totalCents);
    const [row] = random.sample(products, 60).sort((a, b) =>
      Math.abs(a.price - unitPrice) - Math.abs(b.price - unitPrice)
    );
    if (row !== undefined) drafts.push({ at, items: [{ row, qty: 1, unitPrice }], giftNote: "From all of us." });
  }
  for (const draft of drafts) writeOne(pen, random, buyer, draft, reviewed);
}

/** Draws products, more than half of them from a few kinds and sellers. */
function chooser(random: KeyedRandom, products: readonly Product[]): () => Product {
  const kinds = new Set(random.sample(PRODUCT_KINDS, 6).map(({ kind }) => kind));
  const sellers = new Set(random.sample([...new Set(products.map((row) => row.seller))], 4));
  const ofKinds = products.filter((row) => kinds.has(row.kind));
  const ofSellers = products.filter((row) => sellers.has(row.seller));
  return () => {
    if (random.uniform() >= FAVOURED) return random.pick(products);
    const some = random.uniform() < 0.6 ? ofKinds : ofSellers;
    return random.pick(some.length === 0 ? products : some);
  };
}

/** How far a parcel is. */
interface Parcel {
  readonly parcelState: "preparing" | "shipped" | "delivered" | "cancelled";
  readonly eta: string;
  readonly deliveredOn: string | null;
}

function drawParcel(random: KeyedRandom, day: string, shipsInDays: number): Parcel {
  const eta = addDays(day, shipsInDays + TRANSIT_DAYS);
  if (random.uniform() < 0.05) return { parcelState: "cancelled", eta, deliveredOn: null };
  // Some of the last weeks' parcels wait for stock.
  if (day > addDays(NOW_DAY, -40) && random.uniform() < 0.2) {
    return { parcelState: "preparing", eta: addDays(NOW_DAY, random.int(3, 60)), deliveredOn: null };
  }
  const shippedOn = addDays(day, shipsInDays + random.pick([0, 0, 0, 1]));
  const deliveredOn = addDays(shippedOn, random.int(1, 4));
  if (deliveredOn < NOW_DAY) return { parcelState: "delivered", eta, deliveredOn };
  return { parcelState: shippedOn < NOW_DAY ? "shipped" : "preparing", eta, deliveredOn: null };
}

/** What is sent back of a delivered line. */
function drawReturn(random: KeyedRandom, deliveredOn: string) {
  if (random.uniform() >= 0.07) return undefined;
  const day = addDays(deliveredOn, random.int(1, 14));
  if (day >= NOW_DAY) return undefined;
  const fresh = day > addDays(NOW_DAY, -20);
  const state = fresh ? "open" : random.pick(["refunded", "refunded", "refunded", "refused"]);
  return { state, reason: random.pick(RETURN_REASONS), day };
}

function stateOf(parcels: readonly Parcel[]): string {
  const kept = parcels.filter(({ parcelState }) => parcelState !== "cancelled");
  if (kept.length === 0) return "cancelled";
  if (kept.every(({ parcelState }) => parcelState === "delivered")) return "delivered";
  return kept.some(({ parcelState }) => parcelState !== "preparing") ? "shipped" : "placed";
}

function writeOne(
  pen: Pen,
  random: KeyedRandom,
  buyer: Buyer,
  { at, items, giftNote }: Draft,
  reviewed: Set<number>,
): void {
  const { person, position } = buyer;
  const owner = person.email;
  const day = at.slice(0, 10);
  const address = random.uniform() < 0.88 ? buyer.addresses[0] : random.pick(buyer.addresses);
  const card = buyer.cards.find(({ everyday }) => everyday);
  const coupon = random.uniform() < 0.1
    ? {
      kind: "percent",
      value: random.int(1, 4) * 5,
      code: `${random.pick(VOUCHER_WORDS)}-${random.int(100, 999)}-U${position + 1}`,
    }
    : undefined;
  const priced = items.map(({ qty, unitPrice }) => ({ qty, unit_price: unitPrice }));
  const { goods, discount, deliveryFee, total } = quoteOf(priced, coupon);
  const paidLines = paidByLine(priced, discount);
  const bySeller = new Map<string, Parcel>();
  const parcels = items.map(({ row }) => {
    const shipsInDays = pen.rows(seller)[row.seller_id - 1]?.ships_in_days ?? 1;
    const parcel = bySeller.get(row.seller) ?? drawParcel(random, day, shipsInDays);
    bySeller.set(row.seller, parcel);
    return parcel;
  });
  const state = stateOf(parcels);
  const returns = parcels.map((
    { deliveredOn },
  ) => (deliveredOn === null ? undefined : drawReturn(random, deliveredOn)));
  const refunds = items.map((_, i) => {
    const back = parcels[i]?.parcelState === "cancelled" || returns[i] !== undefined && returns[i].state !== "refused";
    return back ? paidLines[i] ?? 0 : 0;
  });
  const paidBack = refunds.reduce((sum, cents, i) => (returns[i]?.state === "open" ? sum : sum + cents), 0);
  const bought = {
    owner,
    at,
    receiver: person.name,
    address: address === undefined ? "" : `${address.street}, ${address.town}`,
    card_number: card?.number ?? "",
    voucher: coupon?.code ?? "",
    goods,
    discount,
    delivery_fee: deliveryFee,
    total,
    paid: total,
    credit_paid: 0,
    refunded: paidBack + (state === "cancelled" ? deliveryFee : 0),
    gift_note: giftNote,
    state,
  };
  pen.at(at, () => {
    const purchaseId = pen.add(purchase, bought, at);
    if (coupon !== undefined) {
      const { code, kind, value } = coupon;
      const rest = { min_total: 0, valid_until: addDays(day, 60), used_at: at, used_by: owner };
      pen.add(voucher, { owner, code, kind, value, ...rest }, addDays(day, -30) + "T12:00:00");
    }
    const sellers = [...bySeller.keys()];
    items.forEach(({ row, qty, unitPrice }, i) => {
      const { parcelState = "preparing", eta = day, deliveredOn = null } = parcels[i] ?? {};
      const moving = parcelState === "shipped" || parcelState === "delivered";
      pen.add(purchaseLine, {
        owner,
        purchase_id: purchaseId,
        product_id: row.id,
        product: row.title,
        seller: row.seller,
        qty,
        unit_price: unitPrice,
        parcel_no: moving ? `MP${String(purchaseId).padStart(5, "0")}-${sellers.indexOf(row.seller) + 1}` : "",
        parcel_state: parcelState,
        eta,
        delivered_on: deliveredOn,
        return_state: returns[i]?.state ?? "none",
        return_reason: returns[i]?.reason ?? "",
        return_on: returns[i]?.day ?? null,
        refund: refunds[i] ?? 0,
      }, at);
    });
  });
  items.forEach(({ row }, i) => {
    const deliveredOn = parcels[i]?.deliveredOn ?? null;
    if (deliveredOn === null || returns[i] !== undefined || reviewed.has(row.id) || random.uniform() > 0.4) return;
    reviewed.add(row.id);
    const when = dateTime(dayNumber(deliveredOn) + random.int(1, 12), random.int(7 * 3600, 22 * 3600));
    if (when >= WORLD_NOW) return;
    const opinion = drawOpinion(random, pen.rows(product)[row.id - 1] ?? row);
    const values = { owner, product_id: row.id, ...opinion, useful_count: 0, useful_by: [], at: when };
    pen.at(when, () => pen.add(review, values, when));
  });
}
