/**
 * Tests of exact rational arithmetic.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Fuel } from "../../../../envs/math/grader/fuel.ts";
import * as Q from "../../../../envs/math/grader/rational.ts";

const fuel = () => new Fuel(1e9);
const rationals = fc.tuple(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.bigInt(1n, 10n ** 20n)).map(([n, d]) =>
  Q.rational(n, d, fuel())
);

Deno.test("rational() keeps lowest terms and a positive denominator", () => {
  fc.assert(fc.property(rationals, rationals, (a, b) => {
    for (const value of [Q.add(a, b, fuel()), Q.multiply(a, b, fuel()), Q.subtract(a, b, fuel())]) {
      assert.ok(value.d > 0n);
      assert.equal(Q.gcd(value.n, value.d, fuel()), 1n);
    }
  }));
});

Deno.test("add(), multiply() and divide() obey the laws of a field", () => {
  fc.assert(fc.property(rationals, rationals, rationals, (a, b, c) => {
    const left = Q.multiply(a, Q.add(b, c, fuel()), fuel());
    assert.deepEqual(left, Q.add(Q.multiply(a, b, fuel()), Q.multiply(a, c, fuel()), fuel()));
    if (b.n !== 0n) assert.deepEqual(Q.multiply(Q.divide(a, b, fuel()), b, fuel()), a);
    assert.deepEqual(Q.subtract(Q.add(a, b, fuel()), b, fuel()), a);
  }));
});

Deno.test("integerRoot() is the floor of the root", () => {
  fc.assert(fc.property(fc.bigInt(0n, 10n ** 60n), fc.integer({ min: 1, max: 9 }), (value, degree) => {
    const root = Q.integerRoot(value, degree, fuel());
    assert.ok(root ** BigInt(degree) <= value && (root + 1n) ** BigInt(degree) > value);
  }));
});

Deno.test("floor() rounds down on both sides of zero", () => {
  assert.deepEqual([7n, -7n, 6n, -6n].map((n) => Q.floor(Q.rational(n, 2n, fuel()))), [3n, -4n, 3n, -3n]);
});

Deno.test("toNumber() keeps precision where numerator and denominator overflow a double", () => {
  const huge = 10n ** 400n;
  assert.ok(Math.abs(Q.toNumber({ n: huge + 1n, d: 3n * huge }) * 3 - 1) < 1e-15);
  assert.equal(Q.toNumber({ n: 1n, d: huge }), 0);
});

Deno.test("rational() and invert() throw UndefinedValue on a zero denominator", () => {
  assert.throws(() => Q.rational(1n, 0n, fuel()), Q.UndefinedValue);
  assert.throws(() => Q.invert(Q.ZERO), Q.UndefinedValue);
});

Deno.test("power() is charged before it is computed", () => {
  assert.throws(() => Q.power(Q.integer(3), 10n ** 9n, new Fuel(1000)), /budget/);
});
