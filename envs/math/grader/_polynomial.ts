/**
 * Sums of terms over shared atoms: rational coefficient times atoms with rational exponents.
 *
 * An atom is anything that is not simplified further: a variable, a prime under a root, pi, the imaginary unit, e to a power,
 * a function's value, a sum under a root. Exponents of an atom may be negative or fractions; an atom may lay down how high its
 * exponent may grow before it turns into something else (i^2 = -1, 2^(3/2) = 2·2^(1/2), sin^2 = 1 - cos^2).
 *
 * Contract: two sums over the same {@linkcode Atoms} that stand for the same combination of atoms have the same keys. Products
 * of different fractional powers of primes are linearly independent over Q (Besicovitch 1940), so a sum of radicals of
 * positive rationals is zero only if it is empty.
 *
 * @module
 */
import type { Fuel } from "./fuel.ts";
import * as Q from "./rational.ts";
import type { Rational } from "./rational.ts";

/** How an atom's powers are kept down. */
export type Reduction =
  | { readonly kind: "none" }
  /** i^2 = -1. */
  | { readonly kind: "imaginary" }
  /** An integer under a root: whole powers go to the coefficient. */
  | { readonly kind: "prime"; readonly value: bigint }
  /** A sum under a root: whole powers are multiplied out. */
  | { readonly kind: "radicand"; readonly value: Polynomial }
  /** sin(x), which turns into cos(x) in pairs. */
  | { readonly kind: "sine"; readonly cosine: number }
  /** |x|, which turns into x in pairs. */
  | { readonly kind: "modulus"; readonly of: Polynomial }
  /** exp(iπ), which is -1: the exponent stays in [0, 1). */
  | { readonly kind: "unity" };

/** One atom. */
export interface Atom {
  readonly key: string;
  readonly reduction: Reduction;
  /** Linear independence of this atom's powers from all others is certain, so a sum that is not empty is not zero. */
  readonly independent: boolean;
  /** Exponent monomial of an exponential, so that its logarithm is known. */
  readonly exponent?: Monomial;
  /** Argument of a logarithm. */
  readonly logarithmOf?: Fraction;
}

/** Atoms with their exponents, in order of atom number, no exponent zero. */
export type Monomial = readonly (readonly [atom: number, exponent: Rational])[];

/** Coefficient, never zero, and monomial. */
export interface Term {
  readonly coefficient: Rational;
  readonly monomial: Monomial;
}

/** Terms by the key of their monomial. */
export type Polynomial = ReadonlyMap<string, Term>;

/** A quotient of two sums; the lower one is not empty. */
export interface Fraction {
  readonly num: Polynomial;
  readonly den: Polynomial;
}

/** Terms or digits grow beyond what exact work is worth; the comparison goes on in numbers. */
export class TooLarge extends Error {
  /** Stable name. */
  override readonly name = "TooLarge";
}

/** Most bits of a coefficient. */
export const COEFFICIENT_BITS = 60_000;
/** Most terms of a sum. */
const TERM_LIMIT = 3000;

/** Key of a monomial. */
export function monomialKey(monomial: Monomial): string {
  let key = "";
  for (const [atom, exponent] of monomial) {
    key += exponent.d === 1n ? `${atom}^${exponent.n};` : `${atom}^${exponent.n}/${exponent.d};`;
  }
  return key;
}

/** Arithmetic on sums over one table of atoms. */
export class Polynomials {
  /** Pays for every operation. */
  readonly fuel: Fuel;
  readonly #atoms: Atom[] = [];
  readonly #numbers = new Map<string, number>();
  /** The sum 1. */
  readonly one: Polynomial;
  /** The empty sum. */
  readonly zero: Polynomial = new Map();

  constructor(fuel: Fuel) {
    this.fuel = fuel;
    this.one = this.constant(Q.ONE);
  }

  /** Number of an atom; an atom is known by its key. */
  atom(atom: Atom): number {
    const known = this.#numbers.get(atom.key);
    if (known !== undefined) return known;
    this.fuel.spend(1 + Math.ceil(atom.key.length / 20));
    this.#atoms.push(atom);
    this.#numbers.set(atom.key, this.#atoms.length - 1);
    return this.#atoms.length - 1;
  }

  /** Atom of a number. */
  atomAt(index: number): Atom {
    const atom = this.#atoms[index];
    if (atom === undefined) throw new RangeError(`Cannot find atom ${index}: there are ${this.#atoms.length}`);
    return atom;
  }

  /** All atoms. */
  get atoms(): readonly Atom[] {
    return this.#atoms;
  }

  constant(value: Rational): Polynomial {
    return value.n === 0n ? new Map() : new Map([["", { coefficient: value, monomial: [] }]]);
  }

  /** One atom to a power, as a sum. */
  atomPower(atom: number, exponent: Rational = Q.ONE, coefficient: Rational = Q.ONE): Polynomial {
    return this.reduce({ coefficient, monomial: exponent.n === 0n ? [] : [[atom, exponent]] });
  }

