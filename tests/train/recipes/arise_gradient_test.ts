/**
 * The gradient through the choice of a skill: against differences of what it is the gradient of.
 *
 * @module
 */
import assert from "node:assert/strict";
import { openDevice } from "../../../agents/model/device.ts";
import { LocalPolicy } from "../../../agents/model/local_policy.ts";
import { type ManagerChoice, type ScoredTask, SkillManager } from "../../../agents/skill_manager.ts";
import { selectionProbabilities } from "../../../agents/skills/select_skill.ts";
import { OnnxTrainer } from "../../../train/onnx_trainer.ts";
import { type AriseGroup, MANAGER_LOSS, managerExamples } from "../../../train/recipes/arise_group.ts";
import { entriesOf, numberTask, TINY, tinyModel, TOKENIZER } from "../../agents/_arise_kit.ts";
import { parameterList } from "../../../agents/model/config.ts";

const device = await openDevice("cpu");
const tasks = [numberTask(1), numberTask(2)];
const entries = entriesOf();
/** A step of AdamW that is the gradient itself: with such an epsilon, g / (|g| + epsilon) is g / epsilon. */
const GRADIENT_STEP = {
  learningRate: 1e5,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e5,
  weightDecay: 0,
  maxGradNorm: 1e9,
};
const ADVANTAGES = [1.4, -0.6, 0.3, -1.1, 2, 0.7];

interface Case {
  readonly sigma?: number;
  readonly epsilon?: number;
  readonly nullScore?: number;
  readonly scoreCentering?: boolean;
  readonly scoreTokens?: "all" | "valuesOnly";
  readonly maxSkillTokens?: number;
  readonly weight?: number;
  readonly delta?: number;
}

function setUp({ sigma = 0.5, epsilon = 0, delta = 0, weight = 1, ...options }: Case) {
  const model = tinyModel(device);
  const manager = new SkillManager(new LocalPolicy(model, TOKENIZER), { sigma, delta, ...options });
  const settings = {
    sigma,
    epsExplore: epsilon,
    selectionLossWeight: weight,
    selectionMode: { train: "sample", eval: "argmax" },
  } as const;
  /** Choices of six rollouts a problem; the first is reserved. */
  const choose = (one: ScoredTask) =>
    ADVANTAGES.map((_, i): ManagerChoice | undefined =>
      i === 0 ? undefined : manager.choose(one, [one.task.id, i], { mode: "sample", epsilon })
    );
  const credit = (advantage: number) => ({
    advantage,
    baseline: 0,
    reward: { outcome: 0, generation: 0, usage: 0, chain: 0, penalty: 0, total: 0 },
  });
  const groups = async () =>
    (await manager.score(tasks, entries)).map((scored): Pick<AriseGroup, "scored" | "choices" | "credits"> => ({
      scored,
      choices: choose(scored),
      credits: ADVANTAGES.map(credit),
    }));
  /** Sum over rollouts that chose of A log b(z), in double precision from the scores, as equation 7 has it. */
  const objective = async (made: Awaited<ReturnType<typeof groups>>) => {
    const scored = await manager.score(tasks, entries);
    let sum = 0;
    scored.forEach(({ scores }, g) => {
      const all = selectionProbabilities(
        options.nullScore === undefined ? scores : [...scores, options.nullScore],
        sigma,
      );
      made[g]!.choices.forEach((choice, i) => {
        if (choice === undefined || choice.choice.gated) return;
        const { chosen } = choice.choice;
        const uniform = chosen === null ? 0 : epsilon / scores.length;
        sum += ADVANTAGES[i]! * Math.log((1 - epsilon) * all[chosen ?? scores.length]! + uniform);
      });
    });
    return weight * sum / (2 * ADVANTAGES.length);
  };
  return { model, settings, groups, objective };
}

const CASES: Readonly<Record<string, Case>> = {
  "as published": {},
  "with exploration": { epsilon: 0.4 },
  "with centering": { scoreCentering: true },
  "over values only, few tokens and at half weight": { scoreTokens: "valuesOnly", maxSkillTokens: 20, weight: 0.5 },
  "with no skill in the softmax": { nullScore: -6, epsilon: 0.2 },
};

