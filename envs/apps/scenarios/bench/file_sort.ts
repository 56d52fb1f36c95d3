/**
 * Files sorted into folders: receipts by the year or the shop that they name, other files by the ending of their names. Moved files
 * keep their time of last change.
 *
 * @module
 */
import { receiptText } from "../../pools/stowbox.ts";
import { RESTAURANTS, SHOPS } from "../../pools/life.ts";
import {
  addDays,
  type Apis,
  bench,
  cycle,
  daysAgo,
  phrase,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  type Write,
} from "./_kit.ts";
import { differentNumbers, isFreePlace, plantFile } from "./_files.ts";
import { pastTime } from "./_phone.ts";
import { allPages, signIn, sumMoney } from "./_toolbox.ts";

const SOURCES = ["/paper-pile", "/scans", "/unsorted", "/shoebox", "/to-file", "/drop"] as const;
const TARGETS = ["/ledger", "/paperwork", "/binder", "/tax-box", "/cabinet", "/records"] as const;

interface PlantedReceipt {
  readonly name: string;
  readonly place: string;
  readonly date: string;
  readonly cents: number;
}

/** Receipts of some years, each in a file that was last changed at another time. */
function plantReceipts(ctx: SetupContext, source: string, places: readonly string[], years: readonly number[]) {
  const numbers = differentNumbers(ctx, 22);
  return numbers.map((number, i): PlantedReceipt => {
    const year = years[i % years.length] ?? 2026;
    const date = `${year}-${String(ctx.random.int(1, 12)).padStart(2, "0")}-${
      String(ctx.random.int(1, 28)).padStart(2, "0")
    }`;
    const name = `scan-${number}.txt`;
    const place = ctx.random.pick(places);
    const cents = ctx.random.int(45, 900) * 10;
    const kind = SHOPS.includes(place) ? "groceries" : "dinner";
    const text = receiptText(ctx.random, { place, kind, totalCents: cents, date });
    plantFile(ctx, `${source}/${name}`, text, pastTime(ctx, ctx.random.int(3, 300)));
    return { name, place: place.replace(/^the /, "The "), date, cents };
  });
}

/** What lies beside the receipts and stays: loose notes, and a receipt in a folder below. */
function plantBystanders(ctx: SetupContext, source: string, place: string): void {
  plantFile(ctx, `${source}/loose-notes.txt`, "ask about the kettle\n2024-05-01 or later", pastTime(ctx, 9));
  plantFile(ctx, `${source}/shopping.txt`, "bread\nsoap\nstamps", pastTime(ctx, 5));
  const kept = receiptText(ctx.random, { place, kind: "dinner", totalCents: 4150, date: "2025-06-03" });
  plantFile(ctx, `${source}/keep/scan-00001.txt`, kept, pastTime(ctx, 40));
}

function places(ctx: SetupContext) {
  const [source, target] = [
    cycle(ctx, SOURCES.slice(ctx.random.int(0, 3))),
    cycle(ctx, TARGETS.slice(ctx.random.int(0, 3))),
  ];
  return isFreePlace(ctx, source, target) ? { source, target } : undefined;
}

function drawYear(ctx: SetupContext) {
  const found = places(ctx);
  if (found === undefined) return reject("the places are taken");
  const { source, target } = found;
  const least = ctx.random.int(40, 65);
  const receipts = plantReceipts(ctx, source, [...RESTAURANTS, ...SHOPS], [2024, 2025, 2025, 2026, 2026, 2027]);
  if (receipts.some(({ cents }) => cents === least * 100)) return reject("a total is just the bound");
  plantBystanders(ctx, source, "the Copper Pan");
  plantFile(ctx, `${target}/2025/older-scan.txt`, "The Salt Barrel\nDate: 2025-02-02\nTotal: 9.00", pastTime(ctx, 200));
  const move = ({ name, date }: PlantedReceipt): Write => ({
    app: "stowbox",
    api: "move_file",
    args: {
      path: `${source}/${name}`,
      to: `${target}/${date.slice(0, 4)}/${name}`,
      keep_dates: true,
      with_parents: true,
    },
  });
  const star = ({ name, date }: PlantedReceipt): Write => ({
    app: "stowbox",
    api: "star_file",
    args: { path: `${target}/${date.slice(0, 4)}/${name}`, on: true },
  });
  const dear = receipts.filter(({ cents }) => cents > least * 100);
  return {
    instruction: phrase(ctx, [
      `Sort the receipts that lie directly in ${source} into ${target}, one folder per year such as ${target}/2026, by the date printed on each. They keep their names and their time of last change. Give a star to every one with a total above ${least}. Files without a "Date:" line stay where they are.`,
      `Please file my scanned receipts: each file right in ${source} (not in folders below) that has a "Date:" line goes to the folder of that year in ${target}, e.g. ${target}/2026, with its name and last-changed date kept. Star those whose total is more than ${least}.`,
      `Tax time! Move all receipts out of ${source} itself into year folders in ${target}, like ${target}/2026; the "Date:" line says the year. Do not change names or edit dates, leave files without such a line, and star the receipts over ${least}.`,
    ]),
    pub: { source, target, least },
    writes: [...receipts.map(move), ...dear.map(star)],
  };
}

