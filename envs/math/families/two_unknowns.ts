/**
 * Two unknowns and two conditions (method `elimination`).
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import { nonZero, pair, PEOPLE, THINGS } from "./_words.ts";
import { Work } from "./_work.ts";
import { defineFamily, type Family, type Generated } from "./family.ts";

/** Solution of two linear equations by elimination, any coefficients, integer solution. */
function eliminate(random: KeyedRandom, max: number): Generated | undefined {
  const [a, b, d, e] = [nonZero(random, max), nonZero(random, max), nonZero(random, max), nonZero(random, max)];
  const [x, y] = [nonZero(random, max), nonZero(random, max)];
  const [c, f] = [a * x + b * y, d * x + e * y];
  if (a * e === b * d || [a, b, d, e].some((n) => Math.abs(n) === 1)) return undefined;
  const work = new Work();
  const factor = work.subtract(work.multiply(a, e), work.multiply(d, b));
  const right = work.subtract(work.multiply(c, e), work.multiply(f, b));
  work.divide(right, factor);
  const rest = work.subtract(c, work.multiply(a, x));
  work.divide(rest, b);
  const row = (p: number, q: number, r: number) => `${p}x ${q < 0 ? "-" : "+"} ${Math.abs(q)}y = ${r}`;
  return {
    statement: `Solve ${row(a, b, c)} and ${row(d, e, f)}. Give the pair (x, y).`,
    answer: `(${x}, ${y})`,
    steps: work.lines,
    numbers: [a, b, c, d, e, f],
  };
}

// Level: form (1: sum and difference; 2: any two equations), largest number.
const TWO_UNKNOWNS = [
  { form: 1, max: 20 },
  { form: 1, max: 150 },
  { form: 2, max: 9 },
  { form: 2, max: 40 },
  { form: 2, max: 900 },
];

/** Larger and smaller number of a given sum and difference, and the lines that find one of them. */
function sumAndDifference(random: KeyedRandom, max: number) {
  const smaller = random.int(1, max - 1);
  const larger = random.int(smaller + 1, max);
  const [sum, difference] = [larger + smaller, larger - smaller];
  const wantsLarger = random.int(0, 1) === 1;
  const work = new Work();
  const answer = work.divide(wantsLarger ? work.add(sum, difference) : work.subtract(sum, difference), 2);
  return { sum, difference, wantsLarger, answer: String(answer), steps: work.lines };
}

const sumDifference = defineFamily({
  id: "sum-difference",
  title: "Two unknowns",
  domain: "algebra",
  method: "elimination",
  split: "train",
  knobs: TWO_UNKNOWNS,
  draw(random, { form, max }) {
    if (form === 2) return eliminate(random, max);
    const { sum, difference, wantsLarger, answer, steps } = sumAndDifference(random, max);
    const which = wantsLarger ? "larger" : "smaller";
    const statement = random.pick([
      `Two numbers have the sum ${sum} and the difference ${difference}. What is the ${which} number?`,
      `Together two numbers are ${sum}. One is ${difference} more than the other. What is the ${which} number?`,
    ]);
    return { statement, answer, steps, numbers: [sum, difference, which] };
  },
});

const sharedThings = defineFamily({
  id: "shared-things",
  title: "Two people's things",
  domain: "algebra",
  method: "elimination",
  split: "ood",
  near: true,
  // Level: form (1: sum and difference; 2: two kinds of things at known prices), largest number.
  knobs: TWO_UNKNOWNS.map(({ max }, i) => ({ form: i < 2 ? 1 : 2, max: i < 2 ? max : 5 * max })),
  draw(random, { form, max }) {
    if (form === 1) {
      const [more, less] = pair(random);
      const things = random.pick(THINGS);
      const { sum, difference, wantsLarger, answer, steps } = sumAndDifference(random, max);
      return {
        statement: `Together ${less} and ${more} have ${sum} ${things}. ${more} has ${difference} more than ${less}. ` +
          `How many ${things} does ${wantsLarger ? more : less} have?`,
        answer,
        steps,
        numbers: [sum, difference, wantsLarger ? "larger" : "smaller"],
      };
    }
    const who = random.pick(PEOPLE.slice(0, 8));
    const [first = "pens", second = "books"] = random.sample(THINGS.filter((thing) => thing !== "coins"), 2);
    const [low, extra, x, y] = [random.int(2, max), random.int(1, max), random.int(2, max), random.int(2, max)];
    const high = low + extra;
    const [count, cost] = [x + y, x * low + y * high];
    const work = new Work();
    const rest = work.subtract(cost, work.multiply(count, low));
    const found = work.divide(rest, work.subtract(high, low));
    return {
      statement:
        `${who} buys ${first} that cost ${low} coins each and ${second} that cost ${high} coins each. Together ` +
        `${who} buys ${count} things and they cost ${cost} coins. How many ${second} does ${who} buy?`,
      answer: String(found),
      steps: work.lines,
      numbers: [low, high, count, cost],
    };
  },
});

/** Families of two unknowns. */
export const TWO_UNKNOWNS_FAMILIES: readonly Family[] = [sumDifference, sharedThings];
