/**
 * The voucher that takes most off the basket: named, used for an order whose saving is put aside, or used after a gift code was
 * redeemed.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type Client,
  idIn,
  numberOf,
  phrase,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
  uniqueMax,
} from "./_kit.ts";
import { basketOf } from "../short/shop.ts";
import { freshProducts, goodCardEnding, labelledAddress, namedContact, plantText, productOf } from "./_shop_kit.ts";
import { allPages, contactNamed, signIn, todayOf } from "./_toolbox.ts";

/** Fills the basket with things that are in stock, and takes sold out ones away; gives the goods in cents. */
function fillBasket(ctx: SetupContext, count: number): number {
  for (const line of basketOf(ctx)) {
    if (numberOf(productOf(ctx, line), "stock") < numberOf(line, "qty")) {
      ctx.as()("marlo", "remove_from_basket", { line_id: line.id });
    }
  }
  const missing = Math.max(0, count - basketOf(ctx).length);
  for (const { id } of freshProducts(ctx, (row) => numberOf(row, "price") < 9000).slice(0, missing)) {
    ctx.as()("marlo", "add_to_basket", { product_id: id, qty: ctx.random.int(1, 2) });
  }
  return basketOf(ctx).reduce((sum, line) => sum + numberOf(productOf(ctx, line), "price") * numberOf(line, "qty"), 0);
}

function discountOf(row: Row, goods: number): number {
  return row["kind"] === "percent"
    ? Math.round(goods * numberOf(row, "value") / 100)
    : Math.min(numberOf(row, "value"), goods);
}

function isUsable(ctx: SetupContext, row: Row, goods: number): boolean {
  return row["used_at"] === null && textOf(row, "valid_until") >= ctx.at.slice(0, 10) &&
    numberOf(row, "min_total") <= goods;
}

/**
 * Gives the user's vouchers values for a basket, since no API makes any: the best one is far down the list, ends today, and better
 * ones are used, out of date or need more goods.
 */
function drawBest(ctx: SetupContext, goods: number): Row | undefined {
  const own = () => [...ctx.rows("marlo.voucher", ctx.user.email)];
  const rows = own();
  if (rows.length < 7) return undefined;
  const today = ctx.at.slice(0, 10);
  const later = () => addDays(today, ctx.random.int(5, 90));
  const set = (row: Row | undefined, values: Readonly<Record<string, string | number | null>>) => {
    const fresh = { used_at: null, used_by: "", min_total: 0, valid_until: later() };
    if (row !== undefined) ctx.patch("marlo.voucher", row.id, { ...fresh, ...values });
  };
  const [bestRow, ...others] = [...rows.slice(5), ...ctx.random.shuffle(rows.slice(0, 5))];
  const share = ctx.random.int(9, 13);
  set(bestRow, { kind: "percent", value: share, valid_until: today, min_total: Math.floor(goods / 1000) * 1000 });
  const traps = [
    { kind: "percent", value: share + 10, valid_until: addDays(today, -1) },
    { kind: "percent", value: share + 15, min_total: Math.ceil((goods + 1) / 1000) * 1000 },
    { kind: "percent", value: share + 5, used_at: `${addDays(today, -40)}T10:00:00`, used_by: ctx.user.email },
    { kind: "gift", value: Math.max(500, Math.floor(goods * (share - 3) / 100 / 500) * 500) },
    { kind: "percent", value: share - 4 },
  ];
  traps.forEach((values, i) => set(others[i], values));
  for (const row of others.slice(traps.length)) set(row, { kind: "percent", value: 1 + ctx.random.int(0, 3) });
  const best = uniqueMax(own().filter((row) => isUsable(ctx, row, goods)), (row) => discountOf(row, goods));
  return best?.id === bestRow?.id ? best : undefined;
}

