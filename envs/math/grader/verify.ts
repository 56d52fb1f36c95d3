/**
 * The exact grader: finds the answer, cleans both sides, parses them and compares, under one counted budget.
 *
 * Contract: one of five verdicts, never folded into fewer, never an exception, and the same on every machine.
 * - `correct`, `incorrect`: both sides were read.
 * - `unparsed`: there is no answer, or one side cannot be read (`detail` says which), or the answer is words where the reference
 *   is mathematics. Sides that agree letter by letter after cleaning are correct even so.
 * - `timeout`: the budget of steps is used up. No clock is read.
 * - `error`: an exception that is the grader's own fault; `detail` holds its message.
 *
 * Units: if both sides have one, they must measure the same, and are converted exactly (100 cm = 1 m); if one has none, only the
 * number counts; count words ("apples") are never compared. Degrees equal their radians. A lone letter behind a number
 * ("5 m") is read as a unit first and as a variable second.
 * Percent: with a sign on both sides the numbers are compared. With a sign on one side only, p % equals p / 100, and it equals a
 * bare p too, since references and questions ("what percent …") often leave the sign out; the latter not if the reference is bare
 * and below 1 in size, which is then a proportion: the reference 0.5 accepts 50 % and refuses 0.5 %.
 * Choices: only the last 100,000 characters of a completion are looked at; a reference that is one capital letter accepts
 * "(C) 12" for C.
 *
 * @module
 */
import { type CleanAnswer, cleanAnswer } from "./clean.ts";
import { compareAnswers, type Comparison } from "./compare.ts";
import type { Expression } from "./expression.ts";
import { extractAnswer } from "./extract.ts";
import { DEFAULT_FUEL, Fuel, FuelExhausted } from "./fuel.ts";
import { parseAnswer, ParseError } from "./parse.ts";
import { printExpression } from "./print.ts";
import { integer } from "./rational.ts";
import type { Verification } from "./verification.ts";
import { readUnit, type Unit, UNIT_LETTERS } from "./_units.ts";

export type { Verification } from "./verification.ts";

/** Name and version of this grader, kept in rows. */
export const GRADER = "exact/1";

/** Characters at the end of a completion in which the answer is sought. */
export const COMPLETION_TAIL = 100_000;

/** Options of {@linkcode verifyAnswer}. */
export interface VerifyOptions {
  /**
   * Largest absolute error that is still correct; exact if left out.
   *
   * @default {undefined}
   */
  tolerance?: number;
  /**
   * Largest error relative to the reference that is still correct; exact if left out.
   *
   * @default {undefined}
   */
  relativeTolerance?: number;
  /**
   * Whether a decimal may stand for the exact value that it is rounded from (0.333 for 1/3); see `_scalar.ts` for the rule.
   *
   * @default {false}
   */
  roundedDecimals?: boolean;
  /**
   * Budget of elementary steps.
   *
   * @default {DEFAULT_FUEL}
   */
  steps?: number;
}

/** One side, cleaned and parsed. */
interface Side {
  readonly clean: CleanAnswer;
  readonly expression: Expression | null;
  readonly problem: string;
}

/** What the steps of a verdict share. */
interface Context {
  readonly fuel: Fuel;
  readonly options: VerifyOptions;
}

/** Kinds that may be multiplied by the factor between two units. */
const SCALARS: ReadonlySet<Expression["kind"]> = new Set(
  ["number", "constant", "symbol", "sum", "negate", "product", "quotient", "power", "root", "call"] as const,
);

function readSide(text: string, context: Context, keepUnits = false): Side {
  context.fuel.spend(text.length);
  const clean = cleanAnswer(text, { keepUnits });
  try {
    return { clean, expression: parseAnswer(clean.text, context.fuel), problem: "" };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { clean, expression: null, problem: error.message };
  }
}

function compare(gold: Expression, answer: Expression, { fuel, options }: Context): Comparison {
  const { tolerance, relativeTolerance, roundedDecimals = false } = options;
  return compareAnswers(gold, answer, fuel, {
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(relativeTolerance === undefined ? {} : { relativeTolerance }),
    roundedDecimals,
  });
}

