/**
 * The work that every training command shares: one open record, one environment and one device, on which planned runs are made.
 *
 * Contract: everything that is done is found again by run id and unit, so that the same command after a kill goes on where the last
 * committed unit ended, and ends in the same rows. A warm start is trained once and shared by the runs that name it as their parent;
 * these start from its weights with a fresh optimizer.
 * Choices: the tokenizer is learned from the demonstrations of the first warm start and lies beside its checkpoints; code and prose are
 * cut into pre-tokens by patterns of their own.
 *
 * @module
 */
import type { Json } from "../data/canonical.ts";
import { serveLive } from "../data/live.ts";
import { Recorder } from "../data/recorder.ts";
import type { Environment, Task } from "../envs/contract.ts";
import { type Chat, CHAT_SPECIALS, ChatFormat } from "../agents/chat_format.ts";
import { type Demonstration, demonstrationText, demonstrationTokens } from "../agents/demonstration.ts";
import { nanoConfig } from "../agents/model/config.ts";
import { type Device, openDevice } from "../agents/model/device.ts";
import { LocalPolicy } from "../agents/model/local_policy.ts";
import { createModel, loadAdapter, loadModel, type Model } from "../agents/model/model.ts";
import { CODE_SPLIT_PATTERN, SPLIT_PATTERN, trainBpe } from "../agents/model/tokenizer.ts";
import type { Tokenizer } from "../agents/policy.ts";
import type { TfidfLibrary } from "../agents/skills/tfidf_library.ts";
import type { TwoTierLibrary } from "../agents/skills/two_tier_library.ts";
import { Checkpoints } from "../train/checkpoints.ts";
import {
  type AriseRunConfig,
  type ChainGrpoConfig,
  configHash,
  type FrozenConfig,
  type RunConfig,
  runId,
  type SftConfig,
  type TfidfRunConfig,
} from "../train/config.ts";
import { OnnxTrainer } from "../train/onnx_trainer.ts";
import { runChainGrpo } from "../train/recipes/chain_grpo.ts";
import { trainTasks } from "../train/recipes/draw_chains.ts";
import { type AriseContext, managerOf, runArise } from "../train/recipes/arise.ts";
import { runTfidfSkills, tfidfRequests } from "../train/recipes/tfidf_skills.ts";
import { runSft, sftDemonstrations, sftUnits } from "../train/recipes/sft.ts";
import type { RecipeProgress } from "../train/run_log.ts";
import { evaluatePolicy } from "./evaluate_policy.ts";
import { frozenLibrary, type SkillChooser } from "./frozen_library.ts";
import type { Progress } from "./progress.ts";
import { RecordedRun } from "./recorded_run.ts";
import { fileStart, type StartPoint } from "./start_point.ts";
import { machineFacts, packageVersions } from "./versions.ts";
import { checkWorkspace } from "./private_workspace.ts";
import { databasePath, readTokenizer, tokenizerPath, writeTokenizer } from "./workspace_files.ts";

export { databasePath, readTokenizer, tokenizerPath } from "./workspace_files.ts";

/** Options of {@linkcode withTrainingBench}. */
export interface TrainingBenchOptions {
  /** Makes the environment with the worlds of a seed. */
  readonly makeEnvironment: (seed: number) => Promise<Environment>;
  /** The environment's own options, as its factory got them; recorded, so that it can be made again. */
  readonly environmentOptions?: Readonly<Record<string, Json>>;
  /** Seed of the worlds that all runs share; training seeds vary weights, orders and samples. */
  readonly worldSeed: number;
  /** Where the policy runs. */
  readonly device: "auto" | "webgpu" | "cpu" | "wasm";
  /** Folder of the database and the checkpoints. */
  readonly workspace: string;
  /** Splits that finished runs are evaluated on. */
  readonly splits: readonly string[];
  /** Stops between two pieces of work. */
  readonly signal: AbortSignal;
  /** Shows how far the work is. */
  readonly progress: Progress;
}

