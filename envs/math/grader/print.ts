/**
 * Writes an expression as LaTeX that {@linkcode parseAnswer} reads back into the same expression.
 *
 * Contract: one way to write each tree, so equal texts mean equal trees. Products carry an explicit `*`, exponents and subscripts
 * braces. Opaque notation is written as its tokens.
 *
 * @module
 */
import type { Expression } from "./expression.ts";
import { GREEK } from "./_symbols.ts";

/** How tightly each kind holds together: relation 0, set operation 1, sum 2, product 3, power 5, atom 6. */
function tightness(e: Expression): number {
  switch (e.kind) {
    case "list":
    case "relation":
    case "congruence":
      return 0;
    case "ratio":
      return 0.5;
    case "setOperation":
      return 1;
    case "sum":
    case "plusMinus":
      return 2;
    case "product":
      return 3;
    case "negate":
      return 2.5;
    case "power":
      return 5;
    case "number":
      return e.decimal !== undefined && (e.decimal.places < 0 || e.decimal.places > 40) ? 3 : 6;
    case "call":
      return e.name === "factorial" ? 5.5 : e.name === "mod" ? 2.5 : 6;
    case "text":
    case "opaque":
    default:
      return 6;
  }
}

function inner(e: Expression, least: number): string {
  const text = printExpression(e);
  return tightness(e) < least ? `(${text})` : text;
}

