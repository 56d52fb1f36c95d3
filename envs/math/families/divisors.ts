/**
 * Common divisors (methods `euclid`, `lowest-terms`) and prime factors (`factorise`).
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import { pair, THINGS } from "./_words.ts";
import { gcd, list, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

// Level: largest common divisor, largest cofactor, how many numbers.
const COMMON = [
  { divisor: 12, cofactor: 8, count: 2 },
  { divisor: 30, cofactor: 15, count: 2 },
  { divisor: 90, cofactor: 90, count: 2 },
  { divisor: 300, cofactor: 900, count: 3 },
  { divisor: 900, cofactor: 90000, count: 4 },
];

/** Numbers with a common divisor above 1, the larger first; undefined where they have only 1 in common or divide each other. */
function drawCommon(
  random: KeyedRandom,
  { divisor, cofactor, count }: { readonly divisor: number; readonly cofactor: number; readonly count: number },
): readonly number[] | undefined {
  const common = random.int(2, divisor);
  const numbers = Array.from({ length: count }, () => common * random.int(2, cofactor)).sort((a, b) => b - a);
  const [first = 0, second = 0] = numbers;
  if (first % second === 0 || numbers.some((n, i) => n === numbers[i + 1])) return undefined;
  return numbers;
}

function euclidOf(numbers: readonly number[]) {
  const work = new Work();
  const answer = numbers.slice(1).reduce((common, n) => work.euclid(common, n), numbers[0] ?? 0);
  return { answer: String(answer), steps: work.lines, numbers };
}

const greatestDivisor = defineFamily({
  id: "gcd",
  title: "Greatest common divisor",
  domain: "number theory",
  method: "euclid",
  split: "train",
  knobs: COMMON,
  draw(random, knobs) {
    const numbers = drawCommon(random, knobs);
    if (numbers === undefined) return undefined;
    const told = list(numbers);
    const statement = random.pick([
      `What is the greatest common divisor of ${told}?`,
      `What is the greatest number that divides ${told}?`,
      `Find the greatest common divisor of ${told}.`,
    ]);
    return { statement, ...euclidOf(numbers) };
  },
});

const equalPieces = defineFamily({
  id: "equal-pieces",
  title: "Ropes cut into equal pieces",
  domain: "number theory",
  method: "euclid",
  split: "train",
  knobs: COMMON,
  draw(random, knobs) {
    const numbers = drawCommon(random, knobs);
    if (numbers === undefined) return undefined;
    const thing = random.pick(["ropes", "boards", "bands"]);
    return {
      statement:
        `${numbers.length === 2 ? "Two" : numbers.length === 3 ? "Three" : "Four"} ${thing} are ${
          list(numbers)
        } cm long. ` +
        `They are cut into equal pieces with nothing left over. What is the greatest length of a piece?`,
      ...euclidOf(numbers),
    };
  },
});

const equalBags = defineFamily({
  id: "equal-bags",
  title: "Things packed into equal bags",
  domain: "number theory",
  method: "euclid",
  split: "ood",
  near: true,
  knobs: COMMON,
  draw(random, knobs) {
    const numbers = drawCommon(random, knobs);
    if (numbers === undefined) return undefined;
    const [who] = pair(random);
    const things = random.sample(THINGS, numbers.length);
    return {
      statement: `${who} has ${
        list(numbers.map((n, i) => `${n} ${things[i]}`))
      }. They are put into equal bags with nothing left ` +
        `over. What is the greatest number of bags?`,
      ...euclidOf(numbers),
    };
  },
});

const leastMultiple = defineFamily({
  id: "lcm",
  title: "Least common multiple",
  domain: "number theory",
  method: "euclid",
  split: "ood",
  // Level: see the common divisors; the numbers are a little smaller, since multiples grow.
  knobs: [
    { divisor: 6, cofactor: 6, count: 2 },
    { divisor: 12, cofactor: 12, count: 2 },
    { divisor: 40, cofactor: 40, count: 2 },
    { divisor: 40, cofactor: 90, count: 3 },
    { divisor: 90, cofactor: 200, count: 4 },
  ],
  draw(random, knobs) {
    const numbers = drawCommon(random, knobs);
    if (numbers === undefined) return undefined;
    const work = new Work();
    const answer = numbers.slice(1).reduce((multiple, n) => {
      const common = work.euclid(multiple, n);
      return work.multiply(work.divide(multiple, common), n);
    }, numbers[0] ?? 0);
    return {
      statement: random.pick([
        `What is the least common multiple of ${list(numbers)}?`,
        `What is the smallest number that ${list(numbers)} divide?`,
      ]),
      answer: String(answer),
      steps: work.lines,
      numbers,
    };
  },
});

