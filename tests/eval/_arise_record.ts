/**
 * A record of arms of ARISE that a tiny policy made: in an environment whose answers it often gets right by babbling, so that every table has figures.
 *
 * @module
 */
import type { Environment } from "../../envs/contract.ts";
import { type AriseAblation, type AriseArm, ariseConfigs } from "../../eval/arise_scales.ts";
import { planRun, type TrainingBench, withTrainingBench } from "../../eval/training_bench.ts";
import { configHash } from "../../train/config.ts";
import { createEnvironment } from "../fixtures/parity_environment.ts";
import { never, silent } from "./_workbench.ts";

/** Split that the arms are evaluated on. */
export const SPLITS = ["test"] as const;

/** The environment; its policy needs no more than a few letters. */
export function parity(seed = 1): Environment {
  return createEnvironment({ seed, tests: 6 });
}

/** Work on a workspace's record, with the arms' configurations. */
export function withBench<T>(workspace: string, use: (bench: TrainingBench) => Promise<T>, signal = never): Promise<T> {
  const makeEnvironment = (seed: number) => Promise.resolve(parity(seed));
  const options = { makeEnvironment, worldSeed: 1, device: "cpu", workspace, splits: SPLITS, signal } as const;
  return withTrainingBench({ ...options, progress: silent() }, use);
}

/** Trains and evaluates arms, and gives their runs by name. */
export function makeArms(
  workspace: string,
  arms: readonly (AriseArm | AriseAblation)[],
  signal = never,
): Promise<Map<string, string>> {
  return withBench(workspace, async (bench) => {
    await bench.recordTasks();
    const configs = ariseConfigs("ci", bench.base);
    const made = new Map<string, string>();
    // The environment states no skills that could be demonstrated.
    const { behaviours: _, ...sft } = configs.sft;
    const warm = await bench.warmStart(planRun("SFT", 1, null, sft, configs.evaluation("SFT")));
    for (const name of arms) {
      const train = configs.arm(name, `sft-${configHash(warm.run.config)}`);
      if (train === undefined) made.set(name, warm.run.id);
      else if (train.recipe === "arise") {
        const run = planRun(name, 1, warm.run.id, train, configs.evaluation(name));
        await bench.arise(run, warm);
        made.set(name, run.id);
      } else if (train.recipe === "tfidf") {
        const run = planRun(name, 1, warm.run.id, train, configs.evaluation(name));
        await bench.tfidf(run, warm);
        made.set(name, run.id);
      } else {
        const run = planRun(name, 1, warm.run.id, train, configs.evaluation(name));
        await bench.reinforce(run, warm);
        made.set(name, run.id);
      }
    }
    return made;
  }, signal);
}
