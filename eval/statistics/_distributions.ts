/**
 * Normal, Student t and binomial distributions: probabilities and quantiles.
 *
 * Contract: 1e-12 relative, tails included (tests compare a grid with mpmath); lower tails are computed as they are, so that a
 * p-value of 1e-40 has its digits. For upper tails ask for the lower tail of the mirrored value.
 * Formulas: Student t and binomial through the incomplete beta function (Abramowitz and Stegun 26.7.1, 26.5.24); normal quantile by
 * Newton steps on the logarithm of the tail, near the middle on the error function.
 *
 * @module
 */
import {
  betaFactor,
  betaQuantileLogit,
  betaTails,
  EPSILON,
  erf,
  erfc,
  HALF_LOG_TWO_PI,
  requireCount,
  requirePositive,
  requireShare,
} from "./_special.ts";

/**
 * Standard normal distribution function.
 *
 * @param z any number.
 */
export function normalCdf(z: number): number {
  return erfc(-z * Math.SQRT1_2) / 2;
}

/**
 * Standard normal quantile.
 *
 * @param p probability, in [0, 1]; 0 and 1 give the infinities.
 */
export function normalQuantile(p: number): number {
  requireShare("the normal quantile", p);
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  const sign = p < 0.5 ? -1 : 1;
  const density = (z: number) => Math.exp(-z * z / 2 - HALF_LOG_TWO_PI);
  if (tail > 0.25) {
    // Near the middle the distance to 1/2 is exact, and the error function keeps it so.
    const distance = Math.abs(p - 0.5);
    let z = distance * Math.sqrt(2 * Math.PI);
    for (let step = 0; step < 20; step++) {
      const change = (erf(z * Math.SQRT1_2) / 2 - distance) / density(z);
      z -= change;
      if (Math.abs(change) <= 2 * EPSILON * z) break;
    }
    return sign * z;
  }
  const target = Math.log(tail);
  let z = Math.sqrt(-2 * (target + Math.LN2 / 2));
  for (let step = 0; step < 50; step++) {
    const probability = normalCdf(-z);
    const change = (Math.log(probability) - target) * probability / density(z);
    z += change;
    if (Math.abs(change) <= 4 * EPSILON * z) break;
  }
  return sign * z;
}

/**
 * Distribution function of Student's t.
 *
 * @param t any number.
 * @param df degrees of freedom, above 0; Infinity is the normal distribution.
 */
export function studentTCdf(t: number, df: number): number {
  requirePositive("Student's t", "df", df);
  if (df === Infinity) return normalCdf(t);
  if (Math.abs(t) === Infinity) return t > 0 ? 1 : 0;
  // Divided through by t² where t² would overflow or swamp df.
  const ratio = t * t / df;
  const [x, y] = ratio > 1
    ? [1 / ratio / (1 + 1 / ratio), 1 / (1 + 1 / ratio)]
    : [1 / (1 + ratio), ratio / (1 + ratio)];
  const { lower, upper } = betaTails(df / 2, 0.5, x, y);
  if (t <= 0 && lower <= 0.5) return lower / 2;
  return t <= 0 ? 0.5 - upper / 2 : 0.5 + upper / 2;
}

/**
 * Quantile of Student's t.
 *
 * @param p probability, in [0, 1]; 0 and 1 give the infinities.
 * @param df degrees of freedom, 0.5 or more; Infinity is the normal distribution.
 */
export function studentTQuantile(p: number, df: number): number {
  requireShare("the quantile of Student's t", p);
  requirePositive("Student's t", "df", df);
  if (df === Infinity) return normalQuantile(p);
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  // |t| solves I_x(df/2, 1/2) = 2 × tail with x = df / (df + t²), hence t² = df × (1 - x) / x.
  const u = betaQuantileLogit(df / 2, 0.5, 2 * tail, 2 * Math.abs(p - 0.5));
  return (p < 0.5 ? -1 : 1) * Math.sqrt(df) * Math.exp(-u / 2);
}

/**
 * Probability of exactly k successes in n trials.
 *
 * @param k successes.
 * @param n trials.
 * @param p chance of success, in [0, 1].
 */
export function binomialPmf(k: number, n: number, p: number): number {
  requireCount("the binomial probability", k, n);
  requireShare("the binomial probability", p);
  if (k === 0) return Math.exp(n === 0 ? 0 : n * Math.log1p(-p));
  if (k === n) return p ** n;
  return n / k / (n - k) * betaFactor(k, n - k, p, 1 - p);
}

/**
 * Probability of at most k successes in n trials.
 *
 * @param k successes.
 * @param n trials.
 * @param p chance of success, in [0, 1].
 */
export function binomialCdf(k: number, n: number, p: number): number {
  requireCount("the binomial distribution", k, n);
  requireShare("the binomial distribution", p);
  if (k === n) return 1;
  return betaTails(k + 1, n - k, p).upper;
}
