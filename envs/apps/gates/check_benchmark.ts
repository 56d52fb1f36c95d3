/**
 * The gates of the whole benchmark: those of every instance, and what must hold between siblings and over all.
 *
 * Contract: nothing stops at the first problem; whatever fails is listed. Held-out apps are used by no reference solution outside
 * `test_challenge`, and by every scenario in it.
 *
 * @module
 */
import { canonicalJson, type Json } from "../../../data/canonical.ts";
import { EnvFault } from "../../contract.ts";
import { catalogueOf } from "../catalogue.ts";
import { instantiate, type Prepared, SIBLINGS } from "../instantiate.ts";
import { normaliseAnswer } from "../normalise_answer.ts";
import type { Scenario } from "../scenario.ts";
import { HELD_OUT_APPS, type WorldProfile } from "../world/profiles.ts";
import type { BaseWorld } from "../world.ts";
import { checkInstance, type InstanceReport, levelOf } from "./check_instance.ts";
import { WANTED_SPLITS } from "./published.ts";

/** Report on one task. */
export interface TaskReport extends InstanceReport {
  readonly family: string;
  readonly split: string;
  readonly difficulty: number;
  readonly variant: number;
  /** Attempts that the draw took. */
  readonly attempts: number;
}

/** Report on all. */
export interface BenchmarkReport {
  readonly worldHash: string;
  readonly tasks: readonly TaskReport[];
  /** Problems that belong to a scenario or to the whole. */
  readonly problems: readonly { readonly where: string; readonly problem: string }[];
  readonly passed: boolean;
}

/** Options of {@linkcode checkBenchmark}. */
export interface CheckBenchmarkOptions {
  /**
   * Called after each scenario; may throw to stop.
   *
   * @default {nothing}
   */
  onScenario?: (done: number, total: number) => void;
  /**
   * Whether the numbers of scenarios by split must be those of the full benchmark.
   *
   * @default {true}
   */
  whole?: boolean;
  /**
   * Whether mutations of the reference solutions are run.
   *
   * @default {true}
   */
  mutate?: boolean;
}

/** Lets signals and timers in. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function siblingProblems(siblings: readonly Prepared[]): string[] {
  const problems: string[] = [];
  const differ = (what: string, values: readonly string[]) => {
    if (new Set(values).size < values.length) problems.push(`siblings share ${what}`);
  };
  differ("their user", siblings.map(({ user }) => user.email));
  differ("answer and changes", siblings.map(({ outcome }) => outcome));
  differ("the instruction", siblings.map(({ instance }) => instance.instruction));
  const answers = siblings.map(({ instance }) => normaliseAnswer(instance.answer));
  if (!answers.includes("null")) differ("the answer", answers);
  const slots = siblings.map(({ instance }) => canonicalJson((instance.program?.pub ?? {}) as Json));
  if (slots.some((slot) => slot !== "{}")) differ("all public values", slots);
  return problems;
}

function scenarioProblems(scenario: Scenario, reports: readonly InstanceReport[]): string[] {
  const problems: string[] = [];
  const level = Math.max(...reports.map(({ statistics }) => levelOf(statistics.uniqueSteps)));
  if (level !== scenario.difficulty) {
    problems.push(`level ${scenario.difficulty} is declared, the reference solution's steps say ${level}`);
  }
  const used = new Set(reports.flatMap(({ statistics }) => statistics.apps));
  const heldOut = HELD_OUT_APPS.filter((app) => used.has(app));
  if (scenario.split !== "test_challenge" && heldOut.length > 0) {
    problems.push(`it uses the held-out app ${heldOut.join(", ")} outside test_challenge`);
  }
  if (scenario.split === "test_challenge" && heldOut.length === 0) {
    problems.push(`it uses none of the held-out apps ${HELD_OUT_APPS.join(", ")}`);
  }
  return problems;
}

/** Generators lie in one split each, and splits have the sizes wanted. */
function splitProblems(scenarios: readonly Scenario[], whole: boolean): { where: string; problem: string }[] {
  const problems: { where: string; problem: string }[] = [];
  const generators = Map.groupBy(scenarios, ({ family }) => family.split("/")[0] ?? family);
  for (const [generator, families] of generators) {
    const splits = new Set(families.map(({ split }) => split));
    if (splits.size > 1) problems.push({ where: generator, problem: `its families lie in ${[...splits].join(", ")}` });
  }
  if (!whole) return problems;
  for (const [split, wanted] of Object.entries(WANTED_SPLITS)) {
    const count = scenarios.filter((scenario) => scenario.split === split).length;
    if (count !== wanted) problems.push({ where: split, problem: `it has ${count} scenarios, ${wanted} are wanted` });
  }
  return problems;
}

/**
 * Runs all gates.
 *
 * @param base the world.
 * @param profile its profile.
 * @param scenarios those with programs, of which the benchmark consists.
 * @param options see {@linkcode CheckBenchmarkOptions}.
 */
export async function checkBenchmark(
  base: BaseWorld,
  profile: WorldProfile,
  scenarios: readonly Scenario[],
  options: CheckBenchmarkOptions = {},
): Promise<BenchmarkReport> {
  const { onScenario, whole = true, mutate = true } = options;
  const catalogue = catalogueOf(profile);
  const tasks: TaskReport[] = [];
  const problems = splitProblems(scenarios, whole);
  for (const [index, scenario] of scenarios.entries()) {
    await pause();
    const { family, split, difficulty } = scenario;
    const siblings: Prepared[] = [];
    const reports: InstanceReport[] = [];
    for (let variant = 1; variant <= SIBLINGS; variant++) {
      try {
        const prepared = instantiate(base, scenario, variant, siblings);
        siblings.push(prepared);
        const report = checkInstance(prepared, catalogue, scenario, { mutate });
        reports.push(report);
        tasks.push({ family, split, difficulty, variant, attempts: prepared.attempts, ...report });
      } catch (error) {
        // A smaller world has nobody for some scenarios, and its environment leaves them out.
        if (!whole && error instanceof EnvFault) continue;
        const problem = error instanceof Error ? error.message : String(error);
        problems.push({ where: `${family} ${variant}`, problem });
      }
    }
    if (siblings.length === SIBLINGS) {
      const found = [...siblingProblems(siblings), ...scenarioProblems(scenario, reports)];
      problems.push(...found.map((problem) => ({ where: family, problem })));
    }
    onScenario?.(index + 1, scenarios.length);
  }
  const passed = problems.length === 0 && tasks.every((task) => task.problems.length === 0);
  return { worldHash: base.hash, tasks, problems, passed };
}
