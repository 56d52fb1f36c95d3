/**
 * Who lives in a world: people in homes, their relations, jobs, clubs and accounts.
 *
 * Contract: a pure function of (seed, profile). Every principal has friends, colleagues and neighbours; families give parents,
 * siblings and cousins; some pairs carry two ties; in the full profile at least 12 pairs share a given name and 4 pairs share the
 * full name, never the e-mail.
 * Choices: relations are directed, since my mother is not the mother of my mother; families are of 3 or 4, the elder child of four
 * is grown up.
 *
 * @module
 */
import { type KeyedRandom, keyedRandom } from "../../../data/keyed_random.ts";
import { dateOfDay, dayNumber } from "../calendar.ts";
import { AREAS, CLUBS, DOMAINS, EMPLOYERS, FAMILIES, MEN, ROLES, STREETS, TOWN, WOMEN } from "../pools/words.ts";
import type { Person } from "../world.ts";
import type { WorldProfile } from "./profiles.ts";
import type { Job, Society } from "./society.ts";

interface Draft {
  readonly woman: boolean;
  readonly home: number;
  readonly family: string;
  readonly born: readonly [number, number];
  readonly adult: boolean;
}

const LEAST_FRIENDS = 6;
const MOST_NEIGHBOURS = 4;
const PARENT_BORN = [1962, 1972] as const;
const GROWN_BORN = [1995, 2003] as const;
const CHILD_BORN = [2011, 2017] as const;
const ADULT_BORN = [1975, 2000] as const;
/** Pairs of strangers who get the same full name, in the full profile. */
const NAME_TWINS = 4;

/** Draws homes and relations step by step. */
class Census {
  readonly drafts: Draft[] = [];
  readonly homeKinds: ("family" | "couple" | "flat" | "single")[] = [];
  readonly ties = new Map<number, Map<number, string[]>>();
  readonly random: KeyedRandom;
  readonly #families: string[];

  constructor(random: KeyedRandom) {
    this.random = random;
    this.#families = random.shuffle(FAMILIES);
  }

  nextFamily(): string {
    return this.#families.pop() ?? "Zell";
  }

  newHome(kind: "family" | "couple" | "flat" | "single"): number {
    return this.homeKinds.push(kind) - 1;
  }

  /** Adds a person. @returns the index. */
  move(home: number, woman: boolean, family: string, born: readonly [number, number]): number {
    return this.drafts.push({ woman, home, family, born, adult: born !== CHILD_BORN }) - 1;
  }

  coin(): boolean {
    return this.random.uniform() < 0.5;
  }

  woman(index: number): boolean {
    return this.drafts[index]?.woman === true;
  }

  tie(from: number, to: number, kind: string): void {
    if (from === to) return;
    const ties = this.ties.get(from) ?? new Map<number, string[]>();
    this.ties.set(from, ties);
    const kinds = ties.get(to) ?? [];
    ties.set(to, kinds);
    if (!kinds.includes(kind)) kinds.push(kind);
  }

  both(a: number, b: number, kind: string): void {
    this.tie(a, b, kind);
    this.tie(b, a, kind);
  }

  siblings(a: number, b: number): void {
    this.tie(a, b, this.woman(b) ? "sister" : "brother");
    this.tie(b, a, this.woman(a) ? "sister" : "brother");
  }

  tied(from: number, kind: string): number {
    return [...(this.ties.get(from) ?? [])].filter(([, kinds]) => kinds.includes(kind)).length;
  }
}

/**
 * People of a world.
 *
 * @param seed seed of the world.
 * @param profile how many.
 */
