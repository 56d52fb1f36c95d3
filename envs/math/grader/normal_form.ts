/**
 * Exact normal forms: an expression as a quotient of sums over atoms.
 *
 * Contract: two expressions whose quotients have an empty difference are equal wherever both are defined, variables under roots
 * and in logarithms being positive; a difference that is not empty, over independent atoms only, says that they are not.
 *
 * Identities that are built in: field arithmetic; roots of rationals to primes, sqrt(a ± b sqrt(c)) where it opens; i^2 = -1;
 * e^(a+b) = e^a e^b and p^(a+b) = p^a p^b for primes p, exp(iπq); ln of products, powers, exponentials; change of base; sin and
 * cos at multiples of π/12, their parity, tan and the rest through them, sin^2 + cos^2 = 1; inverses at the same values; hyperbolic
 * functions through e; |ab| = |a||b|; floor(x + n) = floor(x) + n; (n + k)! against n!; binomials through factorials.
 * Omitted: gamma, double angles (left to numbers), complex logarithms.
 *
 * @module
 */
import { evaluate, type LogReading } from "./numeric.ts";
import type { Expression } from "./expression.ts";
import { factor, Fractions } from "./_fractions.ts";
import { type Fraction, type Monomial, type Polynomial, Polynomials, type Term, TooLarge } from "./_polynomial.ts";
import type { Fuel } from "./fuel.ts";
import * as Q from "./rational.ts";
import type { Rational } from "./rational.ts";
import { binomialOf, FACTORIAL_LIMIT, factorialOf } from "./_factorial.ts";

/** The expression is no scalar: a set, a tuple, text, infinity. */
export class NotScalar extends Error {
  /** Stable name. */
  override readonly name = "NotScalar";
}

const EMPTY: ReadonlyMap<string, number> = new Map();

/** Turns expressions into quotients over one table of atoms. */
export class NormalForm {
  /** Arithmetic on the quotients. */
  readonly fractions: Fractions;
  readonly #sums: Polynomials;
  readonly #fuel: Fuel;
  readonly #log: LogReading;

