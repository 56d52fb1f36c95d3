/**
 * `whet reproduce sage`: trains and evaluates the arms of SAGE's main table in miniature, then prints the table from the record.
 *
 * Contract: everything that is done is found again by run id and unit, so that the same command after a kill goes on where the last
 * committed unit ended, and ends in the same rows. One warm start per seed is shared by all arms; SAGE and SFT + GRPO start from the same
 * weights, roll out the same number of episodes, and are evaluated on the same tasks.
 *
 * @module
 */
import { type Json } from "../data/canonical.ts";
import { serveLive } from "../data/live.ts";
import { Recorder } from "../data/recorder.ts";
import type { Environment } from "../envs/contract.ts";
import { createEnvironment } from "../envs/registry.ts";
import { CHAT_SPECIALS, ChatFormat } from "../agents/chat_format.ts";
import { type Demonstration, demonstrationText, demonstrationTokens } from "../agents/demonstration.ts";
import { nanoConfig, parameterCount } from "../agents/model/config.ts";
import { type Device, openDevice } from "../agents/model/device.ts";
import { LocalPolicy } from "../agents/model/local_policy.ts";
import { createModel, type Model } from "../agents/model/model.ts";
import { BpeTokenizer, trainBpe } from "../agents/model/tokenizer.ts";
import { Checkpoints } from "../train/checkpoints.ts";
import { configHash, type RunConfig, runId, type SftConfig } from "../train/config.ts";
import { OnnxTrainer } from "../train/onnx_trainer.ts";
import { runChainGrpo } from "../train/recipes/chain_grpo.ts";
import { runSft, sftDemonstrations } from "../train/recipes/sft.ts";
import type { RecipeProgress } from "../train/run_log.ts";
import { evaluatePolicy, TABLE_SPLITS } from "./evaluate_policy.ts";
import type { Progress } from "./progress.ts";
import { RecordedRun } from "./recorded_run.ts";
import { evaluationConfig, rlConfig, SAGE_ARMS, type SageArm, type Scale, sftConfig } from "./scales.ts";
import { reportSage } from "./sage_report.ts";
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

/** What a reproduction prints. */
export interface ReproductionReport {
  readonly text: string;
  readonly json: Json;
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

/** A model with everything that uses it. */
interface Learner {
  readonly model: Model;
  readonly trainer: OnnxTrainer;
  readonly policy: LocalPolicy;
}

/**
 * Runs what is missing and builds the table.
 *
 * @throws {ProviderError} if the device cannot be had; {RecordLockedError} if another process writes to the workspace; the signal's
 * reason when aborted, with everything committed so far kept.
 */
export async function reproduceSage(options: ReproduceOptions): Promise<ReproductionReport> {
  const { scale, workspace, progress } = options;
  await Deno.mkdir(workspace, { recursive: true });
  const recorder = await Recorder.open(databasePath(workspace));
  const live = await serveLive(recorder);
  try {
    const environment = await createEnvironment("apps", { seed: WORLD_SEED });
    const device = await openDevice(options.device);
    const bench: Bench = { options, recorder, environment, device, checkpointFolder: `${workspace}/checkpoints` };
    await recordTasks(bench);
    const runs: { arm: SageArm; seed: number; run: string; config: RunConfig }[] = [];
    for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
      const base = { environment: { id: "apps", seed: WORLD_SEED, hash: environment.hash }, device: device.kind };
      const sft = sftConfig(scale, base);
      const warm: RunConfig = { train: sft, evaluation: evaluationConfig(scale, "SFT") };
      const parent = runId(warm, seed);
      const tokenizer = await warmStart(bench, warm, sft, seed, parent);
      runs.push({ arm: "SFT", seed, run: parent, config: warm });
      for (const arm of ["SFT + GRPO", "SAGE"] as const) {
        const config: RunConfig = {
          train: rlConfig(scale, arm, base, parent.slice(0, parent.lastIndexOf("-s"))),
          evaluation: evaluationConfig(scale, arm),
        };
        const run = runId(config, seed);
        await reinforce(bench, arm, config, sft, seed, run, parent, tokenizer);
        runs.push({ arm, seed, run, config });
      }
    }
    progress.finish();
    return await reportSage(recorder, {
      scale,
      workspace,
      database: databasePath(workspace),
      device: `${device.kind} (${device.name})`,
      environment,
      parameters: parameterCount(
        modelConfig(sftConfig(scale, { environment: { id: "apps", seed: 1, hash: "" }, device: device.kind })),
      ),
      runs: runs.map(({ arm, seed, run, config }) => ({ arm, seed, run, configHash: configHash(config) })),
      arms: SAGE_ARMS,
    });
  } finally {
    await live.close();
    await recorder.close();
  }
}

function modelConfig(config: SftConfig) {
  const { width, layers, heads, hidden, contextTokens, vocabularySize } = config;
  return nanoConfig(vocabularySize, { width, layers, heads, keyValueHeads: heads, hidden, contextTokens });
}

