/**
 * `whet reproduce sage`: trains and evaluates the arms of SAGE's main table in miniature, then prints the table from the record.
 *
 * Contract: one warm start per seed is shared by all arms; SAGE and SFT + GRPO start from the same weights with a fresh optimizer, roll
 * out the same number of episodes, and are evaluated on the same tasks. The same command after a kill goes on where it was.
 *
 * @module
 */
import { createEnvironment } from "../envs/registry.ts";
import { configHash } from "../train/config.ts";
import { TABLE_SPLITS } from "./evaluate_policy.ts";
import type { PlannedPhase, Progress } from "./progress.ts";
import { type SageReport, sageReport } from "./sage_report.ts";
import { evaluationConfig, MINIATURE_OPTIONS, rlConfig, type Scale, sftConfig } from "./scales.ts";
import { databasePath, phaseName, planRun, withTrainingBench } from "./training_bench.ts";

/** Options of {@linkcode reproduceSage}. */
export interface ReproduceOptions {
  readonly scale: Scale;
  /** Number of training seeds. */
  readonly seeds: number;
  /** First training seed. */
  readonly seed: number;
  readonly device: "auto" | "webgpu" | "cpu" | "wasm";
  /** Folder of the database and the checkpoints. */
  readonly workspace: string;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Seed of the world that all runs share; training seeds vary weights, orders and samples. */
export const WORLD_SEED = 1;

/**
 * Runs what is missing and builds the report.
 *
 * @throws {ProviderError} if the device cannot be had; {RecordLockedError} if another process writes to the workspace; the signal's
 * reason when aborted, with everything committed so far kept.
 */
export function reproduceSage(options: ReproduceOptions): Promise<SageReport> {
  const { scale, workspace, device, signal, progress } = options;
  const makeEnvironment = (seed: number) => createEnvironment("apps", { seed, options: MINIATURE_OPTIONS });
  const fixed = { makeEnvironment, environmentOptions: MINIATURE_OPTIONS, worldSeed: WORLD_SEED, splits: TABLE_SPLITS };
  const bench = { ...fixed, device, workspace, signal, progress };
  return withTrainingBench(bench, async (bench) => {
    await bench.recordTasks();
    progress.plan(planPhases(options));
    let family = "";
    for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
      const sft = planRun("SFT", seed, null, sftConfig(scale, bench.base), evaluationConfig(scale, "SFT"));
      family = configHash(sft.config);
      const warm = await bench.warmStart(sft);
      for (const arm of ["SFT + GRPO", "SAGE"] as const) {
        const train = rlConfig(scale, arm, bench.base, `sft-${family}`);
        await bench.reinforce(planRun(arm, seed, sft.id, train, evaluationConfig(scale, arm)), warm);
      }
    }
    progress.finish();
    return await sageReport((sql) => bench.recorder.query(sql), {
      database: databasePath(workspace),
      warmStart: family,
    });
  });
}

/** Phases with the relative durations seen on two cores; the display corrects them by what it measures. */
function planPhases(options: ReproduceOptions): PlannedPhase[] {
  return Array.from({ length: options.seeds }, (_, i) => options.seed + i).flatMap((seed) => [
    ...(seed === options.seed ? [{ name: phaseName(seed, "demonstrations"), weight: 12 }] : []),
    { name: phaseName(seed, "SFT"), weight: 250 },
    { name: phaseName(seed, "SFT, evaluation"), weight: 14, kind: "evaluation" },
    { name: phaseName(seed, "SFT + GRPO"), weight: 200 },
    { name: phaseName(seed, "SFT + GRPO, evaluation"), weight: 14, kind: "evaluation" },
    { name: phaseName(seed, "SAGE"), weight: 150 },
    { name: phaseName(seed, "SAGE, evaluation"), weight: 14, kind: "evaluation" },
  ]);
}
