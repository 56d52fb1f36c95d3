/**
 * Tables of any environment's final evaluations: per split one line per arm, with intervals and the query of every cell.
 *
 * Contract: a pure function of rows, with the definitions of `metrics.ts`; rollouts hit by an environment fault are counted and left out.
 * SGC is shown where scenarios have three tasks, skill use where a library was offered. Intervals: 95 % cluster bootstrap over
 * scenarios.
 *
 * @module
 */
import { type BootstrapOptions, clusterEstimate } from "./bootstrap.ts";
import { type EvaluationRow, type Metric, metricCells, METRICS } from "./metrics.ts";
import { armLabels, configuredArm } from "./plots/arm_labels.ts";
import { evaluationRow } from "./plots/ablation_bars.ts";
import { countOf } from "./plots/plot.ts";
import { type QueryRow, sqlTexts, textOf } from "./query_rows.ts";
import { cellSql } from "./sage_sql.ts";
import { cellKey, type TableCell, type TableModel } from "./table_model.ts";

/** SQL of all final evaluation rollouts of runs, one statement on one line. */
export function finalEvaluationsSql(runIds: readonly string[]): string {
  const condition = runIds.length === 0 ? "false" : `run_id IN (${sqlTexts(runIds)})`;
  return "SELECT run.arm, run.config_hash, run_id, run.seed, substr(rollout.phase, 6) AS split, rollout.sample, rollout.scenario, " +
    "rollout.task_id, rollout.position, rollout.success, rollout.steps, rollout.generated_tokens, " +
    "len(rollout.skills_offered) AS skills_offered, rollout.used_skill FROM rollout JOIN run USING (run_id) " +
    `WHERE ${condition} AND starts_with(rollout.phase, 'eval/') ORDER BY ALL`;
}

const HEADINGS: Readonly<Partial<Record<Metric, string>>> = { tgc: "solved, %", sgc: "scenarios solved, %" };

/** Metrics that mean something for these rows. */
function metricsFor(rows: readonly EvaluationRow[]): Metric[] {
  const perRun = [...Map.groupBy(rows, (row) => `${row.seed}/${row.evalRun}/${row.scenario}`).values()];
  const threes = perRun.some((own) => own.length === 3) && perRun.every((own) => own.length <= 3);
  const library = rows.some(({ skillsOffered }) => skillsOffered > 0);
  return ["tgc", ...(threes ? ["sgc" as const] : []), "steps", "tokens", ...(library ? ["skillUse" as const] : [])];
}

/**
 * Tables of the evaluations, one per split.
 *
 * @param rows rows of {@linkcode finalEvaluationsSql} of one environment.
 * @param options see {@linkcode BootstrapOptions}, and `key`, which begins the tables' addresses.
 */
export function evaluationModels(
  rows: readonly QueryRow[],
  options: BootstrapOptions & { readonly key?: string } = {},
): TableModel[] {
  const { key = "evaluation" } = options;
  const nameOf = armLabels(rows.map(configuredArm));
  return [...Map.groupBy(rows, (row) => textOf(row, "split"))].map(([split, inSplit]) => {
    const arms = [...Map.groupBy(inSplit, (row) => nameOf(configuredArm(row)))].map(([arm, own]) => ({
      arm,
      runIds: [...new Set(own.map((row) => textOf(row, "run_id")))],
      scored: own.flatMap((row) => evaluationRow(row) ?? []),
      faults: own.filter((row) => row.success === null).length,
    }));
    const all = arms.flatMap(({ scored }) => scored);
    const metrics = arms.map(({ scored }) => metricsFor(scored)).reduce((a, b) => (b.length > a.length ? b : a), []);
    const faults = arms.reduce((sum, arm) => sum + arm.faults, 0);
    return {
      key: cellKey(`${key}-${split}`),
      title: `${split}: ${countOf(new Set(all.map(({ taskId }) => taskId)).size, "task")} in ` +
        countOf(new Set(all.map(({ scenario }) => scenario)).size, "scenario") +
        (faults === 0 ? "" : `, ${countOf(faults, "rollout")} lost to environment faults`),
      columns: [
        { key: "arm", title: "arm" },
        ...metrics.map((metric) => ({
          key: cellKey(METRICS[metric].label),
          title: HEADINGS[metric] ?? METRICS[metric].label,
          unit: METRICS[metric].unit,
          align: "right" as const,
        })),
        { key: "rollouts", title: "rollouts", align: "right" as const },
      ],
      rows: arms.map(({ arm, runIds, scored }) => ({
        key: cellKey(arm),
        cells: [
          { text: arm },
          ...metrics.map((metric): TableCell => {
            // A scenario of other sizes in another arm must not stop the table.
            const applies = metricsFor(scored).includes(metric);
            const cells = metricCells(applies ? scored : [], metric === "sgc" && !applies ? "tgc" : metric);
            const { value, interval } = clusterEstimate(cells, options);
            const shown = (figure: number) => figure.toFixed(METRICS[metric].decimals);
            return {
              text: value === null
                ? "—"
                : `${shown(value)} ${interval === null ? "[—]" : `[${shown(interval.low)}, ${shown(interval.high)}]`}`,
              value,
              interval,
              query: cellSql({ runId: runIds, split, metric }),
            };
          }),
          { text: String(scored.length), value: scored.length },
        ],
      })),
      notes: [
        "Cells: value [95 % interval, cluster bootstrap over scenarios], mean over training seeds and evaluation runs.",
      ],
    };
  });
}
