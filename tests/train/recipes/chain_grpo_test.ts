import assert from "node:assert/strict";
import { skillLibraryAgent } from "../../../agents/agent.ts";
import { CHAT_SPECIALS } from "../../../agents/chat_format.ts";
import { fenced } from "../../../agents/code_block.ts";
import { trainBpe } from "../../../agents/model/tokenizer.ts";
import { type Chain, rollOutChains } from "../../../agents/rollout.ts";
import { type Script, ScriptedPolicy } from "../../../agents/scripted_policy.ts";
import { sameScenario } from "../../../agents/skills/retrieve.ts";
import { rlConfig } from "../../../eval/scales.ts";
import { creditChains } from "../../../train/recipes/credit_chains.ts";
import { type ChainGrpoConfig, chainGrpoConfigSchema, parseConfig } from "../../../train/config.ts";
import type { Trainer, TrainExample, UpdateStats } from "../../../train/example.ts";
import { runChainGrpo } from "../../../train/recipes/chain_grpo.ts";
import { drawChains, drawMoreChains } from "../../../train/recipes/draw_chains.ts";
import { playStep } from "../../../train/recipes/play_step.ts";
import type { CreditedChain, RunLog, UpdateReport } from "../../../train/run_log.ts";
import { chainExamples } from "../../../train/recipes/policy_update.ts";
import { echoEnvironment } from "../../fixtures/echo_environment.ts";

const base = { environment: { id: "echo", seed: 1, hash: "echo" }, device: "cpu" } as const;
const config = { ...rlConfig("ci", "SAGE", base, "sft-x"), groupsPerStep: 2, groupSize: 4 };
const tokenizer = trainBpe(["say answer"], { vocabularySize: 300, specials: [...CHAT_SPECIALS] });

function play(script: Script, step = 0): Promise<Chain[]> {
  return rollOutChains(drawChains(config, echoEnvironment.tasks("train"), 1, step), {
    environment: echoEnvironment,
    policy: new ScriptedPolicy(tokenizer, script),
    agent: skillLibraryAgent,
    retriever: sameScenario,
    sampling: { temperature: 1 },
    maxTurns: 3,
    maxTurnTokens: 200,
    phase: "rl",
    step,
    seed: 1,
  });
}

/** Number that the task asks for. */
const wanted = (prompt: string) => /Say (\d)/.exec(prompt)?.[1] ?? "";

/** Chain 0 solves and reuses, chain 1 solves without reuse, chain 2 fails both, chain 3 has no code at all. */
const mixed: Script = ({ key, prompt }) => {
  const sample = key[5];
  const n = wanted(prompt);
  if (sample === 0) {
    return fenced(prompt.includes("function say") ? `say(); answer(${n})` : `function say() {}\nanswer(${n})`);
  }
  if (sample === 1) return fenced(`answer(${n})`);
  return sample === 2 ? fenced("answer(9)") : "no";
};

Deno.test("drawChains() gives all chains of a group the same two siblings in the same order", () => {
  const requests = drawChains(config, echoEnvironment.tasks("train"), 1, 0);
  assert.equal(requests.length, 8);
  for (const group of Map.groupBy(requests, (request) => request.group).values()) {
    const chains = new Set(group.map((request) => request.tasks.map((task) => task.id).join()));
    assert.equal(chains.size, 1);
    const tasks = group[0]?.tasks ?? [];
    assert.equal(new Set(tasks.map((task) => task.scenario)).size, 1);
    assert.equal(new Set(tasks.map((task) => task.id)).size, 2);
  }
});

Deno.test("drawChains() draws anew each step and the same in each repetition", () => {
  const ids = (step: number) =>
    drawChains(config, echoEnvironment.tasks("train"), 1, step).map(({ tasks }) => tasks.map(({ id }) => id).join());
  assert.deepEqual(ids(3), ids(3));
  assert.ok(new Set([0, 1, 2, 3].map((step) => ids(step).join())).size > 1);
});

Deno.test("creditChains() subtracts the mean of the same position of the same pair", async () => {
  const { chains } = creditChains(config, await play(mixed));
  const first = chains.filter(({ chain }) => chain.request.group === 0);
  // R^1 = 2, 1, 0, -1 and R^2 = 2, 1, 0, -1: mean 0.5.
  for (const k of [0, 1]) {
    assert.deepEqual(first.map(({ credits }) => credits[k]?.reward.total), [2, 1, 0, -1]);
    assert.deepEqual(first.map(({ credits }) => credits[k]?.advantage), [1.5, 0.5, -0.5, -1.5]);
  }
});

Deno.test("creditChains() counts a group whose rewards are all equal and gives it no examples", async () => {
  const { chains, groups, zeroVarianceGroups } = creditChains(
    config,
    await play(({ prompt }) => fenced(`answer(${wanted(prompt)})`)),
  );
  assert.deepEqual([groups, zeroVarianceGroups], [4, 4]);
  assert.deepEqual(chainExamples(chains), []);
});

