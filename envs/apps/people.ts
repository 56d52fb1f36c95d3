/**
 * Who lives in a world: 40 people in 17 homes, their relations and accounts.
 *
 * Contract: a pure function of the seed. Every principal has friends, colleagues and neighbours; families give parents, siblings
 * and cousins; some pairs carry two ties, some people share a given name, nobody shares a full name.
 * Choices: 4 families of 4 (the elder child is grown up), 3 couples, 4 shared flats of 3, 6 singles; relations are directed, since
 * my mother is not the mother of my mother.
 *
 * @module
 */
import { type KeyedRandom, keyedRandom } from "../../data/keyed_random.ts";
import { dateOfDay, dayNumber } from "./calendar.ts";
import { AREAS, DOMAINS, EMPLOYERS, FAMILIES, MEN, STREETS, TOWN, WOMEN } from "./pools.ts";
import type { Person } from "./world.ts";

/** People and what they are to each other. */
export interface Society {
  readonly people: readonly Person[];
  /** Indices of people with accounts. */
  readonly principals: readonly number[];
  /** Ties of person `from` (index) by person `to`: what `to` is to `from`; in order of being made. */
  ties(from: number): ReadonlyMap<number, readonly string[]>;
}

interface Draft {
  readonly woman: boolean;
  readonly home: number;
  readonly family: string;
  readonly born: readonly [number, number];
  readonly accounts: boolean;
}

const FAMILY_HOMES = 4;
const COUPLE_HOMES = 3;
const FLAT_HOMES = 4;
const SINGLE_HOMES = 6;
const LEAST_FRIENDS = 5;
const MOST_NEIGHBOURS = 4;
const PARENT_BORN = [1962, 1972] as const;
const GROWN_BORN = [1995, 2003] as const;
const CHILD_BORN = [2011, 2017] as const;
const ADULT_BORN = [1975, 2000] as const;

/**
 * People of a world.
 *
 * @param seed seed of the world.
 */
export function generateSociety(seed: number): Society {
  const random = keyedRandom("apps-world", seed, "people");
  const families = random.shuffle(FAMILIES);
  const nextFamily = () => families.pop() ?? "Zell";
  const drafts: Draft[] = [];
  const tieMap = new Map<number, Map<number, string[]>>();
  const tie = (from: number, to: number, kind: string) => {
    const ties = tieMap.get(from) ?? new Map<number, string[]>();
    tieMap.set(from, ties);
    const kinds = ties.get(to) ?? [];
    ties.set(to, kinds);
    if (!kinds.includes(kind)) kinds.push(kind);
  };
  const both = (a: number, b: number, kind: string) => {
    tie(a, b, kind);
    tie(b, a, kind);
  };
  const siblings = (a: number, b: number) => {
    tie(a, b, drafts[b]?.woman ? "sister" : "brother");
    tie(b, a, drafts[a]?.woman ? "sister" : "brother");
  };
  const move = (home: number, woman: boolean, family: string, born: readonly [number, number], accounts = true) =>
    drafts.push({ woman, home, family, born, accounts }) - 1;

  const parents: (readonly [number, number])[] = [];
  const children: (readonly [number, number])[] = [];
  let home = 0;
  for (let i = 0; i < FAMILY_HOMES; i++, home++) {
    const family = nextFamily();
    const mother = move(home, true, family, PARENT_BORN);
    const father = move(home, false, family, PARENT_BORN, i % 2 === 0);
    const grown = move(home, random.uniform() < 0.5, family, GROWN_BORN);
    const child = move(home, random.uniform() < 0.5, family, CHILD_BORN, false);
    both(mother, father, "partner");
    siblings(grown, child);
    for (const offspring of [grown, child]) {
      tie(offspring, mother, "mother");
      tie(offspring, father, "father");
      for (const parent of [mother, father]) tie(parent, offspring, drafts[offspring]?.woman ? "daughter" : "son");
    }
    parents.push([mother, father]);
    children.push([grown, child]);
  }
  // Two pairs of related families: a mother is the sister of the next family's father, their children are cousins.
  for (const [a, b] of [[0, 1], [2, 3]] as const) {
    siblings(parents[a]?.[0] ?? 0, parents[b]?.[1] ?? 0);
    for (const one of children[a] ?? []) for (const other of children[b] ?? []) both(one, other, "cousin");
  }
  for (let i = 0; i < COUPLE_HOMES; i++, home++) {
    both(move(home, true, nextFamily(), ADULT_BORN), move(home, false, nextFamily(), ADULT_BORN, i > 0), "partner");
  }
  const mates: number[] = [];
  for (let i = 0; i < FLAT_HOMES; i++, home++) {
    const flat = [0, 1, 2].map((n) => move(home, random.uniform() < 0.5, nextFamily(), ADULT_BORN, i + n < 5));
    mates.push(...flat);
    flat.forEach((a, n) => flat.slice(n + 1).forEach((b) => both(a, b, "housemate")));
  }
  const singles: number[] = [];
  for (let i = 0; i < SINGLE_HOMES; i++, home++) {
    const brotherOrSister = i < 3 ? mates[i * 3] : undefined;
    const family = brotherOrSister === undefined ? nextFamily() : drafts[brotherOrSister]?.family ?? nextFamily();
    const single = move(home, random.uniform() < 0.5, family, ADULT_BORN, i !== 5);
    if (brotherOrSister !== undefined) siblings(single, brotherOrSister);
    singles.push(single);
  }

  const principals = drafts.flatMap((draft, i) => (draft.accounts ? [i] : []));
  const adults = drafts.flatMap((draft, i) => (draft.born === CHILD_BORN ? [] : [i]));
  befriend(random, principals, adults, both, tieMap);
  employ(random, principals, both, tie);
  for (const a of adults) {
    const street = (drafts[a]?.home ?? 0) % STREETS.length;
    const near = adults.filter((b) =>
      drafts[b]?.home !== drafts[a]?.home && (drafts[b]?.home ?? 0) % STREETS.length === street
    );
    for (const b of random.sample(near, MOST_NEIGHBOURS)) both(a, b, "neighbour");
  }
  return {
    people: nameAll(random, drafts),
    principals,
    ties: (from) => tieMap.get(from) ?? new Map<number, readonly string[]>(),
  };
}

