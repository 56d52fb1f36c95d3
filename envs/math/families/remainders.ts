/**
 * Remainders: clocks, sums and products (method `reduce-modulo`) and powers (`power-modulo`).
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import { CONTAINERS, story } from "./_words.ts";
import { Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

const clock = defineFamily({
  id: "clock",
  title: "Clock",
  domain: "number theory",
  method: "reduce-modulo",
  split: "train",
  // Level: most hours on the clock, longest time, moves, whether hours 12 and 24 are the only clocks (0 or 1).
  knobs: [
    { hours: 24, time: 40, moves: 1, usual: 1 },
    { hours: 30, time: 150, moves: 1, usual: 0 },
    { hours: 90, time: 2000, moves: 3, usual: 0 },
    { hours: 500, time: 90000, moves: 5, usual: 0 },
    { hours: 9000, time: 9000000, moves: 9, usual: 0 },
  ],
  draw(random, { hours, time, moves, usual }) {
    const size = usual === 1 ? random.pick([12, 24]) : random.int(5, hours);
    const shown = random.int(1, size - 1);
    const steps = Array.from({ length: moves }, () => random.int(5, time));
    const work = new Work();
    const sum = work.total([shown, ...steps]);
    const answer = work.modulo(sum, size);
    // Whether the last hour is called 0 or by the size differs between clocks; not asked.
    if (answer === 0 || sum < size) return undefined;
    const later = steps.map((step) => `${step} hours`).join(" and then ");
    return {
      statement: random.pick([
        `A clock with ${size} hours shows ${shown}. What does it show ${later} later?`,
        `It is hour ${shown} on a clock with ${size} hours. Which hour is it ${later} later?`,
      ]),
      answer: String(answer),
      steps: work.lines,
      numbers: [size, shown, ...steps],
    };
  },
});

/** Product of factors modulo m: each is reduced first where it is not below m. */
function productModulo(work: Work, factors: readonly number[], m: number): number {
  const reduced = factors.map((factor) => (factor < m ? factor : work.modulo(factor, m)));
  return reduced.slice(1).reduce((product, factor) => {
    const next = work.multiply(product, factor);
    return next < m ? next : work.modulo(next, m);
  }, reduced[0] ?? 1);
}

const modularArithmetic = defineFamily({
  id: "modular-arithmetic",
  title: "Remainder of a product and sum",
  domain: "number theory",
  method: "reduce-modulo",
  split: "train",
  // Level: factors, largest factor, largest modulus.
  knobs: [
    { factors: 2, max: 9, modulus: 9 },
    { factors: 2, max: 60, modulus: 15 },
    { factors: 3, max: 900, modulus: 90 },
    { factors: 4, max: 20000, modulus: 900 },
    { factors: 7, max: 900000, modulus: 20000 },
  ],
  draw(random, { factors: count, max, modulus }) {
    const m = random.int(3, modulus);
    const factors = Array.from({ length: count }, () => random.int(2, max));
    const plus = random.int(1, max);
    const work = new Work();
    // Small factors are multiplied first: one remainder at the end is shorter.
    const product = max < 10 ? work.product(factors) : productModulo(work, factors, m);
    const answer = work.modulo(work.add(product, plus), m);
    const text = `${factors.join(" * ")} + ${plus}`;
    return {
      statement: random.pick([
        `What is the remainder when ${text} is divided by ${m}?`,
        `What is ${text} modulo ${m}?`,
      ]),
      answer: String(answer),
      steps: work.lines,
      numbers: [...factors, plus, m],
    };
  },
});

const leftovers = defineFamily({
  id: "leftovers",
  title: "Things left over",
  domain: "number theory",
  method: "reduce-modulo",
  split: "ood",
  near: true,
  // Level: most things in a group and most groups, largest number of loose things, largest group at the end.
  knobs: [
    { max: 9, loose: 9, modulus: 9 },
    { max: 30, loose: 60, modulus: 15 },
    { max: 900, loose: 9000, modulus: 90 },
    { max: 20000, loose: 90000, modulus: 900 },
    { max: 900000, loose: 9000000, modulus: 20000 },
  ],
  draw(random, { max, loose, modulus }) {
    const { who, things } = story(random);
    const [from = "bags", to = "boxes"] = random.sample(CONTAINERS, 2);
    const [groups, size, rest, m] = [
      random.int(2, max),
      random.int(2, max),
      random.int(1, loose),
      random.int(3, modulus),
    ];
    const work = new Work();
    const product = max < 10 ? work.multiply(groups, size) : productModulo(work, [groups, size], m);
    const answer = work.modulo(work.add(product, rest), m);
    return {
      statement:
        `${who} has ${groups} ${from} with ${size} ${things} each and ${rest} more. They are put into ${to} with ${m} each. ` +
        `How many ${things} are left over?`,
      answer: String(answer),
      steps: work.lines,
      numbers: [groups, size, rest, m],
    };
  },
});

