/**
 * Probabilities as fractions in lowest terms (method `favourable`).
 *
 * @module
 */
import { list, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

/** Colours of balls. */
export const COLOURS: readonly string[] = ["red", "blue", "green", "white", "black"];

const urn = defineFamily({
  id: "urn",
  title: "Ball from a bag",
  domain: "combinatorics",
  method: "favourable",
  split: "train",
  // Level: colours, most balls of a colour, draws (each ball is put back), whether "not" is asked too (0 or 1).
  knobs: [
    { colours: 2, max: 12, draws: 1, not: 0 },
    { colours: 3, max: 20, draws: 1, not: 1 },
    { colours: 4, max: 30, draws: 2, not: 1 },
    { colours: 5, max: 60, draws: 3, not: 1 },
    { colours: 5, max: 200, draws: 5, not: 1 },
  ],
  draw(random, { colours, max, draws, not }) {
    const balls = random.sample(COLOURS, colours).map((name) => ({ name, count: random.int(1, max) }));
    const [asked] = balls;
    if (asked === undefined) return undefined;
    const negated = not === 1 && random.int(0, 1) === 1;
    const work = new Work();
    const total = work.total(balls.map(({ count }) => count));
    const wanted = negated ? work.subtract(total, asked.count) : asked.count;
    if (total ** draws > 9e15) return undefined;
    const top = work.product(Array.from({ length: draws }, () => wanted));
    const bottom = work.product(Array.from({ length: draws }, () => total));
    const answer = work.lowest(top, bottom);
    const told = `A bag has ${list(balls.map(({ name, count }) => `${count} ${name}`))} balls.`;
    const colour = `${negated ? "not " : ""}${asked.name}`;
    return {
      statement: draws === 1
        ? `${told} One ball is taken. What is the probability that it is ${colour}?`
        : `${told} ${draws} times a ball is taken and put back. What is the probability that each of them is ${colour}?`,
      answer,
      steps: work.lines,
      numbers: [...balls.map(({ count }) => count), negated ? "not" : "is"],
    };
  },
});

const numberedBalls = defineFamily({
  id: "numbered-balls",
  title: "Ball with a number",
  domain: "combinatorics",
  method: "favourable",
  split: "train",
  // Level: most balls, form (1: more than k; 2: divided by k; 3: divided by k, not by l).
  knobs: [
    { max: 30, form: 1 },
    { max: 90, form: 2 },
    { max: 400, form: 3 },
    { max: 20000, form: 3 },
    { max: 9000000, form: 3 },
  ],
  draw(random, { max, form }) {
    const n = random.int(5, max);
    const work = new Work();
    const told =
      `A bag has balls with the numbers 1 to ${n}. One ball is taken. What is the probability that its number is`;
    if (form === 1) {
      const k = random.int(1, n - 1);
      return {
        statement: `${told} more than ${k}?`,
        answer: work.lowest(work.subtract(n, k), n),
        steps: work.lines,
        numbers: [n, k],
      };
    }
    const k = random.int(2, Math.min(30, n - 1));
    const { quotient } = work.divmod(n, k);
    if (form === 2) {
      return {
        statement: `${told} a multiple of ${k}?`,
        answer: work.lowest(quotient, n),
        steps: work.lines,
        numbers: [n, k],
      };
    }
    const l = random.int(2, 30);
    if (l % k === 0 || k % l === 0) return undefined;
    const common = work.euclid(k, l);
    const multiple = work.multiply(work.divide(k, common), l);
    const { quotient: both } = work.divmod(n, multiple);
    return {
      statement: `${told} a multiple of ${k} but not of ${l}?`,
      answer: work.lowest(work.subtract(quotient, both), n),
      steps: work.lines,
      numbers: [n, k, l],
    };
  },
});

const twoDice = defineFamily({
  id: "two-dice",
  title: "Sum of two dice",
  domain: "combinatorics",
  method: "favourable",
  split: "ood",
  // Level: fewest and most sides.
  knobs: [
    { low: 4, sides: 8 },
    { low: 6, sides: 20 },
    { low: 20, sides: 90 },
    { low: 100, sides: 900 },
    { low: 1000, sides: 90000 },
  ],
  draw(random, { low, sides }) {
    const n = random.int(low, sides);
    const sum = random.int(3, 2 * n - 1);
    const work = new Work();
    const ways = sum <= n + 1 ? work.subtract(sum, 1) : work.subtract(work.add(work.multiply(2, n), 1), sum);
    const all = work.multiply(n, n);
    return {
      statement:
        `Two dice have the numbers 1 to ${n} on their sides. What is the probability that the sum of a throw is ${sum}?`,
      answer: work.lowest(ways, all),
      steps: work.lines,
      numbers: [n, sum],
    };
  },
});

const twoDraws = defineFamily({
  id: "two-draws",
  title: "Balls that are not put back",
  domain: "combinatorics",
  method: "favourable",
  split: "ood",
  // Level: most balls of a colour, draws.
  knobs: [
    { max: 6, draws: 2 },
    { max: 20, draws: 2 },
    { max: 30, draws: 3 },
    { max: 60, draws: 4 },
    { max: 200, draws: 5 },
  ],
  draw(random, { max, draws }) {
    const [red, blue] = [random.int(draws, max), random.int(1, max)];
    const total = red + blue;
    if (total ** draws > 9e15) return undefined;
    const work = new Work();
    work.add(red, blue);
    const top = work.product(Array.from({ length: draws }, (_, i) => red - i));
    const bottom = work.product(Array.from({ length: draws }, (_, i) => total - i));
    return {
      statement:
        `A bag has ${red} red and ${blue} blue balls. ${draws} balls are taken, one after another, and not put back. What is ` +
        `the probability that they are all red?`,
      answer: work.lowest(top, bottom),
      steps: work.lines,
      numbers: [red, blue],
    };
  },
});

/** Families of probabilities. */
export const CHANCE_FAMILIES: readonly Family[] = [urn, numberedBalls, twoDice, twoDraws];
