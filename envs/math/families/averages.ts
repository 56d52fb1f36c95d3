/**
 * Averages, mixtures and points in the middle (method `total-and-share`).
 *
 * @module
 */
import { PEOPLE } from "./_words.ts";
import { list, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

const average = defineFamily({
  id: "average",
  title: "Average of numbers",
  domain: "algebra",
  method: "total-and-share",
  split: "train",
  // Level: how many numbers, largest number, whether the average may be a fraction (0 or 1).
  knobs: [
    { count: 3, max: 15, fraction: 0 },
    { count: 4, max: 40, fraction: 0 },
    { count: 6, max: 200, fraction: 1 },
    { count: 9, max: 3000, fraction: 1 },
    { count: 14, max: 90000, fraction: 1 },
  ],
  draw(random, { count, max, fraction }) {
    const numbers = Array.from({ length: count }, () => random.int(1, max));
    const sum = numbers.reduce((total, n) => total + n, 0);
    if (fraction === 0 && sum % count !== 0) return undefined;
    const work = new Work();
    const answer = work.quotient(work.total(numbers), count);
    return {
      statement: random.pick([
        `What is the average of ${list(numbers)}?`,
        `Find the average of the numbers ${list(numbers)}.`,
      ]),
      answer,
      steps: work.lines,
      numbers,
    };
  },
});

const mixture = defineFamily({
  id: "mixture",
  title: "Mixture of two",
  domain: "algebra",
  method: "total-and-share",
  split: "ood",
  // Level: most of a kind, highest price, kinds, whether the price may be a fraction (0 or 1).
  knobs: [
    { max: 9, price: 12, kinds: 2, fraction: 0 },
    { max: 30, price: 40, kinds: 2, fraction: 0 },
    { max: 60, price: 90, kinds: 3, fraction: 1 },
    { max: 400, price: 900, kinds: 4, fraction: 1 },
    { max: 3000, price: 9000, kinds: 6, fraction: 1 },
  ],
  draw(random, { max, price, kinds, fraction }) {
    const who = random.pick(PEOPLE.slice(0, 8));
    const parts = Array.from({ length: kinds }, () => ({ amount: random.int(1, max), price: random.int(2, price) }));
    const amount = parts.reduce((sum, part) => sum + part.amount, 0);
    const cost = parts.reduce((sum, part) => sum + part.amount * part.price, 0);
    if (new Set(parts.map((part) => part.price)).size < kinds || parts.some((part) => part.amount === 1)) {
      return undefined;
    }
    if (fraction === 0 && cost % amount !== 0) return undefined;
    const work = new Work();
    const total = work.total(parts.map((part) => work.multiply(part.amount, part.price)));
    const answer = work.quotient(total, work.total(parts.map((part) => part.amount)));
    return {
      statement: `${who} mixes ${
        list(parts.map((part) => `${part.amount} kg of nuts at ${part.price} coins per kg`))
      }. What is ` +
        `the price per kg of the mixture?`,
      answer,
      steps: work.lines,
      numbers: parts.flatMap((part) => [part.amount, part.price]),
    };
  },
});

const midpoint = defineFamily({
  id: "midpoint",
  title: "Point in the middle",
  domain: "geometry",
  method: "total-and-share",
  split: "ood",
  // Level: points (2: midpoint; 3: centroid), largest coordinate, whether negative ones and fractions occur (0 or 1).
  knobs: [
    { points: 2, max: 15, signed: 0 },
    { points: 2, max: 60, signed: 1 },
    { points: 3, max: 90, signed: 1 },
    { points: 3, max: 5000, signed: 1 },
    { points: 5, max: 90000, signed: 1 },
  ],
  draw(random, { points, max, signed }) {
    const coordinate = () => random.int(signed === 1 ? -max : 0, max);
    const drawn = Array.from({ length: points }, () => [coordinate(), coordinate()] as const);
    const work = new Work();
    const [xs, ys] = [drawn.map(([x]) => x), drawn.map(([, y]) => y)];
    const sum = (values: readonly number[]) => values.reduce((total, n) => total + n, 0);
    if (signed === 0 && (sum(xs) % points !== 0 || sum(ys) % points !== 0)) return undefined;
    if (new Set(drawn.map(String)).size < points) return undefined;
    const x = work.quotient(work.total(xs), points);
    const y = work.quotient(work.total(ys), points);
    const told = list(drawn.map(([px, py]) => `(${px}, ${py})`));
    return {
      statement: points === 2 ? `What is the point in the middle of ${told}?` : `What is the average point of ${told}?`,
      answer: `(${x}, ${y})`,
      steps: work.lines,
      numbers: drawn.flat(),
    };
  },
});

/** Families of averages. */
export const AVERAGE_FAMILIES: readonly Family[] = [average, mixture, midpoint];
