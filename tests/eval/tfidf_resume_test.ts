import assert from "node:assert/strict";
import { Recorder } from "../../data/recorder.ts";
import { makeArms } from "./_arise_record.ts";
import { hashOf, withFolder } from "./_workbench.ts";

/** Stops everything at a commit of a unit: before it, or after it. */
async function stoppedAt(unit: string, when: "before" | "after", work: () => Promise<unknown>): Promise<void> {
  const { commit } = Recorder.prototype;
  Recorder.prototype.commit = async function (this: Recorder, ...args: Parameters<typeof commit>) {
    const here = args[0].startsWith("tfidf") && args[1] === unit;
    if (here && when === "before") throw new Error("stopped");
    const result = await commit.apply(this, args);
    if (here) throw new Error("stopped");
    return result;
  };
  try {
    await assert.rejects(work(), /stopped/);
  } finally {
    Recorder.prototype.commit = commit;
  }
}

Deno.test("TrainingBench.tfidf() ends in the same rows and library when it is stopped at a step, a point or an evaluation", async () => {
  await withFolder(async (folder) => {
    const whole = `${folder}/whole`;
    const run = (await makeArms(whole, ["TF-IDF manager"])).get("TF-IDF manager") ?? "";
    const library = (workspace: string) => Deno.readTextFile(`${workspace}/checkpoints/${run}/rl-2.library.json`);
    const stops = [["rl/1", "after"], ["curve/test/2", "before"]] as const;
    for (const [i, [unit, when]] of stops.entries()) {
      const workspace = `${folder}/${i}`;
      await stoppedAt(unit, when, () => makeArms(workspace, ["TF-IDF manager"]));
      await makeArms(workspace, ["TF-IDF manager"]);
      assert.deepEqual(await hashOf(workspace), await hashOf(whole), `${when} ${unit}`);
      assert.equal(await library(workspace), await library(whole));
    }
    // Nothing is left to do.
    const before = await hashOf(whole);
    await makeArms(whole, ["TF-IDF manager"]);
    assert.deepEqual(await hashOf(whole), before);
  });
});
