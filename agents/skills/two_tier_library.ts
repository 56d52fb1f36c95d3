/**
 * Library of skill documents in two tiers: a small cache, from which a policy chooses, and a larger reservoir behind it.
 *
 *     UPDATE → ADD → EVICT → LOAD → DELETE, always in this order
 *     UPDATE: u ← β u + (1 - β) R
 *
 * Contract: a pure state machine; equal histories give equal states, and a state restored from {@linkcode TwoTierLibrary.toJson} goes on as the
 * original would. Ages are sequence numbers of insertion and times are steps, never a clock. A name is in one tier at most.
 * Source: arXiv 2603.16060, section on library maintenance. Ties: EVICT takes the oldest of the lowest, LOAD the oldest on both sides, DELETE of the cap the
 * oldest of the lowest; an entry keeps its age when it moves. Choices, where the published code does otherwise: EVICT repeats until the cache fits; LOAD fills free
 * places before it swaps, once, or until no swap is left where a call stands for a whole batch; DELETE cuts at the
 * true percentile and drops unused entries before used ones when the reservoir is over its capacity; `deleteRule: "reference"` is the published rule.
 *
 * @module
 */
import { z } from "zod";
import type { Skill, SkillOrigin } from "./library.ts";
import { documentText, type SkillDocument, skillDocumentSchema } from "./skill_document.ts";

/** Options of {@linkcode TwoTierLibrary}. */
export interface TwoTierLibraryOptions {
  /** C_c: most entries of the cache. @default {10} */
  cacheCapacity?: number;
  /** C_r: most entries of the reservoir; 0 is a library without one, where EVICT forgets. @default {100} */
  reservoirCapacity?: number;
  /** β of the utility's moving mean. @default {0.9} */
  emaBeta?: number;
  /** Share of the reservoir below which unused entries are deleted. @default {0.1} */
  deletePercentile?: number;
  /** Which entries DELETE takes. @default {"percentile"} */
  deleteRule?: "percentile" | "reference";
  /**
   * What ADD does with a name that is known: nothing; if the new utility is higher, put the new entry in the old one's place, new in everything but its
   * version; or put the new text in as the entry's next version, which keeps utility, count, age and tier.
   *
   * @default {"reject"}
   */
  onDuplicate?: "reject" | "replaceIfBetter" | "version";
}

/** A document with what the library knows of it. */
export interface LibraryEntry {
  /** The text. */
  readonly document: SkillDocument;
  /** From 1; a new text under the same name is a new version. */
  readonly version: number;
  /** Where it comes from; null for a seed. */
  readonly origin: SkillOrigin | null;
  /** ū: moving mean of the rewards of its users, started at its quality R_s. */
  readonly utility: number;
  /** n: times that it was selected and credited. */
  readonly uses: number;
  /** Order of insertion, from 0. */
  readonly sequence: number;
  /** Step of the last UPDATE; null before the first. */
  readonly lastSelectedStep: number | null;
}

/** Where an entry is. */
export type Tier = "cache" | "reservoir";

/** One thing that maintenance did. */
export interface LibraryChange {
  /** Operation; `reject` is an ADD that was refused. */
  readonly operation: "update" | "add" | "reject" | "evict" | "load" | "unload" | "delete";
  /** Entry. */
  readonly name: string;
  /** Its version. */
  readonly version: number;
  /** Tier that it is in afterwards; null if in none. */
  readonly tier: Tier | null;
  /** Utility before; null where there was none. */
  readonly before: number | null;
  /** Utility afterwards; null where there is none. */
  readonly after: number | null;
  /** Reason, for people. */
  readonly detail: string;
}

/** A new document to be added. */
export interface NewDocument {
  /** The text. */
  readonly document: SkillDocument;
  /** Its first utility: R_s, or 0. */
  readonly utility: number;
  /** Where it comes from. */
  readonly origin: SkillOrigin | null;
}

/** What one maintenance works on. */
export interface MaintenanceInput {
  /** Training step, from 1. */
  readonly step: number;
  /** Rewards to credit, in order. */
  readonly updates?: readonly { readonly name: string; readonly reward: number }[];
  /** Documents to add, in order. */
  readonly additions?: readonly NewDocument[];
  /** LOAD swaps until nothing in the reservoir is better than something in the cache, as one call for several problems needs. @default {false} */
  readonly untilStable?: boolean;
}

