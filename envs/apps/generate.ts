/**
 * The base world: a pure function of a seed, from people and joint activity over the months before "now".
 *
 * Contract: equal seeds give equal rows, byte for byte; the world's hash says so. Joint rows agree: a text has a copy with both
 * sides, a call is in both logs, an accepted ask has its transfer.
 * Choices: small on purpose (lists of one person span 2 to 6 pages), since page depth matters and row count does not. Events are
 * drawn person by person and then written in order of time, so that ids grow with time.
 *
 * @module
 */
import { type KeyedRandom, keyedRandom } from "../../data/keyed_random.ts";
import { checkItem, foldnoteMember, note } from "./apps/foldnote.ts";
import { alarm } from "./apps/_alarms.ts";
import { callEntry, contact, handsetMember, textCopy } from "./apps/handset.ts";
import { basketLine, marloMember, product, purchase, review, wishItem } from "./apps/marlo.ts";
import { ask, pot, remark, transfer, wallet } from "./apps/tuppence.ts";
import { Pen } from "./_pen.ts";
import { addDays, dateTime, dayNumber } from "./calendar.ts";
import { WEEKDAYS } from "./params.ts";
import { generateSociety, type Society } from "./people.ts";
import * as pools from "./pools.ts";
import { BaseWorld, type Person } from "./world.ts";

/** Date and time up to which history is generated; tasks happen 0 to 60 days later. */
export const WORLD_NOW = "2027-03-15T10:00:00";

const HISTORY_DAYS = 150;
const CLOSE = 3;
const REPEATING_DAYS: readonly (readonly string[])[] = [
  [],
  WEEKDAYS,
  WEEKDAYS.slice(0, 5),
  WEEKDAYS.slice(5),
  ["mon", "wed", "fri"],
  ["tue", "thu"],
];

/** Somebody with accounts, with the people whom they know. */
interface Circle {
  readonly me: Person;
  readonly random: KeyedRandom;
  /** Tied people with accounts. */
  readonly members: readonly Person[];
  /** All tied people. */
  readonly known: readonly Person[];
  /** A few of them, with whom half of everything happens, so that there is something to add up. */
  readonly close: readonly Person[];
}

/**
 * Base world of a seed.
 *
 * @example Equal seeds, equal worlds
 * ```ts
 * import { generateWorld } from "whetstone/envs/apps/generate.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(generateWorld(1).hash, generateWorld(1).hash);
 * ```
 *
 * @param seed any integer.
 */
export function generateWorld(seed: number): BaseWorld {
  const society = generateSociety(seed);
  const pen = new Pen();
  writeProducts(pen, seed, society);
  for (const index of society.principals) {
    const me = personAt(society, index);
    const known = [...society.ties(index).keys()].map((other) => personAt(society, other));
    const random = keyedRandom("apps-world", seed, "activity", index);
    const members = known.filter((person) => person.hasAccounts);
    const circle: Circle = { me, random, known, members, close: random.sample(members, CLOSE) };
    writeAccounts(pen, circle);
    writeContacts(pen, circle, society, index);
    writeMessages(pen, circle);
    writeMoney(pen, circle);
    writeAlarms(pen, circle);
    writeNotes(pen, circle);
    writeShopping(pen, circle);
  }
  pen.writeEvents();
  return new BaseWorld(seed, society.people, pen.tables);
}

function personAt(society: Society, index: number): Person {
  const person = society.people[index];
  if (person === undefined) throw new RangeError(`There is no person ${index}`);
  return person;
}

/** Some moment of the past, at a waking hour. */
function moment(random: KeyedRandom, leastDaysAgo = 1, mostDaysAgo = HISTORY_DAYS): string {
  const day = dayNumber(WORLD_NOW) - random.int(leastDaysAgo, mostDaysAgo);
  return dateTime(day, random.int(7 * 3600, 22 * 3600));
}

function later(random: KeyedRandom, at: string): string {
  const time = dateTime(dayNumber(at) + random.int(1, 5), random.int(7 * 3600, 22 * 3600));
  return time < WORLD_NOW ? time : at;
}

function fill(random: KeyedRandom, template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, slot: string) => {
    if (slot === "thing") return random.pick(pools.THINGS);
    if (slot === "place") return random.pick(pools.PLACES);
    if (slot === "day") return random.pick(pools.DAYS);
    return `${random.int(7, 21)}:${random.pick(["00", "15", "30", "45"])}`;
  });
}

/** A number of nobody in this world: people have the lower half of the fiction range. */
function strangeNumber(random: KeyedRandom): string {
  return `${random.pick(pools.AREAS)}-555-01${random.int(50, 99)}`;
}

/** Prices that people ask of each other: whole, halves, or any cents. */
function amount(random: KeyedRandom, low: number, high: number): number {
  const units = random.int(low, high) * 100;
  return units + random.pick([0, 0, 50, random.int(1, 99)]);
}

