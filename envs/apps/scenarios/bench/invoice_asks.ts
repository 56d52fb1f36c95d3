/**
 * Asks for money that belong to mailed invoices: those that match are paid, those that do not are refused and answered, and invoices
 * that are enclosed as files are saved by month.
 *
 * Hurdles: amounts that differ, invoices by somebody else, asks without an invoice, asks that are answered, a balance that is too low.
 *
 * @module
 */
import { isFreshSubject, mailOf, receiveFiles, receiveLetter } from "./_cross_a.ts";
import { differentNumbers, isFreePlace } from "./_files.ts";
import {
  addDays,
  type Apis,
  bench,
  type BenchDraw,
  centsText,
  cycle,
  daysAgo,
  firstName,
  idIn,
  numberOf,
  phrase,
  type Principal,
  type Reject,
  reject,
  type Scenario,
  type SetupContext,
  textOf,
  type Write,
} from "./_kit.ts";
import { holders, momentOn, walletCents } from "./_money_kit.ts";
import { allPages, lettersAbout, signIn, sumMoney } from "./_toolbox.ts";

type MatchPub = { readonly word: string };
type DisputePub = { readonly word: string; readonly tag: string };
type FilesPub = { readonly word: string; readonly folder: string; readonly ending: string };

const WORK = [
  "repairing the gate",
  "piano lessons",
  "the translation",
  "two cakes",
  "cleaning the windows",
  "the photos",
] as const;

/** An invoice with its ask. */
interface Invoice {
  readonly person: Principal;
  readonly number: number;
  /** Cents that the invoice says. */
  readonly cents: number;
}

/** People and numbers for invoices, in random order. */
function someInvoices(ctx: SetupContext, count: number): Invoice[] {
  const numbers = differentNumbers(ctx, count);
  return ctx.random.sample(holders(ctx), count).map(({ person }, i) => ({
    person,
    number: numbers[i] ?? 10000,
    cents: ctx.random.int(16, 76) * 50,
  }));
}

function mailInvoice(ctx: SetupContext, word: string, { person, number, cents }: Invoice, from = person): number {
  const body = [
    "Hello,",
    `here is the bill for ${ctx.random.pick(WORK)}.`,
    `Amount: ${centsText(cents)}`,
    `Please pay by ${addDays(ctx.at, ctx.random.int(5, 20))}.`,
    firstName(from),
  ].join("\n");
  return receiveLetter(ctx, from, {
    subject: `${word} ${number}`,
    body,
    at: momentOn(ctx, daysAgo(ctx, ctx.random.int(4, 30))),
  });
}

/** Asks the user for the money of an invoice. @returns id of the ask. */
function askFor(ctx: SetupContext, word: string, { person, number, cents }: Invoice, asked = cents): number {
  const client = ctx.as(person, momentOn(ctx, daysAgo(ctx, ctx.random.int(1, 3))));
  const args = { to: ctx.user.email, amount: asked / 100, memo: `${word} ${number}` };
  return idIn(client("tuppence", "ask_money", args), "ask_id");
}

function sum(invoices: readonly Invoice[]): number {
  return invoices.reduce((total, { cents }) => total + cents, 0);
}

const WORDS = ["Invoice", "Bill no.", "Account"] as const;

