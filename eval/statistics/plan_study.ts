/**
 * How many tasks and training seeds it takes to see a paired difference.
 *
 * Formula. One pair (a task under one seed in both arms) differs by effect + noise with the variance parts of
 * {@linkcode VarianceComponents}. Over C scenarios of m sibling tasks and S seeds the mean difference has the variance
 *   V = seed/S + scenario/C + scenarioSeed/(C S) + task/(C m) + rest/(C m S),
 * that is total/(C m S) times a design effect (Kish 1965; for evaluations: Miller 2024, arXiv 2411.00640). It is tested two-sided
 * with Student's t: C - 1 degrees of freedom if the claim is about other scenarios only (the seed part then belongs to the effect),
 * else Satterthwaite's (see `crossed_variance.ts`). Power is the non-central t tail in the approximation of Abramowitz and Stegun
 * 26.7.10: with d = |effect|/sqrt(V) and the critical value t, Phi((d - t (1 - 1/(4 df))) / sqrt(1 + t²/(2 df))).
 * Without a pilot the variance of one pair is discordance - effect² with discordance = p1 + p2 - 2 P(both) and P(both) = p1 p2 +
 * rho sqrt(p1 q1 p2 q2) (Connor 1987), kept inside what p1 and p2 allow; the correlations split it into parts.
 * Choices: the smallest C of each seed count by bisection; "not reachable" (`null`) where C = 1,000,000 is too few, as the
 * between-seed part does not shrink with tasks. Omitted: unequal scenarios, drop-outs, tests of several arms (divide alpha).
 *
 * @module
 */
import { normalCdf, studentTQuantile } from "./_distributions.ts";
import { satterthwaite } from "./crossed_variance.ts";
import type { VarianceComponents } from "./pilot_variance.ts";

/** Most scenarios that a plan looks at. */
export const MOST_SCENARIOS = 1_000_000;
/** Seed counts that a plan offers if nothing else is asked for. */
export const SEED_COUNTS: readonly number[] = [1, 2, 3, 5, 8, 10, 20];

/** Assumed correlations, where there is no pilot. */
export interface Correlations {
  /**
   * Correlation of the outcomes of both arms on the same pair.
   *
   * @default {0.5}
   */
  arms?: number;
  /**
   * Correlation of the paired differences of two sibling tasks under one seed.
   *
   * @default {0.2}
   */
  siblings?: number;
  /**
   * Share of what scenarios and tasks differ by that returns under another seed.
   *
   * @default {0.5}
   */
  repeats?: number;
  /**
   * Share of the variance that is common to all tasks of a training seed.
   *
   * @default {0}
   */
  seeds?: number;
}

/** Options of {@linkcode planStudy}. */
export interface PlanOptions {
  /** Difference to see, in points (percent of tasks), other than 0. */
  effect: number;
  /**
   * Chance of seeing it.
   *
   * @default {0.8}
   */
  power?: number;
  /**
   * Two-sided error rate.
   *
   * @default {0.05}
   */
  alpha?: number;
  /**
   * Success of the arm compared with, in points.
   *
   * @default {50}
   */
  baseline?: number;
  /**
   * Tasks per scenario, m.
   *
   * @default {3}
   */
  siblings?: number;
  /** Tasks that exist; with it the plan says what they can show. */
  tasks?: number;
  /**
   * Seed counts to plan for, ascending.
   *
   * @default {[1, 2, 3, 5, 8, 10, 20]}
   */
  seeds?: readonly number[];
  /** Assumed correlations; not used where `variance` is given. */
  correlations?: Correlations;
  /** Variance parts of a pilot in squared fractions, see `pilotVariance`; instead of `baseline` and `correlations`. */
  variance?: VarianceComponents;
  /**
   * What the result is to hold for. Scenarios only, or other training seeds as well.
   *
   * @default scenarios and seeds where seeds differ, else scenarios
   */
  claim?: "scenarios" | "scenarios and seeds";
}

/** One way to run the study. */
export interface PlanRow {
  /** Training seeds per arm. */
  readonly seeds: number;
  /** Scenarios; null where no number of them is enough. */
  readonly scenarios: number | null;
  /** Tasks: scenarios × siblings. */
  readonly tasks: number | null;
  /** Evaluated tasks per arm over all seeds. */
  readonly rollouts: number | null;
  /** Chance of seeing the effect. */
  readonly power: number | null;
  /** Smallest effect seen with the asked power, in points; null where none is. */
  readonly detectable: number | null;
  /** Variance compared with that of as many independent pairs. */
  readonly designEffect: number | null;
}

