/**
 * Who lives in a world.
 *
 * @module
 */
import type { Person } from "../world.ts";

/** Somebody's job. */
export interface Job {
  readonly employer: string;
  readonly role: string;
  /** Index of the manager; null for managers. */
  readonly manager: number | null;
}

/** People and what they are to each other. */
export interface Society {
  readonly people: readonly Person[];
  /** Indices of people with accounts. */
  readonly principals: readonly number[];
  /** Home of each person: an index, equal for people who live together. */
  readonly homes: readonly number[];
  /** Kind of each home. */
  readonly homeKinds: readonly ("family" | "couple" | "flat" | "single")[];
  /** Jobs of people who have one. */
  readonly jobs: ReadonlyMap<number, Job>;
  /** Members of each club by the club's tie, such as `book club`. */
  readonly clubs: ReadonlyMap<string, readonly number[]>;
  /** Ties of person `from` (index) by person `to`: what `to` is to `from`; in order of being made. */
  ties(from: number): ReadonlyMap<number, readonly string[]>;
}