function drawMatch(ctx: SetupContext): BenchDraw<MatchPub> | Reject {
  const word = cycle(ctx, WORDS);
  const invoices = someInvoices(ctx, 13);
  if (invoices.length < 13 || !isFreshSubject(ctx, `${word} `)) {
    return reject("too few people, or there are such letters");
  }
  const good = invoices.slice(0, 8);
  const [dearer, cheaper, foreign, unsent, refused] = invoices.slice(8);
  if (dearer === undefined || cheaper === undefined || foreign === undefined) return reject("too few people");
  if (unsent === undefined || refused === undefined || walletCents(ctx) < sum(good) + 500) {
    return reject("too little money");
  }
  for (const one of [...good, dearer, cheaper, refused]) mailInvoice(ctx, word, one);
  mailInvoice(ctx, word, foreign, good[0]?.person ?? dearer.person);
  const asks = good.map((one) => askFor(ctx, word, one));
  askFor(ctx, word, dearer, dearer.cents + 200);
  askFor(ctx, word, cheaper, cheaper.cents - 100);
  askFor(ctx, word, foreign);
  askFor(ctx, word, unsent);
  const ask_id = askFor(ctx, word, refused);
  ctx.as(ctx.user, `${daysAgo(ctx, 0)}T00:30:00`)("tuppence", "refuse_ask", { ask_id });
  return {
    instruction: phrase(ctx, [
      `Please pay the open tuppence asks that are backed by a letter: memo and subject are alike, "${word}" and a number, the letter is from the person who asks, and its "Amount:" is just what is asked for. Leave all other asks alone.`,
      `Some of the asks in tuppence say "${word}" and a number. Accept those that are open if the same person mailed me a letter with that subject and the amount in it ("Amount:") is the amount asked. Do nothing about the rest.`,
      `Go through the open asks in my wallet with "${word}" and a number as memo. Where the asker sent me a letter of that very title and both amounts agree, pay; where anything differs or there is no such letter, leave the ask open.`,
    ]),
    pub: { word },
    writes: asks.map((id) => ({ app: "tuppence", api: "accept_ask", args: { ask_id: id } })),
  };
}

function solveMatchingAsks(apis: Apis, pub: MatchPub) {
  const token = signIn(apis, "tuppence");
  const mail = signIn(apis, "quillpost");
  const letters = lettersAbout(apis, mail, `${pub.word} `, {});
  for (const { ask_id, from, amount, memo } of allPages(apis.tuppence.list_asks_in, { token, state: "open" })) {
    const letter = letters.find((x) => x.subject === memo && x.from === from);
    if (letter === undefined) continue;
    const [, said] = /^Amount: ([\d.]+)$/m.exec(letter.body) ?? [];
    if (Number(said) === amount) apis.tuppence.accept_ask({ token, ask_id });
  }
}

function drawDispute(ctx: SetupContext): BenchDraw<DisputePub> | Reject {
  const word = cycle(ctx, WORDS);
  const tag = cycle(ctx, ctx.random.shuffle(["paid", "settled", "done with"]));
  const invoices = someInvoices(ctx, 13);
  const tags = ctx.rows("quillpost.tag", ctx.user.email).map((row) => textOf(row, "name"));
  if (invoices.length < 13 || tags.includes(tag) || !isFreshSubject(ctx, `${word} `)) return reject("too few people");
  const good = invoices.slice(0, 7);
  const wrong = invoices.slice(7, 11);
  const [unsent, foreign] = invoices.slice(11);
  if (unsent === undefined || foreign === undefined) return reject("too few people");
  if (walletCents(ctx) < sum(good) + 500) return reject("too little money");
  const tag_id = idIn(
    ctx.as(ctx.user, `${daysAgo(ctx, 100)}T09:00:00`)("quillpost", "add_tag", { name: tag }),
    "tag_id",
  );
  const writes: Write[] = [];
  for (const one of good) {
    const letter = ctx.row("quillpost.letter", mailInvoice(ctx, word, one));
    const conversation_id = letter === undefined ? 0 : numberOf(letter, "conversation_id");
    writes.push({ app: "tuppence", api: "accept_ask", args: { ask_id: askFor(ctx, word, one) } });
    writes.push({ app: "quillpost", api: "tag_conversation", args: { conversation_id, tag_id } });
  }
  wrong.forEach((one, i) => {
    const letter_id = mailInvoice(ctx, word, one);
    const ask_id = askFor(ctx, word, one, one.cents + (i % 2 === 0 ? 150 : -50));
    writes.push({ app: "tuppence", api: "refuse_ask", args: { ask_id } });
    writes.push({
      app: "quillpost",
      api: "reply",
      args: { letter_id, body: `Your letter says ${centsText(one.cents)}.` },
    });
  });
  askFor(ctx, word, unsent);
  mailInvoice(ctx, word, foreign, good[0]?.person ?? unsent.person);
  askFor(ctx, word, foreign);
  return {
    instruction: phrase(ctx, [
      `Open asks in tuppence with the memo "${word}" and a number belong to letters of that subject from the same person. If the amount is the letter's "Amount:", pay the ask and tag the conversation "${tag}". If not, refuse it and reply to the letter "Your letter says 12.50.", with the letter's amount. Asks without such a letter stay open.`,
      `Check the open asks called "${word}" plus a number against my mail. Same sender, same title, same amount: accept, and put the tag "${tag}" on the letter's conversation. Another amount in the letter's "Amount:" line: refuse, and answer the letter with "Your letter says 12.50." (what it says there). No letter from the asker: leave it.`,
      `My wallet has asks named "${word}" with a number, and the people who ask mailed me letters with the same title. Where "Amount:" in the letter equals the open ask, pay and give the conversation my tag "${tag}". Where it differs, turn the ask down and reply "Your letter says 12.50." with the right figure. Ignore asks to which the asker sent no letter.`,
    ]),
    pub: { word, tag },
    writes,
  };
}

