/**
 * Receipts of the shop that came by letter become bills of a circle: a whole one, one without what is the user's own and with its
 * invoice, or those of a month that went to one address.
 *
 * Hurdles: the same thing was ordered before, another order was placed on the same day, some orders have their bill.
 *
 * @module
 */
import { freshKind, isFileable, oneOfEachKind, receiptCopy, talkers, titleOf } from "./_cross_b.ts";
import { isFreePlace } from "./_files.ts";
import {
  addDays,
  amountOf,
  type Apis,
  bench,
  type BenchDraw,
  centsText,
  cycle,
  idIn,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  sayMonth,
  type Scenario,
  type SetupContext,
  textOf,
  today,
} from "./_kit.ts";
import { addBillOn, billsIn, circlesOf, holderOf, namesDiffer } from "./_money_kit.ts";
import { addressesOf, dayBefore, labelledAddress, plantNewer, plantPurchase } from "./_shop_kit.ts";
import { allPages, contactNamed, signIn } from "./_toolbox.ts";

type WholePub = { readonly product: string; readonly circle: string; readonly title: string };
type InvoicePub = {
  readonly day: string;
  readonly kind: string;
  readonly circle: string;
  readonly title: string;
  readonly name: string;
  readonly path: string;
};
type MonthPub = { readonly month: string; readonly label: string; readonly circle: string; readonly name: string };

const TITLES = ["Things for all of us", "Marlo, shared", "New things", "Shared order", "Bits and pieces"] as const;

/** Purchase by id. */
function bought(ctx: SetupContext, id: number): Row {
  const row = ctx.row("marlo.purchase", id);
  if (row === undefined) throw new RangeError(`There is no purchase ${id}`);
  return row;
}

const dayOf = (row: Row) => textOf(row, "at").slice(0, 10);

function drawWhole(ctx: SetupContext): BenchDraw<WholePub> | Reject {
  const [circle] = circlesOf(ctx, 3, 9);
  const products = oneOfEachKind(ctx, 8, (row) => numberOf(row, "price") < 9000);
  const [wanted, a, b, c, d] = products;
  if (circle === undefined || wanted === undefined || a === undefined || b === undefined) return reject("too little");
  if (c === undefined || d === undefined) return reject("too few products");
  plantPurchase(ctx, dayBefore(ctx, 70), [{ product: a, progress: { on: dayBefore(ctx, 66) } }, {
    product: wanted,
    progress: { on: dayBefore(ctx, 66) },
  }]);
  const delivered = { on: dayBefore(ctx, 15) };
  const { purchaseId } = plantPurchase(ctx, dayBefore(ctx, 18 + ctx.random.int(0, 4)), [
    { product: b, qty: 2, progress: delivered },
    { product: wanted, qty: ctx.random.int(1, 3), progress: delivered },
    { product: c, progress: delivered },
  ]);
  plantPurchase(ctx, dayBefore(ctx, 8), [{ product: d, progress: "shipped" }]);
  plantNewer(ctx, 5);
  if (receiptCopy(ctx, purchaseId)?.["folder"] === "bin") return reject("a rule binned the receipt");
  const title = ctx.random.pick(TITLES);
  const product = titleOf(wanted);
  const row = bought(ctx, purchaseId);
  return {
    instruction: phrase(ctx, [
      `In my mail there are receipts from marlo. Take that of my latest order with a "${product}" in it and add it to the commonpot circle "${circle.name}" as the bill "${title}": the receipt's total, the day of the order, category household, shared equally by everybody.`,
      `Please make a bill of the newest marlo receipt in my letters that has "${product}" among its items. Circle "${circle.name}" in commonpot, title "${title}", category household, whole total, dated when I ordered, split equally among all.`,
      `The last time that I ordered "${product}" on marlo it was for the circle "${circle.name}". Look up the receipt letter and put the full amount into commonpot as "${title}", category household, on the order's day, everybody in equal parts.`,
    ]),
    pub: { product, circle: circle.name, title },
    writes: [{
      app: "commonpot",
      api: "add_bill",
      args: {
        circle_id: circle.id,
        title,
        total: amountOf(numberOf(row, "total")),
        on: dayOf(row),
        category: "household",
      },
    }],
  };
}

