/**
 * Lines of purchases that were not shipped are cancelled: of a seller, of a kind with word of the refund, or what would arrive during
 * a trip.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  numberOf,
  phrase,
  reject,
  type Row,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import {
  cancelsFairly,
  dayBefore,
  freshProducts,
  hasNote,
  KINDS,
  namedContact,
  ownedLines,
  plantNewer,
  plantNote,
  plantPurchase,
  pluralOf,
} from "./_shop_kit.ts";
import { allPages, contactNamed, noteBody, purchaseLines, signIn } from "./_toolbox.ts";

const isOpen = (line: Row) => line["parcel_state"] === "preparing";

function cancelling(lines: readonly Row[]) {
  return lines.map((line) => ({ app: "marlo", api: "cancel_line", args: { line_id: line.id } }));
}

/** Purchases of wanted and other things in all stages, the wanted ones not on the first page. */
function plantStages(ctx: SetupContext, isWanted: (row: Row) => boolean): void {
  const wanted = freshProducts(ctx, isWanted);
  const others = freshProducts(ctx, (row) => !isWanted(row));
  const [a, b, c, d] = wanted;
  const [e, f, g] = others;
  if (a === undefined || b === undefined || c === undefined || d === undefined) return;
  if (e === undefined || f === undefined || g === undefined) return;
  plantPurchase(ctx, dayBefore(ctx, 8), [{ product: e }, { product: a, qty: 2 }]);
  plantPurchase(ctx, dayBefore(ctx, 7), [{ product: b, progress: "shipped" }, { product: c, qty: 3 }, { product: f }]);
  plantPurchase(ctx, dayBefore(ctx, 5), [{ product: d, progress: "shipped" }]);
  plantPurchase(ctx, dayBefore(ctx, 4), [{ product: g }]);
  plantNewer(ctx, 4, (row) => !isWanted(row));
}

function drawSeller(ctx: SetupContext) {
  const sellers = ctx.rows("marlo.seller").filter((row) =>
    freshProducts(ctx, (one) => one["seller"] === row["name"]).length >= 6
  );
  const seller = textOf(ctx.random.pick(sellers), "name");
  plantStages(ctx, (row) => row["seller"] === seller);
  const all = ownedLines(ctx).filter(({ line }) => line["seller"] === seller);
  const lines = all.map(({ line }) => line).filter(isOpen);
  if (lines.length < 2 || lines.length === all.length) return reject("too few lines");
  if (!cancelsFairly(ctx, lines)) return reject("the order of cancelling would matter");
  return {
    instruction: phrase(ctx, [
      `Cancel everything from the seller ${seller} in my marlo purchases that has not been shipped yet. What comes from others stays ordered.`,
      `${seller} keeps me waiting. Please call off all I have ordered from them on marlo and that is not on its way, and nothing from other sellers.`,
      `Go through my marlo purchases and cancel each item of ${seller} that is still being prepared, leaving the other items of the same purchases.`,
    ]),
    pub: { seller },
    writes: cancelling(lines),
  };
}

function solveSeller(apis: Apis, pub: { seller: string }) {
  const token = signIn(apis, "marlo");
  for (const state of ["placed", "shipped"]) {
    for (const line of purchaseLines(apis, token, { state })) {
      if (line.seller !== pub.seller || line.parcel_state !== "preparing") continue;
      apis.marlo.cancel_line({ token, line_id: line.line_id });
    }
  }
}

/** What comes back for lines, delivery fees of emptied purchases included; cents. */
function refundOf(ctx: SetupContext, lines: readonly Row[]): number {
  const ids = new Set(lines.map(({ id }) => id));
  let cents = lines.reduce((sum, line) => sum + numberOf(line, "unit_price") * numberOf(line, "qty"), 0);
  for (const purchaseId of new Set(lines.map((line) => numberOf(line, "purchase_id")))) {
    const kept = ctx.rowsWhere("marlo.purchase_line", "purchase_id", purchaseId)
      .filter((row) => row["parcel_state"] !== "cancelled" && !ids.has(row.id));
    if (kept.length === 0) cents += numberOf(ctx.row("marlo.purchase", purchaseId) ?? { id: 0 }, "delivery_fee");
  }
  return cents;
}

