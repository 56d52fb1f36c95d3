/**
 * `whet train sft|grpo --env NAME`: a warm start on worked solutions, then GRPO with the environment's own score as the reward, with
 * the learning curve on the test splits.
 *
 * Contract: everything is found again by run id and unit, so that the same command after a kill goes on where it was. What it prints
 * comes from the record alone.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { createEnvironment } from "../envs/registry.ts";
import { configHash } from "../train/config.ts";
import { testSplits } from "./evaluate.ts";
import type { PlannedPhase, Progress } from "./progress.ts";
import type { Scale } from "./scales.ts";
import { phaseName, planRun, withTrainingBench } from "./training_bench.ts";
import { TRAIN_ARMS, trainingConfigs } from "./training_scales.ts";
import { type TrainReport, trainReport } from "./train_report.ts";

/** Options of {@linkcode train}. */
export interface TrainOptions {
  /** Last recipe to run; `grpo` starts from the warm start of `sft`. */
  readonly recipe: "sft" | "grpo";
  /** Environment by name. */
  readonly environment: string;
  /** Options of the environment, as {@linkcode createEnvironment} takes them. */
  readonly environmentOptions?: Readonly<Record<string, Json>>;
  /** File that registers environments; see {@linkcode createEnvironment}. */
  readonly config?: string;
  /** How much of everything. */
  readonly scale: Scale;
  /** Number of training seeds. */
  readonly seeds: number;
  /** First training seed. */
  readonly seed: number;
  /** Seed of the tasks. */
  readonly worldSeed: number;
  /** Where the policy runs. */
  readonly device: "auto" | "webgpu" | "cpu" | "wasm";
  /** Folder of the database, the checkpoints and the plot. */
  readonly workspace: string;
  /** Stops between two pieces of work. */
  readonly signal: AbortSignal;
  /** Shows how far the work is. */
  readonly progress: Progress;
}

/**
 * Runs what is missing and builds the report.
 *
 * @throws {UnknownEnvironmentError} if there is no such environment; {ProviderError} if the device cannot be had; {RecordLockedError}
 * if another process writes to the workspace; the signal's reason when aborted, with everything committed so far kept.
 */
export function train(options: TrainOptions): Promise<TrainReport> {
  const { recipe, environment, environmentOptions, config, scale, workspace, worldSeed, device, signal, progress } =
    options;
  const makeEnvironment = (seed: number) =>
    createEnvironment(environment, {
      seed,
      ...(environmentOptions === undefined ? {} : { options: environmentOptions }),
      ...(config === undefined ? {} : { config }),
    });
  const splits: string[] = [];
  const base = {
    makeEnvironment,
    ...(environmentOptions === undefined ? {} : { environmentOptions }),
    worldSeed,
    device,
    workspace,
    splits,
    signal,
    progress,
  };
  return withTrainingBench(base, async (bench) => {
    splits.push(...testSplits(bench.environment));
    await bench.recordTasks();
    progress.plan(planPhases(options));
    const configs = trainingConfigs(scale, bench.environment.actions, bench.base);
    const arms = TRAIN_ARMS.slice(0, recipe === "sft" ? 1 : 2).map((name) => ({ name, runs: [] as string[] }));
    let hash = "";
    for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
      const sft = planRun(TRAIN_ARMS[0], seed, null, configs.sft, configs.evaluation);
      hash = configHash(sft.config);
      const warm = await bench.warmStart(sft);
      arms[0]?.runs.push(sft.id);
      if (recipe === "sft") continue;
      const grpo = planRun(TRAIN_ARMS[1], seed, sft.id, configs.grpo(`sft-${hash}`), configs.evaluation);
      hash = configHash(grpo.config);
      await bench.reinforce(grpo, warm);
      arms[1]?.runs.push(grpo.id);
    }
    progress.finish();
    return await trainReport((sql) => bench.recorder.query(sql), {
      arms,
      configHash: hash,
      splits,
      plotFolder: workspace,
    });
  });
}

/** Phases with the relative durations seen on two cores; the display corrects them by what it measures. */
function planPhases({ recipe, seed: first, seeds }: TrainOptions): PlannedPhase[] {
  return Array.from({ length: seeds }, (_, i) => first + i).flatMap((seed) => [
    ...(seed === first ? [{ name: phaseName(seed, "demonstrations"), weight: 5 }] : []),
    { name: phaseName(seed, "SFT"), weight: 300 },
    { name: phaseName(seed, "SFT, evaluation"), weight: 30, kind: "evaluation" as const },
    ...(recipe === "sft" ? [] : [
      { name: phaseName(seed, "SFT + GRPO"), weight: 330 },
      { name: phaseName(seed, "SFT + GRPO, evaluation"), weight: 30, kind: "evaluation" as const },
    ]),
  ]);
}
