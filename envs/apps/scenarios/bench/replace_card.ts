/**
 * An expired card: which refills it would fail, and its replacement wherever it pays, in the shop alone or in the wallet, too.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type Client,
  idIn,
  phrase,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { freshProducts, homeId } from "./_shop_kit.ts";
import { allPages, signIn, todayOf } from "./_toolbox.ts";

const LABELS = ["new card", "blue card", "card 2027", "main card", "daily card", "fresh card"] as const;

/** A number of 16 digits that fails the Luhn check. */
function cardNumber(ctx: SetupContext): string {
  const digits = Array.from({ length: 15 }, () => ctx.random.int(0, 9));
  const sum = digits.reduce(
    (total, digit, i) => total + (i % 2 === 0 ? (digit * 2) % 10 + (digit > 4 ? 1 : 0) : digit),
    0,
  );
  return [...digits, ((10 - sum % 10) % 10 + ctx.random.int(1, 9)) % 10].join("");
}

/** What the bank has sent, and the ids of the card that it replaces in the apps. */
interface Reissue {
  /** Card of the shop that is out of date. */
  readonly old: Row;
  /** The same card in the wallet, if it is there. */
  readonly oldInWallet: Row | undefined;
  readonly name: string;
  readonly number: string;
  readonly expires: string;
  readonly check_code: string;
}

/** The everyday card has run out: the bank has sent another, which the profile has and the apps do not. */
function reissue(ctx: SetupContext): Reissue | undefined {
  const owned = ctx.rows("principal.card", ctx.user.email);
  const known = owned.find((row) => row["name"] === "everyday card");
  const old = ctx.rows("marlo.pay_card", ctx.user.email).find((row) => row["number"] === known?.["number"]);
  const [atBank] = known === undefined ? [] : ctx.rowsWhere("registry.bank_card", "number", textOf(known, "number"));
  if (known === undefined || old === undefined || atBank === undefined) return undefined;
  const oldInWallet = ctx.rows("tuppence.pay_card", ctx.user.email).find((row) => row["number"] === known["number"]);
  const number = cardNumber(ctx);
  const expires = `20${ctx.random.int(29, 32)}-0${ctx.random.int(1, 9)}`;
  const check_code = String(ctx.random.int(100, 999));
  ctx.patch("registry.bank_card", atBank.id, { number, expires, check_code });
  ctx.patch("principal.card", known.id, { number, expires, check_code });
  const gone = ctx.at.slice(0, 4) + "-02";
  ctx.patch("marlo.pay_card", old.id, { expires: gone });
  if (oldInWallet !== undefined) ctx.patch("tuppence.pay_card", oldInWallet.id, { expires: gone });
  return { old, oldInWallet, name: "everyday card", number, expires, check_code };
}

/** Adds plans until there are so many, some of which charge a card. */
function plantPlans(ctx: SetupContext, count: number, cards: readonly number[]): readonly Row[] {
  const own = () => ctx.rows("marlo.refill_plan", ctx.user.email);
  const missing = Math.max(0, count - own().length);
  freshProducts(ctx, (row) => row["refillable"] === true).slice(0, missing).forEach((product) => {
    ctx.as()("marlo", "add_refill", {
      product_id: product.id,
      qty: ctx.random.int(1, 3),
      every_days: ctx.random.pick([14, 28, 42]),
      card_id: cards[0] ?? 0,
      address_id: homeId(ctx),
    });
  });
  own().forEach((row, i) =>
    ctx.as()("marlo", "edit_refill", {
      refill_id: row.id,
      card_id: cards[i % cards.length] ?? 0,
      next_on: addDays(ctx.at, 3 + i),
    })
  );
  return own();
}

