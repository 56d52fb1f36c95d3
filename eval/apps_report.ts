/**
 * What `whet env stats apps` and `whet env check apps --all` print: the world, its APIs and tasks in numbers beside the published
 * ones, and which gates hold.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { catalogueOf, TABLES, UTILITY_APPS } from "../envs/apps/catalogue.ts";
import { SPLITS } from "../envs/apps/environment.ts";
import { type BenchmarkReport, checkBenchmark, type TaskReport } from "../envs/apps/gates/check_benchmark.ts";
import { MUTATIONS } from "../envs/apps/gates/mutations.ts";
import { PUBLISHED, type PublishedFigures, WANTED_SCENARIOS } from "../envs/apps/gates/published.ts";
import { benchmarkScenarios } from "../envs/apps/scenarios/bench/mod.ts";
import { openBaseWorld } from "../envs/apps/world_cache.ts";
import { type ProfileName, PROFILES } from "../envs/apps/world/profiles.ts";
import type { BaseWorld } from "../envs/apps/world.ts";
import type { Progress } from "./progress.ts";
import { printable, textTable } from "./text_table.ts";

/** A report for people and for programs. */
export interface AppsReport {
  readonly text: string;
  readonly json: Json;
  /** Whether every gate holds. */
  readonly ok: boolean;
}

/** Options of both reports. */
export interface AppsReportOptions {
  /**
   * Seed of the world.
   *
   * @default {1}
   */
  seed?: number;
  /**
   * Size of the world.
   *
   * @default {"full"}
   */
  profile?: ProfileName;
  /** Stops between two scenarios. */
  signal?: AbortSignal;
  /** Shows how far the work is. */
  progress?: Progress;
}

/** Problems and survivors that the text lists; JSON has all. */
const SHOWN = 20;
const LEVELS = [1, 2, 3] as const;

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] ?? 0 : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}

async function run(options: AppsReportOptions, mutate: boolean): Promise<{ base: BaseWorld; report: BenchmarkReport }> {
  const { seed = 1, profile = "full", signal, progress } = options;
  const base = await openBaseWorld(seed, profile, "results/cache");
  const phase = progress?.phase(mutate ? "gates of apps" : "tasks of apps", "scenarios");
  const available = PROFILES[profile].apps;
  const scenarios = benchmarkScenarios.filter(({ apps }) => apps.every((app) => available.includes(app)));
  const report = await checkBenchmark(base, PROFILES[profile], scenarios, {
    mutate,
    whole: profile === "full",
    onScenario(done, total) {
      signal?.throwIfAborted();
      phase?.update({ done, total });
    },
  });
  progress?.finish();
  return { base, report };
}

/** Numbers of the declarations. */
function apiFigures(profile: ProfileName) {
  const apps = [...catalogueOf(PROFILES[profile]).values()];
  const apis = apps.flatMap((app) => app.apis);
  const count = (holds: (api: typeof apis[number]) => boolean) => apis.filter(holds).length;
  return {
    apps: apps.map(({ name, apis, tables }) => ({ app: name, apis: apis.length, tables: tables.length })),
    apis: apis.length,
    methods: Object.fromEntries(
      (["GET", "POST", "PATCH", "DELETE"] as const).map((method) => [method, count((api) => api.method === method)]),
    ),
    withToken: count(({ auth }) => auth),
    inPages: count(({ list }) => list !== undefined),
    orderable: count(({ list }) => (list?.orders.length ?? 0) > 0),
    searchable: count(({ list }) => list?.searchable === true),
    acrossApps: count(({ effects }) => effects.length > 0),
  };
}

function worldFigures(base: BaseWorld) {
  const rows = base.tableNames.map((name) => base.table(name).rows.length);
  return {
    hash: base.hash,
    people: base.people.length,
    withAccounts: base.people.filter(({ hasAccounts }) => hasAccounts).length,
    tables: TABLES.size,
    rows: rows.reduce((sum, count) => sum + count, 0),
  };
}

