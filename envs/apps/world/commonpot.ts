/**
 * Rows of shared expenses: homes, outings that were settled by bill, clubs, and circles of friends with bills of their own.
 *
 * Contract: shares add up to the total of their bill; a settlement of a home's costs or of an outing has its transfer in the wallet,
 * with the same people, amount and day; settlements of other bills were paid outside of it and say so.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Pen } from "../_pen.ts";
import { equalParts } from "../apps/commonpot/_ledger.ts";
import {
  bill,
  billRemark,
  category,
  circle,
  circleMember,
  potAlert,
  potMember,
  receiptLink,
  repeatBill,
  settlement,
  share,
} from "../apps/commonpot/tables.ts";
import { addDays } from "../calendar.ts";
import {
  BILL_REMARKS,
  BILL_TITLES,
  CATEGORIES,
  type CategoryName,
  CIRCLE_FIRST,
  CIRCLE_SECOND,
  OWN_CATEGORIES,
  RECEIPT_ITEMS,
  REPEAT_TITLES,
  SETTLEMENT_MEMOS,
} from "../pools/commonpot.ts";
import { writeAccounts } from "./accounts.ts";
import { WORLD_NOW, type WorldContext, type Writer } from "./context.ts";
import type { Outing } from "./life.ts";
import { fillWords, holdersKnown, homePaidAt, homeTitle } from "./tuppence.ts";
import { centsText } from "../apps/_common.ts";

const ALERT_DAYS = 25;
const LONG_AGO = "2025-12-01T12:00:00";

/** A circle while it is written. */
interface Circle {
  readonly id: number;
  readonly people: readonly string[];
  /** Ids of categories that only it has. */
  readonly own: readonly number[];
}

/** A bill to write. */
interface Draft {
  readonly circle: number | null;
  readonly title: string;
  readonly total: number;
  readonly payer: string;
  readonly at: string;
  readonly categoryId: number;
  readonly parts: ReadonlyMap<string, number>;
  readonly removed?: boolean;
}

const OUTING_CATEGORY: Readonly<Record<Outing["kind"], CategoryName>> = {
  dinner: "food",
  trip: "travel",
  concert: "fun",
  groceries: "groceries",
  gift: "gifts",
};
const HOME_CATEGORY: Readonly<Record<string, CategoryName>> = { rent: "housing" };

/** Usual totals by category, in whole units. */
const TOTALS: Readonly<Record<CategoryName, readonly [number, number]>> = {
  food: [12, 140],
  groceries: [8, 110],
  housing: [60, 420],
  utilities: [12, 120],
  travel: [9, 180],
  fun: [10, 120],
  gifts: [8, 90],
  household: [5, 90],
  other: [4, 70],
};

class Writing {
  readonly #pen: Pen;
  readonly #context: WorldContext;
  readonly #random: KeyedRandom;
  readonly #names: ReadonlyMap<string, string>;
  readonly #alertsFrom = addDays(WORLD_NOW, -ALERT_DAYS);
  readonly #categories: ReadonlyMap<CategoryName, number>;
  readonly circles: Circle[] = [];

