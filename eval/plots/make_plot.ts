/**
 * Makes the plots that commands and reports ask for: finds the runs, runs the query, draws, writes the file.
 *
 * Contract: a plot shows one environment, that of the run that was started last among those that have something to show, unless runs are
 * named. SVG, PNG (see `render_png.ts` for its limits) or JSON (the Vega-Lite specification with its rows) by the ending of the file.
 *
 * @module
 */
import { COMPARED_ARMS } from "../sage_table.ts";
import { SAGE_ARMS, type SageArm } from "../scales.ts";
import type { Metric } from "../metrics.ts";
import { paperDifference, type PaperValue } from "../paper_values.ts";
import { type Query, rowObjects, textOf } from "../query_rows.ts";
import { ablationBars, ablationSql } from "./ablation_bars.ts";
import { armLabels, configuredArm } from "./arm_labels.ts";
import { type CurveMetric, curveSql, runCondition, type RunFilter } from "./curve_metrics.ts";
import { learningCurve } from "./learning_curve.ts";
import { NothingToPlotError, type Plot } from "./plot.ts";
import { renderPng } from "./render_png.ts";
import { renderSvg } from "./render_svg.ts";
import { rewardTerms, rewardTermsSql } from "./reward_terms.ts";
import { ARISE_CURVES, stackedCurves } from "./stacked_curves.ts";
import { type ChainAddress, skillLifeLines, skillLifeSql } from "./skill_life_lines.ts";
import { outputEnding, OutputError, writeOutput } from "../write_output.ts";
import { themeConfig } from "./theme.ts";

/** Kinds of plots, as commands name them. */
export const PLOT_KINDS = ["curve", "arise", "ablation", "skills", "rewards"] as const;
/** Name of a kind. */
export type PlotKind = typeof PLOT_KINDS[number];

/** What is to be drawn. */
export interface PlotRequest extends RunFilter {
  /** Which plot. */
  readonly kind: PlotKind;
  /**
   * Figure of a learning curve.
   *
   * @default {"pass1" if there are evaluations during training, else "success"}
   */
  readonly metric?: CurveMetric;
  /**
   * Figure of ablation bars.
   *
   * @default {"tgc"}
   */
  readonly compare?: Metric;
  /**
   * Arm that others are compared with.
   *
   * @default {"SFT + GRPO" if it is there, else the warm start, else the first by name}
   */
  readonly reference?: string;
  /**
   * Split of ablation bars.
   *
   * @default {"test_normal" if it is there, else the first}
   */
  readonly split?: string;
  /**
   * One chain, for life lines; needs exactly one run.
   *
   * @default {all training}
   */
  readonly chain?: ChainAddress;
  /**
   * Most names of life lines.
   *
   * @default {16}
   */
  readonly names?: number;
}

function isSageArm(arm: string): arm is SageArm {
  return SAGE_ARMS.some((known) => known === arm);
}

/** Published difference of two of SAGE's arms. */
export function publishedDifference(split: string, metric: Metric): (arm: string, other: string) => PaperValue | null {
  return (arm, other) => (isSageArm(arm) && isSageArm(other) ? paperDifference(split, arm, other, metric) : null);
}

/**
 * Runs of the environment of the run that was started last and has rows.
 *
 * @param having table of the rows, and SQL condition on them.
 */
export async function latestRuns(query: Query, having: string): Promise<string[]> {
  const result = await query(
    "SELECT run_id FROM run WHERE environment_hash = (SELECT environment_hash FROM run " +
      `WHERE run_id IN (SELECT run_id FROM ${having}) ORDER BY started_at DESC, run_id LIMIT 1) ORDER BY run_id`,
  );
  return result.rows.map(([id]) => String(id));
}

/** Splits that the runs were evaluated on at their end, the paper's first. */
export async function evaluatedSplits(query: Query, filter: RunFilter): Promise<string[]> {
  const result = await query(
    "SELECT DISTINCT substr(phase, 6) AS split FROM rollout JOIN run USING (run_id) " +
      `WHERE starts_with(phase, 'eval/')${runCondition(filter)} ORDER BY split`,
  );
  const splits = result.rows.map(([split]) => String(split));
  return splits.sort((a, b) => Number(b === "test_normal") - Number(a === "test_normal"));
}

/**
 * Arm that others are compared with if nothing is said: the table's control, else the warm start, else the first by name.
 *
 * @returns null if no arm was evaluated on the split.
 */
export async function defaultReference(query: Query, filter: RunFilter, split: string): Promise<string | null> {
  const rows = rowObjects(
    await query(
      `SELECT DISTINCT run.arm, run.config_hash, run.recipe FROM rollout JOIN run USING (run_id) ` +
        `WHERE phase = 'eval/${split.replaceAll("'", "''")}'${runCondition(filter)} ORDER BY ALL`,
    ),
  );
  const nameOf = armLabels(rows.map(configuredArm));
  const base = rows.find((row) => textOf(row, "arm") === COMPARED_ARMS[1]) ??
    rows.find((row) => textOf(row, "recipe") === "sft") ?? rows[0];
  return base === undefined ? null : nameOf(configuredArm(base));
}

