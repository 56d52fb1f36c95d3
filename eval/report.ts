/**
 * The report: one HTML file that shows what a record holds, with every table, plot, query, configuration and version in it.
 *
 * Contract: the file needs nothing else: no script, no font, no picture, no network (a content security policy forbids them). It is a
 * function of the record's rows. Every table cell opens to its SQL, every plot lies above the statement that gave its rows, and every
 * text from the record is shown as text. Sections without anything to show say so.
 * Choices: plots are inline SVG in the page's own ink, so that the page follows the reader's light or dark setting and prints on white.
 * Omitted: single rollouts; `whet sql` reaches them.
 *
 * @module
 */
import { curveModel } from "./curve_model.ts";
import { evaluationModels, finalEvaluationsSql } from "./evaluation_model.ts";
import { curveSql } from "./plots/curve_metrics.ts";
import { defaultReference, evaluatedSplits, makePlot, type PlotRequest } from "./plots/make_plot.ts";
import { NothingToPlotError, type Plot } from "./plots/plot.ts";
import { renderSvg } from "./plots/render_svg.ts";
import { type Query, type QueryRow, rowObjects, sqlTexts, textOf } from "./query_rows.ts";
import { REPORT_STYLE } from "./report_style.ts";
import { NothingToReportError, sageReport } from "./sage_report.ts";
import { SAGE_ARMS } from "./scales.ts";
import { htmlText, renderHtml } from "./table_markup.ts";
import type { TableModel } from "./table_model.ts";

/** Options of {@linkcode renderReport}. */
export interface ReportOptions {
  /** Runs SQL on the record. */
  readonly query: Query;
  /** Database file, as the user would name it. */
  readonly database: string;
  /**
   * Title of the page.
   *
   * @default {"Whetstone report"}
   */
  readonly title?: string;
  /**
   * Hash of the record's rows, see `row_hash.ts`.
   *
   * @default {none is shown}
   */
  readonly rowHash?: string;
}

/** Runs of one environment. */
interface EnvironmentRuns {
  readonly id: string;
  readonly hash: string;
  readonly runs: readonly QueryRow[];
  readonly runIds: readonly string[];
}

const RUNS_SQL =
  "SELECT run_id, arm, recipe, seed, config_hash, parent_run_id, environment, environment_hash, device, " +
  "CAST(config AS VARCHAR) AS config, CAST(versions AS VARCHAR) AS versions, CAST(started_at AS VARCHAR) AS started_at " +
  "FROM run ORDER BY environment, environment_hash, arm, config_hash, seed";

/** One part of the page. */
interface Section {
  readonly id: string;
  readonly title: string;
  readonly html: string;
}

function sqlDetails(sql: string): string {
  return `<details class="query"><summary>SQL</summary><code class="sql">${htmlText(sql)}</code></details>\n`;
}

/** Draws plots with ids of their own. */
class Figures {
  #count = 0;

  /** A plot as a figure, or nothing where the record holds nothing for it. */
  async figure(make: () => Promise<Plot>): Promise<string> {
    let plot: Plot;
    try {
      plot = await make();
    } catch (error) {
      if (error instanceof NothingToPlotError) return "";
      throw error;
    }
    const svg = await renderSvg(plot.spec, plot.data, {
      theme: "page",
      idPrefix: `plot${this.#count++}-`,
      label: `${plot.title}. ${plot.caption}`,
    });
    return `<figure class="plot">\n<div class="scroll">${svg}</div>\n${sqlDetails(plot.sql)}</figure>\n`;
  }
}

async function environmentsOf(query: Query): Promise<EnvironmentRuns[]> {
  const runs = rowObjects(await query(RUNS_SQL));
  return [...Map.groupBy(runs, (row) => textOf(row, "environment_hash"))].map(([hash, own]) => ({
    id: own[0] === undefined ? "" : textOf(own[0], "environment"),
    hash,
    runs: own,
    runIds: own.map((row) => textOf(row, "run_id")),
  }));
}

function environmentHeading(environment: EnvironmentRuns, all: readonly EnvironmentRuns[]): string {
  if (all.length === 1) return "";
  return `<h3>${htmlText(environment.id)} <small>${htmlText(environment.hash)}</small></h3>\n`;
}

