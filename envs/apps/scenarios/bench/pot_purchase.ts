/**
 * Purchases within what a savings pot holds: the best rated thing into the basket, the best rated thing bought, as many wishes as the
 * money is enough for.
 *
 * @module
 */
import {
  type Apis,
  bench,
  type Client,
  daysAgo,
  idIn,
  numberOf,
  phrase,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
} from "./_kit.ts";
import { fill, order, type Paying, paying, timeOn, withDelivery } from "./_orders.ts";
import { freshProducts, KINDS, productsOf, specOf, wordSpecs } from "./_shop_kit.ts";
import { allPages, orderLines, signIn, withSpecs } from "./_toolbox.ts";

const ASKABLE = KINDS.filter((kind) => wordSpecs(kind).length > 0);
const POT_NAMES = ["quiet corner", "treats", "fresh start", "long weekend", "workshop", "window seat"] as const;

interface Budget {
  readonly potId: number;
  readonly name: string;
  readonly cents: number;
}

/** A pot with so much money, which is put into it by hand since it was saved long ago. */
function plantPot(ctx: SetupContext, cents: number): Budget | undefined {
  const name = ctx.random.pick(POT_NAMES);
  if (ctx.rows("tuppence.pot", ctx.user.email).some((row) => row["name"] === name)) return undefined;
  const client = ctx.as(ctx.user, timeOn(ctx, daysAgo(ctx, 90)));
  const potId = idIn(client("tuppence", "add_pot", { name, goal: Math.ceil(cents / 1000) * 10 + 50 }), "pot_id");
  ctx.patch("tuppence.pot", potId, { saved: cents });
  return { potId, name, cents };
}

interface Best {
  readonly kind: string;
  readonly quality: string;
  readonly product: Row;
  readonly budget: Budget;
  /** What it costs with delivery. */
  readonly cents: number;
}

/** The best rated product of a kind and quality that a pot can pay for, delivery included; others are dearer, worse or sold out. */
function drawBest(ctx: SetupContext): Best | undefined {
  const kind = ctx.random.pick(ASKABLE);
  const spec = ctx.random.pick(wordSpecs(kind));
  const rows = productsOf(ctx, kind);
  const quality = String(specOf(ctx.random.pick(rows), spec));
  const cost = (row: Row) => withDelivery(numberOf(row, "price"));
  const matches = rows.filter((row) => specOf(row, spec) === quality && numberOf(row, "stock") >= 2);
  const costs = matches.map(cost).sort((a, b) => a - b);
  const bound = costs[Math.floor(costs.length * 0.6)];
  if (bound === undefined || matches.length < 4) return undefined;
  const fitting = matches.filter((row) => cost(row) <= bound).sort((a, b) =>
    numberOf(b, "stars") - numberOf(a, "stars")
  );
  const [first, second, third] = fitting;
  if (first === undefined || second === undefined || third === undefined) return undefined;
  // The very best is sold out, so that the stock matters.
  ctx.patch("marlo.product", first.id, { stock: 0 });
  if (second["stars"] === third["stars"]) return undefined;
  const dearer = matches.some((row) => cost(row) > bound && numberOf(row, "stars") > numberOf(second, "stars"));
  const other = rows.some((row) =>
    specOf(row, spec) !== quality && cost(row) <= bound && numberOf(row, "stars") > numberOf(second, "stars")
  );
  const taken = ctx.rows("marlo.list_line", ctx.user.email).some((row) => row["product_id"] === second.id);
  // A pot whose money would be enough but for the delivery.
  const cents = cost(second) === bound ? bound : bound + ctx.random.pick([0, 100, 250]);
  if (!dearer || !other || taken || rows.findIndex(({ id }) => id === second.id) < 5) return undefined;
  if (matches.some((row) => cost(row) > bound && cost(row) <= cents)) return undefined;
  const budget = plantPot(ctx, cents);
  return budget === undefined ? undefined : { kind, quality, product: second, budget, cents: cost(second) };
}

function drawBasket(ctx: SetupContext) {
  const best = drawBest(ctx);
  if (best === undefined) return reject("no fair set of products");
  const { kind, quality, product, budget } = best;
  return {
    instruction: phrase(ctx, [
      `Put the best rated ${kind} on marlo that is listed as ${quality}, is in stock, and that my pot "${budget.name}" has money enough for, into my basket. Delivery counts: it is 4.90 for goods below 60.00 and free from there.`,
      `What is in my pot "${budget.name}" is for a ${kind}. Find the one with the most stars on marlo that is ${quality}, can be ordered now and costs no more than the pot holds, together with delivery (4.90 if the price is under 60.00), and add one to the basket.`,
      `I want a ${kind} from marlo, ${quality}, with as many stars as possible, but price plus delivery (4.90 below 60.00) must not be more than the savings in my pot "${budget.name}". Please place the best one in stock in my basket, just one.`,
    ]),
    pub: { pot: budget.name, kind, quality },
    writes: [{ app: "marlo", api: "add_to_basket", args: { product_id: product.id, qty: 1 } }],
  };
}

