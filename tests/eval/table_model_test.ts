import fc from "fast-check";
import assert from "node:assert/strict";
import {
  addressedCells,
  cellKey,
  findCell,
  renderCsv,
  renderJson,
  renderMarkdown,
  renderQueries,
  renderText,
  type TableModel,
  UnknownCellError,
} from "../../eval/table_model.ts";
import { htmlText, latexText, renderHtml, renderLatex } from "../../eval/table_markup.ts";
import { cellSql, differenceSql } from "../../eval/sage_sql.ts";
import { renderSageTable, sageTable, sageTableModels } from "../../eval/sage_table.ts";
import { matchFixture } from "../_fixture.ts";
import { scenario } from "./_rows.ts";

const MODEL: TableModel = {
  key: "test",
  title: "test: 2 scenarios",
  columns: [
    { key: "arm", title: "arm" },
    { key: "tgc", title: "TGC", unit: "percent", align: "right" },
    { key: "from-zero", title: "from zero" },
  ],
  rows: [{
    key: "sft-grpo",
    cells: [
      { text: "SFT + GRPO" },
      {
        text: "33.3 [0.0, 66.7]",
        value: 100 / 3,
        interval: { low: 0, high: 200 / 3 },
        paper: { text: "66.1*", value: 66.1, source: 'table 2, "control"' },
        query: "SELECT 'a', 1 < 2",
        resolved: false,
      },
      { text: "5.9", value: 5.9, source: "table 2" },
    ],
  }],
  notes: ["* secondary"],
};

const EMPTY: TableModel = { key: "none", title: "none", columns: [], rows: [], notes: ["* secondary", "more"] };

Deno.test("renderText() and renderMarkdown() put the published figure behind ours and say a note once", () => {
  const lines = [
    "test: 2 scenarios",
    "",
    "arm                                    TGC  from zero",
    "----------  ------------------------------  ---------",
    "SFT + GRPO  33.3 [0.0, 66.7] (paper 66.1*)  5.9",
    "",
    "* secondary",
    "more",
    "",
  ];
  assert.equal(renderText([MODEL, EMPTY]), lines.join("\n"));
  assert.equal(
    renderMarkdown([MODEL]),
    "### test: 2 scenarios\n\n| arm | TGC | from zero |\n| :-- | --: | :-- |\n" +
      "| SFT + GRPO | 33.3 [0.0, 66.7] (paper 66.1*) | 5.9 |\n\n- \\* secondary\n",
  );
});

Deno.test("renderCsv() holds exact values, intervals, the published figure, its source and the query", () => {
  assert.deepEqual(renderCsv([MODEL, EMPTY]).split("\r\n"), [
    "table,row,column,unit,value,low,high,resolved,paper,source,query",
    'test,sft-grpo,tgc,percent,33.333333333333336,0,66.66666666666667,false,66.1,"table 2, ""control""","SELECT \'a\', 1 < 2"',
    "test,sft-grpo,from-zero,,,,,,5.9,table 2,",
    "",
  ]);
});

Deno.test("renderJson() is exact and keeps cells under the keys of their columns", () => {
  const [table] = JSON.parse(renderJson([MODEL]));
  assert.deepEqual(table.rows[0].cells.tgc.interval, { low: 0, high: 200 / 3 });
  assert.equal(table.rows[0].cells.tgc.value, 100 / 3);
  assert.equal(table.rows[0].cells.tgc.query, "SELECT 'a', 1 < 2");
  assert.equal(table.columns[1].unit, "percent");
});

Deno.test("renderLatex() sets booktabs and escapes what LaTeX would read", async () => {
  const hostile = {
    ...MODEL,
    title: "100 % \\end{table} _a^b~#$&{}",
    rows: [{ key: "x", cells: [{ text: "[5pt]" }, { text: "−1 ± 2 — 3" }] }],
  };
  await matchFixture("eval/table_model.tex", renderLatex([MODEL, hostile]));
  assert.equal(latexText("a--b ``c"), "a-{}-b `{}`c");
});

