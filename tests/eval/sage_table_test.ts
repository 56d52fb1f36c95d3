import assert from "node:assert/strict";
import { keyedRandom } from "../../data/keyed_random.ts";
import { Recorder } from "../../data/recorder.ts";
import { type EvaluationRow, type Metric, metricCells, METRICS, metricValue } from "../../eval/metrics.ts";
import { paperDifference, paperValue } from "../../eval/paper_values.ts";
import {
  type ArmEvaluation,
  cellSql,
  evaluationRowsSql,
  renderSageTable,
  sageTable,
  sageTableJson,
} from "../../eval/sage_table.ts";
import { SAGE_ARMS, type SageArm } from "../../eval/scales.ts";
import { matchFixture } from "../_fixture.ts";
import { row, scenario } from "./_rows.ts";

const SHARES: Readonly<Record<SageArm, number>> = { "SFT": 0.4, "SFT + GRPO": 0.6, "SAGE": 0.75 };

/** Made-up evaluations: twelve scenarios of varying difficulty, two seeds, two passes. */
function madeUp(arm: SageArm, split: string): EvaluationRow[] {
  const rows: EvaluationRow[] = [];
  for (const seed of [1, 2]) {
    for (const evalRun of [0, 1]) {
      for (let s = 0; s < 12; s++) {
        for (const position of [1, 2, 3]) {
          const random = keyedRandom("made up", arm, split, seed, evalRun, s, position);
          const skillsOffered = arm === "SFT + GRPO" ? 0 : position - 1;
          rows.push(row({
            seed,
            evalRun,
            scenario: `scenario-${s}`,
            position,
            success: random.uniform() < SHARES[arm] + (s % 3 - 1) * 0.2,
            steps: random.int(2, 5),
            generatedTokens: random.int(60, 140),
            skillsOffered,
            usedSkill: skillsOffered > 0 && random.uniform() < 0.8,
          }));
        }
      }
    }
  }
  return rows;
}

function evaluations(splits = ["test_challenge", "test_normal"]): ArmEvaluation[] {
  return splits.flatMap((split) => [...SAGE_ARMS].reverse().map((arm) => ({ arm, split, rows: madeUp(arm, split) })));
}

Deno.test("sageTable() puts splits and arms in the paper's order and compares SAGE with SFT + GRPO", () => {
  const table = sageTable(evaluations(), { resamples: 200 });
  assert.deepEqual(table.splits.map(({ split }) => split), ["test_normal", "test_challenge"]);
  for (const split of table.splits) {
    assert.deepEqual(split.rows.map(({ arm }) => arm), [...SAGE_ARMS]);
    const value = (arm: number) => split.rows[arm]?.cells.tgc?.ours.value ?? NaN;
    assert.equal(split.differences[0]?.ours.value, value(2) - value(1));
    assert.equal(split.rows[1]?.cells.skillUse?.ours.value, null);
    assert.equal(split.differences.find(({ metric }) => metric === "skillUse")?.ours.value, null);
  }
});

Deno.test("renderSageTable() prints every cell as ours, interval and paper, in text and Markdown", async () => {
  const table = sageTable([
    ...evaluations(["test_normal"]),
    { arm: "SAGE", split: "test_challenge", rows: madeUp("SAGE", "test_challenge"), faults: 2 },
  ]);
  await matchFixture("eval/sage_table.txt", renderSageTable(table));
  await matchFixture("eval/sage_table.md", renderSageTable(table, { format: "markdown" }));
});

Deno.test("sageTableJson() is plain JSON that holds every run's value and the paper's convention", () => {
  const json = JSON.parse(JSON.stringify(sageTableJson(sageTable(evaluations(["test_normal"]), { resamples: 50 }))));
  const cell = json.splits[0].rows[2].cells.sgc;
  assert.equal(cell.runs.length, 4);
  assert.equal(cell.paper.value, 60.7);
  assert.equal(cell.paperConvention.runs.length, 4);
  assert.equal(cell.ours.scenarios, 12);
});

Deno.test("sageTable() works with no rows, with one arm, and rejects an arm that is there twice", () => {
  assert.deepEqual(sageTable([]), { splits: [] });
  const one = sageTable([{ arm: "SAGE", split: "test_normal", rows: [] }]);
  assert.equal(one.splits[0]?.rows[0]?.cells.tgc?.ours.value, null);
  assert.match(renderSageTable(one), /SAGE {2}— \(paper 72\.0\)/);
  const twice = [{ arm: "SAGE" as const, split: "dev", rows: [] }, { arm: "SAGE" as const, split: "dev", rows: [] }];
  assert.throws(() => sageTable(twice), /arm SAGE is there twice in split dev/);
});

Deno.test("renderSageTable() says what an interval without width means, where there is one", () => {
  const solved = ["a", "b"].flatMap((name) => scenario(name, [true, true, true]));
  const text = renderSageTable(sageTable([{ arm: "SAGE", split: "test_normal", rows: solved }], { resamples: 20 }));
  assert.match(text, /100\.0 \[100\.0, 100\.0\] \(paper 72\.0\)/);
  assert.match(text, /without width/);
  assert.doesNotMatch(renderSageTable(sageTable(evaluations(["test_normal"]), { resamples: 50 })), /without width/);
});

