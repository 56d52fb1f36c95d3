/**
 * The phone of every principal: accounts, contacts, texts, voice clips, calls, alarms, timers and blocked numbers.
 *
 * Contract: a text, clip or call between two principals is in both phones; what comes from unknown numbers is in one. Outings,
 * loans, home months and club meetings have the texts that belong to them, with the very amounts and days of the shared life.
 * Choices: the story comes first, then conversations fill every phone up to a number of its own.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Pen } from "../_pen.ts";
import { addMinutes } from "../calendar.ts";
import { alarm, blockedNumber, contact, handsetMember, textCopy, timer } from "../apps/handset/tables.ts";
import * as pools from "../pools/handset.ts";
import type { Person } from "../world.ts";
import { writeAccounts } from "./accounts.ts";
import { WORLD_NOW, type WorldContext } from "./context.ts";
import { fillLine, Phones } from "./_phones.ts";
import { writeStories } from "./_phone_stories.ts";

/** Days that an alarm repeats on. */
const REPEATING_DAYS: readonly (readonly string[])[] = [
  ["mon", "tue", "wed", "thu", "fri"],
  ["mon", "tue", "wed", "thu", "fri"],
  ["sat", "sun"],
  ["mon", "wed", "fri"],
  ["tue", "thu"],
  ["mon"],
  ["wed"],
  ["sun"],
  ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
  [],
];
const LEAST_CONTACTS = 20;
/** Area code of services; nobody lives there. */
const SERVICE_AREA = "233";
const BOOK_MADE_AT = "2026-01-10T12:00:00";

/** Writes all of it. */
export function writeHandset(pen: Pen, context: WorldContext): void {
  writeAccounts(pen, context, handsetMember, (person) => {
    const random = context.random("handset", "quiet", person.email);
    return random.uniform() < 0.5
      ? { quiet_from: null, quiet_to: null }
      : { quiet_from: `2${random.int(1, 3)}:${random.pick(["00", "30"])}`, quiet_to: `0${random.int(5, 8)}:00` };
  });
  const phones = new Phones(pen, context);
  writeStories(phones, context);
  for (const index of context.society.principals) {
    writeContacts(pen, context, index);
    writeAlarms(pen, context, context.person(index));
    writeTexts(phones, context, index);
    writeClips(phones, context, index);
    writeCalls(phones, context, index);
    writeSpam(pen, phones, context, index);
  }
}

/** Somebody whom a person knows, close ones more often. */
function acquaintance(random: KeyedRandom, context: WorldContext, index: number): Person | undefined {
  const known = [...context.known(index).keys()];
  if (known.length === 0) return undefined;
  return context.person(random.uniform() < 0.5 ? random.pick(known.slice(0, 8)) : random.pick(known));
}

function writeContacts(pen: Pen, context: WorldContext, index: number): void {
  const me = context.person(index);
  const random = context.random("handset", "contacts", me.email);
  const ties = context.known(index);
  const strangers = context.society.people.flatMap((_, i) => (i !== index && !ties.has(i) ? [i] : []));
  const missing = Math.max(random.int(2, 4), LEAST_CONTACTS - ties.size);
  const inBook = random.shuffle([...ties.keys(), ...random.sample(strangers, Math.min(missing, strangers.length))]);
  for (const other of inBook) {
    const { name, birthday, email, number, street, town } = context.person(other);
    pen.add(contact, {
      owner: me.email,
      name,
      // Children have a phone, but no mail.
      email: birthday > "2010" ? null : email,
      number,
      birthday: random.uniform() < 0.85 ? birthday : null,
      address: random.uniform() < 0.7 ? `${street}, ${town}` : null,
      favourite: random.uniform() < 0.2,
      ties: [...(ties.get(other) ?? [])],
    }, BOOK_MADE_AT);
  }
  for (const name of random.sample(pools.SERVICES, random.int(2, 4))) {
    const number = `${SERVICE_AREA}-555-0${100 + pools.SERVICES.indexOf(name)}`;
    const nothing = { email: null, birthday: null, address: null, favourite: false, ties: [] };
    pen.add(contact, { owner: me.email, name, number, ...nothing }, BOOK_MADE_AT);
  }
}

