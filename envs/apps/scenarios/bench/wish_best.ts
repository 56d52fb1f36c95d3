/**
 * The best rated thing of a wish list: named, put into the basket within a pot's means, or given to somebody.
 *
 * @module
 */
import {
  type Apis,
  bench,
  type Client,
  idIn,
  numberOf,
  phrase,
  reject,
  type Row,
  sayMoney,
  type Scenario,
  type SetupContext,
  textOf,
  uniqueMax,
} from "./_kit.ts";
import { addressOf, freshProducts, goodCardEnding, namedContact, productOf } from "./_shop_kit.ts";
import { basketOf, linesOn } from "../short/shop.ts";
import { allPages, contactNamed, signIn } from "./_toolbox.ts";

const LISTS = ["living room", "next season", "for the cabin", "studio", "spring", "treats", "new kitchen"] as const;

/** A wish list with its items in order, and the best rated that fits. */
interface Drawn {
  readonly list: string;
  readonly best: Row;
}

/**
 * Makes a wish list of a dozen things, of which some rated even better are too dear or sold out; ratings are as the shop has them.
 *
 * @param most cents that the best may cost.
 */
function drawList(ctx: SetupContext, most: number): Drawn | undefined {
  const list = ctx.random.pick(LISTS);
  if (linesOn(ctx, (name) => name === list).length > 0) return undefined;
  const products = freshProducts(ctx).slice(0, ctx.random.int(11, 15));
  for (const product of products) {
    ctx.as()("marlo", "add_wish_item", { product_id: product.id, list, note: "" });
  }
  const stars = (line: Row) => numberOf(productOf(ctx, line), "stars");
  const lines = linesOn(ctx, (name) => name === list);
  const affordable = lines.filter((line) => numberOf(productOf(ctx, line), "price") <= most);
  // The best that one could afford is sold out.
  const tempting = uniqueMax(affordable, stars);
  if (tempting === undefined) return undefined;
  ctx.patch("marlo.product", numberOf(tempting, "product_id"), { stock: 0 });
  const best = uniqueMax(affordable.filter((line) => line.id !== tempting.id), stars);
  if (best === undefined || affordable.length < 4 || affordable.length === lines.length) return undefined;
  const dear = lines.some((line) => stars(line) > stars(best) && numberOf(productOf(ctx, line), "price") > most);
  return dear && lines.indexOf(best) >= 5 ? { list, best } : undefined;
}

function drawNamed(ctx: SetupContext) {
  const limit = ctx.random.int(6, 18) * 10;
  const drawn = drawList(ctx, limit * 100);
  if (drawn === undefined) return reject("no clear best");
  const { list, best } = drawn;
  return {
    instruction: phrase(ctx, [
      `Which thing on my marlo wish list "${list}" has the most stars among those that are in stock and cost at most ${limit}? I need its name.`,
      `Tell me the name of the best rated item of my marlo wish list "${list}" that I can have right now for ${limit} or less.`,
      `From my wish list "${list}" on marlo: what is the highest rated product with a price of no more than ${limit} that is not sold out called?`,
    ]),
    pub: { list, limit },
    answer: textOf(productOf(ctx, best), "title"),
  };
}

function solveNamed(apis: Apis, pub: { list: string; limit: number }) {
  const token = signIn(apis, "marlo");
  const best = allPages(apis.marlo.list_wish_items, { token, list: pub.list })
    .map((x) => apis.marlo.get_product({ token, product_id: x.product_id }))
    .filter((x) => x.stock > 0 && x.price <= pub.limit)
    .sort((a, b) => b.stars - a.stars)[0];
  return best.title;
}

const POTS = ["treats", "home", "birthday fund", "little things", "rainy days", "shopping"] as const;

function drawPot(ctx: SetupContext) {
  const pot = ctx.random.pick(POTS);
  const [wallet] = ctx.rows("tuppence.member", ctx.user.email);
  if (wallet === undefined || ctx.rows("tuppence.pot", ctx.user.email).some((row) => row["name"] === pot)) {
    return reject("there is a pot of that name");
  }
  const saved = ctx.random.int(60, 150) + 0.5;
  if (numberOf(wallet, "balance") < saved * 100) return reject("too little money for the pot");
  const pot_id = idIn(ctx.as()("tuppence", "add_pot", { name: pot, goal: 400 }), "pot_id");
  ctx.as()("tuppence", "move_into_pot", { pot_id, amount: saved });
  const drawn = drawList(ctx, saved * 100);
  if (drawn === undefined) return reject("no clear best");
  const { list, best } = drawn;
  return {
    instruction: phrase(ctx, [
      `Move the best rated thing of my marlo wish list "${list}" into the basket that my tuppence pot "${pot}" could pay for by its price, sold out ones aside.`,
      `What is saved in my pot "${pot}" is what I may spend. Take the item with the most stars from the marlo wish list "${list}" that costs no more than that and is in stock, and move it to my basket.`,
      `Look how much my tuppence pot "${pot}" holds, and move from my wish list "${list}" to the marlo basket whatever has the best stars among the available things within that sum.`,
    ]),
    pub: { list, pot },
    writes: [{ app: "marlo", api: "move_to_basket", args: { line_id: best.id } }],
  };
}

