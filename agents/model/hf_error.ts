/**
 * The error of everything that reads or writes a checkpoint folder in the Hugging Face layout.
 *
 * @module
 */

/** What is wrong with a checkpoint folder. */
export interface HfFolderProblem {
  /** What could not be done, e.g. "read" or "use". */
  readonly what: string;
  /** File or folder. */
  readonly file?: string | undefined;
  /** Field of the file, or name of the tensor. */
  readonly field?: string | undefined;
  /** What it must do or be, after "must". */
  readonly rule: string;
  /** What was found. */
  readonly found: unknown;
  /** What to do about it. */
  readonly suggestion?: string | undefined;
}

/** A checkpoint folder cannot be read, used or written. */
export class HfFolderError extends Error {
  /** Stable name, kept in messages. */
  override readonly name = "HfFolderError";
  /** What is wrong, in parts. */
  readonly problem: HfFolderProblem;

  /** Words the problem: what could not be done, the place, the rule, what was found, what to do. */
  constructor(problem: HfFolderProblem, options: ErrorOptions = {}) {
    const { what, file, field, rule, found, suggestion } = problem;
    const place = [field, file].filter((part) => part !== undefined).join(" of ");
    const subject = field ?? "it";
    const advice = suggestion === undefined ? "" : `; ${suggestion}`;
    super(`Cannot ${what} ${place}: ${subject} must ${rule}, got ${found}${advice}`, options);
    this.problem = problem;
  }
}
