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
import { queryNgram, sameScenario } from "../agents/skills/retrieve.ts";
import type { EvaluationConfig } from "../train/config.ts";
import type { RecipeProgress, RunLog } from "../train/run_log.ts";

/** What an evaluation works on. */
export interface EvaluationContext {
  readonly environment: Environment;
  readonly policy: Policy;
  readonly seed: number;
  readonly log: RunLog;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RecipeProgress) => void;
}

/** Splits of the main table. */
export const TABLE_SPLITS = ["test_normal", "test_challenge"] as const;

/** Chains of one evaluation of a split: group = scenario, sample = evaluation run. */
export function evaluationChains(environment: Environment, split: string, config: EvaluationConfig): ChainRequest[] {
  const byScenario = Map.groupBy(environment.tasks(split), (task) => task.scenario);
  const scenarios = [...byScenario.keys()].sort().slice(0, config.scenarios);
  return scenarios.flatMap((scenario, group) =>
    Array.from({ length: config.runs }, (_, sample) => ({ group, sample, tasks: byScenario.get(scenario) ?? [] }))
  );
}

/** Evaluates on each split that is not done yet. */
export async function evaluatePolicy(
  config: EvaluationConfig,
  splits: readonly string[],
  context: EvaluationContext,
): Promise<void> {
  const { environment, policy, seed, log, signal, onProgress } = context;
  for (const [index, split] of splits.entries()) {
    const unit = `eval/${split}`;
    if (log.isDone(unit)) continue;
    const chains = await rollOutChains(evaluationChains(environment, split, config), {
      environment,
      policy,
      agent: agentById(config.agent),
      retriever: config.retrieval === "sameScenario" ? sameScenario : queryNgram(),
      sampling: { temperature: config.temperature },
      maxTurns: config.maxTurns,
      maxTurnTokens: config.maxTurnTokens,
      phase: unit,
      step: 0,
      seed,
      ...(signal === undefined ? {} : { signal }),
      onProgress: ({ ended, total }) => onProgress?.({ done: index + ended / total, total: splits.length, tokens: 0 }),
    });
    log.chains(chains.map((chain) => ({ chain, credits: [] })));
    await log.commit(unit);
    const rollouts = chains.flatMap((chain) => chain.rollouts);
    const tokens = rollouts.flatMap((rollout) => rollout.turns)
      .reduce((sum, turn) => sum + turn.generatedIds.length, 0);
    const success = rollouts.filter((rollout) => rollout.evaluation?.success === true).length / rollouts.length;
    onProgress?.({ done: index + 1, total: splits.length, tokens, success });
  }
}
