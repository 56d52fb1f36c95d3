/**
 * Values of expressions in complex doubles with an error bound, at given values of the variables.
 *
 * Contract: the same value on every machine (V8 brings its own elementary functions). A value out of range, undefined, or with a
 * part lost in rounding (1 + 10^-20, cos 10^-20) is unknown, and an unknown value is never equal to anything. Unknown functions such as `f` are smooth functions of
 * their arguments that depend on the name alone, so that f(x + 1) and f(1 + x) agree and f(x) and g(x) do not.
 *
 * @module
 */
import * as C from "./_complex.ts";
import type { Complex } from "./_complex.ts";
import type { Expression } from "./expression.ts";
import type { Fuel } from "./fuel.ts";
import { toNumber } from "./rational.ts";
import { keyedRandom } from "../../../data/keyed_random.ts";

/** Reading of `log` without a base. */
export type LogReading = "unknown" | "ten" | "e";

/** Where to evaluate. */
export interface Point {
  /** Values of the variables by name. */
  readonly values: ReadonlyMap<string, number>;
  /** Reading of `log` without a base; an unknown base is 10^0.7 or so. */
  readonly log: LogReading;
}

const UNKNOWN_BASE_LOG = 1.6180339887;
/** A term smaller than this part of another is lost in a double's rounding, or nearly so. */
const ABSORBED = 1e-8;
/** Functions that are 1 + O(x²) or otherwise hide a tiny argument. */
const SMOOTH: ReadonlySet<string> = new Set(["cos", "sec", "cosh", "arccos", "arccot"]);

/** Whether a value is so near zero, but not zero, that a function may hide it. */
function isTiny(a: Complex): boolean {
  const size = C.size(a);
  return size < 1e-4 && size > 4 * a.err && size > 0;
}

/**
 * An expression's value.
 *
 * @example A value and how far it may be off
 * ```ts
 * import { Fuel } from "whetstone/envs/math/grader/fuel.ts";
 * import { evaluate } from "whetstone/envs/math/grader/numeric.ts";
 * import { parseAnswer } from "whetstone/envs/math/grader/parse.ts";
 * import assert from "node:assert/strict";
 *
 * const fuel = new Fuel();
 * const value = evaluate(parseAnswer("x^2 - 2", fuel), { values: new Map([["x", Math.SQRT2]]), log: "unknown" }, fuel);
 * assert.ok(Math.abs(value.re) <= value.err && value.err < 1e-14);
 * ```
 *
 * @returns unknown for what has no numeric value: sets, tuples, text, relations, infinity.
 */
export function evaluate(e: Expression, point: Point, fuel: Fuel): Complex {
  fuel.spend(2);
  const at = (inner: Expression): Complex => evaluate(inner, point, fuel);
  switch (e.kind) {
    case "number": {
      const value = toNumber(e.value);
      if (value === 0 && e.value.n !== 0n) return C.UNKNOWN;
      return e.value.d === 1n ? C.real(value) : C.make(value, 0, Math.abs(value) * C.EPSILON);
    }
    case "constant":
      if (e.name === "pi") return C.real(Math.PI);
      if (e.name === "e") return C.real(Math.E);
      return e.name === "i" ? { re: 0, im: 1, err: 0 } : C.UNKNOWN;
    case "symbol": {
      const value = point.values.get(e.name);
      return value === undefined ? C.UNKNOWN : { re: value, im: 0, err: 0 };
    }
    case "sum": {
      let total: Complex = { re: 0, im: 0, err: 0 };
      let [largest, smallest] = [0, Infinity];
      for (const term of e.terms) {
        const value = at(term);
        total = C.plus(total, value);
        const size = C.size(value);
        largest = Math.max(largest, size);
        if (size > 4 * value.err) smallest = Math.min(smallest, size);
      }
      // A term that a double would swallow must not make two sums equal.
      return smallest < ABSORBED * largest ? C.UNKNOWN : total;
    }
    case "negate":
      return C.minus(at(e.operand));
    case "product": {
      let total: Complex = { re: 1, im: 0, err: 0 };
      for (const factor of e.factors) total = C.times(total, at(factor));
      return total;
    }
    case "quotient":
      return C.over(at(e.numerator), at(e.denominator));
    case "power": {
      const base = at(e.base);
      if (isTiny(at(e.exponent))) return C.UNKNOWN;
      const ratio = literalRatio(e.exponent);
      if (ratio !== null && ratio.d % 2 === 1 && ratio.d > 1 && base.im === 0 && base.re < 0) {
        return oddRoot(base, ratio.n, ratio.d);
      }
      return C.raise(base, at(e.exponent));
    }
    case "root": {
      const radicand = at(e.radicand);
      if (e.index % 2 === 1 && radicand.im === 0 && radicand.re < 0) return oddRoot(radicand, 1, e.index);
      if (radicand.re === 0 && radicand.im === 0 && radicand.err === 0) return radicand;
      return C.raise(radicand, C.over(C.real(1), C.real(e.index)));
    }
    case "based": {
      fuel.spend(e.digits.length);
      let value = 0;
      for (const digit of e.digits) value = value * e.base + Number.parseInt(digit, 36);
      return C.real(value);
    }
    case "call":
      return call(e.name, e.args, point, fuel);
    default:
      return C.UNKNOWN;
  }
}

