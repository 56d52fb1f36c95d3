/**
 * Figures about circles: who owes most over all of them, one's part of the bills of a category, who paid most.
 *
 * Hurdles: bills that were removed do not count; bills of the first and last day do; the extreme is unique.
 *
 * @module
 */
import {
  addDays,
  amountOf,
  type Apis,
  bench,
  type BenchDraw,
  daysAgo,
  numberOf,
  phrase,
  type Reject,
  reject,
  sayDate,
  sayList,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import {
  addBillOn,
  billsIn,
  circleCents,
  circlesOf,
  dayFrom,
  holderOf,
  inPeriod,
  namesDiffer,
  smallCents,
} from "./_money_kit.ts";
import { allPages, signIn, sumMoney } from "./_toolbox.ts";

type DebtorPub = { readonly without: string };
type CategoryPub = { readonly categories: readonly string[]; readonly since: string; readonly until: string };
type PayerPub = { readonly circle: string; readonly since: string };

const TITLES = [
  "Torch batteries",
  "Late snacks",
  "Day passes",
  "Shared locker",
  "Bus fares",
  "Extra blankets",
] as const;

function drawDebtor(ctx: SetupContext): BenchDraw<DebtorPub> | Reject {
  const [left, ...circles] = circlesOf(ctx, 2);
  if (left === undefined || circles.length < 4) return reject("fewer than five circles");
  const totals = new Map<string, number>();
  for (const circle of circles) {
    for (const [person, cents] of circleCents(ctx, circle)) totals.set(person, (totals.get(person) ?? 0) + cents);
  }
  totals.delete(ctx.user.email);
  const [worst, next] = [...totals].sort((a, b) => a[1] - b[1]);
  if (worst === undefined || next === undefined || worst[1] >= 0 || worst[1] === next[1]) {
    return reject("nobody owes most");
  }
  for (const [person, cents] of circleCents(ctx, left)) {
    if (person !== ctx.user.email) totals.set(person, (totals.get(person) ?? 0) + cents);
  }
  const [overAll] = [...totals].sort((a, b) => a[1] - b[1]);
  if (overAll?.[0] === worst[0]) return reject("the circle left out makes no difference");
  if (!namesDiffer(ctx, [...totals.keys()])) return reject("two people of one name");
  const { name } = left;
  const instruction = phrase(ctx, [
    `Over all my circles in commonpot taken together, but without "${name}", who owes the most? I mean others, not me; give me the full name.`,
    `Add up everybody's balances across all the circles I am in, leaving out "${name}". Which of the others is deepest in debt? The full name, please.`,
    `If you sum each person's balance over every commonpot circle of mine except "${name}", who besides me is furthest in the red? Answer with the full name.`,
  ]);
  return { instruction, pub: { without: name }, answer: holderOf(ctx, worst[0]).name };
}

function drawCategory(ctx: SetupContext): BenchDraw<CategoryPub> | Reject {
  const circles = circlesOf(ctx, 3, 9);
  if (circles.length < 2) return reject("fewer than two circles");
  const categories = ctx.random.sample(["food", "groceries", "travel", "fun", "household", "gifts"], 3).sort();
  const since = daysAgo(ctx, ctx.random.int(270, 340));
  const until = addDays(since, ctx.random.int(190, 250));
  const between = () => dayFrom(ctx, since, until);
  [since, until, addDays(since, -1), addDays(until, 1), between(), between()].forEach((day, i) => {
    const circle = ctx.random.pick(circles);
    const by = ctx.random.pick(circle.members);
    const category = ctx.random.pick(categories);
    const cents = smallCents(ctx, 8, 60);
    const bill = addBillOn(ctx, { circle: circle.id, by, title: TITLES[i] ?? "", cents, day, category });
    if (i === 4) ctx.as({ email: by })("commonpot", "remove_bill", { bill_id: bill });
  });
  const categoryOf = (id: number) => textOf(ctx.row("commonpot.category", id) ?? { id: 0, name: "" }, "name");
  let [cents, count] = [0, 0];
  for (const part of ctx.rows("commonpot.share", ctx.user.email)) {
    const bill = ctx.row("commonpot.bill", numberOf(part, "bill_id"));
    if (bill === undefined || bill["removed"] === true || !inPeriod(bill, since, until, "on")) continue;
    if (!categories.includes(categoryOf(numberOf(bill, "category_id")))) continue;
    cents += numberOf(part, "owed");
    count++;
  }
  if (count < 8) return reject("too few bills of the categories");
  const [from, to, what] = [sayDate(since), sayDate(until), sayList(categories)];
  const instruction = phrase(ctx, [
    `What was my own part of all ${what} bills in commonpot from ${from} to ${to}, in total?`,
    `How much of the shared ${what} costs was mine between ${from} and ${to}, both days included? Take all my commonpot bills.`,
    `Please add up my shares of all commonpot bills filed under ${what}, from ${from} up to and including ${to}.`,
  ]);
  const pub = { categories, since, until };
  return { instruction, pub, said: { categories: what, since: from, until: to }, answer: amountOf(cents) };
}

function drawPayer(ctx: SetupContext): BenchDraw<PayerPub> | Reject {
  const [circle] = circlesOf(ctx, 3, 9);
  if (circle === undefined || !namesDiffer(ctx, circle.members)) return reject("no circle of three to nine");
  const since = daysAgo(ctx, ctx.random.int(120, 300));
  const by = () => ctx.random.pick(circle.members);
  const plan = { circle: circle.id, cents: 9000 + smallCents(ctx), category: "other" };
  addBillOn(ctx, { ...plan, by: by(), title: "Winter tyres", day: addDays(since, -1) });
  addBillOn(ctx, { ...plan, by: by(), title: "Roof box", day: since });
  const totals = new Map<string, number>();
  for (const row of billsIn(ctx, circle.id).filter((one) => textOf(one, "on") >= since)) {
    const payer = textOf(row, "paid_by");
    totals.set(payer, (totals.get(payer) ?? 0) + numberOf(row, "total"));
  }
  const [most, next] = [...totals].sort((a, b) => b[1] - a[1]);
  if (most === undefined || next === undefined || most[1] === next[1]) return reject("nobody paid most");
  const [day, { name }] = [sayDate(since), circle];
  const instruction = phrase(ctx, [
    `Who has paid the most bills by value in our circle "${name}" since ${day}, that day included? Give me the full name.`,
    `In the commonpot circle "${name}", who laid out the largest sum for bills from ${day} on? I need the full name.`,
    `Please tell me the full name of the person in "${name}" whose paid bills add up to the most, counting bills dated ${day} or later.`,
  ]);
  return {
    instruction,
    pub: { circle: name, since },
    said: { since: day },
    answer: holderOf(ctx, most[0]).name,
  };
}

function solveCircleDebtor(apis: Apis, pub: DebtorPub) {
  const token = signIn(apis, "commonpot");
  const me = apis.principal.who_am_i().email;
  const totals: Record<string, number> = {};
  const names: Record<string, string> = {};
  for (const circle of allPages(apis.commonpot.list_circles, { token })) {
    if (circle.name === pub.without) continue;
    for (const row of allPages(apis.commonpot.list_circle_balances, { token, circle_id: circle.circle_id })) {
      totals[row.email] = sumMoney([totals[row.email] ?? 0, row.balance]);
      names[row.email] = row.name;
    }
  }
  const others = Object.keys(totals).filter((email) => email !== me);
  others.sort((a, b) => (totals[a] ?? 0) - (totals[b] ?? 0));
  return names[others[0] ?? ""] ?? "";
}

function solveCircleCategory(apis: Apis, pub: CategoryPub) {
  const token = signIn(apis, "commonpot");
  const me = apis.principal.who_am_i().email;
  const { since, until } = pub;
  const parts = [];
  for (const bill of allPages(apis.commonpot.list_bills, { token, since, until })) {
    if (!pub.categories.includes(bill.category)) continue;
    const shares = allPages(apis.commonpot.list_shares, { token, bill_id: bill.bill_id });
    parts.push(...shares.filter((share) => share.email === me).map((share) => share.owed));
  }
  return sumMoney(parts);
}

function solveCirclePayer(apis: Apis, pub: PayerPub) {
  const token = signIn(apis, "commonpot");
  const circle_id = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle).circle_id;
  const paid: Record<string, number> = {};
  for (const bill of allPages(apis.commonpot.list_bills, { token, circle_id, since: pub.since })) {
    paid[bill.paid_by] = sumMoney([paid[bill.paid_by] ?? 0, bill.total]);
  }
  const members = allPages(apis.commonpot.list_circle_members, { token, circle_id });
  members.sort((a, b) => (paid[b.email] ?? 0) - (paid[a.email] ?? 0));
  return members[0].name;
}

const FAMILY = { split: "train", difficulty: 1, apps: ["commonpot"], axis: {} } as const;

/** Scenarios of this generator. */
export const circleFigures: readonly Scenario[] = [
  bench<DebtorPub, Record<string, never>>({
    ...FAMILY,
    family: "circle_figures/debtor",
    draw: drawDebtor,
    solve: solveCircleDebtor,
  }),
  bench<CategoryPub, Record<string, never>>({
    ...FAMILY,
    family: "circle_figures/category",
    draw: drawCategory,
    solve: solveCircleCategory,
  }),
  bench<PayerPub, Record<string, never>>({
    ...FAMILY,
    family: "circle_figures/payer",
    draw: drawPayer,
    solve: solveCirclePayer,
  }),
];
