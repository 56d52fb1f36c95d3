/**
 * Lists of numbers: equal steps (method `nth-term`) and rules from one number to the next (`iterate`).
 *
 * @module
 */
import { ordinal, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

const arithmeticSequence = defineFamily({
  id: "arithmetic-sequence",
  title: "Equal steps",
  domain: "algebra",
  method: "nth-term",
  split: "train",
  // Level: form (1: nth number; 2: falling lists too; 3: sum; 4: nth number from two others), largest number, largest place.
  knobs: [
    { form: 1, max: 9, place: 9 },
    { form: 2, max: 20, place: 20 },
    { form: 3, max: 60, place: 60 },
    { form: 4, max: 300, place: 400 },
    { form: 4, max: 9000, place: 3000 },
  ],
  draw(random, { form, max, place }) {
    const work = new Work();
    const start = random.int(1, 2 * max);
    const falls = form > 1 && random.int(0, 1) === 1;
    const difference = random.int(2, max) * (falls ? -1 : 1);
    const n = random.int(4, place);
    if (form < 4) {
      const change = falls ? `${-difference} less` : `${difference} more`;
      const last = work.add(start, work.multiply(work.subtract(n, 1), difference));
      const told = `A list starts with ${start}. Each next number is ${change}.`;
      if (form < 3) {
        return {
          statement: `${told} What is the ${ordinal(n)} number?`,
          answer: String(last),
          steps: work.lines,
          numbers: [start, difference, n],
        };
      }
      const sum = work.divide(work.multiply(work.add(start, last), n), 2);
      return {
        statement: `${told} What is the sum of the first ${n} numbers?`,
        answer: String(sum),
        steps: work.lines,
        numbers: [start, difference, n],
      };
    }
    const [first, second] = [random.int(2, place), random.int(2, place)];
    if (second <= first || new Set([first, second, n]).size < 3) return undefined;
    const at = (index: number) => start + (index - 1) * difference;
    const step = work.divide(work.subtract(at(second), at(first)), work.subtract(second, first));
    const answer = work.add(at(first), work.multiply(work.subtract(n, first), step));
    return {
      statement: `A list changes by the same number each time. The ${ordinal(first)} number is ${at(first)} and the ` +
        `${ordinal(second)} number is ${at(second)}. What is the ${ordinal(n)} number?`,
      answer: String(answer),
      steps: work.lines,
      numbers: [first, at(first), second, at(second), n],
    };
  },
});

const recursion = defineFamily({
  id: "recursion",
  title: "Rule for the next number",
  domain: "algebra",
  method: "iterate",
  split: "train",
  // Level: form (1: previous number; 2: two previous numbers; 3: modulo), largest start and summand, largest factor, places.
  knobs: [
    { form: 1, max: 9, factor: 3, places: 4 },
    { form: 1, max: 9, factor: 5, places: 6 },
    { form: 2, max: 9, factor: 4, places: 8 },
    { form: 3, max: 90, factor: 30, places: 14 },
    { form: 3, max: 900, factor: 300, places: 30 },
  ],
  draw(random, { form, max, factor, places }) {
    const work = new Work();
    const start = random.int(1, max);
    const times = random.int(2, factor);
    const plus = random.int(1, max);
    const n = random.int(3, places);
    if (form === 1) {
      let now = start;
      for (let i = 1; i < n; i++) {
        now = work.add(work.multiply(now, times), plus);
        work.join(2);
      }
      if (places === 4 && now > 100) return undefined;
      return {
        statement: `A list starts with ${start}. Each next number is ${times} times the one before plus ${plus}. ` +
          `What is the ${ordinal(n)} number?`,
        answer: String(now),
        steps: work.lines,
        numbers: [start, times, plus, n],
      };
    }
    const other = random.int(1, max);
    const share = random.int(2, factor);
    const modulus = random.int(max, 9 * max);
    if (n < places / 2) return undefined;
    let [before, now] = [start, other];
    for (let i = 2; i < n; i++) {
      const next = work.add(work.multiply(now, times), work.multiply(before, share));
      work.join(3);
      [before, now] = [now, form === 2 ? next : work.modulo(next, modulus)];
    }
    const rule = `Each next number is ${times} times the one before plus ${share} times the one before that`;
    const modular = form === 3 ? `, of which the remainder modulo ${modulus} is taken` : "";
    return {
      statement: `A list starts with ${start} and ${other}. ${rule}${modular}. What is the ${ordinal(n)} number?`,
      answer: String(now),
      steps: work.lines,
      numbers: [start, other, times, share, form === 3 ? modulus : 0, n],
    };
  },
});

const geometricSequence = defineFamily({
  id: "geometric-sequence",
  title: "Equal factors",
  domain: "algebra",
  method: "iterate",
  split: "train",
  // Level: form (1: nth number; 2: sum of the first n), largest start, largest factor, places.
  knobs: [
    { form: 1, max: 20, factor: 4, places: 4 },
    { form: 1, max: 40, factor: 6, places: 6 },
    { form: 2, max: 40, factor: 7, places: 7 },
    { form: 2, max: 200, factor: 9, places: 9 },
    { form: 2, max: 900, factor: 11, places: 11 },
  ],
  draw(random, { form, max, factor, places }) {
    const start = random.int(2, max);
    const times = random.int(2, factor);
    const n = random.int(3, places);
    const work = new Work();
    const numbers = [start];
    for (let i = 1; i < n; i++) numbers.push(work.multiply(numbers.at(-1) ?? start, times));
    const last = numbers.at(-1) ?? start;
    if (places === 4 && last > 160) return undefined;
    const answer = form === 1 ? last : work.total(numbers);
    const asked = form === 1 ? `the ${ordinal(n)} number` : `the sum of the first ${n} numbers`;
    return {
      statement: `A list starts with ${start}. Each next number is ${times} times the one before. What is ${asked}?`,
      answer: String(answer),
      steps: work.lines,
      numbers: [start, times, n],
    };
  },
});

/** Families of lists of numbers. */
export const SEQUENCE_FAMILIES: readonly Family[] = [arithmeticSequence, recursion, geometricSequence];