function solveYear(apis: Apis, pub: { source: string; target: string; least: number }) {
  const token = signIn(apis, "stowbox");
  const files = allPages(apis.stowbox.list_folder, { token, path: pub.source, type: "file" });
  for (const { path, name } of files) {
    const { text } = apis.stowbox.read_file({ token, path });
    const date = /^Date: (\d{4})/m.exec(text);
    if (date === null) continue;
    const to = `${pub.target}/${date[1]}/${name}`;
    apis.stowbox.move_file({ token, path, to, keep_dates: true, with_parents: true });
    const total = /^Total: ([\d.]+)$/m.exec(text);
    if (total !== null && Number(total[1]) > pub.least) apis.stowbox.star_file({ token, path: to, on: true });
  }
}

function drawVendor(ctx: SetupContext) {
  const found = places(ctx);
  if (found === undefined) return reject("the places are taken");
  const { source, target } = found;
  const shops = ctx.random.sample([...RESTAURANTS, ...SHOPS], 8);
  const receipts = plantReceipts(ctx, source, shops, [2026, 2027]);
  plantBystanders(ctx, source, shops[0] ?? "the Copper Pan");
  const byShop = Map.groupBy(receipts, ({ place }) => place);
  const least = cycle(ctx, [2, 3, 4]);
  const counts = [...byShop.values()].map((some) => some.length);
  if (!counts.includes(least) || !counts.some((count) => count < least)) return reject("no shop at the bound");
  const folderOf = (place: string) => ((byShop.get(place)?.length ?? 0) >= least ? place : "Other shops");
  const lines = [...byShop].sort(([a], [b]) => (a < b ? -1 : 1)).map(([place, some]) =>
    `${place}: ${(some.reduce((sum, { cents }) => sum + cents, 0) / 100).toFixed(2)}`
  );
  const moves = receipts.map(({ name, place }): Write => ({
    app: "stowbox",
    api: "move_file",
    args: {
      path: `${source}/${name}`,
      to: `${target}/${folderOf(place)}/${name}`,
      keep_dates: true,
      with_parents: true,
    },
  }));
  const summary = `${target}/totals.txt`;
  const write = (text: string): Write => ({ app: "stowbox", api: "write_file", args: { path: summary, text } });
  const text = lines.join("\n");
  const rule = `shops with fewer than ${least} receipts share the folder "Other shops"`;
  return {
    instruction: phrase(ctx, [
      `Move the receipts lying directly in ${source} to ${target}, one folder per shop, named like the first line of the receipt; ${rule}. Keep names and last-changed times; files without a "Total:" line stay. Then write ${summary}: a line per shop, in alphabetical order, like "Mill Street Grill: 84.20", with the sum of its receipts.`,
      `Sort what is a receipt (it has a "Total:" line) right in ${source} by shop: folders in ${target} called what the first line says, but ${rule}. Names and edit times must not change. Add a file ${summary} with one line for each shop, alphabetically, such as "Mill Street Grill: 84.20" for its total.`,
      `Please bring order into ${source}: every receipt in it, not in its subfolders, goes into a folder of its shop in ${target} (the shop is the first line; ${rule}), keeping name and date of change. Files without "Total:" stay. List the sums in ${summary}, alphabetically, lines like "Mill Street Grill: 84.20".`,
    ]),
    pub: { source, target, least },
    writes: [...moves, write(text)],
    // Whether the last line is ended, too, is nobody's concern.
    alternatives: [[...moves, write(`${text}\n`)]],
  };
}

