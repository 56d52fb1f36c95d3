import assert from "node:assert/strict";
import { Recorder } from "../../data/recorder.ts";
import { rowHash } from "../../data/row_hash.ts";
import { solverAgent } from "../../agents/agent.ts";
import { CHAT_SPECIALS } from "../../agents/chat_format.ts";
import { trainBpe } from "../../agents/model/tokenizer.ts";
import { rollOutChains } from "../../agents/rollout.ts";
import { ScriptedPolicy } from "../../agents/scripted_policy.ts";
import { sameScenario } from "../../agents/skills/retrieve.ts";
import { EnvFault, type Environment } from "../../envs/contract.ts";
import { defineEnvironment } from "../../envs/define_environment.ts";
import { RecordedRun } from "../../eval/recorded_run.ts";
import { rescore, RescoreError } from "../../eval/rescore.ts";
import { withFolder } from "./_workbench.ts";

const RUN = "frozen-0-s1";

interface Rules {
  readonly version?: string;
  /** Instruction of the second task. */
  readonly second?: string;
  /** Number of tasks. */
  readonly tasks?: number;
  readonly strict?: boolean;
  /** Task whose grader fails. */
  readonly broken?: string;
}

/** Three numbers to name; a lenient grader takes any text that holds the number. */
function numbers({ version = "1", second = "Say 2.", tasks = 3, strict = false, broken }: Rules = {}): Environment {
  return defineEnvironment<number>({
    id: "numbers",
    version,
    splits: {
      test: Array.from({ length: tasks }, (_, i) => ({
        id: `n-${i + 1}`,
        instruction: i === 1 ? second : `Say ${i + 1}.`,
        data: i + 1,
      })),
    },
    check: (task, answer) => {
      if (task.id === broken) throw new EnvFault("the grader is broken");
      const passed = strict ? answer === String(task.data) : answer.includes(String(task.data));
      return {
        requirements: [{ requirement: "names it", passed }],
        verdicts: [{
          grader: "names/1",
          verdict: passed ? "correct" : "incorrect",
          gold: String(task.data),
          answer,
          detail: "",
        }],
      };
    },
  });
}

