/**
 * Warranties: what is still under one by the sellers' terms, and claims by letter with the invoice.
 *
 * Choices: a warranty of N months ends on the same day of the month N months after delivery, that day included.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type Client,
  cycle,
  numberOf,
  phrase,
  reject,
  type Row,
  sayDate,
  sayList,
  type Scenario,
  type SetupContext,
  textOf,
  today,
} from "./_kit.ts";
import { mailWithFiles } from "./_cross_a.ts";
import { isFreePlace, plantFile } from "./_files.ts";
import { pastTime } from "./_phone.ts";
import { freshProducts, type OwnedLine, ownedLines, plantPurchase } from "./_shop_kit.ts";
import { allPages, mailFiles, purchaseLines, signIn, todayOf } from "./_toolbox.ts";

const FOLDERS = ["/guarantees", "/seller-terms", "/small-print", "/promises", "/conditions", "/terms"] as const;
const CLAIMS = ["/claims", "/complaints", "/broken", "/to-sellers", "/repairs"] as const;

/** The same day of the month so many months later; compares right even where the month has no such day. */
function monthsLater(day: string, months: number): string {
  const month = Number(day.slice(5, 7)) - 1 + months;
  const year = Number(day.slice(0, 4)) + Math.floor(month / 12);
  return `${year}-${String((month % 12) + 1).padStart(2, "0")}-${day.slice(8)}`;
}

/** A day that lies so many months before another, on the same day of the month. */
function monthsBefore(day: string, months: number): string {
  const month = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 - months;
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-${day.slice(8)}`;
}

interface Terms {
  readonly seller: string;
  readonly months: number;
  readonly address: string;
}

function termsText({ seller, months, address }: Terms): string {
  return [`Seller: ${seller}`, `Warranty: ${months} months from delivery`, `Claims: ${address}`].join("\n");
}

function addressAt(seller: string): string {
  return `claims@${seller.toLowerCase().replaceAll(/[^a-z]+/g, "-")}.test`;
}

/** Sellers with fresh products, and a place for their terms and for invoices. */
function stage(ctx: SetupContext, sellers: number, products: number) {
  const folder = cycle(ctx, FOLDERS.slice(ctx.random.int(0, 3)));
  const claims = cycle(ctx, CLAIMS.slice(ctx.random.int(0, 2)));
  const fresh = freshProducts(ctx, (row) => numberOf(row, "price") < 15_000);
  const bySeller = [...Map.groupBy(fresh, (row) => textOf(row, "seller"))].filter(([, rows]) =>
    rows.length >= products
  );
  const chosen = ctx.random.sample(bySeller, sellers);
  if (!isFreePlace(ctx, folder, claims) || chosen.length < sellers || Number(today(ctx).slice(8)) > 28) {
    return undefined;
  }
  return { folder, claims, chosen };
}

/** Terms of sellers in files that are called otherwise, with those of some more. */
function plantTerms(ctx: SetupContext, folder: string, terms: readonly Terms[]): void {
  const others = ["Old Harbour Mart", "Quay & Sons", "Three Chimneys", "Lowland Post"].map((seller): Terms => ({
    seller,
    months: ctx.random.pick([3, 9, 15]),
    address: addressAt(seller),
  }));
  ctx.random.shuffle([...terms, ...others]).forEach((one, i) => {
    plantFile(ctx, `${folder}/terms-${i + 1}.txt`, termsText(one), pastTime(ctx, 100 + i));
  });
  plantFile(ctx, `${folder}/read-me.txt`, "One file per seller.", pastTime(ctx, 120));
}

/** Buys a product that was delivered on a day. */
function plantDelivered(ctx: SetupContext, product: Row | undefined, day: string): void {
  if (product !== undefined) plantPurchase(ctx, addDays(day, -5), [{ product, qty: 1, progress: { on: day } }]);
}

/** Things that are going to be delivered or on their way, so that older purchases are not on the first page. */
function plantRecent(ctx: SetupContext, sellers: readonly string[]): void {
  const others = freshProducts(ctx, (row) => !sellers.includes(textOf(row, "seller"))).slice(0, 5);
  others.forEach((product, i) =>
    plantPurchase(ctx, addDays(today(ctx), -1 - i), [{ product, qty: 1, progress: "shipped" }])
  );
}

/** Delivered lines of sellers; undefined where something was sent back, so that it is not clear what one has. */
function deliveredFrom(ctx: SetupContext, sellers: readonly string[]): OwnedLine[] | undefined {
  const lines = ownedLines(ctx).filter(({ line }) =>
    sellers.includes(textOf(line, "seller")) && line["parcel_state"] === "delivered"
  );
  const titles = lines.map(({ line }) => line["product"]);
  const isClear = lines.every(({ line }) => line["return_state"] === "none") && new Set(titles).size === titles.length;
  return isClear ? lines : undefined;
}

const deliveredOn = ({ line }: OwnedLine) => textOf(line, "delivered_on");

function drawQuestion(ctx: SetupContext) {
  const found = stage(ctx, 2, 9);
  const [first, second] = found?.chosen ?? [];
  if (found === undefined || first === undefined || second === undefined) return reject("no sellers");
  const [seller, products] = first;
  const months = ctx.random.pick([6, 8, 10]);
  const day = addDays(today(ctx), ctx.random.int(5, 40));
  if (Number(day.slice(8)) > 28) return reject("not every month has that day");
  const bound = monthsBefore(day, months);
  const dates = [
    bound,
    addDays(bound, -1),
    addDays(bound, 12),
    addDays(bound, 70),
    addDays(bound, -40),
    addDays(bound, 120),
    addDays(bound, -90),
  ];
  dates.forEach((date, i) => {
    if (date < today(ctx)) plantDelivered(ctx, products[i], date);
  });
  second[1].slice(0, 3).forEach((product, i) => plantDelivered(ctx, product, addDays(bound, 20 + i)));
  plantRecent(ctx, [seller, second[0]]);
  const terms = [{ seller, months, address: addressAt(seller) }, {
    seller: second[0],
    months: 24,
    address: addressAt(second[0]),
  }];
  plantTerms(ctx, found.folder, terms);
  const lines = deliveredFrom(ctx, [seller]);
  if (lines === undefined) return reject("something was sent back");
  const covered = lines.filter((one) => monthsLater(deliveredOn(one), months) >= day).map(({ line }) =>
    textOf(line, "product")
  );
  if (covered.length < 3 || covered.length > 8) return reject("too few or too many products");
  return {
    instruction: phrase(ctx, [
      `Which products by ${seller} that marlo has delivered to me will still be under warranty on ${
        sayDate(day)
      }? The sellers' terms are in the files of ${found.folder}; the last day is the same day of the month, so many months after delivery. Give the product names, separated by commas.`,
      `Please look up in ${found.folder} how long ${seller} gives warranty and tell me which of the things that I got from that seller through marlo are covered on ${
        sayDate(day)
      }. Months count from the day of delivery to the same day of the month, that day included. Names with commas between, please.`,
      `On ${
        sayDate(day)
      }, what of the delivered ${seller} goods from my marlo purchases is under warranty? How many months it lasts stands in one of the files in ${found.folder}, counted from delivery up to and including the same day of the later month. Just the product names, comma-separated.`,
    ]),
    pub: { seller, folder: found.folder, day },
    said: { day: sayDate(day) },
    answer: covered.join(", "),
    unordered: true,
  };
}