function solveWhole(apis: Apis, pub: WholePub): void {
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "commonpot");
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const letters = allPages(apis.quillpost.find_letters, { token: mail, from: "post@marlo.test" });
  for (const { letter_id, subject } of letters) {
    const [, on] = subject.match(/^Your marlo order of ([\d-]+)/) ?? [];
    if (on === undefined) continue;
    const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
    if (!body.includes(` x ${pub.product} (`)) continue;
    const total = Number(body.match(/^Total: ([\d.]+)$/m)[1]);
    apis.commonpot.add_bill({ token, circle_id, title: pub.title, total, on, category: "household" });
    return;
  }
}

function drawInvoice(ctx: SetupContext): BenchDraw<InvoicePub> | Reject {
  const circle = circlesOf(ctx, 4, 9).find(({ members }) => namesDiffer(ctx, members));
  const own = freshKind(ctx, 4, (row) => numberOf(row, "price") < 9000);
  const others = oneOfEachKind(ctx, 7, (row) => row["kind"] !== own?.kind && numberOf(row, "price") < 9000);
  const [mine, before, after] = own?.products ?? [];
  if (circle === undefined || own === undefined || mine === undefined || before === undefined || after === undefined) {
    return reject("no circle or nothing to buy");
  }
  if (others.length < 7) return reject("too few products");
  const ago = ctx.random.int(16, 26);
  const day = dayBefore(ctx, ago);
  const plant = (daysAgo: number, products: readonly Row[]) =>
    plantPurchase(
      ctx,
      dayBefore(ctx, daysAgo),
      products.map((product) => ({
        product,
        qty: ctx.random.int(1, 3),
        progress: { on: dayBefore(ctx, daysAgo - 4) },
      })),
    ).purchaseId;
  plant(ago + 1, [before, ...others.slice(0, 1)]);
  const purchaseId = plant(ago, [...others.slice(1, 2), mine, ...others.slice(2, 4)]);
  const rival = plant(ago, others.slice(4, 6));
  plant(ago - 1, [after, ...others.slice(6)]);
  plantNewer(ctx, 5, (row) => row["kind"] !== own.kind);
  const row = bought(ctx, purchaseId);
  if (bought(ctx, rival)["total"] === row["total"]) return reject("two orders of one total");
  if (receiptCopy(ctx, purchaseId)?.["folder"] === "bin") return reject("a rule binned the receipt");
  const sameDay = ctx.rows("marlo.purchase", ctx.user.email).filter((one) => dayOf(one) === day);
  const line = ctx.rowsWhere("marlo.purchase_line", "purchase_id", purchaseId)
    .find((one) => one["product_id"] === mine.id);
  if (sameDay.length !== 2 || line === undefined) return reject("other orders of the day");
  const left = ctx.random.pick(circle.members.filter((email) => email !== ctx.user.email));
  const { name } = holderOf(ctx, left);
  const title = ctx.random.pick(TITLES);
  const path = `/${ctx.random.pick(["shared", "home/orders", "receipts/marlo", "money/circle"])}/${
    ctx.random.pick(["order", "invoice", "marlo"])
  }-${day}.txt`;
  if (!isFreePlace(ctx, path)) return reject("the path is taken");
  const { kind } = own;
  const total = amountOf(numberOf(row, "total") - numberOf(line, "unit_price") * numberOf(line, "qty"));
  const who = circle.name;
  return {
    instruction: phrase(ctx, [
      `I have a receipt letter from marlo for an order of ${
        sayDate(day)
      } with a ${kind} in it. The ${kind} is my own; the rest, delivery included, is the bill "${title}" of that day for the circle "${who}" in commonpot, category household, shared equally by all but ${name}. Also save the order's invoice as ${path} and attach it to the bill.`,
      `On ${
        sayDate(day)
      } I ordered things for "${who}" on marlo, and one ${kind} position for myself (see the receipt in my mail). Add a commonpot bill "${title}", category household, that day, over the total without the ${kind}, equally for everybody except ${name}. Put the invoice of that order at ${path} and attach the file.`,
      `Please turn the marlo receipt of ${
        sayDate(day)
      } (the one with the ${kind}, by letter) into a bill "${title}" of the circle "${who}", same day, category household: total less what the ${kind} cost, ${name} does not take part, the others share equally. Its invoice goes to ${path} and is attached.`,
    ]),
    pub: { day, kind, circle: who, title, name, path },
    said: { day: sayDate(day) },
    writes(client) {
      client("marlo", "download_invoice", { purchase_id: purchaseId, path });
      const among = circle.members.filter((email) => email !== left);
      const args = { circle_id: circle.id, title, total, on: day, category: "household", among };
      const bill_id = idIn(client("commonpot", "add_bill", args), "bill_id");
      client("commonpot", "attach_receipt", { bill_id, path });
    },
  };
}

