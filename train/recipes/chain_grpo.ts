/**
 * GRPO over chains of similar tasks: SAGE (arXiv 2512.17102, 1.6) with K = 2 and a library, plain GRPO with K = 1 and none.
 *
 *     J = mean_pairs mean_i sum_k (1/|o_i^k|) sum_t min[ s_it^k A_i^k, clip(s_it^k, 1-eps, 1+eps) A_i^k ]
 *     A_i^k = R_i^k - mean_j R_j^k            (same pair, same position k, G chains)
 *
 * Contract: one step = draw scenarios, roll out G chains for each, reward, advantage, one strictly on-policy update, one committed
 * unit with its checkpoint. No division by the standard deviation, no KL, the K terms are summed without 1/K; prompt, skill text
 * and observations are masked. A pure function of (configuration, seed, parent weights).
 * Choices: scenarios are dealt from a shuffled deck; a chain hit by an environment fault leaves its group; rollouts whose advantage is 0
 * give no gradient and are not run through the model again.
 * By configuration: another loss by its name (train/losses/loss_table.ts) with its parts and a KL penalty against the parent's weights, dynamic
 * sampling, truncated sampling, several updates of a step, a schedule of the learning rate (train/update_config.ts).
 * Omitted: similarity-based chains.
 *
 * @module
 */
import type { Environment } from "../../envs/contract.ts";
import type { Policy } from "../../agents/policy.ts";
import { Checkpoints } from "../checkpoints.ts";
import type { ChainGrpoConfig } from "../config.ts";
import type { Trainer } from "../example.ts";
import type { CreditedChain, RecipeProgress, RunLog } from "../run_log.ts";
import { trainTasks } from "./draw_chains.ts";
import { playStep } from "./play_step.ts";
import { type PolicyUpdate, type ReferenceScorer, rolloutName, updatePolicy } from "./policy_update.ts";

/** What the recipe works on. */
export interface ChainGrpoContext {
  /** Where tasks are played. */
  readonly environment: Environment;
  /** Plays, with the weights that are trained. */
  readonly policy: Policy;
  /** Trains the weights that `policy` samples from. */
  readonly trainer: Trainer;
  /** The parent's weights, frozen; needed by a configuration with a KL penalty and unused otherwise. */
  readonly reference?: ReferenceScorer;
  /** Training seed. */
  readonly seed: number;
  /** Id of the run. */
  readonly run: string;
  /** Folder of all runs' checkpoints. */
  readonly checkpointFolder: string;
  /** Where it reports to. */
  readonly log: RunLog;
  /** Stops between tokens and between updates. */
  readonly signal?: AbortSignal;
  /** Called as rollouts end and after each step. */
  readonly onProgress?: (progress: RecipeProgress) => void;
  /** Called where the configuration's `curve` wants a point, with the number of updates done; must be harmless to call again. */
  readonly onCurvePoint?: (updates: number) => Promise<void>;
}

/** Runs the recipe, or what is left of it. The trainer must hold the parent's weights when nothing is done yet. */
export async function runChainGrpo(config: ChainGrpoConfig, context: ChainGrpoContext): Promise<void> {
  const { environment, trainer, log, signal, onProgress } = context;
  const checkpoints = new Checkpoints(context.checkpointFolder, context.run);
  const tasks = trainTasks(environment, config);
  const units = Array.from({ length: config.steps }, (_, step) => `rl/${step}`);
  for (let step = await checkpoints.resume(units, trainer, log); step < config.steps; step++) {
    signal?.throwIfAborted();
    // Before the step, so that a run killed between the last commit and this point makes it up.
    if (config.curve !== undefined && step % config.curve.everySteps === 0) await context.onCurvePoint?.(step);
    const { chains, trained, groups, zeroVarianceGroups, draws } = await playStep(config, step, {
      ...context,
      tasks,
      onShare: (share) => onProgress?.({ done: step + 0.8 * share, total: config.steps, tokens: 0 }),
    });
    const update = await updatePolicy(config, trained, { ...context, step });
    const meanReward = mean(chains.flatMap(({ credits }) => credits.flatMap((credit) => credit?.reward.total ?? [])));
    const evaluations = chains.flatMap(({ chain }) => chain.rollouts.flatMap(({ evaluation }) => evaluation ?? []));
    const successRate = mean(evaluations.map((evaluation) => (evaluation.success ? 1 : 0)));
    log.chains(withTrainLogprobs(chains, update));
    log.update({
      phase: "rl",
      step,
      learningRate: update.learningRate,
      stats: update.stats,
      meanReward,
      successRate,
      groups,
      zeroVarianceGroups,
      ...(draws === undefined ? {} : { draws }),
      ...((config.ppoEpochs ?? 1) * (config.miniBatches ?? 1) === 1 ? {} : { parts: update.parts }),
    });
    await checkpoints.commit(units[step] ?? "", trainer, log);
    const tokens = chains.flatMap(({ chain }) => chain.rollouts.flatMap(({ turns }) => turns)).reduce(
      (sum, { generatedIds }) => sum + generatedIds.length,
      0,
    );
    onProgress?.({ done: step + 1, total: config.steps, tokens, reward: meanReward, success: successRate });
  }
  if (config.curve !== undefined) await context.onCurvePoint?.(config.steps);
}

/** Chains with what the trainer said of the rollouts that it was given. */
function withTrainLogprobs(chains: readonly CreditedChain[], { logprobs }: PolicyUpdate): CreditedChain[] {
  return chains.map((one) => ({
    chain: one.chain,
    credits: one.credits.map((credit, k) => {
      const trainLogprobs = logprobs.get(rolloutName(one, k));
      return credit === undefined || trainLogprobs === undefined ? credit : { ...credit, trainLogprobs };
    }),
  }));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
