/**
 * Equations and inequalities in one unknown (method `undo`) and quadratics (`sum-and-product`).
 *
 * @module
 */
import { nonZero, PEOPLE } from "./_words.ts";
import { summand, Work } from "./_work.ts";
import { defineFamily, type Family } from "./family.ts";

/** `3x + 4`, `-x`, `x - 2`. */
function linear(a: number, b: number): string {
  const head = a === 1 ? "x" : a === -1 ? "-x" : `${a}x`;
  return b === 0 ? head : head + summand(b);
}

const linearEquation = defineFamily({
  id: "linear-equation",
  title: "Linear equation",
  domain: "algebra",
  method: "undo",
  split: "train",
  // Level: form (1: ax + b = c; 2: also negative; 3: x on both sides; 4: with brackets, solution a fraction), largest coefficient,
  // largest solution of forms 1 to 3.
  knobs: [
    { form: 1, max: 9, solution: 12 },
    { form: 2, max: 12, solution: 20 },
    { form: 3, max: 40, solution: 60 },
    { form: 4, max: 40, solution: 0 },
    { form: 4, max: 600, solution: 0 },
  ],
  draw(random, { form, max, solution }) {
    const work = new Work();
    const ask = (equation: string) =>
      random.pick([`Solve for x: ${equation}.`, `What is x if ${equation}?`, `Find x with ${equation}.`]);
    if (form <= 2) {
      const a = form === 1 ? random.int(2, max) : nonZero(random, max);
      const b = form === 1 ? random.int(1, 2 * max) : nonZero(random, 4 * max);
      const x = form === 1 ? random.int(1, solution) : nonZero(random, solution);
      if (Math.abs(a) === 1) return undefined;
      const c = a * x + b;
      work.divide(work.subtract(c, b), a);
      return { statement: ask(`${linear(a, b)} = ${c}`), answer: String(x), steps: work.lines, numbers: [a, b, c] };
    }
    if (form === 3) {
      const [a, b, c, x] = [
        nonZero(random, max),
        nonZero(random, 4 * max),
        nonZero(random, max),
        nonZero(random, solution),
      ];
      const d = a * x + b - c * x;
      if (a === c || d === 0) return undefined;
      const left = work.subtract(a, c);
      work.divide(work.subtract(d, b), left);
      return {
        statement: ask(`${linear(a, b)} = ${linear(c, d)}`),
        answer: String(x),
        steps: work.lines,
        numbers: [a, b, c, d],
      };
    }
    const [a, b, c, d] = [random.int(2, max), nonZero(random, max), nonZero(random, max), nonZero(random, max)];
    const [e, f] = [nonZero(random, max), nonZero(random, max)];
    if (a * b === e) return undefined;
    const slope = work.multiply(a, b);
    const constant = work.add(work.multiply(a, c), d);
    const left = work.subtract(slope, e);
    const right = work.subtract(f, constant);
    if (right % left === 0) return undefined;
    const answer = work.quotient(right, left);
    return {
      statement: ask(`${a}(${linear(b, c)})${summand(d)} = ${linear(e, f)}`),
      answer,
      steps: work.lines,
      numbers: [a, b, c, d, e, f],
    };
  },
});

const VERBS = {
  add: (n: number) => `adds ${n}`,
  subtract: (n: number) => `subtracts ${n}`,
  multiply: (n: number) => `multiplies by ${n}`,
};
const UNDONE = { add: "subtract", subtract: "add", multiply: "divide" } as const;

const numberPuzzle = defineFamily({
  id: "number-puzzle",
  title: "Think of a number",
  domain: "algebra",
  method: "undo",
  split: "train",
  // Level: operations, largest number thought of and added, largest factor.
  knobs: [
    { operations: 2, max: 12, factor: 5 },
    { operations: 3, max: 20, factor: 9 },
    { operations: 5, max: 90, factor: 9 },
    { operations: 7, max: 900, factor: 12 },
    { operations: 9, max: 9000, factor: 19 },
  ],
  draw(random, { operations, max, factor }) {
    const who = random.pick(PEOPLE.slice(0, 8));
    const start = random.int(1, max);
    const offset = random.int(0, 1);
    let now = start;
    const done = Array.from({ length: operations }, (_, i) => {
      const multiply = (i + offset) % 2 === 0;
      const kind = multiply ? "multiply" as const : random.pick(["add", "subtract"] as const);
      const value = multiply ? random.int(2, factor) : random.int(1, max);
      now = kind === "multiply" ? now * value : kind === "add" ? now + value : now - value;
      return { kind, value, now };
    });
    if (done.some((step) => step.now < 1)) return undefined;
    const work = new Work();
    const back = done.toReversed().reduce((value, step) => work[UNDONE[step.kind]](value, step.value), now);
    const told = done.map(({ kind, value }) => VERBS[kind](value));
    return {
      statement: `${who} thinks of a number, ${
        told.slice(0, -1).map((verb) => `${verb}, `).join("")
      }then ${told.at(-1)}. ` +
        `The result is ${now}. What is the number at the start?`,
      answer: String(back),
      steps: work.lines,
      numbers: [...done.map(({ kind, value }) => `${kind} ${value}`), now],
    };
  },
});