/**
 * Makes a plot from the record.
 *
 * @param query runs SQL on the record.
 * @param request what is to be drawn.
 * @throws {NothingToPlotError} if the record holds nothing for it; {UnknownArmError} if the reference is not there.
 */
export async function makePlot(query: Query, request: PlotRequest): Promise<Plot> {
  const { kind } = request;
  if (kind === "curve") return await makeCurve(query, request);
  if (kind === "arise") {
    const runs = request.runs ?? await latestRuns(query, "library_state");
    const curves = [];
    for (const metric of ARISE_CURVES) {
      curves.push({ metric, rows: rowObjects(await query(curveSql(metric, { runs }))) });
    }
    return stackedCurves("Reward, skill utilisation and utility by update", curves, { runs });
  }
  if (kind === "ablation") return await makeAblation(query, request);
  if (kind === "rewards") {
    const runs = request.runs ?? await latestRuns(query, "reward_term");
    return rewardTerms(rowObjects(await query(rewardTermsSql({ runs }))), { runs });
  }
  const { chain, names } = request;
  if (chain !== undefined && request.runs?.length !== 1) {
    throw new RangeError(
      `Cannot draw the life lines of one chain: runs must hold exactly one run id, got ${
        request.runs?.length ?? 0
      }; name it with --run`,
    );
  }
  const runs = request.runs ?? await latestRuns(query, "skill_event WHERE phase = 'rl'");
  const options = {
    runs,
    ...(chain === undefined ? {} : { chain }),
    ...(names === undefined ? {} : { names }),
  };
  return skillLifeLines(rowObjects(await query(skillLifeSql(options))), options);
}

async function makeCurve(query: Query, request: PlotRequest): Promise<Plot> {
  const { runs: named } = request;
  const evaluated = await query(
    "SELECT count(*) FROM rollout JOIN run USING (run_id) " +
      `WHERE starts_with(phase, 'curve/')${runCondition(named === undefined ? {} : { runs: named })}`,
  );
  const { metric = Number(evaluated.rows[0]?.[0] ?? 0) > 0 ? "pass1" : "success" } = request;
  const where = metric === "pass1" || metric === "score"
    ? "rollout WHERE starts_with(phase, 'curve/')"
    : metric === "sft"
    ? "update_step WHERE phase = 'sft'"
    : metric === "utility"
    ? "library_state"
    : metric === "utilisation" || metric === "gate" || metric === "entropy"
    ? "selection WHERE phase = 'rl' AND turn = -1 AND NOT reserved"
    : "update_step WHERE phase = 'rl'";
  const runs = named ?? await latestRuns(query, where);
  return learningCurve(rowObjects(await query(curveSql(metric, { runs }))), metric, { runs });
}

async function makeAblation(query: Query, request: PlotRequest): Promise<Plot> {
  const { compare: metric = "tgc" } = request;
  const runs = request.runs ?? await latestRuns(query, "rollout WHERE starts_with(phase, 'eval/')");
  const splits = await evaluatedSplits(query, { runs });
  const split = request.split ?? splits[0];
  if (split === undefined || !splits.includes(split)) {
    throw new NothingToPlotError(
      `Cannot draw ablation bars${split === undefined ? "" : ` on ${split}`}: the runs were ` +
        (splits.length === 0 ? "not evaluated" : `evaluated on ${splits.join(", ")} only`),
    );
  }
  const reference = request.reference ?? await defaultReference(query, { runs }, split);
  if (reference === null) {
    throw new NothingToPlotError(
      `Cannot draw ablation bars on ${split}: no arm was evaluated there`,
    );
  }
  const options = { runs, split, reference, metric, paper: publishedDifference(split, metric) };
  return ablationBars(rowObjects(await query(ablationSql(options))), options);
}

/** What editors know a Vega-Lite 6 specification by; nothing is fetched here. */
const VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";

/** Options of {@linkcode writePlot}. */
export interface WritePlotOptions {
  /**
   * Font file for PNG.
   *
   * @default {a sans-serif font of this machine}
   */
  readonly font?: string;
  /**
   * Pixels of a PNG per pixel of the drawing.
   *
   * @default {2}
   */
  readonly scale?: number;
}

/**
 * Writes a plot into a file; folders are made.
 *
 * @param plot what is written.
 * @param path ends in `.svg`, `.png` or `.json`.
 * @param options see {@linkcode WritePlotOptions}.
 * @throws {OutputError} if the ending is another, or the file cannot be written.
 */
export async function writePlot(plot: Plot, path: string, options: WritePlotOptions = {}): Promise<void> {
  const ending = outputEnding(path);
  if (ending === "json") {
    const whole = {
      $schema: VEGA_LITE_SCHEMA,
      ...plot.spec,
      datasets: plot.data,
      config: themeConfig("paper"),
      usermeta: { sql: plot.sql },
    };
    return await writeOutput(path, `${JSON.stringify(whole, null, 2)}\n`);
  }
  if (ending !== "svg" && ending !== "png") {
    throw new OutputError(`Cannot write a plot to ${path}: expected a name that ends in .svg, .png or .json`);
  }
  const svg = await renderSvg(plot.spec, plot.data, { label: `${plot.title}. ${plot.caption}` });
  await writeOutput(path, ending === "svg" ? `${svg}\n` : await renderPng(svg, options));
}