function drawNamed(ctx: SetupContext) {
  fillBasket(ctx, ctx.random.int(8, 11));
  const lines = basketOf(ctx);
  const costOf = (line: Row) => numberOf(productOf(ctx, line), "price") * numberOf(line, "qty");
  const left = ctx.random.pick(lines.slice(5));
  const goods = lines.reduce((sum, line) => sum + (line === left ? 0 : costOf(line)), 0);
  const best = drawBest(ctx, goods);
  if (best === undefined || costOf(left) < 1000) return reject("no clear best voucher");
  const without = textOf(productOf(ctx, left), "title");
  return {
    instruction: phrase(ctx, [
      `Which of my marlo vouchers would take the most off my basket today if I leave the ${without} out of the order? I need its code.`,
      `Tell me the code of the voucher that saves me most if I order my marlo basket today without the ${without}.`,
      `I want to buy everything in my marlo basket but the ${without}. Which voucher code of mine makes that cheapest today?`,
    ]),
    pub: { without },
    answer: textOf(best, "code"),
  };
}

function solveNamed(apis: Apis, pub: { without: string }) {
  const token = signIn(apis, "marlo");
  const today = todayOf(apis);
  const line_ids = allPages(apis.marlo.list_basket, { token })
    .filter((x) => x.product !== pub.without).map((x) => x.line_id);
  const { goods } = apis.marlo.quote_basket({ token, line_ids });
  const usable = allPages(apis.marlo.list_vouchers, { token })
    .filter((x) => x.used_at === null && x.valid_until >= today && x.min_total <= goods)
    .map(({ code }) => ({ code, total: apis.marlo.quote_basket({ token, voucher: code, line_ids }).total }));
  return usable.reduce((best, x) => (x.total < best.total ? x : best)).code;
}

const POTS = ["savings", "next holiday", "new bike", "cushion", "winter coat", "festival"] as const;

function drawOrder(ctx: SetupContext) {
  const pot = ctx.random.pick(POTS);
  if (ctx.rows("tuppence.pot", ctx.user.email).some((row) => row["name"] === pot)) return reject("the pot is there");
  const goods = fillBasket(ctx, ctx.random.int(6, 9));
  const best = drawBest(ctx, goods);
  if (best === undefined) return reject("no clear best voucher");
  const saved = discountOf(best, goods);
  const [wallet] = ctx.rows("tuppence.member", ctx.user.email);
  if (wallet === undefined || numberOf(wallet, "balance") < saved) return reject("too little in the wallet");
  const pot_id = idIn(ctx.as()("tuppence", "add_pot", { name: pot, goal: 500 }), "pot_id");
  const { id: card_id, ending } = goodCardEnding(ctx);
  return {
    instruction: phrase(ctx, [
      `Order my whole marlo basket with the voucher of mine that takes the most off, pay with the card ending in ${ending}, and move what the voucher saved from my tuppence balance into the pot "${pot}".`,
      `Buy everything in my marlo basket, card ending in ${ending}, using my best voucher for it. The discount shall go into my pot "${pot}" on tuppence.`,
      `Please check out my marlo basket with whichever of my vouchers makes it cheapest and with the card that ends in ${ending}; then put the amount saved by the voucher into the tuppence pot "${pot}".`,
    ]),
    pub: { pot, ending },
    writes: [
      { app: "marlo", api: "place_order", args: { card_id, voucher: textOf(best, "code") } },
      { app: "tuppence", api: "move_into_pot", args: { pot_id, amount: saved / 100 } },
    ],
  };
}

function solveOrder(apis: Apis, pub: { pot: string; ending: string }) {
  const wallet = signIn(apis, "tuppence");
  const token = signIn(apis, "marlo");
  const today = todayOf(apis);
  const { goods } = apis.marlo.quote_basket({ token });
  const quotes = allPages(apis.marlo.list_vouchers, { token })
    .filter((x) => x.used_at === null && x.valid_until >= today && x.min_total <= goods)
    .map(({ code }) => ({ code, ...apis.marlo.quote_basket({ token, voucher: code }) }));
  const best = quotes.reduce((best, x) => (x.total < best.total ? x : best));
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  apis.marlo.place_order({ token, card_id, voucher: best.code });
  const { pot_id } = allPages(apis.tuppence.list_pots, { token: wallet }).find((x) => x.name === pub.pot);
  apis.tuppence.move_into_pot({ token: wallet, pot_id, amount: best.discount });
}

const GREETINGS = [
  "Here is something for you at marlo: {code}. Have fun!",
  "I had a gift code left, it is yours: {code}",
  "For your help last week, a marlo gift code: {code} :)",
] as const;

