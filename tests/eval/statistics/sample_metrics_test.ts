import fc from "fast-check";
import assert from "node:assert/strict";
import { type JudgedSample, majorityAtK } from "../../../eval/statistics/majority_at_k.ts";
import { passAtK, passHatK } from "../../../eval/statistics/pass_at_k.ts";
import { sampleMetric, type SampleRow } from "../../../eval/statistics/sample_metrics.ts";
import { close, golden } from "./_golden.ts";

/** One letter per sample: R is right, - is no answer. */
function samplesOf(text: string): JudgedSample[] {
  return [...text].map((letter) => ({ answer: letter === "-" ? null : letter, correct: letter === "R" }));
}

const letters = fc.array(fc.constantFrom("R", "R", "a", "b", "c", "-"), { minLength: 1, maxLength: 14 })
  .map((list) => list.join(""));

Deno.test("passAtK() and passHatK() agree with exact fractions", () => {
  interface Case {
    n: number;
    correct: number;
    k: number;
    pass: number;
    passHat: number;
  }
  for (const { n, correct, k, pass, passHat } of golden<Case>("pass_at_k")) {
    close(passAtK(n, correct, k), pass, 1e-12, 1e-15);
    close(passHatK(n, correct, k), passHat, 1e-11, 1e-300);
  }
});

Deno.test("passAtK() rises with k and passHatK() falls, both start at the share of right samples", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (n, pick) => {
    const correct = pick % (n + 1);
    close(passAtK(n, correct, 1), correct / n, 1e-12, 1e-15);
    close(passHatK(n, correct, 1), correct / n, 1e-12, 1e-15);
    for (let k = 2; k <= n; k += 1 + Math.floor(n / 20)) {
      assert.ok(passAtK(n, correct, k) >= passAtK(n, correct, k - 1) - 1e-15);
      assert.ok(passHatK(n, correct, k) <= passHatK(n, correct, k - 1) + 1e-15);
    }
  }));
  assert.ok(passAtK(1e6, 5e5, 5e5) === 1, "no overflow");
  assert.throws(() => passAtK(3, 1, 4), /1 <= k <= n, got n = 3, correct = 1, k = 4/);
});

Deno.test("majorityAtK() agrees with voting in every subset", () => {
  for (
    const { samples, k, share, wrong } of golden<{ samples: string; k: number; share: number; wrong: number }>(
      "majority_at_k",
    )
  ) {
    const actual = majorityAtK(samplesOf(samples), k);
    close(actual.value, share, 1e-12, 1e-15);
    assert.equal(actual.exact, true);
    close(majorityAtK(samplesOf(samples), k, { ties: "wrong" }).value, wrong, 1e-12, 1e-15);
  }
});

Deno.test("majorityAtK() equals pass@1 at k = 1 and does not depend on the order", () => {
  fc.assert(fc.property(letters, fc.nat(), (text, pick) => {
    const samples = samplesOf(text);
    const right = samples.filter((sample) => sample.correct).length;
    close(majorityAtK(samples, 1).value, right / samples.length, 1e-12, 1e-15);
    const k = 1 + pick % samples.length;
    assert.equal(majorityAtK(samples.toReversed(), k).value, majorityAtK(samples, k).value);
  }));
});

Deno.test("majorityAtK() drawn agrees with counted within its error", () => {
  fc.assert(
    fc.property(letters, fc.nat(), (text, pick) => {
      const samples = samplesOf(text);
      const k = 1 + pick % samples.length;
      const drawn = majorityAtK(samples, k, { exactSteps: 0, draws: 2000 });
      assert.equal(drawn.exact, false);
      const counted = majorityAtK(samples, k).value;
      const error = 5 * Math.sqrt(Math.max(0, counted * (1 - counted)) / 2000) + 1e-9;
      assert.ok(Math.abs(drawn.value - counted) <= error, `${text} ${k}: ${drawn.value} is not ${counted}`);
    }),
    { numRuns: 30 },
  );
});

Deno.test("majorityAtK() counts 64 samples in as many classes, and draws where it cannot count", () => {
  const many = Array.from({ length: 64 }, (_, index) => ({ answer: String(index), correct: index < 8 }));
  // All 64: the right class has 8 votes, the others one each.
  close(majorityAtK(many, 64).value, 1, 1e-12);
  const value = majorityAtK(many, 32).value;
  assert.ok(value > 0.9 && value < 1, String(value));
  assert.throws(() => majorityAtK(many, 65), /from 1 to the 64 samples, got 65/);
});

Deno.test("sampleMetric() averages over problems, clusters by scenario and names problems with too few samples", () => {
  const rows: SampleRow[] = [["p1", "s1", "RRaa"], ["p2", "s1", "Raaa"], ["p3", "s2", "aaab"], ["p4", "s2", "RR"]]
    .flatMap(
      ([problem, scenario, text]) =>
        samplesOf(text!).map((sample) => ({ ...sample, problem: problem!, scenario: scenario! })),
    );
  const single = sampleMetric(rows, "pass@1");
  close(single.mean, (0.5 + 0.25 + 0 + 1) / 4, 1e-12);
  assert.equal(single.clusters, 2);
  const four = sampleMetric(rows, "pass@k", 4);
  close(four.mean, 2 / 3, 1e-12);
  assert.deepEqual(four.skipped, ["p4"]);
  close(sampleMetric(rows, "pass^k", 2).mean, (1 / 6 + 0 + 0 + 1) / 4, 1e-12);
  // p1: RR wins, aa loses, the four mixed pairs tie; p2: three of six pairs hold R, each a tie.
  close(sampleMetric(rows, "maj@k", 2).mean, (0.5 + 0.25 + 0 + 1) / 4, 1e-12);
  assert.equal(sampleMetric(rows.map(({ scenario: _, ...row }) => row), "pass@1").clusters, 4);
  assert.throws(() => sampleMetric([...rows, { ...rows[0]!, scenario: "s9" }], "pass@1"), /p1 must be in one scenario/);
  assert.throws(() => sampleMetric(rows, "pass@k", 0), /k must be a positive integer, got 0/);
});
