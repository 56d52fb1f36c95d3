import assert from "node:assert/strict";
import fc from "fast-check";
import { checkConformance } from "../../envs/conformance.ts";
import { EnvFault, type Episode } from "../../envs/contract.ts";
import {
  ActionError,
  defineEnvironment,
  DefinitionError,
  EpisodeUseError,
  type Grading,
  type Play,
  type PlayedDefinition,
  type TaskDefinition,
} from "../../envs/define_environment.ts";

const TASKS: TaskDefinition<number>[] = [
  {
    id: "b",
    instruction: "Say 2.",
    data: 2,
    scenario: "s",
    variant: 2,
    difficulty: 3,
    context: "Ann asks.",
    labels: { n: 2 },
  },
  { id: "a", instruction: "Say 1.", data: 1, scenario: "s" },
  { id: "c", instruction: "Say 4.", data: 4, scenario: "s", variant: 4 },
];
const checked = {
  id: "say",
  version: "1",
  splits: { test: TASKS },
  check: (task: TaskDefinition<number>, answer: string) => Number(answer) === task.data,
};

/** An environment of one task that is played as given. */
function played(play: Partial<Play>, rest: Partial<PlayedDefinition<null>> = {}) {
  return defineEnvironment<null>({
    id: "one",
    version: "1",
    splits: { test: [{ id: "t", instruction: "Do it.", data: null }] },
    play: () => ({ step: () => ({ observation: "seen" }), evaluate: () => true, ...play }),
    ...rest,
  });
}

function open(environment: ReturnType<typeof played>): Promise<Episode> {
  return environment.open(environment.task("t"));
}

async function scoreOf(grading: Grading) {
  return await (await open(played({ evaluate: () => grading }))).evaluate();
}

Deno.test("defineEnvironment() lists tasks by id with the contract's defaults, variants above 3 only when asked for", () => {
  const environment = defineEnvironment<number>(checked);
  assert.deepEqual(environment.tasks("test"), [
    { id: "a", scenario: "s", variant: 1, split: "test", difficulty: 1, instruction: "Say 1." },
    {
      id: "b",
      scenario: "s",
      variant: 2,
      split: "test",
      difficulty: 3,
      instruction: "Say 2.",
      context: "Ann asks.",
      labels: { n: 2 },
    },
  ]);
  assert.deepEqual(environment.tasks("test", { variants: [4, 4] }).map(({ id }) => id), ["c"]);
  assert.equal(environment.actions, "text");
  assert.equal("data" in environment.task("a"), false);
});

Deno.test("defineEnvironment() takes scores from requirements by the contract's rule", async () => {
  const requirement = (passed: boolean, label?: "no_op_fail" | "no_op_pass") => ({
    requirement: "r",
    passed,
    ...(label === undefined ? {} : { label }),
  });
  const half = await scoreOf([requirement(true), requirement(false)]);
  assert.deepEqual([half.score, half.success, half.passed, half.total], [0.5, false, 1, 2]);
  assert.equal((await scoreOf([requirement(true), requirement(false, "no_op_pass")])).score, 0);
  assert.equal((await scoreOf([requirement(true), requirement(true, "no_op_pass")])).success, true);
  assert.equal((await scoreOf(true)).score, 1);
  assert.equal((await scoreOf(false)).score, 0);
  const verdict = { grader: "g/1", verdict: "unparsed" as const, gold: "1", answer: null, detail: "empty" };
  assert.deepEqual((await scoreOf({ requirements: [requirement(false)], verdicts: [verdict] })).verdicts, [verdict]);
});

Deno.test("defineEnvironment() gives scores in [0, 1] that are 1 exactly if all requirements hold", async () => {
  const requirements = fc.array(
    fc.record({
      requirement: fc.constant("r"),
      passed: fc.boolean(),
      label: fc.constantFrom("no_op_fail" as const, "no_op_pass" as const),
    }),
    { minLength: 1, maxLength: 6 },
  );
  await fc.assert(fc.asyncProperty(requirements, async (list) => {
    const { score, success } = await scoreOf(list);
    assert.ok(score >= 0 && score <= 1);
    assert.equal(success, list.every(({ passed }) => passed));
    assert.equal(score === 1, success);
  }));
});

