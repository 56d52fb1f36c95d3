/**
 * Ablation bars: what each arm differs from a reference arm, with intervals, from evaluation rollouts.
 *
 * Contract: {@linkcode ablationBars} is a pure function of rows and options; {@linkcode ablationDifferences} are its numbers. A difference is
 * arm minus reference, paired by scenario, with a 95 % cluster-bootstrap interval and a sign-flip p-value (`bootstrap.ts`), over the
 * scenarios that both have. Rollouts hit by an environment fault are left out. A bar whose interval excludes 0 is solid, others are
 * pale. The published difference, where there is one, is a diamond with its source in the caption.
 * Choices: arms of equal name but other configurations are bars of their own. Omitted: corrections for several comparisons.
 *
 * @module
 */
import type { Json } from "../../data/canonical.ts";
import { type BootstrapOptions, type Difference, pairedDifference } from "../bootstrap.ts";
import { type EvaluationRow, type Metric, metricCells, METRICS } from "../metrics.ts";
import type { PaperValue } from "../paper_values.ts";
import { integerOf, numberOf, type QueryRow, sqlText, textOf } from "../query_rows.ts";
import { armLabels, type ConfiguredArm, configuredArm } from "./arm_labels.ts";
import { runCondition, type RunFilter } from "./curve_metrics.ts";
import { axisScale, countOf, NothingToPlotError, type Plot, titleBlock } from "./plot.ts";
import { PLOT_WIDTH, seriesColour } from "./theme.ts";

/** What {@linkcode ablationBars} compares. */
export interface AblationOptions extends RunFilter, BootstrapOptions {
  /** Arm that the others are compared with: its name, or its label where configurations share a name. */
  readonly reference: string;
  /** Split of the evaluation. */
  readonly split: string;
  /**
   * What is compared.
   *
   * @default {"tgc"}
   */
  readonly metric?: Metric;
  /**
   * Published difference of an arm (by name) and the reference; null where there is none.
   *
   * @default {none}
   */
  readonly paper?: (arm: string, reference: string) => PaperValue | null;
}

/** One bar. */
export interface AblationDifference {
  /** Arm and its configuration. */
  readonly arm: ConfiguredArm;
  /** Name that is shown. */
  readonly label: string;
  /** Arm minus reference. */
  readonly difference: Difference;
  /** Published difference. */
  readonly paper: PaperValue | null;
}

/** The reference arm is not in the rows. */
export class UnknownArmError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "UnknownArmError";
}

/**
 * SQL of the evaluation rollouts of a split, one statement on one line; `success` is null after a fault.
 *
 * @param options `split` and `runs` count.
 */
export function ablationSql(options: Pick<AblationOptions, "split" | "runs">): string {
  return "SELECT run.arm, run.config_hash, run.seed, rollout.sample, rollout.scenario, rollout.task_id, rollout.position, " +
    "rollout.success, rollout.steps, rollout.generated_tokens, len(rollout.skills_offered) AS skills_offered, rollout.used_skill " +
    `FROM rollout JOIN run USING (run_id) WHERE rollout.phase = ${sqlText(`eval/${options.split}`)}` +
    `${runCondition(options)} ORDER BY ALL`;
}

/** A row of {@linkcode ablationSql} as the metrics take it; null after a fault. */
export function evaluationRow(row: QueryRow): EvaluationRow | null {
  if (numberOf(row, "success") === null) return null;
  return {
    seed: integerOf(row, "seed"),
    evalRun: integerOf(row, "sample"),
    scenario: textOf(row, "scenario"),
    taskId: textOf(row, "task_id"),
    position: integerOf(row, "position") - 1, // counted from 1 in the record
    success: numberOf(row, "success") === 1,
    steps: integerOf(row, "steps"),
    generatedTokens: integerOf(row, "generated_tokens"),
    skillsOffered: integerOf(row, "skills_offered"),
    usedSkill: numberOf(row, "used_skill") === 1,
  };
}

/**
 * Differences of all arms to the reference, largest first.
 *
 * @param rows rows of {@linkcode ablationSql}.
 * @param options see {@linkcode AblationOptions}.
 * @throws {UnknownArmError} if the reference has no rows.
 */
export function ablationDifferences(rows: readonly QueryRow[], options: AblationOptions): AblationDifference[] {
  const { reference, metric = "tgc", paper = () => null } = options;
  const nameOf = armLabels(rows.map(configuredArm));
  const groups = Map.groupBy(rows, (row) => nameOf(configuredArm(row)));
  const cells = new Map([...groups].map(([label, own]) =>
    [label, {
      arm: configuredArm(own[0] ?? {}),
      cells: metricCells(own.flatMap((row) => evaluationRow(row) ?? []), metric),
    }] as const
  ));
  const base = cells.get(reference);
  if (base === undefined) {
    throw new UnknownArmError(
      `Cannot compare with ${reference}: no evaluation on ${options.split} has that arm; there are: ` +
        ([...cells.keys()].sort().join(", ") || "none"),
    );
  }
  return [...cells].flatMap(([label, { arm, cells }]): AblationDifference[] =>
    label === reference ? [] : [{
      arm,
      label,
      difference: pairedDifference(cells, base.cells, options),
      paper: paper(arm.arm, base.arm.arm),
    }]
  ).sort((a, b) =>
    (b.difference.value ?? -Infinity) - (a.difference.value ?? -Infinity) || (a.label < b.label ? -1 : 1)
  );
}

