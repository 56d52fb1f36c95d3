/**
 * Metrics of evaluation rollouts (SAGE, arXiv 2512.17102): TGC, SGC, steps, tokens, skill use, success when used, library size.
 *
 * Contract: every metric is computed per *evaluation run* (one training seed, one pass over the tasks) as a ratio of two sums
 * over scenarios, then averaged over the runs. {@linkcode metricCells} gives those sums, so that the same numbers feed the value,
 * its bootstrap and its permutation test. The order of the rows never matters; a repeated rollout is an error.
 * Choices: a scenario that lacks one of its tasks is left out of SGC (a table may be read while its run is going on) and still
 * counts in the other metrics; a run in which a ratio has no denominator (no rollout had a library) is left out of the mean.
 * TGC and SGC are in percent and skill use is a fraction, as in the paper.
 * The paper's convention (see {@linkcode paperMean}): each run rounded to one decimal, then the mean; spread with ddof 0.
 *
 * @module
 */

/** One evaluation rollout: one task attempted once by one trained model. */
export interface EvaluationRow {
  /** Training seed. */
  readonly seed: number;
  /** Number of the evaluation pass of that trained model, from 0. */
  readonly evalRun: number;
  /** Scenario: three sibling tasks; the cluster of all statistics. */
  readonly scenario: string;
  /** Task id. */
  readonly taskId: string;
  /** Place of the task in its scenario's stream, from 0. */
  readonly position: number;
  /** All tests of the task passed. */
  readonly success: boolean;
  /** Interactions with the environment. */
  readonly steps: number;
  /** Tokens that the policy generated. */
  readonly generatedTokens: number;
  /** Library functions shown in the prompt; 0 where there was no library. */
  readonly skillsOffered: number;
  /** Whether the rollout used at least one of them. */
  readonly usedSkill: boolean;
}

/** One library function of one evaluation run. */
export interface SkillRow {
  /** Training seed. */
  readonly seed: number;
  /** Number of the evaluation pass, from 0. */
  readonly evalRun: number;
  /** Scenario whose tasks produced it. */
  readonly scenario: string;
  /** Function name; with the scenario it is the identity of the function in its run. */
  readonly name: string;
  /** Whether a later task used it at least once. */
  readonly used: boolean;
}

/** Name of a metric over {@linkcode EvaluationRow}s. */
export type Metric = "tgc" | "sgc" | "steps" | "tokens" | "skillUse" | "successWhenUsed";

/** What a metric means and how it is shown. */
export interface MetricInfo {
  /** Column heading. */
  readonly label: string;
  /** Unit of the value. */
  readonly unit: "percent" | "interactions" | "tokens" | "fraction";
  /** Decimals shown. */
  readonly decimals: number;
  /** One sentence. */
  readonly about: string;
}

/** All metrics, in the order of the paper's columns. */
export const METRICS: Readonly<Record<Metric, MetricInfo>> = {
  tgc: { label: "TGC", unit: "percent", decimals: 1, about: "task goal completion: tasks solved, percent" },
  sgc: {
    label: "SGC",
    unit: "percent",
    decimals: 1,
    about: "scenario goal completion: all tasks of it solved, percent",
  },
  steps: { label: "steps", unit: "interactions", decimals: 1, about: "interactions per task" },
  tokens: { label: "tokens", unit: "tokens", decimals: 0, about: "generated tokens per task" },
  skillUse: {
    label: "skill use",
    unit: "fraction",
    decimals: 2,
    about: "tasks that used a skill / tasks that had a library",
  },
  successWhenUsed: {
    label: "success when used",
    unit: "fraction",
    decimals: 2,
    about: "solved tasks / tasks that used a skill",
  },
};

/** A row contradicts another one, or cannot be right. */
export class EvaluationRowError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "EvaluationRowError";
}

/** Sums of one evaluation run, per scenario. */
export interface RunSums {
  /** Training seed. */
  readonly seed: number;
  /** Evaluation pass. */
  readonly evalRun: number;
  /** Numerator per scenario, [C]. */
  readonly numerator_C: readonly number[];
  /** Denominator per scenario, [C]; 0 where the scenario has nothing to count. */
  readonly denominator_C: readonly number[];
}

/** A metric taken apart: per run and scenario, what is summed above and below the line. */
export interface MetricCells {
  /** Scenario ids, sorted, [C]. */
  readonly scenarios_C: readonly string[];
  /** One entry per evaluation run, sorted by seed and pass. */
  readonly runs: readonly RunSums[];
  /** What the ratio is multiplied by: 100 for percent, else 1. */
  readonly scale: number;
}

/** Options of {@linkcode metricCells}. */
export interface MetricOptions {
  /**
   * Tasks of a complete scenario.
   *
   * @default {3}
   */
  tasksPerScenario?: number;
}

