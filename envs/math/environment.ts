/**
 * `math`: problems with one checkable answer, from seeded families or from data files.
 *
 * Contract: see `envs/contract.ts`. An episode has a single turn: the text is graded by the exact grader, which alone decides the
 * score, and by the normalised-string grader, whose verdict is kept beside it; with `checker: "minervaString"` the two change places. A completion without an answer, with an unreadable
 * one, or with one that takes too many steps scores 0 and keeps its verdict. A fault of the grader, and a reference answer that
 * cannot be read or exhausts the budget by itself, is an {@linkcode EnvFault} and never a score.
 * Choices: unlike in environments whose scenarios have few siblings, all tasks of a split are listed unless variants are asked for;
 * the scenario is the family (of a data file: whatever the file says), the variant its number in the split.
 *
 * @module
 */
import { canonicalJson, contentHash } from "../../data/canonical.ts";
import {
  type ActionsSolution,
  EnvFault,
  type Environment,
  type Episode,
  type Evaluation,
  type StepResult,
  type Task,
  type TasksOptions,
  type Verdict,
} from "../contract.ts";
import { MINERVA_GRADER, verifyMinerva } from "./grader/minerva.ts";
import { GRADER, type Verification, verifyAnswer } from "./grader/verify.ts";
import { methodSkill } from "./method_skills.ts";
import type { Problem } from "./problem.ts";
import { FamilyProblems, type FamilyProblemsOptions, MATH_SPLITS } from "./problem_sets.ts";

/** Graders that a score can come from: the exact one, or the one that compares normalised strings. */
export const CHECKERS = ["symbolic", "minervaString"] as const;
/** See {@linkcode CHECKERS}. */
export type Checker = typeof CHECKERS[number];

/** Who decides. */
export interface CheckerOptions {
  /**
   * Grader whose verdict is the score; the other's is kept beside it.
   *
   * @default {"symbolic"}
   */
  checker?: Checker;
}

/** Options of {@linkcode MathEnvironment.fromProblems}. */
export interface FromProblemsOptions extends CheckerOptions {
  /**
   * Name of the environment.
   *
   * @default {"math"}
   */
  id?: string;
}

/**
 * Variants of a train family from here on are further problems for demonstrations, of which there is no end; `tasks` gives them only
 * when they are asked for.
 */
export const FIRST_EXTRA_VARIANT = 1001;

/** Where the problems come from. */
interface ProblemSource {
  readonly id: string;
  readonly splits: readonly string[];
  problems(split: string): readonly Problem[];
  demonstrations(count: number, from: number): readonly Problem[];
  /** Families that have extra variants. */
  readonly trainFamilies: readonly string[];
  /** Extra problem of a family, by its number from 1. */
  demonstration(family: string, index: number): Problem | undefined;
}

/** A task and what it is made from. */
export interface Placed {
  /** The problem. */
  readonly problem: Problem;
  /** Its task. */
  readonly task: Task;
  /** Grader that its score comes from. */
  readonly checker: Checker;
}

function makeTask(problem: Problem, split: string, variant: number): Task {
  return {
    id: problem.id,
    scenario: problem.scenario,
    variant,
    split,
    difficulty: problem.difficulty,
    instruction: problem.statement,
    labels: { ...problem.labels, level: problem.difficulty },
  };
}

/** The environment. */
export class MathEnvironment implements Environment {
  /** See {@linkcode Environment.id}. */
  readonly id: string;
  /** See {@linkcode Environment.version}. */
  readonly version = "0.1.0";
  /** See {@linkcode Environment.actions}. */
  readonly actions = "text";
  /** See {@linkcode Environment.splits}. */
  readonly splits: readonly string[];
  readonly #source: ProblemSource;
  readonly #checker: Checker;
  #placed: ReadonlyMap<string, Placed> | undefined;
  #hash: string | undefined;

  private constructor(source: ProblemSource, { checker = "symbolic" }: CheckerOptions) {
    this.#source = source;
    this.#checker = checker;
    this.id = source.id;
    this.splits = source.splits;
  }

  /**
   * Problems of seeded families in the splits train, dev, test_id and test_ood; made when first asked for.
   *
   * @example A problem and its worked solution
   * ```ts
   * import { MathEnvironment } from "whetstone/envs/math/environment.ts";
   * import assert from "node:assert/strict";
   *
   * const environment = MathEnvironment.fromFamilies({ seed: 1 });
   * const task = environment.task("gcd/test_id/1");
   * const episode = await environment.open(task);
   * const [action = ""] = episode.solution().actions;
   * await episode.step(action);
   * assert.equal((await episode.evaluate()).score, 1);
   * ```
   *
   * @throws {RangeError} if a level does not exist, or a family is there twice.
   */
  static fromFamilies(options: FamilyProblemsOptions & CheckerOptions = {}): MathEnvironment {
    const problems = new FamilyProblems(options);
    return new MathEnvironment({
      id: "math",
      splits: MATH_SPLITS,
      problems: (split) => MATH_SPLITS.filter((name) => name === split).flatMap((name) => problems.split(name)),
      demonstrations: (count, from) => problems.demonstrations(count, from),
      trainFamilies: problems.trainFamilies,
      demonstration: (family, index) => problems.demonstration(family, index),
    }, options);
  }

