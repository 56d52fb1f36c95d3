/**
 * `whet table`, `whet plot`, `whet report`, `whet sql` and `whet plan`.
 *
 * @module
 */
import { object } from "@optique/core/constructs";
import { commandLine, message } from "@optique/core/message";
import { multiple, optional, withDefault } from "@optique/core/modifiers";
import type { InferValue } from "@optique/core/parser";
import { argument, command, constant, option } from "@optique/core/primitives";
import { choice, float, integer, string } from "@optique/core/valueparser";
import { path } from "@optique/run/valueparser";
import type { QueryResult } from "../../data/read_only_query.ts";
import { printed, say } from "../terminal.ts";
import { databaseOf, given, json, prose, queryOf, runs, workspace } from "./_shared.ts";

/** `whet table` */
export const tableCommand = command(
  "table",
  object({
    command: constant("table"),
    table: argument(
      choice(["sage", "arise", "arise-ablation", "arise-rs", "curve", "evaluations"], {
        metavar: "TABLE",
        suggest: "nearest",
      }),
      {
        description:
          prose`sage, arise: a paper's main table; arise-ablation: the ablations of arise that were run, against ARISE; arise-rs: quality of concluded
          skills by stage; curve: Pass@1 before and after training; evaluations: all final evaluations.`,
      },
    ),
    workspace,
    warmStart: optional(
      option("--config", string({ metavar: "HASH" }), {
        description:
          message`Configuration hash of the warm start whose runs the table sage shows; the last one if left out.`,
      }),
    ),
    runs,
    format: withDefault(
      option(
        "--format",
        choice(["text", "markdown", "csv", "json", "latex", "html"], { metavar: "FORMAT", suggest: "nearest" }),
        { description: message`How the table is printed; csv and json are exact and hold the query of every cell.` },
      ),
      "text" as const,
    ),
    query: optional(
      option("--query", string({ metavar: "CELL" }), {
        description: message`Print only the SQL behind this cell, named TABLE/ROW/COLUMN as --queries lists them.`,
      }),
    ),
    queries: option("--queries", { description: message`Print the name of every cell and the SQL behind it.` }),
    json,
  }),
  {
    brief: message`Print a table from the rows that are there.`,
    description: message`Print a table from what the database holds, also while a run is going on. Nothing is run.`,
    footer: message`Example: ${commandLine("whet table sage --format markdown")}`,
  },
);

const font = optional(
  option("--font", path({ metavar: "FILE", type: "file" }), {
    description: message`Font of a PNG (.ttf, .otf); a sans-serif font of this machine if left out.`,
  }),
);

const CURVE_NAMES = [
  "pass1",
  "score",
  "success",
  "reward",
  "tokens",
  "steps",
  "skills",
  "utilisation",
  "utility",
  "gate",
  "entropy",
  "loss",
  "sft",
  "grad",
  "kl",
  "zero",
] as const;

/** `whet plot` */
export const plotCommand = command(
  "plot",
  object({
    command: constant("plot"),
    kind: argument(
      choice(["curve", "arise", "ablation", "skills", "rewards"], { metavar: "PLOT", suggest: "nearest" }),
      {
        description:
          message`curve: a figure by update; arise: reward, utilisation and utility of skills by update; ablation: differences to an arm; skills: life lines; rewards: terms by update.`,
      },
    ),
    out: optional(
      option("--out", path({ metavar: "FILE" }), {
        description:
          message`File to write, below results: .svg, .png or .json (Vega-Lite); results/plots/PLOT.svg if left out.`,
      }),
    ),
    metric: optional(
      option("--metric", choice(CURVE_NAMES, { metavar: "METRIC", suggest: "nearest" }), {
        description: message`Figure of a curve; pass1 where there are evaluations during training, else success.`,
      }),
    ),
    compare: withDefault(
      option(
        "--compare",
        choice(["tgc", "sgc", "steps", "tokens", "skillUse"], { metavar: "METRIC", suggest: "nearest" }),
        { description: message`Figure of ablation bars.` },
      ),
      "tgc" as const,
    ),
    reference: optional(
      option("--reference", string({ metavar: "ARM" }), {
        description: message`Arm that others are compared with; SFT + GRPO or the warm start if left out.`,
      }),
    ),
    split: optional(
      option("--split", string({ metavar: "SPLIT" }), {
        description: message`Split of ablation bars; test_normal or the first if left out.`,
      }),
    ),
    chain: optional(
      option("--chain", string({ metavar: "CHAIN" }), {
        description: message`Life lines of one chain, PHASE/STEP/GROUP/SAMPLE; needs --run.`,
      }),
    ),
    runs,
    font,
    workspace,
    json,
  }),
  {
    brief: message`Draw a plot from the rows that are there.`,
    description:
      prose`Draw a plot from what the database holds, also while a run is going on, and print the SQL that gave its
      rows. Without ${commandLine("--run")}, the environment that was used last is shown.`,
    footer: message`Example: ${commandLine("whet plot curve --out results/curve.svg")}`,
  },
);

