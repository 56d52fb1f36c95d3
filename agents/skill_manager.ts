/**
 * The manager: scores skill documents for tasks, by the policy's own log-probabilities or by a rival's rule, and chooses.
 *
 *     s_k = (1 / |m_k|) Σ_j log π(m_k,j | x, m_k,<j),   at most `maxSkillTokens` tokens of the document       (arXiv 2603.16060, equation 6)
 *
 * Contract: the score is of the document given the problem, not of an answer. The divisor is the number of tokens that were scored. Everything that the
 * gradient of a choice needs (ids, per-token log-probabilities) is kept. All candidates of a task share one prefix, which is run once where the policy can do so.
 * Choices: random and keyword scores know no confidence, so with them there is no gate; the keyword rule takes the best document if it shares a term with the
 * question, else none. A problem that fills the context by itself has no candidates.
 *
 * @module
 */
import { keyedRandom, type KeyPart } from "../data/keyed_random.ts";
import type { Task } from "../envs/contract.ts";
import type { PromptStyle } from "./agent.ts";
import { taskLines } from "./agent.ts";
import { managerPrompt } from "./arise_prompts.ts";
import { chatOf } from "./chat_format.ts";
import type { Policy } from "./policy.ts";
import type { SkillSelection } from "./skills/retrieve.ts";
import { selectSkill, type SelectSkillOptions, type SkillChoice } from "./skills/select_skill.ts";
import { documentText } from "./skills/skill_document.ts";
import { tfIdfScores } from "./skills/tf_idf.ts";
import type { LibraryEntry } from "./skills/two_tier_library.ts";

/** How documents are scored. */
export type ScoreMode = "logprob" | "random" | "keyword";

/** Options of {@linkcode SkillManager}. */
export interface SkillManagerOptions extends Omit<SelectSkillOptions, "mode" | "epsilon"> {
  /** How documents are scored. @default {"logprob"} */
  scoreMode?: ScoreMode;
  /** Most tokens of a document that are scored. @default {128} */
  maxSkillTokens?: number;
  /** Which tokens count: all, or those of field values only, without the JSON around them. @default {"all"} */
  scoreTokens?: "all" | "valuesOnly";
  /** Subtract the score that the document has for an empty problem. @default {false} */
  scoreCentering?: boolean;
  /** Only the first so many candidates, by utility, are scored. @default {Infinity} */
  candidateTopK?: number;
  /** How prompts are written. @default {"compact"} */
  promptStyle?: PromptStyle | undefined;
  /** Character budget named in prompts. @default {350} */
  documentCap?: number;
}

/** A document's tokens after a prefix, with what the policy says of them. */
export interface ScoredDocument {
  /** Prefix and document, [T]. */
  readonly ids: readonly number[];
  /** Number of ids before the document. */
  readonly prefixTokens: number;
  /** Whether the id counts, [T]. */
  readonly counts: readonly boolean[];
  /** Log-probabilities, nats, [T]; 0 before the document. */
  readonly logprobs: readonly number[];
  /** Mean over the ids that count, nats. */
  readonly score: number;
}

/** The candidates of one task with their scores. */
export interface ScoredTask {
  /** Task. */
  readonly task: Task;
  /** Candidates in their order, [C]. */
  readonly entries: readonly LibraryEntry[];
  /** s_k, after centering where that is on, [C]. */
  readonly scores: readonly number[];
  /** What the scores come from, [C]; empty unless the policy scored. */
  readonly documents: readonly ScoredDocument[];
  /** The same for the empty problem, [C]; empty without centering. */
  readonly centers: readonly ScoredDocument[];
}

/** A choice with its task's scores. */
export interface ManagerChoice {
  /** What was chosen and how. */
  readonly choice: SkillChoice;
  /** The choice as rollouts and rows take it. */
  readonly selection: SkillSelection;
}

interface PrefixScorer {
  scoreContinuations(prefixIds: readonly number[], continuations: readonly (readonly number[])[]): Promise<number[][]>;
}

function canShareAPrefix(policy: Policy): policy is Policy & PrefixScorer {
  return "scoreContinuations" in policy && typeof policy.scoreContinuations === "function";
}

/** Whether each id of a document belongs to a field's value; an id that straddles an end counts. */
function valueMask(
  ids: readonly number[],
  text: string,
  entry: LibraryEntry,
  decode: (ids: readonly number[]) => string,
) {
  const inside = new Uint8Array(text.length);
  let from = 0;
  // A value may be a part of a key's name, so each is looked for in quotes, after its key.
  for (const key of ["skill_name", "problem_type", "key_insight", "method", "check"] as const) {
    from = text.indexOf(`"${key}":`, from) + key.length + 3;
    for (const value of [entry.document[key]].flat()) {
      const written = JSON.stringify(value);
      const at = text.indexOf(written, from);
      from = at + written.length;
      inside.fill(1, at + 1, from - 1);
    }
  }
  let before = 0;
  return ids.map((_, j) => {
    const after = decode(ids.slice(0, j + 1)).length;
    const counts = inside.subarray(before, Math.max(after, before + 1)).includes(1);
    before = after;
    return counts;
  });
}

/** Scores and chooses documents with one policy. */
export class SkillManager {
  readonly #policy: Policy;
  readonly #options: SkillManagerOptions;

  /** @param options see {@linkcode SkillManagerOptions}. */
  constructor(policy: Policy, options: SkillManagerOptions = {}) {
    this.#policy = policy;
    this.#options = options;
  }

  /** Name under which choices are recorded. */
  get selector(): string {
    const { scoreMode = "logprob" } = this.#options;
    return scoreMode === "logprob" ? "manager" : scoreMode;
  }