/** One section with a part for each environment. */
async function byEnvironment(
  all: readonly EnvironmentRuns[],
  part: (environment: EnvironmentRuns, index: number) => Promise<string>,
): Promise<string> {
  const parts: string[] = [];
  for (const [index, environment] of all.entries()) {
    const html = await part(environment, index);
    if (html !== "") parts.push(environmentHeading(environment, all) + html);
  }
  return parts.join("");
}

async function summary(options: ReportOptions, all: readonly EnvironmentRuns[]): Promise<string> {
  const { query, database } = options;
  let sage: readonly TableModel[] = [];
  try {
    sage = (await sageReport(query, { database })).models;
  } catch (error) {
    if (!(error instanceof NothingToReportError)) throw error;
  }
  const others = await byEnvironment(all, async (environment, index) => {
    // The paper's table says it better where all arms are in it.
    const inTable = environment.runs.every((row) => SAGE_ARMS.some((arm) => arm === textOf(row, "arm")));
    if (sage.length > 0 && inTable) return "";
    const sql = finalEvaluationsSql(environment.runIds);
    const rows = rowObjects(await query(sql));
    if (rows.length === 0) return "";
    return renderHtml(evaluationModels(rows, { key: `${environment.id}-${index}` })) + sqlDetails(sql);
  });
  return (sage.length === 0 ? "" : renderHtml(sage)) + others;
}

/** Runs of the environment's arms that can be compared: more than one arm evaluated on a split. */
async function comparisons(query: Query, environment: EnvironmentRuns, figures: Figures): Promise<string> {
  const filter = { runs: environment.runIds };
  const parts: string[] = [];
  for (const split of await evaluatedSplits(query, filter)) {
    const reference = await defaultReference(query, filter, split);
    if (reference === null) continue;
    for (const compare of ["tgc", "tokens"] as const) {
      parts.push(
        await figures.figure(() => makePlot(query, { kind: "ablation", ...filter, split, reference, compare })),
      );
    }
  }
  return parts.join("");
}

async function skills(query: Query, environment: EnvironmentRuns, index: number, figures: Figures): Promise<string> {
  const filter = { runs: environment.runIds };
  const plot = await figures.figure(() => makePlot(query, { kind: "skills", ...filter }));
  const sql = "SELECT run.arm, e.kind, count(*) AS events, count(DISTINCT e.name) AS names " +
    `FROM skill_event e JOIN run USING (run_id) WHERE run_id IN (${sqlTexts(environment.runIds)}) ` +
    "AND e.phase = 'rl' GROUP BY ALL ORDER BY ALL";
  const rows = rowObjects(await query(sql));
  if (rows.length === 0) return plot;
  const model: TableModel = {
    key: `skill-events-${index}`,
    title: "Skill events of training",
    columns: [
      { key: "arm", title: "arm" },
      { key: "kind", title: "what happened" },
      { key: "events", title: "events", align: "right" },
      { key: "names", title: "different skills", align: "right" },
    ],
    rows: rows.map((row, line) => ({
      key: String(line),
      cells: ["arm", "kind", "events", "names"].map((column) => ({ text: textOf(row, column) })),
    })),
    notes: [],
  };
  return plot + renderHtml([model]) + sqlDetails(sql);
}

