/**
 * Whether an answer says the same as the gold answer.
 *
 * Contract: equality is claimed only if it was shown; what cannot be decided is different, and `detail` says so. Symmetric but
 * for the three rules marked (gold decides) below. The same verdict on every machine.
 *
 * Choices by kind:
 * - Values: see `_scalar.ts` (decimals too). `log` without a base may be base 10, e or any one base, the same throughout.
 * - `x = 5`, `x ∈ S`, `f(x) = …` against a bare value: the right side counts; of a chain all constant members must agree.
 * - Equations: equal up to a non-zero factor that is constant; an equation that always holds equals only itself as written.
 * - Inequalities: as sets of real numbers where one variable stands alone or is linear; else up to a positive factor.
 * - Lists and sets: without order and repetition; a list of bare values against `x = 1, y = 2` keeps the order of the names.
 * - A tuple keeps its order; a list of bare values equals a tuple gold in order; a tuple equals a list gold in any order (gold
 *   decides). `(a, b)` is a pair or an open interval as the other side needs. A column or row of a matrix equals a tuple.
 * - A set of one equals its element. ± stands for both values; two ± in one value have the same sign.
 * - `27_8`: same digits and base; a gold with a base equals its bare digits (gold decides), a bare gold equals only the value.
 * - Ratios: the same up to a factor, unless they read like a time of day; 3:4 equals 3/4.
 * - Texts: the same letters without case, brackets and stops; "(C)" is C. A gold with commas in groups of three digits is also
 *   read as a list if the answer is one (gold decides).
 * - A percent sign that the front has taken away is the front's business; one that is left has divided by 100.
 *
 * @module
 */
import { expandSigns, variables } from "./_expand.ts";
import type { Expression } from "./expression.ts";
import type { Fuel } from "./fuel.ts";
import { NotScalar } from "./normal_form.ts";
import { printExpression } from "./print.ts";
import { integer } from "./rational.ts";
import { compareRelations } from "./_relations.ts";
import { compareRealSets } from "./_real_sets.ts";
import { type CompareOptions, compareScalars, type Comparison, literal, rationalValue, verdict } from "./_scalar.ts";

export type { CompareOptions, Comparison } from "./_scalar.ts";

const SYMMETRIC_UNORDERED = new Set(["list", "set"]);

/**
 * Compares an answer with the gold answer.
 *
 * @example Equal in value, different in form
 * ```ts
 * import { compareAnswers } from "whetstone/envs/math/grader/compare.ts";
 * import { Fuel } from "whetstone/envs/math/grader/fuel.ts";
 * import { parseAnswer } from "whetstone/envs/math/grader/parse.ts";
 * import assert from "node:assert/strict";
 *
 * const fuel = new Fuel();
 * const compare = (gold: string, answer: string) => compareAnswers(parseAnswer(gold, fuel), parseAnswer(answer, fuel), fuel).equal;
 * assert.ok(compare("\\frac{\\sqrt{3}}{3}", "1/sqrt(3)"));
 * assert.ok(compare("(2,\\infty)", "x > 2"));
 * assert.ok(!compare("\\frac{1}{2004!}", "\\frac{1}{2006!}"));
 * ```
 *
 * @param gold reference answer.
 * @param answer answer to judge.
 * @param fuel budget of the verdict.
 * @param options see {@linkcode CompareOptions}.
 * @throws {FuelExhausted} if the budget is used up before a verdict.
 */
export function compareAnswers(
  gold: Expression,
  answer: Expression,
  fuel: Fuel,
  options: CompareOptions = {},
): Comparison {
  return new Comparer(fuel, options).compare(gold, answer);
}

/** Members of a list, set or single value, with ± taken apart and `x = 1, 2` as two values. */
function members(e: Expression, fuel: Fuel): Expression[] {
  const items = e.kind === "list" || e.kind === "set" ? e.items : [e];
  return items.flatMap((item) => expandSigns(item, fuel));
}

