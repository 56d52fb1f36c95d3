/**
 * Things that have to fit: a wish list freed of what does not, the widest thing for a gap that a note measures, and one bought by the
 * measures that a contact texted.
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
import { linesOn } from "../short/shop.ts";
import {
  freshProducts,
  goodCardEnding,
  hasNote,
  KINDS,
  labelledAddress,
  measureSpecs,
  namedContact,
  plantNote,
  plantText,
  productOf,
  productsOf,
  specOf,
} from "./_shop_kit.ts";
import { allPages, contactNamed, noteBody, signIn, withSpecs } from "./_toolbox.ts";

/** Kinds with width, depth and height. */
const BOXES = KINDS.filter((kind) => {
  const measures = measureSpecs(kind);
  return ["width_cm", "depth_cm", "height_cm"].every((name) => measures.includes(name));
});

interface Gap {
  readonly width: number;
  readonly depth: number;
  readonly height: number;
}

function fits(row: Row, { width, depth, height }: Gap): boolean {
  return Number(specOf(row, "width_cm")) <= width && Number(specOf(row, "depth_cm")) <= depth &&
    Number(specOf(row, "height_cm")) <= height;
}

/** A gap that some products of a kind fit into, at least one of them to the centimetre. */
function drawGap(ctx: SetupContext, rows: readonly Row[]): Gap | undefined {
  const exact = ctx.random.pick(rows);
  const gap = {
    width: Number(specOf(exact, "width_cm")),
    depth: Number(specOf(exact, "depth_cm")) + ctx.random.int(0, 5),
    height: Number(specOf(exact, "height_cm")) + ctx.random.int(0, 12),
  };
  const fitting = rows.filter((row) => fits(row, gap) && numberOf(row, "stock") > 0);
  return fitting.length >= 4 && fitting.length <= rows.length / 2 ? gap : undefined;
}

const LISTS = ["small room", "balcony corner", "hallway niche", "under the stairs", "guest room", "storage"] as const;

function drawWish(ctx: SetupContext) {
  const list = ctx.random.pick(LISTS);
  if (linesOn(ctx, (name) => name === list).length > 0) return reject("the list is there");
  const products = [
    ...freshProducts(ctx, (row) => BOXES.includes(textOf(row, "kind"))).slice(0, 10),
    ...freshProducts(ctx, (row) => !measureSpecs(textOf(row, "kind")).includes("width_cm")).slice(0, 2),
  ];
  for (const { id } of ctx.random.shuffle(products)) ctx.as()("marlo", "add_wish_item", { product_id: id, list });
  const width = ctx.random.int(8, 16) * 5;
  const depth = ctx.random.int(7, 10) * 5;
  const lines = linesOn(ctx, (name) => name === list);
  const tooWide = (row: Row) => Number(specOf(row, "width_cm") ?? 0) > width;
  const tooDeep = (row: Row) => Number(specOf(row, "depth_cm") ?? 0) > depth;
  const gone = lines.filter((line) => tooWide(productOf(ctx, line)) || tooDeep(productOf(ctx, line)));
  const boxes = lines.filter((line) => specOf(productOf(ctx, line), "width_cm") !== null).length;
  const both = gone.some((line) => tooWide(productOf(ctx, line)) !== tooDeep(productOf(ctx, line)));
  if (gone.length < 3 || gone.length > boxes - 2 || !both || !lines.slice(5).some((line) => gone.includes(line))) {
    return reject("not a fair part");
  }
  return {
    instruction: phrase(ctx, [
      `Remove from my marlo wish list "${list}" whatever is wider than ${width} cm or deeper than ${depth} cm. Things without such measures stay.`,
      `The place has ${width} cm of width and ${depth} cm of depth. Please take off my wish list "${list}" on marlo all that is wider or deeper than that.`,
      `On my marlo wish list "${list}", drop the items that do not fit: more than ${width} cm wide, or more than ${depth} cm deep.`,
    ]),
    pub: { list, width, depth },
    writes: gone.map((line) => ({ app: "marlo", api: "remove_wish_item", args: { wish_id: line.id } })),
  };
}

