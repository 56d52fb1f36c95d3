/**
 * The trainer with every named loss: whole-model gradients, the accounting of an update, splits, padding and temperatures.
 *
 * @module
 */
import assert from "node:assert/strict";
import { initialWeights, nanoConfig, parameterList } from "../../agents/model/config.ts";
import { sequenceGraph } from "../../agents/model/decoder.ts";
import { openDevice } from "../../agents/model/device.ts";
import { LocalPolicy } from "../../agents/model/local_policy.ts";
import { type Model, modelFromValues } from "../../agents/model/model.ts";
import { SequencePacker } from "../../agents/model/sequence_batch.ts";
import { keyedRandom } from "../../data/keyed_random.ts";
import type { LossSpec, OptimizerSpec, PolicyLossSpec, TrainExample } from "../../train/example.ts";
import { gradientGraph } from "../../train/gradient_graph.ts";
import { batchWeights } from "../../train/losses/batch_weights.ts";
import { lossFeeds } from "../../train/losses/loss_feeds.ts";
import { LOSS_NAMES, lossSpec } from "../../train/losses/loss_table.ts";
import { countRows, type LossRow, policyLoss } from "../../train/losses/policy_loss.ts";
import { OnnxTrainer } from "../../train/onnx_trainer.ts";
import { TrainBatchError } from "../../train/train_rows.ts";

const device = await openDevice("cpu");
const CONFIG = nanoConfig(13, {
  width: 8,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headSize: 4,
  hidden: 7,
  contextTokens: 40,
});
const SPEC: OptimizerSpec = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-4,
  weightDecay: 0,
  maxGradNorm: 1,
};
const TOKENIZER = { vocabularySize: 13, specials: {}, encode: () => [], decode: () => "" };
/** Every named loss once with each penalty or none in turn, with bounds that clip some ratios and not all. */
const NAMED_CASES: readonly { name: string; spec: PolicyLossSpec }[] = LOSS_NAMES.map((name, i) => {
  const kl = ([undefined, "k1", "k2", "k3"] as const)[i % 4];
  return {
    name,
    spec: lossSpec(name, {
      temperature: 0.7,
      // A mean of ratios strays less than a single one.
      clipLow: name === "gspo" ? 0.02 : 0.05,
      clipHigh: name === "gspo" ? 0.025 : 0.06,
      ...(kl === undefined ? {} : { kl: { estimator: kl, coefficient: 0.3 } }),
    }),
  };
});
/** The same clipped losses with a dual clip that caps some of the ratios whose advantage is negative. */
const CASES = [
  ...NAMED_CASES,
  ...(["dapo", "gspo"] as const).map((name) => ({
    name: `${name} with a dual clip`,
    spec: lossSpec(name, { temperature: 0.7, clipLow: 0.02, clipHigh: 0.025, dualClip: 1.03 }),
  })),
];

function lively(): Model {
  const weights = initialWeights(CONFIG, 3);
  for (const { name, decays } of parameterList(CONFIG)) {
    if (decays) { for (const [i, w] of weights.get(name)!.entries()) weights.get(name)![i] = w * 1.5; }
  }
  return modelFromValues(device, CONFIG, weights);
}

/** Weights of the model in one list, changed in place. */
function parameters(model: Model): Float32Array[] {
  return parameterList(CONFIG).map(({ name }) => model.weights.get(name)!.data as Float32Array);
}

/** Rows of two turns each; all are graded, id 0 (which also pads) ends each row. */
const rows = [9, 17, 6, 25].map((length, group) => {
  const random = keyedRandom("trainer-losses-test", group);
  const ids = Array.from({ length }, (_, t) => (t === length - 1 ? 0 : random.int(0, 12)));
  return {
    ids,
    group: group % 2,
    spans: [[2, 4], [length - 2, length]] as const,
    advantage: random.normal(),
    noise: ids.map(() => 0.1 * random.normal()),
    referenceNoise: ids.map(() => 0.3 * random.normal()),
  };
});
const inSpans = (row: typeof rows[number], t: number) => row.spans.some(([start, end]) => t >= start && t < end);
const weights = batchWeights(countRows(rows), "sequence");