function writeAccounts(pen: Pen, { me, random }: Circle): void {
  const since = addDays(WORLD_NOW, -random.int(400, 1500));
  const password = () => `${random.pick(pools.PASSWORD_WORDS)}${random.int(100, 999)}`;
  const account = () => ({ owner: me.email, name: me.name, number: me.number, password: password(), since });
  const madeAt = `${since}T09:00:00`;
  pen.add(handsetMember, account(), madeAt);
  pen.add(wallet, { ...account(), balance: random.int(150, 900) * 100 + random.int(0, 99) }, madeAt);
  pen.add(foldnoteMember, account(), madeAt);
  pen.add(marloMember, account(), madeAt);
}

function writeContacts(pen: Pen, { me, random }: Circle, society: Society, index: number): void {
  const ties = society.ties(index);
  const strangers = society.people.flatMap((
    person,
    i,
  ) => (i !== index && !ties.has(i) && person.hasAccounts ? [i] : []));
  const inBook = random.shuffle([...ties.keys(), ...random.sample(strangers, random.int(1, 3))]);
  const madeAt = "2026-01-10T12:00:00";
  for (const other of inBook) {
    const person = personAt(society, other);
    pen.add(contact, {
      owner: me.email,
      name: person.name,
      email: person.birthday > "2010" ? null : person.email,
      number: person.number,
      birthday: random.uniform() < 0.85 ? person.birthday : null,
      address: random.uniform() < 0.7 ? `${person.street}, ${person.town}` : null,
      favourite: random.uniform() < 0.2,
      ties: [...(ties.get(other) ?? [])],
    }, madeAt);
  }
  for (const name of random.sample(pools.SERVICES, random.int(1, 2))) {
    pen.add(contact, {
      owner: me.email,
      name,
      email: null,
      number: strangeNumber(random),
      birthday: null,
      address: null,
      favourite: false,
      ties: [],
    }, madeAt);
  }
}

/** One of the close people, or anyone of a list. */
function somebody({ random, close }: Circle, people: readonly Person[]): Person {
  return random.pick(random.uniform() < 0.5 ? close : people);
}

function writeMessages(pen: Pen, circle: Circle): void {
  const { me, random, known } = circle;
  const say = (from: Person, to: Person, text: string, at: string) =>
    pen.at(at, () => {
      const rest = { text, at, hidden: false };
      const seen = random.uniform() < 0.8;
      if (from.hasAccounts) {
        pen.add(textCopy, { owner: from.email, number: to.number, direction: "out", ...rest, seen: true }, at);
      }
      if (to.hasAccounts) {
        pen.add(textCopy, { owner: to.email, number: from.number, direction: "in", ...rest, seen }, at);
      }
    });
  for (const other of random.sample(known, 4)) {
    let at = moment(random, 4);
    const count = random.int(2, 4);
    for (let i = 0; i < count; i++) {
      const mine = random.uniform() < 0.5;
      say(mine ? me : other, mine ? other : me, fill(random, random.pick(pools.TEXTS)), at);
      at = later(random, at);
    }
  }
  for (const text of random.sample(pools.SPAM, random.int(1, 3))) {
    const at = moment(random);
    const values = {
      owner: me.email,
      number: strangeNumber(random),
      direction: "in",
      text,
      at,
      seen: false,
      hidden: false,
    };
    pen.at(at, () => pen.add(textCopy, values, at));
  }
  for (let i = random.int(8, 12); i > 0; i--) {
    const other = somebody(circle, known);
    const at = moment(random);
    const missed = random.uniform() < 0.25;
    const rest = { seconds: missed ? 0 : random.int(15, 2400), missed, at };
    pen.at(at, () => {
      pen.add(callEntry, { owner: me.email, number: other.number, direction: "out", ...rest }, at);
      if (other.hasAccounts) {
        pen.add(callEntry, { owner: other.email, number: me.number, direction: "in", ...rest }, at);
      }
    });
  }
  for (let i = random.int(1, 3); i > 0; i--) {
    const at = moment(random);
    const missed = random.uniform() < 0.6;
    const seconds = missed ? 0 : random.int(5, 60);
    const values = { owner: me.email, number: strangeNumber(random), direction: "in", seconds, missed, at };
    pen.at(at, () => pen.add(callEntry, values, at));
  }
}

function writeMoney(pen: Pen, circle: Circle): void {
  const { me, random, members } = circle;
  const pay = (from: string, to: string, cents: number, memo: string, at: string) =>
    pen.at(at, () => {
      const visibility = random.uniform() < 0.7 ? "private" : "public";
      const id = pen.add(transfer, { from, to, amount: cents, memo, visibility, at }, at);
      if (random.uniform() < 0.2) {
        pen.add(remark, { from: to, transfer_id: id, text: random.pick(pools.REMARKS), at }, at);
      }
    });
  for (let i = random.int(11, 16); i > 0; i--) {
    pay(me.email, somebody(circle, members).email, amount(random, 3, 90), random.pick(pools.THINGS), moment(random));
  }
  for (let i = random.int(6, 10); i > 0; i--) {
    const payer = random.pick(members);
    const at = moment(random);
    const state = random.pick(["open", "open", "accepted", "accepted", "refused", "withdrawn"]);
    const values = {
      from: me.email,
      to: payer.email,
      amount: amount(random, 3, 60),
      memo: random.pick(pools.THINGS),
      state,
      at,
    };
    const remindedAt = state === "open" && random.uniform() < 0.3 ? later(random, at) : null;
    pen.at(at, () => pen.add(ask, { ...values, reminded_at: remindedAt }, at));
    if (state === "accepted") pay(payer.email, me.email, values.amount, values.memo, later(random, at));
  }
  for (const name of random.sample(pools.POT_NAMES, random.int(4, 9))) {
    const goal = random.int(4, 60) * 2000;
    const saved = random.uniform() < 0.15 ? goal : Math.floor(goal * random.uniform() / 100) * 100;
    pen.add(pot, { owner: me.email, name, goal, saved }, "2026-06-01T12:00:00");
  }
}

