import assert from "node:assert/strict";
import { Recorder } from "../../data/recorder.ts";
import { skillLibraryAgent } from "../../agents/agent.ts";
import { CHAT_SPECIALS } from "../../agents/chat_format.ts";
import { fenced } from "../../agents/code_block.ts";
import { trainBpe } from "../../agents/model/tokenizer.ts";
import { rollOutChains, rolloutTokens } from "../../agents/rollout.ts";
import { type Script, ScriptedPolicy } from "../../agents/scripted_policy.ts";
import { type Retriever, sameScenario } from "../../agents/skills/retrieve.ts";
import type { Chain } from "../../agents/rollout.ts";
import { EnvFault, type Environment } from "../../envs/contract.ts";
import { type QueryRow, rowObjects } from "../../eval/query_rows.ts";
import { RecordedRun } from "../../eval/recorded_run.ts";
import { creditChains } from "../../train/recipes/credit_chains.ts";
import { echoEnvironment } from "../fixtures/echo_environment.ts";
import { withFolder } from "./_workbench.ts";

const RUN = "sage-0-s1";
const tokenizer = trainBpe(["say answer"], { vocabularySize: 300, specials: [...CHAT_SPECIALS] });

interface Recorded {
  readonly chains: readonly Chain[];
  readonly recorder: Recorder;
  rows(sql: string): Promise<QueryRow[]>;
}

interface Played {
  readonly script: Script;
  readonly environment?: Environment;
  readonly retriever?: Retriever;
  /** Chains of the one group. */
  readonly samples?: number;
  readonly length?: number;
}

