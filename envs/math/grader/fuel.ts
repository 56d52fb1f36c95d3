/**
 * A counted budget of elementary steps, so that a verdict never depends on how fast a machine is.
 *
 * Contract: every loop of the grader spends at least one step per turn, and integer arithmetic spends in proportion to the
 * work that its operands' sizes stand for; what is left is never negative. A step is at most about 0.5 µs of an ordinary
 * core (most are far less), hence {@linkcode DEFAULT_FUEL} steps stay under 100 ms. Ordinary answers take a few hundred.
 *
 * @module
 */

/** Steps of one verdict unless told otherwise. */
export const DEFAULT_FUEL = 100_000;

/** The budget of a verdict is used up. */
export class FuelExhausted extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "FuelExhausted";
}

/**
 * Budget of one verdict.
 *
 * @example Three steps are not four
 * ```ts
 * import { Fuel, FuelExhausted } from "whetstone/envs/math/grader/fuel.ts";
 * import assert from "node:assert/strict";
 *
 * const fuel = new Fuel(3);
 * fuel.spend(2);
 * assert.equal(fuel.left, 1);
 * assert.throws(() => fuel.spend(2), FuelExhausted);
 * ```
 */
export class Fuel {
  readonly #steps: number;
  #left: number;

  /**
   * A fresh budget.
   *
   * @param steps a positive integer.
   */
  constructor(steps: number = DEFAULT_FUEL) {
    this.#steps = steps;
    this.#left = steps;
  }

  /** Steps that are left. */
  get left(): number {
    return this.#left;
  }

  /** Steps spent so far. */
  get spent(): number {
    return this.#steps - this.#left;
  }

  /**
   * Takes steps from the budget.
   *
   * @param steps how many; one if left out.
   * @throws {FuelExhausted} if fewer are left; then none are left.
   */
  spend(steps: number = 1): void {
    // Written this way round so that NaN and infinity count as too many.
    if (steps <= this.#left) {
      this.#left -= steps;
      return;
    }
    this.#left = 0;
    throw new FuelExhausted(`Cannot go on: the budget of ${this.#steps} steps is used up; pass a Fuel with more`);
  }

  /**
   * Lets work use only part of what is left; what it spends is spent here too.
   *
   * @param share fraction of the remaining steps, in (0, 1].
   * @param work gets a budget of its own.
   * @returns its result, or undefined if its share was too small.
   */
  attempt<T>(share: number, work: (fuel: Fuel) => T): T | undefined {
    const part = new Fuel(Math.floor(this.#left * share));
    try {
      return work(part);
    } catch (error) {
      if (!(error instanceof FuelExhausted)) throw error;
      return undefined;
    } finally {
      this.#left -= part.spent;
    }
  }
}