/** The name and value of `x = value` with one bare name on the left, or of `value = x`; null for anything else. */
function assignment(e: Expression): { readonly name: string; readonly value: Expression } | null {
  if (e.kind !== "relation" || e.operators.length !== 1 || (e.operators[0] !== "=" && e.operators[0] !== "~")) {
    return null;
  }
  const [left, right] = e.operands;
  if (left === undefined || right === undefined) return null;
  if (left.kind === "symbol" || (left.kind === "call" && isDefined(left))) {
    return { name: printExpression(left), value: right };
  }
  return right.kind === "symbol" ? { name: right.name, value: left } : null;
}

/** f(x), P(n, k): an unknown function of names or numbers. */
function isDefined(e: Expression & { kind: "call" }): boolean {
  return /^\\?[A-Za-z]([_'^{].*)?$|^(delta|theta|phi|psi|rho|omega)/.test(e.name) &&
    e.args.every((arg) => arg.kind === "symbol" || arg.kind === "number");
}

class Comparer {
  readonly #fuel: Fuel;
  readonly #options: CompareOptions;

  constructor(fuel: Fuel, options: CompareOptions) {
    this.#fuel = fuel;
    this.#options = options;
  }

  compare(gold: Expression, answer: Expression): Comparison {
    const { kind } = gold;
    this.#fuel.spend(1);
    if (kind === "number" && answer.kind === "number" && gold.pieces === undefined && answer.pieces === undefined) {
      return this.#scalars(gold, answer);
    }
    if (this.#samePrint(gold, answer)) {
      return verdict(true, kind === "text" || kind === "opaque" ? "text" : "exact", "written alike");
    }
    if (kind === "text" || answer.kind === "text") return this.#texts(gold, answer);
    if (kind === "opaque" || answer.kind === "opaque") {
      return verdict(false, "text", "notation that is compared by its letters differs");
    }
    return this.#pieces(gold, answer) ?? this.#based(gold, answer) ?? this.#structures(gold, answer);
  }

  #samePrint(gold: Expression, answer: Expression): boolean {
    const text = printExpression(gold);
    this.#fuel.spend(1 + Math.ceil(text.length / 3));
    return text === printExpression(answer);
  }

  #texts(gold: Expression, answer: Expression): Comparison {
    const [g, a] = [plainText(gold), plainText(answer)];
    return verdict(g !== null && g !== "" && g === a, "text", "texts are compared without case and punctuation");
  }

  /** A number such as 1,234 against a list: its groups as items. */
  #pieces(gold: Expression, answer: Expression): Comparison | null {
    const asList = (e: Expression, other: Expression): Expression | null => {
      if (e.kind !== "number" || e.pieces === undefined) return null;
      if (!SYMMETRIC_UNORDERED.has(other.kind) && other.kind !== "tuple") return null;
      return { kind: "list", items: e.pieces.map((piece) => ({ kind: "number", value: integer(BigInt(piece)) })) };
    };
    const [g, a] = [asList(gold, answer), asList(answer, gold)];
    return g === null && a === null ? null : this.compare(g ?? gold, a ?? answer);
  }

  #based(gold: Expression, answer: Expression): Comparison | null {
    if (gold.kind !== "based" && answer.kind !== "based") return null;
    if (gold.kind === "based" && answer.kind === "based") {
      return verdict(
        gold.base === answer.base && gold.digits === answer.digits,
        "exact",
        "digits and bases are compared",
      );
    }
    const unwrapped = this.#unwrap(gold, answer);
    if (unwrapped !== null) return unwrapped;
    if (gold.kind === "based" && answer.kind === "number" && answer.decimal === undefined) {
      return verdict(
        answer.value.d === 1n && answer.value.n.toString() === gold.digits,
        "exact",
        "the digits are compared, the answer names no base",
      );
    }
    return gold.kind === "based" ? verdict(false, "exact", "not digits in a base") : null;
  }

  #structures(gold: Expression, answer: Expression): Comparison {
    if (
      gold.kind === "relation" || gold.kind === "congruence" || answer.kind === "relation" ||
      answer.kind === "congruence"
    ) {
      const relations = this.#relations(gold, answer);
      if (relations !== null) return relations;
    }
    const [golds, answers] = [members(gold, this.#fuel), members(answer, this.#fuel)];
    const several = (e: Expression, items: readonly Expression[]) =>
      SYMMETRIC_UNORDERED.has(e.kind) || items.length > 1;
    if (gold.kind === "tuple" || answer.kind === "tuple") {
      const tuples = this.#tuples(gold, answer);
      if (tuples !== null) return tuples;
    }
    const sets = compareRealSets(gold, answer, this.#fuel, (g, a) => this.compare(g, a));
    if (sets !== null) return sets;
    if (several(gold, golds) || several(answer, answers)) return this.#unordered(gold, answer, golds, answers);
    if (gold.kind === "matrix" || answer.kind === "matrix" || hasMatrix(gold) || hasMatrix(answer)) {
      return this.#matrices(gold, answer);
    }
    if (gold.kind === "ratio" || answer.kind === "ratio") return this.#ratios(gold, answer);
    if (gold.kind === "interval" && answer.kind === "interval") return this.#intervals(gold, answer);
    if (gold.kind === "setOperation" && answer.kind === "setOperation") {
      if (gold.operator !== answer.operator) return verdict(false, "exact", "different set operations");
      if (gold.operator === "minus") return this.#inOrder(gold.parts, answer.parts);
      return this.#match(gold.parts, answer.parts);
    }
    return this.#scalars(gold, answer);
  }

  #scalars(gold: Expression, answer: Expression): Comparison {
    const [g, a] = [infinity(gold), infinity(answer)];
    if (g !== 0 || a !== 0) return verdict(g === a, "exact", "infinities are compared by sign");
    try {
      return compareScalars(gold, answer, this.#fuel, this.#options);
    } catch (error) {
      if (error instanceof NotScalar) return verdict(false, "exact", `a ${gold.kind} and a ${answer.kind} differ`);
      throw error;
    }
  }

  #relations(gold: Expression, answer: Expression): Comparison | null {
    const unwrapped = this.#unwrap(gold, answer);
    if (unwrapped !== null) return unwrapped;
    const [g, a] = [assignment(gold), assignment(answer)];
    if (g !== null && a !== null && (g.name === a.name || (/\(/.test(g.name) !== /\(/.test(a.name)))) {
      const values = this.compare(g.value, a.value);
      if (values.equal) return values;
    }
    return compareRelations(gold, answer, this.#fuel, (left, right) => this.compare(left, right));
  }

  /** `x = value` or `x in set` on one side only: the value or set counts. */
  #unwrap(gold: Expression, answer: Expression): Comparison | null {
    const bare = (e: Expression) => e.kind !== "relation" && e.kind !== "congruence";
    const [g, a] = [this.#right(gold), this.#right(answer)];
    if (g !== null && bare(answer)) return this.#all(g.map((value) => this.compare(value, answer)));
    if (a !== null && bare(gold)) return this.#all(a.map((value) => this.compare(gold, value)));
    return null;
  }

  /** What a chain of equalities claims: its last member, and all others that are constant. */
  #right(e: Expression): readonly Expression[] | null {
    if (e.kind !== "relation") return null;
    const [first, ...rest] = e.operands;
    const last = rest[rest.length - 1];
    if (first === undefined || last === undefined) return null;
    if (e.operators.length === 1 && e.operators[0] === "in") return isSetLike(last) ? [last] : null;
    if (!e.operators.every((operator) => operator === "=" || operator === "~")) return null;
    const single = assignment(e);
    if (single !== null) return [single.value];
    const constant = (operand: Expression) => variables(operand, this.#fuel).size === 0 && operand.kind !== "text";
    // "AB = 5" names what it measures and "2 + 3 = 5" computes it; an equation in several variables has no value.
    const named = (operand: Expression): boolean =>
      operand.kind === "symbol" || (operand.kind === "call" && isDefined(operand)) || constant(operand) ||
      (operand.kind === "product" && operand.factors.every((factor) => factor.kind === "symbol"));
    if (!named(first)) return null;
    if (constant(last)) return [last, ...e.operands.slice(0, -1).filter(constant)];
    return first.kind === "symbol" && e.operators.length > 1 ? [last] : null;
  }

  #all(results: readonly Comparison[]): Comparison {
    return results.find((result) => !result.equal) ?? weakest(results);
  }

  #inOrder(golds: readonly Expression[], answers: readonly Expression[]): Comparison {
    if (golds.length !== answers.length) {
      return verdict(false, "exact", `${golds.length} items against ${answers.length}`);
    }
    const results: Comparison[] = [];
    for (const [index, item] of golds.entries()) {
      const other = answers[index];
      if (other === undefined) break;
      const result = this.compare(item, other);
      if (!result.equal) return result;
      results.push(result);
    }
    return weakest(results);
  }

  /** Every item has an equal one on the other side. */
  #match(golds: readonly Expression[], answers: readonly Expression[]): Comparison {
    const used = new Set<number>();
    const results: Comparison[] = [];
    for (const item of golds) {
      let found: Comparison | null = null;
      for (const [index, other] of answers.entries()) {
        this.#fuel.spend(1);
        const result = this.compare(item, other);
        if (!result.equal) continue;
        used.add(index);
        found ??= result;
      }
      if (found === null) return verdict(false, "exact", "an item of the gold answer is missing");
      results.push(found);
    }
    if (used.size < answers.length) return verdict(false, "exact", "an item is not in the gold answer");
    return weakest(results);
  }

  #unordered(
    gold: Expression,
    answer: Expression,
    golds: readonly Expression[],
    answers: readonly Expression[],
  ): Comparison {
    const [g, a] = [golds.map(assignment), answers.map(assignment)];
    const names = (list: readonly ({ readonly name: string } | null)[]) =>
      new Set(list.flatMap((item) => item === null ? [] : [item.name]));
    // "x = 1, y = 2" against "1, 2": the places stand for the names.
    const isNamed = (list: readonly unknown[], own: ReadonlySet<string>) => own.size > 1 && !list.includes(null);
    const bare = (list: readonly unknown[]) => list.every((item) => item === null);
    if (isNamed(g, names(g)) && bare(a)) {
      return this.#inOrder(g.flatMap((item) => item === null ? [] : [item.value]), answers);
    }
    if (isNamed(a, names(a)) && bare(g)) {
      return this.#inOrder(
        golds,
        a.flatMap((item) => item === null ? [] : [item.value]),
      );
    }
    // "x = 1, 2" gives its name to what follows.
    const strip = (
      items: readonly Expression[],
      list: readonly ReturnType<typeof assignment>[],
      own: ReadonlySet<string>,
    ) => own.size === 1 ? items.map((item, index) => list[index]?.value ?? item) : items;
    const [x, y] = [names(g), names(a)];
    const sameName = x.size === 1 && y.size === 1 && [...x][0] !== [...y][0];
    if (sameName) return verdict(false, "exact", "different names");
    const [left, right] = [strip(golds, g, x), strip(answers, a, y)].map((items) =>
      items.flatMap((item) => expandSigns(item, this.#fuel))
    );
    if (left === undefined || right === undefined || left.length === 0 || right.length === 0) {
      return verdict(golds.length === answers.length && gold.kind === answer.kind, "exact", "an empty set");
    }
    return this.#match(left, right);
  }

  /** A tuple against a tuple, list, interval or matrix; null if the other side is none of these. */
  #tuples(gold: Expression, answer: Expression): Comparison | null {
    if (gold.kind === "tuple" && answer.kind === "tuple") {
      const [golds, answers] = [gold, answer].map((e) => expandSigns(e, this.#fuel));
      if (golds !== undefined && answers !== undefined && golds.length + answers.length > 2) {
        return this.#match(golds, answers);
      }
      return this.#inOrder(gold.items, answer.items);
    }
    const other = gold.kind === "tuple" ? answer : gold;
    const values = (e: Expression): readonly Expression[] => {
      const vector = vectorItems(e);
      if (vector !== null) return vector;
      return e.kind === "list" ? e.items.map((item) => assignment(item)?.value ?? item) : [e];
    };
    if (other.kind === "matrix") {
      const [g, a] = [values(gold), values(answer)];
      return this.#inOrder(g, a);
    }
    if (other.kind === "list" && other.items.every((item) => item.kind !== "tuple" && item.kind !== "interval")) {
      if (answer.kind === "tuple" && !(gold.kind === "list" && gold.items.some((item) => assignment(item) !== null))) {
        return this.#match(members(gold, this.#fuel), answer.items);
      }
      return this.#inOrder(values(gold), values(answer));
    }
    if (
      other.kind === "interval" &&
      (gold.kind === "tuple" ? gold : answer.kind === "tuple" ? answer : null)?.items.length !== 2
    ) {
      return verdict(false, "exact", "a tuple and an interval differ");
    }
    return null;
  }

  #intervals(gold: Expression & { kind: "interval" }, answer: Expression & { kind: "interval" }): Comparison {
    if (gold.lowClosed !== answer.lowClosed || gold.highClosed !== answer.highClosed) {
      return verdict(false, "exact", "an end of the interval is open on one side and closed on the other");
    }
    return this.#inOrder([gold.low, gold.high], [answer.low, answer.high]);
  }

  #matrices(gold: Expression, answer: Expression): Comparison {
    const [g, a] = [matrixRows(gold), matrixRows(answer)];
    if (g === null || a === null) return verdict(false, "exact", "a matrix against something else");
    if (g.length !== a.length || g[0]?.length !== a[0]?.length) {
      return verdict(false, "exact", "matrices of different shape");
    }
    return this.#inOrder(g.flat(), a.flat());
  }

  #ratios(gold: Expression, answer: Expression): Comparison {
    if (gold.kind === "ratio" && answer.kind === "ratio") {
      const plain = this.#inOrder(gold.parts, answer.parts);
      if (plain.equal || (gold.clock && answer.clock) || gold.parts.length !== answer.parts.length) return plain;
      const [first, other] = [gold.parts[0], answer.parts[0]];
      if (first === undefined || other === undefined) return plain;
      const cross = (x: Expression, y: Expression): Expression => ({ kind: "product", factors: [x, y] });
      if (rationalValue(first, this.#fuel)?.n === 0n || rationalValue(other, this.#fuel)?.n === 0n) return plain;
      return this.#inOrder(
        gold.parts.map((part) => cross(part, other)),
        answer.parts.map((part) => cross(part, first)),
      );
    }
    const quotient = (e: Expression): Expression => {
      const [numerator, denominator] = e.kind === "ratio" ? e.parts : [];
      if (e.kind !== "ratio" || e.parts.length !== 2 || numerator === undefined || denominator === undefined) return e;
      return { kind: "quotient", numerator, denominator };
    };
    const [g, a] = [quotient(gold), quotient(answer)];
    if (g.kind === "ratio" || a.kind === "ratio") {
      return verdict(false, "exact", "a ratio of several parts against one value");
    }
    return this.#scalars(g, a);
  }
}

