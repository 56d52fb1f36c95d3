import assert from "node:assert/strict";
import { Recorder } from "../../data/recorder.ts";
import { eventRow, identity, inFolder, rolloutRow, runRow, turnRow } from "./_record_fixture.ts";

async function withRecorder(test: (recorder: Recorder) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    recorder.insert("run", [runRow()]);
    await test(recorder);
    await recorder.close();
  });
}

/** Evaluation rollouts of two samples, two scenarios and three siblings; a cell is the success, null a fault. */
const VERDICTS: readonly (readonly (readonly (boolean | null)[])[])[] = [
  [[true, true, true], [true, false, true]],
  [[true, false, false], [true, true, null]],
];

function evaluationRows(): ReturnType<typeof rolloutRow>[] {
  return VERDICTS.flatMap((scenarios, sample) =>
    scenarios.flatMap((verdicts, grp) =>
      verdicts.map((success, i) =>
        rolloutRow({
          phase: "eval/dev",
          split: "dev",
          sample,
          grp,
          position: i + 1,
          scenario: `s${grp}`,
          task_id: `s${grp}_${i + 1}`,
          success,
          score: success === null ? null : success ? 1 : 0.5,
          finish: success === null ? "environment_fault" : "finished",
          steps: i + 1,
          // The first of a chain has nothing to be offered; the second uses what it is offered, the third does not.
          skills_offered: i === 0 ? [] : ["f"],
          used_skill: i === 1,
        })
      )
    )
  );
}

Deno.test("metrics_by_sample gives TGC and SGC, faults left out and counted", async () => {
  await withRecorder(async (recorder) => {
    recorder.insert("rollout", evaluationRows());
    await recorder.flush();
    const { rows } = await recorder.query(
      "SELECT sample, rollouts, scenarios, faults, tgc, sgc, mean_score, mean_steps, skill_use_rate FROM metrics_by_sample ORDER BY sample",
    );
    assert.deepEqual(rows, [
      // 5 of 6 rollouts and 1 of 2 scenarios succeed; 2 of the 4 that were offered a skill use it.
      [0, 6, 2, 0, 5 / 6, 0.5, 5.5 / 6, 2, 0.5],
      // 3 of 5 rollouts; the scenario with the fault is out, the other fails; steps 1+2+3+1+2; 2 of 3 use a skill.
      [1, 6, 2, 1, 3 / 5, 0, 4 / 5, 9 / 5, 2 / 3],
    ]);
  });
});

Deno.test("metrics_by_run averages over samples", async () => {
  await withRecorder(async (recorder) => {
    // Training rollouts do not count.
    recorder.insert("rollout", [...evaluationRows(), rolloutRow({ success: false })]);
    await recorder.flush();
    const { rows: [row] } = await recorder.query(
      "SELECT arm, seed, phase, split, samples, rollouts, scenarios, faults, tgc, sgc, sgc_std FROM metrics_by_run",
    );
    const numbers = row?.slice(8).map(Number) ?? [];
    assert.deepEqual(row?.slice(0, 8), ["sage", 1, "eval/dev", "dev", 2, 12, 2, 1]);
    // sgc 0.5 and 0: standard deviation 0.5 / sqrt(2).
    [(5 / 6 + 3 / 5) / 2, 0.25, 0.5 / Math.SQRT2].forEach((expected, i) => {
      assert.ok(Math.abs((numbers[i] ?? Number.NaN) - expected) < 1e-12);
    });
  });
});

Deno.test("metrics views give null rather than a number where nothing was measured", async () => {
  await withRecorder(async (recorder) => {
    const fault = { phase: "eval/dev", success: null, score: null, passed: null, total: null } as const;
    recorder.insert("rollout", [rolloutRow(fault)]);
    await recorder.flush();
    const { rows } = await recorder.query(
      "SELECT rollouts, faults, tgc, sgc, mean_steps, skill_use_rate FROM metrics_by_run",
    );
    assert.deepEqual(rows, [[1, 1, null, null, null, null]]);
  });
});

Deno.test("learning_curve joins updates and rollouts, and keeps steps that have only one of them", async () => {
  await withRecorder(async (recorder) => {
    recorder.insert("update_step", [
      { run_id: "r", phase: "sft", step: 0, learning_rate: 0.1, loss: 3, weight_sum: 2, tokens: 9 },
      { run_id: "r", phase: "rl", step: 0, learning_rate: 0.2, groups: 4, zero_variance_groups: 1 },
    ]);
    recorder.insert("rollout", [
      rolloutRow({ score: 1 }),
      rolloutRow({ position: 2, score: 0, success: false, skills_offered: ["f"], used_skill: true }),
      rolloutRow({ step: 1, score: 0.5, success: false }),
      rolloutRow({ phase: "eval/dev" }),
    ]);
    recorder.insert(
      "advantage",
      [1, 2].map((position) => ({
        ...identity({ position }),
        reward: position,
        baseline: 1.5,
        advantage: position - 1.5,
      })),
    );
    await recorder.flush();
    const { rows } = await recorder.query(
      `SELECT phase, step, rollouts, mean_reward, mean_score, success_rate, skill_use_rate, mean_loss, learning_rate, zero_variance_share
       FROM learning_curve ORDER BY phase, step`,
    );
    assert.deepEqual(rows, [
      ["rl", 0, 2, 1.5, 0.5, 0.5, 1, null, 0.2, 0.25],
      ["rl", 1, 1, null, 0.5, 0, null, null, null, null],
      ["sft", 0, null, null, null, null, null, 1.5, 0.1, null],
    ]);
  });
});