function drawKind(ctx: SetupContext) {
  const kind = ctx.random.pick(KINDS);
  const contact = namedContact(ctx);
  if (contact === undefined) return reject("nobody to text");
  plantStages(ctx, (row) => row["kind"] === kind);
  const all = ownedLines(ctx).filter((own) => own.kind === kind);
  const lines = all.map(({ line }) => line).filter(isOpen);
  if (lines.length < 2 || lines.length === all.length) return reject("too few lines");
  if (!cancelsFairly(ctx, lines)) return reject("the order of cancelling would matter");
  if (all.some(({ line, purchase }) => isOpen(line) && numberOf(purchase, "discount") > 0)) {
    return reject("a discount has to be shared");
  }
  const name = textOf(contact, "name");
  const amount = (refundOf(ctx, lines) / 100).toFixed(2);
  const plural = pluralOf(kind);
  return {
    instruction: phrase(ctx, [
      `Cancel all ${plural} in my marlo purchases that have not been shipped. Then text ${name} "Refund: " followed by the total that comes back, with two decimals.`,
      `${name} already has enough ${plural}. Call off every one that I ordered on marlo and that is not on its way yet, and text ${name} the sum marlo pays back, in the form "Refund: 12.30".`,
      `Please cancel the ${plural} among my marlo orders that are still being prepared, leave all else, and send ${name} a text that says "Refund: " plus the whole amount refunded (two decimals).`,
    ]),
    pub: { kind, name },
    said: { kind: plural },
    writes: [
      ...cancelling(lines),
      { app: "handset", api: "send_text", args: { number: textOf(contact, "number"), text: `Refund: ${amount}` } },
    ],
  };
}

function solveKind(apis: Apis, pub: { kind: string; name: string }) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const open = ["placed", "shipped"].flatMap((state) => purchaseLines(apis, token, { state }))
    .filter((x) => x.product.endsWith(" " + pub.kind) && x.parcel_state === "preparing");
  const touched = [...new Set(open.map((x) => x.purchase_id))];
  const refunded = () =>
    touched.reduce((sum, purchase_id) => sum + apis.marlo.get_purchase({ token, purchase_id }).refunded, 0);
  const before = refunded();
  for (const { line_id } of open) apis.marlo.cancel_line({ token, line_id });
  const text = "Refund: " + (refunded() - before).toFixed(2);
  const { number } = contactNamed(apis, phone, pub.name);
  apis.handset.send_text({ token: phone, number, text });
}

const TRIPS = [
  "Trip to the coast",
  "Hut week",
  "Away in spring",
  "Visiting grandma",
  "Bike tour",
  "Family days",
] as const;

