import assert from "node:assert/strict";
import { checkBenchmark } from "../../../../../envs/apps/gates/check_benchmark.ts";
import type { Scenario } from "../../../../../envs/apps/scenario.ts";
import { fileSort } from "../../../../../envs/apps/scenarios/bench/file_sort.ts";
import { noteToCards } from "../../../../../envs/apps/scenarios/bench/note_to_cards.ts";
import { overdueCards } from "../../../../../envs/apps/scenarios/bench/overdue_cards.ts";
import { packFolders } from "../../../../../envs/apps/scenarios/bench/pack_folders.ts";
import { receiptsToBills } from "../../../../../envs/apps/scenarios/bench/receipts_to_bills.ts";
import { removeDuplicates } from "../../../../../envs/apps/scenarios/bench/remove_duplicates.ts";
import { restoreVersion } from "../../../../../envs/apps/scenarios/bench/restore_version.ts";
import { revokeSharing } from "../../../../../envs/apps/scenarios/bench/revoke_sharing.ts";
import { textAssignees } from "../../../../../envs/apps/scenarios/bench/text_assignees.ts";
import { boardNamed, dayPlus } from "../../../../../envs/apps/scenarios/bench/_toolbox.ts";
import { workload } from "../../../../../envs/apps/scenarios/bench/workload.ts";
import { PROFILES } from "../../../../../envs/apps/world/profiles.ts";
import { baseWorld } from "../../_kit.ts";

/** Generators with their split and the levels of their families. */
const GENERATORS: readonly (readonly [readonly Scenario[], Scenario["split"], readonly number[]])[] = [
  [fileSort, "train", [2, 2, 1]],
  [overdueCards, "train", [2, 2, 1]],
  [removeDuplicates, "dev", [1, 1, 1]],
  [receiptsToBills, "dev", [3, 2, 2]],
  [noteToCards, "test_normal", [2, 2, 3]],
  [packFolders, "test_normal", [1, 2, 2]],
  [revokeSharing, "test_normal", [1, 1, 2]],
  [restoreVersion, "test_normal", [1, 1, 1]],
  [workload, "test_normal", [1, 1, 2]],
  [textAssignees, "test_normal", [3, 2, 3]],
];

Deno.test("generators about files and boards have three families of the wanted levels in one split", () => {
  for (const [scenarios, split, levels] of GENERATORS) {
    assert.deepEqual(scenarios.map(({ difficulty }) => difficulty), levels, scenarios[0]?.family ?? "");
    assert.ok(scenarios.every((scenario) => scenario.split === split));
  }
});

Deno.test("checkBenchmark() passes the tasks about files and boards when their mistakes are tried, too", async () => {
  const scenarios = GENERATORS.flatMap(([some]) => some);
  const report = await checkBenchmark(baseWorld("full"), PROFILES.full, scenarios, { whole: false });
  assert.deepEqual(report.problems, []);
  assert.deepEqual(
    report.tasks.flatMap(({ family, problems }) => problems.map((problem) => `${family}: ${problem}`)),
    [],
  );
  const survivors = report.tasks.flatMap(({ family, mutations }) =>
    mutations.filter(({ fate }) => fate === "survived").map(({ mutation }) => `${family}: ${mutation}`)
  );
  assert.deepEqual(survivors, []);
});

Deno.test("dayPlus() counts over the ends of months and years", () => {
  assert.equal(dayPlus("2027-12-31", 1), "2028-01-01");
  assert.equal(dayPlus("2028-03-01", -1), "2028-02-29");
  assert.equal(dayPlus("2027-05-09", 0), "2027-05-09");
});

Deno.test("boardNamed() finds a board that is not on the first page", () => {
  const names = Array.from({ length: 30 }, (_, i) => ({ name: `Board ${i}` }));
  const list_boards = ({ page, size }: { page: number; size: number }) => names.slice(page * size, (page + 1) * size);
  assert.deepEqual(boardNamed({ corkline: { list_boards } }, "token", "Board 27"), { name: "Board 27" });
});
