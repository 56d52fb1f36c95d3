/**
 * Something bought before is bought again: the last of a kind, what a contact wrote about, or all that a lane of a board lists.
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
} from "./_kit.ts";
import {
  basketOf,
  dayBefore,
  freshProducts,
  goodCardEnding,
  KINDS,
  labelledAddress,
  namedContact,
  ownedLines,
  plantNewer,
  plantPurchase,
  plantText,
  productOf,
  purchasesInOrder,
} from "./_shop_kit.ts";
import { allPages, contactNamed, purchaseLines, signIn } from "./_toolbox.ts";

/** A purchase whose second line is of a kind, and a later one of the kind that was cancelled. */
function plantLast(ctx: SetupContext, kind: string, days: number): void {
  const [kept, dropped] = freshProducts(ctx, (row) => row["kind"] === kind);
  const [other] = freshProducts(ctx, (row) => row["kind"] !== kind);
  if (kept === undefined || dropped === undefined || other === undefined) return;
  const day = dayBefore(ctx, days);
  const progress = { on: addDays(day, Math.min(days, 3)) };
  plantPurchase(ctx, day, [{ product: other, progress }, { product: kept, qty: ctx.random.int(2, 4), progress }]);
  const { purchaseId } = plantPurchase(ctx, dayBefore(ctx, days - 1), [{ product: dropped, qty: 5 }]);
  ctx.as()("marlo", "cancel_purchase", { purchase_id: purchaseId });
}

/** The last line of a kind that was not cancelled. */
function lastOf(ctx: SetupContext, kind: string): Row | undefined {
  return ownedLines(ctx).find((own) => own.kind === kind && own.line["parcel_state"] !== "cancelled")?.line;
}

/** Whether a purchase is beyond the first page. */
function isFarBack(ctx: SetupContext, line: Row): boolean {
  return purchasesInOrder(ctx).findIndex(({ id }) => id === line["purchase_id"]) >= 5;
}

function inStock(ctx: SetupContext, line: Row): boolean {
  return numberOf(productOf(ctx, line), "stock") >= numberOf(line, "qty");
}

function drawKind(ctx: SetupContext) {
  const kind = ctx.random.pick(KINDS);
  plantLast(ctx, kind, ctx.random.int(3, 9));
  plantNewer(ctx, 4, (row) => row["kind"] !== kind);
  const last = lastOf(ctx, kind);
  if (last === undefined || !isFarBack(ctx, last) || !inStock(ctx, last)) return reject("no last one far back");
  const { id: card_id, ending } = goodCardEnding(ctx);
  const label = ctx.random.pick(["work", "studio", "parents", "cabin"]);
  const address = labelledAddress(ctx, label);
  return {
    instruction: phrase(ctx, [
      `Order the ${kind} again that I bought last on marlo, as many as then. Send it to the address I keep as "${label}" and pay with my card ending in ${ending}. An order that was cancelled does not count.`,
      `I want the same ${kind} once more: the one of my latest marlo purchase that was not called off, same quantity. It goes to my "${label}" address, paid by the card ending in ${ending}.`,
      `Please buy again what ${kind} I got most recently from marlo (cancelled ones aside), in the same quantity, to the address labelled "${label}", with my card that ends in ${ending}.`,
    ]),
    pub: { kind, label, ending },
    writes: [{ app: "marlo", api: "buy_again", args: { line_id: last.id, card_id, address_id: address.id } }],
  };
}

function solveKind(apis: Apis, pub: { kind: string; label: string; ending: string }) {
  const token = signIn(apis, "marlo");
  const last = purchaseLines(apis, token, {})
    .find((x) => x.product.endsWith(" " + pub.kind) && x.parcel_state !== "cancelled");
  const address = allPages(apis.marlo.list_addresses, { token }).find((x) => x.label === pub.label);
  const card = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const where = { card_id: card.card_id, address_id: address.address_id };
  apis.marlo.buy_again({ token, line_id: last.line_id, ...where });
}

const ASKS = [
  "I keep thinking of your {title}. Could you order one for me too?",
  "That {title} of yours is great, would you get me one as well?",
  "Can you buy me the {title} too? I will pay you back.",
] as const;

