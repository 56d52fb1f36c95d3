/**
 * The pair arithmetic of BPE: splitting into pre-tokens, merging one pair, learning merges from word counts.
 *
 * Contract: deterministic; `learnMerges` gives the same merges as counting every pair anew after each merge would, but only
 * touches the words that hold the merged pair.
 *
 * @module
 */

/** Pairs of ids are keyed by `left * PAIR_BASE + right`, exact in a double. */
export const PAIR_BASE = 2 ** 24;

/** Pre-tokens of a text in order; what the pattern leaves between matches is a pre-token too. */
export function* pretokens(text: string, pattern: RegExp): Generator<string> {
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === "") continue;
    if (match.index > end) yield text.slice(end, match.index);
    yield match[0];
    end = match.index + match[0].length;
  }
  if (end < text.length) yield text.slice(end);
}

/** Replaces a pair by one id, from the left. */
export function replacePair(ids: readonly number[], pairKey: number, merged: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0;
    if (i + 1 < ids.length && id * PAIR_BASE + (ids[i + 1] ?? 0) === pairKey) {
      result.push(merged);
      i++;
    } else result.push(id);
  }
  return result;
}

/** A distinct pre-token and how often it occurs. */
export interface WordCount {
  /** Ids of its bytes; replaced while learning. */
  ids: number[];
  readonly count: number;
}

/** A pair as it was when it was put on the heap. */
interface Candidate {
  readonly key: number;
  readonly count: number;
}

/** Whether `a` is merged before `b`: more frequent, or equally frequent with smaller ids. */
function precedes(a: Candidate, b: Candidate): boolean {
  return a.count > b.count || (a.count === b.count && a.key < b.key);
}

/** Binary heap, first candidate on top; outdated entries are dropped by the reader. */
class CandidateHeap {
  readonly #items: Candidate[] = [];

  push(item: Candidate): void {
    const items = this.#items;
    let i = items.push(item) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!precedes(item, items[parent] as Candidate)) break;
      items[i] = items[parent] as Candidate;
      i = parent;
    }
    items[i] = item;
  }

  pop(): Candidate | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && precedes(items[child + 1] as Candidate, items[child] as Candidate)) child++;
      if (!precedes(items[child] as Candidate, last)) break;
      items[i] = items[child] as Candidate;
      i = child;
    }
    items[i] = last;
    return top;
  }
}

/**
 * Learns merges. New ids count up from 256.
 *
 * @param words distinct pre-tokens; their `ids` are replaced.
 * @param limit most merges.
 * @param minCount rarer pairs are not merged.
 * @returns merges in order.
 */
export function learnMerges(words: readonly WordCount[], limit: number, minCount: number): [number, number, number][] {
  const counts = new Map<number, number>();
  const holders = new Map<number, Set<number>>();
  const touched = new Set<number>();
  const add = (ids: readonly number[], word: number, amount: number) => {
    for (let i = 1; i < ids.length; i++) {
      const key = (ids[i - 1] ?? 0) * PAIR_BASE + (ids[i] ?? 0);
      counts.set(key, (counts.get(key) ?? 0) + amount);
      touched.add(key);
      if (amount < 0) continue;
      const set = holders.get(key);
      if (set === undefined) holders.set(key, new Set([word]));
      else set.add(word);
    }
  };
  const heap = new CandidateHeap();
  const flush = () => {
    for (const key of touched) {
      const count = counts.get(key) ?? 0;
      if (count >= minCount) heap.push({ key, count });
    }
    touched.clear();
  };
  words.forEach((word, index) => add(word.ids, index, word.count));
  flush();
  const merges: [number, number, number][] = [];
  while (merges.length < limit) {
    const top = heap.pop();
    if (top === undefined) break;
    if (counts.get(top.key) !== top.count) continue;
    const merged = 256 + merges.length;
    merges.push([Math.floor(top.key / PAIR_BASE), top.key % PAIR_BASE, merged]);
    for (const index of holders.get(top.key) ?? []) {
      const word = words[index] as WordCount;
      const ids = replacePair(word.ids, top.key, merged);
      // The set may name a word that lost the pair to an earlier merge.
      if (ids.length === word.ids.length) continue;
      add(word.ids, index, -word.count);
      add(ids, index, word.count);
      word.ids = ids;
    }
    holders.delete(top.key);
    flush();
  }
  return merges;
}
