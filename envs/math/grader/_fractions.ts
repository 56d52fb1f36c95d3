/**
 * Quotients of sums, and powers of them with rational exponents.
 *
 * Choices: a variable is taken as positive where a root is split over a product, but sqrt(x^2) is |x|; an odd root of a negative
 * number is the real one, an even root of -a is i times that of a; quotients are never reduced by a common factor, equality is
 * decided by cross-multiplying.
 *
 * @module
 */
import {
  type Fraction,
  type Monomial,
  monomialKey,
  type Polynomial,
  type Polynomials,
  type Term,
  TooLarge,
} from "./_polynomial.ts";
import * as Q from "./rational.ts";
import type { Rational } from "./rational.ts";

/** Largest trial divisor when numbers under roots are taken apart. */
const TRIAL_LIMIT = 3000n;

/** Prime factors with exponents; the last may be a product of large primes. */
export function factor(value: bigint, polynomials: Polynomials): [bigint, number][] {
  const { fuel } = polynomials;
  const result: [bigint, number][] = [];
  let rest = value;
  for (let p = 2n; p <= TRIAL_LIMIT && p * p <= rest; p += p === 2n ? 1n : 2n) {
    fuel.spend(Q.words(rest));
    let count = 0;
    while (rest % p === 0n) {
      fuel.spend(Q.words(rest));
      rest /= p;
      count++;
    }
    if (count > 0) result.push([p, count]);
  }
  if (rest > 1n) {
    // A square or cube of a large prime is common, other coincidences are not.
    for (const degree of [2, 3]) {
      const root = Q.integerRoot(rest, degree, fuel);
      if (root ** BigInt(degree) === rest) return [...result, [root, degree]];
    }
    result.push([rest, 1]);
  }
  return result;
}

/** Arithmetic on quotients over one table of atoms. */
export class Fractions {
  /** Arithmetic on sums. */
  readonly sums: Polynomials;
  /** 0 and 1. */
  readonly zero: Fraction;
  /** See `zero`. */
  readonly one: Fraction;

  constructor(sums: Polynomials) {
    this.sums = sums;
    this.zero = { num: sums.zero, den: sums.one };
    this.one = { num: sums.one, den: sums.one };
  }

  constant(value: Rational): Fraction {
    return { num: this.sums.constant(value), den: this.sums.one };
  }

  of(num: Polynomial): Fraction {
    return { num, den: this.sums.one };
  }

  /** The value if it is a rational number that can be seen as one, else null. */
  asRational(a: Fraction): Rational | null {
    const [n, d] = [this.sums.asRational(a.num), this.sums.asRational(a.den)];
    return n === null || d === null ? null : Q.divide(n, d, this.sums.fuel);
  }

  add(a: Fraction, b: Fraction): Fraction {
    if (a.den === b.den || this.sums.key(a.den) === this.sums.key(b.den)) {
      return { num: this.sums.add(a.num, b.num), den: a.den };
    }
    return this.make(
      this.sums.add(this.sums.multiply(a.num, b.den), this.sums.multiply(b.num, a.den)),
      this.sums.multiply(a.den, b.den),
    );
  }

  negate(a: Fraction): Fraction {
    return { num: this.sums.scale(a.num, Q.MINUS_ONE), den: a.den };
  }

  multiply(a: Fraction, b: Fraction): Fraction {
    return this.make(
      this.sums.multiply(a.num, b.num),
      a.den === b.den && a.den === this.sums.one ? a.den : this.sums.multiply(a.den, b.den),
    );
  }

  divide(a: Fraction, b: Fraction): Fraction {
    return this.multiply(a, this.invert(b));
  }

  invert(a: Fraction): Fraction {
    return this.make(a.den, a.num);
  }

  /** num / den; a lower part of one term moves up. */
  make(num: Polynomial, den: Polynomial): Fraction {
    if (den === this.sums.one) return { num, den };
    if (den.size === 0) throw new Q.UndefinedValue("Cannot divide by zero");
    const [only] = den.values();
    if (den.size !== 1 || only === undefined) return { num, den };
    const roots = only.monomial.filter(([atom]) => this.sums.atomAt(atom).reduction.kind === "radicand");
    if (roots.length === 0) return { num: this.sums.multiply(num, this.sums.invertTerm(only, 1n)), den: this.sums.one };
    // 1 / P^r = P^(1-r) / P.
    let [top, bottom] = [num, this.sums.one];
    const plain: Term = {
      coefficient: only.coefficient,
      monomial: only.monomial.filter((pair) => !roots.includes(pair)),
    };
    for (const [atom, exponent] of roots) {
      const { reduction } = this.sums.atomAt(atom);
      if (reduction.kind !== "radicand") continue;
      top = this.sums.multiply(top, this.sums.atomPower(atom, Q.subtract(Q.ONE, exponent, this.sums.fuel)));
      bottom = this.sums.multiply(bottom, reduction.value);
    }
    return { num: this.sums.multiply(top, this.sums.invertTerm(plain, 1n)), den: bottom };
  }