async function learner(bench: Bench, config: SftConfig, seed: number, tokenizer: BpeTokenizer): Promise<Learner> {
  const model = await createModel(bench.device, modelConfig(config), seed);
  return { model, trainer: new OnnxTrainer(model), policy: new LocalPolicy(model, tokenizer) };
}

async function recordTasks(bench: Bench): Promise<void> {
  const { environment, recorder } = bench;
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

async function recordRun(
  bench: Bench,
  arm: SageArm,
  config: RunConfig,
  seed: number,
  run: string,
  parent: string | null,
) {
  bench.recorder.insert("run", [{
    run_id: run,
    arm,
    recipe: config.train.recipe,
    config: config as unknown as Json,
    config_hash: configHash(config),
    seed,
    parent_run_id: parent,
    environment: bench.environment.id,
    environment_hash: bench.environment.hash,
    device: bench.device.kind,
    versions: { ...packageVersions(), device: bench.device.name, ...bench.device.versions },
    started_at: new Date(),
  }]);
  await bench.recorder.flush();
}

/** Sends a recipe's progress to a phase of the display. */
function phase(bench: Bench, name: string, unit: string): (progress: RecipeProgress) => void {
  const handle = bench.options.progress.phase(name, unit);
  return (progress) => handle.update(progress);
}

async function warmStart(
  bench: Bench,
  config: RunConfig,
  sft: SftConfig,
  seed: number,
  run: string,
): Promise<BpeTokenizer> {
  const { options, checkpointFolder } = bench;
  const { signal } = options;
  await recordRun(bench, "SFT", config, seed, run, null);
  const log = new RecordedRun(bench.recorder, run);
  const tokenizerPath = `${checkpointFolder}/${run}/tokenizer.json`;
  const lastUnit = `sft/${Math.ceil(sft.updates / sft.checkpointEvery) - 1}`;
  let tokenizer = await readTokenizer(tokenizerPath);
  let student: Learner | undefined;
  if (tokenizer === undefined || !log.isDone(lastUnit)) {
    const acted = phase(bench, `seed ${seed}: demonstrations`, "demonstrations");
    bench.demonstrations ??= await sftDemonstrations(bench.environment, sft, {
      signal,
      onProgress: (done, total) => acted({ done, total, tokens: 0 }),
    });
    if (tokenizer === undefined) {
      tokenizer = trainBpe(bench.demonstrations.flatMap(demonstrationText), {
        vocabularySize: sft.vocabularySize,
        specials: [...CHAT_SPECIALS],
      });
      await writeTokenizer(tokenizerPath, tokenizer);
    }
    const format = new ChatFormat(tokenizer);
    student = await learner(bench, sft, seed, tokenizer);
    await runSft(sft, {
      trainer: student.trainer,
      examples: bench.demonstrations.map((demonstration) => demonstrationTokens(demonstration, format)),
      seed,
      run,
      checkpointFolder,
      log,
      signal,
      onProgress: phase(bench, `seed ${seed}: SFT`, "updates"),
    });
  }
  if (TABLE_SPLITS.every((split) => log.isDone(`eval/${split}`))) return tokenizer;
  if (student === undefined) {
    student = await learner(bench, sft, seed, tokenizer);
    await student.trainer.load(new Checkpoints(checkpointFolder, run).path(lastUnit));
  }
  await evaluatePolicy(config.evaluation, TABLE_SPLITS, {
    environment: bench.environment,
    policy: student.policy,
    seed,
    log,
    signal,
    onProgress: phase(bench, `seed ${seed}: SFT, evaluation`, "splits"),
  });
  return tokenizer;
}

async function reinforce(
  bench: Bench,
  arm: "SFT + GRPO" | "SAGE",
  config: RunConfig,
  sft: SftConfig,
  seed: number,
  run: string,
  parent: string,
  tokenizer: BpeTokenizer,
): Promise<void> {
  const { options, checkpointFolder, environment } = bench;
  const { signal } = options;
  if (config.train.recipe === "sft") throw new TypeError("Cannot reinforce: the configuration is for SFT");
  await recordRun(bench, arm, config, seed, run, parent);
  const log = new RecordedRun(bench.recorder, run);
  if (TABLE_SPLITS.every((split) => log.isDone(`eval/${split}`))) return;
  const { trainer, policy } = await learner(bench, sft, seed, tokenizer);
  const lastUnit = `sft/${Math.ceil(sft.updates / sft.checkpointEvery) - 1}`;
  await trainer.load(new Checkpoints(checkpointFolder, parent).path(lastUnit));
  trainer.resetOptimizer();
  await runChainGrpo(config.train, {
    environment,
    policy,
    trainer,
    seed,
    run,
    checkpointFolder,
    log,
    signal,
    onProgress: phase(bench, `seed ${seed}: ${arm}`, "steps"),
  });
  await evaluatePolicy(config.evaluation, TABLE_SPLITS, {
    environment,
    policy,
    seed,
    log,
    signal,
    onProgress: phase(bench, `seed ${seed}: ${arm}, evaluation`, "splits"),
  });
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