function solveDisputedAsks(apis: Apis, pub: DisputePub) {
  const token = signIn(apis, "tuppence");
  const mail = signIn(apis, "quillpost");
  const letters = lettersAbout(apis, mail, `${pub.word} `, {});
  const { tag_id } = allPages(apis.quillpost.list_tags, { token: mail }).find((x) => x.name === pub.tag);
  for (const { ask_id, from, amount, memo } of allPages(apis.tuppence.list_asks_in, { token, state: "open" })) {
    const letter = letters.find((x) => x.subject === memo && x.from === from);
    if (letter === undefined) continue;
    const { letter_id, conversation_id, body } = letter;
    const [, said] = /^Amount: ([\d.]+)$/m.exec(body) ?? [];
    if (Number(said) === amount) {
      apis.tuppence.accept_ask({ token, ask_id });
      apis.quillpost.tag_conversation({ token: mail, conversation_id, tag_id });
    } else {
      apis.tuppence.refuse_ask({ token, ask_id });
      apis.quillpost.reply({ token: mail, letter_id, body: `Your letter says ${said}.` });
    }
  }
}

/** A card of the wallet that works, with money enough behind it; gives its ending. */
function fundedCard(ctx: SetupContext): { readonly id: number; readonly ending: string } | undefined {
  const cards = ctx.rows("tuppence.pay_card", ctx.user.email);
  const card = cards.find((row) => textOf(row, "expires") >= ctx.at.slice(0, 7));
  const [known] = card === undefined ? [] : ctx.rowsWhere("registry.bank_card", "number", textOf(card, "number"));
  if (card === undefined || known === undefined) return undefined;
  ctx.patch("registry.bank_card", known.id, { balance: 900_000 });
  const ending = textOf(card, "number").slice(-4);
  return cards.every((row) => row === card || !textOf(row, "number").endsWith(ending))
    ? { id: card.id, ending }
    : undefined;
}