/** Log-probabilities of the rows' loss tokens at a temperature, each row run alone without padding of other rows; 0 elsewhere. */
async function modelLogprobs(model: Model, temperature: number): Promise<number[][]> {
  const { graph, logprobs_M } = sequenceGraph(CONFIG);
  graph.output("logprobs", logprobs_M);
  const session = await device.session(graph.serialize());
  const lists: number[][] = [];
  for (const row of rows) {
    const wanted = row.ids.flatMap((_, t) => (inSpans(row, t) ? [t] : []));
    const { logprobs } = await session.run({
      ...model.feeds(),
      ...new SequencePacker(device, CONFIG).pack([{ ids: row.ids, wanted }], 32),
      inverse_temperature: device.float(Float32Array.of(1 / temperature), []),
    });
    const list = row.ids.map(() => 0);
    for (const [m, t] of wanted.entries()) list[t] = Number(logprobs!.data[m]);
    lists.push(list);
  }
  await session.release();
  return lists;
}

/** The rows as the float64 functions and as the trainer want them. */
async function batchFor(model: Model): Promise<{ lossRows: LossRow[]; examples: TrainExample[] }> {
  const logprobs = await modelLogprobs(model, 0.7);
  const lossRows = rows.map((row, b): LossRow => ({
    group: row.group,
    spans: row.spans,
    advantage: row.advantage,
    logprobs: logprobs[b]!,
    oldLogprobs: logprobs[b]!.map((value, t) => value + row.noise[t]!),
    referenceLogprobs: logprobs[b]!.map((value, t) => value + row.referenceNoise[t]!),
  }));
  const examples = rows.map((row, b): TrainExample => ({
    ids: row.ids,
    weights: row.ids.map((_, t) => (inSpans(row, t) ? weights.weights_B[b]! : 0)),
    advantages: row.ids.map(() => row.advantage),
    oldLogprobs: lossRows[b]!.oldLogprobs!,
    referenceLogprobs: lossRows[b]!.referenceLogprobs!,
    samplingTemperature: 0.7,
  }));
  return { lossRows, examples };
}

const near = (found: number | undefined, expected: number, tolerance: number) => {
  return found !== undefined && Math.abs(found - expected) <= tolerance * (1 + Math.abs(expected));
};

