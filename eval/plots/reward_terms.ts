/**
 * Terms of the reward by update, one panel per arm, one line per term.
 *
 * Contract: a pure function of rows. A point is the mean of a term over the training rollouts of the update, all training seeds
 * together; terms that are 0 in all updates of an arm are left out, those that are 0 in all arms
 * are named in the caption. The total, which is recorded with the advantage, is a line
 * of its own, so that one sees whether the terms still sum to it.
 * Omitted: bands; the learning curve of the reward has one.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { integerOf, numberOf, type QueryRow, textOf } from "../query_rows.ts";
import { armLabels, configuredArm } from "./arm_labels.ts";
import { runCondition, type RunFilter } from "./curve_metrics.ts";
import { axisScale, countOf, NothingToPlotError, type Plot, spreadLabels, titleBlock } from "./plot.ts";
import { clipText } from "./text_width.ts";
import { FONT_SIZE, PLOT_WIDTH, seriesColour, seriesDash } from "./theme.ts";

/** Name of the total among the terms. */
export const TOTAL_TERM = "total";

/** SQL of the mean terms by update, one statement on one line. */
export function rewardTermsSql(filter: RunFilter = {}): string {
  const condition = runCondition(filter);
  const part = (term: string, value: string, table: string) =>
    `SELECT run.arm, run.config_hash, t.step, ${term} AS term, avg(${value}) AS value, count(*) AS rollouts ` +
    `FROM ${table} t JOIN run USING (run_id) WHERE t.phase = 'rl'${condition} GROUP BY ALL`;
  return `${part("t.term", "t.value", "reward_term")} UNION ALL ${
    part(`'${TOTAL_TERM}'`, "t.reward", "advantage")
  } ORDER BY ALL`;
}

const PANEL_HEIGHT = 150;
const LABEL_GAP = 15;

/**
 * Plot of the terms.
 *
 * @param rows rows of {@linkcode rewardTermsSql}.
 * @param filter which runs the query had.
 * @throws {NothingToPlotError} if there are no rows, or all terms are 0 everywhere.
 */
export function rewardTerms(rows: readonly QueryRow[], filter: RunFilter = {}): Plot {
  const nameOf = armLabels(rows.map(configuredArm));
  const points = rows.flatMap((row) => {
    const value = numberOf(row, "value");
    return value === null ? [] : [{
      arm: nameOf(configuredArm(row)),
      term: textOf(row, "term"),
      step: integerOf(row, "step"),
      value,
      rollouts: integerOf(row, "rollouts"),
    }];
  });
  const known = [...new Set(points.map(({ term }) => term))].sort();
  const terms = known.filter((term) => points.some((point) => point.term === term && point.value !== 0));
  const zero = known.filter((term) => !terms.includes(term));
  if (terms.length === 0) {
    throw new NothingToPlotError(
      "Cannot draw reward terms: the record holds no rewards of training rollouts that differ from 0",
    );
  }
  // The total last, so that terms keep their colours whether or not it is there.
  const ordered = [...terms.filter((term) => term !== TOTAL_TERM), ...terms.filter((term) => term === TOTAL_TERM)];
  const arms = [...new Set(points.map(({ arm }) => arm))].sort();
  const shown = points.filter(({ term }) => terms.includes(term));
  const totals = points.filter(({ term }) => term === TOTAL_TERM).map(({ rollouts }) => rollouts);
  const low = Math.min(...totals);
  const high = Math.max(...totals);
  const perUpdate = totals.length === 0
    ? ""
    : ` of ${low === high ? countOf(high, "rollout") : `${low} to ${countOf(high, "rollout")}`}`;
  const caption = `A point: the mean${perUpdate}, training seeds together.` +
    (zero.length === 0 ? "" : ` 0 everywhere and not drawn: ${zero.join(", ")}.`);
  const title = "Reward terms by update";

  const lastStep = Math.max(1, ...shown.map(({ step }) => step));
  const x = axisScale(shown.map(({ step }) => step), { integers: true, ticks: 8, zero: true });
  const y = axisScale(shown.map(({ value }) => value), { zero: true, ticks: 4 });
  const style = ordered.map((term, index) => ({
    colour: term === TOTAL_TERM ? seriesColour(6) : seriesColour(index),
    dash: term === TOTAL_TERM ? seriesDash(0) : seriesDash(index),
  }));
  const scaleOf = (range: readonly Json[]): Json => ({ domain: ordered, range });
  const colour: Json = { field: "term", type: "nominal", scale: scaleOf(style.map((s) => s.colour)), legend: null };
  const dash: Json = { field: "term", type: "nominal", scale: scaleOf(style.map((s) => s.dash)), legend: null };
  const panels = arms.map((arm, index) => {
    const xEncoding: Json = {
      field: "step",
      type: "quantitative",
      title: index === arms.length - 1 ? "update" : null,
      scale: { domain: [0, lastStep], nice: false },
      axis: { values: x.ticks.filter((tick) => tick <= lastStep), format: "d", grid: false },
    };
    const yEncoding: Json = {
      field: "value",
      type: "quantitative",
      title: "mean reward",
      scale: { domain: y.domain, nice: false },
      axis: { values: y.ticks },
    };
    return {
      title: { text: arm, fontSize: FONT_SIZE + 1, anchor: "start", offset: 6 },
      width: PLOT_WIDTH,
      height: PANEL_HEIGHT,
      layer: [
        // The total lies under the terms, broad and pale, because it covers a term that is alone.
        {
          data: { name: `total${index}` },
          mark: { type: "line", strokeWidth: 5, opacity: 0.4 },
          encoding: { x: xEncoding, y: yEncoding, color: colour },
        },
        {
          data: { name: `terms${index}` },
          mark: { type: "line", strokeWidth: 2 },
          encoding: { x: xEncoding, y: yEncoding, color: colour, strokeDash: dash },
        },
        {
          data: { name: `labels${index}` },
          mark: { type: "text", align: "left", baseline: "middle", dx: 8 },
          encoding: { x: xEncoding, y: yEncoding, color: colour, text: { field: "label", type: "nominal" } },
        },
      ],
    };
  });
  const unit = (y.domain[1] - y.domain[0]) / PANEL_HEIGHT;
  const data = Object.fromEntries(arms.flatMap((arm, index) => {
    const own = shown.filter((point) => point.arm === arm).filter(({ term }, _, all) =>
      all.some((point) => point.term === term && point.value !== 0)
    );
    const lines = own.map(({ term, step, value }) => ({ term, step, value }));
    const ends = ordered.flatMap((term) => own.filter((point) => point.term === term).at(-1) ?? []);
    const places = spreadLabels(ends.map(({ value }) => value), LABEL_GAP * unit, y.domain);
    return [
      [`total${index}`, lines.filter(({ term }) => term === TOTAL_TERM)],
      [`terms${index}`, lines.filter(({ term }) => term !== TOTAL_TERM)],
      [
        `labels${index}`,
        ends.map(({ term, value }, place) => ({
          term,
          step: lastStep,
          value: places[place] ?? value,
          label: `${clipText(term, 150, FONT_SIZE)} ${value.toFixed(2)}`,
        })),
      ],
    ];
  }));
  return {
    title,
    caption,
    sql: rewardTermsSql(filter),
    spec: { title: titleBlock(title, caption), vconcat: panels, spacing: 18 },
    data,
  };
}