function solveVendor(apis: Apis, pub: { source: string; target: string; least: number }) {
  const token = signIn(apis, "stowbox");
  const files = allPages(apis.stowbox.list_folder, { token, path: pub.source, type: "file" });
  const byShop = new Map();
  for (const { path, name } of files) {
    const { text } = apis.stowbox.read_file({ token, path });
    const total = /^Total: ([\d.]+)$/m.exec(text);
    if (total === null) continue;
    const shop = text.split("\n")[0];
    if (!byShop.has(shop)) byShop.set(shop, []);
    byShop.get(shop).push({ path, name, total: Number(total[1]) });
  }
  const lines = [];
  for (const shop of [...byShop.keys()].sort()) {
    const receipts = byShop.get(shop);
    const folder = receipts.length < pub.least ? "Other shops" : shop;
    for (const { path, name } of receipts) {
      const to = `${pub.target}/${folder}/${name}`;
      apis.stowbox.move_file({ token, path, to, keep_dates: true, with_parents: true });
    }
    const totals = receipts.map((x: { total: number }) => x.total);
    lines.push(`${shop}: ${sumMoney(totals).toFixed(2)}`);
  }
  apis.stowbox.write_file({ token, path: `${pub.target}/totals.txt`, text: lines.join("\n") });
}

const ENDINGS = ["txt", "pdf", "csv", "md", "jpg"] as const;
const STEMS = ["offer", "map", "letter", "plan", "list", "photo", "form", "draft", "table", "notice"] as const;

function drawKind(ctx: SetupContext) {
  const found = places(ctx);
  if (found === undefined) return reject("the places are taken");
  const { source, target } = found;
  const day = daysAgo(ctx, ctx.random.int(20, 60));
  const writes: Write[] = [];
  const numbers = differentNumbers(ctx, 32);
  numbers.forEach((number, i) => {
    const ending = ctx.random.pick(ENDINGS);
    const name = `${ctx.random.pick(STEMS)}-${number}.${ending}`;
    // Two files lie on each side of the bound.
    const changed = i === 0
      ? `${day}T00:05:00`
      : i === 1
      ? `${addDays(day, -1)}T23:40:00`
      : `${addDays(day, i % 4 === 0 ? ctx.random.int(1, 15) : -ctx.random.int(2, 200))}T${
        ctx.random.int(10, 20)
      }:15:00`;
    plantFile(ctx, `${source}/${name}`, `${name} of ${changed.slice(0, 10)}`, changed);
    if (changed.slice(0, 10) >= day) return;
    if (i % 9 === 5) {
      plantFile(ctx, `${target}/${ending}/${name}`, "the other one", pastTime(ctx, 250));
      return;
    }
    writes.push({
      app: "stowbox",
      api: "move_file",
      args: { path: `${source}/${name}`, to: `${target}/${ending}/${name}`, keep_dates: true, with_parents: true },
    });
  });
  plantFile(ctx, `${source}/later/form-1.pdf`, "kept for later", pastTime(ctx, 150));
  return {
    instruction: phrase(ctx, [
      `Everything that lies directly in ${source} and was last changed before ${
        sayDate(day)
      } should go to ${target}, into a folder named after the ending of its name (${target}/pdf and so on), without a change of its date. Where a file of that name is there already, leave yours where it is.`,
      `Clear out ${source}: move the files in it (not those in subfolders) whose last change is earlier than ${
        sayDate(day)
      } to ${target}/txt, ${target}/pdf and so on by the ending of the name. Keep their dates, and skip a file if the place is taken.`,
      `Please sort the old files of ${source} itself by ending into ${target} (${target}/csv, …), keeping the time of last change. Old means last changed before ${
        sayDate(day)
      }. Never replace anything: if there is a file of the same name, yours stays put.`,
    ]),
    pub: { source, target, day },
    said: { day: sayDate(day) },
    writes,
  };
}

function solveKind(apis: Apis, pub: { source: string; target: string; day: string }) {
  const token = signIn(apis, "stowbox");
  const files = allPages(apis.stowbox.list_folder, { token, path: pub.source, type: "file" });
  for (const { path, name, edited_at } of files) {
    if (edited_at.slice(0, 10) >= pub.day) continue;
    const to = `${pub.target}/${name.split(".").pop()}/${name}`;
    if (apis.stowbox.path_exists({ token, path: to }).exists) continue;
    apis.stowbox.move_file({ token, path, to, keep_dates: true, with_parents: true });
  }
}

/** Scenarios of this generator. */
export const fileSort: readonly Scenario[] = [
  bench({
    family: "file_sort/year",
    split: "train",
    difficulty: 2,
    apps: ["stowbox"],
    axis: {},
    draw: drawYear,
    solve: solveYear,
  }),
  bench({
    family: "file_sort/vendor",
    split: "train",
    difficulty: 2,
    apps: ["stowbox"],
    axis: {},
    draw: drawVendor,
    solve: solveVendor,
  }),
  bench({
    family: "file_sort/kind",
    split: "train",
    difficulty: 1,
    apps: ["stowbox"],
    axis: {},
    draw: drawKind,
    solve: solveKind,
  }),
];
