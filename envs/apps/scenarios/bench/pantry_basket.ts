/**
 * What a pantry note still wants is bought again, less what was bought lately: into the basket, with quantities that the basket has
 * in part, or as an order after a letter that changes the note.
 *
 * Hurdles: the last thing bought of a kind counts, cancelled lines do not, the edge of "lately" does.
 *
 * @module
 */
import { order, talkers, titleOf } from "./_cross_b.ts";
import { firstName, letterFrom, onDay, reached, smallTalk } from "./_cross_kit.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
  type Client,
  cycle,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { PRODUCT_KINDS } from "../../pools/marlo.ts";
import { isFreshTitle, pastTime, writeChecklist } from "./_phone.ts";
import {
  basketOf,
  dayBefore,
  freshProducts,
  goodCardEnding,
  ownedLines,
  plantNewer,
  plantNote,
  plantPurchase,
  productOf,
} from "./_shop_kit.ts";
import { allPages, contactNamed, noteBody, purchaseLines, signIn } from "./_toolbox.ts";

type BasketPub = { readonly title: string; readonly day: string };
type LetterPub = BasketPub & { readonly name: string; readonly ending: string; readonly reply: string };

const TITLES = ["Pantry", "Larder", "Running low", "Store cupboard", "House supplies", "Shelf check"] as const;
const SUPPLIES = PRODUCT_KINDS.filter(({ refill }) => refill).map(({ kind }) => kind);
/** Most purchases that a reader should have to open. */
const MOST_PURCHASES = 42;

/** One thing that the note wants. */
interface Want {
  readonly kind: string;
  readonly qty: number;
  /** What was bought last of the kind. */
  readonly product: Row;
  /** Whether that was lately. */
  readonly lately: boolean;
  /** Whether a day more or less would make a difference. */
  readonly edge: boolean;
}

/**
 * Purchases of eight supplies: long ago all of them, then each once more; some lately, one of those cancelled. What is wanted of
 * each, in random order.
 */
function plantSupplies(ctx: SetupContext, ago: number): Want[] | Reject {
  if (ctx.rows("marlo.purchase", ctx.user.email).length > MOST_PURCHASES) return reject("too many purchases");
  const kinds = ctx.random.sample(SUPPLIES, 8);
  const fresh = freshProducts(ctx, (row) => numberOf(row, "stock") >= 12);
  const pairs = kinds.map((kind) => fresh.filter((row) => row["kind"] === kind));
  if (pairs.some((products) => products.length < 2)) return reject("too few products");
  const [older, newer] = [0, 1].map((which) => pairs.map((products) => products[which] ?? { id: 0 }));
  if (older === undefined || newer === undefined) return reject("too few products");
  const buy = (daysAgo: number, ...products: readonly (Row | undefined)[]) =>
    plantPurchase(
      ctx,
      dayBefore(ctx, daysAgo),
      products.filter((row): row is Row => row !== undefined)
        .map((product) => ({ product, qty: ctx.random.int(1, 3), progress: { on: dayBefore(ctx, daysAgo - 3) } })),
    );
  buy(ago + 70, ...older.slice(0, 5));
  buy(ago + 61, ...older.slice(5));
  buy(ago + 30, newer[0], newer[1]);
  buy(ago + 19, newer[2], newer[3]);
  buy(ago + 1, newer[4]);
  buy(ago, newer[5]);
  buy(ago - 4, newer[6]);
  // What was cancelled does not count, neither as bought lately nor as bought last.
  const at = dayBefore(ctx, ago - 5);
  const { lineIds: [line_id = 0] } = plantPurchase(ctx, at, [{ product: newer[7] ?? { id: 0 } }]);
  ctx.as(ctx.user, `${at}T15:${ctx.random.int(10, 59)}:00`)("marlo", "cancel_line", { line_id });
  plantNewer(ctx, 5, (row) => row["refillable"] === false);
  const lines = ownedLines(ctx).filter(({ line }) => line["parcel_state"] !== "cancelled");
  const inBasket = new Set(basketOf(ctx).map((row) => row["product_id"]));
  const day = dayBefore(ctx, ago);
  const wants = kinds.flatMap((kind): Want[] => {
    const last = lines.find((own) => own.kind === kind);
    if (last === undefined) return [];
    const on = textOf(last.purchase, "at").slice(0, 10);
    const edge = on === day || on === dayBefore(ctx, ago + 1);
    return [{ kind, qty: ctx.random.int(2, 5), product: productOf(ctx, last.line), lately: on >= day, edge }];
  });
  const twice = lines.some(({ kind, purchase }, i) =>
    kinds.includes(kind) &&
    lines.some((other, n) => n !== i && other.kind === kind && other.purchase.id === purchase.id)
  );
  if (twice || wants.some(({ product }) => inBasket.has(product.id))) return reject("two of a kind, or in the basket");
  if (wants.filter(({ lately }) => lately).length < 2 || wants.filter(({ lately }) => !lately).length < 4) {
    return reject("too much or too little was bought lately");
  }
  return ctx.random.shuffle(wants);
}