Deno.test("skill_events_by_kind counts events, rollouts and names", async () => {
  await withRecorder(async (recorder) => {
    recorder.insert("skill_event", [
      eventRow(),
      eventRow({ seq: 1, name: "g" }),
      eventRow({ position: 2 }),
      eventRow({ position: 2, seq: 1, kind: "saved" }),
    ]);
    await recorder.flush();
    const { rows } = await recorder.query(
      "SELECT arm, kind, events, rollouts, skills FROM skill_events_by_kind ORDER BY kind",
    );
    assert.deepEqual(rows, [["sage", "invoked", 3, 2, 2], ["sage", "saved", 1, 1, 1]]);
  });
});

Deno.test("zero_variance_groups lists groups of equal rewards, groups of one among them", async () => {
  await withRecorder(async (recorder) => {
    const rewards_P_G = [[1, 1, 1], [1, 0, 1], [0.1 * 3]];
    recorder.insert(
      "advantage",
      rewards_P_G.flatMap((rewards_G, grp) =>
        rewards_G.map((reward, sample) => ({ ...identity({ grp, sample }), reward, baseline: 0, advantage: 0 }))
      ),
    );
    await recorder.flush();
    const { rows } = await recorder.query("SELECT grp, position, size, reward FROM zero_variance_groups ORDER BY grp");
    assert.deepEqual(rows, [[0, 1, 3, 1], [2, 1, 1, 0.1 * 3]]);
  });
});

Deno.test("token_sequence joins turns in order, with loss on generated ids only", async () => {
  await withRecorder(async (recorder) => {
    recorder.insert("turn", [
      turnRow({ turn: 1, context_ids: [4], generated_ids: [5, 6], logprobs: [-0.25, -0.75] }),
      turnRow({ turn: 0 }),
      turnRow({ position: 2, context_ids: [], generated_ids: [], logprobs: [] }),
    ]);
    await recorder.flush();
    const { rows } = await recorder.query("SELECT ids, loss_mask, logprobs FROM token_sequence ORDER BY position");
    assert.deepEqual(rows, [
      [[1, 2, 3, 4, 5, 6], [false, false, true, false, true, true], [0, 0, -0.5, 0, -0.25, -0.75]],
      [[], [], []],
    ]);
  });
});

Deno.test("token numbers a rollout's tokens over its turns and gives log-probabilities to sampled ones only", async () => {
  await withRecorder(async (recorder) => {
    recorder.insert("turn", [
      turnRow({ turn: 1, context_ids: [4], generated_ids: [5, 6], logprobs: [-0.25, -0.75] }),
      turnRow({ turn: 0 }),
      turnRow({ position: 2, context_ids: [], generated_ids: [], logprobs: [] }),
    ]);
    await recorder.flush();
    const { rows } = await recorder.query("SELECT position, n, turn, id, generated, logprob FROM token ORDER BY ALL");
    assert.deepEqual(rows, [
      [1, 0, 0, 1, false, null],
      [1, 1, 0, 2, false, null],
      [1, 2, 0, 3, true, -0.5],
      [1, 3, 1, 4, false, null],
      [1, 4, 1, 5, true, -0.25],
      [1, 5, 1, 6, true, -0.75],
    ]);
    const observations = await recorder.query("SELECT position, turn, tokens FROM observation ORDER BY ALL");
    assert.deepEqual(observations.rows, [[1, 0, 1], [1, 1, null], [2, 0, null]]);
  });
});

Deno.test("evaluation_curve gives TGC and SGC per number of updates, apart from the final evaluation", async () => {
  await withRecorder(async (recorder) => {
    const curve = evaluationRows().map((row) => ({ ...row, phase: "curve/dev" }));
    recorder.insert("rollout", [
      ...curve.filter(({ sample }) => sample === 0),
      ...curve.filter(({ sample }) => sample === 0).map((row) => ({ ...row, step: 5, success: true })),
      ...evaluationRows(),
    ]);
    await recorder.flush();
    const { rows } = await recorder.query("SELECT split, step, rollouts, tgc, sgc FROM evaluation_curve ORDER BY step");
    assert.deepEqual(rows, [["dev", 0, 6, 5 / 6, 0.5], ["dev", 5, 6, 1, 1]]);
    assert.deepEqual((await recorder.query("SELECT count(*) FROM learning_curve")).rows, [[0]]);
    assert.deepEqual((await recorder.query("SELECT sum(rollouts) FROM metrics_by_run")).rows, [[12]]);
  });
});

Deno.test("verdict_latest gives the newest version, nulls included", async () => {
  await withRecorder(async (recorder) => {
    const verdict = { ...identity(), detail: "", versions: {} };
    recorder.insert("verdict", [
      { ...verdict, grader: "exact/1", version: 1, verdict: "correct", gold: "4", answer: "4", score: 1 },
      { ...verdict, grader: "exact/1", version: 2, verdict: "unparsed", gold: "4", answer: null, score: 0 },
      { ...verdict, grader: "sympy/1", version: 1, verdict: "timeout" },
    ]);
    await recorder.flush();
    const { rows } = await recorder.query(
      "SELECT grader, version, verdict, gold, answer, score FROM verdict_latest ORDER BY grader",
    );
    assert.deepEqual(rows, [["exact/1", 2, "unparsed", "4", null, 0], ["sympy/1", 1, "timeout", null, null, null]]);
  });
});
