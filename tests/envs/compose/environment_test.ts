import assert from "node:assert/strict";
import { parseInput } from "../../../data/parse_input.ts";
import { callsOf } from "../../../envs/compose/generate.ts";
import {
  type ComposeOptions,
  composeOptionsSchema,
  createComposeEnvironment,
} from "../../../envs/compose/environment.ts";
import { parseExpression } from "../../../envs/compose/expression.ts";
import { MODES } from "../../../envs/compose/tasks.ts";
import { composeWorld } from "../../../envs/compose/world.ts";
import { checkConformance } from "../../../envs/conformance.ts";
import type { Environment, Evaluation, Task } from "../../../envs/contract.ts";

const SMALL: ComposeOptions = { depths: [1, 2, 5], trainScenarios: 2, testScenarios: 1 };

const whole = createComposeEnvironment();
const small = createComposeEnvironment(SMALL);

async function play(environment: Environment, task: Task, ...actions: string[]): Promise<Evaluation> {
  const episode = await environment.open(task);
  for (const action of actions) await episode.step(action);
  return await episode.evaluate();
}

async function solution(environment: Environment, task: Task): Promise<readonly string[]> {
  const found = (await environment.open(task)).solution();
  assert.ok(found?.kind === "actions");
  return found.actions;
}

function functionsOf(task: Task): string[] {
  return task.labels?.functions as string[];
}

for (const mode of MODES) {
  Deno.test(`compose in mode ${mode} keeps the contract of environments`, async () => {
    const report = await checkConformance(() => Promise.resolve(createComposeEnvironment({ ...SMALL, mode })));
    const problems = [...report.problems, ...report.tasks.flatMap((task) => task.problems)];
    assert.deepEqual(problems, []);
    assert.ok(report.tasks.every(({ oracleScore, noOpScore }) => oracleScore === 1 && noOpScore === 0));
  });
}

Deno.test("compose's splits hold what they say", () => {
  const environment = whole;
  const { seen, heldOut, isSeenPair } = composeWorld(1);
  const each = (split: string, holds: (functions: string[], task: Task) => boolean) => {
    for (const task of environment.tasks(split)) {
      assert.ok(holds(functionsOf(task), task), `${task.id}: ${functionsOf(task)}`);
    }
  };
  const pairs = (functions: string[]) => functions.slice(1).map((outer, i) => isSeenPair(outer, functions[i] ?? ""));
  each("atoms", (functions, task) => functions.length === 1 && task.instruction.startsWith("Functions ("));
  each(
    "train",
    (functions) =>
      functions.length <= 2 && functions.every((name) => seen.includes(name)) && pairs(functions).every(Boolean),
  );
  each("test_seen", (functions) => functions.every((name) => seen.includes(name)) && pairs(functions).every(Boolean));
  each(
    "test_pairs",
    (functions) =>
      functions.length >= 2 && functions.every((name) => seen.includes(name)) && !pairs(functions).some(Boolean),
  );
  each("test_atoms", (functions) => functions.every((name) => heldOut.includes(name)));
  assert.equal(new Set(environment.tasks("atoms").map((task) => functionsOf(task)[0])).size, 25);
});

Deno.test("compose has equally many tasks in each cell of depth and length band, and says so in labels", () => {
  const environment = whole;
  for (
    const [split, cells, perCell] of [["train", 6, 42], ["test_seen", 24, 9], ["test_pairs", 21, 9], [
      "test_atoms",
      24,
      9,
    ]] as const
  ) {
    const counts = Map.groupBy(environment.tasks(split), ({ labels }) => `${labels?.depth} ${labels?.band}`);
    assert.equal(counts.size, cells);
    assert.deepEqual(new Set([...counts.values()].map(({ length }) => length)), new Set([perCell]));
  }
  const [task] = environment.tasks("test_seen");
  assert.deepEqual(Object.keys(task?.labels ?? {}), ["mode", "depth", "band", "length", "inputLength", "functions"]);
});

Deno.test("compose has no item in two splits, whatever the seed", () => {
  for (const seed of [1, 2]) {
    const environment = createComposeEnvironment({ ...SMALL, seed, definitions: "hidden" });
    const items = environment.splits.flatMap((split) => environment.tasks(split))
      .map(({ instruction }) => /What is (.*)\? End/.exec(instruction)?.[1]);
    assert.ok(items.length > 100 && !items.includes(undefined));
    assert.equal(new Set(items).size, items.length);
  }
});