function solveWish(apis: Apis, pub: { list: string; width: number; depth: number }) {
  const token = signIn(apis, "marlo");
  for (const { wish_id, product_id } of allPages(apis.marlo.list_wish_items, { token, list: pub.list })) {
    const { specs } = apis.marlo.get_product({ token, product_id });
    if (specs.width_cm > pub.width || specs.depth_cm > pub.depth) apis.marlo.remove_wish_item({ token, wish_id });
  }
}

const TITLES = [
  "Alcove",
  "Gap by the door",
  "Niche",
  "Corner measures",
  "Between the windows",
  "Behind the desk",
] as const;

function drawNote(ctx: SetupContext) {
  const title = ctx.random.pick(TITLES);
  if (hasNote(ctx, title)) return reject("a note of that title is there");
  const kind = ctx.random.pick(BOXES);
  const rows = productsOf(ctx, kind);
  const gap = drawGap(ctx, rows);
  if (gap === undefined) return reject("no fair gap");
  // The widest that fits is sold out.
  const widthOf = (row: Row) => Number(specOf(row, "width_cm"));
  const fitting = rows.filter((row) => fits(row, gap) && numberOf(row, "stock") > 0);
  const widest = uniqueMax(fitting, widthOf);
  if (widest === undefined) return reject("no widest one");
  ctx.patch("marlo.product", widest.id, { stock: 0 });
  const best = uniqueMax(fitting.filter(({ id }) => id !== widest.id), widthOf);
  if (best === undefined || rows.indexOf(best) < 5) return reject("no widest one, or too early");
  const body = ({ width, depth, height }: Gap) =>
    [`width: ${width} cm`, `depth: ${depth} cm`, `height: ${height} cm`, "measured twice"].join("\n");
  plantNote(ctx, title, body(gap), body({ ...gap, width: gap.width + 20, depth: gap.depth + 10 }));
  return {
    instruction: phrase(ctx, [
      `What is the name of the widest ${kind} in stock at marlo that fits into the space measured in my note "${title}"?`,
      `My note "${title}" has the measures of a gap. Which ${kind} on marlo, available now, fills it best in width and still fits in depth and height? Name only.`,
      `Find the widest ${kind} that marlo can deliver and that is no larger than my note "${title}" allows in any direction, and tell me what it is called.`,
    ]),
    pub: { kind, title },
    answer: textOf(best, "title"),
  };
}

function solveNote(apis: Apis, pub: { kind: string; title: string }) {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const lines = noteBody(apis, notes, pub.title).split("\n").map((line) => line.split(": "));
  const gap = Object.fromEntries(lines.map(([name, size = ""]) => [name, Number.parseInt(size)]));
  const products = allPages(apis.marlo.find_products, { token, kind: pub.kind, in_stock: true });
  const best = withSpecs(apis, token, products)
    .filter(({ specs }) => specs.width_cm <= gap.width && specs.depth_cm <= gap.depth && specs.height_cm <= gap.height)
    .sort((a, b) => b.specs.width_cm - a.specs.width_cm)[0];
  return best.title;
}

