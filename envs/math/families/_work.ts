/**
 * The only way in which worked solutions write operations: each method calculates and writes one line, `a + b = c`.
 *
 * Contract: integers only, exact (below 2^53, else {@linkcode InexactError}, which rejects the draw); a negative second operand stands in parentheses. `a div b = q` is the whole quotient,
 * `a mod b = r` the remainder; both need a >= 0 and b > 0. An uneven quotient is written in lowest terms.
 *
 * @module
 */

/** Greatest common divisor of two integers, not negative. */
export function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** n / d in lowest terms, `3/4`, or an integer. */
export function ratio(n: number, d: number): string {
  const divisor = gcd(n, d) * Math.sign(d);
  const [top, bottom] = [n / divisor, d / divisor];
  return bottom === 1 ? String(top) : `${top}/${bottom}`;
}

/** ` + 4` or ` - 4`: a further summand. */
export function summand(n: number): string {
  return n < 0 ? ` - ${-n}` : ` + ${n}`;
}

/** `1st`, `2nd`, `3rd`, `4th`, … */
export function ordinal(n: number): string {
  const [tens, ones] = [n % 100, n % 10];
  if (tens >= 11 && tens <= 13) return `${n}th`;
  return `${n}${ones === 1 ? "st" : ones === 2 ? "nd" : ones === 3 ? "rd" : "th"}`;
}

/** `a, b and c`. */
export function list(items: readonly (string | number)[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** A result is too large to be exact; the numbers drawn do not fit. */
export class InexactError extends RangeError {
  /** Stable name. */
  override readonly name = "InexactError";
}

function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new InexactError(`Cannot write ${value} exactly: it is not below 2^53`);
  return value;
}

/** Two-digit numbers and their remainders are single facts; larger ones are worked out. */
const FACT_LIMIT = 100;

function second(n: number): string {
  return n < 0 ? `(${n})` : String(n);
}

/** Lines of a worked solution. */
export class Work {
  readonly #lines: string[] = [];

  /** The lines so far. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Writes a line as it is. */
  note(line: string): void {
    this.#lines.push(line);
  }

  /** Puts the last lines together in one, with commas. */
  join(count: number): void {
    if (count > 1) this.#lines.push(this.#lines.splice(-count).join(", "));
  }

  /** Writes and returns a sum. */
  add(a: number, b: number): number {
    const result = exact(a + b);
    this.#lines.push(`${a} + ${second(b)} = ${result}`);
    return result;
  }

  /** Writes and returns a difference. */
  subtract(a: number, b: number): number {
    const result = exact(a - b);
    this.#lines.push(`${a} - ${second(b)} = ${result}`);
    return result;
  }

  /** Writes and returns a product. */
  multiply(a: number, b: number): number {
    const result = exact(a * b);
    this.#lines.push(`${a} * ${second(b)} = ${result}`);
    return result;
  }

  /** Writes and returns an exact quotient. @throws {RangeError} if there is a remainder. */
  divide(a: number, b: number): number {
    if (a % b !== 0) throw new RangeError(`Cannot divide ${a} by ${b} without remainder`);
    this.#lines.push(`${a} / ${second(b)} = ${a / b}`);
    return a / b;
  }

  /** Writes a quotient and returns it in lowest terms. */
  quotient(a: number, b: number): string {
    const value = ratio(a, b);
    this.#lines.push(`${a} / ${second(b)} = ${value}`);
    return value;
  }

  /** Writes and returns a remainder; a large one with its product and difference. */
  modulo(a: number, m: number): number {
    const [quotient, rest] = [Math.floor(a / m), a % m];
    if (a >= FACT_LIMIT && quotient > 0) {
      this.multiply(quotient, m);
      this.subtract(a, quotient * m);
      this.join(2);
    }
    this.#lines.push(`${a} mod ${m} = ${rest}`);
    return rest;
  }

  /** Writes quotient and remainder on one line. */
  divmod(a: number, m: number): { readonly quotient: number; readonly rest: number } {
    const [quotient, rest] = [Math.floor(a / m), a % m];
    this.#lines.push(`${a} div ${m} = ${quotient}, ${a} mod ${m} = ${rest}`);
    return { quotient, rest };
  }

  /** Euclid's algorithm, one remainder a line. */
  euclid(a: number, b: number): number {
    let [x, y] = [Math.max(a, b), Math.min(a, b)];
    while (y !== 0) [x, y] = [y, this.modulo(x, y)];
    return x;
  }

  /** Writes top and bottom divided by their greatest common divisor and returns the fraction. */
  lowest(n: number, d: number): string {
    const divisor = gcd(n, d);
    if (divisor === 1) {
      this.#lines.push(`gcd(${n}, ${d}) = 1`);
      return ratio(n, d);
    }
    this.#lines.push(`gcd(${n}, ${d}) = ${divisor}`);
    this.divide(n, divisor);
    this.divide(d, divisor);
    this.join(2);
    return ratio(n, d);
  }

  /** k of n without order: falling product divided by k factorial, on one line. */
  choose(n: number, k: number): number {
    const start = this.#lines.length;
    let product = n;
    for (let i = 1; i < k; i++) product = this.multiply(product, n - i);
    let divisor = 1;
    for (let i = 2; i <= k; i++) divisor *= i;
    if (k > 1) product = this.divide(product, divisor);
    this.join(this.#lines.length - start);
    return product;
  }

  /** Sum of several numbers, one addition a line. */
  total(numbers: readonly number[]): number {
    return numbers.slice(1).reduce((sum, n) => this.add(sum, n), numbers[0] ?? 0);
  }

  /** Product of several numbers, one multiplication a line. */
  product(numbers: readonly number[]): number {
    return numbers.slice(1).reduce((result, n) => this.multiply(result, n), numbers[0] ?? 1);
  }
}
