/**
 * Exact rational numbers on BigInt.
 *
 * Contract: numerator and denominator share no factor and the denominator is positive, so equal numbers have equal parts.
 * Every operation is charged to a {@linkcode Fuel} in proportion to the digits it touches.
 *
 * @module
 */
import type { Fuel } from "./fuel.ts";

/** A rational number in lowest terms. */
export interface Rational {
  /** Numerator; carries the sign. */
  readonly n: bigint;
  /** Denominator, at least 1. */
  readonly d: bigint;
}

/** 0. */
export const ZERO: Rational = { n: 0n, d: 1n };
/** 1. */
export const ONE: Rational = { n: 1n, d: 1n };
/** -1. */
export const MINUS_ONE: Rational = { n: -1n, d: 1n };
/** 1/2. */
export const HALF: Rational = { n: 1n, d: 2n };

/** Division by zero, or a value that has no meaning such as the logarithm of 0. */
export class UndefinedValue extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "UndefinedValue";
}

const SMALL = 1n << 62n;

/** |value|. */
export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/**
 * Size of an integer.
 *
 * @returns its length in 64-bit words, rounded up; 1 for zero.
 */
export function words(value: bigint): number {
  if (value < SMALL && value > -SMALL) return 1;
  return Math.ceil(value.toString(16).length / 16);
}

/** Charges for a product, a quotient or a gcd of two integers: schoolbook cost in words, ten of which make a step. */
function charge(fuel: Fuel, a: bigint, b: bigint): void {
  if (a < SMALL && a > -SMALL && b < SMALL && b > -SMALL) fuel.spend(1);
  else fuel.spend(1 + Math.ceil((words(a) * words(b)) / 10) + words(a) + words(b));
}

/** Greatest common divisor, not negative. */
export function gcd(a: bigint, b: bigint, fuel: Fuel): bigint {
  let [x, y] = [absolute(a), absolute(b)];
  while (y !== 0n) {
    charge(fuel, x, 1n);
    [x, y] = [y, x % y];
  }
  return x;
}

/** An integer as a rational number. */
export function integer(value: bigint | number): Rational {
  return { n: BigInt(value), d: 1n };
}

/**
 * n / d in lowest terms.
 *
 * @example Lowest terms, positive denominator
 * ```ts
 * import { Fuel } from "whetstone/envs/math/grader/fuel.ts";
 * import { rational } from "whetstone/envs/math/grader/rational.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(rational(6n, -4n, new Fuel()), { n: -3n, d: 2n });
 * ```
 *
 * @throws {UndefinedValue} if the denominator is zero.
 * @throws {FuelExhausted} if the numbers are too large for the budget.
 */
export function rational(n: bigint, d: bigint, fuel: Fuel): Rational {
  if (d === 0n) throw new UndefinedValue("Cannot divide by zero");
  if (d === 1n) return { n, d };
  const common = gcd(n, d, fuel);
  const sign = d < 0n ? -1n : 1n;
  return common === 1n ? { n: sign * n, d: sign * d } : { n: sign * n / common, d: sign * d / common };
}

/** a + b. */
export function add(a: Rational, b: Rational, fuel: Fuel): Rational {
  if (a.d === 1n && b.d === 1n) {
    fuel.spend(1);
    return { n: a.n + b.n, d: 1n };
  }
  charge(fuel, a.n, b.d);
  charge(fuel, b.n, a.d);
  charge(fuel, a.d, b.d);
  return rational(a.n * b.d + b.n * a.d, a.d * b.d, fuel);
}

/** -a. */
export function negate(a: Rational): Rational {
  return { n: -a.n, d: a.d };
}

/** a - b. */
export function subtract(a: Rational, b: Rational, fuel: Fuel): Rational {
  return add(a, negate(b), fuel);
}

/** a b. */
export function multiply(a: Rational, b: Rational, fuel: Fuel): Rational {
  charge(fuel, a.n, b.n);
  if (a.d === 1n && b.d === 1n) return { n: a.n * b.n, d: 1n };
  charge(fuel, a.d, b.d);
  return rational(a.n * b.n, a.d * b.d, fuel);
}

/** 1 / a. */
export function invert(a: Rational): Rational {
  if (a.n === 0n) throw new UndefinedValue("Cannot divide by zero");
  return a.n < 0n ? { n: -a.d, d: -a.n } : { n: a.d, d: a.n };
}

/** a / b. */
export function divide(a: Rational, b: Rational, fuel: Fuel): Rational {
  return multiply(a, invert(b), fuel);
}

/** a to an integer power; `exponent` is below 2^53 in size, or the budget ends first. */
export function power(a: Rational, exponent: bigint, fuel: Fuel): Rational {
  if (exponent < 0n) return power(invert(a), -exponent, fuel);
  if (exponent === 0n || (a.d === 1n && a.n === 1n)) return ONE;
  if (a.n === 0n) return ZERO;
  if (a.d === 1n && a.n === -1n) return exponent % 2n === 0n ? ONE : MINUS_ONE;
  const size = Number(exponent) * (bits(a.n) + bits(a.d)) / 64;
  // The last squaring costs as much as all before it together.
  fuel.spend(1 + Math.ceil(size + size * size / 20));
  return { n: a.n ** exponent, d: a.d ** exponent };
}

/** Length of an integer in bits, at most three too many. */
export function bits(value: bigint): number {
  const size = absolute(value);
  if (size < 1n << 53n) return Math.ceil(Math.log2(Number(size) + 1));
  return size.toString(16).length * 4;
}

/** Whether two rational numbers are the same. */
export function equal(a: Rational, b: Rational): boolean {
  return a.n === b.n && a.d === b.d;
}

/** -1, 0 or 1 as a is below, equal to or above b. */
export function compare(a: Rational, b: Rational, fuel: Fuel): -1 | 0 | 1 {
  charge(fuel, a.n, b.d);
  charge(fuel, b.n, a.d);
  const [left, right] = [a.n * b.d, b.n * a.d];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Largest integer not above a. */
export function floor(a: Rational): bigint {
  const quotient = a.n / a.d;
  return a.n < 0n && quotient * a.d !== a.n ? quotient - 1n : quotient;
}

/** Nearest double; infinite or zero where a double cannot hold it. Digits beyond the 17th are cut before dividing. */
export function toNumber(a: Rational): number {
  const [n, d] = [Number(a.n), Number(a.d)];
  if (Number.isFinite(n) && Number.isFinite(d)) return n / d;
  const shift = bits(a.n) - bits(a.d);
  const scaled = shift > 64 ? Number(a.n / (a.d << BigInt(shift - 64))) : Number((a.n << BigInt(64 - shift)) / a.d);
  return scaled * 2 ** (shift - 64);
}

/** `3`, `-7/2`. */
export function format(a: Rational): string {
  return a.d === 1n ? a.n.toString() : `${a.n}/${a.d}`;
}

/** Floor of the n-th root of a non-negative integer (Newton's iteration from above). */
export function integerRoot(value: bigint, degree: number, fuel: Fuel): bigint {
  if (value < 2n || degree === 1) return value;
  const size = bits(value);
  if (degree >= size + 1) return 1n;
  const n = BigInt(degree);
  let x = 1n << BigInt(Math.ceil(size / degree) + 1);
  for (;;) {
    const length = words(value);
    fuel.spend(1 + Math.ceil(length * length / 5));
    const next = ((n - 1n) * x + value / x ** (n - 1n)) / n;
    if (next >= x) return x;
    x = next;
  }
}