/** Contribution of one rollout to a metric that is a mean over rollouts: [above, below] the line. */
const ROLLOUT_TERMS: Readonly<Record<Exclude<Metric, "sgc">, (row: EvaluationRow) => readonly [number, number]>> = {
  tgc: (row) => [row.success ? 1 : 0, 1],
  steps: (row) => [row.steps, 1],
  tokens: (row) => [row.generatedTokens, 1],
  skillUse: (row) => (row.skillsOffered > 0 ? [row.usedSkill ? 1 : 0, 1] : [0, 0]),
  successWhenUsed: (row) => (row.usedSkill ? [row.success ? 1 : 0, 1] : [0, 0]),
};

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Throws on a rollout that is there twice and on numbers that no rollout can have. */
function checkRows(rows: readonly EvaluationRow[]): void {
  const seen = new Set<string>();
  for (const row of rows) {
    const key = `${row.seed}\u0001${row.evalRun}\u0001${row.taskId}`;
    if (seen.has(key)) {
      throw new EvaluationRowError(
        `Cannot compute metrics: task ${row.taskId} is there twice in seed ${row.seed}, evaluation run ${row.evalRun}`,
      );
    }
    seen.add(key);
    for (const [name, value] of [["steps", row.steps], ["generatedTokens", row.generatedTokens]] as const) {
      if (!(Number.isFinite(value) && value >= 0)) {
        throw new EvaluationRowError(
          `Cannot compute metrics: ${name} of ${row.taskId} must be 0 or more, got ${value}`,
        );
      }
    }
  }
}

/**
 * Takes a metric apart into sums per evaluation run and scenario.
 *
 * @param rows rollouts of one arm on one split, any order.
 * @param metric which metric.
 * @param options see {@linkcode MetricOptions}.
 * @throws {EvaluationRowError} if a rollout is there twice, a number is negative, or a scenario has too many tasks.
 */
export function metricCells(rows: readonly EvaluationRow[], metric: Metric, options: MetricOptions = {}): MetricCells {
  const { tasksPerScenario = 3 } = options;
  checkRows(rows);
  const scenarios_C = [...new Set(rows.map((row) => row.scenario))].sort(compareText);
  const column = new Map(scenarios_C.map((scenario, index) => [scenario, index]));
  const byRun = new Map<string, EvaluationRow[]>();
  for (const row of rows) {
    const key = `${row.seed}/${row.evalRun}`;
    const list = byRun.get(key);
    if (list === undefined) byRun.set(key, [row]);
    else list.push(row);
  }
  const runs: RunSums[] = [];
  for (const list of byRun.values()) {
    const numerator_C = scenarios_C.map(() => 0);
    const denominator_C = scenarios_C.map(() => 0);
    if (metric === "sgc") {
      const tasks_C = scenarios_C.map(() => 0);
      const solved_C = scenarios_C.map(() => 0);
      for (const row of list) {
        const c = column.get(row.scenario) ?? 0;
        tasks_C[c] = (tasks_C[c] ?? 0) + 1;
        solved_C[c] = (solved_C[c] ?? 0) + (row.success ? 1 : 0);
      }
      tasks_C.forEach((tasks, c) => {
        if (tasks > tasksPerScenario) {
          throw new EvaluationRowError(
            `Cannot compute SGC: scenario ${scenarios_C[c]} must have ${tasksPerScenario} tasks in a run, got ${tasks}`,
          );
        }
        denominator_C[c] = tasks === tasksPerScenario ? 1 : 0;
        numerator_C[c] = tasks === tasksPerScenario && solved_C[c] === tasks ? 1 : 0;
      });
    } else {
      const term = ROLLOUT_TERMS[metric];
      for (const row of list) {
        const c = column.get(row.scenario) ?? 0;
        const [above, below] = term(row);
        numerator_C[c] = (numerator_C[c] ?? 0) + above;
        denominator_C[c] = (denominator_C[c] ?? 0) + below;
      }
    }
    const first = list[0];
    if (first !== undefined) runs.push({ seed: first.seed, evalRun: first.evalRun, numerator_C, denominator_C });
  }
  runs.sort((a, b) => a.seed - b.seed || a.evalRun - b.evalRun);
  return { scenarios_C, runs, scale: METRICS[metric].unit === "percent" ? 100 : 1 };
}

/**
 * Value of a metric in each run: sum of numerators / sum of denominators, times the scale.
 *
 * @param cells see {@linkcode metricCells}.
 * @param weights_C how often each scenario counts, [C]; once each if left out. Bootstrap resamples pass their counts.
 * @returns one value per run; null where the denominator is 0.
 */
export function runValues(cells: MetricCells, weights_C?: ArrayLike<number>): (number | null)[] {
  return cells.runs.map((run) => {
    let above = 0;
    let below = 0;
    for (let c = 0; c < run.numerator_C.length; c++) {
      const weight = weights_C === undefined ? 1 : weights_C[c] ?? 0;
      above += weight * (run.numerator_C[c] ?? 0);
      below += weight * (run.denominator_C[c] ?? 0);
    }
    return below === 0 ? null : cells.scale * above / below;
  });
}

