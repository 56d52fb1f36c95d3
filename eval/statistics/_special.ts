/**
 * Special functions that the intervals and tests stand on: log gamma, error function, regularised incomplete beta and its inverse.
 * The distributions made of them are in `_distributions.ts`.
 *
 * Contract: 1e-12 relative, tails included, where every shape parameter is 0.5 or more (tests compare a grid with mpmath); both
 * tails are computed as they are, never as one minus the other when that would cancel.
 * Formulas: Stirling and Taylor series of log gamma (Abramowitz and Stegun 6.1.33, 6.1.41); the factor in front of the incomplete
 * beta function as a saddle point (Loader 2000, "Fast and accurate computation of binomial probabilities"), which loses no digits
 * for large parameters; the continued fraction of the incomplete beta (NIST DLMF 8.17.22) and of erfc (7.9) by Lentz's method;
 * quantiles by Newton steps on the logarithm of the smaller tail, kept inside a bracket.
 * Omitted: shape parameters below 0.5 at full accuracy, non-central distributions.
 *
 * @module
 */

/** log(2 pi) / 2. */
export const HALF_LOG_TWO_PI = 0.91893853320467274178;
const EULER_GAMMA = 0.57721566490153286061;
/** Riemann zeta(k) - 1 for k = 2, 3, …: the Taylor coefficients of log gamma around 2, times k. */
const ZETA_MINUS_1 = [
  0.6449340668482264,
  0.2020569031595943,
  0.08232323371113819,
  0.03692775514336993,
  0.01734306198444914,
  0.008349277381922827,
  0.00407735619794434,
  0.0020083928260822143,
  0.0009945751278180853,
  0.0004941886041194645,
  0.0002460865533080483,
  0.00012271334757848915,
  6.124813505870483e-5,
  3.058823630702049e-5,
  1.528225940865187e-5,
  7.637197637899763e-6,
  3.81729326499984e-6,
  1.908212716553939e-6,
  9.539620338727962e-7,
  4.769329867878064e-7,
  2.38450502727733e-7,
  1.1921992596531106e-7,
  5.960818905125948e-8,
  2.980350351465228e-8,
];
/** Terms 1/12, 1/360, … of Stirling's series, with their signs. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
/** From here on Stirling's series alone is exact to the last bit. */
const STIRLING_FROM = 10;
const FRACTION_STEPS = 1_000_000;
const TINY = 1e-300;
/** Half the distance from 1 to the next double. */
export const EPSILON = 2 ** -53;

/** A special function was asked for something outside its domain, or did not settle. */
export class SpecialFunctionError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "SpecialFunctionError";
}

/** Throws unless a number is above 0. */
export function requirePositive(what: string, name: string, value: number): void {
  if (!(value > 0)) throw new SpecialFunctionError(`Cannot compute ${what}: ${name} must be above 0, got ${value}`);
}

/** Throws unless a probability is in [0, 1]. */
export function requireShare(what: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new SpecialFunctionError(`Cannot compute ${what}: the probability must be in [0, 1], got ${value}`);
  }
}

/** log gamma(2 + e) for |e| <= 0.5, exact in relative terms around its zero. */
function logGammaAroundTwo(e: number): number {
  let sum = e * (1 - EULER_GAMMA);
  let power = e;
  for (let index = 0; index < ZETA_MINUS_1.length; index++) {
    power *= -e;
    // power is (-1)^(k-1) e^k with k = index + 2, hence the sign.
    sum -= power * (ZETA_MINUS_1[index] ?? 0) / (index + 2);
  }
  return sum;
}

/** What Stirling's formula leaves out: log gamma(x) - (x - 1/2) log x + x - log(2 pi)/2. */
function stirlingRest(x: number): number {
  if (x < STIRLING_FROM) return logGamma(x) - (x - 0.5) * Math.log(x) + x - HALF_LOG_TWO_PI;
  const square = x * x;
  let sum = 0;
  for (let index = STIRLING.length - 1; index >= 0; index--) sum = sum / square + (STIRLING[index] ?? 0);
  return sum / x;
}

/**
 * Natural logarithm of the gamma function.
 *
 * @param x above 0.
 * @throws {SpecialFunctionError} if x is 0 or below.
 */
