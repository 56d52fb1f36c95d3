/**
 * A family: a kind of question that makes any number of problems, each with a worked solution, from random numbers.
 *
 * Contract: {@linkcode Family.generate} is a pure function of (stream, level). The worked solution names every operation that it uses,
 * with operands that stand in the statement or in an earlier line, and ends in `Answer: <answer>`. What a level means is data
 * ({@linkcode Family.knobs}): ranges of numbers and numbers of steps. Level 1 is meant for a policy of a million weights: short
 * statements, small numbers, few lines. The same operation is written the same way in all families (see `_work.ts`).
 *
 * @module
 */
import type { KeyedRandom } from "../../../data/keyed_random.ts";
import type { Domain } from "../problem.ts";
import { InexactError } from "./_work.ts";
import type { MethodName } from "./methods.ts";

/** Settings of a level by name: ranges, numbers of steps, and forms of the question. */
export type Knobs = Readonly<Record<string, number>>;

/** What a family makes of a stream of random numbers. */
export interface Generated {
  /** Text of the problem. */
  readonly statement: string;
  /** Reference answer, LaTeX or plain text. */
  readonly answer: string;
  /** Lines of the worked solution without the answer line. */
  readonly steps: readonly string[];
  /** What was drawn, without names and wording: two problems with equal numbers ask the same. */
  readonly numbers: readonly (number | string)[];
}

/** A kind of question. */
export interface Family {
  /** Unique, in kebab case. */
  readonly id: string;
  /** Short name for people. */
  readonly title: string;
  /** Domain that results are grouped by. */
  readonly domain: Domain;
  /** Procedure that the worked solutions follow. */
  readonly method: MethodName;
  /** `train` families make train, dev and test_id; `ood` families make test_ood only. */
  readonly split: "train" | "ood";
  /**
   * Of an `ood` family: whether it differs from train families by its story or by what is asked only, or puts parts of them together that
   * are not together in any. Otherwise it needs the method of a train family in another kind of problem.
   *
   * @default {false}
   */
  readonly near?: boolean;
  /** Number of levels; level 1 is the easiest. */
  readonly levels: number;
  /** Settings by level, the first one being level 1's. */
  readonly knobs: readonly Knobs[];
  /**
   * Makes a problem.
   *
   * @throws {RangeError} if there is no such level.
   * @throws {FamilyError} if no draw fits.
   */
  generate(random: KeyedRandom, level: number): Generated;
}

/** A family cannot make what is asked of it. */
export class FamilyError extends Error {
  /** Stable name, kept in rows and messages. */
  override readonly name = "FamilyError";
}

/** What {@linkcode defineFamily} is given. */
export interface FamilySpec<K extends Knobs> extends Omit<Family, "levels" | "knobs" | "generate"> {
  /** Settings by level, the first one being level 1's. */
  readonly knobs: readonly K[];
  /** One try; undefined where the numbers drawn do not fit, after which the stream goes on. */
  draw(random: KeyedRandom, knobs: K): Generated | undefined;
}

const MAX_TRIES = 2000;

function tryDraw(draw: () => Generated | undefined): Generated | undefined {
  try {
    return draw();
  } catch (error) {
    if (error instanceof InexactError) return undefined;
    throw error;
  }
}

/** Makes a family out of its settings and one try. */
export function defineFamily<K extends Knobs>(spec: FamilySpec<K>): Family {
  const { draw, knobs, ...facts } = spec;
  return {
    ...facts,
    knobs,
    levels: knobs.length,
    generate(random, level) {
      const settings = knobs[level - 1];
      if (settings === undefined) {
        throw new RangeError(`Cannot generate ${spec.id}: level must be 1 to ${knobs.length}, got ${level}`);
      }
      for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
        const generated = tryDraw(() => draw(random, settings));
        if (generated !== undefined) return generated;
      }
      throw new FamilyError(
        `Cannot generate ${spec.id} at level ${level}: none of ${MAX_TRIES} draws fits; widen its knobs`,
      );
    },
  };
}

/**
 * The worked solution of a generated problem: its steps, then the line `Answer: <answer>`.
 *
 * @example Two steps and the answer
 * ```ts
 * import { workedSolution } from "whetstone/envs/math/families/family.ts";
 * import assert from "node:assert/strict";
 *
 * const solution = workedSolution({ statement: "…", answer: "6", steps: ["18 mod 12 = 6", "12 mod 6 = 0"], numbers: [18, 12] });
 * assert.equal(solution, "18 mod 12 = 6\n12 mod 6 = 0\nAnswer: 6");
 * ```
 */
export function workedSolution(generated: Generated): string {
  return [...generated.steps, `Answer: ${generated.answer}`].join("\n");
}
