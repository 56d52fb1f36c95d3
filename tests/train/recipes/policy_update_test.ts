/**
 * The updates of a step on rollouts that a real, small policy sampled: invariants that no loss may break.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CHAT_SPECIALS } from "../../../agents/chat_format.ts";
import { nanoConfig } from "../../../agents/model/config.ts";
import { openDevice } from "../../../agents/model/device.ts";
import { LocalPolicy } from "../../../agents/model/local_policy.ts";
import { createModel, type Model } from "../../../agents/model/model.ts";
import { trainBpe } from "../../../agents/model/tokenizer.ts";
import type { Conversation, ConverseOptions } from "../../../agents/policy.ts";
import { rolloutTokens } from "../../../agents/rollout.ts";
import { rlConfig } from "../../../eval/scales.ts";
import { type ChainGrpoConfig, chainGrpoConfigSchema, parseConfig } from "../../../train/config.ts";
import { OnnxTrainer } from "../../../train/onnx_trainer.ts";
import { playStep } from "../../../train/recipes/play_step.ts";
import {
  gradedSequences,
  RecipeContextError,
  stepLearningRate,
  updatePolicy,
} from "../../../train/recipes/policy_update.ts";
import { RECIPE_LOSSES } from "../../../train/losses/loss_table.ts";
import type { CreditedChain } from "../../../train/run_log.ts";
import { echoEnvironment } from "../../fixtures/echo_environment.ts";

const base = { environment: { id: "echo", seed: 1, hash: "echo" }, device: "cpu" } as const;
const tokenizer = trainBpe(["say answer"], { vocabularySize: 300, specials: [...CHAT_SPECIALS] });
const MODEL = nanoConfig(tokenizer.vocabularySize, {
  width: 16,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  headSize: 8,
  hidden: 24,
  contextTokens: 320,
});
const device = await openDevice("cpu");

function configOf(change: Partial<ChainGrpoConfig>): ChainGrpoConfig {
  return parseConfig(chainGrpoConfigSchema, {
    ...rlConfig("ci", "SAGE", base, "sft-x"),
    groupsPerStep: 2,
    groupSize: 3,
    chainLength: 2,
    maxTurns: 2,
    maxTurnTokens: 9,
    temperature: 0.8,
    learningRate: 0.01,
    ...change,
  }, "a test");
}

/** A policy whose conversations are overheard. */
class OverheardPolicy extends LocalPolicy {
  readonly heard: { readonly prompt: readonly number[]; readonly parts: (readonly number[])[] }[] = [];

  override converse(conversations: readonly Conversation[], options: ConverseOptions): Promise<void> {
    const overheard = conversations.map((conversation): Conversation => {
      const heard = { prompt: conversation.promptIds, parts: [conversation.promptIds] };
      this.heard.push(heard);
      return {
        key: conversation.key,
        promptIds: conversation.promptIds,
        onTurn: async (turn) => {
          heard.parts.push(turn.ids);
          const next = await conversation.onTurn(turn);
          if (next !== null) heard.parts.push(next);
          return next;
        },
      };
    });
    return super.converse(overheard, options);
  }
}

/** Chains that a fresh policy played, with advantages of our own, since it solves nothing. */
async function played(
  config: ChainGrpoConfig,
  advantageOf = (sample: number, k: number) => [1, -0.5, -0.5][(sample + k) % 3]!,
): Promise<{ readonly model: Model; readonly policy: OverheardPolicy; readonly chains: CreditedChain[] }> {
  const model = await createModel(device, MODEL, 1);
  const policy = new OverheardPolicy(model, tokenizer);
  const { chains } = await playStep(config, 0, {
    environment: echoEnvironment,
    policy,
    tasks: echoEnvironment.tasks("train"),
    seed: 1,
  });
  return {
    model,
    policy,
    chains: chains.map(({ chain, credits }) => ({
      chain,
      credits: credits.map((credit, k) =>
        credit === undefined ? undefined : { ...credit, advantage: advantageOf(chain.request.sample, k) }
      ),
    })),
  };
}

async function distance(a: Model, b: Model): Promise<number> {
  const [x, y] = [await a.values(), await b.values()];
  return Math.max(
    ...[...x].flatMap(([name, values]) => [...values.map((value, i) => Math.abs(value - y.get(name)![i]!))]),
  );
}

