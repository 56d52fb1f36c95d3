/**
 * Families of algebra next to others: the same words and operations in a shorter, longer or turned chain, so that what they have in
 * common is seen in more than one form.
 *
 * Contract: a family that is in test_ood makes no statement that could come from a train family at any level. What differs stands at
 * each family.
 *
 * @module
 */
import { nonZero, story, THINGS } from "./_words.ts";
import { list, summand, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";
import { drawEvents } from "./stories.ts";

// Next to gain-loss, which has 2, 3, 5, 8 and 12 events.
const singleEvent = defineFamily({
  id: "single-event",
  title: "One thing happens",
  domain: "algebra",
  method: "chain",
  split: "train",
  // Level: largest number, events in the story, how many of them multiply.
  knobs: [
    { max: 20, events: 1, growths: 0 },
    { max: 80, events: 4, growths: 0 },
    { max: 500, events: 6, growths: 1 },
    { max: 4000, events: 9, growths: 2 },
    { max: 30000, events: 13, growths: 4 },
  ],
  draw(random, { max, events: count, growths }) {
    const { who, things } = story(random);
    const start = random.int(3, max);
    // A single event would always be a gain: of two, one is kept.
    const drawn = drawEvents(random, { who, start, events: Math.max(2, count), growths, max }).events.slice(0, count);
    const work = new Work();
    const end = drawn.reduce((now, { kind, value }) => work[kind](now, value), start);
    return {
      statement: `${who} has ${start} ${things}. ${drawn.map(({ sentence }) => sentence).join(" ")} ` +
        `How many ${things} does ${who} have now?`,
      answer: String(end),
      steps: work.lines,
      numbers: [start, ...drawn.map(({ kind, value }) => `${kind} ${value}`)],
    };
  },
});

// Next to linear-equation, in which a number is always added or taken away too.
const simpleEquation = defineFamily({
  id: "simple-equation",
  title: "Equation without a summand",
  domain: "algebra",
  method: "undo",
  split: "train",
  // Level: form (1: ax = b; 2: also negative; 3: ax = cx + d), largest coefficient, largest solution.
  knobs: [
    { form: 1, max: 9, solution: 12 },
    { form: 2, max: 20, solution: 60 },
    { form: 3, max: 40, solution: 60 },
    { form: 3, max: 900, solution: 900 },
    { form: 3, max: 90000, solution: 9000 },
  ],
  draw(random, { form, max, solution }) {
    const work = new Work();
    const a = form === 1 ? random.int(2, max) : nonZero(random, max);
    const x = form === 1 ? random.int(1, solution) : nonZero(random, solution);
    const c = form === 3 ? nonZero(random, max) : 0;
    if (Math.abs(a) === 1 || Math.abs(c) === 1 || a === c) return undefined;
    const right = (a - c) * x;
    work.divide(right, form === 3 ? work.subtract(a, c) : a);
    const equation = form === 3 ? `${a}x = ${c}x${summand(right)}` : `${a}x = ${right}`;
    return {
      statement: random.pick([
        `Solve for x: ${equation}.`,
        `What is x if ${equation}?`,
        `Find x with ${equation}.`,
      ]),
      answer: String(x),
      steps: work.lines,
      numbers: [a, c, right],
    };
  },
});

// Next to unit-price: the number of things is asked for, not the cost.
const thingsForCoins = defineFamily({
  id: "things-for-coins",
  title: "Number of things from the price of others",
  domain: "algebra",
  method: "unit-value",
  split: "train",
  // Level: kinds of things (2: as much as the other kind), most of a kind, highest price of one.
  knobs: [
    { kinds: 1, max: 9, price: 9 },
    { kinds: 1, max: 30, price: 30 },
    { kinds: 2, max: 60, price: 90 },
    { kinds: 2, max: 400, price: 600 },
    { kinds: 2, max: 3000, price: 9000 },
  ],
  draw(random, { kinds, max, price }) {
    const [thing = "pens", other = "books"] = random.sample(THINGS.filter((name) => name !== "coins"), 2);
    const known = random.int(2, max);
    const work = new Work();
    const tell = (unit: number) => `${known} ${thing} cost ${known * unit} coins`;
    if (kinds === 1) {
      const [wanted, unit] = [random.int(2, max), random.int(2, price)];
      if (known === wanted) return undefined;
      const told = tell(unit);
      const answer = work.divide(wanted * unit, work.divide(known * unit, known));
      const asked = `many ${thing} cost ${wanted * unit} coins?`;
      return {
        statement: random.pick([`If ${told}, how ${asked}`, `${told}. How ${asked}`]),
        answer: String(answer),
        steps: work.lines,
        numbers: [known, known * unit, wanted * unit],
      };
    }
    // One price divides the cost of the others: its factors are spread over their number and their price.
    const [countPart, pricePart] = [Math.floor(Math.sqrt(max)), Math.floor(Math.sqrt(price))];
    const [inCount, inPrice] = [random.int(1, countPart), random.int(1, pricePart)];
    const unit = inCount * inPrice;
    const [others, otherUnit] = [inCount * random.int(1, countPart), inPrice * random.int(1, pricePart)];
    const count = random.int(2, max);
    if (unit === 1 || unit === otherUnit || otherUnit === 1 || others === 1 || count === others) return undefined;
    const cost = work.multiply(work.divide(count * otherUnit, count), others);
    const answer = work.divide(cost, work.divide(known * unit, known));
    return {
      statement:
        `If ${tell(unit)} and ${count} ${other} cost ${count * otherUnit} coins, how many ${thing} cost as many ` +
        `coins as ${others} ${other}?`,
      answer: String(answer),
      steps: work.lines,
      numbers: [known, known * unit, count, count * otherUnit, others],
    };
  },
});

// Next to average, which has 3, 4, 6, 9 and 14 numbers.
const averageOfTwo = defineFamily({
  id: "average-of-two",
  title: "Average of two and of other counts",
  domain: "algebra",
  method: "total-and-share",
  split: "train",
  // Level: how many numbers, largest number, whether the average may be a fraction (0 or 1).
  knobs: [
    { count: 2, max: 15, fraction: 0 },
    { count: 5, max: 40, fraction: 0 },
    { count: 7, max: 200, fraction: 1 },
    { count: 10, max: 3000, fraction: 1 },
    { count: 15, max: 90000, fraction: 1 },
  ],
  draw(random, { count, max, fraction }) {
    const numbers = Array.from({ length: count }, () => random.int(1, max));
    const sum = numbers.reduce((total, n) => total + n, 0);
    if ((fraction === 0 && sum % count !== 0) || numbers[0] === numbers[1]) return undefined;
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

/** Families of algebra next to others. */
export const NEAR_ALGEBRA_FAMILIES: readonly Family[] = [singleEvent, simpleEquation, thingsForCoins, averageOfTwo];
