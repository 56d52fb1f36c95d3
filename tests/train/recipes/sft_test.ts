import assert from "node:assert/strict";
import fc from "fast-check";
import { sftBatch, sftExamples, sftLearningRate, sftUnits } from "../../../train/recipes/sft.ts";

Deno.test("sftLearningRate() rises linearly, then falls as a cosine to a tenth", () => {
  const config = { learningRate: 1, warmup: 4, updates: 104 };
  assert.deepEqual([0, 1, 3].map((update) => sftLearningRate(config, update)), [0.25, 0.5, 1]);
  assert.equal(sftLearningRate(config, 4), 1);
  // Half-way: (0.1 + 0.9 / 2).
  assert.ok(Math.abs(sftLearningRate(config, 54) - 0.55) < 1e-12);
  assert.ok(Math.abs(sftLearningRate(config, 104) - 0.1) < 1e-12);
});

Deno.test("sftBatch() shows every demonstration once in each epoch, whatever the batch size", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 30 }), (batchSize, count) => {
    const updates = Math.ceil(2 * count / batchSize);
    const shown = Array.from({ length: updates }, (_, update) => sftBatch({ batchSize }, count, 1, update)).flat();
    const everything = Array.from({ length: count }, (_, i) => i);
    assert.deepEqual(shown.slice(0, count).toSorted((a, b) => a - b), everything);
    assert.deepEqual(shown.slice(count, 2 * count).toSorted((a, b) => a - b), everything);
  }));
});

Deno.test("sftExamples() weighs assistant tokens equally, adds up to 1 and masks the rest", () => {
  const [first, second] = sftExamples([
    { ids: [1, 2, 3], assistant: [false, true, true] },
    { ids: [4, 5], assistant: [false, true] },
  ]);
  assert.deepEqual(first?.weights, [0, 1 / 3, 1 / 3]);
  assert.deepEqual(second?.weights, [0, 1 / 3]);
});

Deno.test("sftUnits() names a unit for the rest when updates do not divide evenly", () => {
  assert.deepEqual(sftUnits({ updates: 5, checkpointEvery: 2 }), ["sft/0", "sft/1", "sft/2"]);
});