/** Takes an escaped text back; the inverse of what a browser shows. */
function shownByBrowser(html: string): string {
  return html.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

Deno.test("htmlText() shows every text as itself and leaves no markup", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
    const html = htmlText(text);
    assert.doesNotMatch(html, /[<>"']/);
    // What a page cannot hold is replaced one for one.
    assert.equal([...shownByBrowser(html)].length, [...text].length);
  }));
  assert.equal(shownByBrowser(htmlText(`<a b="c">&'</a>`)), `<a b="c">&'</a>`);
});

Deno.test("renderHtml() opens cells to their query and source", () => {
  const html = renderHtml([MODEL]);
  assert.match(
    html,
    /<details><summary><span class="ours">33\.3 \[0\.0, 66\.7\]<\/span> <span class="paper">paper 66\.1\*<\/span><\/summary>/,
  );
  assert.match(
    html,
    /<code class="sql">SELECT &#39;a&#39;, 1 &lt; 2<\/code><p>Published: table 2, &quot;control&quot;<\/p>/,
  );
  const tags = [...html.matchAll(/<(\/?)(\w+)[^>]*>/g)].map((match) => `${match[1]}${match[2]}`);
  assert.equal(tags.filter((tag) => tag === "td").length, tags.filter((tag) => tag === "/td").length);
});

Deno.test("findCell() takes any spelling of an address and names the nearest of a wrong one", () => {
  assert.equal(findCell([MODEL], "Test/SFT + GRPO/TGC").cell.value, 100 / 3);
  assert.throws(
    () => findCell([MODEL], "test/sft/tgc"),
    (error: Error) => error instanceof UnknownCellError && /the nearest is test\/sft-grpo\/tgc/.test(error.message),
  );
  assert.throws(() => findCell([], "a"), /no cell holds a figure/);
  assert.equal(renderQueries([MODEL]), "test/sft-grpo/tgc\tSELECT 'a', 1 < 2\n");
  assert.equal(cellKey(" A_b–C "), "a-b-c");
});

Deno.test("sageTableModels() gives every figure of every arm a query, and the published ones a source", () => {
  const rows = ["a", "b"].flatMap((name) => scenario(name, [true, true, false]));
  const table = sageTable([
    { arm: "SAGE", split: "test_normal", rows },
    { arm: "SFT + GRPO", split: "test_normal", rows: rows.slice(0, 3) },
  ], { resamples: 20 });
  const runs = { "SAGE": ["sage-1", "sage-2"], "SFT + GRPO": ["grpo-1"] };
  const models = sageTableModels(table, runs);
  assert.deepEqual(models.map(({ key }) => key), ["test-normal", "test-normal-difference"]);
  for (const { address, cell, column } of addressedCells(models)) {
    const words = ["arm", "metric", "resolved", "paper"].includes(column.key);
    assert.equal(cell.query === undefined, words, address);
    if (cell.source !== undefined) assert.match(cell.source, /2512\.17102|acl-long/);
  }
  assert.equal(
    findCell(models, "test_normal/SAGE/TGC").cell.query,
    cellSql({ runId: ["sage-1", "sage-2"], split: "test_normal", metric: "tgc" }),
  );
  // Arm SFT + GRPO lacks a scenario, so both sides are restricted to the common ones.
  const difference = {
    left: runs.SAGE,
    right: runs["SFT + GRPO"],
    split: "test_normal",
    metric: "tgc",
    unpaired: true,
  } as const;
  assert.equal(findCell(models, "test-normal-difference/tgc/difference").cell.query, differenceSql(difference));
  assert.equal(findCell(models, "test-normal-difference/tgc/paper").cell.value, 5.9);
  assert.ok(
    sageTableModels(table).every(({ rows }) =>
      rows.every(({ cells }) => cells.every(({ query }) => query === undefined))
    ),
  );
});

Deno.test("renderSageTable() of nothing has only notes", () => {
  assert.match(renderSageTable(sageTable([])), /^Cells: ours/);
});
