/**
 * Sizes of worlds. `full` is the benchmark's; the smaller ones are for tests and quick trials.
 *
 * @module
 */

/** Names of profiles. */
export const PROFILE_NAMES = ["tiny", "mid", "full"] as const;
/** Name of a profile. */
export type ProfileName = typeof PROFILE_NAMES[number];

/** How large a world is. */
export interface WorldProfile {
  readonly name: ProfileName;
  /** Apps beside the utilities, in the order of the documentation. */
  readonly apps: readonly string[];
  /** Homes by kind: families of 3 or 4, couples, shared flats of 3 or 4, and people who live alone. */
  readonly homes: {
    readonly families: number;
    readonly couples: number;
    readonly flats: number;
    readonly singles: number;
  };
  /** Adults with accounts in all apps. */
  readonly principals: number;
  /** Days of history before "now". */
  readonly historyDays: number;
  /** Rows per person, as a share of those in `full`. */
  readonly activity: number;
  /** Sizes of catalogues (products, tracks, …), as a share of those in `full`. */
  readonly catalogue: number;
}

/** Apps that only `test_challenge` may need. */
export const HELD_OUT_APPS: readonly string[] = ["marlo", "quillpost"];

/** All apps beside the utilities. */
export const APP_NAMES = [
  "handset",
  "tuppence",
  "foldnote",
  "stowbox",
  "corkline",
  "larkbox",
  "commonpot",
  "marlo",
  "quillpost",
] as const;

/** Profiles by name. */
export const PROFILES: Readonly<Record<ProfileName, WorldProfile>> = {
  tiny: {
    name: "tiny",
    apps: ["handset", "tuppence", "foldnote"],
    homes: { families: 1, couples: 1, flats: 1, singles: 3 },
    principals: 9,
    historyDays: 90,
    activity: 0.2,
    catalogue: 0.05,
  },
  mid: {
    name: "mid",
    apps: ["handset", "tuppence", "foldnote", "stowbox", "corkline", "larkbox"],
    homes: { families: 4, couples: 3, flats: 3, singles: 6 },
    principals: 24,
    historyDays: 210,
    activity: 0.5,
    catalogue: 0.3,
  },
  full: {
    name: "full",
    apps: APP_NAMES,
    homes: { families: 12, couples: 9, flats: 7, singles: 15 },
    principals: 60,
    historyDays: 420,
    activity: 1,
    catalogue: 1,
  },
};
