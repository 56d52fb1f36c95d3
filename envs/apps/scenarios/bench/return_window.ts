/**
 * Things are sent back: of one seller while it is still possible, of a window of days with their invoices and the refund set aside, or
 * what a note lists.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type Client,
  numberOf,
  phrase,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { addNamesake } from "../short/_setup.ts";
import { holders, sendOn, walletCents } from "./_money_kit.ts";
import {
  dayBefore,
  freshProducts,
  hasNote,
  namedContact,
  ownedLines,
  plantNewer,
  plantNote,
  plantPurchase,
} from "./_shop_kit.ts";
import { allPages, contactNamed, dayPlus, noteBody, purchaseLines, signIn, sumMoney, todayOf } from "./_toolbox.ts";

const REASONS = ["does not fit", "too heavy", "wrong colour", "not needed any more", "found it cheaper"] as const;
/** Days after delivery in which the shop takes things back. */
const RETURN_DAYS = 30;

/** Whether a line can be sent back today. */
function canReturn(ctx: SetupContext, line: Row): boolean {
  return line["parcel_state"] === "delivered" && line["return_state"] === "none" &&
    textOf(line, "delivered_on") >= addDays(ctx.at, -RETURN_DAYS);
}

function returning(lines: readonly Row[], reason: string) {
  return lines.map((line) => ({ app: "marlo", api: "open_return", args: { line_id: line.id, reason } }));
}

function drawSeller(ctx: SetupContext) {
  const sellers = ctx.rows("marlo.seller").filter((row) =>
    freshProducts(ctx, (one) => one["seller"] === row["name"]).length >= 8
  );
  const seller = textOf(ctx.random.pick(sellers), "name");
  const reason = ctx.random.pick(REASONS);
  const [a, b, c, d, e, f] = freshProducts(ctx, (row) => row["seller"] === seller);
  const [g, h] = freshProducts(ctx, (row) => row["seller"] !== seller);
  if (!a || !b || !c || !d || !e || !f || !g || !h) return reject("too few products");
  const on = (days: number) => ({ on: dayBefore(ctx, days) });
  // The first day that still counts, and the last that does not.
  plantPurchase(ctx, dayBefore(ctx, 36), [{ product: a, progress: on(RETURN_DAYS) }, {
    product: g,
    progress: on(RETURN_DAYS),
  }]);
  plantPurchase(ctx, dayBefore(ctx, 35), [{ product: b, progress: on(RETURN_DAYS + 1) }]);
  plantPurchase(ctx, dayBefore(ctx, 20), [{ product: h, progress: on(14) }, { product: c, qty: 2, progress: on(14) }]);
  plantPurchase(ctx, dayBefore(ctx, 9), [{ product: d, progress: "shipped" }]);
  const { lineIds } = plantPurchase(ctx, dayBefore(ctx, 12), [{ product: e, progress: on(5) }]);
  plantPurchase(ctx, dayBefore(ctx, 10), [{ product: f, progress: on(3) }]);
  const past = ctx.as(ctx.user, `${dayBefore(ctx, 3)}T18:00:00`);
  past("marlo", "open_return", { line_id: lineIds[0] ?? 0, reason: "arrived damaged" });
  plantNewer(ctx, 4, (row) => row["seller"] !== seller);
  const lines = ownedLines(ctx).map(({ line }) => line)
    .filter((line) => line["seller"] === seller && canReturn(ctx, line));
  if (lines.length < 3) return reject("too few lines");
  return {
    instruction: phrase(ctx, [
      `Send back everything from the seller ${seller} on marlo that was delivered in the last 30 days, with the reason "${reason}", unless a return is under way already.`,
      `I am done with ${seller}. Open a return on marlo for all of their things whose 30 days since delivery are not over; give "${reason}" as the reason. Some of it may be on its way back already.`,
      `Return what I got from ${seller} through marlo, as far as the 30 days after delivery allow and it is not being returned yet. Reason: "${reason}".`,
    ]),
    pub: { seller, reason },
    writes: returning(lines, reason),
  };
}