/** `expression × numerator / denominator`, times π or over π for angles. */
function scaled(expression: Expression, numerator: bigint, denominator: bigint, pi: -1 | 0 | 1 = 0): Expression {
  const factor = (value: bigint): Expression => ({ kind: "number", value: integer(value) });
  const constant: Expression = { kind: "constant", name: "pi" };
  const above: Expression[] = [expression, factor(numerator)];
  if (pi === 1) above.push(constant);
  const below = pi === -1
    ? { kind: "product" as const, factors: [factor(denominator), constant] }
    : factor(denominator);
  return { kind: "quotient", numerator: { kind: "product", factors: above }, denominator: below };
}

const NO_UNIT: Unit = { dimension: "", numerator: 1n, denominator: 1n };

function different(detail: string): Comparison {
  return { equal: false, method: "exact", detail };
}

/** Compares with units taken into account. */
function compareQuantities(gold: Side, answer: Side, context: Context): Comparison {
  const { expression: left } = gold;
  const { expression: right } = answer;
  if (left === null || right === null) return different("one side cannot be read");
  const goldUnit = gold.clean.unit === null ? NO_UNIT : readUnit(gold.clean.unit);
  const answerUnit = answer.clean.unit === null ? NO_UNIT : readUnit(answer.clean.unit);
  const known = goldUnit.dimension !== "" && answerUnit.dimension !== "";
  if (known && goldUnit.dimension === answerUnit.dimension) {
    const numerator = answerUnit.numerator * goldUnit.denominator;
    const denominator = answerUnit.denominator * goldUnit.numerator;
    if (numerator === denominator) return compare(left, right, context);
    if (!SCALARS.has(right.kind)) return different("the units differ");
    return compare(left, scaled(right, numerator, denominator), context);
  }
  const angles = [goldUnit.dimension || "radian^1", answerUnit.dimension || "radian^1"].join();
  const angular = SCALARS.has(left.kind) && SCALARS.has(right.kind);
  const mentionsPi = (text: string) => /\\pi|(?<![a-z])pi(?![a-z])/.test(text);
  if (angles === "angle^1,radian^1" && angular && (known || mentionsPi(answer.clean.text))) {
    return compare(left, scaled(right, 180n, 1n, -1), context);
  }
  if (angles === "radian^1,angle^1" && angular && (known || mentionsPi(gold.clean.text))) {
    return compare(left, scaled(right, 1n, 180n, 1), context);
  }
  if (known) return different(`the units "${gold.clean.unit}" and "${answer.clean.unit}" measure different things`);
  return compare(left, right, context);
}

/** Whether the size of a bare reference is below 1; false for what is no number. */
function belowOne(gold: Expression): boolean {
  if (gold.kind === "negate") return belowOne(gold.operand);
  if (gold.kind === "number") {
    return (gold.value.n < 0n ? -gold.value.n : gold.value.n) < gold.value.d;
  }
  return gold.kind === "quotient" && gold.numerator.kind === "number" && gold.denominator.kind === "number" &&
    gold.numerator.value.d === 1n && gold.denominator.value.d === 1n &&
    gold.numerator.value.n < gold.denominator.value.n;
}

/** Compares with percent signs taken into account. */
function comparePercent(gold: Side, answer: Side, context: Context): Comparison {
  const { expression: left } = gold;
  const { expression: right } = answer;
  if (left === null || right === null || gold.clean.percent === answer.clean.percent) {
    return compareQuantities(gold, answer, context);
  }
  const bare = gold.clean.percent || !belowOne(left) ? compareQuantities(gold, answer, context) : undefined;
  if (bare?.equal) return bare;
  const hundredth = (side: Side): Side => {
    const { expression } = side;
    if (expression === null || !SCALARS.has(expression.kind)) return side;
    return { ...side, expression: scaled(expression, 1n, 100n) };
  };
  return gold.clean.percent
    ? compareQuantities(hundredth(gold), answer, context)
    : compareQuantities(gold, hundredth(answer), context);
}

/** The letter of "(C) 12" or "C. 12" where the reference is one capital letter. */
function choiceOf(gold: string, answer: string): string | undefined {
  if (!/^\(?[A-J]\)?$/.test(cleanAnswer(gold).text)) return undefined;
  const plain = cleanAnswer(answer).text;
  return /^\(\s?([A-J])\s?\)\s?\S/.exec(plain)?.[1] ?? /^([A-J])\s?[).:]\s?\S/.exec(plain)?.[1];
}