/** A run to be made: its configuration, its id, and where it comes from. */
export interface PlannedRun<T extends RunConfig["train"] = RunConfig["train"]> {
  /** Name under which tables show it. */
  readonly arm: string;
  /** Training seed. */
  readonly seed: number;
  /** Id in the record. */
  readonly id: string;
  /** Run whose weights it starts from. */
  readonly parent: string | null;
  /** How it is trained. */
  readonly train: T;
  /** Training and evaluation. */
  readonly config: RunConfig;
}

/** A finished warm start: where its weights lie, and how to read text. */
export interface WarmStart {
  /** The run. */
  readonly run: PlannedRun<SftConfig>;
  /** Checkpoint file. */
  readonly weights: string;
  /** Learned from its demonstrations, or the published checkpoint's. */
  readonly tokenizer: Tokenizer;
  /** The chat of the published checkpoint that it started from. */
  readonly chat?: Chat;
}

/** Names a run by its content. */
export function planRun<T extends RunConfig["train"]>(
  arm: string,
  seed: number,
  parent: string | null,
  train: T,
  evaluation: RunConfig["evaluation"],
): PlannedRun<T> {
  const config: RunConfig = { train, evaluation };
  return { arm, seed, id: runId(config, seed), parent, train, config };
}

/** A recipe with a library of documents. */
export interface SkilledRecipe<L> {
  /** Trains, or does what is left of it; gives the library after the last step. */
  readonly train: (context: Omit<AriseContext, "onCurvePoint"> & SkilledCurve<L>) => Promise<L>;
  /** Chooses skills from a library. */
  readonly chooser: (library: L, policy: LocalPolicy) => SkillChooser;
}

/** Where a recipe with a library stops for a point of its learning curve. */
interface SkilledCurve<L> {
  readonly onCurvePoint?: (updates: number, library: L) => Promise<void>;
}

/** Name of a phase in the progress display. */
export function phaseName(seed: number, work: string): string {
  return `seed ${seed}: ${work}`;
}

/** A policy over weights, in the language that belongs to them. */
function speaking(model: Model, { tokenizer, chat }: Pick<StartPoint, "tokenizer" | "chat">): LocalPolicy {
  return new LocalPolicy(model, tokenizer, chat === undefined ? {} : { chat });
}

/** Record, environment and device of a training command. */
export class TrainingBench {
  readonly #checkpointFolder: string;
  /** Names the process in the record. */
  readonly #session = new Date().toISOString();
  /** Acted out once, when first needed. */
  #demonstrations: readonly Demonstration[] | undefined;

  /** Use {@linkcode withTrainingBench}. */
  constructor(
    readonly options: TrainingBenchOptions,
    readonly recorder: Recorder,
    readonly environment: Environment,
    readonly device: Device,
  ) {
    this.#checkpointFolder = `${options.workspace}/checkpoints`;
  }

  /** What every run's configuration says of where it was made. */
  get base(): {
    readonly environment: SftConfig["environment"];
    readonly device: "webgpu" | "cpu" | "wasm";
  } {
    const { id, hash } = this.environment;
    const { worldSeed: seed, environmentOptions: options = {} } = this.options;
    const own = Object.keys(options).length === 0 ? {} : { options: { ...options } };
    return { environment: { id, seed, hash, ...own }, device: this.device.kind };
  }

  /** Records the tasks of splits. */
  async recordTasks(splits: readonly string[] = this.environment.splits): Promise<void> {
    for (const split of splits) this.#insertTasks(this.environment.tasks(split));
    await this.recorder.flush();
  }

