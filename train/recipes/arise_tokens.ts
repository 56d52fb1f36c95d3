/**
 * Tokens of an ARISE step by component: what solving, selecting, concluding and verifying cost.
 *
 * Contract: a pure function. A prefix that several documents are scored after counts once, as it is run once; scores for the empty problem, which serve all tasks of a
 * call, count once per call.
 *
 * @module
 */
import type { Chain } from "../../agents/rollout.ts";
import type { ScoredDocument, ScoredTask } from "../../agents/skill_manager.ts";
import type { ComponentTokens, TokenComponent } from "../arise_log.ts";
import type { Conclusions } from "./arise_conclude.ts";

/** Tokens of a chain: read, and written by the policy. */
export function chainTokens(chain: Chain): { readonly read: number; readonly written: number } {
  const turns = chain.rollouts.flatMap((rollout) => rollout.turns);
  return {
    read: turns.reduce((sum, turn) => sum + turn.contextIds.length, 0),
    written: turns.reduce((sum, turn) => sum + turn.generatedIds.length, 0),
  };
}

/**
 * Tokens of every component of a step.
 *
 * @param solved all chains that were played, dropped ones included.
 * @param scored candidates of all problems.
 */
export function stepTokens(
  step: number,
  solved: readonly Chain[],
  scored: readonly ScoredTask[],
  { conclusions, verifications, baselines }: Conclusions,
): ComponentTokens[] {
  const total = <T>(of: readonly T[], count: (one: T) => number) => of.reduce((sum, one) => sum + count(one), 0);
  const played = (component: TokenComponent, chains: readonly Chain[]): ComponentTokens => {
    const tokens = chains.map(chainTokens);
    const promptTokens = total(tokens, ({ read }) => read);
    return {
      step,
      component,
      sequences: chains.length,
      promptTokens,
      generatedTokens: total(tokens, (one) => one.written),
    };
  };
  // Tasks of one call share the list of their centers.
  const lists: (readonly ScoredDocument[])[] = [
    ...scored.map(({ documents }) => documents),
    ...new Set(scored.map(({ centers }) => centers)),
  ];
  const documents = lists.flat();
  return [
    played("solve", solved),
    {
      step,
      component: "select",
      sequences: documents.length,
      promptTokens: total(lists, ([first]) => first?.prefixTokens ?? 0),
      generatedTokens: total(documents, ({ ids, prefixTokens }) => ids.length - prefixTokens),
    },
    {
      step,
      component: "conclude",
      sequences: conclusions.length,
      promptTokens: total(conclusions, ({ promptIds }) => promptIds.length),
      generatedTokens: total(conclusions, ({ outputIds }) => outputIds.length),
    },
    played("verify", verifications),
    played("baseline", baselines),
  ];
}