function solveQuestion(apis: Apis, pub: { seller: string; folder: string; day: string }) {
  const stowToken = signIn(apis, "stowbox");
  const token = signIn(apis, "marlo");
  let months = 0;
  for (const { path } of allPages(apis.stowbox.list_folder, { token: stowToken, path: pub.folder, type: "file" })) {
    const { text } = apis.stowbox.read_file({ token: stowToken, path });
    if (text.startsWith(`Seller: ${pub.seller}\n`)) months = Number(/Warranty: (\d+) months/.exec(text)?.[1]);
  }
  const endOf = (day: string) => {
    const month = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + months;
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-${day.slice(8)}`;
  };
  return purchaseLines(apis, token, {})
    .filter((x) => x.seller === pub.seller && x.parcel_state === "delivered" && endOf(x.delivered_on) >= pub.day)
    .map((x) => x.product).join(", ");
}

function drawProduct(ctx: SetupContext) {
  const found = stage(ctx, 3, 4);
  if (found === undefined) return reject("no sellers");
  const { folder, claims, chosen } = found;
  const now = today(ctx);
  const terms = chosen.map(([seller], i): Terms => ({
    seller,
    months: [6, 9, 12][i] ?? 6,
    address: addressAt(seller),
  }));
  plantTerms(ctx, folder, terms);
  const sellers = chosen.map(([seller]) => seller);
  const plan = [[0, 0], [1, -1], [2, 30], [0, -60], [1, 45]] as const;
  const broken = plan.flatMap(([which, shift], n) => {
    const product = chosen[which]?.[1][n < 3 ? 0 : 1];
    plantDelivered(ctx, product, addDays(monthsBefore(now, terms[which]?.months ?? 6), shift));
    return product === undefined ? [] : [textOf(product, "title")];
  });
  chosen.forEach(([, rows], i) => plantDelivered(ctx, rows[2], addDays(now, -20 - i)));
  plantRecent(ctx, sellers);
  const lines = deliveredFrom(ctx, sellers);
  if (lines === undefined || broken.length < 5) return reject("something was sent back");
  const covered = lines.filter((one) => {
    const months = terms.find(({ seller }) => seller === one.line["seller"])?.months ?? 0;
    return broken.includes(textOf(one.line, "product")) && monthsLater(deliveredOn(one), months) >= now;
  });
  if (covered.length !== 3) return reject("not as planned");
  const complaint = ctx.random.pick(["It does not work any more.", "It broke in normal use.", "It fell apart."]);
  const writes = (client: Client) => {
    for (const one of covered) {
      const title = textOf(one.line, "product");
      const path = `${claims}/${title}.txt`;
      client("marlo", "download_invoice", { purchase_id: one.purchase.id, path });
      const to = [addressAt(textOf(one.line, "seller"))];
      const body = `Delivered on ${deliveredOn(one)}. ${complaint}`;
      mailWithFiles(client, { to, subject: `Warranty claim: ${title}`, body }, [path]);
    }
  };
  const things = ctx.random.shuffle(broken);
  return {
    instruction: phrase(ctx, [
      `These things from marlo broke: ${
        sayList(things)
      }. ${folder} has the sellers' terms; a warranty lasts until the same day of the month so many months after delivery, today may be the last. For each thing still covered, save its invoice as ${claims}/NAME.txt and mail it to the seller's claims address: subject "Warranty claim: NAME", text "Delivered on 2027-02-28. ${complaint}"`,
      `I have trouble with ${
        sayList(things)
      }, all bought on marlo. If the warranty in the terms (files in ${folder}) has not run out, counted in months from delivery with the last day included, write to the claims address there: "Warranty claim: NAME" as subject, "Delivered on 2027-02-28. ${complaint}" as text, with the invoice enclosed that you save before as ${claims}/NAME.txt.`,
      `Please claim warranty by mail for what of this is still covered today: ${
        sayList(things)
      }. The months (from delivery, last day included) and addresses stand in ${folder}. One letter per product, "Warranty claim: NAME", saying "Delivered on 2027-02-28. ${complaint}" with the right day, and the marlo invoice in it, saved as ${claims}/NAME.txt.`,
    ]),
    pub: { things, folder, claims, complaint },
    writes,
  };
}

function solveProduct(apis: Apis, pub: { things: string[]; folder: string; claims: string; complaint: string }) {
  const stow_token = signIn(apis, "stowbox");
  const token = signIn(apis, "marlo");
  const mailToken = signIn(apis, "quillpost");
  const today = todayOf(apis);
  const terms = new Map();
  for (const { path } of allPages(apis.stowbox.list_folder, { token: stow_token, path: pub.folder, type: "file" })) {
    const { text } = apis.stowbox.read_file({ token: stow_token, path });
    const found = /^Seller: (.+)\nWarranty: (\d+) months.*\nClaims: (\S+)/.exec(text);
    if (found !== null) terms.set(found[1], { months: Number(found[2]), address: found[3] });
  }
  for (const line of purchaseLines(apis, token, {})) {
    if (!pub.things.includes(line.product) || line.parcel_state !== "delivered") continue;
    const { months, address } = terms.get(line.seller);
    const day = line.delivered_on;
    const month = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + months;
    const end = `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-${day.slice(8)}`;
    if (end < today) continue;
    const path = `${pub.claims}/${line.product}.txt`;
    apis.marlo.download_invoice({ token, stow_token, purchase_id: line.purchase_id, path });
    const body = `Delivered on ${day}. ${pub.complaint}`;
    const letter = { to: [address], subject: `Warranty claim: ${line.product}`, body };
    mailFiles(apis, mailToken, stow_token, letter, [path]);
  }
}

function drawSeller(ctx: SetupContext) {
  const found = stage(ctx, 2, 8);
  const [first, second] = found?.chosen ?? [];
  if (found === undefined || first === undefined || second === undefined) return reject("no sellers");
  const { folder, claims } = found;
  const [seller, products] = first;
  const months = ctx.random.pick([6, 9, 12]);
  const now = today(ctx);
  const bound = monthsBefore(now, months);
  const dates = [
    bound,
    addDays(bound, -1),
    addDays(bound, 15),
    addDays(bound, 60),
    addDays(bound, -30),
    addDays(bound, 90),
  ];
  dates.forEach((date, i) => plantDelivered(ctx, products[i], date));
  second[1].slice(0, 3).forEach((product, i) => plantDelivered(ctx, product, addDays(bound, 25 + i)));
  plantRecent(ctx, [seller, second[0]]);
  const address = addressAt(seller);
  plantTerms(ctx, folder, [{ seller, months, address }, {
    seller: second[0],
    months: 24,
    address: addressAt(second[0]),
  }]);
  const lines = deliveredFrom(ctx, [seller]);
  const covered = lines?.filter((one) => monthsLater(deliveredOn(one), months) >= now) ?? [];
  const days = covered.map(({ purchase }) => textOf(purchase, "at").slice(0, 10));
  if (covered.length < 3 || covered.length > 7 || new Set(days).size < days.length) {
    return reject("two purchases of a day");
  }
  const subject = ctx.random.pick(["Recall of your goods", "Your recall", "About your recall"]);
  const titles = covered.map(({ line }) => textOf(line, "product")).sort();
  const body = (end: string) => `${titles.join("\n")}${end}`;
  const writes = (end: string) => (client: Client) => {
    const paths = covered.map(({ purchase }) => {
      const path = `${claims}/${textOf(purchase, "at").slice(0, 10)}.txt`;
      client("marlo", "download_invoice", { purchase_id: purchase.id, path });
      return path;
    });
    mailWithFiles(client, { to: [address], subject, body: body(end) }, paths);
  };
  return {
    instruction: phrase(ctx, [
      `${seller} recalls its goods. Write one letter to the claims address in the seller's terms (a file in ${folder}) with the subject "${subject}": the text is the names of all ${seller} products from my marlo purchases that were delivered and are under warranty today, one per line, A to Z. Enclose the invoices of these purchases, saved as ${claims}/2027-02-28.txt by day of purchase. Warranty ends on the same day of the month, so many months after delivery, that day included.`,
      `Please answer the recall of ${seller}: find its terms in ${folder}, and of the things by ${seller} that marlo delivered to me take those whose warranty (months from delivery, the same day of the last month included) has not ended. Save the invoices as ${claims}/2027-02-28.txt, named by the purchase's day, and send them all in one letter to the claims address, subject "${subject}", text: just the product names, alphabetically, each on a line.`,
      `For everything by ${seller} from marlo that was delivered and is still covered today (terms in ${folder}: so many months after delivery, up to and including the same day of the month), send one letter to the address for claims given there, called "${subject}", listing the product names from A to Z, one a line, and nothing else, with the invoices, which you save as ${claims}/2027-02-28.txt by the day of purchase.`,
    ]),
    pub: { seller, folder, claims, subject },
    writes: writes(""),
    alternatives: [writes("\n")],
  };
}