function solveInvoice(apis: Apis, pub: InvoicePub): void {
  const mail = signIn(apis, "quillpost");
  const shop = signIn(apis, "marlo");
  const stow_token = signIn(apis, "stowbox");
  const token = signIn(apis, "commonpot");
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const among = allPages(apis.commonpot.list_circle_members, { token, circle_id })
    .filter((x) => x.name !== pub.name).map((x) => x.email);
  const letters = allPages(apis.quillpost.find_letters, { token: mail, from: "post@marlo.test" })
    .filter((x) => x.subject.startsWith("Your marlo order of " + pub.day));
  for (const { letter_id } of letters) {
    const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
    const [, own] = body.match(new RegExp(`^\\d+ x .+ ${pub.kind} \\(.+\\): ([\\d.]+)$`, "m")) ?? [];
    if (own === undefined) continue;
    const total = Number(body.match(/^Total: ([\d.]+)$/m)[1]);
    const { purchase_id } = allPages(apis.marlo.list_purchases, { token: shop, from_day: pub.day, until_day: pub.day })
      .find((x) => x.total === total);
    apis.marlo.download_invoice({ token: shop, stow_token, purchase_id, path: pub.path });
    const { bill_id } = apis.commonpot.add_bill({
      token,
      circle_id,
      title: pub.title,
      total: Math.round((total - Number(own)) * 100) / 100,
      on: pub.day,
      category: "household",
      among,
    });
    apis.commonpot.attach_receipt({ token, stow_token, bill_id, path: pub.path });
    return;
  }
}

const PLACES = ["allotment", "boat house", "club room", "workshop", "summer house", "garage"] as const;

/** The whole month before that of the task, as its first day. */
function lastMonth(ctx: SetupContext): string {
  return `${addDays(`${today(ctx).slice(0, 7)}-01`, -1).slice(0, 7)}-01`;
}

function drawMonth(ctx: SetupContext): BenchDraw<MonthPub> | Reject {
  const [circle] = circlesOf(ctx, 3, 9);
  const [partner] = talkers(ctx);
  const label = PLACES.filter((one) => addressesOf(ctx).every((row) => row["label"] !== one))[
    cycle(ctx, [0, 1, 2]) + ctx.random.int(0, 2)
  ];
  const products = oneOfEachKind(ctx, 12, (row) => numberOf(row, "price") < 8000);
  if (circle === undefined || partner === undefined || label === undefined || products.length < 12) {
    return reject("no circle, label or products");
  }
  const there = labelledAddress(ctx, label).id;
  const first = lastMonth(ctx);
  const month = first.slice(0, 7);
  const end = addDays(`${today(ctx).slice(0, 7)}-01`, -1);
  // The first and the last day count, their neighbours outside do not; three go home.
  const days = [first, addDays(first, 5), addDays(first, 11), addDays(first, 12), addDays(first, 20), end];
  const outside = [addDays(first, -1), addDays(end, 1)].filter((day) => day < today(ctx));
  const plan = [
    ...days.map((day) => ({ day, there: true })),
    ...outside.map((day) => ({ day, there: true })),
    ...[2, 9, 17].map((days) => ({ day: addDays(first, days), there: false })),
  ].sort((a, b) => (a.day < b.day ? -1 : 1));
  const orders = plan.map((one, i) => {
    const product = products[i];
    if (product === undefined) throw new RangeError("There are too few products");
    const items = [{ product, qty: ctx.random.int(1, 2), progress: { on: addDays(one.day, 3) } }];
    const made = one.there ? plantPurchase(ctx, one.day, items, there) : plantPurchase(ctx, one.day, items);
    return { ...one, row: bought(ctx, made.purchaseId), copy: receiptCopy(ctx, made.purchaseId) };
  });
  const wanted = orders.filter((one) => one.there && one.day.startsWith(month));
  if (!wanted.every(({ copy }) => isFileable(copy))) return reject("a rule filed a receipt");
  const [, done, near, , alike] = wanted;
  if (done === undefined || near === undefined || alike === undefined) return reject("too few orders");
  // One has its bill; two have bills of their day or amount only.
  const bill = (cents: number, day: string) =>
    addBillOn(ctx, { circle: circle.id, by: ctx.user.email, title: "Marlo order", cents, day, category: "household" });
  bill(numberOf(done.row, "total"), done.day);
  bill(numberOf(near.row, "total") + 100, near.day);
  bill(numberOf(alike.row, "total"), addDays(alike.day, -1));
  const has = ({ day, row }: typeof done) =>
    billsIn(ctx, circle.id).some((one) => one["on"] === day && one["total"] === row["total"]);
  const missing = wanted.filter((one) => !has(one));
  if (missing.length !== wanted.length - 1) return reject("other bills fit");
  const { name, number } = partner.person;
  const sum = missing.reduce((cents, { row }) => cents + numberOf(row, "total"), 0);
  const when = sayMonth(month);
  return {
    instruction: phrase(ctx, [
      `Go by marlo's receipt letters of ${when}: each order sent to my "${label}" address becomes a commonpot bill "Marlo order" of its day for "${circle.name}", category household, equally for all, unless that circle has a bill of the same day and amount. Archive the letters of which you made bills and text ${name} "Added: " with their sum (two decimals).`,
      `In ${when} I ordered on marlo for "${circle.name}", always to the address "${label}". Enter what is missing in that commonpot circle (no bill of that day and amount) as "Marlo order", category household, by the receipts in my mail, split equally. The receipts of what you added go to the archive, and ${name} gets the text "Added: " plus the total, with two decimals.`,
      `Please check the marlo receipts of ${when} in my letters. What went to "${label}" and is not among the bills of "${circle.name}" with its day and amount is added there as "Marlo order" (household, equal shares); archive exactly these letters. Text ${name}: "Added: " and the sum with two decimals.`,
    ]),
    pub: { month, label, circle: circle.name, name },
    said: { month: when },
    writes(client) {
      for (const { day, row, copy } of missing) {
        client("commonpot", "add_bill", {
          circle_id: circle.id,
          title: "Marlo order",
          total: amountOf(numberOf(row, "total")),
          on: day,
          category: "household",
        });
        client("quillpost", "archive", { letter_id: numberOf(copy ?? { id: 0 }, "letter_id") });
      }
      client("handset", "send_text", { number, text: `Added: ${centsText(sum)}` });
    },
  };
}

