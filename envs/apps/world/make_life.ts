/**
 * Draws the life of a society; see life.ts for what it is.
 *
 * Choices: people go out with those they have ties to; about two thirds of what is owed has been paid back; homes share costs where
 * at least two of their people have accounts.
 *
 * @module
 */
import { type KeyedRandom, keyedRandom } from "../../../data/keyed_random.ts";
import { addDays, dateOfDay, dateTime, dayNumber } from "../calendar.ts";
import {
  CARD_THINGS,
  CARD_VERBS,
  CLUB_PROJECTS,
  HOME_PROJECTS,
  LOAN_REASONS,
  OCCASIONS,
  OFFICE_PROJECTS,
  RESTAURANTS,
  SHOPS,
  STAGES,
  TRIPS,
} from "../pools/life.ts";
import { CLUBS } from "../pools/words.ts";
import { WORLD_NOW } from "./context.ts";
import type { Club, HomeMonth, Life, Loan, Outing, Project, ProjectCard, Repayment } from "./life.ts";
import type { WorldProfile } from "./profiles.ts";
import type { Society } from "./society.ts";

const OUTINGS_PER_PERSON = 8;
const LOANS_PER_PERSON = 4;
const OFFICE_PROJECTS_PER_TEAM = 3;
const TODAY = dayNumber(WORLD_NOW);
const LANES = ["Ideas", "To do", "Doing", "Review", "Done"] as const;

/** Life of a society. */
export function generateLife(seed: number, profile: WorldProfile, society: Society): Life {
  const random = (purpose: string) => keyedRandom("apps-world", seed, "life", purpose);
  const clubs = drawClubs(random("clubs"), profile, society);
  return {
    outings: drawOutings(random("outings"), profile, society),
    loans: drawLoans(random("loans"), profile, society),
    homes: drawHomes(random("homes"), profile, society),
    projects: drawProjects(random("projects"), profile, society, clubs),
    clubs,
  };
}

function momentBefore(random: KeyedRandom, least: number, most: number, from = 8, to = 22): string {
  return dateTime(TODAY - random.int(least, Math.max(least, most)), random.int(from * 60, to * 60) * 60);
}

/** A moment some days after another; undefined if that is not over yet. */
function after(random: KeyedRandom, at: string, least: number, most: number): string | null {
  const later = dateTime(dayNumber(at) + random.int(least, most), random.int(8 * 60, 22 * 60) * 60);
  return later < WORLD_NOW ? later : null;
}

/** Cents that look like a bill. */
function billCents(random: KeyedRandom, low: number, high: number): number {
  return random.int(low, high) * 100 + random.pick([0, 20, 40, 50, 80, 90]);
}

/** Principals whom somebody has ties to. */
function company(society: Society, index: number): number[] {
  const withAccounts = new Set(society.principals);
  return [...society.ties(index).keys()].filter((other) => withAccounts.has(other));
}

function drawOutings(random: KeyedRandom, profile: WorldProfile, society: Society): Outing[] {
  const drafts: Omit<Outing, "id">[] = [];
  for (const host of society.principals) {
    const others = company(society, host);
    if (others.length < 2) continue;
    for (let i = 0; i < Math.max(2, Math.round(OUTINGS_PER_PERSON * profile.activity)); i++) {
      drafts.push(drawOuting(random, profile, host, random.sample(others, random.int(1, Math.min(4, others.length)))));
    }
  }
  drafts.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return drafts.map((draft, id) => ({ ...draft, id }));
}

