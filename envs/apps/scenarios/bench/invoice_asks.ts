/**
 * Asks for money and the invoices that came by letter: pay those that match; refuse the others and answer; or file the invoices, too.
 *
 * An ask matches where somebody has both asked for and invoiced the same amount under the same number.
 *
 * @module
 */
import { farHolders, firstName, type Known, letterFrom, onDay, reached, smallTalk } from "./_cross_kit.ts";
import { isFreePlace, plantFile } from "./_files.ts";
import {
  amountOf,
  type Apis,
  bench,
  type BenchDraw,
  type Client,
  idIn,
  phrase,
  type Reject,
  reject,
  type Scenario,
  type SetupContext,
} from "./_kit.ts";
import { smallCents, walletCents } from "./_money_kit.ts";
import { allPages, signIn } from "./_toolbox.ts";

type MatchPub = { readonly event: string };
type RefusePub = { readonly event: string; readonly text: string; readonly remark: string };
type FilePub = { readonly event: string; readonly folder: string; readonly tag: string };

const EVENTS = [
  "garden party",
  "street fair",
  "staff outing",
  "choir weekend",
  "school reunion",
  "boat trip",
  "housewarming",
  "quiz night",
  "film shoot",
  "winter market",
] as const;
const THINGS = ["chairs", "lamps", "cake", "posters", "drinks", "the van", "flowers", "music", "tents"] as const;

/** One invoice and what was asked for with it. */
interface Bill {
  readonly from: Known;
  readonly number: number;
  readonly invoiced: number;
  readonly asked: number | undefined;
  readonly letterId: number;
  readonly askId: number | undefined;
}

function invoiceBody(ctx: SetupContext, event: string, number: number, cents: number, from: Known): string {
  const thing = ctx.random.pick(THINGS);
  return [
    `Hello ${firstName(ctx.user)},`,
    `this is invoice ${number} for ${thing} at the ${event}.`,
    `Amount: ${(cents / 100).toFixed(2)}`,
    "Please pay by tuppence.",
    firstName(from.person),
  ].join("\n");
}

/** A letter with the invoice as a file in it. */
function letterWithFile(
  ctx: SetupContext,
  from: Known,
  at: string,
  subject: string,
  body: string,
  name: string,
): number {
  const path = `/invoices out/${name}`;
  plantFile(ctx, path, body, at, from.person);
  const client = ctx.as(from.person, at);
  const draft_id = idIn(client("quillpost", "add_draft", { to: [ctx.user.email], subject, body }), "draft_id");
  client("quillpost", "enclose_file", { draft_id, path });
  return idIn(client("quillpost", "send_draft", { draft_id }), "letter_id");
}

/** Invoices about an event: three that match, two whose asks want more, one without an ask; and an ask without an invoice. */
function plantInvoices(ctx: SetupContext, event: string, withFiles: boolean): Bill[] | undefined {
  const people = farHolders(ctx).slice(0, 7);
  const stranger = people.pop();
  if (people.length < 6 || stranger === undefined) return undefined;
  const numbers = ctx.random.shuffle(Array.from({ length: 60 }, (_, i) => 1201 + i * 7)).slice(0, 8);
  const bills = people.map((from, i): Bill => {
    const number = numbers[i] ?? 0;
    const invoiced = smallCents(ctx, 4, 12);
    const asked = i === 5 ? undefined : i === 1 || i === 3 ? invoiced + 300 : invoiced;
    const subject = `Invoice ${number} for the ${event}`;
    const body = invoiceBody(ctx, event, number, invoiced, from);
    const at = onDay(ctx, 22 - i, 14);
    const letterId = withFiles
      ? letterWithFile(ctx, from, at, subject, body, `invoice_${number}.txt`)
      : letterFrom(ctx, from.person, at, subject, body);
    return { from, number, invoiced, asked, letterId, askId: askFor(ctx, from, 21 - i, asked, `Invoice ${number}`) };
  });
  // Somebody else asks under the number of a good invoice, somebody under a number that was never invoiced.
  const [first] = bills;
  if (first === undefined) return undefined;
  askFor(ctx, stranger, 9, first.invoiced, `Invoice ${first.number}`);
  askFor(ctx, stranger, 8, smallCents(ctx), `Invoice ${numbers[7] ?? 0}`);
  smallTalk(ctx, stranger.person);
  return bills;
}

