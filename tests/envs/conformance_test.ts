import assert from "node:assert/strict";
import fc from "fast-check";
import { mutatedTexts } from "../../envs/_conformance_checks.ts";
import { AppsEnvironment } from "../../envs/apps/environment.ts";
import type { Scenario } from "../../envs/apps/scenario.ts";
import { checkConformance } from "../../envs/conformance.ts";
import type { Environment, Episode, Evaluation, Task } from "../../envs/contract.ts";
import { type CheckedDefinition, defineEnvironment } from "../../envs/define_environment.ts";
import { fakeSandbox } from "./apps/_fixtures.ts";
import { addAlarm, samples } from "./apps/_sample_scenarios.ts";

const make = (scenarios: readonly Scenario[]) => () =>
  AppsEnvironment.create({ scenarios, sandbox: fakeSandbox, profile: "mid" });

function changed(family: string, change: { body?: string; intend?: () => void; answer?: number }): Scenario {
  return {
    ...addAlarm,
    family,
    setup(context) {
      const instance = addAlarm.setup(context);
      if ("reject" in instance) return instance;
      const { solution } = instance;
      assert.ok(solution.kind === "procedure");
      const { body = solution.body, ...rest } = change;
      return { ...instance, ...rest, solution: { ...solution, body } };
    },
  };
}

