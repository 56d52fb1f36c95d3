/**
 * Several learning curves of the same runs in one picture, one under the other.
 *
 * Contract: each panel is the plot that `learningCurve` gives for its metric, with its own values, labels and caption, over the same steps; a metric that no run has a value of is left out.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { integerOf, type QueryRow } from "../query_rows.ts";
import type { CurveMetric } from "./curve_metrics.ts";
import { learningCurve, type LearningCurveOptions } from "./learning_curve.ts";
import { NothingToPlotError, type Plot } from "./plot.ts";
import { PLOT_WIDTH } from "./theme.ts";

/** What ARISE's picture shows, from top to bottom. */
export const ARISE_CURVES = ["reward", "utilisation", "utility"] as const satisfies readonly CurveMetric[];

const PANEL_HEIGHT = 190;

/** Names of data sets, with the panel's number behind them. */
function renamed(value: Json, panel: number): Json {
  if (Array.isArray(value)) return value.map((item) => renamed(item, panel));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const isData = key === "data" && item !== null && typeof item === "object" && "name" in item;
      return [key, isData ? { name: `${String(item.name)}${panel}` } : renamed(item ?? null, panel)];
    }),
  );
}

/**
 * Stacks curves.
 *
 * @param title title of the whole.
 * @param curves rows of `curveSql` by metric, in the order of the panels.
 * @param options see {@linkcode LearningCurveOptions}; the title is the whole's.
 * @throws {NothingToPlotError} if no metric has a value.
 */
export function stackedCurves(
  title: string,
  curves: readonly { readonly metric: CurveMetric; readonly rows: readonly QueryRow[] }[],
  options: Omit<LearningCurveOptions, "title" | "height" | "steps"> = {},
): Plot {
  const steps = [...new Set(curves.flatMap(({ rows }) => rows.map((row) => integerOf(row, "step"))))];
  const plots: Plot[] = [];
  let missing: NothingToPlotError | undefined;
  for (const { metric, rows } of curves) {
    try {
      plots.push(learningCurve(rows, metric, { ...options, height: PANEL_HEIGHT, steps }));
    } catch (error) {
      if (!(error instanceof NothingToPlotError)) throw error;
      missing ??= error;
    }
  }
  if (plots.length === 0) throw missing ?? new NothingToPlotError("Cannot draw curves: no metric was named");
  const caption = plots.map((plot) => `${plot.title}. ${plot.caption}`).join(" ");
  return {
    title,
    caption,
    // One statement for each panel, in their order.
    sql: plots.map((plot) => plot.sql).join(";\n"),
    spec: {
      title: { text: title, offset: 18 },
      vconcat: plots.map((plot, panel) => renamed({ ...plot.spec, width: PLOT_WIDTH }, panel)),
      spacing: 26,
      resolve: { scale: { color: "independent", strokeDash: "independent" } },
    },
    data: Object.fromEntries(
      plots.flatMap((plot, panel) => Object.entries(plot.data).map(([name, rows]) => [`${name}${panel}`, rows])),
    ),
  };
}