/** Plays chains with a library, credits them as SAGE does, and records them. */
async function withRecorded(
  { script, environment = echoEnvironment, retriever = sameScenario, samples = 1, length = 2 }: Played,
  use: (recorded: Recorded) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/whet.duckdb`);
    try {
      const tasks = environment.tasks("train").slice(0, length);
      const chains = await rollOutChains(
        Array.from({ length: samples }, (_, sample) => ({ group: 0, sample, tasks })),
        {
          environment,
          policy: new ScriptedPolicy(tokenizer, script),
          agent: skillLibraryAgent,
          retriever,
          sampling: { temperature: 1 },
          maxTurns: 3,
          maxTurnTokens: 400,
          phase: "rl",
          step: 4,
          seed: 1,
        },
      );
      const log = new RecordedRun(recorder, RUN);
      const credited = creditChains({
        rewardKind: "skillIntegrated",
        noCodePenalty: -1,
        penaltyMode: "override",
        stdNormalise: false,
        leaveOneOut: false,
        chainLength: length,
      }, chains);
      log.chains(credited.chains);
      assert.equal(log.isDone("rl/4"), false);
      await log.commit("rl/4");
      assert.equal(log.isDone("rl/4"), true);
      await use({ chains, recorder, rows: async (sql) => rowObjects(await recorder.query(sql)) });
    } finally {
      await recorder.close();
    }
  });
}

/** Task number that a prompt asks for. */
const wanted = (prompt: string) => Number(/Say (\d)/.exec(prompt)?.[1]);

/** Defines two functions at first; the second task looks once, then calls one of them. */
const SHARES: Script = ({ prompt, observations }) => {
  const n = wanted(prompt);
  if (!prompt.includes("function say")) {
    return fenced(`function say(n) { return n; }\nfunction spare() {}\nsay(${n}); answer(${n})`);
  }
  return observations.length === 0 ? fenced("1") : fenced(`say(${n}); answer(${n})`);
};

Deno.test("RecordedRun keeps every candidate of a retriever, with its place, score and whether it was shown", async () => {
  /** Shows one function only and scores the other half as high. */
  const first: Retriever = {
    id: "first",
    rank: (_task, library) =>
      library.list().map((skill, i) => ({ skill, score: 1 / (i + 1), chosen: skill.name === "say" })),
  };
  await withRecorded({ script: SHARES, retriever: first }, async ({ rows }) => {
    assert.deepEqual(
      await rows("SELECT position, turn, selector, rank, name, version, score, probability, chosen FROM selection"),
      [
        {
          position: 2,
          turn: -1,
          selector: "first",
          rank: 1,
          name: "say",
          version: 1,
          score: 1,
          probability: null,
          chosen: true,
        },
        {
          position: 2,
          turn: -1,
          selector: "first",
          rank: 2,
          name: "spare",
          version: 1,
          score: 0.5,
          probability: null,
          chosen: false,
        },
      ],
    );
    const [second] = await rows("SELECT skills_offered, skills_used FROM rollout WHERE position = 2");
    assert.deepEqual(second, { skills_offered: ["say"], skills_used: ["say"] });
  });
});

Deno.test("RecordedRun puts `validated` before `saved`, and after `proposed`, for each function", async () => {
  await withRecorded({ script: SHARES }, async ({ rows }) => {
    const events = await rows("SELECT kind, name, turn, version FROM skill_event WHERE position = 1 ORDER BY seq");
    for (const name of ["say", "spare"]) {
      const mine = events.filter((event) => event["name"] === name && event["kind"] !== "credited");
      assert.deepEqual(mine.map((event) => [event["kind"], event["turn"], event["version"]]), [
        ["proposed", 0, 0],
        ["validated", 0, 0],
        ["saved", 0, 1],
      ]);
    }
    assert.deepEqual(
      await rows("SELECT name, version, position, turn FROM skill ORDER BY name"),
      ["say", "spare"].map((name) => ({ name, version: 1, position: 1, turn: 0 })),
    );
  });
});

Deno.test("RecordedRun keeps a function whose turn failed as proposed and failed, and saves nothing", async () => {
  const script: Script = ({ prompt, observations }) =>
    fenced(observations.length === 0 ? "function say() {}\nthrow 1" : `answer(${wanted(prompt)})`);
  await withRecorded({ script }, async ({ rows }) => {
    assert.deepEqual(
      (await rows("SELECT DISTINCT kind FROM skill_event ORDER BY kind")).map((row) => row["kind"]),
      ["failed", "proposed"],
    );
    assert.deepEqual(await rows("SELECT * FROM skill"), []);
    assert.deepEqual(await rows("SELECT * FROM selection"), []);
  });
});

Deno.test("RecordedRun credits functions exactly where the terms for their use and their making are positive", async () => {
  /** Sample 0 shares and succeeds, 1 fails the first task, 2 fails the second, 3 never uses the function. */
  const script: Script = (context) => {
    const { key, prompt } = context;
    const n = wanted(prompt);
    const isSecond = prompt.includes("function say");
    const sample = Number(key.at(-2));
    if (!isSecond) return fenced(`function say(n) { return n; }\nsay(${n}); answer(${sample === 1 ? 9 : n})`);
    if (sample === 2) return fenced("say(9); answer(9)");
    if (sample === 3) return fenced(`answer(${n})`);
    return SHARES(context);
  };
  await withRecorded({ script, samples: 4 }, async ({ rows }) => {
    const disagreeing = await rows(
      `SELECT * FROM reward_term t FULL JOIN (
         SELECT run_id, phase, step, grp, sample, position, split_part(detail, ' ', 1) AS term, count(*) AS events
         FROM skill_event WHERE kind = 'credited' GROUP BY ALL
       ) e USING (run_id, phase, step, grp, sample, position, term)
       WHERE t.value IS NULL OR (t.term IN ('usage', 'generation') AND (t.value > 0) <> (coalesce(events, 0) > 0))
         OR (t.term NOT IN ('usage', 'generation') AND events IS NOT NULL)`,
    );
    assert.deepEqual(disagreeing, []);
    assert.deepEqual(
      await rows(
        "SELECT sample, position, name, version, turn, detail FROM skill_event WHERE kind = 'credited' ORDER BY ALL",
      ),
      [
        // Both solved: the first made what the second used.
        { sample: 0, position: 1, name: "say", version: 1, turn: -1, detail: "generation 1" },
        { sample: 0, position: 2, name: "say", version: 1, turn: -1, detail: "usage 1" },
        // The second is solved with a function of a task that was not.
        { sample: 1, position: 2, name: "say", version: 1, turn: -1, detail: "usage 1" },
      ],
    );
  });
});

Deno.test("RecordedRun credits the version that was used, where a function was overwritten on the way", async () => {
  const script: Script = ({ prompt }) => {
    const n = wanted(prompt);
    // The first two tasks define it, each with another body; the third calls what it is shown.
    return fenced(n < 3 ? `function say(n) { return ${n}; }\nanswer(${n})` : `say(${n}); answer(${n})`);
  };
  await withRecorded({ script, length: 3 }, async ({ rows }) => {
    assert.deepEqual(
      await rows("SELECT position, kind, version FROM skill_event WHERE kind IN ('saved', 'overwritten') ORDER BY ALL"),
      [{ position: 1, kind: "saved", version: 1 }, { position: 2, kind: "overwritten", version: 2 }],
    );
    const credited = await rows(
      "SELECT position, version, detail FROM skill_event WHERE kind = 'credited' ORDER BY position",
    );
    assert.deepEqual(credited.at(-1), { position: 3, version: 2, detail: "usage 1" });
    // Whoever made what was not used in the end has no bonus, and no event.
    const generation = await rows(
      "SELECT position, value FROM reward_term WHERE term = 'generation' ORDER BY position",
    );
    assert.deepEqual(generation.map((row) => row["value"]), [0, 1, 0]);
    assert.deepEqual(credited.map((row) => row["position"]), [2, 3]);
  });
});

Deno.test("RecordedRun gives events the span of ids that decodes to what was said, or to the source that was shown", async () => {
  await withRecorded({ script: SHARES }, async ({ chains, rows }) => {
    const events = await rows(
      "SELECT position, turn, kind, name, token_start, token_end FROM skill_event ORDER BY position, seq",
    );
    const sources = new Map(chains[0]?.library.list().map((skill) => [skill.name, skill.source]));
    assert.ok(events.some((event) => event["position"] === 2 && event["turn"] === 1));
    for (const event of events) {
      const rollout = chains[0]?.rollouts[Number(event["position"]) - 1];
      assert.ok(rollout);
      const turn = Number(event["turn"]);
      if (event["kind"] === "shown") {
        const prompt = rollout.turns[0]?.contextIds ?? [];
        const shown = tokenizer.decode(prompt.slice(Number(event["token_start"]), Number(event["token_end"])));
        // A token may straddle an end.
        assert.equal(shown.trim(), sources.get(String(event["name"])));
        continue;
      }
      if (turn === -1) {
        assert.deepEqual([event["token_start"], event["token_end"]], [null, null]);
        continue;
      }
      const [start, end] = [Number(event["token_start"]), Number(event["token_end"])];
      const { ids, generated } = rolloutTokens(rollout);
      assert.equal(tokenizer.decode(ids.slice(start, end)), fenced(rollout.turns[turn]?.code ?? ""));
      assert.ok(generated.slice(start, end).every(Boolean));
      assert.equal(generated[start - 1], false);
    }
  });
});

Deno.test("RecordedRun keeps a fault and no score of it", async () => {
  const script: Script = ({ prompt }) => fenced(wanted(prompt) === 1 ? "answer(1)" : "fault");
  await withRecorded({ script }, async ({ rows }) => {
    assert.deepEqual(
      await rows("SELECT position, finish, success, score FROM rollout ORDER BY position"),
      [
        { position: 1, finish: "finished", success: true, score: 1 },
        { position: 2, finish: "environment_fault", success: null, score: null },
      ],
    );
    assert.deepEqual(await rows("SELECT position, message FROM environment_fault"), [
      { position: 2, message: "the toy broke" },
    ]);
    // The chain leaves its group: no reward, no advantage.
    assert.deepEqual(await rows("SELECT * FROM reward_term"), []);
    assert.deepEqual(await rows("SELECT * FROM advantage"), []);
  });
});

Deno.test("RecordedRun keeps each grader's verdict as version 1, and a score that follows from it", async () => {
  const said = ["correct", "incorrect", "unparsed", "timeout", "error"] as const;
  const graded: Environment = {
    ...echoEnvironment,
    open: async (task) => {
      const episode = await echoEnvironment.open(task);
      const inner = episode.evaluate.bind(episode);
      episode.evaluate = async () => {
        if (task.variant === 3) throw new EnvFault("no grader today");
        return {
          ...await inner(),
          verdicts: said.map((verdict) => ({
            grader: `says-${verdict}`,
            verdict,
            gold: "g",
            answer: null,
            detail: "d",
          })),
        };
      };
      return episode;
    },
  };
  await withRecorded({ script: SHARES, environment: graded, length: 3 }, async ({ rows }) => {
    for (const position of [1, 2]) {
      assert.deepEqual(
        await rows(
          `SELECT verdict, version, gold, answer, score FROM verdict WHERE position = ${position} ORDER BY grader`,
        ),
        [...said].sort().map((verdict) => ({
          verdict,
          version: 1,
          gold: "g",
          answer: null,
          score: verdict === "correct" ? 1 : verdict === "error" ? null : 0,
        })),
      );
    }
    assert.deepEqual(await rows("SELECT * FROM verdict WHERE position = 3"), []);
    assert.deepEqual(await rows("SELECT position FROM environment_fault"), [{ position: 3 }]);
  });
});

Deno.test("RecordedRun keeps a checkpoint's place below the folder, its size and its SHA-256", async () => {
  await withFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/whet.duckdb`);
    try {
      const file = `${folder}/rl-0.safetensors`;
      await Deno.writeTextFile(file, "abc");
      let now = 10;
      const log = new RecordedRun(recorder, RUN, { now: () => now });
      now = 35;
      await log.commit("rl/0", file);
      await log.commit("rl/1");
      assert.deepEqual(rowObjects(await recorder.query("SELECT * EXCLUDE (run_id) FROM checkpoint")), [{
        unit: "rl/0",
        path: `${RUN}/rl-0.safetensors`,
        // FIPS 180-2, appendix B.1.
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        bytes: 3,
      }]);
      assert.deepEqual(rowObjects(await recorder.query("SELECT unit, checkpoint, wall_ms FROM unit ORDER BY seq")), [
        { unit: "rl/0", checkpoint: "rl-0.safetensors", wall_ms: 25 },
        { unit: "rl/1", checkpoint: null, wall_ms: 0 },
      ]);
    } finally {
      await recorder.close();
    }
  });
});