/** JSON text, indented; as it is if it is none. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function runList(all: readonly EnvironmentRuns[]): string {
  const head = ["run", "arm", "recipe", "seed", "from", "environment", "device", "started (UTC)"];
  const line = (row: QueryRow) => {
    const cells = ["arm", "recipe", "seed", "parent_run_id", "environment", "device", "started_at"]
      .map((column) => `<td>${htmlText(textOf(row, column))}</td>`).join("");
    const block = (name: string, column: string) =>
      `<details><summary>${name}</summary><pre>${htmlText(indented(textOf(row, column)))}</pre></details>`;
    return `<tr><th scope="row"><code>${htmlText(textOf(row, "run_id"))}</code>` +
      `${block(`configuration ${htmlText(textOf(row, "config_hash"))}`, "config")}${
        block("versions", "versions")
      }</th>${cells}</tr>\n`;
  };
  return `<div class="scroll"><table>\n<thead><tr>${
    head.map((text) => `<th scope="col">${text}</th>`).join("")
  }</tr></thead>\n` +
    `<tbody>\n${all.flatMap(({ runs }) => runs.map(line)).join("")}</tbody>\n</table></div>\n${sqlDetails(RUNS_SQL)}`;
}

function recompute(options: ReportOptions): string {
  const { database, rowHash } = options;
  const workspace = database.includes("/") ? database.slice(0, database.lastIndexOf("/")) : ".";
  const command = (text: string) => `<code class="sql">npx -y deno@2.9.6 task whet ${htmlText(text)}</code>`;
  const at = `--workspace ${workspace}`;
  return "<ul>\n" +
    `<li>One figure: open its cell, copy the statement, and run it on the record: ${
      command(`sql ${at} "SELECT …"`)
    }</li>\n` +
    `<li>The table, with the statement of every cell: ${command(`table sage ${at} --queries`)}</li>\n` +
    `<li>This page: ${command(`report ${at} --out results/report.html`)}</li>\n` +
    `<li>The runs, from their configurations and seeds (what is finished is not run again): ${
      command(`reproduce sage ${at}`)
    }</li>\n` +
    `<li>Equal rows have equal hashes, on any machine that computes the same: ${command(`record hash ${at}`)}` +
    `${rowHash === undefined ? "" : ` This record: <code>${htmlText(rowHash)}</code>`}</li>\n</ul>\n`;
}

/**
 * Renders the report.
 *
 * @param options see {@linkcode ReportOptions}.
 * @returns an HTML document.
 * @throws {NothingToReportError} if the record holds no run.
 */
export async function renderReport(options: ReportOptions): Promise<string> {
  const { query, database, title = "Whetstone report" } = options;
  const all = await environmentsOf(query);
  if (all.length === 0) {
    throw new NothingToReportError(
      `Cannot report on ${database}: it holds no run; make some, for example with: whet reproduce sage`,
    );
  }
  const figures = new Figures();
  const plots = (requests: readonly Omit<PlotRequest, "runs">[]) =>
    byEnvironment(all, async ({ runIds }) => {
      const parts: string[] = [];
      for (const request of requests) {
        parts.push(await figures.figure(() => makePlot(query, { ...request, runs: runIds })));
      }
      return parts.join("");
    });
  const rises = await byEnvironment(all, async ({ id, runIds }, index) => {
    const sql = curveSql("pass1", { runs: runIds });
    const model = curveModel(rowObjects(await query(sql)), "pass1", { runs: runIds, key: `${id}-${index}-curve` });
    return model === null ? "" : renderHtml([model]) + sqlDetails(sql);
  });
  const curves = (["pass1", "success", "reward", "tokens", "sft"] as const)
    .map((metric) => ({ kind: "curve" as const, metric }));
  const sections: Section[] = [
    { id: "summary", title: "Summary", html: await summary(options, all) },
    { id: "curves", title: "Learning curves", html: rises + await plots(curves) },
    {
      id: "comparisons",
      title: "Paired comparisons",
      html: await byEnvironment(all, (environment) => comparisons(query, environment, figures)),
    },
    { id: "rewards", title: "Reward terms", html: await plots([{ kind: "rewards" }]) },
    {
      id: "skills",
      title: "Skills",
      html: await byEnvironment(all, (environment, index) => skills(query, environment, index, figures)),
    },
    { id: "runs", title: "Runs", html: runList(all) },
    { id: "recompute", title: "How to recompute", html: recompute(options) },
  ];
  const runCount = all.reduce((sum, { runs }) => sum + runs.length, 0);
  const nav = sections.map(({ id, title }) => `<a href="#${id}">${title}</a>`).join("\n");
  const body = sections.map(({ id, title, html }) =>
    `<section id="${id}">\n<h2>${title}</h2>\n${
      html === "" ? "<p>The record holds nothing for this part.</p>\n" : html
    }</section>\n`
  ).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${htmlText(title)}</title>
<style>
${REPORT_STYLE}</style>
</head>
<body>
<header>
<h1>${htmlText(title)}</h1>
<p>${runCount} run${runCount === 1 ? "" : "s"} in <code>${
    htmlText(database)
  }</code>. Figures are computed from the record's rows; a cell
opens to the SQL that recomputes it. Environments are Whetstone's own worlds and policies are small models trained here: published values
stand beside ours for orientation, not as targets.</p>
<nav>
${nav}
</nav>
</header>
<main>
${body}</main>
</body>
</html>
`;
}