export function generateSociety(seed: number, profile: WorldProfile): Society {
  const census = new Census(keyedRandom("apps-world", seed, "people"));
  const { random, drafts } = census;
  settleFamilies(census, profile.homes.families);
  settleOthers(census, profile.homes);
  const adults = drafts.flatMap((draft, i) => (draft.adult ? [i] : []));
  const principals = random.sample(adults, profile.principals).sort((a, b) => a - b);
  const clubs = joinClubs(census, principals);
  befriend(census, principals, adults);
  const jobs = employ(census, principals);
  nearby(census, adults);
  for (const [tie, members] of clubs) {
    members.forEach((a, n) => members.slice(n + 1).forEach((b) => census.both(a, b, tie)));
  }
  const twins = profile.name === "full" ? NAME_TWINS : 0;
  return {
    people: nameAll(census, new Set(principals), twins),
    principals,
    homes: drafts.map(({ home }) => home),
    homeKinds: census.homeKinds,
    jobs,
    clubs,
    ties: (from) => census.ties.get(from) ?? new Map<number, readonly string[]>(),
  };
}

function settleFamilies(census: Census, count: number): void {
  const parents: (readonly [number, number])[] = [];
  const children: number[][] = [];
  for (let i = 0; i < count; i++) {
    const home = census.newHome("family");
    const family = census.nextFamily();
    const mother = census.move(home, true, family, PARENT_BORN);
    const father = census.move(home, false, family, PARENT_BORN);
    const grown = census.move(home, census.coin(), family, GROWN_BORN);
    // Every second family has a child too: 12 families make 42 people.
    const offspring = i % 2 === 0 ? [grown, census.move(home, census.coin(), family, CHILD_BORN)] : [grown];
    census.both(mother, father, "partner");
    const [one, two] = offspring;
    if (one !== undefined && two !== undefined) census.siblings(one, two);
    for (const child of offspring) {
      census.tie(child, mother, "mother");
      census.tie(child, father, "father");
      for (const parent of [mother, father]) census.tie(parent, child, census.woman(child) ? "daughter" : "son");
    }
    parents.push([mother, father]);
    children.push(offspring);
  }
  // Pairs of related families: a mother is the sister of the next family's father, their children are cousins.
  for (let a = 0; a + 1 < count; a += 2) {
    census.siblings(parents[a]?.[0] ?? 0, parents[a + 1]?.[1] ?? 0);
    for (const one of children[a] ?? []) for (const other of children[a + 1] ?? []) census.both(one, other, "cousin");
  }
}

function settleOthers(census: Census, homes: WorldProfile["homes"]): void {
  for (let i = 0; i < homes.couples; i++) {
    const home = census.newHome("couple");
    const [a, b] = [census.nextFamily(), census.nextFamily()];
    census.both(census.move(home, true, a, ADULT_BORN), census.move(home, false, b, ADULT_BORN), "partner");
  }
  const mates: number[] = [];
  for (let i = 0; i < homes.flats; i++) {
    const home = census.newHome("flat");
    // 7 flats of 4, 4, 4, 4, 3, 3, 3 make 25 people.
    const size = i * 7 < homes.flats * 4 ? 4 : 3;
    const flat = Array.from({ length: size }, () => census.move(home, census.coin(), census.nextFamily(), ADULT_BORN));
    mates.push(...flat);
    flat.forEach((a, n) => flat.slice(n + 1).forEach((b) => census.both(a, b, "housemate")));
  }
  for (let i = 0; i < homes.singles; i++) {
    const home = census.newHome("single");
    const relative = i % 3 === 0 ? mates[i] : undefined;
    const family = relative === undefined ? census.nextFamily() : census.drafts[relative]?.family ?? "Zell";
    const single = census.move(home, census.coin(), family, ADULT_BORN);
    if (relative !== undefined) census.siblings(single, relative);
  }
}

function joinClubs(census: Census, principals: readonly number[]): Map<string, readonly number[]> {
  const size = Math.max(3, Math.round(principals.length / 8));
  return new Map(CLUBS.map(({ tie }) => [tie, census.random.sample(principals, size).sort((a, b) => a - b)]));
}

function befriend(census: Census, principals: readonly number[], adults: readonly number[]): void {
  const friends = (a: number) => census.tied(a, "friend");
  for (const [i, a] of principals.entries()) {
    // Every third person has friends without accounts too, whom apps other than the phone do not know.
    const pool = i % 3 === 0 ? adults : principals;
    const strangers = pool.filter((b) => b !== a && !census.ties.get(a)?.has(b));
    const fewest = census.random.shuffle(strangers).sort((b, c) => friends(b) - friends(c));
    for (const b of fewest.slice(0, Math.max(0, LEAST_FRIENDS - friends(a)))) census.both(a, b, "friend");
  }
}

