/**
 * A bank's statement of a card against purchases: what was charged for nothing, in a sum, as a log with the statement passed on, or
 * together with top-ups of the wallet.
 *
 * Hurdles: a charge came twice, one is a day late, one is of an odd amount, one belongs to a purchase by another card; there are
 * statements of another card and another month.
 *
 * @module
 */
import { boughtAt, letterFromOutside, oneOfEachKind, talkers } from "./_cross_b.ts";
import { reached, smallTalk } from "./_cross_kit.ts";
import { isFreePlace } from "./_files.ts";
import {
  addDays,
  amountOf,
  type Apis,
  bench,
  type BenchDraw,
  centsText,
  idIn,
  numberOf,
  phrase,
  type Principal,
  type Reject,
  reject,
  type Row,
  sayMonth,
  type Scenario,
  type SetupContext,
  textOf,
  today,
} from "./_kit.ts";
import { momentOn } from "./_money_kit.ts";
import { isFreshTitle } from "./_phone.ts";
import { goodCardEnding } from "./_shop_kit.ts";
import { allPages, contactNamed, shopCharges, signIn, sumMoney, unmatched } from "./_toolbox.ts";

type SumPub = { readonly month: string; readonly ending: string };
type NotePub = SumPub & { readonly title: string; readonly name: string };
type FilePub = SumPub & { readonly path: string; readonly reply: string };

const BANK = "statements@stonebridgebank.test";
const SHOPS = ["corner market", "tram office", "bakery", "book cellar", "swim hall", "paint shop"] as const;

/** One line of a statement. */
interface Charge {
  readonly day: string;
  readonly shop: string;
  readonly cents: number;
}

interface Statement {
  readonly month: string;
  readonly ending: string;
  readonly letterId: number;
  /** Charges that nothing explains, in order. */
  readonly unknown: readonly Charge[];
}

const lineOf = ({ day, shop, cents }: Charge) => `${day} ${shop} ${centsText(cents)}`;
const byDay = (a: Charge, b: Charge) => (lineOf(a) < lineOf(b) ? -1 : 1);
const dayOf = (row: Row) => textOf(row, "at").slice(0, 10);

function statementLetter(ctx: SetupContext, month: string, ending: string, charges: readonly Charge[], at: string) {
  const when = sayMonth(month);
  const body = [
    `Charges to your card ending in ${ending} in ${when}:`,
    ...charges.map(lineOf),
    `Sum: ${centsText(charges.reduce((sum, { cents }) => sum + cents, 0))}`,
    "Stonebridge Bank",
  ].join("\n");
  return letterFromOutside(ctx, BANK, at, `Statement of ${when}, card ending in ${ending}`, body);
}

/** Charges by the shop to a card in a month that are right: one for each purchase. */
function rightCharges(ctx: SetupContext, month: string, number: string): Charge[] {
  return ctx.rows("marlo.purchase", ctx.user.email)
    .filter((row) => row["card_number"] === number && dayOf(row).startsWith(month) && numberOf(row, "paid") > 0)
    .map((row) => ({ day: dayOf(row), shop: "marlo", cents: numberOf(row, "paid") }));
}

/** Last day of the month before that of a day. */
function endBefore(day: string): string {
  return addDays(`${day.slice(0, 7)}-01`, -1);
}

/** Another card that the user pays with in the shop; where there is none, one is shared by somebody else. */
function secondCard(ctx: SetupContext, cardId: number, sharer: Principal): Row | undefined {
  const month = today(ctx).slice(0, 7);
  const lasts = (row: Row) => textOf(row, "expires") > month;
  const own = ctx.rows("marlo.pay_card", ctx.user.email).find((row) => row.id !== cardId && lasts(row));
  const shared = ctx.rows("principal.card", sharer.email).find(lasts);
  if (own !== undefined || shared === undefined) return own;
  const args = {
    label: "shared card",
    number: textOf(shared, "number"),
    expires: textOf(shared, "expires"),
    check_code: textOf(shared, "check_code"),
  };
  const client = ctx.as(ctx.user, momentOn(ctx, addDays(ctx.at, -120)));
  return ctx.row("marlo.pay_card", idIn(client("marlo", "add_card", args), "card_id"));
}