function solveSeller(apis: Apis, pub: { seller: string; reason: string }) {
  const token = signIn(apis, "marlo");
  const limit = dayPlus(todayOf(apis), -30);
  for (const state of ["delivered", "shipped"]) {
    for (const line of purchaseLines(apis, token, { state })) {
      if (line.seller !== pub.seller || line.parcel_state !== "delivered" || line.return_state !== "none") continue;
      if (line.delivered_on >= limit) apis.marlo.open_return({ token, line_id: line.line_id, reason: pub.reason });
    }
  }
}

const WORDS = [
  "The parcels go back, we can plan again.",
  "I am sending it all back.",
  "Back it goes, the money is set aside.",
] as const;

type WindowPub = {
  readonly first: string;
  readonly last: string;
  readonly reason: string;
  readonly pot: string;
  readonly name: string;
  readonly words: string;
};

function drawWindow(ctx: SetupContext) {
  const first = dayBefore(ctx, ctx.random.int(18, 26));
  const last = addDays(first, ctx.random.int(6, 9));
  const reason = ctx.random.pick(REASONS);
  const products = freshProducts(ctx);
  const days = [
    first,
    last,
    addDays(first, -1),
    addDays(last, 1),
    addDays(first, 2),
    addDays(first, 4),
    addDays(last, 3),
  ];
  const [p0, p1] = products;
  if (p0 === undefined || p1 === undefined) return reject("too few products");
  days.forEach((on, i) => {
    const product = products[i + 2];
    if (product !== undefined) plantPurchase(ctx, addDays(on, -4), [{ product, progress: { on } }]);
  });
  // Two lines of one purchase on different days, both in the window.
  plantPurchase(ctx, addDays(first, -5), [
    { product: p0, progress: { on: addDays(first, 1) } },
    { product: p1, progress: { on: addDays(last, -1) } },
  ]);
  plantNewer(ctx, 3);
  const inTime = ({ line }: { line: Row }) =>
    line["parcel_state"] === "delivered" && textOf(line, "delivered_on") >= first &&
    textOf(line, "delivered_on") <= last;
  const owned = ownedLines(ctx).filter(inTime);
  if (owned.some(({ line }) => line["return_state"] !== "none")) return reject("something is on its way back");
  if (owned.some(({ purchase }) => numberOf(purchase, "discount") > 0)) return reject("a discount lowers the refund");
  const cents = owned.reduce((sum, { line }) => sum + numberOf(line, "unit_price") * numberOf(line, "qty"), 0);
  const pots = ctx.rows("tuppence.pot", ctx.user.email);
  const contact = namedContact(ctx);
  if (pots.length < 2 || contact === undefined) return reject("no pot to choose, or nobody to text");
  const pot = ctx.random.pick(pots);
  const [name, words] = [textOf(contact, "name"), ctx.random.pick(WORDS)];
  addNamesake(ctx, name);
  // The refund comes later, so the wallet must hold as much.
  const [payer] = holders(ctx);
  if (payer === undefined) return reject("nobody pays the user");
  const short = cents - walletCents(ctx);
  if (short > 0) sendOn(ctx, payer.person, ctx.user, dayBefore(ctx, 2), short + 2500, "for the holidays");
  const purchases = [...new Set(owned.map(({ purchase }) => purchase.id))];
  if (ctx.rows("stowbox.file", ctx.user.email).some((row) => textOf(row, "name").startsWith("invoice-"))) {
    return reject("there are invoices with the shop's names");
  }
  return {
    instruction: phrase(ctx, [
      `Return all that marlo delivered from ${sayDate(first)} to ${
        sayDate(last)
      }, reason "${reason}", and save the invoice of each purchase concerned once, where the shop puts it by itself. Move the sum of these refunds from my tuppence balance into the pot "${
        textOf(pot, "name")
      }" now, and text ${name} "${words}"`,
      `Everything I received from marlo between ${sayDate(first)} and ${
        sayDate(last)
      } (both included) goes back with the reason "${reason}". Also keep one invoice of every purchase this touches, under the name and in the folder that marlo chooses. What these returns bring goes from the wallet into my pot "${
        textOf(pot, "name")
      }" already. Finally text ${name}: "${words}"`,
      `Please open returns ("${reason}") for whatever marlo brought me on ${sayDate(first)}, on ${
        sayDate(last)
      } or in between, and download the invoices of those purchases, one each, to the usual place. Put the total of these refunds into the tuppence pot "${
        textOf(pot, "name")
      }" in one go, and let ${name} know by text: "${words}"`,
    ]),
    pub: { first, last, reason, pot: textOf(pot, "name"), name, words },
    said: { first: sayDate(first), last: sayDate(last) },
    writes: [
      ...returning(owned.map(({ line }) => line), reason),
      ...purchases.map((purchase_id) => ({ app: "marlo", api: "download_invoice", args: { purchase_id } })),
      { app: "tuppence", api: "move_into_pot", args: { pot_id: pot.id, amount: cents / 100 } },
      { app: "handset", api: "send_text", args: { number: textOf(contact, "number"), text: words } },
    ],
  };
}