function drawTrip(ctx: SetupContext) {
  const title = ctx.random.pick(TRIPS);
  const contact = namedContact(ctx);
  if (contact === undefined || hasNote(ctx, title)) return reject("no neighbour, or a note of that title");
  const first = addDays(ctx.at, ctx.random.int(4, 12));
  const last = addDays(first, ctx.random.int(5, 9));
  const body = (from: string, to: string) => `leave: ${from}\nback: ${to}\npack the small bag`;
  plantNote(ctx, title, body(first, last), body(addDays(first, -365), addDays(last, -362)));
  const products = freshProducts(ctx);
  const planted = [
    { eta: first, progress: "preparing" },
    { eta: last, progress: "preparing" },
    { eta: addDays(first, -1), progress: "preparing" },
    { eta: addDays(last, 1), progress: "preparing" },
    { eta: first, progress: "shipped" },
    { eta: last, progress: "shipped" },
    { eta: addDays(last, 1), progress: "shipped" },
    { eta: addDays(first, -1), progress: "shipped" },
  ] as const;
  ctx.random.shuffle(planted).forEach((item, i) => {
    const product = products[i];
    if (product !== undefined) plantPurchase(ctx, dayBefore(ctx, 9 - i), [{ ...item, product }]);
  });
  const inTime = (day: string) => day >= first && day <= last;
  const lines = ownedLines(ctx).map(({ line }) => line).filter((line) => inTime(textOf(line, "eta")));
  const open = lines.filter(isOpen);
  if (!cancelsFairly(ctx, open)) return reject("the order of cancelling would matter");
  const parcels = new Set(
    lines.filter((row) => row["parcel_state"] === "shipped").map((row) => textOf(row, "parcel_no")),
  ).size;
  const plans = ctx.rows("marlo.refill_plan", ctx.user.email);
  if (plans.length < 4) return reject("too few refill plans");
  const days = [first, last, addDays(first, -1), addDays(last, 1)];
  plans.forEach((row, i) =>
    ctx.as()("marlo", "edit_refill", { refill_id: row.id, next_on: days[i] ?? addDays(last, 2 + i) })
  );
  const due = ctx.rows("marlo.refill_plan", ctx.user.email)
    .filter((row) => row["paused"] === false && inTime(textOf(row, "next_on")));
  if (due.length === 0) return reject("no plan is due");
  const name = textOf(contact, "name");
  return {
    instruction: phrase(ctx, [
      `My note "${title}" has the days when I leave and come back. Cancel whatever on marlo is not shipped and expected from the first to the last of these days, pause the running refill plans that are due then, and text ${name} "Parcels to take in: " with the number of parcels already on their way for that time.`,
      `I am away as the note "${title}" says (both days included). Of my marlo orders, call off what is not shipped and would arrive in that time; pause active refills due in it; and tell ${name} by text "Parcels to take in: " plus how many shipped parcels are expected then.`,
      `Please look up my travel days in the note "${title}". For these days, first and last included: cancel expected marlo items that are still unshipped, pause the refill plans that would come, and text ${name} "Parcels to take in: " and the count of parcels on their way that are expected.`,
    ]),
    pub: { title, name },
    writes: [
      ...cancelling(open),
      ...due.map((row) => ({ app: "marlo", api: "pause_refill", args: { refill_id: row.id } })),
      {
        app: "handset",
        api: "send_text",
        args: { number: textOf(contact, "number"), text: `Parcels to take in: ${parcels}` },
      },
    ],
  };
}

function solveTrip(apis: Apis, pub: { title: string; name: string }) {
  const phone = signIn(apis, "handset");
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "marlo");
  const facts = Object.fromEntries(noteBody(apis, notes, pub.title).split("\n").map((line) => line.split(": ")));
  const inTime = (day: string) => day >= facts.leave && day <= facts.back;
  const lines = ["placed", "shipped"].flatMap((state) => purchaseLines(apis, token, { state }))
    .filter((x) => inTime(x.eta));
  for (const x of lines) {
    if (x.parcel_state === "preparing") apis.marlo.cancel_line({ token, line_id: x.line_id });
  }
  for (const x of allPages(apis.marlo.list_refills, { token, paused: false })) {
    if (inTime(x.next_on)) apis.marlo.pause_refill({ token, refill_id: x.refill_id });
  }
  const parcels = new Set(lines.filter((x) => x.parcel_state === "shipped").map((x) => x.parcel_no));
  const { number } = contactNamed(apis, phone, pub.name);
  apis.handset.send_text({ token: phone, number, text: "Parcels to take in: " + parcels.size });
}

/** Scenarios of this generator. */
export const cancelUnshipped: readonly Scenario[] = [
  bench({
    family: "cancel_unshipped/seller",
    split: "test_challenge",
    difficulty: 1,
    apps: ["marlo"],
    axis: {},
    draw: drawSeller,
    solve: solveSeller,
  }),
  bench({
    family: "cancel_unshipped/kind",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "marlo"],
    axis: {},
    draw: drawKind,
    solve: solveKind,
  }),
  bench({
    family: "cancel_unshipped/trip",
    split: "test_challenge",
    difficulty: 3,
    apps: ["foldnote", "handset", "marlo"],
    axis: {},
    draw: drawTrip,
    solve: solveTrip,
  }),
];
