/**
 * Which tasks a step is played on.
 *
 * Contract: pure functions of (configuration, tasks, seed, step), so that a step that is played again after a kill is the same. Steps deal
 * from one shuffled deck of scenarios after the other; groups drawn in place of useless ones come from decks of the step's own, so that
 * how many there were leaves the other steps alone.
 *
 * @module
 */
import { keyedRandom } from "../../data/keyed_random.ts";
import type { Environment, Task } from "../../envs/contract.ts";
import type { ChainRequest } from "../../agents/rollout.ts";
import type { ChainGrpoConfig } from "../config.ts";

type DrawConfig = Pick<ChainGrpoConfig, "groupsPerStep" | "groupSize" | "chainLength">;

/**
 * Chains of one step: `groupsPerStep` scenarios, K of the siblings of each in random order, G chains of each.
 *
 * Steps deal from one shuffled deck of scenarios after the other, so that all scenarios have had their turn before one comes back.
 */
export function drawChains(config: DrawConfig, tasks: readonly Task[], seed: number, step: number): ChainRequest[] {
  return requestChains(config, tasks, seed, step, 0, stepScenarios(config, tasks, seed, step));
}

/**
 * Further groups of a step: scenarios that the step has not had yet, as long as there are any, then all in turn.
 *
 * @param first number of groups that the step has had, which is the number of the first new group.
 * @param count groups to draw.
 */
export function drawMoreChains(
  config: DrawConfig,
  tasks: readonly Task[],
  seed: number,
  step: number,
  { first, count }: { readonly first: number; readonly count: number },
): ChainRequest[] {
  const had = new Set(stepScenarios(config, tasks, seed, step));
  const scenarios = scenarioNames(tasks);
  const deck = (lap: number) => keyedRandom(seed, "further scenarios", step, lap).shuffle(scenarios);
  const fresh = deck(0).filter((scenario) => !had.has(scenario));
  const drawn = Array.from({ length: count }, (_, i) => {
    const turn = first - config.groupsPerStep + i;
    const later = turn - fresh.length;
    const lap = 1 + Math.floor(later / scenarios.length);
    return (later < 0 ? fresh[turn] : deck(lap)[later % scenarios.length]) ?? "";
  });
  return requestChains(config, tasks, seed, step, first, drawn);
}

function scenarioNames(tasks: readonly Task[]): string[] {
  return [...new Set(tasks.map((task) => task.scenario))].sort();
}

/** Scenarios that a step is dealt. */
function stepScenarios({ groupsPerStep }: DrawConfig, tasks: readonly Task[], seed: number, step: number): string[] {
  const scenarios = scenarioNames(tasks);
  return Array.from({ length: groupsPerStep }, (_, group) => {
    const turn = step * groupsPerStep + group;
    const deck = keyedRandom(seed, "scenarios", Math.floor(turn / scenarios.length)).shuffle(scenarios);
    return deck[turn % scenarios.length] ?? "";
  });
}

function requestChains(
  { chainLength, groupSize }: DrawConfig,
  tasks: readonly Task[],
  seed: number,
  step: number,
  first: number,
  drawn: readonly string[],
): ChainRequest[] {
  const byScenario = Map.groupBy(tasks, (task) => task.scenario);
  return drawn.flatMap((scenario, i) => {
    const group = first + i;
    const siblings = byScenario.get(scenario) ?? [];
    const chosen = keyedRandom(seed, "siblings", step, group).sample(siblings, chainLength);
    return Array.from({ length: groupSize }, (_, sample) => ({ group, sample, tasks: chosen }));
  });
}

/** First of the extra instances that lengthen chains; demonstrations come from lower ones. */
const FIRST_CHAIN_VARIANT = 901;

/**
 * Tasks that chains are drawn from: the siblings of the benchmark, or the extra instances that the configuration names where there are any;
 * and further instances where a chain is longer than a scenario has siblings.
 */
export function trainTasks(
  environment: Environment,
  { chainLength, variants }: Pick<ChainGrpoConfig, "chainLength" | "variants">,
): readonly Task[] {
  const extra = variants === undefined ? [] : environment.tasks("train", { variants });
  const tasks = extra.length > 0 ? extra : environment.tasks("train");
  const siblings = Math.min(...Map.groupBy(tasks, (task) => task.scenario).values().map((group) => group.length));
  if (siblings >= chainLength) return tasks;
  const last = FIRST_CHAIN_VARIANT + chainLength - siblings - 1;
  return [...tasks, ...environment.tasks("train", { variants: [FIRST_CHAIN_VARIANT, last] })];
}
