import assert from "node:assert/strict";
import { UnknownEnvironmentError } from "../../envs/registry.ts";
import { train, type TrainOptions } from "../../eval/train.ts";
import { TRAIN_ARMS, trainingConfigs } from "../../eval/training_scales.ts";
import { columnOf, hashOf, never, rowsOf, silent, withFolder } from "./_workbench.ts";

const CHILD = new URL("./_train_child.ts", import.meta.url).pathname;
const PARITY = new URL("../fixtures/parity_environment.ts", import.meta.url).href;

function options(workspace: string, more: Partial<TrainOptions> = {}): TrainOptions {
  return {
    recipe: "grpo",
    environment: "math",
    scale: "ci",
    seeds: 1,
    seed: 1,
    worldSeed: 1,
    device: "cpu",
    workspace,
    signal: never,
    progress: silent(),
    ...more,
  };
}

/** Trains in another process; gives the signal that ended it. */
async function trainApart(workspace: string, where = "never", at = 0): Promise<string | null> {
  const { signal, success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-P", "--quiet", "--no-check", "--allow-write", "--allow-run", CHILD, workspace, where, String(at)],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success && signal === null) throw new Error(new TextDecoder().decode(stderr));
  return signal;
}

Deno.test("train() ends in the same rows when it is killed at any point and started again", async (t) => {
  await withFolder(async (folder) => {
    const whole = `${folder}/whole`;
    const report = await train(options(whole));
    const expected = await hashOf(whole);
    await t.step("units are the warm start, the curve, the updates and the evaluations", async () => {
      assert.deepEqual(
        await columnOf(whole, "SELECT unit FROM unit JOIN run USING (run_id) ORDER BY recipe DESC, seq"),
        [
          "sft/0",
          "sft/1",
          "eval/test_id",
          "eval/test_ood",
          "curve/test_id/0",
          "curve/test_ood/0",
          "rl/0",
          "curve/test_id/1",
          "curve/test_ood/1",
          "rl/1",
          "curve/test_id/2",
          "curve/test_ood/2",
          "eval/test_id",
          "eval/test_ood",
        ],
      );
    });
    await t.step("the curve has a point before the first update, after each and after the last", async () => {
      const points = await rowsOf(
        whole,
        "SELECT phase, step, count(*) AS n FROM rollout WHERE phase LIKE 'curve/%' GROUP BY ALL ORDER BY ALL",
      );
      // Six tasks, one sample each.
      const expectedPoints = ["curve/test_id", "curve/test_ood"].flatMap((phase) =>
        [0, 1, 2].map((step) => [phase, step, 6])
      );
      assert.deepEqual(points, expectedPoints);
      assert.ok(report.plot !== null);
      assert.match(await Deno.readTextFile(report.plot), /^<svg/);
    });
    await t.step("point 0 plays what the warm start plays", async () => {
      // Weights and random numbers of a curve point are its own: only the tasks and the agent are those of the evaluation.
      const tasks = (phase: string) =>
        columnOf(whole, `SELECT DISTINCT task_id FROM rollout WHERE phase = '${phase}' ORDER BY task_id`);
      assert.deepEqual(await tasks("curve/test_id"), await tasks("eval/test_id"));
    });
    await t.step("both arms are reported, with a difference per split", () => {
      assert.deepEqual(report.tables.map((table) => table.key), ["test-id", "test-ood", "differences"]);
      assert.deepEqual(report.tables[0]?.rows.map((row) => row.cells[0]?.text), [...TRAIN_ARMS]);
    });
    await t.step("a second call does nothing new and reports the same", async () => {
      const again = await train(options(whole));
      assert.deepEqual(await hashOf(whole), expected);
      assert.equal(again.text, report.text);
    });
    await t.step("another workspace gets the same rows", async () => {
      await train(options(`${folder}/other`));
      assert.deepEqual(await hashOf(`${folder}/other`), expected);
    });
    await t.step("the warm start alone is that of the whole, and is not made again", async () => {
      const workspace = `${folder}/steps`;
      const sft = await train(options(workspace, { recipe: "sft" }));
      assert.deepEqual(await columnOf(workspace, "SELECT recipe FROM run"), ["sft"]);
      assert.deepEqual(sft.tables[0]?.rows.map((row) => row.cells[0]?.text), ["SFT"]);
      assert.equal(sft.plot, null);
      const updates = await rowsOf(workspace, "SELECT run_id, wall_ms FROM unit WHERE unit LIKE 'sft/%' ORDER BY seq");
      await train(options(workspace));
      // Durations of units are kept: had the warm start been made again, they would be others.
      assert.deepEqual(
        await rowsOf(workspace, "SELECT run_id, wall_ms FROM unit WHERE unit LIKE 'sft/%' ORDER BY seq"),
        updates,
      );
      assert.deepEqual(await hashOf(workspace), expected);
    });
    await t.step("killed again and again", async () => {
      const workspace = `${folder}/often`;
      let kills = 0;
      // Each life commits three units and dies before the fourth.
      while (await trainApart(workspace, "before_commit", 4) === "SIGKILL") kills++;
      assert.equal(kills, 4);
      assert.deepEqual(await hashOf(workspace), expected);
    });
    await t.step("killed once, between or in the middle of units", async () => {
      const kills: [string, number][] = [
        ["after_commit", 2], // the warm start is done and not evaluated
        ["insert", 300], // in the middle of reporting rollouts
        ["after_commit", 7], // an update is committed and its point of the curve is not drawn
      ];
      for (const [where, at] of kills) {
        const workspace = `${folder}/${where}-${at}`;
        assert.equal(await trainApart(workspace, where, at), "SIGKILL", `${where} ${at} was never reached`);
        await train(options(workspace));
        assert.deepEqual(await hashOf(workspace), expected, `${where} ${at}`);
      }
    });
  });
});

Deno.test("train() stops when its signal is aborted, and goes on from there when called again", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/whet.json`, JSON.stringify({ environments: { parity: { module: PARITY } } }));
    const parity = { environment: "parity", config: `${folder}/whet.json`, seeds: 2 };
    await train(options(`${folder}/whole`, parity));
    const workspace = `${folder}/stopped`;
    const stop = new AbortController();
    const progress = silent();
    const { phase } = progress;
    progress.phase = (name, unit) => {
      const handle = phase.call(progress, name, unit);
      if (name === "seed 2: SFT + GRPO") stop.abort(new Error("enough"));
      return handle;
    };
    await assert.rejects(train(options(workspace, { ...parity, signal: stop.signal, progress })), /enough/);
    const done = await columnOf(workspace, "SELECT DISTINCT seed FROM run ORDER BY seed");
    assert.deepEqual(done, [1, 2]);
    assert.deepEqual(await columnOf(workspace, "SELECT count(*) FROM unit WHERE run_id LIKE 'grpo%s2'"), [0]);
    await train(options(workspace, parity));
    assert.deepEqual(await hashOf(workspace), await hashOf(`${folder}/whole`));
  });
});

Deno.test("train() takes an environment of one's own from the file that registers it, with its options", async () => {
  await withFolder(async (folder) => {
    const config = `${folder}/whet.json`;
    await Deno.writeTextFile(config, JSON.stringify({ environments: { parity: { module: PARITY } } }));
    const report = await train(options(folder, { environment: "parity", config, environmentOptions: { tests: 2 } }));
    // Two scenarios of an even and an odd task in `test`, the only split whose name begins with test.
    assert.deepEqual(report.tables.map((table) => table.key), ["test", "differences"]);
    assert.equal(report.tables[0]?.rows[0]?.cells[1]?.value, 4);
    assert.deepEqual(
      await columnOf(folder, "SELECT DISTINCT config->>'$.train.environment.options' FROM run"),
      ['{"tests":2}'],
    );
    // What it trains on are its own train tasks, since it has no extra instances.
    assert.deepEqual(await columnOf(folder, "SELECT DISTINCT split FROM rollout ORDER BY split"), ["test", "train"]);
    assert.deepEqual(await columnOf(folder, "SELECT count(*) FROM rollout ANTI JOIN task USING (task_id)"), [0]);
  });
});

Deno.test("train() gives a run of another seed another id and other rows", async () => {
  await withFolder(async (folder) => {
    const config = `${folder}/whet.json`;
    await Deno.writeTextFile(config, JSON.stringify({ environments: { parity: { module: PARITY } } }));
    await train(options(folder, { recipe: "sft", environment: "parity", config, seeds: 2, seed: 7 }));
    const runs = await rowsOf(folder, "SELECT seed, run_id FROM run ORDER BY seed");
    assert.deepEqual(runs.map(([seed, id]) => [seed, String(id).endsWith(`s${seed}`)]), [[7, true], [8, true]]);
    assert.deepEqual(await columnOf(folder, "SELECT count(DISTINCT config_hash) FROM run"), [1]);
    assert.deepEqual(
      await columnOf(folder, "SELECT count(DISTINCT sha256) FROM checkpoint WHERE unit = 'sft/1'"),
      [2],
    );
  });
});

Deno.test("train() names the closest environment when there is none of the name, and leaves no rows", async () => {
  await withFolder(async (folder) => {
    await assert.rejects(train(options(folder, { environment: "mahts" })), (error: Error) => {
      assert.ok(error instanceof UnknownEnvironmentError);
      assert.match(error.message, /got mahts; did you mean math\?$/);
      return true;
    });
    assert.deepEqual(await columnOf(folder, "SELECT count(*) FROM run"), [0]);
  });
});

Deno.test("trainingConfigs() trains and evaluates with one agent that fits the actions, and starts from the parent", () => {
  const base = { environment: { id: "x", seed: 1, hash: "0" }, device: "cpu" } as const;
  for (const scale of ["smoke", "nano", "ci"] as const) {
    for (const actions of ["text", "code"] as const) {
      const { sft, grpo, evaluation } = trainingConfigs(scale, actions, base);
      const trained = grpo("sft-0");
      assert.equal(trained.agent, actions === "text" ? "solver" : "codeact");
      assert.equal(evaluation.agent, trained.agent);
      assert.equal(evaluation.maxTurnTokens, trained.maxTurnTokens);
      assert.equal(trained.parent, "sft-0");
      assert.equal(trained.rewardKind, "outcome");
      assert.equal(trained.chainLength, 1);
      assert.equal(sft.width % sft.heads, 0);
      assert.equal(sft.heads % sft.keyValueHeads, 0);
    }
  }
});
