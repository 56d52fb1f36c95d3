/**
 * Equations, inequalities and congruences against each other.
 *
 * @module
 */
import { variables } from "./_expand.ts";
import type { Expression } from "./expression.ts";
import type { Fuel } from "./fuel.ts";
import { NormalForm, NotScalar } from "./normal_form.ts";
import { type Polynomial, TooLarge } from "./_polynomial.ts";
import * as Q from "./rational.ts";
import { compareRealSets, flip } from "./_real_sets.ts";
import { type Comparison, verdict } from "./_scalar.ts";

type Relation = Expression & { kind: "relation" };
type Compare = (gold: Expression, answer: Expression) => Comparison;

function difference(e: Relation): Expression | null {
  const [left, right] = e.operands;
  return left === undefined || right === undefined
    ? null
    : { kind: "sum", terms: [left, { kind: "negate", operand: right }] };
}

/** left - right of both as sums without denominators; null where exact work fails. */
function sides(
  gold: Relation,
  answer: Relation,
  fuel: Fuel,
): { readonly form: NormalForm; readonly g: Polynomial; readonly a: Polynomial } | null {
  const [x, y] = [difference(gold), difference(answer)];
  if (x === null || y === null) return null;
  return fuel.attempt(0.6, (part) => {
    try {
      const form = new NormalForm(part);
      const [g, a] = [form.of(x), form.of(y)];
      const sums = form.fractions.sums;
      // A common power of a variable below, as in y = 1/x, is multiplied away on both sides.
      return { form, g: cleared(g.num, sums), a: cleared(a.num, sums) };
    } catch (error) {
      if (error instanceof TooLarge || error instanceof Q.UndefinedValue || error instanceof NotScalar) return null;
      throw error;
    }
  }) ?? null;
}

/** A sum times the variables that it has below the fraction bar. */
function cleared(sum: Polynomial, sums: NormalForm["fractions"]["sums"]): Polynomial {
  const lowest = new Map<number, Q.Rational>();
  for (const { monomial } of sum.values()) {
    for (const [atom, exponent] of monomial) {
      sums.fuel.spend(1);
      const known = lowest.get(atom) ?? Q.ZERO;
      if (exponent.n < 0n && Q.compare(exponent, known, sums.fuel) < 0) lowest.set(atom, exponent);
    }
  }
  if (lowest.size === 0) return sum;
  const monomial = [...lowest].sort(([a], [b]) => a - b).map(([atom, exponent]) => [atom, Q.negate(exponent)] as const);
  return sums.multiply(sum, sums.single({ coefficient: Q.ONE, monomial }));
}

/** The constant c with g = c a, or null; g and a are not zero. */
function constantFactor(form: NormalForm, g: Polynomial, a: Polynomial): Q.Rational | null {
  const { sums } = form.fractions;
  const [first] = g;
  const other = first === undefined ? undefined : a.get(first[0]);
  if (first !== undefined && other !== undefined) {
    const factor = Q.divide(first[1].coefficient, other.coefficient, sums.fuel);
    if (sums.subtract(g, sums.scale(a, factor)).size === 0) return factor;
  }
  return null;
}

/** Whether g = c a for a c without variables, such as sqrt(2): the ratio of two terms' numeric parts is tried. */
function isMultiple(form: NormalForm, g: Polynomial, a: Polynomial): boolean {
  const { sums } = form.fractions;
  const split = (p: Polynomial) => {
    const groups = new Map<string, Polynomial>();
    for (const { coefficient, monomial } of p.values()) {
      sums.fuel.spend(1);
      const named = monomial.filter(([atom]) => sums.atomAt(atom).key.startsWith("var:"));
      const numeric = monomial.filter((pair) => !named.includes(pair));
      if (numeric.some(([atom]) => !/^(prime:|i$|pi$|exp:$)/.test(sums.atomAt(atom).key))) return null;
      const key = form.fractions.monomialKey(named);
      groups.set(key, sums.add(groups.get(key) ?? sums.zero, sums.single({ coefficient, monomial: numeric })));
    }
    return groups;
  };
  const [x, y] = [split(g), split(a)];
  if (x === null || y === null || x.size !== y.size) return false;
  const [first] = x;
  if (first === undefined) return false;
  const other = y.get(first[0]);
  if (other === undefined) return false;
  for (const [key, part] of x) {
    const counterpart = y.get(key);
    if (counterpart === undefined) return false;
    if (sums.subtract(sums.multiply(part, other), sums.multiply(counterpart, first[1])).size > 0) return false;
  }
  return true;
}

