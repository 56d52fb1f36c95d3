/**
 * The strings that a step may show, as the public execute contract of app environments words them.
 *
 * @module
 */

/** First line of every failure. */
export const FAILURE = "Execution failed. Traceback:\n";
/** The code ran and printed nothing. */
export const SUCCESS = "Execution successful.";
/** There was no code. */
export const EMPTY = "No code available to execute.";

/** The code does not parse. */
export function syntaxMessage(line: string, message: string): string {
  return `${FAILURE}Syntax error in line:\n${line}\nMessage: ${message}`;
}

/** The code uses what the static check refuses. */
export function unsafeMessage(what: "module" | "function", names: readonly string[]): string {
  return `${FAILURE}Usage of the following ${what}(s) is not allowed: ${names.join(", ")}`;
}

/** The fuel is spent. */
export function timeoutMessage(seconds: number): string {
  return `${FAILURE}Execution timed out after ${seconds} seconds.`;
}

/** Text of the exception that each call beyond the cap raises. */
export function callCapMessage(cap: number): string {
  return `Number of requests exceeded the limit of ${cap}. ` +
    "This potentially means that you have an infinite loop in your code.";
}

/** Something was thrown; `line` is known when the current block is on the stack. */
export function errorMessage(error: { name: string; message: string }, line?: number, source?: string): string {
  const where = line === undefined ? "" : `  at line ${line}\n    ${(source ?? "").trim()}\n`;
  return `${FAILURE}${where}${error.name}: ${error.message}`;
}

/** At most `cap` characters, then how many more there were. */
export function cut(text: string, cap: number, length = text.length): string {
  return length <= cap ? text : `${text.slice(0, cap)}\n[cut ${length - cap} characters]`;
}