/** The weakest method that took part in an equality. */
function weakest(results: readonly Comparison[]): Comparison {
  const order = ["numeric", "symbolic", "text", "exact"] as const;
  const method = order.find((candidate) => results.some((result) => result.method === candidate)) ?? "exact";
  return verdict(true, method, results.length === 1 ? results[0]?.detail ?? "" : "all items are equal");
}

/** Letters of a text, a name or a product of names, in lower case without spaces; null for anything else. */
function plainText(e: Expression): string | null {
  switch (e.kind) {
    case "text":
      return e.text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
    case "symbol":
      return e.name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
    case "constant":
      return e.name.toLowerCase();
    case "product": {
      const parts = e.factors.map(plainText);
      return parts.includes(null) ? null : parts.join("");
    }
    case "number":
      return literal(e)?.value.d === 1n ? e.value.n.toString() : null;
    default:
      return null;
  }
}

/** 1, -1 or 0 as the expression is infinity, its opposite, or anything else. */
function infinity(e: Expression): 1 | -1 | 0 {
  if (e.kind === "constant" && e.name === "infinity") return 1;
  if (e.kind === "negate") return infinity(e.operand) === 1 ? -1 : 0;
  return 0;
}

function isSetLike(e: Expression): boolean {
  return ["interval", "tuple", "set", "setOperation"].includes(e.kind) ||
    (e.kind === "constant" && /^[RZQNC]$/.test(e.name));
}