/** A planned study. */
export interface StudyPlan {
  /** Effect to see, in points. */
  readonly effect: number;
  /** Asked power. */
  readonly power: number;
  /** Two-sided error rate. */
  readonly alpha: number;
  /** What the result holds for. */
  readonly claim: "scenarios" | "scenarios and seeds";
  /** Tasks per scenario. */
  readonly siblings: number;
  /** Variance parts of one pair, in squared fractions. */
  readonly variance: VarianceComponents;
  /** Share of pairs in which the arms differ; null with a pilot's variance. */
  readonly discordance: number | null;
  /** The cheapest number of tasks for each seed count. */
  readonly rows: readonly PlanRow[];
  /** What the existing tasks show for each seed count; empty without `tasks`. */
  readonly available: readonly PlanRow[];
}

/** A plan was asked for that cannot be made. */
export class PlanError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "PlanError";
}

function requireRange(name: string, value: number, low: number, high: number, rule: string): void {
  if (!(value >= low && value <= high)) throw new PlanError(`Cannot plan: ${name} must be ${rule}, got ${value}`);
}

/** Chance that exactly one of two correlated yes/no outcomes is yes. */
export function pairedDiscordance(left: number, right: number, correlation: number): number {
  const free = left * right + correlation * Math.sqrt(left * (1 - left) * right * (1 - right));
  const both = Math.min(left, right, Math.max(0, left + right - 1, free));
  return left + right - 2 * both;
}

function assumedVariance(effect: number, baseline: number, correlations: Correlations): VarianceComponents {
  const { arms = 0.5, siblings = 0.2, repeats = 0.5, seeds = 0 } = correlations;
  const total = Math.max(0, pairedDiscordance(baseline + effect, baseline, arms) - effect * effect);
  const single = 1 - siblings - seeds;
  return {
    seed: total * seeds,
    scenario: total * siblings * repeats,
    scenarioSeed: total * siblings * (1 - repeats),
    task: total * single * repeats,
    rest: total * single * (1 - repeats),
  };
}

/** The parts alone: a pilot carries more, which a plan should not repeat. */
function onlyParts({ seed, scenario, scenarioSeed, task, rest }: VarianceComponents): VarianceComponents {
  return { seed, scenario, scenarioSeed, task, rest };
}

/** Variance of the mean difference, and the degrees of freedom of its test. */
function meanVariance(
  parts: VarianceComponents,
  scenarios: number,
  siblings: number,
  seeds: number,
  claim: StudyPlan["claim"],
): { variance: number; df: number } {
  const rest = (parts.scenarioSeed + parts.rest / siblings) / scenarios / seeds;
  const lasting = (parts.scenario + parts.task / siblings) / scenarios + rest;
  if (claim === "scenarios") return { variance: lasting, df: scenarios - 1 };
  return satterthwaite(lasting, parts.seed / seeds + rest, rest, scenarios, seeds);
}

/** Power of a two-sided t test, its far tail left out. */
function testPower(effect: number, variance: number, df: number, alpha: number): number {
  if (variance === 0) return 1;
  const distance = Math.abs(effect) / Math.sqrt(variance);
  const critical = studentTQuantile(1 - alpha / 2, df);
  return normalCdf((distance - critical * (1 - 1 / (4 * df))) / Math.sqrt(1 + critical * critical / (2 * df)));
}

/**
 * Plans a study.
 *
 * @example What 3 points need
 * ```ts
 * import { planStudy } from "whetstone/eval/statistics/plan_study.ts";
 * import assert from "node:assert/strict";
 *
 * const { rows } = planStudy({ effect: 3, power: 0.8, seeds: [1, 3] });
 * assert.ok((rows[0]?.tasks ?? 0) > (rows[1]?.tasks ?? 0));
 * ```
 *
 * @param options see {@linkcode PlanOptions}.
 * @throws {PlanError} if an option is out of range.
 */
