/**
 * Basket, saved things and wish lists are put in order: what is sold out or dear leaves the basket, what was bought leaves the wish
 * lists, or all three at once.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  numberOf,
  phrase,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { basketOf, linesOn, wishesOf } from "../short/shop.ts";
import { dayBefore, freshProducts, ownedLines, plantNewer, plantPurchase, productOf } from "./_shop_kit.ts";
import { allPages, purchaseLines, signIn } from "./_toolbox.ts";

const priceOf = (ctx: SetupContext, line: Row) => numberOf(productOf(ctx, line), "price");
const isSoldOut = (ctx: SetupContext, line: Row) => numberOf(productOf(ctx, line), "stock") === 0;

/** Fills the basket up to a number of lines, and lets some of its products be sold out. */
function fillBasket(ctx: SetupContext, count: number, soldOut: number): Row[] {
  const missing = Math.max(0, count - basketOf(ctx).length);
  for (const product of freshProducts(ctx).slice(0, missing)) {
    ctx.as()("marlo", "add_to_basket", { product_id: product.id, qty: ctx.random.int(1, 3) });
  }
  const lines = basketOf(ctx);
  for (const line of ctx.random.sample(lines, soldOut)) {
    ctx.patch("marlo.product", numberOf(line, "product_id"), { stock: 0 });
  }
  return lines;
}

function drawBasket(ctx: SetupContext) {
  const lines = fillBasket(ctx, ctx.random.int(9, 13), 2);
  const limit = ctx.random.int(4, 16) * 10;
  const moved = lines.filter((line) => isSoldOut(ctx, line) || priceOf(ctx, line) > limit * 100);
  const cheapSoldOut = moved.some((line) => priceOf(ctx, line) <= limit * 100);
  if (moved.length < 4 || moved.length > lines.length - 2 || !cheapSoldOut) return reject("not a fair part");
  return {
    instruction: phrase(ctx, [
      `Tidy my marlo basket: everything in it that costs more than ${limit} apiece or is sold out should be saved for later.`,
      `Please save for later whatever in my marlo basket is out of stock or has a price above ${limit} each; the rest stays in the basket.`,
      `My basket at marlo has grown too full. Move the things dearer than ${limit} a piece, and those that cannot be had at the moment, to what is saved for later.`,
    ]),
    pub: { limit },
    writes: moved.map((line) => ({ app: "marlo", api: "save_for_later", args: { line_id: line.id } })),
  };
}

function solveBasket(apis: Apis, pub: { limit: number }) {
  const token = signIn(apis, "marlo");
  for (const { line_id, product_id, price } of allPages(apis.marlo.list_basket, { token })) {
    const { stock } = apis.marlo.get_product({ token, product_id });
    if (price > pub.limit || stock === 0) apis.marlo.save_for_later({ token, line_id });
  }
}

/** Buys some things that are wished for: early, in time, and in time but cancelled. Gives the first day that counts. */
function plantWishesBought(ctx: SetupContext, day: string): void {
  const wished = ctx.random.shuffle(wishesOf(ctx)).map((line) => productOf(ctx, line))
    .filter((product) => numberOf(product, "stock") >= 3);
  const [a, b, c, d, e] = wished;
  const [other] = freshProducts(ctx);
  if (!a || !b || !c || !d || !e || !other) return;
  plantPurchase(ctx, addDays(day, -1), [{ product: a, progress: { on: addDays(day, 1) } }]);
  plantPurchase(ctx, day, [{ product: other, progress: "shipped" }, { product: b, progress: "shipped" }]);
  plantPurchase(ctx, addDays(day, 3), [{ product: c, progress: { on: addDays(day, 5) } }]);
  const { purchaseId } = plantPurchase(ctx, addDays(day, 4), [{ product: d }]);
  ctx.as()("marlo", "cancel_purchase", { purchase_id: purchaseId });
  plantPurchase(ctx, addDays(day, 5), [{ product: e }]);
}

/** Items of wish lists that were bought from a day on and not cancelled. */
function boughtWishes(ctx: SetupContext, day: string): Row[] {
  const bought = new Set(
    ownedLines(ctx).filter(({ line, purchase }) =>
      line["parcel_state"] !== "cancelled" && textOf(purchase, "at").slice(0, 10) >= day
    ).map(({ line }) => line["product_id"]),
  );
  return wishesOf(ctx).filter((line) => bought.has(line["product_id"] ?? 0));
}

function drawBought(ctx: SetupContext) {
  const day = dayBefore(ctx, ctx.random.int(9, 20));
  plantWishesBought(ctx, day);
  plantNewer(ctx, 4);
  const gone = boughtWishes(ctx, day);
  if (gone.length < 3) return reject("too few wishes were bought");
  return {
    instruction: phrase(ctx, [
      `Take off my marlo wish lists all that I have bought there since ${
        sayDate(day)
      }, whether it has arrived or not. Orders that were cancelled do not count.`,
      `Some wishes have come true: remove from all my wish lists on marlo whatever I ordered on ${
        sayDate(day)
      } or later and did not call off.`,
      `Please clean my marlo wish lists of things that I have purchased from ${
        sayDate(day)
      } on. If the order was cancelled, the wish stays.`,
    ]),
    pub: { day },
    said: { day: sayDate(day) },
    writes: gone.map((line) => ({ app: "marlo", api: "remove_wish_item", args: { wish_id: line.id } })),
  };
}

