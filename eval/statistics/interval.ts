/**
 * What the statistics share: an interval, the check of its level, and quantiles of a sample.
 *
 * @module
 */

/** An interval with both ends included. */
export interface Interval {
  /** Lower end. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
}

/** Options of an interval. */
export interface IntervalOptions {
  /**
   * Share of repetitions in which the interval should hold the true value.
   *
   * @default {0.95}
   */
  level?: number;
}

/** Numbers from which a statistic cannot be computed. */
export class StatisticsError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "StatisticsError";
}

/**
 * Throws unless a level is strictly between 0 and 1.
 *
 * @throws {RangeError} naming the level received.
 */
export function checkLevel(level: number): void {
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`Cannot compute an interval: level must be in (0, 1), got ${level}`);
  }
}

/**
 * Throws unless all values are finite.
 *
 * @param what what could not be computed, for the message.
 * @throws {StatisticsError} naming the first value that is not.
 */
export function checkFinite(what: string, values: readonly number[]): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new StatisticsError(`Cannot compute ${what}: values must be finite numbers, got ${values[bad]} at ${bad}`);
  }
}

/**
 * Quantile of sorted numbers by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996).
 *
 * @param sorted numbers in ascending order, at least one.
 * @param share in [0, 1].
 * @throws {RangeError} if the list is empty or the share outside its range.
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) throw new RangeError("Cannot take a quantile of an empty list");
  if (!(share >= 0 && share <= 1)) {
    throw new RangeError(`Cannot take a quantile: share must be in [0, 1], got ${share}`);
  }
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  return low + (high - low) * (place - below);
}