/** The relation with < or <= only, turned round if need be; null for a chain or another relation. */
function upward(e: Relation): Relation | null {
  const [operator] = e.operators;
  if (e.operators.length !== 1 || operator === undefined) return null;
  if (operator === "<" || operator === "<=") return e;
  if (operator !== ">" && operator !== ">=") return null;
  return { kind: "relation", operators: [flip(operator)], operands: [...e.operands].reverse() };
}

/**
 * Compares two relations, or a relation with a set.
 *
 * @param compare decides on parts.
 * @returns null if the other side is a list that has to be matched item by item.
 */
export function compareRelations(
  gold: Expression,
  answer: Expression,
  fuel: Fuel,
  compare: Compare,
): Comparison | null {
  if (gold.kind === "congruence" || answer.kind === "congruence") return congruences(gold, answer, fuel, compare);
  const sameVariable = onlyVariable(gold, fuel) === onlyVariable(answer, fuel) || onlyVariable(gold, fuel) === null ||
    onlyVariable(answer, fuel) === null;
  if (isEquality(gold) || isEquality(answer)) {
    if (gold.kind !== "relation" || answer.kind !== "relation") return null;
    return equations(gold, answer, fuel);
  }
  const sets = sameVariable ? compareRealSets(gold, answer, fuel, compare) : null;
  if (sets !== null) return sets;
  if (gold.kind !== "relation" || answer.kind !== "relation") return null;
  const [g, a] = [upward(gold), upward(answer)];
  if (g !== null && a !== null && g.operators[0] === a.operators[0]) {
    const both = sides(g, a, fuel);
    const factor = both === null || both.g.size === 0 || both.a.size === 0
      ? null
      : constantFactor(both.form, both.g, both.a);
    return verdict(factor !== null && factor.n > 0n, "symbolic", "inequalities up to a positive factor");
  }
  return sameChain(gold, answer, compare) ?? sameChain(gold, turned(answer), compare) ??
    verdict(false, "symbolic", "different relations");
}

function turned(e: Relation): Relation {
  return { kind: "relation", operators: [...e.operators].reverse().map(flip), operands: [...e.operands].reverse() };
}

/** Equal operators and operands one by one; null if not. */
function sameChain(gold: Relation, answer: Relation, compare: Compare): Comparison | null {
  if (gold.operators.join() !== answer.operators.join()) return null;
  for (const [index, operand] of gold.operands.entries()) {
    const other = answer.operands[index];
    if (other === undefined || !compare(operand, other).equal) return null;
  }
  return verdict(true, "symbolic", "the same chain of relations");
}

function isEquality(e: Expression): boolean {
  return e.kind === "relation" && e.operators.every((operator) => operator === "=" || operator === "~");
}

function onlyVariable(e: Expression, fuel: Fuel): string | null {
  if (e.kind !== "relation" && e.kind !== "list") return null;
  const names = [...variables(e, fuel)];
  return names.length === 1 ? names[0] ?? null : null;
}

function equations(gold: Relation, answer: Relation, fuel: Fuel): Comparison {
  if (gold.operators.length !== 1 || answer.operators.length !== 1 || !isEquality(gold) || !isEquality(answer)) {
    return verdict(false, "symbolic", "different relations");
  }
  const both = sides(gold, answer, fuel);
  if (both === null) return verdict(false, "symbolic", "the equations could not be brought to a normal form");
  const { form, g, a } = both;
  if (g.size === 0 || a.size === 0) {
    return verdict(false, "symbolic", "an equation that always holds equals only itself");
  }
  const equal = constantFactor(form, g, a) !== null || isMultiple(form, g, a);
  return verdict(equal, "symbolic", "equations up to a constant factor");
}

function congruences(gold: Expression, answer: Expression, fuel: Fuel, compare: Compare): Comparison | null {
  if (gold.kind !== "congruence" || answer.kind !== "congruence") {
    return verdict(false, "exact", "a congruence against something else");
  }
  const modulus = compare(gold.modulus, answer.modulus);
  if (!modulus.equal) return modulus;
  const left = compare(gold.left, answer.left);
  if (!left.equal) return left;
  fuel.spend(1);
  const reduce = (e: Expression): Expression => ({ kind: "call", name: "mod", args: [e, gold.modulus] });
  const right = compare(gold.right, answer.right);
  return right.equal ? right : compare(reduce(gold.right), reduce(answer.right));
}