  /**
   * Problems of data files by split.
   *
   * @throws {RangeError} if two problems have the same id.
   */
  static fromProblems(
    problems: ReadonlyMap<string, readonly Problem[]> | Readonly<Record<string, readonly Problem[]>>,
    options: FromProblemsOptions = {},
  ): MathEnvironment {
    const { id = "math" } = options;
    const bySplit = problems instanceof Map
      ? problems as ReadonlyMap<string, readonly Problem[]>
      : new Map(Object.entries(problems as Readonly<Record<string, readonly Problem[]>>));
    const environment = new MathEnvironment({
      id,
      splits: [...bySplit.keys()],
      problems: (split) => bySplit.get(split) ?? [],
      demonstrations: () => {
        throw new RangeError(`Cannot make demonstrations of ${id}: its problems come from files; use those of a split`);
      },
      trainFamilies: [],
      demonstration: () => undefined,
    }, options);
    environment.#place();
    return environment;
  }

  /** Content hash of every problem with its reference answer, and of the graders that scores come from. */
  get hash(): string {
    this.#hash ??= contentHash(canonicalJson({
      version: this.version,
      // The one that decides first; its order is all that is said of it, so that the hash of the usual one stays what it was.
      graders: this.#checker === "symbolic" ? [GRADER, MINERVA_GRADER] : [MINERVA_GRADER, GRADER],
      problems: this.splits.map((split) => ({
        split,
        problems: this.#source.problems(split).map((problem) => ({
          ...problem,
          labels: { ...problem.labels },
        })),
      })),
    }));
    return this.#hash;
  }

  /**
   * Tasks of a split, sorted by id; all of them unless variants are asked for. In `train`, variants from {@linkcode FIRST_EXTRA_VARIANT}
   * on are extra problems of seeded families, none of which is in a split. See {@linkcode Environment.tasks}.
   */
  tasks(split: string, options: TasksOptions = {}): readonly Task[] {
    const { variants: [first, last] = [1, Infinity] } = options;
    if (!this.splits.includes(split)) {
      throw new RangeError(`Cannot list tasks: split must be one of ${this.splits.join(", ")}, got ${split}`);
    }
    if (!(Number.isInteger(first) && (Number.isInteger(last) || last === Infinity) && first >= 1)) {
      throw new RangeError(`Cannot list tasks: variants must be integers from 1, got ${first} to ${last}`);
    }
    const tasks = [...this.#place().values()].map(({ task }) => task)
      .filter((task) => task.split === split && task.variant >= first && task.variant <= last);
    if (split === "train" && Number.isFinite(last)) {
      for (const family of this.#source.trainFamilies) {
        for (let variant = Math.max(first, FIRST_EXTRA_VARIANT); variant <= last; variant++) {
          const extra = this.#extra(family, variant);
          if (extra !== undefined) tasks.push(extra.task);
        }
      }
    }
    return tasks.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** See {@linkcode Environment.task}. */
  task(id: string): Task {
    return this.#find(id).task;
  }

  /** The problem behind a task. @throws {RangeError} if there is none. */
  problem(id: string): Problem {
    return this.#find(id).problem;
  }

  /**
   * Further problems of the train families with worked solutions, for supervised warm starts; never one of a split, and never with
   * the numbers of a dev or test problem. Problem i is the same whatever the count; the families take turns.
   *
   * @param count how many.
   * @param from index of the first one.
   * @throws {RangeError} if the problems come from files.
   */
  demonstrations(count: number, from = 0): readonly Problem[] {
    return this.#source.demonstrations(count, from);
  }

  /** See {@linkcode Environment.open}. */
  open(task: Task): Promise<MathEpisode> {
    return Promise.resolve().then(() => new MathEpisode(this.#find(task.id)));
  }

  #find(id: string): Placed {
    const [, family = "", index = ""] = /^(.+)\/demonstration\/([1-9]\d*)$/.exec(id) ?? [];
    const placed = this.#place().get(id) ??
      (family === "" ? undefined : this.#extra(family, FIRST_EXTRA_VARIANT - 1 + Number(index)));
    if (placed === undefined) throw new RangeError(`Cannot find task: ${this.id} has no task ${JSON.stringify(id)}`);
    return placed;
  }

  #extra(family: string, variant: number): Placed | undefined {
    const problem = this.#source.demonstration(family, variant - FIRST_EXTRA_VARIANT + 1);
    if (problem === undefined) return undefined;
    return { problem, task: makeTask(problem, "train", variant), checker: this.#checker };
  }

  #place(): ReadonlyMap<string, Placed> {
    if (this.#placed !== undefined) return this.#placed;
    const placed = new Map<string, Placed>();
    for (const split of this.splits) {
      const siblings = new Map<string, number>();
      for (const problem of this.#source.problems(split)) {
        if (placed.has(problem.id)) {
          throw new RangeError(
            `Cannot make environment ${this.id}: problem ids must be unique, ${problem.id} is there twice`,
          );
        }
        const variant = (siblings.get(problem.scenario) ?? 0) + 1;
        siblings.set(problem.scenario, variant);
        placed.set(problem.id, { problem, task: makeTask(problem, split, variant), checker: this.#checker });
      }
    }
    this.#placed = placed;
    return placed;
  }
}

/** What a registry makes the environment with: see {@linkcode MathEnvironment.fromFamilies}. */
export function createMathEnvironment(
  options: FamilyProblemsOptions & CheckerOptions = {},
): Promise<MathEnvironment> {
  return Promise.resolve().then(() => MathEnvironment.fromFamilies(options));
}

const REQUIREMENT = "the answer is correct";

function verify(problem: Problem, text: string): Verification {
  const { answer, tolerance } = problem;
  return verifyAnswer(answer, text, tolerance === undefined ? {} : { tolerance });
}

function verdictOf(grader: string, { verdict, gold, answer, detail }: Verification): Verdict {
  return { grader, verdict, gold, answer, detail };
}

/** @throws {EnvFault} if the reference cannot be read, or exhausts the budget by itself. */
function checkReference(problem: Problem): void {
  // Against 0, which costs nothing: a text compared with itself is equal letter by letter, however unreadable.
  const { verdict, gold, detail } = verify(problem, "Answer: 0");
  if (gold !== null && verdict !== "timeout" && verdict !== "error") return;
  throw new EnvFault(`Cannot grade ${problem.id} by its reference answer ${problem.answer}: ${verdict}, ${detail}`);
}

/** One problem to answer in one step. */
export class MathEpisode implements Episode {
  /** See {@linkcode Episode.task}. */
  readonly task: Task;
  readonly #problem: Problem;
  readonly #checker: Checker;
  /** Verdicts, the deciding one first. */
  #graded: readonly [Verdict, Verdict] | undefined;
  #closed = false;

  /** @param placed the task and its problem. */
  constructor({ task, problem, checker }: Placed) {
    this.task = task;
    this.#problem = problem;
    this.#checker = checker;
  }

  /** Nothing to see beyond the task. See {@linkcode Episode.start}. */
  start(): Promise<string> {
    return Promise.resolve("");
  }

  /** Grades a completion and ends the episode. @throws {EnvFault} if grading fails through no fault of the agent. */
  step(action: string): Promise<StepResult> {
    return Promise.resolve().then(() => {
      this.#check();
      if (this.#graded !== undefined) {
        throw new EnvFault(`Cannot step in ${this.task.id}: it has a single turn, which was taken`);
      }
      const exact = verify(this.#problem, action);
      const minerva = verifyMinerva(this.#problem.answer, action);
      // What the exact grader cannot do is a fault only where its verdict is the score.
      if (this.#checker === "symbolic") {
        if (exact.verdict === "error") {
          throw new EnvFault(`The grader failed in ${this.task.id}: ${exact.detail}`);
        }
        if (exact.verdict === "unparsed" || exact.verdict === "timeout") checkReference(this.#problem);
      }
      const verdicts = [verdictOf(GRADER, exact), verdictOf(MINERVA_GRADER, minerva)] as const;
      this.#graded = this.#checker === "symbolic" ? verdicts : [verdicts[1], verdicts[0]];
      return { observation: "", done: true };
    });
  }

  /** See {@linkcode Episode.evaluate}. */
  evaluate(): Promise<Evaluation> {
    return Promise.resolve().then(() => {
      this.#check();
      const [deciding] = this.#graded ?? [];
      const passed = deciding?.verdict === "correct";
      const trace = deciding === undefined ? "no answer was given" : `${deciding.verdict}: ${deciding.detail}`;
      return {
        score: passed ? 1 : 0,
        success: passed,
        passed: passed ? 1 : 0,
        total: 1,
        tests: [{ requirement: REQUIREMENT, passed, label: "no_op_fail" as const, trace }],
        ...(this.#graded === undefined ? {} : { verdicts: this.#graded }),
      };
    });
  }

  /** The worked solution, if there is one; where its last line would not be read as the reference, an `Answer:` line follows. */
  solution(): ActionsSolution {
    const { solution, answer, labels } = this.#problem;
    const bare = `Answer: ${answer}`;
    if (solution === undefined) return { kind: "actions", actions: [bare] };
    const skill = methodSkill(labels["method"] ?? "");
    const found = this.#checker === "symbolic"
      ? verify(this.#problem, solution).verdict === "correct"
      : verifyMinerva(answer, solution).verdict === "correct";
    const actions = [found ? solution : `${solution}\n${bare}`];
    return { kind: "actions", actions, ...(skill === undefined ? {} : { skill }) };
  }

  /** See {@linkcode Episode.close}. */
  close(): void {
    this.#closed = true;
  }

  #check(): void {
    if (this.#closed) throw new EnvFault(`Cannot use the episode of ${this.task.id}: it is closed`);
  }
}