function drawText(ctx: SetupContext) {
  const contact = namedContact(ctx);
  const other = namedContact(ctx);
  if (contact === undefined || other === undefined || contact.id === other.id) return reject("no two contacts");
  plantNewer(ctx, 5);
  const owned = ownedLines(ctx).filter(({ line }) =>
    line["parcel_state"] === "delivered" && isFarBack(ctx, line) && inStock(ctx, line)
  );
  const [wanted, older, others] = ctx.random.sample(owned, 3).map(({ line }) => line);
  if (wanted === undefined || older === undefined || others === undefined) return reject("too little was bought");
  if (new Set([wanted, older, others].map((row) => row["product"])).size < 3) return reject("the same thing twice");
  const say = (row: Row) => ctx.random.pick(ASKS).replace("{title}", textOf(row, "product"));
  plantText(ctx, contact, `${addDays(ctx.at, -30)}T19:10:00`, say(older));
  plantText(ctx, contact, `${addDays(ctx.at, -2)}T19:10:00`, say(wanted));
  plantText(ctx, contact, `${addDays(ctx.at, -1)}T08:40:00`, "And thanks again for the lift!");
  plantText(ctx, other, `${addDays(ctx.at, -1)}T20:00:00`, say(others));
  const { id: card_id, ending } = goodCardEnding(ctx);
  const name = textOf(contact, "name");
  const label = ctx.random.pick(["work", "studio", "parents", "cabin"]);
  const address = labelledAddress(ctx, label);
  return {
    instruction: phrase(ctx, [
      `${name} has texted me lately about something I once bought on marlo and would like one, too. Order one more of it, to my address "${label}", with the card ending in ${ending}.`,
      `Look at the latest text of ${name} that names one of my marlo purchases, and buy one of that again. Pay with my card ending in ${ending}; it should go to the address "${label}".`,
      `In a recent text ${name} asked me to order a thing that I have from marlo. Please do that, a single one, paid with the card ending in ${ending} and sent to my "${label}" address.`,
    ]),
    pub: { name, label, ending },
    writes: [{
      app: "marlo",
      api: "buy_again",
      args: { line_id: wanted.id, qty: 1, card_id, address_id: address.id },
    }],
  };
}

function solveText(apis: Apis, pub: { name: string; label: string; ending: string }) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const { number } = contactNamed(apis, phone, pub.name);
  const texts = allPages(apis.handset.list_texts, { token: phone, number, direction: "in" });
  const lines = purchaseLines(apis, token, {});
  const text = texts.find((x) => lines.some((line) => x.text.includes(line.product)));
  const wanted = lines.find((line) => text.text.includes(line.product));
  const address = allPages(apis.marlo.list_addresses, { token }).find((x) => x.label === pub.label);
  const card = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  const where = { card_id: card.card_id, address_id: address.address_id };
  apis.marlo.buy_again({ token, line_id: wanted.line_id, qty: 1, ...where });
}

const BOARDS = ["Household", "Flat jobs", "Our kitchen", "Supplies", "Running the house", "Home corner"] as const;
const LANES = ["To buy", "Run out", "Order again", "Used up"] as const;

