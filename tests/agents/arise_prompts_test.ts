import assert from "node:assert/strict";
import fc from "fast-check";
import { agentById } from "../../agents/agent.ts";
import { clipTrace, concludePrompt, managerPrompt } from "../../agents/arise_prompts.ts";
import { documentText } from "../../agents/skills/skill_document.ts";
import { DOCUMENTS, numberTask } from "./_arise_kit.ts";

const task = { ...numberTask(7), context: "On a Monday." };
const [good] = DOCUMENTS.map(documentText);

Deno.test("clipTrace() keeps short traces, and of long ones the head or both ends, within the limit", () => {
  assert.equal(clipTrace("  abc \n", 3), "abc");
  assert.equal(clipTrace("abcdef", 4), "abcd…");
  assert.equal(clipTrace("abcdef", 4, "headTail"), "ab…ef");
  assert.equal(clipTrace("abcdef", 5, "headTail"), "ab…ef");
  assert.equal(clipTrace("abcdef", 1, "headTail"), "…");
  const clip = fc.constantFrom("head" as const, "headTail" as const);
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 20 }), clip, (trace, limit, clip) => {
    const text = clipTrace(trace, limit, clip);
    assert.ok(text.length <= limit + 1);
    if (trace.trim().length <= limit) assert.equal(text, trace.trim());
  }));
});

Deno.test("managerPrompt() is the concluder's prompt without traces, or for a model that follows instructions the solver's", () => {
  assert.equal(managerPrompt(task, { cap: 350 }), concludePrompt(task, [], { cap: 350 }));
  assert.equal(managerPrompt(task, { cap: 350 }), "conclude\nOn a Monday.\nSay 7.");
  const instruct = managerPrompt(task, { cap: 350, style: "instruct" });
  assert.equal(instruct, agentById("solver", { promptStyle: "instruct" }).prompt(task, []));
});

Deno.test("concludePrompt() numbers its traces, and tells a model that follows instructions the fields and the budget", () => {
  assert.equal(concludePrompt(task, ["x", "y"], { cap: 1 }), "conclude\nOn a Monday.\nSay 7.\n1: x\n2: y");
  const instruct = concludePrompt(task, ["first {x}", "second"], { cap: 219, style: "instruct" });
  for (const part of ["skill_name", "problem_type", "key_insight", "method", "check", "219", "Say 7."]) {
    assert.ok(instruct.includes(part), part);
  }
  assert.ok(instruct.indexOf("first {x}") < instruct.indexOf("second"));
});

Deno.test("the arise agent puts the literal SKILL: and one document before the unchanged question", () => {
  const agent = agentById("arise");
  assert.equal(agent.prompt(task, [good!]), `solve\nSKILL:${good}\nOn a Monday.\nSay 7.`);
  assert.equal(agent.prompt(task, []), agentById("solver").prompt(task, []));
  const instruct = agentById("arise", { promptStyle: "instruct" });
  assert.ok(instruct.prompt(task, [good!]).startsWith(`SKILL:${good}\nOn a Monday.\nSay 7.`));
  assert.equal(instruct.prompt(task, []), agentById("solver", { promptStyle: "instruct" }).prompt(task, []));
});

Deno.test("clipTrace() leaves no half of a character, so that what is recorded is what was read", () => {
  assert.equal(clipTrace("😀😀😀", 3), "😀\ufffd…");
  assert.ok(clipTrace("😀😀😀", 3, "headTail").isWellFormed());
});
