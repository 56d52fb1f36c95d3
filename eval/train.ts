/**
 * `whet train sft|grpo --env NAME`: a warm start on worked solutions, then GRPO with the environment's own score as the reward, with
 * the learning curve on the test splits; or the same from a published checkpoint, where the warm start is left out unless asked for.
 *
 * Contract: everything is found again by run id and unit, so that the same command after a kill goes on where it was. What it prints
 * comes from the record alone.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { createEnvironment } from "../envs/registry.ts";
import { ConfigError, configHash } from "../train/config.ts";
import { testSplits } from "./evaluate.ts";
import type { PlannedPhase, Progress } from "./progress.ts";
import type { Scale } from "./scales.ts";
import type { CheckpointTrainingOptions } from "./checkpoint_scales.ts";
import { type MadeRuns, trainedSource, trainFromCheckpoint } from "./train_checkpoint.ts";
import { phaseName, planRun, type TrainingBench, withTrainingBench } from "./training_bench.ts";
import { changedConfig, TRAIN_ARMS, trainingConfigs, type UpdateChanges } from "./training_scales.ts";
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
  /** Changes to the configuration of `grpo`. @default {{}} */
  readonly changes?: UpdateChanges;
  /** Policy to train: `nano`, or a published checkpoint, `DIR` or `DIR+ADAPTER`. @default {"nano"} */
  readonly policy?: string;
  /** How a published checkpoint is trained; an error with `nano`. @default none set */
  readonly checkpoint?: CheckpointTrainingOptions & {
    /** Warm start before `grpo`. @default {false} */
    readonly sft?: boolean | undefined;
  };
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
  const { changes = {} } = options;
  checkChanges(recipe, scale, changes);
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
  const source = trainedSource(options.policy);
  const { checkpoint } = options;
  if (source === undefined && checkpoint !== undefined) {
    const [first] = Object.keys(checkpoint);
    throw new ConfigError(`Cannot use the option ${first}: it is for a published checkpoint, and --policy names none`);
  }
  return withTrainingBench(base, async (bench) => {
    splits.push(...testSplits(bench.environment));
    await bench.recordTasks();
    const made = source === undefined
      ? await trainEmbedded(bench, options)
      : await trainFromCheckpoint(bench, { ...options, ...checkpoint, source });
    progress.finish();
    return await trainReport((sql) => bench.recorder.query(sql), { ...made, splits, plotFolder: workspace });
  });
}

/** Runs of the embedded model that are missing. */
async function trainEmbedded(bench: TrainingBench, options: TrainOptions): Promise<MadeRuns> {
  const { recipe, scale, changes = {} } = options;
  bench.options.progress.plan(planPhases(options));
  const configs = trainingConfigs(scale, bench.environment.actions, bench.base);
  const arms = TRAIN_ARMS.slice(0, recipe === "sft" ? 1 : 2).map((name) => ({ name, runs: [] as string[] }));
  let hash = "";
  for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
    const sft = planRun(TRAIN_ARMS[0], seed, null, configs.sft, configs.evaluation);
    hash = configHash(sft.config);
    const warm = await bench.warmStart(sft);
    arms[0]?.runs.push(sft.id);
    if (recipe === "sft") continue;
    const grpo = planRun(
      TRAIN_ARMS[1],
      seed,
      sft.id,
      changedConfig(configs.grpo(`sft-${hash}`), changes),
      configs.evaluation,
    );
    hash = configHash(grpo.config);
    await bench.reinforce(grpo, warm);
    arms[1]?.runs.push(grpo.id);
  }
  return { arms, configHash: hash };
}

/** Refuses changes that do not fit before anything is opened or trained. */
function checkChanges(recipe: TrainOptions["recipe"], scale: Scale, changes: UpdateChanges): void {
  const [first] = Object.keys(changes);
  if (recipe === "sft" && first !== undefined) {
    throw new ConfigError(`Cannot use the options: ${first} changes the updates of train grpo, and this is train sft`);
  }
  const base = { environment: { id: "", seed: 1, hash: "" }, device: "cpu" } as const;
  changedConfig(trainingConfigs(scale, "text", base).grpo(""), changes);
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
