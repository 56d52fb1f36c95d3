import assert from "node:assert/strict";
import { normaliseAnswer } from "../../../envs/apps/normalise_answer.ts";

Deno.test("normaliseAnswer() makes equal what the rules call equal", () => {
  const same: [null | number | string, string][] = [
    [null, "null"],
    ["", "null"],
    ["  ", "null"],
    [42, "42"],
    ["42.0", "42"],
    [" 42.50 ", "42.5"],
    [42.504, "42.5"],
    [-0, "0"],
    ["-0.001", "0"],
    ["1e3", "1000"],
    [".5", "0.5"],
    ["Seven", "7"],
    ["twenty-one", "21"],
    ["Ninety nine", "99"],
    ["fifty", "50"],
    ['"Ada  Tarn"', "ada tarn"],
    ["'x'", "x"],
    ["555-0123", "555-0123"],
    ["2027-03-15", "2027-03-15"],
    ["twenty-ten", "twenty-ten"],
  ];
  for (const [answer, normal] of same) assert.equal(normaliseAnswer(answer), normal, String(answer));
});

Deno.test("normaliseAnswer() keeps units, currencies and commas", () => {
  for (const answer of ["$12", "12 euro", "12,", "1,000", "a, b"]) {
    assert.notEqual(normaliseAnswer(answer), normaliseAnswer(12));
  }
  assert.notEqual(normaliseAnswer("a, b"), normaliseAnswer("b, a"));
});

Deno.test("normaliseAnswer() rounds exact binary ties to even", () => {
  assert.equal(normaliseAnswer(0.125), "0.12");
  assert.equal(normaliseAnswer(0.375), "0.38");
  assert.equal(normaliseAnswer(-0.125), "-0.12");
  assert.equal(normaliseAnswer(2.675), "2.67");
});
