/**
 * The updates of one step: from credited chains to training examples and through the trainer.
 *
 * Contract: without a named loss one strictly on-policy update with the recipe's own clipped loss, whose weights are 1 / (pairs x G x |o|).
 * With one, its loss over all rollouts, each position of a chain in a group of its own, with the normalisation's denominator; the old
 * log-probabilities are those of sampling, at its temperature and truncation, through all epochs. A penalty compares with the reference's
 * log-probabilities at that temperature, scored once before the first update and never truncated, so that with truncated sampling the
 * distance is that of the truncated policy from the whole reference.
 * Choices: a mini-batch is a share of the chains, shuffled for each epoch, and normalised by itself, as in PPO; with one mini-batch there is
 * no shuffle. A mini-batch without a rollout that could move the policy makes no update. Figures of a step with several updates are
 * means over its loss tokens, the largest ratio error and gradient norm, and sums of tokens and effective sample sizes.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import { rolloutTokens } from "../../agents/rollout.ts";
import type { ChainGrpoConfig } from "../config.ts";
import type { LossSpec, OptimizerSpec, Trainer, TrainExample, UpdateStats } from "../example.ts";
import { type GradedSequence, lossBatch } from "../losses/loss_batch.ts";
import { LOSSES, type LossOptions } from "../losses/loss_table.ts";
import { type Schedule, scheduledRate } from "../optimizer/schedule.ts";
import type { CreditedChain, UpdatePart } from "../run_log.ts";

/** The frozen policy that a penalty compares with: its log-probability of each token given those before, nats. */
export interface ReferenceScorer {
  /** One list per sequence, as long as it; see `Policy.score`. */
  score(
    sequences: readonly (readonly number[])[],
    options: { readonly temperature: number },
  ): Promise<readonly (readonly number[])[]>;
}

/** What a step is updated with. */
export interface PolicyUpdateContext {
  /** Trains the weights that the chains were sampled from. */
  readonly trainer: Trainer;
  /** Needed by a penalty and unused otherwise. */
  readonly reference?: ReferenceScorer;
  /** Training seed. */
  readonly seed: number;
  /** Step, from 0. */
  readonly step: number;
  /** Stops between two updates. */
  readonly signal?: AbortSignal;
}

/** What the updates of one step did. */
export interface PolicyUpdate {
  /** Figures of the whole step; undefined if nothing could move the policy. */
  readonly stats: UpdateStats | undefined;
  /** Each update that was made, in order. */
  readonly parts: readonly UpdatePart[];
  /** Learning rate of all of them. */
  readonly learningRate: number;
  /**
   * Per rollout that a named loss trained on, the trainer's log-probability of each generated token just before its first update, nats;
   * keys are `group/sample/position`, positions from 1.
   */
  readonly logprobs: ReadonlyMap<string, readonly number[]>;
}

/** A configuration asks for something that the run was not given. */
export class RecipeContextError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "RecipeContextError";
}

/** Examples of an update, and which rollout each comes from where that is kept. */
interface Batch {
  readonly examples: readonly TrainExample[];
  readonly loss: LossSpec;
  readonly rollouts: readonly string[];
}

/** Name of a rollout in {@linkcode PolicyUpdate.logprobs}. */
export function rolloutName({ chain }: CreditedChain, k: number): string {
  return `${chain.request.group}/${chain.request.sample}/${k + 1}`;
}