function drawGift(ctx: SetupContext) {
  const contact = namedContact(ctx);
  if (contact === undefined) return reject("nobody to get a code from");
  const codes = ctx.random.shuffle(ctx.rows("marlo.voucher", ""));
  const good = codes.find((row) => row["used_at"] === null && textOf(row, "valid_until") > addDays(ctx.at, 20));
  const used = codes.find((row) => row["used_at"] !== null);
  if (good === undefined || used === undefined) return reject("no gift codes");
  const goods = fillBasket(ctx, ctx.random.int(6, 9));
  const best = drawBest(ctx, goods);
  if (best === undefined) return reject("no clear best voucher");
  const say = (row: Row) => ctx.random.pick(GREETINGS).replace("{code}", textOf(row, "code"));
  plantText(ctx, contact, `${addDays(ctx.at, -80)}T17:00:00`, say(used));
  plantText(ctx, contact, `${addDays(ctx.at, -3)}T17:00:00`, say(good));
  for (let i = 0; i < 5; i++) {
    plantText(
      ctx,
      contact,
      `${addDays(ctx.at, -2)}T0${i + 2}:10:00`,
      ["Got it?", "See you soon", "Ha!", "Call me", "Yes"][i] ?? "",
    );
  }
  const { id: card_id, ending } = goodCardEnding(ctx);
  const label = ctx.random.pick(["work", "studio", "parents", "cabin"]);
  const address = labelledAddress(ctx, label);
  const name = textOf(contact, "name");
  return {
    instruction: phrase(ctx, [
      `${name} has texted me a gift code for marlo lately. Turn it into credit, then order my whole basket with the one of my vouchers that saves most, to my address "${label}", the credit first and the rest from the card ending in ${ending}.`,
      `Redeem the newest marlo gift code that ${name} sent me by text. After that buy what is in my basket: best voucher of mine, all credit used, remaining sum on the card ending in ${ending}, delivery to "${label}".`,
      `First redeem the latest gift code in the texts of ${name} at marlo. Then check out the basket with my own voucher that takes most off it, pay by credit as far as it goes and by my card ending in ${ending}, and send it to the address "${label}".`,
    ]),
    pub: { name, label, ending },
    writes: (client: Client) => {
      client("marlo", "redeem_gift_code", { code: textOf(good, "code") });
      const paid = { card_id, use_credit: true, voucher: textOf(best, "code") };
      client("marlo", "place_order", { address_id: address.id, ...paid });
    },
  };
}

function solveGift(apis: Apis, pub: { name: string; label: string; ending: string }) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const today = todayOf(apis);
  const { number } = contactNamed(apis, phone, pub.name);
  const texts = allPages(apis.handset.list_texts, { token: phone, number, direction: "in" });
  const codes = texts.flatMap((x) => x.text.match(/GIFT-\d+-\d+/) ?? []);
  apis.marlo.redeem_gift_code({ token, code: codes[0] });
  const { goods } = apis.marlo.quote_basket({ token });
  const quotes = allPages(apis.marlo.list_vouchers, { token })
    .filter((x) => x.used_at === null && x.valid_until >= today && x.min_total <= goods)
    .map(({ code }) => ({ code, total: apis.marlo.quote_basket({ token, voucher: code }).total }));
  const best = quotes.reduce((best, x) => (x.total < best.total ? x : best));
  const { address_id } = allPages(apis.marlo.list_addresses, { token }).find((x) => x.label === pub.label);
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  apis.marlo.place_order({ token, address_id, card_id, voucher: best.code, use_credit: true });
}

/** Scenarios of this generator. */
export const bestVoucher: readonly Scenario[] = [
  bench({
    family: "best_voucher/named",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawNamed,
    solve: solveNamed,
  }),
  bench({
    family: "best_voucher/order",
    split: "test_challenge",
    difficulty: 2,
    apps: ["marlo", "tuppence"],
    axis: {},
    draw: drawOrder,
    solve: solveOrder,
  }),
  bench({
    family: "best_voucher/gift",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "marlo"],
    axis: {},
    draw: drawGift,
    solve: solveGift,
  }),
];
