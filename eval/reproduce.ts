/**
 * `whet reproduce sage`: trains and evaluates the arms of SAGE's main table in miniature, then prints the table from the record.
 *
 * Contract: everything that is done is found again by run id and unit, so that the same command after a kill goes on where the last
 * committed unit ended, and ends in the same rows. One warm start per seed is shared by all arms; SAGE and SFT + GRPO start from the
 * same weights with a fresh optimizer, roll out the same number of episodes, and are evaluated on the same tasks.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { serveLive } from "../data/live.ts";
import { Recorder } from "../data/recorder.ts";
import type { Environment } from "../envs/contract.ts";
import { createEnvironment } from "../envs/registry.ts";
import { CHAT_SPECIALS, ChatFormat } from "../agents/chat_format.ts";
import { type Demonstration, demonstrationText, demonstrationTokens } from "../agents/demonstration.ts";
import { nanoConfig } from "../agents/model/config.ts";
import { type Device, openDevice } from "../agents/model/device.ts";
import { LocalPolicy } from "../agents/model/local_policy.ts";
import { createModel, loadModel } from "../agents/model/model.ts";
import { BpeTokenizer, CODE_SPLIT_PATTERN, trainBpe } from "../agents/model/tokenizer.ts";
import { Checkpoints } from "../train/checkpoints.ts";
import { type ChainGrpoConfig, configHash, type RunConfig, runId, type SftConfig } from "../train/config.ts";
import { OnnxTrainer } from "../train/onnx_trainer.ts";
import { runChainGrpo } from "../train/recipes/chain_grpo.ts";
import { runSft, sftDemonstrations, sftUnits } from "../train/recipes/sft.ts";
import type { RunLog } from "../train/run_log.ts";
import { evaluatePolicy, TABLE_SPLITS } from "./evaluate_policy.ts";
import type { PlannedPhase, Progress } from "./progress.ts";
import { RecordedRun } from "./recorded_run.ts";
import { type SageReport, sageReport } from "./sage_report.ts";
import { evaluationConfig, rlConfig, type SageArm, type Scale, sftConfig } from "./scales.ts";
import { packageVersions } from "./versions.ts";

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

/** Database file of a workspace. */
export function databasePath(workspace: string): string {
  return `${workspace}/whet.duckdb`;
}

/** What all runs of a reproduction share. */
interface Bench {
  readonly options: ReproduceOptions;
  readonly recorder: Recorder;
  readonly environment: Environment;
  readonly device: Device;
  readonly checkpointFolder: string;
  /** Acted out once, when first needed. */
  demonstrations?: readonly Demonstration[];
}

/** A run to be made: its configuration, its id, and where it comes from. */
interface PlannedRun<T> {
  readonly arm: SageArm;
  readonly seed: number;
  readonly id: string;
  readonly parent: string | null;
  readonly train: T;
  readonly config: RunConfig;
}

/** A finished warm start: where its weights lie and how to read text. */
interface WarmStart {
  readonly run: PlannedRun<SftConfig>;
  readonly weights: string;
  readonly tokenizer: BpeTokenizer;
}

/**
 * Runs what is missing and builds the report.
 *
 * @throws {ProviderError} if the device cannot be had; {RecordLockedError} if another process writes to the workspace; the signal's
 * reason when aborted, with everything committed so far kept.
 */
export async function reproduceSage(options: ReproduceOptions): Promise<SageReport> {
  const { scale, workspace, progress } = options;
  await Deno.mkdir(workspace, { recursive: true });
  const recorder = await Recorder.open(databasePath(workspace));
  try {
    const live = await serveLive(recorder);
    try {
      const environment = await createEnvironment("apps", { seed: WORLD_SEED });
      const device = await openDevice(options.device);
      const bench: Bench = { options, recorder, environment, device, checkpointFolder: `${workspace}/checkpoints` };
      await recordTasks(bench);
      progress.plan(planPhases(options));
      let family = "";
      for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
        const base = { environment: { id: "apps", seed: WORLD_SEED, hash: environment.hash }, device: device.kind };
        const sft = planRun("SFT", seed, null, sftConfig(scale, base), scale);
        family = configHash(sft.config);
        const warm = await warmStart(bench, sft);
        for (const arm of ["SFT + GRPO", "SAGE"] as const) {
          const parent = `sft-${family}`;
          await reinforce(bench, planRun(arm, seed, sft.id, rlConfig(scale, arm, base, parent), scale), warm);
        }
      }
      progress.finish();
      return await sageReport((sql) => recorder.query(sql), { database: databasePath(workspace), warmStart: family });
    } finally {
      await live.close();
    }
  } finally {
    await recorder.close();
  }
}