export function logGamma(x: number): number {
  requirePositive("log gamma", "x", x);
  if (x === Infinity) return Infinity;
  if (x >= STIRLING_FROM) return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingRest(x);
  if (x < 0.5) return logGammaAroundTwo(x) - Math.log1p(x) - Math.log(x);
  if (x < 1.5) return logGammaAroundTwo(x - 1) - Math.log1p(x - 1);
  let product = 1;
  let rest = x;
  while (rest > 2.5) {
    rest -= 1;
    product *= rest;
  }
  return logGammaAroundTwo(rest - 2) + Math.log(product);
}

/** x log(x/m) + m - x, without cancellation where x is close to m (Loader's bd0). */
function deviance(x: number, m: number): number {
  if (Math.abs(x - m) < 0.1 * (x + m)) {
    const v = (x - m) / (x + m);
    const square = v * v;
    let sum = (x - m) * v;
    let power = 2 * x * v;
    for (let j = 1; j < 1000; j++) {
      power *= square;
      const next = sum + power / (2 * j + 1);
      if (next === sum) return next;
      sum = next;
    }
    return sum;
  }
  return x * Math.log(x / m) + m - x;
}

/** x^a y^b / B(a, b) with y = 1 - x given apart, so that neither side loses digits. */
export function betaFactor(a: number, b: number, x: number, y: number): number {
  if (x <= 0 || y <= 0) return 0;
  const n = a + b;
  const exponent = stirlingRest(n) - stirlingRest(a) - stirlingRest(b) - deviance(a, n * x) - deviance(b, n * y);
  return Math.sqrt(a / n * b / (2 * Math.PI)) * Math.exp(exponent);
}

/** Continued fraction of the incomplete beta function, for x below (a + 1) / (a + b + 2). */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 - (a + b) * x / (a + 1);
  if (Math.abs(d) < TINY) d = TINY;
  d = 1 / d;
  let value = d;
  for (let m = 1; m <= FRACTION_STEPS; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + even / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    value *= d * c;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    if (Math.abs(d) < TINY) d = TINY;
    c = 1 + odd / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) <= 2 * EPSILON) return value;
  }
  throw new SpecialFunctionError(`Cannot compute the incomplete beta function: no convergence at ${a}, ${b}, ${x}`);
}

/** Both tails of the beta distribution at x = 1 - y. */
export interface Tails {
  /** Probability of at most x. */
  readonly lower: number;
  /** Probability of more than x. */
  readonly upper: number;
}

/**
 * Regularised incomplete beta function I_x(a, b) and its complement.
 *
 * @param a first shape, above 0.
 * @param b second shape, above 0.
 * @param x in [0, 1].
 * @param y 1 - x, given apart where it is known better than the subtraction gives it.
 * @throws {SpecialFunctionError} outside that domain.
 */
export function betaTails(a: number, b: number, x: number, y: number = 1 - x): Tails {
  requirePositive("the incomplete beta function", "a", a);
  requirePositive("the incomplete beta function", "b", b);
  requireShare("the incomplete beta function", x);
  if (x === 0) return { lower: 0, upper: 1 };
  if (y === 0) return { lower: 1, upper: 0 };
  const factor = betaFactor(a, b, x, y);
  if (x < (a + 1) / (a + b + 2)) {
    const lower = Math.min(1, factor * betaFraction(a, b, x) / a);
    return { lower, upper: 1 - lower };
  }
  const upper = Math.min(1, factor * betaFraction(b, a, y) / b);
  return { lower: 1 - upper, upper };
}

/**
 * Regularised incomplete beta function I_x(a, b).
 *
 * @param a first shape, above 0.
 * @param b second shape, above 0.
 * @param x in [0, 1].
 */
export function regularisedBeta(a: number, b: number, x: number): number {
  return betaTails(a, b, x).lower;
}

/**
 * Logit of the quantile of a beta distribution: u = log(x / (1 - x)) with P(X <= x) = lower and P(X > x) = upper.
 *
 * The logit keeps x and 1 - x apart, both to full relative accuracy.
 */
