/**
 * What was spent at the shop: on a kind of product in a period, on delivery, or per seller into a checklist.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  idIn,
  numberOf,
  phrase,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import {
  dayBefore,
  freshProducts,
  hasNote,
  KINDS,
  ownedLines,
  plantPurchase,
  pluralOf,
  purchasesInOrder,
} from "./_shop_kit.ts";
import { allPages, purchaseLines, signIn, sumMoney } from "./_toolbox.ts";

const cost = (line: Parameters<typeof numberOf>[0]) => numberOf(line, "unit_price") * numberOf(line, "qty");

/** A period of some months that ends a while ago. */
function drawPeriod(ctx: SetupContext) {
  const last = dayBefore(ctx, ctx.random.int(20, 90));
  return { first: addDays(last, -ctx.random.int(120, 240)), last };
}

function drawKind(ctx: SetupContext) {
  const kind = ctx.random.pick(KINDS);
  const { first, last } = drawPeriod(ctx);
  const products = freshProducts(ctx, (row) => row["kind"] === kind);
  const [other] = freshProducts(ctx, (row) => row["kind"] !== kind);
  const days = [first, last, addDays(first, -1), addDays(last, 1), addDays(first, 40)];
  days.forEach((day, i) => {
    const product = products[i];
    if (product === undefined || other === undefined) return;
    const progress = { on: addDays(day, 4) };
    plantPurchase(ctx, day, [{ product: other, progress }, { product, qty: ctx.random.int(1, 3), progress }]);
  });
  const gone = products[5];
  if (gone === undefined) return reject("too few products of the kind");
  const { purchaseId } = plantPurchase(ctx, addDays(first, 20), [{ product: gone, qty: 2 }]);
  ctx.as()("marlo", "cancel_purchase", { purchase_id: purchaseId });
  const cents = ownedLines(ctx).filter(({ line, purchase, kind: own }) => {
    const day = textOf(purchase, "at").slice(0, 10);
    return own === kind && line["parcel_state"] !== "cancelled" && day >= first && day <= last;
  }).reduce((sum, { line }) => sum + cost(line), 0);
  const plural = pluralOf(kind);
  return {
    instruction: phrase(ctx, [
      `How much did I spend on ${plural} at marlo from ${sayDate(first)} to ${
        sayDate(last)
      }, by the day of ordering? Count prices times quantities, without delivery, and leave out what was cancelled.`,
      `Add up the prices of all ${plural} that I ordered on marlo between ${sayDate(first)} and ${
        sayDate(last)
      } (both days included), not counting cancelled ones or delivery costs. What is the sum?`,
      `What did the ${plural} cost in total that I bought from marlo from ${sayDate(first)} until ${
        sayDate(last)
      }? Cancelled items and delivery are not part of it.`,
    ]),
    pub: { kind, first, last },
    said: { kind: plural, first: sayDate(first), last: sayDate(last) },
    answer: cents / 100,
  };
}

function solveKind(apis: Apis, pub: { kind: string; first: string; last: string }) {
  const token = signIn(apis, "marlo");
  const lines = purchaseLines(apis, token, { from_day: pub.first, until_day: pub.last })
    .filter((x) => x.product.endsWith(" " + pub.kind) && x.parcel_state !== "cancelled");
  return sumMoney(lines.map((x) => x.unit_price * x.qty));
}

function drawDelivery(ctx: SetupContext) {
  const { first, last } = drawPeriod(ctx);
  const cheap = freshProducts(ctx, (row) => numberOf(row, "price") < 5000);
  const dear = freshProducts(ctx, (row) => numberOf(row, "price") >= 6000);
  [first, last, addDays(first, -1), addDays(last, 1), addDays(first, 10)].forEach((day, i) => {
    const product = cheap[i];
    if (product !== undefined) plantPurchase(ctx, day, [{ product, progress: { on: addDays(day, 4) } }]);
  });
  const [gone] = cheap.slice(6);
  const [free] = dear;
  if (gone === undefined || free === undefined) return reject("too few products");
  plantPurchase(ctx, addDays(first, 12), [{ product: free, progress: { on: addDays(first, 15) } }]);
  const { purchaseId } = plantPurchase(ctx, addDays(first, 20), [{ product: gone }]);
  ctx.as()("marlo", "cancel_purchase", { purchase_id: purchaseId });
  const inTime = purchasesInOrder(ctx).filter((row) => {
    const day = textOf(row, "at").slice(0, 10);
    return day >= first && day <= last && row["state"] !== "cancelled";
  });
  const cents = inTime.reduce((sum, row) => sum + numberOf(row, "delivery_fee"), 0);
  return {
    instruction: phrase(ctx, [
      `How much have I paid marlo for delivery alone, over all purchases from ${sayDate(first)} to ${
        sayDate(last)
      } that were not cancelled?`,
      `Sum up the delivery fees of my marlo purchases between ${sayDate(first)} and ${
        sayDate(last)
      }, both included; purchases that were cancelled as a whole do not count.`,
      `What did delivery cost me on marlo in the time from ${sayDate(first)} until ${
        sayDate(last)
      }? Please leave cancelled purchases out of the total.`,
    ]),
    pub: { first, last },
    said: { first: sayDate(first), last: sayDate(last) },
    answer: cents / 100,
  };
}

