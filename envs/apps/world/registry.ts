/**
 * The hidden registry and the user's profile: people, homes, relations, jobs, clubs and bank cards.
 *
 * Contract: every principal has one or two bank cards, the first of which is valid and well filled; where there are two, the second
 * is out of date or nearly empty, and which of the two lies first in the profile differs.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import { addDays } from "../calendar.ts";
import type { Pen } from "../_pen.ts";
import { address, card } from "../apps/principal/tables.ts";
import {
  bankCard,
  club,
  employer,
  employment,
  friendship,
  home,
  kin,
  person,
  residence,
} from "../apps/registry/tables.ts";
import { EMPLOYER_TRADES, EMPLOYERS } from "../pools/words.ts";
import { WORLD_NOW, type WorldContext } from "./context.ts";

const MADE_AT = "2025-06-01T09:00:00";
const KIN_KINDS = new Set(["mother", "father", "sister", "brother", "daughter", "son", "cousin", "partner"]);

/** 16 digits that fail the Luhn check, so that no real card can be meant. */
function cardNumber(random: KeyedRandom): string {
  const digits = Array.from({ length: 15 }, () => random.int(0, 9));
  const sum = digits.reduce(
    (total, digit, i) => total + (i % 2 === 0 ? (digit * 2) % 10 + (digit > 4 ? 1 : 0) : digit),
    0,
  );
  const valid = (10 - sum % 10) % 10;
  return [...digits, (valid + 1 + random.int(0, 7)) % 10].join("");
}

/** Writes all of it. */
export function writeRegistry(pen: Pen, context: WorldContext): void {
  writeHomes(pen, context);
  writeRelations(pen, context);
  writeJobs(pen, context);
  writeCards(pen, context);
}

function writeHomes(pen: Pen, { society }: WorldContext): void {
  const seen = new Map<number, number>();
  society.people.forEach((one, i) => {
    const index = society.homes[i] ?? 0;
    let homeId = seen.get(index);
    if (homeId === undefined) {
      homeId = pen.add(
        home,
        { street: one.street, town: one.town, kind: society.homeKinds[index] ?? "single" },
        MADE_AT,
      );
      seen.set(index, homeId);
    }
    const personId = pen.add(person, {
      name: one.name,
      email: one.email,
      number: one.number,
      born_on: one.birthday,
      sex: one.sex,
      home_id: homeId,
      has_accounts: one.hasAccounts,
    }, MADE_AT);
    pen.add(
      residence,
      { person_id: personId, home_id: homeId, since: addDays(WORLD_NOW, -500 - 37 * (i % 40)) },
      MADE_AT,
    );
    if (one.hasAccounts) {
      pen.add(address, { owner: one.email, label: "home", street: one.street, town: one.town }, MADE_AT);
    }
  });
}

function writeRelations(pen: Pen, { society }: WorldContext): void {
  society.people.forEach((_, from) => {
    for (const [to, kinds] of society.ties(from)) {
      for (const kind of kinds) {
        if (KIN_KINDS.has(kind)) pen.add(kin, { from_id: from + 1, to_id: to + 1, kind }, MADE_AT);
        if (kind === "friend" && from < to) pen.add(friendship, { a_id: from + 1, b_id: to + 1 }, MADE_AT);
      }
    }
  });
  for (const [name, members] of society.clubs) {
    for (const member of members) pen.add(club, { name, person_id: member + 1 }, MADE_AT);
  }
}

function writeJobs(pen: Pen, { society }: WorldContext): void {
  EMPLOYERS.forEach((name, i) => pen.add(employer, { name, trade: EMPLOYER_TRADES[i] ?? "services" }, MADE_AT));
  for (const [index, { employer: name, role, manager }] of society.jobs) {
    pen.add(employment, {
      person_id: index + 1,
      employer_id: EMPLOYERS.indexOf(name) + 1,
      role,
      manager_id: manager === null ? null : manager + 1,
    }, MADE_AT);
  }
}

function writeCards(pen: Pen, context: WorldContext): void {
  const two = (value: number) => String(value).padStart(2, "0");
  context.principals.forEach(({ email }, position) => {
    const random = context.random("cards", email);
    const make = (expires: string, balance: number, name: string) => ({
      name,
      row: { owner: email, number: cardNumber(random), expires, check_code: String(random.int(100, 999)), balance },
    });
    const good = make(
      `20${random.int(28, 31)}-${two(random.int(1, 12))}`,
      random.int(1500, 6000) * 100,
      "everyday card",
    );
    const cards = [good];
    if (random.uniform() < 0.7) {
      const old = position % 2 === 0;
      const expires = old ? `2027-${two(random.int(1, 2))}` : `20${random.int(28, 31)}-${two(random.int(1, 12))}`;
      const second = make(expires, old ? random.int(100, 900) * 100 : random.int(1, 9) * 100, "second card");
      cards.splice(random.int(0, 1), 0, second);
    }
    for (const { name, row } of cards) {
      pen.add(bankCard, row, MADE_AT);
      const { owner, number, expires, check_code } = row;
      pen.add(card, { owner, name, number, expires, check_code }, MADE_AT);
    }
  });
}
