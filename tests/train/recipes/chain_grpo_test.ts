import assert from "node:assert/strict";
import { skillLibraryAgent } from "../../../agents/agent.ts";
import { CHAT_SPECIALS } from "../../../agents/chat_format.ts";
import { fenced } from "../../../agents/code_block.ts";
import { trainBpe } from "../../../agents/model/tokenizer.ts";
import { type Chain, rollOutChains } from "../../../agents/rollout.ts";
import { type Script, ScriptedPolicy } from "../../../agents/scripted_policy.ts";
import { sameScenario } from "../../../agents/skills/retrieve.ts";
import { rlConfig } from "../../../eval/scales.ts";
import { chainExamples, creditChains, drawChains } from "../../../train/recipes/chain_grpo.ts";
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
