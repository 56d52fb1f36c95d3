/**
 * What the writers of base worlds are given: people, what they did together, and random numbers by identity.
 *
 * Contract: a writer is a pure function of its context and of the rows that earlier writers have written. Each draws from
 * `random(…)` with a key of its own, so that one writer's changes do not move another's rows.
 *
 * @module
 */
import { type KeyedRandom, keyedRandom, type KeyPart } from "../../../data/keyed_random.ts";
import { dateTime, dayNumber } from "../calendar.ts";
import type { Pen } from "../_pen.ts";
import type { Person } from "../world.ts";
import type { Life } from "./life.ts";
import type { Society } from "./society.ts";
import type { WorldProfile } from "./profiles.ts";

/** Date and time up to which history is generated; tasks happen 0 to 60 days later. */
export const WORLD_NOW = "2027-03-15T10:00:00";

/** Writes rows of one app, or of what several apps share. */
export type Writer = (pen: Pen, context: WorldContext) => void;

/** What writers see. */
export class WorldContext {
  readonly seed: number;
  readonly profile: WorldProfile;
  readonly society: Society;
  readonly life: Life;

  /** @param seed seed of the world. */
  constructor(seed: number, profile: WorldProfile, society: Society, life: Life) {
    this.seed = seed;
    this.profile = profile;
    this.society = society;
    this.life = life;
  }

  /** Everybody with accounts, in the order of {@linkcode Society.principals}. */
  get principals(): readonly Person[] {
    return this.society.principals.map((index) => this.person(index));
  }

  /** Person by index. */
  person(index: number): Person {
    const found = this.society.people[index];
    if (found === undefined) throw new RangeError(`There is no person ${index}`);
    return found;
  }

  /** Indices of the people whom somebody knows, with their ties. */
  known(index: number): ReadonlyMap<number, readonly string[]> {
    return this.society.ties(index);
  }

  /** Random numbers of a purpose, such as `random("larkbox", "mixes", index)`. */
  random(...key: readonly KeyPart[]): KeyedRandom {
    return keyedRandom("apps-world", this.seed, ...key);
  }

  /** A count in [low, high] of the full profile, scaled to this one; at least `least`. */
  count(random: KeyedRandom, low: number, high: number, least = 1): number {
    return Math.max(least, Math.round(random.int(low, high) * this.profile.activity));
  }

  /** Size of a catalogue of the full profile, scaled to this one. */
  catalogueSize(full: number, least = 8): number {
    return Math.max(least, Math.round(full * this.profile.catalogue));
  }

  /** Some moment of the past at a waking hour. */
  moment(random: KeyedRandom, leastDaysAgo = 1, mostDaysAgo = this.profile.historyDays): string {
    const day = dayNumber(WORLD_NOW) - random.int(Math.min(leastDaysAgo, mostDaysAgo), mostDaysAgo);
    return dateTime(day, random.int(7 * 3600, 22 * 3600));
  }

  /** A moment a few days after another, never after now. */
  later(random: KeyedRandom, at: string, mostDays = 5): string {
    const time = dateTime(dayNumber(at) + random.int(1, mostDays), random.int(7 * 3600, 22 * 3600));
    return time < WORLD_NOW ? time : at;
  }
}

/** A text with its slots `{name}` filled. @throws {RangeError} if a slot has no value. */
export function fillTemplate(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, slot: string) => {
    const value = values[slot];
    if (value === undefined) throw new RangeError(`Template "${template}" has an unknown slot ${slot}`);
    return String(value);
  });
}

/** First name of a person. */
export function firstName({ name }: { readonly name: string }): string {
  return name.split(" ")[0] ?? name;
}