function solvePot(apis: Apis, pub: { list: string; pot: string }) {
  const wallet = signIn(apis, "tuppence");
  const token = signIn(apis, "marlo");
  const { saved } = allPages(apis.tuppence.list_pots, { token: wallet }).find((x) => x.name === pub.pot);
  const best = allPages(apis.marlo.list_wish_items, { token, list: pub.list })
    .map((x) => ({ ...apis.marlo.get_product({ token, product_id: x.product_id }), line_id: x.wish_id }))
    .filter((x) => x.stock > 0 && x.price <= saved)
    .sort((a, b) => b.stars - a.stars)[0];
  apis.marlo.move_to_basket({ token, line_id: best.line_id });
}

const GIFT_NOTES = [
  "Happy birthday!",
  "From me to you",
  "Because it is spring",
  "Well done!",
  "For your desk",
] as const;

function drawGift(ctx: SetupContext) {
  const limit = ctx.random.int(6, 18) * 10;
  const contact = namedContact(ctx, { address: true });
  const drawn = drawList(ctx, limit * 100);
  if (contact === undefined || drawn === undefined) return reject("nobody to give to, or no clear best");
  const { list, best } = drawn;
  if (basketOf(ctx).length === 0) return reject("nothing else is in the basket");
  const { id: card_id, ending } = goodCardEnding(ctx);
  const name = textOf(contact, "name");
  const gift = ctx.random.pick(GIFT_NOTES);
  return {
    instruction: phrase(ctx, [
      `Give ${name} the best rated thing of my marlo wish list "${list}" that is in stock for at most ${
        sayMoney(limit * 100)
      }: order just that to the address in my contacts (save it under the full name, which is also the receiver) with the gift note "${gift}" and my card ending in ${ending}, and take it off the list.`,
      `${name} shall have the item with the most stars on my marlo wish list "${list}", if it is available and no dearer than ${limit}. Save the address from my phone with the full name as label and receiver, order only this item there, gift note "${gift}", card ending in ${ending}; the wish leaves the list.`,
      `Please order from my wish list "${list}" on marlo the highest rated available product up to ${limit} as a present for ${name}. It goes to the address that my contacts have, kept with the full name as label and as receiver. Gift note: "${gift}". Card ending in ${ending}. Remove it from the wish list, leave my basket.`,
    ]),
    pub: { name, list, limit, gift, ending },
    writes: (client: Client) => {
      const address = { label: name, receiver: name, ...addressOf(contact) };
      const address_id = idIn(client("marlo", "add_address", address), "address_id");
      client("marlo", "move_to_basket", { line_id: best.id });
      client("marlo", "place_order", { line_ids: [best.id], address_id, card_id, gift_note: gift });
    },
  };
}

function solveGift(apis: Apis, pub: { name: string; list: string; limit: number; gift: string; ending: string }) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const best = allPages(apis.marlo.list_wish_items, { token, list: pub.list })
    .map((x) => ({ ...apis.marlo.get_product({ token, product_id: x.product_id }), line_id: x.wish_id }))
    .filter((x) => x.stock > 0 && x.price <= pub.limit)
    .sort((a, b) => b.stars - a.stars)[0];
  const { contact_id } = contactNamed(apis, phone, pub.name);
  const [street, town] = apis.handset.get_contact({ token: phone, contact_id }).address.split(", ");
  const address = { label: pub.name, receiver: pub.name, street, town };
  const { address_id } = apis.marlo.add_address({ token, ...address });
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const { line_id } = apis.marlo.move_to_basket({ token, line_id: best.line_id });
  apis.marlo.place_order({ token, line_ids: [line_id], address_id, card_id, gift_note: pub.gift });
}

/** Scenarios of this generator. */
export const wishBest: readonly Scenario[] = [
  bench({
    family: "wish_best/named",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawNamed,
    solve: solveNamed,
  }),
  bench({
    family: "wish_best/pot",
    split: "test_challenge",
    difficulty: 2,
    apps: ["marlo", "tuppence"],
    axis: {},
    draw: drawPot,
    solve: solvePot,
  }),
  bench({
    family: "wish_best/gift",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "marlo"],
    axis: {},
    draw: drawGift,
    solve: solveGift,
  }),
];
