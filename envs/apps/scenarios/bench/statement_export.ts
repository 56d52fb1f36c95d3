/**
 * What the manager wants to see, exported and mailed: receipts of transfers, the ledger of a circle, invoices of what went to the office.
 *
 * Hurdles: a transfer, bill or purchase a day outside the period, near-miss codes, removed bills, cancelled purchases, other addresses.
 *
 * @module
 */
import { isFreshSubject, mailWithFiles, managerOf } from "./_cross_a.ts";
import { isFreePlace } from "./_files.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  centsText,
  cycle,
  daysAgo,
  numberOf,
  phrase,
  principalOf,
  type Reject,
  reject,
  sayDate,
  type Scenario,
  type SetupContext,
  sumOf,
  textOf,
} from "./_kit.ts";
import {
  addBillOn,
  billsIn,
  circlesOf,
  dayFrom,
  holders,
  inPeriod,
  partsOf,
  sendOn,
  smallCents,
  walletCents,
} from "./_money_kit.ts";
import { freshProducts, goodCard, homeId, labelledAddress, plantPurchase } from "./_shop_kit.ts";
import { allPages, contactsWith, mailFiles, signIn, sumMoney } from "./_toolbox.ts";

type ReceiptsPub = { readonly code: string; readonly since: string; readonly until: string };
type LedgerPub = { readonly circle: string; readonly since: string; readonly until: string; readonly path: string };
type InvoicesPub = { readonly label: string; readonly since: string; readonly until: string };

const THINGS = ["tape", "paint", "posters", "cable", "snacks", "flowers", "batteries", "rope", "stamps"] as const;

function drawReceipts(ctx: SetupContext): BenchDraw<ReceiptsPub> | Reject {
  const manager = managerOf(ctx);
  if (manager === undefined) return reject("no manager with an account");
  const people = ctx.random.sample(holders(ctx).filter(({ person }) => person.email !== manager.email), 6);
  if (people.length < 6 || walletCents(ctx) < 45000) return reject("too few people or too little money");
  const letter = cycle(ctx, ["K", "R", "V"]);
  const number = ctx.random.int(21, 79);
  const [code, near] = [`${letter}-${number}`, `${letter}-${number + 10}`];
  const since = daysAgo(ctx, ctx.random.int(60, 95));
  const until = addDays(since, ctx.random.int(22, 40));
  const send = (day: string, words: string, i: number) =>
    sendOn(
      ctx,
      ctx.user,
      people[i % people.length]?.person ?? manager,
      day,
      smallCents(ctx),
      `${words} ${ctx.random.pick(THINGS)}`,
    );
  [since, until].forEach((day, i) => send(day, code, i));
  for (let i = ctx.random.int(6, 8); i > 0; i--) send(dayFrom(ctx, since, until), code, i);
  send(addDays(since, -1), code, 1);
  send(addDays(until, 1), code, 2);
  send(dayFrom(ctx, since, until), near, 3);
  const [payer] = people;
  if (payer !== undefined) sendOn(ctx, payer.person, ctx.user, dayFrom(ctx, since, until), 850, `${code} paint`);
  const wanted = ctx.rows("tuppence.transfer", ctx.user.email).filter((row) =>
    row["from"] === ctx.user.email && inPeriod(row, since, until) && textOf(row, "memo").includes(code)
  );
  const paths = wanted.map(({ id }) => `/inbox/transfer_${id}.txt`);
  if (!isFreePlace(ctx, ...paths)) return reject("a receipt is there already");
  const [from, to] = [sayDate(since), sayDate(until)];
  const letterOut = {
    to: [manager.email],
    subject: `Receipts ${code}`,
    body: `In all: ${centsText(sumOf(wanted, "amount"))}`,
  };
  return {
    instruction: phrase(ctx, [
      `My manager wants the receipts of what I paid in tuppence for ${code}: all transfers I sent from ${from} to ${to} with ${code} in the memo. Save them where tuppence puts them by default and mail them to my manager in one letter with the subject "Receipts ${code}" and the text "In all: 84.20", but with the right sum.`,
      `Please download the receipt of each tuppence transfer that I sent between ${from} and ${to}, both days included, with ${code} in its memo (usual place, usual names). Then one letter to my manager with all of them enclosed: subject "Receipts ${code}", text like "In all: 84.20" with the sum of the transfers.`,
      `For my manager: one letter, subject "Receipts ${code}", with the tuppence receipts of everything I sent from ${from} until ${to} that says ${code} in the memo. Keep the receipts at their default paths in stowbox. The text is "In all: " and what it comes to, such as "In all: 84.20".`,
    ]),
    pub: { code, since, until },
    said: { since: from, until: to },
    writes: (client) => {
      for (const { id } of wanted) client("tuppence", "download_receipt", { transfer_id: id });
      mailWithFiles(client, letterOut, paths);
    },
  };
}

