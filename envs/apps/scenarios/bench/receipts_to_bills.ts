/**
 * Receipt files entered as bills of a circle: split equally, by whose each line is, or filed under categories that a list names.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  cycle,
  daysAgo,
  phrase,
  principalOf,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  type Write,
} from "./_kit.ts";
import { RESTAURANTS, SHOPS } from "../../pools/life.ts";
import { RECEIPT_ITEMS, splitCents, twoPlaces } from "../../pools/stowbox.ts";
import { isFreePlace, plantFile } from "./_files.ts";
import { addBillOn, circlesOf, type CircleView } from "./_money_kit.ts";
import { pastTime } from "./_phone.ts";
import { allPages, signIn, sumMoney } from "./_toolbox.ts";

const FOLDERS = ["/shared-costs", "/for-the-kitty", "/house-receipts", "/slips", "/split-me", "/pot-box"] as const;

interface Member {
  readonly first: string;
  readonly email: string;
}

/** Members of a circle by given name; undefined if two share one. */
function membersOf(ctx: SetupContext, circle: CircleView): Member[] | undefined {
  const members = circle.members.map((email) => ({
    first: (principalOf(ctx, email)?.name ?? email).split(" ")[0] ?? "",
    email,
  }));
  return new Set(members.map(({ first }) => first)).size === members.length ? members : undefined;
}

interface Slip {
  readonly path: string;
  readonly shop: string;
  readonly date: string;
  readonly cents: number;
}

function placeName(place: string): string {
  return place.replace(/^the /, "The ");
}

/** A folder and circle that nothing else is called. */
function place(ctx: SetupContext) {
  const folder = cycle(ctx, FOLDERS.slice(ctx.random.int(0, 3)));
  const circle = circlesOf(ctx, 3, 7).find((one) => membersOf(ctx, one) !== undefined);
  const members = circle === undefined ? undefined : membersOf(ctx, circle);
  return circle === undefined || members === undefined || !isFreePlace(ctx, folder)
    ? undefined
    : { folder, circle, members };
}

/** Shops, days and totals of receipts, no two alike. */
function slips(ctx: SetupContext, folder: string, shops: readonly string[], count: number, latest: number): Slip[] {
  return Array.from({ length: count }, (_, i): Slip => {
    const shop = placeName(shops[i % shops.length] ?? "");
    const date = daysAgo(ctx, ctx.random.int(latest, latest + 40));
    return {
      path: `${folder}/slip-${String(i + 1).padStart(2, "0")}.txt`,
      shop,
      date,
      cents: ctx.random.int(120, 990) * 10 + i,
    };
  });
}