function solveWindow(apis: Apis, pub: WindowPub) {
  const phone = signIn(apis, "handset");
  const wallet = signIn(apis, "tuppence");
  const token = signIn(apis, "marlo");
  const stow_token = signIn(apis, "stowbox");
  const lines = ["delivered", "shipped"].flatMap((state) => purchaseLines(apis, token, { state }))
    .filter((x) => x.delivered_on !== null && x.delivered_on >= pub.first && x.delivered_on <= pub.last);
  for (const { line_id } of lines) apis.marlo.open_return({ token, line_id, reason: pub.reason });
  for (const purchase_id of new Set(lines.map((x) => x.purchase_id))) {
    apis.marlo.download_invoice({ token, stow_token, purchase_id });
  }
  const opened = lines.map((x) => x.line_id);
  const refunds = allPages(apis.marlo.list_returns, { token, state: "open" })
    .filter((x) => opened.includes(x.line_id)).map((x) => x.refund);
  const { pot_id } = allPages(apis.tuppence.list_pots, { token: wallet }).find((x) => x.name === pub.pot);
  apis.tuppence.move_into_pot({ token: wallet, pot_id, amount: sumMoney(refunds) });
  const { number } = contactNamed(apis, phone, pub.name);
  apis.handset.send_text({ token: phone, number, text: pub.words });
}

const TITLES = ["Send back", "Returns", "Not keeping", "Back to the shop", "Wrong buys", "Give back"] as const;

