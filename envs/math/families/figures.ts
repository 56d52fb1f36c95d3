/**
 * Areas, perimeters and circles, exact (method `formula`).
 *
 * @module
 */
import { list, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

const rectangle = defineFamily({
  id: "rectangle",
  title: "Rectangle",
  domain: "geometry",
  method: "formula",
  split: "train",
  // Level: longest side, form (1: area or perimeter; 2: perimeter from area and side; 3: path around it).
  knobs: [
    { max: 16, form: 1 },
    { max: 60, form: 1 },
    { max: 300, form: 2 },
    { max: 2000, form: 3 },
    { max: 900000, form: 3 },
  ],
  draw(random, { max, form }) {
    const [long, wide] = [random.int(2, max), random.int(2, max)];
    if (wide >= long || (max === 16 && long * wide > 120)) return undefined;
    const work = new Work();
    if (form === 1) {
      const area = random.int(0, 1) === 1;
      const answer = area ? work.multiply(long, wide) : work.multiply(work.add(long, wide), 2);
      const asked = area ? "area" : "perimeter";
      return {
        statement: random.pick([
          `A rectangle is ${long} cm long and ${wide} cm wide. What is its ${asked}?`,
          `Find the ${asked} of a rectangle with the sides ${long} and ${wide}.`,
        ]),
        answer: String(answer),
        steps: work.lines,
        numbers: [long, wide, asked],
      };
    }
    if (form === 2) {
      const answer = work.multiply(work.add(long, work.divide(long * wide, long)), 2);
      return {
        statement: `A rectangle with the area ${long * wide} is ${long} long. What is its perimeter?`,
        answer: String(answer),
        steps: work.lines,
        numbers: [long, wide],
      };
    }
    const path = random.int(1, Math.ceil(max / 20));
    const twice = work.multiply(2, path);
    const outer = work.multiply(work.add(long, twice), work.add(wide, twice));
    const inner = work.multiply(long, wide);
    return {
      statement:
        `A garden is ${long} long and ${wide} wide. A path with the width ${path} runs around it on the outside. What is the area ` +
        `of the path?`,
      answer: String(work.subtract(outer, inner)),
      steps: work.lines,
      numbers: [long, wide, path],
    };
  },
});

const triangleArea = defineFamily({
  id: "triangle-area",
  title: "Area of a triangle",
  domain: "geometry",
  method: "formula",
  split: "train",
  // Level: longest length, form (1: base and height; 2: trapezoid; 3: corners by coordinates).
  knobs: [
    { max: 14, form: 1 },
    { max: 60, form: 1 },
    { max: 300, form: 2 },
    { max: 60, form: 3 },
    { max: 9000, form: 3 },
  ],
  draw(random, { max, form }) {
    const work = new Work();
    if (form === 1) {
      const [base, height] = [random.int(2, max), random.int(2, max)];
      if ((base * height) % 2 === 1) return undefined;
      const answer = work.divide(work.multiply(base, height), 2);
      return {
        statement: random.pick([
          `A triangle has the base ${base} and the height ${height}. What is its area?`,
          `Find the area of a triangle with base ${base} and height ${height}.`,
        ]),
        answer: String(answer),
        steps: work.lines,
        numbers: [base, height],
      };
    }
    if (form === 2) {
      const [a, b, height] = [random.int(2, max), random.int(2, max), random.int(2, max)];
      const answer = work.quotient(work.multiply(work.add(a, b), height), 2);
      return {
        statement: `A trapezoid has the parallel sides ${a} and ${b} and the height ${height}. What is its area?`,
        answer,
        steps: work.lines,
        numbers: [a, b, height],
      };
    }
    const point = () => [random.int(-max, max), random.int(-max, max)] as const;
    const [p, q, r] = [point(), point(), point()];
    const doubled = (q[0] - p[0]) * (r[1] - p[1]) - (r[0] - p[0]) * (q[1] - p[1]);
    if (doubled <= 0) return undefined;
    const [ax, ay] = [work.subtract(q[0], p[0]), work.subtract(q[1], p[1])];
    const [bx, by] = [work.subtract(r[0], p[0]), work.subtract(r[1], p[1])];
    const answer = work.quotient(work.subtract(work.multiply(ax, by), work.multiply(bx, ay)), 2);
    return {
      statement: `What is the area of the triangle with the corners ${
        list([p, q, r].map(([x, y]) => `(${x}, ${y})`))
      }?`,
      answer,
      steps: work.lines,
      numbers: [...p, ...q, ...r],
    };
  },
});

const circle = defineFamily({
  id: "circle",
  title: "Circle",
  domain: "geometry",
  method: "formula",
  split: "train",
  // Level: largest radius, form (1: area or circumference; 2: sector; 3: ring between two circles; 4: cylinder).
  knobs: [
    { max: 30, form: 1 },
    { max: 90, form: 1 },
    { max: 90, form: 2 },
    { max: 900, form: 3 },
    { max: 900, form: 4 },
  ],
  draw(random, { max, form }) {
    const work = new Work();
    const radius = random.int(2, max);
    const times = (
      factor: string,
    ) => (factor === "1" ? "\\pi" : factor.includes("/") ? fractionOfPi(factor) : `${factor}\\pi`);
    if (form === 1) {
      const area = random.int(0, 1) === 1;
      const diameter = random.int(0, 1) === 1;
      if (max === 30 && area && radius > 12) return undefined;
      const r = diameter ? work.divide(2 * radius, 2) : radius;
      const value = area ? work.multiply(r, r) : work.multiply(2, r);
      const [asked, given] = [area ? "area" : "circumference", diameter ? "diameter" : "radius"];
      return {
        statement: random.pick([
          `A circle has the ${given} ${diameter ? 2 * radius : radius}. What is its ${asked} in terms of \\pi?`,
          `What is the ${asked} of a circle with ${given} ${diameter ? 2 * radius : radius} in terms of \\pi?`,
          `Find the ${asked} of a circle with ${given} ${diameter ? 2 * radius : radius} in terms of \\pi.`,
        ]),
        answer: times(String(value)),
        steps: work.lines,
        numbers: [asked, given, radius],
      };
    }
    if (form === 2) {
      const angle = 5 * random.int(1, 71);
      const answer = work.quotient(work.multiply(work.multiply(radius, radius), angle), 360);
      return {
        statement:
          `A sector of a circle with radius ${radius} has the angle ${angle} degrees. What is its area in terms of \\pi?`,
        answer: times(answer),
        steps: work.lines,
        numbers: [radius, angle],
      };
    }
    const other = random.int(1, max);
    if (form === 3) {
      if (other >= radius) return undefined;
      const value = work.subtract(work.multiply(radius, radius), work.multiply(other, other));
      return {
        statement:
          `Two circles with the same center have the radii ${radius} and ${other}. What is the area between them in terms of ` +
          `\\pi?`,
        answer: times(String(value)),
        steps: work.lines,
        numbers: [radius, other],
      };
    }
    const top = work.multiply(work.multiply(radius, radius), 2);
    const side = work.multiply(work.multiply(2, radius), other);
    return {
      statement:
        `A cylinder has the radius ${radius} and the height ${other}. What is its whole surface area in terms of \\pi?`,
      answer: times(String(work.add(top, side))),
      steps: work.lines,
      numbers: [radius, other],
    };
  },
});

/** `3\pi/4` of `3/4`. */
function fractionOfPi(fraction: string): string {
  const [top = "1", bottom = "1"] = fraction.split("/");
  return `${top === "1" ? "" : top}\\pi/${bottom}`;
}

/** Families of areas and circles. */
export const FIGURE_FAMILIES: readonly Family[] = [rectangle, triangleArea, circle];
