/**
 * Maintenance of the library at the end of an ARISE step: the rewards of its users and its new documents, in the order of the step's problems.
 *
 * Contract: UPDATE, ADD, EVICT, LOAD, DELETE after each problem, or once for the whole step, where LOAD then swaps until nothing is left to swap. Only groups that are trained on
 * credit skills.
 *
 * @module
 */
import type { NewDocument, TwoTierLibrary } from "../../agents/skills/two_tier_library.ts";
import type { AriseSettings } from "../arise_config.ts";
import type { Conclusion, LibraryReport } from "../arise_log.ts";
import { type AriseGroup, skillRewards } from "./arise_group.ts";

/** What maintenance reads of a group. */
export type MaintainedGroup = Pick<AriseGroup, "group" | "chains" | "credits">;

/**
 * Maintains the library after a step.
 *
 * @param step from 0.
 * @param groups groups that credit skills or that a skill was concluded from, in the step's order.
 * @param trained those of them that are trained on.
 */
export function maintainLibrary(
  { maintenance, updateReward }: Pick<AriseSettings, "maintenance" | "updateReward">,
  library: TwoTierLibrary,
  step: number,
  groups: readonly MaintainedGroup[],
  trained: ReadonlySet<MaintainedGroup>,
  conclusions: readonly Conclusion[],
): LibraryReport {
  const inputs = groups.map((group) => ({
    group: group.group,
    updates: trained.has(group) ? skillRewards(group, updateReward) : [],
    additions: additionsOf(group, conclusions),
  }));
  const changes = maintenance === "perQuery"
    ? inputs.flatMap(({ group, updates, additions }) =>
      library.maintain({ step: step + 1, updates, additions }).map((change) => ({ ...change, group }))
    )
    : library.maintain({
      step: step + 1,
      updates: inputs.flatMap(({ updates }) => updates),
      additions: inputs.flatMap(({ additions }) => additions),
      untilStable: true,
    }).map((change) => ({ ...change, group: -1 }));
  const cache = library.entries("cache");
  const cacheUtility = cache.reduce((sum, { utility }) => sum + utility, 0) / Math.max(1, cache.length);
  return { step, changes, cacheSize: cache.length, reservoirSize: library.entries("reservoir").length, cacheUtility };
}

/** The documents that were concluded from a group. */
function additionsOf({ group, chains }: MaintainedGroup, conclusions: readonly Conclusion[]): NewDocument[] {
  const task = chains[0]?.request.tasks[0];
  return conclusions.filter((conclusion) => conclusion.group === group).flatMap(({ document, quality }) => {
    if (document === null || task === undefined) return [];
    const { id: taskId, scenario, instruction } = task;
    const origin = { taskId, scenario, instruction, position: 1, turn: -1 };
    return [{ document, utility: quality?.value ?? 0, origin }];
  });
}
