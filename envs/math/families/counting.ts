/**
 * Counting: choices that follow one another (method `product-rule`), choices without order (`choose`), groups that overlap
 * (`overlap`), and people of whom some lie (`propagate`).
 *
 * @module
 */
import { PEOPLE } from "./_words.ts";
import { list, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

/** Clothes, of which one each is taken. */
export const CLOTHES: readonly string[] = ["hats", "coats", "shirts", "scarves", "belts", "shoes", "rings"];

const outfits = defineFamily({
  id: "outfits",
  title: "One of each kind",
  domain: "combinatorics",
  method: "product-rule",
  split: "train",
  // Level: kinds of clothes, most of a kind, how many kinds may be left out.
  knobs: [
    { kinds: 3, max: 6, optional: 0 },
    { kinds: 4, max: 9, optional: 0 },
    { kinds: 5, max: 15, optional: 1 },
    { kinds: 6, max: 40, optional: 2 },
    { kinds: 7, max: 90, optional: 3 },
  ],
  draw(random, { kinds, max, optional }) {
    const who = random.pick(PEOPLE.slice(0, 8));
    const items = random.sample(CLOTHES, kinds).map((name, i) => ({
      name,
      count: random.int(2, max),
      free: i < optional,
    }));
    const work = new Work();
    const choices = items.map(({ count, free }) => (free ? work.add(count, 1) : count));
    const answer = work.product(choices);
    if (optional === 0 && kinds === 3 && answer > 120) return undefined;
    const free = items.filter((item) => item.free).map(({ name }) => name);
    const rule = free.length === 0 ? "takes one of each" : `takes one of each, but may leave out the ${list(free)}`;
    return {
      statement: `${who} has ${
        list(items.map(({ name, count }) => `${count} ${name}`))
      }. ${who} ${rule}. How many ways are there?`,
      answer: String(answer),
      steps: work.lines,
      numbers: items.map(({ count, free: left }) => (left ? `${count}?` : count)),
    };
  },
});

/** Roles in a club. */
export const ROLES: readonly string[] = [
  "a leader",
  "a helper",
  "a cook",
  "a driver",
  "a guide",
  "a guard",
  "a singer",
];

const clubRoles = defineFamily({
  id: "club-roles",
  title: "Different people for different roles",
  domain: "combinatorics",
  method: "product-rule",
  split: "train",
  // Level: roles, largest club, most hats, upper bound of the answer.
  knobs: [
    { roles: 2, people: 10, hats: 9, bound: 300 },
    { roles: 3, people: 15, hats: 12, bound: 1e5 },
    { roles: 4, people: 40, hats: 30, bound: 1e9 },
    { roles: 5, people: 90, hats: 90, bound: 1e13 },
    { roles: 6, people: 150, hats: 400, bound: 9e15 },
  ],
  draw(random, { roles, people, hats, bound }) {
    const n = random.int(roles + 1, people);
    const m = random.int(2, hats);
    const work = new Work();
    const choices = Array.from({ length: roles }, (_, i) => n - i);
    if ([...choices, m].reduce((product, choice) => product * choice, 1) > bound) return undefined;
    const answer = work.product([...choices, m]);
    return {
      statement: `A club has ${n} people and ${m} hats. How many ways are there to pick ` +
        `${list([...random.sample(ROLES, roles), "a hat"])}?`,
      answer: String(answer),
      steps: work.lines,
      numbers: [n, m],
    };
  },
});

const committees = defineFamily({
  id: "committees",
  title: "Groups picked without order",
  domain: "combinatorics",
  method: "choose",
  split: "train",
  // Level: most picked of one group, largest group, groups, upper bound of the answer.
  knobs: [
    { pick: 2, people: 9, groups: 2, bound: 250 },
    { pick: 3, people: 12, groups: 2, bound: 1e5 },
    { pick: 4, people: 20, groups: 3, bound: 1e9 },
    { pick: 5, people: 40, groups: 3, bound: 1e13 },
    { pick: 6, people: 60, groups: 4, bound: 9e15 },
  ],
  draw(random, { pick, people, groups, bound }) {
    const names = ["girls", "boys", "women", "men"].slice(0, groups);
    // Where at most two are picked of a group, one of the groups gives two people and the other one.
    const double = random.int(0, groups - 1);
    const parts = names.map((name, i) => {
      const picked = pick > 2 ? random.int(2, pick) : i === double ? 2 : 1;
      return { name, picked, of: random.int(picked + 1, people) };
    });
    const work = new Work();
    const answer = work.product(parts.map(({ picked, of }) => work.choose(of, picked)));
    if (answer > bound) return undefined;
    const wanted = parts.map(({ name, picked }) => `${picked} ${picked === 1 ? name.slice(0, -1) : name}`);
    const members = list(parts.map(({ name, of }) => `${of} ${name}`));
    return {
      statement:
        `${
          random.pick([`A club has ${members}.`, `There are ${members} in a club.`])
        } How many ways are there to pick ` +
        `${list(wanted)}?`,
      answer: String(answer),
      steps: work.lines,
      numbers: parts.flatMap(({ picked, of }) => [of, picked]),
    };
  },
});

const handshakes = defineFamily({
  id: "handshakes",
  title: "Pairs of people",
  domain: "combinatorics",
  method: "choose",
  split: "train",
  // Level: smallest and largest club, how many meet at a time.
  knobs: [
    { low: 4, people: 60, meet: 2 },
    { low: 40, people: 200, meet: 2 },
    { low: 10, people: 90, meet: 3 },
    { low: 20, people: 150, meet: 4 },
    { low: 40, people: 200, meet: 5 },
  ],
  draw(random, { low, people, meet }) {
    const n = random.int(low, people);
    const work = new Work();
    const answer = work.choose(n, meet);
    const statement = random.pick([
      `A club has ${n} people. How many groups of ${meet} people are there?`,
      `There are ${n} people in a club. How many ways are there to pick ${meet} people?`,
    ]);
    return {
      statement: meet === 2 && random.int(0, 2) === 0
        ? `A club has ${n} people. Each of them shakes hands once with each other one. How many handshakes are there?`
        : statement,
      answer: String(answer),
      steps: work.lines,
      numbers: [n],
    };
  },
});

const latticePaths = defineFamily({
  id: "lattice-paths",
  title: "Shortest ways on a grid",
  domain: "combinatorics",
  method: "choose",
  split: "ood",
  // Level: most steps in a direction, whether a point on the way is given (0 or 1).
  knobs: [
    { steps: 6, through: 0 },
    { steps: 9, through: 0 },
    { steps: 8, through: 1 },
    { steps: 10, through: 1 },
    { steps: 12, through: 1 },
  ],
  draw(random, { steps, through }) {
    const work = new Work();
    const leg = (right: number, up: number) => work.choose(work.add(right, up), Math.min(right, up));
    const [right, up] = [random.int(1, steps), random.int(1, steps)];
    if (through === 0) {
      if (steps === 6 && Math.min(right, up) > 3) return undefined;
      return {
        statement:
          `A robot walks on a grid from (0, 0) to (${right}, ${up}), each time 1 to the right or 1 up. How many ways are there?`,
        answer: String(leg(right, up)),
        steps: work.lines,
        numbers: [right, up],
      };
    }
    const [onward, upward] = [random.int(2, steps), random.int(2, steps)];
    const answer = work.multiply(leg(right, up), leg(onward, upward));
    return {
      statement:
        `A robot walks on a grid from (0, 0) to (${right + onward}, ${
          up + upward
        }), each time 1 to the right or 1 up, and ` +
        `must pass (${right}, ${up}). How many ways are there?`,
      answer: String(answer),
      steps: work.lines,
      numbers: [right, up, right + onward, up + upward],
    };
  },
});

const flagRows = defineFamily({
  id: "flag-rows",
  title: "Arrangements with repeats",
  domain: "combinatorics",
  method: "choose",
  split: "ood",
  // Level: colours, most flags of a colour.
  knobs: [
    { colours: 2, max: 6 },
    { colours: 3, max: 4 },
    { colours: 3, max: 7 },
    { colours: 4, max: 6 },
    { colours: 5, max: 6 },
  ],
  draw(random, { colours, max }) {
    const names = random.sample(["red", "blue", "green", "white", "black"], colours);
    const flags = names.map((name) => ({ name, count: random.int(colours === 2 ? 1 : 2, max) }));
    const sum = flags.reduce((total, { count }) => total + count, 0);
    if (colours === 2 && Math.min(...flags.map(({ count }) => count)) > 3) return undefined;
    const work = new Work();
    work.total(flags.map(({ count }) => count));
    let left = sum;
    const ways = flags.slice(0, -1).map(({ count }) => {
      const found = work.choose(left, Math.min(count, left - count));
      if (left < sum || colours === 2) left -= count;
      else left = work.subtract(left, count);
      return found;
    });
    return {
      statement: `${
        list(flags.map(({ name, count }) => `${count} ${name}`))
      } flags hang in a row. Flags of one colour look the same. ` +
        `How many different rows are there?`,
      answer: String(work.product(ways)),
      steps: work.lines,
      numbers: flags.map(({ count }) =>
        count
      ),
    };
  },
});

const overlap = defineFamily({
  id: "overlap",
  title: "Groups that overlap",
  domain: "combinatorics",
  method: "overlap",
  split: "train",
  // Level: groups, largest part of the diagram.
  knobs: [
    { groups: 2, max: 9 },
    { groups: 2, max: 60 },
    { groups: 3, max: 60 },
    { groups: 3, max: 2000 },
    { groups: 3, max: 900000 },
  ],
  draw(random, { groups, max }) {
    const work = new Work();
    const part = () => random.int(1, max);
    if (groups === 2) {
      const [one, other, both, none] = [part(), part(), part(), part()];
      const [first, second, all] = [one + both, other + both, one + other + both + none];
      const any = work.subtract(work.add(first, second), both);
      return {
        statement:
          `In a club of ${all} people, ${first} sing, ${second} dance and ${both} do both. How many do neither?`,
        answer: String(work.subtract(all, any)),
        steps: work.lines,
        numbers: [all, first, second, both],
      };
    }
    const [a, b, c, ab, ac, bc, abc, none] = [part(), part(), part(), part(), part(), part(), part(), part()];
    const sets = [a + ab + ac + abc, b + ab + bc + abc, c + ac + bc + abc] as const;
    const pairs = [ab + abc, ac + abc, bc + abc] as const;
    const all = a + b + c + ab + ac + bc + abc + none;
    const any = work.add(work.subtract(work.total(sets), work.total(pairs)), abc);
    return {
      statement:
        `In a club of ${all} people, ${sets[0]} sing, ${sets[1]} dance and ${sets[2]} cook. ${
          pairs[0]
        } sing and dance, ` +
        `${pairs[1]} sing and cook, ${pairs[2]} dance and cook, and ${abc} do all three. How many do none of it?`,
      answer: String(work.subtract(all, any)),
      steps: work.lines,
      numbers: [all, ...sets, ...pairs, abc],
    };
  },
});

const truthChain = defineFamily({
  id: "truth-chain",
  title: "Who lies",
  domain: "combinatorics",
  method: "propagate",
  split: "train",
  // Level: fewest and most people, whether sentences are shuffled and anyone may speak of the next (0 or 1).
  knobs: [
    { low: 3, people: 5, shuffled: 0 },
    { low: 6, people: 7, shuffled: 0 },
    { low: 7, people: 8, shuffled: 1 },
    { low: 9, people: 10, shuffled: 1 },
    { low: 12, people: 12, shuffled: 1 },
  ],
  draw(random, { low, people, shuffled }) {
    const count = random.int(low, people);
    const names = random.sample(PEOPLE, count);
    const kinds = names.map(() => random.int(0, 1) === 1);
    const [first = "Ana"] = names;
    const sentences = names.slice(1).map((name, i) => {
      const speaker = shuffled === 1 ? random.int(0, i) : i;
      const claim = kinds[speaker] === kinds[i + 1];
      return { text: `${names[speaker]} says ${name} ${claim ? "tells the truth" : "lies"}.`, speaker, claim };
    });
    let liars = 0;
    const steps = names.map((name, i) => {
      if (kinds[i] !== true) liars++;
      return `${name}: ${kinds[i] === true ? "truth" : "lie"}, ${liars}`;
    });
    const told = sentences.map(({ text }) => text);
    return {
      statement: `${first} ${kinds[0] === true ? "tells the truth" : "lies"}. ` +
        `${(shuffled === 1 ? random.shuffle(told) : told).join(" ")} How many of them lie?`,
      answer: String(liars),
      steps,
      numbers: [kinds[0] === true ? 1 : 0, ...sentences.map(({ speaker, claim }) => `${speaker}${claim ? "t" : "l"}`)],
    };
  },
});

/** Families of counting. */
export const COUNTING_FAMILIES: readonly Family[] = [
  outfits,
  clubRoles,
  committees,
  overlap,
  truthChain,
  handshakes,
  latticePaths,
  flagRows,
];
