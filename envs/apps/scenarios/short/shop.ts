/**
 * The shop `marlo`, which only the challenge split may need, in the shapes of the other generators: purchases (total, count,
 * largest × seller, month, price limit), cancelling, the basket, and the wish list.
 *
 * @module
 */
import type { Reject, Row, Scenario, SetupContext } from "../../scenario.ts";
import { define, type Draw } from "./_define.ts";
import { act, type Aggregate, aggregate, keep, pages, signIn } from "./_idioms.ts";
import {
  choose,
  fairAggregate,
  idIn,
  monthSlots,
  needsPages,
  newestFirst,
  numberOf,
  range,
  reject,
  type Slot,
  textOf,
} from "./_setup.ts";

type PurchaseFilter = "seller" | "month" | "limit";

const PURCHASES: readonly (readonly [Aggregate, PurchaseFilter])[] = [
  ["total", "seller"],
  ["count", "seller"],
  ["total", "month"],
  ["largest", "month"],
  ["count", "limit"],
];

const PURCHASE_WANTED: Readonly<Record<Aggregate, readonly string[]>> = {
  total: ["what is the total price", "how much money in total is it"],
  count: ["how many purchases are there", "what is the number of purchases"],
  largest: ["what is the largest single price", "how much is the biggest single purchase"],
};

/** Conditions of the filters of purchases, as source text. */
export const PURCHASE_KEEP: Readonly<Record<PurchaseFilter, string>> = {
  seller: "x.seller === seller",
  month: "x.at.startsWith(month)",
  limit: "x.total <= limit",
};

const PURCHASE_NAME: Readonly<Record<PurchaseFilter, string>> = {
  seller: "from_seller",
  month: "in_month",
  limit: "up_to_limit",
};

/** Purchases of the user, as the list API gives them: with their first product. */
export function purchasesOf(ctx: SetupContext): Row[] {
  const linesOf = linesByPurchase(ctx);
  const rows = ctx.rows("marlo.purchase", ctx.user.email).map((row): Row => {
    const first = linesOf.get(row.id)?.[0] ?? row;
    return { ...row, product: textOf(first, "product"), seller: textOf(first, "seller"), qty: numberOf(first, "qty") };
  });
  return newestFirst(rows);
}

function linesByPurchase(ctx: SetupContext): ReadonlyMap<number, readonly Row[]> {
  const byPurchase = new Map<number, Row[]>();
  for (const line of ctx.rows("marlo.purchase_line", ctx.user.email)) {
    const id = numberOf(line, "purchase_id");
    byPurchase.set(id, [...byPurchase.get(id) ?? [], line]);
  }
  return byPurchase;
}

/** Purchases of several lines, which are of no single seller or product. */
export function mixedPurchases(ctx: SetupContext): readonly (readonly Row[])[] {
  return [...linesByPurchase(ctx).values()].filter((lines) => lines.length > 1);
}

/** Lines of a list of the user, such as the basket. */
export function linesOn(ctx: SetupContext, isOn: (list: string) => boolean): Row[] {
  return ctx.rows("marlo.list_line", ctx.user.email).filter((row) => isOn(textOf(row, "list")));
}

/** Lines of the user's basket. */
export function basketOf(ctx: SetupContext): Row[] {
  return linesOn(ctx, (list) => list === "basket");
}

/** Items of all wish lists of the user. */
export function wishesOf(ctx: SetupContext): Row[] {
  return linesOn(ctx, (list) => list !== "basket" && list !== "later");
}

/** A card of the user that has not expired; the bank gets money enough for it. */
export function goodCard(ctx: SetupContext): number {
  const card = ctx.rows("marlo.pay_card", ctx.user.email).find((row) => textOf(row, "expires") >= ctx.at.slice(0, 7));
  const [known] = card === undefined ? [] : ctx.rowsWhere("registry.bank_card", "number", textOf(card, "number"));
  if (card === undefined || known === undefined) throw new RangeError(`${ctx.user.email} has no card to pay with`);
  ctx.patch("registry.bank_card", known.id, { balance: 5_000_000 });
  return card.id;
}

