/**
 * Tests of reading answers: trees of notation, refusals, and robustness.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Fuel, FuelExhausted } from "../../../../envs/math/grader/fuel.ts";
import { parseAnswer, ParseError } from "../../../../envs/math/grader/parse.ts";
import { printExpression } from "../../../../envs/math/grader/print.ts";

const parse = (text: string) => parseAnswer(text, new Fuel());
const print = (text: string) => printExpression(parse(text));

Deno.test("parseAnswer() reads numbers in every notation", () => {
  const cases: [string, bigint, bigint][] = [
    ["42", 42n, 1n],
    ["042", 42n, 1n],
    [".5", 1n, 2n],
    ["3.", 3n, 1n],
    ["1,234,567", 1234567n, 1n],
    ["1{,}000", 1000n, 1n],
    ["1\\,000", 1000n, 1n],
    ["10,\\!080", 10080n, 1n],
    ["1 000 000", 1000000n, 1n],
    ["3.2e5", 320000n, 1n],
    ["3.2 \\times 10^{-1}", 8n, 25n],
    ["0.\\overline{3}", 1n, 3n],
    ["0.1\\overline{6}", 1n, 6n],
    ["0.(3)", 1n, 3n],
    ["2.50", 5n, 2n],
    ["seven", 7n, 1n],
  ];
  for (const [text, n, d] of cases) {
    const e = parse(text);
    assert.ok(e.kind === "number", text);
    assert.deepEqual(e.value, { n, d }, text);
  }
});

Deno.test("parseAnswer() keeps how many digits a decimal was written with", () => {
  const decimal = (text: string) => {
    const e = parse(text);
    return e.kind === "number" ? e.decimal : null;
  };
  assert.deepEqual(decimal("0.050"), { places: 3, significant: 2 });
  assert.deepEqual(decimal("3.20e5"), { places: -3, significant: 3 });
  assert.deepEqual(decimal("3.20 \\cdot 10^{5}"), { places: -3, significant: 3 });
  assert.equal(decimal("320"), undefined);
});

Deno.test("parseAnswer() gives one tree to the spellings of one thing", () => {
  const groups = [
    ["\\frac{1}{2}", "\\dfrac12", "\\tfrac{1}2", "1/2", "½", "\\cfrac 1 2"],
    ["\\sqrt{2}", "\\sqrt2", "sqrt(2)", "√2", "sqrt 2"],
    ["2*x", "2x", "2 x", "2\\cdot x", "2 \\times x", "2 \\, x", "2·x"],
    ["x^{2}", "x^2", "x**2", "x²", "\\left(x\\right)^{2}"],
    ["\\sin(x)", "\\sin x", "sin(x)", "\\sin{x}", "\\sin\\left(x\\right)", "sin x", "sinx"],
    ["\\left|x\\right|", "|x|", "\\lvert x \\rvert", "\\vert x\\vert"],
    ["\\pi", "π", "pi"],
    ["\\infty", "∞", "infinity", "oo"],
    ["\\{1, 2\\}", "{1,2}", "\\left\\{1,2\\right\\}"],
    ["\\binom{n}{k}", "\\dbinom{n}{k}", "(n \\choose k)", "\\tbinom nk"],
    ["x\\le 3", "x <= 3", "x ≤ 3", "x \\leq 3", "x \\leqslant 3"],
    ["2+\\frac{1}{3}", "2\\frac{1}{3}", "2 1/3"],
  ];
  for (const group of groups) for (const text of group) assert.equal(print(text), print(group[0]!), text);
});

Deno.test("parseAnswer() binds signs, powers, quotients and products in the usual order", () => {
  const cases = [
    ["-x^2", "-x^{2}"],
    ["2^3^2", "2^{3^{2}}"],
    ["1/2x", "\\frac{1}{2}*x"],
    ["a/b/c", "\\frac{\\frac{a}{b}}{c}"],
    ["x(x+1)", "x*(x+1)"],
    ["f(x+1)", "f(x+1)"],
    ["I(0)", "I(0)"],
    ["n(n+1)", "n*(n+1)"],
    ["2n!", "2*n!"],
    ["\\sin^2 x", "\\sin(x)^{2}"],
    ["\\sin^{-1} x", "\\arcsin(x)"],
    ["\\sin 2x \\cos x", "\\sin(2*x)*\\cos(x)"],
    ["\\log_2 8", "\\log_{2}(8)"],
    ["\\sqrt[3]{x}", "\\sqrt[3]{x}"],
    ["\\frac{dy}{dx}", "D_{y;x}"],
    ["x_{max}", "x_{max}"],
    ["\\dot{x}_{0}", "\\dot{x}_{0}"],
    ["1 \\pm \\sqrt{2}", "1\\pm \\sqrt{2}"],
    ["x-1-2", "x-1-2"],
    ["x-(1-2)", "x-(1-2)"],
  ];
  for (const [text, expected] of cases) assert.equal(print(text!), expected, text!);
});

Deno.test("parseAnswer() tells tuples, intervals, sets, lists and matrices apart", () => {
  const cases: [string, string][] = [
    ["(1,2)", "tuple"],
    ["(1,2]", "interval"],
    ["[1,2]", "interval"],
    ["[1,2,3]", "tuple"],
    ["\\{1\\}", "set"],
    ["1,2", "list"],
    ["1 and 2", "list"],
    ["(1)", "number"],
    ["\\emptyset", "set"],
    ["(0,1)\\cup(2,3)", "setOperation"],
    ["(0,1) U (2,3)", "setOperation"],
    ["\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "matrix"],
    ["\\begin{array}{cc}1&2\\\\3&4\\end{array}", "matrix"],
    ["x=1", "relation"],
    ["0<x\\le 1", "relation"],
    ["x\\in[0,1]", "relation"],
    ["x \\equiv 3 \\pmod{5}", "congruence"],
    ["3:4", "ratio"],
    ["27_8", "based"],
    ["27_{8}", "based"],
    ["AB_{16}", "product"],
    ["A1_{16}", "based"],
    ["\\text{Monday}", "text"],
    ["not a number", "text"],
    ["\\{x \\mid x \\text{ is even}\\}", "opaque"],
    ["\\{x : x>2\\}", "relation"],
    ["\\mathbb{R}", "constant"],
    ["all real numbers", "constant"],
    ["x", "symbol"],
    ["(312,123,231)", "tuple"],
  ];
  for (const [text, kind] of cases) assert.equal(parse(text).kind, kind, text);
});

Deno.test("parseAnswer() refuses what it cannot read instead of taking a number out of it", () => {
  const cases = [
    "",
    "   ",
    "\\left",
    "(1",
    "1)",
    "\\frac{1}",
    "\\frac{1}{",
    "2 3",
    "1 2 3",
    "x +",
    "* 3",
    "\\int x dx",
    "\\sum_{n=1}^5 n",
    "5 \\to 7",
    "\\foo{3}",
    "#",
    "x = ",
    "\\begin{pmatrix}1&2\\\\3\\end{pmatrix}",
    "3_2",
    "{",
    "}",
    "|x",
    "^2",
    "1..2",
    "1e99999999",
    "\\sqrt{",
    "[1,2",
    "\\text{",
  ];
  for (const text of cases) assert.throws(() => parse(text), ParseError, JSON.stringify(text));
});

const PIECES = [
  ..."0123456789xyneif()[]{}|+-*/^_=<>,.:;!'%&~ \\$",
  "\\frac",
  "\\sqrt",
  "\\left",
  "\\right",
  "\\text{",
  "\\begin{pmatrix}",
  "\\end{pmatrix}",
  "\\cup",
  "\\pm",
  "\\le",
  "\\sin",
  "\\log_",
  "\\pi",
  "^{",
  "_{",
  "\\\\",
  "and",
  "or",
  "\\{",
  "\\}",
  "\\lfloor",
  "\\pmod",
  "word",
  "\\binom",
  "\\overline{",
  "\\in",
  "∞",
  "√",
  "é",
  "😀",
];

Deno.test("parseAnswer() throws only ParseError or FuelExhausted, whatever the text", () => {
  const texts = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        parse(text);
      } catch (error) {
        assert.ok(error instanceof ParseError || error instanceof FuelExhausted, `${JSON.stringify(text)}: ${error}`);
      }
    }),
    { numRuns: 3000 },
  );
});
