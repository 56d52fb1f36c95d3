import assert from "node:assert/strict";
import type { Chain } from "../../../agents/rollout.ts";
import { TwoTierLibrary } from "../../../agents/skills/two_tier_library.ts";
import type { Conclusion } from "../../../train/arise_log.ts";
import { type MaintainedGroup, maintainLibrary } from "../../../train/recipes/arise_maintain.ts";
import { document, numberTask } from "../../agents/_arise_kit.ts";

/** A group whose rollouts used the named skills, with their rewards. */
function group(number: number, users: readonly (readonly [string | undefined, number])[]): MaintainedGroup {
  const task = numberTask(number);
  return {
    group: number,
    chains: users.map(([skill], sample) =>
      ({
        request: { group: number, sample, tasks: [task] },
        rollouts: [{ skillsUsed: skill === undefined ? [] : [skill] }],
      }) as unknown as Chain
    ),
    credits: users.map(([, total]) => ({
      reward: { outcome: total, generation: 0, usage: 0, chain: 0, penalty: 0, total },
      baseline: 0,
      advantage: 0,
    })),
  };
}

function concluded(group: number, name: string, value: number | null): Conclusion {
  const quality = value === null ? null : { level: "R3", value } as const;
  return { group, document: document(name), quality } as unknown as Conclusion;
}

const both = { updateReward: "meanOverUsers" } as const;
const operations = (report: ReturnType<typeof maintainLibrary>) =>
  report.changes.map(({ group, operation, name }) => `${group} ${operation} ${name}`);

/** Cache a and b at 1, reservoir c and d at 0.95. */
function library(): TwoTierLibrary {
  const made = new TwoTierLibrary([], { cacheCapacity: 2 });
  for (const [names, utility] of [[["a", "b"], 1], [["c", "d"], 0.95]] as const) {
    made.maintain({ step: 1, additions: names.map((name) => ({ document: document(name), utility, origin: null })) });
  }
  return made;
}

Deno.test("maintainLibrary() credits, then adds, for each problem, or everything once until nothing is left to swap", () => {
  // Both fall to 0.9.
  const groups = [group(1, [["a", 0], ["b", 0], [undefined, 2]])];
  const perQuery = library();
  const once = maintainLibrary({ ...both, maintenance: "perQuery" }, perQuery, 4, groups, new Set(groups), []);
  assert.deepEqual(operations(once), ["1 update a", "1 update b", "1 load c", "1 unload a"]);
  assert.equal(perQuery.entry("b")?.lastSelectedStep, 5);
  const batch = maintainLibrary({ ...both, maintenance: "batch" }, library(), 4, groups, new Set(groups), []);
  assert.deepEqual(operations(batch).slice(2), ["-1 load c", "-1 unload a", "-1 load d", "-1 unload b"]);
  assert.deepEqual([batch.step, batch.cacheSize, batch.reservoirSize, batch.cacheUtility], [4, 2, 2, 0.95]);
});

Deno.test("maintainLibrary() takes documents of all groups, and rewards of those that are trained on", () => {
  const groups = [group(1, [["a", 2]]), group(2, [["a", 0], ["b", 0]])];
  const conclusions = [concluded(2, "e", 1.5), concluded(1, "f", null), concluded(7, "g", 1)];
  const report = maintainLibrary(
    { ...both, maintenance: "perQuery" },
    library(),
    0,
    groups,
    new Set(groups.slice(0, 1)),
    conclusions,
  );
  assert.deepEqual(operations(report), ["1 update a", "1 add f", "1 evict f", "2 add e", "2 evict b"]);
  const added = report.changes.filter(({ operation }) => operation === "add");
  assert.deepEqual(added.map(({ after }) => after), [0, 1.5]);
});

Deno.test("maintainLibrary() credits a skill once for each group that used it", () => {
  const made = new TwoTierLibrary([document("a")], { emaBeta: 0.5 });
  const groups = [group(1, [["a", 2], ["a", 0]]), group(2, [["a", 2], ["a", 2]])];
  maintainLibrary({ ...both, maintenance: "perQuery" }, made, 0, groups, new Set(groups), []);
  // 0 → 0.5 · 0 + 0.5 · 1 → 0.5 · 0.5 + 0.5 · 2.
  assert.deepEqual([made.entry("a")?.utility, made.entry("a")?.uses], [1.25, 2]);
});
