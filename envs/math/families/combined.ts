/**
 * Questions about the result of another family: so much more or less than it, or so many times it.
 *
 * Contract: a combined family asks what its base asks (`What is the average of …?`) with one operation in front (`What is 5 more than
 * the average of …?`). The worked solution is the base's, then a line for the operation; the method is the base's. Train has
 * each base with two of the three operations, test_ood with the third one.
 * Omitted: bases whose answer is no integer, and questions that do not begin with `What is the` or `What is its`.
 *
 * @module
 */
import { Work } from "./_work.ts";
import { defineFamily, type Family, type Knobs } from "./family.ts";

/** What is done to the result of the base. */
export type Combination = "more" | "less" | "times";

const WORDS: Readonly<Record<Combination, string>> = { more: "more than", less: "less than", times: "times" };

// Level: of the base, largest number added or taken away, largest factor.
const KNOBS = [
  { level: 1, amount: 12, factor: 4 },
  { level: 2, amount: 40, factor: 9 },
  { level: 3, amount: 300, factor: 30 },
  { level: 4, amount: 4000, factor: 90 },
  { level: 5, amount: 90_000, factor: 900 },
] as const satisfies readonly Knobs[];

/** Last levels of bases that ask something else after it. */
const LAST_LEVELS: Readonly<Record<string, number>> = { angles: 4 };

function combined(base: Family, combination: Combination, split: Family["split"]): Family {
  const { id, title, domain, method } = base;
  const lastLevel = LAST_LEVELS[id] ?? base.levels;
  return defineFamily({
    id: `${id}-${combination}`,
    title: `${title}: ${WORDS[combination]} that`,
    domain,
    method,
    split,
    ...(split === "ood" ? { near: true } : {}),
    knobs: KNOBS,
    draw(random, { level, amount, factor }) {
      const drawn = base.generate(random, Math.min(level, lastLevel));
      const value = Number(drawn.answer);
      const [question, asked] = /What is ((?:the|its) [^?]*)\?$/.exec(drawn.statement) ?? [];
      const least = combination === "less" ? 2 : 1;
      if (question === undefined || !Number.isSafeInteger(value) || value < least) return undefined;
      const operand = combination === "times"
        ? random.int(2, factor)
        : random.int(1, combination === "less" ? Math.min(amount, value - 1) : amount);
      const work = new Work();
      for (const step of drawn.steps) work.note(step);
      const result = combination === "more"
        ? work.add(value, operand)
        : combination === "less"
        ? work.subtract(value, operand)
        : work.multiply(value, operand);
      const told = drawn.statement.slice(0, -question.length);
      return {
        statement: `${told}What is ${operand} ${WORDS[combination]} ${asked}?`,
        answer: String(result),
        steps: work.lines,
        numbers: [...drawn.numbers, `${combination} ${operand}`],
      };
    },
  });
}

/** Bases by the combination that only test_ood asks of them; train has the other two, so that the words have to be read. */
const UNSEEN: Readonly<Record<Combination, readonly string[]>> = {
  more: ["arithmetic-sequence", "equal-pieces", "modular-arithmetic", "recursion", "triangle-area"],
  less: ["angles", "digit-sum", "gcd", "number-puzzle", "rectangle"],
  times: ["average", "power-mod", "right-triangle-area", "sum-remainder"],
};

/**
 * Families that combine those of `bases` with one operation.
 *
 * @throws {RangeError} if a base is missing.
 */
export function combinedFamilies(bases: readonly Family[]): Family[] {
  const combinations = Object.keys(WORDS) as Combination[];
  return combinations.flatMap((unseen) =>
    UNSEEN[unseen].flatMap((id) => {
      const base = bases.find((family) => family.id === id);
      if (base === undefined) throw new RangeError(`Cannot combine families: there is no family ${id}`);
      return combinations.map((combination) => combined(base, combination, combination === unseen ? "ood" : "train"));
    })
  );
}
