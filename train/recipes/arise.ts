/**
 * ARISE (arXiv 2603.16060): one policy that selects a skill, solves with it, and writes new ones from what it solved.
 *
 *     problems → score the cache → choose for each rollout → G rollouts → R = r_task + r_skill → A
 *              → conclude → verify → R_s → UPDATE, ADD, EVICT, LOAD, DELETE → one update of both levels
 *
 * Contract: a pure function of (configuration, seed, parent weights). In the first `warmupSteps` steps no skill is shown and r_skill is 0, but skills are concluded. A step is one
 * committed unit, whose weights and library lie side by side; a killed run goes on from both. Both levels are updated at once, on policy; with several
 * updates from one step (`ppoEpochs`, `miniBatches`) the worker's ratios are against the rollouts' weights, and the manager, whose term has no ratio, is updated the first time through only.
 * Choices: `concludeWhen` is before the update by default, with the weights that made the rollouts. Dynamic sampling draws other problems, in rounds, until enough groups
 * have rewards that differ; what was drawn and dropped is recorded as played, without credit. A mini-batch is a share of the groups, shuffled anew each time and normalised by
 * itself.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import type { Environment, Task } from "../../envs/contract.ts";
import { agentById } from "../../agents/agent.ts";
import type { Policy } from "../../agents/policy.ts";
import { type Chain, rollOutChains, rolloutTokens } from "../../agents/rollout.ts";
import { type ScoredTask, SkillManager } from "../../agents/skill_manager.ts";
import { SEED_DOCUMENTS, TWENTY_FOUR_SEEDS } from "../../agents/skills/seed_documents.ts";
import { sameScenario } from "../../agents/skills/retrieve.ts";
import { TwoTierLibrary } from "../../agents/skills/two_tier_library.ts";
import type { AriseSettings, ManagerSettings } from "../arise_config.ts";
import type { AriseLog } from "../arise_log.ts";
import { Checkpoints } from "../checkpoints.ts";
import type { AriseRunConfig } from "../config.ts";
import type { Trainer } from "../example.ts";
import { lossBatch } from "../losses/loss_batch.ts";
import { scheduledRate } from "../optimizer/schedule.ts";
import type { RecipeProgress, UpdatePart } from "../run_log.ts";
import { combinedStats } from "./policy_update.ts";
import { drawChains, drawMoreChains, trainTasks } from "./draw_chains.ts";
import { concludeSkills, type Conclusions, withVerification } from "./arise_conclude.ts";
import {
  allWrong,
  type AriseGroup,
  creditGroup,
  groupRequests,
  MANAGER_LOSS,
  managerExamples,
  outcomeOf,
} from "./arise_group.ts";
import { libraryPath, readLibrary, writeLibrary } from "./arise_library_file.ts";
import { maintainLibrary } from "./arise_maintain.ts";
import { chainTokens, stepTokens } from "./arise_tokens.ts";

/** What of a run's configuration the recipe reads. */
export type AriseConfig = Omit<
  AriseRunConfig,
  "recipe" | "environment" | "device" | "parent" | "agent" | "policy" | "lora"
>;

/** What the recipe works on. */
export interface AriseContext {
  readonly environment: Environment;
  readonly policy: Policy;
  /** Trains the weights that `policy` samples from. */
  readonly trainer: Trainer;
  readonly seed: number;
  readonly run: string;
  readonly checkpointFolder: string;
  readonly log: AriseLog;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RecipeProgress) => void;
  /** Called where the configuration's `curve` wants a point; must be harmless to call again. */
  readonly onCurvePoint?: (updates: number, library: TwoTierLibrary) => Promise<void>;
}

const SEED_LISTS = { five: SEED_DOCUMENTS, twentyFour: TWENTY_FOUR_SEEDS, none: [] } as const;

/** A library as a run starts with it. */
export function newLibrary(config: AriseSettings): TwoTierLibrary {
  return new TwoTierLibrary(typeof config.seeds === "string" ? SEED_LISTS[config.seeds] : config.seeds, config);
}

