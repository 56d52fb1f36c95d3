/**
 * What `whet env list` and `whet env check` print.
 *
 * Contract: reports hold no times, so that two of the same environment are equal byte for byte.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { checkConformance, type ConformanceReport, type TaskConformance } from "../envs/conformance.ts";
import type { Environment } from "../envs/contract.ts";
import {
  createEnvironment,
  type CreateEnvironmentOptions,
  EnvironmentModuleError,
  registeredEnvironments,
  type RegistryOptions,
} from "../envs/registry.ts";
import { scaffoldEnvironment, type ScaffoldRequest } from "../envs/scaffold.ts";
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

/** A listed environment; `error` is why it cannot be made, in place of what is then unknown. */
interface ListedEnvironment {
  readonly id: string;
  readonly module: string | null;
  readonly version?: string;
  readonly hash?: string;
  readonly splits: readonly { readonly split: string; readonly scenarios: number; readonly tasks: number }[];
  readonly error?: string;
}

function splitsOf(environment: Environment): ListedEnvironment["splits"] {
  return environment.splits.map((split) => {
    const tasks = environment.tasks(split);
    return { split, scenarios: new Set(tasks.map((task) => task.scenario)).size, tasks: tasks.length };
  });
}

/**
 * Environments with their splits. One of the user's own that cannot be loaded is listed with the reason, beside the others.
 *
 * @param options see {@linkcode RegistryOptions}.
 * @throws {InputError} if the registering file cannot be used.
 */
export async function listEnvironments(options: RegistryOptions = {}): Promise<EnvironmentReport> {
  const environments: ListedEnvironment[] = [];
  for (const { id, module } of registeredEnvironments(options)) {
    try {
      const environment = await createEnvironment(id, options);
      const { version, hash } = environment;
      environments.push({ id, module, version, hash, splits: splitsOf(environment) });
    } catch (error) {
      if (!(error instanceof EnvironmentModuleError)) throw error;
      environments.push({ id, module, splits: [], error: error.message });
    }
  }
  const rows = environments.flatMap(({ id, version = "", hash = "", splits }) =>
    splits.map(({ split, tasks, scenarios }) => [id, version, hash, split, String(scenarios), String(tasks)])
  );
  const table = textTable({
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
  const errors = environments.flatMap(({ error }) => (error === undefined ? [] : [`${printable(error)}\n`]));
  const text = errors.length === 0 ? table : `${table}\n${errors.join("")}`;
  return { text, json: JSON.parse(JSON.stringify(environments)) as Json, ok: errors.length === 0 };
}

/**
 * Writes a new environment, for `whet env new`.
 *
 * @param request see {@linkcode ScaffoldRequest}.
 * @throws {ScaffoldError} if the name is not allowed, or something of that name is already there.
 */
export async function newEnvironmentReport(request: ScaffoldRequest): Promise<EnvironmentReport> {
  const { name } = request;
  const { files, config } = await scaffoldEnvironment(request);
  const next = [
    `npx -y deno@2.9.6 task whet env check ${name}`,
    `npx -y deno@2.9.6 test -P=test environments/${name}`,
  ];
  const text = `Wrote ${files.join(", ")}\nRegistered ${name} in ${config}\n\nNext:\n${
    next.map((line) => `  ${line}\n`).join("")
  }`;
  return { text, json: { name, files, config, next }, ok: true };
}

/** Options of {@linkcode checkEnvironmentReport}. */
export interface CheckEnvironmentOptions extends CreateEnvironmentOptions {
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
 * @throws {UnknownEnvironmentError} if there is no such environment; {RangeError} if it has no such split; the signal's reason;
 * {InputError} if its options or the registering file cannot be used; {EnvironmentModuleError} if a module of the user's own fails.
 */
export async function checkEnvironmentReport(
  id: string,
  options: CheckEnvironmentOptions = {},
): Promise<EnvironmentReport> {
  const { split, signal, progress, ...creation } = options;
  let phase: PhaseHandle | undefined;
  const make = async () => {
    const environment = await createEnvironment(id, creation);
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