Deno.test("creditChains() leaves a chain out of its group when the environment failed in it", async () => {
  const played = await play((context) => context.key[5] === 3 ? fenced("fault") : mixed(context));
  const { chains } = creditChains(config, played);
  const first = chains.filter(({ chain }) => chain.request.group === 0);
  assert.deepEqual(first.map(({ credits }) => credits[0]?.advantage), [1, 0, -1, undefined]);
});

Deno.test("chainExamples() weighs each generated token by 1 / (pairs x G x |o|) and masks everything else", async () => {
  const { chains } = creditChains(config, await play(mixed));
  const examples = chainExamples(chains);
  assert.equal(examples.length, 16);
  for (const example of examples) {
    const sum = example.weights.reduce((total, weight) => total + weight, 0);
    assert.ok(Math.abs(sum - 1 / (2 * 4)) < 1e-12);
    assert.equal(example.weights[0], 0);
    example.weights.forEach((weight, t) => {
      if (weight === 0) assert.equal(example.advantages?.[t], 0);
    });
  }
});

Deno.test("drawMoreChains() deals scenarios that the step has not had first, and numbers groups on", () => {
  const tasks = echoEnvironment.tasks("train");
  const first = new Set(drawChains(config, tasks, 1, 2).map((request) => request.tasks[0]?.scenario));
  const more = drawMoreChains(config, tasks, 1, 2, { first: 2, count: 4 });
  assert.deepEqual([...new Set(more.map((request) => request.group))], [2, 3, 4, 5]);
  const scenarios = [...Map.groupBy(more, (request) => request.group).values()].map(([one]) => one?.tasks[0]?.scenario);
  assert.ok(!first.has(scenarios[0]));
  // Then a whole deck.
  assert.equal(new Set(scenarios.slice(1)).size, 3);
  // Drawn in two parts, they are the same.
  assert.deepEqual([
    ...drawMoreChains(config, tasks, 1, 2, { first: 2, count: 1 }),
    ...drawMoreChains(config, tasks, 1, 2, { first: 3, count: 3 }),
  ], more);
});

/** Everyone solves tasks of the scenario that step 0 deals first; elsewhere only even samples do. */
const easyScenario = drawChains(config, echoEnvironment.tasks("train"), 1, 0)[0]?.tasks[0]?.scenario;
function partlyEasy(groups: readonly { readonly group: number; readonly scenario: string | undefined }[]): Script {
  const easy = new Set(groups.filter(({ scenario }) => scenario === easyScenario).map(({ group }) => group));
  return ({ key, prompt }) => {
    const [, , , , group, sample] = key;
    return fenced(easy.has(Number(group)) || Number(sample) % 2 === 0 ? `answer(${wanted(prompt)})` : "answer(9)");
  };
}

const sampled = (maxRounds: number): ChainGrpoConfig =>
  parseConfig(chainGrpoConfigSchema, { ...config, dynamicSampling: { maxRounds } }, "a test");

async function playSampled(maxRounds: number, script: Script) {
  return await playStep(sampled(maxRounds), 0, {
    environment: echoEnvironment,
    policy: new ScriptedPolicy(tokenizer, script),
    tasks: echoEnvironment.tasks("train"),
    seed: 1,
  });
}

Deno.test("playStep() draws groups again whose rewards are all equal, keeps the wanted number and gives the others no advantage", async () => {
  const tasks = echoEnvironment.tasks("train");
  const requests = [
    ...drawChains(config, tasks, 1, 0),
    ...drawMoreChains(config, tasks, 1, 0, { first: 2, count: 6 }),
  ].map(({ group, tasks }) => ({ group, scenario: tasks[0]?.scenario }));
  const { chains, trained, draws, zeroVarianceGroups } = await playSampled(4, partlyEasy(requests));
  assert.equal(draws?.rounds, 2);
  assert.equal(draws?.kept, 2);
  assert.equal(draws?.drawn, new Set(chains.map(({ chain }) => chain.request.group)).size);
  // Two positions of each easy group.
  assert.ok(zeroVarianceGroups >= 2);
  assert.equal(new Set(trained.map(({ chain }) => chain.request.group)).size, config.groupsPerStep);
  assert.ok(trained.every(({ chain }) => chain.request.group !== 0));
  const kept = new Set(trained.map(({ chain }) => chain.request.group));
  for (const { chain, credits } of chains) {
    if (!kept.has(chain.request.group)) assert.ok(credits.every((credit) => credit?.advantage === 0));
    else assert.ok(credits.every((credit) => credit?.advantage !== 0));
  }
});

Deno.test("playStep() stops after the last round with what it has when no group is useful", async () => {
  const { trained, draws } = await playSampled(3, ({ prompt }) => fenced(`answer(${wanted(prompt)})`));
  assert.deepEqual([trained, draws], [[], { rounds: 3, drawn: 6, kept: 0 }]);
});

/** Remembers what it was given; its weights are the number of updates. */
class RememberingTrainer implements Trainer {
  updates = 0;
  readonly batches: (readonly TrainExample[])[] = [];