/** p/q as written, with small parts; null for any other exponent. */
function literalRatio(e: Expression): { n: number; d: number } | null {
  if (e.kind === "negate") {
    const inner = literalRatio(e.operand);
    return inner === null ? null : { n: -inner.n, d: inner.d };
  }
  if (e.kind !== "quotient" || e.numerator.kind !== "number" || e.denominator.kind !== "number") return null;
  const [a, b] = [e.numerator.value, e.denominator.value];
  if (a.d !== 1n || b.d !== 1n || a.n > 1000n || b.n > 1000n || b.n < 1n) return null;
  let [n, d] = [Number(a.n), Number(b.n)];
  for (let p = 2; p <= d; p++) while (n % p === 0 && d % p === 0) [n, d] = [n / p, d / p];
  return { n, d };
}

/** Real root of a negative number. */
function oddRoot(base: Complex, n: number, d: number): Complex {
  const value = C.raise(C.minus(base), C.over(C.real(n), C.real(d)));
  return n % 2 === 0 ? value : C.minus(value);
}

function call(name: string, args: readonly Expression[], point: Point, fuel: Fuel): Complex {
  const values = args.map((arg) => evaluate(arg, point, fuel));
  const [a, b] = values;
  if (a === undefined || values.some((value) => !C.isKnown(value))) return C.UNKNOWN;
  if (SMOOTH.has(name) && isTiny(a)) return C.UNKNOWN;
  const one = C.real(1);
  switch (name) {
    case "sin":
      return C.sine(a);
    case "cos":
      return C.cosine(a);
    case "tan":
      return C.over(C.sine(a), C.cosine(a));
    case "cot":
      return C.over(C.cosine(a), C.sine(a));
    case "sec":
      return C.over(one, C.cosine(a));
    case "csc":
      return C.over(one, C.sine(a));
    case "arcsin":
      return C.realFunction(a, Math.asin, (x) => 1 / Math.sqrt(1 - x * x));
    case "arccos":
      return C.realFunction(a, Math.acos, (x) => 1 / Math.sqrt(1 - x * x));
    case "arctan":
      return C.realFunction(a, Math.atan, (x) => 1 / (1 + x * x));
    case "arccot":
      return C.realFunction(a, (x) => Math.PI / 2 - Math.atan(x), (x) => 1 / (1 + x * x));
    case "arcsec":
      return C.realFunction(a, (x) => Math.acos(1 / x), (x) => 1 / (x * x * Math.sqrt(1 - 1 / (x * x))));
    case "arccsc":
      return C.realFunction(a, (x) => Math.asin(1 / x), (x) => 1 / (x * x * Math.sqrt(1 - 1 / (x * x))));
    case "sinh":
      return C.over(C.plus(C.exponential(a), C.minus(C.exponential(C.minus(a)))), C.real(2));
    case "cosh":
      return C.over(C.plus(C.exponential(a), C.exponential(C.minus(a))), C.real(2));
    case "tanh":
      return C.over(call("sinh", args, point, fuel), call("cosh", args, point, fuel));
    case "coth":
      return C.over(call("cosh", args, point, fuel), call("sinh", args, point, fuel));
    case "arcsinh":
      return C.realFunction(a, Math.asinh, () => 1);
    case "arccosh":
      return C.realFunction(a, Math.acosh, (x) => 1 / Math.sqrt(x * x - 1));
    case "arctanh":
      return C.realFunction(a, Math.atanh, (x) => 1 / (1 - x * x));
    case "ln":
      return C.logarithm(a);
    case "log": {
      const base = b !== undefined
        ? C.logarithm(b)
        : C.real(point.log === "ten" ? Math.LN10 : point.log === "e" ? 1 : UNKNOWN_BASE_LOG);
      return C.over(C.logarithm(a), base);
    }
    case "abs":
      return C.make(C.size(a), 0, a.err + C.size(a) * C.EPSILON);
    case "sgn":
      return a.im === 0 && Math.abs(a.re) > a.err ? C.real(Math.sign(a.re)) : C.UNKNOWN;
    case "floor":
    case "ceil":
      return rounded(name, a);
    case "factorial":
      return factorial(a);
    case "binom":
      if (b === undefined || a.im !== 0 || b.im !== 0) return C.UNKNOWN;
      return binomial(a.re, b.re, fuel);
    case "mod":
    case "gcd":
    case "lcm":
      return integersOnly(name, values);
    case "min":
    case "max":
      if (values.some((value) => value.im !== 0)) return C.UNKNOWN;
      return values.reduce((best, value) => (name === "min") === (value.re < best.re) ? value : best);
    case "det":
    case "Re":
    case "Im":
    case "arg":
    case "deg":
    case "dim":
      return C.UNKNOWN;
    default:
      return unknownFunction(name, values);
  }
}