/** Buys some products that are in stock, one by one, in the order given. */
export function buy(ctx: SetupContext, products: readonly Row[]): void {
  const card_id = goodCard(ctx);
  const address_id = ctx.rows("marlo.ship_address", ctx.user.email)[0]?.id ?? 0;
  for (const { id } of products) {
    const line = { product_id: id, qty: ctx.random.int(1, 2) };
    const line_id = idIn(ctx.as()("marlo", "add_to_basket", line), "line_id");
    ctx.as()("marlo", "place_order", { line_ids: [line_id], card_id, address_id });
  }
}

/** Products of which at least three are in stock and none is in the basket, in random order. */
export function inStock(ctx: SetupContext): Row[] {
  const taken = new Set(basketOf(ctx).map((row) => row["product_id"]));
  return ctx.random.shuffle(
    ctx.rows("marlo.product").filter((row) => numberOf(row, "stock") >= 3 && !taken.has(row.id)),
  );
}

/** Buys from one seller, then more from others, so that the first page hides the seller; gives the seller. */
function plantSeller(ctx: SetupContext): string {
  const products = inStock(ctx);
  const mixed = new Set(mixedPurchases(ctx).flatMap((lines) => lines.map((row) => textOf(row, "seller"))));
  const sellers = ctx.rows("marlo.seller").map((row) => textOf(row, "name")).filter((name) => !mixed.has(name)).sort();
  const seller = choose(ctx, sellers, () => true) ?? "";
  buy(ctx, products.filter((row) => row["seller"] === seller).slice(0, 3));
  buy(ctx, products.filter((row) => row["seller"] !== seller).slice(0, 5));
  return seller;
}

/** Values that a filter of purchases can take. */
export function purchaseSlots(ctx: SetupContext, filter: PurchaseFilter): Slot[] {
  if (filter === "seller") {
    const seller = plantSeller(ctx);
    return [{ value: seller, phrase: `from the seller ${seller}`, keeps: (row) => row["seller"] === seller }];
  }
  if (filter === "month") return monthSlots(purchasesOf(ctx));
  return range(20, 90).map((limit) => ({
    value: String(limit),
    phrase: `of at most ${limit}`,
    keeps: (row) => numberOf(row, "total") <= limit * 100,
  }));
}

function drawPurchases(ctx: SetupContext, kind: Aggregate, filter: PurchaseFilter): Draw | Reject {
  const slots = purchaseSlots(ctx, filter);
  const listed = purchasesOf(ctx);
  const answers = slots.map(({ keeps }) => fairAggregate(kind, listed, keeps, "total", 100));
  const slot = choose(ctx, slots, (candidate) => answers[slots.indexOf(candidate)] !== undefined);
  const answer = slot === undefined ? undefined : answers[slots.indexOf(slot)];
  if (slot === undefined || answer === undefined) return reject("no value of the filter gives a fair answer");
  const wanted = ctx.random.pick(PURCHASE_WANTED[kind]);
  const instruction = ctx.random.pick([
    `Look at my marlo purchases ${slot.phrase}: ${wanted}?`,
    `Of all purchases in marlo ${slot.phrase}, ${wanted}?`,
  ]);
  return { instruction, args: [filter === "limit" ? Number(slot.value) : slot.value], answer };
}

function drawCancel(ctx: SetupContext, filter: "seller" | "limit"): Draw | Reject {
  const cheap = inStock(ctx).filter((row) => numberOf(row, "price") < 1500).slice(0, 4);
  if (filter === "limit") buy(ctx, cheap);
  const seller = plantSeller(ctx);
  const limit = choose(ctx, range(20, 60), () => true) ?? 40;
  const listed = purchasesOf(ctx).filter((row) => row["state"] === "placed");
  const wanted = (row: Row) => filter === "seller" ? row["seller"] === seller : numberOf(row, "total") <= limit * 100;
  const rows = listed.filter(wanted);
  if (rows.length < 2 || !needsPages(listed, wanted)) return reject("the first page shows all");
  const phrase = filter === "seller" ? `from the seller ${seller}` : `of at most ${limit}`;
  return {
    instruction: ctx.random.pick([
      `Cancel every placed purchase ${phrase} in marlo.`,
      `Call off all the purchases ${phrase} in marlo that are still placed.`,
    ]),
    args: [filter === "seller" ? seller : limit],
    writes: rows.map((row) => ({ app: "marlo", api: "cancel_purchase", args: { purchase_id: row.id } })),
  };
}

