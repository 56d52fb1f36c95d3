import fc from "fast-check";
import assert from "node:assert/strict";
import { keyedRandom } from "../../../data/keyed_random.ts";
import { clusterDifference, clusterMean, tInterval } from "../../../eval/statistics/cluster_mean.ts";
import type { Interval } from "../../../eval/statistics/interval.ts";
import { bcaInterval, clusterBootstrap } from "../../../eval/statistics/paired_bootstrap.ts";
import { clopperPearsonInterval, wilsonInterval } from "../../../eval/statistics/proportion_interval.ts";
import { close, golden } from "./_golden.ts";

type Ends = [number, number];

function closeEnds(actual: Interval | null, [low, high]: Ends, relative: number, absolute: number): void {
  close(actual?.low, low, relative, absolute);
  close(actual?.high, high, relative, absolute);
}

Deno.test("wilsonInterval() and clopperPearsonInterval() agree with statsmodels", () => {
  interface Case {
    successes: number;
    n: number;
    level: number;
    wilson: Ends;
    clopperPearson: Ends;
  }
  for (const { successes, n, level, wilson, clopperPearson } of golden<Case>("proportions")) {
    closeEnds(wilsonInterval(successes, n, { level }), wilson, 1e-12, 1e-15);
    closeEnds(clopperPearsonInterval(successes, n, { level }), clopperPearson, 1e-11, 1e-15);
  }
});

Deno.test("wilsonInterval() and clopperPearsonInterval() mirror when failures become successes and lie in [0, 1]", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
    const successes = Math.round(share * n);
    for (const interval of [wilsonInterval, clopperPearsonInterval]) {
      const [forth, back] = [interval(successes, n), interval(n - successes, n)];
      close(forth.low, 1 - back.high, 0, 1e-12);
      assert.ok(0 <= forth.low && forth.low <= successes / n && successes / n <= forth.high && forth.high <= 1);
    }
  }));
});

Deno.test("clopperPearsonInterval() never covers less than its level, wilsonInterval() about its level on average", () => {
  const n = 20;
  let wilsonTotal = 0;
  const chances = Array.from({ length: 99 }, (_, index) => (index + 1) / 100);
  for (const chance of chances) {
    let probability = (1 - chance) ** n;
    let [exact, wilson] = [0, 0];
    for (let successes = 0; successes <= n; successes++) {
      const holds = ({ low, high }: Interval) => (low <= chance && chance <= high ? probability : 0);
      exact += holds(clopperPearsonInterval(successes, n));
      wilson += holds(wilsonInterval(successes, n));
      probability *= (n - successes) / (successes + 1) * chance / (1 - chance);
    }
    assert.ok(exact >= 0.95 - 1e-12, `${chance}: ${exact}`);
    wilsonTotal += wilson / chances.length;
  }
  assert.ok(Math.abs(wilsonTotal - 0.95) < 0.01, String(wilsonTotal));
});

Deno.test("clusterMean() and tInterval() agree with statsmodels' clustered OLS and SciPy", () => {
  interface Case {
    values: number[];
    clusters: string[];
    level: number;
    mean: number;
    standardError: number;
    p: number;
    interval: Ends;
    tInterval: Ends;
    df: number;
  }
  for (const { values, clusters, level, ...expected } of golden<Case>("means")) {
    const actual = clusterMean(values, clusters, { level });
    close(actual.mean, expected.mean, 1e-12, 1e-15);
    close(actual.standardError, expected.standardError, 1e-11);
    close(actual.p, expected.p, 1e-9);
    closeEnds(actual.interval, expected.interval, 1e-10, 1e-12);
    assert.equal(actual.df, expected.df);
    closeEnds(tInterval(values, { level }).interval, expected.tInterval, 1e-10, 1e-12);
  }
});

Deno.test("clusterMean() does not depend on the order of the values or the names of the clusters", () => {
  const rows = fc.array(fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.nat(5)), { minLength: 2 });
  fc.assert(fc.property(rows, fc.nat(), (list, key) => {
    const of = (pairs: typeof list, prefix: string) =>
      clusterMean(pairs.map(([value]) => value), pairs.map(([, cluster]) => `${prefix}${cluster}`));
    const [plain, moved] = [of(list, "a"), of(keyedRandom("order", key).shuffle(list), "b")];
    close(moved.mean, plain.mean ?? NaN, 1e-12, 1e-13);
    assert.equal(moved.interval === null, plain.interval === null);
    if (plain.standardError !== null) close(moved.standardError, plain.standardError, 1e-9, 1e-12);
  }));
});

