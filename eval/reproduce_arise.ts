/**
 * `whet reproduce arise` and `whet ablate arise`: trains and evaluates arms of ARISE in miniature on the math environment, then prints the tables from the record.
 *
 * Contract: one warm start per seed is shared by all arms, which start from the same weights with a fresh optimizer and are evaluated on the same problems with the
 * same random numbers, so that differences are paired. What exists is found again by configuration and never repeated: the ablations and the main table share
 * their runs. The same command after a kill goes on where it was.
 *
 * @module
 */
import { editDistance } from "../data/edit_distance.ts";
import { createEnvironment } from "../envs/registry.ts";
import { canonicalJson, contentHash, type Json } from "../data/canonical.ts";
import { configHash } from "../train/config.ts";
import type { AdapterSpec } from "../agents/model/adapter.ts";
import {
  ARISE_ABLATIONS,
  ARISE_ARMS,
  type AriseAblation,
  type AriseArm,
  type AriseArmConfigs,
  ariseCheckpointConfigs,
  ariseConfigs,
} from "./arise_scales.ts";
import { type AriseOptions, ariseOptions } from "./arise_options.ts";
import type { CheckpointSource } from "./checkpoint.ts";
import { ariseAblationTable } from "./arise_ablation.ts";
import { ariseReport } from "./arise_report.ts";
import { testSplits } from "./evaluate.ts";
import { type PassArm, type PassReport, tablesReport } from "./pass_report.ts";
import { makePlot, writePlot } from "./plots/make_plot.ts";
import { NothingToPlotError } from "./plots/plot.ts";
import { ARISE_CURVES } from "./plots/stacked_curves.ts";
import type { PlannedPhase, Progress } from "./progress.ts";
import type { Query } from "./query_rows.ts";
import type { Scale } from "./scales.ts";
import { publishedStart, type StartPoint } from "./start_point.ts";
import { phaseName, planRun, type TrainingBench, type WarmStart, withTrainingBench } from "./training_bench.ts";

/** Options of {@linkcode reproduceArise}. */
export interface ReproduceAriseOptions {
  /** Arms and ablations to run, in the order of the table. */
  readonly arms: readonly (AriseArm | AriseAblation)[];
  /** Table: the main one, whose arms are compared with GRPO, or that of the ablations, which are compared with ARISE. @default {"arise"} */
  readonly table?: "arise" | "arise-ablation";
  /** Published checkpoint to start from, and the adapter to train; the embedded policy after a warm start if left out. */
  readonly checkpoint?: { readonly source: CheckpointSource; readonly lora?: AdapterSpec | undefined };
  /** What differs from the scale. @default {the scale's arms} */
  readonly options?: AriseOptions;
  /** How much of everything. */
  readonly scale: Scale;
  /** Number of training seeds. */
  readonly seeds: number;
  /** First training seed. */
  readonly seed: number;
  /** Where the policy runs. */
  readonly device: "auto" | "webgpu" | "cpu" | "wasm";
  /** Folder of the database and the checkpoints. */
  readonly workspace: string;
  /** Stops between two pieces of work. */
  readonly signal: AbortSignal;
  /** Shows how far the work is. */
  readonly progress: Progress;
}

/** See {@linkcode PassReport}; with the files of the curves. */
export interface ReproduceAriseReport extends PassReport {
  /** SVG of the curves by step: reward, utilisation, utility; those that the arms have values of. */
  readonly plots: readonly string[];
}

/** Seed of the problems; training seeds vary weights, orders and samples. */
const WORLD_SEED = 1;

/** An arm that does not exist was asked for. */
export class UnknownArmError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "UnknownArmError";
}

/** Names as arms or ablations. @throws {UnknownArmError} naming the ones that there are. */
export function ariseArms(names: readonly string[]): (AriseArm | AriseAblation)[] {
  return namedOf([...ARISE_ARMS, ...Object.keys(ARISE_ABLATIONS) as AriseAblation[]], names, "arm");
}

/** Names as ablations. @throws {UnknownArmError} naming the ones that there are. */
export function ariseAblations(names: readonly string[]): AriseAblation[] {
  return namedOf(Object.keys(ARISE_ABLATIONS) as AriseAblation[], names, "variant");
}

/** Each name once, as it is known. */
function namedOf<T extends string>(known: readonly T[], names: readonly string[], what: string): T[] {
  const found = names.map((given) => {
    const name = given.trim().toLowerCase();
    const arm = known.find((arm) => arm.toLowerCase() === name);
    if (arm !== undefined) return arm;
    const [closest = ""] = [...known].sort((a, b) => editDistance(name, a) - editDistance(name, b));
    throw new UnknownArmError(
      `Cannot run ${what} ${given.trim()}: it must be one of ${
        [...new Set(known)].join(", ")
      }; did you mean ${closest}?`,
    );
  });
  return [...new Set(found)];
}

