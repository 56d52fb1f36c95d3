/**
 * Tests of the step budget.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Fuel, FuelExhausted } from "../../../../envs/math/grader/fuel.ts";

Deno.test("Fuel.spend() throws FuelExhausted when the steps are used up, and leaves none", () => {
  const fuel = new Fuel(10);
  fuel.spend(4);
  assert.equal(fuel.left, 6);
  assert.throws(() => fuel.spend(7), FuelExhausted);
  assert.equal(fuel.left, 0);
  assert.throws(() => fuel.spend(), FuelExhausted);
});

Deno.test("Fuel.spend() counts NaN and infinity as too many", () => {
  assert.throws(() => new Fuel(10).spend(NaN), FuelExhausted);
  assert.throws(() => new Fuel(10).spend(Infinity), FuelExhausted);
});

Deno.test("Fuel.attempt() charges what the work spent and gives undefined when its share is too small", () => {
  const fuel = new Fuel(100);
  assert.equal(fuel.attempt(0.5, (part) => (part.spend(20), "done")), "done");
  assert.equal(fuel.left, 80);
  assert.equal(fuel.attempt(0.5, (part) => part.spend(41)), undefined);
  assert.equal(fuel.left, 40);
});
