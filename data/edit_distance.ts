/**
 * Edit distance, for "did you mean" in error messages (Levenshtein, 1966).
 *
 * @module
 */

/**
 * Least number of inserted, removed or replaced UTF-16 units that turn one text into the other.
 *
 * @example A missing or an extra letter
 * ```ts
 * import { editDistance } from "whetstone/data/edit_distance.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(editDistance("apps", "aps"), 1);
 * assert.equal(editDistance("apps", "papps"), 1);
 * ```
 */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