  /** Whether a - b is the empty sum over a common denominator. */
  same(a: Fraction, b: Fraction): boolean {
    return this.difference(a, b).size === 0;
  }

  /** Numerator of a - b over the product of the denominators. */
  difference(a: Fraction, b: Fraction): Polynomial {
    if (this.sums.key(a.den) === this.sums.key(b.den)) return this.sums.subtract(a.num, b.num);
    return this.sums.subtract(this.sums.multiply(a.num, b.den), this.sums.multiply(b.num, a.den));
  }

  /** Equal text for quotients that are multiples of the same sums. */
  key(a: Fraction): string {
    if (a.den === this.sums.one) return this.sums.key(a.num);
    const leading = this.sums.leading(a.den);
    const scale = leading.n === 0n ? Q.ONE : Q.invert(leading);
    return `${this.sums.key(this.sums.scale(a.num, scale))}|${this.sums.key(this.sums.scale(a.den, scale))}`;
  }

  /** a to a rational power. */
  power(a: Fraction, exponent: Rational): Fraction {
    if (exponent.n === 0n) return this.one;
    if (exponent.n < 0n) return this.power(this.invert(a), Q.negate(exponent));
    if (exponent.d === 1n) {
      return this.make(
        this.sums.power(a.num, exponent.n),
        a.den === this.sums.one ? a.den : this.sums.power(a.den, exponent.n),
      );
    }
    const top = this.#rootOf(a.num, exponent);
    return a.den === this.sums.one ? top : this.divide(top, this.#rootOf(a.den, exponent));
  }

  /** A sum to a power that is a positive proper or improper fraction. */
  #rootOf(a: Polynomial, exponent: Rational): Fraction {
    const { sums } = this;
    sums.fuel.spend(2);
    const [only] = a.values();
    if (only === undefined) return this.zero;
    if (a.size === 1) return this.#termPower(only, exponent);
    const content = sums.content(a);
    const shared = this.#sharedMonomial(a);
    const inverse = shared.map(([atom, power]) => [atom, Q.negate(power)] as const);
    const primitive = sums.multiply(
      sums.scale(a, Q.invert(content)),
      sums.single({ coefficient: Q.ONE, monomial: inverse }),
    );
    const outside = this.multiply(
      this.numberPower(content, exponent),
      this.#termPower({ coefficient: Q.ONE, monomial: shared }, exponent),
    );
    const nested = exponent.d === 2n ? this.#denest(primitive) : null;
    if (nested !== null) return this.multiply(outside, this.power(nested, Q.integer(exponent.n)));
    return this.multiply(outside, this.of(sums.atomPower(this.#radicand(primitive), exponent)));
  }

  #radicand(value: Polynomial): number {
    return this.sums.atom({
      key: `root:${this.sums.key(value)}`,
      reduction: { kind: "radicand", value },
      independent: false,
    });
  }

  /** Variables, pi and the like that every term has, to their lowest power. */
  #sharedMonomial(a: Polynomial): Monomial {
    let shared: Monomial | null = null;
    for (const { monomial } of a.values()) {
      this.sums.fuel.spend(1 + monomial.length);
      const plain = monomial.filter(([atom, exponent]) =>
        this.sums.atomAt(atom).reduction.kind === "none" && exponent.d === 1n
      );
      if (shared === null) shared = plain;
      else {
        const own = new Map(plain);
        shared = shared.flatMap(([atom, exponent]) => {
          const other = own.get(atom);
          if (other === undefined) return [];
          return [[atom, Q.compare(other, exponent, this.sums.fuel) < 0 ? other : exponent] as const];
        });
      }
    }
    return shared ?? [];
  }

  /** sqrt(a + b sqrt(c)) as a sum of two roots, if there is one; null otherwise. */
  #denest(a: Polynomial): Fraction | null {
    const { sums } = this;
    if (a.size !== 2) return null;
    const rational = a.get("")?.coefficient;
    const other = [...a.values()].find((term) => term.monomial.length > 0);
    if (rational === undefined || other === undefined || rational.n <= 0n) return null;
    const isRoot = other.monomial.every(([atom, { d }]) => sums.atomAt(atom).reduction.kind === "prime" && d === 2n);
    if (!isRoot) return null;
    let square = Q.multiply(other.coefficient, other.coefficient, sums.fuel);
    for (const [atom] of other.monomial) {
      const { reduction } = sums.atomAt(atom);
      if (reduction.kind === "prime") square = Q.multiply(square, Q.integer(reduction.value), sums.fuel);
    }
    const norm = Q.subtract(Q.multiply(rational, rational, sums.fuel), square, sums.fuel);
    const root = exactSquareRoot(norm, sums);
    if (root === null) return null;
    const [plus, minus] = [Q.add(rational, root, sums.fuel), Q.subtract(rational, root, sums.fuel)];
    const first = this.numberPower(Q.multiply(plus, Q.HALF, sums.fuel), Q.HALF);
    const second = this.numberPower(Q.multiply(minus, Q.HALF, sums.fuel), Q.HALF);
    return this.add(first, other.coefficient.n < 0n ? this.negate(second) : second);
  }