/** A record in which the three tasks were played: `1` and `it is 2` are right, `nothing` is wrong. */
async function withPlayed(use: (recorder: Recorder) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/whet.duckdb`);
    try {
      const environment = numbers();
      const tasks = environment.tasks("test");
      recorder.insert("run", [{
        run_id: RUN,
        arm: "scripted",
        recipe: "frozen",
        config: { train: { environment: { id: "numbers", seed: 5, options: { strict: false } } } },
        config_hash: "0",
        seed: 1,
        environment: environment.id,
        environment_hash: environment.hash,
        device: "cpu",
        versions: {},
        started_at: new Date(0),
      }]);
      recorder.insert(
        "task",
        tasks.map((task) => ({
          environment_hash: environment.hash,
          task_id: task.id,
          scenario: task.scenario,
          variant: 1,
          split: "test",
          difficulty: 1,
          instruction: task.instruction,
          labels: {},
        })),
      );
      const says = ["1", "it is 2", "nothing"];
      const chains = await rollOutChains(tasks.map((task, group) => ({ group, sample: 0, tasks: [task] })), {
        environment,
        policy: new ScriptedPolicy(
          trainBpe([], { vocabularySize: 256 + CHAT_SPECIALS.length, specials: [...CHAT_SPECIALS] }),
          ({ prompt }) => says[Number(/Say (\d)/.exec(prompt)?.[1]) - 1] ?? "",
        ),
        agent: solverAgent,
        retriever: sameScenario,
        sampling: { temperature: 0 },
        maxTurns: 1,
        maxTurnTokens: 50,
        phase: "eval/test",
        step: 0,
        seed: 1,
      });
      const log = new RecordedRun(recorder, RUN);
      log.chains(chains.map((chain) => ({ chain, credits: [] })));
      await log.commit("eval/test");
      await use(recorder);
    } finally {
      await recorder.close();
    }
  });
}

/** Hashes of all tables but those that a rescoring adds to. */
async function untouched(recorder: Recorder): Promise<Record<string, string>> {
  const { verdict: _verdict, unit: _unit, ...rest } = (await rowHash(recorder)).tables;
  return rest;
}

async function verdicts(recorder: Recorder): Promise<unknown[]> {
  const { rows } = await recorder.query("SELECT version, grp, verdict, score FROM verdict ORDER BY ALL");
  return rows.map((row) => row.join(" "));
}

const PLAYED = ["1 0 correct 1", "1 1 correct 1", "1 2 incorrect 0"];

Deno.test("rescore() adds versions 2, 3, … and changes nothing that is there", async () => {
  await withPlayed(async (recorder) => {
    assert.deepEqual(await verdicts(recorder), PLAYED);
    const before = await untouched(recorder);
    for (const version of [2, 3]) {
      const made: unknown[] = [];
      const report = await rescore(recorder, {
        run: RUN,
        makeEnvironment: (...args) => {
          made.push(args);
          return Promise.resolve(numbers());
        },
      });
      assert.deepEqual(made, [["numbers", 5, { strict: false }]]);
      assert.deepEqual([report.version, report.rollouts, report.faults], [version, 3, []]);
      assert.deepEqual(report.changes, [
        { grader: "names/1", before: "correct", after: "correct", rollouts: 2 },
        { grader: "names/1", before: "incorrect", after: "incorrect", rollouts: 1 },
      ]);
      assert.equal(report.environmentHash.played, report.environmentHash.today);
      assert.doesNotMatch(report.text, /today/);
    }
    assert.deepEqual(await untouched(recorder), before);
    assert.deepEqual(
      await verdicts(recorder),
      [1, 2, 3].flatMap((version) => PLAYED.map((row) => row.replace("1", String(version)))),
    );
    assert.deepEqual(recorder.units(RUN).map(({ unit }) => unit), ["eval/test", "rescore/2", "rescore/3"]);
  });
});

Deno.test("rescore() shows what another grader changes, and names both hashes when the environment is another", async () => {
  await withPlayed(async (recorder) => {
    const before = await untouched(recorder);
    const strict = numbers({ version: "2", strict: true });
    const report = await rescore(recorder, { run: RUN, makeEnvironment: () => Promise.resolve(strict) });
    assert.deepEqual(report.changes, [
      { grader: "names/1", before: "correct", after: "correct", rollouts: 1 },
      { grader: "names/1", before: "correct", after: "incorrect", rollouts: 1 },
      { grader: "names/1", before: "incorrect", after: "incorrect", rollouts: 1 },
    ]);
    assert.deepEqual(report.environmentHash, { played: numbers().hash, today: strict.hash });
    assert.match(report.text, new RegExp(`${numbers().hash} when it was played and is ${strict.hash} today`));
    assert.deepEqual(await untouched(recorder), before);
    // The next one is compared with the newest.
    const again = await rescore(recorder, { run: RUN, makeEnvironment: () => Promise.resolve(numbers()) });
    assert.deepEqual(again.changes.find((change) => change.before === "incorrect" && change.after === "correct"), {
      grader: "names/1",
      before: "incorrect",
      after: "correct",
      rollouts: 1,
    });
  });
});

Deno.test("rescore() refuses a run that is not there, and tasks that ask for something else or are gone", async () => {
  await withPlayed(async (recorder) => {
    const before = (await rowHash(recorder)).total;
    const refused: [string, Environment, RegExp][] = [
      ["none", numbers(), /there is no run none; list them with whet runs list$/],
      [
        RUN,
        numbers({ second: "Say two." }),
        /its task n-2 asked for "Say 2\." and asks for "Say two\." today; use the/,
      ],
      [RUN, numbers({ tasks: 2 }), /its task n-3 does not exist any more; use the version/],
    ];
    for (const [run, environment, message] of refused) {
      await assert.rejects(rescore(recorder, { run, makeEnvironment: () => Promise.resolve(environment) }), (error) => {
        assert.ok(error instanceof RescoreError);
        assert.match(error.message, message);
        return true;
      });
    }
    assert.equal((await rowHash(recorder)).total, before);
  });
});

Deno.test("rescore() counts a fault of the environment and never scores it", async () => {
  await withPlayed(async (recorder) => {
    const report = await rescore(recorder, {
      run: RUN,
      makeEnvironment: () => Promise.resolve(numbers({ version: "2", broken: "n-2" })),
    });
    assert.equal(report.rollouts, 2);
    assert.deepEqual(report.faults.map(({ rollout }) => rollout), [`${RUN}/eval/test/0/1/0/1`]);
    assert.match(report.text, /1 rollouts could not be scored:\n.*the grader is broken/);
    assert.deepEqual((await verdicts(recorder)).slice(3), ["2 0 correct 1", "2 2 incorrect 0"]);
  });
});

Deno.test("rescore() leaves nothing when its signal is aborted, also not for the recorder's next commit", async () => {
  await withPlayed(async (recorder) => {
    const stop = new AbortController();
    const environment = numbers();
    let opened = 0;
    const stopping: Environment = {
      ...environment,
      open: (task) => {
        if (++opened === 2) stop.abort(new Error("enough"));
        return environment.open(task);
      },
    };
    const stopped = rescore(recorder, {
      run: RUN,
      makeEnvironment: () => Promise.resolve(stopping),
      signal: stop.signal,
    });
    await assert.rejects(stopped, /enough/);
    await recorder.flush();
    assert.deepEqual(await verdicts(recorder), PLAYED);
    const report = await rescore(recorder, { run: RUN, makeEnvironment: () => Promise.resolve(environment) });
    assert.equal(report.version, 2);
  });
});

Deno.test("rescore() stops acting where the episode ends sooner than it did", async () => {
  await withFolder(async (folder) => {
    const recorder = await Recorder.open(`${folder}/whet.duckdb`);
    try {
      /** Ends after so many steps; done right if it took one at all. */
      const steps = (most: number) =>
        defineEnvironment<number>({
          id: "steps",
          version: String(most),
          splits: { test: [{ id: "s", instruction: "Step.", data: 0 }] },
          play: () => {
            let taken = 0;
            return {
              step: () => ({ observation: "on", done: ++taken === most }),
              evaluate: () => taken > 0,
            };
          },
        });
      const played = steps(3);
      const [task] = played.tasks("test");
      assert.ok(task);
      const { hash } = played;
      recorder.insert("run", [{
        run_id: RUN,
        arm: "x",
        recipe: "frozen",
        config: { train: { environment: { seed: 1 } } },
        config_hash: "0",
        seed: 1,
        environment: "steps",
        environment_hash: hash,
        device: "cpu",
        versions: {},
        started_at: new Date(0),
      }]);
      const { id, scenario, instruction } = task;
      const row = {
        environment_hash: hash,
        task_id: id,
        scenario,
        variant: 1,
        split: "test",
        difficulty: 1,
        instruction,
      };
      recorder.insert("task", [{ ...row, labels: {} }]);
      const tokenizer = trainBpe([], { vocabularySize: 256 + CHAT_SPECIALS.length, specials: [...CHAT_SPECIALS] });
      const chains = await rollOutChains([{ group: 0, sample: 0, tasks: [task] }], {
        environment: played,
        policy: new ScriptedPolicy(tokenizer, () => "go"),
        agent: solverAgent,
        retriever: sameScenario,
        sampling: { temperature: 0 },
        maxTurns: 5,
        maxTurnTokens: 9,
        phase: "eval/test",
        step: 0,
        seed: 1,
      });
      const log = new RecordedRun(recorder, RUN);
      log.chains(chains.map((chain) => ({ chain, credits: [] })));
      await log.commit("eval/test");
      assert.equal(chains[0]?.rollouts[0]?.turns.length, 3);
      const report = await rescore(recorder, { run: RUN, makeEnvironment: () => Promise.resolve(steps(2)) });
      // An environment without graders of its own is its own grader.
      assert.deepEqual(report.changes, [{ grader: "steps/2", before: null, after: "correct", rollouts: 1 }]);
    } finally {
      await recorder.close();
    }
  });
});
