/**
 * Problems of seeded families in splits, none of which occurs twice.
 *
 * Contract: everything is a pure function of (seed, sizes, levels, families). `train`, `dev` and `test_id` share families and methods
 * but no numbers: a problem of train whose numbers occur in dev or test_id, whatever the names and wording, is drawn again.
 * `test_ood` holds families that no other split has. No statement occurs twice. Splits are filled in the order test_id, dev,
 * test_ood, train, so that the test problems of a seed do not depend on how many train problems are wanted.
 * Choices: with several levels, a family's problems take them in turn. Demonstrations are further problems of the train families
 * that avoid every split in the same way; they may repeat one another once a family's supply runs low.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import { type Family, FamilyError, type Generated, workedSolution } from "./families/family.ts";
import { FAMILIES } from "./families/mod.ts";
import type { Problem } from "./problem.ts";

/** Splits of seeded problems. */
export const MATH_SPLITS = ["train", "dev", "test_id", "test_ood"] as const;
/** See {@linkcode MATH_SPLITS}. */
export type MathSplit = typeof MATH_SPLITS[number];

/** Problems of each family, if nothing else is said: a full evaluation has a few hundred problems. */
export const DEFAULT_PER_FAMILY: Readonly<Record<MathSplit, number>> = { train: 40, dev: 4, test_id: 8, test_ood: 7 };

const FILL_ORDER: readonly MathSplit[] = ["test_id", "dev", "test_ood", "train"];

/** Draws that are tried for one problem before its family counts as used up. */
const MAX_TRIES = 500;

/** Options of {@linkcode FamilyProblems}. */
export interface FamilyProblemsOptions {
  /**
   * Seed of all numbers.
   *
   * @default {1}
   */
  seed?: number;
  /**
   * First and last level.
   *
   * @default {[1, 1]}
   */
  levels?: readonly [number, number];
  /**
   * Problems of each family in each split; the default where a split is left out.
   *
   * @default {DEFAULT_PER_FAMILY}
   */
  perFamily?: Partial<Readonly<Record<MathSplit, number>>>;
  /**
   * Families to draw from.
   *
   * @default {FAMILIES}
   */
  families?: readonly Family[];
}

function checkOptions(families: readonly Family[], [low, high]: readonly [number, number]): void {
  if (!(Number.isInteger(low) && Number.isInteger(high) && low >= 1 && low <= high)) {
    throw new RangeError(`Cannot make problems: levels must be integers, 1 <= first <= last, got ${low} to ${high}`);
  }
  const ids = new Set<string>();
  for (const { id, levels } of families) {
    if (high > levels) {
      throw new RangeError(`Cannot make problems: ${id} has levels 1 to ${levels}, got ${low} to ${high}`);
    }
    if (ids.has(id)) throw new RangeError(`Cannot make problems: family ${id} is there twice; leave one out`);
    ids.add(id);
  }
}

function numbersKey(family: Family, generated: Generated): string {
  return `${family.id} ${generated.numbers.join(" ")}`;
}

/**
 * Problems of seeded families, made when they are first asked for.
 *
 * @example Test problems of a family and a demonstration
 * ```ts
 * import { FAMILIES } from "whetstone/envs/math/families/mod.ts";
 * import { FamilyProblems } from "whetstone/envs/math/problem_sets.ts";
 * import assert from "node:assert/strict";
 *
 * const problems = new FamilyProblems({ families: FAMILIES.filter(({ id }) => id === "gcd"), perFamily: { test_id: 3 } });
 * assert.deepEqual(problems.split("test_id").map(({ id }) => id), ["gcd/test_id/1", "gcd/test_id/2", "gcd/test_id/3"]);
 * const [demonstration] = problems.demonstrations(1);
 * assert.ok(demonstration?.solution?.endsWith(`Answer: ${demonstration.answer}`));
 * ```
 */
export class FamilyProblems {
  readonly #seed: number;
  readonly #levels: readonly [number, number];
  readonly #perFamily: Readonly<Record<MathSplit, number>>;
  readonly #families: readonly Family[];
  readonly #statements = new Set<string>();
  readonly #heldOut = new Set<string>();
  #splits: ReadonlyMap<MathSplit, readonly Problem[]> | undefined;