  constructor(pen: Pen, context: WorldContext) {
    this.#pen = pen;
    this.#context = context;
    this.#random = context.random("commonpot", "bills");
    this.#names = new Map(context.principals.map(({ email, name }) => [email, name]));
    this.#categories = new Map(
      CATEGORIES.map((name) => [name, pen.add(category, { circle_id: null, name }, LONG_AGO)]),
    );
  }

  /** A random number generator of this app. */
  random(...key: readonly (string | number)[]): KeyedRandom {
    return this.#context.random("commonpot", ...key);
  }

  categoryId(name: CategoryName): number {
    return this.#categories.get(name) ?? 1;
  }

  circle(name: string, kind: string, people: readonly string[], random: KeyedRandom): Circle {
    const since = addDays(WORLD_NOW, -random.int(425, 700));
    const madeAt = `${since}T12:00:00`;
    const id = this.#pen.add(circle, { name, kind }, madeAt);
    people.forEach((member, i) => {
      const role = i === 0 ? "owner" : "member";
      this.#pen.add(circleMember, { circle_id: id, member, role, since }, madeAt);
    });
    const own = random.sample(OWN_CATEGORIES, random.pick([0, 0, 1, 2]))
      .map((label) => this.#pen.add(category, { circle_id: id, name: label }, madeAt));
    const made = { id, people, own };
    this.circles.push(made);
    return made;
  }

  bill(draft: Draft): void {
    const { circle: circleId, title, total, payer, at, categoryId, parts, removed = false } = draft;
    const random = this.#random;
    this.#pen.at(at, () => {
      const on = at.slice(0, 10);
      const values = { circle_id: circleId, title, total, paid_by: payer, on, category_id: categoryId };
      const id = this.#pen.add(bill, { ...values, added_by: payer, removed }, at);
      for (const [member, owed] of parts) this.#pen.add(share, { bill_id: id, member, owed }, at);
      const others = [...parts.keys()].filter((person) => person !== payer);
      if (at >= this.#alertsFrom) {
        const text = `${this.#names.get(payer)} added the bill ${title}`;
        for (const owner of others) {
          this.#pen.add(potAlert, { owner, kind: "bill", text, seen: random.uniform() < 0.7, at }, at);
        }
      }
      if (random.uniform() < 0.12 && others.length > 0) {
        const when = this.#context.later(random, at, 2);
        this.#pen.add(
          billRemark,
          { bill_id: id, from: random.pick(others), text: random.pick(BILL_REMARKS), at: when },
          when,
        );
      }
      if (random.uniform() < 0.1) {
        const name = `receipt_${on}_${id}.txt`;
        this.#pen.add(
          receiptLink,
          { bill_id: id, name, text: receiptText(random, title, total, on), added_by: payer },
          at,
        );
      }
    });
  }

  settle(circleId: number | null, from: string, to: string, amount: number, at: string, memo: string): void {
    this.#pen.at(at, () => {
      const on = at.slice(0, 10);
      this.#pen.add(settlement, { circle_id: circleId, from, to, amount, on, memo }, at);
    });
  }

  repeat(made: Circle, random: KeyedRandom): void {
    for (const { title, category, low, high } of random.sample(REPEAT_TITLES, this.#context.count(random, 1, 4))) {
      const all = random.uniform() < 0.7 || made.people.length < 3;
      const among = all ? made.people : random.sample(made.people, made.people.length - 1);
      this.#pen.add(repeatBill, {
        circle_id: made.id,
        title,
        total: random.int(low, high) * 100 + random.pick([0, 0, 50, 90]),
        paid_by: random.pick(among),
        among: [...among].sort(),
        category_id: this.categoryId(category),
        every: random.pick(["month", "month", "month", "week", "quarter"]),
        next_on: addDays(WORLD_NOW, random.int(61, 95)),
        paused: random.uniform() < 0.15,
      }, LONG_AGO);
    }
  }
}

function receiptText(random: KeyedRandom, title: string, total: number, on: string): string {
  const lines: string[] = [];
  let left = total;
  for (const item of random.sample(RECEIPT_ITEMS, random.int(2, 4))) {
    const cents = Math.floor(left * random.uniform() / 2);
    left -= cents;
    lines.push(`${item}  ${centsText(cents)}`);
  }
  return [title, on, ...lines, `other  ${centsText(left)}`, `TOTAL  ${centsText(total)}`].join("\n");
}

/** Parts of a bill of a circle: mostly equal among all, sometimes among some, sometimes by what each had. */
function someParts(random: KeyedRandom, people: readonly string[], payer: string, total: number): Map<string, number> {
  const way = random.uniform();
  if (way < 0.65 || people.length < 3) return equalParts(total, people, payer);
  if (way < 0.85) return equalParts(total, random.sample(people, random.int(2, people.length - 1)), payer);
  const parts = new Map<string, number>();
  let left = total;
  for (const person of random.shuffle(people).slice(1)) {
    const cents = Math.floor(left * random.uniform() / 2 / 10) * 10;
    if (cents > 0) parts.set(person, cents);
    left -= cents;
  }
  parts.set(payer, (parts.get(payer) ?? 0) + left);
  return parts;
}

