import assert from "node:assert/strict";
import fc from "fast-check";
import { normaliseMinerva, verifyMinerva } from "../../../../envs/math/grader/minerva.ts";

// Verdicts observed of the original checker, prediction and reference.
const CORRECT: readonly (readonly [string, string])[] = [
  ["Answer: 42", "42"],
  ["The value is \\boxed{42}", "42"],
  ["Answer: \\boxed{42}", "42"],
  ["Answer: $\\frac{1}{2}$", "\\frac12"],
  ["42", "42"],
  ["answer:42", "42"],
  ["Answer: x = 7", "7"],
  ["Answer: 12 \\text{ cm}", "12"],
  ["Answer: 60^\\circ", "60"],
  ["Answer: 3 ways", "3"],
  ["Answer: 3\nAnswer: 4", "4"],
];
const WRONG: readonly (readonly [string, string])[] = [
  ["Answer: 42.", "42"],
  ["**Answer:** 42", "42"],
  ["The answer is 42.", "42"],
  ["Answer: 0.5", "\\frac{1}{2}"],
  ["Answer: \\boxed{\\dfrac{3}{4}}", "\\frac{3}{4}"],
  ["\\boxed{x^2+1}", "x^{2}+1"],
  ["Answer: 042", "42"],
  ["Answer: 50\\%", "50"],
  [`\\boxed{42}${" and so".repeat(60)}`, "42"],
];

Deno.test("verifyMinerva() judges correct what the original judges correct", () => {
  for (const [completion, gold] of CORRECT) {
    assert.equal(verifyMinerva(gold, completion).verdict, "correct", `${completion} | ${gold}`);
  }
});

Deno.test("verifyMinerva() judges wrong what the original judges wrong", () => {
  for (const [completion, gold] of WRONG) {
    assert.equal(verifyMinerva(gold, completion).verdict, "incorrect", `${completion} | ${gold}`);
  }
});

Deno.test("verifyMinerva() keeps the marks of emphasis behind a label, as the original does", () => {
  assert.equal(verifyMinerva("42", "**Answer:** 42").answer, "**42");
});

Deno.test("verifyMinerva() looks for the answer in the last 300 characters only", () => {
  const far = `Answer: 42\n${"x".repeat(300)}`;
  const near = `Answer: 42\n${"x".repeat(280)}`;
  assert.equal(verifyMinerva("42", far).verdict, "incorrect");
  assert.equal(verifyMinerva("42", near).verdict, "correct");
});

Deno.test("verifyMinerva() gives unparsed for a blank completion, and tries the whole text if its tail is blank", () => {
  assert.equal(verifyMinerva("42", "").verdict, "unparsed");
  assert.equal(verifyMinerva("42", " \n \n").verdict, "unparsed");
  assert.equal(verifyMinerva("42", `Answer: 42${" ".repeat(400)}`).verdict, "correct");
});

Deno.test("verifyMinerva() takes the last box whose braces balance, nested ones included", () => {
  assert.equal(verifyMinerva("\\frac{1}{2}", "\\boxed{3} then \\boxed{\\frac{1}{2}} done").verdict, "correct");
});

Deno.test("normaliseMinerva() follows the steps in their order", () => {
  const table: readonly (readonly [string, string])[] = [
    ["a = b = 3", "3"],
    ["an apple", "apple"],
    ["\\$5", "5"],
    ["5\\mbox{ cm}^2", "5"],
    ["5\\text{m}", "5"],
    ["x,\\text{and}y", "x,y"],
    ["\\frac12", "\\frac{1}{2}"],
    ["\\sqrt2", "\\sqrt{2}"],
    ["\\textbf{7}", "7"],
    ["\\overline{7}", "7"],
    ["1,000,000", "1000000"],
    ["10{,}000", "10000"],
    ["10,\\!000", "10000"],
    ["(1,000)", "(1,000)"],
    ["5^{th}", "5^{th}"],
    ["5^\\mathrm{th}", "5^"],
    ["text $x$ more", "x"],
    ["3children", "3children"],
  ];
  for (const [raw, normal] of table) assert.equal(normaliseMinerva(raw), normal, raw);
});

Deno.test("verifyMinerva() accepts every plain integer for itself and never throws", () => {
  fc.assert(fc.property(fc.integer(), (value) => {
    assert.equal(verifyMinerva(String(value), `Answer: ${value}`).verdict, "correct");
    assert.equal(verifyMinerva(String(value), `Answer: ${value + 1}`).verdict, "incorrect");
  }));
  fc.assert(fc.property(fc.string(), fc.string(), (gold, completion) => {
    assert.ok(["correct", "incorrect", "unparsed"].includes(verifyMinerva(gold, completion).verdict));
  }));
});