  update(batch: readonly TrainExample[]): Promise<UpdateStats> {
    this.updates++;
    this.batches.push(batch);
    return Promise.resolve({
      loss: 0,
      weightSum: 1,
      lossTokens: 1,
      tokens: 1,
      gradNorm: 0,
      clipShare: 0,
      klK1: 0,
      klK2: 0,
      klK3: 0,
      maxRatioError: 0,
      ess: 1,
      numerator: 0,
      denominator: 1,
      temperature: 1,
    });
  }

  async save(path: string): Promise<void> {
    await Deno.writeTextFile(path, String(this.updates));
  }

  async load(path: string): Promise<void> {
    this.updates = Number(await Deno.readTextFile(path));
  }
}

class MemoryLog implements RunLog {
  readonly units = new Set<string>();
  readonly played: CreditedChain[] = [];
  readonly reports: UpdateReport[] = [];
  isDone(unit: string): boolean {
    return this.units.has(unit);
  }
  chains(chains: readonly CreditedChain[]): void {
    this.played.push(...chains);
  }
  update(report: UpdateReport): void {
    this.reports.push(report);
  }
  commit(unit: string): Promise<void> {
    this.units.add(unit);
    return Promise.resolve();
  }
}

Deno.test("runChainGrpo() with dynamic sampling, mini-batches and a named loss does the same when it is stopped and goes on", async () => {
  const checkpointFolder = await Deno.makeTempDir();
  try {
    const all = parseConfig(chainGrpoConfigSchema, {
      ...config,
      steps: 3,
      loss: "dapo",
      dynamicSampling: { maxRounds: 3 },
      miniBatches: 2,
      ppoEpochs: 2,
      schedule: { kind: "linear", warmup: 1 },
    }, "a test");
    const run = async (name: string, stops: readonly number[]) => {
      const [log, trainer] = [new MemoryLog(), new RememberingTrainer()];
      // A step that is stopped while it is played leaves nothing behind.
      for (const stop of [...stops, Infinity]) {
        const abort = new AbortController();
        let asked = 0;
        const script: Script = (context) => {
          if (++asked > stop) abort.abort(new DOMException("stopped", "AbortError"));
          return mixed(context);
        };
        const going = runChainGrpo(all, {
          environment: echoEnvironment,
          policy: new ScriptedPolicy(tokenizer, script),
          trainer,
          seed: 1,
          run: name,
          checkpointFolder,
          log,
          signal: abort.signal,
        });
        if (stop === Infinity) await going;
        else await assert.rejects(going, /stopped/);
      }
      return { log, trainer };
    };
    const straight = await run("straight", []);
    const halting = await run("halting", [25]);
    assert.equal(straight.trainer.updates, 12);
    assert.equal(halting.trainer.updates, 12);
    assert.deepEqual(halting.log.reports, straight.log.reports);
    assert.deepEqual(
      halting.log.played.map(({ chain, credits }) => [chain.request, credits]),
      straight.log.played.map(({ chain, credits }) => [chain.request, credits]),
    );
    assert.deepEqual(halting.trainer.batches, straight.trainer.batches);
    assert.deepEqual(straight.log.reports.map(({ learningRate }) => learningRate / all.learningRate), [1, 1, 0.5]);
    assert.deepEqual(straight.log.reports[0]?.draws, { rounds: 1, drawn: 2, kept: 2 });
    assert.equal(straight.log.reports[0]?.parts?.length, 4);
  } finally {
    await Deno.remove(checkpointFolder, { recursive: true });
  }
});

Deno.test("creditChains() uses the advantage of the loss that the configuration names, and records what it subtracted", async () => {
  const played = await play(mixed);
  const first = (loss: ChainGrpoConfig["loss"], advantage?: "reward" | "mean") => {
    const { chains } = creditChains({ ...config, loss, lossOptions: { advantage } }, played);
    return chains.filter(({ chain }) => chain.request.group === 0).map(({ credits }) => credits[0]);
  };
  // Rewards 2, 1, 0, -1: the mean of the others is 0, 1/3, 2/3, 1.
  const near = (found: readonly (number | undefined)[], expected: readonly number[]) =>
    expected.forEach((value, i) => assert.ok(Math.abs(found[i]! - value) < 1e-12, `${found[i]} is not ${value}`));
  near(first("rloo").map((credit) => credit?.advantage), [2, 2 / 3, -2 / 3, -2]);
  near(first("rloo").map((credit) => credit?.baseline), [0, 1 / 3, 2 / 3, 1]);
  near(first("reinforce").map((credit) => credit?.advantage), [2, 1, 0, -1]);
  near(first("reinforce").map((credit) => credit?.baseline), [0, 0, 0, 0]);
  near(first("grpo", "mean").map((credit) => credit?.advantage), [1.5, 0.5, -0.5, -1.5]);
  const std = Math.sqrt(1.25) + 1e-4;
  near(first("grpo").map((credit) => credit?.advantage), [1.5 / std, 0.5 / std, -0.5 / std, -1.5 / std]);
});
