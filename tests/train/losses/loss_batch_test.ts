import assert from "node:assert/strict";
import { NORMALISATIONS } from "../../../train/losses/batch_weights.ts";
import { lossBatch } from "../../../train/losses/loss_batch.ts";
import { LOSS_NAMES, lossSpec } from "../../../train/losses/loss_table.ts";
import { policyLoss, type Span } from "../../../train/losses/policy_loss.ts";
import { sequenceLoss } from "../../../train/losses/sequence_loss.ts";
import { lossTokens } from "../../../train/losses/loss_feeds.ts";

/** Three sequences of two groups, one without an advantage, one with two turns. */
const SEQUENCES = [
  { group: 0, advantage: 0.5, spans: [[1, 3], [4, 5]] as Span[] },
  { group: 0, advantage: 0, spans: [[2, 4]] as Span[] },
  { group: 1, advantage: -1, spans: [[1, 2]] as Span[] },
].map(({ group, advantage, spans }, b) => ({
  group,
  advantage,
  spans,
  ids: [1, 2, 3, 4, 0],
  generated: [0, 1, 2, 3, 4].map((t) => spans.some(([start, end]) => t >= start && t < end)),
  logprobs: [0, 1, 2, 3, 4].map((t) => -1 - 0.1 * t - 0.3 * b),
  referenceLogprobs: [0, 1, 2, 3, 4].map((t) => -1.2 - 0.05 * t),
}));
const NOW = SEQUENCES.map(({ logprobs }) => logprobs.map((value, t) => value + 0.05 * (t - 2)));

Deno.test("lossBatch() gives examples whose loss is that of policyLoss() for every loss, normalisation and penalty", () => {
  for (const name of LOSS_NAMES) {
    for (const normalisation of NORMALISATIONS) {
      for (const kl of [undefined, { estimator: "k3", coefficient: 0.2 } as const]) {
        const options = { normalisation, constantTokens: 8, temperature: 0.9, ...(kl === undefined ? {} : { kl }) };
        const { examples, loss } = lossBatch(name, SEQUENCES, options);
        const kept = SEQUENCES.flatMap((
          { advantage },
          b,
        ) => (advantage !== 0 || kl !== undefined || name === "sft" ? [b] : []));
        assert.equal(examples.length, kept.length);
        const found = examples.reduce((sum, example, i) => {
          const wanted = example.weights.flatMap((weight, t) => (weight === 0 ? [] : [t]));
          const tokens = lossTokens(loss, { example, wanted }, wanted.map((t) => NOW[kept[i]!]![t]!));
          return sequenceLoss(loss, tokens).reduce((total, term) => total + term.loss, sum);
        }, 0);
        const rows = SEQUENCES.map(({ group, advantage, spans, logprobs, referenceLogprobs }, b) => ({
          group,
          spans,
          advantage: name === "sft" ? 1 : advantage,
          logprobs: NOW[b]!,
          oldLogprobs: logprobs,
          referenceLogprobs,
        }));
        const expected = policyLoss(rows, lossSpec(name, options), normalisation, { constantTokens: 8 });
        assert.ok(
          Math.abs(found - expected.loss) < 1e-12,
          `${name} ${normalisation}: ${found}, expected ${expected.loss}`,
        );
        assert.equal(loss.denominator, expected.denominator);
      }
    }
  }
});

Deno.test("lossBatch() states the temperature of the samples and gives no example when nothing can be learned", () => {
  const { examples } = lossBatch("grpo", SEQUENCES, { temperature: 0.9 });
  assert.deepEqual(examples.map(({ samplingTemperature }) => samplingTemperature), [0.9, 0.9]);
  const equal = SEQUENCES.map((sequence) => ({ ...sequence, advantage: 0 }));
  assert.deepEqual(lossBatch("grpo", equal).examples, []);
});
