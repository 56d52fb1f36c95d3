import assert from "node:assert/strict";
import { Recorder } from "../../data/recorder.ts";
import type { Row } from "../../data/schema.ts";
import { curveModel } from "../../eval/curve_model.ts";
import { evaluationModels, finalEvaluationsSql } from "../../eval/evaluation_model.ts";
import { curveSql } from "../../eval/plots/curve_metrics.ts";
import { findFont, FontError, fontFamily } from "../../eval/plots/find_font.ts";
import { makePlot, writePlot } from "../../eval/plots/make_plot.ts";
import { NothingToPlotError } from "../../eval/plots/plot.ts";
import { renderPng } from "../../eval/plots/render_png.ts";
import { type Query, rowObjects } from "../../eval/query_rows.ts";
import { renderReport } from "../../eval/report.ts";
import { NothingToReportError } from "../../eval/sage_report.ts";
import { addressedCells } from "../../eval/table_model.ts";
import { OutputError } from "../../eval/write_output.ts";
import { eventRow, identity, inFolder, rolloutRow, runRow } from "../data/_record_fixture.ts";

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(2)>&amp;'\u202e`;

/** Rollouts of two arms on an environment: training, evaluations on the way, final evaluations; names are hostile. */
function fill(recorder: Recorder): void {
  const arms = ["base", HOSTILE];
  recorder.insert(
    "run",
    arms.map((arm, index) =>
      runRow({
        run_id: `run-${index}`,
        arm,
        recipe: index === 0 ? "sft" : "grpo",
        config: { name: HOSTILE },
        config_hash: `hash${index}`,
        environment: "math",
        device: HOSTILE,
        versions: { deno: HOSTILE },
      })
    ),
  );
  arms.forEach((_, index) => {
    const run_id = `run-${index}`;
    const rollouts: Row<"rollout">[] = [];
    for (const [phase, steps] of [["curve/test", [0, 4]], ["eval/test", [0]], ["rl", [0, 1]]] as const) {
      for (const step of steps) {
        for (let grp = 0; grp < 4; grp++) {
          for (const sample of [0, 1]) {
            const success = (grp + sample + step) % 3 < index + 1;
            rollouts.push(rolloutRow({
              ...identity({ run_id, phase, step, grp, sample }),
              task_id: `task-${grp}`,
              scenario: `${HOSTILE}-${grp}`,
              success: phase === "eval/test" && grp === 3 && sample === 1 ? null : success,
              score: Number(success),
            }));
          }
        }
      }
    }
    recorder.insert("rollout", rollouts);
    const trained = rollouts.filter(({ phase }) => phase === "rl").map(({ step, grp, sample }) =>
      identity({ run_id, step, grp, sample })
    );
    recorder.insert("reward_term", trained.map((key) => ({ ...key, term: HOSTILE, value: 0.5 })));
    recorder.insert("advantage", trained.map((key) => ({ ...key, reward: 0.5, baseline: 0.25, advantage: 0.25 })));
    recorder.insert("skill_event", trained.map((key) => eventRow({ ...key, kind: "saved", name: HOSTILE })));
  });
}

