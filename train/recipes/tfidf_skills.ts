/**
 * The simplified variant that circulates under ARISE's name (arXiv 2603.16060), as a baseline: entries found by their words, REINFORCE, a reward for short answers.
 *
 *     R = w_c · right + w_l · (1 − T / T_max),   w_c = 0.7, w_l = 0.3,   T: tokens that the policy wrote, T_max: most tokens of an episode
 *     L = −(1 / Σ_i |o_i|) Σ_i Σ_t R_i log p(o_it)                                                  (REINFORCE without a baseline)
 *
 * Contract: a pure function of (configuration, seed, parent weights); the same problems, rollouts and units of work as ARISE, so that a killed run goes on from weights and
 * library. No group is compared with itself, no skill is scored, gated or verified. Every rollout is shown the three nearest entries; the first right rollout of a group gives
 * an entry (see `agents/skills/tfidf_library.ts`). Order of a step: select, play, credit the entries shown, add, evict, update.
 * Choices: short answers are rewarded whether right or wrong, as in the published summary; `lengthFor: "right"` rewards only right ones. In the record the constant w_l is part
 * of the term `outcome` and −w_l · T / T_max is the term `penalty`.
 *
 * @module
 */
import type { Environment, Task } from "../../envs/contract.ts";
import { agentById, taskLines } from "../../agents/agent.ts";
import type { Policy } from "../../agents/policy.ts";
import { type Chain, type ChainRequest, rollOutChains, rolloutTokens } from "../../agents/rollout.ts";
import { sameScenario } from "../../agents/skills/retrieve.ts";
import { TfidfLibrary } from "../../agents/skills/tfidf_library.ts";
import type { LibraryChange } from "../../agents/skills/two_tier_library.ts";
import type { AriseLog } from "../arise_log.ts";
import { Checkpoints } from "../checkpoints.ts";
import type { TfidfRunConfig } from "../config.ts";
import type { Trainer } from "../example.ts";
import { lossBatch } from "../losses/loss_batch.ts";
import type { RecipeProgress, RolloutCredit } from "../run_log.ts";
import { libraryPath, readLibraryJson, writeLibrary } from "./arise_library_file.ts";
import { outcomeOf } from "./arise_group.ts";
import { chainTokens } from "./arise_tokens.ts";
import { drawChains, trainTasks } from "./draw_chains.ts";
import { stepLearningRate } from "./policy_update.ts";

/** What of a run's configuration the recipe reads. */
export type TfidfConfig = Omit<
  TfidfRunConfig,
  "recipe" | "environment" | "device" | "parent" | "agent" | "policy" | "lora"
>;

/** What the recipe works on. */
export interface TfidfContext {
  /** Where tasks are played. */
  readonly environment: Environment;
  /** Plays, with the weights that are trained. */
  readonly policy: Policy;
  /** Trains the weights that `policy` samples from. */
  readonly trainer: Trainer;
  /** Training seed. */
  readonly seed: number;
  /** Id of the run. */
  readonly run: string;
  /** Folder of all runs' checkpoints. */
  readonly checkpointFolder: string;
  /** Where it reports to. */
  readonly log: AriseLog;
  /** Stops between tokens and between updates. */
  readonly signal?: AbortSignal;
  /** Called as rollouts end and after each step. */
  readonly onProgress?: (progress: RecipeProgress) => void;
  /** Called where the configuration's `curve` wants a point; must be harmless to call again. */
  readonly onCurvePoint?: (updates: number, library: TfidfLibrary) => Promise<void>;
}

/**
 * Reward of an episode.
 *
 * @param written tokens that the policy wrote, at most `most`.
 */
export function lengthReward(
  { right, written, most }: { readonly right: boolean; readonly written: number; readonly most: number },
  config: Pick<TfidfConfig, "correctWeight" | "lengthWeight" | "lengthFor">,
): { readonly outcome: number; readonly penalty: number; readonly total: number } {
  const { correctWeight, lengthWeight, lengthFor } = config;
  const weight = right || lengthFor === "all" ? lengthWeight : 0;
  const outcome = (right ? correctWeight : 0) + weight;
  // Not a negative zero where nothing is due.
  const penalty = weight === 0 ? 0 : -weight * Math.min(1, written / most);
  return { outcome, penalty, total: outcome + penalty };
}

function creditOf(chain: Chain, config: TfidfConfig): RolloutCredit | undefined {
  const seen = outcomeOf(chain);
  if (seen === undefined) return undefined;
  const most = config.maxTurns * config.maxTurnTokens;
  const { outcome, penalty, total } = lengthReward(
    { right: seen.right, written: chainTokens(chain).written, most },
    config,
  );
  return { reward: { outcome, generation: 0, usage: 0, chain: 0, penalty, total }, baseline: 0, advantage: total };
}

/** Entries of a library as choices for requests; `choose` of an evaluation, and of training. */
export function tfidfRequests(
  library: TfidfLibrary,
  shown: number,
  requests: readonly ChainRequest[],
): ChainRequest[] {
  const known = new Map<string, ReturnType<TfidfLibrary["select"]>>();
  return requests.map((request) => {
    const [task] = request.tasks;
    if (task === undefined) return request;
    const selection = known.get(task.id) ?? library.select(taskLines(task), shown);
    known.set(task.id, selection);
    return { ...request, selection };
  });
}

