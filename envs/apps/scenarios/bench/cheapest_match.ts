/**
 * The cheapest product that meets specifications: named in the request, read from a note, or bought for somebody.
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
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import {
  addressOf,
  goodCardEnding,
  hasNote,
  KINDS,
  MEASURES,
  measureSpecs,
  namedContact,
  plantNote,
  productsOf,
  sayLeast,
  specOf,
  wordSpecs,
} from "./_shop_kit.ts";
import { allPages, contactNamed, noteBody, signIn, withSpecs } from "./_toolbox.ts";

/** What is looked for. */
interface Wanted {
  readonly kind: string;
  /** Word that a specification must be. */
  readonly quality: string;
  readonly measure: string;
  readonly least: number;
  readonly fits: (row: Row) => boolean;
  /** Those that fit and are in stock, cheapest first. */
  readonly found: readonly Row[];
}

/** Kinds with a word and a measure to ask for. */
const ASKABLE = KINDS.filter((kind) => wordSpecs(kind).length > 0 && measureSpecs(kind).length > 0);

/** A request with several matches, of which the cheapest is made to be out of stock and the next lies on a later page. */
function drawWanted(ctx: SetupContext): Wanted | undefined {
  const kind = ctx.random.pick(ASKABLE);
  const rows = productsOf(ctx, kind);
  const wordSpec = ctx.random.pick(wordSpecs(kind));
  const measure = ctx.random.pick(measureSpecs(kind));
  const quality = String(specOf(ctx.random.pick(rows), wordSpec));
  const values = rows.map((row) => Number(specOf(row, measure))).sort((a, b) => a - b);
  const least = values[Math.floor(values.length / 2)] ?? 0;
  const fits = (row: Row) => specOf(row, wordSpec) === quality && Number(specOf(row, measure)) >= least;
  const price = (row: Row) => numberOf(row, "price");
  const matches = rows.filter((row) => fits(row) && numberOf(row, "stock") > 0).sort((a, b) => price(a) - price(b));
  const [first, second, third] = matches;
  if (first === undefined || second === undefined || third === undefined) return undefined;
  ctx.patch("marlo.product", first.id, { stock: 0 });
  const cheaper = rows.filter((row) => price(row) < price(second));
  const hasNear = cheaper.some((row) => specOf(row, wordSpec) === quality && Number(specOf(row, measure)) < least) &&
    cheaper.some((row) => specOf(row, wordSpec) !== quality && Number(specOf(row, measure)) >= least);
  const early = rows.findIndex(({ id }) => id === second.id) < 5;
  if (price(second) === price(third) || !hasNear || early) return undefined;
  return { kind, quality, measure, least, fits, found: [second, third] };
}

function drawNamed(ctx: SetupContext) {
  const wanted = drawWanted(ctx);
  const [best] = wanted?.found ?? [];
  if (wanted === undefined || best === undefined) return reject("no fair set of products");
  const { kind, quality, measure, least } = wanted;
  const unit = MEASURES[measure] ?? "";
  return {
    instruction: phrase(ctx, [
      `Which is the cheapest ${kind} on marlo that is in stock, is listed as ${quality} and ${
        sayLeast(measure, least)
      }? Give me its name.`,
      `I need a ${kind} from marlo: ${quality}, at least ${least} ${unit}. What is the cheapest one called that I could order today?`,
      `Look through the ${kind} offers of marlo and tell me the name of the least expensive one that is ${quality} and ${least} ${unit} or more, sold out ones left aside.`,
    ]),
    pub: { kind, quality, measure, least },
    said: { measure: unit },
    answer: textOf(best, "title"),
  };
}

function solveNamed(apis: Apis, pub: { kind: string; quality: string; measure: string; least: number }) {
  const token = signIn(apis, "marlo");
  const products = allPages(apis.marlo.find_products, { token, kind: pub.kind, in_stock: true });
  const fitting = withSpecs(apis, token, products)
    .filter((x) => Object.values(x.specs).includes(pub.quality) && x.specs[pub.measure] >= pub.least)
    .sort((a, b) => a.price - b.price);
  return fitting[0].title;
}

const NOTE_TITLES = [
  "Shop wish",
  "Next buy",
  "For the new flat",
  "What we need",
  "Replacement",
  "Missing here",
] as const;

function drawNote(ctx: SetupContext) {
  const wanted = drawWanted(ctx);
  const [best] = wanted?.found ?? [];
  if (wanted === undefined || best === undefined) return reject("no fair set of products");
  const { kind, quality, measure, least } = wanted;
  const title = ctx.random.pick(NOTE_TITLES);
  if (hasNote(ctx, title)) return reject("a note of that title is there");
  const body = (word: string, value: number) =>
    [`what: ${kind}`, `look: ${word}`, `measure: ${measure.replace("_", " ")}`, `at least: ${value}`].join("\n");
  plantNote(ctx, title, body(quality, least), body(quality, Math.max(1, Math.floor(least / 2))));
  const lines = ctx.rows("marlo.list_line", ctx.user.email);
  if (lines.some((row) => row["product_id"] === best.id)) return reject("it is on a list");
  const qty = ctx.random.int(2, 6);
  return {
    instruction: phrase(ctx, [
      `Put ${qty} of the cheapest product on marlo that meets what my note "${title}" asks for, and that is in stock, into my basket.`,
      `My note "${title}" says what we are looking for. Find the cheapest thing on marlo that fits and is not sold out, and add ${qty} of it to the basket.`,
      `Please take the requirements from my note "${title}", look for the least expensive match on marlo that can be ordered now, and place ${qty} of them in my basket.`,
    ]),
    pub: { title, qty },
    writes: [{ app: "marlo", api: "add_to_basket", args: { product_id: best.id, qty } }],
  };
}