for (const { name, spec } of CASES) {
  Deno.test(`OnnxTrainer.update() accounts for ${name} as the float64 functions do, however the batch is split`, async () => {
    const gradNorms: number[] = [];
    for (const microBatchTokens of [4096, 64, 1]) {
      const model = lively();
      const { lossRows, examples } = await batchFor(model);
      const expected = policyLoss(lossRows, spec, "sequence");
      const stats = await new OnnxTrainer(model, { microBatchTokens }).update(
        examples,
        { ...spec, denominator: weights.denominator },
        SPEC,
      );
      for (const key of ["loss", "numerator", "denominator", "clipShare", "klK1", "klK2", "klK3", "ess"] as const) {
        assert.ok(near(stats[key], expected[key], 2e-5), `${key} is ${stats[key]}, expected ${expected[key]}`);
      }
      assert.equal(stats.lossTokens, 16);
      assert.deepEqual([stats.temperature, stats.samplingTemperature], [0.7, 0.7]);
      assert.ok(
        spec.kl === undefined ? stats.referenceKl === undefined : near(stats.referenceKl, expected.referenceKl, 2e-5),
      );
      if (spec.form !== "logprob") {
        assert.ok(stats.clipShare > 0 && stats.clipShare < 1, `clip share ${stats.clipShare}`);
      }
      gradNorms.push(stats.gradNorm);
      await model.release();
    }
    for (const norm of gradNorms) assert.ok(near(norm, gradNorms[0]!, 1e-5), `norms ${gradNorms}`);
  });

  Deno.test(`gradientGraph() agrees with finite differences of the whole model when the loss is ${name}`, async () => {
    const model = lively();
    const { lossRows, examples } = await batchFor(model);
    const { gradLogprobs } = policyLoss(lossRows, spec, "sequence");
    const slots = rows.flatMap((row, b) => row.ids.flatMap((_, t) => (inSpans(row, t) ? [{ b, t }] : [])));
    const session = await device.session(gradientGraph(CONFIG, spec).serialize());
    const zeros = Object.fromEntries(
      parameterList(CONFIG).map(({ name, shape }) => {
        return [`g.${name}`, device.float(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)];
      }),
    );
    const sequences = rows.map((row, b) => {
      return { ids: row.ids, example: examples[b]!, wanted: row.ids.flatMap((_, t) => (inSpans(row, t) ? [t] : [])) };
    });
    const feeds = {
      ...zeros,
      ...new SequencePacker(device, CONFIG).pack(sequences, 32),
      ...lossFeeds(device, { ...spec, denominator: weights.denominator }, sequences),
    };
    const results = await session.run({ ...model.feeds(), ...feeds });
    const grads = parameterList(CONFIG).map(({ name }) => results[`next.g.${name}`]!.data as Float32Array);
    const norm = Math.hypot(...grads.flatMap((grad) => [...grad]));
    // The slopes of the float64 loss are fixed, so that the factor that CISPO holds constant is constant here too.
    const at = async (step: number) => {
      const lists = parameters(model);
      const kept = lists.map((list) => list.slice());
      lists.forEach((list, p) => list.forEach((_, i) => list[i] = kept[p]![i]! + step * grads[p]![i]! / norm));
      const logprobs = await modelLogprobs(model, 0.7);
      lists.forEach((list, p) => list.set(kept[p]!));
      return slots.reduce((sum, { b, t }) => sum + gradLogprobs[b]![t]! * logprobs[b]![t]!, 0);
    };
    const h = 4e-3;
    const rise = (8 * (await at(h) - await at(-h)) - (await at(2 * h) - await at(-2 * h))) / (12 * h);
    assert.ok(norm > 1e-2 && Math.abs(rise - norm) < 2e-3 * (1 + norm), `rise ${rise}, norm ${norm}`);
    await session.release();
    await model.release();
  });
}

Deno.test("OnnxTrainer.update() reports the entropy of the policy at the loss's temperature", async () => {
  const model = lively();
  const { examples } = await batchFor(model);
  const { graph, logprobs_M } = sequenceGraph(CONFIG);
  graph.output("logprobs", logprobs_M);
  const session = await device.session(graph.serialize());
  const packed = new SequencePacker(device, CONFIG).pack(
    rows.map((row) => ({ ids: row.ids, wanted: row.ids.flatMap((_, t) => (inSpans(row, t) ? [t] : [])) })),
    32,
  );
  let expected = 0;
  // One run for each possible next token gives the whole distribution.
  for (let id = 0; id < CONFIG.vocabularySize; id++) {
    const { logprobs } = await session.run({
      ...model.feeds(),
      ...packed,
      targets: device.int32(new Int32Array(16).fill(id), [16]),
      inverse_temperature: device.float(Float32Array.of(1 / 0.7), []),
    });
    for (const value of logprobs!.data as Float32Array) expected -= Math.exp(value) * value / 16;
  }
  await session.release();
  const { entropy } = await new OnnxTrainer(model).update(examples, lossSpec("grpo", { temperature: 0.7 }), SPEC);
  assert.ok(near(entropy, expected, 1e-5), `entropy ${entropy}, expected ${expected}`);
});

