/**
 * The gates of one instance: the reference solution passes, doing nothing fails, and typical mistakes fail.
 *
 * Contract: a mutation whose run ends exactly as the reference does (every column of every row, and the answer) is *equivalent* and
 * counts neither way. One that ends otherwise and still passes has *survived*; it is listed with what differs.
 *
 * @module
 */
import type { Catalogue } from "../schema.ts";
import { grade } from "../grade.ts";
import type { Prepared } from "../instantiate.ts";
import type { Json } from "../../../data/canonical.ts";
import { type Mutation, MUTATIONS } from "./mutations.ts";
import { type ProgramCall, type ProgramResult, runProgram } from "./run_program.ts";

/** Least number of mutations that must make a difference and be noticed. */
export const LEAST_KILLED = 5;
/** Most words of an instruction. */
export const MOST_WORDS = 90;
/** Most calls of a reference solution. */
export const MOST_ORACLE_CALLS = 250;

/** How a mutation fared. */
export interface MutationOutcome {
  readonly mutation: string;
  readonly fate: "killed" | "equivalent" | "survived";
  /** Of a survivor: why the grader let it pass. */
  readonly why: string;
}

/** What a reference solution does, in numbers. */
export interface ProgramStatistics {
  readonly calls: number;
  /** Different APIs, utilities included. */
  readonly uniqueApis: number;
  /** Different APIs without sign-in, the clock, documentation and the end of the task; what levels go by. */
  readonly uniqueSteps: number;
  /** Apps without the utilities, sorted. */
  readonly apps: readonly string[];
  /** Lines of source with more than brackets on them: published solutions are in Python, which has no lines of brackets. */
  readonly lines: number;
  /** Named requirements of the evaluation. */
  readonly tests: number;
}

/** Report on one instance. */
export interface InstanceReport {
  /** What is wrong, in words; empty if nothing is. */
  readonly problems: readonly string[];
  readonly mutations: readonly MutationOutcome[];
  readonly statistics: ProgramStatistics;
}

const NO_STEPS = new Set([
  "log_in",
  "log_out",
  "now",
  "finish_task",
  "my_logins",
  "current_task",
  "list_apps",
  "list_apis",
  "read_api",
  "search_apis",
]);

function statisticsOf(calls: readonly ProgramCall[], source: string, tests: number): ProgramStatistics {
  const names = new Set(calls.map(({ app, api }) => `${app}.${api}`));
  const apps = new Set(calls.map(({ app }) => app).filter((app) => app !== "principal" && app !== "guide"));
  return {
    calls: calls.length,
    uniqueApis: names.size,
    uniqueSteps: [...names].filter((name) => !NO_STEPS.has(name.slice(name.indexOf(".") + 1))).length,
    apps: [...apps].sort(),
    lines: source.split("\n").filter((line) => /\w/.test(line)).length,
    tests,
  };
}

/** Level that a number of unique steps belongs to: 1 to 3, 4 to 7, 8 and more. */
export function levelOf(uniqueSteps: number): 1 | 2 | 3 {
  return uniqueSteps <= 3 ? 1 : uniqueSteps <= 7 ? 2 : 3;
}

