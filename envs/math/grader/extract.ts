/**
 * Where the answer stands in a completion.
 *
 * Contract: three kinds of place, found in time linear in the text.
 * - **boxed**: `\boxed{…}` or `\fbox{…}` with balanced braces (the outermost, if nested), or `\boxed 5`. Boxes that are joined by
 *   nothing but commas, "and" or "or" are one list. Empty boxes (as in "put it in \boxed{}") and boxes that never close are none.
 * - **answer**: `#### 18`; a line that begins with `Answer:`, `Final answer:` or the like, markdown or not, its answer on the same
 *   line or, if nothing follows the label, on the next; `<answer>…</answer>`; `the (final) answer is …` inside a sentence, but then only if what follows
 *   looks like an answer.
 * - **final-line**: the last line that is not empty, if it looks like an answer: an expression without prose; a number with a unit
 *   of up to three words; at most three words and no digit; or what follows the last "=" of a one-line calculation with at
 *   most three words before it. A number inside a sentence is never taken out of it.
 *
 * Rank: boxed and answer are both explicit, and the one that stands last in the text wins; the final line counts only if there is
 * no explicit answer. A box inside a labelled answer is that answer. Of a labelled answer, what follows a full stop and a new
 * sentence, or "because", "since", "which", "as", "so", is cut off.
 *
 * @module
 */
import { isProse, looksLikeAnswer } from "./_prose.ts";
import { trimMarks } from "./_trim.ts";

/** An answer and the rule that found it. */
export interface Extraction {
  /** The answer as it stands in the completion, markdown and delimiters included. */
  readonly text: string;
  /** See the module comment. */
  readonly rule: "boxed" | "answer" | "final-line";
}

/** An answer with its place: `start` is where its mark begins, `end` where the answer ends. */
interface Found extends Extraction {
  readonly start: number;
  readonly end: number;
}

/** Index of the brace that closes each opening one, in one pass; escaped braces do not count. */
function matchBraces(text: string): Map<number, number> {
  const pairs = new Map<number, number>();
  const open: number[] = [];
  for (let i = text.indexOf("{"); i >= 0 && i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== 0x7B && code !== 0x7D) continue;
    let slashes = 0;
    while (slashes < 8 && text[i - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 1) continue;
    if (code === 0x7B) open.push(i);
    else {
      const start = open.pop();
      if (start !== undefined) pairs.set(start, i);
    }
  }
  return pairs;
}

/** All boxes that are not inside another, in order, with lists already joined. */
function findBoxes(text: string): Found[] {
  if (!text.includes("box")) return [];
  const pairs = matchBraces(text);
  const boxes: Found[] = [];
  for (const mark of text.matchAll(/\\(?:boxed|f(?:rame)?box)(?![a-zA-Z])[ \t]{0,8}/g)) {
    const last = boxes.at(-1);
    if (last !== undefined && mark.index < last.end) continue;
    const at = mark.index + mark[0].length;
    const found = boxAt(text, mark.index, at, pairs);
    if (found === undefined) continue;
    const gap = last === undefined ? "x" : text.slice(last.end, Math.min(mark.index, last.end + 40));
    if (last !== undefined && mark.index - last.end < 40 && JOINT.test(gap)) {
      boxes[boxes.length - 1] = { ...found, text: `${last.text}, ${found.text}`, start: last.start };
    } else boxes.push(found);
  }
  return boxes;
}

/** What may stand between two boxes of one list. */
const JOINT = /^(?:[\s$,;&]|\\\)|\\\(|\\quad|\\text\{\s*(?:and|or)\s*\}|\band\b|\bor\b)*$/;

function boxAt(text: string, start: number, at: number, pairs: ReadonlyMap<number, number>): Found | undefined {
  if (text[at] === "{") {
    const close = pairs.get(at);
    if (close === undefined) return undefined;
    const content = text.slice(at + 1, close);
    return content.trim() === "" ? undefined : { text: content, rule: "boxed", start, end: close + 1 };
  }
  const token = /^[^\s$\\{}]{1,40}/.exec(text.slice(at, at + 40))?.[0].replace(/[.,;:!?*)\]]+$/, "") ?? "";
  return token === "" ? undefined : { text: token, rule: "boxed", start, end: at + token.length };
}