function solveMonth(apis: Apis, pub: MonthPub): void {
  const phone = signIn(apis, "handset");
  const mail = signIn(apis, "quillpost");
  const shop = signIn(apis, "marlo");
  const token = signIn(apis, "commonpot");
  const { street, town } = allPages(apis.marlo.list_addresses, { token: shop }).find((x) => x.label === pub.label);
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const bills = allPages(apis.commonpot.list_bills, { token, circle_id, since: pub.month + "-01" });
  const letters = allPages(apis.quillpost.find_letters, { token: mail, from: "post@marlo.test" })
    .filter((x) => x.sent_at.startsWith(pub.month) && x.subject.startsWith("Your marlo order of "));
  let cents = 0;
  for (const { letter_id, sent_at } of letters) {
    const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
    if (!body.endsWith(`, ${street}, ${town}`)) continue;
    const on = sent_at.slice(0, 10);
    const total = Number(body.match(/^Total: ([\d.]+)$/m)[1]);
    if (bills.some((x) => x.on === on && x.total === total)) continue;
    apis.commonpot.add_bill({ token, circle_id, title: "Marlo order", total, on, category: "household" });
    apis.quillpost.archive({ token: mail, letter_id });
    cents += Math.round(total * 100);
  }
  const { number } = contactNamed(apis, phone, pub.name);
  apis.handset.send_text({ token: phone, number, text: "Added: " + (cents / 100).toFixed(2) });
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const receiptToBill: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "receipt_to_bill/whole",
    difficulty: 2,
    apps: ["commonpot", "quillpost"],
    draw: drawWhole,
    solve: solveWhole,
  }),
  bench({
    ...COMMON,
    family: "receipt_to_bill/invoice",
    difficulty: 3,
    apps: ["commonpot", "marlo", "quillpost", "stowbox"],
    draw: drawInvoice,
    solve: solveInvoice,
  }),
  bench({
    ...COMMON,
    family: "receipt_to_bill/month",
    difficulty: 3,
    apps: ["commonpot", "handset", "marlo", "quillpost"],
    draw: drawMonth,
    solve: solveMonth,
  }),
];
