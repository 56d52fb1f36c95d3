/**
 * Factorials and binomial coefficients of numbers.
 *
 * @module
 */
import type { Fuel } from "./fuel.ts";
import { words } from "./rational.ts";

/** Largest number whose factorial is multiplied out. */
export const FACTORIAL_LIMIT = 5000n;

/** low · (low + 1) · … · high by halves, which keeps the factors of each product alike in size. */
function rangeProduct(low: bigint, high: bigint, fuel: Fuel): bigint {
  fuel.spend(1);
  if (low > high) return 1n;
  if (high - low < 4n) {
    let value = low;
    for (let k = low + 1n; k <= high; k++) value *= k;
    return value;
  }
  const middle = (low + high) / 2n;
  const [left, right] = [rangeProduct(low, middle, fuel), rangeProduct(middle + 1n, high, fuel)];
  fuel.spend(1 + Math.ceil(words(left) * words(right) / 20));
  return left * right;
}

/** n!, n from 0 to {@linkcode FACTORIAL_LIMIT}. */
export function factorialOf(n: number, fuel: Fuel): bigint {
  return rangeProduct(1n, BigInt(n), fuel);
}

/** n over k for 0 <= k <= {@linkcode FACTORIAL_LIMIT}. */
export function binomialOf(n: bigint, k: number, fuel: Fuel): bigint {
  return rangeProduct(n - BigInt(k) + 1n, n, fuel) / rangeProduct(1n, BigInt(k), fuel);
}