function solveNote(apis: Apis, pub: { title: string; qty: number }) {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const facts = Object.fromEntries(noteBody(apis, notes, pub.title).split("\n").map((line) => line.split(": ")));
  const measure = facts.measure.replace(" ", "_");
  const least = Number(facts["at least"]);
  const products = allPages(apis.marlo.find_products, { token, kind: facts.what, in_stock: true });
  const fitting = withSpecs(apis, token, products)
    .filter((x) => Object.values(x.specs).includes(facts.look) && x.specs[measure] >= least)
    .sort((a, b) => a.price - b.price);
  apis.marlo.add_to_basket({ token, product_id: fitting[0].product_id, qty: pub.qty });
}

const GIFT_NOTES = [
  "Enjoy it!",
  "For your new place",
  "Thank you for last week",
  "Happy birthday",
  "As promised",
] as const;

function drawGift(ctx: SetupContext) {
  const wanted = drawWanted(ctx);
  const [best] = wanted?.found ?? [];
  const contact = namedContact(ctx, { address: true });
  if (wanted === undefined || best === undefined) return reject("no fair set of products");
  if (contact === undefined) return reject("nobody to give to");
  if (ctx.rows("marlo.list_line", ctx.user.email).some((row) => row["product_id"] === best.id)) {
    return reject("it is on a list");
  }
  const { kind, quality, measure, least } = wanted;
  const unit = MEASURES[measure] ?? "";
  const { id: card_id, ending } = goodCardEnding(ctx);
  const name = textOf(contact, "name");
  const gift = ctx.random.pick(GIFT_NOTES);
  const label = name.split(" ")[0] ?? name;
  return {
    instruction: phrase(ctx, [
      `Buy ${name} the cheapest ${kind} in stock at marlo that is ${quality} and ${
        sayLeast(measure, least)
      }. Save the address from my contacts under "${label}" with ${name} as receiver, send it there with the gift note "${gift}", and pay with my card ending in ${ending}. Leave the rest of my basket alone.`,
      `A present for ${name}: the least expensive ${kind} on marlo that can be ordered, ${quality}, ${least} ${unit} or more. Ship it to the address in my contacts (keep it as "${label}", receiver ${name}), gift note "${gift}", card ending in ${ending}. Nothing else from my basket, please.`,
      `${name} needs a ${kind} (${quality}, at least ${least} ${unit}). Order the cheapest available one from marlo with my card ending in ${ending} to the address I have of ${name}, saved as "${label}" under that full name, with the gift note "${gift}". Do not order what else is in the basket.`,
    ]),
    pub: { name, kind, quality, measure, least, label, gift, ending },
    said: { measure: unit },
    writes: (client: Client) => {
      const address = { label, receiver: name, ...addressOf(contact) };
      const address_id = idIn(client("marlo", "add_address", address), "address_id");
      const line_id = idIn(client("marlo", "add_to_basket", { product_id: best.id, qty: 1 }), "line_id");
      client("marlo", "place_order", { line_ids: [line_id], address_id, card_id, gift_note: gift });
    },
  };
}

function solveGift(apis: Apis, pub: {
  name: string;
  kind: string;
  quality: string;
  measure: string;
  least: number;
  label: string;
  gift: string;
  ending: string;
}) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const products = allPages(apis.marlo.find_products, { token, kind: pub.kind, in_stock: true });
  const fitting = withSpecs(apis, token, products)
    .filter((x) => Object.values(x.specs).includes(pub.quality) && x.specs[pub.measure] >= pub.least)
    .sort((a, b) => a.price - b.price);
  const { contact_id } = contactNamed(apis, phone, pub.name);
  const [street, town] = apis.handset.get_contact({ token: phone, contact_id }).address.split(", ");
  const { address_id } = apis.marlo.add_address({ token, label: pub.label, receiver: pub.name, street, town });
  const card = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const { line_id } = apis.marlo.add_to_basket({ token, product_id: fitting[0].product_id, qty: 1 });
  const order = { line_ids: [line_id], address_id, card_id: card.card_id, gift_note: pub.gift };
  apis.marlo.place_order({ token, ...order });
}

/** Scenarios of this generator. */
export const cheapestMatch: readonly Scenario[] = [
  bench({
    family: "cheapest_match/named",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawNamed,
    solve: solveNamed,
  }),
  bench({
    family: "cheapest_match/note",
    split: "test_challenge",
    difficulty: 2,
    apps: ["foldnote", "marlo"],
    axis: {},
    draw: drawNote,
    solve: solveNote,
  }),
  bench({
    family: "cheapest_match/gift",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "marlo"],
    axis: {},
    draw: drawGift,
    solve: solveGift,
  }),
];