const inequality = defineFamily({
  id: "inequality",
  title: "Linear inequality",
  domain: "algebra",
  method: "undo",
  split: "train",
  // Level: form (1: strict, positive; 2: also weak; 3: negative coefficients; 4: both sides and fractions), largest number.
  knobs: [
    { form: 1, max: 9 },
    { form: 2, max: 15 },
    { form: 3, max: 30 },
    { form: 4, max: 60 },
    { form: 4, max: 900 },
  ],
  draw(random, { form, max }) {
    const work = new Work();
    const sign = random.pick(form === 1 ? ["<", ">"] : ["<", ">", "\\le", "\\ge"]);
    const a = form < 3 ? random.int(2, max) : nonZero(random, max);
    const b = form < 3 ? random.int(1, 2 * max) : nonZero(random, 2 * max);
    if (Math.abs(a) === 1) return undefined;
    let [top, bottom, text] = [0, a, ""];
    if (form < 4) {
      const bound = form === 1 ? random.int(1, max) : nonZero(random, max);
      const c = a * bound + b;
      text = `${linear(a, b)} ${sign} ${c}`;
      top = work.subtract(c, b);
    } else {
      const [c, d] = [nonZero(random, max), nonZero(random, 2 * max)];
      bottom = a - c;
      top = d - b;
      if (bottom === 0 || top === 0) return undefined;
      work.subtract(a, c);
      work.subtract(d, b);
      text = `${linear(a, b)} ${sign} ${linear(c, d)}`;
    }
    const bound = work.quotient(top, bottom);
    const flipped = { "<": ">", ">": "<", "\\le": "\\ge", "\\ge": "\\le" }[sign] ?? sign;
    const solved = bottom < 0 ? flipped : sign;
    work.note(`x ${solved} ${bound}`);
    const [open, close] = solved === "\\le" ? ["(", "]"] : solved === "\\ge" ? ["[", ")"] : ["(", ")"];
    const below = solved === "<" || solved === "\\le";
    return {
      statement: random.pick([`Solve ${text}. Give the interval of x.`, `For which x is ${text}? Give the interval.`]),
      answer: below ? `(-\\infty, ${bound}${close}` : `${open}${bound}, \\infty)`,
      steps: work.lines,
      numbers: [text],
    };
  },
});

const quadratic = defineFamily({
  id: "quadratic",
  title: "Quadratic equation",
  domain: "algebra",
  method: "sum-and-product",
  split: "train",
  // Level: form (1: integer roots of one sign; 2: of any sign; 3: with a leading coefficient; 4: roots p + sqrt(q)), largest root.
  knobs: [
    { form: 1, max: 9 },
    { form: 2, max: 15 },
    { form: 3, max: 40 },
    { form: 4, max: 30 },
    { form: 4, max: 900 },
  ],
  draw(random, { form, max }) {
    const larger = form === 4 || random.int(0, 1) === 1;
    const which = larger ? "larger" : "smaller";
    const work = new Work();
    const equation = (a: number, b: number, c: number) => {
      const middle = b === 0 ? "" : Math.abs(b) === 1 ? `${b < 0 ? " - " : " + "}x` : `${summand(b)}x`;
      return `${a === 1 ? "" : a}x^2${middle}${summand(c)} = 0`;
    };
    const ask = (text: string) =>
      random.pick([`What is the ${which} solution of ${text}?`, `Find the ${which} number x with ${text}.`]);
    if (form === 4) {
      const half = nonZero(random, max);
      const c = nonZero(random, max * 3);
      const under = half * half - c;
      const root = Math.round(Math.sqrt(Math.max(under, 0)));
      if (under < 2 || root * root === under) return undefined;
      work.divide(-2 * half, -2);
      work.multiply(half, half);
      work.subtract(half * half, c);
      return {
        statement: ask(equation(1, -2 * half, c)),
        answer: `${half} + \\sqrt{${under}}`,
        steps: work.lines,
        numbers: [half, c],
      };
    }
    const sign = random.int(0, 1) === 1 ? 1 : -1;
    const one = form === 1 ? sign * random.int(1, max) : nonZero(random, max);
    const other = form === 1 ? sign * random.int(1, max) : nonZero(random, max);
    if (one === other) return undefined;
    const [low, high] = [Math.min(one, other), Math.max(one, other)];
    const [sum, product] = [low + high, low * high];
    const a = form === 3 ? random.int(2, 12) : 1;
    if (a !== 1) {
      work.divide(a * -sum, a);
      work.divide(a * product, a);
      work.join(2);
    }
    work.add(low, high);
    work.multiply(low, high);
    return {
      statement: ask(equation(a, -a * sum, a * product)),
      answer: String(larger ? high : low),
      steps: work.lines,
      numbers: [a, low, high, which],
    };
  },
});

/** Families of equations. */
export const EQUATION_FAMILIES: readonly Family[] = [
  linearEquation,
  numberPuzzle,
  inequality,
  quadratic,
];