function befriend(
  random: KeyedRandom,
  principals: readonly number[],
  adults: readonly number[],
  both: (a: number, b: number, kind: string) => void,
  tieMap: ReadonlyMap<number, ReadonlyMap<number, readonly string[]>>,
): void {
  const friendsOf = (a: number) => [...(tieMap.get(a) ?? [])].filter(([, kinds]) => kinds.includes("friend")).length;
  for (const a of principals) {
    const strangers = adults.filter((b) => b !== a && !tieMap.get(a)?.has(b));
    const fewest = random.shuffle(strangers).sort((b, c) => friendsOf(b) - friendsOf(c));
    for (const b of fewest.slice(0, Math.max(0, LEAST_FRIENDS - friendsOf(a)))) both(a, b, "friend");
  }
}

function employ(
  random: KeyedRandom,
  principals: readonly number[],
  both: (a: number, b: number, kind: string) => void,
  tie: (from: number, to: number, kind: string) => void,
): void {
  const teams: number[][] = EMPLOYERS.map(() => []);
  random.shuffle(principals).forEach((person, i) => teams[i % teams.length]?.push(person));
  for (const [manager, ...team] of teams) {
    if (manager === undefined) continue;
    for (const person of team) {
      tie(person, manager, "manager");
      tie(manager, person, "colleague");
    }
    team.forEach((a, n) => team.slice(n + 1).forEach((b) => both(a, b, "colleague")));
    // Two ties at once: the classic trap of a list filtered by one of them.
    const [a, b, c] = random.shuffle(team);
    if (a !== undefined && b !== undefined) both(a, b, "friend");
    if (b !== undefined && c !== undefined) both(b, c, "friend");
  }
}

function nameAll(random: KeyedRandom, drafts: readonly Draft[]): readonly Person[] {
  const numbers = random.shuffle(
    AREAS.flatMap((area) => Array.from({ length: 50 }, (_, i) => `${area}-555-01${String(i).padStart(2, "0")}`)),
  );
  const taken = new Set<string>();
  return drafts.map(({ woman, home, family, born, accounts }, i): Person => {
    const pool = woman ? WOMEN : MEN;
    let name = `${random.pick(pool)} ${family}`;
    while (taken.has(name)) name = `${random.pick(pool)} ${family}`;
    taken.add(name);
    const first = dayNumber(`${born[0]}-01-01`);
    return {
      name,
      email: `${name.toLowerCase().replace(" ", ".")}@${random.pick(DOMAINS)}`,
      number: numbers[i] ?? "",
      street: `${STREETS[home % STREETS.length]} ${1 + Math.floor(home / STREETS.length) * 2}`,
      town: TOWN,
      birthday: dateOfDay(random.int(first, dayNumber(`${born[1]}-12-31`))),
      card: accounts ? cardNumber(random) : "",
      cardExpiry: accounts ? `20${random.int(28, 31)}-${String(random.int(1, 12)).padStart(2, "0")}` : "",
      hasAccounts: accounts,
    };
  });
}

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
