/**
 * Rows of the wallet: what shared life was paid with, and what people send each other besides.
 *
 * Contract: every repayment of an outing, a loan or a home's costs is a transfer of the same amount; an accepted ask has its transfer,
 * of the same amount and memo; what a pot holds is the sum of its moves.
 * Choices: about a third of all transfers are public. Alerts are kept of the last weeks only.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Pen } from "../_pen.ts";
import {
  alert,
  ask,
  bankMove,
  bond,
  cheer,
  payCard,
  pot,
  potMove,
  remark,
  standingOrder,
  transfer,
  wallet,
} from "../apps/tuppence/tables.ts";
import { bankCard } from "../apps/registry/tables.ts";
import { addDays, addMinutes, dateTime, DAY_NAMES, dayNumber, monthName } from "../calendar.ts";
import { RESTAURANTS } from "../pools/life.ts";
import { CARD_LABELS, MEMOS, POT_NAMES, REMARKS, STANDING_MEMOS } from "../pools/tuppence.ts";
import type { Person } from "../world.ts";
import { writeAccounts } from "./accounts.ts";
import { fillTemplate, firstName, WORLD_NOW, type WorldContext, type Writer } from "./context.ts";
import type { HomeMonth } from "./life.ts";
import { centsText } from "../apps/_common.ts";

const ALERT_DAYS = 25;

/** Fills the slots that templates of the wallet and of shared expenses have. */
export function fillWords(random: KeyedRandom, template: string, at: string, people: readonly Person[]): string {
  return fillTemplate(template, {
    place: random.pick(RESTAURANTS),
    day: random.pick(DAY_NAMES),
    month: monthName(at),
    person: people.length === 0 ? "Mum" : firstName(random.pick(people)),
  });
}

/** Title of a home's costs, such as `Power March`. */
export function homeTitle(name: string, month: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)} ${monthName(month)}`;
}

/** When somebody paid back the part in a home's costs; null if that lies ahead. */
export function homePaidAt(
  context: WorldContext,
  { home, month }: HomeMonth,
  item: HomeMonth["items"][number],
  person: number,
): string | null {
  const random = context.random("home repayment", home, month, item.name, person);
  const at = dateTime(dayNumber(item.at) + random.int(1, 9), random.int(8 * 60, 22 * 60) * 60);
  return at < WORLD_NOW ? at : null;
}

/** Whole amounts, halves, or any cents. */
function someCents(random: KeyedRandom, low: number, high: number): number {
  return random.int(low, high) * 100 + random.pick([0, 0, 50, random.int(1, 99)]);
}

/** Writes transfers and asks when their time comes. */
class Ledger {
  readonly #pen: Pen;
  readonly #random: KeyedRandom;
  readonly #names: ReadonlyMap<string, string>;
  readonly #alertsFrom = addDays(WORLD_NOW, -ALERT_DAYS);

  constructor(pen: Pen, context: WorldContext) {
    this.#pen = pen;
    this.#random = context.random("tuppence", "ledger");
    this.#names = new Map(context.principals.map(({ email, name }) => [email, name]));
  }

  pay(from: string, to: string, amount: number, memo: string, at: string): void {
    this.#pen.at(at, () => {
      const visibility = this.#random.uniform() < 0.35 ? "public" : "private";
      const funding = this.#random.uniform() < 0.12 ? "card" : "balance";
      this.#pen.add(transfer, { from, to, amount, memo, visibility, funding, at }, at);
      this.#tell(to, "transfer", `${this.#names.get(from)} sent you ${centsText(amount)}`, at);
    });
  }

  ask(from: string, to: string, amount: number, memo: string, at: string, state: string, remindedAt: string | null) {
    this.#pen.at(at, () => {
      this.#pen.add(ask, { from, to, amount, memo, state, reminded_at: remindedAt, at }, at);
      this.#tell(to, "ask", `${this.#names.get(from)} asks you for ${centsText(amount)}`, at);
    });
  }

  #tell(owner: string, kind: string, text: string, at: string): void {
    if (at < this.#alertsFrom) return;
    this.#pen.add(alert, { owner, kind, text, seen: this.#random.uniform() < 0.7, at }, at);
  }
}