function drawText(ctx: SetupContext) {
  const contact = namedContact(ctx);
  if (contact === undefined) return reject("nobody to measure");
  const kind = ctx.random.pick(BOXES);
  const rows = productsOf(ctx, kind);
  const gap = drawGap(ctx, rows);
  if (gap === undefined) return reject("no fair gap");
  const stars = (row: Row) => numberOf(row, "stars");
  const fitting = rows.filter((row) => fits(row, gap) && numberOf(row, "stock") > 0);
  const tempting = uniqueMax(fitting, stars);
  if (tempting === undefined) return reject("no best one");
  ctx.patch("marlo.product", tempting.id, { stock: 0 });
  const best = uniqueMax(fitting.filter(({ id }) => id !== tempting.id), stars);
  const dear = rows.some((row) => best !== undefined && !fits(row, gap) && stars(row) > stars(best));
  if (best === undefined || !dear || rows.indexOf(best) < 5) return reject("no best one, or too early");
  if (ctx.rows("marlo.list_line", ctx.user.email).some((row) => row["product_id"] === best.id)) {
    return reject("it is on a list");
  }
  const say = ({ width, depth, height }: Gap) =>
    `I measured the gap: ${width} cm wide, ${depth} cm deep and ${height} cm high at most.`;
  plantText(
    ctx,
    contact,
    `${addDays(ctx.at, -12)}T18:20:00`,
    say({ ...gap, width: gap.width + 25, height: gap.height + 30 }),
  );
  plantText(ctx, contact, `${addDays(ctx.at, -2)}T18:20:00`, `Sorry, the tape was bent. ${say(gap)}`);
  for (let i = 0; i < 5; i++) {
    plantText(
      ctx,
      contact,
      `${addDays(ctx.at, -1)}T1${i}:05:00`,
      ["Ok?", "Hello?", "Fine", "Tell me", "Thanks"][i] ?? "",
    );
  }
  const { id: card_id, ending } = goodCardEnding(ctx);
  const label = ctx.random.pick(["work", "studio", "parents", "cabin"]);
  const address = labelledAddress(ctx, label);
  const name = textOf(contact, "name");
  return {
    instruction: phrase(ctx, [
      `${name} has texted me the measures of a gap, the latest text counts. Order the best rated ${kind} on marlo that is in stock and fits in, to my address "${label}", with the card ending in ${ending} and nothing else from the basket. Then text ${name} its name, just that.`,
      `Look up the newest measures in the texts of ${name}, and buy the ${kind} with the most stars on marlo that is available and not larger. Send it to "${label}", pay with the card ending in ${ending}, leave the rest of my basket, and text ${name} nothing but the product's name.`,
      `We need a ${kind} for the gap that ${name} measured (see the last text about it). Take the highest rated one of marlo that fits and can be had, card ending in ${ending}, delivery to "${label}", without my other basket items; text ${name} what it is called, only the name.`,
    ]),
    pub: { name, kind, label, ending },
    writes: (client: Client) => {
      const line_id = idIn(client("marlo", "add_to_basket", { product_id: best.id, qty: 1 }), "line_id");
      client("marlo", "place_order", { line_ids: [line_id], address_id: address.id, card_id });
      client("handset", "send_text", { number: textOf(contact, "number"), text: textOf(best, "title") });
    },
  };
}

function solveText(apis: Apis, pub: { name: string; kind: string; label: string; ending: string }) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const { number } = contactNamed(apis, phone, pub.name);
  const texts = allPages(apis.handset.list_texts, { token: phone, number, direction: "in" });
  const [width, depth, height] = texts.find((x) => x.text.includes("cm wide")).text.match(/\d+/g).map(Number);
  const products = allPages(apis.marlo.find_products, { token, kind: pub.kind, in_stock: true });
  const best = withSpecs(apis, token, products)
    .filter(({ specs }) => specs.width_cm <= width && specs.depth_cm <= depth && specs.height_cm <= height)
    .sort((a, b) => b.stars - a.stars)[0];
  const { address_id } = allPages(apis.marlo.list_addresses, { token }).find((x) => x.label === pub.label);
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const { line_id } = apis.marlo.add_to_basket({ token, product_id: best.product_id, qty: 1 });
  apis.marlo.place_order({ token, line_ids: [line_id], address_id, card_id });
  apis.handset.send_text({ token: phone, number, text: best.title });
}

/** Scenarios of this generator. */
export const fitDimensions: readonly Scenario[] = [
  bench({
    family: "fit_dimensions/wishes",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawWish,
    solve: solveWish,
  }),
  bench({
    family: "fit_dimensions/note",
    split: "test_challenge",
    difficulty: 2,
    apps: ["foldnote", "marlo"],
    axis: {},
    draw: drawNote,
    solve: solveNote,
  }),
  bench({
    family: "fit_dimensions/text",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "marlo"],
    axis: {},
    draw: drawText,
    solve: solveText,
  }),
];