function drawEqual(ctx: SetupContext) {
  const found = place(ctx);
  if (found === undefined) return reject("no circle or place");
  const { folder, circle, members } = found;
  const shops = ctx.random.sample([...RESTAURANTS, ...SHOPS], 9);
  const all = slips(ctx, folder, shops, 11, 2);
  const payers = all.map(() => ctx.random.pick(members));
  all.forEach(({ path, shop, date, cents }, i) => {
    const lines = ctx.random.sample(RECEIPT_ITEMS.dinner, 3);
    const prices = splitCents(ctx.random, cents, 3);
    const items = lines.map((line, n) => `- ${line} ${twoPlaces(prices[n] ?? 0)}`);
    const text = [shop, `Date: ${date}`, ...items, `Total: ${twoPlaces(cents)}`, `Paid by ${payers[i]?.first}`];
    plantFile(ctx, path, text.join("\n"), pastTime(ctx, 1));
  });
  plantFile(
    ctx,
    `${folder}/entered/slip-00.txt`,
    `The Plum Room\nDate: ${daysAgo(ctx, 60)}\nTotal: 31.00\nPaid by ${members[0]?.first}`,
    pastTime(ctx, 50),
  );
  // Three are in the circle already; a fourth differs in its total, a fifth in its day.
  const entered = new Set([1, 4, 9]);
  all.forEach(({ shop, date, cents }, i) => {
    const wrong = i === 2 ? { cents: cents + 100, day: date } : i === 6 ? { cents, day: addDays(date, -1) } : undefined;
    if (!entered.has(i) && wrong === undefined) return;
    const by = payers[i]?.email ?? ctx.user.email;
    addBillOn(ctx, { circle: circle.id, by, title: shop, cents: wrong?.cents ?? cents, day: wrong?.day ?? date });
  });
  const writes = (client: (app: string, api: string, args: Write["args"]) => unknown) => {
    all.forEach(({ path, shop, date, cents }, i) => {
      if (entered.has(i)) return;
      const args = { circle_id: circle.id, title: shop, total: cents / 100, on: date, paid_by: payers[i]?.email ?? "" };
      const { bill_id } = client("commonpot", "add_bill", args) as { bill_id: number };
      client("commonpot", "attach_receipt", { bill_id, path });
      const to = path.replace(folder, `${folder}/entered`);
      client("stowbox", "move_file", { path, to, keep_dates: true });
    });
  };
  return {
    instruction: phrase(ctx, [
      `Enter the receipts that lie directly in ${folder} as bills of the circle "${circle.name}", split equally among everybody in it: the first line is the title, date, total and payer (a given name) are on them, the category stays "other". Skip what is there already with the same title, day and total. Attach each new bill's receipt, then move that file to ${folder}/entered, keeping its date.`,
      `Each file right in ${folder} is a receipt for "${circle.name}". Unless the circle has a bill with that title (first line), date and total, add it, shared equally by all, paid by whoever the receipt names, in the usual category "other", and attach the receipt. Move the files you entered to ${folder}/entered without changing their dates.`,
      `Please turn my slips in ${folder} (not the ones in folders below) into bills in "${circle.name}": title from the first line, day, total and "Paid by" as printed, equal parts for everyone, category "other", receipt attached. Entered files go to ${folder}/entered, dates kept. Leave slips alone that are bills there already, with the same title, day and total.`,
    ]),
    pub: { folder, circle: circle.name },
    writes,
  };
}

function solveEqual(apis: Apis, pub: { folder: string; circle: string }) {
  const token = signIn(apis, "commonpot");
  const stow_token = signIn(apis, "stowbox");
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const members = allPages(apis.commonpot.list_circle_members, { token, circle_id });
  const bills = allPages(apis.commonpot.list_bills, { token, circle_id });
  const known = new Set(bills.map((x) => `${x.title} ${x.on} ${x.total.toFixed(2)}`));
  const files = allPages(apis.stowbox.list_folder, { token: stow_token, path: pub.folder, type: "file" });
  for (const { path, name } of files) {
    const { text } = apis.stowbox.read_file({ token: stow_token, path });
    const title = text.split("\n")[0];
    const value = (label: string) => (new RegExp(`^${label} (.+)$`, "m").exec(text) ?? [])[1] ?? "";
    const [on, total] = [value("Date:"), value("Total:")];
    if (known.has(`${title} ${on} ${total}`)) continue;
    const payer = members.find((x) => x.name.split(" ")[0] === value("Paid by"));
    const bill = { token, circle_id, title, total: Number(total), on, paid_by: payer.email };
    const { bill_id } = apis.commonpot.add_bill(bill);
    apis.commonpot.attach_receipt({ token, stow_token, bill_id, path });
    apis.stowbox.move_file({ token: stow_token, path, to: `${pub.folder}/entered/${name}`, keep_dates: true });
  }
}