function hasMatrix(e: Expression): boolean {
  switch (e.kind) {
    case "matrix":
      return true;
    case "negate":
      return hasMatrix(e.operand);
    case "product":
      return e.factors.some(hasMatrix);
    case "sum":
      return e.terms.some(hasMatrix);
    case "quotient":
      return hasMatrix(e.numerator);
    case "power":
      return e.exponent.kind === "symbol" && e.exponent.name === "T" &&
        (e.base.kind === "matrix" || e.base.kind === "tuple");
    default:
      return false;
  }
}

/** Items of a tuple, or of a matrix with one row or column. */
function vectorItems(e: Expression): readonly Expression[] | null {
  if (e.kind === "tuple") return e.items;
  const rows = matrixRows(e);
  if (rows === null) return null;
  return rows.length === 1 ? rows[0] ?? null : rows.every((row) => row.length === 1) ? rows.flat() : null;
}

/** Cells of a matrix, of a scalar times one, of a sum of them, or of a transpose; null for anything else. */
function matrixRows(e: Expression): readonly (readonly Expression[])[] | null {
  switch (e.kind) {
    case "matrix":
      return e.rows;
    case "negate":
      return matrixRows(e.operand)?.map((row) => row.map((operand) => ({ kind: "negate", operand }))) ?? null;
    case "quotient":
      return matrixRows(e.numerator)?.map((row) =>
        row.map((numerator) => ({ kind: "quotient", numerator, denominator: e.denominator }))
      ) ?? null;
    case "product": {
      const matrices = e.factors.filter(hasMatrix);
      const [only] = matrices;
      if (matrices.length !== 1 || only === undefined) return null;
      const scalars = e.factors.filter((factor) => factor !== only);
      return matrixRows(only)?.map((row) => row.map((cell) => ({ kind: "product", factors: [...scalars, cell] }))) ??
        null;
    }
    case "sum": {
      const parts = e.terms.map(matrixRows);
      const [first] = parts;
      if (first === undefined || first === null) return null;
      return first.map((row, i) =>
        row.map((_, j) => ({
          kind: "sum",
          terms: parts.map((part): Expression => part?.[i]?.[j] ?? { kind: "opaque", text: "missing cell" }),
        }))
      );
    }
    case "power": {
      if (!hasMatrix(e)) return null;
      const rows = e.base.kind === "tuple" ? [e.base.items] : matrixRows(e.base);
      return rows?.[0]?.map((_, j) =>
        rows.map((row): Expression => row[j] ?? { kind: "opaque", text: "missing cell" })
      ) ?? null;
    }
    default:
      return null;
  }
}
