/**
 * Tables by format, and the tables that commands know by name.
 *
 * Contract: the same models whatever the format. `sage` is the paper's table (see `sage_report.ts` for the text that goes with it),
 * `curve` the rise during training, `evaluations` all final evaluations. The last two show one environment: that of the run that was
 * started last among those with something to show, unless runs are named.
 *
 * @module
 */
import { curveModel } from "./curve_model.ts";
import { evaluationModels, finalEvaluationsSql } from "./evaluation_model.ts";
import { curveSql } from "./plots/curve_metrics.ts";
import { latestRuns } from "./plots/make_plot.ts";
import { type Query, rowObjects } from "./query_rows.ts";
import { NothingToReportError } from "./nothing_to_report.ts";
import { renderHtml, renderLatex } from "./table_markup.ts";
import { renderCsv, renderJson, renderMarkdown, renderText, type TableFormat, type TableModel } from "./table_model.ts";

const RENDERERS: Readonly<Record<TableFormat, (models: readonly TableModel[]) => string>> = {
  text: renderText,
  markdown: renderMarkdown,
  csv: renderCsv,
  json: renderJson,
  latex: renderLatex,
  html: renderHtml,
};

/** Tables in a format; text that ends in a line break. */
export function renderTables(models: readonly TableModel[], format: TableFormat): string {
  return RENDERERS[format](models);
}

/** Names of tables of any environment. */
export const RECORD_TABLES = ["curve", "evaluations"] as const;
/** Name of a table of any environment. */
export type RecordTable = typeof RECORD_TABLES[number];

/** Which rows {@linkcode recordTables} reads. */
export interface RecordTableOptions {
  /** Database file, as the user would name it. */
  readonly database: string;
  /**
   * Run ids.
   *
   * @default {those of the environment that was used last}
   */
  readonly runs?: readonly string[];
}

/**
 * Tables of what the record holds, for any environment.
 *
 * @param query runs SQL on the record.
 * @param table which table.
 * @param options see {@linkcode RecordTableOptions}.
 * @throws {NothingToReportError} if the record has no rows for it.
 */
export async function recordTables(
  query: Query,
  table: RecordTable,
  options: RecordTableOptions,
): Promise<TableModel[]> {
  const phase = table === "curve" ? "curve" : "eval";
  const runs = options.runs ?? await latestRuns(query, `rollout WHERE starts_with(phase, '${phase}/')`);
  let models: TableModel[];
  if (table === "curve") {
    const model = curveModel(rowObjects(await query(curveSql("pass1", { runs }))), "pass1", { runs });
    models = model === null ? [] : [model];
  } else models = evaluationModels(rowObjects(await query(finalEvaluationsSql(runs))));
  if (models.length === 0) {
    throw new NothingToReportError(
      `Cannot make the table ${table} of ${options.database}: the runs have no ` +
        (table === "curve" ? "evaluations during training" : "final evaluations"),
    );
  }
  return models;
}
