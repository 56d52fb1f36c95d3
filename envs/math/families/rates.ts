/**
 * Percent, prices, speeds and scales (method `unit-value`).
 *
 * @module
 */
import { pair, PEOPLE, story, THINGS } from "./_words.ts";
import { list, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

const percent = defineFamily({
  id: "percent",
  title: "Percent of a number",
  domain: "algebra",
  method: "unit-value",
  split: "train",
  // Level: form (1: tenths; 2: hundredths; 3: changes one after another; 4: the way back from the end), percent in steps of,
  // largest base (a multiple of 10 or 100), changes.
  knobs: [
    { form: 1, step: 10, max: 20, changes: 0 },
    { form: 2, step: 5, max: 40, changes: 0 },
    { form: 3, step: 10, max: 40, changes: 2 },
    { form: 3, step: 5, max: 900, changes: 3 },
    { form: 4, step: 5, max: 900, changes: 4 },
  ],
  draw(random, { form, step, max, changes }) {
    const work = new Work();
    const part = step * random.int(1, Math.floor(99 / step));
    if (form <= 2) {
      const base = random.int(2, max) * (form === 1 ? 10 : 20);
      const unit = form === 1 ? 10 : 100 / step;
      const value = work.multiply(work.divide(base, unit), part / step);
      return {
        statement: random.pick([`What is ${part} percent of ${base}?`, `Find ${part} percent of ${base}.`]),
        answer: String(value),
        steps: work.lines,
        numbers: [part, base],
      };
    }
    const moves = Array.from({ length: changes }, () => ({
      percent: step * random.int(1, Math.floor(60 / step)),
      sign: random.int(0, 1) === 1 ? 1 : -1,
    }));
    const start = random.int(2, max) * 100;
    let now = start;
    const factors = moves.map(({ percent: size, sign }) => 100 + sign * size);
    for (const factor of factors) {
      if ((now * factor) % 100 !== 0 || now * factor > 1e12) return undefined;
      now = now * factor / 100;
    }
    const told = list(moves.map(({ percent: size, sign }) => `${sign > 0 ? "rises" : "falls"} by ${size} percent`));
    if (form === 3) {
      factors.reduce((value, factor) => work.divide(work.multiply(value, factor), 100), start);
    } else {
      factors.toReversed().reduce((value, factor) => work.divide(work.multiply(value, 100), factor), now);
    }
    const numbers = [start, ...factors];
    return form === 3
      ? {
        statement: `A price of ${start} coins ${told}, one after another. What is the price at the end?`,
        answer: String(now),
        steps: work.lines,
        numbers,
      }
      : {
        statement: `A price ${told}, one after another. At the end it is ${now} coins. What is the price at the start?`,
        answer: String(start),
        steps: work.lines,
        numbers,
      };
  },
});

const unitPrice = defineFamily({
  id: "unit-price",
  title: "Price of some from the price of others",
  domain: "algebra",
  method: "unit-value",
  split: "train",
  // Level: kinds of things, most of a kind, highest price of one.
  knobs: [
    { kinds: 1, max: 9, price: 9 },
    { kinds: 1, max: 30, price: 30 },
    { kinds: 2, max: 60, price: 90 },
    { kinds: 3, max: 400, price: 600 },
    { kinds: 5, max: 3000, price: 9000 },
  ],
  draw(random, { kinds, max, price }) {
    const items = random.sample(THINGS.filter((thing) => thing !== "coins"), kinds).map((thing) => ({
      thing,
      known: random.int(2, max),
      wanted: random.int(2, max),
      unit: random.int(2, price),
    }));
    if (items.some(({ known, wanted }) => known === wanted)) return undefined;
    const work = new Work();
    const costs = items.map(({ known, wanted, unit }) => work.multiply(work.divide(known * unit, known), wanted));
    const told = list(items.map(({ thing, known, unit }) => `${known} ${thing} cost ${known * unit} coins`));
    const asked = list(items.map(({ thing, wanted }) => `${wanted} ${thing}`));
    return {
      statement: random.pick([
        `If ${told}, how many coins do ${asked} cost${kinds > 1 ? " together" : ""}?`,
        `${told}. How many coins do ${asked} cost${kinds > 1 ? " together" : ""}?`,
      ]),
      answer: String(work.total(costs)),
      steps: work.lines,
      numbers: items.flatMap(({ known, wanted, unit }) => [known, known * unit, wanted]),
    };
  },
});

const sameSpeed = defineFamily({
  id: "same-speed",
  title: "Found at the same speed",
  domain: "algebra",
  method: "unit-value",
  split: "train",
  // Level: most things an hour, most hours, form (1: whole hours; 2: the answer may be a fraction; 3: two people together).
  knobs: [
    { rate: 9, hours: 9, form: 1 },
    { rate: 30, hours: 30, form: 1 },
    { rate: 90, hours: 60, form: 2 },
    { rate: 500, hours: 400, form: 3 },
    { rate: 9000, hours: 3000, form: 3 },
  ],
  draw(random, { rate, hours, form }) {
    const { who, things } = story(random);
    const [first, second] = pair(random);
    const work = new Work();
    const [known, wanted] = [random.int(2, hours), random.int(2, hours)];
    if (known === wanted) return undefined;
    const perHour = random.int(2, rate);
    if (form === 1) {
      const found = work.multiply(work.divide(perHour * known, known), wanted);
      return {
        statement:
          `${who} finds ${perHour * known} ${things} in ${known} hours. How many ${things} does ${who} find in ` +
          `${wanted} hours?`,
        answer: String(found),
        steps: work.lines,
        numbers: [known, perHour * known, wanted],
      };
    }
    const other = random.int(2, hours);
    const otherRate = random.int(2, rate);
    if (form === 3) {
      const sum = work.add(work.divide(perHour * known, known), work.divide(otherRate * other, other));
      return {
        statement:
          `${first} finds ${perHour * known} ${things} in ${known} hours and ${second} finds ${otherRate * other} in ` +
          `${other} hours. How many ${things} do they find together in ${wanted} hours?`,
        answer: String(work.multiply(sum, wanted)),
        steps: work.lines,
        numbers: [known, perHour * known, other, otherRate * other, wanted],
      };
    }
    const found = random.int(2, rate);
    const goal = random.int(2, 4 * rate);
    work.multiply(goal, known);
    const answer = work.quotient(goal * known, found);
    return {
      statement:
        `${who} finds ${found} ${things} in ${known} hours. How many hours does ${who} need for ${goal} ${things}?`,
      answer,
      steps: work.lines,
      numbers: [known, found, goal],
    };
  },
});

const similarTriangles = defineFamily({
  id: "similar-triangles",
  title: "Similar triangles",
  domain: "geometry",
  method: "unit-value",
  split: "ood",
  // Level: longest side of the first, largest scale, form (1: a side; 2: a side that may be a fraction; 3: area from sides).
  knobs: [
    { side: 12, scale: 6, form: 1 },
    { side: 40, scale: 15, form: 1 },
    { side: 60, scale: 0, form: 2 },
    { side: 90, scale: 40, form: 3 },
    { side: 900, scale: 300, form: 3 },
  ],
  draw(random, { side, scale, form }) {
    const work = new Work();
    const [one, other] = [random.int(2, side), random.int(2, side)];
    if (one === other) return undefined;
    if (form === 2) {
      const image = random.int(2, side);
      work.multiply(image, other);
      const answer = work.quotient(image * other, one);
      return {
        statement:
          `Two triangles are similar. The sides ${one} and ${other} of the first belong to the sides ${image} and s of ` +
          `the second. What is s?`,
        answer,
        steps: work.lines,
        numbers: [one, other, image],
      };
    }
    const factor = random.int(2, scale);
    work.divide(one * factor, one);
    if (form === 1) {
      return {
        statement:
          `Two triangles are similar. The sides ${one} and ${other} of the first belong to the sides ${
            one * factor
          } and ` +
          `s of the second. What is s?`,
        answer: String(work.multiply(factor, other)),
        steps: work.lines,
        numbers: [one, other, one * factor],
      };
    }
    work.multiply(factor, factor);
    return {
      statement:
        `Two triangles are similar. The side ${one} of the first belongs to the side ${
          one * factor
        } of the second. The ` +
        `area of the first is ${other}. What is the area of the second?`,
      answer: String(work.multiply(factor * factor, other)),
      steps: work.lines,
      numbers: [one, other, one * factor],
    };
  },
});

const workRate = defineFamily({
  id: "work-rate",
  title: "Working together",
  domain: "algebra",
  method: "unit-value",
  split: "ood",
  // Level: form (1: things an hour are known; 2: hours for the whole work are known), largest number, people.
  knobs: [
    { form: 1, max: 9, people: 2 },
    { form: 1, max: 30, people: 3 },
    { form: 2, max: 30, people: 2 },
    { form: 2, max: 200, people: 2 },
    { form: 2, max: 60, people: 3 },
  ],
  draw(random, { form, max, people }) {
    const names = random.sample(PEOPLE.slice(0, 8), people);
    const things = random.pick(THINGS);
    const work = new Work();
    const values = names.map(() => random.int(2, max));
    if (form === 1) {
      const hours = random.int(2, max);
      const rate = work.total(values);
      return {
        statement: `${
          list(names.map((name, i) => `${name} finds ${values[i]} ${things} in 1 hour`))
        }. In how many hours do they ` +
          `find ${rate * hours} ${things} together?`,
        answer: String(work.divide(rate * hours, rate)),
        steps: work.lines,
        numbers: [...values, hours],
      };
    }
    if (new Set(values).size < people) return undefined;
    const product = work.product(values);
    const shares = values.map((value) => work.divide(product, value));
    const answer = work.quotient(product, work.total(shares));
    return {
      statement: `${
        list(names.map((name, i) => `${name} needs ${values[i]} hours alone`))
      } for the same work. How many hours do ` +
        `they need together?`,
      answer,
      steps: work.lines,
      numbers: values,
    };
  },
});

/** Families of rates. */
export const RATE_FAMILIES: readonly Family[] = [
  percent,
  unitPrice,
  sameSpeed,
  similarTriangles,
  workRate,
];
