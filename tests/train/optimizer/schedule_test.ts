/**
 * Learning rates against those of transformers and PyTorch (tests/fixtures/schedules), and against the warm start's own.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import golden from "../../fixtures/schedules/schedules.json" with { type: "json" };
import { type Schedule, SCHEDULE_KINDS, scheduledRate, type ScheduleKind } from "../../../train/optimizer/schedule.ts";
import { sftLearningRate } from "../../../train/recipes/sft.ts";

for (const { source, rates, ...fields } of golden.rows) {
  const schedule: Schedule = {
    ...fields,
    kind: fields.kind as ScheduleKind,
    warmupFrom: fields.warmupFrom as "step" | "zero",
  };
  Deno.test(`scheduledRate() gives the rates of ${source} over ${fields.updates} updates, ${fields.warmup} of them warm-up`, () => {
    for (const [update, expected] of rates.entries()) {
      const found = scheduledRate(schedule, update);
      assert.ok(Math.abs(found - expected) <= 1e-14 * fields.learningRate, `update ${update}: ${found}, ${expected}`);
    }
  });
}

const schedules = fc.record({
  kind: fc.constantFrom(...SCHEDULE_KINDS),
  learningRate: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  updates: fc.integer({ min: 0, max: 50 }),
  warmup: fc.integer({ min: 0, max: 50 }),
  floor: fc.double({ min: 0, max: 1, noNaN: true }),
  warmupFrom: fc.constantFrom("step" as const, "zero" as const),
});

Deno.test("scheduledRate() rises through the warm-up, never rises after it, and ends at its floor", () => {
  fc.assert(fc.property(schedules, (schedule) => {
    const { kind, learningRate, updates, warmup, floor } = schedule;
    const rates = Array.from({ length: Math.max(updates, warmup) + 4 }, (_, update) => scheduledRate(schedule, update));
    const slack = 1e-12 * learningRate;
    for (const [update, rate] of rates.entries()) {
      assert.ok(rate >= 0 && rate <= learningRate + slack);
      const next = rates[update + 1];
      if (next === undefined) continue;
      if (update + 1 < warmup) assert.ok(next > rate);
      else if (update >= warmup) assert.ok(next <= rate + slack);
    }
    const last = kind === "constant" ? learningRate : floor * learningRate;
    assert.ok(Math.abs(rates.at(-1)! - last) <= slack);
  }));
});

Deno.test("sftLearningRate() is, bit for bit, the warm-up and cosine to a tenth that warm starts always had", () => {
  for (const [learningRate, warmup, updates] of [[4e-3, 40, 500], [3e-4, 7, 51], [1, 0, 10], [2e-3, 3, 4]] as const) {
    for (let update = 0; update < updates; update++) {
      const progress = (update - warmup) / Math.max(1, updates - warmup);
      const expected = update < warmup
        ? learningRate * (update + 1) / warmup
        : learningRate * (0.1 + 0.9 * 0.5 * (1 + Math.cos(Math.PI * progress)));
      assert.equal(sftLearningRate({ learningRate, warmup, updates }, update), expected);
    }
  }
});

Deno.test("scheduledRate() throws when a number is out of range", () => {
  const schedule = { kind: "linear", learningRate: 1, updates: 4 } as const;
  assert.throws(() => scheduledRate(schedule, -1), /update must be an integer of at least 0, got -1/);
  assert.throws(() => scheduledRate({ ...schedule, warmup: 0.5 }, 0), /warmup must be an integer .* got 0\.5/);
  assert.throws(() => scheduledRate({ ...schedule, floor: 2 }, 0), /floor must be a share from 0 to 1, got 2/);
});
