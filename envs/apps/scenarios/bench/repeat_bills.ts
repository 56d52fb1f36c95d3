/**
 * Upkeep of a circle's bills that repeat: somebody has left, prices rise, some are paused.
 *
 * Hurdles: bills that are paused already, bills that the person pays without having a part in them, bills of other categories.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  idIn,
  listOf,
  numberOf,
  phrase,
  type Reject,
  reject,
  type Row,
  sayDate,
  sayMoney,
  sayTies,
  type Scenario,
  type SetupContext,
  textOf,
  tiedHolders,
  tiesWith,
} from "./_kit.ts";
import { amount, circlesOf, type CircleView, holderOf, namesDiffer, smallCents } from "./_money_kit.ts";
import { allPages, contactsWith, signIn } from "./_toolbox.ts";

type LeftPub = { readonly circle: string; readonly name: string };
type PricePub = { readonly circle: string; readonly category: string; readonly more: number };
type PausePub = { readonly circle: string; readonly tie: string; readonly before: string };

const TITLES = [
  "Laundry room",
  "Garden tools",
  "Water softener",
  "Bike shed",
  "Roof terrace",
  "Fruit basket",
  "Board game club",
  "Sauna hours",
  "Piano tuner",
  "Firewood delivery",
  "Hedge cutting",
  "Printer lease",
] as const;

function repeats(ctx: SetupContext, circle: CircleView): Row[] {
  return [...ctx.rowsWhere("commonpot.repeat_bill", "circle_id", circle.id)];
}

interface NewRepeat {
  readonly title: string;
  readonly by: string;
  readonly among?: readonly string[];
  readonly category?: string;
  readonly nextOn?: string;
  readonly paused?: boolean;
}

function addRepeat(ctx: SetupContext, circle: CircleView, repeat: NewRepeat): void {
  const { title, by, among = circle.members, category = "household", paused = false } = repeat;
  const { nextOn = addDays(ctx.at, ctx.random.int(3, 50)) } = repeat;
  const client = ctx.as({ email: by }, `${addDays(ctx.at, -9)}T12:00:00`);
  const id = idIn(
    client("commonpot", "add_repeat_bill", {
      circle_id: circle.id,
      title,
      total: smallCents(ctx, 6, 60) / 100,
      every: ctx.random.pick(["month", "week", "quarter"]),
      next_on: nextOn,
      paid_by: by,
      among,
      category,
    }),
    "repeat_id",
  );
  if (paused) client("commonpot", "pause_repeat_bill", { repeat_id: id });
}

function drawLeft(ctx: SetupContext): BenchDraw<LeftPub> | Reject {
  const [circle] = circlesOf(ctx, 4, 9);
  if (circle === undefined || !namesDiffer(ctx, circle.members)) return reject("no circle of four to nine");
  const me = ctx.user.email;
  const others = ctx.random.shuffle(circle.members.filter((email) => email !== me));
  const [gone = "", stays = "", third = ""] = others;
  const titles = ctx.random.shuffle(TITLES);
  const without = circle.members.filter((email) => email !== gone);
  const plan: Omit<NewRepeat, "title">[] = [
    { by: stays },
    { by: stays, among: without },
    { by: gone },
    { by: gone, among: without },
    { by: third, among: [gone, third] },
    { by: me, paused: true },
    { by: third, among: [stays, third] },
    { by: me, among: [gone, me, stays] },
    { by: gone, among: [gone, stays] },
    { by: third },
    { by: third, among: [third, me, gone] },
  ];
  plan.forEach((repeat, i) => addRepeat(ctx, circle, { title: titles[i] ?? "", ...repeat }));
  const writes = repeats(ctx, circle).flatMap((row) => {
    const among = listOf(row, "among");
    const left = among.filter((email) => email !== gone);
    const pays = row["paid_by"] === gone;
    if (left.length === among.length && !pays) return [];
    const args = {
      repeat_id: row.id,
      ...(left.length < among.length ? { among: left } : {}),
      ...(pays ? { paid_by: me } : {}),
    };
    return left.length === 0 ? [] : [{ app: "commonpot", api: "edit_repeat_bill", args }];
  });
  const alone = repeats(ctx, circle).some((row) => listOf(row, "among").every((email) => email === gone));
  if (alone) return reject("a bill of one person");
  const [group, { name }] = [circle.name, holderOf(ctx, gone)];
  const instruction = phrase(ctx, [
    `${name} has left "${group}". Take ${name} off all repeat bills of that circle, paused ones too; where ${name} is the one who pays, I pay from now on.`,
    `Please update the recurring bills in the circle "${group}": nobody shares with ${name} any longer, and I take over as payer whatever ${name} has been paying. Include paused bills.`,
    `${name} no longer takes part in "${group}". Remove that share from every repeat bill there, whether paused or not, and make me the payer of the ones ${name} pays.`,
  ]);
  return { instruction, pub: { circle: group, name }, writes };
}

function drawPrice(ctx: SetupContext): BenchDraw<PricePub> | Reject {
  const [circle] = circlesOf(ctx, 3, 9);
  if (circle === undefined) return reject("no circle of three to nine");
  const category = ctx.random.pick(["utilities", "household", "groceries"]);
  const other = ctx.random.pick(["fun", "travel", "gifts"]);
  const titles = ctx.random.shuffle(TITLES);
  for (let i = 0; i < 12; i++) {
    const by = ctx.random.pick(circle.members);
    addRepeat(ctx, circle, {
      title: titles[i] ?? "",
      by,
      category: i % 3 === 2 ? other : category,
      paused: i === 4,
    });
  }
  const more = ctx.random.int(1, 4) * 100 + ctx.random.pick([20, 50, 80]);
  const nameOf = (row: Row) => textOf(ctx.row("commonpot.category", numberOf(row, "category_id")) ?? row, "name");
  const wanted = repeats(ctx, circle).filter((row) => nameOf(row) === category && row["paused"] === false);
  const [group, plus] = [circle.name, sayMoney(more)];
  const instruction = phrase(ctx, [
    `Everything filed under ${category} gets dearer: raise each repeat bill of that category in the circle "${group}" by ${plus}, except paused ones.`,
    `In "${group}", please add ${plus} to every running (not paused) repeat bill of the category ${category}.`,
    `The ${category} costs of "${group}" go up. Increase the totals of its repeat bills in that category by ${plus} each, but leave those that are paused.`,
  ]);
  return {
    instruction,
    pub: { circle: group, category, more: more / 100 },
    said: { more: plus },
    writes: wanted.map((row) => ({
      app: "commonpot",
      api: "edit_repeat_bill",
      args: { repeat_id: row.id, total: amount(numberOf(row, "total") + more) },
    })),
  };
}

function drawPause(ctx: SetupContext): BenchDraw<PausePub> | Reject {
  for (const circle of circlesOf(ctx, 3, 9)) {
    for (const tie of tiesWith(ctx, 2, 99)) {
      const tied = new Set(tiedHolders(ctx, tie).map(({ email }) => email));
      const inside = ctx.random.shuffle(circle.members.filter((email) => tied.has(email)));
      const outside = circle.members.filter((email) => !tied.has(email) && email !== ctx.user.email);
      if (inside.length > 0 && outside.length > 0) return pauseWith(ctx, circle, tie, inside, outside);
    }
  }
  return reject("no circle with some people of a tie");
}

function pauseWith(
  ctx: SetupContext,
  circle: CircleView,
  tie: string,
  inside: readonly string[],
  outside: readonly string[],
): BenchDraw<PausePub> | Reject {
  const before = addDays(ctx.at, ctx.random.int(25, 70));
  const titles = ctx.random.shuffle(TITLES);
  const payer = (i: number) => inside[i % inside.length] ?? "";
  const stranger = (i: number) => outside[i % outside.length] ?? "";
  const plan: Omit<NewRepeat, "title">[] = [
    { by: payer(0), nextOn: addDays(before, -1) },
    { by: payer(1), nextOn: before },
    { by: stranger(0), nextOn: addDays(before, -4) },
    { by: payer(2), nextOn: addDays(before, -12) },
    { by: payer(0), nextOn: addDays(before, -6), paused: true },
    { by: stranger(1), nextOn: addDays(before, -2) },
    { by: payer(1), nextOn: addDays(before, -7) },
    { by: payer(0), nextOn: addDays(before, 5) },
    { by: payer(2), nextOn: addDays(before, -3) },
    { by: payer(1), nextOn: addDays(before, -8) },
    { by: payer(0), nextOn: addDays(before, -5) },
  ];
  plan.forEach((repeat, i) => addRepeat(ctx, circle, { title: titles[i] ?? "", ...repeat }));
  const wanted = repeats(ctx, circle).filter((row) =>
    row["paused"] === false && inside.includes(textOf(row, "paid_by")) && textOf(row, "next_on") < before
  );
  const [group, who, day] = [circle.name, sayTies(tie), sayDate(before)];
  const instruction = phrase(ctx, [
    `Pause the repeat bills of the circle "${group}" that one of ${who} pays, if they are due before ${day} and not paused yet.`,
    `In "${group}", put every recurring bill on hold whose payer is among ${who} and whose next date lies before ${day}. Some rest already.`,
    `Please let the repeat bills in "${group}" rest where ${who} are the ones who pay and the next time comes earlier than ${day}; the paused ones stay as they are.`,
  ]);
  return {
    instruction,
    pub: { circle: group, tie, before },
    said: { before: day },
    writes: wanted.map((row) => ({ app: "commonpot", api: "pause_repeat_bill", args: { repeat_id: row.id } })),
  };
}

function solveRepeatLeft(apis: Apis, pub: LeftPub) {
  const token = signIn(apis, "commonpot");
  const me = apis.principal.who_am_i().email;
  const circle_id = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle).circle_id;
  const members = allPages(apis.commonpot.list_circle_members, { token, circle_id });
  const gone = members.find((x) => x.name === pub.name).email;
  for (const { repeat_id, among, paid_by } of allPages(apis.commonpot.list_repeat_bills, { token, circle_id })) {
    if (!among.includes(gone) && paid_by !== gone) continue;
    const left = among.filter((email: string) => email !== gone);
    apis.commonpot.edit_repeat_bill({ token, repeat_id, among: left, paid_by: paid_by === gone ? me : paid_by });
  }
}

function solveRepeatPrice(apis: Apis, pub: PricePub) {
  const token = signIn(apis, "commonpot");
  const circle_id = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle).circle_id;
  for (const bill of allPages(apis.commonpot.list_repeat_bills, { token, circle_id, paused: false })) {
    if (bill.category !== pub.category) continue;
    const total = Math.round((bill.total + pub.more) * 100) / 100;
    apis.commonpot.edit_repeat_bill({ token, repeat_id: bill.repeat_id, total });
  }
}

function solveRepeatPause(apis: Apis, pub: PausePub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "commonpot");
  const emails = contactsWith(apis, phone, pub.tie).map((person) => person.email);
  const circle_id = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle).circle_id;
  // All pages first: bills that are paused leave the list.
  const running = allPages(apis.commonpot.list_repeat_bills, { token, circle_id, paused: false });
  for (const { repeat_id, paid_by, next_on } of running) {
    if (emails.includes(paid_by) && next_on < pub.before) apis.commonpot.pause_repeat_bill({ token, repeat_id });
  }
}

const FAMILY = { split: "test_normal", axis: {} } as const;

/** Scenarios of this generator. */
export const repeatBills: readonly Scenario[] = [
  bench<LeftPub, Record<string, never>>({
    ...FAMILY,
    family: "repeat_bills/member_left",
    difficulty: 2,
    apps: ["commonpot"],
    draw: drawLeft,
    solve: solveRepeatLeft,
  }),
  bench<PricePub, Record<string, never>>({
    ...FAMILY,
    family: "repeat_bills/price_change",
    difficulty: 1,
    apps: ["commonpot"],
    draw: drawPrice,
    solve: solveRepeatPrice,
  }),
  bench<PausePub, Record<string, never>>({
    ...FAMILY,
    family: "repeat_bills/pause",
    difficulty: 2,
    apps: ["commonpot", "handset"],
    draw: drawPause,
    solve: solveRepeatPause,
  }),
];
