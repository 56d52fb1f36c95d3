import assert from "node:assert/strict";
import { auditGrader, PairError, readLabelledPairs } from "../../../../envs/math/grader/audit.ts";
import { verifyMinerva } from "../../../../envs/math/grader/minerva.ts";
import { verifyAnswer } from "../../../../envs/math/grader/verify.ts";

const pairs = readLabelledPairs(
  Deno.readTextFileSync(new URL("../../../fixtures/math/labelled_pairs.jsonl", import.meta.url)),
);

Deno.test("the labelled pairs are many, in both directions, and no pair is there twice", () => {
  assert.ok(pairs.length >= 480);
  assert.ok(pairs.filter(({ label }) => label !== "correct").length >= 200);
  assert.ok(new Set(pairs.map(({ category }) => category)).size >= 30);
  assert.equal(new Set(pairs.map(({ gold, answer }) => JSON.stringify([gold, answer]))).size, pairs.length);
});

Deno.test("auditGrader() finds no mistake of the exact grader", () => {
  const { total, misjudged } = auditGrader(pairs, verifyAnswer);
  assert.deepEqual(misjudged, []);
  assert.deepEqual(total, {
    category: "all",
    pairs: pairs.length,
    falsePositives: 0,
    falseNegatives: 0,
    other: 0,
  });
});

Deno.test("auditGrader() finds only rounded decimals where the exact grader is told to take them", () => {
  const rounding = (gold: string, answer: string) => verifyAnswer(gold, answer, { roundedDecimals: true });
  const { misjudged } = auditGrader(pairs, rounding);
  assert.equal(misjudged.length, 19);
  assert.deepEqual(new Set(misjudged.map(({ category }) => category)), new Set(["rounded decimals"]));
});

Deno.test("auditGrader() shows what the string grader does to the same pairs", () => {
  const { total, rows } = auditGrader(pairs, verifyMinerva);
  const { falsePositives, falseNegatives, other } = total;
  assert.deepEqual({ falsePositives, falseNegatives, other }, { falsePositives: 21, falseNegatives: 417, other: 12 });
  assert.equal(rows.reduce((sum, row) => sum + row.pairs, 0), pairs.length);
});

Deno.test("auditGrader() counts each kind of mistake in its category", () => {
  const pair = (label: "correct" | "incorrect" | "unparsed", category: string) => ({
    gold: "1",
    answer: label,
    label,
    category,
  });
  const sample = [pair("correct", "a"), pair("incorrect", "a"), pair("unparsed", "a"), pair("correct", "b")];
  const row = (category: string, count: number, falsePositives: number, falseNegatives: number, other: number) => ({
    category,
    pairs: count,
    falsePositives,
    falseNegatives,
    other,
  });
  const yes = auditGrader(sample, () => ({ verdict: "correct", detail: "" }));
  assert.deepEqual(yes.rows, [row("a", 3, 2, 0, 0), row("b", 1, 0, 0, 0)]);
  const no = auditGrader(sample, () => ({ verdict: "incorrect", detail: "" }));
  assert.deepEqual(no.total, row("all", 4, 0, 2, 1));
  const slow = auditGrader(sample, () => ({ verdict: "timeout", detail: "slow" }));
  assert.deepEqual(slow.total, row("all", 4, 0, 0, 4));
  assert.deepEqual(slow.misjudged[0], { ...sample[0], verdict: "timeout", detail: "slow" });
});

Deno.test("readLabelledPairs() names the line and the field that is wrong", () => {
  const good = '{"gold":"1","answer":"1","label":"correct","category":"a"}';
  assert.equal(readLabelledPairs(`${good}\n\n${good}\n`).length, 2);
  const cases: readonly (readonly [string, RegExp])[] = [
    ["nothing", /line 2 is no JSON/],
    ['{"answer":"1","label":"correct","category":"a"}', /line 2 must have a text in "gold", got undefined/],
    ['{"gold":"1","answer":"1","label":"right","category":"a"}', /line 2 must have one of correct, .* got "right"/],
    ['{"gold":"1","answer":"1","label":"correct","category":"a","note":5}', /line 2 must have a text in "note", got 5/],
  ];
  for (const [line, pattern] of cases) {
    assert.throws(
      () => readLabelledPairs(`${good}\n${line}`),
      (error) => error instanceof PairError && pattern.test(error.message),
    );
  }
});