function askFor(ctx: SetupContext, from: Known, days: number, cents: number | undefined, memo: string) {
  if (cents === undefined) return undefined;
  const args = { to: ctx.user.email, amount: amountOf(cents), memo };
  return idIn(ctx.as(from.person, onDay(ctx, days, 16))("tuppence", "ask_money", args), "ask_id");
}

const matches = ({ invoiced, asked }: Bill) => invoiced === asked;

/** The invoices, if the wallet can pay them and no rule has put them away. */
function fairInvoices(ctx: SetupContext, event: string, withFiles = false): Bill[] | Reject {
  const bills = plantInvoices(ctx, event, withFiles);
  if (bills === undefined) return reject("too few people");
  const due = bills.filter(matches).reduce((sum, { invoiced }) => sum + invoiced, 0);
  if (walletCents(ctx) < due) return reject("the wallet is too light");
  if (!reached(ctx, ...bills.map(({ letterId }) => letterId))) return reject("a rule binned a letter");
  const filed = bills.some(({ letterId }) =>
    ctx.rowsWhere("quillpost.letter_copy", "letter_id", letterId)
      .some((copy) => copy["owner"] === ctx.user.email && copy["folder"] === "archive")
  );
  return filed ? reject("a rule filed a letter") : bills;
}

function drawMatch(ctx: SetupContext): BenchDraw<MatchPub> | Reject {
  const event = ctx.random.pick(EVENTS);
  const bills = fairInvoices(ctx, event);
  if ("reject" in bills) return bills;
  return {
    instruction: phrase(ctx, [
      `I got invoices for the ${event} by letter, and people ask for the money in tuppence. Pay from my balance each open ask that fits an invoice: same person, same number, same amount. Leave the others open.`,
      `Please settle the ${event}: for every letter with an invoice for it, look for an open tuppence ask by the sender with the invoice's number, and accept it from the balance if the amount is that of the letter. Do nothing about asks that do not fit.`,
      `Compare the letters with invoices for the ${event} with what I am asked for in tuppence. Accept (from the balance) only asks with the right sender, number and amount, and let all others be.`,
    ]),
    pub: { event },
    writes: bills.filter(matches).map(({ askId }) => ({
      app: "tuppence",
      api: "accept_ask",
      args: { ask_id: askId ?? 0 },
    })),
  };
}

function solveMatch(apis: Apis, pub: MatchPub): void {
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "tuppence");
  const asks = allPages(apis.tuppence.list_asks_in, { token, state: "open" });
  for (const { letter_id, from, subject } of allPages(apis.quillpost.find_letters, { token: mail })) {
    const [, number] = subject.match(/^Invoice (\d+) for the (.+)$/) ?? [];
    if (number === undefined || !subject.endsWith(`for the ${pub.event}`)) continue;
    const amount = Number(apis.quillpost.get_letter({ token: mail, letter_id }).body.match(/Amount: ([\d.]+)/)[1]);
    const ask = asks.find((x) => x.from === from && x.memo === `Invoice ${number}` && x.amount === amount);
    if (ask !== undefined) apis.tuppence.accept_ask({ token, ask_id: ask.ask_id });
  }
}

function payAndRemark(client: Client, askId: number, remark: string): void {
  const transfer_id = idIn(client("tuppence", "accept_ask", { ask_id: askId }), "transfer_id");
  client("tuppence", "add_remark", { transfer_id, text: remark });
}

