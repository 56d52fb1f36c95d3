/**
 * Equality of two values: exact rationals, then normal forms, then numbers.
 *
 * Rule for decimals (a number written with a point or an exponent on exactly one side): it is equal to an exact value v if it is
 * v. With {@linkcode CompareOptions.roundedDecimals} also if it is v rounded to the last place written, with at least {@linkcode SIGNIFICANT_DIGITS} significant digits and
 * {@linkcode DECIMAL_PLACES} places, and v is no finite decimal itself (an integer, 1/8: those can be written in full). So 0.333
 * and 18.85 then stand for 1/3 and 6π; 0.33, 0.3334, 0.666 for 2/3, and 1.06 for 17/16, do not. Two decimals must be the same number.
 * A tolerance replaces the rule for all pairs of real constants.
 *
 * Rule for numbers: at keyed points, positive ones, ones of mixed sign and some far from 0, both values must agree within their error bounds; a
 * point where one is unknown (out of a double's range, undefined, not real) does not count, and three must count. Variables that
 * usually are integers (n, m, k, …) are drawn as integers where a floor, factorial or binomial coefficient occurs.
 *
 * @module
 */
import { keyedRandom } from "../../../data/keyed_random.ts";
import { type Complex, isKnown, size } from "./_complex.ts";
import { contains, variables } from "./_expand.ts";
import type { Expression } from "./expression.ts";
import type { Fuel } from "./fuel.ts";
import { NormalForm, NotScalar } from "./normal_form.ts";
import { evaluate, type LogReading } from "./numeric.ts";
import { type Polynomial, TooLarge } from "./_polynomial.ts";
import * as Q from "./rational.ts";
import type { Rational } from "./rational.ts";

/** Significant digits that a rounded decimal needs. */
export const SIGNIFICANT_DIGITS = 3;
/** Places after the point that a rounded decimal needs. */
export const DECIMAL_PLACES = 2;

/** Result of a comparison. */
export interface Comparison {
  /** Whether both say the same. */
  readonly equal: boolean;
  /** What decided: `exact` arithmetic, `symbolic` normal forms, `numeric` values at points, or the letters of `text`. */
  readonly method: "exact" | "symbolic" | "numeric" | "text";
  /** Reason, for people. */
  readonly detail: string;
}

/** Options of a comparison. */
export interface CompareOptions {
  /** Largest absolute difference of two real constants; the rule for decimals if left out. */
  readonly tolerance?: number;
  /** Largest difference of two real constants as a fraction of the gold one. */
  readonly relativeTolerance?: number;
  /**
   * Whether a decimal may stand for the exact value that it is rounded from.
   *
   * @default {false}
   */
  readonly roundedDecimals?: boolean;
}

/** A comparison's result. */
export function verdict(equal: boolean, method: Comparison["method"], detail: string): Comparison {
  return { equal, method, detail };
}

const NO_VALUES: ReadonlyMap<string, number> = new Map();
const POSITIVE_POINTS = 4;
const MIXED_POINTS = 5;
/** Far from 0, so that |x - 30| and the like show both their branches. */
const WIDE_SCALES = [40, 40, 1500, 1500];
const NEEDED_POINTS = 3;
const INTEGER_NAMES = /^[nmkjlNMK](_\{.*\})?$/;
const INTEGER_CALLS = /^(floor|ceil|factorial|binom|mod|gcd|lcm)$/;

/** A number literal with its sign; null for anything else. */
export function literal(
  e: Expression,
): { readonly value: Rational; readonly places: number | null; readonly significant: number } | null {
  if (e.kind === "negate") {
    const inner = literal(e.operand);
    return inner === null ? null : { ...inner, value: Q.negate(inner.value) };
  }
  if (e.kind !== "number") return null;
  return { value: e.value, places: e.decimal?.places ?? null, significant: e.decimal?.significant ?? 0 };
}

/** Value of a variable-free real expression; unknown otherwise. */
export function constantValue(e: Expression, fuel: Fuel): Complex {
  return evaluate(e, { values: NO_VALUES, log: "ten" }, fuel);
}

function hasBareLog(e: Expression, fuel: Fuel): boolean {
  return contains(e, fuel, (part) => part.kind === "call" && part.name === "log" && part.args.length === 1);
}

/** Difference of two normal forms, or why there is none. */
interface Exact {
  readonly kind: "zero" | "different" | "open" | "undefined";
  readonly rational: boolean;
}