/** A statement of last month with charges that nothing explains, after purchases with two cards. */
function plantStatement(ctx: SetupContext, withWallet: boolean): Statement | Reject {
  // Talk of some days comes after the statement, so that it is not on the first page.
  const end = endBefore(addDays(ctx.at, -8));
  const month = end.slice(0, 7);
  const { id: cardId, ending } = goodCardEnding(ctx);
  const cards = ctx.rows("marlo.pay_card", ctx.user.email);
  const number = textOf(cards.find((row) => row.id === cardId) ?? { id: 0 }, "number");
  const products = oneOfEachKind(ctx, 9, (row) => numberOf(row, "price") < 9000);
  const [speaker] = talkers(ctx);
  const other = speaker === undefined ? undefined : secondCard(ctx, cardId, speaker.person);
  const [bank] = other === undefined ? [] : ctx.rowsWhere("registry.bank_card", "number", textOf(other, "number"));
  if (other === undefined || bank === undefined || products.length < 9 || speaker === undefined) {
    return reject("no second card, or too few products");
  }
  ctx.patch("registry.bank_card", bank.id, { balance: 5_000_000 });
  const on = (day: number) => `${month}-${String(day).padStart(2, "0")}`;
  const buy = (day: number, i: number, card = cardId) => {
    const product = products[i];
    if (product !== undefined) boughtAt(ctx, momentOn(ctx, on(day)), [{ product, qty: ctx.random.int(1, 2) }], card);
  };
  [2, 5, 8, 12, 17, 21, 26].forEach((day, i) => buy(day + ctx.random.int(0, 1), i));
  buy(14, 7, other.id);
  const right = rightCharges(ctx, month, number);
  const [late, odd, twice] = ctx.random.shuffle(right);
  const foreign = rightCharges(ctx, month, textOf(other, "number")).find(({ day }) => day === on(14));
  if (late === undefined || odd === undefined || twice === undefined || foreign === undefined) return reject("too few");
  const wrong = [
    { ...late, day: addDays(late.day, Number(late.day.slice(8)) >= 28 ? -1 : 1) },
    { ...odd, cents: odd.cents + 100 },
    twice,
    foreign,
  ];
  const elsewhere = SHOPS.map((shop) => ({ day: on(ctx.random.int(1, 27)), shop, cents: ctx.random.int(300, 6000) }));
  const topUps = withWallet ? plantTopUps(ctx, month, number) : [];
  if (topUps === undefined) return reject("the wallet lacks the card, or it paid somebody");
  const [top] = topUps;
  if (top !== undefined) wrong.push({ ...top, cents: top.cents + 500 }, { ...top, day: addDays(top.day, 2) });
  const charges = [...right, ...elsewhere, ...topUps, ...wrong].sort(byDay);
  const isExplained = (charge: Charge) => [...right, ...topUps].some((one) => lineOf(one) === lineOf(charge));
  if (
    wrong.some((charge) => charge !== twice && isExplained(charge)) || new Set(wrong.map(lineOf)).size < wrong.length
  ) {
    return reject("a wrong charge fits something");
  }
  if (new Set(right.map(lineOf)).size < right.length) return reject("two purchases of a day and sum");
  const earlier = addDays(`${month}-01`, -1).slice(0, 7);
  const sent = (after: string) => `${addDays(after, 2)}T06:${ctx.random.int(10, 59)}:00`;
  const old = [...rightCharges(ctx, earlier, number), { day: `${earlier}-11`, shop: "marlo", cents: 2990 }].sort(byDay);
  statementLetter(ctx, earlier, ending, old, sent(`${earlier}-28`));
  const letterId = statementLetter(ctx, month, ending, charges, sent(end));
  const theirs = [...rightCharges(ctx, month, textOf(other, "number")), { day: on(9), shop: "marlo", cents: 1850 }];
  statementLetter(ctx, month, textOf(other, "number").slice(-4), theirs.sort(byDay), sent(end));
  smallTalk(ctx, speaker.person);
  if (!reached(ctx, letterId)) return reject("a rule binned the statement");
  return { month, ending, letterId, unknown: wrong.sort(byDay) };
}

/** Top-ups of the wallet from a card in a month, as charges; undefined where the wallet has no such card, or paid people by card. */
function plantTopUps(ctx: SetupContext, month: string, number: string): Charge[] | undefined {
  const { email } = ctx.user;
  const card = ctx.rows("tuppence.pay_card", email).find((row) => row["number"] === number);
  const paid = ctx.rows("tuppence.transfer", email).some((row) =>
    row["from"] === email && row["funding"] === "card" && dayOf(row).startsWith(month)
  );
  if (card === undefined || paid || textOf(card, "expires") < today(ctx).slice(0, 7)) return undefined;
  for (const day of ["03", "09", "15", "16", "22"]) {
    const client = ctx.as(ctx.user, momentOn(ctx, `${month}-${day}`));
    client("tuppence", "top_up", { card_id: card.id, amount: ctx.random.int(4, 30) * 5 });
  }
  for (const days of [5, 4, 3, 2, 1, 1]) {
    const client = ctx.as(ctx.user, momentOn(ctx, addDays(ctx.at, -days)));
    client("tuppence", "top_up", { card_id: card.id, amount: ctx.random.int(1, 6) });
  }
  return ctx.rows("tuppence.bank_move", email)
    .filter((row) => row["direction"] === "in" && row["card"] === number.slice(-4) && dayOf(row).startsWith(month))
    .map((row) => ({ day: dayOf(row), shop: "tuppence", cents: numberOf(row, "amount") }));
}

