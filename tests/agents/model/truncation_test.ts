/**
 * Truncation against the logits warpers of Hugging Face transformers, against sorting, and its arithmetic.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { truncates, Truncation } from "../../../agents/model/truncation.ts";
import type { Sampling } from "../../../agents/policy.ts";

interface Case {
  readonly sampling: Sampling;
  readonly logits: readonly number[];
  readonly kept: readonly number[];
  readonly full: readonly number[];
  readonly logprobs: readonly (number | null)[];
}

const CASES: readonly Case[] = JSON.parse(
  await Deno.readTextFile(new URL("../../fixtures/sampling/truncation.json", import.meta.url)),
);

/** Probabilities in float32, as a graph gives them. */
function probabilities(logits: readonly number[], temperature: number): Float32Array {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp((logit - most) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return Float32Array.from(powers, (power) => power / sum);
}

function keptIds(p: Float32Array, sampling: Sampling): number[] {
  const cut = new Truncation(sampling).cut(p, 0, p.length);
  return [...p.keys()].filter((id) => p[id]! >= cut);
}

Deno.test("Truncation keeps the tokens that the warpers of transformers keep, with their log-probabilities, when nothing ties", () => {
  assert.ok(CASES.length >= 30);
  for (const [index, { sampling, logits, kept, full, logprobs }] of CASES.entries()) {
    const p = probabilities(logits, sampling.temperature);
    assert.deepEqual(keptIds(p, sampling), kept, `case ${index}: ${JSON.stringify(sampling)}`);
    const truncation = new Truncation(sampling);
    const drawn = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const token = truncation.draw(p, 0, p.length, (i + 0.5) / 200);
      drawn.add(token.id);
      assert.ok(Math.abs(token.logprob - logprobs[token.id]!) < 2e-6, `case ${index}, id ${token.id}`);
      assert.ok(Math.abs(token.fullLogprob - full[token.id]!) < 2e-6);
      const least = Math.min(...kept.map((id) => full[id]!));
      const dropped = full.filter((_, id) => !kept.includes(id));
      const border = dropped.length === 0 ? -Infinity : (least + Math.max(...dropped)) / 2;
      // A probability below the smallest float32 counts as dropped by nobody.
      if (border < -80) continue;
      assert.ok(Math.abs(token.threshold - border) < 1e-5, `case ${index}: ${token.threshold} instead of ${border}`);
    }
    assert.ok([...drawn].every((id) => kept.includes(id)));
  }
});

Deno.test("Truncation.cut() keeps what sorting keeps when probabilities are any numbers, ties at the border included", () => {
  const numbers = fc.array(
    fc.oneof(fc.constantFrom(0, 1, 2, 3, 1e-30, 1e-38), fc.float({ min: 0, max: 4, noNaN: true })),
    {
      minLength: 1,
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(
      numbers,
      fc.integer({ min: 1, max: 70 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (list, k, topP) => {
        fc.pre(list.some((number) => number > 0));
        const p = Float32Array.from(list, (number) => Math.abs(number));
        const sorted = [...p].sort((a, b) => b - a);
        assert.deepEqual(
          keptIds(p, { temperature: 1, topK: k }),
          [...p.keys()].filter((id) => p[id]! >= sorted[Math.min(k, p.length) - 1]!),
        );
        const kept = keptIds(p, { temperature: 1, topP });
        const total = sorted.reduce((a, b) => a + b, 0);
        const mass = kept.reduce((sum, id) => sum + p[id]!, 0);
        const least = Math.min(...kept.map((id) => p[id]!));
        assert.ok(mass >= topP * total * (1 - 1e-12));
        // Without the least probable ones, too little would be left.
        if (kept.length < p.length) {
          assert.ok(
            kept.filter((id) => p[id]! > least).reduce((sum, id) => sum + p[id]!, 0) < topP * total * (1 + 1e-12),
          );
        }
        assert.ok([...p.keys()].every((id) => kept.includes(id) === (p[id]! >= least)));
      },
    ),
  );
});

Deno.test("Truncation.draw() gives log-probabilities that sum to 1 over the kept tokens", () => {
  const p = probabilities([3, 2, 1.5, 1, 0.5, 0, -1], 1);
  const truncation = new Truncation({ temperature: 1, topP: 0.9, topK: 5 });
  const shares = new Map<number, number>();
  for (let i = 0; i < 1000; i++) {
    const { id, logprob } = truncation.draw(p, 0, p.length, i / 1000);
    shares.set(id, Math.exp(logprob));
  }
  assert.ok(Math.abs([...shares.values()].reduce((a, b) => a + b, 0) - 1) < 1e-6);
});

Deno.test("Truncation.draw() reads its own row when several follow each other", () => {
  const p = Float32Array.of(0.9, 0.1, 0, 0.25, 0.25, 0.5);
  const truncation = new Truncation({ temperature: 1, topK: 1 });
  assert.equal(truncation.draw(p, 0, 3, 0.99).id, 0);
  assert.equal(truncation.draw(p, 3, 3, 0).id, 2);
  assert.equal(truncation.draw(p, 3, 3, 0).threshold, (Math.log(0.5) + Math.log(0.25)) / 2);
});

Deno.test("Truncation keeps all tokens that tie with the last one kept", () => {
  const p = Float32Array.of(0.25, 0.25, 0.25, 0.25);
  for (const sampling of [{ temperature: 1, topK: 2 }, { temperature: 1, topP: 0.3 }, { temperature: 1, minP: 1 }]) {
    assert.deepEqual(keptIds(p, sampling), [0, 1, 2, 3]);
    assert.equal(new Truncation(sampling).draw(p, 0, 4, 0.6).threshold, -Infinity);
  }
});

Deno.test("truncates() says whether any token may be dropped", () => {
  assert.equal(truncates({ temperature: 1 }), false);
  assert.equal(truncates({ temperature: 1, topK: 0, topP: 1, minP: 0 }), false);
  assert.equal(truncates({ temperature: 0, topK: 3 }), false);
  assert.equal(truncates({ temperature: 1, minP: 0.1 }), true);
});

Deno.test("Truncation throws a RangeError when a field is out of its range", () => {
  for (
    const [field, value] of [["temperature", -1], ["topK", 1.5], ["topK", -1], ["topP", 0], ["topP", 1.1], [
      "minP",
      2,
    ]] as const
  ) {
    assert.throws(
      () => new Truncation({ temperature: 1, [field]: value }),
      new RegExp(`${field} must be .*got ${value}`),
    );
  }
});
