/**
 * Purchases within the budget of a savings pot: the dearest wish that it pays, the best of a kind with delivery, as many wishes as it
 * covers.
 *
 * Hurdles: the best choice is sold out, or a little too dear once the delivery is counted.
 *
 * @module
 */
import { centsOf, oneOfEachKind, order, talkers } from "./_cross_b.ts";
import {
  amountOf,
  type Apis,
  bench,
  type BenchDraw,
  centsText,
  idIn,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
} from "./_kit.ts";
import { walletCents } from "./_money_kit.ts";
import { basketOf, dayBefore, goodCardEnding, KINDS, linesOn, pluralOf, productsOf } from "./_shop_kit.ts";
import { allPages, contactNamed, signIn } from "./_toolbox.ts";

type WishPub = { readonly pot: string; readonly list: string; readonly ending: string };
type BestPub = { readonly pot: string; readonly kind: string; readonly ending: string };
type ListPub = WishPub & { readonly name: string };

const POTS = ["treats", "flat fund", "new things", "bonus money", "birthday money", "nice things", "side job"] as const;
const LISTS = ["new flat", "treat yourself", "guest room", "terrace", "long term", "dream list"] as const;
/** Delivery of small orders. */
const DELIVERY = 490;
const FREE_FROM = 6000;

/** A new pot of the user with so much in it. @returns its id and name. */
function fillPot(ctx: SetupContext, cents: number): { readonly potId: number; readonly pot: string } | undefined {
  const taken = new Set(ctx.rows("tuppence.pot", ctx.user.email).map((row) => row["name"]));
  const pot = ctx.random.shuffle(POTS).find((name) => !taken.has(name));
  if (pot === undefined || walletCents(ctx) < cents) return undefined;
  const client = ctx.as(ctx.user, `${dayBefore(ctx, 45)}T20:15:00`);
  const potId = idIn(client("tuppence", "add_pot", { name: pot, goal: 500 }), "pot_id");
  client("tuppence", "move_into_pot", { pot_id: potId, amount: amountOf(cents) });
  return { potId, pot };
}

/** A new wish list with these products in order. @returns its name, and ids of the items by product. */
function fillList(ctx: SetupContext, products: readonly Row[]) {
  const list = ctx.random.shuffle(LISTS).find((name) => linesOn(ctx, (on) => on === name).length === 0) ?? "dream list";
  const client = ctx.as(ctx.user, `${dayBefore(ctx, 25)}T21:05:00`);
  const wishIds = new Map(products.map((product) => [
    product.id,
    idIn(client("marlo", "add_wish_item", { product_id: product.id, list }), "wish_id"),
  ]));
  return { list, wishIds };
}

/** Products that are sold out and on no list of the user, dearest first. */
function soldOut(ctx: SetupContext, from: number, below: number): Row[] {
  const taken = new Set(linesOn(ctx, () => true).map((row) => row["product_id"]));
  return ctx.rows("marlo.product").filter((row) =>
    row["stock"] === 0 && !taken.has(row.id) && centsOf(row) > from && centsOf(row) < below
  );
}

function drawWish(ctx: SetupContext): BenchDraw<WishPub> | Reject {
  const budget = ctx.random.int(70, 150) * 100;
  const fitting = oneOfEachKind(ctx, 7, (row) => centsOf(row) <= budget && centsOf(row) > 1500)
    .sort((a, b) => centsOf(a) - centsOf(b));
  const above = oneOfEachKind(ctx, 2, (row) => centsOf(row) > budget && centsOf(row) < budget + 2500);
  const best = fitting.at(-1);
  const second = fitting.at(-2);
  if (best === undefined || second === undefined || fitting.length < 7 || above.length < 2) return reject("too few");
  const gone = ctx.random.shuffle(soldOut(ctx, centsOf(best), budget))[0];
  if (gone === undefined || centsOf(best) === centsOf(second)) {
    return reject("nothing is sold out, or two cost the same");
  }
  const filled = fillPot(ctx, budget);
  if (filled === undefined) return reject("no pot");
  const { potId, pot } = filled;
  const tail = ctx.random.shuffle([best, gone, ...above]);
  const { list, wishIds } = fillList(ctx, [...ctx.random.shuffle(fitting.slice(0, -1)), ...tail]);
  const { id: cardId, ending } = goodCardEnding(ctx);
  return {
    instruction: phrase(ctx, [
      `Order the dearest thing from my marlo wish list "${list}" that is in stock and whose price my tuppence pot "${pot}" covers (never mind the delivery). Just one, card ending in ${ending}, taken off the list, and move its price out of the pot.`,
      `My pot "${pot}" in tuppence shall pay for one thing on the marlo wish list "${list}": the most expensive that can be had and is not dearer than what is in it, without delivery. Order one off the list with the card ending in ${ending} and take exactly its price out of the pot.`,
      `What is the most costly item in stock on my wish list "${list}" at marlo that the money in the pot "${pot}" is enough for, delivery aside? Buy one of it straight off the list (card ${ending}), then move what it costs from the pot to my balance.`,
    ]),
    pub: { pot, list, ending },
    writes(client) {
      const line_id = wishIds.get(best.id) ?? 0;
      client("marlo", "move_to_basket", { line_id });
      client("marlo", "place_order", { line_ids: [line_id], card_id: cardId });
      client("tuppence", "move_out_of_pot", { pot_id: potId, amount: amountOf(centsOf(best)) });
    },
  };
}

