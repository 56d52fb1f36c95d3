/**
 * Skill extraction: the top-level function declarations of a code block (arXiv 2512.17102, skill extraction; JavaScript mapping ours).
 * Python's are found by `python_code.ts`.
 *
 * Contract: a real parser decides (acorn). Only plain top-level `function name(…) {…}` declarations count; calls, assignments, classes,
 * arrow and function expressions, nested, async and generator functions are dropped. The comment that stands directly before a
 * function belongs to its source. Code that does not parse holds no skill. Two declarations of one name: the last one, as in the
 * interpreter.
 * Omitted: imports, since agent code cannot import.
 *
 * @module
 */
import type { Comment, Program } from "acorn";
import { parseAgentCode } from "./_parse.ts";
import { pythonFunctions } from "./python_code.ts";

/** A function found in a code block. */
export interface ExtractedFunction {
  readonly name: string;
  /** Parameter texts, e.g. `tie`, `limit = 5`, `{ a, b }`. */
  readonly params: readonly string[];
  /** Source text, the leading comment included. */
  readonly source: string;
}

/**
 * Functions that a code block defines.
 *
 * @example Only the declaration counts
 * ```ts
 * import { extractFunctions } from "whetstone/agents/skills/extract.ts";
 * import assert from "node:assert/strict";
 *
 * const code = "const twice = (n) => 2 * n;\nfunction thrice(n) { return 3 * n; }\nprint(thrice(2));";
 * assert.deepEqual(extractFunctions(code), [{ name: "thrice", params: ["n"], source: "function thrice(n) { return 3 * n; }" }]);
 * ```
 */
export function extractFunctions(code: string, language: "javascript" | "python" = "javascript"): ExtractedFunction[] {
  if (language === "python") return pythonFunctions(code);
  const comments: Comment[] = [];
  const program: Program | undefined = parseAgentCode(code, comments);
  const found = new Map<string, ExtractedFunction>();
  for (const node of program?.body ?? []) {
    if (node.type !== "FunctionDeclaration" || node.async || node.generator || node.id === null) continue;
    const comment = comments.findLast((candidate) =>
      candidate.end <= node.start && /^[ \t]*\n?[ \t]*$/.test(code.slice(candidate.end, node.start))
    );
    const start = comment?.start ?? node.start;
    // Deleted first, so that the order is that of the declarations that count.
    found.delete(node.id.name);
    found.set(node.id.name, {
      name: node.id.name,
      params: node.params.map((param) => code.slice(param.start, param.end)),
      source: code.slice(start, node.end),
    });
  }
  return [...found.values()];
}