/** A library's state cannot be used. */
export class LibraryStateError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "LibraryStateError";
}

const originSchema: z.ZodType<SkillOrigin> = z.strictObject({
  taskId: z.string(),
  scenario: z.string(),
  instruction: z.string(),
  position: z.int(),
  turn: z.int(),
});
const entrySchema: z.ZodType<LibraryEntry> = z.strictObject({
  document: skillDocumentSchema,
  version: z.int().min(1),
  origin: originSchema.nullable(),
  utility: z.number(),
  uses: z.int().min(0),
  sequence: z.int().min(0),
  lastSelectedStep: z.int().min(1).nullable(),
});
const stateSchema = z.strictObject({
  cacheCapacity: z.int().min(1),
  reservoirCapacity: z.int().min(0),
  emaBeta: z.number().min(0).lt(1),
  deletePercentile: z.number().min(0).max(1),
  deleteRule: z.enum(["percentile", "reference"]),
  onDuplicate: z.enum(["reject", "replaceIfBetter", "version"]),
  nextSequence: z.int().min(0),
  cache: z.array(entrySchema),
  reservoir: z.array(entrySchema),
});

/** Everything that a library consists of. */
export type LibraryState = z.infer<typeof stateSchema>;

/** Lowest or highest utility first; among equals the oldest. */
function ranked(entries: Iterable<LibraryEntry>, direction: "lowest" | "highest"): LibraryEntry[] {
  const sign = direction === "lowest" ? 1 : -1;
  return [...entries].sort((a, b) => sign * (a.utility - b.utility) || a.sequence - b.sequence);
}

/**
 * Documents in a cache and a reservoir.
 *
 * @example A better newcomer pushes the oldest of the weakest into the reservoir
 * ```ts
 * import { TwoTierLibrary } from "whetstone/agents/skills/two_tier_library.ts";
 * import assert from "node:assert/strict";
 *
 * const document = (skill_name: string) => ({
 *   skill_name, problem_type: "general" as const, key_insight: "x", method: ["a", "b"], check: "",
 * });
 * const library = new TwoTierLibrary([document("first"), document("second")], { cacheCapacity: 2 });
 * library.maintain({ step: 1, additions: [{ document: document("third"), utility: 1, origin: null }] });
 * assert.deepEqual(library.candidates().map((entry) => entry.document.skill_name), ["third", "second"]);
 * assert.deepEqual(library.entries("reservoir").map((entry) => entry.document.skill_name), ["first"]);
 * ```
 */
export class TwoTierLibrary {
  readonly #options: Required<TwoTierLibraryOptions>;
  readonly #tiers: Readonly<Record<Tier, Map<string, LibraryEntry>>> = { cache: new Map(), reservoir: new Map() };
  #nextSequence = 0;