function solveWish(apis: Apis, pub: WishPub): void {
  const wallet = signIn(apis, "tuppence");
  const token = signIn(apis, "marlo");
  const { pot_id, saved } = allPages(apis.tuppence.list_pots, { token: wallet }).find((x) => x.name === pub.pot);
  const wishes = allPages(apis.marlo.list_wish_items, { token, list: pub.list })
    .filter((x) => x.price <= saved).sort((a, b) => b.price - a.price);
  const wish = wishes.find((x) => apis.marlo.get_product({ token, product_id: x.product_id }).stock > 0);
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const { line_id } = apis.marlo.move_to_basket({ token, line_id: wish.wish_id });
  apis.marlo.place_order({ token, line_ids: [line_id], card_id });
  apis.tuppence.move_out_of_pot({ token: wallet, pot_id, amount: wish.price });
}

const withDelivery = (cents: number) => cents + (cents < FREE_FROM ? DELIVERY : 0);

/** The best of a kind for a budget that the best of all misses only by the delivery; undefined where there is no single one. */
function bestFor(products: readonly Row[]): { readonly best: Row; readonly budget: number } | undefined {
  const ranked = products.filter((row) => numberOf(row, "stock") > 0).sort((a, b) =>
    numberOf(b, "stars") - numberOf(a, "stars") || centsOf(a) - centsOf(b)
  );
  const near = ranked.find((row) => centsOf(row) < FREE_FROM - 500 && centsOf(row) > 800);
  if (near === undefined) return undefined;
  const budget = centsOf(near) + 200;
  const fitting = ranked.filter((row) => withDelivery(centsOf(row)) <= budget);
  const [best, second] = fitting;
  if (best === undefined || second === undefined || fitting.length < 3) return undefined;
  if (best["stars"] === second["stars"] && centsOf(best) === centsOf(second)) return undefined;
  return { best, budget };
}

function drawBest(ctx: SetupContext): BenchDraw<BestPub> | Reject {
  const inBasket = new Set(basketOf(ctx).map((row) => row["product_id"]));
  const kind = ctx.random.shuffle(KINDS).find((one) => {
    const products = productsOf(ctx, one);
    return products.every((row) => !inBasket.has(row.id)) && bestFor(products) !== undefined;
  });
  const { id: cardId, ending } = goodCardEnding(ctx);
  const number = ctx.row("marlo.pay_card", cardId)?.["number"];
  const wallet = ctx.rows("tuppence.pay_card", ctx.user.email).find((row) => row["number"] === number);
  const found = kind === undefined ? undefined : bestFor(productsOf(ctx, kind));
  if (kind === undefined || found === undefined || wallet === undefined) return reject("no kind, or no card for both");
  const { best, budget } = found;
  const filled = fillPot(ctx, budget);
  if (filled === undefined) return reject("no pot");
  const { potId, pot } = filled;
  const cost = amountOf(withDelivery(centsOf(best)));
  return {
    instruction: phrase(ctx, [
      `Buy one ${kind} on marlo: of those in stock that cost no more than what is in my tuppence pot "${pot}", delivery included, the one with most stars, or the cheaper if two are equal. Pay with the card ending in ${ending}. Then move what the order came to out of the pot and cash it out to the same card.`,
      `My pot "${pot}" is for a ${kind}. Order the ${kind} with the most stars (the cheaper of equals) that marlo has and that the pot can pay with its delivery, a single one, on the card ending in ${ending}. Afterwards take the order's total out of the pot in tuppence and pay it out from the balance to that card.`,
      `Which of marlo's ${
        pluralOf(kind)
      } in stock is best rated and still within the money in my pot "${pot}", counting delivery? With equal stars take the cheaper. Order one ${kind} of that with card ${ending}; then move its total out of the pot and let tuppence pay the same amount out to that card.`,
    ]),
    pub: { pot, kind, ending },
    writes(client) {
      order(client, { items: [{ product: best }], cardId });
      client("tuppence", "move_out_of_pot", { pot_id: potId, amount: cost });
      client("tuppence", "cash_out", { card_id: wallet.id, amount: cost });
    },
  };
}

function solveBest(apis: Apis, pub: BestPub): void {
  const wallet = signIn(apis, "tuppence");
  const token = signIn(apis, "marlo");
  const { pot_id, saved } = allPages(apis.tuppence.list_pots, { token: wallet }).find((x) => x.name === pub.pot);
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const products = allPages(apis.marlo.find_products, { token, kind: pub.kind })
    .filter((x) => x.stock > 0 && x.price <= saved).sort((a, b) => b.stars - a.stars || a.price - b.price);
  for (const { product_id } of products) {
    const { line_id } = apis.marlo.add_to_basket({ token, product_id, qty: 1 });
    const { total } = apis.marlo.quote_basket({ token, line_ids: [line_id] });
    if (total > saved) {
      apis.marlo.remove_from_basket({ token, line_id });
      continue;
    }
    apis.marlo.place_order({ token, line_ids: [line_id], card_id });
    apis.tuppence.move_out_of_pot({ token: wallet, pot_id, amount: total });
    const card = allPages(apis.tuppence.list_cards, { token: wallet }).find((x) => x.ending === pub.ending);
    apis.tuppence.cash_out({ token: wallet, card_id: card.card_id, amount: total });
    return;
  }
}