function signed(value: number, metric: Metric): string {
  const text = Math.abs(value).toFixed(METRICS[metric].decimals);
  return `${Number(text) === 0 ? "" : value < 0 ? "−" : "+"}${text}`;
}

/** Unit of a difference, for the axis. */
const UNITS: Readonly<Record<(typeof METRICS)[Metric]["unit"], string>> = {
  percent: "percentage points",
  interactions: "interactions per task",
  tokens: "tokens per task",
  fraction: "fraction",
};

const ROW_HEIGHT = 34;

/**
 * Ablation bars of the rows.
 *
 * @param rows rows of {@linkcode ablationSql}.
 * @param options see {@linkcode AblationOptions}.
 * @throws {NothingToPlotError} if no arm besides the reference has a value.
 * @throws {UnknownArmError} if the reference has no rows.
 */
export function ablationBars(rows: readonly QueryRow[], options: AblationOptions): Plot {
  const { reference, split, metric = "tgc" } = options;
  const bars = ablationDifferences(rows, options).flatMap((bar) =>
    bar.difference.value === null ? [] : [{ ...bar, value: bar.difference.value }]
  );
  if (bars.length === 0) {
    throw new NothingToPlotError(
      `Cannot draw ablation bars on ${split}: no arm besides ${reference} has a value of ${metric} there`,
    );
  }
  const { label } = METRICS[metric];
  const title = `${label} compared with ${reference}, ${split}`;
  const scenarios = Math.max(...bars.map(({ difference }) => difference.scenarios));
  const sources = [...new Set(bars.flatMap(({ paper }) => paper?.source.split("; ") ?? []))];
  const caption = `Arm minus ${reference}, paired over ${countOf(scenarios, "scenario")}, ` +
    `${countOf(Math.max(...bars.map(({ difference }) => difference.runs)), "evaluation run")} per arm. ` +
    "Whiskers: 95 % cluster bootstrap over scenarios; solid: the interval excludes 0." +
    (sources.length === 0 ? "" : ` Diamond: published difference (${sources.join("; ")}), not a target.`);
  const x = axisScale(
    bars.flatMap(({ value, difference: { interval }, paper }) => [
      value,
      ...(interval === null ? [] : [interval.low, interval.high]),
      ...(paper === null ? [] : [paper.value]),
    ]),
    { zero: true, ticks: 6 },
  );
  const order = bars.map(({ label }) => label);
  const xEncoding: Json = {
    field: "value",
    type: "quantitative",
    title: `difference in ${label} (${UNITS[METRICS[metric].unit]})`,
    scale: { domain: x.domain, nice: false },
    axis: { values: x.ticks },
  };
  const yEncoding: Json = {
    field: "arm",
    type: "nominal",
    title: null,
    sort: order,
    axis: { domain: false, ticks: false, labelLimit: 240, labelPadding: 8 },
  };
  const whisker: Json = { x: { ...xEncoding, field: "low" }, x2: { field: "high" }, y: yEncoding };
  const spec = {
    title: titleBlock(title, caption),
    width: PLOT_WIDTH - 120,
    height: ROW_HEIGHT * bars.length,
    layer: [
      {
        data: { name: "bars" },
        mark: { type: "bar", height: 16 },
        encoding: {
          x: xEncoding,
          x2: { datum: 0 },
          y: yEncoding,
          color: { value: seriesColour(0) },
          opacity: {
            field: "resolved",
            type: "nominal",
            scale: { domain: [true, false], range: [0.9, 0.35] },
            legend: null,
          },
        },
      },
      { data: { name: "zero" }, mark: { type: "rule", opacity: 0.7 }, encoding: { x: xEncoding } },
      { data: { name: "whiskers" }, mark: { type: "rule", strokeWidth: 1.5 }, encoding: whisker },
      ...["low", "high"].map((end) => ({
        data: { name: "whiskers" },
        mark: { type: "tick", thickness: 1.5, size: 9 },
        encoding: { x: { ...xEncoding, field: end }, y: yEncoding },
      })),
      {
        data: { name: "paper" },
        mark: { type: "point", shape: "diamond", size: 70, filled: false, strokeWidth: 1.5, color: seriesColour(1) },
        encoding: { x: xEncoding, y: yEncoding },
      },
      {
        data: { name: "labels" },
        mark: { type: "text", align: "left", baseline: "middle", dx: 12 },
        encoding: { x: xEncoding, y: yEncoding, text: { field: "text", type: "nominal" } },
      },
    ],
  };
  return {
    title,
    caption,
    sql: ablationSql(options),
    spec,
    data: {
      zero: [{ value: 0 }],
      bars: bars.map(({ label, value, difference }) => ({ arm: label, value, resolved: difference.resolved })),
      whiskers: bars.flatMap(({ label, difference: { interval } }) =>
        interval === null ? [] : [{ arm: label, low: interval.low, high: interval.high }]
      ),
      paper: bars.flatMap(({ label, paper }) => (paper === null ? [] : [{ arm: label, value: paper.value }])),
      labels: bars.map(({ label, value, difference: { interval, p } }) => ({
        arm: label,
        value: x.domain[1],
        text: `${signed(value, metric)}` +
          (interval === null ? "" : ` [${signed(interval.low, metric)}, ${signed(interval.high, metric)}]`) +
          (p === null ? "" : p < 0.001 ? ", p < 0.001" : `, p = ${p.toFixed(3)}`),
      })),
    },
  };
}
