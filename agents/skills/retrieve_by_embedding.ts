/**
 * Retrieval by embedding: skills whose tasks, or whose sources, lie near the task's instruction (arXiv 2512.17102, section 4).
 *
 *     queryEmbedding   cosine of the instruction and those of past tasks; all skills of the nearest past tasks
 *     skillEmbedding   cosine of the instruction and the sources of the stored functions; the nearest functions
 *
 * Contract: functions of (task, library) and of what embeds; a text is embedded once. Ties keep the library's order.
 * Choices: the paper leaves the thresholds open and names at most two past tasks, and about six functions; a past task counts from a
 * cosine of 0.6, a function from any cosine.
 *
 * @module
 */
import type { SkillLibrary } from "./library.ts";
import type { Retriever } from "./retrieve.ts";

/** Gives vectors of length 1, one per text, all of one width. */
export type Embed = (texts: readonly string[]) => Promise<readonly Float32Array[]>;

/** Options of {@linkcode queryEmbedding}. */
export interface QueryEmbeddingOptions {
  /** Smallest cosine that counts. @default {0.6} */
  threshold?: number;
  /** Most past tasks whose skills are loaded. @default {2} */
  topQueries?: number;
}

/** Options of {@linkcode skillEmbedding}. */
export interface SkillEmbeddingOptions {
  /** Smallest cosine that counts. @default {-1}, which leaves none out */
  threshold?: number;
  /** Most functions that are loaded. @default {6} */
  topSkills?: number;
}

/** Cosines of one text with others, [N]. */
function cosines(embed: Embed): (text: string, others: readonly string[]) => Promise<number[]> {
  const known = new Map<string, Float32Array>();
  return async (text, others) => {
    const missing = [...new Set([text, ...others])].filter((one) => !known.has(one));
    const vectors = missing.length === 0 ? [] : await embed(missing);
    missing.forEach((one, i) => known.set(one, vectors[i] ?? new Float32Array()));
    const own = known.get(text) ?? new Float32Array();
    return others.map((other) => {
      const vector = known.get(other) ?? new Float32Array();
      return own.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0);
    });
  };
}

/**
 * Skills of the past tasks whose instructions are nearest to the task's.
 *
 * @example A past task that says the same
 * ```ts
 * import { queryEmbedding } from "whetstone/agents/skills/retrieve_by_embedding.ts";
 * import { SkillLibrary } from "whetstone/agents/skills/library.ts";
 * import assert from "node:assert/strict";
 *
 * const retriever = queryEmbedding((texts) => Promise.resolve(texts.map(() => Float32Array.of(1))));
 * const task = { id: "t", scenario: "s", variant: 1, split: "train", difficulty: 1, instruction: "Do it." };
 * assert.deepEqual(await retriever.rank(task, new SkillLibrary()), []);
 * ```
 */
export function queryEmbedding(embed: Embed, options: QueryEmbeddingOptions = {}): Retriever {
  const { threshold = 0.6, topQueries = 2 } = options;
  const compare = cosines(embed);
  return {
    id: "queryEmbedding",
    async rank(task, library) {
      const pastTasks = [...Map.groupBy(library.list(), (skill) => skill.origin.taskId).values()];
      const scores = await compare(task.instruction, pastTasks.map(([skill]) => skill?.origin.instruction ?? ""));
      return pastTasks
        .map((skills, i) => ({ skills, score: scores[i] ?? 0 }))
        .sort((a, b) => b.score - a.score)
        .flatMap(({ skills, score }, i) => {
          const chosen = score >= threshold && i < topQueries;
          return skills.map((skill) => ({ skill, score, chosen }));
        });
    },
  };
}

/** Functions whose sources are nearest to the task's instruction. */
export function skillEmbedding(embed: Embed, options: SkillEmbeddingOptions = {}): Retriever {
  const { threshold = -1, topSkills = 6 } = options;
  const compare = cosines(embed);
  return {
    id: "skillEmbedding",
    async rank(task, library: SkillLibrary) {
      const skills = library.list();
      const scores = await compare(task.instruction, skills.map(({ source }) => source));
      return skills
        .map((skill, i) => ({ skill, score: scores[i] ?? 0 }))
        .sort((a, b) => b.score - a.score)
        .map(({ skill, score }, i) => ({ skill, score, chosen: score >= threshold && i < topSkills }));
    },
  };
}
