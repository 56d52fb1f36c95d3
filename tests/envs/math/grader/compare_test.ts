/**
 * Tests of the comparison: fixed pairs, properties, decimals, budget.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { isKnown } from "../../../../envs/math/grader/_complex.ts";
import { compareAnswers, type CompareOptions } from "../../../../envs/math/grader/compare.ts";
import { DEFAULT_FUEL, Fuel, FuelExhausted } from "../../../../envs/math/grader/fuel.ts";
import { evaluate } from "../../../../envs/math/grader/numeric.ts";
import { parseAnswer, ParseError } from "../../../../envs/math/grader/parse.ts";
import { printExpression } from "../../../../envs/math/grader/print.ts";
import { rewrite, trees, write } from "./_generate.ts";
import { HOSTILE } from "./_hostile.ts";
import { DIFFERENT, EQUAL, ROUNDED } from "./_pairs.ts";

function compare(gold: string, answer: string, options: CompareOptions = {}) {
  const fuel = new Fuel();
  return compareAnswers(parseAnswer(gold, fuel), parseAnswer(answer, fuel), fuel, options);
}

Deno.test("compareAnswers() accepts answers that say the same", () => {
  for (const [gold, answer] of EQUAL) {
    assert.ok(compare(gold, answer).equal, `${gold} and ${answer}: ${compare(gold, answer).detail}`);
  }
});

Deno.test("compareAnswers() takes a decimal for the value that it is rounded from only where that is asked for", () => {
  for (const [gold, answer] of ROUNDED) {
    assert.ok(!compare(gold, answer).equal, `${gold} and ${answer}`);
    assert.ok(compare(gold, answer, { roundedDecimals: true }).equal, `${gold} and ${answer}, rounded`);
  }
  for (const [gold, answer] of DIFFERENT) {
    assert.ok(!compare(gold, answer, { roundedDecimals: true }).equal, `${gold} and ${answer}, rounded`);
  }
});

Deno.test("compareAnswers() rejects answers that do not", () => {
  for (const [gold, answer] of DIFFERENT) {
    assert.ok(!compare(gold, answer).equal, `${gold} and ${answer}: ${compare(gold, answer).method}`);
  }
});

Deno.test("compareAnswers() is symmetric on different answers but where gold decides", () => {
  for (const [gold, answer] of DIFFERENT) {
    if (gold === "52") continue;
    if (/^x=1, ?y=2$/.test(gold)) continue;
    assert.ok(!compare(answer, gold).equal, `${answer} and ${gold}`);
  }
});

Deno.test("compareAnswers() accepts every gold answer against itself and its print", () => {
  for (const [gold] of [...EQUAL, ...DIFFERENT]) {
    const fuel = new Fuel();
    const read = parseAnswer(gold, fuel);
    const printed = printExpression(read);
    const again = parseAnswer(printed, fuel);
    assert.equal(printExpression(again), printed, gold);
    assert.ok(compareAnswers(read, again, fuel).equal, gold);
  }
});

Deno.test("compareAnswers() says by what it decided", () => {
  assert.equal(compare("1/2", "0.5").method, "exact");
  assert.equal(compare("(x+1)^2", "x^2+2x+1").method, "symbolic");
  assert.equal(compare("\\sin 2x", "2\\sin x\\cos x").method, "numeric");
  assert.equal(compare("\\text{east}", "East").method, "text");
});

Deno.test("compareAnswers() takes a tolerance in place of its rule for decimals", () => {
  assert.ok(!compare("3.14", "3.15").equal);
  assert.ok(compare("3.14", "3.15", { tolerance: 0.01 }).equal);
  assert.ok(!compare("3.14", "3.16", { tolerance: 0.01 }).equal);
  assert.ok(compare("(1.5,2.5)", "(1.51, 2.49)", { tolerance: 0.011 }).equal);
  assert.ok(compare("1000", "1001", { relativeTolerance: 0.001 }).equal);
  assert.ok(!compare("1000", "1002", { relativeTolerance: 0.001 }).equal);
  assert.ok(compare("1/3", "1/3", { tolerance: 0 }).equal);
});

Deno.test("compareAnswers() keeps equality under rewriting by identities", () => {
  fc.assert(
    fc.property(trees, fc.array(fc.nat(), { minLength: 3, maxLength: 8 }), (tree, choices) => {
      const [gold, answer] = [write(tree), rewrite(tree, choices)];
      assert.ok(compare(gold, answer).equal, `${gold} and ${answer}: ${compare(gold, answer).detail}`);
    }),
    { numRuns: 400 },
  );
});

Deno.test("compareAnswers() notices one changed number wherever it changes the value", () => {
  const points = [0.7, 1.9, 2.3].map((x) => ({
    values: new Map([["x", x], ["y", x + 0.31], ["a", 2 * x]]),
    log: "unknown" as const,
  }));
  fc.assert(
    fc.property(trees, fc.nat(), (tree, place) => {
      const gold = write(tree);
      const numbers = [...gold.matchAll(/\d+/g)];
      const chosen = numbers[place % Math.max(1, numbers.length)];
      if (chosen === undefined) return;
      const answer = gold.slice(0, chosen.index) + (Number(chosen[0]) + 1) +
        gold.slice(chosen.index + chosen[0].length);
      const fuel = new Fuel(1e7);
      const [g, a] = [parseAnswer(gold, fuel), parseAnswer(answer, fuel)];
      const differs = points.some((point) => {
        const [p, q] = [evaluate(g, point, fuel), evaluate(a, point, fuel)];
        const difference = Math.abs(p.re - q.re);
        return isKnown(p) && isKnown(q) && difference > 1e-6 &&
          difference > 1e-3 * Math.max(Math.abs(p.re), Math.abs(q.re));
      });
      if (differs) assert.ok(!compareAnswers(g, a, fuel).equal, `${gold} and ${answer}`);
    }),
    { numRuns: 400 },
  );
});

Deno.test("compareAnswers() ends within the default budget on hostile answers", () => {
  for (const [name, gold, answer] of HOSTILE) {
    const fuel = new Fuel();
    try {
      const [g, a] = [parseAnswer(gold, fuel), parseAnswer(answer, fuel)];
      assert.equal(typeof compareAnswers(g, a, fuel).equal, "boolean");
    } catch (error) {
      assert.ok(error instanceof FuelExhausted || error instanceof ParseError, `${name}: ${error}`);
    }
    assert.ok(fuel.spent <= DEFAULT_FUEL);
  }
});

Deno.test("compareAnswers() spends the same steps on the same pair", () => {
  const steps = (gold: string, answer: string) => {
    const fuel = new Fuel();
    compareAnswers(parseAnswer(gold, fuel), parseAnswer(answer, fuel), fuel);
    return fuel.spent;
  };
  for (const [gold, answer] of EQUAL.slice(0, 60)) assert.equal(steps(gold, answer), steps(gold, answer));
});

Deno.test("compareAnswers() spends few steps on ordinary answers", () => {
  for (const [gold, answer] of EQUAL) {
    const fuel = new Fuel();
    compareAnswers(parseAnswer(gold, fuel), parseAnswer(answer, fuel), fuel);
    assert.ok(fuel.spent < 20_000, `${gold}: ${fuel.spent}`);
  }
});