function solveReceipts(apis: Apis, pub: ReceiptsPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "tuppence");
  const stow_token = signIn(apis, "stowbox");
  const mail = signIn(apis, "quillpost");
  const [manager] = contactsWith(apis, phone, "manager");
  const { since, until } = pub;
  const paid = allPages(apis.tuppence.list_transfers, { token, direction: "sent", since, until })
    .filter((x) => x.memo.includes(pub.code));
  const paths = paid.map(({ transfer_id }) => apis.tuppence.download_receipt({ token, transfer_id, stow_token }).path);
  const body = `In all: ${sumMoney(paid.map((x) => x.amount)).toFixed(2)}`;
  mailFiles(apis, mail, stow_token, { to: [manager.email], subject: `Receipts ${pub.code}`, body }, paths);
}

/** Bills on the first and last day of the period and a day outside, and one that is removed. */
function plantBills(ctx: SetupContext, circle: number, members: readonly string[], since: string, until: string) {
  const titles = ctx.random.sample(THINGS, 8);
  const add = (day: string, i: number, among = members) =>
    addBillOn(ctx, {
      circle,
      by: members[i % members.length] ?? ctx.user.email,
      title: titles[i] ?? "things",
      cents: ctx.random.int(12, 90) * 60,
      day,
      among,
    });
  add(since, 0);
  add(until, 1);
  add(addDays(since, -1), 2);
  add(addDays(until, 1), 3);
  add(dayFrom(ctx, since, until), 4, members.filter((email) => email !== ctx.user.email));
  add(dayFrom(ctx, since, until), 5);
  add(dayFrom(ctx, since, until), 6, members.slice(0, 2));
  const removed = add(dayFrom(ctx, since, until), 7);
  ctx.as()("commonpot", "remove_bill", { bill_id: removed });
}

