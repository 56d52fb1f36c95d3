import assert from "node:assert/strict";
import type { Json } from "../../data/canonical.ts";
import { DOCUMENT_VIEWS } from "../../data/document_views.ts";
import { Recorder } from "../../data/recorder.ts";
import type { Row } from "../../data/schema.ts";
import { identity, inFolder, rolloutRow, runRow } from "./_record_fixture.ts";

async function answersOf(queries: readonly string[], fill: (recorder: Recorder) => void) {
  const answers: (readonly (readonly Json[])[])[] = [];
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    recorder.insert("run", [runRow({ arm: "ARISE" })]);
    fill(recorder);
    await recorder.flush();
    for (const query of queries) answers.push((await recorder.query(query)).rows);
    await recorder.close();
  });
  return answers;
}

function close(rows: readonly (readonly Json[])[] | undefined, expected: readonly (readonly Json[])[]): void {
  const round = (row: readonly Json[]) => row.map((v) => (typeof v === "number" ? Number(v.toFixed(9)) : v));
  assert.deepEqual(rows?.map(round), expected.map(round));
}

/** Candidate rows of one rollout: probabilities by name, the chosen one, flags. */
function choice(
  at: Partial<Pick<Row<"rollout">, "phase" | "step" | "grp" | "sample">>,
  probabilities: Readonly<Record<string, number | null>>,
  flags: {
    readonly chosen?: string;
    readonly gated?: boolean;
    readonly explored?: boolean;
    readonly reserved?: boolean;
  } = {},
): Row<"selection">[] {
  const { chosen, gated = false, explored = false, reserved = false } = flags;
  return Object.entries(probabilities).map(([name, probability], i) => ({
    ...identity(at),
    turn: -1,
    selector: "manager",
    rank: i + 1,
    name,
    version: 1,
    score: -i,
    probability,
    chosen: name === chosen,
    gated,
    explored,
    reserved,
  }));
}

function played(
  at: Partial<Pick<Row<"rollout">, "phase" | "step" | "grp" | "sample">>,
  success: boolean | null,
  skill?: string,
  task = "t1",
): Row<"rollout"> {
  const used = skill === undefined ? [] : [skill];
  return rolloutRow({
    ...identity(at),
    agent: "arise",
    task_id: task,
    success,
    skills_offered: used,
    skills_used: used,
    used_skill: used.length > 0,
  });
}

Deno.test("selection_by_step shows how sharp free choices are, gates and exploration included", async () => {
  const [rows] = await answersOf([
    "SELECT step, choices, candidates, entropy, largest_probability, gated_share, explored_share, aided_share FROM selection_by_step ORDER BY step",
  ], (recorder) => {
    recorder.insert("selection", [
      ...choice({ sample: 0 }, { a: 0.5, b: 0.5 }, { chosen: "a" }),
      ...choice({ sample: 1 }, { a: 0.5, b: 0.5 }, { gated: true }),
      // A certain choice has no entropy.
      ...choice({ sample: 2 }, { a: 1, b: 0 }, { chosen: "b", explored: true }),
      // Neither a reserved rollout, nor one of another phase, nor a choice without chances is one.
      ...choice({ sample: 3 }, { a: 0.5, b: 0.5 }, { reserved: true }),
      ...choice({ sample: 4, phase: "eval/test" }, { a: 0.5, b: 0.5 }, { chosen: "a" }),
      ...choice({ sample: 5 }, { a: null }, { chosen: "a" }),
      ...choice({ step: 1 }, { a: 0.25, b: 0.25, c: 0.25, d: 0.25 }, { chosen: "d" }),
    ]);
  });
  close(rows, [
    [0, 3, 2, 2 * Math.LN2 / 3, 2 / 3, 1 / 3, 1 / 3, 2 / 3],
    [1, 1, 4, Math.log(4), 0.25, 0, 0, 1],
  ]);
});