function drawExplicit(ctx: SetupContext) {
  const found = place(ctx);
  if (found === undefined) return reject("no circle or place");
  const { folder, circle, members } = found;
  const day = daysAgo(ctx, 20);
  const shops = ctx.random.sample(RESTAURANTS, 16);
  const writes: Write[] = [];
  slips(ctx, folder, shops, 16, 2).forEach(({ path, shop, cents }, i) => {
    // Some lie on the first day that counts, or just before.
    const date = i === 3
      ? day
      : i === 7
      ? addDays(day, -1)
      : daysAgo(ctx, i % 4 === 1 ? ctx.random.int(21, 60) : ctx.random.int(1, 19));
    const whose = [
      ...ctx.random.sample(members, 2),
      ...Array.from({ length: ctx.random.int(1, 3) }, () => ctx.random.pick(members)),
    ];
    const prices = splitCents(ctx.random, cents, whose.length);
    const items = ctx.random.sample(RECEIPT_ITEMS.dinner, whose.length);
    const lines = whose.map(({ first }, n) => `- ${items[n]} ${twoPlaces(prices[n] ?? 0)} ${first}`);
    plantFile(ctx, path, [shop, `Date: ${date}`, ...lines, `Total: ${twoPlaces(cents)}`].join("\n"), pastTime(ctx, 1));
    if (date < day) return;
    const parts = new Map<string, number>();
    whose.forEach(({ email }, n) => parts.set(email, (parts.get(email) ?? 0) + (prices[n] ?? 0)));
    const shares = Object.fromEntries([...parts].map(([email, part]) => [email, part / 100]));
    writes.push({
      app: "commonpot",
      api: "add_bill",
      args: { circle_id: circle.id, title: shop, total: cents / 100, on: date, category: "food", shares },
    });
  });
  return {
    instruction: phrase(ctx, [
      `The files in ${folder} are restaurant receipts that I paid, and behind each price stands whose it was. Add those dated ${
        sayDate(day)
      } or later to the circle "${circle.name}" as bills in the category food, titled like the first line, everybody owing just their own lines.`,
      `Please enter my receipts from ${folder} in "${circle.name}", only those from ${
        sayDate(day)
      } on. I paid all of them. Title: first line; day: as printed; category: food; each person's share is the sum of the items with their name.`,
      `I paid for the meals in ${folder}. For each receipt dated ${
        sayDate(day)
      } or after, make a bill in "${circle.name}" (title is the first line, category food, on the printed day) where everyone owes exactly the items marked with their given name.`,
    ]),
    pub: { folder, circle: circle.name, day },
    said: { day: sayDate(day) },
    writes,
  };
}

function solveExplicit(apis: Apis, pub: { folder: string; circle: string; day: string }) {
  const token = signIn(apis, "commonpot");
  const stowToken = signIn(apis, "stowbox");
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const members = allPages(apis.commonpot.list_circle_members, { token, circle_id });
  for (const { path } of allPages(apis.stowbox.list_folder, { token: stowToken, path: pub.folder, type: "file" })) {
    const lines = apis.stowbox.read_file({ token: stowToken, path }).text.split("\n");
    const on = lines.find((x: string) => x.startsWith("Date: ")).slice(6);
    if (on < pub.day) continue;
    const total = Number(lines.find((x: string) => x.startsWith("Total: ")).slice(7));
    const amounts = new Map();
    for (const line of lines) {
      const item = /^- .+ ([\d.]+) (\w+)$/.exec(line);
      if (item === null) continue;
      const { email } = members.find((x) => x.name.split(" ")[0] === item[2]);
      amounts.set(email, [...(amounts.get(email) ?? []), Number(item[1])]);
    }
    const shares = Object.fromEntries([...amounts].map(([email, some]) => [email, sumMoney(some)]));
    apis.commonpot.add_bill({ token, circle_id, title: lines[0], total, on, category: "food", shares });
  }
}

const NEW_CATEGORIES = ["treats", "cellar", "picnics", "film nights", "harvest", "guest room"] as const;

