import assert from "node:assert/strict";
import { rowHash } from "../../data/row_hash.ts";
import { runSql } from "../../data/sql.ts";
import { databasePath } from "../../eval/reproduce.ts";

const CHILD = new URL("./_reproduce_child.ts", import.meta.url).pathname;

async function reproduce(workspace: string, where = "never", at = 0): Promise<string | null> {
  const { signal, success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", `--allow-write`, "--allow-run", CHILD, workspace, where, String(at)],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success && signal === null) throw new Error(new TextDecoder().decode(stderr));
  return signal;
}

async function hashOf(workspace: string): Promise<Record<string, string>> {
  return (await rowHash(databasePath(workspace))).tables;
}

Deno.test("reproduceSage() ends in the same rows when it is killed at any point and started again", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const whole = `${folder}/whole`;
    assert.equal(await reproduce(whole), null);
    const expected = await hashOf(whole);
    const counts = await runSql(databasePath(whole), "SELECT count(*) FROM unit");
    const units = Number(counts.rows[0]?.[0]);
    // 3 SFT units, 2 + 2 RL steps, 3 arms x 2 splits.
    assert.equal(units, 13);
    const kills: [string, number][] = [
      ["before_commit", 2], // an SFT checkpoint is written but not committed
      ["after_commit", 3], // between the warm start and its evaluation
      ["insert", 400], // in the middle of reporting rollouts
      ["before_commit", 7], // a GRPO step is done but not committed
      ["after_commit", 11], // a SAGE step is committed
    ];
    await t.step("one kill each", async () => {
      for (const [where, at] of kills) {
        const workspace = `${folder}/${where}-${at}`;
        assert.equal(await reproduce(workspace, where, at), "SIGKILL", `${where} ${at} was never reached`);
        assert.equal(await reproduce(workspace), null);
        assert.deepEqual(await hashOf(workspace), expected, `${where} ${at}`);
      }
    });
    await t.step("killed again and again", async () => {
      const workspace = `${folder}/often`;
      let kills = 0;
      // Each life commits two units and dies before the third.
      while (await reproduce(workspace, "before_commit", 3) === "SIGKILL") kills++;
      assert.equal(kills, 6);
      assert.deepEqual(await hashOf(workspace), expected);
    });
    await t.step("finished work is not done again", async () => {
      assert.equal(await reproduce(whole, "before_commit", 1), null);
      assert.deepEqual(await hashOf(whole), expected);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