  /** @throws {RangeError} if a level does not exist in a family, or a family is there twice. */
  constructor(options: FamilyProblemsOptions = {}) {
    const { seed = 1, levels = [1, 1], perFamily = {}, families = FAMILIES } = options;
    checkOptions(families, levels);
    this.#seed = seed;
    this.#levels = levels;
    this.#perFamily = { ...DEFAULT_PER_FAMILY, ...perFamily };
    this.#families = [...families].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * Problems of a split, by family and number.
   *
   * @throws {FamilyError} if a family has too few different problems for the sizes; names it.
   */
  split(name: MathSplit): readonly Problem[] {
    this.#splits ??= this.#fill();
    return this.#splits.get(name) ?? [];
  }

  /**
   * Further problems of the train families, for demonstrations: none has a statement that occurs in a split, and none has numbers
   * that occur in dev or test_id. Problem i is the same whatever the count; families take turns.
   *
   * @param count how many.
   * @param from index of the first one.
   * @throws {FamilyError} if a family has no problem left besides those of the splits.
   */
  demonstrations(count: number, from = 0): Problem[] {
    this.#splits ??= this.#fill();
    const families = this.#families.filter(({ split }) => split === "train");
    if (families.length === 0) throw new FamilyError("Cannot make demonstrations: there is no train family");
    return Array.from({ length: count }, (_, i) => {
      const index = from + i;
      const family = families[index % families.length] as Family;
      return this.#problem(family, "demonstration", Math.floor(index / families.length) + 1);
    });
  }

  /** Names of the families that demonstrations come from. */
  get trainFamilies(): readonly string[] {
    return this.#families.filter(({ split }) => split === "train").map(({ id }) => id);
  }

  /**
   * Demonstration number `index` (from 1) of one family, see {@linkcode FamilyProblems.demonstrations}.
   *
   * @returns undefined if there is no such train family.
   */
  demonstration(family: string, index: number): Problem | undefined {
    this.#splits ??= this.#fill();
    const found = this.#families.find(({ id, split }) => id === family && split === "train");
    return found === undefined ? undefined : this.#problem(found, "demonstration", index);
  }

  #fill(): ReadonlyMap<MathSplit, readonly Problem[]> {
    const splits = new Map<MathSplit, readonly Problem[]>();
    for (const split of FILL_ORDER) {
      const kind = split === "test_ood" ? "ood" : "train";
      const problems = this.#families.filter((family) => family.split === kind).flatMap((family) =>
        Array.from({ length: this.#perFamily[split] }, (_, i) => this.#problem(family, split, i + 1))
      );
      splits.set(split, problems);
    }
    return splits;
  }

  /** Problem number `index` (from 1) of a family in a split; what a split takes is remembered. */
  #problem(family: Family, split: MathSplit | "demonstration", index: number): Problem {
    const [low, high] = this.#levels;
    const level = low + (index - 1) % (high - low + 1);
    const isTest = split === "test_id" || split === "dev" || split === "test_ood";
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const random = keyedRandom("math", this.#seed, family.id, split, level, index, attempt);
      const generated = family.generate(random, level);
      const key = numbersKey(family, generated);
      if (this.#statements.has(generated.statement) || this.#heldOut.has(key)) continue;
      if (split !== "demonstration") this.#statements.add(generated.statement);
      if (isTest) this.#heldOut.add(key);
      return makeProblem(family, generated, { split, index, level });
    }
    throw new FamilyError(
      `Cannot make problem ${index} of ${split}: family ${family.id} has too few different problems at level ${level}; ` +
        `ask for fewer of it (perFamily) or leave it out (families)`,
    );
  }
}

function makeProblem(
  family: Family,
  generated: Generated,
  place: { readonly split: string; readonly index: number; readonly level: number },
): Problem {
  const { id, domain, method, split, near = false } = family;
  return {
    id: `${id}/${place.split}/${place.index}`,
    statement: generated.statement,
    answer: generated.answer,
    solution: workedSolution(generated),
    difficulty: place.level,
    scenario: id,
    labels: {
      domain,
      family: id,
      method,
      source: "families",
      ...(split === "ood" ? { shift: near ? "near" : "far" } : {}),
    },
  };
}
