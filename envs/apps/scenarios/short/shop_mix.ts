/**
 * The shop `marlo` together with one other app, in the shapes of the other generators: tell or charge a person what purchases cost,
 * write open purchases into a checklist, put a checklist's products into the basket.
 *
 * @module
 */
import type { Reject, Scenario, SetupContext } from "../../scenario.ts";
import { define, type Draw } from "./_define.ts";
import { aggregate, keep, pages, people, signIn } from "./_idioms.ts";
import { addNamesake, choose, fairAggregate, groupsOf, idIn, needsPages, numberOf, reject, textOf } from "./_setup.ts";
import { buy, forEachProduct, inStock, mixedPurchases, PURCHASE_KEEP, purchaseSlots, purchasesOf } from "./shop.ts";

const TITLES = ["Deliveries", "Presents", "Kitchen", "Balcony", "New flat", "Errands"] as const;
const MEMOS = ["your share", "joint order", "as agreed", "from the shop"] as const;

function drawCharge(ctx: SetupContext, verb: "text" | "ask"): Draw | Reject {
  const filter = verb === "text" ? "month" : "seller";
  const slots = purchaseSlots(ctx, filter);
  const listed = purchasesOf(ctx);
  const slot = choose(ctx, slots, ({ keeps }) => fairAggregate("total", listed, keeps, "total", 100) !== undefined);
  const group = choose(ctx, groupsOf(ctx, "person", true), () => true);
  if (slot === undefined || group === undefined) return reject("nobody to charge for a few purchases");
  const [row] = group.members;
  if (row === undefined) return reject("nobody to charge");
  addNamesake(ctx, group.value);
  const total = listed.filter(slot.keeps).reduce((cents, purchase) => cents + numberOf(purchase, "total"), 0) / 100;
  const memo = ctx.random.pick(MEMOS);
  if (verb === "text") {
    return {
      instruction: ctx.random.pick([
        `Text ${group.value} the total price of my marlo purchases ${slot.phrase}, just the number.`,
        `Send a text to ${group.value} with nothing but the total price of my marlo purchases ${slot.phrase}.`,
      ]),
      args: [group.value, slot.value],
      writes: [{ app: "handset", api: "send_text", args: { number: textOf(row, "number"), text: String(total) } }],
    };
  }
  return {
    instruction: ctx.random.pick([
      `Ask ${group.value} in tuppence for the total price of my marlo purchases ${slot.phrase}, with the memo "${memo}".`,
      `Request the total price of my marlo purchases ${slot.phrase} from ${group.value} in tuppence and write "${memo}" as the memo.`,
    ]),
    args: [group.value, slot.value, memo],
    writes: [{ app: "tuppence", api: "ask_money", args: { to: textOf(row, "email"), amount: total, memo } }],
  };
}

/** Adds a note with a title that no other note has; gives its id. */
function addTitled(ctx: SetupContext): { readonly title: string; readonly noteId: number } | undefined {
  const title = choose<string>(ctx, TITLES, () => true) ?? "";
  ctx.as()("foldnote", "add_note", { title: `${title} 2026`, body: "old" });
  const noteId = idIn(ctx.as()("foldnote", "add_note", { title, body: "from marlo" }), "note_id");
  const same = ctx.rows("foldnote.note", ctx.user.email).filter((row) => textOf(row, "title") === title);
  return same.length === 1 ? { title, noteId } : undefined;
}

function drawToChecklist(ctx: SetupContext): Draw | Reject {
  const note = addTitled(ctx);
  buy(ctx, inStock(ctx).slice(0, 5));
  const listed = purchasesOf(ctx).filter((row) => row["state"] === "placed");
  const placed = new Set(listed.map(({ id }) => id));
  if (mixedPurchases(ctx).some(([line]) => line !== undefined && placed.has(numberOf(line, "purchase_id")))) {
    return reject("a placed purchase has several products");
  }
  if (note === undefined || listed.length < 6 || listed.length > 10) return reject("not a few placed purchases");
  return {
    instruction: ctx.random.pick([
      `Add the product of every placed purchase in marlo to the checklist of my note "${note.title}", newest first.`,
      `In my note "${note.title}", add the product of each placed marlo purchase to the checklist, newest first.`,
    ]),
    args: [note.title],
    writes: listed.map((row) => ({
      app: "foldnote",
      api: "add_item",
      args: { note_id: note.noteId, text: textOf(row, "product") },
    })),
  };
}

