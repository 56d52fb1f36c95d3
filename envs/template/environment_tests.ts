import assert from "node:assert/strict";
import { checkConformance } from "whetstone/envs/conformance.ts";
import type { Episode } from "whetstone/envs/contract.ts";
import { createEnvironment } from "./environment.ts";

function open(): Promise<Episode> {
  const environment = createEnvironment({ seed: 1 });
  return environment.open(environment.task("coins-1-5-12_1"));
}

Deno.test("my-environment keeps the contract of environments", async () => {
  const { problems, tasks, passed } = await checkConformance(() => Promise.resolve(createEnvironment({ seed: 1 })));
  assert.ok(passed, JSON.stringify([...problems, ...tasks.flatMap((task) => task.problems)]));
});

Deno.test("my-environment gives half the score for the amount in small coins", async () => {
  const episode = await open();
  const amount = Number(/exactly (\d+)/.exec(episode.task.instruction)?.[1]);
  for (let paid = 0; paid < amount; paid++) await episode.step("pay 1");
  assert.equal((await episode.evaluate()).score, 0.5);
});

Deno.test("my-environment answers an unknown action with those that there are", async () => {
  const episode = await open();
  const { observation, ok, done } = await episode.step("pay 3");
  assert.deepEqual([ok, done], [false, false]);
  assert.match(observation, /pay COIN, or done/);
});
