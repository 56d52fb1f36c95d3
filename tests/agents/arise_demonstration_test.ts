import assert from "node:assert/strict";
import { demonstrateBehaviour } from "../../agents/arise_demonstration.ts";
import { DemonstrationError } from "../../agents/demonstration.ts";
import { documentText, readSkillDocument } from "../../agents/skills/skill_document.ts";
import { createEnvironment } from "../../envs/registry.ts";
import { numberEnvironment, numberTask } from "./_arise_kit.ts";

const environment = await createEnvironment("math", { seed: 1 });
const tasks = environment.tasks("train", { variants: [4, 6] });
/** One variant of each remainder by three. */
const [none, one, two] = [0, 1, 2].map((rest) => tasks.find(({ variant }) => variant % 3 === rest)!);

Deno.test("demonstrateBehaviour() solves plainly, solves with the task's skill, and concludes that skill", async () => {
  const plain = await demonstrateBehaviour(environment, one!, "plain");
  const aided = await demonstrateBehaviour(environment, one!, "aided");
  const conclude = await demonstrateBehaviour(environment, one!, "conclude");
  assert.ok(!plain.prompt.includes("SKILL:"));
  const written = conclude.turns[0]!.completion;
  const read = readSkillDocument(written);
  assert.ok("document" in read && documentText(read.document) === written);
  assert.equal(aided.prompt, plain.prompt.replace("solve\n", `solve\nSKILL:${written}\n`));
  assert.deepEqual(aided.turns, plain.turns);
});

Deno.test("demonstrateBehaviour() concludes from as many traces as the variant says, none among them", async () => {
  const counts = [];
  for (const task of [none, one, two]) {
    const { prompt } = await demonstrateBehaviour(environment, task!, "conclude");
    counts.push(prompt.match(/^\d: /gm)?.length ?? 0);
  }
  assert.deepEqual(counts, [0, 1, 2]);
});

Deno.test("demonstrateBehaviour() refuses to teach a skill where the environment states none", async () => {
  const without = numberEnvironment();
  await assert.rejects(demonstrateBehaviour(without, numberTask(1), "aided"), DemonstrationError);
  await assert.rejects(demonstrateBehaviour(without, numberTask(1), "conclude"), /numbers states none for it/);
});