function drawRefuse(ctx: SetupContext): BenchDraw<RefusePub> | Reject {
  const event = ctx.random.pick(EVENTS);
  const bills = fairInvoices(ctx, event);
  if ("reject" in bills) return bills;
  const text = ctx.random.pick([
    "Your ask is higher than your invoice, please send a new one.",
    "The two amounts differ. I will pay what the invoice says.",
    "You asked for more than you invoiced, so I have refused it.",
  ]);
  const remark = ctx.random.pick(["Paid as invoiced.", "All settled, thank you.", "For the books."]);
  return {
    instruction: phrase(ctx, [
      `Deal with the invoices for the ${event} in my mail. Where the sender's open tuppence ask under that number wants the same amount, pay it from the balance, remark "${remark}" on the transfer and archive the letter. Where it wants another amount, refuse it and answer the letter: "${text}" Nothing else is to be touched.`,
      `For each letter with an invoice for the ${event}: if its sender asks in tuppence for that amount under that number, accept from my balance, leave the remark "${remark}" on the transfer and put the letter into the archive. If the amount of that ask differs, refuse it and reply "${text}" Otherwise do nothing.`,
      `Please go through the ${event} invoices that I got by letter, and the asks of their senders with the same number. Equal amounts: accept (balance), remark "${remark}" on the transfer, archive the letter. Unequal: refuse, and reply to the letter with "${text}" Leave everything else.`,
    ]),
    pub: { event, text, remark },
    writes(client) {
      for (const bill of bills) {
        if (bill.askId === undefined) continue;
        const { letterId: letter_id, askId } = bill;
        if (matches(bill)) {
          payAndRemark(client, askId, remark);
          client("quillpost", "archive", { letter_id });
        } else {
          client("tuppence", "refuse_ask", { ask_id: askId });
          client("quillpost", "reply", { letter_id, body: text });
        }
      }
    },
  };
}

function solveRefuse(apis: Apis, pub: RefusePub): void {
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "tuppence");
  const asks = allPages(apis.tuppence.list_asks_in, { token, state: "open" });
  for (const { letter_id, from, subject } of allPages(apis.quillpost.find_letters, { token: mail })) {
    const [, number] = subject.match(/^Invoice (\d+) for the (.+)$/) ?? [];
    if (number === undefined || !subject.endsWith(`for the ${pub.event}`)) continue;
    const ask = asks.find((x) => x.from === from && x.memo === `Invoice ${number}`);
    if (ask === undefined) continue;
    const amount = Number(apis.quillpost.get_letter({ token: mail, letter_id }).body.match(/Amount: ([\d.]+)/)[1]);
    if (ask.amount === amount) {
      const { transfer_id } = apis.tuppence.accept_ask({ token, ask_id: ask.ask_id });
      apis.tuppence.add_remark({ token, transfer_id, text: pub.remark });
      apis.quillpost.archive({ token: mail, letter_id });
    } else {
      apis.tuppence.refuse_ask({ token, ask_id: ask.ask_id });
      apis.quillpost.reply({ token: mail, letter_id, body: pub.text });
    }
  }
}

