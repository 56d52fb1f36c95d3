/**
 * The code block of a completion: the first fenced block marked js, javascript, py, python or not marked at all. Which language
 * it is in, the environment decides.
 *
 * Contract: a block needs its opening fence on a line of its own; a missing closing fence is forgiven, since a turn may be cut off.
 * A completion without an opening fence has no code, which ends the episode (arXiv 2512.17102, turn loop).
 *
 * @module
 */
const OPENING_FENCE = /^```(?:js|javascript|py|python|python3)?[ \t]*$/m;
const CLOSING_FENCE = /^```[ \t]*$/m;

/**
 * Code of a completion, or undefined.
 *
 * @example Text around the block is ignored
 * ```ts
 * import { codeBlock } from "whetstone/agents/code_block.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(codeBlock("First I look.\n\x60\x60\x60js\nprint(1);\n\x60\x60\x60\nDone."), "print(1);");
 * assert.equal(codeBlock("I give up."), undefined);
 * ```
 */
export function codeBlock(completion: string): string | undefined {
  const opening = OPENING_FENCE.exec(completion);
  if (opening === null) return undefined;
  const rest = completion.slice(opening.index + opening[0].length).replace(/^\n/, "");
  const closing = CLOSING_FENCE.exec(rest);
  return (closing === null ? rest : rest.slice(0, closing.index)).replace(/\n$/, "");
}

/** A completion that holds nothing but the code. */
export function fenced(code: string, language: "javascript" | "python" = "javascript"): string {
  return `\`\`\`${language === "python" ? "python" : "js"}\n${code}\n\`\`\``;
}