function drawCount(ctx: SetupContext) {
  const cards = ctx.rows("marlo.pay_card", ctx.user.email);
  const [good, other] = cards;
  if (good === undefined || other === undefined) return reject("only one card");
  const month = ctx.at.slice(0, 7);
  const [expired, valid] = textOf(good, "expires") < month ? [good, other] : [other, good];
  // The last month of a card still counts as valid.
  ctx.patch("marlo.pay_card", expired.id, { expires: addDays(`${month}-01`, -1).slice(0, 7) });
  ctx.patch("marlo.pay_card", valid.id, { expires: month });
  const plans = plantPlans(ctx, ctx.random.int(8, 14), [expired.id, valid.id, expired.id]);
  plans.forEach((row) => {
    const paused = ctx.random.uniform() < 0.3;
    if (row["paused"] !== paused) ctx.as()("marlo", "pause_refill", { refill_id: row.id, paused });
  });
  const all = ctx.rows("marlo.refill_plan", ctx.user.email);
  const day = textOf(ctx.random.pick(all.slice(6)), "next_on");
  const failing = all.filter((row) =>
    row["paused"] === false && row["card_id"] === expired.id && textOf(row, "next_on") <= day
  );
  if (failing.length < 3 || failing.length === plans.length) return reject("too few plans");
  if (!failing.some((row) => row["next_on"] === day)) return reject("none on the last day");
  return {
    instruction: phrase(ctx, [
      `How many of my running marlo refill plans with the next delivery on ${
        sayDate(day)
      } or earlier would charge a card that has already expired? A card works through its last month.`,
      `One of my cards on marlo is out of date. Tell me how many active refills that are due by ${
        sayDate(day)
      } (that day included, paused ones not counted) still rely on an expired card; in its last month a card is fine.`,
      `Count my marlo refills that come next on ${
        sayDate(day)
      } or before, are not paused and are paid with a card whose last month is over.`,
    ]),
    pub: { day },
    said: { day: sayDate(day) },
    answer: failing.length,
  };
}

function solveCount(apis: Apis, pub: { day: string }) {
  const token = signIn(apis, "marlo");
  const month = todayOf(apis).slice(0, 7);
  const expired = allPages(apis.marlo.list_cards, { token }).filter((x) => x.expires < month).map((x) => x.card_id);
  const plans = allPages(apis.marlo.list_refills, { token, paused: false });
  return plans.filter((x) => expired.includes(x.card_id) && x.next_on <= pub.day).length;
}

/** The writes in the shop. */
function replaceInShop(client: Client, card: Reissue, label: string, plans: readonly Row[]): void {
  const { number, expires, check_code } = card;
  const card_id = idIn(client("marlo", "add_card", { label, number, expires, check_code }), "card_id");
  client("marlo", "edit_account", { default_card_id: card_id });
  for (const { id } of plans) client("marlo", "edit_refill", { refill_id: id, card_id });
  client("marlo", "remove_card", { card_id: card.old.id });
}

/** The card, the plans that charge it, and a label. */
function drawReissue(ctx: SetupContext) {
  const others = ctx.rows("marlo.pay_card", ctx.user.email).map(({ id }) => id);
  const card = reissue(ctx);
  if (card === undefined) return undefined;
  const elsewhere = others.filter((id) => id !== card.old.id);
  const all = plantPlans(ctx, ctx.random.int(7, 10), [card.old.id, ...elsewhere, card.old.id]);
  ctx.as()("marlo", "edit_account", { default_card_id: card.old.id });
  const plans = all.filter((row) => row["card_id"] === card.old.id);
  if (!all.slice(5).some((row) => row["card_id"] === card.old.id)) return undefined;
  const label = ctx.random.pick(LABELS);
  return { card, plans, label, ending: textOf(card.old, "number").slice(-4) };
}

function drawShop(ctx: SetupContext) {
  const drawn = drawReissue(ctx);
  if (drawn === undefined) return reject("no card to replace");
  const { card, plans, label, ending } = drawn;
  return {
    instruction: phrase(ctx, [
      `My bank has replaced the card ending in ${ending}, which has expired; the new one is the "${card.name}" among the cards in my profile. Add it to marlo as "${label}", make it the default, let all refills that charged the old card use it, and remove the old card.`,
      `Please put the "${card.name}" of my profile into marlo under the label "${label}" in place of the expired card ending in ${ending}: default card, refill plans of the old one, everything. Then delete the old card there.`,
      `The card ending in ${ending} on marlo is out of date. Replace it by the "${card.name}" from my profile (label "${label}"): as default card and in each refill plan that uses the old one, which is to be removed in the end.`,
    ]),
    pub: { ending, label, name: card.name },
    writes: (client: Client) => replaceInShop(client, card, label, plans),
  };
}