const lowestTerms = defineFamily({
  id: "lowest-terms",
  title: "Fraction in lowest terms",
  domain: "number theory",
  method: "lowest-terms",
  split: "train",
  // Level: largest common divisor, largest cofactor, factors (1: one fraction; more: a product of fractions).
  knobs: [
    { divisor: 9, cofactor: 9, factors: 1 },
    { divisor: 30, cofactor: 20, factors: 1 },
    { divisor: 12, cofactor: 20, factors: 2 },
    { divisor: 20, cofactor: 40, factors: 3 },
    { divisor: 12, cofactor: 60, factors: 4 },
  ],
  draw(random, { divisor, cofactor, factors }) {
    const fractions = Array.from({ length: factors }, () => {
      const common = random.int(2, divisor);
      return [common * random.int(1, cofactor), common * random.int(2, cofactor)] as const;
    });
    if (fractions.some(([n, d]) => n >= d)) return undefined;
    const work = new Work();
    const top = work.product(fractions.map(([n]) => n));
    const bottom = work.product(fractions.map(([, d]) => d));
    const answer = work.lowest(top, bottom);
    const text = fractions.map(([n, d]) => `${n}/${d}`).join(" * ");
    return {
      statement: random.pick([`Write ${text} in lowest terms.`, `What is ${text} in lowest terms?`]),
      answer,
      steps: work.lines,
      numbers: fractions.flat(),
    };
  },
});

const fractionSum = defineFamily({
  id: "fraction-sum",
  title: "Sum of fractions",
  domain: "number theory",
  method: "lowest-terms",
  split: "ood",
  // Level: largest denominator, how many fractions.
  knobs: [
    { denominator: 9, count: 2 },
    { denominator: 20, count: 2 },
    { denominator: 30, count: 3 },
    { denominator: 60, count: 4 },
    { denominator: 90, count: 6 },
  ],
  draw(random, { denominator, count }) {
    const fractions = Array.from({ length: count }, () => {
      const d = random.int(2, denominator);
      return [random.int(1, d - 1), d] as const;
    });
    if (fractions.some(([n, d]) => gcd(n, d) > 1) || new Set(fractions.map(([, d]) => d)).size < count) {
      return undefined;
    }
    const work = new Work();
    let [top, bottom] = fractions[0] ?? [0, 1];
    for (const [n, d] of fractions.slice(1)) {
      const [left, right, below] = [work.multiply(top, d), work.multiply(n, bottom), work.multiply(bottom, d)];
      const sum = work.add(left, right);
      const divisor = gcd(sum, below);
      work.lowest(sum, below);
      [top, bottom] = [sum / divisor, below / divisor];
    }
    return {
      statement: `What is ${fractions.map(([n, d]) => `${n}/${d}`).join(" + ")} in lowest terms?`,
      answer: bottom === 1 ? String(top) : `${top}/${bottom}`,
      steps: work.lines,
      numbers: fractions.flat(),
    };
  },
});

const divisorCount = defineFamily({
  id: "divisor-count",
  title: "Number of divisors",
  domain: "number theory",
  method: "factorise",
  split: "train",
  // Level: largest number, smallest number, largest prime factor.
  knobs: [
    { max: 200, min: 4, prime: 13 },
    { max: 900, min: 100, prime: 13 },
    { max: 20000, min: 900, prime: 23 },
    { max: 1000000, min: 20000, prime: 43 },
    { max: 900000000, min: 1000000, prime: 97 },
  ],
  draw(random, { max, min, prime }) {
    const primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97]
      .filter((p) => p <= prime);
    const factors: number[] = [];
    let n = 1;
    while (n < min || random.int(0, 2) > 0) {
      const p = random.pick(primes);
      if (n * p > max) break;
      factors.push(p);
      n *= p;
    }
    if (n < min || factors.length < 2 || (max === 200 && factors.length > 4)) return undefined;
    factors.sort((a, b) => a - b);
    const work = new Work();
    factors.reduce((rest, p) => work.divide(rest, p), n);
    work.join(factors.length);
    const counts = new Map<number, number>();
    for (const p of factors) counts.set(p, (counts.get(p) ?? 0) + 1);
    work.note(`${n} = ${[...counts].map(([p, count]) => `${p}^${count}`).join(" * ")}`);
    const raised = [...counts.values()].map((count) => work.add(count, 1));
    work.join(raised.length);
    const answer = work.product(raised);
    return {
      statement: random.pick([
        `How many divisors does ${n} have?`,
        `What is the number of divisors of ${n}?`,
        `How many positive whole numbers divide ${n}?`,
      ]),
      answer: String(answer),
      steps: work.lines,
      numbers: [n],
    };
  },
});

/** Families of divisors and fractions. */
export const DIVISOR_FAMILIES: readonly Family[] = [
  greatestDivisor,
  equalPieces,
  lowestTerms,
  divisorCount,
  equalBags,
  leastMultiple,
  fractionSum,
];