/**
 * Refuses options that do not fit each other, or the arms, before anything is opened.
 *
 * @throws {ConfigError} naming each field, what was found and what was expected.
 */
export function checkAriseOptions(
  { arms, scale, checkpoint, options = ariseOptions() }: Pick<
    ReproduceAriseOptions,
    "arms" | "scale" | "checkpoint" | "options"
  >,
): void {
  const base = { environment: { id: "", seed: 1, hash: "" }, device: "cpu" } as const;
  // What an answer's line is for does not show in the embedded policy's configurations, which are as good for every other check.
  const configs = ariseConfigs(
    scale,
    base,
    checkpoint === undefined ? options : { ...options, answerFormatLine: true },
  );
  for (const arm of arms) configs.arm(arm, "");
}

/**
 * Runs what is missing and builds the tables.
 *
 * @throws {ConfigError} if the options do not fit; {ProviderError} if the device cannot be had; {RecordLockedError} if another process writes to the workspace; the signal's
 * reason when aborted, with everything committed so far kept.
 */
export async function reproduceArise(options: ReproduceAriseOptions): Promise<ReproduceAriseReport> {
  checkAriseOptions(options);
  const { table = "arise", workspace, device, signal, progress } = options;
  const { environment: environmentOptions } = options.options ?? ariseOptions();
  const makeEnvironment = (seed: number) => createEnvironment("math", { seed, options: environmentOptions });
  const splits: string[] = [];
  const bench = {
    makeEnvironment,
    environmentOptions: environmentOptions as Readonly<Record<string, Json>>,
    worldSeed: WORLD_SEED,
    device,
    workspace,
    splits,
    signal,
    progress,
  };
  return await withTrainingBench(bench, async (bench) => {
    splits.push(...testSplits(bench.environment));
    await bench.recordTasks();
    progress.plan(planPhases(options));
    const made = options.checkpoint === undefined
      ? await fromWarmStart(bench, options)
      : await fromCheckpoint(bench, options, options.checkpoint);
    const { shown, family } = made;
    progress.finish();
    const query: Query = (sql) => bench.recorder.query(sql);
    const report = table === "arise"
      ? await ariseReport(query, { arms: shown, splits, reference: "GRPO" })
      : tablesReport([await ariseAblationTable(query, { arms: shown, splits, reference: "ARISE" })]);
    // Named after what all arms start from and after the options, so that two scales or settings do not overwrite each other.
    const end = options.options === undefined ? family : `${family}${optionsMark(options.options)}`;
    const plots = await drawCurves(query, shown.flatMap(({ runs }) => runs), `${workspace}/${table}`, end);
    const text = `${report.text}${plots.map((path) => `\nCurve: ${path}`).join("")}${plots.length > 0 ? "\n" : ""}`;
    return { ...report, text, json: { tables: report.json, plots: [...plots] }, plots };
  });
}

/** Marks files of arms with options; nothing where there are none. */
function optionsMark(options: AriseOptions): string {
  const json = (value: AriseOptions) => canonicalJson(value as unknown as Json);
  return json(options) === json(ariseOptions()) ? "" : `-${contentHash(json(options), 6)}`;
}

/** Runs of each arm, and the hash of what they start from. */
interface MadeArms {
  readonly shown: readonly (PassArm & { readonly runs: string[] })[];
  readonly family: string;
}

/** Arms from a warm start of the embedded policy. */
async function fromWarmStart(bench: TrainingBench, options: ReproduceAriseOptions): Promise<MadeArms> {
  const configs = ariseConfigs(options.scale, bench.base, options.options);
  const evaluation = configs.evaluation("SFT");
  const family = configHash({ train: configs.sft, evaluation });
  const shown = options.arms.map((name) => ({ name, runs: [] as string[] }));
  for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
    const sft = planRun("SFT", seed, null, configs.sft, evaluation);
    const warm = await bench.warmStart(sft);
    for (const { name, runs } of shown) {
      runs.push(await trainArm(bench, configs, name, seed, { id: sft.id, name: `sft-${family}` }, warm) ?? sft.id);
    }
  }
  return { shown, family };
}