Deno.test("defineEnvironment() keeps a checked environment to one answer, which makes nothing of doing nothing", async () => {
  const environment = defineEnvironment<number>({ ...checked, answer: (task) => String(task.data) });
  const episode = await environment.open(environment.task("b"));
  assert.deepEqual(episode.solution(), { kind: "actions", actions: ["2"] });
  assert.equal((await episode.evaluate()).score, 0);
  assert.deepEqual(await episode.step("2"), { observation: "", done: true, ok: true });
  assert.equal((await episode.evaluate()).score, 1);
  await assert.rejects(episode.step("2"), EpisodeUseError);
  assert.equal((await checkConformance(() => Promise.resolve(environment))).passed, true);
});

Deno.test("defineEnvironment() shows an ActionError to the agent, and goes on", async () => {
  const episode = await open(played({
    step: (action) => {
      if (action !== "go") throw new ActionError(`there is no ${action}`);
      return { observation: "gone", done: true };
    },
  }));
  assert.deepEqual(await episode.step("fly"), { observation: "there is no fly", done: false, ok: false });
  assert.deepEqual(await episode.step("go"), { observation: "gone", done: true, ok: true });
});

Deno.test("defineEnvironment() fails the task, not the environment, if the check says that the answer cannot be read", async () => {
  const environment = defineEnvironment<number>({
    ...checked,
    check: () => {
      throw new ActionError("no number");
    },
  });
  const episode = await environment.open(environment.task("a"));
  await episode.step("one");
  const { score, tests } = await episode.evaluate();
  assert.deepEqual([score, tests[0]?.trace], [0, "no number"]);
});

Deno.test("defineEnvironment() wraps what the author's code throws or returns wrongly into EnvFault, with cause and place", async () => {
  const cause = new TypeError("x is not a function");
  const boom = () => {
    throw cause;
  };
  const wrong: [string, Partial<Play>, (episode: Episode) => unknown, RegExp][] = [
    ["start", { start: boom }, (episode) => episode.start(), /one, task t: start\(\) failed: TypeError: x is not/],
    ["step", { step: boom }, (episode) => episode.step("go"), /one, task t: step\(\) failed: TypeError/],
    ["evaluate", { evaluate: boom }, (episode) => episode.evaluate(), /one, task t: evaluate\(\) failed: TypeError/],
    ["solution", { solution: boom }, (episode) => episode.solution(), /one, task t: solution\(\) failed: TypeError/],
    ["close", { close: boom }, (episode) => episode.close(), /one, task t: close\(\) failed: TypeError/],
  ];
  for (const [name, play, use, message] of wrong) {
    const episode = await open(played(play));
    await assert.rejects(async () => await use(episode), (error: Error) => {
      assert.ok(error instanceof EnvFault, name);
      assert.match(error.message, message);
      assert.equal(error.cause, cause);
      return true;
    });
  }
  await assert.rejects(open(played({}, { play: boom })), /play\(\) failed: TypeError/);
});

Deno.test("defineEnvironment() says what is wrong with a reply, a grade or a play of the wrong shape", async () => {
  const bad = <T>(value: unknown) => value as T;
  const step = async (reply: unknown) => await (await open(played({ step: () => bad(reply) }))).step("go");
  await assert.rejects(
    step({ observation: "x", don: true }),
    /step\(\) returned .*: don: unknown key; did you mean done\?/,
  );
  await assert.rejects(step({ observation: 3 }), /observation: expected string, found 3/);
  await assert.rejects(step(undefined), /step\(\) returned something else/);
  const evaluate = async (grade: unknown) => await scoreOf(bad<Grading>(grade));
  await assert.rejects(evaluate(0.5), EnvFault);
  await assert.rejects(evaluate([]), EnvFault);
  await assert.rejects(evaluate([{ requirement: "r", pased: true }]), /pased: unknown key; did you mean passed\?/);
  await assert.rejects(open(played({}, { play: () => bad({ step: 1 }) })), /step: expected a function, found 1/);
  const solved = await open(played({ solution: () => bad("go") }));
  assert.throws(() => solved.solution(), /solution\(\) returned something else .*expected array/);
});

