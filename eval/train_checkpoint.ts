/**
 * Training from a published checkpoint: the checkpoint's own evaluation, then each recipe with its evaluation, in one open record.
 *
 * Contract: as for every other training, what is done is found again by run id and unit. A run from a checkpoint has no parent; its
 * configuration names the folder and the hash of its content, so that another content is another run. With a warm start before it,
 * reinforcement learning has that as its parent. What was trained is the same part in both: all weights, or one adapter.
 *
 * @module
 */
import { ConfigError, configHash } from "../train/config.ts";
import { checkpointConfigs, type CheckpointTrainingOptions } from "./checkpoint_scales.ts";
import type { CheckpointSource } from "./checkpoint.ts";
import { parsePolicyName } from "./policy_name.ts";
import type { PlannedPhase } from "./progress.ts";
import type { Scale } from "./scales.ts";
import { publishedStart } from "./start_point.ts";
import { phaseName, planRun, type TrainingBench } from "./training_bench.ts";
import { changedConfig, type UpdateChanges } from "./training_scales.ts";

/** Arms of training from a checkpoint, in order. */
export const CHECKPOINT_ARMS = ["checkpoint", "SFT", "GRPO"] as const;

/** What is trained from a checkpoint. */
export interface CheckpointTraining extends CheckpointTrainingOptions {
  /** Where the checkpoint lies. */
  readonly source: CheckpointSource;
  /** Last recipe to run. */
  readonly recipe: "sft" | "grpo";
  /** Warm start before `grpo`. @default {false} */
  readonly sft?: boolean | undefined;
  readonly scale: Scale;
  /** First training seed. */
  readonly seed: number;
  /** Number of training seeds. */
  readonly seeds: number;
  /** Changes to the configuration of `grpo`. @default {{}} */
  readonly changes?: UpdateChanges | undefined;
}

/** Runs that were made, and the hash of the last one's configuration. */
export interface MadeRuns {
  readonly arms: readonly { readonly name: string; readonly runs: string[] }[];
  readonly configHash: string;
}

/**
 * The checkpoint that a policy's name stands for; undefined for the embedded model.
 *
 * @throws {PolicyNameError} if the name is none; {ConfigError} if such a policy cannot be trained.
 */
export function trainedSource(policy: string | undefined): CheckpointSource | undefined {
  const name = parsePolicyName(policy ?? "nano");
  if (name.kind === "nano") return undefined;
  if (name.kind === "checkpoint") return { folder: name.folder, adapter: name.adapter };
  const hint = name.kind === "run" ? "; export a run first (whet model export) and give that folder" : "";
  throw new ConfigError(
    `Cannot train the policy ${policy}: --policy of a training must be nano, DIR or DIR+ADAPTER, it is of the kind ${name.kind}${hint}`,
  );
}

/** Phases with rough relative durations; the display corrects them by what it measures. */
function phases({ recipe, sft = false, seed: first, seeds }: CheckpointTraining): PlannedPhase[] {
  const warm = recipe === "sft" || sft;
  return Array.from({ length: seeds }, (_, i) => first + i).flatMap((seed) => [
    { name: phaseName(seed, "checkpoint, evaluation"), weight: 10, kind: "evaluation" as const },
    ...(warm && seed === first ? [{ name: phaseName(seed, "demonstrations"), weight: 2 }] : []),
    ...(warm ? [{ name: phaseName(seed, "SFT"), weight: 30 }] : []),
    ...(warm ? [{ name: phaseName(seed, "SFT, evaluation"), weight: 10, kind: "evaluation" as const }] : []),
    ...(recipe === "sft" ? [] : [
      { name: phaseName(seed, "GRPO"), weight: 100 },
      { name: phaseName(seed, "GRPO, evaluation"), weight: 10, kind: "evaluation" as const },
    ]),
  ]);
}

/**
 * Runs what is missing.
 *
 * @throws {HfFolderError} if the checkpoint cannot be used; {ConfigError} if the options do not fit; the signal's reason when aborted.
 */
export async function trainFromCheckpoint(bench: TrainingBench, training: CheckpointTraining): Promise<MadeRuns> {
  const { source, recipe, sft = false, scale, changes = {}, lora } = training;
  const published = await publishedStart(bench.device, source);
  const configs = checkpointConfigs(scale, bench.environment.actions, bench.base, published, training);
  const warmed = recipe === "sft" || sft;
  const names = CHECKPOINT_ARMS.filter((name) =>
    name === "checkpoint" || (name === "SFT" ? warmed : recipe === "grpo")
  );
  const runs = new Map(names.map((name) => [name, [] as string[]]));
  const note = (name: typeof names[number], id: string) => runs.get(name)?.push(id);
  // Before anything is trained.
  const grpoConfig = (parent: string | null) => changedConfig(configs.grpo(parent), changes);
  grpoConfig(null);
  bench.options.progress.plan(phases(training));
  let hash = "";
  for (let seed = training.seed; seed < training.seed + training.seeds; seed++) {
    const frozen = planRun("checkpoint", seed, null, configs.frozen, configs.evaluation);
    await bench.evaluateStart(frozen, published.start(undefined));
    note("checkpoint", frozen.id);
    let parent: { readonly id: string; readonly hash: string; readonly weights: string } | undefined;
    if (warmed) {
      const run = planRun("SFT", seed, null, configs.sft, configs.evaluation);
      hash = configHash(run.config);
      const { weights } = await bench.warmStart(run, published.start(lora));
      note("SFT", run.id);
      parent = { id: run.id, hash, weights };
    }
    if (recipe === "sft") continue;
    const train = grpoConfig(parent === undefined ? null : `sft-${parent.hash}`);
    const run = planRun("GRPO", seed, parent?.id ?? null, train, configs.evaluation);
    hash = configHash(run.config);
    await bench.reinforce(run, published.start(lora, parent?.weights));
    note("GRPO", run.id);
  }
  return { arms: names.map((name) => ({ name, runs: runs.get(name) ?? [] })), configHash: hash };
}
