/**
 * The checks that every environment must pass, run on real tasks.
 *
 * Contract, per task: the reference solution scores 1 (where it is a procedure, in one program that defines it, calls it and finishes)
 * and ends the episode; doing nothing scores less than 1 (and is not a success); where actions are text, one at least of the solutions
 * beside the reference scores less; scores are in [0, 1], and evaluating twice gives the same; an episode is over after its end and
 * unusable after it was closed; two episodes that take turns do not see each other; and the same task made twice, in two environments
 * of the same seed, has the same words and the same observations. Per environment: equal hashes; no task in two splits, by id or by
 * words; unknown names refused; many episodes open at once. Whatever an episode throws at a proper use is a fault.
 * Results hold no times, so that a report is a pure function of the environment. Omitted: a measure of memory, which would not be one.
 *
 * @module
 */
import {
  evaluationProblems,
  lookupProblems,
  manyOpenProblems,
  mutationProblems,
  playActions,
  singleUseProblems,
  splitProblems,
} from "./_conformance_checks.ts";
import { EnvFault, type Environment, type Episode, type Procedure, type Solution, type Task } from "./contract.ts";

/** What went wrong with a task, by the check that found it. */
export interface ConformanceProblem {
  readonly check:
    | "oracle"
    | "no_op"
    | "mutation"
    | "score"
    | "idempotence"
    | "single_use"
    | "closing"
    | "isolation"
    | "determinism"
    | "lookup"
    | "splits"
    | "fault";
  readonly detail: string;
}

/** Result of one task. */
export interface TaskConformance {
  readonly task: string;
  readonly split: string;
  /** Score of the reference solution; null where there is none, or after a fault. */
  readonly oracleScore: number | null;
  /** Score of doing nothing. */
  readonly noOpScore: number | null;
  /** API calls of the reference solution. */
  readonly oracleCalls: number;
  readonly problems: readonly ConformanceProblem[];
}

/** Result of an environment. */
export interface ConformanceReport {
  readonly environment: string;
  readonly version: string;
  readonly hash: string;
  readonly tasks: readonly TaskConformance[];
  /** Problems that belong to no task. */
  readonly problems: readonly ConformanceProblem[];
  readonly passed: boolean;
}

/** Options of {@linkcode checkConformance}. */
export interface ConformanceOptions {
  /**
   * Splits to check.
   *
   * @default all splits
   */
  splits?: readonly string[];
  /** Called after each task. */
  onTask?: (done: number, total: number) => void;
}

/** One program that defines the reference solution's function, calls it and finishes the task. */
export function oracleProgram(solution: Procedure): string {
  const { name, params, args, body, answers } = solution;
  const indented = body.split("\n").map((line) => `  ${line}`).join("\n");
  const call = `${name}(${args.map((argument) => JSON.stringify(argument)).join(", ")})`;
  const end = answers ? `apis.principal.finish_task({ answer: ${call} });` : `${call};\napis.principal.finish_task();`;
  return `function ${name}(${params.join(", ")}) {\n${indented}\n}\n${end}`;
}

/** Actions that carry out a reference solution, in order. */
export function oracleActions(solution: Solution): readonly string[] {
  return solution.kind === "actions" ? solution.actions : [oracleProgram(solution)];
}

/** Opens an episode, uses it, and closes it whatever happens. */
async function withEpisode<T>(environment: Environment, task: Task, use: (episode: Episode) => Promise<T>): Promise<T> {
  const episode = await environment.open(task);
  try {
    await episode.start();
    return await use(episode);
  } finally {
    episode.close();
  }
}

interface OracleRun {
  readonly score: number;
  readonly calls: number;
  readonly observation: string;
  readonly failed: string;
}

async function runOracle(episode: Episode, solution: Solution): Promise<OracleRun> {
  const results = await playActions(episode, oracleActions(solution));
  const { score, success, tests } = await episode.evaluate();
  const failed = tests.filter((test) => !test.passed).map((test) => `${test.requirement}: ${test.trace ?? ""}`);
  return {
    score: success ? score : Math.min(score, 0.999),
    calls: results.reduce((sum, { calls = [] }) => sum + calls.length, 0),
    observation: results.map(({ observation }) => observation).join("\n"),
    failed: failed.join("; "),
  };
}

/** An error as a problem; a fault that is not named as one is a second fault. */
function faultText(error: unknown): string {
  if (error instanceof EnvFault) return error.message;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `${text} (thrown as it is; environments throw EnvFault)`;
}

