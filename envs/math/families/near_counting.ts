/**
 * Families of combinatorics next to others: the same words and operations in a shorter, longer or turned chain, so that what they have in
 * common is seen in more than one form.
 *
 * Contract: a family that is in test_ood makes no statement that could come from a train family at any level. What differs stands at
 * each family.
 *
 * @module
 */
import { COLOURS } from "./chance.ts";
import { CLOTHES, ROLES } from "./counting.ts";
import { PEOPLE } from "./_words.ts";
import { list, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

// Next to outfits, which has three kinds and four, and leaves some out where there are more.
const pairOutfits = defineFamily({
  id: "pair-outfits",
  title: "One of two kinds",
  domain: "combinatorics",
  method: "product-rule",
  split: "train",
  // Level: kinds of clothes, most of a kind.
  knobs: [
    { kinds: 2, max: 9 },
    { kinds: 5, max: 9 },
    { kinds: 5, max: 40 },
    { kinds: 6, max: 40 },
    { kinds: 7, max: 90 },
  ],
  draw(random, { kinds, max }) {
    const who = random.pick(PEOPLE.slice(0, 8));
    const items = random.sample(CLOTHES, kinds).map((name) => ({ name, count: random.int(2, max) }));
    const work = new Work();
    const answer = work.product(items.map(({ count }) => count));
    return {
      statement: `${who} has ${list(items.map(({ name, count }) => `${count} ${name}`))}. ${who} takes one of each. ` +
        `How many ways are there?`,
      answer: String(answer),
      steps: work.lines,
      numbers: items.map(({ count }) => count),
    };
  },
});

// Next to club-roles, which always has two roles and only hats.
const roleAndHat = defineFamily({
  id: "role-and-hat",
  title: "One role and one thing",
  domain: "combinatorics",
  method: "product-rule",
  split: "train",
  // Level: roles, kinds of things, largest club, most of a kind.
  knobs: [
    { roles: 1, kinds: 1, people: 10, most: 9 },
    { roles: 1, kinds: 2, people: 15, most: 12 },
    { roles: 2, kinds: 2, people: 40, most: 30 },
    { roles: 3, kinds: 3, people: 90, most: 90 },
    { roles: 4, kinds: 3, people: 90, most: 150 },
  ],
  draw(random, { roles, kinds, people, most }) {
    const n = random.int(roles + 1, people);
    const things = ["hats", ...random.sample(["coats", "shirts", "belts", "rings"], kinds - 1)];
    const counts = things.map(() => random.int(2, most));
    const work = new Work();
    const answer = work.product([...Array.from({ length: roles }, (_, i) => n - i), ...counts]);
    const told = list([`${n} people`, ...things.map((thing, i) => `${counts[i]} ${thing}`)]);
    const asked = list([...random.sample(ROLES, roles), ...things.map((thing) => `a ${thing.slice(0, -1)}`)]);
    return {
      statement: `A club has ${told}. How many ways are there to pick ${asked}?`,
      answer: String(answer),
      steps: work.lines,
      numbers: [n, ...counts],
    };
  },
});

// Next to overlap, which asks for those outside all groups.
const singOrDance = defineFamily({
  id: "sing-or-dance",
  title: "In one of the groups",
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
      const [one, other, both] = [part(), part(), part()];
      const [first, second] = [one + both, other + both];
      return {
        statement: `In a club, ${first} sing, ${second} dance and ${both} do both. How many sing or dance?`,
        answer: String(work.subtract(work.add(first, second), both)),
        steps: work.lines,
        numbers: [first, second, both],
      };
    }
    const [a, b, c, ab, ac, bc, abc] = [part(), part(), part(), part(), part(), part(), part()];
    const sets = [a + ab + ac + abc, b + ab + bc + abc, c + ac + bc + abc] as const;
    const pairs = [ab + abc, ac + abc, bc + abc] as const;
    const any = work.add(work.subtract(work.total(sets), work.total(pairs)), abc);
    return {
      statement: `In a club, ${sets[0]} sing, ${sets[1]} dance and ${sets[2]} cook. ${pairs[0]} sing and dance, ` +
        `${pairs[1]} sing and cook, ${pairs[2]} dance and cook, and ${abc} do all three. How many sing, dance or cook?`,
      answer: String(any),
      steps: work.lines,
      numbers: [...sets, ...pairs, abc],
    };
  },
});

// Next to urn, which asks for one colour or for all but one.
const urnTwoColours = defineFamily({
  id: "urn-two-colours",
  title: "Ball of one colour or another",
  domain: "combinatorics",
  method: "favourable",
  split: "train",
  // Level: colours, most balls of a colour, draws (each ball is put back).
  knobs: [
    { colours: 3, max: 12, draws: 1 },
    { colours: 4, max: 20, draws: 1 },
    { colours: 4, max: 30, draws: 2 },
    { colours: 5, max: 60, draws: 3 },
    { colours: 5, max: 200, draws: 5 },
  ],
  draw(random, { colours, max, draws }) {
    const balls = random.sample(COLOURS, colours).map((name) => ({ name, count: random.int(1, max) }));
    const [one, other] = balls;
    if (one === undefined || other === undefined) return undefined;
    const work = new Work();
    const total = work.total(balls.map(({ count }) => count));
    const wanted = work.add(one.count, other.count);
    const top = work.product(Array.from({ length: draws }, () => wanted));
    const bottom = work.product(Array.from({ length: draws }, () => total));
    const told = `A bag has ${list(balls.map(({ name, count }) => `${count} ${name}`))} balls.`;
    const asked = `${one.name} or ${other.name}`;
    return {
      statement: draws === 1
        ? `${told} One ball is taken. What is the probability that it is ${asked}?`
        : `${told} ${draws} times a ball is taken and put back. What is the probability that each of them is ${asked}?`,
      answer: work.lowest(top, bottom),
      steps: work.lines,
      numbers: balls.map(({ count }) => count),
    };
  },
});

/** Families of combinatorics next to others. */
export const NEAR_COUNTING_FAMILIES: readonly Family[] = [pairOutfits, roleAndHat, singOrDance, urnTwoColours];
