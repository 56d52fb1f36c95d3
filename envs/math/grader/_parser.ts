/**
 * Grammar of answers: recursive descent over the tokens.
 *
 * From loosest to tightest: list (`,` `;` and, or), relation chain, set operation, sum, product (also by standing side by side),
 * sign, power, postfix (`!`, `°`, `%`), bracket or atom. `a/bc` is (a/b)c, `-x^2` is -(x^2), `a^b^c` is a^(b^c).
 *
 * Choices: `f(…)`, `g(…)`, `h(…)` and their capitals are always calls; another letter before brackets is a call if they hold one
 * bare number, or one variable and the letter is a usual name of a function; else a product. `\frac{dy}{dx}` is one symbol.
 *
 * @module
 */
import { type Expression, MAX_DEPTH, type RelationOperator, RELATIONS } from "./expression.ts";
import type { Fuel } from "./fuel.ts";
import type { Token } from "./_lex.ts";
import { derivative, isMixed, product, scientific } from "./_notation.ts";
import { ParseError } from "./_parse_error.ts";
import { integer } from "./rational.ts";

const ALWAYS_CALLED = new Set([..."fghFGH"]);
const CALLED_WITH_SYMBOL = new Set([..."fghFGHpqPQuyNTSIVv", "delta", "theta", "phi", "psi", "x", "rho", "omega"]);
const END: Token = { type: "end", text: "", gap: false };
const BAR_CLOSERS = new Set(["|", "⌋", "⌉"]);
const ENVIRONMENT = /^(begin|end) ([pbvBV]?matrix|smallmatrix|array|cases|aligned|align)\*?$/;
const INVERSE: ReadonlyMap<string, string> = new Map(
  ["sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh"].map((name) => [name, `arc${name}`]),
);

/** A product's or sum's only part, or the node. */
function sum(terms: readonly Expression[]): Expression {
  return terms.length === 1 && terms[0] !== undefined ? terms[0] : { kind: "sum", terms };
}

/** One pass over the tokens of one answer. */
export class Parser {
  readonly #tokens: Token[];
  readonly #fuel: Fuel;
  #at = 0;
  #depth = 0;
  /** Innermost open bar-like bracket, so that `|` closes instead of opening; "set" where it means "such that". */
  #bars: string[] = [];

  constructor(tokens: readonly Token[], fuel: Fuel) {
    this.#tokens = [...tokens];
    this.#fuel = fuel;
  }

  /** The whole answer. */
  parse(): Expression {
    const result = this.#list(true);
    if (this.#peek().type !== "end") this.#fail(`"${this.#peek().text}" cannot stand here`);
    return result;
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? END;
  }

  #isOp(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token.type === "op" && token.text === text;
  }

  #accept(text: string): boolean {
    if (!this.#isOp(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#fail(`expected "${text}", found "${this.#peek().text}"`);
  }