const ACCENT = /^([A-Za-z])(dot|ddot|hat|bar|tilde|overline|widehat|underline)((?:_\{.*\})?'*)$/;

/** A name as LaTeX: `x`, `\alpha_{1}`, `\dot{x}`, `\text{rate}`. */
function printName(name: string): string {
  const accent = ACCENT.exec(name);
  if (accent !== null) return `\\${accent[2]}{${accent[1]}}${accent[3]}`;
  const split = /^([^_']*)(.*)$/s.exec(name);
  const [stem, rest] = [split?.[1] ?? name, split?.[2] ?? ""];
  if (GREEK.has(stem)) return `\\${stem}${rest === "" ? " " : rest}`;
  return stem.length === 1 ? `${stem}${rest}` : `\\text{${stem}}${rest}`;
}

function printNumber(e: Expression & { kind: "number" }): string {
  const { value, decimal } = e;
  if (decimal === undefined) return value.d === 1n ? value.n.toString() : `\\frac{${value.n}}{${value.d}}`;
  const { places } = decimal;
  if (places < 0 || places > 40) {
    const mantissa = scaled(value.n, value.d, places);
    // The mantissa keeps all its digits, so places and significant digits survive.
    const text = mantissa.length > 1 ? `${mantissa[0]}.${mantissa.slice(1)}` : mantissa;
    const exponent = mantissa.length - 1 - places;
    return `${text}e${exponent}`;
  }
  const digits = scaled(value.n, value.d, places).padStart(places + 1, "0");
  return places === 0 ? `${digits}e0` : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** value · 10^places, an integer. */
function scaled(n: bigint, d: bigint, places: number): string {
  return (places >= 0 ? n * 10n ** BigInt(places) / d : n / (d * 10n ** BigInt(-places))).toString();
}

const FUNCTION_LATEX: ReadonlySet<string> = new Set(
  "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth ln log gcd min max det".split(" "),
);

function printCall(name: string, args: readonly Expression[]): string {
  const list = args.map((arg) => printExpression(arg)).join(", ");
  const [first, second] = args;
  if (first === undefined) return `${name}()`;
  switch (name) {
    case "abs":
      return `\\left\\lvert ${list} \\right\\rvert `;
    case "floor":
      return `\\lfloor ${list} \\rfloor `;
    case "ceil":
      return `\\lceil ${list} \\rceil `;
    case "factorial":
      return `${inner(first, 5.8)}!`;
    case "binom":
      return `\\binom{${printExpression(first)}}{${second === undefined ? "" : printExpression(second)}}`;
    case "mod":
      return `${inner(first, 5)} \\bmod ${second === undefined ? "" : inner(second, 5)}`;
    case "log":
      return second === undefined ? `\\log(${list})` : `\\log_{${printExpression(second)}}(${printExpression(first)})`;
    default: {
      if (FUNCTION_LATEX.has(name)) return `\\${name}(${list})`;
      return name.length > 1 && /^[A-Za-z]+$/.test(name) ? `${name}(${list})` : `${printName(name)}(${list})`;
    }
  }
}

const RELATION_LATEX: ReadonlyMap<string, string> = new Map([
  ["!=", "\\ne "],
  ["<=", "\\le "],
  [">=", "\\ge "],
  ["in", "\\in "],
  ["~", "\\approx "],
  ["subset", "\\subset "],
]);
const SET_LATEX = { union: "\\cup ", intersection: "\\cap ", minus: "\\setminus " } as const;

/**
 * An expression as text.
 *
 * @example Reading and writing
 * ```ts
 * import { Fuel } from "whetstone/envs/math/grader/fuel.ts";
 * import { parseAnswer } from "whetstone/envs/math/grader/parse.ts";
 * import { printExpression } from "whetstone/envs/math/grader/print.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(printExpression(parseAnswer("\\dfrac{x}2 + 3x^2", new Fuel())), "\\frac{x}{2}+3*x^{2}");
 * ```
 */
export function printExpression(e: Expression): string {
  switch (e.kind) {
    case "number":
      return printNumber(e);
    case "constant":
      if (e.name === "pi") return "\\pi ";
      if (e.name === "infinity") return "\\infty ";
      return e.name === "e" || e.name === "i" ? e.name : `\\mathbb{${e.name}}`;
    case "symbol":
      return printName(e.name);
    case "sum":
      return e.terms.map((term, index) => {
        if (term.kind === "negate") return `-${inner(term.operand, 3)}`;
        return `${index === 0 ? "" : "+"}${inner(term, 2.1)}`;
      }).join("");
    case "negate":
      return `-${inner(e.operand, 3)}`;
    case "product":
      return e.factors.map((factor) => inner(factor, 3.5)).join("*");
    case "quotient":
      return `\\frac{${printExpression(e.numerator)}}{${printExpression(e.denominator)}}`;
    case "power":
      return `${inner(e.base, 5.8)}^{${printExpression(e.exponent)}}`;
    case "root":
      return `\\sqrt${e.index === 2 ? "" : `[${e.index}]`}{${printExpression(e.radicand)}}`;
    case "call":
      return printCall(e.name, e.args);
    case "plusMinus":
      return `${e.left === null ? "" : inner(e.left, 2)}${e.minusFirst ? "\\mp " : "\\pm "}${inner(e.right, 3)}`;
    case "based":
      return `${e.digits}_{${e.base}}`;
    case "tuple":
      return e.items.length === 1 ? `\\langle ${printItems(e.items)}\\rangle ` : `(${printItems(e.items)})`;
    case "set":
      return `\\{${printItems(e.items)}\\}`;
    case "list":
      if (e.connective === undefined) return printItems(e.items);
      return `${printItems(e.items.slice(0, -1))} \\text{ ${e.connective} } ${printItems(e.items.slice(-1))}`;
    case "interval":
      return `${e.lowClosed ? "[" : "("}${printExpression(e.low)}, ${printExpression(e.high)}${
        e.highClosed ? "]" : ")"
      }`;
    case "setOperation":
      return e.parts.map((part, index) => index === 0 ? inner(part, 1) : inner(part, 1.5)).join(SET_LATEX[e.operator]);
    case "matrix":
      return `\\begin{pmatrix}${
        e.rows.map((row) => row.map((cell) => printExpression(cell)).join(" & ")).join(" \\\\ ")
      }\\end{pmatrix}`;
    case "relation":
      return e.operands.map((operand, index) => {
        const operator = index === 0 ? "" : e.operators[index - 1] ?? "=";
        return `${RELATION_LATEX.get(operator) ?? operator}${inner(operand, 0.5)}`;
      }).join("");
    case "congruence":
      return `${inner(e.left, 1)}\\equiv ${inner(e.right, 3)} \\pmod{${printExpression(e.modulus)}}`;
    case "ratio":
      return e.parts.map((part) => inner(part, 1)).join(":");
    case "text":
      return `\\text{${e.text.length === 1 ? `(${e.text})` : e.text}}`;
    case "opaque":
      return e.text === "..." ? "\\ldots " : e.text;
  }
}

function printItems(items: readonly Expression[]): string {
  return items.map((item) => inner(item, 0.1)).join(", ");
}
