/**
 * Library of plain text entries that are found by their words: the simplified skill manager that circulates under ARISE's name, kept as a baseline.
 *
 *     entry = kind of problem by keywords + first lines of a right solution, cut to 200 characters
 *     s ← s + rate · (right − s) from s = 0.5,   n ← n + 1   for each rollout that was shown the entry;   over capacity the lowest s · n leaves
 *
 * Contract: a pure state machine, restored from {@linkcode TfidfLibrary.toJson} as it was. Neither the model nor its probabilities take part: what is shown are the
 * entries nearest to the question by TF-IDF cosine, those with no word in common left out.
 * Choices, where a published summary is silent: an entry is compared by its text together with the question that it was made from, since solutions alone hold few words;
 * a text that is there is not added again; of equal values the oldest leaves, and of equal similarities the oldest is shown first.
 *
 * @module
 */
import { z } from "zod";
import type { SkillOrigin } from "./library.ts";
import type { SkillSelection } from "./retrieve.ts";
import { PROBLEM_TYPES, type ProblemType } from "./skill_document.ts";
import { tfIdfScores } from "./tf_idf.ts";
import { type LibraryChange, LibraryStateError } from "./two_tier_library.ts";

/** Words by which the kind of a problem is told; the kind with the most hits wins, the first of equals, `general` without any. */
const KEYWORDS: Readonly<Record<Exclude<ProblemType, "general">, RegExp>> = {
  algebra: /\b(?:solve|equation|polynomial|roots?|linear|quadratic|sequence|sum of the first|variable|expression)\b/gi,
  geometry: /\b(?:triangle|circle|angle|area|perimeter|rectangle|square|radius|volume|side|length|polygon)s?\b/gi,
  combinatorics:
    /\b(?:how many ways|ways|arrange|choose|probability|permutations?|combinations?|dice|cards?|committee)\b/gi,
  number_theory: /\b(?:remainder|divid(?:es|ed|isible)|divisors?|prime|gcd|lcm|modulo|mod|digits?|multiples?)\b/gi,
  calculus: /\b(?:derivative|integral|limit|differentiate|integrate|slope|tangent)\b/gi,
};

/** Kind of a problem by its words. */
export function problemType(question: string): ProblemType {
  let best: ProblemType = "general";
  let most = 0;
  for (const type of PROBLEM_TYPES) {
    const hits = type === "general" ? 0 : question.match(KEYWORDS[type])?.length ?? 0;
    if (hits > most) [best, most] = [type, hits];
  }
  return best;
}

/** Text of an entry. @param limit most characters. */
export function entryText(question: string, trace: string, limit: number): string {
  return `${problemType(question)}: ${trace.trim()}`.slice(0, limit).trimEnd();
}

const entrySchema = z.strictObject({
  name: z.string().min(1),
  text: z.string().min(1),
  origin: z.strictObject({
    taskId: z.string(),
    scenario: z.string(),
    instruction: z.string(),
    position: z.int(),
    turn: z.int(),
  }),
  success: z.number().min(0).max(1),
  uses: z.int().min(0),
  sequence: z.int().min(0),
});
const stateSchema = z.strictObject({ nextSequence: z.int().min(0), entries: z.array(entrySchema) });

/** One entry: its text, where it comes from, its success rate, uses and order of insertion from 0. */
export type TfidfEntry = z.infer<typeof entrySchema>;

/** Options of {@linkcode TfidfLibrary}. */
export interface TfidfLibraryOptions {
  /** Most entries. @default {1000} */
  capacity?: number;
  /** Success rate of a new entry. @default {0.5} */
  start?: number;
  /** Rate of the success rate's moving mean. @default {0.1} */
  rate?: number;
  /** Most characters of an entry. @default {200} */
  characters?: number;
}

/** Entries in the order in which they came. */
export class TfidfLibrary {
  readonly #options: Required<TfidfLibraryOptions>;
  readonly #entries = new Map<string, TfidfEntry>();
  #nextSequence = 0;

