import assert from "node:assert/strict";
import { Recorder } from "../../data/recorder.ts";
import { ariseAblationTable } from "../../eval/arise_ablation.ts";
import { ariseReport } from "../../eval/arise_report.ts";
import { ARISE_ABLATIONS, ARISE_ARMS } from "../../eval/arise_scales.ts";
import { ariseTables } from "../../eval/arise_tables.ts";
import { NothingToReportError } from "../../eval/nothing_to_report.ts";
import { curveSql } from "../../eval/plots/curve_metrics.ts";
import { curvePoints } from "../../eval/plots/learning_curve.ts";
import { makePlot } from "../../eval/plots/make_plot.ts";
import { NothingToPlotError } from "../../eval/plots/plot.ts";
import { renderSvg } from "../../eval/plots/render_svg.ts";
import { ARISE_CURVES } from "../../eval/plots/stacked_curves.ts";
import { type Query, rowObjects } from "../../eval/query_rows.ts";
import { ariseAblations, ariseArms, recordedAriseArms, UnknownArmError } from "../../eval/reproduce_arise.ts";
import type { TableCell, TableModel } from "../../eval/table_model.ts";
import { databasePath } from "../../eval/workspace_files.ts";
import { makeArms, SPLITS } from "./_arise_record.ts";
import { withFolder } from "./_workbench.ts";

/** A record in which arms solved scenarios, one task and one sample each. */
async function withOutcomes(
  outcomes: Readonly<Record<string, readonly boolean[]>>,
  use: (query: Query) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const recorder = await Recorder.open(databasePath(folder));
    try {
      for (const [arm, solved] of Object.entries(outcomes)) {
        recorder.insert("run", [{
          run_id: arm,
          arm,
          recipe: "arise",
          config: {},
          config_hash: arm,
          seed: 1,
          environment: "math",
          environment_hash: "h",
          device: "cpu",
          versions: {},
          started_at: new Date(0),
        }]);
        recorder.insert(
          "rollout",
          solved.map((success, grp) => ({
            run_id: arm,
            phase: "eval/test",
            step: 0,
            grp,
            sample: 0,
            position: 1,
            task_id: `t${grp}`,
            scenario: `s${grp}`,
            split: "test",
            agent: "arise",
            finish: "finished",
            success,
            score: Number(success),
            passed: Number(success),
            total: 1,
            no_code: false,
            steps: 1,
            prompt_tokens: 1,
            generated_tokens: 1,
            observation_tokens: 0,
            skills_offered: [],
            skills_used: [],
            skills_defined: [],
            used_skill: false,
            smoke_failed: false,
            tests: null,
            wall_ms: null,
          })),
        );
      }
      await recorder.flush();
      await use((sql) => recorder.query(sql));
    } finally {
      await recorder.close();
    }
  });
}

/** A workspace's record, open for queries. */
async function openRecord(workspace: string) {
  const recorder = await Recorder.open(databasePath(workspace));
  const query: Query = (sql) => recorder.query(sql);
  return { query, [Symbol.asyncDispose]: () => recorder.close() };
}

/** Cells of a table by row and column. */
function cellsOf({ columns, rows }: TableModel): Record<string, Record<string, TableCell | undefined>> {
  return Object.fromEntries(
    rows.map((row) => [row.cells[0]?.text ?? "", Object.fromEntries(columns.map(({ key }, i) => [key, row.cells[i]]))]),
  );
}

Deno.test("ariseAblationTable() adjusts by the number of ablations what a single one would resolve", async () => {
  const right = Array.from({ length: 6 }, () => true);
  const wrong = right.map(() => false);
  await withOutcomes({ "ARISE": right, "no gate": wrong, "no R_s": wrong }, async (query) => {
    const arms = ["ARISE", "no gate", "no R_s", "no warm-up"].map((name) => ({
      name,
      runs: name === "no warm-up" ? [] : [name],
    }));
    const options = { splits: ["test"], reference: "ARISE" };
    const single = cellsOf(await ariseAblationTable(query, { ...options, arms: arms.slice(0, 2) }));
    // Six scenarios that all lose: two of the 2^6 signs are as far from 0.
    assert.match(single["no gate"]?.["difference-test"]?.text ?? "", /^−100\.0.*, p = 0\.031$/);
    const table = await ariseAblationTable(query, { ...options, arms });
    const cells = cellsOf(table);
    assert.equal(cells["ARISE"]?.["difference-test"]?.text, "reference");
    assert.match(cells["no gate"]?.["difference-test"]?.text ?? "", /^−100\.0.*, p = 0\.063, not resolved$/);
    assert.equal(cells["ARISE"]?.["pass-test"]?.value, 100);
    assert.deepEqual(
      Object.entries(cells["no warm-up"] ?? {}).slice(1).map(([, cell]) => cell?.text),
      ["0", "—", "—", "—", "—", "—"],
    );
    // The published share of two of the rows, and none beside the others.
    const paper = table.rows.map(({ cells }) => cells.find(({ paper }) => paper !== undefined)?.paper?.value ?? null);
    assert.deepEqual(paper, [73, 91, null, null]);
  });
});

