/**
 * Takes signs ± apart, and lists names.
 *
 * @module
 */
import type { Expression } from "./expression.ts";
import type { Fuel } from "./fuel.ts";

/** A copy of an expression with each direct part replaced. */
export function mapParts(e: Expression, f: (part: Expression) => Expression): Expression {
  switch (e.kind) {
    case "sum":
      return { ...e, terms: e.terms.map(f) };
    case "negate":
      return { ...e, operand: f(e.operand) };
    case "product":
      return { ...e, factors: e.factors.map(f) };
    case "quotient":
      return { ...e, numerator: f(e.numerator), denominator: f(e.denominator) };
    case "power":
      return { ...e, base: f(e.base), exponent: f(e.exponent) };
    case "root":
      return { ...e, radicand: f(e.radicand) };
    case "call":
      return { ...e, args: e.args.map(f) };
    case "plusMinus":
      return { ...e, left: e.left === null ? null : f(e.left), right: f(e.right) };
    case "tuple":
    case "set":
    case "list":
      return { ...e, items: e.items.map(f) };
    case "interval":
      return { ...e, low: f(e.low), high: f(e.high) };
    case "setOperation":
      return { ...e, parts: e.parts.map(f) };
    case "matrix":
      return { ...e, rows: e.rows.map((row) => row.map(f)) };
    case "relation":
      return { ...e, operands: e.operands.map(f) };
    case "congruence":
      return { ...e, left: f(e.left), right: f(e.right), modulus: f(e.modulus) };
    case "ratio":
      return { ...e, parts: e.parts.map(f) };
    default:
      return e;
  }
}

/** Calls `visit` with an expression and all its parts. */
export function walk(e: Expression, fuel: Fuel, visit: (part: Expression) => void): void {
  fuel.spend(1);
  visit(e);
  mapParts(e, (part) => {
    walk(part, fuel, visit);
    return part;
  });
}

/** Names of the variables in order of first appearance. */
export function variables(e: Expression, fuel: Fuel, into: Set<string> = new Set()): Set<string> {
  walk(e, fuel, (part) => {
    if (part.kind === "symbol") into.add(part.name);
  });
  return into;
}

/** Whether some part fulfils a condition. */
export function contains(e: Expression, fuel: Fuel, condition: (part: Expression) => boolean): boolean {
  let found = false;
  walk(e, fuel, (part) => {
    found ||= condition(part);
  });
  return found;
}

/** The expression with all upper or all lower signs of ± and ∓ taken. */
function withSign(e: Expression, upper: boolean, fuel: Fuel): Expression {
  fuel.spend(1);
  const mapped = mapParts(e, (part) => withSign(part, upper, fuel));
  if (mapped.kind !== "plusMinus") return mapped;
  const positive = upper !== mapped.minusFirst;
  const right: Expression = positive ? mapped.right : { kind: "negate", operand: mapped.right };
  return mapped.left === null ? right : { kind: "sum", terms: [mapped.left, right] };
}

/** Both readings of a value with ±, the upper signs first; the value itself if it has none. */
export function expandSigns(e: Expression, fuel: Fuel): readonly Expression[] {
  if (!contains(e, fuel, (part) => part.kind === "plusMinus")) return [e];
  return [withSign(e, true, fuel), withSign(e, false, fuel)];
}