/** Arms from a published checkpoint, which stands where the warm start stands otherwise. */
async function fromCheckpoint(
  bench: TrainingBench,
  options: ReproduceAriseOptions,
  { source, lora }: NonNullable<ReproduceAriseOptions["checkpoint"]>,
): Promise<MadeArms> {
  const published = await publishedStart(bench.device, source);
  const configs = ariseCheckpointConfigs(options.scale, bench.base, published, lora, options.options);
  const evaluation = configs.evaluation("SFT");
  const shown = options.arms.map((arm) => ({ arm, name: arm === "SFT" ? "checkpoint" : arm, runs: [] as string[] }));
  for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
    const frozen = planRun("checkpoint", seed, null, configs.frozen, evaluation);
    await bench.evaluateStart(frozen, published.start(undefined));
    for (const { arm, runs } of shown) {
      runs.push(await trainArm(bench, configs, arm, seed, undefined, published.start(lora)) ?? frozen.id);
    }
  }
  return { shown, family: configHash({ train: configs.frozen, evaluation }) };
}

/** Trains one arm of one seed; gives its run, or undefined for the starting point itself. */
async function trainArm(
  bench: TrainingBench,
  configs: AriseArmConfigs,
  name: AriseArm | AriseAblation,
  seed: number,
  parent: { readonly id: string; readonly name: string } | undefined,
  from: WarmStart | StartPoint,
): Promise<string | undefined> {
  const train = configs.arm(name, parent?.name ?? null);
  if (train === undefined) return undefined;
  const evaluation = configs.evaluation(name);
  const id = parent?.id ?? null;
  if (train.recipe === "arise") {
    const run = planRun(name, seed, id, train, evaluation);
    await bench.arise(run, from);
    return run.id;
  }
  if (train.recipe === "tfidf") {
    const run = planRun(name, seed, id, train, evaluation);
    await bench.tfidf(run, from);
    return run.id;
  }
  const run = planRun(name, seed, id, train, evaluation);
  await bench.reinforce(run, from);
  return run.id;
}

/** Writes the curves that the runs have values of; gives their files. */
async function drawCurves(query: Query, runs: readonly string[], start: string, end: string): Promise<string[]> {
  const paths: string[] = [];
  for (const metric of ARISE_CURVES) {
    const path = `${start}-${metric}-${end}.svg`;
    try {
      await writePlot(await makePlot(query, { kind: "curve", metric, runs }), path);
      paths.push(path);
    } catch (error) {
      if (!(error instanceof NothingToPlotError)) throw error;
    }
  }
  return paths;
}

/** Arms that the record holds, by the names under which they were run, in the order of the tables: the newest configuration of each. */
export async function recordedAriseArms(
  query: (sql: string) => Promise<{ readonly rows: readonly (readonly unknown[])[] }>,
): Promise<PassArm[]> {
  // The family is that of the newest ARISE run: the runs that share its warm start, or the published checkpoint that it starts from.
  const { rows } = await query(
    "WITH newest AS (SELECT parent_run_id, config->>'$.train.policy.weights' AS weights FROM run WHERE recipe = 'arise' " +
      "ORDER BY started_at DESC, run_id LIMIT 1), " +
      "family AS (SELECT config_hash FROM run WHERE run_id = (SELECT parent_run_id FROM newest)), " +
      "parents AS (SELECT run_id FROM run JOIN family USING (config_hash)) " +
      "SELECT arm, run_id, config_hash FROM run WHERE run_id IN (FROM parents) OR parent_run_id IN (FROM parents) OR " +
      "(SELECT weights FROM newest) IN (config->>'$.train.policy.weights', config->>'$.train.weights') ORDER BY started_at, run_id",
  );
  const newest = new Map(rows.map(([arm, , hash]) => [arm, hash]));
  const arms = new Map<string, string[]>();
  for (const [arm, run, hash] of rows) {
    if (newest.get(arm) === hash) arms.set(String(arm), [...(arms.get(String(arm)) ?? []), String(run)]);
  }
  const order = [...ARISE_ARMS, ...Object.keys(ARISE_ABLATIONS)];
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...arms].map(([name, runs]) => ({ name, runs })).sort((a, b) => place(a.name) - place(b.name));
}

/** Phases with the relative durations seen on two cores; the display corrects them by what it measures. */
function planPhases({ arms, seed: first, seeds }: ReproduceAriseOptions): PlannedPhase[] {
  return Array.from({ length: seeds }, (_, i) => first + i).flatMap((seed) => [
    ...(seed === first ? [{ name: phaseName(seed, "demonstrations"), weight: 10 }] : []),
    { name: phaseName(seed, "SFT"), weight: 420 },
    { name: phaseName(seed, "SFT, evaluation"), weight: 30, kind: "evaluation" as const },
    ...arms.filter((arm) => arm !== "SFT").flatMap((arm) => [
      { name: phaseName(seed, arm), weight: arm === "GRPO" ? 130 : 300 },
      { name: phaseName(seed, `${arm}, evaluation`), weight: 40, kind: "evaluation" as const },
    ]),
  ]);
}