/** Checks that need no reference solution. */
async function checkWhole(
  environment: Environment,
  splits: readonly string[],
  tasks: readonly Task[],
): Promise<ConformanceProblem[]> {
  const problems = [...await lookupProblems(environment, splits), ...splitProblems(tasks)];
  for (const split of splits) {
    const first = tasks.find((task) => task.split === split);
    if (first === undefined) continue;
    try {
      problems.push(...await manyOpenProblems(environment, first));
    } catch (error) {
      problems.push({ check: "fault", detail: faultText(error) });
    }
  }
  return problems;
}

async function checkTask(environment: Environment, twin: Environment, task: Task): Promise<TaskConformance> {
  const problems: ConformanceProblem[] = [];
  const found = { oracleScore: null as number | null, noOpScore: null as number | null, oracleCalls: 0 };
  try {
    const counterpart = twin.task(task.id);
    if (JSON.stringify(counterpart) !== JSON.stringify(task)) {
      problems.push({
        check: "determinism",
        detail: "the task is another one in a second environment of the same seed",
      });
    }
    // The idle episode is open while the oracle of its neighbour writes: it must see none of that.
    await withEpisode(environment, task, async (idle) => {
      const solution = idle.solution();
      if (solution !== undefined) {
        const run = await withEpisode(environment, task, (episode) => runOracle(episode, solution));
        found.oracleScore = run.score;
        found.oracleCalls = run.calls;
        if (run.score !== 1) {
          problems.push({ check: "oracle", detail: `${run.failed}; last output: ${run.observation.slice(0, 400)}` });
        }
      }
      const untouched = await idle.evaluate();
      found.noOpScore = untouched.score;
      problems.push(...evaluationProblems(untouched, "no action"));
      if (untouched.score >= 1 || untouched.success) {
        problems.push({ check: "no_op", detail: "doing nothing reaches the full score" });
      }
      const changed = untouched.tests.filter((test) => test.label === "no_op_pass" && !test.passed);
      if (changed.length > 0) {
        problems.push({
          check: "isolation",
          detail: `another episode's writes are visible: ${changed.map((test) => test.trace).join("; ")}`,
        });
      }
      if (solution === undefined) return;
      const late = await runOracle(idle, solution);
      if (late.score !== found.oracleScore) {
        problems.push({ check: "isolation", detail: `after another episode: ${late.failed}` });
      }
      const other = await withEpisode(twin, counterpart, (episode) => runOracle(episode, solution));
      if (other.observation !== late.observation || other.score !== late.score || other.calls !== late.calls) {
        problems.push({
          check: "determinism",
          detail: "the same program gave another observation, score or number of calls",
        });
      }
      const actions = oracleActions(solution);
      problems.push(...await singleUseProblems(environment, task, actions));
      // Of a program, a change may be a mere change of words; of a solution that fails, a change shows nothing.
      if (environment.actions === "text" && found.oracleScore === 1) {
        problems.push(...await mutationProblems(environment, task, actions));
      }
    });
  } catch (error) {
    problems.push({ check: "fault", detail: faultText(error) });
  }
  return { task: task.id, split: task.split, ...found, problems };
}

/**
 * Checks an environment.
 *
 * @param make makes the environment; called twice, must give equal ones.
 * @returns what was found; `passed` says whether there is no problem at all.
 */
export async function checkConformance(
  make: () => Promise<Environment>,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const environment = await make();
  const twin = await make();
  const { splits = environment.splits, onTask } = options;
  const problems: ConformanceProblem[] = [];
  const tasks: Task[] = [];
  for (const split of splits) tasks.push(...environment.tasks(split));
  if (tasks.length === 0) problems.push({ check: "fault", detail: "there are no tasks" });
  if (environment.hash !== twin.hash) {
    problems.push({ check: "determinism", detail: `hashes ${environment.hash} and ${twin.hash}` });
  }
  const results: TaskConformance[] = [];
  for (const task of tasks) {
    results.push(await checkTask(environment, twin, task));
    onTask?.(results.length, tasks.length);
  }
  problems.push(...await checkWhole(environment, splits, tasks));
  return {
    environment: environment.id,
    version: environment.version,
    hash: environment.hash,
    tasks: results,
    problems,
    passed: problems.length === 0 && results.every((result) => result.problems.length === 0),
  };
}
