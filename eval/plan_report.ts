/**
 * What `whet plan` prints: how many tasks and training seeds a difference needs, and what is assumed for it.
 *
 * Contract: the JSON is the plan as `planStudy` made it, with the pilot where there was one; the text says the same in tables and
 * ends with what was assumed, so that no number stands without it.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import type { PilotVariance } from "./statistics/pilot_variance.ts";
import { type PlanOptions, type PlanRow, planStudy, type StudyPlan } from "./statistics/plan_study.ts";
import { printable, textTable } from "./text_table.ts";

/** A plan for people and for programs. */
export interface PlanReport {
  /** For people. */
  readonly text: string;
  /** For programs. */
  readonly json: Json;
}

/** Options of {@linkcode planReport}. */
export interface PlanReportOptions extends PlanOptions {
  /** Pilot that `variance` comes from; it fills `variance`, `siblings` and `tasks` where those are left out. */
  pilot?: PilotVariance;
}

/** Points with one decimal more where they are small. */
function points(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

function cells(row: PlanRow): string[] {
  if (row.scenarios === null) return [String(row.seeds), "not reachable", "—", "—", "—", "—"];
  return [
    String(row.seeds),
    String(row.tasks),
    String(row.scenarios),
    String(row.rollouts),
    row.power === null ? "—" : row.power.toFixed(2),
    row.detectable === null ? "—" : points(row.detectable),
  ];
}

function planTable(rows: readonly PlanRow[]): string {
  const headings = ["seeds", "tasks", "scenarios", "rollouts per arm", "power", "detectable (points)"];
  return textTable({
    columns: headings.map((heading) => ({ heading, align: "right" as const })),
    rows: rows.map(cells),
  });
}

/** What the plan stands on, line by line. */
function assumptions(plan: StudyPlan, options: PlanReportOptions): string[] {
  const total = Object.values(plan.variance).reduce((sum: number, value: number) => sum + value, 0);
  const share = (value: number) => `${total === 0 || value === 0 ? "0" : points(100 * value / total)} %`;
  const { seed, scenario, scenarioSeed, task, rest } = plan.variance;
  const { pilot, baseline = 50, correlations = {} } = options;
  const source = pilot !== undefined
    ? `from a pilot of ${pilot.tasks} tasks in ${pilot.scenarios} scenarios under ${pilot.seeds} seeds ` +
      `(difference ${points(100 * pilot.difference)} points, arms differ in ${
        points(100 * pilot.discordance)
      } % of pairs)`
    : plan.discordance === null
    ? "as given"
    : `assumed: baseline ${baseline} %, correlation ${correlations.arms ?? 0.5} between the arms, ` +
      `so that they differ in ${points(100 * plan.discordance)} % of pairs`;
  const claim = plan.claim === "scenarios"
    ? "The claim is about other scenarios under the training seeds of the study"
    : "The claim is about other scenarios and other training seeds";
  return [
    `Variance of one pair ${source}; standard deviation ${points(100 * Math.sqrt(total))} points.`,
    `Of it: training seed ${share(seed)}, scenario ${share(scenario)}, scenario under one seed ${
      share(scenarioSeed)
    }, ` +
    `task ${share(task)}, rest ${share(rest)}.`,
    `${claim}; ${points(plan.siblings)} tasks per scenario.`,
    ...(pilot?.notes ?? []).map((note) => `Pilot: ${printable(note)}.`),
  ];
}

/**
 * Plans a study and reports it.
 *
 * @example The first lines of a plan
 * ```ts
 * import { planReport } from "whetstone/eval/plan_report.ts";
 * import assert from "node:assert/strict";
 *
 * const { text } = planReport({ effect: 3, power: 0.8, seeds: [3] });
 * assert.match(text, /^To see a difference of 3 points with power 0.8 \(two-sided, alpha 0.05\):/);
 * ```
 *
 * @param options see {@linkcode PlanReportOptions}.
 * @throws {PlanError} if an option is out of range.
 */
export function planReport(options: PlanReportOptions): PlanReport {
  const { pilot } = options;
  const { pilot: _, ...rest } = options;
  const plan = planStudy({
    ...(pilot === undefined ? {} : { variance: pilot, siblings: pilot.siblings, tasks: pilot.tasks }),
    ...rest,
  });
  const lines = assumptions(plan, options);
  const title =
    `To see a difference of ${plan.effect} points with power ${plan.power} (two-sided, alpha ${plan.alpha}):\n\n`;
  const tasks = options.tasks ?? pilot?.tasks;
  const existing = plan.available.length === 0
    ? ""
    : `\nWith the ${tasks} tasks there are:\n\n${planTable(plan.available)}`;
  const json = {
    ...plan,
    ...(pilot === undefined ? {} : { pilot }),
    assumptions: lines,
  };
  return {
    text: `${title}${planTable(plan.rows)}${existing}\n${lines.join("\n")}\n`,
    json: JSON.parse(JSON.stringify(json)) as Json,
  };
}
