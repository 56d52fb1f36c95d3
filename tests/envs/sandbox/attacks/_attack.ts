/**
 * What an attack is: a hostile program and what must hold when it has run.
 *
 * In sources, `CANARY_FILE` stands for a file of the host that holds the secret, `CANARY_DIR` for its folder,
 * `CANARY_ENV` for a variable and `CANARY_GLOBAL` for a global of the host with the same secret.
 *
 * @module
 */

/** What the attacker is after. */
export type AttackCategory =
  | "loop"
  | "memory"
  | "print"
  | "recursion"
  | "prototype"
  | "code from text"
  | "import"
  | "network"
  | "files"
  | "environment"
  | "tampering"
  | "errors"
  | "clock and randomness"
  | "processes"
  | "protocol";

/** A hostile program. */
export interface Attack {
  readonly name: string;
  readonly category: AttackCategory;
  readonly source: string;
  /** What the agent must see. */
  readonly sees: RegExp;
  /** Whether the episode must go on afterwards, or may be over; without it, it must go on. */
  readonly ends?: true;
  /** Traces of the library function `helper`, which is loaded before; none if not given. */
  readonly traces?: readonly string[];
  /** Run in a second sandbox too, which must show the same. */
  readonly twice?: true;
}

/** Library that is loaded before each attack. */
export const LIBRARY = {
  javascript: "function helper(x) { return apis.a.b({ x }).x; }",
  python: "def helper(x):\n    return apis.a.b(x=x)['x']",
} as const;
