import assert from "node:assert/strict";
import type { Json } from "../../data/canonical.ts";
import { Recorder } from "../../data/recorder.ts";
import type { Row } from "../../data/schema.ts";
import { eventRow, identity, inFolder, rolloutRow, runRow } from "./_record_fixture.ts";

/** A training rollout: chain, place, outcome, skills shown and called, steps, generated tokens. */
type Played = readonly [
  sample: number,
  position: number,
  success: boolean | null,
  offered: string[],
  used: string[],
  steps: number,
  tokens: number,
];

function played([sample, position, success, offered, used, steps, tokens]: Played, scenario: string, grp: number) {
  return rolloutRow({
    grp,
    sample,
    position,
    scenario,
    task_id: `${scenario}_${position}`,
    success,
    score: success === null ? null : Number(success),
    skills_offered: offered,
    skills_used: used,
    used_skill: used.length > 0,
    steps,
    generated_tokens: tokens,
  });
}

const TRAINING = ([
  [0, 1, true, [], [], 4, 100],
  [0, 2, true, ["f"], ["f"], 2, 40],
  [0, 3, true, ["f"], ["f"], 1, 20],
  [1, 1, true, [], [], 4, 100],
  [1, 2, false, ["f"], [], 6, 90],
  [1, 3, true, ["f"], [], 3, 60],
  [2, 1, false, [], [], 4, 100],
  [2, 2, true, [], [], 4, 80],
  [2, 3, false, [], [], 5, 100],
  [3, 1, false, [], [], 4, 100],
  [3, 2, false, ["g"], ["g"], 3, 50],
  // An environment fault counts nowhere.
  [4, 2, null, ["f"], [], 9, 900],
] satisfies Played[]).map((row) => played(row, "s", 0));

const OTHER_SCENARIOS = [
  ...([[0, 2, true, ["f"], [], 2, 10], [1, 2, false, [], [], 2, 10]] satisfies Played[]).map((row) =>
    played(row, "u", 1)
  ),
  // Its task was only ever played with the skill: nothing to compare with.
  { ...played([0, 2, true, ["h"], ["h"], 1, 5], "w", 0), step: 1 },
];

