/**
 * Difference of two texts, line by line: a longest common subsequence of lines.
 *
 * Contract: the kept and removed lines make the old text, the kept and added ones the new text. Texts whose lines multiply to more than
 * {@linkcode MOST_PAIRS} are not compared: all old lines count as removed, all new ones as added.
 *
 * @module
 */

/** Most pairs of lines that are compared. */
export const MOST_PAIRS = 1_000_000;

/** One line of a difference. */
export interface DiffLine {
  /** What became of it. */
  readonly kind: "kept" | "removed" | "added";
  /** Its text, without the line break. */
  readonly text: string;
}

/**
 * Lines of both texts, in order.
 *
 * @example
 * ```ts
 * import { lineDiff } from "whetstone/eval/viewer/line_diff.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(lineDiff("a\nb", "a\nc"), [
 *   { kind: "kept", text: "a" },
 *   { kind: "removed", text: "b" },
 *   { kind: "added", text: "c" },
 * ]);
 * ```
 */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const removed = (text: string): DiffLine => ({ kind: "removed", text });
  const added = (text: string): DiffLine => ({ kind: "added", text });
  if (a.length * b.length > MOST_PAIRS) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  // longest[i * width + j]: common lines of a from i and b from j.
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "kept", text: a[i] ?? "" });
      i++;
      j++;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) lines.push(removed(a[i++] ?? ""));
    else lines.push(added(b[j++] ?? ""));
  }
  return lines;
}