for (const [name, options] of Object.entries(CASES)) {
  Deno.test(`managerExamples() give the gradient of sum A log mu(z) ${name}`, async () => {
    const { model, settings, groups, objective } = setUp(options);
    const made = await groups();
    assert.ok(new Set(made.flatMap(({ choices }) => choices.map((one) => one?.choice.chosen))).size > 1);
    const values = (parameter: string) => model.weights.get(parameter)!.data as Float32Array;
    const before = new Map(parameterList(TINY).map(({ name }) => [name, values(name).slice()]));
    const examples = managerExamples(made, settings, 2 * ADVANTAGES.length);
    assert.equal(examples.length, options.scoreCentering === true ? 12 : 6);
    await new OnnxTrainer(model).update(examples, MANAGER_LOSS, GRADIENT_STEP);
    const rises = new Map(
      [...before].map(([name, old]) => [name, values(name).map((value, i) => value - old[i]!)]),
    );
    const set = (step: number, name?: string) => {
      for (const [parameter, old] of before) {
        const rise = rises.get(parameter)!;
        const scale = name === undefined || name === parameter ? step / Math.hypot(...rise) : 0;
        values(parameter).set(old.map((value, i) => value + scale * rise[i]!));
      }
    };
    for (const [name, rise] of rises) {
      const norm = Math.hypot(...rise);
      const at = async (step: number) => {
        set(step, name);
        return await objective(made);
      };
      const h = 1e-2;
      const slope = (8 * (await at(h) - await at(-h)) - (await at(2 * h) - await at(-2 * h))) / (12 * h);
      assert.ok(Math.abs(slope - norm) < 0.02 * norm + 3e-4, `${name}: slope ${slope}, gradient ${norm}`);
    }
    assert.ok(Math.max(...[...rises.values()].map((rise) => Math.hypot(...rise))) > 0.05);
    await model.release();
  });
}

Deno.test("OnnxTrainer.update() adds the gradients of further batches, and reports the first", async () => {
  const worker = [{
    ids: [5, 9, 17, 30],
    weights: [0, 0.5, 0.5, 0],
    advantages: [0, 1, 1, 0],
    oldLogprobs: [0, -5, -5, 0],
  }];
  const steps: Float32Array[] = [];
  const stats = [];
  for (const part of ["worker", "manager", "both"] as const) {
    const { model, settings, groups } = setUp({});
    const manager = managerExamples(await groups(), settings, 12);
    const weights = () => parameterList(TINY).flatMap(({ name }) => [...model.weights.get(name)!.data as Float32Array]);
    const before = weights();
    const also = part === "both" ? [{ batch: manager, loss: MANAGER_LOSS }] : [];
    const batch = part === "manager" ? manager : worker;
    stats.push(
      await new OnnxTrainer(model, { microBatchTokens: 100 }).update(batch, MANAGER_LOSS, GRADIENT_STEP, also),
    );
    const after = weights();
    steps.push(Float32Array.from(after, (value, i) => value - before[i]!));
    await model.release();
  }
  const [worked, managed, both] = steps as [Float32Array, Float32Array, Float32Array];
  both.forEach((value, i) => assert.ok(Math.abs(value - worked[i]! - managed[i]!) < 1e-5));
  assert.deepEqual([stats[2]!.lossTokens, stats[2]!.loss], [stats[0]!.lossTokens, stats[0]!.loss]);
  assert.ok(Math.abs(stats[2]!.gradNorm - Math.hypot(...both)) < 1e-3 * stats[2]!.gradNorm + 1e-4);
});

Deno.test("managerExamples() leave out reserved and gated rollouts, advantages of 0 and a weight of 0", async () => {
  const { settings, groups } = setUp({ delta: 0.999 });
  assert.deepEqual(managerExamples(await groups(), settings, 12), []);
  const argmax = { ...settings, selectionMode: { train: "argmax", eval: "argmax" } } as const;
  assert.deepEqual(managerExamples(await groups(), argmax, 12), []);
  const open = setUp({});
  const [first] = await open.groups();
  const only = (keep: readonly number[]) => {
    const choices = first!.choices.map((choice, i) => (keep.includes(i) ? choice : undefined));
    return managerExamples([{ ...first!, choices }], open.settings, 12);
  };
  assert.deepEqual(only([0]), []);
  assert.ok(only([0, 1]).length > 0);
  const flat = first!.credits.map((credit) => credit && { ...credit, advantage: 0 });
  assert.deepEqual(managerExamples([{ ...first!, credits: flat }], open.settings, 12), []);
  const faults = first!.credits.map(() => undefined);
  assert.deepEqual(managerExamples([{ ...first!, credits: faults }], open.settings, 12), []);
  assert.deepEqual(managerExamples([first!], { ...open.settings, selectionLossWeight: 0 }, 12), []);
});
