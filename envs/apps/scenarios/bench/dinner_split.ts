/**
 * Splitting a dinner: texts say who came (and what they had), a receipt among the files says what it cost, a circle gets the bill.
 *
 * Hurdles: people who changed their mind, so that the newest text counts; a receipt of the same place from another day; texts about
 * another place.
 *
 * @module
 */
import type { Json } from "../../../../data/canonical.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  type Client,
  cycle,
  daysAgo,
  idIn,
  phrase,
  type Principal,
  type Reject,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
} from "./_kit.ts";
import { circlesOf, type CircleView, holderOf, holders, momentOn, namesDiffer } from "./_money_kit.ts";
import { allPages, signIn, sumMoney } from "./_toolbox.ts";

type Pub = { readonly place: string; readonly day: string; readonly circle: string; readonly title: string };
type TreatPub = Pub & { readonly name: string };
type Axis = { readonly split: "equal" | "shares" };

/** Places that nothing else in the world speaks of. */
const PLACES = [
  "the Silver Ladle",
  "Kettle and Crumb",
  "Bistro Tamarind",
  "the Paper Lantern",
  "Fig and Thistle",
  "the Old Cooperage",
  "the Wooden Whale",
  "Trattoria Bellavento",
] as const;
const DISHES = [
  "fish stew",
  "mushroom risotto",
  "lamb curry",
  "beetroot salad",
  "onion tart",
  "pepper noodles",
  "roast squash",
  "bean chili",
  "herring plate",
  "goat cheese gnocchi",
] as const;
const COMING = [
  "Count me in for {place}!",
  "Yes, I will be at {place} with you.",
  "{place}? I am coming, looking forward to it.",
] as const;
const STAYING = [
  "I cannot make it to {place}, sorry.",
  "Sorry, something came up. You go to {place} without me.",
] as const;
const AFTER_ALL = "Good news, I am coming to {place} after all.";

/** Who said what: whether somebody comes in the end, and if another answer went before. */
type Fate = "comes" | "stays" | "comes after all" | "stays after all";

function say(ctx: SetupContext, from: Principal, at: string, text: string): void {
  ctx.as(from, at)("handset", "send_text", { number: ctx.user.number, text });
}

function announce(ctx: SetupContext, person: Principal, fate: Fate, place: string, day: string): void {
  const write = (template: string, before: number) =>
    say(ctx, person, momentOn(ctx, addDays(day, -before)), template.replace("{place}", place));
  if (fate === "comes after all") write(ctx.random.pick(STAYING), 5);
  if (fate === "stays after all") write(ctx.random.pick(COMING), 5);
  if (fate === "comes") write(ctx.random.pick(COMING), ctx.random.int(2, 4));
  if (fate === "comes after all") write(AFTER_ALL, 1);
  if (fate === "stays" || fate === "stays after all") write(ctx.random.pick(STAYING), ctx.random.int(1, 3));
}

/** A receipt as text; `lines` are articles with cents. */
function receipt(place: string, day: string, lines: readonly (readonly [string, number])[]): string {
  const total = lines.reduce((sum, [, cents]) => sum + cents, 0);
  const say = (cents: number) => (cents / 100).toFixed(2);
  return [
    place.replace(/^the /, "The "),
    `Date: ${day}`,
    ...lines.map(([what, cents]) => `${what}  ${say(cents)}`),
    `TOTAL  ${say(total)}`,
    "Thank you for your visit",
  ].join("\n");
}

function saveFile(ctx: SetupContext, day: string, path: string, text: string): void {
  ctx.as(ctx.user, momentOn(ctx, day))("stowbox", "write_file", { path, text, with_parents: true });
}

/** What was planted. */
interface Dinner {
  readonly circle: CircleView;
  readonly place: string;
  readonly day: string;
  readonly path: string;
  readonly total: number;
  /** Those who came, the user left out, with the cents of their dish. */
  readonly came: ReadonlyMap<string, number>;
}

