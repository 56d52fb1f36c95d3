import assert from "node:assert/strict";
import { AgentMismatchError } from "../../agents/agent.ts";
import type { Environment } from "../../envs/contract.ts";
import { defineEnvironment } from "../../envs/define_environment.ts";
import { createEnvironment, type EnvironmentOptions } from "../../envs/registry.ts";
import { evaluate, type EvaluateOptions, testSplits } from "../../eval/evaluate.ts";
import { evaluationChains } from "../../eval/evaluate_policy.ts";
import { UnknownPolicyError } from "../../eval/policy_source.ts";
import { train } from "../../eval/train.ts";
import { evaluationConfigSchema } from "../../train/config.ts";
import { createEnvironment as createParity } from "../fixtures/parity_environment.ts";
import { columnOf, hashOf, never, rowsOf, silent, withFolder } from "./_workbench.ts";

const MATH_FILES = new URL("../fixtures/math/", import.meta.url).pathname;

function options(workspace: string, environment: Environment, more: Partial<EvaluateOptions> = {}): EvaluateOptions {
  return {
    makeEnvironment: () => Promise.resolve(environment),
    worldSeed: 1,
    policy: "reference",
    samples: 1,
    temperature: 0,
    maxTurnTokens: 16,
    maxTurns: 1,
    seed: 1,
    device: "cpu",
    workspace,
    signal: never,
    progress: silent(),
    ...more,
  };
}

/** Pass@1 of each split, in percent. */
async function passOf(
  id: string,
  environmentOptions: EnvironmentOptions,
  more: Partial<EvaluateOptions> = {},
): Promise<(readonly [string, number | null | undefined])[]> {
  let found: (readonly [string, number | null | undefined])[] = [];
  await withFolder(async (folder) => {
    const environment = await createEnvironment(id, { options: environmentOptions });
    const { tables } = await evaluate(options(folder, environment, more));
    found = tables.map((table) => [table.title, table.rows[0]?.cells[2]?.value] as const);
  });
  return found;
}

Deno.test("evaluate() solves every problem of a data file with the policy `reference`", async () => {
  const data = ["gsm8k", "math", "math500", "amc", "aime"].map((name) => `${MATH_FILES}${name}.jsonl`);
  const found = await passOf("math", { data });
  assert.deepEqual(found, ["gsm8k", "math", "math500", "amc", "aime"].map((name) => [name, 100]));
});

Deno.test("evaluate() solves the seeded problems with `reference`, in one turn or in several, as text or as code", async () => {
  const test = { limit: 4 };
  assert.deepEqual(await passOf("math", {}, { limit: 20 }), [["test_id", 100], ["test_ood", 100]]);
  const compose = ["test_seen", "test_pairs", "test_atoms"].map((split) => [split, 100]);
  assert.deepEqual(await passOf("compose", {}, test), compose);
  assert.deepEqual(await passOf("compose", { mode: "tool" }, test), compose);
  const apps = { ...test, splits: ["dev"] };
  assert.deepEqual(await passOf("apps", {}, apps), [["dev", 100]]);
  const short = { suite: "short" };
  assert.deepEqual(await passOf("apps", short, apps), [["dev", 100]]);
  // Siblings are shown the function that was saved before them.
  assert.deepEqual(await passOf("apps", short, { ...apps, agent: "skill-library" }), [["dev", 100]]);
});

Deno.test("evaluate() does not repeat what is done, and keeps another sampling apart", async () => {
  await withFolder(async (folder) => {
    const environment = createParity({ seed: 1 });
    const first = await evaluate(options(folder, environment));
    const before = await hashOf(folder);
    const second = await evaluate(options(folder, environment));
    assert.deepEqual([second.run, second.text], [first.run, first.text]);
    assert.deepEqual(await hashOf(folder), before);
    assert.match(first.text, new RegExp(`\nRun: ${first.run}\n$`));
    const runs = [first.run];
    for (const more of [{ samples: 2 }, { temperature: 1 }, { seed: 2 }, { limit: 1 }]) {
      runs.push((await evaluate(options(folder, environment, more))).run);
    }
    assert.equal(new Set(runs).size, 5);
  });
});

Deno.test("evaluate() ends in the same rows when it is aborted after its first unit and called again", async () => {
  await withFolder(async (folder) => {
    // 260 tasks, where a unit has 256.
    const environment = createParity({ seed: 1, tests: 130 });
    const report = await evaluate(options(`${folder}/whole`, environment));
    assert.deepEqual(await columnOf(`${folder}/whole`, "SELECT unit FROM unit ORDER BY seq"), [
      "eval/test/0",
      "eval/test/1",
      "eval/test",
    ]);
    const stop = new AbortController();
    let played = 0;
    const stopping: Environment = {
      ...environment,
      open: async (task) => {
        const episode = await environment.open(task);
        const step = episode.step.bind(episode);
        episode.step = (action) => {
          if (++played === 258) stop.abort(new Error("enough"));
          return step(action);
        };
        return episode;
      },
    };
    const workspace = `${folder}/stopped`;
    await assert.rejects(evaluate(options(workspace, stopping, { signal: stop.signal })), /enough/);
    assert.deepEqual(await columnOf(workspace, "SELECT unit FROM unit"), ["eval/test/0"]);
    assert.deepEqual(await columnOf(workspace, "SELECT count(*) FROM rollout"), [256]);
    assert.equal((await evaluate(options(workspace, environment))).text, report.text);
    assert.deepEqual(await hashOf(workspace), await hashOf(`${folder}/whole`));
  });
});