/** Updates the policy on the chains of a step. */
export async function updatePolicy(
  config: ChainGrpoConfig,
  chains: readonly CreditedChain[],
  context: PolicyUpdateContext,
): Promise<PolicyUpdate> {
  const { trainer, seed, step, signal } = context;
  const { ppoEpochs = 1, miniBatches = 1 } = config;
  checkThresholds(config, chains);
  const learningRate = stepLearningRate(config, step);
  const optimizer: OptimizerSpec = { ...config, learningRate };
  const references = await referenceLogprobs(config, chains, context.reference);
  const parts: UpdatePart[] = [];
  const logprobs = new Map<string, readonly number[]>();
  for (let epoch = 0; epoch < ppoEpochs; epoch++) {
    const shuffled = miniBatches === 1 ? chains : keyedRandom(seed, "mini-batches", step, epoch).shuffle(chains);
    for (let miniBatch = 0; miniBatch < miniBatches; miniBatch++) {
      signal?.throwIfAborted();
      const bound = (i: number) => Math.floor(i * shuffled.length / miniBatches);
      const own = shuffled.slice(bound(miniBatch), bound(miniBatch + 1));
      const { examples, loss, rollouts } = stepBatch(config, own, references);
      if (examples.length === 0) continue;
      const stats = await trainer.update(examples, loss, optimizer);
      parts.push({ epoch, miniBatch, stats });
      rollouts.forEach((name, i) => {
        const found = stats.logprobs?.[i];
        if (found !== undefined && !logprobs.has(name)) logprobs.set(name, found);
      });
    }
  }
  return { stats: combinedStats(parts.map(({ stats }) => stats)), parts, learningRate, logprobs };
}

/** Learning rate of a step. */
export function stepLearningRate(
  { learningRate, schedule, steps }: Pick<ChainGrpoConfig, "learningRate" | "schedule" | "steps">,
  step: number,
): number {
  if (schedule === undefined) return learningRate;
  return scheduledRate({ ...schedule, learningRate, updates: steps } satisfies Schedule, step);
}

/** Training examples of the recipe's own loss: weight 1 / (pairs x G x |o|) on each generated token. */
export function chainExamples(chains: readonly CreditedChain[]): TrainExample[] {
  const sound = soundChains(chains);
  const sizes = new Map<number, number>();
  for (const { chain } of sound) sizes.set(chain.request.group, (sizes.get(chain.request.group) ?? 0) + 1);
  return sound.flatMap(({ chain, credits }) =>
    chain.rollouts.flatMap((rollout, k) => {
      const advantage = credits[k]?.advantage ?? 0;
      if (advantage === 0) return [];
      const { ids, generated, logprobs, thresholds } = rolloutTokens(rollout);
      const length = generated.filter(Boolean).length;
      const weight = 1 / (sizes.size * (sizes.get(chain.request.group) ?? 1) * length);
      return [{
        ids,
        weights: generated.map((isGenerated) => (isGenerated ? weight : 0)),
        advantages: generated.map((isGenerated) => (isGenerated ? advantage : 0)),
        oldLogprobs: logprobs,
        ...(thresholds === undefined ? {} : { thresholds }),
      }];
    })
  );
}

/** Rollouts of chains as sequences of a named loss; rollouts in which the policy made no token are left out. */
export function gradedSequences(
  chains: readonly CreditedChain[],
  references: ReadonlyMap<string, readonly number[]> = new Map(),
): (GradedSequence & { readonly rollout: string })[] {
  return soundChains(chains).flatMap((one) =>
    one.chain.rollouts.flatMap((rollout, k) => {
      const tokens = rolloutTokens(rollout);
      if (!tokens.generated.includes(true)) return [];
      const name = rolloutName(one, k);
      const referenceLogprobs = references.get(name);
      return [{
        ...tokens,
        rollout: name,
        group: `${one.chain.request.group}/${k}`,
        advantage: one.credits[k]?.advantage ?? 0,
        ...(referenceLogprobs === undefined ? {} : { referenceLogprobs }),
      }];
    })
  );
}

/** Changes to the named loss as the configuration states them; L is the most tokens of an episode where neither states one. */
export function lossOptionsOf(config: ChainGrpoConfig): LossOptions {
  const { loss, lossOptions = {}, temperature, maxTurns, maxTurnTokens } = config;
  const { constantTokens = loss === undefined ? undefined : LOSSES[loss].constantTokens } = lossOptions;
  return {
    ...Object.fromEntries(Object.entries(lossOptions).filter(([, value]) => value !== undefined)) as LossOptions,
    constantTokens: constantTokens ?? maxTurns * maxTurnTokens,
    temperature,
  };
}

