/**
 * Learning rate of each update: constant, or falling linearly or as a half cosine, after an optional linear warm-up.
 *
 *     warm-up   rate · (u + 1) / W                        u < W   (rate · u / W where it starts from zero)
 *     linear    rate · (f + (1 - f) (1 - p))              p = (u - W) / (U - W)
 *     cosine    rate · (f + (1 - f) (1 + cos(π p)) / 2)
 *
 * Contract: a pure function of its arguments, u counted from 0; from update U on the rate stays at its last value, f · rate
 * (a cosine of transformers or PyTorch rises again there).
 * Choices: the first update of a warm-up moves by default, because an update at rate 0 is work for nothing; `zero` gives the values of
 * transformers' `get_constant_schedule_with_warmup`, `get_linear_…` and `get_cosine_schedule_with_warmup`.
 * Omitted: restarts, polynomial and inverse-root forms.
 *
 * @module
 */

/** How the rate goes on after the warm-up. */
export const SCHEDULE_KINDS = ["constant", "linear", "cosine"] as const;
/** Name of a form. */
export type ScheduleKind = typeof SCHEDULE_KINDS[number];

/** A schedule. */
export interface Schedule {
  /** Form after the warm-up. */
  readonly kind: ScheduleKind;
  /** Highest rate, reached at the warm-up's end. */
  readonly learningRate: number;
  /** U: number of updates in all, warm-up included; not used by `constant`. */
  readonly updates: number;
  /** W: number of updates of the warm-up. @default {0} */
  readonly warmup?: number | undefined;
  /** f: the last rate as a share of the highest; not used by `constant`. @default {0} */
  readonly floor?: number | undefined;
  /** Rate of the first update of a warm-up: one step up already, or zero. @default {"step"} */
  readonly warmupFrom?: "step" | "zero" | undefined;
}

/**
 * Learning rate of one update.
 *
 * @example Two updates of warm-up, then down to nothing
 * ```ts
 * import { scheduledRate } from "whetstone/train/optimizer/schedule.ts";
 * import assert from "node:assert/strict";
 *
 * const schedule = { kind: "linear", learningRate: 1, warmup: 2, updates: 6 } as const;
 * assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map((u) => scheduledRate(schedule, u)), [0.5, 1, 1, 0.75, 0.5, 0.25, 0]);
 * ```
 *
 * @param update number of the update, from 0.
 * @throws {RangeError} if `update`, `updates` or `warmup` is not a non-negative integer, or `floor` is not from 0 to 1.
 */
export function scheduledRate(schedule: Schedule, update: number): number {
  const { kind, learningRate, updates, warmup = 0, floor = 0, warmupFrom = "step" } = schedule;
  for (const [name, value] of Object.entries({ update, updates, warmup })) {
    if (!(Number.isInteger(value) && value >= 0)) {
      throw new RangeError(`Cannot schedule a learning rate: ${name} must be an integer of at least 0, got ${value}`);
    }
  }
  if (!(floor >= 0 && floor <= 1)) {
    throw new RangeError(`Cannot schedule a learning rate: floor must be a share from 0 to 1, got ${floor}`);
  }
  if (update < warmup) return learningRate * (update + (warmupFrom === "step" ? 1 : 0)) / warmup;
  if (kind === "constant") return learningRate;
  const progress = update >= updates ? 1 : (update - warmup) / (updates - warmup);
  const left = kind === "linear" ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
  return learningRate * (floor + (1 - floor) * left);
}
