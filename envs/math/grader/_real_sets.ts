/**
 * Sets of real numbers as ordered, disjoint pieces: intervals, points, unions, differences, inequalities in one variable.
 *
 * @module
 */
import type { Expression } from "./expression.ts";
import type { Fuel } from "./fuel.ts";
import { NormalForm, NotScalar } from "./normal_form.ts";
import { TooLarge } from "./_polynomial.ts";
import * as Q from "./rational.ts";
import { type Comparison, constantValue, verdict } from "./_scalar.ts";
import { printExpression } from "./print.ts";

/** An end of a piece: its expression and its value, infinite ones included. */
interface End {
  readonly expression: Expression;
  readonly value: number;
}

/** An interval; a point if both ends are the same and closed. */
interface Piece {
  readonly low: End;
  readonly high: End;
  readonly lowClosed: boolean;
  readonly highClosed: boolean;
}

const INFINITY: Expression = { kind: "constant", name: "infinity" };
const PLUS: End = { expression: INFINITY, value: Infinity };
const MINUS: End = { expression: { kind: "negate", operand: INFINITY }, value: -Infinity };
const LINE: Piece = { low: MINUS, high: PLUS, lowClosed: false, highClosed: false };

function isInfinite(e: Expression): 1 | -1 | 0 {
  if (e.kind === "constant" && e.name === "infinity") return 1;
  return e.kind === "negate" && isInfinite(e.operand) === 1 ? -1 : 0;
}

function end(e: Expression, fuel: Fuel): End | null {
  const sign = isInfinite(e);
  if (sign !== 0) return sign === 1 ? PLUS : MINUS;
  const { re, im, err } = constantValue(e, fuel);
  // Two ends closer than this cannot be put in order safely.
  return Number.isFinite(re) && im === 0 && err <= 1e-9 * (1 + Math.abs(re)) ? { expression: e, value: re } : null;
}

function piece(low: Expression, high: Expression, lowClosed: boolean, highClosed: boolean, fuel: Fuel): Piece[] | null {
  const [a, b] = [end(low, fuel), end(high, fuel)];
  if (a === null || b === null || a.value > b.value) return null;
  return [{
    low: a,
    high: b,
    lowClosed: lowClosed && Number.isFinite(a.value),
    highClosed: highClosed && Number.isFinite(b.value),
  }];
}

function points(items: readonly Expression[], fuel: Fuel): Piece[] | null {
  const result: Piece[] = [];
  for (const item of items) {
    const at = end(item, fuel);
    if (at === null || !Number.isFinite(at.value)) return null;
    result.push({ low: at, high: at, lowClosed: true, highClosed: true });
  }
  return result;
}

const CLOSE = 1e-12;

function near(a: number, b: number): boolean {
  return a === b ||
    (Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= CLOSE * Math.max(1, Math.abs(a), Math.abs(b)));
}

/** Sorted pieces, joined where they overlap or touch. */
function joined(pieces: readonly Piece[], fuel: Fuel): Piece[] {
  fuel.spend(1 + pieces.length * 4);
  const sorted = [...pieces].sort((a, b) => a.low.value - b.low.value || Number(b.lowClosed) - Number(a.lowClosed));
  const result: Piece[] = [];
  for (const next of sorted) {
    const last = result[result.length - 1];
    const touches = last !== undefined &&
      (near(next.low.value, last.high.value) ? next.lowClosed || last.highClosed : next.low.value < last.high.value);
    if (last === undefined || !touches) {
      result.push(next);
      continue;
    }
    const lowClosed = last.lowClosed || (near(next.low.value, last.low.value) && next.lowClosed);
    if (near(next.high.value, last.high.value)) {
      result[result.length - 1] = { ...last, lowClosed, highClosed: last.highClosed || next.highClosed };
    } else if (next.high.value > last.high.value) {
      result[result.length - 1] = { low: last.low, lowClosed, high: next.high, highClosed: next.highClosed };
    } else result[result.length - 1] = { ...last, lowClosed };
  }
  return result;
}