function exactly(gold: Expression, answer: Expression, log: LogReading, fuel: Fuel): Exact {
  const none = { kind: "open", rational: false } as const;
  const result = fuel.attempt(0.6, (part): Exact => {
    try {
      const form = new NormalForm(part, log);
      const [g, a] = [form.of(gold), form.of(answer)];
      const difference: Polynomial = form.fractions.difference(g, a);
      if (difference.size === 0) return { kind: "zero", rational: form.fractions.asRational(g) !== null };
      return { kind: form.isComplete(difference) ? "different" : "open", rational: false };
    } catch (error) {
      if (error instanceof TooLarge) return none;
      if (error instanceof Q.UndefinedValue) return { kind: "undefined", rational: false };
      throw error;
    }
  });
  return result ?? none;
}

/**
 * Equality of two scalar expressions.
 *
 * @throws {NotScalar} if one has no single value.
 */
export function compareScalars(gold: Expression, answer: Expression, fuel: Fuel, options: CompareOptions): Comparison {
  const [g, a] = [literal(gold), literal(answer)];
  if (g !== null && a !== null && Q.equal(g.value, a.value)) return verdict(true, "exact", "the same number");
  const tolerated = withinTolerance(gold, answer, fuel, options);
  if (tolerated !== null) return tolerated;
  if (g !== null && a !== null && (g.places === null) === (a.places === null)) {
    return verdict(false, "exact", "different numbers");
  }
  const bare = hasBareLog(gold, fuel) || hasBareLog(answer, fuel);
  const readings: readonly LogReading[] = bare ? ["unknown", "ten", "e"] : ["unknown"];
  let open = false;
  for (const log of readings) {
    const exact = exactly(gold, answer, log, fuel);
    if (exact.kind === "zero") return verdict(true, exact.rational ? "exact" : "symbolic", "the same normal form");
    if (exact.kind === "undefined") return verdict(false, "exact", "one side divides by zero or is undefined");
    open ||= exact.kind === "open";
  }
  if (g?.places != null && a === null) return roundsTo(g, answer, fuel, options);
  if (a?.places != null && g?.places == null) return roundsTo(a, gold, fuel, options);
  if (!open) return verdict(false, "symbolic", "different normal forms");
  for (const log of readings) {
    const result = numerically(gold, answer, log, fuel);
    if (result.equal || log === readings[readings.length - 1]) return result;
  }
  return verdict(false, "numeric", "different values");
}

/** Verdict under a tolerance; null if none is given or a value is no real constant. */
function withinTolerance(gold: Expression, answer: Expression, fuel: Fuel, options: CompareOptions): Comparison | null {
  const { tolerance, relativeTolerance } = options;
  if (tolerance === undefined && relativeTolerance === undefined) return null;
  const [g, a] = [constantValue(gold, fuel), constantValue(answer, fuel)];
  if (!isKnown(g) || !isKnown(a) || g.im !== 0 || a.im !== 0) return null;
  const allowed = Math.max(tolerance ?? 0, (relativeTolerance ?? 0) * Math.abs(g.re));
  const difference = Math.abs(g.re - a.re);
  if (difference > allowed * (1 + 1e-12) + (g.err + a.err)) return null;
  // Without a positive tolerance the exact rules decide.
  return allowed > 0 ? verdict(true, "numeric", `within ${allowed} of the gold value`) : null;
}

/** Whether a decimal is an exact value rounded to its last place; see the module comment. */
function roundsTo(
  decimal: { readonly value: Rational; readonly places: number | null; readonly significant: number },
  exact: Expression,
  fuel: Fuel,
  { roundedDecimals = false }: CompareOptions,
): Comparison {
  if (!roundedDecimals) return verdict(false, "exact", "a decimal that is not the exact value");
  const places = decimal.places ?? 0;
  const rule = `a decimal needs ${SIGNIFICANT_DIGITS} significant digits and ${DECIMAL_PLACES} places, or to be exact`;
  if (decimal.significant < SIGNIFICANT_DIGITS || places < DECIMAL_PLACES) return verdict(false, "exact", rule);
  const half = Q.rational(1n, 2n * 10n ** BigInt(places), fuel);
  const value = rationalValue(exact, fuel);
  if (value !== null) {
    if (isFiniteDecimal(value.d)) {
      return verdict(false, "exact", "the exact value is a finite decimal and must be given in full");
    }
    const difference = Q.subtract(value, decimal.value, fuel);
    const close = Q.compare({ n: Q.absolute(difference.n), d: difference.d }, half, fuel) <= 0;
    return verdict(
      close,
      "exact",
      close ? "rounded to its last place" : "not the exact value rounded to its last place",
    );
  }
  const { re, im, err } = constantValue(exact, fuel);
  // Where the double's error is as large as the last place, nothing can be said.
  if (!Number.isFinite(re) || im !== 0 || err > Q.toNumber(half) / 100) {
    return verdict(false, "numeric", "the exact value cannot be rounded");
  }
  const close = Math.abs(re - Q.toNumber(decimal.value)) <= Q.toNumber(half) * (1 + 1e-9) + err;
  return verdict(
    close,
    "numeric",
    close ? "rounded to its last place" : "not the exact value rounded to its last place",
  );
}

