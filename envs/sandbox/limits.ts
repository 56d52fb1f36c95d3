/**
 * What one sandbox may use.
 *
 * Contract: `fuel`, `memoryMiB`, `stackBytes`, `apiCalls` and `outputCharacters` act the same on every machine;
 * `wallClockMs` is only a backstop, far above what `fuel` allows, so that a result never depends on how fast a machine
 * is. In Python one unit of fuel is as many loop turns, `memoryMiB` comes on top of the interpreter's own 30 MiB, and
 * `stackBytes` has no meaning.
 *
 * @module
 */

/** Limits of a sandbox. */
export interface SandboxLimits {
  /**
   * Interrupt-handler callbacks in one step; the interpreter makes one per 10,000 loop turns or function calls. API
   * calls, prints and promises burn fuel too.
   *
   * @default {2000}
   */
  readonly fuel: number;
  /**
   * Longest time of one step, ms; not meant to be reached before `fuel`.
   *
   * @default {20000}
   */
  readonly wallClockMs: number;
  /**
   * Seconds that the time-out message names.
   *
   * @default {20}
   */
  readonly timeoutSeconds: number;
  /**
   * Guest memory, MiB, from 16; the interpreter's own 6 MiB included.
   *
   * @default {64}
   */
  readonly memoryMiB: number;
  /**
   * Guest stack in bytes, about 170 per interpreted frame; more than the default may end in the host's own stack.
   *
   * @default {65536}
   */
  readonly stackBytes: number;
  /**
   * API calls in one step.
   *
   * @default {1000}
   */
  readonly apiCalls: number;
  /**
   * Characters of an observation; the rest is cut and counted.
   *
   * @default {12000}
   */
  readonly outputCharacters: number;
}

/** Default limits; 12,000 characters stand for 3,000 tokens. */
export const DEFAULT_LIMITS: SandboxLimits = {
  fuel: 2000,
  wallClockMs: 20_000,
  timeoutSeconds: 20,
  memoryMiB: 64,
  stackBytes: 65_536,
  apiCalls: 1000,
  outputCharacters: 12_000,
};