Deno.test("compose shows definitions of the task's functions, or of none but in atoms", () => {
  const shown = small.tasks("test_seen").at(-1);
  assert.ok(shown !== undefined);
  for (const name of functionsOf(shown)) {
    assert.match(shown.instruction, new RegExp(`^${name}\\(s.*\\) is .*\\.$`, "m"));
  }
  const hidden = createComposeEnvironment({ ...SMALL, definitions: "hidden" });
  assert.ok(
    hidden.tasks("test_seen").every(({ instruction }) =>
      !instruction.includes(" is the ") && !instruction.includes("Functions (")
    ),
  );
  assert.ok(hidden.tasks("atoms").every(({ instruction }) => instruction.includes("Functions (")));
  assert.ok(
    createComposeEnvironment({ ...SMALL, mode: "tool" }).tasks("train").every(({ instruction }) =>
      !instruction.includes("Functions (")
    ),
  );
});

Deno.test("compose in mode deduct works solutions out call by call, and reads answers in several forms", async () => {
  const environment = small;
  const task = environment.tasks("test_seen").find(({ difficulty }) => difficulty === 5);
  assert.ok(task !== undefined);
  const [worked = ""] = await solution(environment, task);
  const lines = worked.split("\n");
  assert.equal(lines.length, 6);
  const values = lines.slice(0, 5).map((line) => /^f\d+\(.*\) = "([a-z]+)"$/.exec(line)?.[1]);
  const answer = values.at(-1) ?? "";
  lines.slice(1, 5).forEach((line, i) => assert.ok(line.includes(`"${values[i]}"`), line));
  for (
    const form of [
      answer,
      `"${answer}"`,
      `answer: ${answer}`,
      `It is hard.\nAnswer: "${answer}".`,
      `Answer: x\nAnswer: '${answer}'`,
    ]
  ) {
    assert.equal((await play(environment, task, form)).score, 1, form);
  }
  const verdict = async (action: string) => (await play(environment, task, action)).verdicts?.[0]?.verdict;
  assert.equal(await verdict(answer.toUpperCase()), "unparsed");
  assert.equal(await verdict("Answer: a b"), "unparsed");
  assert.equal(await verdict(""), "unparsed");
  assert.equal(await verdict(`${answer}a`), "incorrect");
});

Deno.test("compose in mode backward takes any input that gives the output", async () => {
  const environment = createComposeEnvironment({ mode: "backward", depths: 1, trainDepths: 1 });
  const { functions } = composeWorld(1);
  const [dropFirst] = [...functions].find(([, { key }]) => key === "drop_first") ?? [];
  const task = environment.tasks("atoms").find((one) => functionsOf(one)[0] === dropFirst);
  assert.ok(task !== undefined);
  const output = /is "([a-z]+)"\. End/.exec(task.instruction)?.[1];
  const count = Number(/\(x, (\d)\)/.exec(task.instruction)?.[1]);
  assert.equal((await play(environment, task, "q".repeat(count) + output)).score, 1);
  assert.equal((await play(environment, task, "q".repeat(count + 1) + output)).score, 0);
  assert.equal((await play(environment, task, "a".repeat(5000))).verdicts?.[0]?.verdict, "unparsed");
});

Deno.test("compose in mode tool answers calls of values, and refuses nested and unknown ones without ending", async () => {
  const environment = createComposeEnvironment({ ...SMALL, mode: "tool" });
  const task = environment.tasks("test_atoms").find(({ difficulty }) => difficulty === 2);
  assert.ok(task !== undefined);
  const actions = await solution(environment, task);
  assert.equal(actions.length, 3);
  const episode = await environment.open(task);
  const { observation } = await episode.step(actions[0] ?? "");
  assert.match(observation, /^"[a-z]+"$/);
  assert.ok(actions[1]?.includes(observation));
  const { functions } = composeWorld(1);
  const [reverse] = [...functions].find(([, { key }]) => key === "reverse") ?? [];
  assert.equal((await episode.step(`call ${reverse}("abc")`)).observation, '"cba"');
  for (
    const [action, message] of [
      [`call ${reverse}(${reverse}("abc"))`, /arguments have to be values/],
      ['call f99("abc")', /there is no function f99|no such function/],
      [`call ${reverse}(3)`, /it takes \(text\), got \(number\)/],
      ["solve it", /expected call NAME\("…", …\) or answer "…"/],
      ["try x", /expected call/],
    ] as const
  ) {
    const result = await episode.step(action);
    assert.deepEqual([result.ok, result.done], [false, false], action);
    assert.match(result.observation, message);
  }
  assert.equal((await episode.step(actions[2] ?? "")).done, true);
  assert.equal((await episode.evaluate()).score, 1);
});