function complement(pieces: readonly Piece[], fuel: Fuel): Piece[] {
  const result: Piece[] = [];
  let [low, lowClosed] = [MINUS, false];
  for (const next of joined(pieces, fuel)) {
    const isGap = near(low.value, next.low.value) ? lowClosed && !next.lowClosed : low.value < next.low.value;
    if (isGap) {
      result.push({ low, lowClosed, high: next.low, highClosed: !next.lowClosed && Number.isFinite(next.low.value) });
    }
    low = next.high;
    lowClosed = !next.highClosed && Number.isFinite(next.high.value);
  }
  if (low.value < Infinity) result.push({ low, lowClosed, high: PLUS, highClosed: false });
  return result;
}

function intersection(a: readonly Piece[], b: readonly Piece[], fuel: Fuel): Piece[] {
  return complement([...complement(a, fuel), ...complement(b, fuel)], fuel);
}

/** Solutions of a chain of relations in one variable that stands alone in it, or of one linear relation. */
function solutions(
  e: Expression & { kind: "relation" },
  fuel: Fuel,
): { readonly name: string; readonly pieces: Piece[] } | null {
  const { operators, operands } = e;
  const at = operands.findIndex((operand) => operand.kind === "symbol");
  const variable = operands[at];
  if (variable?.kind !== "symbol") return linear(e, fuel);
  let pieces: Piece[] = [LINE];
  for (const [index, operator] of operators.entries()) {
    const [left, right] = [operands[index], operands[index + 1]];
    if (left === undefined || right === undefined) return null;
    // In a chain only the variable's own neighbours say something; the rest must be constants in order.
    if (index !== at && index + 1 !== at) continue;
    const onLeft = index === at;
    const half = halfLine(onLeft ? operator : flip(operator), onLeft ? right : left, fuel);
    if (half === null) return linear(e, fuel);
    pieces = intersection(pieces, half, fuel);
  }
  if (operators.length > 2) return null;
  return { name: variable.name, pieces };
}

type Operator = (Expression & { kind: "relation" })["operators"][number];

/** The operator read from right to left. */
export function flip(operator: Operator): Operator {
  switch (operator) {
    case "<":
      return ">";
    case "<=":
      return ">=";
    case ">":
      return "<";
    case ">=":
      return "<=";
    default:
      return operator;
  }
}

function halfLine(operator: Operator, bound: Expression, fuel: Fuel): Piece[] | null {
  if (operator === "in") return toPieces(bound, fuel);
  const at = end(bound, fuel);
  if (at === null) return null;
  switch (operator) {
    case "<":
    case "<=":
      return [{ low: MINUS, lowClosed: false, high: at, highClosed: operator === "<=" && Number.isFinite(at.value) }];
    case ">":
    case ">=":
      return [{ low: at, lowClosed: operator === ">=" && Number.isFinite(at.value), high: PLUS, highClosed: false }];
    case "!=":
      return complement([{ low: at, high: at, lowClosed: true, highClosed: true }], fuel);
    default:
      return null;
  }
}

/** Solutions of one inequality that is linear in one variable with rational coefficients. */
function linear(
  e: Expression & { kind: "relation" },
  fuel: Fuel,
): { readonly name: string; readonly pieces: Piece[] } | null {
  const [left, right] = e.operands;
  const [operator] = e.operators;
  if (e.operators.length !== 1 || left === undefined || right === undefined || operator === undefined) return null;
  if (operator === "=" || operator === "~" || operator === "in" || operator === "subset") return null;
  try {
    const form = new NormalForm(fuel);
    const sum = form.fractions.asSum(form.of({ kind: "sum", terms: [left, { kind: "negate", operand: right }] }));
    if (sum === null || sum.size > 2) return null;
    const slope = [...sum.values()].find((term) => term.monomial.length > 0);
    const [pair] = slope?.monomial ?? [];
    if (
      slope === undefined || pair === undefined || slope.monomial.length !== 1 || pair[1].n !== 1n || pair[1].d !== 1n
    ) return null;
    const { key } = form.fractions.sums.atomAt(pair[0]);
    const constant = sum.get("")?.coefficient ?? Q.ZERO;
    if (!key.startsWith("var:") || (sum.size === 2 && constant.n === 0n)) return null;
    const value = Q.negate(Q.divide(constant, slope.coefficient, fuel));
    const bound: Expression = {
      kind: "quotient",
      numerator: { kind: "number", value: { n: value.n, d: 1n } },
      denominator: { kind: "number", value: { n: value.d, d: 1n } },
    };
    const pieces = halfLine(slope.coefficient.n < 0n ? flip(operator) : operator, bound, fuel);
    return pieces === null ? null : { name: key.slice(4), pieces };
  } catch (error) {
    if (error instanceof TooLarge || error instanceof Q.UndefinedValue || error instanceof NotScalar) return null;
    throw error;
  }
}

