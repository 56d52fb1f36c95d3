import assert from "node:assert/strict";
import { type AblateOptions, ablateSage } from "../../eval/ablate.ts";
import { ablationGrid, AblationGridError, type RewardWord } from "../../eval/ablation_grid.ts";
import { rlConfig } from "../../eval/scales.ts";
import { columnOf, hashOf, never, rowsOf, silent, withFolder } from "./_workbench.ts";

const BASE = { environment: { id: "apps", seed: 1, hash: "0" }, device: "cpu" } as const;

function grid(chainLengths: readonly number[], rewards: readonly RewardWord[]) {
  return ablationGrid({ chainLengths, rewards }, "smoke", BASE, "sft-0");
}

Deno.test("ablationGrid() names its cells, chain length by chain length", () => {
  assert.deepEqual(grid([2, 1], ["skill", "chain"]).map((cell) => cell.name), [
    "K=2, skill",
    "K=2, chain",
    "K=1, skill",
    "K=1, chain",
  ]);
});

Deno.test("ablationGrid() makes the paper's cell the main table's SAGE, and no other", () => {
  const cells = grid([1, 2, 3], ["outcome", "chain", "skill"]);
  assert.deepEqual(cells.filter((cell) => cell.arm === "SAGE").map((cell) => cell.name), ["K=2, skill"]);
  assert.deepEqual(cells.find((cell) => cell.arm === "SAGE")?.train, rlConfig("smoke", "SAGE", BASE, "sft-0"));
  assert.ok(cells.every((cell) => cell.arm === "SAGE" || cell.arm === cell.name));
});

Deno.test("ablationGrid() gives equal configurations only to skill and outcome with chains of one", () => {
  const cells = grid([1, 2, 3], ["outcome", "chain", "skill"]);
  const distinct = Map.groupBy(cells, (cell) => JSON.stringify(cell.train));
  const shared = [...distinct.values()].filter((same) => same.length > 1);
  assert.deepEqual(shared.map((same) => same.map((cell) => cell.name)), [["K=1, outcome", "K=1, skill"]]);
});

Deno.test("ablationGrid() spends as many episodes a step in each cell, as nearly as groups can be whole", () => {
  const cells = grid([1, 2, 3, 4, 5, 6, 7, 8], ["skill"]);
  // SAGE has 8 groups of chains of two.
  assert.deepEqual(cells.map((cell) => cell.train.groupsPerStep), [16, 8, 5, 4, 3, 3, 2, 2]);
  for (const { train } of cells) {
    const episodes = train.groupsPerStep * train.chainLength;
    assert.ok(Math.abs(episodes - 16) <= train.chainLength / 2, `K=${train.chainLength}: ${episodes}`);
  }
});

Deno.test("ablationGrid() gives each loss a cell of its own beside the paper's, which keeps its runs", () => {
  const axes = { chainLengths: [1, 2], rewards: ["skill"], losses: ["own", "dapo"] } as const;
  const cells = ablationGrid(axes, "smoke", BASE, "sft-0");
  assert.deepEqual(cells.map(({ name }) => name), ["K=1, skill", "K=1, skill, dapo", "K=2, skill", "K=2, skill, dapo"]);
  assert.deepEqual(cells.map(({ arm }) => arm), ["K=1, skill", "K=1, skill, dapo", "SAGE", "K=2, skill, dapo"]);
  assert.deepEqual(cells.map(({ train }) => train.loss), [undefined, "dapo", undefined, "dapo"]);
  const without = ablationGrid({ chainLengths: [1, 2], rewards: ["skill"] }, "smoke", BASE, "sft-0");
  assert.deepEqual(cells.filter(({ loss }) => loss === "own"), without);
  assert.throws(() => ablationGrid({ ...axes, losses: ["dapo", "dapo"] }, "smoke", BASE, "sft-0"), AblationGridError);
});

Deno.test("ablationGrid() refuses an axis that is empty, repeats a value or is out of range, and names the value", () => {
  const wrong: [readonly number[], readonly RewardWord[], RegExp][] = [
    [[], ["skill"], /--chain-length must be integers from 1 to 8, each once, got nothing$/],
    [[0], ["skill"], /--chain-length .* got 0$/],
    [[9], ["skill"], /--chain-length .* got 9$/],
    [[1.5], ["skill"], /--chain-length .* got 1.5$/],
    [[2, 1, 2], ["skill"], /--chain-length .* got 2$/],
    [[1], [], /--reward must be outcome, chain, skill, each once, got nothing$/],
    [[1], ["skill", "skill"], /--reward .* got skill$/],
    [[1], ["toString" as RewardWord], /--reward .* got toString$/],
  ];
  for (const [lengths, rewards, message] of wrong) {
    assert.throws(() => grid(lengths, rewards), (error: Error) => {
      assert.ok(error instanceof AblationGridError);
      assert.match(error.message, message);
      return true;
    });
  }
});