/**
 * Value of a metric: the mean over its runs.
 *
 * @example Two tasks of three solved
 * ```ts
 * import { type EvaluationRow, metricCells, metricValue } from "whetstone/eval/metrics.ts";
 * import assert from "node:assert/strict";
 *
 * const rows: EvaluationRow[] = [true, true, false].map((success, position) => ({
 *   seed: 1, evalRun: 0, scenario: "a", taskId: `a_${position + 1}`, position, success,
 *   steps: 2, generatedTokens: 90, skillsOffered: position, usedSkill: position === 1,
 * }));
 * assert.equal(metricValue(metricCells(rows, "tgc")), 200 / 3);
 * assert.equal(metricValue(metricCells(rows, "sgc")), 0);
 * assert.equal(metricValue(metricCells(rows, "skillUse")), 0.5);
 * ```
 *
 * @param cells see {@linkcode metricCells}.
 * @param weights_C see {@linkcode runValues}.
 * @returns null if no run has a value.
 */
export function metricValue(cells: MetricCells, weights_C?: ArrayLike<number>): number | null {
  let sum = 0;
  let count = 0;
  for (const value of runValues(cells, weights_C)) {
    if (value === null) continue;
    sum += value;
    count++;
  }
  return count === 0 ? null : sum / count;
}

/** Options of {@linkcode paperMean}. */
export interface PaperMeanOptions {
  /**
   * Decimals that each run is rounded to before averaging; `null` leaves runs as they are.
   *
   * @default {1}
   */
  roundRunsTo?: number | null;
  /**
   * Subtracted from the number of runs under the standard deviation.
   *
   * @default {0}
   */
  ddof?: number;
}

/** A number in the paper's convention. */
export interface PaperMean {
  /** Runs after rounding. */
  readonly runs: readonly number[];
  /** Mean of the rounded runs, rounded to the same decimals. */
  readonly mean: number;
  /** Standard deviation of the rounded runs, rounded to the same decimals; null with `ddof` runs or fewer. */
  readonly spread: number | null;
}

/** Rounds half away from zero at `decimals`, undoing binary dust first (0.15 is stored as 0.1499…). */
export function roundTo(value: number, decimals: number): number {
  const power = 10 ** decimals;
  const scaled = Math.abs(value) * power;
  return Math.sign(value) * Math.round(scaled + scaled * 1e-12) / power + 0;
}

/**
 * Mean and ± in the paper's convention, as its printed digits decode: round each run, then average, population spread.
 *
 * @example The paper's three SGC runs of SAGE give its 60.7 ± 1.5
 * ```ts
 * import { paperMean } from "whetstone/eval/metrics.ts";
 * import assert from "node:assert/strict";
 *
 * const runs = [33, 34, 35].map((scenarios) => 100 * scenarios / 56);
 * assert.deepEqual(paperMean(runs), { runs: [58.9, 60.7, 62.5], mean: 60.7, spread: 1.5 });
 * ```
 *
 * @param runs one value per evaluation run.
 * @param options see {@linkcode PaperMeanOptions}.
 * @returns null if there are no runs.
 */
export function paperMean(runs: readonly number[], options: PaperMeanOptions = {}): PaperMean | null {
  const { roundRunsTo = 1, ddof = 0 } = options;
  if (runs.length === 0) return null;
  const round = (value: number) => (roundRunsTo === null ? value : roundTo(value, roundRunsTo));
  const rounded = runs.map(round);
  const mean = rounded.reduce((sum, value) => sum + value, 0) / rounded.length;
  const squares = rounded.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const below = rounded.length - ddof;
  return { runs: rounded, mean: round(mean), spread: below > 0 ? round(Math.sqrt(squares / below)) : null };
}

/** Size and use of the libraries that an arm built. */
export interface LibraryMetrics {
  /** Functions saved, all scenarios of a run together; mean over runs. */
  readonly librarySize: number;
  /** Those that a later task used at least once; mean over runs. */
  readonly usedSkills: number;
}

/**
 * Library size and used skills per evaluation run, averaged over runs.
 *
 * @param rows functions of one arm on one split; a function named twice in one run and scenario counts once (it was overwritten).
 * @param runCount evaluation runs that there were; runs that saved nothing have no rows but count.
 * @throws {RangeError} if `runCount` is below the number of runs in the rows, or not positive.
 */
export function libraryMetrics(rows: readonly SkillRow[], runCount: number): LibraryMetrics {
  const runs = new Set(rows.map((row) => `${row.seed}/${row.evalRun}`));
  if (!(runCount > 0 && runCount >= runs.size)) {
    throw new RangeError(
      `Cannot compute library size: runCount must be at least ${Math.max(1, runs.size)}, got ${runCount}`,
    );
  }
  const used = new Map<string, boolean>();
  for (const row of rows) {
    const key = [row.seed, row.evalRun, row.scenario, row.name].join("\u0001");
    used.set(key, (used.get(key) ?? false) || row.used);
  }
  return { librarySize: used.size / runCount, usedSkills: [...used.values()].filter(Boolean).length / runCount };
}
