/**
 * Parses agent code as a script in which `return` and `await` may stand at the top level.
 *
 * @module
 */
import { type Comment, parse, type Program } from "acorn";

/** Syntax tree, or undefined if the code does not parse. */
export function parseAgentCode(code: string, comments: Comment[] = []): Program | undefined {
  try {
    return parse(code, {
      ecmaVersion: "latest",
      sourceType: "script",
      allowAwaitOutsideFunction: true,
      allowReturnOutsideFunction: true,
      onComment: comments,
    });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