function options(workspace: string, more: Partial<AblateOptions> = {}): AblateOptions {
  return {
    chainLengths: [1, 2, 4],
    rewards: ["outcome", "skill"],
    scale: "ci",
    seeds: 1,
    seed: 1,
    device: "cpu",
    workspace,
    signal: never,
    progress: silent(),
    ...more,
  };
}

Deno.test("ablateSage() fills every cell of the grid, and trains each configuration once", async (t) => {
  await withFolder(async (folder) => {
    const report = await ablateSage(options(folder));
    const runs = await columnOf(folder, "SELECT arm FROM run ORDER BY recipe DESC, arm");
    await t.step("runs", () => {
      // K=1, skill is K=1, outcome; K=2, skill is SAGE.
      assert.deepEqual(runs, ["SFT", "K=1, outcome", "K=2, outcome", "K=4, outcome", "K=4, skill", "SAGE"]);
    });
    await t.step("cells", () => {
      assert.deepEqual(report.tables.map((table) => table.title), ["test_normal", "test_challenge"]);
      for (const table of report.tables) {
        assert.deepEqual(table.rows.map((row) => row.cells[0]?.text), [
          "K=1, outcome",
          "K=1, skill",
          "K=2, outcome",
          "K=2, skill",
          "K=4, outcome",
          "K=4, skill",
        ]);
        const figures = table.rows.map((row) => row.cells.slice(1));
        // Seeds, TGC, SGC, steps and tokens; an untrained policy is never shown a skill that it could use.
        assert.ok(figures.every((cells) => cells.slice(0, 5).every((cell) => typeof cell.value === "number")));
        assert.ok(figures.every((cells) => cells[5]?.text === "—"));
        assert.deepEqual(figures[0], figures[1]);
        assert.deepEqual(table.rows.map((row) => row.cells.at(-1)?.text === "reference"), [
          false,
          false,
          false,
          true,
          false,
          false,
        ]);
      }
    });
    await t.step("queries of cells find their values", async () => {
      const cells = report.tables.flatMap((table) => table.rows.flatMap((row) => row.cells));
      const asked = cells.filter((cell) => cell.query !== undefined);
      assert.equal(asked.length, 2 * 6 * 4);
      for (const { query = "", value } of new Map(asked.map((cell) => [cell.query, cell])).values()) {
        const [[found] = []] = await rowsOf(folder, query);
        assert.ok(Math.abs(Number(found) - Number(value)) < 1e-9, `${query}: ${found} is not ${value}`);
      }
    });
    await t.step("chains of four are four tasks of one scenario, all of them in the record", async () => {
      const chains = await rowsOf(
        folder,
        `SELECT len(list_distinct(task_ids)), (SELECT count(DISTINCT scenario) FROM task WHERE task_id IN
           (SELECT unnest(c.task_ids))) FROM chain c JOIN run USING (run_id) WHERE arm LIKE 'K=4%' AND phase = 'rl'`,
      );
      // Two arms, two steps, one group of two chains.
      assert.deepEqual(chains, Array.from({ length: 8 }, () => [4, 1]));
      assert.deepEqual(await columnOf(folder, "SELECT count(*) FROM rollout ANTI JOIN task USING (task_id)"), [0]);
    });
    await t.step("a second call runs nothing, also with a part of the grid", async () => {
      const before = await hashOf(folder);
      assert.equal((await ablateSage(options(folder))).text, report.text);
      await ablateSage(options(folder, { chainLengths: [4, 1], rewards: ["skill"] }));
      assert.deepEqual(await hashOf(folder), before);
    });
  });
});

Deno.test("ablateSage() refuses a wrong axis before it makes anything", async () => {
  await withFolder(async (folder) => {
    const workspace = `${folder}/none`;
    await assert.rejects(async () => await ablateSage(options(workspace, { chainLengths: [] })), AblationGridError);
    await assert.rejects(Deno.stat(workspace), Deno.errors.NotFound);
  });
});
