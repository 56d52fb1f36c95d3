import assert from "node:assert/strict";
import fc from "fast-check";
import { KeyedRandom, keyedRandom, philox4x32 } from "../../data/keyed_random.ts";

function hex(block: readonly number[]): string[] {
  return block.map((word) => word.toString(16).padStart(8, "0"));
}

Deno.test("philox4x32() gives the known answers of Random123", () => {
  // kat_vectors of the Random123 distribution, philox4x32 with 10 rounds.
  const ones = 0xffffffff;
  assert.deepEqual(hex(philox4x32([0, 0, 0, 0], [0, 0])), ["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]);
  assert.deepEqual(hex(philox4x32([ones, ones, ones, ones], [ones, ones])), [
    "408f276d",
    "41c83b0e",
    "a20bc7c6",
    "6d5451fd",
  ]);
  assert.deepEqual(
    hex(philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])),
    ["d16cfe09", "94fdcceb", "5001e420", "24126ea1"],
  );
});

Deno.test("philox4x32() equals the same rounds in BigInt arithmetic", () => {
  const word = fc.nat({ max: 0xffffffff });
  const slow = (counter: readonly number[], key: readonly number[]) => {
    let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
    let [k0, k1] = key.map(BigInt) as [bigint, bigint];
    for (let round = 0; round < 10; round++) {
      const [p0, p1] = [0xD2511F53n * c0, 0xCD9E8D57n * c2];
      [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & 0xffffffffn, (p0 >> 32n) ^ c3 ^ k1, p0 & 0xffffffffn];
      [k0, k1] = [(k0 + 0x9E3779B9n) & 0xffffffffn, (k1 + 0xBB67AE85n) & 0xffffffffn];
    }
    return [c0, c1, c2, c3].map(Number);
  };
  fc.assert(fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
    assert.deepEqual(philox4x32(counter, key), slow(counter, key));
  }));
});

Deno.test("keyedRandom() gives the same numbers for the same key, whatever else was drawn", () => {
  const key = fc.array(fc.oneof(fc.string(), fc.integer()), { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(key, fc.nat({ max: 9 }), (parts, others) => {
    const first = keyedRandom(...parts);
    const expected = Array.from({ length: 6 }, () => first.uint32());
    const other = keyedRandom("other", others);
    const second = new KeyedRandom(parts);
    const found = expected.map(() => {
      for (let i = 0; i < others; i++) other.uint32();
      return second.uint32();
    });
    assert.deepEqual(found, expected);
  }));
});

Deno.test("keyedRandom() keeps keys apart that look alike as text", () => {
  const keys: (string | number)[][] = [
    ["1"],
    [1],
    ["a", "b"],
    ["ab"],
    ["a", "", "b"],
    ["b", "a"],
    ["a"],
    ["a", 0],
    [0, "a"],
    [-1],
    [],
    [""],
  ];
  const firsts = new Set(keys.map((key) => keyedRandom(...key).uniform()));
  assert.equal(firsts.size, keys.length);
});

Deno.test("KeyedRandom.uniform() stays in [0, 1) with mean 1/2 and variance 1/12", () => {
  const random = keyedRandom("uniform");
  const n = 20_000;
  const draws = Array.from({ length: n }, () => random.uniform());
  assert.ok(draws.every((draw) => draw >= 0 && draw < 1));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / n;
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / n;
  // Five standard errors: 5 · sqrt(1/12/n) = 0.0102, and sd of the squared deviation is sqrt(1/180): 5 · 0.0745/sqrt(n) = 0.0026.
  assert.ok(Math.abs(mean - 0.5) < 0.0102);
  assert.ok(Math.abs(variance - 1 / 12) < 0.0026);
});

Deno.test("KeyedRandom.uniform() of neighbouring keys is not correlated", () => {
  const n = 5000;
  const first_N = Array.from({ length: n }, (_, i) => keyedRandom("rollout", i).uniform() - 0.5);
  const lagged = first_N.slice(1).reduce((sum, draw, i) => sum + draw * (first_N[i] ?? 0), 0) / (n - 1);
  // The product of two such draws has standard deviation 1/12; five standard errors.
  assert.ok(Math.abs(lagged) < 5 / 12 / Math.sqrt(n - 1));
});

Deno.test("KeyedRandom.int() reaches both ends, evenly", () => {
  const random = keyedRandom("int");
  const counts = new Map<number, number>();
  for (let i = 0; i < 7000; i++) {
    const draw = random.int(-3, 3);
    counts.set(draw, (counts.get(draw) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort((a, b) => a - b), [-3, -2, -1, 0, 1, 2, 3]);
  // Each count has mean 1000 and standard deviation sqrt(7000 · 1/7 · 6/7) = 29.3.
  assert.ok([...counts.values()].every((count) => Math.abs(count - 1000) < 147));
});

Deno.test("KeyedRandom.int() throws RangeError when the range is empty or not whole", () => {
  assert.throws(() => keyedRandom("x").int(2, 1), /low <= high, got 2 and 1/);
  assert.throws(() => keyedRandom("x").int(0, 1.5), RangeError);
  assert.throws(() => keyedRandom("x").int(Number.NaN, 1), RangeError);
});

Deno.test("KeyedRandom.normal() has mean 0 and variance 1 and is always finite", () => {
  const random = keyedRandom("normal");
  const n = 20_000;
  const draws = Array.from({ length: n }, () => random.normal());
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / n;
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / n;
  assert.ok(draws.every(Number.isFinite));
  // Five standard errors: 5/sqrt(n), and 5 · sqrt(2/n).
  assert.ok(Math.abs(mean) < 0.0354);
  assert.ok(Math.abs(variance - 1) < 0.05);
});

Deno.test("KeyedRandom.shuffle() permutes and leaves its argument alone", () => {
  fc.assert(fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
    const before = [...items];
    const shuffled = keyedRandom(seed).shuffle(items);
    assert.deepEqual(items, before);
    assert.deepEqual([...shuffled].sort((a, b) => a - b), [...items].sort((a, b) => a - b));
  }));
});

Deno.test("KeyedRandom.shuffle() gives every order of three about equally often", () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = keyedRandom("orders", i).shuffle(["a", "b", "c"]).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  // Each count has mean 1000 and standard deviation 28.9.
  assert.ok([...counts.values()].every((count) => Math.abs(count - 1000) < 145));
});

Deno.test("KeyedRandom.sample() gives different elements, all of them if there are fewer", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.integer()), fc.nat({ max: 12 }), (items, count) => {
    const sampled = keyedRandom("sample", count).sample(items, count);
    assert.equal(sampled.length, Math.min(count, items.length));
    assert.equal(new Set(sampled).size, sampled.length);
    assert.ok(sampled.every((item) => items.includes(item)));
  }));
});

Deno.test("KeyedRandom.pick() throws RangeError on an empty list", () => {
  assert.throws(() => keyedRandom("x").pick([]), RangeError);
  assert.equal(keyedRandom("x").pick(["only"]), "only");
});