function solveSeller(apis: Apis, pub: { seller: string; folder: string; claims: string; subject: string }) {
  const stow_token = signIn(apis, "stowbox");
  const token = signIn(apis, "marlo");
  const today = todayOf(apis);
  let months = 0;
  let address = "";
  for (const { path } of allPages(apis.stowbox.list_folder, { token: stow_token, path: pub.folder, type: "file" })) {
    const { text } = apis.stowbox.read_file({ token: stow_token, path });
    const found = /^Seller: (.+)\nWarranty: (\d+) months.*\nClaims: (\S+)/.exec(text);
    if (found?.[1] !== pub.seller) continue;
    months = Number(found?.[2]);
    address = String(found?.[3]);
  }
  const covered = purchaseLines(apis, token, {}).filter((line) => {
    if (line.seller !== pub.seller || line.parcel_state !== "delivered") return false;
    const day = line.delivered_on;
    const month = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + months;
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-${day.slice(8)}` >= today;
  });
  const paths = covered.map(({ purchase_id, at }) => {
    const path = `${pub.claims}/${at.slice(0, 10)}.txt`;
    apis.marlo.download_invoice({ token, stow_token, purchase_id, path });
    return path;
  });
  const letter = { to: [address], subject: pub.subject, body: covered.map((x) => x.product).sort().join("\n") };
  mailFiles(apis, signIn(apis, "quillpost"), stow_token, letter, paths);
}

/** Scenarios of this generator. */
export const warrantyClaim: readonly Scenario[] = [
  bench({
    family: "warranty_claim/question",
    split: "test_challenge",
    difficulty: 2,
    apps: ["stowbox", "marlo"],
    axis: {},
    draw: drawQuestion,
    solve: solveQuestion,
  }),
  bench({
    family: "warranty_claim/product",
    split: "test_challenge",
    difficulty: 3,
    apps: ["stowbox", "marlo", "quillpost"],
    axis: {},
    draw: drawProduct,
    solve: solveProduct,
  }),
  bench({
    family: "warranty_claim/seller",
    split: "test_challenge",
    difficulty: 3,
    apps: ["stowbox", "marlo", "quillpost"],
    axis: {},
    draw: drawSeller,
    solve: solveSeller,
  }),
];