/** Pieces of a set; null if the expression is none, or has ends without a value. */
function toPieces(e: Expression, fuel: Fuel): Piece[] | null {
  fuel.spend(1);
  switch (e.kind) {
    case "interval":
      return piece(e.low, e.high, e.lowClosed, e.highClosed, fuel);
    case "tuple": {
      const [low, high] = e.items;
      return e.items.length === 2 && low !== undefined && high !== undefined
        ? piece(low, high, false, false, fuel)
        : null;
    }
    case "set":
      return points(e.items, fuel);
    case "constant":
      return e.name === "R" ? [LINE] : null;
    case "relation":
      return solutions(e, fuel)?.pieces ?? null;
    case "list": {
      const solved = e.items.map((item) => item.kind === "relation" ? solutions(item, fuel) : null);
      const names = new Set(solved.map((item) => item?.name));
      if (solved.includes(null) || names.size !== 1) return null;
      const parts = solved.flatMap((item) => item === null ? [] : [item.pieces]);
      return e.connective === "or"
        ? joined(parts.flat(), fuel)
        : parts.reduce((a, b) => intersection(a, b, fuel), [LINE]);
    }
    case "setOperation": {
      const parts = e.parts.map((part) => toPieces(part, fuel));
      if (parts.includes(null)) return null;
      const [first = [], ...rest] = parts.flatMap((part) => part === null ? [] : [part]);
      if (e.operator === "union") return joined([first, ...rest].flat(), fuel);
      return rest.reduce((a, b) => intersection(a, e.operator === "minus" ? complement(b, fuel) : b, fuel), first);
    }
    default:
      return null;
  }
}

function isInterval(e: Expression): boolean {
  return e.kind === "interval" || e.kind === "setOperation" || e.kind === "relation" ||
    (e.kind === "constant" && e.name === "R") ||
    (e.kind === "list" && e.items.every((item) => item.kind === "relation"));
}

/**
 * Compares two sets of real numbers.
 *
 * @param compare decides on ends.
 * @returns null if the two are not both sets of real numbers with ends that have values, or neither is written as more than a
 * pair or a finite set.
 */
export function compareRealSets(
  gold: Expression,
  answer: Expression,
  fuel: Fuel,
  compare: (gold: Expression, answer: Expression) => Comparison,
): Comparison | null {
  if (!isInterval(gold) && !isInterval(answer)) return null;
  const [g, a] = [toPieces(gold, fuel), toPieces(answer, fuel)];
  if (g === null || a === null) return null;
  const [golds, answers] = [joined(g, fuel), joined(a, fuel)];
  if (golds.length !== answers.length) {
    return verdict(false, "exact", `${golds.length} intervals against ${answers.length}`);
  }
  let method: Comparison["method"] = "exact";
  for (const [index, left] of golds.entries()) {
    const right = answers[index];
    if (right === undefined || left.lowClosed !== right.lowClosed || left.highClosed !== right.highClosed) {
      return verdict(false, "exact", "an end is open on one side and closed on the other");
    }
    for (const [x, y] of [[left.low, right.low], [left.high, right.high]] as const) {
      if (printExpression(x.expression) === printExpression(y.expression)) continue;
      const result = compare(x.expression, y.expression);
      if (!result.equal) return result;
      if (method === "exact" || result.method === "numeric") method = result.method;
    }
  }
  return verdict(true, method, "the same set of real numbers");
}
