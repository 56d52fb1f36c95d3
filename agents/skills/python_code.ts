/**
 * Functions of Python code: those that a block defines, and those of a library that it calls.
 *
 * Contract: the same as of `extract.ts` and `calls.ts` for JavaScript. Only plain `def` statements at the top level count; async, decorated
 * and nested functions are dropped. Of two definitions of one name the last counts. Names in strings and comments are no use.
 * Choices: no parser of Python is at hand, so strings and comments are blanked first and statements are told by their
 * indentation, which Python itself goes by. Code that Python would refuse is not recognised as such: only blocks that ran are asked.
 *
 * @module
 */
import type { ExtractedFunction } from "./extract.ts";

const STRING_START = /^[rbfuRBFU]{0,2}("""|'''|"|')/;

/** The code with the inside of strings and comments blanked; lengths and line ends stay. */
function blanked(code: string): string {
  let masked = "";
  const blank = (text: string) => text.replace(/[^\n]/g, " ");
  for (let at = 0; at < code.length;) {
    if (code[at] === "#") {
      const end = code.indexOf("\n", at);
      const stop = end < 0 ? code.length : end;
      masked += blank(code.slice(at, stop));
      at = stop;
      continue;
    }
    const before = code[at - 1] ?? "";
    const start = /\w/.test(before) ? null : STRING_START.exec(code.slice(at, at + 5));
    const quote = start?.[1] ?? (/["']/.test(code[at] ?? "") ? code[at] : undefined);
    if (quote === undefined) {
      masked += code[at];
      at++;
      continue;
    }
    const opening = code.indexOf(quote, at) + quote.length;
    let end = opening;
    while (end < code.length && !code.startsWith(quote, end)) {
      if (quote.length === 1 && code[end] === "\n") break;
      end += code[end] === "\\" ? 2 : 1;
    }
    const stop = Math.min(code.length, code.startsWith(quote, end) ? end + quote.length : end);
    masked += code.slice(at, opening) + blank(code.slice(opening, Math.max(opening, stop - quote.length))) +
      code.slice(Math.max(opening, stop - quote.length), stop);
    at = stop;
  }
  return masked;
}

/** Pieces of a text between commas outside of brackets; `masked` is the same text with strings blanked. */
function splitParams(text: string, masked: string): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i <= masked.length; i++) {
    const character = masked[i];
    if (character !== undefined && "([{".includes(character)) depth++;
    if (character !== undefined && ")]}".includes(character)) depth--;
    if (i < masked.length && (character !== "," || depth > 0)) continue;
    const piece = text.slice(from, i).trim();
    if (piece !== "") pieces.push(piece);
    from = i + 1;
  }
  return pieces;
}

/** Index behind the bracket that closes the one at `open`; the length where none does. */
function closing(masked: string, open: number): number {
  let depth = 0;
  for (let i = open; i < masked.length; i++) {
    if ("([{".includes(masked[i] ?? "")) depth++;
    if (")]}".includes(masked[i] ?? "") && --depth === 0) return i + 1;
  }
  return masked.length;
}

/**
 * Functions that a block defines.
 *
 * @example Only the definition counts
 * ```ts
 * import { pythonFunctions } from "whetstone/agents/skills/python_code.ts";
 * import assert from "node:assert/strict";
 *
 * const code = "n = 2\n# Adds up.\ndef total(rows, key='amount'):\n    return sum(r[key] for r in rows)\n\nprint(total([]))";
 * const [found] = pythonFunctions(code);
 * assert.deepEqual(found?.params, ["rows", "key='amount'"]);
 * assert.equal(found?.source, "# Adds up.\ndef total(rows, key='amount'):\n    return sum(r[key] for r in rows)");
 * ```
 */
export function pythonFunctions(code: string): ExtractedFunction[] {
  const masked = blanked(code);
  const found = new Map<string, ExtractedFunction>();
  for (const match of masked.matchAll(/^def[ \t]+([A-Za-z_]\w*)[ \t]*\(/gm)) {
    const name = match[1] ?? "";
    const start = match.index;
    const before = code.slice(0, start).split("\n").slice(0, -1);
    if (/^@/.test(before.at(-1) ?? "")) continue;
    let from = before.length;
    while (from > 0 && /^#/.test(before[from - 1] ?? "")) from--;
    const open = start + match[0].length - 1;
    const close = closing(masked, open);
    // The body goes on to the next line that starts at the margin outside of brackets and strings.
    const bodyEnd = /\n(?=[^\s#])/g;
    bodyEnd.lastIndex = close;
    let end = code.length;
    for (let next = bodyEnd.exec(masked); next !== null; next = bodyEnd.exec(masked)) {
      if (isOpen(masked, close, next.index) || insideString(code, masked, next.index)) continue;
      end = next.index;
      break;
    }
    const source = [...before.slice(from), code.slice(start, end)].join("\n").replace(/(\n[ \t]*(#[^\n]*)?)+$/, "");
    found.delete(name);
    found.set(name, {
      name,
      params: splitParams(code.slice(open + 1, close - 1), masked.slice(open + 1, close - 1)),
      source,
    });
  }
  return [...found.values()];
}

/** Whether a bracket is open between two places. */
function isOpen(masked: string, from: number, to: number): boolean {
  let depth = 0;
  for (let i = from; i < to; i++) {
    if ("([{".includes(masked[i] ?? "")) depth++;
    if (")]}".includes(masked[i] ?? "")) depth--;
  }
  return depth > 0;
}

/** Whether a line end lies in a string: what follows it was blanked although it is no space. */
function insideString(code: string, masked: string, lineEnd: number): boolean {
  return masked[lineEnd + 1] !== code[lineEnd + 1];
}

/**
 * Library functions that a block calls, in order of first call; a name that the block itself binds is no use.
 *
 * @param names names of the retrieved library functions.
 */
export function pythonCalls(code: string, names: readonly string[]): string[] {
  const masked = blanked(code);
  const called = names.flatMap((name) => {
    const call = new RegExp(`(?<![\\w.])(?<!\\bdef\\s)${name}[ \\t]*\\(`).exec(masked);
    const bound = new RegExp(
      `\\b(?:def|class|as|for|import|global)[ \\t]+${name}\\b|^[ \\t]*${name}[ \\t]*(?::[^=\\n]*)?=(?!=)`,
      "m",
    );
    return call === null || bound.test(masked) ? [] : [{ name, at: call.index }];
  });
  return called.sort((a, b) => a.at - b.at).map(({ name }) => name);
}
