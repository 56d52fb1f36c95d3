import assert from "node:assert/strict";
import { CHAT_SPECIALS, ChatFormat } from "../../agents/chat_format.ts";
import { codeBlock } from "../../agents/code_block.ts";
import {
  demonstrate,
  DEMONSTRATION_FORMATS,
  DemonstrationError,
  demonstrationText,
  demonstrationTokens,
  solutionFunction,
} from "../../agents/demonstration.ts";
import { trainBpe } from "../../agents/model/tokenizer.ts";
import { extractFunctions } from "../../agents/skills/extract.ts";
import { createEnvironment } from "../../envs/registry.ts";
import { echoEnvironment } from "../fixtures/echo_environment.ts";

const environment = await createEnvironment("apps", { seed: 1, options: { suite: "short" } });
/** One extra variant of every train scenario. */
const tasks = environment.tasks("train", { variants: [4, 4] });

Deno.test("demonstrate() solves an extra variant of every train scenario in each format", async () => {
  assert.ok(tasks.length >= 60);
  for (const task of tasks) {
    for (const format of DEMONSTRATION_FORMATS.code) await demonstrate(environment, task, format);
  }
});

Deno.test("demonstrate() defines the function that it calls, and calls without defining when it is stored", async () => {
  const [task] = tasks;
  assert.ok(task);
  const define = await demonstrate(environment, task, "define");
  const reuse = await demonstrate(environment, task, "reuse");
  const blocks = define.turns.map((turn) => codeBlock(turn.completion) ?? "");
  const [found] = blocks.flatMap((block) => extractFunctions(block));
  assert.ok(found);
  assert.ok(!define.prompt.includes(found.source));
  assert.ok(reuse.prompt.includes(found.source));
  assert.ok(reuse.turns.length < define.turns.length);
  assert.ok(reuse.turns.every((turn) => extractFunctions(codeBlock(turn.completion) ?? "").length === 0));
});

Deno.test("demonstrate() refuses a task without a reference solution", async () => {
  const [task] = echoEnvironment.tasks("train");
  assert.ok(task);
  await assert.rejects(demonstrate(echoEnvironment, task, "direct"), DemonstrationError);
});

Deno.test("demonstrationTokens() marks exactly the assistant's turns, closing tokens included", async () => {
  const [task] = tasks;
  assert.ok(task);
  const demonstration = await demonstrate(environment, task, "define");
  const tokenizer = trainBpe(demonstrationText(demonstration), { vocabularySize: 400, specials: [...CHAT_SPECIALS] });
  const { ids, assistant } = demonstrationTokens(demonstration, new ChatFormat(tokenizer));
  const spoken = tokenizer.decode(ids.filter((_, t) => assistant[t] === true));
  assert.equal(spoken, demonstration.turns.map((turn) => turn.completion).join(""));
  const end = tokenizer.specials["<|end|>"];
  const closed = ids.filter((id, t) => id === end && assistant[t] === true).length;
  assert.equal(closed, demonstration.turns.length);
});

Deno.test("solutionFunction() indents the body and keeps the order of the parameters", () => {
  const solution = { name: "add", params: ["a", "b"], args: [1, 2], body: "const c = a + b;\nreturn c;" };
  assert.equal(
    solutionFunction({ ...solution, answers: true, lookups: [] }),
    "function add(a, b) {\n  const c = a + b;\n  return c;\n}",
  );
});
