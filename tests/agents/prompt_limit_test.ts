import assert from "node:assert/strict";
import fc from "fast-check";
import { ariseAgent, solverAgent } from "../../agents/agent.ts";
import { ChatFormat } from "../../agents/chat_format.ts";
import { cutLimit, fittingPrompt } from "../../agents/prompt_limit.ts";
import { rollOutChains } from "../../agents/rollout.ts";
import { ScriptedPolicy } from "../../agents/scripted_policy.ts";
import { sameScenario } from "../../agents/skills/retrieve.ts";
import { numberEnvironment, numberTask, TOKENIZER } from "./_arise_kit.ts";

const chat = new ChatFormat(TOKENIZER);
const tokens = (prompt: string) => chat.promptIds(prompt).length;

Deno.test("fittingPrompt() keeps the skill and the end of the question, within the limit", () => {
  const words = fc.array(fc.constantFrom("solve", "the", "number", "é", "😀", "Say 1.", "42"), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(fc.property(words, fc.integer({ min: 40, max: 90 }), (list, limit) => {
    const task = { ...numberTask(1), context: list.slice(0, 3).join(" "), instruction: list.join(" ") };
    const write = (one: typeof task | Parameters<typeof ariseAgent.prompt>[0]) => ariseAgent.prompt(one, ["{}"]);
    const whole = write(task);
    const prompt = fittingPrompt(write, task, chat, limit);
    if (tokens(whole) <= limit) return assert.equal(prompt, whole);
    assert.ok(tokens(prompt) <= limit);
    const [head, kept] = prompt.split("…") as [string, string];
    assert.equal(head, "solve\nSKILL:{}\n");
    assert.ok(whole.endsWith(kept) && kept.isWellFormed());
  }));
});

Deno.test("fittingPrompt() leaves a prompt as it is that does not fit even without its question", () => {
  const task = numberTask(1);
  const write = (one: typeof task) => ariseAgent.prompt(one, ["x".repeat(200)]);
  assert.equal(fittingPrompt(write, task, chat, 20), write(task));
});

Deno.test("cutLimit() leaves room for a whole turn unless the limit is named, and is none without cutting", () => {
  const room = { contextTokens: 512, maxTurnTokens: 128 };
  assert.equal(cutLimit({ overlongPrompt: "truncateQuery" }, room), 384);
  assert.equal(cutLimit({ overlongPrompt: "truncateQuery", promptTokens: 100 }, room), 100);
  assert.equal(cutLimit({ promptTokens: 100 }, room), undefined);
  assert.equal(cutLimit({ overlongPrompt: "truncateQuery" }, { contextTokens: 64, maxTurnTokens: 128 }), 1);
});

Deno.test("rollOutChains() does not play an overlong prompt, or plays it cut, as the limit says", async () => {
  const asked: string[] = [];
  const policy = new ScriptedPolicy(TOKENIZER, ({ prompt }) => {
    asked.push(prompt);
    return "1";
  });
  const long = { ...numberTask(1), instruction: `${"Once upon a time. ".repeat(20)}Say 1.` };
  const limit = tokens("solve\nSay 2.") + 20;
  const played = async (overlongPrompt?: "reject" | "truncateQuery") => {
    asked.length = 0;
    const chains = await rollOutChains(
      [long, numberTask(2)].map((task, group) => ({ group, sample: 0, tasks: [task] })),
      {
        environment: numberEnvironment(),
        policy,
        agent: solverAgent,
        retriever: sameScenario,
        sampling: { temperature: 1 },
        maxTurns: 1,
        maxTurnTokens: 8,
        promptTokens: limit,
        overlongPrompt,
        phase: "rl",
        step: 0,
        seed: 1,
      },
    );
    return chains.map(({ rollouts: [rollout] }) => rollout!);
  };
  for (const reject of [undefined, "reject"] as const) {
    const [first, second] = await played(reject);
    assert.deepEqual([first!.finish, first!.turns.length, first!.evaluation?.success], ["context", 0, false]);
    assert.deepEqual([second!.finish, second!.turns.length], ["finished", 1]);
    assert.equal(asked.length, 1);
  }
  const [cut, short] = await played("truncateQuery");
  assert.match(cut!.prompt, /^solve\n….* Say 1\.$/);
  assert.deepEqual([cut!.finish, cut!.evaluation?.success, short!.prompt], ["finished", true, "solve\nSay 2."]);
  assert.equal(cut!.turns[0]!.contextIds.length <= limit, true);
});
