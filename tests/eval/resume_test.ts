import assert from "node:assert/strict";
import { rowHash } from "../../data/row_hash.ts";
import { runSql } from "../../data/sql.ts";
import { databasePath } from "../../eval/training_bench.ts";

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
    await t.step("rows agree with each other", async () => {
      /** What must not be there, as queries that count it. */
      const contradictions = {
        "a reward that is not the sum of its terms":
          "SELECT count(*) FROM (SELECT abs(any_value(a.reward) - sum(t.value)) AS off FROM advantage a JOIN reward_term t " +
          "USING (run_id, phase, step, grp, sample, position) GROUP BY a.run_id, a.phase, a.step, a.grp, a.sample, a.position) WHERE off > 1e-9",
        "a group whose advantages do not add up to zero":
          "SELECT count(*) FROM (SELECT abs(sum(advantage)) AS off FROM advantage GROUP BY run_id, step, grp, position) WHERE off > 1e-9",
        "a generated token without its log-probability":
          "SELECT count(*) FROM turn WHERE len(generated_ids) <> len(logprobs)",
        "a rollout whose steps are not its turns":
          "SELECT count(*) FROM rollout r WHERE steps <> (SELECT count(*) FROM turn t WHERE (t.run_id, t.phase, t.step, t.grp, t.sample, t.position) = (r.run_id, r.phase, r.step, r.grp, r.sample, r.position))",
        "a rollout of an unknown task": "SELECT count(*) FROM rollout ANTI JOIN task USING (task_id)",
        "an arm without rollouts": "SELECT count(*) FROM run ANTI JOIN rollout USING (run_id)",
        "an RL rollout without an advantage":
          "SELECT count(*) FROM (SELECT run_id, step, grp, sample, position FROM rollout WHERE phase = 'rl' EXCEPT SELECT run_id, step, grp, sample, position FROM advantage)",
      };
      for (const [what, query] of Object.entries(contradictions)) {
        assert.equal(Number((await runSql(databasePath(whole), query)).rows[0]?.[0]), 0, what);
      }
    });
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