  #fail(why: string): never {
    throw new ParseError(`Cannot read the answer: ${why.slice(0, 120)} (token ${this.#at})`);
  }

  #nested<T>(work: () => T): T {
    this.#fuel.spend(1);
    if (++this.#depth > MAX_DEPTH) this.#fail(`more than ${MAX_DEPTH} levels of brackets`);
    const result = work();
    this.#depth--;
    return result;
  }

  #bracketed<T>(bar: string, work: () => T): T {
    this.#bars.push(bar);
    const result = this.#nested(work);
    this.#bars.pop();
    return result;
  }

  /** Items between separators. At the top a list without brackets, inside brackets only if there is more than one. */
  #list(top: boolean): Expression {
    const items: Expression[] = [];
    let connective: "and" | "or" | undefined;
    do {
      // ", and", ",and" and a trailing comma.
      for (;;) {
        this.#fuel.spend(1);
        if (items.length > 0 && this.#accept("and")) connective = "and";
        else if (items.length > 0 && this.#accept("or")) connective = "or";
        else if (!(this.#accept(",") || this.#accept(";") || (top && this.#accept("\\\\")))) break;
      }
      if (items.length > 0 && this.#peek().type === "end") break;
      items.push(this.#relation());
    } while (
      this.#isOp(",") || this.#isOp(";") || this.#isOp("and") || this.#isOp("or") || (top && this.#isOp("\\\\"))
    );
    if (items.length === 1 && items[0] !== undefined) return items[0];
    return connective === undefined ? { kind: "list", items } : { kind: "list", items, connective };
  }

  #relationOperator(): RelationOperator | "≡" | "!in" | "→" | null {
    const token = this.#peek();
    if (token.type !== "op") return null;
    if (token.text === "≡" || token.text === "!in" || token.text === "→") return token.text;
    // The comparison of a string with the list narrows it.
    return RELATIONS.find((operator) => operator === token.text) ?? null;
  }

  #relation(): Expression {
    // "≈ 3.14" and "= 5" have lost their left side.
    if (this.#isOp("~") || this.#isOp("=")) this.#at++;
    const first = this.#ratio();
    const operands = [first];
    const operators: RelationOperator[] = [];
    for (;;) {
      const operator = this.#relationOperator();
      if (operator === null) break;
      this.#at++;
      this.#fuel.spend(1);
      if (operator === "!in" || operator === "→") this.#fail(`"${operator}" is not understood`);
      const right = this.#ratio();
      if (operator === "≡") return this.#congruence(operands[operands.length - 1] ?? first, right);
      operators.push(operator);
      operands.push(right);
      // "x = 1, 2" and "x = 1 or 2" are read by the comparison.
    }
    return operators.length === 0 ? first : { kind: "relation", operators, operands };
  }

  #congruence(left: Expression, right: Expression): Expression {
    // "x ≡ 3 (mod 5)", "x ≡ 3 \pmod 5", "x ≡ 3 mod 5": the last two arrive as a call made by #product.
    if (right.kind === "call" && right.name === "mod") {
      const [value, modulus] = right.args;
      if (value !== undefined && modulus !== undefined) return { kind: "congruence", left, right: value, modulus };
    }
    // The sign of "-4 \pmod 7" belongs to the residue.
    if (right.kind === "negate" && right.operand.kind === "call") {
      const inner = this.#congruence(left, right.operand);
      if (inner.kind === "congruence") return { ...inner, right: { kind: "negate", operand: inner.right } };
    }
    return this.#fail("a congruence has no modulus");
  }

  /** a : b : c. */
  #ratio(): Expression {
    const first = this.#setOperation();
    // In a set "x : x > 3" the colon means "such that".
    if (!this.#isOp(":") || this.#bars[this.#bars.length - 1] === "set") return first;
    const parts = [first];
    let clock = true;
    while (this.#accept(":")) {
      clock &&= /^\d\d$/.test(this.#peek().text);
      parts.push(this.#setOperation());
    }
    return { kind: "ratio", parts, clock };
  }

  #setOperation(): Expression {
    const first = this.#sum();
    const name = this.#setOperator(first);
    if (name === null) return first;
    const parts = [first];
    let operator = name;
    let left = first;
    for (
      let next: typeof name | null = name;
      next !== null;
      next = this.#setOperator(parts[parts.length - 1] ?? first)
    ) {
      this.#at++;
      this.#fuel.spend(1);
      if (next !== operator) {
        left = { kind: "setOperation", operator, parts: [...parts] };
        parts.length = 0;
        parts.push(left);
        operator = next;
        if (++this.#depth > MAX_DEPTH) this.#fail(`more than ${MAX_DEPTH} set operations`);
      }
      parts.push(this.#sum());
    }
    return { kind: "setOperation", operator, parts };
  }

  #setOperator(left: Expression): "union" | "intersection" | "minus" | null {
    if (this.#isOp("∪")) return "union";
    if (this.#isOp("∩")) return "intersection";
    if (this.#isOp("∖")) return "minus";
    // "(0,9) U (9,36)".
    const token = this.#peek();
    const isSet = left.kind === "interval" || left.kind === "tuple" || left.kind === "set";
    return token.text === "U" && token.type === "symbol" && isSet ? "union" : null;
  }

  #sum(): Expression {
    let terms: Expression[] = [];
    let sign: "+" | "-" | "±" | "∓" = "+";
    for (let first = true;; first = false) {
      this.#fuel.spend(1);
      const token = this.#peek();
      const isSign = token.type === "op" &&
        (token.text === "+" || token.text === "-" || token.text === "±" || token.text === "∓");
      if (!isSign && !first) break;
      sign = "+";
      if (isSign) {
        sign = token.text as typeof sign;
        this.#at++;
      }
      const term = this.#product();
      if (sign === "+") terms.push(term);
      else if (sign === "-") terms.push({ kind: "negate", operand: term });
      else {
        const left = terms.length === 0 ? null : sum(terms);
        if (terms.some((item) => item.kind === "plusMinus") && ++this.#depth > MAX_DEPTH) {
          this.#fail("too many signs ±");
        }
        terms = [{ kind: "plusMinus", left, right: term, minusFirst: sign === "∓" }];
      }
    }
    return sum(terms);
  }

  /** Whether a token can begin a factor that stands right behind another. */
  #startsFactor(token: Token): boolean {
    switch (token.type) {
      case "number":
      case "symbol":
      case "word":
      case "function":
      case "accent":
      case "set":
        return true;
      case "command":
        return !token.text.startsWith("end ");
      case "op":
        if (token.text === "|") return this.#bars.length === 0;
        return ["(", "[", "{", "\\{", "π", "∞", "⌊", "⌈", "⟨", "∅"].includes(token.text);
      default:
        return false;
    }
  }

  #product(): Expression {
    let factors: Expression[] = [];
    let previous = this.#peek();
    factors.push(this.#signed());
    for (;;) {
      this.#fuel.spend(1);
      const token = this.#peek();
      if (token.type === "op" && (token.text === "*" || token.text === "/")) {
        this.#at++;
        previous = this.#peek();
        const next = this.#signed();
        if (token.text === "*") {
          const scaled = scientific(factors[factors.length - 1], next);
          if (scaled === null) factors.push(next);
          else factors[factors.length - 1] = scaled;
        } else {
          if (++this.#depth > 4 * MAX_DEPTH) this.#fail("too many divisions in a row");
          factors = [{ kind: "quotient", numerator: product(factors), denominator: next }];
        }
        continue;
      }
      if (token.type === "op" && token.text === "mod") {
        this.#at++;
        const modulus = this.#signed();
        return { kind: "call", name: "mod", args: [product(factors), modulus] };
      }
      if (token.text === "(" && this.#isOp("mod", 1)) {
        this.#at += 2;
        const modulus = this.#nested(() => this.#sum());
        this.#expect(")");
        return { kind: "call", name: "mod", args: [product(factors), modulus] };
      }
      // Sets and intervals are joined by U, not multiplied by it.
      const last = factors[factors.length - 1];
      if (token.text === "U" && factors.length === 1 && last !== undefined && this.#setOperator(last) !== null) break;
      if (!this.#startsFactor(token)) break;
      if (token.type === "number") {
        if (previous.type === "number" && factors.length === 1 && last?.kind === "number") {
          factors = [this.#mixedNumber(last)];
          previous = END;
          continue;
        }
        if (last?.kind === "number") this.#fail("two numbers stand side by side");
        // "x2" is more likely a slip than 2x, and "}.5" than a product.
        if (!token.gap && (last?.kind === "symbol" || last?.kind === "constant" || token.text.startsWith("."))) {
          this.#fail("a number stands right behind a name");
        }
      }
      const isFraction = token.type === "command" && token.text === "frac";
      const next = this.#power();
      if (
        isFraction && factors.length === 1 && previous.type === "number" && last !== undefined && isMixed(last, next)
      ) {
        factors = [{ kind: "sum", terms: [last, next] }];
      } else factors.push(next);
      previous = token;
    }
    return product(factors);
  }

  /** "2 1/3", standing at the 1. */
  #mixedNumber(whole: Expression): Expression {
    const numerator = this.#peek();
    const denominator = this.#peek(2);
    if (numerator.number !== undefined && this.#isOp("/", 1) && denominator.number !== undefined && numerator.gap) {
      const fraction: Expression = { kind: "quotient", numerator: numerator.number, denominator: denominator.number };
      if (isMixed(whole, fraction)) {
        this.#at += 3;
        return { kind: "sum", terms: [whole, fraction] };
      }
    }
    return this.#fail("two numbers stand side by side");
  }

  #signed(): Expression {
    let negative = false;
    while (this.#isOp("+") || this.#isOp("-")) {
      this.#fuel.spend(1);
      if (this.#isOp("-")) negative = !negative;
      this.#at++;
    }
    const operand = this.#power();
    return negative ? { kind: "negate", operand } : operand;
  }

  #power(): Expression {
    const base = this.#postfix();
    if (!this.#accept("^")) return base;
    if (this.#isOp("°") || (this.#isOp("{") && this.#isOp("°", 1) && this.#isOp("}", 2))) {
      this.#at += this.#isOp("°") ? 1 : 3;
      return this.#isOp("^") ? this.#fail("an exponent follows a degree sign") : base;
    }
    const exponent = this.#exponent();
    const result: Expression = { kind: "power", base, exponent };
    return this.#accept("!") ? { kind: "call", name: "factorial", args: [result] } : result;
  }

  #exponent(): Expression {
    return this.#nested(() => {
      if (this.#accept("{")) {
        const saved = this.#bars;
        this.#bars = [];
        const inner = this.#sum();
        this.#bars = saved;
        this.#expect("}");
        return this.#isOp("^") ? { kind: "power", base: inner, exponent: (this.#at++, this.#exponent()) } : inner;
      }
      let negative = false;
      while (this.#isOp("+") || this.#isOp("-")) {
        this.#fuel.spend(1);
        if (this.#isOp("-")) negative = !negative;
        this.#at++;
      }
      const power = this.#power();
      return negative ? { kind: "negate", operand: power } : power;
    });
  }

  #postfix(): Expression {
    let base = this.#atom();
    for (;;) {
      this.#fuel.spend(1);
      if (this.#isOp("!")) {
        this.#at++;
        if (++this.#depth > MAX_DEPTH) this.#fail("too many factorials");
        base = { kind: "call", name: "factorial", args: [base] };
      } else if (this.#isOp("°")) this.#at++;
      else if (this.#isOp("%")) {
        this.#at++;
        base = { kind: "quotient", numerator: base, denominator: { kind: "number", value: integer(100) } };
        return base;
      } else return base;
    }
  }

  #atom(): Expression {
    const token = this.#peek();
    this.#at++;
    switch (token.type) {
      case "number":
        return this.#number(token);
      case "word":
        return { kind: "symbol", name: this.#suffixes(token.text.trim()) };
      case "symbol":
        return this.#symbol(token.text);
      case "function":
        return this.#application(token.text);
      case "command":
        return this.#command(token.text);
      case "accent":
        return this.#accent(token.text);
      case "set":
        if (/^[RZQNC]$/.test(token.text)) return { kind: "constant", name: token.text as "R" | "Z" | "Q" | "N" | "C" };
        return this.#fail(`\\mathbb{${token.text}} is not understood`);
      case "op":
        return this.#bracket(token.text);
      default:
        return this.#fail("it ends too early");
    }
  }

  #number(token: Token): Expression {
    const { number } = token;
    if (number === undefined) return this.#fail("a number has no value");
    if (!this.#isOp("_")) return number;
    this.#at++;
    const base = this.#subscript().replace(/^two$/, "2").replace(/^(ten)$/, "10").replace(/^eight$/, "8");
    if (!/^\d{1,2}$/.test(base) || !/^\d+$/.test(token.text)) {
      return this.#fail("a number has a subscript that is no base");
    }
    const radix = Number(base);
    if (radix < 2 || radix > 36 || [...token.text].some((digit) => Number(digit) >= radix)) {
      return this.#fail(`${token.text} has digits that base ${base} lacks`);
    }
    return { kind: "based", digits: token.text.replace(/^0+(?=\d)/, ""), base: radix };
  }

  /** Text of a subscript: braces, or one token. */
  #subscript(): string {
    if (!this.#accept("{")) {
      const { type, text } = this.#peek();
      if (type === "end" || type === "command" || (type === "op" && /[^+*-]/.test(text))) {
        this.#fail("a subscript is missing");
      }
      this.#at++;
      return text;
    }
    let [text, level] = ["", 1];
    for (;;) {
      this.#fuel.spend(1);
      const token = this.#peek();
      if (token.type === "end") this.#fail("a subscript is never closed");
      this.#at++;
      if (token.text === "{" && token.type === "op") level++;
      if (token.text === "}" && token.type === "op" && --level === 0) return text;
      text += token.type === "word" ? token.text.replace(/ /g, "") : token.text;
      if (text.length > 200) this.#fail("a subscript is too long");
    }
  }

  /** A name with the subscript and primes behind it. */
  #suffixes(name: string): string {
    let result = name;
    if (this.#accept("_")) result += `_{${this.#subscript().trim()}}`;
    for (;;) {
      if (this.#accept("'")) result += "'";
      else if (this.#isOp("^") && this.#isOp("'", 1)) {
        this.#at += 2;
        result += "'";
      } else if (this.#isOp("^") && this.#isOp("{", 1) && this.#isOp("'", 2)) {
        this.#at += 2;
        while (this.#accept("'")) result += "'";
        this.#expect("}");
      } else return result;
      if (result.length > 300) this.#fail("a name has too many primes");
    }
  }

  #symbol(letter: string): Expression {
    const name = this.#suffixes(letter);
    if (name === "e") return { kind: "constant", name: "e" };
    if (name === "i") return { kind: "constant", name: "i" };
    if (this.#isOp("(") && !this.#isOp("mod", 1) && this.#isCall(letter)) {
      this.#at++;
      const args = this.#arguments(")");
      return { kind: "call", name: this.#suffixes(name), args };
    }
    return { kind: "symbol", name };
  }

  /** Whether a letter before "(" is the name of a function; see the module comment. */
  #isCall(letter: string): boolean {
    if (ALWAYS_CALLED.has(letter)) return true;
    if (!this.#isOp(")", 2)) return false;
    const inner = this.#peek(1);
    return inner.type === "number" ||
      (inner.type === "symbol" && inner.text !== letter && CALLED_WITH_SYMBOL.has(letter));
  }

  /** Arguments up to a closing bracket, which is taken too. */
  #arguments(close: string): Expression[] {
    return this.#bracketed("(", () => {
      const args = [this.#relation()];
      while (this.#accept(",") || this.#accept(";")) {
        this.#fuel.spend(1);
        args.push(this.#relation());
      }
      this.#expect(close);
      return args;
    });
  }

  #application(name: string): Expression {
    return this.#nested(() => {
      let target = name;
      let base: Expression | null = null;
      let exponent: Expression | null = null;
      for (;;) {
        if (this.#isOp("_") && base === null) {
          this.#at++;
          base = this.#isOp("{") ? this.#braces() : this.#atom();
        } else if (this.#isOp("^") && exponent === null) {
          this.#at++;
          if (this.#isOp("'")) this.#fail("a function has a prime");
          exponent = this.#exponent();
        } else break;
      }
      const inverse = INVERSE.get(name);
      if (
        inverse !== undefined && exponent?.kind === "negate" && exponent.operand.kind === "number" &&
        exponent.operand.value.n === 1n && exponent.operand.value.d === 1n
      ) {
        target = inverse;
        exponent = null;
      }
      const args = this.#functionArguments();
      if (target === "binom" && args.length !== 2) this.#fail("binom needs two arguments");
      if (base !== null) args.push(base);
      const call: Expression = target === "exp" && args.length === 1 && args[0] !== undefined
        ? { kind: "power", base: { kind: "constant", name: "e" }, exponent: args[0] }
        : { kind: "call", name: target, args };
      return exponent === null ? call : { kind: "power", base: call, exponent };
    });
  }

  #functionArguments(): Expression[] {
    if (this.#accept("(")) return this.#arguments(")");
    if (this.#accept("[")) return this.#arguments("]");
    if (this.#isOp("{")) return [this.#braces()];
    // "sin -x", then factors side by side up to the next function, bracket or operator: "sin 2πt cos x" has two sines' worth.
    const factors = [this.#signed()];
    for (;;) {
      const token = this.#peek();
      this.#fuel.spend(1);
      const goes = token.type === "number" || token.type === "symbol" || (token.type === "op" && token.text === "π") ||
        (token.type === "command" && (token.text === "frac" || token.text === "sqrt"));
      if (!goes || factors[factors.length - 1]?.kind === "call") return [product(factors)];
      factors.push(this.#power());
    }
  }

  /** {…} as one value. */
  #braces(): Expression {
    this.#expect("{");
    return this.#bracketed("{", () => {
      const inner = this.#list(false);
      this.#expect("}");
      return inner;
    });
  }

  /** Argument of a LaTeX command: braces, or one character. */
  #argument(): Expression {
    if (this.#isOp("{")) return this.#braces();
    const token = this.#peek();
    if (token.type === "number" && /^\d\d+$/.test(token.text)) {
      const digit: Expression = { kind: "number", value: integer(BigInt(token.text.charAt(0))) };
      const rest = token.text.slice(1);
      this.#fuel.spend(rest.length);
      this.#tokens[this.#at] = {
        ...token,
        text: rest,
        number: { kind: "number", value: integer(BigInt(rest)) },
        gap: false,
      };
      return digit;
    }
    return this.#nested(() => this.#atom());
  }

  #command(name: string): Expression {
    if (name === "frac") {
      const numerator = this.#argument();
      const denominator = this.#argument();
      return derivative(numerator, denominator) ?? { kind: "quotient", numerator, denominator };
    }
    if (name === "binom") return { kind: "call", name: "binom", args: [this.#argument(), this.#argument()] };
    if (name === "cbrt") return { kind: "root", index: 3, radicand: this.#argument() };
    if (name === "sqrt") {
      let index: Expression | null = null;
      if (this.#accept("[")) {
        index = this.#bracketed("[", () => this.#sum());
        this.#expect("]");
      }
      const radicand = this.#argument();
      if (index === null) return { kind: "root", index: 2, radicand };
      if (index.kind === "number" && index.value.d === 1n && index.value.n >= 2n && index.value.n <= 1000n) {
        return { kind: "root", index: Number(index.value.n), radicand };
      }
      const one: Expression = { kind: "number", value: integer(1) };
      return { kind: "power", base: radicand, exponent: { kind: "quotient", numerator: one, denominator: index } };
    }
    const environment = ENVIRONMENT.exec(name);
    if (environment?.[1] === "begin" && environment[2] !== undefined) return this.#matrix(environment[2]);
    return this.#fail(`\\${name} is not understood`);
  }

  #matrix(environment: string): Expression {
    if (environment === "array") this.#subscript();
    return this.#bracketed("matrix", () => {
      const rows: Expression[][] = [[]];
      for (;;) {
        this.#fuel.spend(1);
        if (this.#accept("\\\\")) rows.push([]);
        else if (this.#accept("&")) continue;
        else if (this.#peek().type === "command" && this.#peek().text.startsWith("end ")) break;
        else rows[rows.length - 1]?.push(this.#relation());
        if (environment === "cases") this.#accept(",");
      }
      this.#at++;
      const filled = rows.filter((row) => row.length > 0);
      const width = filled[0]?.length ?? 0;
      if (width === 0 || filled.some((row) => row.length !== width)) {
        this.#fail("the rows of a matrix differ in length");
      }
      if (environment === "cases" || environment === "aligned" || environment === "align") {
        if (width !== 1) this.#fail("cases with conditions are not understood");
        return { kind: "list", items: filled.flat() };
      }
      const matrix: Expression = { kind: "matrix", rows: filled };
      return environment === "vmatrix" ? { kind: "call", name: "det", args: [matrix] } : matrix;
    });
  }

  #accent(mark: string): Expression {
    const inner = this.#argument();
    if (inner.kind === "symbol") {
      return { kind: "symbol", name: this.#suffixes(mark === "vec" ? inner.name : `${inner.name}${mark}`) };
    }
    // A segment such as \overline{AB} is its letters.
    if (inner.kind === "product" && (mark === "overline" || mark.startsWith("over") || mark === "vec")) return inner;
    return this.#fail(`\\${mark} over this is not understood`);
  }

  #bracket(open: string): Expression {
    switch (open) {
      case "π":
        return { kind: "constant", name: "pi" };
      case "∞":
        return { kind: "constant", name: "infinity" };
      case "∅":
        return { kind: "set", items: [] };
      case "…":
        return { kind: "opaque", text: "..." };
      case "(":
      case "[":
        return this.#group(open);
      case "⟨": {
        const items = this.#arguments("⟩");
        return { kind: "tuple", items };
      }
      case "\\{":
        return this.#set("\\}");
      case "{":
        return this.#set("}");
      case "|":
      case "⌊":
      case "⌈": {
        const close = open === "⌊" ? "⌋" : open === "⌈" ? "⌉" : "|";
        const inner = this.#bracketed(close, () => this.#sum());
        if (!BAR_CLOSERS.has(close)) this.#fail("a bar is never closed");
        this.#expect(close);
        if (open === "|" && inner.kind === "matrix") return { kind: "call", name: "det", args: [inner] };
        return { kind: "call", name: open === "|" ? "abs" : open === "⌊" ? "floor" : "ceil", args: [inner] };
      }
      default:
        return this.#fail(`"${open}" cannot stand here`);
    }
  }

  /** A bracketed value, a tuple or an interval. */
  #group(open: string): Expression {
    return this.#bracketed(open, () => {
      const items = [this.#relation()];
      if (this.#accept("choose")) {
        const lower = this.#sum();
        this.#expect(")");
        return { kind: "call", name: "binom", args: [items[0] ?? lower, lower] };
      }
      while (this.#accept(",") || this.#accept(";")) {
        this.#fuel.spend(1);
        // "(1, 2, )" has no third item.
        if (this.#isOp(")") || this.#isOp("]")) break;
        items.push(this.#relation());
      }
      const close = this.#accept(")") ? ")" : this.#accept("]") ? "]" : this.#fail("a bracket is never closed");
      const [first, second] = items;
      if (items.length === 1 && first !== undefined) {
        if ((open === "(") !== (close === ")")) this.#fail("brackets do not match");
        return first;
      }
      if (items.length === 2 && first !== undefined && second !== undefined && (open === "[" || close === "]")) {
        return { kind: "interval", low: first, high: second, lowClosed: open === "[", highClosed: close === "]" };
      }
      if ((open === "(") !== (close === ")")) this.#fail("brackets do not match");
      return { kind: "tuple", items };
    });
  }

  #set(close: string): Expression {
    return this.#bracketed("set", () => {
      if (this.#accept(close)) return { kind: "set", items: [] };
      const start = this.#at;
      const inner = this.#list(false);
      if (this.#accept(close)) {
        if (inner.kind === "list") return { kind: "set", items: inner.items };
        return close === "}" ? inner : { kind: "set", items: [inner] };
      }
      if (!this.#accept("|") && !this.#accept(":")) this.#fail("a set is never closed");
      const condition = this.#list(false);
      const end = this.#at;
      this.#expect(close);
      // {x | x > 3} is its condition; anything else is compared by its letters.
      const variable = inner.kind === "relation" && inner.operators[0] === "in" ? inner.operands[0] : inner;
      const real = inner.kind !== "relation" ||
        (inner.operands[1]?.kind === "constant" && inner.operands[1].name === "R");
      if (variable?.kind === "symbol" && real && condition.kind === "relation") return condition;
      const text = this.#tokens.slice(start, end).map((token) => token.text).join(" ");
      this.#fuel.spend(text.length);
      return { kind: "opaque", text: `{${text.replace(/ : /, " | ")}}` };
    });
  }
}