/** The manager of a policy under a run's settings. */
export function managerOf(config: ManagerSettings & Pick<AriseConfig, "promptStyle">, policy: Policy): SkillManager {
  const { sigma, delta, nullScore, scoreMode, maxSkillTokens, scoreTokens, scoreCentering, candidateTopK } = config;
  return new SkillManager(policy, {
    sigma,
    delta,
    scoreMode,
    maxSkillTokens,
    scoreTokens,
    scoreCentering,
    documentCap: config.documentCap,
    promptStyle: config.promptStyle,
    ...(nullScore === undefined ? {} : { nullScore }),
    ...(candidateTopK === undefined ? {} : { candidateTopK }),
  });
}

/** Groups of a step that were played, and those of them that are trained on. */
interface Played {
  readonly groups: readonly AriseGroup[];
  readonly kept: readonly AriseGroup[];
  readonly scored: readonly ScoredTask[];
  readonly rounds: number;
}

/** One run of the recipe. */
class AriseRun {
  readonly #agent;
  readonly #manager: SkillManager;
  readonly #tasks: readonly Task[];

  constructor(readonly config: AriseConfig, readonly context: AriseContext, readonly library: TwoTierLibrary) {
    this.#agent = agentById("arise", { promptStyle: config.promptStyle });
    this.#manager = managerOf(config, context.policy);
    this.#tasks = trainTasks(context.environment, { chainLength: 1, variants: config.variants });
  }

  /** Most rounds of drawing in a step. */
  get rounds(): number {
    const { baseOptimizer, dynamicSampling, maxRounds } = this.config;
    return baseOptimizer === "dapo" && dynamicSampling ? maxRounds : 1;
  }