function soundChains(chains: readonly CreditedChain[]): CreditedChain[] {
  return chains.filter(({ credits }) => credits.every((credit) => credit !== undefined));
}

function stepBatch(
  config: ChainGrpoConfig,
  chains: readonly CreditedChain[],
  references: ReadonlyMap<string, readonly number[]>,
): Batch {
  const { loss: name, clipEps, temperature } = config;
  if (name === undefined) {
    const loss = { kind: "clip", clipLow: clipEps, clipHigh: clipEps, temperature } as const;
    return { examples: chainExamples(chains), loss, rollouts: [] };
  }
  const sequences = gradedSequences(chains, references);
  if (sequences.length === 0) return { examples: [], loss: { kind: "nll" }, rollouts: [] };
  const { examples, indices, loss } = lossBatch(name, sequences, lossOptionsOf(config));
  return { examples, loss, rollouts: indices.flatMap((index) => sequences[index]?.rollout ?? []) };
}

/** A policy that does not say where it truncated would be trained on another distribution than it sampled from. */
function checkThresholds({ topK, topP, minP }: ChainGrpoConfig, chains: readonly CreditedChain[]): void {
  if (topK === undefined && topP === undefined && minP === undefined) return;
  const turns = chains.flatMap(({ chain }) => chain.rollouts.flatMap((rollout) => rollout.turns));
  if (turns.every((turn) => turn.thresholds?.length === turn.generatedIds.length)) return;
  throw new RecipeContextError(
    "Cannot update: sampling is truncated (topK, topP or minP), so the policy must give a threshold for every generated token, " +
      "and it did not; leave truncation out or use a local policy",
  );
}

async function referenceLogprobs(
  config: ChainGrpoConfig,
  chains: readonly CreditedChain[],
  reference: ReferenceScorer | undefined,
): Promise<Map<string, readonly number[]>> {
  const penalty = config.lossOptions?.kl;
  if (penalty === undefined) return new Map();
  if (reference === undefined) {
    throw new RecipeContextError(
      `Cannot update: lossOptions.kl (${penalty.estimator}) needs a reference to compare with, got none`,
    );
  }
  const sequences = gradedSequences(chains);
  const scores = await reference.score(sequences.map(({ ids }) => ids), { temperature: config.temperature });
  return new Map(sequences.map(({ rollout }, i) => [rollout, scores[i] ?? []]));
}

/** Figures of several updates as those of one; see the module. */
export function combinedStats(parts: readonly UpdateStats[]): UpdateStats | undefined {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first;
  const sum = (value: (stats: UpdateStats) => number) => parts.reduce((total, stats) => total + value(stats), 0);
  const most = (value: (stats: UpdateStats) => number) => Math.max(...parts.map(value));
  const lossTokens = sum((stats) => stats.lossTokens);
  const mean = (value: (stats: UpdateStats) => number) => sum((stats) => stats.lossTokens * value(stats)) / lossTokens;
  const [numerator, denominator] = [sum((stats) => stats.numerator), sum((stats) => stats.denominator)];
  const { entropy, referenceKl } = first;
  return {
    loss: numerator / denominator,
    weightSum: sum((stats) => stats.weightSum * stats.denominator) / denominator,
    lossTokens,
    tokens: sum((stats) => stats.tokens),
    gradNorm: most((stats) => stats.gradNorm),
    clipShare: mean((stats) => stats.clipShare),
    klK1: mean((stats) => stats.klK1),
    klK2: mean((stats) => stats.klK2),
    klK3: mean((stats) => stats.klK3),
    maxRatioError: most((stats) => stats.maxRatioError),
    ess: sum((stats) => stats.ess),
    numerator,
    denominator,
    temperature: first.temperature,
    ...(first.samplingTemperature === undefined ? {} : { samplingTemperature: first.samplingTemperature }),
    ...(entropy === undefined ? {} : { entropy: mean((stats) => stats.entropy ?? NaN) }),
    ...(referenceKl === undefined ? {} : { referenceKl: mean((stats) => stats.referenceKl ?? NaN) }),
  };
}