function drawNote(ctx: SetupContext) {
  const title = ctx.random.pick(TITLES);
  if (hasNote(ctx, title)) return reject("a note of that title is there");
  const products = freshProducts(ctx);
  const on = (days: number) => ({ on: dayBefore(ctx, days) });
  const stages = [on(4), on(RETURN_DAYS), on(9), on(RETURN_DAYS + 1), "shipped" as const, on(12)];
  const listed = stages.flatMap((progress, i) => {
    const product = products[i];
    if (product === undefined) return [];
    const days = typeof progress === "object" ? 4 : 0;
    const day = typeof progress === "object" ? addDays(progress.on, -days) : dayBefore(ctx, 6);
    const { lineIds, purchaseId } = plantPurchase(ctx, day, [{ product, qty: ctx.random.int(1, 2), progress }]);
    return [{ product, lineId: lineIds[0] ?? 0, purchaseId }];
  });
  const [firstOne] = listed;
  const last = listed.at(-1);
  if (firstOne === undefined || last === undefined || listed.length < 6) return reject("too few products");
  const past = ctx.as(ctx.user, `${dayBefore(ctx, 3)}T18:00:00`);
  past("marlo", "open_return", { line_id: last.lineId, reason: "too small" });
  plantNewer(ctx, 5);
  const reasons = ctx.random.shuffle([...REASONS, "too large"]);
  const notes = ctx.random.shuffle(listed).map(({ product, lineId, purchaseId }, i) => ({
    lineId,
    purchaseId,
    reason: reasons[i % reasons.length] ?? "",
    text: `- ${textOf(product, "title")}: ${reasons[i % reasons.length]}`,
  }));
  const body = ["what goes back and why", ...notes.map(({ text }) => text)].join("\n");
  const noteId = plantNote(ctx, title, body, `- ${textOf(products[9] ?? products[0] ?? { id: 0 }, "title")}: too dear`);
  const going = notes.filter(({ lineId }) => {
    const line = ctx.row("marlo.purchase_line", lineId);
    return line !== undefined && canReturn(ctx, line);
  });
  if (going.length !== 3) return reject("not the lines that were meant");
  if (ctx.rows("stowbox.file", ctx.user.email).some((row) => textOf(row, "name").startsWith("invoice-"))) {
    return reject("there are invoices with the shop's names");
  }
  const cents = going.reduce((sum, { lineId }) => {
    const line = ctx.row("marlo.purchase_line", lineId) ?? { id: 0 };
    return sum + numberOf(line, "unit_price") * numberOf(line, "qty");
  }, 0);
  return {
    instruction: phrase(ctx, [
      `My note "${title}" lists things from marlo with a reason each. Return those that still can be returned with these reasons, save the invoice of each purchase concerned where marlo puts it, and add one line "Refund: " with the total that these returns bring (two decimals) at the end of the note.`,
      `Go through the note "${title}": open a marlo return with the given reason for each thing that was delivered no more than 30 days ago and is not going back already. Keep their invoices in the usual place, and append "Refund: " plus the sum of these refunds, two decimals, to the note.`,
      `Please send back to marlo what the note "${title}" names, for the reasons there, as far as it is delivered, within the 30 days, and not on its way back. Download the invoices of those purchases, too, and end the note with a line like "Refund: 12.30" for what comes back from these.`,
    ]),
    pub: { title },
    writes: (client: Client) => {
      for (const { lineId, reason } of going) client("marlo", "open_return", { line_id: lineId, reason });
      for (const { purchaseId } of going) client("marlo", "download_invoice", { purchase_id: purchaseId });
      client("foldnote", "append_to_note", { note_id: noteId, text: `Refund: ${(cents / 100).toFixed(2)}` });
    },
  };
}

function solveNote(apis: Apis, pub: { title: string }) {
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const stow_token = signIn(apis, "stowbox");
  const limit = dayPlus(todayOf(apis), -30);
  const wanted = noteBody(apis, notes, pub.title).split("\n").filter((line) => line.startsWith("- "))
    .map((line) => line.slice(2).split(": "));
  const reasons = Object.fromEntries(wanted);
  const lines = ["delivered", "shipped"].flatMap((state) => purchaseLines(apis, token, { state }))
    .filter((x) => x.product in reasons && x.return_state === "none")
    .filter((x) => x.parcel_state === "delivered" && x.delivered_on >= limit);
  for (const x of lines) apis.marlo.open_return({ token, line_id: x.line_id, reason: reasons[x.product] });
  for (const purchase_id of new Set(lines.map((x) => x.purchase_id))) {
    apis.marlo.download_invoice({ token, stow_token, purchase_id });
  }
  const opened = lines.map((x) => x.line_id);
  const refunds = allPages(apis.marlo.list_returns, { token, state: "open" })
    .filter((x) => opened.includes(x.line_id)).map((x) => x.refund);
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notes }).find((x) => x.title === pub.title);
  apis.foldnote.append_to_note({ token: notes, note_id, text: "Refund: " + sumMoney(refunds).toFixed(2) });
}

/** Scenarios of this generator. */
export const returnWindow: readonly Scenario[] = [
  bench({
    family: "return_window/seller",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawSeller,
    solve: solveSeller,
  }),
  bench({
    family: "return_window/days",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "marlo", "stowbox", "tuppence"],
    axis: {},
    draw: drawWindow,
    solve: solveWindow,
  }),
  bench({
    family: "return_window/note",
    split: "test_challenge",
    difficulty: 3,
    apps: ["foldnote", "marlo", "stowbox"],
    axis: {},
    draw: drawNote,
    solve: solveNote,
  }),
];
