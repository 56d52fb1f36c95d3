import assert from "node:assert/strict";
import fc from "fast-check";
import { lastBoxed, plainNumber, withoutDelimiters } from "../../../../envs/math/datasets/_text.ts";
import { LAYOUTS } from "../../../../envs/math/datasets/layouts.ts";
import { readProblems } from "../../../../envs/math/datasets/read_problems.ts";
import type { Problem } from "../../../../envs/math/problem.ts";
import { fixture } from "./_files.ts";

/** Problems of a fixture whose layout is told by its first row. */
async function problemsOf(layout: string): Promise<readonly Problem[]> {
  const set = await readProblems(fixture(`${layout}.jsonl`), { name: "s" });
  assert.equal(set.layout, layout);
  return set.problems;
}

function pick<K extends keyof Problem>(problems: readonly Problem[], ...fields: K[]): unknown[] {
  return problems.map((problem) => fields.map((field) => problem[field]));
}

Deno.test("every layout but that of problems has a fixture by which it is told", async () => {
  for (const { name } of LAYOUTS.filter((layout) => layout.name !== "problems")) {
    const problems = await problemsOf(name);
    assert.ok(problems.length >= 2, name);
    for (const problem of problems) {
      assert.equal(problem.scenario, problem.id);
      assert.ok(problem.labels.source !== undefined && problem.statement !== "" && problem.answer !== "");
    }
  }
});

Deno.test("gsm8k: the answer stands behind ####, without separators; the solution has no calculator marks", async () => {
  const problems = await problemsOf("gsm8k");
  assert.deepEqual(pick(problems, "id", "answer", "difficulty"), [["s/1", "19", 1], ["s/2", "1250", 1]]);
  assert.equal(problems[0]?.solution, "She bakes 4*6=24 rolls.\nAfter selling 5, 24-5=19 rolls are left.");
});

Deno.test("math: the answer is the last box, with braces inside, without braces or as fbox; an unknown level is 1", async () => {
  const problems = await problemsOf("math");
  assert.deepEqual(pick(problems, "answer", "difficulty"), [["\\frac{5}{6}", 2], ["6", 1], ["\\{2\\}", 1]]);
  assert.deepEqual(problems.map(({ labels }) => labels), [
    { source: "s", domain: "algebra", subject: "Prealgebra" },
    { source: "s", domain: "combinatorics", subject: "Counting & Probability" },
    { source: "s", domain: "number theory", subject: "Number Theory" },
  ]);
});

Deno.test("math500: ids are the rows' own, and the answer is as given", async () => {
  const problems = await problemsOf("math500");
  assert.deepEqual(pick(problems, "id", "answer", "difficulty"), [
    ["s/test/algebra/1.json", "4", 1],
    ["s/test/precalculus/2.json", "\\left( 2, \\frac{\\pi}{2} \\right)", 3],
  ]);
});

Deno.test("aime and amc: numbers lose zeros that say nothing, and the page tells the contest", async () => {
  const aime = await problemsOf("aime");
  assert.deepEqual(pick(aime, "id", "answer", "solution"), [
    ["s/1", "1", "$49 = 2 \\cdot 24 + 1$."],
    ["s/2", "99", undefined],
  ]);
  assert.equal(aime[0]?.labels.source, "2031 AIME II");
  const amc = await problemsOf("amc");
  assert.deepEqual(pick(amc, "id", "answer"), [["s/0", "27"], ["s/1", "-1"]]);
  assert.equal(amc[0]?.labels.source, "2031 AMC 12B");
});

Deno.test("olympiadbench: several answers are one list, with spaces after commas; units are labels", async () => {
  const problems = await problemsOf("olympiadbench");
  assert.deepEqual(pick(problems, "answer", "tolerance"), [
    ["3, 7", undefined],
    ["45", undefined],
    ["4.2", 0.1],
    ["(2, 251, 252)", undefined],
    ["\\sqrt{2}, -\\sqrt{2}", undefined],
  ]);
  assert.equal(
    problems[1]?.statement,
    "A train keeps a steady pace.\n\nIt needs 2 hours for 90 km. What is its speed?",
  );
  const algebra = { domain: "algebra", subject: "Algebra" };
  assert.deepEqual(problems[1]?.labels, { source: "s", ...algebra, type: "Numerical", unit: "km/h" });
});

Deno.test("minerva, svamp, deepscaler and omni-math give answers, statements and labels", async () => {
  assert.deepEqual(pick(await problemsOf("minerva"), "id", "answer"), [["s/0", "4"], ["s/1", "3e8"]]);
  const svamp = await problemsOf("svamp");
  assert.deepEqual(pick(svamp, "id", "answer", "statement"), [
    ["s/x-1", "12", "There are 3 boxes with 4 eggs each. How many eggs are there?"],
    ["s/x-2", "7", "Otto had 9 pens. He lost 2 pens. How many pens has he now?"],
  ]);
  const deepscaler = await problemsOf("deepscaler");
  assert.deepEqual(pick(deepscaler, "answer", "solution"), [["32", undefined], ["2\\sqrt{2}", "$8 = 4 \\cdot 2$."]]);
  const omni = await problemsOf("omni-math");
  assert.deepEqual(pick(omni, "answer", "difficulty"), [["8", 4.5], ["1", 2]]);
  assert.deepEqual(omni.map(({ labels }) => [labels.domain, labels.source]), [
    ["combinatorics", "made_up_contest"],
    ["precalculus", "made_up_contest"],
  ]);
});

Deno.test("plainNumber() keeps the value of a number, and any text that is none", () => {
  const pairs = [["27.0", "27"], ["-0.0", "0"], ["2.50", "2.5"], ["1.5e3", "1500"], ["25e-4", "0.0025"], ["025", "25"]];
  for (const [text = "", plain = ""] of pairs) assert.equal(plainNumber(text), plain);
  for (const text of ["1/2", "x", "1e400", "", "1,000", "+3"]) assert.equal(plainNumber(text), text);
  const double = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e50, max: 1e50 })
    .filter((value) => value === 0 || Math.abs(value) > 1e-40);
  fc.assert(fc.property(double, (value) => {
    const plain = plainNumber(JSON.stringify(value));
    assert.equal(Number(plain), value === 0 ? 0 : value);
    assert.match(plain, /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/);
  }));
});

Deno.test("withoutDelimiters() takes off signs around formulas and the full stop, not escaped dollars", () => {
  const pairs = [
    ["$69$,$84$", "69,84"],
    ["$(-\\infty, 0) \\cup\\{1\\}$.", "(-\\infty, 0) \\cup\\{1\\}"],
    ["\\(x\\)", "x"],
    ["\\[ \\frac12 \\]", "\\frac12"],
    ["\\$18", "\\$18"],
    ["a+$ $b", "a+ b"],
    ["1, 2, ...", "1, 2, ..."],
    ["[1,2)", "[1,2)"],
  ];
  for (const [text = "", plain = ""] of pairs) assert.equal(withoutDelimiters(text), plain);
});

Deno.test("lastBoxed() finds the last box that ends", () => {
  assert.equal(lastBoxed("\\boxed{1} and \\boxed{\\{a, \\frac{1}{2}\\}}"), "\\{a, \\frac{1}{2}\\}");
  assert.equal(lastBoxed("\\boxed 7$ or so"), "7");
  assert.equal(lastBoxed("\\boxed{1}, then \\boxed{2"), "1");
  assert.equal(lastBoxed("\\boxedsomething{1}"), undefined);
  assert.equal(lastBoxed("none"), undefined);
});