function solveShop(apis: Apis, pub: { ending: string; label: string; name: string }) {
  const token = signIn(apis, "marlo");
  const { card: number, expires, check_code } = apis.principal.my_cards().find((x: { name: string }) =>
    x.name === pub.name
  );
  const old = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const added = { label: pub.label, number, expires, check_code, make_default: true };
  const { card_id } = apis.marlo.add_card({ token, ...added });
  for (const x of allPages(apis.marlo.list_refills, { token })) {
    if (x.card_id === old.card_id) apis.marlo.edit_refill({ token, refill_id: x.refill_id, card_id });
  }
  apis.marlo.remove_card({ token, card_id: old.card_id });
}

function drawWallet(ctx: SetupContext) {
  const drawn = drawReissue(ctx);
  if (drawn?.card.oldInWallet === undefined) return reject("no card to replace in both");
  const { card, plans, label, ending } = drawn;
  const wallet = drawn.card.oldInWallet;
  return {
    instruction: phrase(ctx, [
      `The card ending in ${ending} has expired and my bank sent another: the "${card.name}" in my profile. Replace it in marlo and in tuppence: add the new one as "${label}", in marlo also make it the default and let the refills of the old one charge it, and remove the old card from both.`,
      `Please swap my expired card ending in ${ending} for the "${card.name}" of my profile, label "${label}", both in the shop marlo and in my wallet tuppence. In marlo it becomes the default card and pays the refills that the old one paid. The old one goes from both.`,
      `Wherever I pay with the outdated card ending in ${ending} (marlo and tuppence), put the "${card.name}" from my profile in its place, called "${label}". Marlo should use it by default and for the old card's refill plans. Delete the old card in both apps.`,
    ]),
    pub: { ending, label, name: card.name },
    writes: (client: Client) => {
      replaceInShop(client, card, label, plans);
      const { number, expires, check_code } = card;
      client("tuppence", "add_card", { label, number, expires, check_code });
      client("tuppence", "remove_card", { card_id: wallet.id });
    },
  };
}

function solveWallet(apis: Apis, pub: { ending: string; label: string; name: string }) {
  const token = signIn(apis, "marlo");
  const wallet = signIn(apis, "tuppence");
  const { card: number, expires, check_code } = apis.principal.my_cards().find((x: { name: string }) =>
    x.name === pub.name
  );
  const added = { label: pub.label, number, expires, check_code };
  const old = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const { card_id } = apis.marlo.add_card({ token, ...added });
  apis.marlo.edit_account({ token, default_card_id: card_id });
  for (const x of allPages(apis.marlo.list_refills, { token })) {
    if (x.card_id === old.card_id) apis.marlo.edit_refill({ token, refill_id: x.refill_id, card_id });
  }
  apis.marlo.remove_card({ token, card_id: old.card_id });
  const kept = allPages(apis.tuppence.list_cards, { token: wallet }).find((x) => x.ending === pub.ending);
  apis.tuppence.add_card({ token: wallet, ...added });
  apis.tuppence.remove_card({ token: wallet, card_id: kept.card_id });
}

/** Scenarios of this generator. */
export const replaceCard: readonly Scenario[] = [
  bench({
    family: "replace_card/count",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawCount,
    solve: solveCount,
  }),
  bench({
    family: "replace_card/shop",
    split: "test_challenge",
    difficulty: 2,
    apps: ["marlo"],
    axis: {},
    draw: drawShop,
    solve: solveShop,
  }),
  bench({
    family: "replace_card/wallet",
    split: "test_challenge",
    difficulty: 3,
    apps: ["marlo", "tuppence"],
    axis: {},
    draw: drawWallet,
    solve: solveWallet,
  }),
];