function employ(census: Census, principals: readonly number[]): Map<number, Job> {
  const { random } = census;
  const jobs = new Map<number, Job>();
  const teams: number[][] = EMPLOYERS.slice(0, Math.max(1, Math.round(principals.length / 9))).map(() => []);
  random.shuffle(principals).forEach((person, i) => teams[i % teams.length]?.push(person));
  teams.forEach(([manager, ...team], i) => {
    if (manager === undefined) return;
    const employer = EMPLOYERS[i] ?? "";
    jobs.set(manager, { employer, role: "manager", manager: null });
    for (const person of team) {
      jobs.set(person, { employer, role: random.pick(ROLES), manager });
      census.tie(person, manager, "manager");
      census.tie(manager, person, "colleague");
    }
    team.forEach((a, n) => team.slice(n + 1).forEach((b) => census.both(a, b, "colleague")));
    // Two ties at once: the classic trap of a list filtered by one of them.
    const [a, b, c] = random.shuffle(team);
    if (a !== undefined && b !== undefined) census.both(a, b, "friend");
    if (b !== undefined && c !== undefined) census.both(b, c, "friend");
  });
  return jobs;
}

/** Adults in other homes of the same street are neighbours. */
function nearby(census: Census, adults: readonly number[]): void {
  const streetOf = (index: number) => (census.drafts[index]?.home ?? 0) % STREETS.length;
  for (const a of adults) {
    const near = adults.filter((b) => census.drafts[b]?.home !== census.drafts[a]?.home && streetOf(b) === streetOf(a));
    for (const b of census.random.sample(near, MOST_NEIGHBOURS)) {
      if (census.tied(a, "neighbour") < MOST_NEIGHBOURS) census.both(a, b, "neighbour");
    }
  }
}

function nameAll(census: Census, principals: ReadonlySet<number>, twins: number): readonly Person[] {
  const { random, drafts } = census;
  const numbers = random.shuffle(
    AREAS.flatMap((area) => Array.from({ length: 50 }, (_, i) => `${area}-555-01${String(i).padStart(2, "0")}`)),
  );
  const names: string[] = [];
  drafts.forEach(({ woman, family }) => {
    const pool = woman ? WOMEN : MEN;
    let name = `${random.pick(pool)} ${family}`;
    while (names.includes(name)) name = `${random.pick(pool)} ${family}`;
    names.push(name);
  });
  // Twins in name: somebody without ties to a principal takes the principal's full name.
  const renamed = new Set<number>();
  for (const one of random.shuffle([...principals])) {
    if (renamed.size >= twins * 2) break;
    const other = random.shuffle([...drafts.keys()]).find((index) =>
      index !== one && !renamed.has(index) && !renamed.has(one) && drafts[index]?.adult === true &&
      drafts[index]?.woman === drafts[one]?.woman && drafts[index]?.home !== drafts[one]?.home
    );
    if (other === undefined) continue;
    names[other] = names[one] ?? "";
    renamed.add(one).add(other);
  }
  const addresses = new Set<string>();
  return drafts.map(({ woman, home, born }, i): Person => {
    const name = names[i] ?? "";
    const local = name.toLowerCase().replace(" ", ".");
    let email = `${local}@${random.pick(DOMAINS)}`;
    while (addresses.has(email)) email = `${local}${random.int(2, 9)}@${random.pick(DOMAINS)}`;
    addresses.add(email);
    const first = dayNumber(`${born[0]}-01-01`);
    return {
      name,
      email,
      number: numbers[i] ?? "",
      sex: woman ? "f" : "m",
      street: `${STREETS[home % STREETS.length]} ${1 + Math.floor(home / STREETS.length) * 2}`,
      town: TOWN,
      birthday: dateOfDay(random.int(first, dayNumber(`${born[1]}-12-31`))),
      hasAccounts: principals.has(i),
    };
  });
}