/** Products that are not in the basket and do not have a word in the title. */
function othersFor(ctx: SetupContext, word: string): Row[] {
  const taken = new Set(basketOf(ctx).map((row) => row["product_id"]));
  return ctx.random.shuffle(
    ctx.rows("marlo.product").filter((row) => !taken.has(row.id) && !textOf(row, "title").includes(word)),
  );
}

function productOf(ctx: SetupContext, line: Row): Row | undefined {
  return ctx.row("marlo.product", numberOf(line, "product_id"));
}

type BasketVerb = "remove" | "quantity" | "total";

function drawBasket(ctx: SetupContext, verb: BasketVerb): Draw | Reject {
  const kinds = [...new Set(ctx.rows("marlo.product").map((row) => textOf(row, "kind")))].sort();
  const word = choose(ctx, kinds, () => true) ?? "";
  const taken = new Set(basketOf(ctx).map((row) => row["product_id"]));
  const named = ctx.rows("marlo.product").filter((row) => textOf(row, "title").includes(word) && !taken.has(row.id));
  const planted = [...othersFor(ctx, word).slice(0, 4), ...ctx.random.sample(named, 3)];
  for (const { id } of planted) ctx.as()("marlo", "add_to_basket", { product_id: id, qty: ctx.random.int(1, 3) });
  const listed = basketOf(ctx);
  const wanted = (row: Row) => textOf(productOf(ctx, row) ?? row, "title").includes(word);
  const rows = listed.filter(wanted);
  const qty = ctx.random.int(4, 9);
  if (rows.length < 2 || !needsPages(listed, wanted)) return reject("the first page shows all");
  const which = `with "${word}" in the name`;
  if (verb === "total") {
    const cents = rows.reduce(
      (sum, row) => sum + numberOf(productOf(ctx, row) ?? row, "price") * numberOf(row, "qty"),
      0,
    );
    const instruction = ctx.random.pick([
      `Look at what is in my marlo basket ${which}: what is the total price?`,
      `Of all products in my marlo basket ${which}, how much money in total is it?`,
    ]);
    return { instruction, args: [word], answer: cents / 100 };
  }
  const instruction = verb === "remove"
    ? ctx.random.pick([
      `Remove every product ${which} from my marlo basket.`,
      `Take all products ${which} out of my basket in marlo.`,
    ])
    : ctx.random.pick([
      `Set the quantity of every product ${which} in my marlo basket to ${qty}.`,
      `Make it ${qty} of each product ${which} in my basket in marlo.`,
    ]);
  return {
    instruction,
    args: verb === "remove" ? [word] : [word, qty],
    writes: rows.map((row) => ({
      app: "marlo",
      api: verb === "remove" ? "remove_from_basket" : "set_basket_qty",
      args: { line_id: row.id, ...(verb === "quantity" ? { qty } : {}) },
    })),
  };
}

function drawWishRemove(ctx: SetupContext): Draw | Reject {
  const listed = wishesOf(ctx);
  const limit = choose(ctx, range(25, 90), () => true) ?? 50;
  const wanted = (row: Row) => numberOf(productOf(ctx, row) ?? row, "price") <= limit * 100;
  const rows = listed.filter(wanted);
  if (rows.length < 2 || !needsPages(listed, wanted)) return reject("the first page shows all");
  return {
    instruction: ctx.random.pick([
      `Remove everything of at most ${limit} from my wish list in marlo.`,
      `Delete every product of at most ${limit} from my marlo wish list.`,
    ]),
    args: [limit],
    writes: rows.map((row) => ({ app: "marlo", api: "remove_wish_item", args: { wish_id: row.id } })),
  };
}

function drawWishToBasket(ctx: SetupContext): Draw | Reject {
  const listed = wishesOf(ctx);
  const qty = ctx.random.int(2, 6);
  const limit = choose(ctx, range(25, 90), () => true) ?? 50;
  const wanted = (row: Row) => numberOf(productOf(ctx, row) ?? row, "price") <= limit * 100;
  const rows = listed.filter(wanted);
  const inBasket = new Set(basketOf(ctx).map((row) => row["product_id"]));
  if (rows.some((row) => inBasket.has(Number(row["product_id"])))) return reject("in the basket already");
  if (rows.length < 2 || !needsPages(listed, wanted)) return reject("the first page shows all");
  return {
    instruction: ctx.random.pick([
      `Add ${qty} of everything of at most ${limit} on my marlo wish list to the basket.`,
      `Put ${qty} of each product of at most ${limit} from my wish list into my marlo basket.`,
    ]),
    args: [limit, qty],
    writes: rows.map((row) => ({
      app: "marlo",
      api: "add_to_basket",
      args: { product_id: Number(row["product_id"]), qty },
    })),
  };
}

