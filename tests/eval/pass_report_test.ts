import assert from "node:assert/strict";
import { Recorder } from "../../data/recorder.ts";
import { GRADER } from "../../envs/math/grader/verify.ts";
import { passReport, type PassReportOptions } from "../../eval/pass_report.ts";
import type { Query } from "../../eval/query_rows.ts";
import { withFolder } from "./_workbench.ts";

interface Sample {
  readonly run: string;
  readonly task: string;
  /** null: an environment fault. */
  readonly success: boolean | null;
  readonly answer: string | null;
}

const SCENARIOS: Readonly<Record<string, string>> = { a: "s1", b: "s1", c: "s2" };

/** Answers of four samples, as text: `4` right, other digits wrong, `?` unreadable, `!` lost to a fault. */
function samples(run: string, task: string, answers: string): Sample[] {
  return [...answers].map((answer) => ({
    run,
    task,
    success: answer === "!" ? null : answer === "4",
    answer: /\d/.test(answer) ? answer : null,
  }));
}

async function withRecord(rows: readonly Sample[], use: (query: Query) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/whet.duckdb`);
    try {
      for (const run of new Set(rows.map((row) => row.run))) {
        recorder.insert("run", [{
          run_id: run,
          arm: run,
          recipe: "frozen",
          config: {},
          config_hash: run,
          seed: 1,
          environment: "math",
          environment_hash: "h",
          device: "cpu",
          versions: {},
          started_at: new Date(0),
        }]);
      }
      recorder.insert(
        "task",
        Object.entries(SCENARIOS).map(([task, scenario]) => ({
          environment_hash: "h",
          task_id: task,
          scenario,
          variant: 1,
          split: "test",
          difficulty: 1,
          instruction: task,
          labels: task === "c" ? {} : { domain: "sums", "sub-domain": task },
        })),
      );
      const counts = new Map<string, number>();
      for (const { run, task, success, answer } of rows) {
        const sample = counts.get(`${run} ${task}`) ?? 0;
        counts.set(`${run} ${task}`, sample + 1);
        const grp = Object.keys(SCENARIOS).indexOf(task);
        const identity = { run_id: run, phase: "eval/test", step: 0, grp, sample, position: 1 };
        const score = success === null ? null : Number(success);
        recorder.insert("rollout", [{
          ...identity,
          task_id: task,
          scenario: SCENARIOS[task] ?? "",
          split: "test",
          agent: "solver",
          finish: success === null ? "environment_fault" : "finished",
          success,
          score,
          passed: score,
          total: score === null ? null : 1,
          no_code: false,
          steps: 1,
          prompt_tokens: 10,
          generated_tokens: 10 * (sample + 1),
          observation_tokens: 0,
          skills_offered: [],
          skills_used: [],
          skills_defined: [],
          used_skill: false,
          smoke_failed: false,
          tests: null,
          wall_ms: null,
        }]);
        if (success === null) continue;
        const verdict = success ? "correct" as const : answer === null ? "unparsed" as const : "incorrect" as const;
        for (const version of [1, 2]) {
          recorder.insert("verdict", [{
            ...identity,
            grader: GRADER,
            // What was graded again later must not enter.
            version,
            verdict: version === 1 ? verdict : "unparsed",
            gold: "4",
            answer: version === 1 ? answer : "77",
            detail: "",
            score,
            versions: {},
          }]);
        }
      }
      await recorder.flush();
      await use((sql) => recorder.query(sql));
    } finally {
      await recorder.close();
    }
  });
}

/** Two arms on three tasks in two scenarios, four samples each. */
const ROWS = [
  ...samples("x", "a", "4455"), // 2 of 4
  ...samples("x", "b", "4567"), // 1 of 4
  ...samples("x", "c", "4444"), // 4 of 4
  ...samples("y", "a", "4555"), // 1 of 4
  ...samples("y", "b", "5?67"), // 0 of 4
  ...samples("y", "c", "4449"), // 3 of 4
];
const OPTIONS: PassReportOptions = {
  arms: [{ name: "x", runs: ["x"] }, { name: "y", runs: ["y"] }],
  splits: ["test"],
};

function close(actual: number | null | undefined, expected: number, what = ""): void {
  assert.ok(typeof actual === "number" && Math.abs(actual - expected) < 1e-9, `${what}: ${actual} is not ${expected}`);
}

Deno.test("passReport() gives Pass@1, pass@k, maj@k, tokens and unreadable answers as worked out by hand", async () => {
  await withRecord(ROWS, async (query) => {
    const { tables: [table] } = await passReport(query, OPTIONS);
    assert.deepEqual(table?.columns.map((column) => column.key), [
      "arm",
      "tasks",
      "pass-1",
      "pass-2",
      "pass-4",
      "maj",
      "tokens",
      "unparsed",
    ]);
    const values = table.rows.map((row) => row.cells.slice(1).map((cell) => cell.value));
    const expected = [
      [
        3,
        // Mean of 2/4, 1/4 and 4/4.
        700 / 12,
        // 1 - C(2,2)/C(4,2) = 5/6; 1 - C(3,2)/C(4,2) = 1/2; 1.
        (5 / 6 + 1 / 2 + 1) * 100 / 3,
        // Each task has a right sample.
        100,
        // a: 4 and 5 tie two to two, 1/2; b: four answers once each, 1/4; c: 1.
        (1 / 2 + 1 / 4 + 1) * 100 / 3,
        // Mean of 10, 20, 30 and 40.
        25,
        0,
      ],
      [
        3,
        400 / 12,
        // 1 - C(3,2)/C(4,2) = 1/2; 0; 1 - 0 = 1, since two of four samples cannot both be the only wrong one.
        (1 / 2 + 0 + 1) * 100 / 3,
        // b is never right.
        200 / 3,
        // a: 5 wins three to one; b: nothing right; c: 4 wins.
        100 / 3,
        25,
        // One of twelve.
        100 / 12,
      ],
    ];
    expected.forEach((row, i) => row.forEach((value, j) => close(values[i]?.[j], value, `row ${i}, figure ${j}`)));
  });
});

Deno.test("passReport() gives every query of a cell so that it finds the cell's value", async () => {
  // A fault in one arm, so that rollouts without a verdict are there too.
  const rows = [...ROWS.slice(0, -4), ...samples("y", "c", "44!?")];
  await withRecord(rows, async (query) => {
    const { tables } = await passReport(query, { ...OPTIONS, groupBy: "domain" });
    const cells = tables.flatMap((table) => table.rows.flatMap((row) => row.cells));
    const asked = cells.filter((cell) => cell.query !== undefined);
    // Tasks, three pass@k, tokens and unreadable answers of two arms, and what two groups have: tasks and two arms.
    assert.equal(asked.length, 2 * 6 + 2 * 3);
    for (const { query: sql = "", value } of asked) {
      const result = await query(sql);
      assert.deepEqual([result.rows.length, result.rows[0]?.length], [1, 1]);
      close(Number(result.rows[0]?.[0]), Number(value), sql);
    }
  });
});

Deno.test("passReport() leaves environment faults out, and says how many there were", async () => {
  const rows = [...ROWS.slice(0, -4), ...samples("y", "c", "4!!9")];
  await withRecord(rows, async (query) => {
    const { tables: [table], text } = await passReport(query, OPTIONS);
    assert.deepEqual(table?.notes, ["y, test: 2 rollouts were lost to environment faults."]);
    assert.match(text, /2 rollouts were lost/);
    const cells = table?.rows[1]?.cells ?? [];
    // c is right in 1 of the 2 that count.
    close(cells[2]?.value, (1 / 4 + 0 + 1 / 2) * 100 / 3, "Pass@1");
    // c has too few samples for pass@4, so a and b alone tell it.
    close(cells[4]?.value, 50, "pass@4");
  });
});

Deno.test("passReport() pairs differences by task and sample, with the scenario as the unit", async () => {
  await withRecord(ROWS, async (query) => {
    const { tables } = await passReport(query, OPTIONS);
    const differences = tables.find((table) => table.key === "differences");
    const cell = differences?.rows[0]?.cells[2];
    // (4 - 7) of 12 pairs.
    close(cell?.value, -25, "difference");
    assert.match(cell?.text ?? "", /^−25\.0.*, 12 pairs, 2 scenarios, not resolved$/);
  });
});

Deno.test("passReport() leaves tables out that would have no rows, and arms without rollouts", async () => {
  await withRecord(ROWS, async (query) => {
    const none = await passReport(query, { arms: [{ name: "z", runs: ["z"] }], splits: ["test", "other"] });
    assert.deepEqual(none.tables, []);
    const one = await passReport(query, {
      arms: [{ name: "x", runs: ["x"] }, { name: "z", runs: ["z"] }],
      splits: ["test", "other"],
    });
    assert.deepEqual(one.tables.map((table) => table.key), ["test"]);
    assert.deepEqual(one.tables[0]?.rows.map((row) => row.key), ["x"]);
  });
});

Deno.test("passReport() breaks Pass@1 down by a label, also one with signs in it, with a dash where there is none", async () => {
  await withRecord(ROWS, async (query) => {
    const groups = async (groupBy: string) => {
      const { tables } = await passReport(query, { ...OPTIONS, groupBy });
      const table = tables.find(({ key }) => key === "groups");
      return table?.rows.map(({ cells }) => cells.slice(1).map((cell, i) => (i === 0 ? cell.text : cell.value)));
    };
    // sums: tasks a and b, 3 of 8 and 1 of 8; task c has no labels.
    assert.deepEqual(await groups("domain"), [["sums", 2, 37.5, 12.5], ["—", 1, 100, 75]]);
    assert.deepEqual(await groups("sub-domain"), [["a", 1, 50, 25], ["b", 1, 25, 0], ["—", 1, 100, 75]]);
  });
});