/** The rational number that an expression is, or null. */
export function rationalValue(e: Expression, fuel: Fuel): Rational | null {
  try {
    const form = new NormalForm(fuel);
    return form.fractions.asRational(form.of(e));
  } catch (error) {
    if (error instanceof TooLarge || error instanceof Q.UndefinedValue || error instanceof NotScalar) return null;
    throw error;
  }
}

function isFiniteDecimal(d: bigint): boolean {
  let rest = d;
  for (const prime of [2n, 5n]) while (rest % prime === 0n) rest /= prime;
  return rest === 1n;
}

/** Whether the squares of two constants are shown to differ. */
function squaresDiffer(gold: Expression, answer: Expression, log: LogReading, fuel: Fuel): boolean {
  const square = (base: Expression): Expression => ({
    kind: "power",
    base,
    exponent: { kind: "number", value: { n: 2n, d: 1n } },
  });
  return exactly(square(gold), square(answer), log, fuel).kind === "different";
}

function numerically(gold: Expression, answer: Expression, log: LogReading, fuel: Fuel): Comparison {
  const names = variables(gold, fuel);
  variables(answer, fuel, names);
  const needsIntegers = (part: Expression) => part.kind === "call" && INTEGER_CALLS.test(part.name);
  const integers = contains(gold, fuel, needsIntegers) || contains(answer, fuel, needsIntegers);
  const combinatorial = (part: Expression) => part.kind === "call" && /^(factorial|binom)$/.test(part.name);
  const allIntegers = integers && (contains(gold, fuel, combinatorial) || contains(answer, fuel, combinatorial));
  const total = names.size === 0 ? 1 : POSITIVE_POINTS + MIXED_POINTS + WIDE_SCALES.length;
  const needed = names.size === 0 ? 1 : NEEDED_POINTS;
  let agreed = 0;
  for (let index = 0; index < total; index++) {
    fuel.spend(20);
    const random = keyedRandom("math grader", "point", index);
    const values = new Map<string, number>();
    for (const name of names) {
      const draw = random.uniform();
      if (integers && (allIntegers || INTEGER_NAMES.test(name))) values.set(name, 2 + index + Math.floor(draw * 9));
      else {
        const scale = WIDE_SCALES[index - POSITIVE_POINTS - MIXED_POINTS] ?? 2.4;
        values.set(name, index < POSITIVE_POINTS ? 0.3 + scale * draw : 2 * scale * draw - scale);
      }
    }
    const point = { values, log };
    const [g, a] = [evaluate(gold, point, fuel), evaluate(answer, point, fuel)];
    // A variable of either sign may leave a function's real domain; such a point says nothing.
    if (names.size > 0 && index >= POSITIVE_POINTS && (g.im !== 0) !== (a.im !== 0)) continue;
    const agreement = agree(g, a);
    if (agreement === "different") return verdict(false, "numeric", "different values");
    if (agreement === "same") agreed++;
  }
  // Doubles cannot tell sqrt(10^30 + 1) from 10^15; their squares can be told apart exactly.
  if (agreed >= needed && names.size === 0 && squaresDiffer(gold, answer, log, fuel)) {
    return verdict(false, "symbolic", "the squares differ");
  }
  if (agreed >= needed) return verdict(true, "numeric", `the same value at ${agreed} point${agreed === 1 ? "" : "s"}`);
  return verdict(false, "numeric", "equality could not be shown");
}

/** Whether two values with error bounds are the same as far as doubles tell. */
function agree(g: Complex, a: Complex): "same" | "different" | "unknown" {
  if (!isKnown(g) || !isKnown(a)) return "unknown";
  const scale = Math.max(size(g), size(a));
  const difference = Math.hypot(g.re - a.re, g.im - a.im);
  const error = g.err + a.err;
  if (scale === 0 && error === 0) return "same";
  // Zero up to rounding against an exact zero; a value that is merely tiny has a tiny error.
  if ((size(g) === 0 && g.err === 0) || (size(a) === 0 && a.err === 0)) {
    return scale > 4 * error ? "different" : error < 1e-12 ? "same" : "unknown";
  }
  if (difference > 4 * error + 1e-9 * scale) return "different";
  if (error > 1e-10 * scale) return "unknown";
  return difference <= 4 * error + 1e-13 * scale ? "same" : "different";
}
