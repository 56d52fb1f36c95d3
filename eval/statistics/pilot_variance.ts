/**
 * Where the variance of paired differences comes from, estimated from a pilot.
 *
 * Model: the difference of one pair is effect + seed + scenario + scenario × seed + task + rest, all random and independent; task
 * and scenario parts return under every seed, the rest does not. Samples of one task and seed are averaged first, so the rest
 * holds for as many samples as the pilot had.
 * Estimation by moments: half the mean squared gap between two pairs is the total variance minus the parts that both share. The
 * mean is taken over all couples of each kind of kinship (same seed or not; same task, sibling or other scenario). Nothing has to
 * be balanced, and no mean is subtracted, hence no bias (Searle, Casella and McCulloch 1992, chapter 11, symmetric sums).
 * Choices: parts that come out negative are set to 0 and named in `notes`. With one seed, what returns under other seeds cannot be
 * told from what does not; it is then all taken to return, so that the planner does not promise that seeds replace tasks.
 *
 * @module
 */
import { StatisticsError } from "./interval.ts";
import { type ComparisonRow, pairRows } from "./pair_rows.ts";

/** Parts of the variance of one paired difference, in squared units of the outcome (1 for success). */
export interface VarianceComponents {
  /** Common to all tasks of a training seed. */
  readonly seed: number;
  /** Common to the tasks of a scenario under all seeds. */
  readonly scenario: number;
  /** Common to the tasks of a scenario under one seed. */
  readonly scenarioSeed: number;
  /** Of a task under all seeds. */
  readonly task: number;
  /** Of a task under one seed. */
  readonly rest: number;
}

/** Variance components of a pilot. */
export interface PilotVariance extends VarianceComponents {
  /** Mean paired difference of the pilot. */
  readonly difference: number;
  /** Mean of the right arm: the baseline of a plan. */
  readonly baseline: number;
  /** Share of pairs in which the arms differ. */
  readonly discordance: number;
  /** Tasks per scenario, on average. */
  readonly siblings: number;
  /** Scenarios of the pilot. */
  readonly scenarios: number;
  /** Tasks of the pilot. */
  readonly tasks: number;
  /** Training seeds of the pilot. */
  readonly seeds: number;
  /** What the pilot could not tell, in sentences. */
  readonly notes: readonly string[];
}

interface Point {
  readonly scenario: string;
  readonly task: string;
  readonly seed: number;
  readonly value: number;
}

/** Couples of points and the sum of their squared gaps. */
interface Gaps {
  readonly couples: number;
  readonly squares: number;
}

/** Gaps within groups of equal key, from sums alone. */
function gapsWithin(points: readonly Point[], key: (point: Point) => string): Gaps {
  let couples = 0;
  let squares = 0;
  for (const group of Map.groupBy(points, key).values()) {
    // Around the group's own mean, so that large common offsets lose no digits.
    const mean = group.reduce((sum, point) => sum + point.value, 0) / group.length;
    couples += group.length * (group.length - 1) / 2;
    squares += group.length * group.reduce((sum, point) => sum + (point.value - mean) ** 2, 0);
  }
  return { couples, squares };
}

/**
 * Estimates variance components of `left - right` from the rows of a pilot.
 *
 * @param rows outcomes per task, training seed, sample and arm; rows without a partner are left out and counted in a note.
 * @param left arm that the plan is about.
 * @param right baseline arm.
 * @throws {StatisticsError} if the rows contradict each other, or share fewer than two scenarios.
 */
export function pilotVariance(rows: readonly ComparisonRow[], left: string, right: string): PilotVariance {
  const { pairs, unpaired } = pairRows(rows, left, right);
  const points: Point[] = [...Map.groupBy(pairs, (pair) => JSON.stringify([pair.task, pair.seed])).values()]
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const value = group.reduce((sum, pair) => sum + pair.left - pair.right, 0) / group.length;
      return [{ scenario: first.scenario, task: first.task, seed: first.seed, value }];
    });
  const count = (key: (point: Point) => string | number) => new Set(points.map(key)).size;
  const [scenarios, tasks, seeds] = [count((p) => p.scenario), count((p) => p.task), count((p) => p.seed)];
  if (scenarios < 2) {
    throw new StatisticsError(
      `Cannot estimate variances: ${left} and ${right} must share two or more scenarios, got ${scenarios}; run more tasks`,
    );
  }
  const all = gapsWithin(points, () => "");
  const sameSeed = gapsWithin(points, (point) => String(point.seed));
  const sameScenario = gapsWithin(points, (point) => point.scenario);
  const siblingsOfSeed = gapsWithin(points, (point) => JSON.stringify([point.scenario, point.seed]));
  const sameTask = gapsWithin(points, (point) => point.task);
  /** Half the mean squared gap of the couples that a signed sum of groupings leaves; null without such couples. */
  const half = (...terms: readonly (readonly [sign: number, gaps: Gaps])[]): number | null => {
    const couples = terms.reduce((sum, [sign, gaps]) => sum + sign * gaps.couples, 0);
    const squares = terms.reduce((sum, [sign, gaps]) => sum + sign * gaps.squares, 0);
    return couples === 0 ? null : Math.max(0, squares) / couples / 2;
  };
  const stranger = half([1, all], [-1, sameSeed], [-1, sameScenario], [1, siblingsOfSeed]);
  const seedMate = half([1, sameSeed], [-1, siblingsOfSeed]);
  const sibling = half([1, siblingsOfSeed]);
  const siblingElsewhere = half([1, sameScenario], [-1, siblingsOfSeed], [-1, sameTask]);
  const itself = half([1, sameTask]);
  const notes: string[] = [];
  if (unpaired.length > 0) notes.push(`${unpaired.length} rows without a partner were left out`);
  let parts: VarianceComponents;
  const within = seedMate ?? stranger ?? 0;
  if (stranger === null || itself === null) {
    notes.push("one seed: differences between seeds cannot be told, and seeds are not taken to replace tasks");
    parts = { seed: 0, scenario: within - (sibling ?? 0), scenarioSeed: 0, task: sibling ?? 0, rest: 0 };
  } else if (sibling === null || siblingElsewhere === null) {
    notes.push("one task per scenario: scenario and task parts cannot be told apart");
    const scenario = stranger - itself;
    parts = { seed: stranger - within, scenario, scenarioSeed: 0, task: 0, rest: within - scenario };
  } else {
    const scenario = stranger - siblingElsewhere;
    const task = siblingElsewhere - itself;
    const scenarioSeed = within - sibling - scenario;
    parts = { seed: stranger - within, scenario, scenarioSeed, task, rest: sibling - task };
  }
  const negative = Object.entries(parts).filter(([, value]) => value < 0).map(([name]) => name);
  if (negative.length > 0) notes.push(`came out negative and was set to 0: ${negative.join(", ")}`);
  const mean = (value: (pair: (typeof pairs)[number]) => number) =>
    pairs.reduce((sum, pair) => sum + value(pair), 0) / pairs.length;
  return {
    seed: Math.max(0, parts.seed),
    scenario: Math.max(0, parts.scenario),
    scenarioSeed: Math.max(0, parts.scenarioSeed),
    task: Math.max(0, parts.task),
    rest: Math.max(0, parts.rest),
    difference: mean((pair) => pair.left - pair.right),
    baseline: mean((pair) => pair.right),
    discordance: mean((pair) => (pair.left === pair.right ? 0 : 1)),
    siblings: tasks / scenarios,
    scenarios,
    tasks,
    seeds,
    notes,
  };
}
