/**
 * People, things and signed numbers that several families draw; the same few words everywhere, so that a small policy meets each often.
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";

/** First names. */
export const PEOPLE: readonly string[] = [
  "Ana",
  "Ben",
  "Eva",
  "Leo",
  "Mia",
  "Sam",
  "Tom",
  "Zoe",
  "Ida",
  "Max",
  "Ron",
  "Pia",
];
/** Things that can be counted. */
export const THINGS: readonly string[] = ["pens", "books", "coins", "cards", "shells", "apples", "eggs", "hats"];
/** What things are put into. */
export const CONTAINERS: readonly string[] = ["bags", "boxes", "jars", "crates", "baskets"];

/** A person and a kind of thing. */
export function story(random: KeyedRandom): { readonly who: string; readonly things: string } {
  return { who: random.pick(PEOPLE.slice(0, 8)), things: random.pick(THINGS) };
}

/** Two different people. */
export function pair(random: KeyedRandom): readonly [string, string] {
  const [one = "Ana", other = "Ben"] = random.sample(PEOPLE.slice(0, 8), 2);
  return [one, other];
}

/** An integer from -max to max that is not 0. */
export function nonZero(random: KeyedRandom, max: number): number {
  return random.int(1, max) * (random.int(0, 1) === 1 ? 1 : -1);
}
