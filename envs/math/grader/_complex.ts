/**
 * Complex doubles that carry a bound on their error.
 *
 * Contract: `err` bounds the distance from the true value as first-order analysis gives it, with a factor to spare; a result out
 * of a double's range, or one whose error swallows it where that matters, is {@linkcode UNKNOWN}, which every operation passes on.
 *
 * @module
 */

/** A complex number within `err` of the true one. */
export interface Complex {
  readonly re: number;
  readonly im: number;
  /** Largest distance from the true value. */
  readonly err: number;
}

/** Half a unit in the last place, with a factor two to spare. */
export const EPSILON = 4.5e-16;
/** No value. */
export const UNKNOWN: Complex = { re: NaN, im: NaN, err: Infinity };
const TINY = 1e-280;
const HUGE = 1e280;

/** Whether there is a value. */
export function isKnown(a: Complex): boolean {
  return Number.isFinite(a.re) && Number.isFinite(a.im) && Number.isFinite(a.err);
}

/** A checked number; nothing below 1e-280 but exact zero, and nothing above 1e280, is a value. */
export function make(re: number, im: number, err: number): Complex {
  const size = Math.abs(re) + Math.abs(im);
  if (!(size < HUGE) || !(err < HUGE) || (size < TINY && size + err > 0 && err < TINY)) return UNKNOWN;
  return { re, im, err };
}

/** A real number known to a double's precision. */
export function real(value: number): Complex {
  return make(value, 0, Number.isInteger(value) && Math.abs(value) < 2 ** 53 ? 0 : Math.abs(value) * EPSILON);
}

/** |a|. */
export function size(a: Complex): number {
  return a.im === 0 ? Math.abs(a.re) : Math.hypot(a.re, a.im);
}

export function plus(a: Complex, b: Complex): Complex {
  const [re, im] = [a.re + b.re, a.im + b.im];
  return make(re, im, a.err + b.err + (Math.abs(re) + Math.abs(im)) * EPSILON);
}

export function minus(a: Complex): Complex {
  return { re: -a.re, im: -a.im, err: a.err };
}

export function times(a: Complex, b: Complex): Complex {
  if ((a.re === 0 && a.im === 0 && a.err === 0) || (b.re === 0 && b.im === 0 && b.err === 0)) {
    return isKnown(a) && isKnown(b) ? { re: 0, im: 0, err: 0 } : UNKNOWN;
  }
  const [p, q] = [size(a), size(b)];
  const err = p * b.err + q * a.err + a.err * b.err + 3 * EPSILON * p * q;
  if (p * q < TINY) return UNKNOWN;
  return make(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re, err);
}

export function over(a: Complex, b: Complex): Complex {
  const q = size(b);
  if (!(q > 2 * b.err) || q === 0) return UNKNOWN;
  const d = q * q;
  if (d < TINY || d > HUGE) {
    return b.im === 0 && a.im === 0
      ? make(
        a.re / b.re,
        0,
        (a.err + Math.abs(a.re / b.re) * b.err) / (q - b.err) + 3 * EPSILON * Math.abs(a.re / b.re),
      )
      : UNKNOWN;
  }
  const [re, im] = [(a.re * b.re + a.im * b.im) / d, (a.im * b.re - a.re * b.im) / d];
  const r = Math.hypot(re, im);
  return make(re, im, (a.err + r * b.err) / (q - b.err) + 5 * EPSILON * r);
}

export function exponential(a: Complex): Complex {
  const r = Math.exp(a.re);
  if (r === 0) return UNKNOWN;
  return make(
    r * Math.cos(a.im),
    a.im === 0 ? 0 : r * Math.sin(a.im),
    r * (a.err + 3 * EPSILON * (1 + Math.abs(a.re))),
  );
}

/** Principal logarithm. */
export function logarithm(a: Complex): Complex {
  const r = size(a);
  if (!(r > 2 * a.err)) return UNKNOWN;
  // On the cut, an imaginary part that is only error would decide the sign.
  if (a.re < 0 && a.im !== 0 && Math.abs(a.im) <= a.err) return UNKNOWN;
  const [re, im] = [Math.log(r), Math.atan2(a.im, a.re)];
  return make(re, im, a.err / (r - a.err) + 2 * EPSILON * (Math.abs(re) + Math.abs(im)) + (a.im === 0 ? 0 : EPSILON));
}

/** a^b, principal value; a whole exponent by its sign rule. */
export function raise(a: Complex, b: Complex): Complex {
  if (b.re === 0 && b.im === 0 && b.err === 0) return real(1);
  if (size(a) === 0 && a.err === 0) return b.im === 0 && b.re > 0 ? { re: 0, im: 0, err: 0 } : UNKNOWN;
  const whole = b.im === 0 && b.err === 0 && Number.isInteger(b.re);
  if (a.im === 0 && (whole || a.re > a.err) && b.im === 0) {
    const value = Math.pow(a.re, b.re);
    if (value === 0) return UNKNOWN;
    const r = Math.abs(value);
    const base = Math.abs(a.re);
    if (!whole && base <= 2 * a.err) return UNKNOWN;
    if (whole && b.re < 0 && base <= 2 * a.err) return UNKNOWN;
    // (x + e)^n - x^n is at most n e (x + e)^(n - 1).
    const slope = whole && b.re > 0
      ? Math.pow(base + a.err, b.re - 1)
      : Math.pow(base - Math.min(a.err, base / 2), b.re - 1) + r / base;
    return make(value, 0, Math.abs(b.re) * a.err * slope + Math.abs(Math.log(base)) * b.err * r * 2 + 4 * EPSILON * r);
  }
  if (whole && Math.abs(b.re) <= 64) {
    let [result, factor] = [real(1), b.re < 0 ? over(real(1), a) : a];
    for (let n = Math.abs(b.re); n > 0; n = Math.floor(n / 2)) {
      if (n % 2 === 1) result = times(result, factor);
      factor = times(factor, factor);
    }
    return result;
  }
  return exponential(times(b, logarithm(a)));
}

/** sin and cos. */
export function sine(a: Complex): Complex {
  const [s, c, ch, sh] = [Math.sin(a.re), Math.cos(a.re), Math.cosh(a.im), Math.sinh(a.im)];
  const [re, im] = [s * ch, a.im === 0 ? 0 : c * sh];
  return make(re, im, ch * a.err * (1 + a.err) + 4 * EPSILON * (Math.abs(re) + Math.abs(im)));
}

/** See {@linkcode sine}. */
export function cosine(a: Complex): Complex {
  const [s, c, ch, sh] = [Math.sin(a.re), Math.cos(a.re), Math.cosh(a.im), Math.sinh(a.im)];
  const [re, im] = [c * ch, a.im === 0 ? 0 : -s * sh];
  return make(re, im, ch * a.err * (1 + a.err) + 4 * EPSILON * (Math.abs(re) + Math.abs(im)));
}

/** A real function with its derivative, where the argument is surely real. */
export function realFunction(a: Complex, f: (x: number) => number, slope: (x: number) => number): Complex {
  if (a.im !== 0) return UNKNOWN;
  const value = f(a.re);
  return make(value, 0, Math.abs(slope(a.re)) * a.err * 1.5 + 3 * EPSILON * Math.abs(value) + EPSILON * EPSILON);
}