function splitFigures(split: string, tasks: readonly TaskReport[]) {
  const of = (value: (task: TaskReport) => number) => tasks.map(value);
  const calls = of(({ statistics }) => statistics.calls);
  return {
    split,
    tasks: tasks.length,
    calls: mean(calls),
    medianCalls: median(calls),
    mostCalls: Math.max(0, ...calls),
    uniqueApis: mean(of(({ statistics }) => statistics.uniqueApis)),
    mostUniqueApis: Math.max(0, ...of(({ statistics }) => statistics.uniqueApis)),
    apps: mean(of(({ statistics }) => statistics.apps.length)),
    lines: mean(of(({ statistics }) => statistics.lines)),
    tests: mean(of(({ statistics }) => statistics.tests)),
  };
}

function beside(value: number, published: number | undefined): string {
  return published === undefined ? value.toFixed(1) : `${value.toFixed(1)} (${published})`;
}

/** Tasks by split, in the order of the benchmark. */
function bySplit(tasks: readonly TaskReport[]): (readonly [split: string, tasks: readonly TaskReport[]])[] {
  return SPLITS.map((split) => [split, tasks.filter((task) => task.split === split)] as const)
    .filter(([, own]) => own.length > 0);
}

function statisticsTable(tasks: readonly TaskReport[]): string {
  const groups = [...bySplit(tasks), ["all", tasks] as const];
  const rows = groups.map(([split, group]) => {
    const figures = splitFigures(split, group);
    const known: PublishedFigures = PUBLISHED[split] ?? {};
    return [
      split,
      String(figures.tasks),
      beside(figures.calls, known.calls),
      beside(figures.medianCalls, known.medianCalls),
      String(figures.mostCalls),
      beside(figures.uniqueApis, known.uniqueApis),
      beside(figures.apps, known.apps),
      beside(figures.lines, known.lines),
      beside(figures.tests, known.tests),
    ];
  });
  const headings = ["calls", "median", "most", "unique APIs", "apps", "lines", "tests"];
  return textTable({
    columns: [
      { heading: "split" },
      { heading: "tasks", align: "right" },
      ...headings.map((heading) => ({ heading, align: "right" as const })),
    ],
    rows,
  });
}

function levelTable(tasks: readonly TaskReport[]): string {
  const rows = bySplit(tasks).map(([split, group]) => {
    const families = [...new Map(group.map((task) => [task.family, task.difficulty])).values()];
    const counts = LEVELS.map((level) => families.filter((difficulty) => difficulty === level).length);
    const wanted = WANTED_SCENARIOS[split];
    return [
      split,
      String(new Set(group.map(({ family }) => family.split("/")[0])).size),
      String(families.length),
      ...counts.map((count, i) => (wanted === undefined ? String(count) : `${count} (${wanted[i]})`)),
    ];
  });
  return textTable({
    columns: [
      { heading: "split" },
      { heading: "generators", align: "right" },
      { heading: "scenarios", align: "right" },
      ...LEVELS.map((level) => ({ heading: `level ${level}`, align: "right" as const })),
    ],
    rows,
  });
}

function apiTable(figures: ReturnType<typeof apiFigures>): string {
  return textTable({
    columns: [{ heading: "app" }, { heading: "APIs", align: "right" }, { heading: "tables", align: "right" }],
    rows: figures.apps.map(({ app, apis, tables }) => [
      UTILITY_APPS.includes(app) ? `${app} (utility)` : app,
      String(apis),
      String(tables),
    ]),
  });
}

/**
 * `whet env stats apps`: the world, its APIs, and what its reference solutions do.
 *
 * @throws the signal's reason when aborted.
 */