  /** An empty library. @param options see {@linkcode TfidfLibraryOptions}. */
  constructor(options: TfidfLibraryOptions = {}) {
    const { capacity = 1000, start = 0.5, rate = 0.1, characters = 200 } = options;
    this.#options = { capacity, start, rate, characters };
  }

  /** All entries, the oldest first. */
  entries(): TfidfEntry[] {
    return [...this.#entries.values()];
  }

  /** Mean success rate; 0 if there is no entry. */
  get meanSuccess(): number {
    return this.entries().reduce((sum, { success }) => sum + success, 0) / Math.max(1, this.#entries.size);
  }

  /** The nearest entries to a question as a choice, each chosen; those without a word in common are no candidates. */
  select(question: string, count: number): SkillSelection {
    const entries = this.entries();
    const scores = tfIdfScores(question, entries.map(({ text, origin }) => `${text}\n${origin.instruction}`));
    const nearest = entries.map((entry, i) => ({ entry, score: scores[i] ?? 0 })).filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || a.entry.sequence - b.entry.sequence).slice(0, count);
    const candidates = nearest.map(({ entry: { name, text: source, origin }, score }) => {
      return { skill: { name, kind: "document" as const, source, version: 1, origin }, score, chosen: true };
    });
    return { selector: "tfidf", candidates, gated: false, explored: false, reserved: false };
  }

  /** Credits an entry with the rollouts that were shown it, in order; nothing if it has left. */
  credit(name: string, rights: readonly boolean[]): LibraryChange[] {
    const entry = this.#entries.get(name);
    if (entry === undefined || rights.length === 0) return [];
    const success = rights.reduce((mean, right) => mean + this.#options.rate * (Number(right) - mean), entry.success);
    this.#entries.set(name, { ...entry, success, uses: entry.uses + rights.length });
    const detail = `${rights.filter(Boolean).length} of ${rights.length} right`;
    return [{ operation: "update", name, version: 1, tier: "cache", before: entry.success, after: success, detail }];
  }

  /** Adds the entry of a solved problem, and makes room. */
  add(question: string, trace: string, origin: SkillOrigin): LibraryChange[] {
    const { start, characters, capacity } = this.#options;
    const text = entryText(question, trace, characters);
    const sequence = this.#nextSequence;
    const known = this.entries().find((entry) => entry.text === text);
    if (known !== undefined) {
      const { name, success } = known;
      return [{
        operation: "reject",
        name,
        version: 1,
        tier: "cache",
        before: success,
        after: success,
        detail: "the text is there",
      }];
    }
    this.#nextSequence++;
    const name = `${problemType(question)}_${sequence}`;
    this.#entries.set(name, { name, text, origin, success: start, uses: 0, sequence });
    const changes: LibraryChange[] = [
      { operation: "add", name, version: 1, tier: "cache", before: null, after: start, detail: "" },
    ];
    while (this.#entries.size > capacity) {
      const [lowest] = this.entries().sort((a, b) =>
        a.success * a.uses - b.success * b.uses || a.sequence - b.sequence
      );
      if (lowest === undefined) break;
      this.#entries.delete(lowest.name);
      const detail = `lowest success × uses, ${(lowest.success * lowest.uses).toFixed(3)}`;
      const { name, success: before } = lowest;
      changes.push({ operation: "evict", name, version: 1, tier: null, before, after: null, detail });
    }
    return changes;
  }

  /** State as plain data. */
  toJson(): z.infer<typeof stateSchema> {
    return { nextSequence: this.#nextSequence, entries: this.entries() };
  }

  /** A library from a state. @param where file that it came from. @throws {LibraryStateError} naming the fields that are wrong. */
  static fromJson(value: unknown, where: string, options: TfidfLibraryOptions = {}): TfidfLibrary {
    const checked = stateSchema.safeParse(value);
    if (!checked.success) {
      throw new LibraryStateError(`Cannot use the library in ${where}: ${z.prettifyError(checked.error)}`, {
        cause: checked.error,
      });
    }
    const library = new TfidfLibrary(options);
    for (const entry of checked.data.entries) library.#entries.set(entry.name, entry);
    library.#nextSequence = checked.data.nextSequence;
    return library;
  }
}
