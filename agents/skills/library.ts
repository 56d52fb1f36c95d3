/**
 * Skill library: the executable functions that one chain of tasks has saved, by name.
 *
 * Contract: a name holds one function; saving it again overwrites the source and counts the version up (last writer wins, arXiv
 * 2512.17102, 3.6). Libraries share nothing. The order is that of the first save.
 * Omitted: pruning and expiry, which the paper does not have.
 *
 * @module
 */
import type { SKILL_EVENT_KINDS } from "../../data/schema.ts";
import type { ExtractedFunction } from "./extract.ts";

/** Where a skill comes from. */
export interface SkillOrigin {
  readonly taskId: string;
  readonly scenario: string;
  /** Instruction of the task, for label-free retrieval. */
  readonly instruction: string;
  /** Place of the task in its chain, from 1. */
  readonly position: number;
  /** Turn of the episode, from 0. */
  readonly turn: number;
}

/** A saved skill. */
export interface Skill {
  readonly name: string;
  readonly kind: "function" | "document";
  readonly source: string;
  /** 1 for the first body saved under the name. */
  readonly version: number;
  readonly origin: SkillOrigin;
}

/** Kinds of events of a skill. */
export type SkillEventKind = typeof SKILL_EVENT_KINDS[number];

/** Something that happened to a skill. */
export interface SkillEvent {
  readonly kind: SkillEventKind;
  readonly name: string;
  /** Version concerned; 0 where none is saved yet. */
  readonly version: number;
  /** For people; may be empty. */
  readonly detail: string;
}

/** Functions by name. */
export class SkillLibrary {
  readonly #skills = new Map<string, Skill>();

  /** Number of skills. */
  get size(): number {
    return this.#skills.size;
  }

  /** Skill of a name. */
  get(name: string): Skill | undefined {
    return this.#skills.get(name);
  }

  /** All skills, in the order of their first save. */
  list(): Skill[] {
    return [...this.#skills.values()];
  }

  /** Adds a function, or overwrites the one of the same name; returns what is stored now. */
  save(found: Pick<ExtractedFunction, "name" | "source">, origin: SkillOrigin): Skill {
    const version = (this.#skills.get(found.name)?.version ?? 0) + 1;
    const skill: Skill = { name: found.name, kind: "function", source: found.source, version, origin };
    this.#skills.set(found.name, skill);
    return skill;
  }
}