  /** Scores the candidates for each task. @param entries candidates, best first. */
  async score(tasks: readonly Task[], entries: readonly LibraryEntry[]): Promise<ScoredTask[]> {
    const { scoreMode = "logprob", candidateTopK = Infinity, scoreCentering = false } = this.#options;
    const candidates = entries.slice(0, candidateTopK);
    const plain = { entries: candidates, documents: [], centers: [] };
    if (scoreMode === "random") return tasks.map((task) => ({ ...plain, task, scores: candidates.map(() => 0) }));
    if (scoreMode === "keyword") {
      const texts = candidates.map(({ document }) =>
        [document.skill_name.replaceAll("_", " "), document.key_insight, ...document.method, document.check].join(" ")
      );
      return tasks.map((task) => ({ ...plain, task, scores: tfIdfScores(taskLines(task), texts) }));
    }
    const centers = scoreCentering ? await this.#documents("", candidates) : [];
    const scored: ScoredTask[] = [];
    for (const task of tasks) {
      const documents = await this.#documents(task, candidates);
      const scores = documents.map(({ score }, k) => score - (centers[k]?.score ?? 0));
      scored.push({ task, entries: documents.length === 0 ? [] : candidates, scores, documents, centers });
    }
    return scored;
  }

  async #documents(task: Task | "", entries: readonly LibraryEntry[]): Promise<ScoredDocument[]> {
    const { maxSkillTokens = 128, scoreTokens = "all", promptStyle, documentCap = 350 } = this.#options;
    const chat = chatOf(this.#policy);
    const asked = task === "" ? { id: "", scenario: "", variant: 1, split: "", difficulty: 1, instruction: "" } : task;
    const prefix = chat.promptIds(managerPrompt(asked, { style: promptStyle, cap: documentCap }));
    const room = this.#policy.contextTokens - prefix.length;
    if (room <= 0) return [];
    const texts = entries.map(({ document }) => documentText(document));
    const continuations = texts.map((text) =>
      this.#policy.tokenizer.encode(text).slice(0, Math.min(maxSkillTokens, room))
    );
    const logprobs_C_T = canShareAPrefix(this.#policy)
      ? await this.#policy.scoreContinuations(prefix, continuations)
      : (await this.#policy.score(continuations.map((ids) => [...prefix, ...ids])))
        .map((logprobs) => logprobs.slice(prefix.length));
    return continuations.map((ids, k) => {
      const entry = entries[k];
      const mask = scoreTokens === "all" || entry === undefined
        ? ids.map(() => true)
        : valueMask(ids, texts[k] ?? "", entry, (some) => this.#policy.tokenizer.decode(some));
      const logprobs = logprobs_C_T[k] ?? [];
      const counted = logprobs.filter((_, j) => mask[j]);
      const none = prefix.map(() => 0);
      return {
        ids: [...prefix, ...ids],
        prefixTokens: prefix.length,
        counts: [...prefix.map(() => false), ...mask],
        logprobs: [...none, ...logprobs],
        score: counted.length === 0 ? 0 : counted.reduce((sum, logprob) => sum + logprob, 0) / counted.length,
      };
    });
  }

  /**
   * Chooses for one rollout.
   *
   * @param key identity of the rollout, for exploration and sampling.
   * @param how whether the choice is drawn, and the chance of a uniform one.
   */
  choose(
    scored: ScoredTask,
    key: readonly KeyPart[],
    how: { readonly mode: "sample" | "argmax"; readonly epsilon: number },
  ): ManagerChoice {
    const { scoreMode = "logprob", sigma = 1, delta = 0.35, nullScore } = this.#options;
    const random = keyedRandom("skill-selection", ...key);
    const none = scoreMode === "keyword" && Math.max(0, ...scored.scores) === 0;
    const choice = selectSkill(none ? [] : scored.scores, random, {
      sigma,
      delta: scoreMode === "logprob" ? delta : 0,
      epsilon: scoreMode === "logprob" ? how.epsilon : 0,
      mode: scoreMode === "random" ? "sample" : scoreMode === "keyword" ? "argmax" : how.mode,
      ...(nullScore === undefined ? {} : { nullScore }),
    });
    return { choice, selection: this.#selection(scored, choice, false) };
  }

  /** No skill, whatever the scores say; the candidates are recorded all the same. */
  reserve(scored: ScoredTask): SkillSelection {
    const { sigma = 1, delta = 0.35, nullScore } = this.#options;
    const random = keyedRandom("reserved");
    const options = { sigma, delta, mode: "argmax", ...(nullScore === undefined ? {} : { nullScore }) } as const;
    const choice = selectSkill(scored.scores, random, options);
    return this.#selection(scored, { ...choice, chosen: null, gated: false, explored: false }, true);
  }

  #selection(scored: ScoredTask, choice: SkillChoice, reserved: boolean): SkillSelection {
    const candidates = scored.entries.map((entry, k) => ({
      skill: {
        name: entry.document.skill_name,
        kind: "document" as const,
        source: documentText(entry.document),
        version: entry.version,
        origin: entry.origin ?? { taskId: "", scenario: "", instruction: "", position: 0, turn: -1 },
      },
      score: scored.scores[k] ?? 0,
      chosen: choice.chosen === k,
      ...(choice.probabilities[k] === undefined ? {} : { probability: choice.probabilities[k] }),
    }));
    return {
      selector: this.selector,
      candidates: candidates.sort((a, b) => b.score - a.score),
      gated: choice.gated,
      explored: choice.explored,
      reserved,
    };
  }
}
