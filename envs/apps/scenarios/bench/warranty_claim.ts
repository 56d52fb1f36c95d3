/**
 * Broken things are claimed from their sellers as far as a note with the warranties allows: by a plain letter, by a letter with the
 * invoice, or by whatever is still possible.
 *
 * Hurdles: the day of delivery counts and not the order's, the last day still does, some things were bought twice.
 *
 * @module
 */
import { oneOfEachKind, titleOf } from "./_cross_b.ts";
import { isFreePlace } from "./_files.ts";
import {
  type Apis,
  bench,
  type BenchDraw,
  type Client,
  idIn,
  phrase,
  type Reject,
  reject,
  type Row,
  sayList,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { isFreshTitle } from "./_phone.ts";
import { dayBefore, linesOn, plantNewer, plantNote, plantPurchase } from "./_shop_kit.ts";
import { cellsByFirst, dayPlus, noteBody, purchaseLines, signIn, todayOf } from "./_toolbox.ts";

type PlainPub = { readonly products: readonly string[]; readonly title: string };
type InvoicePub = PlainPub & { readonly folder: string; readonly text: string };
type AnyPub = PlainPub & { readonly folder: string; readonly reason: string; readonly list: string };

const TITLES = ["Warranties", "Guarantee terms", "If it breaks", "Claims", "Seller promises"] as const;
const LENGTHS = [75, 90, 120, 150, 180, 210] as const;
/** Most purchases that a reader should have to open. */
const MOST_PURCHASES = 44;

/** A broken thing as it was delivered last. */
interface Broken {
  readonly product: Row;
  readonly purchaseId: number;
  readonly lineId: number;
  readonly deliveredOn: string;
  /** Address for claims. */
  readonly address: string;
}

/** How long ago a thing was delivered: so many days more (or fewer) than its warranty, or so many days. */
type Age = { readonly over: number } | { readonly days: number };

function addressOf(seller: string): string {
  return `claims@${seller.toLowerCase().replace(/[^a-z]/g, "")}.test`;
}

/** Broken things with such ages, and the note with the warranties; the `again`-th thing was also bought long before. */
function plantBroken(
  ctx: SetupContext,
  ages: readonly Age[],
  again: number,
): { readonly title: string; readonly broken: readonly Broken[] } | Reject {
  const title = ctx.random.shuffle(TITLES).find((one) => isFreshTitle(ctx, one));
  const sellers = new Set<string>();
  const products = oneOfEachKind(ctx, 60, (row) => row["refillable"] === false).filter((row) => {
    const seller = textOf(row, "seller");
    return !sellers.has(seller) && sellers.add(seller) !== undefined;
  });
  const [beside, ...things] = products.slice(0, ages.length + 1);
  if (title === undefined || beside === undefined || things.length < ages.length) return reject("too few products");
  if (ctx.rows("marlo.purchase", ctx.user.email).length > MOST_PURCHASES) return reject("too many purchases");
  const lengths = things.map(() => ctx.random.pick(LENGTHS));
  const daysAgo = (i: number) => {
    const age = ages[i];
    if (age === undefined) return 0;
    return "days" in age ? age.days : (lengths[i] ?? 0) + age.over;
  };
  const buy = (product: Row, ago: number) => {
    const items = [{ product, progress: { on: dayBefore(ctx, ago) } }];
    return plantPurchase(ctx, dayBefore(ctx, ago + ctx.random.int(3, 6)), items);
  };
  const twice = things[again];
  if (twice !== undefined) buy(twice, daysAgo(again) + 320);
  const order = [...things.keys()].sort((a, b) => daysAgo(b) - daysAgo(a));
  const broken = new Map<number, Broken>();
  for (const i of order) {
    const product = things[i];
    if (product === undefined) continue;
    const { purchaseId, lineIds: [lineId = 0] } = buy(product, daysAgo(i));
    const deliveredOn = dayBefore(ctx, daysAgo(i));
    broken.set(i, { product, purchaseId, lineId, deliveredOn, address: addressOf(textOf(product, "seller")) });
  }
  plantNewer(ctx, 5, (row) => !things.some(({ id }) => id === row.id));
  const line = (seller: string, days: number) => `${seller} | ${addressOf(seller)} | ${days} days`;
  const others = products.slice(ages.length + 1, ages.length + 5);
  const lines = [
    ...things.map((row, i) => line(textOf(row, "seller"), lengths[i] ?? 0)),
    ...others.map((row) => line(textOf(row, "seller"), ctx.random.pick(LENGTHS))),
  ];
  const old = things.map((row) => line(textOf(row, "seller"), 365));
  plantNote(ctx, title, ["Days from delivery on", ...ctx.random.shuffle(lines)].join("\n"), old.join("\n"));
  return { title, broken: ctx.random.shuffle([...broken.values()]) };
}

/** Whether a thing was delivered at most so many days ago, and by its warranty. */
function isCovered(ctx: SetupContext, { broken, lengths }: { broken: Broken; lengths: ReadonlyMap<string, number> }) {
  const days = lengths.get(textOf(broken.product, "seller")) ?? 0;
  return broken.deliveredOn >= dayBefore(ctx, days);
}

/** Days of warranty by seller, from the note of the title that is not archived. */
function lengthsIn(ctx: SetupContext, title: string): ReadonlyMap<string, number> {
  const body = textOf(
    ctx.rows("foldnote.note", ctx.user.email).find((row) => row["title"] === title) ?? { id: 0 },
    "body",
  );
  return new Map(
    body.split("\n").flatMap((line) => {
      const [seller = "", , days] = line.split(" | ");
      return days === undefined ? [] : [[seller, parseInt(days)] as const];
    }),
  );
}

const claimSubject = ({ product }: Broken) => `Warranty: ${titleOf(product)}`;
const namesOf = (broken: readonly Broken[]) => broken.map(({ product }) => titleOf(product));

function drawPlain(ctx: SetupContext): BenchDraw<PlainPub> | Reject {
  const made = plantBroken(ctx, [{ over: 0 }, { over: 1 }, { over: -9 }, { over: -30 }, { over: 40 }], 2);
  if ("reject" in made) return made;
  const { title, broken } = made;
  const lengths = lengthsIn(ctx, title);
  const covered = broken.filter((one) => isCovered(ctx, { broken: one, lengths }));
  if (covered.length !== 3) return reject("not three are covered");
  const products = namesOf(broken);
  const list = sayList(products);
  return {
    instruction: phrase(ctx, [
      `These things from marlo are broken: ${list}. My note "${title}" has the sellers' addresses for claims and how many days after delivery they answer for their goods, the last day included. Write to the seller of each that is still covered (the last delivery counts): subject "Warranty: " and the product's title, text "Delivered on " and the day, as in 2027-01-31.`,
      `${list} have broken. For each of them that its seller still covers by the days in my note "${title}" (counted from delivery, the last day included; if I got it twice, the later one), send a letter to the address there with the subject "Warranty: " plus title and the text "Delivered on " plus day, such as 2027-01-31.`,
      `Please claim what can be claimed of these broken marlo things: ${list}. The note "${title}" gives days since delivery, up to and including the last, and addresses by seller. One letter a product that is covered, subject "Warranty: " with its title, body "Delivered on " with the day of the latest delivery like 2027-01-31.`,
    ]),
    pub: { products, title },
    writes: covered.map((one) => ({
      app: "quillpost",
      api: "send_letter",
      args: { to: [one.address], subject: claimSubject(one), body: `Delivered on ${one.deliveredOn}` },
    })),
  };
}

function solvePlain(apis: Apis, pub: PlainPub): void {
  const shop = signIn(apis, "marlo");
  const mail = signIn(apis, "quillpost");
  const terms = cellsByFirst(noteBody(apis, signIn(apis, "foldnote"), pub.title));
  const today = todayOf(apis);
  const lines = purchaseLines(apis, shop, {}).filter((x) => x.parcel_state === "delivered");
  for (const title of pub.products) {
    const { seller, delivered_on } = lines.find((x) => x.product === title);
    const [, address, days] = terms.get(seller) ?? [];
    if (dayPlus(delivered_on, parseInt(days ?? "")) < today) continue;
    const text = "Delivered on " + delivered_on;
    apis.quillpost.send_letter({ token: mail, to: [address], subject: "Warranty: " + title, body: text });
  }
}

const FOLDERS = ["/home/claims", "/letters/claims", "/money/warranty", "/receipts/claims"] as const;

/** File that the invoice of a thing goes to: its last word. */
function fileOf(folder: string, { product }: Broken): string {
  return `${folder}/${textOf(product, "kind")}.txt`;
}

/** Saves the invoice of a thing and sends the claim with it. */
function claimWithInvoice(client: Client, folder: string, one: Broken, text: string): void {
  const path = fileOf(folder, one);
  client("marlo", "download_invoice", { purchase_id: one.purchaseId, path });
  const letter = { to: [one.address], subject: claimSubject(one), body: text };
  const draft_id = idIn(client("quillpost", "add_draft", letter), "draft_id");
  client("quillpost", "enclose_file", { draft_id, path });
  client("quillpost", "send_draft", { draft_id });
}

function drawInvoice(ctx: SetupContext): BenchDraw<InvoicePub> | Reject {
  const made = plantBroken(ctx, [{ over: 0 }, { over: 1 }, { over: -12 }, { over: 25 }], 0);
  if ("reject" in made) return made;
  const { title, broken } = made;
  const lengths = lengthsIn(ctx, title);
  const covered = broken.filter((one) => isCovered(ctx, { broken: one, lengths }));
  const folder = ctx.random.pick(FOLDERS);
  if (covered.length !== 2) return reject("not two are covered");
  if (!isFreePlace(ctx, ...broken.map((one) => fileOf(folder, one)))) return reject("a path is taken");
  const products = namesOf(broken);
  const list = sayList(products);
  const text = ctx.random.pick([
    "It broke, please repair or replace it.",
    "It does not work any more, the invoice is enclosed.",
    "I ask for a replacement, see the invoice.",
  ]);
  return {
    instruction: phrase(ctx, [
      `Of my marlo things these broke: ${list}. By the note "${title}" each seller covers a thing for some days from delivery, the last included; the latest delivery counts. For what is covered, save the invoice in ${folder} under the product's last word (say, stool.txt) and mail it, enclosed, to the address in the note: subject "Warranty: " and title, text "${text}"`,
      `Broken: ${list}. See in the note "${title}" which of them their sellers still answer for (days since the last delivery, up to and including the limit). Put the marlo invoice of each of these into ${folder}, named by the title's last word as in stool.txt, and send it as an enclosure to the seller's address there, "Warranty: " plus title as the subject, "${text}" as the text.`,
      `Please send warranty claims for these, as far as the days in my note "${title}" (from the last delivery on, last day included) allow: ${list}. Each claim is a letter to the seller's address of the note, subject "Warranty: " and title, text "${text}", with the invoice enclosed that you save in ${folder} as last word of the title plus .txt.`,
    ]),
    pub: { products, title, folder, text },
    writes(client) {
      for (const one of covered) claimWithInvoice(client, folder, one, text);
    },
  };
}

function solveInvoice(apis: Apis, pub: InvoicePub): void {
  const shop = signIn(apis, "marlo");
  const mail = signIn(apis, "quillpost");
  const stow_token = signIn(apis, "stowbox");
  const terms = cellsByFirst(noteBody(apis, signIn(apis, "foldnote"), pub.title));
  const today = todayOf(apis);
  const lines = purchaseLines(apis, shop, {}).filter((x) => x.parcel_state === "delivered");
  for (const title of pub.products) {
    const { seller, delivered_on, purchase_id } = lines.find((x) => x.product === title);
    const [, address, days] = terms.get(seller) ?? [];
    if (dayPlus(delivered_on, parseInt(days ?? "")) < today) continue;
    const path = `${pub.folder}/${title.split(" ").at(-1)}.txt`;
    apis.marlo.download_invoice({ token: shop, stow_token, purchase_id, path });
    const letter = { to: [address], subject: "Warranty: " + title, body: pub.text };
    const { draft_id } = apis.quillpost.add_draft({ token: mail, ...letter });
    apis.quillpost.enclose_file({ token: mail, stow_token, draft_id, path });
    apis.quillpost.send_draft({ token: mail, draft_id });
  }
}

const LISTS = ["to replace", "once more", "broken things", "buy anew"] as const;
/** Text of a claim where the task does not give one. */
const CLAIM = "See the invoice.";

function drawAny(ctx: SetupContext): BenchDraw<AnyPub> | Reject {
  const made = plantBroken(ctx, [{ days: 30 }, { days: 31 }, { over: 0 }, { over: 1 }, { days: 12 }], 1);
  if ("reject" in made) return made;
  const { title, broken } = made;
  const lengths = lengthsIn(ctx, title);
  const isNew = ({ deliveredOn }: Broken) => deliveredOn >= dayBefore(ctx, 30);
  const covered = (one: Broken) => !isNew(one) && isCovered(ctx, { broken: one, lengths });
  const folder = ctx.random.pick(FOLDERS);
  const list = ctx.random.shuffle(LISTS).find((name) => linesOn(ctx, (on) => on === name).length === 0);
  if (list === undefined || broken.filter(isNew).length !== 2 || broken.filter(covered).length !== 2) {
    return reject("not two of each");
  }
  if (!isFreePlace(ctx, ...broken.map((one) => fileOf(folder, one)))) return reject("a path is taken");
  const products = namesOf(broken);
  const all = sayList(products);
  const reason = ctx.random.pick(["It broke", "Does not work", "Broken after short use", "Came apart"]);
  return {
    instruction: phrase(ctx, [
      `${all} broke. What came at most 30 days ago goes back to marlo, reason "${reason}". Otherwise, if covered by the days from delivery in my note "${title}" (last day included), save the invoice in ${folder} as the title's last word plus .txt and mail it to the address there, subject "Warranty: " plus title, text "${CLAIM}" Put the rest on the wish list "${list}".`,
      `Broken marlo things: ${all}. Send back (reason "${reason}") what was delivered within the last 30 days. Older ones still in the warranty of note "${title}", in days since delivery with the last included: invoice into ${folder}, named like stool.txt by the last word, and enclosed to the address noted, subject "Warranty: " and title, text "${CLAIM}" All others go on the wish list "${list}".`,
      `My ${all} are broken. Open returns at marlo up to 30 days after delivery, reason "${reason}". Past that, as long as note "${title}" covers them (days from delivery, last included), letters to the addresses in it: "Warranty: " plus title, "${CLAIM}" as text, enclosing the invoice saved in ${folder} by the last word, like stool.txt. Else add them to the wish list "${list}".`,
    ]),
    pub: { products, title, folder, reason, list },
    writes(client) {
      for (const one of broken) {
        if (isNew(one)) client("marlo", "open_return", { line_id: one.lineId, reason });
        else if (covered(one)) claimWithInvoice(client, folder, one, CLAIM);
        else client("marlo", "add_wish_item", { product_id: one.product.id, list });
      }
    },
  };
}

function solveAny(apis: Apis, pub: AnyPub): void {
  const shop = signIn(apis, "marlo");
  const mail = signIn(apis, "quillpost");
  const stow_token = signIn(apis, "stowbox");
  const terms = cellsByFirst(noteBody(apis, signIn(apis, "foldnote"), pub.title));
  const today = todayOf(apis);
  const lines = purchaseLines(apis, shop, {}).filter((x) => x.parcel_state === "delivered");
  for (const title of pub.products) {
    const { seller, delivered_on, purchase_id, line_id, product_id } = lines.find((x) => x.product === title);
    const [, address, days] = terms.get(seller) ?? [];
    if (dayPlus(delivered_on, 30) >= today) {
      apis.marlo.open_return({ token: shop, line_id, reason: pub.reason });
    } else if (dayPlus(delivered_on, parseInt(days ?? "")) >= today) {
      const path = `${pub.folder}/${title.split(" ").at(-1)}.txt`;
      apis.marlo.download_invoice({ token: shop, stow_token, purchase_id, path });
      const letter = { to: [address], subject: "Warranty: " + title, body: "See the invoice." };
      const { draft_id } = apis.quillpost.add_draft({ token: mail, ...letter });
      apis.quillpost.enclose_file({ token: mail, stow_token, draft_id, path });
      apis.quillpost.send_draft({ token: mail, draft_id });
    } else apis.marlo.add_wish_item({ token: shop, product_id, list: pub.list });
  }
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const warrantyClaim: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "warranty_claim/plain",
    difficulty: 2,
    apps: ["foldnote", "marlo", "quillpost"],
    draw: drawPlain,
    solve: solvePlain,
  }),
  bench({
    ...COMMON,
    family: "warranty_claim/invoice",
    difficulty: 3,
    apps: ["foldnote", "marlo", "quillpost", "stowbox"],
    draw: drawInvoice,
    solve: solveInvoice,
  }),
  bench({
    ...COMMON,
    family: "warranty_claim/any",
    difficulty: 3,
    apps: ["foldnote", "marlo", "quillpost", "stowbox"],
    draw: drawAny,
    solve: solveAny,
  }),
];