function solveBasket(apis: Apis, pub: { pot: string; kind: string; quality: string }) {
  const token = signIn(apis, "marlo");
  const { saved } = allPages(apis.tuppence.list_pots, { token: signIn(apis, "tuppence") }).find((x) =>
    x.name === pub.pot
  );
  const products = allPages(apis.marlo.find_products, { token, kind: pub.kind, in_stock: true })
    .filter((x) => x.price + (x.price < 60 ? 4.9 : 0) <= saved + 0.001);
  const [best] = withSpecs(apis, token, products).filter((x) => Object.values(x.specs).includes(pub.quality))
    .sort((a, b) => b.stars - a.stars);
  apis.marlo.add_to_basket({ token, product_id: best.product_id, qty: 1 });
}

function drawBuy(ctx: SetupContext) {
  const best = drawBest(ctx);
  const pay = paying(ctx);
  if (best === undefined || pay === undefined) return reject("no fair set of products");
  const { kind, quality, product, budget, cents } = best;
  const writes = (client: Client) => {
    order(client, fill(client, [{ product, qty: 1 }]), pay);
    client("tuppence", "move_out_of_pot", { pot_id: budget.potId, amount: cents / 100 });
  };
  return {
    instruction: phrase(ctx, [
      `Order the ${kind} with the most stars on marlo that is listed as ${quality}, in stock, and not dearer, delivery included, than what my pot "${budget.name}" holds. It is 4.90 for delivery below 60.00. Pay with the card ending in ${pay.ending}, to my address "${pay.label}", then move exactly what it came to from the pot to my balance.`,
      `Please spend my pot "${budget.name}" on a ${kind}: the best rated one on marlo that is ${quality}, available, and within the pot's money with delivery (4.90 for orders under 60.00). Buy one with the card ending in ${pay.ending}, have it sent to "${pay.label}", and take the total of the order out of the pot.`,
      `Buy me a ${kind} on marlo, ${quality}, the one with the highest rating that can be had now for no more than the savings in "${budget.name}", including 4.90 delivery if it costs less than 60.00. Card ending in ${pay.ending}, address "${pay.label}". Afterwards the order's total goes out of that pot.`,
    ]),
    pub: { pot: budget.name, kind, quality, ending: pay.ending, label: pay.label },
    writes,
  };
}

function solveBuy(apis: Apis, pub: { pot: string; kind: string; quality: string; ending: string; label: string }) {
  const token = signIn(apis, "marlo");
  const walletToken = signIn(apis, "tuppence");
  const { pot_id, saved } = allPages(apis.tuppence.list_pots, { token: walletToken }).find((x) => x.name === pub.pot);
  const products = allPages(apis.marlo.find_products, { token, kind: pub.kind, in_stock: true })
    .filter((x) => x.price + (x.price < 60 ? 4.9 : 0) <= saved + 0.001);
  const [best] = withSpecs(apis, token, products).filter((x) => Object.values(x.specs).includes(pub.quality))
    .sort((a, b) => b.stars - a.stars);
  const { line_id } = apis.marlo.add_to_basket({ token, product_id: best.product_id, qty: 1 });
  const purchase_id = orderLines(apis, token, { line_ids: [line_id], ending: pub.ending, label: pub.label });
  const { total } = apis.marlo.get_purchase({ token, purchase_id });
  apis.tuppence.move_out_of_pot({ token: walletToken, pot_id, amount: total });
}

const LISTS = ["when rich", "soon mine", "next year", "dream shelf", "for rainy days"] as const;

