/**
 * The error of the parser, apart from it so that the lexer can throw it too.
 *
 * @module
 */

/** A text is no answer that the grader can read; the message says why. */
export class ParseError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "ParseError";
}