function drawOuting(
  random: KeyedRandom,
  profile: WorldProfile,
  host: number,
  others: readonly number[],
): Omit<Outing, "id"> {
  const kind = random.pick(["dinner", "dinner", "dinner", "trip", "concert", "groceries", "gift"] as const);
  const people = [host, ...others].sort((a, b) => a - b);
  const payer = random.pick(people);
  const { place, title, low, high } = describeOuting(random, kind);
  const at = momentBefore(random, 2, profile.historyDays - 5, 17, 22);
  const totalCents = billCents(random, low * people.length, high * people.length);
  // An equal split in cents; the remainder stays with the payer.
  const part = Math.floor(totalCents / people.length);
  const shares = new Map(people.map((person) => [person, part]));
  shares.set(payer, totalCents - part * (people.length - 1));
  const repayments = people.filter((person) => person !== payer).map((from): Repayment => ({
    from,
    cents: shares.get(from) ?? 0,
    at: random.uniform() < 0.65 ? after(random, at, 1, 9) : null,
  }));
  const how = random.uniform() < 0.55 ? "bill" : "wallet";
  return { kind, title, place, at, people, payer, totalCents, shares, repayments, how };
}

function describeOuting(random: KeyedRandom, kind: Outing["kind"]) {
  switch (kind) {
    case "dinner": {
      const place = random.pick(RESTAURANTS);
      return { place, title: `Dinner at ${place}`, low: 14, high: 38 };
    }
    case "trip": {
      const place = random.pick(TRIPS);
      return { place, title: `Trip to ${place}`, low: 40, high: 140 };
    }
    case "concert": {
      const place = random.pick(STAGES);
      return { place, title: `Concert at ${place}`, low: 18, high: 45 };
    }
    case "groceries": {
      const place = random.pick(SHOPS);
      return { place, title: `Groceries from ${place}`, low: 8, high: 20 };
    }
    case "gift": {
      return { place: "home", title: random.pick(OCCASIONS).replace(/^a /, "Share of a "), low: 8, high: 25 };
    }
  }
}