/** What outings, loans and homes were paid with. */
function writeLife(ledger: Ledger, context: WorldContext): void {
  const { life } = context;
  const random = context.random("tuppence", "life");
  const email = (index: number) => context.person(index).email;
  for (const { title, at, payer, repayments, how } of life.outings) {
    for (const { from, cents, at: paidAt } of repayments) {
      if (how === "wallet") {
        const old = at < addDays(WORLD_NOW, -100);
        const state = paidAt !== null ? "accepted" : old ? random.pick(["open", "refused", "withdrawn"]) : "open";
        const askedAt = addMinutes(at, random.int(20, 180));
        const reminded = state === "open" && random.uniform() < 0.3 ? context.later(random, askedAt, 6) : null;
        ledger.ask(email(payer), email(from), cents, title, askedAt < WORLD_NOW ? askedAt : at, state, reminded);
      }
      if (paidAt !== null) ledger.pay(email(from), email(payer), cents, title, paidAt);
    }
  }
  for (const { lender, borrower, cents, reason, at, remindedAt, state, endedAt } of life.loans) {
    ledger.pay(email(lender), email(borrower), cents, reason, at);
    const asked = addMinutes(at, random.int(600, 2600));
    const askState = state === "repaid" ? "accepted" : state === "refused" ? "refused" : "open";
    const askedAt = asked < WORLD_NOW && (endedAt === null || asked < endedAt) ? asked : at;
    const reminded = remindedAt !== null && remindedAt > askedAt ? remindedAt : null;
    ledger.ask(email(lender), email(borrower), cents, reason, askedAt, askState, reminded);
    if (state === "repaid" && endedAt !== null) ledger.pay(email(borrower), email(lender), cents, reason, endedAt);
  }
  for (const month of life.homes) {
    for (const item of month.items) {
      const part = Math.floor(item.cents / month.people.length);
      for (const person of item.settledBy) {
        const at = homePaidAt(context, month, item, person);
        if (at !== null) ledger.pay(email(person), email(item.payer), part, homeTitle(item.name, month.month), at);
      }
    }
  }
}

/** What one person sends and asks for besides. */
function writeOwn(ledger: Ledger, context: WorldContext, index: number, known: readonly Person[]): void {
  if (known.length === 0) return;
  const me = context.person(index).email;
  const random = context.random("tuppence", "own", index);
  const close = random.sample(known, 4);
  const somebody = () => random.pick(random.uniform() < 0.5 ? close : known).email;
  for (let i = context.count(random, 22, 55, 6); i > 0; i--) {
    const at = context.moment(random);
    const memo = fillWords(random, random.pick(MEMOS), at, known);
    ledger.pay(me, somebody(), someCents(random, 3, 70), memo, at);
  }
  for (let i = context.count(random, 1, 4, 1); i > 0; i--) {
    const at = context.moment(random, 2);
    const [to, cents] = [somebody(), someCents(random, 4, 60)];
    const memo = fillWords(random, random.pick(MEMOS), at, known);
    const state = random.pick(["open", "open", "accepted", "refused", "withdrawn"]);
    ledger.ask(me, to, cents, memo, at, state, null);
    if (state === "accepted") ledger.pay(to, me, cents, memo, context.later(random, at));
  }
}

function writeCards(pen: Pen, context: WorldContext): void {
  const byOwner = new Map<string, (typeof rows)[number][]>();
  const rows = pen.rows(bankCard);
  for (const row of rows) byOwner.set(row.owner, [...(byOwner.get(row.owner) ?? []), row]);
  for (const { email } of context.principals) {
    const random = context.random("tuppence", "cards", email);
    const labels = random.shuffle(CARD_LABELS);
    for (const { number, expires, check_code } of byOwner.get(email) ?? []) {
      const label = labels.pop() ?? "card";
      pen.add(payCard, { owner: email, label, number, expires, check_code }, "2026-01-05T10:00:00");
      for (let i = context.count(random, 3, 9); i > 0; i--) {
        const at = context.moment(random);
        const direction = random.uniform() < 0.7 ? "in" : "out";
        const values = { owner: email, direction, card: number.slice(-4), amount: random.int(2, 30) * 1000, at };
        pen.at(at, () => pen.add(bankMove, values, at));
      }
    }
  }
}