function drawFile(ctx: SetupContext): BenchDraw<FilePub> | Reject {
  const event = ctx.random.pick(EVENTS);
  const tag = ctx.random.pick(["settled", "for the tax", "paid bills", "keep for a year", "bookkeeping"]);
  const folder = `/papers/${event.replaceAll(" ", "_")}`;
  const taken = ctx.rows("quillpost.tag", ctx.user.email).find((row) => row["name"] === tag);
  if (!isFreePlace(ctx, folder)) return reject("the folder is there");
  const bills = fairInvoices(ctx, event, true);
  if ("reject" in bills) return bills;
  const past = ctx.as(ctx.user, onDay(ctx, 30, 9));
  const tagId = taken?.id ?? idIn(past("quillpost", "add_tag", { name: tag }), "tag_id");
  const letters = bills.map(({ letterId }) => ctx.row("quillpost.letter", letterId));
  const enclosed = (letterId: number) => ctx.rowsWhere("quillpost.enclosure", "letter_id", letterId)[0]?.id ?? 0;
  return {
    instruction: phrase(ctx, [
      `Pay the invoices for the ${event} that came by letter: accept the sender's open tuppence ask with that number, from the balance, if it has the invoice's amount. Save the file of each invoice that you pay in ${folder}, tag the conversation "${tag}" and archive the letter.`,
      `Invoices for the ${event} are in my mail. If the one who sent it also asks for exactly that amount under that number in tuppence, accept the ask from my balance, save the enclosed file into the folder ${folder}, give the conversation my tag "${tag}" and archive the letter. Leave the rest.`,
      `For every ${event} invoice in my letters that has a matching open ask in tuppence (sender, number and amount agree): accept it from the balance, keep its file in ${folder}, put the tag "${tag}" on the conversation, archive the letter. Ignore invoices and asks that do not match.`,
    ]),
    pub: { event, folder, tag },
    writes(client) {
      for (const [i, bill] of bills.entries()) {
        if (!matches(bill)) continue;
        const { letterId: letter_id, askId = 0 } = bill;
        client("tuppence", "accept_ask", { ask_id: askId });
        client("quillpost", "save_enclosure", { enclosure_id: enclosed(letter_id), folder });
        const conversation_id = Number(letters[i]?.["conversation_id"]);
        client("quillpost", "tag_conversation", { conversation_id, tag_id: tagId });
        client("quillpost", "archive", { letter_id });
      }
    },
  };
}

function solveFile(apis: Apis, pub: FilePub): void {
  const mail = signIn(apis, "quillpost");
  const token = signIn(apis, "tuppence");
  const stow_token = signIn(apis, "stowbox");
  const asks = allPages(apis.tuppence.list_asks_in, { token, state: "open" });
  const { tag_id } = allPages(apis.quillpost.list_tags, { token: mail }).find((x) => x.name === pub.tag);
  for (const { letter_id, from, subject } of allPages(apis.quillpost.find_letters, { token: mail })) {
    const [, number] = subject.match(/^Invoice (\d+) for the (.+)$/) ?? [];
    if (number === undefined || !subject.endsWith(`for the ${pub.event}`)) continue;
    const { body, enclosures, conversation_id } = apis.quillpost.get_letter({ token: mail, letter_id });
    const amount = Number(body.match(/Amount: ([\d.]+)/)[1]);
    const ask = asks.find((x) => x.from === from && x.memo === `Invoice ${number}` && x.amount === amount);
    if (ask === undefined) continue;
    apis.tuppence.accept_ask({ token, ask_id: ask.ask_id });
    for (const { enclosure_id } of enclosures) {
      apis.quillpost.save_enclosure({ token: mail, enclosure_id, folder: pub.folder, stow_token });
    }
    apis.quillpost.tag_conversation({ token: mail, conversation_id, tag_id });
    apis.quillpost.archive({ token: mail, letter_id });
  }
}

const COMMON = { split: "test_challenge", axis: {} } as const;

/** The three families. */
export const invoice_asks: readonly Scenario[] = [
  bench({
    ...COMMON,
    family: "invoice_asks/match",
    difficulty: 2,
    apps: ["quillpost", "tuppence"],
    draw: drawMatch,
    solve: solveMatch,
  }),
  bench({
    ...COMMON,
    family: "invoice_asks/refuse",
    difficulty: 3,
    apps: ["quillpost", "tuppence"],
    draw: drawRefuse,
    solve: solveRefuse,
  }),
  bench({
    ...COMMON,
    family: "invoice_asks/file",
    difficulty: 3,
    apps: ["quillpost", "tuppence", "stowbox"],
    draw: drawFile,
    solve: solveFile,
  }),
];