function writeHomes(writing: Writing, context: WorldContext): void {
  const circles = new Map<number, Circle>();
  for (const month of context.life.homes) {
    const { home, people, items } = month;
    let made = circles.get(home);
    if (made === undefined) {
      const [first = 0] = people;
      const kind = context.society.homeKinds[home] === "couple" ? "couple" : "home";
      const members = people.map((index) => context.person(index).email);
      const random = writing.random("home", home);
      made = writing.circle(context.person(first).street, kind, members, random);
      writing.repeat(made, random);
      circles.set(home, made);
    }
    for (const item of items) {
      const payer = context.person(item.payer).email;
      const parts = equalParts(item.cents, made.people, payer);
      const categoryId = writing.categoryId(HOME_CATEGORY[item.name] ?? "utilities");
      const title = homeTitle(item.name, month.month);
      writing.bill({ circle: made.id, title, total: item.cents, payer, at: item.at, categoryId, parts });
      for (const person of item.settledBy) {
        const at = homePaidAt(context, month, item, person);
        const from = context.person(person).email;
        if (at !== null) writing.settle(made.id, from, payer, parts.get(from) ?? 0, at, "");
      }
    }
  }
}

function writeCircles(writing: Writing, context: WorldContext): void {
  const deal = writing.random("names");
  const kinds = ["friends", "trip", "other"] as const;
  const names = deal.shuffle(
    kinds.flatMap((kind) =>
      CIRCLE_SECOND[kind].flatMap((last) => CIRCLE_FIRST.map((first) => ({ kind, name: `${first} ${last}` })))
    ),
  );
  for (const { name, people } of context.life.clubs) {
    const random = writing.random("club", name);
    const members = random.shuffle(people).map((index) => context.person(index).email);
    if (members.length < 2) continue;
    fillCircle(writing, context, writing.circle(name, "club", members, random), random, 6, 12);
  }
  for (const index of context.society.principals) {
    const random = writing.random("circle", index);
    const others = random.sample(holdersKnown(context, index), random.int(2, 4)).map(({ email }) => email);
    const next = names.pop();
    if (others.length < 2 || next === undefined) continue;
    const made = writing.circle(next.name, next.kind, [context.person(index).email, ...others], random);
    fillCircle(writing, context, made, random, 12, 26);
  }
}

/** Bills and settlements that only this app knows of. */
function fillCircle(
  writing: Writing,
  context: WorldContext,
  made: Circle,
  random: KeyedRandom,
  low: number,
  high: number,
): void {
  writing.repeat(made, random);
  for (let i = context.count(random, low, high, 3); i > 0; i--) {
    const name = random.pick(CATEGORIES);
    const at = context.moment(random, 2);
    const [least, most] = TOTALS[name];
    const total = random.int(least, most) * 100 + random.pick([0, 20, 50, 90, random.int(1, 99)]);
    const payer = random.pick(made.people);
    const parts = someParts(random, made.people, payer, total);
    const title = fillWords(random, random.pick(BILL_TITLES[name]), at, []);
    const categoryId = made.own.length > 0 && random.uniform() < 0.15
      ? random.pick(made.own)
      : writing.categoryId(name);
    const removed = random.uniform() < 0.05;
    writing.bill({ circle: made.id, title, total, payer, at, categoryId, parts, removed });
    for (const [person, cents] of parts) {
      if (person === payer || removed || random.uniform() > 0.45) continue;
      const memo = fillWords(random, random.pick(SETTLEMENT_MEMOS), at, []);
      writing.settle(made.id, person, payer, cents, context.later(random, at, 12), memo);
    }
  }
}

function writeOutings(writing: Writing, context: WorldContext): void {
  for (const { kind, title, at, people, payer, totalCents, shares, repayments, how } of context.life.outings) {
    if (how !== "bill") continue;
    const emails = people.map((index) => context.person(index).email);
    const inside = writing.circles.find((candidate) => emails.every((email) => candidate.people.includes(email)));
    const circleId = inside?.id ?? null;
    writing.bill({
      circle: circleId,
      title,
      total: totalCents,
      payer: context.person(payer).email,
      at,
      categoryId: writing.categoryId(OUTING_CATEGORY[kind]),
      parts: new Map([...shares].map(([person, cents]) => [context.person(person).email, cents])),
    });
    for (const { from, cents, at: paidAt } of repayments) {
      if (paidAt === null) continue;
      writing.settle(circleId, context.person(from).email, context.person(payer).email, cents, paidAt, title);
    }
  }
}

/** Writes all of it. */
export const writeCommonpot: Writer = (pen, context) => {
  writeAccounts(pen, context, potMember, () => ({}));
  const writing = new Writing(pen, context);
  writeHomes(writing, context);
  writeCircles(writing, context);
  writeOutings(writing, context);
};
