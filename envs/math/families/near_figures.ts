/**
 * Families of geometry next to others: the same words and operations in a shorter, longer or turned chain, so that what they have in
 * common is seen in more than one form.
 *
 * Contract: a family that is in test_ood makes no statement that could come from a train family at any level. What differs stands at
 * each family.
 *
 * @module
 */
import { list, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";
import { root } from "./triangles.ts";

// Next to rectangle, whose sides differ.
const square = defineFamily({
  id: "square",
  title: "Square",
  domain: "geometry",
  method: "formula",
  split: "train",
  // Level: longest side, form (1: area or perimeter; 2: area from the perimeter; 3: path around it).
  knobs: [
    { max: 45, form: 1 },
    { max: 60, form: 1 },
    { max: 900, form: 2 },
    { max: 2000, form: 3 },
    { max: 900000, form: 3 },
  ],
  draw(random, { max, form }) {
    const side = random.int(2, max);
    const work = new Work();
    if (form === 1) {
      const area = random.int(0, 1) === 1;
      if (max === 45 && area && side > 12) return undefined;
      const answer = area ? work.multiply(side, side) : work.multiply(work.add(side, side), 2);
      const asked = area ? "area" : "perimeter";
      return {
        statement: random.pick([
          `A square is ${side} cm long and ${side} cm wide. What is its ${asked}?`,
          `Find the ${asked} of a square with the side ${side}.`,
        ]),
        answer: String(answer),
        steps: work.lines,
        numbers: [side, asked],
      };
    }
    if (form === 2) {
      const found = work.divide(4 * side, 4);
      return {
        statement: `A square has the perimeter ${4 * side}. What is its area?`,
        answer: String(work.multiply(found, found)),
        steps: work.lines,
        numbers: [side],
      };
    }
    const path = random.int(1, Math.ceil(max / 20));
    const outer = work.add(side, work.multiply(2, path));
    const [all, inner] = [work.multiply(outer, outer), work.multiply(side, side)];
    return {
      statement:
        `A square garden is ${side} long. A path with the width ${path} runs around it on the outside. What is the area ` +
        `of the path?`,
      answer: String(work.subtract(all, inner)),
      steps: work.lines,
      numbers: [side, path],
    };
  },
});

// Next to triangle-area, with the short sides of pythagoras for base and height.
const rightTriangleArea = defineFamily({
  id: "right-triangle-area",
  title: "Area of a right triangle",
  domain: "geometry",
  method: "formula",
  split: "train",
  // Level: longest short side, whether the area may be a fraction (0 or 1).
  knobs: [
    { max: 14, fraction: 0 },
    { max: 60, fraction: 0 },
    { max: 900, fraction: 1 },
    { max: 20000, fraction: 1 },
    { max: 9000000, fraction: 1 },
  ],
  draw(random, { max, fraction }) {
    const [one, other] = [random.int(2, max), random.int(2, max)];
    if (fraction === 0 && (one * other) % 2 === 1) return undefined;
    const work = new Work();
    const answer = work.quotient(work.multiply(one, other), 2);
    return {
      statement: random.pick([
        `A right triangle has the short sides ${one} and ${other}. What is its area?`,
        `The short sides of a right triangle are ${one} and ${other}. Find its area.`,
      ]),
      answer,
      steps: work.lines,
      numbers: [one, other],
    };
  },
});

// Next to circle: several of them.
const twoCircles = defineFamily({
  id: "two-circles",
  title: "Circles together",
  domain: "geometry",
  method: "formula",
  split: "train",
  // Level: largest radius, circles, whether their radii differ (0 or 1; then only the area is asked for).
  knobs: [
    { max: 30, circles: 2, differ: 0 },
    { max: 90, circles: 2, differ: 0 },
    { max: 90, circles: 2, differ: 1 },
    { max: 900, circles: 3, differ: 1 },
    { max: 9000, circles: 5, differ: 1 },
  ],
  draw(random, { max, circles, differ }) {
    const work = new Work();
    if (differ === 1) {
      const radii = Array.from({ length: circles }, () => random.int(2, max));
      const value = work.total(radii.map((radius) => work.multiply(radius, radius)));
      const count = circles === 2 ? "Two" : circles === 3 ? "Three" : "Five";
      return {
        statement: `${count} circles have the radii ${list(radii)}. What is their area together in terms of \\pi?`,
        answer: `${value}\\pi`,
        steps: work.lines,
        numbers: radii,
      };
    }
    const area = random.int(0, 1) === 1;
    const radius = random.int(2, max === 30 && area ? 12 : max);
    const value = work.multiply(area ? work.multiply(radius, radius) : work.multiply(2, radius), 2);
    const asked = area ? "area" : "circumference";
    return {
      statement: random.pick([
        `Two circles have the radius ${radius}. What is their ${asked} together in terms of \\pi?`,
        `What is the ${asked} of two circles with radius ${radius} together in terms of \\pi?`,
      ]),
      answer: `${value}\\pi`,
      steps: work.lines,
      numbers: [asked, radius],
    };
  },
});

// Next to pythagoras, which has triangles and boxes.
const rectangleDiagonal = defineFamily({
  id: "rectangle-diagonal",
  title: "Diagonal of a rectangle",
  domain: "geometry",
  method: "pythagoras",
  split: "ood",
  near: true,
  // Level: longest side, whether the diagonal is known and a side is asked for (0 or 1).
  knobs: [
    { max: 16, side: 0 },
    { max: 40, side: 0 },
    { max: 300, side: 1 },
    { max: 9000, side: 1 },
    { max: 900000, side: 1 },
  ],
  draw(random, { max, side }) {
    const [long, short] = [random.int(2, max), random.int(2, max)];
    if (short >= long) return undefined;
    const work = new Work();
    const squares = [work.multiply(long, long), work.multiply(short, short)] as const;
    if (side === 1) {
      return {
        statement: `A rectangle has the side ${short} and the diagonal ${long}. How long is its other side?`,
        answer: root(work, work.subtract(...squares)),
        steps: work.lines,
        numbers: [long, short],
      };
    }
    return {
      statement: random.pick([
        `A rectangle has the sides ${long} and ${short}. How long is its diagonal?`,
        `The sides of a rectangle are ${long} and ${short}. What is the length of its diagonal?`,
      ]),
      answer: root(work, work.add(...squares)),
      steps: work.lines,
      numbers: [long, short],
    };
  },
});

/** Sum of the angles of a figure with n sides: 180 degrees are known for a triangle. */
function angleSum(work: Work, n: number): number {
  return n === 3 ? 180 : work.multiply(work.subtract(n, 2), 180);
}

// Next to angles, where each known angle is told as a number.
const rightAngle = defineFamily({
  id: "right-angle",
  title: "Missing angle beside right angles",
  domain: "geometry",
  method: "angle-sum",
  split: "train",
  // Level: corners at least and at most, angles in multiples of (degrees).
  knobs: [
    { low: 3, corners: 3, step: 1 },
    { low: 3, corners: 3, step: 1 },
    { low: 5, corners: 6, step: 1 },
    { low: 7, corners: 9, step: 1 },
    { low: 10, corners: 13, step: 1 },
  ],
  draw(random, { low, corners, step }) {
    const n = random.int(low, corners);
    const work = new Work();
    const sum = angleSum(work, n);
    if (n === 3) {
      const known = step * random.int(Math.ceil(10 / step), Math.floor(80 / step));
      return {
        statement: random.pick([
          `A right triangle has an angle of ${known} degrees. What is the third angle?`,
          `One angle of a right triangle is ${known} degrees. How many degrees is the third angle?`,
        ]),
        answer: String(work.subtract(sum, work.add(90, known))),
        steps: work.lines,
        numbers: [known],
      };
    }
    const known = Array.from({ length: n - 3 }, () => step * random.int(100, 175));
    const missing = sum - 180 - known.reduce((total, angle) => total + angle, 0);
    if (missing < 10 || missing > 175) return undefined;
    const answer = work.subtract(sum, work.total([180, ...known]));
    return {
      statement: `A polygon with ${n} sides has two right angles and angles of ${list(known)} degrees. What is the ` +
        `last angle?`,
      answer: String(answer),
      steps: work.lines,
      numbers: known,
    };
  },
});

// Next to angles, whose triangles have two different known angles.
const equalAngles = defineFamily({
  id: "equal-angles",
  title: "Missing angle beside equal angles",
  domain: "geometry",
  method: "angle-sum",
  split: "train",
  // Level: corners at least and at most (with more than 350 a last angle is not left), angles in multiples of (degrees).
  knobs: [
    { low: 3, corners: 3, step: 1 },
    { low: 3, corners: 3, step: 1 },
    { low: 5, corners: 19, step: 1 },
    { low: 20, corners: 119, step: 1 },
    { low: 120, corners: 350, step: 1 },
  ],
  draw(random, { low, corners, step }) {
    const n = random.int(low, corners);
    const work = new Work();
    const sum = angleSum(work, n);
    const angle = step * random.int(Math.ceil(10 / step), Math.floor(175 / step) + (n > 9 ? 4 : 0));
    const missing = sum - (n - 1) * angle;
    if (missing < 10 || missing > 175) return undefined;
    const known = n === 3 ? work.add(angle, angle) : work.multiply(work.subtract(n, 1), angle);
    return {
      statement: n === 3
        ? `Two angles of a triangle are ${angle} degrees each. ${
          random.pick(["How many degrees is the third angle?", "What is the third angle?"])
        }`
        : `All angles but one of a polygon with ${n} sides are ${angle} degrees each. How many degrees is the last angle?`,
      answer: String(work.subtract(sum, known)),
      steps: work.lines,
      numbers: [n, angle],
    };
  },
});

/** Families of geometry next to others. */
export const NEAR_FIGURE_FAMILIES: readonly Family[] = [
  square,
  rightTriangleArea,
  twoCircles,
  rectangleDiagonal,
  rightAngle,
  equalAngles,
];
