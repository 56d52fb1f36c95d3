/**
 * The shop: sellers, products, reviews and questions that everybody sees, and each member's cards, lists, purchases and plans.
 *
 * Contract: a purchase's sums follow from its lines by the shop's own rules; what is delivered has its day, what is cancelled its
 * refund; presents that people bought together cost what their outing says. A product is on one list of a member at most.
 * Choices: reviews and answers come from people who had the product, or are older than the history of purchases. A few parcels are
 * late, so that there is always something to cancel or redirect.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Json } from "../../../data/canonical.ts";
import { addDays, dateTime, dayNumber } from "../calendar.ts";
import type { Pen } from "../_pen.ts";
import {
  BASKET,
  LATER,
  listLine,
  marloMember,
  payCard,
  type Product,
  product,
  question,
  refillPlan,
  review,
  seller,
  shipAddress,
  voucher,
} from "../apps/marlo/tables.ts";
import { card } from "../apps/principal/tables.ts";
import {
  ADDRESS_LABELS,
  ANSWERS,
  FIRST_WISH_LIST,
  PRODUCT_KINDS,
  type ProductKind,
  QUESTIONS,
  SELLER_ABOUTS,
  SELLER_TOWNS,
  SELLERS,
  SERIES,
  VOUCHER_WORDS,
  WISH_LISTS,
  WISH_NOTES,
} from "../pools/marlo.ts";
import { STREETS, TOWN } from "../pools/words.ts";
import type { Person } from "../world.ts";
import { writeAccounts } from "./accounts.ts";
import { fillTemplate, WORLD_NOW, type WorldContext } from "./context.ts";
import { type Buyer, drawOpinion, writePurchases } from "./_marlo_purchases.ts";

const OPENED = "2025-06-01T08:00:00";
const TODAY = dayNumber(WORLD_NOW);
const ALL_PRODUCTS = 2400;
const GIFT_CODES = 120;

/** Writes the shop. */
export function writeMarlo(pen: Pen, context: WorldContext): void {
  writeSellers(pen, context);
  writeProducts(pen, context);
  const products = pen.rows(product);
  const reviewed = writeOldReviews(pen, context, products);
  writeQuestions(pen, context, products);
  // A principal's first card and first address get the ids that the account names.
  const buyers = context.principals.map((person, position) => writeBelongings(pen, context, person, position));
  writeAccounts(pen, context, marloMember, (_, position) => ({
    default_card: buyers[position]?.defaultCard ?? null,
    default_address: buyers[position]?.homeAddress ?? null,
    credit: context.random("marlo", "credit", position).pick([0, 0, 0, 500, 1250, 2000]),
  }));
  for (const buyer of buyers) {
    writePurchases(pen, context, buyer, products, reviewed.get(buyer.person.email) ?? new Set());
    writeLists(pen, context, buyer, products);
    writeRefills(pen, context, buyer, products);
    writeVouchers(pen, context, buyer);
  }
  writeGiftCodes(pen, context);
}

function writeSellers(pen: Pen, context: WorldContext): void {
  const random = context.random("marlo", "sellers");
  for (const name of SELLERS.slice(0, context.catalogueSize(SELLERS.length))) {
    pen.add(seller, {
      name,
      town: random.pick(SELLER_TOWNS),
      about: random.pick(SELLER_ABOUTS),
      stars: random.int(30, 50) / 10,
      ships_in_days: random.int(1, 5),
    }, OPENED);
  }
}

/** Specifications of one product of a kind. */
function drawSpecs(random: KeyedRandom, { specs }: ProductKind): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, values]) => {
      if (!("low" in values)) return [name, random.pick(values)];
      const steps = Math.floor((values.high - values.low) / values.step);
      return [name, values.low + values.step * random.int(0, steps)];
    }),
  );
}