Deno.test("defineEnvironment() refuses use after the end, after close, and by two at once", async () => {
  const episode = await open(played({ step: () => ({ observation: "", done: true }) }));
  const first = episode.step("go");
  await assert.rejects(episode.step("go"), /Cannot call step\(\) on the episode of t: another call has not ended yet/);
  await first;
  await assert.rejects(episode.step("go"), /Cannot call step\(\) .*it has ended/);
  assert.equal((await episode.evaluate()).score, 1);
  episode.close();
  episode.close();
  await assert.rejects(episode.evaluate(), /Cannot call evaluate\(\) .*it is closed/);
  await assert.rejects(episode.start(), EpisodeUseError);
  assert.throws(() => episode.solution(), EpisodeUseError);
});

Deno.test("defineEnvironment() ends an episode after maxSteps, and starts once whether asked or not", async () => {
  let starts = 0;
  const start = () => `start ${++starts}`;
  const episode = await open(played({ start }, { maxSteps: 2 }));
  assert.equal((await episode.step("a")).done, false);
  assert.equal(await episode.start(), "start 1");
  assert.equal((await episode.step("b")).done, true);
  assert.equal(starts, 1);
});

Deno.test("defineEnvironment() gives each episode a state of its own and task data that cannot be changed", async () => {
  const environment = defineEnvironment<{ list: number[] }>({
    id: "shared",
    version: "1",
    splits: { test: [{ id: "t", instruction: "Add.", data: { list: [1] } }] },
    play: ({ data }) => ({
      step: () => ({ observation: String(data.list.push(2)) }),
      evaluate: () => data.list.length === 1,
    }),
  });
  const episode = await open(environment);
  await assert.rejects(episode.step("go"), /step\(\) failed: TypeError/);
});

Deno.test("defineEnvironment() has a hash that follows version and tasks, hidden data included, and nothing else", () => {
  const hash = (change: object) => defineEnvironment<number>({ ...checked, ...change }).hash;
  const base = hash({});
  assert.equal(hash({ check: () => true }), base);
  assert.equal(hash({ splits: { test: () => [...TASKS].reverse() } }), base);
  assert.notEqual(hash({ version: "2" }), base);
  assert.notEqual(hash({ splits: { dev: TASKS } }), base);
  assert.notEqual(hash({ splits: { test: TASKS.map((task) => ({ ...task, data: task.data + 1 })) } }), base);
});

Deno.test("defineEnvironment() names the field, the value and the rule of a wrong definition", () => {
  const task = (change: object) => ({ splits: { test: [{ id: "a", instruction: "Say.", data: 1, ...change }] } });
  const wrong: [object, RegExp][] = [
    [{ id: "Say It" }, /id: expected lower-case letters, digits and single hyphens, found "Say It"/],
    [{ version: "" }, /version: /],
    [{ maxStep: 3 }, /maxStep: unknown key; did you mean maxSteps\?/],
    [{ check: undefined }, /check: |exactly one of play/],
    [{ play: () => ({}) }, /exactly one of play \(several turns\) and check \(one answer\)/],
    [{ splits: {} }, /splits: there are none/],
    [{ splits: { test: [] } }, /splits\.test: there are no tasks/],
    [{ splits: { test: 3 } }, /splits\.test: expected a list of tasks or a function that makes one, found number/],
    [{
      splits: {
        test: () => {
          throw new Error("no file");
        },
      },
    }, /splits\.test: no file/],
    [task({ dificulty: 2 }), /splits\.test\[0\] \(task a\): dificulty: unknown key; did you mean difficulty\?/],
    [task({ variant: 0 }), /variant: .*found 0/],
    [task({ data: { made: new Date(0) } }), /data\.made: Date is not JSON/],
    [task({ data: undefined }), /data: undefined is not JSON \(use null/],
    [task({ data: [Number.NaN] }), /data\[0\]: NaN is not JSON/],
    [{ splits: { test: TASKS, dev: TASKS } }, /task id a is used twice, in test and in dev/],
  ];
  for (const [change, message] of wrong) {
    assert.throws(() => defineEnvironment<number>({ ...checked, ...change } as typeof checked), (error: Error) => {
      assert.ok(error instanceof DefinitionError, `${error}`);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("defineEnvironment() throws a RangeError with the nearest split, or for an unknown task", () => {
  const environment = defineEnvironment<number>(checked);
  assert.throws(() => environment.tasks("tset"), {
    name: "RangeError",
    message: "Cannot list tasks of say: split must be one of test, got tset; did you mean test?",
  });
  assert.throws(() => environment.task("z"), { name: "RangeError", message: /environment say has none with id z/ });
});
