/**
 * SFT warm start: next-token loss on the assistant turns of demonstrations (arXiv 2512.17102, 5.1, with our own demonstrations).
 *
 *     loss = (1 / N) sum_t -log pi(o_t | everything before),   N = assistant tokens of the batch
 *
 * Contract: a pure function of (configuration, seed): the order of demonstrations is drawn per epoch, a unit of work is
 * `checkpointEvery` updates, and a restarted run continues from its last checkpoint. Demonstrations come from extra variants of the
 * train scenarios (from the train tasks themselves where an environment has no more), in all formats that the environment has, so that one warm start serves the agents with and without a library.
 * Omitted: the paper's expert (a large model) and its rejection sampling; here the expert is the scenario's reference solution.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import type { Environment } from "../../envs/contract.ts";
import {
  demonstrate,
  type Demonstration,
  DEMONSTRATION_FORMATS,
  type DemonstrationTokens,
} from "../../agents/demonstration.ts";
import { demonstrateBehaviour } from "../../agents/arise_demonstration.ts";
import { Checkpoints } from "../checkpoints.ts";
import type { SftConfig } from "../config.ts";
import type { Trainer, TrainExample } from "../example.ts";
import { scheduledRate } from "../optimizer/schedule.ts";
import type { RecipeProgress, RunLog } from "../run_log.ts";

/** What the recipe works on. */
export interface SftContext {
  readonly trainer: Trainer;
  readonly examples: readonly DemonstrationTokens[];
  readonly seed: number;
  readonly run: string;
  readonly checkpointFolder: string;
  readonly log: RunLog;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RecipeProgress) => void;
}

/**
 * Acts out the demonstrations of a configuration, in a fixed order.
 *
 * @param onProgress told the number of demonstrations done and in all.
 * @throws {DemonstrationError} if a reference solution does not solve its task.
 */
export async function sftDemonstrations(
  environment: Environment,
  config: Pick<SftConfig, "firstVariant" | "variants" | "promptStyle" | "behaviours">,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (done: number, total: number) => void } = {},
): Promise<Demonstration[]> {
  const last = config.firstVariant + config.variants - 1;
  const extra = environment.tasks("train", { variants: [config.firstVariant, last] });
  // An environment without extra instances is learned from the tasks that it trains on.
  const tasks = extra.length > 0 ? extra : environment.tasks("train");
  const formats = DEMONSTRATION_FORMATS[environment.actions];
  const demonstrations: Demonstration[] = [];
  const { behaviours } = config;
  for (const task of tasks) {
    options.signal?.throwIfAborted();
    if (behaviours === undefined) {
      for (const format of formats) demonstrations.push(await demonstrate(environment, task, format, config));
    } else {
      const behaviour = behaviours[task.variant % behaviours.length] ?? "plain";
      demonstrations.push(await demonstrateBehaviour(environment, task, behaviour));
    }
    options.onProgress?.(demonstrations.length, tasks.length * (behaviours === undefined ? formats.length : 1));
  }
  return demonstrations;
}

/** Learning rate of an update (from 0): linear warm-up, then a cosine down to a tenth. */
export function sftLearningRate(
  config: Pick<SftConfig, "learningRate" | "warmup" | "updates">,
  update: number,
): number {
  const { learningRate, warmup, updates } = config;
  return scheduledRate({ kind: "cosine", learningRate, warmup, updates, floor: 0.1 }, update);
}

/** Indices of the demonstrations in an update; epochs follow each other without a gap. */
export function sftBatch(
  config: Pick<SftConfig, "batchSize">,
  demonstrations: number,
  seed: number,
  update: number,
): number[] {
  const indices: number[] = [];
  let epoch = -1;
  let order: number[] = [];
  for (let i = update * config.batchSize; i < (update + 1) * config.batchSize; i++) {
    const wanted = Math.floor(i / demonstrations);
    if (wanted !== epoch) {
      epoch = wanted;
      order = keyedRandom(seed, "sft-order", epoch).shuffle(Array.from({ length: demonstrations }, (_, j) => j));
    }
    indices.push(order[i % demonstrations] ?? 0);
  }
  return indices;
}

/** Examples of one update; weights add up to 1. */
export function sftExamples(demonstrations: readonly DemonstrationTokens[]): TrainExample[] {
  const tokens = demonstrations.reduce((sum, { assistant }) => sum + assistant.filter(Boolean).length, 0);
  return demonstrations.map(({ ids, assistant }) => ({
    ids,
    weights: assistant.map((isAssistant) => (isAssistant ? 1 / tokens : 0)),
  }));
}

/** Units of work of a warm start, in order. */
export function sftUnits(config: Pick<SftConfig, "updates" | "checkpointEvery">): string[] {
  return Array.from({ length: Math.ceil(config.updates / config.checkpointEvery) }, (_, i) => `sft/${i}`);
}

/** Runs the warm start, or what is left of it. The trainer ends with the final weights. */
export async function runSft(config: SftConfig, context: SftContext): Promise<void> {
  const { trainer, examples, seed, log, signal, onProgress } = context;
  const checkpoints = new Checkpoints(context.checkpointFolder, context.run);
  const units = sftUnits(config);
  for (let unit = await checkpoints.resume(units, trainer, log); unit < units.length; unit++) {
    const end = Math.min(config.updates, (unit + 1) * config.checkpointEvery);
    for (let update = unit * config.checkpointEvery; update < end; update++) {
      signal?.throwIfAborted();
      const learningRate = sftLearningRate(config, update);
      const batch = sftBatch(config, examples.length, seed, update).flatMap((index) => examples[index] ?? []);
      const stats = await trainer.update(sftExamples(batch), { kind: "nll" }, { ...config, learningRate });
      log.update({ phase: "sft", step: update, learningRate, stats });
      onProgress?.({
        done: update + 1,
        total: config.updates,
        tokens: stats.tokens,
        loss: stats.loss / stats.weightSum,
      });
    }
    await checkpoints.commit(units[unit] ?? "", trainer, log);
  }
}