function writeProducts(pen: Pen, context: WorldContext): void {
  const random = context.random("marlo", "products");
  const sellers = pen.rows(seller);
  const perKind = Math.max(2, Math.round(context.catalogueSize(ALL_PRODUCTS) / PRODUCT_KINDS.length));
  const drafts = PRODUCT_KINDS.flatMap((kind) => random.sample(SERIES, perKind).map((series) => ({ kind, series })));
  for (const { kind, series } of random.shuffle(drafts)) {
    const specs = drawSpecs(random, kind);
    const [first] = Object.values(specs);
    const [low, high] = kind.prices;
    const price = random.int(low, high - 1) * 100 + random.pick([0, 50, 90, 99]);
    const cut = random.uniform() < 0.2 ? random.int(2, 8) * 5 : 0;
    const by = random.pick(sellers);
    pen.add(product, {
      title: `${series} ${String(first)} ${kind.kind}`,
      kind: kind.kind,
      price,
      was: cut === 0 ? price : Math.round(price / (1 - cut / 100) / 10) * 10,
      stock: random.uniform() < 0.08 ? 0 : random.int(2, 40),
      stars: random.int(20, 50) / 10,
      specs,
      seller: by.name,
      seller_id: by.id,
      refillable: kind.refill,
    }, OPENED);
  }
}

/** Reviews from before the history of purchases. @returns ids of the products that each member has reviewed. */
function writeOldReviews(pen: Pen, context: WorldContext, products: readonly Product[]): Map<string, Set<number>> {
  const { principals, profile } = context;
  const reviewed = new Map<string, Set<number>>(principals.map(({ email }) => [email, new Set()]));
  for (const row of products) {
    const random = context.random("marlo", "reviews", row.id);
    const people = random.sample(principals, random.pick([0, 0, 1, 1, 2, 2, 3, 4]));
    for (const { email } of people) {
      reviewed.get(email)?.add(row.id);
      const day = TODAY - profile.historyDays - random.int(10, 200);
      const at = dateTime(day, random.int(7 * 3600, 22 * 3600));
      const usefulBy = random.sample(principals, random.pick([0, 0, 0, 1, 2, 4])).map((one) => one.email)
        .filter((other) => other !== email).sort();
      const values = {
        owner: email,
        product_id: row.id,
        ...drawOpinion(random, row),
        useful_count: usefulBy.length,
        useful_by: usefulBy,
        at,
      };
      pen.at(at, () => pen.add(review, values, at));
    }
  }
  return reviewed;
}

function writeQuestions(pen: Pen, context: WorldContext, products: readonly Product[]): void {
  const { principals, profile } = context;
  for (const row of products) {
    const random = context.random("marlo", "questions", row.id);
    for (const template of random.sample(QUESTIONS, random.pick([0, 0, 0, 1, 1, 2]))) {
      const [asker, ...others] = random.sample(principals, 3);
      if (asker === undefined) continue;
      const at = context.moment(random, 3);
      const ask = {
        owner: asker.email,
        product_id: row.id,
        text: fillTemplate(template, { kind: row.kind }),
        parent_id: null,
        at,
      };
      let id = 0;
      pen.at(at, () => void (id = pen.add(question, ask, at)));
      for (const { email } of others.slice(0, random.pick([0, 0, 0, 1, 1, 2]))) {
        const answered = context.later(random, at, Math.min(30, profile.historyDays));
        const text = random.pick(ANSWERS);
        pen.at(answered, () => {
          pen.add(question, { owner: email, product_id: row.id, text, parent_id: id, at: answered }, answered);
        });
      }
    }
  }
}

/** Cards and addresses of a member. */
function writeBelongings(pen: Pen, context: WorldContext, person: Person, position: number): Buyer {
  const random = context.random("marlo", "member", position);
  const { email: owner, name, street, town } = person;
  const known = pen.rows(card).filter((row) => row.owner === owner);
  const kept = known.filter((row) => row.name === "everyday card" || random.uniform() < 0.8);
  const cards = kept.map(({ name: label, number, expires, check_code }) => ({
    id: pen.add(payCard, { owner, label, number, expires, check_code }, OPENED),
    number,
    everyday: label === "everyday card",
    expired: expires < WORLD_NOW.slice(0, 7),
  }));
  const everyday = cards.find((row) => row.everyday);
  const old = random.uniform() < 0.3 ? cards.find((row) => row.expired) : undefined;
  const home = { label: "home", street, town };
  const others = random.sample(ADDRESS_LABELS, random.pick([0, 1, 1, 2])).map((label) => ({
    label,
    street: `${random.pick(STREETS)} ${random.int(40, 98)}`,
    town: label === "cabin" ? random.pick(SELLER_TOWNS) : TOWN,
  }));
  const addresses = [home, ...others].map((address) => ({
    ...address,
    id: pen.add(shipAddress, { owner, receiver: name, ...address }, OPENED),
  }));
  return {
    person,
    position,
    cards,
    addresses,
    defaultCard: (old ?? everyday)?.id ?? null,
    homeAddress: addresses[0]?.id ?? null,
  };
}