  #play(step: number) {
    const { config: { temperature, topP, maxTurns, maxTurnTokens }, context: { seed, signal } } = this;
    const { promptTokens, overlongPrompt } = this.config;
    return {
      promptTokens,
      overlongPrompt,
      sampling: { temperature, ...(topP === undefined ? {} : { topP }) },
      maxTurns,
      maxTurnTokens,
      step,
      seed,
      ...(signal === undefined ? {} : { signal }),
    };
  }

  /** Plays the groups of one round. */
  async #round(step: number, round: number, onProgress: (share: number) => void) {
    const { config, context } = this;
    const { groupsPerStep, groupSize, warmupSteps, useSkills } = config;
    const first = round * groupsPerStep;
    const sizes = { groupsPerStep, groupSize: 1, chainLength: 1 };
    const drawn = round === 0
      ? drawChains(sizes, this.#tasks, context.seed, step)
      : drawMoreChains(sizes, this.#tasks, context.seed, step, { first, count: groupsPerStep });
    const tasks = drawn.flatMap((request) => request.tasks);
    const withSkills = useSkills && step >= warmupSteps;
    const scored = withSkills ? await this.#manager.score(tasks, this.library.candidates()) : [];
    const { rngSeed = 0 } = config;
    const key = [context.seed, "arise", step, ...(rngSeed === 0 ? [] : ["manager", rngSeed])];
    const made = tasks.map((task, g) => {
      return groupRequests(config, groupSize, first + g, scored[g], task, this.#manager, key);
    });
    const chains = await rollOutChains(made.flatMap(({ requests }) => requests), {
      ...this.#play(step),
      environment: context.environment,
      policy: context.policy,
      agent: this.#agent,
      retriever: sameScenario,
      phase: "rl",
      onProgress: ({ ended, total }) => onProgress(ended / total),
    });
    const groups = made.map(({ choices }, g): AriseGroup => {
      const own = chains.slice(g * groupSize, (g + 1) * groupSize);
      const credits = creditGroup(own, withSkills ? config.skillBonus : 0);
      return { group: first + g, scored: scored[g], choices, chains: own, credits };
    });
    return { groups, scored };
  }

  /** Whether a group can teach anything, by the metric that is filtered on. */
  #isUseful({ chains, credits }: AriseGroup): boolean {
    const values = this.config.filterMetric === "accuracy"
      ? chains.flatMap((chain) => outcomeOf(chain)?.right ?? [])
      : credits.flatMap((credit) => credit?.reward.total ?? []);
    return values.some((value) => value !== values[0]);
  }

  /** Plays rounds until enough groups are useful. */
  async #groups(step: number, onProgress: (share: number) => void): Promise<Played> {
    const { config: { groupsPerStep }, rounds } = this;
    const groups: AriseGroup[] = [];
    const scored: ScoredTask[] = [];
    let useful: AriseGroup[] = [];
    let round = 0;
    while (round < rounds && useful.length < groupsPerStep) {
      const made = await this.#round(step, round++, onProgress);
      groups.push(...made.groups);
      scored.push(...made.scored);
      useful = rounds === 1 ? groups : groups.filter((group) => this.#isUseful(group));
    }
    // With nothing useful at all, the last round stands as it is.
    const kept = useful.length > 0 ? useful.slice(0, groupsPerStep) : groups.slice(-groupsPerStep);
    return { groups, kept, scored, rounds: round };
  }

  async #conclude(step: number, groups: readonly AriseGroup[]): Promise<Conclusions> {
    const { config, context: { environment, policy } } = this;
    if (!config.conclude) return { conclusions: [], verifications: [], baselines: [] };
    const play = this.#play(step);
    return await concludeSkills(config, groups, {
      environment,
      policy,
      agent: this.#agent,
      play,
      promptStyle: config.promptStyle,
    });
  }

  /** The updates of both levels; without figures where nothing can move the policy. */
  async #update(step: number, groups: readonly AriseGroup[]) {
    const { config: { ppoEpochs = 1, miniBatches = 1 }, context: { seed, signal } } = this;
    const learningRate = this.learningRate(step);
    const parts: UpdatePart[] = [];
    for (let epoch = 0; epoch < ppoEpochs; epoch++) {
      const shuffled = miniBatches === 1 ? groups : keyedRandom(seed, "mini-batches", step, epoch).shuffle(groups);
      for (let miniBatch = 0; miniBatch < miniBatches; miniBatch++) {
        signal?.throwIfAborted();
        const bound = (i: number) => Math.floor(i * shuffled.length / miniBatches);
        const own = shuffled.slice(bound(miniBatch), bound(miniBatch + 1));
        const stats = await this.#updateOnce(own, learningRate, epoch === 0);
        if (stats !== undefined) parts.push({ epoch, miniBatch, stats });
      }
    }
    return { learningRate, stats: combinedStats(parts.map(({ stats }) => stats)), parts };
  }

  async #updateOnce(groups: readonly AriseGroup[], learningRate: number, withManager: boolean) {
    const { config, context: { trainer } } = this;
    const sequences = groups.flatMap(({ group, chains, credits }) =>
      chains.flatMap((chain, i) => {
        const [rollout] = chain.rollouts;
        const credit = credits[i];
        if (rollout === undefined || credit === undefined) return [];
        return [{ group, advantage: credit.advantage, ...rolloutTokens(rollout) }];
      })
    );
    // A prompt that was refused left a rollout without a token.
    if (sequences.every(({ advantage, generated }) => advantage === 0 || !generated.includes(true))) return undefined;
    const { clipLow, clipHigh, dualClip, temperature } = config;
    const { examples, loss } = lossBatch(config.baseOptimizer, sequences, {
      clipLow,
      clipHigh,
      temperature,
      ...(dualClip === undefined ? {} : { dualClip }),
    });
    const manager = withManager ? managerExamples(groups, config, sequences.length) : [];
    const also = manager.length === 0 ? [] : [{ batch: manager, loss: MANAGER_LOSS }];
    return await trainer.update(examples, loss, { ...config, learningRate }, also);
  }

  learningRate(step: number): number {
    const { schedule, learningRate, steps } = this.config;
    return schedule === undefined ? learningRate : scheduledRate({ ...schedule, learningRate, updates: steps }, step);
  }

  /** One step, up to the commit. */
  async step(step: number): Promise<RecipeProgress> {
    const { config, context: { log, onProgress } } = this;
    const { groups, kept, scored, rounds } = await this.#groups(step, (share) => {
      onProgress?.({ done: step + 0.7 * share, total: config.steps, tokens: 0 });
    });
    const trained = new Set(kept);
    // Problems that nobody solved give no gradient, but a skill may be concluded from their reference solutions.
    const read = groups.filter((group) =>
      trained.has(group) || (config.goldTraceWhenAllWrong && allWrong(group.chains))
    );
    const before = config.concludeWhen === "beforeUpdate" ? await this.#conclude(step, read) : undefined;
    const learnt = kept.map((group) =>
      config.rsInAdvantage && before !== undefined ? withVerification(group, before) : group
    );
    const { learningRate, stats, parts } = await this.#update(step, learnt);
    const { conclusions, verifications, baselines } = before ?? await this.#conclude(step, read);
    const library = maintainLibrary(config, this.library, step, read, trained, conclusions);
    // The credits that were trained on, by chain; a verification has one where it took part, a group that was dropped earns nothing.
    const credits = new Map(groups.flatMap(({ chains, credits }) =>
      chains.map((chain, i) => {
        const credit = credits[i];
        return [chain, credit === undefined ? undefined : { ...credit, advantage: 0 }] as const;
      })
    ));
    for (const group of learnt) group.chains.forEach((chain, i) => credits.set(chain, group.credits[i]));
    const credited = (chain: Chain) => ({ chain, credits: credits.has(chain) ? [credits.get(chain)] : [] });
    log.chains(groups.flatMap(({ chains }) => chains.map(credited)));
    log.chains([...verifications, ...baselines].map(credited));
    log.conclusions(conclusions);
    log.library(library);
    const solved = groups.flatMap(({ chains }) => chains);
    log.tokens(stepTokens(step, solved, scored, { conclusions, verifications, baselines }));
    const outcomes = groups.flatMap(({ chains }) => chains.flatMap((chain) => outcomeOf(chain) ?? []));
    const rewards = groups.flatMap(({ credits }) => credits.flatMap((credit) => credit?.reward.total ?? []));
    const report = {
      meanReward: mean(rewards),
      successRate: mean(outcomes.map(({ right }) => (right ? 1 : 0))),
    };
    log.update({
      phase: "rl",
      step,
      learningRate,
      stats,
      ...report,
      groups: groups.length,
      zeroVarianceGroups: groups.filter((group) => !this.#isUseful(group)).length,
      ...(this.rounds === 1 ? {} : { draws: { rounds, drawn: groups.length, kept: kept.length } }),
      ...((config.ppoEpochs ?? 1) * (config.miniBatches ?? 1) === 1 ? {} : { parts }),
    });
    const tokens = solved.reduce((sum, chain) => sum + chainTokens(chain).written, 0);
    return {
      done: step + 1,
      total: config.steps,
      tokens,
      reward: report.meanReward,
      success: report.successRate,
    };
  }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Runs the recipe, or what is left of it. The trainer must hold the parent's weights when nothing is done yet.
 *
 * @returns the library after the last step.
 */
