/**
 * The 25 string functions that compositions are made of.
 *
 * Contract: functions are pure and total on texts of lower-case letters and give such texts; parameters are drawn with the item.
 * Ten take one text, ten take a text and a parameter, five take two texts. Their keys stay inside; tasks call them by meaningless names.
 * Choices: which functions these are is ours. The setting (opaque functions on short texts, some of them kept back) is that of
 * arXiv 2509.25123, which has 25 of its own.
 *
 * @module
 */
import type { KeyedRandom } from "../../data/keyed_random.ts";

/** What a parameter may be. */
export type ParameterKind = "number" | "text";

/** A value in an expression: a text, or a number where a parameter is one. */
export type Value = string | number;

/** One function. */
export interface StringFunction {
  /** Name inside this room. */
  readonly key: string;
  /** Number of texts that it takes. */
  readonly texts: 1 | 2;
  /** Kind of its parameter, if it has one; the parameter comes last. */
  readonly parameter?: ParameterKind;
  /** Draws a parameter. */
  readonly draw?: (random: KeyedRandom) => Value;
  /** What it does, in one sentence about `s` (and `t`, and its parameter `k` or `w`). */
  readonly definition: string;
  /** Applies it; as many values as texts and parameter together. */
  readonly run: (s: string, second: Value) => string;
}

/** Lower-case letters. */
export const LETTERS = "abcdefghijklmnopqrstuvwxyz";

const VOWELS = "aeiou";

/** Letter `steps` places further on in the alphabet, round and round. */
function shifted(letter: string, steps: number): string {
  const at = LETTERS.indexOf(letter) + steps;
  return LETTERS[((at % 26) + 26) % 26] ?? letter;
}

/** A text of random letters. */
export function drawText(random: KeyedRandom, shortest: number, longest: number): string {
  return Array.from({ length: random.int(shortest, longest) }, () => LETTERS[random.int(0, 25)]).join("");
}

const reversed = (s: string): string => [...s].reverse().join("");
const chunks = (s: string, size: number): string[] =>
  Array.from({ length: Math.ceil(s.length / size) }, (_, i) => s.slice(i * size, (i + 1) * size));
const half = (s: string): number => Math.ceil(s.length / 2);
const everyOther = (s: string, first: 0 | 1): string => [...s].filter((_, i) => i % 2 === first).join("");

function interleaved(s: string, t: string): string {
  const length = Math.max(s.length, t.length);
  return Array.from({ length }, (_, i) => (s[i] ?? "") + (t[i] ?? "")).join("");
}

function outsideIn(s: string): string {
  return Array.from({ length: s.length }, (_, i) => s[i % 2 === 0 ? i / 2 : s.length - (i + 1) / 2] ?? "").join("");
}

const number = (low: number, high: number) => ({
  parameter: "number" as const,
  draw: (random: KeyedRandom) => random.int(low, high),
});
const text = (shortest: number, longest: number) => ({
  parameter: "text" as const,
  draw: (random: KeyedRandom) => drawText(random, shortest, longest),
});