Deno.test("evaluate() plays what a run's own evaluation played when the run is the policy and sampling is the same", async () => {
  await withFolder(async (folder) => {
    const config = `${folder}/whet.json`;
    const module = new URL("../fixtures/parity_environment.ts", import.meta.url).href;
    await Deno.writeTextFile(config, JSON.stringify({ environments: { parity: { module } } }));
    const shared = { worldSeed: 1, seed: 1, device: "cpu", workspace: folder, signal: never } as const;
    await train({
      recipe: "grpo",
      environment: "parity",
      config,
      scale: "ci",
      seeds: 1,
      progress: silent(),
      ...shared,
    });
    const rows = (run: string) =>
      rowsOf(
        folder,
        `SELECT r.task_id, r.sample, r.success, t.generated_ids FROM rollout r JOIN turn t USING (run_id, phase, step, grp, ` +
          `sample, position) WHERE run_id = '${run}' AND phase = 'eval/test' ORDER BY ALL`,
      );
    const environment = createParity({ seed: 1 });
    const trained = (await columnOf(folder, "SELECT run_id FROM run ORDER BY run_id")).map(String);
    assert.deepEqual(trained.map((id) => id.split("-")[0]), ["grpo", "sft"]);
    for (const run of trained) {
      // As the scale `ci` evaluates.
      const same = { policy: run, samples: 2, temperature: 1, maxTurnTokens: 24, limit: 6 };
      const report = await evaluate(options(folder, environment, same));
      const expected = await rows(run);
      assert.equal(expected.length, 12);
      assert.deepEqual(await rows(report.run), expected);
      // Another seed draws other tokens.
      const other = await evaluate(options(folder, environment, { ...same, seed: 2 }));
      assert.notDeepEqual(await rows(other.run), expected);
      assert.deepEqual(
        await columnOf(folder, `SELECT parent_run_id FROM run WHERE run_id = '${report.run}'`),
        [run],
      );
    }
    const typo = `${trained[0]?.slice(0, -1)}9`;
    await assert.rejects(evaluate(options(folder, environment, { policy: typo })), (error: Error) => {
      assert.ok(error instanceof UnknownPolicyError);
      assert.match(error.message, new RegExp(`got ${typo}; did you mean ${trained[0]}\\?`));
      return true;
    });
  });
});

Deno.test("evaluate() refuses an unknown policy or split and an agent that does not fit, and records no run", async () => {
  await withFolder(async (folder) => {
    const environment = createParity({ seed: 1 });
    const refused: [Partial<EvaluateOptions>, new (...args: never[]) => Error, RegExp][] = [
      [{ policy: "referense" }, UnknownPolicyError, /got referense; did you mean reference\? Runs: none yet$/],
      [{ splits: ["tset"] }, RangeError, /split must be one of train, test, got tset; did you mean test\?$/],
      [{ agent: "codeact" }, AgentMismatchError, /parity: it takes text, .* one of solver, arise, got codeact$/],
    ];
    for (const [more, kind, message] of refused) {
      await assert.rejects(evaluate(options(folder, environment, more)), (error: Error) => {
        assert.ok(error instanceof kind, error.stack ?? "");
        assert.match(error.message, message);
        return true;
      });
    }
    assert.deepEqual(await columnOf(folder, "SELECT count(*) FROM run"), [0]);
  });
});

Deno.test("evaluate() says what `reference` cannot solve instead of failing", async () => {
  await withFolder(async (folder) => {
    const environment = defineEnvironment<number>({
      id: "faulty",
      version: "1",
      splits: {
        test: [
          { id: "good", instruction: "Say 1.", data: 1 },
          { id: "wrong", instruction: "Say 2.", data: 2 },
        ],
      },
      check: (task, answer) => Number(answer) === task.data,
      answer: () => "1",
    });
    const { tables } = await evaluate(options(folder, environment));
    assert.equal(tables[0]?.rows[0]?.cells[2]?.value, 50);
    assert.deepEqual(await columnOf(folder, "SELECT task_id FROM rollout WHERE NOT success"), ["wrong"]);
  });
});

Deno.test("testSplits() takes splits whose names begin with test, or all where there is none", async () => {
  assert.deepEqual(testSplits(await createEnvironment("math")), ["test_id", "test_ood"]);
  const none = defineEnvironment<null>({
    id: "x",
    version: "1",
    splits: { a: [{ id: "a", instruction: "a", data: null }], b: [{ id: "b", instruction: "b", data: null }] },
    check: () => true,
  });
  assert.deepEqual(testSplits(none), ["a", "b"]);
});

Deno.test("evaluationChains() plays siblings in order with one library, or each task alone, every one in each sample", async () => {
  const environment = await createEnvironment("apps", { options: { suite: "short" } });
  const config = (more: object) =>
    evaluationConfigSchema.parse({ agent: "codeact", runs: 2, temperature: 0, scenarios: 3, ...more });
  const chains = evaluationChains(environment, "dev", config({}));
  assert.deepEqual(chains.map(({ group, sample }) => [group, sample]), [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [
    2,
    1,
  ]]);
  for (const { tasks } of chains) {
    assert.deepEqual(tasks.map((task) => task.variant), [1, 2, 3]);
    assert.equal(new Set(tasks.map((task) => task.scenario)).size, 1);
  }
  const all = environment.tasks("dev");
  const alone = evaluationChains(environment, "dev", config({ chains: "task" }));
  assert.deepEqual(alone.map(({ tasks }) => tasks.length), [1, 1, 1, 1, 1, 1]);
  // Evenly spaced: the first of each third.
  const third = [0, 1, 2].map((i) => all[Math.floor(i * all.length / 3)]?.id);
  assert.deepEqual([...new Set(alone.map(({ tasks }) => tasks[0]?.id))], third);
});