  #termPower(term: Term, exponent: Rational): Fraction {
    const { sums } = this;
    let result = this.numberPower(term.coefficient, exponent);
    for (const [atom, own] of term.monomial) {
      const power = Q.multiply(own, exponent, sums.fuel);
      const { reduction, key } = sums.atomAt(atom);
      if (reduction.kind === "imaginary") {
        result = this.multiply(result, this.unity(Q.multiply(power, Q.HALF, sums.fuel)));
      } else if (reduction.kind === "unity") throw new TooLarge("a root of a complex number");
      else if (
        reduction.kind === "none" && own.d === 1n && own.n % 2n === 0n && exponent.d % 2n === 0n && mayBeNegative(key)
      ) {
        result = this.multiply(result, this.of(sums.atomPower(this.modulus(sums.atomPower(atom)), power)));
      } else result = this.multiply(result, this.of(sums.atomPower(atom, power)));
    }
    return result;
  }

  /** Atom of |sum|. */
  modulus(of: Polynomial): number {
    return this.sums.atom({ key: `abs:${this.sums.key(of)}`, reduction: { kind: "modulus", of }, independent: false });
  }

  /** The imaginary unit. */
  imaginary(): number {
    return this.sums.atom({ key: "i", reduction: { kind: "imaginary" }, independent: true });
  }

  /** exp(iπ·turn) as an atom, or with i and signs where turn is a multiple of 1/2. */
  unity(turn: Rational): Fraction {
    if (turn.d <= 2n) return this.of(this.sums.atomPower(this.imaginary(), Q.integer(2n * turn.n / turn.d)));
    return this.of(
      this.sums.atomPower(this.sums.atom({ key: "unity", reduction: { kind: "unity" }, independent: false }), turn),
    );
  }

  /** A rational number to a rational power: roots of primes times a rational number. */
  numberPower(value: Rational, exponent: Rational): Fraction {
    const { sums } = this;
    if (value.n === 1n && value.d === 1n) return this.one;
    if (value.n === 0n) {
      if (exponent.n <= 0n) throw new Q.UndefinedValue("Cannot raise zero to a power that is not positive");
      return this.zero;
    }
    if (exponent.d === 1n) {
      sums.checkSize(value, exponent.n);
      return this.constant(Q.power(value, exponent.n, sums.fuel));
    }
    if (value.n < 0n) {
      const size = this.numberPower(Q.negate(value), exponent);
      if (exponent.d % 2n === 1n) return exponent.n % 2n === 0n ? size : this.negate(size);
      return this.multiply(this.unity(exponent), size);
    }
    let result = sums.one;
    for (const [part, sign] of [[value.n, 1n], [value.d, -1n]] as const) {
      if (part === 1n) continue;
      for (const [prime, count] of factor(part, sums)) {
        const atom = this.prime(prime);
        const power = Q.multiply(exponent, Q.integer(sign * BigInt(count)), sums.fuel);
        result = sums.multiply(result, sums.atomPower(atom, power));
      }
    }
    return this.of(result);
  }

  /** Atom of a prime, or of a product of primes too large to take apart, under a root. */
  prime(value: bigint): number {
    const certain = value <= TRIAL_LIMIT * TRIAL_LIMIT;
    return this.sums.atom({ key: `prime:${value}`, reduction: { kind: "prime", value }, independent: certain });
  }

  /** Sum of terms if nothing stands below, else null. */
  asSum(a: Fraction): Polynomial | null {
    const d = this.sums.asRational(a.den);
    return d === null ? null : this.sums.scale(a.num, Q.invert(d));
  }

  /** A monomial as a quotient. */
  ofMonomial(monomial: Monomial, coefficient: Rational = Q.ONE): Fraction {
    return this.of(this.sums.reduce({ coefficient, monomial }));
  }

  /** Key of a monomial over these atoms. */
  monomialKey(monomial: Monomial): string {
    return monomialKey(monomial);
  }
}

/** Atoms that stand for positive numbers. */
function mayBeNegative(key: string): boolean {
  return !(key === "pi" || key.startsWith("exp:") || key.startsWith("ln:") || key.startsWith("pow:"));
}

function exactSquareRoot(value: Rational, sums: Polynomials): Rational | null {
  if (value.n < 0n) return null;
  const [n, d] = [Q.integerRoot(value.n, 2, sums.fuel), Q.integerRoot(value.d, 2, sums.fuel)];
  return n * n === value.n && d * d === value.d ? { n, d } : null;
}
