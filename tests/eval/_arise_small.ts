/**
 * A small ARISE run with everything real, on the environment of wanted parity, which a babbling policy often gets right: a tiny model that is trained, documents made from
 * traces, curve points, and an evaluation with the library frozen; recorded.
 *
 * @module
 */
import { openDevice } from "../../agents/model/device.ts";
import { LocalPolicy } from "../../agents/model/local_policy.ts";
import type { TwoTierLibrary } from "../../agents/skills/two_tier_library.ts";
import { Recorder } from "../../data/recorder.ts";
import { evaluatePolicy } from "../../eval/evaluate_policy.ts";
import { frozenLibrary } from "../../eval/frozen_library.ts";
import { RecordedRun } from "../../eval/recorded_run.ts";
import { databasePath } from "../../eval/workspace_files.ts";
import type { EvaluationConfig } from "../../train/config.ts";
import { OnnxTrainer } from "../../train/onnx_trainer.ts";
import { managerOf, runArise } from "../../train/recipes/arise.ts";
import { tinyModel, TOKENIZER } from "../agents/_arise_kit.ts";
import { createEnvironment } from "../fixtures/parity_environment.ts";
import { ariseConfig } from "../train/recipes/_arise_run.ts";

/** Id of the run. */
export const SMALL_RUN = "arise-small-s1";
/** Its configuration: the first of four steps is the warm-up. */
export const SMALL_CONFIG = ariseConfig({
  steps: 4,
  warmupSteps: 1,
  groupsPerStep: 2,
  groupSize: 4,
  unaidedPerGroup: 2,
  delta: 0.36,
  epsExplore: 0.3,
  baseOptimizer: "dapo",
  maxRounds: 2,
  seeds: "five",
  cacheCapacity: 3,
  reservoirCapacity: 3,
  fallback: "hashedName",
  extraUnaided: 1,
  maxSkillTokens: 12,
  maxTurnTokens: 6,
  summaryMaxTokens: 8,
  topP: 0.9,
  curve: { everySteps: 2, runs: 1 },
});
const EVALUATION: EvaluationConfig = {
  agent: "arise",
  runs: 2,
  temperature: 1,
  retrieval: "sameScenario",
  chains: "task",
  maxTurns: 1,
  maxTurnTokens: 6,
};
const SEED = 1;

/** Runs what is missing of it. */
export async function runSmall(workspace: string): Promise<TwoTierLibrary> {
  await Deno.mkdir(workspace, { recursive: true });
  const recorder = await Recorder.open(databasePath(workspace));
  try {
    const environment = createEnvironment({ seed: SEED, tests: 2 });
    const model = tinyModel(await openDevice("cpu"));
    const policy = new LocalPolicy(model, TOKENIZER);
    const log = new RecordedRun(recorder, SMALL_RUN);
    recorder.insert("run", [{
      run_id: SMALL_RUN,
      arm: "ARISE",
      recipe: "arise",
      config: {},
      config_hash: "small",
      seed: SEED,
      parent_run_id: null,
      environment: environment.id,
      environment_hash: environment.hash,
      device: "cpu",
      versions: {},
      started_at: new Date(0),
    }]);
    const context = { environment, policy, seed: SEED, log };
    const chooser = (library: TwoTierLibrary) =>
      frozenLibrary(managerOf(SMALL_CONFIG, policy), library, { mode: "argmax", key: [SEED] });
    const library = await runArise(SMALL_CONFIG, {
      ...context,
      trainer: new OnnxTrainer(model),
      run: SMALL_RUN,
      checkpointFolder: `${workspace}/checkpoints`,
      onCurvePoint: (curveStep, library) =>
        evaluatePolicy({ ...EVALUATION, runs: 1 }, ["test"], { ...context, curveStep, choose: chooser(library) }),
    });
    await evaluatePolicy(EVALUATION, ["test"], { ...context, choose: chooser(library) });
    await evaluatePolicy(EVALUATION, ["test"], { ...context, withoutSkills: true });
    await model.release();
    return library;
  } finally {
    await recorder.close();
  }
}