/** Largest exponent whose power is multiplied out factor by factor. */
const PLAIN_EXPONENT = 6;

/** base^exponent mod m: factor by factor, or by squaring and multiplying along the binary digits of the exponent. */
function powerModulo(work: Work, base: number, exponent: number, m: number): number {
  const round = (a: number, b: number) => {
    const before = work.lines.length;
    const product = work.multiply(a, b);
    const rest = work.modulo(product, m);
    work.join(work.lines.length - before);
    return rest;
  };
  const start = base < m ? base : work.modulo(base, m);
  let now = start;
  if (exponent <= PLAIN_EXPONENT) {
    for (let i = 1; i < exponent; i++) now = round(now, start);
    return now;
  }
  const bits = exponent.toString(2);
  work.note(`${exponent} = ${bits} in base 2`);
  for (const bit of bits.slice(1)) {
    now = round(now, now);
    if (bit === "1") now = round(now, start);
  }
  return now;
}

function drawPower(random: KeyedRandom, { base, exponent, low }: { base: number; exponent: number; low: number }) {
  return { base: random.int(2, base), exponent: random.int(low, exponent) };
}

const powerModuloFamily = defineFamily({
  id: "power-mod",
  title: "Remainder of a power",
  domain: "number theory",
  method: "power-modulo",
  split: "train",
  // Level: largest base, smallest and largest exponent, largest modulus.
  knobs: [
    { base: 12, low: 2, exponent: 4, modulus: 9 },
    { base: 20, low: 3, exponent: 6, modulus: 15 },
    { base: 90, low: 12, exponent: 200, modulus: 60 },
    { base: 900, low: 200, exponent: 4000, modulus: 900 },
    { base: 90000, low: 9000, exponent: 900000, modulus: 20000 },
  ],
  draw(random, knobs) {
    const { base, exponent } = drawPower(random, knobs);
    const m = random.int(3, knobs.modulus);
    if (base % m < 2) return undefined;
    const work = new Work();
    const answer = powerModulo(work, base, exponent, m);
    return {
      statement: random.pick([
        `What is the remainder when ${base}^${exponent} is divided by ${m}?`,
        `What is ${base}^${exponent} modulo ${m}?`,
      ]),
      answer: String(answer),
      steps: work.lines,
      numbers: [base, exponent, m],
    };
  },
});

const lastDigit = defineFamily({
  id: "last-digit",
  title: "Last digits of a power",
  domain: "number theory",
  method: "power-modulo",
  split: "ood",
  near: true,
  // Level: largest base, smallest and largest exponent, how many digits are asked for.
  knobs: [
    { base: 19, low: 2, exponent: 4, digits: 1 },
    { base: 90, low: 3, exponent: 6, digits: 1 },
    { base: 90, low: 12, exponent: 200, digits: 2 },
    { base: 900, low: 200, exponent: 4000, digits: 3 },
    { base: 90000, low: 9000, exponent: 900000, digits: 4 },
  ],
  draw(random, knobs) {
    const { base, exponent } = drawPower(random, knobs);
    const m = 10 ** knobs.digits;
    if (base % m < 2) return undefined;
    const work = new Work();
    const answer = powerModulo(work, base, exponent, m);
    // A number of several digits must not start with 0, or its value would not say how many there are.
    if (knobs.digits > 1 && answer < m / 10) return undefined;
    return {
      statement: knobs.digits === 1
        ? `What is the last digit of ${base}^${exponent}?`
        : `What number do the last ${knobs.digits} digits of ${base}^${exponent} make?`,
      answer: String(answer),
      steps: work.lines,
      numbers: [base, exponent],
    };
  },
});

/** Families of remainders. */
export const REMAINDER_FAMILIES: readonly Family[] = [
  clock,
  modularArithmetic,
  powerModuloFamily,
  leftovers,
  lastDigit,
];