function solveDelivery(apis: Apis, pub: { first: string; last: string }) {
  const token = signIn(apis, "marlo");
  const fees = [];
  for (const x of allPages(apis.marlo.list_purchases, { token, from_day: pub.first, until_day: pub.last })) {
    if (x.state === "cancelled") continue;
    fees.push(apis.marlo.get_purchase({ token, purchase_id: x.purchase_id }).delivery_fee);
  }
  return sumMoney(fees);
}

const TITLES = ["Shop ledger", "Where it went", "Sellers", "Spring accounts", "Shop sums", "Money by seller"] as const;

function drawSellers(ctx: SetupContext) {
  const title = ctx.random.pick(TITLES);
  if (hasNote(ctx, title)) return reject("a note of that title is there");
  const { first, last } = drawPeriod(ctx);
  const inTime = ownedLines(ctx).filter(({ line, purchase }) => {
    const day = textOf(purchase, "at").slice(0, 10);
    return line["parcel_state"] !== "cancelled" && day >= first && day <= last;
  });
  const sellers = ctx.random.sample([...new Set(inTime.map(({ line }) => textOf(line, "seller")))].sort(), 8);
  if (sellers.length < 8) return reject("too few sellers");
  // Purchases of listed sellers on the first and the last day, and just outside.
  [first, last, addDays(first, -1), addDays(last, 1)].forEach((day, i) => {
    const [product] = freshProducts(ctx, (row) => row["seller"] === sellers[i]);
    if (product !== undefined) plantPurchase(ctx, day, [{ product, qty: 2, progress: { on: addDays(day, 4) } }]);
  });
  const client = ctx.as(ctx.user, `${dayBefore(ctx, 2)}T18:00:00`);
  const note_id = idIn(client("foldnote", "add_note", { title, body: "filled in every quarter" }), "note_id");
  client("foldnote", "add_note", { title: `${title} 2025`, body: "done" });
  const writes = sellers.flatMap((seller, i) => {
    const item_id = idIn(client("foldnote", "add_item", { note_id, text: seller }), "item_id");
    if (i % 4 === 2) {
      client("foldnote", "tick_item", { item_id });
      return [];
    }
    const cents = ownedLines(ctx).filter(({ line, purchase }) => {
      const day = textOf(purchase, "at").slice(0, 10);
      return line["seller"] === seller && line["parcel_state"] !== "cancelled" && day >= first && day <= last;
    }).reduce((sum, { line }) => sum + cost(line), 0);
    const text = `${seller}: ${(cents / 100).toFixed(2)}`;
    return [{ app: "foldnote", api: "edit_item", args: { item_id, text } }];
  });
  return {
    instruction: phrase(ctx, [
      `The checklist of my note "${title}" has names of marlo sellers. Change each open item to the name, a colon and what I spent there from ${
        sayDate(first)
      } to ${
        sayDate(last)
      }, like "Corner Shop: 12.30". Prices times quantities, no delivery, nothing cancelled; ticked items stay.`,
      `In my note "${title}", please complete every unticked seller with my spending at marlo between ${
        sayDate(first)
      } and ${
        sayDate(last)
      } (both included), in the form "Corner Shop: 12.30". Leave out cancelled items and delivery.`,
      `For each open checklist item of the note "${title}", a seller on marlo, work out what I ordered from them from ${
        sayDate(first)
      } until ${
        sayDate(last)
      } without cancelled items and delivery, and rewrite the item as for example "Corner Shop: 12.30".`,
    ]),
    pub: { title, first, last },
    said: { first: sayDate(first), last: sayDate(last) },
    writes,
  };
}

function solveSellers(apis: Apis, pub: { title: string; first: string; last: string }) {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notes }).find((x) => x.title === pub.title);
  const items = allPages(apis.foldnote.list_items, { token: notes, note_id });
  const lines = purchaseLines(apis, token, { from_day: pub.first, until_day: pub.last })
    .filter((x) => x.parcel_state !== "cancelled");
  for (const { item_id, text, done } of items) {
    if (done) continue;
    const sum = sumMoney(lines.filter((x) => x.seller === text).map((x) => x.unit_price * x.qty));
    apis.foldnote.edit_item({ token: notes, item_id, text: text + ": " + sum.toFixed(2) });
  }
}

/** Scenarios of this generator. */
export const spendReport: readonly Scenario[] = [
  bench({
    family: "spend_report/kind",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawKind,
    solve: solveKind,
  }),
  bench({
    family: "spend_report/delivery",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawDelivery,
    solve: solveDelivery,
  }),
  bench({
    family: "spend_report/sellers",
    split: "test_challenge",
    difficulty: 2,
    apps: ["foldnote", "marlo"],
    axis: {},
    draw: drawSellers,
    solve: solveSellers,
  }),
];