function freshTitle(ctx: SetupContext): string | undefined {
  return ctx.random.shuffle(TITLES).find((title) => isFreshTitle(ctx, title));
}

/** Two of the wants are done already: one that counts and one that does not. */
function doneOf(wants: readonly Want[]): readonly Want[] {
  return [wants.find(({ lately, edge }) => lately && !edge), wants.findLast(({ lately, edge }) => !lately && !edge)]
    .filter((want): want is Want => want !== undefined);
}

function drawBasket(ctx: SetupContext): BenchDraw<BasketPub> | Reject {
  const ago = ctx.random.int(15, 24) + cycle(ctx, [0, 4, 8]);
  const title = freshTitle(ctx);
  const wants = plantSupplies(ctx, ago);
  if ("reject" in wants) return wants;
  if (title === undefined) return reject("no title");
  const done = doneOf(wants);
  writeChecklist(ctx, title, wants.map((want) => ({ text: want.kind, done: done.includes(want) })), pastTime(ctx, 2));
  const day = dayBefore(ctx, ago);
  const said = sayDate(day);
  return {
    instruction: phrase(ctx, [
      `What is still open on my checklist "${title}" belongs in the marlo basket: of each kind one piece of the product that I bought last. Leave out what I have bought since ${said}. Cancelled items never count as bought.`,
      `Please fill my marlo basket from the note "${title}": for every item that is not ticked, one of the very product that I bought most recently of that kind, unless that was on ${said} or later. Ignore whatever was cancelled.`,
      `Put the open items of the checklist "${title}" into the basket of marlo, one each, always the product I had last of the kind. Skip kinds that I ordered on or after ${said}; cancelled orders do not matter at all.`,
    ]),
    pub: { title, day },
    said: { day: said },
    writes: wants.filter((want) => !want.lately && !done.includes(want)).map(({ product }) => ({
      app: "marlo",
      api: "add_to_basket",
      args: { product_id: product.id, qty: 1 },
    })),
  };
}

function solveBasket(apis: Apis, pub: BasketPub): void {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notes }).find((x) => x.title === pub.title);
  const lines = purchaseLines(apis, token, {}).filter((x) => x.parcel_state !== "cancelled");
  for (const { text, done } of allPages(apis.foldnote.list_items, { token: notes, note_id })) {
    const { product_id, at } = lines.find((x) => x.product.endsWith(" " + text));
    if (!done && at.slice(0, 10) < pub.day) apis.marlo.add_to_basket({ token, product_id, qty: 1 });
  }
}

