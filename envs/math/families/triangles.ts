/**
 * Right triangles and distances (method `pythagoras`), angles of triangles and polygons (`angle-sum`).
 *
 * @module
 */
import { list, ratio, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

/** Root of a whole number as the families write it: an integer, or `\sqrt{n}` as it is. */
export function root(work: Work, n: number): string {
  const value = Math.round(Math.sqrt(n));
  if (value * value !== n) return `\\sqrt{${n}}`;
  work.note(`\\sqrt{${n}} = ${value}`);
  return String(value);
}

const pythagoras = defineFamily({
  id: "pythagoras",
  title: "Right triangle",
  domain: "geometry",
  method: "pythagoras",
  split: "train",
  // Level: longest given side, form (1: longest side; 2: any side; 3: diagonal of a box; 4: height of a triangle with two equal sides).
  knobs: [
    { max: 16, form: 1 },
    { max: 40, form: 2 },
    { max: 60, form: 3 },
    { max: 900, form: 3 },
    { max: 90000, form: 4 },
  ],
  draw(random, { max, form }) {
    const work = new Work();
    const [a, b, c] = [random.int(2, max), random.int(2, max), random.int(2, max)];
    if (form === 3) {
      const sum = work.total([work.multiply(a, a), work.multiply(b, b), work.multiply(c, c)]);
      return {
        statement: `A box has the sides ${list([a, b, c])}. How long is its diagonal?`,
        answer: root(work, sum),
        steps: work.lines,
        numbers: [a, b, c],
      };
    }
    if (form === 4) {
      if (a % 2 === 1 || a >= 2 * b) return undefined;
      const half = work.divide(a, 2);
      const difference = work.subtract(work.multiply(b, b), work.multiply(half, half));
      return {
        statement: `A triangle has the base ${a} and two sides of length ${b}. What is its height over the base?`,
        answer: root(work, difference),
        steps: work.lines,
        numbers: [a, b],
      };
    }
    if (form === 2 && random.int(0, 1) === 1) {
      if (a >= b) return undefined;
      const difference = work.subtract(work.multiply(b, b), work.multiply(a, a));
      return {
        statement: `A right triangle has a short side of ${a} and the longest side ${b}. How long is the third side?`,
        answer: root(work, difference),
        steps: work.lines,
        numbers: ["leg", a, b],
      };
    }
    if (b > a) return undefined;
    const sum = work.add(work.multiply(a, a), work.multiply(b, b));
    return {
      statement: random.pick([
        `The short sides of a right triangle are ${a} and ${b}. How long is the longest side?`,
        `A right triangle has the short sides ${a} and ${b}. What is the length of its longest side?`,
      ]),
      answer: root(work, sum),
      steps: work.lines,
      numbers: ["long", a, b],
    };
  },
});

const distance = defineFamily({
  id: "distance",
  title: "Distance of two points",
  domain: "geometry",
  method: "pythagoras",
  split: "ood",
  // Level: largest coordinate, whether negative ones occur (0 or 1), dimensions.
  knobs: [
    { max: 12, signed: 0, dimensions: 2 },
    { max: 40, signed: 1, dimensions: 2 },
    { max: 60, signed: 1, dimensions: 3 },
    { max: 900, signed: 1, dimensions: 3 },
    { max: 90000, signed: 1, dimensions: 4 },
  ],
  draw(random, { max, signed, dimensions }) {
    const point = () => Array.from({ length: dimensions }, () => random.int(signed === 1 ? -max : 0, max));
    const [p, q] = [point(), point()];
    if (p.some((x, i) => (signed === 0 ? (q[i] ?? 0) <= x : q[i] === x))) return undefined;
    const work = new Work();
    const differences = p.map((x, i) => work.subtract(q[i] ?? 0, x));
    const squares = differences.map((difference) => work.multiply(difference, difference));
    return {
      statement: `What is the distance from (${p.join(", ")}) to (${q.join(", ")})?`,
      answer: root(work, work.total(squares)),
      steps: work.lines,
      numbers: [...p, ...q],
    };
  },
});

const angles = defineFamily({
  id: "angles",
  title: "Missing angle",
  domain: "geometry",
  method: "angle-sum",
  split: "train",
  // Level: corners at least and at most, angles in multiples of (degrees), whether all angles are equal (0 or 1).
  knobs: [
    { low: 3, corners: 3, step: 5, equal: 0 },
    { low: 3, corners: 4, step: 1, equal: 0 },
    { low: 5, corners: 7, step: 1, equal: 0 },
    { low: 9, corners: 12, step: 1, equal: 0 },
    { low: 7, corners: 5000, step: 1, equal: 1 },
  ],
  draw(random, { low, corners, step, equal }) {
    const n = random.int(low, corners);
    const work = new Work();
    const sum = n === 3 ? 180 : work.multiply(work.subtract(n, 2), 180);
    if (equal === 1) {
      const answer = work.quotient(sum, n);
      return {
        statement: `All angles of a polygon with ${n} sides are equal. How many degrees is each of them?`,
        answer,
        steps: work.lines,
        numbers: [n],
      };
    }
    // Around the mean angle, so that what is left for the last one is an angle too.
    const mean = Math.floor(sum / n);
    const [least, most] = [Math.max(20, mean - 40), Math.min(mean + 40, 175)];
    const known = Array.from(
      { length: n - 1 },
      () => step * random.int(Math.ceil(least / step), Math.floor(most / step)),
    );
    const missing = sum - known.reduce((total, angle) => total + angle, 0);
    if (missing < 10 || missing > 175 || (n === 3 && known[0] === known[1])) return undefined;
    const answer = work.subtract(sum, work.total(known));
    const figure = n === 3 ? "triangle" : n === 4 ? "figure with 4 sides" : `polygon with ${n} sides`;
    const last = n === 3 ? "third" : "last";
    const opening = n === 3
      ? `Two angles of a triangle are ${list(known)} degrees.`
      : `All angles but one of a ${figure} are ${list(known)} degrees.`;
    return {
      statement: random.pick([
        `${opening} How many degrees is the ${last} angle?`,
        `A ${figure} has angles of ${list(known)} degrees. What is the ${last} angle?`,
      ]),
      answer: String(answer),
      steps: work.lines,
      numbers: known,
    };
  },
});

const polygonSum = defineFamily({
  id: "polygon-sum",
  title: "Sum of all angles",
  domain: "geometry",
  method: "angle-sum",
  split: "ood",
  // Level: fewest and most sides, form (1: sum of the angles; 2: sides from one of its equal angles).
  knobs: [
    { low: 5, sides: 40, form: 1 },
    { low: 40, sides: 900, form: 1 },
    { low: 7, sides: 360, form: 2 },
    { low: 361, sides: 9000, form: 2 },
    { low: 9001, sides: 90000, form: 2 },
  ],
  draw(random, { low, sides, form }) {
    const n = random.int(low, sides);
    const work = new Work();
    if (form === 1) {
      return {
        statement: `What is the sum of all angles of a polygon with ${n} sides?`,
        answer: String(work.multiply(work.subtract(n, 2), 180)),
        steps: work.lines,
        numbers: [n],
      };
    }
    const angle = ratio((n - 2) * 180, n);
    const outer = ratio(360, n);
    const [top = "1", bottom = "1"] = outer.split("/");
    work.note(`180 - ${angle} = ${outer}`);
    work.divide(work.multiply(360, Number(bottom)), Number(top));
    return {
      statement: `All angles of a polygon are equal and each of them is ${angle} degrees. How many sides does it have?`,
      answer: String(n),
      steps: work.lines,
      numbers: [n],
    };
  },
});

/** Families of right triangles and angles. */
export const TRIANGLE_FAMILIES: readonly Family[] = [pythagoras, angles, distance, polygonSum];
