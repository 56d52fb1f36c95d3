/**
 * Refunds of the shop are logged in a note: those of returns, those that letters tell of, those that change bills of a circle.
 *
 * Hurdles: some are in the note already, returns that are open or refused do not count, days at the edge do.
 *
 * @module
 */
import { isFileable, oneOfEachKind, SHOP } from "./_cross_b.ts";
import {
  addDays,
  amountOf,
  type Apis,
  bench,
  type BenchDraw,
  centsText,
  idIn,
  listOf,
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
import { addBillOn, billsIn, circlesOf, walletCents } from "./_money_kit.ts";
import { isFreshTitle } from "./_phone.ts";
import { dayBefore, plantNote, plantPurchase } from "./_shop_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

type ReturnsPub = { readonly title: string };
type CancelledPub = { readonly title: string; readonly day: string; readonly pot: string };
type BillsPub = { readonly title: string; readonly day: string; readonly circle: string };

const TITLES = [
  "Money back",
  "Refund book",
  "What came back",
  "Shop refunds",
  "Returned money",
  "Back from marlo",
] as const;
const REASONS = ["too small", "it arrived scratched", "not the colour shown", "ordered twice"] as const;

/** A return that was opened some days ago, of a thing delivered a week before. @returns its line. */
function plantReturn(ctx: SetupContext, product: Row, daysAgo: number, state: string, qty = 1): Row {
  const there = { on: dayBefore(ctx, daysAgo + 7) };
  const { lineIds: [line_id = 0] } = plantPurchase(ctx, dayBefore(ctx, daysAgo + 12), [
    { product, qty, progress: there },
  ]);
  const at = `${dayBefore(ctx, daysAgo)}T17:${ctx.random.int(10, 59)}:00`;
  ctx.as(ctx.user, at)("marlo", "open_return", { line_id, reason: ctx.random.pick(REASONS) });
  if (state !== "open") ctx.patch("marlo.purchase_line", line_id, { return_state: state });
  return ctx.row("marlo.purchase_line", line_id) ?? { id: line_id };
}

/** Refunded returns of the user, oldest first; undefined where two are of one day. */
function refundedReturns(ctx: SetupContext): Row[] | undefined {
  const rows = ctx.rows("marlo.purchase_line", ctx.user.email).filter((row) => row["return_state"] === "refunded")
    .sort((a, b) => (textOf(a, "return_on") < textOf(b, "return_on") ? -1 : 1));
  return new Set(rows.map((row) => row["return_on"])).size === rows.length ? rows : undefined;
}

function returnLine(row: Row): string {
  return `${textOf(row, "return_on")} | ${textOf(row, "product")} | ${centsText(numberOf(row, "refund"))}`;
}

function freshTitle(ctx: SetupContext): string | undefined {
  return ctx.random.shuffle(TITLES).find((title) => isFreshTitle(ctx, title));
}

/** The note's id with lines in it, and an archived older one. */
function plantLog(ctx: SetupContext, title: string, lines: readonly string[]): number {
  return plantNote(ctx, title, ["What marlo paid back", ...lines].join("\n"), "What marlo paid back\nnothing yet");
}

function drawReturns(ctx: SetupContext): BenchDraw<ReturnsPub> | Reject {
  const title = freshTitle(ctx);
  const products = oneOfEachKind(ctx, 11);
  if (title === undefined || products.length < 11) return reject("no title or products");
  const plan = [
    "open",
    "refunded",
    "refused",
    "refunded",
    "refunded",
    "refunded",
    "open",
    "refunded",
    "refunded",
    "refunded",
  ];
  plan.forEach((state, i) => {
    const product = products[i];
    if (product !== undefined) plantReturn(ctx, product, 4 + i * 6 + ctx.random.int(0, 3), state, 1 + i % 2);
  });
  const refunded = refundedReturns(ctx);
  if (refunded === undefined) return reject("two returns of a day");
  const newest = [...refunded].reverse();
  const missing = newest.filter((_, i) => i === 0 || i === 3 || i === 5 || i === 6).reverse();
  const logged = refunded.filter((row) => !missing.includes(row));
  const note_id = plantLog(ctx, title, logged.map(returnLine));
  return {
    instruction: phrase(ctx, [
      `My note "${title}" has a line for each return that marlo refunded, in the form "day of opening | product | amount". Add the lines that are missing at the end, oldest first, amounts with two decimals.`,
      `Please complete the note "${title}": every refunded return of mine on marlo should have its line "day on which it was opened | product | refund" there, with two decimals. Append what is not there yet in order of time.`,
      `Compare my marlo returns with the note "${title}". For each one that was refunded but is not in it, append "day | product | amount" (the day it was opened, two decimals), the oldest first, like the lines that are there.`,
    ]),
    pub: { title },
    writes: missing.map((row) => ({
      app: "foldnote",
      api: "append_to_note",
      args: { note_id, text: returnLine(row) },
    })),
  };
}

function solveReturns(apis: Apis, pub: ReturnsPub): void {
  const shop = signIn(apis, "marlo");
  const token = signIn(apis, "foldnote");
  const { note_id } = allPages(apis.foldnote.list_notes, { token }).find((x) => x.title === pub.title);
  const logged = apis.foldnote.get_note({ token, note_id }).body.split("\n");
  const lines = allPages(apis.marlo.list_returns, { token: shop, state: "refunded" })
    .map((x) => `${x.opened_on} | ${x.product} | ${x.refund.toFixed(2)}`).sort();
  for (const text of lines) if (!logged.includes(text)) apis.foldnote.append_to_note({ token, note_id, text });
}

/** The user's letters about cancellations, with the user's copies, oldest first. */
function cancelLetters(ctx: SetupContext): { readonly letter: Row; readonly copy: Row }[] {
  return ctx.rowsWhere("quillpost.letter", "from", SHOP)
    .filter((row) => listOf(row, "to").includes(ctx.user.email) && textOf(row, "subject").startsWith("Cancelled at"))
    .flatMap((letter) =>
      ctx.rowsWhere("quillpost.letter_copy", "letter_id", letter.id)
        .filter((copy) => copy["owner"] === ctx.user.email).map((copy) => ({ letter, copy }))
    ).sort((a, b) => (textOf(a.letter, "sent_at") < textOf(b.letter, "sent_at") ? -1 : 1));
}

const POTS = ["refund jar", "found money", "second chance", "back pocket", "lucky pot"] as const;

function drawCancelled(ctx: SetupContext): BenchDraw<CancelledPub> | Reject {
  const title = freshTitle(ctx);
  const products = oneOfEachKind(ctx, 16, (row) => numberOf(row, "price") < 3000);
  const taken = new Set(ctx.rows("tuppence.pot", ctx.user.email).map((row) => row["name"]));
  const pot = ctx.random.shuffle(POTS).find((name) => !taken.has(name));
  if (title === undefined || pot === undefined || products.length < 16) return reject("no title, pot or products");
  const known = new Set(cancelLetters(ctx).map(({ letter }) => letter.id));
  const past = ctx.as(ctx.user, `${dayBefore(ctx, 50)}T19:12:00`);
  const pot_id = idIn(past("tuppence", "add_pot", { name: pot, goal: 400 }), "pot_id");
  // Days ago; the second is the day that counts first.
  const days = [33, 32, 27, 24, 20, 17, 13, 9];
  const lines = days.map((daysAgo, i) => {
    const [kept, lost] = [products[2 * i], products[2 * i + 1]];
    const day = dayBefore(ctx, daysAgo);
    if (kept === undefined || lost === undefined) throw new RangeError("There are too few products");
    const { lineIds } = plantPurchase(ctx, day, [
      { product: kept, progress: { on: addDays(day, 4) } },
      { product: lost, qty: 1 + i % 3 },
    ]);
    const line_id = lineIds[1] ?? 0;
    ctx.as(ctx.user, `${day}T14:${ctx.random.int(10, 59)}:00`)("marlo", "cancel_line", { line_id });
    const line = ctx.row("marlo.purchase_line", line_id) ?? { id: 0 };
    const cents = numberOf(line, "refund");
    return { cents, text: `${day} | ${numberOf(line, "qty")} x ${textOf(line, "product")} | ${centsText(cents)}` };
  });
  const letters = cancelLetters(ctx).filter(({ letter }) => !known.has(letter.id));
  const day = dayBefore(ctx, 32);
  const natural = cancelLetters(ctx).some(({ letter }) =>
    known.has(letter.id) && textOf(letter, "sent_at").slice(0, 10) >= day
  );
  if (natural || letters.length !== days.length || !letters.every(({ copy }) => isFileable(copy))) {
    return reject("other letters, or rules that file them");
  }
  const isLogged = (i: number) => i === 3 || i === 6;
  const missing = lines.map((line, i) => ({ ...line, letter: letters[i]?.letter, i })).filter(({ i }) =>
    i > 0 && !isLogged(i)
  );
  const note_id = plantLog(ctx, title, lines.filter((_, i) => isLogged(i)).map(({ text }) => text));
  const sum = missing.reduce((cents, one) => cents + one.cents, 0);
  if (walletCents(ctx) < sum) return reject("the wallet is too light");
  const sayingOfDay = sayDate(day);
  return {
    instruction: phrase(ctx, [
      `Since ${sayingOfDay} marlo has written me letters about things that were cancelled. For each that is not in my note "${title}" yet, append a line like those there, "2027-03-02 | 2 x Heron oak stool | 34.50" (day of the letter, thing, refund), oldest first, and archive the letter. Finally move the sum of what you added from my tuppence balance into the pot "${pot}".`,
      `My note "${title}" logs what marlo pays back for cancelled orders: "2027-03-02 | 2 x Heron oak stool | 34.50". Complete it from marlo's letters of ${sayingOfDay} or later, in order of time; a letter that you log goes to the archive. Then put as much as the new lines come to into my pot "${pot}".`,
      `Go through marlo's letters on cancellations from ${sayingOfDay} on. What the note "${title}" does not have becomes a line "day | quantity x product | refund" at its end (2027-03-02 | 2 x Heron oak stool | 34.50), the oldest first, and its letter is archived. The total of these lines moves from my balance to the pot "${pot}".`,
    ]),
    pub: { title, day, pot },
    said: { day: sayingOfDay },
    writes(client) {
      for (const { text, letter } of missing) {
        client("foldnote", "append_to_note", { note_id, text });
        client("quillpost", "archive", { letter_id: letter?.id ?? 0 });
      }
      client("tuppence", "move_into_pot", { pot_id, amount: amountOf(sum) });
    },
  };
}

function solveCancelled(apis: Apis, pub: CancelledPub): void {
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "foldnote");
  const wallet = signIn(apis, "tuppence");
  const { note_id } = allPages(apis.foldnote.list_notes, { token }).find((x) => x.title === pub.title);
  const logged = apis.foldnote.get_note({ token, note_id }).body.split("\n");
  const letters = allPages(apis.quillpost.find_letters, { token: mail, from: "post@marlo.test", since: pub.day })
    .filter((x) => x.subject.startsWith("Cancelled at marlo")).reverse();
  let cents = 0;
  for (const { letter_id, sent_at } of letters) {
    const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
    const [, thing] = body.match(/^(\d+ x .+) \(.+\)$/m);
    const [, refund] = body.match(/^Refund: ([\d.]+)$/m);
    const text = `${sent_at.slice(0, 10)} | ${thing} | ${refund}`;
    if (logged.includes(text)) continue;
    apis.foldnote.append_to_note({ token, note_id, text });
    apis.quillpost.archive({ token: mail, letter_id });
    cents += Math.round(Number(refund) * 100);
  }
  const { pot_id } = allPages(apis.tuppence.list_pots, { token: wallet }).find((x) => x.name === pub.pot);
  apis.tuppence.move_into_pot({ token: wallet, pot_id, amount: cents / 100 });
}

