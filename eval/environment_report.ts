/**
 * What `whet env list` and `whet env check` print.
 *
 * Contract: reports hold no times, so that two of the same environment are equal byte for byte.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { checkConformance, type ConformanceReport, type TaskConformance } from "../envs/conformance.ts";
import { createEnvironment, ENVIRONMENT_IDS } from "../envs/registry.ts";
import type { PhaseHandle, Progress } from "./progress.ts";
import { printable, textTable } from "./text_table.ts";

/** A report for people and for programs. */
export interface EnvironmentReport {
  /** For people. */
  readonly text: string;
  /** For programs. */
  readonly json: Json;
  /** Whether everything that was checked holds. */
  readonly ok: boolean;
}

/** Most problems that the text shows; JSON holds all. */
const SHOWN_PROBLEMS = 20;

/** Environments with their splits. */
export async function listEnvironments(): Promise<EnvironmentReport> {
  const environments = [];
  for (const id of ENVIRONMENT_IDS) {
    const { version, hash, splits, tasks } = await describe(id);
    environments.push({ id, version, hash, splits: splits.map((split) => ({ split, ...tasks(split) })) });
  }
  const rows = environments.flatMap(({ id, version, hash, splits }) =>
    splits.map(({ split, tasks, scenarios }) => [id, version, hash, split, String(scenarios), String(tasks)])
  );
  const text = textTable({
    columns: [
      { heading: "environment" },
      { heading: "version" },
      { heading: "hash" },
      { heading: "split" },
      { heading: "scenarios", align: "right" },
      { heading: "tasks", align: "right" },
    ],
    rows,
  });
  return { text, json: environments, ok: true };
}

async function describe(id: string) {
  const environment = await createEnvironment(id);
  return {
    version: environment.version,
    hash: environment.hash,
    splits: environment.splits,
    tasks: (split: string) => {
      const tasks = environment.tasks(split);
      return { scenarios: new Set(tasks.map((task) => task.scenario)).size, tasks: tasks.length };
    },
  };
}

/** Options of {@linkcode checkEnvironmentReport}. */
export interface CheckEnvironmentOptions {
  /**
   * The only split to check.
   *
   * @default all splits
   */
  split?: string;
  /** Stops between two tasks. */
  signal?: AbortSignal;
  /** Shows how far the check is. */
  progress?: Progress;
}

/**
 * Runs the conformance kit on an environment.
 *
 * @param id environment by name.
 * @param options see {@linkcode CheckEnvironmentOptions}.
 * @throws {UnknownEnvironmentError} if there is no such environment; {RangeError} if it has no such split; the signal's reason.
 */
export async function checkEnvironmentReport(
  id: string,
  options: CheckEnvironmentOptions = {},
): Promise<EnvironmentReport> {
  const { split, signal, progress } = options;
  let phase: PhaseHandle | undefined;
  const make = async () => {
    const environment = await createEnvironment(id);
    phase ??= progress?.phase(`checking ${id}`, "tasks");
    return environment;
  };
  const report = await checkConformance(make, {
    ...(split === undefined ? {} : { splits: [split] }),
    onTask: (done, total) => {
      signal?.throwIfAborted();
      phase?.update({ done, total });
    },
  });
  progress?.finish();
  return { text: conformanceText(report), json: JSON.parse(JSON.stringify(report)) as Json, ok: report.passed };
}

function share(tasks: readonly TaskConformance[], holds: (task: TaskConformance) => boolean): string {
  return `${tasks.filter(holds).length}/${tasks.length}`;
}

/** A conformance report for people: one line per split, then the problems. */
export function conformanceText(report: ConformanceReport): string {
  const splits = [...Map.groupBy(report.tasks, (task) => task.split)];
  const table = textTable({
    columns: [
      { heading: "split" },
      { heading: "tasks", align: "right" },
      { heading: "oracle scores 1", align: "right" },
      { heading: "no-op below 1", align: "right" },
      { heading: "calls per oracle", align: "right" },
      { heading: "without problems", align: "right" },
    ],
    rows: splits.map(([split, tasks]) => [
      split,
      String(tasks.length),
      share(tasks, (task) => task.oracleScore === 1),
      share(tasks, (task) => task.noOpScore !== null && task.noOpScore < 1),
      (tasks.reduce((sum, task) => sum + task.oracleCalls, 0) / tasks.length).toFixed(1),
      share(tasks, (task) => task.problems.length === 0),
    ]),
  });
  const problems = [
    ...report.problems.map((problem) => ({ task: report.environment, ...problem })),
    ...report.tasks.flatMap((task) => task.problems.map((problem) => ({ task: task.task, ...problem }))),
  ];
  const shown = problems.slice(0, SHOWN_PROBLEMS)
    .map(({ task, check, detail }) => `${task}: ${check}: ${printable(detail)}\n`);
  const more = problems.length > SHOWN_PROBLEMS
    ? `and ${problems.length - SHOWN_PROBLEMS} more; --json shows all\n`
    : "";
  const verdict = report.passed ? "keeps" : `does not keep (${problems.length} problems)`;
  const title =
    `${report.environment} ${report.version} (hash ${report.hash}) ${verdict} the contract of environments\n`;
  return `${table}\n${shown.join("")}${more}${shown.length > 0 ? "\n" : ""}${title}`;
}
