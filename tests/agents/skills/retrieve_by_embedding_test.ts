import assert from "node:assert/strict";
import type { Task } from "../../../envs/contract.ts";
import { SkillLibrary } from "../../../agents/skills/library.ts";
import { type Embed, queryEmbedding, skillEmbedding } from "../../../agents/skills/retrieve_by_embedding.ts";

/** Texts on a circle: the angle is the number in the text, degrees. */
function circle(seen: string[] = []): Embed {
  return (texts) => {
    seen.push(...texts);
    return Promise.resolve(texts.map((text) => {
      const angle = Number(/\d+/.exec(text)?.[0]) * Math.PI / 180;
      return Float32Array.of(Math.cos(angle), Math.sin(angle));
    }));
  };
}

function task(angle: number): Task {
  return { id: `t${angle}`, scenario: "s", variant: 1, split: "train", difficulty: 1, instruction: `at ${angle}` };
}

/** One skill per angle, of a past task at another angle. */
function libraryOf(skills: readonly { readonly source: number; readonly task: number }[]): SkillLibrary {
  const library = new SkillLibrary();
  skills.forEach((skill, i) => {
    const { id: taskId, scenario, instruction } = task(skill.task);
    const found = { name: `f${i}`, source: `function f() { ${skill.source} }`, kind: "function" as const };
    library.save(found, { taskId, scenario, instruction, position: 1, turn: 0 });
  });
  return library;
}

const chosenOf = (candidates: readonly { readonly chosen: boolean; readonly skill: { readonly name: string } }[]) =>
  candidates.filter(({ chosen }) => chosen).map(({ skill }) => skill.name);

Deno.test("queryEmbedding() takes all skills of the nearest past tasks that are near enough", async () => {
  const library = libraryOf([
    { source: 0, task: 50 },
    { source: 0, task: 20 },
    { source: 0, task: 20 },
    { source: 0, task: 30 },
    { source: 0, task: 80 },
  ]);
  const seen: string[] = [];
  const retriever = queryEmbedding(circle(seen));
  assert.deepEqual(chosenOf(await retriever.rank(task(10), library)), ["f1", "f2", "f3"]);
  // cos 60° is below the threshold of 0.6, cos 50° above it.
  assert.deepEqual(chosenOf(await queryEmbedding(circle()).rank(task(0), libraryOf([{ source: 0, task: 60 }]))), []);
  assert.deepEqual(chosenOf(await queryEmbedding(circle()).rank(task(0), libraryOf([{ source: 0, task: 50 }]))), [
    "f0",
  ]);
  await retriever.rank(task(10), library);
  assert.equal(new Set(seen).size, seen.length);
});

Deno.test("skillEmbedding() takes the functions whose sources are nearest, at most six", async () => {
  const library = libraryOf([70, 10, 60, 20, 50, 30, 40, 80].map((source) => ({ source, task: 0 })));
  const ranked = await skillEmbedding(circle()).rank(task(0), library);
  assert.deepEqual(chosenOf(ranked), ["f1", "f3", "f5", "f6", "f4", "f2"]);
  assert.equal(ranked.length, 8);
  assert.ok(Math.abs((ranked[0]?.score ?? 0) - Math.cos(Math.PI / 18)) < 1e-6);
});
