/**
 * Configuration and initial weights of the decoder.
 *
 * @module
 */
import assert from "node:assert/strict";
import { initialWeights, nanoConfig, parameterCount, parameterList } from "../../../agents/model/config.ts";

Deno.test("nanoConfig() has one to three million parameters for vocabularies from 512 to 2048", () => {
  for (const vocabulary of [512, 1024, 2048]) {
    const count = parameterCount(nanoConfig(vocabulary));
    assert.ok(count > 0.9e6 && count < 3e6, `${vocabulary} ids give ${count} parameters`);
  }
});

Deno.test("nanoConfig() throws when query heads are no multiple of key heads", () => {
  assert.throws(() => nanoConfig(8, { heads: 3, keyValueHeads: 2 }), /heads must be a multiple of keyValueHeads/);
});

Deno.test("parameterList() has a head of its own only when the head is not tied", () => {
  const names = (tiedHead: boolean) => parameterList(nanoConfig(8, { tiedHead })).map(({ name }) => name);
  assert.ok(!names(true).includes("head"));
  assert.ok(names(false).includes("head"));
});

Deno.test("initialWeights() is normal with the listed deviation when a parameter is a matrix, and 1 when it is a norm", () => {
  const config = nanoConfig(256, { layers: 2 });
  const weights = initialWeights(config, 7);
  for (const { name, deviation } of parameterList(config)) {
    const values = weights.get(name) ?? new Float32Array();
    if (deviation === undefined) assert.ok(values.every((value) => value === 1));
    else {
      const rms = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
      // The relative standard error of a deviation from n draws is 1/sqrt(2n); n is at least 12,800 here, so 5 % is over 7 errors.
      assert.ok(Math.abs(rms / deviation - 1) < 0.05, `${name}: ${rms} instead of ${deviation}`);
    }
  }
  const down = parameterList(config).find(({ name }) => name === "blocks.0.down")?.deviation;
  assert.equal(down, 0.8 / Math.sqrt(160) / Math.sqrt(4));
});

Deno.test("initialWeights() differs between seeds and repeats for one seed", () => {
  const config = nanoConfig(16, { layers: 1, width: 16, hidden: 16, headSize: 4 });
  const first = (seed: number) => [...initialWeights(config, seed).get("embedding")!.slice(0, 4)];
  assert.deepEqual(first(1), first(1));
  assert.notDeepEqual(first(1), first(2));
});