/** A lone letter as the only unit, which may as well be a variable. */
function letterUnit(side: Side, raw: string): boolean {
  const { unit } = side.clean;
  return unit !== null && UNIT_LETTERS.includes(unit.charAt(0)) && /^[a-zA-Z](?:\^\d)?$/.test(unit) &&
    !/\\(?:text|mathrm|mbox|rm)/.test(raw);
}

/** Words, or a list with words in it. */
function isWords(expression: Expression): boolean {
  return expression.kind === "text" || expression.kind === "list" && expression.items.some(isWords);
}

/** Says of two raw sides what the verdict is. */
function judge(gold: string, answer: string, context: Context): Omit<Verification, "extracted" | "steps"> {
  const left = readSide(gold, context);
  const right = readSide(choiceOf(gold, answer) ?? answer, context);
  const printed = (
    side: Side,
  ) => (side.expression === null ? null : printExpression(side.expression) + (side.clean.percent ? "%" : ""));
  const read = { gold: printed(left), answer: printed(right) };
  const squeeze = (side: Side) => side.clean.text.replace(/\s+/g, "");
  const same = squeeze(left) !== "" && squeeze(left) === squeeze(right) && left.clean.percent === right.clean.percent;
  if (left.expression === null || right.expression === null) {
    if (same) {
      return {
        ...read,
        verdict: "correct",
        method: "text",
        detail: "equal letter by letter; it cannot be read otherwise",
      };
    }
    const [name, side] = left.expression === null ? ["reference", left] as const : ["answer", right] as const;
    return { ...read, verdict: "unparsed", method: "none", detail: `the ${name} cannot be read: ${side.problem}` };
  }
  let comparison = comparePercent(left, right, context);
  if (!comparison.equal && (letterUnit(left, gold) || letterUnit(right, answer))) {
    const again = [readSide(gold, context, true), readSide(answer, context, true)] as const;
    if (again[0].expression !== null && again[1].expression !== null) {
      const second = compare(again[0].expression, again[1].expression, context);
      if (second.equal) comparison = second;
    }
  }
  if (!comparison.equal && isWords(right.expression) && !isWords(left.expression)) {
    return {
      ...read,
      verdict: "unparsed",
      method: "none",
      detail: "the answer is words where the reference is mathematics",
    };
  }
  return {
    ...read,
    verdict: comparison.equal ? "correct" : "incorrect",
    method: comparison.method,
    detail: comparison.detail,
  };
}

/**
 * Judges a completion against a reference answer; see the module comment.
 *
 * @example Equal values in different clothes, and a completion without an answer
 * ```ts
 * import { verifyAnswer } from "whetstone/envs/math/grader/verify.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(verifyAnswer("\\frac{1}{2}", "So the answer is **0.5**.").verdict, "correct");
 * assert.equal(verifyAnswer("1 m", "Answer: 99 cm").verdict, "incorrect");
 * assert.equal(verifyAnswer("12", "There were 12 of them, I think").verdict, "unparsed");
 * ```
 *
 * @param gold reference answer: LaTeX or plain text, delimiters and units allowed, no prose.
 * @param completion the whole completion.
 * @param options see {@linkcode VerifyOptions}.
 * @returns the verdict with what it is based on; never throws.
 */
export function verifyAnswer(gold: string, completion: string, options: VerifyOptions = {}): Verification {
  const { steps = DEFAULT_FUEL } = options;
  const fuel = new Fuel(steps);
  const context: Context = { fuel, options };
  const base = { gold: null, answer: null, extracted: null, method: "none" };
  let extracted: string | null = null;
  try {
    const tail = completion.slice(-COMPLETION_TAIL);
    fuel.spend(Math.ceil(tail.length / 8));
    extracted = extractAnswer(tail)?.text ?? null;
    if (extracted === null) {
      return { ...base, verdict: "unparsed", detail: "the completion has no answer", steps: fuel.spent };
    }
    return { ...judge(gold, extracted, context), extracted, steps: fuel.spent };
  } catch (error) {
    const timeout = error instanceof FuelExhausted;
    return {
      ...base,
      extracted,
      verdict: timeout ? "timeout" : "error",
      detail: timeout
        ? `the budget of ${steps} steps is used up`
        : `${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
      steps: fuel.spent,
    };
  }
}