function drawLedger(ctx: SetupContext): BenchDraw<LedgerPub> | Reject {
  const manager = managerOf(ctx);
  if (manager === undefined) return reject("no manager with an account");
  const circle = circlesOf(ctx).find(({ members }) => members.every((email) => principalOf(ctx, email) !== undefined));
  if (circle === undefined) return reject("no circle of three");
  const since = daysAgo(ctx, ctx.random.int(75, 140));
  const until = addDays(since, ctx.random.int(28, 60));
  plantBills(ctx, circle.id, circle.members, since, until);
  const path = `/${cycle(ctx, ["reports", "exports", "figures"])}/${
    ctx.random.pick(["ledger", "shared-costs", "bills"])
  }-${since.slice(0, 7)}.csv`;
  if (!isFreePlace(ctx, path) || !isFreshSubject(ctx, `Ledger of ${circle.name}`)) return reject("it is there already");
  const bills = billsIn(ctx, circle.id).filter((row) => inPeriod(row, since, until, "on"));
  if (bills.length < 6 || bills.length > 21) return reject("too few or too many bills");
  const mine = bills.reduce((sum, { id }) => sum + (partsOf(ctx, id).get(ctx.user.email) ?? 0), 0);
  const lines = [
    `Bills: ${bills.length}`,
    `Total: ${centsText(sumOf(bills, "total"))}`,
    `My share: ${centsText(mine)}`,
  ];
  const [from, to] = [sayDate(since), sayDate(until)];
  const { name } = circle;
  const form = `"Bills: 4", "Total: 84.20" and "My share: 21.05"`;
  return {
    instruction: phrase(ctx, [
      `Export the commonpot ledger of "${name}" from ${from} to ${to} to ${path} in stowbox and mail that file to my manager. Subject: "Ledger of ${name}"; the text has three lines like ${form}, with what is true for that period (how many bills, what they come to, what I owe of them).`,
      `My manager would like to see what "${name}" cost from ${from} to ${to}. Save the ledger of those days as ${path} and send it as an enclosure, subject "Ledger of ${name}". Below each other in the text: number of bills, their sum and my own part of them, in the form ${form}.`,
      `I need a letter to my manager, subject "Ledger of ${name}", with the ledger file of my commonpot circle "${name}" for ${from} up to ${to} enclosed; keep the file at ${path}. As text put three lines such as ${form} for the bills in it.`,
    ]),
    pub: { circle: name, since, until, path },
    said: { since: from, until: to },
    writes: (client) => {
      client("commonpot", "export_ledger", { circle_id: circle.id, since, until, path });
      mailWithFiles(client, { to: [manager.email], subject: `Ledger of ${name}`, body: lines.join("\n") }, [path]);
    },
  };
}

function solveLedger(apis: Apis, pub: LedgerPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "commonpot");
  const stow_token = signIn(apis, "stowbox");
  const mail = signIn(apis, "quillpost");
  const me = apis.principal.who_am_i().email;
  const [manager] = contactsWith(apis, phone, "manager");
  const { circle_id } = allPages(apis.commonpot.list_circles, { token }).find((x) => x.name === pub.circle);
  const { since, until, path } = pub;
  const bills = allPages(apis.commonpot.list_bills, { token, circle_id, since, until });
  const mine = bills.map(({ bill_id }) => {
    const share = allPages(apis.commonpot.list_shares, { token, bill_id }).find((x) => x.email === me);
    return share === undefined ? 0 : share.owed;
  });
  apis.commonpot.export_ledger({ token, circle_id, since, until, path, stow_token });
  const body = [
    `Bills: ${bills.length}`,
    `Total: ${sumMoney(bills.map((x) => x.total)).toFixed(2)}`,
    `My share: ${sumMoney(mine).toFixed(2)}`,
  ].join("\n");
  mailFiles(apis, mail, stow_token, { to: [manager.email], subject: `Ledger of ${pub.circle}`, body }, [path]);
}

