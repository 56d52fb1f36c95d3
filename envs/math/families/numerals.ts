/**
 * Digits and bases: reading (method `place-value`), writing and changing money (`divide-down`), and adding up digits (`digits`).
 *
 * @module
 */
import { PEOPLE } from "./_words.ts";
import { list, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

const fromBase = defineFamily({
  id: "from-base",
  title: "Number read in another base",
  domain: "number theory",
  method: "place-value",
  split: "train",
  // Level: smallest and largest base, fewest and most digits.
  knobs: [
    { from: 3, to: 7, low: 2, digits: 3 },
    { from: 2, to: 9, low: 4, digits: 5 },
    { from: 3, to: 9, low: 6, digits: 7 },
    { from: 4, to: 9, low: 8, digits: 10 },
    { from: 6, to: 9, low: 12, digits: 15 },
  ],
  draw(random, { from, to, low, digits: most }) {
    const base = random.int(from, to);
    const length = random.int(low, most);
    const digits = Array.from({ length }, (_, i) => random.int(i === 0 ? 1 : 0, base - 1));
    const work = new Work();
    const value = digits.slice(1).reduce((read, digit) => {
      const next = work.add(work.multiply(read, base), digit);
      work.join(2);
      return next;
    }, digits[0] ?? 0);
    if (most === 3 && value >= 120) return undefined;
    return {
      statement: random.pick([
        `What is the base ${base} number ${digits.join("")} in base 10?`,
        `Write the base ${base} number ${digits.join("")} in base 10.`,
      ]),
      answer: String(value),
      steps: work.lines,
      numbers: [base, digits.join("")],
    };
  },
});

const toBase = defineFamily({
  id: "to-base",
  title: "Number written in another base",
  domain: "number theory",
  method: "divide-down",
  split: "train",
  // Level: smallest and largest base, smallest and largest number.
  knobs: [
    { from: 3, to: 7, low: 8, max: 80 },
    { from: 2, to: 9, low: 80, max: 500 },
    { from: 2, to: 9, low: 1000, max: 9000 },
    { from: 3, to: 9, low: 90000, max: 9000000 },
    { from: 5, to: 9, low: 1e9, max: 9e11 },
  ],
  draw(random, { from, to, low, max }) {
    const base = random.int(from, to);
    const n = random.int(low, max);
    const work = new Work();
    let [rest, digits] = [n, ""];
    while (rest > 0) {
      const { quotient, rest: digit } = work.divmod(rest, base);
      digits = `${digit}${digits}`;
      rest = quotient;
    }
    return {
      statement: random.pick([`Write ${n} in base ${base}.`, `What is ${n} in base ${base}?`]),
      answer: digits,
      steps: work.lines,
      numbers: [base, n],
    };
  },
});

const fewestCoins = defineFamily({
  id: "fewest-coins",
  title: "Fewest coins",
  domain: "number theory",
  method: "divide-down",
  split: "ood",
  // Level: kinds of coins besides 1, largest factor from one coin to the next, largest number of the most valuable one.
  knobs: [
    { kinds: 2, factor: 5, most: 5 },
    { kinds: 3, factor: 6, most: 9 },
    { kinds: 4, factor: 9, most: 20 },
    { kinds: 5, factor: 15, most: 90 },
    { kinds: 7, factor: 20, most: 900 },
  ],
  draw(random, { kinds, factor, most }) {
    const who = random.pick(PEOPLE.slice(0, 8));
    const values = [1];
    // Each value divides the next, so that taking the largest first is right.
    for (let i = 0; i < kinds; i++) values.push((values.at(-1) ?? 1) * random.int(2, factor));
    const descending = values.toReversed();
    const [largest = 1] = descending;
    const amount = random.int(largest, largest * (most + 1) - 1);
    if (amount > 1e11 || (kinds === 2 && amount > 99)) return undefined;
    const work = new Work();
    let rest = amount;
    const counts = descending.slice(0, -1).map((value) => {
      const { quotient, rest: left } = work.divmod(rest, value);
      rest = left;
      return quotient;
    });
    const answer = work.total([...counts, rest]);
    return {
      statement: `Coins are worth ${
        list(descending)
      }. What is the smallest number of coins with which ${who} can pay ${amount}?`,
      answer: String(answer),
      steps: work.lines,
      numbers: [...descending, amount],
    };
  },
});

const digitSum = defineFamily({
  id: "digit-sum",
  title: "Sum of digits",
  domain: "number theory",
  method: "digits",
  split: "train",
  // Level: form (1: of a number; 2: of a product), fewest and most digits of a number.
  knobs: [
    { form: 1, low: 3, digits: 4 },
    { form: 1, low: 6, digits: 9 },
    { form: 2, low: 2, digits: 3 },
    { form: 2, low: 4, digits: 5 },
    { form: 2, low: 7, digits: 7 },
  ],
  draw(random, { form, low, digits: most }) {
    const work = new Work();
    const draw = () => {
      const length = random.int(low, most);
      return random.int(10 ** (length - 1), 10 ** length - 1);
    };
    const numbers = form === 1 ? [draw()] : [draw(), draw()];
    const [n = 0, other] = numbers;
    const value = other === undefined ? n : work.multiply(n, other);
    const answer = work.total([...String(value)].map(Number));
    return {
      statement: random.pick([
        `What is the sum of the digits of ${numbers.join(" * ")}?`,
        `Find the sum of all digits of ${numbers.join(" * ")}.`,
      ]),
      answer: String(answer),
      steps: work.lines,
      numbers,
    };
  },
});

/** Families of digits and bases. */
export const NUMERAL_FAMILIES: readonly Family[] = [fromBase, toBase, digitSum, fewestCoins];