function drawWishes(ctx: SetupContext) {
  const pay: Paying | undefined = paying(ctx);
  const list = ctx.random.pick(LISTS);
  if (pay === undefined || ctx.rows("marlo.list_line", ctx.user.email).some((row) => row["list"] === list)) {
    return reject("no card, or the list exists");
  }
  const products = freshProducts(ctx, (row) => numberOf(row, "price") < 7000).slice(0, 11);
  const client = ctx.as(ctx.user, timeOn(ctx, daysAgo(ctx, 20)));
  const wishes = products.map((product, i) => {
    const wish = idIn(client("marlo", "add_wish_item", { product_id: product.id, list, qty: 1 }), "wish_id");
    return { product, wish, gone: i === 2 || i === 7 };
  });
  for (const { product, gone } of wishes) if (gone) ctx.patch("marlo.product", product.id, { stock: 0 });
  const sorted = wishes.filter(({ gone }) => !gone)
    .sort((a, b) => numberOf(a.product, "price") - numberOf(b.product, "price"));
  const prices = sorted.map(({ product }) => numberOf(product, "price"));
  if (new Set(prices).size < prices.length) return reject("two wishes cost the same");
  const count = ctx.random.int(4, 6);
  const costOf = (n: number) => withDelivery(prices.slice(0, n).reduce((sum, price) => sum + price, 0));
  const cents = costOf(count) + ctx.random.int(0, 3) * 100;
  if (costOf(count + 1) <= cents || prices.length <= count) return reject("one more would be possible");
  const budget = plantPot(ctx, cents);
  if (budget === undefined) return reject("the pot exists");
  const chosen = sorted.slice(0, count);
  const writes = (asUser: Client) => {
    const line_ids = chosen.map(({ wish }) => idIn(asUser("marlo", "move_to_basket", { line_id: wish }), "line_id"));
    order(asUser, line_ids, pay);
    asUser("tuppence", "move_out_of_pot", { pot_id: budget.potId, amount: costOf(count) / 100 });
  };
  return {
    instruction: phrase(ctx, [
      `Use my pot "${budget.name}" for the marlo wish list "${list}": of what is in stock there, take the cheapest things first, as many as the pot pays for in one order with delivery (4.90 below 60.00). Order them with the card ending in ${pay.ending} to my address "${pay.label}" and move the order's total out of the pot.`,
      `Please buy as many things as possible from the wish list "${list}" on marlo, starting with the cheapest and leaving out what is sold out, without spending more than is in my pot "${budget.name}". All in one order (delivery is 4.90 for goods under 60.00), card ending in ${pay.ending}, address "${pay.label}"; then take what it cost from the pot.`,
      `How far does my pot "${budget.name}" go? Order the things on "${list}", a wish list of mine at marlo, from the cheapest upwards until the money is used up; sold out ones do not count, delivery does (4.90 if the goods are below 60.00). One order to "${pay.label}" with the card ending in ${pay.ending}. Move the total from the pot to the balance.`,
    ]),
    pub: { pot: budget.name, list, ending: pay.ending, label: pay.label },
    writes,
  };
}

function solveWishes(apis: Apis, pub: { pot: string; list: string; ending: string; label: string }) {
  const token = signIn(apis, "marlo");
  const walletToken = signIn(apis, "tuppence");
  const { pot_id, saved } = allPages(apis.tuppence.list_pots, { token: walletToken }).find((x) => x.name === pub.pot);
  const wishes = allPages(apis.marlo.list_wish_items, { token, list: pub.list })
    .filter(({ product_id }) => apis.marlo.get_product({ token, product_id }).stock > 0)
    .sort((a, b) => a.price - b.price);
  const line_ids = [];
  let goods = 0;
  for (const { wish_id, price } of wishes) {
    goods += price;
    if (goods + (goods < 60 ? 4.9 : 0) > saved + 0.001) break;
    line_ids.push(apis.marlo.move_to_basket({ token, line_id: wish_id }).line_id);
  }
  const { total } = apis.marlo.quote_basket({ token, line_ids });
  orderLines(apis, token, { line_ids, ending: pub.ending, label: pub.label });
  apis.tuppence.move_out_of_pot({ token: walletToken, pot_id, amount: total });
}

/** Scenarios of this generator. */
export const potPurchase: readonly Scenario[] = [
  bench({
    family: "pot_purchase/basket",
    split: "test_challenge",
    difficulty: 2,
    apps: ["tuppence", "marlo"],
    axis: {},
    draw: drawBasket,
    solve: solveBasket,
  }),
  bench({
    family: "pot_purchase/buy",
    split: "test_challenge",
    difficulty: 3,
    apps: ["tuppence", "marlo"],
    axis: {},
    draw: drawBuy,
    solve: solveBuy,
  }),
  bench({
    family: "pot_purchase/wishes",
    split: "test_challenge",
    difficulty: 3,
    apps: ["tuppence", "marlo"],
    axis: {},
    draw: drawWishes,
    solve: solveWishes,
  }),
];
