import assert from "node:assert/strict";
import fc from "fast-check";
import { termCounts, tfIdfScores } from "../../../agents/skills/tf_idf.ts";

Deno.test("tfIdfScores() agrees with a calculation by hand", () => {
  // N = 2; idf(cat) = idf(dog) = ln(3 / 2) + 1, idf(the) = ln(3 / 3) + 1.
  const [rare, common] = [Math.log(1.5) + 1, 1];
  const [first = NaN, second = NaN] = tfIdfScores("The cat", ["the cat", "the dog"]);
  assert.ok(Math.abs(first - 1) < 1e-12);
  const length = rare * rare + common * common;
  assert.ok(Math.abs(second - common * common / length) < 1e-12);
});

Deno.test("tfIdfScores() gives 0 to everything where no term is shared", () => {
  assert.deepEqual(tfIdfScores("zebra", ["the cat", ""]), [0, 0]);
  assert.deepEqual(tfIdfScores("", ["the cat"]), [0]);
});

Deno.test("tfIdfScores() stays in [0, 1] and does not depend on the order of documents", () => {
  const words = fc.array(fc.constantFrom("aa", "bb", "cc", "dd"), { maxLength: 6 }).map((list) => list.join(" "));
  fc.assert(fc.property(words, fc.array(words, { maxLength: 5 }), (question, documents) => {
    const scores = tfIdfScores(question, documents);
    assert.ok(scores.every((score) => score >= 0 && score <= 1));
    const backwards = tfIdfScores(question, documents.toReversed()).toReversed();
    scores.forEach((score, i) => assert.ok(Math.abs(score - (backwards[i] ?? NaN)) < 1e-12));
  }));
});

Deno.test("termCounts() takes words and numbers of two characters or more, in lower case", () => {
  assert.deepEqual([...termCounts("A cat, Cat & 42!")], [["cat", 2], ["42", 1]]);
});