  /**
   * A fresh table of atoms.
   *
   * @param fuel pays for all work.
   * @param log reading of `log` without a base.
   */
  constructor(fuel: Fuel, log: LogReading = "unknown") {
    fuel.spend(10);
    this.#fuel = fuel;
    this.#log = log;
    this.#sums = new Polynomials(fuel);
    this.fractions = new Fractions(this.#sums);
  }

  /** Whether a difference over the atoms seen so far is zero only if it is empty. */
  isComplete(difference: Polynomial): boolean {
    for (const { monomial } of difference.values()) {
      for (const [atom] of monomial) if (!this.#sums.atomAt(atom).independent) return false;
    }
    return true;
  }

  /**
   * The quotient of an expression.
   *
   * @throws {NotScalar} for sets, tuples, text, relations and infinity.
   * @throws {UndefinedValue} for 1/0 and the like.
   * @throws {TooLarge} where exact work is not worth while.
   */
  of(e: Expression): Fraction {
    this.#fuel.spend(2);
    const { fractions } = this;
    switch (e.kind) {
      case "number":
        return fractions.constant(e.value);
      case "constant":
        return this.#constant(e.name);
      case "symbol":
        return fractions.of(this.#sums.atomPower(this.#plainAtom(`var:${e.name}`, true)));
      case "sum":
        return e.terms.map((term) => this.of(term)).reduce((a, b) => fractions.add(a, b), fractions.zero);
      case "negate":
        return fractions.negate(this.of(e.operand));
      case "product":
        return e.factors.map((factor) => this.of(factor)).reduce((a, b) => fractions.multiply(a, b), fractions.one);
      case "quotient":
        return fractions.divide(this.of(e.numerator), this.of(e.denominator));
      case "power":
        return this.#power(e.base, this.of(e.exponent));
      case "root":
        return this.#fractionPower(this.of(e.radicand), { n: 1n, d: BigInt(e.index) }, e.radicand);
      case "based":
        return fractions.constant(Q.integer(this.#basedValue(e.digits, e.base)));
      case "call":
        return this.#call(e.name, e.args);
      default:
        throw new NotScalar(`a ${e.kind} has no single value`);
    }
  }

  #basedValue(digits: string, base: number): bigint {
    this.#fuel.spend(digits.length * (1 + digits.length / 50));
    let value = 0n;
    for (const digit of digits) value = value * BigInt(base) + BigInt(Number.parseInt(digit, 36));
    return value;
  }

  #plainAtom(key: string, independent: boolean, extra: { exponent?: Monomial; logarithmOf?: Fraction } = {}): number {
    return this.#sums.atom({ key, reduction: { kind: "none" }, independent, ...extra });
  }

  #constant(name: string): Fraction {
    switch (name) {
      case "pi":
        return this.fractions.of(this.#sums.atomPower(this.#plainAtom("pi", true)));
      case "e":
        return this.#exponential(this.fractions.one);
      case "i":
        return this.fractions.of(this.#sums.atomPower(this.fractions.imaginary()));
      default:
        throw new NotScalar(`${name} is not a number`);
    }
  }

  #power(base: Expression, exponent: Fraction): Fraction {
    if (base.kind === "constant" && base.name === "e") return this.#exponential(exponent);
    const value = this.of(base);
    const rational = this.fractions.asRational(exponent);
    if (rational !== null) return this.#fractionPower(value, rational, base);
    const sum = this.fractions.asSum(exponent);
    const known = this.fractions.asRational(value);
    if (known !== null && known.n === 1n && known.d === 1n) return this.fractions.one;
    if (known !== null && known.n === 0n) throw new Q.UndefinedValue("Cannot raise zero to a variable power");
    if (sum === null) {
      const key = `pow:${this.fractions.key(value)}^${this.fractions.key(exponent)}`;
      return this.fractions.of(this.#sums.atomPower(this.#plainAtom(key, false)));
    }
    let result = this.fractions.one;
    for (const term of sum.values()) {
      const piece = term.monomial.length === 0
        ? this.#fractionPower(value, term.coefficient, base)
        : this.#symbolicPower(value, term);
      result = this.fractions.multiply(result, piece);
    }
    return result;
  }

  /** base^(c·m), where the base falls apart into primes and atoms if it is a single term. */
  #symbolicPower(base: Fraction, term: Term): Fraction {
    const sums = this.#sums;
    const suffix = this.fractions.monomialKey(term.monomial);
    const numeric = [...term.monomial].every(([atom]) => !sums.atomAt(atom).key.startsWith("var:"));
    const raise = (key: string, exponent: Rational) =>
      this.fractions.of(
        sums.atomPower(this.#plainAtom(`pow:${key}^${suffix}`, !numeric && key.startsWith("prime:")), exponent),
      );
    const d = sums.asRational(base.den);
    const [only] = base.num.values();
    if (d === null || base.num.size !== 1 || only === undefined) {
      return raise(this.fractions.key(base), term.coefficient);
    }
    let result = this.fractions.one;
    const coefficient = Q.divide(only.coefficient, d, this.#fuel);
    const parts: [string, bigint, Rational][] = [];
    if (coefficient.n < 0n) parts.push(["minus", 1n, Q.ONE]);
    for (const [value, sign] of [[Q.absolute(coefficient.n), 1n], [coefficient.d, -1n]] as const) {
      if (value === 1n) continue;
      for (const [prime, count] of this.#factors(value)) parts.push([`prime:${prime}`, sign * BigInt(count), Q.ONE]);
    }
    for (const [key, count] of parts) {
      result = this.fractions.multiply(result, raise(key, Q.multiply(term.coefficient, Q.integer(count), this.#fuel)));
    }
    for (const [atom, own] of only.monomial) {
      const { key, exponent } = sums.atomAt(atom);
      const power = Q.multiply(own, term.coefficient, this.#fuel);
      if (exponent !== undefined) {
        const product = this.fractions.multiply(
          this.fractions.ofMonomial(exponent),
          this.fractions.ofMonomial(term.monomial, power),
        );
        result = this.fractions.multiply(result, this.#exponential(product));
      } else result = this.fractions.multiply(result, raise(key, power));
    }
    return result;
  }

  #factors(value: bigint): [bigint, number][] {
    return factor(value, this.#sums);
  }

  /** A quotient to a rational power; a negative constant under an even root becomes i times its opposite's root. */
  #fractionPower(value: Fraction, exponent: Rational, source: Expression): Fraction {
    if (exponent.d === 1n || value.num.size < 2) return this.fractions.power(value, exponent);
    const sign = this.#signOf(source);
    if (sign !== "-") return this.fractions.power(value, exponent);
    const size = this.fractions.power(this.fractions.negate(value), exponent);
    if (exponent.d % 2n === 1n) return exponent.n % 2n === 0n ? size : this.fractions.negate(size);
    return this.fractions.multiply(this.fractions.unity(exponent), size);
  }

  /** Sign of a constant expression; null where it has variables, is complex, or is lost in rounding. */
  #signOf(e: Expression): "+" | "-" | null {
    const value = evaluate(e, { values: EMPTY, log: this.#log }, this.#fuel);
    if (!(Math.abs(value.re) > 2 * value.err) || Math.abs(value.im) > value.err) return null;
    return value.re > 0 ? "+" : "-";
  }

  /** e to a quotient. */
  #exponential(exponent: Fraction): Fraction {
    const { fractions } = this;
    const sum = fractions.asSum(exponent);
    if (sum === null) {
      return fractions.of(this.#sums.atomPower(this.#plainAtom(`expfraction:${fractions.key(exponent)}`, false)));
    }
    let result = fractions.one;
    for (const term of sum.values()) result = fractions.multiply(result, this.#exponentialTerm(term));
    return result;
  }

  #exponentialTerm({ coefficient, monomial }: Term): Fraction {
    const { fractions } = this;
    const sums = this.#sums;
    const atoms = monomial.map(([atom, power]) => ({ ...sums.atomAt(atom), power }));
    const [first, second] = atoms;
    const isOne = (power: Rational | undefined) => power?.n === 1n && power.d === 1n;
    if (atoms.length === 1 && first?.logarithmOf !== undefined && isOne(first.power)) {
      return fractions.power(first.logarithmOf, coefficient);
    }
    const turns = atoms.length === 2 && isOne(first?.power) && isOne(second?.power) &&
      [first?.key, second?.key].sort().join() === "i,pi";
    if (turns) {
      const turn = Q.multiply(coefficient, Q.integer(12), this.#fuel);
      if (turn.d === 1n) {
        const i = fractions.of(sums.atomPower(fractions.imaginary()));
        return fractions.add(this.#cosine12(turn.n), fractions.multiply(i, this.#cosine12(turn.n - 6n)));
      }
      return fractions.unity(coefficient);
    }
    const variables = atoms.every(({ key }) => key.startsWith("var:") || key === "i");
    const key = `exp:${fractions.monomialKey(monomial)}`;
    return fractions.of(sums.atomPower(this.#plainAtom(key, variables, { exponent: monomial }), coefficient));
  }

  /** cos(kπ/12). */
  #cosine12(k: bigint): Fraction {
    const { fractions } = this;
    const turn = ((k % 24n) + 24n) % 24n;
    const folded = turn > 12n ? 24n - turn : turn;
    const [index, negative] = folded > 6n ? [12n - folded, true] : [folded, false];
    const root = (value: bigint, d: bigint) =>
      fractions.multiply(fractions.numberPower(Q.integer(value), Q.HALF), fractions.constant({ n: 1n, d }));
    const values: readonly (() => Fraction)[] = [
      () => fractions.one,
      () => fractions.add(root(6n, 4n), root(2n, 4n)),
      () => root(3n, 2n),
      () => root(2n, 2n),
      () => fractions.constant(Q.HALF),
      () => fractions.add(root(6n, 4n), fractions.negate(root(2n, 4n))),
      () => fractions.zero,
    ];
    const value = values[Number(index)]?.() ?? fractions.zero;
    return negative ? fractions.negate(value) : value;
  }

  /** The rational q where a quotient is qπ, else null. */
  #multipleOfPi(a: Fraction): Rational | null {
    const sum = this.fractions.asSum(a);
    if (sum === null) return null;
    if (sum.size === 0) return Q.ZERO;
    const [only] = sum.values();
    const [pair] = only?.monomial ?? [];
    if (sum.size !== 1 || only === undefined || only.monomial.length !== 1 || pair === undefined) return null;
    return this.#sums.atomAt(pair[0]).key === "pi" && pair[1].n === 1n && pair[1].d === 1n ? only.coefficient : null;
  }

  /** cos or sin of a quotient. */
  #circular(name: "sin" | "cos", argument: Fraction): Fraction {
    const { fractions } = this;
    const q = this.#multipleOfPi(argument);
    if (q !== null) {
      const turn = name === "cos" ? q : Q.subtract(q, Q.HALF, this.#fuel);
      const twelfths = Q.multiply(turn, Q.integer(12), this.#fuel);
      if (twelfths.d === 1n) return this.#cosine12(twelfths.n);
      // Into [0, 1/2] by period, parity and cos(π - x) = -cos x.
      let part = Q.subtract(turn, Q.integer(2n * Q.floor(Q.multiply(turn, Q.HALF, this.#fuel))), this.#fuel);
      if (Q.compare(part, Q.ONE, this.#fuel) > 0) part = Q.subtract(Q.integer(2), part, this.#fuel);
      const negative = Q.compare(part, Q.HALF, this.#fuel) > 0;
      if (negative) part = Q.subtract(Q.ONE, part, this.#fuel);
      const value = fractions.of(this.#sums.atomPower(this.#plainAtom(`cospi:${Q.format(part)}`, false)));
      return negative ? fractions.negate(value) : value;
    }
    const negative = this.#sums.leading(argument.num).n * this.#sums.leading(argument.den).n < 0n;
    const key = fractions.key(negative ? fractions.negate(argument) : argument);
    const cosine = this.#plainAtom(`cos:${key}`, false);
    if (name === "cos") return fractions.of(this.#sums.atomPower(cosine));
    const sine = this.#sums.atom({ key: `sin:${key}`, reduction: { kind: "sine", cosine }, independent: false });
    return fractions.of(this.#sums.atomPower(sine, Q.ONE, negative ? Q.MINUS_ONE : Q.ONE));
  }

  /** Natural logarithm. */
  #logarithm(a: Fraction): Fraction {
    const { fractions } = this;
    if (a.num.size === 0) throw new Q.UndefinedValue("Cannot take the logarithm of zero");
    const top = this.#logarithmOfSum(a.num);
    return a.den === this.#sums.one ? top : fractions.add(top, fractions.negate(this.#logarithmOfSum(a.den)));
  }

  #logarithmOfSum(a: Polynomial): Fraction {
    const { fractions } = this;
    const sums = this.#sums;
    const [only] = a.values();
    const opaque = (value: Polynomial) =>
      fractions.of(
        sums.atomPower(this.#plainAtom(`ln:${sums.key(value)}`, false, { logarithmOf: fractions.of(value) })),
      );
    if (only === undefined || a.size !== 1) {
      const content = sums.content(a);
      const rest = sums.scale(a, Q.invert(content));
      return fractions.add(this.#logarithmOfSum(sums.constant(content)), opaque(rest));
    }
    const { coefficient, monomial } = only;
    if (coefficient.n < 0n || monomial.some(([atom]) => /^(i|unity)$/.test(sums.atomAt(atom).key))) return opaque(a);
    let result = fractions.zero;
    for (const [value, sign] of [[coefficient.n, 1n], [coefficient.d, -1n]] as const) {
      if (value === 1n) continue;
      for (const [prime, count] of this.#factors(value)) {
        const atom = this.#plainAtom(`ln:prime:${prime}`, true, { logarithmOf: fractions.constant(Q.integer(prime)) });
        result = fractions.add(result, fractions.of(sums.atomPower(atom, Q.ONE, Q.integer(sign * BigInt(count)))));
      }
    }
    for (const [atom, power] of monomial) {
      const { exponent, reduction } = sums.atomAt(atom);
      let piece: Fraction;
      if (exponent !== undefined) piece = fractions.ofMonomial(exponent);
      else if (reduction.kind === "prime") piece = this.#logarithmOfSum(sums.constant(Q.integer(reduction.value)));
      else if (reduction.kind === "radicand") piece = this.#logarithmOfSum(reduction.value);
      else piece = opaque(sums.atomPower(atom));
      result = fractions.add(result, fractions.multiply(fractions.constant(power), piece));
    }
    return result;
  }

  /** |a|. */
  #absolute(a: Fraction, source: Expression): Fraction {
    const { fractions } = this;
    const known = fractions.asRational(a);
    if (known !== null) return fractions.constant(known.n < 0n ? Q.negate(known) : known);
    const sign = this.#signOf(source);
    if (sign !== null) return sign === "+" ? a : fractions.negate(a);
    return fractions.divide(this.#absoluteSum(a.num), this.#absoluteSum(a.den));
  }

  #absoluteSum(a: Polynomial): Fraction {
    const { fractions } = this;
    const sums = this.#sums;
    const known = sums.asRational(a);
    if (known !== null) return fractions.constant(known.n < 0n ? Q.negate(known) : known);
    const [only] = a.values();
    if (a.size === 1 && only !== undefined) {
      if (only.monomial.some(([atom]) => /^(i|unity)$/.test(sums.atomAt(atom).key))) {
        throw new TooLarge("modulus of a complex number");
      }
      let result = fractions.constant(only.coefficient.n < 0n ? Q.negate(only.coefficient) : only.coefficient);
      for (const [atom, power] of only.monomial) {
        const { key } = sums.atomAt(atom);
        const positive = key === "pi" || key.startsWith("exp:") || key.startsWith("prime:") || key.startsWith("abs:");
        const base = positive ? atom : fractions.modulus(sums.atomPower(atom));
        result = fractions.multiply(result, fractions.of(sums.atomPower(base, power)));
      }
      return result;
    }
    const content = sums.content(a);
    const leading = sums.leading(a);
    const scale = leading.n < 0n ? Q.negate(Q.invert(content)) : Q.invert(content);
    const atom = fractions.modulus(sums.scale(a, scale));
    return fractions.of(sums.atomPower(atom, Q.ONE, content));
  }

  #floor(a: Fraction, source: Expression, name: "floor" | "ceil"): Fraction {
    const { fractions } = this;
    if (name === "ceil") {
      return fractions.negate(this.#floor(fractions.negate(a), { kind: "negate", operand: source }, "floor"));
    }
    const known = fractions.asRational(a);
    if (known !== null) return fractions.constant(Q.integer(Q.floor(known)));
    const value = evaluate(
      { kind: "call", name: "floor", args: [source] },
      { values: EMPTY, log: this.#log },
      this.#fuel,
    );
    if (Number.isSafeInteger(value.re)) return fractions.constant(Q.integer(value.re));
    const sum = fractions.asSum(a);
    const whole = sum === null ? 0n : Q.floor(sum.get("")?.coefficient ?? Q.ZERO);
    const rest = whole === 0n ? a : fractions.add(a, fractions.constant(Q.integer(-whole)));
    const atom = fractions.of(this.#sums.atomPower(this.#plainAtom(`floor:${fractions.key(rest)}`, false)));
    return fractions.add(atom, fractions.constant(Q.integer(whole)));
  }

  /** n!, and (n + k)! as a product with n! for a small whole k. */
  #factorial(a: Fraction): Fraction {
    const { fractions } = this;
    const known = fractions.asRational(a);
    if (known !== null) {
      if (known.d !== 1n || known.n < 0n) throw new Q.UndefinedValue(`Cannot take the factorial of ${Q.format(known)}`);
      if (known.n <= FACTORIAL_LIMIT) return fractions.constant(Q.integer(factorialOf(Number(known.n), this.#fuel)));
    }
    const sum = fractions.asSum(a);
    const shift = sum === null || known !== null ? 0n : Q.floor(sum.get("")?.coefficient ?? Q.ZERO);
    if (shift > 60n || shift < -60n) throw new TooLarge("a factorial far from its variable");
    const base = shift === 0n ? a : fractions.add(a, fractions.constant(Q.integer(-shift)));
    let result = fractions.of(this.#sums.atomPower(this.#plainAtom(`factorial:${fractions.key(base)}`, false)));
    for (let k = 1n; k <= shift; k++) {
      result = fractions.multiply(result, fractions.add(base, fractions.constant(Q.integer(k))));
    }
    for (let k = 0n; k > shift; k--) {
      result = fractions.divide(result, fractions.add(base, fractions.constant(Q.integer(k))));
    }
    return result;
  }

  #binomial(n: Fraction, k: Fraction): Fraction {
    const { fractions } = this;
    const [top, bottom] = [fractions.asRational(n), fractions.asRational(k)];
    if (top !== null && bottom !== null && top.d === 1n && bottom.d === 1n && top.n >= 0n) {
      if (bottom.n < 0n || bottom.n > top.n) return fractions.zero;
      const least = bottom.n * 2n > top.n ? top.n - bottom.n : bottom.n;
      if (least > FACTORIAL_LIMIT) throw new TooLarge("a binomial coefficient has too many digits");
      return fractions.constant(Q.integer(binomialOf(top.n, Number(least), this.#fuel)));
    }
    const rest = fractions.add(n, fractions.negate(k));
    return fractions.divide(this.#factorial(n), fractions.multiply(this.#factorial(k), this.#factorial(rest)));
  }

  /** arcsin and arctan at the values that sin and tan take at multiples of π/12. */
  #inverseCircular(name: "arcsin" | "arctan", a: Fraction): Fraction {
    const { fractions } = this;
    for (let k = 0n; k <= 6n; k++) {
      if (name === "arctan" && k === 6n) break;
      const sine = this.#cosine12(k - 6n);
      const value = name === "arcsin" ? sine : fractions.divide(sine, this.#cosine12(k));
      for (const sign of k === 0n ? [1n] : [1n, -1n]) {
        if (!fractions.same(a, sign === 1n ? value : fractions.negate(value))) continue;
        return fractions.multiply(this.#constant("pi"), fractions.constant(Q.rational(sign * k, 12n, this.#fuel)));
      }
    }
    const negative = this.#sums.leading(a.num).n * this.#sums.leading(a.den).n < 0n;
    const key = `${name}:${fractions.key(negative ? fractions.negate(a) : a)}`;
    return fractions.of(this.#sums.atomPower(this.#plainAtom(key, false), Q.ONE, negative ? Q.MINUS_ONE : Q.ONE));
  }

  #determinant(rows: readonly (readonly Expression[])[]): Fraction {
    const { fractions } = this;
    if (rows.length !== rows[0]?.length) {
      throw new Q.UndefinedValue("Cannot take the determinant of a matrix that is not square");
    }
    if (rows.length > 6) throw new TooLarge("a determinant of more than six rows");
    const values = rows.map((row) => row.map((cell) => this.of(cell)));
    const minor = (row: number, columns: readonly number[]): Fraction => {
      if (columns.length === 0) return fractions.one;
      let total = fractions.zero;
      columns.forEach((column, index) => {
        this.#fuel.spend(2);
        const cell = values[row]?.[column];
        if (cell === undefined || cell.num.size === 0) return;
        const product = fractions.multiply(cell, minor(row + 1, columns.filter((other) => other !== column)));
        total = fractions.add(total, index % 2 === 0 ? product : fractions.negate(product));
      });
      return total;
    };
    return minor(0, rows.map((_, index) => index));
  }

  #call(name: string, args: readonly Expression[]): Fraction {
    const { fractions } = this;
    const [source, second] = args;
    if (source === undefined) throw new NotScalar(`${name} has no argument`);
    if (name === "det") {
      if (source.kind !== "matrix") throw new NotScalar("det of something that is no matrix");
      return this.#determinant(source.rows);
    }
    const a = this.of(source);
    const inverse = () => fractions.invert(a);
    const half = () => fractions.multiply(this.#constant("pi"), fractions.constant(Q.HALF));
    const exp = (sign: 1 | -1) => this.#exponential(sign === 1 ? a : fractions.negate(a));
    const hyperbolic = (sign: 1 | -1) => fractions.add(exp(1), sign === 1 ? exp(-1) : fractions.negate(exp(-1)));
    const two = fractions.constant(Q.integer(2));
    switch (name) {
      case "sin":
      case "cos":
        return this.#circular(name, a);
      case "tan":
        return fractions.divide(this.#circular("sin", a), this.#circular("cos", a));
      case "cot":
        return fractions.divide(this.#circular("cos", a), this.#circular("sin", a));
      case "sec":
        return fractions.invert(this.#circular("cos", a));
      case "csc":
        return fractions.invert(this.#circular("sin", a));
      case "arcsin":
      case "arctan":
        return this.#inverseCircular(name, a);
      case "arccos":
        return fractions.add(half(), fractions.negate(this.#inverseCircular("arcsin", a)));
      case "arccot":
        return fractions.add(half(), fractions.negate(this.#inverseCircular("arctan", a)));
      case "arcsec":
        return fractions.add(half(), fractions.negate(this.#inverseCircular("arcsin", inverse())));
      case "arccsc":
        return this.#inverseCircular("arcsin", inverse());
      case "sinh":
        return fractions.divide(hyperbolic(-1), two);
      case "cosh":
        return fractions.divide(hyperbolic(1), two);
      case "tanh":
        return fractions.divide(hyperbolic(-1), hyperbolic(1));
      case "coth":
        return fractions.divide(hyperbolic(1), hyperbolic(-1));
      case "ln":
        return this.#logarithm(a);
      case "log": {
        const top = this.#logarithm(a);
        if (second !== undefined) return fractions.divide(top, this.#logarithm(this.of(second)));
        if (this.#log === "e") return top;
        const base = this.#log === "ten"
          ? this.#logarithm(fractions.constant(Q.integer(10)))
          : fractions.of(this.#sums.atomPower(this.#plainAtom("ln of the base of log", true)));
        return fractions.divide(top, base);
      }
      case "abs":
        return this.#absolute(a, source);
      case "floor":
      case "ceil":
        return this.#floor(a, source, name);
      case "factorial":
        return this.#factorial(a);
      case "binom":
        if (second === undefined) throw new NotScalar("binom has one argument");
        return this.#binomial(a, this.of(second));
      default:
        return this.#otherCall(name, [a, ...args.slice(1).map((arg) => this.of(arg))]);
    }
  }

  /** gcd, lcm, min, max, mod of numbers; any other function is an atom of its name and arguments. */
  #otherCall(name: string, args: readonly Fraction[]): Fraction {
    const { fractions } = this;
    const values = args.map((arg) => fractions.asRational(arg));
    const numbers = values.flatMap((value) => value === null ? [] : [value]);
    const [first, second] = numbers;
    if (numbers.length === args.length && first !== undefined) {
      if (name === "min" || name === "max") {
        const wanted = name === "min" ? -1 : 1;
        return fractions.constant(
          numbers.reduce((best, value) => Q.compare(value, best, this.#fuel) === wanted ? value : best),
        );
      }
      if (numbers.every(({ d }) => d === 1n)) {
        const integers = numbers.map(({ n }) => n);
        if (name === "gcd") return fractions.constant(Q.integer(integers.reduce((x, y) => Q.gcd(x, y, this.#fuel))));
        if (name === "lcm" && !integers.includes(0n)) {
          const lcm = integers.reduce((x, y) => Q.absolute(x * y) / Q.gcd(x, y, this.#fuel));
          return fractions.constant(Q.integer(lcm));
        }
        if (name === "mod" && second !== undefined && second.n !== 0n) {
          const modulus = Q.absolute(second.n);
          return fractions.constant(Q.integer(((first.n % modulus) + modulus) % modulus));
        }
      }
    }
    const keys = args.map((arg) => fractions.key(arg));
    if (/^(gcd|lcm|min|max)$/.test(name)) keys.sort();
    return fractions.of(this.#sums.atomPower(this.#plainAtom(`${name}(${keys.join(",")})`, false)));
  }
}