async function answersOf(
  queries: readonly string[],
  fill: (recorder: Recorder) => void,
): Promise<(readonly (readonly Json[])[])[]> {
  const answers: (readonly (readonly Json[])[])[] = [];
  await inFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/r.duckdb`);
    recorder.insert("run", [runRow()]);
    fill(recorder);
    await recorder.flush();
    for (const query of queries) answers.push((await recorder.query(query)).rows);
    await recorder.close();
  });
  return answers;
}

function fillTraining(recorder: Recorder): void {
  recorder.insert("rollout", [...TRAINING, ...OTHER_SCENARIOS]);
}

function assertClose(rows: readonly (readonly Json[])[] | undefined, expected: readonly (readonly Json[])[]): void {
  const round = (row: readonly Json[]) => row.map((v) => (typeof v === "number" ? Number(v.toFixed(9)) : v));
  assert.deepEqual(rows?.map(round), expected.map(round));
}

Deno.test("saved_per_reuse compares uses with rollouts of the same task that called nothing", async () => {
  const [rows] = await answersOf(
    ["SELECT arm, scenario, name, uses, compared_with, steps_saved, tokens_saved FROM saved_per_reuse ORDER BY name"],
    fillTraining,
  );
  // s_2 without a call: (6 + 4) / 2 = 5 steps, (90 + 80) / 2 = 85 tokens; s_3: 4 steps, 80 tokens.
  // f: ((5 - 2) + (4 - 1)) / 2 steps, ((85 - 40) + (80 - 20)) / 2 tokens. g: 5 - 3 and 85 - 50.
  assertClose(rows, [["sage", "s", "f", 2, 4, 3, 52.5], ["sage", "s", "g", 1, 2, 2, 35]]);
});

Deno.test("skill_gain compares tasks played with the skill in the prompt and without it", async () => {
  const [rows] = await answersOf(
    [
      "SELECT scenario, name, rollouts_with, rollouts_without, success_with, success_without, gain FROM skill_gain ORDER BY ALL",
    ],
    fillTraining,
  );
  assertClose(rows, [
    // s_2: 1 of 2 with f, 1 of 2 without; s_3: 2 of 2 with, 0 of 1 without.
    ["s", "f", 4, 3, 3 / 4, (2 * 0.5 + 2 * 0) / 4, 0.5],
    // s_2: 0 of 1 with g, 2 of 3 without.
    ["s", "g", 1, 3, 0, 2 / 3, -2 / 3],
    ["u", "f", 1, 1, 1, 0, 1],
  ]);
});

Deno.test("skill_survival follows each version until it is overwritten or evicted", async () => {
  const [rows] = await answersOf(
    ["SELECT lag, skills, alive_share, shown_share, used_share FROM skill_survival ORDER BY lag"],
    (recorder) => {
      fillTraining(recorder);
      const skill = (sample: number, name: string, version: number, position: number): Row<"skill"> => ({
        run_id: "r",
        phase: "rl",
        step: 0,
        grp: 0,
        sample,
        name,
        version,
        position,
        kind: "function",
        source: "",
        task_id: "s_1",
        scenario: "s",
        turn: 0,
      });
      recorder.insert("skill", [skill(0, "f", 1, 1), skill(0, "f", 2, 2), skill(1, "f", 1, 1), skill(3, "g", 1, 1)]);
      recorder.insert("skill_event", [eventRow({ sample: 1, position: 2, kind: "evicted", name: "f" })]);
    },
  );
  assertClose(rows, [
    // f v1 and f v2 of chain 0, f of chain 1, g of chain 3: all there and shown, f of chain 1 not called.
    [1, 4, 1, 1, 3 / 4],
    // f v1 of chain 0 was overwritten at 2, f of chain 1 evicted at 2.
    [2, 2, 0, 0, 0],
  ]);
});

Deno.test("retrieval_precision gives called per shown, and the prompt tokens of skills that were not called", async () => {
  const [rows] = await answersOf(
    [
      "SELECT rollouts, rollouts_with_skills, shown, used, precision, shown_tokens, wasted_tokens FROM retrieval_precision",
    ],
    (recorder) => {
      fillTraining(recorder);
      const shown = { kind: "shown", turn: -1, token_start: 10, token_end: 40 } as const;
      recorder.insert("skill_event", [
        eventRow({ ...shown, sample: 0, position: 2 }),
        eventRow({ ...shown, sample: 1, position: 2 }),
        eventRow({ ...shown, sample: 1, position: 3, token_start: null, token_end: null }),
        eventRow({ ...shown, sample: 3, position: 2, name: "g", token_end: 30 }),
        eventRow({ ...shown, sample: 4, position: 2, token_end: 999 }),
        eventRow({ sample: 0, position: 2, seq: 1 }),
      ]);
    },
  );
  // Shown: f five times, g and h once; called: f twice, g and h once. Spans: 30 + 30 + 20, of which chain 1's was wasted.
  assertClose(rows, [[14, 7, 7, 4, 4 / 7, 80, 30]]);
});

/** Terms of two chains: the first solves both tasks and uses its skill, the second solves the first task. */
const TERMS: readonly (readonly [sample: number, position: number, terms: Readonly<Record<string, number>>])[] = [
  [0, 1, { outcome: 1, generation: 1, usage: 0 }],
  [0, 2, { outcome: 1, generation: 0, usage: 1 }],
  [1, 1, { outcome: 1, generation: 0, usage: 0 }],
  [1, 2, { outcome: 0, generation: 0, usage: 0 }],
];

function fillRewards(recorder: Recorder): void {
  const means = [0, 1.5, 1];
  for (const [sample, position, terms] of TERMS) {
    const id = identity({ sample, position });
    const reward = Object.values(terms).reduce((sum, value) => sum + value, 0);
    const baseline = means[position] ?? 0;
    recorder.insert("reward_term", Object.entries(terms).map(([term, value]) => ({ ...id, term, value })));
    recorder.insert("advantage", [{ ...id, reward, baseline, advantage: reward - baseline }]);
  }
}

Deno.test("reward_terms_by_position gives mean and share of each term", async () => {
  const [rows] = await answersOf(
    ["SELECT position, term, rollouts, mean_value, nonzero_share FROM reward_terms_by_position ORDER BY ALL"],
    fillRewards,
  );
  assertClose(rows, [
    [1, "generation", 2, 0.5, 0.5],
    [1, "outcome", 2, 1, 1],
    [1, "usage", 2, 0, 0],
    [2, "generation", 2, 0, 0],
    [2, "outcome", 2, 0.5, 0.5],
    [2, "usage", 2, 0.5, 0.5],
  ]);
});

Deno.test("advantage_under() gives advantages under other weights, marked as offline, beside the recorded ones", async () => {
  const columns = "position, sample, offline, recorded_reward, recorded_advantage, reward, advantage, normalised";
  const [other, same] = await answersOf(
    [
      `SELECT ${columns} FROM advantage_under(MAP {'generation': 0.0, 'usage': 2.0}) ORDER BY ALL`,
      "SELECT max(abs(advantage - recorded_advantage)), max(abs(reward - recorded_reward)) FROM advantage_under(MAP {'x': 1.0})",
    ],
    fillRewards,
  );
  assertClose(other, [
    // Without the generation bonus both first tasks earn 1: no gradient.
    [1, 0, true, 2, 0.5, 1, 0, 0],
    [1, 1, true, 1, -0.5, 1, 0, 0],
    // 1 + 2 * 1 against 0: mean 1.5, standard deviation 1.5.
    [2, 0, true, 2, 1, 3, 1.5, 1],
    [2, 1, true, 0, -1, 0, -1.5, -1],
  ]);
  assert.deepEqual(same, [[0, 0]]);
});

Deno.test("unearned_reward lists bonuses for calls that never ran to their end", async () => {
  const [rows] = await answersOf(
    ["SELECT arm, sample, bonus, task_id, called FROM unearned_reward"],
    (recorder) => {
      fillTraining(recorder);
      fillRewards(recorder);
      recorder.insert("reward_term", [{ ...identity({ sample: 3, position: 2 }), term: "usage", value: 1 }]);
      recorder.insert("skill_event", [
        eventRow({ sample: 0, position: 2, kind: "entered" }),
        eventRow({ sample: 0, position: 2, seq: 1, kind: "returned" }),
        eventRow({ sample: 3, position: 2, name: "g" }),
        eventRow({ sample: 3, position: 2, seq: 1, kind: "failed", name: "g" }),
      ]);
    },
  );
  assert.deepEqual(rows, [["sage", 3, 1, "s_2", ["g"]]]);
});

Deno.test("sgc_by_chain_length keeps chains apart by the length they were trained on and played", async () => {
  const chains: readonly (readonly (boolean | null)[])[] = [
    [true, true, true],
    [true, false, true],
    [true, true],
    [true, null],
  ];
  const [rows] = await answersOf(
    ["SELECT arm, split, trained_length, length, runs, chains, sgc, tgc FROM sgc_by_chain_length ORDER BY length"],
    (recorder) => {
      const chain = { run_id: "r", phase: "rl", step: 0, grp: 0, sample: 0, scenario: "s" };
      recorder.insert("chain", [{ ...chain, task_ids: ["s_1", "s_2"], length: 2 }]);
      recorder.insert(
        "rollout",
        chains.flatMap((verdicts, grp) =>
          verdicts.map((success, i) =>
            rolloutRow({ phase: "eval/dev", split: "dev", grp, position: i + 1, scenario: `s${grp}`, success })
          )
        ),
      );
    },
  );
  // Of the two chains of length 2, one has a fault: one counts. TGC is the mean over chains: (1 + 2/3) / 2, (1 + 1) / 2.
  assertClose(rows, [["sage", "dev", 2, 2, 1, 2, 1, 1], ["sage", "dev", 2, 3, 1, 2, 0.5, 5 / 6]]);
});

Deno.test("grader_disagreement lists pairs of newest verdicts that differ, and whether in credit", async () => {
  const verdict = (position: number, grader: string, kind: Row<"verdict">["verdict"], version = 1): Row<"verdict"> => ({
    ...identity({ position }),
    grader,
    version,
    verdict: kind,
    detail: "",
    versions: {},
  });
  const [rows] = await answersOf(
    ["SELECT position, grader_a, verdict_a, grader_b, verdict_b, in_credit FROM grader_disagreement ORDER BY ALL"],
    (recorder) =>
      recorder.insert("verdict", [
        verdict(1, "exact/1", "incorrect"),
        verdict(1, "symbolic/1", "correct"),
        verdict(2, "exact/1", "incorrect"),
        verdict(2, "symbolic/1", "unparsed"),
        verdict(3, "exact/1", "incorrect"),
        verdict(3, "exact/1", "correct", 2),
        verdict(3, "symbolic/1", "correct"),
      ]),
  );
  assert.deepEqual(rows, [
    [1, "exact/1", "incorrect", "symbolic/1", "correct", true],
    [2, "exact/1", "incorrect", "symbolic/1", "unparsed", false],
  ]);
});
