/**
 * Texts about what people did together: outings, loans, costs of a home, club meetings and birthdays.
 *
 * Contract: who answered an invitation with yes is who came; amounts and days are those of the shared life.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import { addDays, addMinutes, monthName, sayDay } from "../calendar.ts";
import * as pools from "../pools/handset.ts";
import type { Person } from "../world.ts";
import type { Phones } from "./_phones.ts";
import { fillTemplate, firstName, WORLD_NOW, type WorldContext } from "./context.ts";
import type { Outing } from "./life.ts";
import { centsText } from "../apps/_common.ts";

/** Writes all of them. */
export function writeStories(phones: Phones, context: WorldContext): void {
  for (const outing of context.life.outings) tellOuting(phones, context, outing);
  tellLoans(phones, context);
  tellHomes(phones, context);
  tellClubs(phones, context);
  tellBirthdays(phones, context);
}

/** A text if its time has come. */
function say(phones: Phones, random: KeyedRandom, from: Person, to: Person, text: string, at: string): void {
  if (at < WORLD_NOW) phones.text(from, to, text, at, random.uniform() < 0.9);
}

/** A moment on a day before or after another. */
function near(random: KeyedRandom, at: string, days: number): string {
  return `${addDays(at, days)}T${String(random.int(9, 20)).padStart(2, "0")}:${random.int(10, 59)}:00`;
}

function tellOuting(phones: Phones, context: WorldContext, outing: Outing): void {
  const random = context.random("handset", "outing", outing.id);
  const { people, payer, title, at, totalCents, shares } = outing;
  const host = context.person(payer);
  const invitation = fillTemplate(random.pick(pools.INVITATIONS), {
    title,
    date: sayDay(at),
    hour: at.slice(11, 16),
  });
  const invitedAt = near(random, at, -random.int(3, 6));
  for (const index of people) {
    if (index === payer) continue;
    const guest = context.person(index);
    say(phones, random, host, guest, invitation, invitedAt);
    say(phones, random, guest, host, random.pick(pools.ACCEPTANCES), addMinutes(invitedAt, random.int(5, 1200)));
    if (random.uniform() < 0.6) {
      const money = { title, total: centsText(totalCents), part: centsText(shares.get(index) ?? 0) };
      say(phones, random, host, guest, fillTemplate(random.pick(pools.AFTERWARDS), money), near(random, at, 1));
    }
  }
  const others = [...context.known(payer).keys()].filter((index) => !people.includes(index));
  if (others.length === 0 || random.uniform() < 0.5) return;
  const absent = context.person(random.pick(others));
  say(phones, random, host, absent, invitation, invitedAt);
  say(phones, random, absent, host, random.pick(pools.REFUSALS), addMinutes(invitedAt, random.int(5, 1200)));
}

function tellLoans(phones: Phones, context: WorldContext): void {
  context.life.loans.forEach((loan, i) => {
    const random = context.random("handset", "loan", i);
    const [lender, borrower] = [context.person(loan.lender), context.person(loan.borrower)];
    const words = { amount: centsText(loan.cents), reason: loan.reason };
    const asked = addMinutes(loan.at, -random.int(5, 300));
    say(phones, random, borrower, lender, fillTemplate(random.pick(pools.LOAN_ASKS), words), asked);
    say(phones, random, lender, borrower, "Sure, you can have it.", addMinutes(loan.at, 1));
    if (loan.remindedAt !== null) {
      const text = fillTemplate(random.pick(pools.LOAN_REMINDERS), words);
      say(phones, random, lender, borrower, text, addMinutes(loan.remindedAt, 1));
    }
    if (loan.endedAt === null) return;
    const end = loan.state === "repaid"
      ? "Sent you the {amount} for the {reason}, thanks!"
      : "I thought the {amount} was a gift?";
    say(phones, random, borrower, lender, fillTemplate(end, words), addMinutes(loan.endedAt, 2));
  });
}

function tellHomes(phones: Phones, context: WorldContext): void {
  for (const { home, people, month, items } of context.life.homes) {
    const random = context.random("handset", "home", home, month);
    for (const { name, cents, payer, at } of items) {
      if (name !== "power") continue;
      const host = context.person(payer);
      const words = {
        item: name,
        month: monthName(`${month}-01`),
        total: centsText(cents),
        part: centsText(Math.floor(cents / people.length)),
      };
      const text = fillTemplate(random.pick(pools.HOME_COSTS), words);
      for (const index of people) {
        if (index !== payer) say(phones, random, host, context.person(index), text, addMinutes(at, 20));
      }
    }
  }
}

function tellClubs(phones: Phones, context: WorldContext): void {
  for (const { name, tie, people, meetings } of context.life.clubs) {
    meetings.forEach(({ at, place, topic }, i) => {
      if (i % 3 !== 0 || people.length < 2) return;
      const random = context.random("handset", "club", tie, i);
      const caller = random.pick(people);
      const text = fillTemplate(random.pick(pools.CLUB_CALLS), { club: name, topic, place, date: sayDay(at) });
      const sentAt = near(random, at, -2);
      for (const index of random.sample(people.filter((other) => other !== caller), Math.min(4, people.length - 1))) {
        say(phones, random, context.person(caller), context.person(index), text, sentAt);
      }
    });
  }
}

/** Friends and family congratulate each other on birthdays of the last months. */
function tellBirthdays(phones: Phones, context: WorldContext): void {
  const first = addDays(WORLD_NOW, -context.profile.historyDays);
  for (const index of context.society.principals) {
    const me = context.person(index);
    const random = context.random("handset", "birthdays", me.email);
    const close = [...context.known(index)].filter(([, ties]) =>
      ties.some((tie) => tie !== "colleague" && tie !== "neighbour")
    );
    for (const [other] of close.slice(0, 10)) {
      const friend = context.person(other);
      const day = [2026, 2027].map((year) => `${year}${friend.birthday.slice(4)}`).filter((date) =>
        date >= first && date < WORLD_NOW.slice(0, 10) && !date.endsWith("02-29")
      ).at(-1);
      if (day === undefined || random.uniform() < 0.4) continue;
      const at = near(random, day, 0);
      say(
        phones,
        random,
        me,
        friend,
        fillTemplate(random.pick(pools.WISHES), { name: firstName(friend) }),
        at,
      );
      const answeredAt = addMinutes(at, random.int(2, 180));
      if (random.uniform() < 0.6) say(phones, random, friend, me, random.pick(pools.WISH_ANSWERS), answeredAt);
    }
  }
}
