/**
 * Whole-model gradients against finite differences for every part that only some families have.
 *
 * @module
 */
import { initialWeights, type ModelConfig, nanoConfig, parameterList } from "../../agents/model/config.ts";
import { openDevice } from "../../agents/model/device.ts";
import { modelFromValues } from "../../agents/model/model.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import { assertWholeModelGradients } from "./_finite_differences.ts";

const device = await openDevice("cpu");
const BASE: ModelConfig = nanoConfig(13, {
  width: 8,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headSize: 8,
  hidden: 7,
  contextTokens: 64,
  embedsPrevious: false,
});
const HALF = [1, 1.3, 1.7];

const CASES: Readonly<Record<string, Partial<ModelConfig>>> = {
  "queries, keys and values have biases": { attentionBias: "qkv" },
  "all projections have biases": { attentionBias: "all", feedBias: true, tiedHead: false },
  "queries and keys are normed": { queryKeyNorm: true },
  "queries and keys are normed and have biases": { queryKeyNorm: true, attentionBias: "qkv" },
  "three quarters of a head are rotated": { rotarySize: 6 },
  "frequencies are scaled linearly": { ropeScaling: { kind: "linear", factor: 3 } },
  "frequencies are scaled as in Llama 3": {
    ropeScaling: { kind: "llama3", factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalContext: 16 },
  },
  "frequencies are scaled by YaRN": {
    ropeScaling: { kind: "yarn", factor: 4, betaFast: 32, betaSlow: 1, originalContext: 16 },
  },
  "long rows have frequencies of their own": {
    rotarySize: 6,
    ropeScaling: { kind: "longrope", shortFactor: HALF, longFactor: HALF.map((f) => 4 * f), originalContext: 8 },
  },
  "a token sees four places": { slidingWindow: 4 },
  "one head is shared by all queries": { keyValueHeads: 1 },
};

const random = keyedRandom("family-gradients");
const SEQUENCES = [15, 6].map((length) => Array.from({ length }, () => random.int(0, 12)));

for (const [title, fields] of Object.entries(CASES)) {
  Deno.test(`gradientGraph() agrees with finite differences of the whole model when ${title}`, async () => {
    const config = { ...BASE, ...fields };
    const weights = initialWeights(config, 3);
    const noise = keyedRandom("family-gradients", title);
    // Norms away from 1, biases away from 0, matrices large enough that every part matters.
    for (const { name, decays } of parameterList(config)) {
      const values = weights.get(name)!;
      for (let i = 0; i < values.length; i++) values[i] = decays ? 1.5 * values[i]! : values[i]! + 0.3 * noise.normal();
    }
    const model = modelFromValues(device, config, weights);
    await assertWholeModelGradients(model, SEQUENCES);
    await model.release();
  });
}