function drawLoans(random: KeyedRandom, profile: WorldProfile, society: Society): Loan[] {
  const loans: Loan[] = [];
  for (const lender of society.principals) {
    const others = company(society, lender);
    if (others.length === 0) continue;
    for (let i = 0; i < Math.max(1, Math.round(LOANS_PER_PERSON * profile.activity)); i++) {
      const at = momentBefore(random, 3, profile.historyDays - 5);
      const endedAt = random.uniform() < 0.6 ? after(random, at, 4, 30) : null;
      const state = endedAt === null ? "open" : random.uniform() < 0.85 ? "repaid" : "refused";
      const remindedAt = random.uniform() < 0.35 ? after(random, at, 1, 3) : null;
      loans.push({
        lender,
        borrower: random.pick(others),
        cents: billCents(random, 5, 80),
        reason: random.pick(LOAN_REASONS),
        at,
        remindedAt,
        state,
        endedAt,
      });
    }
  }
  return loans.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** Months from the first whole one of the history to the last before "now". */
function pastMonths(profile: WorldProfile): string[] {
  const first = addDays(WORLD_NOW, -profile.historyDays + 31).slice(0, 7);
  const months: string[] = [];
  for (let month = first; month <= WORLD_NOW.slice(0, 7);) {
    months.push(month);
    month = addDays(`${month}-28`, 5).slice(0, 7);
  }
  return months;
}

function drawHomes(random: KeyedRandom, profile: WorldProfile, society: Society): HomeMonth[] {
  const byHome = new Map<number, number[]>();
  for (const index of society.principals) {
    const home = society.homes[index] ?? 0;
    byHome.set(home, [...(byHome.get(home) ?? []), index]);
  }
  const months: HomeMonth[] = [];
  for (const [home, people] of byHome) {
    if (people.length < 2) continue;
    const rent = random.int(30, 60) * 1000;
    const internet = random.pick([2490, 2990, 3490]);
    const payers = { rent: random.pick(people), power: random.pick(people), internet: random.pick(people) };
    for (const month of pastMonths(profile)) {
      const item = (name: "rent" | "power" | "internet", cents: number, day: number) => {
        const at = `${month}-${String(day).padStart(2, "0")}T09:${String(random.int(10, 59))}:00`;
        const settledBy = people.filter((person) => person !== payers[name] && random.uniform() < 0.75);
        return { name, cents, payer: payers[name], at, settledBy };
      };
      const items = [
        item("rent", rent, 1),
        item("power", billCents(random, 28, 95), 5),
        item("internet", internet, 8),
      ].filter(({ at }) => at < WORLD_NOW);
      months.push({ home, people, month, items });
    }
  }
  return months;
}

function drawClubs(random: KeyedRandom, profile: WorldProfile, society: Society): Club[] {
  return CLUBS.map(({ tie, name, topics }) => {
    const weekday = random.int(0, 4);
    const meetings = [];
    for (let days = profile.historyDays - random.int(0, 13); days > 0; days -= 14) {
      const day = TODAY - days + weekday;
      if (day >= TODAY) break;
      meetings.push({ at: dateTime(day, 19 * 3600), place: random.pick(RESTAURANTS), topic: random.pick(topics) });
    }
    return { name, tie, people: society.clubs.get(tie) ?? [], meetings };
  });
}

function drawCard(random: KeyedRandom, people: readonly number[], startedDay: number, title: string): ProjectCard {
  const lane = random.pick([...LANES, "To do", "Doing", "Done", "Done"] as const);
  const madeDay = Math.min(startedDay + random.int(0, 60), TODAY - 3);
  const madeAt = dateTime(madeDay, random.int(8 * 60, 18 * 60) * 60);
  const doneDay = Math.min(madeDay + random.int(1, 40), TODAY - 1);
  const dueOn = random.uniform() < 0.75 ? dateOfDay(madeDay + random.int(5, 80)) : null;
  return {
    title,
    lane,
    assignee: lane === "Ideas" || random.uniform() < 0.1 ? null : random.pick(people),
    dueOn,
    weight: random.pick([1, 1, 2, 3, 5, 8]),
    madeAt,
    doneAt: lane === "Done" ? dateTime(doneDay, random.int(8 * 60, 18 * 60) * 60) : null,
  };
}

function drawProjects(
  random: KeyedRandom,
  profile: WorldProfile,
  society: Society,
  clubs: readonly Club[],
): Project[] {
  const projects: Omit<Project, "id">[] = [];
  const names = random.shuffle(OFFICE_PROJECTS);
  const start = (kind: Project["kind"], name: string, people: readonly number[], lead: number) => {
    const startedDay = TODAY -
      random.int(Math.min(40, profile.historyDays - 5), Math.min(200, profile.historyDays - 1));
    const titles = random.shuffle(CARD_VERBS.flatMap((verb) => CARD_THINGS.map((thing) => `${verb} ${thing}`)));
    const count = Math.max(8, Math.round(random.int(20, 60) * profile.activity));
    const cards = titles.slice(0, count).map((title) => drawCard(random, people, startedDay, title))
      .sort((a, b) => (a.madeAt < b.madeAt ? -1 : a.madeAt > b.madeAt ? 1 : 0));
    projects.push({ kind, name, people, lead, startedAt: dateTime(startedDay, 9 * 3600), cards });
  };
  const teams = new Map<string, number[]>();
  for (const [index, { employer }] of society.jobs) teams.set(employer, [...(teams.get(employer) ?? []), index]);
  for (const team of teams.values()) {
    const managers = team.filter((index) => society.jobs.get(index)?.manager === null);
    for (let i = 0; i < OFFICE_PROJECTS_PER_TEAM; i++) {
      const staff = random.sample(team.filter((index) => !managers.includes(index)), Math.max(2, team.length - 3));
      start("office", names.pop() ?? "Office Work", [...managers, ...staff].sort((a, b) => a - b), managers[0] ?? 0);
    }
  }
  const homes = new Map<number, number[]>();
  for (const index of society.principals) {
    const home = society.homes[index] ?? 0;
    homes.set(home, [...(homes.get(home) ?? []), index]);
  }
  for (const people of homes.values()) {
    if (people.length >= 2) start("home", random.pick(HOME_PROJECTS), people, people[0] ?? 0);
  }
  for (const { tie, people } of clubs) {
    if (people.length >= 2) start("club", CLUB_PROJECTS[tie] ?? tie, people, people[0] ?? 0);
  }
  projects.sort((a, b) => (a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0));
  return projects.map((project, id) => ({ ...project, id }));
}