function drawSum(ctx: SetupContext): BenchDraw<SumPub> | Reject {
  const statement = plantStatement(ctx, false);
  if ("reject" in statement) return statement;
  const { ending, unknown } = statement;
  const month = sayMonth(statement.month);
  return {
    instruction: phrase(ctx, [
      `My bank has sent the statement of ${month} for the card ending in ${ending} by letter. How much of what marlo charged there has no purchase of mine with that card, of the same day and sum? Every purchase explains one charge only.`,
      `Please check the ${month} statement of card ${ending} in my mail against my marlo purchases. What do the marlo charges come to that do not belong to any purchase paid with that card on that day and for that amount? A purchase can only be charged once.`,
      `What is the total of the charges by marlo on my statement of ${month}, card ending in ${ending} (in my letters), for which I find no marlo purchase of equal day, amount and card? If something was charged twice, the second time counts as unexplained.`,
    ]),
    pub: { month, ending },
    answer: amountOf(unknown.reduce((sum, { cents }) => sum + cents, 0)),
  };
}

function solveSum(apis: Apis, pub: SumPub): number {
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "marlo");
  const { letter_id } = allPages(apis.quillpost.find_letters, { token: mail })
    .find((x) => x.subject === `Statement of ${pub.month}, card ending in ${pub.ending}`);
  const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
  const charges = body.split("\n").filter((line: string) => / marlo [\d.]+$/.test(line));
  const known = shopCharges(apis, token, pub.ending, charges[0].slice(0, 7));
  return sumMoney(unmatched(charges, known).map((line) => Number(line.split(" ").at(-1))));
}

const TITLES = ["Odd charges", "Card questions", "Ask the bank", "Unexplained", "Card check"] as const;

function drawNote(ctx: SetupContext): BenchDraw<NotePub> | Reject {
  const statement = plantStatement(ctx, false);
  const title = ctx.random.shuffle(TITLES).find((one) => isFreshTitle(ctx, one));
  const [reader] = talkers(ctx);
  if ("reject" in statement) return statement;
  if (title === undefined || reader === undefined) return reject("no title or nobody to write to");
  const { ending, unknown, letterId } = statement;
  const month = sayMonth(statement.month);
  const past = ctx.as(ctx.user, momentOn(ctx, addDays(ctx.at, -40)));
  const note_id = idIn(past("foldnote", "add_note", { title, body: "Charges that I cannot explain" }), "note_id");
  const { name, email } = reader.person;
  return {
    instruction: phrase(ctx, [
      `Compare the bank's statement of ${month} for the card ending in ${ending} (a letter) with my marlo purchases. Append each marlo charge without a purchase of that day, sum and card to my note "${title}", its line word for word and in the statement's order, and forward the letter to ${name} with "Unknown: " and their number above it. A purchase explains one charge only.`,
      `In my mail is the ${month} statement of card ${ending}. Which of its marlo charges belong to no purchase of mine with that card (same day, same amount, each purchase once)? Copy their lines as they are, in order, to the end of the note "${title}". Then forward the statement to ${name} with the words "Unknown: " plus how many there are.`,
      `Please find the marlo charges on my statement of ${month}, card ending in ${ending}, that no marlo purchase by that card accounts for in day and amount; one purchase accounts for one charge. Add their lines unchanged and in order to "${title}" in my notes, and pass the letter on to ${name}, saying "Unknown: " and the count.`,
    ]),
    pub: { month, ending, title, name },
    writes(client) {
      for (const charge of unknown) client("foldnote", "append_to_note", { note_id, text: lineOf(charge) });
      client("quillpost", "forward", { letter_id: letterId, to: [email], body: `Unknown: ${unknown.length}` });
    },
  };
}

