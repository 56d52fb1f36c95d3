/**
 * Pairs of two arms: the same task under the same training seed and sample index.
 *
 * Contract: every row of the two arms is in a pair or in the list of unpaired rows; the order of both lists depends neither on the
 * order of the rows nor on which arm is on the left. A repeated row, a task in two scenarios or a value that is not finite is an
 * error.
 *
 * @module
 */
import { StatisticsError } from "./interval.ts";

/** One outcome of one arm. */
export interface ComparisonRow {
  /** Arm that was run. */
  readonly arm: string;
  /** Scenario of the task: the cluster. */
  readonly scenario: string;
  /** Task id. */
  readonly task: string;
  /** Training seed. */
  readonly seed: number;
  /** Index of the sample or evaluation pass, from 0. */
  readonly sample: number;
  /** Outcome: a success (counts as 1), or any finite number. */
  readonly value: number | boolean;
}

/** A row without a partner in the other arm. */
export interface UnpairedRow {
  /** Arm that has it. */
  readonly arm: string;
  /** Scenario. */
  readonly scenario: string;
  /** Task id. */
  readonly task: string;
  /** Training seed. */
  readonly seed: number;
  /** Sample index. */
  readonly sample: number;
}

/** One task under one seed and sample index in both arms. */
export interface Pair {
  /** Scenario: the cluster. */
  readonly scenario: string;
  /** Task id. */
  readonly task: string;
  /** Training seed. */
  readonly seed: number;
  /** Sample index. */
  readonly sample: number;
  /** Outcome of the left arm. */
  readonly left: number;
  /** Outcome of the right arm. */
  readonly right: number;
}

/** What two arms have in common, and what not. */
export interface PairedRows {
  /** Pairs, by scenario, task, seed, sample. */
  readonly pairs: readonly Pair[];
  /** Rows of either arm without a partner, by arm, scenario, task, seed, sample. */
  readonly unpaired: readonly UnpairedRow[];
}

function numberOf(row: ComparisonRow): number {
  const value = Number(row.value);
  if (!Number.isFinite(value)) {
    throw new StatisticsError(
      `Cannot compare arms: value of ${row.task} in ${row.arm} must be a finite number, got ${row.value}`,
    );
  }
  return value;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparePlaces(a: Omit<UnpairedRow, "arm">, b: Omit<UnpairedRow, "arm">): number {
  return compareText(a.scenario, b.scenario) || compareText(a.task, b.task) || a.seed - b.seed || a.sample - b.sample;
}

/** Rows of one arm by pair key. */
function rowsOfArm(rows: readonly ComparisonRow[], arm: string): Map<string, ComparisonRow> {
  const found = new Map<string, ComparisonRow>();
  for (const row of rows) {
    if (row.arm !== arm) continue;
    const key = JSON.stringify([row.task, row.seed, row.sample]);
    if (found.has(key)) {
      throw new StatisticsError(
        `Cannot compare arms: task ${row.task}, seed ${row.seed}, sample ${row.sample} is there twice in ${arm}`,
      );
    }
    found.set(key, row);
  }
  return found;
}

function checkScenarios(rows: readonly ComparisonRow[]): void {
  const scenarioOf = new Map<string, string>();
  for (const { task, scenario } of rows) {
    const known = scenarioOf.get(task) ?? scenario;
    if (known !== scenario) {
      throw new StatisticsError(
        `Cannot compare arms: task ${task} must be in one scenario, got ${known} and ${scenario}`,
      );
    }
    scenarioOf.set(task, known);
  }
}

/**
 * Pairs the rows of two arms.
 *
 * @param rows outcomes of these arms, others may be among them; any order.
 * @param left one arm.
 * @param right the other arm.
 * @throws {StatisticsError} if the rows contradict each other or both arms are the same.
 */
export function pairRows(rows: readonly ComparisonRow[], left: string, right: string): PairedRows {
  if (left === right) throw new StatisticsError(`Cannot compare arms: need two different ones, got ${left} twice`);
  checkScenarios(rows.filter((row) => row.arm === left || row.arm === right));
  const [lefts, rights] = [rowsOfArm(rows, left), rowsOfArm(rows, right)];
  const pairs: Pair[] = [];
  const unpaired: UnpairedRow[] = [];
  const alone = ({ arm, scenario, task, seed, sample }: ComparisonRow) =>
    unpaired.push({ arm, scenario, task, seed, sample });
  for (const [key, row] of lefts) {
    const partner = rights.get(key);
    if (partner === undefined) {
      alone(row);
      continue;
    }
    const { scenario, task, seed, sample } = row;
    pairs.push({ scenario, task, seed, sample, left: numberOf(row), right: numberOf(partner) });
  }
  for (const [key, row] of rights) if (!lefts.has(key)) alone(row);
  pairs.sort(comparePlaces);
  unpaired.sort((a, b) => compareText(a.arm, b.arm) || comparePlaces(a, b));
  return { pairs, unpaired };
}