/** All functions. */
export const FUNCTIONS: readonly StringFunction[] = [
  { key: "reverse", texts: 1, definition: "s backwards", run: reversed },
  {
    key: "swap_halves",
    texts: 1,
    definition: "the second half of s, then its first half (which has the middle letter if there is one)",
    run: (s) => s.slice(half(s)) + s.slice(0, half(s)),
  },
  { key: "sort", texts: 1, definition: "the letters of s in alphabetical order", run: (s) => [...s].sort().join("") },
  {
    key: "swap_pairs",
    texts: 1,
    definition: "s with its first and second letter exchanged, its third and fourth, and so on",
    run: (s) => chunks(s, 2).map(reversed).join(""),
  },
  {
    key: "mirror_alphabet",
    texts: 1,
    definition: "each letter of s replaced by its counterpart from the other end of the alphabet (a by z, b by y, …)",
    run: (s) => [...s].map((letter) => LETTERS[25 - LETTERS.indexOf(letter)] ?? letter).join(""),
  },
  {
    key: "outside_in",
    texts: 1,
    definition: "the first letter of s, the last, the second, the last but one, and so on to the middle",
    run: outsideIn,
  },
  {
    key: "odd_then_even",
    texts: 1,
    definition: "the letters at the first, third, fifth … place of s, then those at the second, fourth …",
    run: (s) => everyOther(s, 0) + everyOther(s, 1),
  },
  {
    key: "distinct",
    texts: 1,
    definition: "s without any letter that already stands further left in it",
    run: (s) => [...new Set(s)].join(""),
  },
  {
    key: "double_letters",
    texts: 1,
    definition: "each letter of s twice",
    run: (s) => [...s].map((c) => c + c).join(""),
  },
  { key: "palindrome", texts: 1, definition: "s, then s backwards", run: (s) => s + reversed(s) },
  {
    key: "shift",
    texts: 1,
    ...number(1, 12),
    definition: "each letter of s moved k places on in the alphabet, with a after z",
    run: (s, k) => [...s].map((letter) => shifted(letter, Number(k))).join(""),
  },
  {
    key: "rotate",
    texts: 1,
    ...number(1, 4),
    definition: "s with its first letter moved to the end, k times over",
    run: (s, k) => (s === "" ? s : s.slice(Number(k) % s.length) + s.slice(0, Number(k) % s.length)),
  },
  {
    key: "reverse_blocks",
    texts: 1,
    ...number(3, 5),
    definition: "s cut from the left into blocks of k letters (the last may be shorter), each block backwards",
    run: (s, k) => chunks(s, Number(k)).map(reversed).join(""),
  },
  {
    key: "drop_first",
    texts: 1,
    ...number(1, 4),
    definition: "s without its first k letters; s itself if it has no more than k",
    run: (s, k) => (s.length > Number(k) ? s.slice(Number(k)) : s),
  },
  {
    key: "keep_first",
    texts: 1,
    ...number(4, 9),
    definition: "the first k letters of s; s itself if it has no more than k",
    run: (s, k) => s.slice(0, Number(k)),
  },
  {
    key: "repeat_first",
    texts: 1,
    ...number(2, 5),
    definition: "s, then its first k letters again (all of them if it has fewer)",
    run: (s, k) => s + s.slice(0, Number(k)),
  },
  {
    key: "every_kth_twice",
    texts: 1,
    ...number(2, 3),
    definition: "s with each letter whose place, counted from 1, is a multiple of k written twice",
    run: (s, k) => [...s].map((c, i) => ((i + 1) % Number(k) === 0 ? c + c : c)).join(""),
  },
  { key: "append", texts: 1, ...text(2, 4), definition: "s, then w", run: (s, w) => s + w },
  {
    key: "insert_middle",
    texts: 1,
    ...text(1, 3),
    definition: "s with w put in after its first half (which has the middle letter if there is one)",
    run: (s, w) => s.slice(0, half(s)) + w + s.slice(half(s)),
  },
  {
    key: "replace_vowels",
    texts: 1,
    ...text(1, 2),
    definition: "s with each of a, e, i, o, u replaced by w",
    run: (s, w) => [...s].map((c) => (VOWELS.includes(c) ? w : c)).join(""),
  },
  { key: "concatenate", texts: 2, definition: "s, then t", run: (s, t) => s + t },
  {
    key: "interleave",
    texts: 2,
    definition:
      "the first letter of s, the first of t, the second of s, the second of t, …; a longer one ends on its own",
    run: (s, t) => interleaved(s, String(t)),
  },
  {
    key: "add_letters",
    texts: 2,
    definition:
      "each letter of s moved on in the alphabet (with a after z) by as many places as the letter of t at the same " +
      "place stands after a; where t has ended, it begins again",
    run: (s, t) =>
      [...s].map((c, i) => shifted(c, LETTERS.indexOf(String(t)[i % Math.max(1, String(t).length)] ?? "a"))).join(""),
  },
  {
    key: "ends_then_begins",
    texts: 2,
    definition: "what follows the first half of s (a middle letter counts to the first half), then the first half of t",
    run: (s, t) => s.slice(half(s)) + String(t).slice(0, half(String(t))),
  },
  {
    key: "interleave_backwards",
    texts: 2,
    definition:
      "the last letter of s, the last of t, the last but one of s, the last but one of t, …; a longer one ends on its own",
    run: (s, t) => interleaved(reversed(s), reversed(String(t))),
  },
];