function rounded(name: "floor" | "ceil", a: Complex): Complex {
  if (a.im !== 0) return C.UNKNOWN;
  const round = name === "floor" ? Math.floor : Math.ceil;
  const [low, high] = [round(a.re - a.err), round(a.re + a.err)];
  return low === high ? C.real(low) : C.UNKNOWN;
}

function factorial(a: Complex): Complex {
  if (a.im !== 0 || a.err !== 0 || !Number.isInteger(a.re) || a.re < 0 || a.re > 170) return C.UNKNOWN;
  let value = 1;
  for (let n = 2; n <= a.re; n++) value *= n;
  return C.make(value, 0, value * C.EPSILON * a.re);
}

function binomial(n: number, k: number, fuel: Fuel): Complex {
  if (!Number.isInteger(n) || !Number.isInteger(k) || k > 2000 || n > 1e9) return C.UNKNOWN;
  if (k < 0 || n < 0 || k > n) return k < 0 || n >= 0 ? { re: 0, im: 0, err: 0 } : C.UNKNOWN;
  fuel.spend(k);
  let value = 1;
  for (let j = 1; j <= k; j++) value = value * (n - k + j) / j;
  return C.make(value, 0, value * C.EPSILON * (k + 1) * 2);
}

function integersOnly(name: "mod" | "gcd" | "lcm", values: readonly Complex[]): Complex {
  if (values.some((value) => value.im !== 0 || value.err !== 0 || !Number.isSafeInteger(value.re))) return C.UNKNOWN;
  const numbers = values.map((value) => value.re);
  const gcd = (x: number, y: number): number => {
    let [p, q] = [Math.abs(x), Math.abs(y)];
    while (q !== 0) [p, q] = [q, p % q];
    return p;
  };
  const [first = 0, second = 0] = numbers;
  if (name === "mod") {
    return second === 0 ? C.UNKNOWN : C.real(((first % second) + Math.abs(second)) % Math.abs(second));
  }
  if (name === "gcd") return C.real(numbers.reduce(gcd));
  return numbers.includes(0) ? C.real(0) : C.real(numbers.reduce((x, y) => Math.abs(x * y) / gcd(x, y)));
}

/** A smooth function that the name alone decides. */
function unknownFunction(name: string, values: readonly Complex[]): Complex {
  const random = keyedRandom("math grader", "function", name, values.length);
  let total: Complex = C.real(random.uniform());
  for (const value of values) {
    const [scale, turn, shift] = [1 + random.uniform(), 0.5 + random.uniform(), random.uniform()];
    total = C.plus(total, C.times(C.real(scale), value));
    total = C.plus(total, C.sine(C.plus(C.times(C.real(turn), value), C.real(shift))));
  }
  return total;
}