Deno.test("OnnxTrainer.update() finds ratios of 1 within 1e-5 for every loss when the policy that sampled is trained at once", async () => {
  const model = lively();
  const policy = new LocalPolicy(model, TOKENIZER, { slots: 2 });
  const examples: TrainExample[] = [];
  const conversations = [0, 1, 2].map((index) => {
    const [ids, oldLogprobs]: [number[], number[]] = [[1, 2, 3 + index], [0, 0, 0]];
    let turns = 0;
    return {
      key: ["on-policy", index],
      promptIds: [...ids],
      onTurn(turn: { ids: readonly number[]; logprobs: readonly number[] }) {
        ids.push(...turn.ids);
        oldLogprobs.push(...turn.logprobs);
        if (++turns < 2) {
          ids.push(5, 6);
          oldLogprobs.push(0, 0);
          return Promise.resolve([5, 6]);
        }
        const weights = oldLogprobs.map((value) => (value === 0 ? 0 : 0.1));
        const common = { ids, weights, oldLogprobs, advantages: ids.map(() => 1 - index) };
        examples.push({ ...common, referenceLogprobs: oldLogprobs, samplingTemperature: 0.7 });
        return Promise.resolve(null);
      },
    };
  });
  await policy.converse(conversations, { sampling: { temperature: 0.7 }, maxTurnTokens: 6, stopIds: [0] });
  assert.equal(examples.length, 3);
  const before = await model.values();
  for (const name of LOSS_NAMES) {
    const fresh = modelFromValues(device, CONFIG, before);
    const spec = lossSpec(name, { temperature: 0.7, kl: { estimator: "k3", coefficient: 0.1 } });
    const stats = await new OnnxTrainer(fresh).update(examples, spec, SPEC);
    assert.ok(stats.maxRatioError < 1e-5, `${name}: largest ratio error ${stats.maxRatioError}`);
    assert.ok(stats.clipShare === 0 && near(stats.ess, stats.lossTokens, 1e-9) && Math.abs(stats.referenceKl!) < 1e-9);
    await fresh.release();
  }
  // At another temperature the same tokens look as if another policy had sampled them; that is refused where it is known.
  const wrong: LossSpec = lossSpec("grpo", { temperature: 1 });
  const trainer = new OnnxTrainer(modelFromValues(device, CONFIG, before));
  await assert.rejects(trainer.update(examples, wrong, SPEC), (error) => {
    return error instanceof TrainBatchError &&
      /samplingTemperature must be the loss's temperature 1, got 0.7/.test(error.message);
  });
  const unstated = examples.map(({ samplingTemperature: _, ...example }) => example);
  assert.ok((await trainer.update(unstated, wrong, SPEC)).maxRatioError > 0.05);
});

Deno.test("OnnxTrainer.update() leaves the weights as they are when all advantages are zero", async () => {
  for (const { name, spec } of CASES) {
    const model = lively();
    const { examples } = await batchFor(model);
    const before = await model.fingerprint();
    const { kl: _, ...plain } = spec;
    const equal = examples.map((example) => ({ ...example, advantages: example.ids.map(() => 0) }));
    const { gradNorm, loss } = await new OnnxTrainer(model).update(equal, plain, SPEC);
    assert.deepEqual([gradNorm, Math.abs(loss)], [0, 0], name);
    assert.equal(await model.fingerprint(), before, name);
    await model.release();
  }
});

Deno.test("OnnxTrainer.update() names the list that a loss needs and an example lacks", async () => {
  const trainer = new OnnxTrainer(lively());
  const kl = { estimator: "k3", coefficient: 0.1 } as const;
  const example: TrainExample = { ids: [1, 2], weights: [0, 1], advantages: [0, 1] };
  const cases: [TrainExample, PolicyLossSpec, RegExp][] = [
    [{ ids: [1, 2], weights: [0, 1] }, lossSpec("reinforce"), /advantages must be finite at token 1, got undefined/],
    [example, lossSpec("gspo"), /oldLogprobs must be finite at token 1, got undefined/],
    [example, lossSpec("sft", { kl }), /referenceLogprobs must be finite at token 1, got undefined/],
  ];
  for (const [one, loss, message] of cases) await assert.rejects(trainer.update([one], loss, SPEC), message);
  // Without a ratio, old log-probabilities are not needed.
  assert.equal((await trainer.update([example], lossSpec("reinforce"), SPEC)).maxRatioError, 0);
});