function writeAlarms(pen: Pen, context: WorldContext, { email }: Person): void {
  const random = context.random("handset", "alarms", email);
  for (const label of random.sample(pools.ALARM_LABELS, context.count(random, 9, 18, 7))) {
    const time = `${String(random.int(5, 22)).padStart(2, "0")}:${String(random.int(0, 11) * 5).padStart(2, "0")}`;
    const days = [...random.pick(REPEATING_DAYS)];
    pen.add(alarm, { owner: email, time, days, label, on: random.uniform() < 0.6 }, "2026-09-01T12:00:00");
  }
  for (const label of random.sample(pools.TIMER_LABELS, random.int(0, 3))) {
    const at = context.moment(random, 2, 30);
    const seconds = random.int(2, 60) * 60;
    const ends_at = addMinutes(at, seconds / 60);
    const stopped = random.uniform() < 0.3;
    pen.at(at, () => pen.add(timer, { owner: email, label, seconds, ends_at, stopped }, at));
  }
}

function writeTexts(phones: Phones, context: WorldContext, index: number): void {
  const me = context.person(index);
  const random = context.random("handset", "texts", me.email);
  const target = context.count(random, 150, 270, 20);
  while (phones.textCount(me) < target) {
    const other = acquaintance(random, context, index);
    if (other === undefined) return;
    const [first, second] = random.uniform() < 0.5 ? [me, other] : [other, me];
    let at = context.moment(random);
    random.pick(pools.CONVERSATIONS).split("|").forEach((line, i) => {
      const [from, to] = i % 2 === 0 ? [first, second] : [second, first];
      phones.text(from, to, fillLine(random, line.trim(), second), at, random.uniform() < 0.85);
      at = addMinutes(at, random.int(1, 90));
      if (at > WORLD_NOW) at = WORLD_NOW;
    });
  }
}

function writeClips(phones: Phones, context: WorldContext, index: number): void {
  const me = context.person(index);
  const random = context.random("handset", "clips", me.email);
  for (let i = context.count(random, 5, 11, 2); i > 0; i--) {
    const other = acquaintance(random, context, index);
    if (other === undefined) return;
    const [from, to] = random.uniform() < 0.5 ? [me, other] : [other, me];
    phones.clip(
      from,
      to,
      fillLine(random, random.pick(pools.CLIPS), to),
      context.moment(random),
      random.uniform() < 0.7,
    );
  }
}

function writeCalls(phones: Phones, context: WorldContext, index: number): void {
  const me = context.person(index);
  const random = context.random("handset", "calls", me.email);
  const target = context.count(random, 60, 105, 12);
  while (phones.callCount(me) < target) {
    const other = acquaintance(random, context, index);
    if (other === undefined) return;
    const [from, to] = random.uniform() < 0.6 ? [me, other] : [other, me];
    const missed = random.uniform() < 0.25;
    phones.call(from, to, missed ? 0 : random.int(15, 2400), missed, context.moment(random));
  }
}

function writeSpam(pen: Pen, phones: Phones, context: WorldContext, index: number): void {
  const me = context.person(index);
  const { email } = me;
  const random = context.random("handset", "spam", email);
  const numbers = Array.from({ length: random.int(3, 6) }, () => phones.strangeNumber(random));
  for (const text of random.sample(pools.SPAM_TEXTS, context.count(random, 5, 10, 2))) {
    const at = context.moment(random, 16);
    const values = { number: random.pick(numbers), direction: "in", text, at, seen: random.uniform() < 0.4 };
    pen.at(at, () => pen.add(textCopy, { owner: email, ...values, hidden: false }, at));
  }
  for (const transcript of random.sample(pools.SPAM_CLIPS, random.int(1, 3))) {
    phones.strangeClip(me, random.pick(numbers), transcript, context.moment(random, 16));
  }
  for (let i = context.count(random, 4, 9, 2); i > 0; i--) {
    const missed = random.uniform() < 0.6;
    phones.strangeCall(email, random.pick(numbers), missed ? 0 : random.int(5, 60), missed, context.moment(random, 16));
  }
  // What is blocked has written before, and no longer does.
  for (const number of random.sample(numbers, random.int(0, 2))) {
    pen.add(blockedNumber, { owner: email, number }, `2027-03-0${random.int(1, 9)}T12:00:00`);
  }
}