function drawBills(ctx: SetupContext): BenchDraw<BillsPub> | Reject {
  const title = freshTitle(ctx);
  const [circle] = circlesOf(ctx, 3, 9);
  const products = oneOfEachKind(ctx, 10, (row) => numberOf(row, "price") < 12_000);
  if (title === undefined || circle === undefined || products.length < 10) {
    return reject("no title, circle or products");
  }
  const since = ctx.random.int(36, 48);
  const day = dayBefore(ctx, since);
  // Days ago, state, and what the bill has beside the thing; no bill where it is undefined.
  const plan: readonly (readonly [number, string, number | undefined])[] = [
    [since + 1, "refunded", 1200],
    [since, "refunded", 2400],
    [since - 5, "refunded", 0],
    [since - 8, "open", 900],
    [since - 11, "refunded", undefined],
    [since - 15, "refunded", 1800],
    [since - 19, "refused", 0],
    [since - 22, "refunded", 0],
    [since - 26, "refunded", 600],
  ];
  const billIds = new Map<number, { readonly billId: number; readonly cents: number }>();
  plan.forEach(([daysAgo, state, more], i) => {
    const product = products[i];
    if (product === undefined) return;
    const line = plantReturn(ctx, product, daysAgo, state, 1 + i % 2);
    if (more === undefined) return;
    const cents = numberOf(line, "refund") + more;
    const on = dayBefore(ctx, daysAgo + 12);
    const bill = { circle: circle.id, by: ctx.user.email, title: textOf(line, "product"), cents, day: on };
    billIds.set(line.id, { billId: addBillOn(ctx, { ...bill, category: "household" }), cents });
  });
  // Bills of other things in between, so that those of the returns are not the newest.
  for (const [i, what] of ["Tickets", "Pizza", "Bread and cheese", "Parking", "Ice cream", "Plants"].entries()) {
    addBillOn(ctx, {
      circle: circle.id,
      by: ctx.user.email,
      title: what,
      cents: ctx.random.int(9, 40) * 100,
      day: dayBefore(ctx, 8 - i),
    });
  }
  const refunded = refundedReturns(ctx);
  if (refunded === undefined) return reject("two returns of a day");
  const counted = refunded.filter((row) => textOf(row, "return_on") >= day);
  if (
    counted.some((row) => !billIds.has(row.id) && billsIn(ctx, circle.id).some((b) => b["title"] === row["product"]))
  ) {
    return reject("another bill of that title");
  }
  const old = refunded.filter((row) => textOf(row, "return_on") < day && !billIds.has(row.id));
  const note_id = plantLog(ctx, title, old.map(returnLine));
  const sayingOfDay = sayDate(day);
  return {
    instruction: phrase(ctx, [
      `Take my marlo returns that were opened on ${sayingOfDay} or later and are refunded. Append each to the note "${title}" as "day of opening | product | amount" (two decimals, oldest first). Where the circle "${circle.name}" in commonpot has a bill titled like the product, lower its total by the refund and remark "Refunded" under it; if nothing would remain, remove the bill without a remark.`,
      `Which of my marlo returns, opened since ${sayingOfDay}, were refunded? They go to the end of the note "${title}", oldest first, like "2027-03-02 | Heron oak stool | 34.50" (day of opening). Bills in "${circle.name}" of commonpot that are named after these products get cheaper by the refund, with the remark "Refunded"; those that would drop to zero are removed instead.`,
      `Please log refunded marlo returns opened from ${sayingOfDay} on in "${title}": one line "opening day | product | refund" each, two decimals, in order of time. And correct commonpot's "${circle.name}": a bill with such a product as its title is reduced by the refund and gets the remark "Refunded", or is simply removed if the refund covers it all.`,
    ]),
    pub: { title, day, circle: circle.name },
    said: { day: sayingOfDay },
    writes(client) {
      for (const row of counted) {
        client("foldnote", "append_to_note", { note_id, text: returnLine(row) });
        const { billId: bill_id, cents } = billIds.get(row.id) ?? { billId: 0, cents: 0 };
        const left = cents - numberOf(row, "refund");
        if (bill_id === 0) continue;
        if (left === 0) {
          client("commonpot", "remove_bill", { bill_id });
        } else {
          client("commonpot", "edit_bill", { bill_id, total: amountOf(left) });
          client("commonpot", "add_remark", { bill_id, text: "Refunded" });
        }
      }
    },
  };
}