Deno.test("compose in mode induce wants the given functions called, none defined anew, and hidden inputs met", async () => {
  const environment = createComposeEnvironment({ ...SMALL, mode: "induce" });
  const task = environment.tasks("train").find(({ difficulty }) => difficulty === 2);
  assert.ok(task !== undefined);
  const program = ((await solution(environment, task))[0] ?? "").replace("answer ", "");
  const [inner = "", outer = ""] = functionsOf(task);
  const examples = [...task.instruction.matchAll(/^"([a-z]+)" gives "([a-z]+)"$/gm)];
  assert.equal(examples.length, 6);
  const detail = async (text: string) => {
    const { score, verdicts } = await play(environment, task, `answer ${text}`);
    return `${score} ${verdicts?.[0]?.verdict} ${verdicts?.[0]?.detail}`;
  };
  assert.match(await detail(program), /^1 correct/);
  assert.match(await detail(`def g(p) = p\ng(${program})`), /^1 correct/);
  assert.match(await detail(`def ${inner}(p) = p\n${program}`), new RegExp(`^0 incorrect it defines ${inner} anew`));
  assert.match(await detail("x"), /^0 incorrect on ".*" it gives/);
  assert.match(await detail("x)"), /^0 unparsed/);
  assert.match(await detail("f99(x)"), /^0 incorrect .*no function f99/);
  const call = callsOf(parseExpression(program));
  assert.equal(call.length, 2);

  const episode = await environment.open(task);
  const tried = await episode.step(`try ${program}`);
  assert.equal(tried.observation, examples.map((match) => match[0]).join("\n"));
  assert.equal(tried.done, false);
  assert.equal((await episode.step("try f99(x)")).ok, false);
  assert.equal((await episode.evaluate()).score, 0);
  assert.match(task.instruction, new RegExp(`call each of .*${outer}`));
});

Deno.test("compose in mode induce refuses a program that agrees everywhere but does not call a given function", async () => {
  const { functions } = composeWorld(1);
  const nameOf = (key: string) => [...functions].find(([, one]) => one.key === key)?.[0] ?? "";
  const environment = createComposeEnvironment({ ...SMALL, mode: "induce" });
  const task = environment.tasks("atoms").find((one) => functionsOf(one)[0] === nameOf("palindrome"));
  assert.ok(task !== undefined);
  const { score, verdicts } = await play(
    environment,
    task,
    `answer ${nameOf("concatenate")}(x, ${nameOf("reverse")}(x))`,
  );
  assert.deepEqual([score, verdicts?.[0]?.detail], [0, `it does not call ${nameOf("palindrome")}`]);
});

Deno.test("composeOptionsSchema takes one depth or several, and names what is wrong", () => {
  assert.deepEqual(composeOptionsSchema.parse({ depths: [3, 1, 3], trainDepths: 2 }).depths, [1, 3]);
  assert.deepEqual(createComposeEnvironment({ depths: 1 }).splits, ["atoms", "train", "test_seen", "test_atoms"]);
  const parse = (value: unknown) => () => parseInput(composeOptionsSchema, value, "options of environment compose");
  assert.throws(
    parse({ mode: "deduce" }),
    /options of environment compose: mode: .*found "deduce"; did you mean deduct\?/,
  );
  assert.throws(parse({ dpeths: 1 }), /dpeths: unknown key; did you mean depths\?/);
  assert.throws(parse({ depths: 9 }), /depths: /);
});

Deno.test("compose is the same under one seed and another under another", () => {
  const hash = (options: ComposeOptions) => createComposeEnvironment({ ...SMALL, ...options }).hash;
  assert.equal(hash({ seed: 1 }), small.hash);
  assert.notEqual(hash({ seed: 2 }), small.hash);
  assert.notEqual(hash({ mode: "tool" }), small.hash);
});