function writeAlarms(pen: Pen, { me, random }: Circle): void {
  for (const label of random.sample(pools.ALARM_LABELS, random.int(6, 12))) {
    const time = `${String(random.int(5, 22)).padStart(2, "0")}:${String(random.int(0, 11) * 5).padStart(2, "0")}`;
    const days = [...random.pick(REPEATING_DAYS)];
    pen.add(alarm, { owner: me.email, time, days, label, on: random.uniform() < 0.6 }, "2026-09-01T12:00:00");
  }
}

function writeNotes(pen: Pen, { me, random }: Circle): void {
  const add = (title: string, body: string, at: string) => {
    const archived = random.uniform() < 0.2;
    const pinned = !archived && random.uniform() < 0.25;
    return pen.add(note, { owner: me.email, title, body, pinned, archived, edited_at: at }, at);
  };
  for (const title of random.sample(pools.NOTE_TITLES, random.int(7, 13))) {
    const body = Array.from({ length: random.int(1, 4) }, () => fill(random, random.pick(pools.NOTE_LINES))).join("\n");
    const at = moment(random);
    pen.at(at, () => add(title, body, at));
  }
  for (const title of random.sample(pools.CHECKLIST_TITLES, random.int(2, 4))) {
    const items = random.sample(pools.ITEMS, random.int(5, 11));
    const at = moment(random);
    pen.at(at, () => {
      const noteId = add(title, "", at);
      items.forEach((text, i) => {
        const done = random.uniform() < 0.4;
        pen.add(checkItem, { owner: me.email, note_id: noteId, text, done, position: i + 1 }, at);
      });
    });
  }
}

function writeProducts(pen: Pen, seed: number, society: Society): void {
  const random = keyedRandom("apps-world", seed, "products");
  const titles = pools.PRODUCT_KINDS.flatMap((kind) =>
    random.sample(pools.PRODUCT_STYLES, 8).map((style) => ({ kind, style }))
  );
  for (const { kind, style } of random.shuffle(titles)) {
    const id = pen.add(product, {
      title: `${style} ${kind}`,
      kind,
      price: random.int(5, 120) * 100 + random.pick([0, 50, 90, 99]),
      stock: random.uniform() < 0.1 ? 0 : random.int(1, 30),
      stars: random.int(20, 50) / 10,
      seller: random.pick(pools.SELLERS),
    }, "2026-01-02T08:00:00");
    for (const index of random.sample(society.principals, random.int(0, 4))) {
      const owner = personAt(society, index).email;
      const values = {
        owner,
        product_id: id,
        stars: random.int(1, 5),
        text: random.pick(pools.REVIEWS),
        at: moment(random),
      };
      pen.at(values.at, () => pen.add(review, values, values.at));
    }
  }
}

function writeShopping(pen: Pen, { me, random }: Circle): void {
  const products = pen.tables.get(product) ?? [];
  const address = `${me.street}, ${me.town}`;
  for (const row of random.sample(products, random.int(12, 20))) {
    const at = moment(random);
    const qty = random.pick([1, 1, 1, 2, 3]);
    const fresh = at > `${addDays(WORLD_NOW, -20)}T00:00:00`;
    const state = random.pick(
      fresh
        ? ["placed", "placed", "shipped", "cancelled"]
        : ["delivered", "delivered", "shipped", "placed", "cancelled"],
    );
    const values = {
      owner: me.email,
      product_id: row.id,
      product: String(row["title"]),
      seller: String(row["seller"]),
      qty,
      total: Number(row["price"]) * qty,
      state,
      gift_note: random.uniform() < 0.2 ? random.pick(pools.GIFT_NOTES) : "",
      address,
      at,
    };
    pen.at(at, () => pen.add(purchase, values, at));
  }
  for (const row of random.sample(products, random.int(6, 12))) {
    const text = random.uniform() < 0.5 ? "" : random.pick(pools.WISH_NOTES);
    pen.add(wishItem, { owner: me.email, product_id: row.id, note: text }, "2027-02-01T12:00:00");
  }
  for (const row of random.sample(products, random.int(3, 8))) {
    pen.add(basketLine, { owner: me.email, product_id: row.id, qty: random.int(1, 4) }, "2027-03-01T12:00:00");
  }
}
