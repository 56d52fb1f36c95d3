/**
 * What every grader of math answers returns.
 *
 * @module
 */
import type { VerdictKind } from "../../contract.ts";

/** What a grader found. */
export interface Verification {
  /** See `VERDICT_KINDS`; never folded into fewer. */
  readonly verdict: VerdictKind;
  /** The reference as read; null if it could not be. */
  readonly gold: string | null;
  /** The answer as read; null if there is none or it could not be. */
  readonly answer: string | null;
  /** The answer as it stands in the completion; null if none was found. */
  readonly extracted: string | null;
  /** How it was decided: `exact`, `symbolic`, `numeric`, `text`, or `none` where nothing was compared. */
  readonly method: string;
  /** Reason, for people. */
  readonly detail: string;
  /** Elementary steps spent. */
  readonly steps: number;
}