/** Credits what a group was shown, and adds what it found. */
function maintain(library: TfidfLibrary, chains: readonly Chain[]): LibraryChange[] {
  const rights = new Map<string, boolean[]>();
  for (const chain of chains) {
    const right = outcomeOf(chain)?.right;
    for (const name of right === undefined ? [] : chain.rollouts[0]?.skillsUsed ?? []) {
      rights.set(name, [...rights.get(name) ?? [], right === true]);
    }
  }
  const changes = [...rights].flatMap(([name, outcomes]) => library.credit(name, outcomes));
  const [solved] = chains.filter((chain) => outcomeOf(chain)?.right === true);
  const [rollout] = solved?.rollouts ?? [];
  const trace = rollout?.turns.map((turn) => turn.code ?? "").join("\n").trim() ?? "";
  if (rollout === undefined || trace === "") return changes;
  const { id: taskId, scenario, instruction } = rollout.task;
  const origin = { taskId, scenario, instruction, position: 1, turn: -1 };
  return [...changes, ...library.add(taskLines(rollout.task), trace, origin)];
}

async function playStep(
  config: TfidfConfig,
  step: number,
  library: TfidfLibrary,
  tasks: readonly Task[],
  context: TfidfContext,
): Promise<RecipeProgress> {
  const { environment, policy, trainer, log, seed, signal, onProgress } = context;
  const { temperature, topP, maxTurns, maxTurnTokens, shown, steps } = config;
  const requests = drawChains({ ...config, chainLength: 1 }, tasks, seed, step);
  const chains = await rollOutChains(tfidfRequests(library, shown, requests), {
    environment,
    policy,
    agent: agentById("arise", config),
    retriever: sameScenario,
    sampling: { temperature, ...(topP === undefined ? {} : { topP }) },
    maxTurns,
    maxTurnTokens,
    promptTokens: config.promptTokens,
    overlongPrompt: config.overlongPrompt,
    phase: "rl",
    step,
    seed,
    ...(signal === undefined ? {} : { signal }),
    onProgress: ({ ended, total }) => onProgress?.({ done: step + 0.8 * ended / total, total: steps, tokens: 0 }),
  });
  const credited = chains.map((chain) => ({ chain, credit: creditOf(chain, config) }));
  const groups = [...Map.groupBy(credited, ({ chain }) => chain.request.group)];
  const changes = groups.flatMap(([group, own]) =>
    maintain(library, own.map(({ chain }) => chain)).map((change) => ({ ...change, group }))
  );
  const sequences = credited.flatMap(({ chain, credit }) => {
    const [rollout] = chain.rollouts;
    return rollout === undefined || credit === undefined
      ? []
      : [{ group: chain.request.group, advantage: credit.advantage, ...rolloutTokens(rollout) }];
  });
  const learningRate = stepLearningRate(config, step);
  const batch = sequences.length === 0 ? undefined : lossBatch("reinforce", sequences, { temperature });
  const stats = batch === undefined || batch.examples.length === 0
    ? undefined
    : await trainer.update(batch.examples, batch.loss, { ...config, learningRate });
  const tokens = chains.map(chainTokens);
  const promptTokens = tokens.reduce((sum, { read }) => sum + read, 0);
  const generatedTokens = tokens.reduce((sum, { written }) => sum + written, 0);
  const rewards = groups.map(([, own]) => own.flatMap(({ credit }) => credit?.reward.total ?? []));
  const meanReward = mean(rewards.flat());
  const successRate = mean(chains.flatMap((chain) => outcomeOf(chain) ?? []).map(({ right }) => Number(right)));
  const cacheUtility = library.meanSuccess;
  log.chains(credited.map(({ chain, credit }) => ({ chain, credits: [credit] })));
  log.library({ step, changes, cacheSize: library.entries().length, reservoirSize: 0, cacheUtility });
  log.tokens([{ step, component: "solve", sequences: chains.length, promptTokens, generatedTokens }]);
  log.update({
    phase: "rl",
    step,
    learningRate,
    stats,
    meanReward,
    successRate,
    groups: groups.length,
    zeroVarianceGroups: rewards.filter((totals) => totals.every((total) => total === totals[0])).length,
  });
  return { done: step + 1, total: steps, tokens: generatedTokens, reward: meanReward, success: successRate };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Runs the recipe, or what is left of it. The trainer must hold the parent's weights when nothing is done yet.
 *
 * @returns the library after the last step.
 */
export async function runTfidfSkills(config: TfidfConfig, context: TfidfContext): Promise<TfidfLibrary> {
  const { trainer, log, signal, onProgress } = context;
  const { capacity, successStart: start, successRate: rate, characters } = config;
  const options = { capacity, start, rate, characters };
  const checkpoints = new Checkpoints(context.checkpointFolder, context.run);
  const tasks = trainTasks(context.environment, { chainLength: 1, variants: config.variants });
  const units = Array.from({ length: config.steps }, (_, step) => `rl/${step}`);
  const done = await checkpoints.resume(units, trainer, log);
  const last = units[done - 1];
  const path = (unit: string) => checkpoints.path(unit);
  const library = last === undefined
    ? new TfidfLibrary(options)
    : TfidfLibrary.fromJson(await readLibraryJson(path(last)), libraryPath(path(last)), options);
  for (let step = done; step < config.steps; step++) {
    signal?.throwIfAborted();
    // Before the step, so that a run killed between the last commit and this point makes it up.
    if (config.curve !== undefined && step % config.curve.everySteps === 0) await context.onCurvePoint?.(step, library);
    const progress = await playStep(config, step, library, tasks, context);
    const unit = units[step] ?? "";
    // Before the commit that names the unit, as the weights are.
    await writeLibrary(path(unit), library);
    await checkpoints.commit(unit, trainer, log);
    const before = units[step - 1];
    if (before !== undefined) await Deno.remove(libraryPath(path(before))).catch(() => {});
    onProgress?.(progress);
  }
  if (config.curve !== undefined) await context.onCurvePoint?.(config.steps, library);
  return library;
}
