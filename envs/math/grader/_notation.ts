/**
 * Notation that only shows once its parts are read: mixed numbers, scientific notation, derivatives.
 *
 * @module
 */
import type { Expression } from "./expression.ts";
import { integer } from "./rational.ts";

/** A product's only factor, or the product. */
export function product(factors: readonly Expression[]): Expression {
  return factors.length === 1 && factors[0] !== undefined ? factors[0] : { kind: "product", factors };
}

/** Whether a value is an integer without a point or exponent. */
export function isPlainInteger(value: Expression): value is Expression & { kind: "number" } {
  return value.kind === "number" && value.decimal === undefined && value.value.d === 1n;
}

/** Whether a whole number and a fraction behind it make a mixed number: the fraction is proper and of plain integers. */
export function isMixed(whole: Expression, fraction: Expression): boolean {
  if (!isPlainInteger(whole) || whole.value.n === 0n || fraction.kind !== "quotient") return false;
  const { numerator, denominator } = fraction;
  return isPlainInteger(numerator) && isPlainInteger(denominator) && numerator.value.n > 0n &&
    numerator.value.n < denominator.value.n;
}

/** A decimal times a power of ten as one decimal; null for anything else. */
export function scientific(mantissa: Expression | undefined, factor: Expression): Expression | null {
  if (mantissa?.kind !== "number" || mantissa.decimal === undefined || factor.kind !== "power") return null;
  const { base, exponent } = factor;
  const [negative, size] = exponent.kind === "negate" ? [true, exponent.operand] : [false, exponent];
  if (!isPlainInteger(base) || base.value.n !== 10n || !isPlainInteger(size) || size.value.n > 1000n) return null;
  const shift = Number(size.value.n) * (negative ? -1 : 1);
  const { places, significant } = mantissa.decimal;
  let [n, d] = [mantissa.value.n, mantissa.value.d];
  if (shift >= 0) n *= 10n ** BigInt(shift);
  else d *= 10n ** BigInt(-shift);
  // Only twos and fives can be shared, so the loop is short.
  for (const prime of [2n, 5n]) {
    while (n !== 0n && n % prime === 0n && d % prime === 0n) [n, d] = [n / prime, d / prime];
  }
  return { kind: "number", value: n === 0n ? integer(0) : { n, d }, decimal: { places: places - shift, significant } };
}

/** \frac{dy}{dx} and \frac{d^2y}{dx^2} as one symbol; null for any other fraction. */
export function derivative(numerator: Expression, denominator: Expression): Expression | null {
  const top = differential(numerator);
  const bottom = differential(denominator);
  return top === null || bottom === null || bottom === "" ? null : { kind: "symbol", name: `D_{${top};${bottom}}` };
}

function differential(value: Expression): string | null {
  const parts = value.kind === "product" ? value.factors : [value];
  if (parts.length > 3) return null;
  const names = parts.map((part) => {
    const base = part.kind === "power" && isPlainInteger(part.exponent) ? part.base : part;
    const order = part.kind === "power" && isPlainInteger(part.exponent) ? part.exponent.value.n.toString() : "";
    return base.kind === "symbol" ? `${base.name}${order}` : null;
  });
  if (names.includes(null) || !/^(d|partial)\d*$/.test(names[0] ?? "")) return null;
  return names.slice(1).join("").replace(/[{}]/g, "") + (names[0] ?? "").replace(/^(d|partial)/, "");
}