Deno.test("checkConformance() passes a sound environment and reports the same twice", async () => {
  const done: number[] = [];
  const report = await checkConformance(make(samples), { onTask: (n) => done.push(n) });
  assert.deepEqual(report.problems, []);
  assert.equal(report.passed, true, JSON.stringify(report.tasks));
  assert.equal(report.tasks.length, 6);
  assert.ok(
    report.tasks.every(({ oracleScore, noOpScore, oracleCalls }) =>
      oracleScore === 1 && noOpScore === 0 && oracleCalls >= 3
    ),
  );
  assert.deepEqual(done, [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(await checkConformance(make(samples)), report);
});

Deno.test("checkConformance() finds a reference solution that does not solve its task", async () => {
  const report = await checkConformance(make([changed("sample/wrong_body", { body: "apis.guide.list_apps();" })]), {
    splits: ["dev"],
  });
  assert.equal(report.passed, false);
  assert.deepEqual(
    new Set(report.tasks.flatMap((task) => task.problems.map(({ check }) => check))),
    new Set(["oracle"]),
  );
});

Deno.test("checkConformance() finds environments that are not the same twice", async () => {
  let seed = 1;
  const report = await checkConformance(() =>
    AppsEnvironment.create({ seed: seed++, scenarios: samples, sandbox: fakeSandbox })
  );
  assert.equal(report.passed, false);
  assert.ok(report.problems.some(({ check }) => check === "determinism"));
  assert.ok(report.tasks.every((task) => task.problems.some(({ check }) => check === "determinism")));
});

Deno.test("checkConformance() finds an environment without tasks", async () => {
  const report = await checkConformance(make([]));
  assert.equal(report.passed, false);
});

const TEXT: CheckedDefinition<number> = {
  id: "double",
  version: "1",
  splits: {
    train: [1, 2].map((n) => ({ id: `train-${n}`, instruction: `Double ${n}.`, data: n })),
    test: [3].map((n) => ({ id: `test-${n}`, instruction: `Double ${n}.`, data: n })),
  },
  check: ({ data }, answer) => Number(answer) === 2 * data,
  answer: ({ data }) => String(2 * data),
};

/** Problems of a text environment, by check; `change` replaces parts of the environment, `wrap` of its episodes. */
async function problemsOf(
  definition: Partial<CheckedDefinition<number>>,
  change: (environment: Environment) => Partial<Environment> = () => ({}),
  wrap: (episode: Episode) => Partial<Episode> = () => ({}),
): Promise<Record<string, string>> {
  const report = await checkConformance(() => {
    const environment = defineEnvironment<number>({ ...TEXT, ...definition });
    const open = async (task: Task): Promise<Episode> => {
      const episode = await environment.open(task);
      const base: Episode = {
        task,
        start: () => episode.start(),
        step: (action) => episode.step(action),
        evaluate: () => episode.evaluate(),
        solution: () => episode.solution(),
        close: () => episode.close(),
      };
      return { ...base, ...wrap(episode) };
    };
    return Promise.resolve({ ...environment, open, ...change(environment) });
  });
  assert.equal(report.passed, report.problems.length === 0 && report.tasks.every((task) => task.problems.length === 0));
  const all = [...report.problems, ...report.tasks.flatMap((task) => task.problems)];
  return Object.fromEntries(all.map(({ check, detail }) => [check, detail]));
}

Deno.test("checkConformance() passes a text environment", async () => {
  assert.deepEqual(await problemsOf({}), {});
});

Deno.test("checkConformance() finds a check that takes any answer for the right one", async () => {
  const { mutation, ...others } = await problemsOf({ check: () => true });
  assert.match(mutation ?? "", /all \d changed reference solutions score 1 too, for example "7"/);
  assert.deepEqual(others, {});
});

Deno.test("checkConformance() finds tasks that are in two splits, by id or by words", async () => {
  const twice = { id: "test-1", instruction: "Double 1.", data: 1 };
  const { splits } = await problemsOf({ splits: { ...TEXT.splits, test: [twice] } });
  assert.equal(splits, "train-1 of train and test-1 of test have the same words");
  const renamed = (environment: Environment) => ({
    tasks: (split: string) =>
      environment.tasks(split).map((task) => ({ ...task, id: split === "test" ? "train-1" : task.id })),
  });
  assert.match((await problemsOf({}, renamed)).splits ?? "", /train-1 of train and train-1 of test have the same id/);
});

Deno.test("checkConformance() finds lookups that let unknown names through, and lists out of order", async () => {
  const lenient = (environment: Environment) => ({
    tasks: (split: string) => (environment.splits.includes(split) ? environment.tasks(split) : []),
  });
  assert.equal((await problemsOf({}, lenient)).lookup, "an unknown split has to throw a RangeError, it threw nothing");
  const reversed = (environment: Environment) => ({
    tasks: (split: string) => [...environment.tasks(split)].reverse(),
  });
  assert.match((await problemsOf({}, reversed)).lookup ?? "", /train-1 in train: tasks have to be sorted by id/);
});

Deno.test("checkConformance() finds episodes that go on after their end or after close()", async () => {
  const endless = await problemsOf({}, undefined, (episode) => ({
    step: async (action) => ({ ...await episode.step(action), done: false }),
  }));
  assert.equal(endless.single_use, "the last action of the reference solution does not end the episode");
  let asked = 0;
  const again = await problemsOf({}, undefined, (episode) => ({
    step: async (action) => {
      if (action === "" && asked++ >= 0) return { observation: "", done: false };
      return await episode.step(action);
    },
  }));
  assert.equal(again.single_use, "a step after the end is neither refused nor done again");
  const open = await problemsOf({}, undefined, () => ({ close: () => {} }));
  assert.equal(open.closing, "evaluate() after close() is not refused");
});

Deno.test("checkConformance() finds evaluations that differ, leave [0, 1] or miscount", async () => {
  const changed = (change: (evaluation: Evaluation) => Evaluation) =>
    problemsOf({}, undefined, (episode) => ({ evaluate: async () => change(await episode.evaluate()) }));
  let count = 0;
  const restless = await changed((evaluation) => ({
    ...evaluation,
    tests: evaluation.tests.map((test) => ({ ...test, trace: String(count++) })),
  }));
  assert.equal(restless.idempotence, "a second evaluate() says something else than the first");
  const high = await changed((evaluation) => ({ ...evaluation, score: 2 * evaluation.score }));
  assert.equal(high.score, "after the reference solution: the score is 2; it has to be in [0, 1]");
  const none = await changed((evaluation) => ({ ...evaluation, score: Number.NaN }));
  assert.match(none.score ?? "", /the score is NaN/);
  const more = await changed((evaluation) => ({ ...evaluation, total: 5 }));
  assert.match(more.score ?? "", /passed [01] of 5 does not count the 1 tests/);
});

Deno.test("checkConformance() reports faults, and errors that are thrown without being named as one", async () => {
  const boom = () => {
    throw new TypeError("boom");
  };
  assert.match(
    (await problemsOf({ check: boom })).fault ?? "",
    /^Environment double, task .*: evaluate\(\) failed: TypeError: boom$/,
  );
  const raw = await problemsOf({}, undefined, () => ({ step: boom }));
  assert.equal(raw.fault, "TypeError: boom (thrown as it is; environments throw EnvFault)");
});

Deno.test("checkConformance() finds episodes that are in each other's way when many are open", async () => {
  let open = 0;
  const { isolation } = await problemsOf({}, undefined, () => ({ start: () => Promise.resolve(String(open++)) }));
  assert.match(isolation ?? "", /16 episodes of .* open at once do not begin alike/);
});

Deno.test("mutatedTexts() changes the last word or number only, and never to itself", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const mutated = mutatedTexts(text);
    assert.ok(!mutated.includes(text));
    assert.equal(mutated.length === 0, !/[A-Za-z0-9]/.test(text));
  }));
  assert.deepEqual(mutatedTexts("x = z9!"), ["x = z0!", "x = a9!", "x = a0!", "x = z!"]);
});