function planRun<T extends RunConfig["train"]>(
  arm: SageArm,
  seed: number,
  parent: string | null,
  train: T,
  scale: Scale,
): PlannedRun<T> {
  const config: RunConfig = { train, evaluation: evaluationConfig(scale, arm) };
  return { arm, seed, id: runId(config, seed), parent, train, config };
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

function phaseName(seed: number, work: string): string {
  return `seed ${seed}: ${work}`;
}

async function recordTasks({ environment, recorder }: Bench): Promise<void> {
  for (const split of environment.splits) {
    recorder.insert(
      "task",
      environment.tasks(split).map((task) => ({
        environment_hash: environment.hash,
        task_id: task.id,
        scenario: task.scenario,
        variant: task.variant,
        split: task.split,
        difficulty: task.difficulty,
        instruction: task.instruction,
        apps: task.apps,
      })),
    );
  }
  await recorder.flush();
}

async function recordRun(bench: Bench, run: PlannedRun<RunConfig["train"]>): Promise<RecordedRun> {
  const { recorder, environment, device } = bench;
  recorder.insert("run", [{
    run_id: run.id,
    arm: run.arm,
    recipe: run.train.recipe,
    config: run.config as unknown as Json,
    config_hash: configHash(run.config),
    seed: run.seed,
    parent_run_id: run.parent,
    environment: environment.id,
    environment_hash: environment.hash,
    device: device.kind,
    versions: { ...packageVersions(), ...device.versions, device: device.name },
    started_at: new Date(),
  }]);
  await recorder.flush();
  return new RecordedRun(recorder, run.id);
}

function isEvaluated(log: RunLog): boolean {
  return TABLE_SPLITS.every((split) => log.isDone(`eval/${split}`));
}

async function evaluate(bench: Bench, run: PlannedRun<RunConfig["train"]>, policy: LocalPolicy, log: RunLog) {
  const { options, environment } = bench;
  const display = options.progress.phase(phaseName(run.seed, `${run.arm}, evaluation`), "splits");
  await evaluatePolicy(run.config.evaluation, TABLE_SPLITS, {
    environment,
    policy,
    seed: run.seed,
    log,
    signal: options.signal,
    onProgress: (progress) => display.update(progress),
  });
}

async function warmStart(bench: Bench, run: PlannedRun<SftConfig>): Promise<WarmStart> {
  const { options, checkpointFolder, device } = bench;
  const { signal } = options;
  const log = await recordRun(bench, run);
  const lastUnit = sftUnits(run.train).at(-1) ?? "";
  const weights = new Checkpoints(checkpointFolder, run.id).path(lastUnit);
  const tokenizerPath = `${checkpointFolder}/${run.id}/tokenizer.json`;
  let tokenizer = await readTokenizer(tokenizerPath);
  if (tokenizer === undefined || !log.isDone(lastUnit)) {
    const demonstrations = await demonstrationsOf(bench, run);
    if (tokenizer === undefined) {
      tokenizer = trainBpe(demonstrations.flatMap(demonstrationText), {
        vocabularySize: run.train.vocabularySize,
        specials: [...CHAT_SPECIALS],
        pattern: CODE_SPLIT_PATTERN,
      });
      await writeTokenizer(tokenizerPath, tokenizer);
    }
    const format = new ChatFormat(tokenizer);
    const { width, layers, heads, keyValueHeads, hidden, contextTokens } = run.train;
    const sizes = { width, layers, heads, keyValueHeads, headSize: width / heads, hidden, contextTokens };
    const model = await createModel(device, nanoConfig(tokenizer.vocabularySize, sizes), run.seed);
    const display = options.progress.phase(phaseName(run.seed, "SFT"), "updates");
    await runSft(run.train, {
      trainer: new OnnxTrainer(model),
      examples: demonstrations.map((demonstration) => demonstrationTokens(demonstration, format)),
      seed: run.seed,
      run: run.id,
      checkpointFolder,
      log,
      signal,
      onProgress: (progress) => display.update(progress),
    });
  }
  if (!isEvaluated(log)) {
    await evaluate(bench, run, new LocalPolicy(await loadModel(device, weights), tokenizer), log);
  }
  return { run, weights, tokenizer };
}

async function demonstrationsOf(bench: Bench, run: PlannedRun<SftConfig>): Promise<readonly Demonstration[]> {
  if (bench.demonstrations === undefined) {
    const display = bench.options.progress.phase(phaseName(run.seed, "demonstrations"), "demonstrations");
    const { worlds, environment } = run.train;
    const acted: Demonstration[] = [];
    for (let world = 0; world < worlds; world++) {
      const other = await createEnvironment(environment.id, { seed: environment.seed + world });
      acted.push(
        ...await sftDemonstrations(other, run.train, {
          signal: bench.options.signal,
          onProgress: (done, total) => display.update({ done: world * total + done, total: worlds * total }),
        }),
      );
    }
    bench.demonstrations = acted;
  }
  return bench.demonstrations;
}

async function reinforce(bench: Bench, run: PlannedRun<ChainGrpoConfig>, warm: WarmStart): Promise<void> {
  const { options, checkpointFolder, environment, device } = bench;
  const log = await recordRun(bench, run);
  if (isEvaluated(log)) return;
  // Weights only: the optimizer's moments start anew.
  const model = await loadModel(device, warm.weights);
  const policy = new LocalPolicy(model, warm.tokenizer);
  const display = options.progress.phase(phaseName(run.seed, run.arm), "steps");
  await runChainGrpo(run.train, {
    environment,
    policy,
    trainer: new OnnxTrainer(model),
    seed: run.seed,
    run: run.id,
    checkpointFolder,
    log,
    signal: options.signal,
    onProgress: (progress) => display.update(progress),
  });
  await evaluate(bench, run, policy, log);
}

async function readTokenizer(path: string): Promise<BpeTokenizer | undefined> {
  try {
    return BpeTokenizer.fromJson(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function writeTokenizer(path: string, tokenizer: BpeTokenizer): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(`${path}.part`, JSON.stringify(tokenizer.toJson()));
  await Deno.rename(`${path}.part`, path);
}