/** The line that finds a product's id by its title, for each row; `title` and `then` are source text. */
export function forEachProduct(title: string, then: string): string {
  return `for (const x of rows) { const q = ${title}; ` +
    "const product_id = apis.marlo.find_products({ token: token.marlo, q }).find((y) => y.title === q).product_id; " +
    `${then} }`;
}

/** Scenarios of these generators. */
export const shop: readonly Scenario[] = [
  ...PURCHASES.map(([kind, filter]) =>
    define({
      family: `purchases/${kind}/${filter}`,
      split: "test_challenge",
      difficulty: 1,
      name: `${kind}_purchases_${PURCHASE_NAME[filter]}`,
      params: [filter],
      lines: [
        ...signIn("marlo"),
        pages("marlo", "purchases"),
        keep("purchases", PURCHASE_KEEP[filter]),
        `return ${aggregate(kind, "x.total")};`,
      ],
      lookups: { marlo: "list purchases" },
      draw: (ctx) => drawPurchases(ctx, kind, filter),
    })
  ),
  ...(["seller", "limit"] as const).map((filter) =>
    define({
      family: `cancel/${filter}`,
      split: "test_challenge",
      difficulty: 2,
      name: `cancel_purchases_${filter === "seller" ? "from_seller" : "up_to_limit"}`,
      params: [filter],
      lines: [
        ...signIn("marlo"),
        pages("marlo", "purchases", 'state: "placed"'),
        keep("purchases", PURCHASE_KEEP[filter]),
        act("marlo", "cancel_purchase", "purchase_id: x.purchase_id"),
      ],
      lookups: { marlo: "list purchases cancel" },
      draw: (ctx) => drawCancel(ctx, filter),
    })
  ),
  ...(["remove", "quantity", "total"] as const).map((verb) =>
    define({
      family: `basket/${verb}/word`,
      split: "test_challenge",
      difficulty: verb === "total" ? 1 : 2,
      name: `${verb === "quantity" ? "set_quantity" : verb}_in_basket_with_word`,
      params: verb === "quantity" ? ["word", "qty"] : ["word"],
      lines: [
        ...signIn("marlo"),
        pages("marlo", "basket"),
        keep("basket", "x.product.includes(word)"),
        verb === "total"
          ? `return ${aggregate("total", "x.price * x.qty")};`
          : verb === "remove"
          ? act("marlo", "remove_from_basket", "line_id: x.line_id")
          : act("marlo", "set_basket_qty", "line_id: x.line_id, qty"),
      ],
      lookups: {
        marlo: verb === "total" ? "list basket" : `list basket ${verb === "remove" ? "remove" : "set qty"}`,
      },
      draw: (ctx) => drawBasket(ctx, verb),
    })
  ),
  define({
    family: "wish_list/remove/limit",
    split: "test_challenge",
    difficulty: 2,
    name: "remove_wish_items_up_to_limit",
    params: ["limit"],
    lines: [
      ...signIn("marlo"),
      pages("marlo", "wish_items"),
      keep("wish_items", "x.price <= limit"),
      act("marlo", "remove_wish_item", "wish_id: x.wish_id"),
    ],
    lookups: { marlo: "list wish items remove" },
    draw: drawWishRemove,
  }),
  define({
    family: "wish_list/to_basket/limit",
    split: "test_challenge",
    difficulty: 3,
    name: "add_wish_items_up_to_limit_to_basket",
    params: ["limit", "qty"],
    lines: [
      ...signIn("marlo"),
      pages("marlo", "wish_items"),
      keep("wish_items", "x.price <= limit"),
      forEachProduct("x.product", "apis.marlo.add_to_basket({ token: token.marlo, product_id, qty });"),
    ],
    lookups: { marlo: ["list wish items", "find products add basket"] },
    draw: drawWishToBasket,
  }),
];
