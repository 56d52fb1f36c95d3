/**
 * What an answer says, as plain data: a union told apart by `kind`.
 *
 * Contract: values only, no behaviour; a tree of the parser is at most {@linkcode MAX_DEPTH} levels of brackets deep, so
 * recursion over it is safe. Signs, fractions and roots stay as they were written; meaning is the comparison's business.
 *
 * @module
 */
import type { Rational } from "./rational.ts";

/** Levels of brackets, exponents and arguments that an answer may have. */
export const MAX_DEPTH = 60;

/** A number written with a point or an exponent. */
export interface DecimalForm {
  /** Places after the point; negative where an exponent of ten shifts it past the digits. */
  readonly places: number;
  /** Digits from the first that is not zero to the last written; 1 for zero. */
  readonly significant: number;
}

/** An integer, or a decimal as written. */
export interface NumberExpression {
  /** Tells the members of the union apart. */
  readonly kind: "number";
  /** The number, exactly as written. */
  readonly value: Rational;
  /** Left out for integers and for numbers that are exact, such as repeating decimals. */
  readonly decimal?: DecimalForm;
  /** The parts between commas where `1,234` could also be a list; left out otherwise. */
  readonly pieces?: readonly string[];
}

/** Relations between two values. */
export const RELATIONS = ["=", "!=", "<", "<=", ">", ">=", "in", "~", "subset"] as const;
/** See {@linkcode RELATIONS}; `~` is "about equal". */
export type RelationOperator = typeof RELATIONS[number];

/** One answer, or a part of one. */
export type Expression =
  | NumberExpression
  /** pi, e, the imaginary unit, infinity, and sets by name (`R`, `Z`, `Q`, `N`, `C`). */
  | { readonly kind: "constant"; readonly name: "pi" | "e" | "i" | "infinity" | "R" | "Z" | "Q" | "N" | "C" }
  /** A variable with its subscript and primes, such as `x`, `x_{1}`, `alpha`, `y'`. */
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "sum"; readonly terms: readonly Expression[] }
  | { readonly kind: "negate"; readonly operand: Expression }
  | { readonly kind: "product"; readonly factors: readonly Expression[] }
  | { readonly kind: "quotient"; readonly numerator: Expression; readonly denominator: Expression }
  | { readonly kind: "power"; readonly base: Expression; readonly exponent: Expression }
  | { readonly kind: "root"; readonly index: number; readonly radicand: Expression }
  /** A known function by its lower-case name, or `f`, `g`, … as opaque ones. `log` has the arguments (x, base) or (x). */
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  /** `left ± right`, `± right` where left is null; `minusFirst` for ∓. */
  | {
    readonly kind: "plusMinus";
    readonly left: Expression | null;
    readonly right: Expression;
    readonly minusFirst: boolean;
  }
  /** Digits in a base, such as 1011_2. */
  | { readonly kind: "based"; readonly digits: string; readonly base: number }
  /** (a, b, …); a pair may also be an open interval. */
  | { readonly kind: "tuple"; readonly items: readonly Expression[] }
  /** {a, b, …}; no items for the empty set. */
  | { readonly kind: "set"; readonly items: readonly Expression[] }
  /** a, b and c without brackets; `connective` where a word joined them. */
  | { readonly kind: "list"; readonly items: readonly Expression[]; readonly connective?: "and" | "or" }
  | {
    readonly kind: "interval";
    readonly low: Expression;
    readonly high: Expression;
    readonly lowClosed: boolean;
    readonly highClosed: boolean;
  }
  | {
    readonly kind: "setOperation";
    readonly operator: "union" | "intersection" | "minus";
    readonly parts: readonly Expression[];
  }
  | { readonly kind: "matrix"; readonly rows: readonly (readonly Expression[])[] }
  /** A chain such as 0 < x <= 1: one operand more than operators. */
  | {
    readonly kind: "relation";
    readonly operators: readonly RelationOperator[];
    readonly operands: readonly Expression[];
  }
  | {
    readonly kind: "congruence";
    readonly left: Expression;
    readonly right: Expression;
    readonly modulus: Expression;
  }
  /** a : b : …; `clock` where it reads like a time of day. */
  | { readonly kind: "ratio"; readonly parts: readonly Expression[]; readonly clock: boolean }
  /** Words, in lower case with single spaces. */
  | { readonly kind: "text"; readonly text: string }
  /** Notation that is only compared letter by letter, such as a set described in words. */
  | { readonly kind: "opaque"; readonly text: string };
