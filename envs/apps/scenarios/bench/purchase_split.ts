/**
 * Purchases of the shop shared in a circle: those with a seller's goods, those sent to an address with their invoices, one that people
 * wanted a part of by text.
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
  numberOf,
  phrase,
  principalOf,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  textOf,
} from "./_kit.ts";
import { isFreePlace } from "./_files.ts";
import { addBillOn, circlesOf } from "./_money_kit.ts";
import { canText, differentDays, namedMembers } from "./_orders.ts";
import { receiveText } from "./_phone.ts";
import { addressesOf, freshProducts, ownedLines, plantPurchase } from "./_shop_kit.ts";
import { allPages, purchaseLines, signIn, sumMoney } from "./_toolbox.ts";

const cheap = (row: { readonly [column: string]: unknown }) => Number(row["price"]) < 9000;

function drawSeller(ctx: SetupContext) {
  const circle = circlesOf(ctx, 3)[0];
  const since = daysAgo(ctx, 26);
  const fresh = freshProducts(ctx, cheap);
  const bySeller = Map.groupBy(fresh, (row) => textOf(row, "seller"));
  const found = [...bySeller].find(([, rows]) => rows.length >= 9);
  if (circle === undefined || found === undefined) return reject("no circle or seller");
  const [seller, goods] = found;
  const rest = fresh.filter((row) => row["seller"] !== seller);
  const days = differentDays(ctx, 1, 25, 11);
  for (let i = 0; i < 11; i++) {
    const day = i === 0 ? since : i === 1 ? addDays(since, -1) : days[i] ?? since;
    const other = { product: rest[i] ?? rest[0], qty: 1 };
    const mine = { product: goods[i % goods.length], qty: 1 + (i % 2) };
    const items = (i % 4 === 3 ? [other] : i % 2 === 0 ? [other, mine] : [mine])
      .flatMap(({ product, qty }) => (product === undefined ? [] : [{ product, qty }]));
    const { purchaseId } = plantPurchase(ctx, day, items);
    if (i === 6) ctx.as()("marlo", "cancel_purchase", { purchase_id: purchaseId });
  }
  const sums = new Map<string, number>();
  const perDay = new Map<string, Set<number>>();
  for (const { line, purchase } of ownedLines(ctx)) {
    const day = textOf(purchase, "at").slice(0, 10);
    if (line["seller"] !== seller || day < since || line["parcel_state"] === "cancelled") continue;
    if (numberOf(purchase, "discount") > 0) return reject("a discount");
    sums.set(day, (sums.get(day) ?? 0) + numberOf(line, "qty") * numberOf(line, "unit_price"));
    perDay.set(day, (perDay.get(day) ?? new Set()).add(purchase.id));
  }
  if ([...perDay.values()].some((ids) => ids.size > 1) || sums.size < 5) return reject("two purchases of a day");
  const title = (day: string) => `${seller} ${day}`;
  const [entered] = [...sums.keys()].sort().slice(2);
  if (entered === undefined) return reject("too few purchases");
  addBillOn(ctx, {
    circle: circle.id,
    by: ctx.user.email,
    title: title(entered),
    cents: sums.get(entered) ?? 1,
    day: entered,
  });
  const writes = [...sums].filter(([day]) => day !== entered).map(([day, cents]) => ({
    app: "commonpot",
    api: "add_bill",
    args: { circle_id: circle.id, title: title(day), total: cents / 100, on: day, category: "household" },
  }));
  return {
    instruction: phrase(ctx, [
      `What I bought from the seller ${seller} on marlo since ${
        sayDate(since)
      } was for the circle "${circle.name}". For each such purchase add a bill like "${seller} 2027-02-28" on its day, over the price of that seller's goods alone (no delivery, nothing cancelled), paid by me, category household, equal for all. Skip titles that exist.`,
      `Please put my marlo purchases from ${
        sayDate(since)
      } on into "${circle.name}", as far as they contain things by ${seller}: one bill per purchase, called like "${seller} 2027-02-28" and dated that day, with the sum of the ${seller} things in it that were not cancelled; household, I paid, split equally. Some may be there under their title already.`,
      `Share the goods by ${seller} from my marlo purchases since ${
        sayDate(since)
      } with "${circle.name}": per purchase a bill "${seller} 2027-02-28" (with its own day), amount of just those goods without cancelled ones and without delivery, category household, paid by me, equally split, unless it exists.`,
    ]),
    pub: { circle: circle.name, seller, since },
    said: { since: sayDate(since) },
    writes,
  };
}

function solveSeller(apis: Apis, pub: { circle: string; seller: string; since: string }) {
  const shopToken = signIn(apis, "marlo");
  const token = signIn(apis, "commonpot");
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const titles = new Set(allPages(apis.commonpot.list_bills, { token, circle_id }).map((x) => x.title));
  const sums = new Map<string, number[]>();
  for (const line of purchaseLines(apis, shopToken, { from_day: pub.since })) {
    if (line.seller !== pub.seller || line.parcel_state === "cancelled") continue;
    const day = line.at.slice(0, 10);
    sums.set(day, [...(sums.get(day) ?? []), line.qty * line.unit_price]);
  }
  for (const [on, amounts] of sums) {
    const title = `${pub.seller} ${on}`;
    if (titles.has(title)) continue;
    apis.commonpot.add_bill({ token, circle_id, title, total: sumMoney(amounts), on, category: "household" });
  }
}

const FOLDERS = ["/shop-invoices", "/joint-invoices", "/shared-invoices", "/marlo-paper", "/circle-invoices"] as const;

function drawInvoice(ctx: SetupContext) {
  const circle = circlesOf(ctx, 4, 8).find((one) => namedMembers(ctx, one) !== undefined);
  const members = circle === undefined ? undefined : namedMembers(ctx, circle);
  const [first, elsewhere] = ctx.random.shuffle(addressesOf(ctx));
  const folder = ctx.random.pick(FOLDERS);
  if (circle === undefined || members === undefined || first === undefined || elsewhere === undefined) {
    return reject("no circle or one address");
  }
  const street = textOf(first, "street");
  if (!isFreePlace(ctx, folder) || street === elsewhere["street"]) return reject("the place is taken");
  const left = ctx.random.pick(members.filter(({ email }) => email !== ctx.user.email));
  const since = daysAgo(ctx, 24);
  const products = freshProducts(ctx, cheap);
  const days = differentDays(ctx, 1, 23, 10);
  for (let i = 0; i < 10; i++) {
    const items = products.slice(i * 2, i * 2 + 1 + (i % 2)).map((product) => ({ product, qty: 1 }));
    const day = i === 0 ? since : i === 1 ? addDays(since, -1) : days[i] ?? since;
    plantPurchase(ctx, day, items, i % 4 === 3 ? elsewhere.id : first.id);
  }
  const purchases = ctx.rows("marlo.purchase", ctx.user.email).filter((row) =>
    textOf(row, "at").slice(0, 10) >= since && textOf(row, "address").startsWith(`${street},`) &&
    row["state"] !== "cancelled"
  );
  const dayOf = (row: typeof purchases[number]) => textOf(row, "at").slice(0, 10);
  if (new Set(purchases.map(dayOf)).size < purchases.length || purchases.length < 5 || purchases.length > 12) {
    return reject("two purchases of a day, or too few");
  }
  const title = (day: string) => `Shop ${day}`;
  const entered = purchases[2];
  if (entered === undefined) return reject("too few purchases");
  const day = dayOf(entered);
  addBillOn(ctx, { circle: circle.id, by: ctx.user.email, title: title(day), cents: numberOf(entered, "total"), day });
  const among = members.filter((one) => one !== left).map(({ email }) => email);
  const writes = (client: Client) => {
    for (const row of purchases.filter((one) => one !== entered)) {
      const on = dayOf(row);
      const path = `${folder}/${on}.txt`;
      client("marlo", "download_invoice", { purchase_id: row.id, path });
      const args = { circle_id: circle.id, title: title(on), total: numberOf(row, "total") / 100, on, among };
      const bill_id = idIn(client("commonpot", "add_bill", args), "bill_id");
      client("commonpot", "attach_receipt", { bill_id, path });
    }
  };
  return {
    instruction: phrase(ctx, [
      `My marlo purchases since ${
        sayDate(since)
      } that went to ${street} are for "${circle.name}", all members but ${left.first}. Save the invoice of each as a file like ${folder}/2027-02-28.txt, named by the day of the purchase, and add a bill like "Shop 2027-02-28" for its total on that day, category "other", paid by me, split equally among those people, with the invoice attached. Leave out cancelled purchases and bills that are there.`,
      `Please share what I ordered on marlo to ${street} from ${
        sayDate(since)
      } on with "${circle.name}", but without ${left.first}: per purchase that was not cancelled a bill "Shop 2027-02-28" (its day and total, I paid, category "other", equal parts for the rest of us) and its invoice, saved as ${folder}/2027-02-28.txt and attached. Skip days whose bill exists by that title.`,
      `For the circle "${circle.name}": all purchases from marlo delivered to ${street} since ${
        sayDate(since)
      }, cancelled ones aside, become equal bills for everyone except ${left.first}, titled like "Shop 2027-02-28", over the total, on the day, category "other", paid by me. Put every invoice into ${folder} as 2027-02-28.txt and attach it to the bill. No bill twice.`,
    ]),
    pub: { circle: circle.name, left: left.first, street, since, folder },
    said: { since: sayDate(since) },
    writes,
  };
}

function solveInvoice(
  apis: Apis,
  pub: { circle: string; left: string; street: string; since: string; folder: string },
) {
  const shopToken = signIn(apis, "marlo");
  const token = signIn(apis, "commonpot");
  const stow_token = signIn(apis, "stowbox");
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const among = allPages(apis.commonpot.list_circle_members, { token, circle_id })
    .filter((x) => x.name.split(" ")[0] !== pub.left).map((x) => x.email);
  const titles = new Set(allPages(apis.commonpot.list_bills, { token, circle_id }).map((x) => x.title));
  for (const { purchase_id, state } of allPages(apis.marlo.list_purchases, { token: shopToken, from_day: pub.since })) {
    if (state === "cancelled") continue;
    const { address, at, total } = apis.marlo.get_purchase({ token: shopToken, purchase_id });
    const on = at.slice(0, 10);
    const title = `Shop ${on}`;
    if (!address.startsWith(`${pub.street},`) || titles.has(title)) continue;
    const path = `${pub.folder}/${on}.txt`;
    apis.marlo.download_invoice({ token: shopToken, stow_token, purchase_id, path });
    const { bill_id } = apis.commonpot.add_bill({ token, circle_id, title, total, on, among });
    apis.commonpot.attach_receipt({ token, stow_token, bill_id, path });
  }
}

function drawTexts(ctx: SetupContext) {
  const circle = circlesOf(ctx, 5, 9)[0];
  if (circle === undefined) return reject("no circle");
  const contacts = ctx.rows("handset.contact", ctx.user.email);
  const others = circle.members.filter((email) => email !== ctx.user.email).flatMap((email) =>
    principalOf(ctx, email) ?? []
  )
    .filter((person) => {
      const known = contacts.filter((row) => row["email"] === person.email);
      return known.length === 1 && known[0]?.["number"] === person.number && canText(ctx, person);
    });
  const products = freshProducts(ctx, (row) => Number(row["price"]) > 3000 && Number(row["price"]) < 20_000).slice(
    0,
    9,
  );
  const [wanted, second, ...rest] = products;
  if (others.length < 4 || wanted === undefined || second === undefined || rest.length < 7) {
    return reject("too few people");
  }
  const day = daysAgo(ctx, ctx.random.int(6, 9));
  for (const [i, product] of rest.entries()) plantPurchase(ctx, addDays(day, (i % 5) + 1), [{ product, qty: 1 }]);
  plantPurchase(ctx, day, [{ product: second, qty: 1 }, { product: wanted, qty: ctx.random.int(1, 2) }]);
  const title = textOf(wanted, "title");
  const [a, b, c, d] = ctx.random.shuffle(others);
  const outsider = contacts.flatMap((row) => principalOf(ctx, textOf(row, "email")) ?? [])
    .find((person) => !circle.members.includes(person.email) && canText(ctx, person));
  if (a === undefined || b === undefined || c === undefined || d === undefined || outsider === undefined) {
    return reject("too few people");
  }
  const words = `Count me in for the ${title}`;
  receiveText(ctx, a, `${words}!`, `${day}T18:30:00`);
  receiveText(ctx, b, `${words}, how nice.`, `${addDays(day, 2)}T08:10:00`);
  receiveText(ctx, c, `${words}.`, `${addDays(day, 1)}T12:10:00`);
  receiveText(ctx, c, `Sorry, count me out for the ${title}.`, `${addDays(day, 3)}T07:10:00`);
  receiveText(ctx, d, `Count me in for the ${textOf(second, "title")}!`, `${addDays(day, 1)}T19:40:00`);
  receiveText(ctx, outsider, `${words}?`, `${addDays(day, 1)}T20:10:00`);
  const line = ownedLines(ctx).find((one) => one.line["product"] === title)?.line;
  const cents = line === undefined ? 0 : numberOf(line, "qty") * numberOf(line, "unit_price");
  const among = [ctx.user.email, a.email, b.email];
  const part = Math.floor(cents / among.length);
  const writes = (client: Client) => {
    const args = { circle_id: circle.id, title, total: cents / 100, on: day, category: "fun", among };
    client("commonpot", "add_bill", args);
    for (const { number } of [a, b]) {
      client("handset", "send_text", { number, text: `Your part of the ${title}: ${(part / 100).toFixed(2)}` });
    }
  };
  return {
    instruction: phrase(ctx, [
      `I bought the "${title}" on marlo, and members of "${circle.name}" have texted "Count me in for the ${title}" since; one of them may have texted "count me out" later. Add a bill titled "${title}" to the circle over what I paid for it (without delivery), on the day of the purchase, category fun, equal between me and those who are in. Text each of them "Your part of the ${title}: 12.34" with their share.`,
      `Who of "${circle.name}" wants to share the "${title}" that I ordered on marlo? They texted "Count me in for the ${title}"; whoever wrote "count me out" after that does not. Make a bill of its price without delivery, called "${title}", dated like the purchase, category fun, split equally among them and me, and text everybody in it but me: "Your part of the ${title}: 12.34", with the right amount.`,
      `Split the price of the "${title}" from my marlo purchases (goods only) in "${circle.name}" among me and the members who texted that they are in ("Count me in for the ${title}") and did not count themselves out afterwards: a bill of that title, on the purchase's day, category fun, equal. Then send those members a text like "Your part of the ${title}: 12.34".`,
    ]),
    pub: { circle: circle.name, title },
    writes,
  };
}

function solveTexts(apis: Apis, pub: { circle: string; title: string }) {
  const phoneToken = signIn(apis, "handset");
  const shopToken = signIn(apis, "marlo");
  const token = signIn(apis, "commonpot");
  const line = purchaseLines(apis, shopToken, {}).find((x) => x.product === pub.title);
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const members = allPages(apis.commonpot.list_circle_members, { token, circle_id });
  const contacts = allPages(apis.handset.list_contacts, { token: phoneToken });
  const texts = allPages(apis.handset.list_texts, { token: phoneToken, direction: "in" }).reverse();
  const joined = new Set<string>();
  for (const { from, text } of texts) {
    if (text.startsWith(`Count me in for the ${pub.title}`)) joined.add(from);
    if (text.includes(`count me out for the ${pub.title}`)) joined.delete(from);
  }
  const people = contacts.filter((x) => joined.has(x.number) && members.some((member) => member.email === x.email));
  const total = sumMoney([line.qty * line.unit_price]);
  const among = [apis.principal.who_am_i().email, ...people.map((x) => x.email)];
  const bill = { token, circle_id, title: pub.title, total, on: line.at.slice(0, 10), category: "fun", among };
  const { bill_id } = apis.commonpot.add_bill(bill);
  const shares = allPages(apis.commonpot.list_shares, { token, bill_id });
  for (const { email, number } of people) {
    const { owed } = shares.find((x) => x.email === email);
    apis.handset.send_text({ token: phoneToken, number, text: `Your part of the ${pub.title}: ${owed.toFixed(2)}` });
  }
}

/** Scenarios of this generator. */
export const purchaseSplit: readonly Scenario[] = [
  bench({
    family: "purchase_split/seller",
    split: "test_challenge",
    difficulty: 2,
    apps: ["marlo", "commonpot"],
    axis: {},
    draw: drawSeller,
    solve: solveSeller,
  }),
  bench({
    family: "purchase_split/invoice",
    split: "test_challenge",
    difficulty: 3,
    apps: ["marlo", "commonpot", "stowbox"],
    axis: {},
    draw: drawInvoice,
    solve: solveInvoice,
  }),
  bench({
    family: "purchase_split/texts",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "marlo", "commonpot"],
    axis: {},
    draw: drawTexts,
    solve: solveTexts,
  }),
];