  /**
   * A library with seeds in its cache: in order, utility 0, names that are known left out, until the cache is full.
   *
   * @throws {LibraryStateError} if an option is out of range.
   */
  constructor(seeds: readonly SkillDocument[] = [], options: TwoTierLibraryOptions = {}) {
    const {
      cacheCapacity = 10,
      reservoirCapacity = 100,
      emaBeta = 0.9,
      deletePercentile = 0.1,
      deleteRule = "percentile",
      onDuplicate = "reject",
    } = options;
    this.#options = { cacheCapacity, reservoirCapacity, emaBeta, deletePercentile, deleteRule, onDuplicate };
    const checked = stateSchema.safeParse({ ...this.#options, nextSequence: 0, cache: [], reservoir: [] });
    if (!checked.success) {
      throw new LibraryStateError(`Cannot make a library: ${z.prettifyError(checked.error)}`, { cause: checked.error });
    }
    for (const document of seeds) {
      if (this.#tiers.cache.size >= cacheCapacity) break;
      if (this.#tiers.cache.has(document.skill_name)) continue;
      this.#insert({ document, utility: 0, origin: null }, 1);
    }
  }

  /** Number of documents in both tiers. */
  get size(): number {
    return this.#tiers.cache.size + this.#tiers.reservoir.size;
  }

  /** Entry of a name, in either tier. */
  entry(name: string): LibraryEntry | undefined {
    return this.#tiers.cache.get(name) ?? this.#tiers.reservoir.get(name);
  }

  /** Tier of a name. */
  tierOf(name: string): Tier | undefined {
    return this.#tiers.cache.has(name) ? "cache" : this.#tiers.reservoir.has(name) ? "reservoir" : undefined;
  }

  /** Entries of a tier, oldest first. */
  entries(tier: Tier): LibraryEntry[] {
    return [...this.#tiers[tier].values()].sort((a, b) => a.sequence - b.sequence);
  }

  /** What a policy may choose from: the cache by utility, highest first; among equals the oldest. */
  candidates(): LibraryEntry[] {
    return ranked(this.#tiers.cache.values(), "highest");
  }

  /** The same documents as skills, in the order of {@linkcode TwoTierLibrary.candidates}. */
  list(): Skill[] {
    return this.candidates().map(({ document, version, origin }) => ({
      name: document.skill_name,
      kind: "document",
      source: documentText(document),
      version,
      origin: origin ?? { taskId: "", scenario: "", instruction: "", position: 0, turn: -1 },
    }));
  }

  /** Runs the five operations in their order; gives what they did. */
  maintain({ step, updates = [], additions = [], untilStable = false }: MaintenanceInput): LibraryChange[] {
    return [
      ...updates.flatMap(({ name, reward }) => this.#update(name, reward, step)),
      ...additions.map((addition) => this.#add(addition)),
      ...this.#evict(),
      ...this.#load(untilStable),
      ...this.#delete(),
    ];
  }

  #insert({ document, utility, origin }: NewDocument, version: number): LibraryEntry {
    const sequence = this.#nextSequence++;
    const entry: LibraryEntry = { document, version, origin, utility, uses: 0, sequence, lastSelectedStep: null };
    this.#tiers.cache.set(document.skill_name, entry);
    return entry;
  }

  /** UPDATE; a name that is not known, or no longer, is passed over. */
  #update(name: string, reward: number, step: number): LibraryChange[] {
    const tier = this.tierOf(name);
    const entry = this.entry(name);
    if (tier === undefined || entry === undefined) return [];
    const { emaBeta } = this.#options;
    const utility = emaBeta * entry.utility + (1 - emaBeta) * reward;
    this.#tiers[tier].set(name, { ...entry, utility, uses: entry.uses + 1, lastSelectedStep: step });
    return [change("update", entry, tier, entry.utility, utility, `reward ${reward}`)];
  }

  #add(addition: NewDocument): LibraryChange {
    const { document, utility } = addition;
    const tier = this.tierOf(document.skill_name);
    const known = this.entry(document.skill_name);
    if (tier === undefined || known === undefined) {
      return change("add", this.#insert(addition, 1), "cache", null, utility, "");
    }
    const { onDuplicate } = this.#options;
    if (onDuplicate === "replaceIfBetter" && utility > known.utility) {
      this.#tiers[tier].delete(document.skill_name);
      const next = this.#insert(addition, known.version + 1);
      return change("add", next, "cache", known.utility, utility, "better than the version before");
    }
    if (onDuplicate !== "version") {
      return change("reject", known, tier, known.utility, known.utility, "the name is taken");
    }
    const next: LibraryEntry = { ...known, document, origin: addition.origin, version: known.version + 1 };
    this.#tiers[tier].set(document.skill_name, next);
    return change("add", next, tier, known.utility, known.utility, "replaces the text of the version before");
  }

  #move(entry: LibraryEntry, from: Tier, to: Tier): void {
    this.#tiers[from].delete(entry.document.skill_name);
    this.#tiers[to].set(entry.document.skill_name, entry);
  }

  #evict(): LibraryChange[] {
    const changes: LibraryChange[] = [];
    const { cacheCapacity, reservoirCapacity } = this.#options;
    for (const entry of ranked(this.#tiers.cache.values(), "lowest")) {
      if (this.#tiers.cache.size <= cacheCapacity) break;
      const keeps = reservoirCapacity > 0;
      if (keeps) this.#move(entry, "cache", "reservoir");
      else this.#tiers.cache.delete(entry.document.skill_name);
      const tier = keeps ? "reservoir" : null;
      changes.push(change("evict", entry, tier, entry.utility, keeps ? entry.utility : null, "lowest of a full cache"));
    }
    return changes;
  }

  #load(untilStable: boolean): LibraryChange[] {
    const changes: LibraryChange[] = [];
    const { cache, reservoir } = this.#tiers;
    for (const entry of ranked(reservoir.values(), "highest")) {
      if (cache.size >= this.#options.cacheCapacity) break;
      this.#move(entry, "reservoir", "cache");
      changes.push(change("load", entry, "cache", entry.utility, entry.utility, "free place"));
    }
    let swaps = untilStable ? Infinity : 1;
    while (swaps-- > 0) {
      const [best] = ranked(reservoir.values(), "highest");
      const [worst] = ranked(cache.values(), "lowest");
      if (best === undefined || worst === undefined || best.utility <= worst.utility) break;
      this.#move(worst, "cache", "reservoir");
      this.#move(best, "reservoir", "cache");
      const { document: { skill_name } } = worst;
      changes.push(change("load", best, "cache", best.utility, best.utility, `in place of ${skill_name}`));
      changes.push(
        change("unload", worst, "reservoir", worst.utility, worst.utility, "the reservoir had a better one"),
      );
    }
    return changes;
  }

  #delete(): LibraryChange[] {
    const { deletePercentile, deleteRule, reservoirCapacity } = this.#options;
    const { reservoir } = this.#tiers;
    if (reservoir.size === 0) return [];
    const utilities = [...reservoir.values()].map(({ utility }) => utility).sort((a, b) => a - b);
    const rank = Math.floor(deletePercentile * utilities.length);
    const place = deleteRule === "reference" ? Math.max(0, rank - 1) : Math.min(rank, utilities.length - 1);
    const cutoff = utilities[place] ?? -Infinity;
    const changes: LibraryChange[] = [];
    const drop = (entry: LibraryEntry, detail: string) => {
      reservoir.delete(entry.document.skill_name);
      changes.push(change("delete", entry, null, entry.utility, null, detail));
    };
    for (const entry of ranked(reservoir.values(), "lowest")) {
      if (entry.utility < cutoff && entry.uses === 0) drop(entry, `never used, utility below ${cutoff}`);
    }
    const lowest = ranked(reservoir.values(), "lowest");
    const order = deleteRule === "reference"
      ? lowest
      : [...lowest.filter(({ uses }) => uses === 0), ...lowest.filter(({ uses }) => uses > 0)];
    for (const entry of order) {
      if (reservoir.size <= reservoirCapacity) break;
      drop(entry, "lowest of a full reservoir");
    }
    return changes;
  }

  /** State as plain data; {@linkcode TwoTierLibrary.fromJson} restores it. */
  toJson(): LibraryState {
    return {
      ...this.#options,
      nextSequence: this.#nextSequence,
      cache: this.entries("cache"),
      reservoir: this.entries("reservoir"),
    };
  }

  /**
   * A library from a state.
   *
   * @param where file that it came from, for the message.
   * @throws {LibraryStateError} naming the place and each field that is wrong.
   */
  static fromJson(value: unknown, where: string): TwoTierLibrary {
    const checked = stateSchema.safeParse(value);
    if (!checked.success) {
      throw new LibraryStateError(`Cannot use the library in ${where}: ${z.prettifyError(checked.error)}`, {
        cause: checked.error,
      });
    }
    const { nextSequence, cache, reservoir, ...options } = checked.data;
    const fail = (rule: string): never => {
      throw new LibraryStateError(`Cannot use the library in ${where}: ${rule}`);
    };
    const library = new TwoTierLibrary([], options);
    const sequences = new Set<number>();
    for (const [tier, entries] of [["cache", cache], ["reservoir", reservoir]] as const) {
      const capacity = options[`${tier}Capacity`];
      if (entries.length > capacity) fail(`${tier} must have at most ${capacity} entries, got ${entries.length}`);
      for (const entry of entries) {
        const { document: { skill_name: name }, sequence } = entry;
        if (library.tierOf(name) !== undefined) fail(`skill_name ${name} must be there once`);
        if (sequences.has(sequence)) fail(`sequence ${sequence} of ${name} must be there once`);
        if (sequence >= nextSequence) {
          fail(`sequence ${sequence} of ${name} must be below nextSequence, got ${nextSequence}`);
        }
        sequences.add(sequence);
        library.#tiers[tier].set(name, entry);
      }
    }
    library.#nextSequence = nextSequence;
    return library;
  }
}

function change(
  operation: LibraryChange["operation"],
  entry: LibraryEntry,
  tier: Tier | null,
  before: number | null,
  after: number | null,
  detail: string,
): LibraryChange {
  return { operation, name: entry.document.skill_name, version: entry.version, tier, before, after, detail };
}
