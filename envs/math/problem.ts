/**
 * One math problem, whatever it comes from: a data file or a seeded family.
 *
 * @module
 */

/** Domains that families and reports use; a data file may name others. */
export const DOMAINS = ["algebra", "number theory", "combinatorics", "geometry"] as const;
/** See {@linkcode DOMAINS}. */
export type Domain = typeof DOMAINS[number];

/** One problem with its reference answer. */
export interface Problem {
  /** Unique in its source, e.g. `gsm8k-test/17` or `gcd/test_id/3`. */
  readonly id: string;
  /** Text of the problem. */
  readonly statement: string;
  /** Reference answer as the grader gets it: LaTeX or plain text, without delimiters or prose. */
  readonly answer: string;
  /** Largest absolute error that the source accepts; exact if left out. */
  readonly tolerance?: number;
  /** Worked solution, if the source has one. Of a family it ends in the line `Answer: <answer>`. */
  readonly solution?: string;
  /** From 1, easy, upwards; 1 where the source says nothing. */
  readonly difficulty: number;
  /** What siblings have in common: the family of a seeded problem; the problem's own id in a data file. */
  readonly scenario: string;
  /** Facts to group results by: `domain`, `method`, `family`, `source`, `subject`, …; only those that are known. */
  readonly labels: Readonly<Record<string, string>>;
}