  #insertTasks(tasks: readonly Task[]): void {
    this.recorder.insert(
      "task",
      tasks.map((task) => ({
        environment_hash: this.environment.hash,
        task_id: task.id,
        scenario: task.scenario,
        variant: task.variant,
        split: task.split,
        difficulty: task.difficulty,
        instruction: task.instruction,
        context: task.context ?? null,
        labels: { ...task.labels },
      })),
    );
  }

  /** Records a run, once, and gives its log. */
  async log(run: PlannedRun): Promise<RecordedRun> {
    this.recorder.insert("run", [{
      run_id: run.id,
      arm: run.arm,
      recipe: run.train.recipe,
      config: run.config as unknown as Json,
      config_hash: configHash(run.config),
      seed: run.seed,
      parent_run_id: run.parent,
      environment: this.environment.id,
      environment_hash: this.environment.hash,
      device: this.device.kind,
      versions: { ...packageVersions(), ...this.device.versions, device: this.device.name },
      started_at: new Date(),
    }]);
    this.recorder.insert("machine", [{
      run_id: run.id,
      session: this.#session,
      ...machineFacts(),
      gpu: this.device.kind === "webgpu" ? this.device.name : null,
      versions: { ...packageVersions(), ...this.device.versions },
    }]);
    await this.recorder.flush();
    return new RecordedRun(this.recorder, run.id);
  }

  /**
   * Trains and evaluates a warm start, or what is left of it.
   *
   * @param start published checkpoint to start from; the embedded model with fresh weights if left out.
   */
  async warmStart(run: PlannedRun<SftConfig>, start?: StartPoint): Promise<WarmStart> {
    const log = await this.log(run);
    const lastUnit = sftUnits(run.train).at(-1) ?? "";
    const weights = new Checkpoints(this.#checkpointFolder, run.id).path(lastUnit);
    const beginning = start ?? await this.#fresh(run);
    const { tokenizer, chat } = beginning;
    if (!log.isDone(lastUnit)) {
      const format = chat ?? new ChatFormat(tokenizer);
      const demonstrations = await this.#demonstrationsOf(run);
      const model = await beginning.model(run.seed);
      const display = this.options.progress.phase(phaseName(run.seed, run.arm), "updates");
      await runSft(run.train, {
        trainer: new OnnxTrainer(model, { precision: run.train.precision, recompute: run.train.recompute }),
        examples: demonstrations.map((demonstration) => demonstrationTokens(demonstration, format)),
        seed: run.seed,
        run: run.id,
        checkpointFolder: this.#checkpointFolder,
        log,
        signal: this.options.signal,
        onProgress: (progress) => display.update(progress),
      });
      await model.release();
    }
    if (!this.#isEvaluated(log)) {
      const model = run.train.lora === undefined
        ? await loadModel(this.device, weights)
        : await loadAdapter(await beginning.frozen(), weights);
      await this.#evaluate(run, speaking(model, beginning), log);
      await model.release();
    }
    return { run, weights, tokenizer, ...(chat === undefined ? {} : { chat }) };
  }

  /** The embedded model before training, with a tokenizer of its demonstrations' text. */
  async #fresh(run: PlannedRun<SftConfig>): Promise<StartPoint> {
    const path = tokenizerPath(this.options.workspace, run.id);
    let tokenizer = await readTokenizer(path);
    if (tokenizer === undefined) {
      tokenizer = trainBpe((await this.#demonstrationsOf(run)).flatMap(demonstrationText), {
        vocabularySize: run.train.vocabularySize,
        specials: [...CHAT_SPECIALS],
        pattern: this.environment.actions === "code" ? CODE_SPLIT_PATTERN : SPLIT_PATTERN,
      });
      await writeTokenizer(path, tokenizer);
    }
    const { width, layers, heads, keyValueHeads, hidden, contextTokens } = run.train;
    const sizes = { width, layers, heads, keyValueHeads, headSize: width / heads, hidden, contextTokens };
    const config = nanoConfig(tokenizer.vocabularySize, sizes);
    const model = (seed: number) => createModel(this.device, config, seed);
    return { tokenizer, chat: undefined, model, frozen: () => model(run.seed) };
  }

  /** Trains and evaluates a run from a warm start's weights, or those of a published checkpoint, or what is left of it. */
  async reinforce(run: PlannedRun<ChainGrpoConfig>, from: WarmStart | StartPoint): Promise<void> {
    const start = "model" in from ? from : fileStart(this.device, from);
    const log = await this.log(run);
    if (this.#isEvaluated(log)) return;
    // Extra instances, and those that lengthen chains, are in no split's list.
    this.#insertTasks(trainTasks(this.environment, run.train));
    // Weights only: the optimizer's moments start anew.
    const model = await start.model(run.seed);
    const policy = speaking(model, start);
    const display = this.options.progress.phase(phaseName(run.seed, run.arm), "steps");
    const { curve, lossOptions } = run.train;
    // A penalty compares with the weights that training starts from, so that these are in memory twice (where an adapter is trained, once),
    // the second time without moments.
    const reference = lossOptions?.kl === undefined ? undefined : speaking(await start.frozen(), start);
    await runChainGrpo(run.train, {
      environment: this.environment,
      policy,
      trainer: new OnnxTrainer(model, { precision: run.train.precision, recompute: run.train.recompute }),
      ...(reference === undefined ? {} : { reference }),
      seed: run.seed,
      run: run.id,
      checkpointFolder: this.#checkpointFolder,
      log,
      signal: this.options.signal,
      onProgress: (progress) => display.update(progress),
      ...(curve === undefined ? {} : {
        onCurvePoint: (step: number) =>
          evaluatePolicy({ ...run.config.evaluation, runs: curve.runs }, this.options.splits, {
            environment: this.environment,
            policy,
            seed: run.seed,
            log,
            signal: this.options.signal,
            curveStep: step,
          }),
      }),
    });
    await this.#evaluate(run, policy, log);
    await model.release();
  }

  /** Trains a run whose policy selects, uses and writes skills, or what is left of it; see {@linkcode TrainingBench.skilled}. */
  async arise(run: PlannedRun<AriseRunConfig>, from: WarmStart | StartPoint): Promise<void> {
    const { train, seed } = run;
    await this.skilled<TwoTierLibrary>(run, from, {
      train: (context) => runArise(train, context),
      chooser: (library, policy) =>
        frozenLibrary(managerOf(train, policy), library, { mode: train.selectionMode.eval, key: [seed] }),
    });
  }

  /** Trains a run whose policy is shown entries found by their words, or what is left of it; see {@linkcode TrainingBench.skilled}. */
  async tfidf(run: PlannedRun<TfidfRunConfig>, from: WarmStart | StartPoint): Promise<void> {
    const { train } = run;
    await this.skilled<TfidfLibrary>(run, from, {
      train: (context) => runTfidfSkills(train, context),
      chooser: (library) => (requests) => Promise.resolve(tfidfRequests(library, train.shown, requests)),
    });
  }

  /**
   * Trains a run with a library of documents, or what is left of it; evaluates it with the library frozen, and once more without skills; only without them where
   * the agent of its evaluation shows none.
   *
   * @param recipe how it is trained, and how skills are chosen from a library that is given: one chooser for each evaluation, since a library that
   * changed must be looked at anew.
   */
  async skilled<L>(
    run: PlannedRun<AriseRunConfig | TfidfRunConfig>,
    from: WarmStart | StartPoint,
    recipe: SkilledRecipe<L>,
  ): Promise<void> {
    const { splits, signal, progress } = this.options;
    const { train: config, seed, id } = run;
    const log = await this.log(run);
    const shows = run.config.evaluation.agent === "arise";
    if (this.#isEvaluated(log) && (!shows || splits.every((split) => log.isDone(`plain/${split}`)))) return;
    this.#insertTasks(trainTasks(this.environment, { chainLength: 1, variants: config.variants }));
    const start = "model" in from ? from : fileStart(this.device, from);
    const model = await start.model(seed);
    const policy = speaking(model, start);
    const display = progress.phase(phaseName(seed, run.arm), "steps");
    const context = { environment: this.environment, policy, seed, log, signal };
    const { curve } = config;
    // The last point of the curve and the final evaluation look at the same weights and library, so what was scored is scored once.
    let last: { readonly step: number; readonly choose: SkillChooser } | undefined;
    const library = await recipe.train({
      ...context,
      trainer: new OnnxTrainer(model, { precision: run.train.precision, recompute: run.train.recompute }),
      run: id,
      checkpointFolder: this.#checkpointFolder,
      onProgress: (progress) => display.update(progress),
      ...(curve === undefined ? {} : {
        onCurvePoint: (step: number, library: L) => {
          const evaluation = { ...run.config.evaluation, runs: curve.runs };
          if (!shows) return evaluatePolicy(evaluation, splits, { ...context, curveStep: step });
          last = { step, choose: recipe.chooser(library, policy) };
          return evaluatePolicy(evaluation, splits, { ...context, curveStep: step, choose: last.choose });
        },
      }),
    });
    const evaluation = progress.phase(phaseName(seed, `${run.arm}, evaluation`), "splits");
    const half = (first: number) => (at: RecipeProgress) =>
      evaluation.update({ ...at, done: first + at.done / 2, total: splits.length });
    if (!shows) {
      await evaluatePolicy(run.config.evaluation, splits, {
        ...context,
        onProgress: (at) => evaluation.update(at),
      });
      await model.release();
      return;
    }
    const choose = last?.step === config.steps ? last.choose : recipe.chooser(library, policy);
    await evaluatePolicy(run.config.evaluation, splits, { ...context, choose, onProgress: half(0) });
    await evaluatePolicy(run.config.evaluation, splits, {
      ...context,
      withoutSkills: true,
      onProgress: half(splits.length / 2),
    });
    await model.release();
  }

  /** Evaluates a published checkpoint as it is, or does what is left of it. */
  async evaluateStart(run: PlannedRun<FrozenConfig>, start: StartPoint): Promise<void> {
    const log = await this.log(run);
    if (!this.#isEvaluated(log)) await this.#evaluate(run, speaking(await start.frozen(), start), log);
  }

  #isEvaluated(log: RecordedRun): boolean {
    return this.options.splits.every((split) => log.isDone(`eval/${split}`));
  }

  async #evaluate(run: PlannedRun, policy: LocalPolicy, log: RecordedRun): Promise<void> {
    const display = this.options.progress.phase(phaseName(run.seed, `${run.arm}, evaluation`), "splits");
    await evaluatePolicy(run.config.evaluation, this.options.splits, {
      environment: this.environment,
      policy,
      seed: run.seed,
      log,
      signal: this.options.signal,
      onProgress: (progress) => display.update(progress),
    });
  }

  async #demonstrationsOf(run: PlannedRun<SftConfig>): Promise<readonly Demonstration[]> {
    if (this.#demonstrations === undefined) {
      const display = this.options.progress.phase(phaseName(run.seed, "demonstrations"), "demonstrations");
      const { worlds, environment } = run.train;
      const acted: Demonstration[] = [];
      for (let world = 0; world < worlds; world++) {
        const other = await this.options.makeEnvironment(environment.seed + world);
        acted.push(
          ...await sftDemonstrations(other, run.train, {
            signal: this.options.signal,
            onProgress: (done, total) => display.update({ done: world * total + done, total: worlds * total }),
          }),
        );
      }
      this.#demonstrations = acted;
    }
    return this.#demonstrations;
  }
}

/**
 * Opens record, environment and device, serves live readers, and closes everything in the end.
 *
 * @throws {ProviderError} if the device cannot be had; {RecordLockedError} if another process writes to the workspace; the signal's
 * reason when aborted, with everything committed so far kept.
 */
export async function withTrainingBench<T>(
  options: TrainingBenchOptions,
  use: (bench: TrainingBench) => Promise<T>,
): Promise<T> {
  await Deno.mkdir(options.workspace, { recursive: true });
  const recorder = await Recorder.open(databasePath(options.workspace));
  try {
    const live = await serveLive(recorder);
    try {
      const environment = await options.makeEnvironment(options.worldSeed);
      checkWorkspace(environment, options.workspace);
      return await use(new TrainingBench(options, recorder, environment, await openDevice(options.device)));
    } finally {
      await live.close();
    }
  } finally {
    await recorder.close();
  }
}