function drawFromChecklist(ctx: SetupContext): Draw | Reject {
  const note = addTitled(ctx);
  const products = inStock(ctx).slice(0, 8);
  if (note === undefined) return reject("two notes of one title");
  const client = ctx.as();
  products.forEach((row, i) => {
    const text = textOf(row, "title");
    const id = idIn(client("foldnote", "add_item", { note_id: note.noteId, text }), "item_id");
    if (i % 3 === 1) client("foldnote", "tick_item", { item_id: id });
  });
  const listed = ctx.rows("foldnote.check_item").filter((row) => row["note_id"] === note.noteId);
  if (!needsPages(listed, (row) => row["done"] === false)) return reject("the first page shows all");
  const qty = ctx.random.int(2, 6);
  return {
    instruction: ctx.random.pick([
      `Add ${qty} of each open item on the checklist of my note "${note.title}" to the marlo basket.`,
      `Put ${qty} of every product that is open in my note "${note.title}" into the basket in marlo.`,
    ]),
    args: [note.title, qty],
    writes: products.filter((_, i) => i % 3 !== 1).map((row) => ({
      app: "marlo",
      api: "add_to_basket",
      args: { product_id: row.id, qty },
    })),
  };
}

/** Scenarios of these generators. */
export const shopMix: readonly Scenario[] = [
  define({
    family: "charge/text/month",
    split: "test_challenge",
    difficulty: 2,
    name: "send_text_of_total_purchases_in_month_to_person",
    params: ["name", "month"],
    lines: [
      ...signIn("handset", "marlo"),
      ...people("person", "number"),
      pages("marlo", "purchases"),
      keep("purchases", PURCHASE_KEEP.month),
      `const text = String(${aggregate("total", "x.total")});`,
      "for (const number of people) apis.handset.send_text({ token: token.handset, number, text });",
    ],
    lookups: { handset: "list contacts send text", marlo: "list purchases" },
    draw: (ctx) => drawCharge(ctx, "text"),
  }),
  define({
    family: "charge/ask/seller",
    split: "test_challenge",
    difficulty: 3,
    name: "ask_money_for_total_purchases_from_seller_to_person",
    params: ["name", "seller", "memo"],
    lines: [
      ...signIn("handset", "tuppence", "marlo"),
      ...people("person", "email"),
      pages("marlo", "purchases"),
      keep("purchases", PURCHASE_KEEP.seller),
      `const amount = ${aggregate("total", "x.total")};`,
      "for (const to of people) apis.tuppence.ask_money({ token: token.tuppence, to, amount, memo });",
    ],
    lookups: { handset: "list contacts", tuppence: "ask money", marlo: "list purchases" },
    draw: (ctx) => drawCharge(ctx, "ask"),
  }),
  define({
    family: "checklist/from_purchases/placed",
    split: "test_challenge",
    difficulty: 2,
    name: "add_placed_purchases_to_checklist",
    params: ["title"],
    lines: [
      ...signIn("foldnote", "marlo"),
      pages("foldnote", "notes"),
      "const note_id = notes.find((x) => x.title === title).note_id;",
      pages("marlo", "purchases", 'state: "placed"'),
      "for (const x of purchases) apis.foldnote.add_item({ token: token.foldnote, note_id, text: x.product });",
    ],
    lookups: { foldnote: ["list notes", "add item"], marlo: "list purchases" },
    draw: drawToChecklist,
  }),
  define({
    family: "checklist/to_basket/open",
    split: "test_challenge",
    difficulty: 3,
    name: "add_open_items_to_basket",
    params: ["title", "qty"],
    lines: [
      ...signIn("foldnote", "marlo"),
      pages("foldnote", "notes"),
      "const note_id = notes.find((x) => x.title === title).note_id;",
      pages("foldnote", "items", "note_id"),
      keep("items", "!x.done"),
      forEachProduct("x.text", "apis.marlo.add_to_basket({ token: token.marlo, product_id, qty });"),
    ],
    lookups: { foldnote: "list notes items", marlo: "find products add basket" },
    draw: drawFromChecklist,
  }),
];