/** A label that begins a line; group 1 is what follows it. Heading marks, list marks and emphasis may stand around it. */
const LABEL =
  /^[ \t>#*_|`-]{0,12}(?:\d{1,2}\.[ \t])?(?:(?:so|thus|hence|therefore)[ \t,]{1,3})?(?:my |the |our )?(?:final |correct )?(?:answer|ans)(?:[ \t]?\([^()\n]{0,20}\))?[ \t*_`]{0,6}(?:[:：=](.*)|is[ \t]{0,3}[:：](.*)|[ \t*_`:#]{0,6}$)/i;
/** The phrase inside a sentence; what follows it must look like an answer. */
const PHRASE =
  /\banswers?(?:[ \t]+(?:to|of|for|in)[ \t]+(?:the|this|that|our)[ \t]+\w{1,20}(?:[ \t]+\w{1,20})?)?[ \t*_]{0,6}(?:\bis\b|\bare\b|\bequals\b|[:：=])/gi;
/** The label in one cell of a table and the answer in the next. */
const TABLE = /^[ \t]{0,4}\|[ \t*_]{0,6}(?:final |correct )?answer[ \t:*_]{0,6}\|([^|\n]{1,2000})\|?[ \t]*$/i;
const HASHES = /^[ \t*]{0,4}####[ \t]{0,4}(.*)$/;
/** Words between "is" and the answer. */
const FILLER =
  /^[ \t:*_]*(?:(?:therefore|thus|then|hence|simply|just|clearly|exactly|indeed|now|equal to|given by|option|choice)[ \t,:]+){0,3}/i;

/** Cuts a labelled answer where the sentence goes on. */
function cutRemark(text: string): string {
  // A mark of emphasis that the label opened ("**Answer: 5** and so on") closes the answer, too.
  const reason = /[ \t,;]{1,8}\(?(?:because|since|which|as|so|therefore|thus|hence)[ \t,]/i.exec(text);
  let cut = reason?.index ?? text.length;
  for (const stop of text.slice(0, cut).matchAll(/[.!?;][$)*_`\]\\"]{0,6}[ \t]+(?=[A-Z"“(\\$*])/g)) {
    // "No. 5" and "Mr. Smith" are no ends of sentences.
    if (/(?:^|\s)(?:no|mr|mrs|ms|dr|st|approx)$/i.test(text.slice(0, stop.index)) && stop.index < 3) continue;
    cut = stop.index + stop[0].trimEnd().length;
    break;
  }
  return text.slice(0, cut).trim();
}

/** Lines that a displayed block may have. */
const BLOCK_LINES = 20;

/** What a displayed block that begins at a line holds, or that line alone. */
function blockFrom(lines: readonly string[], index: number): { text: string; last: number } | undefined {
  let i = index;
  while (i < lines.length && i < index + 4 && (lines[i] ?? "").trim() === "") i++;
  const first = (lines[i] ?? "").trim();
  if (first === "" || i >= index + 4) return undefined;
  const fence = /^(?:```|\$\$|\\\[)/.exec(first)?.[0];
  if (fence === undefined) return { text: first, last: i };
  const closing = fence === "\\[" ? "\\]" : fence;
  if (fence !== "```" && first.indexOf(closing, 2) > 0) return { text: first, last: i };
  const body: string[] = fence === "```" ? [] : [first.slice(2)];
  for (let j = i + 1; j < lines.length && j < i + BLOCK_LINES; j++) {
    const line = lines[j] ?? "";
    const end = line.indexOf(closing);
    if (end >= 0) return { text: [...body, line.slice(0, end)].join(" ").trim(), last: j };
    body.push(line);
  }
  return { text: first, last: i };
}

/** Lines longer than this hold no label that a person would see, nor answers longer than this a sentence; it bounds the work. */
const LINE_LIMIT = 20_000;
const PHRASE_LIMIT = 4000;
/** Phrases inside sentences that are looked at, from the last one backwards. */
const PHRASE_TRIES = 50;

/** The last answer that a phrase inside a sentence announces, its place, and how many phrases were looked at. */
function inSentence(line: string, limit = PHRASE_TRIES): { text: string | undefined; at: number; tries: number } {
  const phrases = [...line.matchAll(PHRASE)].slice(-limit).toReversed();
  for (const phrase of phrases) {
    const from = phrase.index + phrase[0].length;
    const text = cutRemark(line.slice(from, from + PHRASE_LIMIT).replace(FILLER, ""));
    if (text !== "" && looksLikeAnswer(trimMarks(text, "", ".!;,*_` "))) return { text, at: phrase.index, tries: 0 };
  }
  return { text: undefined, at: 0, tries: phrases.length };
}

/** The last labelled answer. */
function findLabelled(lines: readonly string[]): Found | undefined {
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length + 1;
  }
  let tries = PHRASE_TRIES;
  for (let index = lines.length - 1; index >= 0; index--) {
    const head = (lines[index] ?? "").slice(0, LINE_LIMIT)
      .replace(/\\(?:text|textbf|mathbf|mathrm)\{\s{0,4}((?:final )?answer)\s{0,4}:?\s{0,4}\}/i, "$1:");
    const start = starts[index] ?? 0;
    const end = start + (lines[index] ?? "").length;
    const found = (raw: string, to: number): Found | undefined => {
      const answer = cutRemark(trimMarks(raw, " \t*_:：", ""));
      return /[^\s*_`#:|>-]/.test(answer) ? { text: answer, rule: "answer", start, end: to } : undefined;
    };
    const hashes = /^[ \t*]{0,4}####/.test(head) ? HASHES.exec(head)?.[1] : undefined;
    if (hashes !== undefined && !isProse(hashes) && !/answer/i.test(hashes)) {
      const answer = found(hashes, end);
      if (answer !== undefined) return answer;
    }
    if (!/ans/i.test(head)) continue;
    const label = /ans/i.test(head.slice(0, 60)) ? LABEL.exec(head) ?? TABLE.exec(head) : null;
    if (label !== null) {
      // "Final answer: the final answer is 12." says it twice.
      const rest = inSentence(label[1] ?? label[2] ?? "").text ?? label[1] ?? label[2] ?? "";
      const block = /[^\s*_`:|]/.test(rest) ? { text: rest, last: index } : blockFrom(lines, index + 1);
      if (block === undefined) continue;
      const answer = found(block.text, (starts[block.last] ?? 0) + (lines[block.last] ?? "").length);
      if (answer !== undefined) return answer;
      continue;
    }
    const phrase = tries > 0 ? inSentence(head, tries) : undefined;
    if (phrase?.text !== undefined) return { text: phrase.text, rule: "answer", start: start + phrase.at, end };
    tries -= phrase?.tries ?? 0;
  }
  return undefined;
}

/** The last line, or what follows the last "=" of a calculation on it. */
function finalLine(lines: readonly string[]): string | undefined {
  const index = lines.findLastIndex((line) => /[^\s*_`#>|-]/.test(line) && !/^\s*(?:```|\$\$|\\\])\s*$/.test(line));
  const last = lines[index] ?? "";
  // A matrix or a displayed formula of several lines is one answer.
  const environment = /^\s*(\\right.{0,3})?\\end\{/.test(last)
    ? lines.slice(0, index + 1).findLastIndex((line) => line.includes("\\begin{"))
    : -1;
  const whole = environment >= 0 && index - environment <= BLOCK_LINES
    ? lines.slice(environment, index + 1).join(" ")
    : last;
  // "- 1" alone is a number below zero; among other items it is an item.
  const isItem = /^\s*-\s/.test(lines.slice(0, index).findLast((line) => line.trim() !== "") ?? "");
  const signed = isItem ? whole.trim() : whole.trim().replace(/^-[ \t]{1,8}(?=[\d.\\(])/, "-");
  const line = trimMarks(signed.replace(/^(?:(?:[-*•>]|#{1,6})[ \t]{1,8}){1,4}/, ""), " ", ". \t");
  if (line === "" || line.length > LINE_LIMIT) return line === "" ? undefined : line;
  const bare = trimMarks(line, "$*_` ", "$*_` ");
  const equals = bare.lastIndexOf("=");
  if (equals > 0 && !/[<>!\\:]$/.test(bare.slice(0, equals)) && !/[<>≤≥]|\\[lg]eq?\b/.test(bare)) {
    const left = bare.slice(0, equals);
    const right = bare.slice(equals + 1).trim();
    const words = left.slice(0, PHRASE_LIMIT).match(/(?<![\\a-zA-Z])[a-zA-Z]{2,}/g) ?? [];
    // "x = 1 or x = 2" is a list of solutions, no chain of equations.
    const chain = left.includes("=") && !/,|;|\b(?:and|or)\b|\\(?:text|quad)/.test(left);
    // "5 = x" is an equation, too, only the other way round.
    const calculation = !/[a-zA-Z]/.test(left) && /\d|\\|pi/.test(right) || chain ||
      words.some((word) => !/^(?:and|or)$/.test(word)) && !left.includes("=") && /\d|pi/.test(right);
    if (calculation && words.length <= 3 && !/\b(?:if|when|let|for|not|where|suppose|assume)\b/i.test(left)) {
      return looksLikeAnswer(right) ? right : undefined;
    }
  }
  return looksLikeAnswer(line) && !/\\(?:boxed|f(?:rame)?box)/.test(line) ? line : undefined;
}

/**
 * Finds the answer of a completion; see the module comment for the rules.
 *
 * @example The last explicit answer wins
 * ```ts
 * import { extractAnswer } from "whetstone/envs/math/grader/extract.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(extractAnswer("So \\boxed{3}. No: it is \\boxed{\\frac{1}{2}}."), { text: "\\frac{1}{2}", rule: "boxed" });
 * assert.deepEqual(extractAnswer("**Answer:** 12 apples."), { text: "12 apples.", rule: "answer" });
 * assert.deepEqual(extractAnswer("6 * 7 = 42"), { text: "42", rule: "final-line" });
 * assert.equal(extractAnswer("I counted 42 of them and gave up."), undefined);
 * ```
 *
 * @param completion whole text of the completion.
 * @returns the answer, or undefined if there is none.
 */
export function extractAnswer(completion: string): Extraction | undefined {
  let text = completion.includes("\r") ? completion.replace(/\r\n?/g, "\n") : completion;
  // Tags do what a label does.
  if (/<answer>/i.test(text)) text = text.replace(/<answer>/gi, "\nAnswer: ").replace(/<\/answer>/gi, "\n");
  const lines = text.split("\n");
  const boxes = findBoxes(text);
  const box = boxes.at(-1);
  const label = findLabelled(lines);
  // A box inside a labelled answer ("Answer: $\boxed{5}$ apples") is that answer.
  if (box !== undefined && (label === undefined || box.end > label.start)) return { text: box.text, rule: "boxed" };
  if (label !== undefined) return { text: label.text, rule: "answer" };
  const line = finalLine(lines);
  return line === undefined ? undefined : { text: line, rule: "final-line" };
}