export async function runArise(config: AriseConfig, context: AriseContext): Promise<TwoTierLibrary> {
  const { trainer, log, signal, onProgress } = context;
  const checkpoints = new Checkpoints(context.checkpointFolder, context.run);
  const units = Array.from({ length: config.steps }, (_, step) => `rl/${step}`);
  const done = await checkpoints.resume(units, trainer, log);
  const last = units[done - 1];
  const library = last === undefined ? newLibrary(config) : await readLibrary(checkpoints.path(last));
  const dropLibrary = async (unit: string | undefined) => {
    if (unit !== undefined) await Deno.remove(libraryPath(checkpoints.path(unit))).catch(() => {});
  };
  // A run that was killed right after its commit has left the one before.
  await dropLibrary(units[done - 2]);
  const run = new AriseRun(config, context, library);
  for (let step = done; step < config.steps; step++) {
    signal?.throwIfAborted();
    // Before the step, so that a run killed between the last commit and this point makes it up.
    if (config.curve !== undefined && step % config.curve.everySteps === 0) await context.onCurvePoint?.(step, library);
    const progress = await run.step(step);
    const unit = units[step] ?? "";
    // Before the commit that names the unit, as the weights are.
    await writeLibrary(checkpoints.path(unit), library);
    await checkpoints.commit(unit, trainer, log);
    await dropLibrary(units[step - 1]);
    onProgress?.(progress);
  }
  if (config.curve !== undefined) await context.onCurvePoint?.(config.steps, library);
  return library;
}
