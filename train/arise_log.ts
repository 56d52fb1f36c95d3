/**
 * What ARISE reports beside rollouts and updates: conclusions, changes of the library, and tokens by component.
 *
 * Contract: as {@linkcode RunLog}; everything becomes durable with the unit.
 *
 * @module
 */
import type { LibraryChange } from "../agents/skills/two_tier_library.ts";
import type { SkillDocument } from "../agents/skills/skill_document.ts";
import type { SkillQuality } from "./arise_rewards.ts";
import type { RunLog } from "./run_log.ts";

/** One attempt to conclude a skill from a group. */
export interface Conclusion {
  /** Step, from 0 as in rows. */
  readonly step: number;
  /** Group of the step. */
  readonly group: number;
  /** Task of the group. */
  readonly taskId: string;
  /** What the model was shown. */
  readonly prompt: string;
  /** Its ids, [P]. */
  readonly promptIds: readonly number[];
  /** What it wrote, verbatim. */
  readonly output: string;
  /** Its ids, [T]. */
  readonly outputIds: readonly number[];
  /** Where the traces came from. */
  readonly traces: "successes" | "reference";
  /** Stage that refused the output; null if it gave a document. */
  readonly refused: "extract" | "parse" | "fields" | "cap" | null;
  /** Why; empty if it was not refused. */
  readonly reason: string;
  /** Whether the document was made from a trace instead. */
  readonly fallback: boolean;
  /** The document that was verified; null if there is none. */
  readonly document: SkillDocument | null;
  /** Whether an unaided rollout was right; null if there was none. */
  readonly unaidedRight: boolean | null;
  /** Whether the rollout with the document was right; null if it was not played. */
  readonly verifiedRight: boolean | null;
  /** R_s; null where it cannot be told. */
  readonly quality: SkillQuality | null;
}

/** Parts of a step that tokens are counted for. */
export const TOKEN_COMPONENTS = ["solve", "select", "conclude", "verify", "baseline"] as const;
/** See {@linkcode TOKEN_COMPONENTS}. */
export type TokenComponent = typeof TOKEN_COMPONENTS[number];

/** Tokens of one part of a step. */
export interface ComponentTokens {
  /** Step, from 0. */
  readonly step: number;
  /** Part. */
  readonly component: TokenComponent;
  /** Sequences. */
  readonly sequences: number;
  /** Tokens read. */
  readonly promptTokens: number;
  /** Tokens written, or scored. */
  readonly generatedTokens: number;
}

/** The library after a step. */
export interface LibraryReport {
  /** Step, from 0. */
  readonly step: number;
  /** What maintenance did, in order, each with the group that it was done for; -1 for the whole step. */
  readonly changes: readonly (LibraryChange & { readonly group: number })[];
  /** Entries and mean utility of the tiers. */
  readonly cacheSize: number;
  readonly reservoirSize: number;
  /** Mean ū over the cache; 0 if it is empty. */
  readonly cacheUtility: number;
}

/** {@linkcode RunLog} of an ARISE run. */
export interface AriseLog extends RunLog {
  /** Conclusions of a step. */
  conclusions(conclusions: readonly Conclusion[]): void;
  /** Changes of the library. */
  library(report: LibraryReport): void;
  /** Tokens by component. */
  tokens(tokens: readonly ComponentTokens[]): void;
}
