import fc from "fast-check";
import assert from "node:assert/strict";
import { mcNemarTest } from "../../../eval/statistics/mc_nemar.ts";
import { adjustPValues } from "../../../eval/statistics/multiple_testing.ts";
import { signFlipTest } from "../../../eval/statistics/sign_flip.ts";
import { wilcoxonTest } from "../../../eval/statistics/wilcoxon.ts";
import { close, golden } from "./_golden.ts";

const scores = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 12 });

Deno.test("mcNemarTest() agrees with exact fractions, and with statsmodels through them", () => {
  interface Case {
    leftOnly: number;
    rightOnly: number;
    exact: number;
    midP: number;
  }
  for (const { leftOnly, rightOnly, exact, midP } of golden<Case>("mc_nemar")) {
    close(mcNemarTest(leftOnly, rightOnly), exact, 1e-12);
    close(mcNemarTest(leftOnly, rightOnly, { form: "mid-p" }), midP, 1e-12);
    assert.equal(mcNemarTest(rightOnly, leftOnly), mcNemarTest(leftOnly, rightOnly));
  }
  assert.equal(mcNemarTest(0, 0), 1);
  assert.throws(() => mcNemarTest(-1, 2), /leftOnly must be an integer of 0 or more, got -1/);
});

Deno.test("mcNemarTest() is the sign-flip test of single pairs", () => {
  fc.assert(fc.property(fc.nat(7), fc.nat(7), (left, right) => {
    const differences = [...Array(left).fill(1), ...Array(right).fill(-1)] as number[];
    close(mcNemarTest(left, right), signFlipTest(differences).p, 1e-12);
  }));
});

Deno.test("wilcoxonTest() agrees with SciPy, and with counting all sign vectors where there are ties", () => {
  for (const { differences, p } of golden<{ differences: number[]; p: number }>("wilcoxon")) {
    close(wilcoxonTest(differences).p, p, 1e-10);
  }
});

Deno.test("wilcoxonTest() ignores zeros, order and scale, and is symmetric", () => {
  fc.assert(fc.property(scores, (list) => {
    const plain = wilcoxonTest(list);
    assert.ok(plain.p > 0 && plain.p <= 1);
    for (const other of [list.toReversed(), [0, ...list, 0], list.map((v) => 4 * v), list.map((v) => -v)]) {
      close(wilcoxonTest(other).p, plain.p, 1e-12);
    }
  }));
  assert.deepEqual(wilcoxonTest([0, 0]), { p: 1, positiveRanks: 0, count: 0, exact: true });
  assert.throws(() => wilcoxonTest([Infinity]), /got Infinity at 0/);
});

Deno.test("wilcoxonTest() hardly changes where counting gives way to the approximation", () => {
  const list = Array.from({ length: 200 }, (_, index) => (index % 7 < 4 ? 1 : -1) * (index + 1));
  const exact = wilcoxonTest(list);
  const longer = wilcoxonTest([...list, 0.5]);
  assert.equal(exact.exact, true);
  assert.equal(longer.exact, false);
  close(longer.p, exact.p, 0.05);
});

Deno.test("signFlipTest() agrees with SciPy's permutation test over all sign vectors", () => {
  for (const { differences, p } of golden<{ differences: number[]; p: number }>("sign_flip")) {
    const test = signFlipTest(differences);
    close(test.p, p, 1e-12);
    assert.equal(test.exact, true);
  }
});

Deno.test("signFlipTest() drawn agrees with enumerated within its error, and depends on the seed only", () => {
  fc.assert(
    fc.property(scores, fc.nat(100), (list, seed) => {
      const { p } = signFlipTest(list);
      const drawn = signFlipTest(list, { exactUpTo: 0, draws: 2000, seed });
      // Five standard errors of a share.
      const error = 5 * Math.sqrt(p * (1 - p) / 2000) + 1 / 2001;
      assert.ok(Math.abs(drawn.p - p) <= error, `${drawn.p} is not ${p}`);
      assert.deepEqual(signFlipTest(list, { exactUpTo: 0, draws: 2000, seed }), drawn);
    }),
    { numRuns: 40 },
  );
});

Deno.test("signFlipTest() does not change with order, sign or scale, and a drawn p is never 0", () => {
  fc.assert(fc.property(scores, (list) => {
    const { p } = signFlipTest(list);
    for (const other of [list.toReversed(), list.map((v) => -v), list.map((v) => v / 3)]) {
      assert.equal(signFlipTest(other).p, p);
    }
  }));
  const many = signFlipTest(Array.from({ length: 40 }, () => 1), { draws: 99 });
  assert.deepEqual(many, { p: 0.01, exact: false });
  assert.throws(() => signFlipTest([NaN]), /got NaN at 0/);
  assert.throws(() => signFlipTest([1], { draws: 0 }), /draws must be a positive integer, got 0/);
});

Deno.test("adjustPValues() agrees with statsmodels, in the order of its input", () => {
  interface Case {
    p: number[];
    holm: number[];
    benjaminiHochberg: number[];
  }
  for (const { p, holm, benjaminiHochberg } of golden<Case>("multiple_testing")) {
    adjustPValues(p).forEach((value, index) => close(value, holm[index]!, 1e-12, 1e-16));
    adjustPValues(p, "benjamini-hochberg").forEach((value, index) =>
      close(value, benjaminiHochberg[index]!, 1e-12, 1e-16)
    );
  }
});

Deno.test("adjustPValues() never lowers a p-value, Holm never below Benjamini-Hochberg, nulls stay out of the family", () => {
  const family = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });
  fc.assert(fc.property(family, (p) => {
    const [holm, bh] = [adjustPValues(p), adjustPValues(p, "benjamini-hochberg")];
    p.forEach((value, index) => {
      assert.ok((bh[index] ?? -1) >= value - 1e-15);
      assert.ok((holm[index] ?? -1) >= (bh[index] ?? 2) - 1e-15);
    });
    assert.deepEqual(adjustPValues([null, ...p, null]), [null, ...holm, null]);
  }));
  assert.throws(() => adjustPValues([0.5, 1.2]), /entry 1 must be in \[0, 1\], got 1.2/);
});
