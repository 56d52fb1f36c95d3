/**
 * Receipts that came by letter become bills of a circle: those of one address split equally, by whose each product is, or receipts
 * that others enclosed in their letters.
 *
 * @module
 */
import {
  addDays,
  type Apis,
  bench,
  type Client,
  daysAgo,
  idIn,
  phrase,
  principalOf,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { isFreshSubject, money, receiveFiles, receiveLetter } from "./_cross_a.ts";
import { isFreePlace } from "./_files.ts";
import { addBillOn, billsIn, circlesOf } from "./_money_kit.ts";
import { differentDays, namedMembers, receiptsSince, timeOn } from "./_orders.ts";
import { addressesOf, freshProducts, hasNote, plantNote, plantPurchase } from "./_shop_kit.ts";
import { allPages, lettersAbout, noteBody, signIn, sumMoney } from "./_toolbox.ts";

const cheap = (row: { readonly [column: string]: unknown }) => Number(row["price"]) < 9000;

function drawEqual(ctx: SetupContext) {
  const circle = circlesOf(ctx, 3)[0];
  const [first, ...others] = ctx.random.shuffle(addressesOf(ctx));
  const elsewhere = others[0];
  if (circle === undefined || first === undefined || elsewhere === undefined) return reject("no circle or one address");
  const street = textOf(first, "street");
  if (street === textOf(elsewhere, "street")) return reject("addresses share a street");
  const since = daysAgo(ctx, 24);
  const products = freshProducts(ctx, cheap);
  const days = differentDays(ctx, 1, 23, 13);
  const dayAt = (i: number) => (i === 0 ? since : i === 1 ? addDays(since, -1) : days[i] ?? since);
  for (let i = 0; i < 13; i++) {
    const items = products.slice(i * 2, i * 2 + 1 + (i % 2)).map((product) => ({ product, qty: 1 + (i % 3) }));
    plantPurchase(ctx, dayAt(i), items, i % 3 === 2 ? elsewhere.id : first.id);
  }
  const receipts = receiptsSince(ctx, since).filter(({ body }) => body.includes(`, ${street}, `));
  if (new Set(receipts.map(({ day }) => day)).size < receipts.length) return reject("two orders of a day");
  const title = (day: string) => `Order of ${day}`;
  const entered = receipts.filter((_, i) => i === 2 || i === 5);
  const members = circle.members.map((email) => ({ email }));
  for (const { day, cents } of entered) {
    addBillOn(ctx, { circle: circle.id, by: ctx.random.pick(members).email, title: title(day), cents, day });
  }
  if (receipts.length < 6 || receipts.length > 20) return reject("too few or too many receipts");
  const writes = receipts.filter((receipt) => !entered.includes(receipt)).map(({ day, cents }) => ({
    app: "commonpot",
    api: "add_bill",
    args: { circle_id: circle.id, title: title(day), total: cents / 100, on: day, category: "household" },
  }));
  return {
    instruction: phrase(ctx, [
      `marlo sent me a receipt by mail for each order. Those since ${
        sayDate(since)
      } that were delivered to ${street} belong to the circle "${circle.name}": add each as a bill that I paid, on the day of the order, called like "Order of 2027-02-28", for the total, split equally among everybody, category household. Skip those that are bills there already under that title.`,
      `Please share my marlo orders that went to ${street} with "${circle.name}". The receipts are in my mail; take those sent on ${
        sayDate(since)
      } or later. Each one is a bill like "Order of 2027-02-28" over its total on its day, in the category household, equal for all and paid by me, unless a bill of that title exists.`,
      `Go through the order receipts from marlo in my mail since ${
        sayDate(since)
      }. Whatever was sent to ${street} goes into "${circle.name}" as a bill: title such as "Order of 2027-02-28", that day, the total, category household, split equally, paid by me. What is in there by that title stays as it is.`,
    ]),
    pub: { circle: circle.name, street, since },
    said: { since: sayDate(since) },
    writes,
  };
}

function solveEqual(apis: Apis, pub: { circle: string; street: string; since: string }) {
  const mailToken = signIn(apis, "quillpost");
  const token = signIn(apis, "commonpot");
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const titles = new Set(allPages(apis.commonpot.list_bills, { token, circle_id }).map((x) => x.title));
  const filters = { from: "post@marlo.test", since: pub.since };
  for (const { subject, body } of lettersAbout(apis, mailToken, "Your marlo order of ", filters)) {
    if (!body.includes(`, ${pub.street}, `)) continue;
    const found = /^Your marlo order of (\S+): ([\d.]+)$/.exec(subject);
    const [on, total] = [String(found?.[1]), Number(found?.[2])];
    const title = `Order of ${on}`;
    if (titles.has(title)) continue;
    apis.commonpot.add_bill({ token, circle_id, title, total, on, category: "household" });
  }
}

const NOTES = ["Who ordered what", "Shared basket", "Joint order", "Ordered together", "Whose is it"] as const;

function drawLines(ctx: SetupContext) {
  const circle = circlesOf(ctx, 3, 7).find((one) => namedMembers(ctx, one) !== undefined);
  const members = circle === undefined ? undefined : namedMembers(ctx, circle);
  const note = ctx.random.pick(NOTES);
  if (circle === undefined || members === undefined || hasNote(ctx, note)) return reject("no circle or title");
  const since = daysAgo(ctx, 20);
  const products = freshProducts(ctx, cheap);
  const whose = new Map<string, string>();
  const days = differentDays(ctx, 1, 19, 9);
  for (let i = 0; i < 9; i++) {
    const items = products.slice(i * 3, i * 3 + 3).map((product) => ({ product, qty: ctx.random.int(1, 2) }));
    items.forEach(({ product }, n) => {
      if (n < 2 || i % 2 === 0) whose.set(textOf(product, "title"), ctx.random.pick(members).first);
    });
    plantPurchase(ctx, i === 0 ? since : i === 1 ? addDays(since, -1) : days[i] ?? since, items);
  }
  const receipts = receiptsSince(ctx, since);
  if (receipts.some(({ body }) => body.includes("Voucher "))) return reject("a voucher was used");
  if (new Set(receipts.map(({ day }) => day)).size < receipts.length) return reject("two orders of a day");
  const lines = [...whose].map(([title, first]) => `${title}: ${first}`);
  plantNote(ctx, note, ctx.random.shuffle(lines).join("\n"), lines.slice(0, 3).join("\n"));
  const emailOf = new Map(members.map(({ first, email }) => [first, email]));
  const [second] = receipts.slice(1);
  if (second === undefined || receipts.length > 14) return reject("too few or too many receipts");
  const title = (day: string) => `Joint order ${day}`;
  addBillOn(ctx, {
    circle: circle.id,
    by: ctx.user.email,
    title: title(second.day),
    cents: second.cents,
    day: second.day,
  });
  const writes = receipts.filter((receipt) => receipt !== second).flatMap(({ day, cents, body }) => {
    const parts = new Map<string, number>();
    let rest = cents;
    for (const found of body.matchAll(/^\d+ x (.+) \(.+\): ([\d.]+)$/gm)) {
      const owner = emailOf.get(whose.get(String(found[1])) ?? "") ?? ctx.user.email;
      const part = Math.round(Number(found[2]) * 100);
      rest -= part;
      parts.set(owner, (parts.get(owner) ?? 0) + part);
    }
    parts.set(ctx.user.email, (parts.get(ctx.user.email) ?? 0) + rest);
    const shares = Object.fromEntries(
      [...parts].filter(([, part]) => part > 0).map(([email, part]) => [email, part / 100]),
    );
    if (Object.keys(shares).every((email) => email === ctx.user.email)) return [];
    return [{
      app: "commonpot",
      api: "add_bill",
      args: { circle_id: circle.id, title: title(day), total: cents / 100, on: day, category: "household", shares },
    }];
  });
  return {
    instruction: phrase(ctx, [
      `The receipts that marlo mailed me since ${
        sayDate(since)
      } contain things for people of "${circle.name}"; my note "${note}" says whose each product is. Make a bill like "Joint order 2027-02-28" of each receipt with something for somebody else: its day and total, paid by me, category household, everyone owing their products. What is not in the note, and delivery, is mine. Skip titles that exist.`,
      `Please enter my marlo orders since ${
        sayDate(since)
      } in "${circle.name}" as "Joint order 2027-02-28" and so on, from the receipts in my mail: total, day, category household, paid by me. Shares follow the note "${note}", product by product; delivery and anything not listed is my part. Leave out orders that are all mine, and bills that are there by that title.`,
      `With the order receipts from marlo in my mail (from ${
        sayDate(since)
      } on) and the list in my note "${note}", add bills to "${circle.name}": one per order, titled like "Joint order 2027-02-28", household, on its day, I paid, each person owing what the note gives them, the remainder mine. No bill where everything is mine or the title exists.`,
    ]),
    pub: { circle: circle.name, note, since },
    said: { since: sayDate(since) },
    writes,
  };
}

function solveLines(apis: Apis, pub: { circle: string; note: string; since: string }) {
  const mailToken = signIn(apis, "quillpost");
  const token = signIn(apis, "commonpot");
  const own = apis.principal.who_am_i().email;
  const whose = new Map(
    noteBody(apis, signIn(apis, "foldnote"), pub.note).split("\n").map((line) => {
      const [title, first] = line.split(": ");
      return [title, first];
    }),
  );
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const members = allPages(apis.commonpot.list_circle_members, { token, circle_id });
  const titles = new Set(allPages(apis.commonpot.list_bills, { token, circle_id }).map((x) => x.title));
  const filters = { from: "post@marlo.test", since: pub.since };
  for (const { subject, body } of lettersAbout(apis, mailToken, "Your marlo order of ", filters)) {
    const found = /^Your marlo order of (\S+): ([\d.]+)$/.exec(subject);
    const [on, total] = [String(found?.[1]), Number(found?.[2])];
    const title = `Joint order ${on}`;
    if (titles.has(title)) continue;
    const amounts = new Map<string, number[]>();
    for (const item of body.matchAll(/^\d+ x (.+) \(.+\): ([\d.]+)$/gm)) {
      const first = whose.get(item[1]);
      const email = first === undefined ? own : members.find((x) => x.name.split(" ")[0] === first).email;
      amounts.set(email, [...(amounts.get(email) ?? []), Number(item[2])]);
    }
    const others = [...amounts].filter(([email]) => email !== own).map(([email, some]) => [email, sumMoney(some)]);
    if (others.length === 0) continue;
    const mine = sumMoney([total, ...others.map((x) => -Number(x[1]))]);
    const shares = Object.fromEntries(mine > 0 ? [...others, [own, mine]] : others);
    apis.commonpot.add_bill({ token, circle_id, title, total, on, category: "household", shares });
  }
}

const FOLDERS = ["/mail-receipts", "/from-letters", "/sent-to-me", "/circle-paper", "/kept-receipts"] as const;
const SHOPS = [
  "Corner Bakery",
  "Ferry Kiosk",
  "Tool Hire",
  "Bell Garden",
  "Night Pharmacy",
  "Map Room",
  "Fish Stall",
  "Paint Shed",
];
const TOPICS = ["Receipt for the kitty", "What I paid for us", "For our circle", "My part of the costs"] as const;

function drawEnclosed(ctx: SetupContext) {
  const circle = circlesOf(ctx, 4, 9)[0];
  const folder = ctx.random.pick(FOLDERS);
  const topic = ctx.random.pick(TOPICS);
  if (circle === undefined || !isFreePlace(ctx, folder) || !isFreshSubject(ctx, topic)) {
    return reject("no circle or place");
  }
  const senders = circle.members.flatMap((email) => principalOf(ctx, email) ?? []).filter(({ email }) =>
    email !== ctx.user.email
  );
  const outsider = ctx.principals.find(({ email }) => !circle.members.includes(email));
  if (senders.length < 3 || outsider === undefined) return reject("too few people");
  const since = daysAgo(ctx, 18);
  const shops = ctx.random.sample(SHOPS, 8);
  const planned = shops.map((shop, i) => ({
    shop,
    cents: ctx.random.int(80, 600) * 10 + i,
    day: daysAgo(ctx, 20 - i),
    from: ctx.random.pick(senders),
    name: `receipt-${ctx.random.int(1000, 9999)}-${i}.txt`,
  }));
  planned.forEach(({ shop, cents, day, from, name }, i) => {
    const at = i === 0 ? `${addDays(since, -1)}T22:50:00` : i === 1 ? `${since}T00:30:00` : timeOn(ctx, since, i, 14);
    const files = [{ name, text: [shop, `Date: ${day}`, `Total: ${money(cents)}`].join("\n") }];
    if (i % 3 === 1) files.unshift({ name: `map-${i}.txt`, text: "The way to the place.\nSecond door on the left." });
    receiveFiles(ctx, from, { subject: `${topic} (${i + 1})`, body: "See the file.", at }, files);
  });
  receiveFiles(ctx, outsider, { subject: `${topic} (9)`, body: "Wrong list?", at: timeOn(ctx, since, 9) }, [
    { name: "receipt-0.txt", text: `Elsewhere\nDate: ${since}\nTotal: 12.00` },
  ]);
  const talker = senders[0];
  if (talker !== undefined) {
    receiveLetter(ctx, talker, { subject: topic, body: "Did my file arrive?", at: timeOn(ctx, since, 10) });
  }
  const kept = planned[4];
  if (kept === undefined) return reject("too few receipts");
  addBillOn(ctx, { circle: circle.id, by: kept.from.email, title: kept.shop, cents: kept.cents, day: kept.day });
  if (
    planned.some(({ shop }) =>
      billsIn(ctx, circle.id).filter((row) => row["title"] === shop).length > (shop === kept.shop ? 1 : 0)
    )
  ) {
    return reject("a title exists");
  }
  const writes = (client: Client) => {
    planned.forEach(({ shop, cents, day, from, name }, i) => {
      if (i === 0 || shop === kept.shop) return;
      const found = ctx.rows("quillpost.enclosure").find((row) => row["name"] === name && row["letter_id"] !== null);
      client("quillpost", "save_enclosure", { enclosure_id: found?.id ?? 0, folder });
      const args = { circle_id: circle.id, title: shop, total: cents / 100, on: day, paid_by: from.email };
      const bill_id = idIn(client("commonpot", "add_bill", args), "bill_id");
      client("commonpot", "attach_receipt", { bill_id, path: `${folder}/${name}` });
    });
  };
  return {
    instruction: phrase(ctx, [
      `People of "${circle.name}" have sent me receipts as files in letters with "${topic}" in the subject. For each that members sent since ${
        sayDate(since)
      }, add a bill to the circle, paid by the sender, split equally among all, category "other", with title (the file's first line), day and total as in the file. Save the receipt to ${folder} under its name and attach it. Skip bills that exist with the same title; other files are no receipts.`,
      `Please enter the receipts from my letters titled "${topic} …" that members of "${circle.name}" sent on ${
        sayDate(since)
      } or later. A receipt is an enclosed file with a "Total:" line. Save each in ${folder}, make an equal bill of it (first line as title, its date, category "other", the sender paid) and attach the file, unless a bill of that title is there.`,
      `Members of "${circle.name}" mailed me what they paid, subject "${topic}", since ${
        sayDate(since)
      }. Every enclosed file with a "Total:" line is a receipt: keep it in ${folder}, add it to the circle as a bill of the sender, split equally, category "other", named like its first line, with its date and total, and attach the file. Leave out what is a bill by that title already.`,
    ]),
    pub: { circle: circle.name, topic, since, folder },
    said: { since: sayDate(since) },
    writes,
  };
}

function solveEnclosed(apis: Apis, pub: { circle: string; topic: string; since: string; folder: string }) {
  const mailToken = signIn(apis, "quillpost");
  const token = signIn(apis, "commonpot");
  const stow_token = signIn(apis, "stowbox");
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const members = allPages(apis.commonpot.list_circle_members, { token, circle_id }).map((x) => x.email);
  const own = apis.principal.who_am_i().email;
  const titles = new Set(allPages(apis.commonpot.list_bills, { token, circle_id }).map((x) => x.title));
  for (const { from, enclosures } of lettersAbout(apis, mailToken, pub.topic, { since: pub.since })) {
    if (!members.includes(from) || from === own) continue;
    for (const { enclosure_id, name, text } of enclosures) {
      const title = text.split("\n")[0];
      const total = /^Total: ([\d.]+)$/m.exec(text);
      const on = /^Date: (\S+)$/m.exec(text)?.[1];
      if (total === null || titles.has(title)) continue;
      apis.quillpost.save_enclosure({ token: mailToken, stow_token, enclosure_id, folder: pub.folder });
      const bill = { token, circle_id, title, total: Number(total[1]), on, paid_by: from };
      const { bill_id } = apis.commonpot.add_bill(bill);
      apis.commonpot.attach_receipt({ token, stow_token, bill_id, path: `${pub.folder}/${name}` });
    }
  }
}

/** Scenarios of this generator. */
export const receiptBill: readonly Scenario[] = [
  bench({
    family: "receipt_bill/equal",
    split: "test_challenge",
    difficulty: 2,
    apps: ["quillpost", "commonpot"],
    axis: {},
    draw: drawEqual,
    solve: solveEqual,
  }),
  bench({
    family: "receipt_bill/lines",
    split: "test_challenge",
    difficulty: 3,
    apps: ["quillpost", "foldnote", "commonpot"],
    axis: {},
    draw: drawLines,
    solve: solveLines,
  }),
  bench({
    family: "receipt_bill/enclosed",
    split: "test_challenge",
    difficulty: 3,
    apps: ["quillpost", "stowbox", "commonpot"],
    axis: {},
    draw: drawEnclosed,
    solve: solveEnclosed,
  }),
];