export async function appsStatsReport(options: AppsReportOptions = {}): Promise<AppsReport> {
  const { profile = "full" } = options;
  const { base, report } = await run(options, false);
  const apis = apiFigures(profile);
  const world = worldFigures(base);
  const { methods } = apis;
  const text = [
    `World ${world.hash} (${profile}): ${world.people} people, ${world.withAccounts} with accounts; ${world.rows} rows in ${world.tables} tables`,
    "",
    apiTable(apis),
    `${apis.apis} APIs: ${
      Object.entries(methods).map(([method, count]) => `${count} ${method}`).join(", ")
    }; ${apis.withToken} need a token, ` +
    `${apis.inPages} come in pages, ${apis.orderable} of them can be ordered and ${apis.searchable} searched, ${apis.acrossApps} write other apps' data`,
    "",
    "Scenarios by level; wanted in parentheses",
    "",
    levelTable(report.tasks),
    "What reference solutions do, means over tasks; published means of AppWorld (other tasks, secondary) in parentheses",
    "",
    statisticsTable(report.tasks),
    "unique APIs: utilities and sign-in counted; apps: utilities not counted; lines: of source, those of brackets alone left out, shared helpers included.",
    "",
  ].join("\n");
  const splits = [...bySplit(report.tasks), ["all", report.tasks] as const]
    .map(([split, tasks]) => ({ ...splitFigures(split, tasks), published: { ...PUBLISHED[split] } }));
  return { text, json: JSON.parse(JSON.stringify({ world, apis, splits })) as Json, ok: report.passed };
}

function mutationTable(tasks: readonly TaskReport[]): string {
  const outcomes = tasks.flatMap((task) => task.mutations);
  const rows = MUTATIONS.map(({ name, about }) => {
    const own = outcomes.filter(({ mutation }) => mutation === name);
    const count = (fate: string) => String(own.filter((outcome) => outcome.fate === fate).length);
    return [name, count("killed"), count("survived"), count("equivalent"), about];
  });
  return textTable({
    columns: [
      { heading: "mutation" },
      { heading: "killed", align: "right" },
      { heading: "survived", align: "right" },
      { heading: "equivalent", align: "right" },
      { heading: "what the agent does" },
    ],
    rows,
  });
}

/**
 * `whet env check apps --all`: the gates of every task of the benchmark.
 *
 * @throws the signal's reason when aborted.
 */
export async function appsGatesReport(options: AppsReportOptions = {}): Promise<AppsReport> {
  const { base, report } = await run(options, true);
  const { tasks } = report;
  const outcomes = tasks.flatMap((task) => task.mutations.map((outcome) => ({ task, outcome })));
  const different = outcomes.filter(({ outcome }) => outcome.fate !== "equivalent");
  const survivors = outcomes.filter(({ outcome }) => outcome.fate === "survived");
  const share = different.length === 0 ? 0 : 100 * survivors.length / different.length;
  const problems = [
    ...report.problems,
    ...tasks.flatMap((task) => task.problems.map((problem) => ({ where: `${task.family} ${task.variant}`, problem }))),
  ];
  const shown = <T>(list: readonly T[], line: (item: T) => string) => [
    ...list.slice(0, SHOWN).map((item) => printable(line(item))),
    ...(list.length > SHOWN ? [`and ${list.length - SHOWN} more; --json shows all`] : []),
  ];
  const least = Math.min(...tasks.map(({ mutations }) => mutations.filter(({ fate }) => fate === "killed").length));
  const ok = report.passed && share < 1;
  const text = [
    mutationTable(tasks),
    `${different.length} mutations of ${tasks.length} reference solutions make a difference; ${survivors.length} survive (${
      share.toFixed(2)
    } %); ` +
    `each task notices ${Number.isFinite(least) ? least : 0} or more`,
    ...shown(survivors, ({ task, outcome }) => `  ${task.family} ${task.variant}: ${outcome.mutation}: ${outcome.why}`),
    "",
    ...(problems.length === 0 ? [] : [`${problems.length} problems`]),
    ...shown(problems, ({ where, problem }) => `  ${where}: ${problem}`),
    `World ${base.hash}: ${tasks.length} tasks, ${ok ? "all gates hold" : "not all gates hold"}`,
    "",
  ].join("\n");
  const json = {
    world: base.hash,
    passed: ok,
    survivors: survivors.length,
    different: different.length,
    problems,
    tasks,
  };
  return { text, json: JSON.parse(JSON.stringify(json)) as Json, ok };
}
