/**
 * Tests of exact normal forms and of values with error bounds.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { isKnown, size } from "../../../../envs/math/grader/_complex.ts";
import { Fuel } from "../../../../envs/math/grader/fuel.ts";
import { NormalForm, NotScalar } from "../../../../envs/math/grader/normal_form.ts";
import { evaluate } from "../../../../envs/math/grader/numeric.ts";
import { parseAnswer } from "../../../../envs/math/grader/parse.ts";
import { UndefinedValue } from "../../../../envs/math/grader/rational.ts";
import { trees, write } from "./_generate.ts";

function difference(left: string, right: string): { readonly size: number; readonly complete: boolean } {
  const fuel = new Fuel(1e7);
  const form = new NormalForm(fuel);
  const sum = form.fractions.difference(form.of(parseAnswer(left, fuel)), form.of(parseAnswer(right, fuel)));
  return { size: sum.size, complete: form.isComplete(sum) };
}

const POINT = { values: new Map([["x", 0.83], ["y", 1.71], ["a", 0.37]]), log: "unknown" as const };

Deno.test("NormalForm.of() gives equal forms to identities without help of numbers", () => {
  const identities: [string, string][] = [
    ["(x+y)^3", "x^3+3x^2y+3xy^2+y^3"],
    ["\\frac{1}{1+\\sqrt2}", "\\sqrt2-1"],
    ["\\frac{1}{\\sqrt[3]{2}}", "\\frac{\\sqrt[3]{4}}{2}"],
    ["\\sqrt{7+4\\sqrt3}", "2+\\sqrt3"],
    ["\\sqrt{\\frac{3}{8}}", "\\frac{\\sqrt6}{4}"],
    ["\\sqrt{x}\\sqrt{y}", "\\sqrt{xy}"],
    ["\\frac{x}{\\sqrt{x}}", "\\sqrt{x}"],
    ["\\frac{1}{\\sqrt{x+1}}", "\\frac{\\sqrt{x+1}}{x+1}"],
    ["e^{x+y}", "e^x e^y"],
    ["8^{n}", "(2^n)^3"],
    ["\\ln\\frac{x^2}{y}", "2\\ln x-\\ln y"],
    ["\\sin^4 x+\\sin^2 x\\cos^2 x", "\\sin^2 x"],
    ["\\cos\\frac{7\\pi}{12}", "\\frac{\\sqrt2-\\sqrt6}{4}"],
    ["e^{i\\pi/6}", "\\frac{\\sqrt3+i}{2}"],
    ["\\lfloor n+3\\rfloor", "\\lfloor n\\rfloor+3"],
    ["\\frac{(n+2)!}{n!}", "n^2+3n+2"],
    ["\\binom{n}{2}", "\\frac{n(n-1)}{2}"],
    ["|{-2xy}|", "2|x||y|"],
  ];
  for (const [left, right] of identities) assert.equal(difference(left, right).size, 0, `${left} = ${right}`);
});

Deno.test("NormalForm.isComplete() holds for algebra over variables, radicals, pi and e, and not for functions", () => {
  assert.ok(difference("x^2+\\sqrt2\\pi", "x^2+\\sqrt3 e").complete);
  assert.ok(!difference("\\sin 2x", "2\\sin x\\cos x").complete);
});

Deno.test("NormalForm.of() throws UndefinedValue for a zero denominator and NotScalar for a tuple", () => {
  assert.throws(() => difference("\\frac{1}{x-x}", "1"), UndefinedValue);
  assert.throws(() => difference("(1,2)", "1"), NotScalar);
});

Deno.test("NormalForm.of() agrees with evaluate() on what is zero", () => {
  fc.assert(
    fc.property(trees, trees, (left, right) => {
      const fuel = new Fuel(1e8);
      const [p, q] = [left, right].map((tree) => evaluate(parseAnswer(write(tree), fuel), POINT, fuel));
      if (p === undefined || q === undefined || !isKnown(p) || !isKnown(q)) return;
      const gap = Math.hypot(p.re - q.re, p.im - q.im);
      if (gap > 4 * (p.err + q.err) && gap > 1e-6 * Math.max(size(p), size(q))) {
        assert.ok(difference(write(left), write(right)).size > 0, `${write(left)} and ${write(right)}`);
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("evaluate() bounds its error", () => {
  // Values whose exact result is known: each must lie within the stated bound.
  const cases: [string, number][] = [
    ["\\sqrt{2}^2-2", 0],
    ["(1+\\sqrt{5})^{10}-(6+2\\sqrt5)^5", 0],
    ["\\sin(\\pi)", 0],
    ["e^{\\ln 3}", 3],
    ["\\tan(\\arctan 7)", 7],
    ["\\frac{1}{3}\\cdot 3", 1],
  ];
  for (const [text, expected] of cases) {
    const value = evaluate(parseAnswer(text, new Fuel()), POINT, new Fuel());
    assert.ok(Math.abs(value.re - expected) <= value.err, `${text}: ${value.re} ± ${value.err}`);
    assert.ok(value.err < 1e-7, text);
  }
});

Deno.test("evaluate() knows no value beyond a double's range or with a part lost in rounding", () => {
  for (
    const text of [
      "\\frac{1}{200!}",
      "10^{-400}",
      "e^{-800}",
      "10^{400}",
      "1+10^{-20}",
      "\\cos(10^{-9})",
      "\\ln 0",
      "\\frac{1}{0}",
      "\\infty",
    ]
  ) {
    assert.ok(!isKnown(evaluate(parseAnswer(text, new Fuel()), POINT, new Fuel())), text);
  }
});