for (const loss of [undefined, ...RECIPE_LOSSES]) {
  const kl = { estimator: "k3", coefficient: 0.1 } as const;
  const config = configOf(loss === undefined ? {} : { loss, lossOptions: { kl } });

  Deno.test(`updatePolicy() makes one update at ratio 1, equal for any split into micro-batches, when the loss is ${loss ?? "the recipe's own"}`, async () => {
    const { model, policy, chains } = await played(config);
    const before = await createModel(device, MODEL, 1);
    const reference = new LocalPolicy(before, tokenizer);
    const whole = await updatePolicy(config, chains, { trainer: new OnnxTrainer(model), reference, seed: 1, step: 0 });
    assert.ok(policy.heard.length > 0);
    assert.ok(whole.stats!.maxRatioError <= 1e-5, `the largest ratio error is ${whole.stats!.maxRatioError}`);
    assert.equal(whole.parts.length, 1);
    if (loss !== undefined) {
      // The reference is the policy itself here, at the sampling temperature.
      assert.ok(whole.stats!.referenceKl! < 1e-6, `the distance from itself is ${whole.stats!.referenceKl}`);
      assert.equal(whole.stats!.temperature, 0.8);
      assert.equal(whole.logprobs.size, gradedSequences(chains).length);
    }
    const split = await createModel(device, MODEL, 1);
    const trainer = new OnnxTrainer(split, { microBatchTokens: 64 });
    const again = await updatePolicy(config, chains, { trainer, reference, seed: 1, step: 0 });
    assert.ok(Math.abs(again.stats!.gradNorm - whole.stats!.gradNorm) <= 1e-5 * whole.stats!.gradNorm);
    assert.ok(Math.abs(again.stats!.loss - whole.stats!.loss) <= 1e-6);
    // AdamW's first step is the sign of the gradient where that is not tiny: equal gradients give nearly equal weights.
    assert.ok(await distance(model, split) < 1e-4);
  });

  Deno.test(`updatePolicy() changes nothing when all rewards of each group are equal and the loss is ${loss ?? "the recipe's own"}`, async () => {
    // The reward itself, without a baseline, moves the policy whatever the others got.
    const equal = configOf(
      loss === undefined ? {} : { loss, lossOptions: { advantage: loss === "reinforce" ? "mean" : undefined } },
    );
    const { model, chains } = await played(equal, () => 0);
    const before = await model.fingerprint();
    const { stats, parts } = await updatePolicy(equal, chains, { trainer: new OnnxTrainer(model), seed: 1, step: 0 });
    assert.deepEqual([stats, parts], [undefined, []]);
    assert.equal(await model.fingerprint(), before);
  });
}

Deno.test("updatePolicy() has ratio 1 on policy when sampling is truncated by top-p, top-k and min-p", async () => {
  for (const loss of [undefined, "grpo"] as const) {
    const config = configOf({ topP: 0.7, topK: 60, minP: 0.02, ...(loss === undefined ? {} : { loss }) });
    const { model, chains } = await played(config);
    const turns = chains.flatMap(({ chain }) => chain.rollouts.flatMap((rollout) => rollout.turns));
    assert.ok(
      turns.every(({ thresholds, fullLogprobs, generatedIds }) =>
        thresholds!.length === generatedIds.length && fullLogprobs!.length === generatedIds.length
      ),
    );
    assert.ok(turns.some(({ fullLogprobs, logprobs }) => logprobs.some((value, t) => value - fullLogprobs![t]! > 0.2)));
    const { stats } = await updatePolicy(config, chains, { trainer: new OnnxTrainer(model), seed: 1, step: 0 });
    assert.ok(stats!.maxRatioError <= 1e-5, `the largest ratio error is ${stats!.maxRatioError}`);
  }
});

Deno.test("a rollout's ids are its prompt, generated and observation ids as the policy had them, nothing tokenized again", async () => {
  const { policy, chains } = await played(configOf({}));
  const rollouts = chains.flatMap(({ chain }) => chain.rollouts.map((rollout) => rolloutTokens(rollout).ids.join()));
  // What follows the last generated part was never shown to the policy's next turn.
  const heard = policy.heard.map(({ parts }) => parts.flat().join());
  assert.deepEqual(rollouts.toSorted(), heard.toSorted());
});

Deno.test("updatePolicy() goes off policy with mini-batches and epochs, and combines their figures", async () => {
  const config = configOf({ loss: "grpo", ppoEpochs: 2, miniBatches: 3 });
  const { model, chains } = await played(config);
  const trainer = new OnnxTrainer(model);
  const { stats, parts, logprobs } = await updatePolicy(config, chains, { trainer, seed: 1, step: 0 });
  assert.deepEqual(parts.map(({ epoch, miniBatch }) => [epoch, miniBatch]), [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [
    1,
    2,
  ]]);
  assert.equal(trainer.updates, 6);
  assert.ok(parts[0]!.stats.maxRatioError <= 1e-5);
  assert.ok(parts[5]!.stats.maxRatioError > 1e-3);
  assert.equal(stats!.maxRatioError, Math.max(...parts.map((part) => part.stats.maxRatioError)));
  assert.equal(stats!.lossTokens, parts.reduce((sum, part) => sum + part.stats.lossTokens, 0));
  assert.ok(stats!.ess < stats!.lossTokens && stats!.klK3 > 0);
  assert.ok(Math.abs(stats!.loss - stats!.numerator / stats!.denominator) < 1e-12);
  // Every sequence is in one mini-batch of each epoch; its log-probabilities are those of the first.
  assert.equal(logprobs.size, gradedSequences(chains).length);
  const twice = await played(config);
  await updatePolicy(config, twice.chains, { trainer: new OnnxTrainer(twice.model), seed: 1, step: 0 });
  assert.equal(await twice.model.fingerprint(), await model.fingerprint());
});