/** `whet report` */
export const reportCommand = command(
  "report",
  object({
    command: constant("report"),
    out: withDefault(
      option("--out", path({ metavar: "FILE" }), { description: message`HTML file to write, below results.` }),
      "results/report.html",
    ),
    title: withDefault(
      option("--title", string({ metavar: "TEXT" }), { description: message`Title of the page.` }),
      "Whetstone report",
    ),
    workspace,
    json,
  }),
  {
    brief: message`Write one HTML file that shows everything.`,
    description:
      prose`Write one self-contained HTML file with tables, plots, comparisons, runs and configurations. Every cell opens
      to the SQL behind it.`,
    footer: message`Example: ${commandLine("whet report --out results/report.html")}`,
  },
);

/** `whet sql` */
export const sqlCommand = command(
  "sql",
  object({
    command: constant("sql"),
    query: argument(string({ metavar: "QUERY" }), { description: message`One statement that reads.` }),
    attach: multiple(
      option("--attach", string({ metavar: "NAME=DIR" }), {
        description: message`Another workspace, whose tables are then NAME.run and so on; may be given again.`,
      }),
    ),
    workspace,
    format: withDefault(
      option("--format", choice(["table", "json", "jsonl", "csv"], { metavar: "FORMAT", suggest: "nearest" }), {
        description: message`How rows are printed; all but table are exact.`,
      }),
      "table" as const,
    ),
    json,
  }),
  {
    brief: message`Query the database, also while a run is going on.`,
    description:
      prose`Run one SQL statement (DuckDB) on the workspace's database. It may read only, and works while a run is
      writing. ${commandLine("SHOW TABLES")} lists the tables and views, ${
        commandLine("DESCRIBE rollout")
      } the columns of one.`,
    footer: message`Example: ${commandLine('whet sql "SELECT arm, count(*) AS runs FROM run GROUP BY arm"')}`,
  },
);

/** `whet plan` */
export const planCommand = command(
  "plan",
  object({
    command: constant("plan"),
    effect: option("--effect", float({ metavar: "POINTS" }), {
      description: message`Difference to see, in points (percent of tasks).`,
    }),
    power: withDefault(
      option("--power", float({ metavar: "POWER", min: 0, max: 1 }), { description: message`Chance of seeing it.` }),
      0.8,
    ),
    alpha: withDefault(
      option("--alpha", float({ metavar: "ALPHA", min: 0, max: 1 }), { description: message`Two-sided error rate.` }),
      0.05,
    ),
    baseline: withDefault(
      option("--baseline", float({ metavar: "POINTS", min: 0, max: 100 }), {
        description: message`Success of the arm compared with, in points.`,
      }),
      50,
    ),
    siblings: withDefault(
      option("--siblings", integer({ metavar: "N", min: 1 }), { description: message`Tasks per scenario.` }),
      3,
    ),
    tasks: optional(
      option("--tasks", integer({ metavar: "N", min: 1 }), {
        description: message`Tasks that exist; the plan then says what they can show.`,
      }),
    ),
    json,
  }),
  {
    brief: message`Say how many tasks and seeds a comparison needs.`,
    description:
      prose`Say how many tasks and training seeds are needed to see a paired difference of a given size with a given power, taking
      into account that siblings of a scenario, and tasks under one training seed, share their luck.`,
    footer: message`Example: ${commandLine("whet plan --effect 3 --power 0.8")}`,
  },
);

