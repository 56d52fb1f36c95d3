import assert from "node:assert/strict";
import { readLibrary } from "../../train/recipes/arise_library_file.ts";
import { runSmall, SMALL_RUN } from "./_arise_small.ts";
import { columnOf, hashOf, withFolder } from "./_workbench.ts";

const CHILD = new URL("./_arise_child.ts", import.meta.url).pathname;

/** Runs the child until it dies; the name of the signal, or null if it came to its end. */
async function die(workspace: string, where: string, at: number): Promise<string | null> {
  const { signal, success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", "--no-check", "--allow-write", "--allow-run", CHILD, workspace, where, String(at)],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success && signal === null) throw new Error(new TextDecoder().decode(stderr));
  return signal;
}

async function filesOf(workspace: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const folder = `${workspace}/checkpoints/${SMALL_RUN}`;
  for await (const { name } of Deno.readDir(folder)) {
    const content = await Deno.readFile(`${folder}/${name}`);
    files[name] = new Uint8Array(await crypto.subtle.digest("SHA-256", content)).toHex();
  }
  return files;
}

Deno.test("runArise() ends in the same rows, weights and library when it is killed at any point and started again", async (t) => {
  await withFolder(async (folder) => {
    const whole = `${folder}/whole`;
    const library = await runSmall(whole);
    const rows = await hashOf(whole);
    const files = await filesOf(whole);
    assert.deepEqual(Object.keys(files).sort(), ["rl-3.library.json", "rl-3.safetensors"]);
    const saved = await readLibrary(`${whole}/checkpoints/${SMALL_RUN}/rl-3.safetensors`);
    assert.deepEqual(saved.toJson(), library.toJson());
    // 4 steps, curve points before steps 0 and 2 and after the last, and two evaluations.
    assert.equal((await columnOf(whole, "SELECT unit FROM unit")).length, 9);
    const kills: readonly (readonly [string, string, number])[] = [
      ["library and weights written, step not committed", "before_commit", 4],
      ["between the commit of a step and its curve point", "after_commit", 3],
      ["in the middle of reporting a step", "insert", 120],
    ];
    const signals = await Promise.all(kills.map(([, where, at]) => die(`${folder}/${where}`, where, at)));
    for (const [i, [what, where, at]] of kills.entries()) {
      await t.step(what, async () => {
        const workspace = `${folder}/${where}`;
        assert.equal(signals[i], "SIGKILL", `${where} ${at} was never reached`);
        assert.ok((await columnOf(workspace, "SELECT unit FROM unit")).length < 9);
        assert.deepEqual((await runSmall(workspace)).toJson(), library.toJson());
        assert.deepEqual(await hashOf(workspace), rows);
        assert.deepEqual(await filesOf(workspace), files);
      });
    }
    await t.step("finished work is not done again", async () => {
      assert.deepEqual((await runSmall(whole)).toJson(), library.toJson());
      assert.deepEqual(await hashOf(whole), rows);
    });
  });
});