Deno.test("RecordedRun keeps the figures of a named loss, each of a step's updates and what dynamic sampling drew", async () => {
  await withFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/whet.duckdb`);
    try {
      const stats = {
        loss: 0.5,
        weightSum: 1,
        lossTokens: 8,
        tokens: 20,
        gradNorm: 2,
        clipShare: 0.25,
        klK1: 0.01,
        klK2: 0.02,
        klK3: 0.03,
        maxRatioError: 0.1,
        ess: 7.5,
        numerator: 4,
        denominator: 8,
        temperature: 0.8,
        entropy: 1.5,
        referenceKl: 0.125,
      };
      const log = new RecordedRun(recorder, RUN);
      log.update({
        phase: "rl",
        step: 3,
        learningRate: 0.01,
        stats,
        draws: { rounds: 2, drawn: 6, kept: 4 },
        parts: [{ epoch: 0, miniBatch: 0, stats }, { epoch: 0, miniBatch: 1, stats: { ...stats, clipShare: 0.5 } }],
      });
      log.update({ phase: "sft", step: 0, learningRate: 0.01, stats: undefined });
      await log.commit("rl/3");
      assert.deepEqual(
        rowObjects(
          await recorder.query(
            "SELECT numerator, denominator, kl_k2, entropy, reference_kl, temperature, draw_rounds, groups_drawn, groups_kept " +
              "FROM update_step ORDER BY phase",
          ),
        ),
        [
          {
            numerator: 4,
            denominator: 8,
            kl_k2: 0.02,
            entropy: 1.5,
            reference_kl: 0.125,
            temperature: 0.8,
            draw_rounds: 2,
            groups_drawn: 6,
            groups_kept: 4,
          },
          {
            numerator: null,
            denominator: null,
            kl_k2: null,
            entropy: null,
            reference_kl: null,
            temperature: null,
            draw_rounds: null,
            groups_drawn: null,
            groups_kept: null,
          },
        ],
      );
      assert.deepEqual(
        rowObjects(await recorder.query("SELECT epoch, mini_batch, clip_share, ess FROM update_part ORDER BY ALL")),
        [
          { epoch: 0, mini_batch: 0, clip_share: 0.25, ess: 7.5 },
          { epoch: 0, mini_batch: 1, clip_share: 0.5, ess: 7.5 },
        ],
      );
    } finally {
      await recorder.close();
    }
  });
});

Deno.test("RecordedRun keeps log-probabilities before truncation, thresholds and those of the trainer, turn by turn", async () => {
  await withRecorded({
    script: ({ observations }) => fenced(observations.length === 0 ? "throw" : "answer(1)"),
  }, async ({ chains, recorder, rows }) => {
    const [chain] = chains;
    const rollout = chain!.rollouts[0]!;
    const truncated = {
      ...rollout,
      key: { ...rollout.key, step: 9 },
      turns: rollout.turns.map((turn) => ({
        ...turn,
        fullLogprobs: turn.generatedIds.map(() => -1.5),
        thresholds: turn.generatedIds.map((_, t) => (t === 0 ? -Infinity : -3)),
      })),
    };
    const lengths = truncated.turns.map(({ generatedIds }) => generatedIds.length);
    const trainLogprobs = Array.from({ length: lengths[0]! + lengths[1]! }, (_, t) => -t);
    const reward = { outcome: 1, generation: 0, usage: 0, chain: 0, penalty: 0, total: 1 };
    const log = new RecordedRun(recorder, RUN);
    log.chains([{
      chain: { ...chain!, rollouts: [truncated] },
      credits: [{ reward, baseline: 0, advantage: 1, trainLogprobs }],
    }]);
    await log.commit("rl/9");
    const kept = await rows("SELECT full_logprobs, thresholds, train_logprobs FROM turn WHERE step = 9 ORDER BY turn");
    assert.deepEqual(kept.map(({ train_logprobs }) => train_logprobs), [
      trainLogprobs.slice(0, lengths[0]),
      trainLogprobs.slice(lengths[0]),
    ]);
    assert.deepEqual((kept[0]?.["full_logprobs"] as number[]).length, lengths[0]);
    assert.deepEqual((kept[1]?.["thresholds"] as unknown[]).slice(0, 2), ["-Infinity", -3]);
    const before = await rows("SELECT DISTINCT full_logprobs, thresholds, train_logprobs FROM turn WHERE step = 4");
    assert.deepEqual(before, [{ full_logprobs: null, thresholds: null, train_logprobs: null }]);
  });
});