/** Runs `whet table`. */
export async function runTable(invocation: InferValue<typeof tableCommand>): Promise<number> {
  const { findCell, renderQueries, tableModelsJson } = await import("../table_model.ts");
  const { workspace, table, warmStart, runs, format, query: cell, queries, json } = invocation;
  const database = databaseOf(workspace);
  const query = await queryOf(workspace);
  if (table === "sage") {
    const { sageReport } = await import("../sage_report.ts");
    const report = await sageReport(query, { database, ...given({ warmStart }), format });
    if (cell !== undefined) return printed(`${findCell(report.models, cell).cell.query ?? ""}\n`);
    if (queries) return printed(renderQueries(report.models));
    return printed(json || format === "json" ? report.json : report.text);
  }
  const { recordTables, renderTables } = await import("../table_formats.ts");
  const models = table === "arise" || table === "arise-ablation" || table === "arise-rs"
    ? await (await import("../arise_tables.ts")).ariseTables(query, table, database)
    : await recordTables(query, table, { database, ...(runs.length === 0 ? {} : { runs }) });
  if (cell !== undefined) return printed(`${findCell(models, cell).cell.query ?? ""}\n`);
  if (queries) return printed(renderQueries(models));
  return printed(json || format === "json" ? tableModelsJson(models) : renderTables(models, format));
}

/** Runs `whet plot`. */
export async function runPlot(invocation: InferValue<typeof plotCommand>): Promise<number> {
  const { makePlot, writePlot } = await import("../plots/make_plot.ts");
  const { parseChainAddress } = await import("../plots/skill_life_lines.ts");
  const { workspace, kind, metric, compare, reference, split, chain, runs, font, json } = invocation;
  const { out = `results/plots/${kind}.svg` } = invocation;
  const plot = await makePlot(await queryOf(workspace), {
    kind,
    compare,
    ...given({ metric, reference, split }),
    ...(chain === undefined ? {} : { chain: parseChainAddress(chain) }),
    ...(runs.length === 0 ? {} : { runs }),
  });
  await writePlot(plot, out, given({ font }));
  if (!json) say(`Wrote ${out}: ${plot.title}. ${plot.caption}`);
  return printed(json ? { file: out, title: plot.title, caption: plot.caption, sql: plot.sql } : `${plot.sql}\n`);
}

/** Runs `whet report`. */
export async function runReport({ workspace, out, title, json }: InferValue<typeof reportCommand>): Promise<number> {
  const { rowHash } = await import("../../data/row_hash.ts");
  const { renderReport } = await import("../report.ts");
  const { writeOutput } = await import("../write_output.ts");
  const database = databaseOf(workspace);
  const html = await renderReport({
    query: await queryOf(workspace),
    database,
    title,
    rowHash: (await rowHash(database)).total,
  });
  await writeOutput(out, html);
  return printed(json ? { file: out, bytes: new TextEncoder().encode(html).length } : `${out}\n`);
}

/** Rows as one JSON array of objects, one row a line. */
function formatJsonRows(result: QueryResult): string {
  const rows = result.rows.map((row) =>
    JSON.stringify(Object.fromEntries(result.columns.map(({ name }, i) => [name, row[i]])))
  );
  return `[${rows.map((row) => `\n  ${row}`).join(",")}${rows.length > 0 ? "\n" : ""}]\n`;
}

/** Runs `whet sql`. */
export async function runSqlCommand(invocation: InferValue<typeof sqlCommand>): Promise<number> {
  const { formatCsv, formatJsonLines, formatTable } = await import("../../data/format_result.ts");
  const format = { table: formatTable, json: formatJsonRows, jsonl: formatJsonLines, csv: formatCsv };
  const { runSql } = await import("../../data/sql.ts");
  const attach: Record<string, string> = {};
  for (const pair of invocation.attach) {
    const [, name, folder] = /^([A-Za-z_]\w*)=(.+)$/.exec(pair) ?? [];
    if (name === undefined || folder === undefined) {
      throw new RangeError(
        `Cannot attach a workspace: --attach must be NAME=DIR, such as other=results/other, got ${pair}`,
      );
    }
    attach[name] = databaseOf(folder);
  }
  const result = await runSql(
    databaseOf(invocation.workspace),
    invocation.query,
    invocation.attach.length === 0 ? {} : { attach },
  );
  return printed(format[invocation.json ? "json" : invocation.format](result));
}

/** Runs `whet plan`. */
export async function runPlan(invocation: InferValue<typeof planCommand>): Promise<number> {
  const { planReport } = await import("../plan_report.ts");
  const { json, command: _, tasks, ...rest } = invocation;
  const report = planReport({ ...rest, ...given({ tasks }) });
  return printed(json ? report.json : report.text);
}