function plant(ctx: SetupContext): Dinner | undefined {
  const { email: me, number } = ctx.user;
  const known = new Set(holders(ctx).map(({ person }) => person.email));
  const blocked = new Set(ctx.rows("handset.blocked_number", me).map((row) => row["number"]));
  const circle = circlesOf(ctx, 4, 8).find(({ members }) =>
    members.every((email) => email === me || (known.has(email) && !blocked.has(holderOf(ctx, email).number))) &&
    namesDiffer(ctx, members)
  );
  if (circle === undefined || number === "") return undefined;
  const [place = "", other = ""] = ctx.random.shuffle(PLACES);
  const day = daysAgo(ctx, ctx.random.int(1, 6));
  const others = ctx.random.shuffle(circle.members.filter((email) => email !== me));
  const fates: Fate[] = ["comes", "stays after all", "comes after all", "comes", "stays", "comes", "comes"];
  const dishes = ctx.random.shuffle(DISHES);
  const came = new Map<string, number>();
  const lines: [string, number][] = [];
  others.forEach((email, i) => {
    const person = holderOf(ctx, email);
    const fate = fates[i] ?? "comes";
    say(ctx, person, momentOn(ctx, addDays(day, -7)), `What do you think of ${other} for next month?`);
    announce(ctx, person, fate, place, day);
    if (!fate.startsWith("comes")) return;
    const [dish = "", wrong = ""] = [dishes[i], dishes[i + 1]];
    const cents = ctx.random.int(9, 24) * 100 + ctx.random.pick([0, 50, 80]);
    came.set(email, cents);
    lines.push([dish, cents]);
    if (i === 0) say(ctx, person, `${day}T22:40:00`, `I had the ${wrong} at ${place}, tell me what I owe you.`);
    const text = i === 0 ? `Wait, no: I had the ${dish} at ${place}.` : `I had the ${dish} at ${place}.`;
    say(ctx, person, `${day}T22:5${i}:00`, text);
  });
  const rest = (high: number) => ctx.random.int(6, high) * 100 + ctx.random.pick([0, 20, 50]);
  for (const dish of dishes.slice(-3)) lines.push([dish, rest(20)]);
  lines.push(["drinks", rest(30)], ["bread and oil", rest(9)]);
  const articles = ctx.random.shuffle(lines);
  const slug = place.toLowerCase().replaceAll(" ", "_");
  const path = ctx.random.pick([`/receipts/new/scan_${day}.txt`, `/inbox/${slug}_${day}.txt`, `/scans/${slug}.txt`]);
  if (ctx.rows("stowbox.file", me).some((row) => `${row["folder"]}/${row["name"]}` === path)) return undefined;
  saveFile(ctx, day, path, receipt(place, day, articles));
  const before = addDays(day, -ctx.random.int(9, 20));
  saveFile(ctx, before, `/scans/${slug}_${before}.txt`, receipt(place, before, articles.slice(0, 3)));
  saveFile(ctx, day, `/scans/lunch_${day}.txt`, receipt(other, day, articles.slice(1, 4)));
  return { circle, place, day, path, total: lines.reduce((sum, [, cents]) => sum + cents, 0), came };
}

function billWrites(dinner: Dinner, title: string, split: Readonly<Record<string, Json>>): (client: Client) => void {
  const { circle, day, path, total } = dinner;
  const args = { circle_id: circle.id, title, total: total / 100, on: day, category: "food", ...split };
  return (client) => {
    const bill = idIn(client("commonpot", "add_bill", args), "bill_id");
    client("commonpot", "attach_receipt", { bill_id: bill, path });
  };
}

function draw(ctx: SetupContext, { split }: Axis): BenchDraw<Pub> | Reject {
  const dinner = plant(ctx);
  if (dinner === undefined) return reject("no circle whose people are all in the phone");
  const { circle, place, day, total, came } = dinner;
  const title = cycle(ctx, [`Dinner at ${place}`, `Evening at ${place}`, `Table at ${place}`]);
  const me = ctx.user.email;
  const own = [...came.values()].reduce((left, cents) => left - cents, total);
  const shares = Object.fromEntries([...came, [me, own] as const].map(([email, cents]) => [email, cents / 100]));
  const [when, name] = [sayDate(day), circle.name];
  const equal = [
    `We were at ${place} on ${when} and I paid. The texts of the people in "${name}" say who of them came in the end, the receipt is among my files. Add it to that circle as "${title}" for that day, category food, split equally between me and those who came, and attach the receipt.`,
    `Please enter my dinner at ${place} (${when}) in the circle "${name}": title "${title}", that date, category food, the total from the receipt in my files, shared equally by me and everybody of the circle whose last text said they would come. Keep the receipt with it.`,
    `I paid for the round at ${place} on ${when}. Find the receipt in my files and put a bill "${title}" (category food, same date) into "${name}", in equal parts for me and the members who came according to their latest texts. The receipt goes with the bill.`,
  ];
  const byDish = [
    `I paid at ${place} on ${when}. The people of "${name}" who came have texted me what they had; the receipt is among my files. Add the bill "${title}" to the circle, that day, category food: everybody pays the own dish by the receipt, the rest of the total is mine. Attach the receipt.`,
    `Please put my dinner at ${place} (${when}) into the circle "${name}" as "${title}", dated that day, category food. Shares: for each member the dish they say they had in their latest text about it, priced by the receipt in my files; I take what is left. Keep the receipt with the bill.`,
    `For ${place} on ${when} I need a bill "${title}" in "${name}", category food, with that date. Look up the receipt in my files: members pay for the dish they last texted me they had, everything else is my share. The receipt should be attached.`,
  ];
  return {
    instruction: phrase(ctx, split === "equal" ? equal : byDish),
    pub: { place, day, circle: name, title },
    said: { day: when },
    writes: billWrites(dinner, title, split === "equal" ? { among: [me, ...came.keys()] } : { shares }),
  };
}