function drawRaise(ctx: SetupContext): BenchDraw<BasketPub> | Reject {
  const ago = ctx.random.int(15, 24) + cycle(ctx, [0, 4, 8]);
  const title = freshTitle(ctx);
  const wants = plantSupplies(ctx, ago);
  if ("reject" in wants) return wants;
  if (title === undefined) return reject("no title");
  const done = doneOf(wants);
  const { itemIds } = writeChecklist(
    ctx,
    title,
    wants.map((want) => ({ text: `${want.qty} ${want.kind}`, done: done.includes(want) })),
    pastTime(ctx, 2),
  );
  const open = wants.filter((want) => !want.lately && !done.includes(want));
  const lines = new Map<number, number>();
  for (
    const [i, { product, qty }] of [...open.slice(0, 2), ...wants.filter(({ lately }) => lately).slice(0, 1)].entries()
  ) {
    const args = { product_id: product.id, qty: qty + (i === 0 ? 1 : -1) };
    const result = ctx.as(ctx.user, pastTime(ctx, 3))("marlo", "add_to_basket", args);
    lines.set(product.id, Number((result as { readonly line_id: number }).line_id));
  }
  const day = dayBefore(ctx, ago);
  const said = sayDate(day);
  return {
    instruction: phrase(ctx, [
      `For the open items of my checklist "${title}" (such as "2 tea"), get the marlo basket to hold that many of the product that I bought last of the kind: add it, or correct its quantity if it is in there. Skip kinds that I have bought since ${said}; cancelled items do not count as bought. Tick what you took care of.`,
      `The checklist "${title}" says how many of what we need. For each open item put so many of the most recently bought product of that kind into the basket at marlo, or set the quantity where the basket has it, and tick the item. Whatever I bought on ${said} or later is left alone, item and basket; cancelled lines were never bought.`,
      `Please work through the unticked items of "${title}": number and kind. Unless I bought the kind on or after ${said}, the marlo basket should have exactly that number of the product that I bought last of it (change the quantity of what is there), and then the item gets its tick. Ignore cancelled items of my orders.`,
    ]),
    pub: { title, day },
    said: { day: said },
    writes(client: Client) {
      for (const { product, qty, kind } of open) {
        const line_id = lines.get(product.id);
        if (line_id === undefined) client("marlo", "add_to_basket", { product_id: product.id, qty });
        else client("marlo", "set_basket_qty", { line_id, qty });
        client("foldnote", "tick_item", { item_id: itemIds.get(`${qty} ${kind}`) ?? 0 });
      }
    },
  };
}

function solveRaise(apis: Apis, pub: BasketPub): void {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notes }).find((x) => x.title === pub.title);
  const items = allPages(apis.foldnote.list_items, { token: notes, note_id }).filter((x) => !x.done);
  const lines = purchaseLines(apis, token, {}).filter((x) => x.parcel_state !== "cancelled");
  const basket = allPages(apis.marlo.list_basket, { token });
  for (const { item_id, text } of items) {
    const [count, kind] = text.split(" ");
    const qty = Number(count);
    const { product_id, at } = lines.find((x) => x.product.endsWith(" " + kind));
    if (at.slice(0, 10) >= pub.day) continue;
    const there = basket.find((x) => x.product_id === product_id);
    if (there === undefined) apis.marlo.add_to_basket({ token, product_id, qty });
    else apis.marlo.set_basket_qty({ token, line_id: there.line_id, qty });
    apis.foldnote.tick_item({ token: notes, item_id });
  }
}

