import assert from "node:assert/strict";
import { skillLibraryAgent } from "../../agents/agent.ts";
import { CHAT_SPECIALS } from "../../agents/chat_format.ts";
import { fenced } from "../../agents/code_block.ts";
import { trainBpe } from "../../agents/model/tokenizer.ts";
import { rollOutChains, type RollOutOptions, rolloutTokens } from "../../agents/rollout.ts";
import { type Script, ScriptedPolicy } from "../../agents/scripted_policy.ts";
import { sameScenario } from "../../agents/skills/retrieve.ts";
import { echoEnvironment } from "../fixtures/echo_environment.ts";

const tokenizer = trainBpe(["say answer"], { vocabularySize: 300, specials: [...CHAT_SPECIALS] });

function options(script: Script, more: Partial<RollOutOptions> = {}): RollOutOptions {
  return {
    environment: echoEnvironment,
    policy: new ScriptedPolicy(tokenizer, script),
    agent: skillLibraryAgent,
    retriever: sameScenario,
    sampling: { temperature: 1 },
    maxTurns: 4,
    maxTurnTokens: 400,
    phase: "rl",
    step: 0,
    seed: 1,
    ...more,
  };
}

const siblings = echoEnvironment.tasks("train").slice(0, 2);
const request = { group: 0, sample: 0, tasks: siblings };

Deno.test("rollOutChains() shows a function to the next task of the same chain when it ran without an error", async () => {
  const prompts: string[] = [];
  const [chain] = await rollOutChains(
    [request],
    options(({ prompt }) => {
      prompts.push(prompt);
      return prompt.includes("function say")
        ? fenced("say(2); answer(2)")
        : fenced("function say(n) { return n; }\nsay(1); answer(1)");
    }),
  );
  assert.ok(chain);
  assert.ok(!prompts[0]?.includes("function say"));
  assert.ok(prompts[1]?.includes("function say(n) { return n; }"));
  assert.deepEqual(chain.rollouts.map((rollout) => rollout.skillsUsed), [[], ["say"]]);
  assert.deepEqual(chain.rollouts.map((rollout) => rollout.evaluation?.success), [true, true]);
  assert.deepEqual(chain.rollouts[1]?.events.map(({ event }) => event.kind), [
    "retrieved",
    "shown",
    "invoked",
    "entered",
  ]);
});

Deno.test("rollOutChains() keeps libraries of two chains apart", async () => {
  const chains = await rollOutChains(
    [request, { ...request, sample: 1 }],
    options(({ key, prompt }) =>
      fenced(prompt.includes("none") && key.at(-2) === 0 ? "function say() {}\nanswer(1)" : "answer(2)")
    ),
  );
  assert.deepEqual(chains.map((chain) => chain.rollouts[1]?.skillsOffered), [["say"], []]);
});

Deno.test("rollOutChains() does not save a function when the turn that defined it failed", async () => {
  const [chain] = await rollOutChains(
    [request],
    options(({ observations }) => fenced(observations.length === 0 ? "function say() {}\nthrow 1" : "answer(1)")),
  );
  assert.deepEqual(chain?.rollouts[0]?.skillsSaved, []);
  assert.deepEqual(chain?.rollouts[1]?.skillsOffered, []);
});

Deno.test("rollOutChains() drops the whole block when the smoke check fails", async () => {
  const [chain] = await rollOutChains(
    [request],
    options(() => fenced("function broken() {}\nanswer(1)")),
  );
  assert.equal(chain?.rollouts[1]?.smokeFailed, true);
  assert.deepEqual(chain?.rollouts[1]?.skillsOffered, []);
});

Deno.test("rollOutChains() ends with no_code when a completion has no block", async () => {
  const [chain] = await rollOutChains([request], options(() => "I cannot."));
  assert.deepEqual(chain?.rollouts.map((rollout) => [rollout.finish, rollout.turns.length]), [["no_code", 1], [
    "no_code",
    1,
  ]]);
});

Deno.test("rollOutChains() ends at the turn limit when nothing finishes the task", async () => {
  const [chain] = await rollOutChains([request], options(() => fenced("1")));
  assert.deepEqual(chain?.rollouts.map((rollout) => [rollout.finish, rollout.turns.length]), [["step_limit", 4], [
    "step_limit",
    4,
  ]]);
});

Deno.test("rollOutChains() never scores a rollout when the environment fails", async () => {
  const [chain] = await rollOutChains([request], options(() => fenced("fault")));
  const [first] = chain?.rollouts ?? [];
  assert.equal(first?.finish, "environment_fault");
  assert.equal(first?.evaluation, undefined);
  assert.equal(first?.fault, "the toy broke");
});

Deno.test("rolloutTokens() holds exactly the ids that were put in and generated, when a turn is cut off", async () => {
  const [chain] = await rollOutChains(
    [request],
    options(({ observations }) => fenced(observations.length === 0 ? "1".repeat(80) : "answer(1)"), {
      maxTurnTokens: 60,
    }),
  );
  const rollout = chain?.rollouts[0];
  assert.ok(rollout);
  const { ids, generated, logprobs } = rolloutTokens(rollout);
  assert.equal(ids.length, logprobs.length);
  const expected = rollout.turns.flatMap((turn) => [...turn.contextIds, ...turn.generatedIds]);
  assert.deepEqual(ids, expected);
  assert.equal(
    generated.filter(Boolean).length,
    rollout.turns.reduce((sum, turn) => sum + turn.generatedIds.length, 0),
  );
  // The cut turn is closed by the observation that follows it.
  assert.equal(rollout.turns[0]?.finish, "length");
  assert.equal(rollout.turns[1]?.contextIds[0], tokenizer.specials["<|end|>"]);
});

Deno.test("rollOutChains() ends without a penalty when an observation fills the context", async () => {
  const policy = new ScriptedPolicy(tokenizer, () => fenced("1"), { contextTokens: 120 });
  const [chain] = await rollOutChains([request], options(() => "", { policy, maxTurns: 9 }));
  const [first] = chain?.rollouts ?? [];
  assert.equal(first?.finish, "context");
  assert.ok(first.turns.every((turn) => turn.generatedIds.length > 0));
});