function drawBoard(ctx: SetupContext) {
  const name = ctx.random.pick(BOARDS);
  const laneName = ctx.random.pick(LANES);
  const boards = ctx.rows("corkline.board_member", ctx.user.email)
    .map((row) => ctx.row("corkline.board", numberOf(row, "board_id")));
  if (boards.some((row) => row?.["name"] === name)) return reject("there is a board of that name");
  const [a = "", b = "", c = "", elsewhere = "", done = ""] = ctx.random.sample(KINDS, 5);
  [a, b, c, elsewhere, done].forEach((kind, i) => plantLast(ctx, kind, 4 + i * 2));
  plantNewer(ctx, 3, (row) => ![a, b, c].includes(textOf(row, "kind")));
  const client = ctx.as();
  const lanes = ["Ideas", laneName, "Later"];
  const boardId = idIn(client("corkline", "add_board", { name, lanes }), "board_id");
  const laneId = (wanted: string) =>
    ctx.rows("corkline.lane").find((row) => row["board_id"] === boardId && row["name"] === wanted)?.id ?? 0;
  const card = (lane: string, title: string) =>
    idIn(client("corkline", "add_card", { board_id: boardId, lane_id: laneId(lane), title }), "card_id");
  const cards = [a, b, c].map((kind) => card(laneName, kind));
  card("Later", elsewhere);
  client("corkline", "finish_card", { card_id: card(laneName, done) });
  const lasts = [a, b, c].map((kind) => lastOf(ctx, kind));
  const known = lasts.filter((row): row is Row => row !== undefined);
  const basket = new Set(basketOf(ctx).map((row) => row["product_id"]));
  if (known.length < 3 || known.some((row) => !inStock(ctx, row) || basket.has(row["product_id"] ?? 0))) {
    return reject("something cannot be ordered");
  }
  if (!known.some((row) => isFarBack(ctx, row))) return reject("all on the first page");
  const { id: card_id, ending } = goodCardEnding(ctx);
  const address_id = labelledAddress(ctx, "work").id;
  ctx.as()("marlo", "edit_account", { default_address_id: address_id });
  return {
    instruction: phrase(ctx, [
      `The lane "${laneName}" of my board "${name}" lists kinds of things that we ran out of. For each open card there, order again what I last bought of it on marlo, as many as then, all in one purchase with my card ending in ${ending}, and finish these cards. Cancelled orders do not count; the rest of my basket stays.`,
      `Go through the open cards in "${laneName}" on my board "${name}": each names a kind of product. Buy of every kind the one I had last from marlo (never a cancelled one), same quantity, in a single order paid with the card ending in ${ending}, nothing else from the basket. Then mark the cards as done.`,
      `On the board "${name}", the lane "${laneName}" says what kinds of products are missing. Please place one marlo order with the latest of each open kind that I bought and did not cancel, in the old quantities, paid by the card ending in ${ending}; leave my other basket lines. Finish those cards afterwards.`,
    ]),
    pub: { name, lane: laneName, ending },
    writes: (write: Client) => {
      const line_ids = known.map((row) => {
        const line = { product_id: numberOf(row, "product_id"), qty: numberOf(row, "qty") };
        return idIn(write("marlo", "add_to_basket", line), "line_id");
      });
      write("marlo", "place_order", { line_ids, card_id });
      for (const id of cards) write("corkline", "finish_card", { card_id: id });
    },
  };
}

function solveBoard(apis: Apis, pub: { name: string; lane: string; ending: string }) {
  const boards = signIn(apis, "corkline");
  const token = signIn(apis, "marlo");
  const { board_id } = allPages(apis.corkline.list_boards, { token: boards }).find((x) => x.name === pub.name);
  const cards = allPages(apis.corkline.list_cards, { token: boards, board_id })
    .filter((x) => x.lane === pub.lane && !x.done);
  const lines = purchaseLines(apis, token, {}).filter((x) => x.parcel_state !== "cancelled");
  const line_ids = [];
  for (const { title } of cards) {
    const { product_id, qty } = lines.find((x) => x.product.endsWith(" " + title));
    line_ids.push(apis.marlo.add_to_basket({ token, product_id, qty }).line_id);
  }
  const { card_id } = allPages(apis.marlo.list_cards, { token }).find((x) => x.last_four === pub.ending);
  apis.marlo.place_order({ token, line_ids, card_id });
  for (const x of cards) apis.corkline.finish_card({ token: boards, card_id: x.card_id });
}

/** Scenarios of this generator. */
export const reorderLast: readonly Scenario[] = [
  bench({
    family: "reorder_last/kind",
    split: "test_challenge",
    difficulty: 2,
    apps: ["marlo"],
    axis: {},
    draw: drawKind,
    solve: solveKind,
  }),
  bench({
    family: "reorder_last/text",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "marlo"],
    axis: {},
    draw: drawText,
    solve: solveText,
  }),
  bench({
    family: "reorder_last/board",
    split: "test_challenge",
    difficulty: 3,
    apps: ["corkline", "marlo"],
    axis: {},
    draw: drawBoard,
    solve: solveBoard,
  }),
];