function drawList(ctx: SetupContext): BenchDraw<ListPub> | Reject {
  const [reader] = talkers(ctx);
  const products = oneOfEachKind(ctx, 9, (row) => centsOf(row) > 900 && centsOf(row) < 5500)
    .sort((a, b) => centsOf(a) - centsOf(b));
  const prices = products.map(centsOf);
  const count = ctx.random.int(4, 6);
  const goods = prices.slice(0, count).reduce((sum, cents) => sum + cents, 0);
  const next = prices[count];
  const gone = soldOut(ctx, prices[0] ?? 0, prices[count - 1] ?? 0)[0];
  if (reader === undefined || next === undefined || gone === undefined || new Set(prices).size < 9) {
    return reject("nobody to write to, or products of one price");
  }
  if (prices.includes(centsOf(gone))) return reject("two cost the same");
  const filled = fillPot(ctx, goods + ctx.random.int(1, Math.min(4, Math.floor(next / 100) - 1)) * 100);
  if (filled === undefined) return reject("no pot");
  const { potId, pot } = filled;
  const { list, wishIds } = fillList(ctx, ctx.random.shuffle([...products, gone]));
  const { id: cardId, ending } = goodCardEnding(ctx);
  const { name, email } = reader.person;
  return {
    instruction: phrase(ctx, [
      `Go through my marlo wish list "${list}" from the cheapest to the dearest and order one of each thing in stock, all in one order off the list with the card ending in ${ending}, until the next would make the goods cost more than is in my tuppence pot "${pot}". Move the price of the goods (not the delivery) out of the pot and write ${name} a letter with the subject "${list}" that says "Spent: " and that amount (two decimals).`,
      `As many different things as possible from the wish list "${list}" at marlo, cheapest first, one each, only what is in stock, as long as my pot "${pot}" covers the goods without delivery: order them together straight off the list with card ${ending}. Take the goods' price out of the pot, and tell ${name} by letter, subject "${list}": "Spent: " plus the amount with two decimals.`,
      `Spend my pot "${pot}" on the marlo wish list "${list}": starting with the cheapest, one of each that can be had, while the sum of the prices stays within the pot. One order off the list, card ending in ${ending}. Then move this sum out of the pot and send ${name} a letter "${list}" with the text "Spent: " and the sum, two decimals.`,
    ]),
    pub: { pot, list, ending, name },
    writes(client) {
      const line_ids = products.slice(0, count).map(({ id }) => wishIds.get(id) ?? 0);
      for (const line_id of line_ids) client("marlo", "move_to_basket", { line_id });
      client("marlo", "place_order", { line_ids, card_id: cardId });
      client("tuppence", "move_out_of_pot", { pot_id: potId, amount: amountOf(goods) });
      client("quillpost", "send_letter", { to: [email], subject: list, body: `Spent: ${centsText(goods)}` });
    },
  };
}

function solveList(apis: Apis, pub: ListPub): void {
  const wallet = signIn(apis, "tuppence");
  const token = signIn(apis, "marlo");
  const mail = signIn(apis, "quillpost");
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.name);
  const { pot_id, saved } = allPages(apis.tuppence.list_pots, { token: wallet }).find((x) => x.name === pub.pot);
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const wishes = allPages(apis.marlo.list_wish_items, { token, list: pub.list }).sort((a, b) => a.price - b.price);
  const line_ids = [];
  let cents = 0;
  for (const { wish_id, product_id, price } of wishes) {
    if (apis.marlo.get_product({ token, product_id }).stock === 0) continue;
    if (cents + Math.round(price * 100) > Math.round(saved * 100)) break;
    line_ids.push(apis.marlo.move_to_basket({ token, line_id: wish_id }).line_id);
    cents += Math.round(price * 100);
  }
  apis.marlo.place_order({ token, line_ids, card_id });
  apis.tuppence.move_out_of_pot({ token: wallet, pot_id, amount: cents / 100 });
  const body = "Spent: " + (cents / 100).toFixed(2);
  apis.quillpost.send_letter({ token: mail, to: [email], subject: pub.list, body });
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const potBudget: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "pot_budget/wish",
    difficulty: 2,
    apps: ["marlo", "tuppence"],
    draw: drawWish,
    solve: solveWish,
  }),
  bench({
    ...COMMON,
    family: "pot_budget/best",
    difficulty: 3,
    apps: ["marlo", "tuppence"],
    draw: drawBest,
    solve: solveBest,
  }),
  bench({
    ...COMMON,
    family: "pot_budget/list",
    difficulty: 3,
    apps: ["handset", "marlo", "quillpost", "tuppence"],
    draw: drawList,
    solve: solveList,
  }),
];