function drawTreat(ctx: SetupContext): BenchDraw<TreatPub> | Reject {
  const dinner = plant(ctx);
  if (dinner === undefined) return reject("no circle whose people are all in the phone");
  const { circle, place, day, came } = dinner;
  const treated = [...came.keys()][1];
  if (treated === undefined || came.size < 3) return reject("too few people came");
  const { name } = holderOf(ctx, treated);
  const title = cycle(ctx, [`Birthday at ${place}`, `Feast at ${place}`, `Farewell at ${place}`]);
  const among = [ctx.user.email, ...[...came.keys()].filter((email) => email !== treated)];
  const [when, group] = [sayDate(day), circle.name];
  return {
    instruction: phrase(ctx, [
      `We celebrated ${name} at ${place} on ${when} and I paid. By their texts some people of "${group}" came, the receipt is in my files. Add "${title}" to the circle for that day, category food, in equal parts for me and those who came, but ${name} pays nothing. Attach the receipt.`,
      `Please enter the evening at ${place} (${when}) in "${group}": bill "${title}", that date, category food, total by the receipt among my files, split equally by me and the members whose last text said they were coming, without ${name}, who was our guest. Keep the receipt with it.`,
      `${name} was invited when we ate at ${place} on ${when}. Put what I paid, see the receipt in my files, as "${title}" into the circle "${group}" (that day, category food), equally among me and the others who came according to their latest texts, and attach the receipt.`,
    ]),
    pub: { place, day, circle: group, title, name },
    said: { day: when },
    writes: billWrites(dinner, title, { among }),
  };
}

function solveDinnerSplit(apis: Apis, pub: TreatPub, axis: Axis) {
  const phone = signIn(apis, "handset");
  const files = signIn(apis, "stowbox");
  const token = signIn(apis, "commonpot");
  const me = apis.principal.who_am_i().email;
  // The receipt: of this place and this day.
  let path = "";
  let lines: string[] = [];
  for (const file of apis.stowbox.find_files({ token: files, q: `${pub.place} receipt`, page: 0, size: 20 })) {
    const { text } = apis.stowbox.read_file({ token: files, path: file.path });
    if (!text.toLowerCase().includes(pub.place.toLowerCase()) || !text.includes(pub.day)) continue;
    path = file.path;
    lines = text.split("\n");
    break;
  }
  const priceOf = (what: string) => Number(lines.find((line) => line.startsWith(`${what}  `))?.split("  ")[1]);
  const total = priceOf("TOTAL");
  const circle_id = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle).circle_id;
  const contacts = allPages(apis.handset.list_contacts, { token: phone });
  const shares: Record<string, number> = {};
  for (const member of allPages(apis.commonpot.list_circle_members, { token, circle_id })) {
    if (member.email === me || member.name === pub.name) continue;
    const { number } = contacts.find((person) => person.email === member.email);
    const texts = allPages(apis.handset.list_texts, { token: phone, number, direction: "in" })
      .filter((x) => x.text.includes(pub.place)).sort((a, b) => (a.at < b.at ? 1 : -1));
    const answer = texts.find((x) => !x.text.includes("I had the"));
    if (answer === undefined || /cannot|without me/.test(answer.text)) continue;
    const dish = texts.map((x) => /I had the (.+) at /.exec(x.text)?.[1]).find((x) => x !== undefined);
    shares[member.email] = priceOf(dish ?? "");
  }
  const others = Object.keys(shares);
  shares[me] = sumMoney([total, ...others.map((email) => -(shares[email] ?? 0))]);
  const split = axis.split === "shares" ? { shares } : { among: Object.keys(shares) };
  const bill = { token, circle_id, title: pub.title, total, on: pub.day, category: "food", ...split };
  const { bill_id } = apis.commonpot.add_bill(bill);
  apis.commonpot.attach_receipt({ token, stow_token: files, bill_id, path });
}

const FAMILY = {
  split: "test_normal",
  difficulty: 3,
  apps: ["commonpot", "handset", "stowbox"],
} as const;

/** Scenarios of this generator. */
export const dinnerSplit: readonly Scenario[] = [
  ...(["equal", "shares"] as const).map((split) =>
    bench<Pub, Axis>({
      ...FAMILY,
      family: `dinner_split/${split}`,
      axis: { split },
      draw: (ctx) => draw(ctx, { split }),
      solve: solveDinnerSplit as (apis: Apis, pub: Pub, axis: Axis) => void,
    })
  ),
  bench<TreatPub, Axis>({
    ...FAMILY,
    family: "dinner_split/without_one",
    axis: { split: "equal" },
    draw: drawTreat,
    solve: solveDinnerSplit,
  }),
];