function drawFiles(ctx: SetupContext): BenchDraw<FilesPub> | Reject {
  const word = cycle(ctx, WORDS);
  const folder = `/${cycle(ctx, ctx.random.shuffle(["invoices", "paid-bills", "tax"]))}`;
  const invoices = someInvoices(ctx, 11);
  const card = fundedCard(ctx);
  if (invoices.length < 11 || card === undefined || !isFreePlace(ctx, folder)) {
    return reject("too few people, or no card");
  }
  if (!isFreshSubject(ctx, `${word} `)) return reject("there are such letters");
  const good = invoices.slice(0, 8);
  const [dearer, unsent, foreign] = invoices.slice(8);
  const balance = walletCents(ctx);
  if (dearer === undefined || unsent === undefined || foreign === undefined) return reject("too few people");
  if (balance < 12000) return reject("too little money");
  const total = sum(good);
  const missing = ctx.random.int(20, 60) * 100;
  const out = { card_id: card.id, amount: (balance - total + missing) / 100 };
  if (balance - total + missing <= 0) return reject("the balance is low already");
  ctx.as(ctx.user, `${daysAgo(ctx, 5)}T11:00:00`)("tuppence", "cash_out", out);
  const mailed = (one: Invoice, from = one.person) => {
    const day = daysAgo(ctx, ctx.random.int(4, 70));
    const text = `${word} ${one.number}\nFrom: ${from.name}\nDate: ${day}\nTotal: ${centsText(one.cents)}`;
    const body = `Hello,\nthe paper is enclosed.\n${firstName(from)}`;
    const name = `paper-${one.number}.txt`;
    const letter = { subject: `${word} ${one.number}`, body, at: momentOn(ctx, daysAgo(ctx, ctx.random.int(2, 3))) };
    const letterId = receiveFiles(ctx, from, letter, [{ name, text }]);
    const [file] = ctx.rowsWhere("quillpost.enclosure", "letter_id", letterId);
    return { enclosure_id: file?.id ?? 0, folder: `${folder}/${day.slice(0, 7)}` };
  };
  const writes: Write[] = [
    { app: "tuppence", api: "top_up", args: { card_id: card.id, amount: missing / 100 } },
  ];
  for (const one of good) {
    writes.push({ app: "quillpost", api: "save_enclosure", args: mailed(one) });
    writes.push({ app: "tuppence", api: "accept_ask", args: { ask_id: askFor(ctx, word, one) } });
  }
  mailed(dearer);
  askFor(ctx, word, dearer, dearer.cents + 300);
  askFor(ctx, word, unsent);
  mailed(foreign, good[1]?.person ?? unsent.person);
  askFor(ctx, word, foreign);
  if (mailOf(ctx).filter((row) => textOf(row, "subject").startsWith(word)).length < 10) {
    return reject("letters are lost");
  }
  const { ending } = card;
  return {
    instruction: phrase(ctx, [
      `Pay the open asks with the memo "${word}" and a number where the asker mailed me a letter of that subject with a file whose "Total:" is the amount asked. Before, top up my wallet from the card ending in ${ending} by just what is missing for all of them. Save the files of what you pay in stowbox under ${folder}, one folder per month of their "Date:", like ${folder}/2027-03.`,
      `Invoices come by mail as enclosed files, and as asks named "${word}" and a number. Accept every open ask for which the same person's letter of that title has a file with the same "Total:". My balance is too low for all; add exactly the difference from the card ending in ${ending}, once. Put those files into month folders by their "Date:", such as ${folder}/2027-03.`,
      `In tuppence there are open asks "${word}" with a number. Those that agree with the file in the asker's letter of the same title ("Total:") are to be paid, and their files saved to ${folder}/2027-03 and so on, by the month in "Date:". First put as much into my wallet from the card ending in ${ending} as it lacks for them, in one go and no more.`,
    ]),
    pub: { word, folder, ending },
    writes,
  };
}

function solveEnclosedAsks(apis: Apis, pub: FilesPub) {
  const token = signIn(apis, "tuppence");
  const mail = signIn(apis, "quillpost");
  const stow_token = signIn(apis, "stowbox");
  const letters = lettersAbout(apis, mail, `${pub.word} `, { enclosed: true });
  const due = [];
  for (const ask of allPages(apis.tuppence.list_asks_in, { token, state: "open" })) {
    const letter = letters.find((x) => x.subject === ask.memo && x.from === ask.from);
    if (letter === undefined) continue;
    const [{ enclosure_id, text }] = letter.enclosures;
    const [, total] = /^Total: ([\d.]+)$/m.exec(text) ?? [];
    const [, month] = /^Date: (\d{4}-\d{2})/m.exec(text) ?? [];
    if (Number(total) === ask.amount) due.push({ ...ask, enclosure_id, folder: `${pub.folder}/${month}` });
  }
  const { balance } = apis.tuppence.get_balance({ token });
  const { card_id } = allPages(apis.tuppence.list_cards, { token }).find((x) => x.ending === pub.ending);
  apis.tuppence.top_up({ token, card_id, amount: sumMoney([...due.map((x) => x.amount), -balance]) });
  for (const { ask_id, enclosure_id, folder } of due) {
    apis.tuppence.accept_ask({ token, ask_id });
    apis.quillpost.save_enclosure({ token: mail, enclosure_id, folder, stow_token });
  }
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const invoiceAsks: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "invoice_asks/match",
    difficulty: 2,
    apps: ["tuppence", "quillpost"],
    draw: drawMatch,
    solve: solveMatchingAsks,
  }),
  bench({
    ...COMMON,
    family: "invoice_asks/dispute",
    difficulty: 3,
    apps: ["tuppence", "quillpost"],
    draw: drawDispute,
    solve: solveDisputedAsks,
  }),
  bench({
    ...COMMON,
    family: "invoice_asks/files",
    difficulty: 3,
    apps: ["tuppence", "stowbox", "quillpost"],
    draw: drawFiles,
    solve: solveEnclosedAsks,
  }),
];
