/**
 * The part of the environment that its seed decides: which function has which name, which are kept back, which pairs train shows.
 *
 * Contract: 13 functions are seen in training and 12 held out, shared out evenly over the three kinds. Of the 169 ordered pairs of
 * seen functions (one applied to the other's value), 117 may occur in training and 52 may not; each function has four unseen
 * partners on either side, so that compositions of unseen pairs exist at every depth.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import type { NamedFunctions } from "./expression.ts";
import { FUNCTIONS, type StringFunction } from "./functions.ts";

/** Functions that training shows. */
export const SEEN_FUNCTIONS = 13;
/** Unseen partners of each seen function, as outer and as inner one. */
const UNSEEN_PARTNERS = 4;

/** See the module's contract. */
export interface ComposeWorld {
  /** Seed that it was made from. */
  readonly seed: number;
  /** All functions by name, `f1` to `f25`. */
  readonly functions: NamedFunctions;
  /** Names of the functions that training shows. */
  readonly seen: readonly string[];
  /** Names of the others. */
  readonly heldOut: readonly string[];
  /** Whether training may apply `outer` to a value of `inner`; both are seen functions. */
  isSeenPair(outer: string, inner: string): boolean;
}

/** Kind of a function: it decides how the held-out ones are shared out. */
function kindOf({ texts, parameter }: StringFunction): string {
  return texts === 2 ? "two texts" : parameter === undefined ? "plain" : "parameter";
}

/**
 * The world of a seed.
 *
 * @example Thirteen functions seen, twelve held out
 * ```ts
 * import { composeWorld } from "whetstone/envs/compose/world.ts";
 * import assert from "node:assert/strict";
 *
 * const { seen, heldOut } = composeWorld(1);
 * assert.deepEqual([seen.length, heldOut.length], [13, 12]);
 * ```
 */
export function composeWorld(seed: number): ComposeWorld {
  const random = keyedRandom(seed, "compose", "world");
  const numbers = random.shuffle(FUNCTIONS.map((_, index) => index + 1));
  const named = FUNCTIONS.map((definition, index) => ({
    name: `f${numbers[index]}`,
    definition,
    number: numbers[index] ?? 0,
  }));
  const heldOut = new Set(
    [...Map.groupBy(named, ({ definition }) => kindOf(definition)).values()]
      .flatMap((group) => random.sample(group, Math.floor(group.length / 2))).map(({ name }) => name),
  );
  const ordered = named.sort((a, b) => a.number - b.number);
  const seen = ordered.map(({ name }) => name).filter((name) => !heldOut.has(name));
  const ring = random.shuffle(seen);
  const gaps = new Set(random.sample(ring.map((_, index) => index), UNSEEN_PARTNERS));
  const place = new Map(ring.map((name, index) => [name, index]));
  return {
    seed,
    functions: new Map(ordered.map(({ name, definition }) => [name, definition])),
    seen,
    heldOut: ordered.map(({ name }) => name).filter((name) => heldOut.has(name)),
    isSeenPair: (outer, inner) => {
      const gap = (place.get(outer) ?? 0) - (place.get(inner) ?? 0) + ring.length;
      return !gaps.has(gap % ring.length);
    },
  };
}