  single(term: Term): Polynomial {
    return new Map([[monomialKey(term.monomial), term]]);
  }

  #accumulate(into: Map<string, Term>, term: Term, key: string): void {
    this.fuel.spend(1);
    const old = into.get(key);
    if (old === undefined) {
      if (into.size >= TERM_LIMIT) throw new TooLarge(`more than ${TERM_LIMIT} terms`);
      into.set(key, term);
      return;
    }
    const coefficient = Q.add(old.coefficient, term.coefficient, this.fuel);
    if (coefficient.n === 0n) into.delete(key);
    else into.set(key, { coefficient, monomial: old.monomial });
  }

  add(a: Polynomial, b: Polynomial): Polynomial {
    if (a.size === 0) return b;
    if (b.size === 0) return a;
    const [large, small] = a.size >= b.size ? [a, b] : [b, a];
    this.fuel.spend(2 + Math.ceil(large.size / 2));
    const result = new Map(large);
    for (const [key, term] of small) this.#accumulate(result, term, key);
    return result;
  }

  scale(a: Polynomial, factor: Rational): Polynomial {
    if (factor.n === 0n) return this.zero;
    if (factor.n === 1n && factor.d === 1n) return a;
    const result = new Map<string, Term>();
    for (const [key, { coefficient, monomial }] of a) {
      this.fuel.spend(1);
      result.set(key, { coefficient: Q.multiply(coefficient, factor, this.fuel), monomial });
    }
    return result;
  }

  subtract(a: Polynomial, b: Polynomial): Polynomial {
    return this.add(a, this.scale(b, Q.MINUS_ONE));
  }

  multiplyMonomials(a: Monomial, b: Monomial): Monomial {
    this.fuel.spend(1 + a.length + b.length);
    if (a.length === 0) return b;
    if (b.length === 0) return a;
    const result: [number, Rational][] = [];
    let [i, j] = [0, 0];
    while (i < a.length || j < b.length) {
      const [left, right] = [a[i], b[j]];
      if (right === undefined || (left !== undefined && left[0] < right[0])) {
        if (left !== undefined) result.push([left[0], left[1]]);
        i++;
      } else if (left === undefined || right[0] < left[0]) {
        result.push([right[0], right[1]]);
        j++;
      } else {
        const exponent = Q.add(left[1], right[1], this.fuel);
        if (exponent.n !== 0n) result.push([left[0], exponent]);
        i++;
        j++;
      }
    }
    return result;
  }

  multiply(a: Polynomial, b: Polynomial): Polynomial {
    this.fuel.spend(4);
    if (a.size === 0 || b.size === 0) return this.zero;
    const result = new Map<string, Term>();
    for (const left of a.values()) {
      for (const right of b.values()) {
        const coefficient = Q.multiply(left.coefficient, right.coefficient, this.fuel);
        if (Q.bits(coefficient.n) > 2 * COEFFICIENT_BITS) throw new TooLarge("a coefficient has too many digits");
        const term: Term = { coefficient, monomial: this.multiplyMonomials(left.monomial, right.monomial) };
        this.fuel.spend(4 + 2 * term.monomial.length);
        if (this.#isReduced(term.monomial)) this.#accumulate(result, term, monomialKey(term.monomial));
        else for (const [key, piece] of this.reduce(term)) this.#accumulate(result, piece, key);
      }
    }
    return result;
  }

  #isReduced(monomial: Monomial): boolean {
    return monomial.every(([atom, exponent]) => !this.#needsReduction(atom, exponent));
  }

  #needsReduction(atom: number, { n, d }: Rational): boolean {
    switch (this.atomAt(atom).reduction.kind) {
      case "none":
        return false;
      case "imaginary":
        return n !== 1n || d !== 1n;
      case "prime":
      case "radicand":
      case "unity":
        return n < 0n || n >= d;
      case "sine":
        return d === 1n && n >= 2n;
      case "modulus":
        return d === 1n && n % 2n === 0n;
    }
  }

  /** A term with every power brought down; see {@linkcode Reduction}. */
  reduce(term: Term): Polynomial {
    let coefficient = term.coefficient;
    const kept: [number, Rational][] = [];
    const factors: Polynomial[] = [];
    for (const [atom, exponent] of term.monomial) {
      this.fuel.spend(1);
      if (!this.#needsReduction(atom, exponent)) {
        kept.push([atom, exponent]);
        continue;
      }
      const { reduction } = this.atomAt(atom);
      const whole = Q.floor(exponent);
      const rest = Q.subtract(exponent, Q.integer(whole), this.fuel);
      switch (reduction.kind) {
        case "imaginary": {
          const turn = ((exponent.n % 4n) + 4n) % 4n;
          if (turn >= 2n) coefficient = Q.negate(coefficient);
          if (turn % 2n === 1n) kept.push([atom, Q.ONE]);
          break;
        }
        case "unity":
          if (whole % 2n !== 0n) coefficient = Q.negate(coefficient);
          if (rest.n !== 0n) kept.push([atom, rest]);
          break;
        case "prime":
          this.checkSize(Q.integer(reduction.value), whole);
          coefficient = Q.multiply(coefficient, Q.power(Q.integer(reduction.value), whole, this.fuel), this.fuel);
          if (rest.n !== 0n) kept.push([atom, rest]);
          break;
        case "radicand":
          // Negative powers are kept out of sums by Fractions.
          if (whole < 0n) throw new TooLarge("a sum under a root stands below a fraction bar");
          if (rest.n !== 0n) kept.push([atom, rest]);
          factors.push(this.power(reduction.value, whole));
          break;
        case "sine": {
          const square = this.subtract(this.one, this.atomPower(reduction.cosine, Q.integer(2)));
          if (whole % 2n === 1n) kept.push([atom, Q.ONE]);
          factors.push(this.power(square, whole / 2n));
          break;
        }
        case "modulus": {
          if (exponent.n < 0n) {
            const [only] = reduction.of.values();
            if (reduction.of.size !== 1 || only === undefined) {
              kept.push([atom, exponent]);
              break;
            }
            factors.push(this.invertTerm(only, -exponent.n));
          } else factors.push(this.power(reduction.of, exponent.n));
          break;
        }
        default:
          kept.push([atom, exponent]);
      }
    }
    let result = this.single({ coefficient, monomial: kept });
    for (const factor of factors) result = this.multiply(result, factor);
    return result;
  }

  /** A term to a negative whole power. */
  invertTerm(term: Term, power: bigint): Polynomial {
    const monomial = term.monomial.map(([atom, exponent]) =>
      [atom, Q.multiply(exponent, Q.integer(-power), this.fuel)] as const
    );
    this.checkSize(term.coefficient, power);
    return this.reduce({ coefficient: Q.power(Q.invert(term.coefficient), power, this.fuel), monomial });
  }

  /** Refuses a power whose digits would be too many. */
  checkSize(base: Rational, exponent: bigint): void {
    const size = Q.absolute(base.n) === 1n && base.d === 1n ? 0 : Math.max(Q.bits(base.n), Q.bits(base.d));
    if (size > 0 && Number(Q.absolute(exponent)) * size > COEFFICIENT_BITS) {
      throw new TooLarge("a power has too many digits");
    }
  }

  /** A sum to a whole power, not negative. */
  power(a: Polynomial, exponent: bigint): Polynomial {
    if (exponent === 0n) return this.one;
    const [only] = a.values();
    if (a.size === 0 || only === undefined) return this.zero;
    if (a.size === 1) {
      this.checkSize(only.coefficient, exponent);
      const monomial = only.monomial.map(([atom, own]) =>
        [atom, Q.multiply(own, Q.integer(exponent), this.fuel)] as const
      );
      return this.reduce({ coefficient: Q.power(only.coefficient, exponent, this.fuel), monomial });
    }
    if (exponent > 4096n) throw new TooLarge("a sum to a power above 4096");
    let result = this.one;
    let square = a;
    for (let rest = exponent; rest > 0n; rest /= 2n) {
      if (rest % 2n === 1n) result = this.multiply(result, square);
      if (rest > 1n) square = this.multiply(square, square);
    }
    return result;
  }

  /** The value if the sum is a rational number, else null. */
  asRational(a: Polynomial): Rational | null {
    if (a.size === 0) return Q.ZERO;
    return a.size === 1 ? a.get("")?.coefficient ?? null : null;
  }

  /** Terms in the order of their keys, as text; equal sums give equal text. */
  key(a: Polynomial): string {
    const keys = [...a.keys()].sort();
    this.fuel.spend(1 + keys.length * 4);
    return keys.map((key) => `${Q.format(a.get(key)?.coefficient ?? Q.ZERO)}*${key}`).join("+");
  }

  /** Coefficient of the term whose key comes first; 0 of an empty sum. */
  leading(a: Polynomial): Rational {
    this.fuel.spend(1 + a.size);
    let first: string | undefined;
    for (const key of a.keys()) if (first === undefined || key < first) first = key;
    return first === undefined ? Q.ZERO : a.get(first)?.coefficient ?? Q.ZERO;
  }

  /** Largest positive rational that divides every coefficient into integers without a common factor. */
  content(a: Polynomial): Rational {
    let [n, d] = [0n, 1n];
    for (const { coefficient } of a.values()) {
      n = Q.gcd(n, coefficient.n, this.fuel);
      const common = Q.gcd(d, coefficient.d, this.fuel);
      d = d / common * coefficient.d;
      if (Q.bits(d) > COEFFICIENT_BITS) throw new TooLarge("a denominator has too many digits");
    }
    return n === 0n ? Q.ONE : Q.rational(n, d, this.fuel);
  }
}