Deno.test("paperValue() holds the published table, and nothing where nothing was published", () => {
  const line = (split: string, arm: SageArm) =>
    (["tgc", "sgc", "steps", "tokens", "skillUse"] as const).map((metric) =>
      paperValue(split, arm, metric)?.value ?? null
    );
  assert.deepEqual(line("test_normal", "SFT"), [55.2, 41.7, 11.4, 1340, 0.63]);
  assert.deepEqual(line("test_normal", "SFT + GRPO"), [66.1, 51.2, 12.8, 1284, null]);
  assert.deepEqual(line("test_normal", "SAGE"), [72.0, 60.7, 12.1, 1475, 0.88]);
  assert.deepEqual(line("test_challenge", "SFT"), [37.2, 20.9, 16.2, null, null]);
  assert.deepEqual(line("test_challenge", "SFT + GRPO"), [null, null, null, null, null]);
  assert.deepEqual(line("test_challenge", "SAGE"), [50.1, 32.4, 17.3, null, null]);
  assert.equal(paperValue("dev", "SAGE", "tgc"), null);
  assert.equal(paperValue("test_normal", "SFT + GRPO", "tgc")?.confidence, "secondary");
  const difference = paperDifference("test_normal", "SAGE", "SFT + GRPO", "sgc");
  assert.deepEqual([difference?.value, difference?.confidence], [9.5, "secondary"]);
  assert.equal(paperDifference("test_challenge", "SAGE", "SFT + GRPO", "sgc"), null);
});

/** Writes rollouts of one run into a record; the row at `fault` gets no verdict. */
function record(recorder: Recorder, arm: SageArm, seed: number, rows: readonly EvaluationRow[], fault: number): string {
  const run_id = `${arm}-s${seed}`.replaceAll(/[ +]/g, "_");
  recorder.insert("run", [{
    run_id,
    arm,
    recipe: "sage",
    config: {},
    config_hash: "0",
    seed,
    environment: "apps",
    environment_hash: "0",
    device: "cpu",
    versions: {},
    started_at: new Date(0),
  }]);
  const names = [...new Set(rows.map((entry) => entry.scenario))];
  recorder.insert(
    "rollout",
    rows.map((entry, index) => ({
      run_id,
      phase: "eval/test_normal",
      step: 0,
      grp: names.indexOf(entry.scenario),
      sample: entry.evalRun,
      position: entry.position,
      task_id: entry.taskId,
      scenario: entry.scenario,
      split: "test_normal",
      agent: "skill-library",
      finish: index === fault ? "environment_fault" : "finished",
      success: index === fault ? null : entry.success,
      score: index === fault ? null : Number(entry.success),
      no_code: false,
      steps: entry.steps,
      prompt_tokens: 10,
      generated_tokens: entry.generatedTokens,
      observation_tokens: 5,
      skills_offered: Array.from({ length: entry.skillsOffered }, (_, i) => `skill_${i}`),
      skills_used: entry.usedSkill ? ["skill_0"] : [],
      skills_defined: [],
      used_skill: entry.usedSkill,
      smoke_failed: false,
    })),
  );
  return run_id;
}

Deno.test("cellSql() and evaluationRowsSql() give what the metrics give, faults left out", async () => {
  const folder = await Deno.makeTempDir();
  const recorder = await Recorder.open(`${folder}/whet.duckdb`);
  try {
    const rows = madeUp("SAGE", "test_normal");
    const FAULT = 4;
    const runIds = [1, 2].map((seed) => {
      const own = rows.filter((entry) => entry.seed === seed);
      return record(recorder, "SAGE", seed, own, seed === 1 ? FAULT : -1);
    });
    await recorder.flush();
    const scored = rows.filter((entry) => entry !== rows.filter(({ seed }) => seed === 1)[FAULT]);
    for (const metric of Object.keys(METRICS) as Metric[]) {
      const result = await recorder.query(cellSql({ runId: runIds, split: "test_normal", metric }));
      const expected = metricValue(metricCells(scored, metric)) ?? NaN;
      assert.ok(
        Math.abs(Number(result.rows[0]?.[0]) - expected) < 1e-9,
        `${metric}: ${result.rows[0]?.[0]} ${expected}`,
      );
    }
    const fetched = await recorder.query(evaluationRowsSql(runIds));
    const columns = fetched.columns.map(({ name }) => name);
    const value = (line: readonly unknown[], name: string) => line[columns.indexOf(name)];
    assert.equal(fetched.rows.length, rows.length);
    assert.equal(fetched.rows.filter((line) => value(line, "success") === null).length, 1);
    const seen = fetched.rows.filter((line) => value(line, "success") !== null).map((line) =>
      [
        value(line, "seed"),
        value(line, "sample"),
        value(line, "task_id"),
        value(line, "success"),
        value(line, "steps"),
        value(line, "generated_tokens"),
        value(line, "skills_offered"),
        value(line, "used_skill"),
      ].join()
    );
    const wanted = scored.map((entry) =>
      [
        entry.seed,
        entry.evalRun,
        entry.taskId,
        entry.success,
        entry.steps,
        entry.generatedTokens,
        entry.skillsOffered,
        entry.usedSkill,
      ].join()
    );
    assert.deepEqual(seen.sort(), wanted.sort());
  } finally {
    await recorder.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("cellSql() quotes ids and asks for at least one run", () => {
  assert.match(cellSql({ runId: "a'b", split: "dev", metric: "sgc" }), /run_id IN \('a''b'\)/);
  assert.throws(
    () => cellSql({ runId: [], split: "dev", metric: "tgc" }),
    /runIds must hold at least one run id, got none/,
  );
  assert.throws(() => evaluationRowsSql([]), RangeError);
});