function solveBought(apis: Apis, pub: { day: string }) {
  const token = signIn(apis, "marlo");
  const bought = purchaseLines(apis, token, { from_day: pub.day })
    .filter((x) => x.parcel_state !== "cancelled").map((x) => x.product_id);
  for (const { wish_id, product_id } of allPages(apis.marlo.list_wish_items, { token })) {
    if (bought.includes(product_id)) apis.marlo.remove_wish_item({ token, wish_id });
  }
}

function drawAll(ctx: SetupContext) {
  const basket = fillBasket(ctx, ctx.random.int(8, 11), 3);
  const limit = ctx.random.int(5, 15) * 10;
  // Things are saved from the basket, some cheap, some dear, one of them sold out since.
  const more = freshProducts(ctx, (row) => numberOf(row, "price") <= limit * 100).slice(0, 4);
  for (const product of more) {
    const made = ctx.as()("marlo", "add_to_basket", { product_id: product.id, qty: 1 });
    ctx.as()("marlo", "save_for_later", { line_id: Number((made as { line_id?: number }).line_id) });
  }
  const [gone] = more;
  if (gone !== undefined) ctx.patch("marlo.product", gone.id, { stock: 0 });
  const day = dayBefore(ctx, ctx.random.int(9, 20));
  plantWishesBought(ctx, day);
  plantNewer(ctx, 3);
  const saved = linesOn(ctx, (list) => list === "later");
  const soldOut = basket.filter((line) => isSoldOut(ctx, line));
  const back = saved.filter((line) => !isSoldOut(ctx, line) && priceOf(ctx, line) <= limit * 100);
  const wishes = boughtWishes(ctx, day);
  if (back.length < 2 || back.length === saved.length || wishes.length < 2 || soldOut.length < 2) {
    return reject("not a fair part");
  }
  const write = (api: string) => (line: Row) => ({ app: "marlo", api, args: { line_id: line.id } });
  return {
    instruction: phrase(ctx, [
      `Put my marlo lists in order: what is sold out in the basket is saved for later; what was saved for later, is in stock and costs at most ${limit} apiece comes into the basket; and what I have bought since ${
        sayDate(day)
      } (not cancelled) comes off the wish lists.`,
      `Three things in marlo: save sold out basket items for later, take those things that were saved until now into the basket if they are available for ${limit} or less each, and delete from my wish lists what I ordered on ${
        sayDate(day)
      } or later and did not cancel.`,
      `Tidy up marlo for me. Sold out things leave the basket and are saved; earlier saved ones that can be had for no more than ${limit} a piece go into the basket; wishes that I bought from ${
        sayDate(day)
      } on, unless cancelled, disappear.`,
    ]),
    pub: { limit, day },
    said: { day: sayDate(day) },
    writes: [
      ...soldOut.map(write("save_for_later")),
      ...back.map(write("move_to_basket")),
      ...wishes.map((line) => ({ app: "marlo", api: "remove_wish_item", args: { wish_id: line.id } })),
    ],
  };
}

function solveAll(apis: Apis, pub: { limit: number; day: string }) {
  const token = signIn(apis, "marlo");
  const basket = allPages(apis.marlo.list_basket, { token });
  const saved = allPages(apis.marlo.list_basket, { token, part: "later" });
  const soldOut = (x: { product_id: number }) =>
    apis.marlo.get_product({ token, product_id: x.product_id }).stock === 0;
  for (const x of basket) if (soldOut(x)) apis.marlo.save_for_later({ token, line_id: x.line_id });
  for (const x of saved) {
    if (x.price <= pub.limit && !soldOut(x)) apis.marlo.move_to_basket({ token, line_id: x.line_id });
  }
  const bought = purchaseLines(apis, token, { from_day: pub.day })
    .filter((x) => x.parcel_state !== "cancelled").map((x) => x.product_id);
  for (const { wish_id, product_id } of allPages(apis.marlo.list_wish_items, { token })) {
    if (bought.includes(product_id)) apis.marlo.remove_wish_item({ token, wish_id });
  }
}

/** Scenarios of this generator. */
export const listTidy: readonly Scenario[] = [
  bench({
    family: "list_tidy/basket",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawBasket,
    solve: solveBasket,
  }),
  bench({
    family: "list_tidy/bought",
    split: "test_challenge",
    difficulty: 2,
    apps: ["marlo"],
    axis: {},
    draw: drawBought,
    solve: solveBought,
  }),
  bench({
    family: "list_tidy/all",
    split: "test_challenge",
    difficulty: 3,
    apps: ["marlo"],
    axis: {},
    draw: drawAll,
    solve: solveAll,
  }),
];