function drawInvoices(ctx: SetupContext): BenchDraw<InvoicesPub> | Reject {
  const manager = managerOf(ctx);
  if (manager === undefined) return reject("no manager with an account");
  const label = cycle(ctx, ["Office", "Workshop", "Studio"]);
  const place = labelledAddress(ctx, label);
  const since = daysAgo(ctx, ctx.random.int(60, 110));
  const until = addDays(since, ctx.random.int(25, 45));
  goodCard(ctx);
  const products = freshProducts(ctx, (row) => numberOf(row, "price") < 9000);
  const days = [
    since,
    until,
    ...Array.from({ length: ctx.random.int(5, 7) }, () => dayFrom(ctx, since, until)),
    addDays(since, -1),
    addDays(until, 1),
  ];
  const buy = (day: string, addressId: number, delivered = true) => {
    const [first, second] = products.splice(0, 2);
    const progress = delivered ? { on: addDays(day, 4) } : "preparing" as const;
    const items = [first, second].slice(0, ctx.random.int(1, 2)).flatMap((product) =>
      product === undefined ? [] : [{ product, progress }]
    );
    return plantPurchase(ctx, day, items, addressId).purchaseId;
  };
  for (const day of days) buy(day, place.id);
  for (let i = 0; i < 3; i++) buy(dayFrom(ctx, since, until), homeId(ctx));
  ctx.as()("marlo", "cancel_purchase", { purchase_id: buy(dayFrom(ctx, since, until), place.id, false) });
  const address = `${textOf(place, "street")}, ${textOf(place, "town")}`;
  const wanted = ctx.rows("marlo.purchase", ctx.user.email).filter((row) =>
    inPeriod(row, since, until) && row["address"] === address && row["state"] !== "cancelled"
  );
  const paths = wanted.map(({ id }) => `/inbox/invoice-${id}.txt`);
  if (wanted.length > 14 || !isFreePlace(ctx, ...paths)) return reject("too many purchases, or one is saved already");
  const [from, to] = [sayDate(since), sayDate(until)];
  const subject = `Invoices ${label}`;
  const body = `${wanted.length} invoices, ${centsText(sumOf(wanted, "total"))} in all`;
  return {
    instruction: phrase(ctx, [
      `Everything I ordered at marlo from ${from} to ${to} for my "${label}" address, except what was cancelled, goes on expenses. Save those invoices under their default names and send them in one letter to my manager: subject "Invoices ${label}", text like "3 invoices, 84.20 in all" with the real number and the sum of the totals.`,
      `Please mail my manager the marlo invoices of all purchases from ${from} to ${to} that went to the address I call "${label}"; leave out cancelled ones. Download them to where marlo saves them anyway. Subject "Invoices ${label}", and as text their number and total, in the form "3 invoices, 84.20 in all".`,
      `My manager pays what I bought for "${label}" (that is one of my marlo addresses). Download the invoice of each purchase sent there and placed from ${from} to ${to}, unless it was cancelled, to the standard place, and enclose them in a letter with the subject "Invoices ${label}" and a text such as "3 invoices, 84.20 in all".`,
    ]),
    pub: { label, since, until },
    said: { since: from, until: to },
    writes: (client) => {
      for (const { id } of wanted) client("marlo", "download_invoice", { purchase_id: id });
      mailWithFiles(client, { to: [manager.email], subject, body }, paths);
    },
  };
}

function solveInvoices(apis: Apis, pub: InvoicesPub) {
  const phone = signIn(apis, "handset");
  const token = signIn(apis, "marlo");
  const stow_token = signIn(apis, "stowbox");
  const mail = signIn(apis, "quillpost");
  const [manager] = contactsWith(apis, phone, "manager");
  const place = allPages(apis.marlo.list_addresses, { token }).find((x) => x.label === pub.label);
  const totals = [];
  const paths = [];
  const purchases = allPages(apis.marlo.list_purchases, { token, from_day: pub.since, until_day: pub.until });
  for (const { purchase_id, state } of purchases) {
    if (state === "cancelled") continue;
    const { address, total } = apis.marlo.get_purchase({ token, purchase_id });
    if (address !== `${place.street}, ${place.town}`) continue;
    apis.marlo.download_invoice({ token, purchase_id, stow_token });
    totals.push(total);
    paths.push(`/inbox/invoice-${purchase_id}.txt`);
  }
  const body = `${totals.length} invoices, ${sumMoney(totals).toFixed(2)} in all`;
  mailFiles(apis, mail, stow_token, { to: [manager.email], subject: `Invoices ${pub.label}`, body }, paths);
}

/** Scenarios of this generator. */
export const statementExport: readonly Scenario[] = [
  bench({
    family: "statement_export/receipts",
    split: "test_challenge",
    difficulty: 2,
    apps: ["handset", "tuppence", "stowbox", "quillpost"],
    axis: {},
    draw: drawReceipts,
    solve: solveReceipts,
  }),
  bench({
    family: "statement_export/ledger",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "commonpot", "stowbox", "quillpost"],
    axis: {},
    draw: drawLedger,
    solve: solveLedger,
  }),
  bench({
    family: "statement_export/invoices",
    split: "test_challenge",
    difficulty: 3,
    apps: ["handset", "marlo", "stowbox", "quillpost"],
    axis: {},
    draw: drawInvoices,
    solve: solveInvoices,
  }),
];
