import assert from "node:assert/strict";
import { SkillLibrary } from "../../../agents/skills/library.ts";
import { jaccard, queryNgram, sameScenario, wordNgrams } from "../../../agents/skills/retrieve.ts";
import { echoEnvironment } from "../../fixtures/echo_environment.ts";

const [first, second] = echoEnvironment.tasks("train");
const other = echoEnvironment.tasks("train")[3];

function libraryOf(entries: readonly [name: string, task: typeof first, instruction: string][]): SkillLibrary {
  const library = new SkillLibrary();
  for (const [name, task, instruction] of entries) {
    assert.ok(task);
    library.save({ name, source: `function ${name}() {}` }, {
      taskId: task.id,
      scenario: task.scenario,
      instruction,
      position: 1,
      turn: 0,
    });
  }
  return library;
}

Deno.test("sameScenario takes the skills of siblings and of no other scenario", () => {
  assert.ok(second && first && other);
  const library = libraryOf([["mine", first, ""], ["foreign", other, ""], ["own", second, ""]]);
  assert.deepEqual(sameScenario.rank(second, library).filter(({ chosen }) => chosen).map(({ skill }) => skill.name), [
    "mine",
  ]);
});

Deno.test("queryNgram() takes the skills of the most similar past tasks above the threshold, best first", () => {
  assert.ok(second);
  const task = { ...second, instruction: "How much did I send to my friends in May?" };
  const library = libraryOf([
    ["far", other, "Turn off every alarm that rings before nine."],
    ["near", first, "How much did I send to my cousins in May?"],
    ["nearest", { ...second, id: "x_1" }, "How much did I send to my friends in June?"],
  ]);
  assert.deepEqual(queryNgram().rank(task, library).filter(({ chosen }) => chosen).map(({ skill }) => skill.name), [
    "nearest",
    "near",
  ]);
  assert.deepEqual(
    queryNgram({ topQueries: 1 }).rank(task, library).filter(({ chosen }) => chosen).map(({ skill }) => skill.name),
    ["nearest"],
  );
});

Deno.test("jaccard() of word n-grams is shared over united", () => {
  // a b c | b c d against b c d | c d e: 1 shared of 3.
  assert.equal(jaccard(wordNgrams("A b, c d.", 3), wordNgrams("b c d e", 3)), 1 / 3);
  assert.equal(jaccard(new Set(), new Set()), 0);
});

Deno.test("SkillLibrary.save() overwrites and counts the version up when the name is taken", () => {
  const library = libraryOf([["f", first, ""], ["f", second, ""]]);
  assert.equal(library.size, 1);
  assert.deepEqual([library.get("f")?.version, library.get("f")?.origin.taskId], [2, second?.id]);
});