Deno.test("clusterDifference() mirrors when the arms are swapped", () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 9, maxLength: 9 });
  const clusters = [..."aaabbbccc"];
  fc.assert(fc.property(numbers, numbers, (left, right) => {
    const [forth, back] = [clusterDifference(left, right, clusters), clusterDifference(right, left, clusters)];
    close(forth.mean, -(back.mean ?? NaN), 1e-12, 1e-15);
    close(forth.standardError, back.standardError ?? NaN, 1e-12, 1e-15);
    if (back.interval !== null) close(forth.interval?.low, -back.interval.high, 1e-12, 1e-12);
  }));
});

Deno.test("clusterMean() has no interval where nothing varies or there is one cluster, and refuses broken input", () => {
  assert.deepEqual(clusterMean([1, 1, 1], ["a", "b", "c"]).interval, null);
  assert.deepEqual(clusterMean([1, 0], ["a", "a"]).standardError, null);
  assert.equal(clusterMean([], []).mean, null);
  assert.throws(() => clusterMean([1, NaN], ["a", "b"]), /values must be finite numbers, got NaN at 1/);
  assert.throws(() => clusterMean([1], []), /each value needs a cluster, got 1 values and 0 clusters/);
  assert.throws(() => tInterval([1, 2], { level: 95 }), /level must be in \(0, 1\), got 95/);
});

/** Share of data sets whose interval holds 0: clusters of different size around shared effects, skewed or not. */
function coverage(
  clusters: number,
  interval: (values: number[], names: string[]) => Interval | null,
  datasets = 1000,
): number {
  let covered = 0;
  for (let dataset = 0; dataset < datasets; dataset++) {
    const random = keyedRandom("interval coverage", clusters, dataset);
    const [values, names]: [number[], string[]] = [[], []];
    for (let c = 0; c < clusters; c++) {
      const shared = random.normal();
      for (let i = 0; i < 3; i++) {
        values.push(shared + random.normal());
        names.push(`s${c}`);
      }
    }
    const { low, high } = interval(values, names) ?? { low: 1, high: 1 };
    if (low <= 0 && 0 <= high) covered++;
  }
  return covered / datasets;
}

Deno.test("clusterMean() covers the truth as often as it says, with few and with many clusters", () => {
  // The sampling error of the share is 0.7 points.
  for (const clusters of [4, 10, 40]) {
    const share = coverage(clusters, (values, names) => clusterMean(values, names).interval);
    assert.ok(Math.abs(share - 0.95) < 0.021, `${clusters}: ${share}`);
  }
  // Siblings taken as independent cover far too little, which is why clusters are the default.
  assert.ok(coverage(10, (values) => tInterval(values).interval) < 0.9);
});

Deno.test("clusterBootstrap() covers about as often as it says with many clusters", () => {
  for (const kind of ["percentile", "bca"] as const) {
    const share = coverage(30, (values, names) => clusterBootstrap(values, names, { kind, resamples: 200 }), 500);
    assert.ok(share > 0.9 && share < 0.98, `${kind}: ${share}`);
  }
});

Deno.test("bcaInterval() agrees with SciPy on the same resamples", () => {
  interface Case {
    estimate: number;
    level: number;
    jackknife: number[];
    resampled: number[];
    interval: Ends;
  }
  for (const { estimate, level, jackknife, resampled, interval } of golden<Case>("bca")) {
    closeEnds(bcaInterval(estimate, resampled, jackknife, { level }), interval, 1e-8, 1e-9);
  }
});

Deno.test("clusterBootstrap() is the same for the same seed in any order of rows, and null where nothing varies", () => {
  const values = [1.3, 0.1, 3.7, -1.9, 2.2, 5.1, 0.4, 1.6, -0.7, 0.9, 2.8, -3.3];
  const names = [..."aabbccddeeff"];
  for (const kind of ["percentile", "bca"] as const) {
    const plain = clusterBootstrap(values, names, { kind, seed: 4 });
    const reversed = clusterBootstrap(values.toReversed(), names.toReversed(), { kind, seed: 4 });
    assert.deepEqual(reversed, plain);
    assert.notDeepEqual(clusterBootstrap(values, names, { kind, seed: 5 }), plain);
  }
  assert.equal(clusterBootstrap([1, 1, 1], ["a", "b", "c"]), null);
  assert.equal(clusterBootstrap([1, 2], ["a", "a"]), null);
  assert.throws(() => clusterBootstrap([1], ["a"], { resamples: 0 }), /resamples must be a positive integer, got 0/);
});