Deno.test("ariseArms() and ariseAblations() take names in any case, each once, and suggest the nearest", () => {
  assert.deepEqual(ariseArms(["grpo", " Arise", "GRPO", "tf-idf manager"]), ["GRPO", "ARISE", "TF-IDF manager"]);
  assert.deepEqual(ariseAblations(["No Gate"]), ["no gate"]);
  assert.throws(() => ariseAblations(["no gates"]), (error) => {
    assert.ok(error instanceof UnknownArmError);
    assert.match(
      error.message,
      /^Cannot run variant no gates: it must be one of binary reward, .*; did you mean no gate\?$/,
    );
    return true;
  });
  // GRPO is an arm of the main table and no ablation.
  assert.throws(() => ariseAblations(["GRPO"]), UnknownArmError);
  assert.equal(new Set([...ARISE_ARMS, ...Object.keys(ARISE_ABLATIONS)]).has("TF-IDF manager"), true);
});

Deno.test("tables, curves and queries of a real record of ARISE", async (t) => {
  await withFolder(async (workspace) => {
    const names = ["GRPO", "ARISE", "TF-IDF manager", "binary reward", "no gate"] as const;
    const runs = await makeArms(workspace, names);
    await using recorder = await openRecord(workspace);
    const { query } = recorder;
    await t.step("the ablation table of the record is that of its arms, and its queries give its values", async () => {
      const arms = ["ARISE", "binary reward", "no gate"].map((name) => ({ name, runs: [runs.get(name) ?? ""] }));
      const table = await ariseAblationTable(query, { arms, splits: SPLITS, reference: "ARISE" });
      assert.deepEqual(await ariseTables(query, "arise-ablation", "w"), [table]);
      for (const { cells } of table.rows) {
        for (const { query: sql, value } of cells) {
          if (sql !== undefined) assert.equal((await query(sql)).rows[0]?.[0], value ?? null, sql);
        }
      }
      const use = cellsOf(table);
      // Without a gate every rollout that is free to have a skill has one.
      assert.deepEqual([use["no gate"]?.["train-use"]?.value, use["no gate"]?.["gate"]?.value], [100, 0]);
    });
    await t.step("recordedAriseArms() gives the arms in the order of the tables", async () => {
      assert.deepEqual((await recordedAriseArms(query)).map(({ name }) => name), ["SFT", ...names]);
    });
    await t.step("ariseReport() shows the TF-IDF manager without a gate, and what its utility is", async () => {
      const arms = names.map((name) => ({ name, runs: [runs.get(name) ?? ""] }));
      const { tables } = await ariseReport(query, { arms, splits: SPLITS, reference: "GRPO" });
      const skills = tables.find(({ key }) => key === "skills");
      assert.ok(skills !== undefined && skills.notes.some((note) => note.includes("success rate")));
      const { "TF-IDF manager": manager } = cellsOf(skills);
      assert.deepEqual([manager?.["train-use"]?.value, manager?.["gate"]?.value], [100, null]);
    });
    await t.step("curves of utilisation, utility, gate and entropy hold what the record says", async () => {
      const run = runs.get("no gate") ?? "";
      const valuesOf = async (metric: "utilisation" | "utility" | "gate" | "entropy") =>
        curvePoints(rowObjects(await query(curveSql(metric, { runs: [run] }))), metric)
          .map(({ step, value }) => [step, Number(value.toFixed(9))]);
      // One of three steps is the warm-up, in which nothing is chosen.
      assert.deepEqual(await valuesOf("utilisation"), [[1, 100], [2, 100]]);
      assert.deepEqual(await valuesOf("gate"), [[1, 0], [2, 0]]);
      const rounded = async (sql: string) =>
        (await query(sql)).rows.map(([step, value]) => [step, Number(Number(value).toFixed(9))]);
      assert.deepEqual(
        await valuesOf("utility"),
        await rounded(`SELECT step, cache_utility FROM library_state WHERE run_id = '${run}' ORDER BY step`),
      );
      assert.deepEqual(
        await valuesOf("entropy"),
        await rounded(`SELECT step, entropy FROM selection_by_step WHERE run_id = '${run}' ORDER BY step`),
      );
      // An arm without a library has no utilisation.
      await assert.rejects(
        makePlot(query, { kind: "curve", metric: "utilisation", runs: [runs.get("GRPO") ?? ""] }),
        NothingToPlotError,
      );
    });
    await t.step("the picture of ARISE has three panels over the same steps", async () => {
      const plot = await makePlot(query, { kind: "arise" });
      const panels = plot.spec["vconcat"];
      assert.ok(Array.isArray(panels));
      assert.equal(panels.length, ARISE_CURVES.length);
      assert.deepEqual(
        Object.keys(plot.data),
        [0, 1, 2].flatMap((n) => [`bands${n}`, `points${n}`, `labels${n}`]),
      );
      assert.equal(plot.sql.split(";\n").length, ARISE_CURVES.length);
      assert.match(await renderSvg(plot.spec, plot.data), /Utility of the skill library by update/);
      // Without ARISE's figures the panels that have any are left.
      const reward = await makePlot(query, { kind: "arise", runs: [runs.get("GRPO") ?? ""] });
      assert.deepEqual(Object.keys(reward.data), ["bands0", "points0", "labels0"]);
    });
  });
});

Deno.test("ariseTables() says what is missing", async () => {
  await withOutcomes({ "ARISE": [true] }, async (query) => {
    for (const table of ["arise", "arise-ablation", "arise-rs"] as const) {
      await assert.rejects(ariseTables(query, table, "w"), NothingToReportError);
    }
  });
});