async function withRecord(test: (query: Query, folder: string) => Promise<void>, filled = true): Promise<void> {
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/whet.duckdb`);
    try {
      if (filled) fill(recorder);
      await recorder.flush();
      await test((sql) => recorder.query(sql), folder);
    } finally {
      await recorder.close();
    }
  });
}

Deno.test("renderReport() is one file that needs nothing else and shows hostile texts as text", () =>
  withRecord(async (query) => {
    const options = { query, database: `results/${HOSTILE}/whet.duckdb`, title: HOSTILE, rowHash: HOSTILE };
    const html = await renderReport(options);
    assert.equal(html, await renderReport(options));

    assert.doesNotMatch(html, /<(script|img|link|iframe|object|embed|base|form)\b|@import/i);
    assert.match(html, /default-src 'none'/);
    // Addresses are namespaces of SVG, never something to load.
    assert.deepEqual(
      [...new Set([...html.matchAll(/https?:\/\/[^"'\s<]+/g)].map(([address]) => address))].sort(),
      ["http://www.w3.org/1999/xlink", "http://www.w3.org/2000/svg"],
    );
    assert.ok([...html.matchAll(/\burl\(([^)]*)\)/g)].every(([, target]) => target?.startsWith("#")));
    assert.ok([...html.matchAll(/\bhref="([^"]*)"/g)].every(([, target]) => target?.startsWith("#")));

    // Every start tag has its end, and no attribute acts.
    const open: string[] = [];
    const page = html.replace(/<style>.*?<\/style>/s, "");
    for (
      const [, end, name = "", rest = ""] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>/gi)
    ) {
      const attributes = [...rest.matchAll(/([^\s="'/]+)\s*=\s*("[^"]*"|'[^']*')/g)].map(([, attribute]) =>
        attribute ?? ""
      );
      assert.ok(attributes.every((attribute) => !/^(on|src|srcdoc|action|formaction|style$)/i.test(attribute)), rest);
      if (name === "meta" || rest.endsWith("/")) continue;
      if (end === "/") assert.equal(open.pop(), name);
      else open.push(name);
    }
    assert.deepEqual(open, []);
    const ids = [...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);

    for (const id of ["summary", "curves", "comparisons", "rewards", "skills", "runs", "recompute"]) {
      const section = html.slice(html.indexOf(`<section id="${id}">`)).split("</section>")[0] ?? "";
      assert.doesNotMatch(section, /holds nothing/, id);
      if (["curves", "comparisons", "rewards", "skills"].includes(id)) assert.match(section, /<svg /, id);
    }
    assert.match(html, /1 rollout lost to environment faults|2 rollouts lost to environment faults/);
  }));

Deno.test("renderReport() says that there is nothing, and which command makes something", () =>
  withRecord(async (query) => {
    await assert.rejects(
      renderReport({ query, database: "whet.duckdb" }),
      (error: Error) => error instanceof NothingToReportError && /whet reproduce sage/.test(error.message),
    );
  }, false));

Deno.test("evaluationModels() has a query in every cell that gives the cell's value", () =>
  withRecord(async (query) => {
    const rows = rowObjects(await query(finalEvaluationsSql(["run-0", "run-1"])));
    const models = evaluationModels(rows, { resamples: 50 });
    let checked = 0;
    for (const { cell } of addressedCells(models)) {
      if (cell.query === undefined) continue;
      const result = await query(cell.query);
      assert.ok(Math.abs(Number(result.rows[0]?.[0]) - Number(cell.value)) < 1e-9, cell.query);
      checked++;
    }
    assert.equal(checked, 2 * 3);
  }));

Deno.test("curveModel() shows the rise of each split, each cell with a query that gives its value", () =>
  withRecord(async (query) => {
    const rows = rowObjects(await query(curveSql("pass1")));
    const model = curveModel(rows, "pass1", { resamples: 50 });
    assert.ok(model !== null);
    let checked = 0;
    for (const { cell, column } of addressedCells([model])) {
      if (cell.query === undefined) continue;
      assert.ok(["first", "last", "rise"].includes(column.key));
      const result = await query(cell.query);
      assert.ok(Math.abs(Number(result.rows[0]?.[0]) - Number(cell.value)) < 1e-9, cell.query);
      checked++;
    }
    assert.equal(checked, 2 * 3);
    assert.equal(model.rows[0]?.cells.at(-2)?.text, "0 to 4");
    assert.equal(curveModel([], "pass1"), null);
  }));

Deno.test("curveModel() compares only steps that all training seeds have reached", () => {
  const row = { arm: "GRPO", config_hash: "0", series: "test", cluster: "a", task: "a", samples: 1 };
  const rows = [[1, 0, 0], [1, 8, 0.5], [1, 16, 1], [2, 0, 0], [2, 8, 0.5]]
    .map(([seed = 0, step = 0, value = 0]) => ({ ...row, seed, step, value }));
  const model = curveModel(rows, "pass1");
  assert.deepEqual(model?.rows[0]?.cells.slice(-2).map(({ text }) => text), ["0 to 8", "1 task, 2 rollouts, 2 seeds"]);
});

Deno.test("makePlot() finds runs, splits and the arm to compare with by itself, and names what is missing", () =>
  withRecord(async (query) => {
    const curve = await makePlot(query, { kind: "curve" });
    assert.match(curve.title, /Pass@1/);
    assert.deepEqual([...new Set(curve.data.points?.map(({ step }) => step))], [0, 4]);
    const bars = await makePlot(query, { kind: "ablation" });
    assert.match(bars.title, /compared with base, test/);
    for (
      const plot of [curve, bars, await makePlot(query, { kind: "rewards" }), await makePlot(query, { kind: "skills" })]
    ) {
      assert.ok((await query(plot.sql)).rows.length > 0);
      assert.doesNotMatch(plot.sql, /\n/);
    }
    await assert.rejects(makePlot(query, { kind: "ablation", split: "dev" }), /evaluated on test only/);
    await assert.rejects(makePlot(query, { kind: "curve", runs: ["none"] }), NothingToPlotError);
    const chain = { phase: "rl", step: 1, group: 0, sample: 0 };
    await assert.rejects(makePlot(query, { kind: "skills", chain }), /exactly one run id, got 0/);
    const own = await makePlot(query, { kind: "skills", chain, runs: ["run-1"] });
    assert.match(own.caption, /^1 event of 1 skill\./);
  }));

Deno.test("writePlot() writes SVG, PNG and JSON, and nothing else", () =>
  withRecord(async (query, folder) => {
    const plot = await makePlot(query, { kind: "curve" });
    await writePlot(plot, `${folder}/a/b.svg`);
    assert.match(await Deno.readTextFile(`${folder}/a/b.svg`), /^<svg /);
    await writePlot(plot, `${folder}/a/b.json`);
    assert.equal(JSON.parse(await Deno.readTextFile(`${folder}/a/b.json`)).usermeta.sql, plot.sql);
    await assert.rejects(
      writePlot(plot, `${folder}/b.pdf`),
      (error: Error) => error instanceof OutputError && /\.svg, \.png or \.json/.test(error.message),
    );
    await assert.rejects(writePlot(plot, `${folder}/a/b.svg/c.svg`), OutputError);
    const font = await findFont().catch((error) => {
      if (error instanceof FontError) return null;
      throw error;
    });
    if (font === null) return; // a machine without fonts makes no pictures, which the next test covers
    await writePlot(plot, `${folder}/b.png`, { scale: 1 });
    const png = await Deno.readFile(`${folder}/b.png`);
    assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    await writePlot(plot, `${folder}/c.png`, { scale: 1 });
    assert.deepEqual(await Deno.readFile(`${folder}/c.png`), png);
  }));

Deno.test("renderPng() says what is wrong with a font, and findFont() that there is none", () =>
  inFolder(async (folder) => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>';
    await Deno.writeTextFile(`${folder}/x.ttf`, "no font");
    await assert.rejects(
      renderPng(svg, { font: `${folder}/x.ttf` }),
      (error: Error) => error instanceof FontError && /expected a TrueType or OpenType file/.test(error.message),
    );
    await assert.rejects(renderPng(svg, { font: `${folder}/none.ttf` }), FontError);
    await assert.rejects(findFont(undefined, [folder, `${folder}/none`]), /no known sans-serif font.*write SVG/);
    await assert.rejects(renderPng(svg, { scale: 0 }), RangeError);
    assert.equal(fontFamily(new Uint8Array([0, 1, 0, 0, 0, 9])), null);
  }));
