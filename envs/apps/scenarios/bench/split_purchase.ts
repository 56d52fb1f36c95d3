/**
 * Purchases of the shop are shared in a circle: what was paid in the end, each thing by whoever took it, or equally with asks for the
 * parts.
 *
 * Hurdles: part of the purchase was refunded, later ones of the kind were cancelled, some claims are too old or by outsiders, some
 * people have paid already.
 *
 * @module
 */
import { freshKind, oneOfEachKind, talkers, titleOf } from "./_cross_b.ts";
import { type Known, onDay } from "./_cross_kit.ts";
import { isFreePlace } from "./_files.ts";
import {
  addDays,
  amountOf,
  type Apis,
  bench,
  type BenchDraw,
  centsText,
  type Client,
  idIn,
  numberOf,
  phrase,
  type Principal,
  type Reject,
  reject,
  type Row,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { circlesOf, type CircleView, dayFrom, sendOn, walletCents } from "./_money_kit.ts";
import { receiveText } from "./_phone.ts";
import { aKind, dayBefore, ownedLines, plantNewer, plantPurchase } from "./_shop_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

type EqualPub = { readonly kind: string; readonly circle: string; readonly title: string };
type LinesPub = { readonly day: string; readonly circle: string; readonly title: string };
type AsksPub = {
  readonly kind: string;
  readonly circle: string;
  readonly title: string;
  readonly path: string;
};

const isCheap = (row: Row) => numberOf(row, "price") < 6000;
const OCCASIONS = ["Spring shopping", "Club things", "For the house", "Our order", "Joint shopping"] as const;

/** A purchase by id. */
function bought(ctx: SetupContext, id: number): Row {
  const row = ctx.row("marlo.purchase", id);
  if (row === undefined) throw new RangeError(`There is no purchase ${id}`);
  return row;
}

/** Cancels the last line of a purchase on its day, while the others are on their way. */
function cancelLast(ctx: SetupContext, { purchaseId, lineIds }: ReturnType<typeof plantPurchase>): void {
  const at = `${textOf(bought(ctx, purchaseId), "at").slice(0, 10)}T13:${ctx.random.int(10, 59)}:00`;
  ctx.as(ctx.user, at)("marlo", "cancel_line", { line_id: lineIds.at(-1) ?? 0 });
}

function drawEqual(ctx: SetupContext): BenchDraw<EqualPub> | Reject {
  const [circle] = circlesOf(ctx, 3, 9);
  const fresh = freshKind(ctx, 4, isCheap);
  const others = oneOfEachKind(ctx, 3, (row) => row["kind"] !== fresh?.kind && isCheap(row));
  const [wanted, older, called] = fresh?.products ?? [];
  const [beside, lost, beside2] = others;
  if (circle === undefined || fresh === undefined || wanted === undefined || older === undefined) {
    return reject("no circle or kind");
  }
  if (called === undefined || beside === undefined || lost === undefined || beside2 === undefined) {
    return reject("too few products");
  }
  const { kind } = fresh;
  const ago = ctx.random.int(20, 34);
  const there = { on: dayBefore(ctx, ago - 4) };
  plantPurchase(ctx, dayBefore(ctx, ago + 30), [{ product: older, progress: { on: dayBefore(ctx, ago + 25) } }]);
  const made = plantPurchase(ctx, dayBefore(ctx, ago), [
    { product: beside, qty: 2, progress: there },
    { product: wanted, progress: there },
    { product: lost },
  ]);
  cancelLast(ctx, made);
  cancelLast(
    ctx,
    plantPurchase(ctx, dayBefore(ctx, 9), [{ product: beside2, progress: { on: dayBefore(ctx, 5) } }, {
      product: called,
    }]),
  );
  plantNewer(ctx, 5, (row) => row["kind"] !== kind);
  const latest = ownedLines(ctx).find((own) => own.kind === kind && own.line["parcel_state"] !== "cancelled");
  if (latest?.purchase.id !== made.purchaseId) return reject("a later one of the kind");
  const row = bought(ctx, made.purchaseId);
  const title = ctx.random.pick(OCCASIONS);
  return {
    instruction: phrase(ctx, [
      `My latest marlo purchase with ${
        aKind(kind)
      } that was not cancelled was for the circle "${circle.name}". Add it in commonpot as the bill "${title}" on the day of the purchase, category household, in equal shares for everybody: the total less what marlo has refunded of it.`,
      `Please share a marlo purchase with "${circle.name}" in commonpot: the newest one with ${
        aKind(kind)
      } in it, cancelled pieces not counted. The bill is called "${title}", category household, dated the day I bought it, equal for all, and comes to what I paid minus refunds.`,
      `Make a commonpot bill "${title}" (category household) for everybody in "${circle.name}", in equal parts, out of the last purchase on marlo from which I really get ${
        aKind(kind)
      }. Date it like the purchase; its amount is the purchase's total minus what came back.`,
    ]),
    pub: { kind, circle: circle.name, title },
    writes: [{
      app: "commonpot",
      api: "add_bill",
      args: {
        circle_id: circle.id,
        title,
        total: amountOf(numberOf(row, "total") - numberOf(row, "refunded")),
        on: textOf(row, "at").slice(0, 10),
        category: "household",
      },
    }],
  };
}

function solveEqual(apis: Apis, pub: EqualPub): void {
  const shop = signIn(apis, "marlo");
  const token = signIn(apis, "commonpot");
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  for (const { purchase_id } of allPages(apis.marlo.list_purchases, { token: shop })) {
    const { lines, total, refunded, at } = apis.marlo.get_purchase({ token: shop, purchase_id });
    const kept = lines.filter((x: { parcel_state: string }) => x.parcel_state !== "cancelled");
    if (!kept.some((x: { product: string }) => x.product.endsWith(" " + pub.kind))) continue;
    apis.commonpot.add_bill({
      token,
      circle_id,
      title: pub.title,
      total: Math.round((total - refunded) * 100) / 100,
      on: at.slice(0, 10),
      category: "household",
    });
    return;
  }
}

/** A circle of which so many other members are contacts that one can text. */
function circleOfTalkers(
  ctx: SetupContext,
  least: number,
): { readonly circle: CircleView; readonly others: readonly Known[]; readonly outsider: Known } | undefined {
  const people = talkers(ctx);
  for (const circle of circlesOf(ctx, least + 1, 9)) {
    const others = people.filter(({ person }) => circle.members.includes(person.email));
    const outsider = people.find(({ person }) => !circle.members.includes(person.email));
    if (others.length >= least && outsider !== undefined) return { circle, others, outsider };
  }
  return undefined;
}

function drawLines(ctx: SetupContext): BenchDraw<LinesPub> | Reject {
  const found = circleOfTalkers(ctx, 3);
  const products = oneOfEachKind(ctx, 6, isCheap);
  if (found === undefined || products.length < 6) return reject("no circle or products");
  const { circle, others: [first, second, third], outsider } = found;
  if (first === undefined || second === undefined || third === undefined) return reject("too few members");
  const ago = ctx.random.int(14, 24);
  const day = dayBefore(ctx, ago);
  const there = { on: dayBefore(ctx, ago - 5) };
  if (ctx.rows("marlo.purchase", ctx.user.email).some((row) => textOf(row, "at").startsWith(day))) {
    return reject("another purchase of the day");
  }
  const items = products.map((product) => ({ product, qty: ctx.random.int(1, 2), progress: there }));
  const { purchaseId, lineIds } = plantPurchase(ctx, day, items);
  plantNewer(ctx, 5);
  const cost = (i: number) => {
    const line = ctx.row("marlo.purchase_line", lineIds[i] ?? 0);
    return line === undefined ? 0 : numberOf(line, "unit_price") * numberOf(line, "qty");
  };
  const claim = (who: Principal, i: number, at: string) =>
    receiveText(
      ctx,
      who,
      `${ctx.random.pick(["I take", "I would like", "Put me down for"])} the ${titleOf(products[i] ?? { id: 0 })}.`,
      at,
    );
  claim(first.person, 0, `${day}T12:${ctx.random.int(10, 59)}:00`);
  claim(second.person, 1, onDay(ctx, ago - 1, 9));
  claim(first.person, 2, onDay(ctx, ago - 2, 18));
  claim(third.person, 3, onDay(ctx, ago - 4, 18));
  // Too early, as it came out otherwise; and by somebody who is not in the circle.
  claim(second.person, 0, `${addDays(day, -1)}T20:${ctx.random.int(10, 59)}:00`);
  claim(third.person, 4, `${addDays(day, -1)}T21:${ctx.random.int(10, 59)}:00`);
  claim(outsider.person, 5, onDay(ctx, ago - 3, 18));
  for (const [i, { person }] of [first, second, third].entries()) {
    const words = [
      "See you soon!",
      "Thanks for ordering.",
      "When will it be here?",
      "Great.",
      "And how are you?",
      "Yes.",
    ];
    words.forEach((text, n) => receiveText(ctx, person, text, onDay(ctx, 8 - n, 9 + i)));
  }
  const row = bought(ctx, purchaseId);
  const parts = new Map([
    [first.person, cost(0) + cost(2)],
    [second.person, cost(1)],
    [third.person, cost(3)],
  ]);
  const rest = numberOf(row, "total") - [...parts.values()].reduce((sum, cents) => sum + cents, 0);
  const title = ctx.random.pick(OCCASIONS);
  const sayingOfDay = sayDate(day);
  return {
    instruction: phrase(ctx, [
      `On ${sayingOfDay} I ordered things on marlo for "${circle.name}". Since that day members have texted me which of them they take. Add the whole purchase as the commonpot bill "${title}" of that day, category household: everybody owes what they took, all else (delivery too) is mine. Then text each of these members "Your part: " and the amount with two decimals.`,
      `Please put my marlo order of ${sayingOfDay} into the circle "${circle.name}" of commonpot as "${title}", same day, category household. Whoever in the circle has claimed a thing by text from that day on bears its cost; I bear the rest with the delivery. Tell each of them by text "Your part: " plus their amount (two decimals).`,
      `The marlo purchase of ${sayingOfDay} is to be split in "${circle.name}": bill "${title}", category household, dated the same. Members texted me on that day or later what they take, and owe exactly that; what remains, with delivery, is my own share. Each member who took something gets the text "Your part: " with the amount, two decimals.`,
    ]),
    pub: { day, circle: circle.name, title },
    said: { day: sayingOfDay },
    writes(client) {
      const shares = Object.fromEntries([...parts].map(([{ email }, cents]) => [email, amountOf(cents)]));
      client("commonpot", "add_bill", {
        circle_id: circle.id,
        title,
        total: amountOf(numberOf(row, "total")),
        on: day,
        category: "household",
        shares: { ...shares, [ctx.user.email]: amountOf(rest) },
      });
      for (const [{ number }, cents] of parts) {
        client("handset", "send_text", { number, text: `Your part: ${centsText(cents)}` });
      }
    },
  };
}

function solveLines(apis: Apis, pub: LinesPub): void {
  const phone = signIn(apis, "handset");
  const shop = signIn(apis, "marlo");
  const token = signIn(apis, "commonpot");
  const me = apis.principal.who_am_i().email;
  const [{ purchase_id }] = allPages(apis.marlo.list_purchases, {
    token: shop,
    from_day: pub.day,
    until_day: pub.day,
  });
  const { lines, total } = apis.marlo.get_purchase({ token: shop, purchase_id });
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const members = allPages(apis.commonpot.list_circle_members, { token, circle_id }).map((x) => x.email);
  const people = allPages(apis.handset.list_contacts, { token: phone }).filter((x) => members.includes(x.email));
  const cents = new Map();
  for (const { number, email } of people) {
    const texts = allPages(apis.handset.list_texts, { token: phone, number, direction: "in", since: pub.day });
    for (const { product, unit_price, qty } of lines) {
      if (!texts.some((x) => x.text.includes(product))) continue;
      const { owed = 0 } = cents.get(email) ?? {};
      cents.set(email, { number, owed: owed + Math.round(unit_price * 100) * qty });
    }
  }
  const shares: Record<string, number> = {};
  let rest = Math.round(total * 100);
  for (const [email, { owed }] of cents) {
    shares[email] = owed / 100;
    rest -= owed;
  }
  shares[me] = rest / 100;
  const on = pub.day;
  apis.commonpot.add_bill({ token, circle_id, title: pub.title, total, on, category: "household", shares });
  for (const { number, owed } of cents.values()) {
    apis.handset.send_text({ token: phone, number, text: "Your part: " + (owed / 100).toFixed(2) });
  }
}

function drawAsks(ctx: SetupContext): BenchDraw<AsksPub> | Reject {
  const [circle] = circlesOf(ctx, 5, 9);
  const fresh = freshKind(ctx, 3, isCheap);
  const others = oneOfEachKind(ctx, 3, (row) => row["kind"] !== fresh?.kind && isCheap(row));
  const [wanted, older] = fresh?.products ?? [];
  if (circle === undefined || fresh === undefined || wanted === undefined || older === undefined || others.length < 3) {
    return reject("no circle or products");
  }
  const { kind } = fresh;
  const ago = ctx.random.int(16, 30);
  const day = dayBefore(ctx, ago);
  const there = { on: dayBefore(ctx, ago - 4) };
  plantPurchase(ctx, dayBefore(ctx, ago + 40), [{ product: older, progress: { on: dayBefore(ctx, ago + 33) } }]);
  const { purchaseId } = plantPurchase(ctx, day, [
    { product: others[0] ?? wanted, qty: 2, progress: there },
    { product: wanted, qty: 2, progress: there },
    { product: others[1] ?? wanted, progress: there },
  ]);
  plantNewer(ctx, 5, (row) => row["kind"] !== kind);
  const latest = ownedLines(ctx).find((own) => own.kind === kind);
  if (latest?.purchase.id !== purchaseId) return reject("a later one of the kind");
  const total = numberOf(bought(ctx, purchaseId), "total");
  const title = ctx.random.pick(OCCASIONS);
  const path = `/receipts/${ctx.random.pick(["circle", "shared", "marlo orders"])}/invoice-${day}.txt`;
  if (!isFreePlace(ctx, path) || walletCents(ctx) < 5000) return reject("the path is taken");
  const part = Math.floor(total / circle.members.length);
  const members = ctx.random.shuffle(circle.members.filter((email) => email !== ctx.user.email));
  const email = (i: number) => ({ email: members[i] ?? "" });
  const paidOn = dayFrom(ctx, addDays(day, 1), dayBefore(ctx, 7));
  const wallets = members.slice(0, 2).map((owner) =>
    numberOf(ctx.rows("tuppence.member", owner)[0] ?? { id: 0 }, "balance")
  );
  if (wallets.some((balance) => !(balance > part + 500))) return reject("a member's wallet is too light");
  sendOn(ctx, email(0), ctx.user, paidOn, part, title);
  // The same amount for something else, by somebody who has not paid.
  sendOn(ctx, email(1), ctx.user, addDays(day, 2), part, "Concert tickets");
  for (const [i, days] of [6, 5, 4, 3, 2, 1].entries()) {
    sendOn(ctx, ctx.user, email(i % 2), dayBefore(ctx, days), 150 + 25 * i, "Tea");
  }
  return {
    instruction: phrase(ctx, [
      `Split my latest marlo purchase with ${
        aKind(kind)
      } equally in "${circle.name}": commonpot bill "${title}", that day, category household. Save its invoice as ${path} and attach it. Then ask each other member in tuppence for their share with the memo "${title}", except for those who have sent me that amount with that memo: record in the circle that they paid me back, on the day of their transfer.`,
      `My last purchase of ${
        aKind(kind)
      } on marlo was for all of "${circle.name}". Enter it in commonpot as "${title}" (its day, category household, equal shares), put the invoice at ${path} and attach that file. Whoever has sent me their share in tuppence with the memo "${title}" gets a settlement of the transfer's day in the circle; ask the others for it, same memo.`,
      `Please add the bill "${title}" to "${circle.name}" in commonpot for the newest marlo purchase with ${
        aKind(kind)
      } in it, category household, on its day, equally for all. The invoice is saved at ${path} and attached. Members who paid their share by tuppence (memo "${title}") are recorded as having paid me back that day; the others are asked for it there with that memo.`,
    ]),
    pub: { kind, circle: circle.name, title, path },
    writes(client: Client) {
      client("marlo", "download_invoice", { purchase_id: purchaseId, path });
      const args = { circle_id: circle.id, title, total: amountOf(total), on: day, category: "household" };
      const bill_id = idIn(client("commonpot", "add_bill", args), "bill_id");
      client("commonpot", "attach_receipt", { bill_id, path });
      client("commonpot", "add_settlement", {
        circle_id: circle.id,
        from: members[0] ?? "",
        to: ctx.user.email,
        amount: amountOf(part),
        on: paidOn,
      });
      for (const to of members.slice(1)) {
        client("tuppence", "ask_money", { to, amount: amountOf(part), memo: title });
      }
    },
  };
}

function solveAsks(apis: Apis, pub: AsksPub): void {
  const shop = signIn(apis, "marlo");
  const token = signIn(apis, "commonpot");
  const stow_token = signIn(apis, "stowbox");
  const wallet = signIn(apis, "tuppence");
  const me = apis.principal.who_am_i().email;
  const { title, path } = pub;
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const { purchase_id, total, at } = allPages(apis.marlo.list_purchases, { token: shop }).find((x) =>
    apis.marlo.get_purchase({ token: shop, purchase_id: x.purchase_id }).lines
      .some((line: { product: string }) => line.product.endsWith(" " + pub.kind))
  );
  apis.marlo.download_invoice({ token: shop, stow_token, purchase_id, path });
  const bill = { title, total, on: at.slice(0, 10), category: "household" };
  const { bill_id } = apis.commonpot.add_bill({ token, circle_id, ...bill });
  apis.commonpot.attach_receipt({ token, stow_token, bill_id, path });
  const paid = allPages(apis.tuppence.list_transfers, { token: wallet, direction: "received" })
    .filter((x) => x.memo === title);
  for (const { email, owed } of allPages(apis.commonpot.list_shares, { token, bill_id })) {
    const transfer = paid.find((x) => x.from === email && x.amount === owed);
    if (email === me) continue;
    if (transfer === undefined) {
      apis.tuppence.ask_money({ token: wallet, to: email, amount: owed, memo: title });
    } else {
      const on = transfer.at.slice(0, 10);
      apis.commonpot.add_settlement({ token, circle_id, from: email, to: me, amount: owed, on });
    }
  }
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const splitPurchase: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "split_purchase/equal",
    difficulty: 2,
    apps: ["commonpot", "marlo"],
    draw: drawEqual,
    solve: solveEqual,
  }),
  bench({
    ...COMMON,
    family: "split_purchase/lines",
    difficulty: 3,
    apps: ["commonpot", "handset", "marlo"],
    draw: drawLines,
    solve: solveLines,
  }),
  bench({
    ...COMMON,
    family: "split_purchase/asks",
    difficulty: 3,
    apps: ["commonpot", "marlo", "stowbox", "tuppence"],
    draw: drawAsks,
    solve: solveAsks,
  }),
];