Deno.test("updatePolicy() with a dual clip ends elsewhere where a step makes several updates, and in the same weights where it makes one", async () => {
  const ended = async (change: Readonly<Record<string, unknown>>, dualClip?: number) => {
    const lossOptions = dualClip === undefined ? {} : { lossOptions: { dualClip } };
    const config = configOf({ loss: "grpo", ...change, ...lossOptions });
    const { model, chains } = await played(config);
    await updatePolicy(config, chains, { trainer: new OnnxTrainer(model), seed: 1, step: 0 });
    return await model.fingerprint();
  };
  const several = { ppoEpochs: 4, learningRate: 0.02 };
  assert.notEqual(await ended(several, 1.001), await ended(several));
  assert.equal(await ended({}, 1.001), await ended({}));
});

Deno.test("updatePolicy() with one epoch and one mini-batch is the update that names neither", async () => {
  const prints: string[] = [];
  for (const change of [{}, { ppoEpochs: 1, miniBatches: 1 }]) {
    const config = configOf(change);
    const { model, chains } = await played(config);
    await updatePolicy(config, chains, { trainer: new OnnxTrainer(model), seed: 1, step: 0 });
    prints.push(await model.fingerprint());
  }
  assert.equal(prints[0], prints[1]);
});

Deno.test("updatePolicy() divides Dr. GRPO's loss by the most tokens of an episode unless the configuration states another number", async () => {
  for (const [lossOptions, L] of [[undefined, 2 * 9], [{ constantTokens: 5 }, 5]] as const) {
    const config = configOf({ loss: "dr-grpo", ...(lossOptions === undefined ? {} : { lossOptions }) });
    const { model, chains } = await played(config);
    const { stats } = await updatePolicy(config, chains, { trainer: new OnnxTrainer(model), seed: 1, step: 0 });
    assert.equal(stats!.denominator, gradedSequences(chains).length * L);
  }
});

Deno.test("updatePolicy() refuses truncated sampling by a policy that gives no thresholds", async () => {
  const { model, chains } = await played(configOf({}));
  await assert.rejects(
    () => updatePolicy(configOf({ topP: 0.9 }), chains, { trainer: new OnnxTrainer(model), seed: 1, step: 0 }),
    (error) => error instanceof RecipeContextError && error.message.includes("threshold"),
  );
});

Deno.test("updatePolicy() compares a policy with an adapter with the weights under it, which are in memory once", async () => {
  const config = configOf({ loss: "grpo", lossOptions: { kl: { estimator: "k3", coefficient: 0.1 } }, ppoEpochs: 2 });
  const base = await createModel(device, MODEL, 1);
  const model = base.withAdapter({ rank: 2, alpha: 4, targets: ["query", "value"] }, 1);
  const before = await base.fingerprint();
  const { chains } = await played(config);
  const reference = new LocalPolicy(base, tokenizer);
  const { parts } = await updatePolicy(config, chains, {
    trainer: new OnnxTrainer(model),
    reference,
    seed: 1,
    step: 0,
  });
  // A fresh adapter changes nothing.
  assert.ok(parts[0]!.stats.maxRatioError <= 1e-5 && parts[0]!.stats.referenceKl! < 1e-6);
  assert.ok(parts[1]!.stats.referenceKl! > 0 && parts[1]!.stats.maxRatioError > 1e-5);
  assert.equal(await base.fingerprint(), before);
});

Deno.test("updatePolicy() names the penalty when there is no reference to compare with", async () => {
  const config = configOf({ loss: "grpo", lossOptions: { kl: { estimator: "k3", coefficient: 0.04 } } });
  const { model, chains } = await played(config);
  await assert.rejects(
    () => updatePolicy(config, chains, { trainer: new OnnxTrainer(model), seed: 1, step: 0 }),
    (error) => error instanceof RecipeContextError && error.message.includes("lossOptions.kl"),
  );
});

Deno.test("stepLearningRate() is constant without a schedule and follows one over the steps of the run", () => {
  const rates = (change: Partial<ChainGrpoConfig>) => {
    const config = configOf({ steps: 4, learningRate: 1, ...change });
    return [0, 1, 2, 3].map((step) => stepLearningRate(config, step));
  };
  assert.deepEqual(rates({}), [1, 1, 1, 1]);
  assert.deepEqual(rates({ schedule: { kind: "linear", warmup: 2 } }), [0.5, 1, 1, 0.5]);
  assert.deepEqual(rates({ schedule: { kind: "constant", warmup: 1 } }), [1, 1, 1, 1]);
});