function writeBonds(pen: Pen, context: WorldContext): void {
  const random = context.random("tuppence", "bonds");
  const holders = new Set(context.society.principals);
  for (const one of context.society.principals) {
    for (const other of context.known(one).keys()) {
      if (other < one || !holders.has(other) || random.uniform() > 0.7) continue;
      const [from, to] = random.uniform() < 0.5 ? [one, other] : [other, one];
      const since = addDays(WORLD_NOW, -random.int(430, 900));
      pen.add(bond, { from: context.person(from).email, to: context.person(to).email, since }, `${since}T12:00:00`);
    }
  }
}

function writeReactions(pen: Pen, context: WorldContext): void {
  const random = context.random("tuppence", "reactions");
  const friends = new Map<string, Person[]>();
  for (const index of context.society.principals) {
    friends.set(context.person(index).email, holdersKnown(context, index));
  }
  for (const { id, from, to, visibility, at } of pen.rows(transfer)) {
    const later = () => {
      const moment = addMinutes(at, random.int(5, 3000));
      return moment < WORLD_NOW ? moment : at;
    };
    const others = visibility === "public" ? friends.get(from) ?? [] : [];
    for (const { email } of random.sample(others, random.pick([0, 0, 1, 2, 3]))) {
      if (email === to) continue;
      const when = later();
      pen.at(when, () => pen.add(cheer, { from: email, transfer_id: id, at: when }, when));
    }
    if (random.uniform() < 0.15) {
      const when = later();
      const text = fillWords(random, random.pick(REMARKS), at, others);
      pen.at(when, () => pen.add(remark, { from: to, transfer_id: id, text, at: when }, when));
    }
  }
}

function writePots(pen: Pen, context: WorldContext, owner: string): void {
  const random = context.random("tuppence", "pots", owner);
  for (const name of random.sample(POT_NAMES, context.count(random, 6, 11, 3))) {
    const goal = random.int(4, 60) * 2000;
    const saved = random.uniform() < 0.15 ? goal : Math.floor(goal * random.uniform() / 100) * 100;
    const dueOn = random.uniform() < 0.6 ? addDays(WORLD_NOW, random.int(70, 400)) : null;
    const id = pen.add(pot, { owner, name, goal, saved, due_on: dueOn }, "2026-06-01T12:00:00");
    let left = saved;
    for (let i = random.int(1, 5); left > 0; i--) {
      const amount = i <= 1 ? left : Math.max(100, Math.floor(left * random.uniform() / 100) * 100);
      left -= amount;
      const at = context.moment(random);
      pen.at(at, () => pen.add(potMove, { owner, pot_id: id, direction: "in", amount, at }, at));
    }
  }
}

function writeStanding(pen: Pen, context: WorldContext, owner: string, known: readonly Person[]): void {
  const random = context.random("tuppence", "standing", owner);
  for (const memo of random.sample(STANDING_MEMOS, context.count(random, 5, 10, 2))) {
    if (known.length === 0) return;
    const since = addDays(WORLD_NOW, -random.int(30, 400));
    const values = {
      owner,
      to: random.pick(known).email,
      amount: someCents(random, 3, 60),
      memo,
      every: random.pick(["month", "month", "month", "week", "quarter"]),
      next_on: addDays(WORLD_NOW, random.int(61, 95)),
      active: random.uniform() < 0.8,
    };
    pen.at(`${since}T12:00:00`, () => pen.add(standingOrder, values, `${since}T12:00:00`));
  }
}

/** People with accounts whom somebody knows. */
export function holdersKnown(context: WorldContext, index: number): Person[] {
  return [...context.known(index).keys()].map((other) => context.person(other)).filter(({ hasAccounts }) =>
    hasAccounts
  );
}

/** Writes all of it. */
export const writeTuppence: Writer = (pen, context) => {
  const balances = context.random("tuppence", "balances");
  writeAccounts(
    pen,
    context,
    wallet,
    () => ({ balance: balances.int(250, 950) * 100 + balances.int(0, 99) }),
    ({ number }) => number,
  );
  writeCards(pen, context);
  writeBonds(pen, context);
  const ledger = new Ledger(pen, context);
  writeLife(ledger, context);
  for (const index of context.society.principals) {
    const known = holdersKnown(context, index);
    const { email } = context.person(index);
    writeOwn(ledger, context, index, known);
    writePots(pen, context, email);
    writeStanding(pen, context, email, known);
  }
  // Cheers and remarks need the ids of the transfers.
  pen.writeEvents();
  writeReactions(pen, context);
};
