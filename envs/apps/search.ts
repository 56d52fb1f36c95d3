/**
 * Search of the apps: BM25 over simply stemmed words (Robertson & Zaragoza 2009, k1 = 1.2, b = 0.75).
 *
 * Contract: search ranks and never filters: documents that match come first, best first, all others after, ties in the given
 * order. A query is the OR of its words.
 * Omitted: phrases, weights of fields (repeat a field's text to weigh it).
 *
 * @module
 */

const K1 = 1.2;
const B = 0.75;

/** Word stems of a text, in order. */
export function stems(text: string): string[] {
  return (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map(stem);
}

function stem(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 5 && word.endsWith("ing")) return withoutDoubledEnd(word.slice(0, -3));
  if (word.length > 4 && word.endsWith("ed")) return withoutDoubledEnd(word.slice(0, -2));
  if (word.length > 4 && /(?:s|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith("s") && !word.endsWith("ss")) return withoutEnd(word.slice(0, -1));
  return withoutEnd(word);
}

/** `note` and `noting` should meet: a final e goes, too. */
function withoutEnd(word: string): string {
  return word.length > 4 && word.endsWith("e") ? word.slice(0, -1) : word;
}

function withoutDoubledEnd(word: string): string {
  return /([bdgmnprt])\1$/.test(word) ? word.slice(0, -1) : withoutEnd(word);
}

/**
 * BM25 score of each text for a query; 0 where no word matches.
 *
 * @param texts [N]
 * @param query words.
 * @returns scores, [N], at least 0.
 */
export function scoresOf(texts: readonly string[], query: string): Float64Array {
  return scoresOfStems(texts.map(stems), query);
}

/** {@linkcode scoresOf} of texts whose stems are known, [N][words]. */
function scoresOfStems(documents: readonly (readonly string[])[], query: string): Float64Array {
  const meanLength = documents.reduce((sum, document) => sum + document.length, 0) / Math.max(1, documents.length);
  const scores = new Float64Array(documents.length);
  for (const word of new Set(stems(query))) {
    const counts = documents.map((document) => document.reduce((n, other) => (other === word ? n + 1 : n), 0));
    const containing = counts.reduce((n, count) => (count > 0 ? n + 1 : n), 0);
    const idf = Math.log(1 + (documents.length - containing + 0.5) / (containing + 0.5));
    counts.forEach((count, i) => {
      if (count === 0) return;
      const length = (documents[i]?.length ?? 0) / Math.max(1, meanLength);
      scores[i] = (scores[i] ?? 0) + (idf * count * (K1 + 1)) / (count + K1 * (1 - B + B * length));
    });
  }
  return scores;
}

/** All items by score, highest first; equal scores in the given order. */
export function byScore<T>(items: readonly T[], scores: ArrayLike<number>): T[] {
  return items.map((item, i) => ({ item, i, score: scores[i] ?? 0 }))
    .sort((a, b) => b.score - a.score || a.i - b.i)
    .map(({ item }) => item);
}

/**
 * All items, ranked by a query.
 *
 * @example Items that do not match stay in the list
 * ```ts
 * import { rank } from "whetstone/envs/apps/search.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(rank(["red lamp", "blue mugs"], "mug", (item) => item), ["blue mugs", "red lamp"]);
 * ```
 *
 * @param items in the order that breaks ties.
 * @param query words.
 * @param textOf text of an item.
 * @returns every item once.
 */
export function rank<T>(items: readonly T[], query: string, textOf: (item: T) => string): T[] {
  return byScore(items, scoresOfStems(items.map((item) => stemsOf(item, textOf)), query));
}

/** Stems of objects, by the function that gives their text: a catalogue of thousands is searched again and again. */
const KNOWN = new WeakMap<object, WeakMap<object, readonly string[]>>();

function stemsOf<T>(item: T, textOf: (item: T) => string): readonly string[] {
  if (typeof item !== "object" || item === null || !Object.isFrozen(item)) return stems(textOf(item));
  const own = KNOWN.get(textOf) ?? new WeakMap<object, readonly string[]>();
  KNOWN.set(textOf, own);
  const known = own.get(item) ?? stems(textOf(item));
  own.set(item, known);
  return known;
}