function drawCategory(ctx: SetupContext) {
  const found = place(ctx);
  if (found === undefined) return reject("no circle or place");
  const { folder, circle, members } = found;
  const shops = ctx.random.sample([...RESTAURANTS, ...SHOPS], 9);
  const known = ctx.rowsWhere("commonpot.category", "circle_id", circle.id).map((row) => row["name"]);
  const fresh = ctx.random.sample(NEW_CATEGORIES.filter((name) => !known.includes(name)), 2);
  const names = [...fresh, "food", "groceries", "fun"];
  // The last two shops are not in the list.
  const listed = new Map(shops.slice(0, 7).map((shop, i) => [placeName(shop), names[i % names.length] ?? "food"]));
  const list = "kinds.txt";
  plantFile(
    ctx,
    `${folder}/${list}`,
    [...listed].map(([shop, name]) => `${shop} = ${name}`).join("\n"),
    pastTime(ctx, 3),
  );
  const added = new Set<string>();
  const writes: Write[] = [];
  const some = slips(ctx, folder, shops, 15, 2);
  const payer = ctx.random.pick(members.filter(({ email }) => email !== ctx.user.email));
  for (const { path, shop, date, cents } of some) {
    const kind = ctx.random.pick(RECEIPT_ITEMS.groceries);
    const rest = ctx.random.int(20, 100);
    const lines = [`- ${kind} ${twoPlaces(cents - rest)}`, `- Bag ${twoPlaces(rest)}`, `Total: ${twoPlaces(cents)}`];
    plantFile(ctx, path, [shop, `Date: ${date}`, ...lines].join("\n"), pastTime(ctx, 1));
    const category = listed.get(shop) ?? "other";
    if (fresh.includes(category as typeof fresh[number]) && !added.has(category)) {
      added.add(category);
      writes.push({ app: "commonpot", api: "add_category", args: { circle_id: circle.id, name: category } });
    }
    writes.push({
      app: "commonpot",
      api: "add_bill",
      args: { circle_id: circle.id, title: shop, total: cents / 100, on: date, paid_by: payer.email, category },
    });
  }
  const { first } = payer;
  return {
    instruction: phrase(ctx, [
      `${folder}/${list} says which kind of cost each shop is. Enter all other files of that folder as bills of "${circle.name}", paid by ${first} and split equally among all, with that kind as category; add a category to the circle where it is missing, and use "other" for shops that the list leaves out. The title is the first line.`,
      `Please add the receipts in ${folder} to "${circle.name}": title from the first line, day and total as printed, ${first} as payer, equal shares for all. The category comes from the list ${list} in there ("other" if a shop is not in it); create those that the circle does not have yet.`,
      `All slips in ${folder} were paid by ${first} and belong to the circle "${circle.name}", shared equally. Make a bill of each, called like its first line, on the printed day, and file it under the category that ${list} in the same folder gives for the shop, adding missing categories; shops without one are "other".`,
    ]),
    pub: { folder, circle: circle.name, list, payer: first },
    writes,
  };
}

function solveCategory(apis: Apis, pub: { folder: string; circle: string; list: string; payer: string }) {
  const token = signIn(apis, "commonpot");
  const stowToken = signIn(apis, "stowbox");
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const members = allPages(apis.commonpot.list_circle_members, { token, circle_id });
  const payer = members.find((x) => x.name.split(" ")[0] === pub.payer);
  const names = new Set(allPages(apis.commonpot.list_categories, { token, circle_id }).map((x) => x.name));
  const read = (path: string) => apis.stowbox.read_file({ token: stowToken, path }).text;
  const kinds = new Map(read(`${pub.folder}/${pub.list}`).split("\n").map((line: string) => line.split(" = ")));
  for (
    const { path, name } of allPages(apis.stowbox.list_folder, { token: stowToken, path: pub.folder, type: "file" })
  ) {
    if (name === pub.list) continue;
    const lines = read(path).split("\n");
    const value = (label: string) => lines.find((x: string) => x.startsWith(label)).slice(label.length);
    const category = kinds.get(lines[0]) ?? "other";
    if (!names.has(category)) apis.commonpot.add_category({ token, circle_id, name: category });
    names.add(category);
    const bill = { title: lines[0], total: Number(value("Total: ")), on: value("Date: "), category };
    apis.commonpot.add_bill({ token, circle_id, ...bill, paid_by: payer.email });
  }
}

/** Scenarios of this generator. */
export const receiptsToBills: readonly Scenario[] = [
  bench({
    family: "receipts_to_bills/equal",
    split: "dev",
    difficulty: 3,
    apps: ["stowbox", "commonpot"],
    axis: {},
    draw: drawEqual,
    solve: solveEqual,
  }),
  bench({
    family: "receipts_to_bills/explicit",
    split: "dev",
    difficulty: 2,
    apps: ["stowbox", "commonpot"],
    axis: {},
    draw: drawExplicit,
    solve: solveExplicit,
  }),
  bench({
    family: "receipts_to_bills/category",
    split: "dev",
    difficulty: 2,
    apps: ["stowbox", "commonpot"],
    axis: {},
    draw: drawCategory,
    solve: solveCategory,
  }),
];