export function planStudy(options: PlanOptions): StudyPlan {
  const { effect, power = 0.8, alpha = 0.05, baseline = 50, siblings = 3, tasks, seeds = SEED_COUNTS } = options;
  const { correlations = {} } = options;
  checkOptions(options);
  const pilot = options.variance === undefined ? undefined : onlyParts(options.variance);
  const varianceAt = (points: number) => pilot ?? assumedVariance(points / 100, baseline / 100, correlations);
  const parts = varianceAt(effect);
  const claim = options.claim ?? (parts.seed > 0 ? "scenarios and seeds" : "scenarios");
  const powerAt = (points: number, scenarios: number, seedCount: number): number => {
    if (claim === "scenarios and seeds" && seedCount < 2) return 0;
    const { variance, df } = meanVariance(varianceAt(points), scenarios, siblings, seedCount, claim);
    return testPower(points / 100, variance, df, alpha);
  };
  /** Smallest effect of the asked sign that is seen, by bisection. */
  const detectableAt = (scenarios: number, seedCount: number): number | null => {
    const sign = Math.sign(effect);
    let [low, high] = [0, pilot !== undefined ? 100 : sign > 0 ? 100 - baseline : baseline];
    if (powerAt(sign * high, scenarios, seedCount) < power) return null;
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      if (powerAt(sign * middle, scenarios, seedCount) < power) low = middle;
      else high = middle;
    }
    return high;
  };
  const row = (seedCount: number, scenarios: number | null): PlanRow => {
    if (scenarios === null) {
      const nothing = { scenarios: null, tasks: null, rollouts: null, power: null, detectable: null };
      return { seeds: seedCount, ...nothing, designEffect: null };
    }
    const { variance } = meanVariance(parts, scenarios, siblings, seedCount, claim);
    const total = parts.scenario + parts.scenarioSeed + parts.task + parts.rest +
      (claim === "scenarios" ? 0 : parts.seed);
    const pairs = scenarios * siblings * seedCount;
    return {
      seeds: seedCount,
      scenarios,
      tasks: Math.round(scenarios * siblings),
      rollouts: Math.round(pairs),
      power: powerAt(effect, scenarios, seedCount),
      detectable: detectableAt(scenarios, seedCount),
      designEffect: total === 0 ? null : variance * pairs / total,
    };
  };
  const fewest = (seedCount: number): number | null => {
    // By doubling and not from the far end: with few seeds, power may fall again as the degrees of freedom go down to theirs.
    let [low, high] = [1, 2];
    while (powerAt(effect, high, seedCount) < power) {
      [low, high] = [high, 2 * high];
      if (high > MOST_SCENARIOS) return null;
    }
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (powerAt(effect, middle, seedCount) < power) low = middle;
      else high = middle;
    }
    return high;
  };
  const { arms = 0.5 } = correlations;
  const existing = tasks === undefined ? null : Math.floor(tasks / siblings);
  return {
    effect,
    power,
    alpha,
    claim,
    siblings,
    variance: parts,
    discordance: pilot === undefined ? pairedDiscordance((baseline + effect) / 100, baseline / 100, arms) : null,
    rows: seeds.map((seedCount) => row(seedCount, fewest(seedCount))),
    available: existing === null ? [] : seeds.map((seedCount) => row(seedCount, existing)),
  };
}

function checkOptions(options: PlanOptions): void {
  const { effect, power = 0.8, alpha = 0.05, baseline = 50, siblings = 3, tasks, seeds = SEED_COUNTS } = options;
  const { correlations = {}, variance } = options;
  const { arms = 0.5, siblings: sharedLuck = 0.2, repeats = 0.5, seeds: seedShare = 0 } = correlations;
  if (!(Number.isFinite(effect) && effect !== 0 && Math.abs(effect) <= 100)) {
    throw new PlanError(`Cannot plan: effect must be in points from -100 to 100 and not 0, got ${effect}`);
  }
  requireRange("power", power, 0.05, 0.9999, "a chance from 0.05 to 0.9999 (0.8 is usual)");
  requireRange("alpha", alpha, 1e-6, 0.5, "an error rate from 0.000001 to 0.5 (0.05 is usual)");
  requireRange("siblings", siblings, 1, 1e6, "1 or more tasks per scenario");
  if (tasks !== undefined) requireRange("tasks", tasks, 2 * siblings, 1e9, `at least two scenarios (${2 * siblings})`);
  if (seeds.length === 0) throw new PlanError("Cannot plan: seeds must name at least one seed count, got none");
  for (const count of seeds) {
    if (!(Number.isInteger(count) && count >= 1)) {
      throw new PlanError(`Cannot plan: seeds must be integers of 1 or more, got ${count}`);
    }
  }
  if (variance !== undefined) {
    for (const name of ["seed", "scenario", "scenarioSeed", "task", "rest"] as const) {
      requireRange(`variance.${name}`, variance[name], 0, Number.MAX_VALUE, "0 or more");
    }
    return;
  }
  requireRange("baseline", baseline, 0, 100, "in points from 0 to 100");
  requireRange("baseline + effect", baseline + effect, 0, 100, "in points from 0 to 100");
  requireRange("correlations.arms", arms, -1, 1, "from -1 to 1");
  for (const [name, share] of [["siblings", sharedLuck], ["repeats", repeats], ["seeds", seedShare]] as const) {
    requireRange(`correlations.${name}`, share, 0, 1, "from 0 to 1");
  }
  requireRange("correlations.siblings + correlations.seeds", sharedLuck + seedShare, 0, 1, "at most 1");
}
