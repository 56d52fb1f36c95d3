/**
 * What kind of thing a reference answer is, by the grader's own reading of it.
 *
 * Contract: one of {@linkcode ANSWER_KINDS} for any text; `unparsed` is what the grader cannot read, or compares letter by letter
 * though it is no word.
 * Choices: a sign does not change the kind of a number; a quotient of two integers is a fraction; a chain of equalities is an equation, any
 * other relation an inequality; a union of intervals counts as an interval.
 *
 * @module
 */
import { cleanAnswer } from "../envs/math/grader/clean.ts";
import type { Expression } from "../envs/math/grader/expression.ts";
import { Fuel, FuelExhausted } from "../envs/math/grader/fuel.ts";
import { parseAnswer, ParseError } from "../envs/math/grader/parse.ts";

/** What a reference answer may be. */
export const ANSWER_KINDS = [
  "integer",
  "decimal",
  "fraction",
  "expression",
  "tuple",
  "list",
  "set",
  "interval",
  "equation",
  "inequality",
  "matrix",
  "text",
  "unparsed",
] as const;
/** See {@linkcode ANSWER_KINDS}. */
export type AnswerKind = typeof ANSWER_KINDS[number];

/**
 * What an answer is, by the grader's reading of it.
 *
 * @example A fraction and a pair
 * ```ts
 * import { answerKind } from "whetstone/eval/answer_kind.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(answerKind("-\\frac{1}{2}"), "fraction");
 * assert.equal(answerKind("(3, \\frac{\\pi}{2})"), "tuple");
 * ```
 */
export function answerKind(answer: string): AnswerKind {
  try {
    return kindOf(parseAnswer(cleanAnswer(answer).text, new Fuel()));
  } catch (error) {
    if (error instanceof ParseError || error instanceof FuelExhausted) return "unparsed";
    throw error;
  }
}

function kindOf(expression: Expression): AnswerKind {
  switch (expression.kind) {
    case "number":
      return expression.decimal !== undefined ? "decimal" : expression.value.d === 1n ? "integer" : "fraction";
    case "negate": {
      const kind = kindOf(expression.operand);
      return kind === "integer" || kind === "decimal" || kind === "fraction" ? kind : "expression";
    }
    case "quotient":
      return kindOf(expression.numerator) === "integer" && kindOf(expression.denominator) === "integer"
        ? "fraction"
        : "expression";
    case "tuple":
    case "list":
    case "set":
    case "interval":
    case "matrix":
    case "text":
      return expression.kind;
    case "setOperation":
      return expression.parts.some((part) => kindOf(part) === "interval") ? "interval" : "set";
    case "relation":
      return expression.operators.every((operator) => operator === "=" || operator === "~") ? "equation" : "inequality";
    case "congruence":
      return "equation";
    case "opaque":
      return "unparsed";
    default:
      return "expression";
  }
}
