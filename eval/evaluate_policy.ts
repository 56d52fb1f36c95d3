/**
 * Evaluation of a frozen policy on splits: online adaptation within a scenario (arXiv 2512.17102, 3.8).
 *
 * Contract: the three siblings of a scenario are one chain, in the order of their ids, with an accumulating library that starts
 * empty; each evaluation run is one sample of every chain. The retriever sees the chain's own library only, so same-scenario
 * retrieval is exact and label-free retrievers rank within it. A split is one committed unit of work.
 *
 * @module
 */
import type { Environment } from "../envs/contract.ts";
import { agentById } from "../agents/agent.ts";
import type { Policy } from "../agents/policy.ts";
import { type ChainRequest, rollOutChains } from "../agents/rollout.ts";
import { queryNgram, type Retriever, sameScenario } from "../agents/skills/retrieve.ts";
import { type Embed, queryEmbedding, skillEmbedding } from "../agents/skills/retrieve_by_embedding.ts";
import type { EvaluationConfig } from "../train/config.ts";
import type { SkillChooser } from "./frozen_library.ts";
import { samplingOf } from "../train/recipes/play_step.ts";
import type { RecipeProgress, RunLog } from "../train/run_log.ts";

/** What an evaluation works on. */
export interface EvaluationContext {
  readonly environment: Environment;
  readonly policy: Policy;
  readonly seed: number;
  readonly log: RunLog;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RecipeProgress) => void;
  /** Number of updates, for a point of the learning curve: rows then have phase `curve/<split>` and this step. */
  readonly curveStep?: number;
  /** Chooses skills before tasks are played, in place of the retriever. */
  readonly choose?: SkillChooser;
  /** Evaluation beside the main one, without skills: rows then have phase `plain/<split>`. */
  readonly withoutSkills?: boolean;
}

/** Splits of the main table. */
export const TABLE_SPLITS = ["test_normal", "test_challenge"] as const;

/** So many of the values, evenly spaced, so that a trial sees a bit of everything. */
function evenly<T>(values: readonly T[], count: number): T[] {
  if (count >= values.length) return [...values];
  return Array.from({ length: count }, (_, i) => values[Math.floor(i * values.length / count)] as T);
}

/** Chains of one evaluation of a split: group = scenario, or task where each is played alone; sample = evaluation run. */
export function evaluationChains(environment: Environment, split: string, config: EvaluationConfig): ChainRequest[] {
  const tasks = environment.tasks(split);
  if (config.chains === "task") {
    return evenly(tasks, config.scenarios ?? tasks.length).flatMap((task, group) =>
      Array.from({ length: config.runs }, (_, sample) => ({ group, sample, tasks: [task] }))
    );
  }
  const byScenario = Map.groupBy(tasks, (task) => task.scenario);
  const scenarios = [...byScenario.keys()].sort().slice(0, config.scenarios);
  return scenarios.flatMap((scenario, group) =>
    Array.from({ length: config.runs }, (_, sample) => ({ group, sample, tasks: byScenario.get(scenario) ?? [] }))
  );
}

/** The retriever that a configuration names; an embedding model is loaded when first needed. @throws {RangeError} if it lacks one. */
function retrieverOf({ retrieval, embedding }: EvaluationConfig): Retriever {
  if (retrieval === "sameScenario") return sameScenario;
  if (retrieval === "queryNgram") return queryNgram();
  if (embedding === undefined) {
    throw new RangeError(
      `Cannot retrieve by ${retrieval}: evaluation.embedding must name the folder of an embedding model`,
    );
  }
  const embed: Embed = async (texts) => {
    const { embedTexts } = await import("../agents/transformers_policy.ts");
    return await embedTexts(embedding.folder, texts);
  };
  return retrieval === "queryEmbedding" ? queryEmbedding(embed) : skillEmbedding(embed);
}

/**
 * Evaluates on each split that is not done yet.
 *
 * Units are `eval/<split>`, `plain/<split>` without skills, or `curve/<split>/<updates>` for a point of the learning curve; with `unitChains` there are units
 * `eval/<split>/<n>` before it, each of so many chains.
 */
export async function evaluatePolicy(
  config: EvaluationConfig,
  splits: readonly string[],
  context: EvaluationContext,
): Promise<void> {
  const { environment, policy, seed, log, signal, onProgress, curveStep, choose, withoutSkills = false } = context;
  const retriever = retrieverOf(config);
  for (const [index, split] of splits.entries()) {
    const kind = withoutSkills ? "plain" : curveStep === undefined ? "eval" : "curve";
    const phase = `${kind}/${split}`;
    const unit = curveStep === undefined ? phase : `${phase}/${curveStep}`;
    if (log.isDone(unit)) continue;
    const requests = evaluationChains(environment, split, config);
    const { unitChains = requests.length } = config;
    for (let first = 0; first < requests.length; first += unitChains) {
      const part = requests.length <= unitChains ? unit : `${unit}/${first / unitChains}`;
      if (log.isDone(part)) continue;
      const own = requests.slice(first, first + unitChains);
      const chains = await rollOutChains(await choose?.(own, phase) ?? own, {
        environment,
        policy,
        agent: agentById(config.agent, config),
        retriever,
        sampling: samplingOf(config),
        maxTurns: config.maxTurns,
        maxTurnTokens: config.maxTurnTokens,
        promptTokens: config.promptTokens,
        overlongPrompt: config.overlongPrompt,
        phase,
        step: curveStep ?? 0,
        seed,
        ...(signal === undefined ? {} : { signal }),
        onProgress: ({ ended, total }) => {
          const share = (first + ended / total * Math.min(unitChains, requests.length - first)) / requests.length;
          onProgress?.({ done: index + share, total: splits.length, tokens: 0 });
        },
      });
      log.chains(chains.map((chain) => ({ chain, credits: [] })));
      await log.commit(part);
      const rollouts = chains.flatMap((chain) => chain.rollouts);
      const tokens = rollouts.flatMap((rollout) => rollout.turns)
        .reduce((sum, turn) => sum + turn.generatedIds.length, 0);
      const success = rollouts.filter((rollout) => rollout.evaluation?.success === true).length / rollouts.length;
      const done = Math.min(1, (first + unitChains) / requests.length);
      onProgress?.({ done: index + done, total: splits.length, tokens, success });
    }
    if (!log.isDone(unit)) await log.commit(unit);
  }
}
