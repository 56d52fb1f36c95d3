/**
 * `whet ablate sage`: trains and evaluates every cell of a grid over chain lengths, rewards and losses, on warm starts shared by all cells.
 *
 * Contract: a cell's run is named by its configuration, so what exists is skipped, also where `whet reproduce sage` made it; the same
 * command after a kill goes on where it was. All cells of a seed start from the same weights and are evaluated on the same tasks with the
 * same random numbers, so that differences are paired.
 *
 * @module
 */
import { createEnvironment } from "../envs/registry.ts";
import { configHash } from "../train/config.ts";
import { ablationGrid, type LossWord, type RewardWord } from "./ablation_grid.ts";
import { type AblationReport, ablationReport } from "./ablation_report.ts";
import { TABLE_SPLITS } from "./evaluate_policy.ts";
import type { PlannedPhase, Progress } from "./progress.ts";
import { WORLD_SEED } from "./reproduce.ts";
import { evaluationConfig, MINIATURE_OPTIONS, type Scale, sftConfig } from "./scales.ts";
import { phaseName, type PlannedRun, planRun, withTrainingBench } from "./training_bench.ts";

/** Options of {@linkcode ablateSage}. */
export interface AblateOptions {
  /** Values of K. */
  readonly chainLengths: readonly number[];
  /** What is rewarded. */
  readonly rewards: readonly RewardWord[];
  /** Which loss. @default {["own"]} */
  readonly losses?: readonly LossWord[];
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

/**
 * Runs what is missing of the grid and builds the report.
 *
 * @throws {AblationGridError} if an axis is empty, repeats a value or is out of range; {ProviderError} if the device cannot be had;
 * {RecordLockedError} if another process writes to the workspace; the signal's reason when aborted, with everything committed so far kept.
 */
export function ablateSage(options: AblateOptions): Promise<AblationReport> {
  const { chainLengths, rewards, losses = ["own"], scale, workspace, device, signal, progress } = options;
  const makeEnvironment = (seed: number) => createEnvironment("apps", { seed, options: MINIATURE_OPTIONS });
  const fixed = { makeEnvironment, environmentOptions: MINIATURE_OPTIONS, worldSeed: WORLD_SEED, splits: TABLE_SPLITS };
  const bench = { ...fixed, device, workspace, signal, progress };
  // Before anything is opened or trained, so that a wrong axis costs nothing.
  ablationGrid(options, scale, { environment: { id: "apps", seed: WORLD_SEED, hash: "" }, device: "cpu" }, "");
  return withTrainingBench(bench, async (bench) => {
    await bench.recordTasks();
    const evaluation = evaluationConfig(scale, "SAGE");
    const seeds = Array.from({ length: options.seeds }, (_, i) => options.seed + i);
    const sft = sftConfig(scale, bench.base);
    const family = configHash({ train: sft, evaluation });
    const cells = ablationGrid({ chainLengths, rewards, losses }, scale, bench.base, `sft-${family}`);
    const runsOfSeed = (seed: number, parent: string | null) => {
      // Two names of one configuration are one run; it is recorded under the first.
      const runs = new Map<string, PlannedRun<typeof cells[number]["train"]>>();
      for (const cell of cells) {
        const run = planRun(cell.arm, seed, parent, cell.train, evaluation);
        if (!runs.has(run.id)) runs.set(run.id, run);
      }
      return [...runs.values()];
    };
    progress.plan(planPhases(seeds, (seed) => runsOfSeed(seed, null).map((run) => run.arm)));
    for (const seed of seeds) {
      const warm = await bench.warmStart(planRun("SFT", seed, null, sft, evaluation));
      for (const run of runsOfSeed(seed, warm.run.id)) await bench.reinforce(run, warm);
    }
    progress.finish();
    return await ablationReport((sql) => bench.recorder.query(sql), {
      cells: cells.map(({ name, chainLength, reward, train }) => ({
        name,
        chainLength,
        reward,
        configHash: configHash({ train, evaluation }),
      })),
      seeds,
      splits: TABLE_SPLITS,
    });
  });
}

/** Phases with the relative durations seen on two cores; the display corrects them by what it measures. */
function planPhases(seeds: readonly number[], armsOf: (seed: number) => readonly string[]): PlannedPhase[] {
  return seeds.flatMap((seed, i) => [
    ...(i === 0 ? [{ name: phaseName(seed, "demonstrations"), weight: 12 }] : []),
    { name: phaseName(seed, "SFT"), weight: 250 },
    { name: phaseName(seed, "SFT, evaluation"), weight: 14, kind: "evaluation" as const },
    ...armsOf(seed).flatMap((arm) => [
      { name: phaseName(seed, arm), weight: 170 },
      { name: phaseName(seed, `${arm}, evaluation`), weight: 14, kind: "evaluation" as const },
    ]),
  ]);
}