function solveNote(apis: Apis, pub: NotePub): void {
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "marlo");
  const notes = signIn(apis, "foldnote");
  const { email } = contactNamed(apis, signIn(apis, "handset"), pub.name);
  const { letter_id } = allPages(apis.quillpost.find_letters, { token: mail })
    .find((x) => x.subject === `Statement of ${pub.month}, card ending in ${pub.ending}`);
  const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
  const charges = body.split("\n").filter((line: string) => / marlo [\d.]+$/.test(line));
  const lines = unmatched(charges, shopCharges(apis, token, pub.ending, charges[0].slice(0, 7)));
  const { note_id } = allPages(apis.foldnote.list_notes, { token: notes }).find((x) => x.title === pub.title);
  for (const text of lines) apis.foldnote.append_to_note({ token: notes, note_id, text });
  apis.quillpost.forward({ token: mail, letter_id, to: [email], body: "Unknown: " + lines.length });
}

function drawFile(ctx: SetupContext): BenchDraw<FilePub> | Reject {
  const statement = plantStatement(ctx, true);
  if ("reject" in statement) return statement;
  const { ending, unknown, letterId } = statement;
  const path = `/money/${ctx.random.pick(["card", "open", "unclear", "questions"])}-${statement.month}.txt`;
  if (!isFreePlace(ctx, path)) return reject("the path is taken");
  const month = sayMonth(statement.month);
  const reply = ctx.random.pick([
    "Some of these charges are not mine, please look into them.",
    "I do not know all of these charges.",
    "Please check this statement, it does not add up.",
  ]);
  return {
    instruction: phrase(ctx, [
      `On my ${month} statement for the card ending in ${ending} (a letter from the bank), marlo charges should be purchases by that card and tuppence charges top-ups from it, each of the same day and sum and each charged once. Write the lines of marlo and tuppence charges that are not, unchanged and in order, into the new file ${path}, star the letter and answer it "${reply}"`,
      `Please check the marlo and tuppence charges of the bank's letter with the ${month} statement of card ${ending}: which are neither a marlo purchase with that card nor a top-up of tuppence from it, by day and amount, one charge each? Put these lines as they stand into the file ${path}, give the letter a star and reply "${reply}"`,
      `Take the statement of ${month}, card ending in ${ending}, from my letters. Save those of its marlo and tuppence lines that no marlo purchase or tuppence top-up by this card explains (same day and sum; everything explains one line) in ${path}, in their order and without changes. Star the letter and write back "${reply}"`,
    ]),
    pub: { month, ending, path, reply },
    writes: [
      {
        app: "stowbox",
        api: "write_file",
        args: { path, text: unknown.map(lineOf).join("\n"), with_parents: true },
      },
      { app: "quillpost", api: "star", args: { letter_id: letterId } },
      { app: "quillpost", api: "reply", args: { letter_id: letterId, body: reply } },
    ],
  };
}

function solveFile(apis: Apis, pub: FilePub): void {
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "marlo");
  const wallet = signIn(apis, "tuppence");
  const store = signIn(apis, "stowbox");
  const { letter_id } = allPages(apis.quillpost.find_letters, { token: mail })
    .find((x) => x.subject === `Statement of ${pub.month}, card ending in ${pub.ending}`);
  const { body } = apis.quillpost.get_letter({ token: mail, letter_id });
  const charges = body.split("\n").filter((line: string) => / (marlo|tuppence) [\d.]+$/.test(line));
  const bought = shopCharges(apis, token, pub.ending, charges[0].slice(0, 7));
  const moved = allPages(apis.tuppence.list_bank_moves, { token: wallet, direction: "in" })
    .filter((x) => x.card === pub.ending).map((x) => `${x.at.slice(0, 10)} tuppence ${x.amount.toFixed(2)}`);
  const text = unmatched(charges, [...bought, ...moved]).join("\n");
  apis.stowbox.write_file({ token: store, path: pub.path, text, with_parents: true });
  apis.quillpost.star({ token: mail, letter_id });
  apis.quillpost.reply({ token: mail, letter_id, body: pub.reply });
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** Scenarios of this generator. */
export const cardCharges: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "card_charges/sum",
    difficulty: 2,
    apps: ["marlo", "quillpost"],
    draw: drawSum,
    solve: solveSum,
  }),
  bench({
    ...COMMON,
    family: "card_charges/note",
    difficulty: 3,
    apps: ["foldnote", "handset", "marlo", "quillpost"],
    draw: drawNote,
    solve: solveNote,
  }),
  bench({
    ...COMMON,
    family: "card_charges/file",
    difficulty: 3,
    apps: ["marlo", "quillpost", "stowbox", "tuppence"],
    draw: drawFile,
    solve: solveFile,
  }),
];