function wordProblems({ instance }: Prepared, apiWords: ReadonlySet<string>): string[] {
  const { instruction, program } = instance;
  const problems: string[] = [];
  const words = instruction.split(/\s+/).length;
  if (words > MOST_WORDS) problems.push(`the instruction has ${words} words, ${MOST_WORDS} are allowed`);
  if (/\{\w+\}|undefined|NaN|\[object/.test(instruction)) {
    problems.push(`the instruction has an unfilled place: ${instruction}`);
  }
  const named = instruction.match(/[a-z]+(_[a-z]+)+/g)?.find((word) => apiWords.has(word));
  if (named !== undefined) problems.push(`the instruction names the API ${named}`);
  for (const [name, value] of Object.entries(program?.pub ?? {})) {
    for (const text of sayings(value, program?.said[name])) {
      if (!instruction.includes(text)) problems.push(`the instruction does not say ${name} ("${text}")`);
    }
  }
  return problems;
}

function sayings(value: Json, said: string | undefined): string[] {
  if (said !== undefined) return [said];
  if (Array.isArray(value)) return value.flatMap((item: Json) => sayings(item, undefined));
  return value === null || typeof value === "object" ? [] : [String(value)];
}

function survivorReason(reference: ProgramResult, mutant: ProgramResult): string {
  const given = mutant.finished?.answer ?? null;
  const right = reference.finished?.answer ?? null;
  if (given !== right) return `the answer ${JSON.stringify(given)} counts as ${JSON.stringify(right)}`;
  return "only columns that are not compared differ, or an alternative was met";
}

function runMutation(
  prepared: Prepared,
  mutation: Mutation,
  reference: ProgramResult,
  catalogue: Catalogue,
): MutationOutcome {
  const program = prepared.instance.program;
  if (program === undefined) return { mutation: mutation.name, fate: "equivalent", why: "" };
  const { interfere, alter } = mutation;
  const mutant = runProgram(prepared, program, {
    catalogue,
    ...(interfere === undefined ? {} : { interfere }),
    ...(alter === undefined ? {} : { alter }),
  });
  if (mutant.endHash === reference.endHash) return { mutation: mutation.name, fate: "equivalent", why: "" };
  const { success } = grade(prepared.expectation, mutant);
  return success
    ? { mutation: mutation.name, fate: "survived", why: survivorReason(reference, mutant) }
    : { mutation: mutation.name, fate: "killed", why: "" };
}

/**
 * Runs all gates of an instance that has a program.
 *
 * @param prepared the instance.
 * @param catalogue apps of the world.
 * @param expected level and apps that the family declares.
 * @param options `mutate: false` leaves the mutations out, which take most of the time.
 */
export function checkInstance(
  prepared: Prepared,
  catalogue: Catalogue,
  expected: { readonly difficulty: number; readonly apps: readonly string[] },
  options: { readonly mutate?: boolean } = {},
): InstanceReport {
  const { mutate = true } = options;
  const { instance, expectation } = prepared;
  const { program, solution } = instance;
  if (program === undefined || solution.kind !== "actions") {
    throw new TypeError("Cannot check an instance whose reference solution is no program");
  }
  const problems: string[] = [];
  const reference = runProgram(prepared, program, { catalogue });
  const verdict = grade(expectation, reference);
  if (!verdict.success) {
    const failed = verdict.tests.filter(({ passed }) => !passed).map(({ requirement, trace }) =>
      `${requirement}: ${trace}`
    );
    const why = reference.error === undefined ? failed.join("; ") : String(reference.error);
    problems.push(`the reference solution fails: ${why}`);
  }
  const idle = grade(expectation, { finished: undefined, changes: new Map() });
  const finishedIdle = grade(expectation, { finished: { answer: null, outcome: "done" }, changes: new Map() });
  if (idle.success || finishedIdle.success) problems.push("doing nothing passes");
  if (idle.score !== 0) problems.push(`doing nothing scores ${idle.score}`);
  const apiWords = new Set([...catalogue.values()].flatMap(({ apis }) => apis.map(({ name }) => name)));
  problems.push(...wordProblems(prepared, apiWords));
  const statistics = statisticsOf(reference.calls, solution.actions.join("\n"), verdict.total);
  if (statistics.calls > MOST_ORACLE_CALLS) {
    problems.push(`the reference solution makes ${statistics.calls} calls, ${MOST_ORACLE_CALLS} are allowed`);
  }
  const outside = statistics.apps.filter((app) => !expected.apps.includes(app));
  if (outside.length > 0) problems.push(`it uses apps that its family does not declare: ${outside.join(", ")}`);
  const mutations = verdict.success && mutate
    ? MUTATIONS.map((mutation) => runMutation(prepared, mutation, reference, catalogue))
    : [];
  const killed = mutations.filter(({ fate }) => fate === "killed").length;
  if (mutations.length > 0 && killed < LEAST_KILLED) {
    problems.push(`only ${killed} mutations make a difference and fail, ${LEAST_KILLED} are needed`);
  }
  const truncated = mutations.find(({ mutation }) => mutation === "first_page");
  if (truncated?.fate === "equivalent" && expected.difficulty >= 2) {
    problems.push("reading first pages only makes no difference");
  }
  return { problems, mutations, statistics };
}