/** Basket, saved things and wish lists. */
function writeLists(pen: Pen, context: WorldContext, { person, position }: Buyer, products: readonly Product[]): void {
  const random = context.random("marlo", "lists", position);
  const names = [FIRST_WISH_LIST, ...random.sample(WISH_LISTS, random.int(1, 2))];
  const sizes = [
    { list: BASKET, count: context.count(random, 3, 8), madeAt: "2027-03-01T12:00:00" },
    { list: LATER, count: context.count(random, 2, 6), madeAt: "2027-02-20T12:00:00" },
    ...names.map((list, i) => ({
      list,
      count: context.count(random, i === 0 ? 6 : 4, i === 0 ? 11 : 8),
      madeAt: "2027-02-01T12:00:00",
    })),
  ];
  const chosen = random.sample(products, sizes.reduce((sum, { count }) => sum + count, 0));
  for (const { list, count, madeAt } of sizes) {
    for (const row of chosen.splice(0, count)) {
      const wished = list !== BASKET && list !== LATER;
      pen.add(listLine, {
        owner: person.email,
        list,
        product_id: row.id,
        qty: wished ? 1 : random.int(1, 4),
        note: wished && random.uniform() < 0.5 ? random.pick(WISH_NOTES) : "",
      }, madeAt);
    }
  }
}

function writeRefills(pen: Pen, context: WorldContext, buyer: Buyer, products: readonly Product[]): void {
  const random = context.random("marlo", "refills", buyer.position);
  const [fallback] = buyer.cards;
  if (fallback === undefined || buyer.homeAddress === null) return;
  const kinds = random.shuffle(PRODUCT_KINDS.filter(({ refill }) => refill)).slice(0, context.count(random, 3, 8));
  for (const { kind } of kinds) {
    const row = random.pick(products.filter((one) => one.kind === kind));
    const everyDays = random.pick([14, 21, 28, 30, 42, 60, 90]);
    pen.add(refillPlan, {
      owner: buyer.person.email,
      product_id: row.id,
      qty: random.int(1, 4),
      every_days: everyDays,
      next_on: addDays(WORLD_NOW, random.int(1, everyDays)),
      paused: random.uniform() < 0.2,
      card_id: random.uniform() < 0.8 ? buyer.defaultCard ?? fallback.id : random.pick(buyer.cards).id,
      address_id: random.uniform() < 0.85 ? buyer.homeAddress : random.pick(buyer.addresses).id,
    }, "2026-11-01T12:00:00");
  }
}

function writeVouchers(pen: Pen, context: WorldContext, { person, position }: Buyer): void {
  const random = context.random("marlo", "vouchers", position);
  for (const word of random.sample(VOUCHER_WORDS, context.count(random, 3, 7))) {
    const gift = random.uniform() < 0.3;
    const used = random.uniform() < 0.2;
    const validUntil = addDays(WORLD_NOW, random.int(-60, 240));
    pen.add(voucher, {
      owner: person.email,
      code: `${word}-${random.int(100, 999)}-${position + 1}`,
      kind: gift ? "gift" : "percent",
      value: gift ? random.int(1, 10) * 500 : random.int(1, 6) * 5,
      min_total: gift ? 0 : random.pick([0, 3000, 5000, 8000, 12000, 20000]),
      valid_until: validUntil,
      used_at: used ? context.moment(random) : null,
      used_by: used ? person.email : "",
    }, "2026-06-01T12:00:00");
  }
}

/** Gift codes that belong to nobody: whoever has one may redeem it. */
function writeGiftCodes(pen: Pen, context: WorldContext): void {
  const random = context.random("marlo", "gift codes");
  for (let i = 0; i < context.catalogueSize(GIFT_CODES); i++) {
    const used = i % 10 === 9;
    pen.add(voucher, {
      owner: "",
      code: `GIFT-${random.int(1000, 9999)}-${String(i + 1).padStart(3, "0")}`,
      kind: "gift",
      value: random.int(2, 16) * 500,
      min_total: 0,
      valid_until: addDays(WORLD_NOW, i % 10 === 8 ? -random.int(1, 90) : random.int(90, 500)),
      used_at: used ? context.moment(random) : null,
      used_by: used ? random.pick(context.principals).email : "",
    }, "2026-06-01T12:00:00");
  }
}