function drawLetter(ctx: SetupContext): BenchDraw<LetterPub> | Reject {
  const ago = ctx.random.int(15, 24) + cycle(ctx, [0, 4, 8]);
  const title = freshTitle(ctx);
  const [writer, other] = talkers(ctx);
  const wants = plantSupplies(ctx, ago);
  if ("reject" in wants) return wants;
  if (title === undefined || writer === undefined || other === undefined) return reject("no title or nobody to write");
  const [none, more, ...rest] = wants.filter(({ lately }) => !lately);
  const added = rest.at(-1);
  if (none === undefined || more === undefined || added === undefined) return reject("too few wants");
  const listed = wants.filter((want) => want !== added);
  const line = (kind: string, qty: number) => `${kind}: ${qty}`;
  const past = (want: Want) => line(want.kind, want.qty + 3);
  plantNote(
    ctx,
    title,
    listed.map((want) => line(want.kind, want.qty)).join("\n"),
    wants.map(past).join("\n"),
  );
  const body = (lines: readonly string[], from: string) =>
    [`Hello ${firstName(ctx.user)},`, "I looked through the shelves again. Please change:", ...lines, from].join("\n");
  const { person } = writer;
  const subject = `The list ${title}`;
  const raised = more.qty + 2;
  letterFrom(
    ctx,
    person,
    onDay(ctx, 16, 12),
    subject,
    body([line(more.kind, 1), line(none.kind, 9)], firstName(person)),
  );
  const letterId = letterFrom(
    ctx,
    person,
    onDay(ctx, 9, 12),
    subject,
    body([line(none.kind, 0), line(more.kind, raised), line(added.kind, added.qty)], firstName(person)),
  );
  letterFrom(ctx, other.person, onDay(ctx, 8, 12), subject, body([line(more.kind, 8)], firstName(other.person)));
  smallTalk(ctx, person);
  if (!reached(ctx, letterId)) return reject("a rule binned the letter");
  const items = wants.filter((want) => !want.lately && want !== none)
    .map((want) => ({ product: want.product, qty: want === more ? raised : want.qty }));
  if (items.some(({ product, qty }) => numberOf(product, "stock") < qty)) return reject("sold out");
  if (new Set(items.map(({ product }) => titleOf(product))).size !== items.length) return reject("two of a title");
  const day = dayBefore(ctx, ago);
  const said = sayDate(day);
  const { id: cardId, ending } = goodCardEnding(ctx);
  const { name } = person;
  const reply = ctx.random.pick(["Done, all ordered.", "It is on its way.", "Thank you, I ordered it."]);
  return {
    instruction: phrase(ctx, [
      `My note "${title}" says how many of what we need; ${name} changed some numbers in the latest letter "${subject}" (0 means none). Order all that at marlo in one go, of each kind the product I bought last, without what I have bought since ${said}. Cancelled items never count as bought. Card ending in ${ending}; then answer the letter "${reply}"`,
      `Please order our supplies on marlo at once with the card ending in ${ending}: kinds and numbers of the note "${title}", corrected by the newest letter "${subject}" from ${name}. Take what I last bought of each kind and skip kinds bought on ${said} or later (cancelled ones do not count). Reply to that letter with "${reply}"`,
      `${name} wrote me "${subject}", the most recent letter of that name counts, to change the note "${title}". Buy what results in a single marlo order (card ${ending}): always the product I had last of the kind, nothing of kinds that I ordered since ${said}, leaving aside what was cancelled. Answer the letter: "${reply}"`,
    ]),
    pub: { title, day, name, ending, reply },
    said: { day: said },
    writes(client: Client) {
      order(client, { items, cardId });
      client("quillpost", "reply", { letter_id: letterId, body: reply });
    },
  };
}

function solveLetter(apis: Apis, pub: LetterPub): void {
  const notes = signIn(apis, "foldnote");
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "marlo");
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.name);
  const { letter_id } = allPages(apis.quillpost.find_letters, { token: mail, from: email })
    .find((x) => x.subject === "The list " + pub.title);
  const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
  const wanted = new Map();
  for (const text of [noteBody(apis, notes, pub.title), body]) {
    for (const [, kind, qty] of text.matchAll(/^(\w+): (\d+)$/gm)) wanted.set(kind, Number(qty));
  }
  const lines = purchaseLines(apis, token, {}).filter((x) => x.parcel_state !== "cancelled");
  const line_ids = [];
  for (const [kind, qty] of wanted) {
    const { product_id, at } = lines.find((x) => x.product.endsWith(" " + kind));
    if (qty === 0 || at.slice(0, 10) >= pub.day) continue;
    line_ids.push(apis.marlo.add_to_basket({ token, product_id, qty }).line_id);
  }
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  apis.marlo.place_order({ token, line_ids, card_id });
  apis.quillpost.reply({ token: mail, letter_id, body: pub.reply });
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const pantryBasket: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "pantry_basket/basket",
    difficulty: 2,
    apps: ["foldnote", "marlo"],
    draw: drawBasket,
    solve: solveBasket,
  }),
  bench({
    ...COMMON,
    family: "pantry_basket/raise",
    difficulty: 3,
    apps: ["foldnote", "marlo"],
    draw: drawRaise,
    solve: solveRaise,
  }),
  bench({
    ...COMMON,
    family: "pantry_basket/letter",
    difficulty: 3,
    apps: ["foldnote", "handset", "marlo", "quillpost"],
    draw: drawLetter,
    solve: solveLetter,
  }),
];
