/**
 * Retrieval: which stored skills a task's prompt shows (arXiv 2512.17102, section 4).
 *
 * Contract: pure functions of (task, library). The library holds what its owner saved earlier, so every skill in it is a candidate.
 * The two retrievers by embedding, which need an embedding model, are in retrieve_by_embedding.ts.
 *
 * @module
 */
import type { Task } from "../../envs/contract.ts";
import type { Skill, SkillLibrary } from "./library.ts";

/** A stored skill as a candidate for a prompt. */
export interface Candidate {
  readonly skill: Skill;
  /** How well it fits, in the retriever's own unit. */
  readonly score: number;
  /** Whether the prompt shows it. */
  readonly chosen: boolean;
  /** Chance to be chosen, in [0, 1]; left out where the choice is not random. */
  readonly probability?: number;
}

/** A choice among skills that was made before a rollout, by a policy rather than by a retriever. */
export interface SkillSelection {
  /** What chose. */
  readonly selector: string;
  /** What it chose from, best first. */
  readonly candidates: readonly Candidate[];
  /** The confidence gate was closed. */
  readonly gated: boolean;
  /** The choice was uniform. */
  readonly explored: boolean;
  /** No skill whatever the scores say, so that its group has a rollout without one. */
  readonly reserved: boolean;
}

/** Chooses skills. */
export interface Retriever {
  readonly id: string;
  /** All stored skills, the chosen ones first and in the order in which they are shown. */
  rank(task: Task, library: SkillLibrary): Candidate[] | Promise<Candidate[]>;
}

/** A retriever that needs nothing but what it is given. */
export interface InstantRetriever extends Retriever {
  /** See {@linkcode Retriever.rank}. */
  rank(task: Task, library: SkillLibrary): Candidate[];
}

/** Chosen candidates first; otherwise the order is kept. */
function chosenFirst(candidates: readonly Candidate[]): Candidate[] {
  return [...candidates.filter(({ chosen }) => chosen), ...candidates.filter(({ chosen }) => !chosen)];
}

/** Skills of earlier tasks of the same scenario: the paper's default, which reads the scenario label. */
export const sameScenario: InstantRetriever = {
  id: "sameScenario",
  rank: (task, library) =>
    chosenFirst(
      library.list().map((skill) => {
        const chosen = skill.origin.scenario === task.scenario && skill.origin.taskId !== task.id;
        return { skill, score: chosen ? 1 : 0, chosen };
      }),
    ),
};

/** Options of {@linkcode queryNgram}; the paper leaves all three open, the values are ours. */
export interface QueryNgramOptions {
  /**
   * Words in an n-gram.
   *
   * @default {3}
   */
  n?: number;
  /**
   * Smallest Jaccard similarity that counts.
   *
   * @default {0.2}
   */
  threshold?: number;
  /**
   * Most past tasks whose skills are loaded.
   *
   * @default {2}
   */
  topQueries?: number;
}

/** Word n-grams of a text: lower case, punctuation dropped. A text shorter than n words is one n-gram. */
export function wordNgrams(text: string, n: number): Set<string> {
  const words = text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  if (words.length < n) return new Set(words.length === 0 ? [] : [words.join(" ")]);
  return new Set(words.slice(n - 1).map((_, i) => words.slice(i, i + n).join(" ")));
}

/** Jaccard similarity in [0, 1]; 0 for two empty sets. */
export function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const item of a) if (b.has(item)) shared++;
  const union = a.size + b.size - shared;
  return union === 0 ? 0 : shared / union;
}

/**
 * Skills of the past tasks whose instructions share most word n-grams with the task's.
 *
 * @param options see {@linkcode QueryNgramOptions}.
 */
export function queryNgram(options: QueryNgramOptions = {}): InstantRetriever {
  const { n = 3, threshold = 0.2, topQueries = 2 } = options;
  return {
    id: "queryNgram",
    rank(task, library) {
      const query = wordNgrams(task.instruction, n);
      const pastTasks = Map.groupBy(library.list(), (skill) => skill.origin.taskId);
      return [...pastTasks.values()]
        .map((skills) => ({ skills, score: jaccard(query, wordNgrams(skills[0]?.origin.instruction ?? "", n)) }))
        .sort((a, b) => b.score - a.score)
        .flatMap(({ skills, score }, i) => {
          const chosen = score >= threshold && i < topQueries;
          return skills.map((skill) => ({ skill, score, chosen }));
        });
    },
  };
}
