/**
 * Families of number theory next to others: the same words and operations in a shorter, longer or turned chain, so that what they have in
 * common is seen in more than one form.
 *
 * Contract: a family that is in test_ood makes no statement that could come from a train family at any level. What differs stands at
 * each family.
 *
 * @module
 */
import { Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

// Next to modular-arithmetic, which multiplies first.
const sumRemainder = defineFamily({
  id: "sum-remainder",
  title: "Remainder of a sum",
  domain: "number theory",
  method: "reduce-modulo",
  split: "train",
  // Level: summands, largest summand, largest modulus.
  knobs: [
    { summands: 3, max: 9, modulus: 9 },
    { summands: 3, max: 60, modulus: 15 },
    { summands: 4, max: 900, modulus: 90 },
    { summands: 5, max: 20000, modulus: 900 },
    { summands: 8, max: 900000, modulus: 20000 },
  ],
  draw(random, { summands: count, max, modulus }) {
    const m = random.int(3, modulus);
    const summands = Array.from({ length: count }, () => random.int(2, max));
    const work = new Work();
    const sum = work.total(summands);
    if (sum < m) return undefined;
    const text = summands.join(" + ");
    return {
      statement: random.pick([
        `What is the remainder when ${text} is divided by ${m}?`,
        `What is ${text} modulo ${m}?`,
      ]),
      answer: String(work.modulo(sum, m)),
      steps: work.lines,
      numbers: [...summands, m],
    };
  },
});

// Next to clock, which only goes forward.
const clockEarlier = defineFamily({
  id: "clock-earlier",
  title: "Clock at an earlier hour",
  domain: "number theory",
  method: "reduce-modulo",
  split: "ood",
  near: true,
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
    const sum = work.total(steps);
    const rest = work.modulo(sum, size);
    // At level 1 the last difference needs no further turn of the clock; the last hour is not asked, see clock.
    if (sum <= size || rest === 0 || rest === shown || (usual === 1 && rest > shown)) return undefined;
    const answer = work.subtract(rest > shown ? work.add(shown, size) : shown, rest);
    const earlier = steps.map((step) => `${step} hours`).join(" and then ");
    return {
      statement: random.pick([
        `A clock with ${size} hours shows ${shown}. What did it show ${earlier} earlier?`,
        `It is hour ${shown} on a clock with ${size} hours. Which hour was it ${earlier} earlier?`,
      ]),
      answer: String(answer),
      steps: work.lines,
      numbers: [size, shown, ...steps],
    };
  },
});

// Next to lowest-terms, where the fraction is written with a stroke.
const lowestQuotient = defineFamily({
  id: "lowest-quotient",
  title: "Quotient in lowest terms",
  domain: "number theory",
  method: "lowest-terms",
  split: "train",
  // Level: largest common divisor, largest cofactor, factors above and below.
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
    const [tops, bottoms] = [fractions.map(([n]) => n), fractions.map(([, d]) => d)];
    const work = new Work();
    const answer = work.lowest(work.product(tops), work.product(bottoms));
    return {
      statement: `What is ${tops.join(" * ")} divided by ${bottoms.join(" * ")} in lowest terms?`,
      answer,
      steps: work.lines,
      numbers: [...tops, ...bottoms],
    };
  },
});

// Next to digit-sum, which has 3, 4 and 6 to 9 digits, and products.
const digitPairSum = defineFamily({
  id: "digit-pair-sum",
  title: "Sum of two digits and of other counts",
  domain: "number theory",
  method: "digits",
  split: "train",
  // Level: fewest and most digits.
  knobs: [
    { low: 2, digits: 2 },
    { low: 5, digits: 5 },
    { low: 10, digits: 11 },
    { low: 12, digits: 13 },
    { low: 14, digits: 15 },
  ],
  draw(random, { low, digits: most }) {
    const length = random.int(low, most);
    const digits = Array.from({ length }, (_, i) => random.int(i === 0 ? 1 : 0, 9));
    const n = digits.join("");
    const work = new Work();
    const answer = work.total(digits);
    return {
      statement: random.pick([`What is the sum of the digits of ${n}?`, `Find the sum of all digits of ${n}.`]),
      answer: String(answer),
      steps: work.lines,
      numbers: [n],
    };
  },
});

/** Families of number theory next to others. */
export const NEAR_NUMBER_FAMILIES: readonly Family[] = [sumRemainder, clockEarlier, lowestQuotient, digitPairSum];