export function betaQuantileLogit(a: number, b: number, lower: number, upper: number): number {
  if (lower === 0) return -Infinity;
  if (upper === 0) return Infinity;
  const useLower = lower <= upper;
  const target = Math.log(useLower ? lower : upper);
  const sign = useLower ? 1 : -1;
  let [left, right] = [-1e4, 1e4];
  let u = Math.log(a / b);
  for (let step = 0; step < 400; step++) {
    // exp of a large |u| may be 0 or infinite; the tail is then 0 or 1, and the bracket brings u back.
    const [x, y] = [1 / (1 + Math.exp(-u)), 1 / (1 + Math.exp(u))];
    const tails = betaTails(a, b, x, y);
    const tail = useLower ? tails.lower : tails.upper;
    // Rises with u on both sides.
    const miss = sign * (Math.log(tail) - target);
    if (miss === 0) return u;
    if (miss < 0) left = u;
    else right = u;
    const newton = u - miss * tail / betaFactor(a, b, x, y);
    const next = newton > left && newton < right ? newton : (left + right) / 2;
    if (Math.abs(next - u) <= 4 * EPSILON * Math.max(1, Math.abs(u))) return next;
    u = next;
  }
  return u;
}

/**
 * Quantile of the beta distribution.
 *
 * @param p probability, in [0, 1].
 * @param a first shape, above 0.
 * @param b second shape, above 0.
 */
export function betaQuantile(p: number, a: number, b: number): number {
  requireShare("the beta quantile", p);
  return 1 / (1 + Math.exp(-betaQuantileLogit(a, b, p, 1 - p)));
}

/**
 * Complementary error function, 2/sqrt(pi) times the integral of exp(-t²) from x to infinity.
 *
 * @param x any number.
 */
export function erfc(x: number): number {
  return x < 1 ? 1 - erf(x) : erfcTail(x);
}

/**
 * Error function.
 *
 * @param x any number.
 */
export function erf(x: number): number {
  if (x < 0) return -erf(-x);
  if (x >= 1) return 1 - erfcTail(x);
  // All terms have one sign: nothing cancels.
  let term = 2 * x / Math.sqrt(Math.PI) * Math.exp(-x * x);
  let sum = term;
  for (let n = 1; n < 200; n++) {
    term *= 2 * x * x / (2 * n + 1);
    if (sum + term === sum) break;
    sum += term;
  }
  return sum;
}

/** erfc(x) for x >= 1 by its continued fraction. */
function erfcTail(x: number): number {
  if (x > 27.5) return 0;
  const square = x * x;
  // As the incomplete gamma function Q(1/2, x²), whose fraction converges faster than that in x.
  let b = square + 0.5;
  let c = 1 / TINY;
  let d = 1 / b;
  let value = d;
  for (let i = 1; i <= FRACTION_STEPS; i++) {
    const an = -i * (i - 0.5);
    b += 2;
    d = an * d + b;
    if (Math.abs(d) < TINY) d = TINY;
    c = b + an / c;
    if (Math.abs(c) < TINY) c = TINY;
    d = 1 / d;
    const step = d * c;
    value *= step;
    if (Math.abs(step - 1) <= 2 * EPSILON) break;
  }
  return x / Math.sqrt(Math.PI) * Math.exp(-square) * value;
}

/** Throws unless k and n are integers with 0 <= k <= n. */
export function requireCount(what: string, k: number, n: number): void {
  if (!(Number.isInteger(k) && Number.isInteger(n) && k >= 0 && k <= n)) {
    throw new SpecialFunctionError(`Cannot compute ${what}: need integers 0 <= k <= n, got k = ${k}, n = ${n}`);
  }
}

/**
 * Logarithm of the binomial coefficient n over k.
 *
 * @param n size of the set.
 * @param k size of the subset.
 */
export function logChoose(n: number, k: number): number {
  requireCount("the binomial coefficient", k, n);
  if (k === 0 || k === n) return 0;
  return Math.log(n / k / (n - k)) + stirlingRest(n) - stirlingRest(k) - stirlingRest(n - k) +
    0.5 * Math.log(k / n * (n - k)) - HALF_LOG_TWO_PI + k * Math.log(n / k) - (n - k) * Math.log1p(-k / n);
}
