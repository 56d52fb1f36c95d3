/**
 * What `whet train` prints in the end: Pass@1 of the warm start and of what reinforcement learning made of it, and the learning curve.
 *
 * Contract: everything comes from the record. The curve's plot is written beside the database, in a file named after the warm start's
 * configuration, so that two scales do not overwrite each other.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { type PassArm, type PassReport, passReport } from "./pass_report.ts";
import { makePlot, writePlot } from "./plots/make_plot.ts";
import { NothingToPlotError } from "./plots/plot.ts";
import { type Query, rowObjects, sqlText, textOf } from "./query_rows.ts";
import { TRAIN_ARMS } from "./training_scales.ts";

/** Options of {@linkcode trainReport}. */
export interface TrainReportOptions {
  /** Configuration hash of the warm start. */
  readonly warmStart: string;
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

/** Runs of a warm start's family by arm. */
export async function trainedArms(query: Query, warmStart: string): Promise<PassArm[]> {
  const runs = rowObjects(
    await query(
      `SELECT arm, run_id FROM run WHERE config_hash = ${sqlText(warmStart)} OR ` +
        `(config->>'$.train.parent') = ${sqlText(`sft-${warmStart}`)} ORDER BY seed, run_id`,
    ),
  );
  return TRAIN_ARMS.map((arm) => ({
    name: arm,
    runs: runs.filter((run) => textOf(run, "arm") === arm).map((run) => textOf(run, "run_id")),
  })).filter((arm) => arm.runs.length > 0);
}

/**
 * Builds the report.
 *
 * @param query runs SQL on the record.
 * @param options see {@linkcode TrainReportOptions}.
 */
export async function trainReport(query: Query, options: TrainReportOptions): Promise<TrainReport> {
  const { warmStart, splits, groupBy, plotFolder } = options;
  const arms = await trainedArms(query, warmStart);
  const report = await passReport(query, { arms, splits, ...(groupBy === undefined ? {} : { groupBy }) });
  const plot = plotFolder === undefined ? null : await drawCurve(query, arms, `${plotFolder}/curve-${warmStart}.svg`);
  const more = plot === null ? "" : `\nLearning curve: ${plot}\n`;
  return { ...report, text: report.text + more, json: { tables: report.json, plot } satisfies Json, plot };
}

async function drawCurve(query: Query, arms: readonly PassArm[], path: string): Promise<string | null> {
  const runs = arms.find((arm) => arm.name === TRAIN_ARMS[1])?.runs ?? [];
  if (runs.length === 0) return null;
  try {
    await writePlot(await makePlot(query, { kind: "curve", metric: "pass1", runs }), path);
    return path;
  } catch (error) {
    if (error instanceof NothingToPlotError) return null;
    throw error;
  }
}
