/**
 * Evaluation with a frozen library of skill documents: a skill, or none, for every task before it is played.
 *
 * Contract: the library is read and never changed; nothing is explored. Each task's candidates are scored once, however many samples it has; what a sample is
 * shown depends on its identity alone. Source: arXiv 2603.16060, evaluation (decision of the gate included).
 *
 * @module
 */
import type { KeyPart } from "../data/keyed_random.ts";
import type { ChainRequest } from "../agents/rollout.ts";
import type { ScoredTask, SkillManager } from "../agents/skill_manager.ts";
import type { TwoTierLibrary } from "../agents/skills/two_tier_library.ts";

/** Puts a choice of skills into each request. */
export type SkillChooser = (requests: readonly ChainRequest[], phase: string) => Promise<ChainRequest[]>;

/**
 * Chooses from a library for every request; requests of one task share its scores.
 *
 * @param options `mode` as in the run's configuration; `key` names the evaluation, for choices that are drawn.
 */
export function frozenLibrary(
  manager: SkillManager,
  library: TwoTierLibrary,
  options: { readonly mode: "sample" | "argmax"; readonly key: readonly KeyPart[] },
): SkillChooser {
  const { mode, key } = options;
  const known = new Map<string, ScoredTask>();
  return async (requests, phase) => {
    const tasks = requests.flatMap((request) => request.tasks.slice(0, 1)).filter((task) => !known.has(task.id));
    const fresh = [...new Map(tasks.map((task) => [task.id, task])).values()];
    for (const scored of await manager.score(fresh, library.candidates())) known.set(scored.task.id, scored);
    return requests.map((request) => {
      const scored = known.get(request.tasks[0]?.id ?? "");
      if (scored === undefined) return request;
      const { group, sample } = request;
      const { selection } = manager.choose(scored, [...key, phase, group, sample], { mode, epsilon: 0 });
      return { ...request, selection };
    });
  };
}