function solveBills(apis: Apis, pub: BillsPub): void {
  const shop = signIn(apis, "marlo");
  const notes = signIn(apis, "foldnote");
  const token = signIn(apis, "commonpot");
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notes }).find((x) => x.title === pub.title);
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const bills = allPages(apis.commonpot.list_bills, { token, circle_id });
  const returns = allPages(apis.marlo.list_returns, { token: shop, state: "refunded" })
    .filter((x) => x.opened_on >= pub.day).reverse();
  for (const { product, refund, opened_on } of returns) {
    const text = `${opened_on} | ${product} | ${refund.toFixed(2)}`;
    apis.foldnote.append_to_note({ token: notes, note_id, text });
    const bill = bills.find((x) => x.title === product);
    if (bill === undefined) continue;
    const { bill_id } = bill;
    const total = Math.round((bill.total - refund) * 100) / 100;
    if (total === 0) apis.commonpot.remove_bill({ token, bill_id });
    else {
      apis.commonpot.edit_bill({ token, bill_id, total });
      apis.commonpot.add_remark({ token, bill_id, text: "Refunded" });
    }
  }
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const refundLog: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "refund_log/returns",
    difficulty: 2,
    apps: ["foldnote", "marlo"],
    draw: drawReturns,
    solve: solveReturns,
  }),
  bench({
    ...COMMON,
    family: "refund_log/cancelled",
    difficulty: 3,
    apps: ["foldnote", "quillpost", "tuppence"],
    draw: drawCancelled,
    solve: solveCancelled,
  }),
  bench({
    ...COMMON,
    family: "refund_log/bills",
    difficulty: 3,
    apps: ["commonpot", "foldnote", "marlo"],
    draw: drawBills,
    solve: solveBills,
  }),
];
