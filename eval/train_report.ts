/**
 * What `whet train` prints in the end: Pass@1 of the warm start and of what reinforcement learning made of it, and the learning curve.
 *
 * Contract: everything comes from the record. The curve's plot is written beside the database, in a file named after the
 * configuration, so that two configurations do not overwrite each other.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { type PassArm, type PassReport, passReport } from "./pass_report.ts";
import { makePlot, writePlot } from "./plots/make_plot.ts";
import { NothingToPlotError } from "./plots/plot.ts";
import type { Query } from "./query_rows.ts";

/** Options of {@linkcode trainReport}. */
export interface TrainReportOptions {
  /** Arms in the order of the table; the last one's runs are drawn. */
  readonly arms: readonly PassArm[];
  /** Configuration hash of the last arm, which names the plot. */
  readonly configHash: string;
  /** Splits in the order of the table. */
  readonly splits: readonly string[];
  /** Label by which Pass@1 is broken down; none if left out. */
  readonly groupBy?: string;
  /** Folder for the plot; none is made if left out. */
  readonly plotFolder?: string;
}

/** See {@linkcode PassReport}; with the plot's file, or null where there is no curve. */
export interface TrainReport extends PassReport {
  /** SVG of the learning curve. */
  readonly plot: string | null;
}

/**
 * Builds the report.
 *
 * @param query runs SQL on the record.
 * @param options see {@linkcode TrainReportOptions}.
 */
export async function trainReport(query: Query, options: TrainReportOptions): Promise<TrainReport> {
  const { arms, configHash, splits, groupBy, plotFolder } = options;
  const report = await passReport(query, { arms, splits, ...(groupBy === undefined ? {} : { groupBy }) });
  const plot = plotFolder === undefined ? null : await drawCurve(query, arms, `${plotFolder}/curve-${configHash}.svg`);
  const more = plot === null ? "" : `\nLearning curve: ${plot}\n`;
  return { ...report, text: report.text + more, json: { tables: report.json, plot } satisfies Json, plot };
}

async function drawCurve(query: Query, arms: readonly PassArm[], path: string): Promise<string | null> {
  const { runs = [] } = arms.at(-1) ?? {};
  if (runs.length === 0) return null;
  try {
    await writePlot(await makePlot(query, { kind: "curve", metric: "pass1", runs }), path);
    return path;
  } catch (error) {
    if (error instanceof NothingToPlotError) return null;
    throw error;
  }
}