Deno.test("skill_lift compares a skill's users with the rollouts without any in the same groups", async () => {
  const [rows] = await answersOf([
    "SELECT name, uses, aided, unaided, lift, utility FROM skill_lift ORDER BY name",
  ], (recorder) => {
    recorder.insert("rollout", [
      // Group 0: a 1 of 2, unaided 1 of 4. Group 1: a 1 of 1, b 0 of 1, unaided 1 of 2. Group 2 has none to compare with.
      ...[true, false].map((success, sample) => played({ sample }, success, "a")),
      ...[true, false, false, false].map((success, i) => played({ sample: 2 + i }, success)),
      played({ grp: 1, sample: 0 }, true, "a"),
      played({ grp: 1, sample: 1 }, false, "b"),
      played({ grp: 1, sample: 2 }, true),
      played({ grp: 1, sample: 3 }, false),
      // An environment fault counts nowhere.
      played({ grp: 1, sample: 4 }, null),
      played({ grp: 2 }, true, "a"),
      played({ phase: "verify" }, true, "c"),
    ]);
    const changed = (step: number, seq: number, name: string, after: number | null): Row<"library_change"> => ({
      run_id: "r",
      step,
      seq,
      grp: 0,
      operation: after === null ? "delete" : "update",
      name,
      version: 1,
      tier: after === null ? null : "cache",
      utility_before: 0,
      utility_after: after,
      detail: "",
    });
    recorder.insert("library_change", [
      changed(0, 1, "a", 0.2),
      changed(1, 0, "a", 0.5),
      changed(0, 2, "a", 0.3),
      changed(2, 0, "b", null),
      changed(1, 1, "b", -0.1),
    ]);
  });
  // a: 2 of 3 right; the groups' unaided means 1/4, 1/4, 1/2.
  close(rows, [
    ["a", 3, 2 / 3, 1 / 3, 1 / 3, 0.5],
    ["b", 1, 0, 0.5, -0.5, -0.1],
  ]);
});

const EVALUATED = [
  played({ phase: "eval/ood", sample: 0 }, true, "a", "t1"),
  played({ phase: "eval/ood", sample: 1 }, true, "a", "t1"),
  played({ phase: "eval/ood", grp: 1 }, false, "a", "t2"),
  played({ phase: "eval/ood", grp: 1, sample: 1 }, false, "b", "t2"),
  played({ phase: "eval/ood", grp: 2 }, true, undefined, "t3"),
  played({ phase: "eval/id" }, true, "a", "t9"),
  played({ phase: "plain/ood", sample: 0 }, true, undefined, "t1"),
  played({ phase: "plain/ood", sample: 1 }, false, undefined, "t1"),
  played({ phase: "plain/ood", grp: 1 }, true, undefined, "t2"),
  played({ phase: "plain/ood", grp: 2 }, false, undefined, "t3"),
];

Deno.test("skill_transfer compares each skill on each split with the same tasks played without skills", async () => {
  const [rows] = await answersOf([
    "SELECT split, name, uses, aided, plain, lift FROM skill_transfer ORDER BY split, name",
  ], (recorder) => recorder.insert("rollout", EVALUATED));
  // a on ood: 1, 1, 0 against 1/2, 1/2, 1; on id nothing was played without.
  close(rows, [
    ["id", "a", 1, 1, null, null],
    ["ood", "a", 3, 2 / 3, 2 / 3, 0],
    ["ood", "b", 1, 0, 1, -1],
  ]);
});

Deno.test("gate_cost compares open and closed gates with the same tasks played without skills", async () => {
  const [rows] = await answersOf([
    "SELECT split, gate, rollouts, success, plain FROM gate_cost ORDER BY ALL",
  ], (recorder) => {
    recorder.insert("rollout", EVALUATED);
    const at = (grp: number, sample: number) => ({ phase: "eval/ood", grp, sample });
    recorder.insert("selection", [
      ...[0, 1].flatMap((sample) => choice(at(0, sample), { a: 0.9, b: 0.1 }, { chosen: "a" })),
      ...choice(at(1, 0), { a: 0.9, b: 0.1 }, { chosen: "a" }),
      ...choice(at(1, 1), { a: 0.4, b: 0.6 }, { chosen: "b" }),
      ...choice(at(2, 0), { a: 0.5, b: 0.5 }, { gated: true }),
      ...choice({ phase: "eval/id" }, { a: 0.9, b: 0.1 }, { chosen: "a" }),
    ]);
  });
  close(rows, [
    ["id", "open", 1, 1, null],
    ["ood", "closed", 1, 1, 0],
    ["ood", "open", 4, 0.5, 0.75],
  ]);
});

Deno.test("DOCUMENT_VIEWS have examples that run", async () => {
  const examples = Object.values(DOCUMENT_VIEWS).map(({ example }) => example);
  const answers = await answersOf(examples, (recorder) => recorder.insert("rollout", EVALUATED));
  assert.equal(answers.length, examples.length);
});
